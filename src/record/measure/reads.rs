//! Reading: single events, the whole record's verification, proofs, and the rows of a warehouse.

use std::collections::HashSet;
use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::baseline::Table;
use super::figures::{float, median_us, ratio};
use super::{MeasureError, location, script, wall};
use crate::clock::{Clock, SystemClock};
use crate::config::Destination;
use crate::config::warehouse::{Bucket, Class, Sink};
use crate::record::database::{Count, Location};
use crate::record::nodes::inclusion;
use crate::record::reading::open;
use crate::record::rows::{answer, secret};
use crate::record::store::{Store, Submission};
use crate::record::verify::verify;
use crate::wire::rows::{Answer, Ask, Cursor};

/// Events of one commit where the log is only made.
const BATCH: usize = 512;
/// Events that are read singly, and as many that are proved.
const SAMPLES: usize = 2_000;
/// The seed that says which.
const SEED: u64 = 11;
/// The destination of the rows.
const DESTINATION: &str = "measured";

/// A log that was made to be read.
pub(super) struct Log {
    pub(super) location: Location,
    pub(super) events: u64,
    making: Duration,
}

/// What reading takes.
#[derive(Clone, Copy, Debug)]
pub struct Reads {
    /// Events of the log.
    pub events: u64,
    /// Seconds to make it, in commits of 512.
    pub making_s: f64,
    /// Reading an event by its number and opening its body: half take no more microseconds.
    pub point_us: f64,
    /// The same row from plain SQLite, unsealed.
    pub plain_us: f64,
    /// Seconds to verify the whole log.
    pub verify_s: f64,
    /// An event's inclusion proof: half take no more microseconds.
    pub proof_us: f64,
    /// Seconds to make all rows for a destination of de-identified facts.
    pub rows_s: f64,
    /// How many rows.
    pub rows: u64,
}

impl Log {
    /// Makes a log of whole calls, at least `events` events.
    ///
    /// # Errors
    /// [`MeasureError`].
    pub(super) fn make(folder: &Path, events: u32) -> Result<Self, MeasureError> {
        let location = location(folder)?;
        let began = SystemClock.now();
        let mut store = Store::open(&location)?;
        let mut entries = Vec::new();
        loop {
            let enough = store.size().saturating_add(u64::try_from(entries.len()).unwrap_or(0)) >= u64::from(events);
            if !enough {
                entries.extend(script::entries(wall()));
            }
            if enough || entries.len() >= BATCH {
                let entries = std::mem::take(&mut entries);
                store = store.append(&[Submission { sender: None, entries }])?.0;
            }
            if enough {
                break;
            }
        }
        store = store.sign(wall())?;
        secret::draw(store.connection().0, DESTINATION)?;
        let events = store.size();
        drop(store);
        Ok(Self { location, events, making: since(began) })
    }
}

/// Measures on a log; the plain copy of it is made at `plain`.
///
/// # Errors
/// [`MeasureError`].
pub(super) fn measure(log: &Log, plain: &Path) -> Result<Reads, MeasureError> {
    let mut reader = log.location.reader()?;
    let mut table = Table::make(plain, false)?;
    table.fill(&reader)?;
    let mut random = fastrand::Rng::with_seed(SEED);
    let seqs: Vec<u64> = (0..SAMPLES).map(|_| random.u64(0..log.events)).collect();
    let (mut points, mut plains, mut proofs) = (Vec::new(), Vec::new(), Vec::new());
    for seq in &seqs {
        points.push(timed(|| point(&reader, *seq))?);
        plains.push(timed(|| table.read(*seq).map(drop))?);
    }
    for seq in &seqs {
        proofs.push(timed(|| Ok(inclusion(&reader, *seq, log.events).map(drop)?))?);
    }
    let began = SystemClock.now();
    let report = verify(&mut reader)?;
    let verify_s = since(began).as_secs_f64();
    if !report.is_whole() || report.events != log.events || report.opened != log.events {
        return Err(MeasureError::Wrong { what: "the log does not verify" });
    }
    let began = SystemClock.now();
    let rows = rows(&reader, log.events)?;
    let rows_s = since(began).as_secs_f64();
    Ok(Reads {
        events: log.events,
        making_s: log.making.as_secs_f64(),
        point_us: median_us(points),
        plain_us: median_us(plains),
        verify_s,
        proof_us: median_us(proofs),
        rows_s,
        rows,
    })
}

