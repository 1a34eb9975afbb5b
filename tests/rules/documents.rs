//! The table of law names tests that exist.

use std::fs;

use crate::source::root;

fn all_tests() -> String {
    let mut text = String::new();
    let mut folders = vec![root().join("src"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

#[test]
fn every_row_of_the_law_names_a_test_that_exists_or_a_date() {
    let law = fs::read_to_string(root().join("docs/law.md")).unwrap();
    let tests = all_tests();
    let rows: Vec<_> = law.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| rule")).collect();
    assert!(rows.len() >= 15, "the table is gone");
    for row in rows {
        let shown = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        if let Some(name) = shown.strip_prefix('`').and_then(|s| s.strip_suffix('`')) {
            let exists = tests.contains(&format!("fn {name}(")) || tests.contains(&format!("    {name} = \""));
            assert!(exists, "{name} is no test: {row}");
        } else {
            assert!(shown.starts_with("later 20"), "{row}");
        }
    }
}
