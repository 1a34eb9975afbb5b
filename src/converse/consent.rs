//! Consent to being recorded: the notice, the one question, and what the caller says to either at any time.
//!
//! ```text
//!   notice:  Noticing ──heard to its end──> Granted ──"stop recording", star──> Withdrawn
//!                 └──talked over, or an objection──> Declined
//!   ask:     Asking ──a bare yes to the whole question──> Granted
//!                 └──anything else: a no, silence, noise, another wish──> Declined
//! ```
//!
//! In:  the call's [`Plan`], and what happens. Out: [`Action::Consent`] for each change; what is recorded is the driver's.
//! Where nothing is to be recorded, not one sentence is said about it. The question is put once, and whatever the answer
//! the call goes on in the same way.

use crate::config::record::Recording;
use crate::guard::Verdict;
use crate::guard::recording::Plan;

use super::action::{Action, SayId};
use super::conversation::Conversation;
use super::event::Heard;
use super::state::{Question, State};
use super::template::Template;
use super::words::{self, Answer};

/// Words in a plain yes or no: "yes that is fine". More may be about something else.
const BARE: usize = 4;
/// Words in an objection that is nothing but one: "no i do not want you to record this call".
const BARE_OBJECTION: usize = 10;

/// What stands between the box and recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing has been said about it.
    Unsaid,
    /// The notice is being said.
    Noticing(SayId),
    /// The question was put; whether it was heard to its end.
    Asking { said: SayId, heard: bool },
    /// The call may be recorded.
    Granted,
    /// It may not.
    Declined,
    /// It was, and may no longer be.
    Withdrawn,
}

/// Consent in one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consent {
    plan: Plan,
    stage: Stage,
}

impl Default for Consent {
    fn default() -> Self {
        Self { plan: Plan::OFF, stage: Stage::Unsaid }
    }
}

impl Conversation {
    /// The same conversation in a call that may be recorded by `plan`.
    #[must_use]
    pub fn with_recording(mut self, plan: Plan) -> Self {
        self.consent.plan = plan;
        self
    }

    /// What holds for this call's recording.
    #[must_use]
    pub fn recording(&self) -> &Plan {
        &self.consent.plan
    }

    /// Whether the call goes on being recorded when staff take it now.
    #[must_use]
    pub fn records_transfer(&self) -> bool {
        self.consent.stage == Stage::Granted && self.consent.plan.transfers()
    }

    /// What follows the disclosure: the notice or the question, and the call's own first question.
    pub(super) fn open(&mut self) {
        let next = SayId(self.next_say);
        match self.consent.plan.mode() {
            Recording::Off => self.ask(Question::Purpose),
            Recording::Notice => {
                self.consent.stage = Stage::Noticing(next);
                self.say(Template::fixed("This call is recorded. If you do not want that, say do not record."));
                self.ask(Question::Purpose);
            }
            Recording::Ask => {
                self.consent.stage = Stage::Asking { said: next, heard: false };
                self.ask(Question::MayRecord);
            }
        }
    }

    fn consented(&mut self, stage: Stage, by: &'static str, result: &'static str) {
        self.consent.stage = stage;
        self.out.push(Action::Consent { by, result });
    }

    /// A sentence ended: perhaps the notice, or the question.
    pub(super) fn consent_played(&mut self, id: SayId, whole: bool) {
        if matches!(self.state, State::Bridged | State::Over) {
            return;
        }
        match &mut self.consent.stage {
            Stage::Noticing(said) if *said == id && whole => self.consented(Stage::Granted, "notice", "notice-heard"),
            // A notice that was talked over has not ended.
            Stage::Noticing(said) if *said == id => self.consented(Stage::Declined, "notice", "declined"),
            Stage::Asking { said, heard } if *said == id => *heard = whole,
            Stage::Unsaid
            | Stage::Noticing(_)
            | Stage::Asking { .. }
            | Stage::Granted
            | Stage::Declined
            | Stage::Withdrawn => {}
        }
    }

