//! Logs with bodies as the box writes them, and what becomes of them.

mod asking;
mod canaries;
mod cuts;
mod facts;

use std::collections::{BTreeMap, HashSet};

use rusqlite::params;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::bare::Namer;
use super::batch::Source;
use super::raw::Bodies;
use super::secret;
use crate::config::Destination;
use crate::config::warehouse::{Agreement, Bucket, Class, Sink};
use crate::ids::{CallId, Turn};
use crate::record::database::Location;
use crate::record::key::KeySource;
use crate::record::store::{Entry, Store, Submission};
use crate::record::tree::{Frontier, leaf};
use crate::wire::event::Kind;
use crate::wire::rows::{Cell, Rows, table};

/// Noon of 1 July 2026, UTC.
const NOON: i64 = 1_782_907_200_000_000;

/// A record in a folder of its own.
struct Log {
    _folder: tempfile::TempDir,
    location: Location,
}

impl Log {
    fn of(entries: Vec<Entry>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = KeySource { data_dir: folder.path().to_owned(), credentials: None };
        let log = Self { location: Location::find(&source, true).unwrap().0, _folder: folder };
        log.append(entries);
        // Checkpoints are where a test puts them.
        log.execute("DELETE FROM checkpoint", []);
        secret::draw(&log.location.writer().unwrap(), "dw").unwrap();
        log
    }

    fn append(&self, entries: Vec<Entry>) {
        Store::open(&self.location).unwrap().append(&[Submission { sender: None, entries }]).unwrap();
    }

    fn execute(&self, sql: &str, values: impl rusqlite::Params) {
        self.location.writer().unwrap().execute(sql, values).unwrap();
    }

    fn id(&self) -> String {
        let id = super::super::facts::known(&self.location.reader().unwrap(), "log").unwrap().unwrap();
        String::from_utf8(id).unwrap()
    }

    fn size(&self) -> u64 {
        let reader = self.location.reader().unwrap();
        super::super::facts::read_tree(&reader).unwrap().unwrap_or_default().size()
    }

    /// Makes a checkpoint of the first `size` events, as the signer will.
    fn checkpoint(&self, size: u64) -> String {
        let writer = self.location.writer().unwrap();
        let mut tree = Frontier::default();
        for seq in 0..size {
            let select = "SELECT header FROM event WHERE seq = ?1";
            let header: Vec<u8> = writer.query_row(select, [i64::try_from(seq).unwrap()], |row| row.get(0)).unwrap();
            tree.push(leaf(&header));
        }
        let put = "INSERT INTO checkpoint(size, note, root, t) VALUES (?1, 'a note', ?2, 0)";
        writer.execute(put, params![i64::try_from(size).unwrap(), tree.root().0]).unwrap();
        tree.root().to_string()
    }

    fn tables(&self, phi: Option<Bodies>, first: u64, next: u64) -> Vec<Rows> {
        self.tables_without(phi, first, next, &HashSet::new())
    }

    fn tables_without(&self, phi: Option<Bodies>, first: u64, next: u64, held: &HashSet<CallId>) -> Vec<Rows> {
        let (connection, log) = (self.location.reader().unwrap(), self.id());
        let namer = Namer::new(&[7; 32]).unwrap();
        let source = Source { connection: &connection, log: &log, namer: &namer, box_id: "a box", phi, held };
        source.tables(first, next).unwrap()
    }

    /// All rows for a destination without an agreement.
    fn bare(&self) -> Vec<Rows> {
        self.tables(None, 0, self.size())
    }
}

/// A destination of this class, by the name of "dw".
fn destination(class: Class) -> Destination {
    let bucket = Bucket {
        url: "https://bucket.example".to_owned(),
        lan: false,
        bucket: "b".to_owned(),
        signing_region: "r".to_owned(),
        prefix: "anteroom/".to_owned(),
        path_style: true,
        key_file: "k".into(),
        ca_file: None,
    };
    Destination {
        name: "dw".to_owned(),
        sink: Sink::Bucket(bucket),
        class,
        region: "us".to_owned(),
        schedule: "15 2 * * *".to_owned(),
        jitter: std::time::Duration::ZERO,
        window: None,
    }
}

fn agreement(seal_to: Option<[u8; 32]>) -> Class {
    Class::Phi(Agreement { baa: "BAA 7".to_owned(), until: jiff::civil::date(2027, 12, 31), seal_to })
}

/// The rows of a table, by column.
fn rows(tables: &[Rows], name: &str) -> Vec<BTreeMap<&'static str, Cell>> {
    let columns = table(name).unwrap().columns;
    let of = tables.iter().filter(|rows| rows.table == name).flat_map(|rows| &rows.rows);
    of.map(|row| columns.iter().map(|column| column.name).zip(row.iter().cloned()).collect()).collect()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn entry(call: Option<CallId>, ms: u64, kind: Kind, actor: &'static str, turn: u32, body: &Value) -> Entry {
    Entry {
        t: NOON + i64::try_from(ms).unwrap() * 1_000,
        mono_us: ms * 1_000,
        kind,
        call,
        turn: Turn(turn),
        synthetic: false,
        actor,
        body: Zeroizing::new(body.to_string().into_bytes()),
    }
}

