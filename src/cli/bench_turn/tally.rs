//! What `bench turn` saw, as a table: waits by what had been asked, against the turn budget, and costs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::caller::report::CallReport;
use crate::caller::ring::CallerError;
use crate::expect::Expecting;
use crate::listen::endpoint::budget;
use crate::wire::watch::Fact;

/// What is known of the turns that answered one kind of question.
#[derive(Debug, Default)]
struct Class {
    /// At the caller's ear, from the last word to the first sound of the answer.
    waits: Vec<Duration>,
    cut: usize,
    /// As the box says: end of turn, recognition (inside it), first audio after it.
    end_ms: Vec<u32>,
    recognition_ms: Vec<u32>,
    first_audio_ms: Vec<u32>,
    redaction_us: Vec<u32>,
}

/// What was seen with so many calls at once.
#[derive(Debug)]
pub(super) struct Tally {
    calls_at_once: usize,
    quota: bool,
    shape: Option<String>,
    classes: BTreeMap<&'static str, (Expecting, Class)>,
    calls: usize,
    well: usize,
    line_time: Duration,
    cpu: Duration,
    peak_kib: u64,
}

impl Tally {
    pub(super) fn new(calls_at_once: usize, quota: bool, shape: Option<&Path>) -> Self {
        let shape = shape.and_then(Path::file_stem).map(|name| name.to_string_lossy().into_owned());
        let classes = BTreeMap::new();
        let (calls, well, peak_kib) = (0, 0, 0);
        let (line_time, cpu) = (Duration::ZERO, Duration::ZERO);
        Self { calls_at_once, quota, shape, classes, calls, well, line_time, cpu, peak_kib }
    }

    /// Takes a call.
    pub(super) fn add(&mut self, report: Result<&CallReport, &CallerError>) {
        self.calls += 1;
        let Ok(report) = report else { return };
        let served = report.handed_over || matches!(report.outcome.as_deref(), Some("booked" | "message-left"));
        self.well += usize::from(served);
        self.line_time += Duration::from_millis(20) * u32::try_from(report.frames).unwrap_or(u32::MAX);
        for response in &report.responses {
            let class = self.class(response.expecting);
            class.waits.push(response.wait);
            class.cut += usize::from(response.cut);
        }
        for fact in &report.facts {
            let Fact::Timing { expecting, end_of_turn_ms, recognition_ms, redaction_us, first_audio_ms, .. } = fact
            else {
                continue;
            };
            let class = self.class(*expecting);
            class.end_ms.push(*end_of_turn_ms);
            class.recognition_ms.push(*recognition_ms);
            class.first_audio_ms.push(*first_audio_ms);
            class.redaction_us.push(*redaction_us);
        }
    }

    /// Takes the box's memory at some moment, KiB.
    pub(super) fn memory(&mut self, kib: u64) {
        self.peak_kib = self.peak_kib.max(kib);
    }

    /// Takes the processor time of all calls together.
    pub(super) fn cpu(&mut self, cpu: Duration) {
        self.cpu = cpu;
    }

    fn class(&mut self, expecting: Expecting) -> &mut Class {
        &mut self.classes.entry(expecting.as_str()).or_insert_with(|| (expecting, Class::default())).1
    }

