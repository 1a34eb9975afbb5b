//! Numbers and spelling as people say them on a telephone.
//!
//! In:  the token stream. Out: [`Group`]s (one spoken number each: "twenty one", "five hundred", "3rd") and [`Run`]s
//! (maximal chains of groups, letters and signs: a telephone number, a spelled name, a record number).
//! One pass forward, never backwards. Judges nothing: the identifier families do.

use crate::redact::token::Token;

/// One spoken or written number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// First token.
    pub first: usize,
    /// Last token.
    pub last: usize,
    /// What it counts, if it is a number that counts.
    pub value: u64,
    /// Its digits as dictated: "oh five" is two groups, `0` and `5`.
    pub digits: String,
    /// Whether it is an ordinal ("third", "3rd").
    pub ordinal: bool,
    /// Whether it was written in digits.
    pub literal: bool,
}

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
}

/// Fillers that may stand inside a number.
pub(super) fn is_filler(norm: &str) -> bool {
    matches!(norm, "um" | "uh" | "er" | "erm" | "uhm" | "hmm" | "hm" | "mm" | "ah" | "eh")
}

/// Finds every number.
pub(super) fn groups(tokens: &[Token]) -> Vec<Group> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match group_at(tokens, at) {
            Some(group) => {
                at = group.last.saturating_add(1);
                out.push(group);
            }
            None => at = at.saturating_add(1),
        }
    }
    out
}

/// Whether a word is a number or part of one.
pub(super) fn is_number_word(norm: &str) -> bool {
    word(norm).is_some() || matches!(norm, "double" | "triple" | "hundred" | "thousand" | "oh")
}

/// Whether the word is an ordinal in digits: "3rd", "22nd".
pub(super) fn is_ordinal(norm: &str) -> bool {
    let digits = norm.trim_start_matches(|c: char| c.is_ascii_digit());
    digits.len() < norm.len() && matches!(digits, "st" | "nd" | "rd" | "th")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Zero,
    Unit(u64),
    Teen(u64),
    Tens(u64),
    OrdinalUnit(u64),
    Ordinal(u64),
}

fn word(norm: &str) -> Option<Word> {
    const UNITS: [&str; 9] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    const TEENS: [&str; 10] =
        ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    const FIRST: [&str; 9] = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
    const TENTH: [&str; 10] = [
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
    ];
    let place = |list: &[&str]| list.iter().position(|w| *w == norm).and_then(|p| u64::try_from(p).ok());
    if matches!(norm, "zero" | "oh" | "nought" | "naught") {
        return Some(Word::Zero);
    }
    let after_tens = |at: u64| at.saturating_add(2).saturating_mul(10);
    place(&UNITS)
        .map(|p| Word::Unit(p.saturating_add(1)))
        .or_else(|| place(&TEENS).map(|p| Word::Teen(p.saturating_add(10))))
        .or_else(|| place(&TENS).map(|p| Word::Tens(after_tens(p))))
        .or_else(|| place(&FIRST).map(|p| Word::OrdinalUnit(p.saturating_add(1))))
        .or_else(|| place(&TENTH).map(|p| Word::Ordinal(p.saturating_add(10))))
        .or(match norm {
            "niner" => Some(Word::Unit(9)),
            "fourty" => Some(Word::Tens(40)),
            "twentieth" => Some(Word::Ordinal(20)),
            "thirtieth" => Some(Word::Ordinal(30)),
            _ => None,
        })
}

fn norm(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |t| t.norm.as_str())
}

fn word_at(tokens: &[Token], at: usize) -> Option<Word> {
    word(norm(tokens, at))
}

/// The number that begins at this token.
pub(super) fn group_at(tokens: &[Token], first: usize) -> Option<Group> {
    literal(tokens, first).or_else(|| repeated(tokens, first)).or_else(|| spoken(tokens, first))
}

fn literal(tokens: &[Token], first: usize) -> Option<Group> {
    let text = norm(tokens, first);
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return None;
    }
    let rest = text.get(digits.len()..)?;
    let suffix = |t: &str| matches!(t, "st" | "nd" | "rd" | "th");
    let apart = rest.is_empty() && suffix(norm(tokens, first.saturating_add(1)));
    if !rest.is_empty() && !suffix(rest) {
        return None;
    }
    Some(Group {
        first,
        last: if apart { first.saturating_add(1) } else { first },
        value: digits.parse().unwrap_or(u64::MAX),
        digits,
        ordinal: apart || !rest.is_empty(),
        literal: true,
    })
}

/// "double four", "triple five".
fn repeated(tokens: &[Token], first: usize) -> Option<Group> {
    let times = match norm(tokens, first) {
        "double" => 2,
        "triple" | "treble" => 3,
        "quadruple" => 4,
        _ => return None,
    };
    let last = first.saturating_add(1);
    let digit = match word_at(tokens, last) {
        Some(Word::Zero) => "0".to_owned(),
        Some(Word::Unit(value)) => value.to_string(),
        _ => Some(norm(tokens, last)).filter(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))?.to_owned(),
    };
    let digits = digit.repeat(times);
    Some(Group { first, last, value: digits.parse().unwrap_or(0), digits, ordinal: false, literal: false })
}

