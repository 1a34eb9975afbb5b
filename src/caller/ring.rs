//! Rings the box's line as a caller does: the only part of the simulated caller that does anything.
//!
//! In:  a [`Scenario`] or a recording, and the folder with the box's sockets.
//! Out: a [`CallReport`]: how the call went, the box's facts, and what was heard and said.
//! Runs in the process of the command line or of a test, as one task. In real pace a frame goes every 20 ms; in virtual
//! pace the next frame goes when the line has answered the last. The words are spoken before the telephone rings, so
//! that synthesis never stalls the line.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::UnixStream;
use tokio::sync::mpsc;

use crate::caller::person::Person;
use crate::caller::scenario::{Act, Say, Scenario, Speech, When};
use crate::caller::socket::{Facts, LineSocket};
use crate::clock::{Clock, FRAME};
use crate::pcm::level;
use crate::pcm::wav::{self, WavError};
use crate::speak::{self, SpeakError, SpokenText, VoiceChoice};
use crate::tasks::Stop;
use crate::wire::doors::{Line, Role, endpoint};
use crate::wire::frame::FrameError;
use crate::wire::line::{EndedBy, FromCaller, Pace, Ring, ToCaller};
use crate::wire::watch::Fact;

/// A line from which nothing at all comes for this long, in real time, is given up.
const LINE_SILENCE: Duration = Duration::from_secs(20);
/// How long after hanging up the line's and the box's last words are waited for.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// Between two looks for the box's last words.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How loud a caller's synthetic voice is brought, dBFS: the nominal level of speech on a telephone line.
const SPEECH_DBFS: f32 = -20.0;

/// How to place a call.
pub struct Options {
    /// How fast frames go.
    pub pace: Pace,
    /// Another voice than the scenario's.
    pub voice: Option<VoiceChoice>,
    /// A recording to play, once the box listens, instead of the scenario's words.
    pub wav_in: Option<PathBuf>,
    /// Whether the report holds the sound of the call.
    pub keep_audio: bool,
    /// Who else wants the facts as they come: the screen. Facts that it does not take in time are left out there, and
    /// only there.
    pub facts: Option<mpsc::Sender<Fact>>,
    /// For the deadlines.
    pub clock: Arc<dyn Clock>,
}

/// How a call went.
#[derive(Debug, Default)]
pub struct CallReport {
    /// Whether the box answered.
    pub answered: bool,
    /// Who ended the call, as the line says.
    pub ended_by: Option<EndedBy>,
    /// Whether caller and desk were connected.
    pub handed_over: bool,
    /// The brief that the desk heard, 8 kHz; empty where the desk was not asked.
    pub brief: Vec<i16>,
    /// How the box says the call ended: an [`Outcome`](crate::converse::Outcome) in kebab-case.
    pub outcome: Option<String>,
    /// Every fact, in order.
    pub facts: Vec<Fact>,
    /// What the caller heard, 8 kHz; empty unless kept.
    pub heard_audio: Vec<i16>,
    /// What went down the line, 8 kHz; empty unless kept.
    pub said_audio: Vec<i16>,
    /// Frames that the caller sent.
    pub frames: u64,
    /// How long the call took in real time.
    pub took: Duration,
}

