//! The same conversation, written by both clients: a server of the API must understand the same.

use anteroom::airlock::provider::{Ask, Dialect, Format, Message, Piece, ToolResult, ToolSchema, ToolUse};
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, Tool, ToolCall, ToolResponse};
use serde_json::{Value, json};

use crate::exchange::{Sent, ours, theirs, understood};
use crate::reading::{Request, Step, fields, read};
use crate::streams;

const SYSTEM: &str = "You answer the telephone of a clinic.";
const ASKED: &str = "any slot on [DATE_1]";
const MAX_TOKENS: u32 = 300;

fn model(format: Format) -> &'static str {
    match format {
        Format::Anthropic => "claude-sonnet-4-5",
        Format::OpenAiChat | Format::OpenAiResponses => "gpt-5",
        Format::Gemini => "gemini-2.5-flash",
    }
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": { "day": { "type": "string" }, "part": { "enum": ["morning", "afternoon"] } },
        "required": ["day"],
        "additionalProperties": false,
    })
}

/// Both clients' requests for a caller's words and, where there is a recorded answer with a use, for what comes after.
struct Both {
    ours: Sent,
    theirs: Sent,
}

fn options() -> ChatOptions {
    ChatOptions::default().with_max_tokens(MAX_TOKENS).with_capture_reasoning_content(true)
}

fn opened() -> ChatRequest {
    let tool = Tool::new("find_slots").with_description("Finds free slots.").with_schema(schema());
    ChatRequest::from_system(SYSTEM).append_message(ChatMessage::user(ASKED)).with_tools([tool])
}

fn ask<'a>(format: Format, tools: &'a [ToolSchema], messages: &'a [Message]) -> Ask<'a> {
    let reasoning = format == Format::OpenAiResponses;
    let dialect = Dialect { reasoning, ..Dialect::default() };
    let api_version = if format == Format::Gemini { "v1beta" } else { "2023-06-01" };
    Ask { model: model(format), system: SYSTEM, tools, messages, max_tokens: MAX_TOKENS, api_version, dialect }
}

fn tools() -> [ToolSchema; 1] {
    let (name, description) = ("find_slots".to_owned(), "Finds free slots.".to_owned());
    [ToolSchema { name, description, parameters: schema() }]
}

async fn first(format: Format) -> Both {
    let messages = [Message::Caller(ASKED.to_owned())];
    let ours = ours(format, &ask(format, &tools(), &messages));
    let (theirs, _) = theirs(format, model(format), opened(), options(), streams::with_a_use(format)).await;
    Both { ours, theirs }
}

/// After `stream`: each client writes what it understood of it, the tool's result, and the caller again.
async fn second(format: Format, stream: &str) -> Both {
    let result = json!([{ "slot": "[SLOT_1]" }]);
    let mut text = String::new();
    let mut uses = Vec::new();
    for piece in understood(format, stream).unwrap() {
        match piece {
            Piece::Text(more) => text.push_str(&more),
            Piece::Use { name, arguments, opaque } => uses.push(ToolUse { number: 1, name, arguments, opaque }),
            Piece::Done { .. } => {}
        }
    }
    let answered = ToolResult { number: 1, name: "find_slots".to_owned(), ok: true, result: result.clone() };
    let messages = [
        Message::Caller(ASKED.to_owned()),
        Message::Model { text, uses },
        Message::Results(vec![answered]),
        Message::Caller("the first".to_owned()),
    ];
    let ours = ours(format, &ask(format, &tools(), &messages));

    let (_, heard) = theirs(format, model(format), opened(), options(), stream).await;
    let end = heard.end.unwrap();
    let call = (*end.captured_tool_calls().unwrap().first().unwrap()).clone();
    let response = ToolResponse::from_tool_call(&call, result.to_string());
    let request = opened().append_tool_use_from_stream_end(&end, response);
    let request = request.append_message(ChatMessage::user("the first"));
    let (theirs, _) = theirs(format, model(format), request, options(), streams::with_a_use(format)).await;
    Both { ours, theirs }
}

fn agreed(format: Format, both: &Both) -> Request {
    let (ours, theirs) = (read(format, &both.ours), read(format, &both.theirs));
    assert_eq!(ours, theirs, "{format:?}");
    ours
}

#[tokio::test]
async fn what_a_caller_says_is_asked_alike() {
    for format in Format::ALL {
        let request = agreed(format, &first(format).await);
        assert!(request.streams && request.key.is_some(), "{format:?}");
        assert_eq!((request.max_tokens, request.system.as_str()), (300, SYSTEM), "{format:?}");
        assert_eq!(request.tools.len(), 1);
        assert_eq!(request.steps, [Step::Caller(ASKED.to_owned())]);
    }
}

