//! REGISTER, and what keeps the way to the registrar open between two of them.
//!
//! In:  for how long. Out: the registrar's answer; behind a NAT, what the registrar saw of the box becomes its Contact. Part of
//! the way to the SIP stack; runs in the task that registers.

use std::sync::Arc;

use rsipstack::dialog::registration::Registration;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{HostWithPort, Uri};
use rsipstack::transport::SipConnection;
use rsipstack::transport::stream::StreamConnection;

use super::{Endpoint, SipError, value};

/// What keeps a way open, and is no message.
const EMPTY_LINES: &[u8] = b"\r\n\r\n";

/// A registrar's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::line::sip) struct Registered {
    /// The SIP code.
    pub(in crate::line::sip) code: u16,
    /// For how long, seconds, where it was accepted.
    pub(in crate::line::sip) expires: u32,
    /// The least that it accepts, seconds, where it said so (423).
    pub(in crate::line::sip) least: Option<u32>,
}

impl Endpoint {
    /// Uses the way to the server, so that a NAT between keeps it open: an empty line twice (RFC 5626 section 4.4.1). False
    /// where there is no way, or another than the one that the server knows the box by: a connection that was opened anew.
    pub(in crate::line::sip) async fn keep_alive(&self) -> bool {
        let destination = self.destination();
        let Ok((connection, _)) = self.inner.transport_layer.lookup(&destination, None).await else { return false };
        let sent = if let SipConnection::Udp(udp) = &connection {
            udp.send_raw(EMPTY_LINES, &destination).await
        } else if let SipConnection::Tcp(tcp) = &connection {
            tcp.send_raw(EMPTY_LINES).await
        } else if let SipConnection::Tls(tls) = &connection {
            tls.send_raw(EMPTY_LINES).await
        } else {
            return true;
        };
        sent.is_ok() && self.reach.is_known_by(&connection.get_addr().addr.to_string())
    }

    /// Registers for `expires` seconds; for none, leaves. Behind a NAT, with the address that the server saw.
    ///
    /// # Errors
    /// [`SipError::Silent`], [`SipError::Address`].
    pub(in crate::line::sip) async fn register(&self, expires: u32) -> Result<Registered, SipError> {
        let contact = self.reach.contact();
        let (answer, sent, seen) = self.register_as(contact.clone(), expires).await?;
        let seen = seen.filter(|_| answer.code == 200 && expires > 0 && self.door.keep_alive.is_some());
        let Some(seen) = seen else { return Ok(answer) };
        self.reach.seen_at(seen.clone());
        if sent == seen {
            return Ok(answer);
        }
        // A server that asks for no password has been told our own address, where it would ring in vain.
        let _ = self.register_as(contact, 0).await;
        Ok(self.register_as(self.reach.contact(), expires).await?.0)
    }

    /// One REGISTER: the answer, the address that was told last, and the one that the server saw (RFC 3581). The stack itself
    /// tells what it learned from a challenge in the request that follows.
    async fn register_as(
        &self,
        contact: Uri,
        expires: u32,
    ) -> Result<(Registered, HostWithPort, Option<HostWithPort>), SipError> {
        let mut registration = Registration::new(Arc::clone(&self.inner), self.door.credential());
        let given = rsipstack::sip::typed::Contact { display_name: None, uri: contact.clone(), params: vec![] };
        registration.contact = Some(given);
        registration.outbound_proxy = Some(self.reach.server());
        let registrar = self.door.uri(None)?;
        let answer = registration.register(registrar, Some(expires)).await.map_err(|_| SipError::Silent)?;
        let code = answer.status_code.code();
        let granted = registration.granted_expires.unwrap_or(expires);
        let least = value(&answer, "Min-Expires").and_then(|text| text.trim().parse().ok());
        let seen = answer.via_header().ok().and_then(|via| SipConnection::parse_target_from_via(via).ok());
        let sent = registration.contact.map_or(contact.host_with_port, |contact| contact.uri.host_with_port);
        if code == 200
            && let Ok((connection, _)) = self.inner.transport_layer.lookup(&self.destination(), None).await
        {
            self.reach.came_by(connection.get_addr().addr.to_string());
        }
        Ok((Registered { code, expires: granted, least }, sent, seen.map(|(_, address)| address)))
    }
}
