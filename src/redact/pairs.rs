//! How usual it is that one word follows another: what a recogniser makes of a name that it does not know ("tell grow sir oh
//! that") is a row of everyday words that nobody says in that order.
//!
//! In:  two normalised words. Out: a [`Tie`]. From a language model of spoken English (`lists/SOURCES.md`), kept as two
//! Bloom filters (B. H. Bloom, Space/Time Trade-offs in Hash Coding, 1970): one in fifty of the unusual pairs passes for usual.

use std::sync::LazyLock;

use crate::redact::words::WordMap;

/// How usual the second word is after the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tie {
    /// One of them is too rare for the list to tell.
    Unknown,
    /// Rarer than by chance: the list knows both words and not the pair.
    Unusual,
    /// Commoner than by chance.
    Usual,
    /// At least ten times commoner than by chance.
    Close,
}

/// How common a word is, from 0 (not among the 12,000 commonest) to 5.
pub(super) fn frequency(word: &str) -> u8 {
    PAIRS.frequency.get(word).copied().unwrap_or_default()
}

/// How usual `second` is right after `first`.
pub(super) fn tie(first: &str, second: &str) -> Tie {
    if frequency(first) == 0 || frequency(second) == 0 {
        return Tie::Unknown;
    }
    let hash = hash(first, second);
    if !PAIRS.above.has(hash) {
        Tie::Unusual
    } else if PAIRS.far.has(hash) {
        Tie::Close
    } else {
        Tie::Usual
    }
}

struct Pairs {
    frequency: WordMap<u8>,
    above: Bloom,
    far: Bloom,
}

static PAIRS: LazyLock<Pairs> = LazyLock::new(|| {
    let rated = |line: &'static str| Some((line.get(1..)?, line.bytes().next()?.saturating_sub(b'0')));
    let (above, far) = filters(include_bytes!("lists/pairs.bin")).unwrap_or((Bloom::NOTHING, Bloom::NOTHING));
    Pairs { frequency: include_str!("lists/frequency.txt").lines().filter_map(rated).collect(), above, far }
});

/// A set that never denies what is in it and now and then admits what is not.
struct Bloom {
    bytes: &'static [u8],
    hashes: u32,
}

impl Bloom {
    const NOTHING: Self = Self { bytes: &[], hashes: 0 };

    fn has(&self, hash: u64) -> bool {
        let bits = u64::try_from(self.bytes.len()).unwrap_or_default().saturating_mul(8);
        let (first, step) = (hash & 0xffff_ffff, (hash >> 32) | 1);
        let bit = |i: u32| {
            let at = first.wrapping_add(u64::from(i).wrapping_mul(step)).checked_rem(bits)?;
            let byte = self.bytes.get(usize::try_from(at >> 3).ok()?)?;
            Some(byte >> (at & 7) & 1 == 1)
        };
        (0..self.hashes).all(|i| bit(i).unwrap_or_default())
    }
}

/// Reads the file that `models/redact-pairs.py` makes and describes; `None` if it is damaged, which a test excludes.
fn filters(file: &'static [u8]) -> Option<(Bloom, Bloom)> {
    let rest = file.strip_prefix(b"APRS\x01\x00")?;
    let (&[hashes, 2], rest) = rest.split_first_chunk::<2>()? else { return None };
    let filter = |rest: &'static [u8]| {
        let (length, rest) = rest.split_first_chunk::<4>()?;
        rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
    };
    let (above, rest) = filter(rest)?;
    let (far, rest) = filter(rest)?;
    let bloom = |bytes| Bloom { bytes, hashes: u32::from(hashes) };
    rest.is_empty().then(|| (bloom(above), bloom(far)))
}

/// FNV-1a over "first second".
fn hash(first: &str, second: &str) -> u64 {
    let bytes = first.bytes().chain(std::iter::once(b' ')).chain(second.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_file_is_whole_and_tells_usual_from_unusual() {
        assert!(filters(include_bytes!("lists/pairs.bin")).is_some());
        assert_eq!(tie("my", "chest"), Tie::Close);
        assert_eq!(tie("you", "tell"), Tie::Usual);
        assert_eq!(tie("tell", "grow"), Tie::Unusual);
        assert_eq!(tie("is", "zepeda"), Tie::Unknown);
        assert!(frequency("the") > frequency("chest") && frequency("okonkwo") == 0);
    }

    #[test]
    fn a_damaged_file_is_refused() {
        assert!(filters(b"").is_none());
        assert!(filters(b"APRS\x01\x00\x06\x02\xff\xff\xff\xff").is_none());
    }
}
