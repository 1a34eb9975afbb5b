//! The box's own voice, taken out of what comes back over the line.
//!
//! In:  each 20 ms frame (8 kHz mono `i16`) that was heard, and then the one that was played in answer.
//! Out: the frame heard, without the echo of what was played up to half a second before. While the canceller still learns, in
//! the box's first seconds of speech: what is loud enough to be more than an echo as it was heard, and of the rest nothing.
//! Runs on the call's own thread, before its ears; about 0.3 ms a frame while the box speaks, nothing else.
//! The caller's voice passes, 3 ms late. It decides nothing, and keeps no sound longer than the echo may take (which the
//! canceller's own buffers do not wipe).
//!
//! The canceller is that of WebRTC (AEC3) as the crate `aec3` has it, with its residual echo suppressor and without its
//! noise suppression and gain control, at 16 kHz. It finds the delay by itself. See docs/turns.md for what it was measured
//! to do, and against what.

use std::collections::VecDeque;
use std::fmt;

use aec3::api::config::EchoCanceller3Config;
use aec3::api::control::EchoControl;
use aec3::audio_processing::aec3::echo_canceller3::EchoCanceller3;
use aec3::audio_processing::audio_buffer::AudioBuffer;

use crate::pcm::halfband::{Decimator, Interpolator};
use crate::pcm::{Frame, level, to_sample};

/// The canceller's rate, Hz: the lowest that it has.
const RATE: i32 = 16_000;
const RATE_OF_BUFFERS: usize = 16_000;
/// Samples in the canceller's 10 ms.
const BLOCK: usize = 160;
/// Filters that look for the delay: each sees further back. With 8, echoes after 40 to 560 ms were found.
const DELAY_FILTERS: usize = 8;
/// Frames after the box's last sound until nothing of it comes back: 640 ms. Then frames pass untouched.
const ECHO_FRAMES: u32 = 32;
/// Frames of its own voice that the canceller learns from, 2.5 s, all of them within the disclosure: before, it leaves echoes
/// of 300 ms, and takes half of the words of a caller without an echo.
const LEARNS: u32 = 125;
/// An echo is this much below the loudest of what was played, dB: telephones and hybrids leave 10 dB and more.
const BELOW: f32 = 8.0;
/// Frames for which a caller who was louder passes, 300 ms: words have soft parts.
const PASSES: u32 = 15;

/// The echo canceller of one call.
pub struct Echo {
    canceller: EchoCanceller3,
    /// 10 ms each, at the canceller's rate.
    far: AudioBuffer,
    near: AudioBuffer,
    far_up: Interpolator,
    near_up: Interpolator,
    down: Decimator,
    /// What the box played last.
    played: Frame,
    /// Frames since the box's last sound.
    silent: u32,
    /// How loud the box was in the frames that may still come back, dBFS, the oldest first.
    loud: VecDeque<f32>,
    /// Frames still to learn from.
    learns: u32,
    /// Frames for which the caller passes.
    passes: u32,
}

impl Echo {
    /// A canceller at the start of a call.
    #[must_use]
    pub fn new() -> Self {
        let mut config = EchoCanceller3Config::default();
        config.delay.num_filters = DELAY_FILTERS;
        let buffer = || AudioBuffer::from_sample_rates(RATE_OF_BUFFERS, 1, RATE_OF_BUFFERS, 1, RATE_OF_BUFFERS);
        Self {
            canceller: EchoCanceller3::new(config, RATE, 1, 1),
            far: buffer(),
            near: buffer(),
            far_up: Interpolator::default(),
            near_up: Interpolator::default(),
            down: Decimator::default(),
            played: Frame::SILENCE,
            silent: ECHO_FRAMES,
            loud: VecDeque::new(),
            learns: LEARNS,
            passes: 0,
        }
    }

    /// The frame heard, without the echo of what was played before it.
    pub fn clean(&mut self, heard: &Frame) -> Frame {
        if self.silent >= ECHO_FRAMES {
            return heard.clone();
        }
        let (mut far, mut near, mut clean) = (Vec::new(), Vec::new(), Vec::new());
        self.far_up.push(self.played.samples(), &mut far);
        self.near_up.push(heard.samples(), &mut near);
        for (far, near) in far.chunks(BLOCK).zip(near.chunks(BLOCK)) {
            fill(&mut self.far, far);
            self.canceller.analyze_render(&mut self.far);
            fill(&mut self.near, near);
            self.canceller.analyze_capture(&mut self.near);
            self.canceller.process_capture(&mut self.near, false);
            let cleaned: Vec<i16> = self.near.channel(0).iter().map(|sample| to_sample(*sample)).collect();
            self.down.push(&cleaned, &mut clean);
        }
        if self.learns > 0 {
            return self.doubtful(heard);
        }
        Frame::from_samples(&clean).unwrap_or_else(|| heard.clone())
    }

