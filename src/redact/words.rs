//! Sets of words, written as one line of text each.
//!
//! In: a word. Out: whether it is in the set. Built on first use, read by every family.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::OnceLock;

/// A set of known words.
pub(super) type WordSet = HashSet<&'static str, BuildHasherDefault<WordHasher>>;
/// What is known of words.
pub(super) type WordMap<V> = HashMap<&'static str, V, BuildHasherDefault<WordHasher>>;

/// FNV-1a with a last mixing: the sets are ours and fixed, nobody can choose colliding words for them, and every word of a
/// call is looked up in dozens of them.
#[derive(Clone, Copy)]
pub(super) struct WordHasher(u64);

impl Default for WordHasher {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// A set of words.
pub(super) struct Words {
    text: &'static str,
    set: OnceLock<WordSet>,
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
