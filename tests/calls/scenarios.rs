//! The scenarios: each ends as it says, with a verified record, and with none of the caller's identifiers in what would
//! have left.

use crate::boxed::{Boxed, scenario};

async fn play(name: &str) {
    let scenario = scenario(name);
    let boxed = Boxed::start().await;
    let report = boxed.call(&scenario).await.unwrap_or_else(|error| panic!("{error}\n{}", boxed.log()));
    let shortfalls = report.shortfalls(&scenario.expect);
    let left = boxed.would_have_left().await.to_lowercase();
    let (whole, verified) = boxed.verified().await;
    let log = boxed.log_without_own_numbers();
    let story = boxed.story().await;
    boxed.stop().await;

    assert!(report.answered, "the call was not answered\n{story}");
    assert!(shortfalls.is_empty(), "{shortfalls:#?}\n{story}");
    assert!(whole, "{verified}");
    let speaks = !["silence", "noise", "dtmf-zero"].contains(&name);
    assert!(!speaks || left.contains("\"who\":\"caller\""), "no request was built\n{story}");
    for identifier in &scenario.expect.identifiers {
        let identifier = identifier.to_lowercase();
        assert!(!left.contains(&identifier), "{identifier:?} stands in a request that would have left\n{story}");
        assert!(!log.to_lowercase().contains(&identifier), "{identifier:?} stands in the log");
    }
}

macro_rules! scenarios {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)*) => {$(
        $(#[$doc])*
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            play($file).await;
        }
    )*};
}

scenarios! {
    a_caller_books_an_appointment = "booking";
    a_caller_cancels_an_appointment = "cancel";
    a_caller_moves_an_appointment = "reschedule";
    a_caller_asks_for_a_refill = "refill";
    a_caller_asks_for_the_hours = "hours";
    a_caller_on_a_noisy_line_asks_for_the_hours = "noisy-hours";
    a_caller_leaves_a_message = "message";
    a_caller_has_an_emergency = "emergency";
    a_caller_wants_a_person = "person";
    a_caller_presses_zero = "dtmf-zero";
    a_desk_that_declines_leaves_the_caller_a_message = "desk-declines";
    a_caller_who_says_nothing_is_let_go = "silence";
    noise_alone_is_no_caller = "noise";
    a_caller_hangs_up_in_the_middle_of_a_word = "hang-up-mid-turn";
    a_caller_talks_over_the_box = "interruption";
    a_caller_has_the_wrong_number = "wrong-number";
}
