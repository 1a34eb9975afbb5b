//! The whole way: a record is filled, carried to a shelf with interruptions, and restored from it on a blank box.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::params;
use zeroize::Zeroizing;

use super::*;
use crate::clock::SystemClock;
use crate::ids::{CallId, Turn};
use crate::record::backup::answer::{self, AnswerError};
use crate::record::backup::drill::drill;
use crate::record::backup::piece::{Label, PieceError, seal};
use crate::record::backup::recovery::RecoveryKey;
use crate::record::backup::restore::{Bad, BadRange, Mark, Plan, RestoreError, Restored, restore};
use crate::record::backup::witness::Witness;
use crate::record::daemon::{self, RecordConfig};
use crate::record::database::Location;
use crate::record::key::KeySource;
use crate::record::senders::Sender;
use crate::record::store::{Entry, Store, Submission};
use crate::record::verify::{Report, verify};
use crate::sync::shelf::FolderShelf;
use crate::wire::doors::Role;
use crate::wire::event::Kind;
use crate::wire::users::Uids;

const DAY_US: i64 = 86_400_000_000;
const NOW: i64 = 20_000 * DAY_US;

#[tokio::test]
async fn ten_thousand_events_carried_with_interruptions_come_back_as_the_same_record() {
    let scene = Scene::new();
    let mut random = fastrand::Rng::with_seed(11);
    let mut interrupted = 0;
    for _ in 0..20 {
        scene.append(500, random.u64(..));
        let shelf = Broken { shelf: scene.shelf(), left: AtomicI64::new(random.i64(0..3)) };
        interrupted += u32::from(scene.carry_to(&shelf).await.is_err());
    }
    assert!(interrupted > 5, "{interrupted}");
    scene.carry().await.unwrap();
    let again = scene.carry().await.unwrap();
    assert_eq!((again.segments, again.next), (0, 10_000));

    let (before, restored) = (scene.report(), scene.restore().unwrap());
    assert!(before.is_whole());
    assert_eq!(restored.root.as_ref(), Some(&before.root));
    assert_eq!((restored.events, restored.bodies_open, restored.erased), (10_000, 10_000, 0));
    assert_eq!((restored.unkeyed, restored.lost, restored.bad.len()), (0, 0, 0));
    assert_eq!(scene.restored_report(), before);
    let mark: Mark = serde_json::from_slice(&scene.fact("restored")).unwrap();
    assert_eq!((mark.size, mark.root, mark.missing.len()), (10_000, Some(before.root), 0));
    assert!(matches!(scene.restore(), Err(RestoreError::NotBlank { .. })));
}

#[tokio::test]
async fn what_lies_on_the_shelf_can_be_read_by_nobody_without_the_recovery_key() {
    let scene = Scene::new();
    scene.append(50, 1);
    scene.carry().await.unwrap();
    let files = scene.files();
    assert_eq!(files.len(), 2);
    for path in files {
        let bytes = std::fs::read(path).unwrap();
        for word in [&b"zanzibar"[..], b"verdict", b"lined", b"ct_sha256"] {
            assert!(!bytes.windows(word.len()).any(|window| window == word));
        }
    }
    let other = RecoveryKey::from_bytes([8; 32]);
    let refused = restore(&Plan { key: &other, ..scene.plan() });
    assert!(matches!(refused, Err(RestoreError::Keys { source: PieceError::OtherKey, .. })), "{refused:?}");
    assert!(!scene.place().join("record.db").exists());
}

#[tokio::test]
async fn a_destroyed_call_stays_destroyed_with_the_next_copy_although_its_segment_is_still_there() {
    let scene = Scene::new();
    scene.append(40, 1);
    scene.carry().await.unwrap();
    // With the keys of that day it would open: the segment alone does not decide.
    let early = scene.restore().unwrap();
    assert_eq!((early.bodies_open, early.erased), (40, 0));
    scene.clear_place();

    let db = scene.db();
    let scope =
        "DELETE FROM keys.data_key WHERE scope = (SELECT min(scope) FROM keys.data_key WHERE scope LIKE 'call:%')";
    assert_eq!(db.execute(scope, []).unwrap(), 1);
    scene.append(3, 2);
    scene.carry().await.unwrap();
    let later = scene.restore().unwrap();
    assert!(later.erased > 0, "{later:?}");
    assert_eq!(later.bodies_open + later.erased, 43);
    assert_eq!(scene.restored_report(), scene.report());
}

