//! One call, from its INVITE to its end.
//!
//! In:  what the stack tells of it, commands of the switchboard, keys from the media thread, time.
//! Out: exactly one [`LineEvent::Incoming`] and one [`LineEvent::Ended`], whatever happens in between; and the caller's leg.
//! One task a call owns everything of it: when it ends, its ports, its dialog and its legs are gone with it.
//!
//! ```text
//!   ring -> Incoming -> Answer -> 200 -> ACK -> talking <-> held
//!                                                  |
//!                             Consult -> staff (desk.rs) -> Bridge -> bridged -> either hangs up
//! ```
//! What is agreed on is in `agree`, whether the peer is still there in `watch`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::agree::{Agreed, First, agreed, answer_headers, number, refuse};
use super::desk::{Desk, Happened};
use super::endpoint::{Change, Invitation, Leg, Told};
use super::lately;
use super::sound::Sound;
use super::timers::{TooSmall, negotiate_in};
use super::watch::{Lost, Saw, Watch};
use super::{Counted, Site};
use crate::ids::CallId;
use crate::line::media::{Heard, Side};
use crate::line::port::{self, AudioJack};
use crate::line::{LineCommand, LineEvent};
use crate::tasks::{Stop, TaskError};
use crate::wire::line::{DeskAnswer, EndedBy, Pace, Ring};

/// How often watchdogs look.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long an answer of ours takes to be on its way.
const ANSWERED: Duration = Duration::from_millis(50);
/// How long the stack may take to end a transaction: 64 times T1 (RFC 3261 section 17.2.1).
const TRANSACTION: Duration = Duration::from_secs(32);

/// How long a caller who sends no sound is told that nobody took the call.
const GOODBYE: Duration = Duration::from_secs(10);

/// How long what staff hear may take, and their telephone to answer.
const CONFIRMED: Duration = Duration::from_secs(5);

/// One call that rings.
pub(super) struct Rings {
    pub(super) invitation: Invitation,
    pub(super) call: CallId,
    /// Staff have it for themselves until this has passed.
    pub(super) after: Duration,
    pub(super) commands: mpsc::Receiver<LineCommand>,
    /// Its place among the calls, which is free when it has ended for the box.
    pub(super) place: Counted,
}

/// Serves one call that rings. The site has admitted it.
pub(super) async fn serve(site: Arc<Site>, rings: Rings, stop: Stop) -> Result<(), TaskError> {
    let Rings { invitation, call, after, commands, place } = rings;
    let ring =
        Ring { number: number(&site, &invitation), synthetic: site.testers_only, pace: Pace::Real, resumed: false };
    let Some(Agreed { sound, first, session }) = agreed(&site, &invitation) else {
        refuse(&site, invitation).await;
        return Ok(());
    };
    let timer = invitation.knows_timers();
    let Ok((mut leg, driven)) = invitation.take(&site.endpoint) else { return Ok(()) };
    tokio::pin!(driven);
    leg.ring();
    match staff_had_their_time(&mut leg, driven.as_mut(), after, [&stop, &site.drain]).await {
        Waited::Passed => {}
        Waited::Ended => return Ok(()),
        Waited::Over => {
            drop(place);
            // The CANCEL's answers, and the refusal's ACK, are the stack's.
            let _ = tokio::time::timeout(TRANSACTION, driven).await;
            return Ok(());
        }
    }
    let (audio, jack) = port::pair();
    if site.events.send(LineEvent::Incoming { call, ring, audio }).await.is_err() {
        leg.reject(503);
        return Ok(());
    }
    let one = OneCall {
        site: &site,
        call,
        leg,
        sound,
        first,
        jack: Some(jack),
        desk: None,
        refused: None,
        bridged: false,
        answered: None,
        watch: Watch::new(session, timer, site.now()),
    };
    let serving = one.run(commands, &stop);
    tokio::pin!(serving);
    let mut is_driven = true;
    let ended = loop {
        tokio::select! {
            ended = &mut serving => break ended,
            _ = &mut driven, if is_driven => is_driven = false,
        }
    };
    // Whatever the peer still has to be told, the box can serve another.
    drop(place);
    // All at once: a BYE to a dead peer takes half a minute, and whoever waits for the end is not to wait for that.
    let told = site.events.send(LineEvent::Ended { call, by: ended.by });
    let answered_to_the_end = async {
        // A final answer is repeated until its ACK comes.
        if is_driven {
            let _ = tokio::time::timeout(TRANSACTION, driven).await;
        }
    };
    let (_, (), ()) = tokio::join!(told, ended.say_goodbye(), answered_to_the_end);
    Ok(())
}

