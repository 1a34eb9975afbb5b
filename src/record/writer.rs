//! The one thread that writes.
//!
//! In:  submissions through a bounded queue, from async handlers that never wait for room.
//! Out: an answer to each once it is on the disk. Takes whatever is queued and commits it in one transaction, with no
//!      timer: under load batches form by themselves, and an idle box commits a single event within milliseconds.
//!
//! ```text
//!   healthy --commit fails--> broken: nothing is taken in, what was taken is kept and tried again every 250 ms
//!   broken --reopened, kept events committed, filler fits--> healthy
//! ```
//! Whatever else needs the one store that writes (erasing, marking, turning an epoch) is done by the same thread, between
//! commits. A minute after an event that no checkpoint covers, the tree is signed.
//!
//! A full queue, in submissions or bytes, is a refusal: the senders keep events too. The store is never used again after
//! an error, it is opened anew.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::record::database::{Location, Lock, StoreError};
use crate::record::fork;
use crate::record::store::{Appended, Store, Submission};
use crate::wire::recorder::uptime_us;

/// Submissions that may be queued: each sender has one under way, so this is far more than there are.
const QUEUED: usize = 256;
/// Bytes that may be queued.
const QUEUED_BYTES: usize = 64 * 1024 * 1024;
/// Events after which a transaction takes no further submission.
const BATCH: usize = 1_024;
/// How long events may be without a checkpoint.
const SIGN_AFTER: Duration = Duration::from_secs(60);
/// How often a broken store is tried again: soon enough that a caller on the line notices little, seldom enough for a
/// flash disk. (Tests do not wait for the real thing.)
const RETRY: Duration = Duration::from_millis(if cfg!(test) { 5 } else { 250 });

/// The event was not appended: the store is broken or too much is queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record takes nothing now: its disk is full or failed, or too much is queued; it tries again by itself")]
pub struct NotTaken;

type Answer = oneshot::Sender<Result<Appended, NotTaken>>;

/// What the thread is asked to do.
enum Job {
    /// Append.
    Append { submission: Submission, bytes: usize, answer: Answer },
    /// Something else that needs the one store that writes.
    Act(Act),
}

/// Gives the store back, unless it failed.
type Act = Box<dyn FnOnce(Store) -> Option<Store> + Send>;

#[derive(Default)]
struct State {
    broken: AtomicBool,
    queued_bytes: AtomicUsize,
    commits: AtomicU64,
}

/// Hands submissions to the writer thread.
#[derive(Clone)]
pub struct Writer {
    jobs: SyncSender<Job>,
    state: Arc<State>,
}

/// The writer thread has ended. Resolves when it does; the thread ends when every [`Writer`] is dropped.
pub type Ended = oneshot::Receiver<()>;

impl Writer {
    /// Opens the record and starts the thread, which holds `lock` as long as it lives.
    ///
    /// # Errors
    /// [`StoreError`] where the record cannot be opened at all.
    pub fn start(location: Location, lock: Lock, clock: Arc<dyn Clock>) -> Result<(Self, Ended), StoreError> {
        let t = clock.wall().as_microsecond();
        let (store, _) = fork::open(&location, t, uptime_us())?;
        let (jobs, queue) = sync_channel(QUEUED);
        let state = Arc::<State>::default();
        let (ending, ended) = oneshot::channel();
        let thread = Thread {
            location,
            store: Some(store),
            queue,
            state: Arc::clone(&state),
            clock,
            kept: VecDeque::new(),
            unsigned_since: None,
        };
        let path = thread.location.folder.clone();
        std::thread::Builder::new()
            .name("record-writer".to_owned())
            .spawn(move || {
                thread.run();
                drop(lock);
                let _ = ending.send(());
            })
            .map_err(|source| StoreError::File { path, source })?;
        Ok((Self { jobs, state }, ended))
    }

    /// Whether the last commit went well.
    #[must_use]
    pub fn is_healthy(&self) -> bool {
        !self.state.broken.load(Ordering::Acquire)
    }

