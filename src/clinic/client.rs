//! How the driver of a call asks the clinic: a tool's arguments in placeholders in, its result's values out.
//!
//! Runs in anteroomd. What it sends holds exactly the bindings that the arguments name; what it gets back are secrets,
//! which the driver puts into the call's vault.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Deserialize;

use crate::converse::{Argument, ToolFailure};
use crate::ids::CallId;
use crate::placeholder::{self, Placeholder};
use crate::redact::Vault;
use crate::secret::Secret;
use crate::wire::client::{AskError, Client};
use crate::wire::frame::Refusal;
use crate::wire::tool::{Access, Class, IdentityLevel, Tool};
use crate::wire::{Clinic, Loaded, MayGoTo, Parcel};

/// A tool call on its way to clinicd. Only [`ToolRequest::new`] makes one, so it carries no binding too many.
#[derive(Debug)]
pub struct ToolRequest<'a> {
    tool: &'static Tool,
    args: &'a [(&'static str, Argument)],
    bindings: Vec<(Placeholder, Secret)>,
    level: IdentityLevel,
    key: Option<Key>,
}

/// An idempotency key: the call's id and the number of the tool call in it. It says nothing about the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The call.
    pub call: CallId,
    /// Counts the call's tool calls ([`crate::converse::ToolId`]).
    pub number: u32,
}

/// A tool could not be asked, or its result could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ClinicError {
    /// An argument names a value that the call does not have: a model invented it.
    #[error("{0} stands for nothing in this call: do not ask the tool")]
    Unknown(Placeholder),
    /// An argument names a value that needs a higher identity level.
    #[error("{0} may not be sent on at this identity level: verify the caller first")]
    NotAllowed(Placeholder),
    /// The caller's identity level is too low for the tool.
    #[error("{tool} may not be used at this identity level: verify the caller first")]
    LevelTooLow {
        /// The tool.
        tool: &'static str,
    },
    /// Clinicd is away, late, or refused.
    #[error("the clinic's systems gave no result: offer a message or a person")]
    Ask(#[from] AskError),
    /// The reply is not what the tool declares.
    #[error("the clinic's systems answered {tool} in an undeclared shape: offer a message or a person")]
    Undeclared {
        /// The tool.
        tool: &'static str,
    },
}

impl ClinicError {
    /// What the conversation is told.
    #[must_use]
    pub fn failure(&self) -> ToolFailure {
        match self {
            Self::Unknown(_) | Self::NotAllowed(_) | Self::LevelTooLow { .. } => ToolFailure::Forbidden,
            Self::Undeclared { .. } => ToolFailure::Failed,
            Self::Ask(AskError::Refused { refusal, .. }) => match refusal {
                Refusal::Forbidden => ToolFailure::Forbidden,
                Refusal::Conflict => ToolFailure::Conflict,
                Refusal::Unavailable | Refusal::Timeout => ToolFailure::Unavailable,
                Refusal::UnknownKind | Refusal::Malformed | Refusal::NotFound | Refusal::Failed => ToolFailure::Failed,
            },
            Self::Ask(AskError::Gone { .. } | AskError::Late { .. }) => ToolFailure::Unavailable,
            Self::Ask(AskError::NoSuchDoor { .. } | AskError::Frame { .. }) => ToolFailure::Failed,
        }
    }
}

