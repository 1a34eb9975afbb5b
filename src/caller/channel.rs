//! What a telephone does to a caller's voice.
//!
//! In:  20 ms frames of clean 8 kHz speech. Out: the same number, through the band of a telephone (300 to 3400 Hz), with
//! line noise, and through G.711 mu-law and back. The same seed gives the same noise on every machine.

use std::collections::VecDeque;
use std::f32::consts::{PI, SQRT_2};

use fastrand::Rng;

use crate::pcm::g711::{from_mulaw, to_mulaw};
use crate::pcm::{Frame, LINE_RATE, level, to_sample};

/// The band that a telephone passes, Hz (ITU-T G.712 draws the mask).
const LOW: f32 = 300.0;
const HIGH: f32 = 3_400.0;
const SAMPLES_PER_MS: usize = 8;

/// A telephone connection in one direction.
#[derive(Clone, Debug)]
pub struct Channel {
    filters: [Biquad; 2],
    noise: Option<f32>,
    dice: Rng,
}

impl Channel {
    /// A connection with noise of `noise` dBFS; `None` is a clean one.
    #[must_use]
    pub fn new(noise: Option<f32>, seed: u64) -> Self {
        let filters = [Biquad::high_pass(LOW), Biquad::low_pass(HIGH)];
        Self { filters, noise: noise.map(level::amplitude), dice: Rng::with_seed(seed) }
    }

    /// Carries one frame.
    pub fn carry(&mut self, frame: &Frame) -> Frame {
        let carried = frame.samples().map(|sample| {
            let [high_pass, low_pass] = &mut self.filters;
            let voice = low_pass.pass(high_pass.pass(f32::from(sample)));
            let noise = self.noise.map_or(0.0, |amplitude| amplitude * normal(&mut self.dice));
            from_mulaw(to_mulaw(to_sample(voice + noise)))
        });
        Frame::from_samples(&carried).unwrap_or(Frame::SILENCE)
    }
}

/// The box's own voice on its way back: what the hybrid of an analogue line, or a telephone that talks loudly on a desk, puts
/// beside the caller's. It reaches the caller's [`Channel`] and is carried, coded and noisy as the rest.
#[derive(Clone, Debug)]
pub struct EchoPath {
    gain: f32,
    /// What has not come back yet, the oldest first; at first as much silence as it is late by.
    coming: VecDeque<i16>,
    most: usize,
}

impl EchoPath {
    /// An echo of `db` dB beside what the box says, `ms` late.
    #[must_use]
    pub fn new(db: f32, ms: u32) -> Self {
        let late = usize::try_from(ms).unwrap_or(0).saturating_mul(SAMPLES_PER_MS);
        // A second more: a caller who sends nothing does not gather the box's voice for ever.
        let most = late.saturating_add(1_000 * SAMPLES_PER_MS);
        Self { gain: 10_f32.powf(db / 20.0), coming: std::iter::repeat_n(0, late).collect(), most }
    }

    /// The box says this.
    pub fn heard(&mut self, frame: &Frame) {
        self.coming.extend(frame.samples());
        let too_many = self.coming.len().saturating_sub(self.most);
        self.coming.drain(..too_many);
    }

    /// The caller's 20 ms with the echo in it.
    pub fn beside(&mut self, voice: &Frame) -> Frame {
        let both = voice.samples().map(|sample| {
            let echo = f32::from(self.coming.pop_front().unwrap_or(0)) * self.gain;
            to_sample(f32::from(sample) + echo)
        });
        Frame::from_samples(&both).unwrap_or(Frame::SILENCE)
    }
}

/// A nearly normal random number of variance 1: the sum of twelve uniform ones, less their mean.
fn normal(dice: &mut Rng) -> f32 {
    (0..12).map(|_| dice.f32()).sum::<f32>() - 6.0
}

/// A filter of second order with the flattest band (Butterworth), by the bilinear transform.
#[derive(Clone, Debug)]
struct Biquad {
    b: [f32; 3],
    a: [f32; 2],
    state: [f32; 2],
}

impl Biquad {
    fn low_pass(hz: f32) -> Self {
        let k = warp(hz);
        Self::from_parts([k * k, 2.0 * k * k, k * k], k)
    }

    fn high_pass(hz: f32) -> Self {
        Self::from_parts([1.0, -2.0, 1.0], warp(hz))
    }

    fn from_parts(b: [f32; 3], k: f32) -> Self {
        let norm = 1.0 + SQRT_2 * k + k * k;
        let a = [2.0 * (k * k - 1.0) / norm, (1.0 - SQRT_2 * k + k * k) / norm];
        Self { b: b.map(|b| b / norm), a, state: [0.0; 2] }
    }

    fn pass(&mut self, input: f32) -> f32 {
        let ([b0, b1, b2], [a1, a2], [s1, s2]) = (self.b, self.a, self.state);
        let output = b0 * input + s1;
        self.state = [b1 * input - a1 * output + s2, b2 * input - a2 * output];
        output
    }
}

/// The analogue frequency that the bilinear transform brings to `hz`.
fn warp(hz: f32) -> f32 {
    let rate = f32::from(u16::try_from(LINE_RATE).unwrap_or(8_000));
    (PI * hz / rate).tan()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pcm::level::rms_dbfs;

    fn carried(channel: &mut Channel, samples: &[i16]) -> Vec<i16> {
        Frame::cut(samples).flat_map(|frame| *channel.carry(&frame).samples()).collect()
    }

    fn tone(hz: f32) -> Vec<i16> {
        (0..8_000_u16).map(|n| to_sample(8_000.0 * (2.0 * PI * hz * f32::from(n) / 8_000.0).sin())).collect()
    }

    #[test]
    fn the_telephone_band_passes_and_the_mains_hum_does_not() {
        let change = |hz| rms_dbfs(&carried(&mut Channel::new(None, 0), &tone(hz))) - rms_dbfs(&tone(hz));
        for hz in [600.0, 1_000.0, 2_500.0] {
            assert!(change(hz).abs() < 0.6, "{hz} Hz: {}", change(hz));
        }
        assert!(change(60.0) < -25.0 && change(3_950.0) < -20.0);
    }

    #[test]
    fn noise_has_the_level_that_was_asked_for_and_is_the_same_for_a_seed() {
        let silence = vec![0; 16_000];
        let noise = carried(&mut Channel::new(Some(-45.0), 7), &silence);
        assert!((rms_dbfs(&noise) + 45.0).abs() < 0.5, "{}", rms_dbfs(&noise));
        assert_eq!(noise, carried(&mut Channel::new(Some(-45.0), 7), &silence));
        assert_ne!(noise, carried(&mut Channel::new(Some(-45.0), 8), &silence));
    }

    #[test]
    fn an_echo_comes_back_after_its_delay_and_at_its_level() {
        let mut path = EchoPath::new(-20.0, 40);
        let mut back = Vec::new();
        for n in 0..4 {
            back.push(path.beside(&Frame::SILENCE).samples()[0]);
            path.heard(&Frame::from_samples(&[1_000 * (n + 1); 160]).unwrap());
        }
        assert_eq!(back, [0, 0, 100, 200], "40 ms after it was said, and said after the frame that it answers");
    }

    #[test]
    fn a_clean_connection_carries_silence_as_silence() {
        assert!(carried(&mut Channel::new(None, 0), &[0; 800]).iter().all(|s| *s == 0));
    }
}
