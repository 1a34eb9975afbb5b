//! `lined`: starts the line, the link to the brain, the switchboard and the keeper of messages.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::config;
use crate::ids::CallId;
use crate::line::brain::{self, BrainLink};
use crate::line::prompts::Prompts;
use crate::line::socket::SocketLine;
use crate::line::switchboard::{self, Desk};
use crate::line::{Line, LineCommand, LineEvent};
use crate::tasks::{Ended, Stop, TaskError, Tasks};
use crate::wire::client::Client;
use crate::wire::doors::Role;
use crate::wire::recorder::{Recorder, seal_message};
use crate::wire::recording::Chunk;
use crate::wire::server::BindError;
use crate::wire::users::Uids;
use crate::wire::{Parcel, Record};

/// Events and commands that may wait between the adapter and the switchboard.
const WAITING: usize = 256;
/// Messages of callers that may wait for the record: it can be away for a while, memory is finite (1 MiB each).
const WAITING_MESSAGES: usize = 16;
/// How long the record may take to answer.
const RECORD_DEADLINE: Duration = Duration::from_secs(2);
/// How often the record is asked again while it is away.
const RETRY: Duration = Duration::from_millis(500);

/// What lined needs to know.
pub struct LinedConfig {
    /// Where the sockets are.
    pub run: PathBuf,
    /// Where its prompts are.
    pub prompts: PathBuf,
    /// `[line]`.
    pub line: config::Line,
    /// Which user each process is.
    pub users: Uids,
}

/// lined ended.
#[derive(Debug, thiserror::Error)]
pub enum LinedError {
    /// A socket could not be made.
    #[error("lined cannot start")]
    Bind(#[from] BindError),
    /// A task failed.
    #[error("lined stopped")]
    Task(#[from] Ended),
}

/// Runs lined until `stop`.
///
/// # Errors
/// [`LinedError`].
pub async fn run(config: LinedConfig, clock: Arc<dyn Clock>, stop: Stop) -> Result<(), LinedError> {
    let LinedConfig { run, prompts, line, users } = config;
    let mut tasks = Tasks::new(stop);
    let recorder = Recorder::start(&run, Role::Lined, &mut tasks, Arc::clone(&clock));
    let (events, incoming) = mpsc::channel::<LineEvent>(WAITING);
    let (commands, obeyed) = mpsc::channel::<LineCommand>(WAITING);
    let (said, of_brain) = mpsc::channel(WAITING);
    let (kept, to_keep) = mpsc::channel(WAITING_MESSAGES);
    let key = Arc::new(Mutex::new(None));

    let link = BrainLink::default();
    let listener = brain::bind(&run)?;
    let (brain, brains_uid) = (link.clone(), users.of(Role::Anteroomd));
    tasks.start("brain-link", move |stop| brain::serve(listener, brains_uid, brain, said, stop));

    let record = Client::<Record>::new(&run, Role::Lined);
    let shared = Arc::clone(&key);
    tasks.start("messages", move |stop| keep_messages(record, shared, to_keep, stop));

    let desk = Arc::new(Desk {
        brain: link,
        commands,
        prompts: Prompts::load(&prompts),
        messages: MessageBox { key, kept },
        recorder,
        clock,
        brain_silence: line.brain_silence,
        desk_ring: line.desk_ring,
        max_calls: line.max_calls,
    });
    tasks.start("switchboard", move |stop| switchboard::run(desk, incoming, of_brain, stop));

    match line.kind {
        config::LineKind::Socket => {
            let socket = SocketLine { run, allowed_uid: users.of(Role::Caller) };
            tasks.start("line", move |stop| socket.run(events, obeyed, stop));
        }
    }
    tasks.wait().await?;
    Ok(())
}

type SharedKey = Arc<Mutex<Option<[u8; 32]>>>;

/// Takes callers' messages, seals them to the record's public key at once, and delivers them when the record is there.
#[derive(Debug)]
pub(super) struct MessageBox {
    key: SharedKey,
    kept: mpsc::Sender<(CallId, Vec<u8>)>,
}

impl MessageBox {
    /// Keeps a message.
    pub(super) fn keep(&self, call: CallId, message: &Chunk) {
        let key = self.key.lock().ok().and_then(|key| *key);
        let Some(key) = key else {
            // Voice in the clear must not wait in memory for an unknown time; the call's end is in the record.
            tracing::error!(%call, "a message could not be sealed: the record's key was never seen");
            return;
        };
        let sealed = match seal_message(key, message) {
            Ok(sealed) => sealed,
            Err(error) => {
                tracing::error!(%call, %error, "a message could not be sealed");
                return;
            }
        };
        match self.kept.try_send((call, sealed)) {
            Ok(()) => tracing::info!(%call, "a message was sealed"),
            Err(_) => tracing::error!(%call, waiting = WAITING_MESSAGES, "too many messages wait; one was lost"),
        }
    }
}

async fn keep_messages(
    record: Client<Record>,
    key: SharedKey,
    mut to_keep: mpsc::Receiver<(CallId, Vec<u8>)>,
    stop: Stop,
) -> Result<(), TaskError> {
    let work = async {
        loop {
            match record.ask("public-key", None, Parcel::new(), RECORD_DEADLINE).await {
                Ok(bytes) => {
                    let bytes: Option<[u8; 32]> = bytes.try_into().ok();
                    if let (Some(bytes), Ok(mut key)) = (bytes, key.lock()) {
                        *key = Some(bytes);
                        break;
                    }
                }
                Err(error) => tracing::debug!(%error, "the record's key is not there yet"),
            }
            tokio::time::sleep(RETRY).await;
        }
        while let Some((call, sealed)) = to_keep.recv().await {
            while let Err(error) = record.ask_sealed("message", Some(call), sealed.clone(), RECORD_DEADLINE).await {
                tracing::warn!(%call, %error, "a message waits for the record");
                tokio::time::sleep(RETRY).await;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = stop.asked() => Ok(()),
        () = work => Ok(()),
    }
}
