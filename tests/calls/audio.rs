//! What is kept of a call's sound: nothing without consent, nothing before it, nothing after it was withdrawn, no card.
//!
//! A demonstration box serves no real caller, and these calls must be real ones: so the test stands where lined stands and
//! runs the call's own driver, with ears and a voice that are real and a recogniser that is told what it heard. Doors,
//! record and clinic are those of a whole box.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anteroom::call::doors::Doors;
use anteroom::call::driver::{Beginning, Driver, Happened, Shared};
use anteroom::call::engines;
use anteroom::call::watchers::Watchers;
use anteroom::call::workers::Pool;
use anteroom::cli::home::Home;
use anteroom::cli::record::{self, RecordAt};
use anteroom::clock::SystemClock;
use anteroom::config::RecogniserKind;
use anteroom::config::State;
use anteroom::config::record::Recording;
use anteroom::converse::{ClinicFacts, Conversation};
use anteroom::guard::recording::Plan;
use anteroom::ids::CallId;
use anteroom::listen::RawTranscript;
use anteroom::listen::asr::{RecogniseError, Recognizer, Task};
use anteroom::listen::ears::{Ears, Limits};
use anteroom::listen::vad::Vad;
use anteroom::pcm::Frame;
use anteroom::secret::Secret;
use anteroom::speak::{self, FliteVoice, SpokenText, VoiceChoice};
use anteroom::tasks::{Stop, Tasks};
use anteroom::wire::doors::{Line, Role, endpoint};
use anteroom::wire::frame;
use anteroom::wire::line::{DeskAnswer, EndedBy, FromBrain, FromCaller, Pace, Ring, ToBrain, ToCaller};
use anteroom::wire::recorder::Recorder;
use serde_json::Value;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

use crate::boxed::{Boxed, folder};

/// How long anything may take here; reached only where something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);
/// The box has said all that it had to say after so much silence, in frames: 800 ms.
const QUIET: usize = 40;
/// A Texan number, for a clinic in Texas.
const NUMBER: &str = "5125550143";

/// Hears what the test says that it heard.
struct Told(Arc<Mutex<&'static str>>);

impl Recognizer for Told {
    fn name(&self) -> &'static str {
        "told"
    }

    fn recognise(&mut self, _: &[i16], _: &Task, _: &AtomicBool) -> Result<RawTranscript, RecogniseError> {
        Ok(RawTranscript::typed(*self.0.lock().unwrap()))
    }
}

/// A caller's line is never quite silent: what is zero was made so.
fn hum() -> Frame {
    Frame::from_samples(&[1; 160]).unwrap()
}

/// A call whose line is the test.
struct Call {
    post: SyncSender<Happened>,
    from: mpsc::Receiver<(CallId, FromBrain)>,
    told: Arc<Mutex<&'static str>>,
    driver: std::thread::JoinHandle<()>,
    recorder: Recorder,
    tasks: Tasks,
    /// A second or two of somebody's speech.
    speech: Vec<Frame>,
    /// Frames that were sent.
    sent: usize,
}

