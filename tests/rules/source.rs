//! The source tree as text: without comments, without what stands in strings, without tests.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::lexer::{blank, tests_out, tokens, without_tests};

/// One source file.
pub(crate) struct Source {
    /// Below `src/`, with forward slashes.
    pub(crate) path: String,
    /// Its text without comments, without the content of strings, and without items that only tests have.
    pub(crate) code: String,
    /// Its whole text.
    pub(crate) text: String,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), code: without_tests(&blank(text)), text: text.to_owned() }
    }

    /// The top-level module it belongs to.
    pub(crate) fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The path of its module below the crate's root.
    pub(crate) fn module_path(&self) -> Vec<&str> {
        let path = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let mut parts: Vec<_> = path.split('/').collect();
        if parts.last() == Some(&"mod") {
            parts.pop();
        }
        parts
    }

    /// The words and signs of its code.
    pub(crate) fn tokens(&self) -> Vec<&str> {
        tokens(&self.code)
    }
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder` of the repository, its path below it and its text; not what was built there.
pub(crate) fn files(folder: &str) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    walk(&root().join(folder), &mut paths);
    let relative = |path: &PathBuf| path.strip_prefix(root().join(folder)).unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (relative(path), fs::read_to_string(path).unwrap())).collect()
}

/// Every file of the library but its binaries and the modules that only tests have.
pub(crate) fn library() -> Vec<Source> {
    let sources: Vec<_> = files("src").iter().map(|(path, text)| Source::new(path, text)).collect();
    let only_tests: HashSet<_> = sources.iter().flat_map(modules_of_tests).collect();
    let is_test = |source: &Source| {
        let path = source.module_path().join("/");
        only_tests.iter().any(|test| path == *test || path.starts_with(&format!("{test}/")))
    };
    let in_library = |source: &Source| !source.path.starts_with("bin/") && source.path != "lib.rs" && !is_test(source);
    sources.into_iter().filter(in_library).collect()
}

/// The paths of the modules that the file declares for tests alone, and that are files of their own.
fn modules_of_tests(source: &Source) -> Vec<String> {
    let own = if source.path == "lib.rs" { String::new() } else { format!("{}/", source.module_path().join("/")) };
    tests_out(&blank(&source.text)).into_iter().map(|name| format!("{own}{name}")).collect()
}

fn walk(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            walk(&path, paths);
        } else if path.extension().is_some_and(|e| e == "rs") {
            paths.push(path);
        }
    }
}

#[test]
fn a_module_that_is_declared_for_tests_is_no_part_of_the_library() {
    let source = Source::new("a/mod.rs", "#[cfg(test)]\nmod tests;\nmod made;\n#[cfg(test)] pub(crate) mod helped;");
    assert_eq!(modules_of_tests(&source), ["a/tests", "a/helped"]);
}

#[test]
fn a_file_is_not_taken_for_a_test_because_of_its_name() {
    let source = Source::new("converse/contests.rs", "pub fn prize() {}");
    assert_eq!(source.module_path(), ["converse", "contests"]);
    assert!(modules_of_tests(&source).is_empty());
}
