//! The record's file: opening it with its key, its tables, and what can go wrong with it.
//!
//! Two files: `record.db`, to which events are appended, and `keys.db`, from which keys are destroyed
//! ([`crate::record::keys`]). What callers are remembered by and the console's accounts will have files of their own: other
//! keys, other copies, and one damage that does not take all.
//!
//! SQLCipher in WAL mode with synchronous=EXTRA (a commit that was answered survives a power cut; NORMAL loses some).
//! A connection that met an error is never used again: after one page that fails its check SQLCipher answers every
//! later read on that connection with an error, so readers are opened for one request each and the writer reopens.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql};
use zeroize::Zeroizing;

use crate::record::key::{self, KeyError, KeySource, MasterKey, Warning};
use crate::record::keys;
use crate::record::seal::{DataKey, SealError};

/// The database's name in the data directory.
pub(super) const FILE: &str = "record.db";
/// The data keys' database.
pub(super) const KEYS: &str = "keys.db";
/// The lock's name in the data directory.
const LOCK: &str = "record.lock";
/// Version of the tables, in SQLite's `user_version`.
const SCHEMA_VERSION: i64 = 3;
/// Logs that were set aside, below the data directory.
pub(super) const ARCHIVE: &str = "archive";
/// How long a reader waits for a checkpoint that is under way.
const BUSY: Duration = Duration::from_secs(5);

/// `event.call` and `event.key_id` repeat the header's for look-up; verification compares them with it. Of the tree's
/// interior hashes those at levels 8, 16 and 24 are stored, so that a proof reads at most 256 hashes a level.
const SCHEMA: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE event(
  seq INTEGER PRIMARY KEY, header BLOB NOT NULL, leaf BLOB NOT NULL, key_id TEXT NOT NULL, call TEXT, body_ct BLOB);
CREATE INDEX event_call ON event(call, seq) WHERE call IS NOT NULL;
CREATE TABLE tree(
  one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, frontier BLOB NOT NULL, senders BLOB NOT NULL DEFAULT x'');
CREATE TABLE probe(filler BLOB NOT NULL);
";
/// What version 2 added.
const SCHEMA_2: &str = "
CREATE TABLE checkpoint(size INTEGER PRIMARY KEY, note TEXT NOT NULL, root BLOB NOT NULL, t INTEGER NOT NULL);
CREATE TABLE tile(level INTEGER NOT NULL, place INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (level, place)) WITHOUT ROWID;
";

/// The record could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The key could not be had, or is the wrong one.
    #[error("the record has no key")]
    Key(#[from] KeyError),
    /// Another daemon has the record open.
    #[error("another daemon has the record in {folder} open: stop that one first")]
    InUse {
        /// The data directory.
        folder: PathBuf,
    },
    /// There is no record to read.
    #[error("there is no record in {folder}: it is made when the box runs for the first time")]
    None {
        /// The data directory.
        folder: PathBuf,
    },
    /// The file is damaged: its key fits, its pages do not open.
    #[error(
        "the record {path} is damaged: its key fits, but the file does not open; keep the file and restore the backup"
    )]
    Damaged {
        /// The database's file.
        path: PathBuf,
    },
    /// The file does not open and its fingerprint is missing, so that nobody can say whether the key is wrong.
    #[error("the record {path} does not open: it is damaged or its key is another (its fingerprint file is missing)")]
    Unreadable {
        /// The database's file.
        path: PathBuf,
    },
    /// A page of the file does not open, or does not fit the others. Other pages may: a new connection reads them.
    #[error(
        "a page of the record is damaged: verify the record, keep the file, and restore what is missing from the backup"
    )]
    BadPage(#[source] rusqlite::Error),
    /// A newer program wrote the record.
    #[error("the record is of version {found}, this program knows {SCHEMA_VERSION}: install the newer program again")]
    Newer {
        /// The version found.
        found: i64,
    },
    /// Nothing can be asked of the record now.
    #[error("the record cannot do this now, since its last write failed; it tries again by itself: ask again later")]
    Busy,
    /// No space is left for the record.
    #[error("the disk is full: nothing can be recorded until space is freed on the data directory's file system")]
    Full,
    /// A file could not be made or locked.
    #[error("cannot use {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database failed otherwise.
    #[error("the record's database failed")]
    Database(#[source] rusqlite::Error),
    /// A stored row is not of the shape that was written.
    #[error("the record's own table {table} is malformed: verify the record")]
    Malformed {
        /// The table.
        table: &'static str,
    },
    /// A body could not be sealed or opened.
    #[error("a body could not be sealed or opened")]
    Seal(#[from] SealError),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::BadPage(error),
            _ => Self::Database(error),
        }
    }
}

