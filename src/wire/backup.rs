//! Copies of the record on their way to a shelf: what syncd asks of recordd, and the envelope of what it gets.
//!
//! An object on a shelf is one or more pieces, one after the other, each with a [`Head`] in the clear and sealed bytes
//! behind it. The head holds no more than the object's name does: ids, numbers, times. syncd reads heads and opens
//! nothing; only the clinic's printed recovery key does. The same head lies inside the seal, so that whoever opens a
//! piece knows whether its envelope was changed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The first bytes of every piece.
const MAGIC: [u8; 6] = *b"ANRBAK";
/// The version of the format.
const VERSION: u8 = 1;
/// Bytes of a head.
pub const HEAD: usize = 80;
/// Bytes of compressed payload in one piece: sealed and with its head it fits one frame of 1 MiB with room to spare.
pub const PIECE: usize = 600_000;
/// Pieces of one object: 300 MB of keys are three million, more than six years of calls of any clinic.
pub const MOST_PIECES: u16 = 512;
/// Events that one segment may stand for.
pub const MOST_EVENTS: u64 = 4_096;
/// Digits of a number in a name at least: names sort as numbers do.
const DIGITS: usize = 12;

/// `segments`: the next events, sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Of which log; none for whatever log the record has now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<Uuid>,
    /// From which event on.
    pub next: u64,
    /// Up to which event, where a hole is filled; the event itself is not wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// Which piece, from 0.
    #[serde(default)]
    pub part: u16,
}

/// `key-backup`: all data keys, sealed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysWanted {
    /// Which piece, from 0.
    #[serde(default)]
    pub part: u16,
}

/// `copied`: what lies on the shelf now. The value of the record's `meta` 'copied'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copied {
    /// The first event that does not lie there.
    pub next: u64,
    /// When that was so, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
}

/// What a piece is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Events.
    Segment,
    /// Data keys.
    Keys,
}

impl What {
    fn byte(self) -> u8 {
        match self {
            Self::Segment => b'S',
            Self::Keys => b'K',
        }
    }
}

/// What stands in the clear in front of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// What it is of.
    pub what: What,
    /// Which log.
    pub log: Uuid,
    /// Of a segment its first event. Of keys the first event that had not been copied when they were read.
    pub first: u64,
    /// Of a segment the first event after it. Of keys the log's size when they were read.
    pub next: u64,
    /// When it was made, microseconds since 1970-01-01T00:00Z.
    pub made: i64,
    /// Which piece, from 0.
    pub part: u16,
    /// How many pieces there are.
    pub parts: u16,
    /// For which recovery key: the beginning of the SHA-256 of its public half.
    pub to: [u8; 8],
    /// The beginning of the SHA-256 of the whole compressed payload: pieces that differ in it do not belong together.
    pub tag: [u8; 16],
}

/// The bytes are not an object of a shelf, or one that was cut or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a whole backup object of version {VERSION}")]
pub struct NotAnObject;

impl Head {
    /// The head's bytes; `sealed` is the length of what follows.
    #[must_use]
    pub fn to_bytes(&self, sealed: u32) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        let fields: [&[u8]; 12] = [
            &MAGIC,
            &[self.what.byte()],
            &[VERSION],
            self.log.as_bytes(),
            &self.first.to_be_bytes(),
            &self.next.to_be_bytes(),
            &self.made.to_be_bytes(),
            &self.part.to_be_bytes(),
            &self.parts.to_be_bytes(),
            &self.to,
            &self.tag,
            &sealed.to_be_bytes(),
        ];
        for (to, from) in bytes.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        bytes
    }

    /// Reads one piece off the front of `bytes`: its head, what is sealed, and what follows it.
    ///
    /// # Errors
    /// [`NotAnObject`].
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8], &[u8]), NotAnObject> {
        let mut left = bytes;
        if take::<6>(&mut left)? != MAGIC {
            return Err(NotAnObject);
        }
        let what = match take::<1>(&mut left)? {
            [b'S'] => What::Segment,
            [b'K'] => What::Keys,
            _ => return Err(NotAnObject),
        };
        if take::<1>(&mut left)? != [VERSION] {
            return Err(NotAnObject);
        }
        let head = Self {
            what,
            log: Uuid::from_bytes(take(&mut left)?),
            first: u64::from_be_bytes(take(&mut left)?),
            next: u64::from_be_bytes(take(&mut left)?),
            made: i64::from_be_bytes(take(&mut left)?),
            part: u16::from_be_bytes(take(&mut left)?),
            parts: u16::from_be_bytes(take(&mut left)?),
            to: take(&mut left)?,
            tag: take(&mut left)?,
        };
        let length = usize::try_from(u32::from_be_bytes(take(&mut left)?)).map_err(|_| NotAnObject)?;
        // A seal is 48 bytes longer than what it holds, which is a head and a piece.
        if length > PIECE + HEAD + 48 || !head.is_in_order() {
            return Err(NotAnObject);
        }
        let (sealed, rest) = left.split_at_checked(length).ok_or(NotAnObject)?;
        Ok((head, sealed, rest))
    }

    fn is_in_order(&self) -> bool {
        let events = self.next.checked_sub(self.first);
        let sane = match self.what {
            What::Segment => events.is_some_and(|events| (1..=MOST_EVENTS).contains(&events)),
            What::Keys => true,
        };
        sane && self.part < self.parts && self.parts <= MOST_PIECES
    }

    /// Whether `next` can be the piece after this one. Keys may have been read while events were appended: what is
    /// sealed must be the same, the numbers in front of it need not.
    #[must_use]
    pub fn goes_on_with(&self, next: &Self) -> bool {
        let whole = |head: &Self| (head.what, head.log, head.parts, head.to, head.tag);
        let range = |head: &Self| (head.first, head.next);
        let same = whole(self) == whole(next) && (self.what == What::Keys || range(self) == range(next));
        same && self.part.checked_add(1) == Some(next.part)
    }
}

