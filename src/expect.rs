//! What the box has just asked for.
//!
//! The box asks the questions, so it knows what kind of answer comes next. Four parts share that knowledge: `listen`
//! (how patient to be, which grammar to use), `redact` (whether the whole answer is an identifier), `converse` (which
//! slot to fill) and the simulated caller (which line of the scenario to say).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The kind of answer the box is waiting for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Expecting {
    /// Free speech.
    #[default]
    Anything,
    /// Yes or no.
    YesNo,
    /// A day, perhaps with a time, for an appointment.
    Date,
    /// A date of birth.
    Dob,
    /// A person's name, said or spelled out.
    Name {
        /// Letter by letter.
        spelled: bool,
    },
    /// A telephone number.
    Phone,
    /// A member or record number: digits and letters.
    MemberId,
    /// A payment card number. The box never keeps one.
    Card,
}

impl Expecting {
    /// Every kind, for tables and tests.
    pub const ALL: [Self; 9] = [
        Self::Anything,
        Self::YesNo,
        Self::Date,
        Self::Dob,
        Self::Name { spelled: false },
        Self::Name { spelled: true },
        Self::Phone,
        Self::MemberId,
        Self::Card,
    ];

    /// Whether the answer, whatever it is, identifies the caller: then none of it may leave.
    #[must_use]
    pub fn is_identity(self) -> bool {
        match self {
            Self::Dob | Self::Name { .. } | Self::Phone | Self::MemberId | Self::Card => true,
            Self::Anything | Self::YesNo | Self::Date => false,
        }
    }

    /// Its name in scenarios, logs and events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anything => "anything",
            Self::YesNo => "yes-no",
            Self::Date => "date",
            Self::Dob => "dob",
            Self::Name { spelled: false } => "name",
            Self::Name { spelled: true } => "name-spelled",
            Self::Phone => "phone",
            Self::MemberId => "member-id",
            Self::Card => "card",
        }
    }
}

impl fmt::Display for Expecting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is not the name of an expectation.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of anything, yes-no, date, dob, name, name-spelled, phone, member-id, card")]
pub struct NotAnExpectation;

impl FromStr for Expecting {
    type Err = NotAnExpectation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|e| e.as_str() == text).ok_or(NotAnExpectation)
    }
}

impl TryFrom<String> for Expecting {
    type Error = NotAnExpectation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Expecting> for String {
    fn from(expecting: Expecting) -> Self {
        expecting.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_itself() {
        for expecting in Expecting::ALL {
            assert_eq!(expecting.as_str().parse(), Ok(expecting));
        }
        assert_eq!("surname".parse::<Expecting>(), Err(NotAnExpectation));
    }
}
