//! What happens in a call, as the conversation is told.

use std::collections::BTreeMap;

use crate::guard::Verdict;
use crate::ids::Turn;
use crate::placeholder::Placeholder;
use crate::redact::{Captured, Redacted};
use crate::wire::line::DeskAnswer;
use crate::wire::{Door, Loaded, MayGoTo};

use super::action::{SayId, ToolId};
use super::cloud::{Thought, ThoughtId};

/// Which of the other processes are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Without the record there is no tool write and no disclosure: a message by script, or a person.
    pub record: bool,
    /// The clinic's own systems.
    pub clinic: bool,
}

/// What happened in the call.
#[derive(Debug)]
pub enum Event {
    /// The line was answered.
    Answered {
        /// Which processes are there.
        standing: Standing,
        /// The caller's number, if the line reported one.
        number: Option<Placeholder>,
    },
    /// Which processes are there has changed.
    Standing(Standing),
    /// The caller said something that was understood.
    Heard(Heard),
    /// The caller said something that could not be understood.
    NotUnderstood,
    /// The caller has said nothing for the silence limit since the box fell silent.
    Silence,
    /// A key was pressed.
    Pressed(char),
    /// A sentence was played to its end, or the caller cut it off.
    Played {
        /// Which.
        id: SayId,
        /// Whether it was heard whole.
        whole: bool,
    },
    /// A tool answered.
    ToolDone {
        /// Which request.
        id: ToolId,
        /// Its items, in placeholders.
        result: Result<ToolAnswer, ToolFailure>,
    },
    /// A piece of a cloud model's answer.
    Thought {
        /// To which question.
        id: ThoughtId,
        /// The piece.
        thought: Thought,
    },
    /// The desk answered.
    Desk(DeskAnswer),
    /// Nothing at all has come from the caller's telephone since the call was answered.
    Unheard,
    /// The caller hung up.
    HungUp,
}

/// An utterance, redacted and looked at by the policy.
#[derive(Clone, Debug)]
pub struct Heard {
    /// Which turn.
    pub turn: Turn,
    /// The words, placeholders in them.
    pub text: Redacted,
    /// The answer to what had been asked for.
    pub captured: Option<Captured>,
    /// What the policy says.
    pub verdict: Verdict,
    /// The recogniser's confidence, 0 to 1.
    pub confidence: f32,
    /// Whether the caller does not want to be recorded.
    pub objects: bool,
}

/// A tool's result: a list of flat objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolAnswer {
    /// The items.
    pub items: Vec<BTreeMap<String, ToolValue>>,
}

impl ToolAnswer {
    /// The placeholder in field `name` of each item that has one.
    pub(super) fn held(&self, name: &str) -> Vec<Placeholder> {
        let held = |item: &BTreeMap<String, ToolValue>| match item.get(name) {
            Some(ToolValue::Held(placeholder)) => Some(*placeholder),
            Some(ToolValue::Public(_) | ToolValue::Free(_)) | None => None,
        };
        self.items.iter().filter_map(held).collect()
    }

    /// Every placeholder in it.
    pub(super) fn placeholders(&self) -> impl Iterator<Item = Placeholder> + '_ {
        self.items.iter().flat_map(BTreeMap::values).flat_map(|value| match value {
            ToolValue::Held(placeholder) => vec![*placeholder],
            ToolValue::Free(text) => crate::placeholder::find_all(text.as_str()).map(|(_, p)| p).collect(),
            ToolValue::Public(_) => vec![],
        })
    }
}

/// A field of a tool's result, by its declared class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolValue {
    /// An identifier: it is in the vault.
    Held(Placeholder),
    /// A closed word.
    Public(String),
    /// Free text, redacted.
    Free(Redacted),
}

impl<D: Door> MayGoTo<D> for ToolValue {
    fn load(&self) -> Loaded {
        match self {
            Self::Held(placeholder) => MayGoTo::<D>::load(placeholder),
            Self::Free(text) => MayGoTo::<D>::load(text),
            // The clinic's side declared it a closed word; whatever does not look like one stays here.
            Self::Public(word) if is_closed_word(word) => Loaded(serde_json::Value::String(word.clone())),
            Self::Public(_) => MayGoTo::<D>::load(&crate::placeholder::WITHHELD),
        }
    }
}

/// At most 24 lower-case letters and hyphens: "morning", "already-booked"; no name has that shape and no number.
fn is_closed_word(word: &str) -> bool {
    word.len() <= 24 && word.chars().all(|c| c.is_ascii_lowercase() || c == '-')
}

impl<D: Door> MayGoTo<D> for ToolAnswer {
    fn load(&self) -> Loaded {
        let item = |item: &BTreeMap<String, ToolValue>| {
            let field = |(name, value): (&String, &ToolValue)| (name.clone(), MayGoTo::<D>::load(value).0);
            serde_json::Value::Object(item.iter().map(field).collect())
        };
        Loaded(serde_json::Value::Array(self.items.iter().map(item).collect()))
    }
}

/// Why a tool gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolFailure {
    /// The clinic's systems are not there, or too slow.
    Unavailable,
    /// Somebody else took the slot.
    Conflict,
    /// Not allowed at this identity level.
    Forbidden,
    /// It failed.
    Failed,
    /// The caller did not want it after all; the tool was not asked.
    Declined,
}

impl ToolFailure {
    /// Its name in the dossier and in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Conflict => "conflict",
            Self::Forbidden => "forbidden",
            Self::Failed => "failed",
            Self::Declined => "declined",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Airlock;

    #[test]
    fn only_a_closed_word_of_the_clinic_crosses_the_airlock() {
        let load = |text: &str| MayGoTo::<Airlock>::load(&ToolValue::Public(text.to_owned())).0;
        assert_eq!(load("morning"), "morning");
        assert_eq!(load("Mary Lopez"), "[WITHHELD]");
        assert_eq!(load("1962"), "[WITHHELD]");
    }
}
