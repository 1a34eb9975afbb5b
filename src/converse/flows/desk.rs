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
        self.to_desk(reason);
    }

    /// Asks the desk without a word to the caller.
    pub(in super::super) fn to_desk(&mut self, reason: &'static str) {
        let brief = self.brief(reason);
        self.ring_desk(reason, brief);
    }

    /// The desk did not take the call.
    pub(in super::super) fn nobody_free(&mut self) {
        if self.outcome() == Outcome::Emergency {
            self.say_firmly(Template::fixed("Nobody at the clinic is free. Hang up and dial nine one one now."));
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
            (_, Some(goal)) => goal.wish(),
            (_, None) => "has not said what for",
        };
        let why = Part::Words(why(reason));
        match self.identity {
            Identity::Verified { name, .. } => {
                Template::filled("{}, verified, {}. {}", &[Part::Held(name), Part::Words(wish), why])
            }
            Identity::Claimed { name } => {
                Template::filled("{}, not verified, {}. {}", &[Part::Held(name), Part::Words(wish), why])
            }
            Identity::Unknown => Template::filled("A caller, not identified, {}. {}", &[Part::Words(wish), why]),
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
        "not-allowed" => "The clinic's system refused the request.",
        _ => "The call took too long.",
    }
}
