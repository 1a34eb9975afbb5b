//! How a call's sound travels, said both ways every few seconds (RTCP, RFC 3550 section 6).
//!
//! In:  the headers of a source's packets with the times at which they came; datagrams of the other side's.
//! Out: [`Block`]s that say what was lost and how unsteadily it came; reports as bytes; what the other side [`Said`].
//! Run by the call's media thread, which sends a report about every 5 s: some systems end a call without one. The name
//! that a report bears is drawn for the call and is never a caller's. Never touches a socket or a clock: times are
//! handed in, counted from any fixed moment.

use std::time::Duration;

use super::packet::Header;

/// The version, in the two highest bits of every packet.
const VERSION: u8 = 0x80;
/// The bit that says padding.
const PADDING: u8 = 0x20;
/// Packet types (section 12.1).
const SENDER: u8 = 200;
const RECEIVER: u8 = 201;
const DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
/// Every type that RTCP has or may have; others are RTP (RFC 5761 section 4).
const TYPES: std::ops::RangeInclusive<u8> = 192..=223;
/// The item of a description that every source must give (section 6.5.1).
const CNAME: u8 = 1;
/// The most blocks, or sources, that five bits count.
const MOST: usize = 31;
/// Bytes of a block.
const BLOCK: usize = 24;

/// A gap from which a sequence number counts as a jump, not as loss (appendix A.1).
const MAX_DROPOUT: u16 = 3_000;
/// How far back a sequence number still counts as late (appendix A.1).
const MAX_MISORDER: u16 = 100;
/// A change of the time under way that is a jump of the sender's clock, or an outage, and says nothing of jitter: 1 s
/// of samples. One such step would else be in the jitter for a hundred packets.
const CLOCK_JUMP: u32 = 8_000;
/// Cumulative loss is a signed number of 24 bits (section 6.4.1).
const LOST: std::ops::RangeInclusive<i64> = -0x80_0000..=0x7f_ffff;
/// Seconds from 1900, where NTP begins to count, to 1970.
const NTP_TO_1970: u64 = 2_208_988_800;

/// How one source is received (section 6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Whose sound.
    pub ssrc: u32,
    /// The share lost since the last block, in 1/256.
    pub fraction: u8,
    /// Packets lost since the beginning: expected less received, so that packets that came twice make it negative.
    pub lost: i32,
    /// The highest sequence number received; its upper half counts how often the lower went around.
    pub highest: u32,
    /// How unsteadily packets come, in samples.
    pub jitter: u32,
    /// The middle 32 bits of the last sender report's time; 0 for none.
    pub last_sr: u32,
    /// The time since that report came, in 1/65,536 s; 0 for none.
    pub delay: u32,
}

/// Counts the packets of one source (appendices A.1, A.3 and A.8).
#[derive(Clone, Debug)]
pub struct Arrivals {
    ssrc: u32,
    base: u16,
    highest: u16,
    cycles: u32,
    /// After a jump: the number that, if it comes next, shows that the sender goes on from there.
    after_jump: Option<u16>,
    received: i64,
    expected_before: i64,
    received_before: i64,
    /// What was lost up to the last jump.
    lost_before: i64,
    timestamp: u32,
    transit: u32,
    /// In 1/16 of a sample.
    jitter: u32,
    report: Option<(u32, Duration)>,
}

impl Arrivals {
    /// Begins with a source's first packet, which came at `arrival`.
    #[must_use]
    pub fn new(header: &Header, arrival: Duration) -> Self {
        Self {
            ssrc: header.ssrc,
            base: header.sequence,
            highest: header.sequence,
            cycles: 0,
            after_jump: None,
            received: 1,
            expected_before: 0,
            received_before: 0,
            lost_before: 0,
            timestamp: header.timestamp,
            transit: samples(arrival).wrapping_sub(header.timestamp),
            jitter: 0,
            report: None,
        }
    }

    /// Counts a packet that came at `arrival`. One of another source is passed over.
    pub fn arrived(&mut self, header: &Header, arrival: Duration) {
        if header.ssrc == self.ssrc && self.count(header.sequence) {
            self.time(header.timestamp, arrival);
        }
    }

    /// Remembers the time in a sender report of this source, which came at `arrival`.
    pub fn reported(&mut self, ntp: u64, arrival: Duration) {
        self.report = Some((middle(ntp), arrival));
    }

