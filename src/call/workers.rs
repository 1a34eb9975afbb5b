//! Worker threads for what takes 10s or 100s of ms: recognition and synthesis.
//!
//! A pool owns its engines, one a thread, and takes jobs from one bounded queue. A full queue refuses the job at once:
//! the call then says that it did not understand, or uses a recorded sentence, instead of waiting behind others.

use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};

use crate::listen::RawTranscript;
use crate::listen::asr::{RecogniseError, Recognizer, Task};
use crate::listen::ears::TurnSound;
use crate::speak::{SpeakError, SpokenText, Voice};

/// Jobs that may wait, over all calls. Each is at most a turn's sound (15 s, 240 kB).
const WAITING: usize = 32;

/// A job for an engine of type `E`, run on the pool's thread.
type Job<E> = Box<dyn FnOnce(&mut E) + Send>;

/// Threads that own one engine each.
pub struct Pool<E: ?Sized + 'static> {
    jobs: SyncSender<Job<Box<E>>>,
}

impl<E: ?Sized + 'static> Clone for Pool<E> {
    fn clone(&self) -> Self {
        Self { jobs: self.jobs.clone() }
    }
}

/// The pool could not be started.
#[derive(Debug, thiserror::Error)]
#[error("a worker thread could not be started")]
pub struct PoolError(#[from] std::io::Error);

/// Every worker is busy and the queue is full.
#[derive(Debug, thiserror::Error)]
#[error("all workers are busy")]
pub struct Busy;

impl<E: ?Sized + Send + 'static> Pool<E> {
    /// Starts a thread for each engine.
    ///
    /// # Errors
    /// [`PoolError`] where the system has no threads left.
    pub fn start(name: &'static str, engines: Vec<Box<E>>) -> Result<Self, PoolError> {
        let (jobs, queue) = sync_channel(WAITING);
        let queue: Arc<Mutex<Receiver<Job<Box<E>>>>> = Arc::new(Mutex::new(queue));
        for mut engine in engines {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name(name.to_owned()).spawn(move || {
                // The thread ends when the pool is dropped; a panic in an engine aborts the process by the panic hook.
                loop {
                    let job = match queue.lock() {
                        Ok(queue) => queue.recv(),
                        Err(_) => return,
                    };
                    let Ok(job) = job else { return };
                    job(&mut engine);
                }
            })?;
        }
        Ok(Self { jobs })
    }

    fn run(&self, job: impl FnOnce(&mut Box<E>) + Send + 'static) -> Result<(), Busy> {
        self.jobs.try_send(Box::new(job)).map_err(|error| match error {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => Busy,
        })
    }
}

impl Pool<dyn Recognizer> {
    /// Recognises a turn; `done` is called on the worker's thread.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn recognise(
        &self,
        samples: TurnSound,
        task: Task,
        call_off: Arc<AtomicBool>,
        done: impl FnOnce(Result<RawTranscript, RecogniseError>) + Send + 'static,
    ) -> Result<(), Busy> {
        self.run(move |engine| done(engine.recognise(&samples, &task, &call_off)))
    }
}

impl Pool<dyn Voice> {
    /// Speaks a sentence; `done` is called on the worker's thread.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn say(
        &self,
        text: SpokenText,
        done: impl FnOnce(Result<Vec<i16>, SpeakError>) + Send + 'static,
    ) -> Result<(), Busy> {
        self.run(move |voice| done(voice.say(&text)))
    }
}
