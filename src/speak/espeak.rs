//! The `espeak-ng` program as a voice. It is a process and never linked: its licence is the GPL.
//!
//! Text goes in by stdin, a WAV of 22.05 kHz comes out of stdout, whose header does not know its length.

use std::io::Cursor;
use std::path::Path;

use crate::pcm::wav::{self, Ending};
use crate::speak::process::Program;
use crate::speak::say_as::say_as;
use crate::speak::{SpeakError, SpokenText, Voice};

/// How a voice speaks, where not as it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// 0 to 99; as it comes 50.
    pub pitch: u8,
    /// Words a minute; as it comes 175.
    pub speed: u16,
}

/// An open espeak-ng voice.
#[derive(Debug)]
pub struct Espeak {
    program: Program,
}

impl Espeak {
    /// The voice called `voice`, such as "en-us". (For a name that it does not know the program speaks with its default
    /// voice and says nothing about it.)
    ///
    /// # Errors
    /// [`SpeakError::Missing`] where the program is not installed, [`SpeakError::Failed`] where it cannot speak.
    pub fn open(voice: &str) -> Result<Self, SpeakError> {
        Self::open_in(format!("espeak-ng:{voice}"), voice, &[])
    }

    /// As [`Self::open`], higher or lower, faster or slower than the voice comes.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_as(voice: &str, manner: Manner) -> Result<Self, SpeakError> {
        let (pitch, speed) = (manner.pitch.to_string(), manner.speed.to_string());
        Self::open_in(format!("espeak-ng@{pitch}/{speed}:{voice}"), voice, &["-p", &pitch, "-s", &speed])
    }

    fn open_in(name: String, voice: &str, manner: &[&str]) -> Result<Self, SpeakError> {
        let arguments = [&["-v", voice], manner, &["--stdin", "--stdout"]].concat();
        let arguments = arguments.into_iter().map(str::to_owned).collect();
        let remedy = "install the package espeak-ng";
        let program = Program::find(name, Path::new("espeak-ng"), arguments, remedy)?;
        let mut opened = Self { program };
        opened.say(&SpokenText::new("yes"))?;
        Ok(opened)
    }
}

impl Voice for Espeak {
    fn name(&self) -> &str {
        self.program.voice()
    }

    fn say(&mut self, text: &SpokenText) -> Result<Vec<i16>, SpeakError> {
        let Some(text) = say_as(text) else { return Ok(Vec::new()) };
        let bytes = self.program.speak(&text)?;
        wav::parse(Cursor::new(bytes), Ending::Open).map_err(|_| self.program.failed(None))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pcm::level::rms_dbfs;

    #[test]
    fn a_sentence_becomes_audible_sound() {
        // The package is one of those that the tests install.
        let mut voice = Espeak::open("en-us").unwrap();
        let sound = voice.say(&SpokenText::new("Good morning, how can I help you?")).unwrap();
        assert!(sound.len() > 8000 && rms_dbfs(&sound) > -35.0);
    }

    #[test]
    fn a_faster_manner_takes_less_time() {
        let say = |speed| {
            let mut voice = Espeak::open_as("en-gb", Manner { pitch: 40, speed }).unwrap();
            voice.say(&SpokenText::new("Good morning, how can I help you?")).unwrap().len()
        };
        assert!(say(220) < say(140));
    }
}
