//! What the caller wants, at the start, at the end, and in between.

use crate::placeholder::Label;

use super::super::action::Outcome;
use super::super::conversation::Conversation;
use super::super::event::Heard;
use super::super::state::{Goal, Identity, Question, State};
use super::super::template::{Part, Template};
use super::super::words::{self, Answer, Intent};

impl Conversation {
    /// "How can I help you?" was answered, or "anything else?".
    pub(super) fn request(&mut self, question: Question, heard: &Heard) {
        self.volunteer(heard);
        let more = question == Question::MoreHelp;
        match words::intent(&heard.text) {
            Some(Intent::NeverMind | Intent::Goodbye) if more => self.goodbye(),
            Some(intent) => self.serve(intent),
            None if more => match words::answer(&heard.text) {
                Answer::No => self.goodbye(),
                Answer::Yes => self.ask(Question::Purpose),
                Answer::Unclear => self.miss(),
            },
            None => self.miss(),
        }
    }

    /// Something else than the answer: a question in between, or another wish. False if the words ask for nothing.
    pub(super) fn side_request(&mut self, heard: &Heard) -> bool {
        let Some(intent) = words::intent(&heard.text) else { return false };
        let State::Asked(question) = self.state.clone() else { return false };
        let same = self.goal.is_some_and(|goal| goal.as_str() == intent.as_str());
        match intent {
            // In the middle of a wish these only describe it: "the appointment", "that time".
            Intent::SomeAppointment | Intent::Book => return false,
            Intent::Cancel | Intent::Move | Intent::Refill if same => return false,
            Intent::Hours | Intent::Address | Intent::WhatAreYou => {
                self.inform(intent);
                self.put(question, false);
            }
            Intent::Repeat => self.put(question, false),
            Intent::Cancel
            | Intent::Move
            | Intent::Refill
            | Intent::Message
            | Intent::WrongNumber
            | Intent::NeverMind
            | Intent::Goodbye => {
                self.volunteer(heard);
                self.serve(intent);
            }
        }
        true
    }

    fn serve(&mut self, intent: Intent) {
        self.decided("receptionist", intent.as_str());
        self.history.intent(intent.as_str());
        match intent {
            Intent::Book => self.begin(Goal::Book),
            Intent::Cancel => self.begin(Goal::Cancel),
            Intent::Move => self.begin(Goal::Move),
            Intent::Refill => self.begin(Goal::Refill),
            Intent::SomeAppointment => self.ask(Question::WhichChange),
            Intent::Hours | Intent::Address => {
                self.inform(intent);
                self.answered_something();
                self.more_help();
            }
            Intent::WhatAreYou => {
                self.inform(intent);
                self.ask(Question::Purpose);
            }
            Intent::Message => self.begin_message(),
            Intent::WrongNumber => {
                self.settle(Outcome::WrongNumber);
                self.say(Template::fixed("That is alright."));
                self.goodbye();
            }
            Intent::Repeat => {
                let State::Asked(question) = self.state.clone() else { return };
                self.put(question, false);
            }
            Intent::NeverMind => {
                self.say(Template::fixed("Alright."));
                self.more_help();
            }
            Intent::Goodbye => self.goodbye(),
        }
    }

    fn inform(&mut self, intent: Intent) {
        if intent == Intent::WhatAreYou {
            return self.disclose();
        }
        let template = if intent == Intent::Hours {
            Template::filled("We are open {}.", &[Part::ClinicHours(&self.clinic)])
        } else {
            Template::filled("We are at {}.", &[Part::ClinicAddress(&self.clinic)])
        };
        self.say(template);
    }

    /// Keeps what the caller told before being asked: "this is [NAME_1], I need an appointment on [DATE_1]".
    fn volunteer(&mut self, heard: &Heard) {
        let text = &heard.text;
        let told = &mut self.volunteered;
        told.name = words::own_name(text).or(told.name);
        told.dob = words::own_birthday(text).or(told.dob);
        told.day = words::last(text, Label::Date).filter(|date| Some(*date) != told.dob).or(told.day);
        told.part = words::part_of_day(text).or(told.part);
        if words::names_medicine(text) {
            told.medicine = Some(text.clone());
        }
        if let (Some(name), Identity::Unknown) = (told.name, self.identity) {
            self.hold(Identity::Claimed { name });
        }
    }

    /// The last words of a call.
    pub(super) fn thank(&mut self) {
        let thanks = Template::filled("Thank you for calling {}. Goodbye.", &[Part::ClinicName(&self.clinic)]);
        self.say(thanks);
    }
}
