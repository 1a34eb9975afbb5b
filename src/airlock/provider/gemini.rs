//! Gemini: `POST /v1beta/models/…:streamGenerateContent?alt=sse`.
//!
//! Storing: `"store": false` on every request. It overrules the project's setting for logs, which is on by default for
//! some projects. Training: the API has no parameter; what is sent by a project that pays is not trained on, so a key
//! of the free tier must never be configured. Prompt caching is automatic.
//!
//! The API has no way to ask for one use of a tool at a time. Uses come whole, with a signature on the part that goes
//! back with them. Results are paired with uses by order and name, and by id only where the API gave one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::sse::Event;
use super::decode::{Answer, Ending, parse};
use super::fault::{Fault, of_object};
use super::{
    Ask, Format, Message, Opaque, Rendered, StreamError, ToolResult, ToolUse, Turn, Usage, own, rendered, turns,
};

/// Names of errors. Source: `google.rpc.Code`, and `google.rpc.ErrorInfo` for the key.
pub(super) const FAULTS: &[(&str, StreamError)] = &[
    ("API_KEY_INVALID", StreamError::Provider(Fault::Key)),
    ("UNAVAILABLE", StreamError::Overloaded),
    ("RESOURCE_EXHAUSTED", StreamError::RateLimited),
    ("UNAUTHENTICATED", StreamError::Provider(Fault::Key)),
    ("PERMISSION_DENIED", StreamError::Provider(Fault::Key)),
    ("INVALID_ARGUMENT", StreamError::Provider(Fault::BadRequest)),
    ("FAILED_PRECONDITION", StreamError::Provider(Fault::BadRequest)),
    ("OUT_OF_RANGE", StreamError::Provider(Fault::BadRequest)),
    ("NOT_FOUND", StreamError::Provider(Fault::UnknownModel)),
    ("INTERNAL", StreamError::Provider(Fault::Failed)),
    ("DEADLINE_EXCEEDED", StreamError::Provider(Fault::Failed)),
];

/// The signature that the API takes for a use which another model made. Without one, models from Gemini 3 on refuse the
/// request. Source: the API's guide, "Thought signatures".
const FOREIGN: &str = "skip_thought_signature_validator";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    store: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tools<'a>>,
    generation_config: GenerationConfig,
    contents: Vec<Content<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GenerationConfig {
    max_output_tokens: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    function_declarations: Vec<Declaration<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration<'a> {
    name: &'a str,
    description: &'a str,
    parameters_json_schema: &'a Value,
}

#[derive(Serialize)]
struct Content<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    parts: Vec<Part<'a>>,
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Part<'a> {
    Text {
        text: &'a str,
    },
    Call {
        function_call: Call<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        thought_signature: Option<&'a str>,
    },
    Response {
        function_response: Response<'a>,
    },
}

#[derive(Serialize)]
struct Call<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    args: &'a Value,
}

#[derive(Serialize)]
struct Response<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    response: Outcome<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Outcome<'a> {
    Output(&'a Value),
    Error(&'a Value),
}

pub(super) fn render(ask: &Ask<'_>) -> Rendered {
    let system = Some(ask.system).filter(|text| !text.is_empty());
    let functions: Vec<_> = ask
        .tools
        .iter()
        .map(|tool| Declaration {
            name: &tool.name,
            description: &tool.description,
            parameters_json_schema: &tool.parameters,
        })
        .collect();
    let tools = Some(functions).filter(|functions| !functions.is_empty());
    let body = Body {
        store: false,
        system_instruction: system.map(|text| Content { role: None, parts: vec![Part::Text { text }] }),
        tools: tools.map(|function_declarations| Tools { function_declarations }).into_iter().collect(),
        generation_config: GenerationConfig { max_output_tokens: ask.max_tokens },
        contents: turns(ask.messages).into_iter().map(|turn| content(ask.messages, turn)).collect(),
    };
    let model = ask.model.strip_prefix("models/").unwrap_or(ask.model);
    let path = format!("/{}/models/{}:streamGenerateContent?alt=sse", segment(ask.api_version), segment(model));
    rendered(path, None, &body)
}

/// Results and what the caller says next stay two contents: the API counts the results in the one after the uses.
fn content<'a>(messages: &'a [Message], turn: Turn<'a>) -> Content<'a> {
    let (role, parts) = match turn {
        Turn::Caller(texts) => ("user", texts.into_iter().map(|text| Part::Text { text }).collect()),
        Turn::Model { texts, uses } => {
            let texts = texts.into_iter().map(|text| Part::Text { text });
            ("model", texts.chain(uses.into_iter().map(call)).collect())
        }
        Turn::Results(results) => ("user", results.into_iter().map(|result| response(messages, result)).collect()),
    };
    Content { role: Some(role), parts }
}

fn call(tool_use: &ToolUse) -> Part<'_> {
    let own = own(Format::Gemini, tool_use);
    let signature = own.and_then(|value| value.get("signature")).and_then(Value::as_str);
    let thought_signature = if own.is_some() { signature } else { Some(FOREIGN) };
    let function_call = Call { id: id(tool_use), name: &tool_use.name, args: &tool_use.arguments };
    Part::Call { function_call, thought_signature }
}

