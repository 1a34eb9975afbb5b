//! The box's processes as children of this one: started, waited for, restarted as systemd would, stopped cleanly.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use crate::config::{Config, LineKind};
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::doors::{Airlock, Clinic, Door, ENDPOINTS, Endpoint, Line, Record, Role, Syncing, Watch};
use crate::wire::users::Uids;

/// Every daemon, in the order in which they are started: those that others ask come first.
pub const DAEMONS: [&str; 6] = ["recordd", "syncd", "airlockd", "clinicd", "lined", "anteroomd"];
/// A daemon that died is started again after this long (`RestartSec=` of its unit).
const RESTART: Duration = Duration::from_secs(1);
/// How long the box may take until every socket answers: models are loaded on the way.
const READY: Duration = Duration::from_secs(60);

/// The door at which the daemon `name` answers.
#[must_use]
pub fn door(name: &str) -> &'static str {
    match name {
        "recordd" => Record::NAME,
        "syncd" => Syncing::NAME,
        "airlockd" => Airlock::NAME,
        "clinicd" => Clinic::NAME,
        "lined" => Line::NAME,
        _ => Watch::NAME,
    }
}

/// Daemons as users of their own, as systemd starts them. Only root can.
#[derive(Clone, Copy, Debug)]
pub struct RunAs {
    /// The users; the same as in the configuration's `[users]`.
    pub uids: Uids,
    /// The group that all daemons share: it may knock at the doors.
    pub group: u32,
}

/// How the box is started.
#[derive(Clone, Debug)]
pub struct Launch<'a> {
    /// The configuration file.
    pub config: &'a Path,
    /// Where the sockets will be.
    pub run: &'a Path,
    /// The file that the daemons log to; standard error without it.
    pub log: Option<&'a Path>,
    /// Another level of the log (see [`crate::logs::LEVEL_VARIABLE`]).
    pub level: Option<&'static str>,
    /// Users of their own; without them every daemon is the user of this process.
    pub run_as: Option<RunAs>,
    /// A Whisper's shape that each turn is to cost (`bench turn`).
    pub shape: Option<&'a Path>,
}

pub use crate::mains::program;

/// The box could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// A program is not there.
    #[error("cannot start {program}: build all programs first (cargo build --bins)")]
    NotThere {
        /// The program.
        program: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A daemon ended before it was ready.
    #[error("{name} ended before it was ready ({status}); its own message is above")]
    EndedEarly {
        /// Which.
        name: &'static str,
        /// How.
        status: std::process::ExitStatus,
    },
    /// A daemon was not ready in time.
    #[error("the box was not ready after {READY:?}: nobody answers at {socket}")]
    NotReady {
        /// The socket that nobody answers.
        socket: PathBuf,
    },
}

type Pids = Arc<Mutex<HashMap<&'static str, u32>>>;

/// The running box.
pub struct Processes {
    tasks: Tasks,
    pids: Pids,
}

impl Processes {
    /// Starts every daemon with the configuration and waits until all of them answer.
    ///
    /// # Errors
    /// [`ProcessError`]; whatever had been started is stopped.
    pub async fn start(config: &Path, run: &Path, log: Option<&Path>) -> Result<Self, ProcessError> {
        Self::launch(&Launch { config, run, log, level: None, run_as: None, shape: None }).await
    }

    /// As [`Processes::start`], with all there is to say about how.
    ///
    /// # Errors
    /// As [`Processes::start`].
    pub async fn launch(launch: &Launch<'_>) -> Result<Self, ProcessError> {
        let mut processes = Self { tasks: Tasks::new(Stop::new()), pids: Pids::default() };
        for name in DAEMONS {
            let how = How {
                config: launch.config.to_owned(),
                log: launch.log.map(Path::to_owned),
                level: launch.level,
                run_as: launch.run_as,
                shape: launch.shape.filter(|_| name == "anteroomd").map(Path::to_owned),
            };
            let mut child = spawn(name, &how)?;
            processes.remember(name, &child);
            if let Err(error) = ready(name, launch, &mut child).await {
                let _ = child.kill().await;
                return Err(error);
            }
            let keeper = Keeper { name, how, pids: Arc::clone(&processes.pids) };
            processes.tasks.start(name, move |stop| keeper.keep(child, stop));
        }
        Ok(processes)
    }

    fn remember(&self, name: &'static str, child: &Child) {
        if let (Ok(mut pids), Some(pid)) = (self.pids.lock(), child.id()) {
            pids.insert(name, pid);
        }
    }

