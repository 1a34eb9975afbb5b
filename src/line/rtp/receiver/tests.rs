//! The receiver behind a bad network, an hour in seconds; and against strangers, other streams and any bytes.

use proptest::prelude::*;

use super::relay::{Impaired, Impairment, Jitter as Uneven};
use super::*;
use crate::line::rtp::CLOCK;
use crate::pcm::level::rms_dbfs;
use crate::pcm::to_sample;

const MS: fn(u64) -> Duration = Duration::from_millis;
const SSRC: u32 = 0xfeed_0001;

fn peer() -> SocketAddr {
    "192.0.2.1:4000".parse().unwrap()
}

fn stranger() -> SocketAddr {
    "198.51.100.7:4000".parse().unwrap()
}

fn agreed() -> Agreed {
    Agreed {
        law: Law::Mu,
        payload_type: PCMU,
        both_laws: false,
        key_type: Some(101),
        noise: false,
        described: peer(),
        secure: false,
    }
}

fn rtp(payload_type: u8, ssrc: u32, number: u32, payload: &[u8]) -> Vec<u8> {
    let sequence = u16::try_from(number % 65_536).unwrap();
    let timestamp = number.wrapping_mul(160);
    let header = Header { payload_type, marker: false, sequence, timestamp, ssrc };
    let mut out = Vec::new();
    Packet { header, payload }.write(&mut out);
    out
}

/// A sweep from 300 to 3,000 Hz that takes 30 s and begins again: sample number `n` of it.
fn sweep(n: u64) -> i16 {
    let seconds = (n % 240_000) as f32 / CLOCK as f32;
    to_sample((std::f32::consts::TAU * ((300.0 + 45.0 * seconds) * seconds).fract()).sin() * 8_000.0)
}

fn sweep_packet(number: u32) -> Vec<u8> {
    let from = u64::from(number) * 160;
    let payload: Vec<u8> = (from..from + 160).map(|n| g711::to_mulaw(sweep(n))).collect();
    rtp(PCMU, SSRC, number, &payload)
}

/// Plays `packets` of the sweep through the network; gives the receiver and each frame.
fn through(impairment: Impairment, seed: u64, packets: u32) -> (Receiver, Vec<Frame>) {
    let mut network = Impaired::new(impairment, seed);
    let mut receiver = Receiver::new(agreed());
    let mut frames = Vec::new();
    for number in 0..packets {
        let now = MS(20) * number;
        network.take(now, sweep_packet(number));
        for (at, datagram) in network.due_at(now) {
            assert!(receiver.receive(peer(), &datagram, at) == Heard::Sound);
        }
        frames.push(receiver.next(now).0);
    }
    (receiver, frames)
}

/// How many frames after it was sent the sound in a frame is heard, where it is the sweep at all.
fn age(frames: &[Frame], at: usize) -> Option<usize> {
    let heard = frames[at].samples();
    (0..=25.min(at)).find(|age| {
        let from = (at - age) as u64 * 160;
        let off: Vec<i16> = heard.iter().zip(from..).map(|(s, n)| s.saturating_sub(sweep(n))).collect();
        rms_dbfs(&off) < -35.0
    })
}

const BAD: Impairment = Impairment {
    loss: 0.05,
    delay: Duration::from_millis(20),
    jitter: Uneven::Uniform(Duration::from_millis(60)),
    duplicate: 0.02,
    reorder: 0.02,
};

#[test]
fn a_minute_of_a_bad_network_is_heard_within_200_ms_and_conceals_about_what_is_lost() {
    for seed in 0..3 {
        let (receiver, frames) = through(BAD, seed, 3_000);
        let ages: Vec<Option<usize>> = (100..frames.len()).map(|at| age(&frames, at)).collect();
        let known = ages.iter().flatten().count();
        assert!(known * 100 > ages.len() * 90, "{known} of {}", ages.len());
        assert!(ages.iter().flatten().all(|age| *age <= 10), "{:?} frames late", ages.iter().flatten().max());
        let stats = receiver.stats().jitter;
        assert!((90..=210).contains(&stats.lost), "{stats:?}");
        let share = stats.concealed as f64 / frames.len() as f64;
        let lost = stats.lost as f64 / 3_000.0;
        assert!((share - lost).abs() < 0.015, "{share} concealed, {lost} lost: {stats:?}");
        assert!(stats.duplicated > 20 && stats.late < 30, "{stats:?}");
    }
}

