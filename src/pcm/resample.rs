//! A whole recording at any rate, brought to another rate.
//!
//! For files only: the line's own 8 and 16 kHz use [`crate::pcm::halfband`]. A windowed sinc, one set of taps for each
//! phase between input and output samples; what the new rate cannot hold is filtered out. Sound stays in place.

use std::f64::consts::PI;

use crate::pcm::to_sample;

/// Zero crossings of the sinc on each side: 16 make a transition band of about 6 % of the lower rate under a Hann
/// window, so that 3.4 kHz passes and 4.2 kHz does not, at 8 kHz.
const CROSSINGS: f64 = 16.0;
/// The cut-off as a share of half the lower rate; below 1 so that the transition band lies mostly under it.
const CUTOFF: f64 = 0.94;

/// Brings `samples` from the rate `from` to the rate `to`, both in Hz and above 0. The count is rounded up.
#[must_use]
pub fn resample(samples: &[f32], from: u32, to: u32) -> Vec<i16> {
    if from == to || from == 0 || to == 0 {
        return samples.iter().map(|&s| to_sample(s)).collect();
    }
    let divisor = gcd(from, to);
    let (step, phases) = (from / divisor, to / divisor);
    let filters: Vec<Filter> = (0..phases).map(|phase| Filter::design(phase, phases, from, to)).collect();
    let count = (samples.len() as u64 * u64::from(phases)).div_ceil(u64::from(step));
    let mut out = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
    // Output sample n lies at input position n * step / phases.
    let (mut whole, mut part) = (0_usize, 0_u32);
    for _ in 0..count {
        let value = filters.get(usize::try_from(part).unwrap_or_default()).map_or(0.0, |f| f.over(samples, whole));
        out.push(to_sample(value));
        let sum = part.saturating_add(step);
        whole = whole.saturating_add(usize::try_from(sum / phases).unwrap_or_default());
        part = sum % phases;
    }
    out
}

/// The taps for one phase.
struct Filter {
    /// How many input samples before the output's place the first tap lies.
    reach: usize,
    taps: Vec<f32>,
}

impl Filter {
    fn design(phase: u32, phases: u32, from: u32, to: u32) -> Self {
        let cutoff = CUTOFF * (f64::from(to) / f64::from(from)).min(1.0);
        let half_width = CROSSINGS / cutoff;
        // From 8 to 48 kHz input the width is at most 102 samples a side.
        #[expect(clippy::cast_possible_truncation, reason = "at most 16 crossings times the ratio of two rates")]
        let reach = half_width.ceil() as i32;
        let place = f64::from(phase) / f64::from(phases);
        let taps: Vec<f64> = (-reach..=reach + 1)
            .map(|tap| {
                let x = f64::from(tap) - place;
                let window = if x.abs() < half_width { 0.5 + 0.5 * (PI * x / half_width).cos() } else { 0.0 };
                window * sinc(cutoff * x)
            })
            .collect();
        // Each phase is brought to a gain of exactly 1, or steady sound would ripple at the phases' rate.
        let sum: f64 = taps.iter().sum();
        #[expect(clippy::cast_possible_truncation, reason = "taps of a 16-bit filter need no double precision")]
        let taps = taps.into_iter().map(|tap| (tap / sum) as f32).collect();
        Self { reach: usize::try_from(reach).unwrap_or_default(), taps }
    }

    fn over(&self, samples: &[f32], place: usize) -> f32 {
        let skipped = self.reach.saturating_sub(place);
        let first = place.saturating_sub(self.reach);
        let taps = self.taps.get(skipped..).unwrap_or_default();
        taps.iter().zip(samples.get(first..).unwrap_or_default()).map(|(tap, sample)| tap * sample).sum()
    }
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pcm::level::rms_dbfs;

    fn sine(hz: f64, rate: u32, seconds: f64) -> Vec<f32> {
        let turn = 2.0 * PI * hz / f64::from(rate);
        let times = (0..rate).map(f64::from).take_while(|n| *n < f64::from(rate) * seconds);
        times.map(|n| f32::from(to_sample_f64(10_000.0 * (turn * n).sin()))).collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "test tones are far from full scale")]
    fn to_sample_f64(value: f64) -> i16 {
        value.round() as i16
    }

    #[test]
    fn a_tone_keeps_its_level_its_pitch_and_its_place() {
        for rate in [11_025, 16_000, 22_050, 32_000, 44_100, 48_000] {
            let out = resample(&sine(1000.0, rate, 0.4), rate, 8000);
            assert_eq!(out.len(), 3200, "{rate} Hz");
            let wanted = sine(1000.0, 8000, 0.4);
            let error: Vec<i16> = wanted.iter().zip(&out).map(|(w, &o)| to_sample(*w) - o).collect();
            assert!(rms_dbfs(&error[200..3000]) < rms_dbfs(&out) - 45.0, "{rate} Hz");
        }
    }

    #[test]
    fn what_eight_kilohertz_cannot_hold_is_filtered_out() {
        for (hz, rate) in [(4_500.0, 44_100), (6_000.0, 22_050), (15_000.0, 48_000)] {
            let out = resample(&sine(hz, rate, 0.5), rate, 8000);
            assert!(rms_dbfs(&out[200..3800]) < -60.0, "{hz} Hz from {rate}");
        }
    }

    #[test]
    fn speech_up_to_three_point_four_kilohertz_passes() {
        let out = resample(&sine(3_400.0, 48_000, 0.5), 48_000, 8000);
        assert!((rms_dbfs(&out[200..3800]) - -13.3).abs() < 0.5);
    }

    proptest! {
        #[test]
        fn any_recording_at_any_rate_has_the_right_length(
            samples in proptest::collection::vec(-32_768.0_f32..32_767.0, 0..300),
            rate in 8_000_u32..48_001,
        ) {
            let wanted = (samples.len() as u64 * 8000).div_ceil(u64::from(rate));
            prop_assert_eq!(resample(&samples, rate, 8000).len() as u64, wanted);
        }
    }
}
