//! A [`SipLine`] out of `[line.sip]`: names become addresses, files are read.
//!
//! In:  the configuration. Out: the line, or what is missing. Reads files and asks the resolver, once, at start; names of a
//! system that the box registers with are asked for again before each registration.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::backoff::Policy;
use super::endpoint::Door;
use super::names::Names;
use super::timers::Wanted;
use super::{Ready, SipLine, When};
use crate::clock::Clock;
use crate::config;
use crate::config::hours::Clinician;
use crate::config::telephone::{Profile, Sip, Transport};
use crate::line::consult::Rules;
use crate::line::ports::Ports;
use crate::line::prompts::Prompts;
use crate::line::rota::{Entry, Round};
use crate::line::watchdog::Heart;
use crate::secret::Secret;
use crate::tasks::Stop;
use crate::wire::line::Urgency;

/// The public authorities, as Debian keeps them.
const AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// How often the way to a provider's server is used. Home and office routers close one over UDP after 30 s of silence at the
/// earliest that is common (RFC 4787 asks for 2 minutes).
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// The line cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No server has an address.
    #[error(
        "the telephone system {host} has no address that can be reached from line.sip.listen: look at line.sip.server, \
             and at the name server"
    )]
    Name {
        /// The first one's name.
        host: String,
    },
    /// Nothing leads there.
    #[error("no way leads to the telephone system: is the network up?")]
    Route(#[source] io::Error),
    /// The section is not there.
    #[error("line.kind is \"sip\", and there is no [line.sip]")]
    Missing,
}

/// One of those who are rung for an urgent call.
#[derive(Clone)]
pub struct OnCall {
    /// As staff and the record name them; it goes sealed to the record and nowhere else.
    pub name: Secret,
    /// An extension or a whole address.
    pub target: String,
    /// How long they are waited for, and the key that accepts.
    pub entry: Entry,
    /// What they hear when they answer, 8 kHz: who the box is and which key accepts, and nothing of the caller.
    pub question: Vec<i16>,
}

impl OnCall {
    /// An entry of `[[line.rota]]`.
    #[must_use]
    pub fn of(clinician: &Clinician, prompts: &Prompts) -> Self {
        Self {
            name: Secret::new(clinician.name.as_str()),
            target: clinician.target.clone(),
            entry: Entry { patience: clinician.patience, accept: clinician.accept },
            question: prompts.question(clinician.accept),
        }
    }
}

/// What else the process gives its line.
pub struct Around<'a> {
    /// What else must be there for a call to be served.
    pub ready: Ready,
    /// When the box answers.
    pub when: When,
    /// What staff hear.
    pub prompts: &'a Prompts,
    /// Asked once the box takes no new calls.
    pub drain: Stop,
    /// Who is told that the line is alive.
    pub heart: Heart,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
}

impl SipLine {
    /// The line that the configuration describes.
    ///
    /// # Errors
    /// [`SiteError`].
    pub fn of(line: &config::Line, around: Around<'_>) -> Result<Self, SiteError> {
        let Around { ready, when, prompts, drain, heart, clock } = around;
        let sip = line.sip.as_ref().ok_or(SiteError::Missing)?;
        let records = sip.profile == Profile::HostedPbx;
        let found = Names::now(sip.transport, sip.listen.ip(), records, &sip.servers);
        let found: Vec<SocketAddr> = found.into_iter().map(|one| one.address).collect();
        let Some(server) = found.first().copied() else {
            let host = sip.servers.first().map(|server| server.host.clone());
            return Err(host.map_or(SiteError::Missing, |host| SiteError::Name { host }));
        };
        let listen = SocketAddr::new(address_towards(sip.listen, server)?, sip.listen.port());
        let password = sip.password_file.as_deref().map(read).transpose()?;
        let password = password.map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned());
        let authorities = match (sip.transport, &sip.ca_file) {
            (Transport::Tls, Some(path)) => Some(read(path)?),
            (Transport::Tls, None) => Some(read(Path::new(AUTHORITIES))?),
            (Transport::Udp | Transport::Tcp, _) => None,
        };
        Ok(Self {
            ports: Ports::new(listen.ip(), &sip.public_ports),
            door: Door {
                listen,
                transport: sip.transport,
                user: sip.user.clone().unwrap_or_else(|| "anteroom".to_owned()),
                auth_user: sip.auth_user.clone(),
                password,
                servers: sip.servers.clone(),
                records,
                found,
                server,
                domain: sip.domain.clone(),
                authorities,
                peers: sip.peers.clone(),
                keep_alive: (sip.profile == Profile::HostedPbx).then_some(KEEP_ALIVE),
            },
            registration: sip.profile.registers().then(|| policy(sip)),
            srtp: sip.srtp,
            desks: sip.desks.clone(),
            on_call: line.rota.iter().map(|clinician| OnCall::of(clinician, prompts)).collect(),
            rules: Rules { ring: line.desk_ring, refer: sip.refer, ..Rules::default() },
            wanted: Wanted { expires: sip.session_expires, ..Wanted::default() },
            trust_asserted: sip.trust_asserted_identity,
            max_calls: line.max_calls,
            ready,
            standing: Arc::default(),
            when,
            testers_only: sip.testers_only,
            lately: None,
            drain,
            heart,
            clock,
        })
    }

    /// How long a hand-off may take until staff have it, or nobody does: where it is urgent, everybody on call is waited
    /// for; then every desk rings, hears the brief and thinks.
    #[must_use]
    pub fn longest_hand_off(&self, urgency: Urgency) -> Duration {
        let each = self.rules.ring + self.rules.brief + self.rules.think;
        let desks = each * u32::try_from(self.desks.len().max(1)).unwrap_or(u32::MAX);
        match urgency {
            Urgency::Routine => desks,
            Urgency::Urgent => desks.saturating_add(Round::longest(self.on_call.iter().map(|on_call| on_call.entry))),
        }
    }
}

fn policy(sip: &Sip) -> Policy {
    Policy { expires: u32::try_from(sip.expires.as_secs()).unwrap_or(u32::MAX), ..Policy::default() }
}

fn read(path: &Path) -> Result<Vec<u8>, SiteError> {
    std::fs::read(path).map_err(|source| SiteError::File { path: path.to_owned(), source })
}

/// The address that peers are told: that from which the server is reached, where the configuration leaves it open.
fn address_towards(listen: SocketAddr, server: SocketAddr) -> Result<IpAddr, SiteError> {
    if !listen.ip().is_unspecified() {
        return Ok(listen.ip());
    }
    // Nothing is sent: the kernel only says which way it would take.
    #[expect(clippy::disallowed_methods, reason = "asks the kernel for a way, and sends nothing")]
    let socket = UdpSocket::bind(SocketAddr::new(listen.ip(), 0)).map_err(SiteError::Route)?;
    socket.connect(server).map_err(SiteError::Route)?;
    Ok(socket.local_addr().map_err(SiteError::Route)?.ip())
}
