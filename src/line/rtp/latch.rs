//! Whom to listen to and where to send: symmetric RTP (RFC 4961), held to one source.
//!
//! ```text
//!   Unknown -- a source --> Latched, may be corrected -- 2 s --> Latched for good
//!      ^                                                                |
//!      +------- silent for 5 s, and a re-INVITE came -------------------+
//! ```
//! The description of a call names an address, but behind a NAT it is not the one that sound comes from. So sound goes
//! back to where sound comes from, which whoever reaches the port first could abuse. Hence:
//! - A source is ranked: the described address, then another port of the described host, then any other host.
//! - The described host is believed at once. Another host is a NAT or a stranger and none can tell; it is taken only
//!   when 200 ms have gone by since the first packet of any such host and the described host has still not spoken. So
//!   a flood that is there before the peer gets nothing if the peer speaks, and a peer behind a NAT loses 200 ms.
//! - Within the first 2 s a source of higher rank replaces a lower one. After that none does: whoever comes third in
//!   mid-call is ignored, whatever it sends. The SSRC is no part of the rule, as anybody can copy one.
//! - A re-INVITE is signalling, and so trusted: the exact address it newly names is taken at once; any other source
//!   only when the latched one has been silent for 5 s.
//! - With SRTP only authenticated packets are asked about, and who holds the key is the peer: all rank highest.
//!
//! What is left without SRTP: a stranger who knows the port and sends to it before a peer that then stays silent for
//! over 2 s, or after a re-INVITE that moved a peer which then stays silent for 5 s; and one who forges the peer's own
//! address. Only SRTP helps there.
//!
//! In:  the source of each packet that parsed and had an agreed payload type. Out: take it or not. Pure; owned by a
//! receiver, run by the media thread. It never asks a clock and never sends.

use std::net::SocketAddr;
use std::time::Duration;

/// How long another host waits for the described one to speak: ten packets, which a peer that can reach us directly
/// sends well within the time the call needs to be answered.
const GRACE: Duration = Duration::from_millis(200);
/// How long after the first latch it may be corrected.
const CORRECTED_WITHIN: Duration = Duration::from_secs(2);
/// How long the latched source must be silent before a re-INVITE lets another in. Longer than any gap of jitter.
const SILENT_FOR: Duration = Duration::from_secs(5);

/// What to do with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Take it.
    Take,
    /// Take it: it is the first from this address, so what came before is another's sound.
    Anew,
    /// Drop it: it is not the peer's.
    Other,
}

/// How likely an address is the peer's; the later, the likelier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Stranger,
    Host,
    Described,
}

/// The address sound is exchanged with.
pub struct Latch {
    described: SocketAddr,
    secure: bool,
    latched: Option<Latched>,
    /// When a host that was not described was first heard, while nothing is latched.
    stranger_since: Option<Duration>,
}

struct Latched {
    from: SocketAddr,
    rank: Rank,
    /// It sends from the host that was described, so a new description can be sent to as well.
    at_home: bool,
    /// When the first source was latched: corrections count from there.
    since: Duration,
    heard: Duration,
    /// A re-INVITE gave a new description since.
    redescribed: bool,
}

impl Latch {
    /// Nothing heard yet. `described` is the address in the peer's description, `secure` whether packets are
    /// authenticated before [`Self::admits`] is asked.
    #[must_use]
    pub fn new(described: SocketAddr, secure: bool) -> Self {
        Self { described, secure, latched: None, stranger_since: None }
    }

    /// Whether a packet from `from` is the peer's. To be asked only of packets that parsed, have an agreed payload type
    /// and, with SRTP, were authenticated. `now` is the time since any fixed moment, and never goes back.
    pub fn admits(&mut self, from: SocketAddr, now: Duration) -> Verdict {
        let rank = self.rank(from);
        let Some(latched) = &mut self.latched else { return self.first(from, rank, now) };
        if same(latched.from, from) {
            latched.heard = now;
            return Verdict::Take;
        }
        let age = now.saturating_sub(latched.since);
        if age < CORRECTED_WITHIN && rank > latched.rank {
            let since = latched.since;
            self.latch(from, rank, now, since);
            return Verdict::Anew;
        }
        if latched.redescribed && same(from, self.described) {
            self.latch(from, Rank::Described, now, now);
            return Verdict::Anew;
        }
        if latched.redescribed && now.saturating_sub(latched.heard) >= SILENT_FOR {
            return self.first(from, rank, now);
        }
        Verdict::Other
    }

