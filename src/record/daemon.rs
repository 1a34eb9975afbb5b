//! `recordd`: answers at the record's sockets.
//!
//! In:  requests of the other processes and of the administrator's command line.
//! Out: answers; rows by the [writer](crate::record::writer). Reads run on blocking threads, each with a connection of
//!      its own. Reaches nothing but its sockets and its data directory. Logs no body.
//!
//! Who sees PHI is itself an event: `show` and `audio-of` answer only once their `console.reveal` is on the disk.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use zeroize::Zeroizing;

use crate::clock::{Clock, SystemClock};
use crate::ids::{CallId, Turn};
use crate::record::database::{Location, StoreError};
use crate::record::key::KeySource;
use crate::record::reading;
use crate::record::request::{self, AudioOf, Show};
use crate::record::store::{self, Appended, Entry, Submission};
use crate::record::verify;
use crate::record::writer::Writer;
use crate::tasks::{Ended, Stop, TaskError, Tasks};
use crate::wire::doors::{Door, Record};
use crate::wire::event::Kind;
use crate::wire::frame::Refusal;
use crate::wire::recorder::uptime_us;
use crate::wire::recording::Chunk;
use crate::wire::server::{BindError, Handler, Request, serve};

/// How long the writer may take to commit what is queued when the daemon stops.
const DRAIN: Duration = Duration::from_secs(2);

/// Where recordd works and for whom.
#[derive(Clone, Debug)]
pub struct RecordConfig {
    /// The run directory: sockets are at `record/from-*.sock` below it.
    pub run_dir: PathBuf,
    /// The data directory: database, key (where it is not a credential), lock.
    pub data_dir: PathBuf,
    /// The user whose processes may connect, besides root.
    pub allowed_uid: u32,
}

