//! The words with which a tool server says that a tool failed: a closed set, shared by both sides.
//!
//! An MCP tool error carries `{"error":{"code":"conflict"}}`. Clinicd reads the code and nothing else: what a foreign
//! server writes beside it may quote a patient.

use crate::wire::frame::Refusal;

/// Why a tool failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Code {
    /// An argument is missing, unknown, of the wrong type or too long.
    #[error("an argument is missing, unknown or malformed")]
    InvalidArgument,
    /// The patient, slot or appointment does not exist.
    #[error("what the arguments name does not exist")]
    NotFound,
    /// Somebody else took the slot.
    #[error("the slot is no longer free")]
    Conflict,
    /// The idempotency key was used before, for something else.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The system behind the server is away.
    #[error("the system behind this server cannot serve this now")]
    Unavailable,
    /// Anything else.
    #[error("the server failed")]
    Internal,
}

impl Code {
    /// Every code.
    pub const ALL: [Self; 6] =
        [Self::InvalidArgument, Self::NotFound, Self::Conflict, Self::KeyReused, Self::Unavailable, Self::Internal];

    /// The code as it stands in a tool error.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid-argument",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::KeyReused => "key-reused",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// The code of that name; [`Code::Internal`] for a name that is none, so that a foreign server's words stop here.
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self::ALL.into_iter().find(|code| code.as_str() == text).unwrap_or(Self::Internal)
    }

    /// What the brain is told.
    #[must_use]
    pub fn refusal(self) -> Refusal {
        match self {
            Self::InvalidArgument => Refusal::Malformed,
            Self::NotFound => Refusal::NotFound,
            Self::Conflict | Self::KeyReused => Refusal::Conflict,
            Self::Unavailable => Refusal::Unavailable,
            Self::Internal => Refusal::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_back_as_itself_and_foreign_words_as_a_failure() {
        for code in Code::ALL {
            assert_eq!(Code::read(code.as_str()), code);
        }
        assert_eq!(Code::read("no patient called Mary"), Code::Internal);
    }
}
