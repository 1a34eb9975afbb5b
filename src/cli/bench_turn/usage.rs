//! What the box's processes use: processor time and memory, read from `/proc`.
//!
//! A daemon's children count with it (the clinic's server, a voice that is a program).

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

/// Clock ticks a second in `/proc/*/stat`: fixed for user space on Linux (proc(5), `USER_HZ`).
const TICKS: u64 = 100;

/// What a set of processes has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Usage {
    /// Processor time, user and kernel, of all of them and of their children that have ended.
    pub(in crate::cli) cpu: Duration,
    /// Memory now, KiB; a page that several share counts once (`Pss`).
    pub(in crate::cli) memory_kib: u64,
}

/// What `roots` and their descendants use now. A process that has just ended counts as nothing.
pub(in crate::cli) fn usage(roots: &[u32]) -> Usage {
    let mut all = Usage::default();
    for pid in family(roots) {
        all.cpu += cpu(pid).unwrap_or_default();
        all.memory_kib += memory_kib(pid).unwrap_or_default();
    }
    all
}

/// `roots` and everything that descends from them.
pub(in crate::cli) fn family(roots: &[u32]) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if let Some(parent) = stat(pid).and_then(|stat| stat.get(1)?.parse().ok()) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut family = roots.to_vec();
    let mut next = 0;
    while let Some(pid) = family.get(next) {
        family.extend(children.remove(pid).unwrap_or_default());
        next += 1;
    }
    family
}

/// The fields of `/proc/PID/stat` from the state on (field 3 there). The name before them may hold spaces and brackets.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

fn cpu(pid: u32) -> Option<Duration> {
    let stat = stat(pid)?;
    // utime, stime, cutime, cstime: fields 14 to 17.
    let ticks: u64 = (11..15).filter_map(|at| stat.get(at)?.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * 1_000 / TICKS))
}

fn memory_kib(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_its_child_is_family() {
        let mut child = std::process::Command::new("sleep").arg("5").spawn().unwrap();
        let own = std::process::id();
        assert!(family(&[own]).contains(&child.id()));
        assert!(usage(&[own]).memory_kib > 1_000);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn a_process_that_is_gone_uses_nothing() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let gone = usage(&[child.id()]);
        assert_eq!((gone.cpu, gone.memory_kib), (Duration::ZERO, 0));
    }
}
