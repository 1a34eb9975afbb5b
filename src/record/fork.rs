//! Starting: is the record on the disk the one that was left? Where it is not, it is set aside and a new log begins.
//!
//! In:  the record's files, and what was last witnessed outside the box (`witnessed.json`, beside them).
//! Out: a [`Store`], and what was found wrong, if anything was. Runs on the writer's thread before anything is appended.
//!
//! ```text
//!   opens? ── no ──────────────────────────────┐
//!   reaches the witnessed checkpoint? ── no ───┤ set aside as archive/LOG.db, untouched;
//!   grows from its last checkpoint to its end? ┤ a new log begins with `log.fork`, which names the old one
//!   was it restored from a backup? ── yes ─────┘
//! ```
//! A log is never appended to from an older state: two logs of one name and two contents is what a forger makes. A log that
//! was set aside is read as before, as long as its pages can be.
//!
//! Nothing is set aside for an error that may pass: no space, no memory, a disk that does not answer.

use std::fs::File;
use std::path::Path;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ids::Turn;
use crate::record::database::{ARCHIVE, Count, FILE, Location, StoreError};
use crate::record::facts::{known_text, read_tree};
use crate::record::key;
use crate::record::keys::write_durably;
use crate::record::nodes::{frontier, root_at};
use crate::record::seal::{DataKey, Place};
use crate::record::store::{Entry, Store, Submission};
use crate::record::tree::{Hash, leaf};
use crate::wire::event::Kind;

/// The file with what was last witnessed.
const WITNESSED: &str = "witnessed.json";
/// The file that says that a log is being set aside: power may fail between the first of its files and the last.
const UNDER_WAY: &str = "setting-aside.json";

/// A checkpoint that somebody outside the box holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnessed {
    /// Of which log.
    pub log: String,
    /// How many events it covers.
    pub size: u64,
    /// The root over them, hex.
    pub root: String,
    /// When it was last seen there, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
    /// Who holds it: a destination's name, a witness's.
    pub by: String,
}

/// Why a log was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// Its file does not open, or holds pages that do not.
    Damaged,
    /// It is shorter than what a witness holds.
    BehindItsWitness,
    /// It is another than what a witness holds.
    UnlikeItsWitness,
    /// Its events do not grow into its own tree.
    TreeBroken,
    /// It was restored from a backup.
    Restored,
}

impl Why {
    /// Its word in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::BehindItsWitness => "behind-its-witness",
            Self::UnlikeItsWitness => "unlike-its-witness",
            Self::TreeBroken => "tree-broken",
            Self::Restored => "restored",
        }
    }
}

/// The body of `log.fork`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forked {
    /// Why.
    pub why: Why,
    /// The log that was set aside; none where nothing of it could be read.
    pub predecessor: Option<String>,
    /// How many events it had; what could be known of it.
    pub size: u64,
    /// Its newest checkpoint, a signed note.
    pub checkpoint: Option<String>,
    /// What a witness holds of it.
    pub witnessed: Option<Witnessed>,
}

/// What the box's witnesses hold, as far as the box knows.
///
/// # Errors
/// [`StoreError::File`] where it cannot be read; a file that is not of this shape counts as none.
pub fn witnessed(folder: &Path) -> Result<Option<Witnessed>, StoreError> {
    let path = folder.join(WITNESSED);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { path, source }),
    }
}

/// Writes down what a witness holds.
///
/// # Errors
/// [`StoreError::File`].
pub fn remember(folder: &Path, witnessed: &Witnessed) -> Result<(), StoreError> {
    // Who holds an older checkpoint makes the box forget none that is newer.
    let older = |known: Witnessed| known.log == witnessed.log && known.size > witnessed.size;
    if self::witnessed(folder)?.is_some_and(older) {
        return Ok(());
    }
    let path = folder.join(WITNESSED);
    let bytes = serde_json::to_vec(witnessed).map_err(|_| StoreError::Malformed { table: "witnessed" })?;
    write_durably(&path, &bytes).map_err(|source| StoreError::File { path, source })
}