/// A call that is over for the box, and not yet for its peers.
struct Ended {
    leg: Leg,
    desks: Vec<Leg>,
    by: EndedBy,
    is_answered: bool,
}

impl Ended {
    async fn say_goodbye(&self) {
        let caller = async {
            match (self.by, self.is_answered) {
                (EndedBy::Caller, _) => {}
                (EndedBy::Desk, true) => {
                    // Another task answers the NOTIFY that says so: the BYE is not to overtake it.
                    tokio::time::sleep(ANSWERED).await;
                    self.leg.hang_up().await;
                }
                (EndedBy::Anteroom | EndedBy::Line, true) => self.leg.hang_up().await,
                // Not answered: the exchange goes on to whoever is next.
                (EndedBy::Anteroom | EndedBy::Desk | EndedBy::Line, false) => self.leg.reject(503),
            }
        };
        let desks = async {
            for desk in &self.desks {
                desk.hang_up().await;
            }
        };
        tokio::join!(caller, desks);
    }
}

/// How the time of staff went by.
enum Waited {
    /// They did not take the call.
    Passed,
    /// It is over, and the stack has not finished with it.
    Over,
    /// It is over.
    Ended,
}

/// Waits while staff may take the call.
async fn staff_had_their_time(
    leg: &mut Leg,
    mut driven: Pin<&mut impl Future<Output = Result<(), TaskError>>>,
    after: Duration,
    [stop, drain]: [&Stop; 2],
) -> Waited {
    if after.is_zero() {
        return Waited::Passed;
    }
    let passed = tokio::time::sleep(after);
    tokio::pin!(passed);
    loop {
        tokio::select! {
            () = &mut passed => return Waited::Passed,
            () = stop.asked() => break,
            () = drain.asked() => break,
            _ = &mut driven => return Waited::Ended,
            told = leg.next() => if matches!(told, Told::Ended | Told::Refused(_)) { return Waited::Over },
        }
    }
    leg.reject(503);
    Waited::Over
}

/// Tells staff, who have dialled a code, that it was understood: two low tones, then the box hangs up.
pub(super) async fn confirm(site: Arc<Site>, invitation: Invitation) -> Result<(), TaskError> {
    let Some(Agreed { mut sound, first: First::Answer(sdp), .. }) = agreed(&site, &invitation) else {
        refuse(&site, invitation).await;
        return Ok(());
    };
    let Ok((mut leg, driven)) = invitation.take(&site.endpoint) else { return Ok(()) };
    let play = async {
        if leg.answer(sdp, Vec::new()).is_err() {
            return;
        }
        sound.begin(&site.media, Side::Desk);
        if let Some(leg) = sound.leg() {
            leg.play(understood());
        }
        loop {
            tokio::select! {
                told = leg.next() => if matches!(told, Told::Ended | Told::Refused(_)) { return },
                heard = sound.heard.recv() => if !matches!(heard, Some(Heard::Key(_))) { break },
            }
        }
        leg.hang_up().await;
    };
    let both = async { tokio::join!(play, driven) };
    let _ = tokio::time::timeout(CONFIRMED, both).await;
    Ok(())
}

/// Two tones of 400 Hz, 200 ms each: samples at 8 kHz.
fn understood() -> Vec<i16> {
    // 20 samples a period; a triangle is enough for a tone.
    let period = (0..20_i16).map(|n| (if n < 10 { n - 5 } else { 15 - n }) * 1_200);
    let tone: Vec<i16> = period.cycle().take(1_600).collect();
    [tone.as_slice(), &[0; 800], &tone, &[0; 800]].concat()
}

