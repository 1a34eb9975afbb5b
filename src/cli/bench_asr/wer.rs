//! How wrong what was heard is: words substituted, left out and put in.
//!
//! In:  the words that were said and the words that were heard. Out: [`Errors`], the least number of changes that turn one
//! into the other. Pure.

use std::ops::AddAssign;

/// Changes between what was said and what was heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Errors {
    /// Heard as another word.
    pub(super) substituted: u32,
    /// Not heard.
    pub(super) deleted: u32,
    /// Heard though nobody said it.
    pub(super) inserted: u32,
}

impl Errors {
    /// All of them.
    #[must_use]
    pub(super) fn total(self) -> u32 {
        self.substituted + self.deleted + self.inserted
    }
}

impl AddAssign for Errors {
    fn add_assign(&mut self, other: Self) {
        self.substituted += other.substituted;
        self.deleted += other.deleted;
        self.inserted += other.inserted;
    }
}

/// The least changes from `said` to `heard` (Levenshtein over words). Of equally short ways the one with fewer
/// substitutions counts, so that the figures do not depend on the order of the work.
#[must_use]
pub(super) fn errors<T: PartialEq>(said: &[T], heard: &[T]) -> Errors {
    // One row of the table at a time: `row[j]` is the cost from the words of `said` so far to the first `j` heard.
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut row: Vec<Errors> = (0..=heard.len()).map(|j| Errors { inserted: count(j), ..Errors::default() }).collect();
    for (i, word) in said.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(Errors { deleted: count(i + 1), ..Errors::default() });
        for (pair, other) in row.windows(2).zip(heard) {
            let [diagonal, above] = pair else { continue };
            let before = next.last().copied().unwrap_or_default();
            let kept = Errors { substituted: diagonal.substituted + u32::from(word != other), ..*diagonal };
            let deleted = Errors { deleted: above.deleted + 1, ..*above };
            let inserted = Errors { inserted: before.inserted + 1, ..before };
            let ways = [kept, deleted, inserted];
            next.push(ways.into_iter().min_by_key(|way| (way.total(), *way)).unwrap_or(kept));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

/// The words of a text as they are compared: lower case, without punctuation; apostrophes stay.
#[must_use]
pub(super) fn words(text: &str) -> Vec<String> {
    let bare = |word: &str| word.chars().filter(|c| c.is_alphanumeric() || *c == '\'').collect::<String>();
    text.to_lowercase()
        .split(|c: char| c.is_whitespace() || c == '-')
        .map(bare)
        .map(|word| word.trim_matches('\'').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

const UNITS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const TEENS: [&str; 10] =
    ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// The digits that somebody would write down who is told these words: "double five twenty three oh" is 55230. Words
/// that are no numbers are passed over.
#[must_use]
pub(super) fn digits(words: &[String]) -> Vec<u8> {
    let mut digits = Vec::new();
    let mut times = 1;
    let mut after_ten = false;
    for word in words {
        let place = |list: &[&str]| list.iter().position(|known| known == word).and_then(|n| u8::try_from(n).ok());
        let unit = place(&UNITS).or((word == "oh").then_some(0));
        if let Some(unit) = unit {
            // "twenty" was written as 20; the word after it takes the place of its zero.
            if after_ten && unit > 0 {
                digits.pop();
            }
            digits.extend(std::iter::repeat_n(unit, times));
        } else if let Some(teen) = place(&TEENS) {
            digits.extend([1, teen]);
        } else if let Some(ten) = place(&TENS) {
            digits.extend([ten + 2, 0]);
        } else if word == "hundred" {
            digits.extend([0, 0]);
        } else if word.chars().all(|c| c.is_ascii_digit()) {
            digits.extend(word.bytes().map(|b| b - b'0'));
        }
        after_ten = place(&TENS).is_some();
        times = match word.as_str() {
            "double" => 2,
            "triple" => 3,
            _ => 1,
        };
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(said: &str, heard: &str) -> (u32, u32, u32) {
        let found = errors(&words(said), &words(heard));
        (found.substituted, found.deleted, found.inserted)
    }

    #[test]
    fn equal_texts_have_no_error_whatever_their_case_and_commas() {
        assert_eq!(between("Yes, that's Tuesday.", "yes that's tuesday"), (0, 0, 0));
        assert_eq!(between("", ""), (0, 0, 0));
    }

    #[test]
    fn each_kind_of_error_is_counted_as_what_it_is() {
        assert_eq!(between("one two three", "one four three"), (1, 0, 0));
        assert_eq!(between("one two three", "one three"), (0, 1, 0));
        assert_eq!(between("one two three", "one two two three"), (0, 0, 1));
        assert_eq!(between("one two three", ""), (0, 3, 0));
        assert_eq!(between("", "a b"), (0, 0, 2));
        assert_eq!(between("a b c d", "x b d e"), (1, 1, 1));
    }

    #[test]
    fn a_shift_is_two_errors_and_not_a_substitution_of_every_word() {
        assert_eq!(between("one two three four five", "two three four five six"), (0, 1, 1));
    }

    #[test]
    fn numbers_are_written_down_as_somebody_would() {
        let written = |text: &str| digits(&words(text)).iter().map(u8::to_string).collect::<String>();
        assert_eq!(written("my number is five five five oh one"), "55501");
        assert_eq!(written("double five twenty three eighteen"), "552318");
        assert_eq!(written("eighty zero nine hundred"), "800900");
        assert_eq!(written("triple two sixty"), "22260");
        assert_eq!(written("512-555"), "512555");
        assert_eq!(written("please"), "");
    }

    proptest::proptest! {
        #[test]
        fn errors_agree_with_the_lengths_and_never_exceed_the_longer_text(
            said in proptest::collection::vec(0_u8..4, 0..12),
            heard in proptest::collection::vec(0_u8..4, 0..12),
        ) {
            let found = errors(&said, &heard);
            let count = |words: &[u8]| u32::try_from(words.len()).unwrap();
            let (said_count, heard_count) = (count(&said), count(&heard));
            proptest::prop_assert_eq!(said_count + found.inserted, heard_count + found.deleted);
            proptest::prop_assert!(found.total() <= said_count.max(heard_count));
            proptest::prop_assert_eq!(found.total() == 0, said == heard);
            proptest::prop_assert_eq!(errors(&heard, &said).total(), found.total());
        }
    }
}
