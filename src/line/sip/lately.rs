//! What the sound of the last calls was like: counts, so that `anteroom doctor line` can say whether sound flows both ways.
//!
//! In:  one [`Call`] at each call's end. Out: a file in lined's own folder with the last [`KEPT`], one JSON object a line.
//! It knows no number, no name and no call's id, and is no part of the record: a file that cannot be written or read costs
//! nothing but a check. Written by lined, read by the command.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How many calls are kept: a morning of a small clinic.
const KEPT: usize = 20;
/// The longest file that is read, bytes: anything longer is not ours.
const LONGEST: usize = 16 * 1_024;
/// The folder's name, beside that of the prompts; the record's key is there too.
const FOLDER: &str = "line";
/// The file in it.
const FILE: &str = "lately.jsonl";

/// The sound of one call that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// When it ended.
    pub ended: Timestamp,
    /// How long it was, seconds.
    pub seconds: u64,
    /// Packets of the peer's sound that came, 20 ms each where the peer sends what was agreed on.
    pub received: u64,
    /// Packets that never came.
    pub lost: u64,
    /// Packets that were sent.
    pub sent: u64,
}

/// Where they are written.
#[derive(Clone, Debug)]
pub struct Lately(PathBuf);

impl Lately {
    /// The file that goes with this folder of prompts.
    #[must_use]
    pub fn beside(prompts: &Path) -> Self {
        Self(prompts.with_file_name(FOLDER).join(FILE))
    }

    /// Adds a call; the oldest goes.
    ///
    /// # Errors
    /// Where the file cannot be written; the next call tries again.
    pub fn add(&self, call: Call) -> io::Result<()> {
        let mut calls = self.read().unwrap_or_default();
        calls.push(call);
        let newest = calls.iter().rev().take(KEPT).rev();
        let lines = newest.map(|call| serde_json::to_string(call).map(|line| line + "\n"));
        let text = lines.collect::<Result<String, _>>()?;
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        let new = self.0.with_extension("new");
        fs::write(&new, text)?;
        fs::rename(&new, &self.0)
    }

    /// The calls, the newest last; none where none was written yet.
    ///
    /// # Errors
    /// Where the file cannot be read, or is not what lined wrote.
    pub fn read(&self) -> io::Result<Vec<Call>> {
        match fs::read_to_string(&self.0) {
            Ok(text) => parse(&text).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn parse(text: &str) -> Option<Vec<Call>> {
    if text.len() > LONGEST {
        return None;
    }
    text.lines().map(|line| serde_json::from_str(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call(n: u64) -> Call {
        let ended = Timestamp::from_second(1_795_800_000).unwrap();
        Call { ended, seconds: n, received: 50 * n, lost: 1, sent: 50 * n }
    }

    #[test]
    fn the_newest_twenty_calls_are_read_back_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let lately = Lately::beside(&folder.path().join("prompts"));
        assert_eq!(lately.read().unwrap(), []);
        for n in 0..25 {
            lately.add(call(n)).unwrap();
        }
        assert_eq!(lately.read().unwrap(), (5..25).map(call).collect::<Vec<_>>());
    }

    #[test]
    fn a_file_of_somebody_elses_is_no_calls_and_is_replaced_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let lately = Lately::beside(&folder.path().join("prompts"));
        fs::create_dir_all(lately.0.parent().unwrap()).unwrap();
        for text in ["{}", "not json", "[1]\n", &"x".repeat(LONGEST + 1)] {
            fs::write(&lately.0, text).unwrap();
            assert!(lately.read().is_err(), "{} bytes", text.len());
        }
        lately.add(call(3)).unwrap();
        assert_eq!(lately.read().unwrap(), [call(3)]);
    }

    proptest! {
        #[test]
        fn any_text_is_calls_or_none(text in "\\PC{0,300}") {
            let _ = parse(&text);
        }
    }
}
