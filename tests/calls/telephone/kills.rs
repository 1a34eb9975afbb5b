//! A hundred telephone calls in which a process is killed or stopped: nobody is dropped while the line lives, and while
//! it does not, the exchange rings the desk.
//!
//! Each round is a box of its own behind a registrar of its own, a caller who books, a desk that presses 1, and one blow at
//! a moment of its own. The caller stays for 40 s whatever happens: who is hung up on before was dropped, unless staff
//! had the call or a message was kept.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anteroom::pcm::{g711, resample::resample};
use nix::sys::signal::Signal;
use serde_json::Value;

use super::Scene;
use crate::peers::kamailio::Kamailio;
use crate::peers::sipp::{self, End, Outcome, Sipp};
use crate::peers::{free_ports, until};

/// Rounds in all, unless `ANTEROOM_ROUNDS` says otherwise.
const ROUNDS: usize = 100;
/// Boxes at once, unless `ANTEROOM_AT_ONCE` says otherwise: each waits for its caller most of the time.
const AT_ONCE: usize = 4;
/// Whom a call can lose, and how: nine rounds of ten are those of the processes behind the line.
const BEHIND: [&str; 5] = ["anteroomd", "recordd", "clinicd", "airlockd", "syncd"];
/// When the caller says what, ms after the answer.
const SAYS: [(u32, &str); 3] = [
    (13_000, "i would like to book an appointment"),
    (21_000, "march the fourth nineteen sixty two"),
    (29_000, "mary lopez"),
];
/// The last blow falls here: a caller who has said everything and waits.
const LAST_BLOW: Duration = Duration::from_millis(35_000);
/// How long a caller who stays for 40 s has been played to at least, sentences and the pauses between them: a brain that
/// hangs is waited for once, for a second.
const HEARD_MS: u64 = 38_000;
/// How long the desk may take to ring while the line is dead.
const RINGS: Duration = Duration::from_secs(2);

/// One blow.
#[derive(Clone, Copy, Debug)]
struct Blow {
    victim: &'static str,
    signal: Signal,
    /// Since the call was answered.
    after: Duration,
}

impl Blow {
    fn name(self) -> String {
        let how = if self.signal == Signal::SIGKILL { "killed" } else { "stopped" };
        format!("{} {how}", self.victim)
    }
}

/// All of them: each process killed and stopped, at moments spread over the call.
fn blows(rounds: usize) -> Vec<Blow> {
    let line = (rounds / 10).max(2);
    let behind = rounds.saturating_sub(line);
    let at = |n: usize, of: usize| LAST_BLOW.mul_f64((n as f64 + 0.5) / of.max(1) as f64);
    let signal = |n: usize| if n.is_multiple_of(2) { Signal::SIGKILL } else { Signal::SIGSTOP };
    let behind = (0..behind).map(|n| Blow {
        victim: BEHIND[(n / 2) % BEHIND.len()],
        signal: signal(n),
        // A step that shares no factor with the ten kinds, so that each kind gets early and late moments.
        after: at((n * 37) % behind, behind),
    });
    let line = (0..line).map(|n| Blow { victim: "lined", signal: signal(n), after: at(n, line) });
    behind.chain(line).collect()
}

/// How a round went.
struct Round {
    blow: Blow,
    /// Nobody was dropped, and what else must hold does.
    well: bool,
    /// The desk had the caller.
    desk: bool,
    /// The record verifies.
    whole: bool,
    /// Without the line: when the desk rang for the next caller.
    rang: Option<Duration>,
    story: String,
}

#[test]
#[ignore = "half an hour: make test-line"]
fn a_hundred_processes_die_or_hang_in_telephone_calls_and_nobody_is_dropped() {
    if !(Kamailio::available() && Sipp::available()) {
        return;
    }
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(usual);
    let scratch = tempfile::tempdir().unwrap();
    let sound = Arc::new(callers_words(scratch.path()));
    let waiting = Mutex::new(blows(number("ANTEROOM_ROUNDS", ROUNDS)));
    let done = Mutex::new(Vec::new());
    let one_after_the_other = || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            while let Some(blow) = next(&waiting) {
                let round = round(blow, &sound).await;
                let after = blow.after.as_secs_f64();
                println!("{} after {after:.1} s: well: {}, desk: {}", blow.name(), round.well, round.desk);
                if !round.well {
                    println!("{}", round.story);
                }
                done.lock().unwrap().push(round);
            }
        });
    };
    std::thread::scope(|scope| {
        for _ in 0..number("ANTEROOM_AT_ONCE", AT_ONCE) {
            scope.spawn(one_after_the_other);
        }
    });
    let done = done.into_inner().unwrap();
    print_table(&done);
    assert_eq!(done.iter().filter(|round| !round.well).count(), 0);
}

fn next(waiting: &Mutex<Vec<Blow>>) -> Option<Blow> {
    waiting.lock().unwrap().pop()
}

