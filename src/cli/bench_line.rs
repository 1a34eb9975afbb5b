//! `anteroom bench line`: what the telephone line costs, how evenly it sounds at the far end, and how many calls at once
//! this machine carries.
//!
//! ```text
//!   SIPp: calls with speech <── UDP on loopback ──> the box
//!                                  │
//!                                 tap: each packet with the kernel's own time
//!   1. sound alone: the line in a process of its own, with a switchboard of a few lines
//!   2. whole calls: every daemon, questions and answers, more at once until the turn budget breaks
//! ```
//! In:  how many calls. Out: tables, and one line "max-calls for this machine: N". Needs SIPp and CAP_NET_RAW. Real time
//! throughout, synthetic speech alone; the callers run on the same machine and take their share of it.

mod datagram;
mod facts;
mod far_side;
mod measured;
mod media;
mod ports;
mod sipp;
mod sounds;
mod streams;
mod tap;
mod turns;
mod whole;

use std::time::Duration;

use nix::sys::resource::Usage;
use nix::sys::time::TimeValLike;

use super::Failure;
use super::exit::Exit;

/// Options of `bench line`.
#[derive(clap::Args)]
pub struct BenchLine {
    /// Calls of sound alone at once; several numbers, separated by commas, are measured one after the other. 0 for none.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 20, 100])]
    calls: Vec<usize>,
    /// How long each call of sound alone lasts, seconds.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Whole calls at once, growing; it ends where the turn budget breaks, and looks in between. 0 for none.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 4, 8, 12, 16, 24, 32])]
    whole: Vec<usize>,
    /// Questions that must be heard for each number of whole calls, at least.
    #[arg(long, default_value_t = 12)]
    turns: usize,
    /// Under a quota that stands for a board of four cores, each 2.5 times slower (needs root).
    #[arg(long)]
    quota: bool,
    /// A few minutes instead of many: short calls, few questions, nothing in between.
    #[arg(long)]
    quick: bool,
    /// For this command's own use: be the line, at this port, for so many calls.
    #[arg(long, hide = true, value_delimiter = ',')]
    far_side: Vec<u16>,
}

/// Calls of sound alone at once, at most: as many as there are ports for.
const MOST: usize = 240;

/// Runs the benchmark.
///
/// # Errors
/// [`Failure`]: SIPp is not there, packets cannot be seen, the box does not start, or no quota can be set.
pub async fn run(bench: &BenchLine) -> Result<Exit, Failure> {
    if !bench.far_side.is_empty() {
        return far_side::run(&bench.far_side).await;
    }
    let mut out = std::io::stdout();
    // Told at once, and not after the first call.
    tap::Tap::open(ports::SOUND).and_then(tap::Tap::close).map_err(Failure::because)?;
    writeln_machine(&mut out, bench.quota)?;
    let asked = |numbers: &[usize], most: usize| -> Vec<usize> {
        numbers.iter().copied().filter(|calls| (1..=most).contains(calls)).collect()
    };
    let talk = Duration::from_secs(if bench.quick { 5 } else { bench.seconds.clamp(2, 600) });
    let calls = asked(&bench.calls, MOST);
    if !calls.is_empty() {
        media::run(&calls, talk, bench.quota, &mut out).await?;
    }
    let whole = asked(&bench.whole, usize::MAX);
    if !whole.is_empty() {
        let turns = if bench.quick { 2 } else { bench.turns };
        let plan = whole::Plan { calls: &whole, turns, quota: bench.quota, between: !bench.quick };
        whole::run(&plan, &mut out).await?;
    }
    Ok(Exit::Well)
}

fn writeln_machine(out: &mut dyn std::io::Write, quota: bool) -> std::io::Result<()> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let build = if cfg!(debug_assertions) { "development build" } else { "release build" };
    let quota = if quota { ", the box under the quota of a four-core board" } else { "" };
    writeln!(out, "{} cores, {}, {build}, the callers on the same machine{quota}\n", cores, std::env::consts::ARCH)
}

/// Processor time, user and kernel; none where the system does not tell.
fn spent(usage: nix::Result<Usage>) -> Duration {
    let micros = usage.map_or(0, |usage| usage.user_time().num_microseconds() + usage.system_time().num_microseconds());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
