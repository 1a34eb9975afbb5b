//! The shape of a turn: what the encoder gets, how much of its context is used, and how long the answer may become.
//!
//! Pure functions of samples and lengths.

use std::ffi::c_int;

use crate::pcm::{FRAME_SAMPLES, LINE_RATE};

/// Encoder steps in a second: each is 20 ms.
const STEPS_PER_SECOND: f32 = 50.0;
/// The encoder takes at least this much context. Below about 150 steps stock models loop, which costs more than it
/// saves; whisper.cpp's issues 1855 and 1951 report 256 as the lowest that holds.
const LEAST_STEPS: usize = 256;
/// Silence after the turn that the context must hold, in steps: 1.3 s. Models loop when their context ends with the
/// words.
const MARGIN_STEPS: f32 = 64.0;
/// Contexts are a multiple of this.
const STEP_MULTIPLE: usize = 64;
/// Longer turns get the whole context: trimming saves little there, and a word missed costs more.
const LONG_TURN_SECONDS: f32 = 12.0;
/// Tokens that any turn may have.
const TOKENS_AT_LEAST: f32 = 12.0;
/// Tokens a second on top: twice what a fast speaker needs.
const TOKENS_PER_SECOND: f32 = 8.0;
/// The least sound the engine gets, at 16 kHz: 1 s. Under 100 ms it says nothing, and below 200 samples this version of
/// it reads beyond the buffer.
const LEAST_SAMPLES: usize = 16_000;
/// Where a long turn may be cut, looking back from the end of the window: 1 s at 8 kHz.
const CUT_WITHIN: usize = 8_000;

/// What one pass may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    /// Steps of the encoder.
    pub(super) audio_ctx: c_int,
    /// The answer's ceiling, against loops.
    pub(super) max_tokens: c_int,
}

impl Plan {
    /// A context trimmed to the turn: 8 to 10 times faster than the whole one on a turn of 3 s.
    pub(super) fn trimmed(seconds: f32, window: usize) -> Self {
        if seconds > LONG_TURN_SECONDS {
            return Self::whole(seconds, window);
        }
        let steps = whole_number(seconds.mul_add(STEPS_PER_SECOND, MARGIN_STEPS));
        let steps = steps.next_multiple_of(STEP_MULTIPLE).max(LEAST_STEPS).min(window);
        Self { audio_ctx: c_int::try_from(steps).unwrap_or(c_int::MAX), ..Self::whole(seconds, window) }
    }

