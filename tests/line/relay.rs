//! A bad network between the caller's telephone and the box, on 127.0.0.1: loss, delay, jitter, reordering, doubles, and
//! the echo of the box's own voice.
//!
//! ```text
//!   telephone <-> [faces_phone  ·  Impaired each way, Echo towards the box  ·  faces_box] <-> box
//! ```
//! [`Impaired`] and [`Echo`] are pure: time is handed in, and chance comes from a seed. [`Relay`] is a thread with two UDP
//! sockets around them that ends when it is dropped. It knows RTP only as far as the echo needs it, and uses nothing
//! of the box, so that it can be no accomplice of what it tests.

#![allow(dead_code, reason = "included by tests that use only the scheduler, too")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "this is the network of a test, not the box")]

use std::collections::{BTreeMap, VecDeque};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How much later than the fixed delay a datagram comes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Jitter {
    /// Not at all.
    #[default]
    None,
    /// By anything from nothing to this, each datagram by chance. Overtaking is allowed.
    Uniform(Duration),
    /// A share of datagrams (0 to 1) begins a stop of the network that long: it and all that follow come at its end.
    Spikes(f64, Duration),
}

/// What a direction does to datagrams. The default does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Impairment {
    /// The share that is lost, 0 to 1.
    pub(crate) loss: f64,
    /// How long each takes at least.
    pub(crate) delay: Duration,
    /// How much longer.
    pub(crate) jitter: Jitter,
    /// The share that is sent twice.
    pub(crate) duplicate: f64,
    /// The share that comes 30 ms later than it would, so after the next one.
    pub(crate) reorder: f64,
}

/// How much later a reordered datagram comes: more than a packet of 20 ms, less than two.
const BEHIND: Duration = Duration::from_millis(30);
/// How much later the second of a double comes.
const TWICE: Duration = Duration::from_millis(1);

/// A direction of the network. The same seed and datagrams give the same.
pub(crate) struct Impaired {
    impairment: Impairment,
    chance: Chance,
    /// By the time they are due, then by the order they came in.
    waiting: BTreeMap<(Duration, u64), Vec<u8>>,
    taken: u64,
    stopped_until: Duration,
}

impl Impaired {
    pub(crate) fn new(impairment: Impairment, seed: u64) -> Self {
        let waiting = BTreeMap::new();
        Self { impairment, chance: Chance(seed), waiting, taken: 0, stopped_until: Duration::ZERO }
    }

    /// A datagram is sent at `now`, which never goes back.
    pub(crate) fn take(&mut self, now: Duration, datagram: Vec<u8>) {
        // All draws are made for each datagram, so that another loss share does not move the jitter.
        let lost = self.chance.hits(self.impairment.loss);
        let behind = self.chance.hits(self.impairment.reorder);
        let twice = self.chance.hits(self.impairment.duplicate);
        let share = self.chance.share();
        let mut due = now + self.impairment.delay;
        match self.impairment.jitter {
            Jitter::None => {}
            Jitter::Uniform(most) => due += most.mul_f64(share),
            Jitter::Spikes(begins, length) => {
                if share < begins {
                    self.stopped_until = self.stopped_until.max(due + length);
                }
                due = due.max(self.stopped_until);
            }
        }
        if behind {
            due += BEHIND;
        }
        if lost {
            return;
        }
        if twice {
            self.hold(due + TWICE, datagram.clone());
        }
        self.hold(due, datagram);
    }

    /// What arrives by `now`, in order.
    pub(crate) fn due(&mut self, now: Duration) -> Vec<Vec<u8>> {
        self.due_at(now).into_iter().map(|(_, datagram)| datagram).collect()
    }

    /// What arrives by `now`, each with the time it does.
    pub(crate) fn due_at(&mut self, now: Duration) -> Vec<(Duration, Vec<u8>)> {
        let later = self.waiting.split_off(&(now + Duration::from_nanos(1), 0));
        std::mem::replace(&mut self.waiting, later).into_iter().map(|((at, _), datagram)| (at, datagram)).collect()
    }

    fn hold(&mut self, due: Duration, datagram: Vec<u8>) {
        self.waiting.insert((due, self.taken), datagram);
        self.taken += 1;
    }
}

