//! What the caller wants, at the start, at the end, and in between.

use crate::placeholder::Label;
use crate::wire::tool::IdentityLevel;

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
            // The box knows who this caller is, not whom else they may speak for.
            Some(Intent::Book | Intent::Cancel | Intent::Move | Intent::Refill)
                if self.identity() >= IdentityLevel::Verified && words::for_another(&heard.text) =>
            {
                self.person("another-patient");
            }
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
        self.forget_identifying();
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

    /// Keeps what the caller told before being asked: a name, a date of birth, a day.
    pub(in super::super) fn volunteer(&mut self, heard: &Heard) {
        let text = &heard.text;
        let told = &mut self.volunteered;
        told.name = words::own_name(text).or(told.name);
        told.dob = words::own_birthday(text).or(told.dob);
        told.day = words::last(text, Label::Date).filter(|date| Some(*date) != told.dob).or(told.day);
        told.target = words::target_day(text).or(told.target);
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

#[cfg(test)]
mod tests {
    use crate::converse::script::play;
    use crate::converse::{Event, Outcome};

    #[test]
    fn hours_and_address_are_answered_to_anybody() {
        play(
            "caller what are your hours
             box We are open Monday to Friday, eight to five.
             box Is there anything else I can help you with?
             caller and where are you located
             box We are at 1450 River Road, Suite 210.
             box Is there anything else I can help you with?
             caller no that's all
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends answered",
        );
    }

    #[test]
    fn asked_whether_it_is_a_robot_the_box_says_so_again() {
        play(
            "caller are you a real person
             box! Thank you for calling Riverside Family Clinic. This is an automated assistant that uses A I, not a \
             person. To reach a person at any time, say representative or press zero.
             box How can I help you?",
        );
    }

    #[test]
    fn a_wrong_number_is_let_go_kindly() {
        play(
            "caller oh sorry wrong number
             box That is alright.
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends wrong-number",
        );
    }

    #[test]
    fn an_unclear_wish_about_an_appointment_is_asked_about() {
        play(
            "caller it's about my appointment
             box Would you like to book, move, or cancel an appointment?
             caller move it
             box What is the patient's date of birth?",
        );
    }

    #[test]
    fn another_wish_in_the_middle_replaces_the_first() {
        play(
            "caller i need an appointment
             box What is the patient's date of birth?
             caller oh i want to leave a message instead
             box May I have your first and last name?
             caller never mind
             box Alright.
             box Is there anything else I can help you with?",
        );
    }

    #[test]
    fn what_is_not_understood_is_asked_otherwise_and_then_a_person_helps() {
        play(
            "caller purple monkey dishwasher
             box I am sorry, I did not understand.
             box You can ask for an appointment, change or cancel one, ask for a refill, leave a message, or ask for our hours.
             noise
             box I am sorry, I still did not understand. You can press zero for a person.
             box You can ask for an appointment, change or cancel one, ask for a refill, leave a message, or ask for our hours.
             noise
             box One moment, please. I will ask a person to take your call.
             handoff not-understood: A caller, not identified, has not said what for. I could not understand the caller.",
        );
    }

    #[test]
    fn a_caller_who_never_speaks_is_let_go_after_three_silences() {
        let call = play(
            "silence
             box Are you still there?
             box How can I help you?
             silence
             box I did not hear you. Please speak up, or press zero for a person.
             box You can ask for an appointment, change or cancel one, ask for a refill, leave a message, or ask for our hours.
             silence
             box I can not hear you. Please call again. Goodbye.
             ends silent",
        );
        assert_eq!(call.conversation.outcome(), Outcome::Silent);
    }

    #[test]
    fn a_caller_who_falls_silent_goes_to_a_person() {
        play(
            "caller i need an appointment
             box What is the patient's date of birth?
             silence
             box Are you still there?
             box What is the patient's date of birth?
             silence
             box I did not hear you. Please speak up, or press zero for a person.
             box Please say the date of birth with month, day, and year, such as May first, nineteen eighty.
             silence
             box One moment, please. I will ask a person to take your call.
             handoff silence: A caller, not identified, wants to book an appointment. The caller fell silent.",
        );
    }

    #[test]
    fn after_hanging_up_nothing_is_said_and_what_was_reached_stays() {
        let mut call = play(
            "caller what are your hours
             box We are open Monday to Friday, eight to five.
             box Is there anything else I can help you with?
             hangs up",
        );
        assert_eq!(call.conversation.outcome(), Outcome::Answered);
        for event in [Event::Silence, Event::NotUnderstood, Event::Pressed('0'), Event::HungUp] {
            assert_eq!(call.conversation.on(event), []);
        }
    }
}
