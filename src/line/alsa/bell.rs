//! What a modem says, read and understood: pure, so that any bytes and any hour can be tried in a test.
//!
//! In:  bytes of a modem ([`Lines`]), and the time.
//! Out: [`Said`], and from them the events of a call ([`Bell`]).
//! The caller's number and name are kept as [`Secret`]s; a line that is too long is dropped whole.

use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::hook::{CallerId, HookEvent};
use crate::secret::Secret;

/// The longest line that is read: caller id lines have at most 60 bytes.
const LONGEST: usize = 128;
/// The longest number: 15 digits (ITU-T E.164) and room for what exchanges put before them.
const LONGEST_NUMBER: usize = 20;
/// The longest name an exchange sends is 15 letters; some modems pad.
const LONGEST_NAME: usize = 64;
/// How long a first ring waits for the number. North American exchanges send it between the first two rings, which are
/// 6 s apart.
const NUMBER_WITHIN: Duration = Duration::from_secs(7);
/// How long a number waits for the name, which is sent right after it.
const NAME_WITHIN: Duration = Duration::from_millis(500);
/// Without a ring for this long the caller has given up: two rings are 6 s apart.
const RINGS_WITHIN: Duration = Duration::from_secs(8);

/// A line of the modem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A command was carried out.
    Ok,
    /// A command was not.
    Error,
    /// The bell rings.
    Ring,
    /// The caller's number; empty when withheld.
    Number(Secret),
    /// The caller's name; empty when withheld.
    Name(Secret),
    /// The exchange's month and day: read, and not used, since the box has a clock.
    Date,
    /// The exchange's hour and minute.
    Time,
    /// The other side is gone.
    Gone,
    /// An echo, or what this code has no use for.
    Other,
}

impl Said {
    /// Understands one line.
    fn parse(line: &[u8]) -> Self {
        let line = line.trim_ascii();
        match line {
            b"OK" => return Self::Ok,
            b"ERROR" => return Self::Error,
            b"RING" => return Self::Ring,
            b"NO CARRIER" | b"BUSY" => return Self::Gone,
            _ => {}
        }
        let mut parts = line.splitn(2, |&byte| byte == b'=');
        let (Some(key), Some(value)) = (parts.next(), parts.next()) else { return Self::Other };
        let value = value.trim_ascii();
        match key.trim_ascii() {
            b"NMBR" => Self::Number(number(value)),
            b"NAME" => Self::Name(name(value)),
            b"DATE" if digits(value, 4) => Self::Date,
            b"TIME" if digits(value, 4) => Self::Time,
            _ => Self::Other,
        }
    }
}

fn digits(value: &[u8], count: usize) -> bool {
    value.len() == count && value.iter().all(u8::is_ascii_digit)
}

/// Digits and a leading plus sign. `P` (private) and `O` (out of area) stand for a number that is withheld or unknown;
/// anything else is no number either.
fn number(value: &[u8]) -> Secret {
    let (plus, rest) = match value.split_first() {
        Some((b'+', rest)) => ("+", rest),
        _ => ("", value),
    };
    let kept = Zeroizing::new(rest.iter().copied().filter(|byte| !matches!(byte, b'-' | b' ' | b'(' | b')')).collect());
    let kept: &Vec<u8> = &kept;
    if kept.is_empty() || kept.len() > LONGEST_NUMBER || !kept.iter().all(u8::is_ascii_digit) {
        return Secret::default();
    }
    Secret::new(plus.chars().chain(kept.iter().copied().map(char::from)).collect::<String>())
}

/// Printable ASCII; `P` and `O` as in a number.
fn name(value: &[u8]) -> Secret {
    if matches!(value, b"P" | b"O") {
        return Secret::default();
    }
    let printable = |byte: &&u8| byte.is_ascii_graphic() || **byte == b' ';
    Secret::new(value.iter().filter(printable).take(LONGEST_NAME).copied().map(char::from).collect::<String>())
}

/// Cuts a modem's bytes into lines. Its `Debug` shows none of them.
#[derive(Default)]
pub(super) struct Lines {
    line: Zeroizing<Vec<u8>>,
    too_long: bool,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lines({} bytes)", self.line.len())
    }
}

