//! Session timers (RFC 4028): how both sides of a long call learn that the other is still there.
//!
//! ```text
//!   INVITE in  -> negotiate_in  -> 2xx with a Session, or 422 with Min-SE
//!   INVITE out -> asked for in Wanted's words -> negotiate_out(2xx) or after_422 -> a new INVITE
//!   Session -> Clockwork --- due(now) ---> Refresh: send a re-INVITE or UPDATE, then `tried`, then `refreshed`
//!                     ^                    End: send BYE
//!                     +--- refreshed(now, Session), for a refresh of either side
//! ```
//! In:  header values, and the time since any fixed moment, handed in.
//! Out: header values, and what is due.
//! Runs in the task of the call. Reads no clock and sends nothing.

use std::time::Duration;

/// The shortest interval that anyone may ask for (RFC 4028 section 4), in seconds.
const SHORTEST: Duration = Duration::from_secs(90);
/// The interval that RFC 4028 section 4 recommends: half an hour.
const RECOMMENDED: Duration = Duration::from_secs(1_800);
/// The longest interval that a 422 can push us to: a day. A longer one finds no dead peer any more.
const LONGEST: Duration = Duration::from_secs(86_400);
/// An answer with a shorter interval is taken for this one, so that a peer cannot make us send without pause.
const FLOOR: Duration = Duration::from_secs(20);
/// The side that waits ends the session this long before its end, or a third of the interval if that is less (RFC 4028
/// section 10). It is the time that a lost request is repeated for.
const BEFORE_END: Duration = Duration::from_secs(32);

/// What we ask for, and the least that we put up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The interval asked for.
    pub expires: Duration,
    /// The shortest one accepted; at least 90 s counts.
    pub min: Duration,
}

impl Default for Wanted {
    fn default() -> Self {
        Self { expires: RECOMMENDED, min: SHORTEST }
    }
}

impl Wanted {
    /// The value of Session-Expires in our first INVITE, without a refresher, which leaves the choice to the peer (RFC
    /// 4028 section 7.1). `Supported: timer` goes with it, and no Require.
    #[must_use]
    pub fn session_expires(self) -> String {
        seconds(self.expires.max(self.least())).to_string()
    }

    /// The value of Min-SE in our requests and in our 422.
    #[must_use]
    pub fn min_se(self) -> String {
        seconds(self.least()).to_string()
    }

    fn least(self) -> Duration {
        self.min.max(SHORTEST)
    }
}

/// Who sends the refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresher {
    /// We do.
    Us,
    /// The peer does.
    Them,
}

/// Our part in the one transaction that a header belongs to; it may change with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// We sent the request.
    Uac,
    /// We answer it.
    Uas,
}

/// What was agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The session ends this long after its last refresh.
    pub interval: Duration,
    /// Who refreshes it.
    pub refresher: Refresher,
}

impl Session {
    /// The value of Session-Expires, such as `1800;refresher=uas`: of our 2xx ([`Part::Uas`]), or of a request of ours
    /// within the call ([`Part::Uac`]), which keeps the refresher that was agreed (RFC 4028 section 7.4).
    #[must_use]
    pub fn session_expires(self, part: Part) -> String {
        let refresher = match (self.refresher, part) {
            (Refresher::Us, Part::Uac) | (Refresher::Them, Part::Uas) => "uac",
            (Refresher::Us, Part::Uas) | (Refresher::Them, Part::Uac) => "uas",
        };
        format!("{};refresher={refresher}", seconds(self.interval))
    }

    /// Whether our 2xx says `Require: timer`: it must where the peer refreshes, and should where the peer knows of
    /// timers (RFC 4028 section 9). To a peer that does not, the word would be an error.
    #[must_use]
    pub fn requires_timer(self, peer_supports_timer: bool) -> bool {
        self.refresher == Refresher::Them || peer_supports_timer
    }
}

/// The peer's interval is too short: answer 422.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the peer's session interval is too short: answer 422 with Min-SE {min_se}, and the peer asks again")]
pub struct TooSmall {
    /// The value of Min-SE in the 422, in seconds.
    pub min_se: u32,
}