/// Splitmix64 (Steele, Lea, Flood 2014): enough chance for a test, and the same on every machine.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to, but without, 1.
    pub(crate) fn share(&mut self) -> f64 {
        f64::from(u32::try_from(self.draw() >> 32).unwrap()) / 4_294_967_296.0
    }

    fn hits(&mut self, share: f64) -> bool {
        self.share() < share
    }
}

/// The mu-law code: from an octet, and to one. Handed in, as the box's own code is not to be written twice.
#[derive(Clone, Copy)]
pub(crate) struct Mulaw {
    pub(crate) from: fn(u8) -> i16,
    pub(crate) to: fn(i16) -> u8,
}

/// The box's own sound in what the caller sends, as the hybrid of an analog line or a loud telephone puts it there.
pub(crate) struct Echo {
    mulaw: Mulaw,
    gain: f64,
    /// Samples of the box that have not come back yet, the oldest first; at first as much silence as it is late by.
    coming: VecDeque<i16>,
    most: usize,
}

/// Samples a millisecond, and bytes of an RTP header without anything optional.
const PER_MS: usize = 8;
const HEADER: usize = 12;

impl Echo {
    /// `db` is how loud the echo is beside what the box sent, such as -20; `delay` when it comes.
    pub(crate) fn new(db: f64, delay: Duration, mulaw: Mulaw) -> Self {
        let late = usize::try_from(delay.as_millis()).unwrap() * PER_MS;
        let gain = 10_f64.powf(db / 20.0);
        // A second more than the delay: a telephone that sends nothing does not gather the box's sound for ever.
        Self { mulaw, gain, coming: vec![0; late].into(), most: late + 1_000 * PER_MS }
    }

    /// The box sent this.
    pub(crate) fn played(&mut self, datagram: &[u8]) {
        if let Some(payload) = sound(datagram) {
            self.coming.extend(payload.iter().map(|&octet| (self.mulaw.from)(octet)));
            self.coming.drain(..self.coming.len().saturating_sub(self.most));
        }
    }

    /// The caller sends this: the echo is added to it.
    pub(crate) fn mix(&mut self, datagram: &mut [u8]) {
        if sound(datagram).is_none() {
            return;
        }
        for octet in datagram.iter_mut().skip(HEADER) {
            let echo = f64::from(self.coming.pop_front().unwrap_or(0)) * self.gain;
            let both = (f64::from((self.mulaw.from)(*octet)) + echo).round();
            #[expect(clippy::cast_possible_truncation, reason = "a float cast saturates, as a loud line does")]
            let sample = both as i16;
            *octet = (self.mulaw.to)(sample);
        }
    }
}

/// The payload of a plain RTP packet of mu-law: version 2, nothing optional, payload type 0.
fn sound(datagram: &[u8]) -> Option<&[u8]> {
    let (header, payload) = datagram.split_at_checked(HEADER)?;
    (header.first() == Some(&0x80) && header.get(1)? & 0x7f == 0).then_some(payload)
}

/// What the relay does.
#[derive(Default)]
pub(crate) struct Setup {
    /// Where the telephone is; where unknown, what first sends to [`Relay::faces_phone`] is.
    pub(crate) phone: Option<SocketAddr>,
    /// Where the box is; where unknown, what first sends to [`Relay::faces_box`] is.
    pub(crate) the_box: Option<SocketAddr>,
    pub(crate) to_box: Impairment,
    pub(crate) to_phone: Impairment,
    pub(crate) echo: Option<Echo>,
    pub(crate) seed: u64,
}

/// A running relay.
pub(crate) struct Relay {
    faces_phone: SocketAddr,
    faces_box: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Starts it on two free ports.
    pub(crate) fn start(setup: Setup) -> std::io::Result<Self> {
        let faces_phone = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let faces_box = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let stop = Arc::new(AtomicBool::new(false));
        let relay = (faces_phone.local_addr()?, faces_box.local_addr()?);
        // The thread waits on one socket at a time; a millisecond is well below what it is to imitate.
        faces_phone.set_read_timeout(Some(Duration::from_millis(1)))?;
        faces_box.set_nonblocking(true)?;
        let thread = std::thread::Builder::new().name("relay".into()).spawn({
            let stop = stop.clone();
            move || carry(setup, &faces_phone, &faces_box, &stop)
        })?;
        Ok(Self { faces_phone: relay.0, faces_box: relay.1, stop, thread: Some(thread) })
    }

