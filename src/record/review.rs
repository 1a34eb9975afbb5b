//! What a person of the clinic has looked at and decided: a closed set of words, counts, ids and names of officers.
//!
//! In:  a review as the administrator's command line sends it. Out: the body of a `review` event, written anew from what was
//! understood. No word of a call is in it, so it lies outside the calls: it stays when a call is erased, and the clinic's
//! leak rate with it.

use serde::{Deserialize, Serialize};

use crate::ids::{CallId, Turn};
use crate::record::erase::Mark;

/// Bytes of a name or a note.
const MOST_TEXT: usize = 400;
/// Calls of one sample.
pub const MOST_CALLS: usize = 500;

/// A review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Review {
    /// Calls were drawn to be looked at.
    Sample {
        /// What the draw can be repeated with.
        seed: u64,
        /// From how many days back.
        days: u32,
        /// Out of how many calls.
        of: u64,
        /// Whether the callers are simulated.
        synthetic: bool,
        /// Which.
        calls: Vec<CallId>,
    },
    /// A turn was looked at.
    Mark {
        /// In which call.
        call: CallId,
        /// Which turn.
        turn: Turn,
        /// What was found.
        verdict: Verdict,
        /// By whom.
        by: String,
    },
    /// What was marked so far is signed off.
    Sign {
        /// By whom.
        by: String,
        /// What they want to say about it. Names no caller.
        note: String,
    },
    /// A door was opened.
    Approve {
        /// To which endpoint.
        endpoint: String,
        /// By whom.
        by: String,
        /// SHA-256 of the catalogue that was looked at, hex.
        catalogue: String,
        /// SHA-256 of the vocabulary, hex.
        vocabulary: String,
    },
    /// A call was put under a mark, or taken out from under it.
    Marked {
        /// Which call.
        call: CallId,
        /// Which mark.
        mark: Mark,
        /// Whether it was put on.
        on: bool,
        /// By whom.
        by: String,
        /// By whom else.
        second: Option<String>,
        /// What they want to say about it. Names no caller.
        note: String,
    },
    /// The activity of some days was looked through, 45 CFR 164.308(a)(1)(ii)(D).
    Digest {
        /// From this moment, microseconds since 1970-01-01T00:00Z.
        since: i64,
        /// Until this moment.
        until: i64,
        /// SHA-256 of what was looked at, hex.
        digest: String,
        /// By whom.
        by: String,
        /// What they want to say about it. Names no caller.
        note: String,
    },
    /// Rows may go to a destination, as it is described now.
    Release {
        /// Its name in the configuration.
        destination: String,
        /// SHA-256 of its description, hex: see [`crate::record::rows::open`].
        digest: String,
        /// As what the person decides.
        role: ReleaseRole,
        /// By whom.
        by: String,
    },
    /// No more rows go there.
    Withdraw {
        /// Its name in the configuration.
        destination: String,
        /// By whom.
        by: String,
    },
}

/// As what a person lets rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseRole {
    /// Who answers for privacy.
    PrivacyOfficer,
    /// Who runs the box.
    Administrator,
}

/// What was found in a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Something that identifies a person left, or would have.
    Leak,
    /// Nothing did, and something was covered that identifies nobody.
    OverRedacted,
    /// Neither.
    Fine,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Leak, Self::OverRedacted, Self::Fine];

    /// Its word on the command line and in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Leak => "leak",
            Self::OverRedacted => "over-redacted",
            Self::Fine => "fine",
        }
    }
}

impl Review {
    /// Whether its texts are such that they may be kept: not empty, not long, one line each.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        let line = |text: &str| text.len() <= MOST_TEXT && !text.contains(char::is_control);
        let name = |text: &str| line(text) && !text.trim().is_empty();
        match self {
            Self::Sample { calls, .. } => !calls.is_empty() && calls.len() <= MOST_CALLS,
            Self::Mark { by, .. } => name(by),
            Self::Sign { by, note } => name(by) && line(note),
            Self::Approve { endpoint, by, catalogue, vocabulary } => {
                [endpoint, by, catalogue, vocabulary].into_iter().all(|text| name(text))
            }
            Self::Marked { by, second, note, .. } => name(by) && second.as_deref().is_none_or(name) && line(note),
            Self::Digest { digest, by, note, .. } => name(digest) && name(by) && line(note),
            Self::Release { destination, digest, by, .. } => {
                [destination, digest, by].into_iter().all(|text| name(text))
            }
            Self::Withdraw { destination, by } => name(destination) && name(by),
        }
    }

    /// The turn that must be in the record for this to make sense.
    #[must_use]
    pub fn about(&self) -> Option<(CallId, Turn)> {
        match self {
            Self::Mark { call, turn, .. } => Some((*call, *turn)),
            Self::Sample { .. }
            | Self::Sign { .. }
            | Self::Approve { .. }
            | Self::Marked { .. }
            | Self::Digest { .. }
            | Self::Release { .. }
            | Self::Withdraw { .. } => None,
        }
    }
}

/// Which events of the wire are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wired {
    /// Only events after this one.
    #[serde(default)]
    pub after: Option<u64>,
    /// Begin with the so many latest requests that were withheld; without it, with the record's first event.
    #[serde(default)]
    pub withheld: Option<u32>,
}

/// Which calls may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsSince {
    /// Those that began at this moment or later, microseconds since 1970-01-01T00:00Z.
    pub since: i64,
    /// Those of simulated callers, or those of real ones.
    pub synthetic: bool,
}

/// Ids of calls that can be read, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawable {
    /// The ids.
    pub calls: Vec<CallId>,
}

/// Whether two people who must be two give one name, however it is written. The box knows names, not persons.
#[must_use]
pub fn is_one_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_review_reads_back_and_nothing_else_is_one() {
        let mark = Review::Mark {
            call: CallId::draw(),
            turn: Turn(2),
            verdict: Verdict::OverRedacted,
            by: "A. Officer".to_owned(),
        };
        let json = serde_json::to_string(&mark).unwrap();
        assert_eq!(serde_json::from_str::<Review>(&json).unwrap(), mark);
        for wrong in [json.replace("over-redacted", "maybe"), json.replace("\"by\"", "\"said\":1,\"by\"")] {
            assert!(serde_json::from_str::<Review>(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_review_without_a_name_or_of_several_lines_is_not_kept() {
        let sign = |by: &str, note: &str| Review::Sign { by: by.to_owned(), note: note.to_owned() }.is_in_order();
        assert!(sign("A. Officer", ""));
        assert!(!sign(" ", "") && !sign("A\nB", "") && !sign("A", "a\u{1b}[2J") && !sign("A", &"x".repeat(401)));
        let none = Review::Sample { seed: 1, days: 7, of: 0, synthetic: false, calls: Vec::new() };
        assert!(!none.is_in_order());
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_review_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = serde_json::from_slice::<Review>(&bytes);
        }
    }
}
