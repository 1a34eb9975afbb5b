//! `anteroom models list | fetch | verify`: bringing the model files to the box and proving them.
//!
//! In:  the models' folder, a name, perhaps a mirror. Out: lines for a person, or JSON, one object a line.
//! Runs in the command-line process of whoever installs the box; no daemon of the box fetches anything.
//! A file takes its name only after its length and hash are right, so that a broken download is never mistaken for one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use super::Failure;
use super::exit::Exit;
use crate::listen::models::{self, Entry, ModelError, Purpose, REGISTRY, Standing};

/// Options of `anteroom models`.
#[derive(clap::Args)]
pub struct Models {
    /// The models' folder; by default the one that the box uses.
    #[arg(long, global = true)]
    dir: Option<PathBuf>,
    /// One JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Lists the models and the box's standing.
    List,
    /// Fetches a model from its official source, or from a folder or https address.
    Fetch {
        /// The model's name.
        name: String,
        /// Where to fetch it from instead.
        #[arg(long)]
        mirror: Option<String>,
    },
    /// Hashes the models that are there.
    Verify,
    /// Trains the tagger of redaction on generated cases.
    TrainTagger(super::train_tagger::TrainTagger),
}

/// `anteroom models`.
///
/// # Errors
/// [`Failure`]: the model could not be fetched, or the output failed.
pub fn command(models: &Models) -> Result<Exit, Failure> {
    let dir = models.dir.clone().unwrap_or_else(super::home::models);
    let mut out = io::stdout();
    match &models.what {
        What::List => list(&dir, models.json, &mut out)?,
        What::Fetch { name, mirror } => {
            fetch(&dir, name, mirror.as_deref(), &mut out).map_err(Failure::because)?;
        }
        What::TrainTagger(options) => super::train_tagger::command(options, &mut out)?,
        What::Verify => {
            if !verify(&dir, models.json, &mut out)? {
                return Ok(Exit::Failed);
            }
        }
    }
    Ok(Exit::Well)
}

/// A model could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No such model, no pinned hash, or what came is not the model.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// It is part of this repository, not of a hub.
    #[error("the model {0} comes with anteroom's source: name its folder there, models/{0}, with --mirror")]
    NothingToFetch(&'static str),
    /// The mirror is neither a folder nor an https address.
    #[error("the mirror {0} is neither a folder nor an https:// address")]
    BadMirror(String),
    /// The folder or a file in it cannot be written.
    #[error("cannot write {path}: check the folder's permissions and the space on its disk")]
    NotWritable {
        /// The path.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The mirror's copy cannot be read.
    #[error("cannot copy {path}: check that the mirror holds this file")]
    NotInMirror {
        /// The mirror's file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// curl is not there.
    #[error(
        "cannot start curl, which downloads models: install it, or copy the file and name its folder with --mirror"
    )]
    NoDownloader(#[source] io::Error),
    /// curl failed.
    #[error(
        "downloading {url} failed ({why}): check the connection, or copy the file elsewhere and name its folder with --mirror"
    )]
    Download {
        /// The address.
        url: String,
        /// What curl says.
        why: String,
    },
    /// What came is not the model, and was thrown away.
    #[error("what came from {from} is not {name}, and was deleted: try another mirror")]
    NotTheModel {
        /// The model's name.
        name: &'static str,
        /// The address or folder.
        from: String,
    },
}

/// Lists every model and whether it is in `dir`, then the box's standing.
///
/// # Errors
/// Those of `out`.
pub fn list(dir: &Path, as_json: bool, out: &mut impl Write) -> io::Result<()> {
    for entry in REGISTRY {
        line(entry, state(entry, dir), as_json, out)?;
    }
    match (models::standing(dir), as_json) {
        (Standing::Production(name), true) => writeln!(out, "{}", json!({"standing": "production", "model": name})),
        (Standing::Production(name), false) => writeln!(out, "standing: production, with {name}"),
        (Standing::Demonstration { why }, true) => {
            writeln!(out, "{}", json!({"standing": "demonstration", "why": why.to_string()}))
        }
        (Standing::Demonstration { why }, false) => writeln!(out, "standing: demonstration: {why}"),
    }
}

/// Hashes every model file in `dir` again. Answers whether all that are there are right.
///
/// # Errors
/// Those of `out`.
pub fn verify(dir: &Path, as_json: bool, out: &mut impl Write) -> io::Result<bool> {
    let mut right = true;
    for entry in REGISTRY {
        let state = state(entry, dir);
        if state != "absent" {
            line(entry, state, as_json, out)?;
            right &= state == "verified";
        }
    }
    Ok(right)
}

