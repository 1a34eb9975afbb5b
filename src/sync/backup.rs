//! Carrying copies of the record to a shelf.
//!
//! In:  sealed segments and keys of recordd. Out: objects on a [`Shelf`], and a word to recordd about what lies there.
//! Runs as a task of syncd, which opens nothing of what it carries. What lies on the shelf is its only memory: it asks
//! for the first event that no whole object stands for, so that a broken run, a deleted file or a new share heal by
//! themselves. The keys go last: then every event on the shelf has its key there.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::clock::Clock;
use crate::sync::shelf::{NEW, Shelf, ShelfError};
use crate::tasks::{Stop, TaskError};
use crate::wire::backup::{
    Copied, Head, KeysWanted, NotAnObject, Wanted, What, keys_name, pieces, range_of, segment_name, segments_of,
};
use crate::wire::client::{AskError, Client};
use crate::wire::doors::Record;
use crate::wire::frame::Refusal;

/// How long recordd may take over one piece: packing and sealing 1 MiB, or reading all keys of six years.
const DEADLINE: Duration = Duration::from_secs(60);
/// How often an object is begun again that changed between two of its pieces: a call that begins makes a key.
const TRIES: u32 = 8;

/// Who makes the copies.
pub trait Source: Send + Sync {
    /// A piece of the segment that is wanted; empty where there is nothing new.
    fn segment(&self, wanted: Wanted) -> impl Future<Output = Result<Vec<u8>, AskError>> + Send;
    /// A piece of the keys.
    fn keys(&self, wanted: KeysWanted) -> impl Future<Output = Result<Vec<u8>, AskError>> + Send;
    /// Takes note of what was copied.
    fn copied(&self, copied: Copied) -> impl Future<Output = Result<(), AskError>> + Send;
}

impl Source for Client<Record> {
    async fn segment(&self, wanted: Wanted) -> Result<Vec<u8>, AskError> {
        self.ask_sealed("segments", None, json(&wanted), DEADLINE).await
    }

    async fn keys(&self, wanted: KeysWanted) -> Result<Vec<u8>, AskError> {
        self.ask_sealed("key-backup", None, json(&wanted), DEADLINE).await
    }

    async fn copied(&self, copied: Copied) -> Result<(), AskError> {
        self.ask_sealed("copied", None, json(&copied), DEADLINE).await.map(drop)
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    // Numbers and ids can always be written; an empty body is refused.
    serde_json::to_vec(value).unwrap_or_default()
}

/// A copy was not made. What was carried before stays; the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// recordd has nobody to seal for.
    #[error("recordd makes no copies: it was started without [backup] recovery-key; restart it with the configuration")]
    NoRecoveryKey,
    /// recordd does not answer, or has another log now.
    #[error("recordd gave no copy")]
    Record(#[source] AskError),
    /// The shelf cannot be used.
    #[error("a copy could not be put in its place")]
    Shelf(#[from] ShelfError),
    /// recordd answered something else than what was asked for.
    #[error("recordd answered what is no copy: are recordd and syncd of one version?")]
    Strange(#[from] NotAnObject),
    /// The shelf holds events that the record does not.
    #[error(
        "the shelf holds {shelf} events of this log and the record {record}: the box was put back to an older state. \
         Nothing is copied, so that nothing is lost: restore from the shelf"
    )]
    Ahead {
        /// Events on the shelf.
        shelf: u64,
        /// Events in the record.
        record: u64,
    },
    /// The keys changed whenever they were read.
    #[error("the copy changed while it was read, {TRIES} times; the next run tries again")]
    Restless,
}

impl From<AskError> for CarryError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Refused { refusal: Refusal::Forbidden, .. } => Self::NoRecoveryKey,
            AskError::NoSuchDoor { .. }
            | AskError::Gone { .. }
            | AskError::Late { .. }
            | AskError::Refused { .. }
            | AskError::Frame { .. } => Self::Record(error),
        }
    }
}

/// What a run carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Of which log.
    pub log: Uuid,
    /// Segments that were put on the shelf in this run.
    pub segments: u64,
    /// The first event that does not lie on the shelf.
    pub next: u64,
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} segments carried, {} events on the shelf", self.segments, self.next)
    }
}

