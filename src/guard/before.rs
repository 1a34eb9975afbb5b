//! The policy ahead of any thinker: emergencies, a wish for a person, topics that the box may not touch.
//!
//! In:  what was heard, word for word. Out: a [`Verdict`].
//!
//! A negated symptom ("i do not have chest pain") still counts as an emergency: recognisers lose "no" and "not", and
//! the price of being wrong that way is a script too many. Only the bare word *emergency* is let off where it is denied
//! or part of a name ("this is not an emergency", "emergency contact"), since callers say that to be polite.

use crate::guard::phrase::{any, words};
use crate::guard::policy::{ROWS, Row};
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
    /// A topic that the box may not deal with: a person must. The reason is one of [`Forbidden`]'s.
    Forbidden(&'static str),
}

impl Verdict {
    /// Its name in events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proceed => "proceed",
            Self::Emergency => "emergency",
            Self::Person => "person",
            Self::Forbidden(reason) => reason,
        }
    }
}

/// The closed list of reasons in [`Verdict::Forbidden`].
pub struct Forbidden;

impl Forbidden {
    /// Diagnosis, advice, dosage.
    pub const ADVICE: &'static str = "medical-advice";
    /// Results of tests.
    pub const RESULTS: &'static str = "test-results";
    /// Lawyers, courts, complaints.
    pub const LEGAL: &'static str = "legal";
    /// Bills and refunds.
    pub const BILLING: &'static str = "billing";

    /// Every reason.
    pub const ALL: [&'static str; 4] = [Self::ADVICE, Self::RESULTS, Self::LEGAL, Self::BILLING];
}

/// Looks at the caller's words before any thinker does.
#[must_use]
pub fn before(heard: &RawTranscript) -> Verdict {
    let words = words(heard.expose());
    let means = |row: &Row| any(row.says, &words) && !any(row.unless, &words);
    ROWS.iter().find(|row| means(row)).map_or(Verdict::Proceed, |row| row.verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> Verdict {
        before(&RawTranscript::typed(text))
    }

    fn all(expected: Verdict, texts: &[&str]) {
        for text in texts {
            assert_eq!(verdict(text), expected, "{text}");
        }
    }

    #[test]
    fn words_of_an_emergency_are_seen_in_many_phrasings() {
        all(
            Verdict::Emergency,
            &[
                "i have chest pain",
                "my chest really hurts",
                "there is a pressure on my chest",
                "i think i am having a heart attack",
                "i can't breathe",
                "i cannot breathe",
                "she is not breathing",
                "he stopped breathing",
                "i have trouble breathing",
                "i'm short of breath",
                "i think my husband is having a stroke",
                "her face is drooping",
                "his speech is slurred",
                "he is bleeding badly",
                "the bleeding won't stop",
                "i can't stop the bleeding",
                "she is coughing up blood",
                "i want to kill myself",
                "i'm thinking about suicide",
                "i feel suicidal",
                "i want to die",
                "i want to end my life",
                "i'm going to hurt myself",
                "i took an overdose",
                "my son took too many pills",
                "she swallowed the whole bottle",
                "my father is unconscious",
                "she passed out",
                "he won't wake up",
                "my baby is having a seizure",
                "she is choking",
                "my throat is closing up",
                "he is having a severe allergic reaction",
                "this is an emergency",
                "i need an ambulance",
                "call nine one one",
                "my water broke",
                "he has been shot",
            ],
        );
    }

    #[test]
    fn an_emergency_is_seen_through_a_recognisers_noise() {
        all(
            Verdict::Emergency,
            &[
                "a chess pain and i need",
                "the might chest um hurting to",
                "i can't breed",
                "and he in a not breathing the",
                "i took an over dose of the",
                "heart a attack",
                "hard attack",
                "pain in in my chess",
                "and past out on the",
                "short of breadth",
            ],
        );
    }

    #[test]
    fn a_denied_symptom_still_counts_and_a_denied_emergency_does_not() {
        all(Verdict::Emergency, &["i do not have chest pain", "no chest pain", "i'm not suicidal"]);
        all(
            Verdict::Proceed,
            &[
                "this is not an emergency i need an appointment",
                "a non emergency question",
                "my emergency contact changed",
            ],
        );
    }

    #[test]
    fn an_emergency_comes_before_a_wish_for_a_person() {
        assert_eq!(verdict("representative please i can't breathe"), Verdict::Emergency);
    }

    #[test]
    fn a_wish_for_a_person_is_seen_in_many_phrasings() {
        all(
            Verdict::Person,
            &[
                "representative",
                "representative please",
                "um represented of",
                "operator",
                "can i speak to a person",
                "i want to talk to a real person",
                "let me talk to somebody",
                "can i speak with someone",
                "i'd like to speak to the nurse",
                "could i talk to a human",
                "human please",
                "get me the receptionist",
                "front desk",
                "i need the front desk please",
                "transfer me",
                "put me through to the office",
                "connect me with someone",
                "a person please",
                "person",
                "i want a person",
                "agent",
                "customer service",
                "i do not want to talk to a machine",
                "give me a live person",
                "is there somebody else i can talk to",
            ],
        );
    }

    #[test]
    fn asking_what_the_box_is_is_not_asking_for_a_person() {
        all(
            Verdict::Proceed,
            &[
                "are you a robot",
                "are you a real person",
                "are you human",
                "is this a real person",
                "am i talking to a person",
                "am i speaking with a human or a machine",
            ],
        );
    }

    #[test]
    fn what_the_box_may_not_deal_with_goes_to_a_person_with_its_reason() {
        all(
            Verdict::Forbidden(Forbidden::ADVICE),
            &[
                "should i take two of these",
                "how many pills should i take",
                "what dosage do i need",
                "is it safe to take this with alcohol",
                "what are the side effects",
                "do i have the flu",
                "what is wrong with me",
                "can i stop taking it",
                "i need some medical advice",
            ],
        );
        all(
            Verdict::Forbidden(Forbidden::RESULTS),
            &[
                "are my test results in",
                "i'm calling about my lab results",
                "what did my blood test show",
                "my results",
            ],
        );
        all(
            Verdict::Forbidden(Forbidden::LEGAL),
            &["my attorney will call you", "i'm going to sue the clinic", "i want to file a complaint"],
        );
        all(
            Verdict::Forbidden(Forbidden::BILLING),
            &["i have a question about my bill", "i was charged twice", "i want a refund", "the billing department"],
        );
    }

    #[test]
    fn everyday_requests_pass() {
        all(
            Verdict::Proceed,
            &[
                "i need an appointment",
                "this is bill smith i'd like to book an appointment",
                "my name is sue park",
                "i need to cancel my appointment on friday",
                "can i move my appointment to tuesday",
                "i need a refill of my lisinopril ten milligrams",
                "what are your hours",
                "where are you located",
                "i want to leave a message for doctor okafor",
                "march fourth nineteen sixty two",
                "mary lopez",
                "m a r y l o p e z",
                "five one two five five five oh one four three",
                "yes please",
                "no thank you goodbye",
                "do i have an appointment this week",
                "sorry wrong number",
                "as soon as possible",
                "the first one in the morning is fine",
                "can i come in on monday",
            ],
        );
    }
}
