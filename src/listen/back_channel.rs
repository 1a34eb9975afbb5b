//! Did the caller mean to say something? "Mhm" over the box's voice means: I am listening, go on.
//!
//! In:  what was recognised in speech that began over the box's voice, and how long it was.
//! Out: whether the box had better go on with its sentence. Pure.

use std::time::Duration;

use crate::expect::Expecting;
use crate::listen::RawTranscript;

/// Speech of which no word was understood, as the detector counts it (it holds on to a sound up to 160 ms longer): more is no
/// cough.
const COUGH: Duration = Duration::from_millis(600);
/// The same for a sign of listening: a slow "okay" is 700 ms.
const SIGN: Duration = Duration::from_millis(1_000);
/// Sounds that say nothing, whatever was asked.
const SOUNDS: [&str; 14] =
    ["mhm", "mm", "mmm", "mmhm", "hm", "hmm", "uh", "huh", "uhhuh", "um", "ah", "oh", "er", "ha"];
/// Words that say "go on" where no yes or no is awaited.
const GO_ON: [&str; 9] = ["okay", "ok", "yeah", "yep", "yes", "right", "sure", "alright", "good"];
/// The same of two words.
const GO_ON_PAIRS: [[&str; 2]; 4] = [["i", "see"], ["all", "right"], ["got", "it"], ["of", "course"]];

/// Whether `heard`, of `speech` in length, was no more than a cough or a sign of listening.
#[must_use]
pub fn is_back_channel(heard: &RawTranscript, speech: Duration, expecting: Expecting) -> bool {
    if speech > if heard.is_empty() { COUGH } else { SIGN } {
        return false;
    }
    let words: Vec<String> = heard.expose().split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
    let pair = |pair: &[&str; 2]| words.iter().map(String::as_str).eq(pair.iter().copied());
    let answers = expecting == Expecting::YesNo;
    let goes_on = |word: &str| SOUNDS.contains(&word) || (!answers && GO_ON.contains(&word));
    words.iter().all(|word| goes_on(word)) || (!answers && GO_ON_PAIRS.iter().any(pair))
}

fn bare(word: &str) -> String {
    word.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_on(text: &str, ms: u64, expecting: Expecting) -> bool {
        is_back_channel(&RawTranscript::typed(text), Duration::from_millis(ms), expecting)
    }

    #[test]
    fn a_cough_and_a_sign_of_listening_let_the_box_go_on() {
        for text in ["", "mhm", "Uh-huh", "okay", "yeah okay", "I see.", "all right"] {
            assert!(goes_on(text, 400, Expecting::Anything), "{text}");
        }
    }

    #[test]
    fn a_word_that_means_something_is_a_turn_however_short() {
        for text in ["no", "stop", "wait", "thursday", "okay stop", "see", "person"] {
            assert!(!goes_on(text, 300, Expecting::Anything), "{text}");
        }
    }

    #[test]
    fn an_early_yes_is_an_answer_to_a_question_and_uh_huh_is_not_taken_for_one() {
        assert!(!goes_on("yes", 300, Expecting::YesNo) && !goes_on("all right", 300, Expecting::YesNo));
        assert!(goes_on("uh huh", 300, Expecting::YesNo));
    }

    #[test]
    fn long_speech_that_nobody_understood_is_no_cough() {
        assert!(!goes_on("", 1_200, Expecting::Anything) && !goes_on("okay", 1_100, Expecting::Anything));
    }
}
