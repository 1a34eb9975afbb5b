//! A disk that fills up: refused with its own error, nothing acknowledged is lost, and the record goes on when there is
//! space. ([`crate::record::writer`] has the same of its queue, by a limit on pages.)

use std::path::Path;
use std::sync::atomic::Ordering;

use super::disks::LoopDisk;
use super::{batch, found, row, whole};
use crate::record::database::{Location, StoreError};
use crate::record::store::Store;
use crate::record::writer::Writer;

/// Bytes of one event: a few hundred fill the disk.
const LARGE: usize = 8_000;

/// Appends until an append fails; how many were acknowledged.
fn fill(location: &Location) -> (u64, StoreError) {
    let mut store = Store::open(location).unwrap();
    for acked in 0.. {
        match store.append(&[batch(acked, 1, LARGE)]) {
            Ok((next, _)) => store = next,
            Err(error) => return (acked, error),
        }
    }
    unreachable!("the disk is full before that")
}

#[test]
fn a_full_disk_has_its_own_error_and_what_was_acknowledged_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let location = found(folder.path()).unwrap();
    drop(Store::open(&location).unwrap());
    location.page_limit().store(100, Ordering::Relaxed);
    let (acked, error) = fill(&location);
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert!(acked > 10);
    assert_eq!(whole(&location), Ok(acked));
    location.page_limit().store(0, Ordering::Relaxed);
    let store = Store::open(&location).unwrap();
    store.append(&[batch(acked, 1, LARGE)]).unwrap();
    assert_eq!(whole(&location), Ok(acked + 1));
}

#[test]
#[ignore = "needs root and loop devices: make test-record"]
fn a_disk_that_is_full_to_the_end_loses_nothing_and_the_writer_goes_on_when_there_is_space() {
    match filled() {
        Err(reason) => row("disk full, ext4", 0, 0, 0, &format!("skipped: {reason}")),
        Ok(acked) => row("disk full, ext4", 1, acked, 0, "ok; whole at 100 %, goes on by itself"),
    }
}

fn filled() -> Result<u64, String> {
    let disk = LoopDisk::make(16)?;
    let filler = disk.path().join("filler");
    std::fs::write(&filler, vec![1; 4 << 20]).unwrap();
    let folder = disk.path().join("data");
    let location = found(&folder).unwrap();
    let (before, error) = fill(&location);
    assert!(matches!(error, StoreError::Full), "{error:?}");
    assert!(before > 100);
    assert_eq!(whole(&location), Ok(before));
    fill_up(&disk.path());
    // Opening at 100 %: the writer is started with what little there is, and refuses what does not fit.
    // At the last byte even reading may be refused: SQLite wants 32 KiB for the index of its log. What recordd has for
    // this is its ballast.
    let there = whole(&location);
    assert!(there == Ok(before) || there.as_ref().is_err_and(|e| e.contains("I/O") || e.contains("full")), "{there:?}");
    std::fs::remove_file(disk.path().join("rest")).unwrap();
    assert_eq!(whole(&location), Ok(before), "with space again");
    let (writer, ended) =
        Writer::start(location.clone(), location.lock().unwrap(), std::sync::Arc::new(crate::clock::SystemClock))
            .unwrap();
    let mut acked = before;
    let send = |number: u64| writer.submit(batch(number, 1, LARGE)).is_ok_and(|a| a.blocking_recv().unwrap().is_ok());
    while send(acked) {
        acked += 1;
    }
    assert_eq!(whole(&location), Ok(acked));
    std::fs::remove_file(&filler).unwrap();
    while !send(acked) {
        std::thread::yield_now();
    }
    drop(writer);
    let _ = ended.blocking_recv();
    assert_eq!(whole(&location), Ok(acked + 1));
    Ok(acked + 1)
}

/// Takes the last bytes that there are.
fn fill_up(folder: &Path) {
    let mut file = std::fs::File::create(folder.join("rest")).unwrap();
    let some = vec![1; 4096];
    while std::io::Write::write_all(&mut file, &some).is_ok() {}
    let _ = file.sync_all();
}
