//! The handle by which every process appends to the record.
//!
//! In:  events from any thread: [`Recorder::note`] never blocks, [`Recorder::note_durable`] is for gates (a cloud call
//!      about to leave, a tool write, a reveal), which wait until the event is on the disk.
//! Out: batches over the process's socket at recordd, in order. Events stay in memory until recordd has committed them.
//! One task feeds, and pings on a connection of its own so that a dead or full record is known within 600 ms.
//!
//! ```text
//!   away --connected, last sender closed, commit works--> up --ping or batch failed--> away
//! ```
//! On return the batch that was under way is cleared up first: recordd tells how many of its events it has, and takes no
//! more from that connection. The rest follow behind a `record.gap` that says how many waited and how many were lost.
//! Never writes to disk, never logs a body.

mod feed;
mod queue;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot, watch};
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::ids::{CallId, Turn};
use crate::tasks::Tasks;
use crate::wire::client::{AskError, Client};
use crate::wire::doors::{Record, Role};
use crate::wire::event::{Event, Kind, may_append};
use crate::wire::frame::Refusal;
use crate::wire::parcel::{MayGoTo, Parcel};
use crate::wire::recording::Chunk;
use feed::Feed;
use queue::{Item, MAX_EVENT, Queue};

/// How long a gate waits for durability. A commit takes 4 to 30 ms; past this the caller on the line is served without.
pub const DURABLE_DEADLINE: Duration = Duration::from_secs(2);
/// What recordd answers to a ping while its disk is nearly full.
pub const LOW: &[u8] = b"low";
/// An event is not in the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The record is away or its disk is full, or nearly. Do without what needs a record; the event may be appended later.
    #[error("the record is away")]
    Away,
    /// No commit before the deadline. The event may be appended later.
    #[error("the record did not commit in {DURABLE_DEADLINE:?}")]
    Late,
    /// So many events waited that this one was dropped.
    #[error("too many events waited for the record; this one was dropped")]
    Dropped,
    /// The event is larger than a frame: a mistake in the program.
    #[error("an event of {bytes} bytes is larger than {MAX_EVENT}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// This process may not append that kind, or recordd does not understand it: a mistake in the program.
    #[error("the record refused the event")]
    Refused,
}

/// Appends to the record. Cheap to clone; usable from any thread.
#[derive(Clone)]
pub struct Recorder {
    shared: Arc<Shared>,
}

struct Shared {
    role: Role,
    clock: Arc<dyn Clock>,
    started: Instant,
    started_us: u64,
    up: AtomicBool,
    low: AtomicBool,
    queue: Mutex<Queue>,
    wake: Notify,
    backlog: watch::Sender<usize>,
    door: Client<Record>,
}

impl Recorder {
    /// Starts feeding the record below `run` as `role`. The record may come up later.
    #[must_use]
    pub fn start(run: &Path, role: Role, tasks: &mut Tasks, clock: Arc<dyn Clock>) -> Self {
        let shared = Arc::new(Shared {
            role,
            started: clock.now(),
            started_us: uptime_us(),
            clock,
            up: AtomicBool::new(false),
            low: AtomicBool::new(false),
            queue: Mutex::default(),
            wake: Notify::new(),
            backlog: watch::Sender::new(0),
            door: Client::new(run, role),
        });
        let feed = Feed::new(Arc::clone(&shared), run);
        tasks.start("recorder", |stop| feed.run(stop));
        Self { shared }
    }

    /// An event of this moment.
    #[must_use]
    pub fn event(&self, kind: Kind, call: Option<CallId>, turn: Turn, synthetic: bool, body: Parcel<Record>) -> Event {
        self.shared.event(kind, call, turn, synthetic, body)
    }

    /// Wall-clock time and monotonic time since the machine's start, microseconds: as events carry them.
    #[must_use]
    pub fn now_us(&self) -> (i64, u64) {
        self.shared.now_us()
    }

    /// Appends as soon as may be. Never blocks.
    pub fn note(&self, event: Event) {
        if let Err(error) = self.shared.put(&event, None) {
            tracing::error!(kind = event.kind.as_str(), %error, "an event cannot be recorded");
        }
    }

