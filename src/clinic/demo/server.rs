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

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::Value;

    use super::*;
    use crate::clinic::demo::Options;
    use crate::clock::SystemClock;

    fn clinic(data: Option<&std::path::Path>) -> Server {
        let today = Some(date(2026, 11, 23));
        let options = Options { data: data.map(Into::into), seed: 1, today };
        Server::open(&options, Arc::new(SystemClock)).unwrap()
    }

    fn ask(clinic: &Server, tool: &'static str, arguments: Value) -> Result<Vec<Value>, Code> {
        let arguments = arguments.as_object().unwrap().clone();
        let answer = clinic.answer(&CallToolRequestParams::new(tool).with_arguments(arguments))?;
        Ok(answer["items"].as_array().unwrap().clone())
    }

    fn patient(clinic: &Server, dob: &str, name: &str) -> String {
        let found = ask(clinic, "find_patient", json!({"dob": dob, "name": name})).unwrap();
        found[0]["patient"]["machine"].as_str().unwrap().to_owned()
    }

    fn free(clinic: &Server, day: &str) -> Vec<String> {
        let slots = ask(clinic, "find_slots", json!({"day": day})).unwrap();
        slots.iter().map(|slot| slot["slot"]["machine"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn mary_lopez_is_found_by_name_and_date_of_birth_and_by_nothing_less() {
        let clinic = clinic(None);
        let find = |dob: &str, name: &str| ask(&clinic, "find_patient", json!({"dob": dob, "name": name})).unwrap();
        let mary = find("1962-03-04", "mary ann lopez");
        assert_eq!(mary.len(), 1);
        assert_eq!(mary[0]["name"]["spoken"], "Mary Lopez");
        let fields: Vec<_> = mary[0].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["name", "patient"], "no phone, address or medication");
        assert!(find("1962-03-05", "mary lopez").is_empty());
        assert!(find("1962-03-04", "lopez").is_empty());
        let names = ask(&clinic, "list_names", json!({"dob": "1962-03-04"})).unwrap();
        assert_eq!(names, [json!({"name": {"machine": "Mary Lopez", "spoken": "Mary Lopez"}})]);
    }

    #[test]
    fn james_carter_and_grace_miller_have_one_coming_appointment_each() {
        let clinic = clinic(None);
        for (dob, name, how_many) in
            [("1962-03-04", "mary lopez", 0), ("1975-11-20", "james carter", 1), ("1948-07-09", "grace miller", 1)]
        {
            let patient = patient(&clinic, dob, name);
            let coming = ask(&clinic, "find_appointments", json!({"patient": patient})).unwrap();
            assert_eq!(coming.len(), how_many, "{name}");
        }
    }

    #[test]
    fn free_slots_come_earliest_first_and_in_the_part_of_the_day_that_was_asked_for() {
        let clinic = clinic(None);
        let slots = ask(&clinic, "find_slots", json!({"day": "2026-12-01 afternoon"})).unwrap();
        assert!((1..=6).contains(&slots.len()));
        let spoken = slots[0]["slot"]["spoken"].as_str().unwrap();
        assert_eq!(spoken, "Tuesday, December first at noon with Doctor Chen");
        let ids = free(&clinic, "any");
        assert_eq!(ids.len(), 6);
        assert!(ids.iter().all(|id| id.contains("2026-11-23")), "{ids:?}");
        assert_eq!(ask(&clinic, "find_slots", json!({"part": "evening"})), Ok(vec![]));
        assert_eq!(free(&clinic, "2020-01-01"), ids, "a day that has gone by is today");
    }

    #[test]
    fn a_booking_happens_once_for_its_key() {
        let clinic = clinic(None);
        let mary = patient(&clinic, "1962-03-04", "mary lopez");
        let slots = free(&clinic, "2026-12-01");
        let book = |slot: &str, key: &str| {
            ask(&clinic, "book", json!({"patient": mary, "slot": slot, "idempotency_key": key}))
        };
        let first = book(&slots[0], "k-1").unwrap();
        assert_eq!(book(&slots[0], "k-1"), Ok(first), "the same key gives the same answer");
        assert_eq!(book(&slots[0], "k-2"), Err(Code::Conflict));
        assert_eq!(book(&slots[1], "k-1"), Err(Code::KeyReused));
        assert_eq!(book("chen-2026-12-05-0900", "k-3"), Err(Code::NotFound), "a Saturday");
        let coming = ask(&clinic, "find_appointments", json!({"patient": mary})).unwrap();
        assert_eq!(coming.len(), 1);
        assert!(!free(&clinic, "2026-12-01").contains(&slots[0]));
    }

    #[test]
    fn a_cancelled_appointment_is_free_again_and_only_its_patient_may_cancel_it() {
        let clinic = clinic(None);
        let james = patient(&clinic, "1975-11-20", "james carter");
        let mary = patient(&clinic, "1962-03-04", "mary lopez");
        let coming = ask(&clinic, "find_appointments", json!({"patient": james})).unwrap();
        let slot = coming[0]["slot"]["machine"].clone();
        let cancel = |patient: &str, key: &str| {
            ask(&clinic, "cancel", json!({"patient": patient, "slot": slot, "idempotency_key": key}))
        };
        assert_eq!(cancel(&mary, "k-1"), Err(Code::NotFound));
        assert_eq!(cancel(&james, "k-2").unwrap()[0]["slot"], coming[0]["slot"]);
        assert!(cancel(&james, "k-2").is_ok(), "the same key again");
        assert_eq!(cancel(&james, "k-3"), Err(Code::NotFound));
        let booked = ask(&clinic, "book", json!({"patient": mary, "slot": slot, "idempotency_key": "k-4"}));
        assert!(booked.is_ok());
    }

    #[test]
    fn a_move_to_a_taken_slot_leaves_the_old_appointment_alone() {
        let clinic = clinic(None);
        let james = patient(&clinic, "1975-11-20", "james carter");
        let grace = patient(&clinic, "1948-07-09", "grace miller");
        let of = |patient: &str| {
            let coming = ask(&clinic, "find_appointments", json!({"patient": patient})).unwrap();
            coming.iter().map(|slot| slot["slot"]["machine"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (old, taken) = (of(&james), of(&grace));
        let to = |slot: &str, key: &str| {
            ask(&clinic, "reschedule", json!({"patient": james, "from": old[0], "slot": slot, "idempotency_key": key}))
        };
        assert_eq!(to(&taken[0], "k-1"), Err(Code::Conflict));
        assert_eq!(of(&james), old);
        let new = free(&clinic, "2026-12-08").remove(0);
        assert!(to(&new, "k-2").is_ok());
        assert_eq!(of(&james), [new]);
    }

    #[test]
    fn two_callers_who_want_one_slot_do_not_both_get_it() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there) = (clinic(Some(folder.path())), clinic(Some(folder.path())));
        let mary = patient(&here, "1962-03-04", "mary lopez");
        let james = patient(&here, "1975-11-20", "james carter");
        for day in ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-30"] {
            let slot = &free(&here, day)[0];
            let book = |clinic: &Server, who: &str| {
                let key = format!("{who}-{day}");
                ask(clinic, "book", json!({"patient": who, "slot": slot, "idempotency_key": key}))
            };
            let (one, other) = std::thread::scope(|threads| {
                let one = threads.spawn(|| book(&here, &mary));
                let other = threads.spawn(|| book(&there, &james));
                (one.join().unwrap(), other.join().unwrap())
            });
            let refused = if one.is_ok() { other } else { one };
            assert_eq!(refused, Err(Code::Conflict));
        }
        let coming = |who: &str| ask(&there, "find_appointments", json!({"patient": who})).unwrap().len();
        assert_eq!(coming(&mary) + coming(&james), 1 + 5);
    }

    #[test]
    fn a_clinic_that_is_opened_again_remembers() {
        let folder = tempfile::tempdir().unwrap();
        let before = clinic(Some(folder.path()));
        let james = patient(&before, "1975-11-20", "james carter");
        let coming = ask(&before, "find_appointments", json!({"patient": james})).unwrap();
        let slot = coming[0]["slot"]["machine"].clone();
        ask(&before, "cancel", json!({"patient": james, "slot": slot, "idempotency_key": "k-1"})).unwrap();
        drop(before);
        let after = clinic(Some(folder.path()));
        assert_eq!(ask(&after, "find_appointments", json!({"patient": james})), Ok(vec![]));
    }

    #[test]
    fn a_message_and_a_refill_are_confirmed_by_different_numbers() {
        let clinic = clinic(None);
        let grace = patient(&clinic, "1948-07-09", "grace miller");
        let refill = json!({"patient": grace, "request": "lisinopril, please", "idempotency_key": "k-1"});
        let refill = ask(&clinic, "request_refill", refill).unwrap();
        let message = json!({"message": "please call back", "phone": "5125550143", "idempotency_key": "k-2"});
        let message = ask(&clinic, "leave_message", message).unwrap();
        assert_ne!(refill[0]["confirmation"], message[0]["confirmation"]);
        let unknown = json!({"patient": "p-9999", "message": "hello", "idempotency_key": "k-3"});
        assert_eq!(ask(&clinic, "leave_message", unknown), Err(Code::NotFound));
    }

    #[test]
    fn a_folder_that_is_none_is_a_clear_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let options = Options { data: Some(file.path().join("sub")), ..Options::default() };
        let error = Server::open(&options, Arc::new(SystemClock)).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("--data"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_database_is_a_clear_error() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("clinic.sqlite"), vec![7; 8192]).unwrap();
        let options = Options { data: Some(folder.path().into()), ..Options::default() };
        assert!(Server::open(&options, Arc::new(SystemClock)).is_err());
    }
}
