//! The gate in front of the voice: every sentence is looked at before it is spoken, whoever thought of it.
//!
//! In:  a sentence in placeholder form and the [`Facts`] of the call. Out: nothing, or the first [`Objection`].
//! It judges the box's words only; whether a value may be heard by this caller is decided when it is restored.

use std::collections::BTreeSet;

use crate::guard::phrase::{find, words};
use crate::placeholder::{self, Label, Placeholder};
use crate::wire::tool::IdentityLevel;

/// A sentence about to be spoken.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// Its words, placeholders in them.
    pub template: &'a str,
    /// Whether it is one of the fixed scripts that cannot be talked over.
    pub mandatory: bool,
}

/// A write that succeeded in this call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The tool: a name in [`crate::wire::tool::CATALOGUE`].
    pub tool: &'static str,
    /// The placeholders in its arguments and its result.
    pub about: BTreeSet<Placeholder>,
}

/// What is true in this call, as far as sentences may rely on it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The placeholders that stand for something.
    pub known: BTreeSet<Placeholder>,
    /// The writes whose success a tool reported.
    pub done: Vec<Done>,
    /// How sure the box is of who is calling.
    pub level: IdentityLevel,
    /// The clinic's own public words (its name, address and hours): numbers in them are no identifiers.
    pub public: Vec<String>,
}

/// Why a sentence must not be spoken. Never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    /// A placeholder stands for nothing in this call: somebody invented it.
    #[error("{0} stands for nothing in this call: the sentence is dropped")]
    UnknownPlaceholder(Placeholder),
    /// A bracket that is no placeholder: half a placeholder, or a stage direction.
    #[error("a bracket is not a placeholder: the sentence is dropped")]
    StrayBracket,
    /// It claims that something was done, and no tool reported that.
    #[error("it claims what no successful {0} in this call proves: the sentence is dropped")]
    UnprovenClaim(&'static str),
    /// It lets the box pass for somebody with a licence (California AB 489).
    #[error("it speaks as a licensed person: the sentence is dropped")]
    LicenceTitle,
    /// It names a diagnosis or a dosage.
    #[error("it gives medical advice: the sentence is dropped")]
    MedicalAdvice,
    /// It holds a number that could identify somebody, bare.
    #[error("it holds a bare number: the sentence is dropped")]
    BareNumber,
    /// It lets the box pass for a human being.
    #[error("it denies being automated: the sentence is dropped")]
    PassesForHuman,
}

impl Objection {
    /// Its name in `verdict` events.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownPlaceholder(_) => "unknown-placeholder",
            Self::StrayBracket => "stray-bracket",
            Self::UnprovenClaim(_) => "unproven-claim",
            Self::LicenceTitle => "licence-title",
            Self::MedicalAdvice => "medical-advice",
            Self::BareNumber => "bare-number",
            Self::PassesForHuman => "passes-for-human",
        }
    }
}

/// Looks at a sentence before it is spoken.
///
/// # Errors
/// The first [`Objection`]; the sentence is then not spoken.
pub fn evaluate(said: &Said<'_>, facts: &Facts) -> Result<(), Objection> {
    brackets(said.template, facts)?;
    let plain = without_public(said.template, &facts.public);
    let words = words(&plain);
    let occurs = |patterns: &[&str]| patterns.iter().any(|pattern| find(pattern, &words).is_some());
    if occurs(LICENCE) {
        return Err(Objection::LicenceTitle);
    }
    if occurs(MEDICAL) {
        return Err(Objection::MedicalAdvice);
    }
    if occurs(HUMAN) && !occurs(AUTOMATED) {
        return Err(Objection::PassesForHuman);
    }
    bare_numbers(&words)?;
    claims(said.template, &words, facts)
}

fn brackets(template: &str, facts: &Facts) -> Result<(), Objection> {
    let mut found = 0;
    for (_, placeholder) in placeholder::find_all(template) {
        // A patient's record number is for the clinic's systems, never for an ear.
        if !facts.known.contains(&placeholder) || placeholder.label == Label::Patient {
            return Err(Objection::UnknownPlaceholder(placeholder));
        }
        found += 1;
    }
    let open = template.matches(['[', '{']).count();
    let close = template.matches([']', '}']).count();
    if open == found && close == found { Ok(()) } else { Err(Objection::StrayBracket) }
}

