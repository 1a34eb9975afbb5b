//! Restoring: a folder of copies and the recovery key in, a verified record on a blank box out.
//!
//! The record is built in a folder of its own beside its place, looked through whole, and only then moved there: a
//! restore that was broken off leaves nothing that a daemon would open. What it restores is the old log as it was; the
//! mark in `meta` 'restored' says that the record must begin a new log before it appends. Run by the command line.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

pub use crate::record::backup::bad::{Bad, BadRange};
use crate::record::backup::build::Builder;
pub use crate::record::backup::build::Mark;
use crate::record::backup::keys::Keys;
use crate::record::backup::piece::{Label, PieceError};
use crate::record::backup::recovery::RecoveryKey;
use crate::record::backup::segment::Segment;
use crate::record::backup::shelf;
use crate::record::backup::witness::Witness;
use crate::record::database::{Count, Location, StoreError};
use crate::record::key::KeySource;
use crate::record::verify::{self, Report, verify};
use crate::wire::backup::What;

/// How old a key backup may be: what was erased since it was made would come back with it.
pub const OLDEST_KEYS_DAYS: i64 = 35;
/// Microseconds of a day.
const DAY_US: i64 = 86_400_000_000;
/// Events that may be missing in a row: three years of a busy clinic. Beyond it the numbers are those of another log.
const MOST_MISSING: u64 = 10_000_000;
/// Where the record is built, below its place.
const BUILDING: &str = ".restoring";

/// What is to be restored, and to where.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The folder with the copies.
    pub folder: &'a Path,
    /// Which log; needed where the folder holds several.
    pub log: Option<Uuid>,
    /// The printed key.
    pub key: &'a RecoveryKey,
    /// The new record's place and where its own key comes from.
    pub into: KeySource,
    /// A checkpoint that was kept outside the box.
    pub witness: Option<Witness>,
    /// The time, microseconds since 1970-01-01T00:00Z.
    pub now: i64,
    /// Whether keys older than [`OLDEST_KEYS_DAYS`] are taken.
    pub old_keys: bool,
    /// Whether a record with holes is better than none.
    pub partial: bool,
}

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The log.
    pub log: Uuid,
    /// Events.
    pub events: u64,
    /// Bodies that open.
    pub bodies_open: u64,
    /// Bodies whose key is gone: destroyed, or not copied in time (see `unkeyed`).
    pub erased: u64,
    /// Of these, bodies of events that are newer than the key backup: their keys were perhaps lost with the box.
    pub unkeyed: u64,
    /// Events that the box had appended when its keys were last copied, and that are on no shelf.
    pub lost: u64,
    /// The root over all events, hex; none where some are missing.
    pub root: Option<String>,
    /// The size of the newest checkpoint that the events were compared with and fit.
    pub checkpoint: Option<u64>,
    /// Whether one of the checkpoints was the one handed in.
    pub witnessed: bool,
    /// What is wrong with the copies; empty unless the restore was told to go on.
    pub bad: Vec<BadRange>,
}

/// The record could not be restored; nothing was left behind.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// There are no copies, or none of that log.
    #[error("there are no segments of that record in {folder}: name the folder that holds `segments` and `keys`")]
    Nothing {
        /// The folder.
        folder: PathBuf,
    },
    /// There are copies of more than one log.
    #[error("the folder holds copies of several logs, name the one to restore: {}", list(logs))]
    SeveralLogs {
        /// The logs.
        logs: Vec<Uuid>,
    },
    /// There are no keys.
    #[error("the key backup {path} is not there: without it no body opens")]
    NoKeys {
        /// Where it should be.
        path: PathBuf,
    },
    /// The keys do not open.
    #[error("the key backup {path} does not open")]
    Keys {
        /// Where it is.
        path: PathBuf,
        /// Why.
        #[source]
        source: PieceError,
    },
    /// The keys are of another log, or not keys at all.
    #[error("the key backup {path} is not that of log {log}")]
    KeysOfAnotherLog {
        /// Where it is.
        path: PathBuf,
        /// The log.
        log: Uuid,
    },
    /// The keys are so old that they may bring back what was erased.
    #[error("the key backup is {days} days old, more than {OLDEST_KEYS_DAYS}: it may open what was erased since")]
    OldKeys {
        /// How old.
        days: i64,
    },
    /// Copies are missing or damaged.
    #[error("the backup is not whole; {}; restore with --partial to have the rest", list(bad))]
    NotWhole {
        /// Which.
        bad: Vec<BadRange>,
    },
    /// The events are not those that a checkpoint was made over.
    #[error("the events do not fit the {} of size {size}: they were changed, or are of another log", origin(*witnessed))]
    Checkpoint {
        /// The checkpoint's size.
        size: u64,
        /// Whether it is the one handed in.
        witnessed: bool,
    },
    /// What was built does not verify.
    #[error("what was restored does not verify: {flawed} flaws, first: {first}")]
    NotVerified {
        /// How many flaws.
        flawed: u64,
        /// The first.
        first: String,
    },
    /// There is something in the place already.
    #[error("{path} exists: restore to a folder without a record")]
    NotBlank {
        /// What is there.
        path: PathBuf,
    },
    /// A file could not be read, made or moved.
    #[error("cannot use {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The new record could not be written.
    #[error("the record could not be built")]
    Store(#[from] StoreError),
}

