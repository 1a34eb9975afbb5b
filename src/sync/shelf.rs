//! Where copies lie: a folder, such as a share of the clinic's network, or a [`bucket`].
//!
//! In:  whole objects. Out: files that are either whole or have another name. Runs on blocking threads of syncd with a
//! deadline, because a share that has gone away answers nothing for minutes. Never makes the shelf's own folder: below a
//! mount point with nothing mounted that would fill the box's own disk.

pub mod bucket;

use std::fs::{self, File, OpenOptions};
use std::future::Future;
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a shelf may take over one object: 1 MiB over the slowest share that anyone would copy to.
const DEADLINE: Duration = Duration::from_secs(60);
/// Bytes of an object that is fetched.
const MOST: usize = 400 << 20;

/// Where objects are put by name. Names are relative paths of letters, digits, `.`, `-` and `/`.
pub trait Shelf: Send + Sync {
    /// The names of the objects below `prefix`, which ends in a slash. Half-written objects are not among them.
    fn list(&self, prefix: &str) -> impl Future<Output = Result<Vec<String>, ShelfError>> + Send;
    /// Puts an object there, in place of what had that name. Once it is answered the object is there whole and stays.
    fn put(&self, name: &str, bytes: Vec<u8>) -> impl Future<Output = Result<(), ShelfError>> + Send;
    /// Gets an object; none where there is none.
    fn get(&self, name: &str) -> impl Future<Output = Result<Option<Vec<u8>>, ShelfError>> + Send;
}

/// The shelf cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The folder is not there.
    #[error("the folder for backups {folder} is not there: is the share mounted?")]
    Missing {
        /// The folder.
        folder: PathBuf,
    },
    /// No space is left.
    #[error("the place for backups {folder} is full: free some space, but delete no segment")]
    Full {
        /// The folder.
        folder: PathBuf,
    },
    /// The box may not write there.
    #[error("the box may not write to {folder}: give the user of syncd the right to")]
    Forbidden {
        /// The folder.
        folder: PathBuf,
    },
    /// It does not answer.
    #[error("the place for backups {folder} does not answer: is the share's machine on?")]
    Silent {
        /// The folder.
        folder: PathBuf,
    },
    /// It holds nothing although copies were made.
    #[error(
        "the place for backups is empty although copies were made: is another share mounted? If this is a new one, put \
         an empty file named {NEW} there"
    )]
    Emptied,
    /// The name is not one of an object.
    #[error("a mistake in the program: no object can have that name")]
    Name,
    /// It failed otherwise.
    #[error("the place for backups {folder} failed")]
    Failed {
        /// The folder, or the bucket's address.
        folder: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The file by which a person says that an empty shelf is meant to be empty.
pub const NEW: &str = "new-shelf";

/// A folder.
#[derive(Clone, Debug)]
pub struct FolderShelf {
    folder: PathBuf,
    deadline: Duration,
}

impl FolderShelf {
    /// The shelf in `folder`.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, deadline: DEADLINE }
    }

    /// Works on a thread that may hang, and stops waiting for it. What it does half is not there: see [`write()`].
    async fn on_a_thread<T, F>(&self, work: F) -> Result<T, ShelfError>
    where
        T: Send + 'static,
        F: FnOnce(&Path) -> io::Result<T> + Send + 'static,
    {
        let folder = self.folder.clone();
        let working = tokio::task::spawn_blocking(move || {
            if fs::metadata(&folder)?.is_dir() { work(&folder) } else { Err(io::ErrorKind::NotADirectory.into()) }
        });
        let folder = self.folder.clone();
        match tokio::time::timeout(self.deadline, working).await {
            Ok(Ok(done)) => done.map_err(|error| named(folder, error)),
            Ok(Err(source)) => Err(ShelfError::Failed { folder, source: source.into() }),
            Err(_) => Err(ShelfError::Silent { folder }),
        }
    }
}

