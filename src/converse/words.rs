//! What the caller wants, by rules over redacted words.
//!
//! In:  the words of a [`Redacted`] text. Out: an [`Intent`], a yes or a no, hints such as "in the morning".
//! Tables, no model: the same words always mean the same. Written for what a recogniser makes of a telephone call, so
//! one or two content words decide and the small words between them do not matter.

use crate::guard::phrase::{any, find, words};
use crate::placeholder::{self, Label, Placeholder};
use crate::redact::Redacted;

/// What a caller wants of the clinic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A new appointment.
    Book,
    /// Give up an appointment.
    Cancel,
    /// Another time for an appointment.
    Move,
    /// Something about an appointment, but what?
    SomeAppointment,
    /// A prescription renewed.
    Refill,
    /// When the clinic is open.
    Hours,
    /// Where the clinic is.
    Address,
    /// Something to be passed on to staff.
    Message,
    /// The caller dialled something else.
    WrongNumber,
    /// Whether this is a machine.
    WhatAreYou,
    /// The last sentence once more.
    Repeat,
    /// Leave what was begun.
    NeverMind,
    /// The end.
    Goodbye,
}

impl Intent {
    /// Its name in decisions and the dossier.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Cancel => "cancel",
            Self::Move => "move",
            Self::SomeAppointment => "some-appointment",
            Self::Refill => "refill",
            Self::Hours => "hours",
            Self::Address => "address",
            Self::Message => "message",
            Self::WrongNumber => "wrong-number",
            Self::WhatAreYou => "what-are-you",
            Self::Repeat => "repeat",
            Self::NeverMind => "never-mind",
            Self::Goodbye => "goodbye",
        }
    }
}

/// What the words ask for: the first row of the table that fits.
#[must_use]
pub fn intent(text: &Redacted) -> Option<Intent> {
    let words = words(text.as_str());
    INTENTS.iter().find(|row| any(row.says, &words) && !any(row.unless, &words)).map(|row| row.intent)
}

/// A yes or a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Neither, or both.
    Unclear,
}

/// Reads a yes or a no. Where both are said, only a correction ("no wait yes") lets the later one win: a write needs a
/// clear yes.
#[must_use]
pub fn answer(text: &Redacted) -> Answer {
    let words = words(text.as_str());
    if any(UNSURE, &words) {
        return Answer::Unclear;
    }
    let corrected = CORRECTIONS.iter().filter_map(|pattern| find(pattern, &words)).map(|(_, end)| end).max();
    let after = corrected.and_then(|end| words.get(end..)).unwrap_or_default();
    match (polarity(after), polarity(&words)) {
        (Answer::Unclear, whole) => whole,
        (later, _) => later,
    }
}

fn polarity(words: &[String]) -> Answer {
    match (any(YES, words) && !any(NOT_YES, words), any(NO, words)) {
        (true, false) => Answer::Yes,
        (false, true) => Answer::No,
        (true, true) | (false, false) => Answer::Unclear,
    }
}

/// Whether the words take back what was said before: "actually", "no wait".
#[must_use]
pub fn corrects(text: &Redacted) -> bool {
    any(CORRECTIONS, &words(text.as_str()))
}

/// Whether the words end in the middle of a thought: the caller is still looking for the next one.
#[must_use]
pub fn trails_off(text: &Redacted) -> bool {
    const OPEN: &[&str] =
        &["and", "but", "or", "so", "um", "uh", "er", "my", "the", "a", "an", "to", "for", "with", "is"];
    words(text.as_str()).last().is_none_or(|last| OPEN.contains(&last.as_str()))
}

/// Whether any day will do.
#[must_use]
pub fn any_day(text: &Redacted) -> bool {
    any(ANY_DAY, &words(text.as_str()))
}

/// The part of the day that the words ask for, in the clinic's closed words.
#[must_use]
pub fn part_of_day(text: &Redacted) -> Option<&'static str> {
    let words = words(text.as_str());
    match (
        any(&["morning*", "before noon|lunch", "early +in"], &words),
        any(&["afternoon*", "after noon|lunch|work"], &words),
    ) {
        (true, false) => Some("morning"),
        (false, true) => Some("afternoon"),
        (true, true) | (false, false) => None,
    }
}

