#![expect(clippy::disallowed_methods, reason = "the far ends of legs are sockets of this machine")]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use super::*;
use crate::line::port::{self, AudioPort};
use crate::line::ports::Ports;
use crate::line::rtp::packet::{Header, Packet};
use crate::line::rtp::sender::Start;
use crate::line::rtp::{Law, PCMU};
use crate::pcm::g711;

/// The far end of a leg.
struct Peer {
    socket: UdpSocket,
    sequence: u16,
}

impl Peer {
    fn new() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        Self { socket, sequence: 0 }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Sends 20 ms of one sample.
    fn says(&mut self, to: u16, sample: i16) {
        let header = Header {
            payload_type: PCMU,
            marker: false,
            sequence: self.sequence,
            timestamp: u32::from(self.sequence) * 160,
            ssrc: 9,
        };
        self.sequence += 1;
        let mut out = Vec::new();
        Packet { header, payload: &[g711::to_mulaw(sample); 160] }.write(&mut out);
        self.socket.send_to(&out, (Ipv4Addr::LOCALHOST, to)).unwrap();
    }

    /// What has come: each packet's timestamp, and its first sample.
    fn hears(&self) -> Option<(u32, i16)> {
        let mut bytes = [0; 400];
        let length = self.socket.recv(&mut bytes).ok()?;
        let packet = Packet::parse(&bytes[..length]).unwrap();
        Some((packet.header.timestamp, g711::from_mulaw(packet.payload[0])))
    }
}

struct Scene {
    run: Run,
    now: Duration,
    _orders: mpsc::Sender<Order>,
}

impl Scene {
    fn new() -> Self {
        let (orders, taken) = mpsc::channel();
        let (pulse, beat, legs) = (Arc::default(), Beat::default(), BTreeMap::new());
        let run = Run { orders: taken, pulse, beat, legs, start: Instant::now() };
        Self { run, now: Duration::ZERO, _orders: orders }
    }

    fn leg(&mut self, id: u64, peer: &Peer, side: Side) -> (u16, tokio::sync::mpsc::Receiver<Heard>) {
        let ports = Ports::new(Ipv4Addr::LOCALHOST.into(), &(21_000..=24_999));
        let sockets = ports.take().unwrap();
        let port = sockets.port;
        let (heard, keys) = tokio::sync::mpsc::channel(8);
        let start = Start { ssrc: 1, sequence: 1, timestamp: 0 };
        let (leg, _) = Leg::new(NewLeg { sockets, change: change(peer, true), guard: None, start, side, heard });
        self.run.legs.insert(id, leg);
        (port, keys)
    }

    fn tick(&mut self, skipped: u32) {
        self.now += FRAME * (skipped + 1);
        self.run.tick(self.now, skipped);
    }
}

fn change(peer: &Peer, hears: bool) -> Change {
    let agreed = Agreed {
        law: Law::Mu,
        payload_type: PCMU,
        both_laws: true,
        key_type: Some(101),
        noise: false,
        described: peer.address(),
        secure: false,
    };
    Change { agreed, reports_to: None, key: None, sends: true, hears }
}

fn loud(frame: &Frame) -> bool {
    frame.samples().iter().any(|sample| sample.unsigned_abs() > 1_000)
}

/// How many loud frames the port has.
async fn heard(port: &AudioPort, of: usize) -> usize {
    let mut count = 0;
    for _ in 0..of {
        count += usize::from(loud(&port.hear().await));
    }
    count
}

#[tokio::test]
async fn a_caller_is_heard_and_what_is_played_leaves_and_is_counted() {
    let (mut scene, mut peer) = (Scene::new(), Peer::new());
    let (port, jack) = port::pair();
    let (to, _keys) = scene.leg(0, &peer, Side::Caller(jack));
    port.play(Frame::from_samples(&[8_000; 160]).unwrap());
    for _ in 0..20 {
        peer.says(to, 12_000);
        scene.tick(0);
    }
    assert!(heard(&port, 20).await >= 14, "all but what the jitter buffer holds");
    assert!(peer.hears().unwrap().1 > 7_000);
    assert_eq!(peer.hears().unwrap().1, 0, "silence where nothing is to be played");
    assert_eq!(port.played(), 1);
}

#[tokio::test]
async fn caller_and_desk_hear_each_other_once_they_are_connected_and_not_before() {
    let (mut scene, mut caller, mut desk) = (Scene::new(), Peer::new(), Peer::new());
    let (port, jack) = port::pair();
    let (to_caller, _one) = scene.leg(0, &caller, Side::Caller(jack));
    let (to_desk, _two) = scene.leg(1, &desk, Side::Desk);
    let talk = |scene: &mut Scene, caller: &mut Peer, desk: &mut Peer| {
        for _ in 0..20 {
            caller.says(to_caller, 12_000);
            desk.says(to_desk, -6_000);
            scene.tick(0);
        }
        let last = |peer: &Peer| (0..20).fold(0, |last, _| peer.hears().map_or(last, |(_, sample)| sample));
        (last(caller), last(desk))
    };
    assert_eq!(talk(&mut scene, &mut caller, &mut desk), (0, 0));
    scene.run.obey(Order::Bridge(0, 1));
    let (to_the_caller, to_the_desk) = talk(&mut scene, &mut caller, &mut desk);
    assert!(to_the_caller < -5_000 && to_the_desk > 11_000, "{to_the_caller}, {to_the_desk}");
    assert!(port.hear_desk().is_some(), "what staff say is there for the recording");
    scene.run.obey(Order::Remove(1));
    caller.says(to_caller, 12_000);
    scene.tick(0);
    assert_eq!(caller.hears().unwrap().1, 0);
}

#[tokio::test]
async fn a_brief_is_played_once_and_its_end_is_told() {
    let (mut scene, peer) = (Scene::new(), Peer::new());
    let (_, mut told) = scene.leg(0, &peer, Side::Desk);
    scene.run.obey(Order::Play(0, vec![9_000; 400]));
    for _ in 0..4 {
        scene.tick(0);
    }
    let played: Vec<_> = (0..4).map(|_| peer.hears().unwrap().1 > 8_000).collect();
    assert_eq!(played, [true, true, true, false]);
    assert_eq!(told.try_recv(), Ok(Heard::BriefOver));
    assert!(told.try_recv().is_err());
}

#[tokio::test]
async fn after_a_stall_one_packet_leaves_and_its_timestamp_has_gone_on() {
    let (mut scene, peer) = (Scene::new(), Peer::new());
    let (_, _keys) = scene.leg(0, &peer, Side::Desk);
    scene.tick(0);
    scene.tick(10);
    let (first, second) = (peer.hears().unwrap().0, peer.hears().unwrap().0);
    assert_eq!(second.wrapping_sub(first), 11 * 160);
    assert_eq!(peer.hears(), None, "no burst");
}

#[tokio::test]
async fn a_call_that_is_held_stands_still() {
    let (mut scene, mut peer) = (Scene::new(), Peer::new());
    let (port, jack) = port::pair();
    let (to, _keys) = scene.leg(0, &peer, Side::Caller(jack));
    scene.run.obey(Order::Change(0, Box::new(change(&peer, false))));
    port.play(Frame::from_samples(&[8_000; 160]).unwrap());
    for _ in 0..5 {
        peer.says(to, 12_000);
        scene.tick(0);
    }
    let none = tokio::time::timeout(Duration::from_millis(1), port.hear()).await;
    assert!(none.is_err(), "music on hold is nobody's words");
    assert_eq!(port.played(), 0, "what was to be said waits");
}
