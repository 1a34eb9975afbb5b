//! Settings of four products for this box, as a page of text: what to enter there, and why.
//!
//! In:  `[line.sip]`. Out: text of at most 80 columns. No product was tried: the sheets say so in their first lines. Holds no
//! password.

use crate::config::telephone::{Sip, Srtp, Transport};

/// A product that there is a sheet for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// 3CX, version 18 or 20.
    ThreeCx,
    /// FreePBX with PJSIP.
    FreePbx,
    /// Grandstream UCM 6200 or 6300.
    GrandstreamUcm,
    /// Grandstream HT813: a gateway for one analogue line and one telephone.
    Ht813,
    /// No product: the packet filter of the box itself, for nftables.
    Nftables,
}

impl Product {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::ThreeCx, Self::FreePbx, Self::GrandstreamUcm, Self::Ht813, Self::Nftables];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ThreeCx => "3cx",
            Self::FreePbx => "freepbx",
            Self::GrandstreamUcm => "grandstream-ucm",
            Self::Ht813 => "ht813",
            Self::Nftables => "nftables",
        }
    }

    /// The product of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|product| product.name() == name)
    }
}

/// The sheet of a product, with the values of this site; for [`Product::Nftables`] the rules, for which the name servers are
/// asked.
#[must_use]
pub fn sheet(product: Product, sip: &Sip) -> String {
    let (name, text) = match product {
        Product::Nftables => return super::filter::filter(sip),
        Product::ThreeCx => ("3CX (version 18 or 20)", THREE_CX),
        Product::FreePbx => ("FreePBX (PJSIP)", FREE_PBX),
        Product::GrandstreamUcm => ("Grandstream UCM 6200 or 6300", UCM),
        Product::Ht813 => ("Grandstream HT813", HT813),
    };
    let (site, kept) = (values(sip), if product == Product::Ht813 { "" } else { COMMON });
    format!("Settings for {name}\n{UNTRIED}\n{site}\n{text}{kept}{DRILL}")
}

const UNTRIED: &str = "\
NOT TRIED ON HARDWARE: written without the product at hand. Names of menus may
differ in your version. `anteroom doctor line` and a call say what is right.
";

const COMMON: &str = "
Caller id
  The caller's number belongs into From, or into P-Asserted-Identity; for the
  latter set line.sip.trust-asserted-identity = true, and only where the system
  removes what callers send. Withheld numbers stay withheld.
";

const DRILL: &str = "
Then
  `anteroom doctor line`; ring from outside; press 0; put the call on hold; stop
  lined and ring again: the desk must ring within 2 s. Write the day of that
  into line.sip.failover-drill, and do it again each quarter.
";

/// The values of this site.
fn values(sip: &Sip) -> String {
    let transport = match sip.transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
        Transport::Tls => "TLS",
    };
    let srtp = match sip.srtp {
        Srtp::Require => "mandatory (SDES, AES_CM_128_HMAC_SHA1_80)",
        Srtp::Prefer => "optional (SDES, AES_CM_128_HMAC_SHA1_80)",
        Srtp::Off => "off",
    };
    let rows = [
        (
            "Box",
            if sip.listen.ip().is_unspecified() {
                "its address: `ip -br a`".to_owned()
            } else {
                sip.listen.ip().to_string()
            },
        ),
        ("SIP port, transport", format!("{}, {transport}", sip.listen.port())),
        ("Sound, UDP ports", format!("{}-{}", sip.public_ports.start(), sip.public_ports.end())),
        ("User", sip.user.clone().unwrap_or_else(|| "anteroom (does not register)".to_owned())),
        ("Domain", sip.domain.clone()),
        ("Codecs", "1. PCMU (G.711 u-law), 2. PCMA (A-law); no other".to_owned()),
        ("Keys", "RFC 4733 (also called RFC 2833), payload type 101".to_owned()),
        ("SRTP", srtp.to_owned()),
        ("Registration", format!("{} s, renewed after {} s", sip.expires.as_secs(), sip.expires.as_secs() * 3 / 4)),
        ("Session timer", format!("{} s asked for, 90 s and more taken", sip.session_expires.as_secs())),
        ("Desk", sip.desks.join(", ")),
    ];
    rows.iter().map(|(name, value)| format!("  {name:<20} {value}\n")).collect()
}

const THREE_CX: &str = "
Extension (Users > Add)
  Number               the user above; no voicemail, no e-mail
  Authentication       Auth ID = line.sip.auth-user, password = password-file
  IP phone, options    \"Support Re-Invite\" on; \"Support Replaces header\" on
                       only with line.sip.refer = true
                       \"PBX delivers audio\" on where telephones are in other
                       networks than the box
  SRTP                 as above; needs the TLS transport
  Codecs               move G.711 U-law and A-law to the top, remove the rest
  Registration time    60 s; where the system wants longer ones, it says 423 and
                       the box follows it, to an hour

Fail-over
  Forwarding rules of the extension: no answer, busy, and \"not registered\" go to
  the desk's ring group. Or a ring group of its own: the box first, \"destination
  if no answer\" the desk.
  The time until a silent box counts as unreachable is the system's own and may
  be much longer than the 2 s to aim at. Measure it in the drill.

Outbound
  The box rings desks by extension, nobody else: forbid external calls, unless
  the on-call rota has numbers outside.
";

