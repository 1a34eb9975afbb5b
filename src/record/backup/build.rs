//! Building a record from segments: rows in, a database out.
//!
//! In:  segments in the order of their events. Out: `record.db` with every row as it was, the tree grown anew over them,
//! the keys that live, and the mark `restored`. Nothing is taken from a segment before all of it was looked through.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use rusqlite::{Connection, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::record::backup::keys::{Keys, LOGS_OWN};
use crate::record::backup::segment::{Noted, Segment, has_checkpoints};
use crate::record::database::{Count, Location, StoreError};
use crate::record::facts::{set, write_head};
use crate::record::header::Header;
use crate::record::keys;
use crate::record::nodes::note_tiles;
use crate::record::senders::Senders;
use crate::record::tree::{Frontier, Hash, leaf, sha256};

/// The mark in `meta` 'restored' (JSON): the log ended here, and the record must begin another before it appends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The log that ended.
    pub log: Uuid,
    /// How many events it has.
    pub size: u64,
    /// The root over them, hex; none where some are missing.
    pub root: Option<String>,
    /// When it was restored, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
    /// Events that are missing: first, and first after them.
    pub missing: Vec<(u64, u64)>,
}

/// A record under construction.
pub(super) struct Builder {
    connection: Connection,
    location: Location,
    log: Uuid,
    tree: Frontier,
    boot: u64,
    missing: Vec<Range<u64>>,
    /// Keys of which a body was removed: they were destroyed, whatever an old key backup says.
    destroyed: HashSet<String>,
    checkpoints: Vec<Noted>,
}

