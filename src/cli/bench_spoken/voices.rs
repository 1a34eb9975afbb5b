//! The callers' voices, by their names on the command line.
//!
//! As the configuration names them ([`VoiceChoice`]), and `espeak-ng@PITCH/SPEED:VOICE` for one that speaks higher or
//! lower, faster or slower than it comes.

use crate::speak::choice::ChoiceError;
use crate::speak::espeak::{Espeak, Manner};
use crate::speak::{self, SpeakError, Voice, VoiceChoice};

/// A voice cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum VoiceError {
    /// Its name.
    #[error("--voices: {0}")]
    Choice(#[from] ChoiceError),
    /// Pitch or speed.
    #[error(
        "--voices: write espeak-ng@PITCH/SPEED:VOICE with a pitch of 0 to 99 and a speed of 80 to 450 words a minute"
    )]
    Manner,
    /// It is not there.
    #[error(transparent)]
    Speak(#[from] SpeakError),
}

/// Opens a voice; it has been heard to speak when this returns.
pub(super) fn open(name: &str) -> Result<Box<dyn Voice>, VoiceError> {
    let Some((manner, voice)) = name.strip_prefix("espeak-ng@").and_then(|rest| rest.split_once(':')) else {
        return Ok(speak::open(&name.parse::<VoiceChoice>()?)?);
    };
    let parsed = manner.split_once('/').and_then(|(pitch, speed)| {
        let manner = Manner { pitch: pitch.parse().ok()?, speed: speed.parse().ok()? };
        (manner.pitch < 100 && (80..=450).contains(&manner.speed)).then_some(manner)
    });
    let manner = parsed.ok_or(VoiceError::Manner)?;
    match format!("espeak-ng:{voice}").parse::<VoiceChoice>()? {
        VoiceChoice::Espeak { voice } => Ok(Box::new(Espeak::open_as(&voice, manner)?)),
        VoiceChoice::Flite(_) | VoiceChoice::Piper { .. } => Err(VoiceError::Manner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_is_named_with_or_without_a_manner() {
        assert_eq!(open("flite:kal").unwrap().name(), "flite:kal");
        assert_eq!(open("espeak-ng@30/150:en-gb").unwrap().name(), "espeak-ng@30/150:en-gb");
    }

    #[test]
    fn a_mistake_is_named() {
        for wrong in ["espeak-ng@30:en-gb", "espeak-ng@300/150:en-gb", "espeak-ng@30/9:en-gb", "espeak-ng@a/b:en-gb"] {
            assert!(matches!(open(wrong), Err(VoiceError::Manner)), "{wrong}");
        }
        assert!(matches!(open("espeak-ng@30/150:--stdin"), Err(VoiceError::Choice(_))));
        assert!(matches!(open("flite:nobody"), Err(VoiceError::Choice(_))));
    }
}
