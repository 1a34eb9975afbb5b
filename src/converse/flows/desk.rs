//! A person: asking the desk, what it hears, and what is left when nobody is free.

use super::super::action::Outcome;
use super::super::conversation::Conversation;
use super::super::state::{Identity, Question, State};
use super::super::template::{Part, Template};

impl Conversation {
    /// Turns to a person. Where the desk has refused already, takes a message or says goodbye.
    pub(in super::super) fn person(&mut self, reason: &'static str) {
        if self.state == State::AtDesk {
            return;
        }
        if self.desk_refused {
            return self.nobody_free();
        }
        self.say(Template::fixed("One moment, please. I will ask a person to take your call."));
        if self.records_transfer() {
            self.say(Template::fixed("The recording goes on. Press star to stop it."));
        }
        self.seek_desk(reason);
    }

    /// Asks the desk without a word to the caller.
    pub(in super::super) fn seek_desk(&mut self, reason: &'static str) {
        let brief = self.brief(reason);
        self.ring_desk(reason, brief);
    }

    /// The desk did not take the call.
    pub(in super::super) fn nobody_free(&mut self) {
        if self.outcome() == Outcome::Emergency {
            self.say_firmly(Template::fixed("Nobody at the clinic is free. Hang up and dial nine one one now."));
            return self.close();
        }
        if self.unheard > 1 {
            // No message can be taken from a caller of whom nothing comes.
            self.outcome = self.outcome.or(Some(Outcome::Silent));
            self.say(Template::fixed("I can not hear you. Please call again. Goodbye."));
            return self.close();
        }
        if !self.standing.record || self.message_tried {
            self.say(Template::fixed("Nobody is free at the moment. Please call again later."));
            return self.goodbye();
        }
        self.message_tried = true;
        self.say(Template::fixed("Nobody is free at the moment. I can take a message."));
        self.begin_message();
    }

    /// What the desk hears: who and what in the first breath (about twelve words in four seconds), then why.
    fn brief(&self, reason: &'static str) -> Template {
        let wish = match (reason, self.goal) {
            ("emergency", _) => "spoke of an emergency",
            ("another-patient", _) => "asks for another patient",
            (_, Some(goal)) => goal.wish(),
            (_, None) => "has not said what for",
        };
        let why = Part::Words(why(reason));
        let recorded = Part::Words(if self.records_transfer() { " This call is recorded." } else { "" });
        match self.identity {
            Identity::Verified { name, .. } => {
                Template::filled("{}, verified, {}. {}{}", &[Part::Held(name), Part::Words(wish), why, recorded])
            }
            Identity::Claimed { name } => {
                Template::filled("{}, not verified, {}. {}{}", &[Part::Held(name), Part::Words(wish), why, recorded])
            }
            Identity::Unknown => {
                Template::filled("A caller, not identified, {}. {}{}", &[Part::Words(wish), why, recorded])
            }
        }
    }

    /// Whether the open question was put before without an answer.
    pub(super) fn missed_before(&self) -> bool {
        self.misses >= 1 && matches!(self.state, State::Asked(Question::MessageName | Question::MessagePhone { .. }))
    }
}

