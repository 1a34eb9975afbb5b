//! A warm transfer: the desk is asked while the caller waits, and nobody is lost on the way. Pure: no socket, no clock.
//!
//! ```text
//!   Consulting ──answered──> Whisper ──key 1──> Bridged <──refused, late──> Releasing ──final NOTIFY 2xx──> Done
//!       │ rejected, 20 s        │ key 2, no key, hung up                        (only where the PBX knows Replaces)
//!       └───────────────────────┴──> the next target's Consulting; after the last: the caller is given back
//! ```
//!
//! In:  what the desk's leg, the caller's leg and the REFER report ([`Input`]), and a monotonic time.
//! Out: what the driver does, in this order ([`Output`]), and where the caller is ([`Place`]).
//! The caller's leg is never hung up before somebody has them: a 202 to the REFER is no success (RFC 3515 section
//! 2.4.4), only a final NOTIFY is, and until then both legs and the bridge stay. A desk is whoever pressed the key: a
//! voicemail that answers has not taken the call. Runs in the task of the call; never waits, never sees a number.

use std::time::Duration;

/// Keys of the desk while it hears the brief.
const TAKE: char = '1';
const DECLINE: char = '2';

/// How long each step may take, and what the exchange knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long one target rings. Ours, not the exchange's: an exchange may ring for ever, or answer with a voicemail.
    pub ring: Duration,
    /// The longest brief; a player that reports no end does not keep the caller waiting.
    pub brief: Duration,
    /// How long the desk may think after the brief; then it was a voicemail.
    pub think: Duration,
    /// Whether the exchange takes REFER with Replaces (RFC 3891), by the site's profile.
    pub refer: bool,
    /// How long a REFER may take to its final NOTIFY. The call is bridged meanwhile.
    pub notify: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            // Four rings of the North American cadence, 6 s each, less the last pause.
            ring: Duration::from_secs(20),
            brief: Duration::from_secs(30),
            // Long enough to find the key, shorter than most voicemails' greeting.
            think: Duration::from_secs(8),
            refer: false,
            // The desk is already up: a Replaces that works takes one round trip.
            notify: Duration::from_secs(5),
        }
    }
}

/// What the leg to one target reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Desk {
    /// It rings (180 or 183).
    Ringing,
    /// It was answered, by somebody or something.
    Answered,
    /// It was not: the final status, 300 to 699.
    Rejected {
        /// The status.
        code: u16,
    },
    /// A key was pressed.
    Key(char),
    /// The brief has been played to its end.
    BriefEnded,
    /// The desk hung up.
    Gone,
    /// The leg died: no sound, or no answer to a request in the dialog.
    Lost,
}

impl Desk {
    /// Whether the leg is no more.
    fn is_end(self) -> bool {
        matches!(self, Self::Rejected { .. } | Self::Gone | Self::Lost)
    }
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// On the leg to the target of this index. A leg that was told to hang up may still report.
    Desk(usize, Desk),
    /// The caller hung up, or the caller's leg died.
    CallerGone,
    /// 202: the REFER was understood, which says nothing about its outcome.
    ReferAccepted,
    /// The REFER was refused, or nobody answered it.
    ReferRefused {
        /// The status.
        code: u16,
    },
    /// A NOTIFY of the REFER's progress. It may come before the 202.
    Notified {
        /// The status in its message/sipfrag body.
        code: u16,
    },
    /// Time has passed.
    Tick,
}

/// What the driver must do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ring the target of this index.
    RingDesk(usize),
    /// Play the brief to the desk.
    PlayBrief,
    /// Stop the brief, if it still plays.
    StopBrief,
    /// End the leg to this target, if it is still up: CANCEL before the answer, BYE after it.
    HangUpDesk(usize),
    /// Connect caller and desk; the music ends.
    Bridge,
    /// Send the REFER with Replaces on the caller's leg, to this target's dialog.
    Refer(usize),
    /// The REFER came to nothing: the bridge stays as it is.
    KeepBridge,
    /// The caller hears music again.
    HoldCaller,
    /// Give the caller back to whoever asked for the desk.
    ReturnCaller(Why),
    /// Caller and desk have a dialog of their own: end whichever of our two legs is still up.
    Release,
    /// Staff have hung up: hang up the caller.
    HangUpCaller,
    /// Nothing more will be asked for.
    End,
}

