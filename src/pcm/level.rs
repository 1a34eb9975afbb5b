//! How loud samples are.
//!
//! dBFS here is relative to a full-scale square wave (32768): a full-scale sine reads -3.0, digital silence reads
//! [`SILENCE_DBFS`]. Pure functions of samples.

use crate::pcm::to_sample;

/// What digital silence reads: just below the smallest level that 16 bits can hold (-90.3 dBFS).
pub const SILENCE_DBFS: f32 = -100.0;

/// Samples at or beyond this magnitude count as clipped: mu-law's largest value is 32124, and a converter that
/// overloads rarely stops at exactly 32767.
const CLIPPED_FROM: u16 = 32_100;

const FULL_SCALE: f64 = 32_768.0;

/// The root mean square of samples, dBFS; [`SILENCE_DBFS`] for none or all zero.
#[must_use]
pub fn rms_dbfs(samples: &[i16]) -> f32 {
    let sum: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    if sum <= 0.0 {
        return SILENCE_DBFS;
    }
    let mean = sum / count(samples);
    #[expect(clippy::cast_possible_truncation, reason = "a level needs no more than a float's seven digits")]
    let level = (10.0 * (mean / (FULL_SCALE * FULL_SCALE)).log10()) as f32;
    level.max(SILENCE_DBFS)
}

/// The share of samples that are clipped, 0 to 1; 0 for none.
#[must_use]
pub fn clipped_share(samples: &[i16]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let clipped = samples.iter().filter(|s| s.unsigned_abs() >= CLIPPED_FROM).count();
    f64::from(u32::try_from(clipped).unwrap_or(u32::MAX)) / count(samples)
}

/// The amplitude of a signal whose root mean square is `dbfs`, in samples' units (0 to 32768).
#[must_use]
pub fn amplitude(dbfs: f32) -> f32 {
    32_768.0 * 10_f32.powf(dbfs / 20.0)
}

/// Brings samples to the level `target` dBFS, but no louder than their loudest sample allows. Silence stays silence.
pub fn bring_to(samples: &mut [i16], target: f32) {
    let level = rms_dbfs(samples);
    if level <= SILENCE_DBFS {
        return;
    }
    let loudest = samples.iter().map(|s| s.unsigned_abs()).max().unwrap_or(1);
    let room = f32::from(CLIPPED_FROM) / f32::from(loudest.max(1));
    let gain = 10_f32.powf((target - level) / 20.0).min(room);
    for sample in samples {
        *sample = to_sample(f32::from(*sample) * gain);
    }
}

fn count(samples: &[i16]) -> f64 {
    f64::from(u32::try_from(samples.len()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(amplitude: f32) -> Vec<i16> {
        (0..8000_u16).map(|n| to_sample(amplitude * (f32::from(n) * 0.7).sin())).collect()
    }

    #[test]
    fn a_full_scale_sine_is_three_decibels_below_full_scale() {
        assert!((rms_dbfs(&sine(32_767.0)) + 3.01).abs() < 0.02);
        assert!((rms_dbfs(&sine(3_276.7)) + 23.01).abs() < 0.02);
    }

    #[test]
    fn silence_and_nothing_have_a_finite_level() {
        assert_eq!(rms_dbfs(&[]), SILENCE_DBFS);
        assert_eq!(rms_dbfs(&[0; 160]), SILENCE_DBFS);
        assert_eq!(clipped_share(&[]), 0.0);
    }

    #[test]
    fn half_the_samples_clipped_is_a_share_of_one_half() {
        assert_eq!(clipped_share(&[i16::MIN, 0, i16::MAX, 100]), 0.5);
    }

    #[test]
    fn speech_is_brought_to_a_level_but_never_into_clipping() {
        let mut quiet = sine(1_000.0);
        bring_to(&mut quiet, -20.0);
        assert!((rms_dbfs(&quiet) + 20.0).abs() < 0.1);
        bring_to(&mut quiet, 6.0);
        assert!(clipped_share(&quiet) < 0.3 && rms_dbfs(&quiet) < -3.0);
        let mut nothing = [0_i16; 10];
        bring_to(&mut nothing, -20.0);
        assert_eq!(nothing, [0; 10]);
    }
}
