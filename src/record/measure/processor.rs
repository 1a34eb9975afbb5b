//! Processor time of an event, in batches of fixed sizes: the record, SQLCipher without tree and seals, plain SQLite.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use super::baseline::Table;
use super::figures::{float, micros, of_thread, ratio};
use super::{MeasureError, file, location, script, wall};
use crate::ids::CallId;
use crate::record::store::{Store, Submission};

/// Sizes of batches.
const BATCHES: [u32; 3] = [1, 8, 32];
/// Rounds in which every way has its turn, so that whatever else the machine does falls on all.
const ROUNDS: u32 = 4;

/// Processor time of an event of 1 KB, microseconds in user and kernel mode.
#[derive(Clone, Debug)]
pub struct Processor {
    /// By the size of batches.
    pub batches: Vec<OfBatch>,
    /// Of the record at 300 events a second, in batches as they form.
    pub under_load_us: f64,
}

/// The three ways at one size of batches.
#[derive(Clone, Copy, Debug)]
pub struct OfBatch {
    /// Events a commit.
    pub batch: u32,
    /// The record, with headers, seals and tree.
    pub record_us: f64,
    /// SQLCipher, the same rows ready-made.
    pub cipher_us: f64,
    /// Plain SQLite, the same rows ready-made.
    pub plain_us: f64,
}

/// Measures with about `events` events of each way and size, in `folder`.
///
/// # Errors
/// [`MeasureError`].
pub(super) fn measure(folder: &Path, events: u32, under_load_us: f64) -> Result<Processor, MeasureError> {
    std::fs::create_dir_all(folder).map_err(file(folder))?;
    let mut store = Store::open(&location(&folder.join("record"))?)?;
    let mut cipher = Table::make(&folder.join("cipher.db"), true)?;
    let mut plain = Table::make(&folder.join("plain.db"), false)?;
    let call = CallId::draw();
    // The call's key is made before anything is counted.
    store = append(store, call, 1, 1)?.0;
    let mut batches = Vec::new();
    for batch in BATCHES {
        // Commits of one event take the longest, and need fewer events to be known as well.
        let commits = (events / batch / ROUNDS).clamp(2, 256);
        let (mut record, mut with_cipher, mut without) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
        for _ in 0..ROUNDS {
            let (back, spent) = append(store, call, commits, batch)?;
            store = back;
            record = record.saturating_add(spent);
            with_cipher = with_cipher.saturating_add(insert(&mut cipher, commits, batch)?);
            without = without.saturating_add(insert(&mut plain, commits, batch)?);
        }
        let count = float(u64::from(commits).saturating_mul(u64::from(batch)).saturating_mul(u64::from(ROUNDS)));
        let of = |spent| ratio(micros(spent), count);
        batches.push(OfBatch { batch, record_us: of(record), cipher_us: of(with_cipher), plain_us: of(without) });
    }
    Ok(Processor { batches, under_load_us })
}

fn append(mut store: Store, call: CallId, commits: u32, batch: u32) -> Result<(Store, Duration), MeasureError> {
    let one = |_| script::one(call, wall());
    let all: Vec<_> =
        (0..commits).map(|_| [Submission { sender: None, entries: (0..batch).map(one).collect() }]).collect();
    let before = of_thread()?;
    for submission in &all {
        store = store.append(submission)?.0;
    }
    Ok((store, of_thread()?.saturating_sub(before)))
}

fn insert(table: &mut Table, commits: u32, batch: u32) -> Result<Duration, MeasureError> {
    let before = of_thread()?;
    for _ in 0..commits {
        table.insert(batch)?;
    }
    Ok(of_thread()?.saturating_sub(before))
}

impl fmt::Display for Processor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for OfBatch { batch, record_us, cipher_us, plain_us } in &self.batches {
            let (to_cipher, to_plain) = (ratio(*record_us, *cipher_us), ratio(*record_us, *plain_us));
            write!(f, "CPU an event of 1 KB, commits of {batch}: record {record_us:.0} us, {to_cipher:.2} times ")?;
            write!(f, "SQLCipher ({cipher_us:.0} us), {to_plain:.2} times plain SQLite ({plain_us:.0} us); ")?;
            writeln!(f, "SQLCipher {:.2} times plain", ratio(*cipher_us, *plain_us))?;
        }
        let plain = |size| self.batches.iter().find(|of| of.batch == size).map_or(f64::NAN, |of| of.plain_us);
        let (single, of_32) = (ratio(self.under_load_us, plain(1)), ratio(self.under_load_us, plain(32)));
        write!(f, "CPU an event of 1 KB, in batches as they form at 300/s: record {:.0} us, ", self.under_load_us)?;
        write!(f, "{single:.2} times plain SQLite in commits of 1, {of_32:.2} times in commits of 32")
    }
}
