//! A name in, addresses that may be connected to out.
//!
//! Runs in the task of the request; the system's resolver blocks, and tokio gives it a thread.
//! The answer of a DNS server is not believed: one address that is not allowed refuses the whole name.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::pin::Pin;

use super::HttpError;
use super::endpoint::{Endpoint, Host};

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Out into the internet.
    Public,
    /// Loopback, or a private network: where a `lan` endpoint may be.
    Local,
    /// Where no endpoint is: link-local addresses with their metadata services, the carrier's own network, multicast,
    /// documentation, and whatever is not assigned.
    Never,
}

impl Reach {
    /// Source: the IANA special-purpose address registries (RFC 6890), as of 2025.
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => of_v4(address),
            IpAddr::V6(address) => of_v6(address),
        }
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // RFC 1918, and loopback.
        [10 | 127, ..] | [172, 16..=31, ..] | [192, 168, ..] => Reach::Local,
        // "This network", multicast (RFC 5771), reserved with broadcast (RFC 1112).
        [0 | 224..=255, ..] => Reach::Never,
        // Carrier-grade NAT: other customers of the same carrier (RFC 6598).
        [100, 64..=127, ..] => Reach::Never,
        // Link-local (RFC 3927): 169.254.169.254 hands out a machine's credentials in many clouds.
        [169, 254, ..] => Reach::Never,
        // Protocol assignments (RFC 6890), documentation (RFC 5737), 6to4 relays (RFC 7526), benchmarks (RFC 2544).
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] | [198, 18..=19, ..] => {
            Reach::Never
        }
        _ => Reach::Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Local,
        // The metadata service of one large cloud lies in the private range.
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => Reach::Never,
        // Unique local addresses (RFC 4193).
        [0xfc00..=0xfdff, ..] => Reach::Local,
        // NAT64 (RFC 6052): as public as the IPv4 address inside. Private ones must not be in there.
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            match of_v4(Ipv4Addr::new(a, b, c, d)) {
                Reach::Public => Reach::Public,
                Reach::Local | Reach::Never => Reach::Never,
            }
        }
        // Protocol assignments with Teredo (RFC 2928), documentation (RFC 3849, RFC 9637), 6to4 (RFC 7526: given up).
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => Reach::Never,
        // The one range that is given out (RFC 4291 section 2.4, IANA).
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never,
    }
}

/// What looking up a name comes to.
pub(super) type Found<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Whoever knows the addresses of names. Handed in, so that a test can be the DNS server.
pub(super) trait Names: Send + Sync {
    /// Every address of `host`, the one to try first in front.
    fn look_up<'a>(&'a self, host: &'a str) -> Found<'a>;
}

/// The resolver of the operating system.
pub(super) struct System;

impl Names for System {
    fn look_up<'a>(&'a self, host: &'a str) -> Found<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The addresses of `endpoint`, each of them allowed for it; never empty.
///
/// # Errors
/// [`HttpError::Resolve`], [`HttpError::NoAddress`], [`HttpError::PrivateAddress`] or [`HttpError::PublicAddress`].
pub(super) async fn checked(endpoint: &Endpoint, names: &dyn Names) -> Result<Vec<IpAddr>, HttpError> {
    let mut addresses = match endpoint.named() {
        Host::Address(address) => vec![*address],
        Host::Name(name) => names.look_up(name).await.map_err(|_| HttpError::Resolve)?,
    };
    for address in &mut addresses {
        // An IPv4 address in IPv6 clothes is connected to as what was checked.
        *address = address.to_canonical();
        match (Reach::of(*address), endpoint.is_lan()) {
            (Reach::Public, false) | (Reach::Local, true) => {}
            (Reach::Local | Reach::Never, false) => return Err(HttpError::PrivateAddress),
            (Reach::Public | Reach::Never, true) => return Err(HttpError::PublicAddress),
        }
    }
    other_family_second(&mut addresses);
    if addresses.is_empty() { Err(HttpError::NoAddress) } else { Ok(addresses) }
}

/// Brings the first address of the other family to the second place: a box whose IPv6 leads nowhere would otherwise try
/// every IPv6 address of a large endpoint before its first IPv4 one.
fn other_family_second(addresses: &mut [IpAddr]) {
    let Some((first, rest)) = addresses.split_first_mut() else { return };
    if let Some(at) = rest.iter().position(|address| address.is_ipv4() != first.is_ipv4()) {
        rest.get_mut(..=at).unwrap_or_default().rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reach(address: &str) -> Reach {
        Reach::of(address.parse().unwrap())
    }

    #[test]
    fn public_addresses_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "169.253.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "192.167.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2a00:1450::1",
        ] {
            assert_eq!(reach(address), Reach::Public, "{address}");
        }
    }

    #[test]
    fn addresses_of_the_local_network_are_local() {
        for address in [
            "127.0.0.1",
            "127.255.0.9",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "::1",
            "fc00::1",
            "fd12:3456::1",
            "::ffff:192.168.0.1",
        ] {
            assert_eq!(reach(address), Reach::Local, "{address}");
        }
    }

    #[test]
    fn addresses_at_which_no_endpoint_can_be_are_never_used() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "169.254.169.254",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::7f00:1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::10.0.0.1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:0a00:0001::1",
            "2002:7f00:0001::1",
            "3fff::1",
            "5f00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert_eq!(reach(address), Reach::Never, "{address}");
        }
    }

    #[test]
    fn the_other_family_is_tried_second() {
        let sorted = |addresses: &[&str]| {
            let mut addresses: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
            other_family_second(&mut addresses);
            addresses.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(sorted(&["2a00::1", "2a00::2", "1.1.1.1", "1.0.0.1"]), ["2a00::1", "1.1.1.1", "2a00::2", "1.0.0.1"]);
        assert_eq!(sorted(&["1.1.1.1", "1.0.0.1"]), ["1.1.1.1", "1.0.0.1"]);
        assert!(sorted(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn no_clothes_make_an_ipv4_address_more_public(bits in any::<u32>()) {
            let address = Ipv4Addr::from_bits(bits);
            let plain = Reach::of(address.into());
            prop_assert_eq!(Reach::of(address.to_ipv6_mapped().into()), plain);
            let [a, b, c, d] = address.octets().map(u16::from);
            let (high, low) = ((a << 8) | b, (c << 8) | d);
            for dressed in [
                Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
                Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, high, low),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::new(0, 0, 0, 0, 0, 0, high | 1, low),
            ] {
                prop_assert!(plain == Reach::Public || Reach::of(dressed.into()) == Reach::Never);
            }
        }
    }
}
