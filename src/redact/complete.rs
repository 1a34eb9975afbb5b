//! Completes what is covered to its natural borders: the whole chain of digits or letters, the words misheard in it, the
//! word between two covered ones, the rest of a name.
//!
//! In:  the view, the tagger's scores (none if it is left out) and the finds. Out: more finds, of the same label as
//! what they complete.

use crate::placeholder::Label;
use crate::redact::tagger::Score;
use crate::redact::view::{Find, Strength, View};
use crate::redact::words::Words;

/// The rule of the rest of a chain of which a part is covered.
const REST: &str = "rest of a covered chain";
/// The rule of a digit or letter that was heard as a word beside a chain.
const MISHEARD: &str = "misheard in a chain";
/// The rule of a word between two covered ones.
const BETWEEN: &str = "between covered words";
/// The rule of a word beside a covered one.
const BESIDE: &str = "beside covered words";

/// Between two words covered alike, a word that is at least so likely to identify goes with them.
const LIKELY_BETWEEN: f32 = 0.03;
/// The same beside a name, a place or an employer.
const LIKELY_BESIDE: f32 = 0.1;
/// So many misheard words in a row are taken for a part of the chain.
const MOST_MISHEARD: usize = 2;

/// Adds what completes the finds.
pub(super) fn complete(view: &View<'_>, scores: &[Score], finds: &mut Vec<Find>) {
    chains(view, finds);
    between(view, scores, finds);
    beside(view, scores, finds);
}

/// The label that covers each token, the strongest find's first; `None` where nothing does.
fn owners(view: &View<'_>, finds: &[Find]) -> Vec<Option<Option<Label>>> {
    let mut owner: Vec<Option<&Find>> = vec![None; view.tokens.len()];
    for find in finds {
        for slot in owner.iter_mut().take(find.last.saturating_add(1)).skip(find.first) {
            if slot.is_none_or(|f| f.label.is_none() || f.strength == Strength::Weak) {
                *slot = Some(find);
            }
        }
    }
    owner.iter().map(|find| find.map(|f| f.label)).collect()
}

/// The rest of every chain of which a part is covered, with the digits and letters at its ends that were heard as words.
fn chains(view: &View<'_>, finds: &mut Vec<Find>) {
    /// Shorter chains are counts and the like; what stands beside them is speech.
    const TELLING: usize = 4;
    let owner = owners(view, finds);
    let owned = |at: usize| owner.get(at).copied().flatten();
    let mut more = Vec::new();
    for run in &view.runs {
        let inside = run.first..=run.last;
        let Some(label) = inside.clone().find_map(|at| owned(at).flatten()) else { continue };
        let weak = |first, last, rule| Find::new(first, last, label, rule).weak();
        if !matches!(label, Label::Date | Label::Age90) && inside.clone().any(|at| owned(at).is_none()) {
            more.push(weak(run.first, run.last, REST));
        }
        if !matches!(label, Label::Phone | Label::Id | Label::Email | Label::Address | Label::Ip)
            || run.digits.saturating_add(run.letters) < TELLING
        {
            continue;
        }
        let mut from = run.first;
        while run.first.saturating_sub(from) < MOST_MISHEARD && !view.pauses_before(from) {
            let Some(before) = from.checked_sub(1).filter(|at| SOUND_ALIKE.has(view.word(*at))) else { break };
            from = before;
        }
        let mut to = run.last;
        while to.saturating_sub(run.last) < MOST_MISHEARD
            && !view.pauses_before(to.saturating_add(1))
            && SOUND_ALIKE.has(view.word(to.saturating_add(1)))
        {
            to = to.saturating_add(1);
        }
        // "for" before a number and "to" after it are speech unless the number goes on beyond them.
        let goes_on = |at: usize| view.run_at(at).is_some() || owned(at).is_some_and(|l| l == Some(label));
        if from < run.first && (!SPEECH.has(view.word(from)) || from.checked_sub(1).is_some_and(goes_on)) {
            more.push(weak(from, run.first, MISHEARD));
        }
        if to > run.last
            && (!SPEECH.has(view.word(to)) || goes_on(to.saturating_add(1)) || view.breaks_before(to.saturating_add(1)))
        {
            more.push(weak(run.last, to, MISHEARD));
        }
    }
    finds.extend(more);
}

