//! Appends that come by chance: events at a rate, whether or not the record keeps up, each answered when it is durable.
//!
//! Arrivals are a Poisson process of a fixed seed. A time counts from when the event was due, not from when the record
//! could take it: a queue that builds up is seen.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::figures::{at, float, micros, millis, of_process, of_thread, ratio};
use super::{MeasureError, location, script, wall};
use crate::clock::{Clock, SystemClock};
use crate::ids::CallId;
use crate::record::store::{Appended, Submission};
use crate::record::writer::{Ended, NotTaken, Writer};

/// The seed of the arrivals.
const SEED: u64 = 7;

/// What came of the arrivals at one rate.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// Events offered a second.
    pub rate: u32,
    /// Events.
    pub events: u64,
    /// Half of them were durable within so many milliseconds.
    pub p50_ms: f64,
    /// All but one in a hundred were.
    pub p99_ms: f64,
    /// Commits that they took.
    pub commits: u64,
    /// Processor time of an event, microseconds: the writer's, without whoever sent and awaited it.
    pub cpu_us: f64,
}

type Due = (Instant, oneshot::Receiver<Result<Appended, NotTaken>>);

/// Offers `rate` events a second for so many seconds to a record in `folder`.
///
/// # Errors
/// [`MeasureError`].
pub(super) fn measure(folder: &Path, rate: u32, seconds: u32) -> Result<Arrivals, MeasureError> {
    let location = location(folder)?;
    let lock = location.lock()?;
    let (writer, ended) = Writer::start(location, lock, Arc::new(SystemClock))?;
    let (sender, due) = channel();
    let before = of_process()?;
    let (sent, awaited) = std::thread::scope(|scope| {
        let awaiting = scope.spawn(move || collect(&due));
        let sent = offer(&writer, sender, rate, seconds);
        (sent, awaiting.join())
    });
    let sending = sent?;
    let (mut times, awaiting) = awaited.map_err(|_| MeasureError::Wrong { what: "a thread ended early" })??;
    let spent = of_process()?.saturating_sub(before).saturating_sub(sending).saturating_sub(awaiting);
    let commits = writer.commits();
    drop(writer);
    wait_for(ended);
    times.sort_unstable();
    let events = u64::try_from(times.len()).unwrap_or(u64::MAX);
    let (p50_ms, p99_ms) = (millis(at(&times, 50)), millis(at(&times, 99)));
    Ok(Arrivals { rate, events, p50_ms, p99_ms, commits, cpu_us: ratio(micros(spent), float(events)) })
}

/// Waits until a writer's thread has ended: on a thread of its own, where waiting is allowed.
pub(super) fn wait_for(ended: Ended) {
    std::thread::scope(|scope| {
        scope.spawn(move || ended.blocking_recv().ok());
    });
}

/// Submits the events when they are due. The processor time that this took.
fn offer(writer: &Writer, awaiting: Sender<Due>, rate: u32, seconds: u32) -> Result<Duration, MeasureError> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let (call, before, began) = (CallId::draw(), of_thread()?, SystemClock.now());
    let mut due = Duration::ZERO;
    loop {
        // The time to the next arrival; never the logarithm of zero.
        due = due.saturating_add(Duration::from_secs_f64(-(1.0 - random.f64()).ln() / f64::from(rate)));
        if due >= Duration::from_secs(u64::from(seconds)) {
            return Ok(of_thread()?.saturating_sub(before));
        }
        std::thread::sleep(due.saturating_sub(SystemClock.now().saturating_duration_since(began)));
        let submission = Submission { sender: None, entries: vec![script::one(call, wall())] };
        let answer = writer.submit(submission)?;
        // Whoever collects ends after this, unless it failed: then it says so.
        let _ = awaiting.send((began.checked_add(due).unwrap_or(began), answer));
    }
}

/// How long each event took, and the processor time of waiting. Answers come in the order of the events.
fn collect(due: &Receiver<Due>) -> Result<(Vec<Duration>, Duration), MeasureError> {
    let before = of_thread()?;
    let mut times = Vec::new();
    while let Ok((due, answer)) = due.recv() {
        answer.blocking_recv().unwrap_or(Err(NotTaken))?;
        times.push(SystemClock.now().saturating_duration_since(due));
    }
    Ok((times, of_thread()?.saturating_sub(before)))
}

impl fmt::Display for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rate, events, p50_ms, p99_ms, commits, cpu_us } = self;
        let batch = ratio(float(*events), float(*commits));
        write!(f, "durable append, {rate} events/s of 1 KB by chance: {events} events, p50 {p50_ms:.1} ms, ")?;
        write!(f, "p99 {p99_ms:.1} ms, {batch:.2} events a commit, {cpu_us:.0} us CPU an event")
    }
}
