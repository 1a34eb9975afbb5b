//! The same recorded answer, understood by both clients.

use anteroom::airlock::provider::{Format, Piece, Stop, Usage};
use genai::chat::{ChatOptions, ChatRequest, StopReason};
use serde_json::Value;

use crate::exchange::{Heard, theirs, understood};
use crate::streams;

/// What an answer comes down to.
#[derive(Debug, PartialEq)]
struct Answer {
    text: String,
    /// Name and arguments.
    uses: Vec<(String, Value)>,
    /// Input with what was cached, output, and what of the input was read from a cache.
    usage: (Option<u64>, Option<u64>, u64),
}

fn ours(format: Format, stream: &str) -> (Answer, Stop) {
    let mut answer = Answer { text: String::new(), uses: Vec::new(), usage: (None, None, 0) };
    let mut ended = None;
    for piece in understood(format, stream).unwrap() {
        match piece {
            Piece::Text(text) => answer.text.push_str(&text),
            Piece::Use { name, arguments, .. } => answer.uses.push((name, arguments)),
            Piece::Done { stop, usage, .. } => {
                let Usage { input, output, cache_read, cache_write } = usage;
                let cached = cache_read.unwrap_or(0) + cache_write.unwrap_or(0);
                answer.usage = (input.map(|input| input + cached), output, cache_read.unwrap_or(0));
                ended = Some(stop);
            }
        }
    }
    (answer, ended.unwrap())
}

async fn heard(format: Format, stream: &str) -> Heard {
    let request = ChatRequest::from_user("hello");
    theirs(format, "m", request, ChatOptions::default(), stream).await.1
}

fn read(heard: &Heard) -> (Answer, Option<StopReason>) {
    let end = heard.end.as_ref().unwrap();
    let calls = end.captured_tool_calls().unwrap_or_default();
    let usage = end.captured_usage.clone().unwrap_or_default();
    let count = |count: Option<i32>| count.and_then(|count| u64::try_from(count).ok());
    let cached = usage.prompt_tokens_details.and_then(|details| count(details.cached_tokens)).unwrap_or(0);
    let answer = Answer {
        text: heard.text.clone(),
        uses: calls.iter().map(|call| (call.fn_name.clone(), call.fn_arguments.clone())).collect(),
        usage: (count(usage.prompt_tokens), count(usage.completion_tokens), cached),
    };
    (answer, end.captured_stop_reason.clone())
}

#[tokio::test]
async fn a_text_and_a_use_are_understood_alike() {
    for format in Format::ALL {
        let stream = streams::with_a_use(format);
        let (answer, stop) = ours(format, stream);
        let (theirs, reason) = read(&heard(format, stream).await);
        assert_eq!(answer, theirs, "{format:?}");
        assert_eq!(answer.text, "Let me löok.");
        assert_eq!((answer.uses.len(), stop), (1, Stop::Tools), "{format:?}");
        // Two of the APIs end an answer with uses like any other. The box says that there are some, genai does not.
        let named = matches!(reason, Some(StopReason::ToolCall(_)));
        assert_eq!(named, matches!(format, Format::Anthropic | Format::OpenAiChat), "{format:?}: {reason:?}");
    }
}

#[tokio::test]
async fn thinking_is_no_text_for_either() {
    let stream = streams::ANTHROPIC_THINKING;
    let (answer, _) = ours(Format::Anthropic, stream);
    assert_eq!(answer, read(&heard(Format::Anthropic, stream).await).0);
    assert_eq!((answer.text.as_str(), answer.uses.len()), ("One moment.", 1));
}

#[tokio::test]
async fn how_an_answer_ended_is_understood_alike() {
    type Kind = fn(&StopReason) -> bool;
    let answered: (Stop, Kind) = (Stop::Answered, |reason| matches!(reason, StopReason::Completed(_)));
    let length: (Stop, Kind) = (Stop::Length, |reason| matches!(reason, StopReason::MaxTokens(_)));
    let refused: (Stop, Kind) = (Stop::Refused, |reason| matches!(reason, StopReason::ContentFilter(_)));
    let endings = [
        (Format::Anthropic, "end_turn", answered),
        (Format::Anthropic, "max_tokens", length),
        (Format::Anthropic, "model_context_window_exceeded", length),
        (Format::Anthropic, "refusal", refused),
        (Format::OpenAiChat, "stop", answered),
        (Format::OpenAiChat, "length", length),
        (Format::OpenAiChat, "content_filter", refused),
        (Format::OpenAiResponses, "completed", answered),
        (Format::OpenAiResponses, "max_output_tokens", length),
        (Format::Gemini, "STOP", answered),
        (Format::Gemini, "MAX_TOKENS", length),
        (Format::Gemini, "SAFETY", refused),
        (Format::Gemini, "RECITATION", refused),
        (Format::Gemini, "BLOCKLIST", refused),
        (Format::Gemini, "PROHIBITED_CONTENT", refused),
        (Format::Gemini, "SPII", refused),
    ];
    for (format, reason, (stop, kind)) in endings {
        let stream = streams::of_text(format, reason);
        let (answer, ended) = ours(format, &stream);
        let (theirs, said) = read(&heard(format, &stream).await);
        assert_eq!(answer, theirs, "{format:?} {reason}");
        assert_eq!(answer.usage, (Some(42), Some(9), 5), "{format:?} {reason}");
        assert_eq!(ended, stop, "{format:?} {reason}");
        assert!(said.as_ref().is_some_and(kind), "{format:?} {reason}: {said:?}");
    }
}

/// An answer that breaks off is none for the box. For genai it is no error: it stops, or ends like any other.
#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_for_the_box() {
    for format in Format::ALL {
        let stream = streams::with_a_use(format);
        let events: Vec<_> = stream.split_inclusive("\n\n").collect();
        let cut = events[..events.len() - if format == Format::OpenAiChat { 3 } else { 1 }].concat();
        assert!(understood(format, &cut).is_err(), "{format:?}");
        let heard = heard(format, &cut).await;
        let ended = matches!(format, Format::OpenAiResponses | Format::Gemini);
        assert_eq!((heard.failed, heard.end.is_some()), (false, ended), "{format:?}");
    }
}
