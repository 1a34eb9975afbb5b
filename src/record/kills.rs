//! A test only: recordd as a process of its own, killed in the middle of its work, again and again.
//!
//! The child is this test binary itself, told by its environment to be recordd. The parent appends by the handle that
//! every process uses, and at the end reads the files: every event once, in order, the tree whole. The few microseconds
//! between a commit and its answer are seldom hit here; [`crate::wire::recorder`] has a test of that moment alone.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::SystemClock;
use crate::ids::Turn;
use crate::record::daemon::{RecordConfig, run};
use crate::record::database::Location;
use crate::record::key::KeySource;
use crate::record::reading;
use crate::record::verify::verify;
use crate::tasks::{Stop, Tasks};
use crate::wire::doors::Role;
use crate::wire::event::{Event, Kind};
use crate::wire::parcel::Parcel;
use crate::wire::recorder::Recorder;
use crate::wire::users::Uids;

/// Set for the child: the folder with its run and data directories.
const CHILD: &str = "ANTEROOM_TEST_RECORDD";
/// Kills. More by hand: the variable below.
const ROUNDS: usize = 5;
const ROUNDS_VARIABLE: &str = "ANTEROOM_TEST_KILLS";
/// Far longer than anything takes: reached only where the code is wrong.
const LONG: Duration = Duration::from_secs(60);

/// Does nothing unless it is the child.
#[test]
fn the_child_is_recordd() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let users = Uids::all(nix::unistd::getuid().as_raw());
    let config = RecordConfig::new(folder.join("run"), folder.join("data"), users);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(config, Stop::new())).unwrap();
}

#[tokio::test]
async fn a_recordd_that_is_killed_at_any_moment_loses_nothing_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut tasks = Tasks::new(Stop::new());
    let recorder = Recorder::start(&folder.path().join("run"), Role::Anteroomd, &mut tasks, Arc::new(SystemClock));
    let rounds = std::env::var(ROUNDS_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut noted = 0_u64;
    for round in 0..rounds {
        let recordd = Recordd::spawn(folder.path());
        // The last events are on their way, or not yet, when the kill comes: how far differs from round to round.
        for _ in 0..100 + round * 37 % 50 {
            recorder.note(numbered(&recorder, &mut noted));
        }
        recorder.flush(LONG).await.unwrap();
        for _ in 0..300 {
            recorder.note(numbered(&recorder, &mut noted));
            if noted.is_multiple_of(20) {
                tokio::task::yield_now().await;
            }
        }
        recordd.kill();
    }
    let recordd = Recordd::spawn(folder.path());
    recorder.flush(LONG).await.unwrap();
    recordd.kill();
    let kept = kept(&folder.path().join("data"));
    let repeated = kept.windows(2).filter(|pair| pair[0] >= pair[1]).count();
    let lost = noted.saturating_sub(kept.iter().collect::<HashSet<_>>().len() as u64);
    // Past the test runner's capture, so that a run that passes shows its figures too.
    let _ = writeln!(
        std::io::stderr(),
        "| recordd killed (`SIGKILL`) | {rounds} | {noted} | {lost} | {repeated} repeated |"
    );
    assert_eq!(kept, (0..noted).collect::<Vec<_>>());
}

/// The numbers in the record's files, in order, after they verified.
fn kept(data_dir: &Path) -> Vec<u64> {
    let source = KeySource { data_dir: data_dir.to_owned(), credentials: None };
    let location = Location::find(&source, false).unwrap().0;
    let report = verify(&mut location.reader().unwrap()).unwrap();
    assert!(report.is_whole(), "{report:?}");
    let connection = location.reader().unwrap();
    let (mut numbers, mut after) = (Vec::new(), None);
    loop {
        let page = reading::show(&connection, None, after).unwrap();
        for entry in page.entries {
            after = Some(entry.seq);
            if entry.kind == Kind::Heard {
                let body: serde_json::Value = serde_json::from_str(entry.body.unwrap().get()).unwrap();
                numbers.push(body["n"].as_u64().unwrap());
            }
        }
        if !page.more {
            return numbers;
        }
    }
}

fn numbered(recorder: &Recorder, next: &mut u64) -> Event {
    let body = Parcel::new().with("n", next);
    *next += 1;
    recorder.event(Kind::Heard, None, Turn(1), true, body)
}

/// Killed when dropped, so that a failing test leaves no process behind.
struct Recordd(Child);

impl Recordd {
    fn spawn(folder: &Path) -> Self {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "record::kills::the_child_is_recordd"])
            .env(CHILD, folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Recordd {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
