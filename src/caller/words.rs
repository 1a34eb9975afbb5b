//! The caller's words as sound, before the telephone rings: synthesis must not stall the line.

use std::path::Path;

use crate::caller::ring::CallerError;
use crate::caller::scenario::{Act, Say, Scenario, Speech, When};
use crate::pcm::{level, wav};
use crate::speak::{self, SpokenText};

/// How loud a caller's synthetic voice is brought, dBFS: the nominal level of speech on a telephone line.
const SPEECH_DBFS: f32 = -20.0;

/// A recording is played once, the first time that the box listens.
pub(super) fn once(recording: &Path) -> Say {
    let act = Act::Speak { speech: Speech::Recording(recording.to_owned()), hang_up_after_ms: None };
    Say { when: When::Spoken(String::new()), act, after_ms: 400, interrupt: false, times: 1 }
}

/// Speaks every sentence of the scenario, or reads its recording: one entry a `[[say]]`, empty where it is no speech.
///
/// # Errors
/// [`CallerError::Voice`], [`CallerError::Recording`].
pub(super) fn prepare(scenario: &Scenario) -> Result<Vec<Vec<i16>>, CallerError> {
    let mut voice = None;
    let mut speeches = Vec::new();
    for say in &scenario.say {
        let speech = match &say.act {
            Act::Speak { speech: Speech::Recording(path), .. } => wav::read(path)?,
            Act::Speak { speech: Speech::Text(text), .. } => {
                // Opened only where there is something to say: a recorded caller needs no voice.
                let voice = match &mut voice {
                    Some(voice) => voice,
                    closed @ None => closed.insert(speak::open(&scenario.caller.voice)?),
                };
                let mut speech = voice.say(&SpokenText::new(text.expose()))?;
                level::bring_to(&mut speech, SPEECH_DBFS);
                speech
            }
            Act::Press(_) | Act::StaySilent | Act::HangUp => Vec::new(),
        };
        speeches.push(speech);
    }
    Ok(speeches)
}

#[cfg(all(test, feature = "tts"))]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_spoken_at_the_same_level() {
        let text = "[[say]]\nwhen = \"dob\"\ntext = \"march fourth\"\n[[say]]\nwhen = \"name\"\ndtmf = \"1\"";
        let scenario = Scenario::parse(text).unwrap();
        let speeches = prepare(&scenario).unwrap();
        assert!(speeches[0].len() > 4_000 && speeches[1].is_empty());
        assert!((level::rms_dbfs(&speeches[0]) - SPEECH_DBFS).abs() < 0.5);
    }
}
