//! OpenAI Chat Completions: `POST /v1/chat/completions`, and every server on a LAN that speaks it.
//!
//! Storing and training: `"store": false` on every request, to LAN servers too, since one may pass it on. Prompt
//! caching is automatic; how long a cache is kept can be said for some models only ([`super::Dialect::memory_cache`]).
//!
//! One use of a tool at a time is asked for, and usage, which streams do not have otherwise.
//!
//! LAN servers deviate in small things. Taken: a use without index or id, "stop" as the reason after uses, usage in the
//! last chunk or none, no `[DONE]` after usage. Not taken: a stream with neither usage nor `[DONE]`, a finish reason
//! that is not known, arguments that are not text.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::sse::Event;
use super::decode::{Answer, Ending, MAX_USES, arguments, parse};
use super::fault::{Fault, of_object};
use super::{Ask, Format, Opaque, Rendered, StreamError, Turn, Usage, rendered, result_id, result_text, turns, use_id};

/// Names of errors, in both OpenAI formats. Source: the API's reference, "Error codes"; those with capitals are vLLM's.
pub(super) const FAULTS: &[(&str, StreamError)] = &[
    ("server_overloaded", StreamError::Overloaded),
    ("slow_down", StreamError::Overloaded),
    ("rate_limit_exceeded", StreamError::RateLimited),
    ("rate_limit_error", StreamError::RateLimited),
    ("insufficient_quota", StreamError::Provider(Fault::OutOfCredit)),
    ("billing_hard_limit_reached", StreamError::Provider(Fault::OutOfCredit)),
    ("invalid_api_key", StreamError::Provider(Fault::Key)),
    ("authentication_error", StreamError::Provider(Fault::Key)),
    ("model_not_found", StreamError::Provider(Fault::UnknownModel)),
    ("NotFoundError", StreamError::Provider(Fault::UnknownModel)),
    ("context_length_exceeded", StreamError::Provider(Fault::BadRequest)),
    ("invalid_prompt", StreamError::Provider(Fault::BadRequest)),
    ("invalid_encrypted_content", StreamError::Provider(Fault::BadRequest)),
    ("invalid_request_error", StreamError::Provider(Fault::BadRequest)),
    ("BadRequestError", StreamError::Provider(Fault::BadRequest)),
    ("server_error", StreamError::Provider(Fault::Failed)),
];

/// Uses that may be begun: one more than may be given, so that the bound is noticed where it is enforced.
const MAX_CALLS: usize = MAX_USES + 1;

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    store: bool,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_retention: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Tool<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
enum Message<'a> {
    System {
        content: &'a str,
    },
    User {
        content: String,
    },
    Assistant {
        content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
    },
    Tool {
        tool_call_id: String,
        content: String,
    },
}

#[derive(Serialize)]
struct Call<'a> {
    id: String,
    r#type: &'static str,
    function: Called<'a>,
}

#[derive(Serialize)]
struct Called<'a> {
    name: &'a str,
    arguments: String,
}

pub(super) fn render(ask: &Ask<'_>) -> Rendered {
    let lan = ask.dialect.lan;
    let body = Body {
        model: ask.model,
        store: false,
        stream: true,
        stream_options: StreamOptions { include_usage: true },
        prompt_cache_retention: ask.dialect.memory_cache.then_some("in_memory"),
        max_completion_tokens: (!lan).then_some(ask.max_tokens),
        max_tokens: lan.then_some(ask.max_tokens),
        tools: ask
            .tools
            .iter()
            .map(|tool| Tool {
                r#type: "function",
                function: Function { name: &tool.name, description: &tool.description, parameters: &tool.parameters },
            })
            .collect(),
        // The API refuses it where there are no tools.
        parallel_tool_calls: (!ask.tools.is_empty()).then_some(false),
        messages: messages(ask),
    };
    rendered("/v1/chat/completions".to_owned(), None, &body)
}

