//! The asking side of a door.
//!
//! One connection, many requests at once, each with its own deadline. A connection that breaks fails what was waiting
//! on it and is made anew by the next request, so a restarted daemon is found again without anyone's help.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex as PlainMutex;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{Mutex, oneshot};

use crate::ids::CallId;
use crate::wire::doors::{Door, Role, endpoint};
use crate::wire::frame::{self, FrameError, Message, Refusal};
use crate::wire::parcel::Parcel;

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no such socket for this role: a mistake in the program.
    #[error("{door} has no socket for this role")]
    NoSuchDoor {
        /// The door.
        door: &'static str,
    },
    /// Nobody listens at the door, or the connection broke.
    #[error("{door} is not there")]
    Gone {
        /// The door.
        door: &'static str,
    },
    /// No answer before the deadline.
    #[error("{door} did not answer in {deadline:?}")]
    Late {
        /// The door.
        door: &'static str,
        /// The deadline.
        deadline: Duration,
    },
    /// The door answered no.
    #[error("{door} refused")]
    Refused {
        /// The door.
        door: &'static str,
        /// Its reason.
        #[source]
        refusal: Refusal,
    },
    /// The request could not be written down.
    #[error("the request to {door} could not be framed")]
    Frame {
        /// The door.
        door: &'static str,
        /// Why.
        #[source]
        source: FrameError,
    },
}

type Waiting = Arc<PlainMutex<HashMap<u64, oneshot::Sender<Result<Vec<u8>, Refusal>>>>>;

struct Connection {
    writer: OwnedWriteHalf,
    waiting: Waiting,
    reader: tokio::task::JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// Asks at door `D`.
pub struct Client<D: Door> {
    path: Option<PathBuf>,
    state: Mutex<(Option<Connection>, u64)>,
    door: std::marker::PhantomData<fn() -> D>,
}

impl<D: Door> Client<D> {
    /// A client of `role` for the sockets below `run`. Connects at the first request.
    #[must_use]
    pub fn new(run: &Path, role: Role) -> Self {
        let path = endpoint::<D>(role).map(|e| e.path(run));
        Self { path, state: Mutex::new((None, 0)), door: std::marker::PhantomData }
    }

    /// Asks, and waits at most `deadline` for the answer's body.
    ///
    /// # Errors
    /// [`AskError`]: the door is gone, late, or refused.
    pub async fn ask(
        &self,
        kind: &'static str,
        call: Option<CallId>,
        parcel: Parcel<D>,
        deadline: Duration,
    ) -> Result<Vec<u8>, AskError> {
        self.ask_sealed(kind, call, parcel.seal(), deadline).await
    }

    /// Asks with a body that is not JSON: audio, ciphertext.
    ///
    /// # Errors
    /// As [`Client::ask`].
    pub(crate) async fn ask_sealed(
        &self,
        kind: &'static str,
        call: Option<CallId>,
        body: Vec<u8>,
        deadline: Duration,
    ) -> Result<Vec<u8>, AskError> {
        let answer = async {
            let receiver = self.send(kind, call, body).await?;
            match receiver.await {
                Ok(Ok(body)) => Ok(body),
                Ok(Err(refusal)) => Err(AskError::Refused { door: D::NAME, refusal }),
                Err(_) => Err(AskError::Gone { door: D::NAME }),
            }
        };
        tokio::time::timeout(deadline, answer).await.unwrap_or(Err(AskError::Late { door: D::NAME, deadline }))
    }

    async fn send(
        &self,
        kind: &'static str,
        call: Option<CallId>,
        body: Vec<u8>,
    ) -> Result<oneshot::Receiver<Result<Vec<u8>, Refusal>>, AskError> {
        let path = self.path.as_deref().ok_or(AskError::NoSuchDoor { door: D::NAME })?;
        let mut state = self.state.lock().await;
        state.1 = state.1.wrapping_add(1).max(1);
        let id = state.1;
        let frame = Message::ask(id, kind, call, body)
            .to_bytes()
            .map_err(|source| AskError::Frame { door: D::NAME, source })?;
        // A connection whose reader has ended is dead: the peer went away between two requests.
        if state.0.as_ref().is_some_and(|c| c.reader.is_finished()) {
            state.0 = None;
        }
        let mut connection = match state.0.take() {
            Some(connection) => connection,
            None => connect(path).await.map_err(|_| AskError::Gone { door: D::NAME })?,
        };
        let (sender, receiver) = oneshot::channel();
        if let Ok(mut waiting) = connection.waiting.lock() {
            waiting.insert(id, sender);
        }
        // The frame is written by a task of its own accord only if this future is not dropped half way: a deadline
        // that fires inside the write leaves the connection taken out of `state`, hence closed, never half used.
        tokio::io::AsyncWriteExt::write_all(&mut connection.writer, &frame)
            .await
            .map_err(|_| AskError::Gone { door: D::NAME })?;
        state.0 = Some(connection);
        Ok(receiver)
    }
}

#[expect(clippy::disallowed_methods, reason = "the reader's handle is owned by the connection and aborted with it")]
async fn connect(path: &Path) -> std::io::Result<Connection> {
    let stream = UnixStream::connect(path).await?;
    let (mut half, writer) = stream.into_split();
    let waiting = Waiting::default();
    let answers = Arc::clone(&waiting);
    let reader = tokio::spawn(async move {
        while let Ok(Some(message)) = frame::read(&mut half).await {
            let header = message.header;
            let result = match (header.ok, header.err) {
                (Some(true), _) => Ok(message.body),
                (_, Some(refusal)) => Err(refusal),
                _ => Err(Refusal::Failed),
            };
            let asked = answers.lock().ok().and_then(|mut waiting| waiting.remove(&header.id));
            if let Some(asked) = asked {
                // The asker may have run out of patience: then nobody is there to take the answer.
                let _ = asked.send(result);
            }
        }
        if let Ok(mut waiting) = answers.lock() {
            waiting.clear();
        }
    });
    Ok(Connection { writer, waiting, reader })
}
