//! Whether a call's peer is still there, and its session refreshed.
//!
//! In:  time, how long the peer has been silent, its answers. Out: OPTIONS and re-INVITEs, and [`Saw`].
//! A peer that is dead answers nothing for many seconds: what it was asked is waited for beside everything else that
//! happens in the call, and never in place of it.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::agree::answer_headers;
use super::endpoint::{Leg, SipError};
use super::sound::Sound;
use super::timers::{Clockwork, Due, Part, Session, Wanted, negotiate_out};

/// How long nothing may come before the peer is asked whether it is still there, and how often it is asked then.
pub(super) const ASK_AFTER: Duration = Duration::from_secs(10);
/// How long nothing may come at all, unless the peer holds the call.
pub(super) const SILENT_FOR: Duration = Duration::from_secs(30);

/// After how long without any sound at all the box is told that it hears nothing, and how often again.
const UNHEARD_AFTER: Duration = Duration::from_secs(5);
const UNHEARD_EACH: Duration = Duration::from_secs(10);

/// A question to a peer, and the code that it will answer with.
pub(super) type Asking = Pin<Box<dyn Future<Output = Result<u16, SipError>> + Send>>;

type Refreshed = Result<(u16, Vec<u8>, Option<String>), SipError>;
type Refreshing = Pin<Box<dyn Future<Output = Refreshed> + Send>>;

/// Why a call must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// Its peer refreshed it no more.
    NotRefreshed,
    /// Its peer sent no sound for [`SILENT_FOR`].
    Silent,
    /// Its peer knows no such call, or does not answer.
    Gone,
}

impl Lost {
    /// For the log.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NotRefreshed => "the peer refreshed it no more",
            Self::Silent => "the peer sent no sound for 30 s",
            Self::Gone => "the peer is gone",
        }
    }
}

/// What came of a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Saw {
    /// The peer is there.
    There,
    /// The call must end.
    Lost(Lost),
    /// The session was refreshed; with this description.
    Refreshed(Vec<u8>),
}

/// Asks whether the peer of this leg is there: within [`ASK_AFTER`].
pub(super) fn is_there(leg: &Leg) -> Asking {
    let asked = leg.ask();
    Box::pin(async move { tokio::time::timeout(ASK_AFTER, asked).await.unwrap_or(Err(SipError::Silent)) })
}

/// Whether the answer says that the peer is gone: 481 and 408, and no answer at all (RFC 5057 section 5.1).
pub(super) fn says_gone(answer: &Result<u16, SipError>) -> bool {
    matches!(answer, Err(_) | Ok(408 | 481))
}

/// One call's watch.
pub(super) struct Watch {
    clockwork: Option<Clockwork>,
    /// Whether the peer knows session timers.
    timer: bool,
    /// When the silent peer was last asked.
    asked: Option<Duration>,
    asking: Option<Asking>,
    /// When the box was last told that nothing comes.
    told: Option<Duration>,
    /// A refresh under way, and when it began.
    refreshing: Option<(Duration, Refreshing)>,
}

impl Watch {
    /// The watch of a call that was agreed on at `now`.
    pub(super) fn new(session: Option<Session>, timer: bool, now: Duration) -> Self {
        let clockwork = session.map(|session| Clockwork::new(session, now));
        Self { clockwork, timer, asked: None, asking: None, told: None, refreshing: None }
    }

    /// What our answer says of the timer.
    pub(super) fn headers(&self) -> Vec<(&'static str, String)> {
        let session = self.clockwork.as_ref().map(Clockwork::session);
        session.map(|session| answer_headers(session, self.timer)).unwrap_or_default()
    }

    /// The peer has refreshed the session, or begun one.
    pub(super) fn refreshed(&mut self, session: Session, now: Duration) {
        match &mut self.clockwork {
            Some(clockwork) => clockwork.refreshed(now, session),
            None => self.clockwork = Some(Clockwork::new(session, now)),
        }
    }

    /// Whether a re-INVITE of ours is under way: one of the peer's is refused then (RFC 3261 section 14.2).
    pub(super) fn is_refreshing(&self) -> bool {
        self.refreshing.is_some()
    }

    /// Time passes. `answered` is when the call was, on the clock of `now`; with `staff`, people are at the call, and a caller
    /// who only sends no sound is theirs to judge.
    pub(super) fn look(
        &mut self,
        leg: &Leg,
        sound: &mut Sound,
        (answered, staff): (Option<Duration>, bool),
        wanted: Wanted,
        now: Duration,
    ) -> Option<Lost> {
        match self.clockwork.as_ref().and_then(|clockwork| clockwork.due(now)) {
            Some(Due::End) => return Some(Lost::NotRefreshed),
            Some(Due::Refresh) if self.refreshing.is_none() => self.refresh(leg, sound, wanted, now),
            Some(Due::Refresh) | None => {}
        }
        let answered = answered?;
        let flow = sound.leg()?.flow();
        let since = |moment: Duration| now.saturating_sub(moment);
        let silent = flow.silent_for.unwrap_or_else(|| since(answered));
        if silent >= SILENT_FOR && !sound.is_held() && !staff {
            return Some(Lost::Silent);
        }
        let was_asked = self.asking.is_some() || self.asked.is_some_and(|asked| since(asked) < ASK_AFTER);
        if silent >= ASK_AFTER && !was_asked {
            self.asked = Some(now);
            self.asking = Some(is_there(leg));
        }
        None
    }