#[tokio::test]
async fn old_keys_do_not_open_a_call_whose_bodies_are_gone_and_are_refused_unless_they_are_asked_for() {
    let scene = Scene::new();
    scene.append(40, 1);
    scene.carry().await.unwrap();
    let late = NOW + 36 * DAY_US;
    let refused = restore(&Plan { now: late, ..scene.plan() });
    assert!(matches!(refused, Err(RestoreError::OldKeys { days: 36 })), "{refused:?}");
    let keys = std::fs::read(scene.keys()).unwrap();
    // The call is destroyed and its bodies removed before anything else is carried; then the old keys come back.
    let db = scene.db();
    let call: String = db.query_row("SELECT min(call) FROM event", [], |row| row.get(0)).unwrap();
    db.execute("DELETE FROM keys.data_key WHERE scope = 'call:' || ?1", [&call]).unwrap();
    let removed = db.execute("UPDATE event SET body_ct = NULL WHERE call = ?1", [&call]).unwrap();
    std::fs::remove_dir_all(scene.shelf_path("segments")).unwrap();
    std::fs::write(scene.shelf_path(NEW), []).unwrap();
    scene.carry().await.unwrap();
    std::fs::write(scene.keys(), keys).unwrap();
    let restored = restore(&Plan { now: late, old_keys: true, ..scene.plan() }).unwrap();
    assert_eq!(restored.erased, u64::try_from(removed).unwrap());
}

