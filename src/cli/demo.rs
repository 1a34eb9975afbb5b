//! `anteroom demo`: a simulated caller rings the whole box and is served.
//!
//! Starts every process, plays a scenario through the line, shows the call in two columns as it happens, then verifies
//! the record and exports the sealed recording as WAV, which is allowed because this caller is synthetic.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::Failure;
use super::exit::Exit;
use super::own_box::OwnBox;
use super::record;
use super::screen::Screen;
use crate::call::engines;
use crate::caller::report::CallReport;
use crate::caller::ring::{Options, place_call};
use crate::caller::scenario::Scenario;
use crate::clock::SystemClock;
use crate::config::RecogniserKind;
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
    screen.say("Anteroom: starting recordd, airlockd, clinicd, lined, anteroomd ...")?;
    let mut own = OwnBox::start("demo", demo.recogniser.into()).await?;
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
    screen.say("A simulated caller rings. Nothing of this call leaves the building.")?;
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
    screen.say("What left the building: nothing. Every request was built, checked and withheld.")?;
    Ok(if whole { Exit::Well } else { Exit::Failed })
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
