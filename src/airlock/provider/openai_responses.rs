//! OpenAI Responses: `POST /v1/responses`.
//!
//! Storing and training: `"store": false` on every request, and no earlier response is referred to. Since nothing is
//! stored, a model that reasons is asked for its reasoning in encrypted form ([`super::Dialect::reasoning`]); what came
//! before a use of a tool goes back before it, and before what was said in between, as it came. Prompt caching is
//! automatic; how long a cache is kept can be said for some models only ([`super::Dialect::memory_cache`]).
//!
//! One use of a tool at a time is asked for. Ids of items are not sent back: items are not stored, so they mean
//! nothing; a reasoning item alone keeps its id, which its schema demands.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::sse::Event;
use super::decode::{Answer, Ending, arguments, parse};
use super::fault::of_object;
use super::openai_chat::{InputDetails, usage};
use super::{
    Ask, Format, Opaque, Rendered, StreamError, ToolUse, Turn, own, rendered, result_id, result_text, turns, use_id,
};

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    store: bool,
    stream: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    include: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_retention: Option<&'static str>,
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "str::is_empty")]
    instructions: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    input: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    r#type: &'static str,
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
    strict: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item<'a> {
    Message {
        role: &'static str,
        content: String,
    },
    FunctionCall {
        call_id: String,
        name: &'a str,
        arguments: String,
    },
    FunctionCallOutput {
        call_id: String,
        output: String,
    },
    /// A reasoning item, as [`reasoning`] kept it.
    #[serde(untagged)]
    Given(&'a Value),
}

pub(super) fn render(ask: &Ask<'_>) -> Rendered {
    let body = Body {
        model: ask.model,
        store: false,
        stream: true,
        include: ask.dialect.reasoning.then_some("reasoning.encrypted_content").into_iter().collect(),
        prompt_cache_retention: ask.dialect.memory_cache.then_some("in_memory"),
        max_output_tokens: ask.max_tokens,
        instructions: ask.system,
        tools: ask
            .tools
            .iter()
            .map(|tool| Tool {
                r#type: "function",
                name: &tool.name,
                description: &tool.description,
                parameters: &tool.parameters,
                // Strict is the default here, and refuses schemas with optional fields.
                strict: false,
            })
            .collect(),
        parallel_tool_calls: (!ask.tools.is_empty()).then_some(false),
        input: input(ask),
    };
    rendered("/v1/responses".to_owned(), None, &body)
}

fn input<'a>(ask: &Ask<'a>) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    for turn in turns(ask.messages) {
        match turn {
            Turn::Caller(texts) => items.push(Item::Message { role: "user", content: texts.join("\n") }),
            Turn::Model { texts, uses } => {
                items.extend(uses.first().copied().into_iter().flat_map(before));
                if !texts.is_empty() {
                    items.push(Item::Message { role: "assistant", content: texts.join("\n") });
                }
                for (at, used) in uses.into_iter().enumerate() {
                    if at > 0 {
                        items.extend(before(used));
                    }
                    items.push(tool_use(used));
                }
            }
            Turn::Results(results) => items.extend(results.into_iter().map(|result| Item::FunctionCallOutput {
                call_id: result_id(Format::OpenAiResponses, ask.messages, result),
                output: result_text(result),
            })),
        }
    }
    items
}

/// The reasoning before a use.
fn before(tool_use: &ToolUse) -> impl Iterator<Item = Item<'_>> {
    let before = own(Format::OpenAiResponses, tool_use).and_then(|value| value.get("before")).and_then(Value::as_array);
    before.into_iter().flatten().map(Item::Given)
}