    /// What to report `now`. The share lost is counted from the last call of this.
    #[must_use]
    pub fn block(&mut self, now: Duration) -> Block {
        let expected = self.expected();
        let expected_since = expected - self.expected_before;
        let lost_since = expected_since - (self.received - self.received_before);
        (self.expected_before, self.received_before) = (expected, self.received);
        let fraction = if lost_since > 0 { (lost_since * 256).checked_div(expected_since).unwrap_or(0) } else { 0 };
        let lost = (self.lost_before + expected - self.received).clamp(*LOST.start(), *LOST.end());
        let (last_sr, delay) = match self.report {
            Some((ntp, came)) => (ntp, fractions(now.saturating_sub(came))),
            None => (0, 0),
        };
        Block {
            ssrc: self.ssrc,
            fraction: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: i32::try_from(lost).unwrap_or(0),
            highest: self.cycles | u32::from(self.highest),
            jitter: self.jitter >> 4,
            last_sr,
            delay,
        }
    }

    fn expected(&self) -> i64 {
        i64::from(self.cycles | u32::from(self.highest)) - i64::from(self.base) + 1
    }

    /// Whether the packet belongs to what is counted.
    fn count(&mut self, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.highest);
        if ahead < MAX_DROPOUT {
            if sequence < self.highest {
                self.cycles = self.cycles.wrapping_add(1 << 16);
            }
            self.highest = sequence;
        } else if ahead <= u16::MAX - MAX_MISORDER {
            if self.after_jump != Some(sequence) {
                self.after_jump = Some(sequence.wrapping_add(1));
                return false;
            }
            // Two in order: the sender was started again. What was lost before stays lost.
            self.lost_before += self.expected() - self.received;
            (self.base, self.highest, self.cycles) = (sequence, sequence, 0);
            (self.received, self.received_before, self.expected_before) = (0, 0, 0);
        }
        self.after_jump = None;
        self.received += 1;
        true
    }

    /// Appendix A.8.
    fn time(&mut self, timestamp: u32, arrival: Duration) {
        // Packets of one moment, such as those of a key press, are sent one after the other: no unsteadiness.
        if timestamp == self.timestamp {
            return;
        }
        let transit = samples(arrival).wrapping_sub(timestamp);
        let changed = transit.wrapping_sub(self.transit).cast_signed().unsigned_abs();
        (self.timestamp, self.transit) = (timestamp, transit);
        if changed < CLOCK_JUMP {
            self.jitter = self.jitter + changed - ((self.jitter + 8) >> 4);
        }
    }
}

/// One packet of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// From one who sends sound.
    Sender {
        /// Who.
        ssrc: u32,
        /// When: NTP, 32 bits of seconds since 1900 and 32 of their fraction.
        ntp: u64,
        /// The same moment on the clock of the sound.
        rtp: u32,
        /// Packets of sound sent so far.
        packets: u32,
        /// Bytes in them, without headers.
        octets: u32,
        /// How the sender receives others.
        blocks: Vec<Block>,
    },
    /// From one who sends none.
    Receiver {
        /// Who.
        ssrc: u32,
        /// How others are received.
        blocks: Vec<Block>,
    },
    /// Sources that end.
    Bye {
        /// Which.
        ssrcs: Vec<u32>,
    },
    /// Anything else: descriptions, feedback, extensions.
    Other,
}

/// A datagram is no RTCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RTCP report: drop it")]
pub struct NotRtcp;

/// Reads a datagram: one packet or several. That the first be a report (section 6.1) is not asked for, since RFC 5506
/// lets it be left out.
///
/// # Errors
/// [`NotRtcp`] where a packet is of another version or kind, or longer than what there is.
pub fn parse(bytes: &[u8]) -> Result<Vec<Said>, NotRtcp> {
    let mut said = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (packet, behind) = cut(rest).ok_or(NotRtcp)?;
        said.push(read(packet).ok_or(NotRtcp)?);
        rest = behind;
    }
    if said.is_empty() { Err(NotRtcp) } else { Ok(said) }
}

