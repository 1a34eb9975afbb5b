//! Damaged, cut, emptied, swapped and missing files: each has its own error or is found by verification; nothing is made
//! anew in their place, nothing panics.

use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::{batch, found, scratch, whole};
use crate::record::database::{Location, StoreError};
use crate::record::fork;
use crate::record::key::KeyError;
use crate::record::store::Store;

const EVENTS: u64 = 200;
/// Bytes of a page of the database.
const PAGE: u64 = 4096;

/// A record that was closed in order: everything is in the main file.
fn closed() -> (tempfile::TempDir, Location) {
    let folder = scratch();
    let location = found(folder.path()).unwrap();
    filled(&location, 0, EVENTS);
    (folder, location)
}

fn filled(location: &Location, first: u64, count: u64) {
    let store = Store::open(location).unwrap();
    let batches: Vec<_> = (first..first + count).map(|number| batch(number, 1, 1_000)).collect();
    drop(store.append(&batches).unwrap());
}

/// Every file that SQLite made: a record may have more than one.
fn databases(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "db")).collect()
}

fn flip(path: &Path, at: u64) {
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut bytes = [0; 16];
    file.read_exact_at(&mut bytes, at).unwrap();
    file.write_all_at(&bytes.map(|byte| byte ^ 0x55), at).unwrap();
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}

#[test]
fn a_page_that_was_flipped_is_found_and_the_other_pages_are_read_by_fresh_connections() {
    let (folder, location) = closed();
    let path = folder.path().join("record.db");
    flip(&path, size(&path) / 2 / PAGE * PAGE + PAGE / 2);
    let wrong = whole(&location).unwrap_err();
    assert!(wrong.contains("a page"), "{wrong}");
    let read = |seq: u64| -> Result<Vec<u8>, StoreError> {
        let connection = location.reader()?;
        Ok(connection
            .query_row("SELECT body_ct FROM event WHERE seq = ?1", [i64::try_from(seq).unwrap()], |r| r.get(0))?)
    };
    let readable = (0..EVENTS).filter(|seq| read(*seq).is_ok()).count();
    // A leaf holds two or three of these events; an inner page of the tree would take more with it.
    assert!((150..200).contains(&readable), "{readable}");
    // Appending goes on where it does not need the page.
    filled(&location, EVENTS, 1);
}

#[test]
fn a_first_page_that_was_flipped_is_a_damaged_file() {
    let (folder, location) = closed();
    for path in databases(folder.path()) {
        for at in [0, 100, 2_000] {
            flip(&path, at);
            let error = location.reader().err();
            assert!(matches!(&error, Some(StoreError::Damaged { path: named }) if *named == path), "{at}: {error:?}");
            let error = Store::open(&location).err();
            assert!(matches!(error, Some(StoreError::Damaged { .. })), "{at}: {error:?}");
            flip(&path, at);
        }
    }
    assert_eq!(whole(&location), Ok(EVENTS));
}

#[test]
fn a_file_that_was_cut_is_found() {
    let (folder, location) = closed();
    let path = folder.path().join("record.db");
    let whole_size = size(&path);
    for left in [whole_size - PAGE, whole_size / 2, whole_size / 2 + 100, PAGE] {
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(left).unwrap();
        let wrong = whole(&location).unwrap_err();
        assert!(wrong.contains("damaged"), "{left}: {wrong}");
    }
}

#[test]
fn an_emptied_file_is_a_damaged_one_and_no_new_record_is_made_in_it() {
    let (folder, _) = closed();
    for path in databases(folder.path()) {
        let kept = std::fs::read(&path).unwrap();
        std::fs::write(&path, []).unwrap();
        let read = found(folder.path()).and_then(|location| location.reader().map(drop));
        assert!(matches!(read, Err(StoreError::Damaged { .. })), "{}: {read:?}", path.display());
        let opened = found(folder.path()).and_then(|location| Store::open(&location).map(drop));
        assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{}: {opened:?}", path.display());
        assert_eq!(size(&path), 0);
        std::fs::write(&path, kept).unwrap();
    }
}