fn tool_use(tool_use: &ToolUse) -> Item<'_> {
    Item::FunctionCall {
        call_id: use_id(Format::OpenAiResponses, tool_use),
        name: &tool_use.name,
        arguments: tool_use.arguments.to_string(),
    }
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Said {
    #[serde(rename = "response.output_text.delta")]
    Text { delta: String },
    #[serde(rename = "response.refusal.delta", alias = "response.refusal.done")]
    Refusal,
    #[serde(rename = "response.function_call_arguments.delta")]
    Arguments { delta: String },
    #[serde(rename = "response.output_item.done")]
    Item { item: ItemDone },
    #[serde(rename = "response.completed")]
    Completed { response: Response },
    #[serde(rename = "response.incomplete")]
    Incomplete { response: Response },
    #[serde(rename = "response.failed")]
    Failed { response: Response },
    #[serde(rename = "error")]
    Error {
        #[serde(default)]
        code: Option<Value>,
        #[serde(default)]
        error: Option<Value>,
    },
    /// Known, and says nothing that another event does not say.
    #[serde(
        rename = "response.created",
        alias = "response.in_progress",
        alias = "response.queued",
        alias = "response.output_item.added",
        alias = "response.content_part.added",
        alias = "response.content_part.done",
        alias = "response.output_text.done",
        alias = "response.output_text.annotation.added",
        alias = "response.function_call_arguments.done",
        alias = "response.reasoning_text.delta",
        alias = "response.reasoning_text.done",
        alias = "response.reasoning_summary_part.added",
        alias = "response.reasoning_summary_part.done",
        alias = "response.reasoning_summary_text.delta",
        alias = "response.reasoning_summary_text.done",
        alias = "keepalive"
    )]
    Nothing,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ItemDone {
    FunctionCall {
        call_id: String,
        name: String,
        arguments: String,
        #[serde(default)]
        status: Option<String>,
    },
    Reasoning {
        id: String,
        #[serde(default)]
        summary: Option<Value>,
        #[serde(default)]
        encrypted_content: Option<String>,
    },
    Message {
        #[serde(default)]
        content: Option<Vec<Part>>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Part {
    r#type: String,
}

#[derive(Deserialize)]
struct Response {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    incomplete_details: Option<Incomplete>,
}

#[derive(Deserialize)]
struct Incomplete {
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: Option<u64>,
    #[serde(default)]
    input_tokens_details: Option<InputDetails>,
}

/// Reads a stream's events.
#[derive(Default)]
pub(super) struct Reader {
    /// Reasoning that belongs to the next use.
    before: Vec<Value>,
}

impl Reader {
    pub(super) fn read(&mut self, event: &Event, answer: &mut Answer) -> Result<(), StreamError> {
        // Each event says its type twice; the name lets an unknown one be skipped whatever its data is. `[DONE]` is
        // what servers add that speak both OpenAI formats.
        let known =
            ["message", "error", "keepalive"].contains(&event.name.as_str()) || event.name.starts_with("response.");
        if !known {
            answer.skip();
            return Ok(());
        }
        if event.data.trim() == "[DONE]" {
            return Ok(());
        }
        match parse(&event.data)? {
            Said::Text { delta } => answer.say(delta)?,
            // The whole arguments come with the item; these show that an answer has begun.
            Said::Arguments { delta } => answer.hold(delta.len())?,
            Said::Refusal => answer.refuse(),
            Said::Item { item } => self.item(item, answer)?,
            Said::Completed { response } => end(response, Ending::Finished, answer)?,
            Said::Incomplete { response } => {
                let ending = match response.incomplete_details.as_ref().and_then(|details| details.reason.as_deref()) {
                    Some("max_output_tokens") => Ending::Length,
                    Some("content_filter") => Ending::Refused,
                    Some(_) | None => return Err(StreamError::Malformed("an unknown reason for an incomplete answer")),
                };
                end(response, ending, answer)?;
            }
            Said::Failed { response } => return Err(fault(&response.error.unwrap_or_default())),
            // The API writes the code into the event itself; proxies wrap it as other errors are wrapped.
            Said::Error { code, error } => return Err(fault(&error.unwrap_or_else(|| json!({ "code": code })))),
            Said::Nothing => {}
            Said::Other => answer.skip(),
        }
        Ok(())
    }

    fn item(&mut self, item: ItemDone, answer: &mut Answer) -> Result<(), StreamError> {
        match item {
            ItemDone::FunctionCall { call_id, name, arguments: text, status } => {
                answer.hold([&call_id, &name, &text].map(String::len).into_iter().sum())?;
                // An item that is done may yet be incomplete, where the answer broke off in it.
                let whole = status.is_none_or(|status| status == "completed");
                let value = json!({ "id": call_id, "before": std::mem::take(&mut self.before) });
                let opaque = Opaque { format: Format::OpenAiResponses, value };
                answer.use_tool(name, arguments(&text).filter(|_| whole), opaque)
            }
            // Without its encrypted content a reasoning item cannot go back: the API would look for what was not stored
            ItemDone::Reasoning { id, summary, encrypted_content: Some(encrypted_content) } => {
                let summary = summary.filter(Value::is_array).unwrap_or_else(|| json!([]));
                let item = reasoning(&id, &summary, &encrypted_content);
                answer.hold(item.to_string().len())?;
                self.before.push(item);
                Ok(())
            }
            ItemDone::Message { content } => {
                if content.into_iter().flatten().any(|part| part.r#type == "refusal") {
                    answer.refuse();
                }
                Ok(())
            }
            ItemDone::Reasoning { encrypted_content: None, .. } => Ok(()),
            ItemDone::Other => {
                answer.skip();
                Ok(())
            }
        }
    }
}

/// A reasoning item as it may go back: its status may not.
fn reasoning(id: &str, summary: &Value, encrypted_content: &str) -> Value {
    json!({ "type": "reasoning", "id": id, "summary": summary, "encrypted_content": encrypted_content })
}

fn end(response: Response, ending: Ending, answer: &mut Answer) -> Result<(), StreamError> {
    let counts = response.usage.map(|c| usage(c.input_tokens, c.output_tokens, c.input_tokens_details));
    answer.end(response.model, ending, counts.unwrap_or_default())
}

fn fault(error: &Value) -> StreamError {
    of_object(Format::OpenAiResponses, error)
}

/// A stream with reasoning, text and a use of a tool.
#[cfg(test)]
pub(super) const SAMPLE: &str = include_str!("samples/openai_responses.sse");

#[cfg(test)]
mod tests {
    use super::super::decode::check::{cut_everywhere, decode, done, text, unknown, used};
    use super::super::{Dialect, Piece, Stop, samples};
    use super::*;

    const FORMAT: Format = Format::OpenAiResponses;

    #[test]
    fn a_request_has_these_bytes_and_asks_that_nothing_be_stored() {
        let tools = [samples::schema()];
        let value = json!({ "id": "call_1", "before": [{ "id": "rs_1", "type": "reasoning" }] });
        let messages = samples::conversation(Some(Opaque { format: FORMAT, value }));
        let dialect = Dialect { reasoning: true, ..Dialect::default() };
        let request = render(&Ask { dialect, ..samples::ask(&tools, &messages) });
        assert_eq!(request.path, "/v1/responses");
        let expected = concat!(
            r#"{"model":"model-1","store":false,"stream":true,"include":["reasoning.encrypted_content"],"#,
            r#""max_output_tokens":300,"instructions":"You answer the telephone.","#,
            r#""tools":[{"type":"function","name":"find_slots","description":"Finds free slots.","#,
            r#""parameters":{"properties":{"day":{"type":"string"}},"type":"object"},"strict":false}],"#,
            r#""parallel_tool_calls":false,"input":["#,
            r#"{"type":"message","role":"user","content":"hello\nany slot on [DATE_1]"},"#,
            r#"{"id":"rs_1","type":"reasoning"},"#,
            r#"{"type":"message","role":"assistant","content":"Let me look."},"#,
            r#"{"type":"function_call","call_id":"call_1","name":"find_slots","arguments":"{\"day\":\"[DATE_1]\"}"},"#,
            r#"{"type":"function_call_output","call_id":"call_1","output":"[{\"slot\":\"[SLOT_1]\"}]"},"#,
            r#"{"type":"function_call","call_id":"use_2","name":"find_slots","arguments":"{\"day\":\"[DATE_1]\"}"},"#,
            r#"{"type":"function_call_output","call_id":"use_2","output":"{\"error\":\"conflict\"}"},"#,
            r#"{"type":"message","role":"user","content":"and now"}]}"#,
        );
        assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    }

    #[test]
    fn a_model_that_does_not_reason_is_not_asked_for_reasoning() {
        let messages = [super::super::Message::Caller("hello".to_owned())];
        let dialect = Dialect { memory_cache: true, ..Dialect::default() };
        let request = render(&Ask { dialect, system: "", ..samples::ask(&[], &messages) });
        let expected = concat!(
            r#"{"model":"model-1","store":false,"stream":true,"prompt_cache_retention":"in_memory","#,
            r#""max_output_tokens":300,"input":[{"type":"message","role":"user","content":"hello"}]}"#
        );
        assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    }

    #[test]
    fn a_stream_gives_text_at_once_and_the_use_with_the_end() {
        let opaque = json!({
            "id": "call_1",
            "before": [{ "type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "Z0FB" }],
        });
        let expected = [
            text("Let me löok."),
            used(FORMAT, "find_slots", json!({ "day": "[DATE_1]" }), opaque),
            done("gpt-5-2025-08-07", Stop::Tools, [Some(1000), Some(80), Some(1024), Some(176)]),
        ];
        assert_eq!(decode(FORMAT, SAMPLE).unwrap(), expected);
        assert_eq!(unknown(FORMAT, SAMPLE), 0);
        cut_everywhere(FORMAT, SAMPLE, 0);
    }

    #[test]
    fn the_first_of_a_tools_arguments_shows_that_the_answer_has_begun() {
        let delta = r#"{"type":"response.function_call_arguments.delta","item_id":"fc_1","delta":"{"}"#;
        let (created, _) = SAMPLE.split_at(SAMPLE.find("event: response.output_item.done").unwrap());
        let mut decoder = super::super::Decoder::new(FORMAT);
        decoder.push(created.as_bytes()).unwrap();
        assert!(!decoder.has_begun());
        decoder.push(format!("data: {delta}\n\n").as_bytes()).unwrap();
        assert!(decoder.has_begun());
    }

    #[test]
    fn reasoning_that_came_goes_back_before_its_use() {
        let pieces = decode(FORMAT, SAMPLE).unwrap();
        let Some(Piece::Use { opaque, .. }) = pieces.get(1) else { panic!("{pieces:?}") };
        let messages = samples::conversation(opaque.clone());
        let body: Value = serde_json::from_slice(&render(&samples::ask(&[], &messages)).body).unwrap();
        assert_eq!(body["input"][1]["encrypted_content"], "Z0FB");
        assert_eq!(body["input"][1].get("status"), None);
        assert_eq!(body["input"][2]["role"], "assistant");
        assert_eq!(body["input"][3]["call_id"], "call_1");
    }

    #[test]
    fn reasoning_without_encrypted_content_is_not_kept() {
        let stream = SAMPLE.replace(r#","encrypted_content":"Z0FB""#, "");
        let pieces = decode(FORMAT, &stream).unwrap();
        let expected =
            used(FORMAT, "find_slots", json!({ "day": "[DATE_1]" }), json!({ "before": [], "id": "call_1" }));
        assert_eq!(pieces.get(1), Some(&expected));
    }

    #[test]
    fn a_refusal_is_not_said_and_ends_the_answer_as_refused() {
        let by_delta = SAMPLE.replace("response.output_text.delta", "response.refusal.delta");
        let by_part = SAMPLE.replace(r#""type":"output_text""#, r#""type":"refusal""#);
        let by_filter = incomplete("content_filter");
        for stream in [by_delta, by_part, by_filter] {
            let pieces = decode(FORMAT, &stream).unwrap();
            assert!(matches!(pieces.last(), Some(Piece::Done { stop: Stop::Refused, .. })));
            assert!(!pieces.iter().any(|piece| matches!(piece, Piece::Use { .. })));
        }
    }

    #[test]
    fn a_use_cut_off_by_the_limit_is_not_given() {
        let half = |stream: String| {
            stream.replace(
                r#""type":"function_call","status":"completed""#,
                r#""type":"function_call","status":"incomplete""#,
            )
        };
        let pieces = decode(FORMAT, &half(incomplete("max_output_tokens"))).unwrap();
        assert!(matches!(pieces.as_slice(), [Piece::Text(_), Piece::Done { stop: Stop::Length, .. }]));
        assert_eq!(decode(FORMAT, &half(SAMPLE.to_owned())), Err(StreamError::BadArguments));
    }

    #[test]
    fn an_error_in_the_middle_is_told_by_its_kind() {
        let (before, _) = SAMPLE.split_at(SAMPLE.find("event: response.completed").unwrap());
        for (error, name) in [
            (r#"{"type":"error","code":"rate_limit_exceeded","message":"m","param":null}"#, "rate-limited"),
            (r#"{"type":"error","error":{"type":"server_error","code":"server_overloaded"}}"#, "overloaded"),
            (
                r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error"}}}"#,
                "provider-failed",
            ),
            (r#"{"type":"response.failed","response":{}}"#, "provider-failed"),
        ] {
            assert_eq!(decode(FORMAT, &format!("{before}data: {error}\n\n")).unwrap_err().as_str(), name);
        }
    }

    #[test]
    fn unknown_events_and_items_are_skipped_and_counted() {
        let unknowns = concat!(
            "event: weather\ndata: not even JSON\n\n",
            "event: response.news\ndata: {\"type\":\"response.news\"}\n\n",
            "data: {\"type\":\"response.output_item.done\",\"item\":{\"type\":\"web_search_call\"}}\n\n",
        );
        let stream = format!("{unknowns}{SAMPLE}data: [DONE]\n\n");
        assert_eq!(decode(FORMAT, &stream), decode(FORMAT, SAMPLE));
        assert_eq!(unknown(FORMAT, &stream), 3);
    }

    #[test]
    fn what_no_good_stream_has_is_malformed() {
        let after = format!("{SAMPLE}data: {}\n\n", r#"{"type":"response.output_text.delta","delta":"more"}"#);
        for stream in [
            "event: response.output_text.delta\ndata: {\n\n".to_owned(),
            "data: {\"type\":\"response.output_text.delta\",\"delta\":5}\n\n".to_owned(),
            "data: {\"type\":\"response.incomplete\",\"response\":{}}\n\n".to_owned(),
            after,
        ] {
            assert_eq!(decode(FORMAT, &stream).unwrap_err().as_str(), "malformed", "{stream:?}");
        }
    }

    fn incomplete(reason: &str) -> String {
        SAMPLE
            .replace("response.completed", "response.incomplete")
            .replace(r#""output":[],"usage":{"#, &format!(r#""incomplete_details":{{"reason":"{reason}"}},"usage":{{"#))
    }
}
