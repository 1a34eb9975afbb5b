//! The words of one turn: a [`Recognizer`] behind which two real engines and a scripted one stand.
//!
//! In:  the samples of one turn, already cut out by the endpointer, and what the box had asked for.
//! Out: a [`RawTranscript`]. Runs on its own OS thread: recognition takes 100s of ms and must not stall the line.

pub mod grammar;
#[cfg(feature = "asr")]
pub mod pocketsphinx;
pub mod pronounce;
pub mod scripted;
pub mod weights;
#[cfg(feature = "asr")]
pub mod whisper;

use std::sync::atomic::AtomicBool;

use crate::expect::Expecting;
use crate::listen::RawTranscript;
use crate::secret::Secret;

/// What the recogniser may know about the turn.
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// What the box had asked for.
    pub expecting: Expecting,
    /// Names that may be said in answer to a name question: the clinic's candidates and decoys.
    pub names: Vec<Secret>,
}

/// Recognition failed. Never quotes what was heard.
#[derive(Debug, thiserror::Error)]
pub enum RecogniseError {
    /// The caller went on speaking, so that the work was dropped.
    #[error("recognition was called off")]
    CalledOff,
    /// The engine failed.
    #[error("{engine} failed: {what}")]
    Engine {
        /// The engine.
        engine: &'static str,
        /// What it says, from a closed list of its own messages.
        what: &'static str,
    },
}

/// An engine that turns a turn's sound into words.
pub trait Recognizer: Send {
    /// Its name in records: "whisper", "pocketsphinx", "scripted".
    fn name(&self) -> &'static str;

    /// Recognises one turn of 8 kHz samples. `call_off` may be set by another thread at any time; an engine looks at it
    /// as often as it can.
    ///
    /// # Errors
    /// [`RecogniseError`]. A turn without words is no error but an empty transcript.
    fn recognise(
        &mut self,
        samples: &[i16],
        task: &Task,
        call_off: &AtomicBool,
    ) -> Result<RawTranscript, RecogniseError>;
}
