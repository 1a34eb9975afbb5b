//! A model's words, as they come, cut into sentences: what a voice can say at once.
//!
//! In:  pieces of text of any size. Out: whole sentences, as soon as each is whole. Whoever was handed a sentence may say it
//! before the next has come; nothing that was handed on is ever taken back.

/// Bytes above which a sentence is cut at a space: nobody says so much in one breath, and a model that sends no full stop
/// must not keep the caller waiting.
const LONGEST: usize = 300;

/// Cuts.
#[derive(Debug, Default)]
pub(super) struct Sentences {
    rest: String,
}

impl Sentences {
    /// Takes more text; returns the sentences that are whole now.
    pub(super) fn push(&mut self, text: &str) -> Vec<String> {
        self.rest.push_str(text);
        let mut whole = Vec::new();
        while let Some(end) = end_of_sentence(&self.rest) {
            let sentence: String = self.rest.drain(..end).collect();
            whole.extend(tidy(&sentence));
        }
        whole
    }

    /// What is left when the answer is whole.
    pub(super) fn finish(self) -> Option<String> {
        tidy(&self.rest)
    }
}

/// Where the first sentence ends, in bytes: after its mark, once the space behind it shows that it is one.
fn end_of_sentence(text: &str) -> Option<usize> {
    let mut before = "";
    for (start, word) in words(text) {
        let end = start.saturating_add(word.len());
        let more = end < text.len();
        let marked = word.trim_end_matches(['"', '\'', ')']).ends_with(['.', '?', '!']);
        if more && marked && !is_title(word) {
            return Some(end);
        }
        if end > LONGEST && more && !before.is_empty() {
            return Some(end);
        }
        before = word;
    }
    None
}

/// "Dr." ends no sentence.
fn is_title(word: &str) -> bool {
    ["dr.", "mr.", "mrs.", "ms.", "st.", "a.m.", "p.m."].contains(&word.to_lowercase().as_str())
}

/// The words of a text with where they start.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive(char::is_whitespace)
        .scan(0_usize, |at, piece| {
            let start = *at;
            *at = at.saturating_add(piece.len());
            Some((start, piece.trim_end()))
        })
        .filter(|(_, word)| !word.is_empty())
}

/// One line, single spaces; nothing where nothing is said.
fn tidy(sentence: &str) -> Option<String> {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(pieces: &[&str]) -> Vec<String> {
        let mut sentences = Sentences::default();
        let mut whole: Vec<String> = pieces.iter().flat_map(|piece| sentences.push(piece)).collect();
        whole.extend(sentences.finish());
        whole
    }

    #[test]
    fn a_sentence_is_handed_on_when_the_next_begins() {
        let mut sentences = Sentences::default();
        assert!(sentences.push("The next one is [SLOT_1].").is_empty());
        assert_eq!(sentences.push(" Shall"), ["The next one is [SLOT_1]."]);
        assert!(sentences.push(" I book it?").is_empty());
        assert_eq!(sentences.finish().as_deref(), Some("Shall I book it?"));
    }

    #[test]
    fn titles_do_not_end_a_sentence_and_lines_do_not_matter() {
        let sentences = all(&["With Dr. [NAME_1] at\n nine?  Or ", "later!"]);
        assert_eq!(sentences, ["With Dr. [NAME_1] at nine?", "Or later!"]);
    }

    #[test]
    fn a_model_without_full_stops_is_cut() {
        let sentences = all(&["and so on ".repeat(100).as_str()]);
        assert!(sentences.len() >= 3 && sentences.iter().all(|s| s.len() <= LONGEST + 20), "{sentences:?}");
    }

    proptest! {
        #[test]
        fn however_it_comes_the_words_are_the_same(text in "[a-c .?!\n]{0,120}", cut in 0_usize..120) {
            let cut = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let whole = all(&[&text]).join(" ");
            prop_assert_eq!(&whole, &all(&[&text[..cut], &text[cut..]]).join(" "));
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&whole), words(&text));
        }
    }
}
