//! A server's result in, the reply to the brain out: the fields that the tool declares, and no other.

use serde_json::{Map, Value};

use crate::clinic::fault::Code;
use crate::clinic::schema::longest;
use crate::placeholder::Label;
use crate::secret::Secret;
use crate::wire::frame::Refusal;
use crate::wire::tool::{Class, Field, Tool};
use crate::wire::{Brain, Parcel};

/// The most items that a reply holds: nobody listens to more, and a server that sends a list of all patients is cut.
const MOST_ITEMS: usize = 50;

/// A field on its way to the brain.
enum Shown {
    Held { machine: Secret, spoken: Secret },
    Text(Secret),
}

/// Reduces what a server answered to what the tool declares. `admit` gives the handle that stands for a patient's id.
///
/// # Errors
/// [`Refusal::Failed`] where a declared field is missing or of another shape; what a tool error's code stands for
/// where the server reported one.
pub(super) fn project(
    tool: &Tool,
    result: &rmcp::model::CallToolResult,
    mut admit: impl FnMut(Secret) -> Option<Secret>,
) -> Result<Vec<u8>, Refusal> {
    let body = structured(result).ok_or(Refusal::Failed)?;
    if result.is_error == Some(true) {
        let code = body.pointer("/error/code").and_then(Value::as_str).unwrap_or_default();
        return Err(Code::read(code).refusal());
    }
    let items = body.get("items").and_then(Value::as_array).ok_or(Refusal::Failed)?;
    if items.len() > MOST_ITEMS {
        return Err(Refusal::Failed);
    }
    let items: Vec<_> = items.iter().map(|item| one(tool, item, &mut admit)).collect::<Result<_, _>>()?;
    Ok(Parcel::<Brain>::new().with("items", &items).seal())
}

/// The result as JSON: structured, or (before protocol 2025-06-18) as text.
fn structured(result: &rmcp::model::CallToolResult) -> Option<Value> {
    if let Some(value) = &result.structured_content {
        return Some(value.clone());
    }
    let text = result.content.first()?.as_text()?;
    serde_json::from_str(&text.text).ok()
}

fn one(tool: &Tool, item: &Value, admit: &mut impl FnMut(Secret) -> Option<Secret>) -> Result<Parcel<Brain>, Refusal> {
    let item = item.as_object().ok_or(Refusal::Failed)?;
    let mut parcel = Parcel::new();
    for field in tool.result {
        match shown(field, item)? {
            None if field.required => return Err(Refusal::Failed),
            None => {}
            Some(Shown::Text(text)) => parcel = parcel.with(field.name, &text),
            Some(Shown::Held { machine, spoken }) => {
                let patient = matches!(field.class, Class::Labelled(Label::Patient));
                let machine = if patient { admit(machine).ok_or(Refusal::Failed)? } else { machine };
                let forms = Parcel::<Brain>::new().with("machine", &machine).with("spoken", &spoken);
                parcel = parcel.with(field.name, &forms);
            }
        }
    }
    Ok(parcel)
}

fn shown(field: &Field, item: &Map<String, Value>) -> Result<Option<Shown>, Refusal> {
    let Some(value) = item.get(field.name) else { return Ok(None) };
    let text = |value: Option<&Value>| {
        let text = value.and_then(Value::as_str).ok_or(Refusal::Failed)?;
        let fits = text.chars().count() <= longest(field.class) && !text.chars().any(char::is_control);
        if fits { Ok(Secret::new(text)) } else { Err(Refusal::Failed) }
    };
    match field.class {
        Class::Labelled(_) => {
            let (machine, spoken) = (text(value.get("machine"))?, text(value.get("spoken"))?);
            Ok(Some(Shown::Held { machine, spoken }))
        }
        Class::Public | Class::Free => Ok(Some(Shown::Text(text(Some(value))?))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rmcp::model::{CallToolResult, ContentBlock};
    use serde_json::json;

    use super::*;
    use crate::wire::tool::{CATALOGUE, find};

    fn find_patient(result: &CallToolResult) -> Result<Value, Refusal> {
        let body = project(find("find_patient").unwrap(), result, |_| Some(Secret::new("handle")))?;
        Ok(serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn only_declared_fields_come_back_and_never_the_patients_id() {
        let result = CallToolResult::structured(json!({"total": 1, "items": [{
            "patient": {"machine": "p-0001", "spoken": "Mary Lopez", "born": "1962"},
            "name": {"machine": "Mary Lopez", "spoken": "Mary Lopez"}, "meds": "metformin"}]}));
        let expected = json!({"items": [{
            "patient": {"machine": "handle", "spoken": "Mary Lopez"},
            "name": {"machine": "Mary Lopez", "spoken": "Mary Lopez"}}]});
        assert_eq!(find_patient(&result), Ok(expected));
    }

    #[test]
    fn a_result_as_text_is_read_too() {
        let result = CallToolResult::success(vec![ContentBlock::text(r#"{"items":[]}"#)]);
        assert_eq!(find_patient(&result), Ok(json!({"items": []})));
    }

    #[test]
    fn a_result_of_another_shape_is_a_failure() {
        let name = json!({"machine": "m", "spoken": "s"});
        for result in [
            json!(null),
            json!({"items": {}}),
            json!({"items": [1]}),
            json!({"items": [{"name": name}]}),
            json!({"items": [{"name": name, "patient": "p-0001"}]}),
            json!({"items": [{"name": {"machine": "m", "spoken": "a\u{7}b"}, "patient": name}]}),
            json!({"items": [{"name": {"machine": "m".repeat(201), "spoken": "s"}, "patient": name}]}),
            json!({"items": vec![json!({"name": name, "patient": name}); 51]}),
        ] {
            assert_eq!(find_patient(&CallToolResult::structured(result.clone())), Err(Refusal::Failed), "{result}");
        }
    }

    #[test]
    fn a_tool_errors_code_becomes_a_refusal_and_its_words_stay_behind() {
        let error = |code: &str| {
            CallToolResult::structured_error(json!({"error": {"code": code, "message": "Mary Lopez is busy"}}))
        };
        assert_eq!(find_patient(&error("conflict")), Err(Refusal::Conflict));
        assert_eq!(find_patient(&error("not-found")), Err(Refusal::NotFound));
        assert_eq!(find_patient(&error("mary lopez")), Err(Refusal::Failed));
        assert_eq!(find_patient(&CallToolResult::error(vec![])), Err(Refusal::Failed));
    }

    proptest! {
        #[test]
        fn any_text_is_projected_or_refused_without_panic(index in 0..CATALOGUE.len(), text in ".{0,200}") {
            let result = CallToolResult::success(vec![ContentBlock::text(text)]);
            let _ = project(&CATALOGUE[index], &result, Some);
        }
    }
}
