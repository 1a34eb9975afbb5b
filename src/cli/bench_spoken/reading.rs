//! What a voice is given to read: words alone, in the order in which somebody would say them on the telephone.
//!
//! In:  the text of a case. Out: [`Said`]s, each with the place in the text that it stands for. Voices read digits and
//! signs each in their own way ("four million two hundred"), and then nobody would know which word was said when. So
//! numbers become words here: long ones digit by digit, years as years, ordinals as such; "@" and "." of addresses are
//! said. Pure.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::numbers::{number_words, unit, year};

/// One word to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Lower-case letters and apostrophes.
    pub(super) word: String,
    /// The stretch of the text that it stands for, in characters.
    pub(super) place: Range<usize>,
    /// A short pause after it (','), a sentence's end ('.'), or neither.
    pub(super) pause: Option<char>,
}

/// The words of a text.
pub(super) fn words(text: &str) -> Vec<Said> {
    let chars: Vec<char> = text.chars().collect();
    let pieces = pieces(&chars);
    let mut out: Vec<Said> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let around = Around { chars: &chars, pieces: &pieces, at };
        match piece.kind {
            Kind::Letters if around.is_ordinal_ending() => {}
            Kind::Letters => out.extend(around.letters(piece)),
            Kind::Digits => out.extend(around.digits(piece)),
            Kind::Sign(sign) => match around.sign(sign) {
                Spoken::Word(word) => out.push(said(word, piece.place.clone())),
                Spoken::Pause(pause) => {
                    if let Some(last) = out.last_mut() {
                        last.pause = Some(pause);
                    }
                }
                Spoken::Nothing => {}
            },
        }
    }
    out
}

/// The text for a voice.
pub(super) fn for_voice(words: &[Said]) -> String {
    let mut text = String::new();
    for (at, said) in words.iter().enumerate() {
        if at > 0 {
            text.push(' ');
        }
        let beside = [at.checked_sub(1), Some(at.saturating_add(1))].into_iter().flatten();
        let spelled = said.word == "a"
            && beside.filter_map(|i| words.get(i)).any(|other| other.word.len() == 1 && other.word != "i");
        // A voice says the article's weak vowel for "a", also in the middle of spelling.
        text.push_str(if spelled { "ay" } else { &said.word });
        text.extend(said.pause);
    }
    text
}

fn said(word: &str, place: Range<usize>) -> Said {
    Said { word: word.to_owned(), place, pause: None }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letters,
    Digits,
    Sign(char),
}

struct Piece {
    kind: Kind,
    place: Range<usize>,
}

fn pieces(chars: &[char]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for (at, c) in chars.iter().enumerate() {
        let inside = |i: Option<usize>| i.and_then(|i| chars.get(i)).is_some_and(|c| c.is_alphabetic());
        let apostrophe = matches!(c, '\'' | '\u{2019}') && inside(at.checked_sub(1)) && inside(at.checked_add(1));
        let kind = if c.is_ascii_digit() {
            Kind::Digits
        } else if c.is_alphabetic() || is_combining_mark(*c) || apostrophe {
            Kind::Letters
        } else {
            Kind::Sign(*c)
        };
        let end = at.saturating_add(1);
        match out.last_mut() {
            Some(last) if last.kind == kind && !matches!(kind, Kind::Sign(_)) => last.place.end = end,
            _ => out.push(Piece { kind, place: at..end }),
        }
    }
    out
}

enum Spoken {
    Word(&'static str),
    Pause(char),
    Nothing,
}

/// A piece among its neighbours.
struct Around<'a> {
    chars: &'a [char],
    pieces: &'a [Piece],
    at: usize,
}

