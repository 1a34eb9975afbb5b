//! The desk's side of a hand-off: what [`crate::line::consult`] decides, done with a second call.
//!
//! In:  the brief, what the desk's telephone does, keys, time. Out: [`Happened`], for the caller's call.
//! The caller stays where they are until staff have pressed the key; whatever fails here gives them back.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Site;
use super::call::{ASK_AFTER, SILENT_FOR};
use super::endpoint::{Leg, SipError, Told};
use super::sound::Sound;
use crate::line::consult::{Consult, Desk as Did, Input, Output, Why};
use crate::line::media::{Heard, LegHandle, Side};
use crate::wire::line::DeskAnswer;

/// What came of the desk.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Happened {
    /// Staff took the call.
    Taken,
    /// They did not, or the desk was lost later: the caller is back.
    NotTaken(DeskAnswer),
    /// The exchange is to connect the two itself.
    Refer,
    /// Staff hung up on the caller.
    DeskHungUp,
    /// The exchange has connected the two: the box is out of it.
    Released,
}

/// A question to a peer, and the code that it will answer with.
type Asking = Pin<Box<dyn Future<Output = Result<u16, SipError>> + Send>>;

/// A hand-off under way.
pub(super) struct Desk {
    site: Arc<Site>,
    brief: Vec<i16>,
    consult: Option<Consult>,
    legs: Vec<Ringing>,
    referring: Option<Asking>,
    /// Whether the silent telephone of this target is still there.
    asking: Option<(usize, Asking)>,
}

/// One desk that rings, or talks.
struct Ringing {
    target: usize,
    leg: Leg,
    sound: Sound,
    /// When it was, on the line's clock.
    answered: Option<Duration>,
    /// When it was last asked whether it is there.
    asked: Option<Duration>,
}

impl Ringing {
    /// How long nothing has been heard of one that answered.
    fn silent_for(&self, now: Duration) -> Option<Duration> {
        let answered = self.answered?;
        Some(self.sound.leg()?.flow().silent_for.unwrap_or_else(|| now.saturating_sub(answered)))
    }
}

enum Came {
    Told(usize, Told),
    Heard(usize, Heard),
    Referred(Result<u16, SipError>),
    IsThere(usize, Result<u16, SipError>),
}

impl Desk {
    /// A hand-off with this brief, 8 kHz.
    pub(super) fn new(site: Arc<Site>, brief: Vec<i16>) -> Self {
        Self { site, brief, consult: None, legs: Vec::new(), referring: None, asking: None }
    }

    /// Rings the first desk.
    pub(super) fn begin(&mut self) -> Vec<Happened> {
        let (consult, out) = Consult::begin(self.site.desks.len(), self.site.rules, self.site.now());
        self.consult = Some(consult);
        self.obey(out)
    }

    /// What concerns the caller, next, in order; never where there is no desk.
    pub(super) async fn next_of(desk: &mut Option<Self>) -> Vec<Happened> {
        match desk {
            Some(desk) => desk.next().await,
            None => std::future::pending().await,
        }
    }

    async fn next(&mut self) -> Vec<Happened> {
        let came = tokio::select! {
            came = next_of_legs(&mut self.legs) => came,
            code = answered(self.referring.as_mut()) => {
                self.referring = None;
                Came::Referred(code)
            }
            (target, code) = is_there(&mut self.asking) => {
                self.asking = None;
                Came::IsThere(target, code)
            }
        };
        let input = match came {
            Came::Told(target, told) => match self.told(target, told) {
                Some(did) => Input::Desk(target, did),
                None => return Vec::new(),
            },
            Came::Heard(target, Heard::Key(key)) => Input::Desk(target, Did::Key(key)),
            Came::Heard(target, Heard::BriefOver) => Input::Desk(target, Did::BriefEnded),
            Came::Referred(Ok(200..=299)) => Input::ReferAccepted,
            Came::Referred(Ok(code)) => Input::ReferRefused { code },
            Came::Referred(Err(_)) => Input::ReferRefused { code: 408 },
            // As for the caller: these two and no answer at all say that it is gone.
            Came::IsThere(target, Err(_) | Ok(408 | 481)) => return self.lost(target),
            Came::IsThere(_, Ok(_)) => return Vec::new(),
        };
        self.on(input)
    }