/// Where the record lies and the key it opens with.
#[derive(Clone, Debug)]
pub struct Location {
    /// The data directory.
    pub folder: PathBuf,
    /// The box's name in checkpoints, where it was given one.
    pub name: Option<String>,
    /// The database of the log: `record.db`, or one that was set aside.
    pub(super) file: PathBuf,
    key: MasterKey,
    page_limit: Arc<AtomicU32>,
    /// What a test of survival changes.
    #[cfg(test)]
    pub(super) trial: crate::record::survival::Trial,
}

impl Location {
    /// The record below `source.data_dir`. Where `may_make`, a first key is made for a record that does not exist yet.
    ///
    /// # Errors
    /// [`StoreError::Key`], [`StoreError::None`].
    pub fn find(source: &KeySource, may_make: bool) -> Result<(Self, Option<Warning>), StoreError> {
        let folder = source.data_dir.clone();
        let exists = folder.join(FILE).exists();
        if !exists && !may_make {
            return Err(StoreError::None { folder });
        }
        if !exists {
            std::fs::create_dir_all(&folder).map_err(|source| StoreError::File { path: folder.clone(), source })?;
        }
        let (key, warning) = source.key(may_make && !exists)?;
        let location = Self {
            file: folder.join(FILE),
            folder,
            name: None,
            key,
            page_limit: Arc::default(),
            #[cfg(test)]
            trial: crate::record::survival::Trial::default(),
        };
        Ok((location, warning))
    }

    /// The most pages (4 KiB each) that the database may grow to; 0 is no limit. A quota, and a test's full disk.
    #[must_use]
    pub fn page_limit(&self) -> &AtomicU32 {
        &self.page_limit
    }

    /// A log that was set aside, with the keys of all.
    #[must_use]
    pub fn set_aside(&self, log: &str) -> Self {
        Self { file: self.folder.join(ARCHIVE).join(format!("{log}.db")), ..self.clone() }
    }

    /// Takes the record for this process; lasts as long as what is returned.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another daemon has it.
    pub fn lock(&self) -> Result<Lock, StoreError> {
        let path = self.folder.join(LOCK);
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = file.map_err(|source| StoreError::File { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse { folder: self.folder.clone() }),
            Err(std::fs::TryLockError::Error(source)) => Err(StoreError::File { path, source }),
        }
    }

