//! The upgrade of a record of version 1, whose data keys lay bare in `record.db`, and of version 2: whole, and cut anywhere.

use std::path::Path;

use rusqlite::{Connection, params};
use uuid::Uuid;

use super::faulty::{Disk, Fault, Plan};
use super::replay::{How, Medium};
use super::{Trial, batch, found, scratch, whole};
use crate::record::database::{Location, StoreError};
use crate::record::key::MasterKey;
use crate::record::senders::Sender;
use crate::record::store::{Appended, Store, Submission};

const EVENTS: u64 = 20;
/// The tables of version 1, as its program made them.
const SCHEMA_1: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE event(
  seq INTEGER PRIMARY KEY, header BLOB NOT NULL, leaf BLOB NOT NULL, key_id TEXT NOT NULL, call TEXT, body_ct BLOB);
CREATE INDEX event_call ON event(call, seq) WHERE call IS NOT NULL;
CREATE TABLE data_key(id TEXT PRIMARY KEY, scope TEXT NOT NULL UNIQUE, key BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE tree(one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, frontier BLOB NOT NULL);
CREATE TABLE probe(filler BLOB NOT NULL);
PRAGMA user_version = 1;
";
/// What versions 1 and 2 had more.
const SENDER: &str = "
CREATE TABLE sender(row INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, next INTEGER NOT NULL, closed INTEGER NOT NULL);
";
/// A sender whose three events were taken.
const REPEATED: u128 = 1;
/// A sender of which nothing more is taken.
const CLOSED: u128 = 2;

/// A connection with the record's key and nothing else.
fn bare(folder: &Path) -> Connection {
    let connection = Connection::open(folder.join("record.db")).unwrap();
    let key = MasterKey::parse(&std::fs::read(folder.join("record.key")).unwrap()).unwrap();
    connection.execute_batch(&format!("PRAGMA key = \"{}\"", key.to_pragma().as_str())).unwrap();
    connection
}

/// How far senders were, as versions 1 and 2 kept it: the one that [`REPEATED`] names had sent three, the other was closed.
fn put_senders(to: &Connection) {
    let insert = "INSERT INTO sender(id, next, closed) VALUES (?1, ?2, ?3)";
    to.execute(insert, params![Uuid::from_u128(REPEATED).as_bytes(), 3, false]).unwrap();
    to.execute(insert, params![Uuid::from_u128(CLOSED).as_bytes(), 9, true]).unwrap();
}

/// A closed record of version 2: one of today, with what version 3 moved put back.
fn version_2() -> tempfile::TempDir {
    let folder = scratch();
    let store = Store::open(&found(folder.path()).unwrap()).unwrap();
    drop(store.append(&[batch(0, EVENTS, 100)]).unwrap());
    let old = bare(folder.path());
    old.execute_batch(&format!("ALTER TABLE tree DROP COLUMN senders; {SENDER} PRAGMA user_version = 2;")).unwrap();
    put_senders(&old);
    folder
}

/// A closed record of version 1 with some events, the bare keys in it, and its box secret.
fn version_1() -> (tempfile::TempDir, Vec<Vec<u8>>, Vec<u8>) {
    let (now, old) = (scratch(), scratch());
    let location = found(now.path()).unwrap();
    let store = Store::open(&location).unwrap();
    drop(store.append(&[batch(0, EVENTS, 100)]).unwrap());
    for name in ["record.key", "record.fingerprint"] {
        std::fs::copy(now.path().join(name), old.path().join(name)).unwrap();
    }
    let from = location.reader().unwrap();
    let to = bare(old.path());
    to.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).unwrap();
    to.execute_batch(&format!("{SCHEMA_1} {SENDER}")).unwrap();
    for (table, columns) in [("event", "seq, header, leaf, key_id, call, body_ct"), ("tree", "one, size, frontier")] {
        let count = columns.split(", ").count();
        let marks = vec!["?"; count].join(", ");
        let mut rows = from.prepare(&format!("SELECT {columns} FROM {table}")).unwrap();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<rusqlite::types::Value> = (0..count).map(|column| row.get(column).unwrap()).collect();
            let insert = format!("INSERT INTO {table} VALUES ({marks})");
            to.execute(&insert, rusqlite::params_from_iter(values)).unwrap();
        }
    }
    put_senders(&to);
    for name in ["log", "boot", "boot-id"] {
        let value = "SELECT value FROM meta WHERE name = ?1";
        let value: Vec<u8> = from.query_row(value, [name], |row| row.get(0)).unwrap();
        to.execute("INSERT INTO meta VALUES (?1, ?2)", params![name, value]).unwrap();
    }
    let secret: Vec<u8> =
        from.query_row("SELECT value FROM keys.secret WHERE name = 'box-secret'", [], |row| row.get(0)).unwrap();
    to.execute("INSERT INTO meta VALUES ('box-secret', ?1)", [&secret]).unwrap();
    let mut keys = Vec::new();
    let mut rows = from.prepare("SELECT id, scope, key FROM data_key").unwrap();
    let mut rows = rows.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (id, scope, key): (String, String, Vec<u8>) =
            (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        to.execute("INSERT INTO data_key VALUES (?1, ?2, ?3)", params![id, scope, key]).unwrap();
        keys.push(key);
    }
    assert_eq!(keys.len(), 4);
    (old, keys, secret)
}

