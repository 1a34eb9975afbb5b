//! What the box itself says: fixed words, the clinic's public facts, and placeholders. Nothing a caller said can enter.

use std::fmt;

use crate::placeholder::Placeholder;
use crate::wire::{Door, Loaded, MayGoTo};

/// What the conversation knows of the clinic, from its configuration. Public.
#[derive(Clone, Debug)]
pub struct ClinicFacts {
    /// "Riverside Family Clinic".
    pub name: String,
    /// As it is to be spoken.
    pub address: String,
    /// As it is to be spoken.
    pub hours: String,
}

/// A sentence of the box. Made of words fixed at compile time, clinic facts and placeholders only, so that it may go
/// anywhere.
///
/// Text that is made up at run time does not become one:
/// ```compile_fail
/// let said = String::from("mary lopez");
/// let template = anteroom::converse::Template::fixed(&said);
/// ```
/// Words of the source do:
/// ```
/// let template = anteroom::converse::Template::fixed("How can I help you?");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Template(String);

/// What fills a gap of a [`Template`].
#[derive(Clone, Copy, Debug)]
pub enum Part<'a> {
    /// A placeholder.
    Held(Placeholder),
    /// The clinic's name.
    ClinicName(&'a ClinicFacts),
    /// The clinic's address.
    ClinicAddress(&'a ClinicFacts),
    /// The clinic's opening hours.
    ClinicHours(&'a ClinicFacts),
    /// Fixed words.
    Words(&'static str),
}

impl Template {
    /// A sentence without gaps.
    #[must_use]
    pub fn fixed(words: &'static str) -> Self {
        Self(words.to_owned())
    }

    /// A sentence whose gaps `{}` are filled with `parts` in order; a gap without a part stays empty.
    #[must_use]
    pub fn filled(pattern: &'static str, parts: &[Part<'_>]) -> Self {
        let mut parts = parts.iter();
        let mut text = String::with_capacity(pattern.len());
        for (index, words) in pattern.split("{}").enumerate() {
            if index > 0 {
                match parts.next() {
                    Some(Part::Held(placeholder)) => text.push_str(&placeholder.to_string()),
                    Some(Part::ClinicName(facts)) => text.push_str(&facts.name),
                    Some(Part::ClinicAddress(facts)) => text.push_str(&facts.address),
                    Some(Part::ClinicHours(facts)) => text.push_str(&facts.hours),
                    Some(Part::Words(words)) => text.push_str(words),
                    None => {}
                }
            }
            text.push_str(words);
        }
        Self(text)
    }

    /// Its words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl<D: Door> MayGoTo<D> for Template {
    fn load(&self) -> Loaded {
        Loaded(serde_json::Value::String(self.0.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_in_order() {
        let slot = "[SLOT_3]".parse().unwrap();
        let template = Template::filled("The {} is {}.", &[Part::Words("next one"), Part::Held(slot)]);
        assert_eq!(template.as_str(), "The next one is [SLOT_3].");
    }
}
