//! What `anteroom doctor line` says of the telephone line: a finding for each check, with what to do next.
//!
//! ```text
//!   configuration -> examine (asks the servers, tries the ports) -> Seen -> report -> findings
//! ```
//! In:  the configuration, and what [`examine()`] saw. Out: [`Finding`]s in the order in which to work on them.
//! Runs in the command, beside a lined that may be serving calls. Rings nobody, places no call, and registers nothing:
//! what the server knows of the box stays as it is.
//!
//! Some faults show only in a call. Without one they are [`Word::Unseen`], never [`Word::Ok`]; whether sound flows is read
//! from what lined counted in the last calls.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use jiff::civil::Date;
use serde::Serialize;

use super::endpoint::{Heard, Unheard};
use super::lately::Call;
use super::sdp::{Local, Refused, Remote};
use crate::config::telephone::{Failover, Profile, Sip, Srtp, Transport};
use crate::line::rtp::Law;

mod examine;
mod filter;
mod seen;
mod sheet;
mod way;

pub use examine::examine;
use seen::{PortsSeen, Reach, Seen, ServerSeen};
pub use sheet::{Product, sheet};
use way::Way;

/// How old the last fail-over drill may be: a quarter. Exchanges are updated and re-cabled in less than a year.
const DRILL_DAYS: i32 = 90;
/// An answer that takes longer, in milliseconds, is late: requests are repeated after 500 (RFC 3261 section 17.1.2.1).
const LATE_MS: u128 = 500;
/// Calls that are shorter say nothing of their sound, seconds.
const LONG_ENOUGH_S: u64 = 5;
/// More lost packets than this are heard, percent (concealment hides single ones).
const LOSS_PERCENT: u64 = 2;
/// The longest expiry that the box follows a registrar to, in seconds.
const LONGEST_EXPIRES: u32 = 3_600;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// In order.
    Ok,
    /// Works, and somebody should look at it.
    Warning,
    /// Does not work.
    Failed,
    /// Cannot be seen from here; only a call, or a person at the exchange, can tell.
    Unseen,
}

impl Word {
    /// The word itself.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Unseen => "unseen",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at: one word, the same in every version.
    pub check: &'static str,
    /// How it came out.
    pub word: Word,
    /// What was seen.
    pub what: String,
    /// What to do next; empty where there is nothing to do.
    pub next: String,
}

impl Finding {
    fn new(check: &'static str, word: Word, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { check, word, what: what.into(), next: next.into() }
    }

    fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self::new(check, Word::Ok, what, "")
    }
}

/// The findings, in the order in which to work on them. `calls` is how many are to be served at once.
fn report(sip: &Sip, seen: &Seen, calls: usize, today: Date) -> Vec<Finding> {
    let mut findings = configuration(sip);
    for (at, server) in seen.servers.iter().enumerate() {
        let registrar = at == 0 && matches!(seen.bindings, Some(Ok(_)));
        findings.extend(reachable(server, sip.transport, registrar));
    }
    findings.push(registration(sip.profile, seen.bindings.as_ref()));
    findings.push(path(sip, seen));
    findings.push(ports(&seen.ports, calls));
    findings.extend(sound(seen));
    findings.push(failover(sip.failover, today));
    findings
}

fn configuration(sip: &Sip) -> Vec<Finding> {
    // Who answers while the box does not has a check of its own.
    let warnings = sip.warnings().into_iter().filter(|warning| !warning.key.starts_with("line.sip.failover"));
    let warned = |key: &str| format!("change {key}, or keep it and write down why");
    let findings: Vec<_> = warnings
        .map(|warning| Finding::new("configuration", Word::Warning, warning.to_string(), warned(&warning.key)))
        .collect();
    if findings.is_empty() { vec![Finding::ok("configuration", "nothing in [line.sip] is unwise")] } else { findings }
}

