//! The jitter buffer against networks of every kind, in virtual time. A sample says which frame it belongs to, so that
//! what is heard tells how late it is.

use proptest::prelude::*;

use super::*;

const MS: fn(u64) -> Duration = Duration::from_millis;
/// Loud frames are numbered from here, around so many: 400 s.
const LOUD: i16 = 2_000;
const AROUND: u64 = 20_000;

/// A caller who speaks for 2 s and is quiet for half a second.
fn is_loud(frame: u64) -> bool {
    frame % 125 < 100
}

fn sample(position: u64) -> i16 {
    let frame = position / 160;
    let number = if is_loud(frame) { frame % AROUND } else { 1 + frame % 90 };
    i16::try_from(number).unwrap() + if is_loud(frame) { LOUD } else { 0 }
}

fn samples(from: u64, count: u64) -> Vec<i16> {
    (from..from + count).map(sample).collect()
}

/// Splitmix64, as in the relay.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// What is sent, and what the network makes of it.
struct Stream {
    /// Samples of a packet.
    size: u64,
    packets: u64,
    timestamp: u32,
    sequence: u16,
    /// How much slower the peer's clock is, parts in a million.
    slower_ppm: i64,
}

impl Default for Stream {
    fn default() -> Self {
        Self { size: 160, packets: 3_000, timestamp: 1_000_000, sequence: 7_000, slower_ppm: 0 }
    }
}

struct Played {
    jitter: Jitter,
    pulled: Vec<Pulled>,
}

impl Stream {
    fn sent(&self, packet: u64) -> Duration {
        let even = i64::try_from(packet * self.size * 125).unwrap();
        Duration::from_micros(u64::try_from(even + even * self.slower_ppm / 1_000_000).unwrap())
    }

    /// `delays` gives when each packet comes after it was sent: never, once, or more often.
    fn through(&self, mut delays: impl FnMut(u64) -> Vec<Duration>) -> Played {
        let mut arrivals: Vec<(Duration, u64)> = (0..self.packets)
            .flat_map(|n| delays(n).into_iter().map(move |delay| (n, delay)))
            .map(|(n, delay)| (self.sent(n) + delay, n))
            .collect();
        arrivals.sort();
        let mut played = Played { jitter: Jitter::default(), pulled: Vec::new() };
        let mut arrivals = arrivals.into_iter().peekable();
        while arrivals.peek().is_some() {
            let now = MS(20) * u32::try_from(played.pulled.len()).unwrap();
            while let Some((at, n)) = arrivals.next_if(|(at, _)| *at <= now) {
                let timestamp = self.timestamp.wrapping_add(u32::try_from(n * self.size).unwrap());
                let sequence = self.sequence.wrapping_add(u16::try_from(n % 65_536).unwrap());
                played.jitter.push(timestamp, sequence, samples(n * self.size, self.size), at);
            }
            played.pulled.push(played.jitter.pull(now));
            assert!(played.jitter.samples <= HELD);
        }
        played
    }
}

impl Played {
    /// The loud frames heard, with the pull that gave each.
    fn heard(&self) -> Vec<(u64, u64)> {
        let mut heard = Vec::new();
        for (at, pulled) in self.pulled.iter().enumerate() {
            let at = u64::try_from(at).unwrap();
            if let Pulled::Frame(frame) = pulled
                && let [first, ..] = *frame.samples()
                && first >= LOUD
            {
                let number = u64::try_from(first - LOUD).unwrap();
                // The last frame of that number which can have been sent (a peer may be a little fast).
                heard.push((at, at + 100 - (at + 100 + AROUND - number) % AROUND));
            }
        }
        heard
    }

    /// The longest time from sending to playing, milliseconds, for packets of one frame.
    fn latest(&self) -> u64 {
        self.heard().iter().map(|(at, frame)| at.saturating_sub(*frame) * 20).max().unwrap_or(0)
    }

    fn count(&self, what: &Pulled) -> usize {
        self.pulled.iter().filter(|pulled| *pulled == what).count()
    }
}

fn short(number: u32) -> u16 {
    u16::try_from(number).unwrap()
}

fn in_order(heard: &[(u64, u64)]) -> bool {
    heard.windows(2).all(|w| w[0].1 < w[1].1)
}

#[test]
fn a_steady_stream_is_played_whole_and_soon_with_40_ms() {
    let played = Stream::default().through(|_| vec![MS(3)]);
    let stats = played.jitter.stats();
    assert_eq!((stats.received, stats.lost, stats.late, stats.concealed), (3_000, 0, 0, 0));
    assert_eq!(stats.target_ms, 40);
    assert!(played.pulled[4..].iter().all(|pulled| matches!(pulled, Pulled::Frame(_))));
    assert!(in_order(&played.heard()) && played.latest() <= 80, "{} ms", played.latest());
    // One frame was dropped on the way from 60 to 40 ms, and it was a quiet one: no loud frame is missing.
    assert!(stats.shrunk <= 2, "{}", stats.shrunk);
    assert!(played.heard().len() >= 2_396, "{}", played.heard().len());
}

