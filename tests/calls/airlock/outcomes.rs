//! What becomes of a call when its model fails: each failure of the peer, in each wire format, with another model behind it
//! and with none. In every case the caller is answered within the deadline, one yes makes one write, and the ledger says
//! what happened.

use std::collections::BTreeSet;

use nix::sys::signal::Signal;
use serde_json::Value;

use super::Open;
use crate::boxed::scenario;

/// The peer's failures and what becomes of a caller who wants to book: whether the appointment is booked all the same.
const FAILURES: &[&str] = &[
    "slow-first-token",
    "stalls",
    "dies-mid-stream",
    "dies-in-tool",
    "no-terminal",
    "overloaded-mid-stream",
    "malformed-sse",
    "invalid-utf8",
    "unknown-events",
    "endless",
    "rate-limited",
    "overloaded",
    "status-500",
    "unauthorised",
    "redirects",
    "two-hundred-not-sse",
    "refuses",
    "refuses-midway",
    "runs-out",
    "bad-arguments",
    "half-json-arguments",
    "unknown-tool",
    "two-tools-at-once",
    "wants-write-twice",
    "invents-placeholder",
    "writes-identifier",
    "echoes",
    "claims-booked",
    "medical-advice",
];

/// Deadlines short enough that a table of all failures does not take all day; the proportions are the product's.
const DEADLINES: &str = "";

/// The longest that a caller waits, µs: the box's own deadline for an answer, and a second for everything else.
const LONGEST: i64 = 5_000_000;

struct Row {
    shortfalls: Vec<String>,
    /// How the exchanges ended, in the ledger's words.
    outcomes: BTreeSet<String>,
    /// The longest wait from the caller's words to the first of the box's, µs.
    waited: i64,
    books: usize,
    story: String,
}

async fn play(models: &[&str]) -> Row {
    let scenario = scenario("booking");
    let open = Open::start(models, DEADLINES).await;
    let report = open.boxed.typed(&scenario).await;
    let events = open.boxed.events_of_the_last().await;
    let story = open.boxed.story().await;
    open.stop().await;
    let shortfalls = match report {
        Ok(report) => report.shortfalls(&scenario.expect),
        Err(error) => vec![error.to_string()],
    };
    let of = |kind: &'static str| events.iter().filter(move |event| event["kind"] == kind);
    let outcomes = of("wire.reply").map(|event| event["body"]["outcome"].as_str().unwrap_or("?").to_owned()).collect();
    let books = of("tool.call").filter(|event| event["body"]["tool"] == "book").count();
    Row { shortfalls, outcomes, waited: longest_wait(&events), books, story }
}

/// The longest time from what was heard to what was said next.
fn longest_wait(events: &[Value]) -> i64 {
    let mut heard = None;
    let mut longest = 0;
    for event in events {
        let t = event["t"].as_i64().unwrap_or_default();
        match event["kind"].as_str() {
            Some("heard") => heard = Some(t),
            Some("spoken") => {
                if let Some(heard) = heard.take() {
                    longest = longest.max(t - heard);
                }
            }
            _ => {}
        }
    }
    longest
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make test-airlock"]
async fn every_failure_of_a_model_has_an_outcome_and_the_caller_an_answer() {
    let (mut passed, mut failed) = (0, 0);
    println!("{:<22} {:<17} {:<10} {:>8}  in the ledger", "failure", "format", "behind it", "wait ms");
    for failure in FAILURES {
        for format in anteroom::config::airlock::FORMATS {
            let failing = format!("{format}/{failure}");
            for behind in [Some("receptionist-1"), None] {
                // Without another model the formats differ in nothing that was not seen with one.
                if behind.is_none() && format != "openai-chat" {
                    continue;
                }
                let other = behind.map(|model| format!("{format}/{model}"));
                let models: Vec<&str> = [Some(failing.as_str()), other.as_deref()].into_iter().flatten().collect();
                let row = play(&models).await;
                let well = row.shortfalls.is_empty() && row.waited <= LONGEST && row.books == 1;
                let outcomes = row.outcomes.iter().cloned().collect::<Vec<_>>().join(", ");
                println!(
                    "{failure:<22} {format:<17} {:<10} {:>8}  {outcomes}{}",
                    if behind.is_some() { "a model" } else { "the box" },
                    row.waited / 1_000,
                    if well { "" } else { "  FAILED" }
                );
                if well {
                    passed += 1;
                } else {
                    failed += 1;
                    println!("{} books, {:#?}\n{}", row.books, row.shortfalls, row.story);
                }
            }
        }
    }
    println!("outcomes: {passed} passed, {failed} failed");
    assert_eq!(failed, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make test-airlock"]
async fn without_airlockd_or_a_way_out_calls_go_on_locally() {
    let scenario = scenario("booking");
    let open = Open::start(&["openai-chat/receptionist-1"], "").await;
    assert!(open.boxed.processes.signal("airlockd", Signal::SIGSTOP));
    let report = open.boxed.typed(&scenario).await.unwrap();
    assert!(open.boxed.processes.signal("airlockd", Signal::SIGCONT));
    let stopped = report.shortfalls(&scenario.expect);
    open.stop().await;

    let open = Open::start(&["openai-chat/receptionist-1"], "").await;
    assert!(open.boxed.processes.signal("airlockd", Signal::SIGKILL));
    let report = open.boxed.typed(&scenario).await.unwrap();
    let killed = report.shortfalls(&scenario.expect);
    open.stop().await;

    // The peer is gone: its port refuses.
    let mut open = Open::start(&["openai-chat/receptionist-1"], "").await;
    open.peer.stop().await;
    let report = open.boxed.typed(&scenario).await.unwrap();
    let unreachable = report.shortfalls(&scenario.expect);
    let arrived = open.arrived().len();
    open.stop().await;
    for (what, shortfalls) in [("stopped", stopped), ("killed", killed), ("no route", unreachable)] {
        println!("airlockd {what}: {}", if shortfalls.is_empty() { "the call was served" } else { "FAILED" });
        assert!(shortfalls.is_empty(), "{what}: {shortfalls:#?}");
    }
    assert_eq!(arrived, 0);
}
