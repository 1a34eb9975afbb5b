//! What the privacy officer asks of the record, and puts into it: the week's activity, disclosures, what a thief would have.
//!
//! In:  a reader's connection. Out: counts and closed words, and what officers themselves wrote; no words of a caller.
//! Sources: 45 CFR 164.308(a)(1)(ii)(D) (information system activity review), 164.528 (accounting of disclosures),
//! 164.402 to 164.414 (breach notification). Only reads.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::CallId;
use crate::record::backup::answer::copied_so_far;
use crate::record::database::{Count, Location, StoreError};
use crate::record::facts::known_text;
use crate::record::fork::{self, Witnessed};
use crate::record::keys::Scope;
use crate::record::reading::open;
use crate::record::spending::first_since;
use crate::record::tree::sha256;
use crate::wire::backup::Copied;

/// Bytes of what an officer writes.
const MOST_TEXT: usize = 1_000;
/// Six years, 45 CFR 164.528(a)(1), microseconds.
const SIX_YEARS_US: i64 = 2_192 * 86_400_000_000;

/// A disclosure that the law wants accounted for: 45 CFR 164.528(b)(2). Not those for treatment, payment and operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// The name of who received it, and the address where it is known.
    pub to: String,
    /// What was disclosed, briefly.
    pub what: String,
    /// Why: the purpose, or the request that asked for it.
    pub purpose: String,
    /// Who wrote this down.
    pub by: String,
    /// The patient's id in the clinic's system, so that the accounting can be given after the call itself is erased.
    pub patient: Option<String>,
}

/// A disclosure as it is accounted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounted {
    /// Its event.
    pub seq: u64,
    /// When, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
    /// Of which call.
    pub call: Option<CallId>,
    /// What was written down.
    pub disclosure: Disclosure,
}

/// What a patient wants put beside the record of a call, 45 CFR 164.526. The record itself does not change.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    /// What is to be read with it.
    pub text: String,
    /// Who wrote it down.
    pub by: String,
    /// Whether the clinic accepted it; a statement of disagreement is kept too, 164.526(d)(2).
    pub accepted: bool,
}

impl Disclosure {
    /// Whether its texts can be kept.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        let patient = self.patient.as_deref().is_none_or(is_text);
        patient && [&self.to, &self.what, &self.purpose, &self.by].into_iter().all(|text| is_text(text))
    }
}

impl Amendment {
    /// Whether its texts can be kept.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        let long = self.text.len() <= MOST_TEXT.saturating_mul(10);
        is_text(&self.by) && long && !self.text.trim().is_empty()
    }
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MOST_TEXT && !text.contains(char::is_control)
}

/// Disclosures of the last six years before `now` (microseconds), of a call or a patient where one is named.
///
/// # Errors
/// [`StoreError`].
pub fn disclosures(
    connection: &Connection,
    call: Option<CallId>,
    patient: Option<&str>,
    now: i64,
) -> Result<Vec<Accounted>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key, e.call FROM event e JOIN data_key k ON k.id = e.key_id
         WHERE json_extract(CAST(e.header AS TEXT), '$.kind') = 'disclosure' ORDER BY e.seq",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (Some(header), Ok(body)) = open(row)? else { continue };
        let Ok(disclosure) = serde_json::from_slice::<Disclosure>(&body) else { continue };
        let of_call = call.is_none() || header.call == call;
        let of_patient = patient.is_none() || disclosure.patient.as_deref() == patient;
        if of_call && of_patient && header.t >= now.saturating_sub(SIX_YEARS_US) {
            found.push(Accounted { seq: header.seq, t: header.t, call: header.call, disclosure });
        }
    }
    Ok(found)
}

/// What happened in the box in some days.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// From this moment on, microseconds since 1970-01-01T00:00Z.
    pub since: i64,
    /// Until this moment.
    pub until: i64,
    /// The first and the last event in it; none where nothing happened.
    pub events: Option<(u64, u64)>,
    /// Calls of real callers that began.
    pub calls: u64,
    /// Calls of simulated callers that began.
    pub simulated: u64,
    /// Events by kind.
    pub kinds: BTreeMap<String, u64>,
    /// Looks at PHI, by who and what for: `cli show`.
    pub reveals: BTreeMap<String, u64>,
    /// Alerts by their word.
    pub alerts: BTreeMap<String, u64>,
    /// Keys destroyed, by why.
    pub destroyed: BTreeMap<String, u64>,
    /// Batches that arrived, by destination.
    pub batches: BTreeMap<String, u64>,
    /// What is witnessed outside the box.
    pub witnessed: Option<Witnessed>,
    /// What lies on the shelf of backups; none where nothing was ever copied.
    pub copied: Option<Copied>,
}

impl Digest {
    /// What is signed off: SHA-256 of the digest as JSON, hex.
    #[must_use]
    pub fn sum(&self) -> String {
        sha256(&serde_json::to_vec(self).unwrap_or_default()).to_string()
    }
}

