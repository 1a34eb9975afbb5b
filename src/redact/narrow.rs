//! What identifies nobody by itself and is covered only at a level that asks for the minimum necessary (45 CFR 164.502(b)):
//! durations, quantities, ages below ninety, years and states alone.
//!
//! In:  the view, the level, and what the families have claimed already. Out: finds, durations and quantities typed. A bare
//! number without unit or measure ("the first of two") is neither and stays. Does nothing at other levels.

use crate::config::levels::Level;
use crate::placeholder::Label;
use crate::redact::address;
use crate::redact::age;
use crate::redact::asked::Asked;
use crate::redact::policy::{self, Class};
use crate::redact::quantity;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;
use crate::redact::year;

/// Finds what the level covers beyond the identifiers.
pub(super) fn find(view: &View<'_>, level: Level, covered: &[bool], finds: &mut Vec<Find>) {
    const CLASSES: [Class; 5] = [Class::Duration, Class::Quantity, Class::Age, Class::Year, Class::State];
    if !CLASSES.into_iter().any(|class| policy::covers(level, class)) {
        return;
    }
    let mut at = 0;
    while at < view.tokens.len() {
        let taken = covered.get(at).copied().unwrap_or_default();
        let found = age(view, at)
            .or_else(|| bare_year(view, at))
            .or_else(|| amount(view, at))
            .or_else(|| frequency(view, at))
            .or_else(|| state(view, at));
        match found.filter(|find| !taken && policy::covers(level, find.class)) {
            Some(find) => {
                at = find.last.saturating_add(1);
                finds.push(find);
            }
            None => at = at.saturating_add(1),
        }
    }
}

/// "sixty two years old", "she's 62", "six months old", "in my sixties".
fn age(view: &View<'_>, at: usize) -> Option<Find> {
    let find = |last: usize| Find::new(at, last, Label::Quantity, "age below ninety").class(Class::Age);
    if DECADES.has(view.word(at)) && OF_LIFE.has(view.before(at, 1)) {
        return Some(find(at));
    }
    let group = view.group_at(at).filter(|g| !g.ordinal && g.value < 90)?;
    let next = group.last.saturating_add(1);
    let old = |at: usize| matches!(view.word(at), "old" | "young");
    if TIMES.has(view.word(next)) && old(next.saturating_add(1)) {
        // The model still learns whether a child or a grown-up is meant only where the unit says so.
        let years = matches!(view.word(next), "year" | "years");
        return Some(find(if years { group.last } else { next }));
    }
    let short = matches!(view.word(next), "yo" | "yrs") || (view.word(next) == "y" && view.says(next, &["y", "o"]));
    // "this is one of", "it is two thirty": small numbers after "is" seldom are an age.
    let bare = group.value > 12 && view.group_at(next).is_none() && age::is_of_a_person(view, group.first, group.last);
    let aged = matches!(view.before(at, 1), "aged" | "age" | "turned" | "turning");
    (short || bare || aged || view.asked == Asked::Age).then(|| find(group.last))
}

/// "in nineteen ninety eight", "since 2019": a year that no date holds.
fn bare_year(view: &View<'_>, at: usize) -> Option<Find> {
    let (_, last) = year::year_at(view, at)?;
    let next = last.saturating_add(1);
    let counts = quantity::is_unit(view.word(next)) || view.group_at(next).is_some();
    let money = matches!(view.sign_before(at), Some('$' | '€' | '£'));
    (!counts && !money).then(|| Find::new(at, last, Label::Date, "year alone").class(Class::Year))
}

/// A number with its unit: "three weeks", "twenty milligrams", "5mg", "half a tablet", "one forty over ninety", "$45".
fn amount(view: &View<'_>, at: usize) -> Option<Find> {
    if let Some(unit) = written_unit(view.word(at)) {
        let last = rate(view, at);
        return Some(if TIMES.has(unit) || HOURS.has(unit) { duration(at, last) } else { quantity(at, last) });
    }
    let number = number_at(view, at);
    let (last, telling) = number.map(|last| (last, true)).or_else(|| vague(view, at))?;
    let unit = (1..=2).map(|ahead| last.saturating_add(ahead)).find(|unit| is_unit(view.word(*unit)));
    let unit = unit.filter(|unit| *unit == last.saturating_add(1) || BETWEEN.has(view.word(last.saturating_add(1))));
    let Some(unit) = unit.filter(|unit| !view.breaks_before(*unit)) else {
        // "my sugar was two hundred", "$45", "98.6".
        let run = view.run_at(at).filter(|run| number.is_some() && quantity::is_amount(view, run))?;
        return Some(quantity(at, over(view, run.last)));
    };
    if number.is_none() && view.word(unit) == "second" && !view.pauses_before(unit.saturating_add(1)) {
        // "a second opinion".
        return None;
    }
    if TIMES.has(view.word(unit)) {
        return Some(duration(at, and_a_half(view, unit)));
    }
    // "a time", "a pill": an article counts only time.
    telling.then(|| quantity(at, rate(view, over(view, units_on(view, unit)))))
}

