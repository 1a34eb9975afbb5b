//! `[line.sip]`: how the clinic's telephone is attached.
//!
//! In:  the section. Out: a [`Sip`], plain data that `lined` acts on. What is possible but unwise is no mistake: it is
//! one of the warnings ([`Sip::warnings`]), which `check-config` and the console show. Passwords are in files of their
//! own and are never read here.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;

use super::hours::{date, is_target};
use super::reader::{Problem, Section};

/// `[line.sip]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sip {
    /// Where the box stands among the clinic's telephones.
    pub profile: Profile,
    /// The exchange, or the gateway; where there are several, in the order in which they are tried. Never empty.
    pub servers: Vec<Server>,
    /// What carries the signalling.
    pub transport: Transport,
    /// Who signed the exchange's certificate, PEM; without it, the public authorities. With TLS alone.
    pub ca_file: Option<PathBuf>,
    /// The extension, or the account.
    pub user: Option<String>,
    /// The name in the digest, where it is not the user.
    pub auth_user: Option<String>,
    /// The file with the password.
    pub password_file: Option<PathBuf>,
    /// The domain of our own address; the first server's host where the file says nothing.
    pub domain: String,
    /// Where the box listens.
    pub listen: SocketAddr,
    /// The UDP ports of sound: RTP on the even ones, RTCP on the next (RFC 3550 section 11). Begins even, ends odd.
    pub public_ports: RangeInclusive<u16>,
    /// Whether sound is encrypted.
    pub srtp: Srtp,
    /// How long a registration lasts; it is renewed after three quarters of it.
    pub expires: Duration,
    /// Whom a hand-off rings, in this order: extensions or SIP addresses. Never empty.
    pub desks: Vec<String>,
    /// Whether the exchange takes REFER with Replaces, so that a hand-off that was bridged can be let go.
    pub refer: bool,
    /// Whether somebody has set up who answers while the box does not.
    pub failover: Failover,
    /// Whether the exchange's P-Asserted-Identity is believed (RFC 3325); true only where it strips what callers send.
    pub trust_asserted_identity: bool,
    /// The session timer that is asked for (RFC 4028).
    pub session_expires: Duration,
    /// Addresses that may ring the box besides the servers.
    pub peers: Vec<IpAddr>,
    /// Every caller is a tester: what is kept of their calls may be shown, and a demonstration box serves them.
    pub testers_only: bool,
}

/// Where the box stands among the clinic's telephones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// An extension of the clinic's own exchange: registers.
    PbxExtension,
    /// A trunk of the exchange: known by address, does not register.
    PbxTrunk,
    /// A gateway with the analog line rings the box itself: known by address, does not register.
    AtaDirect,
    /// An extension of an exchange at a provider's: registers, with more than one server.
    HostedPbx,
}

impl Profile {
    /// Whether the box registers.
    #[must_use]
    pub fn registers(self) -> bool {
        matches!(self, Self::PbxExtension | Self::HostedPbx)
    }
}

/// A server of SIP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// A name or an address; one of IPv6 without its brackets.
    pub host: String,
    /// The port; without one, the transport's or what DNS says (RFC 3263).
    pub port: Option<u16>,
}

/// What carries the signalling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
    /// A stream in TLS.
    Tls,
}

/// Whether sound is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Srtp {
    /// A call without it is refused.
    Require,
    /// Where the other side can.
    Prefer,
    /// Never.
    Off,
}

/// Who answers while the box does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failover {
    /// Nobody has said.
    None,
    /// The exchange or the gateway rings the desk; `drill` is the day on which that was last tried.
    Declared {
        /// The day.
        drill: Option<Date>,
    },
}

