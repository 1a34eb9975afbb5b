//! The short answer to a direct question for an identifier: everything but the frame of the sentence is the answer.
//!
//! In:  the view after such a question. Out: finds. The recogniser turns dictated letters and digits into words ("for
//! March", "W 9 4 said f"), so here even the plainest word is covered unless it belongs to the frame ("it's", "my").

use crate::redact::expecting;
use crate::redact::policy::Class;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// A longer utterance says more than the answer.
const LONGEST: usize = 14;

/// From so many words on, an answer without letters and digits is a sentence.
const SENTENCE: usize = 5;
/// An utterance without a frame, up to so many words, is nothing but the answer.
const BARE: usize = 12;
/// So many words of the frame inside an answer belong to it ("C W 2 x 2 are are are").
const GAP: usize = 2;

/// Whether the word belongs to the frame of an answer.
pub(super) fn is_frame(word: &str) -> bool {
    FRAME.has(word)
}

/// Covers the answer.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    let Some(label) = view.asked.label() else { return };
    // Without a letter or digit in it, a longer answer is a sentence: its own words are judged one by one.
    let dictated = !view.runs.is_empty();
    if !dictated && view.tokens.len() > SENTENCE {
        return;
    }
    if view.tokens.len() > LONGEST || expecting::is_no_answer(view) {
        return;
    }
    // Letters and digits heard as words: without any frame the whole utterance is the answer.
    let framed = (0..view.tokens.len()).any(|at| opens_frame(view, at));
    if view.tokens.len() <= BARE && !framed {
        finds.push(Find::new(0, view.tokens.len().saturating_sub(1), label, "bare answer").class(Class::Answer).cued());
        return;
    }
    let inside = |at: usize| view.tokens.get(at).is_some_and(|t| !FRAME.has(t.norm.as_str()));
    let mut at = 0;
    while at < view.tokens.len() {
        if !inside(at) {
            at = at.saturating_add(1);
            continue;
        }
        let mut last = at;
        loop {
            let next = last.saturating_add(1);
            let step = (0..=GAP).find(|gap| inside(next.saturating_add(*gap)));
            let frame = (next..next.saturating_add(GAP)).any(|i| opens_frame(view, i));
            match step {
                Some(0) => last = next,
                Some(gap) if !frame && !(next..=next.saturating_add(gap)).any(|i| view.pauses_before(i)) => {
                    last = next.saturating_add(gap);
                }
                _ => break,
            }
        }
        finds.push(Find::new(at, last, label, "answer").class(Class::Answer).cued());
        at = last.saturating_add(1);
    }
}

/// Whether a sentence around the answer begins here. "and" before a letter or digit is a misheard "n".
fn opens_frame(view: &View<'_>, at: usize) -> bool {
    let dictated = view.word(at) == "and" && view.run_at(at.saturating_add(1)).is_some();
    OPENS_A_FRAME.has(view.word(at)) && !dictated
}

static OPENS_A_FRAME: Words = Words::new(
    "is it's its my name that's thats was i'm im please yes yeah yep thanks thank sure hi hello sorry number \
     address name's phone code zip email are ssn mrn city and live digits",
);

static FRAME: Words = Words::new(
    "yes yeah yep sure ok okay um uh it's its is my name names name's the that's thats this i'm im please thanks \
     thank sir madam hi hello hey and well so right correct of course date birth birthday was born on phone \
     number cell home address zip code email member account social security ssn last first digits spelled spell \
     like sounds live we at in city id group license prescription confirmation credit card policy are here no not \
     would be chart record claim referral insurance from dr doctor she he it mrn just had i know you checking \
     patient patient's their his her he's she's street postcode moved best contact callback",
);
