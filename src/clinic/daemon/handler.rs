//! Answers what anteroomd asks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rmcp::model::{CallToolRequestParams, CallToolResponse, CallToolResult, JsonObject};
use rmcp::service::ServiceError;
use serde_json::Value;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::answer;
use super::calls::Calls;
use super::request::{self, Asked};
use super::upstream::{Connected, Now};
use crate::clinic::schema::KEY;
use crate::clock::Clock;
use crate::ids::CallId;
use crate::wire::frame::Refusal;
use crate::wire::server::{Handler, Request};

/// The tools that say who a patient is: a call may ask each of them only so often.
const LOOKUPS: [&str; 2] = ["list_names", "find_patient"];

/// Answers at the clinic's door.
pub(super) struct Clerk {
    /// What is remembered of the calls that go on. Never held across an await.
    pub(super) calls: Mutex<Calls>,
    /// The clinic's server, if it is there.
    pub(super) connected: watch::Receiver<Now>,
    /// For forgetting.
    pub(super) clock: Arc<dyn Clock>,
    /// How long a tool may take.
    pub(super) tool_timeout: Duration,
}

impl Handler for Clerk {
    async fn handle(&self, request: Request) -> Result<Vec<u8>, Refusal> {
        let body = Zeroizing::new(request.body);
        match (request.kind.as_str(), request.call) {
            ("ping", _) => self.server("").map(|_| Vec::new()),
            ("end", Some(call)) => {
                self.calls()?.end(call);
                Ok(Vec::new())
            }
            ("tool", Some(call)) => self.tool(call, &body).await,
            ("end" | "tool", None) => Err(Refusal::Malformed),
            _ => Err(Refusal::UnknownKind),
        }
    }
}

impl Clerk {
    /// One tool, from the brain's bytes to the reply's.
    async fn tool(&self, call: CallId, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let asked = self.admit(call, body)?;
        let server = self.server(asked.tool.name)?;
        let tool = asked.tool;
        let result = self.ask(&server, asked).await.inspect_err(|refusal| {
            tracing::warn!(%call, tool = tool.name, %refusal, "a tool gave no result");
        })?;
        answer::project(tool, &result, |patient| self.calls.lock().ok()?.admit(call, patient))
    }

    /// Reads the request, restores it, and counts it.
    fn admit(&self, call: CallId, body: &[u8]) -> Result<Asked, Refusal> {
        let mut calls = self.calls()?;
        let now = self.clock.now();
        calls.touch(call, now);
        let asked = request::read(body, |handle| calls.patient(call, handle)).inspect_err(|refusal| {
            tracing::warn!(%call, %refusal, "a tool request was refused");
        })?;
        if LOOKUPS.contains(&asked.tool.name) {
            calls.count_lookup(call, asked.tool.name, now).inspect_err(|_| {
                tracing::warn!(%call, "a call has looked for patients as often as it may");
            })?;
        }
        Ok(asked)
    }

    /// The server, if it is there and `tool` (any, if empty) may be called at it.
    fn server(&self, tool: &str) -> Result<Arc<Connected>, Refusal> {
        let server = self.connected.borrow().clone().ok_or(Refusal::Unavailable)?;
        // For an instant after a death the keeper has not noticed yet.
        if server.peer.is_transport_closed() {
            return Err(Refusal::Unavailable);
        }
        if tool.is_empty() || server.callable.contains(tool) { Ok(server) } else { Err(Refusal::Unavailable) }
    }

    /// Calls the tool. A write that ran out of time may have happened: only the same key may be used to ask again.
    async fn ask(&self, server: &Connected, asked: Asked) -> Result<CallToolResult, Refusal> {
        let mut arguments: JsonObject = asked
            .args
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Value::String(value.expose().to_owned())))
            .collect();
        if let Some(key) = asked.key {
            arguments.insert(KEY.to_owned(), Value::String(key.expose().to_owned()));
        }
        let request = CallToolRequestParams::new(asked.tool.name).with_arguments(arguments);
        let response = tokio::time::timeout(self.tool_timeout, server.peer.call_tool_once(request))
            .await
            .map_err(|_| Refusal::Timeout)?;
        match response {
            Ok(CallToolResponse::Complete(result)) => Ok(result),
            // No server may ask a question back or put a caller off with a task.
            Ok(_) => Err(Refusal::Failed),
            Err(error) => Err(refusal(&error)),
        }
    }

    fn calls(&self) -> Result<std::sync::MutexGuard<'_, Calls>, Refusal> {
        self.calls.lock().map_err(|_| Refusal::Failed)
    }
}

/// What became of the connection; the server's own words go no further.
fn refusal(error: &ServiceError) -> Refusal {
    let gone = matches!(
        error,
        ServiceError::TransportClosed | ServiceError::TransportSend(_) | ServiceError::Cancelled { .. }
    );
    if gone { Refusal::Unavailable } else { Refusal::Failed }
}
