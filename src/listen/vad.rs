//! Is somebody speaking? One probability for each 32 ms of line sound.
//!
//! In:  windows of [`WINDOW_SAMPLES`] samples of one call (8 kHz mono `i16`), in order.
//! Out: the probability of speech in each, 0 to 1.
//! The detector is Silero's network, run by tract inside this process; whoever owns the call's sound calls it, about
//! 60 us a window on one core. It keeps its recurrent state and the last 4 ms of sound, and nothing else.

use std::path::PathBuf;

mod loudness;
#[cfg(all(test, feature = "asr"))]
pub(crate) mod parity;
#[cfg(feature = "asr")]
mod silero;

pub use loudness::Loudness;
#[cfg(feature = "asr")]
pub use silero::{MODEL_FILE, SileroModel, Vad};

/// Samples in a window: 32 ms at 8 kHz, what the network was trained on.
pub const WINDOW_SAMPLES: usize = 256;
/// Length of a window, ms.
pub const WINDOW_MS: u32 = 32;

/// Whatever can say how probable speech is, window by window: the network, or a script in a test.
pub trait SpeechProbability: Send {
    /// The probability of speech in the next window of the call, 0 to 1.
    ///
    /// # Errors
    /// [`VadError`]; the caller must then judge by loudness, for a deaf box serves nobody.
    fn probability(&mut self, window: &[i16; WINDOW_SAMPLES]) -> Result<f32, VadError>;

    /// Forgets what the sound so far has done to the detector. To be called while nobody speaks, see [`Refresh`].
    fn start_afresh(&mut self) {}
}

/// When a detector should start afresh.
///
/// The network carries a state, and what is no speech shifts it until the words that follow are missed. Measured on 45
/// human words (cards and digits) in ONNX Runtime: after 20 s of music 31 had too few windows of speech to begin a turn,
/// after loud noise 12; with these rules 2 and 3. The price: after 10 s of digital silence it was 1 with them and none
/// without; after a minute of it, or on a line with light noise, none either way.
#[derive(Debug, Default)]
pub struct Refresh {
    windows: u16,
    quiet: u16,
}

impl Refresh {
    /// 2 s: speech is heard again about that long after the sound that deafened.
    const INTERVAL: u16 = 63;
    /// 160 ms without any sign of speech: one low window may be a dip inside a word.
    const QUIET_WINDOWS: u16 = 5;
    const QUIET: f32 = 0.1;

    /// Takes the probability of one more window; says whether now is the moment.
    pub fn is_due(&mut self, probability: f32, nobody_speaks: bool) -> bool {
        self.windows = self.windows.saturating_add(1);
        self.quiet = if probability < Self::QUIET { self.quiet.saturating_add(1) } else { 0 };
        let due = nobody_speaks && self.windows >= Self::INTERVAL && self.quiet >= Self::QUIET_WINDOWS;
        if due {
            *self = Self::default();
        }
        due
    }
}

/// The detector cannot be loaded or does not answer.
#[derive(Debug, thiserror::Error)]
pub enum VadError {
    /// The model file is not there or cannot be read.
    #[error("the voice activity model {path} cannot be read; fetch it with models/silero/fetch.sh")]
    Unreadable {
        /// Where it was looked for.
        path: PathBuf,
        /// What the file system says.
        #[source]
        source: std::io::Error,
    },
    /// The file is not, byte for byte, the model that was tested.
    #[error(
        "the voice activity model {path} is damaged or another version (SHA-256 {found}); delete it and fetch it again with models/silero/fetch.sh"
    )]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// Its SHA-256, in hexadecimal.
        found: String,
    },
    /// The model's graph is not the one that the fold table describes.
    #[cfg(feature = "asr")]
    #[error("the voice activity model cannot be folded for 8 kHz; this build and the model do not belong together")]
    Fold(#[source] crate::listen::silero_fold::FoldError),
    /// The inference engine refused the model or failed on a window.
    #[error("the voice activity model failed to {step}")]
    Engine {
        /// What was being done.
        step: &'static str,
        /// What the engine says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The network's answer was not a probability.
    #[error("the voice activity model answered with something that is no probability")]
    NotAProbability,
}
