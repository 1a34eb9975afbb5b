//! The mains of the daemons: read the configuration, set up the log, lock down, start, wait, drain.
//!
//! ```text
//!   lined --config anteroom.toml [--with-stdin]
//! ```
//! airlockd is built without the features of the others: no database, recogniser or model of sound is linked into it.
//! `--with-stdin` makes the daemon stop when its standard input ends: how `anteroom demo` makes sure that no child
//! outlives it, even if it is killed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

#[cfg(feature = "cloud")]
use crate::airlock;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError};
use crate::logs;
use crate::sandbox::{self, Peers, Sandbox, peers};
#[cfg(feature = "warehouse")]
use crate::sync;
use crate::tasks::Stop;
use crate::wire::users::Uids;

pub mod exit;
#[cfg(all(feature = "asr", feature = "tts", feature = "store", feature = "mcp"))]
mod others;

use exit::Exit;
#[cfg(all(feature = "asr", feature = "tts", feature = "store", feature = "mcp"))]
pub use others::{anteroomd, clinicd, lined, recordd};

#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file.
    #[arg(long, default_value = "/etc/anteroom/anteroom.toml")]
    config: PathBuf,
    /// Stop when standard input ends.
    #[arg(long)]
    with_stdin: bool,
}

/// Worker threads of a daemon's runtime: it moves messages; what takes long has threads of its own.
const RUNTIME_THREADS: usize = 2;

/// `airlockd`.
#[cfg(feature = "cloud")]
#[must_use]
pub fn airlockd() -> ExitCode {
    start(Arguments::parse(), "airlockd", Sandbox::Door, |config, users, clock, stop| {
        let Config { paths, airlock, clinic, .. } = config;
        let airlockd = airlock::daemon::AirlockdConfig { run: paths.run, users, airlock, clinic };
        async move { airlock::daemon::run(airlockd, clock, stop).await.map_err(boxed) }
    })
}

/// `syncd`.
#[cfg(feature = "warehouse")]
#[must_use]
pub fn syncd() -> ExitCode {
    start(Arguments::parse(), "syncd", Sandbox::Door, |config, users, clock, stop| {
        let Config { paths, clinic, warehouse: destinations, backup, .. } = config;
        let syncd =
            sync::daemon::SyncConfig { run: paths.run, users, destinations, backup, time_zone: clinic.time_zone };
        async move { sync::daemon::run(syncd, clock, stop).await.map_err(boxed) }
    })
}

type Boxed = Box<dyn std::error::Error + Send + Sync>;

fn boxed(error: impl std::error::Error + Send + Sync + 'static) -> Boxed {
    Box::new(error)
}

fn start<F, Fut>(arguments: Arguments, name: &'static str, walls: Sandbox, run: F) -> ExitCode
where
    F: FnOnce(Config, Uids, Arc<dyn Clock>, Stop) -> Fut,
    Fut: Future<Output = Result<(), Boxed>>,
{
    start_draining(arguments, name, walls, None, run)
}

/// As [`start`]; where there is a `drain`, the first SIGTERM asks for that alone, and the daemon ends by itself after it.
fn start_draining<F, Fut>(
    arguments: Arguments,
    name: &'static str,
    walls: Sandbox,
    drain: Option<Stop>,
    run: F,
) -> ExitCode
where
    F: FnOnce(Config, Uids, Arc<dyn Clock>, Stop) -> Fut,
    Fut: Future<Output = Result<(), Boxed>>,
{
    logs::install(name);
    // What a daemon writes is its own; what others need of it gets its mode where it is made.
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o077));
    // Names are looked up before the walls stand: the look-up may ask a service of the system.
    let (config, users) = match configured(name, &arguments.config) {
        Ok(configured) => configured,
        Err(error) => return fail(name, &error, Exit::BadConfiguration),
    };
    let several = if config.users.are_named() { Peers::SeveralUsers } else { Peers::OneUser };
    // Before any thread exists: a filter holds for the threads that come after it.
    let sealed = match sandbox::seal(walls, several) {
        Ok(sealed) => sealed,
        Err(error) => return fail(name, &error, Exit::Failed),
    };
    if let Err(error) = peers::can_be_told_apart(&users.every()) {
        // Starting again in the same namespace would change nothing.
        return fail(name, &error, Exit::BadConfiguration);
    }
    tracing::info!(process = name, walls = %sealed, "locked down");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(RUNTIME_THREADS).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(name, &error, Exit::Failed),
    };
    let ended = runtime.block_on(async {
        let stop = Stop::new();
        tokio::select! {
            ended = run(config, users, Arc::new(SystemClock), stop.clone()) => ended,
            () = asked_to_stop(&stop, drain.as_ref(), arguments.with_stdin) => Ok(()),
        }
    });
    // Requests that hang in a blocking call must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    match ended {
        Ok(()) => Exit::Well.into(),
        Err(error) => fail(name, error.as_ref(), how_it_failed(error.as_ref())),
    }
}

