//! A cloud model to play with: the test peer, which speaks the providers' formats on 127.0.0.1, and the configuration of a box
//! that may ask it.
//!
//! The peer is a program for Node (`tests/airlock/peer`); `make peer` installs what it needs. It plays a receptionist by rules
//! and, where asked for, the failures of real providers. No word of it is part of the box.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::airlock::agreements::{Approval, with_approval};
use crate::airlock::catalogue::Catalogue;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::vocabulary;

/// Where the peer's program is, when the environment does not say: beside the sources.
const PEER_VARIABLE: &str = "ANTEROOM_PEER";
/// How long the peer may take to start.
const READY: Duration = Duration::from_secs(20);

/// A running peer. It ends when this is dropped.
pub struct ModelPeer {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// Every request that reached it, one JSON object a line.
    pub journal: PathBuf,
    child: Child,
}

/// The peer is not there.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// Node or the peer's packages are missing.
    #[error("the model peer in {folder} does not start: run `make peer`, which needs Node 20.15 or later")]
    NotThere {
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// Its approval could not be written.
    #[error("cannot write {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl ModelPeer {
    /// Starts the peer; its journal is a file in `folder`.
    ///
    /// # Errors
    /// [`PeerError`].
    pub async fn start(folder: &Path) -> Result<Self, PeerError> {
        let peer = program_folder();
        let missing = || PeerError::NotThere { folder: peer.clone() };
        let journal = folder.join("peer.jsonl");
        let mut child = Command::new("node")
            .arg(peer.join("peer.mjs"))
            .arg("--journal")
            .arg(&journal)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|_| missing())?;
        let stdout = child.stdout.take().ok_or_else(missing)?;
        let mut line = String::new();
        let mut lines = BufReader::new(stdout);
        let read = tokio::time::timeout(READY, lines.read_line(&mut line)).await;
        if !matches!(read, Ok(Ok(1..))) {
            return Err(missing());
        }
        let ready: serde_json::Value = serde_json::from_str(&line).map_err(|_| missing())?;
        let port = ready.get("port").and_then(serde_json::Value::as_u64).and_then(|port| u16::try_from(port).ok());
        let port = port.ok_or_else(missing)?;
        Ok(Self { port, journal, child })
    }

    /// Ends it; its port refuses from now on.
    pub async fn stop(&mut self) {
        // One that has ended already cannot be killed.
        let _ = self.child.kill().await;
    }

    /// `[airlock]` of a box that asks this peer's `models` in order, each as "format/model".
    #[must_use]
    pub fn section(&self, models: &[&str]) -> String {
        let mut doors = String::new();
        for format in crate::config::airlock::FORMATS {
            doors.push_str(&format!(
                "[airlock.endpoints.{format}]\nformat = \"{format}\"\nurl = \"http://127.0.0.1:{}\"\nlan = true\n\
                 provider = \"peer\"\nregion = \"us\"\n",
                self.port
            ));
        }
        let models: Vec<String> = models.iter().map(|model| format!("\"{model}\"")).collect();
        format!(
            "[airlock]\nmode = \"open\"\nregistry = \"agreements.toml\"\nprices = \"prices.toml\"\n{doors}\
             [airlock.tiers]\nsimple = [{}]\n",
            models.join(", ")
        )
    }
}

fn program_folder() -> PathBuf {
    if let Some(folder) = std::env::var_os(PEER_VARIABLE) {
        return folder.into();
    }
    let program = super::processes::program("anteroom");
    let sources = program.ancestors().nth(3).map(Path::to_owned).unwrap_or_default();
    sources.join("tests/airlock/peer")
}

/// The price of the peer's receptionist: invented, so that spending can be seen. What its failures cost is not known.
const PRICES: &str = "[[price]]\nprovider = \"peer\"\nmodel = \"receptionist-1\"\nregions = [\"any\"]\n\
    valid-from = 2026-01-01\nsource = \"invented for the peer\"\ndate = 2026-11-27\ninput = 1000000\noutput = 5000000\n\
    cache-read = 100000\ncache-write = 1250000\n";

/// Opens every door of a box in `folder` by an approval, and puts the peer's prices beside it.
///
/// # Errors
/// [`PeerError::File`].
pub fn open_doors(folder: &Path, config: &Config) -> Result<(), PeerError> {
    let catalogue = Catalogue::new(&config.clinic);
    let on = SystemClock.wall().to_zoned(config.clinic.time_zone.clone()).date();
    let mut register = String::new();
    for endpoint in &config.airlock.endpoints {
        let approval = Approval {
            endpoint: endpoint.name.clone(),
            officer: "demonstration".to_owned(),
            on,
            prompt: catalogue.sha256().to_owned(),
            vocabulary: vocabulary::sha256().to_owned(),
        };
        register = with_approval(&register, &approval).unwrap_or(register);
    }
    let write = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|source| PeerError::File { path: path.to_owned(), source })
    };
    write(&config.airlock.registry, &register)?;
    write(&folder.join("prices.toml"), PRICES)
}