#[test]
fn an_hour_of_a_bad_network_ends_as_it_began() {
    let (receiver, frames) = through(BAD, 11, 180_000);
    let stats = receiver.stats().jitter;
    let share = stats.concealed as f64 / frames.len() as f64;
    assert!((share - 0.05).abs() < 0.01 && stats.depth_ms <= 200, "{stats:?}");
    let last = (frames.len() - 50..frames.len()).filter_map(|at| age(&frames, at)).max();
    assert!(last.is_some_and(|age| age <= 10), "{last:?}");
}

#[test]
fn stops_of_the_network_are_survived() {
    let spikes = Impairment { jitter: Uneven::Spikes(0.005, MS(250)), ..Impairment::default() };
    let (receiver, frames) = through(spikes, 5, 6_000);
    let stats = receiver.stats();
    assert_eq!((stats.ignored, stats.jitter.lost), (Ignored::default(), 0));
    let ages: Vec<usize> = (0..frames.len()).filter_map(|at| age(&frames, at)).collect();
    assert!(ages.iter().all(|age| *age <= 11) && ages.len() > 5_000, "{:?} {}", ages.iter().max(), ages.len());
}

#[test]
fn each_law_is_decoded_and_the_other_only_where_it_was_agreed() {
    let own = [(Law::Mu, PCMU, g711::to_mulaw(10_000)), (Law::A, PCMA, g711::to_alaw(10_000))];
    for ((law, payload_type, _), both_laws) in
        own.into_iter().zip([true, false]).chain(own.into_iter().zip([false, true]))
    {
        for (other, sent, octet) in own {
            let mut receiver = Receiver::new(Agreed { law, payload_type, both_laws, ..agreed() });
            let mut loudest = 0;
            for number in 0..10 {
                let heard = receiver.receive(peer(), &rtp(sent, SSRC, number, &[octet; 160]), MS(20) * number);
                let taken = other == law || both_laws;
                assert!(heard == if taken { Heard::Sound } else { Heard::Ignored(Why::PayloadType) });
                let (frame, _) = receiver.next(MS(20) * number);
                loudest = loudest.max(frame.samples()[159]);
                assert!(taken || frame == Frame::SILENCE);
            }
            assert!((other != law && !both_laws) || loudest.abs_diff(10_000) < 300, "{loudest}");
        }
    }
}

#[test]
fn a_payload_type_of_any_number_may_be_agreed() {
    let mut receiver = Receiver::new(Agreed { payload_type: 97, ..agreed() });
    assert!(receiver.receive(peer(), &rtp(97, SSRC, 0, &[0xff; 160]), MS(0)) == Heard::Sound);
    assert!(receiver.receive(peer(), &rtp(PCMU, SSRC, 1, &[0xff; 160]), MS(0)) == Heard::Ignored(Why::PayloadType));
}

#[test]
fn what_is_ignored_is_counted_by_reason_and_does_not_flow() {
    let mut receiver = Receiver::new(agreed());
    let ignored = [
        (peer(), vec![1, 2, 3], Why::NotRtp),
        (peer(), rtp(9, SSRC, 0, &[0; 160]), Why::PayloadType),
        (peer(), rtp(CN, SSRC, 0, &[60]), Why::PayloadType),
        (peer(), rtp(PCMU, SSRC, 0, &[0; 79]), Why::Length),
        (peer(), rtp(PCMU, SSRC, 0, &[0; 481]), Why::Length),
        (peer(), rtp(101, SSRC, 0, &[1, 2, 3]), Why::Length),
        (stranger(), rtp(PCMU, SSRC, 0, &[0; 160]), Why::Source),
    ];
    for (from, datagram, why) in &ignored {
        assert!(receiver.receive(*from, datagram, MS(0)) == Heard::Ignored(*why), "{why:?}");
    }
    let expected = Ignored { not_rtp: 1, payload_type: 2, length: 3, source: 1 };
    assert_eq!(receiver.stats().ignored, expected);
    assert!(receiver.last_heard().is_none() && !receiver.is_flowing(MS(0), MS(1_000)) && receiver.to() == peer());
    let _ = receiver.receive(peer(), &sweep_packet(0), MS(500));
    assert_eq!(receiver.last_heard(), Some(MS(500)));
    assert!(receiver.is_flowing(MS(1_500), MS(1_000)) && !receiver.is_flowing(MS(1_501), MS(1_000)));
}

