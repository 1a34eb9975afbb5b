//! Numbers and codes that identify: social security, record, member, account, licence, plate, device, prescription,
//! card and login, 45 CFR 164.514(b)(2)(i)(G) to (M).
//!
//! In:  the view's chains. Out: finds; the machine form is letters and digits alone. Never judged by a checksum: the
//! recogniser garbles, and a wrong number still identifies.

use crate::placeholder::Label;
use crate::redact::asked::Asked;
use crate::redact::quantity;
use crate::redact::spelling::Run;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// A longer utterance says more than the number that was asked for.
const ANSWER: usize = 14;

/// In an answer of so few words a single digit or letter is a piece of the number ("a 4", "the last is 7").
const SHORT: usize = 4;

/// How near a cue must stand, in words.
const REACH: usize = 6;

/// Words that announce any number.
static NUMBER: Words = Words::new("number numbers no");

/// Words that announce an identifying number.
static CUES: Words = Words::new(
    "ssn social security member account acct policy mrn chart record prescription rx licence license plate serial \
     claim referral confirmation login username user reference card subscriber medicare medicaid group id \
     digits invoice order case ticket pin password code passport vin ppo hmo ac pump device pacemaker monitor \
     authorization visa mastercard ending i.d",
);

/// Finds identifying numbers and codes.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    for run in &view.runs {
        let asked = matches!(view.asked, Asked::Id | Asked::Card);
        let characters = run.digits.saturating_add(run.letters);
        // "id" and "number" in one breath with two characters are enough; a cue only before digits.
        let cued = characters >= 2 && run.digits > 0 && is_cued(view, run.first);
        let mixture = run.letters > 0
            && run.digits >= 2
            && characters >= 4
            && !is_word_with_number(view, run.first, run.last)
            && !is_term(view, run);
        let number = characters >= 2 && run.digits >= 2 && view.cue_before(run.first, 3, &NUMBER).is_some();
        let rule = match (asked && (characters >= 2 || view.tokens.len() <= SHORT), cued, mixture, number) {
            (true, ..) => "id asked",
            (_, true, ..) => "id cue",
            (_, _, true, _) => "letters and digits",
            (_, _, _, true) => "number cue",
            _ => continue,
        };
        // In a long answer an amount is an amount, whatever had been asked.
        let answer = asked && view.tokens.len() <= ANSWER;
        // "charged the card ending in eighty": the nearer cue decides.
        let cue = cue_before(view, run.first).unwrap_or(usize::MAX);
        let measured = run.digits <= 4 && quantity::measure_before(view, run).is_some_and(|measure| measure < cue);
        let money =
            matches!(view.word(run.last.saturating_add(1)), "dollars" | "pounds" | "euros" | "cents" | "percent");
        if money || (!answer && (measured || quantity::is_counted(view, run))) {
            continue;
        }
        // Fillers of the answer are no part of it, letters before it are ("ppo 856", "sgd 987").
        let find = Find { machine: Some(run.code.clone()), ..Find::new(run.first, run.last, Label::Id, rule) };
        let short = characters < 5 && !asked;
        finds.push(if short && rule != "letters and digits" { find.cued() } else { find });
    }
    logins(view, finds);
}

/// Whether a cue stands before the chain.
pub(super) fn is_cued(view: &View<'_>, first: usize) -> bool {
    cue_before(view, first).is_some()
}

/// How many words before the chain a cue stands; "the last four is" is one too.
fn cue_before(view: &View<'_>, first: usize) -> Option<usize> {
    let four = |back: &usize| {
        view.before(first, *back) == "four"
            && matches!(view.before(first, back.saturating_add(1)), "last" | "first" | "final")
    };
    view.cue_before(first, REACH, &CUES).or_else(|| (1..=REACH).find(four))
}

/// "5mg", "10am", "24h", "b12", "2nd": a number with its unit, or a known term.
fn is_word_with_number(view: &View<'_>, first: usize, last: usize) -> bool {
    static UNITS: Words =
        Words::new("mg mcg ml am pm kg lb lbs g h hr hrs st nd rd th cm mm k m s oz x d ft min yr yrs yo");
    const TERMS: &[&str] =
        &["b12", "b6", "a1c", "hba1c", "covid19", "h1n1", "d3", "k2", "t3", "t4", "omega3", "co2", "o2"];
    if first != last {
        return false;
    }
    let word = view.word(first);
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
    TERMS.contains(&word) || (word.starts_with(|c: char| c.is_ascii_digit()) && UNITS.has(unit))
}

/// "spf 30": a term that is no code, and its number.
fn is_term(view: &View<'_>, run: &Run) -> bool {
    let term =
        view.tokens.get(run.first).is_some_and(|t| t.class.innocent && t.class.word && t.norm.chars().count() > 1);
    term && run.digits <= 2 && run.groups == 2
}

/// "my username is ...", "login ...": a word, not a number.
fn logins(view: &View<'_>, finds: &mut Vec<Find>) {
    for at in 0..view.tokens.len() {
        if !matches!(view.word(at), "username" | "login" | "password" | "userid") {
            continue;
        }
        let mut first = at.saturating_add(1);
        let mut linked = false;
        while matches!(view.word(first), "is" | "it's" | "name" | "id" | "was" | "as" | "my") {
            linked |= matches!(view.word(first), "is" | "it's" | "was");
            first = first.saturating_add(1);
        }
        let class = view.tokens.get(first).map(|t| t.class).unwrap_or_default();
        if !linked || class.function || view.breaks_before(first) {
            continue;
        }
        let mut last = first;
        // Spoken: "jay smith underscore eighty two".
        while let Some(next) = view.tokens.get(last.saturating_add(1)) {
            let sign = matches!(next.norm.as_str(), "underscore" | "dot" | "dash" | "at")
                || next.tied.is_some()
                || next.class.number;
            if next.first
                || (next.class.function && !sign)
                || (next.class.known && !sign && view.word(last) != "underscore")
            {
                break;
            }
            last = last.saturating_add(1);
        }
        finds.push(Find::new(first, last, Label::Id, "login"));
    }
}
