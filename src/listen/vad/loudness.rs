//! Speech by loudness alone: the fallback when the network fails in the middle of a call.

use super::{SpeechProbability, VadError, WINDOW_SAMPLES};

/// Mean square below which nothing is speech: an amplitude of about 250, -42 dB of full scale, under a quiet caller.
const QUIET: f32 = 250.0 * 250.0;
/// Speech stands this far above the background: 9 dB.
const ABOVE_BACKGROUND: f32 = 8.0;
/// The background estimate rises by this each window (6 dB in about 1.5 s), so that a new steady noise is soon
/// background, while a word is over before it counts.
const RISE: f32 = 1.03;

/// Judges a window by its loudness above the background. Never fails.
#[derive(Debug, Default)]
pub struct Loudness {
    background: f32,
}

impl Loudness {
    /// 0.9 for a window that stands out, else 0.
    pub fn judge(&mut self, window: &[i16; WINDOW_SAMPLES]) -> f32 {
        let energy: f32 = window.iter().map(|&s| f32::from(s) * f32::from(s)).sum();
        let mean = energy / 256.0;
        self.background = mean.min((self.background * RISE).max(1.0));
        if mean > QUIET && mean > self.background * ABOVE_BACKGROUND { 0.9 } else { 0.0 }
    }
}

impl SpeechProbability for Loudness {
    fn probability(&mut self, window: &[i16; WINDOW_SAMPLES]) -> Result<f32, VadError> {
        Ok(self.judge(window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loud_word_stands_out_of_a_quiet_line_and_steady_noise_becomes_background() {
        let mut loudness = Loudness::default();
        for _ in 0..30 {
            assert_eq!(loudness.judge(&[20; WINDOW_SAMPLES]), 0.0);
        }
        assert!(loudness.judge(&[4_000; WINDOW_SAMPLES]) > 0.5);
        let hum: Vec<f32> = (0..600).map(|_| loudness.judge(&[4_000; WINDOW_SAMPLES])).collect();
        assert!(hum[20] > 0.5, "a word lasts longer than 640 ms");
        assert_eq!(hum[599], 0.0);
        assert_eq!(loudness.judge(&[0; WINDOW_SAMPLES]), 0.0);
    }
}