    /// Opens a connection that only reads. One for each request; never used again after an error.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn reader(&self) -> Result<Connection, StoreError> {
        let connection = self.connect(Purpose::Read)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(connection)
    }

    /// Opens the connection that writes. Makes a record where there has never been one; one that is gone is damaged.
    pub(crate) fn writer(&self) -> Result<Connection, StoreError> {
        self.open_to_write(Purpose::Write)
    }

    /// As [`Location::writer`], and makes a new `record.db` in the place of one that was set aside. Only for
    /// [`crate::record::fork`], whose new log names the old one: nobody else begins a record anew.
    pub(super) fn begin(&self) -> Result<Connection, StoreError> {
        self.open_to_write(Purpose::Begin)
    }

    fn open_to_write(&self, purpose: Purpose) -> Result<Connection, StoreError> {
        let connection = self.connect(purpose)?;
        // Pages of destroyed keys are overwritten, not just unlinked.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(Some("keys"), "secure_delete", true)?;
        match self.page_limit.load(Ordering::Relaxed) {
            0 => {}
            pages => connection.pragma_update(None, "max_page_count", pages)?,
        }
        #[cfg(test)]
        self.trial.set(&connection)?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let known = key::fits(&self.folder, &self.key)?;
        match version {
            // The fingerprint is written once the tables are on the disk: they were there.
            0 if known && purpose != Purpose::Begin => return Err(StoreError::Damaged { path: self.file.clone() }),
            0 => make_tables(&connection)?,
            1 => {
                upgrade::from_1(&connection, self)?;
                upgrade::from_2(&connection)?;
            }
            2 => upgrade::from_2(&connection)?,
            SCHEMA_VERSION => write_back(&connection)?,
            found => return Err(StoreError::Newer { found }),
        }
        if !known {
            key::remember(&self.folder, &self.key)?;
        }
        Ok(connection)
    }

    fn connect(&self, purpose: Purpose) -> Result<Connection, StoreError> {
        let (path, keys) = (self.file.clone(), self.folder.join(KEYS));
        // Asked before SQLCipher is: to it, a wrong key and a damaged first page are the same error.
        let known = key::fits(&self.folder, &self.key)?;
        self.refuse_what_is_gone(known, purpose)?;
        if purpose != Purpose::Read {
            [&path, &keys].into_iter().filter(|path| !path.exists()).try_for_each(|path| make_private(path))?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        #[cfg(not(test))]
        let connection = Connection::open_with_flags(&path, flags)?;
        #[cfg(test)]
        let connection = self.trial.open(&path, flags)?;
        // The key must be the first statement of a connection.
        let statement = Zeroizing::new(format!("PRAGMA key = \"{}\"", self.key.to_pragma().as_str()));
        connection.execute_batch(&statement)?;
        // It would write to standard error by itself.
        connection.query_row("PRAGMA cipher_log_level = NONE", [], |_| Ok(())).or_else(ignore_no_rows)?;
        connection.busy_timeout(BUSY)?;
        let not_ours = |path, error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) if known => StoreError::Damaged { path },
            Some(ErrorCode::NotADatabase) => StoreError::Unreadable { path },
            _ => error.into(),
        };
        // A new file is put into WAL mode through a rollback journal. FULL does not sync the folder when that is deleted: after
        // a power cut it may be there again, is played back, empties the file, and the log with what was acknowledged since
        // goes with it. EXTRA syncs the folder; for commits through the log it is the same as FULL.
        let wal = |pragma: &str| connection.query_row(pragma, [], |row| row.get::<_, String>(0));
        let opened = connection
            .pragma_update(Some("main"), "synchronous", "EXTRA")
            .and_then(|()| wal("PRAGMA main.journal_mode = WAL"));
        in_wal_mode(&opened.map_err(|error| not_ours(path, error))?)?;
        let key = DataKey::from_bytes(*self.key.derived(KEYS));
        let key = MasterKey::from_bytes(*key.as_bytes()).to_pragma();
        let attached = connection
            .execute("ATTACH DATABASE ?1 AS keys KEY ?2", (keys.to_string_lossy(), key.as_str()))
            .and_then(|_| connection.pragma_update(Some("keys"), "synchronous", "EXTRA"))
            .and_then(|()| wal("PRAGMA keys.journal_mode = WAL"));
        in_wal_mode(&attached.map_err(|error| not_ours(keys.clone(), error))?)?;
        connection.execute_batch(keys::SCHEMA).map_err(|error| not_ours(keys, error))?;
        let mut epochs = keys::Epochs::read(self)?;
        if purpose != Purpose::Read {
            epochs.newest(self)?;
        }
        keys::show(&connection, epochs)?;
        Ok(connection)
    }

    /// To SQLite a missing or an empty file is a new database: it would begin the record anew and say nothing.
    fn refuse_what_is_gone(&self, known: bool, purpose: Purpose) -> Result<(), StoreError> {
        let (path, keys) = (self.file.clone(), self.folder.join(KEYS));
        let is_empty = |path: &Path| std::fs::metadata(path).is_ok_and(|metadata| metadata.len() == 0);
        if known && (is_empty(&path) || !path.exists() && purpose != Purpose::Begin) {
            return Err(StoreError::Damaged { path });
        }
        // The first page of keys.db is on the disk before the first epoch's file is made: a box that has an epoch has had
        // data keys. (A record of version 1 has neither, and power may fail while it gets them.)
        if (is_empty(&keys) || !keys.exists()) && keys::has_epochs(&self.folder)? {
            return Err(StoreError::Damaged { path: keys });
        }
        Ok(())
    }

    /// Whether every key in `keys.db` can be read.
    pub(super) fn has_sound_keys(&self) -> bool {
        let read = || {
            let connection = Connection::open_with_flags(self.folder.join(KEYS), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            let key = MasterKey::from_bytes(*self.key.derived(KEYS)).to_pragma();
            connection.execute_batch(&Zeroizing::new(format!("PRAGMA key = \"{}\"", key.as_str())))?;
            connection.query_row("PRAGMA cipher_log_level = NONE", [], |_| Ok(())).or_else(ignore_no_rows)?;
            connection.query_row("SELECT total(length(wrapped)) FROM data_key", [], |row| row.get::<_, f64>(0))
        };
        read().is_ok()
    }

    /// A key for a purpose of its own.
    pub(super) fn subkey(&self, purpose: &str) -> DataKey {
        DataKey::from_bytes(*self.key.derived(purpose))
    }
}

