//! A `tool` request: bytes of the brain in, arguments for the clinic's server out.
//!
//! ```json
//! {"tool":"find_patient","args":{"dob":"[DATE_1]","name":"[NAME_1]"},
//!  "bindings":[{"placeholder":"[DATE_1]","value":"1962-03-04"},{"placeholder":"[NAME_1]","value":"mary lopez"}],
//!  "level":"unknown"}
//! ```
//!
//! Only the bindings that an argument names may cross, and an identifier can come from a binding only: one that a model
//! wrote out itself is refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::clinic::schema::{LONGEST_KEY, longest};
use crate::placeholder::{self, Label, Placeholder};
use crate::secret::Secret;
use crate::wire::frame::Refusal;
use crate::wire::tool::{Access, Class, Field, IdentityLevel, Tool, find};

/// The one day that needs no caller to have named it: as soon as possible.
const ANY_DAY: &str = "any";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    tool: String,
    #[serde(default)]
    args: BTreeMap<String, Secret>,
    #[serde(default)]
    bindings: Vec<Binding>,
    level: IdentityLevel,
    #[serde(default)]
    idempotency_key: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Binding {
    placeholder: Placeholder,
    value: Secret,
}

/// A request that is whole, allowed at its level, and restored.
#[derive(Debug)]
pub(super) struct Asked {
    /// Which tool.
    pub(super) tool: &'static Tool,
    /// Its arguments, values in them.
    pub(super) args: BTreeMap<&'static str, Secret>,
    /// The idempotency key of a write.
    pub(super) key: Option<Secret>,
}

/// Reads a request; `patient` gives the clinic's own id behind a handle of this call.
///
/// # Errors
/// [`Refusal::Malformed`] for a body, an argument or a placeholder that does not fit; [`Refusal::NotFound`] for a tool
/// that does not exist; [`Refusal::Forbidden`] for a level that is too low, a patient whom this call has not found, and
/// a binding that no argument names.
pub(super) fn read(body: &[u8], patient: impl Fn(&Secret) -> Option<Secret>) -> Result<Asked, Refusal> {
    let body: Body = serde_json::from_slice(body).map_err(|_| Refusal::Malformed)?;
    let tool = find(&body.tool).ok_or(Refusal::NotFound)?;
    if body.level < tool.level {
        return Err(Refusal::Forbidden);
    }
    let mut bindings = Bindings::new(&body.bindings, patient)?;
    let mut args = BTreeMap::new();
    for (name, template) in &body.args {
        let field = tool.args.iter().find(|field| field.name == name).ok_or(Refusal::Malformed)?;
        args.insert(field.name, bindings.restore(field, template)?);
    }
    if tool.args.iter().any(|field| field.required && !args.contains_key(field.name)) {
        return Err(Refusal::Malformed);
    }
    bindings.all_used()?;
    Ok(Asked { tool, args, key: key(tool, body.idempotency_key)? })
}

/// A write has a key and a read has none.
fn key(tool: &Tool, key: Option<Secret>) -> Result<Option<Secret>, Refusal> {
    let fits = |key: &Secret| !key.is_empty() && key.len() <= LONGEST_KEY && plain(key.expose());
    match (tool.access, key) {
        (Access::Write, Some(key)) if fits(&key) => Ok(Some(key)),
        (Access::Read, None) => Ok(None),
        (Access::Write | Access::Read, _) => Err(Refusal::Malformed),
    }
}

/// The values that a request brought along, and which of them were used.
struct Bindings {
    values: BTreeMap<Placeholder, Secret>,
    used: BTreeSet<Placeholder>,
}

impl Bindings {
    fn new(given: &[Binding], patient: impl Fn(&Secret) -> Option<Secret>) -> Result<Self, Refusal> {
        let mut values = BTreeMap::new();
        for Binding { placeholder, value } in given {
            let value = match placeholder.label {
                Label::Patient => patient(value).ok_or(Refusal::Forbidden)?,
                Label::Name
                | Label::Date
                | Label::Phone
                | Label::Address
                | Label::Email
                | Label::Id
                | Label::Age90
                | Label::Url
                | Label::Ip
                | Label::OrgEmployer
                | Label::Slot
                | Label::Duration
                | Label::Quantity => value.clone(),
            };
            if values.insert(*placeholder, value).is_some() {
                return Err(Refusal::Malformed);
            }
        }
        Ok(Self { values, used: BTreeSet::new() })
    }