    /// Where to send: where sound comes from; before any came, and after a re-INVITE that moved a peer which had sent
    /// from its described host, the described address. A peer behind a NAT is never sent to its inner address again.
    #[must_use]
    pub fn to(&self) -> SocketAddr {
        match &self.latched {
            Some(latched) if !(latched.redescribed && latched.at_home) => latched.from,
            Some(_) | None => self.described,
        }
    }

    /// A re-INVITE described the peer again. The same address changes nothing, and neither does the absence of one
    /// (0.0.0.0 or port 0: the old way to hold a call, RFC 3264 section 8.4).
    pub fn redescribe(&mut self, described: SocketAddr) {
        if described.ip().is_unspecified() || described.port() == 0 || same(described, self.described) {
            return;
        }
        self.described = described;
        self.stranger_since = None;
        if let Some(latched) = &mut self.latched {
            // Back to where it already sends from: nothing to wait for.
            latched.redescribed = !same(latched.from, described);
        }
    }

    fn rank(&self, from: SocketAddr) -> Rank {
        if self.secure || same(from, self.described) {
            Rank::Described
        } else if same_host(from, self.described) {
            Rank::Host
        } else {
            Rank::Stranger
        }
    }

    /// A source while none is latched, or the latched one is given up.
    fn first(&mut self, from: SocketAddr, rank: Rank, now: Duration) -> Verdict {
        let since = *self.stranger_since.get_or_insert(now);
        if rank == Rank::Stranger && now.saturating_sub(since) < GRACE {
            return Verdict::Other;
        }
        self.latch(from, rank, now, now);
        Verdict::Anew
    }

    fn latch(&mut self, from: SocketAddr, rank: Rank, heard: Duration, since: Duration) {
        let at_home = same_host(from, self.described);
        self.latched = Some(Latched { from, rank, at_home, since, heard, redescribed: false });
        self.stranger_since = None;
    }
}

/// The same address, also where one of them is an IPv4 address in IPv6's clothes (RFC 4291 section 2.5.5.2).
fn same(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port() && same_host(a, b)
}

