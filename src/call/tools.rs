//! A tool's result, turned into what the conversation may see.
//!
//! In:  what clinicd answered. Out: a [`ToolAnswer`] of placeholders, whose values are in the call's vault, by each
//! field's declared class; free text goes through redaction.

use crate::clinic::client::{ClinicError, parse_result};
use crate::converse::{ToolAnswer, ToolValue};
use crate::redact::{self, Context, Source, Vault};
use crate::wire::tool::{Class, IdentityLevel, Tool};
use crate::wire::{Loaded, MayGoTo, Record, Watch};

/// Text of the box's own making with placeholders in it, for the record and the watcher's screen.
#[derive(Clone, Debug)]
pub struct Shown(pub String);

impl MayGoTo<Watch> for Shown {
    fn load(&self) -> Loaded {
        Loaded(serde_json::Value::String(self.0.clone()))
    }
}

impl MayGoTo<Record> for Shown {
    fn load(&self) -> Loaded {
        MayGoTo::<Watch>::load(self)
    }
}

/// Reads a tool's result and puts its values into the vault.
///
/// # Errors
/// [`ClinicError::Undeclared`] where it is not what the tool declares.
pub fn answer(
    body: &[u8],
    tool: &'static Tool,
    context: &Context<'_>,
    vault: &mut Vault,
) -> Result<ToolAnswer, ClinicError> {
    let mut answer = ToolAnswer::default();
    for item in parse_result(body, tool)? {
        let mut fields = std::collections::BTreeMap::new();
        for field in tool.result {
            let Some(value) = item.get(field.name) else { continue };
            let value = match field.class {
                Class::Labelled(label) => {
                    let level = level_to_hear(tool);
                    let (spoken, machine) = (value.spoken.clone(), value.machine.clone());
                    ToolValue::Held(vault.keep(label, spoken, machine, Source::Ehr, level))
                }
                Class::Public => ToolValue::Public(value.spoken.expose().to_owned()),
                Class::Free => ToolValue::Free(redact::redact_text(value.spoken.expose(), context, vault).text),
            };
            fields.insert(field.name.to_owned(), value);
        }
        answer.items.push(fields);
    }
    Ok(answer)
}

/// The identity level at which a value of this tool may be spoken. A free appointment is nobody's secret; a name from
/// the recogniser's list is everybody's.
fn level_to_hear(tool: &Tool) -> IdentityLevel {
    match tool.name {
        "find_slots" | "leave_message" => IdentityLevel::Unknown,
        _ => IdentityLevel::Verified,
    }
}
