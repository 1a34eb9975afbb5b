//! `anteroom check-config FILE`: lists every mistake of a configuration, each with its key.
//!
//! The file may be for another machine than this one. What `[users]` names and this machine does not have is therefore
//! said, but is no mistake of the file; a daemon that starts here would refuse it.

use std::io::Write;
use std::path::PathBuf;

use super::Failure;
use super::exit::Exit;
use crate::config::{Config, ConfigError};

/// Options of `check-config`.
#[derive(clap::Args)]
pub struct CheckConfig {
    /// The configuration file.
    file: PathBuf,
}

/// Checks the file. Exit code 78 says that it has mistakes.
///
/// # Errors
/// [`Failure`] where the output fails.
pub fn run(check: &CheckConfig) -> Result<Exit, Failure> {
    let mut out = std::io::stdout();
    match Config::load(&check.file) {
        Ok(config) => {
            writeln!(out, "{}: in order", check.file.display())?;
            // Which user this process is does not matter: only names are looked up.
            if let Err(problems) = config.users.resolve(nix::unistd::geteuid().as_raw()) {
                writeln!(out, "as it stands the daemons would not start on this machine (exit code 78):")?;
                for problem in problems {
                    writeln!(out, "  {problem}")?;
                }
            }
            Ok(Exit::Well)
        }
        Err(ConfigError::Mistakes { problems, .. }) => {
            for problem in problems {
                writeln!(out, "{problem}")?;
            }
            Ok(Exit::BadConfiguration)
        }
        Err(error @ ConfigError::Unreadable { .. }) => Err(Failure::because(error)),
    }
}
