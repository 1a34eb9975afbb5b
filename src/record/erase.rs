//! Erasing: the data keys of calls destroyed, and with them what they sealed; the tree stays whole.
//!
//! In:  scopes of data keys, and the events that say so. Out: events, then no keys, then no sealed bodies.
//! Runs on the writer's thread. Cut short anywhere, it is ended when the record is next opened: that it was asked for is on
//! the disk together with its events before the first key goes.
//!
//! A call under a hold is not erased, whoever asks ([`Mark::Hold`]).

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use crate::ids::CallId;
use crate::record::database::StoreError;
use crate::record::facts::{forget, known, set};
use crate::record::keys::{self, Scope};
use crate::record::store::{Entry, Store, Submission};

/// The fact that an erasure is under way.
const ERASING: &str = "erasing";

/// A data key that is being destroyed.
#[derive(Serialize, Deserialize)]
struct Erasing {
    scope: String,
    key: String,
    call: Option<CallId>,
}

/// What an officer has said about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// It must be kept: a court, an inspection, a complaint.
    Hold,
    /// It is a record of treatment for a substance use disorder, 42 CFR Part 2: its rows stay in the box.
    Part2,
    /// The patient asked to be reached in another way, 45 CFR 164.522(b).
    Confidential,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Self; 3] = [Self::Hold, Self::Part2, Self::Confidential];

    /// Its word on the command line and in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Part2 => "part2",
            Self::Confidential => "confidential",
        }
    }
}

/// The calls that bear a mark.
///
/// # Errors
/// [`StoreError`].
pub fn marked(connection: &Connection, mark: Mark) -> Result<Vec<CallId>, StoreError> {
    let mut statement = connection.prepare("SELECT call FROM keys.mark WHERE what = ?1 ORDER BY call")?;
    let rows = statement.query_map([mark.as_str()], |row| row.get::<_, String>(0))?;
    let calls = rows.map(|call| call?.parse().map_err(|_| StoreError::Malformed { table: "mark" }));
    calls.collect()
}