/// Opens the record for appending. `t` and `mono_us` are now, microseconds.
///
/// # Errors
/// [`StoreError`] where it cannot be opened now and nothing is known to be wrong with it.
pub fn open(location: &Location, t: i64, mono_us: u64) -> Result<(Store, Option<Forked>), StoreError> {
    let fork = |forked: Forked| {
        tracing::error!(why = forked.why.as_str(), "the record was set aside; a new log begins");
        let store = begin_anew(location, &UnderWay::new(location, forked.clone()), t, mono_us)?;
        Ok((store, Some(forked)))
    };
    if let Some(under_way) = under_way(&location.folder)? {
        // It was cut after the new log had begun: all that is left is to say so.
        if let Some(store) = begun(location, &under_way) {
            end(location)?;
            return Ok((store, Some(under_way.forked)));
        }
        tracing::error!(
            why = under_way.forked.why.as_str(),
            "setting the record aside was cut short; it is gone on with"
        );
        let store = begin_anew(location, &under_way, t, mono_us)?;
        return Ok((store, Some(under_way.forked)));
    }
    // A record that was there, by its key's fingerprint, and is gone.
    if !location.file.exists() && key::is_remembered(&location.folder) {
        return fork(lost(location)?);
    }
    let mut store = match Store::open(location) {
        Err(error) if is_damage(&error, location) => return fork(lost(location)?),
        opened => opened?,
    };
    match examine(store.connection().0, location) {
        Ok(None) => {}
        Ok(Some(forked)) => {
            drop(store);
            return fork(forked);
        }
        Err(error) if is_damage(&error, location) => {
            drop(store);
            return fork(lost(location)?);
        }
        Err(error) => return Err(error),
    }
    if let Err(error) = store.finish_erasing() {
        // The keys may live a little longer than was promised; the calls of now must not wait for it.
        tracing::error!(error = &error as &dyn std::error::Error, "an erasure could not be ended; it is tried again");
        store = Store::open(location)?;
    }
    Ok((store, None))
}

/// Whether `record.db` itself is broken, and will not mend by waiting.
fn is_damage(error: &StoreError, location: &Location) -> bool {
    match error {
        StoreError::Damaged { path } => *path == location.file,
        StoreError::Malformed { table } => matches!(*table, "tree" | "meta" | "event"),
        // A page of the keys' file is no reason to leave the record: a new one would meet it again.
        StoreError::BadPage(_) => location.has_sound_keys(),
        StoreError::Database(_)
        | StoreError::Key(_)
        | StoreError::InUse { .. }
        | StoreError::None { .. }
        | StoreError::Unreadable { .. }
        | StoreError::Newer { .. }
        | StoreError::Busy
        | StoreError::Full
        | StoreError::File { .. }
        | StoreError::Seal(_) => false,
    }
}

/// What can be said of a log that does not open.
fn lost(location: &Location) -> Result<Forked, StoreError> {
    let witnessed = witnessed(&location.folder)?;
    let predecessor = witnessed.as_ref().map(|witnessed| witnessed.log.clone());
    let size = witnessed.as_ref().map_or(0, |witnessed| witnessed.size);
    Ok(Forked { why: Why::Damaged, predecessor, size, checkpoint: None, witnessed })
}

/// Looks for what is wrong with a log that opens.
fn examine(connection: &Connection, location: &Location) -> Result<Option<Forked>, StoreError> {
    let log = known_text(connection, "log")?;
    let tree = read_tree(connection)?.unwrap_or_default();
    // A restored log may have holes, and is never gone on with.
    if known_text(connection, "restored")?.is_some() {
        let witnessed = witnessed(&location.folder)?;
        return Ok(Some(Forked {
            why: Why::Restored,
            predecessor: log,
            size: tree.size(),
            checkpoint: None,
            witnessed,
        }));
    }
    let witnessed = witnessed(&location.folder)?.filter(|witnessed| Some(&witnessed.log) == log.as_ref());
    let newest = connection.query_row("SELECT max(size) FROM checkpoint", [], |row| row.get::<_, Option<Count>>(0))?;
    let checkpoint = match newest {
        Some(size) => {
            Some(connection.query_row("SELECT size, root, note FROM checkpoint WHERE size = ?1", [size], |row| {
                Ok((row.get::<_, Count>(0)?.0, row.get::<_, [u8; 32]>(1)?, row.get::<_, String>(2)?))
            })?)
        }
        None => None,
    };
    let why = match &witnessed {
        Some(witnessed) if witnessed.size > tree.size() => Some(Why::BehindItsWitness),
        Some(witnessed) if root_at(connection, witnessed.size)?.to_string() != witnessed.root => {
            Some(Why::UnlikeItsWitness)
        }
        Some(_) | None => None,
    };
    let grows = |(from, root, _): &(u64, [u8; 32], String)| -> Result<bool, StoreError> {
        Ok(*from <= tree.size() && root_at(connection, *from)? == Hash(*root) && grow(connection, *from)? == tree)
    };
    let whole = match &checkpoint {
        Some(checkpoint) => grows(checkpoint)?,
        None => grow(connection, 0)? == tree,
    };
    let why = why.or((!whole).then_some(Why::TreeBroken));
    Ok(why.map(|why| Forked {
        why,
        predecessor: log,
        size: tree.size(),
        checkpoint: checkpoint.map(|(_, _, note)| note),
        witnessed,
    }))
}

/// The tree as it grows over the rows from `from` on, each header hashed anew.
fn grow(connection: &Connection, from: u64) -> Result<crate::record::tree::Frontier, StoreError> {
    let mut tree = frontier(connection, from)?;
    let mut statement = connection.prepare("SELECT header FROM event WHERE seq >= ?1 ORDER BY seq")?;
    let mut rows = statement.query([Count(from)])?;
    while let Some(row) = rows.next()? {
        tree.push(leaf(&row.get::<_, Vec<u8>>(0)?));
    }
    Ok(tree)
}

