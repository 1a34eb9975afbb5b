//! The cases to speak: JSON lines with the stretches that must not be left in the text.
//!
//! In:  a file of `{"id","text","style","prev","spans":[{"start","end","label"[,"optional"]}]}`, offsets in characters, end
//! exclusive. Out: a sample of [`Case`]s, evenly spread over the labels. An error names the line and never quotes it.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::placeholder::Label;

/// One utterance.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Case {
    /// Its name.
    pub(super) id: String,
    /// What is said.
    pub(super) text: String,
    /// What the other party had said.
    #[serde(default)]
    pub(super) prev: String,
    /// As it is written: "asr", "asr_raw", "written".
    #[serde(default)]
    style: String,
    /// What must be covered, or may be.
    #[serde(default)]
    pub(super) spans: Vec<Gold>,
}

/// A stretch of a case's text.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Gold {
    start: usize,
    end: usize,
    /// What it is.
    pub(super) label: Label,
    /// Whether it may also be left.
    #[serde(default)]
    pub(super) optional: bool,
}

impl Gold {
    /// In characters of the text.
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The cases cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum CaseError {
    /// The file.
    #[error("{} cannot be read as UTF-8 text", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line is no case. The parser's own message may quote the line and is left out.
    #[error("{}, line {line}, column {column}: not a JSON object with \"id\", \"text\" and \"spans\"", path.display())]
    BadLine {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1; 0 where it is not known.
        column: usize,
    },
    /// A span is not inside its text.
    #[error("{}, line {line}: a span does not lie inside the text; offsets count characters", path.display())]
    BadSpan {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// Nothing to measure.
    #[error("{} holds no case of the style {styles}", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// What was asked for.
        styles: String,
    },
}

/// Reads the cases of `styles` and takes `limit` of them.
pub(super) fn sample(path: &Path, styles: &[String], limit: usize) -> Result<Vec<Case>, CaseError> {
    let text = fs::read_to_string(path).map_err(|source| CaseError::Unreadable { path: path.to_owned(), source })?;
    let mut cases = Vec::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let bad = |error: serde_json::Error| CaseError::BadLine { path: path.to_owned(), line, column: error.column() };
        let case: Case = serde_json::from_str(text).map_err(bad)?;
        let length = case.text.chars().count();
        if case.spans.iter().any(|span| span.start >= span.end || span.end > length) {
            return Err(CaseError::BadSpan { path: path.to_owned(), line });
        }
        if styles.contains(&case.style) {
            cases.push(case);
        }
    }
    if cases.is_empty() || limit == 0 {
        return Err(CaseError::Empty { path: path.to_owned(), styles: styles.join(", ") });
    }
    Ok(spread(cases, limit))
}

/// Takes `limit` cases in even steps from the cases in the order of their labels; those of one label keep their order.
fn spread(mut cases: Vec<Case>, limit: usize) -> Vec<Case> {
    let label = |case: &Case| case.spans.iter().filter(|span| !span.optional).map(|span| span.label).max();
    cases.sort_by_key(label);
    let (count, taken) = (cases.len(), limit.min(cases.len()));
    let mut wanted = (0..taken).map(|n| n.saturating_mul(count) / taken).peekable();
    let chosen = (0..).zip(cases).filter(|(at, _)| wanted.next_if_eq(at).is_some());
    chosen.map(|(_, case)| case).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lines: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), lines).unwrap();
        file
    }

    fn line(id: usize, label: &str) -> String {
        format!(
            "{{\"id\":\"{id}\",\"text\":\"it is x\",\"style\":\"asr\",\"spans\":[{{\"start\":6,\"end\":7,\"label\":\"{label}\"}}]}}\n"
        )
    }

    #[test]
    fn a_sample_has_each_label_by_its_share() {
        let lines: String = (0..60).map(|n| line(n, if n % 3 == 0 { "DATE" } else { "NAME" })).collect();
        let file = written(&lines);
        let taken = sample(file.path(), &["asr".to_owned()], 15).unwrap();
        let dates = taken.iter().filter(|case| case.spans[0].label == Label::Date).count();
        assert_eq!((taken.len(), dates), (15, 5));
        assert_eq!(sample(file.path(), &["asr".to_owned()], 900).unwrap().len(), 60);
        assert!(matches!(sample(file.path(), &["written".to_owned()], 9), Err(CaseError::Empty { .. })));
    }

    #[test]
    fn a_bad_line_is_named_and_not_quoted() {
        let of = |text: &str| sample(written(text).path(), &["asr".to_owned()], 9).unwrap_err();
        let error = of(&format!("{}{{\"id\":\"2\",\"text\":17 lopez}}\n", line(1, "NAME")));
        assert!(matches!(error, CaseError::BadLine { line: 2, .. }) && !error.to_string().contains("lopez"));
        let error = of(&line(1, "LOPEZ"));
        assert!(matches!(error, CaseError::BadLine { line: 1, .. }) && !error.to_string().contains("LOPEZ"));
        assert!(matches!(of(&line(1, "NAME").replace(":7,", ":8,")), CaseError::BadSpan { line: 1, .. }));
    }
}