fn messages<'a>(ask: &Ask<'a>) -> Vec<Message<'a>> {
    let mut messages = Vec::new();
    if !ask.system.is_empty() {
        messages.push(Message::System { content: ask.system });
    }
    for turn in turns(ask.messages) {
        match turn {
            Turn::Caller(texts) => messages.push(Message::User { content: texts.join("\n") }),
            Turn::Model { texts, uses } => messages.push(Message::Assistant {
                content: (!texts.is_empty()).then(|| texts.join("\n")),
                tool_calls: uses
                    .into_iter()
                    .map(|tool_use| Call {
                        id: use_id(Format::OpenAiChat, tool_use),
                        r#type: "function",
                        function: Called { name: &tool_use.name, arguments: tool_use.arguments.to_string() },
                    })
                    .collect(),
            }),
            Turn::Results(results) => messages.extend(results.into_iter().map(|result| Message::Tool {
                tool_call_id: result_id(Format::OpenAiChat, ask.messages, result),
                content: result_text(result),
            })),
        }
    }
    messages
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    usage: Option<Counts>,
    #[serde(default)]
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default)]
    delta: Option<Delta>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Deserialize)]
struct CallDelta {
    #[serde(default)]
    index: Option<u64>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: Option<FunctionDelta>,
}

#[derive(Deserialize)]
struct FunctionDelta {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct Counts {
    #[serde(default)]
    prompt_tokens: Option<u64>,
    #[serde(default)]
    completion_tokens: Option<u64>,
    #[serde(default)]
    prompt_tokens_details: Option<InputDetails>,
}

/// What of the input was cached, in both OpenAI formats.
#[derive(Default, Deserialize)]
pub(super) struct InputDetails {
    #[serde(default)]
    cached_tokens: Option<u64>,
    #[serde(default)]
    cache_write_tokens: Option<u64>,
}

/// Usage, in both OpenAI formats: their input includes what was read from a cache or written to one.
pub(super) fn usage(input: Option<u64>, output: Option<u64>, details: Option<InputDetails>) -> Usage {
    let InputDetails { cached_tokens: cache_read, cache_write_tokens: cache_write } = details.unwrap_or_default();
    let cached = cache_read.unwrap_or(0).saturating_add(cache_write.unwrap_or(0));
    // More cached than there was is no count at all.
    let input = input.and_then(|input| input.checked_sub(cached));
    Usage { input, output, cache_read, cache_write }
}

/// Reads a stream's chunks.
#[derive(Default)]
pub(super) struct Reader {
    model: Option<String>,
    usage: Usage,
    calls: Vec<Open>,
    ending: Option<Ending>,
}

/// A use that may not be whole yet.
struct Open {
    index: Option<u64>,
    id: Option<String>,
    name: String,
    arguments: String,
}

impl Reader {
    pub(super) fn read(&mut self, event: &Event, answer: &mut Answer) -> Result<(), StreamError> {
        match event.name.as_str() {
            "message" if event.data.trim() == "[DONE]" => {
                if answer.is_over() {
                    return Ok(());
                }
                let ending = self.ending.ok_or(StreamError::Malformed("no finish reason"))?;
                self.end(ending, answer)
            }
            "message" => self.chunk(parse(&event.data)?, answer),
            "error" => {
                let error: Value = parse(&event.data)?;
                Err(of_object(Format::OpenAiChat, error.get("error").unwrap_or(&error)))
            }
            _ => {
                answer.skip();
                Ok(())
            }
        }
    }

    fn chunk(&mut self, chunk: Chunk, answer: &mut Answer) -> Result<(), StreamError> {
        if let Some(error) = chunk.error {
            return Err(of_object(Format::OpenAiChat, &error));
        }
        if chunk.choices.is_none() && chunk.usage.is_none() {
            answer.skip();
        }
        self.model = self.model.take().or(chunk.model.filter(|model| !model.is_empty()));
        // Only one answer is asked for.
        for choice in chunk.choices.into_iter().flatten().filter(|choice| choice.index.unwrap_or(0) == 0) {
            if let Some(delta) = choice.delta {
                self.grow(delta, answer)?;
            }
            match choice.finish_reason.as_deref() {
                // Some servers write no reason as an empty one.
                None | Some("") => {}
                Some("stop" | "tool_calls" | "function_call") => self.ending = Some(Ending::Finished),
                Some("length") => self.ending = Some(Ending::Length),
                Some("content_filter") => self.ending = Some(Ending::Refused),
                Some(_) => return Err(StreamError::Malformed("an unknown finish reason")),
            }
        }
        if let Some(counts) = chunk.usage {
            self.usage = usage(counts.prompt_tokens, counts.completion_tokens, counts.prompt_tokens_details);
            if let Some(ending) = self.ending.filter(|_| !answer.is_over()) {
                self.end(ending, answer)?;
            }
        }
        Ok(())
    }

