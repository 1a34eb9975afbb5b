//! Packets of sound as they came: one stream for each pair of ports and direction, how far apart, how many missing.
//!
//! In:  RTP packets with the moment at which the kernel took them. Out: the streams, and a [`Quality`] over several.
//! Pure: the moments are handed in.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::bench_turn::tally::at;
use super::datagram;
use crate::line::rtp::packet::Packet;
use crate::pcm::{FRAME_SAMPLES, g711, level};

/// Sound is PCMU (RFC 3551 section 6); reports (RTCP) and keys are left out.
const PCMU: u8 = 0;
/// Below this a frame holds no voice, dBFS: the measure of `bench turn`.
const VOICE_DBFS: f32 = -50.0;

/// One packet of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Heard {
    /// When the kernel took it.
    pub(super) at: Duration,
    /// Its sequence number.
    pub(super) sequence: u16,
    /// Its timestamp, samples.
    pub(super) timestamp: u32,
    /// Whether it holds voice.
    pub(super) loud: bool,
}

/// From where to where: two ports of this machine.
pub(super) type Way = (u16, u16);
/// The streams of one run, packets in the order in which they came.
pub(super) type Streams = BTreeMap<Way, Vec<Heard>>;

/// Adds a datagram with its IP header, where it is sound. `at` is when the kernel took it.
pub(super) fn add(streams: &mut Streams, at: Duration, bytes: &[u8]) {
    let Some(datagram) = datagram::read(bytes) else { return };
    let Ok(Packet { header, payload }) = Packet::parse(datagram.payload) else { return };
    if header.payload_type != PCMU {
        return;
    }
    let samples: Vec<i16> = payload.iter().copied().map(g711::from_mulaw).collect();
    let loud = level::rms_dbfs(&samples) > VOICE_DBFS;
    let heard = Heard { at, sequence: header.sequence, timestamp: header.timestamp, loud };
    streams.entry((datagram.from, datagram.to)).or_default().push(heard);
}

/// From the least to the greatest of numbers that begin at 0.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    least: i64,
    greatest: i64,
}

impl Span {
    fn take(&mut self, number: i64) {
        self.least = self.least.min(number);
        self.greatest = self.greatest.max(number);
    }

    fn length(self) -> u64 {
        self.greatest.abs_diff(self.least)
    }
}

/// How evenly and completely packets came, over several streams.
#[derive(Clone, Debug, Default)]
pub(super) struct Quality {
    /// Between each packet and the next, microseconds.
    spacing_us: Vec<u64>,
    /// Packets that came.
    pub(super) packets: u64,
    /// Packets whose numbers never came.
    pub(super) lost: u64,
    /// Frames that the sender never sent: time in the timestamps without a packet.
    pub(super) left_out: u64,
    /// Streams.
    pub(super) streams: usize,
    /// How long they lasted, all together.
    pub(super) lasted: Duration,
}

impl Quality {
    /// Counts a stream.
    pub(super) fn add(&mut self, stream: &[Heard]) {
        let (Some(first), Some(last)) = (stream.first(), stream.last()) else { return };
        self.streams += 1;
        self.packets += u64::try_from(stream.len()).unwrap_or(0);
        self.lasted += last.at.saturating_sub(first.at);
        // What comes late or twice goes back: it is no gap.
        let (mut number, mut time) = (0_i64, 0_i64);
        let (mut numbers, mut times) = (Span::default(), Span::default());
        for (before, after) in stream.iter().zip(stream.iter().skip(1)) {
            let apart = after.at.saturating_sub(before.at).as_micros();
            self.spacing_us.push(u64::try_from(apart).unwrap_or(u64::MAX));
            number += i64::from(after.sequence.wrapping_sub(before.sequence).cast_signed());
            time += i64::from(after.timestamp.wrapping_sub(before.timestamp).cast_signed());
            numbers.take(number);
            times.take(time);
        }
        let sent = numbers.length() + 1;
        let frames = times.length() / u64::try_from(FRAME_SAMPLES).unwrap_or(u64::MAX) + 1;
        self.lost += sent.saturating_sub(u64::try_from(stream.len()).unwrap_or(0));
        self.left_out += frames.saturating_sub(sent);
    }

    /// The quality of all streams that `belongs` picks.
    pub(super) fn of(streams: &Streams, belongs: impl Fn(Way) -> bool) -> Self {
        let mut quality = Self::default();
        for (_, stream) in streams.iter().filter(|(way, _)| belongs(**way)) {
            quality.add(stream);
        }
        quality
    }

    /// The spacing that `percent` of all stay under, ms.
    pub(super) fn spacing_ms(&self, percent: usize) -> f64 {
        Duration::from_micros(at(&self.spacing_us, percent)).as_secs_f64() * 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::rtp::packet::Header;

    fn heard(ms: u64, sequence: u16, timestamp: u32) -> Heard {
        Heard { at: Duration::from_millis(ms), sequence, timestamp, loud: false }
    }

    #[test]
    fn lost_and_left_out_are_told_apart_also_where_the_numbers_go_around() {
        let start = u32::MAX - 100;
        let at = |n: u32| start.wrapping_add(n * 160);
        // The third never came; after the fourth two frames were not sent.
        let stream = [heard(0, 65_534, at(0)), heard(20, 65_535, at(1)), heard(60, 1, at(3)), heard(120, 2, at(6))];
        let mut quality = Quality::default();
        quality.add(&stream);
        assert_eq!((quality.packets, quality.lost, quality.left_out), (4, 1, 2));
        assert_eq!(quality.lasted, Duration::from_millis(120));
        assert!((quality.spacing_ms(100) - 60.0).abs() < 1e-9);
        assert!((quality.spacing_ms(50) - 40.0).abs() < 1e-9);
    }

    #[test]
    fn a_packet_that_comes_late_is_not_lost() {
        let stream = [heard(0, 1, 0), heard(20, 3, 320), heard(21, 2, 160), heard(40, 4, 480)];
        let mut quality = Quality::default();
        quality.add(&stream);
        assert_eq!((quality.lost, quality.left_out), (0, 0));
        quality.add(&[]);
        assert_eq!(quality.streams, 1);
    }

    #[test]
    fn only_sound_is_taken_and_its_loudness_known() {
        let mut streams = Streams::new();
        for (payload_type, sample) in [(0, 4_000), (0, 0), (96, 4_000), (72, 0)] {
            let mut packet = Vec::new();
            let header = Header { payload_type, marker: false, sequence: 7, timestamp: 0, ssrc: 1 };
            Packet { header, payload: &[g711::to_mulaw(sample); 160] }.write(&mut packet);
            let mut bytes = vec![0x45, 0, 0, 0, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2];
            bytes.extend(u16::try_from(packet.len() + 8).unwrap().to_be_bytes());
            bytes.extend([0, 0]);
            bytes.extend(packet);
            add(&mut streams, Duration::ZERO, &bytes);
        }
        let loud: Vec<bool> = streams[&(1, 2)].iter().map(|heard| heard.loud).collect();
        assert_eq!((loud, streams.len()), (vec![true, false], 1));
    }
}
