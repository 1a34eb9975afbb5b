//! Towns by the list, and postal codes: 45 CFR 164.514(b)(2)(i)(B).
//!
//! In:  the view. Out: finds. A town of several words counts where it stands; one that is also an ordinary word
//! ("mobile", "reading") only where a place is meant. Towns that are no ordinary word are unknown words anyway.

use crate::placeholder::Label;
use crate::redact::address::is_state;
use crate::redact::asked::Asked;
use crate::redact::lexicon;
use crate::redact::policy::Class;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// Finds towns and codes.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    codes(view, finds);
    places(view, finds);
}

/// "zip eight six nine two five", "postcode ct2 8py".
fn codes(view: &View<'_>, finds: &mut Vec<Find>) {
    for run in &view.runs {
        let cue = view.cue_before(run.first, 4, &CODE_CUES).is_some();
        if cue && run.digits >= 2 {
            finds.push(Find::new(run.first, run.last, Label::Address, "code cue").class(Class::PostalCode));
        }
        // "reading pennsylvania one nine six oh one".
        let state = at_state(view, run.first);
        if state && (4..=9).contains(&run.digits) && run.letters == 0 {
            finds.push(Find::new(run.first, run.last, Label::Address, "code after a state").class(Class::PostalCode));
        }
    }
}

fn at_state(view: &View<'_>, at: usize) -> bool {
    at > 0 && is_state(view.before(at, 1)) && !view.breaks_before(at)
}

/// Cities: several words of the list anywhere; one ordinary word only where a place is meant.
fn places(view: &View<'_>, finds: &mut Vec<Find>) {
    let mut at = 0;
    while at < view.tokens.len() {
        let last = longest_place(view, at);
        if let Some(last) = last {
            let several = last > at;
            let common = (at..=last).all(|i| view.tokens.get(i).is_some_and(|t| t.class.common));
            let preposition = matches!(
                view.before(at, 1),
                "in" | "from" | "near" | "at" | "to" | "around" | "of" | "outside" | "city"
            );
            let capital = view.tokens.get(at).is_some_and(|t| t.capital && !t.first);
            let state = is_state(view.word(last.saturating_add(1))) && !view.breaks_before(last.saturating_add(1));
            let lives = view.cue_before(at, 4, &HOME_CUES).is_some();
            let asked = view.asked == Asked::Address;
            if (several && (!common || preposition || capital || state || asked))
                || (!several && (state || asked || (preposition && (capital || lives))))
            {
                let class = class(view, at, last, state);
                finds.push(Find::new(at, last, Label::Address, "place").class(class));
                at = last;
            }
        }
        at = at.saturating_add(1);
    }
}

/// A single word that is also a name ("a call from trenton") is a town for sure only where somebody lives or a state follows.
fn class(view: &View<'_>, first: usize, last: usize, state: bool) -> Class {
    let named = view.tokens.get(first).is_some_and(|t| {
        first == last && (t.class.given || t.class.family || t.class.given_rank > 0 || t.class.family_rank > 0)
    });
    if is_county(view.word(last.saturating_add(1))) {
        Class::County
    } else if !named || state || view.cue_before(first, 4, &LIVING_CUES).is_some() {
        Class::Town
    } else {
        Class::Street
    }
}

/// Whether the word makes a county of the place before it.
pub(super) fn is_county(word: &str) -> bool {
    matches!(word, "county" | "parish")
}

fn longest_place(view: &View<'_>, at: usize) -> Option<usize> {
    let token = view.tokens.get(at).filter(|t| !t.class.term)?;
    // A town of the ranked list that is no ordinary word.
    let ranked = token.class.town_rank > 0 && !token.class.common && !is_state(&token.norm);
    let mut found = (ranked || lexicon::is_place(&token.norm)).then_some(at);
    if lexicon::begins_place(&token.norm) {
        let mut words = token.norm.clone();
        for more in 1..lexicon::LONGEST_PLACE {
            let next = at.saturating_add(more);
            if view.pauses_before(next) {
                break;
            }
            words.push(' ');
            words.push_str(view.word(next));
            if lexicon::is_place(&words) {
                found = Some(next);
            }
        }
    }
    found
}

static CODE_CUES: Words = Words::new("zip zipcode postcode postal");
static LIVING_CUES: Words = Words::new("live lives living moved city town located");
static HOME_CUES: Words = Words::new("live lives living moved city town located move from address");
