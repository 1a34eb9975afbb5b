//! What people did with the record, as rows: who looked into it, what was disclosed. When to the year, names not at all.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::bare::{Bare, OTHER};
use super::collected::Collected;
use super::words::{LOOKED_AT, WAYS};
use crate::ids::CallId;
use crate::record::database::{Count, StoreError};
use crate::record::header::Header;
use crate::record::reading::open;
use crate::wire::event::Kind;

/// `fct_console_access` of the events `first..next`.
///
/// # Errors
/// [`StoreError`].
pub(super) fn accesses(
    out: &mut Collected<'_>,
    connection: &Connection,
    events: (u64, u64),
    held: impl Fn(CallId) -> bool,
) -> Result<(), StoreError> {
    each(connection, [Kind::ConsoleAccess, Kind::ConsoleReveal], events, held, |header, body| {
        let word = |list, name: &str| Bare::word(list, Some(body.get(name).and_then(Value::as_str).unwrap_or(OTHER)));
        let values = vec![
            ("call_key", call_key(out, header)),
            ("year", Bare::year(header.t)),
            ("revealed", Bare::flag(header.kind == Kind::ConsoleReveal)),
            ("what", word(LOOKED_AT, "what")),
            ("by_role", word(WAYS, "by")),
        ];
        out.fact("fct_console_access", &header.log, header.seq, values);
    })
}

/// `fct_accounted_disclosures` of the events `first..next`.
///
/// # Errors
/// [`StoreError`].
pub(super) fn accounted(
    out: &mut Collected<'_>,
    connection: &Connection,
    events: (u64, u64),
    held: impl Fn(CallId) -> bool,
) -> Result<(), StoreError> {
    each(connection, [Kind::Disclosure; 2], events, held, |header, body| {
        let values = vec![
            ("call_key", call_key(out, header)),
            ("year", Bare::year(header.t)),
            ("names_patient", Bare::flag(body.get("patient").is_some_and(Value::is_string))),
        ];
        out.fact("fct_accounted_disclosures", &header.log, header.seq, values);
    })
}

/// Does something with each event of two kinds, among `first..next`, that is not of a call that is held back.
fn each(
    connection: &Connection,
    kinds: [Kind; 2],
    (first, next): (u64, u64),
    held: impl Fn(CallId) -> bool,
    mut then: impl FnMut(&Header, &Value),
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.seq, e.header, e.body_ct, k.key FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE e.seq >= ?1 AND e.seq < ?2 AND json_extract(CAST(e.header AS TEXT), '$.kind') IN (?3, ?4)",
    )?;
    let [one, other] = kinds.map(Kind::as_str);
    let mut rows = statement.query(params![Count(first), Count(next), one, other])?;
    while let Some(row) = rows.next()? {
        let (Some(header), Ok(body)) = open(row)? else { continue };
        let Ok(body) = serde_json::from_slice::<Value>(&body) else { continue };
        if !header.call.is_some_and(&held) {
            then(&header, &body);
        }
    }
    Ok(())
}

fn call_key(out: &Collected<'_>, header: &Header) -> Bare {
    header.call.map_or_else(Bare::none, |call| Bare::pseudonym(&out.call_key(call)))
}
