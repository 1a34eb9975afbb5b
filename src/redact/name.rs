//! Names: 45 CFR 164.514(b)(2)(i)(A), of the caller, relatives and household.
//!
//! In:  the view. Out: finds. A word that is no ordinary word is taken for a name wherever it stands; a name that is
//! also a word ("grace", "may") needs a cue, a neighbour, a capital letter or a direct question.

use crate::placeholder::Label;
use crate::redact::answered;
use crate::redact::asked::Asked;
use crate::redact::calendar;
use crate::redact::cue;
use crate::redact::lexicon;
use crate::redact::number::is_filler;
use crate::redact::spelling::Run;
use crate::redact::token::Token;
use crate::redact::view::{Find, View};

/// The rule of a word that no list knows.
pub(super) const UNKNOWN: &str = "unknown word";
/// The rule of a capital where no sentence begins.
pub(super) const CAPITAL: &str = "capital inside a sentence";

/// Finds names.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    let mut named: Vec<Option<&'static str>> = vec![None; view.tokens.len()];
    unknown_words(view, &mut named);
    capitals(view, &mut named);
    cue::find(view, &mut named);
    spelled(view, &mut named);
    if view.asked == Asked::Name {
        answers(view, &mut named);
    }
    neighbours(view, &mut named);
    with_letter(view, &mut named);
    let mut at = 0;
    while at < named.len() {
        let Some(rule) = named.get(at).copied().flatten() else {
            at = at.saturating_add(1);
            continue;
        };
        let mut last = at;
        // A comma parts two people, unless the rest is spelling.
        while named.get(last.saturating_add(1)).is_some_and(Option::is_some)
            && !view.breaks_before(last.saturating_add(1))
        {
            last = last.saturating_add(1);
        }
        let machine = plain(view, at, last);
        let find = Find { machine: Some(machine), ..Find::new(at, last, Label::Name, rule) };
        let weak = named.get(at..=last).unwrap_or_default().iter().flatten().all(|r| matches!(*r, UNKNOWN | CAPITAL));
        let sure = |r: &str| {
            !matches!(
                r,
                UNKNOWN | CAPITAL | "after a weak name cue" | "beside a name" | "name asked" | "before a personal verb"
            )
        };
        let cued = !named.get(at..=last).unwrap_or_default().iter().flatten().any(|r| sure(r));
        finds.push(match (weak, cued) {
            (true, _) => find.weak(),
            (false, true) => find.cued(),
            (false, false) => find,
        });
        at = last.saturating_add(1);
    }
}

/// The name as the clinic's systems know it: lower case, spelled letters joined.
pub(super) fn plain(view: &View<'_>, first: usize, last: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at = first;
    while at <= last {
        if let Some(run) = view.run_at(at).filter(|r| r.letters > 1 && r.digits == 0) {
            parts.push(run.code.clone());
            at = run.last.saturating_add(1);
            continue;
        }
        let word = view.word(at);
        let word = word.strip_suffix("'s").unwrap_or(word);
        if !is_filler(word) && !word.is_empty() {
            parts.push(word.to_owned());
        }
        at = at.saturating_add(1);
    }
    parts.join(" ")
}

/// Whether the word could be a name by the lists: unknown, or a name that is also a word.
pub(super) fn is_namey(token: &Token) -> bool {
    is_unknown(token) || ((token.class.given || token.class.family) && !token.class.function)
}

/// Whether no list knows the word.
pub(super) fn is_unknown(token: &Token) -> bool {
    token.class.word && !token.class.known && token.norm.chars().count() > 1
}

