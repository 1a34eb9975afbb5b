//! What the box had just asked for, as the families use it.
//!
//! In: the conversation's [`Expecting`], or, where only the words are known (the command line), the question itself.
//! Out: an [`Asked`]. The words are read by a short list of cues; the last sentence counts.

use crate::expect::Expecting;
use crate::placeholder::Label;
use crate::redact::words::Words;

/// The kind of identifier that was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    /// None in particular.
    #[default]
    Nothing,
    /// A name.
    Name,
    /// A date of birth.
    Dob,
    /// A day.
    Day,
    /// A telephone number.
    Phone,
    /// A street, city or code.
    Address,
    /// A number or code.
    Id,
    /// An e-mail address.
    Email,
    /// An age.
    Age,
    /// A card.
    Card,
}

impl Asked {
    /// Reads the state, or else the question.
    pub(super) fn of(expecting: Expecting, question: &str) -> Self {
        match expecting {
            Expecting::Dob => Self::Dob,
            Expecting::Name { .. } => Self::Name,
            Expecting::Phone => Self::Phone,
            Expecting::MemberId => Self::Id,
            Expecting::Card => Self::Card,
            Expecting::Date => Self::Day,
            Expecting::YesNo | Expecting::Anything => Self::of_question(question),
        }
    }

    /// The label of an answer that is an identifier from its first word to its last; a day or an age has words around it.
    pub(super) fn label(self) -> Option<Label> {
        match self {
            Self::Name => Some(Label::Name),
            Self::Dob => Some(Label::Date),
            Self::Phone => Some(Label::Phone),
            Self::Address => Some(Label::Address),
            Self::Id | Self::Card => Some(Label::Id),
            Self::Email => Some(Label::Email),
            Self::Nothing | Self::Day | Self::Age => None,
        }
    }

    fn of_question(question: &str) -> Self {
        /// A longer utterance is a statement that happens to hold such a word.
        const LONGEST: usize = 30;
        let text = question.to_lowercase();
        let last = text.trim_end_matches(['?', '.', '!', ' ']).rsplit(['?', '!', '.']).next().unwrap_or_default();
        let words: Vec<&str> =
            last.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()).collect();
        if words.is_empty() || words.len() > LONGEST {
            return Self::Nothing;
        }
        let has = |cues: &[&str]| words.iter().any(|w| cues.contains(w));
        let phrase = |cue: &str| words.join(" ").contains(cue);
        if has(&["email", "mail"]) {
            return Self::Email;
        }
        if has(&["dob", "birthday", "birthdate"])
            || phrase("of birth")
            || phrase("birth date")
            || phrase("were you born")
        {
            return Self::Dob;
        }
        if words.iter().any(|w| ID_CUES.has(w))
            || phrase("last four")
            || phrase("last 4")
            || has(&["digit", "digits"])
            || PIECES.iter().any(|piece| phrase(piece))
            || phrase("record number")
            || phrase("group number")
        {
            return Self::Id;
        }
        let mobile =
            has(&["cell", "mobile"]) && (words.len() < 4 || has(&["number", "your", "what", "what's", "best"]));
        if mobile || has(&["phone", "callback", "fax"]) || phrase("reach you") || phrase("call you back") {
            return Self::Phone;
        }
        let place = ["address", "zip", "postcode", "postal", "city", "street", "metropolis", "town"];
        if has(&place) || phrase("do you live") || phrase("what location") || phrase("what area") {
            return Self::Address;
        }
        let asks =
            has(&["who", "whose", "what", "what's", "whats", "may", "can", "could", "please", "spell", "have", "your"]);
        if (has(&["name", "names", "spell", "surname"]) && (asks || words.len() < 4)) || phrase("am i speaking") {
            return Self::Name;
        }
        if phrase("who is the") || phrase("who's calling") || phrase("who is calling") || phrase("emergency contact") {
            return Self::Name;
        }
        if phrase("how old") || has(&["age"]) {
            return Self::Age;
        }
        if has(&["number"]) && words.len() <= 6 {
            return Self::Id;
        }
        if phrase("what day") || phrase("what date") || phrase("which day") || phrase("when") {
            return Self::Day;
        }
        Self::Nothing
    }
}

/// Whether the question is for a reading, which is answered with a number that counts no years.
pub(super) fn is_for_reading(question: &str) -> bool {
    static READINGS: Words = Words::new(
        "temperature pressure sugar sugars weight weigh pulse oxygen saturation glucose reading readings fever",
    );
    question.split(|c: char| !c.is_alphanumeric()).any(|word| READINGS.has(&word.to_lowercase()))
}

/// Pieces of a number that one asks for again.
const PIECES: &[&str] = &[
    "last two",
    "last three",
    "last bit",
    "last part",
    "first two",
    "first three",
    "first four",
    "first part",
    "middle part",
];

static ID_CUES: Words = Words::new(
    "id ssn social member account policy mrn chart rx licence license plate serial claim referral confirmation \
     login username reference card subscriber medicare medicaid prescription",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_told_apart() {
        let asked = |q| Asked::of(Expecting::Anything, q);
        assert_eq!(asked("May I have your name please?"), Asked::Name);
        assert_eq!(asked("Thanks. And your date of birth?"), Asked::Dob);
        assert_eq!(asked("what city and zip code"), Asked::Address);
        assert_eq!(asked("your phone number"), Asked::Phone);
        assert_eq!(asked("please verify the last four"), Asked::Id);
        assert_eq!(asked("How are you feeling today?"), Asked::Nothing);
    }

    #[test]
    fn the_state_outranks_the_words() {
        assert_eq!(Asked::of(Expecting::Dob, "may i have your name"), Asked::Dob);
    }
}
