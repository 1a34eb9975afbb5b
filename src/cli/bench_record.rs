//! `anteroom bench record`: what the record costs, as ratios measured in one run.
//!
//! In:  a folder on the disk in question. Out: what [`measure`] saw. What was written is removed again.

use std::io::Write;
use std::path::PathBuf;

use super::Failure;
use crate::record::measure::{self, Extent};

/// Options of `bench record`.
#[derive(clap::Args)]
pub struct BenchRecord {
    /// A folder on the disk that is measured; it must not exist yet, and is removed in the end. [default: a temporary one]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Some seconds instead of some minutes: whether it works, no figures to quote.
    #[arg(long)]
    quick: bool,
}

/// Runs the benchmark.
///
/// # Errors
/// [`Failure`]: the folder exists or cannot be used, or the record failed.
pub fn run(bench: &BenchRecord, out: &mut dyn Write) -> Result<(), Failure> {
    let temporary = || std::env::temp_dir().join(format!("anteroom-bench-record-{}", std::process::id()));
    let folder = bench.folder.clone().unwrap_or_else(temporary);
    std::fs::create_dir(&folder).map_err(|error| Failure::file(&folder, error))?;
    let measured = measure::all(&folder, if bench.quick { Extent::QUICK } else { Extent::WHOLE });
    let removed = std::fs::remove_dir_all(&folder);
    write!(out, "{}", measured.map_err(Failure::because)?)?;
    removed.map_err(|error| Failure::file(&folder, error))
}