fn list<T: ToString>(items: &[T]) -> String {
    const LISTED: usize = 20;
    let mut text = items.iter().take(LISTED).map(T::to_string).collect::<Vec<_>>().join(", ");
    if let Some(more) = items.len().checked_sub(LISTED).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

fn origin(witnessed: bool) -> &'static str {
    if witnessed { "checkpoint that was handed in," } else { "backup's own checkpoint" }
}

/// Restores the record.
///
/// # Errors
/// [`RestoreError`]; then nothing was restored, and nothing is left in the new place.
pub fn restore(plan: &Plan<'_>) -> Result<Restored, RestoreError> {
    let log = shelf::log(plan.folder, plan.log)?;
    let (label, keys) = read_keys(plan, log)?;
    let place = &plan.into.data_dir;
    let building = place.join(BUILDING);
    fs::create_dir_all(place).map_err(at(place))?;
    blank(place)?;
    // One that was broken off.
    remove(&building)?;
    fs::DirBuilder::new().mode(0o700).create(&building).map_err(at(&building))?;
    let built = build(plan, log, &label, &keys, &building);
    let moved = built.and_then(|restored| put_in_place(&building, place).map(|()| restored));
    remove(&building)?;
    moved
}

/// Reads and judges the key backup.
fn read_keys(plan: &Plan<'_>, log: Uuid) -> Result<(Label, Keys), RestoreError> {
    let (label, payload) = shelf::keys(plan.folder, log, plan.key)?;
    let path = || plan.folder.join(crate::wire::backup::keys_name(log));
    if label.what != What::Keys || label.log != log {
        return Err(RestoreError::KeysOfAnotherLog { path: path(), log });
    }
    let days = plan.now.saturating_sub(label.made) / DAY_US;
    if days > OLDEST_KEYS_DAYS && !plan.old_keys {
        return Err(RestoreError::OldKeys { days });
    }
    let damaged = |_| RestoreError::Keys { path: path(), source: PieceError::Damaged };
    Ok((label, Keys::parse(&payload).map_err(damaged)?))
}

fn build(plan: &Plan<'_>, log: Uuid, label: &Label, keys: &Keys, folder: &Path) -> Result<Restored, RestoreError> {
    let source = KeySource { data_dir: folder.to_owned(), credentials: plan.into.credentials.clone() };
    let (location, _) = Location::find(&source, true)?;
    let mut builder = Builder::begin(&location, log)?;
    let mut bad = gather(plan, log, &mut builder)?;
    let checkpoint = compare(plan, &builder, &mut bad)?;
    if !bad.is_empty() && !plan.partial {
        return Err(RestoreError::NotWhole { bad });
    }
    let mark = builder.finish(keys, plan.now)?;
    let mut reader = location.reader()?;
    let report = verify(&mut reader)?;
    if !report.is_whole() && mark.missing.is_empty() {
        return Err(not_verified(&report));
    }
    let witnessed = plan.witness.is_some_and(|witness| checkpoint.is_some_and(|size| witness.size <= size));
    Ok(Restored {
        log,
        events: report.events,
        bodies_open: report.opened,
        erased: report.erased,
        unkeyed: unkeyed(&reader, label.next)?,
        lost: label.next.saturating_sub(mark.size),
        root: mark.root,
        checkpoint,
        witnessed,
        bad,
    })
}

/// Adds all segments, and names what is missing or wrong.
fn gather(plan: &Plan<'_>, log: Uuid, builder: &mut Builder) -> Result<Vec<BadRange>, RestoreError> {
    let mut bad = Vec::new();
    for (first, next) in shelf::ranges(plan.folder, log)? {
        let expected = builder.next();
        if first > expected {
            bad.push(BadRange { first: expected, next: first, what: Bad::Missing });
            if first.saturating_sub(expected) > MOST_MISSING {
                break;
            }
            builder.leave_out(first);
        } else if first < expected {
            bad.push(BadRange { first, next: next.min(expected), what: Bad::Overlap });
        }
        let what = match segment(plan, log, (first, next)) {
            Ok(segment) => (!builder.add(&segment)?).then_some(Bad::Damaged),
            Err(what) => Some(what),
        };
        if let Some(what) = what {
            bad.push(BadRange { first, next, what });
            builder.leave_out(next);
        }
    }
    Ok(bad)
}

