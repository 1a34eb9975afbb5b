//! Comfort noise (RFC 3389): a caller's system that falls silent says how loud its silence is.
//!
//! In:  the payload of a comfort noise packet. Out: frames of noise as loud as that.
//! Run by the call's media thread. The noise is white: the spectrum that may follow the level is not used, which the
//! RFC allows. Never touches a socket or a clock.

use crate::pcm::{FRAME_SAMPLES, Frame, to_sample};

/// The root mean square at 0 dBov: a square wave at mu-law's largest value, 8031 in its 14-bit scale
/// (RFC 3389 section 3).
const OVERLOAD: f32 = 32_124.0;
/// The quietest level that can be said, -dBov.
const QUIETEST: u8 = 127;
/// Where the noise begins. It need not differ from call to call.
const SEED: u64 = 0x3389;

/// Noise at a level. No voice is in it.
#[derive(Clone, Debug)]
pub struct Noise {
    level: u8,
    random: fastrand::Rng,
}

impl Noise {
    /// Reads the payload of a comfort noise packet: its first octet is the level in -dBov, 0 to 127.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        // The highest bit is not used.
        Some(Self { level: payload.first()? & QUIETEST, random: fastrand::Rng::with_seed(SEED) })
    }

    /// The level, -dBov.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Goes on at the level of a newer packet. A new [`Noise`] for each packet would begin its noise anew each time,
    /// which is heard as a hum.
    pub fn follow(&mut self, newer: &Self) {
        self.level = newer.level;
    }

    /// The next 20 ms.
    #[must_use]
    pub fn frame(&mut self) -> Frame {
        // Numbers spread evenly from -1 to 1 have a root mean square of 1/sqrt(3).
        let peak = OVERLOAD * 10_f32.powf(f32::from(self.level) / -20.0) * 3_f32.sqrt();
        let samples: [i16; FRAME_SAMPLES] = std::array::from_fn(|_| to_sample(peak * (2.0 * self.random.f32() - 1.0)));
        Frame::from_samples(&samples).unwrap_or(Frame::SILENCE)
    }
}

/// The payload that says noise at `level` -dBov; quieter than 127 cannot be said.
#[must_use]
pub fn payload(level: u8) -> [u8; 1] {
    [level.min(QUIETEST)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pcm::level::rms_dbfs;

    fn second(noise: &mut Noise) -> Vec<i16> {
        (0..50).flat_map(|_| *noise.frame().samples()).collect()
    }

    #[test]
    fn noise_is_as_loud_as_it_says() {
        for level in [10, 30, 50, 70] {
            let mut noise = Noise::parse(&payload(level)).unwrap();
            // 0 dBov is 32,124, which is 0.17 dB below what level.rs counts from.
            let heard = rms_dbfs(&second(&mut noise)) + 0.17;
            // At -70 dBov the steps of whole samples are coarse.
            assert!((heard + f32::from(level)).abs() < 0.5, "-{level} dBov sounds like {heard}");
        }
    }

    #[test]
    fn the_quietest_noise_is_silence_and_the_loudest_is_held_at_full_scale() {
        assert!(second(&mut Noise::parse(&[127]).unwrap()).iter().all(|&s| s == 0));
        assert!(second(&mut Noise::parse(&[0]).unwrap()).contains(&i16::MAX));
    }

    #[test]
    fn the_spectrum_and_the_unused_bit_are_passed_over() {
        assert_eq!(Noise::parse(&[0x80 | 40, 1, 2, 3]).unwrap().level(), 40);
        assert!(Noise::parse(&[]).is_none());
        assert_eq!(payload(200), [127]);
    }

    #[test]
    fn a_newer_level_does_not_begin_the_noise_anew() {
        let mut noise = Noise::parse(&[40]).unwrap();
        let first = noise.frame();
        noise.follow(&Noise::parse(&[40]).unwrap());
        assert_ne!(first, noise.frame());
        noise.follow(&Noise::parse(&[127]).unwrap());
        assert_eq!(noise.frame(), Frame::SILENCE);
    }

    proptest! {
        #[test]
        fn any_bytes_are_noise_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..20)) {
            let noise = Noise::parse(&bytes);
            prop_assert_eq!(noise.is_some(), !bytes.is_empty());
            if let Some(mut noise) = noise {
                let _ = noise.frame();
            }
        }

        #[test]
        fn any_level_reads_back(level in 0_u8..128) {
            prop_assert_eq!(Noise::parse(&payload(level)).map(|noise| noise.level()), Some(level));
        }
    }
}
