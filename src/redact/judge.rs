//! Joins the tagger with the families: it adds what they missed, takes back what only an unknown word suggested, and
//! withholds what it cannot tell.
//!
//! In:  the families' finds and the tagger's scores. Out: finds. The bounds were chosen by
//! the totals of the validation cases and of cases that had been read (docs/redaction.md says what they cost).

use crate::redact::age;
use crate::redact::number::Group;
use crate::redact::policy::Class;
use crate::redact::quantity;
use crate::redact::tagger::{Kind, Score};
use crate::redact::view::{Find, Strength, View};

/// From here on a word is covered as what the tagger takes it for.
const COVER: f32 = 0.3;
/// From here on, up to `COVER`, it is withheld: the grey band.
const WITHHOLD: f32 = 0.2;
/// The same in text without capitals and signs, which tells the tagger less.
const WITHHOLD_BARE: f32 = 0.12;
/// An amount ("sixty two years old", "20 mg") or a term ("blue cross") is covered from here on only, and never withheld.
const COVER_AMOUNT: f32 = 0.9;
/// Below this the tagger takes back a weak find ("a word that no list knows").
const RELEASE: f32 = 0.03;
/// Below this it takes back a find that rests on words which may be innocent ("call grace", "the number is").
const RELEASE_CUED: f32 = 0.006;

/// The rule of what the tagger alone covers.
const TAGGED: &str = "tagger";
/// The rule of the grey band.
const GREY: &str = "tagger in doubt";

/// Whether the rule is one of the tagger's.
pub(super) fn is_tagged(rule: &str) -> bool {
    matches!(rule, TAGGED | GREY)
}

/// Takes back the weak finds that the tagger is sure are plain words.
pub(super) fn release(scores: &[Score], finds: &mut Vec<Find>) {
    finds.retain(|find| {
        let words = scores.get(find.first..=find.last).unwrap_or_default();
        let bound = match find.strength {
            Strength::Strong => return true,
            Strength::Cued => RELEASE_CUED,
            Strength::Weak => RELEASE,
        };
        words.is_empty() || words.iter().any(|s| s.identifies >= bound)
    });
}

/// Adds what the tagger finds; `grey` says whether its grey band is withheld.
pub(super) fn add(view: &View<'_>, scores: &[Score], covered: &[bool], grey: bool, finds: &mut Vec<Find>) {
    let amounts = amounts(view);
    let bare = !view.text.contains(|c: char| c.is_uppercase() || matches!(c, '.' | ',' | '?' | '!'));
    let withhold = if bare { WITHHOLD_BARE } else { WITHHOLD };
    let mut at = 0;
    while let Some(score) = scores.get(at) {
        let free = !covered.get(at).copied().unwrap_or_default();
        let counted = amounts.get(at).copied().unwrap_or_default() && score.identifies < COVER_AMOUNT;
        let term = view.tokens.get(at).is_some_and(|t| t.class.term);
        let counted =
            counted || (term && score.identifies < COVER_AMOUNT) || (score.kind == Kind::Age90 && is_no_age(view, at));
        if !free || counted || score.identifies < withhold || (score.identifies < COVER && !grey) {
            at = at.saturating_add(1);
            continue;
        }
        let sure = score.identifies >= COVER;
        let alike = |i: usize| {
            let next = scores.get(i).filter(|s| (s.identifies >= COVER) == sure && s.identifies >= withhold);
            next.is_some_and(|s| !sure || s.kind == score.kind)
                && !view.tokens.get(i).is_some_and(|t| t.class.term)
                && !amounts.get(i).copied().unwrap_or_default()
                && !covered.get(i).copied().unwrap_or_default()
                && !view.pauses_before(i)
        };
        let mut last = at;
        while alike(last.saturating_add(1)) {
            last = last.saturating_add(1);
        }
        finds.push(match score.kind.label().filter(|_| sure) {
            // It knows the kind of a word, not the class: it keeps nothing.
            Some(label) => Find::new(at, last, label, TAGGED).class(Class::Unexplained).weak(),
            None => Find::withheld(at, last, GREY),
        });
        at = last.saturating_add(1);
    }
}

/// Whether the word is a number of its own that is measured, or below ninety: whatever the tagger takes it for, no great age.
fn is_no_age(view: &View<'_>, at: usize) -> bool {
    let alone = |g: &&Group| view.run_at(g.first).is_some_and(|r| r.last == g.last && r.letters == 0);
    let number = view.group_around(at).filter(alone);
    number.is_some_and(|g| g.value < 90 || age::is_reading(view, g.first, g.last))
}

/// Which tokens stand in an amount.
fn amounts(view: &View<'_>) -> Vec<bool> {
    let mut out = vec![false; view.tokens.len()];
    for run in
        view.runs.iter().filter(|r| quantity::is_readings(view, r) || (r.digits <= 4 && quantity::is_amount(view, r)))
    {
        out.iter_mut().take(run.last.saturating_add(1)).skip(run.first).for_each(|slot| *slot = true);
    }
    out
}
