//! Anthropic Messages: `POST /v1/messages`.
//!
//! Storing and training: the API has no parameter for either, so nothing is sent. What is kept, and that nothing is
//! trained on, is a matter of the account (zero data retention, a business associate agreement). The prompt cache that
//! is asked for keeps the tools and the system prompt for five minutes; neither says anything of a caller.
//!
//! One use of a tool at a time is asked for. Thinking is not asked for; where a model thinks all the same, the blocks
//! before a use go back with it, since the API refuses a signed use without them. Those before the first use come first
//! of all, whatever was said in between: the API refuses a message that was thought about and does not begin so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::sse::Event;
use super::decode::{Answer, Ending, arguments, parse};
use super::fault::{Fault, of_object};
use super::{
    Ask, Format, Opaque, Rendered, StreamError, ToolUse, Turn, Usage, own, rendered, result_id, turns, use_id,
};

/// Names of errors. Source: the API's reference, "Errors".
pub(super) const FAULTS: &[(&str, StreamError)] = &[
    ("overloaded_error", StreamError::Overloaded),
    ("rate_limit_error", StreamError::RateLimited),
    ("authentication_error", StreamError::Provider(Fault::Key)),
    ("permission_error", StreamError::Provider(Fault::Key)),
    ("billing_error", StreamError::Provider(Fault::OutOfCredit)),
    ("invalid_request_error", StreamError::Provider(Fault::BadRequest)),
    ("request_too_large", StreamError::Provider(Fault::BadRequest)),
    ("not_found_error", StreamError::Provider(Fault::UnknownModel)),
    ("api_error", StreamError::Provider(Fault::Failed)),
    ("timeout_error", StreamError::Provider(Fault::Failed)),
];

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    stream: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<System<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoice>,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct System<'a> {
    r#type: &'static str,
    text: &'a str,
    cache_control: CacheControl,
}

