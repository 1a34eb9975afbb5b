//! The call's vault: which value stands behind which placeholder.
//!
//! Lives in anteroomd's memory for one call; recordd keeps a sealed copy. Values are wiped when the call ends.

use crate::placeholder::{Label, Placeholder};
use crate::secret::Secret;
use crate::wire::tool::IdentityLevel;

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The caller said it.
    Caller,
    /// The line reported it.
    CallerId,
    /// The clinic's systems returned it.
    Ehr,
}

impl Source {
    /// Its name in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::CallerId => "caller-id",
            Self::Ehr => "ehr",
        }
    }
}

/// One value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What stands for it.
    pub placeholder: Placeholder,
    /// As it was said, or as it is to be spoken ("march fourth nineteen sixty two", "Tuesday at nine thirty with Doctor Okafor").
    pub spoken: Secret,
    /// In the form the clinic's systems take (`1962-03-04`, `5125550143`, a slot's id).
    pub machine: Secret,
    /// Where it came from.
    pub source: Source,
    /// The least identity level at which it may be spoken or sent on.
    pub level: IdentityLevel,
}

/// The values of one call.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    entries: Vec<Entry>,
}

impl Vault {
    /// An empty vault.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps a value and returns its placeholder; the same value under the same label keeps its placeholder, at
    /// the lower of the two levels.
    pub fn keep(
        &mut self,
        label: Label,
        spoken: Secret,
        machine: Secret,
        source: Source,
        level: IdentityLevel,
    ) -> Placeholder {
        let known = self.entries.iter_mut().find(|e| e.placeholder.label == label && e.machine == machine);
        if let Some(entry) = known {
            // What a caller has said themselves is no secret to them, even if the clinic's systems know it too.
            entry.level = entry.level.min(level);
            return entry.placeholder;
        }
        let number = self.entries.iter().filter(|e| e.placeholder.label == label).count();
        let number = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
        let placeholder = Placeholder { label, number };
        self.entries.push(Entry { placeholder, spoken, machine, source, level });
        placeholder
    }

    /// The value behind a placeholder.
    #[must_use]
    pub fn find(&self, placeholder: Placeholder) -> Option<&Entry> {
        self.entries.iter().find(|e| e.placeholder == placeholder)
    }

    /// Every value, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
