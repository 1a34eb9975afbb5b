//! Staff in a hand-off: what [`crate::line::rota`] and [`crate::line::consult`] decide, done with calls to their telephones.
//!
//! ```text
//!   urgent ──> whoever is on call, one after another (rota) ──key──> connected (consult)
//!                        │ nobody                                        ^
//!   routine ─────────────┴──> the desks, in order (consult) ──key────────┘
//! ```
//! In:  the brief, what the telephones do, keys, time. Out: [`Happened`], for the caller's call.
//! The caller stays where they are until staff have pressed the key; whatever fails here gives them back.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;

use super::Site;
use super::endpoint::{Leg, SipError};
use super::staff::Staff;
use super::watch::{Asking, answer_to};
use crate::line::Rung;
use crate::line::consult::{Consult, Desk as Did, Input, Output, Place, Why};
use crate::line::media::LegHandle;
use crate::line::rota::{self, Over, Round, Step};
use crate::wire::line::{DeskAnswer, Urgency};

/// What came of a hand-off, for the caller's call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// Somebody on call was rung, or what came of it.
    OnCall(usize, Rung),
    /// Staff took the call.
    Taken,
    /// They did not, or the desk was lost later: the caller is back.
    NotTaken(DeskAnswer),
    /// The exchange is to connect the two itself.
    Refer,
    /// The desk's leg has ended while the exchange connects the two: the caller hears music until it says how that went.
    OnHold,
    /// Staff hung up on the caller.
    DeskHungUp,
    /// The exchange has connected the two: the box is out of it.
    Released,
}

/// Who decides.
enum Phase {
    /// Nobody yet.
    New,
    /// Those on call are asked.
    OnCall(Round),
    /// A desk is asked, or somebody has the caller.
    Desks(Consult),
}

/// A hand-off under way.
pub(super) struct Desk {
    site: Arc<Site>,
    brief: Vec<i16>,
    urgency: Urgency,
    phase: Phase,
    staff: Staff,
    /// Who has the caller, or rings as the desk.
    newest: usize,
    referring: Option<Asking>,
}

impl Desk {
    /// A hand-off with this brief, 8 kHz.
    pub(super) fn new(site: Arc<Site>, brief: Vec<i16>, urgency: Urgency) -> Self {
        let staff = Staff::new(Arc::clone(&site));
        Self { site, brief, urgency, phase: Phase::New, staff, newest: 0, referring: None }
    }

    /// Rings whoever is first.
    pub(super) fn begin(&mut self) -> Vec<Happened> {
        if self.urgency == Urgency::Routine || self.site.on_call.is_empty() {
            return self.ask_desks();
        }
        let rota = self.site.on_call.iter().map(|clinician| clinician.entry).collect();
        let (round, steps) = Round::begin(rota, self.site.now());
        self.phase = Phase::OnCall(round);
        self.follow(steps)
    }

    /// Whether this hand-off does for another that is asked for while it lasts: then it goes on, with the new brief. It
    /// does not where the new one is urgent and those on call have not been asked.
    pub(super) fn does_for(&mut self, brief: &[i16], urgency: Urgency) -> bool {
        let asks = match &self.phase {
            Phase::New => false,
            Phase::OnCall(round) => round.over().is_none(),
            Phase::Desks(consult) => consult.place() == Place::OnHold,
        };
        let does = asks && (urgency <= self.urgency || self.site.on_call.is_empty());
        if does {
            self.brief = brief.to_vec();
        }
        does
    }

    /// What concerns the caller, next, in order; never where there is no desk.
    pub(super) async fn next_of(desk: &mut Option<Self>) -> Vec<Happened> {
        match desk {
            Some(desk) => desk.next().await,
            None => std::future::pending().await,
        }
    }

    /// What concerns the caller, next, in order. Dropped, it is as if never called.
    pub(super) async fn next(&mut self) -> Vec<Happened> {
        let code = tokio::select! {
            (who, did) = self.staff.next() => return self.did(who, did),
            code = answer_to(&mut self.referring) => code,
        };
        self.referring = None;
        self.on(match code {
            Ok(200..=299) => Input::ReferAccepted,
            Ok(code) => Input::ReferRefused { code },
            Err(SipError::Silent | SipError::Gone | SipError::Listen(_) | SipError::Address) => {
                Input::ReferRefused { code: 408 }
            }
        })
    }

    /// Time passes.
    pub(super) fn tick(&mut self) -> Vec<Happened> {
        match self.staff.look() {
            Some((who, did)) => self.did(who, did),
            None => self.both(rota::Input::Tick, Input::Tick),
        }
    }

    /// The caller's peer says how the transfer goes.
    pub(super) fn notified(&mut self, code: u16) -> Vec<Happened> {
        self.on(Input::Notified { code })
    }

    /// The caller hung up, or the caller's leg died.
    pub(super) fn caller_gone(&mut self) -> Vec<Happened> {
        self.both(rota::Input::CallerGone, Input::CallerGone)
    }

    /// Whether nothing more will come of it.
    pub(super) fn is_over(&self) -> bool {
        match &self.phase {
            Phase::New => true,
            Phase::OnCall(round) => round.over().is_some(),
            Phase::Desks(consult) => consult.is_over(),
        }
    }

    /// The REFER is on its way.
    pub(super) fn refers(&mut self, asked: impl Future<Output = Result<u16, SipError>> + Send + 'static) {
        self.referring = Some(Box::pin(asked));
    }

