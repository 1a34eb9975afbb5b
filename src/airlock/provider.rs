//! The wire formats of the cloud models: an [`Ask`] in and a request out; a response's bytes in and [`Piece`]s out.
//!
//! In:  what may leave (checked, redacted, with placeholders), and what a provider streams back, which is untrusted.
//! Out: [`Rendered`] requests, and pieces of an answer that are whole in themselves.
//! Runs in `airlockd`. Pure: no socket, no clock, no key but the one [`key_header`] is handed.
//!
//! Each format has its file, with what the API offers against storing and training on a request; where it offers
//! nothing per request, nothing is sent, and the clinic's contract with the provider has to say it. No request names a
//! user, a call or a clinic. The same ask gives the same bytes.
//!
//! What a stream must show before it counts as whole is said at [`Decoder`].

mod anthropic;
mod decode;
mod fault;
mod gemini;
mod openai_chat;
mod openai_responses;

use std::fmt;

use serde_json::Value;

pub use decode::{Decoder, MAX_HELD, MAX_STREAM, MAX_TEXT, MAX_USES};
pub use fault::{Fault, StreamError, status_error};

/// The wire format of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Anthropic Messages.
    Anthropic,
    /// OpenAI Chat Completions, which servers on a LAN speak too.
    OpenAiChat,
    /// OpenAI Responses.
    OpenAiResponses,
    /// Gemini `streamGenerateContent`.
    Gemini,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Anthropic, Self::OpenAiChat, Self::OpenAiResponses, Self::Gemini];

    /// The format's name in configuration, events and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAiChat => "openai-chat",
            Self::OpenAiResponses => "openai-responses",
            Self::Gemini => "gemini",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

/// What servers of one format differ in. From configuration: none of it can be read off a model's name for long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// OpenAI Chat: a server on a LAN, which knows `max_tokens` and often not `max_completion_tokens`.
    pub lan: bool,
    /// OpenAI Responses: the model reasons, and is asked for its reasoning in encrypted form, since nothing is stored.
    /// A model that does not reason refuses the whole request for it.
    pub reasoning: bool,
    /// Both OpenAI formats: the model can keep its prompt cache in memory only, and is told to. Otherwise an
    /// organisation without zero data retention has it kept for up to 24 hours. Models from gpt-5.5 on refuse the whole
    /// request for it. Source: the API's reference, `prompt_cache_retention`.
    pub memory_cache: bool,
}

/// What a model is asked. Text and values are redacted and checked; nothing here may hold PHI.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The model's id at the provider.
    pub model: &'a str,
    /// The system prompt; none where empty.
    pub system: &'a str,
    /// Tools that may be used.
    pub tools: &'a [ToolSchema],
    /// The conversation. It begins with [`Message::Caller`], ends with that or [`Message::Results`], and each use of a
    /// tool has its result in the message that follows it. What a caller said is not empty.
    pub messages: &'a [Message],
    /// The most tokens that the answer may have, thinking included.
    pub max_tokens: u32,
    /// The API's version: Anthropic `2023-06-01`, Gemini `v1beta`. The OpenAI formats have none.
    pub api_version: &'a str,
    /// What this endpoint and model do differently.
    pub dialect: Dialect,
}

/// A tool as a model is told of it.
#[derive(Clone, Debug)]
pub struct ToolSchema {
    /// Its name: letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// What it does.
    pub description: String,
    /// JSON Schema of its arguments, an object.
    pub parameters: Value,
}

/// One message of a conversation.
#[derive(Clone)]
pub enum Message {
    /// What the caller said.
    Caller(String),
    /// What the model said, and the tools it used after that.
    Model {
        /// The text; may be empty.
        text: String,
        /// The uses, in order.
        uses: Vec<ToolUse>,
    },
    /// What the tools answered.
    Results(Vec<ToolResult>),
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Caller(text) => write!(f, "Caller({} bytes)", text.len()),
            Self::Model { text, uses } => write!(f, "Model({} bytes, {uses:?})", text.len()),
            Self::Results(results) => write!(f, "Results({results:?})"),
        }
    }
}

