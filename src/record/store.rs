//! Appending: events in, rows and a grown tree out, in one transaction.
//!
//! Owned by the writer thread ([`crate::record::writer`]). A store that failed is gone: [`Store::append`] takes it by
//! value and gives it back only where the commit went well, because after a failed write or fsync the same handle says
//! nothing reliable about what is on the disk.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ids::{CallId, Turn};
use crate::record::database::{Count, Location, StoreError};
use crate::record::header::{self, Header};
use crate::record::seal::{DataKey, Place, random};
use crate::record::tree::{Frontier, leaf, sha256};
use crate::wire::event::Kind;

/// Data keys that are kept in memory between batches; calls that are under way, and the day's.
const KEYS_KEPT: usize = 64;
/// Senders that are remembered. Each start of a process is one; a sender that comes back after so many others is new.
const SENDERS_KEPT: i64 = 256;
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

/// Who sends a batch, so that a batch sent twice is appended once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Drawn by the sender for each of its connections.
    pub id: Uuid,
    /// The number of the batch's first event among all that this sender sent.
    pub first: u64,
    /// Nothing more is taken from this sender after this batch.
    pub close: bool,
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
    log: String,
    boot: u64,
    tree: Frontier,
    keys: HashMap<String, (String, DataKey)>,
}

impl Store {
    /// Opens the record, and makes it where there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn open(location: &Location) -> Result<Self, StoreError> {
        let mut connection = location.writer()?;
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let log = known_or(&tx, "log", || Ok(Uuid::new_v4().to_string().into_bytes()))?;
        let log = String::from_utf8(log).map_err(|_| StoreError::Malformed { table: "meta" })?;
        known_or(&tx, "box-secret", || Ok(random::<32>()?.to_vec()))?;
        let boot = count_boot(&tx)?;
        let tree = read_tree(&tx)?.unwrap_or_default();
        tx.commit()?;
        Ok(Self { connection, log, boot, tree, keys: HashMap::new() })
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
    pub fn append(mut self, submissions: &[Submission]) -> Result<(Self, Vec<Appended>), StoreError> {
        let mut appended = Vec::with_capacity(submissions.len());
        let sync =
            if std::path::Path::new("/run/systemd/timesync/synchronized").exists() { "synced" } else { "unknown" };
        if self.keys.len() > KEYS_KEPT {
            self.keys.clear();
        }
        {
            let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut batch =
                Batch { tx: &tx, log: &self.log, boot: self.boot, sync, tree: &mut self.tree, keys: &mut self.keys };
            for submission in submissions {
                appended.push(batch.take(submission)?);
            }
            write_tree(&tx, &self.tree)?;
            tx.commit()?;
        }
        Ok((self, appended))
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
    keys: &'a mut HashMap<String, (String, DataKey)>,
}

impl Batch<'_> {
    fn take(&mut self, submission: &Submission) -> Result<Appended, StoreError> {
        let Some(sender) = submission.sender else {
            let seqs = self.append_all(&submission.entries)?;
            return Ok(Appended { seqs, next: 0 });
        };
        let known = self
            .tx
            .prepare_cached("SELECT next, closed FROM sender WHERE id = ?1")?
            .query_row([sender.id.as_bytes()], |row| Ok((row.get::<_, Count>(0)?.0, row.get::<_, bool>(1)?)))
            .optional()?;
        let (next, closed) = known.unwrap_or((sender.first, false));
        if closed {
            return Ok(Appended { seqs: None, next });
        }
        let twice = usize::try_from(next.saturating_sub(sender.first)).unwrap_or(usize::MAX);
        let new = submission.entries.get(twice..).unwrap_or_default();
        let seqs = self.append_all(new)?;
        let sent = u64::try_from(submission.entries.len()).unwrap_or(u64::MAX);
        let next = next.max(sender.first.saturating_add(sent));
        self.tx
            .prepare_cached(
                "INSERT INTO sender(id, next, closed) VALUES (?1, ?2, ?3)
                 ON CONFLICT(id) DO UPDATE SET next = excluded.next, closed = excluded.closed",
            )?
            .execute(params![sender.id.as_bytes(), Count(next), sender.close])?;
        if known.is_none() {
            let newest: i64 = self.tx.query_row("SELECT max(row) FROM sender", [], |row| row.get(0))?;
            self.tx.execute("DELETE FROM sender WHERE row <= ?1", [newest.saturating_sub(SENDERS_KEPT)])?;
        }
        Ok(Appended { seqs, next })
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
        let scope = scope(entry);
        let (key_id, key) = match self.keys.get(&scope) {
            Some(known) => known.clone(),
            None => {
                let key = data_key(self.tx, &scope)?;
                self.keys.insert(scope, key.clone());
                key
            }
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
        self.tree.push(leaf);
        Ok(())
    }
}

/// What shares a data key: a call, or outside calls a day (UTC) of the box.
fn scope(entry: &Entry) -> String {
    const DAY_US: i64 = 86_400_000_000;
    entry.call.map_or_else(|| format!("day:{}", entry.t.div_euclid(DAY_US)), |call| format!("call:{call}"))
}

fn data_key(tx: &Transaction<'_>, scope: &str) -> Result<(String, DataKey), StoreError> {
    let known = tx
        .prepare_cached("SELECT id, key FROM data_key WHERE scope = ?1")?
        .query_row([scope], |row| Ok((row.get::<_, String>(0)?, row.get::<_, [u8; 32]>(1)?)))
        .optional()?;
    if let Some((id, key)) = known {
        return Ok((id, DataKey::from_bytes(key)));
    }
    let (id, key) = (Uuid::new_v4().to_string(), DataKey::draw()?);
    tx.execute("INSERT INTO data_key(id, scope, key) VALUES (?1, ?2, ?3)", params![id, scope, key.as_bytes()])?;
    Ok((id, key))
}

/// The value of a fact about the record, made by `make` the first time.
fn known_or(
    connection: &Connection,
    name: &str,
    make: impl FnOnce() -> Result<Vec<u8>, StoreError>,
) -> Result<Vec<u8>, StoreError> {
    if let Some(value) = known(connection, name)? {
        return Ok(value);
    }
    let value = make()?;
    connection.execute("INSERT INTO meta(name, value) VALUES (?1, ?2)", params![name, value])?;
    Ok(value)
}

/// The value of a fact about the record: `log`, `box-secret`, `boot`, `boot-id`.
///
/// # Errors
/// [`StoreError`].
pub(super) fn known(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let value = connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0));
    Ok(value.optional()?)
}

