//! `anteroom call FILE.wav`: a recorded caller rings the whole box, in virtual time.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::Failure;
use super::exit::Exit;
use super::own_box::OwnBox;
use super::record;
use super::screen::Screen;
use crate::caller::ring::{Options, place_call};
use crate::caller::scenario::Scenario;
use crate::clock::SystemClock;
use crate::pcm::wav;
use crate::tasks::Stop;
use crate::wire::line::Pace;

/// Facts that may wait for the screen.
const WAITING_FACTS: usize = 256;

/// Options of `call`.
#[derive(clap::Args)]
pub struct Call {
    /// The recording of the caller: any WAV of 8 to 48 kHz.
    file: PathBuf,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
    /// In real time.
    #[arg(long)]
    real_time: bool,
    /// Which recogniser hears the caller.
    #[arg(long, value_enum, default_value = "pocketsphinx")]
    recogniser: super::RecogniserArgument,
}

/// Places the call.
///
/// # Errors
/// [`Failure`]: the file is no usable WAV, or the box cannot start.
pub async fn run(call: Call) -> Result<Exit, Failure> {
    // Before any process is started: a file that cannot be played needs no box.
    wav::read(&call.file).map_err(Failure::because)?;
    let mut screen = Screen::new(std::io::stdout(), call.json);
    let own = OwnBox::start("call", call.recogniser.into()).await?;
    screen.begin()?;
    let (facts, mut shown) = mpsc::channel(WAITING_FACTS);
    let options = Options {
        pace: if call.real_time { Pace::Real } else { Pace::Virtual },
        wav_in: Some(call.file),
        facts: Some(facts),
        voice: None,
        keep_audio: false,
        clock: Arc::new(SystemClock),
    };
    let silent = Scenario::unscripted();
    let placed = async {
        let call = place_call(own.run(), &silent, options, Stop::new());
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
    .await;
    let whole = record::verify(&own.record(), call.json, screen.out()).await;
    own.stop().await;
    let report = placed?;
    let whole = whole.map_err(Failure::because)?;
    Ok(if report.answered && whole { Exit::Well } else { Exit::Failed })
}
