//! `recordd`: answers at the record's sockets.
//!
//! In:  requests of the other processes and of the administrator's command line.
//! Out: answers; rows by the [writer](crate::record::writer). Reads run on blocking threads, each with a connection of
//!      its own. Reaches nothing but its sockets and its data directory. Logs no body.
//!
//! What officers ask for is in `deeds`, what leaves for a warehouse in `outward`. Who sees PHI is itself an event: `show`,
//! `wire` and `audio-of` answer only once their `console.reveal` is on the disk.

mod deeds;
mod outward;

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use zeroize::Zeroizing;

use crate::clock::{Clock, SystemClock};
use crate::config;
use crate::ids::{CallId, Turn};
use crate::record::backup::answer::{self, AnswerError};
use crate::record::database::{Location, StoreError};
use crate::record::facts;
use crate::record::key::KeySource;
use crate::record::reading;
use crate::record::request::{self, AudioOf, Show};
use crate::record::review::{Review, Wired};
use crate::record::space::Stage;
use crate::record::spending;
use crate::record::store::{Appended, Entry, Submission};
use crate::record::upkeep::Upkeep;
use crate::record::verify;
use crate::record::writer::Writer;
use crate::tasks::{Ended, Stop, TaskError, Tasks};
use crate::wire::doors::{Door, Record, Role};
use crate::wire::event::{Kind, may_append};
use crate::wire::frame::Refusal;
use crate::wire::recorder::{LOW, uptime_us};
use crate::wire::recording::Chunk;
use crate::wire::server::{BindError, Handler, Request, serve};
use crate::wire::users::Uids;

pub use outward::{Named, Outward};

/// How long the writer may take to commit what is queued when the daemon stops.
const DRAIN: Duration = Duration::from_secs(2);

/// Where recordd works and for whom.
#[derive(Clone, Debug)]
pub struct RecordConfig {
    /// The run directory: sockets are at `record/from-*.sock` below it.
    pub run_dir: PathBuf,
    /// The data directory: database, key (where it is not a credential), lock.
    pub data_dir: PathBuf,
    /// Which user each process is.
    pub users: Uids,
    /// The box's name, and how long what is kept.
    pub record: config::Record,
    /// Where rows may go.
    pub outward: Outward,
    /// For whom backups are sealed; without one none are made.
    pub recovery_key: Option<[u8; 32]>,
    /// SHA-256 of the configuration, hex; empty where there is no file.
    pub configuration: String,
}

impl RecordConfig {
    /// A record that is kept as it is where the configuration says nothing.
    #[must_use]
    pub fn new(run_dir: PathBuf, data_dir: PathBuf, users: Uids) -> Self {
        let (record, outward) = (config::Record::default(), Outward::default());
        Self { run_dir, data_dir, users, record, outward, recovery_key: None, configuration: String::new() }
    }
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
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (mut location, warning) = Location::find(&KeySource::of_process(&config.data_dir), true)?;
    location.name = config.record.origin;
    let key_beside_data = warning.is_some();
    if let Some(warning) = warning {
        tracing::warn!(%warning, "the record's key");
    }
    let lock = location.lock()?;
    let (writer, mut ended) = Writer::start(location.clone(), lock, Arc::clone(&clock))?;
    let secret = box_secret(&location)?;
    let upkeep = Upkeep {
        writer: writer.clone(),
        location: location.clone(),
        clock: Arc::clone(&clock),
        retention: config.record.retention,
        room: Arc::default(),
        has_copies: config.recovery_key.is_some(),
    };
    config.outward.prepare(&location)?;
    let recordd = Arc::new(Recordd {
        location,
        writer,
        secret,
        upkeep: upkeep.clone(),
        key_beside_data,
        outward: config.outward,
        recovery_key: config.recovery_key,
        started: clock.now(),
        started_us: uptime_us(),
        clock,
    });
    let mut tasks = Tasks::new(stop);
    if !config.configuration.is_empty() {
        upkeep.note_configuration(config.configuration).await?;
    }
    upkeep.start(&mut tasks);
    serve(&mut tasks, &config.run_dir, Record::NAME, &config.users, &recordd)?;
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
    let bytes = facts::secret(&location.reader()?, "box-secret")?.map(Zeroizing::new);
    let secret = bytes.and_then(|bytes| crypto_box::SecretKey::from_slice(&bytes).ok());
    secret.ok_or(StoreError::Malformed { table: "meta" })
}

