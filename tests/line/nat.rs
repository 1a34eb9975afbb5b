//! The line at a provider's: through an address translation of this machine's own making, and over to the next server.
//!
//! ```text
//!   box 10.77.1.2 -- 10.77.1.1 router, masquerade, 30 s -- 198.51.100.1 -- 198.51.100.10 provider (Kamailio, SIPp)
//! ```
//! In:  three network namespaces, made here and removed whatever happens; that needs root, `ip` and `nft`. Out: a table.
//! The provider's sound goes back to where sound comes from, as behind a session border controller: SIPp cannot, so a socket
//! of the test does.

#![allow(clippy::disallowed_methods, reason = "the peers live in real time and on real sockets of this machine")]

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use anteroom::config::Config;
use anteroom::line::sip::doctor::{Product, sheet};
use anteroom::wire::line::{DeskAnswer, EndedBy};
use nix::sched::{CloneFlags, setns};
use tokio::task::block_in_place;

use crate::box_of_its_own::{Line1, SAYS_HZ, Setup, is_clear};
use crate::by_hand::{ByHand, speak};
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, End, Sipp};
use crate::peers::sounds::{is_tone, mu_law, tone};
use crate::peers::{free_ports, here, installed};
use crate::trouble::{SOON, decoded, over, well};

const BOX: Ipv4Addr = Ipv4Addr::new(10, 77, 1, 2);
const ROUTER: &str = "198.51.100.1";
const PROVIDER: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);
/// For so long a translation lives without a packet, in seconds: the shortest that is common.
const BINDING_S: u64 = 30;

fn row(what: &str, result: &str) {
    println!("| NAT | {what} | {result} |");
}

/// The three networks, of one test.
struct Net {
    names: [String; 3],
}

impl Net {
    /// Makes them; says why not.
    fn build() -> Option<Self> {
        if !(installed(&["ip", "nft", "sysctl"]) && Kamailio::available() && Sipp::available()) {
            return None;
        }
        if !nix::unistd::geteuid().is_root() {
            println!("SKIPPED: network namespaces need root");
            return None;
        }
        let names = ["b", "r", "p"].map(|name| format!("anteroom-{}-{name}", std::process::id()));
        let net = Self { names };
        let [clinic, router, provider] = &net.names;
        let script = format!(
            "set -e
            for n in {clinic} {router} {provider}; do ip netns add $n; ip -n $n link set lo up; done
            ip -n {clinic} link add out0 type veth peer name lan netns {router}
            ip -n {provider} link add out0 type veth peer name wan netns {router}
            ip -n {clinic} addr add {BOX}/24 dev out0; ip -n {clinic} link set out0 up
            ip -n {router} addr add 10.77.1.1/24 dev lan; ip -n {router} link set lan up
            ip -n {router} addr add {ROUTER}/24 dev wan; ip -n {router} link set wan up
            ip -n {provider} addr add {PROVIDER}/24 dev out0; ip -n {provider} link set out0 up
            ip -n {clinic} route add default via 10.77.1.1
            ip netns exec {router} sh -ec '
                sysctl -qw net.ipv4.ip_forward=1
                nft add table ip nat
                nft add chain ip nat out \"{{ type nat hook postrouting priority 100; }}\"
                nft add rule ip nat out oifname wan masquerade random
                sysctl -qw net.netfilter.nf_conntrack_udp_timeout={BINDING_S}
                sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream={BINDING_S}'"
        );
        let made = Command::new("sh").args(["-c", &script]).output().unwrap();
        if !made.status.success() {
            println!("SKIPPED: no namespaces here: {}", String::from_utf8_lossy(&made.stderr).trim());
            return None;
        }
        Some(net)
    }

    fn clinic(&self) -> &str {
        &self.names[0]
    }