/// `registrar` says that the server has answered a REGISTER.
fn reachable(server: &ServerSeen, transport: Transport, registrar: bool) -> Vec<Finding> {
    let host = &server.host;
    let (address, asked) = match &server.reach {
        Reach::NotSetUp(why) => {
            return vec![Finding::new("name", Word::Failed, format!("{host} cannot be asked"), why.as_str())];
        }
        Reach::Asked(address, asked) => (address, asked),
    };
    let named = Finding::ok("name", format!("{host} is {}", address.ip()));
    let check = "port";
    let reached = match asked {
        Err(Unheard::NotOpened) => {
            let next = "look at line.sip.listen: the address must be one of this machine's";
            Finding::new(check, Word::Failed, "no port of this machine could be opened for the question", next)
        }
        Err(Unheard::NoConnection) => {
            let tls =
                "is its port right, does it run, and did line.sip.ca-file sign a certificate for line.sip.domain?";
            let plain = "is its port right, does it run, and does a firewall stand between?";
            let next = if transport == Transport::Tls { tls } else { plain };
            Finding::new(check, Word::Failed, format!("{address} takes no connection"), next)
        }
        Err(Unheard::Silent) if registrar => {
            let next =
                "nothing, where the other checks are ok: but then it does not see by OPTIONS whether the box is there";
            Finding::new(check, Word::Warning, format!("{address} answers REGISTER and not OPTIONS"), next)
        }
        Err(Unheard::Silent) => {
            let next = "does it run, is the port right, does a firewall stand between, and has it locked the box's address \
                        out (fail2ban, an access list)?";
            Finding::new(check, Word::Failed, format!("{address} does not answer OPTIONS"), next)
        }
        Ok(heard) => answered(heard, address),
    };
    vec![named, reached]
}

/// Any answer shows that the port is the right one; the code may still say more.
fn answered(heard: &Heard, address: &SocketAddr) -> Finding {
    let (ms, code) = (heard.took.as_millis(), heard.code);
    let what = format!("{address} answered OPTIONS with {code} after {ms} ms");
    match code {
        403 => {
            let next = "the telephone system refuses the box's address: let it in there";
            Finding::new("port", Word::Warning, what, next)
        }
        500.. => Finding::new("port", Word::Warning, what, "the telephone system has trouble: look at its status"),
        _ if ms > LATE_MS => {
            let next =
                "requests are repeated after 500 ms: look for a slow name server, or a network that drops packets";
            Finding::new("port", Word::Warning, what, next)
        }
        _ => Finding::ok("port", what),
    }
}

/// What a query of bindings says (RFC 3261 section 10.2.3). It shows whether the password is right and who is registered,
/// and leaves the registration of a lined that runs as it is.
fn registration(profile: Profile, bindings: Option<&Result<Heard, Unheard>>) -> Finding {
    let check = "registration";
    if !profile.registers() {
        return Finding::ok(check, "none: the telephone system knows the box by its address");
    }
    let heard = match bindings {
        None => {
            return Finding::new(check, Word::Unseen, "the server could not be asked", "make the checks before it ok");
        }
        Some(Err(_)) => {
            let next = "is the server the registrar, and is line.sip.domain its domain?";
            return Finding::new(check, Word::Failed, "a query of who is registered got no answer", next);
        }
        Some(Ok(heard)) => heard,
    };
    let (code, here) = (heard.code, heard.contacts.len());
    let told = |word, what: String, next: &str| Finding::new(check, word, what, next);
    match code {
        200 if !heard.challenged => {
            let what = format!("{here} registered, and no password was asked for, so that it was not tried");
            told(Word::Warning, what, "have the telephone system ask for a password: else anybody can take the calls")
        }
        200 if here == 0 => {
            let next = "start lined, and look again; its log says why it could not register";
            told(Word::Warning, "the password is right, and nobody is registered".to_owned(), next)
        }
        200 if here == 1 => {
            Finding::ok(check, "the password is right, and one telephone is registered: should be lined")
        }
        200 => {
            let what = format!("the password is right, and {here} telephones are registered as the box");
            told(Word::Warning, what, "each call rings all of them: remove what is not the box")
        }
        401 | 407 => {
            let next =
                "look at line.sip.user, auth-user and password-file; not often, many systems lock out after some tries";
            told(Word::Failed, format!("wrong user or password ({code} to the credentials)"), next)
        }
        403 => {
            told(Word::Failed, "the extension may not register (403)".to_owned(), "allow it, and its address, there")
        }
        404 => {
            let next = "look at line.sip.user and line.sip.domain";
            told(Word::Failed, "the telephone system does not know the extension (404)".to_owned(), next)
        }
        423 => expiry(heard.least),
        500.. => {
            let next = "look at the telephone system's status";
            told(Word::Warning, format!("the telephone system has trouble of its own ({code})"), next)
        }
        _ => {
            let what =
                format!("the telephone system does not say who is registered ({code}); the password was not tried");
            told(Word::Unseen, what, "look into lined's log for \"registered with the telephone system\"")
        }
    }
}

