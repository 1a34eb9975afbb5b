//! The link to the brain: one connection at a time, which may go and come back while calls are up.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::net::UnixListener;
use tokio::sync::mpsc;

use crate::ids::CallId;
use crate::tasks::{Stop, TaskError};
use crate::wire::doors::{Line, Role, endpoint};
use crate::wire::frame::{self, Message};
use crate::wire::line::{FromBrain, ToBrain};
use crate::wire::server::{self, BindError};

/// Messages that may wait for the brain: five seconds of one call's frames. A brain that lets more pile up is dead for
/// our purposes, and the watchdog of each call says so.
const WAITING: usize = 256;

/// Tells the brain things, if it is there.
#[derive(Clone, Debug, Default)]
pub struct BrainLink(Arc<Mutex<Option<mpsc::Sender<Message>>>>);

impl BrainLink {
    /// Tells the brain; false if it is not there or takes nothing any more.
    pub fn tell(&self, call: CallId, what: &ToBrain) -> bool {
        let Ok(link) = self.0.lock() else { return false };
        link.as_ref().is_some_and(|sender| sender.try_send(what.to_message(call)).is_ok())
    }

    /// Whether a brain is connected.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.0.lock().is_ok_and(|link| link.as_ref().is_some_and(|sender| !sender.is_closed()))
    }

    fn set(&self, sender: Option<mpsc::Sender<Message>>) {
        if let Ok(mut link) = self.0.lock() {
            *link = sender;
        }
    }
}

/// Binds the brain's socket.
///
/// # Errors
/// [`BindError`].
pub fn bind(run: &Path) -> Result<UnixListener, BindError> {
    let Some(endpoint) = endpoint::<Line>(Role::Anteroomd) else {
        return Err(BindError::Busy { path: run.to_owned() });
    };
    server::bind(run, endpoint)
}

/// Serves the brain's socket until `stop`: what the brain says goes to `said`.
///
/// # Errors
/// [`TaskError`] where the socket fails.
pub async fn serve(
    listener: UnixListener,
    allowed_uid: u32,
    link: BrainLink,
    said: mpsc::Sender<(CallId, FromBrain)>,
    stop: Stop,
) -> Result<(), TaskError> {
    loop {
        let stream = tokio::select! {
            () = stop.asked() => return Ok(()),
            stream = server::accept(&listener, allowed_uid) => stream.map_err(TaskError::from_io)?,
        };
        let (mut reader, mut writer) = stream.into_split();
        let (sender, mut waiting) = mpsc::channel(WAITING);
        link.set(Some(sender));
        tracing::info!("the brain is attached");
        let write = async {
            while let Some(message) = waiting.recv().await {
                if frame::write(&mut writer, &message).await.is_err() {
                    return;
                }
            }
        };
        let read = async {
            while let Ok(Some(message)) = frame::read(&mut reader).await {
                let Some(call) = message.header.call else { continue };
                match FromBrain::parse(&message) {
                    Ok(what) => {
                        if said.send((call, what)).await.is_err() {
                            return;
                        }
                    }
                    Err(error) => tracing::warn!(%call, %error, "the brain sent something else"),
                }
            }
        };
        tokio::select! {
            () = stop.asked() => {}
            () = write => {}
            () = read => {}
        }
        link.set(None);
        tracing::info!("the brain is gone");
    }
}
