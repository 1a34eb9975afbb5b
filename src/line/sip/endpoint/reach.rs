//! Where the box's server is, how the box is reached, and whose packets are read: what changes while the line is open.
//!
//! In:  what the task that registers finds out. Out: the same, to whoever sends or reads a message. Part of the way to the SIP
//! stack; shared by its tasks, and never locked across a wait.

use std::net::{IpAddr, SocketAddr};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use rsipstack::sip::{HostWithPort, Uri};

/// How long an address that the servers' names no longer have is read on: calls that came by it may still last.
const LINGERS: Duration = Duration::from_secs(4 * 3_600);
/// So many addresses are kept; a name server that gives new ones each time makes the list no longer.
const MOST: usize = 64;

#[derive(Debug)]
pub(super) struct Reach {
    /// Peers of the configuration, which are read always.
    fixed: Vec<IpAddr>,
    at: RwLock<At>,
}

#[derive(Debug)]
struct At {
    server: SocketAddr,
    contact: Uri,
    /// The local end of the connection by which the server knows the box, as text.
    flow: Option<String>,
    /// Servers' addresses, and when they were last resolved.
    servers: Vec<(IpAddr, Duration)>,
}

impl Reach {
    pub(super) fn new(server: SocketAddr, contact: Uri, fixed: Vec<IpAddr>, servers: &[SocketAddr]) -> Self {
        let servers = servers.iter().map(SocketAddr::ip).chain([server.ip()]).map(|ip| (ip, Duration::ZERO)).collect();
        Self { fixed, at: RwLock::new(At { server, contact, flow: None, servers }) }
    }

    fn read(&self) -> RwLockReadGuard<'_, At> {
        self.at.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, At> {
        self.at.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The server that the box sends to.
    pub(super) fn server(&self) -> SocketAddr {
        self.read().server
    }

    pub(super) fn turn_to(&self, server: SocketAddr) {
        self.write().server = server;
    }

    /// What peers are told to send to.
    pub(super) fn contact(&self) -> Uri {
        self.read().contact.clone()
    }

    /// The server saw the box there.
    pub(super) fn seen_at(&self, address: HostWithPort) {
        self.write().contact.host_with_port = address;
    }

    pub(super) fn came_by(&self, flow: String) {
        self.write().flow = Some(flow);
    }

    /// Whether the server still knows the box by this connection.
    pub(super) fn is_known_by(&self, flow: &str) -> bool {
        self.read().flow.as_deref().is_none_or(|known| known == flow)
    }

    /// Whether packets of this address are read.
    pub(super) fn admits(&self, ip: IpAddr) -> bool {
        self.fixed.contains(&ip) || self.read().servers.iter().any(|(server, _)| *server == ip)
    }

    /// The servers have these addresses now; `now` since any fixed moment.
    pub(super) fn admit(&self, servers: impl Iterator<Item = SocketAddr>, now: Duration) {
        let known = &mut self.write().servers;
        for ip in servers.map(|server| server.ip()) {
            known.retain(|(other, _)| *other != ip);
            known.push((ip, now));
        }
        known.retain(|(_, seen)| now.saturating_sub(*seen) < LINGERS);
        let over = known.len().saturating_sub(MOST);
        known.drain(..over);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, host], 5_060))
    }

    fn reach() -> Reach {
        Reach::new(at(1), Uri::try_from("sip:box@10.0.0.2:5060").unwrap(), vec![at(9).ip()], &[at(1), at(2)])
    }

    #[test]
    fn who_is_resolved_is_read_and_who_was_for_some_hours_more() {
        let reach = reach();
        let hours = |hours: u64| Duration::from_secs(hours * 3_600);
        assert!([1, 2, 9].iter().all(|host| reach.admits(at(*host).ip())) && !reach.admits(at(3).ip()));
        reach.admit([at(3)].into_iter(), hours(1));
        assert!([1, 2, 3, 9].iter().all(|host| reach.admits(at(*host).ip())));
        reach.admit([at(3)].into_iter(), hours(4));
        assert!(!reach.admits(at(1).ip()) && reach.admits(at(3).ip()) && reach.admits(at(9).ip()));
    }

    #[test]
    fn a_name_server_that_makes_up_addresses_fills_no_memory_and_the_newest_are_read() {
        let reach = reach();
        for host in 0..200 {
            reach.admit([at(host)].into_iter(), Duration::from_secs(host.into()));
        }
        assert_eq!(reach.read().servers.len(), MOST);
        assert!(reach.admits(at(199).ip()) && !reach.admits(at(20).ip()) && reach.admits(at(9).ip()));
    }

    #[test]
    fn the_address_that_the_server_saw_takes_the_place_of_our_own() {
        let reach = reach();
        reach.seen_at(HostWithPort::from(SocketAddr::from(([203, 0, 113, 7], 40_001))));
        assert_eq!(reach.contact().to_string(), "sip:box@203.0.113.7:40001");
    }
}
