//! `anteroom record ...`: the record as the administrator and the privacy officer see it.
//!
//! In:  what the administrator asks. Out: text of at most 80 columns, or one JSON object a line, to the given writer.
//! Asks recordd; where no daemon runs, opens the record's files itself, only reading. Runs in the command line's
//! process. What it prints may be PHI: that is what was asked for.
#![cfg(feature = "store")]

pub mod backup;
pub mod export;
pub mod officer;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Failure;
use super::exit::Exit;
use crate::ids::CallId;
use crate::record::checkpoint::CheckpointError;
use crate::record::daemon::wav;
use crate::record::database::{Location, StoreError};
use crate::record::exchange;
use crate::record::fork;
use crate::record::key::KeySource;
use crate::record::reading::{self, Calls, Page, Shown};
use crate::record::request::{AudioOf, Show};
use crate::record::show;
use crate::record::verify::{self, Report};
use crate::wire::client::{AskError, Client};
use crate::wire::doors::{Record, Role};
use crate::wire::event::Kind;
use crate::wire::frame::Refusal;

/// Verification reads the whole record: a year of a clinic's calls in minutes.
const VERIFY_DEADLINE: Duration = Duration::from_secs(1_800);
/// Everything else is one read, behind whatever the disk is busy with.
pub(super) const READ_DEADLINE: Duration = Duration::from_secs(30);

/// Where the record is.
#[derive(Clone, Debug)]
pub struct RecordAt {
    /// The run directory, for recordd's socket.
    pub run_dir: PathBuf,
    /// The data directory, for when no daemon runs.
    pub data_dir: PathBuf,
    /// A log that was set aside; none for the one that goes on.
    pub log: Option<String>,
}

