//! A box of its own for a demonstration or a test: a private folder with configuration, sockets, record and prompts.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

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
    /// Sets up a box in `folder`, which must not exist.
    ///
    /// # Errors
    /// [`HomeError`].
    pub fn make(folder: &Path, recogniser: RecogniserKind) -> Result<Self, HomeError> {
        let failed = |source| HomeError::Folder { path: folder.to_owned(), source };
        fs::DirBuilder::new().mode(0o700).create(folder).map_err(failed)?;
        let file = folder.join("anteroom.toml");
        fs::write(&file, configuration(recogniser)).map_err(failed)?;
        let config = Config::load(&file)?;
        fs::create_dir_all(config.paths.prompts.join("recordings")).map_err(failed)?;
        let choice = speak::VoiceChoice::Flite(speak::FliteVoice::Slt);
        render_fixed_prompts(&mut *speak::open(&choice)?, &config.paths.prompts)?;
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

fn configuration(recogniser: RecogniserKind) -> String {
    let recogniser = match recogniser {
        RecogniserKind::PocketSphinx => "pocketsphinx",
        RecogniserKind::Whisper => "whisper",
    };
    // A literal string: a folder's name may hold anything but an apostrophe, which no models folder of ours does.
    let models = models();
    format!(
        "[paths]\nrun = \"run\"\ndata = \"data\"\nprompts = \"prompts\"\nmodels = '{}'\n\
         [clinic]\nname = \"Riverside Family Clinic\"\n\
         address = \"twelve Mill Road, next to the public library\"\n\
         hours = \"Monday to Friday, from nine in the morning to five in the afternoon\"\n\
         time-zone = \"America/Chicago\"\n\
         [brain]\nvoice = \"{VOICE}\"\nrecogniser = \"{recogniser}\"\nwhisper-model = \"micro-whisper\"\nwatch = true\n",
        models.display(),
    )
}
