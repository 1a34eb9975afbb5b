//! Who looked into the record, as rows: when to the year, names not at all.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::bare::{Bare, OTHER};
use super::collected::Collected;
use super::words::{LOOKED_AT, WAYS};
use crate::ids::CallId;
use crate::record::database::{Count, StoreError};
use crate::record::reading::open;
use crate::wire::event::Kind;

/// `fct_console_access` of the events `first..next`.
///
/// # Errors
/// [`StoreError`].
pub(super) fn accesses(
    out: &mut Collected<'_>,
    connection: &Connection,
    (first, next): (u64, u64),
    held: impl Fn(CallId) -> bool,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT e.seq, e.header, e.body_ct, k.key FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE e.seq >= ?1 AND e.seq < ?2
           AND json_extract(CAST(e.header AS TEXT), '$.kind') IN ('console.access', 'console.reveal')",
    )?;
    let mut rows = statement.query(params![Count(first), Count(next)])?;
    while let Some(row) = rows.next()? {
        let (Some(header), Ok(body)) = open(row)? else { continue };
        let Ok(body) = serde_json::from_slice::<Value>(&body) else { continue };
        if header.call.is_some_and(&held) {
            continue;
        }
        let word = |list, name: &str| Bare::word(list, Some(body.get(name).and_then(Value::as_str).unwrap_or(OTHER)));
        let call = header.call.map(|call| Bare::pseudonym(&out.call_key(call)));
        let values = vec![
            ("call_key", call.unwrap_or_else(Bare::none)),
            ("year", Bare::year(header.t)),
            ("revealed", Bare::flag(header.kind == Kind::ConsoleReveal)),
            ("what", word(LOOKED_AT, "what")),
            ("by_role", word(WAYS, "by")),
        ];
        out.fact("fct_console_access", &header.log, header.seq, values);
    }
    Ok(())
}
