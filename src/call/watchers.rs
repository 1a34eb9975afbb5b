//! Tells whoever watches a demonstration call what happens in it.
//!
//! Written by the call's own thread, before the frame in which it happened is released: in virtual time the simulated
//! caller must have read a fact before it decides on its next frame. Only calls of synthetic callers are shown, and
//! only where the configuration allows it. A watcher that does not read is dropped, never waited for.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::UnixListener;

use crate::ids::CallId;
use crate::tasks::{Stop, TaskError};
use crate::wire::doors::{Role, endpoint};
use crate::wire::frame::Message;
use crate::wire::server::{self, BindError};
use crate::wire::{Parcel, Watch};

/// How long a watcher may take to read.
const PATIENCE: Duration = Duration::from_millis(200);

/// Those who watch.
#[derive(Clone, Debug, Default)]
pub struct Watchers(Arc<Mutex<Vec<UnixStream>>>);

impl Watchers {
    /// Tells everyone a fact about a call.
    pub fn tell(&self, call: CallId, fact: Parcel<Watch>) {
        let Ok(bytes) = Message::tell("fact", Some(call), fact.seal()).to_bytes() else { return };
        if let Ok(mut streams) = self.0.lock() {
            streams.retain_mut(|stream| stream.write_all(&bytes).is_ok());
        }
    }

    /// Whether anybody watches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.lock().map_or(true, |streams| streams.is_empty())
    }
}

/// Binds the watchers' socket.
///
/// # Errors
/// [`BindError`].
pub fn bind(run: &Path) -> Result<UnixListener, BindError> {
    let Some(endpoint) = endpoint::<Watch>(Role::Cli) else { return Err(BindError::Busy { path: run.to_owned() }) };
    server::bind(run, endpoint)
}

/// Lets watchers in until `stop`.
///
/// # Errors
/// [`TaskError`] where the socket fails.
pub async fn serve(listener: UnixListener, allowed_uid: u32, watchers: Watchers, stop: Stop) -> Result<(), TaskError> {
    loop {
        let stream = tokio::select! {
            () = stop.asked() => return Ok(()),
            stream = server::accept(&listener, allowed_uid) => stream.map_err(TaskError::from_io)?,
        };
        let stream = stream.into_std().map_err(TaskError::from_io)?;
        // A watcher writes nothing that matters; what it sends is left unread.
        let ready = stream.set_nonblocking(false).and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
        if let (Ok(()), Ok(mut streams)) = (ready, watchers.0.lock()) {
            streams.push(stream);
            // From here on no fact is missed: the watcher waits for this before it rings.
            let watching = Message::tell("watching", None, Vec::new()).to_bytes().unwrap_or_default();
            streams.retain_mut(|stream| stream.write_all(&watching).is_ok());
        }
    }
}
