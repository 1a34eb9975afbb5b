//! A state or territory of the United States, by its postal code. Only the closed list exists: what is no state is refused
//! where it is read.

use super::reader::Section;

/// A state, the District of Columbia, or a territory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State(&'static str);

/// Source: the two-letter codes of USPS Publication 28, appendix B, written down on 2026-11-27; without the freely associated states and the armed
/// forces, where no clinic of ours stands.
const ALL: [&str; 56] = [
    "AK", "AL", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "GU", "HI", "IA", "ID", "IL", "IN", "KS",
    "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY",
    "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY",
];

impl State {
    /// The state with that code, in capitals; `None` for any other text.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        ALL.into_iter().find(|known| *known == code).map(Self)
    }

    /// Its code: "IL".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// Every state.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.into_iter().map(Self)
    }

    /// Reads `state`, which need not be there.
    pub(super) fn read(section: &mut Section) -> Option<Self> {
        let code = section.optional_text("state")?;
        let found = Self::find(&code);
        if found.is_none() && !code.is_empty() {
            section.problem("state", "should be the two capital letters of a state, such as \"IL\"".to_owned());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_by_its_capitals_and_nothing_else_is_one() {
        assert_eq!(State::find("IL").map(State::as_str), Some("IL"));
        for other in ["il", "Illinois", "", "ZZ"] {
            assert_eq!(State::find(other), None, "{other}");
        }
        assert!(ALL.is_sorted());
    }
}
