//! A call's sound, kept where that is allowed.
//!
//! Nothing is kept before the disclosure was heard whole, and in this version nothing is kept of a caller who is not
//! synthetic: consent to recording comes with the record's own issue. Both sides are mixed into one channel.

use crate::converse::SayId;
use crate::pcm::{FRAME_SAMPLES, Frame};

/// Samples in a chunk: 30 s, 480 kB, well below the largest frame on a socket.
const CHUNK: usize = 30 * 8_000;

/// The sound of one call.
#[derive(Debug)]
pub struct Recording {
    allowed: bool,
    noticed: bool,
    chunk: Vec<i16>,
}

impl Recording {
    /// A recording that may begin only if the caller is synthetic.
    #[must_use]
    pub fn new(synthetic: bool) -> Self {
        Self { allowed: synthetic, noticed: false, chunk: Vec::new() }
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
        self.chunk.extend(caller.samples().iter().zip(own.samples()).map(|(a, b)| a.saturating_add(*b)));
        if self.chunk.len() + FRAME_SAMPLES <= CHUNK { None } else { self.rest() }
    }

    /// What is left at the end of the call.
    pub fn rest(&mut self) -> Option<Vec<i16>> {
        if self.chunk.is_empty() { None } else { Some(std::mem::take(&mut self.chunk)) }
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
        assert_eq!(recording.rest(), Some(vec![10; 160]));
    }

    #[test]
    fn nothing_is_kept_of_a_real_caller() {
        let mut recording = Recording::new(false);
        recording.said(SayId(1), true);
        recording.frame(&Frame::SILENCE, None);
        assert_eq!(recording.rest(), None);
    }
}
