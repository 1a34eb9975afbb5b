//! Every process is killed in the middle of a call, and the caller is served or handed over all the same.
//!
//! Two rounds each here; `make test-kills` plays twenty and prints a table.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anteroom::caller::report::CallReport;
use anteroom::cli::processes::DAEMONS;
use nix::sys::signal::Signal;

use crate::boxed::{Boxed, scenario};

/// How the caller fared.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// The box did what was asked, or took a message.
    Served,
    /// A person took the call.
    HandedOver,
    /// The line itself died: the telephone system's fail-over rings the desk.
    FailedOver,
    /// None of these.
    Lost,
}

fn fate(report: Option<&CallReport>) -> Fate {
    let Some(report) = report else { return Fate::FailedOver };
    match report.outcome.as_deref() {
        _ if report.handed_over => Fate::HandedOver,
        Some("booked" | "message-left" | "answered") => Fate::Served,
        _ => Fate::Lost,
    }
}

/// One call in which a process was killed.
struct Round {
    fate: Fate,
    /// Whether the record verifies afterwards.
    whole: bool,
    /// Whether the call was still going on when the process was killed.
    in_time: bool,
    story: String,
}

/// Calls, and kills `victim` after `after`.
async fn round(victim: &str, after: Duration) -> Round {
    let boxed = Boxed::start().await;
    let scenario = scenario("booking");
    let over = AtomicBool::new(false);
    let call = async {
        let report = boxed.call(&scenario).await;
        over.store(true, Ordering::Relaxed);
        report
    };
    let kill = async {
        tokio::time::sleep(after).await;
        let in_time = !over.load(Ordering::Relaxed);
        assert!(boxed.processes.signal(victim, Signal::SIGKILL), "{victim} does not run");
        in_time
    };
    let (report, in_time) = tokio::join!(call, kill);
    // A killed recordd is back after a second.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let (whole, _) = boxed.verified().await;
    let story = format!("{:#?}\n{}", report, boxed.log());
    boxed.stop().await;
    Round { fate: fate(report.ok().as_ref()), whole, in_time, story }
}

/// How long a call takes that nothing happens to.
async fn undisturbed() -> Duration {
    let boxed = Boxed::start().await;
    let report = boxed.call(&scenario("booking")).await.unwrap();
    boxed.stop().await;
    report.took
}

async fn survives(victim: &str) {
    let rounds: u32 = std::env::var("ANTEROOM_ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(2);
    let length = undisturbed().await;
    let (mut passed, mut failed) = (0, 0);
    for n in 0..rounds {
        // Spread over the call: the same moment every time would miss most states.
        let mut after = length.mul_f64((f64::from(n) + 0.5) / f64::from(rounds));
        let mut played = round(victim, after).await;
        while !played.in_time {
            // This call was quicker than the one that was measured: a kill after its end shows nothing.
            after = after.mul_f64(0.8);
            played = round(victim, after).await;
        }
        let Round { fate, whole, story, .. } = played;
        let line_died = victim == "lined";
        let well = whole && fate != Fate::Lost && (fate == Fate::FailedOver) == line_died;
        println!("{victim:10} killed after {after:>6.2?} of {length:.1?}: {fate:?}, record whole: {whole}");
        if well {
            passed += 1;
        } else {
            failed += 1;
            println!("{story}");
        }
    }
    println!("{passed} passed, {failed} failed");
    assert_eq!(failed, 0);
}

#[test]
fn the_daemons_that_are_killed_are_all_there_are() {
    assert_eq!(DAEMONS.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_survives_the_death_of_anteroomd() {
    survives("anteroomd").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_survives_the_death_of_recordd() {
    survives("recordd").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_survives_the_death_of_syncd() {
    survives("syncd").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_survives_the_death_of_clinicd() {
    survives("clinicd").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_survives_the_death_of_airlockd() {
    survives("airlockd").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_death_of_the_line_is_seen_at_once_by_the_telephone_system() {
    survives("lined").await;
}
