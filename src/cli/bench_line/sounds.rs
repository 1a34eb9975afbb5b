//! What is said in `bench line`: synthetic sentences as sound, and a caller's whole track as a file of mu-law octets.
//!
//! In:  sentences, and how long the caller is silent between them. Out: samples at 8 kHz, or octets. No word of a person.

use std::time::Duration;

use crate::pcm::{LINE_RATE, g711, level};
use crate::speak::{self, FliteVoice, SpeakError, SpokenText, VoiceChoice};

/// What a caller says without end in calls of sound alone, and what the far side says.
pub(super) const LOOP: &str =
    "Thank you for calling. I would like to book an appointment for next Tuesday morning, please.";
/// What a caller of the whole box asks, one after the other: free speech, answered to anybody.
pub(super) const QUESTIONS: [&str; 3] =
    ["what are your opening hours please", "and where are you located", "are you open on saturday"];
/// How loud the caller speaks and the line hums, dBFS: as the callers of `bench turn`.
const SPEECH_DBFS: f32 = -20.0;
const NOISE: i16 = 50;

/// A sentence, 8 kHz, at the level of speech on a telephone line.
///
/// # Errors
/// [`SpeakError`].
pub(super) fn say(voice: FliteVoice, text: &str) -> Result<Vec<i16>, SpeakError> {
    let mut said = speak::open(&VoiceChoice::Flite(voice))?.say(&SpokenText::new(text))?;
    level::bring_to(&mut said, SPEECH_DBFS);
    Ok(said)
}

/// A caller's track: silence, then each sentence with silence after it; over all a line's hum of about -61 dBFS.
#[must_use]
pub(super) fn track(first: Duration, sentences: &[Vec<i16>], after_each: Duration) -> Vec<u8> {
    let silence = |time: Duration| vec![0_i16; samples(time)];
    let mut track = silence(first);
    for sentence in sentences {
        track.extend(sentence);
        track.extend(silence(after_each));
    }
    let mut random = fastrand::Rng::with_seed(1);
    track.iter().map(|sample| g711::to_mulaw(sample.saturating_add(random.i16(-NOISE..=NOISE)))).collect()
}

/// How long a track lasts.
#[must_use]
pub(super) fn lasts(track: &[u8]) -> Duration {
    Duration::from_secs_f64(f64::from(u32::try_from(track.len()).unwrap_or(u32::MAX)) / f64::from(LINE_RATE))
}

fn samples(time: Duration) -> usize {
    usize::try_from(time.as_millis().saturating_mul(u128::from(LINE_RATE)) / 1_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_track_is_as_long_as_its_parts_and_its_hum_is_no_voice() {
        let second = Duration::from_secs(1);
        let track = track(second, &[vec![8_000; 800], vec![8_000; 800]], 2 * second);
        assert_eq!(lasts(&track), Duration::from_millis(5_200));
        let heard = |from: usize| {
            let samples: Vec<i16> = track[from..from + 160].iter().copied().map(g711::from_mulaw).collect();
            level::rms_dbfs(&samples)
        };
        assert!(heard(0) < -55.0 && heard(0) > -70.0, "{}", heard(0));
        assert!(heard(8_000) > -15.0);
    }
}