    fn grow(&mut self, delta: Delta, answer: &mut Answer) -> Result<(), StreamError> {
        let calls = delta.tool_calls.unwrap_or_default();
        let text = delta.content.unwrap_or_default();
        if self.ending.is_some() && !(text.is_empty() && calls.is_empty()) {
            return Err(StreamError::Malformed("a piece after the finish reason"));
        }
        if delta.refusal.is_some_and(|refusal| !refusal.is_empty()) {
            answer.refuse();
        }
        answer.say(text)?;
        calls.into_iter().try_for_each(|call| self.call(call, answer))
    }

    fn call(&mut self, delta: CallDelta, answer: &mut Answer) -> Result<(), StreamError> {
        let id = delta.id.filter(|id| !id.is_empty());
        let (name, arguments) = delta.function.map_or((None, None), |function| (function.name, function.arguments));
        let name = name.filter(|name| !name.is_empty());
        let arguments = arguments.unwrap_or_default();
        let known = match delta.index {
            Some(index) => self.calls.iter().rposition(|call| call.index == Some(index)),
            None => self.calls.len().checked_sub(1),
        };
        // A new id and a name begin a new use, whatever its index: some servers give none, or 0 to all of them.
        let known = known.and_then(|place| self.calls.get_mut(place)).filter(|call| {
            let same_id = id.is_none() || id == call.id;
            name.is_none() || (same_id && (delta.index.is_some() || id.is_some()))
        });
        answer.hold([id.as_ref(), name.as_ref(), Some(&arguments)].into_iter().flatten().map(String::len).sum())?;
        match known {
            Some(call) if name.as_ref().is_none_or(|name| *name == call.name) => call.arguments.push_str(&arguments),
            Some(_) => return Err(StreamError::Malformed("a tool that changed its name")),
            None => {
                let name = name.ok_or(StreamError::Malformed("a tool without a name"))?;
                if self.calls.len() >= MAX_CALLS {
                    return Err(StreamError::TooLarge);
                }
                self.calls.push(Open { index: delta.index, id, name, arguments });
            }
        }
        Ok(())
    }

    fn end(&mut self, ending: Ending, answer: &mut Answer) -> Result<(), StreamError> {
        for call in std::mem::take(&mut self.calls) {
            let value = call.id.map_or_else(|| json!({}), |id| json!({ "id": id }));
            answer.use_tool(call.name, arguments(&call.arguments), Opaque { format: Format::OpenAiChat, value })?;
        }
        answer.end(self.model.take(), ending, self.usage)
    }
}

/// A stream with text and a use of a tool.
#[cfg(test)]
pub(super) const SAMPLE: &str = include_str!("samples/openai_chat.sse");

#[cfg(test)]
mod tests {
    use super::super::decode::check::{cut_everywhere, decode, done, text, unknown, used};
    use super::super::{Dialect, Piece, Stop, samples};
    use super::*;

    const FORMAT: Format = Format::OpenAiChat;
    const DONE: &str = "data: [DONE]\n\n";

    #[test]
    fn a_request_has_these_bytes_and_asks_that_nothing_be_stored() {
        let tools = [samples::schema()];
        let messages = samples::conversation(Some(Opaque { format: FORMAT, value: json!({ "id": "call_1" }) }));
        let request = render(&samples::ask(&tools, &messages));
        assert_eq!(request.path, "/v1/chat/completions");
        let expected = concat!(
            r#"{"model":"model-1","store":false,"stream":true,"stream_options":{"include_usage":true},"#,
            r#""max_completion_tokens":300,"#,
            r#""tools":[{"type":"function","function":{"name":"find_slots","description":"Finds free slots.","#,
            r#""parameters":{"properties":{"day":{"type":"string"}},"type":"object"}}}],"parallel_tool_calls":false,"#,
            r#""messages":[{"role":"system","content":"You answer the telephone."},"#,
            r#"{"role":"user","content":"hello\nany slot on [DATE_1]"},"#,
            r#"{"role":"assistant","content":"Let me look.","tool_calls":[{"id":"call_1","type":"function","#,
            r#""function":{"name":"find_slots","arguments":"{\"day\":\"[DATE_1]\"}"}}]},"#,
            r#"{"role":"tool","tool_call_id":"call_1","content":"[{\"slot\":\"[SLOT_1]\"}]"},"#,
            r#"{"role":"assistant","content":null,"tool_calls":[{"id":"use_2","type":"function","#,
            r#""function":{"name":"find_slots","arguments":"{\"day\":\"[DATE_1]\"}"}}]},"#,
            r#"{"role":"tool","tool_call_id":"use_2","content":"{\"error\":\"conflict\"}"},"#,
            r#"{"role":"user","content":"and now"}]}"#,
        );
        assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    }

