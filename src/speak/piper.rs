//! Any external command as a voice, after the manner of piper: one line of text on stdin, raw 16-bit little-endian mono
//! samples at a stated rate on stdout. It is started anew for each sentence.

use std::path::Path;

use crate::pcm::LINE_RATE;
use crate::pcm::resample::resample;
use crate::speak::process::Program;
use crate::speak::say_as::say_as;
use crate::speak::{SpeakError, SpokenText, Voice};

/// An external command that speaks.
#[derive(Debug)]
pub struct Piper {
    program: Program,
    rate: u32,
}

impl Piper {
    /// The command `program` with `arguments`, whose output is at `rate` Hz; `name` is what records call the voice.
    ///
    /// # Errors
    /// [`SpeakError::Missing`] where there is no such program.
    pub fn open(name: String, program: &Path, arguments: &[String], rate: u32) -> Result<Self, SpeakError> {
        let remedy = "there is no such program; check the path of the voice command in the configuration";
        Ok(Self { program: Program::find(name, program, arguments.to_vec(), remedy)?, rate })
    }
}

impl Voice for Piper {
    fn name(&self) -> &str {
        self.program.voice()
    }

    fn say(&mut self, text: &SpokenText) -> Result<Vec<i16>, SpeakError> {
        let Some(text) = say_as(text) else { return Ok(Vec::new()) };
        let bytes = self.program.speak(&text)?;
        // A last odd byte is half a sample of a program that was stopped; there is nothing to hear in it.
        let (pairs, _) = bytes.as_chunks::<2>();
        let samples: Vec<f32> = pairs.iter().map(|&pair| f32::from(i16::from_le_bytes(pair))).collect();
        Ok(resample(&samples, self.rate, LINE_RATE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, rate: u32) -> Piper {
        let arguments = ["-c".to_owned(), script.to_owned()];
        Piper::open("piper:test".to_owned(), Path::new("/bin/sh"), &arguments, rate).unwrap()
    }

    #[test]
    fn the_command_reads_the_text_and_its_samples_come_to_the_lines_rate() {
        // Each letter of the text, taken as a byte of sound: "aaaa" and its newline's pair.
        let mut voice = shell("head -c 4", 8000);
        let wanted = i16::from_le_bytes(*b"aa");
        assert_eq!(voice.say(&SpokenText::new("aaaaaa")).unwrap(), [wanted, wanted]);
        let mut voice = shell("cat >/dev/null; head -c 44100 /dev/zero", 22_050);
        assert_eq!(voice.say(&SpokenText::new("hello")).unwrap().len(), 8000);
    }

    #[test]
    fn a_command_that_fails_is_an_error_that_does_not_quote_the_text() {
        let failed = shell("cat; exit 3", 8000).say(&SpokenText::new("Mary Lopez")).unwrap_err();
        assert!(matches!(failed, SpeakError::Failed { .. }));
        assert!(!format!("{failed:?} {failed}").contains("Mary"));
    }

    #[test]
    fn a_command_that_is_not_there_is_missing() {
        let missing = Piper::open("piper:x".to_owned(), Path::new("/no/such/command"), &[], 8000);
        assert!(matches!(missing, Err(SpeakError::Missing { .. })));
    }
}
