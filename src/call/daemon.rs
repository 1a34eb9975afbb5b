//! `anteroomd`: loads the models, attaches to lined, and gives each call a thread.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::mpsc;

use crate::call::doors::Doors;
use crate::call::driver::{Beginning, Driver, Happened, Shared};
use crate::call::engines::{self, EngineError};
use crate::call::typing::{self, Typing};
use crate::call::watchers::{self, Watchers};
use crate::call::workers::{Pool, PoolError};
use crate::clock::Clock;
use crate::config::record::Recording;
use crate::config::{AirlockMode, Config, State};
use crate::converse::{ClinicFacts, Conversation};
use crate::guard::recording::Plan;
use crate::ids::CallId;
use crate::listen::ears::{Ears, Limits};
use crate::listen::models::{NoProduction, Standing};
use crate::listen::vad::{SileroModel, Vad};
use crate::tasks::{Ended, Stop, TaskError, Tasks};
use crate::wire::doors::{Line, Role, endpoint};
use crate::wire::frame;
use crate::wire::line::{EndedBy, FromBrain, Ring, ToBrain};
use crate::wire::recorder::Recorder;
use crate::wire::server::BindError;
use crate::wire::users::Uids;

/// Messages that may wait for one call: ten seconds of frames. A call whose thread lets more pile up hangs; lined's
/// watchdog has taken it long before.
const WAITING: usize = 512;
/// Messages that may wait for lined.
const WAITING_FOR_LINE: usize = 256;
/// How often lined is looked for while it is away.
const RETRY: Duration = Duration::from_millis(200);