fn segment(plan: &Plan<'_>, log: Uuid, (first, next): (u64, u64)) -> Result<Segment, Bad> {
    let (label, payload) = shelf::segment(plan.folder, log, (first, next), plan.key).map_err(|error| match error {
        PieceError::OtherKey => Bad::OtherKey,
        PieceError::Damaged | PieceError::NotSealed | PieceError::NoSuchPiece => Bad::Damaged,
    })?;
    if label.log != log {
        return Err(Bad::OtherLog);
    }
    if label.what != What::Segment || (label.first, label.next) != (first, next) {
        return Err(Bad::Damaged);
    }
    Segment::parse(first, next, &payload).map_err(|_| Bad::Damaged)
}

/// Compares the tree with every checkpoint that there is. The size of the newest one that it fits.
fn compare(plan: &Plan<'_>, builder: &Builder, bad: &mut Vec<BadRange>) -> Result<Option<u64>, RestoreError> {
    let kept = builder.checkpoints().iter().map(|noted| (noted.size, noted.root, false));
    let witness = plan.witness.iter().map(|witness| (witness.size, witness.root.0, true));
    let all: Vec<_> = kept.chain(witness).collect();
    let newest = all.iter().map(|(size, ..)| *size).max().unwrap_or_default();
    if newest > builder.next() {
        bad.push(BadRange { first: builder.next(), next: newest, what: Bad::Missing });
    }
    let roots: BTreeMap<u64, _> = builder.roots(all.iter().map(|(size, ..)| *size).collect())?;
    for &(size, root, witnessed) in &all {
        if roots.get(&size).is_some_and(|grown| grown.0 != root) {
            return Err(RestoreError::Checkpoint { size, witnessed });
        }
    }
    Ok(roots.last_key_value().map(|(size, _)| *size))
}

/// Bodies without a key among the events that are newer than the key backup.
fn unkeyed(reader: &rusqlite::Connection, from: u64) -> Result<u64, StoreError> {
    let keys = verify::data_keys(reader)?;
    let mut statement = reader.prepare("SELECT key_id FROM event WHERE seq >= ?1")?;
    let ids = statement.query_map([Count(from.min(i64::MAX.unsigned_abs()))], |row| row.get::<_, String>(0))?;
    let mut count = 0_u64;
    for id in ids {
        count = count.saturating_add(u64::from(!keys.contains_key(&id?)));
    }
    Ok(count)
}

fn not_verified(report: &Report) -> RestoreError {
    let first = report.flaws.first().map(ToString::to_string).unwrap_or_default();
    RestoreError::NotVerified { flawed: report.flawed, first }
}

/// Moves the files of the new record to their place, the database last: with it there is a record.
fn put_in_place(building: &Path, place: &Path) -> Result<(), RestoreError> {
    let mut files = files_of(building)?;
    files.sort_by_key(|name| name == "record.db");
    for name in &files {
        let (from, to) = (building.join(name), place.join(name));
        if to.exists() {
            return Err(RestoreError::NotBlank { path: to });
        }
        fs::rename(&from, &to).map_err(at(&to))?;
    }
    File::open(place).and_then(|folder| folder.sync_all()).map_err(at(place))
}

/// Refuses a place that holds anything of a record.
fn blank(place: &Path) -> Result<(), RestoreError> {
    let of_a_record = |name: &std::ffi::OsString| {
        let name = name.to_string_lossy();
        name.starts_with("record.") || name.starts_with("keys.")
    };
    match files_of(place)?.into_iter().find(of_a_record) {
        Some(name) => Err(RestoreError::NotBlank { path: place.join(name) }),
        None => Ok(()),
    }
}

fn files_of(folder: &Path) -> Result<Vec<std::ffi::OsString>, RestoreError> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    Ok(entries.map_err(at(folder))?.into_iter().map(|entry| entry.file_name()).collect())
}

fn remove(folder: &Path) -> Result<(), RestoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(folder)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn at(path: &Path) -> impl Fn(io::Error) -> RestoreError {
    let path = path.to_owned();
    move |source| RestoreError::File { path: path.clone(), source }
}
