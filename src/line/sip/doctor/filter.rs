//! The packet filter for lined's user: which addresses and ports of `[line.sip]` it may send to, as nftables rules.
//!
//! In:  `[line.sip]`, and the addresses that its names have now. Out: a file for nft, of lines of at most 80 columns. Loads
//! nothing; run by `anteroom doctor line --sheet nftables`. What lined must never reach is everything that is not listed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use crate::config::telephone::{Profile, Sip, Transport};
use crate::line::sip::names::Names;

/// The rules for this site; asks the name servers where its servers are.
pub(super) fn filter(sip: &Sip) -> String {
    let records = sip.profile == Profile::HostedPbx;
    let found = Names::now(sip.transport, sip.listen.ip(), records, &sip.servers);
    rules(sip, &found.iter().map(|one| one.address).collect::<Vec<_>>())
}

fn rules(sip: &Sip, found: &[SocketAddr]) -> String {
    let usual = if sip.transport == Transport::Tls { 5_061 } else { 5_060 };
    let ports: BTreeSet<u16> = found
        .iter()
        .map(SocketAddr::port)
        .chain(sip.servers.iter().map(|server| server.port.unwrap_or(usual)))
        .collect();
    let carrier = if sip.transport == Transport::Udp { "udp" } else { "tcp" };
    let (ours, sound) = (sip.listen.port(), format!("{}-{}", sip.public_ports.start(), sip.public_ports.end()));
    let named = sip.servers.iter().any(|server| server.host.parse::<IpAddr>().is_err());
    let mut text = HEAD.to_owned();
    let mut rule = |line: &str| {
        let _ = writeln!(text, "{line}");
    };
    let peers: BTreeSet<IpAddr> = found.iter().map(SocketAddr::ip).chain(sip.peers.iter().copied()).collect();
    for (family, wanted) in [("4", true), ("6", false)] {
        rule(&format!("\tset telephone{family} {{\n\t\ttype ipv{family}_addr\n\t\tflags interval"));
        let members: Vec<String> = peers.iter().filter(|ip| ip.is_ipv4() == wanted).map(IpAddr::to_string).collect();
        if !members.is_empty() {
            rule(&format!("\t\telements = {{ {} }}", members.join(",\n\t\t\t")));
        }
        rule("\t}\n");
    }
    rule("\tchain lined {\n\t\toif \"lo\" accept");
    if named {
        rule("\t\tudp dport 53 accept\n\t\ttcp dport 53 accept");
    }
    let signalling: Vec<String> = ports.iter().map(u16::to_string).collect();
    let signalling = signalling.join(", ");
    for (family, set) in [("ip", "@telephone4"), ("ip6", "@telephone6")] {
        rule(&format!("\t\t{family} daddr {set} {carrier} dport {{ {signalling} }} accept"));
        // Answers go to whatever port the telephone system sent from.
        rule(&format!("\t\t{family} daddr {set} {carrier} sport {ours} accept"));
        rule(&format!("\t\t{family} daddr {set} udp sport {sound} accept"));
    }
    if sip.profile == Profile::HostedPbx {
        rule("\t\t# A provider's servers change their addresses, and its sound has others:");
        rule("\t\t# any public address, at these ports.");
        rule("\t\tip daddr @private4 counter reject\n\t\tip6 daddr @private6 counter reject");
        rule(&format!("\t\t{carrier} dport {{ {signalling} }} accept"));
        rule(&format!("\t\tudp sport {sound} udp dport >= 1024 accept"));
    }
    rule(FOOT);
    text
}

const HEAD: &str = "\
# Whom lined may reach: `anteroom doctor line --sheet nftables` prints it out of
# [line.sip]; print it anew when that changes. As
# /etc/nftables.d/anteroom-line.nft it is loaded by nftables.service:
#   include \"/etc/nftables.d/anteroom-line.nft\"
#
# Telephones that send sound past the telephone system belong into telephone4:
#   nft add element inet anteroom_line telephone4 { 192.168.1.0/24 }
# The unit of lined denies all but what a drop-in allows. The same addresses
# belong there (IPAddressAllow=); with a provider: IPAddressAllow=any.
table inet anteroom_line
delete table inet anteroom_line
table inet anteroom_line {
\tset private4 {
\t\ttype ipv4_addr
\t\tflags interval
\t\telements = { 0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8,
\t\t\t169.254.0.0/16, 172.16.0.0/12, 192.168.0.0/16, 224.0.0.0/3 }
\t}

\tset private6 {
\t\ttype ipv6_addr
\t\tflags interval
\t\telements = { ::/127, ::ffff:0:0/96, fc00::/7, fe80::/10, ff00::/8 }
\t}

";

const FOOT: &str = "\
\t\tcounter reject
\t}

\tchain output {
\t\ttype filter hook output priority filter; policy accept;
\t\tmeta skuid \"anteroom-lined\" jump lined
\t}
}";

#[cfg(test)]
mod tests {
    use super::super::tests::site_with;
    use super::*;

    fn chain(text: &str) -> Vec<&str> {
        let chain = text.split_once("chain lined {").unwrap().1.split_once("\t}").unwrap().0;
        chain.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }

    #[test]
    fn in_the_clinics_network_the_telephone_system_is_reached_and_nobody_else() {
        let site = site_with("profile = \"pbx-extension\"\ntransport = \"udp\"\npeers = [\"192.168.1.21\"]\n");
        let text = rules(&site, &["192.168.1.20:5060".parse().unwrap()]);
        for peer in ["192.168.1.20", "192.168.1.21"] {
            assert!(text.contains(peer), "{text}");
        }
        let chain = chain(&text);
        assert_eq!(chain.last(), Some(&"counter reject"));
        let free = |line: &&&str| !line.contains("daddr @telephone");
        let rest: Vec<_> = chain.iter().filter(free).copied().collect();
        assert_eq!(rest, ["oif \"lo\" accept", "udp dport 53 accept", "tcp dport 53 accept", "counter reject"]);
    }

    #[test]
    fn a_provider_is_reached_at_its_ports_and_no_private_address_beside_the_listed_ones() {
        let site = site_with("profile = \"hosted-pbx\"\ntransport = \"tls\"\n");
        let text = rules(&site, &["198.51.100.7:5071".parse().unwrap()]);
        let chain = chain(&text);
        let at = |part: &str| chain.iter().position(|line| line.contains(part)).unwrap();
        assert!(at("@private4 counter reject") < at("udp sport 16384-16585 udp dport >= 1024 accept"));
        assert!(chain.contains(&"tcp dport { 5061, 5071 } accept"), "{text}");
        assert!(!text.contains("udp dport {"), "{text}");
        let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert_eq!(long, Vec::<&str>::new());
    }
}