/// The activity between two moments.
///
/// # Errors
/// [`StoreError`].
pub fn digest(connection: &Connection, location: &Location, since: i64, until: i64) -> Result<Digest, StoreError> {
    let witnessed = fork::witnessed(&location.folder)?;
    let mut digest = Digest { since, until, witnessed, copied: copied_so_far(connection)?, ..Digest::default() };
    let Some(first) = first_since(connection, since)? else { return Ok(digest) };
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key, e.call FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE e.seq >= ?1 ORDER BY e.seq",
    )?;
    let mut rows = statement.query([Count(first)])?;
    let count = |map: &mut BTreeMap<String, u64>, key: String| {
        let counted = map.entry(key).or_default();
        *counted = counted.saturating_add(1);
    };
    while let Some(row) = rows.next()? {
        let (Some(header), body) = open(row)? else { continue };
        if header.t < since || header.t >= until {
            continue;
        }
        let kind = header.kind.as_str();
        count(&mut digest.kinds, kind.to_owned());
        digest.events = Some((digest.events.map_or(header.seq, |(first, _)| first), header.seq));
        let body =
            || body.as_ref().ok().and_then(|body| serde_json::from_slice::<Value>(body).ok()).unwrap_or_default();
        let word = |body: &Value, key: &str| body.get(key).and_then(Value::as_str).unwrap_or("unknown").to_owned();
        match kind {
            "call.begin" if header.synthetic => digest.simulated = digest.simulated.saturating_add(1),
            "call.begin" => digest.calls = digest.calls.saturating_add(1),
            "console.reveal" => {
                let body = body();
                count(&mut digest.reveals, format!("{} {}", word(&body, "by"), word(&body, "what")));
            }
            "alert" => count(&mut digest.alerts, word(&body(), "what")),
            "key.destroyed" => count(&mut digest.destroyed, word(&body(), "why")),
            "sync.batch" if word(&body(), "state") == "arrived" => {
                count(&mut digest.batches, word(&body(), "destination"));
            }
            _ => {}
        }
    }
    Ok(digest)
}

/// What whoever holds the box, or a copy of its disk, would have: for the assessment of 45 CFR 164.402(2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// The log.
    pub log: String,
    /// How many events it has.
    pub events: u64,
    /// Calls of real callers whose words can still be read.
    pub readable_calls: u64,
    /// Calls of real callers whose words are erased.
    pub erased_calls: u64,
    /// Calls whose sound is kept.
    pub with_sound: u64,
    /// When the oldest and the newest readable key was made, microseconds since 1970-01-01T00:00Z.
    pub between: Option<(i64, i64)>,
    /// Whether the record's key lies beside it: then whoever has the disk has everything above. Otherwise it is encrypted
    /// with a key that is elsewhere, which is what HHS's guidance on unsecured PHI (74 FR 19006) asks for.
    pub key_beside_data: bool,
    /// Requests that left for a model, made of placeholders and listed words.
    pub left_for_models: u64,
    /// Where rows went, and how many events each destination has.
    pub destinations: BTreeMap<String, u64>,
    /// What is witnessed outside the box.
    pub witnessed: Option<Witnessed>,
    /// Logs that were set aside and lie on the same disk.
    pub set_aside: Vec<String>,
}

/// What whoever holds the box would have.
///
/// # Errors
/// [`StoreError`].
pub fn exposure(connection: &Connection, location: &Location, key_beside_data: bool) -> Result<Exposure, StoreError> {
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Count>(0)).map(|Count(count)| count);
    let mut exposure = Exposure {
        log: known_text(connection, "log")?.unwrap_or_default(),
        events: count("SELECT count(*) FROM event")?,
        left_for_models: count(
            "SELECT count(*) FROM event WHERE json_extract(CAST(header AS TEXT), '$.kind') = 'wire.request'",
        )?,
        key_beside_data,
        witnessed: fork::witnessed(&location.folder)?,
        set_aside: fork::archived(location)?,
        ..Exposure::default()
    };
    let mut keys = connection.prepare("SELECT scope, made FROM keys.data_key")?;
    let keys = keys.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let mut readable: Vec<String> = Vec::new();
    for key in keys {
        let (scope, made) = key?;
        let (oldest, newest) = exposure.between.unwrap_or((made, made));
        exposure.between = Some((oldest.min(made), newest.max(made)));
        match scope.parse() {
            Ok(Scope::Words(call)) => readable.push(call.to_string()),
            Ok(Scope::Sound(_)) => exposure.with_sound = exposure.with_sound.saturating_add(1),
            Ok(Scope::Wire(_) | Scope::Day(_)) | Err(_) => {}
        }
    }
    let readable: std::collections::HashSet<String> = readable.into_iter().collect();
    let mut calls = connection.prepare(
        "SELECT DISTINCT call FROM event WHERE call IS NOT NULL
         AND json_extract(CAST(header AS TEXT), '$.kind') = 'call.begin'
         AND json_extract(CAST(header AS TEXT), '$.synthetic') = 0",
    )?;
    for call in calls.query_map(params![], |row| row.get::<_, String>(0))? {
        let counted = if readable.contains(&call?) { &mut exposure.readable_calls } else { &mut exposure.erased_calls };
        *counted = counted.saturating_add(1);
    }
    let mut destinations = connection.prepare("SELECT name, value FROM meta WHERE name LIKE 'witnessed:%'")?;
    for row in destinations.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)))? {
        let (name, value) = row?;
        let value: Value = serde_json::from_slice(&value).unwrap_or_default();
        let size = value.get("size").and_then(Value::as_u64).unwrap_or(0);
        exposure.destinations.insert(name.trim_start_matches("witnessed:").to_owned(), size);
    }
    Ok(exposure)
}