    /// How many times submissions were committed since the start; with what was submitted it gives the size of batches.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.state.commits.load(Ordering::Acquire)
    }

    /// Queues a submission. The answer comes once it is on the disk; whoever does not need it drops the receiver.
    ///
    /// # Errors
    /// [`NotTaken`] at once, where the store is broken or the queue is full.
    pub fn submit(&self, submission: Submission) -> Result<oneshot::Receiver<Result<Appended, NotTaken>>, NotTaken> {
        let bytes = submission.entries.iter().map(|entry| entry.body.len()).sum();
        let queued = self.state.queued_bytes.fetch_add(bytes, Ordering::AcqRel);
        let (answer, answered) = oneshot::channel();
        let fits = queued.saturating_add(bytes) <= QUEUED_BYTES || queued == 0;
        if !fits || !self.is_healthy() || self.jobs.try_send(Job::Append { submission, bytes, answer }).is_err() {
            self.state.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
            return Err(NotTaken);
        }
        Ok(answered)
    }

    /// Has something done with the store, and waits for it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where the store is broken now; what `act` says.
    pub async fn act<T, F>(&self, act: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(Store) -> Result<(Store, T), StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let act: Act = Box::new(move |store| match act(store) {
            Ok((store, value)) => {
                // Whoever asked may be gone; it was done all the same.
                let _ = answer.send(Ok(value));
                Some(store)
            }
            Err(error) => {
                let _ = answer.send(Err(error));
                None
            }
        });
        if !self.is_healthy() || self.jobs.try_send(Job::Act(act)).is_err() {
            return Err(StoreError::Busy);
        }
        // A job that is dropped undone was queued in the instant before the store broke.
        answered.await.unwrap_or(Err(StoreError::Busy))
    }
}

struct Thread {
    location: Location,
    store: Option<Store>,
    queue: Receiver<Job>,
    state: Arc<State>,
    clock: Arc<dyn Clock>,
    /// Since when there have been events that no checkpoint covers.
    unsigned_since: Option<Instant>,
    /// Submissions that were taken, whose commit failed, and for which nobody waits any more.
    kept: VecDeque<Submission>,
}

impl Thread {
    fn run(mut self) {
        loop {
            let job = if self.store.is_some() && self.kept.is_empty() {
                match self.queue.recv_timeout(self.until_signing()) {
                    Ok(job) => Some(job),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return self.sign(),
                }
            } else {
                match self.queue.recv_timeout(RETRY) {
                    Ok(late) => {
                        self.turn_away(late);
                        continue;
                    }
                    Err(RecvTimeoutError::Timeout) => {
                        self.recover();
                        continue;
                    }
                    Err(RecvTimeoutError::Disconnected) => return self.recover(),
                }
            };
            match job {
                Some(Job::Append { submission, bytes, answer }) => self.commit(submission, bytes, answer),
                Some(Job::Act(act)) => self.act(act),
                None => self.sign(),
            }
            let unsigned = self.store.as_ref().is_some_and(Store::is_unsigned);
            self.unsigned_since = unsigned.then(|| self.unsigned_since.unwrap_or_else(|| self.clock.now()));
        }
    }

    /// How long nothing need be done.
    fn until_signing(&self) -> Duration {
        match self.unsigned_since {
            Some(since) => SIGN_AFTER.saturating_sub(self.clock.now().saturating_duration_since(since)),
            // Nothing is unsigned, so that nothing is due: as good as any.
            None => SIGN_AFTER,
        }
    }

