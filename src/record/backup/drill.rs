//! The drill: whether what lies on the shelf would be a record again, tried without touching the one there is.
//!
//! In:  the folder with the copies and the recovery key. Out: a report. The record is restored into a scratch folder,
//! verified to the last body, compared with its checkpoints, and thrown away. Run by the command line; monthly is good.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

use uuid::Uuid;

use crate::clock::Clock;
use crate::record::backup::recovery::RecoveryKey;
use crate::record::backup::restore::{Plan, RestoreError, Restored, restore};
use crate::record::backup::witness::Witness;
use crate::record::key::KeySource;

/// What the drill showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillReport {
    /// What would have been restored.
    pub restored: Restored,
    /// How long it took.
    pub took: Duration,
}

impl fmt::Display for DrillReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Restored { events, bodies_open, erased, unkeyed, lost, checkpoint, witnessed, .. } = &self.restored;
        let took = self.took.as_secs_f64();
        write!(f, "a verified record on a blank box: {events} events, {bodies_open} bodies, took {took:.1} s")?;
        match checkpoint {
            Some(size) if *witnessed => write!(f, "; fits the witnessed checkpoint, newest of size {size}")?,
            Some(size) => write!(f, "; fits its own checkpoint of size {size}")?,
            None => write!(f, "; compared with no checkpoint, there was none")?,
        }
        for (count, what) in [
            (*erased, "bodies are erased"),
            (*unkeyed, "of these are newer than the key backup"),
            (*lost, "events were not copied yet"),
        ] {
            if count > 0 {
                write!(f, "; {count} {what}")?;
            }
        }
        Ok(())
    }
}

/// Restores into a folder of its own below `scratch`, verifies, and removes it again whatever came of it.
///
/// # Errors
/// [`RestoreError`]: the drill failed, and so would a restore.
pub fn drill(
    folder: &Path,
    log: Option<Uuid>,
    key: &RecoveryKey,
    witness: Option<Witness>,
    scratch: &Path,
    clock: &dyn Clock,
) -> Result<DrillReport, RestoreError> {
    let started = clock.now();
    let place = scratch.join(format!("drill-{}", Uuid::new_v4()));
    // Without credentials: the scratch record gets a key of its own, which is thrown away with it.
    let into = KeySource { data_dir: place.clone(), credentials: None };
    let now = clock.wall().as_microsecond();
    let restored = restore(&Plan { folder, log, key, into, witness, now, old_keys: false, partial: false });
    let removed = fs::remove_dir_all(&place);
    let restored = restored?;
    removed.map_err(|source| RestoreError::File { path: place, source })?;
    Ok(DrillReport { restored, took: clock.now().saturating_duration_since(started) })
}
