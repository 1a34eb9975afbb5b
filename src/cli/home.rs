//! A box of its own for a demonstration or a test: a private folder with configuration, sockets, record and prompts.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::processes::{DAEMONS, RunAs, door};
use crate::config::{Config, ConfigError, RecogniserKind};
use crate::speak::fixed::{FixedError, render_fixed_prompts};
use crate::speak::{self, SpeakError};

/// The environment variable that says where the models are.
pub const MODELS_VARIABLE: &str = "ANTEROOM_MODELS";
/// The box's own voice in demonstrations; the simulated caller has another.
pub const VOICE: &str = "flite:slt";

/// Where the models are: as the environment says, else beside the programs' folder (where `make` puts them), else where
/// the product's image has them.
#[must_use]
pub fn models() -> PathBuf {
    if let Some(folder) = std::env::var_os(MODELS_VARIABLE) {
        return folder.into();
    }
    let program = super::processes::program("anteroom");
    let beside = program.parent().and_then(Path::parent).map(|target| target.join("models"));
    beside.filter(|folder| folder.is_dir()).unwrap_or_else(|| PathBuf::from("/usr/share/anteroom/models"))
}

/// A demonstration box could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// A folder or file could not be made.
    #[error("cannot set up the box in {path}")]
    Folder {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The voice is not there.
    #[error("the box has no voice")]
    Voice(#[from] SpeakError),
    /// The line's own prompts could not be rendered.
    #[error("the line's prompts could not be rendered")]
    Prompts(#[from] FixedError),
    /// The configuration that was written does not parse: a mistake in this program.
    #[error("the demonstration's configuration is wrong")]
    Config(#[from] ConfigError),
}

/// The folder of a demonstration box. Removed when dropped, unless it is to stay.
#[derive(Debug)]
pub struct Home {
    folder: PathBuf,
    /// The parsed configuration.
    pub config: Config,
    stay: bool,
}

impl Home {
    /// Sets up a box in `folder`, which must not exist. One user plays all parts.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn make(folder: &Path, recogniser: RecogniserKind) -> Result<Self, HomeError> {
        Self::make_for(folder, recogniser, None)
    }

    /// As [`Home::make`], with more sections of the configuration, such as `[airlock]`.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn make_with(folder: &Path, recogniser: RecogniserKind, more: &str) -> Result<Self, HomeError> {
        Self::make_of(folder, &(configuration(recogniser, None) + more), None)
    }

    /// As [`Home::make`]; with `run_as` the folders are shared out as the systemd units do it, which only root can.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn make_for(folder: &Path, recogniser: RecogniserKind, run_as: Option<RunAs>) -> Result<Self, HomeError> {
        Self::make_of(folder, &configuration(recogniser, run_as), run_as)
    }

    fn make_of(folder: &Path, configuration: &str, run_as: Option<RunAs>) -> Result<Self, HomeError> {
        let failed = |source| HomeError::Folder { path: folder.to_owned(), source };
        fs::DirBuilder::new().mode(0o700).create(folder).map_err(failed)?;
        let file = folder.join("anteroom.toml");
        fs::write(&file, configuration).map_err(failed)?;
        let config = Config::load(&file)?;
        fs::create_dir_all(config.paths.prompts.join("recordings")).map_err(failed)?;
        let choice = speak::VoiceChoice::Flite(speak::FliteVoice::Slt);
        render_fixed_prompts(&mut *speak::open(&choice)?, &config.paths.prompts)?;
        if let Some(run_as) = run_as {
            share_out(folder, &config, run_as)?;
        }
        Ok(Self { folder: folder.to_owned(), config, stay: false })
    }

    /// The configuration file.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.folder.join("anteroom.toml")
    }

    /// The daemons' log.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join("anteroom.log")
    }

    /// Keeps the folder when this is dropped.
    pub fn stay(&mut self) {
        self.stay = true;
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !self.stay {
            // What cannot be removed is a temporary folder that only its owner can read.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Gives each daemon the folders that its unit would make, and the group what all of them read.
fn share_out(folder: &Path, config: &Config, run_as: RunAs) -> Result<(), HomeError> {
    let RunAs { uids, group } = run_as;
    let give = |path: &Path, owner: Option<u32>, mode: u32| {
        let given =
            chown(path, owner, Some(group)).and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(mode)));
        given.map_err(|source| HomeError::Folder { path: path.to_owned(), source })
    };
    let make = |path: &Path, owner: Option<u32>, mode: u32| {
        let made = fs::create_dir(path).map_err(|source| HomeError::Folder { path: path.to_owned(), source });
        made.and_then(|()| give(path, owner, mode))
    };
    let paths = &config.paths;
    // As systemd makes it: the folders of the doors are what is closed.
    make(&paths.run, None, 0o755)?;
    for daemon in DAEMONS {
        make(&paths.run.join(door(daemon)), uids.of_daemon(daemon), 0o750)?;
    }
    make(&paths.data, Some(uids.recordd), 0o700)?;
    make(&paths.clinic, Some(uids.clinicd), 0o700)?;
    // Where lined remembers the record's public key.
    make(&paths.prompts.with_file_name("line"), Some(uids.lined), 0o700)?;
    let failed = |source| HomeError::Folder { path: paths.prompts.clone(), source };
    for entry in fs::read_dir(&paths.prompts).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let mode = if entry.file_type().map_err(failed)?.is_dir() { 0o750 } else { 0o640 };
        give(&entry.path(), None, mode)?;
    }
    give(&paths.prompts, None, 0o750)?;
    give(&folder.join("anteroom.toml"), None, 0o640)?;
    give(folder, None, 0o711)
}

fn configuration(recogniser: RecogniserKind, run_as: Option<RunAs>) -> String {
    let recogniser = match recogniser {
        RecogniserKind::PocketSphinx => "pocketsphinx",
        RecogniserKind::Whisper => "whisper",
    };
    // A literal string: a folder's name may hold anything but an apostrophe, which no models folder of ours does.
    let models = models();
    let mut users = String::new();
    if let Some(RunAs { uids, .. }) = run_as {
        users.push_str("[users]\n");
        let others = [("cli", uids.cli), ("caller", uids.caller)];
        for (role, uid) in uids.daemons().into_iter().chain(others) {
            users.push_str(&format!("{role} = {uid}\n"));
        }
    }
    format!(
        "[paths]\nrun = \"run\"\ndata = \"data\"\nclinic = \"clinic\"\nprompts = \"prompts\"\nmodels = '{}'\n{users}\
         [clinic]\nname = \"Riverside Family Clinic\"\n\
         address = \"twelve Mill Road, next to the public library\"\n\
         hours = \"Monday to Friday, from nine in the morning to five in the afternoon\"\n\
         time-zone = \"America/Chicago\"\n\
         [brain]\nvoice = \"{VOICE}\"\nrecogniser = \"{recogniser}\"\nwhisper-model = \"micro-whisper\"\nwatch = true\n",
        models.display(),
    )
}
