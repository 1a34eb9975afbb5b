//! What is done to a turn's sound around the library's own front end.
//!
//! In:  8 kHz samples, then the cepstra made of them. Out: 16 kHz samples with a floor of noise, then cepstra without what
//! line and microphone add to every frame. Pure functions; the figures here were chosen on human digits
//! (docs/recognition.md).

use fastrand::Rng;

use super::ffi::{CEPSTRA, Frame};
use crate::pcm::halfband;

/// The floor: even noise of this amplitude, -71 dBFS. A line that sends nothing between words (a mobile telephone, a gate
/// in a PBX) gives frames whose logarithms lie far below any that the model has seen, and they pull the mean with them: a
/// quarter of the wrong digits on such lines. Speech stands at -26 dBFS on a telephone line; one 30 dB softer is still
/// heard over the floor. It lies in the
/// telephone's band: noise above that, where a telephone's sound has nothing, made "six" into "two" for one voice.
const FLOOR: i32 = 16;
/// The floor's noise is the same for every turn, so that the same sound is heard as the same words.
const SEED: u64 = 1;

/// The share of speech in the mean, whatever the turn's share of it. A number read out with pauses is half silence, a short
/// answer hardly any, and both must lose the same. Of 360 human digits 122 were wrong with it, 135 with a mean over all
/// frames, 128 with a mean over speech alone.
const SPEECH_SHARE: f32 = 0.75;
/// A frame is speech if its energy lies above this part of the way from the turn's quiet to its loud frames.
const SPEECH_FROM: f32 = 0.3;
/// What counts as quiet and loud: the 5th and the 95th of a hundred frames.
const QUIET_PERCENT: usize = 5;
const LOUD_PERCENT: usize = 95;

/// The turn at 16 kHz, as the acoustic model was trained, with the floor of noise in it.
pub(super) fn widen(samples: &[i16]) -> Vec<i16> {
    let mut dice = Rng::with_seed(SEED);
    let mut noise = || i16::try_from(dice.i32(-FLOOR..=FLOOR)).unwrap_or_default();
    let floored: Vec<i16> = samples.iter().map(|sample| sample.saturating_add(noise())).collect();
    halfband::up(&floored)
}

/// Subtracts each coefficient's mean, speech and pauses each taken by a fixed share.
pub(super) fn take_out_mean(frames: &mut [Frame]) {
    let mut energies: Vec<f32> = frames.iter().map(energy).collect();
    energies.sort_by(f32::total_cmp);
    let at = |percent: usize| energies.get(energies.len() * percent / 100).copied().unwrap_or_default();
    let threshold = at(QUIET_PERCENT) + SPEECH_FROM * (at(LOUD_PERCENT) - at(QUIET_PERCENT));
    let (speech, pauses): (Vec<&Frame>, Vec<&Frame>) = frames.iter().partition(|frame| energy(frame) > threshold);
    let mean = match (mean(&speech), mean(&pauses)) {
        (Some(speech), Some(pauses)) => std::array::from_fn(|i| {
            let of = |mean: &Frame| mean.get(i).copied().unwrap_or_default();
            SPEECH_SHARE * of(&speech) + (1.0 - SPEECH_SHARE) * of(&pauses)
        }),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => return,
    };
    for frame in frames {
        for (value, mean) in frame.iter_mut().zip(mean) {
            *value -= mean;
        }
    }
}

/// The first coefficient is the frame's log energy.
fn energy(frame: &Frame) -> f32 {
    let [energy, ..] = frame;
    *energy
}

fn mean(frames: &[&Frame]) -> Option<Frame> {
    let count = f32::from(u16::try_from(frames.len()).unwrap_or(u16::MAX));
    let mut mean = [0.0_f32; CEPSTRA];
    for frame in frames {
        for (sum, value) in mean.iter_mut().zip(*frame) {
            *sum += value / count;
        }
    }
    (!frames.is_empty()).then_some(mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pcm::level::rms_dbfs;

    /// `speech` loud frames among `pauses` quiet ones.
    fn turn(speech: usize, pauses: usize) -> Vec<Frame> {
        let mut frames = vec![[10.0; CEPSTRA]; pauses];
        frames.extend(vec![[50.0; CEPSTRA]; speech]);
        frames
    }

    #[test]
    fn how_long_the_pauses_are_does_not_change_what_the_words_become() {
        let (mut brisk, mut slow) = (turn(80, 20), turn(40, 60));
        take_out_mean(&mut brisk);
        take_out_mean(&mut slow);
        assert_eq!(brisk.last(), slow.last());
        assert_eq!(brisk.last(), Some(&[10.0; CEPSTRA]));
        assert_eq!(brisk.first(), Some(&[-30.0; CEPSTRA]));
    }

    #[test]
    fn a_turn_without_pauses_or_without_frames_is_no_special_case() {
        let mut even = turn(30, 0);
        take_out_mean(&mut even);
        assert!(even.iter().flatten().all(|value| value.abs() < 1e-3));
        take_out_mean(&mut []);
    }

    #[test]
    fn digital_silence_becomes_a_floor_of_noise_that_is_the_same_every_time() {
        let floor = widen(&[0; 8_000]);
        assert_eq!(floor.len(), 16_000);
        assert!((rms_dbfs(&floor) + 71.0).abs() < 1.0, "{}", rms_dbfs(&floor));
        assert_eq!(floor, widen(&[0; 8_000]));
    }

    #[test]
    fn speech_stands_far_above_the_floor_and_full_scale_does_not_wrap_round() {
        let loud = widen(&[i16::MAX; 400]);
        assert!(loud.iter().skip(100).take(600).all(|s| *s > 32_000));
    }
}
