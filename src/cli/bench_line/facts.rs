//! The box's own account of its turns, by the socket that tells watchers of synthetic calls.
//!
//! In:  facts of every call of this benchmark's own box. Out: [`Timing`]s; all else that a fact says is dropped unread.

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::net::UnixStream;

use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::doors::{Role, Watch, endpoint};
use crate::wire::frame::{self, FrameError, Message};
use crate::wire::watch::{self, Fact};

/// How long the stages of a turn took, as the box says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timing {
    /// From the caller's last sound to the end of the turn, ms of line time.
    pub(super) end_of_turn_ms: u32,
    /// Recognition, inside it, ms.
    pub(super) recognition_ms: u32,
    /// From the end of the turn to the first sample of the answer, ms.
    pub(super) first_audio_ms: u32,
}

/// Who listens to the facts.
pub(super) struct Watcher {
    tasks: Tasks,
    told: Arc<Mutex<Vec<Timing>>>,
}

impl Watcher {
    /// Listens at the box whose sockets are below `run`, which must be up.
    ///
    /// # Errors
    /// [`FrameError`]: nobody tells anything there.
    pub(super) async fn start(run: &Path) -> Result<Self, FrameError> {
        let path = endpoint::<Watch>(Role::Cli).map(|e| e.path(run)).unwrap_or_default();
        let mut stream = UnixStream::connect(path).await?;
        frame::write(&mut stream, &Message::tell("watch", None, Vec::new())).await?;
        let told = Arc::<Mutex<Vec<Timing>>>::default();
        let (mut tasks, into) = (Tasks::new(Stop::new()), Arc::clone(&told));
        tasks.start("facts", move |stop| async move {
            tokio::select! {
                () = stop.asked() => Ok(()),
                result = listen(&mut stream, &into) => result.map_err(TaskError::because),
            }
        });
        Ok(Self { tasks, told })
    }

    /// What was told since the last time.
    pub(super) fn take(&self) -> Vec<Timing> {
        self.told.lock().map(|mut told| std::mem::take(&mut *told)).unwrap_or_default()
    }

    /// Listens no more.
    pub(super) async fn stop(self) {
        self.tasks.stop().ask();
        // The box may have gone first: what was told until then is known.
        let _ = self.tasks.wait().await;
    }
}

async fn listen(stream: &mut UnixStream, told: &Mutex<Vec<Timing>>) -> Result<(), FrameError> {
    while let Some(message) = frame::read(stream).await? {
        let Ok(Fact::Timing { end_of_turn_ms, recognition_ms, first_audio_ms, .. }) = watch::parse(&message) else {
            continue;
        };
        if let Ok(mut told) = told.lock() {
            told.push(Timing { end_of_turn_ms, recognition_ms, first_audio_ms });
        }
    }
    Ok(())
}