/// Reads an event and opens its body.
fn point(reader: &Connection, seq: u64) -> Result<(), MeasureError> {
    let select = "SELECT e.seq, e.header, e.body_ct, k.key FROM event e LEFT JOIN data_key k ON k.id = e.key_id
                  WHERE e.seq = ?1";
    let (_, body) = reader.prepare_cached(select)?.query_row([Count(seq)], open)?;
    body.map(drop).map_err(|_| MeasureError::Wrong { what: "a body does not open" })
}

/// Makes every batch, as syncd asks for them. How many rows there were.
fn rows(reader: &Connection, events: u64) -> Result<u64, MeasureError> {
    let (destination, held) = (destination(), HashSet::new());
    let (mut cursor, mut count) = (None, 0_u64);
    loop {
        let ask = Ask { destination: DESTINATION.to_owned(), cursor, until: Some(events), end: None };
        let batch = match answer(reader, &destination, "a box", &held, &ask)? {
            Answer::Batch(batch) => batch,
            Answer::Done { .. } if count > 0 => return Ok(count),
            Answer::Done { .. } | Answer::Diverged | Answer::Closed { .. } => {
                return Err(MeasureError::Wrong { what: "no rows were made" });
            }
        };
        let rows: usize = batch.tables.iter().map(|table| table.rows.len()).sum();
        count = count.saturating_add(u64::try_from(rows).unwrap_or(u64::MAX));
        let (size, root) = (batch.checkpoint.size, batch.checkpoint.root.clone());
        cursor = Some(Cursor { log: batch.log.clone(), next: batch.next, size, root });
    }
}

/// A bucket that is never written to.
fn destination() -> Destination {
    let bucket = Bucket {
        url: "https://bucket.example".to_owned(),
        lan: false,
        bucket: "b".to_owned(),
        signing_region: "r".to_owned(),
        prefix: String::new(),
        path_style: true,
        key_file: "k".into(),
        ca_file: None,
    };
    Destination {
        name: DESTINATION.to_owned(),
        sink: Sink::Bucket(bucket),
        class: Class::DeIdentified,
        region: "us".to_owned(),
        schedule: "15 2 * * *".to_owned(),
        jitter: Duration::ZERO,
        window: None,
    }
}

fn timed(act: impl FnOnce() -> Result<(), MeasureError>) -> Result<Duration, MeasureError> {
    let began = SystemClock.now();
    act()?;
    Ok(since(began))
}

pub(super) fn since(began: Instant) -> Duration {
    SystemClock.now().saturating_duration_since(began)
}

impl fmt::Display for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, making_s, point_us, plain_us, verify_s, proof_us, rows_s, rows } = self;
        let per = |seconds: &f64| ratio(float(*events), *seconds);
        writeln!(f, "a log of {events} events in calls, made in {making_s:.1} s, {:.0} events/s", per(making_s))?;
        let times = ratio(*point_us, *plain_us);
        writeln!(
            f,
            "read one event and open its body: p50 {point_us:.0} us, {times:.2} times plain SQLite ({plain_us:.0} us)"
        )?;
        writeln!(f, "inclusion proof of one event: p50 {proof_us:.0} us")?;
        writeln!(f, "verify the whole log: {verify_s:.2} s, {:.0} events/s", per(verify_s))?;
        write!(f, "rows for a de-identified destination: {rows} rows in {rows_s:.2} s, {:.0} events/s", per(rows_s))
    }
}
