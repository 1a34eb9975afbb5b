//! From a case to what was heard of it: voices, the telephone, the recognisers, and the times of the words.
//!
//! In:  a case's words. Out: [`Heard`]. This is what takes the time: two to three seconds of one core for each utterance.

use std::sync::atomic::AtomicBool;

use super::cases::Case;
use super::heard::{Heard, Model};
use super::judge::Frames;
use super::{Failure, Spoken, reading, voices};
use crate::cli::bench_asr::sounds::{Line, PAD_MS, SPEECH_DBFS};
use crate::expect::Expecting;
use crate::listen::asr::Task;
use crate::listen::asr::pocketsphinx::{Aligner, OpenError, PocketSphinx, SphinxPaths};
use crate::pcm::LINE_RATE;
use crate::pcm::level::bring_to;
use crate::speak::{SpokenText, Voice};

/// Everything that speaks and listens.
pub(super) struct Studio {
    voices: Vec<Box<dyn Voice>>,
    recognisers: Vec<(Model, PocketSphinx)>,
    aligner: Aligner,
    line: Line,
    seed: u64,
}

impl Studio {
    /// Opens the voices and loads the models.
    ///
    /// # Errors
    /// [`Failure`]: one of them is not there.
    pub(super) fn open(spoken: &Spoken) -> Result<Self, Failure> {
        let voices: Result<Vec<_>, _> = spoken.voices.iter().map(|name| voices::open(name)).collect();
        let open = |model: &Model| Ok((*model, PocketSphinx::open(&model.paths())?));
        let recognisers: Result<Vec<_>, OpenError> = spoken.recognisers.iter().map(open).collect();
        Ok(Self {
            voices: voices.map_err(Failure::because)?,
            recognisers: recognisers.map_err(Failure::because)?,
            aligner: Aligner::open(&SphinxPaths::general()).map_err(Failure::because)?,
            line: Line::Telephone(spoken.noise),
            seed: spoken.seed,
        })
    }

    /// One case in one voice, heard by everybody; `turn` chooses the voice and the noise. `None` where the voice failed:
    /// one sentence does not undo an hour, and a voice that is not there was found before.
    ///
    /// # Errors
    /// [`Failure`]: a recogniser failed.
    pub(super) fn hear(&mut self, case: &Case, turn: usize) -> Result<Option<Heard>, Failure> {
        let place = turn % self.voices.len().max(1);
        let Some(voice) = self.voices.get_mut(place) else { return Ok(None) };
        let said = reading::words(&case.text);
        let Ok(mut samples) = voice.say(&SpokenText::new(reading::for_voice(&said))) else { return Ok(None) };
        bring_to(&mut samples, SPEECH_DBFS);
        let samples = self.line.carry(&samples, self.seed.wrapping_add(u64::try_from(turn).unwrap_or(0)));
        let words: Vec<String> = said.into_iter().map(|said| said.word).collect();
        let times = self.aligner.times(&samples, &words).map_err(Failure::because)?;
        let mut heard = Heard {
            id: case.id.clone(),
            voice: voice.name().to_owned(),
            samples: samples.len(),
            measured: times.is_some(),
            times: times.unwrap_or_else(|| shared_out(&words, samples.len())),
            transcripts: Vec::with_capacity(self.recognisers.len()),
        };
        let task = Task { expecting: Expecting::Anything, names: Vec::new() };
        for (model, recogniser) in &mut self.recognisers {
            let words = recogniser.hear(&samples, &task, &AtomicBool::new(false)).map_err(Failure::because)?;
            let others = if words.is_empty() { Vec::new() } else { recogniser.also_heard() };
            heard.add(*model, words, others);
        }
        Ok(Some(heard))
    }
}

/// Times by letters, for words that were not found in the sound: the quiet before and after is known.
fn shared_out(words: &[String], samples: usize) -> Vec<Frames> {
    /// Samples in a frame of the recogniser's.
    const FRAME: usize = 80;
    let pad = usize::try_from(PAD_MS * LINE_RATE / 1_000).unwrap_or(0);
    let speech = samples.saturating_sub(2 * pad);
    let letters: usize = words.iter().map(String::len).sum();
    let frame = |letters_before: usize| {
        let at = pad + speech * letters_before / letters.max(1);
        i32::try_from(at / FRAME).unwrap_or(i32::MAX)
    };
    let mut before = 0;
    let word = |word: &String| {
        let first = frame(before);
        before += word.len();
        (first, frame(before))
    };
    words.iter().map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_by_letters_fill_the_sound_between_the_quiet() {
        let words = ["ab", "cdef"].map(str::to_owned);
        assert_eq!(shared_out(&words, 4_000 + 4_800), [(25, 45), (45, 85)]);
        assert_eq!(shared_out(&[], 0), []);
    }
}
