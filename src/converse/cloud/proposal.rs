//! What a model asks for, read against what it may ask for: the model proposes, the box disposes.
//!
//! In:  a [`ModelUse`] and what is known in the call. Out: a [`Proposal`] of placeholders and closed words, or the first
//! [`Misuse`]. Nothing of a model's own making gets past here.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::expect::Expecting;
use crate::placeholder::Placeholder;
use crate::wire::offered::{self, Kind};

use super::super::state::Write;
use super::thought::ModelUse;

/// Something that a model may ask for.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Proposal {
    /// Find out who is calling.
    Identify,
    /// Look for free times.
    FindSlots { day: Option<Placeholder>, part: Option<&'static str> },
    /// Look for the patient's appointments.
    FindAppointments,
    /// Change something at the clinic.
    Write(Write),
    /// Take a refill request.
    Refill,
    /// Take a message.
    TakeMessage,
    /// The question just put awaits this.
    Expect(Expecting),
    /// A person, for a reason of the desk's closed list.
    HandOff(&'static str),
    /// End the call.
    EndCall,
}

/// Why a use of a tool is not done. A closed set that never quotes the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum Misuse {
    /// There is no such tool.
    #[error("there is no such tool")]
    UnknownTool,
    /// An argument is missing, too much, or of the wrong shape.
    #[error("the arguments are not those of the tool")]
    Arguments,
    /// A placeholder stands for nothing in this call.
    #[error("a placeholder was invented")]
    Invented,
    /// It is about another patient than the one who was identified, or about one before anybody was.
    #[error("it is about nobody who was identified")]
    WrongPatient,
}

impl Misuse {
    /// Its name in decisions.
    pub(in super::super) fn as_str(self) -> &'static str {
        match self {
            Self::UnknownTool => "model-unknown-tool",
            Self::Arguments => "model-bad-arguments",
            Self::Invented => "model-invented-placeholder",
            Self::WrongPatient => "model-wrong-patient",
        }
    }
}

/// Reads a use. `patient` is the one who was identified.
///
/// # Errors
/// The first [`Misuse`].
pub(in super::super) fn read(
    used: &ModelUse,
    known: &BTreeSet<Placeholder>,
    patient: Option<Placeholder>,
) -> Result<Proposal, Misuse> {
    let tool = offered::find(&used.name).ok_or(Misuse::UnknownTool)?;
    let taken = |name: &String| tool.args.iter().any(|arg| arg.name == name);
    if !used.args.keys().all(taken) {
        return Err(Misuse::Arguments);
    }
    let mut args = Args { tool, used, known };
    if args.held("patient")?.is_some_and(|named| Some(named) != patient) {
        return Err(Misuse::WrongPatient);
    }
    Ok(match tool.name {
        "identify" => Proposal::Identify,
        "find_slots" => Proposal::FindSlots { day: args.held("day")?, part: args.word("part")? },
        "find_appointments" => Proposal::FindAppointments,
        "book" => Proposal::Write(Write::Book { slot: args.must("slot")? }),
        "cancel" => Proposal::Write(Write::Cancel { slot: args.must("slot")? }),
        "reschedule" => Proposal::Write(Write::Move { from: args.must("from")?, slot: args.must("slot")? }),
        "refill" => Proposal::Refill,
        "take_message" => Proposal::TakeMessage,
        "expect" => Proposal::Expect(match args.word("answer")? {
            Some("yes-no") => Expecting::YesNo,
            Some("day") => Expecting::Date,
            Some(_) | None => Expecting::Anything,
        }),
        "hand_off" => Proposal::HandOff(match args.word("reason")? {
            Some("asked") => "asked-for-person",
            Some("medical") => "medical-advice",
            Some("billing") => "billing",
            Some(_) | None => "not-understood",
        }),
        "end_call" => Proposal::EndCall,
        _ => return Err(Misuse::UnknownTool),
    })
}

struct Args<'a> {
    tool: &'static offered::Offered,
    used: &'a ModelUse,
    known: &'a BTreeSet<Placeholder>,
}

