//! Which of a provider's servers the box is registered with: the first that works, and back to a better one later.
//!
//! In:  the addresses that the configured names have now, and what became of each try. Out: the address to try next.
//! Runs in the task that registers. Resolves nothing, sends nothing, reads no clock.
//!
//! A name server gives the addresses of one name in another order each time: among those the box stays where it is. Only a
//! server that stands earlier in the configuration, or has a better priority in DNS (RFC 2782), draws it back.

use std::net::SocketAddr;
use std::time::Duration;

/// How long the box stays with a substitute before it tries a better server: shorter, and a server that comes and goes would
/// be registered with in each of its good minutes.
const STAYS: Duration = Duration::from_secs(300);

/// An address, and how far down the list its server stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ranked {
    /// 0 for the best.
    pub(super) rank: usize,
    /// Where.
    pub(super) address: SocketAddr,
}

/// The servers, and the one that the box is with.
#[derive(Debug)]
pub(super) struct Servers {
    /// In the order in which they are tried.
    order: Vec<Ranked>,
    with: Option<SocketAddr>,
    /// Those that failed since the last success.
    failed: Vec<SocketAddr>,
    /// When the box came to where it is, or last looked for a better one.
    since: Duration,
}

impl Servers {
    /// Servers of which none was tried.
    pub(super) fn new(order: Vec<Ranked>) -> Self {
        Self { order, with: None, failed: Vec::new(), since: Duration::ZERO }
    }

    /// What the names say now. Nothing at all is a name server in trouble: what was known stays.
    pub(super) fn update(&mut self, order: Vec<Ranked>) {
        if !order.is_empty() {
            self.order = order;
        }
    }

    /// The addresses of all.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.order.iter().map(|one| one.address)
    }

    /// The address to register with now; none where no name has one.
    pub(super) fn target(&mut self, now: Duration) -> Option<SocketAddr> {
        let untried = |one: &&Ranked| !self.failed.contains(&one.address);
        let with = self.order.iter().filter(untried).find(|one| Some(one.address) == self.with);
        let best = self.order.iter().filter(untried).min_by_key(|one| one.rank).or(self.order.first())?;
        let Some(with) = with else { return Some(best.address) };
        // Once one has failed, this round ends where the box was.
        let looks = self.failed.is_empty() && best.rank < with.rank && now.saturating_sub(self.since) >= STAYS;
        if looks {
            self.since = now;
            return Some(best.address);
        }
        Some(with.address)
    }

    /// This one has registered the box.
    pub(super) fn worked(&mut self, address: SocketAddr, now: Duration) {
        self.failed.clear();
        if self.with != Some(address) {
            (self.with, self.since) = (Some(address), now);
        }
    }

    /// This one does not serve. Whether another is to be tried at once; else all have failed, and waiting is in order.
    pub(super) fn failed(&mut self, address: SocketAddr) -> bool {
        self.failed.push(address);
        let another = self.order.iter().any(|one| !self.failed.contains(&one.address));
        if !another {
            self.failed.clear();
            self.with = None;
        }
        another
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, host], 5_060))
    }

    fn order(all: &[(usize, u8)]) -> Vec<Ranked> {
        all.iter().map(|(rank, host)| Ranked { rank: *rank, address: at(*host) }).collect()
    }

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn each_is_tried_once_before_the_box_waits() {
        let mut servers = Servers::new(order(&[(0, 1), (0, 2), (1, 3)]));
        for host in [1, 2] {
            assert_eq!(servers.target(secs(0)), Some(at(host)));
            assert!(servers.failed(at(host)));
        }
        assert_eq!(servers.target(secs(0)), Some(at(3)));
        assert!(!servers.failed(at(3)), "all have failed");
        assert_eq!(servers.target(secs(1)), Some(at(1)), "and the round begins anew");
    }

    #[test]
    fn it_stays_where_it_is_however_the_name_server_turns_the_list() {
        let mut servers = Servers::new(order(&[(0, 1), (0, 2)]));
        servers.worked(at(1), secs(0));
        servers.update(order(&[(0, 2), (0, 1)]));
        assert_eq!(servers.target(secs(10_000)), Some(at(1)));
    }

    #[test]
    fn it_goes_on_where_its_address_is_none_of_the_names_any_more() {
        let mut servers = Servers::new(order(&[(0, 1)]));
        servers.worked(at(1), secs(0));
        servers.update(order(&[(0, 7), (0, 8)]));
        assert_eq!(servers.target(secs(45)), Some(at(7)));
        servers.update(Vec::new());
        assert_eq!(servers.target(secs(45)), Some(at(7)), "no answer of the name server changes nothing");
    }

    #[test]
    fn from_a_substitute_it_looks_for_the_better_one_now_and_then_and_comes_back() {
        let mut servers = Servers::new(order(&[(0, 1), (1, 2)]));
        assert!(servers.failed(at(1)));
        assert_eq!(servers.target(secs(0)), Some(at(2)));
        servers.worked(at(2), secs(0));
        assert_eq!(servers.target(secs(299)), Some(at(2)));
        assert_eq!(servers.target(secs(300)), Some(at(1)));
        assert!(servers.failed(at(1)), "still away");
        assert_eq!(servers.target(secs(305)), Some(at(2)));
        servers.worked(at(2), secs(305));
        assert_eq!(servers.target(secs(599)), Some(at(2)));
        assert_eq!(servers.target(secs(600)), Some(at(1)));
        servers.worked(at(1), secs(600));
        assert_eq!(servers.target(secs(645)), Some(at(1)));
    }

    #[test]
    fn nothing_is_tried_where_there_is_nothing() {
        assert_eq!(Servers::new(Vec::new()).target(secs(0)), None);
    }
}
