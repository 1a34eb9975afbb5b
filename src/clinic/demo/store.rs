//! The clinic's database: patients, slots, messages, and what was done under which key.
//!
//! Every tool is one transaction; SQLite lets one writer in at a time, so of two callers who want one slot the second
//! finds it taken, also when they come through two processes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::people::{self, PROVIDERS};
use super::{calendar, spoken};
use crate::clinic::fault::Code;

/// The database could not be opened or filled.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made.
    #[error("cannot make the folder {path}: choose another with --data")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no database, or not writable.
    #[error("cannot use the database in {path}: choose another folder with --data")]
    Database {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: rusqlite::Error,
    },
    /// The days of the calendar cannot be counted (the year 9999).
    #[error("the calendar cannot be filled from this day on")]
    Day,
}

/// How long a writer waits for another process's transaction.
const PATIENCE: Duration = Duration::from_secs(2);

/// The calendar reaches four weeks ahead, and is drawn on when less than two of them are left.
const AHEAD_DAYS: i64 = 27;
const REFILL_DAYS: i64 = 13;

/// The clinic's database.
pub(super) struct Store {
    db: Connection,
}

/// One row of the calendar, as tools see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Booking {
    /// The slot's id.
    pub(super) id: String,
    /// As it is said.
    pub(super) spoken: String,
}

/// A database error has nothing to tell the caller of a tool.
pub(super) fn failed(error: rusqlite::Error) -> Code {
    let busy = matches!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy));
    if busy { Code::Unavailable } else { Code::Internal }
}

impl Store {
    /// Opens the database in the folder `data` (in memory without one), generating what is not there yet.
    pub(super) fn open(data: Option<&Path>, seed: u64, today: Date) -> Result<Self, StoreError> {
        let place = data.map_or_else(|| PathBuf::from("memory"), Path::to_path_buf);
        let unusable = |source| StoreError::Database { path: place.clone(), source };
        let mut db = match data {
            None => Connection::open_in_memory().map_err(unusable)?,
            Some(folder) => {
                let failed = |source| StoreError::Folder { path: folder.to_path_buf(), source };
                std::fs::create_dir_all(folder).map_err(failed)?;
                Connection::open(folder.join("clinic.sqlite")).map_err(unusable)?
            }
        };
        db.busy_timeout(PATIENCE).map_err(unusable)?;
        let last = today.checked_add(AHEAD_DAYS.days()).map_err(|_| StoreError::Day)?;
        let enough = today.checked_add(REFILL_DAYS.days()).map_err(|_| StoreError::Day)?;
        fill(&mut db, seed, [today, enough, last]).map_err(unusable)?;
        Ok(Self { db })
    }

    /// Runs `act` as one transaction; a change that fails half way leaves nothing behind.
    pub(super) fn change<T>(&mut self, act: impl FnOnce(&Transaction<'_>) -> Result<T, Code>) -> Result<T, Code> {
        let change = self.db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let done = act(&change)?;
        change.commit().map_err(failed)?;
        Ok(done)
    }

    /// The database, for a tool that only looks.
    pub(super) fn look(&self) -> &Connection {
        &self.db
    }
}

/// Makes the tables and whatever of their contents is missing. `[today, enough, last]` are the days that the calendar
/// begins on, must reach, and is drawn to.
fn fill(db: &mut Connection, seed: u64, [today, enough, last]: [Date; 3]) -> rusqlite::Result<()> {
    let change = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    change.execute_batch(TABLES)?;
    let patients: i64 = change.query_row("SELECT count(*) FROM patients", [], |row| row.get(0))?;
    if patients == 0 {
        for patient in people::generate(seed) {
            change.execute(
                "INSERT INTO patients (id, first, last, dob, phone, address, meds) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    patient.id,
                    patient.first,
                    patient.last,
                    patient.dob.to_string(),
                    patient.phone,
                    patient.address,
                    patient.meds
                ],
            )?;
        }
    }
    let drawn: Option<String> = change.query_row("SELECT max(day) FROM slots", [], |row| row.get(0))?;
    if drawn.is_none_or(|drawn| drawn < enough.to_string()) {
        for slot in calendar::slots(seed, today, last) {
            change.execute(
                "INSERT OR IGNORE INTO slots (id, provider, day, minute, patient) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![slot.id, slot.provider, slot.day.to_string(), slot.minute, slot.taken_by.map(people::id)],
            )?;
        }
        // Two personas have exactly one coming appointment, in the second week.
        for (persona, provider) in [(1, "chen"), (2, "okafor")] {
            give_one(&change, &people::id(persona), provider, today)?;
        }
    }
    change.commit()
}