    /// The question is open: the caller's words are the answer to it, or no answer. True where that was all they said.
    pub(super) fn consent_heard(&mut self, heard: &Heard) -> bool {
        if self.state != State::Asked(Question::MayRecord) {
            return false;
        }
        let said = heard.text.as_str().split_whitespace().count();
        let answer = words::answer(&heard.text);
        if heard.verdict == Verdict::Proceed && said <= BARE && answer == Answer::Yes && !heard.objects {
            self.may_record(true);
            return true;
        }
        // "I can't breathe" is short and has a "can't" in it: what the policy sees is never only an answer.
        let proceeds = heard.verdict == Verdict::Proceed;
        let declines = proceeds && (heard.objects && said <= BARE_OBJECTION || said <= BARE && answer == Answer::No);
        let wish = !proceeds || words::intent(&heard.text).is_some() || said > BARE_OBJECTION;
        if declines || !wish {
            self.may_record(false);
            return true;
        }
        // The caller came to the point: that is what the call is about, and no answer.
        self.consented(Stage::Declined, "caller", "declined");
        self.state = State::Asked(Question::Purpose);
        false
    }

    /// The question has its answer; the call goes on.
    pub(super) fn may_record(&mut self, yes: bool) {
        // Who did not hear the question to its end has not agreed to it.
        if yes && matches!(self.consent.stage, Stage::Asking { heard: true, .. }) {
            self.consented(Stage::Granted, "caller", "granted");
            self.say(Template::fixed("Thank you. You can say stop recording at any time."));
        } else {
            self.consented(Stage::Declined, "caller", "declined");
        }
        self.ask(Question::Purpose);
    }

    /// The question was open when a key was pressed. True where the key answered it.
    pub(super) fn consent_pressed(&mut self, key: char) -> bool {
        if self.state != State::Asked(Question::MayRecord) {
            return false;
        }
        match key {
            '1' | '2' => self.may_record(key == '1'),
            _ => {
                self.consented(Stage::Declined, "caller", "declined");
                self.state = State::Asked(Question::Purpose);
                return false;
            }
        }
        true
    }

    /// Whether the question is open; then silence and noise are no yes.
    pub(super) fn asks_to_record(&self) -> bool {
        self.state == State::Asked(Question::MayRecord)
    }

