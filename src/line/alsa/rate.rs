//! Between the sound card's rate and the line's 8 kHz, block by block.
//!
//! In:  mono samples at 8, 16 or 48 kHz, in blocks of any size.
//! Out: the same sound at the other rate. 16 kHz goes through [`crate::pcm::halfband`], 48 kHz through a windowed sinc
//! whose figures are those of [`crate::pcm::resample`].
//! Pure arithmetic, run by the line's task. It never allocates more than a block needs.

use std::f64::consts::PI;

use crate::pcm::halfband::{Decimator, Interpolator};
use crate::pcm::{LINE_RATE, to_sample};

/// 48 kHz over 8 kHz.
const SIXTH: usize = 6;
/// Zero crossings of the sinc on each side, as in [`crate::pcm::resample`].
const CROSSINGS: usize = 16;
/// The cut-off as a share of 4 kHz, as there.
const CUTOFF: f64 = 0.94;
/// Taps of the 48 kHz filter: 16 crossings of 6 samples each on both sides. The last one is zero, so that each of the
/// six phases has the same number.
const TAPS: usize = 2 * CROSSINGS * SIXTH;
/// Input samples at 8 kHz that one phase looks at.
const SPAN: usize = 2 * CROSSINGS;

/// The rates a card is asked for, in the order in which they are tried, Hz.
pub(super) const RATES: [u32; 3] = [LINE_RATE, 16_000, 48_000];

/// The 48 kHz low-pass for a gain of 1 at 48 kHz.
fn design() -> Vec<f32> {
    let width = f64::from(u32::try_from(TAPS / 2).unwrap_or(u32::MAX));
    let taps: Vec<f64> = (0..u32::try_from(TAPS).unwrap_or(0))
        .map(|tap| {
            let x = f64::from(tap) - (width - 1.0);
            let t = CUTOFF * x / 6.0;
            let sinc = if t.abs() < 1e-9 { 1.0 } else { (PI * t).sin() / (PI * t) };
            sinc * (0.5 + 0.5 * (PI * x / width).cos())
        })
        .collect();
    let sum: f64 = taps.iter().sum();
    #[expect(clippy::cast_possible_truncation, reason = "taps of a 16-bit filter need no double precision")]
    taps.into_iter().map(|tap| (tap / sum) as f32).collect()
}

/// From the card to the line.
pub(super) enum ToLine {
    /// 8 kHz: as it is.
    Same,
    /// 16 kHz.
    Half(Decimator),
    /// 48 kHz: the taps and the samples not yet used up, oldest first.
    Sixth(Vec<f32>, Vec<f32>),
}

impl ToLine {
    /// For a card at `rate` Hz, one of [`RATES`].
    pub(super) fn from_rate(rate: u32) -> Self {
        match rate {
            16_000 => Self::Half(Decimator::default()),
            48_000 => Self::Sixth(design(), vec![0.0; TAPS - SIXTH]),
            _ => Self::Same,
        }
    }

    /// Appends the sound of `input` to `out`.
    pub(super) fn push(&mut self, input: &[i16], out: &mut Vec<i16>) {
        match self {
            Self::Same => out.extend_from_slice(input),
            Self::Half(decimator) => decimator.push(input, out),
            Self::Sixth(taps, history) => {
                history.extend(input.iter().map(|&s| f32::from(s)));
                let mut used = 0;
                for window in history.windows(TAPS).step_by(SIXTH) {
                    out.push(to_sample(taps.iter().zip(window).map(|(tap, sample)| tap * sample).sum()));
                    used += SIXTH;
                }
                history.drain(..used.min(history.len()));
            }
        }
    }
}

/// From the line to the card.
pub(super) enum FromLine {
    /// 8 kHz: as it is.
    Same,
    /// 16 kHz.
    Double(Interpolator),
    /// 48 kHz: the taps of each phase, newest sample first, and the last samples, oldest first.
    Sixfold(Vec<Vec<f32>>, Vec<f32>),
}

impl FromLine {
    /// For a card at `rate` Hz, one of [`RATES`].
    pub(super) fn to_rate(rate: u32) -> Self {
        match rate {
            16_000 => Self::Double(Interpolator::default()),
            48_000 => {
                let taps = design();
                let phase = |p: usize| -> Vec<f32> {
                    let taps: Vec<f32> = taps.iter().skip(p).step_by(SIXTH).copied().collect();
                    // Each phase is brought to a gain of exactly 1, or steady sound would ripple at 8 kHz.
                    let sum: f32 = taps.iter().sum();
                    taps.iter().map(|tap| tap / sum).collect()
                };
                Self::Sixfold((0..SIXTH).map(phase).collect(), vec![0.0; SPAN - 1])
            }
            _ => Self::Same,
        }
    }

