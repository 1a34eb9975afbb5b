//! A power cut at every operation, replayed: whatever a disk may look like then, the record opens and is whole.
//!
//! In:  the log of a [`Disk`]. Out: for every prefix of it the files as they may lie on the disk: what was synced, and
//! of the rest nothing, everything, some, or some of it torn between two sectors.

use std::collections::BTreeMap;
use std::path::Path;

use super::faulty::{Disk, Op};
use super::{Trial, batch, found, rounds, row, scratch, whole};
use crate::record::store::Store;

/// What a disk writes as a whole, and nothing larger.
const SECTOR: usize = 512;

/// What became of the changes that were not synced.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    Nothing,
    Everything,
    /// Each was made or not.
    Some,
    /// All were made, but the last one only in part.
    Torn,
    /// Each was made or not, or in part.
    SomeTorn,
}

#[derive(Clone, Debug)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
    Delete,
}

#[derive(Default)]
struct File {
    durable: Option<Vec<u8>>,
    pending: Vec<Change>,
}

/// The files of a folder on a disk.
#[derive(Default)]
pub(super) struct Medium(BTreeMap<String, File>);

impl Medium {
    pub(super) fn apply(&mut self, op: &Op) {
        match op {
            Op::Write { file, at, bytes } => {
                self.file(file).pending.push(Change::Write { at: *at, bytes: bytes.clone() })
            }
            Op::Truncate { file, size } => self.file(file).pending.push(Change::Truncate(*size)),
            Op::Sync { file, failed: false } => {
                let file = self.file(file);
                for change in std::mem::take(&mut file.pending) {
                    make(&mut file.durable, &change);
                }
            }
            // The kernel thinks they are written.
            Op::Sync { file, failed: true } => self.file(file).pending.clear(),
            Op::Delete { file, synced: true } => *self.file(file) = File::default(),
            Op::Delete { file, synced: false } => self.file(file).pending.push(Change::Delete),
            Op::Opened | Op::Acked { .. } => {}
        }
    }

    fn file(&mut self, name: &str) -> &mut File {
        self.0.entry(name.to_owned()).or_default()
    }

    /// A disk on which the databases of a folder lie.
    pub(super) fn holding(folder: &Path) -> Self {
        let mut medium = Self::default();
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.contains(".db") {
                medium.file(&name).durable = Some(std::fs::read(&path).unwrap());
            }
        }
        medium
    }

    /// Writes the folder as it may look now. What SQLite never wrote (key, fingerprint) is copied from `beside`; an epoch's
    /// key is made when the keys' database lies on the disk.
    pub(super) fn write(&self, how: How, rng: &mut fastrand::Rng, beside: &Path, folder: &Path) {
        for entry in std::fs::read_dir(beside).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let keys = self.0.get("keys.db").and_then(|file| file.durable.as_ref()).is_some();
            if !name.contains(".db") && (keys || !name.starts_with("epoch.")) && beside.join(&name).is_file() {
                std::fs::copy(beside.join(&name), folder.join(&name)).unwrap();
            }
        }
        for (name, file) in &self.0 {
            if let Some(bytes) = file.cut(how, rng) {
                std::fs::write(folder.join(name), bytes).unwrap();
            }
        }
    }
}

impl File {
    fn cut(&self, how: How, rng: &mut fastrand::Rng) -> Option<Vec<u8>> {
        let mut now = self.durable.clone();
        let last = self.pending.len().saturating_sub(1);
        for (number, change) in self.pending.iter().enumerate() {
            let (made, torn) = match how {
                How::Nothing => (false, false),
                How::Everything => (true, false),
                How::Some => (rng.bool(), false),
                How::Torn => (true, number == last),
                How::SomeTorn => (rng.bool(), rng.u8(..4) == 0),
            };
            match change {
                // What was written to the file of that name since belongs to one that is not there.
                Change::Delete if !made => return now,
                _ if !made => {}
                Change::Write { at, bytes } if torn => {
                    let sectors = (at % SECTOR + bytes.len()).div_ceil(SECTOR);
                    let kept = (rng.usize(..sectors) * SECTOR).saturating_sub(at % SECTOR);
                    make(&mut now, &Change::Write { at: *at, bytes: bytes[..kept.min(bytes.len())].to_vec() });
                }
                Change::Write { .. } | Change::Truncate(_) | Change::Delete => make(&mut now, change),
            }
        }
        now
    }
}

