//! The demonstration clinic's tools as MCP offers them.

use std::future::{Future, ready};
use std::sync::{Arc, Mutex};

use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ErrorData, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, ToolAnnotations,
};
use rmcp::service::{RequestContext, RoleServer};
use serde_json::json;

use super::Calendar;
use super::input::Input;
use super::store::Store;
use super::tools;
use crate::clinic::fault::Code;
use crate::clinic::schema;
use crate::wire::tool::{Access, CATALOGUE, Tool, find};

/// The demonstration clinic as an MCP server. Clones share one database.
#[derive(Clone)]
pub struct Server {
    store: Arc<Mutex<Store>>,
    calendar: Calendar,
}

impl Server {
    pub(super) fn new(store: Store, calendar: Calendar) -> Self {
        Self { store: Arc::new(Mutex::new(store)), calendar }
    }

    /// Does what one request asks. A transaction of this size takes well under a millisecond, so it is run in place.
    fn answer(&self, request: &CallToolRequestParams) -> Result<serde_json::Value, Code> {
        let tool = find(&request.name).ok_or(Code::NotFound)?;
        let none = serde_json::Map::new();
        let input = Input::read(tool, request.arguments.as_ref().unwrap_or(&none))?;
        let mut store = self.store.lock().map_err(|_| Code::Internal)?;
        tools::run(&mut store, tool, &input, self.calendar.now())
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let me = Implementation::new("anteroom-demonstration-clinic", env!("CARGO_PKG_VERSION"));
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build()).with_server_info(me)
    }

    fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<ListToolsResult, ErrorData>> + Send + '_ {
        ready(Ok(ListToolsResult::with_all_items(CATALOGUE.iter().map(declare).collect())))
    }

    fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<CallToolResponse, ErrorData>> + Send + '_ {
        let result = match self.answer(&request) {
            Ok(answer) => CallToolResult::structured(answer),
            Err(code) => {
                CallToolResult::structured_error(json!({"error": {"code": code.as_str(), "message": code.to_string()}}))
            }
        };
        ready(Ok(result.into()))
    }
}

/// The tool as a server of the catalogue declares it.
pub(crate) fn declare(tool: &Tool) -> rmcp::model::Tool {
    let reads = tool.access == Access::Read;
    let mut declared = rmcp::model::Tool::new(tool.name, tool.purpose, Arc::new(schema::input(tool)));
    declared.output_schema = Some(Arc::new(schema::output(tool)));
    declared.annotations = Some(ToolAnnotations::new().read_only(reads).idempotent(true).open_world(false));
    declared
}