/// recordd could not start, or stopped unasked. The other processes go on without it: no cloud, no tool write.
#[derive(Debug, thiserror::Error)]
pub enum RecorddError {
    /// The record could not be opened.
    #[error("the record could not be opened")]
    Store(#[from] StoreError),
    /// A socket could not be made.
    #[error("a socket of the record could not be made")]
    Socket(#[from] BindError),
    /// A task ended unasked.
    #[error("the record stopped")]
    Stopped(#[from] Ended),
}

/// Runs recordd until `stop`. What was queued is committed before it returns.
///
/// # Errors
/// [`RecorddError`]: each says what to do.
pub async fn run(config: RecordConfig, stop: Stop) -> Result<(), RecorddError> {
    let clock = SystemClock;
    let (location, warning) = Location::find(&KeySource::of_process(&config.data_dir), true)?;
    if let Some(warning) = warning {
        tracing::warn!(%warning, "the record's key");
    }
    let lock = location.lock()?;
    let (writer, mut ended) = Writer::start(location.clone(), lock)?;
    let secret = box_secret(&location)?;
    let recordd = Arc::new(Recordd {
        location,
        writer,
        secret,
        started: clock.now(),
        started_us: uptime_us(),
        clock: Box::new(clock),
    });
    let mut tasks = Tasks::new(stop);
    serve(&mut tasks, &config.run_dir, Record::NAME, config.allowed_uid, &recordd)?;
    drop(recordd);
    let (gone, writer_gone) = tokio::sync::oneshot::channel();
    tasks.start("record-writer", |stop| async move {
        tokio::select! {
            () = stop.asked() => {}
            _ = &mut ended => return Err(TaskError::Unasked),
        }
        // The handle goes back to whoever drains.
        let _ = gone.send(ended);
        Ok(())
    });
    tracing::info!("the record answers");
    let result = tasks.wait().await;
    // Every handler is gone now, and with the last of them the queue's sending end: the thread commits what is left.
    if let Ok(ended) = writer_gone.await
        && tokio::time::timeout(DRAIN, ended).await.is_err()
    {
        tracing::error!("the record's writer did not end in time");
    }
    Ok(result?)
}

/// The secret whose public half seals messages to the record.
fn box_secret(location: &Location) -> Result<crypto_box::SecretKey, StoreError> {
    let bytes = store::known(&location.reader()?, "box-secret")?.map(Zeroizing::new);
    let secret = bytes.and_then(|bytes| crypto_box::SecretKey::from_slice(&bytes).ok());
    secret.ok_or(StoreError::Malformed { table: "meta" })
}

struct Recordd {
    location: Location,
    writer: Writer,
    secret: crypto_box::SecretKey,
    clock: Box<dyn Clock>,
    started: Instant,
    started_us: u64,
}

/// The answer to an append.
#[derive(Serialize)]
struct Answer {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<u64>,
    next: u64,
}

impl Handler for Recordd {
    async fn handle(&self, request: Request) -> Result<Vec<u8>, Refusal> {
        let Request { client, kind, call, body } = request;
        match kind.as_str() {
            "ping" if self.writer.is_healthy() => Ok(Vec::new()),
            "ping" => Err(Refusal::Unavailable),
            "append" => {
                let submission = request::append(client, &body)?;
                self.writer.submit(submission).map_err(|_| Refusal::Unavailable)?;
                Ok(b"{}".to_vec())
            }
            "append-durable" => self.durable(request::append(client, &Zeroizing::new(body))?).await,
            "audio" => self.durable(request::audio(client, call, body)?).await,
            "message" => {
                let opened = self.secret.unseal(&body).map_err(|_| Refusal::Malformed)?;
                self.durable(request::message(client, call, opened)?).await
            }
            "public-key" => Ok(self.secret.public_key().to_bytes().to_vec()),
            "verify" => self.read(|mut connection| json(&verify::verify(&mut connection)?)).await,
            "calls" => self.read(|connection| json(&reading::calls(&connection)?)).await,
            "show" => self.show(request::parse(&body)?).await,
            "audio-of" => self.audio_of(request::parse(&body)?).await,
            _ => Err(Refusal::UnknownKind),
        }
    }
}

impl Recordd {
    async fn durable(&self, submission: Submission) -> Result<Vec<u8>, Refusal> {
        let answered = self.writer.submit(submission).map_err(|_| Refusal::Unavailable)?;
        match answered.await {
            Ok(Ok(Appended { seqs, next })) => {
                let (first, last) = seqs.unzip();
                serde_json::to_vec(&Answer { first, last, next }).map_err(|_| Refusal::Failed)
            }
            Ok(Err(_)) | Err(_) => Err(Refusal::Unavailable),
        }
    }

    async fn show(&self, show: Show) -> Result<Vec<u8>, Refusal> {
        if show.after.is_none() {
            self.reveal(show.call, "{\"by\":\"cli\",\"what\":\"show\"}").await?;
        }
        self.read(move |connection| json(&reading::show(&connection, show.call, show.after)?)).await
    }

    async fn audio_of(&self, asked: AudioOf) -> Result<Vec<u8>, Refusal> {
        if asked.chunk == 0 {
            self.reveal(Some(asked.call), "{\"by\":\"cli\",\"what\":\"audio\"}").await?;
        }
        let found = self.read(move |connection| {
            let chunk = reading::sound(&connection, asked.call, asked.chunk)?;
            Ok(chunk.map(|chunk| wav(&chunk)).unwrap_or_default())
        });
        // A WAV file has a head at least: nothing means that there is no such piece.
        found.await.and_then(|bytes| if bytes.is_empty() { Err(Refusal::NotFound) } else { Ok(bytes) })
    }

    /// Writes down that somebody is about to see PHI.
    async fn reveal(&self, call: Option<CallId>, body: &str) -> Result<(), Refusal> {
        let mono = self.clock.now().saturating_duration_since(self.started);
        let entry = Entry {
            t: self.clock.wall().as_microsecond(),
            mono_us: self.started_us.saturating_add(u64::try_from(mono.as_micros()).unwrap_or(u64::MAX)),
            kind: Kind::ConsoleReveal,
            call,
            turn: Turn(0),
            synthetic: false,
            actor: "recordd",
            body: Zeroizing::new(body.as_bytes().to_vec()),
        };
        self.durable(Submission { sender: None, entries: vec![entry] }).await.map(drop)
    }

    /// Reads on a thread of its own with a connection of its own, which a bad page can therefore spoil for nobody else.
    async fn read<F>(&self, read: F) -> Result<Vec<u8>, Refusal>
    where
        F: FnOnce(rusqlite::Connection) -> Result<Vec<u8>, StoreError> + Send + 'static,
    {
        let location = self.location.clone();
        let reading = tokio::task::spawn_blocking(move || read(location.reader()?));
        match reading.await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the record could not be read");
                Err(Refusal::Failed)
            }
            Err(_) => Err(Refusal::Failed),
        }
    }
}

fn json(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|_| StoreError::Malformed { table: "event" })
}

/// A piece of sound as a WAV file; empty where it cannot be written, which a parsed chunk always can.
pub(crate) fn wav(chunk: &Chunk) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: u16::from(chunk.head.channels),
        sample_rate: chunk.head.rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Vec::new();
    let written = hound::WavWriter::new(Cursor::new(&mut bytes), spec).and_then(|mut writer| {
        chunk.samples.iter().try_for_each(|&sample| writer.write_sample(sample))?;
        writer.finalize()
    });
    if written.is_ok() { bytes } else { Vec::new() }
}
