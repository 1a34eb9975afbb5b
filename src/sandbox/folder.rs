//! A folder of one's own: made, owned and closed by the process that works in it.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// A folder in which a daemon alone makes files.
pub const PRIVATE: u32 = 0o700;
/// A folder whose group may also pass through it to the sockets inside.
pub const FOR_THE_GROUP: u32 = 0o750;

/// The folder cannot be this process's own.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Somebody else owns it, and could take away or replace what is put there.
    #[error("{path} belongs to user {owner} and not to this process (user {own}): remove it, or let its unit make it")]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// This process's user.
        own: u32,
    },
    /// It cannot be made or closed.
    #[error("cannot make the folder {path}")]
    NotMade {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Makes the folder where it is not there, and gives it exactly the `mode`, whatever the process's umask.
///
/// # Errors
/// [`FolderError`]: nothing may be put there.
pub fn own(path: &Path, mode: u32) -> Result<(), FolderError> {
    let failed = |source| FolderError::NotMade { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    match DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    let (owner, own) = (fs::metadata(path).map_err(failed)?.uid(), nix::unistd::geteuid().as_raw());
    if owner != own {
        return Err(FolderError::Foreign { path: path.to_owned(), owner, own });
    }
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o7777
    }

    #[test]
    fn a_folder_is_made_with_its_mode_and_an_open_one_is_closed() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("run/record");
        own(&path, FOR_THE_GROUP).unwrap();
        assert_eq!(mode(&path), 0o750);
        fs::set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
        own(&path, PRIVATE).unwrap();
        assert_eq!(mode(&path), 0o700);
    }

    #[test]
    fn a_folder_of_another_user_is_refused() {
        let base = tempfile::tempdir().unwrap();
        if !nix::unistd::geteuid().is_root() {
            assert!(matches!(own(Path::new("/proc/1"), PRIVATE), Err(FolderError::Foreign { owner: 0, .. })));
            return;
        }
        let path = base.path().join("record");
        own(&path, PRIVATE).unwrap();
        std::os::unix::fs::chown(&path, Some(61_001), None).unwrap();
        assert!(matches!(own(&path, PRIVATE), Err(FolderError::Foreign { owner: 61_001, .. })));
    }
}
