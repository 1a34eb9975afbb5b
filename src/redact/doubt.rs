//! When in doubt, nothing of it leaves: what makes redaction withhold a clause or a whole utterance.
//!
//! In:  the transcript and its view. Out: a reason to withhold all, or withheld finds grown to their clause. The work on any
//! text is bounded here too, so that a long one cannot hold up a call.

use crate::listen::RawTranscript;
use crate::redact::judge;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// A turn of five minutes has some 800 words, about 5 kB. Longer texts are withheld unread. Bytes.
pub(super) const LONGEST_TEXT: usize = 20_000;
/// Below this mean confidence the words are guesses; an identifier may hide behind any of them.
const GUESSES: f32 = 0.2;
/// From so many words on, their language can be told.
const ENOUGH_WORDS: usize = 5;

/// Why nothing of the utterance may leave, if so.
pub(super) fn withholds_all(heard: &RawTranscript, view: &View<'_>) -> Option<&'static str> {
    if !heard.is_empty() && !heard.words().is_empty() && heard.confidence() < GUESSES {
        return Some("hardly heard");
    }
    is_foreign(view).then_some("another language")
}

/// Whether most words are none that English, medicine or any list of names knows.
fn is_foreign(view: &View<'_>) -> bool {
    let words = view.tokens.iter().filter(|t| t.class.word && t.norm.chars().count() > 1);
    let (mut all, mut strange) = (0_usize, 0_usize);
    for word in words {
        let class = word.class;
        let listed = class.known || class.rare || class.given_rank > 0 || class.family_rank > 0 || class.town_rank > 0;
        all = all.saturating_add(1);
        strange = strange.saturating_add(usize::from(!listed));
    }
    all >= ENOUGH_WORDS && strange.saturating_mul(2) > all
}

/// Grows every withheld find towards the borders of its clause: what stands beside a number that nobody understood may be
/// its rest, misheard as words. What the tagger doubts it has judged word by word: there the next word is enough.
pub(super) fn to_clauses(view: &View<'_>, finds: &mut [Find]) {
    /// In text without punctuation a clause has no end; a misheard rest is no longer than this.
    const REST: usize = 3;
    const DOUBTED: usize = 1;
    for find in finds.iter_mut().filter(|f| f.label.is_none()) {
        let reach = if judge::is_tagged(find.rule) { DOUBTED } else { REST };
        (find.first, find.last) = clause(view, find.first, find.last, reach);
    }
}

fn clause(view: &View<'_>, first: usize, last: usize, reach: usize) -> (usize, usize) {
    let (mut from, mut to) = (first, last);
    for _ in 0..reach {
        let speech = |at: usize| view.pauses_before(from) || BORDERS.has(view.word(at));
        let Some(before) = from.checked_sub(1).filter(|at| !speech(*at)) else { break };
        from = before;
    }
    for _ in 0..reach {
        let next = to.saturating_add(1);
        if view.pauses_before(next) || BORDERS.has(view.word(next)) {
            break;
        }
        to = next;
    }
    (from, to)
}

/// Words that begin or end a clause and are never part of dictation.
static BORDERS: Words = Words::new(
    "and but so because if when while i i'm i've my your you we they he she it it's is are was were the this that \
     please thanks thank with about from can could would will do does did have has need want",
);
