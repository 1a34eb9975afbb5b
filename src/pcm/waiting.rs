//! Two channels of sound that wait to be kept, so that a stretch can be silenced before anybody sees it.
//!
//! In:  frames with their number since the line was answered, in order. Out: interleaved samples, left then right.
//! Used by whoever records a call. Voice is PHI: wiped on drop, `Debug` shows a length.

use zeroize::Zeroizing;

use crate::pcm::{FRAME_SAMPLES, Frame};

/// Samples of both channels in one frame of 20 ms.
const BOTH: usize = 2 * FRAME_SAMPLES;

/// Sound that waits.
#[derive(Default)]
pub struct Waiting {
    /// The number of the first frame that waits.
    first: u64,
    samples: Zeroizing<Vec<i16>>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Waiting({} frames from {})", self.frames(), self.first)
    }
}

impl Waiting {
    /// Appends frame number `at`. A gap before it (nothing is recorded twice in one call) loses what waited.
    pub fn push(&mut self, at: u64, left: &Frame, right: &Frame) {
        if at != self.end() {
            self.clear();
            self.first = at;
        }
        self.samples.extend(left.samples().iter().zip(right.samples()).flat_map(|(left, right)| [*left, *right]));
    }

    /// Silences the frames `from..to`, as far as they wait, on both channels.
    pub fn blank(&mut self, from: u64, to: u64) {
        let (from, to) = (self.place(from), self.place(to));
        if let Some(span) = self.samples.get_mut(from..to) {
            span.fill(0);
        }
    }

    /// Takes the first `frames`, or fewer where fewer wait.
    pub fn take(&mut self, frames: u64) -> Vec<i16> {
        let end = self.place(self.first.saturating_add(frames));
        let taken: Vec<i16> = self.samples.drain(..end).collect();
        self.first = self.first.saturating_add(count(taken.len() / BOTH));
        taken
    }

    /// Forgets the frames from `to` on.
    pub fn cut(&mut self, to: u64) {
        let end = self.place(to);
        self.blank(to, u64::MAX);
        self.samples.truncate(end);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.cut(0);
    }

    /// The number of the first frame that waits.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The number after the last frame that waits.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.first.saturating_add(self.frames())
    }

    /// How many frames wait.
    #[must_use]
    pub fn frames(&self) -> u64 {
        count(self.samples.len() / BOTH)
    }

    /// Where frame number `at` begins in the samples, held to what is there.
    fn place(&self, at: u64) -> usize {
        let frames = at.saturating_sub(self.first).min(self.frames());
        usize::try_from(frames).unwrap_or(0).saturating_mul(BOTH)
    }
}

fn count(frames: usize) -> u64 {
    u64::try_from(frames).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loud() -> Frame {
        Frame::from_samples(&[7; FRAME_SAMPLES]).unwrap()
    }

    fn waiting(from: u64, to: u64) -> Waiting {
        let mut waiting = Waiting::default();
        (from..to).for_each(|at| waiting.push(at, &loud(), &loud()));
        waiting
    }

    #[test]
    fn a_silenced_stretch_is_nothing_but_zeros_and_its_neighbours_stay() {
        let mut waiting = waiting(10, 20);
        waiting.blank(12, 14);
        waiting.blank(0, 11);
        waiting.blank(19, 99);
        let loud: Vec<bool> = waiting.take(99).chunks(BOTH).map(|frame| frame.iter().all(|s| *s == 7)).collect();
        assert_eq!(loud, [false, true, false, false, true, true, true, true, true, false]);
    }

    #[test]
    fn what_is_taken_or_cut_waits_no_longer() {
        let mut waiting = waiting(10, 20);
        assert_eq!(waiting.take(3).len(), 3 * BOTH);
        assert_eq!((waiting.first(), waiting.end()), (13, 20));
        waiting.cut(15);
        assert_eq!((waiting.first(), waiting.end()), (13, 15));
        waiting.push(40, &loud(), &loud());
        assert_eq!((waiting.first(), waiting.frames()), (40, 1));
        waiting.clear();
        assert_eq!(waiting.frames(), 0);
    }
}
