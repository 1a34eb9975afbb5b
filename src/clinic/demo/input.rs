//! A tool's arguments, checked against what the catalogue declares: every one a string, none too long, none undeclared.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::clinic::fault::Code;
use crate::clinic::schema::{KEY, LONGEST_KEY, longest};
use crate::wire::tool::{Access, Tool};

/// Arguments that fit their tool.
#[derive(Debug)]
pub(super) struct Input {
    fields: BTreeMap<&'static str, String>,
    key: String,
}

impl Input {
    /// Reads what a client sent for `tool`.
    pub(super) fn read(tool: &Tool, sent: &Map<String, Value>) -> Result<Self, Code> {
        let mut input = Self { fields: BTreeMap::new(), key: String::new() };
        for (name, value) in sent {
            let text = value.as_str().ok_or(Code::InvalidArgument)?;
            if name == KEY && tool.access == Access::Write {
                input.key = checked(text, LONGEST_KEY)?;
                continue;
            }
            let field = tool.args.iter().find(|field| field.name == name).ok_or(Code::InvalidArgument)?;
            input.fields.insert(field.name, checked(text, longest(field.class))?);
        }
        let whole = tool.args.iter().all(|field| !field.required || input.fields.contains_key(field.name));
        let keyed = tool.access == Access::Read || !input.key.is_empty();
        if whole && keyed { Ok(input) } else { Err(Code::InvalidArgument) }
    }

    /// The argument of that name, if it was given.
    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// The argument of that name.
    pub(super) fn text(&self, name: &str) -> Result<&str, Code> {
        self.optional(name).ok_or(Code::InvalidArgument)
    }

    /// The argument of that name, as a day.
    pub(super) fn day(&self, name: &str) -> Result<Date, Code> {
        Date::strptime("%Y-%m-%d", self.text(name)?).map_err(|_| Code::InvalidArgument)
    }

    /// The idempotency key of a write.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The arguments in one fixed spelling, to tell a repeated request from another with the same key.
    pub(super) fn fingerprint(&self) -> String {
        serde_json::json!(self.fields).to_string()
    }
}

fn checked(text: &str, longest: usize) -> Result<String, Code> {
    let fits = !text.trim().is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned()).ok_or(Code::InvalidArgument)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::wire::tool::{CATALOGUE, find};

    fn read(tool: &str, sent: &Value) -> Result<Input, Code> {
        Input::read(find(tool).unwrap(), sent.as_object().unwrap())
    }

    #[test]
    fn arguments_that_fit_are_taken() {
        let input = read("book", &json!({"patient": "p-0001", "slot": "s", "idempotency_key": "k"})).unwrap();
        assert_eq!(input.text("patient"), Ok("p-0001"));
        assert_eq!(input.key(), "k");
    }

    #[test]
    fn arguments_that_do_not_fit_are_refused() {
        for (tool, sent) in [
            ("find_patient", json!({"dob": "1962-03-04"})),
            ("find_patient", json!({"dob": 1962, "name": "Mary Lopez"})),
            ("find_patient", json!({"dob": "1962-03-04", "name": "Mary Lopez", "ssn": "1"})),
            ("find_patient", json!({"dob": "1962-03-04", "name": "m".repeat(201)})),
            ("find_patient", json!({"dob": "1962-03-04", "name": " "})),
            ("find_patient", json!({"dob": "1962-03-04", "name": "Mary\nLopez"})),
            ("find_slots", json!({"idempotency_key": "k"})),
            ("book", json!({"patient": "p-0001", "slot": "s"})),
            ("book", json!({"patient": "p-0001", "slot": "s", "idempotency_key": "k".repeat(81)})),
        ] {
            assert_eq!(read(tool, &sent).map(|_| ()), Err(Code::InvalidArgument), "{tool} {sent}");
        }
    }

    proptest! {
        #[test]
        fn any_object_is_read_or_refused_without_panic(
            index in 0..CATALOGUE.len(),
            sent in proptest::collection::hash_map("(dob|name|day|part|patient|slot|[a-z]{1,8})", ".{0,60}", 0..5),
        ) {
            let sent: Map<String, Value> = sent.into_iter().map(|(k, v)| (k, Value::String(v))).collect();
            let _ = Input::read(&CATALOGUE[index], &sent);
        }
    }
}