impl Builder {
    /// Begins.
    pub(super) fn begin(location: &Location, log: Uuid) -> Result<Self, StoreError> {
        let connection = location.writer()?;
        // Nothing is lost that is not still in the backup: one sync at the end instead of one for each segment.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(Self {
            connection,
            location: location.clone(),
            log,
            tree: Frontier::default(),
            boot: 0,
            missing: Vec::new(),
            destroyed: HashSet::new(),
            checkpoints: Vec::new(),
        })
    }

    /// The number of the next event.
    pub(super) fn next(&self) -> u64 {
        self.tree.size()
    }

    /// Leaves out events up to `until`. In the tree a hash of nothing stands for each, so that later rows keep their
    /// places; its root proves nothing any more.
    pub(super) fn leave_out(&mut self, until: u64) {
        let missing = self.next()..until;
        if !missing.is_empty() {
            missing.clone().for_each(|_| self.tree.push(sha256(&[])));
            self.missing.push(missing);
        }
    }

    /// Adds the events of a segment that are not there yet, in one transaction. False where the segment is not what it
    /// says; then nothing was added.
    pub(super) fn add(&mut self, segment: &Segment) -> Result<bool, StoreError> {
        let log = self.log.to_string();
        let numbered = (segment.first..).zip(&segment.events);
        let headers = numbered.map(|(seq, event)| {
            let header = Header::parse(&event.header).ok().filter(|header| header.log == log && header.seq == seq)?;
            let fits = |body: &Vec<u8>| {
                sha256(body).to_string() == header.ct_sha256 && u64::try_from(body.len()) == Ok(header.ct_len)
            };
            event.body_ct.as_ref().is_none_or(fits).then_some(header)
        });
        let Some(headers) = headers.collect::<Option<Vec<_>>>() else { return Ok(false) };
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let known = self.tree.size();
        for (header, event) in headers.iter().zip(&segment.events).filter(|(header, _)| header.seq >= known) {
            let leaf = leaf(&event.header);
            let call = header.call.map(|call| call.to_string());
            tx.prepare_cached(
                "INSERT INTO event(seq, header, leaf, key_id, call, body_ct) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![Count(header.seq), event.header, leaf.0, header.key, call, event.body_ct])?;
            self.tree.push(leaf);
            self.boot = self.boot.max(header.boot);
            if event.body_ct.is_none() {
                self.destroyed.insert(header.key.clone());
            }
        }
        tx.commit()?;
        if let Some(noted) = &segment.checkpoint
            && self.checkpoints.last() != Some(noted)
        {
            self.checkpoints.push(noted.clone());
        }
        Ok(true)
    }

    /// The checkpoints that came with the segments, each once.
    pub(super) fn checkpoints(&self) -> &[Noted] {
        &self.checkpoints
    }

    /// The roots that the tree had at these sizes; of those only that it had before anything was left out.
    pub(super) fn roots(&self, sizes: Vec<u64>) -> Result<BTreeMap<u64, Hash>, StoreError> {
        let proved = self.missing.first().map_or(self.next(), |missing| missing.start);
        // A set: each event asks it once, and a year has thousands of checkpoints.
        let sizes: HashSet<u64> = sizes.into_iter().filter(|&size| size <= proved).collect();
        let (mut tree, mut roots) = (Frontier::default(), BTreeMap::new());
        let mut note = |tree: &Frontier| {
            if sizes.contains(&tree.size()) {
                roots.insert(tree.size(), tree.root());
            }
        };
        note(&tree);
        let mut statement = self.connection.prepare("SELECT leaf FROM event WHERE seq < ?1 ORDER BY seq")?;
        let mut rows = statement.query([Count(proved)])?;
        while let Some(row) = rows.next()? {
            tree.push(Hash(row.get(0)?));
            note(&tree);
        }
        Ok(roots)
    }

    /// Writes what is no event: the tree, the keys, the facts and the mark. Everything is on the disk when it returns.
    pub(super) fn finish(mut self, keys: &Keys, now: i64) -> Result<Mark, StoreError> {
        let mark = Mark {
            log: self.log,
            size: self.tree.size(),
            root: self.missing.is_empty().then(|| self.tree.root().to_string()),
            t: now,
            missing: self.missing.iter().map(|range| (range.start, range.end)).collect(),
        };
        let json = serde_json::to_vec(&mark).map_err(|_| StoreError::Malformed { table: "meta" })?;
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        write_head(&tx, &self.tree, &Senders::default())?;
        for (name, value) in
            [("log", self.log.to_string().as_bytes()), ("boot", &self.boot.to_be_bytes()), ("restored", &json)]
        {
            tx.execute("INSERT INTO meta(name, value) VALUES (?1, ?2)", params![name, value])?;
        }
        if self.missing.is_empty() {
            note_tiles(&tx)?;
        }
        if has_checkpoints(&tx)? {
            for Noted { size, root, t, note } in &self.checkpoints {
                let put = "INSERT OR IGNORE INTO checkpoint(size, note, root, t) VALUES (?1, ?2, ?3, ?4)";
                tx.prepare_cached(put)?.execute(params![Count(*size), note, root, t])?;
            }
        }
        tx.commit()?;
        self.put_keys(keys)?;
        self.connection.pragma_update(None, "synchronous", "FULL")?;
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(mark)
    }

    /// Puts what `keys.db` held into the new one.
    fn put_keys(&mut self, backup: &Keys) -> Result<(), StoreError> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let secrets = backup.secrets.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        for (name, value) in secrets.chain([("box-secret", backup.box_secret.as_slice())]) {
            if LOGS_OWN.contains(&name) {
                set(&tx, name, value)?;
            } else {
                tx.execute("INSERT OR REPLACE INTO keys.secret(name, value) VALUES (?1, ?2)", params![name, value])?;
            }
        }
        for (call, what) in &backup.marks {
            tx.execute("INSERT OR IGNORE INTO keys.mark(call, what) VALUES (?1, ?2)", params![call, what])?;
        }
        for kept in backup.keys.iter().filter(|kept| !self.destroyed.contains(&kept.id)) {
            keys::put(&tx, &self.location, &kept.id, &kept.scope, &kept.key, kept.made)?;
        }
        tx.commit()?;
        self.connection.query_row("PRAGMA keys.wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}