/// The command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum RecordCliError {
    /// recordd did not answer, or refused.
    #[error("the record's daemon gave no answer: look at recordd's log (a full disk refuses readers too)")]
    Ask(#[source] AskError),
    /// No daemon runs and the files could not be read.
    #[error("no daemon runs, and the record's files could not be read")]
    Files(#[from] StoreError),
    /// recordd answered something this program does not know.
    #[error("the record's daemon answered in another version: restart it")]
    Version,
    /// The word is no call.
    #[error("{0:?} is no call: give the id that `anteroom record calls` lists, `last`, or `box`")]
    NotACall(String),
    /// The file is no checkpoint.
    #[error("the file is no checkpoint: give what `anteroom record checkpoint` printed")]
    NotACheckpoint(#[source] CheckpointError),
    /// Nothing is known of the call.
    #[error("there is no such call in the record: see `anteroom record calls`")]
    NoSuchCall,
    /// No sound that may be exported.
    #[error("the call has no sound that can be exported: only simulated callers' recordings are")]
    NoSound,
    /// What was decided could not be written down, and so is not done.
    #[error("the record's daemon does not run: start the box first, since what is decided is written down there")]
    NotRunning,
    /// Nothing is known of the turn.
    #[error("there is no such turn in the record: `anteroom review sample` shows them")]
    NoSuchTurn,
    /// A name or note that cannot be kept.
    #[error("the name is empty, or it or the note is longer than 400 bytes or of several lines")]
    NotKept,
    /// A line that is no sealed body.
    #[error("a line does not open with this key: give the column body_sealed of raw_events, one value a line")]
    NotSealed,
    /// What was asked for cannot be kept as it is.
    #[error(
        "not done: names and reasons are one line of up to 400 bytes and not empty, calls are named, and two different \
         people lift a hold"
    )]
    NotInOrder,
    /// One of the calls must be kept.
    #[error("not done: one of the calls is under a hold; `anteroom record marks` lists them, two people lift one")]
    Held,
    /// A checkpoint that is none of this record's.
    #[error("this record never had that checkpoint: one of the two was put back to an older state, or is another's")]
    NotOurs,
    /// A file of the command's.
    #[error("cannot read or write {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The copies of the record could not be used.
    #[error("the backup could not be used")]
    Backup(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The output could not be written.
    #[error("the output could not be written")]
    Output(#[from] io::Error),
    /// The WAV file could not be written.
    #[error("cannot write {path}")]
    Wav {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: hound::Error,
    },
}

/// Verifies the record. True where it is whole.
///
/// # Errors
/// [`RecordCliError`] where it cannot be read; flaws are not errors.
pub async fn verify(at: &RecordAt, json: bool, out: &mut dyn Write) -> Result<bool, RecordCliError> {
    let files = || Ok(verify::verify(&mut at.reader()?)?);
    let report: Report = at.ask("verify", &(), VERIFY_DEADLINE, files).await?;
    if json {
        show::lines(&[&report], out)?;
    } else {
        show::report(&report, out)?;
    }
    Ok(report.is_whole())
}

/// Lists the latest calls, the newest first.
///
/// # Errors
/// [`RecordCliError`].
pub async fn calls(at: &RecordAt, json: bool, out: &mut dyn Write) -> Result<(), RecordCliError> {
    let calls = at.calls().await?;
    if json {
        show::lines(&calls.calls, out)?
    } else {
        show::list(&calls, out)?
    }
    Ok(())
}

/// Shows a call: its id, `last`, or `box` for what happened outside calls. With `wire` only what went, or would have
/// gone, to a model, in full.
///
/// # Errors
/// [`RecordCliError`].
pub async fn show(
    at: &RecordAt,
    which: &str,
    json: bool,
    wire: bool,
    out: &mut dyn Write,
) -> Result<(), RecordCliError> {
    let call = if which == "box" { None } else { Some(at.call(which).await?) };
    let mut entries = at.entries(call).await?;
    // A look at a call is itself an event of it: where there is nothing else, there is no such call.
    if call.is_some() && entries.iter().all(|entry| entry.kind == Kind::ConsoleReveal) {
        return Err(RecordCliError::NoSuchCall);
    }
    if wire {
        entries.retain(|entry| exchange::is_wire(entry.kind));
    }
    match (json, wire) {
        (true, _) => show::lines(&entries, out)?,
        (false, true) => exchange::ledger(&entries, out)?,
        (false, false) => show::timeline(&entries, out)?,
    }
    Ok(())
}

/// Writes a simulated caller's recording to a WAV file that only its owner may read. Returns its length.
///
/// # Errors
/// [`RecordCliError::NoSound`] where there is none, or the caller was not simulated.
pub async fn export_audio(at: &RecordAt, which: &str, path: &Path) -> Result<Duration, RecordCliError> {
    let call = at.call(which).await?;
    let failed = |source| RecordCliError::Wav { path: path.to_owned(), source };
    let mut writer = None;
    for chunk in 0.. {
        let Some(bytes) = at.sound(AudioOf { call, chunk }).await? else { break };
        let mut reader = hound::WavReader::new(bytes.as_slice()).map_err(failed)?;
        let writer = match &mut writer {
            None => writer.insert(hound::WavWriter::new(private(path)?, reader.spec()).map_err(failed)?),
            Some(writer) if writer.spec() == reader.spec() => writer,
            // A message in another format than the call before it: what came first is exported.
            Some(_) => break,
        };
        for sample in reader.samples::<i16>() {
            sample.and_then(|sample| writer.write_sample(sample)).map_err(failed)?;
        }
    }
    let writer = writer.ok_or(RecordCliError::NoSound)?;
    let seconds = f64::from(writer.duration()) / f64::from(writer.spec().sample_rate.max(1));
    writer.finalize().map_err(failed)?;
    Ok(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

/// A file for a voice, whoever else is on the machine.
fn private(path: &Path) -> Result<io::BufWriter<std::fs::File>, RecordCliError> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.map(io::BufWriter::new)
        .map_err(|source| RecordCliError::Wav { path: path.to_owned(), source: hound::Error::IoError(source) })
}

impl RecordCliError {
    fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

impl RecordAt {
    /// The record of a box.
    #[must_use]
    pub fn new(run_dir: PathBuf, data_dir: PathBuf) -> Self {
        Self { run_dir, data_dir, log: None }
    }

    async fn calls(&self) -> Result<Calls, RecordCliError> {
        self.ask("calls", &(), READ_DEADLINE, || Ok(reading::calls(&self.reader()?)?)).await
    }

    /// The call that a word means.
    pub(super) async fn call(&self, which: &str) -> Result<CallId, RecordCliError> {
        let last;
        let id = if which == "last" {
            last = self.calls().await?.calls.into_iter().next().ok_or(RecordCliError::NoSuchCall)?.call;
            last.as_str()
        } else {
            which
        };
        id.parse().map_err(|_| RecordCliError::NotACall(which.to_owned()))
    }

    pub(super) async fn entries(&self, call: Option<CallId>) -> Result<Vec<Shown>, RecordCliError> {
        let (mut entries, mut after) = (Vec::new(), None);
        loop {
            let files = || Ok(reading::show(&self.reader()?, call, after)?);
            let page: Page = self.ask("show", &Show { call, after }, READ_DEADLINE, files).await?;
            entries.extend(page.entries);
            after = entries.last().map(|entry: &Shown| entry.seq);
            if !page.more {
                return Ok(entries);
            }
        }
    }

    async fn sound(&self, asked: AudioOf) -> Result<Option<Vec<u8>>, RecordCliError> {
        let body = serde_json::to_vec(&asked).map_err(|_| RecordCliError::Version)?;
        match self.client().ask_sealed("audio-of", None, body, READ_DEADLINE).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(AskError::Refused { refusal: Refusal::NotFound, .. }) => Ok(None),
            Err(AskError::Gone { .. }) => {
                let found = reading::sound(&self.reader()?, asked.call, asked.chunk)?;
                Ok(found.map(|chunk| wav(&chunk)))
            }
            Err(error) => Err(RecordCliError::Ask(error)),
        }
    }

    /// Asks recordd; where it is not there, `files` answers.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        body: &impl Serialize,
        deadline: Duration,
        files: impl FnOnce() -> Result<T, RecordCliError>,
    ) -> Result<T, RecordCliError> {
        if let Some(log) = &self.log {
            // recordd answers for the log that goes on; of another, it writes down that it was looked into.
            let opened = serde_json::to_vec(log).map_err(|_| RecordCliError::Version)?;
            return match self.client().ask_sealed("set-aside-opened", None, opened, deadline).await {
                Ok(_) | Err(AskError::Gone { .. }) => files(),
                Err(error) => Err(RecordCliError::Ask(error)),
            };
        }
        let body = serde_json::to_vec(body).map_err(|_| RecordCliError::Version)?;
        match self.client().ask_sealed(kind, None, body, deadline).await {
            Ok(answer) => serde_json::from_slice(&answer).map_err(|_| RecordCliError::Version),
            Err(AskError::Gone { .. }) => files(),
            Err(error) => Err(RecordCliError::Ask(error)),
        }
    }

    pub(super) fn client(&self) -> Client<Record> {
        Client::new(&self.run_dir, Role::Cli)
    }

    pub(super) fn reader(&self) -> Result<rusqlite::Connection, StoreError> {
        self.location()?.reader()
    }

    /// The record's files, for when no daemon runs.
    fn location(&self) -> Result<Location, StoreError> {
        self.found().map(|(location, _)| location)
    }

    /// The same, and whether their key lies beside them.
    fn found(&self) -> Result<(Location, bool), StoreError> {
        let (location, warning) = Location::find(&KeySource::of_process(&self.data_dir), false)?;
        let location = self.log.as_ref().map_or_else(|| location.clone(), |log| location.set_aside(log));
        Ok((location, warning.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::SystemClock;
    use crate::ids::Turn;
    use crate::record::daemon::{RecordConfig, run};
    use crate::secret::Secret;
    use crate::tasks::{Stop, Tasks};
    use crate::wire::parcel::Parcel;
    use crate::wire::recorder::Recorder;
    use crate::wire::recording::{Chunk, Head, What};
    use crate::wire::users::Uids;

    #[tokio::test]
    async fn the_commands_say_the_same_with_and_without_the_daemon() {
        let mut scene = Scene::of_one_call().await;
        let running = scene.output().await;
        let whole = verify(&scene.at, false, &mut Vec::new()).await.unwrap();
        assert!(whole);
        scene.stop.ask();
        (&mut scene.daemon).await.unwrap();
        let alone = scene.output().await;
        // With the daemon every look is an event of its own.
        assert!(running.contains("heard           text: my name is Mary Lopez"), "{running}");
        assert!(running.contains("console.reveal"), "{running}");
        let call =
            |text: &str| text.lines().filter(|line| !line.contains("console.")).skip(1).collect::<Vec<_>>().join("\n");
        assert_eq!(call(&running), call(&alone));
        assert!(verify(&scene.at, true, &mut Vec::new()).await.unwrap());
    }

    #[tokio::test]
    async fn recordings_are_joined_to_one_file_that_others_cannot_read() {
        use std::os::unix::fs::MetadataExt;
        let mut scene = Scene::of_one_call().await;
        let path = scene.folder.path().join("call.wav");
        let length = export_audio(&scene.at, "last", &path).await.unwrap();
        assert_eq!(length, Duration::from_millis(20));
        let mut wav = hound::WavReader::open(&path).unwrap();
        assert_eq!(wav.samples::<i16>().map(Result::unwrap).collect::<Vec<_>>(), [vec![1; 80], vec![2; 80]].concat());
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        scene.stop.ask();
        (&mut scene.daemon).await.unwrap();
    }

    #[tokio::test]
    async fn a_word_that_is_no_call_and_a_folder_without_a_record_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let at = RecordAt::new(folder.path().join("run"), folder.path().join("data"));
        let no_call = show(&at, "mary", false, false, &mut Vec::new()).await;
        assert!(matches!(no_call, Err(RecordCliError::NotACall(_))));
        let none = verify(&at, false, &mut Vec::new()).await;
        assert!(matches!(none, Err(RecordCliError::Files(StoreError::None { .. }))));
    }

    struct Scene {
        folder: tempfile::TempDir,
        at: RecordAt,
        stop: Stop,
        daemon: tokio::task::JoinHandle<()>,
    }

    impl Scene {
        #[expect(clippy::disallowed_methods, reason = "the test is the daemon's owner and waits for it")]
        async fn of_one_call() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let at = RecordAt::new(folder.path().join("run"), folder.path().join("data"));
            let users = Uids::all(nix::unistd::getuid().as_raw());
            let config = RecordConfig::new(at.run_dir.clone(), at.data_dir.clone(), users);
            let stop = Stop::new();
            let asked = stop.clone();
            let daemon = tokio::spawn(async move { run(config, asked).await.unwrap() });
            let mut tasks = Tasks::new(Stop::new());
            let recorder = Recorder::start(&at.run_dir, Role::Anteroomd, &mut tasks, Arc::new(SystemClock));
            recorder.wait_up().await;
            let call = CallId::draw();
            let body = Parcel::new().with("text", &Secret::new("my name is Mary Lopez"));
            recorder.note_durable(recorder.event(Kind::Heard, Some(call), Turn(1), true, body)).await.unwrap();
            for (number, value) in [(0, 1), (1, 2)] {
                let head = Head {
                    t: 1,
                    mono_us: 1,
                    what: What::Call,
                    synthetic: true,
                    consent: false,
                    rate: 8_000,
                    channels: 1,
                    chunk: number,
                };
                recorder.audio(call, &Chunk { head, samples: vec![value; 80] }, READ_DEADLINE).await.unwrap();
            }
            Self { folder, at, stop, daemon }
        }

        async fn output(&self) -> String {
            let mut out = Vec::new();
            show(&self.at, "last", false, false, &mut out).await.unwrap();
            String::from_utf8(out).unwrap()
        }
    }
}

/// `anteroom record`.
#[derive(clap::Args)]
pub struct RecordCommand {
    /// The configuration, for where the record is.
    #[arg(long, default_value = "/etc/anteroom/anteroom.toml", global = true)]
    config: PathBuf,
    /// One JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    /// A log that was set aside (`anteroom record logs`) instead of the one that goes on.
    #[arg(long, global = true)]
    log: Option<String>,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Lists the logs that were set aside.
    Logs,
    /// Recomputes every hash; names the first row that is not in order.
    Verify,
    /// Lists the latest calls.
    Calls,
    /// Shows a call: its id, `last`, or `box`.
    Show {
        /// Which call.
        call: String,
        /// Only what went, or would have gone, to a model.
        #[arg(long)]
        wire: bool,
    },
    /// Exports a simulated caller's recording.
    ExportAudio {
        /// Which call.
        call: String,
        /// The WAV file to write.
        wav: PathBuf,
    },
    /// Writes events into a folder that a stranger can check offline.
    Export(export::Export),
    /// What the privacy officer does.
    #[command(flatten)]
    Deed(officer::Deed),
    /// Copies of the record, and what brings it back.
    #[command(flatten)]
    Backup(backup::Backup),
}

/// Runs `anteroom record`.
///
/// # Errors
/// [`Failure`] where the record cannot be read. A record that is not in order is exit code 1.
pub async fn command(record: RecordCommand) -> Result<Exit, Failure> {
    // A blank box has no configuration yet.
    if let What::Backup(what) = record.what {
        return backup::run(what, &mut io::stdout()).map_err(Failure::because);
    }
    let config = crate::config::Config::load(&record.config).map_err(Failure::because)?;
    let at = RecordAt { log: record.log, ..RecordAt::new(config.paths.run, config.paths.data) };
    let mut out = io::stdout();
    let well = match record.what {
        What::Logs => {
            let location = at.location().map_err(Failure::because)?;
            for log in fork::archived(&location).map_err(Failure::because)? {
                writeln!(out, "{log}")?;
            }
            true
        }
        What::Verify => verify(&at, record.json, &mut out).await.map_err(Failure::because)?,
        What::Calls => calls(&at, record.json, &mut out).await.map(|()| true).map_err(Failure::because)?,
        What::Show { call, wire } => {
            show(&at, &call, record.json, wire, &mut out).await.map(|()| true).map_err(Failure::because)?
        }
        What::ExportAudio { call, wav } => {
            let length = export_audio(&at, &call, &wav).await.map_err(Failure::because)?;
            writeln!(out, "{}: {:.1} s", wav.display(), length.as_secs_f64())?;
            true
        }
        What::Export(asked) => {
            let done = export::run(&at, &asked).await.map_err(Failure::because)?;
            if record.json {
                show::lines(&[&done], &mut out)?;
            } else {
                let export::Exported { events, size, sounds, manifest } = done;
                writeln!(out, "{events} events of {size}, {sounds} pieces of sound; manifest {manifest}")?;
            }
            true
        }
        What::Deed(deed) => {
            officer::run(&at, deed, record.json, &mut out).await.map(|()| true).map_err(Failure::because)?
        }
        What::Backup(what) => return backup::run(what, &mut out).map_err(Failure::because),
    };
    Ok(if well { Exit::Well } else { Exit::Failed })
}
