//! Sounds to play into a call, and what was heard out of one.
//!
//! In:  samples (16 bit, 8 kHz, mono), wav files.
//! Out: headerless files in mu-law and A-law for SIPp, wav files for baresip, packet captures for SIPp, and figures:
//!      the loudest frequency, the level.
//! Run by the tests of the line. Written apart from the box's own tables on purpose: a test that shared them could not
//! find a fault in them.

use std::f64::consts::TAU;
use std::fs;
use std::path::Path;

/// Samples a second.
pub(crate) const RATE: u32 = 8_000;
/// Samples in a packet of 20 ms.
const PACKET: usize = 160;

/// A steady tone: `hz`, its highest sample, and how long in milliseconds.
pub(crate) fn tone(hz: f64, peak: i16, ms: u32) -> Vec<i16> {
    let step = TAU * hz / f64::from(RATE);
    (0..ms * RATE / 1_000).map(|at| to_sample(f64::from(peak) * (step * f64::from(at)).sin())).collect()
}

/// Keys pressed in the sound itself (ITU-T Q.23: a row tone and a column tone), each 100 ms long with 100 ms after it.
pub(crate) fn key_tones(keys: &str, peak: i16) -> Vec<i16> {
    let one = |key: char| {
        let at = "123A456B789C*0#D".find(key).unwrap_or_else(|| panic!("{key} is no key"));
        let row = tone([697.0, 770.0, 852.0, 941.0][at / 4], peak / 2, 100);
        let column = tone([1_209.0, 1_336.0, 1_477.0, 1_633.0][at % 4], peak / 2, 100);
        row.into_iter().zip(column).map(|(row, column)| row + column).chain(silence(100)).collect::<Vec<_>>()
    };
    keys.chars().flat_map(one).collect()
}

