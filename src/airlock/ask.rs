//! A checked request, turned into what a provider is asked.
//!
//! In:  a [`CloudText`]. Out: the messages of an [`Ask`](super::provider::Ask), which begin with the caller and end with the
//! caller's words or a tool's result, as every provider demands.

use super::check::{CloudText, Said};
use super::memory::Memory;
use super::provider::{Message, ToolResult, ToolUse};
use crate::ids::CallId;

/// What stands where the box speaks first: providers want the caller to begin.
const BEGINS: &str = "the call begins";

/// The messages of a request.
#[must_use]
pub(super) fn messages(text: &CloudText, call: CallId, endpoint: &str, memory: &Memory) -> Vec<Message> {
    let mut messages = Vec::new();
    for said in &text.request().messages {
        if messages.is_empty() && !matches!(said, Said::Caller { .. }) {
            messages.push(Message::Caller(BEGINS.to_owned()));
        }
        match said {
            Said::Caller { text } => messages.push(Message::Caller(text.clone())),
            Said::Box { text } => messages.push(Message::Model { text: text.clone(), uses: Vec::new() }),
            Said::Tool { number, name, args, ok, result } => {
                let opaque = memory.opaque(call, *number, endpoint);
                let arguments = serde_json::Value::Object(args.clone());
                let used = ToolUse { number: *number, name: name.clone(), arguments, opaque };
                messages.push(Message::Model { text: String::new(), uses: vec![used] });
                let (number, name, ok, result) = (*number, name.clone(), *ok, result.clone());
                messages.push(Message::Results(vec![ToolResult { number, name, ok, result }]));
            }
        }
    }
    messages
}