fn same_host(a: SocketAddr, b: SocketAddr) -> bool {
    a.ip().to_canonical() == b.ip().to_canonical()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Verdict::{Anew, Other, Take};
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    fn at(address: &str) -> SocketAddr {
        address.parse().unwrap()
    }
    fn peer() -> SocketAddr {
        at("192.0.2.1:4000")
    }
    fn other_port() -> SocketAddr {
        at("192.0.2.1:4999")
    }
    fn stranger() -> SocketAddr {
        at("198.51.100.7:4000")
    }
    fn moved() -> SocketAddr {
        at("203.0.113.5:6000")
    }

    #[test]
    fn the_described_source_latches_at_once_and_is_sent_to() {
        let mut latch = Latch::new(peer(), false);
        assert_eq!(latch.to(), peer());
        assert_eq!(latch.admits(peer(), MS(0)), Anew);
        assert_eq!(latch.admits(peer(), MS(20)), Take);
        assert_eq!(latch.to(), peer());
    }

    #[test]
    fn an_ipv4_address_in_ipv6_clothes_is_the_same_address() {
        let mut latch = Latch::new(peer(), false);
        let _ = latch.admits(peer(), MS(0));
        assert_eq!(latch.admits(at("[::ffff:192.0.2.1]:4000"), MS(20)), Take);
    }

    #[test]
    fn behind_a_nat_the_real_source_latches_after_200_ms() {
        let mut latch = Latch::new(at("10.0.0.5:4000"), false);
        let verdicts: Vec<Verdict> = (0..20).map(|n| latch.admits(stranger(), MS(n * 20))).collect();
        assert_eq!(verdicts.iter().position(|v| *v != Other), Some(10));
        assert_eq!(verdicts[10..12], [Anew, Take]);
        assert_eq!(latch.to(), stranger());
    }

    #[test]
    fn a_flood_that_is_there_before_the_peer_gets_nothing() {
        let mut latch = Latch::new(peer(), false);
        for n in 0..199 {
            assert_eq!(latch.admits(stranger(), MS(n)), Other);
            assert_eq!(latch.to(), peer());
        }
        assert_eq!(latch.admits(peer(), MS(199)), Anew);
        for n in 200..10_000 {
            assert_eq!(latch.admits(stranger(), MS(n)), Other);
        }
        assert_eq!(latch.to(), peer());
    }

    #[test]
    fn a_wrong_first_latch_is_corrected_by_likelier_sources_within_2_s_only() {
        let mut latch = Latch::new(peer(), false);
        let _ = latch.admits(stranger(), MS(0));
        assert_eq!(latch.admits(stranger(), MS(300)), Anew);
        assert_eq!(latch.admits(other_port(), MS(1_000)), Anew);
        assert_eq!(latch.admits(stranger(), MS(1_100)), Other);
        assert_eq!(latch.admits(peer(), MS(2_299)), Anew);
        assert_eq!(latch.admits(other_port(), MS(2_299)), Other);
        assert_eq!(latch.to(), peer());

        let mut latch = Latch::new(peer(), false);
        let _ = latch.admits(stranger(), MS(0));
        let _ = latch.admits(stranger(), MS(300));
        assert_eq!(latch.admits(peer(), MS(2_300)), Other);
        assert_eq!(latch.to(), stranger());
    }

    #[test]
    fn nobody_steals_a_call_even_when_the_peer_falls_silent() {
        for thief in [stranger(), other_port(), moved()] {
            let mut latch = Latch::new(peer(), false);
            let _ = latch.admits(peer(), MS(0));
            for n in (20..600_000).step_by(20) {
                assert_eq!(latch.admits(thief, MS(n)), Other);
            }
            assert_eq!(latch.to(), peer());
            assert_eq!(latch.admits(peer(), MS(600_000)), Take);
        }
    }

    #[test]
    fn with_srtp_the_first_authentic_source_latches_and_stays() {
        let mut latch = Latch::new(peer(), true);
        assert_eq!(latch.admits(stranger(), MS(0)), Anew);
        assert_eq!(latch.admits(peer(), MS(20)), Other);
        assert_eq!(latch.to(), stranger());
    }

    #[test]
    fn a_newly_described_address_is_sent_to_and_taken_at_once() {
        let mut latch = Latch::new(peer(), false);
        let _ = latch.admits(peer(), MS(0));
        latch.redescribe(moved());
        assert_eq!(latch.to(), moved());
        assert_eq!(latch.admits(peer(), MS(9_980)), Take);
        assert_eq!(latch.admits(stranger(), MS(9_990)), Other);
        assert_eq!(latch.admits(moved(), MS(10_000)), Anew);
        assert_eq!(latch.admits(peer(), MS(10_020)), Other);
        assert_eq!(latch.to(), moved());
    }

    #[test]
    fn after_a_re_invite_another_source_waits_for_5_s_of_silence() {
        let mut latch = Latch::new(peer(), false);
        let _ = latch.admits(peer(), MS(0));
        let nat = at("203.0.113.99:1234");
        assert_eq!(latch.admits(nat, MS(60_000)), Other);
        let _ = latch.admits(peer(), MS(60_000));
        latch.redescribe(moved());
        let first = (60_000..70_000).step_by(20).find(|n| latch.admits(nat, MS(*n)) != Other);
        assert_eq!(first, Some(65_200));
        assert_eq!(latch.to(), nat);
        assert_eq!(latch.admits(peer(), MS(80_000)), Other);
    }

    #[test]
    fn a_re_invite_that_moves_nothing_changes_nothing() {
        let mut latch = Latch::new(peer(), false);
        let _ = latch.admits(peer(), MS(0));
        latch.redescribe(peer());
        latch.redescribe(at("0.0.0.0:4000"));
        latch.redescribe(at("203.0.113.5:0"));
        assert_eq!(latch.to(), peer());
        assert_eq!(latch.admits(stranger(), MS(60_000)), Other);
        assert_eq!(latch.admits(stranger(), MS(61_000)), Other);
    }

    #[test]
    fn a_peer_behind_a_nat_is_still_reached_when_its_inner_address_changes() {
        let mut latch = Latch::new(at("10.0.0.5:4000"), false);
        let _ = latch.admits(stranger(), MS(0));
        let _ = latch.admits(stranger(), MS(200));
        latch.redescribe(at("10.0.0.5:4002"));
        assert_eq!(latch.to(), stranger());
    }

    proptest! {
        #[test]
        fn once_settled_only_one_address_is_taken(
            packets in proptest::collection::vec((0_usize..4, 0_u64..100), 0..300), secure: bool,
        ) {
            let sources = [peer(), other_port(), stranger(), moved()];
            let mut latch = Latch::new(peer(), secure);
            let (mut now, mut first, mut settled) = (0, None, None);
            for (source, wait) in packets {
                now += wait;
                if latch.admits(sources[source], MS(now)) != Other {
                    let first = *first.get_or_insert(now);
                    if now >= first + 2_000 {
                        prop_assert_eq!(*settled.get_or_insert(source), source);
                    }
                    prop_assert_eq!(latch.to(), sources[source]);
                }
            }
        }
    }
}
