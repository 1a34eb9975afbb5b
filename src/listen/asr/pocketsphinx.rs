//! Real recognition on a machine that has only its distribution's packages: CMU PocketSphinx with our own clinic
//! language model, and grammars by what was asked.
//!
//! In:  the samples of one turn (8 kHz) and the [`Task`]. Out: a [`RawTranscript`].
//! ```text
//! 8 kHz -> 16 kHz + floor -> cepstra - mean -+-> language model search --> words, posteriors --+-> choose -> transcript
//!                                            +-> grammar search, if the question has one ------+
//! ```
//! Runs on the thread of its caller; each thread opens its own. Never writes audio or text to disk or log.

mod align;
mod choose;
mod ffi;
mod front;

use std::collections::{BTreeSet, HashMap};
use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::expect::Expecting;
use crate::listen::{HeardWord, RawTranscript};
use crate::secret::Secret;

use super::grammar::{answer_words, grammar, name_words};
use super::pronounce::pronounce;
use super::weights::{LANGUAGE_WEIGHT, weigh};
use super::{RecogniseError, Recognizer, Task};
pub use align::Aligner;
pub use choose::{Hearing, Word};
use ffi::{Decoder, Frame};

const ENGINE: &str = "pocketsphinx";
const LANGUAGE: &CStr = c"language";
/// 100 ms: how often a search looks whether it was called off.
const CHUNK_FRAMES: usize = 10;
/// Shorter sound than this holds no word (samples at 8 kHz): 60 ms.
const LEAST_SAMPLES: usize = 480;

/// Where the models lie.
#[derive(Clone, Debug)]
pub struct SphinxPaths {
    /// Folder of the acoustic model.
    pub acoustic: PathBuf,
    /// The language model, ARPA.
    pub lm: PathBuf,
    /// The dictionary that goes with it.
    pub dictionary: PathBuf,
}

impl SphinxPaths {
    /// Debian's acoustic model and, in `models/clinic-lm`, the clinic language model and dictionary.
    #[must_use]
    pub fn debian(models: &Path) -> Self {
        let clinic = models.join("clinic-lm");
        Self {
            acoustic: PathBuf::from("/usr/share/pocketsphinx/model/en-us/en-us"),
            lm: clinic.join("clinic.lm"),
            dictionary: clinic.join("clinic.dict"),
        }
    }

    /// Debian's acoustic model with Debian's general language model and dictionary: for measurements.
    #[must_use]
    pub fn general() -> Self {
        let folder = Path::new("/usr/share/pocketsphinx/model/en-us");
        Self {
            acoustic: folder.join("en-us"),
            lm: folder.join("en-us.lm.bin"),
            dictionary: folder.join("cmudict-en-us.dict"),
        }
    }

    /// Whether every file is there, and the options that load the acoustic model and the dictionary.
    fn options(&self) -> Result<Vec<(String, String)>, OpenError> {
        for file in ["mdef", "means", "variances", "transition_matrices", "sendump", "feat.params"] {
            let path = self.acoustic.join(file);
            if !path.is_file() {
                return Err(OpenError::NoAcousticModel { path });
            }
        }
        for path in [&self.lm, &self.dictionary] {
            if !path.is_file() {
                return Err(OpenError::NoLanguageModel { path: path.clone() });
            }
        }
        let mut options =
            vec![("-hmm".to_owned(), text(&self.acoustic)?), ("-dict".to_owned(), text(&self.dictionary)?)];
        options.extend(front_end(&self.acoustic.join("feat.params"))?);
        options.extend(OPTIONS.iter().map(owned));
        Ok(options)
    }
}

fn text(path: &Path) -> Result<String, OpenError> {
    path.to_str().map(str::to_owned).ok_or_else(|| OpenError::OddPath { path: path.to_owned() })
}

fn owned((name, value): &(&str, &str)) -> (String, String) {
    ((*name).to_owned(), (*value).to_owned())
}

