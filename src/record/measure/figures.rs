//! The arithmetic of measuring: percentiles, ratios, and what the kernel says was used.

use std::path::Path;
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use super::MeasureError;

/// Bytes of a megabyte, as flash disks and budgets count.
const MB: f64 = 1e6;

/// The value that so many percent do not exceed; zero of nothing.
pub(super) fn at(sorted: &[Duration], percent: usize) -> Duration {
    let index = sorted.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

/// The value that half do not exceed, microseconds.
pub(super) fn median_us(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    micros(at(&times, 50))
}

pub(super) fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

pub(super) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How many times `other` is in `one`; not a number where there is no `other`.
pub(super) fn ratio(one: f64, other: f64) -> f64 {
    if other > 0.0 { one / other } else { f64::NAN }
}

/// A count as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts and bytes below 2^52")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

pub(super) fn megabytes(bytes: f64) -> f64 {
    bytes / MB
}

/// Processor time of this thread so far, in user and kernel mode.
pub(super) fn of_thread() -> Result<Duration, MeasureError> {
    used(UsageWho::RUSAGE_THREAD)
}

/// Processor time of this process so far.
pub(super) fn of_process() -> Result<Duration, MeasureError> {
    used(UsageWho::RUSAGE_SELF)
}

fn used(who: UsageWho) -> Result<Duration, MeasureError> {
    let usage = getrusage(who)?;
    let whole = |time: TimeVal| {
        let (seconds, micros) = (u64::try_from(time.tv_sec()), u64::try_from(time.tv_usec()));
        Duration::from_secs(seconds.unwrap_or(0)).saturating_add(Duration::from_micros(micros.unwrap_or(0)))
    };
    Ok(whole(usage.user_time()).saturating_add(whole(usage.system_time())))
}

/// Bytes that this process has had written to disks so far, in whole pages; those of a file system in memory do not count.
pub(super) fn written() -> Result<u64, MeasureError> {
    let path = Path::new("/proc/self/io");
    let text = std::fs::read_to_string(path).map_err(super::file(path))?;
    write_bytes(&text).ok_or(MeasureError::Wrong { what: "the kernel does not count what is written" })
}

fn write_bytes(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("write_bytes: "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let ms: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!((at(&ms, 50), at(&ms, 99)), (Duration::from_millis(100), Duration::from_millis(198)));
        assert_eq!((at(&[], 99), at(&ms[..1], 99)), (Duration::ZERO, Duration::from_millis(1)));
        let us = median_us([3, 1, 2].map(Duration::from_micros).to_vec());
        assert!((us - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_ratio_to_nothing_is_no_number() {
        assert!((ratio(3.0, 2.0) - 1.5).abs() < 1e-9);
        assert!(ratio(3.0, 0.0).is_nan());
    }

    #[test]
    fn the_kernels_count_of_written_bytes_is_found_among_the_others() {
        let text = "rchar: 9\nwchar: 8\nwrite_bytes: 4096\ncancelled_write_bytes: 7\n";
        assert_eq!(write_bytes(text), Some(4_096));
        assert_eq!(write_bytes("cancelled_write_bytes: 7\n"), None);
        assert!(written().is_ok());
    }
}