/// A model or voice that is not there will not be there a second later: restarting in vain would only fill the log.
fn how_it_failed(error: &(dyn std::error::Error + 'static)) -> Exit {
    #[cfg(all(feature = "asr", feature = "tts", feature = "store", feature = "mcp"))]
    if others::lacks_an_engine(error) {
        return Exit::Unavailable;
    }
    let _ = error;
    Exit::Failed
}

/// The configuration, and the users it names as numbers of this machine.
fn configured(name: &str, path: &Path) -> Result<(Config, Uids), ConfigError> {
    let config = Config::load(path)?;
    let users = config.users.resolve_for(name, nix::unistd::geteuid().as_raw());
    let users = users.map_err(|problems| ConfigError::Mistakes { path: path.to_owned(), problems })?;
    Ok((config, users))
}

/// Asks for a stop at SIGTERM, SIGINT or the end of standard input, then gives the daemon time to end its tasks. Where there
/// is a `drain`, the first SIGTERM asks for that; whatever comes second ends the daemon.
async fn asked_to_stop(stop: &Stop, drain: Option<&Stop>, with_stdin: bool) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        // Without signals the daemon can still be killed.
        return std::future::pending().await;
    };
    let abandoned = end_of_stdin();
    tokio::pin!(abandoned);
    let in_order = tokio::select! {
        _ = terminate.recv() => true,
        _ = interrupt.recv() => false,
        () = &mut abandoned, if with_stdin => false,
    };
    if let Some(drain) = drain.filter(|_| in_order) {
        drain.ask();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = &mut abandoned, if with_stdin => {}
        }
    }
    stop.ask();
    tokio::time::sleep(crate::tasks::GRACE).await;
}

async fn end_of_stdin() {
    let (ended, wait) = tokio::sync::oneshot::channel();
    // A thread of its own: reading standard input cannot be called off.
    let reader = std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = ended.send(());
    });
    if reader.is_err() || wait.await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Says why a program ends, with all causes, and ends it.
pub(crate) fn fail(name: &str, error: &(dyn std::error::Error + 'static), exit: Exit) -> ExitCode {
    let mut text = format!("{name}: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        let deeper = error.to_string();
        // Errors that are transparent repeat their cause's words.
        if !text.ends_with(&deeper) {
            text.push_str(": ");
            text.push_str(&deeper);
        }
        cause = error.source();
    }
    // Standard error may be closed; there is nobody left to tell.
    let _ = writeln!(std::io::stderr(), "{text}");
    exit.into()
}

/// The path of one of our programs: beside this one.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().map(Path::to_owned).unwrap_or_default();
    // Test binaries lie one folder below the programs.
    let folder =
        if folder.ends_with("deps") { folder.parent().map(Path::to_owned).unwrap_or_default() } else { folder };
    folder.join(name)
}
