//! Reads a request of either client as a server of that API would, into one shape for all four.
//!
//! Strict: a role, a part or an item that is not known here stops the test, since a server would refuse it too.

use std::collections::BTreeSet;

use anteroom::airlock::provider::Format;
use serde_json::Value;

use crate::exchange::Sent;

/// What a server understands of a request.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) key: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) model: Option<String>,
    pub(crate) streams: bool,
    pub(crate) max_tokens: u64,
    pub(crate) system: String,
    pub(crate) tools: Vec<Tool>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Tool {
    name: String,
    description: String,
    schema: Value,
}

/// The conversation, in order, without regard to how it is cut into messages.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Caller(String),
    Model(String),
    /// What the model thought before a use: its text or its encrypted form.
    Thought(String),
    Use {
        id: Option<String>,
        name: String,
        arguments: Value,
        signature: Option<String>,
    },
    Result {
        id: Option<String>,
        name: Option<String>,
        content: Option<String>,
    },
}

/// The names of the fields at the top of a body.
pub(crate) fn fields(sent: &Sent) -> BTreeSet<&str> {
    sent.body.as_object().unwrap().keys().map(String::as_str).collect()
}

pub(crate) fn read(format: Format, sent: &Sent) -> Request {
    let body = &sent.body;
    let key = match format {
        Format::Anthropic => "x-api-key",
        Format::OpenAiChat | Format::OpenAiResponses => "authorization",
        Format::Gemini => "x-goog-api-key",
    };
    let mut request = Request {
        path: sent.path.clone(),
        key: sent.header(key).map(str::to_owned),
        version: sent.header("anthropic-version").map(str::to_owned),
        model: body["model"].as_str().map(str::to_owned),
        streams: body["stream"] == true || sent.path.ends_with(":streamGenerateContent?alt=sse"),
        max_tokens: 0,
        system: String::new(),
        tools: Vec::new(),
        steps: Vec::new(),
    };
    match format {
        Format::Anthropic => anthropic(body, &mut request),
        Format::OpenAiChat => openai_chat(body, &mut request),
        Format::OpenAiResponses => openai_responses(body, &mut request),
        Format::Gemini => gemini(body, &mut request),
    }
    request
}

fn anthropic(body: &Value, request: &mut Request) {
    request.max_tokens = number(&body["max_tokens"]);
    request.system = texts(&body["system"], "text");
    request.tools = list(&body["tools"]).map(|tool| self::tool(tool, "input_schema")).collect();
    for message in list(&body["messages"]) {
        let role = text(&message["role"]);
        let say = |text| if role == "user" { Step::Caller(text) } else { Step::Model(text) };
        assert!(["user", "assistant"].contains(&role.as_str()), "{role}");
        let blocks = match &message["content"] {
            Value::String(text) => {
                request.steps.push(say(text.clone()));
                continue;
            }
            blocks => list(blocks),
        };
        request.steps.extend(blocks.map(|block| match (role.as_str(), text(&block["type"]).as_str()) {
            (_, "text") => say(text(&block["text"])),
            ("assistant", "thinking") => {
                Step::Thought(format!("{} {}", text(&block["thinking"]), text(&block["signature"])))
            }
            ("assistant", "tool_use") => Step::Use {
                id: Some(text(&block["id"])),
                name: text(&block["name"]),
                arguments: object(&block["input"]),
                signature: None,
            },
            ("user", "tool_result") => Step::Result {
                id: Some(text(&block["tool_use_id"])),
                name: None,
                content: Some(text(&block["content"])),
            },
            other => panic!("{other:?}"),
        }));
    }
}

