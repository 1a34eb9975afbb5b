//! The answering side of a door: binds the sockets of its clients, checks who knocks, and answers what they may ask.
//!
//! The gate is the peer's uid, which the kernel vouches for: each socket serves the one user of its client's role and
//! nobody else. Root is no exception: it is served where it is the configured user (`cli`, by default), and elsewhere it
//! would first have to become that user. The modes of folder and sockets are a fence before the gate: the daemon's group
//! may knock, others do not get that far.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use tokio::net::{UnixListener, UnixStream};

use crate::ids::CallId;
use crate::sandbox::folder::{self, FolderError};
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::doors::{ENDPOINTS, Endpoint, Role};
use crate::wire::frame::{self, Message, Refusal};
use crate::wire::users::Uids;

/// A socket is for its owner and the group.
const SOCKET_MODE: u32 = 0o660;

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
    /// The folder of the door's sockets is not this daemon's own.
    #[error("the door has no folder of its own")]
    Folder(#[from] FolderError),
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

/// Binds one endpoint's socket in the door's own folder, taking over the stale file of a daemon that died.
///
/// # Errors
/// [`BindError::Busy`] where a living daemon answers there, [`BindError::Folder`] where the folder is another user's.
pub fn bind(run: &Path, endpoint: &Endpoint) -> Result<UnixListener, BindError> {
    let path = endpoint.path(run);
    only_a_socket(&path)?;
    let failed = |source| BindError::Socket { path: path.clone(), source };
    if let Some(folder) = path.parent() {
        folder::own(folder, folder::FOR_THE_GROUP)?;
    }
    if std::os::unix::net::UnixStream::connect(&path).is_ok() {
        return Err(BindError::Busy { path });
    }
    // Under another name until it is ready: nobody meets a socket that is half made or has the wrong mode.
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(&new).map_err(failed)?;
    fs::set_permissions(&new, Permissions::from_mode(SOCKET_MODE)).map_err(failed)?;
    fs::rename(&new, &path).map_err(failed)?;
    Ok(listener)
}

/// Accepts the next peer of exactly this user; others are turned away and named in the log.
pub async fn accept(listener: &UnixListener, allowed_uid: u32) -> std::io::Result<UnixStream> {
    loop {
        let (stream, _) = listener.accept().await?;
        match stream.peer_cred() {
            Ok(peer) if peer.uid() == allowed_uid => return Ok(stream),
            Ok(peer) => tracing::warn!(uid = peer.uid(), allowed_uid, "a peer of the wrong user was turned away"),
            Err(_) => tracing::warn!("a peer without credentials was turned away"),
        }
    }
}

/// Binds every socket of door `door` and answers at each of them the user of its client's role, until `stop`.
///
/// # Errors
/// [`BindError`] where a socket cannot be made.
pub fn serve<H: Handler>(
    tasks: &mut Tasks,
    run: &Path,
    door: &'static str,
    users: &Uids,
    handler: &Arc<H>,
) -> Result<(), BindError> {
    for endpoint in ENDPOINTS.iter().filter(|e| e.door == door) {
        let listener = bind(run, endpoint)?;
        let (handler, allowed_uid) = (Arc::clone(handler), users.of(endpoint.client));
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
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => Err(BindError::NotASocket { path: path.to_owned() }),
        // What cannot be looked at cannot be bound either, and that says why.
        Ok(_) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;
    use std::time::Duration;

    use tokio::io::AsyncReadExt;

    use super::*;

    /// Far longer than anything takes: reached only where the code is wrong.
    const LONG: Duration = Duration::from_secs(30);
    const ROLES: [Role; 7] =
        [Role::Anteroomd, Role::Airlockd, Role::Lined, Role::Clinicd, Role::Syncd, Role::Cli, Role::Caller];

    struct Yes;

    impl Handler for Yes {
        async fn handle(&self, _: Request) -> Result<Vec<u8>, Refusal> {
            Ok(b"yes".to_vec())
        }
    }

    /// What a request of the endpoint's first kind gets: an answer, or an end without a word.
    async fn is_answered(run: &Path, endpoint: &Endpoint) -> bool {
        let mut stream = UnixStream::connect(endpoint.path(run)).await.unwrap();
        let ask = Message::ask(1, endpoint.kinds[0], None, Vec::new());
        // A peer that was turned away may find the socket closed already.
        let _ = frame::write(&mut stream, &ask).await;
        let mut byte = [0];
        tokio::time::timeout(LONG, stream.read(&mut byte)).await.unwrap().is_ok_and(|read| read == 1)
    }

    fn doors() -> Vec<&'static str> {
        let mut doors: Vec<_> = ENDPOINTS.iter().map(|e| e.door).collect();
        doors.dedup();
        doors
    }

    /// Every endpoint that answers this process, where each role is the user that `users` says.
    async fn answered(users: Uids) -> Vec<(&'static str, Role)> {
        let run = tempfile::tempdir().unwrap();
        let mut tasks = Tasks::new(Stop::new());
        for door in doors() {
            serve(&mut tasks, run.path(), door, &users, &Arc::new(Yes)).unwrap();
        }
        let mut answered = Vec::new();
        for endpoint in ENDPOINTS {
            if is_answered(run.path(), endpoint).await {
                answered.push((endpoint.door, endpoint.client));
            }
        }
        tasks.stop().ask();
        tasks.wait().await.unwrap();
        answered
    }

    #[tokio::test]
    async fn at_every_endpoint_exactly_the_user_of_its_client_is_served_and_root_is_no_exception() {
        let own = nix::unistd::geteuid().as_raw();
        let all: Vec<_> = ENDPOINTS.iter().map(|e| (e.door, e.client)).collect();
        assert_eq!(answered(Uids::all(own)).await, all);
        // In make test this process may be root, who must be served nowhere either.
        assert_eq!(answered(Uids::all(own + 1)).await, []);
        for role in ROLES {
            let mut users = Uids::all(own + 1);
            match role {
                Role::Anteroomd => users.anteroomd = own,
                Role::Airlockd => users.airlockd = own,
                Role::Lined => users.lined = own,
                Role::Clinicd => users.clinicd = own,
                Role::Syncd => users.syncd = own,
                Role::Cli => users.cli = own,
                Role::Caller => users.caller = own,
            }
            let of_role: Vec<_> = all.iter().copied().filter(|(_, client)| *client == role).collect();
            assert!(!of_role.is_empty());
            assert_eq!(answered(users).await, of_role);
        }
    }

    #[tokio::test]
    async fn a_socket_is_for_its_owner_and_the_group_and_so_is_its_folder() {
        let run = tempfile::tempdir().unwrap();
        let endpoint = &ENDPOINTS[0];
        let _listener = bind(run.path(), endpoint).unwrap();
        let path = endpoint.path(run.path());
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o660, 0o750));
        assert!(!path.with_extension("new").exists());
    }

    #[tokio::test]
    async fn the_socket_of_a_daemon_that_lives_is_left_alone_and_that_of_a_dead_one_is_replaced() {
        let run = tempfile::tempdir().unwrap();
        let endpoint = &ENDPOINTS[0];
        let living = bind(run.path(), endpoint).unwrap();
        assert!(matches!(bind(run.path(), endpoint), Err(BindError::Busy { .. })));
        drop(living);
        let _new = bind(run.path(), endpoint).unwrap();
        assert!(UnixStream::connect(endpoint.path(run.path())).await.is_ok());
    }
}
