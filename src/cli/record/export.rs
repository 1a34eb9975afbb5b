//! `anteroom record export`: events into a folder that a stranger can check offline.
//!
//! In:  which events, and whether their bodies go with them, open or sealed. Out: a new folder, for its owner alone, laid
//! out as [`kit`] says, `manifest.json` last: a folder without one is not whole. What is open in it is PHI.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::{READ_DEADLINE, RecordAt, RecordCliError};
use crate::clock::{Clock, SystemClock};
use crate::ids::CallId;
use crate::record::daemon::wav;
use crate::record::exchange;
use crate::record::export::{self, Head, Item, Items, PageOf, Selection};
use crate::record::kit::{self, BodyLine, FileSum, Manifest, ProofLine, SealedLine};
use crate::record::request::Sought;
use crate::record::show;
use crate::wire::recording::Chunk;

/// Options of `export`.
#[derive(clap::Args, Debug)]
pub struct Export {
    /// The folder to make.
    out: PathBuf,
    /// Makes a folder in OUT instead, named by the moment (UTC): for exports on a schedule.
    #[arg(long)]
    dated: bool,
    /// Only of so many days until now.
    #[arg(long, conflicts_with_all = ["since", "until"])]
    days: Option<u32>,
    /// Every event, with its body open and as it is sealed: what a clinic takes with it when it leaves.
    #[arg(long, conflicts_with_all = ["call", "patient_from", "since", "until", "days", "synthetic", "incident"])]
    all: bool,
    /// Only of these calls.
    #[arg(long)]
    call: Vec<CallId>,
    /// Only of calls in which the value in this file occurs (`-`: standard input): a name, a number, a patient's id.
    #[arg(long)]
    patient_from: Option<PathBuf>,
    /// Only from this day on (UTC).
    #[arg(long)]
    since: Option<Date>,
    /// Only until the end of this day (UTC).
    #[arg(long)]
    until: Option<Date>,
    /// Only of simulated callers: a sample without PHI.
    #[arg(long)]
    synthetic: bool,
    /// With bodies, open.
    #[arg(long)]
    open: bool,
    /// With bodies as they are sealed, so that the folder shows that they are those of the headers.
    #[arg(long)]
    sealed: bool,
    /// With sound, as WAV files.
    #[arg(long)]
    sound: bool,
    /// Everything that there is of one call, and as a person reads it: for whoever must answer for it.
    #[arg(long, conflicts_with_all = ["call", "patient_from", "since", "until", "days"])]
    incident: Option<CallId>,
}

/// What was exported.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    /// Events.
    pub events: u64,
    /// Of how many that the checkpoint covers.
    pub size: u64,
    /// Pieces of sound.
    pub sounds: u64,
    /// SHA-256 of the manifest, hex.
    pub manifest: String,
}

/// Runs `anteroom record export`.
///
/// # Errors
/// [`RecordCliError`]; the folder is left as far as it came, without a manifest.
pub async fn run(at: &RecordAt, asked: &Export) -> Result<Exported, RecordCliError> {
    let now = SystemClock.wall();
    let mut selection = selection(asked, now);
    if let Some(file) = &asked.patient_from {
        let calls = at.calls_of(value_in(file)?).await?;
        // An empty list would mean every call.
        if calls.is_empty() {
            return Err(RecordCliError::NoSuchCall);
        }
        selection.calls = calls;
    }
    let dated = asked.dated.then(|| now.strftime("%Y-%m-%dT%H-%M-%SZ").to_string());
    let out = match dated {
        Some(name) => {
            let parent = DirBuilder::new().recursive(true).mode(0o700).create(&asked.out);
            parent.map_err(|source| RecordCliError::file(&asked.out, source))?;
            asked.out.join(name)
        }
        None => asked.out.clone(),
    };
    write(at, &selection, &out, asked.incident).await
}