    fn restore(&mut self, field: &Field, template: &Secret) -> Result<Secret, Refusal> {
        let template = template.expose();
        let value = match field.class {
            Class::Labelled(Label::Date) if template == ANY_DAY => Secret::new(ANY_DAY),
            Class::Labelled(label) => {
                let named: Placeholder = template.parse().map_err(|_| Refusal::Malformed)?;
                if named.label != label {
                    return Err(Refusal::Malformed);
                }
                self.value(named)?
            }
            Class::Public if public(template) => Secret::new(template),
            Class::Public => return Err(Refusal::Malformed),
            Class::Free => self.fill_in(template)?,
        };
        let fits = !value.expose().trim().is_empty() && value.expose().chars().count() <= longest(field.class);
        if fits && plain(value.expose()) { Ok(value) } else { Err(Refusal::Malformed) }
    }

    fn fill_in(&mut self, template: &str) -> Result<Secret, Refusal> {
        let mut text = zeroize::Zeroizing::new(String::with_capacity(template.len()));
        let mut end = 0;
        for (range, named) in placeholder::find_all(template) {
            text.push_str(template.get(end..range.start).unwrap_or_default());
            text.push_str(self.value(named)?.expose());
            end = range.end;
        }
        text.push_str(template.get(end..).unwrap_or_default());
        Ok(Secret::new(text.as_str()))
    }

    fn value(&mut self, named: Placeholder) -> Result<Secret, Refusal> {
        self.used.insert(named);
        self.values.get(&named).cloned().ok_or(Refusal::Malformed)
    }

    fn all_used(&self) -> Result<(), Refusal> {
        let all = self.values.keys().all(|placeholder| self.used.contains(placeholder));
        if all { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}

/// A closed word: nothing in it but small letters, digits, and what stands between words and in a time of day.
fn public(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, ' ' | '-' | ':'))
}

