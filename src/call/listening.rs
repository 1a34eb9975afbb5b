//! The caller's side of a call: from the ear's events to one transcript a turn.
//!
//! Recognition begins while the end-of-turn timer still runs (a *speculation*) and is dropped if the caller goes on. A
//! generation numbers the speculations, so that a late result of a dropped one is recognised as such.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::listen::RawTranscript;

/// A turn that has ended, as the ear measured it.
#[derive(Clone, Copy, Debug)]
pub struct TurnEnd {
    /// From the caller's last sound to the end of the turn, line time.
    pub silence: Duration,
    /// How long they spoke.
    pub speech: Duration,
}

/// A transcript for a turn that has ended.
#[derive(Debug)]
pub struct Recognised {
    /// What was heard; `None` where the engine failed.
    pub heard: Option<RawTranscript>,
    /// How long recognition took, real time.
    pub took: Duration,
    /// The turn's end.
    pub end: TurnEnd,
}

#[derive(Debug)]
struct Speculation {
    generation: u32,
    call_off: Arc<AtomicBool>,
    result: Option<(Option<RawTranscript>, Duration)>,
}

/// The speculation under way and the turn that waits for it.
#[derive(Debug, Default)]
pub struct Listening {
    current: Option<Speculation>,
    ended: Option<(u32, TurnEnd)>,
}

impl Listening {
    /// A speculation begins; the flag calls it off.
    pub fn begin(&mut self, generation: u32) -> Arc<AtomicBool> {
        self.drop_current();
        let call_off = Arc::new(AtomicBool::new(false));
        self.current = Some(Speculation { generation, call_off: Arc::clone(&call_off), result: None });
        call_off
    }

    /// Whether a speculation of that generation is under way or done.
    #[must_use]
    pub fn has(&self, generation: u32) -> bool {
        self.current.as_ref().is_some_and(|s| s.generation == generation)
    }

    /// The caller goes on: the speculation is dropped.
    pub fn drop_current(&mut self) {
        if let Some(speculation) = self.current.take() {
            speculation.call_off.store(true, Ordering::Relaxed);
        }
    }

    /// The engine is done with a generation; true if it is still wanted.
    pub fn done(&mut self, generation: u32, heard: Option<RawTranscript>, took: Duration) -> bool {
        match &mut self.current {
            Some(s) if s.generation == generation => {
                s.result = Some((heard, took));
                true
            }
            _ => false,
        }
    }

    /// The turn has ended and waits for the words of `generation`.
    pub fn turn_ended(&mut self, generation: u32, end: TurnEnd) {
        self.ended = Some((generation, end));
    }

    /// The turn that has both ended and been recognised.
    pub fn take(&mut self) -> Option<Recognised> {
        let (generation, end) = self.ended?;
        let ready = self.current.as_ref().is_some_and(|s| s.generation == generation && s.result.is_some());
        if !ready {
            return None;
        }
        self.ended = None;
        let (heard, took) = self.current.take()?.result?;
        Some(Recognised { heard, took, end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: TurnEnd = TurnEnd { silence: Duration::from_millis(700), speech: Duration::from_secs(1) };

    #[test]
    fn words_that_came_before_the_turn_ended_are_used_at_once() {
        let mut listening = Listening::default();
        listening.begin(1);
        assert!(listening.done(1, Some(RawTranscript::typed("yes")), Duration::ZERO));
        assert!(listening.take().is_none());
        listening.turn_ended(1, END);
        assert!(listening.take().is_some_and(|r| r.heard == Some(RawTranscript::typed("yes"))));
        assert!(listening.take().is_none());
    }

    #[test]
    fn a_caller_who_goes_on_has_the_dropped_words_ignored() {
        let mut listening = Listening::default();
        let called_off = listening.begin(1);
        listening.drop_current();
        assert!(called_off.load(Ordering::Relaxed));
        assert!(!listening.done(1, Some(RawTranscript::typed("five one")), Duration::ZERO));
        listening.begin(2);
        listening.turn_ended(2, END);
        assert!(listening.take().is_none());
    }
}
