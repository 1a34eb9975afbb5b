//! The model files that the box may load, and the proof that a file is one of them.
//!
//! In:  a folder and a model's name. Out: [`Verified`] bytes, or what to do.
//! Runs at start and in `anteroom models`. Reads files only; fetching is [`crate::cli::models`]' work.
//! A loader gets nothing that is not verified: whisper.cpp's trusts the file, and a hostile one can overrun its stack.
//! The bytes that were hashed are the bytes that are loaded, so that nobody can change the file between the two.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::hex::hex;

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Hears callers.
    Production,
    /// Proves the code in tests and demonstrations; it says one of its few sentences whatever it hears.
    TestOnly,
}

/// One model file.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name that the configuration and `anteroom models` use.
    pub name: &'static str,
    /// The file's name in the models' folder.
    pub file: &'static str,
    /// Its SHA-256, in lower-case hexadecimal. Without one it can be neither fetched nor loaded.
    pub sha256: Option<&'static str>,
    /// Its length in bytes.
    pub size: u64,
    /// Its licence.
    pub licence: &'static str,
    /// Where it comes from; none for files of this repository.
    pub source: Option<&'static str>,
    /// What it is for.
    pub purpose: Purpose,
}

/// A file of whisper.cpp's official weights, at one revision of its model repository.
macro_rules! official {
    ($name:literal, $size:literal, $sha256:literal) => {
        Entry {
            name: $name,
            file: concat!("ggml-", $name, ".bin"),
            sha256: Some($sha256),
            size: $size,
            licence: "MIT (OpenAI Whisper weights, converted by the whisper.cpp authors)",
            source: Some(concat!(
                "https://huggingface.co/ggerganov/whisper.cpp/resolve/5359861c739e955e79d9a303bcbc70fb988958b1/ggml-",
                $name,
                ".bin"
            )),
            purpose: Purpose::Production,
        }
    };
}

/// Every model, the preferred first. models/README.md says where each hash was found.
pub const REGISTRY: &[Entry] = &[
    official!("base.en-q5_1", 59_721_011, "4baf70dd0d7c4247ba2b81fafd9c01005ac77c2f9ef064e00dcf195d0e2fdd2f"),
    official!("base.en-q8_0", 81_781_811, "a4d4a0768075e13cfd7e19df3ae2dbc4a68d37d36a7dad45e8410c9a34f8c87e"),
    official!("base.en", 147_964_211, "a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002"),
    official!("tiny.en-q5_1", 32_166_155, "c77c5766f1cef09b6b7d47f21b546cbddd4157886b3b5d6d4f709e91e66c7c2b"),
    official!("tiny.en-q8_0", 43_550_795, "5bc2b3860aa151a4c6e7bb095e1fcce7cf12c7b020ca08dcec0c6d018bb7dd94"),
    official!("tiny.en", 77_704_715, "921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f"),
    Entry {
        name: "micro-whisper",
        file: "micro-whisper.bin",
        sha256: Some("1d4ff574e857315f47dcbac326796827aa8d5815dea6097c2a1c9d4636fbd968"),
        size: 4_513_074,
        licence: "Apache-2.0 (weights); vocabulary and mel filters MIT (OpenAI Whisper)",
        source: None,
        purpose: Purpose::TestOnly,
    },
];

/// A model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No model has this name.
    #[error("no model is called {name}: `anteroom models list` shows them all")]
    UnknownName {
        /// The name asked for.
        name: String,
    },
    /// The file is not there.
    #[error("the model {name} is not at {path}: fetch it with `anteroom models fetch {name}`")]
    Missing {
        /// The model's name.
        name: &'static str,
        /// Where it should be.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("cannot read the model file {path}: check its permissions and the disk")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The file is not what the registry says: damaged, cut short, or another file by that name.
    #[error("the model file {path} is not {name}: delete it and fetch it again with `anteroom models fetch {name}`")]
    Damaged {
        /// The model's name.
        name: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// No registered model has the file's hash.
    #[error(
        "{path} is none of the models that this version knows, and is not loaded: `anteroom models list` shows them"
    )]
    UnknownFile {
        /// The file.
        path: PathBuf,
    },
    /// The registry has no hash for it.
    #[error("the model {name} has no pinned hash in this version, so that it cannot be trusted: choose another")]
    NoPinnedHash {
        /// The model's name.
        name: &'static str,
    },
}

