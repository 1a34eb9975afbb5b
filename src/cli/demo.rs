//! `anteroom demo`: a simulated caller rings the whole box and is served.
//!
//! Starts every process, plays a scenario through the line, shows the call in two columns as it happens, then verifies
//! the record and exports the sealed recording as WAV, which is allowed because this caller is synthetic.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::Failure;
use super::exit::Exit;
use super::model_peer::{ModelPeer, open_doors};
use super::own_box::OwnBox;
use super::record;
use super::screen::Screen;
use crate::call::engines;
use crate::caller::report::CallReport;
use crate::caller::ring::{Options, place_call};
use crate::caller::scenario::Scenario;
use crate::clock::SystemClock;
use crate::config::{Config, RecogniserKind};
use crate::listen::models::Standing;
use crate::tasks::Stop;
use crate::wire::line::Pace;
use crate::wire::watch::Fact;

/// The scenario that the demonstration plays.
const BOOKING: &str = include_str!("../../tests/scenarios/booking.toml");
/// Facts that may wait for the screen; the caller waits for a slower one.
const WAITING_FACTS: usize = 256;

/// Options of the demonstration.
#[derive(clap::Args)]
pub struct Demo {
    /// Leave the box's folder in place and say where it is.
    #[arg(long)]
    stay: bool,
    /// As fast as the machine can, instead of in real time.
    #[arg(long)]
    fast: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// Another scenario.
    #[arg(long)]
    scenario: Option<PathBuf>,
    /// With a cloud model as the thinker: the model peer, or what `--config` names.
    #[arg(long)]
    cloud: bool,
    /// The box's own configuration: its `[airlock]`, keys, agreements and approvals, with a real provider.
    #[arg(long, requires = "cloud")]
    config: Option<PathBuf>,
    /// Which recogniser hears the caller.
    #[arg(long, value_enum, default_value = "pocketsphinx")]
    recogniser: super::RecogniserArgument,
    /// Where to put the recording of the call.
    #[arg(long, default_value = "demo-call.wav")]
    wav: PathBuf,
}

/// Runs the demonstration.
///
/// # Errors
/// [`Failure`], with what to do.
pub async fn run(demo: Demo) -> Result<Exit, Failure> {
    let text = match &demo.scenario {
        Some(path) => std::fs::read_to_string(path).map_err(|e| Failure::file(path, e))?,
        None => BOOKING.to_owned(),
    };
    let scenario = Scenario::parse(&text).map_err(Failure::because)?;
    let mut screen = Screen::new(std::io::stdout(), demo.json);
    screen.say("Anteroom: starting recordd, syncd, airlockd, clinicd, lined, anteroomd ...")?;
    let scratch = std::env::temp_dir().join(format!("anteroom-demo-peer-{}", std::process::id()));
    let (mut own, peer) = match (demo.cloud, &demo.config) {
        (false, _) => (OwnBox::start("demo", demo.recogniser.into()).await?, None),
        (true, Some(config)) => (OwnBox::start_with("demo", &airlock_of(config)?, |_, _| Ok(())).await?, None),
        (true, None) => {
            std::fs::create_dir_all(&scratch).map_err(|e| Failure::file(&scratch, e))?;
            let peer = ModelPeer::start(&scratch).await.map_err(Failure::because)?;
            let section = peer.section(&["openai-chat/receptionist-1"]);
            (OwnBox::start_with("demo", &section, open_doors).await?, Some(peer))
        }
    };
    if demo.stay {
        own.home.stay();
    }
    let called = call_and_show(&own, &scenario, &demo, &mut screen).await;
    let verified = match &called {
        Ok(_) => after(&own, &demo, &mut screen).await,
        Err(_) => Ok(Exit::Failed),
    };
    if demo.stay {
        screen.say(&format!("The box stays in {}", own.home.folder().display()))?;
    }
    own.stop().await;
    drop(peer);
    let _ = std::fs::remove_dir_all(&scratch);
    let report = called?;
    let exit = verified?;
    Ok(if report.answered { exit } else { Exit::Failed })
}