impl Args<'_> {
    /// The text of an argument, if it is given; an error where it is missing and must be there.
    fn text(&self, name: &str) -> Result<Option<&str>, Misuse> {
        let Some(arg) = self.tool.args.iter().find(|arg| arg.name == name) else { return Ok(None) };
        match self.used.args.get(name) {
            // Some models write down every argument, those without a value as null or empty.
            None | Some(Value::Null) if !arg.required => Ok(None),
            Some(Value::String(text)) if text.is_empty() && !arg.required => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            _ => Err(Misuse::Arguments),
        }
    }

    fn held(&mut self, name: &str) -> Result<Option<Placeholder>, Misuse> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let placeholder: Placeholder = text.parse().map_err(|_| Misuse::Arguments)?;
        let wanted = self.tool.args.iter().find(|arg| arg.name == name).map(|arg| arg.kind);
        if wanted != Some(Kind::Held(placeholder.label)) {
            return Err(Misuse::Arguments);
        }
        if !self.known.contains(&placeholder) {
            return Err(Misuse::Invented);
        }
        Ok(Some(placeholder))
    }

    fn must(&mut self, name: &str) -> Result<Placeholder, Misuse> {
        self.held(name)?.ok_or(Misuse::Arguments)
    }

    fn word(&self, name: &str) -> Result<Option<&'static str>, Misuse> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let arg = self.tool.args.iter().find(|arg| arg.name == name);
        let Some(Kind::Word(words)) = arg.map(|arg| arg.kind) else { return Err(Misuse::Arguments) };
        words.iter().find(|word| **word == text).copied().map(Some).ok_or(Misuse::Arguments)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn held(text: &str) -> Placeholder {
        text.parse().unwrap()
    }

    fn propose(name: &str, args: &str) -> Result<Proposal, Misuse> {
        let known = ["[PATIENT_1]", "[PATIENT_2]", "[SLOT_1]", "[SLOT_2]", "[DATE_1]"].map(held).into();
        let used = ModelUse { number: 1, name: name.to_owned(), args: serde_json::from_str(args).unwrap() };
        read(&used, &known, Some(held("[PATIENT_1]")))
    }

    #[test]
    fn what_the_table_says_is_read() {
        let book = propose("book", r#"{"patient":"[PATIENT_1]","slot":"[SLOT_1]"}"#);
        assert_eq!(book, Ok(Proposal::Write(Write::Book { slot: held("[SLOT_1]") })));
        let find = propose("find_slots", r#"{"day":"[DATE_1]","part":null}"#);
        assert_eq!(find, Ok(Proposal::FindSlots { day: Some(held("[DATE_1]")), part: None }));
        assert_eq!(propose("expect", r#"{"answer":"yes-no"}"#), Ok(Proposal::Expect(Expecting::YesNo)));
    }

    #[test]
    fn everything_else_is_a_misuse_with_a_name() {
        let cases = [
            ("wire_money", "{}", Misuse::UnknownTool),
            ("list_names", r#"{"dob":"[DATE_1]"}"#, Misuse::UnknownTool),
            ("book", r#"{"patient":"[PATIENT_1]"}"#, Misuse::Arguments),
            ("book", r#"{"patient":"[PATIENT_1]","slot":"tomorrow at nine"}"#, Misuse::Arguments),
            ("book", r#"{"patient":"[PATIENT_1]","slot":"[DATE_1]"}"#, Misuse::Arguments),
            ("book", r#"{"patient":"[PATIENT_1]","slot":"[SLOT_9]"}"#, Misuse::Invented),
            ("book", r#"{"patient":"[PATIENT_2]","slot":"[SLOT_1]"}"#, Misuse::WrongPatient),
            ("find_slots", r#"{"part":"midnight"}"#, Misuse::Arguments),
            ("find_slots", r#"{"day":7}"#, Misuse::Arguments),
            ("identify", r#"{"name":"mary"}"#, Misuse::Arguments),
        ];
        for (name, args, misuse) in cases {
            assert_eq!(propose(name, args), Err(misuse), "{name} {args}");
        }
    }

    proptest! {
        #[test]
        fn any_name_and_arguments_are_read_or_refused(name in "[a-z_]{0,12}", key in "[a-z]{0,8}", value in ".{0,20}") {
            let args = serde_json::json!({ key: value }).to_string();
            let _ = propose(&name, &args);
        }
    }
}
