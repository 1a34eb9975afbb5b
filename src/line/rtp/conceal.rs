//! What is played where sound is missing: the last period of the voice, again and again, fading out.
//!
//! In:  each frame that came, in order, or that it did not. Out: a frame for each.
//! The idea, the range of pitch and the speed of the fade are those of ITU-T G.711 Appendix I (09/99); unlike it, this
//! delays nothing: the join is smoothed forwards instead. Owned by a receiver, run by the media thread. It never makes
//! up more than 60 ms: what goes on for longer is a silence, and is heard as one.

use std::collections::VecDeque;

use crate::pcm::{FRAME_SAMPLES, Frame, to_sample};

/// Shortest and longest period looked for, samples: 200 to 66 Hz. A higher voice has a multiple of its period in there.
const SHORTEST: usize = 40;
const LONGEST: usize = 120;
/// Samples that are compared at each lag: 20 ms, G.711 Appendix I's.
const COMPARED: usize = 160;
/// What was heard last, as much as the search needs.
const REMEMBERED: usize = LONGEST + COMPARED;
/// Samples of a cross-fade, 5 ms: long enough to hide the step, short enough not to smear a consonant.
const JOIN: usize = 40;
/// The invented sound keeps its level for 10 ms and is gone after 60 (G.711 Appendix I).
const LOUD_FOR: usize = 80;
const GONE_AFTER: usize = 480;

/// Fills holes in a stream of frames.
#[derive(Default)]
pub struct Concealer {
    /// The last samples played, the newest at the back; at most [`REMEMBERED`].
    past: VecDeque<f32>,
    /// The hole that is being filled.
    hole: Option<Hole>,
}

/// Sound being invented.
struct Hole {
    /// One period, as it is repeated.
    period: Vec<f32>,
    /// The step between the last real sample and where the period begins, taken back over [`JOIN`] samples.
    step: f32,
    /// Samples invented.
    made: usize,
}

impl Concealer {
    /// A frame that came. Behind a hole its first 5 ms are blended with what was being made up.
    #[must_use]
    pub fn good(&mut self, frame: Frame) -> Frame {
        let frame = match self.hole.take() {
            None => frame,
            Some(mut hole) => {
                let mut samples = *frame.samples();
                for (n, sample) in samples.iter_mut().take(JOIN).enumerate() {
                    let share = ratio(n + 1, JOIN + 1);
                    *sample = to_sample(hole.sample().mul_add(1.0 - share, f32::from(*sample) * share));
                }
                Frame::from_samples(&samples).unwrap_or(frame)
            }
        };
        self.remember(&frame);
        frame
    }

    /// A frame that did not come.
    #[must_use]
    pub fn lost(&mut self) -> Frame {
        if self.hole.is_none() {
            self.hole = Some(Hole::behind(self.past.make_contiguous()));
        }
        let mut samples = [0; FRAME_SAMPLES];
        if let Some(hole) = &mut self.hole {
            samples.fill_with(|| to_sample(hole.sample()));
        }
        let frame = Frame::from_samples(&samples).unwrap_or(Frame::SILENCE);
        self.remember(&frame);
        frame
    }

    fn remember(&mut self, frame: &Frame) {
        self.past.extend(frame.samples().iter().map(|&s| f32::from(s)));
        self.past.drain(..self.past.len().saturating_sub(REMEMBERED));
    }
}

impl Hole {
    fn behind(past: &[f32]) -> Self {
        let pitch = pitch(past).min(past.len());
        let (before, last) = past.split_at(past.len() - pitch);
        let mut period = last.to_vec();
        // The period's end is led over into what stood before its beginning, so that one repetition runs into the next.
        let join = JOIN.min(pitch / 2).min(before.len());
        let lead = before.iter().rev().take(join);
        for (n, (sample, &other)) in period.iter_mut().rev().zip(lead).enumerate() {
            let share = ratio(n + 1, join + 1);
            *sample = sample.mul_add(share, other * (1.0 - share));
        }
        let step = last.last().copied().unwrap_or(0.0) - before.last().copied().unwrap_or(0.0);
        Self { period, step, made: 0 }
    }

    fn sample(&mut self) -> f32 {
        let at = self.made.checked_rem(self.period.len()).unwrap_or(0);
        let repeated = self.period.get(at).copied().unwrap_or(0.0);
        let step = self.step * ratio(JOIN.saturating_sub(self.made), JOIN);
        let level = ratio(GONE_AFTER.saturating_sub(self.made), GONE_AFTER - LOUD_FOR).min(1.0);
        self.made = self.made.saturating_add(1);
        (repeated + step) * level
    }
}

