//! Where a call stands. Each variant holds only what that state needs.

use crate::expect::Expecting;
use crate::placeholder::Placeholder;
use crate::redact::Redacted;

use super::action::{Outcome, SayId, ToolId};
use super::cloud::ThoughtId;
use super::template::{Part, Template};

/// Where the call stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Not answered yet.
    Ringing,
    /// The caller was asked something.
    Asked(Question),
    /// A tool is at work; the caller waits.
    Working(ToolId),
    /// A cloud model is being asked; the caller waits.
    Thinking(ThoughtId),
    /// The desk is being asked to take the call.
    AtDesk,
    /// Caller and desk are connected.
    Bridged,
    /// Nothing more is said.
    Over,
}

/// What the caller wants that needs to know who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// A new appointment.
    Book,
    /// Give up an appointment.
    Cancel,
    /// Another time for an appointment.
    Move,
    /// A prescription renewed.
    Refill,
    /// Something that a cloud model found out needs to know.
    Other,
}

impl Goal {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Cancel => "cancel",
            Self::Move => "move",
            Self::Refill => "refill",
            Self::Other => "other",
        }
    }

    /// As the brief to the desk says it.
    pub(super) fn wish(self) -> &'static str {
        match self {
            Self::Book => "wants to book an appointment",
            Self::Cancel => "wants to cancel an appointment",
            Self::Move => "wants to move an appointment",
            Self::Refill => "wants a prescription refill",
            Self::Other => "has not said what for",
        }
    }
}

/// The search for a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Search {
    /// The appointment that is to be moved; none if a new one is wanted.
    pub(super) moving: Option<Placeholder>,
    /// The day asked for; none for the earliest.
    pub(super) day: Option<Placeholder>,
    /// "morning" or "afternoon".
    pub(super) part: Option<&'static str>,
    /// How often free times were looked up.
    pub(super) rounds: u8,
}

/// A time that is offered, and those that come next.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Offer {
    pub(super) search: Search,
    pub(super) slot: Placeholder,
    pub(super) rest: Vec<Placeholder>,
    /// How it is introduced.
    pub(super) opening: &'static str,
    /// The sentence that named the time; it was cut off unless [`Offer::heard`].
    pub(super) said: Option<SayId>,
    /// Whether nobody has said that the sentence naming the time was cut off.
    pub(super) heard: bool,
}

/// An appointment that the caller has and may want to give up or move.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    pub(super) moving: bool,
    pub(super) slot: Placeholder,
    pub(super) rest: Vec<Placeholder>,
    pub(super) said: Option<SayId>,
    pub(super) heard: bool,
}

/// A question that a cloud model put in its own words.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Open {
    pub(super) expecting: Expecting,
    /// The appointments that it named.
    pub(super) named: Vec<Placeholder>,
}

/// A change at the clinic that a cloud model proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    Book { slot: Placeholder },
    Cancel { slot: Placeholder },
    Move { from: Placeholder, slot: Placeholder },
}

impl Write {
    /// The tool that does it.
    pub(super) fn tool(self) -> &'static str {
        match self {
            Self::Book { .. } => "book",
            Self::Cancel { .. } => "cancel",
            Self::Move { .. } => "reschedule",
        }
    }

    /// The appointment that the caller must have said yes to.
    pub(super) fn slot(self) -> Placeholder {
        match self {
            Self::Book { slot } | Self::Cancel { slot } | Self::Move { slot, .. } => slot,
        }
    }
}

/// What the caller was asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Question {
    /// How can I help you?
    Purpose,
    /// May the call be recorded? Put once, before the first wish.
    MayRecord,
    /// Anything else?
    MoreHelp,
    /// Book, move or cancel?
    WhichChange,
    /// Date of birth.
    Dob { goal: Goal },
    /// Was the date of birth heard right?
    DobRight { goal: Goal, dob: Placeholder },
    /// Name. `heard` is what was heard the first time, where that was too unsure.
    Name { goal: Goal, dob: Placeholder, spelled: bool, names: Vec<Placeholder>, heard: Option<Placeholder> },
    /// Which day.
    Day(Search),
    /// Is this time right?
    Slot(Offer),
    /// Is it this appointment?
    Which(Held),
    /// Which medicine.
    Medicine,
    /// The name for a message.
    MessageName,
    /// The telephone number for a message.
    MessagePhone { name: Option<Placeholder> },
    /// Was the telephone number heard right?
    PhoneRight { name: Option<Placeholder>, phone: Placeholder },
    /// The message itself.
    MessageText { name: Option<Placeholder>, phone: Option<Placeholder> },
    /// What a cloud model asked.
    Open(Open),
    /// What a cloud model wants to change, asked by the box. `number` is the model's use of the tool.
    Confirm { number: u32, write: Write, said: Option<SayId>, heard: bool },
}