#[tokio::test]
async fn a_use_and_its_result_go_back_alike() {
    for format in Format::ALL {
        let request = agreed(format, &second(format, streams::with_a_use(format)).await);
        let ids: Vec<_> = request.steps.iter().filter_map(linked).collect();
        let [used, answered] = ids.as_slice() else { panic!("{ids:?}") };
        assert_eq!(used, answered, "{format:?}: the result names its use");
        let first_and_last = [request.steps.first(), request.steps.last()];
        let caller = |text: &str| Step::Caller(text.to_owned());
        assert_eq!(first_and_last, [Some(&caller(ASKED)), Some(&caller("the first"))]);
    }
}

#[tokio::test]
async fn thinking_goes_back_first_alike() {
    let request = agreed(Format::Anthropic, &second(Format::Anthropic, streams::ANTHROPIC_THINKING).await);
    assert!(matches!(
        request.steps.as_slice(),
        [Step::Caller(_), Step::Thought(_), Step::Model(_), Step::Use { .. }, ..]
    ));
}

/// Gemini refuses a use without a signature from its third generation on; the box does not ask which model it is.
#[tokio::test]
async fn a_use_that_another_model_made_has_the_same_placeholder_at_gemini() {
    let arguments = json!({ "day": "[DATE_1]" });
    let name = || "find_slots".to_owned();
    let used = ToolUse { number: 1, name: name(), arguments: arguments.clone(), opaque: None };
    let answered = ToolResult { number: 1, name: name(), ok: true, result: json!([]) };
    let messages = [
        Message::Caller(ASKED.to_owned()),
        Message::Model { text: String::new(), uses: vec![used] },
        Message::Results(vec![answered]),
    ];
    // How genai names a use to which the API gave no id.
    let call_id = "call#find_slots#0".to_owned();
    let call = ToolCall { call_id, fn_name: name(), fn_arguments: arguments, thought_signatures: None };
    let response = ToolResponse::from_tool_call(&call, "[]");
    for (model, alike) in [("gemini-3-flash", true), ("gemini-2.5-flash", false)] {
        let ask = Ask { model, ..ask(Format::Gemini, &[], &messages) };
        let ours = read(Format::Gemini, &ours(Format::Gemini, &ask));
        let request = ChatRequest::from_system(SYSTEM).append_message(ChatMessage::user(ASKED));
        let request = request.append_message(ChatMessage::from(vec![call.clone()]));
        let request = request.append_message(ChatMessage::from(response.clone()));
        let stream = streams::with_a_use(Format::Gemini);
        let (theirs, _) = theirs(Format::Gemini, model, request, options(), stream).await;
        let theirs = read(Format::Gemini, &theirs);
        assert_eq!(ours == theirs, alike, "{model}: {ours:?} {theirs:?}");
        assert!(ours.steps.iter().any(|step| matches!(step, Step::Use { id: None, signature: Some(_), .. })));
    }
}

#[tokio::test]
async fn a_server_on_a_lan_is_asked_alike() {
    let messages = [Message::Caller(ASKED.to_owned())];
    let dialect = Dialect { lan: true, ..Dialect::default() };
    let tools = tools();
    let ask = Ask { model: "qwen3", dialect, ..ask(Format::OpenAiChat, &tools, &messages) };
    let ours = ours(Format::OpenAiChat, &ask);
    let stream = streams::with_a_use(Format::OpenAiChat);
    let (theirs, _) = theirs(Format::OpenAiChat, "qwen3", opened(), options(), stream).await;
    agreed(Format::OpenAiChat, &Both { ours, theirs });
}

/// Every field at the top of a body that only one of the two writes. README.md says why.
#[tokio::test]
async fn what_only_one_of_them_asks_for_is_known() {
    for format in Format::ALL {
        let both = second(format, streams::with_a_use(format)).await;
        let (ours, theirs) = (fields(&both.ours), fields(&both.theirs));
        let alone = |of: &std::collections::BTreeSet<&str>, other: &std::collections::BTreeSet<&str>| {
            of.difference(other).map(|field| (*field).to_owned()).collect::<Vec<_>>()
        };
        let known: (&[&str], &[&str]) = match format {
            Format::Anthropic => (&["tool_choice"], &[]),
            Format::OpenAiChat => (&["parallel_tool_calls", "store"], &[]),
            Format::OpenAiResponses => (&["parallel_tool_calls"], &["reasoning"]),
            Format::Gemini => (&["store"], &[]),
        };
        let (of_ours, of_theirs) = (alone(&ours, &theirs), alone(&theirs, &ours));
        assert_eq!((of_ours, of_theirs), (owned(known.0), owned(known.1)), "{format:?}");
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What links a use with its result: the id, or the name where the API gave none.
fn linked(step: &Step) -> Option<String> {
    match step {
        Step::Use { id, name, .. } => Some(id.clone().unwrap_or_else(|| name.clone())),
        Step::Result { id, name, .. } => id.clone().or_else(|| name.clone()),
        Step::Caller(_) | Step::Model(_) | Step::Thought(_) => None,
    }
}
