//! A segment: consecutive events of one log, as bytes.
//!
//! In:  rows of the record. Out: headers to the byte, bodies as they are sealed with their data keys, and the newest
//! checkpoint there was. Read back on a blank box. Holds no data key, so that it may be kept for ever.

use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use crate::record::database::{Count, StoreError};
use crate::wire::backup::MOST_EVENTS;

/// Bytes of events in one segment, before they are packed: they fit one piece even where nothing can be packed. A single
/// event that is larger is a segment of its own, in several pieces.
const MOST_BYTES: usize = 590_000;
/// Bytes that a segment may unpack to: one event is at most a frame of 1 MiB with its seal, and so is everything else.
pub const LIMIT: usize = 2 << 20;
/// Bytes of one header: an hour's worth of versions would still fit.
const MOST_HEADER: usize = 64 * 1024;
/// Bytes of a checkpoint's note: an origin of 200, and a few signatures.
const MOST_NOTE: usize = 8 * 1024;

/// Events `first..` of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The number of the first event.
    pub first: u64,
    /// The events, in order and without gaps.
    pub events: Vec<Stored>,
    /// The newest checkpoint there was.
    pub checkpoint: Option<Noted>,
}

/// One event as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    /// The header's line.
    pub header: Vec<u8>,
    /// The sealed body; none where it was removed with its key.
    pub body_ct: Option<Vec<u8>>,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stored({} bytes, {:?} bytes)", self.header.len(), self.body_ct.as_ref().map(Vec::len))
    }
}

/// A checkpoint of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// How many events it covers.
    pub size: u64,
    /// The root of the tree over them.
    pub root: [u8; 32],
    /// When it was made, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
    /// The signed note.
    pub note: String,
}

/// The bytes are no segment of these events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a segment of these events")]
pub struct NotASegment;

impl Segment {
    /// Reads the events from `next` on: as many as fit, none from `until` on. None where there are none yet.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Malformed`] where a row is missing.
    pub fn read(connection: &Connection, next: u64, until: Option<u64>) -> Result<Option<Self>, StoreError> {
        let end = next.saturating_add(MOST_EVENTS).min(until.unwrap_or(u64::MAX));
        // SQLite's numbers are signed.
        let (from, end) = (Count(next.min(i64::MAX.unsigned_abs())), Count(end.min(i64::MAX.unsigned_abs())));
        let mut events = Vec::new();
        let (mut bytes, mut expected) = (0_usize, next);
        let mut statement = connection
            .prepare_cached("SELECT seq, header, body_ct FROM event WHERE seq >= ?1 AND seq < ?2 ORDER BY seq")?;
        let mut rows = statement.query([from, end])?;
        while let Some(row) = rows.next()? {
            let stored = Stored { header: row.get(1)?, body_ct: row.get(2)? };
            bytes = bytes.saturating_add(stored.size());
            if bytes > MOST_BYTES && !events.is_empty() {
                break;
            }
            if row.get::<_, Count>(0)?.0 != expected {
                return Err(StoreError::Malformed { table: "event" });
            }
            expected = expected.saturating_add(1);
            events.push(stored);
        }
        if events.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self { first: next, events, checkpoint: newest_checkpoint(connection)? }))
    }

    /// The number of the first event after it.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.first.saturating_add(u64::try_from(self.events.len()).unwrap_or(u64::MAX))
    }

    /// The segment's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match &self.checkpoint {
            None => bytes.push(0),
            Some(checkpoint) => {
                bytes.push(1);
                bytes.extend_from_slice(&checkpoint.size.to_be_bytes());
                bytes.extend_from_slice(&checkpoint.root);
                bytes.extend_from_slice(&checkpoint.t.to_be_bytes());
                put(&mut bytes, checkpoint.note.as_bytes());
            }
        }
        for event in &self.events {
            put(&mut bytes, &event.header);
            match &event.body_ct {
                None => bytes.push(0),
                Some(body_ct) => {
                    bytes.push(1);
                    put(&mut bytes, body_ct);
                }
            }
        }
        bytes
    }

    /// Reads the bytes of the events `first..next`: exactly so many, and nothing behind them.
    ///
    /// # Errors
    /// [`NotASegment`].
    pub fn parse(first: u64, next: u64, bytes: &[u8]) -> Result<Self, NotASegment> {
        let count = next.checked_sub(first).filter(|count| (1..=MOST_EVENTS).contains(count)).ok_or(NotASegment)?;
        let mut left = Left(bytes);
        let checkpoint = left.optional(Left::noted)?;
        let mut events = Vec::new();
        for _ in 0..count {
            let header = left.bytes(MOST_HEADER)?.to_vec();
            let body_ct = left.optional(|left| left.bytes(LIMIT).map(<[u8]>::to_vec))?;
            events.push(Stored { header, body_ct });
        }
        if left.0.is_empty() { Ok(Self { first, events, checkpoint }) } else { Err(NotASegment) }
    }
}

impl Stored {
    fn size(&self) -> usize {
        // Two lengths and a sign.
        self.body_ct.as_ref().map_or(0, Vec::len).saturating_add(self.header.len()).saturating_add(9)
    }
}

