//! Tokens into words: a word begins where a token begins with a space.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::listen::HeardWord;
use crate::secret::Secret;

/// A piece of a word, as the decoder chose it. The end of the text is a token without bytes.
#[derive(Clone, PartialEq)]
pub(super) struct Token {
    /// Its bytes; a character may be spread over two tokens.
    pub(super) text: Zeroizing<Vec<u8>>,
    /// 0 to 1.
    pub(super) probability: f32,
    /// Its natural logarithm, as the decoder has it.
    pub(super) logprob: f32,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({} bytes, {:.2})", self.text.len(), self.probability)
    }
}

/// The words that the tokens make. A word is as sure as all its tokens together: one wrong digit is a wrong number.
pub(super) fn merge(tokens: &[Token]) -> Vec<HeardWord> {
    let mut words = Vec::new();
    let mut bytes = Zeroizing::new(Vec::new());
    let mut confidence = 1.0_f32;
    for token in tokens {
        if token.text.first().is_some_and(u8::is_ascii_whitespace) {
            finish(&mut words, &mut bytes, confidence);
            confidence = 1.0;
        }
        if !token.text.is_empty() {
            bytes.extend_from_slice(&token.text);
            confidence *= token.probability.clamp(0.0, 1.0);
        }
    }
    finish(&mut words, &mut bytes, confidence);
    words
}

/// Adds the word of `bytes`, if they are one.
fn finish(words: &mut Vec<HeardWord>, bytes: &mut Zeroizing<Vec<u8>>, confidence: f32) {
    let text = Zeroizing::new(String::from_utf8_lossy(bytes).trim().to_owned());
    bytes.zeroize();
    if text.chars().any(char::is_alphanumeric) {
        // A NaN, should the engine give one, survives `clamp`; nothing was sure then.
        let confidence = if confidence.is_nan() { 0.0 } else { confidence };
        words.push(HeardWord { text: Secret::new(text.as_str()), confidence });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str, probability: f32) -> Token {
        Token { text: Zeroizing::new(text.as_bytes().to_vec()), probability, logprob: probability.ln() }
    }

    fn texts(words: &[HeardWord]) -> Vec<&str> {
        words.iter().map(|w| w.text.expose()).collect()
    }

    #[test]
    fn a_word_is_as_sure_as_its_tokens_together() {
        let words = merge(&[token(" lis", 0.9), token("in", 0.5), token("opril", 1.0), token(" please", 0.8)]);
        assert_eq!(texts(&words), ["lisinopril", "please"]);
        assert!((words[0].confidence - 0.45).abs() < 1e-6);
        assert!((words[1].confidence - 0.8).abs() < 1e-6);
    }

    #[test]
    fn the_end_of_the_text_is_no_word_and_costs_no_confidence() {
        let words = merge(&[token(" yes", 0.8), token("", 0.1)]);
        assert_eq!(texts(&words), ["yes"]);
        assert!((words[0].confidence - 0.8).abs() < 1e-6);
    }

    #[test]
    fn a_character_spread_over_two_tokens_is_one() {
        let [first, second] = [0xC3, 0xA9].map(|byte| Token { text: Zeroizing::new(vec![byte]), ..token("", 1.0) });
        assert_eq!(texts(&merge(&[token(" Ren", 1.0), first, second])), ["René"]);
    }

    #[test]
    fn lone_punctuation_and_blanks_are_no_words() {
        assert_eq!(texts(&merge(&[token(" ", 1.0), token(" -", 1.0), token(" no", 1.0), token(".", 1.0)])), ["no."]);
        assert!(merge(&[]).is_empty());
    }
}