/// 423: the expiry is too short (RFC 3261 section 21.4.17). lined follows what the registrar asks for, to an hour.
fn expiry(least: Option<u32>) -> Finding {
    match least {
        Some(least) if least <= LONGEST_EXPIRES => {
            let what = format!("the telephone system wants registrations of {least} s and more (423)");
            let next =
                "lower it there to 60: for so long calls wait for a dead box; until then set line.sip.expires-s to it";
            Finding::new("registration", Word::Warning, what, next)
        }
        Some(_) | None => {
            let what =
                "the telephone system wants registrations of more than an hour (423), or does not say of how much";
            Finding::new(
                "registration",
                Word::Failed,
                what,
                "lower the least expiry there: the box asks for 3600 s at most",
            )
        }
    }
}

/// A gateway between that writes in SIP messages (an "ALG"), or an address translation.
fn path(sip: &Sip, seen: &Seen) -> Finding {
    let check = "alg";
    let Some((heard, via)) = seen.heard().find_map(|heard| Some((heard, heard.via.as_deref()?))) else {
        return Finding::new(check, Word::Unseen, "no server answered", "make the checks before it ok");
    };
    let off =
        "switch SIP ALG off in the router (\"SIP helper\", \"session helper\", \"SIP transformations\"), or use TLS";
    // Our words as they come back: an ALG that undoes in answers what it did to requests stays hidden.
    let trace = "an ALG that undoes its work in answers cannot be seen from here: where calls fail, look at the Via and \
                 Contact of a call in the exchange's own trace";
    match Way::of(&heard.sent_by, via) {
        Way::Straight if sip.transport == Transport::Tls => {
            Finding::ok(check, "the server saw the box's own address, and nobody between can read TLS")
        }
        Way::Straight => Finding::new(check, Word::Ok, "the server saw the box's own address and words", trace),
        Way::Translated(seen) if sip.profile == Profile::HostedPbx => {
            let what = format!("a NAT stands between, as is usual with a provider: the server saw {seen}");
            Finding::new(check, Word::Ok, what, format!("{off}; {trace}"))
        }
        Way::Translated(seen) => {
            let what = format!("a NAT stands between the box and the telephone system, which saw {seen}");
            let next = "put both into one network, or have the router route and not translate between them";
            Finding::new(check, Word::Warning, what, next)
        }
        Way::Rewritten(back) => {
            let what = format!("somebody between rewrites SIP: the box wrote {}, {back} came back", heard.sent_by);
            Finding::new(check, Word::Failed, what, off)
        }
        Way::Untold => {
            let next = format!("the server does not say which address it saw (RFC 3581); {trace}");
            Finding::new(check, Word::Unseen, "the box's words came back as they were sent", next)
        }
    }
}

fn ports(seen: &PortsSeen, calls: usize) -> Finding {
    let check = "rtp-ports";
    let PortsSeen { pairs, free, why } = seen;
    let what = format!("{free} of {pairs} pairs of UDP ports are free");
    match why {
        Some(io::ErrorKind::AddrNotAvailable) => {
            let next = "look at line.sip.listen: its address is none of this machine's";
            Finding::new(check, Word::Failed, what, next)
        }
        _ if *free == 0 => {
            let next = "who has them? `ss -lunp`; else choose other line.sip.public-ports, in the firewall too";
            Finding::new(check, Word::Failed, what, next)
        }
        // Each call takes a pair for the caller and one for the desk.
        _ if *free < calls.saturating_mul(2) => {
            let what = format!("{what}; {calls} calls need {}", calls.saturating_mul(2));
            Finding::new(check, Word::Warning, what, "calls under way have some; else `ss -lunp` says who has them")
        }
        _ => Finding::new(check, Word::Ok, what, "that the firewall lets them in shows in a call only"),
    }
}

/// What the server says of its own sound, where it says anything (RFC 3261 section 11.2), and what only a call shows.
fn sound(seen: &Seen) -> [Finding; 3] {
    let said = seen.heard().map(|heard| heard.sdp.as_slice()).find(|sdp| !sdp.is_empty()).map(described);
    let ours = "the box offers and takes PCMU and PCMA (G.711), and keys as RFC 4733 events";
    let allow = "allow PCMU or PCMA for the box's extension, best as its only codecs";
    let codec = match &said {
        Some(Ok(remote)) => {
            let law = match remote.law {
                Law::Mu => "PCMU",
                Law::A => "PCMA",
            };
            Finding::ok("codec", format!("the telephone system names {law} of what the box has"))
        }
        Some(Err(Refused::NoCommonCodec)) => {
            Finding::new("codec", Word::Failed, "the telephone system names neither PCMU nor PCMA", allow)
        }
        Some(Err(_)) | None => {
            let next = format!("{allow}; a call without a common codec is refused with 488, and the log says so");
            Finding::new("codec", Word::Unseen, ours, next)
        }
    };
    let dtmf = match &said {
        Some(Ok(remote)) if remote.key_type.is_some() => {
            Finding::ok("dtmf", "the telephone system names RFC 4733 events (telephone-event)")
        }
        Some(Ok(_)) => {
            let next = "set DTMF to RFC 4733 (older menus: RFC 2833) for the box's extension";
            let what = "the telephone system names no RFC 4733 events: keys would be heard as tones, less surely";
            Finding::new("dtmf", Word::Warning, what, next)
        }
        Some(Err(_)) | None => {
            let next = "set DTMF to RFC 4733 (RFC 2833) there; then ring the box and press 0: a person must be rung";
            Finding::new("dtmf", Word::Unseen, "how keys come shows in a call only", next)
        }
    };
    [codec, dtmf, both_ways(seen.lately.as_deref())]
}