struct OneCall<'a> {
    site: &'a Arc<Site>,
    call: CallId,
    leg: Leg,
    sound: Sound,
    first: First,
    /// Until the sound begins.
    jack: Option<AudioJack>,
    desk: Option<Desk>,
    /// When staff were last asked for, and did not take the caller.
    refused: Option<Duration>,
    bridged: bool,
    /// When it was, on the line's clock.
    answered: Option<Duration>,
    watch: Watch,
}

impl OneCall<'_> {
    async fn run(mut self, mut commands: mpsc::Receiver<LineCommand>, stop: &Stop) -> Ended {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let by = loop {
            let ended = tokio::select! {
                () = stop.asked() => Some(EndedBy::Line),
                told = self.leg.next() => self.told(told).await,
                Some(heard) = self.sound.heard.recv() => self.heard(heard).await,
                happened = Desk::next_of(&mut self.desk) => self.obey_desk(Some(happened)).await,
                command = commands.recv() => match command {
                    Some(command) => self.obey(command).await,
                    None => Some(EndedBy::Line),
                },
                saw = self.watch.next() => self.saw(saw),
                _ = look.tick() => self.look().await,
            };
            if let Some(by) = ended {
                break by;
            }
        };
        let by = self.part_with_staff(by, stop).await;
        self.count_sound();
        let desks = self.desk.map(Desk::into_legs).unwrap_or_default();
        Ended { leg: self.leg, desks, by, is_answered: self.answered.is_some() }
    }

    async fn told(&mut self, told: Told) -> Option<EndedBy> {
        match told {
            Told::Ended | Told::Refused(_) => return Some(EndedBy::Caller),
            Told::Acknowledged(sdp) => {
                if let First::Offer(_) = self.first
                    && self.sound.leg().is_none()
                {
                    if let Err(refused) = self.sound.accept(&sdp) {
                        tracing::warn!(call = %self.call, reason = %refused, "a call without a common sound was ended");
                        return Some(EndedBy::Line);
                    }
                    self.begin();
                }
            }
            Told::Changed(change) => self.change(*change).await,
            Told::Info(body) => {
                if let Some(key) = key_of_info(&body) {
                    self.report(LineEvent::Dtmf { call: self.call, key }).await;
                }
            }
            Told::Transfer(code) => {
                let happened = self.desk.as_mut().map(|desk| desk.notified(code));
                return self.obey_desk(happened).await;
            }
            Told::Ringing | Told::Answered(_) => {}
        }
        None
    }

    /// A re-INVITE or an UPDATE: a hold, its end, another address, or only a sign of life.
    async fn change(&mut self, change: Change) {
        let now = self.site.now();
        if change.invite && self.watch.is_refreshing() {
            return change.refuse(491, Vec::new()).await;
        }
        let (expires, min_se) = (change.session_expires.clone(), change.min_se.clone());
        let session = match negotiate_in(expires.as_deref(), min_se.as_deref(), change.timer, self.site.wanted) {
            Ok(session) => session,
            Err(TooSmall { min_se }) => return change.refuse(422, vec![("Min-SE", min_se.to_string())]).await,
        };
        let sdp = if !change.sdp.is_empty() {
            match self.sound.answer(&change.sdp) {
                Ok(sdp) => Some(sdp),
                Err(refused) => return change.refuse(refused.code(), Vec::new()).await,
            }
        } else {
            change.invite.then(|| self.sound.offer())
        };
        let mut headers = Vec::new();
        if let Some(session) = session {
            headers = answer_headers(session, change.timer);
            self.watch.refreshed(session, now);
        }
        change.agree(sdp, headers).await;
    }

    async fn heard(&mut self, heard: Heard) -> Option<EndedBy> {
        match heard {
            Heard::Key(key) => self.report(LineEvent::Dtmf { call: self.call, key }).await,
            Heard::BriefOver => {}
        }
        None
    }

    async fn obey(&mut self, command: LineCommand) -> Option<EndedBy> {
        match command {
            LineCommand::Answer(_) if self.answered.is_none() => {
                self.answered = Some(self.site.now());
                let (sdp, begins) = match &self.first {
                    First::Answer(sdp) => (sdp.clone(), true),
                    First::Offer(sdp) => (sdp.clone(), false),
                };
                if self.leg.answer(sdp, self.watch.headers()).is_err() {
                    return Some(EndedBy::Caller);
                }
                if begins {
                    self.begin();
                }
                None
            }
            LineCommand::Answer(_) => None,
            LineCommand::Consult(_, brief, urgency) => {
                if self.desk.as_mut().is_some_and(|desk| desk.does_for(&brief, urgency)) {
                    return None;
                }
                if let Some(mut before) = self.desk.take() {
                    let happened = before.caller_gone();
                    self.obey_desk(Some(happened)).await;
                    for leg in before.into_legs() {
                        self.site.later(async move { leg.hang_up().await });
                    }
                }
                let mut desk = Desk::new(Arc::clone(self.site), brief, urgency);
                let happened = desk.begin();
                self.desk = Some(desk);
                self.obey_desk(Some(happened)).await
            }
            LineCommand::Bridge(_) => {
                if let (Some(caller), Some(desk)) = (self.sound.leg(), self.desk.as_ref().and_then(Desk::leg)) {
                    caller.bridge(desk);
                    self.bridged = true;
                } else {
                    // Whoever had taken the call is gone already.
                    self.report(LineEvent::Desk { call: self.call, answer: DeskAnswer::None }).await;
                }
                None
            }
            LineCommand::Hangup(_) => Some(EndedBy::Anteroom),
        }
    }

    /// What came of the desk.
    async fn obey_desk(&mut self, happened: Option<Vec<Happened>>) -> Option<EndedBy> {
        for happened in happened.unwrap_or_default() {
            match happened {
                Happened::Taken => {
                    self.report(LineEvent::Desk { call: self.call, answer: DeskAnswer::Accept }).await;
                }
                Happened::OnCall(who, what) => {
                    let name = self.site.on_call.get(who).map(|on_call| on_call.name.clone()).unwrap_or_default();
                    self.report(LineEvent::OnCall { call: self.call, who, name, what }).await;
                }
                Happened::OnHold => {
                    self.part();
                    self.report(LineEvent::OnHold { call: self.call }).await;
                }
                Happened::NotTaken(answer) => {
                    self.part();
                    self.desk = None;
                    self.refused = Some(self.site.now());
                    self.report(LineEvent::Desk { call: self.call, answer }).await;
                }
                Happened::Refer => {
                    let asked = self.desk.as_ref().and_then(Desk::dialog).map(|desk| self.leg.refer_to(desk));
                    if let (Some(asked), Some(desk)) = (asked, self.desk.as_mut()) {
                        desk.refers(asked);
                    }
                }
                Happened::DeskHungUp | Happened::Released => return Some(EndedBy::Desk),
            }
        }
        None
    }

    /// The caller does not hear staff any more.
    fn part(&mut self) {
        if std::mem::take(&mut self.bridged)
            && let Some(leg) = self.sound.leg()
        {
            leg.part();
        }
    }

    /// For the doctor, who cannot hear.
    fn count_sound(&self) {
        let (Some(answered), Some(leg), Some(lately)) = (self.answered, self.sound.leg(), self.site.lately.clone())
        else {
            return;
        };
        let (flow, length) = (leg.flow(), self.site.now().saturating_sub(answered));
        let ended = self.site.clock.wall();
        let call = lately::Call {
            ended,
            seconds: length.as_secs(),
            received: flow.received,
            lost: flow.lost,
            sent: flow.sent,
        };
        self.site.later(async move {
            // A disk may be slow: on a thread that may wait.
            if let Ok(Err(error)) = tokio::task::spawn_blocking(move || lately.add(call)).await {
                tracing::warn!(%error, "what the sound of a call was like is not kept for the doctor");
            }
        });
    }

    fn begin(&mut self) {
        if let Some(jack) = self.jack.take() {
            self.sound.begin(&self.site.media, Side::Caller(jack));
        }
    }

    async fn report(&mut self, event: LineEvent) {
        // The switchboard ends only with the daemon.
        let _ = self.site.events.send(event).await;
    }

    /// Time passes: staff, and the watch over the peer.
    async fn look(&mut self) -> Option<EndedBy> {
        let happened = self.desk.as_mut().map(Desk::tick);
        if let Some(by) = self.obey_desk(happened).await {
            return Some(by);
        }
        let now = self.site.now();
        if self.watch.is_unheard(&self.sound, self.answered, now) {
            self.report(LineEvent::Unheard { call: self.call }).await;
        }
        let to_be_told = self.refused.is_some_and(|refused| now.saturating_sub(refused) < GOODBYE);
        let since = (self.answered, self.desk.is_some() || to_be_told);
        let lost = self.watch.look(&self.leg, &mut self.sound, since, self.site.wanted, now);
        self.lost(lost)
    }

    fn saw(&mut self, saw: Saw) -> Option<EndedBy> {
        match saw {
            Saw::There => None,
            Saw::Lost(lost) => self.lost(Some(lost)),
            Saw::Refreshed(sdp) => {
                if let Err(refused) = self.sound.accept(&sdp) {
                    tracing::warn!(call = %self.call, reason = %refused, "a refreshed call keeps its former sound");
                }
                None
            }
        }
    }

    fn lost(&self, lost: Option<Lost>) -> Option<EndedBy> {
        let why = lost?.as_str();
        tracing::warn!(call = %self.call, why, "a call was ended");
        Some(EndedBy::Line)
    }

    /// The call is over; staff who ring for it are told. Some exchanges end the caller's leg as soon as they have taken the
    /// caller over: until it is known what it was, the desk keeps its leg.
    async fn part_with_staff(&mut self, by: EndedBy, stop: &Stop) -> EndedBy {
        let happened = self.desk.as_mut().map(Desk::caller_gone);
        let mut by = self.obey_desk(happened).await.unwrap_or(by);
        let mut look = tokio::time::interval(LOOK_EVERY);
        while by == EndedBy::Caller && self.desk.as_ref().is_some_and(|desk| !desk.is_over()) {
            let happened = tokio::select! {
                () = stop.asked() => break,
                happened = Desk::next_of(&mut self.desk) => Some(happened),
                // A NOTIFY may still come.
                Told::Transfer(code) = self.leg.next() => self.desk.as_mut().map(|desk| desk.notified(code)),
                _ = look.tick() => self.desk.as_mut().map(Desk::tick),
            };
            by = self.obey_desk(happened).await.unwrap_or(by);
        }
        by
    }
}

