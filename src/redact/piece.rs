//! Pieces of a number that is dictated over several turns: what is said of one of its places, what it is not, what goes on.
//!
//! In:  the view. Out: finds. One or two digits alone say nothing; here the words around them say that they belong to a
//! longer number. Most of them may as well speak of an amount, so that the tagger may take those finds back; what stands at
//! the end of a number ("it ends in 91") it may not.

use crate::placeholder::Label;
use crate::redact::number::{is_filler, is_number_word};
use crate::redact::quantity;
use crate::redact::spelling::Run;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// Finds pieces of numbers.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    let goes_on = is_going_on(view.question) && is_mostly_dictated(view);
    for run in view.runs.iter().filter(|r| !r.ordinal && !quantity::is_amount(view, r)) {
        if is_at_an_end(view, run) {
            finds.push(Find::new(run.first, run.last, Label::Id, "the end of a number"));
            continue;
        }
        let rule = if is_placed(view, run) {
            "a place in a number"
        } else if is_contrasted(view, run) {
            "one number, not the other"
        } else if goes_on {
            "dictation goes on"
        } else {
            continue;
        };
        finds.push(Find::new(run.first, run.last, Label::Id, rule).cued());
    }
}

/// "it ends in 91", "a three at the end".
fn is_at_an_end(view: &View<'_>, run: &Run) -> bool {
    let next = run.last.saturating_add(1);
    let end = next.saturating_add(2);
    let after = view.says(next, &["at", "the"]) && ENDS.has(view.word(end)) && view.word(end.saturating_add(1)) != "of";
    let before = matches!(view.before(run.first, 1), "in" | "with")
        && matches!(view.before(run.first, 2), "ends" | "ending" | "starts" | "starting" | "begins" | "beginning");
    after || before
}

/// "the last one is a four", "the middle bit is double seven".
fn is_placed(view: &View<'_>, run: &Run) -> bool {
    /// "the last two letters are um a" has the most words between the place and the piece.
    const REACH: usize = 5;
    let inside = |back: &usize| (1..*back).all(|b| !run.first.checked_sub(b).is_some_and(|at| view.breaks_before(at)));
    let is = |back: usize| (1..back).any(|b| matches!(view.before(run.first, b), "is" | "are" | "was" | "were"));
    (2..=REACH).filter(inside).any(|back| {
        PLACES.has(view.before(run.first, back))
            && PARTS.has(view.before(run.first, back.saturating_sub(1)))
            && is(back)
    })
}

/// "seven, not eleven", "a letter o not a zero": one of the two is the piece, and the other tells as much.
fn is_contrasted(view: &View<'_>, run: &Run) -> bool {
    let small =
        |at: usize| is_filler(view.word(at)) || matches!(view.word(at), "a" | "an" | "the" | "number" | "letter");
    let mut after = run.last.saturating_add(1);
    if view.word(after) == "not" {
        after = (after.saturating_add(1)..after.saturating_add(4)).find(|at| !small(*at)).unwrap_or(after);
        return view.run_at(after).is_some_and(|other| is_like(view, run, other));
    }
    let Some(mut before) = run.first.checked_sub(1) else { return false };
    while small(before) && before > 0 {
        before = before.saturating_sub(1);
    }
    let is = |other: &&Run| other.last.saturating_add(1) == before;
    view.word(before) == "not" && view.runs.iter().find(is).is_some_and(|other| is_like(view, run, other))
}

/// Two numbers of which one may be said in the place of the other.
fn is_like(view: &View<'_>, run: &Run, other: &Run) -> bool {
    // "an m r i not a c t": spelled words are no digits.
    let short = |run: &Run| run.digits > 0 || run.letters == 1;
    short(run) && short(other) && !other.ordinal && !quantity::is_amount(view, other) && run.decimal == other.decimal
}

/// Whether the clinic's words only ask for more, or repeat digits: "go on", "mm hm", "four two seven?".
fn is_going_on(question: &str) -> bool {
    let words = || question.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty());
    let more = |word: &str| {
        let word = word.to_lowercase();
        MORE.has(&word)
            || is_number_word(&word)
            || word.chars().count() == 1
            || word.bytes().all(|b| b.is_ascii_digit())
    };
    words().next().is_some() && words().all(more)
}

/// Whether at least half of the words are digits and letters.
fn is_mostly_dictated(view: &View<'_>) -> bool {
    let dictated: usize = view.runs.iter().map(|r| r.last.saturating_sub(r.first).saturating_add(1)).sum();
    let words = view.tokens.iter().filter(|t| !is_filler(&t.norm) && !FRAME.has(&t.norm)).count();
    dictated > 0 && dictated.saturating_mul(2) >= words
}

static ENDS: Words = Words::new("end beginning start front back");
static PLACES: Words = Words::new("last first middle next final second third other rest");
static PARTS: Words = Words::new(
    "one two three four five six digit digits number numbers part bit piece half letter letters character characters group \
     set block is",
);
static MORE: Words = Words::new(
    "go on ahead mm hm mhm mmhm uh huh okay ok and then next yes yeah right got it all sure alright i'm listening ready keep going \
     the rest more what's after that is there so far with you",
);
static FRAME: Words = Words::new("then and it's its it is that's so next after that yes yeah okay");

#[cfg(test)]
mod tests {
    use crate::redact::tests::{after, plain};

    #[test]
    fn a_digit_with_its_place_in_a_number_is_a_piece_of_it() {
        for text in ["and the last one is a 4", "it ends in 94", "it's a 4 at the end not an 8", "no i said 4 not 11"] {
            assert!(!plain(text).contains('4'), "{text}: {}", plain(text));
        }
    }

    #[test]
    fn what_follows_a_nod_is_the_rest_of_the_number() {
        assert!(!after("Go on.", "87, and then that's it").contains("87"));
        assert!(!after("seven two o", "right and next thirty three and four five").contains("thirty"));
        let text = "i take two pills and then my head hurts for an hour";
        assert_eq!(after("Go on.", text), text);
    }
}
