//! The record's public key, remembered from one start of the box to the next.
//!
//! In:  the key that recordd told. Out: the same, the next time that recordd is not there to tell it.
//! A file of lined's own, beside the folder of its prompts. It is no secret, but whoever could change it could read the
//! messages that are sealed with it: a file that others may write is not believed.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder's name, beside that of the prompts.
const FOLDER: &str = "line";
/// The key's file in it: 32 bytes as they are.
const FILE: &str = "record-key.pub";

/// A public key of the record (X25519).
pub(super) type PublicKey = [u8; 32];

/// Where the key is remembered.
#[derive(Clone, Debug)]
pub(super) struct KeyFile(PathBuf);

/// The remembered key cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum KeyFileError {
    /// The file cannot be read or written.
    #[error("cannot use {path}: give lined's user a folder of its own there")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It holds something else.
    #[error("{path} holds no public key and is not believed: remove it, it is written anew when the record answers")]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else may have written it.
    #[error("others than lined may write {path}, so that it is not believed: remove it")]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
}

impl KeyFile {
    /// The file that goes with this folder of prompts.
    pub(super) fn beside(prompts: &Path) -> Self {
        Self(prompts.with_file_name(FOLDER).join(FILE))
    }

    /// The key of last time; none where there was none.
    ///
    /// # Errors
    /// [`KeyFileError`]: there is a file and it is not used.
    pub(super) fn recall(&self) -> Result<Option<PublicKey>, KeyFileError> {
        let path = || self.0.clone();
        let failed = |source| KeyFileError::File { path: path(), source };
        let about = match fs::symlink_metadata(&self.0) {
            Ok(about) => about,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let own = about.uid() == nix::unistd::geteuid().as_raw() && about.mode() & 0o022 == 0;
        if !about.is_file() || !own {
            return Err(KeyFileError::NotOurs { path: path() });
        }
        let bytes = fs::read(&self.0).map_err(failed)?;
        // Zeros are what a power cut may leave of a file; as a key they would seal nothing.
        let key = PublicKey::try_from(bytes).ok().filter(|key| *key != [0; 32]);
        key.map(Some).ok_or_else(|| KeyFileError::NoKey { path: path() })
    }

    /// Remembers the key in place of any other.
    ///
    /// # Errors
    /// [`KeyFileError::File`].
    pub(super) fn remember(&self, key: &PublicKey) -> Result<(), KeyFileError> {
        let write = || {
            if let Some(folder) = self.0.parent().filter(|folder| !folder.exists()) {
                fs::DirBuilder::new().mode(0o700).create(folder)?;
            }
            let new = self.0.with_extension("new");
            // What a lined that died half way has left.
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
            file.write_all(key)?;
            file.sync_all()?;
            fs::rename(&new, &self.0)
        };
        write().map_err(|source| KeyFileError::File { path: self.0.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn file() -> (tempfile::TempDir, KeyFile) {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::beside(&folder.path().join("prompts"));
        (folder, file)
    }

    #[test]
    fn a_key_is_recalled_until_another_is_remembered() {
        let (_folder, file) = file();
        assert_eq!(file.recall().unwrap(), None);
        for key in [[1; 32], [2; 32]] {
            file.remember(&key).unwrap();
            assert_eq!(file.recall().unwrap(), Some(key));
            assert_eq!(fs::metadata(&file.0).unwrap().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_no_key_is_not_believed() {
        let (_folder, file) = file();
        file.remember(&[1; 32]).unwrap();
        for bytes in [&[][..], &[1; 31], &[1; 33], &[0; 32]] {
            fs::write(&file.0, bytes).unwrap();
            assert!(matches!(file.recall(), Err(KeyFileError::NoKey { .. })), "{} bytes", bytes.len());
        }
        file.remember(&[3; 32]).unwrap();
        assert_eq!(file.recall().unwrap(), Some([3; 32]));
    }

    #[test]
    fn a_file_that_others_may_write_or_a_link_is_not_believed() {
        let (folder, file) = file();
        file.remember(&[1; 32]).unwrap();
        fs::set_permissions(&file.0, fs::Permissions::from_mode(0o620)).unwrap();
        assert!(matches!(file.recall(), Err(KeyFileError::NotOurs { .. })));
        let elsewhere = folder.path().join("elsewhere");
        fs::rename(&file.0, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &file.0).unwrap();
        assert!(matches!(file.recall(), Err(KeyFileError::NotOurs { .. })));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_and_no_panic() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FOLDER), "in the way").unwrap();
        let file = KeyFile::beside(&folder.path().join("prompts"));
        assert!(matches!(file.remember(&[1; 32]), Err(KeyFileError::File { .. })));
        assert!(file.recall().is_err());
    }
}
