//! Who is calling: date of birth, then name, then one match in the clinic's systems (45 CFR 164.514(h)).
//!
//! The names of the patients born on that day go to the recogniser and are never spoken: a name that is too unsure is
//! asked for again, and counts when it is heard the same twice.

use crate::expect::Expecting;
use crate::placeholder::{Label, Placeholder};

use super::super::action::Argument;
use super::super::conversation::Conversation;
use super::super::event::{Heard, ToolAnswer, ToolFailure};
use super::super::state::{Goal, Identity, Question, Step};
use super::super::template::Template;
use super::super::words;

/// Below this mean confidence of a turn, a date of birth is read back and a name asked for again. A first value to be
/// tuned against recorded calls; a wrong identity also has to get past the match of name and date of birth.
const UNSURE: f32 = 0.3;
/// Failed look-ups after which a person takes over: one slip of date or name, one of spelling.
const MOST_LOOKUPS: u8 = 3;

impl Conversation {
    /// Begins a wish that needs to know who is calling.
    pub(in super::super) fn begin(&mut self, goal: Goal) {
        self.goal = Some(goal);
        if !self.standing.record {
            return self.person("record-unavailable");
        }
        if !self.standing.clinic {
            return self.person("clinic-unavailable");
        }
        match (self.identity, self.volunteered.dob.take()) {
            (Identity::Verified { .. }, _) => self.pursue(goal),
            (Identity::Unknown | Identity::Claimed { .. }, Some(dob)) => self.dob_known(goal, dob),
            (Identity::Unknown | Identity::Claimed { .. }, None) => self.ask(Question::Dob { goal }),
        }
    }

    /// Goes on with a verified caller.
    pub(super) fn pursue(&mut self, goal: Goal) {
        if !self.identified_for_model(goal) {
            self.pursue_locally(goal);
        }
    }

    pub(super) fn pursue_locally(&mut self, goal: Goal) {
        match goal {
            Goal::Book => self.begin_search(None),
            Goal::Cancel => self.look_for_appointments(false),
            Goal::Move => self.look_for_appointments(true),
            Goal::Refill => self.begin_refill(),
            Goal::Other => self.more_help(),
        }
    }

    pub(super) fn dob(&mut self, goal: Goal, heard: &Heard) {
        self.take_name_on_the_way(heard);
        match heard.captured.filter(|c| c.expecting == Expecting::Dob && c.placeholder.label == Label::Date) {
            Some(captured) if !captured.complete => self.miss(),
            Some(captured) if heard.confidence < UNSURE => {
                self.ask(Question::DobRight { goal, dob: captured.placeholder });
            }
            Some(captured) => self.dob_known(goal, captured.placeholder),
            None if self.side_request(heard) => {}
            None => self.miss(),
        }
    }

    /// "Mary Lopez, March fourth nineteen sixty two": the name comes with the date.
    fn take_name_on_the_way(&mut self, heard: &Heard) {
        if let Some(name) = words::last(&heard.text, Label::Name) {
            self.volunteered.name = Some(name);
        }
    }

    pub(super) fn dob_wrong(&mut self, goal: Goal) {
        self.lookups = self.lookups.saturating_add(1);
        if self.lookups >= MOST_LOOKUPS {
            return self.person("not-identified");
        }
        self.ask(Question::Dob { goal });
    }

    pub(super) fn dob_known(&mut self, goal: Goal, dob: Placeholder) {
        // A name told unasked was heard without the list of names, so it is tried at once but only once.
        if let Some(name) = self.volunteered.name.take() {
            return self.look_up(goal, dob, name);
        }
        self.list_names(goal, dob);
    }

    fn list_names(&mut self, goal: Goal, dob: Placeholder) {
        self.use_tool("list_names", vec![("dob", Argument::Held(dob))], Step::ListNames { goal, dob }, None);
    }

    /// Asks for the name whether or not anybody was born on that day: the question must not tell.
    pub(super) fn names_listed(&mut self, goal: Goal, dob: Placeholder, result: Result<ToolAnswer, ToolFailure>) {
        if result == Err(ToolFailure::Unavailable) {
            return self.read_failed(ToolFailure::Unavailable);
        }
        let names = result.map(|answer| answer.held("name")).unwrap_or_default();
        let spelled = self.lookups >= MOST_LOOKUPS.saturating_sub(1);
        self.ask(Question::Name { goal, dob, spelled, names, heard: None });
    }

    pub(super) fn name(&mut self, question: Question, heard: &Heard) {
        let Question::Name { goal, dob, spelled, names, heard: before } = question else { return };
        let captured = heard.captured.filter(|c| c.placeholder.label == Label::Name).map(|c| c.placeholder);
        let Some(name) = captured.or_else(|| words::last(&heard.text, Label::Name)) else {
            if !self.side_request(heard) {
                self.miss();
            }
            return;
        };
        let sure = spelled || heard.confidence >= UNSURE || before == Some(name);
        match (sure, before) {
            (true, _) => self.look_up(goal, dob, name),
            (false, None) => self.ask(Question::Name { goal, dob, spelled, names, heard: Some(name) }),
            (false, Some(_)) => self.ask(Question::Name { goal, dob, spelled: true, names, heard: None }),
        }
    }

    fn look_up(&mut self, goal: Goal, dob: Placeholder, name: Placeholder) {
        self.hold(Identity::Claimed { name });
        let args = vec![("dob", Argument::Held(dob)), ("name", Argument::Held(name))];
        self.use_tool("find_patient", args, Step::FindPatient { goal, dob }, None);
    }

