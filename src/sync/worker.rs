//! One destination's task: waits for its hour or for the administrator, runs, remembers how it went.
//!
//! In:  the plan, `now` from the door. Out: [`Standing`], alerts in the record, a line in the log without values.
//! A destination that diverged or is closed waits until a person says `now` or starts syncd again.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::bucket::Bucket;
use super::fault::Fault;
use super::postgres::Postgres;
use super::run::{self, Arrived, Run, Source, Stopped};
use super::schedule::{self, Plan};
use crate::clock::Clock;
use crate::config::warehouse::{Class, Destination, Sink};
use crate::ids::Turn;
use crate::tasks::{Stop, TaskError};
use crate::wire::Parcel;
use crate::wire::client::Client;
use crate::wire::doors::Record;
use crate::wire::event::Kind;
use crate::wire::recorder::Recorder;
use crate::wire::rows::{Answer, Ask, Synced, Table};
use crate::wire::syncing::{Outcome, Standing};

/// How long recordd may take to make a batch: it reads and opens up to 1,000 events, beside its calls.
const MAKING: Duration = Duration::from_secs(30);
/// How often the clock is looked at while nothing is due: a clock that was set is noticed within that.
const LOOK: Duration = Duration::from_secs(30);

/// recordd, as a source of rows.
pub(super) struct RecordDoor(pub(super) Arc<Client<Record>>);

impl Source for RecordDoor {
    async fn rows(&self, ask: &Ask) -> Result<Answer, Fault> {
        let body = serde_json::to_vec(ask).map_err(|_| Fault::Record)?;
        let answer = self.0.ask_sealed("rows", None, body, MAKING).await.map_err(|_| Fault::Record)?;
        serde_json::from_slice(&answer).map_err(|_| Fault::Rows)
    }

    async fn synced(&self, synced: &Synced) -> Result<(), Fault> {
        let body = serde_json::to_vec(synced).map_err(|_| Fault::Record)?;
        self.0.ask_sealed("synced", None, body, MAKING).await.map(drop).map_err(|_| Fault::Record)
    }
}

/// Somebody waits for the outcome of a run at once.
pub(super) type Wish = oneshot::Sender<Outcome>;

/// How a destination stands, where the door can read it.
pub(super) type Board = Arc<Mutex<Standing>>;

/// One destination's task.
pub(super) struct Worker<S> {
    pub(super) destination: Destination,
    /// The same name, for events: they take only words that the program itself holds.
    pub(super) name: &'static str,
    pub(super) plan: Plan,
    pub(super) tables: &'static [Table],
    pub(super) source: S,
    pub(super) recorder: Recorder,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) board: Board,
    pub(super) wishes: mpsc::Receiver<Wish>,
    pub(super) box_id: Option<String>,
}

impl<S: Source> Worker<S> {
    /// Serves its destination until `stop`.
    ///
    /// # Errors
    /// None of its own.
    pub(super) async fn serve(mut self, stop: Stop) -> Result<(), TaskError> {
        let mut due = schedule::next_run(&self.plan, self.clock.wall(), 0);
        loop {
            self.note_next(due);
            let wish = tokio::select! {
                () = stop.asked() => return Ok(()),
                wish = self.wishes.recv() => match wish {
                    Some(wish) => Some(wish),
                    None => return Ok(()),
                },
                () = wait(&*self.clock, due) => None,
            };
            let at_once = wish.is_some();
            let ended = tokio::select! {
                // The destination undoes or finishes what is dropped here; the next run sees which.
                () = stop.asked() => return Ok(()),
                ended = self.run(at_once) => ended,
            };
            due = self.remember(ended.as_ref());
            if let Some(wish) = wish {
                // Whoever asked may have gone.
                let _ = wish.send(outcome(&ended));
            }
        }
    }

    /// One run.
    async fn run(&mut self, at_once: bool) -> Result<Arrived, Stopped> {
        let (clock, plan) = (Arc::clone(&self.clock), &self.plan);
        let may_go_on = move || at_once || schedule::is_open(plan, clock.wall());
        let run = Run { destination: &self.destination.name, box_id: &mut self.box_id, may_go_on: &may_go_on };
        let phi = match self.destination.class {
            Class::DeIdentified => false,
            Class::Phi(_) => true,
        };
        match &self.destination.sink {
            Sink::Postgres(config) => run::run(run, &self.source, &mut Postgres::new(config, phi, self.tables)).await,
            Sink::Bucket(config) => {
                let mut bucket = Bucket::open(config, phi, self.tables, Arc::clone(&self.clock))?;
                run::run(run, &self.source, &mut bucket).await
            }
        }
    }

    /// Writes down how a run ended, and says when the next is due; `None` where a person must act first.
    fn remember(&self, ended: Result<&Arrived, &Stopped>) -> Option<Timestamp> {
        let now = self.clock.wall();
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        match ended {
            Ok(arrived) => {
                let next = arrived.cursor.as_ref().map_or(0, |cursor| cursor.next);
                board.events_behind = Some(arrived.size.saturating_sub(next));
                board.rows = board.rows.saturating_add(arrived.rows);
                (board.failures, board.word) = (0, None);
                if !arrived.paused {
                    board.last_success = Some(now.as_microsecond());
                }
                tracing::info!(
                    destination = self.name,
                    rows = arrived.rows,
                    batches = arrived.batches,
                    paused = arrived.paused,
                    "brought up to date"
                );
                schedule::next_run(&self.plan, now, u32::from(arrived.paused))
            }
            Err(stopped) => {
                board.failures = board.failures.saturating_add(1);
                board.word = Some(stopped.as_str().to_owned());
                tracing::warn!(destination = self.name, word = stopped.as_str(), advice = %stopped, "not brought up to date");
                if !stopped.is_for_a_person() {
                    return schedule::next_run(&self.plan, now, board.failures);
                }
                let body = Parcel::new().with("what", &"sync-stopped").with("why", &stopped.as_str());
                let body = body.with("destination", &self.name);
                self.recorder.note(self.recorder.event(Kind::Alert, None, Turn::default(), false, body));
                None
            }
        }
    }

    fn note_next(&self, due: Option<Timestamp>) {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        board.next_run = due.map(Timestamp::as_microsecond);
    }
}

fn outcome(ended: &Result<Arrived, Stopped>) -> Outcome {
    match ended {
        Ok(arrived) => {
            let next = arrived.cursor.as_ref().map_or(0, |cursor| cursor.next);
            Outcome::UpToDate { rows: arrived.rows, batches: arrived.batches, next }
        }
        Err(stopped) => Outcome::Stopped { word: stopped.as_str().to_owned(), advice: stopped.to_string() },
    }
}

/// Waits until the clock shows `due`; for ever without one. The wall clock may be set meanwhile: it is asked again and
/// again, rather than once how long that is.
async fn wait(clock: &dyn Clock, due: Option<Timestamp>) {
    let Some(due) = due else { return std::future::pending().await };
    loop {
        let left = due.duration_since(clock.wall());
        let Ok(left) = Duration::try_from(left) else { return };
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left.min(LOOK)).await;
    }
}
