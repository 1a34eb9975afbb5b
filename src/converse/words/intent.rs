//! What the caller wants of the clinic.

use crate::guard::phrase::{any, words};
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
}
