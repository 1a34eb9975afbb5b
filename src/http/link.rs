//! One connection, worked by whoever waits on it.
//!
//! In:  a connected stream, then one request after another.
//! Out: the head of each response, and the frames of its body.
//! hyper leaves the reading and writing to a future that is usually spawned. Here that future lies beside the request
//! and is polled with it: nothing runs that nobody waits for, and dropping a [`Link`] closes its socket at once.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use http_body_util::Full;
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::HttpError;

/// The most headers of a response. Model endpoints behind a content delivery network send some 30 to 40.
const MAX_HEADERS: usize = 100;
/// The most bytes of a response's head, and of what is buffered of its body: 32 KiB.
const MAX_BUFFER: usize = 32 << 10;

type Driver = Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>;

/// A connection on which at most one request is under way.
pub(super) struct Link {
    sender: SendRequest<Full<Bytes>>,
    /// `None` once the connection has ended.
    driver: Option<Driver>,
    remote: IpAddr,
}

/// A request that got no response.
pub(super) struct Unanswered {
    /// The request, where no byte of it was written.
    pub(super) unsent: Option<Box<Request<Full<Bytes>>>>,
    /// Why.
    pub(super) error: HttpError,
}

impl Link {
    /// A link over `stream`, which leads to `remote`.
    pub(super) async fn open<S>(stream: S, remote: IpAddr) -> Result<Self, HttpError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = Builder::new();
        builder.max_headers(MAX_HEADERS).max_buf_size(MAX_BUFFER);
        let opened = builder.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = opened.map_err(|_| HttpError::Connect)?;
        Ok(Self { sender, driver: Some(Box::pin(connection)), remote })
    }

    /// Where it leads.
    pub(super) fn remote(&self) -> IpAddr {
        self.remote
    }

    /// Sends `request` and waits for the head of the response. The link comes back only with a response.
    pub(super) async fn ask(mut self, request: Request<Full<Bytes>>) -> Result<(Response<Incoming>, Self), Unanswered> {
        let mut answer = pin!(self.sender.try_send_request(request));
        match self.beside(|cx| answer.as_mut().poll(cx)).await {
            Ok(response) => Ok((response, self)),
            Err(mut error) => {
                // hyper has the request to give back only where it had not begun to write it. Other signs of an unused
                // connection (an end without a response, say) do not prove that the other side has read nothing.
                let unsent = error.take_message().map(Box::new);
                let error = if unsent.is_some() { HttpError::Connect } else { HttpError::Broken };
                Err(Unanswered { unsent, error })
            }
        }
    }

    /// The next frame of the body of the response that came over this link; `None` at its end.
    pub(super) async fn frame(&mut self, body: &mut Incoming) -> Option<Result<Frame<Bytes>, HttpError>> {
        let frame = self.beside(|cx| Pin::new(&mut *body).poll_frame(cx)).await?;
        Some(frame.map_err(|_| HttpError::Broken))
    }

    /// Whether it can take a request now: nothing is under way, nothing came unasked, the other side is there.
    pub(super) fn is_free(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Polls `what` and lets the connection work, until `what` is ready.
    async fn beside<T>(&mut self, mut what: impl FnMut(&mut Context<'_>) -> Poll<T>) -> T {
        poll_fn(|cx| {
            if let Poll::Ready(ready) = what(cx) {
                return Poll::Ready(ready);
            }
            self.drive(cx);
            // What the connection has just brought would otherwise wait for a waker that was registered before it.
            what(cx)
        })
        .await
    }

    /// Reads and writes what can be. A connection that has ended is dropped, which ends whatever waits on it.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if self.driver.as_mut().is_some_and(|driver| driver.as_mut().poll(cx).is_ready()) {
            self.driver = None;
        }
    }
}
