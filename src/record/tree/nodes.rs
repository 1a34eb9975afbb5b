//! Where the hashes inside the tree come from.
//!
//! In:  leaves and the hashes of every eighth level, as somebody stored them ([`Stored`]).
//! Out: any complete subtree's hash ([`Nodes`]), computed from the nearest stored level below it.
//! Keeping a 256th of the inner hashes costs next to no room, and a proof reads at most 510 hashes of each stored level.
//! Runs wherever it is called; never writes, has no disk of its own.

use super::{Frontier, Hash};

/// The levels above the leaves that are stored: a node of level 8 stands over 256 leaves, one of 16 over 65,536, one of
/// 24 over 16,777,216. A record of ten years has some ten million events, so that nothing above is worth a row.
pub const KEPT: [u8; 3] = [8, 16, 24];

/// Hashes of complete subtrees.
pub trait Nodes {
    /// Why one cannot be had.
    type Error: std::error::Error + 'static;

    /// The hash over the leaves from `index` times 2^`level` on, 2^`level` of them.
    ///
    /// # Errors
    /// Where it cannot be read, or the tree does not reach that far.
    fn node(&mut self, level: u8, index: u64) -> Result<Hash, Self::Error>;
}

/// Hashes as they are stored: level 0, which are the leaves, and the levels of [`KEPT`].
pub trait Stored {
    /// Why they cannot be read.
    type Error: std::error::Error + 'static;

    /// Up to `count` hashes of `level` from place `first` on, in order; fewer where there are no more.
    ///
    /// # Errors
    /// Where they cannot be read.
    fn hashes(&mut self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>, Self::Error>;
}

/// Any level out of the stored ones.
#[derive(Debug)]
pub struct Tiles<S>(pub S);

/// A subtree's hash cannot be computed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TilesError<E: std::error::Error + 'static> {
    /// Hashes are missing; either the tree does not reach that far, or its store has a hole and must be verified.
    #[error("of level {level} the hashes from {first} on are not all there; verify the record")]
    Missing {
        /// Which stored level.
        level: u8,
        /// The first place that was asked for.
        first: u64,
    },
    /// No tree reaches that far.
    #[error("no tree has a node {index} of level {level}")]
    Beyond {
        /// Which level.
        level: u8,
        /// Which place in it.
        index: u64,
    },
    /// The store failed.
    #[error("the tree's hashes cannot be read")]
    Stored(#[source] E),
}

impl<S: Stored> Nodes for Tiles<S> {
    type Error = TilesError<S::Error>;

    fn node(&mut self, level: u8, index: u64) -> Result<Hash, Self::Error> {
        let below = KEPT.into_iter().rev().find(|kept| *kept <= level).unwrap_or(0);
        let width = 1_u64.checked_shl(u32::from(level.saturating_sub(below)));
        let first = width.and_then(|width| index.checked_mul(width));
        let (Some(width), Some(first)) = (width, first) else { return Err(TilesError::Beyond { level, index }) };
        let hashes = self.0.hashes(below, first, width).map_err(TilesError::Stored)?;
        if u64::try_from(hashes.len()) != Ok(width) {
            return Err(TilesError::Missing { level: below, first });
        }
        let mut tile = Frontier::default();
        hashes.into_iter().for_each(|hash| tile.push(hash));
        Ok(tile.root())
    }
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "the trees of a test are small")]
pub(crate) mod tests {
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    use super::super::{leaf, node};
    use super::*;

    /// A store in memory, which counts what is read of each level.
    #[derive(Default)]
    pub(crate) struct Memory {
        pub(crate) levels: BTreeMap<u8, Vec<Hash>>,
        pub(crate) read: BTreeMap<u8, u64>,
    }

    impl Memory {
        /// A tree of that many made-up leaves, stored as a record stores it.
        pub(crate) fn of(size: u64) -> Self {
            Self::over((0..size).map(|n| leaf(&n.to_be_bytes())))
        }

        pub(crate) fn over(leaves: impl Iterator<Item = Hash>) -> Self {
            let mut memory = Self::default();
            let mut frontier = Frontier::default();
            for hash in leaves {
                memory.levels.entry(0).or_default().push(hash);
                frontier.push_noting(hash, &mut |level, index, hash| {
                    let row = memory.levels.entry(level).or_default();
                    assert_eq!(row.len() as u64, index, "noted in order");
                    row.push(hash);
                });
            }
            memory
        }
    }

    impl Stored for &mut Memory {
        type Error = Infallible;

        fn hashes(&mut self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>, Infallible> {
            let row = self.levels.get(&level).into_iter().flatten().copied();
            let found: Vec<_> = row.skip(first as usize).take(count as usize).collect();
            *self.read.entry(level).or_default() += found.len() as u64;
            Ok(found)
        }
    }

    #[test]
    fn only_every_eighth_level_is_noted_when_it_is_complete() {
        let memory = Memory::of(131_072 + 255);
        let lengths: Vec<_> = memory.levels.iter().map(|(level, row)| (*level, row.len())).collect();
        assert_eq!(lengths, [(0, 131_327), (8, 512), (16, 2)]);
    }

    #[test]
    fn every_level_comes_out_of_the_nearest_stored_one() {
        let mut memory = Memory::of(65_536);
        let mut row = memory.levels[&0].clone();
        for level in 0..=16_u8 {
            for index in [0, row.len() / 2, row.len() - 1] {
                assert_eq!(Tiles(&mut memory).node(level, index as u64), Ok(row[index]), "level {level}, {index}");
            }
            row = row.chunks_exact(2).map(|pair| node(pair[0], pair[1])).collect();
        }
    }

    #[test]
    fn a_node_that_is_not_complete_is_missing_and_one_beyond_all_numbers_is_refused() {
        let mut memory = Memory::of(300);
        assert_eq!(Tiles(&mut memory).node(8, 1), Err(TilesError::Missing { level: 8, first: 1 }));
        assert_eq!(Tiles(&mut memory).node(6, 4), Err(TilesError::Missing { level: 0, first: 256 }));
        assert_eq!(Tiles(&mut memory).node(63, 1 << 40), Err(TilesError::Beyond { level: 63, index: 1 << 40 }));
        assert_eq!(Tiles(&mut memory).node(255, 0), Err(TilesError::Beyond { level: 255, index: 0 }));
    }
}
