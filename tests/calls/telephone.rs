//! A whole call over the telephone: SIPp rings through Kamailio, the box answers, hears, books, and hands the caller to a
//! desk that accepts; the record verifies.
//!
//! The caller's sound is that of a simulated caller who made the same call before, over the box's own socket in virtual
//! time: there the box answers at once. Between its utterances time is let in for a box that hears in real time.

use std::path::Path;
use std::time::Duration;

use anteroom::caller::ring::{Options, place_call};
use anteroom::caller::scenario::Scenario;
use anteroom::cli::home::Home;
use anteroom::clock::SystemClock;
use anteroom::config::RecogniserKind;
use anteroom::pcm::g711;
use anteroom::tasks::Stop;
use anteroom::wire::line::Pace;
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::boxed::{Boxed, folder};
use crate::peers::free_ports;
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, End, Sipp};

mod kills;
mod soak;

/// How much later each utterance comes than the one before it, samples at 8 kHz: the box hears in real time, and is busy.
const LATER: usize = 12_000;
/// Quiet that ends an utterance, samples.
const GAP: usize = 6_400;
/// What counts as sound.
const LOUD: u16 = 300;

const SCENARIO: &str = r#"
[caller]
voice = "flite:rms"
noise = -60
seed = 1
number = "5125550143"

[[say]]
when = "anything else"
text = "i would like to speak to a person"

[[say]]
when = "anything"
text = "i would like to book an appointment"
times = 2

[[say]]
when = "dob"
text = "march the fourth nineteen sixty two"
times = 2

[[say]]
when = "name"
text = "mary lopez"
times = 2

[[say]]
when = "date"
text = "tuesday morning please"
times = 2

[[say]]
when = "yes-no"
text = "yes please"
times = 3

[desk]
answer = "accept"

[expect]
outcome = "handed-over"
tools = ["find_patient", "find_slots", "book"]
"#;

