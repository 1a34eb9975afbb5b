//! `lined`: starts the line, the link to the brain, the switchboard and the keeper of messages.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::config;
use crate::line::brain::{self, BrainLink};
use crate::line::messages;
use crate::line::prompts::Prompts;
use crate::line::record_key::KeyFile;
use crate::line::socket::SocketLine;
use crate::line::switchboard::{self, Desk};
use crate::line::transfer;
use crate::line::{Line, LineCommand, LineEvent};
use crate::tasks::{Ended, Stop, Tasks};
use crate::wire::client::Client;
use crate::wire::doors::Role;
use crate::wire::recorder::Recorder;
use crate::wire::server::BindError;
use crate::wire::users::Uids;

/// Events and commands that may wait between the adapter and the switchboard.
const WAITING: usize = 256;

/// What lined needs to know.
pub struct LinedConfig {
    /// Where the sockets are.
    pub run: PathBuf,
    /// Where its prompts are. Beside that folder lined has one of its own (`line`), where it remembers the record's
    /// public key.
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

    let link = BrainLink::default();
    let listener = brain::bind(&run)?;
    let (brain, brains_uid) = (link.clone(), users.of(Role::Anteroomd));
    tasks.start("brain-link", move |stop| brain::serve(listener, brains_uid, brain, said, stop));

    let record = Client::new(&run, Role::Lined);
    let (messages, courier) = messages::open(KeyFile::beside(&prompts), record, recorder.clone());
    tasks.start("messages", move |stop| courier.run(stop));

    let (transfers, porter) = transfer::open(recorder.clone());
    tasks.start("transfers", move |stop| porter.run(stop));

    let desk = Arc::new(Desk {
        brain: link,
        commands,
        prompts: Prompts::load(&prompts),
        messages,
        transfers,
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
