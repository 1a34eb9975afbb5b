//! The answering side of a door: binds the sockets of its clients, checks who knocks, and answers what they may ask.

use std::path::Path;
use std::sync::Arc;

use tokio::net::{UnixListener, UnixStream};

use crate::ids::CallId;
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::doors::{ENDPOINTS, Endpoint, Role};
use crate::wire::frame::{self, Message, Refusal};

/// A request as it reaches a handler.
pub struct Request {
    /// Who asks: given by the socket it came through.
    pub client: Role,
    /// What is asked; one of the endpoint's kinds.
    pub kind: String,
    /// Which call it is about.
    pub call: Option<CallId>,
    /// The body, unparsed.
    pub body: Vec<u8>,
}

/// Answers requests.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. Requests of one connection are answered in the order they came.
    fn handle(&self, request: Request) -> impl Future<Output = Result<Vec<u8>, Refusal>> + Send;
}

/// A socket could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Something that is no socket lies in its place. It is not ours to remove.
    #[error("{path} is no socket but something that somebody put there: move it away")]
    NotASocket {
        /// The path.
        path: std::path::PathBuf,
    },
    /// Another daemon answers at this socket.
    #[error("{path} is in use by another daemon: stop that one first")]
    Busy {
        /// The socket.
        path: std::path::PathBuf,
    },
    /// The socket could not be made.
    #[error("cannot listen at {path}")]
    Socket {
        /// The socket.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Binds one endpoint's socket, taking over the stale file of a daemon that died.
///
/// # Errors
/// [`BindError::Busy`] where a living daemon answers there.
pub fn bind(run: &Path, endpoint: &Endpoint) -> Result<UnixListener, BindError> {
    let path = endpoint.path(run);
    only_a_socket(&path)?;
    let failed = |source| BindError::Socket { path: path.clone(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    if path.exists() {
        if std::os::unix::net::UnixStream::connect(&path).is_ok() {
            return Err(BindError::Busy { path });
        }
        std::fs::remove_file(&path).map_err(failed)?;
    }
    UnixListener::bind(&path).map_err(failed)
}

/// Accepts the next peer of the configured user; others are turned away and counted in the log.
pub async fn accept(listener: &UnixListener, allowed_uid: u32) -> std::io::Result<UnixStream> {
    loop {
        let (stream, _) = listener.accept().await?;
        match stream.peer_cred() {
            Ok(peer) if peer.uid() == allowed_uid || peer.uid() == 0 => return Ok(stream),
            Ok(peer) => tracing::warn!(uid = peer.uid(), "a peer of the wrong user was turned away"),
            Err(_) => tracing::warn!("a peer without credentials was turned away"),
        }
    }
}

/// Binds every socket of door `door` and answers at all of them until `stop`.
///
/// # Errors
/// [`BindError`] where a socket cannot be made.
pub fn serve<H: Handler>(
    tasks: &mut Tasks,
    run: &Path,
    door: &'static str,
    allowed_uid: u32,
    handler: &Arc<H>,
) -> Result<(), BindError> {
    for endpoint in ENDPOINTS.iter().filter(|e| e.door == door) {
        let listener = bind(run, endpoint)?;
        let handler = Arc::clone(handler);
        tasks.start(endpoint.client.as_str(), move |stop| answer_all(listener, endpoint, allowed_uid, handler, stop));
    }
    Ok(())
}

async fn answer_all<H: Handler>(
    listener: UnixListener,
    endpoint: &'static Endpoint,
    allowed_uid: u32,
    handler: Arc<H>,
    stop: Stop,
) -> Result<(), TaskError> {
    let mut peers = Tasks::below(&stop);
    loop {
        let stream = tokio::select! {
            () = stop.asked() => break,
            () = peers.reap() => continue,
            stream = accept(&listener, allowed_uid) => stream.map_err(TaskError::from_io)?,
        };
        let handler = Arc::clone(&handler);
        peers.start(endpoint.client.as_str(), move |stop| async move {
            tokio::select! {
                () = stop.asked() => {}
                () = answer_one(stream, endpoint, &*handler) => {}
            }
            Ok(())
        });
    }
    Ok(())
}

/// Answers one peer until it goes away or sends something that is not a frame.
async fn answer_one<H: Handler>(mut stream: UnixStream, endpoint: &Endpoint, handler: &H) {
    let (mut reader, mut writer) = stream.split();
    loop {
        let message = match frame::read(&mut reader).await {
            Ok(Some(message)) => message,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(client = endpoint.client.as_str(), %error, "a peer sent no frame; its connection is closed");
                return;
            }
        };
        let Message { header, body } = message;
        let result = if endpoint.kinds.contains(&header.kind.as_str()) {
            let request = Request { client: endpoint.client, kind: header.kind, call: header.call, body };
            handler.handle(request).await
        } else {
            Err(Refusal::UnknownKind)
        };
        let reply = Message::reply(header.id, result);
        if header.id != 0 && frame::write(&mut writer, &reply).await.is_err() {
            return;
        }
    }
}

/// Makes sure that only a socket would be replaced.
fn only_a_socket(path: &Path) -> Result<(), BindError> {
    use std::os::unix::fs::FileTypeExt;
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => Err(BindError::NotASocket { path: path.to_owned() }),
        // What cannot be looked at cannot be bound either, and that says why.
        Ok(_) | Err(_) => Ok(()),
    }
}