#[test]
fn a_third_source_that_copies_the_ssrc_is_not_heard_and_ends_nothing() {
    let mut receiver = Receiver::new(agreed());
    for number in 0..500 {
        let now = MS(20) * number;
        let _ = receiver.receive(peer(), &sweep_packet(number), now);
        // The stranger is a packet ahead, so that its sound would be the first of that number.
        let forged = rtp(PCMU, SSRC, number + 1, &[g711::to_mulaw(32_000); 160]);
        let heard = receiver.receive(stranger(), &forged, now);
        assert!(heard == Heard::Ignored(Why::Source));
        let (frame, _) = receiver.next(now);
        assert!(frame.samples().iter().all(|s| s.unsigned_abs() < 9_000));
    }
    assert_eq!((receiver.to(), receiver.stats().jitter.duplicated), (peer(), 0));
}

#[test]
fn another_ssrc_of_the_peer_is_heard_at_once() {
    let mut receiver = Receiver::new(agreed());
    let mut silent = 0;
    for number in 0..200 {
        let now = MS(20) * number;
        // Numbers that fit the first source's would be taken for late or double ones.
        let datagram = if number < 100 { sweep_packet(number) } else { rtp(PCMU, 77, number - 90, &[0; 160]) };
        let _ = receiver.receive(peer(), &datagram, now);
        let (frame, _) = receiver.next(now);
        silent += usize::from(number > 100 && frame.samples()[159] != g711::from_mulaw(0));
        if number == 150 {
            assert_eq!(receiver.block(now).map(|block| block.ssrc), Some(77));
        }
    }
    assert!(silent <= 4, "{silent}");
    assert_eq!(receiver.stats().jitter.lost, 0);
}

#[test]
fn keys_are_heard_once_even_under_an_ssrc_of_their_own_and_do_not_stop_the_sound() {
    for key_ssrc in [SSRC, 0x1234] {
        let mut receiver = Receiver::new(agreed());
        let mut keys = String::new();
        for number in 0..100_u32 {
            let now = MS(20) * number;
            // Own numbers where it is another source; else those of the sound that they stand in for.
            let event = (40..46).contains(&number).then(|| {
                let duration = (number - 39) * 160;
                let payload = [5, 10, duration.to_be_bytes()[2], duration.to_be_bytes()[3]];
                let mut datagram = rtp(101, key_ssrc, if key_ssrc == SSRC { number } else { 9_000 + number }, &payload);
                datagram[4..8].copy_from_slice(&6_400_u32.to_be_bytes());
                datagram
            });
            let sound = event.is_none() || key_ssrc != SSRC;
            for datagram in event.into_iter().chain(sound.then(|| sweep_packet(number))) {
                match receiver.receive(peer(), &datagram, now) {
                    Heard::Key(key) => keys.push(key),
                    Heard::Sound => {}
                    Heard::Ignored(why) => panic!("{why:?}"),
                }
            }
            let (_, tone) = receiver.next(now);
            assert!(tone.is_none());
        }
        let stats = receiver.stats().jitter;
        assert_eq!(keys, "5");
        assert_eq!((stats.lost, stats.concealed, stats.late), (0, 0, 0), "{stats:?}");
    }
}

#[test]
fn tones_are_heard_only_where_keys_are_not_sent_as_packets() {
    for (key_type, expected) in [(None, "5"), (Some(101), "")] {
        let mut receiver = Receiver::new(Agreed { key_type, ..agreed() });
        let mut keys = String::new();
        for number in 0..60_u32 {
            // Key 5 is 770 and 1,336 Hz (ITU-T Q.23), here for 200 ms.
            let tone = |n: u32| {
                let turn = |hz: f32| (std::f32::consts::TAU * hz * n as f32 / CLOCK as f32).sin();
                to_sample(5_000.0 * (turn(770.0) + turn(1_336.0)))
            };
            let payload: Vec<u8> = (number * 160..number * 160 + 160)
                .map(|n| g711::to_mulaw(if (20..30).contains(&number) { tone(n) } else { 0 }))
                .collect();
            let _ = receiver.receive(peer(), &rtp(PCMU, SSRC, number, &payload), MS(20) * number);
            keys.extend(receiver.next(MS(20) * number).1);
        }
        assert_eq!(keys, expected);
    }
}

