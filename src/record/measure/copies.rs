//! Copies and restoring: a log's segments and keys sealed onto a shelf, and a record made of them on a blank box.

use std::fmt;
use std::path::Path;

use super::figures::{float, megabytes, ratio};
use super::reads::{Log, since};
use super::{MeasureError, file, wall};
use crate::clock::{Clock, SystemClock};
use crate::record::backup::answer::keys;
use crate::record::backup::piece::{Label, seal};
use crate::record::backup::recovery::RecoveryKey;
use crate::record::backup::restore::{Plan, restore};
use crate::record::backup::segment::{Segment, log_of};
use crate::record::key::KeySource;
use crate::wire::backup::{KeysWanted, What, keys_name, segment_name, segments_of};

/// Events of a year of a clinic: 120 calls on each of 250 working days, 122 events each.
const A_YEAR: f64 = 120.0 * 250.0 * 122.0;

/// What copying and restoring take.
#[derive(Clone, Copy, Debug)]
pub struct Copies {
    /// Events.
    pub events: u64,
    /// Seconds to read, pack and seal all segments and the keys, and to write them.
    pub copy_s: f64,
    /// Segments.
    pub segments: u64,
    /// Bytes of all copies.
    pub bytes: u64,
    /// Seconds to restore them into a blank folder, verified.
    pub restore_s: f64,
}

/// Copies a log to `shelf` and restores it into `blank`.
///
/// # Errors
/// [`MeasureError`].
pub(super) fn measure(log: &Log, shelf: &Path, blank: &Path) -> Result<Copies, MeasureError> {
    let key = RecoveryKey::draw()?;
    let began = SystemClock.now();
    let (segments, bytes) = copy(log, shelf, &key)?;
    let copy_s = since(began).as_secs_f64();
    let began = SystemClock.now();
    let into = KeySource { data_dir: blank.to_owned(), credentials: None };
    let plan =
        Plan { folder: shelf, log: None, key: &key, into, witness: None, now: wall(), old_keys: false, partial: false };
    let restored = restore(&plan)?;
    let restore_s = since(began).as_secs_f64();
    if restored.events != log.events || restored.bodies_open != log.events {
        return Err(MeasureError::Wrong { what: "not everything was restored" });
    }
    Ok(Copies { events: log.events, copy_s, segments, bytes, restore_s })
}

/// Writes every segment and the keys; how many segments, and bytes of all.
fn copy(log: &Log, shelf: &Path, key: &RecoveryKey) -> Result<(u64, u64), MeasureError> {
    let (reader, to) = (log.location.reader()?, key.public());
    let id = log_of(&reader)?;
    for folder in [shelf.join(segments_of(id)), shelf.join("keys")] {
        std::fs::create_dir_all(&folder).map_err(file(&folder))?;
    }
    let write = |name: String, object: &[u8]| {
        let path = shelf.join(name);
        std::fs::write(&path, object).map_err(file(&path))?;
        Ok::<_, MeasureError>(u64::try_from(object.len()).unwrap_or(u64::MAX))
    };
    let (mut next, mut segments, mut bytes) = (0, 0_u64, 0_u64);
    while let Some(segment) = Segment::read(&reader, next, None)? {
        let label = Label { what: What::Segment, log: id, first: segment.first, next: segment.next(), made: wall() };
        // No event is so large that its segment has a second piece.
        let object = seal(label, &segment.to_bytes(), 0, &to)?;
        bytes = bytes.saturating_add(write(segment_name(id, label.first, label.next), &object)?);
        segments = segments.saturating_add(1);
        next = label.next;
    }
    let object = keys(&reader, KeysWanted { part: 0 }, wall(), &to)?;
    bytes = bytes.saturating_add(write(keys_name(id), &object)?);
    Ok((segments, bytes))
}

impl fmt::Display for Copies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, copy_s, segments, bytes, restore_s } = self;
        let per = |seconds: &f64| ratio(float(*events), *seconds);
        let mb = megabytes(float(*bytes));
        write!(f, "copy {events} events: {segments} segments, {mb:.0} MB in {copy_s:.2} s, ")?;
        writeln!(f, "{:.0} events/s", per(copy_s))?;
        writeln!(f, "restore them, verified: {restore_s:.2} s, {:.0} events/s", per(restore_s))?;
        let minutes = |seconds: &f64| ratio(A_YEAR, per(seconds)) / 60.0;
        let (millions, gb) = (A_YEAR / 1e6, ratio(A_YEAR, float(*events)) * mb / 1e3);
        write!(
            f,
            "ESTIMATE for a clinic's year of {millions:.1} million events, were it in proportion: copies {gb:.1} GB in "
        )?;
        write!(f, "{:.0} min, restore {:.0} min", minutes(copy_s), minutes(restore_s))
    }
}