/// The key of an INFO: `application/dtmf-relay` ("Signal=5") or `application/dtmf` ("5").
fn key_of_info(body: &[u8]) -> Option<char> {
    let text = std::str::from_utf8(body).ok()?;
    let signal = text.lines().find_map(|line| {
        let (name, value) = line.split_once('=')?;
        name.trim().eq_ignore_ascii_case("signal").then_some(value)
    });
    let mut key = signal.unwrap_or(text).trim().chars();
    let first = key.next().filter(|key| key.is_ascii_digit() || matches!(key, '*' | '#' | 'A'..='D'))?;
    // "10" and "11" are the star and the hash in some telephones' INFO.
    match (first, key.next(), key.next()) {
        (first, None, None) => Some(first),
        ('1', Some('0'), None) => Some('*'),
        ('1', Some('1'), None) => Some('#'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_keys_of_both_kinds_of_info_are_read() {
        for (body, key) in [
            ("Signal=5\r\nDuration=160\r\n", Some('5')),
            ("Signal= *\r\n", Some('*')),
            ("signal=11", Some('#')),
            ("7", Some('7')),
            ("Duration=5", None),
            ("Signal=55", None),
            ("", None),
        ] {
            assert_eq!(key_of_info(body.as_bytes()), key, "{body:?}");
        }
    }

    proptest! {
        #[test]
        fn any_body_is_a_key_or_none(body in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = key_of_info(&body);
        }
    }
}
