//! Tests only: every reason to set a log aside, and every moment at which that can be cut short.

use std::os::unix::fs::FileExt as _;

use super::*;
use crate::record::facts::set;
use crate::record::key::KeySource;
use crate::record::verify::verify;

const EVENTS: u64 = 5;

/// A record of some events and no checkpoint.
fn record() -> (tempfile::TempDir, Location, String) {
    let folder = tempfile::tempdir().unwrap();
    let source = KeySource { data_dir: folder.path().to_owned(), credentials: None };
    let location = Location::find(&source, true).unwrap().0;
    let entry = |number: u64| Entry {
        t: 1,
        mono_us: number,
        kind: Kind::Heard,
        call: None,
        turn: Turn(1),
        synthetic: true,
        actor: "anteroomd",
        body: Zeroizing::new(b"{}".to_vec()),
    };
    let entries = (0..EVENTS).map(entry).collect();
    let store = Store::open(&location).unwrap();
    let (mut store, _) = store.append(&[Submission { sender: None, entries }]).unwrap();
    let log = known_text(store.connection().0, "log").unwrap().unwrap();
    (folder, location, log)
}

fn witness(location: &Location, log: &str, size: u64, root: String) {
    let witnessed = Witnessed { log: log.to_owned(), size, root, t: 1, by: "a test".into() };
    remember(&location.folder, &witnessed).unwrap();
}

/// Opens it; it must fork for that reason, once, into a log that is whole and begins with `log.fork`.
fn forks(location: &Location, why: Why) -> Forked {
    let (store, forked) = open(location, 7, 7).unwrap();
    drop(store);
    let forked = forked.unwrap();
    assert_eq!(forked.why, why);
    let connection = location.reader().unwrap();
    let kind = "SELECT json_extract(CAST(header AS TEXT), '$.kind') FROM event WHERE seq = 0";
    assert_eq!(connection.query_row(kind, [], |row| row.get::<_, String>(0)).unwrap(), Kind::LogFork.as_str());
    assert!(!location.folder.join(UNDER_WAY).exists());
    whole(location, 2);
    assert_eq!(open(location, 8, 8).unwrap().1, None, "it forks again");
    forked
}

fn whole(location: &Location, events: u64) {
    let report = verify(&mut location.reader().unwrap()).unwrap();
    assert!(report.is_whole(), "{report:?}");
    assert_eq!((report.events, report.opened), (events, events));
}

#[test]
fn a_log_that_is_as_it_was_left_is_gone_on_with() {
    let (_folder, location, log) = record();
    assert_eq!(open(&location, 7, 7).unwrap().1, None);
    witness(&location, &log, 3, root_at(&location.reader().unwrap(), 3).unwrap().to_string());
    assert_eq!(open(&location, 7, 7).unwrap().1, None);
    // What is known of another log says nothing of this one.
    witness(&location, "another", 9, "00".into());
    assert_eq!(open(&location, 7, 7).unwrap().1, None);
    whole(&location, EVENTS);
    assert_eq!(archived(&location).unwrap(), Vec::<String>::new());
}

#[test]
fn a_log_that_is_shorter_than_its_witness_holds_is_set_aside_and_can_be_read() {
    let (_folder, location, log) = record();
    witness(&location, &log, EVENTS + 1, "00".into());
    let forked = forks(&location, Why::BehindItsWitness);
    assert_eq!((forked.predecessor.as_deref(), forked.size), (Some(log.as_str()), EVENTS));
    assert_eq!(archived(&location).unwrap(), std::slice::from_ref(&log));
    whole(&location.set_aside(&log), EVENTS);
}

#[test]
fn a_log_that_is_another_than_its_witness_holds_is_set_aside() {
    let (_folder, location, log) = record();
    witness(&location, &log, 3, "00".into());
    let forked = forks(&location, Why::UnlikeItsWitness);
    assert_eq!(forked.witnessed.unwrap().size, 3);
    whole(&location.set_aside(&log), EVENTS);
}

