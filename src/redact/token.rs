//! One token stream over a transcript, with the way back to the original bytes.
//!
//! In:  any text, and one confidence a word. Out: [`Token`]s in order; whatever is found in them maps back to whole
//! original tokens. Linear in the text. Never changes the text itself.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::listen::RawTranscript;
use crate::redact::lexicon::{self, Class};

/// One word, number or mixture of letters and digits.
#[derive(Clone, Debug)]
pub(super) struct Token {
    /// Byte range in the transcript's text.
    pub range: Range<usize>,
    /// NFKC, lower case, without combining marks, apostrophes straightened.
    pub norm: String,
    /// What the lists say of it.
    pub class: Class,
    /// Whether it begins with a capital letter.
    pub capital: bool,
    /// Whether a sentence begins here: first of all, or after a full stop, question mark or line break.
    pub first: bool,
    /// Whether a comma, semicolon or colon stands before it.
    pub comma: bool,
    /// The single sign, without a space, that ties it to the token before ('-', '.', '/', ...).
    pub tied: Option<char>,
    /// How sure the recogniser was of the word, 0 to 1.
    pub confidence: f32,
}

/// Cuts a transcript into tokens.
pub(super) fn tokens(heard: &RawTranscript) -> Vec<Token> {
    let text = heard.expose();
    let mut out: Vec<Token> = Vec::new();
    let mut confidences = Confidences::new(heard);
    let mut end = 0;
    for range in words(text) {
        let between = text.get(end..range.start).unwrap_or_default();
        let original = text.get(range.clone()).unwrap_or_default();
        let norm = normal(original);
        let token = Token {
            class: lexicon::class(&norm),
            norm,
            capital: original.chars().next().is_some_and(char::is_uppercase),
            first: out.is_empty() || ends_sentence(between),
            comma: between.contains([',', ';', ':']),
            tied: single(between),
            confidence: confidences.of(text, &range),
            range: range.clone(),
        };
        end = range.end;
        out.push(token);
    }
    out
}

/// Lower case, compatibility forms unified, marks off.
pub(super) fn normal(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .nfd()
        .filter(|c| !is_combining_mark(*c) && !is_invisible(*c))
        .map(|c| if is_apostrophe(c) { '\'' } else { c })
        .collect()
}

fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        while chars.next_if(|(_, c)| !c.is_alphanumeric()).is_some() {}
        let (start, first) = chars.next()?;
        let mut end = start.saturating_add(first.len_utf8());
        while let Some(&(at, c)) = chars.peek() {
            let glue = is_combining_mark(c) || is_invisible(c) || is_apostrophe(c);
            if !c.is_alphanumeric() && !glue {
                break;
            }
            chars.next();
            // A trailing apostrophe is a quotation mark: the word ends before it.
            if !is_apostrophe(c) || chars.peek().is_some_and(|(_, next)| next.is_alphanumeric()) {
                end = at.saturating_add(c.len_utf8());
            }
        }
        Some(start..end)
    })
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{02bc}' | '\u{ff07}')
}

/// Signs without width, which could otherwise split a name in two.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{034f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn ends_sentence(between: &str) -> bool {
    let stop = |c: char| matches!(c, '!' | '?' | '\n' | '…' | '¿' | '¡');
    between.contains(stop) || (between.contains('.') && between.contains(char::is_whitespace))
}

fn single(between: &str) -> Option<char> {
    let mut chars = between.chars();
    let sign = chars.next()?;
    (chars.next().is_none() && !sign.is_whitespace()).then_some(sign)
}

/// Hands out the recogniser's confidence for a byte range that only ever moves forward.
struct Confidences {
    words: Vec<f32>,
    /// Where the words do not match the text one to one, the least sure word speaks for all.
    least: Option<f32>,
    at: usize,
    from: usize,
}

impl Confidences {
    fn new(heard: &RawTranscript) -> Self {
        let words: Vec<f32> = heard.words().iter().map(|w| w.confidence).collect();
        let whole = heard.expose().split_whitespace().count() == words.len();
        let least = (!whole).then(|| words.iter().copied().fold(1.0, f32::min));
        Self { words, least, at: 0, from: 0 }
    }

    fn of(&mut self, text: &str, range: &Range<usize>) -> f32 {
        if let Some(least) = self.least {
            return least;
        }
        // Counts the gaps of white space between the last token and this one: each is the border of one word.
        let between = text.get(self.from..range.start).unwrap_or_default();
        let mut inside = self.from == 0;
        for c in between.chars() {
            if c.is_whitespace() {
                if !inside {
                    self.at = self.at.saturating_add(1);
                }
                inside = true;
            } else {
                inside = false;
            }
        }
        self.from = range.end.max(1);
        self.words.get(self.at).copied().unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn norms(text: &str) -> Vec<String> {
        tokens(&RawTranscript::typed(text)).into_iter().map(|t| t.norm).collect()
    }

    #[test]
    fn a_token_keeps_its_bytes_through_normalisation() {
        let text = "Señor JOSÉ\u{301}'s cat, 555-0143";
        let found = tokens(&RawTranscript::typed(text));
        assert_eq!(norms(text), ["senor", "jose's", "cat", "555", "0143"]);
        assert_eq!(&text[found[1].range.clone()], "JOSÉ\u{301}'s");
        assert_eq!(found[4].tied, Some('-'));
    }

    #[test]
    fn invisible_signs_do_not_split_a_name() {
        assert_eq!(norms("lo\u{200b}pez ｍａｒｙ"), ["lopez", "mary"]);
    }

    #[test]
    fn sentences_begin_after_a_stop_but_not_inside_a_number() {
        let first: Vec<bool> = tokens(&RawTranscript::typed("one. Two 3.5 dr. x")).iter().map(|t| t.first).collect();
        assert_eq!(first, [true, true, false, false, false, true]);
    }

    #[test]
    fn every_token_has_the_confidence_of_its_word() {
        let word = |text: &str, confidence| crate::listen::HeardWord { text: text.to_owned().into(), confidence };
        let heard = RawTranscript::heard("test", vec![word("it's", 0.9), word("mary-ann", 0.2), word("lopez", 0.5)]);
        let found: Vec<f32> = tokens(&heard).iter().map(|t| t.confidence).collect();
        assert_eq!(found, [0.9, 0.2, 0.2, 0.5]);
    }
}
