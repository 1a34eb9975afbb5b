//! When a frame is played as it is, and when the two clocks of a sound card ask for one more or one less.
//!
//! In:  how much sound waits to be played, and whether the next frame is quiet.
//! Out: [`Edit`].
//! Capture and playback are separate clocks, and the box answers each frame it hears with one to play: so what waits
//! grows or shrinks by their difference. It is followed by a frame of 20 ms dropped or inserted, in silence, where
//! nobody hears it. Pure arithmetic; counts are the caller's.

use crate::pcm::level::rms_dbfs;
use crate::pcm::{FRAME_SAMPLES, Frame};

/// Below this a frame counts as silence, dBFS: the noise of a quiet telephone line lies there or below.
const QUIET_DBFS: f32 = -55.0;
/// Frames over which the lowest level is taken: one second. A single late callback says nothing about the clocks.
const WINDOW: u32 = 50;
/// More than this beyond three callbacks waits only after a stall, and the caller would hear the box that much late
/// from then on: frames are dropped whether they are quiet or not. 240 ms at 8 kHz.
const TOO_MUCH: usize = 1_920;

/// What to do with the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// Play it.
    Keep,
    /// Nothing waits: play this many samples of silence first, then the frame.
    Prime(usize),
    /// Play a frame of silence first.
    Insert,
    /// Drop it: it is silence, and too much waits.
    Drop,
    /// Drop it although it may be heard: far too much waits.
    Cut,
}

/// How much has waited in the last seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Playout {
    /// Frames of the second that runs.
    frames: u32,
    /// The least that waited in it.
    lowest: usize,
    /// The least of the last whole second, if nothing was edited since.
    settled: Option<usize>,
    /// Quiet frames still to be dropped.
    surplus: usize,
}

/// Whether nobody would miss the frame.
pub(super) fn is_quiet(frame: &Frame) -> bool {
    rms_dbfs(frame.samples()) < QUIET_DBFS
}

