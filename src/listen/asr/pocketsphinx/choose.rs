//! Which of two hearings of the same turn to believe: the language model's or the grammar's.

use std::collections::BTreeSet;

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
}

impl Hearing {
    pub(super) fn from_path(path: Vec<Segment>) -> Self {
        let spoken = path.into_iter().filter(|segment| !segment.word.starts_with(['<', '[', '+', '(']));
        let word = |segment: Segment| Word {
            text: segment.word.split('(').next().unwrap_or_default().to_owned(),
            frames: segment.frames,
            confidence: segment.posterior,
        };
        Self { words: spoken.map(word).collect() }
    }

    /// The words as one text.
    #[must_use]
    pub fn text(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

/// The words to believe.
///
/// The language model hears anything, so it is the judge: where at least half of its words are words of the grammar, the
/// answer is to the question, and the grammar's hearing is the better one. Else the caller said something else, and
/// pressing it into digits would be worse than no answer.
pub(super) fn choose(free: Hearing, bound: Option<(Hearing, &BTreeSet<String>)>) -> Vec<Word> {
    let Some((bound, vocabulary)) = bound else { return free.words };
    let fitting = free.words.iter().filter(|word| vocabulary.contains(&word.text)).count();
    if bound.words.is_empty() || fitting * 2 < free.words.len() {
        return free.words;
    }
    bound.words.into_iter().map(|word| Word { confidence: agreement(&word, &free.words), ..word }).collect()
}

/// How sure a word of the grammar is: whether the language model heard the same word at the same time.
fn agreement(word: &Word, others: &[Word]) -> f32 {
    let overlaps = |other: &&Word| other.frames.0 <= word.frames.1 && word.frames.0 <= other.frames.1;
    if others.iter().filter(overlaps).any(|other| other.text == word.text) { 0.9 } else { 0.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hearing(text: &str) -> Hearing {
        let word =
            |(at, text): (i32, &str)| Word { text: text.to_owned(), frames: (at * 30, at * 30 + 29), confidence: 1.0 };
        Hearing { words: (0..).zip(text.split(' ')).map(word).collect() }
    }

    fn chosen(free: &str, bound: &str, vocabulary: &str) -> String {
        let vocabulary = vocabulary.split(' ').map(str::to_owned).collect();
        let words = choose(hearing(free), Some((hearing(bound), &vocabulary)));
        Hearing { words }.text()
    }

    #[test]
    fn digits_heard_by_both_come_from_the_grammar() {
        assert_eq!(chosen("five five for two", "five five four two", "two four five"), "five five four two");
    }

    #[test]
    fn a_cry_for_help_is_not_pressed_into_digits() {
        assert_eq!(chosen("i can't breathe", "five ten three", "three five ten"), "i can't breathe");
    }

    #[test]
    fn words_that_both_heard_are_surer_than_others() {
        let vocabulary = ["five", "four"].map(str::to_owned).into();
        let words = choose(hearing("five for five"), Some((hearing("five four five"), &vocabulary)));
        let sure: Vec<bool> = words.iter().map(|word| word.confidence > 0.7).collect();
        assert_eq!(sure, [true, false, true]);
    }
}