/// The name that the caller gives as their own: "this is [NAME_1]", "my name is [NAME_1]"; not "see doctor [NAME_1]".
#[must_use]
pub fn own_name(text: &Redacted) -> Option<Placeholder> {
    let introduced = |before: &str| {
        let before = words(before);
        any(INTRODUCES, &before) || before.is_empty()
    };
    labelled(text, Label::Name)
        .find(|(start, _)| introduced(text.as_str().get(..*start).unwrap_or_default()))
        .map(|(_, p)| p)
}

/// The date of birth that the caller gives unasked: "born on [DATE_1]".
#[must_use]
pub fn own_birthday(text: &Redacted) -> Option<Placeholder> {
    let introduced = |before: &str| {
        any(
            &["born $", "born on|in $", "birth|birthday|birthdate|dob $", "birth|birthday|birthdate|dob is $"],
            &words(before),
        )
    };
    labelled(text, Label::Date)
        .find(|(start, _)| introduced(text.as_str().get(..*start).unwrap_or_default()))
        .map(|(_, p)| p)
}

/// The last placeholder of `label` in the text: after a correction the later value counts.
#[must_use]
pub fn last(text: &Redacted, label: Label) -> Option<Placeholder> {
    labelled(text, label).last().map(|(_, p)| p)
}

/// Whether the words name a medicine to be refilled, and do not only ask for "a refill".
#[must_use]
pub fn names_medicine(text: &Redacted) -> bool {
    let words = words(text.as_str());
    let Some((_, end)) = find("refill*|renew*|prescription*|reorder of|for|on", &words) else { return false };
    words.get(end..).unwrap_or_default().iter().any(|word| !EMPTY.contains(&word.as_str()) && !word.starts_with('['))
}

fn labelled(text: &Redacted, label: Label) -> impl Iterator<Item = (usize, Placeholder)> + '_ {
    placeholder::find_all(text.as_str()).filter(move |(_, p)| p.label == label).map(|(range, p)| (range.start, p))
}

struct Row {
    intent: Intent,
    says: &'static [&'static str],
    unless: &'static [&'static str],
}

/// From the most telling words to the least: "cancel" before "appointment". Rule set of 2026-11-23.
const INTENTS: &[Row] = &[
    Row {
        intent: Intent::WrongNumber,
        says: &[
            "wrong|long|rung number",
            "wrong place|clinic|office|person",
            "dialed|dialled|called wrong",
            "misdial*",
            "is this|that pizza|taxi|cab|hotel|bank|restaurant",
            "thought this was pizza|hotel|bank|taxi|the",
            "didnt|not mean|meant to call",
        ],
        unless: &[],
    },
    Row {
        intent: Intent::WhatAreYou,
        says: &[
            "are|is you|this real|human|robot|machine|computer|person|bot|automated|recording|ai",
            "are|is you|this a|an real|human|robot|machine|computer|person|bot|automated|recording|ai|answering",
            "am i talking|speaking to|with",
            "who|what +are +you",
            "who am i talking|speaking",
            "you +real",
        ],
        unless: &[],
    },
    Row {
        intent: Intent::NeverMind,
        says: &["never +mind", "nevermind", "forget +it|that", "start over", "scratch +that"],
        unless: &[],
    },
    Row { intent: Intent::Repeat, says: REPEAT, unless: &[] },
    Row { intent: Intent::Message, says: MESSAGE, unless: &["got|received|get|have your message"] },
    Row { intent: Intent::Refill, says: REFILL, unless: &[] },
    Row { intent: Intent::Move, says: MOVE, unless: &["change my|the address|phone|name|insurance|number"] },
    Row {
        intent: Intent::Cancel,
        says: CANCEL,
        unless: &["cancellation +policy", "dont|not cancel", "waiting|wait cancellation"],
    },
    Row { intent: Intent::Hours, says: HOURS, unless: &[] },
    Row { intent: Intent::Address, says: ADDRESS, unless: &["my address|addresses", "new address"] },
    Row {
        intent: Intent::SomeAppointment,
        says: SOME,
        unless: &["need|want|like|get|make|schedule|book an|a appointment|appointments", "need|want +appointment*"],
    },
    Row { intent: Intent::Book, says: BOOK, unless: &[] },
    Row { intent: Intent::SomeAppointment, says: &["appointment*", "a pointment", "appoint*"], unless: &[] },
    Row { intent: Intent::Goodbye, says: GOODBYE, unless: &[] },
];

