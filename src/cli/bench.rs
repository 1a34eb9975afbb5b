//! `anteroom bench NAME`: measures one part of the box on this machine and prints what it saw.
//!
//! Figures are quoted as ratios of one run; nothing here passes or fails.

use std::io::Write;
use std::path::PathBuf;

use super::exit::Exit;
use super::{
    Failure, bench_airlock, bench_asr, bench_line, bench_record, bench_redact, bench_spoken, bench_turn, bench_vad,
    home,
};
use crate::listen::vad::MODEL_FILE;

/// Options of `bench`.
#[derive(clap::Args)]
pub struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Voice activity detection: processor time a second of sound.
    Vad {
        /// A recording.
        wav: PathBuf,
    },
    /// Whole calls: how long callers wait, processor time and memory.
    Turn(bench_turn::BenchTurn),
    /// The telephone line: cost of a call, evenness of its sound, and how many calls at once this machine carries.
    Line(bench_line::BenchLine),
    /// Redaction: time an utterance, over JSONL cases as `anteroom redact` takes them.
    Redact {
        /// The cases: a file or a folder of them.
        cases: PathBuf,
    },
    /// Redaction of speech: what leaks of what a recogniser could hear, over cases with known spans.
    Spoken(bench_spoken::Spoken),
    /// The airlock: what it adds to a model's answer, beside a direct client.
    Airlock(bench_airlock::BenchAirlock),
    /// The record: time, processor time and bytes written, beside plain SQLite.
    Record(bench_record::BenchRecord),
    /// Recognition: words wrong and processor time, by voice and question.
    Asr(bench_asr::Asr),
}

/// Runs a benchmark.
///
/// # Errors
/// [`Failure`]: the input or the model is not there.
pub async fn run(bench: &Bench) -> Result<Exit, Failure> {
    let mut out = std::io::stdout();
    match &bench.what {
        What::Vad { wav } => {
            let report = bench_vad::run(wav, &home::models().join(MODEL_FILE)).map_err(Failure::because)?;
            writeln!(out, "{report}")?;
        }
        What::Turn(turn) => return bench_turn::run(turn).await,
        What::Line(line) => return bench_line::run(line).await,
        What::Airlock(airlock) => return bench_airlock::run(airlock, &mut out).await,
        What::Asr(asr) => bench_asr::run(asr, &mut out)?,
        What::Record(record) => bench_record::run(record, &mut out)?,
        What::Spoken(spoken) => bench_spoken::run(spoken, &mut out)?,
        What::Redact { cases } => {
            let report = bench_redact::run(cases).map_err(Failure::because)?;
            writeln!(out, "{report}")?;
        }
    }
    Ok(Exit::Well)
}
