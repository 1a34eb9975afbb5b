//! Whether a payment card may have been said in a turn, so that its sound is not kept.
//!
//! In:  the transcript with what else may have been heard, its context, and what redaction made of it. Out: a [`Card`].
//! Judges by how many digits there are and what was said around them, never by a checksum: recognisers garble digits, and
//! a wrong yes costs a few seconds of silence. What no recogniser heard as digits is not found.

use crate::expect::Expecting;
use crate::listen::RawTranscript;
use crate::placeholder::Label;
use crate::redact::parts::Without;
use crate::redact::view::View;
use crate::redact::{Context, Outcome};

/// The fewest digits of a card number (ISO/IEC 7812: up to 19, in use 12 to 19).
const NUMBER: usize = 12;
/// Digits of a security code, or of a group that somebody dictates on its own.
const GROUP: usize = 3;
/// Words that stand beside a card.
const WORDS: &[&str] = &[
    "card",
    "cards",
    "visa",
    "mastercard",
    "amex",
    "discover",
    "cvv",
    "cvc",
    "expires",
    "expiration",
    "expiry",
    "security",
    "pin",
];

/// What was found of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// One may have been said.
    Perhaps,
    /// Digits that go on with one, if the turn before held one.
    GoesOn,
    /// Nothing.
    No,
}

/// What of a card there may be in a turn.
#[must_use]
pub fn card(heard: &RawTranscript, context: &Context<'_>, outcome: &Outcome) -> Card {
    let all = std::iter::once(heard).chain(heard.alternatives());
    let all: Vec<(usize, bool)> = all.map(|heard| digits_and_words(heard, context)).collect();
    let digits = all.iter().map(|(digits, _)| *digits).max().unwrap_or(0);
    let worded = all.iter().any(|(_, words)| *words);
    let numbered = outcome.spans.iter().any(|span| span.label == Some(Label::Id));
    let withheld = outcome.spans.iter().any(|span| span.label.is_none());
    let asked = context.expecting == Expecting::Card;
    if asked || digits >= NUMBER || numbered || (withheld && digits >= GROUP) || (worded && digits > 0) {
        Card::Perhaps
    } else if digits >= GROUP {
        Card::GoesOn
    } else {
        Card::No
    }
}

fn digits_and_words(heard: &RawTranscript, context: &Context<'_>) -> (usize, bool) {
    let view = View::new(heard, context, Without::NOTHING);
    let digits = view.runs.iter().map(|run| run.digits).sum();
    (digits, view.tokens.iter().any(|token| WORDS.contains(&token.norm.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::levels::Level;
    use crate::redact::{Vault, redact};

    fn said(expecting: Expecting, text: &str) -> Card {
        let heard = RawTranscript::typed(text);
        let today = jiff::civil::date(2026, 11, 27);
        let context = Context { expecting, asked: "", lately: None, today, level: Level::SafeHarbor };
        let outcome = redact(&heard, &context, &mut Vault::new());
        card(&heard, &context, &outcome)
    }

    #[test]
    fn a_card_is_seen_whole_and_in_pieces() {
        for text in [
            "my card number is four one one one one one one one one one one one one one one one",
            "it's 4111 1111 1111 1111",
            "four one one one one one one one one one one one one one one one",
            "three seven eight two eight two two four six three one oh oh oh five",
            "the security code is one two three",
            "the card ends in four two four two",
            "four one one one",
            "visa expires oh four twenty nine",
        ] {
            assert_eq!(said(Expecting::Anything, text), Card::Perhaps, "{text}");
        }
        assert_eq!(said(Expecting::Card, "um what"), Card::Perhaps);
    }

    #[test]
    fn what_a_clinic_is_told_every_day_is_no_card() {
        for (expecting, text) in [
            (Expecting::Anything, "i need an appointment next tuesday at ten thirty"),
            (Expecting::Anything, "i need a refill of my lisinopril twenty milligrams"),
            (Expecting::Anything, "what are your hours"),
            (Expecting::YesNo, "yes please"),
            (Expecting::Name { spelled: false }, "mary lopez"),
        ] {
            assert_ne!(said(expecting, text), Card::Perhaps, "{text}");
        }
        // Digits that are no card by themselves, but would be the rest of one.
        assert_ne!(said(Expecting::Dob, "march fourth nineteen sixty two"), Card::Perhaps);
        assert_ne!(said(Expecting::Phone, "five one two five five five oh one four three"), Card::Perhaps);
    }
}
