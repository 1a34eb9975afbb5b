//! What was heard of one spoken case, and a file of it: speaking and recognising takes most of an hour, judging a second.
//! Whoever changes the rules of redaction measures again on what was heard once.
//!
//! The file holds the cases' words as they were heard: it is written only where asked for.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::judge::Frames;
use crate::cli::{Failure, home};
use crate::listen::asr::pocketsphinx::{SphinxPaths, Word};

/// PocketSphinx with one of two language models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Model {
    /// Our clinic language model.
    Clinic,
    /// Debian's general model.
    General,
}

impl Model {
    /// Where its files lie.
    pub(super) fn paths(self) -> SphinxPaths {
        match self {
            Self::Clinic => SphinxPaths::debian(&home::models()),
            Self::General => SphinxPaths::general(),
        }
    }

    /// Its name in tables.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Clinic => "PocketSphinx, clinic language model",
            Self::General => "PocketSphinx, general language model",
        }
    }
}

/// One case, spoken once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Heard {
    /// The case.
    pub(super) id: String,
    /// Who spoke.
    pub(super) voice: String,
    /// How long the sound is, at 8 kHz.
    pub(super) samples: usize,
    /// Whether the times were measured on the sound and not shared out by letters.
    pub(super) measured: bool,
    /// When each word was said.
    pub(super) times: Vec<Frames>,
    /// What each recogniser heard.
    pub(super) transcripts: Vec<Transcript>,
}

/// What one recogniser heard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Transcript {
    /// Who.
    pub(super) model: Model,
    words: Vec<(String, Frames, f32)>,
    /// What else it may have heard.
    pub(super) others: Vec<String>,
}

impl Transcript {
    /// The words as the recogniser gave them.
    pub(super) fn words(&self) -> Vec<Word> {
        let word = |(text, frames, confidence): &(String, Frames, f32)| Word {
            text: text.clone(),
            frames: *frames,
            confidence: *confidence,
        };
        self.words.iter().map(word).collect()
    }
}

impl Heard {
    /// Adds what one recogniser heard.
    pub(super) fn add(&mut self, model: Model, words: Vec<Word>, others: Vec<String>) {
        let words = words.into_iter().map(|word| (word.text, word.frames, word.confidence)).collect();
        self.transcripts.push(Transcript { model, words, others });
    }
}

/// A file of what was heard cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum HeardError {
    /// A line is none of this program's. The parser's own message may quote the line and is left out.
    #[error("{}, line {line}: not written by --save; speak the cases again", path.display())]
    BadLine {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// The cases are not those that were spoken.
    #[error("{}: it was made from other cases, or by another version; speak the cases again", path.display())]
    OtherCases {
        /// The file.
        path: PathBuf,
    },
}

/// Reads a file that `--save` wrote.
pub(super) fn read(path: &Path) -> Result<Vec<Heard>, Failure> {
    let text = fs::read_to_string(path).map_err(|source| Failure::file(path, source))?;
    let bad = |line| Failure::because(HeardError::BadLine { path: path.to_owned(), line });
    (1..).zip(text.lines()).map(|(line, text)| serde_json::from_str(text).map_err(|_| bad(line))).collect()
}

/// A file of JSON lines, made before the work begins.
pub(super) struct Lines {
    path: PathBuf,
    file: File,
}

impl Lines {
    /// Makes the file.
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|source| Failure::file(path, source))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Writes a line.
    pub(super) fn write(&mut self, line: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(line).map_err(Failure::because)?;
        writeln!(self.file, "{text}").map_err(|source| Failure::file(&self.path, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_heard_is_read_back_as_it_was() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let words = vec![Word { text: "mary".to_owned(), frames: (3, 40), confidence: 0.25 }];
        let mut heard = Heard {
            id: "1".to_owned(),
            voice: "flite:slt".to_owned(),
            samples: 8_000,
            measured: true,
            times: vec![(3, 41)],
            transcripts: Vec::new(),
        };
        heard.add(Model::Clinic, words.clone(), vec!["marry".to_owned()]);
        Lines::create(file.path()).unwrap().write(&heard).unwrap();
        let back = read(file.path()).unwrap();
        assert_eq!((back.len(), back[0].times.clone(), back[0].transcripts[0].words()), (1, heard.times, words));
    }

    #[test]
    fn another_file_is_refused_and_not_quoted() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "{\"id\":\"lopez\"}\n").unwrap();
        let error = read(file.path()).unwrap_err().to_string();
        assert!(error.contains("line 1") && !error.contains("lopez"), "{error}");
    }
}
