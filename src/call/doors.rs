//! Requests at the other doors, made for a call's thread by the daemon's runtime.
//!
//! A call never waits: it hands a request over and gets a message back. Every request has a deadline, and a door that
//! is gone is an answer too.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::converse::{self, Standing, Thought};
use crate::ids::CallId;
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::client::{AskError, Client};
use crate::wire::doors::{Door, Role};
use crate::wire::event::Event;
use crate::wire::recorder::Recorder;
use crate::wire::stream::Stream;
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

/// Takes the pieces of a model's answer; the last of them exactly once, whatever happens to the request.
pub struct Pieces {
    take: Box<dyn FnMut(Thought) + Send>,
    ended: bool,
}

impl Pieces {
    /// Pieces that `take` will get.
    pub fn to(take: impl FnMut(Thought) + Send + 'static) -> Self {
        Self { take: Box::new(take), ended: false }
    }

    fn give(&mut self, thought: Thought) {
        if self.ended {
            return;
        }
        self.ended = matches!(thought, Thought::Whole | Thought::Failed(_));
        (self.take)(thought);
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        self.give(Thought::Failed("unavailable"));
    }
}

async fn stream(
    run: PathBuf,
    kind: &'static str,
    call: CallId,
    request: Vec<u8>,
    deadline: Duration,
    call_off: Stop,
    mut pieces: Pieces,
) {
    let answer = async {
        let mut stream = Stream::<Airlock>::open(&run, Role::Anteroomd, kind, Some(call), request).await?;
        loop {
            let piece = tokio::time::timeout(deadline, stream.next()).await;
            let piece = piece.map_err(|_| AskError::Late { door: Airlock::NAME, deadline })??;
            let thought = converse::thought(&piece).unwrap_or(Thought::Failed("broken"));
            let last = matches!(thought, Thought::Whole | Thought::Failed(_));
            pieces.give(thought);
            if last {
                return Ok(());
            }
        }
    };
    let ended: Result<(), AskError> = tokio::select! {
        () = call_off.asked() => Ok(()),
        ended = answer => ended,
    };
    match ended {
        Ok(()) => pieces.give(Thought::Failed("called-off")),
        Err(AskError::Late { .. }) => pieces.give(Thought::Failed("late")),
        Err(error) => {
            tracing::warn!(%call, %error, "the airlock gave no answer; the call goes on without it");
            pieces.give(Thought::Failed("unavailable"));
        }
    }
}

/// The doors, as a call sees them.
#[derive(Clone)]
pub struct Doors {
    run: PathBuf,
    work: mpsc::Sender<Work>,
    clinic: Arc<Client<Clinic>>,
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
        Standing { record: self.recorder.opens_gates(), clinic: self.clinic_up.load(Ordering::Relaxed) }
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

    /// Offers the airlock what a cloud model would be sent; it is checked and kept.
    pub fn offer(&self, call: CallId, request: Vec<u8>, pieces: Pieces) {
        let work = stream(self.run.clone(), "offer", call, request, OFFER_DEADLINE, Stop::new(), pieces);
        self.start(work);
    }

    /// Asks a cloud model through the airlock. The answer comes in pieces, each within `deadline`, and always has an end;
    /// `call_off` hangs up.
    pub fn think(&self, call: CallId, request: Vec<u8>, deadline: Duration, call_off: Stop, pieces: Pieces) {
        self.start(stream(self.run.clone(), "think", call, request, deadline, call_off, pieces));
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
