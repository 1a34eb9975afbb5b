//! The messages that callers leave when nobody else serves them.
//!
//! In:  a message's sound, from the switchboard.
//! Out: the same, sealed at once to the record's public key, and delivered when the record is there.
//!
//! The hour in which callers leave messages here may be one in which the record has not come up at all: until recordd
//! answers, the key of last time is used ([`KeyFile`]). Where no key was ever known no message is taken
//! ([`MessageBox::takes`]), since voice in the clear must not wait in memory for an unknown time: the caller is told so.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::ids::{CallId, Turn};
use crate::line::record_key::{KeyFile, PublicKey};
use crate::tasks::{Stop, TaskError};
use crate::wire::client::{AskError, Client};
use crate::wire::event::Kind;
use crate::wire::frame::Refusal;
use crate::wire::recorder::{Recorder, seal_message};
use crate::wire::recording::Chunk;
use crate::wire::{Parcel, Record};

/// Messages of callers that may wait for the record: it can be away for a while, memory is finite (1 MiB each).
const WAITING: usize = 16;
/// How long the record may take to answer.
const RECORD_DEADLINE: Duration = Duration::from_secs(2);
/// How often the record is asked again while it is away.
const RETRY: Duration = Duration::from_millis(500);

type SharedKey = Arc<Mutex<Option<PublicKey>>>;

/// A message that only the record can open.
struct Sealed {
    call: CallId,
    synthetic: bool,
    bytes: Vec<u8>,
}

/// Takes callers' messages.
#[derive(Debug)]
pub(super) struct MessageBox {
    key: SharedKey,
    waiting: Arc<AtomicUsize>,
    kept: mpsc::Sender<Sealed>,
}

/// Brings callers' messages to the record; the other end of a [`MessageBox`].
pub(super) struct Courier {
    key: SharedKey,
    file: KeyFile,
    record: Client<Record>,
    recorder: Recorder,
    waiting: Arc<AtomicUsize>,
    to_deliver: mpsc::Receiver<Sealed>,
}

/// A box for messages, and who brings them to the record.
pub(super) fn open(file: KeyFile, record: Client<Record>, recorder: Recorder) -> (MessageBox, Courier) {
    let recalled = file.recall().unwrap_or_else(|error| {
        tracing::warn!(error = &error as &dyn std::error::Error, "the record's key of last time is not used");
        None
    });
    let key = Arc::new(Mutex::new(recalled));
    let (kept, to_deliver) = mpsc::channel(WAITING);
    let waiting = Arc::<AtomicUsize>::default();
    let messages = MessageBox { key: Arc::clone(&key), waiting: Arc::clone(&waiting), kept };
    (messages, Courier { key, file, record, recorder, waiting, to_deliver })
}

impl MessageBox {
    /// Whether a message that is left now would be kept.
    pub(super) fn takes(&self) -> bool {
        self.kept.capacity() > 0 && self.key.lock().is_ok_and(|key| key.is_some())
    }

    /// Messages that were kept here and are not in the record yet.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Keeps a message; false where it is lost.
    #[must_use]
    pub(super) fn keep(&self, call: CallId, message: &Chunk) -> bool {
        let key = self.key.lock().ok().and_then(|key| *key);
        let Some(key) = key else {
            tracing::error!(%call, "a message could not be sealed: the record's key was never seen");
            return false;
        };
        let bytes = match seal_message(key, message) {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(%call, %error, "a message could not be sealed");
                return false;
            }
        };
        let kept = self.kept.try_send(Sealed { call, synthetic: message.head.synthetic, bytes }).is_ok();
        if kept {
            self.waiting.fetch_add(1, Ordering::Relaxed);
            tracing::info!(%call, "a message was sealed");
        } else {
            tracing::error!(%call, waiting = WAITING, "too many messages wait; one was lost");
        }
        kept
    }
}

