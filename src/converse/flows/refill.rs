//! A prescription refill: the caller's words go to staff, who decide. The box neither knows nor says medicines.

use crate::redact::Redacted;

use super::super::action::{Argument, Outcome};
use super::super::conversation::Conversation;
use super::super::event::{Heard, ToolAnswer, ToolFailure};
use super::super::state::{Identity, Question, Step};
use super::super::template::Template;
use super::super::words::{self, Intent};

impl Conversation {
    pub(super) fn begin_refill(&mut self) {
        match self.volunteered.medicine.take() {
            Some(request) => self.send_refill(request),
            None => self.ask(Question::Medicine),
        }
    }

    pub(super) fn medicine(&mut self, heard: &Heard) {
        let leaves =
            matches!(words::intent(&heard.text), Some(Intent::NeverMind | Intent::Repeat | Intent::WrongNumber));
        if leaves && self.side_request(heard) {
            return;
        }
        if heard.text.as_str().trim().is_empty() {
            return self.miss();
        }
        self.send_refill(heard.text.clone());
    }

    fn send_refill(&mut self, request: Redacted) {
        let Identity::Verified { patient, .. } = self.identity else { return self.person("not-identified") };
        let args = vec![("patient", Argument::Held(patient)), ("request", Argument::Free(request))];
        self.use_tool("request_refill", args, Step::Refill, Some(Outcome::RefillRequested));
    }

    pub(super) fn refill_sent(&mut self, result: Result<ToolAnswer, ToolFailure>) {
        match result {
            Ok(answer) if !answer.items.is_empty() => {
                self.say(Template::fixed("I have sent your request to the staff. They will decide on it."));
                self.more_help();
            }
            Ok(_) | Err(_) => {
                self.unconfirmed();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::converse::script::play;

    #[test]
    fn a_refill_request_goes_to_staff_in_the_callers_words() {
        play(
            "caller i need a refill
             box What is the patient's date of birth?
             caller [DATE_1]
             tool list_names dob=[DATE_1]
             gives name=[NAME_1]
             box What is the patient's first and last name?
             caller [NAME_1]
             tool find_patient dob=[DATE_1] name=[NAME_1]
             gives patient=[PATIENT_1] name=[NAME_1]
             box Which medicine do you need?
             listens anything
             caller how many pills of lisinopril can i get
             box One moment, please.
             tool request_refill patient=[PATIENT_1] request='how many pills of lisinopril can i get'
             gives confirmation=[ID_1]
             box I have sent your request to the staff. They will decide on it.
             box Is there anything else I can help you with?
             caller no thanks bye
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends refill-requested",
        );
    }

    #[test]
    fn a_medicine_named_at_the_start_is_not_asked_for() {
        play(
            "caller i need a refill of my lisinopril
             box What is the patient's date of birth?
             caller [DATE_1]
             tool list_names dob=[DATE_1]
             gives name=[NAME_1]
             box What is the patient's first and last name?
             caller [NAME_1]
             tool find_patient dob=[DATE_1] name=[NAME_1]
             gives patient=[PATIENT_1] name=[NAME_1]
             box One moment, please.
             tool request_refill patient=[PATIENT_1] request='i need a refill of my lisinopril'
             fails failed
             box I am sorry, I could not confirm that with the clinic's system.
             box One moment, please. I will ask a person to take your call.
             handoff write-unconfirmed: [NAME_1], verified, wants a prescription refill. Please check whether it went through.",
        );
    }
}
