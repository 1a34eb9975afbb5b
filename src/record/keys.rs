//! The data keys: which there are, what wraps them, and how one is destroyed for good.
//!
//! Bodies are sealed with data keys ([`crate::record::seal`]), one for each scope: the words of a call, its sound, what it
//! sent over the wire, a day of the box. They lie in a file of their own, `keys.db`, so that destroying one touches no
//! hashed byte, and a backup of events holds none of them.
//!
//! ```text
//!   record key --HKDF--> opens keys.db;  record key --HKDF--> seals epoch.N.key --> wraps data keys --> seal bodies
//! ```
//! A flash disk keeps old copies of what was overwritten. So each data key is wrapped by the key of an *epoch* in a file of
//! its own, and [`turn_epoch`] wraps those that live anew and destroys the old epoch's key: what is left of a destroyed
//! data key in worn-out cells opens nothing from then on. Until then, and as long as backups of keys live, it is not
//! complete; `docs/record.md` says so. With a secure element the epoch's key lies there; that is not built.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ids::CallId;
use crate::record::database::{Count, Location, StoreError};
use crate::record::seal::{DataKey, random};
use crate::wire::event::Kind;

/// The tables of `keys.db`. `secret` and `mark` (what officers have said about calls) must
/// outlive a damaged `record.db`.
pub(super) const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS keys.data_key(
  id TEXT PRIMARY KEY, scope TEXT NOT NULL UNIQUE, epoch INTEGER NOT NULL, wrapped BLOB NOT NULL, made INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys.mark(call TEXT NOT NULL, what TEXT NOT NULL, PRIMARY KEY (call, what)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS keys.secret(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
";
/// What readers see: keys as they seal. A row whose epoch is gone has none, as if it were destroyed.
const VIEW: &str = "CREATE TEMP VIEW IF NOT EXISTS data_key(id, scope, key) AS
  SELECT id, scope, unwrapped(id, epoch, wrapped) FROM keys.data_key WHERE unwrapped(id, epoch, wrapped) IS NOT NULL";
/// What a file of an epoch's key is authenticated with, beside its number.
const EPOCH: &str = "anteroom epoch key ";

/// What shares a data key, and so a retention and an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// What was said, redacted, decided and asked of the clinic's systems in a call.
    Words(CallId),
    /// A call's sound.
    Sound(CallId),
    /// What a call sent for a model, and what came back: no PHI, the proof of what left.
    Wire(CallId),
    /// A day (UTC) of the box outside calls, counted from 1970-01-01.
    Day(i64),
}

impl Scope {
    /// The scope of an event.
    #[must_use]
    pub fn of(kind: Kind, call: Option<CallId>, t: i64) -> Self {
        const DAY_US: i64 = 86_400_000_000;
        match (call, kind) {
            // Who looked at a call, and that it was erased, must be known for longer than the call itself.
            (None, _)
            | (_, Kind::ConsoleAccess | Kind::ConsoleReveal | Kind::KeyDestroyed | Kind::Review | Kind::Disclosure) => {
                Self::Day(t.div_euclid(DAY_US))
            }
            (Some(call), Kind::Recording) => Self::Sound(call),
            (Some(call), Kind::WireRequest | Kind::WireReply | Kind::WireRefused | Kind::WireWithheld) => {
                Self::Wire(call)
            }
            (Some(call), _) => Self::Words(call),
        }
    }

    /// The call it belongs to.
    #[must_use]
    pub fn call(self) -> Option<CallId> {
        match self {
            Self::Words(call) | Self::Sound(call) | Self::Wire(call) => Some(call),
            Self::Day(_) => None,
        }
    }

    /// Every scope of a call.
    #[must_use]
    pub fn of_call(call: CallId) -> [Self; 3] {
        [Self::Words(call), Self::Sound(call), Self::Wire(call)]
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Words(call) => write!(f, "call:{call}"),
            Self::Sound(call) => write!(f, "sound:{call}"),
            Self::Wire(call) => write!(f, "wire:{call}"),
            Self::Day(day) => write!(f, "day:{day}"),
        }
    }
}

/// The keys of the epochs that live.
#[derive(Clone, Default)]
pub(super) struct Epochs(Arc<BTreeMap<u64, DataKey>>);

impl Epochs {
    /// Reads the epochs' files.
    ///
    /// # Errors
    /// [`StoreError`] where a file cannot be read or does not open with the record's key.
    pub(super) fn read(location: &Location) -> Result<Self, StoreError> {
        let seal = location.subkey("epochs");
        let mut epochs = BTreeMap::new();
        for (epoch, path) in files(&location.folder)? {
            let sealed = fs::read(&path).map_err(|source| StoreError::File { path: path.clone(), source })?;
            let key = seal.open_for(format!("{EPOCH}{epoch}").as_bytes(), &sealed);
            let key = key.ok().and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
            let Some(key) = key else { return Err(StoreError::Damaged { path }) };
            epochs.insert(epoch, DataKey::from_bytes(key));
        }
        Ok(Self(Arc::new(epochs)))
    }

    /// The newest epoch; makes the first where there is none.
    pub(super) fn newest(&mut self, location: &Location) -> Result<u64, StoreError> {
        if let Some(newest) = self.0.keys().next_back() {
            return Ok(*newest);
        }
        self.add(location, 1)?;
        Ok(1)
    }

    fn add(&mut self, location: &Location, epoch: u64) -> Result<(), StoreError> {
        let key = Zeroizing::new(random::<32>()?);
        let sealed = location.subkey("epochs").seal_for(format!("{EPOCH}{epoch}").as_bytes(), key.as_slice())?;
        let path = path(&location.folder, epoch);
        write_durably(&path, &sealed).map_err(|source| StoreError::File { path, source })?;
        Arc::make_mut(&mut self.0).insert(epoch, DataKey::from_bytes(*key));
        Ok(())
    }

    fn unwrap(&self, id: &str, epoch: u64, wrapped: &[u8]) -> Option<[u8; 32]> {
        let key = self.0.get(&epoch)?;
        let opened = key.open_for(id.as_bytes(), wrapped).ok();
        // A wrapping that was tampered with is not the same as a key that was destroyed: with this one nothing opens, and
        // verification says so.
        Some(opened.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok()).unwrap_or_default())
    }
}