/// One of verified, damaged, unreadable, absent, no pinned hash.
fn state(entry: &'static Entry, dir: &Path) -> &'static str {
    match models::check(entry, dir) {
        Ok(()) => "verified",
        Err(ModelError::Missing { .. } | ModelError::UnknownName { .. } | ModelError::UnknownFile { .. }) => "absent",
        Err(ModelError::Damaged { .. }) => "damaged",
        Err(ModelError::Unreadable { .. }) => "unreadable",
        Err(ModelError::NoPinnedHash { .. }) => "no pinned hash",
    }
}

fn line(entry: &Entry, state: &str, as_json: bool, out: &mut impl Write) -> io::Result<()> {
    let purpose = match entry.purpose {
        Purpose::Production => "production",
        Purpose::TestOnly => "test only",
    };
    if as_json {
        let row = json!({
            "name": entry.name, "file": entry.file, "state": state, "purpose": purpose, "size": entry.size,
            "sha256": entry.sha256, "licence": entry.licence, "source": entry.source,
        });
        return writeln!(out, "{row}");
    }
    let megabytes = entry.size.div_ceil(1_000_000);
    writeln!(out, "{:<14} {:<14} {:>4} MB  {:<10}  {}", entry.name, state, megabytes, purpose, entry.file)
}

/// Brings the model called `name` into `dir`: from `mirror` (a folder, or an https address that the file's name is put
/// behind), or from its official source. A file that is there and right already is left alone.
///
/// # Errors
/// [`FetchError`]
pub fn fetch(dir: &Path, name: &str, mirror: Option<&str>, out: &mut impl Write) -> Result<(), FetchError> {
    let entry = models::find(name)?;
    if entry.sha256.is_none() {
        return Err(ModelError::NoPinnedHash { name: entry.name }.into());
    }
    let to = dir.join(entry.file);
    let from = Source::choose(entry, mirror)?;
    if models::check_file(entry, &to).is_ok() {
        say(out, &to, format_args!("{name} is already here and verified"))?;
        return Ok(());
    }
    say(out, &to, format_args!("fetching {name} ({} MB) from {from}", entry.size.div_ceil(1_000_000)))?;
    fs::create_dir_all(dir).map_err(|source| FetchError::NotWritable { path: dir.to_owned(), source })?;
    // Within the same folder, so that the last step is a rename.
    let part = Part::new(dir.join(format!(".{}.{}.part", entry.file, std::process::id())))?;
    from.bring(entry, &part.0)?;
    if models::check_file(entry, &part.0).is_err() {
        return Err(FetchError::NotTheModel { name: entry.name, from: from.to_string() });
    }
    part.publish(&to)?;
    say(out, &to, format_args!("{name} is here and verified"))
}

fn say(out: &mut impl Write, path: &Path, text: std::fmt::Arguments<'_>) -> Result<(), FetchError> {
    writeln!(out, "{text}").map_err(|source| FetchError::NotWritable { path: path.to_owned(), source })
}

/// Where a file comes from.
enum Source {
    File(PathBuf),
    Address(String),
}

impl Source {
    fn choose(entry: &'static Entry, mirror: Option<&str>) -> Result<Self, FetchError> {
        match mirror {
            None => {
                let official = entry.source.ok_or(FetchError::NothingToFetch(entry.name))?;
                Ok(Self::Address(official.to_owned()))
            }
            Some(address) if address.starts_with("https://") => {
                Ok(Self::Address(format!("{}/{}", address.trim_end_matches('/'), entry.file)))
            }
            Some(folder) if Path::new(folder).is_dir() => Ok(Self::File(Path::new(folder).join(entry.file))),
            Some(other) => Err(FetchError::BadMirror(other.to_owned())),
        }
    }

    /// Writes the source's content to `part`.
    fn bring(&self, entry: &Entry, part: &Path) -> Result<(), FetchError> {
        match self {
            Self::File(path) => {
                fs::copy(path, part).map(drop).map_err(|source| FetchError::NotInMirror { path: path.clone(), source })
            }
            Self::Address(url) => download(url, entry.size, part),
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Address(url) => f.write_str(url),
        }
    }
}

/// Downloads by curl: a one-time act of the installer needs no HTTP client inside this program.
fn download(url: &str, size: u64, part: &Path) -> Result<(), FetchError> {
    let mut curl = Command::new("curl");
    // https only, also where the hub sends us on to its store; give up on a stalled line, and on more than the model.
    curl.args([
        "--proto",
        "=https",
        "--proto-redir",
        "=https",
        "--tlsv1.2",
        "--fail",
        "--location",
        "--max-redirs",
        "5",
    ])
    .args(["--connect-timeout", "20", "--speed-limit", "1000", "--speed-time", "60"])
    .args(["--silent", "--show-error", "--max-filesize", &size.to_string()])
    .arg("--output")
    .arg(part)
    .args(["--", url])
    .stdin(Stdio::null());
    let done = curl.output().map_err(FetchError::NoDownloader)?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let why = said.lines().next().map_or_else(|| done.status.to_string(), |line| line.trim().to_owned());
    Err(FetchError::Download { url: url.to_owned(), why })
}

/// A file on its way, deleted unless it arrives.
struct Part(PathBuf);

impl Part {
    fn new(path: PathBuf) -> Result<Self, FetchError> {
        let opened = OpenOptions::new().write(true).create(true).truncate(true).open(&path);
        opened.map_err(|source| FetchError::NotWritable { path: path.clone(), source })?;
        Ok(Self(path))
    }

    /// Gives the file its name, once it is on the disk for good.
    fn publish(self, to: &Path) -> Result<(), FetchError> {
        let publish = || -> io::Result<()> {
            File::open(&self.0)?.sync_all()?;
            fs::rename(&self.0, to)?;
            // The folder too, or a power cut could take the name away again.
            to.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
        };
        publish().map_err(|source| FetchError::NotWritable { path: to.to_owned(), source })
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Gone already where it arrived.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one model whose file is in the tree.
    const MICRO: &str = "micro-whisper";

    fn tree() -> String {
        concat!(env!("CARGO_MANIFEST_DIR"), "/models/micro-whisper").to_owned()
    }

    fn names(dir: &Path) -> Vec<String> {
        fs::read_dir(dir).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_model_comes_from_a_mirror_folder_once() {
        let dir = tempfile::tempdir().unwrap();
        let models = dir.path().join("models");
        let first = text(|out| fetch(&models, MICRO, Some(&tree()), out).unwrap());
        assert!(first.ends_with("micro-whisper is here and verified\n"), "{first}");
        assert_eq!(names(&models), ["micro-whisper.bin"]);
        let second = text(|out| fetch(&models, MICRO, Some(&tree()), out).unwrap());
        assert_eq!(second, "micro-whisper is already here and verified\n");
    }

    #[test]
    fn a_damaged_copy_is_replaced_and_a_damaged_mirror_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("micro-whisper.bin"), "damaged").unwrap();
        fetch(dir.path(), MICRO, Some(&tree()), &mut io::sink()).unwrap();
        assert!(models::check(models::find(MICRO).unwrap(), dir.path()).is_ok());

        let (mirror, empty) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(mirror.path().join("ggml-tiny.en.bin"), "not the weights").unwrap();
        let error = fetch(empty.path(), "tiny.en", mirror.path().to_str(), &mut io::sink()).unwrap_err();
        assert!(matches!(error, FetchError::NotTheModel { name: "tiny.en", .. }), "{error}");
        let error = fetch(empty.path(), "base.en", mirror.path().to_str(), &mut io::sink()).unwrap_err();
        assert!(matches!(error, FetchError::NotInMirror { .. }), "{error}");
        assert!(names(empty.path()).is_empty());
    }

    #[test]
    fn a_download_that_fails_leaves_nothing_and_says_why() {
        let dir = tempfile::tempdir().unwrap();
        // Port 1 of the loopback interface: nobody listens there.
        let error = fetch(dir.path(), "tiny.en-q5_1", Some("https://127.0.0.1:1/"), &mut io::sink()).unwrap_err();
        if let FetchError::Download { url, why } = error {
            assert_eq!(url, "https://127.0.0.1:1/ggml-tiny.en-q5_1.bin");
            assert!(why.contains("127.0.0.1"), "{why}");
        } else {
            // On a machine without curl.
            assert!(matches!(error, FetchError::NoDownloader(_)), "{error}");
        }
        assert!(names(dir.path()).is_empty());
    }

    #[test]
    fn only_folders_and_https_are_mirrors() {
        let dir = tempfile::tempdir().unwrap();
        for mirror in ["http://127.0.0.1:1", "file:///etc", "/no/such/folder", "--config"] {
            let error = fetch(dir.path(), "tiny.en", Some(mirror), &mut io::sink()).unwrap_err();
            assert!(matches!(error, FetchError::BadMirror(_)), "{error}");
        }
        let error = fetch(dir.path(), MICRO, None, &mut io::sink()).unwrap_err();
        assert!(matches!(error, FetchError::NothingToFetch(MICRO)), "{error}");
        let error = fetch(dir.path(), "huge", None, &mut io::sink()).unwrap_err();
        assert!(matches!(error, FetchError::Model(ModelError::UnknownName { .. })), "{error}");
    }

    #[test]
    fn the_list_shows_every_model_and_the_standing() {
        let dir = tempfile::tempdir().unwrap();
        let plain = text(|out| list(dir.path(), false, out).unwrap());
        assert_eq!(plain.lines().count(), REGISTRY.len() + 1);
        assert!(plain.ends_with("fetch some with `anteroom models fetch base.en-q5_1`\n"), "{plain}");
        for row in text(|out| list(dir.path(), true, out).unwrap()).lines() {
            serde_json::from_str::<serde_json::Value>(row).unwrap();
        }
    }

    #[test]
    fn verify_hashes_what_is_there_and_finds_the_damaged() {
        let dir = tempfile::tempdir().unwrap();
        assert!(verify(dir.path(), false, &mut io::sink()).unwrap());
        fetch(dir.path(), MICRO, Some(&tree()), &mut io::sink()).unwrap();
        assert!(verify(dir.path(), false, &mut io::sink()).unwrap());
        fs::write(dir.path().join("ggml-base.en.bin"), "damaged").unwrap();
        let mut right = true;
        let rows = text(|out| right = verify(dir.path(), true, out).unwrap());
        assert!(!right);
        assert!(rows.contains(r#""state":"damaged""#) && rows.contains(r#""state":"verified""#), "{rows}");
    }
}