/// The recogniser cannot start. The box must refuse to take calls with it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The acoustic model's folder lacks a file.
    #[error("no acoustic model: {path} is missing; install it with: apt-get install pocketsphinx-en-us")]
    NoAcousticModel {
        /// The missing file.
        path: PathBuf,
    },
    /// The language model or the dictionary is missing.
    #[error("{path} is missing; make it with: python3 models/clinic-lm/build.py")]
    NoLanguageModel {
        /// The missing file.
        path: PathBuf,
    },
    /// A file is there but the library cannot use it.
    #[error("PocketSphinx cannot use {path}: it is damaged or of another kind; put the original file back")]
    Damaged {
        /// The file or folder.
        path: PathBuf,
    },
    /// A path is not valid text.
    #[error("{path} cannot be passed to PocketSphinx: it is not UTF-8; move the models elsewhere")]
    OddPath {
        /// The path.
        path: PathBuf,
    },
}

/// CMU PocketSphinx with two decoders over one front end: the language model's and the grammars'.
///
/// Two, because a clinic's candidate names are added to the grammars' dictionary alone, and are gone when that decoder is
/// made anew.
pub struct PocketSphinx {
    language: Decoder,
    grammars: Decoder,
    /// The grammars' decoder is made anew with these.
    for_grammars: Vec<(String, String)>,
    general: Option<PathBuf>,
    compiled: HashMap<Expecting, BTreeSet<String>>,
    added_names: bool,
}

impl PocketSphinx {
    /// Loads the models: some 40 MB and a fraction of a second.
    ///
    /// # Errors
    /// [`OpenError`], which says what to install, make or restore.
    pub fn open(paths: &SphinxPaths) -> Result<Self, OpenError> {
        Self::open_with(paths, &[])
    }