    #[test]
    fn a_lan_server_is_told_its_own_name_of_the_limit_and_still_that_nothing_be_stored() {
        let messages = [super::super::Message::Caller("hello".to_owned())];
        let dialect = Dialect { lan: true, memory_cache: true, ..Dialect::default() };
        let request = render(&Ask { dialect, system: "", ..samples::ask(&[], &messages) });
        let expected = concat!(
            r#"{"model":"model-1","store":false,"stream":true,"stream_options":{"include_usage":true},"#,
            r#""prompt_cache_retention":"in_memory","max_tokens":300,"messages":[{"role":"user","content":"hello"}]}"#
        );
        assert_eq!(String::from_utf8(request.body).unwrap(), expected);
    }

    #[test]
    fn a_stream_gives_text_at_once_and_the_use_with_the_end() {
        let expected = [
            text("Let me löok."),
            used(FORMAT, "find_slots", json!({ "day": "[DATE_1]" }), json!({ "id": "call_1" })),
            done("gpt-4o-2024-08-06", Stop::Tools, [Some(176), Some(20), Some(1024), None]),
        ];
        assert_eq!(decode(FORMAT, SAMPLE).unwrap(), expected);
        assert_eq!(unknown(FORMAT, SAMPLE), 0);
        cut_everywhere(FORMAT, SAMPLE, DONE.len());
    }

    #[test]
    fn without_usage_the_answer_ends_with_done_and_without_both_it_is_cut_off() {
        let (before, rest) = SAMPLE.split_at(SAMPLE.trim_end_matches(DONE).rfind("data: ").unwrap());
        assert!(rest.contains("prompt_tokens"));
        let stream = format!("{before}{DONE}");
        let pieces = decode(FORMAT, &stream).unwrap();
        assert_eq!(pieces.last(), Some(&done("gpt-4o-2024-08-06", Stop::Tools, [None; 4])));
        cut_everywhere(FORMAT, &stream, 0);
        assert_eq!(decode(FORMAT, before), Err(StreamError::Truncated));
        assert_eq!(decode(FORMAT, DONE).unwrap_err().as_str(), "malformed");
    }

