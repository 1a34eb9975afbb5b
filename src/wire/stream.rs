//! A request whose answer comes in pieces: a model's sentences, one after the other.
//!
//! A connection of its own for each request, so that hanging up is calling off: the other side sees the end of the
//! connection at once and stops what it does. Every piece is a reply with the request's id, and the last one says so in its
//! body; a connection that ends before is an error.

use std::path::Path;

use tokio::net::UnixStream;

use crate::ids::CallId;
use crate::wire::client::AskError;
use crate::wire::doors::{Door, Role, endpoint};
use crate::wire::frame::{self, Message, Refusal};

/// A request under way at door `D`. Dropping it calls it off.
pub struct Stream<D: Door> {
    socket: UnixStream,
    door: std::marker::PhantomData<fn() -> D>,
}

/// Numbers the one request of a connection.
const ID: u64 = 1;

impl<D: Door> Stream<D> {
    /// Asks as `role` at the socket below `run`.
    ///
    /// # Errors
    /// [`AskError::Gone`] where nobody listens; [`AskError::NoSuchDoor`] and [`AskError::Frame`] for mistakes of the program.
    pub async fn open(
        run: &Path,
        role: Role,
        kind: &'static str,
        call: Option<CallId>,
        body: Vec<u8>,
    ) -> Result<Self, AskError> {
        let gone = |_| AskError::Gone { door: D::NAME };
        let endpoint = endpoint::<D>(role).ok_or(AskError::NoSuchDoor { door: D::NAME })?;
        let bytes = Message::ask(ID, kind, call, body)
            .to_bytes()
            .map_err(|source| AskError::Frame { door: D::NAME, source })?;
        let mut socket = UnixStream::connect(endpoint.path(run)).await.map_err(gone)?;
        tokio::io::AsyncWriteExt::write_all(&mut socket, &bytes).await.map_err(gone)?;
        Ok(Self { socket, door: std::marker::PhantomData })
    }

    /// The body of the next piece. Not to be dropped half way: a piece may be half read.
    ///
    /// # Errors
    /// [`AskError::Gone`] where the connection ended, [`AskError::Refused`] where the other side said no.
    pub async fn next(&mut self) -> Result<Vec<u8>, AskError> {
        let message = match frame::read(&mut self.socket).await {
            Ok(Some(message)) if message.header.id == ID => message,
            Ok(_) | Err(_) => return Err(AskError::Gone { door: D::NAME }),
        };
        match (message.header.ok, message.header.err) {
            (Some(true), _) => Ok(message.body),
            (_, refusal) => {
                let refusal = refusal.unwrap_or(Refusal::Failed);
                Err(AskError::Refused { door: D::NAME, refusal })
            }
        }
    }
}
