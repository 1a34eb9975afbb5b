//! What the box asks the clinic's systems, and what it learns: tools and the vault.

use crate::call::doors::Reply;
use crate::call::tools;
use crate::clinic::client::{ClinicError, Key, ToolRequest};
use crate::converse::{Argument, Event, ToolFailure, ToolId};
use crate::placeholder::Placeholder;
use crate::secret::Secret;
use crate::wire::client::AskError;
use crate::wire::event::Kind;
use crate::wire::tool::{self, Access, Tool};
use crate::wire::{Parcel, Record};

use super::{Driver, Happened};

impl Driver {
    pub(super) fn ask_tool(&mut self, id: ToolId, name: &'static str, args: &[(&'static str, Argument)]) {
        let Some(tool) = tool::find(name) else {
            self.feed(Event::ToolDone { id, result: Err(ToolFailure::Failed) });
            return;
        };
        let key = Key { call: self.call, number: id.0 };
        let request = match ToolRequest::new(tool, args, &self.vault, self.identity, key) {
            Ok(request) => request.parcel(),
            Err(error) => {
                tracing::error!(call = %self.call, tool = name, %error, "a tool was asked wrongly");
                self.feed(Event::ToolDone { id, result: Err(error.failure()) });
                return;
            }
        };
        let asked = args.iter().fold(Parcel::<Record>::new(), |asked, (field, argument)| asked.with(field, argument));
        let body = Parcel::new().with("tool", &tool.name).with("number", &id.0).with("args", &asked);
        let event = self.event(Kind::ToolCall, body.with("level", &self.identity));
        let first = match tool.access {
            Access::Write => Some(event),
            Access::Read => {
                self.shared.doors.recorder.note(event);
                None
            }
        };
        let post = self.post.clone();
        self.in_flight += 1;
        let reply = Reply::to("clinic", move |result| {
            let _ = post.send(Happened::Tool(id, tool, result));
        });
        self.shared.doors.tool(self.call, request, first, reply);
    }

    pub(super) fn tool_answered(&mut self, id: ToolId, tool: &'static Tool, result: Result<Vec<u8>, AskError>) {
        let known = self.vault.entries().len();
        let result = result
            .map_err(ClinicError::from)
            .and_then(|body| tools::answer(&body, tool, &self.context(""), &mut self.vault))
            .map_err(|error| error.failure());
        self.note_vault(known);
        let what = match &result {
            Ok(_) => "ok",
            Err(failure) => failure.as_str(),
        };
        let parcel = Parcel::new().with("tool", &tool.name).with("number", &id.0).with("result", &what);
        let parcel = match &result {
            Ok(answer) => parcel.with("items", answer),
            Err(_) => parcel,
        };
        self.note(Kind::ToolResult, parcel);
        self.show("tool", Parcel::new().with("name", &tool.name).with("result", &what));
        self.feed(Event::ToolDone { id, result });
    }

    /// Writes down the vault's entries from number `known` on.
    pub(super) fn note_vault(&self, known: usize) {
        for entry in self.vault.entries().iter().skip(known) {
            let source = entry.source.as_str();
            let body = Parcel::new()
                .with("placeholder", &entry.placeholder)
                .with("spoken", &entry.spoken)
                .with("machine", &entry.machine)
                .with("source", &source)
                .with("level", &entry.level);
            self.note(Kind::VaultAdd, body);
        }
    }

    pub(super) fn value(&self, placeholder: Placeholder) -> Option<Secret> {
        self.vault.find(placeholder).map(|entry| entry.spoken.clone())
    }
}
