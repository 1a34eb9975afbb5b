//! `anteroom check-config FILE`: lists every mistake of a configuration, each with its key.

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
        Ok(_) => {
            writeln!(out, "{}: in order", check.file.display())?;
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