/// "twice a day", "three times a week", "once".
fn frequency(view: &View<'_>, at: usize) -> Option<Find> {
    matches!(view.word(at), "once" | "twice" | "thrice").then(|| quantity(at, rate(view, at)))
}

/// "texas", "new jersey", "OH".
fn state(view: &View<'_>, at: usize) -> Option<Find> {
    let (first, next) = (view.word(at), view.word(at.saturating_add(1)));
    let two = match first {
        "new" => matches!(next, "hampshire" | "jersey" | "mexico" | "york"),
        "north" | "south" => matches!(next, "carolina" | "dakota"),
        "west" => next == "virginia",
        "rhode" => next == "island",
        _ => false,
    };
    let token = view.tokens.get(at)?;
    let original = view.text.get(token.range.clone()).unwrap_or_default();
    let short =
        first.len() == 2 && !MEDICAL.has(first) && view.capitals_tell && original.chars().all(char::is_uppercase);
    let one = address::is_state(first) && (first.len() > 2 || short);
    let last = if two { at.saturating_add(1) } else { at };
    (two || one).then(|| Find::new(at, last, Label::Address, "state alone").class(Class::State))
}

fn duration(first: usize, last: usize) -> Find {
    Find::new(first, last, Label::Duration, "duration")
}

fn quantity(first: usize, last: usize) -> Find {
    Find::new(first, last, Label::Quantity, "quantity")
}

/// The last token of the counting number that begins here; a chain of letters and digits is none.
fn number_at(view: &View<'_>, at: usize) -> Option<usize> {
    /// Nobody takes a million of anything.
    const DIGITS: usize = 6;
    let group = view.group_at(at).filter(|g| !g.ordinal)?;
    let run = view.run_at(at).filter(|r| r.letters == 0 && r.digits <= DIGITS);
    let run = run.filter(|r| !view.groups_in(r).iter().any(|g| g.ordinal));
    Some(and_a_half(view, run.map_or(group.last, |r| r.last)))
}

/// "a couple of", "half an", "several", "a few", "an": where it ends, and whether it counts more than time.
fn vague(view: &View<'_>, at: usize) -> Option<(usize, bool)> {
    const MOST: usize = 4;
    let words =
        (at..at.saturating_add(MOST)).take_while(|i| VAGUE.has(view.word(*i)) && (*i == at || !view.pauses_before(*i)));
    let last = words.last()?;
    let telling = (at..=last).any(|i| COUNTING.has(view.word(i)));
    let article = matches!(view.word(last), "a" | "an" | "another");
    (telling || article).then_some((last, telling))
}

/// "5mg", "10lbs", "24h": the unit that is written together with its number.
fn written_unit(word: &str) -> Option<&str> {
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = word.len().saturating_sub(unit.len());
    let known = is_unit(unit) || HOURS.has(unit) || WRITTEN.has(unit);
    ((1..=4).contains(&digits) && known).then_some(unit)
}

/// Whether the word is a unit; more of them than where a number must be told from an identifier.
fn is_unit(word: &str) -> bool {
    quantity::is_unit(word) || UNITS.has(word)
}

/// Over the units that follow a unit: "million dollars", "units over".
fn units_on(view: &View<'_>, unit: usize) -> usize {
    let mut last = unit;
    while is_unit(view.word(last.saturating_add(1))) && !view.pauses_before(last.saturating_add(1)) {
        last = last.saturating_add(1);
    }
    last
}

/// "one forty over ninety": the second reading belongs to the first.
fn over(view: &View<'_>, last: usize) -> usize {
    let slash = view.word(last) == "over" || view.word(last.saturating_add(1)) == "over";
    let next = last.saturating_add(if view.word(last) == "over" { 1 } else { 2 });
    view.run_at(next).filter(|run| slash && run.letters == 0).map_or(last, |run| run.last)
}

/// "a day", "per week", "every morning" after an amount.
fn rate(view: &View<'_>, last: usize) -> usize {
    let next = last.saturating_add(1);
    let unit = next.saturating_add(1);
    let per = matches!(view.word(next), "a" | "an" | "per" | "each" | "every") && TIMES.has(view.word(unit));
    if per && !view.pauses_before(next) { unit } else { last }
}

