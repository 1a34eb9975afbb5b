//! `syncd`: brings each destination up to date on its schedule, and answers the administrator.
//!
//! In:  `now {destination}`, `status` and `ping` from the command line. Out: [`Outcome`], a list of [`Standing`]s.
//! One task for each destination: one that is away holds up no other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::fault::Fault;
use super::schedule::{Cron, Plan, ScheduleError, share};
use super::shelf::FolderShelf;
use super::shelf::bucket::BucketShelf;
use super::worker::{Board, RecordDoor, Wish, Worker};
use crate::clock::Clock;
use crate::config::{Backup, Destination};
use crate::tasks::{Ended, Stop, Tasks};
use crate::wire::client::Client;
use crate::wire::doors::{Door, Role, Syncing};
use crate::wire::frame::Refusal;
use crate::wire::recorder::Recorder;
use crate::wire::rows::TABLES;
use crate::wire::server::{self, BindError, Handler, Request};
use crate::wire::syncing::{Now, Outcome, Standing};
use crate::wire::users::Uids;

/// Wishes that may wait for one destination. Each is a run: who asks more often waits for nothing.
const WISHES: usize = 4;

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

/// syncd could not start, or ended. Calls and the record go on without it.
#[derive(Debug, thiserror::Error)]
pub enum SyncdError {
    /// Its socket could not be made.
    #[error("syncd cannot start")]
    Bind(#[from] BindError),
    /// A task ended.
    #[error("syncd stopped")]
    Task(#[from] Ended),
    /// The bucket for copies cannot be used.
    #[error("backup.bucket")]
    Bucket(#[source] Fault),
    /// A schedule is none.
    #[error("warehouse.{destination}.schedule")]
    Schedule {
        /// The destination.
        destination: String,
        /// What to write.
        #[source]
        source: ScheduleError,
    },
}

/// Runs syncd until `stop`.
///
/// # Errors
/// [`SyncdError`].
pub async fn run(config: SyncConfig, clock: Arc<dyn Clock>, stop: Stop) -> Result<(), SyncdError> {
    crate::http::install_crypto();
    let SyncConfig { run, users, destinations, backup, time_zone } = config;
    let mut tasks = Tasks::new(stop);
    let recorder = Recorder::start(&run, Role::Syncd, &mut tasks, Arc::clone(&clock));
    let record = Arc::new(Client::new(&run, Role::Syncd));
    let mut desk = Desk { destinations: BTreeMap::new(), clock: Arc::clone(&clock) };
    // The jitter needs a name of the box before any record was asked: the machine's own.
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    for destination in destinations {
        let cron = Cron::parse(&destination.schedule)
            .map_err(|source| SyncdError::Schedule { destination: destination.name.clone(), source })?;
        let offset = share(destination.jitter, machine.trim(), &destination.name);
        let plan = Plan { cron, zone: time_zone.clone(), offset, window: destination.window };
        let board = Board::new(Mutex::new(Standing { destination: destination.name.clone(), ..Standing::default() }));
        let (sender, wishes) = mpsc::channel(WISHES);
        desk.destinations.insert(destination.name.clone(), (sender, Arc::clone(&board)));
        let worker = Worker {
            // Kept for as long as the daemon runs, as its configuration is.
            name: Box::leak(destination.name.clone().into_boxed_str()),
            destination,
            plan,
            tables: TABLES,
            source: RecordDoor(Arc::clone(&record)),
            recorder: recorder.clone(),
            clock: Arc::clone(&clock),
            board,
            wishes,
            box_id: None,
        };
        tasks.start("destination", move |stop| worker.serve(stop));
    }
    if let Some(folder) = backup.folder {
        let (record, shelf, clock) = (Client::new(&run, Role::Syncd), FolderShelf::new(folder), Arc::clone(&clock));
        tasks.start("backup-folder", move |stop| super::backup::run(record, shelf, backup.every, clock, stop));
    }
    if let Some(bucket) = backup.bucket {
        let shelf = BucketShelf::open(&bucket, Arc::clone(&clock)).map_err(SyncdError::Bucket)?;
        let record = Client::new(&run, Role::Syncd);
        tasks.start("backup-bucket", move |stop| super::backup::run(record, shelf, backup.every, clock, stop));
    }
    server::serve(&mut tasks, &run, Syncing::NAME, &users, &Arc::new(desk))?;
    tasks.wait().await?;
    Ok(())
}

/// Answers at the door.
struct Desk {
    destinations: BTreeMap<String, (mpsc::Sender<Wish>, Board)>,
    clock: Arc<dyn Clock>,
}

impl Desk {
    async fn now(&self, body: &[u8]) -> Result<Outcome, Refusal> {
        let Now { destination } = serde_json::from_slice(body).map_err(|_| Refusal::Malformed)?;
        let (wishes, _) = self.destinations.get(&destination).ok_or(Refusal::NotFound)?;
        let (wish, ran) = oneshot::channel();
        wishes.try_send(wish).map_err(|_| Refusal::Unavailable)?;
        ran.await.map_err(|_| Refusal::Unavailable)
    }

    fn status(&self) -> Vec<Standing> {
        let now = self.clock.wall().as_microsecond();
        let standing = |(_, board): &(mpsc::Sender<Wish>, Board)| {
            let mut standing = board.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let since = standing.last_success.map(|then| now.saturating_sub(then) / 1_000_000);
            standing.seconds_behind = since.map(|seconds| u64::try_from(seconds).unwrap_or(0));
            standing
        };
        self.destinations.values().map(standing).collect()
    }
}

impl Handler for Desk {
    async fn handle(&self, request: Request) -> Result<Vec<u8>, Refusal> {
        let written = match request.kind.as_str() {
            "now" => serde_json::to_vec(&self.now(&request.body).await?),
            "status" => serde_json::to_vec(&self.status()),
            "ping" => return Ok(Vec::new()),
            _ => return Err(Refusal::UnknownKind),
        };
        written.map_err(|_| Refusal::Failed)
    }
}

#[cfg(test)]
mod tests;
