//! 8 kHz line sound to the 16 kHz that the acoustic model was trained on.
//!
//! A half-band filter of 31 taps around each new sample; the old samples pass unchanged. Pure function.

/// The filter's side taps, nearest first: a half-band low-pass (windowed sinc, Hamming), gain 1 at the low rate.
const SIDE: [f32; 8] = [0.632_8, -0.196_3, 0.101_6, -0.057_4, 0.031_9, -0.016_5, 0.007_7, -0.003_8];

/// Doubles the rate.
pub(super) fn twice(samples: &[i16]) -> Vec<i16> {
    let at = |index: usize, back: usize| samples.get(index.wrapping_sub(back)).copied().map_or(0.0, f32::from);
    let scale = 2.0 * SIDE.iter().sum::<f32>();
    let mut out = Vec::with_capacity(samples.len() * 2);
    for (index, sample) in samples.iter().enumerate() {
        let between: f32 = (0..).zip(SIDE).map(|(k, tap)| tap * (at(index, k) + at(index + k + 1, 0))).sum();
        out.push(*sample);
        out.push(to_sample(between / scale));
    }
    out
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i16 before")]
fn to_sample(value: f32) -> i16 {
    value.round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_tone_is_the_same_tone_at_twice_the_rate() {
        for hertz in [300.0_f32, 1000.0, 3000.0] {
            let tone = |rate: f32, n: u16| (f32::from(n) * hertz * std::f32::consts::TAU / rate).sin() * 8000.0;
            let slow: Vec<i16> = (0..800).map(|n| to_sample(tone(8000.0, n))).collect();
            let fast = twice(&slow);
            assert_eq!(fast.len(), 1600);
            for n in 100..1500_u16 {
                let error = (f32::from(fast[usize::from(n)]) - tone(16000.0, n)).abs();
                assert!(error < 400.0, "{hertz} Hz, sample {n}: off by {error}");
            }
        }
    }
}
