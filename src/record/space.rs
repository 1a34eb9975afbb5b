//! How much room the record has, and what is given up first when it runs out.
//!
//! In:  free and total bytes of the data directory's file system. Out: a [`Stage`], and a file of ballast that can be let go.
//! Asked every ten seconds by [`upkeep`](crate::record::upkeep).
//!
//! ```text
//!   ample --free < 15 %--> tight: no call's sound is kept, no rows are made
//!   tight --free <  5 %--> low:   the ballast goes; calls are answered and put through, and recorded; no model, no tool writes
//!   a quarter more than the limit must be free again to go back
//! ```
//! What never happens is a model without a record of it.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::statvfs::statvfs;

/// Below so many hundredths of the file system what can be done without is not kept.
const TIGHT: u64 = 15;
/// Below so many, the ballast goes.
const LOW: u64 = 5;
/// Bytes of ballast: some twenty thousand events of calls that are answered and put through.
const BALLAST: u64 = 64 * 1024 * 1024;
const FILE: &str = "ballast";

/// How much room there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Enough.
    #[default]
    Ample,
    /// What can be done without is not kept.
    Tight,
    /// Only what a call must have is kept.
    Low,
}

impl Stage {
    /// Its word in alerts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ample => "space-ample",
            Self::Tight => "space-tight",
            Self::Low => "space-low",
        }
    }

    /// The stage after `self` at so many free bytes of so many.
    #[must_use]
    pub fn next(self, free: u64, total: u64) -> Self {
        let hundredths = free.saturating_mul(100).checked_div(total).unwrap_or(0);
        // Leaving a stage takes a quarter more than entering it: a file system at the limit does not flicker.
        let below = |limit: u64, inside: bool| hundredths < if inside { limit.saturating_mul(5) / 4 } else { limit };
        if below(LOW, self == Self::Low) {
            Self::Low
        } else if below(TIGHT, self >= Self::Tight) {
            Self::Tight
        } else {
            Self::Ample
        }
    }
}

/// Free and total bytes of the file system at `folder`; none where the kernel does not say.
#[must_use]
pub fn room(folder: &Path) -> Option<(u64, u64)> {
    let found = statvfs(folder).ok()?;
    let unit = found.fragment_size();
    Some((found.blocks_available().saturating_mul(unit), found.blocks().saturating_mul(unit)))
}

/// A file that takes room as long as there is enough, so that there is some when there is not.
#[derive(Clone, Debug)]
pub struct Ballast(PathBuf);

impl Ballast {
    /// The ballast of a data directory.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// Takes the room, where it is not taken yet and doing so would not itself make it tight.
    pub fn take(&self, free: u64, total: u64) {
        let left = free.saturating_sub(BALLAST);
        if !self.0.exists() && Stage::Ample.next(left, total) == Stage::Ample && self.allocate().is_err() {
            // A file system that cannot allocate has no ballast; a part of one is worse than none.
            let _ = fs::remove_file(&self.0);
        }
    }

    /// Lets the room go.
    pub fn let_go(&self) {
        // Not there: it was let go before.
        let _ = fs::remove_file(&self.0);
    }

    fn allocate(&self) -> std::io::Result<()> {
        let file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.0)?;
        let length = i64::try_from(BALLAST).unwrap_or(i64::MAX);
        fallocate(&file, FallocateFlags::empty(), 0, length).map_err(std::io::Error::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_come_one_after_the_other_and_do_not_flicker() {
        let at = |before: Stage, hundredths| before.next(hundredths, 100);
        assert_eq!(at(Stage::Ample, 15), Stage::Ample);
        assert_eq!(at(Stage::Ample, 14), Stage::Tight);
        assert_eq!(at(Stage::Tight, 15), Stage::Tight);
        assert_eq!(at(Stage::Tight, 18), Stage::Ample);
        assert_eq!(at(Stage::Tight, 4), Stage::Low);
        assert_eq!(at(Stage::Low, 5), Stage::Low);
        assert_eq!(at(Stage::Low, 7), Stage::Tight);
        assert_eq!(at(Stage::Ample, 1), Stage::Low);
        assert_eq!(Stage::Ample.next(0, 0), Stage::Low);
    }

    #[test]
    fn ballast_is_taken_only_where_there_is_room_and_can_be_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::of(folder.path());
        ballast.take(100 << 20, 1 << 30);
        assert!(!folder.path().join(FILE).exists());
        ballast.take(1 << 30, 1 << 30);
        assert_eq!(fs::metadata(folder.path().join(FILE)).unwrap().len(), BALLAST);
        ballast.let_go();
        ballast.let_go();
        assert!(!folder.path().join(FILE).exists());
    }
}