/// Agrees on a timer for an INVITE or UPDATE that came in (RFC 4028 section 9). A value that cannot be read counts as
/// none.
///
/// `None`: the call has no timer, and our 2xx no Session-Expires. Where the peer leaves the choice, we refresh: a peer
/// that forgets to would cost the caller the call, and a refresh of ours finds out as well whether the peer is there.
///
/// # Errors
/// [`TooSmall`] if the peer must ask again. Never for a peer that knows no timers: it could not (section 9).
pub fn negotiate_in(
    session_expires: Option<&str>,
    min_se: Option<&str>,
    peer_supports_timer: bool,
    wanted: Wanted,
) -> Result<Option<Session>, TooSmall> {
    let asked = session_expires.and_then(interval);
    let least = wanted.least().max(min_se.and_then(interval).unwrap_or_default());
    let longest = match asked {
        Some(asked) if asked < wanted.least() => {
            // A proxy put it in for a peer that cannot be told. An answer may not be longer than was asked, so: none.
            return if peer_supports_timer { Err(TooSmall { min_se: seconds(wanted.least()) }) } else { Ok(None) };
        }
        Some(asked) => asked,
        None if peer_supports_timer => Duration::MAX,
        None => return Ok(None),
    };
    let interval = wanted.expires.max(least).min(longest);
    let refresher = match session_expires.and_then(refresher) {
        Some(Part::Uac) if peer_supports_timer => Refresher::Them,
        Some(Part::Uac | Part::Uas) | None => Refresher::Us,
    };
    Ok(Some(Session { interval, refresher }))
}

/// Reads the Session-Expires of a 2xx to our INVITE or UPDATE, asked for or not (RFC 4028 section 7.2).
///
/// `None`: the call has no timer. A missing refresher, which may not be missing, means us: that side can act.
#[must_use]
pub fn negotiate_out(session_expires: Option<&str>) -> Option<Session> {
    let value = session_expires?;
    let interval = interval(value)?.max(FLOOR);
    let refresher = match refresher(value) {
        Some(Part::Uas) => Refresher::Them,
        Some(Part::Uac) | None => Refresher::Us,
    };
    Some(Session { interval, refresher })
}

/// What to ask for after a 422 with this Min-SE (RFC 4028 section 7.3): the new INVITE carries both values again.
///
/// `None`: asking again is of no use, since the value is missing, no more than we asked for, or longer than a day.
#[must_use]
pub fn after_422(min_se: Option<&str>, wanted: Wanted) -> Option<Wanted> {
    let least = min_se.and_then(interval)?;
    let asked = wanted.expires.max(wanted.least());
    (least > asked && least <= LONGEST).then_some(Wanted { expires: least, min: least })
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Send a re-INVITE or UPDATE with [`Session::session_expires`], and tell [`Clockwork::tried`].
    Refresh,
    /// Send BYE: the peer is taken for dead.
    End,
}

/// The clock of one session. Times are since any moment that stays the same for the whole call.
#[derive(Clone, Copy, Debug)]
pub struct Clockwork {
    session: Session,
    /// When the session was last refreshed.
    since: Duration,
    /// When we last sent a refresh that has no good answer yet.
    tried: Option<Duration>,
}

impl Clockwork {
    /// Starts with the 2xx that agreed on `session`.
    #[must_use]
    pub fn new(session: Session, now: Duration) -> Self {
        Self { session, since: now, tried: None }
    }

    /// What was agreed last.
    #[must_use]
    pub fn session(&self) -> Session {
        self.session
    }

    /// A refresh of either side had its 2xx, which may have changed what is agreed.
    pub fn refreshed(&mut self, now: Duration, session: Session) {
        *self = Self::new(session, now);
    }

    /// A refresh of ours was sent. The next one is due only when this one had the time of a lost request, or sooner in
    /// a short session.
    pub fn tried(&mut self, now: Duration) {
        self.tried = Some(now);
    }

    /// What is due at `now`. Until it is done, the answer stays the same.
    #[must_use]
    pub fn due(&self, now: Duration) -> Option<Due> {
        if now >= self.ends() {
            return Some(Due::End);
        }
        match self.session.refresher {
            Refresher::Us => (now >= self.refreshes()).then_some(Due::Refresh),
            Refresher::Them => None,
        }
    }

    /// When to ask [`Clockwork::due`] again.
    #[must_use]
    pub fn next(&self) -> Duration {
        match self.session.refresher {
            Refresher::Us => self.refreshes().min(self.ends()),
            Refresher::Them => self.ends(),
        }
    }

    /// Half the interval, as RFC 4028 section 7.4 recommends, so that a lost refresh can be repeated in the other half.
    fn refreshes(&self) -> Duration {
        let first = self.since.saturating_add(self.session.interval / 2);
        let again = self.tried.map(|tried| tried.saturating_add(BEFORE_END.min(self.session.interval / 6)));
        again.map_or(first, |again| first.max(again))
    }

    fn ends(&self) -> Duration {
        let interval = self.session.interval;
        self.since.saturating_add(interval - BEFORE_END.min(interval / 3))
    }
}

/// The seconds at the start of a Session-Expires or Min-SE value.
fn interval(value: &str) -> Option<Duration> {
    let digits = value.split(';').next().unwrap_or_default().trim();
    digits.parse().ok().map(|seconds: u32| Duration::from_secs(seconds.into()))
}

