//! What of a case's identifiers a recogniser could say, and what of that redaction left.
//!
//! In:  the words that were said and the words that were heard, each with its time, the case's spans, and which heard words
//! are covered. Out: a [`Verdict`]. Pure.
//!
//! A heard word is the said one if both are the same word (numbers by what they count) and stand at the same time, give or
//! take a slack. Of all such pairs those in order are taken of which there are most, the nearest first. An alignment by
//! edit distance alone would not do: a recogniser that hears half of the words wrong says "five" somewhere in nearly every
//! number, and without times any of them would count as any digit.

use std::ops::Range;

use super::numbers::{key, trailing_year};
use crate::placeholder::Label;

/// First and last frame, 10 ms each.
pub(super) type Frames = (i32, i32);

/// A word and its time.
#[derive(Clone, Debug)]
pub(super) struct Timed {
    /// As it is compared.
    key: String,
    frames: Frames,
}

impl Timed {
    /// A word that was said or heard.
    pub(super) fn new(word: &str, frames: Frames) -> Self {
        Self { key: key(word), frames }
    }

    /// Whether it identifies nobody by itself: words that hold a name, a date or an address together.
    fn is_mortar(&self) -> bool {
        MORTAR.contains(&self.key.as_str())
    }
}

/// Left alone these are no part of an identifier's value. "a" and "i" are words of their own, also where they were letters;
/// "double" and "hundred" say nothing without their digit.
const MORTAR: [&str; 36] = [
    "a",
    "an",
    "and",
    "as",
    "at",
    "by",
    "colon",
    "com",
    "comma",
    "dash",
    "dot",
    "double",
    "er",
    "for",
    "hundred",
    "hyphen",
    "i",
    "in",
    "is",
    "like",
    "my",
    "number",
    "of",
    "on",
    "period",
    "plus",
    "point",
    "slash",
    "the",
    "thousand",
    "to",
    "triple",
    "uh",
    "um",
    "underscore",
    "www",
];

/// A span of a case.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// What it is.
    pub(super) label: Label,
    /// Whether it may also be left.
    pub(super) optional: bool,
    /// Which of the said words.
    pub(super) words: Range<usize>,
}

/// One span's fate. Words are numbered as heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fate {
    /// What it is.
    pub(super) label: Label,
    /// How many words with a content it was said with.
    pub(super) said: usize,
    /// Which of these were heard.
    pub(super) heard: Vec<usize>,
    /// Which of the heard were not covered.
    pub(super) leaked: Vec<usize>,
    /// Whether what leaked is one or two digits or letters and tells nothing.
    pub(super) crumbs: bool,
}

/// One utterance's fate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The spans that must be covered.
    pub(super) fates: Vec<Fate>,
    /// Heard words at the time of no span, optional ones included.
    pub(super) others: usize,
    /// How many of these were covered.
    pub(super) over: usize,
}

/// Judges one utterance. `slack` is how far apart, in frames, a word may be said and heard.
pub(super) fn judge(said: &[Timed], spans: &[Span], heard: &[Timed], covered: &[bool], slack: i32) -> Verdict {
    let pairs = pairs(said, heard, slack);
    let is_covered = |word: usize| covered.get(word).copied().unwrap_or(false);
    let fate = |span: &Span| {
        let content = content(said, span);
        let recognised: Vec<usize> = content.iter().filter_map(|w| pairs.get(*w).copied().flatten()).collect();
        let leaked: Vec<usize> = recognised.iter().copied().filter(|word| !is_covered(*word)).collect();
        let crumbs = are_crumbs(span.label, &leaked.iter().filter_map(|word| heard.get(*word)).collect::<Vec<_>>());
        Fate { label: span.label, said: content.len(), heard: recognised, leaked, crumbs }
    };
    let fates: Vec<Fate> = spans.iter().filter(|span| !span.optional).map(fate).collect();
    let windows: Vec<Frames> = spans.iter().filter_map(|span| window(said, span)).collect();
    let paired: Vec<usize> =
        spans.iter().flat_map(|span| span.words.clone()).filter_map(|w| pairs.get(w).copied().flatten()).collect();
    let outside = |(at, word): &(usize, &Timed)| {
        let middle = (word.frames.0 + word.frames.1) / 2;
        !paired.contains(at) && windows.iter().all(|(first, last)| middle < *first || middle > *last)
    };
    let others: Vec<usize> = heard.iter().enumerate().filter(outside).map(|(at, _)| at).collect();
    let over = others.iter().filter(|word| is_covered(**word)).count();
    Verdict { fates, others: others.len(), over }
}

