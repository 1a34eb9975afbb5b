//! Sets of words, written as one line of text each.
//!
//! In: a word. Out: whether it is in the set. Built on first use, read by every family.

use std::collections::HashSet;
use std::sync::OnceLock;

/// A set of words.
pub(super) struct Words {
    text: &'static str,
    set: OnceLock<HashSet<&'static str>>,
}

impl Words {
    /// The words of `text`, which are parted by white space.
    pub(super) const fn new(text: &'static str) -> Self {
        Self { text, set: OnceLock::new() }
    }

    /// Whether the word is one of them.
    pub(super) fn has(&self, word: &str) -> bool {
        self.set.get_or_init(|| self.text.split_whitespace().collect()).contains(word)
    }
}
