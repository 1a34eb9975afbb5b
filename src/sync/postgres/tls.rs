//! TLS for PostgreSQL: the box's one way of speaking it ([`crate::http::Tls`]), in the shape that tokio-postgres takes.
//!
//! In:  a connected stream on which the server has agreed to TLS. Out: the encrypted one. The server's certificate must be
//! for the host of the configured address (libpq's `verify-full`); there is no setting that makes it less.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

use crate::http::{Encrypted, HttpError, Tls};

/// Shakes hands for tokio-postgres.
pub(super) struct Connector(pub(super) Tls);

/// A connection inside TLS.
pub(super) struct Inside<S>(Encrypted<S>);

impl<S> TlsConnect<S> for Connector
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Inside<S>;
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<Inside<S>, HttpError>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { self.0.wrap(stream).await.map(Inside) })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Inside<S> {
    // The certificate was checked against the host: a binding to it adds nothing.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Inside<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Inside<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
