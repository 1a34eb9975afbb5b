//! What is worth decoding, and what of the decoder's words is believed.
//!
//! Whisper always says something. On hum and on silence it invents ("Thank you."), and with a trimmed context it may
//! run in circles. Nothing here hears sound: tokens and lengths in, a verdict out.
//! Silence should never come this far: the endpointer cuts turns out of speech. These are the second line.

use super::turn::Plan;
use super::words::{self, Token};

/// With less sound than this above its own floor a turn holds no word: the shortest "no" has twice as much.
const LEAST_SPEECH_MS: u64 = 100;
/// Below this mean log probability of a token, the words are a guess: a mean probability of 0.37.
const LEAST_LOGPROB: f32 = -1.0;
/// Speech shorter than this is too short for the phrases that Whisper invents.
const STOCK_PHRASE_MS: u64 = 700;
/// What Whisper says when it has heard nothing: phrases that ended many of the films it was trained on.
const STOCK_PHRASES: [&str; 14] = [
    "you",
    "thank you",
    "thank you very much",
    "thank you so much",
    "thanks",
    "thanks for watching",
    "thank you for watching",
    "please subscribe",
    "bye",
    "bye bye",
    "the end",
    "so",
    "oh",
    "okay",
];
/// This many words of the prompt in a row, and nothing else, are an echo of it.
const ECHO_WORDS: usize = 4;
/// Tokens a second that nobody speaks.
const TOKENS_PER_SECOND: f32 = 8.0;
/// Answers this short are never too fast.
const TOKENS_AT_LEAST: f32 = 12.0;

/// Whether a turn with so much sound above its floor can hold a word.
pub(super) fn worth_decoding(speech_ms: u64) -> bool {
    speech_ms >= LEAST_SPEECH_MS
}

/// Where decoding came to.
#[derive(Debug, PartialEq)]
pub(super) enum Settled {
    /// Words that do not repeat themselves.
    Heard(Vec<Token>),
    /// The decoder ran in circles twice.
    RanInCircles,
}

/// Decodes with the trimmed plan and, if the words run in circles, once more with the whole context.
///
/// # Errors
/// Those of `pass`.
pub(super) fn settle<E>(
    seconds: f32,
    trimmed: &Plan,
    whole: &Plan,
    mut pass: impl FnMut(&Plan) -> Result<Vec<Token>, E>,
) -> Result<Settled, E> {
    let tokens = pass(trimmed)?;
    if !runs_in_circles(&tokens, seconds) {
        return Ok(Settled::Heard(tokens));
    }
    if trimmed == whole {
        // Greedy decoding would say the same again.
        return Ok(Settled::RanInCircles);
    }
    let tokens = pass(whole)?;
    Ok(if runs_in_circles(&tokens, seconds) { Settled::RanInCircles } else { Settled::Heard(tokens) })
}

/// Whether words repeat as no caller repeats them, or come faster than anybody speaks.
fn runs_in_circles(tokens: &[Token], seconds: f32) -> bool {
    let count = u16::try_from(tokens.len()).map_or(f32::INFINITY, f32::from);
    if count >= seconds.mul_add(TOKENS_PER_SECOND, TOKENS_AT_LEAST) {
        return true;
    }
    let words = spoken_words(tokens);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    (1..=words.len() / 3).any(|length| repeats(&words, length, times_allowed(length)))
}

/// How often in a row a phrase of so many words may be said: "zero zero zero zero zero" is a telephone number, "no no
/// no" is a caller, but three words three times are a loop.
fn times_allowed(length: usize) -> usize {
    match length {
        1 => 6,
        2 => 3,
        _ => 2,
    }
}

/// Whether some phrase of `length` words comes more than `allowed` times in a row.
fn repeats(words: &[&str], length: usize, allowed: usize) -> bool {
    // A word equal to the one `length` before it continues a run; a run of `length * allowed` is one time too many.
    let mut run = 0_usize;
    words.iter().zip(words.iter().skip(length)).any(|(before, after)| {
        run = if before == after { run.saturating_add(1) } else { 0 };
        run >= length.saturating_mul(allowed)
    })
}

/// Whether the words are worth telling the box, or nobody said them.
pub(super) fn believable(tokens: &[Token], speech_ms: u64, prompt: &[String]) -> bool {
    if mean_logprob(tokens).is_none_or(|mean| mean < LEAST_LOGPROB) {
        return false;
    }
    let words = spoken_words(tokens);
    let text = words.join(" ");
    if speech_ms < STOCK_PHRASE_MS && STOCK_PHRASES.contains(&text.as_str()) {
        return false;
    }
    let echo = words.len() >= ECHO_WORDS && prompt.windows(words.len()).any(|part| part == words.as_slice());
    !echo
}

