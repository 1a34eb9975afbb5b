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
use crate::caller::report::CallReport;
use crate::caller::response::Responses;
use crate::caller::scenario::Scenario;
use crate::caller::socket::{Facts, LineSocket};
use crate::caller::words;
use crate::clock::{Clock, FRAME};
use crate::pcm::wav::WavError;
use crate::speak::{SpeakError, VoiceChoice};
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
        scenario.say = vec![words::once(recording)];
    }
    if let Some(voice) = &options.voice {
        scenario.caller.voice = voice.clone();
    }
    let script = scenario.clone();
    let speeches = tokio::task::spawn_blocking(move || words::prepare(&script)).await;
    let speeches = speeches.map_err(|_| CallerError::Preparation)??;
    let began = options.clock.now();
    let mut call = Call::connect(run, &scenario, speeches, options).await?;
    call.ring(&scenario).await?;
    call.talk(&stop).await?;
    call.last_words().await;
    call.report.frames = call.person.now().frames();
    call.report.responses = call.responses.measured();
    call.report.took = call.options.clock.now().saturating_duration_since(began);
    Ok(call.report)
}

/// A call being placed.
struct Call {
    line: LineSocket,
    facts: Facts,
    person: Person,
    options: Options,
    report: CallReport,
    responses: Responses,
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
        let (report, responses) = (CallReport::default(), Responses::default());
        Ok(Self { line: LineSocket::new(stream), facts, person, options, report, responses, owed: false, heard_from })
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
                self.responses.heard(&frame, self.heard_from);
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
        for message in self.person.step() {
            if let FromCaller::Frame(frame) = &message {
                self.owed = true;
                self.responses.said(self.person.voice(), self.options.clock.now());
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
        for fact in self.facts.of(self.line.call()) {
            self.person.on_fact(&fact);
            if let Fact::Listening { expecting } = &fact {
                self.responses.asked(*expecting);
            }
            if let Fact::Heard { .. } = &fact {
                self.responses.turn_ended(self.person.has_more_to_say());
            }
            if let Some(screen) = &self.options.facts {
                let _ = screen.try_send(fact.clone());
            }
            self.report.note(fact);
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

#[cfg(test)]
mod tests {
    use tokio::net::UnixListener;

    use super::*;
    use crate::clock::SystemClock;
    use crate::expect::Expecting;
    use crate::ids::CallId;
    use crate::pcm::{Frame, level, wav};
    use crate::wire::doors::Watch;
    use crate::wire::frame::{self, Message};
    use crate::wire::line::DeskAnswer;
    use crate::wire::server;

    /// What the box does before it answers a frame of the caller.
    enum Do {
        Fact(&'static str),
        Line(ToCaller),
        /// Closes the socket of the facts.
        LoseWatchers,
        /// Closes the line.
        Die,
    }

    /// A line and a box played by the test: `acts` is asked at each frame of the caller, numbered from 0.
    struct FakeBox {
        folder: tempfile::TempDir,
        line: UnixListener,
        watch: UnixListener,
    }

    impl FakeBox {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let line = server::bind(folder.path(), endpoint::<Line>(Role::Caller).unwrap()).unwrap();
            let watch = server::bind(folder.path(), endpoint::<Watch>(Role::Cli).unwrap()).unwrap();
            Self { folder, line, watch }
        }

        /// A recording of `frames` loud frames.
        fn recording(&self, frames: usize) -> PathBuf {
            let path = self.folder.path().join("words.wav");
            let sound: Vec<i16> = (0..frames * 160).map(|n| if n % 8 < 4 { 6_000 } else { -6_000 }).collect();
            wav::write(&path, &sound).unwrap();
            path
        }

        /// Serves one call and gives all that the caller sent.
        async fn serve(&self, mut acts: impl FnMut(u64) -> Vec<Do>) -> Vec<FromCaller> {
            let (watcher, _) = self.watch.accept().await.unwrap();
            let mut watcher = Some(watcher);
            let hello = frame::read(watcher.as_mut().unwrap()).await.unwrap().unwrap();
            assert_eq!(hello.header.kind, "watch");
            frame::write(watcher.as_mut().unwrap(), &Message::tell("watching", None, Vec::new())).await.unwrap();
            let (mut line, _) = self.line.accept().await.unwrap();
            let call = CallId::draw();
            let mut received = Vec::new();
            let mut count = 0;
            while let Ok(Some(message)) = frame::read(&mut line).await {
                let message = FromCaller::parse(&message).unwrap();
                let mut answers = match &message {
                    FromCaller::Ring(_) => vec![Do::Line(ToCaller::Answered)],
                    FromCaller::Frame(_) => acts(count),
                    FromCaller::Hangup => vec![Do::Line(ToCaller::Ended(EndedBy::Caller))],
                    FromCaller::Dtmf(_) | FromCaller::Desk(_) | FromCaller::DeskFrame(_) => Vec::new(),
                };
                if matches!(message, FromCaller::Frame(_)) {
                    count += 1;
                    let speaks = answers.iter().any(|a| matches!(a, Do::Line(ToCaller::Frame(_))));
                    if !speaks {
                        answers.push(Do::Line(ToCaller::Frame(Box::new(Frame::SILENCE))));
                    }
                }
                received.push(message);
                for answer in answers {
                    let sent = match answer {
                        Do::Fact(json) => {
                            let fact = Message::tell("fact", Some(call), json.as_bytes().to_vec());
                            frame::write(watcher.as_mut().unwrap(), &fact).await
                        }
                        Do::Line(event) => frame::write(&mut line, &event.to_message(call)).await,
                        Do::LoseWatchers => {
                            watcher = None;
                            Ok(())
                        }
                        Do::Die => return received,
                    };
                    // The caller may be gone already.
                    let _ = sent;
                }
            }
            received
        }
    }

    fn options(pace: Pace) -> Options {
        let clock = Arc::new(SystemClock);
        Options { pace, voice: None, wav_in: None, keep_audio: true, facts: None, clock }
    }

    /// The numbers of the loud frames among what was sent.
    fn loud(received: &[FromCaller]) -> Vec<usize> {
        let frames = received.iter().filter_map(|m| if let FromCaller::Frame(f) = m { Some(f) } else { None });
        frames.enumerate().filter(|(_, f)| level::rms_dbfs(f.samples()) > -20.0).map(|(n, _)| n).collect()
    }

    const SPOKEN: &str = r#"{"fact":"spoken","text":"How can I help you?","template":"How can I help you?"}"#;
    const ENDED: &str = r#"{"fact":"ended","outcome":"answered"}"#;
    const LISTENING: &str = r#"{"fact":"listening","expecting":"anything"}"#;

    fn a_question_at_frame_10_and_the_end_at_40(frame: u64) -> Vec<Do> {
        match frame {
            10 => vec![Do::Fact(SPOKEN), Do::Fact(LISTENING)],
            40 => {
                vec![Do::Fact(r#"{"fact":"ended","outcome":"answered"}"#), Do::Line(ToCaller::Ended(EndedBy::Anteroom))]
            }
            _ => Vec::new(),
        }
    }

    #[tokio::test]
    async fn in_virtual_pace_a_fact_is_always_seen_before_the_frame_that_follows_it() {
        // Twenty calls, as fast as they go: were the fact ever read late, the words would come a frame later.
        for _ in 0..20 {
            let fake = FakeBox::new();
            let options = Options { wav_in: Some(fake.recording(3)), ..options(Pace::Virtual) };
            let scenario = Scenario::unscripted();
            let call = place_call(fake.folder.path(), &scenario, options, Stop::new());
            let (report, received) = tokio::join!(call, fake.serve(a_question_at_frame_10_and_the_end_at_40));
            let report = report.unwrap();
            // 20 frames of pause after the frame that was answered with the question.
            assert_eq!(loud(&received), [31, 32, 33]);
            assert_eq!((report.ended_by, report.outcome.as_deref()), (Some(EndedBy::Anteroom), Some("answered")));
            assert!(report.answered && !report.handed_over);
            assert_eq!(report.facts.len(), 3);
            assert!(matches!(report.facts[1], Fact::Listening { expecting: Expecting::Anything }));
            assert_eq!(report.frames, 41);
            assert_eq!((report.said_audio.len(), report.heard_audio.len()), (41 * 160, 40 * 160));
        }
    }

    #[tokio::test]
    async fn in_real_pace_the_frames_go_without_being_asked_for() {
        let fake = FakeBox::new();
        let (screen, mut seen) = mpsc::channel(8);
        let options = Options { facts: Some(screen), ..options(Pace::Real) };
        let acts = |frame| match frame {
            3 => vec![Do::Fact(LISTENING), Do::Fact(ENDED), Do::Line(ToCaller::Ended(EndedBy::Desk))],
            _ => Vec::new(),
        };
        let scenario = Scenario::unscripted();
        let call = place_call(fake.folder.path(), &scenario, options, Stop::new());
        let (report, _) = tokio::join!(call, fake.serve(acts));
        let report = report.unwrap();
        assert!(report.answered && report.frames >= 4);
        assert!(matches!(seen.try_recv(), Ok(Fact::Listening { .. })));
    }

    #[tokio::test]
    async fn the_desk_takes_the_call_and_the_caller_hangs_up_after_it() {
        let fake = FakeBox::new();
        let acts = |frame| match frame {
            5 => vec![Do::Line(ToCaller::DeskRings(vec![1; 800]))],
            120 => vec![Do::Line(ToCaller::Bridged), Do::Fact(ENDED)],
            _ => Vec::new(),
        };
        let scenario = Scenario::unscripted();
        let call = place_call(fake.folder.path(), &scenario, options(Pace::Virtual), Stop::new());
        let (report, received) = tokio::join!(call, fake.serve(acts));
        let report = report.unwrap();
        assert!(report.handed_over);
        assert_eq!((report.brief.len(), report.ended_by), (800, Some(EndedBy::Caller)));
        assert_eq!(report.outcome.as_deref(), Some("answered"));
        let desk = received.iter().position(|m| matches!(m, FromCaller::Desk(DeskAnswer::Accept)));
        // Ring, frames 0 to 5, and the frames of two seconds.
        assert_eq!(desk, Some(1 + 6 + 100));
        assert!(matches!(received.last(), Some(FromCaller::Hangup)));
    }

    #[tokio::test]
    async fn a_caller_whose_box_has_died_goes_on_and_answers_what_it_hears() {
        let fake = FakeBox::new();
        let options = Options { wav_in: Some(fake.recording(3)), ..options(Pace::Virtual) };
        let speech = Frame::from_samples(&[3_000; 160]).unwrap();
        let acts = |frame| match frame {
            2 => vec![Do::LoseWatchers],
            10..20 => vec![Do::Line(ToCaller::Frame(Box::new(speech.clone())))],
            150 => vec![Do::Line(ToCaller::Ended(EndedBy::Line))],
            _ => Vec::new(),
        };
        let scenario = Scenario::unscripted();
        let call = place_call(fake.folder.path(), &scenario, options, Stop::new());
        let (report, received) = tokio::join!(call, fake.serve(acts));
        assert_eq!(report.unwrap().ended_by, Some(EndedBy::Line));
        assert_eq!(loud(&received), [100, 101, 102]);
    }

    #[tokio::test]
    async fn each_way_a_line_can_fail_is_its_own_error() {
        let scenario = Scenario::unscripted();
        let nowhere = tempfile::tempdir().unwrap();
        let refused = place_call(nowhere.path(), &scenario, options(Pace::Virtual), Stop::new()).await;
        assert!(matches!(refused, Err(CallerError::NoLine { .. })));

        let fake = FakeBox::new();
        let acts = |frame| if frame == 7 { vec![Do::Die] } else { Vec::new() };
        let call = place_call(fake.folder.path(), &scenario, options(Pace::Virtual), Stop::new());
        let (died, _) = tokio::join!(call, fake.serve(acts));
        assert!(matches!(died, Err(CallerError::LineClosed { frames: 8 })));

        let missing = Options { wav_in: Some(nowhere.path().join("none.wav")), ..options(Pace::Virtual) };
        let unreadable = place_call(nowhere.path(), &scenario, missing, Stop::new()).await;
        assert!(matches!(unreadable, Err(CallerError::Recording(_))));
    }

    #[tokio::test]
    async fn a_line_from_which_nothing_comes_is_given_up() {
        /// A clock that is always 20 seconds behind, so that the patience has run out already.
        struct Behind;
        impl Clock for Behind {
            fn now(&self) -> Instant {
                SystemClock.now() - LINE_SILENCE
            }
            fn wall(&self) -> jiff::Timestamp {
                SystemClock.wall()
            }
        }
        // The listener takes the connection into its queue and nobody ever reads it.
        let fake = FakeBox::new();
        let options = Options { clock: Arc::new(Behind), ..options(Pace::Virtual) };
        let silent = place_call(fake.folder.path(), &Scenario::unscripted(), options, Stop::new()).await;
        assert!(matches!(silent, Err(CallerError::LineSilent { frames: 0, .. })));
    }

    #[tokio::test]
    async fn a_stop_hangs_up() {
        let fake = FakeBox::new();
        let stop = Stop::new();
        let acts = |frame| {
            if frame == 5 {
                stop.ask();
            }
            if frame == 0 { vec![Do::LoseWatchers] } else { Vec::new() }
        };
        let scenario = Scenario::unscripted();
        let call = place_call(fake.folder.path(), &scenario, options(Pace::Virtual), stop.clone());
        let (report, received) = tokio::join!(call, fake.serve(acts));
        assert_eq!(report.unwrap().ended_by, Some(EndedBy::Caller));
        assert!(matches!(received.last(), Some(FromCaller::Hangup)));
    }
}