/// anteroomd ended.
#[derive(Debug, thiserror::Error)]
pub enum AnteroomdError {
    /// A model or voice is missing or broken.
    #[error("anteroomd cannot start")]
    Engine(#[from] EngineError),
    /// No threads for the workers.
    #[error("anteroomd cannot start")]
    Pool(#[from] PoolError),
    /// A socket could not be made.
    #[error("anteroomd cannot start")]
    Bind(#[from] BindError),
    /// A task failed.
    #[error("anteroomd stopped")]
    Task(#[from] Ended),
}

/// Runs anteroomd until `stop`. `shape` is for measuring: see [`engines::recognisers`].
///
/// # Errors
/// [`AnteroomdError`]. A missing or corrupt model is found here, before any call is answered.
pub async fn run(
    config: Config,
    users: Uids,
    shape: Option<&Path>,
    clock: Arc<dyn Clock>,
    stop: Stop,
) -> Result<(), AnteroomdError> {
    let run = config.paths.run.clone();
    let silero = engines::silero(&config.paths)?;
    let recognisers = Pool::start("recogniser", engines::recognisers(&config, shape)?)?;
    let voices = Pool::start("voice", engines::voices(&config)?)?;
    let standing = match shape {
        None => engines::standing(&config),
        Some(_) => Standing::Demonstration { why: NoProduction::NotUsed("being measured") },
    };
    if let Standing::Demonstration { why } = &standing {
        tracing::warn!(%why, "this box is a demonstration and serves no real line");
    }

    let mut tasks = Tasks::new(stop);
    let recorder = Recorder::start(&run, Role::Anteroomd, &mut tasks, Arc::clone(&clock));
    let doors = Doors::open(&run, recorder.clone(), config.systems.tool_timeout, &mut tasks);
    let (watch, max_call, desk_ring) = (config.brain.watch, config.brain.max_call, config.line.desk_ring);
    let clinic = config.clinic;
    let recording =
        RecordingRule { mode: config.record.recording, transfers: config.record.transfers, state: clinic.state };
    let facts = ClinicFacts { name: clinic.name, address: clinic.address, hours: clinic.hours };
    let shared = Shared {
        recognisers,
        voices,
        doors,
        watchers: Watchers::default(),
        clock: Arc::clone(&clock),
        silence: config.brain.silence,
        max_call,
        time_zone: clinic.time_zone,
        level: config.redaction.model,
        cloud: config.airlock.mode == AirlockMode::Open,
        answer_deadline: config.brain.answer_deadline,
    };
    let brain = Arc::new(Brain { run, silero, facts, standing, shared, recording });
    // Before the sockets at which others see that the box is ready: the first caller is then the brain's, not lined's.
    let line = brain.line().await;
    if watch {
        let listener = typing::bind(&brain.run)?;
        let typing = Arc::new(Typing { brain: Arc::clone(&brain), recorder, clock, desk_ring, max_call });
        tasks.start("typing", move |stop| typing::serve(listener, users.of(Role::Caller), typing, stop));
        let listener = watchers::bind(&brain.run)?;
        let watchers = brain.shared.watchers.clone();
        tasks.start("watchers", move |stop| watchers::serve(listener, users.of(Role::Cli), watchers, stop));
    }
    tasks.start("line-link", move |stop| async move { brain.serve(line, stop).await });
    tasks.wait().await?;
    Ok(())
}

/// What every call begins with.
pub(super) struct Brain {
    run: PathBuf,
    silero: Arc<SileroModel>,
    facts: ClinicFacts,
    standing: Standing,
    shared: Shared,
    recording: RecordingRule,
}

/// What `[record]` and `[clinic]` say about recording.
struct RecordingRule {
    mode: Recording,
    transfers: bool,
    state: Option<State>,
}

impl Brain {
    /// A connection to lined, if it is there.
    async fn line(&self) -> Option<UnixStream> {
        let endpoint = endpoint::<Line>(Role::Anteroomd)?;
        UnixStream::connect(endpoint.path(&self.run)).await.ok()
    }

    /// Serves the connection to lined, and those after it, until `stop`.
    async fn serve(&self, mut first: Option<UnixStream>, stop: Stop) -> Result<(), TaskError> {
        loop {
            let line = match first.take() {
                Some(line) => Some(line),
                None => self.line().await,
            };
            let attached = async {
                if let Some(stream) = line {
                    tracing::info!("attached to the line");
                    self.attached(stream).await;
                    tracing::warn!("the line is gone");
                }
                tokio::time::sleep(RETRY).await;
            };
            tokio::select! {
                () = stop.asked() => return Ok(()),
                () = attached => {}
            }
        }
    }

    /// Serves one connection to lined until it breaks; then every call on it is over.
    async fn attached(&self, stream: UnixStream) {
        let (mut reader, mut writer) = stream.into_split();
        let (to_line, mut sent) = mpsc::channel::<(CallId, FromBrain)>(WAITING_FOR_LINE);
        let mut calls: HashMap<CallId, SyncSender<Happened>> = HashMap::new();
        let write = async {
            while let Some((call, what)) = sent.recv().await {
                if frame::write(&mut writer, &what.to_message(call)).await.is_err() {
                    return;
                }
            }
        };
        let read = async {
            while let Ok(Some(message)) = frame::read(&mut reader).await {
                let Some(call) = message.header.call else { continue };
                match ToBrain::parse(&message) {
                    Ok(ToBrain::Ring(ring)) => {
                        let (post, inbox) = sync_channel(WAITING);
                        if self.begin(call, ring, to_line.clone(), (post.clone(), inbox)) {
                            calls.insert(call, post);
                        }
                    }
                    Ok(what) => deliver(&mut calls, call, what),
                    Err(error) => tracing::warn!(%call, %error, "the line sent something else"),
                }
            }
        };
        tokio::select! {
            () = write => {}
            () = read => {}
        }
        for post in calls.into_values() {
            // A call that is over already has no inbox.
            let _ = post.try_send(Happened::Line(ToBrain::Ended(EndedBy::Line)));
        }
    }

    /// Gives a call its thread, which takes what happens from `inbox`. False where it cannot be served here.
    pub(super) fn begin(
        &self,
        call: CallId,
        ring: Ring,
        line: mpsc::Sender<(CallId, FromBrain)>,
        inbox: (SyncSender<Happened>, Receiver<Happened>),
    ) -> bool {
        if let (false, Standing::Demonstration { why }) = (ring.synthetic, &self.standing) {
            tracing::error!(%call, %why, "a demonstration box serves no real caller; the line will");
            return false;
        }
        let vad = match Vad::new(Arc::clone(&self.silero)) {
            Ok(vad) => vad,
            Err(error) => {
                tracing::error!(%call, %error, "no ears for a call; the line will serve it");
                return false;
            }
        };
        let RecordingRule { mode, transfers, state } = self.recording;
        let plan = Plan::new(mode, transfers, state, &ring.number);
        let conversation = Conversation::new(call, self.facts.clone());
        let beginning = Beginning {
            call,
            ring,
            ears: Ears::new(vad, Limits::default()),
            conversation: conversation.with_cloud_thinker(self.shared.cloud).with_recording(plan),
            line,
            inbox,
        };
        let shared = Shared { doors: self.shared.doors.for_one_call(), ..self.shared.clone() };
        // The thread ends with its call; a panic in it aborts the process, and lined serves the caller.
        let thread = std::thread::Builder::new().name("call".to_owned());
        match thread.spawn(move || Driver::new(shared, beginning).run()) {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(%call, %error, "no thread for a call; the line will serve it");
                false
            }
        }
    }
}

fn deliver(calls: &mut HashMap<CallId, SyncSender<Happened>>, call: CallId, what: ToBrain) {
    let ended = matches!(what, ToBrain::Ended(_));
    let post = if ended { calls.remove(&call) } else { calls.get(&call).cloned() };
    let Some(post) = post else { return };
    match post.try_send(Happened::Line(what)) {
        Ok(()) => {}
        Err(TrySendError::Full(_)) => tracing::warn!(%call, "a call is late; a frame of it was dropped"),
        Err(TrySendError::Disconnected(_)) => {
            calls.remove(&call);
        }
    }
}
