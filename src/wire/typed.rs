//! What somebody who types sends to the brain: a call without sound, for `anteroom chat` and for tests of the whole
//! brain by text.
//!
//! A stream of messages without replies; what comes back are [`ToCaller`](crate::wire::line::ToCaller) messages (never
//! frames), and the facts of the call at the watchers' socket. The line has no part in it: it holds no text. The socket
//! exists only where the configuration allows synthetic calls to be watched, and its callers are synthetic.

use crate::secret::Secret;
use crate::wire::frame::Message;
use crate::wire::line::{DeskAnswer, Malformed, Ring, digit, json, ring_body, word};
use crate::wire::parcel::Parcel;
use crate::wire::{MayGoTo, Watch};

/// What a caller who types may send.
pub const FROM_TYPIST: &[&str] = &["ring", "words", "dtmf", "desk", "hangup"];

/// The longest turn that may be typed, in bytes: more than anybody says in the 15 s of a spoken one.
pub const LONGEST_TURN: usize = 2_000;

/// From a caller who types to the brain.
#[derive(Debug)]
pub enum FromTypist {
    /// The call begins. Sent once, first.
    Ring(Ring),
    /// A turn, at most [`LONGEST_TURN`] bytes.
    Words(Secret),
    /// A key.
    Dtmf(char),
    /// The desk (played by the same person) answers.
    Desk(DeskAnswer),
    /// The caller hangs up.
    Hangup,
}

impl FromTypist {
    /// Writes it down.
    #[must_use]
    pub fn to_message(&self) -> Message {
        let (kind, body) = match self {
            Self::Ring(ring) => ("ring", ring_body::<Watch>(ring)),
            Self::Words(words) => ("words", words_body(words)),
            Self::Dtmf(key) => ("dtmf", key.to_string().into_bytes()),
            Self::Desk(answer) => ("desk", word(answer)),
            Self::Hangup => ("hangup", Vec::new()),
        };
        Message::tell(kind, None, body)
    }

    /// Reads it.
    ///
    /// # Errors
    /// [`Malformed`] for any other message, and for a turn that is too long.
    pub fn parse(message: &Message) -> Result<Self, Malformed> {
        let body = message.body.as_slice();
        match message.header.kind.as_str() {
            "ring" => json(body).map(Self::Ring),
            "words" if body.len() <= LONGEST_TURN => json::<Typed>(body).map(|typed| Self::Words(typed.words)),
            "dtmf" => digit(body).map(Self::Dtmf),
            "desk" => json(body).map(Self::Desk),
            "hangup" => Ok(Self::Hangup),
            _ => Err(Malformed),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    words: Secret,
}

fn words_body(words: &Secret) -> Vec<u8>
where
    Secret: MayGoTo<Watch>,
{
    Parcel::<Watch>::new().with("words", words).seal()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_body_of_any_kind_parses_or_fails_without_panic(
            kind in "ring|words|dtmf|desk|hangup|frame",
            body in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let _ = FromTypist::parse(&Message::tell(&kind, None, body));
        }
    }

    #[test]
    fn typed_words_arrive_as_they_are() {
        let message = FromTypist::Words(Secret::new("my name is \"mary\"\n")).to_message();
        let Ok(FromTypist::Words(words)) = FromTypist::parse(&message) else { panic!("no words") };
        assert_eq!(words.expose(), "my name is \"mary\"\n");
    }

    #[test]
    fn a_turn_that_nobody_could_say_is_refused() {
        let message = FromTypist::Words(Secret::new("a ".repeat(LONGEST_TURN))).to_message();
        assert!(matches!(FromTypist::parse(&message), Err(Malformed)));
    }
}