    /// Does something at the provider's.
    fn there<T: Send>(&self, what: impl FnOnce() -> T + Send) -> T {
        let name = &self.names[2];
        std::thread::scope(|threads| {
            threads
                .spawn(|| {
                    enter(name);
                    what()
                })
                .join()
                .unwrap()
        })
    }

    /// A runtime within the clinic: its sockets are there.
    fn runtime(&self) -> tokio::runtime::Runtime {
        let name = self.clinic().to_owned();
        let enters = move || enter(&name);
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .on_thread_start(enters)
            .enable_all()
            .build()
            .unwrap()
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        for name in &self.names {
            drop(Command::new("ip").args(["netns", "del", name]).output());
        }
    }
}

/// Moves this thread, and what it starts, into a network.
fn enter(name: &str) {
    let file = File::open(format!("/run/netns/{name}")).unwrap();
    setns(file, CloneFlags::CLONE_NEWNET).unwrap();
}

/// A provider's sound of one call: waits for the first packet, speaks to where it came from, and presses 1 where it is a desk.
/// Returns what it heard, and when the first packet came.
fn border(socket: &UdpSocket, says: &[u8], desk: bool) -> (Vec<i16>, Option<Instant>) {
    let mut bytes = [0; 2_048];
    socket.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    let Ok((_, from)) = socket.recv_from(&mut bytes) else { return (Vec::new(), None) };
    let first = Instant::now();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut law = Vec::new();
    std::thread::scope(|threads| {
        let speaks = threads.spawn(|| {
            let next = speak(socket, from, 77, 1, &says[..if desk { 8_000 } else { says.len() }]);
            if desk {
                press(socket, from, next);
                speak(socket, from, 77, next + 6, &says[8_000..]);
            }
        });
        while !speaks.is_finished() {
            if let Ok((length, _)) = socket.recv_from(&mut bytes)
                && bytes[1] & 0x7f == 0
            {
                law.extend_from_slice(&bytes[12..length]);
            }
        }
    });
    (decoded(&law), Some(first))
}

