//! Calls of sound alone: what the line itself costs, and how evenly its packets reach the far end.
//!
//! In:  how many calls at once, for how long. Out: one row each: processor time of the line's own process a call-second, with
//! its idle time taken off; spacing and losses of what SIPp sent and of what the line sent, by the tap.

use std::io::{self, Write};
use std::time::Duration;

use super::far_side::{Counts, FarSide};
use super::ports::{self, BOX, SOUND};
use super::sipp::{Calls, Ended, Sipp};
use super::sounds;
use super::streams::Quality;
use super::tap::Tap;
use crate::cli::Failure;
use crate::cli::bench_turn::quota::Quota;
use crate::clock::{Clock, SystemClock};
use crate::speak::FliteVoice;

/// How long the process is let alone before anything is measured.
const SETTLES: Duration = Duration::from_secs(1);
/// How long its idle time is looked at.
const IDLE: Duration = Duration::from_secs(3);
/// All calls ring within this time.
const ALL_RING: Duration = Duration::from_secs(2);
/// How often new threads are put under the quota.
const HOLD_EVERY: Duration = Duration::from_millis(250);

/// What was seen with so many calls at once.
struct Row {
    calls: usize,
    ended: Ended,
    cpu: Duration,
    idle_share: f64,
    counts: Counts,
    /// Of SIPp, as it comes to the line.
    receive: Quality,
    /// Of the line, as it comes to SIPp.
    transmit: Quality,
    missed: u32,
}

/// Measures calls of sound alone and writes the tables.
///
/// # Errors
/// [`Failure`].
pub(super) async fn run(calls: &[usize], talk: Duration, quota: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let sound = sounds::say(FliteVoice::Rms, sounds::LOOP).map_err(Failure::because)?;
    let sound = sounds::track(Duration::ZERO, &[sound], Duration::from_millis(500));
    let mut rows = Vec::new();
    for &calls in calls {
        rows.push(measure(calls, talk, quota, &sound).await?);
    }
    Ok(write(&rows, talk, out)?)
}

async fn measure(calls: usize, talk: Duration, quota: bool, sound: &[u8]) -> Result<Row, Failure> {
    let ports = ports::for_sip()?;
    let mut line = FarSide::start(ports[0], calls + 1).map_err(Failure::because)?;
    let pid = line.pid();
    let mut quota = if quota { Some(Quota::new(1).map_err(Failure::because)?) } else { None };
    let mut hold = move || match (&mut quota, pid) {
        (Some(quota), Some(pid)) => quota.hold(&[pid]).map_err(Failure::because),
        (_, _) => Ok(()),
    };
    tokio::time::sleep(SETTLES).await;
    hold()?;
    let start = line.counts().await.map_err(Failure::because)?;
    tokio::time::sleep(IDLE).await;
    let before = line.counts().await.map_err(Failure::because)?;
    let idle_share = before.cpu.saturating_sub(start.cpu).as_secs_f64() / IDLE.as_secs_f64();
    let tap = Tap::open(SOUND).map_err(Failure::because)?;
    let apart = ALL_RING / u32::try_from(calls.max(1)).unwrap_or(u32::MAX);
    let began = SystemClock.now();
    let mut sipp = Sipp::start(&Calls { ports, calls, apart, sound, talk }).map_err(Failure::because)?;
    let mut tick = tokio::time::interval(HOLD_EVERY);
    let mut over = std::pin::pin!(sipp.ended());
    let ended = loop {
        tokio::select! {
            ended = &mut over => break ended,
            _ = tick.tick() => hold()?,
        }
    };
    let took = SystemClock.now().saturating_duration_since(began);
    let ended = ended.map_err(Failure::because)?;
    let counts = line.counts().await.map_err(Failure::because)?;
    let seen = tap.close().map_err(Failure::because)?;
    line.stop().await;
    let idle = Duration::from_secs_f64(idle_share * took.as_secs_f64());
    Ok(Row {
        calls,
        ended,
        cpu: counts.cpu.saturating_sub(before.cpu).saturating_sub(idle),
        idle_share,
        counts,
        receive: Quality::of(&seen.streams, |(from, _)| !BOX.contains(&from)),
        transmit: Quality::of(&seen.streams, |(from, _)| BOX.contains(&from)),
        missed: seen.missed,
    })
}

