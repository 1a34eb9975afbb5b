//! The on-call rota: an urgent call goes to one clinician after another until one of them accepts it. Pure.
//!
//! ```text
//!   A rings ──A's minutes──> A and B ──B's minutes──> A, B and C ──C's minutes──> the fallback
//!      │ A cannot be reached: B at once
//!      └ whoever presses the key first has the caller; everybody else who was rung is hung up
//! ```
//!
//! In:  what the clinicians' legs report ([`Input`]), and a monotonic time.
//! Out: what the driver does ([`Step`]), and one [`Attempt`] for everybody who was rung, for the record.
//! A clinician's leg is not cut when the next one is rung: somebody who steps out of a room may accept late. Nobody is
//! rung twice in one round. An answer is no acceptance: a voicemail answers too. A rota is data of `[[line.rota]]`; the
//! names and numbers stay there, and this machine knows clinicians by their index. Runs in the task of the call.

use std::time::Duration;

/// How long a leg that has answered may go without the key: the question is said twice in it. After it, it is a
/// voicemail that would record the rest.
const LISTEN: Duration = Duration::from_secs(45);

/// One clinician.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How long to wait for an acceptance before the next one is rung too.
    pub patience: Duration,
    /// The key that accepts.
    pub accept: char,
}

/// What has happened; the number is the clinician's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The leg was answered, by somebody or something.
    Answered(usize),
    /// A key was pressed.
    Key(usize, char),
    /// The leg was not answered: the final status, 300 to 699.
    Rejected(usize, u16),
    /// The leg has ended after its answer, or died.
    Ended(usize),
    /// The caller hung up.
    CallerGone,
    /// Time has passed.
    Tick,
}

/// What the driver must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ring this clinician.
    Ring(usize),
    /// Say who the box is and which key accepts; nothing of the caller before the key.
    Ask(usize),
    /// End this leg, if it is still up.
    HangUp(usize),
    /// Connect the caller and this clinician.
    Connect(usize),
    /// Write this into the record.
    Note(Attempt),
    /// The round is over.
    Over(Over),
}

/// How a round ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// This clinician has the caller.
    Accepted(usize),
    /// Nobody accepted: the desk, or a message.
    Fallback,
    /// The caller hung up. Whoever drives this leaves an urgent message all the same.
    CallerGone,
}

/// What became of ringing one clinician.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The clinician's index in the rota.
    pub who: usize,
    /// When the leg began to ring.
    pub at: Duration,
    /// When it was settled.
    pub settled: Duration,
    /// How.
    pub result: Outcome,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The key was pressed, first of all.
    Accepted,
    /// The telephone is in use.
    Busy,
    /// The call was turned down.
    Declined,
    /// It rang and nobody answered.
    NoAnswer,
    /// It was answered and no key was pressed: a voicemail, or somebody who hung up.
    NotAccepted,
    /// It could not be reached.
    Failed,
    /// Somebody else accepted first.
    TakenByOther,
    /// The caller hung up first.
    CallerGone,
}