#[test]
fn a_record_whose_file_is_gone_is_not_begun_anew() {
    let (folder, _) = closed();
    for path in databases(folder.path()) {
        let kept = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let opened = found(folder.path()).and_then(|location| Store::open(&location).map(drop));
        assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{}: {opened:?}", path.display());
        assert!(!path.exists());
        std::fs::write(&path, kept).unwrap();
    }
}

#[test]
fn a_record_that_is_gone_or_emptied_is_followed_by_a_new_log_that_says_so() {
    for empty in [true, false] {
        let (folder, location) = closed();
        let path = folder.path().join("record.db");
        std::fs::remove_file(&path).unwrap();
        if empty {
            std::fs::write(&path, []).unwrap();
        }
        let (store, forked) = fork::open(&location, 1, 1).unwrap();
        assert_eq!(forked.unwrap().why, fork::Why::Damaged);
        // The fork and the alert.
        assert_eq!(store.size(), 2);
        drop(store);
        assert_eq!(whole(&location), Ok(0));
        assert_eq!(fork::archived(&location).unwrap().len(), usize::from(empty));
    }
}

#[test]
fn keys_that_are_gone_or_emptied_are_never_made_anew_and_no_reason_to_leave_the_record() {
    for (empty, fingerprint) in [(true, true), (false, true), (true, false), (false, false)] {
        let (folder, location) = closed();
        let keys = folder.path().join("keys.db");
        let kept = std::fs::read(&keys).unwrap();
        std::fs::remove_file(&keys).unwrap();
        if empty {
            std::fs::write(&keys, []).unwrap();
        }
        if !fingerprint {
            std::fs::remove_file(folder.path().join("record.fingerprint")).unwrap();
        }
        let opened = fork::open(&location, 1, 1).map(drop);
        assert!(matches!(&opened, Err(StoreError::Damaged { path }) if *path == keys), "{opened:?}");
        assert!(!folder.path().join("archive").exists());
        std::fs::write(&keys, kept).unwrap();
        assert!(fork::open(&location, 1, 1).unwrap().1.is_none());
        assert_eq!(whole(&location), Ok(EVENTS));
    }
}

#[test]
fn the_log_of_another_record_is_found() {
    let (folder, location) = closed();
    let other = scratch();
    let elsewhere = found(other.path()).unwrap();
    let store = Store::open(&elsewhere).unwrap();
    let (store, _) = store.append(&[batch(0, 30, 1_000)]).unwrap();
    std::fs::copy(other.path().join("record.db-wal"), folder.path().join("record.db-wal")).unwrap();
    drop(store);
    let wrong = whole(&location).unwrap_err();
    assert!(wrong.contains("damaged"), "{wrong}");
}

/// A log that is gone takes its commits with it, and what is left is a whole record of an earlier moment: only a root that
/// was kept outside the box shows it. So it is not found here; it opens, and is whole.
#[test]
fn without_its_log_the_record_is_a_whole_one_of_an_earlier_moment() {
    let (folder, location) = closed();
    let store = Store::open(&location).unwrap();
    let (store, _) = store.append(&[batch(EVENTS, 3, 100)]).unwrap();
    let image = scratch();
    for entry in std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_str().unwrap();
        if !name.starts_with("record.db-") && !name.ends_with("-shm") {
            std::fs::copy(&entry, image.path().join(name)).unwrap();
        }
    }
    drop(store);
    assert_eq!(whole(&found(image.path()).unwrap()), Ok(EVENTS));
}

/// A power cut before the first record: the key's file was made and never written.
#[test]
fn an_empty_fingerprint_is_not_taken_for_another_key() {
    let (folder, location) = closed();
    std::fs::write(folder.path().join("record.fingerprint"), []).unwrap();
    assert_eq!(whole(&location), Ok(EVENTS));
    drop(Store::open(&location).unwrap());
    std::fs::write(folder.path().join("record.key"), "00".repeat(32)).unwrap();
    let error = found(folder.path()).and_then(|location| location.reader().map(drop));
    assert!(matches!(error, Err(StoreError::Key(KeyError::Wrong { .. }))), "{error:?}");
}