#[derive(Serialize)]
struct CacheControl {
    r#type: &'static str,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

#[derive(Serialize)]
struct ToolChoice {
    r#type: &'static str,
    disable_parallel_tool_use: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    ToolUse {
        id: String,
        name: &'a str,
        input: &'a Value,
    },
    ToolResult {
        tool_use_id: String,
        content: String,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
    /// A thinking block, as it came.
    #[serde(untagged)]
    Given(&'a Value),
}

pub(super) fn render(ask: &Ask<'_>) -> Rendered {
    let system = Some(ask.system).filter(|text| !text.is_empty());
    let cache_control = || CacheControl { r#type: "ephemeral" };
    let body = Body {
        model: ask.model,
        max_tokens: ask.max_tokens,
        stream: true,
        // Tools come before the system prompt in the cached prefix, so this one mark covers both.
        system: system
            .map(|text| System { r#type: "text", text, cache_control: cache_control() })
            .into_iter()
            .collect(),
        tools: ask
            .tools
            .iter()
            .map(|tool| Tool { name: &tool.name, description: &tool.description, input_schema: &tool.parameters })
            .collect(),
        // The API refuses a choice where there is nothing to choose from.
        tool_choice: (!ask.tools.is_empty()).then_some(ToolChoice { r#type: "auto", disable_parallel_tool_use: true }),
        messages: messages(ask),
    };
    rendered("/v1/messages".to_owned(), Some(("anthropic-version", ask.api_version)), &body)
}

fn messages<'a>(ask: &Ask<'a>) -> Vec<Message<'a>> {
    let mut messages: Vec<Message<'a>> = Vec::new();
    for turn in turns(ask.messages) {
        let (role, content): (_, Vec<Block<'a>>) = match turn {
            Turn::Caller(texts) => ("user", texts.into_iter().map(|text| Block::Text { text }).collect()),
            Turn::Model { texts, uses } => {
                let texts = texts.into_iter().map(|text| Block::Text { text });
                let mut content: Vec<_> = uses.first().copied().into_iter().flat_map(before).chain(texts).collect();
                for (at, used) in uses.into_iter().enumerate() {
                    if at > 0 {
                        content.extend(before(used));
                    }
                    content.push(tool_use(used));
                }
                ("assistant", content)
            }
            Turn::Results(results) => (
                "user",
                results
                    .into_iter()
                    .map(|result| Block::ToolResult {
                        tool_use_id: result_id(Format::Anthropic, ask.messages, result),
                        content: result.result.to_string(),
                        is_error: !result.ok,
                    })
                    .collect(),
            ),
        };
        // Results and what the caller says next are one message of the user: roles must alternate.
        match messages.last_mut() {
            Some(last) if last.role == role => last.content.extend(content),
            Some(_) | None => messages.push(Message { role, content }),
        }
    }
    messages
}

/// The thinking before a use.
fn before(tool_use: &ToolUse) -> impl Iterator<Item = Block<'_>> {
    let before = own(Format::Anthropic, tool_use).and_then(|value| value.get("before")).and_then(Value::as_array);
    before.into_iter().flatten().map(Block::Given)
}

fn tool_use(tool_use: &ToolUse) -> Block<'_> {
    Block::ToolUse { id: use_id(Format::Anthropic, tool_use), name: &tool_use.name, input: &tool_use.arguments }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    MessageStart {
        message: Start,
    },
    ContentBlockStart {
        index: u64,
        content_block: BlockStart,
    },
    ContentBlockDelta {
        index: u64,
        delta: Delta,
    },
    ContentBlockStop {
        index: u64,
    },
    MessageDelta {
        delta: MessageDelta,
        #[serde(default)]
        usage: Option<Counts>,
    },
    MessageStop,
    Ping,
    Error {
        error: Value,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Start {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    usage: Option<Counts>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BlockStart {
    Text {
        #[serde(default)]
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Value,
    },
    Thinking {
        #[serde(default)]
        thinking: String,
        #[serde(default)]
        signature: String,
    },
    RedactedThinking {
        data: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    Json { partial_json: String },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct MessageDelta {
    #[serde(default)]
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: Option<u64>,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
}

/// Event names that are read. `message` is that of an event without a name: some proxies drop it.
const KNOWN: &[&str] = &[
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "ping",
    "error",
    "message",
];

/// Reads a stream's events.
#[derive(Default)]
pub(super) struct Reader {
    model: Option<String>,
    usage: Usage,
    /// Blocks that have begun and not ended.
    open: BTreeMap<u64, Open>,
    /// Thinking that belongs to the next use.
    before: Vec<Value>,
    ending: Option<Ending>,
}

enum Open {
    Text,
    Use { id: String, name: String, input: Value, json: String },
    Thinking { thinking: String, signature: String },
    Redacted { data: String },
    Other,
}

impl Reader {
    pub(super) fn read(&mut self, event: &Event, answer: &mut Answer) -> Result<(), StreamError> {
        if !KNOWN.contains(&event.name.as_str()) {
            answer.skip();
            return Ok(());
        }
        match parse(&event.data)? {
            Said::MessageStart { message } => {
                self.model = message.model;
                // Its count of output tokens is of the first few only; the true one comes with the stop reason.
                self.count(message.usage.map(|counts| Counts { output_tokens: None, ..counts }));
            }
            Said::ContentBlockStart { index, content_block } => self.open(index, content_block, answer)?,
            Said::ContentBlockDelta { index, delta } => self.grow(index, delta, answer)?,
            Said::ContentBlockStop { index } => self.close(index, answer)?,
            Said::MessageDelta { delta, usage } => {
                self.count(usage);
                self.ending = match delta.stop_reason.as_deref() {
                    None => self.ending,
                    Some("end_turn" | "stop_sequence" | "tool_use") => Some(Ending::Finished),
                    Some("max_tokens" | "model_context_window_exceeded") => Some(Ending::Length),
                    Some("refusal") => Some(Ending::Refused),
                    Some(_) => return Err(StreamError::Malformed("an unknown stop reason")),
                };
            }
            Said::MessageStop => {
                let ending = self.ending.ok_or(StreamError::Malformed("no stop reason"))?;
                if ending == Ending::Finished && !self.open.is_empty() {
                    return Err(StreamError::Malformed("a block that never ended"));
                }
                answer.end(self.model.take(), ending, self.usage)?;
            }
            Said::Ping => {}
            Said::Error { error } => return Err(of_object(Format::Anthropic, &error)),
            Said::Other => answer.skip(),
        }
        Ok(())
    }

    /// Counts are of the whole answer so far, and only some are repeated.
    fn count(&mut self, counts: Option<Counts>) {
        let Some(counts) = counts else { return };
        self.usage.input = counts.input_tokens.or(self.usage.input);
        self.usage.output = counts.output_tokens.or(self.usage.output);
        self.usage.cache_read = counts.cache_read_input_tokens.or(self.usage.cache_read);
        self.usage.cache_write = counts.cache_creation_input_tokens.or(self.usage.cache_write);
    }

    fn open(&mut self, index: u64, block: BlockStart, answer: &mut Answer) -> Result<(), StreamError> {
        let open = match block {
            BlockStart::Text { text } => {
                answer.say(text)?;
                Open::Text
            }
            BlockStart::ToolUse { id, name, input } => {
                answer.hold(id.len().saturating_add(name.len()))?;
                Open::Use { id, name, input, json: String::new() }
            }
            BlockStart::Thinking { thinking, signature } => {
                answer.hold(thinking.len().saturating_add(signature.len()))?;
                Open::Thinking { thinking, signature }
            }
            BlockStart::RedactedThinking { data } => {
                answer.hold(data.len())?;
                Open::Redacted { data }
            }
            BlockStart::Other => {
                answer.skip();
                Open::Other
            }
        };
        // A block is some bytes itself: a stream of nothing but beginnings must find its bound too.
        answer.hold(size_of::<Open>())?;
        match self.open.insert(index, open) {
            None => Ok(()),
            Some(_) => Err(StreamError::Malformed("a block that began twice")),
        }
    }

    fn grow(&mut self, index: u64, delta: Delta, answer: &mut Answer) -> Result<(), StreamError> {
        let block = self.open.get_mut(&index).ok_or(StreamError::Malformed("a delta without a block"))?;
        match (block, delta) {
            (Open::Text, Delta::Text { text }) => answer.say(text),
            (Open::Use { json, .. }, Delta::Json { partial_json: more })
            | (Open::Thinking { thinking: json, .. }, Delta::Thinking { thinking: more })
            | (Open::Thinking { signature: json, .. }, Delta::Signature { signature: more }) => {
                answer.hold(more.len())?;
                json.push_str(&more);
                Ok(())
            }
            (Open::Other, _) => Ok(()),
            (_, Delta::Other) => {
                answer.skip();
                Ok(())
            }
            (Open::Text | Open::Use { .. } | Open::Thinking { .. } | Open::Redacted { .. }, _) => {
                Err(StreamError::Malformed("a delta of another block's kind"))
            }
        }
    }

    fn close(&mut self, index: u64, answer: &mut Answer) -> Result<(), StreamError> {
        match self.open.remove(&index).ok_or(StreamError::Malformed("an end without a block"))? {
            Open::Text | Open::Other => Ok(()),
            Open::Thinking { thinking, signature } => {
                self.before.push(json!({ "type": "thinking", "thinking": thinking, "signature": signature }));
                Ok(())
            }
            Open::Redacted { data } => {
                self.before.push(json!({ "type": "redacted_thinking", "data": data }));
                Ok(())
            }
            Open::Use { id, name, input, json } => {
                // Where no JSON is streamed, the block began with the arguments; they are `{}` at the API itself.
                let whole = Some(input).filter(|input| json.is_empty() && input.is_object());
                let value = json!({ "id": id, "before": std::mem::take(&mut self.before) });
                answer.use_tool(name, whole.or_else(|| arguments(&json)), Opaque { format: Format::Anthropic, value })
            }
        }
    }
}

/// A stream with text and a use of a tool.
#[cfg(test)]
pub(super) const SAMPLE: &str = include_str!("samples/anthropic.sse");

#[cfg(test)]
mod tests {
    use super::super::decode::check::{cut_everywhere, decode, done, text, unknown, used};
    use super::super::{Piece, Stop, samples};
    use super::*;

    const FORMAT: Format = Format::Anthropic;

    #[test]
    fn a_request_has_these_bytes() {
        let tools = [samples::schema()];
        let opaque = Opaque { format: FORMAT, value: json!({ "id": "toolu_01" }) };
        let messages = samples::conversation(Some(opaque));
        let request = render(&samples::ask(&tools, &messages));
        assert_eq!(request.path, "/v1/messages");
        assert_eq!(
            request.headers,
            [
                ("content-type", "application/json".to_owned()),
                ("accept", "text/event-stream".to_owned()),
                ("anthropic-version", "v1".to_owned()),
            ]
        );
        let expected = concat!(
            r#"{"model":"model-1","max_tokens":300,"stream":true,"#,
            r#""system":[{"type":"text","text":"You answer the telephone.","cache_control":{"type":"ephemeral"}}],"#,
            r#""tools":[{"name":"find_slots","description":"Finds free slots.","#,
            r#""input_schema":{"properties":{"day":{"type":"string"}},"type":"object"}}],"#,
            r#""tool_choice":{"type":"auto","disable_parallel_tool_use":true},"messages":["#,
            r#"{"role":"user","content":[{"type":"text","text":"hello"},"#,
            r#"{"type":"text","text":"any slot on [DATE_1]"}]},"#,
            r#"{"role":"assistant","content":[{"type":"text","text":"Let me look."},"#,
            r#"{"type":"tool_use","id":"toolu_01","name":"find_slots","input":{"day":"[DATE_1]"}}]},"#,
            r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_01","#,
            r#""content":"[{\"slot\":\"[SLOT_1]\"}]"}]},"#,
            r#"{"role":"assistant","content":[{"type":"tool_use","id":"use_2","name":"find_slots","#,
            r#""input":{"day":"[DATE_1]"}}]},"#,
            r#"{"role":"user","content":[{"type":"tool_result","tool_use_id":"use_2","content":"\"conflict\"","#,
            r#""is_error":true},{"type":"text","text":"and now"}]}]}"#,
        );
        assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    }

    #[test]
    fn without_tools_and_system_there_is_neither_a_choice_nor_an_empty_block() {
        let messages = [super::super::Message::Caller("hello".to_owned())];
        let request = render(&Ask { system: "", ..samples::ask(&[], &messages) });
        let expected = concat!(
            r#"{"model":"model-1","max_tokens":300,"stream":true,"#,
            r#""messages":[{"role":"user","content":[{"type":"text","text":"hello"}]}]}"#
        );
        assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    }

    #[test]
    fn a_stream_gives_text_at_once_and_the_use_with_the_end() {
        let opaque = json!({ "before": [], "id": "toolu_01" });
        let expected = [
            text("Let me "),
            text("löok."),
            used(FORMAT, "find_slots", json!({ "day": "[DATE_1]" }), opaque),
            done("claude-sonnet-4-5-20250929", Stop::Tools, [Some(12), Some(48), Some(1180), Some(0)]),
        ];
        assert_eq!(decode(FORMAT, SAMPLE).unwrap(), expected);
        assert_eq!(unknown(FORMAT, SAMPLE), 0);
        cut_everywhere(FORMAT, SAMPLE, 0);
    }

    #[test]
    fn thinking_before_a_use_goes_back_before_it_and_before_what_was_said() {
        let stream = events(&[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}"#,
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}"#,
            r#"{"type":"content_block_stop","index":0}"#,
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"ZGF0YQ"}}"#,
            r#"{"type":"content_block_stop","index":1}"#,
            r#"{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"tu_1","name":"t"}}"#,
            r#"{"type":"content_block_stop","index":2}"#,
            r#"{"type":"message_delta","delta":{"stop_reason":"tool_use"}}"#,
            r#"{"type":"message_stop"}"#,
        ]);
        let pieces = decode(FORMAT, &stream).unwrap();
        let [Piece::Use { arguments, opaque, .. }, Piece::Done { model: None, .. }] = pieces.as_slice() else {
            panic!("{pieces:?}")
        };
        assert_eq!(arguments, &json!({}));
        let messages = samples::conversation(opaque.clone());
        let body: Value = serde_json::from_slice(&render(&samples::ask(&[], &messages)).body).unwrap();
        let content = body["messages"][1]["content"].as_array().unwrap();
        assert_eq!(content[0], json!({ "type": "thinking", "thinking": "hm", "signature": "c2ln" }));
        assert_eq!(content[1], json!({ "type": "redacted_thinking", "data": "ZGF0YQ" }));
        assert_eq!(content[2]["text"], "Let me look.");
        assert_eq!(content[3]["id"], "tu_1");
    }

    #[test]
    fn a_refusal_ends_the_answer_as_refused_and_gives_no_use() {
        let refused = SAMPLE.replace(r#""stop_reason":"tool_use""#, r#""stop_reason":"refusal""#);
        let pieces = decode(FORMAT, &refused).unwrap();
        assert!(matches!(pieces.as_slice(), [Piece::Text(_), Piece::Text(_), Piece::Done { stop: Stop::Refused, .. }]));
    }

    #[test]
    fn a_use_cut_off_by_the_limit_is_not_given() {
        let cut = SAMPLE
            .replace(r#""stop_reason":"tool_use""#, r#""stop_reason":"max_tokens""#)
            .replace(r#""partial_json":"TE_1]\"}""#, r#""partial_json":"TE""#);
        let pieces = decode(FORMAT, &cut).unwrap();
        assert!(matches!(pieces.as_slice(), [Piece::Text(_), Piece::Text(_), Piece::Done { stop: Stop::Length, .. }]));
        let unexplained = cut.replace("max_tokens", "tool_use");
        assert_eq!(decode(FORMAT, &unexplained), Err(StreamError::BadArguments));
    }

    #[test]
    fn an_error_in_the_middle_is_told_by_its_kind() {
        for (kind, name) in
            [("overloaded_error", "overloaded"), ("api_error", "provider-failed"), ("new", "provider-failed")]
        {
            let error = format!(r#"{{"type":"error","error":{{"type":"{kind}","message":"m"}}}}"#);
            let (before, _) = SAMPLE.split_at(SAMPLE.find("event: content_block_stop").unwrap());
            let stream = format!("{before}event: error\ndata: {error}\n\n");
            assert_eq!(decode(FORMAT, &stream).unwrap_err().as_str(), name);
        }
    }

    #[test]
    fn unknown_events_blocks_and_deltas_are_skipped_and_counted() {
        let begun = r#"{"type":"content_block_start","index":9,"content_block":{"type":"image"}}"#;
        let grown = r#"{"type":"content_block_delta","index":9,"delta":{"type":"pixels"}}"#;
        let ended = r#"{"type":"content_block_stop","index":9}"#;
        let known = events(&[r#"{"type":"news"}"#, begun, grown, ended]);
        let unknowns = format!("event: weather\ndata: not even JSON\n\n{known}");
        let stream = SAMPLE.replace("event: ping\ndata: {\"type\": \"ping\"}\n\n", &unknowns);
        assert_eq!(decode(FORMAT, &stream), decode(FORMAT, SAMPLE));
        assert_eq!(unknown(FORMAT, &stream), 3);
    }

    #[test]
    fn what_no_good_stream_has_is_malformed() {
        let start = r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
        let streams: [&[&str]; 6] = [
            &[r#"{"type":"content_block_delta","index":0}"#],
            &[r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}"#],
            &[
                start,
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{"}}"#,
            ],
            &[start, start],
            &[r#"{"type":"message_stop"}"#],
            &[start, r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"}}"#, r#"{"type":"message_stop"}"#],
        ];
        for stream in streams {
            assert_eq!(decode(FORMAT, &events(stream)).unwrap_err().as_str(), "malformed", "{stream:?}");
        }
        let after = format!("{SAMPLE}{}", events(&[r#"{"type":"message_stop"}"#]));
        assert_eq!(decode(FORMAT, &after).unwrap_err().as_str(), "malformed");
    }

    fn events(data: &[&str]) -> String {
        data.iter().map(|data| format!("data: {data}\n\n")).collect()
    }
}
