//! The tree's nodes out of the database: leaves, and the stored levels above them.
//!
//! In:  a connection. Out: roots, frontiers and proofs at any size that the log ever had. Only reads.

use rusqlite::{Connection, params};

use crate::record::database::{Count, StoreError};
use crate::record::tree::nodes::{Stored, Tiles, TilesError};
use crate::record::tree::proof::{self, ProofError, frontier_at};
use crate::record::tree::{Frontier, Hash};

/// The hashes of a record.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a>(pub &'a Connection);

impl Stored for Rows<'_> {
    type Error = StoreError;

    fn hashes(&mut self, level: u8, first: u64, count: u64) -> Result<Vec<Hash>, StoreError> {
        let end = Count(first.saturating_add(count));
        let read = |row: &rusqlite::Row<'_>| row.get::<_, [u8; 32]>(0).map(Hash);
        let hashes = if level == 0 {
            let leaves = "SELECT leaf FROM event WHERE seq >= ?1 AND seq < ?2 ORDER BY seq";
            self.0.prepare_cached(leaves)?.query_map(params![Count(first), end], read)?.collect::<Result<_, _>>()?
        } else {
            let tiles = "SELECT hash FROM tile WHERE level = ?3 AND place >= ?1 AND place < ?2 ORDER BY place";
            let rows = params![Count(first), end, level];
            self.0.prepare_cached(tiles)?.query_map(rows, read)?.collect::<Result<_, _>>()?
        };
        Ok(hashes)
    }
}

/// The frontier that the tree had at `size`.
///
/// # Errors
/// [`StoreError::Malformed`] where hashes are missing, and as any read.
pub fn frontier(connection: &Connection, size: u64) -> Result<Frontier, StoreError> {
    frontier_at(&mut Tiles(Rows(connection)), size).map_err(missing)
}

/// The root of the tree at `size`.
///
/// # Errors
/// As [`frontier`].
pub fn root_at(connection: &Connection, size: u64) -> Result<Hash, StoreError> {
    Ok(frontier(connection, size)?.root())
}

/// The proof that event `seq` is in the tree of `size` events.
///
/// # Errors
/// As [`frontier`]; also where there is no such event in it.
pub fn inclusion(connection: &Connection, seq: u64, size: u64) -> Result<Vec<Hash>, StoreError> {
    proof::inclusion(&mut Tiles(Rows(connection)), seq, size).map_err(unproven)
}

/// The proof that the tree of `old` events is the beginning of that of `new`.
///
/// # Errors
/// As [`frontier`]; also where `old` is the larger.
pub fn consistency(connection: &Connection, old: u64, new: u64) -> Result<Vec<Hash>, StoreError> {
    proof::consistency(&mut Tiles(Rows(connection)), old, new).map_err(unproven)
}

/// Stores the levels above the leaves, for a record that has only leaves: one of version 1, or one that was restored.
///
/// # Errors
/// [`StoreError`].
pub(super) fn note_tiles(connection: &Connection) -> Result<(), StoreError> {
    let mut tree = Frontier::default();
    let mut leaves = connection.prepare("SELECT leaf FROM event ORDER BY seq")?;
    let mut insert = connection.prepare("INSERT INTO tile(level, place, hash) VALUES (?1, ?2, ?3)")?;
    let mut rows = leaves.query([])?;
    let mut completed = Vec::new();
    while let Some(row) = rows.next()? {
        tree.push_noting(Hash(row.get(0)?), &mut |level, place, hash| completed.push((level, place, hash)));
        for (level, place, hash) in completed.drain(..) {
            insert.execute(params![level, Count(place), hash.0])?;
        }
    }
    Ok(())
}

fn missing(error: TilesError<StoreError>) -> StoreError {
    match error {
        TilesError::Stored(error) => error,
        TilesError::Missing { .. } | TilesError::Beyond { .. } => StoreError::Malformed { table: "tree" },
    }
}

fn unproven(error: ProofError<TilesError<StoreError>>) -> StoreError {
    match error {
        ProofError::Nodes(error) => missing(error),
        ProofError::Outside { .. } => StoreError::Malformed { table: "tree" },
    }
}