/// Gives the patient the provider's first free slot of the second week, unless one is coming already.
fn give_one(change: &Transaction<'_>, patient: &str, provider: &str, today: Date) -> rusqlite::Result<()> {
    change.execute(
        "UPDATE slots SET patient = ?1 WHERE id = (
            SELECT id FROM slots WHERE patient IS NULL AND provider = ?2 AND day >= date(?3, '+7 days')
            ORDER BY day, minute LIMIT 1)
         AND NOT EXISTS (SELECT 1 FROM slots WHERE patient = ?1 AND day >= ?3)",
        params![patient, provider, today.to_string()],
    )?;
    Ok(())
}

/// The slot of that id: its row for the tools, who has it, and whether it is still to come.
pub(super) fn slot(db: &Connection, id: &str, now: DateTime) -> Result<Option<(Booking, Option<String>)>, Code> {
    let found = db
        .query_row("SELECT id, provider, day, minute, patient FROM slots WHERE id = ?1", params![id], |row| {
            Ok((booking(row)?, starts(row)?, row.get::<_, Option<String>>(4)?))
        })
        .optional()
        .map_err(failed)?;
    Ok(found.filter(|(_, start, _)| start.is_some_and(|start| start >= now)).map(|(slot, _, patient)| (slot, patient)))
}

/// Reads a row of `id, provider, day, minute`.
pub(super) fn booking(row: &rusqlite::Row<'_>) -> rusqlite::Result<Booking> {
    let provider: String = row.get(1)?;
    let provider = PROVIDERS.iter().find(|p| p.id == provider).map_or("", |p| p.name);
    let spoken = starts(row)?.map(|start| spoken::slot(start, provider)).unwrap_or_default();
    Ok(Booking { id: row.get(0)?, spoken })
}

fn starts(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<DateTime>> {
    let (day, minute): (String, i64) = (row.get(2)?, row.get(3)?);
    let start =
        Date::strptime("%Y-%m-%d", day).ok().and_then(|day| day.at(0, 0, 0, 0).checked_add(minute.minutes()).ok());
    Ok(start)
}

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS patients (
        id TEXT PRIMARY KEY, first TEXT NOT NULL, last TEXT NOT NULL, dob TEXT NOT NULL,
        phone TEXT NOT NULL, address TEXT NOT NULL, meds TEXT NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS patients_by_dob ON patients (dob);
    CREATE TABLE IF NOT EXISTS slots (
        id TEXT PRIMARY KEY, provider TEXT NOT NULL, day TEXT NOT NULL, minute INTEGER NOT NULL,
        patient TEXT REFERENCES patients (id)) STRICT;
    CREATE INDEX IF NOT EXISTS slots_by_day ON slots (day, minute);
    CREATE TABLE IF NOT EXISTS notes (
        number INTEGER PRIMARY KEY, kind TEXT NOT NULL, patient TEXT, name TEXT, phone TEXT, words TEXT NOT NULL,
        confirmation TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS effects (
        key TEXT PRIMARY KEY, tool TEXT NOT NULL, arguments TEXT NOT NULL, answer TEXT NOT NULL) STRICT;
";
