//! Twice and half the rate: 8 kHz line sound to the 16 kHz that recognisers and voices speak, and back.
//!
//! A 47-tap half-band filter, split into its two phases: one phase is a plain delay, the other 24 multiplications (12
//! after folding). It passes 0 to 3.4 kHz, the telephone band, flat within 0.1 dB and holds what would alias (above
//! 4.6 kHz at 16 kHz) 50 dB down. The streaming forms lag by [`DELAY`]; the one-shot forms give sound in place.

use std::f32::consts::PI;

use crate::pcm::to_sample;

/// Lag of the streaming forms, in samples at the higher rate: 23 at 16 kHz are 1.4 ms.
pub const DELAY: usize = 23;

/// The taps of the non-trivial phase.
const SIDE: usize = DELAY + 1;
/// Kaiser's window shape for about 55 dB: 0.1102 (55 - 8.7).
const BETA: f32 = 5.1;

/// The filter's non-zero taps beside its centre, for a gain of 1 at the lower rate.
#[derive(Clone, Debug)]
struct Taps([f32; SIDE]);

impl Taps {
    fn design() -> Self {
        let mut taps = [0.0_f32; SIDE];
        let width = f32::from(u8::try_from(SIDE).unwrap_or(u8::MAX));
        // Tap `i` lies 2i - 23 samples from the centre: always odd, where the ideal half-band filter is not zero.
        for (index, tap) in (0_u8..).zip(taps.iter_mut()) {
            let offset = f32::from(index) * 2.0 - 23.0;
            let ideal = (PI * offset / 2.0).sin() / (PI * offset / 2.0);
            *tap = ideal * kaiser(offset / width);
        }
        // The window takes a little of the gain away; steady sound must come through at exactly 1.
        let sum: f32 = taps.iter().sum();
        for tap in &mut taps {
            *tap /= sum;
        }
        Self(taps)
    }

    /// The side taps over the `SIDE` samples of `window`, oldest first.
    fn over(&self, window: &[f32]) -> f32 {
        self.0.iter().zip(window).map(|(tap, sample)| tap * sample).sum()
    }
}

/// Kaiser's window at `x`, -1 to 1.
fn kaiser(x: f32) -> f32 {
    bessel(BETA * (1.0 - x * x).max(0.0).sqrt()) / bessel(BETA)
}

/// The modified Bessel function of order 0, by its series; 20 terms are exact in `f32` for the arguments used here.
fn bessel(x: f32) -> f32 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1_u8..=20 {
        let factor = x / (2.0 * f32::from(k));
        term *= factor * factor;
        sum += term;
    }
    sum
}

/// 8 kHz in, 16 kHz out, block by block.
#[derive(Clone, Debug)]
pub struct Interpolator {
    taps: Taps,
    /// The last `SIDE` input samples, oldest first, and then the block at work.
    history: Vec<f32>,
}

impl Default for Interpolator {
    fn default() -> Self {
        Self { taps: Taps::design(), history: vec![0.0; SIDE - 1] }
    }
}

impl Interpolator {
    /// Appends twice as many samples to `out` as there are in `input`, late by [`DELAY`] output samples.
    pub fn push(&mut self, input: &[i16], out: &mut Vec<i16>) {
        self.history.extend(input.iter().map(|&s| f32::from(s)));
        out.reserve(input.len().saturating_mul(2));
        for window in self.history.windows(SIDE) {
            out.push(to_sample(self.taps.over(window)));
            // The centre tap: input sample `SIDE/2` from the window's oldest.
            out.push(to_sample(window.get(SIDE / 2).copied().unwrap_or_default()));
        }
        keep_last(&mut self.history, SIDE - 1);
    }
}

/// 16 kHz in, 8 kHz out, block by block.
#[derive(Clone, Debug)]
pub struct Decimator {
    taps: Taps,
    /// The last samples that stood at even places, oldest first, and then the block at work.
    even: Vec<f32>,
    /// The same for odd places.
    odd: Vec<f32>,
    /// Whether the next sample stands at an odd place.
    at_odd: bool,
}

impl Default for Decimator {
    fn default() -> Self {
        Self { taps: Taps::design(), even: vec![0.0; SIDE - 1], odd: vec![0.0; SIDE / 2], at_odd: false }
    }
}

impl Decimator {
    /// Appends half as many samples to `out` as there are in `input` (an odd one waits for its pair), late by [`DELAY`]
    /// input samples.
    pub fn push(&mut self, input: &[i16], out: &mut Vec<i16>) {
        for &sample in input {
            if self.at_odd {
                self.odd.push(f32::from(sample));
            } else {
                self.even.push(f32::from(sample));
                // The output made now is centred 23 samples back, at an odd place.
                let centre = self.odd.len().checked_sub(SIDE / 2).and_then(|i| self.odd.get(i));
                let window = self.even.len().checked_sub(SIDE).and_then(|from| self.even.get(from..));
                let side = window.map_or(0.0, |window| self.taps.over(window));
                out.push(to_sample(0.5 * (side + centre.copied().unwrap_or_default())));
            }
            self.at_odd = !self.at_odd;
        }
        keep_last(&mut self.even, SIDE - 1);
        keep_last(&mut self.odd, SIDE / 2);
    }
}

