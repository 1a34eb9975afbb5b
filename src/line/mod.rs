//! The telephone line: what rings, what is heard, what is played. This is `lined`, the process that keeps the caller
//! when every other one is dead.
//!
//! ```text
//!   caller ── Line (SIP, a sound card, a socket) ── AudioPort ── switchboard ── brain link ── anteroomd
//!                                                            │
//!                                          recorded apology, the desk, a sealed message
//! ```
//!
//! In:  calls from an adapter that implements [`Line`].
//! Out: their sound to the brain, and the brain's to the caller, frame by frame.
//! Holds the caller's voice and number while the call lasts, and no text at all.

pub mod admission;
#[cfg(feature = "sound-card")]
pub mod alsa;
pub mod brain;
pub mod consult;
pub mod daemon;
pub mod hours;
#[cfg(feature = "telephone")]
pub mod media;
mod messages;
pub mod port;
#[cfg(feature = "telephone")]
pub mod ports;
pub mod prompts;
mod record_key;
pub mod rota;
pub mod rtp;
pub mod served;
#[cfg(feature = "telephone")]
pub mod sip;
pub mod socket;
pub mod switchboard;
mod transfer;
pub mod watchdog;

use std::time::Duration;

use tokio::sync::mpsc;

use crate::ids::CallId;
use crate::secret::Secret;
use crate::tasks::{Stop, TaskError};
use crate::wire::line::{DeskAnswer, EndedBy, Ring, Urgency};

pub use port::AudioPort;

/// What happened on the line. There is exactly one `Incoming` and one `Ended` for each call.
#[derive(Debug)]
pub enum LineEvent {
    /// A call rings.
    Incoming {
        /// Its id, drawn by the adapter.
        call: CallId,
        /// Who rings.
        ring: Ring,
        /// Its sound, both ways; nothing flows before it is answered.
        audio: AudioPort,
    },
    /// A key was pressed.
    Dtmf {
        /// In which call.
        call: CallId,
        /// Which key.
        key: char,
    },
    /// The desk's telephone was answered, or not.
    Desk {
        /// For which call.
        call: CallId,
        /// How.
        answer: DeskAnswer,
    },
    /// Somebody on call was rung for an urgent call, or what came of it.
    OnCall {
        /// For which call.
        call: CallId,
        /// Their place in the rota, from nought.
        who: usize,
        /// Their name, for the record alone.
        name: Secret,
        /// What.
        what: Rung,
    },
    /// The desk's telephone has ended a call that the exchange is about to connect by itself: the caller, who talked with
    /// it, hears nobody until the call is over or the desk's next answer is told.
    OnHold {
        /// Which call.
        call: CallId,
    },
    /// Nothing at all has come from the caller's telephone since the call was answered.
    Unheard {
        /// In which call.
        call: CallId,
    },
    /// The call is over.
    Ended {
        /// Which.
        call: CallId,
        /// Who ended it.
        by: EndedBy,
    },
}

/// What became of ringing somebody on call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rung {
    /// Their telephone rings from now on.
    Begins,
    /// It is settled.
    Settled {
        /// How.
        result: rota::Outcome,
        /// How long after it began to ring.
        after: Duration,
    },
}

/// What the line is told to do.
#[derive(Debug)]
pub enum LineCommand {
    /// Answer the call.
    Answer(CallId),
    /// Ring staff: whoever is on call where it is urgent, else the desk, which hears the brief, 8 kHz. While one such order
    /// is under way another goes on from where it is, with its own brief.
    Consult(CallId, Vec<i16>, Urgency),
    /// Connect caller and desk.
    Bridge(CallId),
    /// Hang up.
    Hangup(CallId),
}

impl LineCommand {
    /// Which call it is about.
    #[must_use]
    pub fn call(&self) -> CallId {
        match self {
            Self::Answer(call) | Self::Consult(call, ..) | Self::Bridge(call) | Self::Hangup(call) => *call,
        }
    }
}

/// A way for callers to reach the box. An adapter never calls the agent: it reports and obeys.
pub trait Line: Send + 'static {
    /// Runs the line until `stop`.
    fn run(
        self,
        events: mpsc::Sender<LineEvent>,
        commands: mpsc::Receiver<LineCommand>,
        stop: Stop,
    ) -> impl Future<Output = Result<(), TaskError>> + Send;
}
