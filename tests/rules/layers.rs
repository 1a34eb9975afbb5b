//! A module uses modules of lower layers only; within a layer only `converse` uses `guard`, and `pcm`'s layer is one.

use std::collections::BTreeMap;

use crate::source::library;

const LAYERS: [&[&str]; 8] = [
    &["pcm", "clock", "config", "ids", "secret", "placeholder", "tasks", "logs", "sandbox", "wire", "expect"],
    &["line", "listen", "speak"],
    &["redact"],
    &["guard", "converse"],
    &["record"],
    &["airlock", "clinic"],
    &["call", "caller"],
    &["cli"],
];

fn layers() -> BTreeMap<&'static str, usize> {
    let numbered = LAYERS.iter().enumerate();
    numbered.flat_map(|(layer, modules)| modules.iter().map(move |module| (*module, layer))).collect()
}

#[test]
fn no_module_uses_a_module_above_it() {
    let layers = layers();
    let mut turned_round = Vec::new();
    for source in library() {
        let own = layers.get(source.module()).unwrap_or_else(|| panic!("{} is in no layer", source.path));
        for (at, _) in source.code.match_indices("crate::") {
            let rest = source.code.get(at + "crate::".len()..).unwrap();
            let used: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let Some(layer) = layers.get(used.as_str()) else { continue };
            let beside = layer == own && *own > 0 && used != source.module();
            let allowed = source.module() == "converse" && used == "guard";
            if layer > own || (beside && !allowed) {
                turned_round.push(format!("{} uses {used}", source.path));
            }
        }
    }
    assert!(turned_round.is_empty(), "{turned_round:#?}");
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
