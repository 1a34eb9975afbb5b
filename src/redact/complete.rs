//! Completes what is covered to its natural borders: the whole chain of digits or letters, the words misheard in it, the
//! word between two covered ones, the rest of a name.
//!
//! In:  the view, the tagger's scores (none if it is left out) and the finds. Out: more finds, of the same label as
//! what they complete.

use std::collections::HashMap;

use crate::placeholder::Label;
use crate::redact::number::is_filler;
use crate::redact::spelling::Run;
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
/// The rule of a covered word that is said again.
const AGAIN: &str = "said again";
/// The rule of a value that stands against a covered one.
const CONTRAST: &str = "the other of two values";

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
    again(view, finds);
}

/// "jason chambers, can you spell chambers for me": a covered name or place that is said again.
fn again(view: &View<'_>, finds: &mut Vec<Find>) {
    let owner = owners(view, finds);
    let telling = |at: usize| {
        let token = view.tokens.get(at)?;
        let word = token.norm.strip_suffix("'s").unwrap_or(&token.norm);
        let class = token.class;
        let name = class.word && !class.function && !class.number && (!class.common || class.given || class.family);
        (name && word.chars().count() > 2).then_some(word)
    };
    let mut said: HashMap<&str, Label> = HashMap::new();
    for (at, label) in owner.iter().enumerate() {
        let label = label.flatten().filter(|l| matches!(l, Label::Name | Label::Address | Label::OrgEmployer));
        if let Some((word, label)) = telling(at).zip(label) {
            said.entry(word).or_insert(label);
        }
    }
    for (at, _) in owner.iter().enumerate().filter(|(_, label)| label.is_none()) {
        if let Some(label) = telling(at).and_then(|word| said.get(word)) {
            finds.push(Find::new(at, at, *label, AGAIN).weak());
        }
    }
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
    /// Beside still shorter ones only a word goes along that nobody says otherwise.
    const FEW: usize = 3;
    /// Digits said one by one.
    const LONG: usize = 7;
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
        // "ninety to now".
        let next = run.last.saturating_add(1);
        if label == Label::Age90 && run.digits == 2 && run.code.ends_with('0') && UNIT_ALIKE.has(view.word(next)) {
            more.push(weak(run.first, next, MISHEARD));
        }
        // "ending in eighty for thirteen": the number goes on beyond the misheard digit.
        let beyond = view.run_at(next.saturating_add(1)).filter(|_| {
            matches!(label, Label::Phone | Label::Id) && SOUND_ALIKE.has(view.word(next)) && !view.pauses_before(next)
        });
        let characters = |r: &Run| r.digits.saturating_add(r.letters);
        if let Some(beyond) = beyond.filter(|b| characters(run).saturating_add(characters(b)) >= TELLING) {
            more.push(weak(run.first, beyond.last, MISHEARD));
        }
        if !matches!(label, Label::Phone | Label::Id | Label::Email | Label::Address | Label::Ip | Label::Date)
            || characters(run) < 2
        {
            continue;
        }
        let few = characters(run) < FEW;
        let alike = |at: usize| if few { PLAINLY_ALIKE.has(view.word(at)) } else { SOUND_ALIKE.has(view.word(at)) };
        let mut from = run.first;
        while run.first.saturating_sub(from) < MOST_MISHEARD && !view.pauses_before(from) {
            let Some(before) = from.checked_sub(1).filter(|at| alike(*at)) else { break };
            from = before;
        }
        let mut to = run.last;
        while to.saturating_sub(run.last) < MOST_MISHEARD
            && !view.pauses_before(to.saturating_add(1))
            && alike(to.saturating_add(1))
        {
            to = to.saturating_add(1);
        }
        // "for" before a number and "to" after it are speech unless the number goes on beyond them.
        let goes_on = |at: usize| view.run_at(at).is_some() || owned(at).is_some_and(|l| l == Some(label));
        // "find it to zero seven five six six": nothing but a number is that long.
        let long = run.digits >= LONG && run.last.saturating_sub(run.first) >= LONG - 1;
        // "born on for 30 58", "the chart's under are 0 3 3 66", "why 88 tea four".
        let begins = if label == Label::Date {
            BEFORE_DATES.has(view.before(from, 1))
        } else {
            BEFORE_CODES.has(view.before(from, 1)) || (LETTERS.has(view.word(from)) && view.pauses_before(from))
        };
        if from < run.first
            && (long || begins || !SPEECH.has(view.word(from)) || from.checked_sub(1).is_some_and(goes_on))
        {
            more.push(weak(from, run.first, MISHEARD));
        }
        // "eighty line": what follows tens is a unit.
        let tens = view.groups_in(run).last().is_some_and(|g| g.last == run.last && g.value % 10 == 0 && g.value > 19);
        let belongs = |to: &usize| {
            let (word, next) = (view.word(*to), to.saturating_add(1));
            let unit =
                tens && *to == run.last.saturating_add(1) && UNIT_ALIKE.has(word) && !matches!(word, "to" | "for");
            unit || !SPEECH.has(word) || goes_on(next) || is_hedge(view, next) || view.breaks_before(next)
        };
        if let Some(to) = (run.last.saturating_add(1)..=to).rev().find(belongs) {
            more.push(weak(run.last, to, MISHEARD));
        }
    }
    finds.extend(more);
}

