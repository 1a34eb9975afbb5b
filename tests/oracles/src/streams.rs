//! Answers as the four APIs stream them.

use anteroom::airlock::provider::Format;

/// A text and a use of a tool: the samples that the formats' own tests read.
pub(crate) fn with_a_use(format: Format) -> &'static str {
    match format {
        Format::Anthropic => include_str!("../../../src/airlock/provider/samples/anthropic.sse"),
        Format::OpenAiChat => include_str!("../../../src/airlock/provider/samples/openai_chat.sse"),
        Format::OpenAiResponses => include_str!("../../../src/airlock/provider/samples/openai_responses.sse"),
        Format::Gemini => include_str!("../../../src/airlock/provider/samples/gemini.sse"),
    }
}

/// A text that ends for that reason, in the API's words.
pub(crate) fn of_text(format: Format, reason: &str) -> String {
    let stream = match format {
        Format::Anthropic => include_str!("streams/anthropic.sse"),
        Format::OpenAiChat => include_str!("streams/openai_chat.sse"),
        Format::OpenAiResponses if reason == "completed" => include_str!("streams/openai_responses.sse"),
        Format::OpenAiResponses => include_str!("streams/openai_responses_cut.sse"),
        Format::Gemini => include_str!("streams/gemini.sse"),
    };
    stream.replace("REASON", reason)
}

/// Anthropic: thinking before a text and a use, which has to go back with the use.
pub(crate) const ANTHROPIC_THINKING: &str = include_str!("streams/anthropic_thinking.sse");