    /// The pid of a daemon, while it runs.
    #[must_use]
    pub fn pid(&self, name: &str) -> Option<u32> {
        self.pids.lock().ok().and_then(|pids| pids.get(name).copied())
    }

    /// Sends a signal to a daemon; false if it does not run.
    #[must_use]
    pub fn signal(&self, name: &str, signal: Signal) -> bool {
        let Some(pid) = self.pid(name).and_then(|pid| i32::try_from(pid).ok()) else { return false };
        kill(Pid::from_raw(pid), signal).is_ok()
    }

    /// Stops every daemon, whatever calls are up: SIGINT, then after a while SIGKILL.
    pub async fn stop(self) {
        self.tasks.stop().ask();
        if let Err(error) = self.tasks.wait().await {
            tracing::warn!(%error, "a keeper of a daemon ended badly");
        }
    }
}

struct Keeper {
    name: &'static str,
    how: How,
    pids: Pids,
}

/// How daemons are started.
struct How {
    config: PathBuf,
    log: Option<PathBuf>,
    level: Option<&'static str>,
    run_as: Option<RunAs>,
    shape: Option<PathBuf>,
}

impl Keeper {
    /// Keeps a daemon running until `stop`.
    async fn keep(self, mut child: Child, stop: Stop) -> Result<(), TaskError> {
        loop {
            // Held here: waiting for a child closes its standard input, whose end is the sign to stop.
            let _open = child.stdin.take();
            let ended = tokio::select! {
                () = stop.asked() => {
                    end(&mut child).await;
                    return Ok(());
                }
                ended = child.wait() => ended.map_err(TaskError::from_io)?,
            };
            self.forget();
            tracing::warn!(process = self.name, status = %ended, "a daemon ended; it is started again");
            tokio::select! {
                () = stop.asked() => return Ok(()),
                () = tokio::time::sleep(RESTART) => {}
            }
            child = spawn(self.name, &self.how).map_err(TaskError::because)?;
            if let (Ok(mut pids), Some(pid)) = (self.pids.lock(), child.id()) {
                pids.insert(self.name, pid);
            }
        }
    }

    fn forget(&self) {
        if let Ok(mut pids) = self.pids.lock() {
            pids.remove(self.name);
        }
    }
}

fn spawn(name: &'static str, how: &How) -> Result<Child, ProcessError> {
    let program = program(name);
    let not_there = |source| ProcessError::NotThere { program: program.clone(), source };
    let mut command = Command::new(&program);
    command.arg("--config").arg(&how.config).arg("--with-stdin");
    if let Some(shape) = &how.shape {
        command.arg("--measure-shape").arg(shape);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
    if let Some(run_as) = &how.run_as
        && let Some(uid) = run_as.uids.of_daemon(name)
    {
        // The groups of this process are dropped as well.
        command.uid(uid).gid(run_as.group);
    }
    if let Some(level) = how.level {
        command.env(crate::logs::LEVEL_VARIABLE, level);
    }
    if let Some(log) = &how.log {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(log).map_err(not_there)?;
        command.stderr(file);
    }
    command.spawn().map_err(not_there)
}

/// Waits until every socket at which this daemon answers is there.
async fn ready(name: &'static str, launch: &Launch<'_>, child: &mut Child) -> Result<(), ProcessError> {
    let door = door(name);
    // On a telephone line nobody rings at a socket.
    let at_a_socket = Config::load(launch.config).is_ok_and(|config| config.line.kind == LineKind::Socket);
    let waited = tokio::time::timeout(READY, async {
        for endpoint in ENDPOINTS.iter().filter(|e| e.door == door && (at_a_socket || e.client != Role::Caller)) {
            while !is_there(endpoint, launch).await {
                if let Ok(Some(status)) = child.try_wait() {
                    return Err(ProcessError::EndedEarly { name, status });
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(())
    });
    waited.await.unwrap_or_else(|_| Err(ProcessError::NotReady { socket: launch.run.join(door) }))
}

/// Whether the socket is there. Where this process would be turned away it is only looked at, not knocked at.
async fn is_there(endpoint: &Endpoint, launch: &Launch<'_>) -> bool {
    let (socket, own) = (endpoint.path(launch.run), nix::unistd::geteuid().as_raw());
    match &launch.run_as {
        Some(run_as) if run_as.uids.of(endpoint.client) != own => socket.exists(),
        _ => tokio::net::UnixStream::connect(&socket).await.is_ok(),
    }
}

async fn end(child: &mut Child) {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
        // Not SIGTERM, at which lined serves the calls that are up to their end.
        let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
    }
    if tokio::time::timeout(crate::tasks::GRACE, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}