    /// Appends, and waits until the event is on the disk. The event takes its place in the order at once, before the
    /// returned future is polled. While the record is away, or its disk nearly full, nothing waits and the event is not kept.
    ///
    /// # Errors
    /// [`RecordError`]. After [`RecordError::Late`], or where the record went away meanwhile, the event may yet be
    /// appended: it says what was about to happen, and a later one what did.
    pub fn note_durable(&self, event: Event) -> impl Future<Output = Result<(), RecordError>> + Send + use<> {
        let (sender, receiver) = oneshot::channel();
        let put = if self.opens_gates() { self.shared.put(&event, Some(sender)) } else { Err(RecordError::Away) };
        async move {
            put?;
            match tokio::time::timeout(DURABLE_DEADLINE, receiver).await {
                Ok(Ok(result)) => result,
                Ok(Err(_)) => Err(RecordError::Away),
                Err(_) => Err(RecordError::Late),
            }
        }
    }

    /// Whether the record was there and could commit when last asked, at most 600 ms ago.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.shared.up.load(Ordering::Acquire)
    }

    /// Whether the record takes events but its disk is nearly full: then what is left is kept for calls that are answered
    /// and put through, and nothing is done that would need more ([`LOW`]).
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.shared.low.load(Ordering::Acquire)
    }

    /// Whether what must not happen unrecorded may happen: a question to a model, a write by a tool.
    #[must_use]
    pub fn opens_gates(&self) -> bool {
        self.is_up() && !self.is_low()
    }

    /// Waits until the record is there; for start-up and tests.
    pub async fn wait_up(&self) {
        // The backlog is announced at each change of state too.
        let _ = self.shared.backlog.subscribe().wait_for(|_| self.is_up()).await;
    }

    /// Waits until everything noted so far is on the disk.
    ///
    /// # Errors
    /// The number of events that still wait at the deadline.
    pub async fn flush(&self, deadline: Duration) -> Result<(), usize> {
        let mut backlog = self.shared.backlog.subscribe();
        let emptied = tokio::time::timeout(deadline, backlog.wait_for(|waiting| *waiting == 0)).await;
        if emptied.is_ok() { Ok(()) } else { Err(self.shared.queue().len()) }
    }

    /// Hands in a piece of a call's sound. recordd keeps it only where the caller is simulated or agreed.
    ///
    /// # Errors
    /// [`AskError`]: not kept.
    pub async fn audio(&self, call: CallId, chunk: &Chunk, deadline: Duration) -> Result<(), AskError> {
        self.shared.door.ask_sealed("audio", Some(call), chunk.to_bytes(), deadline).await.map(drop)
    }

    /// The record's public key, for [`seal_message`]. Asked for at start, kept for when the brain is dead.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn public_key(&self, deadline: Duration) -> Result<[u8; 32], AskError> {
        let bytes = self.shared.door.ask_sealed("public-key", None, Vec::new(), deadline).await?;
        let failed = AskError::Refused { door: "record", refusal: Refusal::Failed };
        <[u8; 32]>::try_from(bytes).map_err(|_| failed)
    }

    /// Hands in a message that was sealed with [`seal_message`].
    ///
    /// # Errors
    /// [`AskError`]: not kept; try again when the record is back.
    pub async fn message(&self, call: CallId, sealed: Vec<u8>, deadline: Duration) -> Result<(), AskError> {
        self.shared.door.ask_sealed("message", Some(call), sealed, deadline).await.map(drop)
    }
}

