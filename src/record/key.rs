//! The record's own key: where it lies, who may read it, and how a wrong one is told from a damaged file.
//!
//! In order: systemd's credential `record-key`, else `record.key` (0600) in the data directory, made at the first run
//! and warned about, because a key beside the data protects a stolen disk image no better than no key at all.
//! Runs once, when recordd or the command line opens the record. The key is never printed and never passed in argv.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::record::seal::{SealError, random};
use crate::record::tree::sha256;

/// The credential's name below `$CREDENTIALS_DIRECTORY`.
const CREDENTIAL: &str = "record-key";
/// The key file's name in the data directory.
const KEY_FILE: &str = "record.key";
/// The fingerprint's name in the data directory.
const FINGERPRINT_FILE: &str = "record.fingerprint";

/// The 256-bit key of the database. Wiped on drop.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey")
    }
}

/// What the administrator should know about the key; not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The key lies beside the data. On a real box it comes as a credential.
    KeyBesideData {
        /// The key's file.
        path: PathBuf,
        /// Whether it was made just now.
        made: bool,
    },
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::KeyBesideData { path, made } = self;
        let made = if *made { "was made now and " } else { "" };
        write!(
            f,
            "the record's key {made}lies beside the record in {}: good for a demonstration; on a box that serves \
             patients hand it in as the systemd credential {CREDENTIAL}",
            path.display()
        )
    }
}

/// The key could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Others may read the key.
    #[error("others may read the record's key {path} (mode {mode:04o}): run chmod 600 on it")]
    Open {
        /// The key's file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file does not hold a 256-bit key.
    #[error("{path} holds no key: it must be 32 bytes, or 64 hexadecimal digits; restore it from the key's backup")]
    Malformed {
        /// The key's file.
        path: PathBuf,
    },
    /// There is a record but no key for it.
    #[error(
        "there is a record in {folder} but no key for it: hand in the credential {CREDENTIAL}, or restore {KEY_FILE}"
    )]
    Missing {
        /// The data directory.
        folder: PathBuf,
    },
    /// The key is another than the one the record was made with.
    #[error(
        "the key is not the one that the record in {folder} was made with: hand in the right key; nothing was changed"
    )]
    Wrong {
        /// The data directory.
        folder: PathBuf,
    },
    /// A file could not be read or written.
    #[error("cannot read or write {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The machine gave no random bytes.
    #[error("no key could be drawn")]
    NoRandom(#[from] SealError),
}

impl MasterKey {
    /// The key of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads a key file: 32 bytes as they are, or 64 hexadecimal digits and perhaps a newline.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if let Ok(raw) = <[u8; 32]>::try_from(bytes) {
            return Some(Self::from_bytes(raw));
        }
        let digits = bytes.trim_ascii_end();
        if digits.len() != 64 {
            return None;
        }
        let mut key = Zeroizing::new([0_u8; 32]);
        for (byte, pair) in key.iter_mut().zip(digits.as_chunks::<2>().0) {
            let [high, low] = pair.map(|digit| char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok()));
            *byte = high? << 4 | low?;
        }
        Some(Self(key))
    }

    /// The key as SQLCipher takes a raw key: `x'<64 hexadecimal digits>'`.
    pub(crate) fn to_pragma(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(67));
        text.push_str("x'");
        for byte in self.0.iter() {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        text.push('\'');
        text
    }

    /// A key that is derived from this one for a purpose (HKDF-SHA256, RFC 5869): knowing it tells nothing of this one.
    pub(crate) fn derived(&self, purpose: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        let info = [b"anteroom ", purpose.as_bytes()].concat();
        // It fails only for more than 8,160 bytes.
        let _ = hkdf::Hkdf::<sha2::Sha256>::new(None, self.0.as_slice()).expand(&info, key.as_mut_slice());
        key
    }

    /// Says which key this is without giving it away. (The key is 256 random bits: its hash cannot be searched.)
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut bytes = Zeroizing::new(b"anteroom record key\n".to_vec());
        bytes.extend_from_slice(self.0.as_slice());
        sha256(&bytes).to_string().chars().take(32).collect()
    }
}

/// Where a key may come from.
#[derive(Clone, Debug)]
pub struct KeySource {
    /// The record's folder.
    pub data_dir: PathBuf,
    /// systemd's `$CREDENTIALS_DIRECTORY`, where there is one.
    pub credentials: Option<PathBuf>,
}

impl KeySource {
    /// The source of a process whose environment says where its credentials are.
    #[must_use]
    pub fn of_process(data_dir: &Path) -> Self {
        let credentials = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
        Self { data_dir: data_dir.to_owned(), credentials }
    }

    /// Reads the key. Where there is none and `may_make` (and no record yet), makes one.
    ///
    /// # Errors
    /// [`KeyError`]: each says what to do.
    pub fn key(&self, may_make: bool) -> Result<(MasterKey, Option<Warning>), KeyError> {
        if let Some(path) = self.credentials.as_ref().map(|folder| folder.join(CREDENTIAL)).filter(|p| p.exists()) {
            // systemd gives the service's user access by an access-control list, which shows as group bits.
            return Ok((read(&path, 0o007)?, None));
        }
        let path = self.data_dir.join(KEY_FILE);
        if path.exists() {
            let key = read(&path, 0o077)?;
            return Ok((key, Some(Warning::KeyBesideData { path, made: false })));
        }
        if !may_make {
            return Err(KeyError::Missing { folder: self.data_dir.clone() });
        }
        let key = MasterKey::from_bytes(random()?);
        write_new(&path, &key)?;
        Ok((key, Some(Warning::KeyBesideData { path, made: true })))
    }
}