    /// The model's whole context.
    pub(super) fn whole(seconds: f32, window: usize) -> Self {
        let tokens = whole_number(seconds.mul_add(TOKENS_PER_SECOND, TOKENS_AT_LEAST));
        Self {
            audio_ctx: c_int::try_from(window).unwrap_or(c_int::MAX),
            max_tokens: c_int::try_from(tokens).unwrap_or(c_int::MAX),
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths of turns: positive and small")]
fn whole_number(value: f32) -> usize {
    value.ceil() as usize
}

/// The length of 8 kHz sound, in seconds.
#[expect(clippy::cast_precision_loss, reason = "a turn has thousands of samples, and a frame more or less is nothing")]
pub(super) fn seconds(samples: &[i16]) -> f32 {
    samples.len() as f32 / LINE_RATE as f32
}

/// Cuts a turn that is longer than the model's window of `steps` into parts that fit, each cut at the quietest frame of
/// the last second, so that it falls between words where there is a between.
pub(super) fn windows(samples: &[i16], steps: usize) -> Vec<&[i16]> {
    let room = steps.saturating_mul(FRAME_SAMPLES).max(FRAME_SAMPLES);
    let mut parts = Vec::new();
    let mut rest = samples;
    while rest.len() > room {
        let from = room.saturating_sub(CUT_WITHIN);
        let last_second = rest.get(from..room).unwrap_or_default();
        let quietest = last_second.chunks(FRAME_SAMPLES).map(energy).enumerate().min_by_key(|&(_, energy)| energy);
        let offset = quietest.map_or(0, |(index, _)| index.saturating_mul(FRAME_SAMPLES));
        // At least one frame, so that the loop comes to its end whatever the window.
        let cut = from.saturating_add(offset).max(FRAME_SAMPLES);
        let (part, after) = rest.split_at_checked(cut).unwrap_or((rest, &[]));
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// The sum of squares.
fn energy(samples: &[i16]) -> u64 {
    samples.iter().map(|&s| u64::from(s.unsigned_abs()).pow(2)).sum()
}

/// How much of the turn is well above its own floor, in ms. The floor is the quietest tenth of its frames, which the
/// silence around every turn provides; speech stands at least 9 dB above it, and above -55 dBFS.
pub(super) fn speech_ms(samples: &[i16]) -> u64 {
    const EIGHT_TIMES: u64 = 8;
    const MINUS_55_DBFS: u64 = 58 * 58 * FRAME_SAMPLES as u64;
    let energies: Vec<u64> = samples.chunks(FRAME_SAMPLES).map(energy).collect();
    let mut sorted = energies.clone();
    sorted.sort_unstable();
    let floor = sorted.get(sorted.len() / 10).copied().unwrap_or_default();
    let line = floor.saturating_mul(EIGHT_TIMES).max(MINUS_55_DBFS);
    let loud = energies.iter().filter(|&&energy| energy > line).count();
    u64::try_from(loud).unwrap_or(u64::MAX).saturating_mul(20)
}

/// The turn as the engine takes it: 16 kHz, -1 to 1, filled up to a second.
pub(super) fn for_the_encoder(samples: &[i16]) -> Vec<f32> {
    let mut sound = to_16_khz(samples);
    if sound.len() < LEAST_SAMPLES {
        sound.resize(LEAST_SAMPLES, 0.0);
    }
    sound
}

/// Twice the rate: between every two samples the value that a windowed sinc puts there.
fn to_16_khz(samples: &[i16]) -> Vec<f32> {
    // A sinc under Kaiser's window (5.1), scaled to a gain of 1: flat within 0.03 dB up to 3.4 kHz.
    const TAPS: [f32; 12] =
        [0.634_6, -0.204_9, 0.115_3, -0.074_7, 0.050_8, -0.035, 0.023_9, -0.015_9, 0.010_1, -0.006, 0.003_3, -0.001_5];
    let at = |index: Option<usize>| {
        index.and_then(|index| samples.get(index)).map_or(0.0, |&sample| f32::from(sample) / 32_768.0)
    };
    let mut out = Vec::with_capacity(samples.len().saturating_mul(2));
    for index in 0..samples.len() {
        out.push(at(Some(index)));
        let between = TAPS.iter().enumerate().map(|(away, tap)| {
            tap * (at(index.checked_sub(away)) + at(index.checked_add(away).and_then(|i| i.checked_add(1))))
        });
        out.push(between.sum());
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_context_is_trimmed_to_the_turn_and_never_below_256_steps() {
        assert_eq!(Plan::trimmed(0.5, 1500), Plan { audio_ctx: 256, max_tokens: 16 });
        assert_eq!(Plan::trimmed(3.0, 1500), Plan { audio_ctx: 256, max_tokens: 36 });
        assert_eq!(Plan::trimmed(6.0, 1500).audio_ctx, 384);
        assert_eq!(Plan::trimmed(12.5, 1500), Plan::whole(12.5, 1500));
    }

    #[test]
    fn a_small_model_caps_the_context() {
        assert_eq!(Plan::trimmed(1.0, 250).audio_ctx, 250);
        assert_eq!(Plan::whole(1.0, 250).audio_ctx, 250);
    }

    #[test]
    fn a_turn_longer_than_the_window_is_cut_where_it_is_quiet() {
        let mut samples = vec![1000_i16; 50_000];
        samples[37_600..37_760].fill(0);
        let parts = windows(&samples, 250);
        assert_eq!(parts.iter().map(|p| p.len()).collect::<Vec<_>>(), [37_600, 12_400]);
    }

    #[test]
    fn a_short_turn_is_filled_up_to_a_second() {
        for count in [0, 1, 150, 1600] {
            assert_eq!(for_the_encoder(&vec![5; count]).len(), 16_000);
        }
        assert_eq!(for_the_encoder(&vec![5; 9000]).len(), 18_000);
    }

    #[test]
    fn a_tone_in_the_telephone_band_keeps_its_level_and_place() {
        for hz in [300.0_f32, 1000.0, 3000.0] {
            let tone = |n: f32, rate: f32| 0.5 * (std::f32::consts::TAU * hz * n / rate).sin();
            let at8: Vec<i16> = (0..4000_u16).map(|n| sample(32_768.0 * tone(f32::from(n), 8000.0))).collect();
            let at16 = to_16_khz(&at8);
            let worst = (100..7900_u16).map(|n| (at16[usize::from(n)] - tone(f32::from(n), 16000.0)).abs());
            assert!(worst.clone().fold(0.0, f32::max) < 0.02, "{hz} Hz: {}", worst.fold(0.0, f32::max));
        }
    }

    #[test]
    fn only_what_stands_above_the_floor_counts_as_speech() {
        let hiss: Vec<i16> = (0..8000).map(|n| if n % 2 == 0 { 40 } else { -40 }).collect();
        assert_eq!(speech_ms(&hiss), 0);
        let mut spoken = hiss;
        spoken[3200..6400].fill(2000);
        assert_eq!(speech_ms(&spoken), 400);
        assert_eq!(speech_ms(&[]), 0);
    }

    #[expect(clippy::cast_possible_truncation, reason = "the tones of these tests are not that loud")]
    fn sample(value: f32) -> i16 {
        value.round() as i16
    }

    proptest! {
        #[test]
        fn cutting_loses_and_adds_nothing(
            samples in proptest::collection::vec(any::<i16>(), 0..3000),
            steps in 0_usize..12,
        ) {
            let parts = windows(&samples, steps);
            prop_assert!(parts.iter().all(|p| p.len() <= steps.max(1) * FRAME_SAMPLES));
            prop_assert_eq!(parts.concat(), samples);
        }
    }
}
