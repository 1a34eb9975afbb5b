//! What whole calls came to: a row for each number of calls at once, which held the turn budget and which did not.
//!
//! In:  what the tap saw of each run. Out: the table, what broke first, and how many calls at once hold. Pure.

use std::io::{self, Write};
use std::time::Duration;

use super::super::bench_turn::tally::at;
use super::facts::Timing;
use super::ports::BOX;
use super::sipp::Ended;
use super::streams::{Heard, Quality};
use super::tap::Seen;
use super::turns::{Answer, turns};
use super::whole::pairs;
use crate::expect::Expecting;
use crate::listen::endpoint::budget;

/// One turn in so many may stay without an answer, and one frame in so many may be left out, before that counts as broken.
const ONE_IN: usize = 100;

/// So many calls at once.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) calls: usize,
    quota: bool,
    served: usize,
    failed: usize,
    /// Of all turns while every call was up; one without an answer counts as the whole gap.
    waits: Vec<Duration>,
    unanswered: usize,
    across: usize,
    /// The box's own account of all its turns.
    told: Vec<Timing>,
    cpu: Duration,
    took: Duration,
    line_time: Duration,
    /// Of SIPp, as it comes to the box.
    pub(super) receive: Quality,
    /// Of the box, as it comes to SIPp.
    pub(super) transmit: Quality,
    /// Packets that the tap missed.
    pub(super) missed: u32,
}

impl Step {
    /// Nothing seen yet.
    pub(super) fn new(calls: usize, quota: bool) -> Self {
        Self { calls, quota, ..Self::default() }
    }

    /// Takes a run: what was seen, how its calls ended, the box's processor time, and how long it took. A caller waits no
    /// longer than `gap`.
    pub(super) fn add(&mut self, seen: &Seen, ended: Ended, cpu: Duration, took: Duration, gap: Duration) {
        self.served += ended.served;
        self.failed += ended.failed;
        self.cpu += cpu;
        self.took += took;
        self.missed = self.missed.saturating_add(seen.missed);
        for (way, stream) in &seen.streams {
            let of_box = BOX.contains(&way.0);
            if of_box { &mut self.transmit } else { &mut self.receive }.add(stream);
        }
        self.line_time = self.transmit.lasted;
        let edge = |stream: &[Heard]| Some((stream.first()?.at, stream.last()?.at));
        let edges: Vec<_> = pairs(&seen.streams).filter_map(|(_, of_box)| edge(of_box)).collect();
        let all_up = edges.iter().map(|(from, _)| *from).max().unwrap_or_default();
        let one_gone = edges.iter().map(|(_, to)| *to).min().unwrap_or_default();
        for turn in pairs(&seen.streams).flat_map(|(caller, of_box)| turns(caller, of_box)) {
            if turn.spoken.from < all_up || turn.spoken.to > one_gone {
                continue;
            }
            match turn.answer {
                Answer::After(wait) => self.waits.push(wait),
                Answer::None => {
                    self.unanswered += 1;
                    self.waits.push(gap);
                }
                Answer::Across => self.across += 1,
            }
        }
    }

    /// Takes the box's own account of its turns.
    pub(super) fn told(&mut self, timings: &[Timing]) {
        self.told.extend_from_slice(timings);
    }

    /// At the 95th percentile, of the box's own account, ms.
    fn p95_ms(&self, stage: impl Fn(&Timing) -> u32) -> u32 {
        at(&self.told.iter().map(stage).collect::<Vec<_>>(), 95)
    }

    /// Turns whose wait is known.
    pub(super) fn turns(&self) -> usize {
        self.waits.len()
    }

    fn budget(&self) -> Duration {
        let free_speech = budget(Expecting::Anything);
        // Half as long again on the small board.
        if self.quota { free_speech * 3 / 2 } else { free_speech }
    }

    /// What did not hold, worst first; empty where all did.
    pub(super) fn broken(&self) -> Vec<String> {
        let mut broken = Vec::new();
        if self.failed > 0 {
            broken.push(format!("{} of {} calls were refused or broke off", self.failed, self.failed + self.served));
        }
        if self.waits.is_empty() {
            broken.push("no turn could be measured".to_owned());
        }
        if self.unanswered * ONE_IN > self.waits.len() {
            broken.push(format!("{} of {} turns had no answer", self.unanswered, self.waits.len()));
        }
        let (wait, budget) = (at(&self.waits, 95), self.budget());
        if wait > budget {
            let (wait, budget) = (wait.as_millis(), budget.as_millis());
            broken.push(format!("the wait, {wait} ms at the 95th percentile where {budget} ms are allowed"));
        }
        let one_in = u64::try_from(ONE_IN).unwrap_or(u64::MAX);
        if (self.transmit.left_out + self.transmit.lost) * one_in > self.transmit.packets {
            broken.push(format!("{} of {} frames never sent", self.transmit.left_out, self.transmit.packets));
        }
        broken
    }

    /// The row.
    ///
    /// # Errors
    /// As writing fails.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let (budget, p95) = (self.budget(), at(&self.waits, 95));
        let seconds = |time: Duration| time.as_secs_f64().max(f64::EPSILON);
        writeln!(
            out,
            "| {} | {} of {} | {} | {} ms | {} ms | {} ms | {:.2} | {} | {} | {} / {} / {} ms | {:.1} s | {:.2} | {} |",
            self.calls,
            self.served,
            self.served + self.failed,
            self.waits.len(),
            at(&self.waits, 50).as_millis(),
            p95.as_millis(),
            budget.as_millis(),
            p95.as_secs_f64() / seconds(budget),
            self.unanswered,
            self.across,
            self.p95_ms(|timing| timing.end_of_turn_ms),
            self.p95_ms(|timing| timing.recognition_ms),
            self.p95_ms(|timing| timing.first_audio_ms),
            self.cpu.as_secs_f64() * 60.0 / seconds(self.line_time),
            self.cpu.as_secs_f64() / seconds(self.took),
            if self.broken().is_empty() { "holds" } else { "breaks" },
        )
    }
}

