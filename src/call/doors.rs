//! Requests at the other doors, made for a call's thread by the daemon's runtime.
//!
//! A call never waits: it hands a request over and gets a message back. Every request has a deadline, and a door that
//! is gone is an answer too.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::converse::Standing;
use crate::ids::CallId;
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::client::{AskError, Client};
use crate::wire::doors::Role;
use crate::wire::event::Event;
use crate::wire::recorder::Recorder;
use crate::wire::{Airlock, Clinic, Parcel, Record};

/// Requests that may wait to be started.
const WAITING: usize = 64;
/// How long the airlock may take to check and answer.
const OFFER_DEADLINE: Duration = Duration::from_millis(1_500);
/// How long the record may take to keep a chunk of audio.
const AUDIO_DEADLINE: Duration = Duration::from_secs(3);
/// How often the clinic's door is asked whether it is there.
const PING_EVERY: Duration = Duration::from_millis(250);
/// How long it may take to say so.
const PING_DEADLINE: Duration = Duration::from_millis(500);

type Work = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

type Take = Box<dyn FnOnce(Result<Vec<u8>, AskError>) + Send>;

/// Takes the answer to one request, exactly once: a request that is dropped unanswered (too many wait, the daemon
/// stops) is answered "gone", so that no call waits for ever.
pub struct Reply {
    door: &'static str,
    take: Option<Take>,
}

impl Reply {
    /// A reply that `take` will get.
    pub fn to(door: &'static str, take: impl FnOnce(Result<Vec<u8>, AskError>) + Send + 'static) -> Self {
        Self { door, take: Some(Box::new(take)) }
    }

    fn give(mut self, answer: Result<Vec<u8>, AskError>) {
        if let Some(take) = self.take.take() {
            take(answer);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(take) = self.take.take() {
            take(Err(AskError::Gone { door: self.door }));
        }
    }
}

/// The doors, as a call sees them.
#[derive(Clone)]
pub struct Doors {
    run: PathBuf,
    work: mpsc::Sender<Work>,
    clinic: Arc<Client<Clinic>>,
    airlock: Arc<Client<Airlock>>,
    record: Arc<Client<Record>>,
    /// The record's events.
    pub recorder: Recorder,
    clinic_up: Arc<AtomicBool>,
    tool_deadline: Duration,
}

impl Doors {
    /// Opens the doors and starts the task that runs requests.
    #[must_use]
    pub fn open(run: &Path, recorder: Recorder, tool_deadline: Duration, tasks: &mut Tasks) -> Self {
        let (work, queue) = mpsc::channel(WAITING);
        let clinic = Arc::new(Client::new(run, Role::Anteroomd));
        let clinic_up = Arc::new(AtomicBool::new(false));
        tasks.start("doors", move |stop| run_work(queue, stop));
        let (pinged, up) = (Arc::clone(&clinic), Arc::clone(&clinic_up));
        tasks.start("clinic-ping", move |stop| ping(pinged, up, stop));
        Self {
            run: run.to_owned(),
            work,
            clinic,
            airlock: Arc::new(Client::new(run, Role::Anteroomd)),
            record: Arc::new(Client::new(run, Role::Anteroomd)),
            recorder,
            clinic_up,
            tool_deadline,
        }
    }

    /// The doors for one call: a connection of its own to the clinic, where requests of one connection are answered in
    /// order, so that no call waits for the slow tool of another.
    #[must_use]
    pub fn for_one_call(&self) -> Self {
        Self { clinic: Arc::new(Client::new(&self.run, Role::Anteroomd)), ..self.clone() }
    }

    /// Which of the other processes are there.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing { record: self.recorder.is_up(), clinic: self.clinic_up.load(Ordering::Relaxed) }
    }

    /// Asks a tool. Where `first` is given, it must be durable in the record before the tool is asked: a write that the
    /// record does not know of does not happen.
    pub fn tool(&self, call: CallId, request: Parcel<Clinic>, first: Option<Event>, reply: Reply) {
        let (clinic, recorder, deadline) = (Arc::clone(&self.clinic), self.recorder.clone(), self.tool_deadline);
        self.start(async move {
            if let Some(event) = first
                && let Err(error) = recorder.note_durable(event).await
            {
                tracing::warn!(%call, %error, "a tool write was not made: the record is not there");
                return reply.give(Err(AskError::Gone { door: "record" }));
            }
            reply.give(clinic.ask("tool", Some(call), request, deadline).await);
        });
    }

    /// Offers the airlock what a cloud model would be sent.
    pub fn offer(&self, call: CallId, request: Vec<u8>, reply: Reply) {
        let airlock = Arc::clone(&self.airlock);
        self.start(async move { reply.give(airlock.ask_sealed("offer", Some(call), request, OFFER_DEADLINE).await) });
    }

    /// Tells the clinic's door that a call is over, so that it forgets it.
    pub fn forget(&self, call: CallId) {
        let clinic = Arc::clone(&self.clinic);
        let deadline = self.tool_deadline;
        self.start(async move {
            if let Err(error) = clinic.ask("end", Some(call), Parcel::new(), deadline).await {
                tracing::debug!(%call, %error, "the clinic's door was not told that the call is over");
            }
        });
    }

    /// Keeps a chunk of a call's sound.
    pub fn keep_audio(&self, call: CallId, body: Vec<u8>) {
        let record = Arc::clone(&self.record);
        self.start(async move {
            if let Err(error) = record.ask_sealed("audio", Some(call), body, AUDIO_DEADLINE).await {
                tracing::warn!(%call, %error, "a chunk of the recording was not kept");
            }
        });
    }

    fn start(&self, work: impl Future<Output = ()> + Send + 'static) {
        if self.work.try_send(Box::pin(work)).is_err() {
            // The request is dropped with its answer, which the call counts as a door that is gone.
            tracing::warn!("too many requests wait at the doors");
        }
    }
}

async fn run_work(mut queue: mpsc::Receiver<Work>, stop: Stop) -> Result<(), TaskError> {
    let mut running = Tasks::below(&stop);
    loop {
        tokio::select! {
            () = stop.asked() => return Ok(()),
            () = running.reap() => {}
            Some(work) = queue.recv() => running.start("request", move |_| async move {
                work.await;
                Ok(())
            }),
        }
    }
}

async fn ping(clinic: Arc<Client<Clinic>>, up: Arc<AtomicBool>, stop: Stop) -> Result<(), TaskError> {
    loop {
        let answer = clinic.ask("ping", None, Parcel::new(), PING_DEADLINE).await;
        up.store(answer.is_ok(), Ordering::Relaxed);
        tokio::select! {
            () = stop.asked() => return Ok(()),
            () = tokio::time::sleep(PING_EVERY) => {}
        }
    }
}