impl Sip {
    /// Reads the section; relative files are below `base`.
    pub(super) fn read(section: &mut Section, base: &Path) -> Self {
        let profiles = [
            ("pbx-extension", Profile::PbxExtension),
            ("pbx-trunk", Profile::PbxTrunk),
            ("ata-direct", Profile::AtaDirect),
            ("hosted-pbx", Profile::HostedPbx),
        ];
        let transports = [("udp", Transport::Udp), ("tcp", Transport::Tcp), ("tls", Transport::Tls)];
        let profile = section.required_choice("profile", &profiles).unwrap_or(Profile::PbxExtension);
        let transport = section.required_choice("transport", &transports).unwrap_or(Transport::Udp);
        let peers = addresses(section, profile);
        let servers = servers(section, profile, &peers);
        let host = servers.first().map_or_else(String::new, |server| server.host.clone());
        let port = if transport == Transport::Tls { 5_061 } else { 5_060 };
        let sip = Self {
            profile,
            transport,
            ca_file: section.optional_path("ca-file", base),
            user: section.optional_text("user"),
            auth_user: section.optional_text("auth-user"),
            password_file: section.optional_path("password-file", base),
            domain: section.text("domain", &host),
            listen: listen(section, port),
            public_ports: public_ports(section),
            srtp: srtp(section, transport),
            expires: seconds(section, "expires-s", 60, 30..=3_600),
            desks: desks(section),
            refer: section.flag("refer", false),
            failover: Failover::read(section),
            trust_asserted_identity: section.flag("trust-asserted-identity", false),
            // RFC 4028 recommends 1800 and forbids less than 90, sections 4 and 5.
            session_expires: seconds(section, "session-expires-s", 1_800, 90..=7_200),
            peers,
            testers_only: section.flag("testers-only", false),
            servers,
        };
        sip.check_account(section);
        sip
    }

    /// What each profile needs of an account, and what it has no use for.
    fn check_account(&self, section: &mut Section) {
        let there = [("user", self.user.is_some()), ("password-file", self.password_file.is_some())];
        let any = there.iter().any(|(_, is_there)| *is_there) || self.auth_user.is_some();
        for (key, is_there) in there {
            let needed = self.profile.registers() || (any && self.profile == Profile::PbxTrunk);
            if needed && !is_there {
                section.problem(key, "is missing: the exchange knows the box by user and password-file".to_owned());
            }
            if is_there && self.profile == Profile::AtaDirect {
                section.problem(key, "has no use with \"ata-direct\", which does not register: remove it".to_owned());
            }
        }
        if self.ca_file.is_some() && self.transport != Transport::Tls {
            section.problem("ca-file", "has no use without transport = \"tls\": remove it, or use TLS".to_owned());
        }
    }

    /// What is possible and unwise, with the key that would change it. None of it keeps the box from running.
    #[must_use]
    pub fn warnings(&self) -> Vec<Problem> {
        let signalling = "who rings whom is readable in the network: use \"tls\" where the exchange can";
        let hosted = "the calls of patients cross the internet unencrypted: use \"tls\"";
        let is_clear = self.transport != Transport::Tls;
        let checks = [
            (is_clear, "transport", if self.profile == Profile::HostedPbx { hosted } else { signalling }),
            (self.srtp == Srtp::Off, "srtp", "what callers say is readable in the network: use \"require\" with TLS"),
            (self.srtp == Srtp::Prefer, "srtp", "a call may still be unencrypted: use \"require\" where all can"),
            // RFC 4568 section 8.3.
            (is_clear && self.srtp != Srtp::Off, "srtp", "its keys travel in the signalling, which is not encrypted"),
            (
                self.failover == Failover::None,
                "failover-declared",
                "single point of failure: have the exchange ring the desk when the box does not answer",
            ),
            (
                self.failover == Failover::Declared { drill: None },
                "failover-drill",
                "was never tried: stop the box, ring the clinic, and write the day here",
            ),
        ];
        let apply = checks.into_iter().filter(|(applies, ..)| *applies);
        apply.map(|(_, key, what)| Problem { key: format!("line.sip.{key}"), what: what.to_owned() }).collect()
    }

    /// How many calls have ports: each needs a pair for the caller, and one for each telephone of staff that may ring at the
    /// same time, where `on_call` people are in the rota.
    #[must_use]
    pub fn calls_with_ports(&self, on_call: usize) -> usize {
        let pairs = on_call.max(1).saturating_add(1);
        self.public_ports.len() / pairs.saturating_mul(2)
    }
}

impl Failover {
    fn read(section: &mut Section) -> Self {
        let declared = section.flag("failover-declared", false);
        let drill = section.optional_text("failover-drill").and_then(|day| date(section, "failover-drill", &day));
        if !declared && drill.is_some() {
            section.problem("failover-drill", "needs failover-declared = true".to_owned());
        }
        if declared { Self::Declared { drill } } else { Self::None }
    }
}

