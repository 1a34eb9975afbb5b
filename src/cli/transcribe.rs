//! `anteroom transcribe FILE.wav...`: what the box's own recogniser hears in recordings, for measuring it.

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use serde_json::json;

use super::exit::Exit;
use super::{Failure, home};
use crate::call::engines::open_recognisers;
use crate::expect::Expecting;
use crate::listen::asr::Task;
use crate::pcm::wav;

/// Options of `transcribe`.
#[derive(clap::Args)]
pub struct Transcribe {
    /// Recordings: any WAV of 8 to 48 kHz; heard at the telephone's 8 kHz.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// What the box would have asked for.
    #[arg(long, default_value = "anything")]
    expecting: Expecting,
    /// Which recogniser.
    #[arg(long, value_enum, default_value = "pocketsphinx")]
    recogniser: super::RecogniserArgument,
    /// Which of whisper's models.
    #[arg(long, default_value = "micro-whisper")]
    whisper_model: String,
}

/// Transcribes the files, one line each.
///
/// # Errors
/// [`Failure`]: a file is no usable WAV, or the recogniser is not there.
pub fn run(transcribe: &Transcribe) -> Result<Exit, Failure> {
    let models = home::models();
    let kind = transcribe.recogniser.into();
    let engines = open_recognisers(kind, &models, &transcribe.whisper_model, 1).map_err(Failure::because)?;
    let Some(mut engine) = engines.into_iter().next() else { return Ok(Exit::Unavailable) };
    let task = Task { expecting: transcribe.expecting, names: Vec::new() };
    let mut out = std::io::stdout();
    for file in &transcribe.files {
        let samples = wav::read(file).map_err(Failure::because)?;
        let heard = engine.recognise(&samples, &task, &AtomicBool::new(false)).map_err(Failure::because)?;
        let name = file.display().to_string();
        // Whoever runs this has the recording itself: its words are no secret to them.
        let text = heard.expose();
        if transcribe.json {
            let line = json!({
                "file": name, "text": text, "engine": heard.engine(), "confidence": heard.confidence(),
            });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{name}\t{text}")?;
        }
    }
    Ok(Exit::Well)
}
