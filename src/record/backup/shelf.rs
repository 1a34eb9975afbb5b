//! A folder of copies, read: which logs, which segments, and the objects themselves.
//!
//! In:  the folder that syncd wrote, or one that a bucket was downloaded to. Whatever is not named like a copy is passed
//! over: half-written files have other names. Run by the command line; changes nothing.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::record::backup::keys;
use crate::record::backup::piece::{self, Label, PieceError};
use crate::record::backup::recovery::RecoveryKey;
use crate::record::backup::restore::RestoreError;
use crate::record::backup::segment;
use crate::wire::backup::{keys_name, range_of, segment_name, segments_of};
use zeroize::Zeroizing;

/// Bytes of a segment's file: what it may unpack to, in pieces that are not packed at all.
const MOST_SEGMENT: usize = segment::LIMIT + (1 << 20);

/// The log whose segments are in `folder`: the one that is wanted, or the only one.
///
/// # Errors
/// [`RestoreError`].
pub(super) fn log(folder: &Path, wanted: Option<Uuid>) -> Result<Uuid, RestoreError> {
    let segments = folder.join("segments");
    let mut logs: Vec<Uuid> = names(&segments)?.iter().filter_map(|name| Uuid::try_parse(name).ok()).collect();
    logs.sort();
    match (wanted, logs.as_slice()) {
        (Some(wanted), known) if known.contains(&wanted) => Ok(wanted),
        (None, [only]) => Ok(*only),
        (_, []) | (Some(_), _) => Err(RestoreError::Nothing { folder: folder.to_owned() }),
        (None, _) => Err(RestoreError::SeveralLogs { logs }),
    }
}

/// The ranges of the log's segments, by their first events; of two with the same first one, the longer one first.
///
/// # Errors
/// [`RestoreError::File`].
pub(super) fn ranges(folder: &Path, log: Uuid) -> Result<Vec<(u64, u64)>, RestoreError> {
    let mut ranges: Vec<_> = names(&folder.join(segments_of(log)))?.iter().filter_map(|name| range_of(name)).collect();
    ranges.sort_by_key(|&(first, next)| (first, std::cmp::Reverse(next)));
    Ok(ranges)
}

/// The payload of a segment.
///
/// # Errors
/// [`PieceError`]: a file that cannot be read to its end is a damaged one.
pub(super) fn segment(
    folder: &Path,
    log: Uuid,
    (first, next): (u64, u64),
    key: &RecoveryKey,
) -> Result<(Label, Zeroizing<Vec<u8>>), PieceError> {
    let object = read(&folder.join(segment_name(log, first, next)), MOST_SEGMENT).map_err(|_| PieceError::Damaged)?;
    piece::open(&object, key, segment::LIMIT)
}

/// The payload of the log's keys.
///
/// # Errors
/// [`RestoreError::NoKeys`], [`RestoreError::Keys`].
pub(super) fn keys(folder: &Path, log: Uuid, key: &RecoveryKey) -> Result<(Label, Zeroizing<Vec<u8>>), RestoreError> {
    let path = folder.join(keys_name(log));
    let object = match read(&path, keys::LIMIT) {
        Ok(object) => object,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(RestoreError::NoKeys { path }),
        Err(source) => return Err(RestoreError::File { path, source }),
    };
    piece::open(&object, key, keys::LIMIT).map_err(|source| RestoreError::Keys { path, source })
}

fn names(folder: &Path) -> Result<Vec<String>, RestoreError> {
    let file = |source| RestoreError::File { path: PathBuf::from(folder), source };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(file)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(file)?.file_name().into_string().ok());
    }
    Ok(names)
}

/// Reads a file of at most `most` bytes.
fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let (mut bytes, limit) = (Vec::new(), u64::try_from(most).unwrap_or(u64::MAX));
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}
