//! The call's edges with real peers: hours and what staff dial, overflow, crossing re-INVITEs, and a clock that jumps.

#![allow(clippy::disallowed_methods, reason = "the peers live in real time and on real sockets of this machine")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use anteroom::config::hours::{Answer, Hours, Span, Star};
use anteroom::pcm::g711;
use anteroom::wire::line::EndedBy;
use jiff::civil::Time;
use tokio::task::block_in_place;

use crate::box_of_its_own::{Line1, SAYS_HZ, Setup, is_clear};
use crate::by_hand::{ByHand, audio_port, header, speak};
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, End, Sipp};
use crate::peers::sounds::{mu_law, tone};
use crate::peers::{free_ports, here};
use crate::trouble::{SOON, over, passed, rings, well};

fn edge(what: &str, result: &str) {
    println!("| edge | {what} | {result} |");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_dial_when_the_box_answers_and_nobody_else_can() {
    if !(Kamailio::available() && Sipp::available()) {
        return;
    }
    let (exchange_port, at_desk) = (free_ports(2), free_ports(2));
    let star = |code: &str, answer| Star { code: code.to_owned(), answer };
    // Never open: in "lunch" the box answers nobody.
    let hours = Hours {
        answer: Answer::Lunch,
        stars: vec![star("*71", Some(Answer::Always)), star("*70", None)],
        stars_stay: true,
        ..Hours::default()
    };
    let line = Line1::start(&Setup { server: exchange_port, hours, ..Setup::default() });
    let to_box = |user: &str| format!("sip:{user}@127.0.0.1:{}", line.port);
    let (desk, the_box, always, back) =
        (format!("sip:desk@127.0.0.1:{at_desk}"), to_box("box"), to_box("*71"), to_box("*70"));
    let exchange = Kamailio::start(&kamailio::Options {
        port: exchange_port,
        routes: &[("desk", &desk), ("box", &the_box), ("*71", &always), ("*70", &back)],
        challenge_calls: false,
        ..kamailio::Options::default()
    });
    let staff = sipp::Options { scenario: "desk_answers_all", port: at_desk, calls: 9, ..sipp::Options::default() };
    let _staff = Sipp::start(&staff);
    let dials = async |service: &'static str, from: &'static str, scenario: &'static str| {
        let end = End::Caller(exchange_port);
        let outcome = tokio::task::spawn_blocking(move || {
            let words = [("caller", from)];
            Sipp::run(&sipp::Options {
                scenario,
                end,
                service,
                words: &words,
                talk_ms: 700,
                ..sipp::Options::default()
            })
        });
        well(service, &outcome.await.unwrap());
    };
    let (outside, at_201) = ("6175550100", "201");
    let counts = |exchange: &Kamailio| (line.calls().len(), exchange.desk_reasons().len());
    dials("box", outside, "caller_basic").await;
    assert_eq!((counts(&exchange), exchange.desk_reasons().last().unwrap().as_str()), ((0, 1), "480"));
    dials("*71", at_201, "caller_waits_bye").await;
    dials("box", outside, "caller_basic").await;
    assert_eq!(counts(&exchange), (1, 1), "the box answers now");
    // From outside the code is a call like any other, and changes nothing.
    dials("*70", outside, "caller_basic").await;
    assert_eq!(counts(&exchange), (2, 1));
    dials("*70", at_201, "caller_waits_bye").await;
    dials("box", outside, "caller_basic").await;
    assert_eq!(counts(&exchange), (2, 2), "as the file says");
    edge(
        "hours and star codes, Kamailio",
        "480 and the desk; *71: the box; *70 from outside: nothing; from the desk: back",
    );
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_have_their_rings_before_the_box_answers() {
    if !Sipp::available() {
        return;
    }
    let all_day = Span { from: Time::midnight(), to: Time::midnight() };
    let open = std::array::from_fn(|_| vec![all_day]);
    let hours = Hours { answer: Answer::Overflow, overflow_rings: 1, open, ..Hours::default() };
    let line = Line1::start(&Setup { hours, ..Setup::default() });
    let began = Instant::now();
    let gives_up = rings(&line, sipp::Options { scenario: "caller_cancel_early", ..sipp::Options::default() });
    let stays = rings(&line, sipp::Options { talk_ms: 500, ..sipp::Options::default() });
    let (gives_up, stays) = tokio::join!(gives_up, stays);
    let took = began.elapsed();
    well("caller_cancel_early", &gives_up);
    well("caller_basic", &stays);
    assert_eq!(over(&line, 0).await.ended, Some(EndedBy::Caller));
    assert_eq!(line.calls().len(), 1, "who gave up while staff's telephones rang never came to the box");
    assert!(took >= Duration::from_millis(6_500), "one ring is six seconds: {took:?}");
    edge("overflow after one ring, SIPp", "answered after 6 s; a caller whom staff took meanwhile never came");
    line.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_11_reinvites_that_cross_are_both_refused_and_both_tried_again() {
    let line = Line1::start(&Setup::default());
    let mut hand = ByHand::towards(line.port);
    let sdp = hand.plain();
    block_in_place(|| {
        hand.invite_with("Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n", &sdp);
        let (code, message) = hand.answer("INVITE", SOON).unwrap();
        assert!(code == 200 && message.contains("refresher=uas"), "{message}");
        hand.ack(200);
        let at = here(audio_port(&message).unwrap());
        std::thread::scope(|threads| {
            let caller = hand.rtp.try_clone().unwrap();
            threads.spawn(move || speak(&caller, at, 7, 1, &mu_law(&tone(440.0, 8_000, 60_000))));
            let is_reinvite = |text: &str| text.starts_with("INVITE ");
            // The box refreshes by half of the interval; ours crosses it.
            let theirs = hand.wait(Duration::from_secs(50), is_reinvite).expect("a refresh");
            hand.request("INVITE", "Content-Type: application/sdp\r\n", &sdp);
            let (code, _) = hand.answer("INVITE", SOON).expect("an answer to ours");
            assert_eq!(code, 491, "RFC 3261 section 14.2");
            hand.request_ack(code);
            hand.reply(&theirs, "491 Request Pending");
            // Who does not own the call's id tries again within 2 s (RFC 3261 section 14.1).
            let again = hand.wait(Duration::from_secs(8), |text| is_reinvite(text) && !same_request(text, &theirs));
            hand.reply_with(
                &again.expect("the refresh again"),
                "200 OK",
                "Session-Expires: 90;refresher=uac\r\n",
                &sdp,
            );
            assert!(hand.wait(SOON, |text| text.starts_with("ACK ")).is_some());
            hand.request("INVITE", "Content-Type: application/sdp\r\n", &sdp);
            let (code, message) = hand.answer("INVITE", SOON).expect("an answer to ours");
            assert_eq!(code, 200, "{message}");
            hand.request_ack(code);
            hand.bye();
        });
    });
    let seen = over(&line, 0).await;
    assert!(seen.ended == Some(EndedBy::Caller) && is_clear(&seen.heard, 440.0));
    passed(11, "re-INVITEs that cross, by hand", "491 each way, both again and taken, the sound goes on");
    line.stop().await;
}

fn same_request(one: &str, other: &str) -> bool {
    header(one, "CSeq") == header(other, "CSeq")
}

/// A line in a process whose wall clock can be moved, and nothing else of the machine.
struct Jumping {
    child: Child,
    port: u16,
    /// Its end ends the process.
    open: Option<ChildStdin>,
    folder: tempfile::TempDir,
}

/// The library that answers for the clock (Debian's faketime).
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

impl Jumping {
    fn start(library: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("offset"), "+0").unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "edges::the_line", "--ignored", "--nocapture"]);
        command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", folder.path().join("offset"));
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("EDGES_LINE", "1");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (open, out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut lines = BufReader::new(out).lines().map_while(Result::ok);
        let port = lines.find_map(|line| line.split_once("port: ")?.1.trim().parse().ok()).expect("a port");
        // What else it says is for nobody; an unread pipe would stop it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port, open: Some(open), folder }
    }

    fn jump(&self, offset: &str) {
        std::fs::write(self.folder.path().join("offset"), offset).unwrap();
    }
}