impl Call {
    /// Rings, and listens until the box has put its first question.
    async fn answered(boxed: &Boxed, mode: Recording, synthetic: bool) -> Self {
        let (config, clock) = (&boxed.home.config, Arc::new(SystemClock));
        let mut tasks = Tasks::new(Stop::new());
        let recorder = Recorder::start(boxed.run(), Role::Anteroomd, &mut tasks, clock.clone());
        recorder.wait_up().await;
        let doors = Doors::open(boxed.run(), recorder.clone(), config.systems.tool_timeout, &mut tasks);
        let told = Arc::new(Mutex::new(""));
        let hears: Box<dyn Recognizer> = Box::new(Told(Arc::clone(&told)));
        let shared = Shared {
            recognisers: Pool::start("recogniser", vec![hears]).unwrap(),
            voices: Pool::start("voice", engines::voices(config).unwrap()).unwrap(),
            doors,
            watchers: Watchers::default(),
            clock,
            silence: config.brain.silence,
            max_call: config.brain.max_call,
            time_zone: config.clinic.time_zone.clone(),
            level: config.redaction.model,
            cloud: false,
            answer_deadline: config.brain.answer_deadline,
        };
        let number = Secret::new(NUMBER);
        let plan = Plan::new(mode, false, State::find("TX"), &number);
        let clinic = &config.clinic;
        let facts =
            ClinicFacts { name: clinic.name.clone(), address: clinic.address.clone(), hours: clinic.hours.clone() };
        let (call, (post, inbox)) = (CallId::draw(), sync_channel(64));
        let (line, from) = mpsc::channel(64);
        let vad = Vad::new(engines::silero(&config.paths).unwrap()).unwrap();
        let beginning = Beginning {
            call,
            ring: Ring { number, synthetic, pace: Pace::Virtual, resumed: false },
            ears: Ears::new(vad, Limits::default()),
            conversation: Conversation::new(call, facts).with_recording(plan),
            line,
            inbox: (post.clone(), inbox),
        };
        let driver = std::thread::spawn(move || Driver::new(shared, beginning).run());
        let mut voice = speak::open(&VoiceChoice::Flite(FliteVoice::Rms)).unwrap();
        let speech = voice.say(&SpokenText::new("I would like to ask you something about that.")).unwrap();
        let speech = Frame::cut(&speech).collect();
        let mut call = Self { post, from, told, driver, recorder, tasks, speech, sent: 0 };
        call.listen().await;
        call
    }

    /// Sends 20 ms of the caller; whether the box spoke meanwhile.
    async fn frame(&mut self, pcm: Frame) -> bool {
        let played = u64::try_from(self.sent).unwrap();
        self.post.try_send(Happened::Line(ToBrain::Frame { pcm: Box::new(pcm), played })).unwrap();
        self.sent += 1;
        loop {
            let (_, said) = tokio::time::timeout(PATIENCE, self.from.recv()).await.unwrap().unwrap();
            if let FromBrain::Frame(frame) = said {
                return frame.is_some();
            }
        }
    }

    /// Listens until the box has spoken and is silent.
    async fn listen(&mut self) {
        let (mut spoke, mut quiet) = (false, 0);
        for _ in 0..3_000 {
            let speaks = self.frame(hum()).await;
            spoke |= speaks;
            quiet = if speaks { 0 } else { quiet + 1 };
            if spoke && quiet >= QUIET {
                return;
            }
        }
        panic!("the box does not fall silent");
    }

    /// Says something that is heard as `words`, and listens to the answer. Returns the frames of the caller's speech.
    async fn say(&mut self, words: &'static str) -> std::ops::Range<usize> {
        *self.told.lock().unwrap() = words;
        let from = self.sent;
        for frame in self.speech.clone() {
            let spoken: Vec<i16> = frame.samples().iter().map(|sample| sample | 1).collect();
            self.frame(Frame::from_samples(&spoken).unwrap()).await;
        }
        let to = self.sent;
        self.listen().await;
        from..to
    }

