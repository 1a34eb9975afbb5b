//! Rows on their way to a warehouse: the tables there are, and batches of rows for them.
//!
//! recordd makes rows and syncd carries them: nothing that syncd could ask for is PHI that its destination may not have.
//! A batch stands for the events `first..next` of one log and is the same however often it is asked for; its digest is an
//! event of the record before it leaves, so that whatever lies in a warehouse can be proved to come from here, or not to.

mod tables;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use tables::TABLES;

/// The version of the tables; a column that is added raises it.
pub const SCHEMA_VERSION: u32 = 1;
/// Events that one batch may stand for.
pub const MOST_EVENTS: u64 = 1_000;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Text: `text`, or a Parquet UTF8 string.
    Text,
    /// A whole number: `bigint`, INT64.
    Int,
    /// True or false.
    Bool,
    /// A moment, microseconds since 1970-01-01T00:00Z: `timestamptz`, TIMESTAMP(MICROS, UTC).
    Time,
    /// Bytes: `bytea`, BYTE_ARRAY.
    Bytes,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name: snake_case.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// Whether it may be empty.
    pub nullable: bool,
    /// What it says; becomes a comment in the database.
    pub means: &'static str,
}

/// To which destinations a table goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Destinations of the class `deidentified`, and those of PHI.
    All,
    /// Destinations of the class `phi` alone.
    Phi,
}

/// One table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name: `fct_conversations`, `raw_events`.
    pub name: &'static str,
    /// Where it goes.
    pub to: For,
    /// Its columns; the first `keys` of them are the primary key.
    pub columns: &'static [Column],
    /// How many columns the primary key has.
    pub keys: usize,
    /// What one row is.
    pub means: &'static str,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// Nothing.
    Null,
    /// See [`Holds::Text`].
    Text(String),
    /// See [`Holds::Int`].
    Int(i64),
    /// See [`Holds::Bool`].
    Bool(bool),
    /// See [`Holds::Time`].
    Time(i64),
    /// See [`Holds::Bytes`]; hexadecimal digits.
    Bytes(String),
}

/// The rows of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// The table's name.
    pub table: String,
    /// Rows, each with a cell for every column, in their order.
    pub rows: Vec<Vec<Cell>>,
}

/// A signed checkpoint of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// How many events it covers.
    pub size: u64,
    /// The root of the tree over them, hex.
    pub root: String,
    /// The C2SP signed note.
    pub note: String,
}

/// What a destination knows: read there, in the very transaction that will move it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// Which log.
    pub log: String,
    /// The first event that has not arrived.
    pub next: u64,
    /// How many events the newest checkpoint covers that has arrived.
    pub size: u64,
    /// That checkpoint's root, hex.
    pub root: String,
}

/// What syncd asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// For which destination.
    pub destination: String,
    /// What it has; none for a destination that has nothing yet.
    pub cursor: Option<Cursor>,
    /// Only events before this one: where the log's end was when the run began. Each batch is itself an event, and a run
    /// that followed its own tracks would not end.
    pub until: Option<u64>,
    /// Where a data file for `next` lies in a bucket already, but was not yet entered there: the end of its range.
    pub end: Option<u64>,
}

/// What recordd answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Answer {
    /// The next rows.
    Batch(Box<Batch>),
    /// The destination has everything up to this checkpoint.
    Done {
        /// The checkpoint; none for a log without one.
        checkpoint: Option<Checkpoint>,
        /// The log.
        log: String,
    },
    /// The destination's checkpoint is none of this log's: one of the two was put back to an older state, or replaced.
    /// Nothing is sent until a person has looked.
    Diverged,
    /// The destination may not be used.
    Closed {
        /// Why.
        why: Closed,
    },
}

/// Why a destination may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closed {
    /// The configuration that recordd was started with has no such destination.
    Unknown,
    /// Nobody has approved it as it is described now.
    NotApproved,
    /// It takes PHI, which two roles must approve; one has.
    OneApproval,
    /// The agreement has expired.
    Expired,
}

/// Rows for one destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Whose rows: the box's name at this destination.
    pub box_id: String,
    /// Which log.
    pub log: String,
    /// The first event it stands for.
    pub first: u64,
    /// The first event after it.
    pub next: u64,
    /// A checkpoint that covers it.
    pub checkpoint: Checkpoint,
    /// The rows, table by table; tables without rows are left out.
    pub tables: Vec<Rows>,
    /// [`digest`] of `tables`: what the event says that announces this batch.
    pub digest: String,
}

/// What syncd reports once a batch has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synced {
    /// Where.
    pub destination: String,
    /// What the destination has now, as it was read back from it.
    pub cursor: Cursor,
    /// How many rows arrived in this run.
    pub rows: u64,
}

/// SHA-256 of a batch's tables as JSON, hex. A sealed body is different each time it is sealed: `body_sha256` of its row
/// stands in for it here, which the record's own header holds too, so that a batch made twice has one digest.
///
/// None where the tables cannot be written as JSON, which they always can.
#[must_use]
pub fn digest(tables: &[Rows]) -> Option<String> {
    let mut tables = tables.to_vec();
    let sealed_by_table = tables.iter_mut().filter_map(|rows| {
        let columns = table(&rows.table)?.columns;
        let at = |name: &str| columns.iter().position(|column| column.name == name);
        Some((at("body_sealed")?, at("body_sha256")?, rows))
    });
    for (sealed, hash, rows) in sealed_by_table {
        for row in &mut rows.rows {
            let stands_in = row.get(hash).cloned().unwrap_or(Cell::Null);
            if let Some(cell) = row.get_mut(sealed).filter(|cell| **cell != Cell::Null) {
                *cell = stands_in;
            }
        }
    }
    let json = serde_json::to_vec(&tables).ok()?;
    Some(Sha256::digest(json).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The table of that name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}