impl Playout {
    /// Decides on a frame. `waiting` are the samples at 8 kHz that are to be played before it or wait beside it,
    /// `callback` those of the card's largest callback, and `dry` says that the card's ring is empty.
    pub(super) fn decide(&mut self, waiting: usize, callback: usize, dry: bool, quiet: bool) -> Edit {
        if waiting > callback.saturating_mul(3).saturating_add(TOO_MUCH) {
            *self = Self::default();
            return Edit::Cut;
        }
        let in_step = callback.saturating_mul(2);
        if dry {
            *self = Self::default();
            // What comes in a burst after a stall is what was missing: it needs no silence before it.
            return Edit::Prime(in_step.saturating_sub(waiting));
        }
        if quiet && self.surplus > 0 {
            self.surplus -= 1;
            return Edit::Drop;
        }
        self.lowest = if self.frames == 0 { waiting } else { self.lowest.min(waiting) };
        self.frames = self.frames.saturating_add(1);
        if self.frames >= WINDOW {
            self.settled = Some(self.lowest);
            self.frames = 0;
        }
        let Some(lowest) = self.settled.filter(|_| quiet) else { return Edit::Keep };
        // In step, two callbacks wait at the lowest moment. When one clock has gained a whole callback on the other
        // this becomes one more or one less, at once.
        let most = in_step.saturating_add(FRAME_SAMPLES);
        let surplus = lowest.saturating_sub(most).div_ceil(FRAME_SAMPLES);
        if surplus > 0 {
            *self = Self { surplus: surplus - 1, ..Self::default() };
            Edit::Drop
        } else if lowest < callback {
            *self = Self::default();
            Edit::Insert
        } else {
            Edit::Keep
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Plays `seconds` of frames through a card whose two clocks differ by `ppm`; returns (edits that dropped, that
    /// inserted, that primed, the lowest and the highest level after the first second).
    fn drift(ppm: i32, seconds: u32, quiet: bool) -> (u32, u32, u32, usize, usize) {
        let mut playout = Playout::default();
        let (mut level, mut owed) = (0_usize, 0.0_f64);
        let (mut dropped, mut inserted, mut primed) = (0, 0, 0);
        let (mut lowest, mut highest) = (usize::MAX, 0);
        for frame in 0..seconds * 50 {
            match playout.decide(level, 320, level == 0, quiet) {
                Edit::Keep => level += 160,
                Edit::Prime(samples) => {
                    primed += 1;
                    level += samples + 160;
                }
                Edit::Insert => {
                    inserted += 1;
                    level += 320;
                }
                Edit::Drop => dropped += 1,
                Edit::Cut => panic!("far too much waits"),
            }
            // The card takes 320 samples every 40 ms of its own clock.
            owed += 160.0 * (1.0 + f64::from(ppm) / 1e6);
            if owed >= 320.0 {
                owed -= 320.0;
                level = level.saturating_sub(320);
            }
            if frame > 50 {
                (lowest, highest) = (lowest.min(level), highest.max(level));
            }
        }
        (dropped, inserted, primed, lowest, highest)
    }

    #[test]
    fn two_clocks_in_step_need_no_edit_after_the_first() {
        assert_eq!(drift(0, 600, true), (0, 0, 1, 640, 800));
    }

    #[test]
    fn a_slow_playback_clock_costs_quiet_frames_and_the_delay_stays() {
        let (dropped, inserted, primed, _, highest) = drift(-300, 3_600, true);
        // 300 ppm of an hour are 54 frames; the first lift the level to where edits begin.
        assert!((48..=55).contains(&dropped), "{dropped}");
        assert_eq!((inserted, primed), (0, 1));
        assert!(highest <= 1_120, "{highest}");
    }

    #[test]
    fn a_fast_playback_clock_gets_frames_of_silence_before_it_runs_dry() {
        let (dropped, inserted, primed, _, _) = drift(300, 3_600, true);
        assert!((48..=57).contains(&inserted), "{inserted}");
        assert_eq!((dropped, primed), (0, 1));
    }

    #[test]
    fn speech_is_never_edited_for_drift() {
        let (dropped, inserted, _, _, _) = drift(-300, 300, false);
        assert_eq!((dropped, inserted), (0, 0));
    }

    #[test]
    fn what_a_stall_left_too_much_goes_in_the_next_pause() {
        let mut playout = Playout::default();
        for _ in 0..60 {
            assert_eq!(playout.decide(1_600, 320, false, false), Edit::Keep);
        }
        // 1600 are 800 more than two callbacks and a frame: five frames.
        let edits: Vec<Edit> = (0..7).map(|_| playout.decide(1_600, 320, false, true)).collect();
        assert_eq!(edits[..5], [Edit::Drop; 5]);
        assert_eq!(edits[5..], [Edit::Keep; 2]);
    }

    #[test]
    fn a_burst_after_a_stall_gets_no_more_silence_than_it_lacks() {
        assert_eq!(Playout::default().decide(0, 320, true, false), Edit::Prime(640));
        assert_eq!(Playout::default().decide(480, 320, true, false), Edit::Prime(160));
        assert_eq!(Playout::default().decide(960, 320, true, false), Edit::Prime(0));
    }

    #[test]
    fn after_a_stall_even_speech_is_cut_back() {
        assert_eq!(Playout::default().decide(2_881, 320, false, false), Edit::Cut);
    }

    #[test]
    fn silence_is_quiet_and_a_soft_voice_is_not() {
        assert!(is_quiet(&Frame::SILENCE));
        let voice: Vec<i16> = (0..160).map(|n| if n % 2 == 0 { 100 } else { -100 }).collect();
        assert!(!is_quiet(&Frame::from_samples(&voice).unwrap()));
    }

    proptest! {
        #[test]
        fn any_levels_give_an_edit(
            levels in proptest::collection::vec((any::<usize>(), any::<usize>(), any::<bool>(), any::<bool>()), 0..200),
        ) {
            let mut playout = Playout::default();
            for (waiting, callback, dry, quiet) in levels {
                let edit = playout.decide(waiting, callback, dry, quiet);
                prop_assert!(!matches!(edit, Edit::Drop | Edit::Insert) || quiet);
            }
        }
    }
}