#[test]
fn a_bad_network_is_played_in_order_within_200_ms_and_conceals_little_more_than_is_lost() {
    for seed in 0..5 {
        let mut chance = Chance(seed);
        let played = Stream::default().through(|_| {
            let delay = MS(20) + Duration::from_micros(chance.below(60_000));
            let delay = if chance.below(50) == 0 { delay + MS(30) } else { delay };
            match chance.below(100) {
                0..5 => vec![],
                5..10 => vec![delay, delay + MS(2)],
                _ => vec![delay],
            }
        });
        let stats = played.jitter.stats();
        assert!(in_order(&played.heard()));
        assert!(played.latest() <= 200, "{} ms", played.latest());
        assert!((100..200).contains(&stats.lost) && (100..200).contains(&stats.duplicated), "{stats:?}");
        assert!(stats.late <= 30, "{stats:?}");
        let missing = stats.lost + stats.late;
        assert!((missing - missing / 10..=missing * 13 / 10).contains(&stats.concealed), "{stats:?}");
        assert_eq!(u64::try_from(played.count(&Pulled::Lost)).unwrap(), stats.concealed);
        // Only while it filled: a packet that came too late does not make what follows a silence.
        assert!(played.count(&Pulled::Silent) <= 5, "{}", played.count(&Pulled::Silent));
    }
}

#[test]
fn half_an_hour_of_clock_drift_costs_a_handful_of_quiet_frames() {
    for slower_ppm in [-100, 100] {
        let stream = Stream { packets: 90_000, slower_ppm, ..Stream::default() };
        let mut chance = Chance(3);
        let played = stream.through(|_| vec![Duration::from_micros(chance.below(10_000))]);
        let stats = played.jitter.stats();
        assert_eq!((stats.lost, stats.late), (0, 0));
        assert!(stats.concealed <= 3, "{stats:?}");
        // 30 minutes of 100 in a million are 180 ms, or nine frames.
        let steps = if slower_ppm < 0 { stats.shrunk } else { stats.grown };
        assert!((7..=12).contains(&steps) && stats.shrunk + stats.grown <= 14, "{stats:?}");
        let lag = |&(at, frame): &(u64, u64)| MS(at * 20).saturating_sub(stream.sent(frame));
        assert!(played.heard().iter().map(lag).max() <= Some(MS(100)));
    }
}

#[test]
fn numbers_that_wrap_around_lose_nothing() {
    let stream = Stream { packets: 500, timestamp: u32::MAX - 4_000, sequence: 65_520, ..Stream::default() };
    let mut chance = Chance(1);
    let played = stream.through(|_| vec![MS(chance.below(30))]);
    let stats = played.jitter.stats();
    assert_eq!((stats.received, stats.lost, stats.late), (500, 0, 0));
    assert!(in_order(&played.heard()) && played.heard().len() >= 395);
}

#[test]
fn packets_of_10_to_60_ms_are_cut_into_frames() {
    for size in [80, 160, 240, 320, 400, 480] {
        let stream = Stream { size, packets: 600, ..Stream::default() };
        let played = stream.through(|_| vec![MS(1)]);
        let stats = played.jitter.stats();
        assert_eq!((stats.received, stats.concealed), (600, 0), "{size}");
        let expected = (0..600 * size / 160).filter(|frame| is_loud(*frame)).count();
        assert!(in_order(&played.heard()) && played.heard().len() + 5 > expected, "{size}");
        assert!(played.latest() <= 160, "{size}: {} ms", played.latest());
    }
    let mut jitter = Jitter::default();
    jitter.push(0, 0, vec![1; 79], MS(0));
    jitter.push(0, 0, vec![1; 481], MS(0));
    assert_eq!(jitter.stats(), Jitter::default().stats());
}

#[test]
fn a_lost_packet_is_a_hole_of_its_own_length() {
    for (size, holes) in [(80, 1), (160, 1), (320, 2), (480, 3)] {
        let stream = Stream { size, packets: 400, ..Stream::default() };
        let played = stream.through(|n| if n == 300 { vec![] } else { vec![MS(1)] });
        let stats = played.jitter.stats();
        assert_eq!((stats.lost, stats.concealed), (1, holes), "{size}");
    }
}

