//! A call's sound, kept where that is allowed.
//!
//! Nothing is kept before the disclosure was heard whole, and in this version nothing is kept of a caller who is not
//! synthetic: consent to recording comes with the record's own issue. Two channels: the caller left, the box right.

use crate::converse::SayId;
use crate::pcm::{FRAME_SAMPLES, Frame, LINE_RATE};
use crate::wire::recording::{Chunk, Head, What};

/// Samples in a chunk, both channels: 20 s, 640 kB, below the largest frame on a socket.
const CHUNK: usize = 20 * 2 * 8_000;

/// The sound of one call.
#[derive(Debug)]
pub struct Recording {
    allowed: bool,
    noticed: bool,
    chunk: Vec<i16>,
    sealed: u32,
}

impl Recording {
    /// A recording that may begin only if the caller is synthetic.
    #[must_use]
    pub fn new(synthetic: bool) -> Self {
        Self { allowed: synthetic, noticed: false, chunk: Vec::new(), sealed: 0 }
    }

    /// A sentence ended. The first is the disclosure: recording may begin when it was heard whole.
    pub fn said(&mut self, id: SayId, whole: bool) {
        self.noticed |= whole && id == SayId(1);
    }

    /// Takes 20 ms of both sides; returns a chunk when one is full.
    pub fn frame(&mut self, caller: &Frame, own: Option<&Frame>) -> Option<Vec<i16>> {
        if !self.allowed || !self.noticed {
            return None;
        }
        let silence = Frame::SILENCE;
        let own = own.unwrap_or(&silence);
        self.chunk.extend(caller.samples().iter().zip(own.samples()).flat_map(|(caller, own)| [*caller, *own]));
        if self.chunk.len() + 2 * FRAME_SAMPLES <= CHUNK { None } else { self.rest() }
    }

    /// What is left at the end of the call.
    pub fn rest(&mut self) -> Option<Vec<i16>> {
        if self.chunk.is_empty() { None } else { Some(std::mem::take(&mut self.chunk)) }
    }

    /// Labels a chunk for the record. `t` and `mono_us` are now, in microseconds.
    pub fn seal_up(&mut self, samples: Vec<i16>, t: i64, mono_us: u64) -> Chunk {
        let chunk = self.sealed;
        self.sealed += 1;
        let (synthetic, consent) = (self.allowed, false);
        Chunk {
            head: Head { t, mono_us, what: What::Call, synthetic, consent, rate: LINE_RATE, channels: 2, chunk },
            samples,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_kept_before_the_disclosure_was_heard_whole() {
        let mut recording = Recording::new(true);
        let frame = Frame::from_samples(&[5; 160]).unwrap();
        recording.frame(&frame, None);
        recording.said(SayId(1), false);
        recording.frame(&frame, None);
        assert_eq!(recording.rest(), None);
        recording.said(SayId(1), true);
        recording.frame(&frame, Some(&frame));
        assert_eq!(recording.rest(), Some(vec![5; 320]));
    }

    #[test]
    fn nothing_is_kept_of_a_real_caller() {
        let mut recording = Recording::new(false);
        recording.said(SayId(1), true);
        recording.frame(&Frame::SILENCE, None);
        assert_eq!(recording.rest(), None);
    }
}