fn write(rows: &[Row], talk: Duration, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Sound alone, calls of {} s:\n", talk.as_secs())?;
    writeln!(
        out,
        "| calls at once | served | processor time a call-second | of it, to one call | of SIPp's own | calls a core could carry | idle | frames heard / with voice | overrun |"
    )?;
    writeln!(out, "|---:|---:|---:|---:|---:|---:|---:|---:|---:|")?;
    let one = rows.first().map_or(0.0, Row::ms_a_call_second);
    for row in rows {
        let each = row.ms_a_call_second();
        writeln!(
            out,
            "| {} | {} | {each:.2} ms | {:.2} | {:.2} | {:.0} | {:.1} ms/s | {} / {} | {} |",
            row.calls,
            row.ended.served,
            ratio(each, one),
            ratio(row.cpu.as_secs_f64(), row.ended.cpu.as_secs_f64()),
            ratio(1_000.0, each),
            row.idle_share * 1_000.0,
            row.counts.heard,
            row.counts.loud,
            row.counts.dropped,
        )?;
    }
    writeln!(out)?;
    spacing_head(out)?;
    for row in rows {
        spacing(out, row.calls, "SIPp to the box", &row.receive, row.missed)?;
        spacing(out, row.calls, "the box to SIPp", &row.transmit, row.missed)?;
    }
    writeln!(out)
}

/// The head of a table of spacings.
///
/// # Errors
/// As writing fails.
pub(super) fn spacing_head(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "| calls at once | from | packets | spacing p50 | p99 | longest | lost | left out | missed by the tap |"
    )?;
    writeln!(out, "|---:|---|---:|---:|---:|---:|---:|---:|---:|")
}

/// A row of it.
///
/// # Errors
/// As writing fails.
pub(super) fn spacing(out: &mut dyn Write, calls: usize, from: &str, quality: &Quality, missed: u32) -> io::Result<()> {
    let [half, most, longest] = [50, 99, 100].map(|percent| quality.spacing_ms(percent));
    let Quality { packets, lost, left_out, .. } = quality;
    writeln!(
        out,
        "| {calls} | {from} | {packets} | {half:.1} ms | {most:.1} ms | {longest:.0} ms | {lost} | {left_out} | {missed} |"
    )
}

impl Row {
    fn ms_a_call_second(&self) -> f64 {
        ratio(self.cpu.as_secs_f64() * 1_000.0, self.transmit.lasted.as_secs_f64())
    }
}

fn ratio(a: f64, b: f64) -> f64 {
    a / b.max(f64::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::bench_line::streams::Heard;

    #[test]
    fn the_table_has_a_row_for_each_number_of_calls_and_two_for_its_packets() {
        let mut transmit = Quality::default();
        let heard = |n: u16| Heard {
            at: Duration::from_millis(u64::from(n) * 20),
            sequence: n,
            timestamp: u32::from(n) * 160,
            loud: true,
        };
        transmit.add(&(0..=500).map(heard).collect::<Vec<_>>());
        let row = |calls, cpu_ms| Row {
            calls,
            ended: Ended { served: calls, failed: 0, cpu: Duration::from_millis(40) },
            cpu: Duration::from_millis(cpu_ms),
            idle_share: 0.002,
            counts: Counts::default(),
            receive: Quality::default(),
            transmit: transmit.clone(),
            missed: 0,
        };
        let mut out = Vec::new();
        write(&[row(1, 20), row(20, 10)], Duration::from_secs(10), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("| 1 | 1 | 2.00 ms | 1.00 | 0.50 | 500 | 2.0 ms/s |"), "{text}");
        assert!(text.contains("| 20 | 20 | 1.00 ms | 0.50 | 0.25 | 1000 |"), "{text}");
        assert!(text.contains("| 20 | the box to SIPp | 501 | 20.0 ms | 20.0 ms | 20 ms | 0 | 0 | 0 |"), "{text}");
    }
}