#[tokio::test]
async fn what_is_missing_damaged_or_strange_is_named_by_its_range_and_the_rest_comes_back_where_that_is_wanted() {
    let scene = Scene::new();
    let other = Scene::new();
    for round in 0..6 {
        scene.append(10, round);
        scene.carry().await.unwrap();
        other.append(10, round);
        other.carry().await.unwrap();
    }
    let segment = |n: u64| scene.shelf_path(&segment_name(scene.log(), n * 10, n * 10 + 10));
    std::fs::remove_file(segment(1)).unwrap();
    let mut bytes = std::fs::read(segment(2)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(segment(2), bytes).unwrap();
    std::fs::copy(other.shelf_path(&segment_name(other.log(), 30, 40)), segment(3)).unwrap();
    std::fs::copy(segment(4), scene.shelf_path(&segment_name(scene.log(), 45, 50))).unwrap();
    let expected = [
        (10, 20, Bad::Missing),
        (20, 30, Bad::Damaged),
        (30, 40, Bad::OtherLog),
        (45, 50, Bad::Overlap),
        (45, 50, Bad::Damaged),
    ]
    .map(|(first, next, what)| BadRange { first, next, what });
    match scene.restore() {
        Err(error @ RestoreError::NotWhole { .. }) => {
            assert!(error.to_string().contains("events 10 to 19: missing from the backup"), "{error}");
            assert!(matches!(error, RestoreError::NotWhole { bad } if bad == expected));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read_dir(scene.place()).unwrap().count(), 0);
    let restored = restore(&Plan { partial: true, ..scene.plan() }).unwrap();
    assert_eq!((restored.events, restored.bodies_open, restored.root), (30, 30, None));
    assert_eq!(restored.bad, expected);
    let mark: Mark = serde_json::from_slice(&scene.fact("restored")).unwrap();
    assert_eq!((mark.size, mark.missing), (60, vec![(10, 20), (20, 30), (30, 40)]));
}

#[tokio::test]
async fn a_record_that_was_changed_does_not_fit_a_checkpoint_that_was_kept_outside() {
    let scene = Scene::new();
    scene.append(30, 1);
    let early = scene.report().root;
    scene.checkpoint(30, &early);
    scene.append(5, 2);
    scene.carry().await.unwrap();
    let plan = |size, root: &str| Plan { witness: Some(Witness { size, root: hash(root) }), ..scene.plan() };
    let late = scene.report().root;
    assert!(matches!(restore(&plan(30, &late)), Err(RestoreError::Checkpoint { size: 30, witnessed: true })));
    let cut = restore(&plan(40, &late));
    let expected = BadRange { first: 35, next: 40, what: Bad::Missing };
    assert!(matches!(cut, Err(RestoreError::NotWhole { bad }) if bad == [expected]));
    let restored = restore(&plan(35, &late)).unwrap();
    assert_eq!((restored.checkpoint, restored.witnessed), (Some(35), true));
}

#[tokio::test]
async fn the_backup_s_own_checkpoint_is_compared_too() {
    let scene = Scene::new();
    scene.append(30, 1);
    scene.checkpoint(30, &scene.report().root);
    scene.append(5, 2);
    scene.carry().await.unwrap();
    let restored = scene.restore().unwrap();
    assert_eq!((restored.checkpoint, restored.witnessed), (Some(30), false));
    scene.clear_place();
    scene.checkpoint(36, &scene.report().root);
    scene.append(5, 3);
    scene.carry().await.unwrap();
    assert!(matches!(scene.restore(), Err(RestoreError::Checkpoint { size: 36, witnessed: false })));
}

#[tokio::test]
async fn sound_that_is_larger_than_a_piece_travels_in_several() {
    let scene = Scene::new();
    scene.append(3, 1);
    let mut random = fastrand::Rng::with_seed(5);
    let body = (0..960_000).map(|_| random.u8(..)).collect();
    scene.submit(vec![Entry { body: Zeroizing::new(body), kind: Kind::Recording, ..entry(0, 9) }]);
    scene.append(3, 2);
    assert_eq!(scene.carry().await.unwrap().segments, 3);
    let object = std::fs::read(scene.shelf_path(&segment_name(scene.log(), 3, 4))).unwrap();
    assert_eq!(pieces(&object).unwrap().len(), 2);
    let restored = scene.restore().unwrap();
    assert_eq!((restored.bodies_open, restored.root), (7, Some(scene.report().root)));
}

#[tokio::test]
async fn a_deleted_segment_is_carried_again_and_an_empty_share_is_not_filled_by_mistake() {
    let scene = Scene::new();
    for round in 0..4 {
        scene.append(10, round);
        scene.carry().await.unwrap();
    }
    std::fs::remove_file(scene.shelf_path(&segment_name(scene.log(), 10, 20))).unwrap();
    assert_eq!(scene.carry().await.unwrap().segments, 1);
    assert_eq!(scene.files().len(), 5);
    std::fs::remove_dir_all(scene.shelf_path("segments")).unwrap();
    let refused = scene.carry().await;
    assert!(matches!(refused, Err(CarryError::Shelf(ShelfError::Emptied))), "{refused:?}");
    std::fs::write(scene.shelf_path(NEW), []).unwrap();
    assert_eq!(scene.carry().await.unwrap().next, 40);
    assert!(scene.restore().is_ok());
}

#[tokio::test]
async fn a_box_that_was_put_back_to_an_older_state_writes_over_nothing() {
    let scene = Scene::new();
    scene.append(10, 1);
    scene.carry().await.unwrap();
    let name = scene.shelf_path(&segment_name(scene.log(), 10, 20));
    std::fs::write(name, [1]).unwrap();
    let keys = std::fs::read(scene.keys()).unwrap();
    let refused = scene.carry().await;
    assert!(matches!(refused, Err(CarryError::Ahead { shelf: 20, record: 10 })), "{refused:?}");
    assert_eq!(std::fs::read(scene.keys()).unwrap(), keys);
}

#[tokio::test]
async fn events_that_came_after_the_last_keys_are_counted_as_such() {
    let scene = Scene::new();
    scene.append(10, 1);
    scene.carry().await.unwrap();
    *scene.calls.lock().unwrap() = (0..5).map(|_| CallId::draw()).collect();
    scene.append(10, 2);
    // One put, of a segment, and the run is cut off before the keys.
    let shelf = Broken { shelf: scene.shelf(), left: AtomicI64::new(1) };
    assert!(scene.carry_to(&shelf).await.is_err());
    let restored = scene.restore().unwrap();
    assert_eq!((restored.events, restored.erased), (20, restored.unkeyed));
    assert!(restored.unkeyed > 0);
}

#[tokio::test]
async fn a_drill_says_what_a_restore_would_bring_and_leaves_nothing() {
    let scene = Scene::new();
    scene.append(200, 1);
    scene.carry().await.unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let report = |key: &RecoveryKey| drill(&scene.shelf, None, key, None, scratch.path(), &At(NOW));
    let shown = report(&scene.key).unwrap().to_string();
    assert!(shown.starts_with("a verified record on a blank box: 200 events, 200 bodies, took "), "{shown}");
    assert!(report(&RecoveryKey::from_bytes([8; 32])).is_err());
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn keys_in_the_place_of_a_segment_are_damage() {
    let scene = Scene::new();
    scene.append(10, 1);
    scene.carry().await.unwrap();
    let label = Label { what: What::Keys, log: scene.log(), first: 0, next: 10, made: NOW };
    let object = seal(label, b"none", 0, &scene.key.public()).unwrap();
    std::fs::write(scene.shelf_path(&segment_name(scene.log(), 0, 10)), object).unwrap();
    assert!(matches!(scene.restore(), Err(RestoreError::NotWhole { bad }) if bad[0].what == Bad::Damaged));
}

#[tokio::test]
async fn the_daemon_seals_for_syncd_alone_and_only_with_a_recovery_key() {
    let scene = Scene::new();
    scene.append(100, 1);
    let client: Client<Record> = Client::new(scene.folder.path(), Role::Syncd);
    for (key, fits) in [(None, false), (Some(scene.key.public()), true)] {
        let stop = Stop::new();
        let config = RecordConfig {
            recovery_key: key,
            ..RecordConfig::new(
                scene.folder.path().to_owned(),
                scene.location.folder.clone(),
                Uids::all(nix::unistd::getuid().as_raw()),
            )
        };
        let asked = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(daemon::run(config, asked)).unwrap();
        });
        while client.ask_sealed("ping", None, Vec::new(), DEADLINE).await.is_err() {
            tokio::task::yield_now().await;
        }
        let carried = carry(&client, &scene.shelf(), NOW).await;
        match carried {
            Ok(carried) => assert!(fits && carried.next == 100),
            Err(error) => assert!(!fits && matches!(error, CarryError::NoRecoveryKey), "{error:?}"),
        }
        stop.ask();
        tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    }
    let now = SystemClock.wall().as_microsecond();
    assert_eq!(restore(&Plan { now, ..scene.plan() }).unwrap().bodies_open, 100);
}

struct At(i64);

impl Clock for At {
    fn now(&self) -> std::time::Instant {
        SystemClock.now()
    }

    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap()
    }
}