fn keep_last(samples: &mut Vec<f32>, count: usize) {
    let surplus = samples.len().saturating_sub(count);
    samples.drain(..surplus);
}

/// A whole sound at 8 kHz, at 16 kHz: exactly twice as many samples, in place.
#[must_use]
pub fn up(samples: &[i16]) -> Vec<i16> {
    let mut out = Vec::with_capacity(samples.len().saturating_mul(2).saturating_add(2 * SIDE));
    let mut interpolator = Interpolator::default();
    interpolator.push(samples, &mut out);
    interpolator.push(&[0; SIDE], &mut out);
    out.drain(..DELAY);
    out.truncate(samples.len().saturating_mul(2));
    out
}

/// A whole sound at 16 kHz, at 8 kHz: half as many samples (rounded up), in place.
#[must_use]
pub fn down(samples: &[i16]) -> Vec<i16> {
    let mut out = Vec::with_capacity(samples.len() / 2 + SIDE);
    let mut decimator = Decimator::default();
    // One sample of silence first, so that the output's lag of 23 + 1 samples is a whole number of pairs.
    decimator.push(&[0], &mut out);
    decimator.push(samples, &mut out);
    decimator.push(&[0; DELAY + 1], &mut out);
    out.drain(..SIDE / 2);
    out.truncate(samples.len().div_ceil(2));
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pcm::level::rms_dbfs;

    fn sine(hz: f32, rate: f32, count: u16) -> Vec<i16> {
        (0..count).map(|n| to_sample(10_000.0 * (2.0 * PI * hz * f32::from(n) / rate).sin())).collect()
    }

    /// The level of the middle of a sound, where the filter's edges do not count.
    fn middle(samples: &[i16]) -> f32 {
        rms_dbfs(&samples[200..samples.len() - 200])
    }

    #[test]
    fn the_telephone_band_passes_both_ways_within_a_fifth_of_a_decibel() {
        for hz in [300.0, 1000.0, 2500.0, 3300.0] {
            let at8 = sine(hz, 8000.0, 8000);
            let at16 = up(&at8);
            assert!((middle(&at16) - middle(&at8)).abs() < 0.2, "{hz} Hz up");
            assert!((middle(&down(&at16)) - middle(&at8)).abs() < 0.2, "{hz} Hz down");
        }
    }

    #[test]
    fn what_would_alias_is_forty_five_decibels_down() {
        for hz in [4700.0, 5500.0, 7000.0] {
            let loud = sine(hz, 16000.0, 16000);
            assert!(middle(&down(&loud)) < middle(&loud) - 45.0, "{hz} Hz");
        }
    }

    #[test]
    fn one_shot_sound_stays_in_place() {
        let sound = sine(700.0, 8000.0, 4000);
        let there_and_back = down(&up(&sound));
        assert_eq!(there_and_back.len(), sound.len());
        let error: Vec<i16> = sound.iter().zip(&there_and_back).map(|(a, b)| a - b).collect();
        assert!(middle(&error) < middle(&sound) - 50.0, "{}", middle(&error));
    }

    #[test]
    fn an_impulse_comes_out_the_stated_delay_later() {
        let mut impulse = vec![0_i16; 64];
        impulse[0] = 20_000;
        let loudest = |out: &[i16]| (0..out.len()).max_by_key(|&i| out[i].unsigned_abs()).unwrap();
        let mut out = Vec::new();
        Interpolator::default().push(&impulse, &mut out);
        assert_eq!(loudest(&out), DELAY);
        let mut out = Vec::new();
        // At an odd place, so that the centre of the filter falls on an output sample: (1 + 23) / 2.
        impulse.swap(0, 1);
        Decimator::default().push(&impulse, &mut out);
        assert_eq!(loudest(&out), usize::midpoint(DELAY, 1));
    }

    proptest! {
        #[test]
        fn blocks_of_any_size_give_the_same_sound(
            sound in proptest::collection::vec(any::<i16>(), 0..400),
            block in 1_usize..77,
        ) {
            let (mut whole, mut parts) = (Vec::new(), Vec::new());
            Interpolator::default().push(&sound, &mut whole);
            let mut interpolator = Interpolator::default();
            sound.chunks(block).for_each(|b| interpolator.push(b, &mut parts));
            prop_assert_eq!(&whole, &parts);
            prop_assert_eq!(whole.len(), sound.len() * 2);
            let (mut whole, mut parts) = (Vec::new(), Vec::new());
            Decimator::default().push(&sound, &mut whole);
            let mut decimator = Decimator::default();
            sound.chunks(block).for_each(|b| decimator.push(b, &mut parts));
            prop_assert_eq!(&whole, &parts);
            prop_assert_eq!(whole.len(), sound.len().div_ceil(2));
            prop_assert_eq!(up(&sound).len(), sound.len() * 2);
            prop_assert_eq!(down(&sound).len(), sound.len().div_ceil(2));
        }
    }
}
