//! Whole calls: the box with all its daemons, callers over SIP, more and more at once until they wait too long.
//!
//! In:  how many calls at once, how many turns at least. Out: a row for each number of calls, what broke first, and how many
//! calls at once this machine carries.
//!
//! A caller of SIPp cannot listen. So the box's greeting is measured once, in a call in which nobody speaks; each caller asks
//! after it, and again after a gap that is longer than any answer. A question that met the box still speaking is told, and
//! counts for no wait. The wait is seen at the far end: from the caller's last loud packet to the first of the answer.

use std::io::Write;
use std::time::Duration;

use super::facts::Watcher;
use super::measured::{Step, Verdict, head, middle};
use super::ports::{self, BOX, SOUND};
use super::sipp::{Calls, Ended, Sipp};
use super::sounds::{self, QUESTIONS};
use super::streams::Streams;
use super::tap::{Seen, Tap};
use super::turns;
use crate::cli::Failure;
use crate::cli::bench_turn::quota::Quota;
use crate::cli::bench_turn::usage::{family, usage};
use crate::cli::own_box::OwnBox;
use crate::cli::processes::DAEMONS;
use crate::clock::{Clock, SystemClock};
use crate::config::RecogniserKind;
use crate::speak::FliteVoice;

/// How long the greeting is listened to.
const GREETING: Duration = Duration::from_secs(25);
/// From the greeting's end to the first question.
const THINKS: Duration = Duration::from_millis(1_500);
/// From a question's end to the next: longer than any answer, shorter than the box's own "are you still there?" after it.
const GAP: Duration = Duration::from_secs(12);
/// Between the starts of calls at once, at most: as in `bench turn`.
const APART: Duration = Duration::from_millis(1_700);
/// The brain attaches itself to the line a moment after its own door is open.
const ATTACHES: Duration = Duration::from_secs(2);
const HOLD_EVERY: Duration = Duration::from_millis(250);
/// More than this no box may be configured for.
const MOST: usize = 64;

/// How whole calls are measured.
pub(super) struct Plan<'a> {
    /// Numbers of calls at once, growing.
    pub(super) calls: &'a [usize],
    /// Turns of callers that are heard for each number, at least.
    pub(super) turns: usize,
    /// Under the quota of a small board.
    pub(super) quota: bool,
    /// Whether numbers between the last that held and the first that broke are tried too.
    pub(super) between: bool,
}

/// A running box and what watches it.
struct Stand {
    own: OwnBox,
    watcher: Watcher,
    quota: Option<Quota>,
    ports: [u16; 3],
    pids: Vec<u32>,
}

/// Measures whole calls and writes the table.
///
/// # Errors
/// [`Failure`].
pub(super) async fn run(plan: &Plan<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let most = plan.calls.iter().copied().max().unwrap_or(1).min(MOST);
    let ports = ports::for_sip()?;
    let own = OwnBox::start_with_line("bench-line", RecogniserKind::PocketSphinx, &section(ports[0], most)).await?;
    let quota = if plan.quota { Some(Quota::new(1).map_err(Failure::because)?) } else { None };
    let pids = DAEMONS.iter().filter_map(|name| own.processes.pid(name)).collect();
    let watcher = Watcher::start(own.run()).await.map_err(Failure::because)?;
    let mut stand = Stand { own, watcher, quota, ports, pids };
    let measured = climb(&mut stand, plan, most, out).await;
    stand.watcher.stop().await;
    stand.own.stop().await;
    drop(stand.quota);
    measured
}

/// A box behind a gateway, on loopback alone.
fn section(port: u16, calls: usize) -> String {
    let (first, last) = (BOX.start(), BOX.end().saturating_sub(1));
    format!(
        "[line]\nkind = \"sip\"\nmax-calls = {calls}\n[line.sip]\nprofile = \"ata-direct\"\ntransport = \"udp\"\n\
         peers = [\"127.0.0.1\"]\nlisten = \"127.0.0.1:{port}\"\npublic-ports = \"{first}-{last}\"\nsrtp = \"off\"\n\
         desks = [\"sip:desk@127.0.0.1:9\"]\ntesters-only = true\n"
    )
}