const REPEAT: &[&str] = &[
    "repeat|repeated",
    "say|said that|it|again again",
    "say +again",
    "once|one more +time",
    "come again $",
    "what did you say",
    "didnt|not|couldnt|cant hear|catch|understand|get that|you|it",
    "pardon|excuse +me",
    "^pardon $",
    "^what $",
    "^sorry $",
    "^huh $",
];

const MESSAGE: &[&str] = &[
    "leave|take|give|pass|send|live|relay|drop message*",
    "leave|send note|word",
    "message for|to",
    "call|calling|phone|ring me|us back",
    "callback|call +back",
    "return my call",
    "tell|let doctor|dr|nurse|them|staff|him|her know|that|i|im|to",
    "^message|messages $",
];

const REFILL: &[&str] = &[
    "refill*|refilled",
    "re fill|filled|fill",
    "renew|renewal|renewed|reorder prescription*|medicine*|medication*|meds|pills",
    "renew|renewal|reorder my",
    "more|another of my|pills|medicine|medication|meds",
    "prescription*|medication*|medicine*|meds|pills filled|fill|renew*|refill*|again|out|low",
    "ran|running|run out|low of|on",
    "need|want|get|about|for my|a|some prescription*|medication*|medicine*|meds|pills|inhaler|insulin",
    "prescription*",
];

const MOVE: &[&str] = &[
    "reschedul*",
    "re schedul*|scheduled",
    "move|moved|moving|change|changing|switch|push|shift|postpone|bring|rearrange appointment*|visit|time|date|it|checkup",
    "postpone*",
    "change|switch to another|different",
    "another|different|new|better time|day|date for|than my|appointment",
    "appointment* another|different|later|earlier|new time|day|date",
    "cant|cannot|not|wont make|come appointment*|it|on|then need|want|like|can another|different|new|other",
    "make it|that earlier|later",
    "put|push off|back my appointment*|visit",
];

const CANCEL: &[&str] = &[
    "cancel*",
    "council|cancer|counsel my appointment*",
    "call off appointment*|visit|it",
    "delete|remove|drop my|the appointment*|visit",
    "dont|not need|want my|the|that appointment*|visit",
    "cant|cannot|not|wont|unable make|come|keep|attend it|appointment*|in|visit|my",
    "not coming",
    "wont|cant|not|unable able|be|possible to come|make|keep",
    "get rid of appointment*",
];

const HOURS: &[&str] = &[
    "hours|opening",
    "when|what|how time|late|early|do|are open|opens|close|closes|closed|closing",
    "are|is you|it|clinic|office open|closed",
    "open|closed on|today|tomorrow|weekend*|saturday*|sunday*|now",
    "until when|what",
    "time do|does you|clinic|office open|close",
    "office our|ours|hour",
];

const ADDRESS: &[&str] = &[
    "address",
    "where are|is you|the|your clinic|located|office|at|this|building",
    "where are +you",
    "located|location|directions",
    "how do|can|to get|find there|to|you",
    "find you|the clinic|office",
    "what street|floor|building",
    "parking|park",
];

/// About an appointment that the caller already has.
const SOME: &[&str] = &[
    "about|regarding|concerning|question my|an|the appointment*",
    "have|got an|my appointment* on|at|tomorrow|today|with|that",
    "when|what is|time my appointment*",
    "do|when i|is have|my an|any|next appointment*",
    "check|confirm|verify my|an|the appointment*",
];

const BOOK: &[&str] = &[
    "book|booked|booking|schedule|scheduled|scheduling|make|set|arrange|reserve appointment*|visit|checkup|physical|one|something|time",
    "book*",
    "schedul*",
    "need|want|like|get|have|looking|for|take an|a|in appointment*|visit|checkup|physical|slot|opening",
    "need|want|like|make +appointment*",
    "fit me",
    "see|seeing a|the|my|doctor|dr|somebody|someone doctor|dr|nurse|physician|provider|[name_*",
    "see|seen by|doctor|dr|[name_*",
    "to be +seen",
    "come|get in to|for|on|see|as|today|tomorrow|this",
    "check +up",
    "checkup|physical|vaccine|vaccination|shot|flu",
    "new patient",
    "any|next|first openings|opening|available|availability|appointments",
    "make an|a",
];

