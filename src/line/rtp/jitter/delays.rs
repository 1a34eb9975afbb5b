//! How long the packets of late were on their way, and so how long sound must be held back.
//!
//! In:  the transit of each packet: its arrival less its timestamp. Out: the fastest of late and the target of the lag.
//! Owned by the jitter buffer; only differences of transits mean something, as the two clocks have nothing in common.

use std::collections::VecDeque;

use super::FRAME_US;

/// The bounds of the target, microseconds. Below 40 ms a single lost packet of 20 ms empties the buffer; above 120 ms
/// people begin to talk at once (ITU-T G.114: 150 ms for the whole way), and losing a little sound is better.
const LOWEST: i64 = 40_000;
const HIGHEST: i64 = 120_000;
/// The target before anything is known.
const FIRST: i64 = 60_000;
/// Packets whose delay is remembered: 5 s of 20 ms packets.
const REMEMBERED: usize = 256;
/// The target is kept for so many packets before it falls by a frame.
const CALM: u32 = 256;
/// What is added to what was needed, microseconds: the media thread itself is not to the millisecond.
const MARGIN: i64 = 5_000;

/// What recent packets needed.
pub(super) struct Delays {
    /// Arrival less timestamp of each recent packet, microseconds; only differences mean something.
    transits: VecDeque<i64>,
    /// The least of them.
    fastest: i64,
    target: i64,
    /// Packets since the target was last needed.
    calm: u32,
}

impl Default for Delays {
    fn default() -> Self {
        Self { transits: VecDeque::new(), fastest: 0, target: FIRST, calm: 0 }
    }
}

impl Delays {
    /// Notes a packet's transit, microseconds, and leads the target.
    pub(super) fn note(&mut self, transit: i64) {
        self.transits.push_back(transit);
        if self.transits.len() > REMEMBERED {
            self.transits.pop_front();
        }
        let mut sorted: Vec<i64> = self.transits.iter().copied().collect();
        self.fastest = sorted.iter().copied().min().unwrap_or(transit);
        // Nearly all: 98 of 100 packets. The rest is cheaper to conceal than to wait for.
        let nearly_all = (sorted.len() * 98 / 100).min(sorted.len().saturating_sub(1));
        let (_, slowest, _) = sorted.select_nth_unstable(nearly_all);
        let needed = slowest.saturating_sub(self.fastest).saturating_add(MARGIN).min(HIGHEST);
        let wanted = ((needed + FRAME_US - 1) / FRAME_US * FRAME_US).max(LOWEST);
        self.calm = if needed + MARGIN > self.target - FRAME_US { 0 } else { self.calm + 1 };
        if wanted > self.target {
            self.target = wanted;
        } else if self.calm >= CALM && wanted < self.target {
            self.target -= FRAME_US;
            self.calm = 0;
        }
    }

    /// The transit of the fastest recent packet.
    pub(super) fn fastest(&self) -> i64 {
        self.fastest
    }

    /// The lag to aim for, microseconds: a whole number of frames.
    pub(super) fn target(&self) -> i64 {
        self.target
    }

    /// Another stream begins: its timestamps mean nothing to those of the last. The target stays.
    pub(super) fn forget(&mut self) {
        self.transits.clear();
        self.calm = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(transits: impl IntoIterator<Item = i64>) -> Delays {
        let mut delays = Delays::default();
        for transit in transits {
            delays.note(transit);
        }
        delays
    }

    #[test]
    fn a_steady_network_brings_the_target_to_its_lowest_in_some_seconds() {
        assert_eq!(after(vec![7; 200]).target(), FIRST);
        assert_eq!(after(vec![7; 300]).target(), LOWEST);
        assert_eq!(after(vec![7; 10_000]).target(), LOWEST);
    }

    #[test]
    fn the_target_covers_nearly_all_packets_but_never_more_than_120_ms() {
        assert_eq!(after((0..1_000).map(|n| (n * 37 % 60) * 1_000)).target(), 80_000);
        assert_eq!(after((0..1_000).map(|n| (n % 10) * 40_000)).target(), HIGHEST);
    }

    #[test]
    fn one_straggler_in_a_hundred_does_not_move_it() {
        assert_eq!(after((0..2_000).map(|n| if n % 100 == 99 { 300_000 } else { 0 })).target(), LOWEST);
    }

    #[test]
    fn it_rises_within_half_a_second_of_a_worse_network() {
        let mut delays = after(vec![0; 1_000]);
        for n in 0..25 {
            delays.note(if n % 3 == 0 { 70_000 } else { 0 });
        }
        assert_eq!(delays.target(), 80_000);
    }
}