/// Makes the data keys readable on a connection that has `keys.db` attached.
pub(super) fn show(connection: &Connection, epochs: Epochs) -> Result<(), StoreError> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("unwrapped", 3, flags, move |row| {
        let (id, epoch, wrapped): (String, Count, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(epochs.unwrap(&id, epoch.0, &wrapped).map(|key| key.to_vec()))
    })?;
    connection.execute_batch(VIEW)?;
    Ok(())
}

/// The scope of that name.
impl std::str::FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        let (what, which) = text.split_once(':').ok_or(NotAScope)?;
        let call = || which.parse::<CallId>().map_err(|_| NotAScope);
        match what {
            "call" => call().map(Self::Words),
            "sound" => call().map(Self::Sound),
            "wire" => call().map(Self::Wire),
            "day" => which.parse().map(Self::Day).map_err(|_| NotAScope),
            _ => Err(NotAScope),
        }
    }
}

/// The text names no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a scope of data keys")]
pub struct NotAScope;

/// The key of a scope, if it was made and lives.
///
/// # Errors
/// [`StoreError`].
pub(super) fn find(connection: &Connection, scope: &str) -> Result<Option<(String, DataKey)>, StoreError> {
    let found = connection
        .prepare_cached("SELECT id, key FROM data_key WHERE scope = ?1")?
        .query_row([scope], |row| Ok((row.get(0)?, DataKey::from_bytes(row.get(1)?))))
        .optional()?;
    Ok(found)
}

/// The id of the key of a scope.
///
/// # Errors
/// [`StoreError`].
pub(super) fn id(connection: &Connection, scope: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM keys.data_key WHERE scope = ?1")?;
    Ok(statement.query_row([scope], |row| row.get(0)).optional()?)
}

