//! Which of two hearings of the same turn to believe: the language model's or the grammar's.

use crate::expect::Expecting;

use super::ffi::Segment;

/// One word of a hearing.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// As the dictionary writes it, without the number of an alternate pronunciation.
    pub text: String,
    /// First and last frame, 10 ms each.
    pub frames: (i32, i32),
    /// 0 to 1.
    pub confidence: f32,
}

/// What one search heard.
#[derive(Clone, Debug, Default)]
pub struct Hearing {
    /// The words, pauses and noises left out.
    pub words: Vec<Word>,
    /// Acoustic score over all frames, pauses included.
    pub acoustic: i64,
    /// Frames that the path covers.
    pub frames: i32,
}

impl Hearing {
    pub(super) fn from_path(path: Vec<Segment>) -> Self {
        let acoustic = path.iter().map(|segment| i64::from(segment.acoustic)).sum();
        let frames = path.last().map_or(0, |segment| segment.frames.1 + 1);
        let spoken = path.into_iter().filter(|segment| !segment.word.starts_with(['<', '[', '+', '(']));
        let word = |segment: Segment| Word {
            text: segment.word.split('(').next().unwrap_or_default().to_owned(),
            frames: segment.frames,
            confidence: segment.posterior,
        };
        Self { words: spoken.map(word).collect(), acoustic, frames }
    }

    /// The words as one text.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// The words to believe.
pub(super) fn choose(free: Hearing, bound: Option<Hearing>, _expecting: Expecting) -> Vec<Word> {
    match bound {
        Some(bound) if !bound.words.is_empty() => bound.words,
        Some(_) | None => free.words,
    }
}
