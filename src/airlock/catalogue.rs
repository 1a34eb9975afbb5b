//! The static parts of every request: instructions, tools, what the clinic has approved to be known.
//!
//! They are airlockd's own and named by one hash: a request asks for them by being made here, never by bringing them along.
//! An approval on file names the same hash, so that a changed word closes the door until somebody has looked again.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::provider::ToolSchema;
use crate::config;
use crate::hex::hex;
use crate::wire::offered::{Kind, OFFERED, Offered};

/// The instructions.
const PROMPT: &str = include_str!("prompt.md");

/// The static parts.
#[derive(Debug)]
pub struct Catalogue {
    system: String,
    tools: Vec<ToolSchema>,
    public: Vec<String>,
    sha256: String,
}

impl Catalogue {
    /// Of this clinic, whose public facts are the one approved passage.
    #[must_use]
    pub fn new(clinic: &config::Clinic) -> Self {
        let config::Clinic { name, address, hours, time_zone: _, state: _ } = clinic;
        let system =
            format!("{PROMPT}\nWhat you may tell everybody:\nClinic: {name}\nHours: {hours}\nAddress: {address}\n");
        let tools: Vec<_> = OFFERED.iter().map(schema).collect();
        let written: Vec<_> =
            tools.iter().map(|tool| json!([&tool.name, &tool.description, &tool.parameters])).collect();
        let sha256 = hex(&Sha256::digest(json!([&system, written]).to_string()));
        Self { system, tools, public: vec![name.clone(), address.clone(), hours.clone()], sha256 }
    }

    /// The instructions and the approved passages.
    #[must_use]
    pub fn system(&self) -> &str {
        &self.system
    }

    /// The tools.
    #[must_use]
    pub fn tools(&self) -> &[ToolSchema] {
        &self.tools
    }

    /// The clinic's own public words, which the box may say and repeat.
    #[must_use]
    pub fn public(&self) -> &[String] {
        &self.public
    }

    /// The hash of all of it, hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

fn schema(tool: &Offered) -> ToolSchema {
    let property = |kind: Kind| match kind {
        Kind::Held(label) => json!({ "type": "string", "pattern": format!("^\\[{}_[1-9][0-9]*\\]$", label.as_str()) }),
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
    };
    let properties: Map<String, Value> =
        tool.args.iter().map(|arg| (arg.name.to_owned(), property(arg.kind))).collect();
    let required: Vec<&str> = tool.args.iter().filter(|arg| arg.required).map(|arg| arg.name).collect();
    ToolSchema {
        name: tool.name.to_owned(),
        description: tool.purpose.to_owned(),
        parameters: json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clinic(hours: &str) -> config::Clinic {
        let [name, address, hours] = ["Riverside Family Clinic", "twelve Mill Road", hours].map(str::to_owned);
        config::Clinic { name, address, hours, time_zone: jiff::tz::TimeZone::UTC, state: None }
    }

    #[test]
    fn a_changed_word_changes_the_hash() {
        let one = Catalogue::new(&clinic("nine to five"));
        assert_eq!(one.sha256(), Catalogue::new(&clinic("nine to five")).sha256());
        assert_ne!(one.sha256(), Catalogue::new(&clinic("nine to six")).sha256());
        assert!(one.system().contains("Hours: nine to five"));
    }

    #[test]
    fn every_tool_says_what_it_takes_and_takes_nothing_else() {
        let catalogue = Catalogue::new(&clinic("nine to five"));
        let book = catalogue.tools().iter().find(|tool| tool.name == "book").unwrap();
        assert_eq!(book.parameters["required"], json!(["patient", "slot"]));
        assert_eq!(book.parameters["properties"]["slot"]["pattern"], "^\\[SLOT_[1-9][0-9]*\\]$");
        assert!(catalogue.tools().iter().all(|tool| tool.parameters["additionalProperties"] == false));
    }
}