impl Outcome {
    /// Its name in events and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::NoAnswer => "no-answer",
            Self::NotAccepted => "not-accepted",
            Self::Failed => "failed",
            Self::TakenByOther => "taken-by-other",
            Self::CallerGone => "caller-gone",
        }
    }

    /// What a final status says (RFC 3261 section 21).
    fn of(code: u16) -> Self {
        match code {
            408 | 480 | 487 => Self::NoAnswer,
            486 | 600 => Self::Busy,
            603 => Self::Declined,
            _ => Self::Failed,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Leg {
    at: Duration,
    answered: Option<Duration>,
    settled: bool,
}

/// One round through a rota.
#[derive(Clone, Debug)]
pub struct Round {
    rota: Vec<Entry>,
    /// Of those who were rung: always the first of the rota.
    legs: Vec<Leg>,
    /// When the next one is rung.
    next: Duration,
    over: Option<Over>,
}

impl Round {
    /// Begins a round; an empty rota is its fallback.
    #[must_use]
    pub fn begin(rota: Vec<Entry>, now: Duration) -> (Self, Vec<Step>) {
        let mut round = Self { rota, legs: Vec::new(), next: now, over: None };
        let mut steps = Vec::new();
        round.ring_next(now, &mut steps);
        (round, steps)
    }

    /// How long a round through `rota` takes at most.
    #[must_use]
    pub fn longest(rota: impl IntoIterator<Item = Entry>) -> Duration {
        rota.into_iter().fold(Duration::ZERO, |sum, entry| sum.saturating_add(entry.patience))
    }

    /// Takes what has happened at `now`; returns what to do, in order.
    pub fn on(&mut self, input: Input, now: Duration) -> Vec<Step> {
        let mut steps = Vec::new();
        match input {
            Input::Answered(who) => {
                let has_caller = self.over == Some(Over::Accepted(who));
                if let Some(leg) = self.live(who) {
                    if leg.answered.is_none() {
                        leg.answered = Some(now);
                        steps.push(Step::Ask(who));
                    }
                } else if !has_caller {
                    // An answer that crossed our hanging up: the leg is up and nobody wants it.
                    steps.push(Step::HangUp(who));
                }
            }
            Input::Key(who, key) => {
                let accepts = self.rota.get(who).is_some_and(|entry| entry.accept == key);
                if accepts && self.live(who).is_some_and(|leg| leg.answered.is_some()) {
                    self.accept(who, now, &mut steps);
                }
            }
            Input::Rejected(who, code) => self.without(who, Outcome::of(code), now, &mut steps),
            Input::Ended(who) => {
                let answered = self.live(who).is_some_and(|leg| leg.answered.is_some());
                self.without(who, if answered { Outcome::NotAccepted } else { Outcome::Failed }, now, &mut steps);
            }
            Input::CallerGone if self.over.is_none() => {
                self.end(Over::CallerGone, Outcome::CallerGone, now, &mut steps);
            }
            Input::CallerGone => {}
            Input::Tick => self.tick(now, &mut steps),
        }
        steps
    }

    /// How the round ended; `None` while it lasts.
    #[must_use]
    pub fn over(&self) -> Option<Over> {
        self.over
    }

    /// The leg of a clinician who rings or listens, in a round that lasts.
    fn live(&mut self, who: usize) -> Option<&mut Leg> {
        if self.over.is_some() {
            return None;
        }
        self.legs.get_mut(who).filter(|leg| !leg.settled)
    }

    fn accept(&mut self, who: usize, now: Duration, steps: &mut Vec<Step>) {
        self.settle(who, Outcome::Accepted, now, steps);
        steps.push(Step::Connect(who));
        self.end(Over::Accepted(who), Outcome::TakenByOther, now, steps);
    }

    /// This leg has ended by itself. The next clinician is rung at once where nobody else rings or listens, or where
    /// this one was the last to be rung: there is nobody to be patient for.
    fn without(&mut self, who: usize, outcome: Outcome, now: Duration, steps: &mut Vec<Step>) {
        if self.live(who).is_none() {
            return;
        }
        self.settle(who, outcome, now, steps);
        let is_newest = who.saturating_add(1) == self.legs.len();
        let is_last = self.legs.len() >= self.rota.len();
        if (is_newest && !is_last) || self.legs.iter().all(|leg| leg.settled) {
            self.ring_next(now, steps);
        }
    }

    fn tick(&mut self, now: Duration, steps: &mut Vec<Step>) {
        let silent = |leg: &Leg| !leg.settled && leg.answered.is_some_and(|at| now >= at + LISTEN);
        let silent: Vec<_> = self.legs.iter().enumerate().filter(|(_, leg)| silent(leg)).map(|(who, _)| who).collect();
        for who in silent {
            if self.live(who).is_some() {
                steps.push(Step::HangUp(who));
                self.without(who, Outcome::NotAccepted, now, steps);
            }
        }
        if self.over.is_none() && now >= self.next {
            self.ring_next(now, steps);
        }
    }

    /// Rings the next clinician; after the last, the round is over.
    fn ring_next(&mut self, now: Duration, steps: &mut Vec<Step>) {
        let who = self.legs.len();
        let Some(entry) = self.rota.get(who) else {
            return self.end(Over::Fallback, Outcome::NoAnswer, now, steps);
        };
        self.next = now + entry.patience;
        self.legs.push(Leg { at: now, answered: None, settled: false });
        steps.push(Step::Ring(who));
    }

    /// Ends the round: whoever still rings or listens is hung up, with `outcome`.
    fn end(&mut self, over: Over, outcome: Outcome, now: Duration, steps: &mut Vec<Step>) {
        for who in 0..self.legs.len() {
            let Some(leg) = self.live(who) else { continue };
            let heard = leg.answered.is_some() && outcome == Outcome::NoAnswer;
            steps.push(Step::HangUp(who));
            self.settle(who, if heard { Outcome::NotAccepted } else { outcome }, now, steps);
        }
        self.over = Some(over);
        steps.push(Step::Over(over));
    }

    fn settle(&mut self, who: usize, result: Outcome, now: Duration, steps: &mut Vec<Step>) {
        if let Some(leg) = self.live(who) {
            leg.settled = true;
            steps.push(Step::Note(Attempt { who, at: leg.at, settled: now, result }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    fn at(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    /// Clinicians of two minutes each, who accept with 1.
    fn rota(n: usize) -> Vec<Entry> {
        vec![Entry { patience: at(120), accept: '1' }; n]
    }

    fn note(who: usize, from: u64, to: u64, result: Outcome) -> Step {
        Step::Note(Attempt { who, at: at(from), settled: at(to), result })
    }

    #[test]
    fn the_first_clinician_accepts_with_the_key_and_not_with_the_answer() {
        let (mut round, steps) = Round::begin(rota(3), at(0));
        assert_eq!(steps, [Step::Ring(0)]);
        assert_eq!(round.on(Input::Key(0, '1'), at(2)), [], "a key before the answer is none");
        assert_eq!(round.on(Input::Answered(0), at(10)), [Step::Ask(0)]);
        assert_eq!(round.on(Input::Key(0, '4'), at(11)), []);
        let steps = round.on(Input::Key(0, '1'), at(12));
        assert_eq!(steps, [note(0, 0, 12, Outcome::Accepted), Step::Connect(0), Step::Over(Over::Accepted(0))]);
    }

    #[test]
    fn after_each_ones_minutes_the_next_is_rung_too_and_the_last_gives_way_to_the_fallback() {
        let (mut round, _) = Round::begin(rota(2), at(0));
        assert_eq!(round.on(Input::Tick, at(119)), []);
        assert_eq!(round.on(Input::Tick, at(120)), [Step::Ring(1)]);
        let steps = round.on(Input::Tick, at(240));
        let ends = [Step::HangUp(0), note(0, 0, 240, Outcome::NoAnswer)];
        assert_eq!(steps.first_chunk(), Some(&ends));
        assert_eq!(steps.last(), Some(&Step::Over(Over::Fallback)));
    }

    #[test]
    fn a_round_lasts_no_longer_than_everybodys_minutes_together() {
        let (mut round, _) = Round::begin(rota(3), at(0));
        let over = (0..1_000).find(|second| {
            round.on(Input::Tick, at(*second));
            round.over().is_some()
        });
        assert_eq!(over.map(at), Some(Round::longest(rota(3))));
        assert_eq!(Round::longest([]), at(0));
    }

    #[test]
    fn whoever_accepts_late_has_the_caller_and_the_other_is_hung_up() {
        let (mut round, _) = Round::begin(rota(2), at(0));
        round.on(Input::Tick, at(120));
        assert_eq!(round.on(Input::Answered(1), at(125)), [Step::Ask(1)]);
        assert_eq!(round.on(Input::Answered(0), at(126)), [Step::Ask(0)]);
        let steps = round.on(Input::Key(0, '1'), at(130));
        let expected = [
            note(0, 0, 130, Outcome::Accepted),
            Step::Connect(0),
            Step::HangUp(1),
            note(1, 120, 130, Outcome::TakenByOther),
            Step::Over(Over::Accepted(0)),
        ];
        assert_eq!(steps, expected);
        assert_eq!(round.on(Input::Key(1, '1'), at(130)), [], "the second key comes too late");
        assert_eq!(round.on(Input::Answered(1), at(131)), [Step::HangUp(1)]);
    }

    #[test]
    fn a_clinician_who_cannot_be_reached_costs_no_minutes() {
        let (mut round, _) = Round::begin(rota(3), at(0));
        let steps = round.on(Input::Rejected(0, 486), at(1));
        assert_eq!(steps, [note(0, 0, 1, Outcome::Busy), Step::Ring(1)]);
        assert_eq!(round.on(Input::Tick, at(120)), [], "the second has all of the own minutes");
        assert_eq!(round.on(Input::Tick, at(121)), [Step::Ring(2)]);
    }

    #[test]
    fn a_newer_one_who_cannot_be_reached_gives_way_at_once_while_an_older_one_still_rings() {
        let (mut round, _) = Round::begin(rota(3), at(0));
        round.on(Input::Tick, at(120));
        let steps = round.on(Input::Rejected(1, 603), at(121));
        assert_eq!(steps, [note(1, 120, 121, Outcome::Declined), Step::Ring(2)]);
    }

    #[test]
    fn an_older_leg_that_ends_does_not_hurry_the_newer_one() {
        let (mut round, _) = Round::begin(rota(3), at(0));
        round.on(Input::Tick, at(120));
        assert_eq!(round.on(Input::Rejected(0, 480), at(130)), [note(0, 0, 130, Outcome::NoAnswer)]);
    }

    #[test]
    fn the_last_one_who_is_unreachable_leaves_the_earlier_ones_their_time() {
        let (mut round, _) = Round::begin(rota(2), at(0));
        round.on(Input::Tick, at(120));
        assert_eq!(round.on(Input::Rejected(1, 503), at(121)), [note(1, 120, 121, Outcome::Failed)]);
        assert_eq!(round.on(Input::Answered(0), at(150)), [Step::Ask(0)]);
        assert!(round.on(Input::Key(0, '1'), at(155)).contains(&Step::Connect(0)));
    }

    #[test]
    fn a_voicemail_is_hung_up_and_the_next_is_rung_at_once() {
        let (mut round, _) = Round::begin(rota(2), at(0));
        round.on(Input::Answered(0), at(20));
        assert_eq!(round.on(Input::Tick, at(64)), []);
        let steps = round.on(Input::Tick, at(65));
        assert_eq!(steps, [Step::HangUp(0), note(0, 0, 65, Outcome::NotAccepted), Step::Ring(1)]);
    }

    #[test]
    fn a_caller_who_hangs_up_ends_every_leg() {
        let (mut round, _) = Round::begin(rota(2), at(0));
        let steps = round.on(Input::CallerGone, at(5));
        assert_eq!(steps, [Step::HangUp(0), note(0, 0, 5, Outcome::CallerGone), Step::Over(Over::CallerGone)]);
        assert_eq!(round.on(Input::CallerGone, at(6)), []);
    }

    #[test]
    fn an_empty_rota_is_its_fallback() {
        let (round, steps) = Round::begin(Vec::new(), at(0));
        assert_eq!((steps, round.over()), (vec![Step::Over(Over::Fallback)], Some(Over::Fallback)));
    }

    fn input() -> impl Strategy<Value = Input> {
        prop_oneof![
            6 => (0..5_usize).prop_map(Input::Answered),
            3 => (0..5_usize, prop_oneof![Just('1'), Just('9')]).prop_map(|(who, key)| Input::Key(who, key)),
            3 => (0..5_usize, prop::sample::select(vec![486, 480, 500])).prop_map(|(who, c)| Input::Rejected(who, c)),
            3 => (0..5_usize).prop_map(Input::Ended),
            1 => Just(Input::CallerGone),
            6 => Just(Input::Tick),
        ]
    }

    proptest! {
        #[test]
        fn nobody_is_rung_twice_and_everybody_who_was_rung_gets_one_end(
            inputs in prop::collection::vec((input(), 0..90_u64), 0..80), n in 0..5_usize,
        ) {
            let (mut round, first) = Round::begin(rota(n), at(0));
            let mut steps = first;
            let mut up = BTreeSet::new();
            let mut ends = BTreeMap::new();
            let (mut rung, mut connected, mut overs, mut now) = (0, Vec::new(), 0, 0);
            // At the end time alone must end the round: two minutes for each, and one to spare.
            let ticks = (0..=n).map(|_| (Input::Tick, 121));
            for (input, later) in inputs.into_iter().chain(ticks) {
                for step in steps.drain(..) {
                    prop_assert_eq!(overs, 0, "{:?} after the end", step);
                    match step {
                        Step::Ring(who) => {
                            prop_assert_eq!(who, rung, "each once, in the rota's order");
                            rung += 1;
                            up.insert(who);
                        }
                        Step::Ask(who) => prop_assert!(up.contains(&who)),
                        Step::HangUp(who) => { up.remove(&who); }
                        Step::Connect(who) => connected.push(who),
                        Step::Note(attempt) => {
                            prop_assert!(attempt.at <= attempt.settled);
                            prop_assert!(ends.insert(attempt.who, attempt.result).is_none(), "two ends");
                        }
                        Step::Over(_) => overs += 1,
                    }
                }
                now += later;
                if let Input::Rejected(who, _) | Input::Ended(who) = input {
                    up.remove(&who);
                }
                steps = round.on(input, at(now));
                // Crossing answers after the end are hung up, and nothing else happens any more.
                if overs > 0 {
                    prop_assert!(steps.iter().all(|s| matches!(s, Step::HangUp(_))), "{:?}", steps);
                    steps.clear();
                }
            }
            prop_assert!(round.over().is_some() && (overs == 1 || steps.iter().any(|s| matches!(s, Step::Over(_)))));
            for step in steps {
                match step {
                    Step::HangUp(who) => { up.remove(&who); }
                    Step::Note(attempt) => prop_assert!(ends.insert(attempt.who, attempt.result).is_none()),
                    Step::Ring(_) | Step::Ask(_) | Step::Connect(_) | Step::Over(_) => {}
                }
            }
            prop_assert_eq!(ends.len(), rung, "everybody who was rung gets an end");
            let accepted: Vec<_> = ends.iter().filter(|(_, r)| **r == Outcome::Accepted).map(|(who, _)| *who).collect();
            prop_assert_eq!(&accepted, &connected);
            prop_assert!(accepted.len() <= 1);
            for who in up {
                prop_assert!(connected.contains(&who), "{} still rings", who);
            }
        }
    }
}