/// A model's use of a tool.
#[derive(Clone)]
pub struct ToolUse {
    /// Our number of it, unique in the call.
    pub number: u32,
    /// The tool's name.
    pub name: String,
    /// Its arguments, an object.
    pub arguments: Value,
    /// What the provider wants back with it.
    pub opaque: Option<Opaque>,
}

impl fmt::Debug for ToolUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ToolUse({})", self.number)
    }
}

/// A tool's answer.
#[derive(Clone)]
pub struct ToolResult {
    /// The number of the use it answers.
    pub number: u32,
    /// The tool's name.
    pub name: String,
    /// Whether it went well.
    pub ok: bool,
    /// What came of it.
    pub result: Value,
}

impl fmt::Debug for ToolResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ToolResult({}, ok: {})", self.number, self.ok)
    }
}

/// What a provider attached to a use of a tool and wants back: its id, a signature, the reasoning before it.
///
/// Goes back to the same format only; elsewhere an id of our own stands in. Whoever changes to another endpoint of the
/// same format drops it: encrypted reasoning of one account is an error in another. It never leaves airlockd: not to
/// the brain, not to the record, and `Debug` shows only the format.
#[derive(Clone, PartialEq)]
pub struct Opaque {
    /// The format that it came in.
    pub format: Format,
    /// An object whose fields that format's file knows.
    pub value: Value,
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opaque({})", self.format.as_str())
    }
}

/// A request, ready to be sent by POST.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The path, to be appended to the endpoint's base URL (which has no `/v1`).
    pub path: String,
    /// Headers, without the key.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON.
    pub body: Vec<u8>,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rendered({} bytes)", self.body.len())
    }
}

/// A piece of an answer.
#[derive(Clone, PartialEq)]
pub enum Piece {
    /// Text, to be appended to what came before. Given at once, so that it can be spoken: whether the answer was
    /// refused after all is known only with `Done`.
    Text(String),
    /// A use of a tool, whole. Given only just before a `Done` with [`Stop::Tools`], so that nothing is done for an
    /// answer that fails or is cut off later.
    Use {
        /// The tool's name, as the model wrote it.
        name: String,
        /// An object. Whether it is what the tool takes is not checked here.
        arguments: Value,
        /// What the provider wants back with it; decoders always set it.
        opaque: Option<Opaque>,
    },
    /// The end of the answer. Nothing follows.
    Done {
        /// The exact id of the model that the API named.
        model: Option<String>,
        /// Why it ended.
        stop: Stop,
        /// What it cost.
        usage: Usage,
    },
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Use { .. } => f.write_str("Use"),
            Self::Done { stop, usage, .. } => write!(f, "Done({stop:?}, {usage:?})"),
        }
    }
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model had said what it wanted to say.
    Answered,
    /// It wants tools used; at least one [`Piece::Use`] came.
    Tools,
    /// It ran into the limit of tokens. Uses of tools that it had begun are not given.
    Length,
    /// The model or a filter of the provider refused. What was said before must not be relied on.
    Refused,
}

/// Tokens, by how they are billed. `None` where the API did not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Billed at the plain price of input: neither read from a cache nor written to one.
    pub input: Option<u64>,
    /// Billed as output, thinking included.
    pub output: Option<u64>,
    /// Read from a cache.
    pub cache_read: Option<u64>,
    /// Written to a cache.
    pub cache_write: Option<u64>,
}

/// Writes a request that streams.
#[must_use]
pub fn render(format: Format, ask: &Ask<'_>) -> Rendered {
    match format {
        Format::Anthropic => anthropic::render(ask),
        Format::OpenAiChat => openai_chat::render(ask),
        Format::OpenAiResponses => openai_responses::render(ask),
        Format::Gemini => gemini::render(ask),
    }
}

