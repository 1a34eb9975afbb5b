//! Verification: the whole record in, "whole" or the first bad rows out.
//!
//! Reads every row in one snapshot, hashes what is stored, grows the tree anew and compares it with the stored one, and
//! opens every body whose key lives. Runs on a reader of its own; changes nothing; names row numbers and ids, no body.
//!
//! It cannot find a record that was written anew from the start by a holder of the database's key, nor one put back to
//! an older state as a whole: that takes a root kept outside the box.

use std::collections::HashMap;

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

use crate::record::database::{Count, StoreError};
use crate::record::facts::{known, read_tree};
use crate::record::header::Header;
use crate::record::seal::{DataKey, Place};
use crate::record::tree::{Frontier, Hash, leaf, sha256};

/// Bad rows that are listed; where there are more, the count says so.
const LISTED: usize = 20;

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The log's id.
    pub log: String,
    /// Rows read.
    pub events: u64,
    /// Bodies that opened.
    pub opened: u64,
    /// Bodies whose key was destroyed: erased as the law asks, the tree still whole.
    pub erased: u64,
    /// The root over the rows as they are, hex.
    pub root: String,
    /// How many flaws there are.
    pub flawed: u64,
    /// The first of them, by row; what only the tree as a whole shows comes last.
    pub flaws: Vec<Flaw>,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.flawed == 0
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaw {
    /// At which row.
    pub seq: u64,
    /// What.
    pub what: Wrong,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wrong", rename_all = "kebab-case")]
pub enum Wrong {
    /// Rows are missing before this one.
    Removed {
        /// How many.
        rows: u64,
    },
    /// Rows are missing at the end.
    CutOff {
        /// How many.
        rows: u64,
    },
    /// Rows were put in that the record never appended.
    Added {
        /// How many.
        rows: u64,
    },
    /// The row holds the header of another.
    Moved {
        /// The number that its header gives.
        header_seq: u64,
    },
    /// The header's bytes do not hash to the stored leaf.
    HeaderEdited,
    /// The header is not a header, or of another log.
    NotAHeader,
    /// A column that repeats the header says something else.
    ColumnEdited,
    /// The body's bytes do not hash to what the header says.
    BodyEdited,
    /// The body is gone although its key lives.
    BodyRemoved,
    /// The body does not open with its key at this place.
    BodyNotOpened,
    /// Header and leaf fit each other, but one of the rows from here on is not the one that was appended.
    Replaced {
        /// The first row after the range in which it is.
        before: u64,
    },
    /// The stored tree itself is malformed.
    TreeEdited,
}

impl std::fmt::Display for Flaw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seq = self.seq;
        match &self.what {
            Wrong::Removed { rows } => write!(f, "event {seq}: {rows} removed before it"),
            Wrong::CutOff { rows } => write!(f, "event {seq}: the end is cut off, {rows} missing"),
            Wrong::Added { rows } => write!(f, "event {seq}: {rows} added that the record never appended"),
            Wrong::Moved { header_seq } => write!(f, "event {seq}: moved, its header is that of event {header_seq}"),
            Wrong::HeaderEdited => write!(f, "event {seq}: header edited"),
            Wrong::NotAHeader => write!(f, "event {seq}: its header is no header of this log"),
            Wrong::ColumnEdited => write!(f, "event {seq}: a look-up column was edited"),
            Wrong::BodyEdited => write!(f, "event {seq}: body edited"),
            Wrong::BodyRemoved => write!(f, "event {seq}: body removed although its key is there"),
            Wrong::BodyNotOpened => write!(f, "event {seq}: body does not open with its key"),
            Wrong::Replaced { before } => {
                write!(f, "event {seq}: this or a later one before {before} was replaced (hash and all)")
            }
            Wrong::TreeEdited => write!(f, "the stored tree is malformed"),
        }
    }
}