/// Seals a message so that only the record can open it (an anonymous sealed box: X25519, XSalsa20-Poly1305).
///
/// # Errors
/// [`RecordError::Refused`] where the cipher refuses; never in practice.
pub fn seal_message(public_key: [u8; 32], chunk: &Chunk) -> Result<Vec<u8>, RecordError> {
    let bytes = Zeroizing::new(chunk.to_bytes());
    crypto_box::PublicKey::from_bytes(public_key)
        .seal(&mut crypto_box::aead::OsRng, &bytes)
        .map_err(|_| RecordError::Refused)
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // The queue's methods leave it whole at every step, so a panic elsewhere does not spoil it.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_us(&self) -> (i64, u64) {
        let since = self.clock.now().saturating_duration_since(self.started);
        let mono_us = self.started_us.saturating_add(u64::try_from(since.as_micros()).unwrap_or(u64::MAX));
        (self.clock.wall().as_microsecond(), mono_us)
    }

    fn event(&self, kind: Kind, call: Option<CallId>, turn: Turn, synthetic: bool, body: Parcel<Record>) -> Event {
        let (t, mono_us) = self.now_us();
        Event { t, mono_us, kind, call, turn, synthetic, body }
    }

    fn put(&self, event: &Event, done: Option<oneshot::Sender<Result<(), RecordError>>>) -> Result<(), RecordError> {
        let json = Zeroizing::new(event.load().0.to_string().into_bytes());
        let mut queue = self.queue();
        let refused = if json.len() > MAX_EVENT {
            Some(RecordError::TooLarge { bytes: json.len() })
        } else {
            (!may_append(self.role, event.kind)).then_some(RecordError::Refused)
        };
        if let Some(error) = refused {
            queue.lost = queue.lost.saturating_add(1);
            return Err(error);
        }
        queue.push(Item { json, done });
        drop(queue);
        self.announce();
        self.wake.notify_one();
        Ok(())
    }

    /// Tells who waits for the backlog how long it is; the count is taken under the lock, so the last one told is true.
    fn announce(&self) {
        let queue = self.queue();
        self.backlog.send_replace(queue.len());
    }

    fn set_up(&self, up: bool) {
        self.up.store(up, Ordering::Release);
        self.announce();
    }
}