    /// As [`Self::open`], with options of the library's own ("-beam", "1e-60") for measurements.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_with(paths: &SphinxPaths, extra: &[(String, String)]) -> Result<Self, OpenError> {
        let mut options = paths.options()?;
        let mut for_grammars = options.clone();
        for_grammars.extend(GRAMMAR_OPTIONS.iter().map(owned));
        for options in [&mut options, &mut for_grammars] {
            options.retain(|(known, _)| extra.iter().all(|(name, _)| name != known));
            options.extend(extra.iter().cloned());
        }
        let damaged = |path: &PathBuf| OpenError::Damaged { path: path.clone() };
        let mut language = decoder(&options).map_err(|_| damaged(&paths.acoustic))?;
        let grammars = decoder(&for_grammars).map_err(|_| damaged(&paths.acoustic))?;
        language.load_language_model(LANGUAGE, &text(&paths.lm)?).map_err(|_| damaged(&paths.lm))?;
        let general = paths.acoustic.parent().map(|folder| folder.join("cmudict-en-us.dict"));
        let general = general.filter(|path| path.is_file());
        Ok(Self { language, grammars, for_grammars, general, compiled: HashMap::new(), added_names: false })
    }

    /// The words of one turn, as [`Recognizer::recognise`] hears them, with their times; for measurements.
    ///
    /// # Errors
    /// [`RecogniseError`].
    pub fn hear(&mut self, samples: &[i16], task: &Task, call_off: &AtomicBool) -> Result<Vec<Word>, RecogniseError> {
        let (free, bound) = self.hear_twice(samples, task, call_off)?;
        let bound = bound.and_then(|bound| Some((bound, self.compiled.get(&task.expecting)?)));
        Ok(choose::choose(free, bound))
    }

    /// What else may have been said in the turn that [`Self::hear`] heard last, by the language model, likelier first. Finding it
    /// takes less than a thousandth of the time that hearing takes.
    pub fn also_heard(&mut self) -> Vec<String> {
        /// More are hardly ever another word.
        const PATHS: usize = 12;
        const OTHERS: usize = 3;
        let mut others: Vec<String> = Vec::new();
        for path in self.language.likely_paths(PATHS) {
            if others.len() < OTHERS && !others.contains(&path) {
                others.push(path);
            }
        }
        others
    }

    /// The transcript of words that were heard, and of the texts that may have been said as well.
    #[must_use]
    pub fn transcript(words: Vec<Word>, others: &[String]) -> RawTranscript {
        let word = |word: Word| HeardWord { text: Secret::new(word.text), confidence: word.confidence };
        let best = RawTranscript::heard(ENGINE, words.into_iter().map(word).collect());
        let others = others.iter().filter(|text| text.as_str() != best.expose()).map(|text| RawTranscript::typed(text));
        let others = others.collect();
        best.with_alternatives(others)
    }

    /// What both searches heard, before the choice between them; for measurements.
    ///
    /// # Errors
    /// [`RecogniseError`].
    pub fn hear_twice(
        &mut self,
        samples: &[i16],
        task: &Task,
        call_off: &AtomicBool,
    ) -> Result<(Hearing, Option<Hearing>), RecogniseError> {
        if samples.len() < LEAST_SAMPLES {
            return Ok((Hearing::default(), None));
        }
        let refused = |what| move |_| RecogniseError::Engine { engine: ENGINE, what };
        let mut frames = self.language.cepstra(&front::widen(samples)).map_err(refused("front end"))?;
        front::take_out_mean(&mut frames);
        self.language.select(LANGUAGE).map_err(refused("language search"))?;
        let free = search(&mut self.language, &frames, call_off)?;
        let Some(name) = self.grammar_for(task)? else { return Ok((free, None)) };
        self.grammars.select(name).map_err(refused("grammar search"))?;
        let bound = search(&mut self.grammars, &frames, call_off)?;
        Ok((free, Some(bound)))
    }

    /// Makes the grammar for the task ready and names its search.
    fn grammar_for(&mut self, task: &Task) -> Result<Option<&'static CStr>, RecogniseError> {
        let refused = |what| move |_| RecogniseError::Engine { engine: ENGINE, what };
        let Some(name) = search_name(task.expecting) else { return Ok(None) };
        let by_name = task.expecting == (Expecting::Name { spelled: false });
        if by_name || !self.compiled.contains_key(&task.expecting) {
            let names = if by_name { self.admit(&task.names)? } else { Vec::new() };
            let Some(jsgf) = grammar(task.expecting, &names) else { return Ok(None) };
            self.grammars.load_grammar(name, &weigh(&jsgf, LANGUAGE_WEIGHT)).map_err(refused("grammar"))?;
            let words = answer_words(&jsgf).into_iter().map(str::to_owned).collect();
            self.compiled.insert(task.expecting, words);
        }
        Ok(Some(name))
    }

    /// Sees to it that the dictionary has the names, and returns them as its words.
    fn admit(&mut self, names: &[Secret]) -> Result<Vec<Vec<String>>, RecogniseError> {
        let refused = |what| move |_| RecogniseError::Engine { engine: ENGINE, what };
        if self.added_names {
            // The last call's candidates must not stay in the dictionary.
            self.grammars = decoder(&self.for_grammars).map_err(refused("new decoder"))?;
            self.compiled.clear();
            self.added_names = false;
        }
        let names: Vec<Vec<String>> = names.iter().map(|name| name_words(name.expose())).collect();
        let names: Vec<Vec<String>> = names.into_iter().filter(|words| !words.is_empty()).collect();
        let mut unknown: Vec<String> = names.iter().flatten().filter(|w| !self.grammars.knows(w)).cloned().collect();
        unknown.sort();
        unknown.dedup();
        if !unknown.is_empty() {
            self.added_names = true;
            for (word, ways) in pronounce(&unknown, self.general.as_deref()) {
                for (number, phones) in (1..).zip(ways) {
                    let entry = if number == 1 { word.clone() } else { format!("{word}({number})") };
                    self.grammars.add_word(&entry, &phones).map_err(refused("new name"))?;
                }
            }
        }
        Ok(names)
    }
}

