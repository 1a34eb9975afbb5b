//! Chains of numbers and letters: a telephone number, a spelled name, a record number.
//!
//! In:  the tokens and the numbers in them. Out: maximal [`Run`]s, over fillers, "dash", "m as in mary" and the pieces
//! into which a recogniser breaks spelling. One pass forward. Judges nothing: the identifier families do.

use crate::redact::number::{Group, is_filler, is_number_word, norm};
use crate::redact::token::Token;
use crate::redact::words::Words;

/// A chain of numbers, letters and the words between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// First token.
    pub first: usize,
    /// Last token.
    pub last: usize,
    /// Digits and letters in the order in which they were dictated, lower case.
    pub code: String,
    /// How many digits.
    pub digits: usize,
    /// How many letters.
    pub letters: usize,
    /// How many numbers: 98 point 6 has two.
    pub groups: usize,
    /// Whether "point" stands in it: a measured value, unless it is long.
    pub decimal: bool,
    /// Whether it is one ordinal, which no chain goes on from.
    pub ordinal: bool,
}

/// Finds the maximal chains. `groups` are those of `groups` over the same tokens.
pub(super) fn runs(tokens: &[Token], groups: &[Group]) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let mut groups = groups.iter().peekable();
    let mut at = 0;
    while at < tokens.len() {
        let Some((link, end)) = element(tokens, &mut groups, at) else {
            at = at.saturating_add(1);
            continue;
        };
        match out.last_mut() {
            Some(run) if joins(tokens, run, at, &link) => extend(run, end, &link, tokens),
            _ => {
                let ordinal = matches!(link, Link::Ordinal(_));
                let code = String::new();
                let mut run =
                    Run { first: at, last: end, code, digits: 0, letters: 0, groups: 0, decimal: false, ordinal };
                extend(&mut run, end, &link, tokens);
                out.push(run);
            }
        }
        at = end.saturating_add(1);
    }
    // A lone "a" or "i" is a word, not spelling.
    out.retain(|run| run.digits > 0 || run.letters > 1 || !matches!(run.code.as_str(), "a" | "i"));
    out
}

enum Link {
    Number(String),
    Ordinal(String),
    Letters(String),
    Mixed(String),
}

fn element<'g>(
    tokens: &[Token],
    groups: &mut std::iter::Peekable<impl Iterator<Item = &'g Group>>,
    at: usize,
) -> Option<(Link, usize)> {
    while groups.next_if(|g| g.last < at).is_some() {}
    if let Some(group) = groups.next_if(|g| g.first == at) {
        // "nine one one first": nobody dictates an ordinal.
        let link = if group.ordinal { Link::Ordinal(group.digits.clone()) } else { Link::Number(group.digits.clone()) };
        return Some((link, group.last));
    }
    let token = tokens.get(at)?;
    if token.class.mixed {
        return Some((Link::Mixed(token.norm.clone()), at));
    }
    let (letter, end) = letter(tokens, at)?;
    Some((Link::Letters(letter), end))
}

/// A spelled letter: "b", "b as in boy", "double l", "november", or a broken piece of spelling such as "ll".
fn letter(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let text = norm(tokens, at);
    let next = at.saturating_add(1);
    let third = at.saturating_add(2);
    if matches!(text, "double" | "triple") && norm(tokens, next).chars().count() == 1 {
        let times = if text == "double" { 2 } else { 3 };
        return Some((norm(tokens, next).repeat(times), next));
    }
    if text.chars().count() == 1 && text.chars().all(char::is_alphabetic) {
        let example = |at: usize| norm(tokens, at).starts_with(text);
        if norm(tokens, next) == "as" && norm(tokens, third) == "in" {
            return Some((text.to_owned(), at.saturating_add(3).min(tokens.len().saturating_sub(1))));
        }
        if matches!(norm(tokens, next), "for" | "like" | "as") && example(third) && norm(tokens, third).len() > 1 {
            return Some((text.to_owned(), third));
        }
        return Some((text.to_owned(), at));
    }
    let near_letter = |at: usize| norm(tokens, at).chars().count() == 1 && !matches!(norm(tokens, at), "a" | "i" | "o");
    let beside = near_letter(next) || at.checked_sub(1).is_some_and(near_letter);
    let beside_number =
        is_number_word(norm(tokens, next)) || norm(tokens, next).starts_with(|c: char| c.is_ascii_digit());
    if let Some(letter) = nato(text).filter(|_| beside || beside_number || nato(norm(tokens, next)).is_some()) {
        return Some((letter.to_owned(), at));
    }
    if is_police_pair(tokens, at) || at.checked_sub(1).is_some_and(|before| is_police_pair(tokens, before)) {
        return Some((text.get(..1)?.to_owned(), at));
    }
    if let Some(letter) = heard_letter(text).filter(|_| beside || beside_number) {
        return Some((letter.to_owned(), at));
    }
    let piece = text.len() <= 3 && tokens.get(at).is_some_and(|t| t.class.word && !t.class.known);
    (piece && (beside || beside_number)).then(|| (text.to_owned(), at))
}

