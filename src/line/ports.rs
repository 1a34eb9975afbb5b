//! Pairs of UDP ports for sound: an even one for RTP, the next for RTCP (RFC 3550 section 11).
//!
//! In:  the range that the site's firewall lets through. Out: bound sockets; whoever drops them frees the ports.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU16, Ordering};

/// One leg's sockets, which block nobody.
#[derive(Debug)]
pub struct Sockets {
    /// For sound.
    pub rtp: UdpSocket,
    /// For reports on it.
    pub rtcp: UdpSocket,
    /// The port of the first, an even one.
    pub port: u16,
}

/// Where ports are taken from.
#[derive(Debug)]
pub struct Ports {
    address: IpAddr,
    first: u16,
    pairs: u16,
    next: AtomicU16,
}

impl Ports {
    /// Ports of `range` at `address`; odd ends are left out.
    #[must_use]
    pub fn new(address: IpAddr, range: &RangeInclusive<u16>) -> Self {
        // The last port is odd: as the first of a pair it has no second.
        let first = range.start().checked_next_multiple_of(2).unwrap_or(u16::MAX);
        let pairs = range.end().checked_sub(first).map_or(0, |more| (more / 2) + (more % 2));
        Self { address, first, pairs, next: AtomicU16::new(0) }
    }

    /// A pair that nobody else has, each time further along the range: what still comes for the last call is not heard in
    /// the next.
    ///
    /// # Errors
    /// [`io::ErrorKind::AddrInUse`] where none is free, or as binding fails.
    pub fn take(&self) -> io::Result<Sockets> {
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..self.pairs {
            let at = self.next.fetch_add(1, Ordering::Relaxed) % self.pairs.max(1);
            let port = self.first.saturating_add(at.saturating_mul(2));
            match self.bind(port) {
                Ok(sockets) => return Ok(sockets),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    #[expect(clippy::disallowed_methods, reason = "lined's own door: the sound of calls")]
    fn bind(&self, port: u16) -> io::Result<Sockets> {
        let bind = |port| {
            let socket = UdpSocket::bind(SocketAddr::new(self.address, port))?;
            socket.set_nonblocking(true)?;
            Ok::<_, io::Error>(socket)
        };
        Ok(Sockets { rtp: bind(port)?, rtcp: bind(port.saturating_add(1))?, port })
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn pairs_begin_at_even_ports_and_are_taken_once_until_they_are_dropped() {
        let ports = Ports::new(HOME, &(41_001..=41_006));
        let (one, two) = (ports.take().unwrap(), ports.take().unwrap());
        assert_eq!([one.port, two.port], [41_002, 41_004]);
        assert_eq!(one.rtcp.local_addr().unwrap().port(), 41_003);
        assert_eq!(ports.take().unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(one);
        assert_eq!(ports.take().unwrap().port, 41_002);
    }

    #[test]
    fn a_range_without_a_pair_has_none() {
        for range in [41_011..=41_011, 41_012..=41_012, 65_535..=65_535] {
            assert!(Ports::new(HOME, &range).take().is_err(), "{range:?}");
        }
    }
}