/// Verifies the whole record.
///
/// # Errors
/// [`StoreError`] where it cannot be read at all; everything that can be read and is wrong is in the report.
pub fn verify(connection: &mut Connection) -> Result<Report, StoreError> {
    let tx = connection.transaction()?;
    let log = known(&tx, "log")?.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let keys = data_keys(&tx)?;
    let mut check = Check { keys: &keys, tree: Frontier::default(), next: 0, report: Report::of(log) };
    let mut statement = tx.prepare("SELECT seq, header, leaf, key_id, call, body_ct FROM event ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        check.row(row)?;
    }
    check.end(read_tree(&tx));
    Ok(check.report)
}

impl Report {
    fn of(log: String) -> Self {
        Self { log, events: 0, opened: 0, erased: 0, root: String::new(), flawed: 0, flaws: Vec::new() }
    }

    fn add(&mut self, seq: u64, what: Wrong) {
        self.flawed = self.flawed.saturating_add(1);
        if self.flaws.len() < LISTED {
            self.flaws.push(Flaw { seq, what });
        }
    }
}

struct Check<'a> {
    keys: &'a HashMap<String, DataKey>,
    tree: Frontier,
    next: u64,
    report: Report,
}

impl Check<'_> {
    fn row(&mut self, row: &Row<'_>) -> Result<(), StoreError> {
        let seq = row.get::<_, Count>(0)?.0;
        if seq > self.next {
            self.report.add(seq, Wrong::Removed { rows: seq.saturating_sub(self.next) });
        }
        self.next = seq.saturating_add(1);
        self.report.events = self.report.events.saturating_add(1);
        let line: Vec<u8> = row.get(1)?;
        let hashed = leaf(&line);
        let stored: Vec<u8> = row.get(2)?;
        let edited = stored != hashed.0;
        // The tree grows over what was stored as leaves, so that one edited header is one flaw and not also a wrong root.
        self.tree.push(<[u8; 32]>::try_from(stored).map_or(hashed, Hash));
        if edited {
            self.report.add(seq, Wrong::HeaderEdited);
            return Ok(());
        }
        let header = match Header::parse(&line) {
            Ok(header) if header.log == self.report.log => header,
            _ => {
                self.report.add(seq, Wrong::NotAHeader);
                return Ok(());
            }
        };
        if header.seq != seq {
            self.report.add(seq, Wrong::Moved { header_seq: header.seq });
            return Ok(());
        }
        let call: Option<String> = row.get(4)?;
        if row.get::<_, String>(3)? != header.key || call != header.call.map(|call| call.to_string()) {
            self.report.add(seq, Wrong::ColumnEdited);
        }
        self.body(&header, row.get(5)?);
        Ok(())
    }

    fn body(&mut self, header: &Header, body_ct: Option<Vec<u8>>) {
        let seq = header.seq;
        let key = self.keys.get(&header.key);
        let Some(body_ct) = body_ct else {
            if key.is_some() {
                self.report.add(seq, Wrong::BodyRemoved);
            } else {
                self.report.erased = self.report.erased.saturating_add(1);
            }
            return;
        };
        let length = u64::try_from(body_ct.len()).unwrap_or(u64::MAX);
        if sha256(&body_ct).to_string() != header.ct_sha256 || length != header.ct_len {
            self.report.add(seq, Wrong::BodyEdited);
            return;
        }
        let place = Place { log: &header.log, seq, kind: header.kind.as_str() };
        match key.map(|key| key.open(place, &body_ct)) {
            None => self.report.erased = self.report.erased.saturating_add(1),
            Some(Ok(_)) => self.report.opened = self.report.opened.saturating_add(1),
            Some(Err(_)) => self.report.add(seq, Wrong::BodyNotOpened),
        }
    }

    /// Compares the grown tree with the stored one. Where rows are missing the hashes cannot agree, and the gap has
    /// been named.
    fn end(&mut self, stored: Result<Option<Frontier>, StoreError>) {
        self.report.root = self.tree.root().to_string();
        let Ok(stored) = stored else {
            self.report.add(0, Wrong::TreeEdited);
            return;
        };
        let stored = stored.unwrap_or_default();
        if self.next < stored.size() {
            self.report.add(self.next, Wrong::CutOff { rows: stored.size().saturating_sub(self.next) });
        } else if self.next > stored.size() {
            self.report.add(stored.size(), Wrong::Added { rows: self.next.saturating_sub(stored.size()) });
        } else if self.report.events == stored.size()
            && let Some(range) = stored.first_difference(&self.tree)
        {
            self.report.add(range.start, Wrong::Replaced { before: range.end });
        }
    }
}

