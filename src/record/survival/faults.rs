//! Every write, sync, truncation and deletion of a workload fails once, and once for good.
//!
//! After each: what was acknowledged is there, a submission whose append failed is there whole or not at all and never
//! twice, the record verifies, and where the fault was once the record goes on by itself.

use std::collections::BTreeMap;
use std::path::Path;

use super::faulty::{Disk, Fault, Op, Plan};
use super::replay::{How, Medium};
use super::{Trial, batch, found, rounds, row, scratch, whole};
use crate::record::database::{Location, StoreError};
use crate::record::store::Store;
use crate::record::writer::Writer;

/// Pages after which the log is written back: every workload here has some such moments.
const CHECKPOINT_PAGES: u32 = 24;
const FAULTS: [Fault; 4] = [Fault::Io, Fault::Full, Fault::Short, Fault::Sync];
/// Failed attempts in a row after which the disk is taken to have failed for good.
const ATTEMPTS: u32 = 4;
/// Commits after the first failure; what a fault spoils shows in these.
const AFTER: u64 = 4;

/// What became of a workload.
#[derive(Debug, Default)]
struct Run {
    /// Events that were acknowledged.
    acked: u64,
    /// Appends or openings that failed.
    errors: u64,
    gave_up: bool,
}

fn faulty(folder: &Path, disk: &Disk) -> Result<Location, StoreError> {
    let mut location = found(folder)?;
    location.trial = Trial { vfs: Some(disk.name), checkpoint_pages: Some(CHECKPOINT_PAGES), ..Trial::default() };
    Ok(location)
}

/// Appends as the writer does: after an error the store is opened anew, and the same is sent again.
fn work(location: &Location, disk: &Disk, commits: u64) -> Run {
    let (mut run, mut store, mut attempts, mut left) = (Run::default(), None, 0, commits);
    while left > 0 {
        let opened = match store.take() {
            Some(store) => Ok(store),
            None => Store::open(location),
        };
        match opened.and_then(|store| store.append(&[batch(run.acked, 2, 150)])) {
            Ok((next, _)) => {
                run.acked += 2;
                disk.note(Op::Acked { events: run.acked });
                (store, attempts, left) = (Some(next), 0, left - 1);
            }
            Err(_) => {
                run.errors += 1;
                attempts += 1;
                left = left.min(AFTER);
                if attempts == ATTEMPTS {
                    run.gave_up = true;
                    return run;
                }
            }
        }
    }
    run
}

#[derive(Default)]
struct Sum {
    rounds: u64,
    acked: u64,
    silent: u64,
    refused: u64,
}

/// Every operation of `commits` commits fails in every way that it can, `step` operations apart.
fn every_operation_fails(commits: u64, step: usize, stays: bool) -> Sum {
    let disk = Disk::register(false);
    let dry = scratch();
    assert_eq!(work(&faulty(dry.path(), disk).unwrap(), disk, commits).errors, 0);
    let done = disk.done();
    let mut sum = Sum::default();
    for (at, fault) in (0..done.len()).step_by(step).flat_map(|at| FAULTS.map(|fault| (at, fault))) {
        if !fault.befalls(done[at]) {
            continue;
        }
        let folder = scratch();
        let plan = Plan { at, fault, stays };
        disk.reset(Some(plan));
        let location = faulty(folder.path(), disk).unwrap();
        let run = work(&location, disk, commits);
        let said = format!("{plan:?}: {run:?}");
        sum.rounds += 1;
        sum.acked += run.acked;
        sum.silent += u64::from(run.errors == 0);
        sum.refused += run.errors;
        assert!(stays || !run.gave_up, "{said}: it did not go on by itself");
        disk.heal();
        // Without faults: what is there, and does it go on?
        let location = found(folder.path()).unwrap();
        if run.acked > 0 {
            let there = whole(&location).unwrap_or_else(|wrong| panic!("{said}: {wrong}"));
            let most = run.acked + if run.gave_up { 2 } else { 0 };
            assert!(there == run.acked || there == most, "{said}: {there} there");
        }
        let store = Store::open(&location).unwrap_or_else(|error| panic!("{said}: {error:?}"));
        store.append(&[batch(run.acked, 2, 150)]).unwrap_or_else(|error| panic!("{said}: {:?}", error));
        assert_eq!(whole(&location), Ok(run.acked + 2), "{said}");
    }
    sum
}