async fn call_and_show<W: Write>(
    own: &OwnBox,
    scenario: &Scenario,
    demo: &Demo,
    screen: &mut Screen<W>,
) -> Result<CallReport, Failure> {
    if let Standing::Demonstration { why } = engines::standing(&own.home.config) {
        screen.say(&format!("This box is a demonstration, and would serve no real line:\n{why}."))?;
    }
    screen.say(match (demo.cloud, &demo.config) {
        (false, _) => "A simulated caller rings. Nothing of this call leaves the building.",
        (true, None) => "A simulated caller rings. A model on this machine answers; it sees the right column.",
        (true, Some(_)) => "A simulated caller rings. A cloud model answers; it sees the right column.",
    })?;
    screen.begin()?;
    let (facts, mut shown) = mpsc::channel::<Fact>(WAITING_FACTS);
    let options = Options {
        pace: if demo.fast { Pace::Virtual } else { Pace::Real },
        keep_audio: false,
        facts: Some(facts),
        voice: None,
        wav_in: None,
        clock: Arc::new(SystemClock),
    };
    let call = place_call(own.run(), scenario, options, Stop::new());
    let show = async {
        while let Some(fact) = shown.recv().await {
            screen.show(&fact)?;
        }
        Ok::<(), std::io::Error>(())
    };
    let (report, shown) = tokio::join!(call, show);
    shown?;
    report.map_err(Failure::because)
}

/// What is left when the caller has hung up: proof, and the recording.
async fn after<W: Write>(own: &OwnBox, demo: &Demo, screen: &mut Screen<W>) -> Result<Exit, Failure> {
    let at = own.record();
    screen.say("")?;
    screen.say("The record (encrypted; each event is a leaf of a hash tree):")?;
    let whole = record::verify(&at, demo.json, screen.out()).await.map_err(Failure::because)?;
    let length = record::export_audio(&at, "last", &demo.wav).await.map_err(Failure::because)?;
    let (wav, seconds) = (demo.wav.display(), length.as_secs());
    screen.say(&format!("The sealed recording, exported since this caller is synthetic: {wav} ({seconds} s)"))?;
    screen.say(if demo.cloud {
        "What left: `anteroom record show last --wire`, byte for byte, each request on the disk before it went."
    } else {
        "What left the building: nothing. Every request was built, checked and withheld."
    })?;
    Ok(if whole { Exit::Well } else { Exit::Failed })
}

/// The airlock's sections of a box's own configuration, with its files named so that they are found from elsewhere.
fn airlock_of(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, e))?;
    // Every mistake is named before a part of it is used.
    Config::load(path).map_err(Failure::because)?;
    let mut table: toml::Table = text.parse().map_err(Failure::because)?;
    let base = path.parent().unwrap_or(Path::new("."));
    let absolute = |value: &mut toml::Value| {
        if let toml::Value::String(file) = value {
            let found = std::path::absolute(base.join(&*file)).unwrap_or_else(|_| base.join(&*file));
            *file = found.to_string_lossy().into_owned();
        }
    };
    let mut airlock = table.remove("airlock").unwrap_or(toml::Value::Table(toml::Table::new()));
    for key in ["registry", "prices"] {
        airlock.get_mut(key).into_iter().for_each(absolute);
    }
    let doors = airlock.get_mut("endpoints").and_then(toml::Value::as_table_mut);
    for (_, door) in doors.into_iter().flatten() {
        for key in ["key-file", "ca-file"] {
            door.get_mut(key).into_iter().for_each(absolute);
        }
    }
    Ok(toml::Table::from_iter([("airlock".to_owned(), airlock)]).to_string())
}

/// Reads as it is written on the command line.
impl From<super::RecogniserArgument> for RecogniserKind {
    fn from(argument: super::RecogniserArgument) -> Self {
        match argument {
            super::RecogniserArgument::Pocketsphinx => Self::PocketSphinx,
            super::RecogniserArgument::Whisper => Self::Whisper,
        }
    }
}