/// Why a target does not have the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no target.
    NoTarget,
    /// It rang for as long as it may, or the exchange gave up.
    NoAnswer,
    /// It is in use.
    Busy,
    /// Staff declined, or hung up before they had taken the call.
    Declined,
    /// It was answered and no key was pressed: a voicemail.
    NotTaken,
    /// The exchange could not, or would not, or sent us elsewhere.
    Failed,
    /// The leg died.
    Lost,
}

impl Why {
    /// Its name in events and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoTarget => "no-target",
            Self::NoAnswer => "no-answer",
            Self::Busy => "busy",
            Self::Declined => "declined",
            Self::NotTaken => "not-taken",
            Self::Failed => "failed",
            Self::Lost => "lost",
        }
    }

    /// What a final status says (RFC 3261 section 21). A redirection is a failure: the brief is for the desk that was
    /// chosen, and not for wherever its telephone is forwarded to.
    #[must_use]
    pub fn of(code: u16) -> Self {
        match code {
            408 | 480 | 487 => Self::NoAnswer,
            486 | 600 => Self::Busy,
            603 => Self::Declined,
            _ => Self::Failed,
        }
    }
}

/// Where the caller is: always in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Hears music.
    OnHold,
    /// Talks with the desk, through us.
    Bridged,
    /// Is back with whoever asked for the desk.
    Returned,
    /// Talks with the desk, without us.
    Released,
    /// Has hung up, or was hung up on by staff at the end.
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Consulting,
    Whisper,
    Bridged { referred: bool },
    Releasing { desk_gone: bool, caller_gone: bool },
    Done(Place),
}

/// One consultation.
#[derive(Clone, Debug)]
pub struct Consult {
    rules: Rules,
    targets: usize,
    state: State,
    /// Whom the state is about.
    target: usize,
    /// When the state has lasted too long.
    until: Option<Duration>,
    tried: Vec<(usize, Why)>,
}

impl Consult {
    /// Begins to ring the first of `targets` desks; the caller is on hold from now on.
    #[must_use]
    pub fn begin(targets: usize, rules: Rules, now: Duration) -> (Self, Vec<Output>) {
        let state = State::Consulting;
        let mut consult = Self { rules, targets, state, target: 0, until: None, tried: Vec::new() };
        let mut out = Vec::new();
        consult.ring(0, Why::NoTarget, now, &mut out);
        (consult, out)
    }

    /// Begins where somebody has already taken the call: whoever is rung as `target`. The caller is connected at once.
    #[must_use]
    pub fn taken(target: usize, rules: Rules, now: Duration) -> (Self, Vec<Output>) {
        let mut consult = Self { rules, targets: 0, state: State::Whisper, target, until: None, tried: Vec::new() };
        let mut out = Vec::new();
        consult.take(now, &mut out);
        (consult, out)
    }

