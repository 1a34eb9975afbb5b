//! Puts the values back, for the clinic's own systems and the caller's ear only.

use std::fmt;

use crate::placeholder::{self, Placeholder};
use crate::redact::vault::Vault;
use crate::secret::Secret;
use crate::speak::SpokenText;
use crate::wire::tool::IdentityLevel;
use crate::wire::{Clinic, Loaded, MayGoTo, Record};

/// Text with the real values in it. Goes to `clinicd` and to speech, nowhere else.
///
/// ```compile_fail
/// use anteroom::{redact::ClinicText, wire::{Airlock, Parcel}};
/// fn send(text: &ClinicText) { let parcel = Parcel::<Airlock>::new().with("text", text); }
/// ```
/// ```
/// use anteroom::{redact::ClinicText, wire::{Clinic, Parcel}};
/// fn send(text: &ClinicText) { let parcel = Parcel::<Clinic>::new().with("text", text); }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ClinicText(Secret);

impl ClinicText {
    /// The same text for a voice.
    #[must_use]
    pub fn to_spoken(&self) -> SpokenText {
        SpokenText::new(self.0.expose())
    }
}

impl fmt::Debug for ClinicText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClinicText({} bytes)", self.0.len())
    }
}

impl MayGoTo<Clinic> for ClinicText {
    fn load(&self) -> Loaded {
        MayGoTo::<Clinic>::load(&self.0)
    }
}

impl MayGoTo<Record> for ClinicText {
    fn load(&self) -> Loaded {
        MayGoTo::<Record>::load(&self.0)
    }
}

/// A placeholder could not be restored: the sentence is not spoken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// The call has no such value: a model invented it.
    #[error("{0} stands for nothing in this call")]
    Unknown(Placeholder),
    /// The caller's identity level is too low to hear it.
    #[error("{0} may not be spoken to a caller at this identity level")]
    NotAllowed(Placeholder),
}

/// Puts the spoken forms back into `template` for a caller of `level`. `template` holds placeholders and fixed words.
///
/// # Errors
/// [`RestoreError`] where a placeholder is unknown or not for this caller's ear.
pub fn restore(template: &str, vault: &Vault, level: IdentityLevel) -> Result<ClinicText, RestoreError> {
    let mut text = String::with_capacity(template.len());
    let mut end = 0;
    for (range, found) in placeholder::find_all(template) {
        let entry = vault.find(found).ok_or(RestoreError::Unknown(found))?;
        if level < entry.level {
            return Err(RestoreError::NotAllowed(found));
        }
        text.push_str(template.get(end..range.start).unwrap_or_default());
        text.push_str(entry.spoken.expose());
        end = range.end;
    }
    text.push_str(template.get(end..).unwrap_or_default());
    Ok(ClinicText(Secret::new(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placeholder::Label;
    use crate::redact::vault::Source;

    #[test]
    fn a_value_of_the_ehr_is_not_spoken_to_a_stranger() {
        let mut vault = Vault::new();
        let level = IdentityLevel::Verified;
        vault.keep(Label::Slot, Secret::new("Tuesday at nine"), Secret::new("s-1"), Source::Ehr, level);
        let refused = restore("Booked for [SLOT_1].", &vault, IdentityLevel::Claimed);
        assert_eq!(refused, Err(RestoreError::NotAllowed("[SLOT_1]".parse().unwrap())));
        let spoken = restore("Booked for [SLOT_1].", &vault, level).unwrap().to_spoken();
        assert_eq!(spoken.expose(), "Booked for Tuesday at nine.");
    }

    #[test]
    fn an_invented_placeholder_is_refused() {
        let refused = restore("Hello [NAME_3].", &Vault::new(), IdentityLevel::Vouched);
        assert_eq!(refused, Err(RestoreError::Unknown("[NAME_3]".parse().unwrap())));
    }
}
