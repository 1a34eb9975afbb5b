//! Appending: events in, rows and a grown tree out, in one transaction.
//!
//! Owned by the writer thread ([`crate::record::writer`]). A store that failed is gone: [`Store::append`] takes it by
//! value and gives it back only where the commit went well, because after a failed write or fsync the same handle says
//! nothing reliable about what is on the disk.
//!
//! Every 256 events and at the end of every call the tree is signed, in the same transaction
//! ([`crate::record::checkpoint`]); the writer asks for it once more when a minute has passed.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ids::{CallId, Turn};
use crate::record::checkpoint::Checkpoint;
use crate::record::database::{Count, Location, StoreError, write_back_some};
use crate::record::facts::{count_boot, known_or, known_text, read_head, secret_or, write_head};
use crate::record::header::{self, Header};
use crate::record::keys::{self, Scope};
use crate::record::note::Signer;
use crate::record::seal::{DataKey, Place, random};
use crate::record::senders::{Sender, Senders};
use crate::record::tree::{Frontier, leaf, sha256};
use crate::wire::event::Kind;

/// Data keys that are kept in memory between batches; calls that are under way, and the day's.
const KEYS_KEPT: usize = 64;
/// Events after which the tree is signed.
const CHECKPOINT_EVERY: u64 = 256;
/// Pages of 4 KiB, about, that the log may grow by before it is written back.
const WRITE_BACK_PAGES: u64 = 1_000;
/// Pages that a transaction writes beside its bodies, about: index, tree, the file's head.
const PAGES_A_COMMIT: u64 = 4;
/// Bytes that must fit before a store counts as writable again: a few calls' events.
const PROBE_BYTES: i32 = 64 * 1024;

/// An event that is ready to be sealed and appended.
#[derive(Clone)]
pub struct Entry {
    /// Wall-clock time, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
    /// Monotonic time of the sender, microseconds.
    pub mono_us: u64,
    /// What happened.
    pub kind: Kind,
    /// In which call.
    pub call: Option<CallId>,
    /// In which turn.
    pub turn: Turn,
    /// Whether the caller is simulated.
    pub synthetic: bool,
    /// Who said so.
    pub actor: &'static str,
    /// What is sealed.
    pub body: Zeroizing<Vec<u8>>,
}

/// Events that are appended together.
#[derive(Clone, Default)]
pub struct Submission {
    /// Who sends them, where they may come twice.
    pub sender: Option<Sender>,
    /// The events.
    pub entries: Vec<Entry>,
}

/// What became of a submission.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// The numbers given to the events: first and last; none where nothing was new.
    pub seqs: Option<(u64, u64)>,
    /// The number of the next event that is expected of the sender.
    pub next: u64,
}

/// The open record, for appending.
pub struct Store {
    connection: Connection,
    location: Location,
    log: String,
    origin: String,
    signer: Signer,
    boot: u64,
    tree: Frontier,
    senders: Senders,
    /// How many events the newest checkpoint covers.
    signed: u64,
    /// Pages, about, that the log grew by since it was last written back.
    unwritten: u64,
    keys: HashMap<Scope, (String, DataKey)>,
}

