//! How a command ends, as a number. Documented in README; scripts rely on it.

use std::process::ExitCode;

/// Exit codes. 2 (bad usage) is clap's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// It went well.
    Well,
    /// It failed, or what was checked is not in order.
    Failed,
    /// Something that is needed is not there (a model, a voice, a running box). systemd does not restart on it.
    Unavailable,
    /// The configuration is bad (`EX_CONFIG` of sysexits.h). systemd does not restart on it.
    BadConfiguration,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Well => 0_u8,
            Exit::Failed => 1,
            Exit::Unavailable => 69,
            Exit::BadConfiguration => 78,
        })
    }
}