/// The header that carries the key. No format gets it in its URL, which proxies log.
#[must_use]
pub fn key_header(format: Format, key: &str) -> (&'static str, String) {
    match format {
        Format::Anthropic => ("x-api-key", key.to_owned()),
        Format::OpenAiChat | Format::OpenAiResponses => ("authorization", format!("Bearer {key}")),
        Format::Gemini => ("x-goog-api-key", key.to_owned()),
    }
}

fn rendered(path: String, version: Option<(&'static str, &str)>, body: &impl serde::Serialize) -> Rendered {
    let mut headers = vec![("content-type", "application/json".to_owned()), ("accept", "text/event-stream".to_owned())];
    headers.extend(version.map(|(name, version)| (name, version.to_owned())));
    // Bodies are strings, numbers, lists and maps with string keys: writing them cannot fail. An empty body, should it
    // ever, is one that every API refuses.
    Rendered { path, headers, body: serde_json::to_vec(body).unwrap_or_default() }
}

/// Messages of one side in a row, as one: some APIs and the chat templates of LAN servers demand that sides alternate.
enum Turn<'a> {
    Caller(Vec<&'a str>),
    Model { texts: Vec<&'a str>, uses: Vec<&'a ToolUse> },
    Results(Vec<&'a ToolResult>),
}

fn turns<'a>(messages: &'a [Message]) -> Vec<Turn<'a>> {
    let mut turns: Vec<Turn<'a>> = Vec::new();
    for message in messages {
        match (message, turns.last_mut()) {
            (Message::Caller(text), Some(Turn::Caller(texts))) => texts.push(text),
            (Message::Caller(text), _) => turns.push(Turn::Caller(vec![text])),
            // A model that said and did nothing left no turn, and no results are none: APIs refuse an empty message.
            (Message::Model { text, uses }, _) if text.is_empty() && uses.is_empty() => {}
            (Message::Model { text, uses: more }, Some(Turn::Model { texts, uses })) => {
                texts.extend(said(text));
                uses.extend(more);
            }
            (Message::Model { text, uses }, _) => {
                turns.push(Turn::Model { texts: said(text).collect(), uses: uses.iter().collect() });
            }
            (Message::Results(results), _) if results.is_empty() => {}
            (Message::Results(more), Some(Turn::Results(results))) => results.extend(more),
            (Message::Results(results), _) => turns.push(Turn::Results(results.iter().collect())),
        }
    }
    turns
}

fn said(text: &str) -> impl Iterator<Item = &str> {
    Some(text).filter(|text| !text.is_empty()).into_iter()
}

/// What `format` attached to a use, if it was that format.
fn own(format: Format, tool_use: &ToolUse) -> Option<&Value> {
    tool_use.opaque.as_ref().filter(|opaque| opaque.format == format).map(|opaque| &opaque.value)
}

/// The id of a use for `format`: its own, or ours.
fn use_id(format: Format, tool_use: &ToolUse) -> String {
    let own = own(format, tool_use).and_then(|value| value.get("id")).and_then(Value::as_str);
    own.map_or_else(|| format!("use_{}", tool_use.number), str::to_owned)
}

/// The id of the use that a result answers.
fn result_id(format: Format, messages: &[Message], result: &ToolResult) -> String {
    let answered = messages.iter().find_map(|message| match message {
        Message::Model { uses, .. } => uses.iter().find(|tool_use| tool_use.number == result.number),
        Message::Caller(_) | Message::Results(_) => None,
    });
    answered.map_or_else(|| format!("use_{}", result.number), |tool_use| use_id(format, tool_use))
}

/// A result as text, for APIs that have no field of their own for a failure.
fn result_text(result: &ToolResult) -> String {
    let value = &result.result;
    if result.ok { value.to_string() } else { serde_json::json!({ "error": value }).to_string() }
}

/// What each format's tests share.
#[cfg(test)]
mod samples {
    use serde_json::json;

    use super::*;