/// Compares `key` with the fingerprint beside the record. True where there is a fingerprint and it fits, false where
/// there is none yet, or an empty one.
///
/// # Errors
/// [`KeyError::Wrong`] where it is another key's.
pub fn fits(data_dir: &Path, key: &MasterKey) -> Result<bool, KeyError> {
    let path = data_dir.join(FINGERPRINT_FILE);
    match fs::read_to_string(&path) {
        Ok(text) if text.trim() == key.fingerprint() => Ok(true),
        // Made, and the power cut before a byte of it was on the disk.
        Ok(text) if text.trim().is_empty() => Ok(false),
        Ok(_) => Err(KeyError::Wrong { folder: data_dir.to_owned() }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(KeyError::File { path, source }),
    }
}

/// Whether there is a fingerprint, and so a record that it was made for.
#[must_use]
pub fn is_remembered(data_dir: &Path) -> bool {
    fs::read_to_string(data_dir.join(FINGERPRINT_FILE)).is_ok_and(|text| !text.trim().is_empty())
}

/// Writes the key's fingerprint beside the record, whole or not at all: half of one is another key's.
///
/// # Errors
/// [`KeyError::File`].
pub fn remember(data_dir: &Path, key: &MasterKey) -> Result<(), KeyError> {
    let path = data_dir.join(FINGERPRINT_FILE);
    let write = || {
        let new = beside(&path, format!("{}\n", key.fingerprint()).as_bytes(), 0o644)?;
        fs::rename(new, &path)?;
        sync_folder(data_dir)
    };
    write().map_err(|source| KeyError::File { path: path.clone(), source })
}

fn read(path: &Path, forbidden: u32) -> Result<MasterKey, KeyError> {
    let file = |source| KeyError::File { path: path.to_owned(), source };
    let mode = fs::metadata(path).map_err(file)?.mode() & 0o7777;
    if mode & forbidden != 0 {
        return Err(KeyError::Open { path: path.to_owned(), mode });
    }
    let bytes = Zeroizing::new(fs::read(path).map_err(file)?);
    MasterKey::parse(&bytes).ok_or_else(|| KeyError::Malformed { path: path.to_owned() })
}

fn write_new(path: &Path, key: &MasterKey) -> Result<(), KeyError> {
    let hex = key.to_pragma();
    let digits = hex.trim_start_matches("x'").trim_end_matches('\'');
    let write = || {
        let line = Zeroizing::new(format!("{digits}\n"));
        let new = beside(path, line.as_bytes(), 0o600)?;
        // Unlike a rename, a link never replaces a key that somebody else made meanwhile.
        let linked = fs::hard_link(&new, path);
        fs::remove_file(new)?;
        linked?;
        // A record whose key was lost in a power cut is lost with it.
        path.parent().map_or(Ok(()), sync_folder)
    };
    write().map_err(|source| KeyError::File { path: path.to_owned(), source })
}

/// Writes a file next to `path`, to take its name once it is on the disk: a power cut leaves no half of it under that name.
fn beside(path: &Path, bytes: &[u8], mode: u32) -> io::Result<PathBuf> {
    let new = path.with_added_extension("new");
    // One that a power cut left.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(new)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use proptest::prelude::*;

    use super::*;

    fn source(folder: &Path) -> KeySource {
        KeySource { data_dir: folder.to_owned(), credentials: None }
    }

    #[test]
    fn the_first_run_makes_a_key_that_the_second_run_reads() {
        let folder = tempfile::tempdir().unwrap();
        let (made, warning) = source(folder.path()).key(true).unwrap();
        assert!(matches!(warning, Some(Warning::KeyBesideData { made: true, .. })));
        let (read, warning) = source(folder.path()).key(true).unwrap();
        assert!(matches!(warning, Some(Warning::KeyBesideData { made: false, .. })));
        assert_eq!(made.fingerprint(), read.fingerprint());
        let mode = fs::metadata(folder.path().join(KEY_FILE)).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_credential_comes_before_the_file_and_warns_of_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let credentials = tempfile::tempdir().unwrap();
        let path = credentials.path().join(CREDENTIAL);
        fs::write(&path, [7_u8; 32]).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        let source = KeySource { credentials: Some(credentials.path().to_owned()), ..source(folder.path()) };
        let (key, warning) = source.key(true).unwrap();
        assert_eq!(key.fingerprint(), MasterKey::from_bytes([7; 32]).fingerprint());
        assert_eq!(warning, None);
        assert!(!folder.path().join(KEY_FILE).exists());
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        source(folder.path()).key(true).unwrap();
        fs::set_permissions(folder.path().join(KEY_FILE), fs::Permissions::from_mode(0o644)).unwrap();
        let error = source(folder.path()).key(true).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }

    #[test]
    fn a_key_of_the_wrong_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(KEY_FILE);
        fs::write(&path, "abcd\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(source(folder.path()).key(true), Err(KeyError::Malformed { .. })));
    }

    #[test]
    fn no_key_is_made_for_a_record_that_already_exists() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(source(folder.path()).key(false), Err(KeyError::Missing { .. })));
    }

    proptest! {
        #[test]
        fn hexadecimal_and_raw_bytes_are_the_same_key(bytes in any::<[u8; 32]>()) {
            let key = MasterKey::from_bytes(bytes);
            let hex = key.to_pragma();
            let digits = format!("{}\n", &hex[2..66]);
            let (hex, raw) = (MasterKey::parse(digits.as_bytes()).unwrap(), MasterKey::parse(&bytes).unwrap());
            prop_assert_eq!(hex.fingerprint(), raw.fingerprint());
        }

        #[test]
        fn any_bytes_are_a_key_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = MasterKey::parse(&bytes);
        }
    }
}
