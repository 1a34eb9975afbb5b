//! Who may name, read and encode what may identify a person.

use crate::source::{Source, library};

const PHI: [&str; 5] = ["Secret", "RawTranscript", "ClinicText", "SpokenText", "Vault"];

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
}

/// The top-level modules of the files that hold `pattern`, each once.
fn modules_with(pattern: &str) -> Vec<String> {
    let holds = |source: &Source| source.code.contains(pattern);
    let mut modules: Vec<_> = library().into_iter().filter(holds).map(|source| source.module().to_owned()).collect();
    modules.sort();
    modules.dedup();
    modules
}

#[test]
fn the_airlock_names_no_type_that_holds_phi() {
    for source in library().iter().filter(|s| s.module() == "airlock") {
        let named: Vec<_> = words(&source.code).filter(|word| PHI.contains(word)).collect();
        assert!(named.is_empty(), "{} names {named:?}", source.path);
    }
}

#[test]
fn what_may_go_to_the_airlock_is_a_closed_list() {
    let mut found = Vec::new();
    for source in library() {
        for line in source.code.lines() {
            let everywhere = line.contains("MayGoTo<D> for ");
            if everywhere || line.contains("MayGoTo<Airlock> for ") {
                let name = line.split(" for ").nth(1).unwrap().trim_end_matches(" {").trim();
                found.push(name.to_owned());
            }
        }
    }
    found.sort();
    let known = [
        "$type",
        "Argument",
        "CloudRequest",
        "IdentityLevel",
        "Kind",
        "Leaves",
        "Option<T>",
        "Parcel<D>",
        "Placeholder",
        "Redacted",
        "Template",
        "ToolAnswer",
        "ToolUse",
        "ToolValue",
        "Vec<T>",
        "[T]",
        "uuid::Uuid",
    ];
    assert_eq!(found, known, "something new may cross the airlock: is there no PHI in it?");
}

#[test]
fn only_these_modules_read_a_secret() {
    let known = ["call", "caller", "cli", "clinic", "guard", "listen", "redact", "speak", "wire"];
    assert_eq!(modules_with(".expose()"), known);
}

#[test]
fn only_these_modules_write_a_value_down_for_a_door() {
    let known = ["airlock", "call", "clinic", "converse", "placeholder", "redact", "wire"];
    assert_eq!(modules_with("Loaded("), known);
}
