//! The call as a plain state machine: [`Event`]s in, [`Action`]s out.
//!
//! No await, no socket, no clock of its own. It sees placeholders only, never a caller's words or values. The driver in
//! [`crate::call`] performs what it returns, in order.

use std::collections::BTreeMap;

use crate::expect::Expecting;
use crate::guard::Verdict;
use crate::ids::{CallId, Turn};
use crate::placeholder::Placeholder;
use crate::redact::{Captured, Redacted};
use crate::wire::line::DeskAnswer;
use crate::wire::tool::IdentityLevel;

/// Numbers the sentences that the box says in a call, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SayId(pub u32);

/// Numbers the tool calls of a call, from 1. A write's idempotency key is the call's id and this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ToolId(pub u32);

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
    /// The desk answered.
    Desk(DeskAnswer),
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
}

/// A tool's result: a list of flat objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolAnswer {
    /// The items.
    pub items: Vec<BTreeMap<String, ToolValue>>,
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
}

/// An argument of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// The value behind a placeholder: only this binding crosses to the clinic.
    Held(Placeholder),
    /// A closed word.
    Public(&'static str),
    /// Redacted text, whose placeholders are restored at the clinic's side.
    Free(Redacted),
}

/// What the driver must do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Say a sentence.
    Say {
        /// Its number.
        id: SayId,
        /// Its words, placeholders in them.
        template: String,
        /// Whether the caller cannot talk over it (disclosure, emergency).
        mandatory: bool,
    },
    /// Wait for the caller, once everything said so far was played.
    Listen {
        /// For what.
        expecting: Expecting,
        /// Names that may be said, for the recogniser.
        names: Vec<Placeholder>,
    },
    /// Ask a tool.
    Tool {
        /// Its number.
        id: ToolId,
        /// Which: a name in [`crate::wire::tool::CATALOGUE`].
        name: &'static str,
        /// Its arguments.
        args: Vec<(&'static str, Argument)>,
    },
    /// The caller's identity is now held to be at this level.
    Identity(IdentityLevel),
    /// A decision for the record's `verdict` events and the dossier.
    Decided {
        /// Who decided: "guard", "receptionist", "endpoint".
        by: &'static str,
        /// What, from a closed list.
        what: &'static str,
    },
    /// Ask the desk to take the call.
    HandOff {
        /// Why, from a closed list; opens the brief.
        reason: &'static str,
        /// The brief that the desk hears, placeholders in it: who and what first.
        brief: String,
    },
    /// Connect caller and desk.
    Bridge,
    /// Hang up, once everything said so far was played.
    HangUp {
        /// How the call ended.
        outcome: Outcome,
    },
}

/// How a call ended, for scenarios and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// An appointment was booked.
    Booked,
    /// An appointment was cancelled.
    Cancelled,
    /// An appointment was moved.
    Rescheduled,
    /// A refill was asked for.
    RefillRequested,
    /// A question was answered.
    Answered,
    /// A message was left.
    MessageLeft,
    /// A person took the call.
    HandedOver,
    /// The emergency script was said.
    Emergency,
    /// The caller had the wrong number.
    WrongNumber,
    /// The caller said nothing.
    Silent,
    /// The caller hung up before anything was settled.
    Abandoned,
}

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

/// One call's conversation.
#[derive(Debug)]
pub struct Conversation {
    call: CallId,
    clinic: ClinicFacts,
}

impl Conversation {
    /// A conversation that waits for [`Event::Answered`].
    #[must_use]
    pub fn new(call: CallId, clinic: ClinicFacts) -> Self {
        Self { call, clinic }
    }

    /// Takes what happened and returns what the driver must do, in order.
    pub fn on(&mut self, event: Event) -> Vec<Action> {
        let _ = (event, self.call, &self.clinic);
        vec![Action::HangUp { outcome: Outcome::Abandoned }]
    }
}
