//! The scenarios by text: the whole brain, its doors and its record, without line, ears and voice.

use crate::boxed::{Boxed, scenario};

/// Scenarios that are about sound have no typed form.
pub(crate) const TYPED: [&str; 12] = [
    "booking",
    "cancel",
    "desk-declines",
    "dtmf-zero",
    "emergency",
    "hours",
    "message",
    "person",
    "refill",
    "reschedule",
    "spelled",
    "wrong-number",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_that_can_be_typed_ends_as_it_does_when_spoken() {
    for name in TYPED {
        let scenario = scenario(name);
        // A box each: appointments that one caller takes are gone for the next.
        let boxed = Boxed::start().await;
        let report = boxed.typed(&scenario).await.unwrap_or_else(|error| panic!("{name}: {error}\n{}", boxed.log()));
        let shortfalls = report.shortfalls(&scenario.expect);
        let left = boxed.would_have_left().await.to_lowercase();
        let (whole, verified) = boxed.verified().await;
        let story = boxed.story().await;
        boxed.stop().await;
        assert!(shortfalls.is_empty(), "{name}: {shortfalls:#?}\n{story}");
        assert!(whole, "{name}: {verified}");
        for identifier in &scenario.expect.identifiers {
            assert!(!left.contains(&identifier.to_lowercase()), "{name}: {identifier:?} would have left\n{story}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_at_once_are_each_told_of_their_own_call() {
    let boxed = Boxed::start().await;
    let (booking, hours) = (scenario("booking"), scenario("hours"));
    let (booked, answered) = tokio::join!(boxed.typed(&booking), boxed.typed(&hours));
    let (whole, verified) = boxed.verified().await;
    let log = boxed.log();
    boxed.stop().await;
    for (report, scenario) in [(booked, booking), (answered, hours)] {
        let shortfalls = report.unwrap().shortfalls(&scenario.expect);
        assert!(shortfalls.is_empty(), "{shortfalls:#?}\n{log}");
    }
    assert!(whole, "{verified}");
}
