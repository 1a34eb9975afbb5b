//! The record's hash tree: leaves in, one root out.
//!
//! RFC 6962 section 2.1 over SHA-256. Only the frontier is kept: the roots of the complete subtrees, largest first, one
//! for each bit set in the size. That is enough to append and to know the root; at two million events it is 21 hashes.
//! What was in the tree at which size is shown with [`proof`]; where the hashes in between lie, with [`nodes`].
//! Pure arithmetic: no disk, no clock.

pub mod nodes;
pub mod proof;

use std::fmt;

use sha2::{Digest, Sha256};

/// One SHA-256 value.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The plain SHA-256 of `bytes`.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

/// The leaf that stands for `entry` (RFC 6962: a zero byte first, so that no leaf can pass for a node).
#[must_use]
pub fn leaf(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

fn node(left: Hash, right: Hash) -> Hash {
    Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The stored frontier does not belong to a tree of the stored size.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves does not have a frontier of {bytes} bytes")]
pub struct NotAFrontier {
    /// The size given.
    pub size: u64,
    /// The frontier's length.
    pub bytes: usize,
}

/// A tree of which only the right edge is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf on the right.
    pub fn push(&mut self, leaf: Hash) {
        self.push_noting(leaf, &mut |_, _, _| {});
    }

    /// Adds a leaf on the right, and tells `note` of each subtree that became complete with it and that is to be
    /// stored: its level (one of [`nodes::KEPT`]), its place in that level, its hash; lowest level first.
    pub fn push_noting(&mut self, leaf: Hash, note: &mut impl FnMut(u8, u64, Hash)) {
        let mut carried = leaf;
        let mut level = 0_u8;
        // As in adding one to a binary number: each 1 bit at the low end is a complete subtree that now pairs up.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            carried = node(left, carried);
            level = level.saturating_add(1);
            if nodes::KEPT.contains(&level) {
                note(level, self.size >> level, carried);
            }
        }
        self.peaks.push(carried);
        self.size = self.size.saturating_add(1);
    }

    /// The tree's root. That of the empty tree is the hash of nothing (RFC 6962 section 2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().copied();
        let Some(last) = peaks.next() else { return sha256(&[]) };
        peaks.fold(last, |right, left| node(left, right))
    }

    /// The first leaves that differ from `other`, as far as two frontiers of one size can tell: the range of the first
    /// complete subtree that is not the same.
    #[must_use]
    pub fn first_difference(&self, other: &Self) -> Option<std::ops::Range<u64>> {
        let mut start = 0_u64;
        for (mine, theirs) in self.peaks.iter().zip(&other.peaks) {
            let left = self.size.saturating_sub(start);
            let width = left.checked_ilog2().map_or(0, |bits| 1_u64 << bits);
            if mine != theirs {
                return Some(start..start.saturating_add(width));
            }
            start = start.saturating_add(width);
        }
        None
    }

    /// The frontier as bytes, to be stored beside the size.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| peak.0).collect()
    }

    /// Reads what [`Frontier::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`NotAFrontier`] where the length does not fit the size.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Result<Self, NotAFrontier> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        let expected = usize::try_from(size.count_ones()).unwrap_or(usize::MAX);
        if !rest.is_empty() || peaks.len() != expected {
            return Err(NotAFrontier { size, bytes: bytes.len() });
        }
        Ok(Self { size, peaks: peaks.iter().copied().map(Hash).collect() })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 6962 section 2.1, word for word.
    pub(crate) fn naive(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => sha256(&[]),
            [one] => *one,
            many => {
                let mut k = 1;
                while k * 2 < many.len() {
                    k *= 2;
                }
                node(naive(&many[..k]), naive(&many[k..]))
            }
        }
    }

    fn tree(leaves: &[Hash]) -> Frontier {
        let mut frontier = Frontier::default();
        leaves.iter().for_each(|&leaf| frontier.push(leaf));
        frontier
    }

    #[test]
    fn the_root_of_every_size_up_to_300_is_that_of_the_recursive_definition() {
        let leaves: Vec<_> = (0..300_u32).map(|n| leaf(&n.to_be_bytes())).collect();
        for size in 0..=leaves.len() {
            assert_eq!(tree(&leaves[..size]).root(), naive(&leaves[..size]), "size {size}");
        }
    }

    #[test]
    fn the_root_of_the_published_eight_leaf_tree_comes_out() {
        let hex = |text: &str| -> Vec<u8> {
            (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
        };
        let entries =
            ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        let leaves: Vec<_> = entries.iter().map(|e| leaf(&hex(e))).collect();
        // The test vector that implementations of RFC 6962 share.
        assert_eq!(
            tree(&leaves).root().to_string(),
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        );
    }

    #[test]
    fn a_frontier_of_the_wrong_length_is_refused() {
        assert_eq!(Frontier::from_bytes(3, &[0; 32]), Err(NotAFrontier { size: 3, bytes: 32 }));
        assert_eq!(Frontier::from_bytes(1, &[0; 33]), Err(NotAFrontier { size: 1, bytes: 33 }));
    }

    proptest! {
        #[test]
        fn a_stored_frontier_goes_on_where_it_stopped(
            entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..300),
            cut in any::<prop::sample::Index>(),
        ) {
            let leaves: Vec<_> = entries.iter().map(|e| leaf(e)).collect();
            let cut = cut.index(leaves.len() + 1);
            let half = tree(&leaves[..cut]);
            let mut resumed = Frontier::from_bytes(half.size(), &half.to_bytes()).unwrap();
            leaves[cut..].iter().for_each(|&l| resumed.push(l));
            prop_assert_eq!(resumed.root(), naive(&leaves));
        }

        #[test]
        fn the_first_difference_holds_the_leaf_that_changed(size in 1_usize..300, at in any::<prop::sample::Index>()) {
            let mut leaves: Vec<_> = (0..size).map(|n| leaf(&n.to_be_bytes())).collect();
            let whole = tree(&leaves);
            let at = at.index(size);
            leaves[at] = leaf(b"another");
            let range = whole.first_difference(&tree(&leaves)).unwrap();
            prop_assert!(range.contains(&(at as u64)));
        }
    }
}
