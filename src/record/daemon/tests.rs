//! What recordd answers at its sockets.

use super::*;
use crate::record::reading::{Calls, Page, State};
use crate::record::verify::Report;
use crate::secret::Secret;
use crate::wire::client::{AskError, Client};
use crate::wire::parcel::Parcel;
use crate::wire::recorder::{Recorder, seal_message};
use crate::wire::recording::{Head, What};

#[tokio::test]
async fn a_call_goes_in_and_comes_out_whole() {
    let scene = Scene::start().await;
    let call = CallId::draw();
    scene.note(Kind::CallBegin, call, "ring");
    scene.note(Kind::Heard, call, "my name is Mary Lopez");
    scene.recorder.note_durable(scene.event(Kind::Redacted, call, "my name is [NAME_1]")).await.unwrap();
    let page: Page = scene.ask("show", &Show { call: Some(call), after: None }).await;
    let kinds: Vec<_> = page.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [Kind::CallBegin, Kind::Heard, Kind::Redacted, Kind::ConsoleReveal]);
    assert_eq!(page.entries[1].body.as_ref().unwrap().get(), r#"{"words":"my name is Mary Lopez"}"#);
    assert!(page.entries.iter().all(|entry| entry.state == State::Open));
    let calls: Calls = scene.ask("calls", &()).await;
    assert_eq!((calls.calls[0].call.clone(), calls.calls[0].events), (call.to_string(), 4));
    let report: Report = scene.ask("verify", &()).await;
    assert!(report.is_whole());
    assert_eq!((report.events, report.opened), (4, 4));
    scene.stop().await;
}

#[tokio::test]
async fn a_restarted_daemon_gets_every_event_once_and_the_gap_is_told() {
    let mut scene = Scene::start().await;
    let call = CallId::draw();
    scene.recorder.note_durable(scene.event(Kind::CallBegin, call, "one")).await.unwrap();
    scene.stop_record().await;
    while scene.recorder.is_up() {
        tokio::task::yield_now().await;
    }
    scene.note(Kind::Heard, call, "two");
    scene.start_record();
    scene.recorder.flush(LONG).await.unwrap();
    let page: Page = scene.ask("show", &Show { call: None, after: None }).await;
    assert_eq!(page.entries[0].kind, Kind::RecordGap);
    assert_eq!(page.entries[0].seq, 1);
    let report: Report = scene.ask("verify", &()).await;
    assert_eq!((report.is_whole(), report.events), (true, 4));
    scene.stop().await;
}

#[tokio::test]
async fn sound_of_a_simulated_caller_comes_back_as_wav_and_a_real_one_s_does_not() {
    let scene = Scene::start().await;
    let (simulated, real) = (CallId::draw(), CallId::draw());
    scene.recorder.audio(simulated, &chunk(What::Call, true, false), LONG).await.unwrap();
    scene.recorder.audio(real, &chunk(What::Call, false, true), LONG).await.unwrap();
    let refused = scene.recorder.audio(real, &chunk(What::Call, false, false), LONG).await;
    assert!(matches!(refused, Err(AskError::Refused { refusal: Refusal::Forbidden, .. })));
    let bytes = scene.sound(simulated, 0).await.unwrap();
    let mut wav = hound::WavReader::new(bytes.as_slice()).unwrap();
    assert_eq!(wav.samples::<i16>().collect::<Result<Vec<_>, _>>().unwrap(), [5, -5, 6]);
    for (call, chunk) in [(simulated, 1), (real, 0)] {
        let refused = scene.sound(call, chunk).await;
        assert!(matches!(refused, Err(AskError::Refused { refusal: Refusal::NotFound, .. })), "{chunk}");
    }
    scene.stop().await;
}