/// A count in a column: SQLite's integers are signed, the record's numbers are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count(pub(super) u64);

impl ToSql for Count {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let signed = i64::try_from(self.0).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        Ok(signed.into())
    }
}

impl FromSql for Count {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let signed = i64::column_result(value)?;
        u64::try_from(signed).map(Self).map_err(|_| FromSqlError::OutOfRange(signed))
    }
}

/// What a connection is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// Reading.
    Read,
    /// Writing to the record that there is, or to the first that there ever was.
    Write,
    /// Writing to a new record, where there has been one.
    Begin,
}

/// The record belongs to this process while this lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Where a database cannot be put into WAL mode, SQLite answers with the mode it is in and no error. In the other mode a
/// commit ends with the deletion of a journal, and one that was answered can be undone by a power cut.
fn in_wal_mode(mode: &str) -> Result<(), StoreError> {
    if mode == "wal" { Ok(()) } else { Err(StoreError::Busy) }
}

/// Writes the logs back when the record is opened. Where a sync failed before, the kernel takes what it did not write for
/// written, and commits after it would stand on frames that are on no disk; so the log begins anew. Left where the disk is
/// full, or a reader needs the log.
fn write_back(connection: &Connection) -> Result<(), StoreError> {
    unless_full(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
}

/// Writes the logs back between commits; waits for no reader.
pub(super) fn write_back_some(connection: &Connection) -> Result<(), StoreError> {
    unless_full(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())))
}

fn unless_full(result: rusqlite::Result<()>) -> Result<(), StoreError> {
    match result.map_err(StoreError::from) {
        Err(StoreError::Full) => Ok(()),
        other => other,
    }
}

fn make_tables(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {SCHEMA} {SCHEMA_2} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
    ))?;
    // SQLite drops the log of a database whose file is empty: before the first event is answered for, the file itself is on
    // the disk.
    for checkpoint in ["PRAGMA main.wal_checkpoint(TRUNCATE)", "PRAGMA keys.wal_checkpoint(TRUNCATE)"] {
        let busy: bool = connection.query_row(checkpoint, [], |row| row.get(0))?;
        if busy {
            return Err(StoreError::Busy);
        }
    }
    Ok(())
}

/// From version to version. Each step can be cut short at any moment and is then taken again.
mod upgrade {
    use rusqlite::{Connection, params};

    use uuid::Uuid;

    use super::{Count, Location, SCHEMA_2, StoreError, keys};
    use crate::record::nodes::note_tiles;
    use crate::record::seal::DataKey;
    use crate::record::senders::{Sender, Senders};