/// Parts the first packet from those behind it.
fn cut(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let &[first, kind, high, low] = bytes.first_chunk::<4>()?;
    if first & 0xc0 != VERSION || !TYPES.contains(&kind) {
        return None;
    }
    let words = usize::from(u16::from_be_bytes([high, low])) + 1;
    let (packet, behind) = bytes.split_at_checked(words * 4)?;
    if first & PADDING == 0 {
        return Some((packet, behind));
    }
    let padding = usize::from(*packet.last()?);
    let whole = packet.len().checked_sub(padding).filter(|&left| left >= 4 && padding > 0)?;
    Some((packet.get(..whole)?, behind))
}

fn read(packet: &[u8]) -> Option<Said> {
    let (&[first, kind, _, _], mut rest) = packet.split_first_chunk::<4>()?;
    let count = usize::from(first & 0x1f);
    Some(match kind {
        SENDER => Said::Sender {
            ssrc: word(&mut rest)?,
            ntp: u64::from(word(&mut rest)?) << 32 | u64::from(word(&mut rest)?),
            rtp: word(&mut rest)?,
            packets: word(&mut rest)?,
            octets: word(&mut rest)?,
            blocks: blocks(&mut rest, count)?,
        },
        RECEIVER => Said::Receiver { ssrc: word(&mut rest)?, blocks: blocks(&mut rest, count)? },
        BYE => Said::Bye { ssrcs: (0..count).map(|_| word(&mut rest)).collect::<Option<_>>()? },
        _ => Said::Other,
    })
}

fn word(rest: &mut &[u8]) -> Option<u32> {
    let (word, behind) = rest.split_first_chunk::<4>()?;
    *rest = behind;
    Some(u32::from_be_bytes(*word))
}

fn blocks(rest: &mut &[u8], count: usize) -> Option<Vec<Block>> {
    (0..count)
        .map(|_| {
            let ssrc = word(rest)?;
            let [fraction, high, middle, low] = word(rest)?.to_be_bytes();
            // Its sign is copied downwards from the highest of 24 bits.
            let lost = i32::from_be_bytes([high, middle, low, 0]) >> 8;
            let (highest, jitter) = (word(rest)?, word(rest)?);
            Some(Block { ssrc, fraction, lost, highest, jitter, last_sr: word(rest)?, delay: word(rest)? })
        })
        .collect()
}

/// What was sent so far, for a sender report (section 6.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Now, as [`ntp`] gives it.
    pub ntp: u64,
    /// Now, on the clock of the sound.
    pub rtp: u32,
    /// Packets of sound.
    pub packets: u32,
    /// Bytes in them, without headers.
    pub octets: u32,
}

/// Appends a report of `ssrc` and a description that names it `cname`: a sender's where something was sent, else a
/// receiver's. No more than 31 blocks are written, and no more than 255 bytes of the name. The name is seen by whoever
/// carries the call: random, and no host's or person's (RFC 7022).
pub fn write_report(out: &mut Vec<u8>, ssrc: u32, sent: Option<Sent>, blocks: &[Block], cname: &str) {
    let blocks = blocks.get(..MOST).unwrap_or(blocks);
    let mut body = ssrc.to_be_bytes().to_vec();
    body.reserve(blocks.len() * BLOCK);
    if let Some(Sent { ntp, rtp, packets, octets }) = sent {
        body.extend(ntp.to_be_bytes());
        body.extend([rtp, packets, octets].iter().flat_map(|word| word.to_be_bytes()));
    }
    for block in blocks {
        let lost = i64::from(block.lost).clamp(*LOST.start(), *LOST.end());
        let [.., high, middle, low] = lost.to_be_bytes();
        body.extend(block.ssrc.to_be_bytes());
        body.extend([block.fraction, high, middle, low]);
        let words = [block.highest, block.jitter, block.last_sr, block.delay];
        body.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    }
    append(out, if sent.is_some() { SENDER } else { RECEIVER }, blocks.len(), &body);

    let name = cname.as_bytes().get(..usize::from(u8::MAX)).unwrap_or(cname.as_bytes());
    let mut body = ssrc.to_be_bytes().to_vec();
    body.extend([CNAME, u8::try_from(name.len()).unwrap_or(u8::MAX)]);
    body.extend(name);
    // The list of items ends with at least one zero, and at a word's end (section 6.5).
    body.resize((body.len() / 4 + 1) * 4, 0);
    append(out, DESCRIPTION, 1, &body);
}

/// Appends that `ssrc` ends. Stands behind a report in the same datagram (section 6.1).
pub fn write_bye(out: &mut Vec<u8>, ssrc: u32) {
    append(out, BYE, 1, &ssrc.to_be_bytes());
}