struct Recordd {
    location: Location,
    writer: Writer,
    secret: crypto_box::SecretKey,
    upkeep: Upkeep,
    key_beside_data: bool,
    clock: Arc<dyn Clock>,
    outward: Outward,
    recovery_key: Option<[u8; 32]>,
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
            "ping" if self.writer.is_healthy() => {
                let low = self.upkeep.room.stage() == Stage::Low;
                Ok(if low { LOW.to_vec() } else { Vec::new() })
            }
            "ping" => Err(Refusal::Unavailable),
            "append" => {
                let submission = request::append(client, &body)?;
                self.writer.submit(submission).map_err(|_| Refusal::Unavailable)?;
                Ok(b"{}".to_vec())
            }
            "append-durable" => self.durable(request::append(client, &Zeroizing::new(body))?).await,
            // What can be done without is given up first.
            "audio" if self.upkeep.room.stage() > Stage::Ample => Err(Refusal::Unavailable),
            "audio" => self.durable(request::audio(client, call, body)?).await,
            "message" => {
                let opened = self.secret.unseal(&body).map_err(|_| Refusal::Malformed)?;
                self.durable(request::message(client, call, opened)?).await
            }
            "public-key" => Ok(self.secret.public_key().to_bytes().to_vec()),
            "verify" => self.read(|mut connection| json(&verify::verify(&mut connection)?)).await,
            "spend" => {
                let asked = request::parse(&body)?;
                self.read(move |connection| json(&spending::rows(&connection, asked)?)).await
            }
            "wire" => self.wire(request::parse(&body)?).await,
            "reviews" => {
                let after = request::parse(&body)?;
                self.read(move |connection| json(&reading::reviews(&connection, after)?)).await
            }
            "calls-since" => {
                let asked = request::parse(&body)?;
                self.read(move |connection| json(&reading::drawable(&connection, asked)?)).await
            }
            "segments" => {
                let wanted = request::parse(&body)?;
                self.copy(move |location, now, to| answer::segment(&location.reader()?, &wanted, now, to)).await
            }
            "key-backup" => {
                let wanted = request::parse(&body)?;
                self.copy(move |location, now, to| answer::keys(&location.reader()?, wanted, now, to)).await
            }
            "copied" => {
                let copied = request::parse(&body)?;
                let noted = self.writer.act(move |mut store| {
                    let noted = answer::copied(store.connection().0, copied);
                    Ok((store, noted))
                });
                match noted.await.map_err(|_| Refusal::Unavailable)? {
                    Ok(()) => Ok(Vec::new()),
                    Err(error) => Err(error.refusal()),
                }
            }
            "review" => self.review(request::parse(&body)?, client).await,
            "calls" => self.read(|connection| json(&reading::calls(&connection)?)).await,
            "show" => self.show(request::parse(&body)?).await,
            "audio-of" => self.audio_of(request::parse(&body)?).await,
            "export-head" => self.export_head(request::parse(&body)?).await,
            "export-page" => self.export_page(request::parse(&body)?).await,
            "calls-of" => self.calls_of(request::parse(&body)?).await,
            "checkpoint" => self.checkpoint(request::parse(&body)?).await,
            "seen" => self.seen(request::parse(&body)?).await,
            "erase" => self.erase(request::parse(&body)?).await,
            "mark" => self.mark(request::parse(&body)?).await,
            "marks" => self.marks().await,
            "set-aside-opened" => self.set_aside_opened(&request::parse::<String>(&body)?).await,
            "disclose" => self.disclose(request::parse(&body)?).await,
            "disclosures" => self.disclosures(request::parse(&body)?).await,
            "amend" => self.amend(request::parse(&body)?).await,
            "digest" => self.digest(request::parse(&body)?).await,
            "exposure" => self.exposure().await,
            "rows" if self.upkeep.room.stage() > Stage::Ample => Err(Refusal::Unavailable),
            "rows" => self.rows(request::parse(&body)?).await,
            "synced" => self.synced(request::parse(&body)?).await,
            "preview" => self.preview(request::parse(&body)?).await,
            "release-standing" => self.release_standing(request::parse(&body)?).await,
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

