//! The models and voices of anteroomd, loaded once, before any call is answered.

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::{Config, Paths, RecogniserKind};
use crate::listen::asr::Recognizer;
use crate::listen::vad::{SileroModel, VadError};
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
    /// The recogniser.
    #[error("the recogniser cannot start: run 'anteroom models verify'")]
    Recogniser(#[source] Box<dyn std::error::Error + Send + Sync>),
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
    Ok(SileroModel::load(&paths.models.join("silero_vad.onnx"))?)
}

/// Opens the recognisers.
///
/// # Errors
/// [`EngineError::Recogniser`].
pub fn recognisers(config: &Config) -> Result<Vec<Box<dyn Recognizer>>, EngineError> {
    (0..WORKERS).map(|_| recogniser(config)).collect()
}

/// Opens one recogniser.
///
/// # Errors
/// [`EngineError::Recogniser`].
pub fn recogniser(config: &Config) -> Result<Box<dyn Recognizer>, EngineError> {
    let models: PathBuf = config.paths.models.clone();
    match config.brain.recogniser {
        RecogniserKind::PocketSphinx => crate::listen::asr::pocketsphinx::open(&models),
        RecogniserKind::Whisper => crate::listen::asr::whisper::open(&models, &config.brain.whisper_model),
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
            let prompts = speak::prompts::Prompts::load(&recordings)?;
            let speaker = speak::prompts::Speaker::new(speak::open(&choice)?, prompts);
            Ok(Box::new(speaker) as Box<dyn Voice>)
        })
        .collect()
}
