//! Reading the record: which calls there are, what happened in one, and the sound of simulated ones.
//!
//! In:  a reader's connection. Out: shapes that go to the command line as JSON; they hold PHI and are never logged.
//! Used by recordd and, where no daemon runs, by the command line itself. Changes nothing.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::ids::{CallId, Turn};
use crate::record::database::{Count, StoreError};
use crate::record::header::Header;
use crate::record::review::{CallsSince, Drawable, Wired};
use crate::record::seal::{DataKey, Place};
use crate::record::spending::first_since;
use crate::wire::event::Kind;
use crate::wire::recording::{Chunk, Head};

/// Bytes of one page of events: a frame holds 1 MiB, its header and one last event must still fit.
const PAGE: usize = 192 * 1024;
/// Calls that are listed.
const LISTED: i64 = 500;
/// Calls that can be drawn from: their ids fit one frame. A clinic with more in a week takes fewer days.
const DRAWABLE: i64 = 15_000;

/// The latest calls, the newest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Calls {
    /// The calls.
    pub calls: Vec<Call>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its id.
    pub call: String,
    /// Number of its first event.
    pub first: u64,
    /// Number of its last event.
    pub last: u64,
    /// How many events it has.
    pub events: u64,
    /// Wall-clock time of its first event, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
    /// Whether the caller was simulated.
    pub synthetic: bool,
    /// Whether its key lives.
    pub readable: bool,
}

/// Some of the events of a call.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Page {
    /// The events, in order.
    pub entries: Vec<Shown>,
    /// Whether more follow the last one.
    pub more: bool,
}

/// One event with its body open.
#[derive(Debug, Serialize, Deserialize)]
pub struct Shown {
    /// Its number.
    pub seq: u64,
    /// Wall-clock time, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
    /// Monotonic time, microseconds.
    pub mono_us: u64,
    /// What happened.
    pub kind: Kind,
    /// In which turn.
    pub turn: Turn,
    /// Who said so.
    pub actor: String,
    /// Whether the caller is simulated.
    pub synthetic: bool,
    /// The body to the byte; none where it does not open.
    pub body: Option<Box<RawValue>>,
    /// `open`, `erased` (its key was destroyed) or `damaged`.
    pub state: State,
}

impl Shown {
    /// What it takes of a page, about.
    fn size(&self) -> usize {
        self.body.as_ref().map_or(0, |body| body.get().len()).saturating_add(256)
    }
}

/// Some of the wire's events, of all calls.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct WirePage {
    /// The events, in order.
    pub entries: Vec<Wire>,
    /// Whether more follow the last one.
    pub more: bool,
}

/// One event of the wire.
#[derive(Debug, Serialize, Deserialize)]
pub struct Wire {
    /// In which call.
    pub call: Option<CallId>,
    /// The event.
    pub event: Shown,
}

/// Whether a body opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It does.
    Open,
    /// Its key was destroyed.
    Erased,
    /// It does not open, or is not what was sealed: verify the record.
    Damaged,
}

/// The latest calls.
///
/// # Errors
/// [`StoreError`].
pub fn calls(connection: &Connection) -> Result<Calls, StoreError> {
    let mut statement = connection.prepare(
        "SELECT c.call, c.first, c.last, c.events, e.header, EXISTS (SELECT 1 FROM data_key k WHERE k.id = e.key_id)
         FROM (SELECT call, min(seq) AS first, max(seq) AS last, count(*) AS events FROM event
               WHERE call IS NOT NULL GROUP BY call ORDER BY first DESC LIMIT ?1) c
         JOIN event e ON e.seq = c.first ORDER BY c.first DESC",
    )?;
    let rows = statement.query_map([LISTED], |row| {
        let line: Vec<u8> = row.get(4)?;
        let header = Header::parse(&line).ok();
        Ok(Call {
            call: row.get(0)?,
            first: row.get::<_, Count>(1)?.0,
            last: row.get::<_, Count>(2)?.0,
            events: row.get::<_, Count>(3)?.0,
            t: header.as_ref().map_or(0, |header| header.t),
            synthetic: header.is_some_and(|header| header.synthetic),
            readable: row.get(5)?,
        })
    })?;
    Ok(Calls { calls: rows.collect::<Result<_, _>>()? })
}

