//! Asks the servers of the line and tries its ports, for [`super::report`].
//!
//! In:  `[line]`. Out: the findings. Opens a SIP port of its own, so that a lined that runs keeps its own; sends OPTIONS and,
//! to the first server, a REGISTER without a Contact, which asks who is registered and changes nothing (RFC 3261 section
//! 10.2.3): the registration of lined, and the calls that come by it, stay. Rings nobody.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use super::{Finding, PortsSeen, Reach, Seen, ServerSeen, Word, report};
use crate::clock::Clock;
use crate::config;
use crate::config::telephone::{Server, Sip};
use crate::line::admission::Readiness;
use crate::line::ports::Ports;
use crate::line::prompts::Prompts;
use crate::line::sip::endpoint::{self, Door, Endpoint, Heard, Question, Unheard};
use crate::line::sip::lately::Lately;
use crate::line::sip::{Around, SipLine, When};
use crate::line::watchdog::Heart;
use crate::tasks::{Stop, Tasks};

/// How long a server may take for an answer: three repetitions (RFC 3261 section 17.1.2.1).
const PATIENCE: Duration = Duration::from_secs(4);
/// Where the SIP port of the questions is taken from; no usual telephone has one here.
const OWN_PORTS: std::ops::RangeInclusive<u16> = 45_060..=45_099;

/// Looks at the whole line. `zone` is the clinic's: drills are counted in its days. Without `[line.sip]` there is one
/// finding, which says so.
///
/// `lately` is what lined counted in the last calls.
pub async fn examine(line: &config::Line, zone: TimeZone, lately: &Lately, clock: &Arc<dyn Clock>) -> Vec<Finding> {
    let Some(sip) = &line.sip else {
        let next = "set line.kind = \"sip\" and describe the telephone system in [line.sip]";
        return vec![Finding::new("configuration", Word::Failed, "there is no [line.sip]", next)];
    };
    let mut findings = Vec::new();
    if line.kind != config::LineKind::Sip {
        let next = "set line.kind = \"sip\": until then lined does not use [line.sip]";
        findings.push(Finding::new("configuration", Word::Warning, "line.kind is not \"sip\"", next));
    }
    // The SIP stack asks for the process's own choice of cryptography. Whoever chose before chose the same.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let (mut servers, mut bindings, mut address) = (Vec::new(), None, None);
    for (at, server) in sip.servers.iter().enumerate() {
        let (reach, bound) = match set_up(line, sip, server, clock) {
            Ok(door) => {
                address = address.or(Some(door.listen));
                ask(door, at == 0 && sip.profile.registers()).await
            }
            Err(why) => (Reach::NotSetUp(why), None),
        };
        bindings = bindings.or(bound);
        servers.push(ServerSeen { host: server.host.clone(), reach });
    }
    let ports = try_ports(address.unwrap_or(sip.listen), sip);
    let today = clock.wall().to_zoned(zone).date();
    let seen = Seen { servers, bindings, ports, lately: lately.read().ok() };
    findings.extend(report(sip, &seen, line.max_calls, today));
    findings
}

/// The door to one server as lined would open it, at a port of our own.
fn set_up(line: &config::Line, sip: &Sip, server: &Server, clock: &Arc<dyn Clock>) -> Result<Door, String> {
    let sip = Sip { servers: vec![server.clone()], ..sip.clone() };
    let line = config::Line { sip: Some(sip), ..line.clone() };
    let ready = Arc::new(|| Readiness { brain: false, media: false, record: false, disk: false });
    let when = When::always(Arc::clone(clock));
    let (prompts, drain, heart, clock) = (&Prompts::default(), Stop::new(), Heart::default(), Arc::clone(clock));
    let set_up = SipLine::of(&line, Around { ready, when, prompts, drain, heart, clock });
    let set_up = set_up.map_err(|error| error.to_string())?;
    Ok(set_up.door)
}

/// Asks a server whether it is there and, with `registers`, who is registered.
async fn ask(door: Door, registers: bool) -> (Reach, Option<Result<Heard, Unheard>>) {
    let server = door.server;
    // Freed again at once: the stack binds it by itself.
    let Ok(port) = Ports::new(door.listen.ip(), &OWN_PORTS).take().map(|sockets| sockets.port) else {
        return (Reach::Asked(server, Err(Unheard::NotOpened)), None);
    };
    let (stack, door) = (Stop::new(), Door { listen: SocketAddr::new(door.listen.ip(), port), ..door });
    let Ok((endpoint, requests)) = Endpoint::open(door, &stack).await else {
        return (Reach::Asked(server, Err(Unheard::NotOpened)), None);
    };
    let endpoint = Arc::new(endpoint);
    let mut tasks = Tasks::below(&stack);
    // Nobody knows this port: a call that came here would find nobody, and the sender would try elsewhere.
    let (rings, _nobody) = mpsc::channel(1);
    let served = Arc::clone(&endpoint);
    tasks.start("doctor-sip", move |stop| endpoint::serve(served, requests, rings, || false, stop));
    let there = patiently(endpoint.question(Question::AreYouThere)).await;
    let bindings = match (&there, registers) {
        // Some servers answer no OPTIONS from telephones, and are there all the same.
        (Ok(_) | Err(Unheard::Silent), true) => Some(patiently(endpoint.question(Question::WhoIsRegistered)).await),
        (Err(Unheard::NotOpened | Unheard::NoConnection), true) | (_, false) => None,
    };
    stack.ask();
    // However the stack ends: what was asked is answered.
    let _ = tasks.wait().await;
    (Reach::Asked(server, there), bindings)
}

async fn patiently(asked: impl Future<Output = Result<Heard, Unheard>>) -> Result<Heard, Unheard> {
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or(Err(Unheard::Silent))
}

/// Takes each pair and frees it at once: a call that begins in that moment takes the next one.
fn try_ports(address: SocketAddr, sip: &Sip) -> PortsSeen {
    let mut seen = PortsSeen::default();
    for port in sip.public_ports.clone().step_by(2) {
        seen.pairs += 1;
        match Ports::new(address.ip(), &(port..=port.saturating_add(1))).take() {
            Ok(_freed) => seen.free += 1,
            Err(error) => seen.why = Some(error.kind()),
        }
    }
    seen
}