impl Store {
    /// Opens the record, and makes it where there has never been one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(location: &Location) -> Result<Self, StoreError> {
        Self::with(location, location.writer()?)
    }

    /// Begins a new log where one was set aside.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub(super) fn begin(location: &Location) -> Result<Self, StoreError> {
        Self::with(location, location.begin()?)
    }

    fn with(location: &Location, mut connection: Connection) -> Result<Self, StoreError> {
        secret_or(&connection, "box-secret", || Ok(random::<32>()?.to_vec()))?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let log = match known_text(&tx, "log")? {
            Some(log) => log,
            None => text(known_or(&tx, "log", || Ok(Uuid::new_v4().to_string().into_bytes()))?)?,
        };
        let origin = text(known_or(&tx, "origin", || Ok(format!("{}/{log}", box_name(&tx, location)?).into_bytes()))?)?;
        let seed = secret_or(&tx, &format!("signing-seed:{log}"), || Ok(random::<32>()?.to_vec()))?;
        let seed = Zeroizing::new(seed.try_into().map_err(|_| StoreError::Malformed { table: "secret" })?);
        let boot = count_boot(&tx)?;
        let (tree, senders) = read_head(&tx)?.unwrap_or_default();
        let signed = tx.query_row("SELECT coalesce(max(size), 0) FROM checkpoint", [], |row| row.get::<_, Count>(0))?.0;
        tx.commit()?;
        let signer = Signer::from_seed(&origin, &seed).map_err(|_| StoreError::Malformed { table: "meta" })?;
        // The public half stays with the log, wherever it is restored.
        known_or(&connection, "vkey", || Ok(signer.verifier().to_text().into_bytes()))?;
        let location = location.clone();
        // SQLite would write the log back at the end of some commits and keep a failed sync to itself. Then what it did not
        // write is on no disk, but counts as written, and the commits behind it would be lost in a power cut.
        connection.query_row("PRAGMA wal_autocheckpoint = 0", [], |_| Ok(()))?;
        Ok(Self {
            connection,
            location,
            log,
            origin,
            signer,
            boot,
            tree,
            senders,
            signed,
            unwritten: 0,
            keys: HashMap::new(),
        })
    }

    /// How many events there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.tree.size()
    }

    /// Appends all submissions in one durable transaction.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was appended and the store is gone: open it again.
    pub fn append(self, submissions: &[Submission]) -> Result<(Self, Vec<Appended>), StoreError> {
        self.append_with(submissions, |_| Ok(()))
    }

    /// As [`Store::append`]; what `also` writes to `record.db` is there with the events or not at all.
    pub(super) fn append_with(
        mut self,
        submissions: &[Submission],
        also: impl FnOnce(&Connection) -> Result<(), StoreError>,
    ) -> Result<(Self, Vec<Appended>), StoreError> {
        self.write_back(submissions)?;
        let mut appended = Vec::with_capacity(submissions.len());
        let sync =
            if std::path::Path::new("/run/systemd/timesync/synchronized").exists() { "synced" } else { "unknown" };
        if self.keys.len() > KEYS_KEPT {
            self.keys.clear();
        }
        self.make_keys(submissions)?;
        {
            let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let (tree, keys) = (&mut self.tree, &self.keys);
            let mut batch = Batch { tx: &tx, log: &self.log, boot: self.boot, sync, tree, keys };
            for submission in submissions {
                appended.push(batch.take(submission, &mut self.senders)?);
            }
            write_head(&tx, &self.tree, &self.senders)?;
            let ends = submissions.iter().flat_map(|s| &s.entries).rfind(|entry| entry.kind == Kind::CallEnd);
            let last = submissions.iter().rev().find_map(|s| s.entries.last());
            let due = ends.or(last.filter(|_| self.tree.size() >= self.signed.saturating_add(CHECKPOINT_EVERY)));
            if let Some(entry) = due {
                sign(&tx, &self.origin, &self.signer, &self.tree, entry.t)?;
                self.signed = self.tree.size();
            }
            also(&tx)?;
            tx.commit()?;
        }
        Ok((self, appended))
    }

    /// Writes the log back where it has grown, before anything is appended: where it fails nothing was appended, and the store
    /// is gone.
    fn write_back(&mut self, submissions: &[Submission]) -> Result<(), StoreError> {
        let limit = WRITE_BACK_PAGES;
        #[cfg(test)]
        let limit = self
            .location
            .trial
            .checkpoint_pages
            .map_or(limit, |pages| if pages == 0 { u64::MAX } else { pages.into() });
        if self.unwritten >= limit {
            write_back_some(&self.connection)?;
            self.unwritten = 0;
        }
        let bytes: usize = submissions.iter().flat_map(|s| &s.entries).map(|entry| entry.body.len()).sum();
        let pages = u64::try_from(bytes / 4_096).unwrap_or(u64::MAX).saturating_add(PAGES_A_COMMIT);
        self.unwritten = self.unwritten.saturating_add(pages);
        Ok(())
    }

    /// Signs the tree as it is, where anything was appended since it was last signed. `t` is now, microseconds since
    /// 1970-01-01T00:00Z.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn sign(mut self, t: i64) -> Result<Self, StoreError> {
        if self.tree.size() > self.signed {
            let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            sign(&tx, &self.origin, &self.signer, &self.tree, t)?;
            tx.commit()?;
            self.signed = self.tree.size();
        }
        Ok(self)
    }

    /// Whether events were appended that no checkpoint covers.
    #[must_use]
    pub fn is_unsigned(&self) -> bool {
        self.tree.size() > self.signed
    }

    /// The connection that writes, for what is not appending: erasing, marking, forking.
    pub(super) fn connection(&mut self) -> (&mut Connection, &Location) {
        (&mut self.connection, &self.location)
    }

    /// Forgets the data keys it holds in memory: some were destroyed.
    pub(super) fn forget_keys(&mut self) {
        self.keys.clear();
    }

    /// Makes the data keys that the events need and that are not there yet, each on the disk before it seals anything.
    fn make_keys(&mut self, submissions: &[Submission]) -> Result<(), StoreError> {
        for entry in submissions.iter().flat_map(|submission| &submission.entries) {
            let scope = Scope::of(entry.kind, entry.call, entry.t);
            if !self.keys.contains_key(&scope) {
                let name = scope.to_string();
                let key = match keys::find(&self.connection, &name)? {
                    Some(known) => known,
                    None => keys::make(&self.connection, &self.location, &name, entry.t)?,
                };
                self.keys.insert(scope, key);
            }
        }
        Ok(())
    }

    /// Writes and removes some filler, to see whether there is space again.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn probe(self) -> Result<Self, StoreError> {
        self.connection.execute("INSERT INTO probe VALUES (zeroblob(?1))", [PROBE_BYTES])?;
        self.connection.execute("DELETE FROM probe", [])?;
        Ok(self)
    }
}

