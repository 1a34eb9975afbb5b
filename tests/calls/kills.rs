//! Every process is killed in the middle of a call, and the caller is served or handed over all the same.
//!
//! Two rounds each here; `make test-kills` plays twenty and prints a table.

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

/// Calls, kills `victim` after `after`, and tells how the caller fared and whether the record verifies afterwards.
async fn round(victim: &str, after: Duration) -> (Fate, bool, String) {
    let boxed = Boxed::start().await;
    let scenario = scenario("booking");
    let call = boxed.call(&scenario);
    let kill = async {
        tokio::time::sleep(after).await;
        assert!(boxed.processes.signal(victim, Signal::SIGKILL), "{victim} does not run");
    };
    let (report, ()) = tokio::join!(call, kill);
    // A killed recordd is back after a second.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let (whole, _) = boxed.verified().await;
    let story = format!("{:#?}\n{}", report, boxed.log());
    boxed.stop().await;
    (fate(report.ok().as_ref()), whole, story)
}

async fn survives(victim: &str) {
    let rounds = std::env::var("ANTEROOM_ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(2);
    let (mut passed, mut failed) = (0, 0);
    for n in 0..rounds {
        // Spread over the call: the same moment every time would miss most states.
        let after = Duration::from_millis(700 + 240 * n);
        let (fate, whole, story) = round(victim, after).await;
        let line_died = victim == "lined";
        let well = whole && fate != Fate::Lost && (fate == Fate::FailedOver) == line_died;
        println!("{victim:10} killed after {after:>6.2?}: {fate:?}, record whole: {whole}");
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
    assert_eq!(DAEMONS.len(), 5);
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