/// Marks a token as part of a name; the first rule to do so is remembered.
pub(super) fn mark(named: &mut [Option<&'static str>], at: usize, rule: &'static str) {
    if let Some(slot) = named.get_mut(at) {
        slot.get_or_insert(rule);
    }
}

fn unknown_words(view: &View<'_>, named: &mut [Option<&'static str>]) {
    for (at, token) in view.tokens.iter().enumerate() {
        let state = super::address::is_state(&token.norm) || super::address::is_suffix(&token.norm);
        if is_unknown(token)
            && !state
            && !is_eponym(view, at)
            && !is_closed_unknown(&token.norm)
            && !is_greeting(view, at)
        {
            mark(named, at, UNKNOWN);
        }
    }
}

/// "Sjögren's syndrome", "Lewy body disease": whatever the word, the disease names it.
fn is_eponym(view: &View<'_>, at: usize) -> bool {
    matches!(
        view.word(at.saturating_add(1)),
        "disease" | "syndrome" | "palsy" | "sign" | "maneuver" | "thyroiditis" | "lymphoma"
    ) && view.word(at).ends_with('s')
}

/// "buenos dias": a greeting, while Dias alone is a name.
fn is_greeting(view: &View<'_>, at: usize) -> bool {
    view.word(at) == "dias" && matches!(view.before(at, 1), "buenos" | "bom")
}

fn is_closed_unknown(norm: &str) -> bool {
    matches!(
        norm,
        "st" | "nd"
            | "rd"
            | "th"
            | "pm"
            | "pls"
            | "plz"
            | "thx"
            | "u"
            | "ur"
            | "cos"
            | "etc"
            | "vs"
            | "ext"
            | "po"
            | "www"
            | "http"
            | "https"
            | "com"
            | "net"
            | "org"
    )
}

/// A capital inside a sentence.
fn capitals(view: &View<'_>, named: &mut [Option<&'static str>]) {
    if !view.capitals_tell {
        return;
    }
    for (at, token) in view.tokens.iter().enumerate() {
        let term = token.class.innocent
            || token.class.number
            || calendar::month(&token.norm).is_some()
            || calendar::weekday(&token.norm).is_some();
        let title = matches!(
            token.norm.as_str(),
            "i" | "i'm"
                | "i'll"
                | "i've"
                | "i'd"
                | "dr"
                | "mr"
                | "mrs"
                | "ms"
                | "miss"
                | "doctor"
                | "ok"
                | "okay"
                | "hi"
                | "hello"
        );
        let original = view.text.get(token.range.clone()).unwrap_or_default();
        let acronym = original.len() > 1
            && original.len() <= 5
            && original.chars().all(|c| c.is_uppercase())
            && !token.class.known;
        // "General", "Social": an everyday word with a capital is a term, unless it is a name as well.
        let everyday = token.class.common && !token.class.given && !token.class.family;
        if token.capital
            && !token.first
            && !everyday
            && !term
            && !title
            && !token.class.function
            && token.class.word
            && !acronym
            && token.norm.len() > 1
            && !super::address::is_state(&token.norm)
        {
            mark(named, at, CAPITAL);
        }
    }
}

/// Three letters or more in a row, without digits, are a name being spelled.
fn spelled(view: &View<'_>, named: &mut [Option<&'static str>]) {
    // "d n a", "h m o": a known abbreviation, letter by letter.
    let term = |code: &str| view.asked != Asked::Name && lexicon::class(code).innocent;
    // "I, I, I sell": a stutter.
    let stutter = |code: &str| code.bytes().all(|b| b == b'i') || code.bytes().all(|b| b == b'a');
    let long = |r: &&Run| (r.letters >= 3 && !stutter(&r.code)) || (r.letters == 2 && view.asked == Asked::Name);
    for run in view.runs.iter().filter(|r| r.digits == 0 && long(r) && !term(&r.code)) {
        for at in run.first..=run.last {
            mark(named, at, "spelled");
        }
    }
}

