//! What we say to a caller, as RTP packets: sound, and key presses in between.
//!
//! In:  a frame each 20 ms. Out: the one packet that is sent for it.
//! Run by the call's media thread, which says when it was late: those frames are skipped and never sent in a burst,
//! since a burst fills the other side's buffer and all that follows is heard late. Silence is sent like any sound. Has
//! no `Debug`: the keys that wait may be a number. Never touches a socket or a clock.

use std::collections::VecDeque;

use super::Law;
use super::events::KeyPress;
use super::packet::{Header, Packet};
use crate::pcm::{FRAME_SAMPLES, Frame, g711};

/// How long a key is pressed, ms: twice what a receiver must recognise (Q.24: 40 ms), as telephones do.
const PRESS_MS: u32 = 100;
/// Frames of sound between two presses: 60 ms, more than the 40 ms pause that Q.24 asks of receivers.
const PAUSE: u32 = 3;
/// Keys that may wait. An extension has a few; whoever asks for more is in error.
const MOST_WAITING: usize = 64;
/// Samples that a packet stands for.
const STEP: u32 = 160;

/// Where the numbers of a stream begin. All three are random, so that packets of an older call fit none
/// (RFC 3550 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// Who sends.
    pub ssrc: u32,
    /// The first packet's sequence number. Below 32,768 where the call is encrypted: a receiver that misses the first
    /// packets must not miss that the number went around (RFC 3711 section 3.3.1).
    pub sequence: u16,
    /// The first packet's timestamp.
    pub timestamp: u32,
}

/// Writes the packets of one call.
pub struct Sender {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    law: Law,
    payload_type: u8,
    /// The next packet of sound is the first, or the first after silence.
    marker: bool,
    pressed: Option<Pressed>,
    /// Keys that wait, and the payload type of their packets.
    waiting: VecDeque<(KeyPress, u8)>,
    /// Frames of sound that are still to come before the next key.
    pause: u32,
    packets: u32,
    octets: u32,
}

/// The key that is down.
struct Pressed {
    press: KeyPress,
    payload_type: u8,
    /// When it went down: every packet of it bears this.
    timestamp: u32,
}

impl Sender {
    /// A stream that has sent nothing yet.
    #[must_use]
    pub fn new(start: Start, law: Law, payload_type: u8) -> Self {
        let Start { ssrc, sequence, timestamp } = start;
        Self {
            ssrc,
            sequence,
            timestamp,
            law,
            payload_type,
            marker: true,
            pressed: None,
            waiting: VecDeque::new(),
            pause: 0,
            packets: 0,
            octets: 0,
        }
    }

    /// Appends the packet of the next 20 ms to `out`: the frame's sound, or, while a key is down, that key.
    pub fn frame(&mut self, frame: &Frame, out: &mut Vec<u8>) {
        if !self.key(out) {
            self.pause = self.pause.saturating_sub(1);
            let coded: [u8; FRAME_SAMPLES] = match self.law {
                Law::Mu => frame.samples().map(g711::to_mulaw),
                Law::A => frame.samples().map(g711::to_alaw),
            };
            let marker = std::mem::replace(&mut self.marker, false);
            self.write(self.payload_type, marker, self.timestamp, &coded, out);
        }
        self.timestamp = self.timestamp.wrapping_add(STEP);
    }

    /// Time passed in which `frames` frames were not sent. The clock goes on without them, a key that is down too.
    pub fn skip(&mut self, frames: u32) {
        if frames == 0 {
            return;
        }
        self.timestamp = self.timestamp.wrapping_add(frames.wrapping_mul(STEP));
        self.marker = true;
        match &mut self.pressed {
            Some(pressed) => pressed.press.skip(frames),
            None => self.pause = self.pause.saturating_sub(frames),
        }
    }

    /// Presses `key` for 100 ms, behind those that wait, in packets of the payload type `event_type` (RFC 4733).
    /// `false` where it is no key, or too many wait already.
    pub fn press(&mut self, key: char, event_type: u8) -> bool {
        match KeyPress::new(key, PRESS_MS) {
            Some(press) if self.waiting.len() < MOST_WAITING => {
                self.waiting.push_back((press, event_type));
                true
            }
            Some(_) | None => false,
        }
    }

    /// Writes sound in another way from the next frame on.
    pub fn turn_to(&mut self, law: Law, payload_type: u8) {
        (self.law, self.payload_type) = (law, payload_type);
    }

    /// Packets sent and the bytes in them without headers, both around 2^32: what a sender report states.
    #[must_use]
    pub fn counts(&self) -> (u32, u32) {
        (self.packets, self.octets)
    }

    /// The timestamp of the next frame.
    #[must_use]
    pub fn timestamp(&self) -> u32 {
        self.timestamp
    }

    /// Who sends.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Writes the next packet of a key, if one is down or goes down now.
    fn key(&mut self, out: &mut Vec<u8>) -> bool {
        if self.pressed.is_none() && self.pause == 0 {
            let timestamp = self.timestamp;
            let next = self.waiting.pop_front();
            self.pressed = next.map(|(press, payload_type)| Pressed { press, payload_type, timestamp });
        }
        let Some(pressed) = &mut self.pressed else { return false };
        let (payload_type, timestamp) = (pressed.payload_type, pressed.timestamp);
        let Some((payload, marker)) = pressed.press.next() else {
            self.pressed = None;
            self.pause = PAUSE;
            return false;
        };
        self.write(payload_type, marker, timestamp, &payload, out);
        true
    }