/// The acoustic model's own front-end settings, without its kind of mean subtraction: that file would win over options,
/// and its running mean starts from another room's microphone, which costs most on the first short answers.
fn front_end(file: &Path) -> Result<Vec<(String, String)>, OpenError> {
    let text = std::fs::read_to_string(file).map_err(|_| OpenError::Damaged { path: file.to_owned() })?;
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let pairs = tokens.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?)));
    let ours = pairs.filter(|(name, _)| FRONT_END.contains(name));
    Ok(ours.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// What is taken from the model's settings.
const FRONT_END: [&str; 9] =
    ["-lowerf", "-upperf", "-nfilt", "-transform", "-lifter", "-feat", "-svspec", "-agc", "-varnorm"];

/// Options beside the paths; each with its reason.
const OPTIONS: [(&str, &str); 5] = [
    // See `front_end`.
    ("-featparams", "/dev/null"),
    // The turn has been cut out by our own voice activity detector; the library's would cut again.
    ("-remove_silence", "no"),
    // The mean is taken out by `front::take_out_mean`.
    ("-cmn", "none"),
    // Posteriors need the word lattice.
    ("-bestpath", "yes"),
    // Of each sound's 128 Gaussians the 8 nearest are summed and not 4: a telephone voice lies between them. Of 180 single
    // human digits 35 were wrong and not 37, for about a tenth more work.
    ("-topn", "8"),
];

/// Options of the grammars' decoder alone.
const GRAMMAR_OPTIONS: [(&str, &str); 1] = [
    // A pause between two words of an answer is common, and at the library's price (0.005, raised to the language weight)
    // putting in a short word is cheaper: numbers read out with pauses grew an "oh" or an "eight" in each.
    ("-silprob", "0.1"),
];

impl Recognizer for PocketSphinx {
    fn name(&self) -> &'static str {
        ENGINE
    }

    fn recognise(
        &mut self,
        samples: &[i16],
        task: &Task,
        call_off: &AtomicBool,
    ) -> Result<RawTranscript, RecogniseError> {
        let words = self.hear(samples, task, call_off)?;
        // Where nothing was heard the decoder still holds the turn before.
        let others = if words.is_empty() { Vec::new() } else { self.also_heard() };
        Ok(Self::transcript(words, &others))
    }
}

fn decoder(options: &[(String, String)]) -> Result<Decoder, ffi::Refused> {
    let options: Vec<(&str, &str)> = options.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Decoder::new(&options)
}

fn search_name(expecting: Expecting) -> Option<&'static CStr> {
    match expecting {
        Expecting::Anything => None,
        Expecting::YesNo => Some(c"yes-no"),
        Expecting::Date => Some(c"date"),
        Expecting::Dob => Some(c"dob"),
        Expecting::Name { spelled: false } => Some(c"name"),
        Expecting::Name { spelled: true } => Some(c"spelled"),
        Expecting::Phone => Some(c"phone"),
        Expecting::MemberId => Some(c"member"),
        Expecting::Card => Some(c"card"),
    }
}

fn search(decoder: &mut Decoder, frames: &[Frame], call_off: &AtomicBool) -> Result<Hearing, RecogniseError> {
    let refused = |what| move |_| RecogniseError::Engine { engine: ENGINE, what };
    decoder.begin().map_err(refused("start of turn"))?;
    for chunk in frames.chunks(CHUNK_FRAMES) {
        if call_off.load(Ordering::Relaxed) {
            let _ = decoder.end();
            return Err(RecogniseError::CalledOff);
        }
        decoder.push(&mut chunk.to_vec()).map_err(refused("search"))?;
    }
    decoder.end().map_err(refused("end of turn"))?;
    Ok(Hearing::from_path(decoder.best_path()))
}
