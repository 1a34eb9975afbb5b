//! Which voice to speak with: a word of the configuration in, an open [`Voice`] out.
//!
//! ```text
//! flite:slt                              linked in; slt, rms, awb or kal
//! espeak-ng:en-us                        a process; any voice that `espeak-ng --voices` lists
//! piper:/usr/bin/piper --model m.onnx --output-raw      any command: text on stdin, 16-bit PCM at 22050 Hz on stdout
//! piper@16000:/usr/bin/piper ...         the same at another rate
//! ```

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

use crate::speak::espeak::Espeak;
use crate::speak::piper::Piper;
use crate::speak::{SpeakError, Voice};

/// The rate of most piper voices, Hz.
const PIPER_RATE: u32 = 22_050;

/// A voice of flite that is linked in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FliteVoice {
    /// The box's own: of these four the one that recognisers, and so perhaps people, understand best.
    #[default]
    Slt,
    /// The simulated caller's.
    Rms,
    /// A voice with a Scottish accent.
    Awb,
    /// A small diphone voice, 8 kHz: ten times cheaper and plainly a machine.
    Kal,
}

impl FliteVoice {
    const ALL: [Self; 4] = [Self::Slt, Self::Rms, Self::Awb, Self::Kal];

    /// The voice's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slt => "slt",
            Self::Rms => "rms",
            Self::Awb => "awb",
            Self::Kal => "kal",
        }
    }
}

/// A voice that was chosen but not opened yet.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum VoiceChoice {
    /// Linked in.
    Flite(FliteVoice),
    /// The `espeak-ng` program with one of its voices.
    Espeak {
        /// Its name: letters, digits, `-`, `_`, `+`.
        voice: String,
    },
    /// An external command.
    Piper {
        /// The program, an absolute path.
        program: PathBuf,
        /// Its arguments.
        arguments: Vec<String>,
        /// The rate of what it writes, Hz.
        rate: u32,
    },
}

impl Default for VoiceChoice {
    fn default() -> Self {
        Self::Flite(FliteVoice::default())
    }
}

/// A word does not name a voice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// No engine of that name.
    #[error("no such voice engine: write flite:slt, espeak-ng:en-us or piper:/path/to/command ARGUMENTS")]
    Engine,
    /// Flite has no such voice.
    #[error("flite has no such voice: slt, rms, awb and kal are linked in")]
    Flite,
    /// Not a name that espeak-ng's voices have.
    #[error("not an espeak-ng voice name: letters, digits, '-', '_' and '+' only (espeak-ng --voices lists them)")]
    Espeak,
    /// The piper command is not an absolute path.
    #[error("piper: needs the absolute path of a command, then its arguments")]
    Command,
    /// The rate is out of range.
    #[error("piper@RATE: needs a rate of 8000 to 48000 Hz")]
    Rate,
}

impl FromStr for VoiceChoice {
    type Err = ChoiceError;

    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        let (engine, rest) = text.split_once(':').ok_or(ChoiceError::Engine)?;
        match engine.split_once('@').unwrap_or((engine, "")) {
            ("flite", "") => {
                let voice = FliteVoice::ALL.into_iter().find(|v| v.as_str() == rest).ok_or(ChoiceError::Flite)?;
                Ok(Self::Flite(voice))
            }
            ("espeak-ng", "") => {
                // The name becomes an argument: nothing that could be read as an option or a path may be in it.
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+');
                let named = rest.starts_with(|c: char| c.is_ascii_alphanumeric()) && rest.chars().all(plain);
                if named { Ok(Self::Espeak { voice: rest.to_owned() }) } else { Err(ChoiceError::Espeak) }
            }
            ("piper", rate) => {
                let rate = if engine.contains('@') { rate.parse().map_err(|_| ChoiceError::Rate)? } else { PIPER_RATE };
                if !(8_000..=48_000).contains(&rate) {
                    return Err(ChoiceError::Rate);
                }
                let mut words = rest.split_whitespace().map(str::to_owned);
                let program = words.next().map(PathBuf::from).filter(|p| p.is_absolute());
                let program = program.ok_or(ChoiceError::Command)?;
                Ok(Self::Piper { program, arguments: words.collect(), rate })
            }
            _ => Err(ChoiceError::Engine),
        }
    }
}

impl TryFrom<String> for VoiceChoice {
    type Error = ChoiceError;

    fn try_from(text: String) -> Result<Self, ChoiceError> {
        text.parse()
    }
}

impl fmt::Display for VoiceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flite(voice) => write!(f, "flite:{}", voice.as_str()),
            Self::Espeak { voice } => write!(f, "espeak-ng:{voice}"),
            Self::Piper { program, arguments, rate } => {
                f.write_str("piper")?;
                if *rate != PIPER_RATE {
                    write!(f, "@{rate}")?;
                }
                write!(f, ":{}", program.display())?;
                arguments.iter().try_for_each(|argument| write!(f, " {argument}"))
            }
        }
    }
}

/// Opens a voice. It is checked to be there, so that a missing one is found at start and not in a call.
///
/// # Errors
/// [`SpeakError::Missing`] where the library is not linked in or the program is not installed.
pub fn open(choice: &VoiceChoice) -> Result<Box<dyn Voice>, SpeakError> {
    match choice {
        #[cfg(feature = "tts")]
        VoiceChoice::Flite(voice) => Ok(Box::new(crate::speak::flite::Flite::open(*voice)?)),
        #[cfg(not(feature = "tts"))]
        VoiceChoice::Flite(_) => Err(SpeakError::Missing {
            voice: choice.to_string(),
            remedy: "this build has no linked voice (feature tts); choose espeak-ng or piper",
        }),
        VoiceChoice::Espeak { voice } => Ok(Box::new(Espeak::open(voice)?)),
        VoiceChoice::Piper { program, arguments, rate } => {
            Ok(Box::new(Piper::open(choice.to_string(), program, arguments, *rate)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_way_to_write_a_voice_reads_back_as_itself() {
        for text in ["flite:slt", "flite:kal", "espeak-ng:en-us", "piper:/opt/p --model /m.onnx", "piper@16000:/opt/p"]
        {
            assert_eq!(text.parse::<VoiceChoice>().map(|c| c.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn a_mistake_is_named() {
        for (text, error) in [
            ("slt", ChoiceError::Engine),
            ("festival:x", ChoiceError::Engine),
            ("flite@8000:slt", ChoiceError::Engine),
            ("flite:bob", ChoiceError::Flite),
            ("espeak-ng:--stdout", ChoiceError::Espeak),
            ("espeak-ng:../../x", ChoiceError::Espeak),
            ("piper:piper", ChoiceError::Command),
            ("piper:", ChoiceError::Command),
            ("piper@9:/p", ChoiceError::Rate),
            ("piper@fast:/p", ChoiceError::Rate),
        ] {
            assert_eq!(text.parse::<VoiceChoice>(), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_word_is_a_voice_or_an_error(text in ".{0,60}", engine in "flite|espeak-ng|piper|piper@[0-9]{0,9}") {
            let _ = text.parse::<VoiceChoice>();
            if let Ok(choice) = format!("{engine}:{text}").parse::<VoiceChoice>() {
                prop_assert_eq!(choice.to_string().parse(), Ok(choice));
            }
        }
    }

    #[cfg(not(feature = "tts"))]
    #[test]
    fn without_the_linked_voice_flite_is_missing() {
        assert!(matches!(open(&VoiceChoice::default()), Err(SpeakError::Missing { .. })));
    }
}
