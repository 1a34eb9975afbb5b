//! The clinic's own recordings, and sentences that were synthesised before.
//!
//! In:  a folder of WAV files, one a sentence, named by the sentence's [`slug`]; sentences to say.
//! Out: a [`Speaker`], which is a [`Voice`]: a recording where the clinic made one, else what was said before, else
//! synthesis. Only public sentences are kept ([`SpokenText::public`]): none that may name a patient stays in memory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::pcm::FRAME_SAMPLES;
use crate::pcm::level::rms_dbfs;
use crate::pcm::wav::{self, WavError};
use crate::speak::{SpeakError, SpokenText, Voice};

/// The longest slug: file names hold 255 bytes, of which ".wav" takes four.
const LONGEST_SLUG: usize = 200;
/// Sentences kept at most: the receptionist has some sixty without a value in them. 20 to 80 kB each.
const MOST_KEPT: usize = 100;
/// Below this a frame before the first word is silence, dBFS.
const LEAD_DBFS: f32 = -50.0;

/// The file name, without ".wav", of the recording of a sentence: its letters and digits in lower case, a hyphen for
/// whatever stands between them. "Please hold." is `please-hold.wav`.
#[must_use]
pub fn slug(sentence: &str) -> String {
    let words = sentence.split(|c: char| !c.is_ascii_alphanumeric() && c != '\'').map(|word| word.replace('\'', ""));
    let slug = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-").to_ascii_lowercase();
    slug.get(..LONGEST_SLUG).unwrap_or(&slug).to_owned()
}

/// A clinic's own recordings, in memory.
#[derive(Debug, Default)]
pub struct Prompts {
    recordings: HashMap<String, Vec<i16>>,
}

/// The clinic's recordings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptsError {
    /// The folder cannot be read.
    #[error("cannot read the folder of recordings {folder}: create it or take it out of the configuration")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A recording in it cannot be used.
    #[error("a recording of the clinic cannot be used")]
    Recording(#[from] WavError),
}

impl Prompts {
    /// Reads every WAV file of `folder`. Other files are left alone.
    ///
    /// # Errors
    /// [`PromptsError`]: the folder is not there or a recording is damaged; found at start, not in a call.
    pub fn load(folder: &Path) -> Result<Self, PromptsError> {
        let unreadable = |source| PromptsError::Folder { folder: folder.to_owned(), source };
        let mut recordings = HashMap::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let is_wav = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("wav"));
            if let Some(name) = path.file_stem().filter(|_| is_wav) {
                recordings.insert(name.to_string_lossy().to_ascii_lowercase(), wav::read(&path)?);
            }
        }
        Ok(Self { recordings })
    }

    /// The recording of a sentence.
    #[must_use]
    pub fn find(&self, text: &SpokenText) -> Option<&[i16]> {
        if self.recordings.is_empty() {
            return None;
        }
        self.recordings.get(&slug(text.expose())).map(Vec::as_slice)
    }

    /// How many recordings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.recordings.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.recordings.is_empty()
    }
}

/// A voice with recordings and a cache before it.
pub struct Speaker {
    voice: Box<dyn Voice>,
    prompts: Prompts,
    kept: HashMap<String, Vec<i16>>,
}

impl Speaker {
    /// A speaker with nothing cached yet.
    #[must_use]
    pub fn new(voice: Box<dyn Voice>, prompts: Prompts) -> Self {
        Self { voice, prompts, kept: HashMap::new() }
    }
}

impl Voice for Speaker {
    fn name(&self) -> &str {
        self.voice.name()
    }

    fn say(&mut self, text: &SpokenText) -> Result<Vec<i16>, SpeakError> {
        if let Some(recorded) = self.prompts.find(text) {
            return Ok(recorded.to_vec());
        }
        if let Some(kept) = self.kept.get(text.expose()) {
            return Ok(kept.clone());
        }
        let said = without_lead(self.voice.say(text)?);
        if text.is_public() && self.kept.len() < MOST_KEPT {
            self.kept.insert(text.expose().to_owned(), said.clone());
        }
        Ok(said)
    }
}

