//! Names: 45 CFR 164.514(b)(2)(i)(A), of the caller, relatives and household.
//!
//! In:  the view. Out: finds. A word that is no ordinary word is taken for a name wherever it stands; a name that is
//! also a word ("grace", "may") needs a cue, a neighbour, a capital letter or a direct question.

use crate::placeholder::Label;
use crate::redact::answered;
use crate::redact::asked::Asked;
use crate::redact::calendar;
use crate::redact::number::is_filler;
use crate::redact::token::Token;
use crate::redact::view::{Find, View};

/// No name that we take after a cue has more words.
const LONGEST: usize = 5;

/// Finds names.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    let mut named: Vec<Option<&'static str>> = vec![None; view.tokens.len()];
    unknown_words(view, &mut named);
    capitals(view, &mut named);
    after_cues(view, &mut named);
    vocatives(view, &mut named);
    spelled(view, &mut named);
    if view.asked == Asked::Name {
        answers(view, &mut named);
    }
    neighbours(view, &mut named);
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
        finds.push(Find { machine: Some(machine), ..Find::new(at, last, Label::Name, rule) });
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

fn is_unknown(token: &Token) -> bool {
    token.class.word && !token.class.known && token.norm.chars().count() > 1
}

fn mark(named: &mut [Option<&'static str>], at: usize, rule: &'static str) {
    if let Some(slot) = named.get_mut(at) {
        slot.get_or_insert(rule);
    }
}

fn unknown_words(view: &View<'_>, named: &mut [Option<&'static str>]) {
    for (at, token) in view.tokens.iter().enumerate() {
        let state = super::address::is_state(&token.norm) || super::address::is_suffix(&token.norm);
        if is_unknown(token) && !state && !is_eponym(view, at) && !is_closed_unknown(&token.norm) {
            mark(named, at, "unknown word");
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
        {
            if !super::address::is_state(&token.norm) {
                mark(named, at, "capital inside a sentence");
            }
        }
    }
}

/// Cues after which almost anything is a name; and cues after which only a likely name is.
const STRONG: &[&[&str]] = &[
    &["name", "is"],
    &["name's"],
    &["names"],
    &["name", "was"],
    &["call", "me"],
    &["under", "the", "name"],
    &["name", "of"],
    &["under", "name"],
    &["named"],
    &["attention"],
    &["attn"],
    &["mr"],
    &["mrs"],
    &["ms"],
    &["miss"],
    &["mister"],
    &["behalf", "of"],
    &["first", "name"],
    &["last", "name"],
    &["maiden", "name"],
    &["middle", "name"],
    &["surname"],
    &["surname", "is"],
    &["on", "the", "name"],
    &["in", "the", "name"],
    &["by", "the", "name"],
    &["my", "name"],
    &["goes", "by"],
    &["name"],
];
const WEAK: &[&[&str]] = &[
    &["this", "is"],
    &["i", "am"],
    &["i'm"],
    &["im"],
    &["it's"],
    &["its"],
    &["it", "is"],
    &["that's"],
    &["not"],
    &["for"],
    &["to"],
    &["under"],
    &["with"],
    &["from"],
    &["by"],
    &["speaking", "to"],
    &["hi"],
    &["hello"],
    &["hey"],
    &["morning"],
    &["afternoon"],
    &["evening"],
    &["thanks"],
    &["thank", "you"],
    &["bye"],
    &["dear"],
    &["ask"],
    &["tell"],
    &["and"],
    &["is"],
    &["yes"],
    &["no"],
    &["okay"],
    &["sorry"],
    &["regarding"],
    &["about"],
    &["call"],
    &["son"],
    &["daughter"],
    &["wife"],
    &["husband"],
    &["mother"],
    &["mom"],
    &["father"],
    &["dad"],
    &["brother"],
    &["sister"],
    &["aunt"],
    &["uncle"],
    &["cousin"],
    &["grandson"],
    &["granddaughter"],
    &["grandma"],
    &["grandpa"],
    &["nephew"],
    &["niece"],
    &["patient"],
    &["friend"],
    &["neighbor"],
    &["partner"],
    &["fiance"],
    &["fiancee"],
    &["boyfriend"],
    &["girlfriend"],
    &["stepson"],
    &["stepdaughter"],
    &["baby"],
    &["kid"],
    &["contact"],
    &["grandmother"],
    &["grandfather"],
    &["spouse"],
    &["roommate"],
    &["caregiver"],
    &["guardian"],
    &["client"],
    &["dependent"],
    &["doctor"],
    &["dr"],
    &["nurse"],
    &["see"],
    &["was"],
    &["are"],
];

fn after_cues(view: &View<'_>, named: &mut [Option<&'static str>]) {
    for at in 0..view.tokens.len() {
        if let Some(cue) = STRONG.iter().filter(|cue| view.says(at, cue)).max_by_key(|cue| cue.len()) {
            after_strong(view, at.saturating_add(cue.len()), named);
        }
        for cue in WEAK.iter().filter(|cue| view.says(at, cue)) {
            after_weak(view, at.saturating_add(cue.len()), named);
        }
    }
}

fn after_strong(view: &View<'_>, mut at: usize, named: &mut [Option<&'static str>]) {
    const LINKS: &[&str] = &[
        "is", "it's", "its", "was", "of", "the", "uh", "um", "er", "as", "name", "and", "last", "first", "should",
        "be", "like", "middle",
    ];
    let start = at;
    while LINKS.contains(&view.word(at)) && at.saturating_sub(start) < 4 && !view.breaks_before(at) {
        at = at.saturating_add(1);
    }
    let from = at;
    while at.saturating_sub(from) < LONGEST {
        let Some(token) = view.tokens.get(at) else { return };
        let letter = token.norm.chars().count() == 1 && token.class.word && (at > from || view.run_at(at).is_some());
        let listed = token.class.given || token.class.family;
        let insisted = listed && at == from && !LINKS.contains(&view.word(at)) && says_which(view, start);
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
        mark(named, at, "after a weak name cue");
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
        if after && at > 0 && !token.class.function && !token.class.common && token.class.word {
            mark(named, at, "before a name cue");
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

/// Three letters or more in a row, without digits, are a name being spelled.
fn spelled(view: &View<'_>, named: &mut [Option<&'static str>]) {
    for run in
        view.runs.iter().filter(|r| r.digits == 0 && (r.letters >= 3 || (r.letters == 2 && view.asked == Asked::Name)))
    {
        for at in run.first..=run.last {
            mark(named, at, "spelled");
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

fn joins(view: &View<'_>, at: usize, named: &[Option<&'static str>]) -> bool {
    let Some(token) = view.tokens.get(at) else { return false };
    // "Nathaniel Das the third".
    if token.norm == "the" && view.word(at.saturating_add(1)) == "third" && !view.pauses_before(at) {
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
        || (token.norm == "third" && view.before(at, 1) == "the");
    // The second of two words: an uncommon word right after the first part of a name.
    let lone = at < 2 || named.get(at.saturating_sub(2)).is_none_or(Option::is_none);
    let second = lone && token.class.word && !token.class.common && !token.class.number && !token.comma;
    if suffix || second {
        return true;
    }
    let inner = next_named && !token.class.common && token.class.word && !token.comma;
    initial || list || inner || token.tied == Some('-')
}