/// What must hold after every upgrade, also one that was ended at the second try.
fn is_upgraded(folder: &Path, secret: &[u8], said: &str) {
    let location = found(folder).unwrap();
    let store = Store::open(&location).unwrap_or_else(|error| panic!("{said}: {error:?}"));
    drop(store);
    assert_eq!(whole(&location), Ok(EVENTS), "{said}");
    let reader = location.reader().unwrap();
    let one = |sql: &str| reader.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(one("PRAGMA user_version"), 3, "{said}");
    assert_eq!(one("SELECT count(*) FROM keys.data_key"), 4, "{said}");
    assert_eq!(one("SELECT count(*) FROM main.sqlite_schema WHERE name = 'data_key'"), 0, "{said}");
    assert_eq!(one("SELECT count(*) FROM main.meta WHERE name = 'box-secret'"), 0, "{said}");
    let kept = "SELECT value FROM keys.secret WHERE name = 'box-secret'";
    assert_eq!(reader.query_row(kept, [], |row| row.get::<_, Vec<u8>>(0)).unwrap(), secret, "{said}");
    drop(reader);
    let store = sends_again(Store::open(&location).unwrap(), said);
    drop(store.append(&[batch(EVENTS, 2, 100)]).unwrap_or_else(|error| panic!("{said}: {error:?}")));
    assert_eq!(whole(&location), Ok(EVENTS + 2), "{said}");
}

#[test]
fn a_record_of_version_1_opens_with_its_keys_moved_and_none_left_behind() {
    let (folder, keys, secret) = version_1();
    let location = found(folder.path()).unwrap();
    let store = Store::open(&location).unwrap();
    // Freed pages are overwritten, and the log in front of them is gone.
    let writer = location.writer().unwrap();
    assert_eq!(writer.query_row("PRAGMA main.secure_delete", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    drop((writer, store));
    for file in ["record.db", "record.db-wal", "keys.db", "keys.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
        let found = keys.iter().chain([&secret]).any(|key| bytes.windows(key.len()).any(|window| window == key));
        assert!(!found, "{file}");
    }
    is_upgraded(folder.path(), &secret, "at once");
}

/// The senders of old are known: three events that come again, and one that is new to a closed sender, are not appended.
fn sends_again(store: Store, said: &str) -> Store {
    let again = |id, first, count| {
        let sender = Some(Sender { id: Uuid::from_u128(id), first, close: false });
        Submission { sender, entries: batch(0, count, 100).entries }
    };
    let (store, appended) = store.append(&[again(REPEATED, 0, 3), again(CLOSED, 9, 1)]).unwrap();
    assert_eq!(appended, [Appended { seqs: None, next: 3 }, Appended { seqs: None, next: 9 }], "{said}");
    store
}

#[test]
fn a_record_of_version_2_opens_and_knows_its_senders() {
    let folder = version_2();
    let location = found(folder.path()).unwrap();
    let store = sends_again(Store::open(&location).unwrap(), "version 2");
    drop(store.append(&[batch(EVENTS, 2, 100)]).unwrap());
    assert_eq!(whole(&location), Ok(EVENTS + 2));
    let store = Store::open(&location).unwrap();
    drop(sends_again(store, "opened again"));
}

fn copied(from: &Path) -> tempfile::TempDir {
    let to = scratch();
    for path in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        std::fs::copy(&path, to.path().join(path.file_name().unwrap())).unwrap();
    }
    to
}

fn on(disk: &Disk, folder: &Path) -> Location {
    let mut location = found(folder).unwrap();
    location.trial = Trial { vfs: Some(disk.name), ..Trial::default() };
    location
}

#[test]
fn an_upgrade_that_is_cut_at_any_operation_is_ended_at_the_next_opening() {
    let (old, _, secret) = version_1();
    let disk = Disk::register(true);
    let dry = copied(old.path());
    drop(Store::open(&on(disk, dry.path())).unwrap());
    let (done, log) = (disk.done(), disk.log());
    for (at, doing) in done.iter().enumerate().step_by(3) {
        for fault in [Fault::Io, Fault::Sync, Fault::Short].into_iter().filter(|fault| fault.befalls(*doing)) {
            let folder = copied(old.path());
            disk.reset(Some(Plan { at, fault, stays: true }));
            let _ = Store::open(&on(disk, folder.path()));
            disk.heal();
            is_upgraded(folder.path(), &secret, &format!("operation {at} of {}: {fault:?}", done.len()));
        }
    }
    let mut medium = Medium::holding(old.path());
    for (number, op) in log.iter().enumerate() {
        medium.apply(op);
        if !number.is_multiple_of(3) {
            continue;
        }
        for how in [How::Nothing, How::Everything, How::Some, How::SomeTorn] {
            let image = scratch();
            let mut rng = fastrand::Rng::with_seed(u64::try_from(number).unwrap());
            medium.write(how, &mut rng, dry.path(), image.path());
            is_upgraded(image.path(), &secret, &format!("{how:?} after operation {number} of {}", log.len()));
        }
    }
}

#[test]
fn a_record_of_version_9_is_refused_and_not_touched() {
    let (folder, _, _) = version_1();
    drop(Store::open(&found(folder.path()).unwrap()).unwrap());
    let connection = bare(folder.path());
    connection.pragma_update(None, "user_version", 9).unwrap();
    drop(connection);
    let before = ["record.db", "keys.db"].map(|file| std::fs::read(folder.path().join(file)).unwrap());
    let refused = Store::open(&found(folder.path()).unwrap()).map(drop);
    assert!(matches!(refused, Err(StoreError::Newer { found: 9 })), "{refused:?}");
    let after = ["record.db", "keys.db"].map(|file| std::fs::read(folder.path().join(file)).unwrap());
    assert!(before == after);
}