/// `body` is of whole words, and the longest has 193 of them.
fn append(out: &mut Vec<u8>, kind: u8, count: usize, body: &[u8]) {
    out.extend([VERSION | u8::try_from(count).unwrap_or(0), kind]);
    out.extend(u16::try_from(body.len() / 4).unwrap_or(0).to_be_bytes());
    out.extend(body);
}

/// How long sound and report take there and back (section 6.4.1), from a block about ourselves that came at `now_ntp`.
/// `None` where the other side has had no report of ours yet, or says a time that cannot be.
#[must_use]
pub fn round_trip(block: &Block, now_ntp: u64) -> Option<Duration> {
    let taken = middle(now_ntp).wrapping_sub(block.last_sr).wrapping_sub(block.delay);
    let possible = block.last_sr != 0 && taken.cast_signed() >= 0;
    possible.then(|| Duration::from_nanos((u64::from(taken) * 1_000_000_000) >> 16))
}

/// A time since 1970 as reports state it: seconds since 1900 in the upper half, their fraction in the lower. Goes
/// around in 2036, which reports allow (section 4).
#[must_use]
pub fn ntp(since_1970: Duration) -> u64 {
    let fraction = (u64::from(since_1970.subsec_nanos()) << 32) / 1_000_000_000;
    since_1970.as_secs().wrapping_add(NTP_TO_1970) << 32 | fraction
}

