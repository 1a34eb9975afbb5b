//! Sound as numbers: frames, G.711, resampling between 8 and 16 kHz, WAV files.
//!
//! The whole box speaks 8 kHz mono 16-bit PCM in frames of 20 ms. Everything here is a pure function of samples.

pub mod g711;
pub mod halfband;
pub mod level;
pub mod resample;
pub mod waiting;
pub mod wav;

/// Samples in a frame: 20 ms at 8 kHz.
pub const FRAME_SAMPLES: usize = 160;
/// The line's sample rate, Hz.
pub const LINE_RATE: u32 = 8_000;

/// 20 ms of 8 kHz mono 16-bit PCM.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame([i16; FRAME_SAMPLES]);

impl Frame {
    /// Silence.
    pub const SILENCE: Self = Self([0; FRAME_SAMPLES]);

    /// A frame of exactly [`FRAME_SAMPLES`] samples; `None` for any other count.
    #[must_use]
    pub fn from_samples(samples: &[i16]) -> Option<Self> {
        samples.try_into().ok().map(Self)
    }

    /// Cuts sound into frames; the last is filled up with silence.
    pub fn cut(samples: &[i16]) -> impl Iterator<Item = Self> + '_ {
        samples.chunks(FRAME_SAMPLES).map(|chunk| {
            let mut frame = Self::SILENCE;
            for (to, from) in frame.0.iter_mut().zip(chunk) {
                *to = *from;
            }
            frame
        })
    }

    /// The samples.
    #[must_use]
    pub fn samples(&self) -> &[i16; FRAME_SAMPLES] {
        &self.0
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Frame(20 ms)")
    }
}

/// Rounds to the nearest sample; what is too loud is held at full scale.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, which is what clipping is")]
pub fn to_sample(value: f32) -> i16 {
    value.round() as i16
}