/// recordd's answers without its socket.
struct Direct<'a> {
    location: &'a Location,
    to: [u8; 32],
}

fn refused(error: &AnswerError) -> AskError {
    AskError::Refused { door: "record", refusal: error.refusal() }
}

impl Source for Direct<'_> {
    async fn segment(&self, wanted: Wanted) -> Result<Vec<u8>, AskError> {
        answer::segment(&self.location.reader().unwrap(), &wanted, NOW, &self.to).map_err(|e| refused(&e))
    }

    async fn keys(&self, wanted: KeysWanted) -> Result<Vec<u8>, AskError> {
        answer::keys(&self.location.reader().unwrap(), wanted, NOW, &self.to).map_err(|e| refused(&e))
    }

    async fn copied(&self, copied: Copied) -> Result<(), AskError> {
        answer::copied(&self.location.writer().unwrap(), copied).map_err(|e| refused(&e))
    }
}

/// A shelf that is full after some objects, and leaves half of the next one.
struct Broken {
    shelf: FolderShelf,
    left: AtomicI64,
}

impl Shelf for Broken {
    async fn list(&self, prefix: &str) -> Result<Vec<String>, ShelfError> {
        self.shelf.list(prefix).await
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), ShelfError> {
        if self.left.fetch_sub(1, Ordering::Relaxed) > 0 {
            return self.shelf.put(name, bytes).await;
        }
        let (folder, file) = name.rsplit_once('/').unwrap();
        let _ = self.shelf.put(&format!("{folder}/half-of-{file}"), bytes[..bytes.len() / 2].to_vec()).await;
        Err(ShelfError::Full { folder: PathBuf::new() })
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, ShelfError> {
        self.shelf.get(name).await
    }
}

/// A record, a shelf beside it, and a blank place.
struct Scene {
    folder: tempfile::TempDir,
    shelf: PathBuf,
    location: Location,
    key: RecoveryKey,
    calls: Mutex<Vec<CallId>>,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["shelf", "new"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let source = KeySource { data_dir: folder.path().join("data"), credentials: None };
        let location = Location::find(&source, true).unwrap().0;
        drop(Store::open(&location).unwrap());
        let calls = (0..5).map(|_| CallId::draw()).collect();
        let shelf = folder.path().join("shelf");
        Self { folder, shelf, location, key: RecoveryKey::from_bytes([4; 32]), calls: Mutex::new(calls) }
    }

