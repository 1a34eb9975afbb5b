//! The parts of redaction, each of which can be left out: for measuring what it adds, never on a call.
//!
//! In:  the names of parts. Out: a [`Without`]. [`super::redact`] always works with [`Without::NOTHING`].

use std::fmt;
use std::str::FromStr;

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// One part of redaction.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Part {
            $($(#[$doc])* $name,)*
        }

        impl Part {
            /// Every part.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name on the command line.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

parts! {
    /// What had been asked for.
    State = "state";
    /// The grammar of spoken numbers and spelling; digits in figures stay.
    Grammar = "grammar";
    /// The lists of names and places.
    Lists = "lists";
    /// The trained model.
    Tagger = "tagger";
    /// What is left over, the grey band, and covering more where something is unsure.
    Completion = "completion";
    /// What the call already knows.
    Memory = "memory";
    /// Short answers to direct questions.
    Answered = "answered";
    /// Names.
    Name = "name";
    /// Dates.
    Date = "date";
    /// Times of day.
    ClockTime = "clock-time";
    /// Telephone and fax numbers.
    Phone = "phone";
    /// Streets and what follows them.
    Address = "address";
    /// Towns and postal codes.
    Place = "place";
    /// E-mail addresses.
    Email = "email";
    /// Identifying numbers and codes.
    Id = "id";
    /// Ages of ninety and more.
    Age = "age";
    /// Web addresses.
    Url = "url";
    /// Network addresses.
    Ip = "ip";
    /// Employers.
    Employer = "employer";
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word is not the name of a part.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a part of redaction; the parts are state, grammar, lists, tagger, completion, memory, answered, name, date, \
     clock-time, phone, address, place, email, id, age, url, ip and employer"
)]
pub struct NotAPart;

impl FromStr for Part {
    type Err = NotAPart;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|p| p.as_str() == text).ok_or(NotAPart)
    }
}

/// Parts that are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Without(u32);

impl Without {
    /// Nothing is left out.
    pub const NOTHING: Self = Self(0);

    /// Leaves these parts out.
    pub fn parts(parts: impl IntoIterator<Item = Part>) -> Self {
        Self(parts.into_iter().fold(0, |set, part| set | bit(part)))
    }

    /// Whether the part works.
    #[must_use]
    pub fn keeps(self, part: Part) -> bool {
        self.0 & bit(part) == 0
    }
}

fn bit(part: Part) -> u32 {
    1_u32 << (part as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_reads_back_and_is_left_out_alone() {
        for part in Part::ALL {
            assert_eq!(part.as_str().parse(), Ok(*part));
            assert!(NotAPart.to_string().contains(part.as_str()));
            let without = Without::parts([*part]);
            assert_eq!(Part::ALL.iter().filter(|p| !without.keeps(**p)).count(), 1);
        }
    }
}
