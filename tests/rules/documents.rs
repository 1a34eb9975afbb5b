//! The table of law names tests that exist.

use std::collections::BTreeSet;
use std::fs;

use crate::lexer::{blank, tokens};
use crate::source::{files, root};

/// The names of the tests in a file: functions that are marked as tests and not ignored, and the entries of a table of
/// tests (`name = "..."` inside a macro of the file).
fn tests_of(text: &str) -> BTreeSet<String> {
    let code = blank(text);
    let mut found = BTreeSet::new();
    let mut marked = false;
    for line in code.lines().map(str::trim) {
        if line.starts_with("#[") && line.contains("ignore") {
            marked = false;
        } else if ["#[test]", "#[tokio::test"].iter().any(|mark| line.starts_with(mark)) {
            marked = true;
        }
        let words = tokens(line);
        if let Some(at) = words.iter().position(|word| *word == "fn") {
            if marked && let Some(name) = words.get(at + 1) {
                found.insert((*name).to_owned());
            }
            marked = false;
        }
        if let [name, "=", "\"", "\"", ";"] = words.as_slice() {
            found.insert((*name).to_owned());
        }
    }
    found
}

/// What is wrong with the table: a row that is shown by nothing, or by a test that is not there.
fn dangling(law: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let rows = law.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| rule"));
    rows.filter_map(|row| {
        let columns: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, _, shown] = columns.as_slice() else { return Some(format!("not three columns: {row}")) };
        let named = shown.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
        match named {
            Some(names) => {
                let missing: Vec<_> = names.split("`, `").filter(|name| !tests.contains(*name)).collect();
                (!missing.is_empty()).then(|| format!("{missing:?} is no test: {row}"))
            }
            None => (!is_later(shown)).then(|| format!("neither a test nor a date: {row}")),
        }
    })
    .collect()
}

/// `later 2026-11-24 (console)`: looked at on that day, and belongs to that area.
fn is_later(shown: &str) -> bool {
    let Some((date, area)) = shown.strip_prefix("later ").and_then(|rest| rest.split_once(' ')) else { return false };
    let is_area = area.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).is_some_and(|area| area.len() > 2);
    date.parse::<jiff::civil::Date>().is_ok() && date.len() == 10 && is_area
}

#[test]
fn every_row_of_the_law_names_a_test_that_exists_or_a_date() {
    let law = fs::read_to_string(root().join("docs/law.md")).unwrap();
    let all = files("src").into_iter().chain(files("tests"));
    let tests = all.flat_map(|(_, text)| tests_of(&text)).collect();
    assert!(law.lines().filter(|line| line.starts_with("| 45 CFR")).count() >= 20, "the table is gone");
    assert_eq!(dangling(&law, &tests), Vec::<String>::new());
}

#[test]
fn a_dangling_row_is_found() {
    let text = "#[test]\nfn there() {}\n// #[test]\n// fn commented_out() {}\nfn no_test() {}\n#[test]\n#[ignore = \"x\"]\n\
                fn ignored() {}\nlet a = \"#[test] fn quoted() {}\";\n#[tokio::test(flavor = \"x\")]\nasync fn awaited() {}\n\
                names! {\n    in_a_table = \"file\";\n}\nproptest! {\n    #[test]\n    fn of_any_input(a in 0..3) {}\n}";
    let tests = tests_of(text);
    assert_eq!(Vec::from_iter(tests.iter().map(String::as_str)), ["awaited", "in_a_table", "of_any_input", "there"]);
    let wrong = |shown: &str| {
        !dangling(&format!("| rule | box | shown by |\n|---|---|---|\n| a | b | {shown} |"), &tests).is_empty()
    };
    for well in ["`there`", "`there`, `awaited`", "later 2026-11-24 (console)"] {
        assert!(!wrong(well), "{well}");
    }
    for dangling in [
        "`gone`",
        "`there`, `gone`",
        "`commented_out`",
        "`no_test`",
        "`ignored`",
        "later",
        "",
        "there",
        "later 2026-13-24 (console)",
        "later 2026-11-24",
        "later 2026-11-24 ()",
    ] {
        assert!(wrong(dangling), "{dangling}");
    }
    assert!(!dangling("| a | b |", &tests).is_empty());
}