/// What [`UNDER_WAY`] holds.
#[derive(Serialize, Deserialize)]
struct UnderWay {
    /// The name in the archive: all files of a log go to the same one, however often power fails in between.
    name: String,
    forked: Forked,
}

impl UnderWay {
    fn new(location: &Location, forked: Forked) -> Self {
        let name = forked.predecessor.clone().unwrap_or_else(|| format!("unknown-{}", Uuid::new_v4()));
        // A second one of that name.
        let taken = location.folder.join(ARCHIVE).join(format!("{name}.db")).exists();
        Self { name: if taken { format!("{name}-{}", Uuid::new_v4()) } else { name }, forked }
    }
}

/// Moves the log's files into the archive and begins a new log with the event that names the old one.
fn begin_anew(location: &Location, under_way: &UnderWay, t: i64, mono_us: u64) -> Result<Store, StoreError> {
    let archive = location.folder.join(ARCHIVE);
    let failed = |path: &Path, source| StoreError::File { path: path.to_owned(), source };
    std::fs::create_dir_all(&archive).map_err(|source| failed(&archive, source))?;
    let UnderWay { name, forked } = under_way;
    let marker = location.folder.join(UNDER_WAY);
    let bytes = serde_json::to_vec(under_way).map_err(|_| StoreError::Malformed { table: "event" })?;
    write_durably(&marker, &bytes).map_err(|source| failed(&marker, source))?;
    // The database goes last. Where it went already, what lies there is a new log that was cut before its first event.
    let went = archive.join(format!("{name}.db")).exists();
    let name = if went { format!("{name}-{}", Uuid::new_v4()) } else { name.clone() };
    for end in ["-wal", "-shm", "-journal", ""] {
        let from = location.folder.join(format!("{FILE}{end}"));
        if from.exists() {
            let to = archive.join(format!("{name}.db{end}"));
            std::fs::rename(&from, &to).map_err(|source| failed(&from, source))?;
        }
    }
    // Nothing of the old log may come back beside the new one.
    for folder in [&archive, &location.folder] {
        File::open(folder).and_then(|file| file.sync_all()).map_err(|source| failed(folder, source))?;
    }
    let store = Store::begin(location)?;
    let body = serde_json::to_vec(forked).map_err(|_| StoreError::Malformed { table: "event" })?;
    let alert = format!("{{\"what\":\"log-set-aside\",\"why\":\"{}\"}}", forked.why.as_str()).into_bytes();
    let entry = |kind, body: Vec<u8>| Entry {
        t,
        mono_us,
        kind,
        call: None,
        turn: Turn(0),
        synthetic: false,
        actor: "recordd",
        body: Zeroizing::new(body),
    };
    let entries = vec![entry(Kind::LogFork, body), entry(Kind::Alert, alert)];
    let (store, _) = store.append(&[Submission { sender: None, entries }])?;
    let store = store.sign(t)?;
    end(location)?;
    Ok(store)
}

/// Removes the marker: the log was set aside, the new one has begun.
fn end(location: &Location) -> Result<(), StoreError> {
    let marker = location.folder.join(UNDER_WAY);
    std::fs::remove_file(&marker).map_err(|source| StoreError::File { path: marker, source })
}

/// The log that begins with exactly this fork, if it has begun.
fn begun(location: &Location, under_way: &UnderWay) -> Option<Store> {
    let mut store = Store::open(location).ok()?;
    let first = "SELECT e.body_ct, k.key FROM event e JOIN data_key k ON k.id = e.key_id WHERE e.seq = 0";
    let (connection, _) = store.connection();
    let log = known_text(connection, "log").ok()??;
    let row = connection.query_row(first, [], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, [u8; 32]>(1)?)));
    let (sealed, key) = row.ok()?;
    let place = Place { log: &log, seq: 0, kind: Kind::LogFork.as_str() };
    let body = DataKey::from_bytes(key).open(place, &sealed).ok()?;
    (body.as_slice() == serde_json::to_vec(&under_way.forked).ok()?.as_slice()).then_some(store)
}

/// The log that was being set aside when the box stopped.
fn under_way(folder: &Path) -> Result<Option<UnderWay>, StoreError> {
    let path = folder.join(UNDER_WAY);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(StoreError::File { path, source }),
    }
}

/// The logs that were set aside.
///
/// # Errors
/// [`StoreError::File`].
pub fn archived(location: &Location) -> Result<Vec<String>, StoreError> {
    let folder = location.folder.join(ARCHIVE);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(StoreError::File { path: folder, source }),
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut logs: Vec<_> = names.filter_map(|name| name.strip_suffix(".db").map(str::to_owned)).collect();
    logs.sort();
    Ok(logs)
}

#[cfg(test)]
mod tests;
