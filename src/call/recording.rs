//! A call's sound, kept where that is allowed.
//!
//! In:  every frame of both sides, and what becomes known of them: who consented, which stretch was a payment card's.
//! Out: chunks of two channels, the caller left, the box right, for the record.
//! Runs on the call's own thread. Of a real caller nothing is even buffered before the notice has ended and consent
//! stands. A simulated caller is recorded from the end of the disclosure on, whatever the mode: nobody's rights are touched.
//!
//! A chunk waits until every turn in it has been redacted. A turn in which a payment card may have been said, one that
//! nobody understood, the box's read-back of a card, and the tones of keys are silenced before: PCI DSS v4.0.1, 3.3.1 (no
//! sensitive authentication data is kept after authorisation, not even encrypted) and 3.2 (account data is kept no more
//! than needed). What is not known after [`LONGEST_HOLD`] counts as a card.

use std::collections::HashSet;

use crate::converse::SayId;
use crate::pcm::waiting::Waiting;
use crate::pcm::{FRAME_SAMPLES, Frame, LINE_RATE};
use crate::wire::recording::{Chunk, Head, What};

/// Frames in a chunk: 20 s of two channels, 640 kB, below the largest frame on a socket.
const CHUNK: u64 = 1_000;
/// Frames that always wait, 2 s: the ear tells of a turn up to 1.3 s after its first sound (a doubt of 1 s under the box's
/// voice and a quarter of a second of plain speech), and a key is told of after its tone began.
const LAG: u64 = 100;
/// Frames that a stretch which is not known yet can hold back, 60 s: a turn is 15 s at most, and so is a sentence.
const LONGEST_HOLD: u64 = 3_000;
/// Frames around a turn that are silenced with it: 300 ms.
const MARGIN: u64 = 15;
/// Frames around the telling of a key that are silenced: 500 ms.
const KEY: u64 = 25;
/// What follows the last sound in a turn's samples, ms.
const TAIL_MS: u64 = 200;
const SAMPLES_PER_MS: usize = 8;
/// One frame, ms and microseconds.
const FRAME_MS: u64 = 20;
const FRAME_US: u64 = 20_000;

/// The sound of one call.
#[derive(Debug)]
pub struct Recording {
    synthetic: bool,
    /// Whether the disclosure was heard whole.
    disclosed: bool,
    /// The first frame after consent was given, while it stands.
    consent: Option<u64>,
    /// Frames of the call so far.
    at: u64,
    waiting: Waiting,
    /// Since when the caller may have been speaking.
    speaking: Option<u64>,
    /// A turn that has ended and is not redacted yet.
    ended: Option<(u64, u64)>,
    /// Where the last that the caller did began: a turn that was redacted, or a key.
    last_turn: u64,
    /// The box has asked for a card.
    card_asked: bool,
    /// Sentences with a card in them, and since when they may be heard.
    read_back: HashSet<SayId>,
    read_back_since: Option<u64>,
    /// Frames before this one are silenced as they come.
    blank_until: u64,
    /// Chunks that were labelled.
    sealed: u32,
}

impl Recording {
    /// A recording that has not begun.
    #[must_use]
    pub fn new(synthetic: bool) -> Self {
        Self {
            synthetic,
            disclosed: false,
            consent: None,
            at: 0,
            waiting: Waiting::default(),
            speaking: None,
            ended: None,
            last_turn: 0,
            card_asked: false,
            read_back: HashSet::new(),
            read_back_since: None,
            blank_until: 0,
            sealed: 0,
        }
    }

    /// The caller consented, or does not any more. What they said to stop it is not kept either.
    pub fn consent(&mut self, given: bool) {
        if given {
            self.consent = self.consent.or(Some(self.at));
        } else if self.consent.take().is_some() && !self.synthetic {
            self.waiting.cut(self.last_turn);
        }
    }

    fn runs(&self) -> bool {
        self.consent.is_some() || (self.synthetic && self.disclosed)
    }

    /// Takes 20 ms of both sides; returns a chunk when one is full and nothing in it is unknown.
    pub fn frame(&mut self, caller: &Frame, own: Option<&Frame>) -> Option<Vec<i16>> {
        let at = self.at;
        self.at = at.saturating_add(1);
        if !self.runs() {
            // What was kept of the call may still have to go.
            return self.full();
        }
        let silence = Frame::SILENCE;
        let blank = self.card_asked || at < self.blank_until;
        let (left, right) = if blank { (&silence, &silence) } else { (caller, own.unwrap_or(&silence)) };
        self.waiting.push(at, left, right);
        self.give_up_waiting();
        self.full()
    }

    /// The caller begins to speak.
    pub fn speech_began(&mut self) {
        self.speaking = self.speaking.or(Some(self.at.saturating_sub(LAG)));
    }

    /// What had begun was no speech.
    pub fn false_alarm(&mut self) {
        self.speaking = None;
    }