/// The bodies of a call that books, in order, with the exchange's id.
#[expect(clippy::too_many_lines, reason = "a call, from its beginning to its end")]
fn script(exchange: &str) -> Vec<(u64, Kind, &'static str, u32, Value)> {
    use Kind as K;
    let request = json!({ "endpoint": "first", "format": "anthropic", "model": "claude-x-20250929", "region": "us",
        "tier": "simple", "attempt": 1, "path": "/v1/messages", "vocabulary": "ab", "catalogue": "cd",
        "request": "a request", "body": "a body", "bytes": 900, "exchange": exchange, "worst": 700, "day": "2026-07-01" });
    let mut withheld = request.clone();
    withheld["why"] = json!("no-route");
    vec![
        (0, K::CallBegin, "lined", 0, json!({ "number": "+15125550143" })),
        (
            900,
            K::VaultAdd,
            "anteroomd",
            0,
            json!({ "placeholder": "[PHONE_1]", "spoken": "five one two", "machine": "5125550143",
            "source": "caller-id", "level": "unknown" }),
        ),
        (
            1_000,
            K::Spoken,
            "anteroomd",
            0,
            json!({ "text": "Hello.", "template": "Hello.", "samples_played": 10, "samples": 10,
            "whole": true, "line_frames_played": 50 }),
        ),
        (
            3_000,
            K::Heard,
            "anteroomd",
            1,
            json!({ "said": { "text": "i am mary lopez", "confidence": [0.5, 1.0], "engine": "whisper" },
            "expecting": "anything" }),
        ),
        (
            3_010,
            K::VaultAdd,
            "anteroomd",
            1,
            json!({ "placeholder": "[NAME_1]", "spoken": "mary lopez", "machine": "Mary Lopez",
            "source": "caller", "level": "unknown" }),
        ),
        (
            3_020,
            K::Redacted,
            "anteroomd",
            1,
            json!({ "text": "i am [NAME_1] [WITHHELD]", "rules": ["before a name cue", "unknown word"] }),
        ),
        (3_030, K::Verdict, "anteroomd", 1, json!({ "by": "guard", "what": "proceed" })),
        (3_040, K::Verdict, "anteroomd", 1, json!({ "by": "receptionist", "what": "book" })),
        (3_050, K::WireRequest, "airlockd", 1, request),
        (3_060, K::WireWithheld, "airlockd", 1, withheld),
        (3_070, K::WireRefused, "airlockd", 0, json!({ "reason": "digit", "bytes": 12 })),
        (
            3_900,
            K::WireReply,
            "airlockd",
            1,
            json!({ "exchange": exchange, "outcome": "answered", "status": 200,
            "remote": "192.0.2.7", "model": "claude-x-20250929-b", "usage": { "input": 100, "output": 20, "cache_read": 5,
            "cache_write": null }, "cost": 40, "overrun": false, "first_us": 400_000, "total_us": 800_000,
            "said": ["A sentence."], "unknown_events": 0, "bytes": 3000, "body": "a stream" }),
        ),
        (
            4_000,
            K::ToolCall,
            "anteroomd",
            1,
            json!({ "tool": "find_patient", "number": 1, "args": { "name": "[NAME_1]" }, "level": "unknown" }),
        ),
        (
            4_200,
            K::ToolResult,
            "anteroomd",
            1,
            json!({ "tool": "find_patient", "number": 1, "result": "ok",
            "items": [{ "patient": "[PATIENT_1]" }] }),
        ),
        (4_210, K::Verdict, "anteroomd", 1, json!({ "by": "identity", "level": "verified" })),
        (
            4_220,
            K::VaultAdd,
            "anteroomd",
            1,
            json!({ "placeholder": "[SLOT_1]", "spoken": "tuesday at nine", "machine": "slot-9",
            "source": "ehr", "level": "verified" }),
        ),
        (
            5_000,
            K::Spoken,
            "anteroomd",
            1,
            json!({ "text": "Tuesday at nine.", "template": "[SLOT_1]. Right, [NAME_1]?",
            "samples_played": 5, "samples": 10, "whole": false, "line_frames_played": 90 }),
        ),
        (
            6_000,
            K::HandoffOffer,
            "anteroomd",
            1,
            json!({ "reason": "asked-for-person", "dossier": { "brief": "[NAME_1]." } }),
        ),
        (8_000, K::HandoffResult, "anteroomd", 1, json!({ "result": "accept" })),
        (8_100, K::Consent, "anteroomd", 1, json!({ "what": "recording", "answer": "yes" })),
        (8_200, K::Alert, "anteroomd", 1, json!({ "what": "vad-degraded" })),
        (
            9_000,
            K::CallEnd,
            "lined",
            0,
            json!({ "by": "desk", "played_frames": 90, "dropped_frames": 3, "served_by_line": false }),
        ),
        (
            9_050,
            K::Verdict,
            "anteroomd",
            1,
            json!({ "by": "conversation", "outcome": "handed-over", "level": "verified",
            "dossier": { "v": 1, "reason": "asked-for-person", "intent": "book", "goal": "wants to book",
            "identity": { "level": "verified" }, "transcript": [{ "turn": 1, "who": "caller", "text": "i am [NAME_1]" }],
            "tools": [], "decisions": [], "brief": "[NAME_1]." } }),
        ),
    ]
}

/// A call, `at` milliseconds after noon.
pub(crate) fn a_call(call: CallId, at: u64) -> Vec<Entry> {
    let exchange = uuid::Uuid::new_v4().to_string();
    let script = script(&exchange).into_iter();
    script.map(|(ms, kind, actor, turn, body)| entry(Some(call), at + ms, kind, actor, turn, &body)).collect()
}

/// A person looked at a call.
fn a_look(call: CallId, at: u64) -> Entry {
    entry(Some(call), at, Kind::ConsoleReveal, "recordd", 0, &json!({ "by": "cli", "what": "show" }))
}