/// "nine thirteen eight to i believe": what follows is no more of the number.
fn is_hedge(view: &View<'_>, at: usize) -> bool {
    view.word(at) == "i" && matches!(view.word(at.saturating_add(1)), "believe" | "think" | "guess" | "suppose")
}

/// Words that digits and letters are heard as.
static SOUND_ALIKE: Words = Words::new(
    "to too for fore ate won want tree free mine sex heaven owe are our you ewe see sea why tea tee bee be jay kay pea \
     pee queue cue ex eggs hate nein fife sicks eye ell em en and oh zeros patience \
     line sicks sick fort tool ess eh",
);
/// Those of them that are everyday speech as well.
static SPEECH: Words = Words::new("to too for are our you see why be want and mine free hate line sick tool fort");
/// Those of them that nobody says beside a number otherwise.
static PLAINLY_ALIKE: Words = Words::new("ate won fore nein fife sicks jay kay pea pee bee queue cue ess ell em en eh");
/// Letters heard as everyday words.
static LETTERS: Words = Words::new("are you why see be");
/// What stands right before a code.
static BEFORE_CODES: Words = Words::new("is it's number id code that's under chart plate claim policy account");
/// What stands right before a date.
static BEFORE_DATES: Words = Words::new("on is was born birth birthday dob it's um uh er");
/// Words that a unit after tens is heard as.
static UNIT_ALIKE: Words =
    Words::new("to too two for fore four ate won want tree free fife hive sex sicks heaven line nein mine");

/// Gaps of one word between words covered alike.
fn between(view: &View<'_>, scores: &[Score], finds: &mut Vec<Find>) {
    let owner = owners(view, finds);
    let label_at = |at: usize| owner.get(at).copied().flatten().flatten();
    corrections(view, &owner, finds);
    contrasts(view, &owner, finds);
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

/// "put ezekiel, not torquil", "i said aurora not sandwich": what the covered value is not is one as well.
fn contrasts(view: &View<'_>, owner: &[Option<Option<Label>>], finds: &mut Vec<Find>) {
    for at in 1..owner.len() {
        let label = owner.get(at.saturating_sub(1)).copied().flatten().flatten();
        let Some(label) = label.filter(|l| matches!(l, Label::Name | Label::Address | Label::OrgEmployer)) else {
            continue;
        };
        let mut not = at;
        while is_filler(view.word(not)) {
            not = not.saturating_add(1);
        }
        let other = not.saturating_add(1);
        let Some(token) = view.tokens.get(other).filter(|_| view.word(not) == "not") else { continue };
        let ends = view.pauses_before(other.saturating_add(1))
            || view.tokens.get(other.saturating_add(1)).is_some_and(|t| t.class.function);
        if !token.class.function && token.class.word && !view.pauses_before(other) && ends {
            finds.push(Find::new(other, other, label, CONTRAST).weak());
        }
    }
    // "put ploy not ruzica".
    for at in 2..owner.len() {
        let label = owner.get(at).copied().flatten().filter(|l| *l == Some(Label::Name)).flatten();
        let one = at.saturating_sub(2);
        let bare = owner.get(one).copied().flatten().is_none();
        let may_be = view.tokens.get(one).is_some_and(|t| t.class.word && !t.class.common && !view.pauses_before(at));
        if let Some(label) = label.filter(|_| bare && may_be && view.before(at, 1) == "not") {
            finds.push(Find::new(one, one, label, CONTRAST).weak());
        }
    }
}

/// "march third, no wait, march fourth": what stands between the two versions goes with them.
fn corrections(view: &View<'_>, owner: &[Option<Option<Label>>], finds: &mut Vec<Find>) {
    static CORRECTING: Words = Words::new("no wait sorry i mean excuse me actually correction scratch that er uh um");
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
