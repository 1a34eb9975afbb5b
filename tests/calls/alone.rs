//! lined alone: what a caller gets from a box whose record and brain did not come up.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anteroom::caller::report::CallReport;
use anteroom::caller::ring::{Options, place_call};
use anteroom::caller::scenario::Scenario;
use anteroom::cli::home::Home;
use anteroom::cli::processes::program;
use anteroom::cli::record::{self, RecordAt};
use anteroom::clock::SystemClock;
use anteroom::config::RecogniserKind;
use anteroom::pcm::wav;
use anteroom::tasks::Stop;
use anteroom::wire::line::Pace;

/// How long anything may take here; reached only where something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// One daemon of a box.
struct Daemon(Child);

impl Daemon {
    /// Starts it and waits until it answers at `socket`.
    async fn start(name: &str, home: &Home, socket: &str) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(home.log()).unwrap();
        let mut command = Command::new(program(name));
        command.arg("--config").arg(home.file()).arg("--with-stdin").stdin(Stdio::piped()).stderr(log);
        let daemon = Self(command.spawn().unwrap());
        let socket = home.config.paths.run.join(socket);
        until(|| std::os::unix::net::UnixStream::connect(&socket).is_ok()).await;
        daemon
    }

    /// Stops it as its parent's death would.
    fn stop(mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Stopped already where the test went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn until(mut happened: impl FnMut() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !happened() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited.await.unwrap();
}

fn home(name: &str) -> Home {
    let folder = std::env::temp_dir().join(format!("anteroom-alone-{}-{name}", std::process::id()));
    Home::make(&folder, RecogniserKind::PocketSphinx).unwrap()
}

/// A caller whom no desk answers, and who says nothing.
async fn call(run: &Path) -> CallReport {
    let scenario = Scenario::parse("[desk]\nanswer = \"none\"").unwrap();
    let (pace, clock) = (Pace::Virtual, Arc::new(SystemClock));
    let options = Options { pace, voice: None, wav_in: None, keep_audio: true, facts: None, clock };
    let placed = place_call(run, &scenario, options, Stop::new());
    tokio::time::timeout(PATIENCE, placed).await.unwrap().unwrap()
}

/// Whether the caller heard the prompt: some of its middle, sample by sample.
fn heard(report: &CallReport, home: &Home, prompt: &str) -> bool {
    let sound = wav::read(&home.config.paths.prompts.join(prompt).with_extension("wav")).unwrap();
    let middle = sound.get(sound.len() / 2..).and_then(|half| half.get(..800)).unwrap();
    report.heard_audio.windows(middle.len()).any(|heard| heard == middle)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_the_record_was_never_there_no_message_is_asked_for_and_the_caller_is_told() {
    let home = home("never");
    let lined = Daemon::start("lined", &home, "line/from-caller.sock").await;
    let report = call(&home.config.paths.run).await;
    lined.stop();
    assert!(report.answered && !report.handed_over, "{report:#?}");
    assert!(heard(&report, &home, "apology") && heard(&report, &home, "regret"));
    // Staff hear what the caller's telephone rings them for, although nobody is there to make a brief.
    let staff = wav::read(&home.config.paths.prompts.join("staff.wav")).unwrap();
    assert!(staff.len() > 8_000 && report.brief.starts_with(&staff), "{} of {}", report.brief.len(), staff.len());
    assert!(!heard(&report, &home, "leave-message") && !heard(&report, &home, "goodbye"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_left_before_the_record_comes_up_reaches_it_when_it_does() {
    let home = home("known");
    let paths = &home.config.paths;
    // Yesterday all was well, and lined saw the record's key.
    let recordd = Daemon::start("recordd", &home, "record/from-cli.sock").await;
    let lined = Daemon::start("lined", &home, "line/from-caller.sock").await;
    until(|| home.folder().join("line/record-key.pub").exists()).await;
    lined.stop();
    recordd.stop();

    let lined = Daemon::start("lined", &home, "line/from-caller.sock").await;
    let report = call(&paths.run).await;
    assert!(heard(&report, &home, "leave-message") && heard(&report, &home, "goodbye"), "{report:#?}");
    assert!(!heard(&report, &home, "regret"));

    let recordd = Daemon::start("recordd", &home, "record/from-cli.sock").await;
    let at = RecordAt::new(paths.run.clone(), paths.data.clone());
    let kept = tokio::time::timeout(PATIENCE, async {
        loop {
            let mut text = Vec::new();
            let shown = record::show(&at, "last", true, false, &mut text).await;
            if shown.is_ok() && String::from_utf8_lossy(&text).contains("\"kind\":\"recording\"") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    kept.await.unwrap();
    let whole = record::verify(&at, false, &mut Vec::new()).await.unwrap();
    lined.stop();
    recordd.stop();
    assert!(whole);
}
