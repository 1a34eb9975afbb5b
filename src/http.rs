//! The one way of the box to a network: a request for one listed endpoint in, its answer piece by piece out.
//!
//! In:  a path, headers, the endpoint's key and a body, from `airlockd`, which has checked the body, or from `syncd`.
//! Out: [`Answer`], read with [`Answer::chunk`], or [`Whole`] at once; or one of the closed words of [`HttpError`].
//!      What speaks no HTTP (PostgreSQL) takes its checked connection from [`Way`].
//! Runs inside whichever task calls it. There is no task, thread or timer of its own: a connection works only while
//! its request is being waited for, so dropping the future or the [`Answer`] closes the socket at that moment.
//!
//! ```text
//!   post ── take an idle link ── ask ──────────────┐
//!             │ none, or found dead before sending │
//!             └─ resolve ─ check ─ connect ─ TLS ─ ask ── Answer ── last chunk ── idle link
//!                                                           └ dropped: closed
//! ```
//!
//! What it never does:
//! - It connects to nothing but its [`Endpoint`]: a redirect is an error, and no setting of the environment is read, so
//!   that there is no proxy.
//! - It connects to no address that was not checked: names are looked up here, and the very address that passed is the
//!   one connected to ([`resolve`]). A name that changes its address in between changes nothing.
//! - It sends nothing a second time once a byte of it may have gone out: every answer of a model is billed. Only a
//!   request that never left (hyper gives it back whole) goes to a fresh connection, once. A connection that breaks
//!   after that is [`HttpError::Broken`], and the caller decides.
//! - It keeps no cookies, asks for no compression, and names itself with no `User-Agent`.
//!
//! It waits for the answer as long as its caller does: the deadline of a turn is the caller's, who drops the future.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response};
use tokio::time::Instant;

mod endpoint;
mod idle;
mod link;
mod resolve;
#[cfg(test)]
mod tests;
mod tls;
mod way;
mod whole;

pub use endpoint::{Endpoint, EndpointError};
use idle::Idle;
use link::{Link, Unanswered};
pub use tls::{CaError, Encrypted, Tls, install_crypto};
pub use way::Way;
pub use whole::{Verb, Whole};

/// The most bytes of one answer's body: 8 MiB. A long answer, streamed as events, is near 1 MiB; the reader has a
/// tighter bound of its own, and this one holds whatever the reader does.
pub const MAX_BODY: u64 = 8 << 20;
/// How often [`Http::tend`] looks: an idle connection lives at most this much longer than its 30 s.
const TEND_EVERY: Duration = Duration::from_secs(5);
/// Headers that this client alone decides about, or that it does without.
const OWN_HEADERS: [HeaderName; 11] = [
    header::ACCEPT_ENCODING,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::COOKIE,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Why there is no answer, or no more of it. A closed set: it never quotes a body, a key, a URL or what the other side
/// sent. The causes are dropped for that reason (a certificate's error repeats what the stranger's certificate says).
///
/// Up to [`HttpError::Late`] nothing of the request has left the box; after that the endpoint may have read all of it.
/// Whatever the error, the turn is answered locally.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The path, a header or the key cannot be written as HTTP, or a header is one of the client's own.
    #[error("the request cannot be written as HTTP; check the endpoint's key for line breaks")]
    Request,
    /// The name could not be looked up.
    #[error("the endpoint's name could not be looked up; check the box's DNS server")]
    Resolve,
    /// The name exists and has no address.
    #[error("the endpoint's name has no address")]
    NoAddress,
    /// A cloud endpoint's name leads to an address that is not public: nothing was connected to.
    #[error("the endpoint's name leads to an address that is not public; mark it as lan if it is in the clinic")]
    PrivateAddress,
    /// A `lan` endpoint's name leads to an address outside the local network: nothing was connected to.
    #[error("the lan endpoint's name leads to an address that is neither loopback nor private")]
    PublicAddress,
    /// No address could be connected to, or the connection ended before the request was sent.
    #[error("the endpoint could not be connected to")]
    Connect,
    /// The endpoint speaks no TLS that this client accepts.
    #[error("the endpoint and the box found no common way to encrypt")]
    Tls,
    /// The endpoint's certificate is not for its name, out of date, or of an unknown authority.
    #[error("the endpoint's certificate does not prove who it is")]
    Certificate,
    /// Looking up, connecting and encrypting together took longer than the connect deadline.
    #[error("the endpoint could not be connected to in time")]
    Late,
    /// The endpoint answered with a redirect, which is never followed.
    #[error("the endpoint answered with redirect {status}, which is not followed; write the address it leads to")]
    Redirect {
        /// The status, 300 to 399.
        status: u16,
    },
    /// The connection ended early, what came is not HTTP/1.1, or its head has more than 100 headers or 32 KiB (of which
    /// hyper tells only a server apart).
    #[error("the endpoint's answer broke off or is not HTTP")]
    Broken,
    /// The answer's body is larger than [`MAX_BODY`].
    #[error("the endpoint's answer is larger than the box takes")]
    TooLarge,
    /// The answer is compressed although nobody asked for that.
    #[error("the endpoint's answer is compressed, which was not asked for")]
    Compressed,
}

