//! What is counted or measured, and therefore names nobody: doses, readings, prices, durations.
//!
//! In:  a chain of digits in its place. Out: whether a unit or a measure claims it. Counter-evidence only: it never
//! uncovers what an identifier's own cue claims.

use crate::redact::spelling::Run;
use crate::redact::view::View;
use crate::redact::words::Words;

/// Whether the chain is an amount.
pub(super) fn is_amount(view: &View<'_>, run: &Run) -> bool {
    let next = run.last.saturating_add(1);
    let unit = UNITS.has(view.word(next)) || (view.word(next) == "and" && view.word(next.saturating_add(1)) == "a");
    let money = matches!(view.sign_before(run.first), Some('$' | '€' | '£'))
        || matches!(view.sign_after(run.last), Some('%' | '$' | '€' | '£'));
    // Nobody takes a million of anything: a long chain is a number, whatever follows it.
    let short = run.digits <= 6;
    // A blood pressure: "155/84", "one twenty over eighty".
    let pressure = run.groups == 2 && run.letters == 0 && view.cue_before(run.first, 5, &MEASURES).is_some();
    let measured = run.digits <= 4 && view.cue_before(run.first, 5, &MEASURES).is_some();
    short && (unit || money || pressure || measured || (run.decimal && run.groups <= 3))
}

/// Whether the word is a unit, so that the number before it counts or measures.
pub(super) fn is_unit(word: &str) -> bool {
    UNITS.has(word)
}

static UNITS: Words = Words::new(
    "dollars dollar bucks cents pounds euros percent mg milligrams milligram mcg micrograms grams gram ml \
     milliliters cc units unit lbs lb kilos kg ounces feet foot inches ft degrees years year months month weeks \
     week days day hours hour minutes minute seconds times people persons adults guests nights night pills \
     tablets capsules puffs drops miles steps calories beers glasses drinks packs cigarettes kids children rooms \
     refills doses bottles boxes patients visits over grand hundred thousand million",
);

static MEASURES: Words = Words::new(
    "pressure sugar sugars glucose temperature fever pulse rate weigh weighs weight cholesterol a1c level levels \
     reading readings count oxygen cost costs copay price charged paid owe balance bill deductible dose dosage \
     strength transfer pay triglycerides ldl hdl bp height total",
);
