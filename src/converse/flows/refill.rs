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
        self.say(Template::fixed("One moment, please."));
        let args = vec![("patient", Argument::Held(patient)), ("request", Argument::Free(request))];
        self.use_tool("request_refill", args, Step::Refill, Some(Outcome::RefillRequested));
    }

    pub(super) fn refill_sent(&mut self, result: Result<ToolAnswer, ToolFailure>) {
        match result {
            Ok(answer) if !answer.items.is_empty() => {
                self.say(Template::fixed("I have sent your request to the staff. They will decide on it."));
                self.more_help();
            }
            Ok(_)
            | Err(ToolFailure::Conflict | ToolFailure::Unavailable | ToolFailure::Forbidden | ToolFailure::Failed) => {
                self.unconfirmed();
            }
        }
    }
}