    fn told(&mut self, target: usize, told: Told) -> Option<Did> {
        let at = self.legs.iter().position(|ringing| ringing.target == target)?;
        match told {
            Told::Ringing => Some(Did::Ringing),
            Told::Answered(sdp) => {
                let ringing = self.legs.get_mut(at)?;
                if let Err(refused) = ringing.sound.accept(&sdp) {
                    tracing::warn!(reason = %refused, "a desk without a common sound was given up");
                    return Some(Did::Lost);
                }
                ringing.sound.begin(&self.site.media, Side::Desk);
                ringing.answered = Some(self.site.now());
                Some(Did::Answered)
            }
            Told::Refused(code) => {
                self.legs.remove(at);
                Some(Did::Rejected { code })
            }
            Told::Ended => {
                self.legs.remove(at);
                Some(Did::Gone)
            }
            Told::Changed(change) => {
                // A desk that holds the call, or refreshes it.
                let ringing = self.legs.get_mut(at)?;
                let sdp = if change.sdp.is_empty() {
                    change.invite.then(|| Ok(ringing.sound.offer()))
                } else {
                    Some(ringing.sound.answer(&change.sdp))
                };
                self.site.later(async move {
                    match sdp.transpose() {
                        Ok(sdp) => change.agree(sdp, Vec::new()).await,
                        Err(refused) => change.refuse(refused.code(), Vec::new()).await,
                    }
                });
                None
            }
            Told::Info(_) | Told::Acknowledged(_) | Told::Transfer(_) => None,
        }
    }

    /// Time passes.
    pub(super) fn tick(&mut self) -> Vec<Happened> {
        match self.watch() {
            Some(target) => self.lost(target),
            None => self.on(Input::Tick),
        }
    }

    /// The desk whose telephone has said nothing for so long that it is dead; one that is only silent is asked.
    fn watch(&mut self) -> Option<usize> {
        let now = self.site.now();
        for ringing in &mut self.legs {
            let Some(silent) = ringing.silent_for(now).filter(|silent| *silent >= ASK_AFTER) else { continue };
            if silent >= SILENT_FOR && !ringing.sound.is_held() {
                return Some(ringing.target);
            }
            if self.asking.is_none() && ringing.asked.is_none_or(|asked| now.saturating_sub(asked) >= ASK_AFTER) {
                ringing.asked = Some(now);
                let asked = ringing.leg.ask();
                let in_time =
                    async move { tokio::time::timeout(ASK_AFTER, asked).await.unwrap_or(Err(SipError::Silent)) };
                self.asking = Some((ringing.target, Box::pin(in_time)));
            }
        }
        None
    }

    /// A desk's telephone is dead: its leg is ended, for the case that it only seems so.
    fn lost(&mut self, target: usize) -> Vec<Happened> {
        let Some(at) = self.legs.iter().position(|ringing| ringing.target == target) else { return Vec::new() };
        tracing::warn!("a desk whose telephone is gone was given up");
        let ringing = self.legs.remove(at);
        self.site.later(async move { ringing.leg.hang_up().await });
        self.on(Input::Desk(target, Did::Lost))
    }

    /// The caller's peer says how the transfer goes.
    pub(super) fn notified(&mut self, code: u16) -> Vec<Happened> {
        self.on(Input::Notified { code })
    }

    /// The REFER is on its way.
    pub(super) fn refers(&mut self, asked: impl Future<Output = Result<u16, SipError>> + Send + 'static) {
        self.referring = Some(Box::pin(asked));
    }

    /// The desk's leg, once it has been answered.
    pub(super) fn leg(&self) -> Option<&LegHandle> {
        self.legs.last()?.sound.leg()
    }

    /// The desk's dialog.
    pub(super) fn dialog(&self) -> Option<&Leg> {
        self.legs.last().map(|ringing| &ringing.leg)
    }