impl<'a> ToolRequest<'a> {
    /// A request with the bindings that `args` name, from the call's vault, for a caller of `level`. The key of a write
    /// is `key`; a read goes without.
    ///
    /// # Errors
    /// [`ClinicError::LevelTooLow`], [`ClinicError::Unknown`] or [`ClinicError::NotAllowed`]; clinicd would refuse too.
    pub fn new(
        tool: &'static Tool,
        args: &'a [(&'static str, Argument)],
        vault: &Vault,
        level: IdentityLevel,
        key: Key,
    ) -> Result<Self, ClinicError> {
        if level < tool.level {
            return Err(ClinicError::LevelTooLow { tool: tool.name });
        }
        let bindings = named(args).into_iter().map(|placeholder| bind(placeholder, vault, level));
        let bindings = bindings.collect::<Result<_, _>>()?;
        let key = (tool.access == Access::Write).then_some(key);
        Ok(Self { tool, args, bindings, level, key })
    }

    /// Asks clinicd and waits at most `deadline`, which should be longer than clinicd's own.
    ///
    /// # Errors
    /// [`ClinicError::Ask`] or [`ClinicError::Undeclared`].
    pub async fn ask(
        &self,
        client: &Client<Clinic>,
        call: CallId,
        deadline: Duration,
    ) -> Result<Vec<Item>, ClinicError> {
        let body = zeroize::Zeroizing::new(client.ask("tool", Some(call), self.parcel(), deadline).await?);
        parse_result(&body, self.tool)
    }

    /// The body of the request.
    #[must_use]
    pub fn parcel(&self) -> Parcel<Clinic> {
        let args = self.args.iter().fold(Parcel::<Clinic>::new(), |args, (name, argument)| match argument {
            Argument::Held(placeholder) => args.with(name, placeholder),
            Argument::Public(word) => args.with(name, word),
            Argument::Free(text) => args.with(name, text),
        });
        let bindings: Vec<_> = self
            .bindings
            .iter()
            .map(|(placeholder, value)| Parcel::<Clinic>::new().with("placeholder", placeholder).with("value", value))
            .collect();
        let parcel = Parcel::new()
            .with("tool", &self.tool.name)
            .with("args", &args)
            .with("bindings", &bindings)
            .with("level", &self.level);
        match &self.key {
            Some(key) => parcel.with("idempotency_key", key),
            None => parcel,
        }
    }
}

impl MayGoTo<Clinic> for ToolRequest<'_> {
    fn load(&self) -> Loaded {
        self.parcel().load()
    }
}

impl MayGoTo<Clinic> for Key {
    fn load(&self) -> Loaded {
        Loaded(serde_json::Value::String(format!("{}-{}", self.call, self.number)))
    }
}