/// "Smith with a y", "ann with an e": a letter of the name before it.
fn with_letter(view: &View<'_>, named: &mut [Option<&'static str>]) {
    for at in 3..view.tokens.len() {
        let article = matches!(view.before(at, 1), "a" | "an") && view.before(at, 2) == "with";
        let letter = view.tokens.get(at).is_some_and(|t| t.class.word && t.norm.chars().count() == 1);
        let that = usize::from(matches!(view.before(at, 3), "that's" | "it's" | "is" | "but"));
        let name = at.checked_sub(that.saturating_add(3));
        let after_name = name.and_then(|name| named.get(name)).is_some_and(Option::is_some);
        if article && letter && after_name {
            mark(named, at, "letter of a name");
        }
    }
}

/// The answer to "your name?": every word that is not the frame of a sentence.
fn answers(view: &View<'_>, named: &mut [Option<&'static str>]) {
    if super::expecting::is_no_answer(view) {
        return;
    }
    for (at, token) in view.tokens.iter().enumerate() {
        let answer =
            token.class.word && !answered::is_frame(&token.norm) && !token.class.function && !token.class.number;
        let spelled = token.norm.chars().count() == 1
            && view.tokens.len() > 2
            && (token.norm != "i" || view.run_at(at).is_some());
        if answer || spelled || token.class.given {
            mark(named, at, "name asked");
        }
    }
}

/// A name's neighbours: the rest of the name.
fn neighbours(view: &View<'_>, named: &mut [Option<&'static str>]) {
    for at in 1..view.tokens.len() {
        let before = named.get(at.saturating_sub(1)).is_some_and(Option::is_some);
        if before && joins(view, at, named) {
            mark(named, at, "beside a name");
        }
    }
    for at in (0..view.tokens.len().saturating_sub(1)).rev() {
        let next = at.saturating_add(1);
        let after = named.get(next).is_some_and(Option::is_some) && !view.pauses_before(next);
        let Some(token) = view.tokens.get(at) else { continue };
        let capital = token.capital && !token.first && view.capitals_tell;
        let likely = token.class.given || token.class.family || capital;
        if after && likely && !token.class.function && !token.class.innocent {
            mark(named, at, "beside a name");
        }
    }
}

fn is_generation(word: &str) -> bool {
    matches!(word, "second" | "third" | "fourth" | "fifth")
}

fn joins(view: &View<'_>, at: usize, named: &[Option<&'static str>]) -> bool {
    let Some(token) = view.tokens.get(at) else { return false };
    // "Nathaniel Das the third".
    let next = at.saturating_add(1);
    if token.norm == "the" && is_generation(view.word(next)) && !view.pauses_before(at) && !view.pauses_before(next) {
        return true;
    }
    let capital = token.capital && !token.norm.starts_with('i') && !token.comma && view.capitals_tell;
    if capital && token.class.function && !view.breaks_before(at) && !token.class.innocent {
        return !matches!(token.norm.as_str(), "dr" | "doctor" | "mr" | "mrs" | "ms" | "born" | "date");
    }
    if view.breaks_before(at)
        || token.class.innocent
        || (token.class.function
            && !matches!(token.norm.as_str(), "will" | "may" | "de" | "la" | "van" | "von" | "del"))
    {
        return false;
    }
    let next_named = named.get(at.saturating_add(1)).is_some_and(Option::is_some);
    let initial =
        token.norm.chars().count() == 1 && token.class.word && token.norm != "i" && (token.norm != "a" || next_named);
    let list =
        (token.class.given || token.class.family) && !token.comma && !matches!(token.norm.as_str(), "will" | "may");
    let suffix = matches!(token.norm.as_str(), "junior" | "senior" | "jr" | "sr" | "iii" | "ii")
        || (is_generation(&token.norm) && view.before(at, 1) == "the");
    // The second of two words: an uncommon word right after the first part of a name.
    let lone = at < 2 || named.get(at.saturating_sub(2)).is_none_or(Option::is_none);
    let second = lone && token.class.word && !token.class.common && !token.class.number && !token.comma;
    if suffix || second {
        return true;
    }
    let inner = next_named && !token.class.common && token.class.word && !token.comma;
    initial || list || inner || token.tied == Some('-')
}
