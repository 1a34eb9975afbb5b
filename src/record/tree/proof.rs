//! Proofs over the tree: that an entry is in it, and that it only ever grew.
//!
//! In:  hashes of complete subtrees ([`Nodes`]) to make one; a proof, sizes and roots to check one.
//! Out: some twenty hashes for a record of a million events, or a verdict.
//! RFC 9162 sections 2.1.3 and 2.1.4, whose trees are those of RFC 6962. Iterative, so that no proof of a stranger can
//! exhaust a stack. Runs wherever it is called: no disk, no clock.
//!
//! A root alone does not say how large its tree is: some proofs hold for two sizes with one root. Sizes and roots are
//! to be taken together, out of one signed checkpoint.

use super::nodes::Nodes;
use super::{Frontier, Hash, node, sha256};

/// A proof cannot be made.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError<E: std::error::Error + 'static> {
    /// The entry or the older tree is not within the tree.
    #[error("{asked} is not within a tree of {size}")]
    Outside {
        /// The entry's number or the older tree's size.
        asked: u64,
        /// The tree's size.
        size: u64,
    },
    /// A hash cannot be had.
    #[error("a hash of the tree cannot be had")]
    Nodes(#[source] E),
}

/// The proof does not show what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not hold: an entry, a size, a root or the proof itself was changed")]
pub struct NotProven;

/// The frontier that the tree had when it held `size` leaves.
///
/// # Errors
/// Those of `nodes`.
pub fn frontier_at<N: Nodes>(nodes: &mut N, size: u64) -> Result<Frontier, N::Error> {
    Ok(Frontier { size, peaks: peaks(nodes, 0, size)? })
}

/// The root that the tree had when it held `size` leaves.
///
/// # Errors
/// Those of `nodes`.
pub fn root_at<N: Nodes>(nodes: &mut N, size: u64) -> Result<Hash, N::Error> {
    Ok(frontier_at(nodes, size)?.root())
}

