//! A module uses modules of lower layers only; within a layer only `converse` uses `guard`, and `pcm`'s layer is one.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Source, library};

const LAYERS: [&[&str]; 9] = [
    &[
        "pcm",
        "clock",
        "config",
        "ids",
        "secret",
        "placeholder",
        "tasks",
        "vocabulary",
        "logs",
        "sandbox",
        "wire",
        "expect",
        "http",
        "hex",
    ],
    &["line", "listen", "speak"],
    &["redact"],
    &["guard", "converse"],
    &["record"],
    &["airlock", "clinic", "sync"],
    &["call", "caller"],
    &["mains"],
    &["cli"],
];

/// What a file uses that takes the crate's root itself: whatever follows cannot be seen.
const EVERYTHING: &str = "everything";

fn layers() -> BTreeMap<&'static str, usize> {
    let numbered = LAYERS.iter().enumerate();
    numbered.flat_map(|(layer, modules)| modules.iter().map(move |module| (*module, layer))).collect()
}

/// The top-level modules that the file names, by whatever kind of path.
pub(crate) fn used(source: &Source) -> BTreeSet<String> {
    let tokens = source.tokens();
    let token = |at: usize| tokens.get(at).copied().unwrap_or_default();
    // Modules within the file: name of each and the depth of braces in it.
    let mut inner: Vec<usize> = Vec::new();
    let mut depth = 0_usize;
    let mut found = BTreeSet::new();
    let mut at = 0;
    while at < tokens.len() {
        match token(at) {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                inner.retain(|opened| *opened < depth + 1);
            }
            "mod" if token(at + 2) == "{" => inner.push(depth + 1),
            "crate" if token(at + 1) == "::" => first_names(&tokens, at + 2, &mut found),
            // An alias of the root (`use crate as c`, `extern crate self as c`).
            "crate" if ["as", "self"].contains(&token(at + 1)) => {
                found.insert(EVERYTHING.to_owned());
            }
            "super" if token(at + 1) == "::" && !(at >= 2 && token(at - 2) == "super") => {
                let supers =
                    (0..).take_while(|n| token(at + 2 * n) == "super" && token(at + 2 * n + 1) == "::").count();
                if supers == source.module_path().len() + inner.len() {
                    first_names(&tokens, at + 2 * supers, &mut found);
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// The first names of the paths that begin at `at`: one, or each of a group.
fn first_names(tokens: &[&str], at: usize, found: &mut BTreeSet<String>) {
    let token = |at: usize| tokens.get(at).copied().unwrap_or_default();
    match token(at) {
        "{" => {
            let mut depth = 0_usize;
            for place in at..tokens.len() {
                match token(place) {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    return;
                }
                if depth == 1 && ["{", ","].contains(&token(place)) && token(place + 1) != "}" {
                    first_names(tokens, place + 1, found);
                }
            }
        }
        "*" | "self" => {
            found.insert(EVERYTHING.to_owned());
        }
        name => {
            found.insert(name.to_owned());
        }
    }
}

/// What the file uses that it may not.
fn above_or_beside(source: &Source) -> Vec<String> {
    let layers = layers();
    let own = *layers.get(source.module()).unwrap_or_else(|| panic!("{} is in no layer", source.path));
    let wrong = |used: &String| {
        if used == EVERYTHING {
            return true;
        }
        let Some(&layer) = layers.get(used.as_str()) else { return false };
        let beside = layer == own && own > 0 && used != source.module();
        let allowed = source.module() == "converse" && used == "guard";
        layer > own || (beside && !allowed)
    };
    used(source).into_iter().filter(wrong).map(|used| format!("{} uses {used}", source.path)).collect()
}

#[test]
fn no_module_uses_a_module_above_it() {
    let turned_round: Vec<_> = library().iter().flat_map(above_or_beside).collect();
    assert!(turned_round.is_empty(), "{turned_round:#?}");
}

#[test]
fn every_kind_of_path_upwards_is_seen() {
    let seen = |path: &str, text: &str| above_or_beside(&Source::new(path, text));
    for text in [
        "use crate::call::Driver;",
        "use crate::{clock::Clock, call::driver::{self, Driver}};",
        "use crate::{\n    clock,\n    call,\n};",
        "use {std::fs, crate::{call as c}};",
        "use super::super::call;",
        "use super::super::{clock, call::Driver};",
        "fn a() { crate::call::driver::run() }",
        "fn a() { self::super::super::call::driver::run() }",
        "mod inner { use super::super::super::call; }",
        "macro_rules! a { () => { $crate::call::driver::run() } }",
        "#[cfg(test)]\nmod tests {\n}\nuse crate::call::Driver;",
        "use crate::*;",
        "use crate as all;",
        "use crate::{self as all};",
        "extern crate self as all;",
    ] {
        assert_eq!(seen("line/port.rs", text).len(), 1, "{text}");
    }
    assert_eq!(seen("line/mod.rs", "use super::call;"), ["line/mod.rs uses call"]);
    assert_eq!(seen("line.rs", "use super::{call, cli};"), ["line.rs uses call", "line.rs uses cli"]);
    assert_eq!(seen("airlock/check.rs", "use crate::clinic;"), ["airlock/check.rs uses clinic"]);
}

#[test]
fn paths_that_do_not_go_upwards_are_left_alone() {
    for text in [
        "// use crate::call::Driver;\n/* crate::call */\nconst A: &str = \"crate::call\";",
        "#[cfg(test)]\nmod tests { use crate::call::Driver; }",
        "use crate::{clock::Clock, pcm::{Frame, wav}, line::{self}};",
        "use super::call;",
        "use super::{call, cli};",
        "mod inner { use super::super::call; }\npub(crate) fn a() {}",
    ] {
        assert_eq!(above_or_beside(&Source::new("line/port.rs", text)), Vec::<String>::new(), "{text}");
    }
    let guard = Source::new("converse/state.rs", "use crate::{guard::Verdict, redact::Redacted};");
    assert_eq!(above_or_beside(&guard), Vec::<String>::new());
}

#[test]
fn no_module_lies_where_its_name_does_not_say() {
    let elsewhere = |source: &Source| source.tokens().windows(3).any(|w| w == ["#", "[", "path"]);
    let named: Vec<_> = library().into_iter().filter(elsewhere).map(|source| source.path).collect();
    assert!(named.is_empty(), "{named:#?}");
    assert!(elsewhere(&Source::new("line/a.rs", "#[path = \"../call/b.rs\"] mod b;")));
}

#[test]
fn no_file_is_a_drawer_for_odds_and_ends() {
    for source in library() {
        let name = source.path.rsplit('/').next().unwrap().trim_end_matches(".rs");
        assert!(!["utils", "util", "helpers", "common", "misc", "manager"].contains(&name), "{}", source.path);
    }
}

#[test]
fn every_module_says_what_it_is() {
    let silent: Vec<_> = library().into_iter().filter(|s| !s.text.starts_with("//!")).map(|s| s.path).collect();
    assert!(silent.is_empty(), "{silent:#?}");
}
