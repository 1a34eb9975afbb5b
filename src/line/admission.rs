//! What becomes of an INVITE before anything is answered: served, refused with a reason, or met with silence. Pure.
//!
//! In:  where it comes from, how many calls there are, and what the box can do now ([`Asked`]), and a monotonic time.
//! Out: a [`Verdict`]. A call that cannot be served is never answered: a refusal at once sends it to the desk by the
//! exchange's failure route, and an answer would keep it here. Scanners get a few refusals and then nothing at all.
//! Runs in the task of the line. Knows no caller: addresses here are those of machines that speak SIP.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// How long the exchange shall leave us alone when something is missing (RFC 3261 section 20.33): as long as a daemon
/// takes to come back. A longer time would keep calls away from a box that is well again.
const RETRY_UNREADY: Duration = Duration::from_secs(5);
/// The same while we drain: the restart comes after the calls, so that it is not worth asking soon.
const RETRY_DRAINING: Duration = Duration::from_secs(30);
/// The longest drain: the longest call of the configuration's default.
const LONGEST_DRAIN: Duration = Duration::from_secs(15 * 60);
/// Refusals that one unknown source gets at once: somebody who sets up an exchange wants to see the 403.
const BURST: u32 = 5;
/// After that, one in this time.
const EACH: Duration = Duration::from_secs(10);
/// Unknown sources that are told apart; all others share one bucket. About 64 kB.
const SOURCES: usize = 1_024;
/// How often the table of sources is cleared of those that have been quiet.
const SWEEP: Duration = Duration::from_secs(1);

/// What must be there to serve a call. Each is a heartbeat that was seen lately, not a process that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The brain is attached and answers.
    pub brain: bool,
    /// The media thread keeps its time.
    pub media: bool,
    /// The record takes events.
    pub record: bool,
    /// There is room for a call's sound and words.
    pub disk: bool,
}

impl Readiness {
    /// The first thing that is missing.
    #[must_use]
    pub fn missing(self) -> Option<Why> {
        let checks = [
            (self.media, Why::NoMedia),
            (self.brain, Why::NoBrain),
            (self.record, Why::NoRecord),
            (self.disk, Why::NoDisk),
        ];
        checks.into_iter().find_map(|(is_there, why)| (!is_there).then_some(why))
    }

    /// Everything that is missing, as words for the console and the health answer.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        let checks = [
            (self.media, Why::NoMedia),
            (self.brain, Why::NoBrain),
            (self.record, Why::NoRecord),
            (self.disk, Why::NoDisk),
        ];
        checks.into_iter().filter(|(is_there, _)| !is_there).map(|(_, why)| why.as_str())
    }
}

/// One INVITE, or one other request that begins something.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The address of the machine that sent it, not what it says of itself.
    pub source: IpAddr,
    /// Whether that machine is the site's exchange or one of its peers.
    pub trusted: bool,
    /// Whether what was dialled is ours.
    pub ours: bool,
    /// Calls that are up or ring now.
    pub calls: usize,
    /// What the box can do now.
    pub ready: Readiness,
    /// Whether the box drains.
    pub draining: bool,
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Ring, and answer.
    Admit,
    /// Refuse at once.
    Refuse {
        /// The final status.
        code: u16,
        /// The value of Retry-After, whole seconds on the wire; with 503 alone.
        retry_after: Option<Duration>,
        /// Why, for the log and the record.
        why: Why,
    },
    /// Send nothing: an answer would tell a scanner that somebody is here.
    Silence(Why),
}

/// Why a call was not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The media thread is late or dead.
    NoMedia,
    /// The brain is away.
    NoBrain,
    /// The record takes nothing.
    NoRecord,
    /// The disk is full.
    NoDisk,
    /// The box drains before a restart.
    Draining,
    /// As many calls as it may serve.
    Full,
    /// The source is nobody we know.
    UnknownSource,
    /// An unknown source that asks and asks.
    Flood,
    /// What was dialled is not ours.
    NotOurs,
}

impl Why {
    /// Its name in events, logs and on the console.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoMedia => "no-media",
            Self::NoBrain => "no-brain",
            Self::NoRecord => "no-record",
            Self::NoDisk => "no-disk",
            Self::Draining => "draining",
            Self::Full => "full",
            Self::UnknownSource => "unknown-source",
            Self::Flood => "flood",
            Self::NotOurs => "not-ours",
        }
    }
}

/// Decides on each call.
#[derive(Debug)]
pub struct Admission {
    max_calls: usize,
    unknown: Sources,
}

impl Admission {
    /// Serves at most `max_calls` calls at once.
    #[must_use]
    pub fn new(max_calls: usize) -> Self {
        Self { max_calls, unknown: Sources::default() }
    }