/// A time in whole seconds within `range`.
fn seconds(section: &mut Section, key: &str, default: usize, range: RangeInclusive<usize>) -> Duration {
    Duration::from_secs(u64::try_from(section.count(key, default, range)).unwrap_or(u64::MAX))
}

/// The addresses that may ring the box.
fn addresses(section: &mut Section, profile: Profile) -> Vec<IpAddr> {
    let words = section.words("peers");
    let peers: Vec<IpAddr> = words.iter().filter_map(|word| word.parse().ok()).collect();
    if peers.len() < words.len() {
        section.problem("peers", "should be a list of addresses such as [\"192.168.1.20\"], not names".to_owned());
    } else if peers.is_empty() && !profile.registers() {
        let what = "is missing: list the addresses that may ring the box, such as [\"192.168.1.20\"]";
        section.problem("peers", what.to_owned());
    }
    peers
}

/// One server or, at a provider's, several with commas between them. A gateway is its own server.
fn servers(section: &mut Section, profile: Profile, peers: &[IpAddr]) -> Vec<Server> {
    let text = match section.optional_text("server") {
        // Without peers there is a problem already.
        None if profile == Profile::AtaDirect => {
            return peers.first().map(|peer| Server { host: peer.to_string(), port: None }).into_iter().collect();
        }
        None => section.required_text("server"),
        Some(text) => text,
    };
    let servers: Option<Vec<_>> = text.split(',').map(|server| Server::parse(server.trim())).collect();
    let servers = servers.unwrap_or_default();
    if servers.is_empty() && !text.is_empty() {
        section.problem("server", "should be a host, or a host and a port: \"pbx.example.com:5061\"".to_owned());
    } else if servers.len() > 1 && profile != Profile::HostedPbx {
        section.problem("server", "should be one host: only \"hosted-pbx\" has several".to_owned());
    }
    servers
}

impl Server {
    fn parse(text: &str) -> Option<Self> {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let port = |text: &str| text.parse::<u16>().ok().filter(|port| *port != 0 && is_number(text));
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            let port = if rest.is_empty() { None } else { Some(port(rest.strip_prefix(':')?)?) };
            return Some(Self { host: host.to_owned(), port });
        } else if let Some((host, digits)) = text.split_once(':') {
            (host, Some(port(digits)?))
        } else {
            (text, None)
        };
        is_host(host).then(|| Self { host: host.to_owned(), port })
    }
}

fn is_host(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    (1..=253).contains(&text.len()) && text.chars().all(fits) && !text.starts_with(['.', '-'])
}

/// `ip:port`, on which the box is rung.
fn listen(section: &mut Section, port: u16) -> SocketAddr {
    let default = SocketAddr::from(([0, 0, 0, 0], port));
    let address = section.optional_text("listen").map_or(Some(default), |text| text.parse().ok());
    address.filter(|address| address.port() != 0).unwrap_or_else(|| {
        section.problem("listen", "should be an address and a port: \"0.0.0.0:5060\" or \"[::]:5060\"".to_owned());
        default
    })
}

/// "16384-16584": from the first even port to the last one that has its pair.
fn public_ports(section: &mut Section) -> RangeInclusive<u16> {
    let text = section.text("public-ports", "16384-16584");
    let parse = |text: &str| text.trim().parse::<u16>().ok();
    let ports = text.split_once('-').and_then(|(from, to)| Some((parse(from)?, parse(to)?)));
    // Both ends are RTP; the last one's RTCP is the port after it. A call needs two pairs, below 1024 only root binds.
    let right = ports.filter(|(from, to)| from % 2 == 0 && to % 2 == 0 && *from >= 1_024 && *from < *to);
    let (from, to) = right.unwrap_or_else(|| {
        section.problem("public-ports", "should be two even ports from 1024 up, such as \"16384-16584\"".to_owned());
        (16_384, 16_584)
    });
    from..=to + 1
}

/// By default as strict as the transport makes sensible.
fn srtp(section: &mut Section, transport: Transport) -> Srtp {
    let mut choices = [("require", Srtp::Require), ("prefer", Srtp::Prefer), ("off", Srtp::Off)];
    if transport != Transport::Tls {
        choices.rotate_right(1);
    }
    section.choice("srtp", &choices)
}

