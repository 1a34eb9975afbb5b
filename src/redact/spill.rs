//! The last look before something is offered to the airlock: does it hold a value of the call's vault?
//!
//! In:  the texts of a request and the vault. Out: yes or no. Redaction has covered these values where they were said; this
//! asks whether one of them stands anywhere else, in any of the forms that the ear or a recogniser gives it: word for word,
//! as digits, as number words, letter by letter.

use crate::placeholder::{self, Label};
use crate::redact::vault::{Entry, Vault};
use crate::vocabulary;

/// Digits below which a number is no identifier by itself: "three", "twenty one".
const DIGITS: usize = 4;
/// Letters below which a word is too short to be found inside others.
const LETTERS: usize = 3;

/// A text in the forms in which it is searched.
struct Forms {
    /// Its words, lower case, placeholders left out.
    words: Vec<String>,
    /// Every digit and digit word, in order, without anything between them.
    digits: String,
    /// Every single letter, in order; a space where another word stands between two.
    letters: String,
}

/// Whether any of `texts` holds a value of `vault`.
#[must_use]
pub fn holds_value<'a>(texts: impl Iterator<Item = &'a str>, vault: &Vault) -> bool {
    let values: Vec<(&Entry, Vec<Forms>)> =
        vault.entries().iter().filter(|entry| identifies(entry)).map(forms).collect();
    texts.map(|text| Forms::of(&without_placeholders(text))).any(|text| {
        values.iter().any(|(entry, forms)| forms.iter().any(|value| text.holds(value, entry.placeholder.label)))
    })
}

/// How long something lasts and how much of it there is is no identifier.
fn identifies(entry: &Entry) -> bool {
    !matches!(entry.placeholder.label, Label::Duration | Label::Quantity)
}

fn forms(entry: &Entry) -> (&Entry, Vec<Forms>) {
    (entry, [&entry.spoken, &entry.machine].map(|value| Forms::of(value.expose())).into())
}

fn without_placeholders(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut end = 0;
    for (range, _) in placeholder::find_all(text) {
        kept.push_str(text.get(end..range.start).unwrap_or_default());
        kept.push_str(" . ");
        end = range.end;
    }
    kept.push_str(text.get(end..).unwrap_or_default());
    kept.replace(placeholder::WITHHELD, " . ")
}

impl Forms {
    fn of(text: &str) -> Self {
        let lower = text.to_lowercase();
        // A full stop parts what a placeholder stood between; "m. a. r. y." is still spelled.
        let words: Vec<String> = lower
            .split(|c: char| !c.is_alphanumeric() && c != '\'')
            .map(|word| word.replace('\'', ""))
            .filter(|word| !word.is_empty())
            .collect();
        let mut digits = String::new();
        let mut letters = String::new();
        for word in &words {
            digits.extend(word.chars().filter(char::is_ascii_digit));
            digits.push_str(digits_of(word));
            match word.chars().count() {
                1 => letters.push_str(word),
                _ => letters.push(' '),
            }
        }
        Self { words, digits, letters }
    }

    fn holds(&self, value: &Self, label: Label) -> bool {
        if value.words.is_empty() {
            return false;
        }
        let whole = self.words.windows(value.words.len()).any(|words| words == value.words);
        if whole || (value.digits.len() >= DIGITS && self.digits.contains(&value.digits)) {
            return true;
        }
        let telling = |word: &&String| word.chars().count() >= LETTERS && word.chars().all(char::is_alphabetic);
        let mut words = value.words.iter().filter(telling);
        words.any(|word| {
            // A name's parts are names; those that are also everyday words say nothing alone.
            let part = label == Label::Name && !vocabulary::contains(word) && self.words.contains(word);
            part || self.letters.contains(word.as_str())
        })
    }
}

/// A digit word as its digits; nothing for any other word.
fn digits_of(word: &str) -> &'static str {
    match word {
        "zero" | "oh" => "0",
        "one" => "1",
        "two" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::vault::Source;
    use crate::secret::Secret;
    use crate::wire::tool::IdentityLevel;

    fn vault() -> Vault {
        let mut vault = Vault::new();
        let mut keep = |label, spoken: &str, machine: &str| {
            vault.keep(label, Secret::new(spoken), Secret::new(machine), Source::Caller, IdentityLevel::Unknown);
        };
        keep(Label::Name, "Mary O'Hara", "Mary O'Hara");
        keep(Label::Phone, "five one two five five five zero one four three", "5125550143");
        keep(Label::Date, "march fourth nineteen sixty two", "1962-03-04");
        keep(Label::Address, "twelve mill road", "12 Mill Road");
        keep(Label::Duration, "a week", "a week");
        vault
    }

    #[test]
    fn a_value_is_found_in_every_form() {
        let held = [
            "this is mary ohara again",
            "is o'hara there",
            "MARY O'HARA",
            "call 512-555-0143",
            "call (512) 555 01 43",
            "five one two, five five five, oh one four three",
            "m a r y",
            "m. a. r. y.",
            "it is o h a r a with an h",
            "born March fourth, nineteen sixty two",
            "1962-03-04",
            "at 12 mill road",
        ];
        for text in held {
            assert!(holds_value([text].into_iter(), &vault()), "{text}");
        }
    }

    #[test]
    fn placeholders_and_plain_words_are_no_values() {
        let free = [
            "this is [NAME_1], i need a refill",
            "for about a week now",
            "the one on the road",
            "i want to marry soon",
            "is [DATE_1] the fourth",
            "",
        ];
        for text in free {
            assert!(!holds_value([text].into_iter(), &vault()), "{text}");
        }
    }
}
