//! A message for staff: who, at which number, what. Also what is left when nobody at the desk is free.

use crate::expect::Expecting;
use crate::placeholder::{Label, Placeholder};

use super::super::action::{Argument, Outcome};
use super::super::conversation::Conversation;
use super::super::event::{Heard, ToolAnswer, ToolFailure};
use super::super::state::{Identity, Question, State, Step};
use super::super::template::Template;
use super::super::words::{self, Intent};

impl Conversation {
    /// Takes a message, asking only for what is not known yet.
    pub(in super::super) fn begin_message(&mut self) {
        if !self.standing.record {
            return self.person("record-unavailable");
        }
        match self.claimed_name().or(self.volunteered.name) {
            Some(name) => self.ask(Question::MessagePhone { name: Some(name) }),
            None => self.ask(Question::MessageName),
        }
    }

    pub(super) fn message_name(&mut self, heard: &Heard) {
        let captured = heard.captured.filter(|c| c.placeholder.label == Label::Name).map(|c| c.placeholder);
        match captured.or_else(|| words::last(&heard.text, Label::Name)) {
            Some(name) => {
                self.hold(Identity::Claimed { name });
                self.ask(Question::MessagePhone { name: Some(name) });
            }
            None if self.leaves(heard) => {}
            None if self.missed_before() => self.ask(Question::MessagePhone { name: None }),
            None => self.miss(),
        }
    }

    pub(super) fn message_phone(&mut self, name: Option<Placeholder>, heard: &Heard) {
        let captured = heard.captured.filter(|c| c.expecting == Expecting::Phone && c.complete).map(|c| c.placeholder);
        match captured.filter(|p| p.label == Label::Phone) {
            Some(phone) => self.ask(Question::PhoneRight { name, phone }),
            None if self.leaves(heard) => {}
            // The number that the line reported will do; without any, the name must.
            None if self.missed_before() => {
                let phone = self.number.filter(|p| p.label == Label::Phone);
                self.ask(Question::MessageText { name, phone });
            }
            None => self.miss(),
        }
    }

    /// The number that was read back is wrong; the second time the message is taken without it.
    pub(super) fn phone_wrong(&mut self, name: Option<Placeholder>) {
        self.phone_tries = self.phone_tries.saturating_add(1);
        if self.phone_tries >= 2 {
            let phone = self.number.filter(|p| p.label == Label::Phone);
            return self.ask(Question::MessageText { name, phone });
        }
        self.ask(Question::MessagePhone { name });
    }

    /// "No, five one two ...": the right value instead of a no.
    pub(super) fn another_value(&mut self, question: &Question, heard: &Heard) -> bool {
        let Question::PhoneRight { name, phone } = question else { return false };
        match words::last(&heard.text, Label::Phone).filter(|other| other != phone) {
            Some(phone) => self.ask(Question::PhoneRight { name: *name, phone }),
            None => return false,
        }
        true
    }

    pub(super) fn message_text(&mut self, name: Option<Placeholder>, phone: Option<Placeholder>, heard: &Heard) {
        if self.leaves(heard) {
            return;
        }
        if heard.text.as_str().trim().is_empty() {
            return self.miss();
        }
        let mut args = Vec::new();
        if let Identity::Verified { patient, .. } = self.identity {
            args.push(("patient", Argument::Held(patient)));
        }
        args.extend(name.map(|name| ("name", Argument::Held(name))));
        args.extend(phone.map(|phone| ("phone", Argument::Held(phone))));
        args.push(("message", Argument::Free(heard.text.clone())));
        self.use_tool("leave_message", args, Step::Message, Some(Outcome::MessageLeft));
    }

    pub(super) fn message_left(&mut self, result: Result<ToolAnswer, ToolFailure>) {
        match result {
            Ok(answer) if !answer.items.is_empty() => {
                self.say(Template::fixed("Thank you. Your message is with the staff."));
            }
            Ok(_) | Err(_) => {
                // The words are in the record of the call; whoever reviews it sees this decision.
                self.decided("receptionist", "message-undelivered");
                self.say(Template::fixed(
                    "I could not reach the staff's system. Your words stay in the record of this call. If it matters, please call again.",
                ));
            }
        }
        self.more_help();
    }

    /// Whether the caller leaves the message, or asks something about it, instead of giving it.
    fn leaves(&mut self, heard: &Heard) -> bool {
        let leaves = match words::intent(&heard.text) {
            Some(Intent::NeverMind | Intent::Repeat | Intent::WrongNumber | Intent::WhatAreYou) => true,
            Some(Intent::Goodbye) => heard.text.as_str().split_whitespace().count() <= 2,
            Some(
                Intent::Book
                | Intent::Cancel
                | Intent::Move
                | Intent::SomeAppointment
                | Intent::Refill
                | Intent::Hours
                | Intent::Address
                | Intent::Message,
            )
            | None => false,
        };
        leaves && matches!(self.state, State::Asked(_)) && self.side_request(heard)
    }
}

#[cfg(test)]
mod tests {
    use crate::converse::script::play;

    #[test]
    fn a_message_is_taken_with_name_and_a_number_read_back() {
        play(
            "caller i want to leave a message
             box May I have your first and last name?
             listens name
             caller [NAME_1]
             box What telephone number can the staff reach you at?
             listens phone
             caller [PHONE_1] ...
             box I am sorry, I did not understand.
             box Please say the telephone number with its area code, digit by digit.
             caller [PHONE_2]
             box I have [PHONE_2]. Is that right?
             caller no
             box What telephone number can the staff reach you at?
             caller [PHONE_3]
             box I have [PHONE_3]. Is that right?
             caller yes that's correct
             box What is your message?
             caller please tell the doctor that my test results and a bill came and i want to talk about [DATE_1]
             box One moment, please.
             tool leave_message name=[NAME_1] phone=[PHONE_3] message='please tell the doctor that my test results and a \
             bill came and i want to talk about [DATE_1]'
             gives confirmation=[ID_1]
             box Thank you. Your message is with the staff.
             box Is there anything else I can help you with?
             caller no
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends message-left",
        );
    }

    #[test]
    fn a_number_corrected_in_the_answer_is_read_back_again() {
        play(
            "caller this is [NAME_1] please leave a message
             box What telephone number can the staff reach you at?
             caller [PHONE_1]
             box I have [PHONE_1]. Is that right?
             caller no it's [PHONE_2]
             box I have [PHONE_2]. Is that right?",
        );
    }

    #[test]
    fn a_message_that_could_not_be_delivered_is_not_claimed() {
        play(
            "down clinic
             caller can you take a message for doctor [NAME_2]
             box May I have your first and last name?
             caller [NAME_1]
             box What telephone number can the staff reach you at?
             caller [PHONE_1]
             box I have [PHONE_1]. Is that right?
             caller yes
             box What is your message?
             caller please call me back
             box One moment, please.
             tool leave_message name=[NAME_1] phone=[PHONE_1] message='please call me back'
             fails unavailable
             box I could not reach the staff's system. Your words stay in the record of this call. If it matters, please call again.
             box Is there anything else I can help you with?",
        );
    }
}