    /// Takes what has happened at `now`; returns what to do, in order.
    pub fn on(&mut self, input: Input, now: Duration) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            Input::Desk(target, desk) if self.has_leg() && target == self.target => self.desk(desk, now, &mut out),
            // An answer that crossed our CANCEL (RFC 3261 section 9.1): the leg is up and nobody wants it.
            Input::Desk(target, Desk::Answered) => out.push(Output::HangUpDesk(target)),
            Input::Desk(_, _) | Input::ReferAccepted => {}
            Input::CallerGone => self.caller_gone(&mut out),
            Input::ReferRefused { code: _ } => self.not_released(&mut out),
            Input::Notified { code } => self.notified(code, &mut out),
            Input::Tick => self.tick(now, &mut out),
        }
        out
    }

    /// Where the caller is.
    #[must_use]
    pub fn place(&self) -> Place {
        match self.state {
            State::Consulting | State::Whisper => Place::OnHold,
            State::Bridged { .. } => Place::Bridged,
            State::Releasing { caller_gone: true, .. } => Place::Gone,
            State::Releasing { desk_gone: true, .. } => Place::OnHold,
            State::Releasing { .. } => Place::Bridged,
            State::Done(place) => place,
        }
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Done(_))
    }

    /// When the next [`Input::Tick`] matters; `None` where nothing waits for time.
    #[must_use]
    pub fn next(&self) -> Option<Duration> {
        self.until
    }

    /// The targets that were tried and do not have the caller, in order, each with the reason: for the record.
    #[must_use]
    pub fn tried(&self) -> &[(usize, Why)] {
        &self.tried
    }

    /// Whether the leg to the target is up, or rings.
    fn has_leg(&self) -> bool {
        !matches!(self.state, State::Releasing { desk_gone: true, .. } | State::Done(_))
    }

    fn desk(&mut self, desk: Desk, now: Duration, out: &mut Vec<Output>) {
        match self.state {
            State::Consulting => match desk {
                Desk::Answered => {
                    out.push(Output::PlayBrief);
                    self.enter(State::Whisper, Some(now + self.rules.brief + self.rules.think));
                }
                Desk::Rejected { code } => self.without(Why::of(code), now, out),
                Desk::Gone => self.without(Why::Failed, now, out),
                Desk::Lost => self.without(Why::Lost, now, out),
                Desk::Ringing | Desk::Key(_) | Desk::BriefEnded => {}
            },
            State::Whisper => self.whisper(desk, now, out),
            // Staff end a call by hanging up.
            State::Bridged { .. } if desk == Desk::Gone => self.end(Place::Gone, &[Output::HangUpCaller], out),
            State::Bridged { .. } if desk.is_end() => self.give_back(Why::Lost, out),
            // The desk ends the dialog that was replaced (RFC 3891 section 3), maybe before the NOTIFY is here.
            State::Releasing { caller_gone, .. } if desk.is_end() => {
                if !caller_gone {
                    out.push(Output::HoldCaller);
                }
                self.state = State::Releasing { caller_gone, desk_gone: true };
            }
            State::Bridged { .. } | State::Releasing { .. } | State::Done(_) => {}
        }
    }

    fn whisper(&mut self, desk: Desk, now: Duration, out: &mut Vec<Output>) {
        match desk {
            Desk::Key(TAKE) => {
                out.push(Output::StopBrief);
                self.take(now, out);
            }
            Desk::Key(DECLINE) => self.give_up(&[Output::StopBrief], Why::Declined, now, out),
            // A second report of the end does not give more time.
            Desk::BriefEnded => self.until = self.until.map(|until| until.min(now + self.rules.think)),
            Desk::Gone | Desk::Lost | Desk::Rejected { .. } => {
                out.push(Output::StopBrief);
                self.without(if desk == Desk::Gone { Why::Declined } else { Why::Lost }, now, out);
            }
            Desk::Ringing | Desk::Answered | Desk::Key(_) => {}
        }
    }

    /// The target has the caller.
    fn take(&mut self, now: Duration, out: &mut Vec<Output>) {
        out.push(Output::Bridge);
        if self.rules.refer {
            out.push(Output::Refer(self.target));
            let releasing = State::Releasing { desk_gone: false, caller_gone: false };
            self.enter(releasing, Some(now + self.rules.notify));
        } else {
            self.enter(State::Bridged { referred: false }, None);
        }
    }

    fn caller_gone(&mut self, out: &mut Vec<Output>) {
        let hang_up = Output::HangUpDesk(self.target);
        match self.state {
            State::Consulting | State::Bridged { .. } => self.end(Place::Gone, &[hang_up], out),
            State::Whisper => self.end(Place::Gone, &[Output::StopBrief, hang_up], out),
            // Some exchanges end our leg as soon as they have taken the caller over. To hang up the desk now would cut
            // the dialog that is about to be replaced: the NOTIFY, or its deadline, says what it was.
            State::Releasing { desk_gone, .. } => self.state = State::Releasing { desk_gone, caller_gone: true },
            State::Done(Place::Returned) => self.state = State::Done(Place::Gone),
            State::Done(_) => {}
        }
    }

    fn notified(&mut self, code: u16, out: &mut Vec<Output>) {
        match (self.state, code) {
            // Also after the deadline: they talk without us, and our legs are in the way.
            (State::Releasing { .. } | State::Bridged { referred: true }, 200..=299) => {
                self.end(Place::Released, &[Output::Release], out);
            }
            (State::Releasing { .. }, 300..) => self.not_released(out),
            // Progress, or a NOTIFY that nobody asked for.
            (State::Releasing { .. } | State::Bridged { .. } | State::Done(_), _) => {}
            (State::Consulting | State::Whisper, _) => {}
        }
    }

    fn tick(&mut self, now: Duration, out: &mut Vec<Output>) {
        if self.until.is_none_or(|until| now < until) {
            return;
        }
        match self.state {
            State::Consulting => self.give_up(&[], Why::NoAnswer, now, out),
            State::Whisper => self.give_up(&[Output::StopBrief], Why::NotTaken, now, out),
            State::Releasing { .. } => self.not_released(out),
            State::Bridged { .. } | State::Done(_) => {}
        }
    }

    /// The REFER came to nothing, or to nothing in time.
    fn not_released(&mut self, out: &mut Vec<Output>) {
        let State::Releasing { desk_gone, caller_gone } = self.state else { return };
        match (caller_gone, desk_gone) {
            (false, false) => {
                out.push(Output::KeepBridge);
                self.enter(State::Bridged { referred: true }, None);
            }
            (false, true) => self.give_back(Why::Lost, out),
            (true, false) => self.end(Place::Gone, &[Output::HangUpDesk(self.target)], out),
            (true, true) => self.end(Place::Gone, &[], out),
        }
    }

    /// The target has had its time, or its say: its leg is ended.
    fn give_up(&mut self, first: &[Output], why: Why, now: Duration, out: &mut Vec<Output>) {
        out.extend_from_slice(first);
        out.push(Output::HangUpDesk(self.target));
        self.without(why, now, out);
    }

    /// The target does not have the caller; its leg has ended or has just been told to.
    fn without(&mut self, why: Why, now: Duration, out: &mut Vec<Output>) {
        self.tried.push((self.target, why));
        self.ring(self.target.saturating_add(1), why, now, out);
    }

    /// Rings a target; where there is none, gives the caller back with the reason of the last.
    fn ring(&mut self, target: usize, why: Why, now: Duration, out: &mut Vec<Output>) {
        if target >= self.targets {
            return self.end(Place::Returned, &[Output::ReturnCaller(why)], out);
        }
        self.target = target;
        out.push(Output::RingDesk(target));
        self.enter(State::Consulting, Some(now + self.rules.ring));
    }

    /// The desk had the caller and is gone. It is not rung again: the caller is asked.
    fn give_back(&mut self, why: Why, out: &mut Vec<Output>) {
        self.tried.push((self.target, why));
        self.end(Place::Returned, &[Output::ReturnCaller(why)], out);
    }

    fn enter(&mut self, state: State, until: Option<Duration>) {
        (self.state, self.until) = (state, until);
    }

    fn end(&mut self, place: Place, last: &[Output], out: &mut Vec<Output>) {
        out.extend_from_slice(last);
        out.push(Output::End);
        self.enter(State::Done(place), None);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const REFER: Rules = Rules {
        ring: Duration::from_secs(20),
        brief: Duration::from_secs(30),
        think: Duration::from_secs(8),
        refer: true,
        notify: Duration::from_secs(5),
    };

    fn at(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    fn bridge_only() -> Rules {
        Rules { refer: false, ..REFER }
    }

    /// A consultation whose first desk hears the brief since second 3.
    fn whispering(targets: usize, rules: Rules) -> Consult {
        let (mut consult, out) = Consult::begin(targets, rules, at(0));
        assert_eq!(out, [Output::RingDesk(0)]);
        assert_eq!(consult.on(Input::Desk(0, Desk::Ringing), at(1)), []);
        assert_eq!(consult.on(Input::Desk(0, Desk::Answered), at(3)), [Output::PlayBrief]);
        assert_eq!(consult.place(), Place::OnHold);
        consult
    }

    fn releasing() -> Consult {
        let mut consult = whispering(1, REFER);
        let out = consult.on(Input::Desk(0, Desk::Key('1')), at(4));
        assert_eq!(out, [Output::StopBrief, Output::Bridge, Output::Refer(0)]);
        consult
    }

    #[test]
    fn the_key_takes_the_call_in_the_middle_of_the_brief() {
        let mut consult = whispering(1, bridge_only());
        assert_eq!(consult.on(Input::Desk(0, Desk::Key('5')), at(4)), []);
        assert_eq!(consult.on(Input::Desk(0, Desk::Key('1')), at(4)), [Output::StopBrief, Output::Bridge]);
        assert_eq!(consult.place(), Place::Bridged);
        assert_eq!(consult.next(), None, "a bridge has no end of its own");
    }

    #[test]
    fn a_desk_that_rings_for_ever_gives_way_to_the_next_after_our_own_time() {
        let (mut consult, _) = Consult::begin(2, REFER, at(0));
        assert_eq!(consult.on(Input::Tick, at(19)), []);
        assert_eq!(consult.on(Input::Tick, at(20)), [Output::HangUpDesk(0), Output::RingDesk(1)]);
        assert_eq!(consult.next(), Some(at(40)), "each target has its own time");
    }

    #[test]
    fn an_answer_that_crosses_the_hang_up_is_hung_up_again_and_disturbs_nobody() {
        let (mut consult, _) = Consult::begin(2, REFER, at(0));
        consult.on(Input::Tick, at(20));
        assert_eq!(consult.on(Input::Desk(0, Desk::Answered), at(20)), [Output::HangUpDesk(0)]);
        assert_eq!(consult.on(Input::Desk(0, Desk::Key('1')), at(21)), [], "the first desk may not take it any more");
        assert_eq!(consult.on(Input::Desk(1, Desk::Answered), at(22)), [Output::PlayBrief]);
    }

    #[test]
    fn a_voicemail_that_answers_has_not_taken_the_call() {
        let mut consult = whispering(1, REFER);
        consult.on(Input::Desk(0, Desk::BriefEnded), at(10));
        assert_eq!(consult.on(Input::Tick, at(17)), []);
        let out = consult.on(Input::Tick, at(18));
        let returned = [Output::StopBrief, Output::HangUpDesk(0), Output::ReturnCaller(Why::NotTaken), Output::End];
        assert_eq!(out, returned);
        assert_eq!((consult.place(), consult.tried()), (Place::Returned, &[(0, Why::NotTaken)][..]));
    }

    #[test]
    fn a_brief_that_never_reports_its_end_does_not_keep_the_caller() {
        let mut consult = whispering(1, REFER);
        assert_eq!(consult.on(Input::Tick, at(40)), []);
        assert!(consult.on(Input::Tick, at(41)).contains(&Output::ReturnCaller(Why::NotTaken)));
    }

    #[test]
    fn a_second_end_of_the_brief_does_not_give_more_time() {
        let mut consult = whispering(1, REFER);
        consult.on(Input::Desk(0, Desk::BriefEnded), at(10));
        consult.on(Input::Desk(0, Desk::BriefEnded), at(17));
        assert_eq!(consult.next(), Some(at(18)));
    }

    #[test]
    fn a_desk_that_declines_gives_way_to_the_next() {
        let mut consult = whispering(2, REFER);
        let out = consult.on(Input::Desk(0, Desk::Key('2')), at(5));
        assert_eq!(out, [Output::StopBrief, Output::HangUpDesk(0), Output::RingDesk(1)]);
        let out = consult.on(Input::Desk(1, Desk::Rejected { code: 486 }), at(6));
        assert_eq!(out, [Output::ReturnCaller(Why::Busy), Output::End]);
        assert_eq!(consult.tried(), [(0, Why::Declined), (1, Why::Busy)]);
    }

    #[test]
    fn without_a_target_the_caller_is_given_back_at_once() {
        let (consult, out) = Consult::begin(0, REFER, at(0));
        assert_eq!(out, [Output::ReturnCaller(Why::NoTarget), Output::End]);
        assert!(consult.is_over());
    }

    #[test]
    fn whoever_accepted_elsewhere_has_the_caller_at_once_and_ends_the_call_by_hanging_up() {
        let (mut consult, out) = Consult::taken(2, bridge_only(), at(0));
        assert_eq!((out, consult.place()), (vec![Output::Bridge], Place::Bridged));
        assert_eq!(consult.on(Input::Desk(0, Desk::Gone), at(9)), [], "another's end is nobody's");
        assert_eq!(consult.on(Input::Desk(2, Desk::Gone), at(9)), [Output::HangUpCaller, Output::End]);
        let (mut consult, out) = Consult::taken(2, REFER, at(0));
        assert_eq!(out, [Output::Bridge, Output::Refer(2)]);
        assert_eq!(consult.on(Input::Notified { code: 200 }, at(1)), [Output::Release, Output::End]);
        let (mut consult, _) = Consult::taken(0, bridge_only(), at(0));
        let back = [Output::ReturnCaller(Why::Lost), Output::End];
        assert_eq!(consult.on(Input::Desk(0, Desk::Lost), at(9)), back, "and nobody is rung anew");
    }

    #[test]
    fn a_202_is_no_success_and_the_final_notify_is() {
        let mut consult = releasing();
        // The order that was seen on the wire: the first NOTIFY comes before the 202.
        assert_eq!(consult.on(Input::Notified { code: 100 }, at(4)), []);
        assert_eq!(consult.on(Input::ReferAccepted, at(4)), []);
        assert_eq!(consult.place(), Place::Bridged);
        assert_eq!(consult.on(Input::Notified { code: 200 }, at(5)), [Output::Release, Output::End]);
        assert_eq!(consult.place(), Place::Released);
    }

    #[test]
    fn a_refer_that_fails_after_its_202_leaves_the_bridge() {
        for end in [Input::Notified { code: 500 }, Input::ReferRefused { code: 405 }] {
            let mut consult = releasing();
            consult.on(Input::ReferAccepted, at(4));
            assert_eq!(consult.on(end, at(5)), [Output::KeepBridge]);
            assert_eq!(consult.place(), Place::Bridged);
            assert_eq!(consult.on(Input::CallerGone, at(60)), [Output::HangUpDesk(0), Output::End]);
        }
    }

    #[test]
    fn a_refer_without_a_final_notify_leaves_the_bridge_and_a_late_one_still_releases() {
        let mut consult = releasing();
        assert_eq!(consult.on(Input::Tick, at(8)), []);
        assert_eq!(consult.on(Input::Tick, at(9)), [Output::KeepBridge]);
        assert_eq!(consult.on(Input::Notified { code: 200 }, at(11)), [Output::Release, Output::End]);
    }

    #[test]
    fn a_notify_that_nobody_asked_for_releases_nobody() {
        let mut consult = whispering(1, bridge_only());
        assert_eq!(consult.on(Input::Notified { code: 200 }, at(4)), []);
        consult.on(Input::Desk(0, Desk::Key('1')), at(5));
        assert_eq!(consult.on(Input::Notified { code: 200 }, at(6)), []);
        assert_eq!(consult.place(), Place::Bridged);
    }

    #[test]
    fn a_desk_that_ends_the_replaced_dialog_before_the_notify_has_not_hung_up() {
        let mut consult = releasing();
        assert_eq!(consult.on(Input::Desk(0, Desk::Gone), at(5)), [Output::HoldCaller]);
        assert_eq!(consult.on(Input::Notified { code: 200 }, at(5)), [Output::Release, Output::End]);
    }

    #[test]
    fn a_desk_that_goes_while_the_refer_fails_gives_the_caller_back() {
        let mut consult = releasing();
        consult.on(Input::Desk(0, Desk::Gone), at(5));
        assert_eq!(consult.on(Input::Tick, at(9)), [Output::ReturnCaller(Why::Lost), Output::End]);
    }

    #[test]
    fn a_caller_whose_leg_ends_before_the_notify_does_not_cost_the_desk_its_call() {
        let mut consult = releasing();
        assert_eq!(consult.on(Input::CallerGone, at(4)), []);
        assert_eq!(consult.on(Input::Notified { code: 200 }, at(5)), [Output::Release, Output::End]);
        // A caller who has really hung up: the desk is hung up when the deadline is over.
        let mut consult = releasing();
        consult.on(Input::CallerGone, at(4));
        assert_eq!(consult.on(Input::Tick, at(9)), [Output::HangUpDesk(0), Output::End]);
    }

    #[test]
    fn staff_who_hang_up_end_the_call_and_a_leg_that_dies_gives_the_caller_back() {
        let mut consult = whispering(1, bridge_only());
        consult.on(Input::Desk(0, Desk::Key('1')), at(5));
        let mut other = consult.clone();
        assert_eq!(consult.on(Input::Desk(0, Desk::Gone), at(60)), [Output::HangUpCaller, Output::End]);
        assert_eq!(other.on(Input::Desk(0, Desk::Lost), at(60)), [Output::ReturnCaller(Why::Lost), Output::End]);
    }

    #[test]
    fn a_caller_who_hangs_up_ends_whatever_rings_or_listens() {
        let (mut consult, _) = Consult::begin(3, REFER, at(0));
        assert_eq!(consult.on(Input::CallerGone, at(1)), [Output::HangUpDesk(0), Output::End]);
        let out = whispering(3, REFER).on(Input::CallerGone, at(4));
        assert_eq!(out, [Output::StopBrief, Output::HangUpDesk(0), Output::End]);
    }

    #[test]
    fn a_forwarded_desk_is_a_failure_and_is_not_followed() {
        assert_eq!(Why::of(302), Why::Failed);
        assert_eq!(Why::of(480), Why::NoAnswer);
        assert_eq!(Why::of(603), Why::Declined);
    }

    fn input() -> impl Strategy<Value = Input> {
        let desk = prop_oneof![
            1 => Just(Desk::Ringing),
            4 => Just(Desk::Answered),
            1 => prop_oneof![Just(180), Just(302), Just(486), Just(503)].prop_map(|code| Desk::Rejected { code }),
            4 => prop_oneof![3 => Just('1'), 1 => Just('2'), 1 => Just('#')].prop_map(Desk::Key),
            1 => Just(Desk::BriefEnded),
            1 => Just(Desk::Gone),
            1 => Just(Desk::Lost),
        ];
        prop_oneof![
            8 => (0..4_usize, desk).prop_map(|(target, desk)| Input::Desk(target, desk)),
            1 => Just(Input::CallerGone),
            1 => Just(Input::ReferAccepted),
            1 => any::<u16>().prop_map(|code| Input::ReferRefused { code }),
            3 => prop_oneof![Just(100), Just(180), Just(200), Just(500)].prop_map(|code| Input::Notified { code }),
            3 => Just(Input::Tick),
        ]
    }

    /// What the outputs alone say: which desk legs are up, and where the caller is.
    #[derive(Default)]
    struct Seen {
        up: BTreeSet<usize>,
        rung: BTreeSet<usize>,
        bridged: bool,
        ended: bool,
    }

    impl Seen {
        fn take(&mut self, outputs: &[Output]) {
            for output in outputs {
                match *output {
                    Output::RingDesk(target) => {
                        assert!(self.up.is_empty(), "two desks at once");
                        assert!(self.rung.insert(target), "a desk was rung twice");
                        self.up.insert(target);
                    }
                    Output::HangUpDesk(target) => {
                        self.up.remove(&target);
                    }
                    Output::Bridge => {
                        assert!(!self.bridged && self.up.len() == 1, "a bridge without a desk");
                        self.bridged = true;
                    }
                    Output::KeepBridge => assert!(self.bridged && self.up.len() == 1),
                    Output::Release => self.up.clear(),
                    Output::ReturnCaller(_) => assert!(self.up.is_empty(), "a desk was left behind"),
                    Output::End => {
                        assert!(!self.ended, "ended twice");
                        self.ended = true;
                    }
                    Output::PlayBrief => assert!(!self.bridged && self.up.len() == 1),
                    Output::StopBrief | Output::Refer(_) | Output::HoldCaller | Output::HangUpCaller => {}
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_sequence_keeps_the_caller_somewhere_and_leaves_no_desk_behind(
            inputs in prop::collection::vec((input(), 0..4_u64), 0..60), targets in 0..4_usize, refer in any::<bool>(),
        ) {
            let rules = Rules { refer, ..REFER };
            let (mut consult, out) = Consult::begin(targets, rules, at(0));
            let mut seen = Seen::default();
            seen.take(&out);
            let mut now = 0;
            for (input, later) in inputs {
                now += later;
                // A leg that answers is up, whatever it had been told; one that ended by itself is not.
                if let Input::Desk(target, Desk::Answered) = input {
                    seen.up.insert(target);
                }
                if let Input::Desk(target, Desk::Gone | Desk::Lost | Desk::Rejected { .. }) = input {
                    seen.up.remove(&target);
                }
                let before = consult.place();
                let outputs = consult.on(input, at(now));
                let was_over = seen.ended;
                seen.take(&outputs);
                prop_assert_eq!(consult.is_over(), seen.ended);
                prop_assert!(!was_over || outputs.iter().all(|o| matches!(o, Output::HangUpDesk(_))));
                // Each place is entered with the output that says so, and by no other way.
                match (before, consult.place()) {
                    (before, after) if before == after => {}
                    (Place::OnHold, Place::Bridged) => prop_assert!(outputs.contains(&Output::Bridge)),
                    (Place::Bridged, Place::OnHold) => prop_assert!(outputs.contains(&Output::HoldCaller)),
                    (Place::OnHold | Place::Bridged, Place::Returned) => {
                        prop_assert!(outputs.iter().any(|o| matches!(o, Output::ReturnCaller(_))));
                    }
                    (Place::OnHold | Place::Bridged | Place::Gone, Place::Released) => {
                        prop_assert!(refer && outputs.contains(&Output::Release));
                        prop_assert!(matches!(input, Input::Notified { code: 200..=299 }), "only a NOTIFY releases");
                    }
                    (_, Place::Gone) => {
                        prop_assert!(input == Input::CallerGone || outputs.contains(&Output::HangUpCaller));
                    }
                    (before, after) => prop_assert!(false, "from {before:?} to {after:?}"),
                }
                if consult.place() == Place::Bridged {
                    prop_assert_eq!(seen.up.len(), 1);
                }
            }
            // Time alone ends every wait: at most one bridge is left, and the caller's hanging up ends that.
            for _ in 0..10 {
                now += 60;
                seen.take(&consult.on(Input::Tick, at(now)));
            }
            prop_assert!(consult.is_over() || consult.place() == Place::Bridged);
            seen.take(&consult.on(Input::CallerGone, at(now)));
            prop_assert!(consult.is_over() && seen.ended);
            prop_assert!(seen.up.is_empty(), "{:?} still up", seen.up);
        }
    }
}
