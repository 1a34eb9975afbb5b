//! The way to one endpoint: its name looked up, every address checked, the very one that passed connected to.
//!
//! In:  an [`Endpoint`] and, for one on the lan, its authorities.
//! Out: a connected stream, and how to speak TLS over it. Whoever speaks HTTP takes [`super::Http`], which does both.
//! This is the one place of the box that connects to a network.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;

use super::HttpError;
use super::endpoint::Endpoint;
use super::resolve::{self, Names, System};
use super::tls::{self, CaError, Tls};

/// How many of a name's addresses are tried. All of them are checked.
const MAX_ADDRESSES: usize = 4;

/// The way to one endpoint.
pub struct Way {
    endpoint: Endpoint,
    tls: Option<Tls>,
    pub(super) deadline: Duration,
    pub(super) names: Box<dyn Names>,
}

impl Way {
    /// The way to `endpoint`. `ca` is a PEM file with the authorities of a `lan` endpoint, `inside` what is spoken inside
    /// TLS (RFC 7301), `deadline` bounds looking up and connecting.
    ///
    /// # Errors
    /// [`CaError`] where `ca` is not usable, or is not for this endpoint.
    pub(super) fn new(
        endpoint: Endpoint,
        ca: Option<&[u8]>,
        inside: &[u8],
        deadline: Duration,
    ) -> Result<Self, CaError> {
        let tls = tls::connector(&endpoint, ca, inside)?;
        Ok(Self { endpoint, tls, deadline, names: Box::new(System) })
    }

    /// The way to a PostgreSQL server.
    ///
    /// # Errors
    /// [`CaError`] where `ca` is not usable, or is not for this endpoint.
    pub fn to_postgresql(endpoint: Endpoint, ca: Option<&[u8]>, deadline: Duration) -> Result<Self, CaError> {
        Self::new(endpoint, ca, tls::POSTGRESQL, deadline)
    }

    /// The endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// How to speak TLS there; `None` where it is spoken to without.
    #[must_use]
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// How long looking up and connecting may take.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Looks the name up, checks its addresses, and connects. The stream is not encrypted yet.
    ///
    /// # Errors
    /// [`HttpError`], up to [`HttpError::Late`].
    pub async fn stream(&self) -> Result<(TcpStream, IpAddr), HttpError> {
        let end = Instant::now() + self.deadline;
        let checked = resolve::checked(&self.endpoint, self.names.as_ref());
        let mut addresses = tokio::time::timeout_at(end, checked).await.unwrap_or(Err(HttpError::Late))?;
        addresses.truncate(MAX_ADDRESSES);
        self.reach(&addresses, end).await
    }

    /// Connects to the first address that answers. Each gets an equal share of what is left until `end`, so that one
    /// that swallows everything (IPv6 without a way out) leaves time for the next.
    #[expect(clippy::disallowed_methods, reason = "the one connection of airlockd and syncd to a network")]
    async fn reach(&self, addresses: &[IpAddr], end: Instant) -> Result<(TcpStream, IpAddr), HttpError> {
        let mut waiting = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
        for &address in addresses {
            let share = end.saturating_duration_since(Instant::now()) / waiting.max(1);
            waiting = waiting.saturating_sub(1);
            let connecting = TcpStream::connect(SocketAddr::new(address, self.endpoint.port()));
            if let Ok(Ok(stream)) = tokio::time::timeout(share, connecting).await {
                // A request is one write: waiting to fill a packet would only make the caller wait.
                stream.set_nodelay(true).map_err(|_| HttpError::Connect)?;
                return Ok((stream, address));
            }
        }
        Err(if Instant::now() < end { HttpError::Connect } else { HttpError::Late })
    }
}
