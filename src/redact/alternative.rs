//! What else the recogniser may have heard: where another hearing of the same sound holds an identifier, the words that stand
//! in its place are covered too.
//!
//! In:  the transcript with its alternatives. Out: weak finds on the words of the first hearing. "tell the
//! desk" leaks a name if "tell denise" was as likely.

use std::ops::RangeInclusive;

use crate::listen::RawTranscript;
use crate::redact::parts::Without;
use crate::redact::spelling::Run;
use crate::redact::tagger::Score;
use crate::redact::token::Token;
use crate::redact::view::{Find, Strength, View};
use crate::redact::{Context, Vault, detect};

/// So many of the alternatives are read.
const MOST: usize = 4;
/// In a longer utterance two hearings are not compared: the work grows with the square of the words.
const LONGEST: usize = 120;
/// From this confidence on a word stands, whatever else was possible: "no thank you" sounds like "november you".
const SURE: f32 = 0.7;
/// The rule.
const RULE: &str = "identifier in another hearing";

/// Finds what only another hearing shows.
pub(super) fn find(
    view: &View<'_>,
    heard: &RawTranscript,
    context: &Context<'_>,
    vault: &Vault,
    finds: &mut Vec<Find>,
) {
    for other in heard.alternatives().iter().take(MOST) {
        let other = View::new(other, context, Without::NOTHING);
        if view.tokens.len().max(other.tokens.len()) > LONGEST {
            continue;
        }
        let partners = partners(&other.tokens, &view.tokens);
        let (finds_there, scores) = detect(&other, context, Without::NOTHING, vault);
        for find in finds_there {
            let Some(label) = find.label.filter(|_| is_plain(&other, &find, &scores)) else { continue };
            let place =
                place(&partners, find.first, find.last, view.tokens.len()).and_then(|place| telling(view, place));
            let unsure = |at: usize| view.tokens.get(at).is_some_and(|t| t.confidence < SURE);
            if let Some(place) = place.filter(|place| place.clone().any(unsure)) {
                finds.push(Find::new(*place.start(), *place.end(), label, RULE).class(find.class).weak());
            }
        }
    }
}

/// Whether it is plainly an identifier: words of a second hearing that is mostly noise look like anything.
fn is_plain(view: &View<'_>, find: &Find, scores: &[Score]) -> bool {
    /// The tagger must take at least one of the words for one.
    const LIKELY: f32 = 0.5;
    let likely = scores.get(find.first..=find.last).unwrap_or_default().iter().any(|s| s.identifies >= LIKELY);
    let listed = |t: &Token| t.class.given_rank > 0 || t.class.family_rank > 0 || t.class.town_rank > 0;
    let name = view.tokens.get(find.first..=find.last).unwrap_or_default().iter().any(listed);
    let inside = |r: &&Run| find.first <= r.first && r.last <= find.last;
    let number = view.runs.iter().filter(inside).any(|r| r.digits >= 2 || r.letters >= 4);
    find.strength != Strength::Weak && number || likely && (name || number)
}

/// For each token of `from`, the same word at the same place of `to`: the longest common subsequence.
fn partners(from: &[Token], to: &[Token]) -> Vec<Option<usize>> {
    let width = to.len().saturating_add(1);
    // longest[i * width + j]: how many words the rests from i and from j on have in common.
    let mut longest = vec![0_u16; from.len().saturating_add(1).saturating_mul(width)];
    let at = |i: usize, j: usize| i.saturating_mul(width).saturating_add(j);
    let same = |i: usize, j: usize| from.get(i).zip(to.get(j)).is_some_and(|(a, b)| a.norm == b.norm);
    for i in (0..from.len()).rev() {
        for j in (0..to.len()).rev() {
            let count = |i: usize, j: usize| longest.get(at(i, j)).copied().unwrap_or_default();
            let next = i.saturating_add(1);
            let more = j.saturating_add(1);
            let best =
                if same(i, j) { count(next, more).saturating_add(1) } else { count(next, j).max(count(i, more)) };
            if let Some(slot) = longest.get_mut(at(i, j)) {
                *slot = best;
            }
        }
    }
    let count = |i: usize, j: usize| longest.get(at(i, j)).copied().unwrap_or_default();
    let mut out = vec![None; from.len()];
    let (mut i, mut j) = (0, 0);
    while i < from.len() && j < to.len() {
        if same(i, j) {
            if let Some(slot) = out.get_mut(i) {
                *slot = Some(j);
            }
            (i, j) = (i.saturating_add(1), j.saturating_add(1));
        } else if count(i.saturating_add(1), j) >= count(i, j.saturating_add(1)) {
            i = i.saturating_add(1);
        } else {
            j = j.saturating_add(1);
        }
    }
    out
}

/// Where the words `first` to `last` of the other hearing stand in the first one: between the nearest words that both
/// hold. `None` where nothing stands there.
fn place(partners: &[Option<usize>], first: usize, last: usize, length: usize) -> Option<RangeInclusive<usize>> {
    let before = partners.get(..first)?.iter().rev().flatten().next();
    let after = partners.get(last.saturating_add(1)..)?.iter().flatten().next();
    let from = before.map_or(0, |at| at.saturating_add(1));
    let end = after.copied().unwrap_or(length);
    (from < end).then(|| from..=end.saturating_sub(1))
}

/// The place without the small words at its ends: "no" stays "no", whatever "no ma'am" may have been.
fn telling(view: &View<'_>, place: RangeInclusive<usize>) -> Option<RangeInclusive<usize>> {
    let tells = |at: &usize| view.tokens.get(*at).is_some_and(|t| !t.class.function);
    Some(place.clone().find(tells)?..=place.rev().find(tells)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expect::Expecting;
    use crate::listen::HeardWord;
    use crate::redact::redact;
    use crate::redact::tests::context;

    fn left(first: &str, confidence: f32, others: &[&str]) -> String {
        let others = others.iter().map(|text| RawTranscript::typed(text)).collect();
        let words = first.split(' ').map(|text| HeardWord { text: text.to_owned().into(), confidence });
        let heard = RawTranscript::heard("test", words.collect()).with_alternatives(others);
        redact(&heard, &context(Expecting::Anything), &mut Vault::new()).text.as_str().to_owned()
    }

    #[test]
    fn a_name_that_only_another_hearing_holds_is_covered_in_the_first() {
        let first = "please tell the desk that i called";
        // "the" is a small word and stays.
        let other = ["please tell denise that i called"];
        assert_eq!(left(first, 0.6, &[]), first);
        assert_eq!(left(first, 0.6, &other), "please tell the [NAME_1] that i called");
        assert_eq!(left(first, 0.9, &other), first);
    }

    #[test]
    fn a_number_that_another_hearing_completes_is_covered_whole() {
        let left = left("my member id is for tea and tin", 0.6, &["my member id is four t n ten"]);
        assert!(left.starts_with("my member id is ["), "{left}");
    }

    #[test]
    fn hearings_that_agree_change_nothing() {
        let text = "i need a refill of my blood pressure pills";
        assert_eq!(left(text, 0.6, &[text, "i need the refill of my blood pressure pills"]), text);
    }
}
