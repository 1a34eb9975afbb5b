//! How long the box lets a caller wait, measured at the caller's ear.
//!
//! In:  each 20 ms of the caller's own voice (before the line's noise), each 20 ms that comes down the line, and what the
//!      box asked for. Out: [`Response`]s: from the caller's last sound to the first sound of the answer.
//! What the box says of its own times begins where it believes the caller's word ended; this begins where it did. Only
//! in real pace do these times mean anything. Pure: the moments are handed in.

use std::time::{Duration, Instant};

use crate::expect::Expecting;
use crate::pcm::{Frame, level};

/// Below this a frame holds no voice, dBFS: 15 dB under the quietest voice's softest words.
pub(super) const VOICE_DBFS: f32 = -50.0;

/// One answer of the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response {
    /// What the box had asked for.
    pub expecting: Expecting,
    /// From the end of the caller's last word to the first sound of the answer.
    pub wait: Duration,
    /// The turn was taken as over while the caller still had words to say.
    pub cut: bool,
}

/// The responses of one call.
#[derive(Debug, Default)]
pub struct Responses {
    expecting: Expecting,
    last_word: Option<Instant>,
    cut: bool,
    measured: Vec<Response>,
}

impl Responses {
    /// The box waits for an answer of this kind.
    pub fn asked(&mut self, expecting: Expecting) {
        self.expecting = expecting;
    }

    /// The caller's own 20 ms went down the line.
    pub fn said(&mut self, voice: &Frame, now: Instant) {
        if level::rms_dbfs(voice.samples()) > VOICE_DBFS {
            self.last_word = Some(now);
        }
    }

    /// The box took the turn as over; `more` says whether the caller had more to say.
    pub fn turn_ended(&mut self, more: bool) {
        self.cut |= more;
    }

    /// 20 ms came down the line while the caller was silent.
    pub fn heard(&mut self, frame: &Frame, now: Instant) {
        if level::rms_dbfs(frame.samples()) <= VOICE_DBFS {
            return;
        }
        let Some(last_word) = self.last_word.take() else { return };
        let wait = now.saturating_duration_since(last_word);
        let cut = std::mem::take(&mut self.cut);
        self.measured.push(Response { expecting: self.expecting, wait, cut });
    }

    /// All of them so far, in order.
    #[must_use]
    pub fn measured(self) -> Vec<Response> {
        self.measured
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};

    #[test]
    fn the_wait_is_from_the_last_loud_frame_to_the_first() {
        let began = SystemClock.now();
        let at = |ms: u64| began + Duration::from_millis(ms);
        let voice = Frame::from_samples(&[4_000; 160]).unwrap();
        let mut responses = Responses::default();
        responses.asked(Expecting::YesNo);
        responses.heard(&voice, at(0));
        for ms in [20, 40, 60] {
            responses.said(&voice, at(ms));
        }
        responses.said(&Frame::SILENCE, at(80));
        responses.turn_ended(false);
        responses.heard(&Frame::SILENCE, at(500));
        responses.heard(&voice, at(660));
        responses.heard(&voice, at(680));
        let wait = Duration::from_millis(600);
        assert_eq!(responses.measured(), [Response { expecting: Expecting::YesNo, wait, cut: false }]);
    }

    #[test]
    fn a_turn_that_ended_before_the_caller_did_is_told_of_once() {
        let now = SystemClock.now();
        let voice = Frame::from_samples(&[4_000; 160]).unwrap();
        let mut responses = Responses::default();
        responses.said(&voice, now);
        responses.turn_ended(true);
        responses.said(&voice, now);
        responses.heard(&voice, now);
        responses.said(&voice, now);
        responses.turn_ended(false);
        responses.heard(&voice, now);
        let cut: Vec<bool> = responses.measured().iter().map(|response| response.cut).collect();
        assert_eq!(cut, [true, false]);
    }
}
