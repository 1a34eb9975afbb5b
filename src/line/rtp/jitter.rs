//! Packets in, as the network delivers them; a frame out each 20 ms.
//!
//! ```text
//!   push: sort by timestamp, drop what is double or late       pull: a frame, a hole, or nothing sent
//!
//!   Filling --(the first packet is as old as the target)--> Playing --(nothing came for 60 ms)--> Filling
//! ```
//! Everything rests on one figure, the **lag**: how long after the fastest recent packet with the same timestamp would
//! have come a sample is played. A packet is in time when its own delay is less than the lag. The lag is led to a target,
//! which is what nearly all recent packets needed, 40 to 120 ms. It grows where a packet is missing or the caller is
//! quiet, and shrinks, by a frame, where the caller is quiet; the drift of the peer's clock, and a slow change of the
//! network, move the lag and are so followed by the same two steps. Beyond 200 ms it is cut at once, whatever is heard.
//!
//! In:  timestamp, sequence, samples and time of arrival of each packet of sound. Out: [`Pulled`]. Owned by a receiver,
//! run by the media thread. It holds at most 1 s, never asks a clock, and holds the caller's voice for that long only.

mod delays;
mod order;
mod quiet;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::time::Duration;

use self::delays::Delays;
use self::order::Order;
use self::quiet::Quiet;
use crate::pcm::{FRAME_SAMPLES, Frame};

/// Samples of the shortest and the longest packet taken, 10 and 60 ms: what telephones and gateways send.
pub const SHORTEST: usize = 80;
/// See [`SHORTEST`].
pub const LONGEST: usize = 480;
/// Samples of a frame.
const FRAME: i64 = 160;
/// Microseconds of a sample, and of a frame.
const SAMPLE_US: i64 = 125;
const FRAME_US: i64 = FRAME * SAMPLE_US;
/// The most that is held, samples: 1 s. More is a burst that would be played far too late.
const HELD: usize = 8_000;
/// A lag that is cut at once.
const LIMIT: i64 = 200_000;
/// How far the lag may be below and above the target. Together more than a frame, so that no step is taken back.
const BELOW: i64 = 5_000;
const ABOVE: i64 = 25_000;
/// Holes in a row after which the peer is taken to send nothing. The concealment is silent by then.
const MISSES: u32 = 3;
/// So many late packets in a row mean that the peer's clock went back: start again.
const LATES: u32 = 10;
/// Frames between two steps in a quiet stretch, so that a pause is not halved within itself.
const APART: u32 = 5;
/// What a pull gives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "it is used up where it is given, and never stored")]
pub enum Pulled {
    /// Sound.
    Frame(Frame),
    /// Sound is missing here: to be concealed.
    Lost,
    /// Nothing was sent, or not enough has come yet.
    Silent,
}

/// How it went, since the beginning; the last two as it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Packets of sound that came, doubles not counted.
    pub received: u64,
    /// Packets that the sequence numbers count and that never came.
    pub lost: u64,
    /// Packets that came after their time, and were dropped.
    pub late: u64,
    /// Packets that had come before, and were dropped.
    pub duplicated: u64,
    /// Frames given as [`Pulled::Lost`].
    pub concealed: u64,
    /// Frames dropped to shorten the lag.
    pub shrunk: u64,
    /// Frames put in to lengthen the lag.
    pub grown: u64,
    /// The lag aimed for, milliseconds.
    pub target_ms: u32,
    /// Sound held, milliseconds.
    pub depth_ms: u32,
}

/// The jitter buffer of one direction of one call.
#[derive(Default)]
pub struct Jitter {
    /// What is held, by extended timestamp: one that does not wrap around.
    held: BTreeMap<i64, Piece>,
    /// Samples held.
    samples: usize,
    order: Option<Order>,
    delays: Delays,
    /// The extended timestamp that is played next; nothing before it is taken. At first 0, which is before all.
    next: i64,
    /// The newest extended sequence whose place has been played.
    played: Option<i64>,
    playing: bool,
    misses: u32,
    lates: u32,
    /// Frames since the last step in a quiet stretch.
    since_step: u32,
    quiet: Quiet,
    stats: Stats,
}

struct Piece {
    sequence: i64,
    transit: i64,
    samples: Vec<i16>,
}

/// What is at the place that is played next.
enum There {
    Whole(Frame),
    /// Nothing was sent before this timestamp; the frame is what precedes it, if anything does.
    Gap(i64, Option<Frame>),
    /// Something was sent and has not come; there is sound behind it.
    Hole,
    /// No sound was sent behind it, but noise or keys were; the frame is what precedes it, if anything does.
    Rest(Option<Frame>),
    /// There is no sound behind it: late, lost, or never sent.
    End,
}