    /// What becomes of a request at `now`. A source that is not trusted learns nothing of the box's state.
    pub fn decide(&mut self, asked: &Asked, now: Duration) -> Verdict {
        let refuse = |code, retry_after, why| Verdict::Refuse { code, retry_after, why };
        if !asked.trusted {
            let may_be_answered = self.unknown.take(asked.source, now);
            return if may_be_answered { refuse(403, None, Why::UnknownSource) } else { Verdict::Silence(Why::Flood) };
        }
        if asked.draining {
            return refuse(503, Some(RETRY_DRAINING), Why::Draining);
        }
        if let Some(why) = asked.ready.missing() {
            return refuse(503, Some(RETRY_UNREADY), why);
        }
        if !asked.ours {
            return refuse(404, None, Why::NotOurs);
        }
        // Not 503: that takes the whole box out of the exchange's routes (RFC 3261 section 21.5.4), and one call that
        // ends makes room again. 486 goes by the busy route.
        if asked.calls >= self.max_calls {
            return refuse(486, None, Why::Full);
        }
        Verdict::Admit
    }
}

/// No new calls, and a stop when the last one has ended.
#[derive(Clone, Copy, Debug)]
pub struct Drain {
    since: Duration,
}

impl Drain {
    /// Begins to drain.
    #[must_use]
    pub fn new(now: Duration) -> Self {
        Self { since: now }
    }

    /// Whether the box may stop: nobody is on the line, or somebody has been for fifteen minutes.
    #[must_use]
    pub fn may_stop(&self, calls: usize, now: Duration) -> bool {
        calls == 0 || now.saturating_sub(self.since) >= LONGEST_DRAIN
    }
}

/// A token bucket for each unknown source, in bounded memory. A bucket is one time: when it will be full again.
#[derive(Debug, Default)]
struct Sources {
    full_at: BTreeMap<IpAddr, Duration>,
    /// Shared by all that have no room of their own: a flood from invented addresses is one source.
    others: Duration,
    swept: Duration,
}

impl Sources {
    /// Whether this source has a token left; takes it.
    fn take(&mut self, source: IpAddr, now: Duration) -> bool {
        let source = network(source);
        if self.full_at.len() >= SOURCES && now >= self.swept + SWEEP {
            // A bucket that is full again says no more than a missing one.
            self.full_at.retain(|_, full_at| *full_at > now);
            self.swept = now;
        }
        if self.full_at.len() < SOURCES || self.full_at.contains_key(&source) {
            take(self.full_at.entry(source).or_default(), now)
        } else {
            take(&mut self.others, now)
        }
    }
}

/// Takes a token of a bucket that is full at `full_at`.
fn take(full_at: &mut Duration, now: Duration) -> bool {
    let after = (*full_at).max(now) + EACH;
    let fits = after <= now + EACH * BURST;
    if fits {
        *full_at = after;
    }
    fits
}