/// A letter printed as its own name. Those that are everyday words ("see", "you", "why") are not among them.
fn heard_letter(text: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("jay", "j"),
        ("kay", "k"),
        ("bee", "b"),
        ("dee", "d"),
        ("cee", "c"),
        ("eff", "f"),
        ("gee", "g"),
        ("aitch", "h"),
        ("ell", "l"),
        ("em", "m"),
        ("pee", "p"),
        ("cue", "q"),
        ("ess", "s"),
        ("tee", "t"),
        ("vee", "v"),
        ("ex", "x"),
        ("wye", "y"),
    ];
    WORDS.iter().find(|(word, _)| *word == text).map(|(_, letter)| *letter)
}

/// "whiskey nancy three": two words of the radio alphabets before a number.
fn is_police_pair(tokens: &[Token], at: usize) -> bool {
    let (first, second) = (norm(tokens, at), norm(tokens, at.saturating_add(1)));
    let alphabet = |word: &str| nato(word).is_some() || POLICE.has(word);
    let number = norm(tokens, at.saturating_add(2));
    alphabet(first)
        && alphabet(second)
        && (nato(first).is_some() || nato(second).is_some())
        && (is_number_word(number) || number.starts_with(|c: char| c.is_ascii_digit()))
}

/// The alphabet of American police radio. Most of its words are names, so that one alone says nothing.
static POLICE: Words = Words::new(
    "adam boy baker charles david edward frank george henry ida john king lincoln mary nora nancy ocean paul queen robert sam \
     tom thomas union victor william xray young zebra",
);

fn nato(text: &str) -> Option<&'static str> {
    const WORDS: &[&str] = &[
        "alpha", "alfa", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "juliett",
        "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor",
        "whiskey", "whisky", "xray", "yankee", "zulu", "zed", "zee",
    ];
    WORDS.iter().find(|w| **w == text).and_then(|w| w.get(..1))
}

/// Whether the element at `at` continues the run: only fillers and connecting words may stand between.
fn joins(tokens: &[Token], run: &Run, at: usize, link: &Link) -> bool {
    /// "dash uh sorry" is the longest chain between two digits that we expect.
    const LONGEST_GAP: usize = 4;
    let from = run.last.saturating_add(1);
    if run.ordinal
        || matches!(link, Link::Ordinal(_))
        || at.saturating_sub(from) > LONGEST_GAP
        || (from..=at).any(|i| tokens.get(i).is_some_and(|t| t.first))
    {
        return false;
    }
    let mut between = (from..at).map(|i| norm(tokens, i)).peekable();
    let alike = (from..at).filter(|i| matches!(norm(tokens, *i), "to" | "too" | "for")).count();
    let adjacent = between.peek().is_none();
    let lone = matches!(link, Link::Letters(l) if matches!(l.as_str(), "a" | "i"));
    // "i" and "a" chain only to what is plainly spelling, never to a count ("two i think").
    if lone && (!adjacent || run.letters == 0) {
        return false;
    }
    let digit = |code: &str| code.len() == 1;
    let single = matches!(link, Link::Number(d) if digit(d));
    between.all(|w| {
        // "seven for uh nine".
        is_filler(w) || is_connector(w) || (single && alike == 1 && matches!(w, "to" | "too" | "for"))
    })
}

fn is_connector(word: &str) -> bool {
    matches!(
        word,
        "dash"
            | "hyphen"
            | "minus"
            | "dot"
            | "point"
            | "slash"
            | "stroke"
            | "underscore"
            | "period"
            | "extension"
            | "ext"
            | "space"
            | "then"
            | "sorry"
            | "no"
            | "wait"
            | "correction"
            | "actually"
            | "capital"
            | "letter"
            // "oh two something four": a digit that the caller has forgotten.
            | "something"
    )
}

fn extend(run: &mut Run, end: usize, link: &Link, tokens: &[Token]) {
    let from = run.last.saturating_add(1);
    let dotted = tokens.get(from).is_some_and(|t| t.tied == Some('.')) && !run.code.is_empty();
    run.decimal |= dotted || (from..end).any(|i| norm(tokens, i) == "point");
    run.last = end;
    let text = match link {
        Link::Number(digits) | Link::Ordinal(digits) => digits,
        Link::Letters(text) | Link::Mixed(text) => text,
    };
    run.groups = run.groups.saturating_add(1);
    run.code.push_str(text);
    run.digits = run.digits.saturating_add(text.chars().filter(char::is_ascii_digit).count());
    run.letters = run.letters.saturating_add(text.chars().filter(|c| c.is_alphabetic()).count());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::RawTranscript;
    use crate::redact::number::groups;
    use crate::redact::token::tokens;

    fn codes(text: &str) -> Vec<String> {
        let tokens = tokens(&RawTranscript::typed(text));
        runs(&tokens, &groups(&tokens)).into_iter().map(|r| r.code).collect()
    }

    #[test]
    fn digits_dictated_after_a_hundred_stay_apart() {
        assert_eq!(codes("eight hundred five five five oh one four three"), ["8005550143"]);
    }

    #[test]
    fn doubles_fillers_and_signs_chain() {
        assert_eq!(codes("five one two dash uh triple five oh one double four"), ["5125550144"]);
        assert_eq!(codes("512-555-0143"), ["5125550143"]);
    }

    #[test]
    fn spelling_joins_with_and_without_examples() {
        assert_eq!(codes("m as in mary a r y"), ["mary"]);
        assert_eq!(codes("l o p e z"), ["lopez"]);
        assert_eq!(codes("double l november four"), ["lln4"]);
    }

    #[test]
    fn a_lone_article_is_no_spelling() {
        assert_eq!(codes("i need a refill"), Vec::<String>::new());
    }
}