    fn sign(&mut self) {
        let t = self.clock.wall().as_microsecond();
        self.with_store(|store| match store.sign(t) {
            Ok(store) => Some(store),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the tree could not be signed");
                None
            }
        });
    }

    fn act(&mut self, act: Act) {
        self.with_store(act);
    }

    /// Does something with the store; where it does not come back, the store is broken.
    fn with_store(&mut self, act: impl FnOnce(Store) -> Option<Store>) {
        if let Some(store) = self.store.take() {
            self.store = act(store);
        }
        if self.store.is_none() {
            self.state.broken.store(true, Ordering::Release);
        }
    }

    /// Commits `first` and everything that is queued behind it.
    fn commit(&mut self, first: Submission, bytes: usize, answer: Answer) {
        let mut events = first.entries.len();
        let (mut submissions, mut answers, mut then) = (vec![first], vec![answer], None);
        self.state.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
        while events < BATCH && then.is_none() {
            match self.queue.try_recv() {
                Ok(Job::Append { submission, bytes, answer }) => {
                    self.state.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
                    events = events.saturating_add(submission.entries.len());
                    submissions.push(submission);
                    answers.push(answer);
                }
                Ok(Job::Act(act)) => then = Some(act),
                Err(_) => break,
            }
        }
        let Some(store) = self.store.take() else { return };
        match store.append(&submissions) {
            Ok((store, appended)) => {
                self.store = Some(store);
                self.state.commits.fetch_add(1, Ordering::AcqRel);
                for (answer, appended) in answers.into_iter().zip(appended) {
                    // Whoever asked may be gone, or never wanted to know.
                    let _ = answer.send(Ok(appended));
                }
                then.into_iter().for_each(|act| self.act(act));
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    events,
                    "a commit failed; nothing more is taken until one succeeds"
                );
                self.state.broken.store(true, Ordering::Release);
                for (submission, answer) in submissions.into_iter().zip(answers) {
                    self.keep_or_refuse(submission, answer);
                }
            }
        }
    }

    /// Who waits is told, and sends again; what nobody waits for was promised to be appended, and is kept.
    fn keep_or_refuse(&mut self, submission: Submission, answer: Answer) {
        if answer.is_closed() {
            self.kept.push_back(submission);
        } else {
            let _ = answer.send(Err(NotTaken));
        }
    }

    /// A job that was queued in the instant before the store was seen to be broken.
    fn turn_away(&mut self, job: Job) {
        match job {
            Job::Append { submission, bytes, answer } => {
                self.state.queued_bytes.fetch_sub(bytes, Ordering::AcqRel);
                self.keep_or_refuse(submission, answer);
            }
            // Whoever waits for it sees that it was dropped.
            Job::Act(_) => {}
        }
    }

    /// Opens the record anew, appends what was kept, and sees whether there is room for more.
    fn recover(&mut self) {
        self.store = None;
        let kept = self.kept.make_contiguous();
        let t = self.clock.wall().as_microsecond();
        let opened = fork::open(&self.location, t, uptime_us());
        let recovered = opened.and_then(|(store, _)| store.append(kept)).and_then(|(store, _)| {
            self.kept.clear();
            store.probe()
        });
        match recovered {
            Ok(store) => {
                self.store = Some(store);
                self.state.broken.store(false, Ordering::Release);
                tracing::warn!("the record takes events again");
            }
            Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "the record is still broken"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use zeroize::Zeroizing;

    use super::*;
    use crate::ids::Turn;
    use crate::record::key::KeySource;
    use crate::record::senders::Sender;
    use crate::record::store::Entry;
    use crate::record::verify::verify;
    use crate::wire::event::Kind;

    #[test]
    fn a_batch_that_is_sent_twice_is_appended_once() {
        let folder = tempfile::tempdir().unwrap();
        let (location, writer, _ended) = start(folder.path());
        let sender = Sender { id: uuid::Uuid::new_v4(), first: 0, close: false };
        let batch = Submission { sender: Some(sender), entries: vec![entry(10), entry(10)] };
        assert_eq!(wait(&writer, batch.clone()), Ok(Appended { seqs: Some((0, 1)), next: 2 }));
        assert_eq!(wait(&writer, batch), Ok(Appended { seqs: None, next: 2 }));
        let overlap = Submission { sender: Some(Sender { first: 1, ..sender }), entries: vec![entry(10), entry(10)] };
        assert_eq!(wait(&writer, overlap), Ok(Appended { seqs: Some((2, 2)), next: 3 }));
        let closing = Submission { sender: Some(Sender { first: 3, close: true, ..sender }), entries: vec![] };
        assert_eq!(wait(&writer, closing), Ok(Appended { seqs: None, next: 3 }));
        let late = Submission { sender: Some(Sender { first: 3, ..sender }), entries: vec![entry(10)] };
        assert_eq!(wait(&writer, late), Ok(Appended { seqs: None, next: 3 }));
        assert_eq!(verify(&mut location.reader().unwrap()).unwrap().events, 3);
    }

    #[test]
    fn a_full_disk_is_refused_and_the_record_goes_on_when_there_is_space() {
        let folder = tempfile::tempdir().unwrap();
        let (location, writer, _ended) = start(folder.path());
        wait(&writer, batch(1, 100)).unwrap();
        location.page_limit().store(60, Ordering::Relaxed);
        // The limit belongs to a connection: the store must be opened anew, as after any failure.
        drop((writer, _ended));
        let (writer, _ended) = restart(&location);
        let appended = (0..).map_while(|_| wait(&writer, batch(1, 8_000)).ok()).count();
        assert!(appended > 0);
        assert!(!writer.is_healthy());
        assert_eq!(writer.submit(batch(1, 10)).map(|_| ()), Err(NotTaken));
        location.page_limit().store(0, Ordering::Relaxed);
        while !writer.is_healthy() {
            std::thread::yield_now();
        }
        let last = u64::try_from(appended).unwrap() + 1;
        assert_eq!(wait(&writer, batch(1, 8_000)).unwrap().seqs, Some((last, last)));
        let report = verify(&mut location.reader().unwrap()).unwrap();
        assert!(report.is_whole());
        assert_eq!(report.events, last + 1);
    }

    #[test]
    fn what_was_promised_on_a_full_disk_is_appended_when_there_is_space() {
        let folder = tempfile::tempdir().unwrap();
        let (location, writer, _ended) = start(folder.path());
        location.page_limit().store(60, Ordering::Relaxed);
        drop((writer, _ended));
        let (writer, _ended) = restart(&location);
        let mut promised = 0_u64;
        // Nobody waits for these, as after an `append`.
        while writer.is_healthy() {
            promised += u64::from(writer.submit(batch(1, 8_000)).is_ok());
        }
        location.page_limit().store(0, Ordering::Relaxed);
        while !writer.is_healthy() {
            std::thread::yield_now();
        }
        wait(&writer, Submission::default()).unwrap();
        assert_eq!(verify(&mut location.reader().unwrap()).unwrap().events, promised);
    }

    #[test]
    fn a_queue_of_too_many_bytes_refuses() {
        let folder = tempfile::tempdir().unwrap();
        let (_, writer, _ended) = start(folder.path());
        writer.state.queued_bytes.store(QUEUED_BYTES, Ordering::Relaxed);
        assert_eq!(writer.submit(batch(1, 10)).map(|_| ()), Err(NotTaken));
        assert_eq!(writer.state.queued_bytes.load(Ordering::Relaxed), QUEUED_BYTES);
    }

    fn start(folder: &Path) -> (Location, Writer, Ended) {
        let source = KeySource { data_dir: folder.to_owned(), credentials: None };
        let location = Location::find(&source, true).unwrap().0;
        let (writer, ended) = restart(&location);
        (location, writer, ended)
    }

    /// Waits for the lock: the thread of a dropped writer ends in its own time.
    fn restart(location: &Location) -> (Writer, Ended) {
        loop {
            if let Ok(lock) = location.lock() {
                return Writer::start(location.clone(), lock, Arc::new(crate::clock::SystemClock)).unwrap();
            }
            std::thread::yield_now();
        }
    }

    fn wait(writer: &Writer, submission: Submission) -> Result<Appended, NotTaken> {
        writer.submit(submission)?.blocking_recv().unwrap()
    }

    fn batch(count: usize, bytes: usize) -> Submission {
        Submission { sender: None, entries: vec![entry(bytes); count] }
    }

    fn entry(bytes: usize) -> Entry {
        Entry {
            t: 1,
            mono_us: 2,
            kind: Kind::Verdict,
            call: None,
            turn: Turn(1),
            synthetic: true,
            actor: "anteroomd",
            body: Zeroizing::new(vec![b' '; bytes]),
        }
    }
}