fn openai_chat(body: &Value, request: &mut Request) {
    let limits = ["max_completion_tokens", "max_tokens"].map(|field| &body[field]);
    let [limit] = limits.into_iter().filter(|limit| !limit.is_null()).collect::<Vec<_>>()[..] else { panic!() };
    request.max_tokens = number(limit);
    request.tools = list(&body["tools"])
        .map(|tool| {
            assert_eq!(tool["type"], "function");
            self::tool(&tool["function"], "parameters")
        })
        .collect();
    for message in list(&body["messages"]) {
        match text(&message["role"]).as_str() {
            "system" => request.system = text(&message["content"]),
            "user" => request.steps.push(Step::Caller(text(&message["content"]))),
            "assistant" => {
                let said = message["content"].as_str().filter(|text| !text.is_empty());
                request.steps.extend(said.map(|said| Step::Model(said.to_owned())));
                request.steps.extend(list(&message["tool_calls"]).map(|call| {
                    assert_eq!(call["type"], "function");
                    let function = &call["function"];
                    Step::Use {
                        id: Some(text(&call["id"])),
                        name: text(&function["name"]),
                        arguments: serde_json::from_str(&text(&function["arguments"])).unwrap(),
                        signature: None,
                    }
                }));
            }
            "tool" => request.steps.push(Step::Result {
                id: Some(text(&message["tool_call_id"])),
                name: None,
                content: Some(text(&message["content"])),
            }),
            other => panic!("{other}"),
        }
    }
}

fn openai_responses(body: &Value, request: &mut Request) {
    request.max_tokens = number(&body["max_output_tokens"]);
    request.system = text(&body["instructions"]);
    request.tools = list(&body["tools"])
        .map(|tool| {
            assert_eq!(tool["type"], "function");
            self::tool(tool, "parameters")
        })
        .collect();
    for item in list(&body["input"]) {
        // A message may leave its type out.
        let step = match (item["type"].as_str().unwrap_or("message"), item["role"].as_str()) {
            ("message", Some("user")) => Step::Caller(texts(&item["content"], "input_text")),
            ("message", Some("assistant")) => Step::Model(texts(&item["content"], "output_text")),
            ("reasoning", None) => Step::Thought(text(&item["encrypted_content"])),
            ("function_call", None) => Step::Use {
                id: Some(text(&item["call_id"])),
                name: text(&item["name"]),
                arguments: serde_json::from_str(&text(&item["arguments"])).unwrap(),
                signature: None,
            },
            ("function_call_output", None) => {
                Step::Result { id: Some(text(&item["call_id"])), name: None, content: Some(text(&item["output"])) }
            }
            other => panic!("{other:?}"),
        };
        request.steps.push(step);
    }
}

fn gemini(body: &Value, request: &mut Request) {
    request.max_tokens = number(&body["generationConfig"]["maxOutputTokens"]);
    request.system = list(&body["systemInstruction"]["parts"]).map(|part| text(&part["text"])).collect();
    let declarations = list(&body["tools"]).flat_map(|tools| list(&tools["functionDeclarations"]));
    request.tools = declarations.map(|tool| self::tool(tool, "parametersJsonSchema")).collect();
    for content in list(&body["contents"]) {
        let role = text(&content["role"]);
        request.steps.extend(list(&content["parts"]).map(|part| {
            let (call, response) = (&part["functionCall"], &part["functionResponse"]);
            let id = |value: &Value| value["id"].as_str().map(str::to_owned);
            match (role.as_str(), part["text"].as_str(), call.is_object(), response.is_object()) {
                ("user", Some(text), false, false) => Step::Caller(text.to_owned()),
                ("model", Some(text), false, false) => Step::Model(text.to_owned()),
                ("model", None, true, false) => Step::Use {
                    id: id(call),
                    name: text(&call["name"]),
                    arguments: object(&call["args"]),
                    signature: part["thoughtSignature"].as_str().map(str::to_owned),
                },
                // The API leaves it open how a result is written into the object.
                ("user", None, false, true) => {
                    object(&response["response"]);
                    Step::Result { id: id(response), name: Some(text(&response["name"])), content: None }
                }
                other => panic!("{other:?}"),
            }
        }));
    }
}

fn tool(value: &Value, schema: &str) -> Tool {
    Tool { name: text(&value["name"]), description: text(&value["description"]), schema: object(&value[schema]) }
}

/// A text, or a list of texts of that type.
fn texts(value: &Value, kind: &str) -> String {
    if let Value::String(text) = value {
        return text.clone();
    }
    let one = |part: &Value| {
        assert_eq!(part["type"], kind);
        text(&part["text"])
    };
    list(value).map(one).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn object(value: &Value) -> Value {
    assert!(value.is_object(), "no object: {value}");
    value.clone()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// The items of a list; of what is not there, none.
fn list(value: &Value) -> impl Iterator<Item = &Value> {
    assert!(value.is_null() || value.is_array(), "no list: {value}");
    value.as_array().into_iter().flatten()
}
