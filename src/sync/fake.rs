//! Test tables, and a record that makes rows of its own: event n is row n.

use std::sync::Mutex;

use sha2::{Digest, Sha256};

use super::fault::Fault;
use super::run::Source;
use crate::wire::rows::{Answer, Ask, Batch, Cell, Checkpoint, Column, Cursor, For, Holds, Rows, Synced, Table};

const fn column(name: &'static str, holds: Holds, nullable: bool) -> Column {
    Column { name, holds, nullable, means: "it's a column's \"meaning\"" }
}

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "fct_things",
        to: For::All,
        columns: &[
            column("box_id", Holds::Text, false),
            column("seq", Holds::Int, false),
            column("word", Holds::Text, true),
            column("is_odd", Holds::Bool, true),
            column("at", Holds::Time, true),
            column("leaf", Holds::Bytes, true),
        ],
        keys: 2,
        means: "one row per event; it's a test",
    },
    Table {
        name: "raw_things",
        to: For::Phi,
        columns: &[column("box_id", Holds::Text, false), column("seq", Holds::Int, false)],
        keys: 2,
        means: "for PHI",
    },
];

pub(super) const BOX: &str = "clinic.example/desk 1";
pub(super) const LOG: &str = "log-1";

/// The row of event `seq` in the first table.
pub(super) fn rows_of(seq: i64) -> Vec<Cell> {
    let nothing = seq % 7 == 0;
    let or_null = |cell: Cell| if nothing { Cell::Null } else { cell };
    vec![
        Cell::Text(BOX.to_owned()),
        Cell::Int(seq),
        or_null(Cell::Text(format!("w\u{f6}rd '{}' \\", seq % 50))),
        or_null(Cell::Bool(seq % 2 == 1)),
        or_null(Cell::Time(1_700_000_000_000_000 + seq * 1_000_001)),
        or_null(Cell::Bytes(format!("{seq:016x}"))),
    ]
}

/// A record of `events` events that gives batches of `most`.
pub(super) struct FakeRecord {
    pub(super) events: u64,
    pub(super) most: u64,
    pub(super) log: &'static str,
    pub(super) asked: Mutex<Vec<Ask>>,
    pub(super) synced: Mutex<Vec<Synced>>,
    /// What it answers instead.
    pub(super) instead: Mutex<Option<Answer>>,
}

impl FakeRecord {
    pub(super) fn new(events: u64, most: u64) -> Self {
        let (asked, synced, instead) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { events, most, log: LOG, asked, synced, instead }
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        let root = format!("{:064x}", self.events);
        Checkpoint { size: self.events, root: root.clone(), note: format!("{BOX}\n{}\n{root}\n", self.events) }
    }

    pub(super) fn batch(&self, first: u64, next: u64) -> Batch {
        let rows = (first..next).map(|seq| rows_of(i64::try_from(seq).unwrap())).collect();
        let tables = vec![Rows { table: TABLES[0].name.to_owned(), rows }];
        let digest = Sha256::digest(serde_json::to_vec(&tables).unwrap());
        let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let (box_id, log) = (BOX.to_owned(), self.log.to_owned());
        Batch { box_id, log, first, next, checkpoint: self.checkpoint(), tables, digest }
    }

    fn answer(&self, ask: &Ask) -> Answer {
        if let Some(answer) = self.instead.lock().unwrap().clone() {
            return answer;
        }
        if ask.cursor.as_ref().is_some_and(|cursor: &Cursor| cursor.log != self.log) {
            return Answer::Diverged;
        }
        let first = ask.cursor.as_ref().map_or(0, |cursor| cursor.next);
        let until = ask.until.unwrap_or(self.events).min(self.events);
        if first >= until {
            return Answer::Done { checkpoint: Some(self.checkpoint()), log: self.log.to_owned() };
        }
        Answer::Batch(Box::new(self.batch(first, ask.end.unwrap_or((first + self.most).min(until)))))
    }
}

impl Source for FakeRecord {
    async fn rows(&self, ask: &Ask) -> Result<Answer, Fault> {
        self.asked.lock().unwrap().push(ask.clone());
        tokio::task::yield_now().await;
        Ok(self.answer(ask))
    }

    async fn synced(&self, synced: &Synced) -> Result<(), Fault> {
        self.synced.lock().unwrap().push(synced.clone());
        Ok(())
    }
}
