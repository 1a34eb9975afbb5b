//! Time, handed in.
//!
//! Nothing below the drivers reads a clock by itself. The driver of a call passes [`LineTime`] (time counted by frames
//! of the call's own audio, so that a call in virtual time behaves as one in real time) and daemons pass a [`Clock`].

use std::fmt;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Time since the line was answered, measured by the audio itself: one frame is 20 ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LineTime {
    frames: u64,
}

/// The length of one frame of line audio.
pub const FRAME: Duration = Duration::from_millis(20);

impl LineTime {
    /// Later than any moment of any call.
    pub const MAX: Self = Self { frames: u64::MAX };

    /// The moment after `frames` frames.
    #[must_use]
    pub fn from_frames(frames: u64) -> Self {
        Self { frames }
    }

    /// Frames since the line was answered.
    #[must_use]
    pub fn frames(self) -> u64 {
        self.frames
    }

    /// One frame later.
    #[must_use]
    pub fn next(self) -> Self {
        Self { frames: self.frames.saturating_add(1) }
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        let frames = self.frames.saturating_sub(earlier.frames);
        FRAME.saturating_mul(u32::try_from(frames).unwrap_or(u32::MAX))
    }
}

impl fmt::Display for LineTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.since(Self::default()).as_secs_f64();
        write!(f, "{seconds:.2} s")
    }
}

/// Reads the time of day and the monotonic clock. Daemons use [`SystemClock`]; tests hand in their own.
pub trait Clock: Send + Sync {
    /// Monotonic time, for deadlines.
    fn now(&self) -> Instant;
    /// Wall-clock time, for records and for words such as "tomorrow".
    fn wall(&self) -> jiff::Timestamp;
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the monotonic clock")]
    fn now(&self) -> Instant {
        Instant::now()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the wall clock")]
    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_frames_are_one_second() {
        let start = LineTime::default();
        assert_eq!(LineTime::from_frames(50).since(start), Duration::from_secs(1));
        assert_eq!(start.since(LineTime::from_frames(50)), Duration::ZERO);
    }
}
