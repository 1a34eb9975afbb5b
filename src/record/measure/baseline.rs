//! What the record is compared with: the same rows in a table of SQLite, plain or encrypted, and nothing else.

use std::path::Path;

use rusqlite::{Connection, params};

use super::MeasureError;
use crate::ids::CallId;
use crate::record::database::Count;
use crate::record::key::MasterKey;
use crate::record::seal::random;
use crate::record::tree::Hash;

/// Bytes of a header, as the record writes it.
const HEADER: usize = 520;
/// Bytes of a body of 1 KB with its nonce and tag.
const BODY: usize = 1_070;

/// A table of events without tree and seals.
pub(super) struct Table {
    connection: Connection,
    call: String,
    next: u64,
    header: Vec<u8>,
    body: Vec<u8>,
}

impl Table {
    /// Opens a new one: in WAL mode, each commit on the disk. `encrypted` is SQLCipher with a key of its own.
    ///
    /// # Errors
    /// [`MeasureError::Database`].
    pub(super) fn make(path: &Path, encrypted: bool) -> Result<Self, MeasureError> {
        let connection = Connection::open(path)?;
        if encrypted {
            let key = MasterKey::from_bytes(random::<32>()?).to_pragma();
            connection.execute_batch(&format!("PRAGMA key = \"{}\"", key.as_str()))?;
        }
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        connection.execute_batch(
            "PRAGMA synchronous = FULL;
             CREATE TABLE event(seq INTEGER PRIMARY KEY, header BLOB NOT NULL, leaf BLOB NOT NULL, key_id TEXT NOT NULL,
               call TEXT, body_ct BLOB);
             CREATE INDEX event_call ON event(call, seq) WHERE call IS NOT NULL;",
        )?;
        let body: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..)).take(BODY).collect();
        let call = CallId::draw().to_string();
        Ok(Self { connection, call, next: 0, header: vec![b'h'; HEADER], body })
    }

    /// Inserts `events` rows in one transaction.
    ///
    /// # Errors
    /// [`MeasureError::Database`].
    pub(super) fn insert(&mut self, events: u32) -> Result<(), MeasureError> {
        let tx = self.connection.transaction()?;
        for _ in 0..events {
            tx.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
                Count(self.next),
                self.header,
                [7_u8; 32],
                "k".repeat(36),
                self.call,
                self.body
            ])?;
            self.next = self.next.saturating_add(1);
        }
        Ok(tx.commit()?)
    }

    /// Takes every row of a record as it is stored.
    ///
    /// # Errors
    /// [`MeasureError::Database`].
    pub(super) fn fill(&mut self, from: &Connection) -> Result<(), MeasureError> {
        let tx = self.connection.transaction()?;
        let mut statement = from.prepare("SELECT seq, header, leaf, key_id, call, body_ct FROM event ORDER BY seq")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (seq, header, leaf) = (row.get::<_, Count>(0)?, row.get::<_, Vec<u8>>(1)?, Hash(row.get(2)?));
            let (key, call) = (row.get::<_, String>(3)?, row.get::<_, Option<String>>(4)?);
            let body: Option<Vec<u8>> = row.get(5)?;
            tx.prepare_cached("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                .execute(params![seq, header, leaf.0, key, call, body])?;
        }
        Ok(tx.commit()?)
    }

    /// Reads a row: bytes of its header and its body.
    ///
    /// # Errors
    /// [`MeasureError::Database`].
    pub(super) fn read(&self, seq: u64) -> Result<usize, MeasureError> {
        let mut statement = self.connection.prepare_cached("SELECT header, body_ct FROM event WHERE seq = ?1")?;
        let read = statement.query_row([Count(seq)], |row| {
            let (header, body) = (row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?);
            Ok(header.len().saturating_add(body.len()))
        })?;
        Ok(read)
    }
}