    pub(super) fn schema() -> ToolSchema {
        ToolSchema {
            name: "find_slots".to_owned(),
            description: "Finds free slots.".to_owned(),
            parameters: json!({ "properties": { "day": { "type": "string" } }, "type": "object" }),
        }
    }

    /// A caller, a use that `opaque` belongs to, its result, a use that failed, and the caller again.
    pub(super) fn conversation(opaque: Option<Opaque>) -> Vec<Message> {
        let used = |number, opaque| ToolUse {
            number,
            name: "find_slots".to_owned(),
            arguments: json!({ "day": "[DATE_1]" }),
            opaque,
        };
        let result = |number, ok, result| ToolResult { number, name: "find_slots".to_owned(), ok, result };
        vec![
            Message::Caller("hello".to_owned()),
            Message::Caller("any slot on [DATE_1]".to_owned()),
            Message::Model { text: "Let me look.".to_owned(), uses: vec![used(1, opaque)] },
            Message::Results(vec![result(1, true, json!([{ "slot": "[SLOT_1]" }]))]),
            Message::Model { text: String::new(), uses: vec![used(2, None)] },
            Message::Results(vec![result(2, false, json!("conflict"))]),
            Message::Caller("and now".to_owned()),
        ]
    }

    pub(super) fn ask<'a>(tools: &'a [ToolSchema], messages: &'a [Message]) -> Ask<'a> {
        Ask {
            model: "model-1",
            system: "You answer the telephone.",
            tools,
            messages,
            max_tokens: 300,
            api_version: "v1",
            dialect: Dialect::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_format_is_found_by_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::named(format.as_str()), Some(format));
        }
        assert_eq!(Format::named("openai"), None);
    }

    #[test]
    fn the_key_travels_in_a_header_and_never_in_a_request() {
        let (tools, messages) = ([samples::schema()], samples::conversation(None));
        for format in Format::ALL {
            let (name, value) = key_header(format, "sk-1");
            assert!(value.ends_with("sk-1"));
            let request = render(format, &samples::ask(&tools, &messages));
            assert!(request.headers.iter().all(|(header, _)| *header != name));
        }
    }

    #[test]
    fn the_same_ask_gives_the_same_bytes_and_no_identifier_field() {
        let (tools, messages) = ([samples::schema()], samples::conversation(None));
        for format in Format::ALL {
            let request = render(format, &samples::ask(&tools, &messages));
            assert_eq!(request, render(format, &samples::ask(&tools, &messages)));
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            for field in ["user", "metadata", "prompt_cache_key", "safety_identifier", "previous_response_id"] {
                assert_eq!(body.get(field), None, "{field}");
            }
        }
    }

    #[test]
    fn what_one_provider_attached_goes_to_no_other() {
        let tools = [samples::schema()];
        for from in Format::ALL {
            let value = json!({ "id": "secret_id", "signature": "secret_signature", "before": ["secret_reasoning"] });
            let messages = samples::conversation(Some(Opaque { format: from, value }));
            for to in Format::ALL {
                let body = String::from_utf8(render(to, &samples::ask(&tools, &messages)).body).unwrap();
                assert_eq!(body.contains("secret_"), from == to, "{from:?} to {to:?}");
            }
        }
    }

    #[test]
    fn messages_of_one_side_in_a_row_become_one_and_empty_ones_vanish() {
        let empty = || Message::Model { text: String::new(), uses: Vec::new() };
        let caller = |text: &str| Message::Caller(text.to_owned());
        let messages = [caller("a"), empty(), caller("b")];
        let turns = turns(&messages);
        assert!(matches!(turns.as_slice(), [Turn::Caller(texts)] if texts == &["a", "b"]));
    }

    #[test]
    fn nothing_that_is_said_shows_in_debug() {
        let shown = format!("{:?}", samples::conversation(None));
        assert!(!shown.contains("hello") && !shown.contains("find_slots") && !shown.contains("SLOT"), "{shown}");
    }
}
