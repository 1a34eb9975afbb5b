//! The closed lists: every word of a body that may stand in a de-identified row. A word that a newer part of the program
//! writes and that is not here yet becomes "other".

use super::bare::Words;

/// What came of a call: [`crate::converse::Outcome`].
pub(super) const DISPOSITIONS: Words = &[
    "booked",
    "cancelled",
    "rescheduled",
    "refill-requested",
    "answered",
    "message-left",
    "handed-over",
    "emergency",
    "wrong-number",
    "silent",
    "abandoned",
];

/// Who ended a call: [`crate::wire::line::EndedBy`].
pub(super) const ENDED_BY: Words = &["caller", "anteroom", "desk", "line"];

/// What a caller asked for: [`crate::converse::words`].
pub(super) const INTENTS: Words = &[
    "book",
    "cancel",
    "move",
    "some-appointment",
    "refill",
    "hours",
    "address",
    "message",
    "wrong-number",
    "what-are-you",
    "repeat",
    "never-mind",
    "goodbye",
];

/// [`crate::wire::tool::IdentityLevel`], in order.
pub(super) const LEVELS: Words = &["unknown", "claimed", "verified", "vouched"];

/// Why a person is asked to take a call.
pub(super) const REASONS: Words = &[
    "emergency",
    "asked-for-person",
    "medical-advice",
    "test-results",
    "legal",
    "billing",
    "not-understood",
    "silence",
    "not-identified",
    "no-suitable-time",
    "clinic-unavailable",
    "record-unavailable",
    "write-unconfirmed",
    "another-patient",
    "not-allowed",
    "too-many-turns",
    "brain-silent",
];

/// What came of that.
pub(super) const DESK: Words = &["accept", "decline", "none"];

/// What a turn was expected to be: [`crate::expect::Expecting`].
pub(super) const EXPECTING: Words =
    &["anything", "yes-no", "date", "dob", "name", "name-spelled", "phone", "member-id", "card"];

/// What recognises.
pub(super) const ENGINES: Words = &["whisper", "pocketsphinx", "scripted", "typed"];

/// What the guard makes of a turn: [`crate::guard`].
pub(super) const GUARD: Words =
    &["proceed", "emergency", "person", "medical-advice", "test-results", "legal", "billing"];

/// What the conversation decides.
pub(super) const DECISIONS: Words = &[
    "book",
    "cancel",
    "move",
    "some-appointment",
    "refill",
    "hours",
    "address",
    "message",
    "wrong-number",
    "what-are-you",
    "repeat",
    "never-mind",
    "goodbye",
    "emergency",
    "asked-for-person",
    "medical-advice",
    "test-results",
    "legal",
    "billing",
    "pressed-zero",
    "desk-accepted",
    "desk-refused",
    "too-much-withheld",
    "slot-taken",
    "identity-verified",
    "write-unconfirmed",
    "message-undelivered",
    "unavailable",
    "conflict",
    "forbidden",
    "failed",
    "declined",
    "unknown-placeholder",
    "stray-bracket",
    "unproven-claim",
    "licence-title",
    "bare-number",
    "passes-for-human",
    "model-unknown-tool",
    "model-bad-arguments",
    "model-invented-placeholder",
    "model-wrong-patient",
    "model-repeats-write",
    "identify",
    "find-slots",
    "find-appointments",
    "take-message",
    "expect",
    "hand-off",
    "end-call",
];

/// How a tool answered: [`crate::converse::ToolFailure`].
pub(super) const RESULTS: Words = &["ok", "unavailable", "conflict", "forbidden", "failed", "declined"];

/// Wire formats.
pub(super) const FORMATS: Words = &["anthropic", "openai-chat", "openai-responses", "gemini"];

/// [`crate::config::tier::Tier`].
pub(super) const TIERS: Words = &["simple", "reasoning", "hardest"];

/// How an exchange with a model ends.
pub(super) const EXCHANGES: Words = &[
    "answered",
    "tools",
    "called-off",
    "cut-off",
    "declined",
    "malformed",
    "truncated",
    "too-large",
    "bad-arguments",
    "overloaded",
    "rate-limited",
    "key-refused",
    "out-of-credit",
    "bad-request",
    "unknown-model",
    "provider-failed",
    "timeout",
    "connection",
];

/// Why a request stays in the box or is refused by the airlock's check.
pub(super) const KEPT: Words = &[
    "off",
    "no-route",
    "rehearsal",
    "no-agreement",
    "not-signed-off",
    "not-yet-in-force",
    "expired",
    "region-outside-pin",
    "retains-data",
    "not-approved",
    "approval-outdated",
    "malformed",
    "unknown-prompt",
    "unknown-tool",
    "unknown-field",
    "too-long",
    "off-list",
    "digit",
    "letter",
    "character",
    "stray-bracket",
];

/// The rules of redaction.
pub(super) const RULES: Words = &[
    "address asked",
    "after a name cue",
    "after a weak name cue",
    "age below ninety",
    "age of ninety or more",
    "answer",
    "appointment day",
    "at ... dot",
    "at sign",
    "bare answer",
    "before a name cue",
    "before a personal verb",
    "beside a name",
    "beside covered words",
    "between covered words",
    "between two versions",
    "capital inside a sentence",
    "clock time",
    "code after a state",
    "code after a street",
    "code cue",
    "day alone",
    "day and month",
    "day of month",
    "duration",
    "e-mail asked",
    "employer cue",
    "identifier in another hearing",
    "known in this call",
    "late answer",
    "letter of a name",
    "login",
    "misheard in a chain",
    "month alone",
    "month and day",
    "month and year",
    "name asked",
    "number like a great age",
    "numbers after a birth cue",
    "numbers with dots",
    "numbers with signs",
    "place",
    "quantity",
    "relative day",
    "rest of a covered chain",
    "said again",
    "spelled",
    "spoken to",
    "state after a street",
    "state alone",
    "street",
    "tagger",
    "tagger in doubt",
    "the end of a number",
    "the other of two values",
    "town after a street",
    "unit",
    "unit or box",
    "unknown word",
    "web address",
    "weekday",
    "weekday and day",
    "word for a great age",
    "year alone",
];

/// At what a person looked.
pub(super) const LOOKED_AT: Words = &["show", "audio", "wire", "preview", "calls", "reviews", "export"];

/// By which way.
pub(super) const WAYS: Words = &["cli", "console", "syncd"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tier::Tier;
    use crate::converse::Outcome;
    use crate::expect::Expecting;
    use crate::wire::line::EndedBy;

    #[test]
    fn the_lists_know_every_word_of_the_types_that_write_them() {
        for outcome in [Outcome::Booked, Outcome::HandedOver, Outcome::Emergency, Outcome::Silent, Outcome::Abandoned] {
            assert!(DISPOSITIONS.contains(&outcome.as_str()));
        }
        for by in [EndedBy::Caller, EndedBy::Anteroom, EndedBy::Desk, EndedBy::Line] {
            assert!(ENDED_BY.contains(&by.as_str()));
        }
        assert!(Expecting::ALL.iter().all(|expecting| EXPECTING.contains(&expecting.as_str())));
        assert!(Tier::ALL.iter().all(|tier| TIERS.contains(&tier.as_str())));
    }

    #[test]
    fn no_word_could_be_a_date_or_a_number() {
        let lists = [DISPOSITIONS, INTENTS, REASONS, DECISIONS, RESULTS, EXCHANGES, KEPT, RULES, LOOKED_AT];
        assert!(lists.iter().flat_map(|list| *list).all(|word| !word.contains(|c: char| c.is_ascii_digit())));
    }
}
