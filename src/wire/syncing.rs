//! What the administrator asks at syncd's door, and what is answered: names of destinations, counts and closed words.
//!
//! `now` brings one destination up to date at once, whatever its window; `status` says how each stands. No row, no
//! address and nothing that a server said is in either.

use serde::{Deserialize, Serialize};

/// `now`: brings a destination up to date at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Now {
    /// Which: its name in the configuration.
    pub destination: String,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// The destination is up to date.
    UpToDate {
        /// Rows that went there in this run.
        rows: u64,
        /// Batches.
        batches: u64,
        /// The first event that it does not have.
        next: u64,
    },
    /// The run stopped.
    Stopped {
        /// The closed word.
        word: String,
        /// What to do.
        advice: String,
    },
}

/// How one destination stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Its name in the configuration.
    pub destination: String,
    /// When a run last brought it up to date, microseconds since 1970; none since this start of syncd.
    pub last_success: Option<i64>,
    /// When the next run is due; none while it waits for a person.
    pub next_run: Option<i64>,
    /// Events that it lacked by the last run's end; none before a first run.
    pub events_behind: Option<u64>,
    /// Seconds since the last success.
    pub seconds_behind: Option<u64>,
    /// Failures in a row.
    pub failures: u32,
    /// The word of the last failure, where the last run failed.
    pub word: Option<String>,
    /// Rows that went there since the start of syncd.
    pub rows: u64,
}