impl Question {
    /// What kind of answer it waits for.
    pub(super) fn expecting(&self) -> Expecting {
        match self {
            Self::Purpose | Self::MoreHelp | Self::WhichChange | Self::Medicine | Self::MessageText { .. } => {
                Expecting::Anything
            }
            Self::Dob { .. } => Expecting::Dob,
            Self::Name { spelled, .. } => Expecting::Name { spelled: *spelled },
            Self::MessageName => Expecting::Name { spelled: false },
            Self::MayRecord
            | Self::DobRight { .. }
            | Self::Slot(_)
            | Self::Which(_)
            | Self::PhoneRight { .. }
            | Self::Confirm { .. } => Expecting::YesNo,
            Self::Day(_) => Expecting::Date,
            Self::Open(open) => open.expecting,
            Self::MessagePhone { .. } => Expecting::Phone,
        }
    }

    /// Names that may be said, for the recogniser.
    pub(super) fn names(&self) -> Vec<Placeholder> {
        if let Self::Name { names, .. } = self { names.clone() } else { Vec::new() }
    }

    /// Its name in the dossier.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Purpose => "how-can-i-help",
            Self::MayRecord => "may-record",
            Self::MoreHelp => "anything-else",
            Self::WhichChange => "book-move-or-cancel",
            Self::Dob { .. } => "date-of-birth",
            Self::DobRight { .. } => "date-of-birth-right",
            Self::Name { .. } => "name",
            Self::Day(_) => "day",
            Self::Slot(_) => "this-time",
            Self::Which(_) => "this-appointment",
            Self::Medicine => "medicine",
            Self::MessageName => "name-for-message",
            Self::MessagePhone { .. } => "phone-for-message",
            Self::PhoneRight { .. } => "phone-right",
            Self::MessageText { .. } => "message",
            Self::Open(_) => "open",
            Self::Confirm { .. } => "this-change",
        }
    }

    /// Whether asking it tells the caller something from the clinic's systems.
    pub(super) fn discloses(&self) -> bool {
        let named = matches!(self, Self::Open(open) if !open.named.is_empty());
        named || matches!(self, Self::Which(_) | Self::Slot(_) | Self::Confirm { .. })
    }

    /// Whether the answer is the caller's own words for staff, in which the policy's topics are allowed.
    pub(super) fn takes_dictation(&self) -> bool {
        matches!(self, Self::Medicine | Self::MessageText { .. })
    }

    /// The question as it is put the first time. A time is named in a sentence of its own, so that an interruption
    /// tells whether the caller heard it.
    pub(super) fn first(&self) -> Vec<Template> {
        let one = |words| vec![Template::fixed(words)];
        match self {
            Self::Purpose => one("How can I help you?"),
            Self::MayRecord => one("May I record this call?"),
            Self::MoreHelp => one("Is there anything else I can help you with?"),
            Self::WhichChange => one("Would you like to book, move, or cancel an appointment?"),
            Self::Dob { .. } => one("What is the patient's date of birth?"),
            Self::DobRight { dob, .. } => {
                vec![Template::filled("I heard {}. Is that right?", &[Part::Held(*dob)])]
            }
            Self::Name { spelled: false, heard: None, .. } => one("What is the patient's first and last name?"),
            Self::Name { spelled: false, heard: Some(_), .. } => {
                one("I want to be sure that I heard you. Please say the first and last name once more.")
            }
            Self::Name { spelled: true, .. } => {
                one("Please spell the patient's first and last name, letter by letter.")
            }
            Self::Day(search) if search.rounds == 0 => one("Which day would suit you?"),
            Self::Day(_) => one("Which other day would suit you?"),
            Self::Slot(offer) => {
                let named = Template::filled("{} is {}.", &[Part::Words(offer.opening), Part::Held(offer.slot)]);
                let moving = offer.search.moving.is_some();
                vec![named, Template::fixed(if moving { "Shall I move it to that time?" } else { "Shall I book it?" })]
            }
            Self::Which(held) => {
                let named = Template::filled("You have {}.", &[Part::Held(held.slot)]);
                vec![named, Template::fixed(if held.moving { "Shall I move it?" } else { "Shall I cancel it?" })]
            }
            Self::Medicine => one("Which medicine do you need?"),
            Self::MessageName => one("May I have your first and last name?"),
            Self::MessagePhone { .. } => one("What telephone number can the staff reach you at?"),
            Self::PhoneRight { phone, .. } => {
                vec![Template::filled("I have {}. Is that right?", &[Part::Held(*phone)])]
            }
            Self::MessageText { .. } => one("What is your message?"),
            // The model has put it.
            Self::Open(_) => Vec::new(),
            Self::Confirm { write, .. } => {
                let named = |words| Template::filled(words, &[Part::Held(write.slot())]);
                match write {
                    Write::Book { .. } => vec![named("That would be {}."), Template::fixed("Shall I book it?")],
                    Write::Cancel { .. } => vec![named("You have {}."), Template::fixed("Shall I cancel it?")],
                    Write::Move { .. } => {
                        vec![named("The new time would be {}."), Template::fixed("Shall I move it to that time?")]
                    }
                }
            }
        }
    }

    /// The question in other words, for a caller who did not answer it.
    pub(super) fn again(&self) -> Vec<Template> {
        let one = |words| vec![Template::fixed(words)];
        match self {
            Self::Purpose | Self::MoreHelp | Self::Open(_) => one(
                "You can ask for an appointment, change or cancel one, ask for a refill, leave a message, or ask for our hours.",
            ),
            Self::WhichChange => one("Please say book, move, or cancel."),
            Self::Dob { .. } => {
                one("Please say the date of birth with month, day, and year, such as May first, nineteen eighty.")
            }
            Self::Name { spelled: false, .. } | Self::MessageName => {
                one("Please say the first name and then the last name.")
            }
            Self::Name { spelled: true, .. } => one("Please say the letters of the name one by one."),
            Self::Day(_) => one("Please say a day, such as next Monday, or say the earliest."),
            Self::Medicine => one("Please say the name of the medicine that you need."),
            Self::MessagePhone { .. } => one("Please say the telephone number with its area code, digit by digit."),
            Self::MessageText { .. } => one("Please say your message for the staff now."),
            Self::MayRecord
            | Self::DobRight { .. }
            | Self::PhoneRight { .. }
            | Self::Slot(_)
            | Self::Which(_)
            | Self::Confirm { .. } => {
                let mut all = self.first();
                all.push(Template::fixed("Please say yes or no."));
                all
            }
        }
    }
}