const FREE_PBX: &str = "
Extension (Applications > Extensions > Add > PJSIP)
  User extension       the user above; Secret = password-file
  Advanced:
    Max contacts       1; Remove existing: yes
    Qualify frequency  10 s, so that a dead box is noticed
    DTMF signaling     RFC 4733
    Disallow / Allow   all / ulaw&alaw
    Media encryption   SRTP via in-SDP, with TLS; else none
    Direct media       no
    Session timers     yes; the box does both sides of RFC 4028
    Rewrite contact    no within one network, yes behind a NAT
    Send RPI / PAI     PAI
  Voicemail            off
Settings > Asterisk SIP Settings > PJSIP
  Minimum expiration   60 or less

Fail-over
  Extension > Advanced > Optional destinations: no answer, busy, not reachable,
  all to the desk's ring group. Or an inbound route to a ring group that hunts:
  the box first, the desk second, \"destination if no answer\" a voicemail.
  A box that is unplugged is \"not reachable\" only after the next qualify: until
  then a call waits for the INVITE's own timer or the ring time, so that 2 s are
  not certain. Keep the ring time short where the box answers every call; with
  line.hours answer = \"overflow\" it must be longer than its rings.
  The box says 503 or 486 itself when it cannot serve: both must go to the desk.
";

const UCM: &str = "
Extension (Extension/Trunk > Extensions > Add > SIP)
  Extension            the user above
  SIP/IAX password     password-file; AuthID = line.sip.auth-user
  Concurrent registr.  1
  Voicemail            off
  Media: DTMF mode     RFC 4733
         SRTP          \"enabled and forced\" with TLS, else disabled
         Codecs        PCMU, PCMA
         Direct media  off
  Features: keep-alive on, every 10 s
PBX Settings > SIP Settings
  Session timer        on; least 90 s
  Registration         least time 60 s or less
  TLS                  on, with a certificate that line.sip.ca-file has signed

Fail-over
  Extension > Features > call forwarding: no answer, busy, and not available go
  to the desk's ring group; or an inbound route to a ring group: the box first,
  \"destination if no answer\" the desk.
  How fast a silent box counts as unavailable is the system's own. Aim at 2 s
  and measure it in the drill.
";

const HT813: &str = "
Basic settings
  Unconditional call   User ID = the user above, SIP server = the box,
  forward to VoIP      port = the SIP port above
  PSTN ring thru FXS   YES: the desk rings too, whatever becomes of the box
  PSTN ring thru delay 4 s: the box answers first while it lives

FXO port
  Primary SIP server   the box and its port (line.sip.profile = \"ata-direct\",
                       line.sip.peers = this gateway's address)
  Failover SIP server  another SIP system that rings the desk, if there is one
  SIP registration     NO; outgoing call without registration: YES
  SIP transport        as above
  Number of rings      2: one to decode the caller id, which North American
                       lines send between the first and the second ring
  Caller ID scheme     Bellcore/Telcordia
  Caller ID transport  via SIP From
  Stage method         1
  Preferred DTMF       RFC 2833, payload type 101; not in audio, not SIP INFO
  Preferred vocoder    PCMU, PCMA, all choices filled with these two
  Silence suppression  NO
  SRTP mode            as above
  Session expiration   180 s or more, least 90 s
  Current disconnect   YES, threshold 100 ms: the line's own sign that callers
                       have hung up. Try it: some lines give none
  Disconnect tone      YES; North America: f1=480@-32,f2=620@-32,c=250/250
                       (the tone after a hang-up; else it is heard as a caller)
  AC termination       North America: 600 ohm; else your line's country
  Jitter buffer        adaptive

FXS port (the desk's telephone)
  Primary SIP server   the box; SIP registration NO; calls without it YES
  line.sip.desks       [\"sip:desk@GATEWAY:5060\"]: the FXS port's own SIP port,
                       which differs from the FXO port's
  Caller ID scheme     Bellcore/Telcordia

Fail-over
  Without power the gateway connects the FXS telephone to the line by a relay:
  it must be this very gateway's telephone. With power and without the box, the
  ring-thru above rings it. Try both. A call under way is lost with the power.
  One line is one call: line.max-calls = 1.
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::sip::doctor::tests::site;

    #[test]
    fn every_sheet_says_that_it_was_not_tried_and_has_the_sites_values_and_no_line_is_too_long() {
        for product in Product::ALL.into_iter().filter(|product| *product != Product::Nftables) {
            let text = sheet(product, &site());
            assert!(text.lines().nth(1).unwrap().starts_with("NOT TRIED ON HARDWARE"), "{product:?}");
            for word in ["16384-16585", "PCMU", "RFC 4733", "SRTP", "within 2 s", "Fail-over", "201", "Session timer"] {
                assert!(text.contains(word), "{product:?} lacks {word}");
            }
            let long: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
            assert_eq!(long, Vec::<&str>::new(), "{product:?}");
        }
    }

    #[test]
    fn a_product_is_found_by_its_name_and_by_no_other() {
        for product in Product::ALL {
            assert_eq!(Product::named(product.name()), Some(product));
        }
        assert_eq!(Product::named("HT813"), None);
    }

    #[test]
    fn the_gateways_sheet_has_the_settings_of_the_analogue_line() {
        let text = sheet(Product::Ht813, &site());
        for word in ["Number of rings", "ring thru", "Disconnect tone", "Current disconnect"] {
            assert!(text.contains(word), "{word}");
        }
    }
}