/// Nothing to hear, in milliseconds.
pub(crate) fn silence(ms: u32) -> Vec<i16> {
    (0..ms * RATE / 1_000).map(|_| 0).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i16 first")]
fn to_sample(value: f64) -> i16 {
    value.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
}

/// Mu-law, one byte a sample (ITU-T G.711, table 2a: eight segments, sign and magnitude, all bits turned).
pub(crate) fn mu_law(samples: &[i16]) -> Vec<u8> {
    samples.iter().map(|sample| mu_law_byte(*sample)).collect()
}

fn mu_law_byte(sample: i16) -> u8 {
    // 33 is the offset of the first segment in 14 bits, 132 in 16; 8158 in 14 bits is the last decision value.
    // A negative sample counts from -1, as the ITU's own reference does (G.191): the two halves mirror each other.
    let magnitude = i32::from(if sample < 0 { !sample } else { sample }).min(32_635) + 132;
    let segment = (0..8).rev().find(|segment| magnitude >= 128 << segment).unwrap_or(0);
    let step = (magnitude >> (segment + 3)) & 0x0f;
    let sign = if sample < 0 { 0x80 } else { 0 };
    !u8::try_from(sign | (segment << 4) | step).unwrap()
}

/// A-law, one byte a sample (ITU-T G.711, table 1a: even bits turned).
pub(crate) fn a_law(samples: &[i16]) -> Vec<u8> {
    samples.iter().map(|sample| a_law_byte(*sample)).collect()
}

fn a_law_byte(sample: i16) -> u8 {
    let sign = if sample < 0 { 0 } else { 0x80 };
    let magnitude = i32::from(if sample < 0 { !sample } else { sample });
    let segment = (1..8).rev().find(|segment| magnitude >= 128 << segment).unwrap_or(0);
    let step = if segment == 0 { magnitude >> 4 } else { magnitude >> (segment + 3) } & 0x0f;
    u8::try_from(sign | (segment << 4) | step).unwrap() ^ 0x55
}

/// Writes samples as a wav file.
pub(crate) fn write_wav(file: &Path, samples: &[i16]) {
    let size = u32::try_from(samples.len() * 2).unwrap();
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    for field in [1_u16, 1] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(RATE.to_le_bytes());
    bytes.extend((RATE * 2).to_le_bytes());
    for field in [2_u16, 16] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend(b"data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    fs::write(file, bytes).unwrap();
}

/// The samples of a wav file of 16 bits and 8 kHz; the first channel where there are several. A file that its writer
/// has not closed yet says a length of nothing: then everything after the header counts.
pub(crate) fn read_wav(file: &Path) -> Vec<i16> {
    let bytes = fs::read(file).unwrap();
    assert!(bytes.get(..4) == Some(b"RIFF"), "{} is no wav file", file.display());
    let (mut at, mut channels) = (12, 1);
    while let Some(head) = bytes.get(at..at + 8) {
        let size = usize::try_from(u32::from_le_bytes([head[4], head[5], head[6], head[7]])).unwrap();
        let body = &bytes[at + 8..];
        if head.starts_with(b"fmt ") {
            channels = usize::from(u16::from_le_bytes([body[2], body[3]]));
            assert_eq!(u32::from_le_bytes([body[4], body[5], body[6], body[7]]), RATE, "{}", file.display());
            assert_eq!(u16::from_le_bytes([body[14], body[15]]), 16, "{}: bits a sample", file.display());
        }
        if head.starts_with(b"data") {
            let end = if size == 0 { body.len() } else { size.min(body.len()) };
            let pairs = body[..end].chunks_exact(2 * channels.max(1));
            return pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
        }
        at += 8 + size + size % 2;
    }
    Vec::new()
}

/// The root of the mean square, in sample units (a full sine is 23 170).
pub(crate) fn rms(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (sum / f64::from(u32::try_from(samples.len().max(1)).unwrap())).sqrt()
}

/// How much of the sound is at one frequency: 1.0 for a steady tone there, near 0 for anything else (Goertzel).
pub(crate) fn share(samples: &[i16], hz: f64) -> f64 {
    let length = f64::from(u32::try_from(samples.len().max(1)).unwrap());
    let energy: f64 = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    if energy == 0.0 {
        return 0.0;
    }
    let turn = 2.0 * (TAU * hz / f64::from(RATE)).cos();
    let (mut one, mut two) = (0.0, 0.0);
    for sample in samples {
        (one, two) = (f64::from(*sample) + turn * one - two, one);
    }
    2.0 * (one * one + two * two - turn * one * two) / (length * energy)
}

/// The loudest frequency between 100 and 3,600 Hz to 5 Hz, if the sound is mostly it (more than half of the energy in
/// the median of pieces of 100 ms). Pieces, because a call that lost a packet has a tone with a jump in it.
pub(crate) fn loudest(samples: &[i16]) -> Option<f64> {
    let pieces: Vec<_> = samples.chunks_exact(800).filter(|piece| rms(piece) > 50.0).collect();
    let score = |hz: f64| {
        let mut shares: Vec<_> = pieces.iter().map(|piece| share(piece, hz)).collect();
        shares.sort_by(f64::total_cmp);
        shares.get(shares.len() / 2).copied().unwrap_or(0.0)
    };
    let all = (20..720).map(|step| f64::from(step) * 5.0).map(|hz| (hz, score(hz)));
    all.max_by(|left, right| left.1.total_cmp(&right.1)).filter(|(_, share)| *share > 0.5).map(|(hz, _)| hz)
}

/// Whether `hz` is what is heard, within 10 Hz, and not a whisper.
pub(crate) fn is_tone(samples: &[i16], hz: f64) -> bool {
    loudest(samples).is_some_and(|heard| (heard - hz).abs() <= 10.0)
}

/// One RTP packet (RFC 3550 section 5.1) and when it is sent, in milliseconds from the start.
struct Sent {
    at_ms: u32,
    bytes: Vec<u8>,
}

fn rtp(payload_type: u8, marker: bool, sequence: u16, timestamp: u32, ssrc: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x80, payload_type | if marker { 0x80 } else { 0 }];
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(timestamp.to_be_bytes());
    bytes.extend(ssrc.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// Packets of one source, each 20 ms after the one before: sequence and time go on from one to the next.
struct Source {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    at_ms: u32,
    sent: Vec<Sent>,
}

impl Source {
    fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self { ssrc, sequence, timestamp, at_ms: 0, sent: Vec::new() }
    }

    fn packet(&mut self, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8]) {
        let bytes = rtp(payload_type, marker, self.sequence, timestamp, self.ssrc, payload);
        self.sent.push(Sent { at_ms: self.at_ms, bytes });
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(160);
        self.at_ms += 20;
    }

    /// Sound of a law, over and over again until `ms` have passed.
    fn sound(&mut self, law: &[u8], payload_type: u8, ms: u32) {
        let end = self.at_ms + ms;
        for (number, payload) in (0_usize..).zip(law.chunks_exact(PACKET).cycle()) {
            if self.at_ms >= end {
                return;
            }
            self.packet(payload_type, number == 0, self.timestamp, payload);
        }
    }

    /// One key for 100 ms: five updates, then the end twice more; all with the time of its beginning (RFC 4733
    /// section 2.5).
    fn key(&mut self, key: char, payload_type: u8) {
        let event = "0123456789*#ABCD".find(key).unwrap_or_else(|| panic!("{key} is no key"));
        let (event, begin) = (u8::try_from(event).unwrap(), self.timestamp);
        for step in 1..=7_u16 {
            let end = if step >= 5 { 0x80 } else { 0 };
            let [high, low] = (step.min(5) * 160).to_be_bytes();
            // 10: the level, in dB under full.
            self.packet(payload_type, step == 1, begin, &[event, end | 10, high, low]);
        }
    }
}

/// A packet capture of a telephone at which keys are pressed: a second of its mu-law sound, then each key with 300 ms
/// of sound after it, then sound for `tail_ms`. `payload_type` is that of telephone-events in the other side's SDP.
pub(crate) fn keys_capture(law: &[u8], keys: &str, payload_type: u8, tail_ms: u32) -> Vec<u8> {
    let mut source = Source::new(0x0dda_0001, 41_000, 900_000);
    source.sound(law, 0, 1_000);
    for key in keys.chars() {
        source.key(key, payload_type);
        source.sound(law, 0, 300);
    }
    source.sound(law, 0, tail_ms);
    capture(&source.sent)
}

/// A packet capture of sound from another source: another SSRC, and sequence and time far from what was before.
pub(crate) fn sound_capture(law: &[u8], payload_type: u8, ms: u32) -> Vec<u8> {
    let mut source = Source::new(0x5ec0_4d00, 60_000, 3_000_000_000);
    source.sound(law, payload_type, ms);
    capture(&source.sent)
}

/// The file format of libpcap: a header, then for each packet when, how long, Ethernet, IPv4, UDP. SIPp puts its own
/// addresses and checksums in.
fn capture(sent: &[Sent]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_c3d4_u32.to_le_bytes());
    for half in [2_u16, 4] {
        file.extend(half.to_le_bytes());
    }
    for word in [0_u32, 0, 65_535, 1] {
        file.extend(word.to_le_bytes());
    }
    for packet in sent {
        let udp = u16::try_from(8 + packet.bytes.len()).unwrap();
        let mut frame = vec![0; 12];
        frame.extend([0x08, 0x00, 0x45, 0x00]);
        frame.extend((20 + udp).to_be_bytes());
        frame.extend([0, 0, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
        for half in [10_000, 20_000, udp, 0] {
            frame.extend(half.to_be_bytes());
        }
        frame.extend(&packet.bytes);
        let length = u32::try_from(frame.len()).unwrap();
        for word in [1_700_000_000 + packet.at_ms / 1_000, packet.at_ms % 1_000 * 1_000, length, length] {
            file.extend(word.to_le_bytes());
        }
        file.extend(frame);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_laws_give_the_bytes_of_g711() {
        // ITU-T G.711 tables 1a and 2a: the values at nought and at both ends.
        assert_eq!(mu_law(&[0, -1, i16::MAX, i16::MIN]), [0xff, 0x7f, 0x80, 0x00]);
        // The first and the last sample of the second and of the last segment (of 16 bits, so four to a value of the
        // table).
        assert_eq!(mu_law(&[123, 124, 16_251, 16_252]), [0xf0, 0xef, 0x90, 0x8f]);
        assert_eq!(a_law(&[0, -1, i16::MAX, i16::MIN]), [0xd5, 0x55, 0xaa, 0x2a]);
    }

    #[test]
    fn a_tone_is_heard_as_itself_and_silence_as_nothing() {
        assert_eq!(loudest(&tone(440.0, 8_000, 1_000)), Some(440.0));
        assert!(is_tone(&tone(1_234.0, 8_000, 1_000), 1_234.0));
        assert!(!is_tone(&tone(440.0, 8_000, 1_000), 600.0));
        assert_eq!(loudest(&silence(1_000)), None);
        assert!((rms(&tone(440.0, 10_000, 1_000)) - 7_071.0).abs() < 10.0);
    }

    #[test]
    fn two_tones_at_once_are_no_tone() {
        let both = tone(440.0, 8_000, 1_000).into_iter().zip(tone(1_000.0, 8_000, 1_000)).map(|(a, b)| a / 2 + b / 2);
        assert!(share(&both.collect::<Vec<_>>(), 440.0) < 0.6);
    }

    #[test]
    fn a_key_is_its_two_tones() {
        let five = &key_tones("5", 16_000)[..800];
        assert!((0.4..0.6).contains(&share(five, 770.0)) && (0.4..0.6).contains(&share(five, 1_336.0)));
        assert!(share(five, 697.0) < 0.05);
    }

    #[test]
    fn a_wav_file_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tone.wav");
        let samples = tone(300.0, 5_000, 100);
        write_wav(&file, &samples);
        assert_eq!(read_wav(&file), samples);
    }
}
