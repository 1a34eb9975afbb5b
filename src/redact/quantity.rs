//! What is counted or measured, and therefore names nobody: doses, readings, prices, durations.
//!
//! In:  a chain of digits in its place. Out: whether a unit or a measure claims it. Counter-evidence only: it never
//! uncovers what an identifier's own cue claims.

use crate::redact::asked::Asked;
use crate::redact::spelling::Run;
use crate::redact::view::View;
use crate::redact::words::Words;

/// Whether the chain is an amount.
pub(super) fn is_amount(view: &View<'_>, run: &Run) -> bool {
    is_counted(view, run) || (run.digits <= 4 && measure_before(view, run).is_some()) || answers_for_reading(view, run)
}

/// "how much do you weigh?", "two seventy two": the short answer to a question for a measure, and for nothing else.
fn answers_for_reading(view: &View<'_>, run: &Run) -> bool {
    /// "sorry it was one hundred and two" has the most words.
    const SHORT: usize = 7;
    view.asks_reading
        && view.asked == Asked::Nothing
        && view.tokens.len() <= SHORT
        && run.digits <= 3
        && run.letters == 0
}

/// How many words before the chain a measure stands ("pressure", "charged").
pub(super) fn measure_before(view: &View<'_>, run: &Run) -> Option<usize> {
    view.cue_before(run.first, 5, &MEASURES)
}

/// Whether its own form or the word after it makes an amount of the chain.
pub(super) fn is_counted(view: &View<'_>, run: &Run) -> bool {
    let next = run.last.saturating_add(1);
    let square = view.word(next) == "square" && UNITS.has(view.word(next.saturating_add(1)));
    let unit = UNITS.has(view.word(next))
        || square
        || view.says(next, &["international", "units"])
        || (view.word(next) == "and" && view.word(next.saturating_add(1)) == "a");
    let money = matches!(view.mark_before(run.first), Some('$' | '€' | '£'))
        || matches!(view.sign_after(run.last), Some('%' | '$' | '€' | '£'));
    // Nobody takes a million of anything: a long chain is a number, whatever follows it.
    let short = run.digits <= 6;
    // A blood pressure: "155/84", "one twenty over eighty".
    let pressure = run.groups == 2 && run.letters == 0 && measure_before(view, run).is_some();
    short && (unit || money || pressure || is_decimal(view, run)) || is_readings(view, run)
}

/// "2.3", "two point three to five point six": not the four numbers of a network address.
fn is_decimal(view: &View<'_>, run: &Run) -> bool {
    let points = |t: usize| {
        view.word(t) == "point" || (t > run.first && view.tokens.get(t).is_some_and(|t| t.tied == Some('.')))
    };
    let points = (run.first..=run.last).filter(|t| points(*t)).count();
    run.decimal && (run.groups <= 3 || (run.groups == 4 && points == 2))
}

/// "171/104, 179/63", "20/40": pressures and eyesight, pair by pair. The first of a pair is no month, so that it is no date.
pub(super) fn is_readings(view: &View<'_>, run: &Run) -> bool {
    let pair = |over: u64, under: u64| {
        ((60..=260).contains(&over) && (30..=160).contains(&under)) || (over == 20 && (10..=400).contains(&under))
    };
    let mut groups = view.groups_in(run).iter().peekable();
    let (mut pairs, mut lone) = (0_usize, 0_usize);
    while let Some(over) = groups.next() {
        let slash = |g: &&crate::redact::number::Group| {
            g.first == over.last.saturating_add(1) && view.tokens.get(g.first).is_some_and(|t| t.tied == Some('/'))
        };
        match groups.next_if(slash) {
            Some(under) if pair(over.value, under.value) => pairs = pairs.saturating_add(1),
            Some(_) => return false,
            // "149 over 68, 143/84": the first pair's lower number stands alone in the chain.
            None => lone = lone.saturating_add(1),
        }
    }
    pairs > 0 && lone <= 1 && run.letters == 0
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
