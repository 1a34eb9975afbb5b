//! No output of any process quotes a caller, even at the most talkative level.

use crate::boxed::{Boxed, scenario};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_trace_level_no_log_line_holds_a_word_of_the_callers() {
    let scenario = scenario("booking");
    let boxed = Boxed::start_at_level(Some("trace")).await;
    let report = boxed.call(&scenario).await.unwrap();
    let log = boxed.log().to_lowercase();
    boxed.stop().await;
    assert!(report.answered);
    assert!(log.contains("trace") || log.contains("debug"), "the level was not raised:\n{log}");
    let words = scenario.expect.identifiers.iter().map(String::as_str).filter(|i| i.contains(char::is_alphabetic));
    // A year could stand in a log's own numbers; a whole telephone number or date could not.
    for canary in words.chain(["5125550143", "1962-03-04", "appointment", "tuesday", "okafor"]) {
        assert!(!log.contains(&canary.to_lowercase()), "{canary:?} stands in the log");
    }
}