#[test]
fn a_log_whose_events_do_not_grow_into_its_tree_is_set_aside() {
    let (_folder, location, log) = record();
    let edit =
        "UPDATE event SET header = CAST(replace(CAST(header AS TEXT), 'anteroomd', 'nobody') AS BLOB) WHERE seq = 3";
    assert_eq!(location.writer().unwrap().execute(edit, []).unwrap(), 1);
    assert_eq!(forks(&location, Why::TreeBroken).predecessor, Some(log));
}

#[test]
fn a_log_that_was_restored_is_never_gone_on_with() {
    let (_folder, location, log) = record();
    set(&location.writer().unwrap(), "restored", b"1").unwrap();
    forks(&location, Why::Restored);
    whole(&location.set_aside(&log), EVENTS);
}

#[test]
fn a_file_whose_first_page_is_damaged_is_set_aside_untouched() {
    let (folder, location, _) = record();
    let file = std::fs::OpenOptions::new().write(true).open(folder.path().join(FILE)).unwrap();
    file.write_all_at(&[0x55; 64], 10).unwrap();
    let before = std::fs::read(folder.path().join(FILE)).unwrap();
    assert_eq!(forks(&location, Why::Damaged).predecessor, None);
    let logs = archived(&location).unwrap();
    assert!(matches!(logs.as_slice(), [name] if name.starts_with("unknown-")), "{logs:?}");
    assert_eq!(std::fs::read(folder.path().join(ARCHIVE).join(format!("{}.db", logs[0]))).unwrap(), before);
}

/// Everything that can lie there when setting aside was cut: before a file moved, between two, after the last, with a new
/// database that has no event, and after the new log began.
#[test]
fn setting_aside_that_was_cut_anywhere_is_ended_at_the_next_opening() {
    for moved in 0..=4 {
        let (folder, location, log) = record();
        let forked = Forked { why: Why::Damaged, predecessor: None, size: 0, checkpoint: None, witnessed: None };
        let under_way = UnderWay::new(&location, forked);
        let name = under_way.name.clone();
        let bytes = serde_json::to_vec(&under_way).unwrap();
        // Something in its log: a connection that stays open keeps it there.
        let other = location.reader().unwrap();
        let rename = |end: &str| {
            let archive = folder.path().join(ARCHIVE);
            std::fs::create_dir_all(&archive).unwrap();
            let from = folder.path().join(format!("{FILE}{end}"));
            if from.exists() {
                std::fs::rename(from, archive.join(format!("{name}.db{end}"))).unwrap();
            }
        };
        if moved >= 1 {
            rename("-wal");
        }
        if moved >= 2 {
            rename("-shm");
            rename("");
        }
        drop(other);
        if moved == 3 {
            drop(Store::begin(&location).unwrap());
        }
        if moved == 4 {
            drop(begin_anew(&location, &under_way, 7, 7).unwrap());
        }
        write_durably(&folder.path().join(UNDER_WAY), &bytes).unwrap();
        assert_eq!(forks(&location, Why::Damaged), under_way.forked, "cut {moved}");
        assert!(archived(&location).unwrap().contains(&name), "cut {moved}");
        whole(&location.set_aside(&name), EVENTS);
        let reader = location.set_aside(&name).reader().unwrap();
        assert_eq!(known_text(&reader, "log").unwrap(), Some(log));
    }
}

#[test]
fn a_marker_that_came_back_after_the_new_log_began_sets_nothing_aside() {
    let (folder, location, log) = record();
    witness(&location, &log, EVENTS + 1, "00".into());
    let forked = forks(&location, Why::BehindItsWitness);
    let under_way = UnderWay { name: log.clone(), forked: forked.clone() };
    write_durably(&folder.path().join(UNDER_WAY), &serde_json::to_vec(&under_way).unwrap()).unwrap();
    assert_eq!(open(&location, 9, 9).unwrap().1, Some(forked));
    whole(&location, 2);
    assert_eq!(archived(&location).unwrap(), [log]);
    assert!(!folder.path().join(UNDER_WAY).exists());
}
