//! What is decided without any model: before it ([`before`]) and after it ([`evaluate`]).
//!
//! In:  the caller's words as heard (an emergency must be seen even in a clause that redaction withheld), or a sentence
//!      about to be spoken.
//! Out: a [`Verdict`], or an [`Objection`]. Pure: no clock, no network, no model.

use crate::listen::RawTranscript;

/// What the policy says of an utterance, before anybody thinks about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The conversation may deal with it.
    Proceed,
    /// Words of an emergency: the fixed script, and a person at once.
    Emergency,
    /// The caller wants a person.
    Person,
    /// A topic that the box may not deal with: a person must.
    Forbidden(&'static str),
}

/// Looks at the caller's words before any thinker does.
#[must_use]
pub fn before(heard: &RawTranscript) -> Verdict {
    let _ = heard;
    Verdict::Person
}