    fn machine(&self) -> &'static str {
        if self.quota { "quota of a four-core board" } else { "this machine" }
    }

    fn cpu_per_call_minute(&self) -> f64 {
        self.cpu.as_secs_f64() / (self.line_time.as_secs_f64() / 60.0).max(f64::EPSILON)
    }

    /// The table for a person.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let shape = self.shape.as_ref().map_or_else(String::new, |shape| format!(", at the cost of the shape {shape}"));
        writeln!(out, "{} call(s) at once, {}, pocketsphinx{shape}:\n", self.calls_at_once, self.machine())?;
        writeln!(
            out,
            "| asked for | turns | wait p50 | p95 | budget p95 | cut | end of turn | recognition | then first audio | redaction |"
        )?;
        writeln!(out, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")?;
        for (expecting, class) in self.classes.values() {
            let (p50, p95) = (at(&class.waits, 50), at(&class.waits, 95));
            let ms = |values: &[u32]| format!("{} / {} ms", at(values, 50), at(values, 95));
            writeln!(
                out,
                "| {expecting} | {} | {} ms | {} ms | {} ms | {} | {} | {} | {} | {} us |",
                class.waits.len(),
                p50.as_millis(),
                p95.as_millis(),
                self.budget_ms(*expecting),
                class.cut,
                ms(&class.end_ms),
                ms(&class.recognition_ms),
                ms(&class.first_audio_ms),
                at(&class.redaction_us, 95),
            )?;
        }
        writeln!(
            out,
            "{} of {} calls served or handed over; {:.1} s of processor time a call-minute; peak memory {} MB over all processes\n",
            self.well,
            self.calls,
            self.cpu_per_call_minute(),
            self.peak_kib / 1_024,
        )
    }

    /// One object for the run, one for each kind of question.
    pub(super) fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        for (expecting, class) in self.classes.values() {
            let line = json!({
                "calls_at_once": self.calls_at_once, "quota": self.quota, "shape": self.shape, "expecting": expecting,
                "turns": class.waits.len(), "cut": class.cut,
                "wait_ms": { "p50": at(&class.waits, 50).as_millis(), "p95": at(&class.waits, 95).as_millis() },
                "budget_ms": self.budget_ms(*expecting),
                "end_of_turn_ms": { "p50": at(&class.end_ms, 50), "p95": at(&class.end_ms, 95) },
                "recognition_ms": { "p50": at(&class.recognition_ms, 50), "p95": at(&class.recognition_ms, 95) },
                "first_audio_ms": { "p50": at(&class.first_audio_ms, 50), "p95": at(&class.first_audio_ms, 95) },
                "redaction_us": { "p50": at(&class.redaction_us, 50), "p95": at(&class.redaction_us, 95) },
            });
            writeln!(out, "{line}")?;
        }
        let line = json!({
            "calls_at_once": self.calls_at_once, "quota": self.quota, "shape": self.shape, "calls": self.calls, "served": self.well,
            "cpu_s_per_call_minute": self.cpu_per_call_minute(), "peak_memory_mb": self.peak_kib / 1_024,
        });
        writeln!(out, "{line}")
    }

    /// The turn budget, p95. Free speech may take half as long again on the small board.
    fn budget_ms(&self, expecting: Expecting) -> u128 {
        let (free_speech, budget) = (budget(Expecting::Anything), budget(expecting));
        (if self.quota && budget == free_speech { budget * 3 / 2 } else { budget }).as_millis()
    }
}

/// The value below which `percent` of the values lie (nearest rank); the default where there are none.
pub(in crate::cli) fn at<T: Copy + Ord + Default>(values: &[T], percent: usize) -> T {
    let mut values = values.to_vec();
    values.sort_unstable();
    let rank = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(rank).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let values: Vec<u32> = (1..=20).rev().collect();
        assert_eq!((at(&values, 50), at(&values, 95), at(&values, 100)), (10, 19, 20));
        assert_eq!(at::<u32>(&[], 95), 0);
        assert_eq!(at(&[7], 5), 7);
    }

    #[test]
    fn json_is_one_object_a_line_and_the_last_is_the_whole_run() {
        let mut tally = Tally::new(2, true, None);
        tally.class(Expecting::YesNo).waits.push(Duration::from_millis(640));
        tally.add(Ok(&CallReport { outcome: Some("booked".to_owned()), frames: 3_000, ..CallReport::default() }));
        tally.cpu(Duration::from_secs(6));
        let mut out = Vec::new();
        tally.write_json(&mut out).unwrap();
        let lines: Vec<serde_json::Value> =
            String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((lines[0]["wait_ms"]["p95"].clone(), lines[0]["budget_ms"].clone()), (json!(640), json!(700)));
        assert_eq!((lines[1]["served"].clone(), lines[1]["cpu_s_per_call_minute"].clone()), (json!(1), json!(6.0)));
    }
}