impl Courier {
    /// Learns the record's key, then delivers, until `stop`.
    pub(super) async fn run(mut self, stop: Stop) -> Result<(), TaskError> {
        let work = async {
            self.learn_key().await;
            while let Some(message) = self.to_deliver.recv().await {
                self.deliver(message).await;
                self.waiting.fetch_sub(1, Ordering::Relaxed);
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = stop.asked() => {}
            () = work => {}
        }
        Ok(())
    }

    /// Asks the record for its key until it answers, and remembers it for the next start.
    async fn learn_key(&self) {
        let key = loop {
            match self.record.ask("public-key", None, Parcel::new(), RECORD_DEADLINE).await {
                Ok(bytes) => match PublicKey::try_from(bytes) {
                    Ok(key) => break key,
                    Err(_) => tracing::warn!("the record told no key"),
                },
                Err(error) => tracing::debug!(%error, "the record's key is not there yet"),
            }
            tokio::time::sleep(RETRY).await;
        };
        let before = self.key.lock().ok().and_then(|mut known| known.replace(key));
        if before == Some(key) {
            return;
        }
        if before.is_some() {
            // Another record than last time: restored, made anew, or not ours.
            tracing::warn!("the record's public key is another than the one known before");
            self.alert(None, false, "record-key-changed");
        }
        if let Err(error) = self.file.remember(&key) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the record's key is not remembered");
        }
    }