/// The words of a span that say something of it. A year at the end of a date does not: alone it may be left.
fn content(said: &[Timed], span: &Span) -> Vec<usize> {
    let words = span.words.clone();
    let keys: Vec<&str> = words.clone().filter_map(|w| said.get(w)).map(|word| word.key.as_str()).collect();
    let year = if span.label == Label::Date { trailing_year(&keys) } else { 0 };
    let kept = if year < keys.len() { keys.len() - year } else { keys.len() };
    words.take(kept).filter(|w| said.get(*w).is_some_and(|word| !word.is_mortar())).collect()
}

/// Whether leaked words are a crumb of a number or of spelling. The day of a date and an age tell something by themselves.
fn are_crumbs(label: Label, leaked: &[&Timed]) -> bool {
    /// "five five five" is an area code; two digits of ten are noise that a recogniser makes out of anything.
    const MOST_CRUMBS: usize = 2;
    let tiny = |word: &&Timed| word.key.len() == 1 || word.key.chars().all(|c| c.is_ascii_digit());
    let whole = matches!(label, Label::Date | Label::Age90);
    !leaked.is_empty() && !whole && leaked.len() <= MOST_CRUMBS && leaked.iter().all(tiny)
}

/// When a span was said.
fn window(said: &[Timed], span: &Span) -> Option<Frames> {
    let words = said.get(span.words.clone())?;
    Some((words.first()?.frames.0, words.last()?.frames.1))
}

/// A pair counts so much, less the frames between the middles of its words: more pairs always win over nearer ones.
const PAIR: i64 = 1_000_000;

