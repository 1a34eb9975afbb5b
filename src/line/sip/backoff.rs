//! Staying registered: when to send the next REGISTER, and what to ask for.
//!
//! ```text
//!            begin                Registered                     Registered
//!   (boot) --------> Trying -----------------> Registered ------------------> (again at 3/4 of the expiry)
//!                     ^  |  Rejected                |  Unreachable, Stale
//!                     |  +-----------> Failed       v
//!                     +---------------- (each names the time of the next try)
//! ```
//! In:  what became of each REGISTER, with the time since any fixed moment.
//! Out: when to send the next, and with which expiry; whether calls can reach us.
//! Runs in the task that registers. Reads no clock, sends nothing, knows no password, and gives up never: the registrar
//! of a clinic comes back after a power cut at a time that nobody announces.

use std::time::Duration;

/// Longest wait for a registrar that does not answer, jitter included. A REGISTER that times out was last repeated some
/// 2 s before, so that a registrar that is back hears from the box within 10 s.
const LONGEST_UNREACHABLE: Duration = Duration::from_secs(8);
/// Longest wait, jitter included, for a registrar that answers with an error of its own: it works on its trouble, and
/// needs no more load.
const LONGEST_TROUBLED: Duration = Duration::from_secs(30);
/// The longest expiry, in seconds, that a 423 can push us to: the usual one of RFC 3261 section 10.2. With a longer
/// one, a registrar that forgot us would not be noticed for hours.
const LONGEST_EXPIRES: u32 = 3_600;
/// Waits are drawn between these shares, in percent, so that boxes that lost one registrar do not all return at once.
const JITTER_PERCENT: std::ops::RangeInclusive<u32> = 80..=HIGHEST_JITTER;
/// The longest share.
const HIGHEST_JITTER: u32 = 120;
/// Doublings after which a wait is above every limit; more would only overflow.
const MOST_DOUBLINGS: u32 = 16;

/// How to register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The expiry asked for, in seconds. Short: callers are lost for as long as the registrar believes in a dead box.
    pub expires: u32,
    /// The share of the expiry, in percent, after which to register again.
    pub refresh_percent: u32,
    /// The first wait after a failure; each further one is twice as long.
    pub first_retry: Duration,
    /// The wait where trying again soon is of no use, such as with wrong credentials.
    pub longest: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            expires: 60,
            // Leaves a quarter, 15 s, for a lost REGISTER to be repeated.
            refresh_percent: 75,
            first_retry: Duration::from_secs(1),
            // Registrars lock out who tries a wrong password many times a minute.
            longest: Duration::from_secs(60),
        }
    }
}

/// What became of a REGISTER, or of what it had brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// 200, with the expiry that was granted, in seconds.
    Registered {
        /// From the Contact or the Expires header.
        expires: u32,
    },
    /// Any other final answer. 401 and 407 mean that it came after the credentials were sent.
    Rejected {
        /// The status code.
        code: u16,
        /// Min-Expires of a 423, in seconds.
        min_expires: Option<u32>,
    },
    /// No answer, or no connection.
    Unreachable,
    /// What the registrar knows of us may be gone: our address changed, or a connection broke.
    Stale,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// When to send a REGISTER; at once if that is now.
    pub at: Duration,
    /// The expiry to ask for, in seconds.
    pub expires: u32,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The registrar has us.
    Registered {
        /// When it forgets us.
        until: Duration,
    },
    /// No answer yet.
    Trying,
    /// The registrar said no.
    Failed {
        /// With this status code.
        code: u16,
    },
}

impl State {
    /// What to tell the people of the clinic, and what they can do.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::Registered { .. } => "registered",
            Self::Trying => "the telephone system does not answer: check its address, and that it runs",
            Self::Failed { code: 401 | 403 | 407 } => {
                "wrong credentials: enter the extension's user name and password again"
            }
            Self::Failed { code: 404 } => "the telephone system does not know the extension: check its number",
            Self::Failed { code: 423 } => "the telephone system wants a longer expiry than allowed: lower it there",
            Self::Failed { code: 500..600 } => "the telephone system has trouble of its own: look at its status",
            Self::Failed { code: _ } => "the telephone system refuses the extension: look at its log",
        }
    }
}