fn without_public(template: &str, public: &[String]) -> String {
    let own = public.iter().filter(|text| !text.is_empty());
    own.fold(template.to_owned(), |text, own| text.replace(own.as_str(), " "))
}

/// Three digits in a row, or five number words: a house number or "nine one one" passes, a telephone number does not.
fn bare_numbers(words: &[String]) -> Result<(), Objection> {
    const DIGITS: usize = 3;
    const NUMBER_WORDS: usize = 5;
    let mut digits: usize = 0;
    let mut number_words: usize = 0;
    for word in words.iter().filter(|w| !w.starts_with('[')) {
        let in_word = word.chars().filter(char::is_ascii_digit).count();
        digits = if in_word > 0 { digits.saturating_add(in_word) } else { 0 };
        number_words = if NUMBERS.contains(&word.as_str()) { number_words.saturating_add(1) } else { 0 };
        if digits >= DIGITS || number_words >= NUMBER_WORDS {
            return Err(Objection::BareNumber);
        }
    }
    Ok(())
}

fn claims(template: &str, words: &[String], facts: &Facts) -> Result<(), Objection> {
    let slots: Vec<Placeholder> =
        placeholder::find_all(template).map(|(_, p)| p).filter(|p| p.label == Label::Slot).collect();
    for claim in CLAIMS {
        if !claim.says.iter().any(|pattern| find(pattern, words).is_some()) {
            continue;
        }
        let proves =
            |done: &Done| claim.tools.contains(&done.tool) && slots.iter().all(|slot| done.about.contains(slot));
        if !facts.done.iter().any(proves) {
            return Err(Objection::UnprovenClaim(claim.tools.first().copied().unwrap_or_default()));
        }
    }
    Ok(())
}

/// Words that claim a completed action, and the tools of which one must have succeeded.
struct Claim {
    says: &'static [&'static str],
    tools: &'static [&'static str],
}

/// Rule set of 2026-11-23. A slot in the sentence must be one that the write was about.
const CLAIMS: &[Claim] = &[
    Claim {
        says: &[
            "booked",
            "scheduled",
            "reserved",
            "appointment is made|set|confirmed|in|yours",
            "have|has|got made|set|got appointment",
            "see you on|at|then|[slot_*",
            "all set",
        ],
        tools: &["book", "reschedule"],
    },
    Claim { says: &["cancelled|canceled", "is off|removed|gone|deleted"], tools: &["cancel"] },
    Claim { says: &["moved|rescheduled|changed", "appointment is now"], tools: &["reschedule"] },
    Claim { says: &["sent|requested|submitted|forwarded|refilled"], tools: &["request_refill", "leave_message"] },
    Claim {
        says: &["passed it|on|along", "message is with|left|in|saved", "told them|staff|the", "left message"],
        tools: &["leave_message", "request_refill"],
    },
    Claim {
        says: &["done", "taken care", "completed|complete"],
        tools: &["book", "reschedule", "cancel", "request_refill", "leave_message"],
    },
];

/// Source: California AB 489 (2026), titles that imply a licence; words block of 2026-11-23.
const LICENCE: &[&str] = &[
    "im|am|as a|an|your|the|clinics nurse|doctor|physician|clinician|therapist|pharmacist|practitioner|paramedic|md",
    "this is a|your|the|doctor|nurse|dr nurse|doctor|physician|clinician|therapist|pharmacist|practitioner|[name_*",
    "nurse|doctor|physician|pharmacist|therapist speaking|here",
    "nurse|doctor|dr [name_* speaking|here",
    "my patient|patients|colleague",
];

const MEDICAL: &[&str] = &[
    "mg|mcg|ml|milligram*|microgram*|millilit*",
    "dose|doses|dosage|dosing|diagnos*|prescribe*|prognosis",
    "take one|two|three|four|half|another|more|less|tablet*|pill|pills|ibuprofen|aspirin|tylenol|acetaminophen",
    "you should|must take|stop|increase|reduce|rest|drink|apply",
    "you|it have|has|is|sounds|looks|like|probably|likely infection|flu|covid|cancer|diabetes|virus|cold|serious|normal",
    "nothing to worry",
    "it|that is safe|dangerous|harmless",
];

