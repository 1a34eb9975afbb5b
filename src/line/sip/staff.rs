//! The telephones of staff that ring or talk for one caller.
//!
//! In:  whom to ring, what to play. Out: what each of them does ([`Did`]), with the number under which it was rung.
//! A telephone that was hung up says nothing more here. Whom to ring, and when, is decided in [`super::desk`].

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::Site;
use super::endpoint::{Leg, SipError, Told};
use super::sound::Sound;
use super::watch::{ASK_AFTER, Asking, SILENT_FOR, is_there, says_gone};
use crate::line::consult::Desk as Did;
use crate::line::media::{Heard, LegHandle, Side};

/// The telephones.
pub(super) struct Staff {
    site: Arc<Site>,
    legs: Vec<Ringing>,
    /// Whether the silent telephone of this number is still there.
    asking: Option<(usize, Asking)>,
}

/// One that rings, or talks.
struct Ringing {
    who: usize,
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
    IsThere(usize, Result<u16, SipError>),
}

impl Staff {
    /// Nobody.
    pub(super) fn new(site: Arc<Site>) -> Self {
        Self { site, legs: Vec::new(), asking: None }
    }

    /// Rings `target` under the number `who`; false where it cannot be.
    pub(super) fn ring(&mut self, who: usize, target: &str) -> bool {
        let rung = Sound::new(&self.site.ports, self.site.srtp).ok().and_then(|mut sound| {
            let leg = self.site.endpoint.invite(target, sound.offer(), Vec::new()).ok()?;
            Some(Ringing { who, leg, sound, answered: None, asked: None })
        });
        let is_rung = rung.is_some();
        self.legs.extend(rung);
        is_rung
    }

    /// Hangs up, or takes back what still rings.
    pub(super) fn hang_up(&mut self, who: usize) {
        if let Some(ringing) = self.take(who) {
            self.site.later(async move { ringing.leg.hang_up().await });
        }
    }

    /// Plays something to one that has answered, 8 kHz; its end is [`Did::BriefEnded`]. Nothing ends what plays.
    pub(super) fn play(&self, who: usize, sound: Vec<i16>) {
        if let Some(leg) = self.leg(who) {
            leg.play(sound);
        }
    }

    /// The sound of one that has answered.
    pub(super) fn leg(&self, who: usize) -> Option<&LegHandle> {
        self.find(who)?.sound.leg()
    }

    /// The dialog with one.
    pub(super) fn dialog(&self, who: usize) -> Option<&Leg> {
        self.find(who).map(|ringing| &ringing.leg)
    }

    /// Whatever rings or talks, to be hung up; its sound has ended.
    pub(super) fn into_legs(self) -> Vec<Leg> {
        self.legs.into_iter().map(|ringing| ringing.leg).collect()
    }

    fn find(&self, who: usize) -> Option<&Ringing> {
        self.legs.iter().find(|ringing| ringing.who == who)
    }

    fn take(&mut self, who: usize) -> Option<Ringing> {
        if self.asking.as_ref().is_some_and(|(asked, _)| *asked == who) {
            self.asking = None;
        }
        let at = self.legs.iter().position(|ringing| ringing.who == who)?;
        Some(self.legs.remove(at))
    }

    /// What one of them does, next; never where nobody is rung. Dropped, it is as if never called.
    pub(super) async fn next(&mut self) -> (usize, Did) {
        loop {
            let came = tokio::select! {
                came = next_of_legs(&mut self.legs) => came,
                (who, code) = answer_of(&mut self.asking) => {
                    self.asking = None;
                    Came::IsThere(who, code)
                }
            };
            let did = match came {
                Came::Told(who, told) => self.told(who, told).map(|did| (who, did)),
                Came::Heard(who, Heard::Key(key)) => Some((who, Did::Key(key))),
                Came::Heard(who, Heard::BriefOver) => Some((who, Did::BriefEnded)),
                Came::IsThere(who, code) if says_gone(&code) => Some(self.lost(who)),
                Came::IsThere(_, _) => None,
            };
            if let Some(did) = did {
                return did;
            }
        }
    }

    fn told(&mut self, who: usize, told: Told) -> Option<Did> {
        match told {
            Told::Ringing => Some(Did::Ringing),
            Told::Answered(sdp) => {
                let ringing = self.legs.iter_mut().find(|ringing| ringing.who == who)?;
                if let Err(refused) = ringing.sound.accept(&sdp) {
                    tracing::warn!(reason = %refused, "a telephone of staff without a common sound was given up");
                    self.hang_up(who);
                    return Some(Did::Lost);
                }
                ringing.sound.begin(&self.site.media, Side::Desk);
                ringing.answered = Some(self.site.now());
                Some(Did::Answered)
            }
            Told::Refused(code) => self.take(who).map(|_| Did::Rejected { code }),
            Told::Ended => self.take(who).map(|_| Did::Gone),
            Told::Changed(change) => {
                // A telephone that holds the call, or refreshes it.
                let ringing = self.legs.iter_mut().find(|ringing| ringing.who == who)?;
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

    /// Time passes: one whose telephone has said nothing for so long that it is dead; one that is only silent is asked.
    pub(super) fn look(&mut self) -> Option<(usize, Did)> {
        let now = self.site.now();
        let mut dead = None;
        for ringing in &mut self.legs {
            let Some(silent) = ringing.silent_for(now).filter(|silent| *silent >= ASK_AFTER) else { continue };
            if silent >= SILENT_FOR && !ringing.sound.is_held() {
                dead = Some(ringing.who);
                break;
            }
            if self.asking.is_none() && ringing.asked.is_none_or(|asked| now.saturating_sub(asked) >= ASK_AFTER) {
                ringing.asked = Some(now);
                self.asking = Some((ringing.who, is_there(&ringing.leg)));
            }
        }
        dead.map(|who| self.lost(who))
    }

    /// A telephone is dead: its leg is ended, for the case that it only seems so.
    fn lost(&mut self, who: usize) -> (usize, Did) {
        tracing::warn!("a telephone of staff that is gone was given up");
        self.hang_up(who);
        (who, Did::Lost)
    }
}

/// The next of any leg.
async fn next_of_legs(legs: &mut [Ringing]) -> Came {
    if legs.is_empty() {
        return std::future::pending().await;
    }
    let each = legs.iter_mut().map(|Ringing { who, leg, sound, answered: _, asked: _ }| {
        let who = *who;
        Box::pin(async move {
            tokio::select! {
                told = leg.next() => Came::Told(who, told),
                Some(heard) = sound.heard.recv() => Came::Heard(who, heard),
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

async fn answer_of(asking: &mut Option<(usize, Asking)>) -> (usize, Result<u16, SipError>) {
    match asking {
        Some((who, asked)) => (*who, asked.await),
        None => std::future::pending().await,
    }
}