const GOODBYE: &[&str] = &[
    "goodbye|bye",
    "good +bye|by",
    "thats +all|it|everything",
    "that is|was +all|it|everything",
    "that will|would be all|it",
    "nothing else|more",
    "no|nope|nah thank|thanks",
    "no thats|im|i all|good|fine|it|okay|set",
    "im|i am +good|done|fine|set|finished",
    "all set|good|done",
    "have a good|nice|great",
    "hang up",
    "^no $",
    "^nope $",
    "^nothing $",
    "^not today|now|really $",
    "^thank|thanks you|$ $",
    "^thank +you so|very much",
];

const YES: &[&str] = &[
    "yes|yeah|yep|yup|yea|ya|yah|sure|okay|ok|correct|right|absolutely|definitely|certainly|perfect|great|exactly|indeed|mhm|uhhuh|affirmative|wonderful|excellent",
    "uh +huh|ha",
    "mm +hmm|hm|hum",
    "of +course",
    "please +do",
    "go +ahead",
    "go|lets for it",
    "that|it|this|thatll|itll works|work|suits|is good|fine",
    "works +for",
    "works",
    "sounds|looks good|fine|right|great",
    "thats|its|that|it +good|fine|it|okay|perfect|great|right|correct",
    "that|it is|will|would good|fine|okay|perfect|great|right|do|correct",
    "book|cancel|move|take|do|change|want +it|that|them",
    "ill|i will|would|id take +it|that|one",
    "take the|that one",
    "i +do",
    "^please $",
    "^good|fine|alright $",
    "all +right",
];

/// What turns a yes-word round.
const NOT_YES: &[&str] = &[
    "not|isnt|wasnt|dont|doesnt|wont|cant|never right|correct|good|work|works|sure|okay|fine|want|it|that|great|book|cancel|move|do",
    "not +really",
    "no|not +good",
];

const NO: &[&str] = &[
    "no|nope|nah|negative|never|know",
    "not|isnt|wasnt|dont|doesnt|wont|cant|cannot",
    "wrong|incorrect",
    "another|different one|time|day|slot|date",
    "something|anything|somewhere else",
    "what|how else|about",
    "too early|late|soon",
    "next +one",
    "any|got|have others|other|later|earlier",
    "later|earlier",
    "keep +it|that|my",
    "uh uh $",
];

const UNSURE: &[&str] = &[
    "dont +know",
    "do not +know",
    "not|im|unsure +sure",
    "unsure",
    "maybe|perhaps",
    "let me think|check|see",
    "i +guess $",
];

const CORRECTIONS: &[&str] = &[
    "actually",
    "no|oh|but|hold|uh +wait",
    "wait",
    "hold +on",
    "i +mean|meant",
    "sorry i|make",
    "no|oh +sorry",
    "on second thought*",
    "rather|instead",
    "scratch +that",
    "but",
];

const ANY_DAY: &[&str] = &[
    "any|whatever|whichever day|time|date|one|works|appointment",
    "anytime|whenever|anything|earliest|soonest|asap",
    "as soon possible",
    "as early possible",
    "first|next|earliest|soonest|one opening|available|one|appointment|possible|slot|time|you",
    "soon",
    "dont|doesnt|not care|matter|mind",
    "no preference",
    "i am|im flexible|open|free",
    "right away",
];

const INTRODUCES: &[&str] = &[
    "this +is $",
    "this is|its the patient $",
    "name +is|s $",
    "names $",
    "i +am $",
    "im $",
    "its|it|is $",
    "here +is $",
    "patient +is $",
    "me $",
];

