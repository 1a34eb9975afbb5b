//! Tools: what the conversation may ask of the clinic's systems, and what each field of the answer is.
//!
//! A tool's arguments and results are declared field by field with a [`Class`]: by it the brain turns a result into
//! placeholders, and `clinicd` decides which identity level a caller needs. The same table feeds the local
//! receptionist and, later, a model's tool list.

use serde::{Deserialize, Serialize};

use crate::placeholder::Label;

/// Whether a tool changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// It only looks.
    Read,
    /// It changes something: it takes an idempotency key, and is never repeated by an interruption.
    Write,
}

/// How sure the box is of who is calling (45 CFR 164.514(h)). Ordered: each level includes those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IdentityLevel {
    /// Nobody in particular.
    #[default]
    Unknown,
    /// A name was given, or the telephone number is known. Never enough to disclose anything.
    Claimed,
    /// Name and date of birth match one patient.
    Verified,
    /// A person of the clinic vouched for the caller.
    Vouched,
}

impl<D: crate::wire::Door> crate::wire::MayGoTo<D> for IdentityLevel {
    fn load(&self) -> crate::wire::Loaded {
        crate::wire::Loaded(serde_json::json!(self))
    }
}

/// What a field holds, hence what stands in for it outside the clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// An identifier: becomes a placeholder of this label.
    Labelled(Label),
    /// A closed word that names nobody ("morning", "booked").
    Public,
    /// Free text: goes through redaction.
    Free,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it holds.
    pub class: Class,
    /// Whether it must be there.
    pub required: bool,
}

/// One tool. Its result is `{"items":[{field: text, ...}, ...]}`: a list, possibly empty, of flat objects of strings.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// Its name, unique.
    pub name: &'static str,
    /// What it does, in one sentence without a patient in it.
    pub purpose: &'static str,
    /// Raised whenever the fields change.
    pub version: u32,
    /// Whether it changes anything.
    pub access: Access,
    /// The least identity level at which it may be used.
    pub level: IdentityLevel,
    /// What it takes.
    pub args: &'static [Field],
    /// What each item of its result holds.
    pub result: &'static [Field],
}

const fn must(name: &'static str, class: Class) -> Field {
    Field { name, class, required: true }
}
const fn may(name: &'static str, class: Class) -> Field {
    Field { name, class, required: false }
}
const DATE: Class = Class::Labelled(Label::Date);
const NAME: Class = Class::Labelled(Label::Name);
const PHONE: Class = Class::Labelled(Label::Phone);
const PATIENT: Class = Class::Labelled(Label::Patient);
const SLOT: Class = Class::Labelled(Label::Slot);
const ID: Class = Class::Labelled(Label::Id);

/// The demonstration clinic's tools. A SLOT's machine form is its id; its spoken form says day, time and clinician.
pub const CATALOGUE: &[Tool] = &[
    Tool {
        name: "list_names",
        purpose: "Lists the names of patients born on a day, for the recogniser's grammar; never spoken.",
        version: 1,
        access: Access::Read,
        level: IdentityLevel::Unknown,
        args: &[must("dob", DATE)],
        result: &[must("name", NAME)],
    },
    Tool {
        name: "find_patient",
        purpose: "Finds the one patient with this name and date of birth.",
        version: 1,
        access: Access::Read,
        level: IdentityLevel::Unknown,
        args: &[must("dob", DATE), must("name", NAME)],
        result: &[must("patient", PATIENT), must("name", NAME)],
    },
    Tool {
        name: "find_slots",
        purpose: "Lists free appointments, the earliest first, on or after a day.",
        version: 1,
        access: Access::Read,
        level: IdentityLevel::Unknown,
        args: &[may("day", DATE), may("part", Class::Public)],
        result: &[must("slot", SLOT)],
    },
    Tool {
        name: "find_appointments",
        purpose: "Lists the patient's coming appointments, the earliest first.",
        version: 1,
        access: Access::Read,
        level: IdentityLevel::Verified,
        args: &[must("patient", PATIENT)],
        result: &[must("slot", SLOT)],
    },
    Tool {
        name: "book",
        purpose: "Books a free appointment for the patient.",
        version: 1,
        access: Access::Write,
        level: IdentityLevel::Verified,
        args: &[must("patient", PATIENT), must("slot", SLOT)],
        result: &[must("slot", SLOT), must("confirmation", ID)],
    },
    Tool {
        name: "cancel",
        purpose: "Cancels one of the patient's appointments.",
        version: 1,
        access: Access::Write,
        level: IdentityLevel::Verified,
        args: &[must("patient", PATIENT), must("slot", SLOT)],
        result: &[must("slot", SLOT)],
    },
    Tool {
        name: "reschedule",
        purpose: "Moves one of the patient's appointments to a free one.",
        version: 1,
        access: Access::Write,
        level: IdentityLevel::Verified,
        args: &[must("patient", PATIENT), must("from", SLOT), must("slot", SLOT)],
        result: &[must("slot", SLOT), must("confirmation", ID)],
    },
    Tool {
        name: "request_refill",
        purpose: "Asks staff to refill a prescription; staff decide.",
        version: 1,
        access: Access::Write,
        level: IdentityLevel::Verified,
        args: &[must("patient", PATIENT), must("request", Class::Free)],
        result: &[must("confirmation", ID)],
    },
    Tool {
        name: "leave_message",
        purpose: "Leaves a message for staff.",
        version: 1,
        access: Access::Write,
        level: IdentityLevel::Unknown,
        args: &[may("patient", PATIENT), may("name", NAME), may("phone", PHONE), must("message", Class::Free)],
        result: &[must("confirmation", ID)],
    },
];

/// The tool of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Tool> {
    CATALOGUE.iter().find(|tool| tool.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_write_on_a_patient_needs_a_verified_caller() {
        for tool in CATALOGUE.iter().filter(|t| t.access == Access::Write && t.name != "leave_message") {
            assert_eq!(tool.level, IdentityLevel::Verified, "{}", tool.name);
        }
    }

    #[test]
    fn tool_names_are_unique() {
        let names: std::collections::HashSet<_> = CATALOGUE.iter().map(|t| t.name).collect();
        assert_eq!(names.len(), CATALOGUE.len());
    }
}