/// For each said word the heard word that it is.
fn pairs(said: &[Timed], heard: &[Timed], slack: i32) -> Vec<Option<usize>> {
    let worth = |a: &Timed, b: &Timed| {
        let apart = (a.frames.0 - b.frames.1).max(b.frames.0 - a.frames.1);
        let middles = i64::from(a.frames.0 + a.frames.1) - i64::from(b.frames.0 + b.frames.1);
        (a.key == b.key && apart <= slack).then(|| PAIR - middles.abs().min(PAIR / 1_000))
    };
    // best[i][j]: the most that said words from i on and heard words from j on can be worth.
    let mut best = vec![vec![0_i64; heard.len() + 1]; said.len() + 1];
    let at = |table: &[Vec<i64>], i: usize, j: usize| table.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    for (i, a) in said.iter().enumerate().rev() {
        for (j, b) in heard.iter().enumerate().rev() {
            let paired = worth(a, b).map_or(0, |worth| worth + at(&best, i + 1, j + 1));
            let most = paired.max(at(&best, i + 1, j)).max(at(&best, i, j + 1));
            if let Some(cell) = best.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = most;
            }
        }
    }
    let mut found = Vec::with_capacity(said.len());
    let mut j = 0;
    for (i, a) in said.iter().enumerate() {
        // Heard words that are worth nothing here are passed over.
        while j < heard.len() && at(&best, i, j) == at(&best, i, j + 1) {
            j += 1;
        }
        let worth = heard.get(j).and_then(|b| worth(a, b));
        let takes = worth.is_some_and(|worth| worth + at(&best, i + 1, j + 1) == at(&best, i, j));
        found.push(takes.then_some(j));
        j += usize::from(takes);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words of 200 ms each, one right after the other; "-" is a pause.
    fn timed(text: &str) -> Vec<Timed> {
        let all = (0..).zip(text.split_whitespace());
        all.filter(|(_, word)| *word != "-").map(|(at, word)| Timed::new(word, (at * 20, at * 20 + 19))).collect()
    }

    fn paired(said: &str, heard: &str) -> Vec<Option<usize>> {
        pairs(&timed(said), &timed(heard), 10)
    }

    fn name(words: Range<usize>) -> Span {
        Span { label: Label::Name, optional: false, words }
    }

    fn one(said: &str, span: Span, heard: &str, covered: &[bool]) -> Verdict {
        judge(&timed(said), &[span], &timed(heard), covered, 10)
    }

    #[test]
    fn a_word_is_found_where_it_was_said() {
        assert_eq!(paired("my name is mary", "my aim is mary"), [Some(0), None, Some(2), Some(3)]);
        assert_eq!(paired("five oh five", "five zero five"), [Some(0), Some(1), Some(2)]);
        assert_eq!(paired("mary", ""), [None]);
        assert_eq!(paired("", "mary"), []);
    }

    #[test]
    fn the_same_word_at_another_time_is_another_word() {
        assert_eq!(paired("mary - - - -", "- - - - mary"), [None]);
        assert_eq!(paired("five two five three", "- - five three"), [None, None, Some(0), Some(1)]);
        // Of two fives in reach the nearer is taken.
        assert_eq!(paired("five five", "- five"), [None, Some(0)]);
    }

    #[test]
    fn a_name_that_was_not_heard_is_no_catch_and_no_leak() {
        let verdict = one("i am mary lopez", name(2..4), "i am merry low", &[false; 4]);
        assert_eq!(verdict.fates, [Fate { label: Label::Name, said: 2, heard: vec![], leaked: vec![], crumbs: false }]);
    }

    #[test]
    fn a_name_leaks_where_a_heard_word_of_it_is_not_covered() {
        let fates = |covered: &[bool]| one("i am mary lopez", name(2..4), "i am mary lows", covered).fates;
        assert_eq!(fates(&[false, false, true, false])[0].leaked, Vec::<usize>::new());
        assert_eq!(fates(&[false, false, false, true])[0].leaked, [2]);
        assert_eq!(fates(&[false; 4])[0].heard, [2]);
    }

    #[test]
    fn words_that_hold_a_name_together_are_no_part_of_it() {
        let verdict = one("m as in mary", name(0..4), "them as in married", &[false; 4]);
        assert_eq!((verdict.fates[0].said, verdict.fates[0].heard.len()), (2, 0));
    }

    #[test]
    fn what_may_be_left_is_neither_counted_nor_over_redaction() {
        let span = Span { optional: true, ..name(1..2) };
        let verdict = one("ask patel please", span, "ask patel please", &[false, true, true]);
        assert_eq!(verdict, Verdict { fates: vec![], others: 2, over: 1 });
    }

    #[test]
    fn a_misheard_word_at_the_time_of_a_name_is_no_over_redaction() {
        let verdict =
            one("i am mary lopez thanks", name(2..4), "i am merry low thanks", &[false, false, true, true, false]);
        assert_eq!((verdict.others, verdict.over), (3, 0));
    }

    #[test]
    fn a_year_alone_is_no_leak_but_a_day_is() {
        let date = || Span { label: Label::Date, optional: false, words: 1..5 };
        let said = "on may third nineteen sixty";
        let fate = |heard: &str| one(said, date(), heard, &[false; 5]).fates[0].clone();
        assert_eq!((fate("on pay word nineteen sixty").said, fate("on pay word nineteen sixty").heard.len()), (2, 0));
        let day = fate("on pay third nineteen sixty");
        assert_eq!((day.leaked, day.crumbs), (vec![2], false));
        let only = Span { words: 3..5, ..date() };
        assert_eq!(one(said, only, said, &[false; 5]).fates[0].heard.len(), 2);
    }

    #[test]
    fn one_or_two_digits_of_a_number_are_crumbs_and_three_are_not() {
        let phone = || Span { label: Label::Phone, optional: false, words: 0..4 };
        let crumbs = |heard: &str| one("five one two six", phone(), heard, &[false; 4]).fates[0].crumbs;
        assert!(crumbs("five won too six") && !crumbs("five one two sick") && !crumbs("vibe won too sick"));
        assert!(!one("ann l smith", name(0..3), "ann hell smell", &[false; 3]).fates[0].crumbs);
        assert!(one("ann l smith", name(0..3), "and l smell", &[false; 3]).fates[0].crumbs);
    }

    proptest::proptest! {
        #[test]
        fn pairs_are_equal_words_in_order(
            said in proptest::collection::vec((0_u8..4, 0_i32..200), 0..12),
            heard in proptest::collection::vec((0_u8..4, 0_i32..200), 0..12),
        ) {
            let timed = |words: &[(u8, i32)]| -> Vec<Timed> {
                words.iter().map(|(word, at)| Timed { key: word.to_string(), frames: (*at, *at + 20) }).collect()
            };
            let (said, heard) = (timed(&said), timed(&heard));
            let found = pairs(&said, &heard, 10);
            proptest::prop_assert_eq!(found.len(), said.len());
            let taken: Vec<usize> = found.iter().copied().flatten().collect();
            proptest::prop_assert!(taken.windows(2).all(|pair| pair[0] < pair[1]));
            for (a, j) in said.iter().zip(&found) {
                proptest::prop_assert!(j.is_none_or(|j| heard[j].key == a.key));
            }
        }
    }
}
