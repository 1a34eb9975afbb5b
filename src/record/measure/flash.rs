//! Bytes written to the flash for a call: what the kernel counts for this process, and which pages the log got.
//!
//! The kernel counts whole pages (4 KiB) when they become dirty, in both databases and their logs, and when SQLite copies
//! them back from the log. It does not count the file system's own journal, nor what the flash disk does inside.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use uuid::Uuid;

use super::arrivals::wait_for;
use super::figures::{float, megabytes, ratio, written};
use super::script::{self, Timed};
use super::{MeasureError, file, location, wall};
use crate::clock::SystemClock;
use crate::record::database::{Count, FILE};
use crate::record::senders::Sender;
use crate::record::store::{Store, Submission};
use crate::record::writer::{NotTaken, Writer};

/// Bytes that a call of three minutes may write, without its sound.
const BUDGET: f64 = 2e6;
/// Bytes of a log's header and of the header of each of its pages.
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const PAGE: usize = 4_096;

/// What calls write.
#[derive(Clone, Debug)]
pub struct Flash {
    /// Events of a call.
    pub events: u64,
    /// Bytes of their bodies.
    pub body_bytes: u64,
    /// Calls, one after the other.
    pub calls: u32,
    /// Each event when it happens, through the writer.
    pub as_it_happens: Written,
    /// Each event in a commit of its own.
    pub single: Written,
    /// All events of a call in one commit: the least there is.
    pub at_once: Written,
    /// Pages that the log of `record.db` got for one call of single commits, by table or index.
    pub pages: Vec<(String, u64)>,
}

/// What one call writes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Written {
    /// Bytes.
    pub bytes: f64,
    /// Commits, of the last call.
    pub commits: u64,
}

/// Measures `calls` calls of each kind, in `folder`.
///
/// # Errors
/// [`MeasureError`].
pub(super) fn measure(folder: &Path, calls: u32, silence_ms: u32) -> Result<Flash, MeasureError> {
    let call = script::call(wall());
    let body_bytes = call.iter().map(|timed| timed.entry.body.len()).sum::<usize>();
    let pages = pages(&folder.join("pages"))?;
    Ok(Flash {
        events: u64::try_from(call.len()).unwrap_or(u64::MAX),
        body_bytes: u64::try_from(body_bytes).unwrap_or(u64::MAX),
        calls,
        as_it_happens: as_it_happens(&folder.join("time"), calls, silence_ms)?,
        single: committed(&folder.join("single"), calls, 1)?,
        at_once: committed(&folder.join("once"), calls, usize::MAX)?,
        pages,
    })
}

/// Calls in commits of `batch` events.
fn committed(folder: &Path, calls: u32, batch: usize) -> Result<Written, MeasureError> {
    let mut store = Store::open(&location(folder)?)?;
    let (before, mut commits) = (written()?, 0_u64);
    for _ in 0..calls {
        let mut senders = Senders::default();
        commits = 0;
        for events in script::call(wall()).chunks(batch) {
            store = store.append(&senders.submissions(events))?.0;
            commits = commits.saturating_add(1);
        }
    }
    let bytes = written()?.saturating_sub(before);
    Ok(Written { bytes: ratio(float(bytes), f64::from(calls)), commits })
}

/// Calls as they happen, through the writer; silences are shortened.
fn as_it_happens(folder: &Path, calls: u32, silence_ms: u32) -> Result<Written, MeasureError> {
    let location = location(folder)?;
    let lock = location.lock()?;
    let (writer, ended) = Writer::start(location, lock, Arc::new(SystemClock))?;
    let (before, mut commits) = (written()?, 0_u64);
    for _ in 0..calls {
        let (mut senders, mut answers) = (Senders::default(), Vec::new());
        let committed = writer.commits();
        for timed in script::call(wall()) {
            std::thread::sleep(Duration::from_millis(u64::from(timed.gap_ms.min(silence_ms))));
            for submission in senders.submissions(std::slice::from_ref(&timed)) {
                answers.push(writer.submit(submission)?);
            }
        }
        // On a thread of its own, where waiting is allowed.
        let last = std::thread::scope(|scope| {
            let waiting = scope.spawn(|| answers.into_iter().all(|answer| matches!(answer.blocking_recv(), Ok(Ok(_)))));
            waiting.join().unwrap_or(false)
        });
        if !last {
            return Err(NotTaken.into());
        }
        commits = writer.commits().saturating_sub(committed);
    }
    let bytes = written()?.saturating_sub(before);
    drop(writer);
    wait_for(ended);
    Ok(Written { bytes: ratio(float(bytes), f64::from(calls)), commits })
}

