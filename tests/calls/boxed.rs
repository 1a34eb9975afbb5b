//! A box for one test, and a call to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anteroom::caller::report::CallReport;
use anteroom::caller::ring::{CallerError, Options, place_call};
use anteroom::caller::scenario::Scenario;
use anteroom::caller::typist::place_typed_call;
use anteroom::cli::home::Home;
use anteroom::cli::processes::{Launch, Processes, RunAs};
use anteroom::cli::record::{self, RecordAt};
use anteroom::clock::SystemClock;
use anteroom::config::RecogniserKind;
use anteroom::ids::CallId;
use anteroom::tasks::Stop;
use anteroom::wire::line::Pace;

static BOXES: AtomicU32 = AtomicU32::new(0);

/// A running box in a folder of its own.
pub(crate) struct Boxed {
    pub(crate) home: Home,
    pub(crate) processes: Processes,
}

impl Boxed {
    pub(crate) async fn start() -> Self {
        Self::start_at_level(None).await
    }

    /// A box whose log is at another level than usual.
    pub(crate) async fn start_at_level(level: Option<&'static str>) -> Self {
        let home = Home::make(&folder(), RecogniserKind::PocketSphinx).unwrap();
        Self::launch(home, level, None).await
    }

    /// A box whose daemons are users of their own.
    pub(crate) async fn start_as(run_as: RunAs) -> Self {
        let home = Home::make_for(&folder(), RecogniserKind::PocketSphinx, Some(run_as)).unwrap();
        Self::launch(home, None, Some(run_as)).await
    }

    async fn launch(home: Home, level: Option<&'static str>, run_as: Option<RunAs>) -> Self {
        let (file, run, log_file) = (home.file(), &home.config.paths.run, home.log());
        let launch = Launch { config: &file, run, log: Some(&log_file), level, run_as, shape: None };
        let processes = Processes::launch(&launch).await;
        let processes = processes.unwrap_or_else(|error| panic!("{error}\n{}", log(&home)));
        Self { home, processes }
    }

    /// A box in a folder that was made before.
    pub(crate) async fn of(home: Home) -> Self {
        let processes = Processes::start(&home.file(), &home.config.paths.run, Some(&home.log())).await;
        let processes = processes.unwrap_or_else(|error| panic!("{error}\n{}", log(&home)));
        Self { home, processes }
    }

    pub(crate) fn run(&self) -> &Path {
        &self.home.config.paths.run
    }

    pub(crate) fn log(&self) -> String {
        log(&self.home)
    }

    /// The log without the numbers that the box itself gives: each line's time, its folder, the calls' identities. Four
    /// digits of a caller's stand in one of those by chance once in some hundred calls.
    pub(crate) fn log_without_own_numbers(&self) -> String {
        let folder = self.home.log().parent().unwrap().display().to_string();
        let a_time = |word: &str| word.starts_with("20") && word.contains('T') && word.ends_with('Z');
        let others = |line: &str| {
            let words = line.replace(&folder, "");
            let words = words.split_whitespace().filter(|word| !a_time(word) && !word.starts_with("call="));
            words.collect::<Vec<_>>().join(" ")
        };
        self.log().lines().map(others).collect::<Vec<_>>().join("\n")
    }

    pub(crate) async fn call(&self, scenario: &Scenario) -> Result<CallReport, CallerError> {
        place_call(self.run(), scenario, options(None), Stop::new()).await
    }

    /// The same call by text.
    pub(crate) async fn typed(&self, scenario: &Scenario) -> Result<CallReport, CallerError> {
        place_typed_call(self.run(), scenario, Arc::new(SystemClock)).await
    }

    pub(crate) async fn play(&self, wav: &Path) -> Result<CallReport, CallerError> {
        place_call(self.run(), &Scenario::unscripted(), options(Some(wav.to_owned())), Stop::new()).await
    }

    pub(crate) fn record(&self) -> RecordAt {
        let paths = &self.home.config.paths;
        RecordAt::new(paths.run.clone(), paths.data.clone())
    }

    /// The report of `anteroom record verify`, and whether the record is whole.
    pub(crate) async fn verified(&self) -> (bool, String) {
        let mut text = Vec::new();
        let whole = record::verify(&self.record(), false, &mut text).await.unwrap();
        (whole, String::from_utf8(text).unwrap())
    }

    /// Every request of the last call that would have left, byte for byte as the airlock saw it.
    pub(crate) async fn would_have_left(&self) -> String {
        let mut text = Vec::new();
        record::show(&self.record(), "last", true, true, &mut text).await.unwrap();
        let text = String::from_utf8(text).unwrap();
        let request = |line: &str| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            event.pointer("/body/request").and_then(|r| r.as_str()).unwrap_or_default().to_owned()
        };
        text.lines().map(request).collect::<Vec<_>>().join("\n")
    }

    /// The events of the last call, in order.
    pub(crate) async fn events_of_the_last(&self) -> Vec<serde_json::Value> {
        let mut text = Vec::new();
        record::show(&self.record(), "last", true, false, &mut text).await.unwrap();
        let text = String::from_utf8(text).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What is recorded of the box outside calls; or why it cannot be read.
    pub(crate) async fn of_the_box(&self) -> String {
        let mut text = Vec::new();
        match record::show(&self.record(), "box", true, false, &mut text).await {
            Ok(()) => String::from_utf8(text).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    /// The call as a person would read it. The caller is synthetic, so a failing test may print it.
    pub(crate) async fn story(&self) -> String {
        let mut text = Vec::new();
        record::show(&self.record(), "last", false, false, &mut text).await.unwrap();
        format!("{}\n{}", String::from_utf8(text).unwrap(), self.log())
    }

    pub(crate) async fn stop(self) {
        self.processes.stop().await;
    }

    /// Stops the box, and looks at what it leaves before that is removed.
    pub(crate) async fn stop_and_keep(self, look: impl FnOnce()) {
        let Self { home, processes } = self;
        processes.stop().await;
        look();
        drop(home);
    }

    /// Stops the box, has something done to its files, and starts it again.
    pub(crate) async fn restarted_after(self, done: impl FnOnce()) -> Self {
        let Self { home, processes } = self;
        processes.stop().await;
        done();
        Self::of(home).await
    }

    /// The id of the last call.
    pub(crate) async fn last_call(&self) -> CallId {
        let mut text = Vec::new();
        record::calls(&self.record(), true, &mut text).await.unwrap();
        let first = String::from_utf8(text).unwrap().lines().next().unwrap().to_owned();
        let call: serde_json::Value = serde_json::from_str(&first).unwrap();
        call["call"].as_str().unwrap().parse().unwrap()
    }

    /// The newest checkpoint, as a witness would take it.
    pub(crate) async fn checkpoint(&self) -> Vec<u8> {
        let mut text = Vec::new();
        let asked = record::officer::Deed::Checkpoint { since: None };
        record::officer::run(&self.record(), asked, false, &mut text).await.unwrap();
        text
    }
}

pub(crate) fn folder() -> PathBuf {
    let number = BOXES.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("anteroom-test-{}-{number}", std::process::id()))
}

fn log(home: &Home) -> String {
    std::fs::read_to_string(home.log()).unwrap_or_default()
}

fn options(wav_in: Option<PathBuf>) -> Options {
    Options { pace: Pace::Virtual, voice: None, wav_in, keep_audio: false, facts: None, clock: Arc::new(SystemClock) }
}

/// The scenario of that name.
pub(crate) fn scenario(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&path).unwrap();
    Scenario::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