/// Events of a call, or of the box outside calls, after number `after`. Sound is described, not handed out.
///
/// # Errors
/// [`StoreError`].
pub fn show(connection: &Connection, call: Option<CallId>, after: Option<u64>) -> Result<Page, StoreError> {
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE e.call IS ?1 AND e.seq >= ?2 ORDER BY e.seq",
    )?;
    let from = Count(after.map_or(0, |after| after.saturating_add(1)));
    let mut page = Page::default();
    page.more = fill(statement.query(params![call.map(|call| call.to_string()), from])?, |row| {
        page.entries.push(shown(row)?);
        Ok(page.entries.last().map_or(0, Shown::size))
    })?;
    Ok(page)
}

/// Events of the wire of all calls, whole.
///
/// # Errors
/// [`StoreError`].
pub fn wire(connection: &Connection, asked: Wired) -> Result<WirePage, StoreError> {
    let kept_back = |count: u32| {
        let latest = connection.query_row(
            "SELECT min(seq) FROM (SELECT seq FROM event
             WHERE json_extract(CAST(header AS TEXT), '$.kind') = 'wire.withheld' ORDER BY seq DESC LIMIT ?1)",
            [count],
            |row| row.get::<_, Option<Count>>(0),
        );
        latest.map(|seq| seq.map_or(u64::MAX >> 1, |Count(seq)| seq))
    };
    let from = match (asked.after, asked.withheld) {
        (Some(after), _) => after.saturating_add(1),
        (None, Some(count)) => kept_back(count)?,
        (None, None) => 0,
    };
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key, e.call FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE e.seq >= ?1 AND json_extract(CAST(e.header AS TEXT), '$.kind') LIKE 'wire.%' ORDER BY e.seq",
    )?;
    let mut page = WirePage::default();
    page.more = fill(statement.query([Count(from)])?, |row| {
        let (call, event): (Option<String>, _) = (row.get(4)?, shown(row)?);
        let size = event.size();
        let call = call.map(|call| call.parse()).transpose();
        page.entries.push(Wire { call: call.map_err(|_| StoreError::Malformed { table: "event" })?, event });
        Ok(size)
    })?;
    Ok(page)
}

/// Reviews, after number `after`.
///
/// # Errors
/// [`StoreError`].
pub fn reviews(connection: &Connection, after: Option<u64>) -> Result<Page, StoreError> {
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE e.seq >= ?1 AND json_extract(CAST(e.header AS TEXT), '$.kind') = 'review' ORDER BY e.seq",
    )?;
    let from = Count(after.map_or(0, |after| after.saturating_add(1)));
    let mut page = Page::default();
    page.more = fill(statement.query([from])?, |row| {
        page.entries.push(shown(row)?);
        Ok(page.entries.last().map_or(0, Shown::size))
    })?;
    Ok(page)
}

/// Calls that began since a moment and can still be read. At most [`DRAWABLE`], the earliest first.
///
/// # Errors
/// [`StoreError`].
pub fn drawable(connection: &Connection, asked: CallsSince) -> Result<Drawable, StoreError> {
    let Some(first) = first_since(connection, asked.since)? else { return Ok(Drawable::default()) };
    let mut statement = connection.prepare(
        "SELECT c.call FROM (SELECT call, min(seq) AS first FROM event WHERE call IS NOT NULL GROUP BY call) c
         JOIN event e ON e.seq = c.first
         WHERE c.first >= ?1 AND json_extract(CAST(e.header AS TEXT), '$.synthetic') = ?2
           AND EXISTS (SELECT 1 FROM data_key k WHERE k.id = e.key_id)
         ORDER BY c.first LIMIT ?3",
    )?;
    let rows = statement.query_map(params![Count(first), asked.synthetic, DRAWABLE], |row| row.get::<_, String>(0))?;
    let mut calls = Vec::new();
    for call in rows {
        calls.push(call?.parse().map_err(|_| StoreError::Malformed { table: "event" })?);
    }
    Ok(Drawable { calls })
}

/// Whether the caller of a turn is simulated; `None` where nothing is known of the turn.
///
/// # Errors
/// [`StoreError`].
pub fn is_synthetic(connection: &Connection, call: CallId, turn: Turn) -> Result<Option<bool>, StoreError> {
    let known = connection.query_row(
        "SELECT json_extract(CAST(header AS TEXT), '$.synthetic') FROM event
         WHERE call = ?1 AND json_extract(CAST(header AS TEXT), '$.turn') = ?2 LIMIT 1",
        params![call.to_string(), turn.0],
        |row| row.get(0),
    );
    Ok(known.optional()?)
}

