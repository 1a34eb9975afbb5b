//! The `espeak-ng` program as a voice. It is a process and never linked: its licence is the GPL.
//!
//! Text goes in by stdin, a WAV of 22.05 kHz comes out of stdout, whose header does not know its length.

use std::io::Cursor;
use std::path::Path;

use crate::pcm::wav::{self, Ending};
use crate::speak::process::Program;
use crate::speak::say_as::say_as;
use crate::speak::{SpeakError, SpokenText, Voice};

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
        let name = format!("espeak-ng:{voice}");
        let arguments = ["-v", voice, "--stdin", "--stdout"].map(str::to_owned).to_vec();
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
}
