//! `anteroom bench redact`: how long redaction takes an utterance.
//!
//! In:  a file of cases, as `anteroom redact` reads them. Out: the p50, p99 and worst time, and utterances a second on one
//! thread. Lists are loaded before the clock starts; each case is a call of its own.

use std::fmt;
use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::cli::redact::{RedactError, parse};
use crate::clock::{Clock, SystemClock};
use crate::config::levels::Level;
use crate::redact::parts::Without;

/// Each case is timed so often, so that a short file gives a steady figure.
const ROUNDS: usize = 20;

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The file could not be opened or read.
    #[error("{} could not be read; give a file of JSON lines with \"id\" and \"text\"", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A line is not a case.
    #[error("{} is not a file of cases", path.display())]
    BadCase {
        /// The file.
        path: PathBuf,
        /// Which line, and what is wrong with it.
        #[source]
        cause: RedactError,
    },
    /// The file holds no case.
    #[error("{} holds no case: nothing was measured", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedactBench {
    /// How many cases, each timed in several rounds.
    pub cases: usize,
    /// Half of the utterances take no longer.
    pub p50: Duration,
    /// 99 of 100 utterances take no longer.
    pub p99: Duration,
    /// The slowest.
    pub worst: Duration,
    /// Utterances a second, one thread.
    pub per_second: u64,
}

impl fmt::Display for RedactBench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = |d: Duration| d.as_secs_f64() * 1e6;
        write!(
            f,
            "{} cases x {ROUNDS}: p50 {:.0} us, p99 {:.0} us, worst {:.0} us, {} utterances/s on one thread",
            self.cases,
            us(self.p50),
            us(self.p99),
            us(self.worst),
            self.per_second
        )
    }
}

/// Times the redaction of every case in the file.
///
/// # Errors
/// [`BenchError`] where the file cannot be read or is not a file of cases.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the machine's own clock")]
pub fn run(cases: &Path) -> Result<RedactBench, BenchError> {
    let path = || cases.to_path_buf();
    let file = std::fs::File::open(cases).map_err(|cause| BenchError::Unreadable { path: path(), cause })?;
    let mut parsed = Vec::new();
    for (number, line) in io::BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|cause| BenchError::Unreadable { path: path(), cause })?;
        if !line.trim().is_empty() {
            let bad = |cause| BenchError::BadCase { path: path(), cause };
            parsed.push(parse(&line, number.saturating_add(1)).map_err(bad)?);
        }
    }
    let today = SystemClock.wall().to_zoned(jiff::tz::TimeZone::system()).date();
    // The first pass loads the lists.
    let warm =
        parsed.iter().map(|case| case.redact(today, Without::NOTHING, Level::SafeHarbor).spans.len()).sum::<usize>();
    std::hint::black_box(warm);
    let mut times = Vec::with_capacity(parsed.len().saturating_mul(ROUNDS));
    for _ in 0..ROUNDS {
        for case in &parsed {
            let start = Instant::now();
            std::hint::black_box(case.redact(today, Without::NOTHING, Level::SafeHarbor));
            times.push(start.elapsed());
        }
    }
    times.sort_unstable();
    summary(parsed.len(), &times).ok_or_else(|| BenchError::Empty { path: path() })
}

fn summary(cases: usize, sorted: &[Duration]) -> Option<RedactBench> {
    let at = |percent: usize| sorted.get(sorted.len().saturating_mul(percent) / 100).or(sorted.last()).copied();
    let total: Duration = sorted.iter().sum();
    let count = u64::try_from(sorted.len()).ok()?;
    let micros = u64::try_from(total.as_micros()).ok()?.max(1);
    let per_second = count.saturating_mul(1_000_000) / micros;
    Some(RedactBench { cases, p50: at(50)?, p99: at(99)?, worst: *sorted.last()?, per_second })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_times() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_micros).collect();
        let bench = summary(100, &times).unwrap();
        assert_eq!((bench.p50, bench.p99), (Duration::from_micros(51), Duration::from_micros(100)));
    }

    #[test]
    fn an_empty_file_measures_nothing() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(run(file.path()), Err(BenchError::Empty { .. })));
    }
}
