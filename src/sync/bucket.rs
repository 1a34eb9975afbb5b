//! A bucket as a destination: Parquet files, and a manifest for each batch that enters them.
//!
//! In:  batches. Out: one object for each table of a batch, then the manifest: readers believe what a manifest names.
//!
//! ```text
//!   newest manifest = the cursor ── batch ── files (If-None-Match: *) ── manifest (the same) = entered
//!                                              │ killed here: files that no manifest names
//!                                              └─ found by their FIRST; the same range is asked for, the digest matches
//! ```
//! Nothing is ever written over or deleted: the key of syncd needs neither right.

mod keys;
pub mod s3;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::cells;
use super::fault::Fault;
use super::parquet;
use super::run::Target;
use crate::clock::Clock;
use crate::config::warehouse as config;
use crate::wire::rows::{Batch, Checkpoint, Cursor, SCHEMA_VERSION, Table};
use s3::{Put, S3};

/// The most bytes of a manifest: a checkpoint and a line for each table.
const MOST_OF_A_MANIFEST: usize = 256 << 10;

/// What one batch brought: `v1/_manifest/box_id=BOX/NEXT.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the tables.
    pub schema_version: u32,
    /// The box's name at this destination.
    pub box_id: String,
    /// Which log.
    pub log: String,
    /// The first event.
    pub first: u64,
    /// The first event after it.
    pub next: u64,
    /// The checkpoint that covers it.
    pub checkpoint: Checkpoint,
    /// The batch's digest, as the record announced it.
    pub digest: String,
    /// The files, in the order of the batch's tables.
    pub objects: Vec<Object>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// How many rows it has.
    pub rows: u64,
    /// How many bytes.
    pub size: u64,
    /// Its SHA-256, hexadecimal.
    pub sha256: String,
}

/// A bucket.
pub struct Bucket<'a> {
    s3: S3,
    prefix: String,
    tables: &'a [Table],
    phi: bool,
    /// The newest manifest that was seen: what comes before it need not be listed again.
    newest: Option<String>,
}

impl<'a> Bucket<'a> {
    /// The bucket of a configuration. `phi` says whether it may have tables with PHI.
    ///
    /// # Errors
    /// [`Fault::File`], [`Fault::Address`] or [`Fault::Authority`].
    pub fn open(config: &config::Bucket, phi: bool, tables: &'a [Table], clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let s3 = S3::open(config, clock)?;
        Ok(Self { s3, prefix: config.prefix.clone(), tables, phi, newest: None })
    }

    /// The newest manifest's key and NEXT.
    async fn newest(&mut self, folder: &str) -> Result<Option<(String, u64)>, Fault> {
        let known = self.newest.take().filter(|key| key.starts_with(folder));
        let mut after = known.clone();
        let mut found = known;
        loop {
            let (names, more) = self.s3.list(folder, after.as_deref()).await?;
            if let Some(name) = names.iter().rfind(|name| keys::entered(folder, name).is_some()) {
                found = Some(name.clone());
            }
            after = names.into_iter().next_back().or(after);
            if !more {
                break;
            }
        }
        self.newest.clone_from(&found);
        Ok(found.and_then(|key| keys::entered(folder, &key).map(|next| (key, next))))
    }

    async fn object(&self, table: &Table, batch: &Batch, bytes: &[u8], rows: usize) -> Result<Object, Fault> {
        let key = keys::data(&self.prefix, table.name, &batch.box_id, batch.first, batch.next);
        match self.s3.put_new(&key, bytes, &batch.digest).await? {
            Put::There { size, sha256 } => {
                Ok(Object { key, rows: u64::try_from(rows).unwrap_or(u64::MAX), size, sha256 })
            }
            Put::Other => Err(Fault::Taken),
        }
    }
}

impl Target for Bucket<'_> {
    async fn cursor(&mut self, box_id: &str) -> Result<Option<Cursor>, Fault> {
        let folder = keys::manifests(&self.prefix, box_id);
        let Some((key, next)) = self.newest(&folder).await? else { return Ok(None) };
        let bytes = self.s3.get(&key, MOST_OF_A_MANIFEST).await?.ok_or(Fault::Protocol)?;
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| Fault::Taken)?;
        if manifest.next != next || manifest.box_id != box_id {
            return Err(Fault::Taken);
        }
        let Checkpoint { size, root, .. } = manifest.checkpoint;
        Ok(Some(Cursor { log: manifest.log, next, size, root }))
    }

    async fn begun(&mut self, box_id: &str, first: u64) -> Result<Option<u64>, Fault> {
        for table in cells::tables_for(self.tables, self.phi) {
            let begun = keys::begun(&self.prefix, table.name, box_id, first);
            let (names, _) = self.s3.list(&begun, None).await?;
            if let Some(end) = names.iter().find_map(|name| keys::end(&begun, name)) {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    async fn write(&mut self, batch: &Batch, _: Option<&Cursor>) -> Result<Cursor, Fault> {
        // Every file is made before the first is sent: rows that do not fit leave nothing half done.
        let mut files = Vec::new();
        for rows in batch.tables.iter().filter(|rows| !rows.rows.is_empty()) {
            let table = cells::table_of(self.tables, rows, self.phi)?;
            files.push((table, parquet::file(table, &rows.rows)?, rows.rows.len()));
        }
        let mut objects = Vec::new();
        for (table, bytes, rows) in &files {
            objects.push(self.object(table, batch, bytes, *rows).await?);
        }
        let manifest = Manifest {
            schema_version: SCHEMA_VERSION,
            box_id: batch.box_id.clone(),
            log: batch.log.clone(),
            first: batch.first,
            next: batch.next,
            checkpoint: batch.checkpoint.clone(),
            digest: batch.digest.clone(),
            objects,
        };
        let bytes = serde_json::to_vec(&manifest).map_err(|_| Fault::Rows)?;
        let key = keys::manifest(&self.prefix, &batch.box_id, batch.next);
        match self.s3.put_new(&key, &bytes, &batch.digest).await? {
            Put::There { .. } => {}
            // Entered by somebody else: look again.
            Put::Other => return Err(Fault::Moved),
        }
        self.newest = Some(key);
        let Checkpoint { size, root, .. } = manifest.checkpoint;
        Ok(Cursor { log: manifest.log, next: manifest.next, size, root })
    }
}
