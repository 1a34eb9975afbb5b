//! The connection to the clinic's MCP server: made before the first call, and again whenever the server dies.
//!
//! ```text
//!   away --start, handshake, list of tools--> there --server dies--> away (wait, doubled each time, then again)
//!                                               |  ^
//!                                               +--+ the server says that its list has changed: compared again
//! ```
//!
//! The handshake is always `initialize`: a probe for newer lifecycles could take ten seconds with a caller on the line.

use std::collections::HashSet;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rmcp::ClientHandler;
use rmcp::model::{ClientCapabilities, ClientConfig, Implementation};
use rmcp::service::{ClientLifecycleMode, NotificationContext, Peer, RoleClient, RunningService};
use rmcp::transport::TokioChildProcess;
use tokio::process::Command;
use tokio::sync::{Notify, watch};
use tokio::time::{sleep, timeout};

use super::pin;
use crate::tasks::{Stop, TaskError};

/// A server that is there.
pub(super) struct Connected {
    /// The way to it.
    pub(super) peer: Peer<RoleClient>,
    /// The tools that may be called.
    pub(super) callable: HashSet<&'static str>,
}

/// The server now, if it is there.
pub(super) type Now = Option<Arc<Connected>>;

/// A running client.
pub(super) type Running = RunningService<RoleClient, Listener>;

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectError {
    /// The program cannot be started.
    #[error("the clinic's MCP server cannot be started: check the configured command line")]
    Start(#[source] std::io::Error),
    /// It started and did not speak MCP. What it said instead is not kept.
    #[error("the clinic's MCP server did not complete the handshake")]
    Handshake,
    /// It started and said nothing.
    #[error("the clinic's MCP server did not answer in {PATIENCE:?}")]
    Late,
}

/// How long the handshake and the list of tools may take together.
const PATIENCE: Duration = Duration::from_secs(10);
/// The waits between attempts: short, since a caller may be waiting, up to one that leaves a broken server in peace.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// A server that lived as long as this was not broken from the start: the waits begin anew.
const STEADY: Duration = Duration::from_secs(5);
/// How long the server may take to end when it is asked to, within the daemon's own [`crate::tasks::GRACE`].
const FAREWELL: Duration = Duration::from_secs(2);

/// Hears what the server says of its own accord: only that its list of tools changed matters.
#[derive(Clone, Default)]
pub(super) struct Listener {
    list_changed: Arc<Notify>,
}

impl ClientHandler for Listener {
    fn get_info(&self) -> ClientConfig {
        let me = Implementation::new("anteroom-clinicd", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), me)
    }

    fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) -> impl Future<Output = ()> + Send + '_ {
        self.list_changed.notify_one();
        std::future::ready(())
    }
}

/// Makes connections to a server.
pub(super) trait Connector: Send + Sync + 'static {
    /// Starts the server and shakes hands with it.
    fn connect(&self, listener: Listener) -> impl Future<Output = Result<Running, ConnectError>> + Send;
}

/// Starts the server as a child process.
pub(super) struct ChildServer {
    program: String,
    arguments: Vec<String>,
}

impl ChildServer {
    /// The server of that command line; `None` for an empty one.
    pub(super) fn new(command: &[String]) -> Option<Self> {
        let (program, arguments) = command.split_first()?;
        Some(Self { program: program.clone(), arguments: arguments.to_vec() })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // The server gets what a program needs to run and nothing else of this process's environment.
        command.args(&self.arguments).env_clear().kill_on_drop(true);
        for name in ["PATH", "HOME", "TZ", "LANG", "TMPDIR"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }
}

impl Connector for ChildServer {
    async fn connect(&self, listener: Listener) -> Result<Running, ConnectError> {
        // What a server prints may name patients, so it goes nowhere. To see it, run its command line by hand.
        let (child, _) =
            TokioChildProcess::builder(self.command()).stderr(Stdio::null()).spawn().map_err(ConnectError::Start)?;
        shake_hands(listener, child).await
    }
}

/// Shakes hands over any transport.
pub(super) async fn shake_hands<T, E, A>(listener: Listener, transport: T) -> Result<Running, ConnectError>
where
    T: rmcp::transport::IntoTransport<RoleClient, E, A>,
    E: std::error::Error + Send + Sync + 'static,
{
    rmcp::service::serve_client_with_lifecycle(listener, transport, ClientLifecycleMode::Initialize)
        .await
        .map_err(|_| ConnectError::Handshake)
}

/// Keeps one connection alive and tells who it is.
pub(super) struct Keeper<C> {
    connector: C,
    now: watch::Sender<Now>,
    wait: Duration,
}

impl<C: Connector> Keeper<C> {
    /// A keeper that has not connected yet.
    pub(super) fn new(connector: C, now: watch::Sender<Now>) -> Self {
        Self { connector, now, wait: FIRST_WAIT }
    }