impl HttpError {
    /// The error's name in events and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Resolve => "resolve",
            Self::NoAddress => "no-address",
            Self::PrivateAddress => "private-address",
            Self::PublicAddress => "public-address",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Certificate => "certificate",
            Self::Late => "late",
            Self::Redirect { .. } => "redirect",
            Self::Broken => "broken",
            Self::TooLarge => "too-large",
            Self::Compressed => "compressed",
        }
    }
}

/// A client of one endpoint. Keeps up to two idle connections to it.
pub struct Http {
    way: Way,
    idle: Arc<Idle>,
}

impl Http {
    /// A client of `endpoint` that connects at its first request.
    ///
    /// `ca` is a PEM file with the authorities of a `lan` endpoint; with it no other authority is believed. Without it
    /// the authorities of the Mozilla root programme are. `connect_deadline` bounds looking up, connecting and the TLS
    /// handshake together.
    ///
    /// # Errors
    /// [`CaError`] where `ca` is not usable, or is not for this endpoint.
    pub fn new(endpoint: Endpoint, ca: Option<&[u8]>, connect_deadline: Duration) -> Result<Self, CaError> {
        let way = Way::new(endpoint, ca, tls::HTTP, connect_deadline)?;
        Ok(Self { way, idle: Arc::default() })
    }

    /// The endpoint.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.way.endpoint()
    }

    /// POSTs `body` to `path` below the endpoint and waits for the answer's head.
    ///
    /// `path` begins with `/` and may have a query. `key` is the header that holds the endpoint's key, and its whole
    /// value; hyper is told that it is secret. Any status but a redirect is an [`Answer`]. Dropping the future closes
    /// the connection.
    ///
    /// # Errors
    /// [`HttpError`].
    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        key: Option<(&str, &str)>,
        body: Vec<u8>,
    ) -> Result<Answer, HttpError> {
        let target = self.endpoint().target(path).ok_or(HttpError::Request)?;
        let request = self.request(Method::POST, &target, headers, key, body).ok_or(HttpError::Request)?;
        self.send(request).await
    }

    /// Sends over an idle link or a new one.
    async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Answer, HttpError> {
        if let Some(link) = self.idle.take(Instant::now()) {
            match link.ask(request).await {
                Ok((response, link)) => return self.judge(response, link),
                Err(Unanswered { unsent: Some(whole), .. }) => request = *whole,
                Err(Unanswered { unsent: None, error }) => return Err(error),
            }
        }
        let link = self.connect().await?;
        match link.ask(request).await {
            Ok((response, link)) => self.judge(response, link),
            Err(Unanswered { error, .. }) => Err(error),
        }
    }

    /// Closes idle connections when their time is over. Runs until it is dropped: the daemon has a named task for it.
    /// Without it they are closed at the next request.
    pub async fn tend(&self) {
        loop {
            tokio::time::sleep(TEND_EVERY).await;
            self.idle.sweep(Instant::now());
        }
    }

    fn request(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        key: Option<(&str, &str)>,
        body: Vec<u8>,
    ) -> Option<Request<Full<Bytes>>> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = target.parse().ok()?;
        let written = request.headers_mut();
        written.insert(header::HOST, HeaderValue::from_str(&self.endpoint().authority()).ok()?);
        for (name, value) in headers {
            let (name, value) = written_header(name, value)?;
            written.append(name, value);
        }
        if let Some((name, value)) = key {
            let (name, mut value) = written_header(name, value)?;
            value.set_sensitive(true);
            written.insert(name, value);
        }
        Some(request)
    }

    async fn connect(&self) -> Result<Link, HttpError> {
        let opened = tokio::time::timeout(self.way.deadline(), self.open());
        opened.await.unwrap_or(Err(HttpError::Late))
    }

    async fn open(&self) -> Result<Link, HttpError> {
        let (stream, remote) = self.way.stream().await?;
        match self.way.tls() {
            Some(tls) => Link::open(tls.wrap(stream).await?, remote).await,
            None => Link::open(stream, remote).await,
        }
    }

    /// What may be read of the response. Whatever is refused here is dropped with its connection.
    fn judge(&self, response: Response<Incoming>, link: Link) -> Result<Answer, HttpError> {
        let (head, body) = response.into_parts();
        let status = head.status.as_u16();
        match status {
            300..=399 => return Err(HttpError::Redirect { status }),
            200..=599 => {}
            // Another protocol (101), or no status that HTTP knows.
            _ => return Err(HttpError::Broken),
        }
        let encoded = |value: &HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
        if head.headers.get_all(header::CONTENT_ENCODING).iter().any(encoded) {
            return Err(HttpError::Compressed);
        }
        let remote = link.remote();
        let rest = Rest::Coming(Box::new((link, body)));
        Ok(Answer { status, headers: head.headers, remote, received: 0, rest, idle: Arc::clone(&self.idle) })
    }
}

