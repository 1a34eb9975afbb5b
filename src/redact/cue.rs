//! The words around a name that give it away: "my name is", "this is", "my son", "calling".
//!
//! In:  the view. Out: marks on the tokens that are names. Part of the name family.

use crate::redact::lexicon;
use crate::redact::name::{is_namey, is_unknown, mark};
use crate::redact::number::is_filler;
use crate::redact::view::View;
use crate::redact::words::Words;

/// No name that we take after a cue has more words.
const LONGEST: usize = 5;

/// Marks names by their cues.
pub(super) fn find(view: &View<'_>, named: &mut [Option<&'static str>]) {
    for at in 0..view.tokens.len() {
        let word = view.word(at);
        let next = at.saturating_add(1);
        let pair = matches!((view.before(at, 1), word), ("call", "me") | ("behalf", "of") | ("goes", "by"));
        if pair || STRONG.has(word) {
            after_strong(view, next, named);
        }
        let thanks = word == "you" && view.before(at, 1) == "thank";
        if WEAK.has(word) || thanks {
            after_weak(view, next, named);
        }
    }
    vocatives(view, named);
}

/// Almost anything that follows these is a name.
static STRONG: Words = Words::new("name names name's named attention attn mr mrs ms miss mister surname");

/// What people do, and things do not.
static PERSONAL: Words = Words::new(
    "needs wants called said told takes feels lives works goes can't cannot won't wants hurt fell threw vomited coughs \
     has wrote asked thinks says likes hates saw went came",
);

/// What follows these is a name if it may be one at all.
static WEAK: Words = Words::new(
    "is i'm im am it's its that's not for to under with from by hi hello hey morning afternoon evening thanks bye \
     dear ask tell and yes no okay sorry regarding about call son daughter wife husband mother mom father dad brother \
     sister aunt uncle cousin grandson granddaughter grandma grandpa nephew niece patient friend neighbor partner \
     fiance fiancee boyfriend girlfriend stepson stepdaughter baby kid contact grandmother grandfather spouse roommate \
     caregiver guardian client dependent doctor dr nurse see was are",
);

fn after_strong(view: &View<'_>, mut at: usize, named: &mut [Option<&'static str>]) {
    static LINKS: Words = Words::new("is it's its was of the uh um er as name and last first should be like middle");
    let start = at;
    while LINKS.has(view.word(at)) && at.saturating_sub(start) < 4 && !view.breaks_before(at) {
        at = at.saturating_add(1);
    }
    let from = at;
    while at.saturating_sub(from) < LONGEST {
        let Some(token) = view.tokens.get(at) else { return };
        let letter = token.norm.chars().count() == 1 && token.class.word && (at > from || view.run_at(at).is_some());
        let listed = token.class.given || token.class.family;
        let insisted = listed && at == from && !LINKS.has(view.word(at)) && says_which(view, start);
        let name = is_namey(token)
            || insisted
            || letter
            || (!token.class.function
                && token.class.word
                && !token.class.number
                && !token.class.innocent
                && (at == from || !token.class.common));
        if is_filler(&token.norm) {
            at = at.saturating_add(1);
            continue;
        }
        if !name || token.first || (token.comma && at > from && !is_namey(token)) {
            return;
        }
        mark(named, at, "after a name cue");
        at = at.saturating_add(1);
    }
}

fn after_weak(view: &View<'_>, mut at: usize, named: &mut [Option<&'static str>]) {
    while is_filler(view.word(at)) {
        at = at.saturating_add(1);
    }
    let Some(token) = view.tokens.get(at) else { return };
    if token.class.term && lexicon::class(&token.norm).given_rank > 1 {
        // "this is jack frost": a term elsewhere, a person here, which the tagger does not see.
        let said = matches!((view.before(at, 2), view.before(at, 1)), ("this" | "name", "is") | (_, "i'm" | "am"));
        let rule = if said { "a term as a name" } else { "after a weak name cue" };
        let terms = view.tokens.iter().skip(at).take(LONGEST).take_while(|t| t.class.term).count();
        (at..at.saturating_add(terms)).for_each(|i| mark(named, i, rule));
        return;
    }
    // "my wife Bill": a capital makes a name of a function word too.
    let capital = token.capital && token.class.given && view.capitals_tell;
    if token.first || (token.class.function && !capital) || !(is_namey(token) || capital) {
        return;
    }
    // A word that is also a family name ("for young people") needs more than a preposition; a given name needs
    // that no ordinary word follows which would make it one ("for grace periods").
    let next = view.tokens.get(at.saturating_add(1));
    let ends = view.pauses_before(at.saturating_add(1))
        || next.is_some_and(|t| t.class.function || is_namey(t) || t.class.number || t.norm.chars().count() == 1);
    let certain = is_unknown(token)
        || (token.class.given && ends)
        || (token.class.family
            && next.is_some_and(|t| {
                is_unknown(t) || ((t.class.family || t.class.given) && !t.class.function && !t.class.common)
            }))
        || (token.class.family && !token.class.common && ends)
        || capital;
    if certain {
        // "Okay Hope, deep breath": spoken to.
        let addressed = capital && view.tokens.get(at.saturating_add(1)).is_some_and(|t| t.comma);
        mark(named, at, if addressed { "spoken to" } else { "after a weak name cue" });
    }
}

/// Whether "first name" or "last name" stands right before, which only a name can answer.
fn says_which(view: &View<'_>, at: usize) -> bool {
    view.before(at, 1) == "name" && matches!(view.before(at, 2), "first" | "last" | "middle" | "maiden")
}

/// "good morning tim", "grace calling", "Rose, ...".
fn vocatives(view: &View<'_>, named: &mut [Option<&'static str>]) {
    for (at, token) in view.tokens.iter().enumerate() {
        let next = at.saturating_add(1);
        let after = matches!(view.word(next), "here" | "calling" | "speaking")
            || (view.word(next) == "is" && matches!(view.word(at.saturating_add(2)), "calling" | "my"));
        let named_here = (token.class.given || token.class.family) && !token.class.function;
        if named_here
            && (after
                || (token.first
                    && token.capital
                    && token.class.given
                    && !token.class.common
                    && view.pauses_before(next)))
        {
            mark(named, at, "before a name cue");
        }
        if after && at > 0 && !token.class.function && !token.class.common && !token.class.innocent && token.class.word
        {
            mark(named, at, "before a name cue");
        }
        // "grace needs a refill": only people need and want.
        let subject =
            token.class.given && !token.class.function && PERSONAL.has(view.word(next)) && !view.pauses_before(next);
        let determined =
            matches!(view.before(at, 1), "the" | "a" | "an" | "this" | "that" | "no" | "my" | "your" | "to" | "any");
        if subject && !determined {
            mark(named, at, "before a personal verb");
        }
        // "clara is my name".
        if view.says(next, &["is", "my", "name"])
            || view.says(next, &["is", "my", "first", "name"])
            || view.says(next, &["is", "the", "name"])
            || view.says(next, &["is", "my", "last", "name"])
        {
            mark(named, at, "before a name cue");
        }
    }
}