/// One registration.
#[derive(Debug)]
pub struct Registration {
    policy: Policy,
    /// The expiry asked for, in seconds: the policy's, or what a 423 raised it to.
    asks: u32,
    /// Failures since the last success.
    failures: u32,
    state: State,
    /// When the registrar forgets us, whatever happened since.
    until: Option<Duration>,
    /// When the next REGISTER is to be sent.
    planned: Option<Duration>,
    /// When the last one was sent.
    sent: Option<Duration>,
    random: fastrand::Rng,
}

impl Registration {
    /// Starts unregistered. `seed` makes the waits differ between boxes, and repeat in tests.
    #[must_use]
    pub fn new(policy: Policy, seed: u64) -> Self {
        let asks = policy.expires.clamp(1, LONGEST_EXPIRES);
        let random = fastrand::Rng::with_seed(seed);
        Self { policy, asks, failures: 0, state: State::Trying, until: None, planned: None, sent: None, random }
    }

    /// The first REGISTER: at once.
    #[must_use]
    pub fn begin(&mut self, now: Duration) -> Next {
        self.at(now)
    }

    /// Takes what happened at `now`, and says what to do next. A newer answer replaces an older one.
    #[must_use]
    pub fn step(&mut self, event: Event, now: Duration) -> Next {
        // A plan whose time has come was carried out; a later one is dropped for what this step plans.
        self.sent = self.planned.filter(|planned| *planned <= now).or(self.sent);
        match event {
            Event::Registered { expires } if expires > 0 => self.registered(expires, now),
            // Granted for no time at all: the registrar removed us.
            Event::Registered { .. } => {
                self.until = None;
                self.fail(State::Trying, LONGEST_TROUBLED, now)
            }
            Event::Rejected { code: 423, min_expires: Some(least) }
                if (self.asks + 1..=LONGEST_EXPIRES).contains(&least) =>
            {
                // It grows each time, up to a limit, so this cannot go round for ever.
                self.asks = least;
                self.state = State::Trying;
                self.at(now)
            }
            Event::Rejected { code, .. } => self.rejected(code, now),
            Event::Unreachable => self.fail(State::Trying, LONGEST_UNREACHABLE, now),
            Event::Stale => {
                self.until = None;
                self.state = State::Trying;
                // An address that flaps must not become a storm.
                let earliest = self.sent.map_or(now, |sent| sent.saturating_add(self.policy.first_retry));
                self.at(now.max(earliest))
            }
        }
    }

    /// How the last step left it. A state of [`State::Registered`] may have run out since: see
    /// [`Registration::is_registered`].
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether the registrar still has us at `now`, so that calls arrive. True as well while a refresh fails, until the
    /// time that was granted last is over.
    #[must_use]
    pub fn is_registered(&self, now: Duration) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    fn registered(&mut self, granted: u32, now: Duration) -> Next {
        let until = now.saturating_add(Duration::from_secs(granted.into()));
        self.failures = 0;
        self.until = Some(until);
        self.state = State::Registered { until };
        // A registrar that grants more than we asked for is still asked in our own time: so a restart of it is noticed.
        let lives = Duration::from_secs(granted.min(self.asks).into());
        let share = lives.saturating_mul(self.policy.refresh_percent.min(100)) / 100;
        self.at(now.saturating_add(share))
    }

    fn rejected(&mut self, code: u16, now: Duration) -> Next {
        let failed = State::Failed { code };
        match code {
            // A proxy before it heard nothing from it: as good as no answer.
            408 => self.fail(failed, LONGEST_UNREACHABLE, now),
            500..600 => self.fail(failed, LONGEST_TROUBLED, now),
            // Wrong credentials, an unknown extension, and all else that waits for a person.
            _ => {
                self.state = failed;
                self.later(self.policy.longest, now)
            }
        }
    }