fn response<'a>(messages: &'a [Message], result: &'a ToolResult) -> Part<'a> {
    let answered = messages.iter().find_map(|message| match message {
        Message::Model { uses, .. } => uses.iter().find(|tool_use| tool_use.number == result.number),
        Message::Caller(_) | Message::Results(_) => None,
    });
    let outcome = if result.ok { Outcome::Output } else { Outcome::Error };
    Part::Response {
        function_response: Response {
            id: answered.and_then(id),
            name: &result.name,
            response: outcome(&result.result),
        },
    }
}

fn id(tool_use: &ToolUse) -> Option<&str> {
    own(Format::Gemini, tool_use).and_then(|value| value.get("id")).and_then(Value::as_str)
}

/// One segment of a path, percent-encoded (RFC 3986, section 2.3): a model's name must not become more of a URL.
fn segment(text: &str) -> String {
    let mut segment = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            segment.push(char::from(byte));
        } else {
            segment.push_str(&format!("%{byte:02X}"));
        }
    }
    segment
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk {
    #[serde(default)]
    candidates: Option<Vec<Candidate>>,
    #[serde(default)]
    prompt_feedback: Option<PromptFeedback>,
    #[serde(default)]
    usage_metadata: Option<Counts>,
    #[serde(default)]
    model_version: Option<String>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default)]
    content: Option<Given>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    parts: Option<Vec<GivenPart>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenPart {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    thought: Option<bool>,
    #[serde(default)]
    thought_signature: Option<String>,
    #[serde(default)]
    function_call: Option<GivenCall>,
}

#[derive(Deserialize)]
struct GivenCall {
    #[serde(default)]
    id: Option<String>,
    name: String,
    #[serde(default)]
    args: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PromptFeedback {
    #[serde(default)]
    block_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    #[serde(default)]
    prompt_token_count: Option<u64>,
    #[serde(default)]
    tool_use_prompt_token_count: Option<u64>,
    #[serde(default)]
    cached_content_token_count: Option<u64>,
    #[serde(default)]
    candidates_token_count: Option<u64>,
    #[serde(default)]
    thoughts_token_count: Option<u64>,
}

/// Reads a stream's chunks.
#[derive(Default)]
pub(super) struct Reader {
    model: Option<String>,
    usage: Usage,
}

impl Reader {
    pub(super) fn read(&mut self, event: &Event, answer: &mut Answer) -> Result<(), StreamError> {
        if event.name != "message" && event.name != "error" {
            answer.skip();
            return Ok(());
        }
        let chunk: Chunk = parse(&event.data)?;
        if let Some(error) = chunk.error {
            return Err(of_object(Format::Gemini, &error));
        }
        if chunk.candidates.is_none() && chunk.prompt_feedback.is_none() && chunk.usage_metadata.is_none() {
            answer.skip();
        }
        self.model = self.model.take().or(chunk.model_version.filter(|model| !model.is_empty()));
        // Each chunk counts the whole answer so far, so the last count is the true one.
        self.usage = chunk.usage_metadata.map_or(self.usage, usage);
        if chunk.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some()) {
            return answer.end(self.model.take(), Ending::Refused, self.usage);
        }
        // Only one answer is asked for.
        for candidate in chunk.candidates.into_iter().flatten().filter(|candidate| candidate.index.unwrap_or(0) == 0) {
            for part in candidate.content.and_then(|content| content.parts).into_iter().flatten() {
                say_part(part, answer)?;
            }
            if let Some(reason) = candidate.finish_reason {
                answer.end(self.model.take(), ending(&reason)?, self.usage)?;
            }
        }
        Ok(())
    }
}