/// A reason in words for the desk.
fn why(reason: &'static str) -> &'static str {
    match reason {
        "emergency" => "Please take the call at once.",
        "asked-for-person" => "The caller asked for a person.",
        "medical-advice" => "The caller asked for medical advice.",
        "test-results" => "The caller asked for test results.",
        "legal" => "The caller raised a legal matter.",
        "billing" => "The caller has a question about a bill.",
        "not-understood" => "I could not understand the caller.",
        "silence" => "The caller fell silent.",
        "not-identified" => "I could not find the patient.",
        "no-suitable-time" => "No time that I offered was right.",
        "clinic-unavailable" => "The appointment system does not answer.",
        "record-unavailable" => "The box can not keep its record at the moment.",
        "write-unconfirmed" => "Please check whether it went through.",
        "another-patient" => "I know only who is calling.",
        "not-allowed" => "The clinic's system refused the request.",
        _ => "The call took too long.",
    }
}

#[cfg(test)]
mod tests {
    use crate::converse::script::play;
    use crate::converse::{Event, Outcome};

    #[test]
    fn a_person_is_asked_for_at_once_and_the_desk_accepts() {
        let call = play(
            "caller representative
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: A caller, not identified, has not said what for. The caller asked for a person.
             caller hello
             silence
             desk accept
             bridge
             caller hello
             silence",
        );
        assert_eq!(call.conversation.outcome(), Outcome::HandedOver);
    }

    #[test]
    fn a_person_wished_for_inside_a_message_is_part_of_it_and_a_bare_wish_is_not() {
        let begun = "caller i want to leave a message
             box May I have your first and last name?
             caller [NAME_1]
             box What telephone number can the staff reach you at?
             caller [PHONE_1]
             box I have [PHONE_1]. Is that right?
             caller yes
             box What is your message?";
        play(&format!(
            "{begun}
             caller i would like to talk to the nurse about my knee
             box One moment, please.
             tool leave_message name=[NAME_1] phone=[PHONE_1] message='i would like to talk to the nurse about my knee'"
        ));
        play(&format!(
            "{begun}
             caller representative please
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: [NAME_1], not verified, has not said what for. The caller asked for a person."
        ));
    }

    #[test]
    fn a_person_asked_for_again_after_nobody_was_free_does_not_end_the_message() {
        play(
            "press 0
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: A caller, not identified, has not said what for. The caller asked for a person.
             desk none
             box Nobody is free at the moment. I can take a message.
             box May I have your first and last name?
             caller representative
             box I am sorry, nobody is free at the moment.
             box May I have your first and last name?
             listens name",
        );
    }

    #[test]
    fn zero_is_a_person_anywhere() {
        play(
            "caller i need an appointment
             box What is the patient's date of birth?
             press 0
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: A caller, not identified, wants to book an appointment. The caller asked for a person.",
        );
    }

    #[test]
    fn what_is_forbidden_goes_to_a_person_with_its_reason() {
        play(
            "caller what are my test results
             box One moment, please. I will ask a person to take your call.
             handoff test-results: A caller, not identified, has not said what for. The caller asked for test results.",
        );
    }

    #[test]
    fn when_nobody_is_free_a_message_is_taken_and_the_call_ends() {
        play(
            "caller this is [NAME_1] can i talk to a person
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: A caller, not identified, has not said what for. The caller asked for a person.
             desk decline
             box Nobody is free at the moment. I can take a message.
             box May I have your first and last name?
             caller [NAME_1]
             box What telephone number can the staff reach you at?
             caller [PHONE_1]
             box I have [PHONE_1]. Is that right?
             caller yes
             box What is your message?
             caller please call me
             box One moment, please.
             tool leave_message name=[NAME_1] phone=[PHONE_1] message='please call me'
             gives confirmation=[ID_1]
             box Thank you. Your message is with the staff.
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends message-left",
        );
    }

    #[test]
    fn an_emergency_is_scripted_and_a_person_is_called_without_a_question() {
        let call = play(
            "caller i have chess pain
             box! If this is a medical emergency, hang up and dial nine one one now. I am calling a person at the clinic for you.
             handoff! emergency: A caller, not identified, spoke of an emergency. Please take the call at once.
             desk accept
             bridge",
        );
        assert_eq!(call.conversation.outcome(), Outcome::Emergency);
    }

    #[test]
    fn a_caller_of_whom_nothing_ever_comes_is_told_so_then_a_person_is_asked_and_no_message_is() {
        let call = play(
            "unheard
             box I am sorry, I can not hear you.
             unheard
             box One moment, please. I will ask a person to take your call.
             handoff silence: A caller, not identified, has not said what for. The caller fell silent.
             unheard
             desk none
             box I can not hear you. Please call again. Goodbye.
             ends silent",
        );
        assert_eq!(call.conversation.outcome(), Outcome::Silent);
    }

    #[test]
    fn a_caller_who_is_heard_after_all_is_served_on() {
        play(
            "unheard
             box I am sorry, I can not hear you.
             caller i need an appointment
             box What is the patient's date of birth?
             unheard
             box I am sorry, I can not hear you.",
        );
    }

    #[test]
    fn a_caller_on_hold_for_the_desk_who_speaks_of_an_emergency_is_asked_for_anew_as_urgent() {
        let mut call = play(
            "press 0
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: A caller, not identified, has not said what for. The caller asked for a person.
             caller i can't breathe
             box! If this is a medical emergency, hang up and dial nine one one now. I am calling a person at the clinic for you.
             handoff! emergency: A caller, not identified, spoke of an emergency. Please take the call at once.
             caller please hurry i have chest pain
             box! If this is a medical emergency, hang up and dial nine one one now. I am calling a person at the clinic for you.",
        );
        assert!(call.conversation.waits_for_staff());
        // Those on call may take many minutes: a caller who says nothing meanwhile waits on.
        for _ in 0..100 {
            assert!(call.conversation.on(Event::Silence).is_empty());
        }
    }

    #[test]
    fn an_emergency_that_nobody_takes_ends_with_the_number_to_dial() {
        play(
            "caller she is not breathing
             box! If this is a medical emergency, hang up and dial nine one one now. I am calling a person at the clinic for you.
             handoff! emergency: A caller, not identified, spoke of an emergency. Please take the call at once.
             desk none
             box! Nobody at the clinic is free. Hang up and dial nine one one now.
             ends emergency",
        );
    }

    #[test]
    fn an_emergency_during_a_write_does_not_wait_for_it() {
        let mut call = play(
            "caller i want to leave a message
             box May I have your first and last name?
             caller [NAME_1]
             box What telephone number can the staff reach you at?
             caller [PHONE_1]
             box I have [PHONE_1]. Is that right?
             caller yes
             box What is your message?
             caller hello doctor
             box One moment, please.
             tool leave_message name=[NAME_1] phone=[PHONE_1] message='hello doctor'
             caller i can't breathe
             box! If this is a medical emergency, hang up and dial nine one one now. I am calling a person at the clinic for you.
             handoff! emergency: [NAME_1], not verified, spoke of an emergency. Please take the call at once.
             gives confirmation=[ID_1]",
        );
        assert_eq!(call.conversation.outcome(), Outcome::Emergency);
        assert!(call.conversation.on(Event::HungUp).is_empty());
    }
}
