//! Keys of a telephone as packets of their own (RFC 4733): heard and sent.
//!
//! In:  the payloads of telephone-event packets with their headers. Out: one character for each press.
//! In:  a key to press. Out: the payloads of its packets, one each 20 ms.
//! Run by the call's media thread. Keeps no history of keys: what a caller types may be a date of birth, so neither
//! type here has a `Debug`. Never touches a socket or a clock.

use super::packet::Header;

/// The keys in the order of their event numbers (RFC 4733 section 3.2, table 3).
const KEYS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

/// How far back a timestamp counts as late, in samples: 10 s. A press lasts 8 s at most and no network holds a packet
/// for longer; what lies further back is a sender that began its clock anew.
const LATE: u32 = 80_000;

/// The longest duration that a packet can state, in samples: a longer press goes on under a new timestamp
/// (RFC 4733 section 2.5.1.3).
const LONGEST: u16 = u16::MAX;

/// How many sources are remembered: two at once (sound and keys) were seen; four leave room for a transfer.
const SOURCES: usize = 4;

/// Samples that one packet stands for: 20 ms at 8 kHz.
const STEP: u16 = 160;

/// How often the end of a press is said, so that the loss of two in a row is harmless (RFC 4733 section 2.5.1.4).
const ENDS: u8 = 3;

/// The level that is stated with a press, -dBm0. Receivers that make a tone of it make an ordinary one.
const VOLUME: u8 = 10;

/// One payload (RFC 4733 section 2.3).
struct Event {
    number: u8,
    duration: u16,
}

impl Event {
    fn read(payload: &[u8]) -> Option<Self> {
        // The second octet is end, reserved and volume: none of it decides whether a key was pressed.
        let &[number, _, high, low] = payload.first_chunk::<4>()?;
        Some(Self { number, duration: u16::from_be_bytes([high, low]) })
    }
}

/// The newest press of a source.
struct Heard {
    ssrc: u32,
    timestamp: u32,
    number: u8,
    duration: u16,
}

/// Hears presses; each once, at the first of its packets that arrives.
#[derive(Default)]
pub struct KeyListener {
    // The newest source last.
    heard: Vec<Heard>,
}

impl KeyListener {
    /// Takes a packet of the telephone-event payload type. Gives the key, `0` to `9`, `*`, `#`, `A` to `D`, where it
    /// belongs to a press that was not heard yet.
    #[must_use]
    pub fn hear(&mut self, header: &Header, payload: &[u8]) -> Option<char> {
        let event = Event::read(payload)?;
        // Beyond the keys are flash and the tones of modems, which are nobody's press.
        let key = *KEYS.get(usize::from(event.number))?;
        let known = self.heard.iter().position(|heard| heard.ssrc == header.ssrc);
        let new = match known.and_then(|at| self.heard.get_mut(at)) {
            Some(heard) => heard.is_new(header, &event),
            None => true,
        };
        if !new {
            return None;
        }
        if let Some(at) = known {
            self.heard.remove(at);
        } else if self.heard.len() >= SOURCES {
            self.heard.remove(0);
        }
        let Header { ssrc, timestamp, .. } = *header;
        self.heard.push(Heard { ssrc, timestamp, number: event.number, duration: event.duration });
        Some(key)
    }
}

impl Heard {
    /// Whether a packet of the same source begins another press. One that goes on is taken note of.
    fn is_new(&mut self, header: &Header, event: &Event) -> bool {
        if header.timestamp == self.timestamp {
            self.duration = self.duration.max(event.duration);
            return false;
        }
        // A key held for more than 8 s: its next part begins where the last ended, without a marker.
        let next_part = self.timestamp.wrapping_add(u32::from(LONGEST));
        if !header.marker && event.number == self.number && header.timestamp == next_part {
            self.timestamp = header.timestamp;
            self.duration = event.duration;
            return false;
        }
        self.timestamp.wrapping_sub(header.timestamp) > LATE
    }
}

/// A press that is being sent.
pub struct KeyPress {
    number: u8,
    // Samples said so far, and in all: multiples of a step.
    said: u16,
    whole: u16,
    ends: u8,
}

