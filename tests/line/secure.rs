//! Calls that nobody on the network can listen to: SIP over TLS, sound over SRTP, and what happens to who cannot.

#![allow(clippy::disallowed_methods, reason = "the peers live in real time and on real sockets of this machine")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anteroom::config::telephone::{Srtp, Transport};
use anteroom::wire::line::EndedBy;
use tokio::task::block_in_place;

use crate::box_of_its_own::{Line1, SAYS_HZ, Setup, is_clear};
use crate::peers::baresip::{self, Baresip};
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, Sipp};
use crate::peers::sounds::{is_tone, tone};
use crate::peers::{free_ports, installed};
use crate::trouble::{SOON, over, passed, rings, well};

/// What the daemon does at its start.
fn provide_cryptography() {
    // Another test of this process may have done it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

/// An authority of its own, and a certificate of it for 127.0.0.1 with its key: as a clinic's exchange has them. One that
/// signed itself is no server's certificate to a careful client (RFC 5280 section 4.2.1.9).
fn authority(folder: &Path) -> (PathBuf, PathBuf, PathBuf) {
    let run = |args: &str| {
        let made = Command::new("openssl").args(args.split(' ')).current_dir(folder).stderr(Stdio::null()).status();
        assert!(made.unwrap().success(), "openssl {args}");
    };
    fs::write(folder.join("leaf.ext"), "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1,DNS:localhost\n")
        .unwrap();
    run("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=clinic -keyout ca.key -out ca.pem");
    run("req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout key.pem -out leaf.csr");
    run("x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile leaf.ext -out cert.pem");
    (folder.join("ca.pem"), folder.join("cert.pem"), folder.join("key.pem"))
}

const USERS: [(&str, &str); 2] = [("box", "secret"), ("phone", "other")];

/// The telephone rings the box, both say their tone for 3 s, and each must hear the other's.
async fn both_hear(line: &Line1, exchange: &Kamailio, options: &baresip::Options<'_>, at: usize) {
    let mut phone = Baresip::start(options);
    block_in_place(|| {
        assert!(exchange.wait_registered("phone", true, SOON), "{}", phone.log());
        phone.dial(&format!("sip:box@127.0.0.1:{}", options.registrar));
        assert!(phone.wait_for("CALL_ESTABLISHED", SOON).is_some(), "{}\n{}", phone.log(), exchange.log());
        std::thread::sleep(Duration::from_secs(3));
        phone.hang_up();
    });
    let seen = over(line, at).await;
    assert_eq!(seen.ended, Some(EndedBy::Caller));
    assert!(is_clear(&seen.heard, 440.0), "the box hears {} samples", seen.heard.len());
    let heard = phone.heard().concat();
    assert!(heard.len() > 16_000 && is_tone(&heard[8_000..16_000], SAYS_HZ), "{} samples", heard.len());
}

fn telephone(registrar: u16, srtp: bool) -> baresip::Options<'static> {
    let says = tone(440.0, 8_000, 6_000);
    baresip::Options { user: "phone", password: "other", registrar, srtp, says, ..baresip::Options::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_with_srtp_both_sides_hear_each_other() {
    if !(Kamailio::available() && Baresip::available() && installed(&["openssl"])) {
        return;
    }
    provide_cryptography();
    let folder = tempfile::tempdir().unwrap();
    let (authority, cert, key) = authority(folder.path());
    let port = free_ports(2);
    let tls = Some((port, cert, key));
    let exchange = Kamailio::start(&kamailio::Options { users: &USERS, tls, ..kamailio::Options::default() });
    let line = Line1::start(&Setup {
        server: port,
        password: Some("secret"),
        transport: Transport::Tls,
        authorities: fs::read(&authority).ok(),
        srtp: Srtp::Require,
        ..Setup::default()
    });
    assert!(block_in_place(|| exchange.wait_registered("box", true, SOON)), "{}", exchange.log());
    let transport = baresip::Transport::Tls(authority);
    let options = baresip::Options { transport, ..telephone(port, true) };
    both_hear(&line, &exchange, &options, 0).await;
    passed(20, "TLS to the exchange on both sides, SRTP required", "both hear each other");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_with_another_certificate_is_not_registered_at() {
    if !(Kamailio::available() && installed(&["openssl"])) {
        return;
    }
    provide_cryptography();
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (_, cert, key) = authority(folder.path());
    let (stranger, _, _) = authority(other.path());
    let port = free_ports(2);
    let tls = Some((port, cert, key));
    let exchange = Kamailio::start(&kamailio::Options { users: &USERS, tls, ..kamailio::Options::default() });
    let line = Line1::start(&Setup {
        server: port,
        password: Some("secret"),
        transport: Transport::Tls,
        authorities: fs::read(stranger).ok(),
        ..Setup::default()
    });
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(!line.standing.is_registered() && !exchange.registered("box"));
    assert!(!exchange.events().iter().any(|event| event.starts_with("challenged")), "nothing was said to it");
    passed(20, "an exchange whose certificate another authority signed", "not registered, nothing said");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_prefers_srtp_talks_to_those_who_can_and_to_those_who_cannot() {
    if !(Kamailio::available() && Baresip::available()) {
        return;
    }
    let exchange = Kamailio::start(&kamailio::Options { users: &USERS, ..kamailio::Options::default() });
    let setup = Setup { server: exchange.port(), password: Some("secret"), srtp: Srtp::Prefer, ..Setup::default() };
    let line = Line1::start(&setup);
    assert!(block_in_place(|| exchange.wait_registered("box", true, SOON)), "{}", exchange.log());
    for (at, srtp) in [(0, true), (1, false)] {
        both_hear(&line, &exchange, &telephone(exchange.port(), srtp), at).await;
    }
    passed(20, "SRTP preferred: a telephone with it and one without", "both are heard and hear");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_requires_srtp_takes_no_call_in_the_clear() {
    if !Sipp::available() {
        return;
    }
    let line = Line1::start(&Setup { srtp: Srtp::Require, ..Setup::default() });
    let outcome = rings(&line, sipp::Options { talk_ms: 500, ..sipp::Options::default() }).await;
    assert!(outcome.failed() == 1 && outcome.errors.contains("488"), "{}", outcome.errors);
    assert!(line.calls().is_empty(), "it never rang");
    line.stop().await;
    let line = Line1::start(&Setup { srtp: Srtp::Prefer, ..Setup::default() });
    well("caller_basic", &rings(&line, sipp::Options { talk_ms: 500, ..sipp::Options::default() }).await);
    line.stop().await;
    passed(20, "a caller in the clear, SRTP required", "488 before it rings");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_that_one_of_many_public_authorities_signed_is_believed_and_a_lost_connection_is_seen_at_once() {
    let public = "/etc/ssl/certs/ca-certificates.crt";
    let Ok(public) = fs::read(public) else {
        println!("SKIPPED: no {public}: apt-get install ca-certificates");
        return;
    };
    if !(Kamailio::available() && installed(&["openssl"])) {
        return;
    }
    provide_cryptography();
    let folder = tempfile::tempdir().unwrap();
    let (authority, cert, key) = authority(folder.path());
    let port = free_ports(2);
    let tls = Some((port, cert, key));
    let mut exchange = Kamailio::start(&kamailio::Options { users: &USERS, tls, ..kamailio::Options::default() });
    let setup = |authorities: Vec<u8>| Setup {
        server: port,
        password: Some("secret"),
        transport: Transport::Tls,
        authorities: Some(authorities),
        keep_alive: Some(Duration::from_secs(1)),
        srtp: Srtp::Require,
        ..Setup::default()
    };
    // As lined reads them where there is no ca-file: this exchange's is none of them.
    let line = Line1::start(&setup(public.clone()));
    assert!(!block_in_place(|| exchange.wait_registered("box", true, Duration::from_secs(3))), "not among them");
    line.stop().await;
    let line = Line1::start(&setup([public, fs::read(&authority).unwrap()].concat()));
    assert!(block_in_place(|| exchange.wait_registered("box", true, SOON)), "{}", exchange.log());
    let again = block_in_place(|| {
        std::thread::sleep(Duration::from_secs(2));
        exchange.restart();
        assert!(!exchange.registered("box"));
        let began = std::time::Instant::now();
        exchange.wait_registered("box", true, Duration::from_secs(10)).then(|| began.elapsed())
    });
    let again = again.unwrap_or_else(|| panic!("not registered again: {}", exchange.log()));
    let result =
        format!("refused without it; registered again {:.1} s after the connection was lost", again.as_secs_f32());
    passed(20, "the public authorities and the exchange's own among them", &result);
    line.stop().await;
}