    /// Where the telephone is to send.
    pub(crate) fn faces_phone(&self) -> SocketAddr {
        self.faces_phone
    }

    /// Where the box is to send, and what it sees as the telephone.
    pub(crate) fn faces_box(&self) -> SocketAddr {
        self.faces_box
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn carry(mut setup: Setup, faces_phone: &UdpSocket, faces_box: &UdpSocket, stop: &AtomicBool) {
    let began = Instant::now();
    let mut to_box = Impaired::new(setup.to_box, setup.seed);
    let mut to_phone = Impaired::new(setup.to_phone, setup.seed ^ u64::MAX);
    while !stop.load(Ordering::Relaxed) {
        while let Some((datagram, from)) = next(faces_box) {
            if *setup.the_box.get_or_insert(from) == from {
                if let Some(echo) = &mut setup.echo {
                    echo.played(&datagram);
                }
                to_phone.take(began.elapsed(), datagram);
            }
        }
        if let Some((mut datagram, from)) = next(faces_phone)
            && *setup.phone.get_or_insert(from) == from
        {
            if let Some(echo) = &mut setup.echo {
                echo.mix(&mut datagram);
            }
            to_box.take(began.elapsed(), datagram);
        }
        let now = began.elapsed();
        pass_on(faces_box, setup.the_box, to_box.due(now));
        pass_on(faces_phone, setup.phone, to_phone.due(now));
    }
}

/// A datagram, or `None` where none is there (yet), or where the last one sent was refused by a closed port.
fn next(socket: &UdpSocket) -> Option<(Vec<u8>, SocketAddr)> {
    let mut bytes = vec![0; 2_048];
    match socket.recv_from(&mut bytes) {
        Ok((length, from)) => {
            bytes.truncate(length);
            Some((bytes, from))
        }
        Err(error) => {
            let passing = [ErrorKind::WouldBlock, ErrorKind::TimedOut, ErrorKind::ConnectionRefused];
            assert!(passing.contains(&error.kind()) || error.kind() == ErrorKind::Interrupted, "relay: {error}");
            None
        }
    }
}

fn pass_on(socket: &UdpSocket, to: Option<SocketAddr>, datagrams: Vec<Vec<u8>>) {
    let Some(to) = to else { return };
    for datagram in datagrams {
        // A port that is closed is the end of a call, no fault of the network.
        let _ = socket.send_to(&datagram, to);
    }
}

mod scheduler {
    use super::{Chance, Duration, Echo, Impaired, Impairment, Jitter, Mulaw};

    const MS: fn(u64) -> Duration = Duration::from_millis;

    /// Sends 5,000 numbered datagrams, one each 20 ms; gives the numbers that arrive and how long each took.
    fn through(impairment: Impairment, seed: u64) -> Vec<(u64, Duration)> {
        let mut network = Impaired::new(impairment, seed);
        let mut arrived = Vec::new();
        for n in 0..5_000_u64 {
            network.take(MS(n * 20), n.to_be_bytes().to_vec());
            arrived.extend(network.due_at(MS(n * 20)));
        }
        arrived.extend(network.due_at(MS(1_000_000)));
        let number = |bytes: Vec<u8>| u64::from_be_bytes(bytes.try_into().unwrap());
        let read = |(at, bytes)| {
            let n = number(bytes);
            (n, at - MS(n * 20))
        };
        arrived.into_iter().map(read).collect()
    }

    fn near(count: usize, expected: usize) -> bool {
        count.abs_diff(expected) < expected / 5
    }

    #[test]
    fn the_default_delivers_everything_at_once_and_in_order() {
        let arrived = through(Impairment::default(), 1);
        assert!(arrived.iter().enumerate().all(|(at, (n, took))| at as u64 == *n && took.is_zero()));
        assert_eq!(arrived.len(), 5_000);
    }

    #[test]
    fn each_share_is_kept() {
        let lossy = through(Impairment { loss: 0.05, ..Impairment::default() }, 2);
        assert!(near(5_000 - lossy.len(), 250), "{}", lossy.len());
        let double = through(Impairment { duplicate: 0.05, ..Impairment::default() }, 3);
        assert!(near(double.len() - 5_000, 250), "{}", double.len());
        let mixed = through(Impairment { reorder: 0.05, ..Impairment::default() }, 4);
        let overtaken = mixed.windows(2).filter(|w| w[0].0 > w[1].0).count();
        assert!(near(overtaken, 250), "{overtaken}");
    }

    #[test]
    fn delay_and_uniform_jitter_add_up() {
        let jitter = Jitter::Uniform(MS(60));
        let arrived = through(Impairment { delay: MS(30), jitter, ..Impairment::default() }, 5);
        let (least, most) = arrived.iter().fold((MS(999), MS(0)), |(a, b), (_, t)| (a.min(*t), b.max(*t)));
        assert!(least >= MS(30) && least < MS(32) && most < MS(90) && most > MS(88), "{least:?} {most:?}");
    }

    #[test]
    fn a_spike_holds_up_what_follows_and_keeps_the_order() {
        let arrived = through(Impairment { jitter: Jitter::Spikes(0.01, MS(200)), ..Impairment::default() }, 6);
        assert!(arrived.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(arrived.iter().any(|(_, took)| *took == MS(200)) && arrived.iter().any(|(_, took)| *took == MS(180)));
        assert!(arrived.iter().filter(|(_, took)| took.is_zero()).count() > 4_000);
    }

    #[test]
    fn the_same_seed_gives_the_same_and_another_does_not() {
        let bad = Impairment { loss: 0.1, jitter: Jitter::Uniform(MS(50)), ..Impairment::default() };
        assert_eq!(through(bad, 7), through(bad, 7));
        assert_ne!(through(bad, 7), through(bad, 8));
    }

    #[test]
    fn chance_is_splitmix64() {
        // The first values from seed 1234567, as the generator's reference implementation gives them.
        let mut chance = Chance(1_234_567);
        assert_eq!([chance.draw(), chance.draw()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }

    /// Octets as samples of a hundred each, so that sums can be read.
    const PLAIN: Mulaw =
        Mulaw { from: |octet| (i16::from(octet) - 128) * 100, to: |sample| u8::try_from(sample / 100 + 128).unwrap() };

    fn packet(octets: &[u8]) -> Vec<u8> {
        [&[0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9], octets].concat()
    }

    #[test]
    fn an_echo_comes_back_after_its_delay_and_at_its_level() {
        let mut echo = Echo::new(-20.0, MS(1), PLAIN);
        echo.played(&packet(&[228; 16]));
        let mut sent = packet(&[130; 24]);
        echo.mix(&mut sent);
        assert_eq!(sent, packet(&[[130; 8], [140; 8], [140; 8]].concat()));
        let mut sent = packet(&[130; 8]);
        echo.mix(&mut sent);
        assert_eq!(sent, packet(&[130; 8]));
    }

    #[test]
    fn what_is_no_mulaw_passes_the_echo_unchanged() {
        let mut echo = Echo::new(0.0, MS(0), PLAIN);
        echo.played(&packet(&[228; 8]));
        for datagram in [vec![], vec![0x80; 11], [&[0x80, 101], &packet(&[130; 8])[2..]].concat()] {
            let mut sent = datagram.clone();
            echo.mix(&mut sent);
            assert_eq!(sent, datagram);
        }
    }
}

#[test]
fn the_relay_carries_both_ways_and_ends_when_dropped() {
    let bind = || {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        socket
    };
    let (phone, the_box) = (bind(), bind());
    let relay = Relay::start(Setup { the_box: the_box.local_addr().ok(), ..Setup::default() }).unwrap();
    let mut bytes = [0; 16];
    phone.send_to(b"hello", relay.faces_phone()).unwrap();
    let (length, from) = the_box.recv_from(&mut bytes).unwrap();
    assert_eq!((&bytes[..length], from), (&b"hello"[..], relay.faces_box()));
    the_box.send_to(b"yes", from).unwrap();
    let (length, from) = phone.recv_from(&mut bytes).unwrap();
    assert_eq!((&bytes[..length], from), (&b"yes"[..], relay.faces_phone()));
    drop(relay);
}