    /// A turn of `samples` has ended, `silence_ms` after its last sound. Told before the frame that ended it comes here.
    pub fn turn_ended(&mut self, samples: usize, silence_ms: u32) {
        if self.ended.is_some() {
            // Nobody will know any more what was said in it.
            self.words(true);
        }
        let ms = u64::try_from(samples / SAMPLES_PER_MS).unwrap_or(u64::MAX);
        let (length, silence) = (ms.saturating_sub(TAIL_MS), u64::from(silence_ms));
        let last_sound = self.at.saturating_add(1).saturating_sub(silence / FRAME_MS);
        let start = last_sound.saturating_sub(length.div_ceil(FRAME_MS).saturating_add(1));
        self.ended = Some((start.saturating_sub(MARGIN), last_sound.saturating_add(MARGIN)));
        self.speaking = None;
    }

    /// The turn that ended last was redacted; `card` where a card may have been said in it, or nobody understood it.
    pub fn words(&mut self, card: bool) {
        let Some((from, to)) = self.ended.take() else { return };
        self.last_turn = from;
        if card {
            self.blank(from, to);
        }
    }

    /// The box asks for a card, or for something else again.
    pub fn asks_for_card(&mut self, asks: bool) {
        if self.card_asked && !asks {
            self.blank(self.at, self.at.saturating_add(MARGIN));
        }
        self.card_asked = asks;
    }

    /// A key was pressed: its tone may be a digit of a card.
    pub fn key(&mut self) {
        self.last_turn = self.at.saturating_sub(KEY);
        self.blank(self.last_turn, self.at.saturating_add(KEY));
    }

    /// The box will read a card back in this sentence.
    pub fn reads_back(&mut self, id: SayId) {
        self.read_back.insert(id);
        self.read_back_since = self.read_back_since.or(Some(self.at.saturating_sub(MARGIN)));
    }

    /// A sentence ended, `lasted` frames after it began (those in which it was held among them). The first is the disclosure.
    pub fn said(&mut self, id: SayId, whole: bool, lasted: usize) {
        self.disclosed |= whole && id == SayId(1);
        if self.read_back.remove(&id) {
            let frames = u64::try_from(lasted).unwrap_or(u64::MAX);
            let from = self.at.saturating_sub(frames).saturating_sub(MARGIN);
            self.blank(from, self.at.saturating_add(MARGIN));
        }
        if self.read_back.is_empty() {
            self.read_back_since = None;
        }
    }

    fn blank(&mut self, from: u64, to: u64) {
        self.waiting.blank(from, to);
        self.blank_until = self.blank_until.max(to);
    }

    /// From which frame on nothing is known yet.
    fn unknown_from(&self) -> u64 {
        let ended = self.ended.map(|(from, _)| from);
        let unknown = [self.speaking, ended, self.read_back_since].into_iter().flatten().min();
        unknown.unwrap_or(u64::MAX)
    }

    /// What has been unknown for too long is silenced, and held back no more.
    fn give_up_waiting(&mut self) {
        if self.at.saturating_sub(self.unknown_from().max(self.waiting.first())) < LONGEST_HOLD {
            return;
        }
        self.waiting.blank(self.unknown_from(), self.at);
        // Whoever still speaks is unknown from here on; a turn or a sentence that never came back is given up.
        self.speaking = self.speaking.map(|_| self.at);
        self.ended = None;
        self.read_back_since = self.read_back_since.map(|_| self.at);
    }

    fn full(&mut self) -> Option<Vec<i16>> {
        let known = self.unknown_from().min(self.at.saturating_sub(LAG));
        (known.saturating_sub(self.waiting.first()) >= CHUNK && self.waiting.frames() >= CHUNK)
            .then(|| self.waiting.take(CHUNK))
    }

    /// What is left at the end of the call, the next chunk; what is not known by now is silenced.
    pub fn rest(&mut self) -> Option<Vec<i16>> {
        self.waiting.blank(self.unknown_from(), u64::MAX);
        let chunk = self.waiting.take(CHUNK);
        (!chunk.is_empty()).then_some(chunk)
    }

    /// Labels a chunk for the record. `t` and `mono_us` are now, in microseconds; the label says when the chunk's last
    /// sample was heard.
    pub fn seal_up(&mut self, samples: Vec<i16>, t: i64, mono_us: u64) -> Chunk {
        let chunk = self.sealed;
        self.sealed += 1;
        let end = self.waiting.first();
        let late = self.at.saturating_sub(end).saturating_mul(FRAME_US);
        let (t, mono_us) = (t.saturating_sub_unsigned(late), mono_us.saturating_sub(late));
        let frames = u64::try_from(samples.len() / (2 * FRAME_SAMPLES)).unwrap_or(0);
        // Of a real caller nothing was buffered without it; of a simulated one a chunk may reach back before it.
        let consent = !self.synthetic || self.consent.is_some_and(|since| since <= end.saturating_sub(frames));
        let synthetic = self.synthetic;
        Chunk {
            head: Head { t, mono_us, what: What::Call, synthetic, consent, rate: LINE_RATE, channels: 2, chunk },
            samples,
        }
    }
}

#[cfg(test)]
mod tests;