    /// Whether the box is to be told now that nothing at all has come from the peer, which was answered at `answered`.
    pub(super) fn is_unheard(&mut self, sound: &Sound, answered: Option<Duration>, now: Duration) -> bool {
        let (Some(answered), Some(leg)) = (answered, sound.leg()) else { return false };
        let due = self.told.map_or(answered + UNHEARD_AFTER, |told| told + UNHEARD_EACH);
        let is = now >= due && leg.flow().silent_for.is_none() && !sound.is_held();
        if is {
            self.told = Some(now);
        }
        is
    }

    fn refresh(&mut self, leg: &Leg, sound: &mut Sound, wanted: Wanted, now: Duration) {
        let Some(clockwork) = &mut self.clockwork else { return };
        clockwork.tried(now);
        let headers = vec![
            ("Supported", "timer".to_owned()),
            ("Session-Expires", clockwork.session().session_expires(Part::Uac)),
            ("Min-SE", wanted.min_se()),
        ];
        let changed = leg.change(sound.offer(), headers);
        let in_time = async move { tokio::time::timeout(ASK_AFTER, changed).await.unwrap_or(Err(SipError::Silent)) };
        self.refreshing = Some((now, Box::pin(in_time)));
    }

    /// What comes of what the peer was asked; never where it was asked nothing. Dropped, it is as if never called.
    pub(super) async fn next(&mut self) -> Saw {
        tokio::select! {
            answer = answer_to(&mut self.asking) => {
                self.asking = None;
                if says_gone(&answer) { Saw::Lost(Lost::Gone) } else { Saw::There }
            }
            (began, answer) = refreshed(&mut self.refreshing) => {
                self.refreshing = None;
                self.took(began, answer)
            }
        }
    }

    fn took(&mut self, began: Duration, answer: Refreshed) -> Saw {
        // Another code, or none: it is tried again when it is due again, until the session ends.
        let Ok((200, sdp, expires)) = answer else { return Saw::There };
        match (negotiate_out(expires.as_deref()), &mut self.clockwork) {
            (Some(session), Some(clockwork)) => clockwork.refreshed(began, session),
            // A peer that names no interval any more wants no timer any more.
            (None, _) | (_, None) => self.clockwork = None,
        }
        Saw::Refreshed(sdp)
    }
}

/// The answer to a question; never where there is none.
pub(super) async fn answer_to(asking: &mut Option<Asking>) -> Result<u16, SipError> {
    match asking {
        Some(asked) => asked.await,
        None => std::future::pending().await,
    }
}

async fn refreshed(refreshing: &mut Option<(Duration, Refreshing)>) -> (Duration, Refreshed) {
    match refreshing {
        Some((began, changed)) => (*began, changed.await),
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    fn watch() -> Watch {
        Watch::new(negotiate_out(Some("90;refresher=uas")), true, at(0))
    }

    #[tokio::test]
    async fn a_question_that_is_dropped_while_it_waits_is_asked_on_and_its_answer_is_not_lost() {
        let mut watch = watch();
        let (answer, answered) = tokio::sync::oneshot::channel();
        watch.asking = Some(Box::pin(async move { answered.await.map_err(|_| SipError::Gone) }));
        // As in a call in which something else happens first.
        let other = tokio::time::timeout(Duration::from_millis(20), watch.next()).await;
        assert!(other.is_err(), "nothing else waits for a peer that says nothing");
        answer.send(200).unwrap();
        assert_eq!(watch.next().await, Saw::There);
        assert!(watch.asking.is_none());
    }

    #[tokio::test]
    async fn no_answer_481_and_408_say_that_the_peer_is_gone_and_every_other_that_it_is_there() {
        for (answer, gone) in [
            (Err(SipError::Silent), true),
            (Err(SipError::Gone), true),
            (Ok(481), true),
            (Ok(408), true),
            (Ok(200), false),
            (Ok(501), false),
        ] {
            let mut watch = watch();
            watch.asking = Some(Box::pin(async move { answer }));
            assert_eq!(watch.next().await == Saw::Lost(Lost::Gone), gone);
        }
    }

    #[tokio::test]
    async fn a_refresh_counts_from_when_it_was_begun_and_a_failed_one_does_not_count() {
        let mut watch = watch();
        watch.refreshing = Some((at(40), Box::pin(async { Err(SipError::Silent) })));
        assert!(watch.is_refreshing());
        assert_eq!(watch.next().await, Saw::There);
        assert!(!watch.is_refreshing());
        let ok = (200, b"v=0".to_vec(), Some("90;refresher=uas".to_owned()));
        watch.refreshing = Some((at(40), Box::pin(async move { Ok(ok) })));
        assert_eq!(watch.next().await, Saw::Refreshed(b"v=0".to_vec()));
        let clockwork = watch.clockwork.as_ref().unwrap();
        assert!(clockwork.due(at(90)).is_none_or(|due| !matches!(due, Due::End)), "alive after the refresh");
        assert!(clockwork.due(at(140)).is_some_and(|due| matches!(due, Due::End)), "and dead without another");
        let none = (200, Vec::new(), None);
        watch.refreshing = Some((at(60), Box::pin(async move { Ok(none) })));
        watch.next().await;
        assert!(watch.clockwork.is_none(), "a peer that names no interval wants no timer");
    }
}