/// Counts the machine's starts: the kernel draws a new id at each.
fn count_boot(connection: &Connection) -> Result<u64, StoreError> {
    let id = std::fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let count =
        known(connection, "boot")?.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()).map_or(0, u64::from_be_bytes);
    if known(connection, "boot-id")?.as_deref() == Some(&id) {
        return Ok(count);
    }
    let count = count.saturating_add(1);
    let set = "INSERT INTO meta(name, value) VALUES (?1, ?2) ON CONFLICT(name) DO UPDATE SET value = excluded.value";
    connection.execute(set, params!["boot", count.to_be_bytes()])?;
    connection.execute(set, params!["boot-id", id])?;
    Ok(count)
}

/// The stored tree; none where nothing was ever appended.
///
/// # Errors
/// [`StoreError::Malformed`] where size and frontier do not belong together.
pub(super) fn read_tree(connection: &Connection) -> Result<Option<Frontier>, StoreError> {
    let row = connection
        .query_row("SELECT size, frontier FROM tree", [], |row| {
            Ok((row.get::<_, Count>(0)?.0, row.get::<_, Vec<u8>>(1)?))
        })
        .optional()?;
    let Some((size, bytes)) = row else { return Ok(None) };
    Frontier::from_bytes(size, &bytes).map(Some).map_err(|_| StoreError::Malformed { table: "tree" })
}

fn write_tree(connection: &Connection, tree: &Frontier) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO tree(one, size, frontier) VALUES (1, ?1, ?2)
             ON CONFLICT(one) DO UPDATE SET size = excluded.size, frontier = excluded.frontier",
        )?
        .execute(params![Count(tree.size()), tree.to_bytes()])?;
    Ok(())
}
