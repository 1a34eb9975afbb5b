//! Ages of ninety and more: 45 CFR 164.514(b)(2)(i)(C). Younger ages may stay.
//!
//! In:  the view's numbers. Out: finds.

use crate::placeholder::Label;
use crate::redact::asked::Asked;
use crate::redact::quantity;
use crate::redact::spelling::Run;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// A number that may be a great age: first token, last token, years.
type Candidate = (usize, usize, u64);

/// Finds ages over eighty-nine.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    for (first, last, value) in candidates(view) {
        let next = last.saturating_add(1);
        let years = matches!(view.word(next), "years" | "year" | "yrs" | "yo" | "y")
            && matches!(view.word(next.saturating_add(1)), "old" | "o" | "of" | "young" | "");
        let tied = view.word(next) == "year" && view.word(next.saturating_add(1)) == "old";
        let birthday = view.word(next) == "birthday";
        let makes =
            matches!(view.before(first, 1), "him" | "her" | "me" | "them") && view.before(first, 2).starts_with("mak");
        let person = birthday || makes || is_of_a_person(view, first, last);
        if years || tied || view.asked == Asked::Age || person {
            finds.push(Find::new(first, last, Label::Age90, "age of ninety or more"));
            continue;
        }
        // "steven, ninety four, oxycodone": nothing says what is counted.
        let amount = |r: &Run| r.first == first && r.last == last && quantity::is_amount(view, r);
        let part = |r: &Run| r.first <= first && r.last >= last && (r.first < first || r.last > last);
        // "it should be less than a hundred": of people one says older, younger, more.
        let compared =
            view.before(first, 1) == "than" && matches!(view.before(first, 2), "less" | "greater" | "higher" | "lower");
        if value < MOST_ALONE
            && !compared
            && !is_reading(view, first, last)
            && !view.runs.iter().any(|r| amount(r) || part(r))
        {
            finds.push(Find::new(first, last, Label::Age90, "number like a great age").weak());
        }
    }
    for (at, token) in view.tokens.iter().enumerate() {
        if matches!(token.norm.as_str(), "nineties" | "90s" | "nonagenarian" | "centenarian") {
            finds.push(Find::new(at, at, Label::Age90, "word for a great age").cued());
        }
    }
}

/// "she is sixty two": whether the number is said of a person, and not of something measured.
pub(super) fn is_of_a_person(view: &View<'_>, first: usize, last: usize) -> bool {
    PERSON.has(view.before(first, 1)) && !is_measured(view, first, last)
}

/// Whether the number is a measure by the words beside it, or is the short answer to a question for one ("what was the
/// reading?", "102"). In a longer answer the question excuses nothing: people are spoken of as well.
pub(super) fn is_reading(view: &View<'_>, first: usize, last: usize) -> bool {
    /// "it was one hundred and two" has the most words.
    const SHORT: usize = 6;
    is_measured(view, first, last) || (view.asks_reading && view.tokens.len() <= SHORT)
}

/// "it is 98 degrees", "her pressure is 120": measures, not ages.
fn is_measured(view: &View<'_>, first: usize, last: usize) -> bool {
    let next = last.saturating_add(1);
    let over = |at: usize| view.word(at) == "over" && !view.breaks_before(at);
    // "one thirty seven over a hundred and three".
    let pressure = over(next) && view.group_at(next.saturating_add(1)).is_some()
        || first.checked_sub(1).is_some_and(|at| over(at) && view.group_around(at.saturating_sub(1)).is_some());
    quantity::is_unit(view.word(next)) || pressure || view.cue_before(first, 4, &MEASURES).is_some()
}

/// Nobody is older, and above it a number that nothing explains is more often something else.
const MOST_ALONE: u64 = 115;

/// Numbers from 90 to 125: one number, dictated digits ("one oh three"), or "a hundred and two".
fn candidates(view: &View<'_>) -> Vec<Candidate> {
    let great = |value: &u64| (90..=125).contains(value);
    let mut out: Vec<Candidate> =
        view.groups.iter().filter(|g| great(&g.value)).map(|g| (g.first, g.last, g.value)).collect();
    for run in view.runs.iter().filter(|r| r.groups > 1 && r.letters == 0 && r.digits == 3 && !r.decimal) {
        if let Some(value) = run.code.parse().ok().filter(great) {
            out.push((run.first, run.last, value));
        }
    }
    for at in 1..view.tokens.len() {
        if view.word(at) == "hundred" && view.before(at, 1) == "a" {
            let linked = at.saturating_add(if view.word(at.saturating_add(1)) == "and" { 2 } else { 1 });
            let rest = view.group_at(linked).filter(|g| g.value < 26 && !view.pauses_before(linked));
            let (last, more) = rest.map_or((at, 0), |g| (g.last, g.value));
            out.push((at.saturating_sub(1), last, more.saturating_add(100)));
        }
    }
    out
}

static PERSON: Words = Words::new(
    "is i'm im am she's he's shes hes turned turning turns aged age was almost nearly who's be they're reached mom's dad's \
     mother's father's grandma's grandpa's past hit reached",
);

static MEASURES: Words = Words::new(
    "temperature pressure sugar weight pulse rate oxygen fever it level glucose cost copay balance bill total \
     reading readings bpm saturation price that",
);
