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
        set(self.connection().0, ERASING, &asked)?;
        let (mut store, _) = self.append(&[Submission { sender: None, entries }])?;
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
