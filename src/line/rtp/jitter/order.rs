//! The order of packets: numbers that do not wrap around, and which packets came (RFC 3550 appendix A.1).
//!
//! In:  the sequence number and timestamp of each packet. Out: both as numbers that only grow, whether a packet came
//! before, and how many never came. Owned by the jitter buffer; never holds sound.

/// A timestamp that is 2 s away is another stream's, or the same after a pause.
const JUMP: i64 = 16_000;
/// So is a sequence number that is 200 packets away: 2 s of the shortest packets.
const SEQUENCE_JUMP: i64 = 200;

/// Extended timestamps begin here, so that none is as low as 0.
const AFTER_ZERO: i64 = 1 << 32;

/// The order of one source's packets.
pub(super) struct Order {
    first: i64,
    newest: i64,
    newest_timestamp: i64,
    /// Which of the newest 128 came; the lowest bit is the newest.
    seen: u128,
    came: u64,
}

impl Order {
    /// The first packet, which is still to be noted.
    pub(super) fn new(timestamp: u32, sequence: u16) -> Self {
        let sequence = i64::from(sequence);
        Self {
            first: sequence,
            newest: sequence,
            newest_timestamp: AFTER_ZERO + i64::from(timestamp),
            seen: 0,
            came: 0,
        }
    }

    /// The extended timestamp.
    pub(super) fn timestamp(&self, timestamp: u32) -> i64 {
        let newest = u32::try_from(self.newest_timestamp.rem_euclid(1 << 32)).unwrap_or(0);
        self.newest_timestamp + i64::from(timestamp.wrapping_sub(newest).cast_signed())
    }

    /// The extended sequence number.
    pub(super) fn sequence(&self, sequence: u16) -> i64 {
        let newest = u16::try_from(self.newest.rem_euclid(1 << 16)).unwrap_or(0);
        self.newest + i64::from(sequence.wrapping_sub(newest).cast_signed())
    }

    /// Whether a packet is so far away that another stream begins.
    pub(super) fn jumps(&self, timestamp: u32, sequence: u16) -> bool {
        (self.timestamp(timestamp) - self.newest_timestamp).abs() > JUMP
            || (self.sequence(sequence) - self.newest).abs() > SEQUENCE_JUMP
    }

    /// Notes that a packet came, with its timestamp if it is one of sound; false where it had come before, or is too
    /// old to tell. Both numbers are the extended ones.
    pub(super) fn note(&mut self, sequence: i64, timestamp: Option<i64>) -> bool {
        self.newest_timestamp = timestamp.unwrap_or(self.newest_timestamp).max(self.newest_timestamp);
        if sequence > self.newest {
            let ahead = u32::try_from(sequence - self.newest).unwrap_or(u32::MAX);
            self.seen = self.seen.checked_shl(ahead).unwrap_or(0);
            self.newest = sequence;
        }
        let bit = u32::try_from(self.newest - sequence).ok().and_then(|behind| 1_u128.checked_shl(behind)).unwrap_or(0);
        if bit == 0 || self.seen & bit != 0 {
            return false;
        }
        self.seen |= bit;
        self.first = self.first.min(sequence);
        self.came += 1;
        true
    }

    /// Notes a packet that is no sound.
    pub(super) fn passed(&mut self, sequence: u16) {
        let sequence = self.sequence(sequence);
        if (sequence - self.newest).abs() <= SEQUENCE_JUMP {
            let _ = self.note(sequence, None);
        }
    }

    /// The newest sequence number.
    pub(super) fn newest(&self) -> i64 {
        self.newest
    }

    /// Whether all from one sequence number up to, but without, another came; false where that is too long ago to tell.
    pub(super) fn all_came(&self, from: i64, until: i64) -> bool {
        from <= until && (from..until).all(|sequence| self.came(sequence))
    }

    fn came(&self, sequence: i64) -> bool {
        u32::try_from(self.newest - sequence).ok().and_then(|b| self.seen.checked_shr(b)).is_some_and(|s| s & 1 == 1)
    }

    /// How many have not come, of those that the numbers count.
    pub(super) fn lost(&self) -> u64 {
        u64::try_from(self.newest - self.first + 1).unwrap_or(0).saturating_sub(self.came)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(sequences: &[u16]) -> Order {
        let mut order = Order::new(0, sequences[0]);
        for &sequence in sequences {
            let sequence = order.sequence(sequence);
            let _ = order.note(sequence, None);
        }
        order
    }

    #[test]
    fn both_numbers_go_on_where_they_wrap_around() {
        let mut order = Order::new(u32::MAX - 79, u16::MAX);
        let _ = order.note(65_535, Some((2 << 32) - 80));
        assert_eq!((order.sequence(0), order.timestamp(80)), (65_536, (2 << 32) + 80));
        let _ = order.note(65_536, Some((2 << 32) + 80));
        assert_eq!((order.sequence(65_535), order.timestamp(u32::MAX)), (65_535, (2 << 32) - 1));
    }

    #[test]
    fn what_came_twice_is_told_and_what_never_came_is_counted() {
        let mut order = noted(&[65_533, 65_535, 2, 0]);
        assert_eq!(order.lost(), 2);
        assert!(!order.note(65_536, None));
        assert!(order.came(65_535) && !order.came(65_534));
        assert!(order.note(65_534, None));
        assert_eq!(order.lost(), 1);
        order.passed(1);
        assert_eq!(order.lost(), 0);
    }

    #[test]
    fn a_packet_before_the_first_is_no_loss() {
        assert_eq!(noted(&[10, 8, 9]).lost(), 0);
        assert_eq!(noted(&[10, 8]).lost(), 1);
    }

    #[test]
    fn two_seconds_away_is_a_jump() {
        let order = noted(&[100]);
        assert!(!order.jumps(16_000, 300) && !order.jumps(u32::MAX - 15_999, 100));
        assert!(order.jumps(16_001, 100) && order.jumps(0, 301) && order.jumps(u32::MAX - 16_000, 100));
    }
}