#[tokio::test]
async fn a_message_sealed_by_the_line_is_opened_by_the_record_only() {
    let scene = Scene::start().await;
    let mut tasks = Tasks::new(Stop::new());
    let lined = Recorder::start(scene.run.path(), Role::Lined, &mut tasks, Arc::new(SystemClock));
    let sealed = seal_message(lined.public_key(LONG).await.unwrap(), &chunk(What::Message, true, false)).unwrap();
    let call = CallId::draw();
    lined.message(call, sealed.clone(), LONG).await.unwrap();
    assert!(scene.sound(call, 0).await.is_ok());
    let cut = lined.message(call, sealed[1..].to_vec(), LONG).await;
    assert!(matches!(cut, Err(AskError::Refused { refusal: Refusal::Malformed, .. })));
    scene.stop().await;
}

#[tokio::test]
async fn a_second_daemon_on_the_same_record_is_told_to_go() {
    let scene = Scene::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let config = RecordConfig { run_dir: elsewhere.path().to_owned(), ..scene.config() };
    let error = run(config, Stop::new()).await.unwrap_err();
    assert!(matches!(error, RecorddError::Store(StoreError::InUse { .. })), "{error}");
    scene.stop().await;
}

#[tokio::test]
async fn nothing_that_was_said_lies_readable_on_the_disk() {
    let scene = Scene::start().await;
    let call = CallId::draw();
    scene.recorder.note_durable(scene.event(Kind::Heard, call, "zanzibar zanzibar")).await.unwrap();
    for file in std::fs::read_dir(scene.data.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"zanzibar"));
    }
    scene.stop().await;
}

const LONG: Duration = Duration::from_secs(30);

fn chunk(what: What, synthetic: bool, consent: bool) -> Chunk {
    let head = Head { t: 1, mono_us: 2, what, synthetic, consent, rate: 8_000, channels: 1, chunk: 0 };
    Chunk { head, samples: vec![5, -5, 6] }
}

struct Scene {
    run: tempfile::TempDir,
    data: tempfile::TempDir,
    record: Option<(Stop, std::thread::JoinHandle<()>)>,
    tasks: Tasks,
    recorder: Recorder,
    cli: Client<Record>,
}

impl Scene {
    async fn start() -> Self {
        let (run, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut tasks = Tasks::new(Stop::new());
        let recorder = Recorder::start(run.path(), Role::Anteroomd, &mut tasks, Arc::new(SystemClock));
        let cli = Client::new(run.path(), Role::Cli);
        let mut scene = Self { run, data, record: None, tasks, recorder, cli };
        scene.start_record();
        scene.recorder.wait_up().await;
        scene
    }

    fn config(&self) -> RecordConfig {
        let users = Uids::all(nix::unistd::getuid().as_raw());
        RecordConfig::new(self.run.path().to_owned(), self.data.path().to_owned(), users)
    }

    /// The daemon has a runtime of its own, as it has a process of its own.
    fn start_record(&mut self) {
        let (config, stop) = (self.config(), Stop::new());
        let asked = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run(config, asked)).unwrap();
        });
        self.record = Some((stop, thread));
    }

    async fn stop_record(&mut self) {
        let (stop, thread) = self.record.take().unwrap();
        stop.ask();
        tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    }

    async fn stop(mut self) {
        let tasks = std::mem::replace(&mut self.tasks, Tasks::new(Stop::new()));
        tasks.stop().ask();
        tasks.wait().await.unwrap();
        self.stop_record().await;
    }

    fn event(&self, kind: Kind, call: CallId, words: &str) -> crate::wire::event::Event {
        let body = Parcel::new().with("words", &Secret::new(words));
        self.recorder.event(kind, Some(call), Turn(1), true, body)
    }

    fn note(&self, kind: Kind, call: CallId, words: &str) {
        self.recorder.note(self.event(kind, call, words));
    }

    async fn ask<T: serde::de::DeserializeOwned>(&self, kind: &'static str, body: &impl Serialize) -> T {
        let answer = self.cli.ask_sealed(kind, None, serde_json::to_vec(body).unwrap(), LONG).await.unwrap();
        serde_json::from_slice(&answer).unwrap()
    }

    async fn sound(&self, call: CallId, chunk: u64) -> Result<Vec<u8>, AskError> {
        let body = serde_json::to_vec(&AudioOf { call, chunk }).unwrap();
        self.cli.ask_sealed("audio-of", None, body, LONG).await
    }
}
