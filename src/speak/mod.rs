//! Text in, the box's voice out.
//!
//! In:  [`SpokenText`], one sentence at a time.
//! Out: 8 kHz samples, and from the playout the count of samples that were really played.
//! Never writes text to disk, log or a command line: a voice process reads it on stdin.
//!
//! [`choice`] names and opens a voice, [`prompts`] puts the clinic's recordings and a cache before it, [`playout`] turns
//! sentences into frames, and [`fixed`] writes what the line says by itself.

pub mod choice;
pub mod espeak;
pub mod fixed;
#[cfg(feature = "tts")]
pub mod flite;
pub mod piper;
pub mod playout;
mod process;
pub mod prompts;
mod say_as;

use std::fmt;

use crate::secret::Secret;
use crate::wire::{Loaded, MayGoTo, Record, Watch};

pub use choice::{FliteVoice, VoiceChoice, open};

/// A sentence as it will be spoken, real values in it. May name a patient. Made by
/// [`ClinicText::to_spoken`](crate::redact::ClinicText) and by fixed prompts.
#[derive(Clone, PartialEq, Eq)]
pub struct SpokenText {
    words: Secret,
    public: bool,
}

impl SpokenText {
    /// A sentence to speak.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self { words: Secret::new(text), public: false }
    }

    /// Says that no value of any caller is in it, so that its sound may be kept for the next who hears it.
    #[must_use]
    pub fn public(self) -> Self {
        Self { public: true, ..self }
    }

    /// Whether its sound may be kept.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.public
    }

    /// The words, for a voice.
    pub(crate) fn expose(&self) -> &str {
        self.words.expose()
    }
}

impl fmt::Debug for SpokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpokenText({} bytes)", self.words.len())
    }
}

impl MayGoTo<Record> for SpokenText {
    fn load(&self) -> Loaded {
        MayGoTo::<Record>::load(&self.words)
    }
}

impl MayGoTo<Watch> for SpokenText {
    fn load(&self) -> Loaded {
        MayGoTo::<Watch>::load(&self.words)
    }
}

/// A voice failed. Never quotes what it was to say.
#[derive(Debug, thiserror::Error)]
pub enum SpeakError {
    /// The voice is not installed.
    #[error("the voice {voice} is not there: {remedy}")]
    Missing {
        /// The voice.
        voice: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The voice failed.
    #[error("the voice {voice} failed")]
    Failed {
        /// The voice.
        voice: String,
        /// Why, where the system said so.
        #[source]
        source: Option<std::io::Error>,
    },
}

/// Synthesises speech.
pub trait Voice: Send {
    /// Its name: "flite:slt", "espeak-ng:en-us".
    fn name(&self) -> &str;

    /// Speaks one sentence: 8 kHz mono samples, full scale 16-bit.
    ///
    /// # Errors
    /// [`SpeakError`].
    fn say(&mut self, text: &SpokenText) -> Result<Vec<i16>, SpeakError>;
}