/// Takes away the silence that a voice puts before its first word, but for one frame: the caller waits for it with every
/// answer (flite's voices: 220 ms, measured). What it puts behind the last stays: it is the pause between sentences.
fn without_lead(mut samples: Vec<i16>) -> Vec<i16> {
    let silent = samples.chunks(FRAME_SAMPLES).take_while(|frame| rms_dbfs(frame) < LEAD_DBFS).count();
    // A sentence of silence alone stays as it is.
    if silent * FRAME_SAMPLES < samples.len() {
        samples.drain(..silent.saturating_sub(1) * FRAME_SAMPLES);
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_frame_of_the_silence_before_the_first_word_is_left() {
        let mut samples = vec![0; 11 * FRAME_SAMPLES];
        samples.extend(vec![3_000; 2 * FRAME_SAMPLES]);
        samples.extend(vec![0; 9 * FRAME_SAMPLES]);
        let said = without_lead(samples);
        assert_eq!(said.len(), (1 + 2 + 9) * FRAME_SAMPLES);
        assert_eq!((said[FRAME_SAMPLES - 1], said[FRAME_SAMPLES]), (0, 3_000));
        assert_eq!(without_lead(vec![0; 500]), vec![0; 500]);
        assert_eq!(without_lead(vec![3_000; 50]), vec![3_000; 50]);
    }

    /// A voice that says as many samples as the text has bytes and counts how often it was asked.
    struct Counting(std::sync::Arc<std::sync::atomic::AtomicUsize>);

    impl Voice for Counting {
        fn name(&self) -> &str {
            "counting"
        }

        fn say(&mut self, text: &SpokenText) -> Result<Vec<i16>, SpeakError> {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            Ok(vec![1; text.expose().len()])
        }
    }

    #[test]
    fn a_recording_is_used_before_the_cache_and_the_cache_before_the_voice() {
        let folder = tempfile::tempdir().unwrap();
        wav::write(&folder.path().join("please-hold.wav"), &[7; 5]).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "not a recording").unwrap();
        let asked = std::sync::Arc::default();
        let voice = Box::new(Counting(std::sync::Arc::clone(&asked)));
        let mut speaker = Speaker::new(voice, Prompts::load(folder.path()).unwrap());
        assert_eq!(speaker.say(&SpokenText::new("Please hold!")).unwrap(), [7; 5]);
        let count = || asked.load(std::sync::atomic::Ordering::Relaxed);
        assert_eq!(count(), 0);
        for _ in 0..2 {
            assert_eq!(speaker.say(&SpokenText::new("Goodbye.").public()).unwrap(), [1; 8]);
        }
        assert_eq!(count(), 1);
    }

    #[test]
    fn the_sound_of_a_sentence_that_may_name_somebody_is_not_kept() {
        let asked = std::sync::Arc::default();
        let voice = Box::new(Counting(std::sync::Arc::clone(&asked)));
        let mut speaker = Speaker::new(voice, Prompts::default());
        for _ in 0..2 {
            assert_eq!(speaker.say(&SpokenText::new("Hello Mary")).unwrap(), [1; 10]);
        }
        assert_eq!(asked.load(std::sync::atomic::Ordering::Relaxed), 2);
        assert!(speaker.kept.is_empty());
    }

    #[test]
    fn a_slug_is_the_sentences_words() {
        assert_eq!(slug("It's 8 a.m. -- Please HOLD!"), "its-8-a-m-please-hold");
        assert_eq!(slug(""), "");
        assert!(slug(&"word ".repeat(99)).len() <= LONGEST_SLUG);
    }

    #[test]
    fn a_damaged_recording_or_a_missing_folder_is_found_at_start() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("please-hold.wav"), "not sound").unwrap();
        assert!(matches!(Prompts::load(folder.path()), Err(PromptsError::Recording(_))));
        assert!(matches!(Prompts::load(&folder.path().join("none")), Err(PromptsError::Folder { .. })));
    }
}