    fn fail(&mut self, state: State, limit: Duration, now: Duration) -> Next {
        let doubled = 2_u32.pow(self.failures.min(MOST_DOUBLINGS));
        self.failures = self.failures.saturating_add(1);
        self.state = state;
        self.later(self.policy.first_retry.saturating_mul(doubled).min(limit * 100 / HIGHEST_JITTER), now)
    }

    fn later(&mut self, wait: Duration, now: Duration) -> Next {
        let wait = wait.saturating_mul(self.random.u32(JITTER_PERCENT)) / 100;
        self.at(now.saturating_add(wait))
    }

    fn at(&mut self, at: Duration) -> Next {
        self.planned = Some(at);
        Next { at, expires: self.asks }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn registration() -> Registration {
        Registration::new(Policy::default(), 7)
    }

    fn rejected(code: u16) -> Event {
        Event::Rejected { code, min_expires: None }
    }

    /// The waits, in milliseconds, that `count` times the same event brings.
    fn waits(event: Event, count: usize) -> Vec<u128> {
        let mut registration = registration();
        (0..count).map(|_| (registration.step(event, secs(100)).at - secs(100)).as_millis()).collect()
    }

    #[test]
    fn it_registers_at_once_and_again_at_three_quarters() {
        let mut registration = registration();
        assert_eq!(registration.begin(secs(3)), Next { at: secs(3), expires: 60 });
        assert_eq!(registration.state(), State::Trying);
        assert!(!registration.is_registered(secs(3)));
        let next = registration.step(Event::Registered { expires: 60 }, secs(4));
        assert_eq!(next, Next { at: secs(49), expires: 60 });
        assert_eq!(registration.state(), State::Registered { until: secs(64) });
        assert!(registration.is_registered(secs(63)) && !registration.is_registered(secs(64)));
    }

    #[test]
    fn a_shorter_grant_is_obeyed_and_a_longer_one_does_not_slow_us() {
        assert_eq!(registration().step(Event::Registered { expires: 20 }, secs(0)).at, secs(15));
        let mut registration = registration();
        assert_eq!(registration.step(Event::Registered { expires: 3_600 }, secs(0)).at, secs(45));
        assert!(registration.is_registered(secs(3_599)));
    }

    #[test]
    fn a_423_raises_the_expiry_at_once_and_within_reason() {
        let mut registration = registration();
        let raise = |least| Event::Rejected { code: 423, min_expires: Some(least) };
        assert_eq!(registration.step(raise(300), secs(5)), Next { at: secs(5), expires: 300 });
        assert_eq!(registration.state(), State::Trying);
        assert_eq!(registration.step(Event::Registered { expires: 300 }, secs(5)).at, secs(5 + 225));
        for useless in [raise(300), raise(10), raise(LONGEST_EXPIRES + 1), rejected(423)] {
            let next = registration.step(useless, secs(5));
            assert!(next.at >= secs(5 + 48), "{next:?}");
            assert_eq!((next.expires, registration.state()), (300, State::Failed { code: 423 }));
        }
    }

    #[test]
    fn wrong_credentials_are_told_and_not_hammered() {
        for code in [401, 403, 407] {
            for wait in waits(rejected(code), 50) {
                assert!((48_000..=72_000).contains(&wait), "{wait}");
            }
            let mut registration = registration();
            let _ = registration.step(rejected(code), secs(0));
            assert_eq!(registration.state(), State::Failed { code });
            assert!(registration.state().advice().starts_with("wrong credentials"));
        }
    }

    #[test]
    fn trouble_backs_off_to_30_s_and_silence_to_8_s() {
        for (event, limit) in [(rejected(503), 30_000), (rejected(408), 8_000), (Event::Unreachable, 8_000)] {
            let found = waits(event, 40);
            for (failures, wait) in found.iter().enumerate() {
                let plain = (1_000_u128 << failures.min(20)).min(limit * 100 / 120);
                assert!((plain * 80 / 100..=plain * 120 / 100).contains(wait), "{event:?} {failures} {wait}");
            }
            let last = &found[10..];
            assert!(last.iter().any(|wait| *wait < limit * 75 / 100), "they differ");
            assert!(last.iter().any(|wait| *wait > limit * 90 / 100), "they differ");
            assert!(last.iter().all(|wait| *wait <= limit));
        }
    }

    #[test]
    fn a_success_forgets_the_failures() {
        let mut registration = registration();
        for _ in 0..10 {
            let _ = registration.step(Event::Unreachable, secs(0));
        }
        let _ = registration.step(Event::Registered { expires: 60 }, secs(0));
        assert!(registration.step(Event::Unreachable, secs(45)).at <= Duration::from_millis(46_200));
        assert_eq!(registration.state(), State::Trying);
        assert!(registration.is_registered(secs(59)), "the registrar has us until what it granted is over");
    }

    #[test]
    fn what_went_stale_is_registered_anew_but_no_storm() {
        let mut registration = registration();
        let _ = registration.begin(secs(0));
        let _ = registration.step(Event::Registered { expires: 60 }, secs(0));
        // The next REGISTER was planned for 45 s; the news comes before that.
        assert_eq!(registration.step(Event::Stale, secs(20)).at, secs(20));
        assert!(!registration.is_registered(secs(20)));
        assert_eq!(registration.state(), State::Trying);
        for _ in 0..5 {
            assert_eq!(registration.step(Event::Stale, secs(20)).at, secs(21), "that of 20 s was just sent");
        }
        assert_eq!(registration.step(Event::Stale, Duration::from_millis(21_500)).at, secs(22));
    }

    #[test]
    fn an_expiry_of_nothing_is_no_registration() {
        let mut registration = registration();
        let _ = registration.step(Event::Registered { expires: 60 }, secs(0));
        let next = registration.step(Event::Registered { expires: 0 }, secs(45));
        assert!(next.at > secs(45));
        assert!(!registration.is_registered(secs(45)));
    }

    #[test]
    fn every_state_has_advice() {
        let states = [404, 423, 503, 600].map(|code| State::Failed { code });
        let all: Vec<_> = states
            .into_iter()
            .chain([State::Trying, State::Registered { until: secs(1) }])
            .map(State::advice)
            .collect();
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    fn events() -> impl Strategy<Value = Event> {
        prop_oneof![
            any::<u32>().prop_map(|expires| Event::Registered { expires }),
            (any::<u16>(), any::<Option<u32>>()).prop_map(|(code, min_expires)| Event::Rejected { code, min_expires }),
            (300_u16..700, Just(None)).prop_map(|(code, min_expires)| Event::Rejected { code, min_expires }),
            (60_u32..5_000).prop_map(|least| Event::Rejected { code: 423, min_expires: Some(least) }),
            Just(Event::Unreachable),
            Just(Event::Stale),
        ]
    }

    proptest! {
        #[test]
        fn a_registrar_that_is_back_sees_us_within_8_s(down_for in 0_u64..200_000, seed in any::<u64>()) {
            let mut registration = Registration::new(Policy::default(), seed);
            let back = Duration::from_millis(down_for);
            let mut next = registration.begin(secs(0));
            while next.at < back {
                next = registration.step(Event::Unreachable, next.at);
            }
            prop_assert!(next.at - back <= LONGEST_UNREACHABLE);
        }

        #[test]
        fn whatever_happens_there_is_a_next_try_and_it_is_neither_past_nor_far(
            happens in proptest::collection::vec(events(), 0..60), seed in any::<u64>(), start in any::<u64>(),
        ) {
            let mut registration = Registration::new(Policy::default(), seed);
            let mut now = secs(start);
            let mut asks = registration.begin(now).expires;
            for event in happens {
                let next = registration.step(event, now);
                prop_assert!(next.at >= now);
                prop_assert!(next.at <= now.saturating_add(secs(LONGEST_EXPIRES.into())));
                prop_assert!(next.expires >= asks && next.expires <= LONGEST_EXPIRES);
                let at_once = next.at < now.saturating_add(Duration::from_millis(700));
                let may = next.expires > asks || event == Event::Stale || now >= Duration::MAX - secs(1);
                prop_assert!(!at_once || may, "{event:?} {next:?}");
                (now, asks) = (next.at, next.expires);
            }
        }
    }
}