/// Reads a whole object: its pieces in order, each with its head, nothing missing and nothing behind them.
///
/// # Errors
/// [`NotAnObject`].
pub fn pieces(bytes: &[u8]) -> Result<Vec<(Head, &[u8])>, NotAnObject> {
    let mut pieces: Vec<(Head, &[u8])> = Vec::new();
    let mut left = bytes;
    while !left.is_empty() {
        let (head, sealed, rest) = Head::parse(left)?;
        let fits = pieces.last().map_or(head.part == 0, |(last, _)| last.goes_on_with(&head));
        if !fits {
            return Err(NotAnObject);
        }
        pieces.push((head, sealed));
        left = rest;
    }
    let (last, _) = pieces.last().ok_or(NotAnObject)?;
    if last.part.checked_add(1) == Some(last.parts) { Ok(pieces) } else { Err(NotAnObject) }
}

/// The folder of a log's segments on a shelf, with a slash at its end.
#[must_use]
pub fn segments_of(log: Uuid) -> String {
    format!("segments/{log}/")
}

/// The name of a segment on a shelf.
#[must_use]
pub fn segment_name(log: Uuid, first: u64, next: u64) -> String {
    format!("segments/{log}/{first:0DIGITS$}-{next:0DIGITS$}.seg")
}

/// The name of a log's key backup on a shelf. One for each log, written over each time: a second would undo a shred.
#[must_use]
pub fn keys_name(log: Uuid) -> String {
    format!("keys/{log}.keys")
}

/// The range in a segment's file name (without its folders); none for any other name.
#[must_use]
pub fn range_of(file: &str) -> Option<(u64, u64)> {
    let (first, next) = file.strip_suffix(".seg")?.split_once('-')?;
    let number = |text: &str| {
        let digits = text.len() >= DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = text.parse().ok().filter(|_| digits)?;
        // One way to write each number: no two names for one segment.
        (format!("{number:0DIGITS$}") == text).then_some(number)
    };
    let (first, next) = (number(first)?, number(next)?);
    let events = next.checked_sub(first)?;
    (1..=MOST_EVENTS).contains(&events).then_some((first, next))
}

fn take<const N: usize>(left: &mut &[u8]) -> Result<[u8; N], NotAnObject> {
    let (taken, rest) = left.split_first_chunk::<N>().ok_or(NotAnObject)?;
    *left = rest;
    Ok(*taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn head(part: u16, parts: u16) -> Head {
        Head {
            what: What::Segment,
            log: Uuid::from_bytes([7; 16]),
            first: 5,
            next: 9,
            made: -1,
            part,
            parts,
            to: [1; 8],
            tag: [2; 16],
        }
    }

    fn piece(head: Head, sealed: &[u8]) -> Vec<u8> {
        let mut bytes = head.to_bytes(u32::try_from(sealed.len()).unwrap()).to_vec();
        bytes.extend_from_slice(sealed);
        bytes
    }

    #[test]
    fn an_object_of_three_pieces_reads_back_and_a_cut_swapped_or_longer_one_does_not() {
        let [a, b, c] = [0, 1, 2].map(|part| piece(head(part, 3), &[9; 10]));
        let whole = [a.clone(), b.clone(), c.clone()].concat();
        assert_eq!(pieces(&whole).unwrap().len(), 3);
        assert_eq!(pieces(&whole[..whole.len() - 1]), Err(NotAnObject));
        assert_eq!(pieces(&[a.clone(), b.clone()].concat()), Err(NotAnObject));
        assert_eq!(pieces(&[a.clone(), c, b].concat()), Err(NotAnObject));
        assert_eq!(pieces(&[whole, a].concat()), Err(NotAnObject));
        assert_eq!(pieces(&[]), Err(NotAnObject));
    }

    #[test]
    fn pieces_of_two_payloads_do_not_belong_together() {
        let other = Head { tag: [3; 16], ..head(1, 2) };
        assert_eq!(pieces(&[piece(head(0, 2), b"a"), piece(other, b"b")].concat()), Err(NotAnObject));
    }

    #[test]
    fn a_name_gives_its_range_and_no_other_spelling_of_it_does() {
        let log = Uuid::from_bytes([7; 16]);
        let name = segment_name(log, 4_096, 8_192);
        assert_eq!(name, format!("segments/{log}/000000004096-000000008192.seg"));
        assert_eq!(range_of(name.rsplit('/').next().unwrap()), Some((4_096, 8_192)));
        for odd in ["4096-8192.seg", "000000000000-000000000000.seg", "000000000001-000000009999.seg", ".seg", "-.seg"]
        {
            assert_eq!(range_of(odd), None, "{odd}");
        }
        assert_eq!(range_of("0000000000000-000000000001.seg"), None);
        assert_eq!(range_of("+00000000001-000000000002.seg"), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_object_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = pieces(&bytes);
            let mut after_a_head = head(0, 1).to_bytes(20).to_vec();
            after_a_head.extend(&bytes);
            let _ = pieces(&after_a_head);
        }

        #[test]
        fn a_head_with_one_byte_changed_is_another_or_none(at in 0..HEAD, with in 1..=255_u8) {
            let mut bytes = piece(head(0, 1), &[9; 10]);
            bytes[at] ^= with;
            if let Ok(read) = pieces(&bytes) {
                prop_assert_ne!(read[0].0, head(0, 1));
            }
        }

        #[test]
        fn any_name_has_a_range_or_none(name in ".{0,40}") {
            let _ = range_of(&name);
        }
    }
}