/// Microseconds since the machine's start, so that the times of all processes compare; 0 where the kernel does not say.
pub(crate) fn uptime_us() -> u64 {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = text.split_whitespace().next().and_then(|word| word.parse::<f64>().ok()).unwrap_or_default();
    u64::try_from(Duration::try_from_secs_f64(seconds).unwrap_or_default().as_micros()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::AtomicU8;

    use super::queue::MAX_WAITING;
    use super::*;
    use crate::clock::SystemClock;
    use crate::secret::Secret;
    use crate::tasks::Stop;
    use crate::wire::event::Received;
    use crate::wire::server::{Handler, Request, serve};
    use crate::wire::users::Uids;

    #[tokio::test]
    async fn what_was_noted_before_the_record_came_arrives_in_order_from_any_thread() {
        let mut scene = Scene::new();
        let recorder = scene.recorder(Role::Anteroomd);
        let elsewhere = recorder.clone();
        std::thread::spawn(move || (0..600).for_each(|n| elsewhere.note(numbered(&elsewhere, n)))).join().unwrap();
        assert!(!recorder.is_up());
        scene.start_record();
        recorder.flush(LONG).await.unwrap();
        assert!(recorder.is_up());
        assert_eq!(scene.log.kinds_and_numbers(), (0..600).map(|n| format!("heard {n}")).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_record_that_died_and_came_back_gets_the_gap_first_and_every_event_once() {
        let mut scene = Scene::new();
        let recorder = scene.recorder(Role::Anteroomd);
        scene.start_record();
        recorder.note_durable_when_up(numbered(&recorder, 0)).await.unwrap();
        // The next batch is committed, and the record dies before it answers.
        scene.log.mode(Mode::Mute);
        recorder.note(numbered(&recorder, 1));
        scene.log.holds(2).await;
        recorder.note(numbered(&recorder, 2));
        scene.kill_record();
        recorder.wait_down().await;
        recorder.note(numbered(&recorder, 3));
        assert_eq!(recorder.note_durable(numbered(&recorder, 99)).await, Err(RecordError::Away));
        scene.log.mode(Mode::Well);
        scene.start_record();
        recorder.flush(LONG).await.unwrap();
        assert_eq!(
            scene.log.kinds_and_numbers(),
            ["heard 0", "heard 1", "record.gap waited 2 lost 0", "heard 2", "heard 3"]
        );
    }

    #[tokio::test]
    async fn events_beyond_the_bound_are_lost_oldest_first_and_counted() {
        let mut scene = Scene::new();
        let recorder = scene.recorder(Role::Clinicd);
        for n in 0..MAX_WAITING + 10 {
            recorder.note(event(&recorder, Kind::ToolCall, n));
        }
        scene.start_record();
        recorder.flush(LONG).await.unwrap();
        let kept = scene.log.kinds_and_numbers();
        assert_eq!(kept.len(), MAX_WAITING + 1);
        assert_eq!(kept[0], format!("record.gap waited {MAX_WAITING} lost 10"));
        assert_eq!(kept[1], "tool.call 10");
    }

    #[tokio::test]
    async fn a_record_that_cannot_commit_is_away_until_it_can() {
        let mut scene = Scene::new();
        let recorder = scene.recorder(Role::Anteroomd);
        scene.start_record();
        recorder.wait_up().await;
        scene.log.mode(Mode::Full);
        let gate = recorder.note_durable(numbered(&recorder, 0));
        assert_eq!(gate.await, Err(RecordError::Away));
        assert!(!recorder.is_up());
        scene.log.mode(Mode::Well);
        recorder.flush(LONG).await.unwrap();
        assert_eq!(scene.log.kinds_and_numbers(), ["record.gap waited 1 lost 0", "heard 0"]);
    }

    #[tokio::test]
    async fn one_event_that_the_record_refuses_does_not_hold_up_the_others() {
        let mut scene = Scene::new();
        let recorder = scene.recorder(Role::Anteroomd);
        for n in 0..5 {
            recorder.note(event(&recorder, if n == 2 { Kind::Update } else { Kind::Heard }, n));
        }
        scene.start_record();
        recorder.flush(LONG).await.unwrap();
        let kept = scene.log.kinds_and_numbers();
        assert_eq!(kept.iter().filter(|line| line.starts_with("heard")).count(), 4);
        assert!(kept.contains(&"record.gap waited 2 lost 1".to_owned()), "{kept:?}");
    }

    #[tokio::test]
    async fn a_kind_that_is_not_this_process_s_is_refused_before_it_is_sent() {
        let mut scene = Scene::new();
        let recorder = scene.recorder(Role::Airlockd);
        scene.start_record();
        recorder.wait_up().await;
        assert_eq!(recorder.note_durable(numbered(&recorder, 1)).await, Err(RecordError::Refused));
    }

    #[tokio::test]
    async fn what_waits_when_the_process_stops_is_handed_in() {
        let mut scene = Scene::new();
        let recorder = scene.recorder(Role::Anteroomd);
        scene.start_record();
        recorder.wait_up().await;
        recorder.note(numbered(&recorder, 1));
        let tasks = std::mem::replace(&mut scene.tasks, Tasks::new(Stop::new()));
        tasks.stop().ask();
        tasks.wait().await.unwrap();
        assert_eq!(scene.log.kinds_and_numbers(), ["heard 1"]);
    }

    #[tokio::test]
    async fn a_sealed_message_opens_with_the_record_s_secret_only() {
        let secret = crypto_box::SecretKey::generate(&mut crypto_box::aead::OsRng);
        let head = r#"{"t":1,"mono_us":2,"what":"message","synthetic":true,"consent":false,"rate":8000,"channels":1,"chunk":0}"#;
        let chunk = Chunk { head: serde_json::from_str(head).unwrap(), samples: vec![7; 80] };
        let sealed = seal_message(secret.public_key().to_bytes(), &chunk).unwrap();
        assert_eq!(Chunk::parse(&secret.unseal(&sealed).unwrap()), Ok(chunk));
        assert!(crypto_box::SecretKey::from([9; 32]).unseal(&sealed).is_err());
    }

    /// Far longer than anything takes: reached only where the code is wrong.
    const LONG: Duration = Duration::from_secs(30);

    fn numbered(recorder: &Recorder, n: usize) -> Event {
        event(recorder, Kind::Heard, n)
    }

    fn event(recorder: &Recorder, kind: Kind, n: usize) -> Event {
        let body = Parcel::new().with("n", &n).with("words", &Secret::new("hello"));
        recorder.event(kind, None, Turn(1), true, body)
    }

    impl Recorder {
        async fn wait_down(&self) {
            self.shared.backlog.subscribe().wait_for(|_| !self.is_up()).await.unwrap();
        }

        async fn note_durable_when_up(&self, event: Event) -> Result<(), RecordError> {
            self.wait_up().await;
            self.note_durable(event).await
        }
    }

    struct Scene {
        run: tempfile::TempDir,
        tasks: Tasks,
        record: Option<Tasks>,
        log: Arc<FakeRecord>,
    }

    impl Scene {
        fn new() -> Self {
            let run = tempfile::tempdir().unwrap();
            Self { run, tasks: Tasks::new(Stop::new()), record: None, log: Arc::default() }
        }

        fn recorder(&mut self, role: Role) -> Recorder {
            Recorder::start(self.run.path(), role, &mut self.tasks, Arc::new(SystemClock))
        }

        fn start_record(&mut self) {
            let mut tasks = Tasks::new(Stop::new());
            let users = Uids::all(nix::unistd::getuid().as_raw());
            serve(&mut tasks, self.run.path(), "record", &users, &self.log).unwrap();
            self.record = Some(tasks);
        }

        fn kill_record(&mut self) {
            self.record = None;
        }
    }

    #[derive(Clone, Copy)]
    enum Mode {
        Well,
        /// Commits and does not answer.
        Mute,
        Full,
    }

    /// A record in memory that keeps the promises of recordd's append.
    #[derive(Default)]
    struct FakeRecord {
        mode: AtomicU8,
        kept: Mutex<Vec<String>>,
        senders: Mutex<HashMap<String, (u64, bool)>>,
        changed: Notify,
    }

    #[derive(serde::Deserialize)]
    struct Body {
        #[serde(default)]
        sender: String,
        #[serde(default)]
        first: u64,
        #[serde(default)]
        close: bool,
        events: Vec<Received>,
    }

    impl FakeRecord {
        fn mode(&self, mode: Mode) {
            self.mode.store(mode as u8, Ordering::SeqCst);
        }

        fn is(&self, mode: Mode) -> bool {
            self.mode.load(Ordering::SeqCst) == mode as u8
        }

        fn kinds_and_numbers(&self) -> Vec<String> {
            self.kept.lock().unwrap().clone()
        }

        async fn holds(&self, count: usize) {
            while self.kept.lock().unwrap().len() < count {
                self.changed.notified().await;
            }
        }

        fn append(&self, body: &Body) -> u64 {
            let mut senders = self.senders.lock().unwrap();
            let (next, closed) = senders.get(&body.sender).copied().unwrap_or((body.first, false));
            if closed {
                return next;
            }
            let new = &body.events[usize::try_from(next - body.first).unwrap().min(body.events.len())..];
            self.kept.lock().unwrap().extend(new.iter().map(|event| {
                let body: serde_json::Value = serde_json::from_str(event.body.get()).unwrap();
                if event.kind == Kind::RecordGap {
                    return format!("record.gap waited {} lost {}", body["waited"], body["lost"]);
                }
                format!("{} {}", event.kind, body["n"])
            }));
            let next = next.max(body.first + body.events.len() as u64);
            senders.insert(body.sender.clone(), (next, body.close));
            next
        }
    }

    impl Handler for FakeRecord {
        async fn handle(&self, request: Request) -> Result<Vec<u8>, Refusal> {
            if self.is(Mode::Full) {
                return Err(Refusal::Unavailable);
            }
            if request.kind == "ping" {
                return Ok(Vec::new());
            }
            let body: Body = serde_json::from_slice(&request.body).map_err(|_| Refusal::Malformed)?;
            if body.events.iter().any(|event| event.kind == Kind::Update) {
                return Err(Refusal::Malformed);
            }
            let next = self.append(&body);
            self.changed.notify_one();
            if self.is(Mode::Mute) {
                std::future::pending::<()>().await;
            }
            Ok(format!("{{\"next\":{next}}}").into_bytes())
        }
    }
}