/// Whom a hand-off rings.
fn desks(section: &mut Section) -> Vec<String> {
    let desks = section.words("desks");
    if desks.is_empty() {
        section.problem("desks", "is missing: list who is rung for a hand-off, such as [\"201\"]".to_owned());
    } else if !desks.iter().all(|desk| is_target(desk)) {
        let what = "should be extensions or addresses, such as [\"201\", \"sip:front@pbx.example.com\"]";
        section.problem("desks", what.to_owned());
    }
    desks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Reads `text` as the section `[line.sip]` of a file in `/etc/anteroom`.
    fn read(text: &str) -> Result<Sip, Vec<Problem>> {
        let mut root = Section::parse(&format!("[line.sip]\n{text}"))?;
        let sip = root.section("line", |line| line.section("sip", |s| Sip::read(s, Path::new("/etc/anteroom"))));
        root.finish().map(|()| sip)
    }

    /// The keys of the problems, without `line.sip.`.
    fn wrong(text: &str) -> Vec<String> {
        let keys = |problem: Problem| problem.key.strip_prefix("line.sip.").unwrap_or("?").to_owned();
        read(text).err().unwrap_or_default().into_iter().map(keys).collect()
    }

    fn warned(sip: &Sip) -> Vec<String> {
        sip.warnings().into_iter().map(|warning| warning.key).collect()
    }

    const EXTENSION: &str = "profile = \"pbx-extension\"\ntransport = \"tls\"\nserver = \"pbx.clinic.lan\"\n\
                             user = \"299\"\npassword-file = \"sip\"\n\
                             desks = [\"201\", \"sip:back@pbx.clinic.lan\"]\n";
    const DIRECT: &str =
        "profile = \"ata-direct\"\ntransport = \"udp\"\npeers = [\"192.168.1.20\"]\ndesks = [\"sip:1@192.168.1.20\"]\n";

    #[test]
    fn an_extension_needs_little_and_is_encrypted_by_default() {
        let sip = read(EXTENSION).unwrap();
        assert_eq!(
            (sip.profile, sip.srtp, sip.expires),
            (Profile::PbxExtension, Srtp::Require, Duration::from_secs(60))
        );
        assert_eq!(sip.password_file.as_deref(), Some(Path::new("/etc/anteroom/sip")));
        assert_eq!((sip.domain.as_str(), sip.listen.port()), ("pbx.clinic.lan", 5_061));
        assert_eq!((sip.public_ports.clone(), sip.calls_with_ports(0)), (16_384..=16_585, 50));
        assert_eq!((sip.calls_with_ports(1), sip.calls_with_ports(3)), (50, 25), "three on call ring at once");
        assert_eq!(sip.session_expires, Duration::from_secs(1_800));
        assert!(!sip.refer && !sip.trust_asserted_identity);
        assert_eq!(warned(&sip), ["line.sip.failover-declared"]);
    }

    #[test]
    fn a_gateway_is_its_own_server_needs_no_account_and_is_warned_of_what_can_be_heard() {
        let sip = read(DIRECT).unwrap();
        assert_eq!(sip.servers, [Server { host: "192.168.1.20".to_owned(), port: None }]);
        assert_eq!((sip.srtp, sip.listen.port()), (Srtp::Off, 5_060));
        assert_eq!(warned(&sip), ["line.sip.transport", "line.sip.srtp", "line.sip.failover-declared"]);
        assert_eq!(wrong(&format!("{DIRECT}user = \"1\"")), ["user"]);
    }

    #[test]
    fn a_provider_has_several_servers_and_an_exchange_in_the_house_has_one() {
        let several = "server = \"a.example.com, b.example.com:5071, [2001:db8::1]:5061\"";
        let text = EXTENSION.replace("server = \"pbx.clinic.lan\"", several);
        assert_eq!(wrong(&text), ["server"]);
        let sip = read(&text.replace("pbx-extension", "hosted-pbx")).unwrap();
        let servers: Vec<_> = sip.servers.iter().map(|server| (server.host.as_str(), server.port)).collect();
        assert_eq!(servers, [("a.example.com", None), ("b.example.com", Some(5_071)), ("2001:db8::1", Some(5_061))]);
    }

    #[test]
    fn each_profile_asks_for_what_it_needs() {
        let bare = "transport = \"tls\"\nserver = \"pbx\"\ndesks = [\"201\"]\n";
        assert_eq!(wrong(&format!("profile = \"pbx-extension\"\n{bare}")), ["user", "password-file"]);
        assert_eq!(wrong(&format!("profile = \"hosted-pbx\"\n{bare}")), ["user", "password-file"]);
        assert_eq!(wrong(&format!("profile = \"pbx-trunk\"\n{bare}")), ["peers"]);
        let trunk = format!("profile = \"pbx-trunk\"\n{bare}peers = [\"10.0.0.2\", \"2001:db8::2\"]\n");
        assert_eq!(read(&trunk).unwrap().peers.len(), 2);
        assert_eq!(wrong(&format!("{trunk}user = \"box\"\n")), ["password-file"], "half an account is none");
        assert_eq!(wrong("profile = \"ata-direct\"\ntransport = \"udp\"\n"), ["peers", "desks"]);
        assert_eq!(wrong(""), ["profile", "transport", "server", "desks", "user", "password-file"]);
    }

    #[test]
    fn every_wrong_value_is_named_by_its_key() {
        let cases = [
            ("listen = \"5060\"", "listen"),
            ("listen = \"0.0.0.0:0\"", "listen"),
            ("public-ports = \"16385-16584\"", "public-ports"),
            ("public-ports = \"16384-16585\"", "public-ports"),
            ("public-ports = \"512-600\"", "public-ports"),
            ("public-ports = \"16584-16384\"", "public-ports"),
            ("public-ports = \"16384-70000\"", "public-ports"),
            ("srtp = \"maybe\"", "srtp"),
            ("expires-s = 5", "expires-s"),
            ("session-expires-s = 60", "session-expires-s"),
            ("peers = [\"gateway.lan\"]", "peers"),
            ("refer = \"yes\"", "refer"),
            ("failover-drill = \"2026-11-02\"", "failover-drill"),
            ("failover-declared = true\nfailover-drill = \"last week\"", "failover-drill"),
            ("voice = 1", "voice"),
        ];
        for (line, key) in cases {
            assert_eq!(wrong(&format!("{EXTENSION}{line}\n")), [key], "{line}");
        }
        for server in ["pbx lan", "pbx:0", "pbx:+5060", "pbx:99999", "a, ", "[::1", "[::1]5060", "sip:pbx"] {
            let text = EXTENSION.replace("pbx.clinic.lan\"\nuser", &format!("{server}\"\nuser"));
            assert_eq!(wrong(&text), ["server"], "{server}");
        }
        let text = EXTENSION.replace("\"201\"", "\"sip:a@b?Replaces=x\"");
        assert_eq!(wrong(&text), ["desks"]);
        let text = EXTENSION.replace("\"tls\"", "\"udp\"");
        assert_eq!(wrong(&format!("{text}ca-file = \"ca.pem\"")), ["ca-file"]);
    }

    #[test]
    fn what_is_possible_and_unwise_is_a_warning_and_no_problem() {
        let text = EXTENSION.replace("\"tls\"", "\"tcp\"").replace("pbx-extension", "hosted-pbx");
        let sip = read(&format!("{text}srtp = \"prefer\"\nfailover-declared = true\n")).unwrap();
        let keys = ["line.sip.transport", "line.sip.srtp", "line.sip.srtp", "line.sip.failover-drill"];
        assert_eq!(warned(&sip), keys);
        assert!(sip.warnings().iter().any(|warning| warning.what.contains("internet")));
        let text = format!("{EXTENSION}failover-declared = true\nfailover-drill = \"2026-11-02\"\n");
        assert_eq!(warned(&read(&text).unwrap()), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn any_server_is_read_or_refused_and_what_is_read_has_a_host(text in "[ -~]{0,40}") {
            if let Some(server) = Server::parse(&text) {
                prop_assert!(!server.host.is_empty() && !server.host.contains([' ', '/', '@', ',']));
                prop_assert_ne!(server.port, Some(0));
            }
        }

        #[test]
        fn any_section_is_read_or_refused(text in "(?s).{0,200}") {
            if let Err(problems) = read(&text) {
                prop_assert!(!problems.is_empty());
            }
        }
    }
}