#[test]
fn a_late_packet_is_dropped_and_counted() {
    let played = Stream::default().through(|n| vec![if n % 300 == 200 { MS(150) } else { MS(1) }]);
    let stats = played.jitter.stats();
    assert_eq!((stats.received, stats.late, stats.lost), (3_000, 10, 0));
    assert!((10..=12).contains(&stats.concealed), "{stats:?}");
    assert!(in_order(&played.heard()));
}

#[test]
fn the_target_follows_the_network_up_and_down_and_shrinks_only_where_it_is_quiet() {
    let stream = Stream { packets: 4_500, ..Stream::default() };
    let worse = |chance: &mut Chance, n| vec![MS(1 + if (1_000..2_000).contains(&n) { chance.below(90) } else { 0 })];
    let mut chance = Chance(9);
    let first = Stream { packets: 2_000, ..Stream::default() }.through(|n| worse(&mut chance, n));
    let stats = first.jitter.stats();
    assert!(stats.target_ms == 100 && stats.grown > 0 && stats.late < 10, "{stats:?}");
    assert_eq!(first.count(&Pulled::Silent), 3);
    let lag = first.jitter.lag(micros(MS(first.pulled.len() as u64 * 20)));
    assert!((95_000..=125_000).contains(&lag), "{lag}");
    chance = Chance(9);
    let played = stream.through(|n| worse(&mut chance, n));
    let stats = played.jitter.stats();
    assert!(stats.target_ms == 40 && stats.shrunk >= 2, "{stats:?}");
    // From where the network was good again, every loud frame is heard.
    let heard: Vec<u64> = played.heard().iter().map(|(_, frame)| *frame).filter(|f| *f >= 2_000).collect();
    assert_eq!(heard, (2_000..4_500).filter(|f| is_loud(*f)).take(heard.len()).collect::<Vec<_>>());
    assert!(heard.len() > 1_990, "{}", heard.len());
}

#[test]
fn silence_that_is_not_sent_is_no_loss() {
    // Noise, number 50, is followed by 600 ms of nothing, three times; sequence numbers go on, timestamps jump.
    let mut jitter = Jitter::default();
    let mut pulled = Vec::new();
    for tick in 0..324_u64 {
        let (spurt, at) = (tick / 81, tick % 81);
        let sequence = u16::try_from(spurt * 51 + at.min(50)).unwrap();
        if at < 50 {
            let timestamp = u32::try_from(tick * 160).unwrap();
            jitter.push(timestamp, sequence, samples(0, 160), MS(tick * 20));
        } else if at == 50 {
            jitter.passed(sequence);
        }
        pulled.push(jitter.pull(MS(tick * 20)));
    }
    let stats = jitter.stats();
    assert_eq!((stats.lost, stats.concealed, stats.late), (0, 0, 0), "{stats:?}");
    assert_eq!(pulled.iter().filter(|p| matches!(p, Pulled::Frame(_))).count(), 200);
}

#[test]
fn a_peer_that_stops_is_concealed_for_60_ms_and_silent_after() {
    let mut played = Stream { packets: 300, ..Stream::default() }.through(|_| vec![MS(1)]);
    let rest: Vec<Pulled> = (0..20).map(|n| played.jitter.pull(MS(6_000 + n * 20))).collect();
    let lost = rest.iter().filter(|p| **p == Pulled::Lost).count();
    assert_eq!(lost, 3);
    assert!(rest[10..].iter().all(|p| *p == Pulled::Silent));
}

#[test]
fn another_stream_begins_at_once() {
    for (timestamp, sequence, told) in [(500_000_000, 300, false), (48_000, 20_000, false), (48_000, 300, true)] {
        let mut played =
            Stream { packets: 300, timestamp: 0, sequence: 0, ..Stream::default() }.through(|_| vec![MS(0)]);
        if told {
            played.jitter.restart();
        }
        for n in 0..20_u32 {
            let now = MS(6_000 + u64::from(n) * 20);
            played.jitter.push(timestamp + n * 160, sequence + short(n), vec![30_000; 160], now);
            let pulled = played.jitter.pull(now);
            let old = matches!(&pulled, Pulled::Frame(frame) if frame.samples()[0] != 30_000);
            assert!(!old && (n < 2) == (pulled == Pulled::Silent), "{n}: {pulled:?}");
        }
        assert_eq!(played.jitter.stats().lost, 0);
    }
}

#[test]
fn a_peer_that_stops_its_clock_with_its_sound_is_heard_again_at_once() {
    for pause in [100, 300, 500, 1_500, 2_800] {
        let played =
            Stream { packets: 1_000, ..Stream::default() }.through(|n| vec![MS(if n < 500 { 1 } else { pause })]);
        let heard = played.heard();
        assert!(in_order(&heard));
        let after: Vec<u64> = heard.iter().map(|(_, frame)| *frame).filter(|frame| *frame >= 500).collect();
        assert!(after.len() > 360, "{pause} ms: {} of 400", after.len());
        let latest = heard.iter().map(|(at, frame)| at * 20 - frame * 20).max();
        assert!(latest <= Some(pause + 200), "{pause} ms: {latest:?}");
    }
}

