//! `anteroom bench turn`: how long callers wait, and what a call costs.
//!
//! In:  how many calls at once, on what machine, with which recogniser. Out: for each kind of question the wait from the
//! caller's last word to the first sound of the answer, measured at the caller's ear; where the time went, as the box
//! says; processor time of a minute of call; memory. Real time throughout: whole calls through the whole box.
//!
//! The callers are synthetic voices who answer fluently: how often a hesitant person is cut, this does not tell.

pub(super) mod quota;
pub(super) mod tally;
pub(super) mod usage;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::Failure;
use super::exit::Exit;
use super::own_box::OwnBox;
use super::processes::DAEMONS;
use crate::caller::report::CallReport;
use crate::caller::ring::{CallerError, Options, place_call};
use crate::caller::scenario::Scenario;
use crate::clock::SystemClock;
use crate::config::RecogniserKind;
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::line::Pace;
use quota::Quota;
use tally::Tally;
use usage::{family, usage};

/// Calls that between them put every question of the receptionist.
const SCENARIOS: [&str; 3] = [
    include_str!("../../tests/scenarios/booking.toml"),
    include_str!("../../tests/scenarios/message.toml"),
    include_str!("../../tests/scenarios/spelled.toml"),
];
/// How often memory is read and new threads are put under the quota.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Threads that Whisper computes a turn with.
const WHISPER_THREADS: u32 = 2;
/// Reports that may wait to be counted.
const WAITING: usize = 16;
/// Between the starts of calls at once: people do not ring in the same millisecond.
const APART: Duration = Duration::from_millis(1_700);

/// Options of `bench turn`.
#[derive(clap::Args)]
pub struct BenchTurn {
    /// Calls at once; several numbers, separated by commas, are measured one after the other.
    #[arg(long, value_delimiter = ',', default_values_t = [1])]
    calls: Vec<usize>,
    /// Calls that each line makes one after the other.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Under a quota that stands for a board of four cores, each 2.5 times slower (needs root).
    #[arg(long)]
    quota: bool,
    /// Each turn also costs what a Whisper of this file's shape would: a model of random weights, written by
    /// models/micro-whisper/random_weights.py.
    #[arg(long)]
    shape: Option<PathBuf>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Runs the benchmark.
///
/// # Errors
/// [`Failure`]: the box cannot start, or no quota can be set.
pub async fn run(bench: &BenchTurn) -> Result<Exit, Failure> {
    let mut out = std::io::stdout();
    for &calls in &bench.calls {
        let shape = bench.shape.as_deref();
        let own = OwnBox::start_at_the_cost_of("bench-turn", RecogniserKind::PocketSphinx, shape).await?;
        let splits = if bench.shape.is_some() { WHISPER_THREADS } else { 1 };
        let mut quota = if bench.quota { Some(Quota::new(splits).map_err(Failure::because)?) } else { None };
        let measured = measure(&own, bench, calls, quota.as_mut()).await;
        own.stop().await;
        drop(quota);
        let tally = measured?;
        if bench.json {
            tally.write_json(&mut out)?
        } else {
            tally.write(&mut out)?
        }
        out.flush()?;
    }
    Ok(Exit::Well)
}

async fn measure(
    own: &OwnBox,
    bench: &BenchTurn,
    calls: usize,
    mut quota: Option<&mut Quota>,
) -> Result<Tally, Failure> {
    let pids: Vec<u32> = DAEMONS.iter().filter_map(|name| own.processes.pid(name)).collect();
    let mut tally = Tally::new(calls, bench.quota, bench.shape.as_deref());
    let before = usage(&pids);
    let mut lines = Tasks::new(Stop::new());
    let (sender, mut reports) = mpsc::channel(WAITING);
    for line in 0..calls {
        let (run, rounds, reports) = (own.run().to_owned(), bench.rounds, sender.clone());
        lines.start("line", move |_| ring_again_and_again(run, line, rounds, reports));
    }
    drop(sender);
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            report = reports.recv() => match report {
                None => break,
                Some(report) => tally.add(report.as_ref()),
            },
            _ = looks.tick() => {
                let family = family(&pids);
                if let Some(quota) = &mut quota {
                    quota.hold(&family).map_err(Failure::because)?;
                }
                tally.memory(usage(&pids).memory_kib);
            }
        }
    }
    tally.cpu(usage(&pids).cpu.saturating_sub(before.cpu));
    Ok(tally)
}

/// One line: its calls, one after the other.
async fn ring_again_and_again(
    run: PathBuf,
    line: usize,
    rounds: usize,
    reports: mpsc::Sender<Result<CallReport, CallerError>>,
) -> Result<(), TaskError> {
    tokio::time::sleep(APART * u32::try_from(line).unwrap_or(0)).await;
    for round in 0..rounds {
        // Each line begins with another scenario, so that calls at once are at different questions.
        let text = SCENARIOS.get((line + round) % SCENARIOS.len()).copied().unwrap_or_default();
        let Ok(scenario) = Scenario::parse(text) else { continue };
        let options = Options {
            pace: Pace::Real,
            voice: None,
            wav_in: None,
            keep_audio: false,
            facts: None,
            clock: Arc::new(SystemClock),
        };
        let report = place_call(&run, &scenario, options, Stop::new()).await;
        if reports.send(report).await.is_err() {
            break;
        }
    }
    Ok(())
}
