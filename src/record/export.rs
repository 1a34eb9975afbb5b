//! Export: events out of the record, each with what proves it.
//!
//! In:  a [`Selection`]. Out: a [`Head`] (checkpoint, key, size) and pages of [`Item`]s, which the command line writes into
//! the folder of the auditor's kit ([`crate::record::kit`]). What is open in it is PHI: it goes where an officer asked for
//! it, and recordd writes down that it was asked for before it answers. Only reads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::ids::CallId;
use crate::record::database::{Count, StoreError};
use crate::record::facts::known_text;
use crate::record::header::Header;
use crate::record::kit::CheckpointLine;
use crate::record::nodes;
use crate::record::reading::open;
use crate::record::tree::Hash;
use crate::wire::event::Kind;

/// Bytes of one page: a frame holds 1 MiB, and one piece of sound must still fit behind it.
const PAGE: usize = 96 * 1024;
/// Earlier checkpoints that go with an export of everything; where there are more, some are passed over evenly.
const CHECKPOINTS: usize = 2_000;

/// Which events are exported.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// Every event. Else those that fit all that follows.
    pub all: bool,
    /// Of these calls; empty for any call, and what happened outside calls.
    pub calls: Vec<CallId>,
    /// At this moment or later, microseconds since 1970-01-01T00:00Z.
    pub since: Option<i64>,
    /// Before this moment.
    pub until: Option<i64>,
    /// Of simulated callers only.
    pub synthetic: bool,
    /// With their bodies open.
    pub bodies: bool,
    /// With their bodies as they are sealed.
    pub sealed: bool,
    /// With sound.
    pub sound: bool,
}

/// What an export stands on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The log's id.
    pub log: String,
    /// The log's name in its checkpoints.
    pub origin: String,
    /// The key that checks its signatures, as text.
    pub vkey: String,
    /// How many events the checkpoint covers.
    pub size: u64,
    /// The checkpoint, a signed note.
    pub checkpoint: String,
    /// Earlier checkpoints, for an export of everything.
    pub earlier: Vec<CheckpointLine>,
}

/// What of an export is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageOf {
    /// Which events.
    pub selection: Selection,
    /// [`Head::size`]: proofs lead to that checkpoint.
    pub size: u64,
    /// Only events after this one.
    pub after: Option<u64>,
}

/// Some of the events.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Items {
    /// The events, in order.
    pub items: Vec<Item>,
    /// After which one to ask again; none at the end.
    pub after: Option<u64>,
}

/// One event.
#[derive(Debug, Serialize, Deserialize)]
pub struct Item {
    /// Its number.
    pub seq: u64,
    /// Its header to the byte.
    pub header: String,
    /// Hashes of its inclusion, hex; none in an export of everything, whose root is computed from all headers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub proof: Option<Vec<String>>,
    /// Its sealed body, base64.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sealed: Option<String>,
    /// Its open body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<Box<RawValue>>,
    /// Its sound as it was handed in, base64.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sound: Option<String>,
}

impl Item {
    fn size(&self) -> usize {
        let proof = self.proof.as_ref().map_or(0, |hashes| hashes.len().saturating_mul(67));
        let texts = [self.sealed.as_deref(), self.sound.as_deref(), self.body.as_deref().map(RawValue::get)];
        let texts: usize = texts.into_iter().flatten().map(str::len).sum();
        self.header.len().saturating_add(proof).saturating_add(texts)
    }
}

/// What an export of the record as it is now stands on. Sign the tree first, so that it covers every event.
///
/// # Errors
/// [`StoreError`]; [`StoreError::Malformed`] where nothing was ever signed.
pub fn head(connection: &Connection, selection: &Selection) -> Result<Head, StoreError> {
    let missing = StoreError::Malformed { table: "checkpoint" };
    let fact = |name: &str| known_text(connection, name)?.ok_or(StoreError::Malformed { table: "meta" });
    let (log, origin) = (fact("log")?, fact("origin")?);
    let mut statement = connection.prepare("SELECT size, note FROM checkpoint ORDER BY size")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, Count>(0)?.0, row.get::<_, String>(1)?)))?;
    let mut notes: Vec<(u64, String)> = rows.collect::<Result<_, _>>()?;
    let (size, checkpoint) = notes.pop().ok_or(missing)?;
    let every = notes.len().div_ceil(CHECKPOINTS).max(1);
    let earlier = notes.into_iter().step_by(every).map(|(size, note)| CheckpointLine { size, note });
    let earlier = if selection.all { earlier.collect() } else { Vec::new() };
    Ok(Head { vkey: fact("vkey")?, log, origin, size, checkpoint, earlier })
}