    #[test]
    fn usage_beside_the_finish_reason_ends_the_answer_and_later_usage_says_nothing_new() {
        let usage = r#""usage":{"prompt_tokens":3,"completion_tokens":2}}"#;
        let choice = r#"{"delta":{"content":"Hi."},"finish_reason":"stop"}"#;
        let last = format!(r#"data: {{"model":"m","choices":[{choice}],{usage}"#);
        let usage = format!(r#"data: {{"model":"m","choices":[],{usage}"#);
        let expected = [text("Hi."), done("m", Stop::Answered, [Some(3), Some(2), None, None])];
        assert_eq!(decode(FORMAT, &format!("{last}\n\n{usage}\n\n{DONE}")).unwrap(), expected);
    }

    #[test]
    fn uses_of_a_lan_server_without_index_id_or_reason_are_told_apart() {
        let whole = |id: &str, arguments: &str| {
            let function = format!(r#""function":{{"name":"t","arguments":"{arguments}"}}"#);
            format!(r#"data: {{"model":"m","choices":[{{"delta":{{"tool_calls":[{{{id}{function}}}]}}}}]}}"#)
        };
        let end = r#"data: {"model":"m","choices":[{"delta":{"content":""},"finish_reason":"stop"}]}"#;
        for (first, second) in [
            ("", ""),
            (r#""id":"a","#, r#""id":"b","#),
            (r#""index":0,"id":"a","#, r#""index":0,"id":"b","#),
            (r#""index":0,"#, r#""index":1,"#),
        ] {
            let stream = format!("{}\n\n{}\n\n{end}\n\n{DONE}", whole(first, "{}"), whole(second, r#"{\"a\":1}"#));
            let pieces = decode(FORMAT, &stream).unwrap();
            let [Piece::Use { arguments: one, .. }, Piece::Use { arguments: two, .. }, Piece::Done { stop, .. }] =
                pieces.as_slice()
            else {
                panic!("{first} {pieces:?}")
            };
            assert_eq!((one, two, *stop), (&json!({}), &json!({ "a": 1 }), Stop::Tools));
        }
    }

    #[test]
    fn a_refusal_is_not_said_and_ends_the_answer_as_refused() {
        let delta = r#"data: {"model":"m","choices":[{"index":0,"delta":{"refusal":"I can't"},"finish_reason":null}]}"#;
        let end = r#"data: {"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
        let expected = [done("m", Stop::Refused, [None; 4])];
        assert_eq!(decode(FORMAT, &format!("{delta}\n\n{end}\n\n{DONE}")).unwrap(), expected);
        let filtered = SAMPLE.replace(r#""finish_reason":"tool_calls""#, r#""finish_reason":"content_filter""#);
        let pieces = decode(FORMAT, &filtered).unwrap();
        assert!(matches!(pieces.as_slice(), [Piece::Text(_), Piece::Done { stop: Stop::Refused, .. }]));
    }

    #[test]
    fn a_use_cut_off_by_the_limit_is_not_given() {
        let cut =
            SAMPLE.replace(r#"TE_1]\"}"#, "").replace(r#""finish_reason":"tool_calls""#, r#""finish_reason":"length""#);
        let pieces = decode(FORMAT, &cut).unwrap();
        assert!(matches!(pieces.as_slice(), [Piece::Text(_), Piece::Done { stop: Stop::Length, .. }]));
        let unexplained = SAMPLE.replace(r#"TE_1]\"}"#, "");
        assert_eq!(decode(FORMAT, &unexplained), Err(StreamError::BadArguments));
    }

    #[test]
    fn an_error_in_the_middle_is_told_by_its_kind() {
        let (before, _) = SAMPLE.split_at(SAMPLE.find("data: [DONE]").unwrap());
        for (error, name) in [
            (r#"data: {"error":{"message":"m","type":"server_error","code":null}}"#, "provider-failed"),
            (r#"data: {"error":{"message":"m","type":"tokens","code":"rate_limit_exceeded"}}"#, "rate-limited"),
            (r#"data: {"error":{"message":"m","code":503}}"#, "overloaded"),
            ("event: error\ndata: {\"message\":\"m\",\"type\":\"BadRequestError\",\"code\":400}", "bad-request"),
        ] {
            assert_eq!(decode(FORMAT, &format!("{before}{error}\n\n")).unwrap_err().as_str(), name);
        }
    }

    #[test]
    fn unknown_events_and_objects_are_skipped_and_counted() {
        let stream = format!("event: weather\ndata: not even JSON\n\ndata: {{\"object\":\"news\"}}\n\n{SAMPLE}");
        assert_eq!(decode(FORMAT, &stream), decode(FORMAT, SAMPLE));
        assert_eq!(unknown(FORMAT, &stream), 2);
    }

    #[test]
    fn what_no_good_stream_has_is_malformed() {
        let finished = r#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#;
        let begun = r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"a"}}]}}]}"#;
        let streams: [&[&str]; 6] = [
            &["{"],
            &[r#"{"choices":[{"delta":{"content":5}}]}"#],
            &[r#"{"choices":[{"delta":{},"finish_reason":"bored"}]}"#],
            &[finished, r#"{"choices":[{"delta":{"content":"more"}}]}"#],
            &[r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}}]}"#],
            &[begun, r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"b"}}]}}]}"#],
        ];
        for stream in streams {
            let stream: String = stream.iter().map(|data| format!("data: {data}\n\n")).collect();
            assert_eq!(decode(FORMAT, &stream).unwrap_err().as_str(), "malformed", "{stream:?}");
        }
        let after = format!("{SAMPLE}data: {}\n\n", r#"{"choices":[{"delta":{"content":"more"}}]}"#);
        assert_eq!(decode(FORMAT, &after).unwrap_err().as_str(), "malformed");
    }

    #[test]
    fn a_count_that_cannot_be_is_no_count() {
        let details = InputDetails { cached_tokens: Some(5), cache_write_tokens: Some(6) };
        assert_eq!(
            usage(Some(10), None, Some(details)),
            Usage { input: None, output: None, cache_read: Some(5), cache_write: Some(6) }
        );
        assert_eq!(usage(None, Some(1), None), Usage { output: Some(1), ..Usage::default() });
    }
}
