//! The mains of the daemons that hear, keep and ask the clinic: everything but the airlock.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use super::{Arguments, boxed, start, start_draining};
use crate::sandbox::{Sandbox, folder};
use crate::tasks::Stop;
use crate::{call, clinic, line, record};

#[derive(Parser)]
#[command(version)]
struct BrainArguments {
    #[command(flatten)]
    arguments: Arguments,
    /// For `anteroom bench turn`: spend in each turn what a Whisper of this file's shape would. Serves no real line.
    #[arg(long, hide = true)]
    measure_shape: Option<PathBuf>,
}

/// `lined`.
#[must_use]
pub fn lined() -> ExitCode {
    let drain = Stop::new();
    let asked = drain.clone();
    start_draining(Arguments::parse(), "lined", Sandbox::Door, Some(asked), |config, users, clock, stop| {
        let paths = config.paths;
        let (run, prompts, time_zone) = (paths.run, paths.prompts, config.clinic.time_zone);
        let lined = line::daemon::LinedConfig { run, prompts, line: config.line, time_zone, users, drain };
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
        let outward = record::daemon::Outward {
            destinations: config.warehouse,
            origin: config.record.origin.clone(),
            time_zone: config.clinic.time_zone,
        };
        let recordd = record::daemon::RecordConfig {
            record: config.record,
            outward,
            recovery_key: config.backup.recovery_key,
            configuration: config.digest,
            ..record::daemon::RecordConfig::new(paths.run, paths.data, users)
        };
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

/// The command line of this program's own demonstration clinic.
fn demonstration_clinic(data: &Path) -> Vec<String> {
    let program = super::program("anteroom");
    [&program, Path::new("mcp"), Path::new("clinic"), Path::new("--data"), data]
        .map(|part| part.to_string_lossy().into_owned())
        .to_vec()
}

/// Whether anteroomd ended since a model or a voice is not there.
pub(super) fn lacks_an_engine(error: &(dyn std::error::Error + 'static)) -> bool {
    let error = error.downcast_ref::<call::daemon::AnteroomdError>();
    matches!(error, Some(call::daemon::AnteroomdError::Engine(_)))
}