#[test]
fn a_silence_sounds_as_the_peer_says() {
    let mut receiver = Receiver::new(Agreed { noise: true, ..agreed() });
    let mut levels = Vec::new();
    for number in 0..60 {
        let now = MS(20) * number;
        if number < 30 {
            let _ = receiver.receive(peer(), &sweep_packet(number), now);
        } else if number == 30 {
            assert!(receiver.receive(peer(), &rtp(CN, SSRC, number, &[40]), now) == Heard::Sound);
        }
        levels.push(rms_dbfs(receiver.next(now).0.samples()));
    }
    assert_eq!(receiver.stats().jitter.concealed, 0);
    assert!(levels[10..32].iter().all(|level| *level > -20.0), "{levels:?}");
    assert!(levels[36..].iter().all(|level| (level + 40.0).abs() < 2.0), "{levels:?}");
}

#[test]
fn a_re_invite_changes_the_law_and_the_address_in_mid_call() {
    let mut receiver = Receiver::new(agreed());
    let moved: SocketAddr = "203.0.113.5:6000".parse().unwrap();
    for number in 0..50 {
        let _ = receiver.receive(peer(), &sweep_packet(number), MS(20) * number);
        let _ = receiver.next(MS(20) * number);
    }
    receiver.redescribe(Agreed { law: Law::A, payload_type: PCMA, described: moved, ..agreed() });
    assert_eq!(receiver.to(), moved);
    let mut last = 0;
    for number in 50..100 {
        let datagram = rtp(PCMA, 5, number, &[g711::to_alaw(4_000); 160]);
        assert!(receiver.receive(moved, &datagram, MS(20) * number) == Heard::Sound);
        last = receiver.next(MS(20) * number).0.samples()[0];
    }
    assert_eq!(last, g711::from_alaw(g711::to_alaw(4_000)));
    assert!(receiver.receive(peer(), &sweep_packet(100), MS(2_000)) == Heard::Ignored(Why::PayloadType));
}

#[test]
fn a_report_says_what_was_lost() {
    let mut receiver = Receiver::new(agreed());
    assert!(receiver.block(MS(0)).is_none());
    for number in (0..100).filter(|number| number % 10 != 5) {
        let _ = receiver.receive(peer(), &sweep_packet(number), MS(20) * number);
    }
    let block = receiver.block(MS(2_000)).unwrap();
    assert_eq!((block.ssrc, block.lost, block.last_sr), (SSRC, 10, 0));
    receiver.reported(SSRC ^ 1, 7 << 32, MS(2_000));
    receiver.reported(SSRC, 9 << 32, MS(2_000));
    assert_eq!(receiver.block(MS(3_000)).map(|block| (block.last_sr, block.delay)), Some((9 << 16, 65_536)));
}

proptest! {
    #[test]
    fn any_datagrams_are_heard_or_ignored_and_a_frame_always_follows(
        datagrams in proptest::collection::vec(
            (any::<bool>(), prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..600),
                (
                    prop_oneof![Just(PCMU), Just(PCMA), Just(CN), Just(101)], 0_u32..3, any::<u32>(),
                    proptest::collection::vec(any::<u8>(), 0..500),
                ).prop_map(|(payload_type, ssrc, number, payload)| rtp(payload_type, ssrc, number % 400, &payload)),
            ], 0_u64..50), 0..60),
        key_type in proptest::option::of(Just(101)), noise: bool, both_laws: bool, secure: bool,
    ) {
        let mut receiver = Receiver::new(Agreed { key_type, noise, both_laws, secure, ..agreed() });
        let mut now = 0;
        let mut ignored = 0;
        for (known, datagram, wait) in &datagrams {
            now += wait;
            let from = if *known { peer() } else { stranger() };
            ignored += u64::from(matches!(receiver.receive(from, datagram, MS(now)), Heard::Ignored(_)));
            let (frame, _) = receiver.next(MS(now));
            prop_assert_eq!(frame.samples().len(), 160);
        }
        let Ignored { not_rtp, payload_type, length, source } = receiver.stats().ignored;
        prop_assert_eq!(not_rtp + payload_type + length + source, ignored);
        let _ = receiver.block(MS(now));
    }
}
