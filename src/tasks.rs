//! Named tasks, each with an owner who notices when it ends.
//!
//! There is no bare `tokio::spawn` in this crate. A daemon's tasks hang on one [`Stop`]; the first task that ends
//! without having been asked to, or that fails, stops the daemon with its name in the error, and systemd restarts it:
//! a half-dead daemon is worse than a restart.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long tasks may take to end after they were asked to.
pub const GRACE: Duration = Duration::from_secs(3);

/// Asks tasks to stop, and tells a task whether it was asked.
#[derive(Clone, Debug, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// A token nobody has pulled yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everyone below to stop.
    pub fn ask(&self) {
        self.0.cancel();
    }

    /// Waits until asked to stop.
    pub async fn asked(&self) {
        self.0.cancelled().await;
    }

    /// A token that is pulled with this stop, for a library that pulls its own without stopping us.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.0.child_token()
    }

    /// Whether it was asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// Why a task ended.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// It failed.
    #[error("task failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It returned although nobody had asked it to stop.
    #[error("task ended unasked")]
    Unasked,
    /// It panicked. (The panic hook has printed where.)
    #[error("task panicked")]
    Panicked,
}

impl TaskError {
    /// A task that ended because of `error`.
    pub fn because(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Failed(Box::new(error))
    }

    /// A task that ended because of an input or output error.
    #[must_use]
    pub fn from_io(error: std::io::Error) -> Self {
        Self::because(error)
    }
}

/// A named task and how it ended.
#[derive(Debug)]
pub struct Ended {
    /// The task's name.
    pub name: &'static str,
    /// `Err` where it failed.
    pub result: Result<(), TaskError>,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {} ended", self.name)
    }
}

impl std::error::Error for Ended {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.result.as_ref().err().map(|e| e as &(dyn std::error::Error + 'static))
    }
}

/// A set of named tasks below one [`Stop`].
pub struct Tasks {
    stop: Stop,
    set: JoinSet<Ended>,
}

impl Tasks {
    /// An empty set with its own stop.
    #[must_use]
    pub fn new(stop: Stop) -> Self {
        Self { stop, set: JoinSet::new() }
    }

    /// An empty set that stops when `parent` does.
    #[must_use]
    pub fn below(parent: &Stop) -> Self {
        Self::new(Stop(parent.0.child_token()))
    }

    /// The set's stop.
    #[must_use]
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Starts a task.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns: the set owns the handle")]
    pub fn start<F, Fut>(&mut self, name: &'static str, task: F)
    where
        F: FnOnce(Stop) -> Fut,
        Fut: Future<Output = Result<(), TaskError>> + Send + 'static,
    {
        let running = task(self.stop.clone());
        self.set.spawn(async move { Ended { name, result: running.await } });
    }

    /// How many tasks run.
    #[must_use]
    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Whether none runs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// Forgets tasks that have ended well; never returns while none has. For sets whose tasks come and go (peers).
    pub async fn reap(&mut self) {
        match self.set.join_next().await {
            Some(_) => {}
            None => std::future::pending().await,
        }
    }

    /// Waits for the stop or for the first task that ends unasked, then stops all and waits [`GRACE`] for them.
    ///
    /// # Errors
    /// The first task that ended unasked or failed.
    pub async fn wait(mut self) -> Result<(), Ended> {
        let first = tokio::select! {
            () = self.stop.asked() => Ok(()),
            ended = self.set.join_next() => match ended {
                None => Ok(()),
                Some(_) if self.stop.is_asked() => Ok(()),
                Some(Ok(Ended { name, result: Ok(()) })) => Err(Ended { name, result: Err(TaskError::Unasked) }),
                Some(Ok(ended)) => Err(ended),
                Some(Err(_)) => Err(Ended { name: "unknown", result: Err(TaskError::Panicked) }),
            },
        };
        self.stop.ask();
        let drained = async { while self.set.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, drained).await.is_err() {
            tracing::warn!(left = self.set.len(), "tasks did not end in time and were dropped");
            self.set.abort_all();
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_ends_unasked_stops_the_others_and_is_named() {
        let mut tasks = Tasks::new(Stop::new());
        tasks.start("patient", |stop| async move {
            stop.asked().await;
            Ok(())
        });
        tasks.start("hasty", |_| async { Ok(()) });
        let ended = tasks.wait().await.unwrap_err();
        assert_eq!(ended.name, "hasty");
        assert!(matches!(ended.result, Err(TaskError::Unasked)));
    }

    #[tokio::test]
    async fn tasks_that_were_asked_to_stop_end_well() {
        let stop = Stop::new();
        let mut tasks = Tasks::new(stop.clone());
        tasks.start("patient", |stop| async move {
            stop.asked().await;
            Ok(())
        });
        stop.ask();
        assert!(tasks.wait().await.is_ok());
    }
}