    /// Whatever rings or talks, to be hung up; its sound has ended.
    pub(super) fn into_legs(self) -> Vec<Leg> {
        self.legs.into_iter().map(|ringing| ringing.leg).collect()
    }

    fn on(&mut self, input: Input) -> Vec<Happened> {
        let now = self.site.now();
        let out = self.consult.as_mut().map(|consult| consult.on(input, now)).unwrap_or_default();
        self.obey(out)
    }

    fn obey(&mut self, out: Vec<Output>) -> Vec<Happened> {
        let mut happened = Vec::new();
        let mut waiting: std::collections::VecDeque<Output> = out.into();
        while let Some(output) = waiting.pop_front() {
            match output {
                Output::RingDesk(target) => {
                    if !self.ring(target) {
                        let now = self.site.now();
                        let input = Input::Desk(target, Did::Rejected { code: 500 });
                        waiting.extend(self.consult.as_mut().map(|c| c.on(input, now)).unwrap_or_default());
                    }
                }
                Output::PlayBrief => {
                    if let Some(leg) = self.leg() {
                        leg.play(self.brief.clone());
                    }
                }
                Output::StopBrief => {
                    if let Some(leg) = self.leg() {
                        leg.play(Vec::new());
                    }
                }
                Output::HangUpDesk(target) => {
                    if let Some(at) = self.legs.iter().position(|ringing| ringing.target == target) {
                        let ringing = self.legs.remove(at);
                        self.site.later(async move { ringing.leg.hang_up().await });
                    }
                }
                Output::Bridge => happened.push(Happened::Taken),
                Output::Refer(_) => happened.push(Happened::Refer),
                Output::ReturnCaller(why) => happened.push(Happened::NotTaken(answer_of(why))),
                Output::Release => happened.push(Happened::Released),
                Output::HangUpCaller => happened.push(Happened::DeskHungUp),
                Output::KeepBridge | Output::HoldCaller | Output::End => {}
            }
        }
        happened
    }

    fn ring(&mut self, target: usize) -> bool {
        let rung = self.site.desks.get(target).and_then(|desk| {
            let mut sound = Sound::new(&self.site.ports, self.site.srtp).ok()?;
            let leg = self.site.endpoint.invite(desk, sound.offer(), Vec::new()).ok()?;
            Some(Ringing { target, leg, sound, answered: None, asked: None })
        });
        let is_rung = rung.is_some();
        self.legs.extend(rung);
        is_rung
    }
}

fn answer_of(why: Why) -> DeskAnswer {
    match why {
        Why::Declined | Why::Busy => DeskAnswer::Decline,
        Why::NoTarget | Why::NoAnswer | Why::NotTaken | Why::Failed | Why::Lost => DeskAnswer::None,
    }
}

/// The next of any leg.
async fn next_of_legs(legs: &mut [Ringing]) -> Came {
    if legs.is_empty() {
        return std::future::pending().await;
    }
    let each = legs.iter_mut().map(|Ringing { target, leg, sound, answered: _, asked: _ }| {
        let target = *target;
        Box::pin(async move {
            tokio::select! {
                told = leg.next() => Came::Told(target, told),
                Some(heard) = sound.heard.recv() => Came::Heard(target, heard),
            }
        })
    });
    first_of(each.collect()).await
}

/// The first of some futures.
async fn first_of<F: Future + Unpin>(mut futures: Vec<F>) -> F::Output {
    std::future::poll_fn(|context| {
        for future in &mut futures {
            if let std::task::Poll::Ready(output) = Pin::new(future).poll(context) {
                return std::task::Poll::Ready(output);
            }
        }
        std::task::Poll::Pending
    })
    .await
}

async fn answered(asking: Option<&mut Asking>) -> Result<u16, SipError> {
    match asking {
        Some(asked) => asked.await,
        None => std::future::pending().await,
    }
}

async fn is_there(asking: &mut Option<(usize, Asking)>) -> (usize, Result<u16, SipError>) {
    match asking {
        Some((target, asked)) => (*target, asked.await),
        None => std::future::pending().await,
    }
}
