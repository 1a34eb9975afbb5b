//! The mains of the daemons: read the configuration, set up the log, lock down, start, wait, drain.
//!
//! ```text
//!   lined --config anteroom.toml [--with-stdin]
//! ```
//! `--with-stdin` makes the daemon stop when its standard input ends: how `anteroom demo` makes sure that no child
//! outlives it, even if it is killed.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError};
use crate::sandbox::{self, Peers, Sandbox, folder, peers};
use crate::tasks::Stop;
use crate::wire::users::Uids;
use crate::{airlock, call, clinic, line, logs, record};

use super::exit::Exit;
use super::fail;

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

#[derive(Parser)]
#[command(version)]
struct BrainArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// For `anteroom bench turn`: spend in each turn what a Whisper of this file's shape would. Serves no real line.
    #[arg(long, hide = true)]
    measure_shape: Option<PathBuf>,
}

/// Worker threads of a daemon's runtime: it moves messages; what takes long has threads of its own.
const RUNTIME_THREADS: usize = 2;

/// `lined`.
#[must_use]
pub fn lined() -> ExitCode {
    start(Arguments::parse(), "lined", Sandbox::Door, |config, users, clock, stop| {
        let paths = config.paths;
        let lined = line::daemon::LinedConfig { run: paths.run, prompts: paths.prompts, line: config.line, users };
        async move { line::daemon::run(lined, clock, stop).await.map_err(boxed) }
    })
}

/// `anteroomd`.
#[must_use]
pub fn anteroomd() -> ExitCode {
    let BrainArguments { arguments, measure_shape } = BrainArguments::parse();
    start(arguments, "anteroomd", Sandbox::Sealed, |config, users, clock, stop| async move {
        call::daemon::run(config, users, measure_shape.as_deref(), clock, stop).await.map_err(boxed)
    })
}

/// `recordd`.
#[must_use]
pub fn recordd() -> ExitCode {
    start(Arguments::parse(), "recordd", Sandbox::Sealed, |config, users, _, stop| {
        let paths = config.paths;
        let recordd = record::daemon::RecordConfig { run_dir: paths.run, data_dir: paths.data, users };
        async move {
            folder::own(&recordd.data_dir, folder::PRIVATE).map_err(boxed)?;
            record::daemon::run(recordd, stop).await.map_err(boxed)
        }
    })
}

/// `clinicd`.
#[must_use]
pub fn clinicd() -> ExitCode {
    start(Arguments::parse(), "clinicd", Sandbox::Door, |config, users, _, stop| {
        let demonstration = config.systems.server.is_empty().then_some(config.paths.clinic);
        let server = demonstration.as_deref().map_or(config.systems.server, demonstration_clinic);
        let clinicd = clinic::daemon::ClinicConfig {
            run_dir: config.paths.run,
            users,
            server,
            max_lookups_per_call: config.systems.max_lookups,
            tool_timeout: config.systems.tool_timeout,
        };
        async move {
            if let Some(data) = demonstration {
                folder::own(&data, folder::PRIVATE).map_err(boxed)?;
            }
            clinic::daemon::run(clinicd, stop).await.map_err(boxed)
        }
    })
}

/// `airlockd`.
#[must_use]
pub fn airlockd() -> ExitCode {
    start(Arguments::parse(), "airlockd", Sandbox::Door, |config, users, clock, stop| {
        let Config { paths, airlock, clinic, .. } = config;
        let airlockd = airlock::daemon::AirlockdConfig { run: paths.run, users, airlock, clinic };
        async move { airlock::daemon::run(airlockd, clock, stop).await.map_err(boxed) }
    })
}

/// The command line of this program's own demonstration clinic.
fn demonstration_clinic(data: &Path) -> Vec<String> {
    let program = super::processes::program("anteroom");
    [&program, Path::new("mcp"), Path::new("clinic"), Path::new("--data"), data]
        .map(|part| part.to_string_lossy().into_owned())
        .to_vec()
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
            () = asked_to_stop(&stop, arguments.with_stdin) => Ok(()),
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
    match error.downcast_ref::<call::daemon::AnteroomdError>() {
        Some(call::daemon::AnteroomdError::Engine(_)) => Exit::Unavailable,
        Some(_) | None => Exit::Failed,
    }
}

/// The configuration, and the users it names as numbers of this machine.
fn configured(name: &str, path: &Path) -> Result<(Config, Uids), ConfigError> {
    let config = Config::load(path)?;
    let users = config.users.resolve_for(name, nix::unistd::geteuid().as_raw());
    let users = users.map_err(|problems| ConfigError::Mistakes { path: path.to_owned(), problems })?;
    Ok((config, users))
}

/// Asks for a stop at SIGTERM, SIGINT or the end of standard input, then gives the daemon time to drain.
async fn asked_to_stop(stop: &Stop, with_stdin: bool) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        // Without signals the daemon can still be killed.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        () = end_of_stdin(), if with_stdin => {}
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