/// The mean log probability of the tokens, the end of the text among them; none without tokens, and none where a
/// probability is not a number.
fn mean_logprob(tokens: &[Token]) -> Option<f32> {
    let count = u16::try_from(tokens.len()).ok().filter(|&count| count > 0)?;
    let mean = tokens.iter().map(|t| t.logprob).sum::<f32>() / f32::from(count);
    mean.is_finite().then_some(mean)
}

fn spoken_words(tokens: &[Token]) -> Vec<String> {
    let words = words::merge(tokens);
    words.iter().flat_map(|word| plain_words(word.text.expose())).collect()
}

/// A text's words in lower case without punctuation, for comparing.
pub(super) fn plain_words(text: &str) -> Vec<String> {
    let plain = |word: &str| word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    text.split_whitespace().map(plain).filter(|word: &String| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use zeroize::Zeroizing;

    use super::*;

    #[test]
    fn a_phrase_said_over_and_over_runs_in_circles() {
        assert!(runs_in_circles(&said(&"i need a doctor ".repeat(3)), 30.0));
        assert!(runs_in_circles(&said(&"thank you ".repeat(4)), 30.0));
        assert!(runs_in_circles(&said(&"no ".repeat(7)), 30.0));
        assert!(runs_in_circles(&said("well Yes, yes yes yes yes yes. Yes then"), 30.0));
    }

    #[test]
    fn what_callers_repeat_does_not() {
        for text in [
            "",
            "no no no",
            "five five five zero zero zero zero zero",
            "five five five five five five",
            "yes please yes please yes please",
            "mary lopez mary lopez",
        ] {
            assert!(!runs_in_circles(&said(text), 30.0), "{text}");
        }
    }

    #[test]
    fn more_tokens_than_anybody_speaks_run_in_circles() {
        let words: String = (0..20).map(|n| format!(" word{n}")).collect();
        assert!(runs_in_circles(&said(&words), 1.0));
        assert!(!runs_in_circles(&said(&words), 2.0));
    }

    #[test]
    fn a_loop_is_decoded_once_more_with_the_whole_context() {
        let (trimmed, whole) = (Plan { audio_ctx: 256, max_tokens: 20 }, Plan { audio_ctx: 1500, max_tokens: 20 });
        let mut asked = Vec::new();
        let settled = settle::<()>(5.0, &trimmed, &whole, |plan| {
            asked.push(plan.audio_ctx);
            Ok(said(if plan.audio_ctx == 256 { "and then and then and then and then" } else { "and then" }))
        });
        assert_eq!(asked, [256, 1500]);
        assert_eq!(settled, Ok(Settled::Heard(said("and then"))));
    }

    #[test]
    fn a_second_loop_is_nothing_heard_and_there_is_no_third_pass() {
        let (trimmed, whole) = (Plan { audio_ctx: 256, max_tokens: 20 }, Plan { audio_ctx: 1500, max_tokens: 20 });
        let mut passes = 0;
        let mut looping = |_: &Plan| {
            passes += 1;
            Ok::<_, ()>(said(&"the the ".repeat(5)))
        };
        assert_eq!(settle(5.0, &trimmed, &whole, &mut looping), Ok(Settled::RanInCircles));
        assert_eq!(settle(5.0, &whole, &whole, &mut looping), Ok(Settled::RanInCircles));
        assert_eq!(passes, 3);
    }

    #[test]
    fn a_failure_of_the_pass_is_passed_on() {
        let plan = Plan { audio_ctx: 256, max_tokens: 20 };
        assert_eq!(settle(5.0, &plan, &plan, |_| Err("stopped")), Err("stopped"));
    }

    #[test]
    fn an_invented_thank_you_is_not_believed_after_half_a_second_of_speech() {
        assert!(!believable(&said("Thank you."), 500, &[]));
        assert!(believable(&said("Thank you."), 800, &[]));
        assert!(believable(&said("Yes."), 300, &[]));
    }

    #[test]
    fn a_guess_is_not_believed() {
        let guess = |logprob| vec![Token { logprob, ..said("mary").remove(0) }];
        assert!(!believable(&guess(-1.1), 2000, &[]));
        assert!(believable(&guess(-0.9), 2000, &[]));
        assert!(!believable(&guess(f32::NAN), 2000, &[]));
        assert!(!believable(&[], 2000, &[]));
    }

    #[test]
    fn an_echo_of_the_prompt_is_not_believed() {
        let prompt = plain_words("Doctor Patel, Doctor Nguyen, lisinopril, metformin");
        assert!(!believable(&said("patel doctor nguyen lisinopril"), 2000, &prompt));
        assert!(believable(&said("doctor nguyen"), 2000, &prompt));
        assert!(believable(&said("doctor patel doctor lopez"), 2000, &prompt));
    }

    /// One certain token a word.
    fn said(text: &str) -> Vec<Token> {
        let token = |word: &str| Token {
            text: Zeroizing::new(format!(" {word}").into_bytes()),
            probability: 0.9,
            logprob: -0.1,
        };
        text.split_whitespace().map(token).collect()
    }
}
