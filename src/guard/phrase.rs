//! Phrases as data: patterns of a few words, found in what a recogniser wrote.
//!
//! In:  a table row's patterns and the words of an utterance. Out: whether, and where, one of them occurs.
//! A recogniser drops, adds and mishears small words, so the words of a pattern need not stand side by side: up to
//! [`GAP`] others may stand between two of them.
//!
//! ```text
//!   "chest|chess pain|pane"    one of the first, then, at most two words later, one of the second
//!   "my +bill"                 the second right after the first
//!   "represent*"               any word that begins so
//!   "^no"                      only as the first word
//!   "no $"                     nothing may follow
//! ```

/// Words that may stand between two words of a pattern. Two admits "chest is really hurting" and "talk to a real
/// person"; three made "cancel ... appointment" of two different clauses in the tables below.
const GAP: usize = 2;

/// The words of a text, lower case, without punctuation or apostrophes; placeholders stay whole (`[name_1]`).
pub(crate) fn words(text: &str) -> Vec<String> {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '[' | ']' | '_');
    text.split(|c: char| c.is_whitespace() || matches!(c, '-' | ',' | '.' | ';' | ':' | '?' | '!' | '/'))
        .map(|word| word.chars().filter(|c| kept(*c)).flat_map(char::to_lowercase).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether any of `patterns` occurs in `words`.
pub(crate) fn any(patterns: &[&str], words: &[String]) -> bool {
    patterns.iter().any(|pattern| find(pattern, words).is_some())
}

/// Where `pattern` occurs first: the index of its first word and the index after its last.
pub(crate) fn find(pattern: &str, words: &[String]) -> Option<(usize, usize)> {
    let (anchored, pattern) = pattern.strip_prefix('^').map_or((false, pattern), |rest| (true, rest));
    let parts: Vec<&str> = pattern.split_whitespace().collect();
    let (first, rest) = parts.split_first()?;
    let starts = if anchored { 0..usize::from(!words.is_empty()) } else { 0..words.len() };
    for start in starts {
        if words.get(start).is_some_and(|word| is(first, word))
            && let Some(end) = follow(rest, words, start.saturating_add(1))
        {
            return Some((start, end));
        }
    }
    None
}

/// Whether `parts` follow from `from` on, each at most [`GAP`] words after the one before; the index after the last.
fn follow(parts: &[&str], words: &[String], from: usize) -> Option<usize> {
    let Some((part, rest)) = parts.split_first() else { return Some(from) };
    if *part == "$" {
        return (from == words.len()).then_some(from);
    }
    let (part, gap) = part.strip_prefix('+').map_or((*part, GAP), |part| (part, 0));
    (from..=from.saturating_add(gap))
        .filter(|at| words.get(*at).is_some_and(|word| is(part, word)))
        .find_map(|at| follow(rest, words, at.saturating_add(1)))
}

/// Whether `word` is one of the alternatives of `part`.
fn is(part: &str, word: &str) -> bool {
    part.split('|').any(|alternative| match alternative.strip_suffix('*') {
        Some(stem) => word.starts_with(stem),
        None => word == alternative,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn occurs(pattern: &str, text: &str) -> bool {
        find(pattern, &words(text)).is_some()
    }

    #[test]
    fn small_words_may_stand_between() {
        assert!(occurs("chest hurt*", "my chest is really hurting"));
        assert!(!occurs("chest hurt*", "my chest well when I get up it hurts"));
    }

    #[test]
    fn an_anchor_holds_the_pattern_to_the_ends() {
        assert!(occurs("^no $", "No."));
        assert!(!occurs("^no $", "no i need a refill"));
        assert!(!occurs("^no", "oh no"));
    }

    #[test]
    fn apostrophes_and_case_do_not_matter_and_placeholders_stay_whole() {
        assert_eq!(words("I can't, [NAME_1]!"), ["i", "cant", "[name_1]"]);
    }

    proptest! {
        #[test]
        fn any_pattern_on_any_text_is_answered(pattern in "[a-z|*^$+ ]{0,30}", text in ".{0,80}") {
            let _ = find(&pattern, &words(&text));
        }
    }
}