/// The key 1 as an event (RFC 4733 section 2.5.1.2): three packets, and the end three times.
fn press(socket: &UdpSocket, to: SocketAddr, first: u16) {
    for (at, (end, lasted)) in (0_u16..).zip([(0, 160_u16), (0, 320), (0, 480), (0x80, 640), (0x80, 640), (0x80, 640)])
    {
        let mut packet = vec![0x80, if at == 0 { 0x80 | 101 } else { 101 }];
        packet.extend((first + at).to_be_bytes());
        packet.extend((u32::from(first) * 160).to_be_bytes());
        packet.extend(77_u32.to_be_bytes());
        packet.extend([1, end | 10]);
        packet.extend(lasted.to_be_bytes());
        let _ = socket.send_to(&packet, to);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What `anteroom doctor line --sheet nftables` prints for this provider, for the user that the test runs as.
fn filter(port: u16) -> String {
    let text = format!(
        "[clinic]\nname = \"n\"\naddress = \"a\"\nhours = \"h\"\ntime-zone = \"UTC\"\n[line]\nkind = \"sip\"\n\
         [line.sip]\nprofile = \"hosted-pbx\"\ntransport = \"udp\"\nserver = \"{PROVIDER}:{port}\"\nuser = \"box\"\n\
         password-file = \"p\"\ndesks = [\"201\"]\npublic-ports = \"13000-30998\"\n"
    );
    let sip = Config::parse(&text, std::path::Path::new("/etc")).unwrap().line.sip.unwrap();
    sheet(Product::Nftables, &sip).replace("\"anteroom-lined\"", &nix::unistd::getuid().to_string())
}

/// One call from a telephone at the provider's, with the sound of a border; what both ends heard.
fn call(net: &Net, exchange: u16, service: &'static str, talk_ms: u32) -> (sipp::Outcome, Vec<i16>) {
    net.there(|| {
        let sound = UdpSocket::bind((PROVIDER, 0)).unwrap();
        let port = sound.local_addr().unwrap().port().to_string();
        let says = mu_law(&tone(440.0, 8_000, talk_ms.saturating_sub(500)));
        std::thread::scope(|threads| {
            let hears = threads.spawn(|| border(&sound, &says, false).0);
            let outcome = Sipp::run(&sipp::Options {
                scenario: "caller_by_sbc",
                address: PROVIDER,
                end: End::Caller(exchange),
                service,
                talk_ms,
                words: &[("sound_port", &port)],
                limit: Duration::from_secs(30),
                ..sipp::Options::default()
            });
            (outcome, hears.join().unwrap())
        })
    })
}

/// A desk at the provider's: SIPp, and its sound.
fn desk(port: u16, sound: &UdpSocket) -> (sipp::Outcome, Vec<i16>) {
    let at = sound.local_addr().unwrap().port().to_string();
    let says = mu_law(&tone(900.0, 8_000, 8_000));
    let mut staff = Sipp::start(&sipp::Options {
        scenario: "desk_by_sbc",
        address: PROVIDER,
        port,
        words: &[("sound_port", &at)],
        ..sipp::Options::default()
    });
    let (heard, _) = border(sound, &says, true);
    (staff.outcome(), heard)
}

const USERS: [(&str, &str); 3] = [("box", "secret"), ("handing", "secret"), ("quiet", "secret")];

fn setup<'a>(user: &'a str, servers: &'a [SocketAddr]) -> Setup<'a> {
    Setup {
        at: BOX,
        user,
        domain: "clinic.test",
        servers,
        password: Some("secret"),
        desks: &["201"],
        // What lined takes with "hosted-pbx".
        keep_alive: Some(Duration::from_secs(20)),
        ..Setup::default()
    }
}

#[test]
#[ignore = "a minute: make test-line"]
fn behind_a_nat_a_provider_rings_the_box_after_a_silence_and_both_sides_hear_each_other() {
    let Some(net) = Net::build() else { return };
    let (port, desk_port) = net.there(|| (free_ports(2), free_ports(2)));
    let way_to_desk = format!("sip:desk@{PROVIDER}:{desk_port}");
    let routes = [("201", way_to_desk.as_str())];
    let exchange = net.there(|| {
        Kamailio::start(&kamailio::Options {
            address: PROVIDER,
            port,
            users: &USERS,
            routes: &routes,
            // The provider's forwarding for "unreachable", of the box without keep-alives.
            answering: "quiet",
            desk: "201",
            ..kamailio::Options::default()
        })
    });
    let rules = filter(port);
    let loaded = std::thread::scope(|threads| {
        let load = || {
            enter(net.clinic());
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("line.nft");
            std::fs::write(&file, &rules).unwrap();
            Command::new("nft").arg("-f").arg(&file).output().unwrap()
        };
        threads.spawn(load).join().unwrap()
    });
    assert!(loaded.status.success(), "{}\n{rules}", String::from_utf8_lossy(&loaded.stderr));
    std::thread::scope(|threads| {
        threads.spawn(|| {
            enter(net.clinic());
            net.runtime().block_on(through(&net, &exchange, desk_port));
        });
    });
}

async fn through(net: &Net, exchange: &Kamailio, desk_port: u16) {
    let servers = [SocketAddr::from((PROVIDER, exchange.port()))];
    let line = Line1::start(&setup("box", &servers));
    let handing = Line1::start(&Setup { consults: true, ..setup("handing", &servers) });
    // The address is learned, and nothing is sent between registrations.
    let quiet = Line1::start(&Setup { keep_alive: Some(Duration::from_secs(3_600)), ..setup("quiet", &servers) });
    for (user, _) in USERS {
        assert!(block_in_place(|| exchange.wait_registered(user, true, SOON)), "{user}: {}", exchange.log());
    }
    let contacts: Vec<_> = exchange.events().into_iter().filter(|event| event.starts_with("registered")).collect();
    assert!(contacts.iter().all(|event| event.contains(ROUTER) && !event.contains("10.77.1.2")), "{contacts:?}");
    row("REGISTER with a password, over UDP", "the contact is the router's address and port");
    block_in_place(|| refused_elsewhere(net));

    // Longer than the translation lives, shorter than until the next REGISTER.
    let silence = Duration::from_secs(BINDING_S + 3);
    tokio::time::sleep(silence).await;
    let port = exchange.port();
    let (outcome, heard) = block_in_place(|| call(net, port, "box", 4_000));
    well("caller_by_sbc", &outcome);
    let seen = over(&line, 0).await;
    assert_eq!(seen.ended, Some(EndedBy::Caller));
    assert!(is_clear(&seen.heard, 440.0), "the box hears {} samples", seen.heard.len());
    assert!(heard.len() > 16_000 && is_tone(&heard[8_000..16_000], SAYS_HZ), "{} samples", heard.len());
    row("keep-alive each 20 s, a call 33 s after REGISTER", "rings; heard both ways (translations live 30 s)");

    let staff = block_in_place(|| net.there(|| UdpSocket::bind((PROVIDER, 0)).unwrap()));
    let (control, staffed) = block_in_place(|| {
        std::thread::scope(|threads| {
            let staffed = threads.spawn(|| net.there(|| desk(desk_port, &staff)));
            std::thread::sleep(Duration::from_millis(700));
            (call(net, port, "quiet", 4_000), staffed.join().unwrap())
        })
    });
    assert_eq!(quiet.calls().len(), 0, "the router let the call in without a packet for {} s", silence.as_secs());
    assert!(exchange.desk_reasons().contains(&"408".to_owned()), "{:?}", exchange.events());
    well("caller_by_sbc", &control.0);
    well("desk_by_sbc", &staffed.0);
    row(
        "control: no keep-alive, a call after as long",
        "does not reach the box; the provider's forwarding rings the desk",
    );

    let staff = block_in_place(|| net.there(|| UdpSocket::bind((PROVIDER, 0)).unwrap()));
    let ((outcome, heard), (staffed, at_desk)) = block_in_place(|| {
        std::thread::scope(|threads| {
            let staffed = threads.spawn(|| net.there(|| desk(desk_port, &staff)));
            std::thread::sleep(Duration::from_millis(700));
            (call(net, port, "handing", 7_000), staffed.join().unwrap())
        })
    });
    well("caller_by_sbc", &outcome);
    well("desk_by_sbc", &staffed);
    let seen = over(&handing, 0).await;
    assert_eq!((seen.desk, seen.ended), (vec![DeskAnswer::Accept], Some(EndedBy::Caller)));
    let has = |heard: &[i16], hz| heard.chunks_exact(1_600).filter(|piece| is_tone(piece, hz)).count();
    assert!(has(&heard, 900.0) > 5, "the caller hears the desk: {}", has(&heard, 900.0));
    assert!(has(&at_desk, 440.0) > 5, "the desk hears the caller: {}", has(&at_desk, 440.0));
    row("hand-off to extension 201 at the provider's", "1 pressed; caller and desk hear each other");
    row("all of it under the packet filter of `--sheet nftables`", "passes; other ports are refused");
    for line in [line, handing, quiet] {
        line.stop().await;
    }
}

/// The packet filter lets nothing else out of the clinic.
fn refused_elsewhere(net: &Net) {
    let web = net.there(|| std::net::TcpListener::bind((PROVIDER, 8_080)).unwrap());
    let to = SocketAddr::from((PROVIDER, 8_080));
    let tried = TcpStream::connect_timeout(&to, Duration::from_secs(3));
    assert_eq!(tried.unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    drop(web);
    let socket = UdpSocket::bind((BOX, 40_000)).unwrap();
    // Refused by the filter: told at once to who sends.
    assert!(socket.send_to(b"x", (PROVIDER, 5_999)).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_first_server_dies_the_box_is_rung_by_the_second() {
    if !(Kamailio::available() && Sipp::available()) {
        return;
    }
    let options = kamailio::Options { users: &USERS, ..kamailio::Options::default() };
    let mut first = Kamailio::start(&options);
    let second = Kamailio::start(&kamailio::Options { port: free_ports(2), ..options });
    let servers = [here(first.port()), here(second.port())];
    let line = Line1::start(&Setup {
        domain: "clinic.test",
        servers: &servers,
        password: Some("secret"),
        keep_alive: Some(Duration::from_secs(2)),
        ..Setup::default()
    });
    assert!(block_in_place(|| first.wait_registered("box", true, SOON)), "{}", first.log());
    // One whose call is up meanwhile, and stays, and long enough for the first look.
    let (mut hand, mut began) = (ByHand::towards(line.port), Instant::now());
    let taken = block_in_place(|| {
        let sdp = hand.plain();
        hand.call(&sdp);
        std::thread::sleep(Duration::from_secs(5));
        assert!(!second.registered("box"));
        first.stop();
        began = Instant::now();
        second.wait_registered("box", true, Duration::from_secs(10)).then(|| began.elapsed())
    });
    let taken = taken.unwrap_or_else(|| panic!("not registered with the second: {}", second.log()));
    let end = End::Caller(second.port());
    let outcome = block_in_place(|| Sipp::run(&sipp::Options { end, ..sipp::Options::default() }));
    well("caller_basic", &outcome);
    let seen = over(&line, 1).await;
    assert!(is_clear(&seen.heard, 440.0), "{} samples", seen.heard.len());
    block_in_place(|| hand.bye());
    assert_eq!(over(&line, 0).await.ended, Some(EndedBy::Caller));
    let took =
        format!("registered with the second after {:.1} s; rung by it; the call before goes on", taken.as_secs_f32());
    row("the first of two servers dies (asked each 2 s)", &took);
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_service_is_passed_over_at_once() {
    if !(Kamailio::available() && Sipp::available()) {
        return;
    }
    let second = Kamailio::start(&kamailio::Options { users: &USERS, ..kamailio::Options::default() });
    // Answers every REGISTER with 503.
    let trouble = UdpSocket::bind(here(0)).unwrap();
    let servers = [trouble.local_addr().unwrap(), here(second.port())];
    let ends = std::sync::atomic::AtomicBool::new(false);
    let line = Line1::start(&Setup {
        domain: "clinic.test",
        servers: &servers,
        password: Some("secret"),
        keep_alive: Some(Duration::from_secs(20)),
        ..Setup::default()
    });
    let asked = block_in_place(|| {
        std::thread::scope(|threads| {
            let asked = threads.spawn(|| unable(&trouble, &ends));
            assert!(second.wait_registered("box", true, SOON), "{}", second.log());
            ends.store(true, std::sync::atomic::Ordering::Relaxed);
            asked.join().unwrap()
        })
    });
    assert!(asked > 0, "the first was asked first");
    row("the first server answers 503", "registered with the second at once");
    line.stop().await;
}

fn unable(socket: &UdpSocket, ends: &std::sync::atomic::AtomicBool) -> u32 {
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let (mut asked, mut bytes) = (0, [0; 4_096]);
    while !ends.load(std::sync::atomic::Ordering::Relaxed) {
        let Ok((length, from)) = socket.recv_from(&mut bytes) else { continue };
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        let copied =
            |line: &&str| ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].iter().any(|name| line.starts_with(name));
        let headers: Vec<_> = text.lines().filter(copied).collect();
        let answer =
            format!("SIP/2.0 503 Service Unavailable\r\n{}\r\nContent-Length: 0\r\n\r\n", headers.join("\r\n"));
        socket.send_to(answer.as_bytes(), from).unwrap();
        asked += 1;
    }
    asked
}
