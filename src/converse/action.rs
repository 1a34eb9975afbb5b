//! What the driver must do for the conversation.

use crate::expect::Expecting;
use crate::placeholder::Placeholder;
use crate::redact::Redacted;
use crate::wire::line::Urgency;
use crate::wire::tool::IdentityLevel;
use crate::wire::{Door, Loaded, MayGoTo};

use super::cloud::ThoughtId;

/// Numbers the sentences that the box says in a call, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SayId(pub u32);

/// Numbers the tool calls of a call, from 1. A write's idempotency key is the call's id and this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ToolId(pub u32);

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

impl<D: Door> MayGoTo<D> for Argument {
    fn load(&self) -> Loaded {
        match self {
            Self::Held(placeholder) => MayGoTo::<D>::load(placeholder),
            Self::Public(word) => MayGoTo::<D>::load(word),
            Self::Free(text) => MayGoTo::<D>::load(text),
        }
    }
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
    /// The caller agreed to being recorded, declined it, or withdrew: recording begins or ends now.
    Consent {
        /// By whom it was given or refused: "caller", or "notice" where the caller heard the notice or talked over it.
        by: &'static str,
        /// "granted", "notice-heard", "declined" or "withdrawn".
        result: &'static str,
    },
    /// Ask the cloud model what to do.
    Think(ThoughtId),
    /// Nobody waits for that answer any more.
    CallOff(ThoughtId),
    /// The caller's identity is now held to be at this level.
    Identity(IdentityLevel),
    /// A decision for the record's `verdict` events and the dossier.
    Decided {
        /// Who decided: "guard", "receptionist", "endpoint".
        by: &'static str,
        /// What, from a closed list.
        what: &'static str,
    },
    /// Ask staff to take the call.
    HandOff {
        /// Why, from a closed list; opens the brief.
        reason: &'static str,
        /// The brief that the desk hears, placeholders in it: who and what first.
        brief: String,
        /// Whether whoever is on call is asked before the desk.
        urgency: Urgency,
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

impl Outcome {
    /// Its name in events, scenarios and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Cancelled => "cancelled",
            Self::Rescheduled => "rescheduled",
            Self::RefillRequested => "refill-requested",
            Self::Answered => "answered",
            Self::MessageLeft => "message-left",
            Self::HandedOver => "handed-over",
            Self::Emergency => "emergency",
            Self::WrongNumber => "wrong-number",
            Self::Silent => "silent",
            Self::Abandoned => "abandoned",
        }
    }
}