fn written_header(name: &str, value: &str) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::from_bytes(name.as_bytes()).ok().filter(|name| !OWN_HEADERS.contains(name))?;
    Some((name, HeaderValue::from_str(value).ok()?))
}

/// An answer whose head has come and whose body is still coming. Dropping it before its end closes the connection.
pub struct Answer {
    /// The status, 200 to 299 or 400 to 599.
    pub status: u16,
    headers: HeaderMap,
    remote: IpAddr,
    received: u64,
    rest: Rest,
    idle: Arc<Idle>,
}

/// How much of a body is still to be read.
enum Rest {
    Coming(Box<(Link, Incoming)>),
    Ended,
    /// Remembered, so that a body that broke off never looks like one that ended.
    Failed(HttpError),
}

impl Answer {
    /// The `Content-Type`, as it was sent, where it is ASCII.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }

    /// How long the endpoint asks to be left alone. `None` also where it names a date instead of whole seconds: that
    /// would have to be held against a clock of its own.
    ///
    /// Source: RFC 9110 section 10.2.3.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?;
        let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
        let seconds: u32 = value.parse().ok().filter(|_| digits)?;
        Some(Duration::from_secs(seconds.into()))
    }

    /// The next bytes of the body; `None` at its end. Nothing is lost if the future is dropped and made anew.
    ///
    /// Read up to the `None`, also where the content says that it is complete: only then can the connection serve the
    /// next request.
    ///
    /// # Errors
    /// [`HttpError::Broken`] where the body breaks off, [`HttpError::TooLarge`] over [`MAX_BODY`]; the same again
    /// however often it is asked.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, HttpError> {
        loop {
            let (link, body) = match &mut self.rest {
                Rest::Coming(rest) => (&mut rest.0, &mut rest.1),
                Rest::Ended => return Ok(None),
                Rest::Failed(error) => return Err(*error),
            };
            let Some(frame) = link.frame(body).await else {
                if let Rest::Coming(rest) = std::mem::replace(&mut self.rest, Rest::Ended) {
                    self.idle.put(rest.0, Instant::now());
                }
                return Ok(None);
            };
            // What is not data is a trailer: nobody reads it.
            let data = match frame.map(|frame| frame.into_data().unwrap_or_default()) {
                Ok(data) => data,
                Err(error) => return self.fail(error),
            };
            self.received = self.received.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
            if self.received > MAX_BODY {
                return self.fail(HttpError::TooLarge);
            }
            if !data.is_empty() {
                return Ok(Some(data));
            }
        }
    }

    /// How many bytes of the body have come so far.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// The address that was checked, connected to, and has answered.
    #[must_use]
    pub fn remote(&self) -> IpAddr {
        self.remote
    }

    /// Closes the connection and remembers why.
    fn fail(&mut self, error: HttpError) -> Result<Option<Bytes>, HttpError> {
        self.rest = Rest::Failed(error);
        Err(error)
    }
}