fn spoken(tokens: &[Token], first: usize) -> Option<Group> {
    let (mut value, mut last, mut ordinal) = below_hundred(tokens, first)?;
    let mut digits = value.to_string();
    for (scale, name) in [(100, "hundred"), (1000, "thousand")] {
        let next = last.saturating_add(1);
        if ordinal || norm(tokens, next) != name || value == 0 || value >= 1000 {
            continue;
        }
        value = value.saturating_mul(scale);
        last = next;
        if let Some((rest, end, is_ordinal)) = rest_of(tokens, last, scale) {
            value = value.saturating_add(rest);
            (last, ordinal) = (end, is_ordinal);
        }
        digits = value.to_string();
    }
    Some(Group { first, last, value, digits, ordinal, literal: false })
}

/// What follows "hundred" or "thousand" and still belongs to the number.
fn rest_of(tokens: &[Token], last: usize, scale: u64) -> Option<(u64, usize, bool)> {
    let mut at = last.saturating_add(1);
    let linked = norm(tokens, at) == "and";
    if linked {
        at = at.saturating_add(1);
    }
    let (rest, end, ordinal) = below_hundred(tokens, at)?;
    let next = end.saturating_add(1);
    if rest == 0 {
        return None;
    }
    // "two thousand three hundred": the part below the thousand may have hundreds of its own.
    if scale == 1000 && rest < 10 && norm(tokens, next) == "hundred" {
        let hundreds = rest.saturating_mul(100);
        return match rest_of(tokens, next, 100) {
            Some((more, end, ordinal)) => Some((hundreds.saturating_add(more), end, ordinal)),
            None => Some((hundreds, next, false)),
        };
    }
    // "eight hundred five five five ...": digits are being dictated, the five begins the next group.
    let dictated = !linked && rest < 10 && word_at(tokens, next).is_some();
    (!dictated).then_some((rest, end, ordinal))
}

fn below_hundred(tokens: &[Token], first: usize) -> Option<(u64, usize, bool)> {
    match word_at(tokens, first)? {
        Word::Zero => Some((0, first, false)),
        Word::Unit(value) | Word::Teen(value) => Some((value, first, false)),
        Word::OrdinalUnit(value) | Word::Ordinal(value) => Some((value, first, true)),
        Word::Tens(tens) => {
            let next = first.saturating_add(1);
            match word_at(tokens, next) {
                Some(Word::Unit(unit)) => Some((tens.saturating_add(unit), next, false)),
                Some(Word::OrdinalUnit(unit)) => Some((tens.saturating_add(unit), next, true)),
                _ => Some((tens, first, false)),
            }
        }
    }
}

/// Finds the maximal chains. `groups` are those of [`groups`] over the same tokens.
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
                let mut run =
                    Run { first: at, last: end, code: String::new(), digits: 0, letters: 0, groups: 0, decimal: false };
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
        return Some((Link::Number(group.digits.clone()), group.last));
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
    let piece = text.len() <= 3 && tokens.get(at).is_some_and(|t| t.class.word && !t.class.known);
    (piece && (beside || beside_number)).then(|| (text.to_owned(), at))
}

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
    if at.saturating_sub(from) > LONGEST_GAP || (from..=at).any(|i| tokens.get(i).is_some_and(|t| t.first)) {
        return false;
    }
    let mut between = (from..at).map(|i| norm(tokens, i)).peekable();
    let adjacent = between.peek().is_none();
    let lone = matches!(link, Link::Letters(l) if matches!(l.as_str(), "a" | "i"));
    // "i" and "a" chain only to what is plainly spelling, never to a count ("two i think").
    if lone && (!adjacent || run.letters == 0) {
        return false;
    }
    let digit = |code: &str| code.len() == 1;
    let single = matches!(link, Link::Number(d) if digit(d));
    between.all(|w| {
        is_filler(w) || is_connector(w) || (single && matches!(w, "to" | "too" | "for") && at == from.saturating_add(1))
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
    )
}

fn extend(run: &mut Run, end: usize, link: &Link, tokens: &[Token]) {
    let from = run.last.saturating_add(1);
    let dotted = tokens.get(from).is_some_and(|t| t.tied == Some('.')) && !run.code.is_empty();
    run.decimal |= dotted || (from..end).any(|i| norm(tokens, i) == "point");
    run.last = end;
    let text = match link {
        Link::Number(digits) => digits,
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
    use crate::redact::token::tokens;

    fn values(text: &str) -> Vec<u64> {
        groups(&tokens(&RawTranscript::typed(text))).iter().map(|g| g.value).collect()
    }

    fn codes(text: &str) -> Vec<String> {
        let tokens = tokens(&RawTranscript::typed(text));
        runs(&tokens, &groups(&tokens)).into_iter().map(|r| r.code).collect()
    }

    #[test]
    fn numbers_are_read_as_people_say_them() {
        assert_eq!(values("two hundred and fifty eight"), [258]);
        assert_eq!(values("nineteen sixty two"), [19, 62]);
        assert_eq!(values("two thousand eighteen"), [2018]);
        assert_eq!(values("one thousand nine hundred eleven"), [1911]);
        assert_eq!(values("the twenty third of june"), [23]);
        assert_eq!(values("22 nd 4th"), [22, 4]);
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
