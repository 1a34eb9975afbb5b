//! What the local receptionist does with an answer: one file a wish.
//!
//! In:  the question that was open and what was heard. Out: calls on [`Conversation`]'s building blocks, which queue the
//! actions. Nothing here decides what may be said: every sentence passes the gate in front of the voice.

mod booking;
mod desk;
mod held;
mod identity;
mod message;
mod refill;
mod requests;

use super::action::Outcome;
use super::conversation::Conversation;
use super::event::{Heard, ToolAnswer, ToolFailure};
use super::state::{Question, Step};
use super::words::{self, Answer};

impl Conversation {
    /// The caller answered, or said something else.
    pub(super) fn answer(&mut self, question: Question, heard: &Heard) {
        match question {
            Question::Purpose | Question::MoreHelp | Question::WhichChange => self.request(question, heard),
            Question::Dob { goal } => self.dob(goal, heard),
            Question::Name { .. } => self.name(question, heard),
            Question::Day(search) => self.day(search, heard),
            Question::Medicine => self.medicine(heard),
            Question::MessageName => self.message_name(heard),
            Question::MessagePhone { name } => self.message_phone(name, heard),
            Question::MessageText { name, phone } => self.message_text(name, phone, heard),
            // What stood open is asked about as at the beginning.
            Question::Open(_) => self.request(Question::Purpose, heard),
            Question::MayRecord
            | Question::Slot(_)
            | Question::Which(_)
            | Question::DobRight { .. }
            | Question::PhoneRight { .. }
            | Question::Confirm { .. } => {
                self.yes_or_no(question, heard);
            }
        }
    }

    fn yes_or_no(&mut self, question: Question, heard: &Heard) {
        let answer = words::answer(&heard.text);
        if self.another_day(&question, heard, answer) || self.another_value(&question, heard) {
            return;
        }
        match answer {
            Answer::Yes => self.yes(question),
            Answer::No => self.no(question),
            Answer::Unclear if self.side_request(heard) => {}
            Answer::Unclear => self.miss(),
        }
    }

    /// A yes to a question that asks for one.
    pub(super) fn yes(&mut self, question: Question) {
        match question {
            Question::Slot(offer) if offer.heard => self.take(offer),
            Question::Which(held) if held.heard => self.this_one(held),
            Question::Confirm { number, write, heard: true, .. } => self.write(number, write),
            // The caller did not hear what the yes is to.
            Question::Slot(_) | Question::Which(_) | Question::Confirm { .. } => self.put(question, false),
            Question::MayRecord => self.may_record(true),
            Question::DobRight { goal, dob } => self.dob_known(goal, dob),
            Question::PhoneRight { name, phone } => self.ask(Question::MessageText { name, phone: Some(phone) }),
            Question::Purpose
            | Question::MoreHelp
            | Question::WhichChange
            | Question::Dob { .. }
            | Question::Name { .. }
            | Question::Day(_)
            | Question::Medicine
            | Question::MessageName
            | Question::MessagePhone { .. }
            | Question::MessageText { .. }
            | Question::Open(_) => self.miss(),
        }
    }

    /// A no to a question that asks for a yes or a no.
    pub(super) fn no(&mut self, question: Question) {
        match question {
            Question::Slot(offer) => self.next_offer(offer),
            Question::Which(held) => self.next_held(held),
            Question::MayRecord => self.may_record(false),
            Question::DobRight { goal, .. } => self.dob_wrong(goal),
            Question::PhoneRight { name, .. } => self.phone_wrong(name),
            Question::Confirm { number, write, .. } => self.write_declined(number, write),
            Question::Purpose
            | Question::MoreHelp
            | Question::WhichChange
            | Question::Dob { .. }
            | Question::Name { .. }
            | Question::Day(_)
            | Question::Medicine
            | Question::MessageName
            | Question::MessagePhone { .. }
            | Question::MessageText { .. }
            | Question::Open(_) => self.miss(),
        }
    }

    /// A tool answered while the caller was waiting for it.
    pub(super) fn go_on(&mut self, step: Step, result: Result<ToolAnswer, ToolFailure>) {
        match (step, result) {
            (Step::ListNames { goal, dob }, result) => self.names_listed(goal, dob, result),
            (Step::FindPatient { goal, dob }, Ok(answer)) => self.patient_found(goal, dob, &answer),
            (Step::FindSlots(search), Ok(answer)) => self.slots_found(search, &answer),
            (Step::FindAppointments { moving }, Ok(answer)) => self.appointments_found(moving, &answer),
            (Step::Take(offer), result) => self.taken(offer, result),
            (Step::Cancel(slot), result) => self.cancelled(slot, result),
            (Step::Refill, result) => self.refill_sent(result),
            (Step::Message, result) => self.message_left(result),
            (Step::ForModel { local, .. }, result) => self.tell_model(*local, result),
            (Step::Pursue(goal), _) => self.pursue_locally(goal),
            (Step::Left, _) => {}
            (Step::FindPatient { .. } | Step::FindSlots(_) | Step::FindAppointments { .. }, Err(failure)) => {
                self.read_failed(failure);
            }
        }
    }

    fn read_failed(&mut self, failure: ToolFailure) {
        self.decided("receptionist", failure.as_str());
        match failure {
            ToolFailure::Forbidden => self.person("not-allowed"),
            ToolFailure::Unavailable | ToolFailure::Conflict | ToolFailure::Failed | ToolFailure::Declined => {
                self.person("clinic-unavailable");
            }
        }
    }

    /// Nothing more to do for this wish.
    pub(super) fn more_help(&mut self) {
        if self.desk_refused {
            return self.goodbye();
        }
        self.ask(Question::MoreHelp);
    }

    /// The last words.
    pub(super) fn goodbye(&mut self) {
        self.thank();
        self.close();
    }

    fn answered_something(&mut self) {
        self.settle(Outcome::Answered);
    }
}
