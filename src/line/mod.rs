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

use tokio::sync::mpsc;

use crate::ids::CallId;
use crate::tasks::{Stop, TaskError};
use crate::wire::line::{DeskAnswer, EndedBy, Ring};

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
    /// The call is over.
    Ended {
        /// Which.
        call: CallId,
        /// Who ended it.
        by: EndedBy,
    },
}

/// What the line is told to do.
#[derive(Debug)]
pub enum LineCommand {
    /// Answer the call.
    Answer(CallId),
    /// Ring the desk and play it the brief.
    Consult(CallId, Vec<i16>),
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
            Self::Answer(call) | Self::Consult(call, _) | Self::Bridge(call) | Self::Hangup(call) => *call,
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
