//! What a cloud model answers, piece by piece, as airlockd hands it in.
//!
//! In:  the body of a piece. Out: a [`Thought`]. Its words are foreign: they are evaluated before they are spoken, and a
//! use of a tool is a proposal until [`super::proposal`] has read it.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::wire::{Door, Loaded, MayGoTo};

/// Numbers what a model is asked in a call, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ThoughtId(pub u32);

/// A sentence in a model's own words, placeholders in them. It came in through the airlock, so it may go out again; what
/// the box's processes said to each other never becomes one.
///
/// ```compile_fail
/// let text = anteroom::converse::ModelText::from("mary lopez".to_owned());
/// ```
/// ```
/// use anteroom::converse::{Thought, thought};
/// let piece = thought(br#"{"piece":"said","text":"Which day would suit you?"}"#);
/// assert!(matches!(piece, Some(Thought::Said(_))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelText(String);

impl ModelText {
    /// Its words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(test)]
    pub(crate) fn in_a_test(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<D: Door> MayGoTo<D> for ModelText {
    fn load(&self) -> Loaded {
        Loaded(Value::String(self.0.clone()))
    }
}

/// A use of a tool as a model wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelUse {
    /// airlockd's counter of the call's uses: what is known of it there goes by this number.
    pub number: u32,
    /// The tool, if there is one of that name.
    pub name: String,
    /// Its arguments, unread.
    pub args: Map<String, Value>,
}

/// One piece of a model's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Thought {
    /// A sentence.
    Said(ModelText),
    /// A use of a tool, whole.
    Use(ModelUse),
    /// The answer is whole: the provider's terminal event has come.
    Whole,
    /// There is no answer, or no more of it: a closed word that says why.
    Failed(&'static str),
}

/// Why there may be no answer. Whatever else airlockd says is [`FAILED`].
const WHY: &[&str] = &[
    "withheld",
    "refused",
    "off",
    "no-route",
    "late",
    "broken",
    "over-budget",
    "record-unavailable",
    "declined",
    "too-long",
];
/// The answer failed in some other way.
const FAILED: &str = "failed";

#[derive(Deserialize)]
#[serde(tag = "piece", rename_all = "lowercase", deny_unknown_fields)]
enum Piece {
    Said { text: String },
    Use { number: u32, name: String, args: Map<String, Value> },
    Whole,
    Failed { why: String },
}

/// Reads a piece; `None` where it is none.
#[must_use]
pub fn thought(body: &[u8]) -> Option<Thought> {
    Some(match serde_json::from_slice(body).ok()? {
        Piece::Said { text } => Thought::Said(ModelText(text)),
        Piece::Use { number, name, args } => Thought::Use(ModelUse { number, name, args }),
        Piece::Whole => Thought::Whole,
        Piece::Failed { why } => Thought::Failed(WHY.iter().find(|known| **known == why).copied().unwrap_or(FAILED)),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_read_as_what_they_are_and_anything_else_as_nothing() {
        let said = thought(br#"{"piece":"said","text":"Hello."}"#);
        assert_eq!(said, Some(Thought::Said(ModelText("Hello.".to_owned()))));
        assert_eq!(thought(br#"{"piece":"whole"}"#), Some(Thought::Whole));
        assert_eq!(thought(br#"{"piece":"failed","why":"late"}"#), Some(Thought::Failed("late")));
        assert_eq!(thought(br#"{"piece":"failed","why":"mary lopez"}"#), Some(Thought::Failed("failed")));
        assert_eq!(thought(br#"{"piece":"said","text":"Hello.","to":"x"}"#), None);
        assert_eq!(thought(br#"{"piece":"sung"}"#), None);
    }

    proptest! {
        #[test]
        fn any_bytes_read_or_not_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = thought(&bytes);
        }
    }
}