    fn write(&mut self, payload_type: u8, marker: bool, timestamp: u32, payload: &[u8], out: &mut Vec<u8>) {
        let header = Header { payload_type, marker, sequence: self.sequence, timestamp, ssrc: self.ssrc };
        Packet { header, payload }.write(out);
        self.sequence = self.sequence.wrapping_add(1);
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(payload.len()).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::super::events::KeyListener;
    use super::*;

    const START: Start = Start { ssrc: 5, sequence: 65_534, timestamp: u32::MAX - 200 };

    fn sender() -> Sender {
        Sender::new(START, Law::Mu, 0)
    }

    fn sent(sender: &mut Sender) -> (Header, Vec<u8>) {
        let mut out = Vec::new();
        sender.frame(&Frame::from_samples(&[1_000; 160]).unwrap(), &mut out);
        let packet = Packet::parse(&out).unwrap();
        (packet.header, packet.payload.to_vec())
    }

    fn many(sender: &mut Sender, count: usize) -> Vec<(Header, Vec<u8>)> {
        (0..count).map(|_| sent(sender)).collect()
    }

    #[test]
    fn each_frame_is_one_packet_and_the_numbers_go_around() {
        let mut sender = sender();
        let all = many(&mut sender, 4);
        let numbers: Vec<_> =
            all.iter().map(|(header, _)| (header.sequence, header.timestamp, header.marker)).collect();
        let last = u32::MAX - 200;
        let times = [last, last + 160, last.wrapping_add(320), last.wrapping_add(480)];
        assert_eq!(
            numbers,
            [(65_534, times[0], true), (65_535, times[1], false), (0, times[2], false), (1, times[3], false)]
        );
        assert!(all.iter().all(|(header, payload)| header.ssrc == 5 && *payload == [g711::to_mulaw(1_000); 160]));
        assert_eq!(sender.counts(), (4, 640));
        assert_eq!((sender.ssrc(), sender.timestamp()), (5, last.wrapping_add(640)));
    }

    #[test]
    fn late_frames_are_skipped_and_the_clock_goes_on() {
        let mut sender = sender();
        let before = sent(&mut sender).0;
        sender.skip(0);
        assert!(!sent(&mut sender).0.marker);
        sender.skip(7);
        let after = sent(&mut sender).0;
        assert_eq!(after.sequence, before.sequence.wrapping_add(2));
        assert_eq!(after.timestamp, before.timestamp.wrapping_add(9 * 160));
        assert!(after.marker && !sent(&mut sender).0.marker);
    }

    #[test]
    fn a_key_takes_the_place_of_sound_while_it_is_down() {
        let mut sender = sender();
        let first = sent(&mut sender).0;
        assert!(sender.press('#', 101));
        let all = many(&mut sender, 10);
        // 100 ms, the end three times, and sound again.
        let kinds: Vec<u8> = all.iter().map(|(header, _)| header.payload_type).collect();
        assert_eq!(kinds, [101, 101, 101, 101, 101, 101, 101, 101, 0, 0]);
        let down = first.timestamp.wrapping_add(160);
        for ((header, payload), n) in all.iter().zip(1_u16..) {
            assert_eq!(header.sequence, first.sequence.wrapping_add(n));
            if header.payload_type == 101 {
                assert_eq!((header.timestamp, payload[0]), (down, 11));
                assert_eq!((header.marker, payload[1] & 0x80 != 0), (n == 1, n > 5));
            } else {
                assert_eq!(header.timestamp, first.timestamp.wrapping_add(u32::from(n) * 160));
            }
        }
    }

    #[test]
    fn keys_wait_for_each_other_with_60_ms_of_sound_between() {
        let mut sender = sender();
        for key in ['1', '1', '2'] {
            assert!(sender.press(key, 96));
        }
        let all = many(&mut sender, 40);
        let kinds: Vec<u8> = all.iter().map(|(header, _)| header.payload_type).collect();
        let one_and_pause = [&[96; 8][..], &[0; 3]].concat();
        assert_eq!(kinds, [one_and_pause.repeat(3), vec![0; 7]].concat());
        let mut listener = KeyListener::default();
        let keys = all.iter().filter(|(header, _)| header.payload_type == 96);
        assert_eq!(keys.filter_map(|(header, payload)| listener.hear(header, payload)).collect::<String>(), "112");
    }

    #[test]
    fn a_key_held_up_by_lateness_still_ends() {
        let mut sender = sender();
        assert!(sender.press('5', 101));
        let mut all = many(&mut sender, 2);
        sender.skip(50);
        all.extend(many(&mut sender, 5));
        let ends: Vec<_> =
            all.iter().filter(|(header, _)| header.payload_type == 101).map(|(_, p)| p[1] >> 7).collect();
        assert_eq!(ends, [0, 0, 1, 1, 1]);
        assert_eq!(all[5].0.timestamp, START.timestamp.wrapping_add(55 * 160), "sound goes on where it would be");
    }

    #[test]
    fn what_is_no_key_or_one_too_many_is_refused() {
        let mut sender = sender();
        assert!(!sender.press('x', 101));
        assert_eq!((0..100).filter(|_| sender.press('1', 101)).count(), MOST_WAITING);
        assert_eq!(sent(&mut sender).0.payload_type, 101);
    }

    #[test]
    fn sound_turns_to_another_law_from_one_frame_to_the_next() {
        let mut sender = sender();
        let (before, _) = sent(&mut sender);
        sender.turn_to(Law::A, 8);
        let (after, payload) = sent(&mut sender);
        assert_eq!((after.payload_type, payload), (8, vec![g711::to_alaw(1_000); 160]));
        assert_eq!(after.timestamp, before.timestamp.wrapping_add(160));
    }
}