fn say_part(part: GivenPart, answer: &mut Answer) -> Result<(), StreamError> {
    if let Some(call) = part.function_call {
        let args = call.args.unwrap_or_else(|| Value::Object(Map::new()));
        let size = [call.id.as_ref(), part.thought_signature.as_ref()].into_iter().flatten().map(String::len).sum();
        answer.hold(args.to_string().len().saturating_add(size))?;
        let mut value = Map::new();
        value.extend(call.id.filter(|id| !id.is_empty()).map(|id| ("id".to_owned(), Value::String(id))));
        value.extend(part.thought_signature.map(|signature| ("signature".to_owned(), Value::String(signature))));
        let opaque = Opaque { format: Format::Gemini, value: Value::Object(value) };
        return answer.use_tool(call.name, Some(args).filter(Value::is_object), opaque);
    }
    match part.text {
        // Thoughts are no part of the answer.
        Some(_) if part.thought == Some(true) => Ok(()),
        Some(text) => answer.say(text),
        // A signature on an empty part belongs to text, and need not go back.
        None if part.thought_signature.is_some() || part.thought.is_some() => Ok(()),
        None => {
            answer.skip();
            Ok(())
        }
    }
}

/// Source: `FinishReason` of the API's reference.
fn ending(reason: &str) -> Result<Ending, StreamError> {
    match reason {
        "STOP" => Ok(Ending::Finished),
        "MAX_TOKENS" => Ok(Ending::Length),
        "SAFETY" | "RECITATION" | "LANGUAGE" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => Ok(Ending::Refused),
        "MALFORMED_FUNCTION_CALL" => Err(StreamError::BadArguments),
        "UNEXPECTED_TOOL_CALL" | "TOO_MANY_TOOL_CALLS" => Err(StreamError::Malformed("a use that was not asked for")),
        "MISSING_THOUGHT_SIGNATURE" => Err(StreamError::Provider(Fault::BadRequest)),
        "OTHER" | "MALFORMED_RESPONSE" => Err(StreamError::Provider(Fault::Failed)),
        _ => Err(StreamError::Malformed("an unknown finish reason")),
    }
}

/// The prompt's count includes what was cached; thoughts are billed as output and counted apart. The API leaves out a
/// count that is zero, so what is missing may be either.
fn usage(counts: Counts) -> Usage {
    let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (one, None) | (None, one) => one,
    };
    let cached = counts.cached_content_token_count;
    let input = counts.prompt_token_count.and_then(|prompt| prompt.checked_sub(cached.unwrap_or(0)));
    Usage {
        input: input.map(|input| input.saturating_add(counts.tool_use_prompt_token_count.unwrap_or(0))),
        output: sum(counts.candidates_token_count, counts.thoughts_token_count),
        cache_read: cached,
        cache_write: None,
    }
}

