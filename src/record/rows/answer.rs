//! What syncd is answered: the next batch, or why there is none.
//!
//! In:  what the destination has, as it was read there. Out: [`Answer`]. Everything is read in one transaction, so that
//! the log's end and its checkpoints belong together.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::bare::Namer;
use super::batch::Source;
use super::raw::Bodies;
use super::secret;
use crate::config::Destination;
use crate::config::warehouse::Class;
use crate::ids::CallId;
use crate::record::database::{Count, StoreError};
use crate::record::facts;
use crate::record::reading::open;
use crate::record::tree::{Frontier, Hash};
use crate::wire::rows::{Answer, Ask, Batch, Checkpoint, Cursor, MOST_EVENTS, Rows, digest};

/// Bytes that a batch's tables have as JSON at most: a frame holds 1 MiB, and the rest of the answer must fit too.
const MOST_BYTES: usize = 700_000;
/// Rows of each table in a preview.
const SHOWN: usize = 20;
/// Batches that a preview looks at: with a thousand events each, some days of a clinic.
const LOOKED_AT: u64 = 10;

/// The first rows that would go to a destination.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// Rows, at most 20 of each table. Bodies are left out of it.
    pub tables: Vec<Rows>,
    /// How many events of the record were looked at.
    pub events: u64,
}

/// Answers what syncd asks. Whether the destination is open was asked before.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Malformed`] also where the destination has no secret yet, which recordd makes at start.
pub fn answer(
    connection: &Connection,
    destination: &Destination,
    box_id: &str,
    held: &HashSet<CallId>,
    ask: &Ask,
) -> Result<Answer, StoreError> {
    let tx = connection.unchecked_transaction()?;
    let log = log(&tx)?;
    let size = facts::read_tree(&tx)?.unwrap_or_default().size();
    let Some(first) = begin(&tx, &log, size, ask.cursor.as_ref())? else { return Ok(Answer::Diverged) };
    let Some(checkpoint) = newest(&tx, size)? else { return Ok(Answer::Done { checkpoint: None, log }) };
    let most = first.saturating_add(MOST_EVENTS).min(checkpoint.size);
    let end = match ask.end.filter(|end| *end > first) {
        // What lies in the bucket reaches further than this log: it comes from another life of the box.
        Some(end) if end > most => return Ok(Answer::Diverged),
        Some(end) => end,
        None => most.min(ask.until.unwrap_or(u64::MAX)),
    };
    if end <= first {
        return Ok(Answer::Done { checkpoint: Some(checkpoint), log });
    }
    let secret = secret::of(&tx, &destination.name)?;
    let namer = Namer::new(&secret)?;
    let source = Source { connection: &tx, log: &log, namer: &namer, box_id, phi: bodies(&destination.class), held };
    let (tables, next) = fitting(source, first, end, ask.end.is_some_and(|end| end > first))?;
    let digest = digest(&tables).ok_or(StoreError::Malformed { table: "event" })?;
    let box_id = box_id.to_owned();
    Ok(Answer::Batch(Box::new(Batch { box_id, log, first, next, checkpoint, tables, digest })))
}

/// The first rows that would go to a destination, for people who are to approve it. Bodies are not among them.
///
/// # Errors
/// As [`answer`].
pub fn preview(
    connection: &Connection,
    destination: &Destination,
    box_id: &str,
    held: &HashSet<CallId>,
) -> Result<Preview, StoreError> {
    let tx = connection.unchecked_transaction()?;
    let log = log(&tx)?;
    let size = facts::read_tree(&tx)?.unwrap_or_default().size().min(LOOKED_AT.saturating_mul(MOST_EVENTS));
    let secret = secret::of(&tx, &destination.name)?;
    let namer = Namer::new(&secret)?;
    let phi = bodies(&destination.class).map(|_| Bodies::LeftOut);
    let source = Source { connection: &tx, log: &log, namer: &namer, box_id, phi, held };
    let mut tables = source.tables(0, size)?;
    for rows in &mut tables {
        rows.rows.truncate(SHOWN);
    }
    Ok(Preview { tables, events: size })
}