/// The caller's side of the call, 8 kHz, with time let in before each utterance.
async fn callers_sound(wav: &Path) -> Vec<i16> {
    let boxed = Boxed::start().await;
    let scenario = Scenario::parse(SCENARIO).unwrap();
    let options = Options {
        pace: Pace::Virtual,
        voice: None,
        wav_in: None,
        keep_audio: false,
        facts: None,
        clock: std::sync::Arc::new(SystemClock),
    };
    let report = place_call(boxed.run(), &scenario, options, Stop::new()).await.unwrap();
    assert!(report.answered);
    // The last piece of a call's sound is kept a moment after its end.
    let mut kept = Err(anteroom::cli::record::RecordCliError::NoSound);
    for _ in 0..50 {
        kept = anteroom::cli::record::export_audio(&boxed.record(), "last", wav).await;
        if kept.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    kept.unwrap();
    boxed.stop().await;
    let mut reader = hound::WavReader::open(wav).unwrap();
    assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 8_000));
    let samples: Vec<i16> = reader.samples::<i16>().map(Result::unwrap).collect();
    let caller: Vec<i16> = samples.iter().copied().step_by(2).collect();
    let mut out = Vec::new();
    let mut quiet = GAP;
    for block in caller.chunks(80) {
        let loud = block.iter().any(|sample| sample.unsigned_abs() > LOUD);
        if loud && quiet >= GAP {
            out.extend(vec![0; LATER]);
        }
        quiet = if loud { 0 } else { quiet + block.len() };
        out.extend(block);
    }
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn a_spoken_call_through_a_registrar_books_and_is_handed_to_a_desk_that_accepts() {
    if !(Kamailio::available() && Sipp::available()) {
        return;
    }
    let scratch = tempfile::tempdir().unwrap();
    let mut sound = callers_sound(&scratch.path().join("caller.wav")).await;
    // The desk talks on; the caller says nothing more until they hang up.
    sound.extend(vec![0; 8_000 * 20]);
    let sound: Vec<u8> = sound.into_iter().map(g711::to_mulaw).collect();
    let Scene { exchange, boxed, staff, _password } = Scene::start(&sipp::Options {
        scenario: "desk_accepts",
        talk_ms: 5_000,
        limit: Duration::from_secs(240),
        ..sipp::Options::default()
    })
    .await;
    let to = exchange.port();
    let talk_ms = u32::try_from(sound.len() / 8).unwrap();
    let ran = tokio::task::spawn_blocking(move || {
        Sipp::run(&sipp::Options {
            end: End::Caller(to),
            service: "box",
            sound,
            talk_ms,
            limit: Duration::from_secs(240),
            words: &[("caller", "5125550143")],
            ..sipp::Options::default()
        })
    });
    let outcome = ran.await.unwrap();
    let events = boxed.events_of_the_last().await;
    let story = boxed.story().await;
    assert_eq!((outcome.status, outcome.failed()), (0, 0), "{}\n{story}", outcome.errors);
    let of = |kind: &str| events.iter().filter(|event| event["kind"] == kind).cloned().collect::<Vec<Value>>();
    let booked = |event: &Value| event["body"]["tool"] == "book" && event["body"]["result"]["state"] != "failed";
    assert!(of("tool.result").iter().chain(&of("tool.call")).any(booked), "{story}");
    let taken = of("handoff.result").iter().any(|event| event["body"]["result"] == "accept");
    assert!(taken, "{story}\n{}\n{}\n{}", exchange.log(), staff.errors(), staff.messages());
    assert_eq!(of("call.end").len(), 1, "{story}");
    let (whole, report) = boxed.verified().await;
    assert!(whole, "{report}");
    println!(
        "| whole call | SIPp, Kamailio, a desk | {} events, {} heard, booked, handed over, whole |",
        events.len(),
        of("heard").len()
    );
    drop(staff);
    boxed.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: make test-line"]
async fn case_15_when_the_line_is_killed_stopped_or_has_no_brain_the_desk_rings_within_two_seconds() {
    if !(Kamailio::available() && Sipp::available()) {
        return;
    }
    for (what, process, signal) in [
        ("lined killed", "lined", Signal::SIGKILL),
        ("lined stopped", "lined", Signal::SIGSTOP),
        ("anteroomd killed", "anteroomd", Signal::SIGKILL),
    ] {
        let desk = sipp::Options { scenario: "desk_answers_all", calls: 9, ..sipp::Options::default() };
        let Scene { exchange, boxed, staff, _password } = Scene::start(&desk).await;
        assert!(boxed.processes.signal(process, signal), "{process} does not run");
        let began = tokio::time::Instant::now();
        let to = exchange.port();
        let caller = tokio::task::spawn_blocking(move || {
            Sipp::run(&sipp::Options { end: End::Caller(to), talk_ms: 500, ..sipp::Options::default() })
        });
        let reason = tokio::task::block_in_place(|| {
            crate::peers::until(Duration::from_secs(5), || exchange.desk_reasons().into_iter().next())
        });
        let took = began.elapsed();
        if signal == Signal::SIGSTOP {
            assert!(boxed.processes.signal(process, Signal::SIGCONT));
        }
        let outcome = caller.await.unwrap();
        assert_eq!((outcome.status, outcome.failed()), (0, 0), "{what}: {}\n{}", outcome.errors, exchange.log());
        // Two seconds, and what SIPp takes to start on a busy machine.
        assert!(took < Duration::from_secs(4), "{what}: {took:?}");
        println!("| case 15 | {what} | the desk rang after {:.1} s, {} |", took.as_secs_f64(), reason.unwrap());
        drop(staff);
        boxed.stop().await;
    }
}

/// An exchange, a desk that it knows, and a box that is registered at it.
struct Scene {
    exchange: Kamailio,
    boxed: Boxed,
    staff: Sipp,
    /// The file with the box's password, until the end.
    _password: tempfile::TempDir,
}

impl Scene {
    async fn start(desk: &sipp::Options<'_>) -> Self {
        let (listen, rtp) = (free_ports(2), free_ports(20));
        let staff = Sipp::start(desk);
        let at = format!("sip:desk@127.0.0.1:{}", desk.port);
        let exchange = Kamailio::start(&kamailio::Options {
            users: &[("box", "secret")],
            routes: &[("desk", &at)],
            challenge_calls: false,
            ..kamailio::Options::default()
        });
        let folder_of_password = tempfile::tempdir().unwrap();
        let password = folder_of_password.path().join("password");
        std::fs::write(&password, "secret\n").unwrap();
        let line = format!(
            "[line]\nkind = \"sip\"\nmax-calls = 2\n[line.sip]\nprofile = \"pbx-extension\"\ntransport = \"udp\"\n\
             server = \"127.0.0.1:{}\"\nuser = \"box\"\npassword-file = '{}'\ndomain = \"clinic.test\"\n\
             listen = \"127.0.0.1:{listen}\"\npublic-ports = \"{rtp}-{}\"\nsrtp = \"off\"\ndesks = [\"desk\"]\n\
             testers-only = true\n",
            exchange.port(),
            password.display(),
            rtp + 18,
        );
        let boxed = Boxed::of(Home::make_with(&folder(), RecogniserKind::PocketSphinx, &line).unwrap()).await;
        let registered = tokio::task::block_in_place(|| exchange.wait_registered("box", true, Duration::from_secs(20)));
        assert!(registered, "{}\n{}", exchange.log(), boxed.log());
        Self { exchange, boxed, staff, _password: folder_of_password }
    }
}