impl Jitter {
    /// Takes a packet of [`SHORTEST`] to [`LONGEST`] samples; one of another length is ignored. `arrival` is the time
    /// since any fixed moment, the same as [`Self::pull`]'s.
    pub fn push(&mut self, timestamp: u32, sequence: u16, mut samples: Vec<i16>, arrival: Duration) {
        if !(SHORTEST..=LONGEST).contains(&samples.len()) {
            return;
        }
        if self.order.as_ref().is_some_and(|order| order.jumps(timestamp, sequence)) {
            self.restart();
        }
        let order = self.order.get_or_insert_with(|| Order::new(timestamp, sequence));
        let (timestamp, sequence) = (order.timestamp(timestamp), order.sequence(sequence));
        if !order.note(sequence, Some(timestamp)) {
            self.stats.duplicated += 1;
            return;
        }
        self.stats.received += 1;
        let transit = micros(arrival).saturating_sub(timestamp * SAMPLE_US);
        self.delays.note(transit);
        if timestamp + length(&samples) <= self.next {
            self.late(sequence);
            return;
        }
        self.lates = 0;
        let begins = timestamp.max(self.next);
        samples.drain(..usize::try_from(begins - timestamp).unwrap_or(0).min(samples.len()));
        self.samples += samples.len();
        if let Some(same) = self.held.insert(begins, Piece { sequence, transit, samples }) {
            self.samples -= same.samples.len();
        }
        while self.samples > HELD {
            self.drop_first();
            self.next = self.held.first_key_value().map_or(self.next, |(&begins, _)| begins.max(self.next));
        }
    }

    /// A packet of the same source came that is no sound: a key, comfort noise. Its place in the sequence is no loss.
    pub fn passed(&mut self, sequence: u16) {
        if let Some(order) = &mut self.order {
            order.passed(sequence);
        }
    }

    /// What to play; to be asked exactly once each 20 ms.
    pub fn pull(&mut self, now: Duration) -> Pulled {
        let now = micros(now);
        self.since_step = self.since_step.saturating_add(1);
        if !self.playing {
            self.start(now);
        }
        if self.playing && self.lag(now) > LIMIT && !self.held.is_empty() {
            self.catch_up(now);
        }
        if !self.playing {
            return Pulled::Silent;
        }
        match self.there() {
            There::Whole(frame) => self.sound(frame, now),
            There::Gap(until, before) => self.gap(until, before, now),
            There::Hole => self.missing(now),
            There::Rest(Some(frame)) => {
                self.advance(FRAME);
                Pulled::Frame(frame)
            }
            There::Rest(None) => {
                self.playing = false;
                Pulled::Silent
            }
            There::End => {
                self.misses += 1;
                if self.misses > MISSES {
                    self.playing = false;
                    return Pulled::Silent;
                }
                self.missing(now)
            }
        }
    }

    /// Another source of sound begins: forget what is held. The target is kept, as the network is likely the same.
    pub fn restart(&mut self) {
        self.stats.lost += self.order.take().map_or(0, |order| order.lost());
        self.held.clear();
        self.samples = 0;
        self.delays.forget();
        self.next = 0;
        self.played = None;
        self.playing = false;
        self.misses = 0;
        self.lates = 0;
    }

    /// How it goes.
    #[must_use]
    pub fn stats(&self) -> Stats {
        Stats {
            lost: self.stats.lost + self.order.as_ref().map_or(0, Order::lost),
            target_ms: u32::try_from(self.delays.target() / 1_000).unwrap_or(0),
            depth_ms: u32::try_from(self.samples / 8).unwrap_or(u32::MAX),
            ..self.stats
        }
    }

    /// How long after its earliest possible arrival the next sample is played, microseconds.
    fn lag(&self, now: i64) -> i64 {
        now.saturating_sub(self.delays.fastest()).saturating_sub(self.next.saturating_mul(SAMPLE_US))
    }

    fn late(&mut self, sequence: i64) {
        // Its place has been played, so that it is not taken for a packet without sound.
        self.played = self.played.max(Some(sequence));
        self.stats.late += 1;
        self.lates += 1;
        if self.lates >= LATES {
            self.restart();
        }
    }

    fn start(&mut self, now: i64) {
        let Some((&begins, _)) = self.held.first_key_value() else { return };
        let lag = now.saturating_sub(self.delays.fastest()).saturating_sub(begins * SAMPLE_US);
        if lag >= self.delays.target() - BELOW {
            self.next = self.next.max(begins);
            self.playing = true;
            self.misses = 0;
        }
    }