/// The processes that send, as recordd knows them: each by its own connection.
#[derive(Default)]
struct Senders(BTreeMap<&'static str, (Uuid, u64)>);

impl Senders {
    /// The events as each process sends them, in order.
    fn submissions(&mut self, events: &[Timed]) -> Vec<Submission> {
        let mut submissions = Vec::new();
        for timed in events {
            let (id, next) = self.0.entry(timed.entry.actor).or_insert_with(|| (Uuid::new_v4(), 0));
            let sender = Some(Sender { id: *id, first: *next, close: false });
            *next = next.saturating_add(1);
            submissions.push(Submission { sender, entries: vec![timed.entry.clone()] });
        }
        submissions
    }
}

/// What the log of `record.db` holds after one call of single commits: pages by table or index. The second call of a
/// record, which makes its tables and first pages in the first.
fn pages(folder: &Path) -> Result<Vec<(String, u64)>, MeasureError> {
    let location = location(folder)?;
    let mut store = Store::open(&location)?;
    let mut senders = Senders::default();
    for timed in script::call(wall()) {
        store = store.append(&senders.submissions(std::slice::from_ref(&timed)))?.0;
    }
    let truncate = |connection: &Connection| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    truncate(store.connection().0)?;
    // A store that was just opened writes back nothing for the length of a call: all its pages are in the log.
    drop(store);
    let mut store = Store::open(&location)?;
    for timed in script::call(wall()) {
        store = store.append(&senders.submissions(std::slice::from_ref(&timed)))?.0;
    }
    let path = folder.join(format!("{FILE}-wal"));
    let log = std::fs::read(&path).map_err(file(&path))?;
    let mut statement = store.connection().0.prepare("SELECT pageno, name FROM dbstat")?;
    let names = statement.query_map([], |row| Ok((row.get::<_, Count>(0)?.0, row.get::<_, String>(1)?)))?;
    let names: BTreeMap<u64, String> = names.collect::<Result<_, _>>()?;
    let mut pages = BTreeMap::new();
    for page in page_numbers(&log) {
        let name = names.get(&page).map_or("free", String::as_str);
        let name = if page == 1 { "the first page" } else { name };
        let count: &mut u64 = pages.entry(name.to_owned()).or_default();
        *count = count.saturating_add(1);
    }
    let mut pages: Vec<_> = pages.into_iter().collect();
    pages.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    Ok(pages)
}

/// The numbers of the pages in a log that was begun anew.
fn page_numbers(log: &[u8]) -> impl Iterator<Item = u64> {
    let frames = log.get(LOG_HEADER..).unwrap_or_default().chunks_exact(FRAME_HEADER + PAGE);
    frames.filter_map(|frame| frame.first_chunk::<4>().map(|number| u64::from(u32::from_be_bytes(*number))))
}

impl fmt::Display for Flash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (events, calls, kb) = (self.events, self.calls, float(self.body_bytes) / 1e3);
        let budget = megabytes(BUDGET);
        writeln!(
            f,
            "written to the flash for a call of {events} events ({kb:.0} kB of bodies, no sound), mean of {calls}:"
        )?;
        for (what, written) in [
            ("as the events happen", self.as_it_happens),
            ("each event in a commit of its own", self.single),
            ("all in one commit", self.at_once),
        ] {
            let (mb, share) = (megabytes(written.bytes), ratio(written.bytes, BUDGET));
            let verdict = if written.bytes > BUDGET { "OVER the budget" } else { "within the budget" };
            writeln!(
                f,
                "  {what}: {mb:.2} MB in {} commits, {share:.2} of {budget:.1} MB: {verdict}",
                written.commits
            )?;
        }
        let all: u64 = self.pages.iter().map(|(_, count)| count).sum();
        write!(f, "  pages in the log for one call of single commits: {all} (")?;
        for (at, (name, count)) in self.pages.iter().enumerate() {
            write!(f, "{}{name} {count}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_a_log_are_counted_and_a_torn_one_is_not() {
        let mut log = vec![0; LOG_HEADER];
        for number in [1_u32, 7, 7] {
            log.extend(number.to_be_bytes());
            log.extend([0; FRAME_HEADER - 4 + PAGE]);
        }
        log.extend([0, 0, 0, 9]);
        assert_eq!(page_numbers(&log).collect::<Vec<_>>(), [1, 7, 7]);
        assert_eq!(page_numbers(&[]).count(), 0);
    }

    #[test]
    fn each_process_numbers_its_own_events() {
        let call = script::call(0);
        let firsts: Vec<_> = Senders::default()
            .submissions(&call)
            .iter()
            .map(|submission| (submission.entries[0].actor, submission.sender.unwrap().first))
            .collect();
        let lined: Vec<_> = firsts.iter().filter(|(actor, _)| *actor == "lined").map(|(_, first)| *first).collect();
        assert_eq!(lined, [0, 1]);
    }
}