    /// Version 1 kept the data keys, bare, in `record.db`, and the secrets in `meta`.
    pub(super) fn from_1(connection: &Connection, location: &Location) -> Result<(), StoreError> {
        let mut rows = connection.prepare(
            "SELECT k.id, k.scope, k.key, coalesce((SELECT json_extract(CAST(e.header AS TEXT), '$.t') FROM event e
               WHERE e.key_id = k.id ORDER BY e.seq LIMIT 1), 0) FROM main.data_key k",
        )?;
        let old = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let old: Vec<(String, String, [u8; 32], i64)> = old.collect::<Result<_, _>>()?;
        drop(rows);
        for (id, scope, key, made) in old {
            if keys::find(connection, &scope)?.is_none() {
                keys::put(connection, location, &id, &scope, &DataKey::from_bytes(key), made)?;
            }
        }
        let copy = "INSERT OR IGNORE INTO keys.secret SELECT name, value FROM main.meta WHERE name = ?1";
        connection.execute(copy, params!["box-secret"])?;
        let tx = connection.unchecked_transaction()?;
        tx.execute_batch(SCHEMA_2)?;
        note_tiles(&tx)?;
        tx.execute_batch(
            "DROP TABLE main.data_key; DELETE FROM main.meta WHERE name = 'box-secret'; PRAGMA user_version = 2;",
        )?;
        tx.commit()?;
        // The old pages with the bare keys were zeroed (secure_delete); so is what lies in the log before them.
        connection.query_row("PRAGMA main.wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Version 2 kept how far each sender is in a table of its own, one page more for every commit.
    pub(super) fn from_2(connection: &Connection) -> Result<(), StoreError> {
        let tx = connection.unchecked_transaction()?;
        let mut senders = Senders::default();
        let mut statement = tx.prepare("SELECT id, next, closed FROM sender ORDER BY row")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, Count(first), close) = (Uuid::from_bytes(row.get(0)?), row.get(1)?, row.get(2)?);
            senders.take(Sender { id, first, close }, 0);
        }
        drop(rows);
        drop(statement);
        tx.execute_batch("ALTER TABLE tree ADD COLUMN senders BLOB NOT NULL DEFAULT x''; DROP TABLE sender;")?;
        tx.execute("UPDATE tree SET senders = ?1", [senders.to_bytes()])?;
        tx.execute_batch("PRAGMA user_version = 3;")?;
        Ok(tx.commit()?)
    }
}

fn make_private(path: &Path) -> Result<(), StoreError> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    made.map(drop).map_err(|source| StoreError::File { path: path.to_owned(), source })
}

fn ignore_no_rows(error: rusqlite::Error) -> Result<(), rusqlite::Error> {
    if error == rusqlite::Error::QueryReturnedNoRows { Ok(()) } else { Err(error) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt;

    use super::*;

    fn found(folder: &Path, may_make: bool) -> Result<Location, StoreError> {
        let source = KeySource { data_dir: folder.to_owned(), credentials: None };
        Location::find(&source, may_make).map(|(location, _)| location)
    }

    #[test]
    fn a_wrong_key_and_a_damaged_file_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let location = found(folder.path(), true).unwrap();
        drop(location.writer().unwrap());
        let other = Location { key: MasterKey::from_bytes([1; 32]), ..location.clone() };
        assert!(matches!(other.reader(), Err(StoreError::Key(KeyError::Wrong { .. }))));
        let file = OpenOptions::new().write(true).open(folder.path().join(FILE)).unwrap();
        file.write_all_at(&[0; 64], 0).unwrap();
        assert!(matches!(location.reader(), Err(StoreError::Damaged { .. })));
        std::fs::remove_file(folder.path().join("record.fingerprint")).unwrap();
        assert!(matches!(location.reader(), Err(StoreError::Unreadable { .. })));
    }

    #[test]
    fn one_daemon_at_a_time_has_the_record() {
        let folder = tempfile::tempdir().unwrap();
        let location = found(folder.path(), true).unwrap();
        let first = location.lock().unwrap();
        assert!(matches!(location.lock(), Err(StoreError::InUse { .. })));
        drop(first);
        assert!(location.lock().is_ok());
    }

    #[test]
    fn where_there_is_no_record_reading_says_so_and_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(found(folder.path(), false), Err(StoreError::None { .. })));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_record_of_a_newer_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let location = found(folder.path(), true).unwrap();
        location.writer().unwrap().pragma_update(None, "user_version", 9).unwrap();
        assert!(matches!(location.writer(), Err(StoreError::Newer { found: 9 })));
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let location = found(folder.path(), true).unwrap();
        drop(location.writer().unwrap());
        assert!(location.reader().unwrap().execute("DELETE FROM event", []).is_err());
    }
}
