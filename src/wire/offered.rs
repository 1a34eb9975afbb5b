//! The tools that a cloud model is offered: those of the clinic that it may ask for, and what it may ask of the box.
//!
//! A model names placeholders and closed words, nothing else: no argument is free text, so nothing that a model made up
//! reaches the clinic's systems. Both sides read this table: anteroomd, which does what was asked for or refuses, and
//! airlockd, which writes it down for the providers as JSON Schema.

use crate::placeholder::Label;

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A placeholder of this label.
    Held(Label),
    /// One of these words.
    Word(&'static [&'static str]),
}

/// One argument.
#[derive(Clone, Copy, Debug)]
pub struct Arg {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
}

/// One tool as a model is told of it.
#[derive(Clone, Copy, Debug)]
pub struct Offered {
    /// Its name, unique; for the clinic's tools that of [`crate::wire::tool::CATALOGUE`].
    pub name: &'static str,
    /// What it does, for the model.
    pub purpose: &'static str,
    /// What it takes.
    pub args: &'static [Arg],
}

const fn must(name: &'static str, kind: Kind) -> Arg {
    Arg { name, kind, required: true }
}
const fn may(name: &'static str, kind: Kind) -> Arg {
    Arg { name, kind, required: false }
}

const PATIENT: Arg = must("patient", Kind::Held(Label::Patient));
const SLOT: Kind = Kind::Held(Label::Slot);

/// What `expect` may name.
pub const ANSWERS: &[&str] = &["anything", "yes-no", "day"];
/// What `hand_off` may name.
pub const REASONS: &[&str] = &["asked", "unsure", "medical", "billing", "other"];

/// Every tool that a model is offered.
pub const OFFERED: &[Offered] = &[
    Offered {
        name: "identify",
        purpose: "Finds out who the caller is. The clinic's assistant asks for date of birth and name itself and answers \
                  with the patient. Use it before anything that is about a patient, and never ask for these yourself.",
        args: &[],
    },
    Offered {
        name: "find_slots",
        purpose: "Lists free appointments, the earliest first, on or after a day if one is given.",
        args: &[may("day", Kind::Held(Label::Date)), may("part", Kind::Word(&["morning", "afternoon"]))],
    },
    Offered {
        name: "find_appointments",
        purpose: "Lists the coming appointments of an identified patient, the earliest first.",
        args: &[PATIENT],
    },
    Offered {
        name: "book",
        purpose: "Books a free appointment. Only after the caller said yes to that very appointment.",
        args: &[PATIENT, must("slot", SLOT)],
    },
    Offered {
        name: "cancel",
        purpose: "Cancels one of the patient's appointments. Only after the caller said yes to that.",
        args: &[PATIENT, must("slot", SLOT)],
    },
    Offered {
        name: "reschedule",
        purpose: "Moves the patient's appointment `from` to the free appointment `slot`. Only after the caller said yes.",
        args: &[PATIENT, must("from", SLOT), must("slot", SLOT)],
    },
    Offered {
        name: "refill",
        purpose: "Lets the clinic's assistant take a refill request in the caller's own words.",
        args: &[],
    },
    Offered {
        name: "take_message",
        purpose: "Lets the clinic's assistant take a message for the staff in the caller's own words.",
        args: &[],
    },
    Offered {
        name: "expect",
        purpose: "Says, right after your question, which kind of answer it awaits.",
        args: &[must("answer", Kind::Word(ANSWERS))],
    },
    Offered {
        name: "hand_off",
        purpose: "Gives the call to a person of the clinic. Use it whenever you are unsure.",
        args: &[must("reason", Kind::Word(REASONS))],
    },
    Offered { name: "end_call", purpose: "Ends the call when the caller wants nothing more.", args: &[] },
];

/// The tool of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Offered> {
    OFFERED.iter().find(|tool| tool.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::tool::{self, Class};

    #[test]
    fn what_is_the_clinics_takes_what_the_clinics_catalogue_says() {
        for offered in OFFERED {
            let Some(tool) = tool::find(offered.name) else { continue };
            for arg in offered.args {
                let field = tool.args.iter().find(|field| field.name == arg.name);
                let class = field.map(|field| field.class);
                match arg.kind {
                    Kind::Held(label) => assert_eq!(class, Some(Class::Labelled(label)), "{} {}", tool.name, arg.name),
                    Kind::Word(_) => assert_eq!(class, Some(Class::Public), "{} {}", tool.name, arg.name),
                }
            }
            let required = tool.args.iter().filter(|field| field.required);
            for field in required {
                assert!(offered.args.iter().any(|arg| arg.name == field.name && arg.required), "{}", field.name);
            }
        }
    }
}
