//! What the record costs on this machine: time, processor time, bytes written to the flash.
//!
//! In:  a folder that may be filled. Out: plain structs, each of which prints itself with its units. Run by
//! `anteroom bench record`; nothing here passes or fails. Events are made up, in the shape of a real call of the
//! demonstration; no caller's word is in them.
//!
//! Costs are ratios to plain SQLite, taken by turns in one run: whatever else the machine does falls on both.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::clock::{Clock, SystemClock};
use crate::record::backup::answer::AnswerError;
use crate::record::backup::piece::PieceError;
use crate::record::backup::restore::RestoreError;
use crate::record::database::{Location, StoreError};
use crate::record::key::KeySource;
use crate::record::seal::SealError;
use crate::record::writer::NotTaken;

mod arrivals;
mod baseline;
mod copies;
mod figures;
mod flash;
mod processor;
mod reads;
mod script;

pub use arrivals::Arrivals;
pub use copies::Copies;
pub use flash::{Flash, Written};
pub use processor::Processor;
pub use reads::Reads;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Seconds of arrivals at each rate.
    pub seconds: u32,
    /// Events of the log that is read, verified, made rows of and restored.
    pub events: u32,
    /// Calls that are written one after the other.
    pub calls: u32,
    /// Milliseconds that a call's longer silences are shortened to: of one that is longer than a commit nothing is learned.
    pub silence_ms: u32,
    /// Events of each way to append, for processor time.
    pub appended: u32,
}

impl Extent {
    /// What figures are quoted from: some minutes.
    pub const WHOLE: Self = Self { seconds: 10, events: 100_000, calls: 10, silence_ms: 60, appended: 4_096 };
    /// Whether it works at all: some seconds.
    pub const QUICK: Self = Self { seconds: 2, events: 4_000, calls: 3, silence_ms: 60, appended: 512 };
}

/// Something could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The record could not be written or read.
    #[error("the record that is measured failed")]
    Store(#[from] StoreError),
    /// The database beside which it is measured failed.
    #[error("the database that the record is compared with failed")]
    Database(#[from] rusqlite::Error),
    /// An event was refused.
    #[error("the record took no event: measure on a disk with space, offering fewer events")]
    NotTaken(#[from] NotTaken),
    /// The machine says nothing about what was used.
    #[error("the machine does not say what was used")]
    Usage(#[from] nix::errno::Errno),
    /// A file could not be used.
    #[error("cannot use {path}: name a folder with a gigabyte of space")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Nothing could be sealed.
    #[error("the copies could not be sealed")]
    Piece(#[from] PieceError),
    /// The copies could not be made.
    #[error("the copies could not be made")]
    Copies(#[from] AnswerError),
    /// The copies could not be restored.
    #[error("the copies could not be restored")]
    Restore(#[from] RestoreError),
    /// The machine gave no random bytes.
    #[error("no key could be drawn")]
    Seal(#[from] SealError),
    /// What was measured is not what it should be.
    #[error("what was measured is wrong: {what}")]
    Wrong {
        /// What.
        what: &'static str,
    },
}

/// Everything that was measured.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Appends that came by chance, at each rate.
    pub arrivals: Vec<Arrivals>,
    /// Processor time of an event.
    pub processor: Processor,
    /// Bytes written for a call.
    pub flash: Flash,
    /// Reading.
    pub reads: Reads,
    /// Copies and restoring.
    pub copies: Copies,
}

/// Measures everything, below `folder`, which is made and left with what was written.
///
/// # Errors
/// [`MeasureError`].
pub fn all(folder: &Path, extent: Extent) -> Result<Measured, MeasureError> {
    let flash = flash::measure(&folder.join("flash"), extent.calls, extent.silence_ms)?;
    let rates = [50, 300];
    let arrivals = rates.map(|rate| arrivals::measure(&folder.join(format!("arrivals-{rate}")), rate, extent.seconds));
    let arrivals = arrivals.into_iter().collect::<Result<Vec<_>, _>>()?;
    let under_load = arrivals.last().map(|arrivals| arrivals.cpu_us).unwrap_or_default();
    let processor = processor::measure(&folder.join("processor"), extent.appended, under_load)?;
    let log = reads::Log::make(&folder.join("log"), extent.events)?;
    let reads = reads::measure(&log, &folder.join("plain.db"))?;
    let copies = copies::measure(&log, &folder.join("copies"), &folder.join("blank"))?;
    Ok(Measured { arrivals, processor, flash, reads, copies })
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for arrivals in &self.arrivals {
            writeln!(f, "{arrivals}")?;
        }
        writeln!(f, "{}\n{}\n{}\n{}", self.processor, self.flash, self.reads, self.copies)
    }
}

/// A record of its own in `folder`, with a key beside it.
fn location(folder: &Path) -> Result<Location, MeasureError> {
    let source = KeySource { data_dir: folder.to_owned(), credentials: None };
    Ok(Location::find(&source, true)?.0)
}

/// Now, microseconds since 1970-01-01T00:00Z.
fn wall() -> i64 {
    SystemClock.wall().as_microsecond()
}

fn file(path: &Path) -> impl Fn(std::io::Error) -> MeasureError {
    let path = path.to_owned();
    move |source| MeasureError::File { path: path.clone(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[ignore = "a measurement: anteroom bench record"]
    #[expect(clippy::print_stderr, reason = "what it measured is all that it is for")]
    fn prints_everything() {
        let folder = tempfile::tempdir().unwrap();
        let quick = std::env::var_os("ANTEROOM_BENCH_QUICK").is_some();
        let measured = all(folder.path(), if quick { Extent::QUICK } else { Extent::WHOLE }).unwrap();
        eprintln!("{measured}");
    }

    #[test]
    fn a_short_measurement_of_every_part_goes_through_and_counts_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let extent = Extent { seconds: 0, events: 300, calls: 1, silence_ms: 0, appended: 32 };
        let measured = all(folder.path(), extent).unwrap();
        assert_eq!(measured.reads.events, 366, "three whole calls");
        assert_eq!(measured.copies.events, 366);
        assert_eq!(measured.flash.single.commits, measured.flash.events);
        assert!(measured.to_string().contains("2.0 MB"));
    }
}