    /// Connects, and connects again, until `stop`.
    ///
    /// # Errors
    /// [`TaskError::Failed`] where the program cannot be started the very first time: that is a bad configuration.
    pub(super) async fn keep(mut self, stop: Stop) -> Result<(), TaskError> {
        let mut first = true;
        while !stop.is_asked() {
            let listener = Listener::default();
            let connected = tokio::select! {
                () = stop.asked() => return Ok(()),
                connected = timeout(PATIENCE, self.open(listener.clone())) => {
                    connected.unwrap_or(Err(ConnectError::Late))
                }
            };
            match connected {
                Ok(running) => self.attend(running, &listener, &stop).await,
                Err(error @ ConnectError::Start(_)) if first => return Err(TaskError::because(error)),
                Err(error) => tracing::warn!(%error, "no connection to the clinic's server"),
            }
            first = false;
            if stop.is_asked() {
                break;
            }
            tracing::info!(wait_ms = self.wait.as_millis(), "the clinic's server is started again after a wait");
            tokio::select! {
                () = stop.asked() => {}
                () = sleep(self.wait) => {}
            }
            self.wait = self.wait.saturating_mul(2).min(LONGEST_WAIT);
        }
        Ok(())
    }

    /// Connects and tells it only after the list of tools was compared.
    async fn open(&self, listener: Listener) -> Result<Running, ConnectError> {
        let running = self.connector.connect(listener).await?;
        self.compare(running.peer()).await?;
        Ok(running)
    }

    async fn compare(&self, peer: &Peer<RoleClient>) -> Result<(), ConnectError> {
        let listed = peer.list_all_tools().await.map_err(|_| ConnectError::Handshake)?;
        let pinned = pin::compare(&listed);
        if !pinned.changed.is_empty() || !pinned.missing.is_empty() || pinned.undeclared > 0 {
            tracing::warn!(
                changed = ?pinned.changed,
                missing = ?pinned.missing,
                undeclared = pinned.undeclared,
                "tools that are not as the catalogue says are quarantined"
            );
        }
        tracing::info!(tools = pinned.callable.len(), "connected to the clinic's server");
        self.now.send_replace(Some(Arc::new(Connected { peer: peer.clone(), callable: pinned.callable })));
        Ok(())
    }

    /// Stays with a connection until the server dies, changes its list past recognition, or `stop`.
    async fn attend(&mut self, running: Running, listener: &Listener, stop: &Stop) {
        let peer = running.peer().clone();
        let end = running.cancellation_token();
        let mut ended = std::pin::pin!(running.waiting());
        let mut steady = std::pin::pin!(sleep(STEADY));
        let mut is_steady = false;
        let server_died = loop {
            tokio::select! {
                () = stop.asked() => break false,
                _ = &mut ended => break true,
                () = &mut steady, if !is_steady => {
                    is_steady = true;
                    self.wait = FIRST_WAIT;
                }
                () = listener.list_changed.notified() => {
                    // Nothing is called by an outdated list.
                    self.now.send_replace(None);
                    if !matches!(timeout(PATIENCE, self.compare(&peer)).await, Ok(Ok(()))) {
                        break false;
                    }
                }
            }
        };
        self.now.send_replace(None);
        if server_died {
            tracing::warn!("the clinic's server ended");
            return;
        }
        end.cancel();
        if timeout(FAREWELL, ended).await.is_err() {
            tracing::warn!("the clinic's server did not end when asked to; it is killed");
        }
    }
}