    /// What left, or would have, should name nobody; whether it does is what is looked for.
    async fn wire(&self, asked: Wired) -> Result<Vec<u8>, Refusal> {
        if asked.after.is_none() {
            self.reveal(None, "{\"by\":\"cli\",\"what\":\"wire\"}").await?;
        }
        self.read(move |connection| json(&reading::wire(&connection, asked)?)).await
    }

    /// Writes down what a person decided.
    async fn review(&self, review: Review, client: Role) -> Result<Vec<u8>, Refusal> {
        if !review.is_in_order() || !may_append(client, Kind::Review) {
            return Err(Refusal::Malformed);
        }
        self.is_of_today(&review)?;
        let synthetic = match (&review, review.about()) {
            (Review::Sample { synthetic, .. }, _) => *synthetic,
            (_, Some((call, turn))) => {
                let known = self.read(move |connection| json(&reading::is_synthetic(&connection, call, turn)?)).await?;
                request::parse::<Option<bool>>(&known)?.ok_or(Refusal::NotFound)?
            }
            (_, None) => false,
        };
        let body = serde_json::to_vec(&review).map_err(|_| Refusal::Failed)?;
        let entry = Entry { synthetic, ..self.entry(Kind::Review, None, client.as_str(), body) };
        self.durable(Submission { sender: None, entries: vec![entry] }).await
    }

    /// Writes down that somebody is about to see PHI.
    async fn reveal(&self, call: Option<CallId>, body: &str) -> Result<(), Refusal> {
        let entry = self.entry(Kind::ConsoleReveal, call, "recordd", body.as_bytes().to_vec());
        self.durable(Submission { sender: None, entries: vec![entry] }).await.map(drop)
    }

    /// An event of this moment that no client sent.
    fn entry(&self, kind: Kind, call: Option<CallId>, actor: &'static str, body: Vec<u8>) -> Entry {
        let mono = self.clock.now().saturating_duration_since(self.started);
        Entry {
            t: self.clock.wall().as_microsecond(),
            mono_us: self.started_us.saturating_add(u64::try_from(mono.as_micros()).unwrap_or(u64::MAX)),
            kind,
            call,
            turn: Turn(0),
            synthetic: false,
            actor,
            body: Zeroizing::new(body),
        }
    }

    /// Makes a copy, or takes note of one, on a thread of its own: with the time and whom to seal it for.
    async fn copy<F>(&self, make: F) -> Result<Vec<u8>, Refusal>
    where
        F: FnOnce(&Location, i64, &[u8; 32]) -> Result<Vec<u8>, AnswerError> + Send + 'static,
    {
        let to = self.recovery_key.ok_or(Refusal::Forbidden)?;
        let (location, now) = (self.location.clone(), self.clock.wall().as_microsecond());
        let made = tokio::task::spawn_blocking(move || make(&location, now, &to)).await.map_err(|_| Refusal::Failed)?;
        made.map_err(|error| {
            if error.refusal() == Refusal::Failed {
                tracing::error!(error = &error as &dyn std::error::Error, "no copy of the record could be made");
            }
            error.refusal()
        })
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

/// How many events there are.
fn store_size(connection: &rusqlite::Connection) -> Result<u64, StoreError> {
    Ok(facts::read_tree(connection)?.map_or(0, |tree| tree.size()))
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

#[cfg(test)]
mod tests;