impl Drop for Jumping {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process with the line. It does nothing unless another test starts it, and ends when its input does.
#[test]
#[ignore = "started by another test, in a process and an environment of its own"]
fn the_line() {
    if std::env::var_os("EDGES_LINE").is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let line = runtime.block_on(async { Line1::start(&Setup::default()) });
    println!("port: {}", line.port);
    let year = || jiff::Timestamp::now().as_second();
    let before = year();
    let watched = std::thread::spawn(move || {
        // Whether the clock was really moved, this process says by ending badly.
        let end = Instant::now() + Duration::from_secs(60);
        while (year() - before).abs() < 1_800 && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!(Instant::now() < end, "the clock never jumped");
    });
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    watched.join().unwrap();
}

#[test]
#[ignore = "minutes: make test-line"]
fn case_19_a_clock_that_jumps_moves_no_call() {
    let library = Path::new(FAKETIME);
    if !library.exists() {
        println!("not run: faketime is not installed (make line-peers)");
        return;
    }
    let mut line = Jumping::start(library);
    for offset in ["+3600s", "-7200s", "+0"] {
        let mut hand = ByHand::towards(line.port);
        let sdp = hand.plain();
        let at = hand.call(&sdp);
        let next = speak(&hand.rtp, at, 7, 1, &mu_law(&tone(440.0, 8_000, 1_500)));
        hand.heard();
        line.jump(offset);
        speak(&hand.rtp, at, 7, next, &mu_law(&tone(440.0, 8_000, 3_000)));
        let heard: Vec<i16> = hand.heard().into_iter().map(g711::from_mulaw).collect();
        // As many frames as there is time, and the tone without a break.
        let frames = heard.len() / 160;
        assert!((140..=160).contains(&frames), "{offset}: {frames} frames in 3 s");
        assert!(is_clear(&heard, SAYS_HZ), "{offset}");
        assert!(!hand.asked.iter().any(|method| method == "BYE"), "{offset}");
        hand.bye();
    }
    line.open = None;
    let status = line.child.wait().unwrap();
    assert!(status.success(), "{status}");
    passed(
        19,
        "a clock an hour ahead, an hour behind, right again, in calls",
        "each call goes on, no frame more or less",
    );
}
