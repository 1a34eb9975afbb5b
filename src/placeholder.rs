//! What stands in for a value that must not leave: `[NAME_1]`, `[DATE_2]`.
//!
//! A placeholder is a label and a bare counter within the call. It is never derived from the value (45 CFR 164.514(c)).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::wire::doors::Door;
use crate::wire::parcel::{Loaded, MayGoTo};

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What kind of value a placeholder stands for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Label {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Label {
            /// Every label.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The label as it stands in a placeholder.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

labels! {
    /// A person's name: 45 CFR 164.514(b)(2)(i)(A).
    Name = "NAME";
    /// Any element of a date but the year: (C).
    Date = "DATE";
    /// A telephone or fax number: (D), (E).
    Phone = "PHONE";
    /// Street, city, ZIP code: (B).
    Address = "ADDRESS";
    /// An e-mail address: (F).
    Email = "EMAIL";
    /// Any identifying number or code: (G) to (M), (R).
    Id = "ID";
    /// An age of 90 or more: (C).
    Age90 = "AGE90";
    /// A web address: (N).
    Url = "URL";
    /// A network address: (O).
    Ip = "IP";
    /// The caller's employer.
    OrgEmployer = "ORG_EMPLOYER";
    /// A patient of the clinic, found in its systems.
    Patient = "PATIENT";
    /// An appointment, free or booked.
    Slot = "SLOT";
    /// A length of time that matters to the request.
    Duration = "DURATION";
    /// An amount that matters to the request.
    Quantity = "QUANTITY";
}

/// A value's stand-in: label and counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Placeholder {
    /// What kind of value it stands for.
    pub label: Label,
    /// Counts from 1 within the call and label.
    pub number: u32,
}

/// Stands where a clause was kept back whole.
pub const WITHHELD: &str = "[WITHHELD]";

impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}_{}]", self.label.as_str(), self.number)
    }
}

/// The text is not a placeholder.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a placeholder such as [NAME_1]")]
pub struct NotAPlaceholder;

impl FromStr for Placeholder {
    type Err = NotAPlaceholder;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).ok_or(NotAPlaceholder)?;
        let (label, number) = inner.rsplit_once('_').ok_or(NotAPlaceholder)?;
        let label = *Label::ALL.iter().find(|l| l.as_str() == label).ok_or(NotAPlaceholder)?;
        // One spelling for one placeholder: a model that writes [NAME_01] has invented it.
        if number.starts_with(['0', '+']) {
            return Err(NotAPlaceholder);
        }
        let number = number.parse().map_err(|_| NotAPlaceholder)?;
        Ok(Self { label, number })
    }
}

impl TryFrom<String> for Placeholder {
    type Error = NotAPlaceholder;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Placeholder> for String {
    fn from(placeholder: Placeholder) -> Self {
        placeholder.to_string()
    }
}

impl<D: Door> MayGoTo<D> for Placeholder {
    fn load(&self) -> Loaded {
        Loaded(serde_json::Value::String(self.to_string()))
    }
}

/// Finds the placeholders in a text, in order, with their byte ranges.
pub fn find_all(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, Placeholder)> + '_ {
    text.match_indices('[').filter_map(move |(start, _)| {
        let rest = text.get(start..)?;
        let end = start.saturating_add(rest.find(']')?).saturating_add(1);
        let placeholder = text.get(start..end)?.parse().ok()?;
        Some((start..end, placeholder))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_reads_back_as_itself() {
        let placeholder = Placeholder { label: Label::OrgEmployer, number: 12 };
        assert_eq!(placeholder.to_string(), "[ORG_EMPLOYER_12]");
        assert_eq!("[ORG_EMPLOYER_12]".parse(), Ok(placeholder));
    }

    #[test]
    fn near_misses_are_not_placeholders() {
        for text in ["[NAME_01]", "[NAME_0]", "[NAME]", "NAME_1", "[WITHHELD]", "[name_1]", "[NAME_+1]"] {
            assert_eq!(text.parse::<Placeholder>(), Err(NotAPlaceholder), "{text}");
        }
    }

    #[test]
    fn placeholders_are_found_between_stray_brackets() {
        let found: Vec<_> = find_all("a [ b [NAME_1], [x] [DATE_2]").map(|(_, p)| p.to_string()).collect();
        assert_eq!(found, ["[NAME_1]", "[DATE_2]"]);
    }
}
