//! What recordd answers to syncd: sealed segments, the sealed keys, and a note of what was copied.
//!
//! In:  a request, a connection. Out: sealed bytes, nothing else: syncd learns ids, numbers and times.

use rusqlite::Connection;

use crate::record::backup::keys::Keys;
use crate::record::backup::piece::{Label, PieceError, seal};
use crate::record::backup::segment::{Segment, log_of};
use crate::record::database::StoreError;
use crate::record::facts::{known, read_tree, set};
use crate::wire::backup::{Copied, KeysWanted, Wanted, What};
use crate::wire::frame::Refusal;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The record could not be read.
    #[error("the record could not be read for its backup")]
    Store(#[from] StoreError),
    /// Nothing could be sealed, or the piece that was asked for does not exist.
    #[error("the backup could not be sealed")]
    Piece(#[from] PieceError),
    /// The record has another log now, or less of it than was said to be copied.
    #[error("the record has another log than the one that was asked for")]
    OtherLog,
}

impl AnswerError {
    /// What the asker is told.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::Store(_) | Self::Piece(PieceError::NotSealed | PieceError::Damaged | PieceError::OtherKey) => {
                Refusal::Failed
            }
            Self::Piece(PieceError::NoSuchPiece) => Refusal::NotFound,
            Self::OtherLog => Refusal::Conflict,
        }
    }
}

/// The piece of the segment that begins with event `wanted.next`, made at `now` (microseconds since 1970-01-01T00:00Z);
/// empty where there is no such event yet.
///
/// # Errors
/// [`AnswerError`].
pub fn segment(connection: &Connection, wanted: &Wanted, now: i64, to: &[u8; 32]) -> Result<Vec<u8>, AnswerError> {
    let log = log_of(connection)?;
    if wanted.log.is_some_and(|wanted| wanted != log) {
        return Err(AnswerError::OtherLog);
    }
    let Some(segment) = Segment::read(connection, wanted.next, wanted.until)? else { return Ok(Vec::new()) };
    let label = Label { what: What::Segment, log, first: segment.first, next: segment.next(), made: now };
    Ok(seal(label, &segment.to_bytes(), wanted.part, to)?)
}

/// The piece of the key backup, made at `now`.
///
/// # Errors
/// [`AnswerError`].
pub fn keys(connection: &Connection, wanted: KeysWanted, now: i64, to: &[u8; 32]) -> Result<Vec<u8>, AnswerError> {
    let log = log_of(connection)?;
    let first = copied_so_far(connection)?;
    // The size before the keys: then every event that is counted has its key among them, unless it was destroyed.
    let next = read_tree(connection)?.map_or(0, |tree| tree.size());
    let keys = Keys::read(connection)?;
    let label = Label { what: What::Keys, log, first: first.map_or(0, |copied| copied.next), next, made: now };
    Ok(seal(label, &keys.to_bytes(), wanted.part, to)?)
}

/// What lies on the shelf, as far as it was noted.
///
/// # Errors
/// [`StoreError`].
pub fn copied_so_far(connection: &Connection) -> Result<Option<Copied>, StoreError> {
    Ok(known(connection, "copied")?.and_then(|json| serde_json::from_slice(&json).ok()))
}

/// Notes what lies on the shelf.
///
/// # Errors
/// [`AnswerError::OtherLog`] where more is said to be there than there is.
pub fn copied(connection: &Connection, copied: Copied) -> Result<(), AnswerError> {
    if copied.next > read_tree(connection)?.map_or(0, |tree| tree.size()) {
        return Err(AnswerError::OtherLog);
    }
    let json = serde_json::to_vec(&copied).map_err(|_| StoreError::Malformed { table: "meta" })?;
    Ok(set(connection, "copied", &json)?)
}