/// Events of a selection, in order.
///
/// # Errors
/// [`StoreError`].
pub fn page(connection: &Connection, asked: &PageOf) -> Result<Items, StoreError> {
    let PageOf { selection, size, after } = asked;
    let from = after.map_or(0, |after| after.saturating_add(1));
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key, e.call FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE e.seq >= ?1 AND e.seq < ?2 ORDER BY e.seq",
    )?;
    let mut rows = statement.query(params![Count(from), Count(*size)])?;
    let (mut items, mut bytes) = (Items::default(), 0_usize);
    while let Some(row) = rows.next()? {
        let seq = row.get::<_, Count>(0)?.0;
        let (header, body) = open(row)?;
        if !header.as_ref().is_some_and(|header| selection.takes(header)) {
            continue;
        }
        let mut item = bare(row, seq)?;
        if !selection.all {
            let hashes = nodes::inclusion(connection, seq, *size)?;
            item.proof = Some(hashes.iter().map(Hash::to_string).collect());
        }
        let is_sound = header.is_some_and(|header| header.kind == Kind::Recording);
        // Sound goes open or sealed: both would not fit one frame.
        if selection.sealed && !is_sound {
            item.sealed = row.get::<_, Option<Vec<u8>>>(2)?.map(|bytes| STANDARD.encode(bytes));
        }
        if let Ok(body) = body {
            let text = std::str::from_utf8(&body).ok().and_then(|text| RawValue::from_string(text.to_owned()).ok());
            item.body = text.filter(|_| selection.bodies);
            item.sound = (is_sound && selection.sound && item.body.is_none()).then(|| STANDARD.encode(&*body));
        }
        bytes = bytes.saturating_add(item.size());
        items.items.push(item);
        if bytes > PAGE {
            items.after = Some(seq);
            break;
        }
    }
    Ok(items)
}

fn bare(row: &Row<'_>, seq: u64) -> Result<Item, StoreError> {
    let header = String::from_utf8(row.get(1)?).map_err(|_| StoreError::Malformed { table: "event" })?;
    Ok(Item { seq, header, proof: None, sealed: None, body: None, sound: None })
}

impl Selection {
    fn takes(&self, header: &Header) -> bool {
        let of_call = self.calls.is_empty() || header.call.is_some_and(|call| self.calls.contains(&call));
        let in_time =
            self.since.is_none_or(|since| header.t >= since) && self.until.is_none_or(|until| header.t < until);
        self.all || (of_call && in_time && (header.synthetic || !self.synthetic))
    }
}

/// The calls in which a value occurs, as a caller's own or as the clinic's systems gave it: a name, a number, an id. Open
/// bodies alone are looked through, and a value must be the whole of what was said or given (case aside).
///
/// # Errors
/// [`StoreError`].
pub fn calls_of(connection: &Connection, value: &str) -> Result<Vec<CallId>, StoreError> {
    let sought = value.trim().to_lowercase();
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key, e.call FROM event e JOIN data_key k ON k.id = e.key_id
         WHERE json_extract(CAST(e.header AS TEXT), '$.kind') IN ('vault.add', 'tool.call', 'tool.result', 'call.begin')
         ORDER BY e.seq",
    )?;
    let mut rows = statement.query([])?;
    let mut calls: Vec<CallId> = Vec::new();
    while let Some(row) = rows.next()? {
        let (Some(header), Ok(body)) = open(row)? else { continue };
        let Some(call) = header.call.filter(|call| !calls.contains(call)) else { continue };
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        if !sought.is_empty() && holds(&body, &sought) {
            calls.push(call);
        }
    }
    Ok(calls)
}

fn holds(value: &serde_json::Value, sought: &str) -> bool {
    match value {
        serde_json::Value::String(text) => text.trim().to_lowercase() == sought,
        serde_json::Value::Number(number) => number.to_string() == sought,
        serde_json::Value::Array(items) => items.iter().any(|item| holds(item, sought)),
        serde_json::Value::Object(fields) => fields.values().any(|item| holds(item, sought)),
        serde_json::Value::Null | serde_json::Value::Bool(_) => false,
    }
}