/// Words that digits and letters are heard as.
static SOUND_ALIKE: Words = Words::new(
    "to too for fore ate won want tree free mine sex heaven owe are our you ewe see sea why tea tee bee be jay kay pea \
     pee queue cue ex eggs hate nein fife sicks eye ell em en and oh zeros patience",
);
/// Those of them that are everyday speech as well.
static SPEECH: Words = Words::new("to too for are our you see why be want and mine free hate");

/// Gaps of one word between words covered alike.
fn between(view: &View<'_>, scores: &[Score], finds: &mut Vec<Find>) {
    let owner = owners(view, finds);
    let label_at = |at: usize| owner.get(at).copied().flatten().flatten();
    corrections(view, &owner, finds);
    for at in 1..owner.len().saturating_sub(1) {
        let (before, next) = (label_at(at.saturating_sub(1)), label_at(at.saturating_add(1)));
        let bare = owner.get(at).copied().flatten().is_none();
        let likely = scores.get(at).is_none_or(|s| s.identifies >= LIKELY_BETWEEN);
        let joined = !view.pauses_before(at) && !view.pauses_before(at.saturating_add(1));
        if let Some(label) = before.filter(|_| bare && likely && joined && before == next) {
            finds.push(Find::new(at, at, label, BETWEEN).weak());
        }
    }
}

/// "march third, no wait, march fourth": what stands between the two versions goes with them.
fn corrections(view: &View<'_>, owner: &[Option<Option<Label>>], finds: &mut Vec<Find>) {
    static CORRECTING: Words =
        Words::new("no wait sorry i mean excuse me actually correction scratch that er uh um or");
    /// "no wait sorry i mean".
    const LONGEST: usize = 5;
    let label_at = |at: usize| owner.get(at).copied().flatten().flatten();
    for at in 1..owner.len() {
        let Some(label) = label_at(at.saturating_sub(1)) else { continue };
        let words = (0..=LONGEST).take_while(|i| CORRECTING.has(view.word(at.saturating_add(*i)))).count();
        let end = at.saturating_add(words);
        if words > 0 && words <= LONGEST && label_at(end) == Some(label) && label_at(at).is_none() {
            finds.push(Find::new(at, end.saturating_sub(1), label, "between two versions").weak());
        }
    }
}

/// Words beside a name, a place or an employer that the tagger does not call plain.
fn beside(view: &View<'_>, scores: &[Score], finds: &mut Vec<Find>) {
    let mut owner = owners(view, finds);
    let grows = |label: Option<Label>| matches!(label, Some(Label::Name | Label::Address | Label::OrgEmployer));
    let likely = |at: usize| {
        let word = view.tokens.get(at).is_some_and(|t| !t.class.function);
        word && scores.get(at).is_some_and(|s| s.identifies >= LIKELY_BESIDE)
    };
    let mut grow = |at: usize, from: usize, pause: usize, owner: &mut Vec<Option<Option<Label>>>| {
        let bare = owner.get(at).is_some_and(Option::is_none);
        let label = owner.get(from).copied().flatten().flatten();
        let grown = bare && grows(label) && likely(at) && !view.pauses_before(pause);
        if let (Some(slot), Some(label), true) = (owner.get_mut(at), label, grown) {
            *slot = Some(Some(label));
            finds.push(Find::new(at, at, label, BESIDE).weak());
        }
    };
    for at in 1..owner.len() {
        grow(at, at.saturating_sub(1), at, &mut owner);
    }
    for at in (0..owner.len().saturating_sub(1)).rev() {
        grow(at, at.saturating_add(1), at.saturating_add(1), &mut owner);
    }
}