    async fn deliver(&self, message: Sealed) {
        let Sealed { call, synthetic, bytes } = message;
        let mut said = false;
        loop {
            match self.record.ask_sealed("message", Some(call), bytes.clone(), RECORD_DEADLINE).await {
                Ok(_) => return,
                Err(error) if is_final(&error) => {
                    // Sealed to the key of another record, as a rule. The messages behind it must not wait for it.
                    tracing::error!(%call, error = &error as &dyn std::error::Error, "a message is lost");
                    self.alert(Some(call), synthetic, "message-lost");
                    self.learn_key().await;
                    return;
                }
                Err(error) if !said => {
                    said = true;
                    tracing::warn!(%call, %error, "a message waits for the record");
                }
                Err(_) => {}
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    fn alert(&self, call: Option<CallId>, synthetic: bool, what: &'static str) {
        let body = Parcel::new().with("what", &what);
        self.recorder.note(self.recorder.event(Kind::Alert, call, Turn::default(), synthetic, body));
    }
}

/// Whether asking again would bring the same answer.
fn is_final(error: &AskError) -> bool {
    match error {
        AskError::Refused { refusal, .. } => match refusal {
            Refusal::UnknownKind | Refusal::Malformed | Refusal::Forbidden | Refusal::NotFound | Refusal::Conflict => {
                true
            }
            Refusal::Unavailable | Refusal::Timeout | Refusal::Failed => false,
        },
        AskError::NoSuchDoor { .. } | AskError::Frame { .. } => true,
        AskError::Gone { .. } | AskError::Late { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::net::UnixListener;

    use super::*;
    use crate::clock::SystemClock;
    use crate::pcm::LINE_RATE;
    use crate::tasks::Tasks;
    use crate::wire::doors::{Role, endpoint};
    use crate::wire::frame::{self, Message};
    use crate::wire::recording::{Head, What};

    struct Scene {
        folder: tempfile::TempDir,
        tasks: Tasks,
    }

    impl Scene {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap(), tasks: Tasks::new(Stop::new()) }
        }

        fn key_file(&self) -> KeyFile {
            KeyFile::beside(&self.folder.path().join("prompts"))
        }

        fn open(&mut self) -> (MessageBox, Courier) {
            let run = self.folder.path();
            // Not started: what it is told to note waits in memory, and this test asks for none of it.
            let recorder = Recorder::start(&run.join("elsewhere"), Role::Lined, &mut self.tasks, Arc::new(SystemClock));
            open(self.key_file(), Client::new(run, Role::Lined), recorder)
        }
    }

    fn message() -> Chunk {
        let head = Head {
            t: 1,
            mono_us: 2,
            what: What::Message,
            synthetic: true,
            consent: true,
            rate: LINE_RATE,
            channels: 1,
            chunk: 0,
        };
        Chunk { head, samples: vec![7; 80] }
    }

    /// As [`answers`]; where it takes longer than anything does, something is wrong.
    async fn record(run: &Path, secret: &crypto_box::SecretKey, count: usize) -> Vec<Chunk> {
        tokio::time::timeout(Duration::from_secs(30), answers(run, secret, count)).await.unwrap()
    }

    /// A record that tells the public half of `secret` and opens messages with it, until it has opened `count`.
    async fn answers(run: &Path, secret: &crypto_box::SecretKey, count: usize) -> Vec<Chunk> {
        let path = endpoint::<Record>(Role::Lined).unwrap().path(run);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).unwrap();
        let mut opened = Vec::new();
        let (mut stream, _) = listener.accept().await.unwrap();
        while opened.len() < count {
            let asked = frame::read(&mut stream).await.unwrap().unwrap();
            let result = match asked.header.kind.as_str() {
                "public-key" => Ok(secret.public_key().to_bytes().to_vec()),
                _ => secret.unseal(&asked.body).map_err(|_| Refusal::Malformed).map(|bytes| {
                    opened.push(Chunk::parse(&bytes).unwrap());
                    Vec::new()
                }),
            };
            frame::write(&mut stream, &Message::reply(asked.header.id, result)).await.unwrap();
        }
        opened
    }

    fn secret() -> crypto_box::SecretKey {
        crypto_box::SecretKey::generate(&mut crypto_box::aead::OsRng)
    }

    #[tokio::test]
    async fn without_a_key_that_was_ever_known_no_message_is_taken() {
        let mut scene = Scene::new();
        let (messages, _courier) = scene.open();
        assert!(!messages.takes());
        assert!(!messages.keep(CallId::draw(), &message()));
    }

    #[tokio::test]
    async fn a_message_left_before_the_record_answers_is_sealed_to_the_key_of_last_time_and_delivered() {
        let mut scene = Scene::new();
        let secret = secret();
        scene.key_file().remember(&secret.public_key().to_bytes()).unwrap();
        let (messages, courier) = scene.open();
        assert!(messages.takes() && messages.keep(CallId::draw(), &message()));
        assert_eq!(messages.waiting(), 1);
        let (run, stop) = (scene.folder.path(), Stop::new());
        let opened = tokio::select! {
            opened = record(run, &secret, 1) => opened,
            _ = courier.run(stop) => panic!("the courier ended"),
        };
        assert_eq!(opened, [message()]);
        assert!(messages.waiting() <= 1, "told of as waiting until the record has answered");
    }

    #[tokio::test]
    async fn a_key_that_the_record_told_is_remembered_for_the_next_start() {
        let mut scene = Scene::new();
        let secret = secret();
        let (messages, courier) = scene.open();
        let delivered = async {
            while !messages.takes() {
                tokio::task::yield_now().await;
            }
            assert!(messages.keep(CallId::draw(), &message()));
            std::future::pending::<()>().await;
        };
        tokio::select! {
            _ = record(scene.folder.path(), &secret, 1) => {}
            _ = courier.run(Stop::new()) => panic!("the courier ended"),
            () = delivered => {}
        }
        assert_eq!(scene.key_file().recall().unwrap(), Some(secret.public_key().to_bytes()));
    }

    #[tokio::test]
    async fn after_a_change_of_the_key_an_old_message_does_not_hold_up_the_new_ones() {
        let mut scene = Scene::new();
        let (old, new) = (secret(), secret());
        scene.key_file().remember(&old.public_key().to_bytes()).unwrap();
        let (messages, courier) = scene.open();
        assert!(messages.keep(CallId::draw(), &message()), "sealed to the old key");
        let known = Arc::clone(&messages.key);
        let new_message = async {
            while known.lock().unwrap().as_ref() != Some(&new.public_key().to_bytes()) {
                tokio::task::yield_now().await;
            }
            assert!(messages.keep(CallId::draw(), &message()), "sealed to the new key");
            std::future::pending::<()>().await;
        };
        let opened = tokio::select! {
            opened = record(scene.folder.path(), &new, 1) => opened,
            _ = courier.run(Stop::new()) => panic!("the courier ended"),
            () = new_message => Vec::new(),
        };
        assert_eq!(opened, [message()]);
        assert_eq!(scene.key_file().recall().unwrap(), Some(new.public_key().to_bytes()));
    }

    #[tokio::test]
    async fn a_full_box_says_so_before_a_caller_speaks() {
        let mut scene = Scene::new();
        scene.key_file().remember(&secret().public_key().to_bytes()).unwrap();
        let (messages, _courier) = scene.open();
        for _ in 0..WAITING {
            assert!(messages.takes() && messages.keep(CallId::draw(), &message()));
        }
        assert!(!messages.takes());
        assert!(!messages.keep(CallId::draw(), &message()));
    }
}