    /// The caller objects, with words or the star key. True where that was all they said.
    pub(super) fn objected(&mut self, heard: Option<&Heard>) -> bool {
        match self.consent.stage {
            Stage::Unsaid => return false,
            Stage::Granted => {
                self.consented(Stage::Withdrawn, "caller", "withdrawn");
                self.say(Template::fixed("The recording has stopped. What was recorded before is kept."));
            }
            Stage::Noticing(_) | Stage::Asking { .. } => {
                self.consented(Stage::Declined, "caller", "declined");
                self.say(Template::fixed("This call is not recorded."));
            }
            Stage::Declined => self.say(Template::fixed("This call is not recorded.")),
            Stage::Withdrawn => self.say(Template::fixed("The recording has stopped.")),
        }
        let long = |heard: &Heard| heard.text.as_str().split_whitespace().count() > BARE_OBJECTION;
        if heard.is_some_and(|heard| heard.verdict != Verdict::Proceed || long(heard)) {
            return false;
        }
        if let State::Asked(question) = self.state.clone() {
            if self.hides(&question) {
                self.person("record-unavailable");
            } else {
                self.put(question, false);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::config::record::Recording;
    use crate::config::state::State;
    use crate::converse::Conversation;
    use crate::converse::script::{Call, clinic};
    use crate::guard::recording::Plan;
    use crate::ids::CallId;
    use crate::secret::Secret;

    /// A call in which `[record]` asks for `configured`, from Texas to Texas.
    fn call(configured: Recording, table: &str) -> Call {
        let plan = Plan::new(configured, true, State::find("TX"), &Secret::new("5125550143"));
        let mut call = Call::ringing(Conversation::new(CallId::draw(), clinic()).with_recording(plan));
        call.play(
            "box! Thank you for calling Riverside Family Clinic. This is an automated assistant that uses A I, not a \
             person. To reach a person at any time, say representative or press zero.",
        );
        call.play(table);
        call
    }

    const NOTICE: &str = "box This call is recorded. If you do not want that, say do not record.
                          box How can I help you?\n";
    const ASK: &str = "box May I record this call?
                       listens yes-no\n";
    const ASKED: &str = "box May I record this call?
                         listens yes-no
                         hears May I\n";

    fn notice(table: &str) -> Call {
        call(Recording::Notice, &format!("{NOTICE}{table}"))
    }

    fn asked(table: &str) -> Call {
        call(Recording::Ask, &format!("{ASKED}{table}"))
    }

    #[test]
    fn where_nothing_is_recorded_not_a_sentence_is_said_about_it() {
        call(
            Recording::Off,
            "box How can I help you?
             press *
             caller do not record this
             box I am sorry, I did not understand.
             box You can ask for an appointment, change or cancel one, ask for a refill, leave a message, or ask for our hours.",
        );
    }

    #[test]
    fn a_notice_counts_when_it_was_heard_to_its_end() {
        notice("hears This call is recorded\nconsent notice notice-heard");
        notice("cuts This call is recorded\nconsent notice declined\nhears How can I");
    }

    #[test]
    fn an_objection_to_the_notice_is_honoured_before_its_end_and_after() {
        notice(
            "caller do not record
             consent caller declined
             box This call is not recorded.
             box How can I help you?
             hears This call is recorded",
        );
        notice(
            "hears This call is recorded
             consent notice notice-heard
             caller stop recording please
             consent caller withdrawn
             box The recording has stopped. What was recorded before is kept.
             box How can I help you?
             caller don't record this
             box The recording has stopped.
             box How can I help you?",
        );
        notice(
            "hears This call is recorded
             consent notice notice-heard
             press *
             consent caller withdrawn
             box The recording has stopped. What was recorded before is kept.
             box How can I help you?",
        );
    }

    #[test]
    fn a_bare_yes_to_the_whole_question_is_consent() {
        for yes in ["yes", "yes please", "sure", "that's fine"] {
            asked(&format!(
                "caller {yes}
                 consent caller granted
                 box Thank you. You can say stop recording at any time.
                 box How can I help you?
                 listens anything"
            ));
        }
        asked(
            "press 1\nconsent caller granted\nbox Thank you. You can say stop recording at any time.\nbox How can I help you?",
        );
    }

    #[test]
    fn whatever_else_comes_is_a_no_and_the_call_goes_on() {
        let goes_on = "consent caller declined\nbox How can I help you?\nlistens anything";
        for no in [
            "caller no",
            "caller no thank you",
            "caller um",
            "caller please do not record me",
            "silence",
            "noise",
            "press 2",
        ] {
            asked(&format!("{no}\n{goes_on}"));
        }
        // Talked over: the yes is to something that was not heard.
        call(Recording::Ask, &format!("{ASK}cuts May I\ncaller yes\n{goes_on}"));
        call(Recording::Ask, &format!("{ASK}caller yes\n{goes_on}"));
    }

    #[test]
    fn a_caller_who_comes_to_the_point_is_not_asked_again() {
        asked(
            "caller yes i need an appointment
             consent caller declined
             box What is the patient's date of birth?",
        );
        asked(
            "caller representative
             consent caller declined
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: A caller, not identified, has not said what for. The caller asked for a person.",
        );
        asked(
            "press 0
             consent caller declined
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: A caller, not identified, has not said what for. The caller asked for a person.
             desk none
             box Nobody is free at the moment. I can take a message.
             box May I have your first and last name?",
        );
        asked(
            "caller i can't breathe
             consent caller declined
             box! If this is a medical emergency, hang up and dial nine one one now. I am calling a person at the clinic for you.
             handoff! emergency: A caller, not identified, spoke of an emergency. Please take the call at once.",
        );
    }

    #[test]
    fn an_objection_in_the_middle_of_a_flow_leaves_the_question_open() {
        asked(
            "caller yes
             consent caller granted
             box Thank you. You can say stop recording at any time.
             box How can I help you?
             caller i need an appointment
             box What is the patient's date of birth?
             caller stop recording this
             consent caller withdrawn
             box The recording has stopped. What was recorded before is kept.
             box What is the patient's date of birth?
             listens dob",
        );
    }

    #[test]
    fn staff_hear_that_a_call_is_recorded_only_where_it_is() {
        let mut recorded = notice(
            "hears This call is recorded
             consent notice notice-heard
             caller representative
             box One moment, please. I will ask a person to take your call.
             box The recording goes on. Press star to stop it.
             handoff asked-for-person: A caller, not identified, has not said what for. The caller asked for a person. This call is recorded.",
        );
        assert!(recorded.conversation.records_transfer());
        recorded.play(
            "press *
             consent caller withdrawn
             box The recording has stopped. What was recorded before is kept.",
        );
        assert!(!recorded.conversation.records_transfer());
    }
}