    /// Appends events of five calls and of the box.
    fn append(&self, count: usize, seed: u64) {
        let (mut random, calls) = (fastrand::Rng::with_seed(seed), self.calls.lock().unwrap());
        let entries = (0..count).map(|n| {
            let call = calls.get(if n < 5 { n } else { random.usize(..7) }).copied();
            Entry { call, ..entry(n, random.usize(..900)) }
        });
        self.submit(entries.collect());
    }

    fn submit(&self, entries: Vec<Entry>) {
        let sender = Some(Sender { id: Uuid::new_v4(), first: 0, close: false });
        Store::open(&self.location).unwrap().append(&[Submission { sender, entries }]).unwrap();
    }

    /// Notes a checkpoint, as the record will by itself.
    fn checkpoint(&self, size: i64, root: &str) {
        let db = self.db();
        db.execute_batch(
            "CREATE TABLE IF NOT EXISTS checkpoint(size INTEGER PRIMARY KEY, note TEXT, root BLOB, t INTEGER)",
        )
        .unwrap();
        db.execute("INSERT INTO checkpoint VALUES (?1, 'note', ?2, 7)", params![size, hash(root).0]).unwrap();
    }

    /// The record's database, to do at it what no daemon does yet.
    fn db(&self) -> rusqlite::Connection {
        let connection = self.location.reader().unwrap();
        connection.pragma_update(None, "query_only", false).unwrap();
        connection
    }

    fn shelf(&self) -> FolderShelf {
        FolderShelf::new(self.shelf.clone())
    }

    fn shelf_path(&self, name: &str) -> PathBuf {
        self.shelf.join(name)
    }

    fn keys(&self) -> PathBuf {
        self.shelf_path(&keys_name(self.log()))
    }

    fn place(&self) -> PathBuf {
        self.folder.path().join("new")
    }

    fn clear_place(&self) {
        std::fs::remove_dir_all(self.place()).unwrap();
    }

    fn log(&self) -> Uuid {
        self.report().log.parse().unwrap()
    }

    /// Every object on the shelf.
    fn files(&self) -> Vec<PathBuf> {
        let of = |folder: &Path| -> Vec<PathBuf> {
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
        };
        let segments = of(&self.shelf_path(&segments_of(self.log())));
        [segments, of(&self.shelf_path("keys"))].concat()
    }

    async fn carry(&self) -> Result<Carried, CarryError> {
        self.carry_to(&self.shelf()).await
    }

    async fn carry_to(&self, shelf: &impl Shelf) -> Result<Carried, CarryError> {
        let record = Direct { location: &self.location, to: self.key.public() };
        carry(&record, shelf, NOW).await
    }

    fn plan(&self) -> Plan<'_> {
        Plan {
            folder: &self.shelf,
            log: None,
            key: &self.key,
            into: KeySource { data_dir: self.place(), credentials: None },
            witness: None,
            now: NOW,
            old_keys: false,
            partial: false,
        }
    }

    fn restore(&self) -> Result<Restored, RestoreError> {
        restore(&self.plan())
    }

    fn report(&self) -> Report {
        verify(&mut self.location.reader().unwrap()).unwrap()
    }

    fn restored_location(&self) -> Location {
        Location::find(&self.plan().into, false).unwrap().0
    }

    fn restored_report(&self) -> Report {
        verify(&mut self.restored_location().reader().unwrap()).unwrap()
    }

    /// A fact about the restored record.
    fn fact(&self, name: &str) -> Vec<u8> {
        let reader = self.restored_location().reader().unwrap();
        reader.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).unwrap()
    }
}

fn entry(n: usize, length: usize) -> Entry {
    Entry {
        t: i64::try_from(n).unwrap(),
        mono_us: 2,
        kind: Kind::Verdict,
        call: None,
        turn: Turn(1),
        synthetic: true,
        actor: "lined",
        body: Zeroizing::new(format!("{{\"words\":\"zanzibar {}\"}}", "x".repeat(length)).into_bytes()),
    }
}

fn hash(hex: &str) -> crate::record::tree::Hash {
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    crate::record::tree::Hash(std::array::from_fn(byte))
}
