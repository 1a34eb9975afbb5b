//! What recordd keeps of each destination in the record: the secret that its pseudonyms are made with, and the newest
//! checkpoint that has arrived there.

use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::record::database::StoreError;
use crate::record::facts;
use crate::record::seal::random;
use crate::wire::rows::Synced;

/// The destination's secret.
///
/// # Errors
/// [`StoreError::Malformed`] where it has none yet.
pub(super) fn of(connection: &Connection, destination: &str) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let bytes = facts::secret(connection, &name(destination))?.map(Zeroizing::new);
    let secret = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    secret.map(Zeroizing::new).ok_or(StoreError::Malformed { table: "secret" })
}

/// Draws a secret for a destination that has none.
///
/// # Errors
/// [`StoreError`].
pub(in crate::record) fn draw(connection: &Connection, destination: &str) -> Result<(), StoreError> {
    facts::secret_or(connection, &name(destination), || Ok(random::<32>()?.to_vec())).map(drop)
}

/// Notes the checkpoint that a destination has: whoever cuts the log short later is found out by it.
///
/// # Errors
/// [`StoreError`].
pub(in crate::record) fn witness(connection: &Connection, synced: &Synced, t: i64) -> Result<(), StoreError> {
    let fact = serde_json::json!({ "size": synced.cursor.size, "root": synced.cursor.root, "t": t }).to_string();
    facts::set(connection, &format!("witnessed:{}", synced.destination), fact.as_bytes())
}

fn name(destination: &str) -> String {
    format!("warehouse-secret:{destination}")
}