/// "two and a half", "a week and a half".
fn and_a_half(view: &View<'_>, last: usize) -> usize {
    let half = view.says(last.saturating_add(1), &["and", "a", "half"]);
    if half { last.saturating_add(3) } else { last }
}

static TIMES: Words = Words::new(
    "second seconds minute minutes hour hours day days night nights week weeks month months year years decade decades \
     weekend weekends",
);
static HOURS: Words = Words::new("h hr hrs min mins d wk wks mo yr yrs");
/// "CT scan", "MS", "MI", "VA clinic", "MD": a state's two letters that mean something else in a clinic.
static MEDICAL: Words = Words::new("ct ms mi va md mo co");
static UNITS: Words = Words::new(
    "tablet pill capsule puff drop mile step refill dose bottle box pack cigarette glass teaspoon teaspoons tablespoon \
     tablespoons cup cups patch patches spray sprays shot shots injection injections liter liters ounce pound night \
     decade decades weekend weekends second",
);
static WRITTEN: Words = Words::new("g l cm mm k m x iu mmol");
static VAGUE: Words = Words::new("a an another half quarter couple few several dozen of many some");
static COUNTING: Words = Words::new("half quarter couple few several dozen");
static BETWEEN: Words =
    Words::new("more other extra full whole straight business working long solid small little milligram");
static DECADES: Words = Words::new("teens twenties thirties forties fifties sixties seventies eighties nineties");
static OF_LIFE: Words = Words::new("my his her their early mid late");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::RawTranscript;
    use crate::redact::tests::view_of;

    /// What is found in the text, each with its class.
    fn found(text: &str) -> Vec<(Class, String)> {
        let heard = RawTranscript::typed(text);
        let view = view_of(&heard, "");
        let mut finds = Vec::new();
        find(&view, Level::Narrow, &vec![false; view.tokens.len()], &mut finds);
        finds.iter().map(|find| (find.class, view.joined(find.first, find.last))).collect()
    }

    fn all_of(class: Class, cases: &[(&str, &str)]) {
        for (text, part) in cases {
            assert_eq!(found(text), [(class, (*part).to_owned())], "{text}");
        }
    }

    #[test]
    fn durations_are_told_in_figures_words_and_vaguely() {
        all_of(
            Class::Duration,
            &[
                ("it has hurt for three weeks", "three weeks"),
                ("about 10 days now", "10 days"),
                ("for a couple of days", "a couple of days"),
                ("in half an hour", "half an hour"),
                ("for two and a half months", "two and a half months"),
                ("a week and a half", "a week and a half"),
                ("wait 24h", "24h"),
                ("for two more weeks", "two more weeks"),
                ("it took a year", "a year"),
            ],
        );
    }

    #[test]
    fn quantities_keep_their_unit() {
        all_of(
            Class::Quantity,
            &[
                ("i take 20 mg", "20 mg"),
                ("i take 5mg", "5mg"),
                ("i take two tablets a day", "two tablets a day"),
                ("my sugar was two hundred", "two hundred"),
                ("my pressure was one forty over ninety", "one forty over ninety"),
                ("it was $45", "45"),
                ("he weighs one hundred fifty pounds", "one hundred fifty pounds"),
                ("twice a day", "twice a day"),
                ("half a tablet", "half a tablet"),
                ("i have three kids", "three kids"),
                ("30 percent", "30 percent"),
            ],
        );
    }

    #[test]
    fn ages_years_and_states_are_told_from_amounts() {
        all_of(
            Class::Age,
            &[
                ("i am sixty two years old", "sixty two"),
                ("she's 45", "45"),
                ("he is six months old", "six months"),
                ("in his sixties", "sixties"),
            ],
        );
        all_of(Class::Year, &[("since 2019", "2019"), ("in nineteen ninety eight", "nineteen ninety eight")]);
        all_of(
            Class::State,
            &[("we live in texas", "texas"), ("new jersey plan", "new jersey"), ("I moved to TX then", "tx")],
        );
    }

    #[test]
    fn what_is_no_amount_stays() {
        for text in [
            "the first of two",
            "a second opinion",
            "the second time",
            "is there a pill",
            "oh no",
            "one of them",
            "I had a CT scan",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn nothing_is_found_at_the_other_levels() {
        let heard = RawTranscript::typed("i am sixty two and it hurt for three weeks");
        let view = view_of(&heard, "");
        for level in [Level::SafeHarbor, Level::LimitedDataSet] {
            let mut finds = Vec::new();
            find(&view, level, &vec![false; view.tokens.len()], &mut finds);
            assert!(finds.is_empty());
        }
    }
}