impl Shelf for FolderShelf {
    async fn list(&self, prefix: &str) -> Result<Vec<String>, ShelfError> {
        let below = checked(prefix.strip_suffix('/').ok_or(ShelfError::Name)?)?;
        let prefix = prefix.to_owned();
        self.on_a_thread(move |folder| {
            let entries = match fs::read_dir(folder.join(below)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let mut names = Vec::new();
            for entry in entries {
                let entry = entry?;
                let name = entry.file_name().into_string().ok().filter(|name| !name.starts_with('.'));
                // An empty file is what some shares leave of one that could not be written.
                if entry.metadata()?.len() > 0 {
                    names.extend(name.map(|name| format!("{prefix}{name}")));
                }
            }
            Ok(names)
        })
        .await
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), ShelfError> {
        let name = checked(name)?;
        self.on_a_thread(move |folder| write(folder, &name, &bytes)).await
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, ShelfError> {
        let name = checked(name)?;
        self.on_a_thread(move |folder| {
            let file = match File::open(folder.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                file => file?,
            };
            let mut bytes = Vec::new();
            file.take(u64::try_from(MOST).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        })
        .await
    }
}

/// Writes under another name, and gives the right one to what is on the disk whole. A second try writes over the first
/// one's remains.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(name);
    let (parent, file) = path.parent().zip(path.file_name()).ok_or(io::ErrorKind::InvalidFilename)?;
    if !parent.is_dir() {
        // Not the shelf's own folder, which is there: `name` has no part that leads up.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
        parent.ancestors().skip(1).take_while(|above| above.starts_with(folder)).try_for_each(sync_folder)?;
    }
    let half = parent.join(format!(".{}.half", file.to_string_lossy()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&half)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&half, &path)
    })();
    if written.is_err() {
        // What is left of it takes space that may be what was missing.
        let _ = fs::remove_file(&half);
    }
    written?;
    sync_folder(parent)
}

/// Writes a folder's names to the disk. Some shares (SMB) know no such thing, and keep names by themselves.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// A name without parts that lead up, or are hidden.
fn checked(name: &str) -> Result<String, ShelfError> {
    let sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(sign);
    if name.split('/').all(part) { Ok(name.to_owned()) } else { Err(ShelfError::Name) }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the kinds of the standard library may grow")]
fn named(folder: PathBuf, error: io::Error) -> ShelfError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ShelfError::Missing { folder },
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ShelfError::Full { folder },
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ShelfError::Forbidden { folder },
        io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::StaleNetworkFileHandle => {
            ShelfError::Silent { folder }
        }
        _ => ShelfError::Failed { folder, source: error.into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_put_is_listed_and_read_and_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = FolderShelf::new(folder.path().to_owned());
        assert_eq!(shelf.list("a/b/").await.unwrap(), Vec::<String>::new());
        shelf.put("a/b/one.seg", vec![1]).await.unwrap();
        shelf.put("a/b/one.seg", vec![2]).await.unwrap();
        assert_eq!(shelf.list("a/b/").await.unwrap(), ["a/b/one.seg"]);
        assert_eq!(shelf.get("a/b/one.seg").await.unwrap(), Some(vec![2]));
        assert_eq!(shelf.get("a/b/two.seg").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_half_written_and_an_empty_file_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = FolderShelf::new(folder.path().to_owned());
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/.one.seg.half"), [1]).unwrap();
        fs::write(folder.path().join("a/two.seg"), []).unwrap();
        assert_eq!(shelf.list("a/").await.unwrap(), Vec::<String>::new());
        shelf.put("a/one.seg", vec![1, 2]).await.unwrap();
        assert!(!folder.path().join("a/.one.seg.half").exists());
    }

    #[tokio::test]
    async fn a_share_that_is_not_mounted_is_named_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = FolderShelf::new(folder.path().join("share"));
        assert!(matches!(shelf.put("a", vec![1]).await, Err(ShelfError::Missing { .. })));
        assert!(matches!(shelf.list("a/").await, Err(ShelfError::Missing { .. })));
        assert!(!folder.path().join("share").exists());
    }

    #[tokio::test]
    async fn no_name_leads_out_of_the_shelf() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = FolderShelf::new(folder.path().to_owned());
        for name in ["../a", "/a", "a//b", "a/../b", ".a", "", "a b"] {
            assert!(matches!(shelf.put(name, vec![1]).await, Err(ShelfError::Name)), "{name}");
        }
    }

    #[tokio::test]
    async fn a_full_disk_is_called_full() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert!(matches!(named(PathBuf::new(), full), ShelfError::Full { .. }));
    }
}