async fn climb(stand: &mut Stand, plan: &Plan<'_>, most: usize, out: &mut dyn Write) -> Result<(), Failure> {
    tokio::time::sleep(ATTACHES).await;
    let greeting = greeting(stand).await?;
    let said: Result<Vec<_>, _> = QUESTIONS.iter().map(|text| sounds::say(FliteVoice::Rms, text)).collect();
    let track = sounds::track(greeting + THINKS, &said.map_err(Failure::because)?, GAP);
    writeln!(
        out,
        "Whole calls of {} s: the greeting takes {:.1} s, then {} questions; {}:\n",
        sounds::lasts(&track).as_secs(),
        greeting.as_secs_f64(),
        QUESTIONS.len(),
        if plan.quota { "under the quota of a four-core board" } else { "this machine" },
    )?;
    head(out)?;
    let (mut verdict, mut steps) = (Verdict::default(), plan.calls.to_vec());
    steps.retain(|calls| (1..=most).contains(calls));
    let mut steps = steps.into_iter();
    let mut spacings = Vec::new();
    loop {
        let next = if verdict.broke().is_none() { steps.next() } else { middle(&verdict).filter(|_| plan.between) };
        let Some(calls) = next else { break };
        let step = step(stand, calls, plan, &track).await?;
        step.write(out)?;
        out.flush()?;
        verdict.add(&step);
        spacings.push(step);
    }
    writeln!(out)?;
    super::media::spacing_head(out)?;
    for step in &spacings {
        super::media::spacing(out, step.calls, "SIPp to the box", &step.receive, step.missed)?;
        super::media::spacing(out, step.calls, "the box to SIPp", &step.transmit, step.missed)?;
    }
    writeln!(out)?;
    Ok(verdict.write(out)?)
}

/// How long the box's first words take, by a call in which the caller says nothing.
async fn greeting(stand: &mut Stand) -> Result<Duration, Failure> {
    let track = sounds::track(GREETING, &[], Duration::ZERO);
    let (_, seen) = ring(stand, 1, &track).await?;
    let of_box = seen.streams.iter().find(|((from, _), _)| BOX.contains(from));
    of_box.and_then(|(_, stream)| turns::greeted(stream)).ok_or_else(|| Failure::because(NoGreeting))
}

/// Nothing was heard.
#[derive(Debug, thiserror::Error)]
#[error("the box answered, and no word of it was heard: look at its log, or try one call with `anteroom demo`")]
struct NoGreeting;

/// So many calls at once, again and again until there are turns enough.
async fn step(stand: &mut Stand, calls: usize, plan: &Plan<'_>, track: &[u8]) -> Result<Step, Failure> {
    let mut step = Step::new(calls, plan.quota);
    stand.watcher.take();
    // Turns while not all calls are up do not count: at most one round in two is lost to that.
    let rounds = plan.turns.div_ceil(calls * QUESTIONS.len()) * 2;
    for _ in 0..rounds {
        let (before, began) = (usage(&stand.pids).cpu, SystemClock.now());
        let (ended, seen) = ring(stand, calls, track).await?;
        let took = SystemClock.now().saturating_duration_since(began);
        step.told(&stand.watcher.take());
        step.add(&seen, ended, usage(&stand.pids).cpu.saturating_sub(before), took, GAP);
        if step.turns() >= plan.turns {
            break;
        }
    }
    Ok(step)
}

/// One run of SIPp, and what the tap saw of it.
async fn ring(stand: &mut Stand, calls: usize, track: &[u8]) -> Result<(Ended, Seen), Failure> {
    let tap = Tap::open(SOUND).map_err(Failure::because)?;
    let cycle = GAP / u32::try_from(calls).unwrap_or(u32::MAX);
    let (apart, talk) = (APART.min(cycle), sounds::lasts(track));
    let mut sipp =
        Sipp::start(&Calls { ports: stand.ports, calls, apart, sound: track, talk }).map_err(Failure::because)?;
    let mut tick = tokio::time::interval(HOLD_EVERY);
    let mut over = std::pin::pin!(sipp.ended());
    let ended = loop {
        tokio::select! {
            ended = &mut over => break ended.map_err(Failure::because)?,
            _ = tick.tick() => {
                if let Some(quota) = &mut stand.quota {
                    quota.hold(&family(&stand.pids)).map_err(Failure::because)?;
                }
            }
        }
    };
    let seen = tap.close().map_err(Failure::because)?;
    Ok((ended, seen))
}

/// The packets of each call, the caller's first.
pub(super) fn pairs(streams: &Streams) -> impl Iterator<Item = (&[super::streams::Heard], &[super::streams::Heard])> {
    streams.iter().filter(|((from, _), _)| !BOX.contains(from)).filter_map(|((from, to), caller)| {
        streams.get(&(*to, *from)).map(|of_box| (caller.as_slice(), of_box.as_slice()))
    })
}
