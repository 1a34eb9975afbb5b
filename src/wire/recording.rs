//! A piece of recorded sound on its way to the record: a line of JSON that says what it is, then samples.
//!
//! Used by whoever hands sound in (anteroomd a call's, lined a message) and by recordd, which seals it as it came.
//! Bytes of a peer: [`Chunk::parse`] neither panics nor believes a length.

use serde::{Deserialize, Serialize};

/// The longest piece, in samples of all channels: 30 s of two channels at 8 kHz, or 60 s of one. Fits one frame.
pub const MAX_SAMPLES: usize = 480_000;

/// What a recording is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The call itself: the caller alone, or the caller left and the box right.
    Call,
    /// What was said after staff had taken the call: the caller left, the desk right.
    Transfer,
    /// A message that the caller left for staff.
    Message,
}

/// What is said about the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Wall-clock time, microseconds since 1970-01-01T00:00Z.
    pub t: i64,
    /// Monotonic time of the sender, microseconds.
    pub mono_us: u64,
    /// What it is of.
    pub what: What,
    /// Whether the caller is simulated.
    pub synthetic: bool,
    /// Whether the caller agreed to be recorded, after the notice had ended.
    pub consent: bool,
    /// Samples a second of one channel: 8,000 to 48,000.
    pub rate: u32,
    /// 1 or 2, interleaved.
    pub channels: u8,
    /// Counts the pieces of one recording from 0.
    pub chunk: u32,
}

/// A piece of recorded sound. Voice is PHI: `Debug` shows lengths only.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunk {
    /// What it is.
    pub head: Head,
    /// Linear 16-bit samples.
    pub samples: Vec<i16>,
}

impl std::fmt::Debug for Chunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chunk({:?}, {} samples)", self.head, self.samples.len())
    }
}

/// The bytes are not a piece of recorded sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a piece of recorded sound: a head of one line, then 1 to {MAX_SAMPLES} samples of 16 bits")]
pub struct NotAChunk;

impl Chunk {
    /// The bytes to send: the head's line, then the samples, little end first.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(&self.head).unwrap_or_default();
        bytes.push(b'\n');
        bytes.extend(self.samples.iter().flat_map(|sample| sample.to_le_bytes()));
        bytes
    }

    /// Reads what [`Chunk::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`NotAChunk`] for anything else.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAChunk> {
        let end = bytes.iter().position(|&b| b == b'\n').ok_or(NotAChunk)?;
        let (line, rest) = bytes.split_at(end);
        let head: Head = serde_json::from_slice(line).map_err(|_| NotAChunk)?;
        let (pairs, odd) = rest.get(1..).unwrap_or_default().as_chunks::<2>();
        let whole = odd.is_empty() && pairs.len().is_multiple_of(usize::from(head.channels.max(1)));
        let sane = (8_000..=48_000).contains(&head.rate) && (1..=2).contains(&head.channels);
        if !whole || !sane || pairs.is_empty() || pairs.len() > MAX_SAMPLES {
            return Err(NotAChunk);
        }
        Ok(Self { head, samples: pairs.iter().copied().map(i16::from_le_bytes).collect() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn head() -> Head {
        Head { t: 1, mono_us: 2, what: What::Call, synthetic: true, consent: false, rate: 8_000, channels: 1, chunk: 0 }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(samples in proptest::collection::vec(any::<i16>(), 1..500)) {
            let chunk = Chunk { head: head(), samples };
            prop_assert_eq!(Chunk::parse(&chunk.to_bytes()), Ok(chunk));
        }

        #[test]
        fn any_bytes_are_a_chunk_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
            let _ = Chunk::parse(&bytes);
            let mut after_a_head = serde_json::to_vec(&head()).unwrap();
            after_a_head.push(b'\n');
            after_a_head.extend(&bytes);
            let _ = Chunk::parse(&after_a_head);
        }
    }

    #[test]
    fn half_a_sample_or_half_a_pair_is_refused() {
        let mut bytes = Chunk { head: head(), samples: vec![1, 2, 3] }.to_bytes();
        let stereo = Chunk { head: Head { channels: 2, ..head() }, samples: vec![1, 2, 3] }.to_bytes();
        assert_eq!(Chunk::parse(&stereo), Err(NotAChunk));
        bytes.pop();
        assert_eq!(Chunk::parse(&bytes), Err(NotAChunk));
    }

    #[test]
    fn the_longest_piece_fits_one_frame() {
        let chunk = Chunk { head: Head { t: i64::MIN, mono_us: u64::MAX, ..head() }, samples: vec![0; MAX_SAMPLES] };
        let message =
            crate::wire::frame::Message::ask(u64::MAX, "audio", Some(crate::ids::CallId::draw()), chunk.to_bytes());
        assert!(message.to_bytes().is_ok());
    }
}