fn print_table(done: &[Round]) {
    let mut rows: BTreeMap<String, Vec<&Round>> = BTreeMap::new();
    for round in done {
        rows.entry(round.blow.name()).or_default().push(round);
    }
    println!(
        "| blow in mid-call | rounds | caller kept | then with the desk | record whole | the next caller's desk rang after |"
    );
    println!("|---|---|---|---|---|---|");
    for (name, rounds) in rows {
        let count = |what: fn(&Round) -> bool| rounds.iter().filter(|round| what(round)).count();
        let rang = rounds.iter().filter_map(|round| round.rang).max();
        let rang = rang.map_or_else(|| "-".to_owned(), |rang| format!("{:.1} s at most", rang.as_secs_f64()));
        // Whoever talked when the line died was dropped by it: only the next caller can be helped.
        let stayed = if name == "lined killed" { "-".to_owned() } else { count(|round| round.well).to_string() };
        let (desk, whole) = (count(|round| round.desk), count(|round| round.whole));
        println!("| {name} | {} | {stayed} | {desk} | {whole} | {rang} |", rounds.len());
    }
    println!("{} passed, {} failed", done.iter().filter(|r| r.well).count(), done.iter().filter(|r| !r.well).count());
}

async fn round(blow: Blow, sound: &Arc<Vec<u8>>) -> Round {
    let desk = sipp::Options {
        scenario: "desk_accepts",
        calls: 9,
        at_once: 9,
        limit: Duration::from_secs(180),
        ..sipp::Options::default()
    };
    let Scene { exchange, boxed, staff, _password } = Scene::start(&desk).await;
    let to = exchange.port();
    let mut caller = rings(to, "caller_stays", sound);
    let answered = tokio::task::block_in_place(|| {
        until(Duration::from_secs(20), || caller.messages().contains("SIP/2.0 200").then_some(()))
    });
    assert!(answered.is_some(), "{}\n{}", exchange.log(), boxed.log());
    tokio::time::sleep(blow.after).await;
    assert!(boxed.processes.signal(blow.victim, blow.signal), "{} does not run", blow.victim);
    let rang = if blow.victim == "lined" { Some(next_caller_has_the_desk(to, &exchange, &staff).await) } else { None };
    if blow.victim == "lined" && blow.signal == Signal::SIGSTOP {
        assert!(boxed.processes.signal(blow.victim, Signal::SIGCONT));
    }
    let line_died = blow.victim == "lined" && blow.signal == Signal::SIGKILL;
    // Whoever talked when the line died cannot be helped by the box: the exchange had given it the call.
    let outcome = if line_died {
        drop(caller);
        None
    } else {
        Some(tokio::task::spawn_blocking(move || caller.outcome()).await.unwrap())
    };
    if blow.signal == Signal::SIGSTOP && blow.victim != "lined" {
        assert!(boxed.processes.signal(blow.victim, Signal::SIGCONT));
    }
    // A killed recordd is back after a second, and then gets what waited for it.
    tokio::time::sleep(Duration::from_millis(4_000)).await;
    let (whole, report) = boxed.verified().await;
    let events = boxed.events_of_the_last().await;
    let story = format!("{outcome:?}\n{report}\n{}\n{}", boxed.story().await, exchange.log());
    let fared = Fared::of(outcome.as_ref(), &events);
    let well = whole
        && if line_died { true } else { fared.is_well(blow) }
        && rang.is_none_or(|rang| rang.is_some_and(|r| r <= RINGS));
    drop(staff);
    boxed.stop().await;
    Round { blow, well, desk: fared.desk, whole, rang: rang.flatten(), story }
}

/// What caller and record say of a call.
struct Fared {
    stayed: bool,
    desk: bool,
    message: bool,
    ends: usize,
    played_ms: u64,
}

impl Fared {
    fn of(outcome: Option<&Outcome>, events: &[Value]) -> Self {
        let of = |kind: &'static str| events.iter().filter(move |event| event["kind"] == kind);
        let by_caller = of("call.end").all(|event| event["body"]["by"] == "caller");
        let as_written = outcome.is_some_and(|outcome| outcome.status == 0 && outcome.failed() == 0);
        Self {
            stayed: as_written && by_caller,
            desk: of("handoff.result").any(|event| event["body"]["result"] == "accept"),
            message: of("recording").any(|event| event["body"]["what"] == "message"),
            ends: of("call.end").count(),
            played_ms: of("call.end").filter_map(|event| event["body"]["played_frames"].as_u64()).sum::<u64>() * 20,
        }
    }

    fn is_well(&self, blow: Blow) -> bool {
        // A line that stood still for a while has played less.
        let heard = blow.victim == "lined" || self.played_ms >= HEARD_MS;
        self.ends == 1 && ((self.stayed && heard) || (!self.stayed && (self.desk || self.message)))
    }
}