/// The head of the table.
///
/// # Errors
/// As writing fails.
pub(super) fn head(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "| calls at once | served | turns | wait p50 | p95 | budget p95 | of it | no answer | across | as the box says, p95: end of turn / recognition / first audio | processor time a call-minute | cores busy | |"
    )?;
    writeln!(out, "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|")
}

/// How many calls at once hold.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    holds: usize,
    broke: Option<(usize, Vec<String>)>,
}

impl Verdict {
    /// Takes a step.
    pub(super) fn add(&mut self, step: &Step) {
        let broken = step.broken();
        if broken.is_empty() {
            self.holds = self.holds.max(step.calls);
        } else if self.broke.as_ref().is_none_or(|(calls, _)| step.calls < *calls) {
            self.broke = Some((step.calls, broken));
        }
    }

    /// The fewest calls at once that broke.
    pub(super) fn broke(&self) -> Option<usize> {
        self.broke.as_ref().map(|(calls, _)| *calls)
    }

    /// What broke, and the number for the configuration.
    ///
    /// # Errors
    /// As writing fails.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match &self.broke {
            Some((calls, what)) => writeln!(out, "First broken, with {calls} call(s) at once: {}", what.join("; "))?,
            None => writeln!(out, "Nothing broke: as many calls as were asked for hold; ask for more with --whole")?,
        }
        match self.holds {
            0 => writeln!(out, "max-calls for this machine: none holds"),
            holds => writeln!(out, "max-calls for this machine: {holds}"),
        }
    }
}

/// A number of calls halfway between what held and what broke, where there is one.
pub(super) fn middle(verdict: &Verdict) -> Option<usize> {
    let broke = verdict.broke()?;
    let middle = usize::midpoint(verdict.holds, broke);
    (middle > verdict.holds && middle < broke).then_some(middle)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two calls, a second apart: each asks twice, and waits `wait` packets of 20 ms.
    fn seen(wait: u16) -> Seen {
        let mut seen = Seen::default();
        for call in 0..2_u16 {
            let stream = |loud: &dyn Fn(u16) -> bool| {
                let heard = |n: u16| Heard {
                    at: Duration::from_millis(u64::from(n) * 20 + u64::from(call) * 1_000),
                    sequence: n,
                    timestamp: u32::from(n) * 160,
                    loud: loud(n),
                };
                (0..1_200).map(heard).collect::<Vec<_>>()
            };
            let (sipp, port) = (11_000 + call * 2, 10_000 + call * 2);
            seen.streams.insert((sipp, port), stream(&|n| (20..60).contains(&n) || (500..560).contains(&n)));
            let answered = |n: u16| (59 + wait..400).contains(&n) || (559 + wait..900).contains(&n);
            seen.streams.insert((port, sipp), stream(&answered));
        }
        seen
    }

    fn step(calls: usize, wait: u16, failed: usize) -> Step {
        let mut step = Step::new(calls, false);
        let ended = Ended { served: 2, failed, cpu: Duration::ZERO };
        step.add(&seen(wait), ended, Duration::from_secs(1), Duration::from_secs(25), Duration::from_secs(12));
        step
    }

    #[test]
    fn turns_count_while_every_call_is_up() {
        let step = step(2, 35, 0);
        // The first question of the first call came before the second call was there.
        assert_eq!(step.waits, [Duration::from_millis(700); 3]);
        assert_eq!(step.broken(), Vec::<String>::new());
    }

    #[test]
    fn a_wait_over_the_budget_a_lost_call_and_silence_break() {
        assert!(step(2, 60, 0).broken()[0].contains("1200 ms"), "{:?}", step(2, 60, 0).broken());
        assert!(step(2, 35, 1).broken()[0].contains("1 of 3 calls"));
        let silent = step(2, 500, 0).broken();
        assert!(silent.iter().any(|what| what.contains("no answer")), "{silent:?}");
        // The small board may take half as long again.
        let mut board = Step::new(2, true);
        board.add(&seen(60), Ended::default(), Duration::ZERO, Duration::ZERO, Duration::from_secs(12));
        assert_eq!(board.broken(), Vec::<String>::new());
        assert_eq!(Step::new(1, false).broken(), ["no turn could be measured"]);
    }

    #[test]
    fn the_number_is_the_most_that_held_and_is_looked_for_in_between() {
        let mut verdict = Verdict::default();
        for (calls, wait) in [(2, 35), (4, 35), (8, 60)] {
            verdict.add(&step(calls, wait, 0));
        }
        assert_eq!(middle(&verdict), Some(6));
        verdict.add(&step(6, 60, 0));
        assert_eq!(middle(&verdict), Some(5));
        verdict.add(&step(5, 35, 0));
        assert_eq!(middle(&verdict), None);
        let mut out = Vec::new();
        verdict.write(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.starts_with("First broken, with 6 call(s) at once: the wait") && text.ends_with(": 5\n"),
            "{text}"
        );
    }
}
