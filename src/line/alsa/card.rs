//! A sound card that runs: its rings on one side, a call's frames on the other.
//!
//! In:  an open card ([`Open`]) and the [`AudioJack`] of the call that is up.
//! Out: frames of 160 samples to the call, the call's frames to the card, and what was counted on the way.
//! [`super::sound::Sound`] calls it every few milliseconds. It never blocks and never opens or closes anything.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::playout::{Edit, Playout, is_quiet};
use super::rate::{FromLine, ToLine};
use super::streams::Open;
use crate::line::port::AudioJack;
use crate::line::rtp::tones::ToneListener;
use crate::pcm::{FRAME_SAMPLES, Frame, LINE_RATE};

/// A card that gave no frames for this long is not healthy: no call is taken, and a call that is up hears silence.
pub(super) const HEALTHY: Duration = Duration::from_millis(500);

/// What has happened to the line's sound since the process started. For the console, for logs and for tests.
#[derive(Debug, Default)]
pub struct SoundCounters {
    /// Frames of 20 ms that a call was given from the card.
    pub heard: AtomicU64,
    /// Frames of silence that a call was given because the card gave none.
    pub filled: AtomicU64,
    /// Frames of a call that the card has played.
    pub played: AtomicU64,
    /// Frames of a call that no card was there to play.
    pub unplayed: AtomicU64,
    /// Times that playback began anew because nothing waited, the first in a call included.
    pub primed: AtomicU64,
    /// Samples at 8 kHz that the card played as silence during a call after its first frame, because none waited.
    pub dry: AtomicU64,
    /// Frames of silence put in because the playback clock is fast.
    pub inserted: AtomicU64,
    /// Frames of silence left out because it is slow.
    pub dropped: AtomicU64,
    /// Frames left out, heard or not, after a stall.
    pub cut: AtomicU64,
    /// Samples at the card's rate that came faster than they were taken.
    pub overrun: AtomicU64,
    /// Overruns and underruns that the card reported.
    pub xruns: AtomicU64,
    /// Other errors that it reported.
    pub errors: AtomicU64,
    /// Times the card was opened.
    pub opened: AtomicU64,
    /// Times it was lost.
    pub lost: AtomicU64,
}

pub(super) fn count(counter: &AtomicU64, more: u64) {
    counter.fetch_add(more, Ordering::Relaxed);
}

/// `now` less `seen`, and `seen` brought up to `now`.
fn since(seen: &mut u64, now: u64) -> u64 {
    now.saturating_sub(std::mem::replace(seen, now))
}

/// `samples` at `rate` in samples at the line's.
fn at_line_rate(samples: u64, rate: u32) -> u64 {
    samples.saturating_mul(u64::from(LINE_RATE)).checked_div(u64::from(rate)).unwrap_or(0)
}

fn small(samples: u64) -> usize {
    usize::try_from(samples).unwrap_or(usize::MAX)
}

/// A card that runs, and how far its counters were read.
pub(super) struct Running {
    pub(super) open: Open,
    to_line: ToLine,
    from_line: FromLine,
    /// What was heard and makes no whole frame yet.
    pub(super) part: Vec<i16>,
    /// For samples on their way; kept so that it is not allocated each time.
    block: Vec<i16>,
    /// An analog line sends a key as two tones in the sound.
    pub(super) tones: ToneListener,
    pub(super) playout: Playout,
    /// Where in the playback ring each of the call's frames ends.
    pub(super) ends: VecDeque<u64>,
    opened: Instant,
    pub(super) heard_at: Option<Instant>,
    pub(super) asked_at: Option<Instant>,
    seen: Seen,
}

#[derive(Default)]
struct Seen {
    heard: u64,
    asked: u64,
    dry: u64,
    refused: u64,
    xruns: u64,
    errors: u64,
}

impl Running {
    pub(super) fn new(open: Open, now: Instant) -> Self {
        Self {
            to_line: ToLine::from_rate(open.heard_rate),
            from_line: FromLine::to_rate(open.play_rate),
            open,
            part: Vec::new(),
            block: Vec::new(),
            tones: ToneListener::default(),
            playout: Playout::default(),
            ends: VecDeque::new(),
            opened: now,
            heard_at: None,
            asked_at: None,
            seen: Seen::default(),
        }
    }