/// A model's bytes, proved to be those of its registry entry.
pub struct Verified {
    entry: &'static Entry,
    bytes: Vec<u8>,
}

impl Verified {
    /// Which model it is.
    #[must_use]
    pub fn entry(&self) -> &'static Entry {
        self.entry
    }

    /// The file's content.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({}, {} bytes)", self.entry.name, self.bytes.len())
    }
}

/// Finds a model by its name.
///
/// # Errors
/// [`ModelError::UnknownName`]
pub fn find(name: &str) -> Result<&'static Entry, ModelError> {
    REGISTRY.iter().find(|e| e.name == name).ok_or_else(|| ModelError::UnknownName { name: name.to_owned() })
}

/// Reads the model called `name` from the folder `dir` and proves that it is it.
///
/// # Errors
/// [`ModelError`]
pub fn open(dir: &Path, name: &str) -> Result<Verified, ModelError> {
    let entry = find(name)?;
    read(entry, &dir.join(entry.file))
}

/// Reads a model file wherever it lies and whatever it is called: its hash says which model it is.
///
/// # Errors
/// [`ModelError`]
pub fn open_file(path: &Path) -> Result<Verified, ModelError> {
    let unreadable = |source| ModelError::Unreadable { path: path.to_owned(), source };
    let hash = hash_file(path).map_err(unreadable)?;
    let entry = REGISTRY.iter().find(|e| e.sha256 == Some(hash.as_str()));
    read(entry.ok_or_else(|| ModelError::UnknownFile { path: path.to_owned() })?, path)
}

/// Proves that the file of `entry` in `dir` is what it should be, without keeping it in memory.
///
/// # Errors
/// [`ModelError`]
pub fn check(entry: &'static Entry, dir: &Path) -> Result<(), ModelError> {
    check_file(entry, &dir.join(entry.file))
}

/// Proves that the file at `path` is that of `entry`.
///
/// # Errors
/// [`ModelError`]
pub fn check_file(entry: &'static Entry, path: &Path) -> Result<(), ModelError> {
    let expected = pinned(entry)?;
    let failed = |source| not_read(entry, path, source);
    let length = regular(path).map_err(failed)?;
    if length != entry.size || hash_file(path).map_err(failed)? != expected {
        return Err(ModelError::Damaged { name: entry.name, path: path.to_owned() });
    }
    Ok(())
}

fn not_read(entry: &'static Entry, path: &Path, source: io::Error) -> ModelError {
    if source.kind() == io::ErrorKind::NotFound {
        ModelError::Missing { name: entry.name, path: path.to_owned() }
    } else {
        ModelError::Unreadable { path: path.to_owned(), source }
    }
}