    /// Goes on at the target at once: the media thread was held up, or the network was, or its way became shorter.
    fn catch_up(&mut self, now: i64) {
        let frames = (self.lag(now) - self.delays.target()) / FRAME_US;
        let goal = self.next + frames * FRAME;
        if self.held.last_key_value().is_some_and(|(&begins, piece)| begins + length(&piece.samples) > goal) {
            self.advance(frames * FRAME);
            self.stats.shrunk += u64::try_from(frames).unwrap_or(0);
            return;
        }
        // Even the newest is too old: the peer paused its clock. What it sends now is the measure.
        let newest = self.held.pop_last();
        while self.held.first_key_value().is_some() {
            self.drop_first();
        }
        if let Some((begins, piece)) = newest {
            self.delays.forget();
            self.delays.note(piece.transit);
            self.next = begins;
            self.held.insert(begins, piece);
        }
        self.playing = false;
    }

    fn sound(&mut self, frame: Frame, now: i64) -> Pulled {
        self.misses = 0;
        let lag = self.lag(now);
        if self.quiet.hears(&frame) && self.since_step >= APART {
            if lag < self.delays.target() - BELOW {
                self.since_step = 0;
                self.stats.grown += 1;
                return Pulled::Frame(frame);
            }
            if lag > self.delays.target() + ABOVE {
                self.since_step = 0;
                self.stats.shrunk += 1;
                self.advance(FRAME);
                // What follows is played in its place; where that has not come, the quiet frame after all.
                if let There::Whole(following) = self.there() {
                    self.advance(FRAME);
                    return Pulled::Frame(following);
                }
                return Pulled::Frame(frame);
            }
        }
        self.advance(FRAME);
        Pulled::Frame(frame)
    }

    /// Nothing was sent up to `until`: the best place to lengthen or shorten.
    fn gap(&mut self, until: i64, before: Option<Frame>, now: i64) -> Pulled {
        self.misses = 0;
        let (lag, left) = (self.lag(now), until - self.next);
        if let Some(frame) = before {
            self.advance(left.min(FRAME));
            return Pulled::Frame(frame);
        }
        if lag < self.delays.target() - BELOW {
            self.stats.grown += 1;
        } else if lag > self.delays.target() + ABOVE && left > FRAME {
            self.stats.shrunk += 1;
            self.advance(left.min(2 * FRAME));
        } else {
            self.advance(left.min(FRAME));
        }
        Pulled::Silent
    }

    fn missing(&mut self, now: i64) -> Pulled {
        self.stats.concealed += 1;
        if self.lag(now) < self.delays.target() - BELOW {
            // It may still come: wait for it, the lag is to grow anyway.
            self.stats.grown += 1;
        } else {
            self.advance(FRAME);
        }
        Pulled::Lost
    }

    fn there(&self) -> There {
        let mut samples = [0; FRAME_SAMPLES];
        let mut room = samples.iter_mut();
        let (mut at, mut last) = (self.next, self.played);
        for (&begins, piece) in self.held.range(..self.next + FRAME) {
            if begins > at {
                break;
            }
            let known = usize::try_from(at - begins).unwrap_or(0);
            for &sample in piece.samples.iter().skip(known) {
                let Some(to) = room.next() else { break };
                *to = sample;
                at += 1;
            }
            last = Some(piece.sequence);
        }
        let frame = Frame::from_samples(&samples).unwrap_or(Frame::SILENCE);
        if at == self.next + FRAME {
            return There::Whole(frame);
        }
        let before = (at > self.next).then_some(frame);
        let came =
            |until: i64| last.zip(self.order.as_ref()).is_some_and(|(last, order)| order.all_came(last + 1, until));
        let behind = self.held.range((Bound::Excluded(at), Bound::Unbounded)).next();
        match (behind, self.order.as_ref()) {
            (Some((&begins, piece)), _) if came(piece.sequence) => There::Gap(begins, before),
            (Some(_), _) => There::Hole,
            (None, Some(order)) if Some(order.newest()) > last && came(order.newest() + 1) => There::Rest(before),
            (None, _) => There::End,
        }
    }

    fn advance(&mut self, samples: i64) {
        self.next += samples;
        while self.held.first_key_value().is_some_and(|(b, piece)| b + length(&piece.samples) <= self.next) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some((_, piece)) = self.held.pop_first() {
            self.samples -= piece.samples.len();
            self.played = self.played.max(Some(piece.sequence));
        }
    }
}

fn length(samples: &[i16]) -> i64 {
    i64::try_from(samples.len()).unwrap_or(i64::MAX)
}

/// A time in microseconds; half of the range, so that sums of a few do not overflow.
fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX).min(i64::MAX / 4)
}

#[cfg(test)]
mod tests;
