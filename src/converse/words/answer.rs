//! Yes, no, and taking back what was said.

use crate::guard::phrase::{any, find, words};
use crate::redact::Redacted;

/// A yes or a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Neither, or both.
    Unclear,
}

/// Reads a yes or a no. Where both are said, only a correction ("no wait yes") lets the later one win: a write needs a
/// clear yes.
#[must_use]
pub fn answer(text: &Redacted) -> Answer {
    let words = words(text.as_str());
    if any(UNSURE, &words) {
        return Answer::Unclear;
    }
    let corrected = CORRECTIONS.iter().filter_map(|pattern| find(pattern, &words)).map(|(_, end)| end).max();
    let after = corrected.and_then(|end| words.get(end..)).unwrap_or_default();
    match (polarity(after), polarity(&words)) {
        (Answer::Unclear, whole) => whole,
        (later, _) => later,
    }
}

fn polarity(words: &[String]) -> Answer {
    match (any(YES, words) && !any(NOT_YES, words), any(NO, words)) {
        (true, false) => Answer::Yes,
        (false, true) => Answer::No,
        (true, true) | (false, false) => Answer::Unclear,
    }
}

/// Whether the words take back what was said before: "actually", "no wait".
#[must_use]
pub fn corrects(text: &Redacted) -> bool {
    any(CORRECTIONS, &words(text.as_str()))
}

const YES: &[&str] = &[
    "yes|yeah|yep|yup|yea|ya|yah|sure|okay|ok|correct|right|absolutely|definitely|certainly|perfect|great|exactly|indeed|mhm|uhhuh|affirmative|wonderful|excellent",
    "uh +huh|ha",
    "mm +hmm|hm|hum",
    "of +course",
    "please +do",
    "go +ahead",
    "go|lets for it",
    "that|it|this|thatll|itll works|work|suits|is good|fine",
    "works +for",
    "works",
    "sounds|looks good|fine|right|great",
    "thats|its|that|it +good|fine|it|okay|perfect|great|right|correct",
    "that|it is|will|would good|fine|okay|perfect|great|right|do|correct",
    "book|cancel|move|take|do|change|want +it|that|them",
    "ill|i will|would|id take +it|that|one",
    "take the|that one",
    "i +do",
    "^please $",
    "^good|fine|alright $",
    "all +right",
];

/// What turns a yes-word round.
const NOT_YES: &[&str] = &[
    "not|isnt|wasnt|dont|doesnt|wont|cant|never right|correct|good|work|works|sure|okay|fine|want|it|that|great|book|cancel|move|do",
    "not +really",
    "no|not +good",
];

const NO: &[&str] = &[
    "no|nope|nah|negative|never|know",
    "not|isnt|wasnt|dont|doesnt|wont|cant|cannot",
    "wrong|incorrect",
    "another|different one|time|day|slot|date",
    "something|anything|somewhere else",
    "what|how else|about",
    "too early|late|soon",
    "next +one",
    "any|got|have others|other|later|earlier",
    "later|earlier",
    "keep +it|that|my",
    "uh uh $",
];

const UNSURE: &[&str] = &[
    "dont +know",
    "do not +know",
    "not|im|unsure +sure",
    "unsure",
    "maybe|perhaps",
    "let me think|check|see",
    "i +guess $",
];

const CORRECTIONS: &[&str] = &[
    "actually",
    "no|oh|but|hold|uh +wait",
    "wait",
    "hold +on",
    "i +mean|meant",
    "sorry i|make",
    "no|oh +sorry",
    "on second thought*",
    "rather|instead",
    "scratch +that",
    "but",
];

/// Whether the words end in the middle of a thought: the caller is still looking for the next one.
#[must_use]
pub fn trails_off(text: &Redacted) -> bool {
    const OPEN: &[&str] =
        &["and", "but", "or", "so", "um", "uh", "er", "my", "the", "a", "an", "to", "for", "with", "is"];
    words(text.as_str()).last().is_none_or(|last| OPEN.contains(&last.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_are_read_from_many_phrasings() {
        let table: &[(Answer, &str)] = &[
            (
                Answer::Yes,
                "yes|yeah|yep|yes please|sure|okay|ok|that works|that's fine|sounds good|go ahead|please do|uh huh",
            ),
            (
                Answer::Yes,
                "correct|that's right|yes that's correct|of course|perfect|book it|i'll take it|yes book it please",
            ),
            (
                Answer::Yes,
                "no wait yes|no sorry yes|um yeah that would be great|i do|absolutely|that one is good|mm hmm|please",
            ),
            (
                Answer::No,
                "no|nope|no thank you|no thanks|not really|that's not right|that doesn't work|wrong|no that's wrong",
            ),
            (
                Answer::No,
                "i can't do that|another day|do you have anything else|what else do you have|too early|yes wait no",
            ),
            (
                Answer::No,
                "something later|don't book it|no not that one|that is incorrect|keep it|not good|is there another time",
            ),
            (
                Answer::Unclear,
                "i don't know|not sure|maybe|let me think|hello|banana|yes no|well|i'm not sure|what was that",
            ),
        ];
        let mut wrong = Vec::new();
        for (wanted, phrases) in table {
            for phrase in phrases.split('|') {
                let got = answer(&Redacted::in_a_test(phrase));
                if got != *wanted {
                    wrong.push(format!("{phrase}: wanted {wanted:?}, got {got:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