fn make(file: &mut Option<Vec<u8>>, change: &Change) {
    match change {
        Change::Write { at, bytes } => {
            let content = file.get_or_insert_default();
            if content.len() < at + bytes.len() {
                content.resize(at + bytes.len(), 0);
            }
            content[*at..at + bytes.len()].copy_from_slice(bytes);
        }
        Change::Truncate(size) => file.get_or_insert_default().resize(*size, 0),
        Change::Delete => *file = None,
    }
}

/// Cuts the power after every `step`th operation of `commits` commits; several images of each, by seed.
fn cut_everywhere(case: &str, commits: u64, step: usize, seeds: u64, loose: bool) {
    let disk = Disk::register(true);
    let folder = scratch();
    let mut location = found(folder.path()).unwrap();
    location.trial = Trial { vfs: Some(disk.name), checkpoint_pages: Some(24), loose };
    let mut store = Store::open(&location).unwrap();
    disk.note(Op::Opened);
    for number in 0..commits {
        store = store.append(&[batch(number * 2, 2, 150)]).unwrap().0;
        disk.note(Op::Acked { events: number * 2 + 2 });
    }
    drop(store);
    let (mut medium, mut acked, mut opened, mut images) = (Medium::default(), 0, false, 0);
    let log = disk.log();
    for (number, op) in log.iter().enumerate() {
        medium.apply(op);
        opened |= matches!(op, Op::Opened);
        if let Op::Acked { events } = op {
            acked = *events;
        }
        if !number.is_multiple_of(step) {
            continue;
        }
        let fixed = [(How::Nothing, 0), (How::Everything, 0)];
        let random = (0..seeds).flat_map(|seed| [How::Some, How::Torn, How::SomeTorn].map(|how| (how, seed)));
        for (how, seed) in fixed.into_iter().chain(random) {
            let image = scratch();
            let mut rng = fastrand::Rng::with_seed(seed * 1_000_003 + u64::try_from(number).unwrap());
            medium.write(how, &mut rng, folder.path(), image.path());
            if !opened {
                // It is written once the record is made.
                std::fs::remove_file(image.path().join("record.fingerprint")).unwrap();
            }
            let said = format!("{how:?}, seed {seed}, after operation {number} of {}", log.len());
            survives(image.path(), acked, &said);
            images += 1;
        }
    }
    let result = format!("ok; {} operations, {commits} commits", log.len());
    row(case, images, commits * 2, 0, &result);
}

/// It opens, is whole, has every acknowledged event and at most the one submission more that was under way; and goes on.
fn survives(folder: &Path, acked: u64, said: &str) {
    let location = found(folder).unwrap();
    let store = Store::open(&location).unwrap_or_else(|error| panic!("{said}: {error:?}"));
    let there = whole(&location).unwrap_or_else(|wrong| panic!("{said}: {wrong}"));
    assert!(there == acked || there == acked + 2, "{said}: {acked} acknowledged, {there} there");
    store.append(&[batch(there, 2, 150)]).unwrap_or_else(|error| panic!("{said}: {:?}", error));
    assert_eq!(whole(&location), Ok(there + 2), "{said}");
}

#[test]
fn a_power_cut_between_any_two_operations_loses_nothing() {
    cut_everywhere("power cut, replayed (sample)", 5, 3, 1, false);
}

#[test]
#[ignore = "a minute: make test-record"]
fn a_power_cut_between_any_two_operations_of_many_commits_loses_nothing() {
    cut_everywhere("power cut, replayed", rounds("ANTEROOM_TEST_REPLAY", 30), 1, 2, false);
}

#[test]
#[should_panic(expected = "acknowledged")]
fn with_synchronous_normal_the_same_finds_what_is_lost() {
    cut_everywhere("never told", 5, 3, 1, true);
}
