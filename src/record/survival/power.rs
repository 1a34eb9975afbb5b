//! The power is cut under a process that appends, with the kernel's own file system: what it had acknowledged is there.
//!
//! The child is this test binary, told by its environment; it appends to a record on a loop-mounted ext4 and says
//! `acked N` after each commit. The parent shuts the file system down at a random moment, mounts it again and verifies.
//! The same with synchronous=NORMAL must lose something: the control that says the cut is real.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::disks::LoopDisk;
use super::{Trial, batch, found, rounds, row, whole};
use crate::record::database::StoreError;
use crate::record::store::Store;

/// Set for the child: the data directory.
const CHILD: &str = "ANTEROOM_TEST_APPENDER";
/// Set for the child: anything for synchronous=NORMAL.
const LOOSE: &str = "ANTEROOM_TEST_APPENDER_LOOSE";
/// After so many cuts a record is begun anew, so that its making is cut too.
const ROUNDS_A_RECORD: u64 = 5;
/// Far longer than anything takes: reached only where the code is wrong.
const LONG: Duration = Duration::from_secs(60);

/// Does nothing unless it is the child. Writes to the pipe itself: what the test runner prints is captured.
#[test]
fn the_child_appends() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let mut out = std::io::stdout();
    let mut say = |what: &str, number: u64| {
        let _ = writeln!(out, "\n{what} {number}");
        let _ = out.flush();
    };
    say("started", 0);
    let Ok(mut location) = found(&folder) else { return };
    if std::env::var_os(LOOSE).is_some() {
        location.trial = Trial { loose: true, checkpoint_pages: Some(0), ..Trial::default() };
    }
    let Ok(_lock) = location.lock() else { return };
    let Ok(mut store) = Store::open(&location) else { return };
    let mut acked = whole(&location).unwrap_or(0);
    say("acked", acked);
    loop {
        let count = 1 + acked % 3;
        match store.append(&[batch(acked, count, 300)]) {
            Ok((next, _)) => store = next,
            Err(_) => return,
        }
        acked += count;
        say("acked", acked);
    }
}

/// The child, and what it says. Killed when dropped.
struct Appender {
    child: Child,
    said: Receiver<u64>,
}

impl Appender {
    fn spawn(folder: &Path, loose: bool) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "record::survival::power::the_child_appends", "--nocapture"]).env(CHILD, folder);
        if loose {
            command.env(LOOSE, "1");
        }
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (saying, said) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(("acked" | "started", number)) = line.split_once(' ') {
                    let _ = saying.send(number.parse().unwrap_or(0));
                }
            }
        });
        Self { child, said }
    }

    /// Kills it and returns what it said since it was last asked.
    fn end(mut self) -> Vec<u64> {
        let _ = self.child.kill();
        self.child.wait().unwrap();
        self.said.iter().collect()
    }
}

impl Drop for Appender {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct Sum {
    rounds: u64,
    acked: u64,
    lost: u64,
    /// Acknowledged after the cut, and not there.
    late: u64,
    corrupt: u64,
    first: Option<String>,
}

/// Cuts the power up to `cuts` times; with `enough`, no more than so many losses.
fn cuts(cuts: u64, loose: bool, enough: Option<u64>) -> Result<Sum, String> {
    let mut disk = LoopDisk::make(64)?;
    let mut rng = fastrand::Rng::with_seed(if loose { 2 } else { 1 });
    let (mut sum, mut record, mut losses) = (Sum::default(), 0, 0);
    while sum.rounds < cuts && enough.is_none_or(|enough| losses < enough) {
        if !loose && sum.rounds.is_multiple_of(ROUNDS_A_RECORD) {
            record += 1;
        }
        let folder = disk.path().join(format!("record-{record}"));
        let appender = Appender::spawn(&folder, loose);
        // Up to so many words of the child, and a while: the first of a record's rounds are cut early.
        let words = if sum.rounds % ROUNDS_A_RECORD == 0 { rng.u64(..6) } else { rng.u64(1..80) };
        let mut acked = 0;
        for _ in 0..words + if loose { 100 } else { 0 } {
            acked = appender.said.recv_timeout(LONG).map_err(|error| error.to_string())?;
        }
        let _ = appender.said.recv_timeout(Duration::from_micros(rng.u64(..5_000))).map(|more| acked = more);
        while let Ok(more) = appender.said.try_recv() {
            acked = more;
        }
        disk.cut();
        // After a real cut nobody says anything. Here the process lives on: a sync that was under way when the journal was
        // aborted can be answered as done once the aborted transaction is out of the way. Counted apart.
        let late = appender.end().into_iter().next_back().unwrap_or(acked).max(acked);
        disk.unmount()?;
        disk.mount()?;
        sum.rounds += 1;
        let there = found(&folder).map_err(|error| format!("{error:?}")).and_then(|location| {
            let opened = Store::open(&location).map_err(|error| format!("{error:?}"));
            opened.and_then(|store| whole(&location).map(|there| (there, drop(store)).0))
        });
        match there {
            Ok(there) => {
                sum.acked += acked.min(there);
                losses += u64::from(there < acked);
                sum.lost += acked.saturating_sub(there);
                sum.late += late.saturating_sub(there.max(acked));
            }
            Err(wrong) => {
                sum.corrupt += 1;
                sum.first.get_or_insert(format!("round {}, {acked} acknowledged: {wrong}", sum.rounds));
                record += 1;
            }
        }
        if loose {
            record += 1;
        }
    }
    Ok(sum)
}

#[test]
#[ignore = "needs root and loop devices: make test-record"]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    match cuts(rounds("ANTEROOM_TEST_CUTS", 100), false, None) {
        Err(reason) => row("power cut, ext4", 0, 0, 0, &format!("skipped: {reason}")),
        Ok(sum) => {
            let result = format!("{} corrupt; {} answered after the cut only", sum.corrupt, sum.late);
            row("power cut, ext4", sum.rounds, sum.acked, sum.lost, &result);
            assert_eq!((sum.lost, sum.corrupt), (0, 0), "{:?}", sum.first);
        }
    }
}

#[test]
#[ignore = "needs root and loop devices: make test-record"]
fn with_synchronous_normal_a_power_cut_loses_what_was_acknowledged() {
    match cuts(rounds("ANTEROOM_TEST_CUTS", 100), true, Some(3)) {
        Err(reason) => row("control: the same with synchronous=NORMAL", 0, 0, 0, &format!("skipped: {reason}")),
        Ok(sum) => {
            let result = format!("{} corrupt; must lose some", sum.corrupt);
            row("control: the same with synchronous=NORMAL", sum.rounds, sum.acked, sum.lost, &result);
            assert!(sum.lost > 0, "the harness does not find what the wrong setting loses");
        }
    }
}

#[test]
fn a_second_daemon_is_refused_while_the_first_lives_and_taken_when_it_was_killed() {
    let folder = tempfile::tempdir().unwrap();
    let appender = Appender::spawn(folder.path(), false);
    // `started`, then an acknowledgement: it has the lock.
    appender.said.recv_timeout(LONG).unwrap();
    appender.said.recv_timeout(LONG).unwrap();
    let location = found(folder.path()).unwrap();
    let refused = location.lock();
    assert!(matches!(refused, Err(StoreError::InUse { .. })), "{refused:?}");
    let acked = appender.end().into_iter().next_back().unwrap_or(0);
    let _lock = location.lock().unwrap();
    Store::open(&location).unwrap();
    assert!(whole(&location).unwrap() >= acked);
}
