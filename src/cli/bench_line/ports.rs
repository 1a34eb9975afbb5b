//! Ports of `bench line` on 127.0.0.1: fixed ranges for sound, so that the tap knows them, and free ones for SIP.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;

use crate::line::ports::Ports;

/// Everything stays on this machine.
pub(super) const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// The box's, for sound.
pub(super) const BOX: RangeInclusive<u16> = 10_000..=10_999;
/// SIPp's, counted up by itself from the first.
pub(super) const CALLERS: RangeInclusive<u16> = 11_000..=11_999;
/// Both: what the tap looks at.
pub(super) const SOUND: RangeInclusive<u16> = 10_000..=11_999;
/// For SIP; below the range from which the system gives ports to anybody.
const SIP: RangeInclusive<u16> = 12_000..=12_099;

/// Three free ports for SIP: the box's, SIPp's, and SIPp's control.
///
/// # Errors
/// [`io::ErrorKind::AddrInUse`] where there are none.
pub(super) fn for_sip() -> io::Result<[u16; 3]> {
    let ports = Ports::new(HOME, &SIP);
    // All are held until all are known.
    let taken = [ports.take()?, ports.take()?, ports.take()?];
    Ok(taken.each_ref().map(|sockets| sockets.port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_different_ports_are_given_outside_those_for_sound() {
        let [one, two, three] = for_sip().unwrap();
        assert!(one != two && two != three && one != three);
        assert!([one, two, three].iter().all(|port| !SOUND.contains(port)));
    }
}
