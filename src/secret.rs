//! A piece of text that may identify a person.
//!
//! [`Secret`] is what every PHI-bearing type is made of: no `Display`, no `Serialize`, `Debug` shows a length, and the
//! bytes are wiped when it is dropped. It can be read only inside this crate, and the rules test lists who does.

use std::fmt;

use serde::Deserialize;
use zeroize::Zeroizing;

/// Text that may hold protected health information. Wiped on drop.
///
/// ```compile_fail
/// let secret = anteroom::secret::Secret::new("Mary Lopez");
/// println!("{}", secret);
/// ```
/// Its length may be shown:
/// ```
/// let secret = anteroom::secret::Secret::new("Mary Lopez");
/// println!("{:?}", secret);
/// ```
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes text under protection. Safe for anyone to call: it only ever raises secrecy.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. Whoever calls this answers for where it goes.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.len())
    }
}
