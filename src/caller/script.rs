//! What the caller does next: the box's facts in, the number of a `[[say]]` out. Pure: no clock, no socket.
//!
//! The first `[[say]]` that fits and is not used up wins. The caller answers when the box falls silent, or interrupts a
//! sentence; while it speaks or has made up its mind it takes no new occasion, since what it says is the answer.

use std::time::Duration;

use crate::caller::scenario::{Say, When};
use crate::clock::{FRAME, LineTime};
use crate::expect::Expecting;
use crate::wire::watch::Fact;

/// A scenario's `[[say]]`s being worked off.
#[derive(Debug)]
pub struct Script {
    says: Vec<(Say, u32)>,
    /// What the box has said since the caller last made up its mind, in lower case.
    spoken: Vec<String>,
    planned: Option<(LineTime, usize)>,
}

impl Script {
    /// A script of which nothing is used up.
    #[must_use]
    pub fn new(says: &[Say]) -> Self {
        let says = says.iter().map(|say| (say.clone(), say.times)).collect();
        Self { says, spoken: Vec::new(), planned: None }
    }

    /// Takes a fact. `speaking` says whether the caller is speaking right now.
    pub fn on(&mut self, fact: &Fact, now: LineTime, speaking: bool) {
        match fact {
            Fact::Spoken { text, .. } => {
                let text = text.expose().to_lowercase();
                let interrupts = |say: &Say| say.interrupt && says_it(&say.when, &text);
                if !speaking {
                    self.plan(now, interrupts);
                }
                self.spoken.push(text);
            }
            Fact::Listening { expecting } => {
                let spoken = std::mem::take(&mut self.spoken);
                if !speaking {
                    self.plan(now, |say| !say.interrupt && fits(&say.when, *expecting, &spoken));
                }
            }
            Fact::Answered
            | Fact::Heard { .. }
            | Fact::WouldLeave { .. }
            | Fact::Tool { .. }
            | Fact::Decided { .. }
            | Fact::Desk { .. }
            | Fact::Timing { .. }
            | Fact::Ended { .. } => {}
        }
    }

    /// The box has fallen silent and no fact says what it waits for: the next thing in order is said.
    pub fn on_quiet(&mut self, now: LineTime) {
        self.plan(now, |say| !say.interrupt);
    }

    /// The number of the `[[say]]` that is due, once.
    pub fn due(&mut self, now: LineTime) -> Option<usize> {
        let (_, number) = self.planned.take_if(|(at, _)| *at <= now)?;
        Some(number)
    }

    fn plan(&mut self, now: LineTime, fitting: impl Fn(&Say) -> bool) {
        if self.planned.is_some() {
            return;
        }
        let fits = |(say, left): &(Say, u32)| *left > 0 && fitting(say);
        let Some(number) = self.says.iter().position(fits) else { return };
        let Some((say, left)) = self.says.get_mut(number) else { return };
        *left = left.saturating_sub(1);
        self.planned = Some((later(now, say.after_ms), number));
    }
}

/// The moment `ms` after `now`, in whole frames.
pub(super) fn later(now: LineTime, ms: u32) -> LineTime {
    let frames = Duration::from_millis(ms.into()).as_nanos() / FRAME.as_nanos();
    LineTime::from_frames(now.frames().saturating_add(u64::try_from(frames).unwrap_or(u64::MAX)))
}

fn says_it(when: &When, text: &str) -> bool {
    match when {
        When::Spoken(pattern) => text.contains(pattern.as_str()),
        When::Expecting(_) => false,
    }
}

fn fits(when: &When, expecting: Expecting, spoken: &[String]) -> bool {
    match when {
        When::Expecting(wanted) => *wanted == expecting,
        When::Spoken(pattern) => pattern.is_empty() || spoken.iter().any(|text| text.contains(pattern.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::scenario::Scenario;
    use crate::secret::Secret;

    fn script(text: &str) -> Script {
        Script::new(&Scenario::parse(text).unwrap().say)
    }

    fn spoken(text: &str) -> Fact {
        Fact::Spoken { text: Secret::new(text), template: String::new() }
    }

    fn listening(expecting: Expecting) -> Fact {
        Fact::Listening { expecting }
    }

    fn at(frames: u64) -> LineTime {
        LineTime::from_frames(frames)
    }

    const CALL: &str = r#"
        [[say]]
        when = "anything else"
        text = "no thank you goodbye"
        [[say]]
        when = "anything"
        text = "i would like to book an appointment"
        after_ms = 1000
        [[say]]
        when = "yes-no"
        text = "yes please"
        times = 2
    "#;

    #[test]
    fn the_caller_answers_what_the_box_waits_for_after_its_pause() {
        let mut script = script(CALL);
        script.on(&spoken("How can I help you?"), at(5), false);
        assert_eq!(script.due(at(500)), None);
        script.on(&listening(Expecting::Anything), at(100), false);
        assert_eq!((script.due(at(149)), script.due(at(150)), script.due(at(151))), (None, Some(1), None));
    }

    #[test]
    fn a_pattern_fits_what_was_said_since_the_last_answer_and_goes_first() {
        let mut script = script(CALL);
        script.on(&spoken("Is there Anything Else?"), at(5), false);
        script.on(&listening(Expecting::Anything), at(10), false);
        assert_eq!(script.due(at(30)), Some(0));
        script.on(&listening(Expecting::Anything), at(40), false);
        assert_eq!(script.due(at(90)), Some(1));
    }

    #[test]
    fn each_thing_is_said_as_often_as_it_may_and_then_the_caller_is_silent() {
        let mut script = script(CALL);
        for _ in 0..2 {
            script.on(&listening(Expecting::YesNo), at(0), false);
            assert_eq!(script.due(at(20)), Some(2));
        }
        script.on(&listening(Expecting::YesNo), at(0), false);
        assert_eq!(script.due(at(9_999)), None);
    }

    #[test]
    fn an_interruption_comes_while_the_sentence_is_said() {
        let mut script = script("[[say]]\nwhen = \"our hours\"\ntext = \"stop\"\ninterrupt = true\nafter_ms = 500");
        script.on(&listening(Expecting::Anything), at(0), false);
        assert_eq!(script.due(at(999)), None);
        script.on(&spoken("Our hours are nine to five."), at(1000), false);
        assert_eq!((script.due(at(1024)), script.due(at(1025))), (None, Some(0)));
    }

    #[test]
    fn a_caller_who_speaks_takes_no_new_occasion() {
        let mut script = script(CALL);
        script.on(&listening(Expecting::YesNo), at(0), true);
        assert_eq!(script.due(at(999)), None);
        script.on(&listening(Expecting::YesNo), at(0), false);
        script.on(&listening(Expecting::Anything), at(0), false);
        assert_eq!(script.due(at(999)), Some(2));
        assert_eq!(script.due(at(999)), None);
    }

    #[test]
    fn without_facts_the_lines_come_in_order() {
        let mut script = script(CALL);
        script.on_quiet(at(0));
        assert_eq!(script.due(at(20)), Some(0));
        script.on_quiet(at(0));
        assert_eq!(script.due(at(50)), Some(1));
    }
}