    /// Hangs up, and waits until the record has all of the call: `recordings` chunks of it.
    async fn hang_up(self, boxed: &Boxed, recordings: bool) -> Vec<Value> {
        self.post.send(Happened::Line(ToBrain::Ended(EndedBy::Caller))).unwrap();
        let driver = self.driver;
        tokio::task::spawn_blocking(move || driver.join().unwrap()).await.unwrap();
        self.recorder.flush(PATIENCE).await.unwrap();
        let kept = async {
            while of(&boxed.events_of_the_last().await, "recording").is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if recordings {
            tokio::time::timeout(PATIENCE, kept).await.unwrap();
        }
        // Sound takes a door of its own: what would wrongly come has come by then.
        tokio::time::sleep(Duration::from_millis(500)).await;
        drop(self.tasks);
        boxed.events_of_the_last().await
    }
}

/// The bodies of the events of one kind.
fn of(events: &[Value], kind: &str) -> Vec<Value> {
    events.iter().filter(|event| event["kind"] == kind).map(|event| event["body"].clone()).collect()
}

/// The place of the first event of a kind.
fn first(events: &[Value], kind: &str) -> usize {
    events.iter().position(|event| event["kind"] == kind).unwrap_or(usize::MAX)
}

/// Frames of sound that were kept.
fn frames_kept(events: &[Value]) -> usize {
    let seconds = of(events, "recording").iter().map(|body| body["seconds"].as_f64().unwrap()).sum::<f64>();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand frames")]
    let frames = (seconds * 50.0).round() as usize;
    frames
}

fn results(events: &[Value]) -> Vec<String> {
    of(events, "consent").iter().map(|body| body["result"].as_str().unwrap().to_owned()).collect()
}

fn said(events: &[Value]) -> String {
    of(events, "spoken").iter().map(|body| format!("{}\n", body["template"].as_str().unwrap_or_default())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_real_caller_nothing_is_kept_where_recording_is_off() {
    let boxed = Boxed::start().await;
    let mut call = Call::answered(&boxed, Recording::Off, false).await;
    call.say("what are your hours").await;
    let events = call.hang_up(&boxed, false).await;
    boxed.stop().await;
    assert!(first(&events, "heard") < usize::MAX, "{events:#?}");
    assert_eq!((of(&events, "recording"), of(&events, "consent")), (vec![], vec![]));
    assert!(!said(&events).contains("record"), "{}", said(&events));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_caller_who_says_no_or_nothing_to_the_question_nothing_is_kept() {
    let boxed = Boxed::start().await;
    for answer in ["no", "what are your hours", ""] {
        let mut call = Call::answered(&boxed, Recording::Ask, false).await;
        call.say(answer).await;
        call.say("where are you").await;
        let events = call.hang_up(&boxed, false).await;
        assert_eq!(results(&events), ["declined"], "{answer}: {}", said(&events));
        assert_eq!(of(&events, "recording"), Vec::<Value>::new(), "{answer}");
        assert_eq!(said(&events).matches("May I record").count(), 1, "{answer}");
    }
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_caller_who_agrees_what_follows_is_kept_and_nothing_before() {
    let boxed = Boxed::start().await;
    let mut call = Call::answered(&boxed, Recording::Ask, false).await;
    let yes = call.say("yes").await;
    call.say("what are your hours").await;
    let sent = call.sent;
    let events = call.hang_up(&boxed, true).await;
    let (whole, verified) = boxed.verified().await;
    boxed.stop().await;
    assert_eq!(results(&events), ["granted"]);
    let consent = &of(&events, "consent")[0];
    assert_eq!((consent["mode"].as_str(), consent["by"].as_str()), (Some("ask"), Some("caller")));
    assert_eq!(consent["states"], serde_json::json!(["TX", "TX"]));
    assert!(first(&events, "consent") < first(&events, "recording"), "{events:#?}");
    for body in of(&events, "recording") {
        assert_eq!((body["consent"].as_bool(), body["synthetic"].as_bool()), (Some(true), Some(false)), "{body}");
    }
    let kept = frames_kept(&events);
    assert!(kept > 100 && kept <= sent - yes.end, "{kept} of {sent}, the yes was {yes:?}");
    assert!(whole, "{verified}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_caller_who_hears_the_notice_what_follows_is_kept_until_they_object() {
    let boxed = Boxed::start().await;
    let mut call = Call::answered(&boxed, Recording::Notice, false).await;
    let asked = call.sent;
    call.say("what are your hours").await;
    let objection = call.say("please stop recording").await;
    call.say("where are you").await;
    let sent = call.sent;
    let events = call.hang_up(&boxed, true).await;
    boxed.stop().await;
    assert_eq!(results(&events), ["notice-heard", "withdrawn"]);
    assert!(said(&events).contains("What was recorded before is kept."), "{}", said(&events));
    // From somewhere in the box's first words to the objection, which is not kept itself.
    let kept = frames_kept(&events);
    assert!(kept >= objection.start - asked - 50 && kept < objection.start, "{kept} of {sent}: {objection:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_card_no_sample_is_kept_and_its_neighbours_are() {
    let boxed = Boxed::start().await;
    // Only a simulated caller's sound can be read back.
    let mut call = Call::answered(&boxed, Recording::Off, true).await;
    let before = call.say("what are your hours").await;
    let card = call.say("my card number is four one one one one one one one one one one one one one one one").await;
    let after = call.say("where are you").await;
    let sent = call.sent;
    let events = call.hang_up(&boxed, true).await;
    let wav = boxed.home.folder().join("call.wav");
    let at = RecordAt::new(boxed.run().to_owned(), boxed.home.config.paths.data.clone());
    record::export_audio(&at, "last", &wav).await.unwrap();
    let samples: Vec<i16> = hound::WavReader::open(&wav).unwrap().into_samples().map(Result::unwrap).collect();
    boxed.stop().await;

    let frames: Vec<&[i16]> = samples.chunks(320).collect();
    let begin = sent - frames.len();
    let silent = |frame: usize| frames[frame - begin].iter().step_by(2).all(|sample| *sample == 0);
    let own = |frame: usize| frames[frame - begin].iter().skip(1).step_by(2).all(|sample| *sample == 0);
    let story = said(&events);
    // 300 ms on either side go with it; the hum of the line says that nothing else does.
    assert!((card.start..card.end - 5).all(|frame| silent(frame) && own(frame)), "a card was kept\n{story}");
    assert!(before.clone().all(|frame| !silent(frame)), "the turn before\n{story}");
    assert!(after.clone().all(|frame| !silent(frame)), "the turn after\n{story}");
    assert!((begin..card.start - 50).all(|frame| !silent(frame)), "more than the card was lost\n{story}");
    assert!((card.end + 60..after.start).all(|frame| !silent(frame)), "more than the card was lost\n{story}");
    let verdicts = of(&events, "verdict");
    assert_eq!(verdicts.iter().filter(|body| body["what"] == "card-silenced").count(), 1);
}

/// A simulated caller on the line's own socket, who presses keys and whose desk speaks.
struct OnTheLine {
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
}

impl OnTheLine {
    async fn ring(boxed: &Boxed) -> Self {
        let path = endpoint::<Line>(Role::Caller).unwrap().path(boxed.run());
        let (reader, writer) = UnixStream::connect(path).await.unwrap().into_split();
        let mut line = Self { reader, writer };
        let ring = Ring { number: Secret::new(NUMBER), synthetic: true, pace: Pace::Virtual, resumed: false };
        line.send(FromCaller::Ring(ring)).await;
        line.wait(|said| matches!(said, ToCaller::Answered)).await;
        line
    }

    async fn send(&mut self, what: FromCaller) {
        frame::write(&mut self.writer, &what.to_message()).await.unwrap();
    }

    async fn wait(&mut self, mut is_it: impl FnMut(&ToCaller) -> bool) -> ToCaller {
        loop {
            let message = tokio::time::timeout(PATIENCE, frame::read(&mut self.reader)).await.unwrap();
            let said = ToCaller::parse(&message.unwrap().unwrap()).unwrap();
            if is_it(&said) {
                return said;
            }
        }
    }

    /// 20 ms; what is heard meanwhile.
    async fn step(&mut self) -> Frame {
        self.send(FromCaller::Frame(Box::new(hum()))).await;
        let ToCaller::Frame(heard) = self.wait(|said| matches!(said, ToCaller::Frame(_))).await else {
            panic!("no frame")
        };
        *heard
    }

    /// Listens until the box has spoken and is silent.
    async fn listen(&mut self) {
        let (mut spoke, mut quiet) = (false, 0);
        for _ in 0..3_000 {
            let speaks = self.step().await.samples().iter().any(|sample| sample.unsigned_abs() > 50);
            spoke |= speaks;
            quiet = if speaks { 0 } else { quiet + 1 };
            if spoke && quiet >= QUIET {
                return;
            }
        }
        panic!("the box does not fall silent");
    }

    /// Answers the question with a key, asks for a person, and gets one.
    async fn transferred(&mut self, answer: char) {
        self.listen().await;
        self.send(FromCaller::Dtmf(answer)).await;
        self.listen().await;
        self.send(FromCaller::Dtmf('0')).await;
        let mut rings = false;
        while !rings {
            self.send(FromCaller::Frame(Box::new(hum()))).await;
            self.wait(|said| {
                rings |= matches!(said, ToCaller::DeskRings(_));
                matches!(said, ToCaller::Frame(_) | ToCaller::DeskRings(_))
            })
            .await;
        }
        self.send(FromCaller::Desk(DeskAnswer::Accept)).await;
        self.wait(|said| matches!(said, ToCaller::Bridged)).await;
    }

    /// Talks with the desk for so many frames. What the desk says is heard.
    async fn talk(&mut self, frames: usize) {
        let desk = Frame::from_samples(&[900; 160]).unwrap();
        let mut heard = 0;
        for _ in 0..frames {
            self.send(FromCaller::DeskFrame(Box::new(desk.clone()))).await;
            heard += usize::from(self.step().await == desk);
        }
        assert!(heard + 10 >= frames, "the desk was heard {heard} times in {frames} frames");
    }

    async fn hang_up(mut self) {
        self.send(FromCaller::Hangup).await;
        self.wait(|said| matches!(said, ToCaller::Ended(_))).await;
    }
}

/// The transfers' sound, once the call's end and all that it had to leave are in the record.
async fn transfers(boxed: &Boxed, some: bool) -> (Vec<Value>, Vec<Value>) {
    let is_transfer = |body: &Value| body["what"] == "transfer";
    let all = async {
        loop {
            let events = boxed.events_of_the_last().await;
            let kept: Vec<_> = of(&events, "recording").into_iter().filter(is_transfer).collect();
            if first(&events, "call.end") < usize::MAX && (!some || !kept.is_empty()) {
                return (events, kept);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_legs_of_a_transfer_are_kept_where_the_caller_agreed_and_until_their_star() {
    let more = "[record]\nrecording = \"ask\"\nrecord-transfers = true\n";
    let boxed = Boxed::of(Home::make_with(&folder(), RecogniserKind::PocketSphinx, more).unwrap()).await;
    for (answer, star) in [('1', false), ('1', true), ('2', false)] {
        let mut line = OnTheLine::ring(&boxed).await;
        line.transferred(answer).await;
        line.talk(100).await;
        if star {
            line.send(FromCaller::Dtmf('*')).await;
        }
        line.talk(100).await;
        line.hang_up().await;
        let (events, kept) = transfers(&boxed, answer == '1').await;
        let story = format!("{answer} {star}: {}\n{kept:?}", said(&events));
        let brief = format!("{:?}", of(&events, "handoff.offer"));
        assert_eq!(brief.contains("This call is recorded."), answer == '1', "{story}\n{brief}");
        let wanted: &[&str] = match (answer, star) {
            ('1', true) => &["granted", "withdrawn"],
            ('1', false) => &["granted"],
            _ => &["declined"],
        };
        assert_eq!(results(&events), wanted, "{story}");
        if answer == '2' {
            assert_eq!(kept, Vec::<Value>::new(), "{story}");
            continue;
        }
        let [body] = kept.as_slice() else { panic!("{story}") };
        assert_eq!((body["consent"].as_bool(), body["channels"].as_u64()), (Some(true), Some(2)), "{story}");
        let seconds = body["seconds"].as_f64().unwrap();
        let wanted = if star { 1.9..2.2 } else { 3.9..4.2 };
        assert!(wanted.contains(&seconds), "{story}");
    }
    let (whole, verified) = boxed.verified().await;
    boxed.stop().await;
    assert!(whole, "{verified}");
}