/// What lined counted in the last calls. That the caller hears the box it cannot know.
fn both_ways(lately: Option<&[Call]>) -> Finding {
    let check = "one-way-audio";
    let ring = "ring the box from outside, speak, and listen: it must answer what you said";
    let Some(lately) = lately else {
        let next = format!("run this as root, or as lined's user; else {ring}");
        return Finding::new(check, Word::Unseen, "what lined counted in the last calls cannot be read", next);
    };
    let long: Vec<_> = lately.iter().filter(|call| call.seconds >= LONG_ENOUGH_S).collect();
    let Some(newest) = long.last() else {
        return Finding::new(check, Word::Unseen, "no call of some seconds was served yet", ring);
    };
    let (all, day) = (long.len(), newest.ended.strftime("%Y-%m-%d"));
    let deaf = long.iter().filter(|call| call.received == 0).count();
    let count = |of: fn(&Call) -> u64| long.iter().map(|call| of(call)).sum::<u64>();
    let (received, lost) = (count(|call| call.received), count(|call| call.lost));
    let percent = lost.saturating_mul(100).checked_div(received.saturating_add(lost)).unwrap_or(0);
    let what =
        format!("the last {all} calls, to {day}: {deaf} without any sound to the box, {percent} % of packets lost");
    let blocked = "sound to line.sip.public-ports is stopped, or goes to another address: look at firewalls, and at what \
                   the telephone system believes the box's address to be (NAT, SIP ALG)";
    match deaf {
        0 if percent <= LOSS_PERCENT => {
            Finding::new(check, Word::Ok, what, format!("whether callers hear the box: {ring}"))
        }
        0 => Finding::new(check, Word::Warning, what, "look for a full or wireless network between: words are lost"),
        // Callers hang up before they speak, and some calls are robots'.
        _ if newest.received > 0 && deaf.saturating_mul(2) < all => Finding::new(check, Word::Warning, what, blocked),
        _ => Finding::new(check, Word::Failed, what, blocked),
    }
}

/// A description held against what the box can, whatever of it would be encrypted.
fn described(sdp: &[u8]) -> Result<Remote, Refused> {
    Local::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 9, 0, Srtp::Off).answer(sdp, None, false).map(|(_, remote)| remote)
}

/// How to try who answers while the box does not.
const DRILL: &str = "while no patient waits: `systemctl stop lined`, ring the clinic from outside, and the desk must ring \
                     within 2 s; then `systemctl start lined`; then once more with the box unplugged; write the day into \
                     line.sip.failover-drill";

fn failover(failover: Failover, today: Date) -> Finding {
    let check = "fail-over";
    let drill = match failover {
        Failover::None => {
            let what = "nobody has said who answers while the box does not: a single point of failure";
            let next = format!("set it up (`--sheet`), try it, and set line.sip.failover-declared. {DRILL}");
            return Finding::new(check, Word::Failed, what, next);
        }
        Failover::Declared { drill: None } => {
            return Finding::new(check, Word::Failed, "was set up and never tried", DRILL);
        }
        Failover::Declared { drill: Some(drill) } => drill,
    };
    // Days of one calendar: the difference is at most some millions.
    let age = (today - drill).get_days();
    match age {
        ..0 => Finding::new(check, Word::Warning, format!("the last drill, {drill}, is still to come"), DRILL),
        0..=DRILL_DAYS => Finding::ok(check, format!("last tried on {drill}, {age} days ago")),
        _ => Finding::new(check, Word::Warning, format!("last tried on {drill}, {age} days ago"), DRILL),
    }
}

#[cfg(test)]
mod tests;
