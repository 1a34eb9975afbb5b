//! The way of a message to a server, read from the Via that came back in the answer.
//!
//! In:  what our Via said, and what the topmost one of the answer says: text that a stranger wrote. Out: a [`Way`]. Pure.

/// What the topmost Via of an answer says of the way to the server (RFC 3261 section 18.2.1, RFC 3581 section 4).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The server saw the address that we said.
    Straight,
    /// It saw another: an address translation. The message came as we wrote it.
    Translated(String),
    /// What we wrote came back otherwise: somebody between writes in our messages.
    Rewritten(String),
    /// The server does not say what it saw.
    Untold,
}

impl Way {
    /// `sent_by` is what our Via said, `host:port`; `via` the value that came back.
    pub(super) fn of(sent_by: &str, via: &str) -> Self {
        let mut parts = via.split(',').next().unwrap_or_default().split(';').map(str::trim);
        // "SIP/2.0/UDP 192.0.2.1:5060": spaces may stand around the slashes, and none within the address.
        let back = parts.next().and_then(|first| first.split_whitespace().next_back()).unwrap_or_default();
        if !back.eq_ignore_ascii_case(sent_by) {
            return Self::Rewritten(back.to_owned());
        }
        let (mut received, mut rport) = (None, None);
        for part in parts {
            match part.split_once('=') {
                Some((name, value)) if name.trim().eq_ignore_ascii_case("received") => received = Some(value.trim()),
                Some((name, value)) if name.trim().eq_ignore_ascii_case("rport") => rport = Some(value.trim()),
                Some(_) | None => {}
            }
        }
        let (ours, port) = sent_by.rsplit_once(':').unwrap_or((sent_by, "5060"));
        let other = |seen: Option<&str>, ours: &str| seen.is_some_and(|seen| plain(seen) != plain(ours));
        if other(received, ours) || other(rport, port) {
            return Self::Translated(format!("{}:{}", received.unwrap_or(ours), rport.unwrap_or(port)));
        }
        if received.is_none() && rport.is_none() { Self::Untold } else { Self::Straight }
    }
}

/// An address without the brackets of IPv6, which `received` may lack.
fn plain(address: &str) -> &str {
    address.trim_start_matches('[').trim_end_matches(']')
}