impl Around<'_> {
    fn piece(&self, step: isize) -> Option<&Piece> {
        self.pieces.get(self.at.checked_add_signed(step)?)
    }

    fn kind(&self, step: isize) -> Option<Kind> {
        self.piece(step).map(|piece| piece.kind)
    }

    fn text(&self, piece: &Piece) -> String {
        self.chars.get(piece.place.clone()).unwrap_or_default().iter().collect()
    }

    /// The stretch between white space that the piece stands in.
    fn chunk(&self) -> String {
        let here = self.piece(0).map_or(0, |piece| piece.place.start);
        let before = self.chars.get(..here).unwrap_or_default().iter().rev().take_while(|c| !c.is_whitespace()).count();
        let rest = self.chars.get(here.saturating_sub(before)..).unwrap_or_default();
        rest.iter().take_while(|c| !c.is_whitespace()).collect()
    }

    /// Whether the piece stands in an address of the net, whose signs are said.
    fn in_address(&self) -> bool {
        let chunk = self.chunk();
        let chunk = chunk.trim_end_matches(|c: char| !c.is_alphanumeric());
        let parts: Vec<&str> = chunk.split('.').collect();
        let of_letters = |part: &&str| part.len() > 1 && part.chars().all(|c| c.is_alphabetic());
        let numbers = parts.len() == 4 && parts.iter().all(|p| p.len() <= 3 && p.parse::<u8>().is_ok());
        let host = parts.len() > 1 && parts.last().is_some_and(of_letters) && parts.iter().all(|p| p.len() > 1);
        chunk.contains(['@', '_']) || chunk.contains("://") || host || numbers
    }

    fn sign(&self, sign: char) -> Spoken {
        let ended = self.kind(1).is_none_or(|kind| matches!(kind, Kind::Sign(_)));
        if !ended && self.in_address() {
            return match sign {
                '.' => Spoken::Word("dot"),
                '@' => Spoken::Word("at"),
                '-' => Spoken::Word("dash"),
                '_' => Spoken::Word("underscore"),
                '/' => Spoken::Word("slash"),
                ':' => Spoken::Word("colon"),
                _ => Spoken::Nothing,
            };
        }
        let number = |step| self.kind(step) == Some(Kind::Digits);
        let letter = self.piece(-1).is_some_and(|piece| piece.kind == Kind::Letters && piece.place.len() == 1);
        match sign {
            '.' if number(-1) && number(1) && self.chunk().matches('.').count() == 1 => Spoken::Word("point"),
            '.' if letter => Spoken::Pause(','),
            '.' | '?' | '!' if ended => Spoken::Pause('.'),
            ',' | ';' | ')' => Spoken::Pause(','),
            '-' if number(-1) && number(1) => Spoken::Pause(','),
            '%' => Spoken::Word("percent"),
            '&' => Spoken::Word("and"),
            '+' => Spoken::Word("plus"),
            '#' => Spoken::Word("number"),
            _ => Spoken::Nothing,
        }
    }

    /// Whether these letters are the "th" of "19th".
    fn is_ordinal_ending(&self) -> bool {
        let ending = self.piece(0).map(|piece| self.text(piece).to_lowercase());
        self.kind(-1) == Some(Kind::Digits) && ending.is_some_and(|e| matches!(e.as_str(), "st" | "nd" | "rd" | "th"))
    }

    fn letters(&self, piece: &Piece) -> Vec<Said> {
        /// No abbreviation that is spelled out is longer.
        const LONGEST_SPELLED: usize = 4;
        let text = self.text(piece);
        let plain = plain(&text);
        let beside_digits = [-1, 1].into_iter().any(|step| self.kind(step) == Some(Kind::Digits));
        let capitals = text.chars().all(char::is_uppercase) && self.chars.iter().any(|c| c.is_lowercase());
        if (capitals || (beside_digits && text.chars().all(char::is_uppercase)))
            && plain.len() == piece.place.len()
            && plain.len() <= LONGEST_SPELLED
        {
            let place = |at: usize| piece.place.start.saturating_add(at)..piece.place.start.saturating_add(at + 1);
            return plain.chars().enumerate().map(|(at, c)| said(&c.to_string(), place(at))).collect();
        }
        let word = ABBREVIATIONS.iter().find(|(short, _)| *short == plain).map_or(plain.as_str(), |(_, long)| *long);
        if word.is_empty() { Vec::new() } else { vec![said(word, piece.place.clone())] }
    }

    fn digits(&self, piece: &Piece) -> Vec<Said> {
        let text = self.text(piece);
        let value = text.parse::<u32>().unwrap_or(u32::MAX);
        let ordinal =
            self.piece(1).is_some_and(|_| Around { at: self.at.saturating_add(1), ..*self }.is_ordinal_ending());
        let dollars = self.kind(-1) == Some(Kind::Sign('$'));
        let words = if ordinal && value < 1_000 {
            number_words(value, true)
        } else if self.one_by_one(&text, value) {
            text.chars().filter_map(|c| c.to_digit(10)).map(|d| unit(d).to_owned()).collect()
        } else if text.len() == 4 {
            year(value)
        } else {
            number_words(value, false)
        };
        let words = words.into_iter().chain(dollars.then(|| "dollars".to_owned()));
        words.map(|word| said(&word, piece.place.clone())).collect()
    }

    /// Whether a number is dictated digit by digit, and not said as one number or a year.
    fn one_by_one(&self, text: &str, value: u32) -> bool {
        let letters = [-1, 1].into_iter().any(|step| self.kind(step) == Some(Kind::Letters));
        let leading_zero = text.len() > 1 && text.starts_with('0');
        let linked = [-1, 1].into_iter().filter_map(|way| self.next_number(way)).max().unwrap_or(0);
        let year = (1_900..2_030).contains(&value);
        match text.len() {
            1 | 2 => leading_zero || self.in_address(),
            3 => leading_zero || letters || linked > 0 || self.in_address(),
            4 => !year || letters || linked > 2 || self.in_address(),
            _ => true,
        }
    }

    /// How many digits the number has that is linked to this one by a space or a few signs but no stroke.
    fn next_number(&self, way: isize) -> Option<usize> {
        /// ") " and ", " are two signs.
        const MOST_SIGNS: isize = 2;
        for step in 1..=MOST_SIGNS + 1 {
            match self.piece(step * way) {
                Some(Piece { kind: Kind::Digits, place }) => return Some(place.len()),
                Some(Piece { kind: Kind::Sign(sign), .. }) if *sign != '/' => {}
                _ => return None,
            }
        }
        None
    }
}

