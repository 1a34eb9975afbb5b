//! What else happens to a box: a file system that became read-only, a clock that jumps, tables of another version.

use super::disks::LoopDisk;
use super::{batch, found, row, scratch, whole};
use crate::record::database::{Location, StoreError};
use crate::record::header::Header;
use crate::record::store::Store;

#[test]
fn events_of_any_clock_are_taken_and_stay_in_their_order() {
    const Y2038_US: i64 = 2_147_483_648_000_000;
    let folder = scratch();
    let location = found(folder.path()).unwrap();
    // Forth and back, before 1970, after 2038 (as 32-bit seconds), and the ends of what fits.
    let times =
        [0, 1_700_000_000_000_000, 1, -1, -86_400_000_001, Y2038_US - 1, Y2038_US, 4 * Y2038_US, i64::MAX, i64::MIN];
    let mut store = Store::open(&location).unwrap();
    for (number, t) in (0..).zip(times) {
        let mut batch = batch(number, 1, 10);
        batch.entries[0].t = t;
        store = store.append(&[batch]).unwrap().0;
    }
    drop(store);
    assert_eq!(whole(&location), Ok(10));
    let connection = location.reader().unwrap();
    let mut headers = connection.prepare("SELECT header FROM event ORDER BY seq").unwrap();
    let stored: Vec<i64> = headers
        .query_map([], |row| row.get::<_, Vec<u8>>(0))
        .unwrap()
        .map(|line| Header::parse(&line.unwrap()).unwrap().t)
        .collect();
    assert_eq!(stored, times);
}

#[test]
fn tables_of_a_newer_program_are_refused_and_left_as_they_are() {
    let folder = scratch();
    let location = found(folder.path()).unwrap();
    drop(Store::open(&location).unwrap());
    let version = set_version(&location, 1_000);
    let before = std::fs::read(folder.path().join("record.db")).unwrap();
    let refused = Store::open(&location).map(drop);
    assert!(matches!(refused, Err(StoreError::Newer { found: 1_000 })), "{refused:?}");
    assert_eq!(std::fs::read(folder.path().join("record.db")).unwrap(), before);
    set_version(&location, version);
    drop(Store::open(&location).unwrap());
}

/// Sets the version of the tables, as another program would have left it, and returns the one before. A test of an upgrade
/// makes the tables of the older version by hand, sets theirs, and opens.
fn set_version(location: &Location, version: i64) -> i64 {
    let connection = location.writer().or_else(|_| location.reader()).unwrap();
    connection.pragma_update(None, "query_only", false).unwrap();
    let before = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    connection.pragma_update(None, "user_version", version).unwrap();
    before
}

#[test]
#[ignore = "needs root and loop devices: make test-record"]
fn a_read_only_file_system_is_said_and_what_was_acknowledged_is_whole() {
    match read_only() {
        Err(reason) => row("read-only file system, ext4", 0, 0, 0, &format!("skipped: {reason}")),
        Ok((acked, said)) => row("read-only file system, ext4", 1, acked, 0, &format!("ok; `{said}`")),
    }
}

fn read_only() -> Result<(u64, String), String> {
    let mut disk = LoopDisk::make(16)?;
    let folder = disk.path().join("data");
    let location = found(&folder).unwrap();
    let store = Store::open(&location).unwrap();
    drop(store.append(&[batch(0, 20, 100)]).unwrap());
    disk.make_read_only()?;
    assert!(Store::open(&location).is_err());
    // The first that a daemon does, and so the error that an administrator sees.
    let refused = location.lock().map(drop).unwrap_err();
    let said = format!("{refused}: {}", std::error::Error::source(&refused).unwrap());
    assert!(said.contains("Read-only file system"), "{said}");
    disk.unmount()?;
    disk.mount()?;
    assert_eq!(whole(&location), Ok(20));
    let store = Store::open(&location).unwrap();
    drop(store.append(&[batch(20, 1, 100)]).unwrap());
    assert_eq!(whole(&location), Ok(21));
    Ok((21, said.replace(&folder.display().to_string(), "data")))
}