/// One source: an IPv4 address, or the /64 of an IPv6 address, in which one machine has as many as it likes.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const READY: Readiness = Readiness { brain: true, media: true, record: true, disk: true };

    fn asked() -> Asked {
        let source = "192.0.2.10".parse().unwrap();
        Asked { source, trusted: true, ours: true, calls: 0, ready: READY, draining: false }
    }

    fn scanner(source: &str) -> Asked {
        Asked { source: source.parse().unwrap(), trusted: false, ..asked() }
    }

    fn at(s: u64) -> Duration {
        Duration::from_secs(s)
    }

    #[test]
    fn as_many_calls_are_admitted_as_may_be_and_one_more_is_busy() {
        let mut admission = Admission::new(4);
        let verdicts = [0, 3, 4, 5].map(|calls| admission.decide(&Asked { calls, ..asked() }, at(0)));
        let busy = Verdict::Refuse { code: 486, retry_after: None, why: Why::Full };
        assert_eq!(verdicts, [Verdict::Admit, Verdict::Admit, busy, busy]);
    }

    #[test]
    fn whatever_is_missing_refuses_the_call_before_it_is_answered_and_says_what() {
        let cases = [
            (Readiness { brain: false, ..READY }, Why::NoBrain),
            (Readiness { media: false, ..READY }, Why::NoMedia),
            (Readiness { record: false, ..READY }, Why::NoRecord),
            (Readiness { disk: false, ..READY }, Why::NoDisk),
        ];
        for (ready, why) in cases {
            let verdict = Admission::new(4).decide(&Asked { ready, ..asked() }, at(0));
            assert_eq!(verdict, Verdict::Refuse { code: 503, retry_after: Some(RETRY_UNREADY), why });
            assert_eq!(ready.words().collect::<Vec<_>>(), [why.as_str()]);
        }
        assert_eq!(READY.words().count(), 0);
    }

    #[test]
    fn a_draining_box_takes_no_call_and_stops_with_the_last_or_after_a_quarter_of_an_hour() {
        let verdict = Admission::new(4).decide(&Asked { draining: true, ..asked() }, at(0));
        assert_eq!(verdict, Verdict::Refuse { code: 503, retry_after: Some(RETRY_DRAINING), why: Why::Draining });
        let drain = Drain::new(at(100));
        assert!(drain.may_stop(0, at(100)));
        assert!(!drain.may_stop(1, at(999)));
        assert!(drain.may_stop(1, at(1_000)));
    }

    #[test]
    fn a_number_that_is_not_ours_is_not_found() {
        let verdict = Admission::new(4).decide(&Asked { ours: false, ..asked() }, at(0));
        assert_eq!(verdict, Verdict::Refuse { code: 404, retry_after: None, why: Why::NotOurs });
    }

    #[test]
    fn a_scanner_gets_five_refusals_then_silence_then_one_each_ten_seconds() {
        let mut admission = Admission::new(4);
        let refused = Verdict::Refuse { code: 403, retry_after: None, why: Why::UnknownSource };
        for _ in 0..5 {
            assert_eq!(admission.decide(&scanner("203.0.113.5"), at(0)), refused);
        }
        assert_eq!(admission.decide(&scanner("203.0.113.5"), at(9)), Verdict::Silence(Why::Flood));
        assert_eq!(admission.decide(&scanner("203.0.113.5"), at(10)), refused);
        assert_eq!(admission.decide(&scanner("203.0.113.5"), at(10)), Verdict::Silence(Why::Flood));
        assert_eq!(admission.decide(&scanner("203.0.113.6"), at(10)), refused, "another source has its own bucket");
        assert_eq!(admission.decide(&asked(), at(10)), Verdict::Admit, "and the exchange has none");
    }

    #[test]
    fn a_scanner_learns_nothing_of_what_the_box_lacks() {
        let worst = Asked { draining: true, ours: false, calls: 9, ..scanner("203.0.113.5") };
        let verdict = Admission::new(4).decide(&worst, at(0));
        assert_eq!(verdict, Verdict::Refuse { code: 403, retry_after: None, why: Why::UnknownSource });
    }

    #[test]
    fn one_network_of_ipv6_is_one_source_and_a_mapped_address_is_its_ipv4_address() {
        let mut sources = Sources::default();
        for host in 1..=5 {
            assert!(sources.take(format!("2001:db8::{host}").parse().unwrap(), at(0)));
        }
        assert!(!sources.take("2001:db8::ffff".parse().unwrap(), at(0)));
        assert!(sources.take("2001:db8:0:1::1".parse().unwrap(), at(0)));
        assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), "192.0.2.1".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn a_flood_from_invented_addresses_takes_bounded_memory_and_gets_few_answers() {
        let mut sources = Sources::default();
        let flood = |n: u32| IpAddr::V4(std::net::Ipv4Addr::from_bits(0x0a00_0000 + n));
        let answered = (0..100_000).filter(|n| sources.take(flood(*n), at(0))).count();
        assert_eq!(sources.full_at.len(), SOURCES);
        assert_eq!(answered, SOURCES + 5);
        // Quiet sources make room again.
        assert!(sources.take(flood(500_000), at(60)));
        assert_eq!(sources.full_at.len(), 1);
    }

    proptest! {
        #[test]
        fn a_source_never_gets_more_than_its_burst_and_its_rate(
            steps in prop::collection::vec((0..4_u8, 0..3_000_u64), 1..200),
        ) {
            let mut sources = Sources::default();
            let (mut now, mut taken) = (Duration::ZERO, [0_u64; 4]);
            for (who, later) in steps {
                now += Duration::from_millis(later);
                let granted = sources.take(IpAddr::from([203, 0, 113, who]), now);
                taken[usize::from(who)] += u64::from(granted);
            }
            for taken in taken {
                prop_assert!(taken <= 5 + now.as_secs() / 10);
            }
        }

        #[test]
        fn only_a_ready_box_with_room_admits_a_trusted_source(
            flags in any::<[bool; 7]>(), calls in 0..8_usize, max_calls in 1..6_usize,
        ) {
            let [trusted, ours, draining, brain, media, record, disk] = flags;
            let ready = Readiness { brain, media, record, disk };
            let verdict =
                Admission::new(max_calls).decide(&Asked { trusted, ours, draining, ready, calls, ..asked() }, at(0));
            let may = trusted && ours && !draining && brain && media && record && disk && calls < max_calls;
            prop_assert_eq!(verdict == Verdict::Admit, may);
            if let Verdict::Refuse { code, retry_after, .. } = verdict {
                prop_assert_eq!(retry_after.is_some(), code == 503);
            }
        }
    }
}
