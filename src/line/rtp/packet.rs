//! One RTP packet: its header and what it carries (RFC 3550 section 5.1).
//!
//! In:  a datagram of anybody's. Out: a [`Packet`], or why it is none. Pure: no socket, no clock.

/// Bytes of a header without contributing sources and extension.
pub const HEADER: usize = 12;
/// The version, in the two highest bits of a packet.
const VERSION: u8 = 2;

/// What stands in front of the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the payload is, 0 to 127: as the description of the call says.
    pub payload_type: u8,
    /// The first packet after a silence; of a key press, its first.
    pub marker: bool,
    /// Counts packets, from a random number, around 65,536.
    pub sequence: u16,
    /// Counts samples at the payload's rate (8,000 Hz here), from a random number, around 2^32.
    pub timestamp: u32,
    /// Who sends, a random number: another one is another source of sound.
    pub ssrc: u32,
}

/// One packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Its header.
    pub header: Header,
    /// What it carries.
    pub payload: &'a [u8],
}

/// A datagram is no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RTP packet")]
pub struct NotRtp;

impl<'a> Packet<'a> {
    /// Reads a datagram. Contributing sources, an extension and padding are skipped.
    ///
    /// # Errors
    /// [`NotRtp`] where it is of another version, cut short, or padded by more than it holds.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotRtp> {
        Self::read(bytes).ok_or(NotRtp)
    }

    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&[first, second, s1, s0, t3, t2, t1, t0, r3, r2, r1, r0], rest) = bytes.split_first_chunk::<HEADER>()?;
        if first >> 6 != VERSION {
            return None;
        }
        let mut rest = rest.get(usize::from(first & 0x0f) * 4..)?;
        if first & 0x10 != 0 {
            let (&[_, _, high, low], behind) = rest.split_first_chunk::<4>()?;
            rest = behind.get(usize::from(u16::from_be_bytes([high, low])) * 4..)?;
        }
        if first & 0x20 != 0 {
            let padding = usize::from(*rest.last()?);
            rest = rest.get(..rest.len().checked_sub(padding).filter(|_| padding > 0)?)?;
        }
        let header = Header {
            payload_type: second & 0x7f,
            marker: second & 0x80 != 0,
            sequence: u16::from_be_bytes([s1, s0]),
            timestamp: u32::from_be_bytes([t3, t2, t1, t0]),
            ssrc: u32::from_be_bytes([r3, r2, r1, r0]),
        };
        Some(Self { header, payload: rest })
    }

    /// Appends the packet to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        let Header { payload_type, marker, sequence, timestamp, ssrc } = self.header;
        out.extend([VERSION << 6, (payload_type & 0x7f) | if marker { 0x80 } else { 0 }]);
        out.extend(sequence.to_be_bytes());
        out.extend(timestamp.to_be_bytes());
        out.extend(ssrc.to_be_bytes());
        out.extend(self.payload);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: Header = Header { payload_type: 0, marker: true, sequence: 65_535, timestamp: 160, ssrc: 0x0102_0304 };

    fn written(payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Packet { header: HEAD, payload }.write(&mut out);
        out
    }

    #[test]
    fn sources_an_extension_and_padding_are_skipped() {
        let mut bytes = written(&[]);
        bytes[0] |= 0x10 | 0x20 | 2;
        bytes.extend([0; 8]);
        bytes.extend([0xbe, 0xde, 0, 1, 9, 9, 9, 9]);
        bytes.extend([7, 7, 7, 0, 0, 3]);
        assert_eq!(Packet::parse(&bytes), Ok(Packet { header: HEAD, payload: &[7, 7, 7] }));
    }

    #[test]
    fn what_is_cut_short_padded_too_far_or_of_another_version_is_none() {
        let whole = written(&[1, 2]);
        for end in 0..HEADER {
            assert_eq!(Packet::parse(&whole[..end]), Err(NotRtp), "{end} bytes");
        }
        for (first, last) in [(0x40, 2), (0xa0, 3), (0xa0, 0), (0x90, 2), (0x8f, 2)] {
            let mut bytes = whole.clone();
            bytes[0] = first;
            bytes[13] = last;
            assert_eq!(Packet::parse(&bytes), Err(NotRtp), "{first:#x}, {last}");
        }
    }

    proptest! {
        #[test]
        fn any_packet_reads_back(
            payload in proptest::collection::vec(any::<u8>(), 0..200),
            payload_type in 0_u8..128, marker: bool, sequence: u16, timestamp: u32, ssrc: u32,
        ) {
            let header = Header { payload_type, marker, sequence, timestamp, ssrc };
            let mut out = Vec::new();
            Packet { header, payload: &payload }.write(&mut out);
            prop_assert_eq!(Packet::parse(&out), Ok(Packet { header, payload: &payload }));
        }

        #[test]
        fn any_bytes_are_a_packet_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Packet::parse(&bytes);
        }
    }
}