    /// The leg of whoever takes the caller, once it has been answered.
    pub(super) fn leg(&self) -> Option<&LegHandle> {
        self.staff.leg(self.newest)
    }

    /// The dialog of whoever takes the caller.
    pub(super) fn dialog(&self) -> Option<&Leg> {
        self.staff.dialog(self.newest)
    }

    /// Whatever rings or talks, to be hung up; its sound has ended.
    pub(super) fn into_legs(self) -> Vec<Leg> {
        self.staff.into_legs()
    }

    fn did(&mut self, who: usize, did: Did) -> Vec<Happened> {
        let of_rota = match did {
            Did::Answered => Some(rota::Input::Answered(who)),
            Did::Key(key) => Some(rota::Input::Key(who, key)),
            Did::Rejected { code } => Some(rota::Input::Rejected(who, code)),
            Did::Gone | Did::Lost => Some(rota::Input::Ended(who)),
            Did::Ringing | Did::BriefEnded => None,
        };
        match (&self.phase, of_rota) {
            (Phase::OnCall(_), None) => Vec::new(),
            (_, of_rota) => self.both(of_rota.unwrap_or(rota::Input::Tick), Input::Desk(who, did)),
        }
    }

    /// Tells whoever decides now.
    fn both(&mut self, of_rota: rota::Input, of_desk: Input) -> Vec<Happened> {
        let now = self.site.now();
        match &mut self.phase {
            Phase::New => Vec::new(),
            Phase::OnCall(round) => {
                let steps = round.on(of_rota, now);
                self.follow(steps)
            }
            Phase::Desks(_) => self.on(of_desk),
        }
    }

    /// Does what the rota says.
    fn follow(&mut self, steps: Vec<Step>) -> Vec<Happened> {
        let mut happened = Vec::new();
        let mut waiting: VecDeque<Step> = steps.into();
        while let Some(step) = waiting.pop_front() {
            match step {
                Step::Ring(who) => {
                    happened.push(Happened::OnCall(who, Rung::Begins));
                    let site = Arc::clone(&self.site);
                    let is_rung = site.on_call.get(who).is_some_and(|on_call| self.staff.ring(who, &on_call.target));
                    if let (false, Phase::OnCall(round)) = (is_rung, &mut self.phase) {
                        waiting.extend(round.on(rota::Input::Rejected(who, 500), site.now()));
                    }
                }
                Step::Ask(who) => {
                    let question = self.site.on_call.get(who).map(|on_call| on_call.question.clone());
                    self.staff.play(who, question.unwrap_or_default());
                }
                Step::HangUp(who) => self.staff.hang_up(who),
                Step::Connect(who) => self.staff.play(who, Vec::new()),
                Step::Note(attempt) => {
                    let after = attempt.settled.saturating_sub(attempt.at);
                    happened.push(Happened::OnCall(attempt.who, Rung::Settled { result: attempt.result, after }));
                }
                Step::Over(Over::Accepted(who)) => {
                    self.newest = who;
                    let (consult, out) = Consult::taken(who, self.site.rules, self.site.now());
                    self.phase = Phase::Desks(consult);
                    happened.extend(self.obey(out));
                }
                Step::Over(Over::Fallback) => happened.extend(self.ask_desks()),
                Step::Over(Over::CallerGone) => {}
            }
        }
        happened
    }

    fn ask_desks(&mut self) -> Vec<Happened> {
        let (consult, out) = Consult::begin(self.site.desks.len(), self.site.rules, self.site.now());
        self.phase = Phase::Desks(consult);
        self.obey(out)
    }

    fn on(&mut self, input: Input) -> Vec<Happened> {
        let now = self.site.now();
        let Phase::Desks(consult) = &mut self.phase else { return Vec::new() };
        let out = consult.on(input, now);
        self.obey(out)
    }

    /// Does what the consultation says.
    fn obey(&mut self, out: Vec<Output>) -> Vec<Happened> {
        let mut happened = Vec::new();
        let mut waiting: VecDeque<Output> = out.into();
        while let Some(output) = waiting.pop_front() {
            match output {
                Output::RingDesk(target) => {
                    self.newest = target;
                    let site = Arc::clone(&self.site);
                    let is_rung = site.desks.get(target).is_some_and(|desk| self.staff.ring(target, desk));
                    if let (false, Phase::Desks(consult)) = (is_rung, &mut self.phase) {
                        let input = Input::Desk(target, Did::Rejected { code: 500 });
                        waiting.extend(consult.on(input, site.now()));
                    }
                }
                Output::PlayBrief => self.staff.play(self.newest, self.brief.clone()),
                Output::StopBrief => self.staff.play(self.newest, Vec::new()),
                Output::HangUpDesk(target) => self.staff.hang_up(target),
                Output::Bridge => happened.push(Happened::Taken),
                Output::Refer(_) => happened.push(Happened::Refer),
                Output::ReturnCaller(why) => happened.push(Happened::NotTaken(answer_of(why))),
                Output::Release => happened.push(Happened::Released),
                Output::HangUpCaller => happened.push(Happened::DeskHungUp),
                Output::HoldCaller => happened.push(Happened::OnHold),
                Output::KeepBridge | Output::End => {}
            }
        }
        happened
    }
}

fn answer_of(why: Why) -> DeskAnswer {
    match why {
        Why::Declined | Why::Busy => DeskAnswer::Decline,
        Why::NoTarget | Why::NoAnswer | Why::NotTaken | Why::Failed | Why::Lost => DeskAnswer::None,
    }
}
