//! A smaller machine: the box's processes under a processor quota.
//!
//! Stands for a board of four Cortex-A76 cores at 2.4 GHz (a Raspberry Pi 5). **Assumption: such a core is 2.5 times
//! slower than one of this machine's**, so every thread gets 8 ms of each 20 ms of a core, and all together 1.6 cores.
//! A quota a thread, and not only one for all, is what makes a single recognition slower. The caller, who is no part of
//! the box, runs at full speed. Needs root and control groups (version 1, or version 2 with threaded groups).

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The period of a thread's quota, microseconds. Short, so that work of tens of milliseconds is slowed too; but several of
/// the 5 ms slices in which the kernel hands a group's quota out: with a period of one slice, two threads that wait for each
/// other at a barrier starved each other for seconds (measured).
const PERIOD_US: u32 = 20_000;
/// What a thread gets of it: 1 / 2.5.
const THREAD_US: u32 = 8_000;
/// What all threads get of it together: four such cores.
const ALL_US: u32 = 32_000;
/// The name of a recogniser's thread.
const RECOGNISER: &str = "recogniser";

/// The quota cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("no processor quota can be set at {path}: run this as root, with control groups mounted")]
pub(in crate::cli) struct QuotaError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

/// The names of the files, which differ between the two versions.
#[derive(Clone, Copy, Debug)]
enum Version {
    One,
    Two,
}

/// A group of control groups, one a thread. To be dropped after the box has stopped: then it can be removed.
pub(in crate::cli) struct Quota {
    group: PathBuf,
    version: Version,
    threads: HashSet<u32>,
    /// Threads into which a recogniser's thread splits itself for each turn: they inherit its group.
    recogniser_splits: u32,
    begun: bool,
}

impl Quota {
    /// A quota that holds nobody yet. A recogniser's thread gets `recogniser_splits` threads' worth.
    pub(in crate::cli) fn new(recogniser_splits: u32) -> Result<Self, QuotaError> {
        let name = format!("anteroom-bench-{}", std::process::id());
        let one = Path::new("/sys/fs/cgroup/cpu");
        let (group, version) = if one.join("cpu.cfs_quota_us").exists() {
            (one.join(name), Version::One)
        } else {
            (Path::new("/sys/fs/cgroup").join(name), Version::Two)
        };
        let quota = Self { group, version, threads: HashSet::new(), recogniser_splits, begun: false };
        quota.make(&quota.group, ALL_US)?;
        if let Version::Two = version {
            quota.write(&quota.group.join("cgroup.subtree_control"), "+cpu")?;
        }
        Ok(quota)
    }

    /// Puts every thread of the processes under the quota that is not under it yet. Threads come and go with calls, so
    /// this is to be called often.
    pub(in crate::cli) fn hold(&mut self, pids: &[u32]) -> Result<(), QuotaError> {
        for pid in pids {
            let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
            for thread in threads.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
                let name = fs::read_to_string(format!("/proc/{pid}/task/{thread}/comm")).unwrap_or_default();
                let recogniser = name.trim_end() == RECOGNISER;
                // The box's recognisers are there from the start. What comes later under that name has been split off by
                // one of them and lives in its group already.
                if !(recogniser && self.begun) && self.threads.insert(thread) {
                    self.hold_thread(*pid, thread, if recogniser { self.recogniser_splits } else { 1 })?;
                }
            }
        }
        self.begun = true;
        Ok(())
    }

    fn hold_thread(&self, pid: u32, thread: u32, splits: u32) -> Result<(), QuotaError> {
        let group = self.group.join(thread.to_string());
        self.make(&group, THREAD_US * splits)?;
        let file = match self.version {
            Version::One => "tasks",
            Version::Two => {
                // Threads may be spread over threaded groups below the one that holds their process.
                self.write(&self.group.join("cgroup.procs"), &pid.to_string())?;
                "cgroup.threads"
            }
        };
        match self.write(&group.join(file), &thread.to_string()) {
            // The thread has just ended.
            Err(QuotaError { source, .. }) if source.raw_os_error() == Some(libc::ESRCH) => Ok(()),
            other => other,
        }
    }

    fn make(&self, group: &Path, us: u32) -> Result<(), QuotaError> {
        fs::create_dir(group).map_err(|source| QuotaError { path: group.to_owned(), source })?;
        match self.version {
            Version::One => {
                self.write(&group.join("cpu.cfs_period_us"), &PERIOD_US.to_string())?;
                self.write(&group.join("cpu.cfs_quota_us"), &us.to_string())
            }
            Version::Two => {
                if group != self.group {
                    self.write(&group.join("cgroup.type"), "threaded")?;
                }
                self.write(&group.join("cpu.max"), &format!("{us} {PERIOD_US}"))
            }
        }
    }

    #[expect(clippy::unused_self, reason = "the error belongs to the quota")]
    fn write(&self, file: &Path, text: &str) -> Result<(), QuotaError> {
        fs::write(file, text).map_err(|source| QuotaError { path: file.to_owned(), source })
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // A group whose threads have not all ended cannot be removed: the box is stopped before.
        for thread in &self.threads {
            let _ = fs::remove_dir(self.group.join(thread.to_string()));
        }
        let _ = fs::remove_dir(&self.group);
    }
}