/// One transaction of appends.
struct Batch<'a> {
    tx: &'a Transaction<'a>,
    log: &'a str,
    boot: u64,
    sync: &'static str,
    tree: &'a mut Frontier,
    keys: &'a HashMap<Scope, (String, DataKey)>,
}

impl Batch<'_> {
    fn take(&mut self, submission: &Submission, senders: &mut Senders) -> Result<Appended, StoreError> {
        let Some(sender) = submission.sender else {
            let seqs = self.append_all(&submission.entries)?;
            return Ok(Appended { seqs, next: 0 });
        };
        let taken = senders.take(sender, submission.entries.len());
        let new = submission.entries.get(taken.known..).unwrap_or_default();
        Ok(Appended { seqs: self.append_all(new)?, next: taken.next })
    }

    fn append_all(&mut self, entries: &[Entry]) -> Result<Option<(u64, u64)>, StoreError> {
        let first = self.tree.size();
        for entry in entries {
            self.append(entry)?;
        }
        Ok(self.tree.size().checked_sub(1).filter(|_| !entries.is_empty()).map(|last| (first, last)))
    }

    fn append(&mut self, entry: &Entry) -> Result<(), StoreError> {
        let seq = self.tree.size();
        let scope = Scope::of(entry.kind, entry.call, entry.t);
        let Some((key_id, key)) = self.keys.get(&scope) else {
            return Err(StoreError::Malformed { table: "data_key" });
        };
        let body_ct = key.seal(Place { log: self.log, seq, kind: entry.kind.as_str() }, &entry.body)?;
        let header = Header {
            v: header::VERSION,
            log: self.log.into(),
            seq,
            id: Uuid::now_v7(),
            t: entry.t,
            boot: self.boot,
            mono_us: entry.mono_us,
            sync: self.sync.into(),
            kind: entry.kind,
            call: entry.call,
            turn: entry.turn,
            actor: entry.actor.into(),
            synthetic: entry.synthetic,
            key: key_id.clone(),
            ct_sha256: sha256(&body_ct).to_string(),
            ct_len: u64::try_from(body_ct.len()).unwrap_or(u64::MAX),
            ver: BTreeMap::from([("anteroom".into(), env!("CARGO_PKG_VERSION").into())]),
        };
        let line = header.to_line().map_err(|_| StoreError::Malformed { table: "event" })?;
        let leaf = leaf(&line);
        self.tx
            .prepare_cached(
                "INSERT INTO event(seq, header, leaf, key_id, call, body_ct) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![Count(seq), line, leaf.0, key_id, entry.call.map(|call| call.to_string()), body_ct])?;
        let mut completed = Vec::new();
        self.tree.push_noting(leaf, &mut |level, place, hash| completed.push((level, place, hash)));
        for (level, place, hash) in completed {
            let insert = "INSERT OR REPLACE INTO tile(level, place, hash) VALUES (?1, ?2, ?3)";
            self.tx.prepare_cached(insert)?.execute(params![level, Count(place), hash.0])?;
        }
        Ok(())
    }
}

/// Adds a checkpoint.
fn sign(tx: &Connection, origin: &str, signer: &Signer, tree: &Frontier, t: i64) -> Result<(), StoreError> {
    let checkpoint = Checkpoint { origin: origin.to_owned(), size: tree.size(), root: tree.root() };
    let note = checkpoint.signed(signer).map_err(|_| StoreError::Malformed { table: "meta" })?;
    tx.prepare_cached("INSERT OR REPLACE INTO checkpoint(size, note, root, t) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![Count(checkpoint.size), note, checkpoint.root.0, t])?;
    Ok(())
}

/// The box's name: the configured one, else one that is drawn once.
fn box_name(connection: &Connection, location: &Location) -> Result<String, StoreError> {
    match &location.name {
        Some(name) => Ok(name.clone()),
        None => {
            let draw = || Ok(format!("anteroom/{}", Uuid::new_v4()).into_bytes());
            text(secret_or(connection, "box-name", draw)?)
        }
    }
}

fn text(bytes: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(bytes).map_err(|_| StoreError::Malformed { table: "meta" })
}
