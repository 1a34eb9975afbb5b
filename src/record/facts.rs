//! What a record knows about itself: facts of the log in `record.db`, secrets in `keys.db`, and the stored tree.
//!
//! Facts (`meta`): `log`, `origin`, `vkey`, `boot`, `boot-id`, `erasing`, `restored`, `witnessed:NAME`, `copied`,
//! `configuration`, `epoch-day`, `retention-day`. Secrets outlive a damaged `record.db`: `box-secret`, `box-name`,
//! `signing-seed:LOG`, `warehouse-secret:NAME`.

use rusqlite::{Connection, OptionalExtension, params};

use crate::record::database::{Count, StoreError};
use crate::record::senders::Senders;
use crate::record::tree::Frontier;

/// The value of a fact.
///
/// # Errors
/// [`StoreError`].
pub(super) fn known(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let value = connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0));
    Ok(value.optional()?)
}

/// The value of a fact that is text.
///
/// # Errors
/// [`StoreError`].
pub(super) fn known_text(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let text = known(connection, name)?.map(String::from_utf8).transpose();
    text.map_err(|_| StoreError::Malformed { table: "meta" })
}

/// Writes a fact, over what was known.
///
/// # Errors
/// [`StoreError`].
pub(super) fn set(connection: &Connection, name: &str, value: &[u8]) -> Result<(), StoreError> {
    let set = "INSERT INTO meta(name, value) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET value = excluded.value";
    connection.execute(set, params![name, value])?;
    Ok(())
}

/// Forgets a fact.
///
/// # Errors
/// [`StoreError`].
pub(super) fn forget(connection: &Connection, name: &str) -> Result<(), StoreError> {
    connection.execute("DELETE FROM meta WHERE name = ?1", [name])?;
    Ok(())
}

/// The value of a fact, made by `make` the first time.
///
/// # Errors
/// [`StoreError`].
pub(super) fn known_or(
    connection: &Connection,
    name: &str,
    make: impl FnOnce() -> Result<Vec<u8>, StoreError>,
) -> Result<Vec<u8>, StoreError> {
    if let Some(value) = known(connection, name)? {
        return Ok(value);
    }
    let value = make()?;
    set(connection, name, &value)?;
    Ok(value)
}

/// A secret.
///
/// # Errors
/// [`StoreError`].
pub(super) fn secret(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let value = connection.query_row("SELECT value FROM keys.secret WHERE name = ?1", [name], |row| row.get(0));
    Ok(value.optional()?)
}

/// A secret, made by `make` the first time.
///
/// # Errors
/// [`StoreError`].
pub(super) fn secret_or(
    connection: &Connection,
    name: &str,
    make: impl FnOnce() -> Result<Vec<u8>, StoreError>,
) -> Result<Vec<u8>, StoreError> {
    if let Some(value) = secret(connection, name)? {
        return Ok(value);
    }
    let value = make()?;
    connection.execute("INSERT INTO keys.secret(name, value) VALUES (?1, ?2)", params![name, value])?;
    Ok(value)
}

/// Counts the machine's starts: the kernel draws a new id at each.
///
/// # Errors
/// [`StoreError`].
pub(super) fn count_boot(connection: &Connection) -> Result<u64, StoreError> {
    let id = std::fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let count =
        known(connection, "boot")?.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()).map_or(0, u64::from_be_bytes);
    if known(connection, "boot-id")?.as_deref() == Some(&id) {
        return Ok(count);
    }
    let count = count.saturating_add(1);
    set(connection, "boot", &count.to_be_bytes())?;
    set(connection, "boot-id", &id)?;
    Ok(count)
}

/// The stored tree; none where nothing was ever appended.
///
/// # Errors
/// [`StoreError::Malformed`] where size and frontier do not belong together.
pub(super) fn read_tree(connection: &Connection) -> Result<Option<Frontier>, StoreError> {
    Ok(read_head(connection)?.map(|(tree, _)| tree))
}

/// The stored tree and how far each sender is; none where nothing was ever appended.
///
/// # Errors
/// [`StoreError::Malformed`] where they are not whole.
pub(super) fn read_head(connection: &Connection) -> Result<Option<(Frontier, Senders)>, StoreError> {
    let row = connection
        .query_row("SELECT size, frontier, senders FROM tree", [], |row| {
            Ok((row.get::<_, Count>(0)?.0, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?))
        })
        .optional()?;
    let Some((size, frontier, senders)) = row else { return Ok(None) };
    let frontier = Frontier::from_bytes(size, &frontier).map_err(|_| StoreError::Malformed { table: "tree" })?;
    let senders = Senders::from_bytes(&senders).map_err(|_| StoreError::Malformed { table: "tree" })?;
    Ok(Some((frontier, senders)))
}

/// Stores the tree and how far each sender is, in one row: it is written with every commit.
///
/// # Errors
/// [`StoreError`].
pub(super) fn write_head(connection: &Connection, tree: &Frontier, senders: &Senders) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO tree(one, size, frontier, senders) VALUES (1, ?1, ?2, ?3) ON CONFLICT(one) DO UPDATE
             SET size = excluded.size, frontier = excluded.frontier, senders = excluded.senders",
        )?
        .execute(params![Count(tree.size()), tree.to_bytes(), senders.to_bytes()])?;
    Ok(())
}
