//! Whether a name as it was said is a patient's name as it is written.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Whether `said` begins with the first name and ends with the last: case, accents, hyphens, apostrophes and middle
/// names do not count. "jose maria obrien" is José O'Brien.
pub(super) fn matches(said: &str, first: &str, last: &str) -> bool {
    let said = words(said);
    let (first, last) = (words(first).concat(), words(last).concat());
    if first.is_empty() || last.is_empty() {
        return false;
    }
    // "O'Brien" may be heard as one word or two, so whole runs of words are compared, not word by word.
    let given = (1..said.len()).find(|&end| said.get(..end).is_some_and(|w| w.concat() == first));
    let family = (1..said.len()).rev().find(|&start| said.get(start..).is_some_and(|w| w.concat() == last));
    matches!((given, family), (Some(end), Some(start)) if end <= start)
}

/// The words of a name: lower case, letters only, without accents.
fn words(name: &str) -> Vec<String> {
    name.split(|c: char| c.is_whitespace() || matches!(c, '-' | '\'' | '\u{2019}' | '.' | ','))
        .map(|word| word.nfd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_middle_names_do_not_count() {
        assert!(matches("MARY lopez", "Mary", "López"));
        assert!(matches("mary ann b. lopez", "Mary", "Lopez"));
        assert!(matches("sean o brien", "Seán", "O'Brien"));
        assert!(matches("sean obrien", "Seán", "O'Brien"));
        assert!(matches("ana de la cruz", "Ana", "de la Cruz"));
    }

    #[test]
    fn a_part_of_a_name_is_not_the_name() {
        for said in ["mary", "lopez", "mary lopes", "mari lopez", "lopez mary", "", "marylopez", "mary lopez jones"] {
            assert!(!matches(said, "Mary", "Lopez"), "{said}");
        }
    }
}