fn selection(asked: &Export, now: Timestamp) -> Selection {
    const DAY_US: i64 = 86_400_000_000;
    let ago = |days: u32| now.as_microsecond().saturating_sub(i64::from(days).saturating_mul(DAY_US));
    let day = |date: Date| date.to_zoned(jiff::tz::TimeZone::UTC).map_or(0, |day| day.timestamp().as_microsecond());
    let whole = asked.all || asked.incident.is_some();
    Selection {
        all: asked.all,
        calls: asked.incident.map_or_else(|| asked.call.clone(), |call| vec![call]),
        since: asked.since.map(day).or(asked.days.map(ago)),
        until: asked.until.map(|date| day(date.saturating_add(jiff::Span::new().days(1)))),
        synthetic: asked.synthetic,
        bodies: whole || asked.open,
        sealed: whole || asked.sealed,
        sound: whole || asked.sound,
    }
}

/// Writes a selection into a new folder.
///
/// # Errors
/// As [`run`].
pub async fn write(
    at: &RecordAt,
    selection: &Selection,
    out: &Path,
    incident: Option<CallId>,
) -> Result<Exported, RecordCliError> {
    let files = || Ok(export::head(&at.reader()?, selection)?);
    let head: Head = at.ask("export-head", selection, READ_DEADLINE, files).await?;
    let mut folder = Folder::make(out, selection)?;
    let mut asked = PageOf { selection: selection.clone(), size: head.size, after: None };
    loop {
        let files = || Ok(export::page(&at.reader()?, &asked)?);
        let page: Items = at.ask("export-page", &asked, READ_DEADLINE, files).await?;
        page.items.iter().try_for_each(|item| folder.put(item))?;
        match page.after {
            Some(after) => asked.after = Some(after),
            None => break,
        }
    }
    if let Some(call) = incident {
        folder.readable(&at.entries(Some(call)).await?)?;
    }
    folder.finish(&head)
}

/// A folder that is being written.
struct Folder {
    path: PathBuf,
    all: bool,
    entries: BufWriter<File>,
    proofs: Option<BufWriter<File>>,
    sealed: Option<BufWriter<File>>,
    bodies: Option<BufWriter<File>>,
    sounds: u64,
    count: u64,
    names: Vec<String>,
}

impl Folder {
    fn make(path: &Path, selection: &Selection) -> Result<Self, RecordCliError> {
        DirBuilder::new().mode(0o700).create(path).map_err(|source| RecordCliError::file(path, source))?;
        let mut names = Vec::new();
        let mut file = |name: &str| {
            names.push(name.to_owned());
            new_file(&path.join(name))
        };
        let entries = file(kit::ENTRIES_FILE)?;
        let proofs = (!selection.all).then(|| file(kit::PROOFS_FILE)).transpose()?;
        let sealed = selection.sealed.then(|| file(kit::SEALED_FILE)).transpose()?;
        let bodies = selection.bodies.then(|| file(kit::BODIES_FILE)).transpose()?;
        let all = selection.all;
        Ok(Self { path: path.to_owned(), all, entries, proofs, sealed, bodies, sounds: 0, count: 0, names })
    }

