//! Numbers as people say them on a telephone.
//!
//! In:  the token stream. Out: [`Group`]s, one spoken number each: "twenty one", "five hundred", "double oh", "3rd".
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

/// Fillers that may stand inside a number.
pub(super) fn is_filler(norm: &str) -> bool {
    matches!(norm, "um" | "umm" | "uhh" | "ahh" | "uh" | "er" | "erm" | "uhm" | "hmm" | "hm" | "mm" | "ah" | "eh")
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

/// The word at a place; "" beyond the end.
pub(super) fn norm(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |t| t.norm.as_str())
}

fn word_at(tokens: &[Token], at: usize) -> Option<Word> {
    word(norm(tokens, at))
}

/// The number that begins at this token.
fn group_at(tokens: &[Token], first: usize) -> Option<Group> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::RawTranscript;
    use crate::redact::token::tokens;

    fn values(text: &str) -> Vec<u64> {
        groups(&tokens(&RawTranscript::typed(text))).iter().map(|g| g.value).collect()
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
}