/// The placeholders in the arguments, each once.
fn named(args: &[(&'static str, Argument)]) -> BTreeSet<Placeholder> {
    let mut named = BTreeSet::new();
    for (_, argument) in args {
        match argument {
            Argument::Held(placeholder) => {
                named.insert(*placeholder);
            }
            Argument::Free(text) => named.extend(placeholder::find_all(text.as_str()).map(|(_, found)| found)),
            Argument::Public(_) => {}
        }
    }
    named
}

fn bind(placeholder: Placeholder, vault: &Vault, level: IdentityLevel) -> Result<(Placeholder, Secret), ClinicError> {
    let entry = vault.find(placeholder).ok_or(ClinicError::Unknown(placeholder))?;
    if level < entry.level {
        return Err(ClinicError::NotAllowed(placeholder));
    }
    Ok((placeholder, entry.machine.clone()))
}

/// A field of a result: in the form that goes back into a tool, and in the form that is said. Equal where a field has
/// one form only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldValue {
    /// For the clinic's systems.
    pub machine: Secret,
    /// For the caller's ear.
    pub spoken: Secret,
}

/// One item of a result, by the names of the tool's declared fields.
pub type Item = BTreeMap<&'static str, FieldValue>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    items: Vec<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(Secret),
    Held(Forms),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forms {
    machine: Secret,
    spoken: Secret,
}

/// Reads what clinicd answered for `tool`.
///
/// # Errors
/// [`ClinicError::Undeclared`] where a field is undeclared, missing, or in the form of another class.
pub fn parse_result(body: &[u8], tool: &'static Tool) -> Result<Vec<Item>, ClinicError> {
    let undeclared = || ClinicError::Undeclared { tool: tool.name };
    let reply: Reply = serde_json::from_slice(body).map_err(|_| undeclared())?;
    reply.items.into_iter().map(|item| read(item, tool).ok_or_else(undeclared)).collect()
}

fn read(item: BTreeMap<String, Value>, tool: &'static Tool) -> Option<Item> {
    let mut fields = Item::new();
    for (name, value) in item {
        let field = tool.result.iter().find(|field| field.name == name)?;
        let value = match (field.class, value) {
            (Class::Labelled(_), Value::Held(Forms { machine, spoken })) => FieldValue { machine, spoken },
            (Class::Public | Class::Free, Value::Text(text)) => FieldValue { machine: text.clone(), spoken: text },
            (Class::Labelled(_), Value::Text(_)) | (Class::Public | Class::Free, Value::Held(_)) => return None,
        };
        fields.insert(field.name, value);
    }
    let whole = tool.result.iter().all(|field| !field.required || fields.contains_key(field.name));
    whole.then_some(fields)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::placeholder::Label;
    use crate::redact::Source;
    use crate::wire::tool::{CATALOGUE, find};

    fn key() -> Key {
        Key { call: CallId::draw(), number: 3 }
    }

    fn vault() -> (Vault, Placeholder, Placeholder) {
        let mut vault = Vault::new();
        let mut keep =
            |label, text: &str, source, level| vault.keep(label, Secret::new(text), Secret::new(text), source, level);
        let dob = keep(Label::Date, "1962-03-04", Source::Caller, IdentityLevel::Unknown);
        let name = keep(Label::Name, "mary lopez", Source::Caller, IdentityLevel::Unknown);
        keep(Label::Phone, "5125550143", Source::CallerId, IdentityLevel::Unknown);
        keep(Label::Slot, "s-1", Source::Ehr, IdentityLevel::Verified);
        (vault, dob, name)
    }

    #[test]
    fn a_request_carries_the_bindings_that_its_arguments_name_and_no_other() {
        let (vault, dob, name) = vault();
        let args = [("dob", Argument::Held(dob)), ("name", Argument::Held(name))];
        let tool = find("find_patient").unwrap();
        let request = ToolRequest::new(tool, &args, &vault, IdentityLevel::Unknown, key()).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&request.parcel().seal()).unwrap();
        let expected = json!({"tool": "find_patient", "level": "unknown",
            "args": {"dob": "[DATE_1]", "name": "[NAME_1]"},
            "bindings": [{"placeholder": "[NAME_1]", "value": "mary lopez"},
                         {"placeholder": "[DATE_1]", "value": "1962-03-04"}]});
        assert_eq!(body, expected);
    }

    #[test]
    fn an_invented_placeholder_and_a_level_too_low_never_leave() {
        let (vault, dob, _) = vault();
        let ask = |tool: &str, args: &[(&'static str, Argument)], level| {
            ToolRequest::new(find(tool).unwrap(), args, &vault, level, key()).map(|_| ()).unwrap_err()
        };
        let slot = "[SLOT_1]".parse().unwrap();
        let invented = "[NAME_9]".parse().unwrap();
        let error = ask("find_patient", &[("name", Argument::Held(invented))], IdentityLevel::Unknown);
        assert!(matches!(error, ClinicError::Unknown(p) if p == invented));
        let error = ask("find_slots", &[("day", Argument::Held(slot))], IdentityLevel::Claimed);
        assert!(matches!(error, ClinicError::NotAllowed(p) if p == slot));
        let error = ask("book", &[("patient", Argument::Held(dob))], IdentityLevel::Claimed);
        assert!(matches!(error, ClinicError::LevelTooLow { tool: "book" }));
        assert_eq!(error.failure(), ToolFailure::Forbidden);
    }

    #[test]
    fn a_write_carries_its_key() {
        let (vault, ..) = vault();
        let args = [("message", Argument::Public("call back"))];
        let tool = find("leave_message").unwrap();
        let key = key();
        let request = ToolRequest::new(tool, &args, &vault, IdentityLevel::Unknown, key).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&request.parcel().seal()).unwrap();
        assert_eq!(body["idempotency_key"], format!("{}-3", key.call));
    }

    #[test]
    fn a_result_is_read_by_its_declared_fields() {
        let body = json!({"items": [{"slot": {"machine": "s-1", "spoken": "Tuesday"}}]}).to_string();
        let items = parse_result(body.as_bytes(), find("find_slots").unwrap()).unwrap();
        assert_eq!(items[0]["slot"].machine, Secret::new("s-1"));
        assert_eq!(items[0]["slot"].spoken, Secret::new("Tuesday"));
    }

    #[test]
    fn an_undeclared_a_missing_and_a_misshapen_field_are_refused() {
        let slot = json!({"machine": "s-1", "spoken": "Tuesday"});
        for body in [
            json!({"items": [{"slot": slot, "patient": slot}]}),
            json!({"items": [{}]}),
            json!({"items": [{"slot": "s-1"}]}),
            json!({"items": [{"slot": {"machine": "s-1", "spoken": "Tuesday", "doctor": "Chen"}}]}),
            json!({"items": [], "total": 4}),
            json!({}),
        ] {
            let read = parse_result(body.to_string().as_bytes(), find("find_slots").unwrap());
            assert!(matches!(read, Err(ClinicError::Undeclared { tool: "find_slots" })), "{body}");
        }
    }

    proptest! {
        #[test]
        fn any_reply_is_read_or_refused_without_panic(
            index in 0..CATALOGUE.len(),
            body in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let _ = parse_result(&body, &CATALOGUE[index]);
        }
    }
}
