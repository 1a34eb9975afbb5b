//! The two headers before a datagram on a raw socket: IPv4 (RFC 791) and UDP (RFC 768).
//!
//! In:  bytes as the kernel hands them to the tap. Out: the two ports and what was sent, or nothing. Pure.

/// A datagram between two ports of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Datagram<'a> {
    /// The port it comes from.
    pub(super) from: u16,
    /// The port it goes to.
    pub(super) to: u16,
    /// What was sent.
    pub(super) payload: &'a [u8],
}

/// The smallest IPv4 header, bytes.
const LEAST: usize = 20;
const UDP: u8 = 17;

/// Reads both headers; nothing for another protocol, a fragment, or what is cut short.
pub(super) fn read(bytes: &[u8]) -> Option<Datagram<'_>> {
    let first = *bytes.first()?;
    let header = usize::from(first & 0x0f) * 4;
    if first >> 4 != 4 || header < LEAST || *bytes.get(9)? != UDP {
        return None;
    }
    let fragment = u16::from_be_bytes([*bytes.get(6)?, *bytes.get(7)?]);
    // More fragments, or not the first one.
    if fragment & 0x3fff != 0 {
        return None;
    }
    let (&[f1, f0, t1, t0, l1, l0, _, _], rest) = bytes.get(header..)?.split_first_chunk::<8>()?;
    let length = usize::from(u16::from_be_bytes([l1, l0])).checked_sub(8)?;
    let (from, to) = (u16::from_be_bytes([f1, f0]), u16::from_be_bytes([t1, t0]));
    Some(Datagram { from, to, payload: rest.get(..length)? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(options: usize, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0_u8; 20 + options];
        bytes[0] = 0x40 | u8::try_from(5 + options / 4).unwrap();
        bytes[9] = UDP;
        bytes.extend(24_000_u16.to_be_bytes());
        bytes.extend(25_000_u16.to_be_bytes());
        bytes.extend(u16::try_from(8 + payload.len()).unwrap().to_be_bytes());
        bytes.extend([0, 0]);
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn ports_and_payload_are_read_behind_options_and_before_what_is_left_over() {
        for options in [0, 4, 40] {
            let mut bytes = written(options, b"sound");
            bytes.push(0);
            assert_eq!(read(&bytes), Some(Datagram { from: 24_000, to: 25_000, payload: b"sound" }));
        }
    }

    #[test]
    fn another_protocol_a_fragment_and_what_is_cut_short_are_nothing() {
        let whole = written(0, b"sound");
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "{end}");
        }
        for (at, value) in [(0, 0x65), (0, 0x44), (9, 6), (6, 0x20), (7, 1), (25, 3)] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            assert_eq!(read(&bytes), None, "{at}");
        }
        // "Do not fragment" is no fragment.
        let mut bytes = whole;
        bytes[6] = 0x40;
        assert!(read(&bytes).is_some());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_datagram_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = read(&bytes);
        }
    }
}
