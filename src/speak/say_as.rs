//! Small repairs to a sentence before a voice reads it.
//!
//! The conversation already writes dates, times and numbers as words. What is left here is what the voices were heard
//! to get wrong, and what their parsers should not be given at all: control characters and endless words. Flite reads
//! "a.m.", "Dr." and "512 555 0143" well and needs no help there.

use crate::secret::Secret;
use crate::speak::SpokenText;

/// The longest word that is given to a voice; longer ones are noise (an address of the web, a damaged field), and a
/// voice would spell them out for minutes.
const LONGEST_WORD: usize = 40;

/// What a voice must be given to say `text` well; `None` where there is nothing that can be said.
pub(super) fn say_as(text: &SpokenText) -> Option<Secret> {
    let plain: String = text.expose().chars().map(plain_char).collect();
    let words: Vec<&str> = plain.split_whitespace().map(|word| repaired(word).unwrap_or(word)).collect();
    let said = words.into_iter().map(|word| word.get(..LONGEST_WORD).unwrap_or(word)).collect::<Vec<_>>().join(" ");
    let audible = said.chars().any(|c| c.is_ascii_alphanumeric());
    audible.then(|| Secret::new(said))
}

/// Typographic signs as the plain ones that all three engines know; accents are folded by the table of what occurs in
/// names; anything else is a pause.
fn plain_char(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{2013}' | '\u{2014}' | '\u{2026}' => ',',
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => 'a',
        'Á' | 'À' | 'Â' | 'Ä' | 'Ã' | 'Å' => 'A',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'É' | 'È' | 'Ê' | 'Ë' => 'E',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'Í' | 'Ì' | 'Î' | 'Ï' => 'I',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => 'o',
        'Ó' | 'Ò' | 'Ô' | 'Ö' | 'Õ' | 'Ø' => 'O',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'Ú' | 'Ù' | 'Û' | 'Ü' => 'U',
        'ñ' => 'n',
        'Ñ' => 'N',
        'ç' => 'c',
        'Ç' => 'C',
        c if c.is_ascii_graphic() => c,
        _ => ' ',
    }
}

/// The words that a voice says wrongly, as it should be given them.
fn repaired(word: &str) -> Option<&'static str> {
    match word {
        // Flite: "nine hundred eleven".
        "911" => Some("nine one one"),
        "911." => Some("nine one one."),
        "911," => Some("nine one one,"),
        // Flite joins "&" to its neighbours.
        "&" => Some("and"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(text: &str) -> Option<String> {
        say_as(&SpokenText::new(text)).map(|s| s.expose().to_owned())
    }

    #[test]
    fn the_emergency_number_is_said_digit_by_digit() {
        assert_eq!(said("Please call 911 now.").as_deref(), Some("Please call nine one one now."));
    }

    #[test]
    fn typographic_signs_and_accents_are_plain() {
        assert_eq!(said("It\u{2019}s José\u{2014}yes").as_deref(), Some("It's Jose,yes"));
    }

    #[test]
    fn nothing_to_say_is_nothing() {
        assert_eq!(said(""), None);
        assert_eq!(said(" . ! \u{0} \n"), None);
    }

    proptest! {
        #[test]
        fn what_reaches_a_voice_is_short_words_of_printable_ascii(text in any::<String>()) {
            if let Some(said) = said(&text) {
                prop_assert!(said.chars().all(|c| c == ' ' || c.is_ascii_graphic()));
                prop_assert!(said.split(' ').all(|word| word.len() <= LONGEST_WORD));
            }
        }
    }
}