/// Makes the key of a scope, at `made` (microseconds since 1970-01-01T00:00Z). On the disk when this returns, so that no event is ever sealed with a key that is not.
///
/// # Errors
/// [`StoreError`].
pub(super) fn make(
    connection: &Connection,
    location: &Location,
    scope: &str,
    made: i64,
) -> Result<(String, DataKey), StoreError> {
    let (id, key) = (Uuid::new_v4().to_string(), DataKey::draw()?);
    put(connection, location, &id, scope, &key, made)?;
    Ok((id, key))
}

/// Keeps a key: a new one, or one that a backup brought back.
///
/// # Errors
/// [`StoreError`].
pub(super) fn put(
    connection: &Connection,
    location: &Location,
    id: &str,
    scope: &str,
    key: &DataKey,
    made: i64,
) -> Result<(), StoreError> {
    let mut epochs = Epochs::read(location)?;
    let epoch = epochs.newest(location)?;
    let Some(wrapping) = epochs.0.get(&epoch) else { return Err(StoreError::Malformed { table: "data_key" }) };
    let wrapped = wrapping.seal_for(id.as_bytes(), key.as_bytes())?;
    let insert = "INSERT INTO keys.data_key(id, scope, epoch, wrapped, made) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(insert)?.execute(params![id, scope, Count(epoch), wrapped, made])?;
    Ok(())
}