/// Carries whatever is missing on the shelf, then the keys. `now` in microseconds since 1970-01-01T00:00Z.
///
/// # Errors
/// [`CarryError`].
pub async fn carry<R: Source, S: Shelf>(record: &R, shelf: &S, now: i64) -> Result<Carried, CarryError> {
    let first_piece = record.keys(KeysWanted { part: 0 }).await?;
    let (Head { log, first: copied, next: size, .. }, ..) = Head::parse(&first_piece)?;
    let names = shelf.list(&segments_of(log)).await?;
    let mut ranges: Vec<_> = names.iter().filter_map(|name| range_of(name.rsplit('/').next()?)).collect();
    ranges.sort_unstable();
    if ranges.is_empty() && copied > 0 && shelf.get(NEW).await?.is_none() {
        return Err(ShelfError::Emptied.into());
    }
    // Else old keys would be put over newer ones, and other events behind those that are there.
    if let Some(&(_, shelf)) = ranges.iter().max_by_key(|(_, end)| *end).filter(|(_, end)| *end > size) {
        return Err(CarryError::Ahead { shelf, record: size });
    }
    let (mut next, mut segments) = (0, 0_u64);
    for (first, end) in ranges.into_iter().map(|(first, end)| (first, Some(end))).chain([(size, None)]) {
        while next < first {
            let until = end.map(|_| first);
            let Some((bytes, after)) = segment(record, Wanted { log: Some(log), next, until, part: 0 }).await? else {
                break;
            };
            shelf.put(&segment_name(log, next, after), bytes).await?;
            (next, segments) = (after, segments.saturating_add(1));
        }
        next = next.max(end.unwrap_or(next));
    }
    let keys = whole(What::Keys, log, |part| record.keys(KeysWanted { part })).await?;
    shelf.put(&keys_name(log), keys.ok_or(NotAnObject)?).await?;
    record.copied(Copied { next, t: now }).await?;
    Ok(Carried { log, segments, next })
}

/// The segment that is wanted and the number of the first event after it; none where there is nothing.
async fn segment<R: Source>(record: &R, wanted: Wanted) -> Result<Option<(Vec<u8>, u64)>, CarryError> {
    let log = wanted.log.unwrap_or_default();
    let bytes = whole(What::Segment, log, |part| record.segment(Wanted { part, ..wanted.clone() })).await?;
    let Some(bytes) = bytes else { return Ok(None) };
    let (head, ..) = Head::parse(&bytes)?;
    if head.first != wanted.next || wanted.until.is_some_and(|until| head.next > until) {
        return Err(NotAnObject.into());
    }
    Ok(Some((bytes, head.next)))
}

/// All pieces of an object, one after the other.
async fn whole<F>(what: What, log: Uuid, ask: impl Fn(u16) -> F) -> Result<Option<Vec<u8>>, CarryError>
where
    F: Future<Output = Result<Vec<u8>, AskError>>,
{
    for _ in 0..TRIES {
        let mut bytes = ask(0).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let (head, ..) = Head::parse(&bytes)?;
        if head.what != what || head.log != log || head.part != 0 {
            return Err(NotAnObject.into());
        }
        for part in 1..head.parts {
            match ask(part).await {
                Ok(piece) => bytes.extend(piece),
                // It has fewer pieces now.
                Err(AskError::Refused { refusal: Refusal::NotFound, .. }) => break,
                Err(error) => return Err(error.into()),
            }
        }
        if pieces(&bytes).is_ok() {
            return Ok(Some(bytes));
        }
    }
    Err(CarryError::Restless)
}

/// Carries every `every` until `stop`. A failure is said, and tried again at the next time.
///
/// # Errors
/// Never by itself: only a task that was asked to stop ends.
pub async fn run<R: Source, S: Shelf>(
    record: R,
    shelf: S,
    every: Duration,
    clock: Arc<dyn Clock>,
    stop: Stop,
) -> Result<(), TaskError> {
    loop {
        let carried = tokio::select! {
            carried = carry(&record, &shelf, clock.wall().as_microsecond()) => carried,
            () = stop.asked() => return Ok(()),
        };
        match carried {
            Ok(Carried { segments, next, .. }) => tracing::info!(segments, next, "the record was copied"),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the record was not copied"),
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.asked() => return Ok(()),
        }
    }
}

#[cfg(all(test, feature = "store"))]
mod whole_way;