impl Store {
    /// Puts a mark on a call, or takes it off, and appends the event that says so.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn mark(mut self, call: CallId, mark: Mark, on: bool, entry: Entry) -> Result<Self, StoreError> {
        let event = [Submission { sender: None, entries: vec![entry] }];
        let row = params![call.to_string(), mark.as_str()];
        // Two files, and power may fail in between: what is kept by mistake can be erased later, not the other way round.
        if on {
            self.connection().0.execute("INSERT OR IGNORE INTO keys.mark(call, what) VALUES (?1, ?2)", row)?;
            return Ok(self.append(&event)?.0);
        }
        let (mut store, _) = self.append(&event)?;
        store.connection().0.execute("DELETE FROM keys.mark WHERE call = ?1 AND what = ?2", row)?;
        Ok(store)
    }

    /// Erases scopes, but none of a call under a hold. `entries` say that it was done: they are on the disk before it is.
    /// Returns how many keys were destroyed.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn erase(mut self, scopes: &[Scope], entries: Vec<Entry>) -> Result<(Self, u64), StoreError> {
        let held = marked(self.connection().0, Mark::Hold)?;
        let mut erasing = Vec::new();
        for scope in scopes.iter().filter(|scope| scope.call().is_none_or(|call| !held.contains(&call))) {
            let name = scope.to_string();
            let key = keys::id(self.connection().0, &name)?;
            erasing.extend(key.map(|key| Erasing { scope: name, key, call: scope.call() }));
        }
        let asked = serde_json::to_vec(&erasing).map_err(|_| StoreError::Malformed { table: "meta" })?;
        // In one transaction: a cut in between would end, at the next opening, an erasure of which no event tells.
        let events = [Submission { sender: None, entries }];
        let (mut store, _) = self.append_with(&events, |tx| set(tx, ERASING, &asked))?;
        let destroyed = store.finish_erasing()?;
        Ok((store, destroyed))
    }

    /// Does what is left of an erasure.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn finish_erasing(&mut self) -> Result<u64, StoreError> {
        let (connection, _) = self.connection();
        let Some(asked) = known(connection, ERASING)? else { return Ok(0) };
        let erasing: Vec<Erasing> =
            serde_json::from_slice(&asked).map_err(|_| StoreError::Malformed { table: "meta" })?;
        // Keys first: it is what erases. The bodies take space, and go when there is room to write that they went.
        let destroyed = keys::destroy(connection, erasing.iter().map(|erasing| erasing.scope.as_str()))?;
        for Erasing { key, call, .. } in &erasing {
            let rows = match call {
                Some(call) => {
                    let of_call = "UPDATE event SET body_ct = NULL WHERE key_id = ?1 AND call = ?2";
                    connection.execute(of_call, params![key, call.to_string()])
                }
                None => connection.execute("UPDATE event SET body_ct = NULL WHERE key_id = ?1", [key]),
            };
            rows?;
        }
        forget(connection, ERASING)?;
        self.forget_keys();
        Ok(destroyed)
    }
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;
    use crate::ids::Turn;
    use crate::record::database::Location;
    use crate::record::fork;
    use crate::record::key::KeySource;
    use crate::record::verify::{Report, verify};
    use crate::wire::event::Kind;

    #[test]
    fn an_erased_call_has_no_body_left_and_the_tree_is_whole() {
        let (folder, location) = found();
        let (gone, stays) = (CallId::draw(), CallId::draw());
        let (store, destroyed) = filled(&location, gone, stays).erase(&Scope::of_call(gone), vec![said(gone)]).unwrap();
        drop(store);
        // Its words and its sound; it sent nothing.
        assert_eq!(destroyed, 2);
        let report = checked(&location);
        assert_eq!((report.events, report.erased, report.opened), (6, 3, 3));
        assert_eq!((bodies(&location, gone), bodies(&location, stays)), (1, 2), "{folder:?}");
    }

    #[test]
    fn a_call_under_a_hold_is_not_erased_until_the_hold_is_taken_off() {
        let (_folder, location) = found();
        let (held, other) = (CallId::draw(), CallId::draw());
        let store = filled(&location, held, other).mark(held, Mark::Hold, true, said(held)).unwrap();
        let scopes = [Scope::of_call(held), Scope::of_call(other)].concat();
        let (store, destroyed) = store.erase(&scopes, vec![said(other)]).unwrap();
        assert_eq!(destroyed, 1);
        assert_eq!(bodies(&location, held), 4);
        let store = store.mark(held, Mark::Hold, false, said(held)).unwrap();
        assert_eq!(marked(&location.reader().unwrap(), Mark::Hold).unwrap(), []);
        let (_store, destroyed) = store.erase(&Scope::of_call(held), vec![said(held)]).unwrap();
        assert_eq!(destroyed, 2);
        checked(&location);
    }

    #[test]
    fn an_erasure_that_was_cut_is_ended_when_the_record_is_next_opened() {
        for keys_went in [false, true] {
            let (_folder, location) = found();
            let (gone, stays) = (CallId::draw(), CallId::draw());
            let mut store = filled(&location, gone, stays);
            let connection = store.connection().0;
            let name = Scope::Words(gone).to_string();
            let key = keys::id(connection, &name).unwrap().unwrap();
            let asked = serde_json::to_vec(&[Erasing { scope: name.clone(), key, call: Some(gone) }]).unwrap();
            set(connection, ERASING, &asked).unwrap();
            if keys_went {
                assert_eq!(keys::destroy(connection, [name.as_str()]).unwrap(), 1);
            }
            drop(store);
            checked(&location);
            let (mut store, forked) = fork::open(&location, 1, 1).unwrap();
            assert_eq!(forked, None);
            assert_eq!(known(store.connection().0, ERASING).unwrap(), None);
            // The sound has a key of its own.
            assert_eq!((bodies(&location, gone), bodies(&location, stays)), (1, 2));
            assert_eq!(checked(&location).erased, 2);
        }
    }

    #[test]
    fn that_an_erasure_was_asked_for_is_on_the_disk_with_its_event_or_not_at_all() {
        let (_folder, location) = found();
        let (gone, stays) = (CallId::draw(), CallId::draw());
        let store = filled(&location, gone, stays);
        let also = |tx: &Connection| {
            set(tx, ERASING, b"[]")?;
            Err(StoreError::Busy)
        };
        let events = [Submission { sender: None, entries: vec![said(gone)] }];
        assert!(store.append_with(&events, also).is_err());
        assert_eq!(known(&location.reader().unwrap(), ERASING).unwrap(), None);
        assert_eq!(checked(&location).events, 5);
    }

    fn found() -> (tempfile::TempDir, Location) {
        let folder = tempfile::tempdir().unwrap();
        let source = KeySource { data_dir: folder.path().to_owned(), credentials: None };
        let location = Location::find(&source, true).unwrap().0;
        (folder, location)
    }

    /// Two words and a sound of the first call, two words of the second.
    fn filled(location: &Location, first: CallId, second: CallId) -> Store {
        let kinds = [Kind::Heard, Kind::Heard, Kind::Recording].map(|kind| entry(kind, first));
        let entries = kinds.into_iter().chain([Kind::Heard, Kind::Heard].map(|kind| entry(kind, second))).collect();
        Store::open(location).unwrap().append(&[Submission { sender: None, entries }]).unwrap().0
    }

    fn said(call: CallId) -> Entry {
        entry(Kind::KeyDestroyed, call)
    }

    fn entry(kind: Kind, call: CallId) -> Entry {
        Entry {
            t: 1,
            mono_us: 2,
            kind,
            call: Some(call),
            turn: Turn(1),
            synthetic: true,
            actor: "recordd",
            body: Zeroizing::new(b"{}".to_vec()),
        }
    }

    fn bodies(location: &Location, call: CallId) -> u64 {
        let count = "SELECT count(body_ct) FROM event WHERE call = ?1";
        location
            .reader()
            .unwrap()
            .query_row(count, [call.to_string()], |row| row.get::<_, i64>(0))
            .unwrap()
            .cast_unsigned()
    }

    fn checked(location: &Location) -> Report {
        let report = verify(&mut location.reader().unwrap()).unwrap();
        assert!(report.is_whole() || report.flaws.is_empty(), "{report:?}");
        report
    }
}