fn pinned(entry: &'static Entry) -> Result<&'static str, ModelError> {
    entry.sha256.ok_or(ModelError::NoPinnedHash { name: entry.name })
}

fn read(entry: &'static Entry, path: &Path) -> Result<Verified, ModelError> {
    let expected = pinned(entry)?;
    let failed = |source| not_read(entry, path, source);
    regular(path).map_err(failed)?;
    let mut bytes = Vec::new();
    // One byte more than it may have tells a longer file, and a file that grows without end is not read to its end.
    let file = File::open(path).map_err(failed)?;
    file.take(entry.size.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if hex(&Sha256::digest(&bytes)) != expected {
        return Err(ModelError::Damaged { name: entry.name, path: path.to_owned() });
    }
    Ok(Verified { entry, bytes })
}

/// The length of a regular file. Opening a pipe by mistake would wait for ever.
fn regular(path: &Path) -> io::Result<u64> {
    let about = std::fs::metadata(path)?;
    if about.is_file() { Ok(about.len()) } else { Err(io::Error::other("not a regular file")) }
}

fn hash_file(path: &Path) -> io::Result<String> {
    regular(path)?;
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let count = match file.read(&mut block) {
            Ok(0) => return Ok(hex(&hasher.finalize())),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(block.get(..count).unwrap_or_default());
    }
}

/// Whether a box may answer a real line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has verified production weights: this model's.
    Production(&'static str),
    /// It has not, and must say so wherever it speaks of itself.
    Demonstration {
        /// Why, and what to do.
        why: NoProduction,
    },
}

/// Why a box has no production weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoProduction {
    /// They are not what hears the callers.
    #[error("its recogniser is {0}: set brain.recogniser to \"whisper\" and fetch a model for production")]
    NotUsed(&'static str),
    /// None are there.
    #[error("no production weights are installed: fetch some with `anteroom models fetch base.en-q5_1`")]
    None,
    /// Some are there, but they are not what they should be.
    #[error("the weights of {0} are damaged: delete them and fetch them again with `anteroom models fetch {0}`")]
    Damaged(&'static str),
    /// Some are there, but cannot be read.
    #[error("the weights of {0} cannot be read: check their permissions and the disk")]
    Unreadable(&'static str),
}

/// Whether the models in `dir` make this a production box: hashes each production model until one is right (a second or
/// less for 60 MB).
#[must_use]
pub fn standing(dir: &Path) -> Standing {
    let mut why = NoProduction::None;
    for entry in REGISTRY.iter().filter(|e| e.purpose == Purpose::Production) {
        why = match check(entry, dir) {
            Ok(()) => return Standing::Production(entry.name),
            Err(ModelError::Damaged { .. }) => NoProduction::Damaged(entry.name),
            Err(ModelError::Unreadable { .. }) => NoProduction::Unreadable(entry.name),
            Err(
                ModelError::Missing { .. }
                | ModelError::UnknownName { .. }
                | ModelError::UnknownFile { .. }
                | ModelError::NoPinnedHash { .. },
            ) => why,
        };
    }
    Standing::Demonstration { why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pinned_hash_is_a_sha256_and_every_production_model_has_a_source() {
        for entry in REGISTRY {
            if let Some(hash) = entry.sha256 {
                assert!(hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{hash}");
            }
            let production = entry.purpose == Purpose::Production;
            assert_eq!(production, entry.source.is_some_and(|s| s.starts_with("https://") && s.ends_with(entry.file)));
            assert!(!production || entry.sha256.is_some());
        }
    }

    #[test]
    fn names_and_files_are_not_used_twice() {
        for (index, entry) in REGISTRY.iter().enumerate() {
            for other in &REGISTRY[index + 1..] {
                assert!(entry.name != other.name && entry.file != other.file && entry.sha256 != other.sha256);
            }
        }
    }

    #[test]
    fn a_hash_is_that_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").unwrap();
        let hash = hash_file(&path).unwrap();
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_file_that_is_not_the_model_is_refused_with_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ggml-tiny.en-q5_1.bin");
        assert!(matches!(open(dir.path(), "tiny.en-q5_1"), Err(ModelError::Missing { .. })));
        std::fs::write(&path, "not weights").unwrap();
        let error = open(dir.path(), "tiny.en-q5_1").unwrap_err();
        assert!(matches!(error, ModelError::Damaged { .. }));
        assert!(error.to_string().contains("anteroom models fetch tiny.en-q5_1"), "{error}");
        assert!(matches!(open_file(&path), Err(ModelError::UnknownFile { .. })));
        assert!(matches!(open(dir.path(), "huge.en"), Err(ModelError::UnknownName { .. })));
    }

    #[test]
    fn a_folder_in_the_place_of_a_model_is_no_model() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("ggml-base.en.bin")).unwrap();
        assert!(matches!(open(dir.path(), "base.en"), Err(ModelError::Unreadable { .. })));
        let why = NoProduction::Unreadable("base.en");
        assert_eq!(standing(dir.path()), Standing::Demonstration { why });
    }

    #[test]
    fn a_box_without_weights_or_with_damaged_ones_is_a_demonstration() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(standing(dir.path()), Standing::Demonstration { why: NoProduction::None });
        std::fs::write(dir.path().join("ggml-base.en-q8_0.bin"), "half a download").unwrap();
        let why = NoProduction::Damaged("base.en-q8_0");
        assert_eq!(standing(dir.path()), Standing::Demonstration { why });
    }
}
