//! `[record]` and `[backup]`: what the record keeps, for how long, and where its copies go.
//!
//! In:  the sections. Out: a [`Record`] and a [`Backup`]. recordd acts on all of it; syncd reads where backups go.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::reader::Section;
use super::warehouse::{Bucket, key};

/// `[record]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The box's name in its checkpoints and in the warehouse: "anteroom.example.com/front-desk". A name of the clinic's
    /// choosing, without spaces and plus signs (C2SP signed-note); without one, "anteroom/" and the log's own id.
    pub origin: Option<String>,
    /// Whether calls' sound is kept.
    pub recording: Recording,
    /// Whether a recorded call is recorded on when staff have taken it. Nobody redacts what is said to staff.
    pub transfers: bool,
    /// How long bodies stay readable. Headers, which hold no PHI, stay.
    pub retention: Retention,
}

/// Whether calls' sound is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// Never.
    Off,
    /// After a notice; a caller who objects is not recorded.
    Notice,
    /// Only after a yes to the question.
    Ask,
}

/// `[record.retention]`: days until the keys of what was kept are destroyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Sound.
    pub sound_days: u32,
    /// What was said, redacted, decided and asked of the clinic's systems.
    pub words_days: u32,
    /// What left for a model, and what came back.
    pub wire_days: u32,
    /// What happened outside calls: reviews, disclosures, accesses. 45 CFR 164.316(b)(2)(i) and 164.528 ask for six years.
    pub box_days: u32,
}

/// `[backup]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Backup {
    /// A folder, such as a share of the clinic's network.
    pub folder: Option<PathBuf>,
    /// A bucket.
    pub bucket: Option<Bucket>,
    /// How often what is new is copied.
    pub every: Duration,
    /// The clinic's recovery key, public half: only its printed private half opens a backup.
    pub recovery_key: Option<[u8; 32]>,
}

impl Default for Record {
    /// What holds where the file says nothing.
    fn default() -> Self {
        const SIX_YEARS: u32 = 2_192;
        let retention = Retention { sound_days: 30, words_days: 90, wire_days: SIX_YEARS, box_days: SIX_YEARS };
        Self { origin: None, recording: Recording::Off, transfers: false, retention }
    }
}

impl Record {
    pub(super) fn read(section: &mut Section) -> Self {
        let modes = [("off", Recording::Off), ("notice", Recording::Notice), ("ask", Recording::Ask)];
        let origin = section.optional_text("origin");
        if origin.as_ref().is_some_and(|name| !is_a_name(name)) {
            let what =
                "should be a name such as \"anteroom.example.com/front-desk\": up to 200 letters, digits and . / - _";
            section.problem("origin", what.to_owned());
        }
        Self {
            origin,
            recording: section.choice("recording", &modes),
            transfers: section.flag("record-transfers", false),
            retention: section.section("retention", Retention::read),
        }
    }
}

impl Retention {
    fn read(section: &mut Section) -> Self {
        const SIX_YEARS: usize = 2_192;
        let mut days =
            |key, default, least: usize| u32::try_from(section.count(key, default, least..=36_500)).unwrap_or(u32::MAX);
        Self {
            sound_days: days("sound-days", 30, 1),
            words_days: days("words-days", 90, 1),
            wire_days: days("wire-days", SIX_YEARS, 1),
            box_days: days("box-days", SIX_YEARS, SIX_YEARS),
        }
    }
}

impl Backup {
    pub(super) fn read(section: &mut Section, base: &Path) -> Self {
        let minutes = section.count("every-minutes", 15, 1..=1_440);
        let backup = Self {
            folder: section.optional_path("folder", base),
            bucket: section.optional_section("bucket", |s| Bucket::read(s, base)),
            every: Duration::from_secs(60 * u64::try_from(minutes).unwrap_or(15)),
            recovery_key: key(section, "recovery-key"),
        };
        let somewhere = backup.folder.is_some() || backup.bucket.is_some();
        if somewhere && backup.recovery_key.is_none() {
            let what =
                "is missing: run `anteroom record recovery-key`, print what it shows, and write its public key here";
            section.problem("recovery-key", what.to_owned());
        }
        backup
    }
}

fn is_a_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '-' | '_');
    (1..=200).contains(&name.len()) && name.chars().all(fits)
}