impl KeyPress {
    /// A press of `key` for `ms` milliseconds, rounded up to 20 and held to 8,180. `None` where `key` is none, or for
    /// no time at all.
    #[must_use]
    pub fn new(key: char, ms: u32) -> Option<Self> {
        let number = u8::try_from(KEYS.iter().position(|&k| k == key)?).ok()?;
        let steps = u16::try_from(ms.div_ceil(20)).unwrap_or(u16::MAX).min(LONGEST / STEP);
        (steps > 0).then_some(Self { number, said: 0, whole: steps * STEP, ends: 0 })
    }

    /// The payload of the next packet, to be sent 20 ms after the last, and whether it bears the marker. All have the
    /// timestamp of the first. `None` when the end has been said three times.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "a packet each 20 ms is not to be collected by a loop")]
    pub fn next(&mut self) -> Option<([u8; 4], bool)> {
        let first = self.said == 0;
        let end = self.said >= self.whole;
        if end {
            if self.ends >= ENDS {
                return None;
            }
            self.ends += 1;
        } else {
            self.said += STEP;
        }
        let [high, low] = self.said.to_be_bytes();
        Some(([self.number, VOLUME | if end { 0x80 } else { 0 }, high, low], first))
    }

    /// Time passed in which nothing could be sent: the press is so much longer already. Its end is still said.
    pub fn skip(&mut self, frames: u32) {
        let passed = u16::try_from(frames).unwrap_or(u16::MAX).saturating_mul(STEP);
        self.said = self.said.saturating_add(passed).min(self.whole);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn head(timestamp: u32) -> Header {
        Header { payload_type: 101, marker: false, sequence: 0, timestamp, ssrc: 7 }
    }

    fn packets(key: char, ms: u32) -> Vec<([u8; 4], bool)> {
        let mut press = KeyPress::new(key, ms).unwrap();
        std::iter::from_fn(|| press.next()).collect()
    }

    fn heard(listener: &mut KeyListener, timestamp: u32, packets: &[([u8; 4], bool)]) -> String {
        packets
            .iter()
            .filter_map(|(payload, marker)| listener.hear(&Header { marker: *marker, ..head(timestamp) }, payload))
            .collect()
    }

    #[test]
    fn every_key_is_heard_once_though_its_end_comes_three_times() {
        let mut listener = KeyListener::default();
        let mut timestamp = u32::MAX - 5_000;
        let mut all = String::new();
        for key in KEYS {
            let packets = packets(key, 100);
            assert_eq!(packets.iter().filter(|(bytes, _)| bytes[1] & 0x80 != 0).count(), 3);
            all += &heard(&mut listener, timestamp, &packets);
            timestamp = timestamp.wrapping_add(1_600);
        }
        assert_eq!(all, KEYS.iter().collect::<String>());
    }

    #[test]
    fn the_same_key_twice_is_two_presses() {
        let mut listener = KeyListener::default();
        let five = packets('5', 60);
        assert_eq!(heard(&mut listener, 1_000, &five) + &heard(&mut listener, 2_000, &five), "55");
    }

    #[test]
    fn a_press_counts_whichever_of_its_packets_arrives() {
        let whole = packets('#', 100);
        for only in 0..whole.len() {
            assert_eq!(heard(&mut KeyListener::default(), 9, &whole[only..=only]), "#", "packet {only} alone");
        }
        for lost_from in 1..whole.len() {
            let mut listener = KeyListener::default();
            assert_eq!(heard(&mut listener, 9, &whole[..lost_from]), "#");
            assert_eq!(heard(&mut listener, 9_000, &packets('1', 40)), "1", "the end was lost");
        }
    }

    #[test]
    fn what_comes_repeated_reordered_or_late_gives_nothing_more() {
        let (one, two) = (packets('1', 100), packets('2', 100));
        let mut listener = KeyListener::default();
        let mut turned = one.clone();
        turned.reverse();
        turned.extend(one.clone());
        assert_eq!(heard(&mut listener, 1_000, &turned), "1");
        assert_eq!(heard(&mut listener, 3_000, &two), "2");
        assert_eq!(heard(&mut listener, 1_000, &one), "", "an old press after a newer one");
        assert_eq!(heard(&mut listener, 3_000, &two), "");
    }

    #[test]
    fn a_sender_that_begins_its_clock_anew_is_heard() {
        let mut listener = KeyListener::default();
        assert_eq!(heard(&mut listener, 4_000_000, &packets('1', 40)), "1");
        assert_eq!(heard(&mut listener, 160, &packets('2', 40)), "2");
    }

    #[test]
    fn sources_do_not_mix() {
        let mut listener = KeyListener::default();
        let payload = [3, 0x8a, 0, 160];
        let press = |ssrc, listener: &mut KeyListener| listener.hear(&Header { ssrc, ..head(50) }, &payload);
        for ssrc in 0..4 {
            assert_eq!(press(ssrc, &mut listener), Some('3'));
        }
        for ssrc in 0..4 {
            assert_eq!(press(ssrc, &mut listener), None, "source {ssrc} is remembered");
        }
        for ssrc in 0..100_000 {
            let _ = press(ssrc, &mut listener);
        }
        assert_eq!(listener.heard.len(), SOURCES, "no flood of sources fills the memory");
    }

    #[test]
    fn a_key_held_for_more_than_eight_seconds_is_one_press() {
        let mut listener = KeyListener::default();
        assert_eq!(listener.hear(&Header { marker: true, ..head(100) }, &[9, 10, 0, 160]), Some('9'));
        assert_eq!(listener.hear(&head(100), &[9, 10, 0xff, 0xff]), None);
        assert_eq!(listener.hear(&head(100 + 0xffff), &[9, 10, 0, 160]), None, "its second part");
        assert_eq!(listener.hear(&Header { marker: true, ..head(200_000) }, &[9, 10, 0, 160]), Some('9'));
    }

    #[test]
    fn what_is_no_key_or_too_short_is_none() {
        let mut listener = KeyListener::default();
        assert_eq!(listener.hear(&head(1), &[16, 10, 0, 160]), None, "flash");
        assert_eq!(listener.hear(&head(1), &[255, 10, 0, 160]), None);
        assert_eq!(listener.hear(&head(1), &[1, 10, 0]), None);
        assert!(KeyPress::new('E', 100).is_none() && KeyPress::new('1', 0).is_none());
    }

    #[test]
    fn a_press_grows_by_20_ms_and_ends_three_times() {
        assert_eq!(
            packets('*', 50),
            [
                ([10, 10, 0, 160], true),
                ([10, 10, 1, 64], false),
                ([10, 10, 1, 224], false),
                ([10, 138, 1, 224], false),
                ([10, 138, 1, 224], false),
                ([10, 138, 1, 224], false),
            ]
        );
        let longest = packets('1', u32::MAX);
        assert_eq!(longest.last().unwrap().0, [1, 138, 0xff, 0xa0], "65,440 samples");
    }

    #[test]
    fn a_press_that_was_held_up_still_says_its_end() {
        let mut press = KeyPress::new('1', 100).unwrap();
        assert_eq!(press.next(), Some(([1, 10, 0, 160], true)));
        press.skip(2);
        assert_eq!(press.next(), Some(([1, 10, 2, 128], false)));
        press.skip(u32::MAX);
        let rest: Vec<_> = std::iter::from_fn(|| press.next()).collect();
        assert_eq!(rest, [([1, 138, 3, 32], false); 3]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_key_or_none(
            packets in proptest::collection::vec(
                (any::<u32>(), any::<bool>(), proptest::collection::vec(any::<u8>(), 0..6)), 0..20,
            )
        ) {
            let mut listener = KeyListener::default();
            for (timestamp, marker, payload) in packets {
                if let Some(key) = listener.hear(&Header { marker, ..head(timestamp) }, &payload) {
                    prop_assert!(KEYS.contains(&key));
                }
            }
        }

        #[test]
        fn any_loss_and_order_of_one_press_is_one_key(
            number in 0_usize..16, ms in 20_u32..400, order in proptest::collection::vec(any::<usize>(), 1..60),
        ) {
            let whole = packets(KEYS[number], ms);
            let mixed: Vec<_> = order.iter().map(|at| whole[at % whole.len()]).collect();
            prop_assert_eq!(heard(&mut KeyListener::default(), 77, &mixed), KEYS[number].to_string());
        }
    }
}