    /// Appends the sound of `input` to `out`.
    pub(super) fn push(&mut self, input: &[i16], out: &mut Vec<i16>) {
        match self {
            Self::Same => out.extend_from_slice(input),
            Self::Double(interpolator) => interpolator.push(input, out),
            Self::Sixfold(phases, history) => {
                history.extend(input.iter().map(|&s| f32::from(s)));
                for window in history.windows(SPAN) {
                    for taps in phases.iter() {
                        let value = taps.iter().zip(window.iter().rev()).map(|(tap, sample)| tap * sample).sum();
                        out.push(to_sample(value));
                    }
                }
                history.drain(..history.len().saturating_sub(SPAN - 1));
            }
        }
    }
}

/// The mean of one sample of each channel.
pub(super) fn mix(channels: &[i16]) -> i16 {
    let sum: i32 = channels.iter().map(|&s| i32::from(s)).sum();
    let count = i32::try_from(channels.len()).unwrap_or(1).max(1);
    i16::try_from(sum / count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pcm::level::rms_dbfs;

    fn sine(hz: f64, rate: u32, count: u32) -> Vec<i16> {
        #[expect(clippy::cast_possible_truncation, reason = "far from full scale")]
        (0..count).map(|n| (10_000.0 * (2.0 * PI * hz * f64::from(n) / f64::from(rate)).sin()) as i16).collect()
    }

    fn through(hz: f64, rate: u32) -> (Vec<i16>, Vec<i16>) {
        let (mut down, mut up) = (Vec::new(), Vec::new());
        ToLine::from_rate(rate).push(&sine(hz, rate, rate), &mut down);
        FromLine::to_rate(rate).push(&sine(hz, LINE_RATE, LINE_RATE), &mut up);
        (down, up)
    }

    #[test]
    fn a_tone_of_the_telephone_band_keeps_its_level_at_every_rate() {
        for rate in RATES {
            for hz in [300.0, 1_000.0, 3_300.0] {
                let (down, up) = through(hz, rate);
                assert_eq!((down.len(), up.len()), (8_000, usize::try_from(rate).unwrap()), "{rate} Hz");
                for (sound, way) in [(&down[400..], "down"), (&up[2_400..], "up")] {
                    assert!((rms_dbfs(sound) - -13.3).abs() < 0.5, "{hz} Hz {way} at {rate}: {}", rms_dbfs(sound));
                }
            }
        }
    }

    #[test]
    fn what_the_line_cannot_hold_is_filtered_out() {
        for (hz, rate) in [(6_000.0, 16_000), (5_000.0, 48_000), (15_000.0, 48_000)] {
            let (down, _) = through(hz, rate);
            assert!(rms_dbfs(&down[400..]) < -60.0, "{hz} Hz at {rate}: {}", rms_dbfs(&down[400..]));
        }
    }

    #[test]
    fn both_ways_one_after_the_other_give_the_sound_back_late() {
        for (rate, lag) in [(16_000, 23), (48_000, 31)] {
            let sound = sine(700.0, LINE_RATE, 4_000);
            let (mut high, mut back) = (Vec::new(), Vec::new());
            FromLine::to_rate(rate).push(&sound, &mut high);
            ToLine::from_rate(rate).push(&high, &mut back);
            let error = |lag: usize| -> f32 {
                let pairs = sound[500..3_500].iter().zip(&back[500 + lag..]);
                rms_dbfs(&pairs.map(|(a, b)| a - b).collect::<Vec<_>>())
            };
            assert!(error(lag) < -45.0, "{rate} Hz: {} at {lag}", error(lag));
        }
    }

    #[test]
    fn two_channels_are_mixed_without_wrapping() {
        assert_eq!(mix(&[i16::MAX, i16::MAX]), i16::MAX);
        assert_eq!(mix(&[i16::MIN, i16::MIN]), i16::MIN);
        assert_eq!(mix(&[100, -100]), 0);
        assert_eq!(mix(&[]), 0);
    }

    proptest! {
        #[test]
        fn blocks_of_any_size_give_what_the_whole_gives(
            samples in proptest::collection::vec(any::<i16>(), 0..900),
            size in 1_usize..200,
            which in 0_usize..3,
        ) {
            let rate = RATES[which];
            let (mut whole, mut parts) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
            ToLine::from_rate(rate).push(&samples, &mut whole.0);
            FromLine::to_rate(rate).push(&samples, &mut whole.1);
            let (mut down, mut up) = (ToLine::from_rate(rate), FromLine::to_rate(rate));
            for block in samples.chunks(size) {
                down.push(block, &mut parts.0);
                up.push(block, &mut parts.1);
            }
            prop_assert_eq!(whole, parts);
        }
    }
}