impl Lines {
    /// Takes bytes; returns what the lines that ended in them say. Empty lines say nothing.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Said> {
        let mut said = Vec::new();
        for &byte in bytes {
            if matches!(byte, b'\r' | b'\n') {
                if !self.too_long && !self.line.trim_ascii().is_empty() {
                    said.push(Said::parse(&self.line));
                }
                // Assigned, not cleared: what was in it is wiped.
                self.line = Zeroizing::new(Vec::with_capacity(LONGEST));
                self.too_long = false;
            } else if self.line.len() < LONGEST {
                self.line.push(byte);
            } else {
                self.too_long = true;
            }
        }
        said
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Phase {
    /// Nobody calls.
    #[default]
    Quiet,
    /// It rang once; who calls is waited for until then.
    Announced { until: Instant },
    /// The call was told of.
    Ringing { last: Instant },
    /// The call was told of and will not be taken.
    Ignored { last: Instant },
    /// The call was taken.
    Taken,
}

/// The call on the wire, as the modem's lines tell it.
#[derive(Debug, Default)]
pub(super) struct Bell {
    phase: Phase,
    caller: CallerId,
}

impl Bell {
    /// Takes what the modem said.
    pub(super) fn said(&mut self, said: Said, now: Instant) -> Option<HookEvent> {
        match (said, self.phase) {
            (Said::Ring, Phase::Quiet) => {
                self.caller = CallerId::default();
                self.phase = Phase::Announced { until: now + NUMBER_WITHIN };
                None
            }
            (Said::Ring, Phase::Announced { .. }) => Some(self.rings(now)),
            (Said::Ring, Phase::Ringing { .. }) => {
                self.phase = Phase::Ringing { last: now };
                None
            }
            (Said::Ring, Phase::Ignored { .. }) => {
                self.phase = Phase::Ignored { last: now };
                None
            }
            (Said::Number(number), Phase::Announced { until }) => {
                self.caller.number = number;
                self.phase = Phase::Announced { until: until.min(now + NAME_WITHIN) };
                None
            }
            (Said::Name(name), Phase::Announced { .. }) => {
                self.caller.name = name;
                None
            }
            (Said::Gone, Phase::Taken) => {
                self.phase = Phase::Quiet;
                Some(HookEvent::HungUp)
            }
            // A number outside of a first ring belongs to nobody: it must never be taken for the next caller's.
            (
                Said::Ring
                | Said::Number(_)
                | Said::Name(_)
                | Said::Gone
                | Said::Ok
                | Said::Error
                | Said::Date
                | Said::Time
                | Said::Other,
                Phase::Quiet | Phase::Announced { .. } | Phase::Ringing { .. } | Phase::Ignored { .. } | Phase::Taken,
            ) => None,
        }
    }

    fn rings(&mut self, now: Instant) -> HookEvent {
        self.phase = Phase::Ringing { last: now };
        HookEvent::Rings(std::mem::take(&mut self.caller))
    }

    /// When [`Self::lapsed`] is to be asked at the latest.
    pub(super) fn due(&self) -> Option<Instant> {
        match self.phase {
            Phase::Announced { until } => Some(until),
            Phase::Ringing { last } | Phase::Ignored { last } => Some(last + RINGS_WITHIN),
            Phase::Quiet | Phase::Taken => None,
        }
    }

    /// What follows from nothing having been said until `now`.
    pub(super) fn lapsed(&mut self, now: Instant) -> Option<HookEvent> {
        if self.due().is_none_or(|due| now < due) {
            return None;
        }
        match self.phase {
            Phase::Announced { .. } => Some(self.rings(now)),
            Phase::Ringing { .. } => {
                self.phase = Phase::Quiet;
                Some(HookEvent::StoppedRinging)
            }
            Phase::Ignored { .. } | Phase::Quiet | Phase::Taken => {
                self.phase = Phase::Quiet;
                None
            }
        }
    }

    /// The call is taken.
    pub(super) fn take(&mut self) {
        self.phase = Phase::Taken;
    }