fn middle(ntp: u64) -> u32 {
    let [_, _, a, b, c, d, _, _] = ntp.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// A time in samples of 125 us, around 2^32.
fn samples(time: Duration) -> u32 {
    low_word(time.as_micros() / 125)
}

/// A time in 1/65,536 s.
fn fractions(time: Duration) -> u32 {
    u32::try_from((time.as_nanos() << 16) / 1_000_000_000).unwrap_or(u32::MAX)
}

fn low_word(number: u128) -> u32 {
    u32::try_from(number & u128::from(u32::MAX)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn head(sequence: u16, timestamp: u32) -> Header {
        Header { payload_type: 0, marker: false, sequence, timestamp, ssrc: 9 }
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// Packets in the order of their coming, one each 20 ms, their timestamps as they were sent.
    fn heard(sequences: impl IntoIterator<Item = u16>) -> Arrivals {
        let mut arrivals: Option<Arrivals> = None;
        for (sequence, n) in sequences.into_iter().zip(0_u32..) {
            let (header, at) = (head(sequence, n * 160), ms(u64::from(n) * 20));
            match &mut arrivals {
                Some(arrivals) => arrivals.arrived(&header, at),
                None => arrivals = Some(Arrivals::new(&header, at)),
            }
        }
        arrivals.unwrap()
    }

    #[test]
    fn loss_is_counted_in_all_and_since_the_last_block() {
        let mut arrivals = heard((0..100).filter(|n| n % 4 != 3));
        // 99 is lost too, but nobody knows it yet.
        let block = arrivals.block(ms(0));
        assert_eq!((block.ssrc, block.lost, block.highest), (9, 24, 98));
        assert_eq!(block.fraction, u8::try_from(24 * 256 / 99).unwrap());
        for sequence in 100..150 {
            arrivals.arrived(&head(sequence, 0), ms(0));
        }
        let block = arrivals.block(ms(0));
        assert_eq!((block.lost, block.fraction), (25, u8::try_from(256 / 51).unwrap()));
        assert_eq!(arrivals.block(ms(0)).fraction, 0, "nothing was expected since");
    }

    #[test]
    fn numbers_go_around_and_order_does_not_matter() {
        let mut arrivals = heard([65_533, 65_535, 65_534, 0, 2, 1, 3]);
        let block = arrivals.block(ms(0));
        assert_eq!((block.lost, block.fraction, block.highest), (0, 0, 0x1_0003));
    }

    #[test]
    fn packets_that_come_twice_make_the_loss_negative_and_no_share() {
        let mut arrivals = heard([5, 5, 6, 6, 7]);
        let block = arrivals.block(ms(0));
        assert_eq!((block.lost, block.fraction), (-2, 0));
        let mut out = Vec::new();
        write_report(&mut out, 1, None, &[block], "x");
        assert_eq!(parse(&out).unwrap()[0], Said::Receiver { ssrc: 1, blocks: vec![block] });
    }

    #[test]
    fn a_jump_of_the_sequence_is_no_loss() {
        // A tool that sends keys begins anew at another number, and the sound then goes on where it was.
        let jump = (1_000..1_050).chain(40_000..40_020).chain(1_050..1_100);
        let mut arrivals = heard(jump);
        let block = arrivals.block(ms(0));
        // The first packet after each jump is not counted.
        assert_eq!((block.lost, block.fraction, block.highest), (0, 0, 1_099));
    }

    #[test]
    fn loss_before_a_jump_stays_lost() {
        let mut arrivals = heard([1, 2, 5, 30_000, 30_001, 30_003]);
        assert_eq!(arrivals.block(ms(0)).lost, 3);
    }

    #[test]
    fn one_stray_packet_changes_nothing() {
        let mut arrivals = heard([10, 11, 50_000, 12, 50_001, 13, 33_333, 14]);
        let block = arrivals.block(ms(0));
        assert_eq!((block.lost, block.highest), (0, 14), "nor two that do not follow each other");
    }

    #[test]
    fn jitter_is_that_of_the_formula() {
        // RFC 3550 section 6.4.1: J += (|D| - J) / 16. Every packet is 5 ms late or not, in turns: |D| is 40 samples.
        let mut arrivals = Arrivals::new(&head(0, 0), ms(0));
        let mut expected = 0.0_f64;
        for n in 1..400_u16 {
            arrivals.arrived(&head(n, u32::from(n) * 160), ms(u64::from(n) * 20 + u64::from(n % 2) * 5));
            expected += (40.0 - expected) / 16.0;
        }
        let jitter = f64::from(arrivals.block(ms(0)).jitter);
        assert!((jitter - expected).abs() <= 1.0, "{jitter}, not {expected}");
    }

    #[test]
    fn neither_a_jump_of_the_clock_nor_a_key_press_is_jitter() {
        let mut arrivals = Arrivals::new(&head(0, u32::MAX - 100), ms(0));
        let clock = |n: u16| if n < 50 { u32::MAX - 100 } else { 7_777_777 };
        for n in 1..100 {
            // From the 20th to the 29th: a key press, whose packets all have the timestamp of the first.
            let at = if (20..30).contains(&n) { 20 } else { n };
            let timestamp = clock(n).wrapping_add(u32::from(at) * 160);
            arrivals.arrived(&head(n, timestamp), ms(u64::from(n) * 20));
        }
        assert_eq!(arrivals.block(ms(0)).jitter, 0);
    }

    #[test]
    fn another_source_is_not_counted() {
        let mut arrivals = heard([1, 2, 3]);
        arrivals.arrived(&Header { ssrc: 10, ..head(2_000, 0) }, ms(0));
        assert_eq!(arrivals.block(ms(0)).highest, 3);
    }

    #[test]
    fn a_report_and_its_answer_give_the_round_trip() {
        let now = ntp(Duration::from_millis(1_760_000_000_250));
        // What came at 10 s is answered at 11.5 s; 80 ms are spent under way.
        let mut arrivals = heard([1]);
        arrivals.reported(now, Duration::from_secs(10));
        let block = arrivals.block(ms(11_500));
        assert_eq!(block.delay, 0x1_8000);
        let trip = round_trip(&block, ntp(Duration::from_millis(1_760_000_001_830))).unwrap();
        assert!((trip.as_secs_f64() - 0.080).abs() < 0.000_1, "{trip:?}");
        assert_eq!(round_trip(&block, now), None, "answered before it was sent");
        assert_eq!(round_trip(&Block::default(), now), None);
        // RFC 3550 figure 2: A = 0xb710:8000, DLSR = 0x0005:4000, LSR = 0xb705:2000, so 6.125 s.
        let figure = Block { last_sr: 0xb705_2000, delay: 0x0005_4000, ..Block::default() };
        assert_eq!(round_trip(&figure, 0x0000_b710_8000_0000), Some(ms(6_125)));
    }

    #[test]
    fn time_is_told_from_1900() {
        assert_eq!(ntp(Duration::ZERO), 0x83aa_7e80_0000_0000);
        assert_eq!(ntp(ms(500)), 0x83aa_7e80_8000_0000);
    }

    #[test]
    fn a_report_reads_back_with_its_description_and_bye() {
        let sent = Sent { ntp: 0x0102_0304_0506_0708, rtp: 160, packets: 2, octets: 320 };
        let block = Block { ssrc: 1, fraction: 2, lost: -3, highest: 4, jitter: 5, last_sr: 6, delay: 7 };
        for name in ["", "a", "ab", "abc", "abcd", &"x".repeat(300)] {
            let mut out = Vec::new();
            write_report(&mut out, 77, Some(sent), &[block; 40], name);
            write_bye(&mut out, 77);
            let Sent { ntp, rtp, packets, octets } = sent;
            let sender = Said::Sender { ssrc: 77, ntp, rtp, packets, octets, blocks: vec![block; 31] };
            assert_eq!(parse(&out).unwrap(), [sender, Said::Other, Said::Bye { ssrcs: vec![77] }], "{name}");
        }
    }

    #[test]
    fn a_report_lies_on_the_wire_as_the_rfc_draws_it() {
        let mut out = Vec::new();
        let block = Block { ssrc: 0x0a0b_0c0d, fraction: 9, lost: -1, highest: 8, jitter: 7, last_sr: 6, delay: 5 };
        write_report(&mut out, 0x0102_0304, None, &[block], "ab");
        #[rustfmt::skip]
        assert_eq!(out, [
            0x81, 201, 0, 7, 1, 2, 3, 4,
            0x0a, 0x0b, 0x0c, 0x0d, 9, 0xff, 0xff, 0xff, 0, 0, 0, 8, 0, 0, 0, 7, 0, 0, 0, 6, 0, 0, 0, 5,
            0x81, 202, 0, 3, 1, 2, 3, 4, 1, 2, b'a', b'b', 0, 0, 0, 0,
        ]);
    }

    #[test]
    fn what_is_cut_short_or_says_too_much_is_none() {
        let mut whole = Vec::new();
        write_report(&mut whole, 1, None, &[Block::default()], "name");
        for end in 0..whole.len() {
            // After 32 bytes the first packet is whole.
            assert_eq!(parse(&whole[..end]).is_ok(), end == 32, "{end} bytes");
        }
        for (at, byte) in [(0, 0x41), (0, 0x82), (1, 191), (1, 224), (3, 6), (3, 200)] {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            assert_eq!(parse(&bytes), Err(NotRtcp), "{at}: {byte}");
        }
    }

    #[test]
    fn padding_is_taken_off() {
        let bye = |padding| [0xa1, 203, 0, 2, 0, 0, 0, 9, 0, 0, 0, padding];
        assert_eq!(parse(&bye(4)), Ok(vec![Said::Bye { ssrcs: vec![9] }]));
        assert_eq!(parse(&bye(0)), Err(NotRtcp));
        assert_eq!(parse(&bye(8)), Err(NotRtcp), "it eats the source");
        assert_eq!(parse(&bye(13)), Err(NotRtcp));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_report_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn anything_that_looks_like_a_report_is_one_or_none(
            kind in 192_u8..224, first in 0x80_u8..0xc0, body in proptest::collection::vec(any::<u8>(), 0..200)
        ) {
            let mut bytes = vec![first, kind, 0, u8::try_from(body.len() / 4).unwrap()];
            bytes.extend(&body[..body.len() / 4 * 4]);
            let _ = parse(&bytes);
        }

        #[test]
        fn any_packets_at_any_time_can_be_counted(
            packets in proptest::collection::vec((any::<u16>(), any::<u32>(), any::<u64>()), 1..60)
        ) {
            let mut arrivals = Arrivals::new(&head(0, 0), ms(0));
            for (sequence, timestamp, at) in packets {
                arrivals.arrived(&head(sequence, timestamp), Duration::from_micros(at));
                let block = arrivals.block(Duration::from_micros(at));
                prop_assert!(LOST.contains(&i64::from(block.lost)));
            }
        }

        #[test]
        fn any_block_reads_back(
            ssrc: u32, fraction: u8, lost in -0x80_0000_i32..0x80_0000,
            highest: u32, jitter: u32, last_sr: u32, delay: u32,
        ) {
            let block = Block { ssrc, fraction, lost, highest, jitter, last_sr, delay };
            let mut out = Vec::new();
            write_report(&mut out, ssrc, None, &[block, block], "n");
            prop_assert_eq!(parse(&out).unwrap()[0].clone(), Said::Receiver { ssrc, blocks: vec![block, block] });
        }
    }
}