    /// Notes what the callbacks have done. Returns whether they complained of something new.
    pub(super) fn look(&mut self, counters: &SoundCounters, in_call: bool, now: Instant) -> bool {
        let (callbacks, seen) = (&self.open.callbacks, &mut self.seen);
        if since(&mut seen.heard, callbacks.heard.load(Ordering::Acquire)) > 0 {
            self.heard_at = Some(now);
        }
        if since(&mut seen.asked, callbacks.asked.load(Ordering::Acquire)) > 0 {
            self.asked_at = Some(now);
        }
        let dry = since(&mut seen.dry, callbacks.dry.load(Ordering::Relaxed));
        if in_call && !self.ends.is_empty() {
            count(&counters.dry, at_line_rate(dry, self.open.play_rate));
        }
        let xruns = since(&mut seen.xruns, callbacks.xruns.load(Ordering::Relaxed));
        let errors = since(&mut seen.errors, callbacks.errors.load(Ordering::Relaxed));
        let overrun = since(&mut seen.refused, self.open.heard.refused());
        count(&counters.xruns, xruns);
        count(&counters.errors, errors);
        count(&counters.overrun, overrun);
        xruns + errors + overrun > 0
    }

    /// Whether it has given frames both ways at least once.
    pub(super) fn has_started(&self) -> bool {
        self.heard_at.is_some() && self.asked_at.is_some()
    }

    /// Since when the slower of the two directions has given no frame.
    pub(super) fn quiet_since(&self) -> Instant {
        self.heard_at.unwrap_or(self.opened).min(self.asked_at.unwrap_or(self.opened))
    }

    pub(super) fn is_healthy(&self, now: Instant) -> bool {
        let recent = |at: Option<Instant>| at.is_some_and(|at| now.saturating_duration_since(at) < HEALTHY);
        recent(self.heard_at) && recent(self.asked_at)
    }

    /// Takes what was heard; gives the call its frames, or throws them away where none is up.
    pub(super) fn hear(&mut self, counters: &SoundCounters, jack: Option<&AudioJack>, keys: &mut VecDeque<char>) {
        self.block.clear();
        self.open.heard.drain(&mut self.block);
        self.to_line.push(&self.block, &mut self.part);
        let Some(jack) = jack else {
            self.part.clear();
            return;
        };
        let whole = self.part.len() - self.part.len() % FRAME_SAMPLES;
        for frame in self.part.chunks_exact(FRAME_SAMPLES).filter_map(Frame::from_samples) {
            keys.extend(self.tones.hear(&frame));
            jack.heard(frame);
            count(&counters.heard, 1);
        }
        self.part.drain(..whole);
    }

    /// Hands the card what the call plays, and counts what it has played.
    pub(super) fn play(&mut self, counters: &SoundCounters, jack: &mut AudioJack) {
        while self.ends.front().is_some_and(|&end| end <= self.open.play.read()) {
            self.ends.pop_front();
            jack.count_played();
            count(&counters.played, 1);
        }
        let rate = self.open.play_rate;
        let callback = small(at_line_rate(self.open.callbacks.largest.load(Ordering::Relaxed), rate));
        // The ring holds what the card may ask for before this is called again, and no more: what waits elsewhere can
        // still be left out.
        let enough = callback.saturating_mul(2).saturating_add(FRAME_SAMPLES);
        loop {
            let level = small(at_line_rate(u64::try_from(self.open.play.level()).unwrap_or(0), rate));
            if level >= enough {
                break;
            }
            let Ok(frame) = jack.to_play.try_recv() else { break };
            let waiting = level.saturating_add(jack.to_play.len().saturating_mul(FRAME_SAMPLES));
            match self.playout.decide(waiting, callback, level == 0, is_quiet(&frame)) {
                Edit::Keep => {}
                Edit::Prime(samples) => {
                    self.put(&vec![0; samples]);
                    count(&counters.primed, 1);
                }
                Edit::Insert => {
                    self.put(Frame::SILENCE.samples());
                    count(&counters.inserted, 1);
                }
                Edit::Drop => {
                    count(&counters.dropped, 1);
                    continue;
                }
                Edit::Cut => {
                    count(&counters.cut, 1);
                    continue;
                }
            }
            self.put(frame.samples());
            self.ends.push_back(self.open.play.written());
        }
    }

    /// Forgets what was on its way: it belongs to a call that is over, or to none.
    pub(super) fn turn_over(&mut self) {
        self.part.clear();
        self.tones = ToneListener::default();
        self.ends.clear();
        self.playout = Playout::default();
    }

    fn put(&mut self, samples: &[i16]) {
        self.block.clear();
        self.from_line.push(samples, &mut self.block);
        self.open.play.push(self.block.iter().copied());
    }
}