    /// The line is given back. A call that still rings is not told of a second time.
    pub(super) fn give_back(&mut self) {
        self.phase = match self.phase {
            Phase::Ringing { last } => Phase::Ignored { last },
            Phase::Taken => Phase::Quiet,
            same @ (Phase::Quiet | Phase::Announced { .. } | Phase::Ignored { .. }) => same,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::{Clock, SystemClock};

    fn start() -> Instant {
        SystemClock.now()
    }

    fn said(text: &str) -> Vec<Said> {
        Lines::default().feed(text.as_bytes())
    }

    fn rings(number: &str, name: &str) -> Option<HookEvent> {
        Some(HookEvent::Rings(CallerId { number: Secret::new(number), name: Secret::new(name) }))
    }

    #[test]
    fn caller_id_is_read_with_and_without_spaces() {
        let wanted = [Said::Date, Said::Time, Said::Number(Secret::new("5125550143")), Said::Name(Secret::new("A B"))];
        assert_eq!(said("DATE=0412\r\nTIME=0930\r\nNMBR=5125550143\r\nNAME=A B\r\n"), wanted);
        assert_eq!(said("\nDATE = 0412\r\rTIME = 0930\nNMBR = (512) 555-0143\n NAME =  A B \n"), wanted);
    }

    #[test]
    fn a_withheld_or_broken_number_is_empty() {
        for value in ["P", "O", "", "12345678901234567890123", "512x", "+", "\u{661}"] {
            assert_eq!(said(&format!("NMBR={value}\r")), [Said::Number(Secret::default())], "{value}");
        }
        assert_eq!(said("NMBR=+15125550143\r"), [Said::Number(Secret::new("+15125550143"))]);
        assert_eq!(said("NAME=O\r"), [Said::Name(Secret::default())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped_whole_and_the_next_is_read() {
        assert_eq!(said(&format!("RING{}\rOK\r", "x".repeat(1_000))), [Said::Ok]);
    }

    #[test]
    fn a_number_is_told_with_its_ring_and_never_shown() {
        let mut bell = Bell::default();
        let now = start();
        assert_eq!(bell.said(Said::Ring, now), None);
        let number = Said::Number(Secret::new("5125550143"));
        assert!(!format!("{number:?}").contains("512"));
        assert_eq!(bell.said(number, now + Duration::from_secs(1)), None);
        let mut lines = Lines::default();
        lines.feed(b"NMBR=5125550143");
        assert_eq!(format!("{lines:?}"), "Lines(15 bytes)");
        assert_eq!(bell.due(), Some(now + Duration::from_millis(1_500)));
        assert_eq!(bell.lapsed(now + Duration::from_millis(1_499)), None);
        assert_eq!(bell.lapsed(now + Duration::from_millis(1_500)), rings("5125550143", ""));
    }

    #[test]
    fn a_caller_without_a_number_rings_at_the_second_ring() {
        let mut bell = Bell::default();
        let now = start();
        bell.said(Said::Ring, now);
        assert_eq!(bell.said(Said::Ring, now + Duration::from_secs(6)), rings("", ""));
        assert_eq!(bell.said(Said::Ring, now + Duration::from_secs(12)), None);
        assert_eq!(bell.lapsed(now + Duration::from_secs(20)), Some(HookEvent::StoppedRinging));
        assert_eq!(bell.due(), None);
    }

    #[test]
    fn a_number_that_came_without_a_ring_is_not_the_next_callers() {
        let mut bell = Bell::default();
        let now = start();
        bell.said(Said::Number(Secret::new("5125550143")), now);
        bell.said(Said::Ring, now);
        assert_eq!(bell.said(Said::Ring, now), rings("", ""));
    }

    #[test]
    fn a_call_that_is_not_taken_is_not_told_of_again_while_it_rings() {
        let mut bell = Bell::default();
        let mut now = start();
        bell.said(Said::Ring, now);
        bell.said(Said::Ring, now);
        bell.give_back();
        for _ in 0..5 {
            now += Duration::from_secs(6);
            assert_eq!(bell.said(Said::Ring, now), None);
        }
        assert_eq!(bell.lapsed(now + RINGS_WITHIN), None);
        bell.said(Said::Ring, now);
        assert!(bell.said(Said::Ring, now).is_some());
    }

    #[test]
    fn only_a_call_that_was_taken_can_be_hung_up() {
        let mut bell = Bell::default();
        assert_eq!(bell.said(Said::Gone, start()), None);
        bell.take();
        assert_eq!(bell.said(Said::Gone, start()), Some(HookEvent::HungUp));
        assert_eq!(bell.said(Said::Gone, start()), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic_and_the_same_in_any_pieces(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
            piece in 1_usize..50,
        ) {
            let whole = Lines::default().feed(&bytes);
            let mut lines = Lines::default();
            let parts: Vec<Said> = bytes.chunks(piece).flat_map(|part| lines.feed(part)).collect();
            prop_assert_eq!(whole, parts);
        }

        #[test]
        fn any_caller_id_line_is_read_without_a_panic(
            text in "(RING|OK|ERROR|BUSY|NO CARRIER|DATE|TIME|NMBR|NAME)? ?=? ?[0-9A-Z+() -]{0,140}\r",
        ) {
            prop_assert!(said(&text).len() <= 1);
        }

        #[test]
        fn no_call_is_told_of_twice_and_none_ends_that_did_not_ring(
            steps in proptest::collection::vec((0_u8..7, 0_u64..9_000), 0..60),
        ) {
            let mut bell = Bell::default();
            let mut now = start();
            let mut told = false;
            for (step, later) in steps {
                now += Duration::from_millis(later);
                let event = match step {
                    0 | 1 => bell.said(Said::Ring, now),
                    2 => bell.said(Said::Number(Secret::new("1")), now),
                    3 => bell.said(Said::Gone, now),
                    4 if told => { bell.take(); None }
                    5 => { bell.give_back(); told = false; None }
                    _ => bell.lapsed(now),
                };
                match event {
                    Some(HookEvent::Rings(_)) => { prop_assert!(!told); told = true; }
                    Some(HookEvent::StoppedRinging | HookEvent::HungUp) => { prop_assert!(told); told = false; }
                    None => {}
                }
            }
        }
    }
}