/// The lag at which the past resembles itself most, samples; [`LONGEST`] where there is too little of it or none does.
fn pitch(past: &[f32]) -> usize {
    let Some(start) = past.len().checked_sub(COMPARED) else { return LONGEST };
    let now = past.get(start..).unwrap_or(&[]);
    let mut best = (LONGEST, 0.0);
    for lag in (SHORTEST..=LONGEST.min(start)).rev() {
        let Some(then) = past.get(start - lag..past.len() - lag) else { continue };
        let (product, energy) =
            now.iter().zip(then).fold((0.0_f32, 1.0_f32), |(p, e), (a, b)| (a.mul_add(*b, p), b.mul_add(*b, e)));
        let likeness = product.max(0.0) * product / energy;
        if likeness > best.1 {
            best = (lag, likeness);
        }
    }
    best.0
}

/// A share of two small counts.
fn ratio(part: usize, whole: usize) -> f32 {
    let small = |n| f32::from(u16::try_from(n).unwrap_or(u16::MAX));
    small(part) / small(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pcm::level::rms_dbfs;

    /// A voice-like sound: 130 Hz and some of its multiples.
    fn voice(from: usize) -> Frame {
        let samples: Vec<i16> = (from..from + FRAME_SAMPLES)
            .map(|n| {
                let turn = std::f32::consts::TAU * 130.0 * n as f32 / 8_000.0;
                to_sample(6_000.0 * turn.sin() + 3_000.0 * (2.0 * turn).sin() + 2_000.0 * (3.0 * turn).cos())
            })
            .collect();
        Frame::from_samples(&samples).unwrap()
    }

    fn after_voice() -> Concealer {
        let mut concealer = Concealer::default();
        for n in 0..4 {
            let _ = concealer.good(voice(n * FRAME_SAMPLES));
        }
        concealer
    }

    fn largest_step(samples: &[i16]) -> i32 {
        samples.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap_or(0)
    }

    #[test]
    fn what_came_passes_unchanged() {
        let mut concealer = Concealer::default();
        for n in 0..5 {
            assert!(concealer.good(voice(n * 160)) == voice(n * 160));
        }
    }

    #[test]
    fn a_hole_in_a_voice_is_filled_with_nearly_what_was_there() {
        let mut concealer = after_voice();
        let made = concealer.lost();
        let real = voice(4 * FRAME_SAMPLES);
        let off: Vec<i16> = (0..LOUD_FOR).map(|n| made.samples()[n] - real.samples()[n]).collect();
        assert!(rms_dbfs(&off) < rms_dbfs(&real.samples()[..LOUD_FOR]) - 12.0, "{}", rms_dbfs(&off));
    }

    #[test]
    fn a_long_hole_falls_silent_within_60_ms() {
        let mut concealer = after_voice();
        let levels: Vec<f32> = (0..4).map(|_| rms_dbfs(concealer.lost().samples())).collect();
        assert!(levels.windows(2).all(|w| w[1] < w[0]), "{levels:?}");
        assert!(levels[2] > -60.0 && levels[3] == rms_dbfs(&[0]), "{levels:?}");
        for _ in 0..10_000 {
            assert!(concealer.lost() == Frame::SILENCE);
        }
    }

    #[test]
    fn neither_join_has_a_step_that_the_voice_has_not() {
        let widest = largest_step(voice(0).samples());
        for lost in 1..6 {
            for shift in [0, 31, 77] {
                let mut concealer = after_voice();
                let mut heard = voice(3 * FRAME_SAMPLES).samples().to_vec();
                for _ in 0..lost {
                    heard.extend(concealer.lost().samples());
                }
                heard.extend(concealer.good(voice((4 + lost) * FRAME_SAMPLES + shift)).samples());
                let step = largest_step(&heard);
                assert!(step < widest * 3 / 2, "{step} of {widest} after {lost} lost");
            }
        }
    }

    #[test]
    fn a_hole_before_any_sound_is_silence() {
        let mut concealer = Concealer::default();
        assert!(concealer.lost() == Frame::SILENCE);
        assert!(concealer.good(Frame::SILENCE) == Frame::SILENCE);
    }

    proptest! {
        #[test]
        fn any_sound_with_any_holes_gives_a_frame_each(
            frames in proptest::collection::vec(
                proptest::option::of(proptest::collection::vec(any::<i16>(), FRAME_SAMPLES)), 0..12),
        ) {
            let mut concealer = Concealer::default();
            for frame in frames {
                let _ = match frame {
                    Some(samples) => concealer.good(Frame::from_samples(&samples).unwrap()),
                    None => concealer.lost(),
                };
            }
            prop_assert!(concealer.past.len() <= REMEMBERED);
        }
    }
}