/// Destroys the keys of scopes: what they sealed is erased, and no hashed byte changes. Returns how many there were.
///
/// # Errors
/// [`StoreError`].
pub(super) fn destroy<'a>(
    connection: &Connection,
    scopes: impl IntoIterator<Item = &'a str>,
) -> Result<u64, StoreError> {
    let mut destroyed = 0_u64;
    for scope in scopes {
        let rows = connection.execute("DELETE FROM keys.data_key WHERE scope = ?1", [scope])?;
        destroyed = destroyed.saturating_add(u64::try_from(rows).unwrap_or(0));
    }
    // What was deleted is zeroed in the database (secure_delete); its old pages in the log in front of it go now.
    connection.query_row("PRAGMA keys.wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(destroyed)
}

/// Wraps every living key anew and destroys the key of the epoch before. Returns the number of the new epoch.
///
/// Whatever happens in between, every living key opens: both epochs' files are there until nothing needs the old one, and
/// a turn that was cut short is ended by the next.
///
/// # Errors
/// [`StoreError`].
pub(super) fn turn_epoch(connection: &mut Connection, location: &Location) -> Result<u64, StoreError> {
    let mut epochs = Epochs::read(location)?;
    let old = epochs.newest(location)?;
    let new = old.saturating_add(1);
    epochs.add(location, new)?;
    // With the epochs as they are now, not as they were when the connection was opened.
    show(connection, epochs.clone())?;
    let tx = connection.transaction()?;
    let living: Vec<(String, DataKey)> = {
        let mut rows = tx.prepare("SELECT id, key FROM data_key")?;
        let rows = rows.query_map([], |row| Ok((row.get(0)?, DataKey::from_bytes(row.get(1)?))))?;
        rows.collect::<Result<_, _>>()?
    };
    if let Some(wrapping) = epochs.0.get(&new) {
        let mut update = tx.prepare("UPDATE keys.data_key SET epoch = ?2, wrapped = ?3 WHERE id = ?1")?;
        for (id, key) in &living {
            update.execute(params![id, Count(new), wrapping.seal_for(id.as_bytes(), key.as_bytes())?])?;
        }
    }
    tx.commit()?;
    connection.query_row("PRAGMA keys.wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    for (epoch, path) in files(&location.folder)? {
        let needed = "SELECT EXISTS (SELECT 1 FROM keys.data_key WHERE epoch = ?1)";
        let is_needed: bool = connection.query_row(needed, [Count(epoch)], |row| row.get(0))?;
        if epoch != new && !is_needed {
            shred_file(&path).map_err(|source| StoreError::File { path, source })?;
        }
    }
    Ok(new)
}

/// Whether there has been an epoch: then there have been data keys.
///
/// # Errors
/// [`StoreError::File`].
pub(super) fn has_epochs(folder: &Path) -> Result<bool, StoreError> {
    Ok(!files(folder)?.is_empty())
}

/// Overwrites a small file, on the disk, and removes it.
pub(super) fn shred_file(path: &Path) -> std::io::Result<()> {
    let length = fs::metadata(path)?.len();
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(&vec![0; usize::try_from(length).unwrap_or(0)])?;
    file.sync_all()?;
    fs::remove_file(path)?;
    sync_folder(path)
}

/// Writes a file whole or not at all, on the disk when this returns.
pub(super) fn write_durably(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_folder(path)
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn path(folder: &Path, epoch: u64) -> PathBuf {
    folder.join(format!("epoch.{epoch}.key"))
}

/// The epochs' files, the oldest first.
fn files(folder: &Path) -> Result<BTreeMap<u64, PathBuf>, StoreError> {
    let failed = |source| StoreError::File { path: folder.to_owned(), source };
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let epoch = name.strip_prefix("epoch.").and_then(|rest| rest.strip_suffix(".key"));
        if let Some(epoch) = epoch.and_then(|epoch| epoch.parse().ok()) {
            found.insert(epoch, path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::key::KeySource;

    #[test]
    fn a_turn_of_the_epoch_keeps_living_keys_and_makes_remnants_of_destroyed_ones_useless() {
        let folder = tempfile::tempdir().unwrap();
        let (location, mut connection) = opened(folder.path());
        let (_, kept) = make(&connection, &location, "call:kept", 0).unwrap();
        let (id, lost) = make(&connection, &location, "call:lost", 0).unwrap();
        let row = "SELECT epoch, wrapped FROM keys.data_key WHERE id = ?1";
        let remnant: (Count, Vec<u8>) = connection.query_row(row, [&id], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(destroy(&connection, ["call:lost"]).unwrap(), 1);
        // Whoever finds the old row in a worn-out cell can open it still ...
        let epochs = Epochs::read(&location).unwrap();
        assert_eq!(epochs.unwrap(&id, remnant.0.0, &remnant.1).unwrap(), *lost.as_bytes());
        // ... until the epoch turns.
        assert_eq!(turn_epoch(&mut connection, &location).unwrap(), 2);
        assert_eq!(Epochs::read(&location).unwrap().unwrap(&id, remnant.0.0, &remnant.1), None);
        drop(connection);
        let reader = location.reader().unwrap();
        assert_eq!(find(&reader, "call:kept").unwrap().unwrap().1.as_bytes(), kept.as_bytes());
        assert!(find(&reader, "call:lost").unwrap().is_none());
    }

    #[test]
    fn a_turn_that_was_cut_short_is_ended_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let (location, mut connection) = opened(folder.path());
        let (_, key) = make(&connection, &location, "call:kept", 0).unwrap();
        Epochs::read(&location).unwrap().add(&location, 2).unwrap();
        assert_eq!(turn_epoch(&mut connection, &location).unwrap(), 3);
        let left: Vec<_> = files(folder.path()).unwrap().into_keys().collect();
        assert_eq!(left, [3]);
        let reader = location.reader().unwrap();
        assert_eq!(find(&reader, "call:kept").unwrap().unwrap().1.as_bytes(), key.as_bytes());
    }

    #[test]
    fn sound_and_wire_of_a_call_have_keys_of_their_own() {
        let call = CallId::draw();
        let of = |kind| Scope::of(kind, Some(call), 0);
        assert_eq!(of(Kind::Recording), Scope::Sound(call));
        assert_eq!(of(Kind::WireWithheld), Scope::Wire(call));
        assert_eq!(of(Kind::Heard), Scope::Words(call));
        assert_eq!(Scope::of(Kind::Review, None, -1), Scope::Day(-1));
        assert_eq!(Scope::Words(call).to_string(), format!("call:{call}"));
    }

    fn opened(folder: &Path) -> (Location, Connection) {
        let source = KeySource { data_dir: folder.to_owned(), credentials: None };
        let location = Location::find(&source, true).unwrap().0;
        let connection = location.writer().unwrap();
        (location, connection)
    }
}
