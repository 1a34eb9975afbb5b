//! An appointment that the caller has: which one, and giving it up. Moving it goes on in [`super::booking`].

use crate::placeholder::Placeholder;

use super::super::action::{Argument, Outcome};
use super::super::conversation::Conversation;
use super::super::event::{ToolAnswer, ToolFailure};
use super::super::state::{Held, Identity, Question, Step};
use super::super::template::{Part, Template};

/// Appointments named one after the other before the box gives up: callers lose track after three.
const NAMED: usize = 3;

impl Conversation {
    pub(super) fn look_for_appointments(&mut self, moving: bool) {
        let Identity::Verified { patient, .. } = self.identity else { return self.person("not-identified") };
        let args = vec![("patient", Argument::Held(patient))];
        self.use_tool("find_appointments", args, Step::FindAppointments { moving }, None);
    }

    pub(super) fn appointments_found(&mut self, moving: bool, answer: &ToolAnswer) {
        if !self.standing.record {
            return self.person("record-unavailable");
        }
        let mut slots = answer.held("slot").into_iter();
        match slots.next() {
            Some(slot) => {
                let rest = slots.take(NAMED.saturating_sub(1)).collect();
                self.ask(Question::Which(Held { moving, slot, rest, said: None, heard: true }));
            }
            None => {
                self.say(Template::fixed("I do not see a coming appointment."));
                self.more_help();
            }
        }
    }

    pub(super) fn next_held(&mut self, held: Held) {
        let mut rest = held.rest.into_iter();
        match rest.next() {
            Some(slot) => {
                self.ask(Question::Which(Held { slot, rest: rest.collect(), said: None, heard: true, ..held }));
            }
            None => {
                self.say(Template::fixed("Alright. I leave everything as it is."));
                self.more_help();
            }
        }
    }

    /// The caller said yes to this appointment: cancel it, or look for another time.
    pub(super) fn this_one(&mut self, held: Held) {
        if held.moving {
            return self.begin_search(Some(held.slot));
        }
        let Identity::Verified { patient, .. } = self.identity else { return self.person("not-identified") };
        let args = vec![("patient", Argument::Held(patient)), ("slot", Argument::Held(held.slot))];
        self.use_tool("cancel", args, Step::Cancel(held.slot), Some(Outcome::Cancelled));
    }

    pub(super) fn cancelled(&mut self, slot: Placeholder, result: Result<ToolAnswer, ToolFailure>) {
        match result {
            Ok(answer) if !answer.items.is_empty() => {
                self.say(Template::filled("Your appointment {} is cancelled.", &[Part::Held(slot)]));
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
    use crate::converse::script::known;

    #[test]
    fn an_appointment_is_cancelled_the_one_the_caller_means() {
        let mut call = known("i need to cancel my appointment");
        call.play(
            "tool find_appointments patient=[PATIENT_1]
             gives slot=[SLOT_1] | slot=[SLOT_2]
             box You have [SLOT_1].
             box Shall I cancel it?
             listens yes-no
             caller no not that one
             box You have [SLOT_2].
             box Shall I cancel it?
             caller yes cancel it
             box One moment, please.
             tool cancel patient=[PATIENT_1] slot=[SLOT_2]
             gives slot=[SLOT_2]
             box Your appointment [SLOT_2] is cancelled.
             box Is there anything else I can help you with?
             caller that's all thanks
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends cancelled",
        );
    }

    #[test]
    fn without_appointments_there_is_nothing_to_cancel() {
        known("cancel my appointment").play(
            "tool find_appointments patient=[PATIENT_1]
             gives
             box I do not see a coming appointment.
             box Is there anything else I can help you with?
             silence
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends abandoned",
        );
    }

    #[test]
    fn an_appointment_is_moved_in_one_write() {
        known("i need to change my appointment to another day").play(
            "tool find_appointments patient=[PATIENT_1]
             gives slot=[SLOT_1]
             box You have [SLOT_1].
             box Shall I move it?
             caller yes
             box Which day would suit you?
             caller [DATE_4]
             tool find_slots day=[DATE_4]
             gives slot=[SLOT_1] | slot=[SLOT_2]
             box The first opening is [SLOT_2].
             box Shall I move it to that time?
             caller yeah that's fine
             box One moment, please.
             tool reschedule patient=[PATIENT_1] from=[SLOT_1] slot=[SLOT_2]
             gives slot=[SLOT_2] confirmation=[ID_1]
             box Your appointment is moved to [SLOT_2].
             box Is there anything else I can help you with?
             caller nope
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends rescheduled",
        );
    }

    #[test]
    fn a_second_wish_in_the_same_call_does_not_ask_again_who_is_calling() {
        known("cancel my appointment").play(
            "tool find_appointments patient=[PATIENT_1]
             gives slot=[SLOT_1]
             box You have [SLOT_1].
             box Shall I cancel it?
             caller yes
             box One moment, please.
             tool cancel patient=[PATIENT_1] slot=[SLOT_1]
             gives slot=[SLOT_1]
             box Your appointment [SLOT_1] is cancelled.
             box Is there anything else I can help you with?
             caller yes i want to book a new one
             box Which day would suit you?",
        );
    }

    #[test]
    fn a_day_to_move_to_is_not_asked_for_and_an_old_day_not_taken_for_it() {
        known("move my appointment on [DATE_1] to [DATE_2]").play(
            "tool find_appointments patient=[PATIENT_1]
             gives slot=[SLOT_1]
             box You have [SLOT_1].
             box Shall I move it?
             caller yes
             tool find_slots day=[DATE_2]",
        );
        known("move my appointment on [DATE_1]").play(
            "tool find_appointments patient=[PATIENT_1]
             gives slot=[SLOT_1]
             box You have [SLOT_1].
             box Shall I move it?
             caller yes
             box Which day would suit you?",
        );
    }

    #[test]
    fn a_known_caller_who_asks_for_somebody_else_goes_to_a_person() {
        known("cancel my appointment").play(
            "tool find_appointments patient=[PATIENT_1]
             gives
             box I do not see a coming appointment.
             box Is there anything else I can help you with?
             caller i need an appointment for my husband
             box One moment, please. I will ask a person to take your call.
             handoff another-patient: [NAME_9], verified, asks for another patient. I know only who is calling.",
        );
    }
}