const HUMAN: &[&str] = &[
    "i +am +human",
    "i +am +a|the|your +human|person|receptionist",
    "i +am +a|the +real|live|actual",
    "im +human",
    "im +a|the|your|not +human|person|receptionist|robot|machine|automated|real|live",
    "im not a +robot|machine|computer|recording",
    "i am not robot|machine|automated|computer",
];

const AUTOMATED: &[&str] = &["automated assistant", "not a person|human"];

const NUMBERS: &[&str] = &[
    "zero",
    "oh",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "double",
    "triple",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        let known = ["[SLOT_1]", "[SLOT_2]", "[NAME_1]", "[PATIENT_1]", "[PHONE_1]"].map(|p| p.parse().unwrap()).into();
        let about = ["[SLOT_1]".parse().unwrap()].into();
        let public = vec!["14500 River Road, Suite 210".to_owned()];
        Facts { known, done: vec![Done { tool: "book", about }], level: IdentityLevel::Verified, public }
    }

    fn judge(template: &str) -> Result<(), Objection> {
        evaluate(&Said { template, mandatory: false }, &facts())
    }

    #[test]
    fn a_claim_needs_its_own_successful_write() {
        assert_eq!(judge("You are booked for [SLOT_1]."), Ok(()));
        assert_eq!(judge("You are booked for [SLOT_2]."), Err(Objection::UnprovenClaim("book")));
        assert_eq!(judge("Your appointment is cancelled."), Err(Objection::UnprovenClaim("cancel")));
        assert_eq!(judge("I have sent the request."), Err(Objection::UnprovenClaim("request_refill")));
        assert_eq!(judge("I have moved it to [SLOT_1]."), Err(Objection::UnprovenClaim("reschedule")));
        assert_eq!(judge("Your message is with the staff."), Err(Objection::UnprovenClaim("leave_message")));
        assert_eq!(judge("See you on [SLOT_2]."), Err(Objection::UnprovenClaim("book")));
    }

    #[test]
    fn an_offer_is_no_claim() {
        assert_eq!(judge("The first opening is [SLOT_2]. Shall I book it?"), Ok(()));
        assert_eq!(judge("You have [SLOT_2]. Shall I cancel it?"), Ok(()));
    }

    #[test]
    fn an_invented_or_broken_placeholder_is_refused() {
        assert_eq!(judge("Hello [NAME_7]."), Err(Objection::UnknownPlaceholder("[NAME_7]".parse().unwrap())));
        assert_eq!(
            judge("Your number is [PATIENT_1]."),
            Err(Objection::UnknownPlaceholder("[PATIENT_1]".parse().unwrap()))
        );
        for text in ["Hello [NAME_1", "Hello [patient].", "Hello {name}.", "Hello NAME_1]."] {
            assert_eq!(judge(text), Err(Objection::StrayBracket), "{text}");
        }
    }

    #[test]
    fn the_box_is_no_nurse_and_no_doctor() {
        for text in [
            "I am a nurse.",
            "I'm your doctor.",
            "This is Nurse [NAME_1].",
            "Doctor [NAME_1] speaking.",
            "As a physician I agree.",
        ] {
            assert_eq!(judge(text), Err(Objection::LicenceTitle), "{text}");
        }
        assert_eq!(judge("I will tell you when the doctor is free."), Ok(()));
    }

    #[test]
    fn no_dosage_and_no_diagnosis() {
        for text in [
            "Take two pills.",
            "Ten milligrams a day.",
            "You should take it twice.",
            "You probably have the flu.",
            "It is safe.",
        ] {
            assert_eq!(judge(text), Err(Objection::MedicalAdvice), "{text}");
        }
    }

    #[test]
    fn identifiers_are_placeholders_never_bare_numbers() {
        assert_eq!(judge("I have 512 555 0143."), Err(Objection::BareNumber));
        assert_eq!(judge("I have five one two five five five."), Err(Objection::BareNumber));
        assert_eq!(judge("I have [PHONE_1]."), Ok(()));
        assert_eq!(judge("Dial nine one one."), Ok(()));
        assert_eq!(judge("We are at 14500 River Road, Suite 210."), Ok(()));
    }

    #[test]
    fn the_box_does_not_pass_for_a_person() {
        assert_eq!(judge("I am a real person."), Err(Objection::PassesForHuman));
        assert_eq!(judge("I'm not a robot."), Err(Objection::PassesForHuman));
        assert_eq!(judge("I am an automated assistant, not a person."), Ok(()));
    }
}
