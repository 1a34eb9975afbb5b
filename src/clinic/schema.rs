//! A tool of the catalogue as JSON Schema, for a server to declare and for clinicd to compare.
//!
//! Both sides make it from the same table, so a server whose list differs has changed a tool after it was approved.

use serde_json::{Map, Value, json};

use crate::wire::tool::{Access, Class, Field, Tool};

/// The name of the argument that makes a write happen once.
pub(crate) const KEY: &str = "idempotency_key";

/// The longest idempotency key, in characters: a call's id (36), a dash, a number, and room.
pub(crate) const LONGEST_KEY: usize = 80;

/// The longest value of a class, in characters. A spoken sentence is below 2,000; a name, address or id below 200.
pub(crate) fn longest(class: Class) -> usize {
    match class {
        Class::Labelled(_) => 200,
        Class::Public => 40,
        Class::Free => 2000,
    }
}

/// What the tool takes: an object of strings, nothing undeclared.
pub(crate) fn input(tool: &Tool) -> Map<String, Value> {
    let mut properties: Map<String, Value> =
        tool.args.iter().map(|field| (field.name.to_owned(), text(field.class))).collect();
    let mut required = required(tool.args);
    if tool.access == Access::Write {
        properties.insert(KEY.to_owned(), json!({"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}));
        required.push(KEY);
    }
    object(properties, &required)
}

/// What the tool returns: a list of flat items, each identifier in its machine and its spoken form.
pub(crate) fn output(tool: &Tool) -> Map<String, Value> {
    let fields = tool.result.iter().map(|field| (field.name.to_owned(), result_field(field.class))).collect();
    let item = object(fields, &required(tool.result));
    let items = json!({"type": "array", "items": item});
    object(Map::from_iter([("items".to_owned(), items)]), &["items"])
}

fn required(fields: &[Field]) -> Vec<&'static str> {
    fields.iter().filter(|field| field.required).map(|field| field.name).collect()
}

fn object(properties: Map<String, Value>, required: &[&str]) -> Map<String, Value> {
    Map::from_iter([
        ("type".to_owned(), json!("object")),
        ("properties".to_owned(), Value::Object(properties)),
        ("required".to_owned(), json!(required)),
        ("additionalProperties".to_owned(), json!(false)),
    ])
}

fn text(class: Class) -> Value {
    json!({"type": "string", "maxLength": longest(class), "class": class_name(class)})
}

fn result_field(class: Class) -> Value {
    let Class::Labelled(label) = class else { return text(class) };
    let form = json!({"type": "string", "maxLength": longest(class)});
    let forms = Map::from_iter([("machine".to_owned(), form.clone()), ("spoken".to_owned(), form)]);
    let mut field = object(forms, &["machine", "spoken"]);
    field.insert("class".to_owned(), json!(label.as_str()));
    Value::Object(field)
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::Labelled(label) => label.as_str(),
        Class::Public => "public",
        Class::Free => "free",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tool::{CATALOGUE, find};

    #[test]
    fn every_write_requires_its_key_and_no_read_takes_one() {
        for tool in CATALOGUE {
            let required = input(tool)["required"].as_array().unwrap().contains(&json!(KEY));
            assert_eq!(required, tool.access == Access::Write, "{}", tool.name);
        }
    }

    #[test]
    fn an_identifier_is_declared_with_its_label_and_both_forms() {
        let output = output(find("find_slots").unwrap());
        let slot = &output["properties"]["items"]["items"]["properties"]["slot"];
        assert_eq!(slot["class"], "SLOT");
        assert_eq!(slot["required"], json!(["machine", "spoken"]));
    }
}