/// The data keys that live, by id.
///
/// # Errors
/// [`StoreError`].
pub(super) fn data_keys(connection: &Connection) -> Result<HashMap<String, DataKey>, StoreError> {
    let mut statement = connection.prepare("SELECT id, key FROM data_key")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, DataKey::from_bytes(row.get(1)?))))?;
    rows.collect::<Result<_, _>>().map_err(StoreError::from)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rusqlite::params;
    use zeroize::Zeroizing;

    use super::*;
    use crate::ids::{CallId, Turn};
    use crate::record::database::Location;
    use crate::record::key::KeySource;
    use crate::record::store::{Entry, Store, Submission};
    use crate::wire::event::Kind;

    #[test]
    fn an_untouched_record_is_whole() {
        let report = after(|_| {});
        assert!(report.is_whole(), "{report:?}");
        assert_eq!((report.events, report.opened, report.erased), (EVENTS, EVENTS, 0));
    }

    #[test]
    fn an_edited_header_is_named() {
        let report = after(|db| {
            edit_header(db, 5, |line| line.replace("\"actor\":\"lined\"", "\"actor\":\"cli\""));
        });
        assert_eq!(report.flaws, [Flaw { seq: 5, what: Wrong::HeaderEdited }]);
    }

    #[test]
    fn a_header_edited_together_with_its_leaf_is_found_by_the_tree() {
        let report = after(|db| {
            edit_header(db, 5, |line| line.replace("\"actor\":\"lined\"", "\"actor\":\"cli\""));
            let line: Vec<u8> = db.query_row("SELECT header FROM event WHERE seq = 5", [], |r| r.get(0)).unwrap();
            db.execute("UPDATE event SET leaf = ?1 WHERE seq = 5", params![leaf(&line).0]).unwrap();
        });
        assert_eq!(report.flaws, [Flaw { seq: 0, what: Wrong::Replaced { before: 8 } }]);
    }

    #[test]
    fn a_removed_row_is_named() {
        let report = after(|db| assert_eq!(db.execute("DELETE FROM event WHERE seq IN (3, 4)", []).unwrap(), 2));
        assert_eq!(report.flaws, [Flaw { seq: 5, what: Wrong::Removed { rows: 2 } }]);
    }

    #[test]
    fn a_removed_row_whose_place_was_closed_up_is_named() {
        let report = after(|db| {
            db.execute_batch(
                "DELETE FROM event WHERE seq = 3; UPDATE event SET seq = seq - 1 WHERE seq > 3;
                 UPDATE tree SET size = size",
            )
            .unwrap();
        });
        assert_eq!(report.flaws[0], Flaw { seq: 3, what: Wrong::Moved { header_seq: 4 } });
    }

    #[test]
    fn two_rows_that_changed_places_are_named() {
        let report = after(|db| {
            db.execute_batch(
                "UPDATE event SET seq = 1000 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 6;
                 UPDATE event SET seq = 6 WHERE seq = 1000",
            )
            .unwrap();
        });
        assert_eq!(report.flaws[0], Flaw { seq: 2, what: Wrong::Moved { header_seq: 6 } });
        assert_eq!(report.flaws[1], Flaw { seq: 6, what: Wrong::Moved { header_seq: 2 } });
        // The range that the tree gives comes last: rows that are named say more.
        assert_eq!(report.flaws[2], Flaw { seq: 0, what: Wrong::Replaced { before: 8 } });
    }

    #[test]
    fn a_cut_tail_is_named() {
        let report = after(|db| assert_eq!(db.execute("DELETE FROM event WHERE seq >= 9", []).unwrap(), 2));
        assert_eq!(report.flaws, [Flaw { seq: 9, what: Wrong::CutOff { rows: 2 } }]);
    }

    #[test]
    fn a_tail_cut_together_with_the_size_is_found() {
        let report = after(|db| {
            db.execute_batch("DELETE FROM event WHERE seq >= 9; UPDATE tree SET size = 9").unwrap();
        });
        assert_eq!(report.flaws, [Flaw { seq: 0, what: Wrong::TreeEdited }]);
    }

    #[test]
    fn an_added_row_is_named() {
        let report = after(|db| {
            db.execute_batch(
                "INSERT INTO event SELECT 11, header, leaf, key_id, call, body_ct FROM event WHERE seq = 10",
            )
            .unwrap();
        });
        assert!(report.flaws.contains(&Flaw { seq: 11, what: Wrong::Added { rows: 1 } }), "{report:?}");
    }

    #[test]
    fn an_edited_body_is_named() {
        let report = after(|db| {
            db.execute("UPDATE event SET body_ct = zeroblob(length(body_ct)) WHERE seq = 7", []).unwrap();
        });
        assert_eq!(report.flaws, [Flaw { seq: 7, what: Wrong::BodyEdited }]);
    }

    #[test]
    fn a_removed_body_is_named_while_its_key_lives() {
        let report = after(|db| {
            db.execute("UPDATE event SET body_ct = NULL WHERE seq = 7", []).unwrap();
        });
        assert_eq!(report.flaws, [Flaw { seq: 7, what: Wrong::BodyRemoved }]);
    }

    #[test]
    fn a_changed_data_key_is_named() {
        let report = after(|db| {
            db.execute("UPDATE keys.data_key SET wrapped = zeroblob(72)", []).unwrap();
        });
        assert_eq!(report.flawed, EVENTS);
        assert_eq!(report.flaws[0], Flaw { seq: 0, what: Wrong::BodyNotOpened });
    }

    #[test]
    fn an_edited_lookup_column_is_named() {
        let report = after(|db| {
            db.execute("UPDATE event SET call = 'another' WHERE seq = 7", []).unwrap();
        });
        assert_eq!(report.flaws, [Flaw { seq: 7, what: Wrong::ColumnEdited }]);
    }

    #[test]
    fn a_call_whose_key_was_destroyed_leaves_a_whole_record() {
        let report = after(|db| {
            db.execute_batch(
                "DELETE FROM keys.data_key WHERE scope LIKE 'call:%'; UPDATE event SET body_ct = NULL WHERE call IS NOT NULL",
            )
            .unwrap();
        });
        assert!(report.is_whole(), "{report:?}");
        assert_eq!((report.opened, report.erased), (1, EVENTS - 1));
    }

    const EVENTS: u64 = 11;

    /// Appends one event of the box and ten of a call, lets `tamper` at the database with its key, and verifies.
    fn after(tamper: impl FnOnce(&Connection)) -> Report {
        let folder = tempfile::tempdir().unwrap();
        let location = location(folder.path());
        let call = CallId::draw();
        let entries = (0..EVENTS).map(|n| entry((n > 0).then_some(call), format!("{{\"n\":{n}}}"))).collect();
        let store = Store::open(&location).unwrap();
        store.append(&[Submission { sender: None, entries }]).unwrap();
        tamper(&location.writer().unwrap());
        verify(&mut location.reader().unwrap()).unwrap()
    }

    fn edit_header(db: &Connection, seq: i64, edit: impl Fn(String) -> String) {
        let line: Vec<u8> = db.query_row("SELECT header FROM event WHERE seq = ?1", [seq], |r| r.get(0)).unwrap();
        let line = String::from_utf8(line).unwrap();
        let edited = edit(line.clone());
        assert_ne!(line, edited);
        db.execute("UPDATE event SET header = ?1 WHERE seq = ?2", params![edited.into_bytes(), seq]).unwrap();
    }

    fn location(folder: &Path) -> Location {
        let source = KeySource { data_dir: folder.to_owned(), credentials: None };
        Location::find(&source, true).unwrap().0
    }

    fn entry(call: Option<CallId>, body: String) -> Entry {
        Entry {
            t: 1,
            mono_us: 2,
            kind: Kind::Verdict,
            call,
            turn: Turn(1),
            synthetic: true,
            actor: "lined",
            body: Zeroizing::new(body.into_bytes()),
        }
    }
}
