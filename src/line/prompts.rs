//! The sounds that lined plays by itself, when the brain cannot speak.
//!
//! WAV files, rendered once at set-up by the box's own voice ([`crate::speak`]): lined holds no text. A missing or
//! broken file is replaced by a tone, so that the caller is never left in silence.

use std::path::Path;

use crate::pcm::{Frame, wav};

/// One prompt, in frames.
pub type Prompt = Vec<Frame>;

/// Every prompt that lined may need.
#[derive(Clone, Debug)]
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
        }
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
