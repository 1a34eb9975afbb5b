//! The models and voices of anteroomd, loaded once, before any call is answered.

use std::path::Path;
use std::sync::Arc;

use crate::config::{Config, Paths, RecogniserKind};
use crate::listen::asr::Recognizer;
use crate::listen::asr::pocketsphinx::{OpenError, PocketSphinx, SphinxPaths};
use crate::listen::asr::whisper::{Settings, Weights, WeightsError, bench};
use crate::listen::models::{self, Entry, ModelError, NoProduction, Purpose, Standing};
use crate::listen::vad::{MODEL_FILE, SileroModel, VadError};
use crate::speak::choice::ChoiceError;
use crate::speak::prompts::PromptsError;
use crate::speak::{self, SpeakError, Voice};

/// Recognisers and voices: as many turns at once as there are cores to recognise them on, at most.
const WORKERS: usize = 2;

/// A model or a voice cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The voice activity model.
    #[error("voice activity detection cannot start")]
    Vad(#[from] VadError),
    /// PocketSphinx.
    #[error("the recogniser cannot start")]
    Sphinx(#[from] OpenError),
    /// A model of whisper's that is missing or not the one that is pinned.
    #[error("the recogniser cannot start")]
    Model(#[from] ModelError),
    /// Whisper.
    #[error("the recogniser cannot start")]
    Weights(#[from] WeightsError),
    /// A file for measuring.
    #[error("the shape cannot be measured")]
    Shape(#[from] bench::BenchError),
    /// The configured voice.
    #[error("brain.voice: {0}")]
    Choice(#[from] ChoiceError),
    /// The voice engine.
    #[error("the voice cannot start")]
    Voice(#[from] SpeakError),
    /// The clinic's own recordings.
    #[error("the clinic's recordings cannot be read")]
    Prompts(#[from] PromptsError),
}

/// Loads the voice activity model.
///
/// # Errors
/// [`EngineError::Vad`].
pub fn silero(paths: &Paths) -> Result<Arc<SileroModel>, EngineError> {
    Ok(SileroModel::load(&paths.models.join(MODEL_FILE))?)
}

/// Whether a box with this configuration may answer a real line. What hears the callers has been verified when it was
/// loaded; here it is only asked what it is for.
#[must_use]
pub fn standing(config: &Config) -> Standing {
    let not_used = |what| Standing::Demonstration { why: NoProduction::NotUsed(what) };
    match config.brain.recogniser {
        RecogniserKind::PocketSphinx => not_used("pocketsphinx"),
        RecogniserKind::Whisper => match models::find(&config.brain.whisper_model) {
            Ok(Entry { name, purpose: Purpose::Production, .. }) => Standing::Production(name),
            Ok(Entry { name, purpose: Purpose::TestOnly, .. }) => not_used(name),
            Err(_) => not_used("unknown"),
        },
    }
}

/// Opens the recognisers that the configuration asks for; with `shape`, each turn also costs what a Whisper of that file's
/// shape would (see [`mod@bench`]).
///
/// # Errors
/// [`EngineError`]: a model is missing, damaged, or not the one whose hash is pinned.
pub fn recognisers(config: &Config, shape: Option<&Path>) -> Result<Vec<Box<dyn Recognizer>>, EngineError> {
    let hear = open_recognisers(config.brain.recogniser, &config.paths.models, &config.brain.whisper_model, WORKERS)?;
    let Some(shape) = shape else { return Ok(hear) };
    let weights = bench::unverified(shape)?;
    let costly = |hears| Ok(Box::new(bench::AtTheCostOf::new(&weights, hears)?) as Box<dyn Recognizer>);
    hear.into_iter().map(costly).collect()
}

/// Opens `count` recognisers of one kind with the models in `models`.
///
/// # Errors
/// As [`recognisers`].
pub fn open_recognisers(
    kind: RecogniserKind,
    models: &Path,
    whisper_model: &str,
    count: usize,
) -> Result<Vec<Box<dyn Recognizer>>, EngineError> {
    match kind {
        RecogniserKind::PocketSphinx => {
            let paths = SphinxPaths::debian(models);
            let open = |_| Ok(Box::new(PocketSphinx::open(&paths)?) as Box<dyn Recognizer>);
            (0..count).map(open).collect()
        }
        RecogniserKind::Whisper => {
            let weights = Weights::load(&models::open(models, whisper_model)?)?;
            let open = |_| Ok(Box::new(weights.recogniser(&Settings::default())?) as Box<dyn Recognizer>);
            (0..count).map(open).collect()
        }
    }
}

/// Opens the voices, with the clinic's own recordings before them.
///
/// # Errors
/// [`EngineError`].
pub fn voices(config: &Config) -> Result<Vec<Box<dyn Voice>>, EngineError> {
    let choice = config.brain.voice.parse::<speak::VoiceChoice>()?;
    let recordings = config.paths.prompts.join("recordings");
    (0..WORKERS)
        .map(|_| {
            // A clinic without recordings of its own is the usual case.
            let prompts = match recordings.is_dir() {
                true => speak::prompts::Prompts::load(&recordings)?,
                false => speak::prompts::Prompts::default(),
            };
            let speaker = speak::prompts::Speaker::new(speak::open(&choice)?, prompts);
            Ok(Box::new(speaker) as Box<dyn Voice>)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing_of(brain: &str) -> Standing {
        let shipped = include_str!("../../docs/anteroom.toml");
        let (before, after) = shipped.split_once("recogniser = \"pocketsphinx\"").unwrap();
        let (_, after) = after.split_once("whisper-model = \"base.en-q5_1\"").unwrap();
        let config = Config::parse(&format!("{before}{brain}{after}"), Path::new("/etc/anteroom")).unwrap();
        standing(&config)
    }

    #[test]
    fn only_a_recogniser_with_production_weights_makes_a_production_box() {
        let whisper = |model: &str| standing_of(&format!("recogniser = \"whisper\"\nwhisper-model = \"{model}\""));
        assert_eq!(whisper("tiny.en-q5_1"), Standing::Production("tiny.en-q5_1"));
        for demonstration in
            [whisper("micro-whisper"), whisper("no-such-model"), standing_of("recogniser = \"pocketsphinx\"")]
        {
            assert!(matches!(demonstration, Standing::Demonstration { .. }), "{demonstration:?}");
        }
    }
}