    fn put(&mut self, item: &Item) -> Result<(), RecordCliError> {
        writeln!(self.entries, "{}", item.header)?;
        if let (Some(file), Some(hashes)) = (&mut self.proofs, &item.proof) {
            line(file, &ProofLine { seq: item.seq, hashes: hashes.clone() })?;
        }
        if let (Some(file), Some(sealed)) = (&mut self.sealed, &item.sealed) {
            line(file, &SealedLine { seq: item.seq, ct: sealed.clone() })?;
        }
        if let (Some(file), Some(body)) = (&mut self.bodies, &item.body) {
            line(file, &BodyLine { seq: item.seq, body })?;
        }
        if let Some(sound) = &item.sound {
            let bytes = STANDARD.decode(sound).map_err(|_| RecordCliError::Version)?;
            let chunk = Chunk::parse(&bytes).map_err(|_| RecordCliError::Version)?;
            let name = format!("sound-{:010}.wav", item.seq);
            new_file(&self.path.join(&name))?.write_all(&wav(&chunk))?;
            self.names.push(name);
            self.sounds = self.sounds.saturating_add(1);
        }
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// What a person reads: the call as a timeline, and what left for a model, or would have, to the byte.
    fn readable(&mut self, entries: &[crate::record::reading::Shown]) -> Result<(), RecordCliError> {
        let mut timeline = self.extra("timeline.txt")?;
        show::timeline(entries, &mut timeline)?;
        timeline.flush()?;
        let mut wire = self.extra("wire.txt")?;
        exchange::ledger(entries, &mut wire)?;
        wire.flush()?;
        Ok(())
    }

    fn extra(&mut self, name: &str) -> Result<BufWriter<File>, RecordCliError> {
        self.names.push(name.to_owned());
        new_file(&self.path.join(name))
    }

    fn finish(mut self, head: &Head) -> Result<Exported, RecordCliError> {
        let files = [Some(self.entries), self.proofs.take(), self.sealed.take(), self.bodies.take()];
        for mut file in files.into_iter().flatten() {
            file.flush()?;
        }
        let earlier: Vec<_> =
            head.earlier.iter().map(serde_json::to_string).collect::<Result<_, _>>().unwrap_or_default();
        let texts = [
            (kit::CHECKPOINT_FILE, head.checkpoint.clone()),
            (kit::VKEY_FILE, format!("{}\n", head.vkey)),
            (kit::CHECKPOINTS_FILE, earlier.iter().map(|line| format!("{line}\n")).collect()),
        ];
        for (name, text) in texts {
            new_file(&self.path.join(name))?.write_all(text.as_bytes())?;
            self.names.push(name.to_owned());
        }
        for (name, text) in [(kit::VERIFY_FILE, kit::VERIFY_PY), (kit::README_FILE, kit::README)] {
            new_file(&self.path.join(name))?.write_all(text.as_bytes())?;
        }
        let sums = self.names.iter().map(|name| Ok((name.clone(), sum(&self.path.join(name))?)));
        let manifest = Manifest {
            v: kit::VERSION,
            kind: if self.all { kit::Kind::All } else { kit::Kind::Selection },
            log: head.log.clone(),
            origin: head.origin.clone(),
            size: head.size,
            entries: self.count,
            files: sums.collect::<Result<_, RecordCliError>>()?,
        };
        let bytes = serde_json::to_vec_pretty(&manifest).map_err(|_| RecordCliError::Version)?;
        new_file(&self.path.join(kit::MANIFEST_FILE))?.write_all(&bytes)?;
        let manifest = FileSum::of(&bytes).sha256;
        Ok(Exported { events: self.count, size: head.size, sounds: self.sounds, manifest })
    }
}

fn line(file: &mut impl Write, value: &impl serde::Serialize) -> Result<(), RecordCliError> {
    serde_json::to_writer(&mut *file, value).map_err(io::Error::from)?;
    Ok(file.write_all(b"\n")?)
}

fn new_file(path: &Path) -> Result<BufWriter<File>, RecordCliError> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.map(BufWriter::new).map_err(|source| RecordCliError::file(path, source))
}

fn sum(path: &Path) -> Result<FileSum, RecordCliError> {
    let read = || {
        let (mut file, mut hash, mut bytes) = (File::open(path)?, Sha256::new(), 0_u64);
        let mut piece = vec![0; 64 * 1024];
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            hash.update(piece.get(..read).unwrap_or_default());
            bytes = bytes.saturating_add(u64::try_from(read).unwrap_or(0));
        }
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(FileSum { sha256, bytes })
    };
    read().map_err(|source| RecordCliError::file(path, source))
}

/// A value that names a patient: never on a command line, where every user of the machine could read it.
pub(super) fn value_in(file: &Path) -> Result<String, RecordCliError> {
    let text = if file == Path::new("-") { io::read_to_string(io::stdin()) } else { std::fs::read_to_string(file) };
    let text = text.map_err(|source| RecordCliError::file(file, source))?;
    Ok(text.trim().to_owned())
}

impl RecordAt {
    /// The calls in which a value occurs.
    pub(super) async fn calls_of(&self, value: String) -> Result<Vec<CallId>, RecordCliError> {
        let sought = Sought { value };
        let files = || Ok(export::calls_of(&self.reader()?, &sought.value)?);
        self.ask("calls-of", &sought, super::VERIFY_DEADLINE, files).await
    }
}
