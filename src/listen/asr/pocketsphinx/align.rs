//! When words that are known are said: a grammar of exactly these words is pressed on the sound.
//!
//! In:  the samples of one turn (8 kHz) and the words that are said in it, in order. Out: each word's first and last frame,
//! 10 ms each, on the same time line as [`Word::frames`](super::Word). For measurements: no daemon uses it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::ffi::Decoder;
use super::{ENGINE, LEAST_SAMPLES, OpenError, RecogniseError, SphinxPaths, decoder, front, owned, pronounce, search};

/// One search serves for all: each turn's grammar takes the place of the last one's.
const SAID: &std::ffi::CStr = c"said";

/// A search along one path has few states, so that wide beams are cheap; with the library's own a voice that fits the
/// acoustic model badly loses the path.
const OPTIONS: [(&str, &str); 4] =
    [("-beam", "1e-150"), ("-pbeam", "1e-150"), ("-wbeam", "1e-120"), ("-silprob", "0.1")];

/// Presses known words on sound.
pub struct Aligner {
    decoder: Decoder,
    dictionary: PathBuf,
}

impl Aligner {
    /// Loads the acoustic model and the dictionary; the language model is not used.
    ///
    /// # Errors
    /// [`OpenError`], which says what to install, make or restore.
    pub fn open(paths: &SphinxPaths) -> Result<Self, OpenError> {
        let mut options = paths.options()?;
        options.extend(OPTIONS.iter().map(owned));
        let decoder = decoder(&options).map_err(|_| OpenError::Damaged { path: paths.acoustic.clone() })?;
        Ok(Self { decoder, dictionary: paths.dictionary.clone() })
    }

    /// When each of `words` (lower-case letters and apostrophes) is said; `None` where they cannot be found in the sound.
    /// A word that the dictionary lacks is pronounced by rule.
    ///
    /// # Errors
    /// [`RecogniseError`].
    pub fn times(&mut self, samples: &[i16], words: &[String]) -> Result<Option<Vec<(i32, i32)>>, RecogniseError> {
        let refused = |what| move |_| RecogniseError::Engine { engine: ENGINE, what };
        if samples.len() < LEAST_SAMPLES || words.is_empty() {
            return Ok(None);
        }
        let unknown: BTreeSet<String> = words.iter().filter(|word| !self.decoder.knows(word)).cloned().collect();
        let unknown: Vec<String> = unknown.into_iter().collect();
        for (word, ways) in pronounce(&unknown, Some(&self.dictionary)) {
            let Some(phones) = ways.first() else { continue };
            self.decoder.add_word(&word, phones).map_err(refused("new word"))?;
        }
        let jsgf = format!("#JSGF V1.0;\ngrammar said;\npublic <said> = {};\n", words.join(" "));
        self.decoder.load_grammar(SAID, &jsgf).map_err(refused("grammar"))?;
        self.decoder.select(SAID).map_err(refused("grammar search"))?;
        let mut frames = self.decoder.cepstra(&front::widen(samples)).map_err(refused("front end"))?;
        front::take_out_mean(&mut frames);
        let found = search(&mut self.decoder, &frames, &AtomicBool::new(false))?;
        let whole = found.words.len() == words.len() && found.words.iter().zip(words).all(|(f, w)| f.text == *w);
        Ok(whole.then(|| found.words.iter().map(|word| word.frames).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speak::flite::Flite;
    use crate::speak::{FliteVoice, SpokenText, Voice};

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn words_of_a_sentence_are_found_in_order_and_a_name_by_rule() {
        let mut aligner = Aligner::open(&SphinxPaths::general()).unwrap();
        let text = "my name is oyelowo zzyx and my number is five five five";
        let sound = Flite::open(FliteVoice::Slt).unwrap().say(&SpokenText::new(text)).unwrap();
        let times = aligner.times(&sound, &words(text)).unwrap().unwrap();
        assert!(times.windows(2).all(|pair| pair[0].1 < pair[1].0), "{times:?}");
        assert!(times.iter().all(|(first, last)| first < last && *last * 80 <= i32::try_from(sound.len()).unwrap()));
    }

    #[test]
    fn nothing_has_no_times() {
        let mut aligner = Aligner::open(&SphinxPaths::general()).unwrap();
        assert_eq!(aligner.times(&[], &words("yes")).unwrap(), None);
        assert_eq!(aligner.times(&[0; 8_000], &[]).unwrap(), None);
    }
}