    /// The frame heard, if it is louder than an echo, or just was.
    fn doubtful(&mut self, heard: &Frame) -> Frame {
        let loudest = self.loud.iter().copied().fold(level::SILENCE_DBFS, f32::max);
        let more = level::rms_dbfs(heard.samples()) > loudest - BELOW;
        self.passes = if more { PASSES } else { self.passes.saturating_sub(1) };
        if self.passes > 0 { heard.clone() } else { Frame::SILENCE }
    }

    /// What the box played in answer to the frame heard last; `None` is silence.
    pub fn played(&mut self, frame: Option<&Frame>) {
        self.silent = if frame.is_some() { 0 } else { self.silent.saturating_add(1) };
        self.played = frame.cloned().unwrap_or(Frame::SILENCE);
        self.learns = self.learns.saturating_sub(u32::from(frame.is_some()));
        self.loud.push_back(level::rms_dbfs(self.played.samples()));
        if self.loud.len() > usize::try_from(ECHO_FRAMES).unwrap_or(0) {
            self.loud.pop_front();
        }
    }
}

impl Default for Echo {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Echo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Echo(silent for {} frames)", self.silent)
    }
}

fn fill(buffer: &mut AudioBuffer, samples: &[i16]) {
    for (to, from) in buffer.channel_mut(0).iter_mut().zip(samples) {
        *to = f32::from(*from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pcm::level::rms_dbfs;

    /// Bursts like syllables: a rising and falling buzz whose pitch and colour change, with pauses.
    fn voice(seconds: usize, mut seed: u32) -> Vec<Frame> {
        let mut state = [0.0_f32; 2];
        let samples: Vec<i16> = (0..seconds * 8_000)
            .map(|n| {
                let (syllable, within) = (n / 2_000, n % 2_000);
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = f32::from(u16::try_from(seed >> 16).unwrap()) / 32_768.0 - 1.0;
                let pulse = if within % (50 + 7 * (syllable % 5)) == 0 { 20.0 } else { 0.0 };
                let loud = if syllable % 6 == 5 { 0.0 } else { (within.min(2_000 - within) as f32 / 1_000.0) * 900.0 };
                let next = loud * (pulse + noise) + 1.2 * state[0] - 0.6 * state[1];
                state = [next, state[0]];
                to_sample(next)
            })
            .collect();
        Frame::cut(&samples).collect()
    }

    /// What is left of the echo of `box_says` at `gain`, `delay` frames late, beside `caller`: levels before and after, over
    /// the last half.
    fn through(box_says: &[Frame], caller: Option<&[Frame]>, gain: f32, delay: usize) -> (f32, f32) {
        let mut echo = Echo::new();
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for (n, says) in box_says.iter().enumerate() {
            let late = n.checked_sub(delay).and_then(|n| box_says.get(n)).cloned().unwrap_or(Frame::SILENCE);
            let near = caller.and_then(|caller| caller.get(n)).cloned().unwrap_or(Frame::SILENCE);
            let mixed: Vec<i16> = (late.samples().iter().zip(near.samples()))
                .map(|(echo, near)| to_sample(f32::from(*echo) * gain + f32::from(*near)))
                .collect();
            let heard = Frame::from_samples(&mixed).unwrap();
            let clean = echo.clean(&heard);
            echo.played(Some(says));
            if n > box_says.len() / 2 {
                before.extend_from_slice(heard.samples());
                after.extend_from_slice(clean.samples());
            }
        }
        (rms_dbfs(&before), rms_dbfs(&after))
    }

    #[test]
    fn the_boxs_own_voice_is_taken_out_at_every_delay_and_level() {
        let says = voice(10, 1);
        for (gain, delay) in [(0.32, 2), (0.1, 6), (0.32, 24)] {
            let (before, after) = through(&says, None, gain, delay);
            assert!(after < before - 15.0, "{gain} after {delay} frames: {before} to {after} dBFS");
        }
    }

    #[test]
    fn the_caller_is_heard_beside_it() {
        let (says, caller) = (voice(10, 1), voice(10, 99));
        let alone = through(&says, None, 0.1, 6).1;
        let both = through(&says, Some(&caller), 0.1, 6).1;
        assert!(both > alone + 15.0, "{alone} dBFS without, {both} with the caller");
    }

    #[test]
    fn before_it_has_learned_an_echo_is_nothing_and_a_caller_passes_as_they_are() {
        let (says, caller) = (voice(2, 1), voice(2, 99));
        let (before, after) = through(&says, None, 0.32, 15);
        assert!(before > -60.0 && after <= level::SILENCE_DBFS, "{before} to {after} dBFS");
        let (before, after) = through(&says, Some(&caller), 0.1, 15);
        assert!(after > before - 1.0, "{before} to {after} dBFS");
    }

    #[test]
    fn what_is_heard_while_the_box_is_silent_is_left_as_it_is() {
        let mut echo = Echo::new();
        for frame in voice(2, 3) {
            assert!(echo.clean(&frame) == frame);
            echo.played(None);
        }
    }
}
