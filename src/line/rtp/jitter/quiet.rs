//! Where a frame may be dropped or repeated without being noticed.
//!
//! In:  each frame that is played. Out: whether it is quiet: below -50 dBFS; or at most 3 dB above the room's own noise
//! and below -30 dBFS, which speech on a line rarely is. Owned by the jitter buffer; keeps one number and no sound.

use crate::pcm::Frame;
use crate::pcm::level::rms_dbfs;

/// Below the noise of nearly every line.
const QUIET_DBFS: f32 = -50.0;
/// Music on hold and a steady tone are as even as noise, but not to be cut.
const NEVER_QUIET_DBFS: f32 = -30.0;
/// The noise of a room varies by so much from frame to frame.
const ABOVE_FLOOR_DB: f32 = 3.0;
/// The floor never reads lower, so that a peer's digital silence does not make the room loud for long.
const FLOOR_DBFS: f32 = -60.0;
/// The floor rises by so much a frame (2.5 dB/s), to follow a room that gets louder.
const FLOOR_RISE_DB: f32 = 0.05;

/// Tells quiet frames, by the quietest of late.
pub(super) struct Quiet {
    floor_dbfs: f32,
}

impl Default for Quiet {
    fn default() -> Self {
        // Whatever comes first is quieter.
        Self { floor_dbfs: 0.0 }
    }
}

impl Quiet {
    /// Whether a frame is quiet.
    pub(super) fn hears(&mut self, frame: &Frame) -> bool {
        let level = rms_dbfs(frame.samples());
        self.floor_dbfs = (self.floor_dbfs + FLOOR_RISE_DB).min(level).max(FLOOR_DBFS);
        level < QUIET_DBFS || level < (self.floor_dbfs + ABOVE_FLOOR_DB).min(NEVER_QUIET_DBFS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pcm::level::amplitude;
    use crate::pcm::{FRAME_SAMPLES, to_sample};

    fn at(dbfs: f32) -> Frame {
        Frame::from_samples(&[to_sample(amplitude(dbfs)); FRAME_SAMPLES]).unwrap()
    }

    #[test]
    fn the_noise_between_words_is_quiet_in_a_loud_room_and_the_words_are_not() {
        let mut quiet = Quiet::default();
        for _ in 0..10 {
            let pause = (0..25).filter(|n| quiet.hears(&at(if n % 2 == 0 { -38.0 } else { -37.0 }))).count();
            let words = (0..100).filter(|_| quiet.hears(&at(-20.0))).count();
            assert_eq!((pause, words), (25, 0));
        }
    }

    #[test]
    fn a_loud_tone_is_never_quiet_and_digital_silence_always_is() {
        let mut quiet = Quiet::default();
        assert!((0..5_000).all(|_| !quiet.hears(&at(-25.0))));
        assert!((0..100).all(|_| quiet.hears(&Frame::SILENCE)));
    }

    #[test]
    fn a_room_that_gets_louder_is_followed_within_10_s() {
        let mut quiet = Quiet::default();
        let _ = quiet.hears(&Frame::SILENCE);
        let first = (0..1_000).position(|_| quiet.hears(&at(-40.0)));
        assert!(first.is_some_and(|frames| (300..500).contains(&frames)), "{first:?}");
    }
}