#[test]
fn a_network_that_stands_still_and_then_delivers_all_is_soon_right_again() {
    for stop in [100_u64, 200, 300, 600, 1_200] {
        let played = Stream { packets: 1_000, ..Stream::default() }
            .through(|n| vec![MS(1 + (500 * 20 + stop).saturating_sub(n * 20) * u64::from(n >= 500))]);
        assert!(in_order(&played.heard()));
        assert!(played.latest() <= 220, "{stop} ms: {} ms", played.latest());
        let over = 500 + stop / 20;
        let again = played.heard().iter().filter(|(_, frame)| *frame > over).count();
        let sent = (over..1_000).filter(|frame| is_loud(*frame)).count();
        assert!(again + 15 > sent, "{stop} ms: {again} of {sent}");
    }
}

#[test]
fn a_media_thread_that_was_held_up_goes_on_within_200_ms() {
    let mut jitter = Jitter::default();
    let mut late = Vec::new();
    for n in 0..500_u32 {
        let now = MS(u64::from(n) * 20);
        jitter.push(n * 160, short(n), vec![i16::try_from(n).unwrap(); 160], now);
        // For 800 ms nobody asks.
        if (200..240).contains(&n) {
            continue;
        }
        if let Pulled::Frame(frame) = jitter.pull(now) {
            late.push(n - u32::try_from(frame.samples()[0]).unwrap());
        }
    }
    assert!(late.len() > 440 && late.iter().all(|frames| *frames <= 10), "{:?}", late.iter().max());
}

#[test]
fn a_clock_that_goes_back_a_little_is_followed() {
    let mut jitter = Jitter::default();
    let mut heard = 0;
    for n in 0..400_u32 {
        let timestamp = if n < 200 { 100_000 + n * 160 } else { 92_000 + n * 160 };
        jitter.push(timestamp, short(n), vec![5_000; 160], MS(u64::from(n) * 20));
        heard += usize::from(matches!(jitter.pull(MS(u64::from(n) * 20)), Pulled::Frame(_)));
    }
    assert!(heard > 370, "{heard}");
}

#[test]
fn no_more_than_a_second_is_held_when_nobody_asks() {
    let mut jitter = Jitter::default();
    for n in 0..10_000_u32 {
        jitter.push(n.wrapping_mul(7), short(n), vec![0; 480], MS(0));
        assert!(jitter.samples <= HELD && jitter.stats().depth_ms <= 1_000);
        assert_eq!(jitter.samples, jitter.held.values().map(|piece| piece.samples.len()).sum::<usize>());
    }
}

proptest! {
    #[test]
    fn any_packets_in_any_order_hold_no_more_than_a_second(
        steps in proptest::collection::vec(
            (0_u8..8, any::<u32>(), any::<u16>(), 0_usize..500, 0_u64..400), 1..300),
    ) {
        let mut jitter = Jitter::default();
        let (mut now, mut timestamp, mut sequence) = (0, u32::MAX - 1_000, 65_500_u16);
        for (step, far, other, size, wait) in steps {
            match step {
                0 => jitter.push(far, other, vec![9; size], MS(now)),
                1 => jitter.push(timestamp.wrapping_sub(far % 40_000), sequence, vec![9; size], MS(now)),
                2 => jitter.passed(other),
                3 => jitter.restart(),
                _ => {
                    timestamp = timestamp.wrapping_add(far % 700);
                    sequence = sequence.wrapping_add(other % 3);
                    jitter.push(timestamp, sequence, vec![9; size], MS(now));
                }
            }
            now += wait / 10;
            let _ = jitter.pull(if wait == 399 { Duration::MAX } else { MS(now) });
            prop_assert!(jitter.samples <= HELD);
            prop_assert_eq!(jitter.samples, jitter.held.values().map(|piece| piece.samples.len()).sum::<usize>());
        }
    }

    #[test]
    fn any_steady_network_is_played_in_order(spread in 0_u64..50, seed: u64, first: u32, sequence: u16) {
        let stream = Stream { packets: 400, timestamp: first, sequence, ..Stream::default() };
        let mut chance = Chance(seed);
        let played = stream.through(|_| vec![MS(chance.below(spread + 1))]);
        prop_assert!(in_order(&played.heard()));
        prop_assert!(played.latest() <= 200);
        prop_assert_eq!(played.jitter.stats().lost, 0);
    }
}