    pub(super) fn patient_found(&mut self, goal: Goal, dob: Placeholder, answer: &ToolAnswer) {
        let patients = answer.held("patient");
        if let [patient] = patients.as_slice() {
            let claimed = self.claimed_name();
            let name = answer.held("name").first().copied().or(claimed);
            if let Some(name) = name {
                self.decided("receptionist", "identity-verified");
                self.hold(Identity::Verified { patient: *patient, name });
                return self.pursue(goal);
            }
        }
        self.decided("receptionist", if patients.len() > 1 { "identity-ambiguous" } else { "identity-not-found" });
        self.lookups = self.lookups.saturating_add(1);
        if patients.len() > 1 || self.lookups >= MOST_LOOKUPS {
            return self.person("not-identified");
        }
        // The same words for a wrong name and a wrong date: the answer must not tell which of them exists.
        self.say(Template::fixed("I could not find a record with that name and date of birth. Let us try once more."));
        if self.lookups == 1 { self.ask(Question::Dob { goal }) } else { self.list_names(goal, dob) }
    }

    /// The name that the caller goes by.
    pub(super) fn claimed_name(&self) -> Option<Placeholder> {
        match self.identity {
            Identity::Unknown => None,
            Identity::Claimed { name } | Identity::Verified { name, .. } => Some(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::converse::script::play;
    use crate::wire::tool::IdentityLevel;

    #[test]
    fn a_name_told_unasked_is_used_and_not_asked_for() {
        let call = play(
            "caller this is [NAME_1] i need to cancel my appointment
             identity claimed
             box What is the patient's date of birth?
             caller [DATE_1]
             tool find_patient dob=[DATE_1] name=[NAME_1]
             gives patient=[PATIENT_1] name=[NAME_2]
             identity verified
             tool find_appointments patient=[PATIENT_1]",
        );
        assert_eq!(call.conversation.identity(), IdentityLevel::Verified);
    }

    #[test]
    fn the_name_of_a_doctor_is_not_taken_for_the_callers() {
        play(
            "caller i need an appointment with doctor [NAME_1]
             box What is the patient's date of birth?
             caller [DATE_1]
             tool list_names dob=[DATE_1]",
        );
    }

    #[test]
    fn a_patient_who_is_not_found_is_asked_again_then_for_letters_then_a_person_helps() {
        play(
            "caller i need an appointment
             box What is the patient's date of birth?
             caller [DATE_1]
             tool list_names dob=[DATE_1]
             gives
             box What is the patient's first and last name?
             caller [NAME_1]
             tool find_patient dob=[DATE_1] name=[NAME_1]
             gives
             box I could not find a record with that name and date of birth. Let us try once more.
             box What is the patient's date of birth?
             caller [DATE_2]
             tool list_names dob=[DATE_2]
             gives name=[NAME_2]
             box What is the patient's first and last name?
             caller [NAME_3]
             tool find_patient dob=[DATE_2] name=[NAME_3]
             gives
             box I could not find a record with that name and date of birth. Let us try once more.
             tool list_names dob=[DATE_2]
             gives name=[NAME_2]
             box Please spell the patient's first and last name, letter by letter.
             listens name-spelled [NAME_2]
             caller ~0.1 [NAME_4]
             tool find_patient dob=[DATE_2] name=[NAME_4]
             gives
             box One moment, please. I will ask a person to take your call.
             handoff not-identified: [NAME_4], not verified, wants to book an appointment. I could not find the patient.",
        );
    }

    #[test]
    fn two_matches_are_no_match() {
        play(
            "caller i need an appointment
             box What is the patient's date of birth?
             caller [DATE_1]
             tool list_names dob=[DATE_1]
             gives name=[NAME_1]
             box What is the patient's first and last name?
             caller [NAME_1]
             tool find_patient dob=[DATE_1] name=[NAME_1]
             gives patient=[PATIENT_1] name=[NAME_1] | patient=[PATIENT_2] name=[NAME_1]
             box One moment, please. I will ask a person to take your call.
             handoff not-identified: [NAME_1], not verified, wants to book an appointment. I could not find the patient.",
        );
    }

    #[test]
    fn an_unsure_date_is_read_back_and_an_unsure_name_asked_for_again_without_saying_it() {
        play(
            "caller i need an appointment
             box What is the patient's date of birth?
             caller ~0.2 [DATE_1]
             box I heard [DATE_1]. Is that right?
             listens yes-no
             caller no
             box What is the patient's date of birth?
             caller ~0.2 [DATE_2]
             box I heard [DATE_2]. Is that right?
             caller yes that's right
             tool list_names dob=[DATE_2]
             gives name=[NAME_1] | name=[NAME_2]
             box What is the patient's first and last name?
             caller ~0.2 [NAME_1]
             box I want to be sure that I heard you. Please say the first and last name once more.
             listens name [NAME_1] [NAME_2]
             caller ~0.2 [NAME_1]
             tool find_patient dob=[DATE_2] name=[NAME_1]",
        );
    }

    #[test]
    fn half_a_date_of_birth_is_not_looked_up() {
        play(
            "caller i need an appointment
             box What is the patient's date of birth?
             caller [DATE_1] ...
             box I am sorry, I did not understand.
             box Please say the date of birth with month, day, and year, such as May first, nineteen eighty.
             listens dob",
        );
    }

    #[test]
    fn without_the_clinics_systems_a_person_helps() {
        play(
            "down clinic
             caller i need an appointment
             box One moment, please. I will ask a person to take your call.
             handoff clinic-unavailable: A caller, not identified, wants to book an appointment. The appointment system does not answer.",
        );
        play(
            "caller i need an appointment
             box What is the patient's date of birth?
             caller [DATE_1]
             tool list_names dob=[DATE_1]
             fails unavailable
             box One moment, please. I will ask a person to take your call.
             handoff clinic-unavailable: A caller, not identified, wants to book an appointment. The appointment system does not answer.",
        );
    }
}
