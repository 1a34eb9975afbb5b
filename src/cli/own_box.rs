//! A whole box of one's own, for as long as a command runs: what `demo`, `call`, `chat`, `bench turn` and `bench line`
//! have in common.

use std::path::Path;

use super::Failure;
use super::home::Home;
use super::model_peer::PeerError;
use super::processes::{Launch, Processes};
use super::record::RecordAt;
use crate::config::{Config, RecogniserKind};

/// A running box in a temporary folder.
pub struct OwnBox {
    /// Its folder and configuration.
    pub home: Home,
    /// Its daemons.
    pub processes: Processes,
}

impl OwnBox {
    /// Starts a box for the command called `name`.
    ///
    /// # Errors
    /// [`Failure`] with what the daemons had to say.
    pub async fn start(name: &str, recogniser: RecogniserKind) -> Result<Self, Failure> {
        Self::start_at_the_cost_of(name, recogniser, None).await
    }

    /// As [`Self::start`]; each turn also costs what a Whisper of the shape of the file `shape` would.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_at_the_cost_of(
        name: &str,
        recogniser: RecogniserKind,
        shape: Option<&Path>,
    ) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("anteroom-{name}-{}", std::process::id()));
        Self::launch(Home::make(&folder, recogniser).map_err(Failure::because)?, shape).await
    }

    /// As [`Self::start`], with a `[line]` of another kind: `line` is that section and those below it.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with_line(name: &str, recogniser: RecogniserKind, line: &str) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("anteroom-{name}-{}", std::process::id()));
        Self::launch(Home::make_with(&folder, recogniser, line).map_err(Failure::because)?, None).await
    }

    async fn launch(home: Home, shape: Option<&Path>) -> Result<Self, Failure> {
        let (config, run, log) = (home.file(), home.config.paths.run.clone(), home.log());
        let launch = Launch { config: &config, run: &run, log: Some(&log), level: None, run_as: None, shape };
        match Processes::launch(&launch).await {
            Ok(processes) => Ok(Self { home, processes }),
            Err(error) => {
                let log = std::fs::read_to_string(home.log()).unwrap_or_default();
                Err(Failure::BoxNotStarted { log, source: Box::new(error) })
            }
        }
    }

    /// As [`Self::start`], with more sections of the configuration; `prepare` is called with the folder before any daemon
    /// starts.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(
        name: &str,
        more: &str,
        prepare: fn(&Path, &Config) -> Result<(), PeerError>,
    ) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("anteroom-{name}-{}", std::process::id()));
        let home = Home::make_with(&folder, RecogniserKind::PocketSphinx, more).map_err(Failure::because)?;
        prepare(&folder, &home.config).map_err(Failure::because)?;
        Self::launch(home, None).await
    }

    /// The folder of its sockets.
    #[must_use]
    pub fn run(&self) -> &Path {
        &self.home.config.paths.run
    }

    /// Where its record is.
    #[must_use]
    pub fn record(&self) -> RecordAt {
        let paths = &self.home.config.paths;
        RecordAt::new(paths.run.clone(), paths.data.clone())
    }

    /// Stops the daemons; the folder is removed unless it is to stay.
    pub async fn stop(self) {
        self.processes.stop().await;
    }
}
