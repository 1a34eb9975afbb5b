//! A write happens once for its key: the first answer is kept beside the change, in the same transaction.

use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Value;

use super::store::failed;
use crate::clinic::fault::Code;

/// What makes a write the same write.
#[derive(Clone, Copy)]
pub(super) struct Once<'a> {
    /// The client's key.
    pub(super) key: &'a str,
    /// The tool.
    pub(super) tool: &'a str,
    /// The arguments, in one fixed spelling.
    pub(super) arguments: &'a str,
}

/// Does `act` unless it was done under this key, and returns its answer or the one kept.
pub(super) fn once(
    change: &Transaction<'_>,
    once: Once<'_>,
    act: impl FnOnce(&Transaction<'_>) -> Result<Value, Code>,
) -> Result<Value, Code> {
    if let Some(kept) = kept(change, once)? {
        return kept;
    }
    let answer = act(change)?;
    change
        .execute(
            "INSERT INTO effects (key, tool, arguments, answer) VALUES (?1, ?2, ?3, ?4)",
            params![once.key, once.tool, once.arguments, answer.to_string()],
        )
        .map_err(failed)?;
    Ok(answer)
}

fn kept(change: &Transaction<'_>, once: Once<'_>) -> Result<Option<Result<Value, Code>>, Code> {
    let row = change
        .query_row("SELECT tool, arguments, answer FROM effects WHERE key = ?1", params![once.key], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })
        .optional()
        .map_err(failed)?;
    let Some((tool, arguments, answer)) = row else { return Ok(None) };
    if tool != once.tool || arguments != once.arguments {
        // The answer under this key belongs to another request, perhaps of another patient.
        return Ok(Some(Err(Code::KeyReused)));
    }
    serde_json::from_str(&answer).map(|answer| Some(Ok(answer))).map_err(|_| Code::Internal)
}
