//! The sounds that lined plays by itself, when the brain cannot speak.
//!
//! WAV files, rendered once at set-up by the box's own voice ([`crate::speak`]): lined holds no text. A missing or
//! broken file is replaced by a tone, so that the caller is never left in silence.

use std::path::Path;

use crate::pcm::{Frame, wav};

/// The time to press a key, after each time a question was put: 3 s, in samples.
const PAUSE: usize = 24_000;

/// One prompt, in frames.
pub type Prompt = Vec<Frame>;

/// Every prompt that lined may need.
#[derive(Clone, Debug, Default)]
pub struct Prompts {
    /// "I am sorry, I am having a technical problem. Please hold ..."
    pub apology: Prompt,
    /// "Nobody can take your call right now. Please leave a message after the tone ..."
    pub leave_message: Prompt,
    /// The tone after it.
    pub tone: Prompt,
    /// "Thank you. Goodbye."
    pub goodbye: Prompt,
    /// "Nobody can take your call right now, and I cannot take a message ..."
    pub regret: Prompt,
    /// What the caller hears while the desk's telephone rings.
    pub hold: Prompt,
    /// What the desk hears where there is no brief: "A caller is on the line whom the assistant could not serve ..."
    pub staff: Prompt,
    /// What somebody on call hears: "... an urgent call ... To take it, press".
    pub urgent: Prompt,
    /// The key that accepts, 0 to 9, after it.
    pub keys: [Prompt; 10],
}

impl Prompts {
    /// Reads the prompts of the folder.
    #[must_use]
    pub fn load(folder: &Path) -> Self {
        let read = |name: &str| {
            let path = folder.join(name).with_extension("wav");
            match wav::read(&path) {
                Ok(samples) => Frame::cut(&samples).collect(),
                Err(error) => {
                    tracing::warn!(prompt = name, %error, "a prompt is missing; a tone is played instead");
                    tone()
                }
            }
        };
        Self {
            apology: read("apology"),
            leave_message: read("leave-message"),
            tone: read("tone"),
            goodbye: read("goodbye"),
            regret: read("regret"),
            hold: read("hold"),
            staff: read("staff"),
            urgent: read("urgent"),
            keys: std::array::from_fn(|key| read(&format!("key-{key}"))),
        }
    }

    /// What somebody on call hears, 8 kHz: who the box is and which key accepts, twice, with time to press it.
    #[must_use]
    pub fn question(&self, accept: char) -> Vec<i16> {
        let key = accept.to_digit(10).and_then(|key| usize::try_from(key).ok()).and_then(|key| self.keys.get(key));
        let once = self.urgent.iter().chain(key.into_iter().flatten()).flat_map(Frame::samples).copied();
        let once: Vec<i16> = once.chain(std::iter::repeat_n(0, PAUSE)).collect();
        once.repeat(2)
    }

    /// What the desk hears where there is no brief, 8 kHz.
    #[must_use]
    pub fn without_brief(&self) -> Vec<i16> {
        self.staff.iter().flat_map(Frame::samples).copied().collect()
    }
}

/// Half a second of 400 Hz, at a tenth of full scale: says that the line is alive.
fn tone() -> Prompt {
    // 400 Hz is 20 samples a period at 8 kHz; a triangle is enough for a tone.
    let period: [i16; 20] = std::array::from_fn(|n| {
        let n = i16::try_from(n).unwrap_or(0);
        (if n < 10 { n - 5 } else { 15 - n }) * 650
    });
    let samples: Vec<i16> = period.iter().copied().cycle().take(4_000).collect();
    Frame::cut(&samples).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sample: i16, frames: usize) -> Prompt {
        vec![Frame::from_samples(&[sample; 160]).unwrap(); frames]
    }

    #[test]
    fn somebody_on_call_hears_twice_which_key_accepts_and_has_time_to_press_it() {
        let mut prompts = Prompts { urgent: of(7, 2), ..Prompts::default() };
        prompts.keys[9] = of(9, 1);
        let question = prompts.question('9');
        let once = question.len() / 2;
        assert_eq!(once, 3 * 160 + PAUSE);
        assert_eq!(question[..once], question[once..]);
        assert!(
            question[..320].iter().all(|sample| *sample == 7) && question[320..480].iter().all(|sample| *sample == 9)
        );
        assert!(question[480..once].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn a_folder_without_prompts_gives_a_tone_for_each() {
        let prompts = Prompts::load(Path::new("/nonexistent"));
        assert!(!prompts.staff.is_empty() && prompts.keys.iter().all(|key| !key.is_empty()));
        assert!(prompts.question('1').iter().any(|sample| *sample != 0) && !prompts.without_brief().is_empty());
    }
}