/// A stream with text and a use of a tool.
#[cfg(test)]
pub(super) const SAMPLE: &str = include_str!("samples/gemini.sse");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::decode::check::{cut_everywhere, decode, done, text, unknown, used};
    use super::super::{Piece, Stop, samples};
    use super::*;

    const FORMAT: Format = Format::Gemini;

    #[test]
    fn a_request_has_these_bytes_and_asks_that_nothing_be_stored() {
        let tools = [samples::schema()];
        let value = json!({ "id": "call_1", "signature": "CiQB" });
        let messages = samples::conversation(Some(Opaque { format: FORMAT, value }));
        let request = render(&samples::ask(&tools, &messages));
        assert_eq!(request.path, "/v1/models/model-1:streamGenerateContent?alt=sse");
        let expected = concat!(
            r#"{"store":false,"systemInstruction":{"parts":[{"text":"You answer the telephone."}]},"#,
            r#""tools":[{"functionDeclarations":[{"name":"find_slots","description":"Finds free slots.","#,
            r#""parametersJsonSchema":{"properties":{"day":{"type":"string"}},"type":"object"}}]}],"#,
            r#""generationConfig":{"maxOutputTokens":300},"contents":["#,
            r#"{"role":"user","parts":[{"text":"hello"},{"text":"any slot on [DATE_1]"}]},"#,
            r#"{"role":"model","parts":[{"text":"Let me look."},"#,
            r#"{"functionCall":{"id":"call_1","name":"find_slots","args":{"day":"[DATE_1]"}},"#,
            r#""thoughtSignature":"CiQB"}]},"#,
            r#"{"role":"user","parts":[{"functionResponse":{"id":"call_1","name":"find_slots","#,
            r#""response":{"output":[{"slot":"[SLOT_1]"}]}}}]},"#,
            r#"{"role":"model","parts":[{"functionCall":{"name":"find_slots","args":{"day":"[DATE_1]"}},"#,
            r#""thoughtSignature":"skip_thought_signature_validator"}]},"#,
            r#"{"role":"user","parts":[{"functionResponse":{"name":"find_slots","response":{"error":"conflict"}}}]},"#,
            r#"{"role":"user","parts":[{"text":"and now"}]}]}"#,
        );
        assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    }

    #[test]
    fn a_models_name_stays_one_segment_of_the_path() {
        let messages = [Message::Caller("hello".to_owned())];
        let ask = Ask { model: "models/a/../b?key=c", api_version: "v1beta", ..samples::ask(&[], &messages) };
        assert_eq!(render(&ask).path, "/v1beta/models/a%2F..%2Fb%3Fkey%3Dc:streamGenerateContent?alt=sse");
    }

    #[test]
    fn a_stream_gives_text_at_once_and_the_use_with_the_end() {
        let expected = [
            text("Let me "),
            text("löok."),
            used(FORMAT, "find_slots", json!({ "day": "[DATE_1]" }), json!({ "signature": "CiQB" })),
            done("gemini-2.5-flash", Stop::Tools, [Some(176), Some(80), Some(1024), None]),
        ];
        assert_eq!(decode(FORMAT, SAMPLE).unwrap(), expected);
        assert_eq!(unknown(FORMAT, SAMPLE), 0);
        cut_everywhere(FORMAT, SAMPLE, 0);
        // The API itself ends lines with both characters; the last line feed is of a line that has ended without it.
        cut_everywhere(FORMAT, &SAMPLE.replace('\n', "\r\n"), 1);
    }

    #[test]
    fn a_use_without_signature_and_id_still_knows_where_it_came_from() {
        let stream =
            SAMPLE.replace(r#","thoughtSignature": "CiQB""#, "").replace(r#","args": {"day": "[DATE_1]"}"#, "");
        let pieces = decode(FORMAT, &stream).unwrap();
        assert_eq!(pieces.get(2), Some(&used(FORMAT, "find_slots", json!({}), json!({}))));
        let Some(Piece::Use { opaque, .. }) = pieces.get(2) else { panic!("{pieces:?}") };
        let messages = samples::conversation(opaque.clone());
        let body: Value = serde_json::from_slice(&render(&samples::ask(&[], &messages)).body).unwrap();
        assert_eq!(body["contents"][1]["parts"][1].get("thoughtSignature"), None);
    }

    #[test]
    fn thoughts_and_bare_signatures_are_not_said() {
        let stream = SAMPLE
            .replace(r#"{"text": "Let me "}"#, r#"{"text": "hm","thought": true}"#)
            .replace(r#"{"text": ""}"#, r#"{"thoughtSignature": "CiQC"}"#);
        let pieces = decode(FORMAT, &stream).unwrap();
        assert!(matches!(pieces.as_slice(), [Piece::Text(_), Piece::Use { .. }, Piece::Done { .. }]));
        assert_eq!(pieces.first(), Some(&text("löok.")));
        assert_eq!(unknown(FORMAT, &stream), 0);
    }

    #[test]
    fn a_refusal_ends_the_answer_as_refused_and_gives_no_use() {
        let pieces = decode(FORMAT, &SAMPLE.replace("STOP", "SAFETY")).unwrap();
        assert!(matches!(pieces.as_slice(), [Piece::Text(_), Piece::Text(_), Piece::Done { stop: Stop::Refused, .. }]));
        let blocked = concat!(
            r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"#,
            r#""usageMetadata":{"promptTokenCount":9},"modelVersion":"m"}"#
        );
        let expected = [done("m", Stop::Refused, [Some(9), None, None, None])];
        assert_eq!(decode(FORMAT, &format!("data: {blocked}\n\n")).unwrap(), expected);
    }

    #[test]
    fn an_answer_cut_off_by_the_limit_gives_no_use() {
        let pieces = decode(FORMAT, &SAMPLE.replace("STOP", "MAX_TOKENS")).unwrap();
        assert!(matches!(pieces.as_slice(), [Piece::Text(_), Piece::Text(_), Piece::Done { stop: Stop::Length, .. }]));
    }

    #[test]
    fn arguments_that_are_no_object_and_uses_that_failed_are_told() {
        let list = SAMPLE.replace(r#"{"day": "[DATE_1]"}"#, "[]");
        assert_eq!(decode(FORMAT, &list), Err(StreamError::BadArguments));
        for (reason, name) in [
            ("MALFORMED_FUNCTION_CALL", "bad-arguments"),
            ("UNEXPECTED_TOOL_CALL", "malformed"),
            ("MISSING_THOUGHT_SIGNATURE", "bad-request"),
            ("OTHER", "provider-failed"),
            ("BORED", "malformed"),
        ] {
            assert_eq!(decode(FORMAT, &SAMPLE.replace("STOP", reason)).unwrap_err().as_str(), name);
        }
    }

    #[test]
    fn an_error_in_the_middle_is_told_by_its_kind() {
        let (before, _) = SAMPLE.split_at(SAMPLE.find("\n\n").unwrap() + 2);
        for (error, name) in [
            (r#"{"error":{"code":503,"message":"m","status":"UNAVAILABLE"}}"#, "overloaded"),
            (r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}"#, "rate-limited"),
            (r#"{"error":{"code":500,"message":"m"}}"#, "provider-failed"),
        ] {
            assert_eq!(decode(FORMAT, &format!("{before}data: {error}\n\n")).unwrap_err().as_str(), name);
        }
    }

    #[test]
    fn unknown_events_objects_and_parts_are_skipped_and_counted() {
        let unknowns = concat!(
            "event: weather\ndata: not even JSON\n\n",
            "data: {\"news\":1}\n\n",
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"inlineData\":{}}]}}]}\n\n",
        );
        let stream = format!("{unknowns}{SAMPLE}");
        assert_eq!(decode(FORMAT, &stream), decode(FORMAT, SAMPLE));
        assert_eq!(unknown(FORMAT, &stream), 3);
    }

    #[test]
    fn what_no_good_stream_has_is_malformed() {
        let after = format!("{SAMPLE}data: {}\n\n", r#"{"candidates":[{"content":{"parts":[{"text":"more"}]}}]}"#);
        for stream in ["data: {\n\n", "data: {\"candidates\":5}\n\n", &after] {
            assert_eq!(decode(FORMAT, stream).unwrap_err().as_str(), "malformed", "{stream:?}");
        }
        let only_usage = format!("{SAMPLE}data: {}\n\n", r#"{"usageMetadata":{"promptTokenCount":1}}"#);
        assert_eq!(decode(FORMAT, &only_usage), decode(FORMAT, SAMPLE));
    }
}