/// What is to be done with a tool's answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Names for the recogniser.
    ListNames { goal: Goal, dob: Placeholder },
    /// Who is calling.
    FindPatient { goal: Goal, dob: Placeholder },
    /// Free times.
    FindSlots(Search),
    /// The caller's appointments.
    FindAppointments { moving: bool },
    /// A time is being booked, or an appointment moved to it.
    Take(Offer),
    /// An appointment is being cancelled.
    Cancel(Placeholder),
    /// A refill is being asked for.
    Refill,
    /// A message is being left.
    Message,
    /// A cloud model asked for it and is told; `local` is what the local receptionist would do. `number` is the model's use.
    ForModel { number: u32, local: Box<Step> },
    /// A caller who was identified goes on with their wish.
    Pursue(Goal),
    /// The call went on without it: only what it did is remembered.
    Left,
}

/// A request to a tool that has not been answered.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) id: ToolId,
    pub(super) name: &'static str,
    pub(super) args: Vec<(&'static str, super::action::Argument)>,
    pub(super) step: Step,
    /// How the call ends well if this write succeeds.
    pub(super) outcome: Option<Outcome>,
}

/// What the caller told before being asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Volunteered {
    pub(super) name: Option<Placeholder>,
    pub(super) dob: Option<Placeholder>,
    pub(super) day: Option<Placeholder>,
    /// The day to move an appointment to.
    pub(super) target: Option<Placeholder>,
    pub(super) part: Option<&'static str>,
    pub(super) medicine: Option<Redacted>,
}

/// Who the caller is, as far as the box knows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Identity {
    /// Nobody in particular.
    #[default]
    Unknown,
    /// A name was given.
    Claimed { name: Placeholder },
    /// Name and date of birth match one patient.
    Verified { patient: Placeholder, name: Placeholder },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::{Facts, Said, evaluate};

    #[test]
    fn every_question_passes_the_gate_before_anything_was_done() {
        let held = |text: &str| text.parse::<Placeholder>().unwrap();
        let (name, date, slot, phone) = (held("[NAME_1]"), held("[DATE_1]"), held("[SLOT_1]"), held("[PHONE_1]"));
        let ask_name =
            |spelled, heard| Question::Name { goal: Goal::Book, dob: date, spelled, names: vec![name], heard };
        let search = |moving, rounds| Search { moving, rounds, ..Search::default() };
        let offer = |moving| {
            let (search, rest) = (search(moving, 1), Vec::new());
            Question::Slot(Offer { search, slot, rest, opening: "The next one", said: None, heard: true })
        };
        let confirm = |write| Question::Confirm { number: 1, write, said: None, heard: true };
        let which = |moving| Question::Which(Held { moving, slot, rest: Vec::new(), said: None, heard: true });
        let questions = [
            Question::Purpose,
            Question::MayRecord,
            Question::MoreHelp,
            Question::WhichChange,
            Question::Dob { goal: Goal::Book },
            Question::DobRight { goal: Goal::Book, dob: date },
            ask_name(false, None),
            ask_name(false, Some(name)),
            ask_name(true, None),
            Question::Day(search(None, 0)),
            Question::Day(search(None, 1)),
            offer(None),
            offer(Some(slot)),
            which(false),
            which(true),
            Question::Medicine,
            Question::MessageName,
            Question::MessagePhone { name: None },
            Question::PhoneRight { name: None, phone },
            Question::MessageText { name: None, phone: None },
            Question::Open(Open { expecting: Expecting::YesNo, named: vec![slot] }),
            confirm(Write::Book { slot }),
            confirm(Write::Cancel { slot }),
            confirm(Write::Move { from: slot, slot }),
        ];
        let facts = Facts { known: [name, date, slot, phone].into(), ..Facts::default() };
        for question in questions {
            for sentence in question.first().into_iter().chain(question.again()) {
                let said = Said { template: sentence.as_str(), mandatory: false };
                assert_eq!(evaluate(&said, &facts), Ok(()), "{sentence:?}");
            }
        }
    }
}