/// Words that name no medicine.
const EMPTY: &[&str] = &[
    "my",
    "a",
    "an",
    "the",
    "some",
    "of",
    "for",
    "on",
    "please",
    "prescription",
    "prescriptions",
    "medication",
    "medications",
    "medicine",
    "medicines",
    "meds",
    "pills",
    "refill",
    "refills",
    "it",
    "that",
    "them",
    "me",
    "thanks",
    "thank",
    "you",
    "one",
    "and",
    "is",
    "to",
    "i",
    "need",
    "want",
    "would",
    "like",
    "get",
    "can",
    "um",
    "uh",
    "new",
    "this",
    "these",
    "more",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What callers say, and what they want. `-` is nothing that can be told.
    const PHRASES: &str = "
        book: i need an appointment | i'd like to book an appointment | can i make an appointment | schedule a visit
        book: i want to see doctor [NAME_1] | i need to see the doctor | can i come in tomorrow | i need a checkup
        book: do you have any openings this week | i'd like to come in for a flu shot | set up an appointment please
        book: um yeah hi i uh need to book a an appointment | appointment for my knee i need to make one
        book: i am a new patient | when is the next available appointment | i need a physical | book
        book: i want to get in to see somebody doctor [NAME_1] | need appointment [DATE_1] | like to schedule
        book: could i get an appointment for [DATE_1] | i was hoping to set an appointment | can you fit me an appointment i need one
        cancel: i need to cancel my appointment | cancel | please cancel my visit on [DATE_1] | cancel it
        cancel: i can't make it to my appointment | i won't be able to come in | i have an appointment i want to cancel
        cancel: i can't come to my appointment on [DATE_1] | the council my appointment | i don't need the appointment
        cancel: i'd like to cancel the one on [DATE_1] | call off my appointment | i am not coming [DATE_1]
        cancel: hi this is [NAME_1] i need to cancel | canceling my appointment | please delete my appointment
        move: i need to change my appointment | can i reschedule | i have to move my appointment to [DATE_1]
        move: i want to reschedule my appointment | could we push my appointment back | postpone my visit
        move: can i switch to another day | i need a different time for my appointment | cancel and reschedule
        move: i can't make my appointment [DATE_1] i need another day | change the time of my appointment
        move: re schedule please | could you move it to [DATE_1] | i'd like a new date for my appointment
        move: i need to bring my appointment forward | is there an earlier time can you make it earlier
        some-appointment: it's about my appointment | i'm calling about an appointment | i have an appointment tomorrow
        some-appointment: when is my appointment | my appointment | can you check my appointment | appointment
        some-appointment: i want to confirm my appointment | do i have an appointment this week
        refill: i need a refill | i need my prescription refilled | i'm out of my blood pressure pills i need a refill
        refill: can you renew my prescription | i ran out of my medicine | i need more of my medication
        refill: prescription refill please | my inhaler is running low on puffs | re fill of lisinopril
        refill: can i get my insulin prescription | refill | i need to get my meds | calling for a prescription
        hours: what are your hours | when do you open | are you open on saturday | what time do you close
        hours: are you open today | how late are you open | your opening hours please | when are you closed
        hours: is the clinic open now | what are the office our
        address: where are you located | what's your address | how do i get there | where is the clinic
        address: i need directions | is there parking | what street are you on | how do i find you
        message: i want to leave a message | can you take a message | leave a message for doctor [NAME_1]
        message: please have them call me back | could someone give them a message | i need a call back
        message: tell doctor [NAME_1] that i am better | i have a message for the nurse | send a note to the doctor
        wrong-number: sorry wrong number | oh i think i dialed wrong | i have the wrong number | is this pizza palace
        wrong-number: i must have misdialed | i've got the wrong place | oh i think i called the wrong office
        what-are-you: are you a robot | are you a real person | is this a recording | am i talking to a computer
        what-are-you: who am i speaking with | are you human | what are you | is this ai
        repeat: can you say that again | what did you say | pardon | repeat that please | i didn't hear you | sorry
        never-mind: never mind | forget it | oh nevermind | scratch that
        goodbye: goodbye | no thank you | that's all | bye bye | no that's it thanks | nothing else | have a nice day
        goodbye: no i'm good | that is everything | all set thanks | thank you | no thanks goodbye
        -: purple monkey dishwasher | [NAME_1] | [WITHHELD] | uh | well you see my neighbor has a dog | hello
    ";

    #[test]
    fn more_than_a_hundred_phrasings_are_understood() {
        let mut count = 0;
        let mut wrong = Vec::new();
        for line in PHRASES.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (wanted, phrases) = line.split_once(": ").unwrap();
            for phrase in phrases.split(" | ") {
                count += 1;
                let got = intent(&Redacted::in_a_test(phrase)).map_or("-", Intent::as_str);
                if got != wanted {
                    wrong.push(format!("{phrase}: wanted {wanted}, got {got}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(count >= 100);
    }

    #[test]
    fn yes_and_no_are_read_from_many_phrasings() {
        let table: &[(Answer, &str)] = &[
            (
                Answer::Yes,
                "yes|yeah|yep|yes please|sure|okay|ok|that works|that's fine|sounds good|go ahead|please do|uh huh",
            ),
            (
                Answer::Yes,
                "correct|that's right|yes that's correct|of course|perfect|book it|i'll take it|yes book it please",
            ),
            (
                Answer::Yes,
                "no wait yes|no sorry yes|um yeah that would be great|i do|absolutely|that one is good|mm hmm|please",
            ),
            (
                Answer::No,
                "no|nope|no thank you|no thanks|not really|that's not right|that doesn't work|wrong|no that's wrong",
            ),
            (
                Answer::No,
                "i can't do that|another day|do you have anything else|what else do you have|too early|yes wait no",
            ),
            (
                Answer::No,
                "something later|don't book it|no not that one|that is incorrect|keep it|not good|is there another time",
            ),
            (
                Answer::Unclear,
                "i don't know|not sure|maybe|let me think|hello|banana|yes no|well|i'm not sure|what was that",
            ),
        ];
        let mut wrong = Vec::new();
        for (wanted, phrases) in table {
            for phrase in phrases.split('|') {
                let got = answer(&Redacted::in_a_test(phrase));
                if got != *wanted {
                    wrong.push(format!("{phrase}: wanted {wanted:?}, got {got:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_caller_gives_their_own_name_or_somebody_elses() {
        let own = |text: &str| own_name(&Redacted::in_a_test(text)).map(|p| p.to_string());
        for text in ["this is [NAME_1] i need to cancel", "my name is [NAME_1]", "hi i'm [NAME_1]", "[NAME_1] calling"]
        {
            assert_eq!(own(text).as_deref(), Some("[NAME_1]"), "{text}");
        }
        for text in ["i need to see doctor [NAME_1]", "an appointment with [NAME_1]", "a message for [NAME_1]"] {
            assert_eq!(own(text), None, "{text}");
        }
        assert_eq!(own("an appointment with [NAME_1] this is [NAME_2]").as_deref(), Some("[NAME_2]"));
    }

    #[test]
    fn a_birthday_is_told_from_the_day_of_a_visit() {
        let own = |text: &str| own_birthday(&Redacted::in_a_test(text)).map(|p| p.to_string());
        assert_eq!(own("my date of birth is [DATE_1]").as_deref(), Some("[DATE_1]"));
        assert_eq!(own("i was born on [DATE_2]").as_deref(), Some("[DATE_2]"));
        assert_eq!(own("an appointment on [DATE_1]"), None);
    }

    #[test]
    fn parts_of_the_day_and_any_day_are_heard() {
        assert_eq!(part_of_day(&Redacted::in_a_test("[DATE_1] in the morning")), Some("morning"));
        assert_eq!(part_of_day(&Redacted::in_a_test("an afternoon please")), Some("afternoon"));
        assert_eq!(part_of_day(&Redacted::in_a_test("morning or afternoon")), None);
        for text in
            ["any day", "as soon as possible", "whenever", "the earliest", "the first available", "i don't care"]
        {
            assert!(any_day(&Redacted::in_a_test(text)), "{text}");
        }
    }

    #[test]
    fn a_medicine_is_named_or_only_asked_about() {
        for text in ["a refill of my lisinopril", "refill for metformin please", "a prescription for my blood pressure"]
        {
            assert!(names_medicine(&Redacted::in_a_test(text)), "{text}");
        }
        for text in ["i need a refill", "a refill of my prescription please", "a refill for [NAME_1]"] {
            assert!(!names_medicine(&Redacted::in_a_test(text)), "{text}");
        }
    }
}
