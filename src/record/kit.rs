//! The auditor's kit: what lies in a folder of exported events besides them, and how each file of it is laid out.
//!
//! In:  nothing; whoever exports writes the files and takes their names and lines from here.
//! Out: `verify.py` and `README.txt`, as they go into every folder, and the lines of the other files.
//! The layout is fixed: folders that were handed out years ago are still to be checked. Never touches a disk itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::tree::{Hash, sha256};

/// The check that goes into every folder: Python's standard library and nothing else.
pub const VERIFY_PY: &str = include_str!("kit/verify.py");
/// What the folder is, how to check it, and what that does not show.
pub const README: &str = include_str!("kit/README.txt");

/// Name of [`VERIFY_PY`] in the folder. Not in the manifest, as is [`README_FILE`].
pub const VERIFY_FILE: &str = "verify.py";
/// Name of [`README`] in the folder.
pub const README_FILE: &str = "README.txt";
/// [`Manifest`], written last.
pub const MANIFEST_FILE: &str = "manifest.json";
/// Header lines, to the byte, each with a newline.
pub const ENTRIES_FILE: &str = "entries.ndjson";
/// The signed note that covers [`Manifest::size`] events.
pub const CHECKPOINT_FILE: &str = "checkpoint.txt";
/// [`CheckpointLine`]s.
pub const CHECKPOINTS_FILE: &str = "checkpoints.ndjson";
/// The verifier's text, a newline after it.
pub const VKEY_FILE: &str = "vkey.txt";
/// [`ProofLine`]s, for a selection.
pub const PROOFS_FILE: &str = "proofs.ndjson";
/// [`SealedLine`]s, where they were asked for.
pub const SEALED_FILE: &str = "sealed.ndjson";
/// [`BodyLine`]s, where they were asked for.
pub const BODIES_FILE: &str = "bodies.ndjson";

/// The version of the layout.
pub const VERSION: u8 = 1;

/// What the folder holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`VERSION`].
    pub v: u8,
    /// Every event or some.
    pub kind: Kind,
    /// The log's id, as every header has it.
    pub log: String,
    /// The checkpoint's first line.
    pub origin: String,
    /// How many events the checkpoint covers.
    pub size: u64,
    /// How many lines [`ENTRIES_FILE`] has.
    pub entries: u64,
    /// Every other file but this one, [`VERIFY_FILE`] and [`README_FILE`], by name.
    pub files: BTreeMap<String, FileSum>,
}

/// Which events the folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// From 0 up to [`Manifest::size`], without gaps.
    All,
    /// Any, ascending, each with its proof.
    Selection,
}

/// How a file is known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSum {
    /// SHA-256, hex.
    pub sha256: String,
    /// Length, bytes.
    pub bytes: u64,
}

impl FileSum {
    /// Of a file's whole content.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self { sha256: sha256(content).to_string(), bytes: u64::try_from(content.len()).unwrap_or(u64::MAX) }
    }
}

/// An earlier checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointLine {
    /// How many events it covers.
    pub size: u64,
    /// The signed note.
    pub note: String,
}

/// An entry's inclusion in the tree of [`CHECKPOINT_FILE`]; one for each line of [`ENTRIES_FILE`], in the same order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofLine {
    /// The event's number.
    pub seq: u64,
    /// The proof's hashes, lowest first, hex.
    pub hashes: Vec<String>,
}

impl ProofLine {
    /// Out of what [`inclusion`](super::tree::proof::inclusion) made.
    #[must_use]
    pub fn new(seq: u64, proof: &[Hash]) -> Self {
        Self { seq, hashes: proof.iter().map(Hash::to_string).collect() }
    }
}

/// A body as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedLine {
    /// The event's number.
    pub seq: u64,
    /// The sealed bytes, standard base64 with padding.
    pub ct: String,
}

/// A body that was opened: may hold a patient's words, and so has no `Debug`.
#[derive(Serialize)]
pub struct BodyLine<'a> {
    /// The event's number.
    pub seq: u64,
    /// What was sealed.
    pub body: &'a RawValue,
}

#[cfg(test)]
mod tests;