fn told(case: &str, sum: &Sum) {
    let result = format!("ok; {} errors told, {} faults without effect on an append", sum.refused, sum.silent);
    row(case, sum.rounds, sum.acked, 0, &result);
}

#[test]
fn an_operation_that_fails_once_loses_nothing_and_the_record_goes_on() {
    told("fault once (sample)", &every_operation_fails(4, 5, false));
}

#[test]
fn a_disk_that_fails_for_good_keeps_what_was_acknowledged() {
    told("fault for good (sample)", &every_operation_fails(4, 5, true));
}

#[test]
#[ignore = "a minute: make test-record"]
fn every_operation_that_fails_once_loses_nothing_and_the_record_goes_on() {
    told("fault once, every operation", &every_operation_fails(rounds("ANTEROOM_TEST_FAULTS", 30), 1, false));
}

#[test]
#[ignore = "a minute: make test-record"]
fn a_disk_that_fails_for_good_at_any_operation_keeps_what_was_acknowledged() {
    told("fault for good, every operation", &every_operation_fails(rounds("ANTEROOM_TEST_FAULTS", 30), 1, true));
}

/// After a failed fsync the kernel takes the pages for clean, although they never reached the disk: what is written there
/// and acknowledged later must not stand on them.
#[test]
fn what_is_acknowledged_after_a_failed_sync_survives_a_power_cut() {
    let disk = Disk::register(true);
    let dry = scratch();
    work(&faulty(dry.path(), disk).unwrap(), disk, 12);
    let syncs: Vec<_> = (0_usize..).zip(disk.done()).filter(|(_, doing)| Fault::Sync.befalls(*doing)).collect();
    let (mut images, mut acked) = (0, 0);
    for (at, _) in &syncs {
        let folder = scratch();
        disk.reset(Some(Plan { at: *at, fault: Fault::Sync, stays: false }));
        let run = work(&faulty(folder.path(), disk).unwrap(), disk, 12);
        assert!(!run.gave_up);
        acked += run.acked;
        let (mut medium, mut after) = (Medium::default(), false);
        for op in disk.log() {
            medium.apply(&op);
            after |= matches!(op, Op::Sync { failed: true, .. });
            let Op::Acked { events } = op else { continue };
            if after {
                let image = scratch();
                medium.write(How::Nothing, &mut fastrand::Rng::with_seed(1), folder.path(), image.path());
                let there = whole(&found(image.path()).unwrap());
                assert!(there.as_ref().is_ok_and(|there| *there >= events), "sync {at}: {events} acked, {there:?}");
                images += 1;
            }
        }
    }
    let result = format!("ok; {} syncs failed", syncs.len());
    row("power cut after a failed fsync", images, acked, 0, &result);
}

#[test]
fn the_writer_takes_events_again_by_itself_after_a_fault() {
    let disk = Disk::register(false);
    let dry = scratch();
    work(&faulty(dry.path(), disk).unwrap(), disk, 6);
    let done = disk.done();
    let mut seen = BTreeMap::<u8, u64>::new();
    for (at, fault) in (done.len() / 3..done.len()).step_by(7).flat_map(|at| FAULTS.map(|fault| (at, fault))) {
        if !fault.befalls(done[at]) {
            continue;
        }
        let folder = scratch();
        let location = faulty(folder.path(), disk).unwrap();
        disk.reset(Some(Plan { at, fault, stays: false }));
        let start = || {
            Writer::start(location.clone(), location.lock().unwrap(), std::sync::Arc::new(crate::clock::SystemClock))
        };
        // A fault while it opens ends recordd; whoever watches over it starts it again.
        let (writer, ended) = start().or_else(|_| start()).unwrap_or_else(|error| panic!("{at}: {fault:?}: {error:?}"));
        for number in 0..10 {
            // As the senders do: again and again, until it is taken.
            while !writer.submit(batch(number * 2, 2, 150)).is_ok_and(|answer| answer.blocking_recv().unwrap().is_ok())
            {
                std::thread::yield_now();
            }
        }
        drop(writer);
        let _ = ended.blocking_recv();
        assert_eq!(whole(&location), Ok(20), "operation {at}: {fault:?}");
        assert!(!folder.path().join("archive").exists(), "operation {at}: {fault:?}: it was set aside");
        *seen.entry(fault as u8).or_default() += u64::try_from(disk.failed()).unwrap();
    }
    row("writer, fault once", seen.values().sum(), seen.values().sum::<u64>() * 20, 0, "ok; goes on by itself");
}
