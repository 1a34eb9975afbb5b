//! The few sounds that the line plays by itself, when the brain is gone: written to a folder as WAV files at start.
//!
//! `lined` has neither text nor voice; these files are all that it can say. The hold music is made here, note by note,
//! so that it is ours to ship.

use std::f32::consts::TAU;
use std::path::{Path, PathBuf};

use crate::pcm::wav::{self, WavError};
use crate::pcm::{LINE_RATE, to_sample};
use crate::speak::{SpeakError, SpokenText, Voice};

/// What a caller hears when the box has failed.
pub const APOLOGY: &str = "I am sorry, I am having a technical problem. Please hold while I connect you to our staff.";
/// What a caller hears when the desk does not answer either.
pub const LEAVE_MESSAGE: &str =
    "Nobody can take your call right now. Please leave a message after the tone, with your name and number.";
/// The end.
pub const GOODBYE: &str = "Thank you for calling. Goodbye.";

/// What a caller hears when there is nobody and a message could not be kept: better than a message into nowhere.
pub const REGRET: &str = "Nobody can take your call right now, and I cannot take a message. Please call again a little \
                          later. If this is an emergency, hang up and dial nine one one. Goodbye.";

/// What the desk hears where there is no brief: the box that would have made one is gone.
pub const STAFF: &str = "This is the clinic's telephone assistant. A caller is on the line whom I could not serve. Press one to take the call.";

/// What somebody on call hears who answers; one of [`KEYS`] follows. Nothing of the caller: a voicemail hears it too.
pub const URGENT: &str =
    "This is the clinic's telephone assistant. An urgent call is waiting for you. To take it, press";

/// The keys, from nought.
pub const KEYS: [&str; 10] = ["zero.", "one.", "two.", "three.", "four.", "five.", "six.", "seven.", "eight.", "nine."];

/// The fixed prompts cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum FixedError {
    /// The folder cannot be made.
    #[error("cannot create {folder} for the line's own prompts")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The voice failed.
    #[error("the line's own prompts cannot be spoken")]
    Voice(#[from] SpeakError),
    /// A file cannot be written.
    #[error("the line's own prompts cannot be written")]
    Write(#[from] WavError),
}

/// Writes every prompt of the line into `folder`, such as `apology.wav`, anew each time: the voice may have been changed. A clinic's own recordings are used where `voice` is a
/// [`Speaker`](crate::speak::prompts::Speaker) that has them.
///
/// # Errors
/// [`FixedError`].
pub fn render_fixed_prompts(voice: &mut dyn Voice, folder: &Path) -> Result<(), FixedError> {
    std::fs::create_dir_all(folder).map_err(|source| FixedError::Folder { folder: folder.to_owned(), source })?;
    let sentences = [
        ("apology.wav", APOLOGY),
        ("leave-message.wav", LEAVE_MESSAGE),
        ("goodbye.wav", GOODBYE),
        ("regret.wav", REGRET),
        ("staff.wav", STAFF),
        ("urgent.wav", URGENT),
    ];
    for (name, sentence) in sentences {
        let sound = voice.say(&SpokenText::new(sentence))?;
        wav::write(&folder.join(name), &sound)?;
    }
    for (key, word) in KEYS.into_iter().enumerate() {
        let sound = voice.say(&SpokenText::new(word))?;
        wav::write(&folder.join(format!("key-{key}.wav")), &sound)?;
    }
    wav::write(&folder.join("tone.wav"), &tone())?;
    wav::write(&folder.join("hold.wav"), &hold_music())?;
    Ok(())
}

/// The tone after which a message is left: 1 kHz for 300 ms, as answering machines have it.
#[must_use]
pub fn tone() -> Vec<i16> {
    note(1_000.0, 300, 8_000.0, 20)
}

/// A few seconds of quiet chords that may be repeated without a seam: each chord swells and fades to nothing.
#[must_use]
pub fn hold_music() -> Vec<i16> {
    // C major, A minor, F major, G major around middle C: within the telephone band with their overtones.
    const CHORDS: [[f32; 3]; 4] =
        [[261.63, 329.63, 392.0], [220.0, 261.63, 329.63], [174.61, 261.63, 349.23], [196.0, 246.94, 392.0]];
    let mut music = Vec::new();
    for chord in CHORDS {
        // Each note doubled an octave up, softly: the line passes nothing below 300 Hz.
        let voices: Vec<Vec<i16>> = chord
            .into_iter()
            .flat_map(|hz| [note(hz, 1_600, 1_000.0, 500), note(2.0 * hz, 1_600, 600.0, 500)])
            .collect();
        let length = voices.iter().map(Vec::len).max().unwrap_or_default();
        music.extend(
            (0..length).map(|n| voices.iter().filter_map(|v| v.get(n)).fold(0_i16, |a, b| a.saturating_add(*b))),
        );
    }
    music
}

/// A sine of `hz` for `ms` milliseconds that swells and fades over `edge_ms` at each end, so that nothing clicks.
fn note(hz: f32, ms: u16, amplitude: f32, edge_ms: u16) -> Vec<i16> {
    let per_ms = u16::try_from(LINE_RATE / 1000).unwrap_or(8);
    let (count, edge) = (ms.saturating_mul(per_ms), f32::from(edge_ms.saturating_mul(per_ms)));
    (0..count)
        .map(|n| {
            let from_end = f32::from(count - 1 - n).min(f32::from(n));
            let swell = (from_end / edge).min(1.0);
            to_sample(amplitude * swell * (TAU * hz * f32::from(n) / 8_000.0).sin())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pcm::level::{clipped_share, rms_dbfs};

    struct Hum;

    impl Voice for Hum {
        fn name(&self) -> &str {
            "hum"
        }

        fn say(&mut self, text: &SpokenText) -> Result<Vec<i16>, SpeakError> {
            Ok(vec![100; text.expose().len() * 100])
        }
    }

    #[test]
    fn every_prompt_of_the_line_is_written_and_audible() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("prompts");
        render_fixed_prompts(&mut Hum, &below).unwrap();
        render_fixed_prompts(&mut Hum, &below).unwrap();
        for name in
            ["apology", "leave-message", "goodbye", "regret", "tone", "hold", "staff", "urgent", "key-0", "key-9"]
        {
            let sound = wav::read(&below.join(name).with_extension("wav")).unwrap();
            assert!(rms_dbfs(&sound) > -60.0, "{name}");
        }
    }

    #[test]
    fn the_tone_lasts_300_ms_and_the_music_repeats_without_a_click() {
        assert_eq!(tone().len(), 2_400);
        let music = hold_music();
        assert_eq!(music.len(), 4 * 1_600 * 8);
        assert!(music[0].unsigned_abs() < 20 && music[music.len() - 1].unsigned_abs() < 20);
        assert_eq!(clipped_share(&music), 0.0);
        // Quieter than speech, which the voices say at about -20 dBFS.
        assert!((-40.0..-22.0).contains(&rms_dbfs(&music)), "{}", rms_dbfs(&music));
        let steepest = music.windows(2).map(|w| w[0].abs_diff(w[1])).max().unwrap();
        assert!(steepest < 3_000, "{steepest}");
    }
}