/// What every voice would say in its own way.
const ABBREVIATIONS: [(&str, &str); 9] = [
    ("dr", "doctor"),
    ("mr", "mister"),
    ("mrs", "missus"),
    ("ms", "miss"),
    ("jr", "junior"),
    ("ave", "avenue"),
    ("apt", "apartment"),
    ("jul", "july"),
    ("jun", "june"),
];

/// Lower-case letters without marks, and apostrophes.
fn plain(text: &str) -> String {
    let straight = |c: char| if c == '\u{2019}' { '\'' } else { c };
    let kept = |c: &char| c.is_ascii_lowercase() || *c == '\'';
    let letters: String = text.nfkd().flat_map(char::to_lowercase).map(straight).filter(kept).collect();
    letters.trim_matches('\'').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        for_voice(&words(text))
    }

    #[test]
    fn long_numbers_are_dictated_and_short_ones_said() {
        assert_eq!(read("Ring me on 512-555-0143."), "ring me on five one two, five five five, zero one four three.");
        assert_eq!(read("(512) 555-2013"), "five one two, five five five, two zero one three");
        assert_eq!(read("code 4 9 1"), "code four nine one");
        assert_eq!(read("she turned 97"), "she turned ninety seven");
        assert_eq!(read("it read 215"), "it read two hundred fifteen");
        assert_eq!(read("Zip is 04016 there"), "zip is zero four zero one six there");
        assert_eq!(read("We paid $64."), "we paid sixty four dollars.");
        assert_eq!(read("It is 7.4"), "it is seven point four");
    }

    #[test]
    fn dates_are_said_as_dates() {
        assert_eq!(read("2/19/2006"), "two nineteen two thousand six");
        assert_eq!(read("born 10-17-1974"), "born ten, seventeen, nineteen seventy four");
        assert_eq!(read("June 12th of '31"), "june twelfth of thirty one");
        assert_eq!(read("April 22nd, 1908"), "april twenty second, nineteen oh eight");
        assert_eq!(read("103rd Ave"), "one hundred third avenue");
    }

    #[test]
    fn addresses_of_the_net_have_their_signs_said() {
        assert_eq!(read("ann.low@example.org."), "ann dot low at example dot org.");
        assert_eq!(read("ann_low7."), "ann underscore low seven.");
        assert_eq!(read("is 192.0.2.17."), "is one nine two dot zero dot two dot one seven.");
        assert_eq!(read("www.example.org, see"), "www dot example dot org, see");
    }

    #[test]
    fn spelling_is_said_letter_by_letter() {
        assert_eq!(read("Tam, T. A. M."), "tam, t, ay, m,");
        assert_eq!(read("L-A-N"), "l ay n");
        assert_eq!(read("Is the ECG back"), "is the e c g back");
        assert_eq!(read("Mine is QK-7716Z"), "mine is q k seven seven one six z");
        assert_eq!(read("that is a pity"), "that is a pity");
    }

    #[test]
    fn every_word_knows_its_place_in_the_text() {
        let text = "Señor Núñez, 512";
        let found = words(text);
        let of = |said: &Said| text.chars().skip(said.place.start).take(said.place.len()).collect::<String>();
        let pairs: Vec<(String, String)> = found.iter().map(|said| (said.word.clone(), of(said))).collect();
        assert_eq!(pairs.first().unwrap(), &("senor".to_owned(), "Señor".to_owned()));
        assert_eq!(pairs.last().unwrap(), &("twelve".to_owned(), "512".to_owned()));
    }

    proptest::proptest! {
        #[test]
        fn any_text_becomes_plain_words_in_order(text in proptest::prelude::any::<String>()) {
            let found = words(&text);
            let plain = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '\'');
            proptest::prop_assert!(found.iter().all(|said| plain(&said.word)));
            proptest::prop_assert!(found.windows(2).all(|pair| pair[0].place.start <= pair[1].place.start));
            proptest::prop_assert!(found.iter().all(|said| said.place.end <= text.chars().count()));
        }
    }
}
