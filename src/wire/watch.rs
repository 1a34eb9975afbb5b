//! What anteroomd tells whoever watches a demonstration call: the simulated caller, and the two columns on the screen.
//!
//! One message a fact, JSON body, no replies. The socket exists only where the configuration allows it, and carries
//! calls of synthetic callers only: it holds what the room heard.

use serde::Deserialize;

use crate::expect::Expecting;
use crate::ids::Turn;
use crate::secret::Secret;
use crate::wire::frame::Message;

/// One fact about a call, as a watcher reads it. (Anteroomd writes them with [`crate::wire::Parcel`]s for the watch door.)
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// The call was answered.
    Answered,
    /// The box begins to say a sentence.
    Spoken {
        /// As the caller hears it.
        text: Secret,
        /// With placeholders.
        template: String,
    },
    /// The box fell silent and waits.
    Listening {
        /// For what.
        expecting: Expecting,
    },
    /// A turn of the caller was recognised.
    Heard {
        /// Which.
        turn: Turn,
        /// Word for word.
        text: Secret,
        /// The engine.
        engine: String,
        /// Its confidence, 0 to 1.
        confidence: f32,
    },
    /// What would have left the building for that turn, and what the airlock answered.
    WouldLeave {
        /// Which.
        turn: Turn,
        /// The redacted words.
        text: String,
        /// `withheld`, `refused` or `unavailable`.
        answer: String,
        /// Bytes of the request that was built.
        bytes: usize,
    },
    /// A tool was used.
    Tool {
        /// Which.
        name: String,
        /// `ok` or why not.
        result: String,
    },
    /// A decision was taken.
    Decided {
        /// Who decided.
        by: String,
        /// What.
        what: String,
    },
    /// The desk is asked to take the call.
    Desk {
        /// Why, a closed word.
        reason: String,
        /// What staff are told, word for word.
        brief: Secret,
    },
    /// How long the stages of a turn took.
    Timing {
        /// Which turn.
        turn: Turn,
        /// What the box had asked for.
        expecting: Expecting,
        /// From the caller's last sound to the end of the turn being called, ms of line time.
        end_of_turn_ms: u32,
        /// Recognition, ms.
        recognition_ms: u32,
        /// Redaction, microseconds.
        redaction_us: u32,
        /// From the end of the turn to the first sample of the answer, ms.
        first_audio_ms: u32,
    },
    /// The call is over.
    Ended {
        /// How: [`crate::converse::Outcome`] in kebab-case.
        outcome: String,
    },
}

/// Reads a fact.
///
/// # Errors
/// [`crate::wire::line::Malformed`] for anything else.
pub fn parse(message: &Message) -> Result<Fact, crate::wire::line::Malformed> {
    serde_json::from_slice(&message.body).map_err(|_| crate::wire::line::Malformed)
}