/// Tables of as many events as fit, and the first event after them.
fn fitting(mut source: Source<'_>, first: u64, mut next: u64, fixed: bool) -> Result<(Vec<Rows>, u64), StoreError> {
    loop {
        let tables = source.tables(first, next)?;
        let bytes = serde_json::to_vec(&tables).map_err(|_| StoreError::Malformed { table: "event" })?.len();
        let events = next.saturating_sub(first);
        if bytes <= MOST_BYTES || (fixed && events > 1) {
            return Ok((tables, next));
        }
        if events > 1 {
            next = first.saturating_add(events / 2);
        } else if source.phi.is_some_and(|bodies| bodies != Bodies::LeftOut) {
            source.phi = Some(Bodies::LeftOut);
        } else {
            return Ok((tables, next));
        }
    }
}

fn bodies(class: &Class) -> Option<Bodies> {
    match class {
        Class::DeIdentified => None,
        Class::Phi(agreement) => Some(agreement.seal_to.map_or(Bodies::Open, Bodies::Sealed)),
    }
}

fn log(connection: &Connection) -> Result<String, StoreError> {
    let log = facts::known(connection, "log")?.and_then(|bytes| String::from_utf8(bytes).ok());
    log.ok_or(StoreError::Malformed { table: "meta" })
}

/// The first event that the destination lacks; none where what it has is none of this log's.
fn begin(connection: &Connection, log: &str, size: u64, cursor: Option<&Cursor>) -> Result<Option<u64>, StoreError> {
    let Some(cursor) = cursor else { return Ok(Some(0)) };
    if cursor.log != log {
        return Ok(continues(connection, &cursor.log)?.then_some(0));
    }
    if cursor.size > size || cursor.next > size {
        return Ok(None);
    }
    let same = root_at(connection, cursor.size)?.to_string().eq_ignore_ascii_case(&cursor.root);
    Ok(same.then_some(cursor.next))
}

/// The root over the first `size` events.
fn root_at(connection: &Connection, size: u64) -> Result<Hash, StoreError> {
    let known = connection
        .query_row("SELECT root FROM checkpoint WHERE size = ?1", [Count(size)], |row| row.get::<_, [u8; 32]>(0))
        .optional()?;
    if let Some(root) = known {
        return Ok(Hash(root));
    }
    let mut tree = Frontier::default();
    let mut statement = connection.prepare("SELECT leaf FROM event WHERE seq < ?1 ORDER BY seq")?;
    let mut rows = statement.query(params![Count(size)])?;
    while let Some(row) = rows.next()? {
        tree.push(Hash(row.get(0)?));
    }
    Ok(tree.root())
}

/// Whether this log says that it continues the other: a `log.fork` event names it as `predecessor`.
fn continues(connection: &Connection, other: &str) -> Result<bool, StoreError> {
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE json_extract(CAST(e.header AS TEXT), '$.kind') = 'log.fork'",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let body = open(row)?.1.ok().and_then(|body| serde_json::from_slice::<Value>(&body).ok());
        if body.as_ref().and_then(|body| body.get("predecessor")).and_then(Value::as_str) == Some(other) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The newest checkpoint.
fn newest(connection: &Connection, tree: u64) -> Result<Option<Checkpoint>, StoreError> {
    let found = connection
        .query_row("SELECT size, root, note FROM checkpoint ORDER BY size DESC LIMIT 1", [], |row| {
            let (size, root) = (row.get::<_, Count>(0)?.0, Hash(row.get(1)?));
            Ok(Checkpoint { size, root: root.to_string(), note: row.get(2)? })
        })
        .optional()?;
    match found {
        // No checkpoint is made of what is not there: the record lost events. Verifying it says which.
        Some(checkpoint) if checkpoint.size > tree => Err(StoreError::Malformed { table: "checkpoint" }),
        found => Ok(found),
    }
}
