//! The record itself, for a destination of PHI under an agreement: headers to the byte, leaves, checkpoints, and bodies
//! either sealed to the clinic's own key or, where it chose so, open.
//!
//! Sound is never among them, and bodies of calls that are held back are not.

use rusqlite::{Connection, Row, params};

use super::collected::Collected;
use crate::ids::CallId;
use crate::record::database::{Count, StoreError};
use crate::record::header::Header;
use crate::record::reading::{State, open};
use crate::record::seal::SealError;
use crate::wire::event::Kind;
use crate::wire::rows::{Cell, SCHEMA_VERSION};

/// How bodies go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bodies {
    /// Sealed to this X25519 key.
    Sealed([u8; 32]),
    /// As they are.
    Open,
    /// Not at all: they are too large, or this is a preview.
    LeftOut,
}

/// A body, on its way out.
struct Body {
    open: Cell,
    sealed: Cell,
    state: &'static str,
}

impl Body {
    fn none(state: &'static str) -> Self {
        Self { open: Cell::Null, sealed: Cell::Null, state }
    }
}

/// `raw_events` and `raw_checkpoints` of the events `first..next`.
///
/// # Errors
/// [`StoreError`].
pub(super) fn raw(
    out: &mut Collected<'_>,
    connection: &Connection,
    (log, first, next): (&str, u64, u64),
    bodies: Bodies,
    held: impl Fn(CallId) -> bool,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.seq, e.header,
           CASE json_extract(CAST(e.header AS TEXT), '$.kind') WHEN 'recording' THEN NULL ELSE e.body_ct END, k.key,
           e.leaf
         FROM event e LEFT JOIN data_key k ON k.id = e.key_id WHERE e.seq >= ?1 AND e.seq < ?2 ORDER BY e.seq",
    )?;
    let mut rows = statement.query(params![Count(first), Count(next)])?;
    while let Some(row) = rows.next()? {
        event(out, row, log, bodies, &held)?;
    }
    let mut statement = connection
        .prepare_cached("SELECT size, root, note FROM checkpoint WHERE size > ?1 AND size <= ?2 ORDER BY size")?;
    let mut rows = statement.query(params![Count(first), Count(next)])?;
    while let Some(row) = rows.next()? {
        let size = row.get::<_, Count>(0)?.0;
        let cells = vec![
            Cell::Text(out.box_id.to_owned()),
            Cell::Text(log.to_owned()),
            number(size),
            Cell::Int(SCHEMA_VERSION.into()),
            bytes(&row.get::<_, Vec<u8>>(1)?),
            Cell::Text(row.get(2)?),
        ];
        out.raw("raw_checkpoints", key(size), cells);
    }
    Ok(())
}

fn event(
    out: &mut Collected<'_>,
    row: &Row<'_>,
    log: &str,
    bodies: Bodies,
    held: &impl Fn(CallId) -> bool,
) -> Result<(), StoreError> {
    let seq = row.get::<_, Count>(0)?.0;
    let (header, opened) = open(row)?;
    let is = |kind| header.as_ref().is_some_and(|header| header.kind == kind);
    let held = header.as_ref().and_then(|header| header.call).is_some_and(held);
    let erased = matches!(opened, Err(State::Erased));
    let body = match opened {
        Err(State::Erased) => Body::none("erased"),
        Ok(_) | Err(State::Damaged | State::Open) if is(Kind::Recording) => Body::none("left-out"),
        Err(State::Damaged | State::Open) => Body::none("damaged"),
        Ok(_) if held => Body::none("held"),
        Ok(body) => handed(&body, bodies)?,
    };
    let text = |of: fn(&Header) -> Option<String>| header.as_ref().and_then(of).map_or(Cell::Null, Cell::Text);
    let cells = vec![
        Cell::Text(out.box_id.to_owned()),
        Cell::Text(log.to_owned()),
        number(seq),
        Cell::Int(SCHEMA_VERSION.into()),
        Cell::Text(String::from_utf8_lossy(&row.get::<_, Vec<u8>>(1)?).into_owned()),
        bytes(&row.get::<_, Vec<u8>>(4)?),
        text(|header| Some(header.kind.as_str().to_owned())),
        text(|header| header.call.map(|call| call.to_string())),
        body.open,
        body.sealed,
        text(|header| Some(header.ct_sha256.clone())),
        Cell::Text(body.state.to_owned()),
        Cell::Bool(erased),
    ];
    out.raw("raw_events", key(seq), cells);
    Ok(())
}

fn handed(body: &[u8], bodies: Bodies) -> Result<Body, StoreError> {
    match bodies {
        Bodies::LeftOut => Ok(Body::none("left-out")),
        Bodies::Open => Ok(match String::from_utf8(body.to_vec()) {
            Ok(text) => Body { open: Cell::Text(text), ..Body::none("open") },
            Err(_) => Body::none("damaged"),
        }),
        Bodies::Sealed(to) => {
            let sealed = crypto_box::PublicKey::from_bytes(to).seal(&mut crypto_box::aead::OsRng, body);
            let sealed = bytes(&sealed.map_err(|_| SealError::NotSealed)?);
            Ok(Body { sealed, ..Body::none("sealed") })
        }
    }
}

/// Sorts by number.
fn key(number: u64) -> String {
    format!("{number:020}")
}

fn number(value: u64) -> Cell {
    i64::try_from(value).map_or(Cell::Null, Cell::Int)
}

fn bytes(bytes: &[u8]) -> Cell {
    Cell::Bytes(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