/// A second caller, while the line is dead: how long after their INVITE the desk's telephone rang.
async fn next_caller_has_the_desk(to: u16, exchange: &Kamailio, staff: &Sipp) -> Option<Duration> {
    let before = times(&staff.messages(), "received", "INVITE sip:").len();
    let mut caller = Sipp::start(&sipp::Options { end: End::Caller(to), talk_ms: 500, ..sipp::Options::default() });
    let rang = tokio::task::block_in_place(|| {
        until(Duration::from_secs(8), || times(&staff.messages(), "received", "INVITE sip:").get(before).copied())
    });
    let rung = times(&caller.messages(), "sent", "INVITE sip:").first().copied();
    let outcome = tokio::task::spawn_blocking(move || caller.outcome()).await.unwrap();
    assert_eq!((outcome.status, outcome.failed()), (0, 0), "{}\n{}", outcome.errors, exchange.log());
    rang.zip(rung).map(|(rang, rung)| rang.saturating_sub(rung))
}

fn rings(to: u16, scenario: &str, sound: &Arc<Vec<u8>>) -> Sipp {
    Sipp::start(&sipp::Options {
        scenario,
        end: End::Caller(to),
        port: free_ports(2),
        sound: sound.to_vec(),
        words: &[("caller", "5125550143")],
        limit: Duration::from_secs(90),
        ..sipp::Options::default()
    })
}

/// When messages that begin so went this way: SIPp writes a line of dashes with the time of day above each.
fn times(messages: &str, way: &str, begins: &str) -> Vec<Duration> {
    let mut lines = messages.lines().peekable();
    let (mut at, mut found) = (None, Vec::new());
    while let Some(line) = lines.next() {
        if line.starts_with("-----") {
            at = line.split_whitespace().next_back().and_then(time_of_day);
        } else if line.contains(" message ") && line.contains(way) {
            // An empty line stands between.
            lines.next();
            if lines.peek().is_some_and(|first| first.starts_with(begins)) {
                found.extend(at);
            }
        }
    }
    found
}

/// `21:42:31.676243` since midnight.
fn time_of_day(text: &str) -> Option<Duration> {
    let mut parts = text.splitn(3, ':');
    let (hours, minutes) = (parts.next()?.parse::<u64>().ok()?, parts.next()?.parse::<u64>().ok()?);
    let seconds: f64 = parts.next()?.parse().ok()?;
    Some(Duration::from_secs(hours * 3_600 + minutes * 60) + Duration::from_secs_f64(seconds))
}

/// What the caller says, in mu-law: each sentence at its time.
fn callers_words(folder: &Path) -> Vec<u8> {
    let mut samples: Vec<i16> = Vec::new();
    for (at, text) in SAYS {
        let wav = folder.join("said.wav");
        let said = Command::new("flite").args(["-voice", "rms", "-t", text, "-o"]).arg(&wav).status().unwrap();
        assert!(said.success());
        let mut reader = hound::WavReader::open(&wav).unwrap();
        let rate = reader.spec().sample_rate;
        let read: Vec<f32> = reader.samples::<i16>().map(|sample| f32::from(sample.unwrap()) / 32_768.0).collect();
        samples.resize(usize::try_from(at).unwrap() * 8, 0);
        samples.extend(resample(&read, rate, 8_000));
    }
    samples.resize(8_000 * 42, 0);
    samples.into_iter().map(g711::to_mulaw).collect()
}

#[test]
fn the_blows_meet_every_process_both_ways_early_and_late() {
    let blows = blows(ROUNDS);
    assert_eq!(blows.len(), ROUNDS);
    for victim in BEHIND.into_iter().chain(["lined"]) {
        for signal in [Signal::SIGKILL, Signal::SIGSTOP] {
            let of: Vec<_> = blows.iter().filter(|blow| blow.victim == victim && blow.signal == signal).collect();
            assert!(of.len() >= 5, "{victim} {signal}: {}", of.len());
            assert!(of.iter().any(|blow| blow.after < LAST_BLOW / 3), "{victim} {signal}");
            assert!(of.iter().any(|blow| blow.after > LAST_BLOW * 2 / 3), "{victim} {signal}");
        }
    }
}

#[test]
fn the_times_of_messages_are_read() {
    let log = "----------------------------------------------- 2026-11-27 21:42:31.676243\nUDP message sent (597 bytes):\n\n\
               INVITE sip:box@127.0.0.1 SIP/2.0\nVia: x\n\n----- 2026-11-27 21:42:32.000000\nUDP message received [7] bytes :\n\n\
               SIP/2.0 200 OK\n";
    assert_eq!(times(log, "sent", "INVITE sip:"), [Duration::from_micros(78_151_676_243)]);
    assert_eq!(times(log, "received", "INVITE sip:"), []);
    assert_eq!(times(log, "received", "SIP/2.0 200"), [Duration::from_secs(78_152)]);
}
