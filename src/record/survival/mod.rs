//! Tests only: what the record survives. Killed processes ([`crate::record::kills`]), cut power, failing and full disks,
//! damaged files, two daemons, odd clocks.
//!
//! In:  the record as every other module uses it, and the few things that a [`Trial`] changes about it.
//! Out: a row of a table for each case, on standard error. `docs/survival.md` has the figures.
//! Whatever lies in the data directory is handled without naming it: the record may have more files than one.

mod damage;
mod disks;
mod faults;
mod faulty;
mod full;
mod odd;
mod power;
mod replay;
mod upgrade;

use std::io::Write as _;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::ids::Turn;
use crate::record::database::{Location, StoreError};
use crate::record::key::KeySource;
use crate::record::reading;
use crate::record::senders::Sender;
use crate::record::store::{Entry, Submission};
use crate::record::verify::verify;
use crate::wire::event::Kind;

/// What a test changes about a [`Location`]; the product has no such thing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trial {
    /// The file system, as SQLite sees it: a [`faulty::Disk`].
    pub(super) vfs: Option<&'static str>,
    /// synchronous=NORMAL, the wrong setting: a test that does not find it out tests nothing.
    pub(super) loose: bool,
    /// Pages in the log after which it is written back; 0 is never.
    pub(super) checkpoint_pages: Option<u32>,
}

impl Trial {
    pub(super) fn open(self, path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
        match self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
            None => Connection::open_with_flags(path, flags),
        }
    }

    pub(super) fn set(self, connection: &Connection) -> rusqlite::Result<()> {
        if self.loose {
            connection.pragma_update(None, "synchronous", "NORMAL")?;
        }
        Ok(())
    }
}

fn found(folder: &Path) -> Result<Location, StoreError> {
    let source = KeySource { data_dir: folder.to_owned(), credentials: None };
    Location::find(&source, true).map(|(location, _)| location)
}

/// Events `first..first + count`, sent together. Sent twice, they must be appended once. A key of their own for every few.
fn batch(first: u64, count: u64, bytes: usize) -> Submission {
    const DAY_US: u64 = 86_400_000_000;
    let entry = |number: u64| Entry {
        t: i64::try_from(number / 6 * DAY_US).unwrap(),
        mono_us: number,
        kind: Kind::Heard,
        call: None,
        turn: Turn(1),
        synthetic: true,
        actor: "anteroomd",
        body: Zeroizing::new(format!("{{\"n\":{number},\"fill\":\"{}\"}}", "x".repeat(bytes)).into_bytes()),
    };
    Submission {
        sender: Some(Sender { id: Uuid::from_u128(7), first, close: false }),
        entries: (first..first + count).map(entry).collect(),
    }
}

/// How many events the record in `folder` has, once it was seen to be whole: every body open, numbered from 0 without a gap.
fn whole(location: &Location) -> Result<u64, String> {
    let plain = |error: &dyn std::error::Error| format!("{error}: {:?}", error.source().map(ToString::to_string));
    let report = verify(&mut location.reader().map_err(|error| plain(&error))?).map_err(|error| plain(&error))?;
    if !report.is_whole() || report.opened != report.events {
        return Err(format!("not whole: {report:?}"));
    }
    let connection = location.reader().map_err(|error| plain(&error))?;
    let (mut count, mut after) = (0, None);
    loop {
        let page = reading::show(&connection, None, after).map_err(|error| plain(&error))?;
        for entry in page.entries {
            after = Some(entry.seq);
            let Some(body) = entry.body.filter(|_| entry.kind == Kind::Heard) else { continue };
            let body: serde_json::Value = serde_json::from_str(body.get()).map_err(|error| plain(&error))?;
            if body["n"].as_u64() != Some(count) {
                return Err(format!("event {}: number {} where {count} belongs", entry.seq, body["n"]));
            }
            count += 1;
        }
        if !page.more {
            return Ok(count);
        }
    }
}

/// A folder in memory where there is one: thousands of records are made, and no disk is asked to keep them.
fn scratch() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// How often a case is tried: by its variable, else `usual`.
fn rounds(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// A row of the table. Past the test runner's capture, so that a run that passes shows its figures too.
fn row(case: &str, rounds: u64, acked: u64, lost: u64, result: &str) {
    let _ = writeln!(std::io::stderr(), "| {case} | {rounds} | {acked} | {lost} | {result} |");
}
