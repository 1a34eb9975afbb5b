//! Pronunciations for names that the clinic dictionary lacks.
//!
//! In:  a word of lower-case letters. Out: its phones (the ARPAbet set of CMUdict): from a general pronouncing dictionary
//! where one lies beside the acoustic model, else by plain letter-to-sound rules. The rules are an approximation for
//! names, good enough to tell one of a few dozen candidates from another; they keep nothing and write nothing.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// The phones of each word, from a dictionary file in CMUdict form; words it lacks (or all, without a file) by rule.
#[must_use]
pub fn pronounce(words: &[String], dictionary: Option<&Path>) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = words.iter().map(|word| (word.clone(), Vec::new())).collect();
    if let Some(file) = dictionary.and_then(|path| File::open(path).ok()) {
        // One pass of 3 MB, some 5 ms, and only where a candidate's name is not in the clinic dictionary.
        for line in BufReader::new(file).lines().map_while(Result::ok) {
            let Some((head, phones)) = line.split_once(' ') else { continue };
            let word = head.split('(').next().unwrap_or(head);
            if let Some((_, ways)) = found.iter_mut().find(|(wanted, _)| wanted == word) {
                ways.push(phones.trim().to_owned());
            }
        }
    }
    for (word, ways) in &mut found {
        if ways.is_empty() {
            ways.push(by_rule(word));
        }
    }
    found
}

/// Letter groups and their sounds, longest first within a letter. An empty sound is a silent group.
const SOUNDS: &[(&str, &str)] = &[
    ("tsch", "CH"),
    ("eigh", "EY"),
    ("augh", "AO"),
    ("ough", "OW"),
    ("sch", "SH"),
    ("tch", "CH"),
    ("igh", "AY"),
    ("eau", "OW"),
    ("cz", "CH"),
    ("sz", "SH"),
    ("ch", "CH"),
    ("ck", "K"),
    ("sh", "SH"),
    ("th", "TH"),
    ("ph", "F"),
    ("wh", "W"),
    ("wr", "R"),
    ("kn", "N"),
    ("gn", "N"),
    ("gh", "G"),
    ("ng", "NG"),
    ("qu", "K W"),
    ("zh", "ZH"),
    ("kh", "K"),
    ("dh", "D"),
    ("bh", "B"),
    ("ll", "L"),
    ("nn", "N"),
    ("tt", "T"),
    ("rr", "R"),
    ("ss", "S"),
    ("mm", "M"),
    ("pp", "P"),
    ("dd", "D"),
    ("gg", "G"),
    ("bb", "B"),
    ("ff", "F"),
    ("cc", "K"),
    ("zz", "T S"),
    ("ee", "IY"),
    ("ea", "IY"),
    ("ei", "AY"),
    ("ie", "IY"),
    ("ai", "EY"),
    ("ay", "EY"),
    ("ey", "IY"),
    ("oo", "UW"),
    ("ou", "UW"),
    ("oa", "OW"),
    ("oe", "OW"),
    ("oy", "OY"),
    ("oi", "OY"),
    ("ow", "OW"),
    ("au", "AO"),
    ("aw", "AO"),
    ("aa", "AA"),
    ("ue", "UW"),
    ("ui", "UW"),
    ("ce", "S EH"),
    ("ci", "S IY"),
    ("cy", "S IY"),
    ("ge", "JH EH"),
    ("gi", "JH IY"),
    ("er", "ER"),
    ("ir", "ER"),
    ("ur", "ER"),
    ("or", "AO R"),
    ("ar", "AA R"),
    ("a", "AA"),
    ("b", "B"),
    ("c", "K"),
    ("d", "D"),
    ("e", "EH"),
    ("f", "F"),
    ("g", "G"),
    ("h", "HH"),
    ("i", "IH"),
    ("j", "JH"),
    ("k", "K"),
    ("l", "L"),
    ("m", "M"),
    ("n", "N"),
    ("o", "OW"),
    ("p", "P"),
    ("q", "K"),
    ("r", "R"),
    ("s", "S"),
    ("t", "T"),
    ("u", "UW"),
    ("v", "V"),
    ("w", "W"),
    ("x", "K S"),
    ("y", "Y"),
    ("z", "Z"),
];

/// Letter endings that sound otherwise than the same letters inside a word.
const ENDINGS: &[(&str, &str)] =
    &[("a", "AH"), ("y", "IY"), ("i", "IY"), ("e", ""), ("h", ""), ("es", "EH Z"), ("ez", "EH Z")];

fn by_rule(word: &str) -> String {
    let mut phones: Vec<&str> = Vec::new();
    let mut rest = word;
    while !rest.is_empty() {
        let ending = if phones.is_empty() { None } else { ENDINGS.iter().find(|(letters, _)| *letters == rest) };
        let whole = ending.or_else(|| SOUNDS.iter().find(|(letters, _)| rest.starts_with(letters)));
        let Some((letters, sound)) = whole else {
            // An apostrophe: no sound.
            let mut chars = rest.chars();
            chars.next();
            rest = chars.as_str();
            continue;
        };
        phones.extend(sound.split_whitespace());
        rest = rest.get(letters.len()..).unwrap_or("");
    }
    if phones.is_empty() { "AH".to_owned() } else { phones.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_plausible_phones() {
        assert_eq!(by_rule("zadie"), "Z AA D IY");
        assert_eq!(by_rule("quill"), "K W IH L");
        assert_eq!(by_rule("novakova"), "N OW V AA K OW V AH");
        assert_eq!(by_rule("o'shea"), "OW SH IY");
        assert_eq!(by_rule("''"), "AH");
    }

    #[test]
    fn every_sound_is_a_phone_of_the_set() {
        const PHONES: &str = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y \
                              Z ZH";
        for (letters, sound) in SOUNDS.iter().chain(ENDINGS) {
            assert!(sound.split_whitespace().all(|p| PHONES.split(' ').any(|known| known == p)), "{letters}");
        }
    }

    #[test]
    fn a_dictionary_comes_before_the_rules() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dict");
        std::fs::write(&path, "siobhan SH IH V AO N\nsiobhan(2) SH AH V AO N\n").unwrap();
        let words = ["siobhan".to_owned(), "xu".to_owned()];
        let found = pronounce(&words, Some(&path));
        assert_eq!(found[0].1, ["SH IH V AO N", "SH AH V AO N"]);
        assert_eq!(found[1].1, ["K S UW"]);
    }
}