/// Nothing that could end a line or move a cursor somewhere down the road.
fn plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn ask(body: &Value) -> Result<Asked, Refusal> {
        let patient = |handle: &Secret| (handle.expose() == "handle").then(|| Secret::new("p-0001"));
        read(body.to_string().as_bytes(), patient)
    }

    fn find_patient() -> Value {
        json!({"tool": "find_patient", "level": "unknown", "args": {"dob": "[DATE_1]", "name": "[NAME_1]"},
               "bindings": [{"placeholder": "[DATE_1]", "value": "1962-03-04"},
                            {"placeholder": "[NAME_1]", "value": "mary lopez"}]})
    }

    fn book() -> Value {
        json!({"tool": "book", "level": "verified", "args": {"patient": "[PATIENT_1]", "slot": "[SLOT_2]"},
               "bindings": [{"placeholder": "[PATIENT_1]", "value": "handle"},
                            {"placeholder": "[SLOT_2]", "value": "s-1"}], "idempotency_key": "k-1"})
    }

    /// The request with one member replaced (or, with `Null`, removed).
    fn but(mut body: Value, path: &str, value: Value) -> Value {
        let (parent, last) = path.rsplit_once('/').unwrap();
        let object = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            object.remove(last);
        } else {
            object.insert(last.to_owned(), value);
        }
        body
    }

    #[test]
    fn placeholders_become_the_values_that_came_with_them() {
        let asked = ask(&find_patient()).unwrap();
        assert_eq!(asked.args["dob"], Secret::new("1962-03-04"));
        assert_eq!(asked.args["name"], Secret::new("mary lopez"));
    }

    #[test]
    fn a_patients_handle_becomes_the_clinics_id_and_free_text_is_filled_in() {
        assert_eq!(ask(&book()).unwrap().args["patient"], Secret::new("p-0001"));
        let message = json!({"tool": "leave_message", "level": "unknown", "idempotency_key": "k",
            "args": {"message": "call [NAME_1] [x] at [PHONE_1], [WITHHELD]"},
            "bindings": [{"placeholder": "[NAME_1]", "value": "Mary"}, {"placeholder": "[PHONE_1]", "value": "512"}]});
        assert_eq!(ask(&message).unwrap().args["message"], Secret::new("call Mary [x] at 512, [WITHHELD]"));
    }

    #[test]
    fn a_binding_that_no_argument_names_does_not_cross() {
        let more = json!([{"placeholder": "[DATE_1]", "value": "1962-03-04"},
            {"placeholder": "[NAME_1]", "value": "mary lopez"}, {"placeholder": "[PHONE_1]", "value": "5125550143"}]);
        assert_eq!(ask(&but(find_patient(), "/bindings", more)).err(), Some(Refusal::Forbidden));
    }

    #[test]
    fn a_level_too_low_and_a_patient_nobody_found_are_forbidden() {
        assert_eq!(ask(&but(book(), "/level", json!("claimed"))).err(), Some(Refusal::Forbidden));
        assert_eq!(ask(&but(book(), "/bindings/0/value", json!("p-0001"))).err(), Some(Refusal::Forbidden));
        assert_eq!(ask(&but(find_patient(), "/tool", json!("erase"))).err(), Some(Refusal::NotFound));
    }

    #[test]
    fn what_does_not_fit_is_malformed() {
        let twice = json!([{"placeholder": "[PATIENT_1]", "value": "handle"},
            {"placeholder": "[SLOT_2]", "value": "s-1"}, {"placeholder": "[SLOT_2]", "value": "s-2"}]);
        for body in [
            but(find_patient(), "/bindings", json!([{"placeholder": "[DATE_1]", "value": "1962-03-04"}])),
            but(find_patient(), "/args/name", json!("mary lopez")),
            but(find_patient(), "/args/name", json!("[NAME_1] [NAME_1]")),
            but(find_patient(), "/args/dob", json!("[NAME_1]")),
            but(find_patient(), "/args/dob", Value::Null),
            but(find_patient(), "/args/ssn", json!("[DATE_1]")),
            but(find_patient(), "/bindings/1/value", json!("m".repeat(201))),
            but(find_patient(), "/bindings/1/value", json!("mary\nlopez")),
            but(find_patient(), "/bindings/1/value", json!("")),
            but(find_patient(), "/idempotency_key", json!("k")),
            but(find_patient(), "/extra", json!(1)),
            but(find_patient(), "/level", Value::Null),
            but(book(), "/idempotency_key", Value::Null),
            but(book(), "/idempotency_key", json!("")),
            but(book(), "/idempotency_key", json!("k".repeat(81))),
            but(book(), "/bindings", twice),
            json!([]),
        ] {
            assert_eq!(ask(&body).err(), Some(Refusal::Malformed), "{body}");
        }
    }

    #[test]
    fn as_soon_as_possible_needs_no_placeholder_and_no_other_day_goes_without() {
        let slots = json!({"tool": "find_slots", "level": "unknown", "args": {"day": "any", "part": "morning"}});
        assert_eq!(ask(&slots).unwrap().args["day"], Secret::new("any"));
        assert_eq!(ask(&but(slots.clone(), "/args/day", json!("2026-12-01"))).err(), Some(Refusal::Malformed));
        assert_eq!(ask(&but(slots, "/args/part", json!("Mary Lopez"))).err(), Some(Refusal::Malformed));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&body, |_| None);
        }

        #[test]
        fn any_template_is_restored_or_refused_without_panic(
            tool in "(find_patient|leave_message|find_slots|book)",
            name in "(dob|name|message|phone|part|slot)",
            template in r"(\[(NAME|DATE|PATIENT)_[0-9]{1,2}\]|[\[\]a-zé _1]{0,12}){0,4}",
            value in ".{0,20}",
        ) {
            let body = json!({"tool": tool, "level": "vouched", "args": {name: template}, "idempotency_key": "k",
                "bindings": [{"placeholder": "[NAME_1]", "value": value}]});
            let _ = ask(&body);
        }
    }
}
