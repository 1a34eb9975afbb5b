//! The source tree as text.

use std::fs;
use std::path::{Path, PathBuf};

/// One source file.
pub(crate) struct Source {
    /// Below `src/`, with forward slashes.
    pub(crate) path: String,
    /// Its text without comments and without the tests at its foot.
    pub(crate) code: String,
    /// Its whole text.
    pub(crate) text: String,
}

impl Source {
    /// The top-level module it belongs to.
    pub(crate) fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.contains("tests") || self.path.contains("/tests/")
    }
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of the library but its binaries and files of tests alone.
pub(crate) fn library() -> Vec<Source> {
    let mut paths = Vec::new();
    walk(&root().join("src"), &mut paths);
    let sources = paths.into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let relative = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().into_owned();
        Source { path: relative, code: code(&text), text }
    });
    sources.filter(|s| !s.path.starts_with("bin/") && s.path != "lib.rs" && !s.is_test()).collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, paths);
        } else if path.extension().is_some_and(|e| e == "rs") {
            paths.push(path);
        }
    }
}

/// Tests stand at the foot of a file, so whatever follows the first `#[cfg(test)]` module is tests.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let lines = text.get(..end).unwrap_or_default().lines();
    lines.filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}