/// Takes rows until a page is full; whether more follow. `take` returns the size of what it took.
fn fill(
    mut rows: rusqlite::Rows<'_>,
    mut take: impl FnMut(&Row<'_>) -> Result<usize, StoreError>,
) -> Result<bool, StoreError> {
    let mut size = 0_usize;
    while let Some(row) = rows.next()? {
        if size > PAGE {
            return Ok(true);
        }
        size = size.saturating_add(take(row)?);
    }
    Ok(false)
}

/// A piece of a simulated caller's call.
///
/// # Errors
/// [`StoreError`]. `Ok(None)` where there is no such piece, or the caller was not simulated, or it no longer opens: the
/// voice of a real caller does not leave by this way.
pub fn sound(connection: &Connection, call: CallId, chunk: u64) -> Result<Option<Chunk>, StoreError> {
    let found = connection
        .query_row(
            "SELECT e.seq, e.header, e.body_ct, k.key FROM event e LEFT JOIN data_key k ON k.id = e.key_id
             WHERE e.call = ?1 AND json_extract(CAST(e.header AS TEXT), '$.kind') = 'recording'
             ORDER BY e.seq LIMIT 1 OFFSET ?2",
            params![call.to_string(), Count(chunk)],
            |row| open(row).map(|(header, body)| (header.is_some_and(|h| h.synthetic), body)),
        )
        .optional()?;
    let Some((true, Ok(body))) = found else { return Ok(None) };
    Ok(Chunk::parse(&body).ok().filter(|chunk| chunk.head.synthetic))
}

pub(super) type Body = Result<zeroize::Zeroizing<Vec<u8>>, State>;

/// Header and open body of a row of seq, header, body, key.
pub(super) fn open(row: &Row<'_>) -> rusqlite::Result<(Option<Header>, Body)> {
    let line: Vec<u8> = row.get(1)?;
    let Ok(header) = Header::parse(&line) else { return Ok((None, Err(State::Damaged))) };
    let place = Place { log: &header.log, seq: row.get::<_, Count>(0)?.0, kind: header.kind.as_str() };
    let body = match (row.get::<_, Option<Vec<u8>>>(2)?, row.get::<_, Option<[u8; 32]>>(3)?) {
        (_, None) => Err(State::Erased),
        (None, Some(_)) => Err(State::Damaged),
        (Some(sealed), Some(key)) => DataKey::from_bytes(key).open(place, &sealed).map_err(|_| State::Damaged),
    };
    Ok((Some(header), body))
}

fn shown(row: &Row<'_>) -> Result<Shown, StoreError> {
    let seq = row.get::<_, Count>(0)?.0;
    let (header, body) = open(row)?;
    let header = header.ok_or(StoreError::Malformed { table: "event" })?;
    let body = body.and_then(|bytes| if header.kind == Kind::Recording { describe(&bytes) } else { verbatim(&bytes) });
    Ok(Shown {
        seq,
        t: header.t,
        mono_us: header.mono_us,
        kind: header.kind,
        turn: header.turn,
        actor: header.actor,
        synthetic: header.synthetic,
        state: body.as_ref().map_or_else(|state| *state, |_| State::Open),
        body: body.ok(),
    })
}

/// What is shown of a recording: its head and its length.
#[derive(Serialize)]
struct Sound {
    #[serde(flatten)]
    head: Head,
    seconds: f64,
}

fn verbatim(bytes: &[u8]) -> Result<Box<RawValue>, State> {
    let text = std::str::from_utf8(bytes).map_err(|_| State::Damaged)?;
    RawValue::from_string(text.to_owned()).map_err(|_| State::Damaged)
}

fn describe(bytes: &[u8]) -> Result<Box<RawValue>, State> {
    // A recording's event may also be a plain one: that it began, or was refused.
    let Ok(Chunk { head, samples }) = Chunk::parse(bytes) else { return verbatim(bytes) };
    let frames = u32::try_from(samples.len()).unwrap_or(u32::MAX) / u32::from(head.channels.max(1));
    let seconds = f64::from(frames) / f64::from(head.rate.max(1));
    serde_json::value::to_raw_value(&Sound { head, seconds }).map_err(|_| State::Damaged)
}