/// A call could not be placed or broke off.
#[derive(Debug, thiserror::Error)]
pub enum CallerError {
    /// Nobody listens at the line's socket.
    #[error("no line answers at {path}: is the box running, with a simulated line?")]
    NoLine {
        /// The socket.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Nothing came from the line.
    #[error("nothing came from the line for {} seconds: the call was given up after {frames} frames", after.as_secs())]
    LineSilent {
        /// For how long.
        after: Duration,
        /// Frames that were sent before.
        frames: u64,
    },
    /// The line closed in the middle of the call.
    #[error("the line closed after {frames} frames, without ending the call: lined has died")]
    LineClosed {
        /// Frames that were sent before.
        frames: u64,
    },
    /// What came from the line could not be read, or nothing could be sent.
    #[error("the line's socket failed")]
    Socket(#[from] FrameError),
    /// The caller's voice failed.
    #[error("the caller has no voice")]
    Voice(#[from] SpeakError),
    /// The caller's recording cannot be used.
    #[error("the caller's recording cannot be used")]
    Recording(#[from] WavError),
    /// The thread that speaks the caller's words ended.
    #[error("the caller's words could not be prepared")]
    Preparation,
}

/// Places a call and stays on the line until it is over, or until `stop`, which hangs up.
///
/// # Errors
/// [`CallerError`]. A call that was not answered or ended badly is no error but a report.
pub async fn place_call(
    run: &Path,
    scenario: &Scenario,
    options: Options,
    stop: Stop,
) -> Result<CallReport, CallerError> {
    let mut scenario = scenario.clone();
    if let Some(recording) = &options.wav_in {
        scenario.say = vec![once(Speech::Recording(recording.clone()))];
    }
    if let Some(voice) = &options.voice {
        scenario.caller.voice = voice.clone();
    }
    let words = scenario.clone();
    let speeches =
        tokio::task::spawn_blocking(move || prepare(&words)).await.map_err(|_| CallerError::Preparation)??;
    let began = options.clock.now();
    let mut call = Call::connect(run, &scenario, speeches, options).await?;
    call.ring(&scenario).await?;
    call.talk(&stop).await?;
    call.last_words().await;
    call.report.frames = call.person.now().frames();
    call.report.took = call.options.clock.now().saturating_duration_since(began);
    Ok(call.report)
}

/// A recording is played once, the first time that the box listens.
fn once(speech: Speech) -> Say {
    let act = Act::Speak { speech, hang_up_after_ms: None };
    Say { when: When::Spoken(String::new()), act, after_ms: 400, interrupt: false, times: 1 }
}

/// Speaks every sentence of the scenario, or reads its recording.
fn prepare(scenario: &Scenario) -> Result<Vec<Vec<i16>>, CallerError> {
    let mut voice = None;
    let mut speeches = Vec::new();
    for say in &scenario.say {
        let speech = match &say.act {
            Act::Speak { speech: Speech::Recording(path), .. } => wav::read(path)?,
            Act::Speak { speech: Speech::Text(text), .. } => {
                // Opened only where there is something to say: a recorded caller needs no voice.
                let voice = match &mut voice {
                    Some(voice) => voice,
                    closed @ None => closed.insert(speak::open(&scenario.caller.voice)?),
                };
                let mut speech = voice.say(&SpokenText::new(text.expose()))?;
                level::bring_to(&mut speech, SPEECH_DBFS);
                speech
            }
            Act::Press(_) | Act::StaySilent | Act::HangUp => Vec::new(),
        };
        speeches.push(speech);
    }
    Ok(speeches)
}

/// A call being placed.
struct Call {
    line: LineSocket,
    facts: Facts,
    person: Person,
    options: Options,
    report: CallReport,
    /// In virtual pace: whether the line owes a frame for the last of ours.
    owed: bool,
    heard_from: Instant,
}

impl Call {
    async fn connect(
        run: &Path,
        scenario: &Scenario,
        speeches: Vec<Vec<i16>>,
        options: Options,
    ) -> Result<Self, CallerError> {
        let path = endpoint::<Line>(Role::Caller).map(|e| e.path(run)).unwrap_or_default();
        let stream = UnixStream::connect(&path).await.map_err(|source| CallerError::NoLine { path, source })?;
        let heard_from = options.clock.now();
        let mut facts = Facts::new(run);
        // Before it rings, so that no fact is missed.
        facts.connect(heard_from).await;
        let person = Person::new(scenario, speeches);
        let report = CallReport::default();
        Ok(Self { line: LineSocket::new(stream), facts, person, options, report, owed: false, heard_from })
    }

    async fn ring(&mut self, scenario: &Scenario) -> Result<(), CallerError> {
        let number = scenario.caller.number.clone();
        let ring = Ring { number, synthetic: true, pace: self.options.pace, resumed: false };
        Ok(self.line.send(&FromCaller::Ring(ring).to_message()).await?)
    }

    /// Speaks and listens until the call is over.
    async fn talk(&mut self, stop: &Stop) -> Result<(), CallerError> {
        let mut tick = tokio::time::interval(FRAME);
        // After a stall frames are left out and not sent in a burst: a telephone does not catch up either.
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        while self.report.ended_by.is_none() && !self.person.has_hung_up() {
            let ticks = self.options.pace == Pace::Real && self.report.answered;
            let given_up = tokio::time::sleep_until((self.heard_from + LINE_SILENCE).into());
            tokio::select! {
                biased;
                () = stop.asked() => {
                    self.line.send(&FromCaller::Hangup.to_message()).await?;
                    return Ok(());
                }
                () = given_up => {
                    return Err(CallerError::LineSilent { after: LINE_SILENCE, frames: self.person.now().frames() });
                }
                event = self.line.next() => match event? {
                    Some(event) => self.on_line(event).await?,
                    None => return Err(CallerError::LineClosed { frames: self.person.now().frames() }),
                },
                _ = tick.tick(), if ticks => self.step().await?,
            }
        }
        Ok(())
    }

    async fn on_line(&mut self, event: ToCaller) -> Result<(), CallerError> {
        self.heard_from = self.options.clock.now();
        // The facts of a frame were written before it: they are looked at first.
        self.take_facts().await;
        self.person.on_line(&event);
        let mut settled = false;
        match event {
            ToCaller::Answered => {
                self.report.answered = true;
                settled = true;
            }
            ToCaller::Frame(frame) => {
                if self.options.keep_audio {
                    self.report.heard_audio.extend_from_slice(frame.samples());
                }
                settled = std::mem::take(&mut self.owed);
            }
            ToCaller::DeskRings(brief) => self.report.brief = brief,
            ToCaller::Bridged => self.report.handed_over = true,
            ToCaller::Ended(by) => self.report.ended_by = Some(by),
        }
        if settled && self.options.pace == Pace::Virtual { self.step().await } else { Ok(()) }
    }

    /// The caller's next 20 ms.
    async fn step(&mut self) -> Result<(), CallerError> {
        self.take_facts().await;
        for message in self.person.next() {
            if let FromCaller::Frame(frame) = &message {
                self.owed = true;
                if self.options.keep_audio {
                    self.report.said_audio.extend_from_slice(frame.samples());
                }
            }
            self.line.send(&message.to_message()).await?;
        }
        Ok(())
    }

    async fn take_facts(&mut self) {
        self.facts.connect(self.options.clock.now()).await;
        for fact in self.facts.poll() {
            self.person.on_fact(&fact);
            if let Fact::Ended { outcome } = &fact {
                self.report.outcome = Some(outcome.clone());
            }
            if let Some(screen) = &self.options.facts {
                let _ = screen.try_send(fact.clone());
            }
            self.report.facts.push(fact);
        }
        self.person.set_told(self.facts.connected());
    }

    /// After the call: waits a little for the line to say who ended it and for the box to say how.
    async fn last_words(&mut self) {
        let line = async {
            while self.report.ended_by.is_none() {
                match self.line.next().await {
                    Ok(Some(ToCaller::Ended(by))) => self.report.ended_by = Some(by),
                    Ok(Some(_)) => {}
                    // The line may close without a word on a caller who has hung up.
                    Ok(None) | Err(_) => self.report.ended_by = Some(EndedBy::Caller),
                }
            }
        };
        let line_spoke = tokio::time::timeout(LAST_WORDS, line).await.is_ok();
        let until = self.options.clock.now() + LAST_WORDS;
        while line_spoke && self.report.outcome.is_none() && self.options.clock.now() < until {
            self.take_facts().await;
            if !self.facts.connected() {
                break;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}