/// The id of the log that the record has now.
///
/// # Errors
/// [`StoreError::Malformed`] where it has none.
pub fn log_of(connection: &Connection) -> Result<Uuid, StoreError> {
    let log = crate::record::facts::known(connection, "log")?;
    let log = log.and_then(|bytes| Uuid::try_parse_ascii(&bytes).ok());
    log.ok_or(StoreError::Malformed { table: "meta" })
}

fn newest_checkpoint(connection: &Connection) -> Result<Option<Noted>, StoreError> {
    if !has_checkpoints(connection)? {
        return Ok(None);
    }
    let newest = connection
        .query_row("SELECT size, root, t, note FROM checkpoint ORDER BY size DESC LIMIT 1", [], |row| {
            let size = row.get::<_, Count>(0)?.0;
            Ok(Noted { size, root: row.get(1)?, t: row.get(2)?, note: row.get(3)? })
        })
        .optional()?;
    Ok(newest)
}

/// Whether the record has a table of checkpoints: one of an older program has none.
pub(super) fn has_checkpoints(connection: &Connection) -> Result<bool, StoreError> {
    Ok(connection.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'checkpoint'")?.exists([])?)
}

fn put(bytes: &mut Vec<u8>, field: &[u8]) {
    // No field of a stored row is near 4 GiB: SQLite's own limit is 1 GB.
    bytes.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(field);
}

/// What is left to read.
pub(super) struct Left<'a>(pub(super) &'a [u8]);

impl<'a> Left<'a> {
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], NotASegment> {
        let (array, rest) = self.0.split_first_chunk::<N>().ok_or(NotASegment)?;
        self.0 = rest;
        Ok(*array)
    }

    pub(super) fn bytes(&mut self, most: usize) -> Result<&'a [u8], NotASegment> {
        let length = usize::try_from(u32::from_be_bytes(self.array()?)).map_err(|_| NotASegment)?;
        let (bytes, rest) =
            self.0.split_at_checked(length).filter(|(bytes, _)| bytes.len() <= most).ok_or(NotASegment)?;
        self.0 = rest;
        Ok(bytes)
    }

    pub(super) fn text(&mut self, most: usize) -> Result<String, NotASegment> {
        std::str::from_utf8(self.bytes(most)?).map(str::to_owned).map_err(|_| NotASegment)
    }

    fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, NotASegment>,
    ) -> Result<Option<T>, NotASegment> {
        match self.array()? {
            [0] => Ok(None),
            [1] => read(self).map(Some),
            _ => Err(NotASegment),
        }
    }

    fn noted(&mut self) -> Result<Noted, NotASegment> {
        Ok(Noted {
            size: u64::from_be_bytes(self.array()?),
            root: self.array()?,
            t: i64::from_be_bytes(self.array()?),
            note: self.text(MOST_NOTE)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn segment() -> impl Strategy<Value = Segment> {
        let bytes = |most| proptest::collection::vec(any::<u8>(), 0..most);
        let stored =
            (bytes(60), proptest::option::of(bytes(60))).prop_map(|(header, body_ct)| Stored { header, body_ct });
        let noted = (0..1_u64 << 40, any::<[u8; 32]>(), any::<i64>(), ".{0,40}")
            .prop_map(|(size, root, t, note)| Noted { size, root, t, note });
        let events = proptest::collection::vec(stored, 1..20);
        (0..1_u64 << 40, events, proptest::option::of(noted)).prop_map(|(first, events, checkpoint)| Segment {
            first,
            events,
            checkpoint,
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_and_nothing_shorter_or_longer_does(
            segment in segment(), cut in any::<prop::sample::Index>(),
        ) {
            let bytes = segment.to_bytes();
            prop_assert_eq!(&Segment::parse(segment.first, segment.next(), &bytes).unwrap(), &segment);
            prop_assert!(Segment::parse(segment.first, segment.next() + 1, &bytes).is_err());
            prop_assert!(Segment::parse(segment.first, segment.next(), &bytes[..cut.index(bytes.len())]).is_err());
            let longer = [bytes, vec![0]].concat();
            prop_assert!(Segment::parse(segment.first, segment.next(), &longer).is_err());
        }

        #[test]
        fn any_bytes_are_a_segment_or_an_error(
            bytes in proptest::collection::vec(any::<u8>(), 0..300), first in any::<u64>(), count in 0..5_u64,
        ) {
            let _ = Segment::parse(first, first.saturating_add(count), &bytes);
        }
    }

    #[test]
    fn a_length_that_is_not_there_costs_no_memory() {
        let claims = [vec![0], u32::MAX.to_be_bytes().to_vec()].concat();
        assert_eq!(Segment::parse(0, MOST_EVENTS, &claims), Err(NotASegment));
        assert_eq!(Segment::parse(0, MOST_EVENTS + 1, &claims), Err(NotASegment));
        assert_eq!(Segment::parse(3, 3, &[0]), Err(NotASegment));
    }
}
