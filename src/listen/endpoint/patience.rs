//! How long the box waits after a caller's last sound before it takes the turn as over.
//!
//! Long enough that callers are not cut (at most 1 turn in 100), short enough for the budget from the last word to the
//! first sound of the answer: yes or no 0.7 s, free speech 1.0 s, digits and spelling 2.7 s. The budget also pays for
//! redaction, the thinker and the first audio (together about 100 ms with the local thinker) and for the 20 ms grain of
//! the line; recognition is hidden inside the wait.

use std::time::Duration;

use crate::expect::Expecting;

/// The turn budget: from the end of the caller's last word to the first sound of the answer, at the 95th percentile, with
/// the local thinker.
#[must_use]
pub fn budget(expecting: Expecting) -> Duration {
    Duration::from_millis(match expecting {
        Expecting::YesNo => 700,
        Expecting::Anything | Expecting::Date | Expecting::Name { spelled: false } => 1_000,
        Expecting::Dob
        | Expecting::Phone
        | Expecting::MemberId
        | Expecting::Card
        | Expecting::Name { spelled: true } => 2_700,
    })
}

/// The wait from the estimated last sound. `complete` is the recogniser's word on the text so far: whether it answers
/// what was asked (a yes, all digits of the number, a sentence with an intent), or ends in the middle ("and", "my",
/// seven of ten digits); `None` while there is no text yet.
#[must_use]
pub fn patience(expecting: Expecting, complete: Option<bool>) -> Duration {
    let [done, unknown, open] = waits_ms(expecting);
    Duration::from_millis(match complete {
        Some(true) => done,
        None => unknown,
        Some(false) => open,
    })
}

/// Waits for a complete text, without a text, and for an incomplete one, ms.
fn waits_ms(expecting: Expecting) -> [u64; 3] {
    match expecting {
        Expecting::YesNo => [450, 550, 1_000],
        // Pauses inside fluent read speech: 11 of 74 gaps reach 700 ms, 7 reach 1,000 (measured over 2.8 minutes).
        // A text that visibly goes on may therefore wait beyond the budget of a finished one.
        Expecting::Anything => [650, 800, 1_400],
        Expecting::Date | Expecting::Name { spelled: false } => [650, 850, 1_600],
        // Digits come in groups, with a breath or a look at the card between them. Only a full number ends early.
        Expecting::Dob | Expecting::Phone | Expecting::Card => [650, 2_400, 2_400],
        // Neither has a length that could be full: a complete-looking text only shortens the wait a little.
        Expecting::MemberId | Expecting::Name { spelled: true } => [1_400, 2_400, 2_400],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What follows the end of the turn until the first sample of the answer, and the grain of the line.
    const AFTERWARDS: Duration = Duration::from_millis(150);

    #[test]
    fn an_answer_without_a_verdict_stays_within_the_turn_budget() {
        for expecting in Expecting::ALL {
            let budget = budget(expecting);
            assert!(patience(expecting, None) + AFTERWARDS <= budget, "{expecting}");
            assert!(patience(expecting, Some(true)) + AFTERWARDS <= budget, "{expecting}");
        }
    }

    #[test]
    fn a_complete_text_never_waits_longer_and_an_incomplete_one_never_shorter() {
        for expecting in Expecting::ALL {
            let unknown = patience(expecting, None);
            assert!(patience(expecting, Some(true)) <= unknown, "{expecting}");
            assert!(patience(expecting, Some(false)) >= unknown, "{expecting}");
        }
    }
}