/// Shows that leaf `index` is in the tree of `size` leaves: the hashes beside its way up, lowest first.
///
/// # Errors
/// [`ProofError`].
pub fn inclusion<N: Nodes>(nodes: &mut N, index: u64, size: u64) -> Result<Vec<Hash>, ProofError<N::Error>> {
    if index >= size {
        return Err(ProofError::Outside { asked: index, size });
    }
    let (mut start, mut width) = (0_u64, size);
    let mut proof = Vec::new();
    while width > 1 {
        let left = split(width);
        let right = width.saturating_sub(left);
        let middle = start.saturating_add(left);
        if index < middle {
            proof.push(range(nodes, middle, right)?);
            width = left;
        } else {
            proof.push(range(nodes, start, left)?);
            (start, width) = (middle, right);
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Shows that the tree of `old` leaves is the beginning of that of `new`. Empty where there is nothing to show: equal
/// sizes, and an empty older tree.
///
/// # Errors
/// [`ProofError`].
pub fn consistency<N: Nodes>(nodes: &mut N, old: u64, new: u64) -> Result<Vec<Hash>, ProofError<N::Error>> {
    if old > new {
        return Err(ProofError::Outside { asked: old, size: new });
    }
    let mut proof = Vec::new();
    if old == 0 {
        return Ok(proof);
    }
    let (mut start, mut width) = (0_u64, new);
    // Whoever checks has the older root already; it is left out where it is a node of the newer tree.
    let mut known = true;
    while old != start.saturating_add(width) {
        let left = split(width);
        let right = width.saturating_sub(left);
        let middle = start.saturating_add(left);
        if old <= middle {
            proof.push(range(nodes, middle, right)?);
            width = left;
        } else {
            proof.push(range(nodes, start, left)?);
            (start, width) = (middle, right);
            known = false;
        }
    }
    if !known {
        proof.push(range(nodes, start, width)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks that `leaf` is number `index` in the tree of `size` leaves with that root.
///
/// # Errors
/// [`NotProven`].
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: Hash) -> Result<(), NotProven> {
    if index >= size {
        return Err(NotProven);
    }
    let (mut at, mut last) = (index, size.saturating_sub(1));
    let mut computed = leaf;
    for &beside in proof {
        if last == 0 {
            return Err(NotProven);
        }
        if is_right_or_last(&mut at, &mut last) {
            computed = node(beside, computed);
        } else {
            computed = node(computed, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last == 0 && computed == root { Ok(()) } else { Err(NotProven) }
}

/// Checks that the tree of `new_size` leaves and `new_root` begins with that of `old_size` leaves and `old_root`.
///
/// # Errors
/// [`NotProven`].
pub fn verify_consistency(
    old_size: u64,
    old_root: Hash,
    new_size: u64,
    new_root: Hash,
    proof: &[Hash],
) -> Result<(), NotProven> {
    if old_size == 0 || old_size >= new_size {
        let first = old_size == 0 && old_root == sha256(&[]) && (new_size > 0 || new_root == old_root);
        let same = old_size == new_size && old_root == new_root;
        return if proof.is_empty() && (first || same) { Ok(()) } else { Err(NotProven) };
    }
    let (mut at, mut last) = (old_size.saturating_sub(1), new_size.saturating_sub(1));
    // The whole older tree as far as it is one node: where it is nothing else, its root is where the proof begins.
    let whole = at.trailing_ones();
    (at, last) = (at >> whole, last >> whole);
    let (seed, rest) = match proof.split_first() {
        _ if old_size.is_power_of_two() => (old_root, proof),
        Some((first, rest)) => (*first, rest),
        None => return Err(NotProven),
    };
    let (mut older, mut newer) = (seed, seed);
    for &beside in rest {
        if last == 0 {
            return Err(NotProven);
        }
        if is_right_or_last(&mut at, &mut last) {
            (older, newer) = (node(beside, older), node(beside, newer));
        } else {
            newer = node(newer, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last == 0 && older == old_root && newer == new_root { Ok(()) } else { Err(NotProven) }
}

/// Whether the node at `at` has its neighbour on the left; the last of a row without a pair first rises to where it
/// has one (RFC 9162 section 2.1.3.2, step 4).
fn is_right_or_last(at: &mut u64, last: &mut u64) -> bool {
    if *at & 1 == 1 {
        return true;
    }
    if at != last || *at == 0 {
        return false;
    }
    let rise = at.trailing_zeros();
    (*at, *last) = (*at >> rise, *last >> rise);
    true
}

/// How many leaves go to the left: the largest power of two below `width`, which is at least 2.
fn split(width: u64) -> u64 {
    width.saturating_sub(1).checked_ilog2().map_or(1, |bits| 1 << bits)
}

/// The root over `width` leaves from `start` on, where `start` is a multiple of a power of two that is not below
/// `width`: so every split of a tree is.
fn range<N: Nodes>(nodes: &mut N, start: u64, width: u64) -> Result<Hash, ProofError<N::Error>> {
    Ok(Frontier { size: width, peaks: peaks(nodes, start, width).map_err(ProofError::Nodes)? }.root())
}

/// The complete subtrees that such a range consists of, largest first.
fn peaks<N: Nodes>(nodes: &mut N, start: u64, width: u64) -> Result<Vec<Hash>, N::Error> {
    let mut found = Vec::new();
    let mut from = start;
    for level in (0..64_u8).rev().filter(|level| (width >> level) & 1 == 1) {
        found.push(nodes.node(level, from >> level)?);
        from = from.saturating_add(1 << level);
    }
    Ok(found)
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "the trees of a test are small")]
mod tests {
    use proptest::prelude::*;

    use super::super::nodes::Tiles;
    use super::super::nodes::tests::Memory;
    use super::super::tests::naive;
    use super::*;

    fn power_below(n: usize) -> usize {
        1 << (n - 1).ilog2()
    }

    /// RFC 6962 section 2.1.1, word for word.
    fn path(m: usize, d: &[Hash]) -> Vec<Hash> {
        if d.len() == 1 {
            return Vec::new();
        }
        let k = power_below(d.len());
        let (mut below, beside) =
            if m < k { (path(m, &d[..k]), naive(&d[k..])) } else { (path(m - k, &d[k..]), naive(&d[..k])) };
        below.push(beside);
        below
    }

    /// RFC 6962 section 2.1.2, word for word.
    fn subproof(m: usize, d: &[Hash], known: bool) -> Vec<Hash> {
        if m == d.len() {
            return if known { Vec::new() } else { vec![naive(d)] };
        }
        let k = power_below(d.len());
        let (mut below, beside) = if m <= k {
            (subproof(m, &d[..k], known), naive(&d[k..]))
        } else {
            (subproof(m - k, &d[k..], false), naive(&d[..k]))
        };
        below.push(beside);
        below
    }

    /// Leaves, and the root of every size up to theirs.
    fn tree(size: u64) -> (Memory, Vec<Hash>) {
        let mut memory = Memory::of(size);
        let roots = (0..=size).map(|size| root_at(&mut Tiles(&mut memory), size).unwrap()).collect();
        (memory, roots)
    }

    #[test]
    fn the_root_and_every_inclusion_proof_of_every_size_below_300_are_those_of_the_recursive_definition() {
        let (mut memory, roots) = tree(299);
        let leaves = memory.levels[&0].clone();
        for size in 1..leaves.len() {
            let root = naive(&leaves[..size]);
            assert_eq!(roots[size], root, "size {size}");
            for index in 0..size {
                let proof = inclusion(&mut Tiles(&mut memory), index as u64, size as u64).unwrap();
                // The recursive definition is slow: every size, and of each the entries at its edges and in its middle.
                if index < 3 || index + 3 > size || index == size / 2 {
                    assert_eq!(proof, path(index, &leaves[..size]), "{index} of {size}");
                }
                verify_inclusion(leaves[index], index as u64, size as u64, &proof, root).unwrap();
            }
        }
    }

    #[test]
    fn every_consistency_proof_between_sizes_below_130_is_that_of_the_recursive_definition() {
        let (mut memory, roots) = tree(129);
        let leaves = memory.levels[&0].clone();
        for new in 0..130_usize {
            for old in 0..=new {
                let proof = consistency(&mut Tiles(&mut memory), old as u64, new as u64).unwrap();
                let expected = if old == 0 { Vec::new() } else { subproof(old, &leaves[..new], true) };
                assert_eq!(proof, expected, "{old} to {new}");
                verify_consistency(old as u64, roots[old], new as u64, roots[new], &proof).unwrap();
                let back = verify_consistency(new as u64, roots[new], old as u64, roots[old], &proof);
                assert_eq!(back.is_ok(), old == new, "a tree that shrank");
            }
        }
    }

    #[test]
    fn a_proof_reads_a_few_hundred_hashes_of_each_stored_level() {
        let mut memory = Memory::of(200_000);
        for index in [0, 65_535, 65_536, 131_071, 199_680, 199_999] {
            memory.read.clear();
            let proof = inclusion(&mut Tiles(&mut memory), index, 200_000).unwrap();
            assert!(proof.len() <= 18);
            assert!(memory.read.values().all(|read| *read <= 510), "{index}: {:?}", memory.read);
            memory.read.clear();
            consistency(&mut Tiles(&mut memory), index.max(1), 200_000).unwrap();
            assert!(memory.read.values().all(|read| *read <= 510), "{index}: {:?}", memory.read);
        }
    }

    #[test]
    fn what_is_outside_the_tree_has_no_proof() {
        let mut memory = Memory::of(7);
        assert_eq!(inclusion(&mut Tiles(&mut memory), 7, 7), Err(ProofError::Outside { asked: 7, size: 7 }));
        assert_eq!(consistency(&mut Tiles(&mut memory), 8, 7), Err(ProofError::Outside { asked: 8, size: 7 }));
        assert_eq!(verify_inclusion(sha256(&[]), 0, 0, &[], sha256(&[])), Err(NotProven));
        assert_eq!(verify_consistency(0, sha256(b"x"), 7, sha256(b"y"), &[]), Err(NotProven));
    }

    #[test]
    fn an_old_frontier_goes_on_to_the_newest_root() {
        let (mut memory, roots) = tree(200);
        let mut frontier = frontier_at(&mut Tiles(&mut memory), 77).unwrap();
        memory.levels[&0][77..].iter().for_each(|&leaf| frontier.push(leaf));
        assert_eq!(frontier.root(), roots[200]);
    }

    /// A proof that somebody has been at.
    fn changed(proof: &[Hash], how: u8, at: prop::sample::Index) -> Option<Vec<Hash>> {
        let mut proof = proof.to_vec();
        match how {
            0 => {
                let which = at.index(proof.len().max(1));
                proof.get_mut(which)?.0[at.index(32)] ^= 1;
            }
            1 => drop(proof.pop()?),
            2 => drop((!proof.is_empty()).then(|| proof.remove(0))?),
            3 => proof.push(sha256(b"more")),
            _ => proof.insert(0, sha256(b"more")),
        }
        Some(proof)
    }

    proptest! {
        #[test]
        fn a_changed_inclusion_proof_is_refused(
            size in 1_u64..300, index in any::<prop::sample::Index>(), other in 0_u64..300, how in 0_u8..5,
            at in any::<prop::sample::Index>(),
        ) {
            let (mut memory, roots) = tree(300);
            let index = index.index(size as usize);
            let (leaves, root) = (memory.levels[&0].clone(), roots[size as usize]);
            let leaf = leaves[index];
            let proof = inclusion(&mut Tiles(&mut memory), index as u64, size).unwrap();
            let verify = |leaf, index, size, proof: &[Hash], root| verify_inclusion(leaf, index, size, proof, root);
            prop_assert!(verify(leaf, index as u64, size, &proof, root).is_ok());
            if let Some(proof) = changed(&proof, how, at) {
                prop_assert!(verify(leaf, index as u64, size, &proof, root).is_err());
            }
            prop_assert!(verify(leaves[(index + 1) % 300], index as u64, size, &proof, root).is_err());
            if other != index as u64 {
                prop_assert!(verify(leaf, other, size, &proof, root).is_err());
            }
            if other != size {
                prop_assert!(verify(leaf, index as u64, other, &proof, roots[other as usize]).is_err());
                prop_assert!(verify(leaf, index as u64, size, &proof, roots[other as usize]).is_err());
            }
        }

        #[test]
        fn a_changed_consistency_proof_is_refused(
            old in 1_u64..300, grown in 0_u64..300, other in 1_u64..300, how in 0_u8..5,
            at in any::<prop::sample::Index>(),
        ) {
            let (mut memory, roots) = tree(600);
            let new = old + grown;
            let root = |size: u64| roots[size as usize];
            let proof = consistency(&mut Tiles(&mut memory), old, new).unwrap();
            prop_assert!(verify_consistency(old, root(old), new, root(new), &proof).is_ok());
            if let Some(proof) = changed(&proof, how, at) {
                prop_assert!(verify_consistency(old, root(old), new, root(new), &proof).is_err());
            }
            // Between equal sizes the empty proof is right, whichever they are.
            if other != old && !(other == new && proof.is_empty()) {
                prop_assert!(verify_consistency(other, root(other), new, root(new), &proof).is_err());
                prop_assert!(verify_consistency(old, root(other), new, root(new), &proof).is_err());
            }
            if other != new {
                prop_assert!(verify_consistency(old, root(old), other, root(other), &proof).is_err() || other == old);
                prop_assert!(verify_consistency(old, root(old), new, root(other), &proof).is_err());
            }
        }

        #[test]
        fn any_numbers_and_hashes_are_a_verdict(
            a in any::<u64>(), b in any::<u64>(), hashes in proptest::collection::vec(any::<[u8; 32]>(), 0..70),
        ) {
            let proof: Vec<_> = hashes.into_iter().map(Hash).collect();
            let hash = sha256(b"x");
            prop_assert!(verify_inclusion(hash, a, b, &proof, sha256(b"y")).is_err());
            prop_assert!(verify_consistency(a, hash, b, sha256(b"y"), &proof).is_err());
        }
    }
}