/// Who refreshes, as a Session-Expires value says it.
fn refresher(value: &str) -> Option<Part> {
    value.split(';').skip(1).find_map(|parameter| {
        let (name, part) = parameter.split_once('=')?;
        if !name.trim().eq_ignore_ascii_case("refresher") {
            return None;
        }
        let part = part.trim().trim_matches('"');
        let uac = part.eq_ignore_ascii_case("uac").then_some(Part::Uac);
        uac.or_else(|| part.eq_ignore_ascii_case("uas").then_some(Part::Uas))
    })
}

fn seconds(interval: Duration) -> u32 {
    u32::try_from(interval.as_secs()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn session(seconds: u64, refresher: Refresher) -> Session {
        Session { interval: secs(seconds), refresher }
    }

    #[test]
    fn an_invite_that_came_in_is_agreed_on() {
        use Refresher::{Them, Us};
        // Session-Expires, Min-SE, whether the peer knows timers.
        let table = [
            (None, None, false, Ok(None)),
            (None, None, true, Ok(Some(session(1_800, Us)))),
            (None, Some("3600"), true, Ok(Some(session(3_600, Us)))),
            (Some("1800"), None, true, Ok(Some(session(1_800, Us)))),
            (Some("1800;refresher=uac"), None, true, Ok(Some(session(1_800, Them)))),
            (Some("1800 ; Refresher = \"UAC\""), None, true, Ok(Some(session(1_800, Them)))),
            (Some("900;refresher=uas"), Some("90"), true, Ok(Some(session(900, Us)))),
            (Some("900;x=y;refresher=uac"), None, true, Ok(Some(session(900, Them)))),
            (Some("7200"), None, true, Ok(Some(session(1_800, Us)))),
            (Some("7200"), Some("3600"), true, Ok(Some(session(3_600, Us)))),
            (Some("90"), None, true, Ok(Some(session(90, Us)))),
            (Some("60"), None, true, Err(TooSmall { min_se: 90 })),
            (Some("0"), None, true, Err(TooSmall { min_se: 90 })),
            // A proxy asks for a peer that knows no timers: we refresh, and never answer 422.
            (Some("1800"), None, false, Ok(Some(session(1_800, Us)))),
            (Some("1800;refresher=uac"), None, false, Ok(Some(session(1_800, Us)))),
            (Some("60"), None, false, Ok(None)),
            (Some("soon"), Some("x"), false, Ok(None)),
            (Some("99999999999"), None, true, Ok(Some(session(1_800, Us)))),
        ];
        for (expires, min, supports, expected) in table {
            assert_eq!(
                negotiate_in(expires, min, supports, Wanted::default()),
                expected,
                "{expires:?} {min:?} {supports}"
            );
        }
    }

    #[test]
    fn the_answer_to_our_invite_is_obeyed() {
        use Refresher::{Them, Us};
        let table = [
            (None, None),
            (Some("1800;refresher=uac"), Some(session(1_800, Us))),
            (Some("1800;refresher=uas"), Some(session(1_800, Them))),
            (Some("1800"), Some(session(1_800, Us))),
            (Some("1;refresher=uac"), Some(session(20, Us))),
            (Some(""), None),
        ];
        for (value, expected) in table {
            assert_eq!(negotiate_out(value), expected, "{value:?}");
        }
    }

    #[test]
    fn a_422_raises_what_we_ask_for_once_and_not_beyond_reason() {
        let wanted = Wanted::default();
        assert_eq!((wanted.session_expires(), wanted.min_se()), ("1800".to_owned(), "90".to_owned()));
        let raised = after_422(Some("3600"), wanted).unwrap();
        assert_eq!((raised.session_expires(), raised.min_se()), ("3600".to_owned(), "3600".to_owned()));
        assert_eq!(after_422(Some("3600"), raised), None, "it was met");
        for useless in [None, Some("x"), Some("1800"), Some("86401")] {
            assert_eq!(after_422(useless, wanted), None);
        }
        let small = Wanted { expires: secs(10), min: secs(5) };
        assert_eq!((small.session_expires(), small.min_se()), ("90".to_owned(), "90".to_owned()));
    }

    #[test]
    fn header_values_name_the_refresher_by_its_part() {
        let ours = session(1_800, Refresher::Us);
        let theirs = session(900, Refresher::Them);
        assert_eq!(ours.session_expires(Part::Uas), "1800;refresher=uas");
        assert_eq!(ours.session_expires(Part::Uac), "1800;refresher=uac");
        assert_eq!(theirs.session_expires(Part::Uas), "900;refresher=uac");
        assert_eq!(theirs.session_expires(Part::Uac), "900;refresher=uas");
        assert!(theirs.requires_timer(false) && ours.requires_timer(true) && !ours.requires_timer(false));
    }

    /// Plays `length` seconds in steps of one; `alive` peers refresh at half their interval and answer our refreshes.
    /// Gives when we refreshed, and when the session was ended.
    fn play(session: Session, length: u64, alive: bool) -> (Vec<u64>, Option<u64>) {
        let mut clock = Clockwork::new(session, secs(5));
        let mut refreshes = Vec::new();
        let mut theirs = 5;
        for second in 5..5 + length {
            let now = secs(second);
            if alive && session.refresher == Refresher::Them && second - theirs >= session.interval.as_secs() / 2 {
                clock.refreshed(now, session);
                theirs = second;
            }
            assert_eq!(clock.due(now).is_some(), now >= clock.next(), "next() tells when something is due");
            match clock.due(now) {
                Some(Due::Refresh) => {
                    refreshes.push(second - 5);
                    clock.tried(now);
                    assert_eq!(clock.due(now), None, "one request at a time");
                    if alive {
                        clock.refreshed(now, session);
                    }
                }
                Some(Due::End) => return (refreshes, Some(second - 5)),
                None => {}
            }
        }
        (refreshes, None)
    }

    #[test]
    fn we_refresh_at_half_the_interval_for_as_long_as_it_takes() {
        for interval in [90, 900, 1_800] {
            let (refreshes, ended) = play(session(interval, Refresher::Us), 3 * interval + 10, true);
            assert_eq!(refreshes, (1..=6).map(|n| n * interval / 2).collect::<Vec<_>>());
            assert_eq!(ended, None);
        }
    }

    #[test]
    fn a_peer_that_refreshes_is_kept() {
        for interval in [90, 900, 1_800] {
            assert_eq!(play(session(interval, Refresher::Them), 3 * interval + 10, true), (Vec::new(), None));
        }
    }

    #[test]
    fn a_peer_that_never_refreshes_is_ended_a_little_before_the_end() {
        // Less 32 s, or less a third of the interval.
        for (interval, end) in [(1_800, 1_768), (97, 65), (90, 60)] {
            assert_eq!(play(session(interval, Refresher::Them), 3 * interval, false), (Vec::new(), Some(end)));
        }
    }

    #[test]
    fn a_refresh_without_an_answer_is_repeated_and_then_the_session_ends() {
        assert_eq!(play(session(90, Refresher::Us), 270, false), (vec![45], Some(60)));
        let (refreshes, ended) = play(session(600, Refresher::Us), 1_800, false);
        assert_eq!(refreshes, vec![300, 332, 364, 396, 428, 460, 492, 524, 556]);
        assert_eq!(ended, Some(568));
    }

    #[test]
    fn a_refresh_may_change_what_is_agreed() {
        let mut clock = Clockwork::new(session(1_800, Refresher::Them), secs(0));
        clock.refreshed(secs(900), session(90, Refresher::Us));
        assert_eq!(clock.session(), session(90, Refresher::Us));
        assert_eq!((clock.due(secs(944)), clock.due(secs(945))), (None, Some(Due::Refresh)));
    }

    proptest! {
        #[test]
        fn any_values_are_agreed_on_within_bounds(
            text in any::<String>(), number in any::<u32>(), min in any::<u32>(), supports in any::<bool>(),
        ) {
            let _ = negotiate_in(Some(&text), Some(&text), supports, Wanted::default());
            let _ = (negotiate_out(Some(&text)), after_422(Some(&text), Wanted::default()));
            let (asked, least) = (number.to_string(), min.to_string());
            if let Ok(Some(agreed)) = negotiate_in(Some(&asked), Some(&least), supports, Wanted::default()) {
                prop_assert!(agreed.interval <= secs(number.into()) && agreed.interval >= SHORTEST);
                prop_assert!(agreed.interval <= RECOMMENDED.max(secs(min.into())));
            }
        }

        #[test]
        fn what_one_side_answers_the_other_reads(seconds in 90_u32.., uac in any::<bool>()) {
            let part = if uac { "uac" } else { "uas" };
            let called = negotiate_in(Some(&format!("{seconds};refresher={part}")), None, true, Wanted::default());
            let called = called.unwrap().unwrap();
            let caller = negotiate_out(Some(&called.session_expires(Part::Uas))).unwrap();
            prop_assert_eq!(caller.interval, called.interval);
            prop_assert_ne!(caller.refresher, called.refresher);
            prop_assert_eq!(caller.refresher == Refresher::Us, uac);
        }

        #[test]
        fn no_time_makes_the_clock_panic(
            interval in any::<u64>(), since in any::<u64>(), now in any::<u64>(), us in any::<bool>(),
        ) {
            let refresher = if us { Refresher::Us } else { Refresher::Them };
            let mut clock = Clockwork::new(session(interval, refresher), secs(since));
            clock.tried(secs(now));
            let _ = (clock.due(secs(now)), clock.next());
        }
    }
}
