//! A time for an appointment: the day, the offers, the one write that takes it. For a new one and for one to be moved.
//!
//! One yes makes one write: the state that holds the offer is left as the write is asked for, so neither an
//! interruption nor a second yes can repeat it. What was done is said only when the tool has reported it.

use crate::expect::Expecting;
use crate::placeholder::{Label, Placeholder};

use super::super::action::{Argument, Outcome};
use super::super::conversation::Conversation;
use super::super::event::{Heard, ToolAnswer, ToolFailure};
use super::super::state::{Identity, Offer, Question, Search, Step};
use super::super::template::{Part, Template};
use super::super::words::{self, Answer};

/// Times offered for one day before another day is asked for: callers lose track after three.
const OFFERS: usize = 3;
/// Look-ups of free times in one search before a person takes over.
const ROUNDS: u8 = 4;

impl Conversation {
    /// Looks for a time: asks for the day unless it was told before.
    pub(super) fn begin_search(&mut self, moving: Option<Placeholder>) {
        let told = std::mem::take(&mut self.volunteered);
        let search = Search { moving, day: None, part: told.part, rounds: 0 };
        // For a move, a day told at the start may be that of the old appointment, unless it is the one to move to.
        match if moving.is_some() { told.target } else { told.day } {
            Some(day) => self.find_slots(Search { day: Some(day), ..search }),
            None => self.ask(Question::Day(search)),
        }
    }

    pub(super) fn day(&mut self, search: Search, heard: &Heard) {
        let captured = heard.captured.filter(|c| c.expecting == Expecting::Date && c.placeholder.label == Label::Date);
        let day = words::last(&heard.text, Label::Date).or(captured.map(|c| c.placeholder));
        let part = words::part_of_day(&heard.text).or(search.part);
        let any = words::any_day(&heard.text) || (part.is_some() && part != search.part);
        match day {
            Some(day) => self.find_slots(Search { day: Some(day), part, ..search }),
            None if any => self.find_slots(Search { day: None, part, ..search }),
            None if self.side_request(heard) => {}
            None => self.miss(),
        }
    }

    fn find_slots(&mut self, mut search: Search) {
        search.rounds = search.rounds.saturating_add(1);
        if search.rounds > ROUNDS {
            return self.person("no-suitable-time");
        }
        let mut args = Vec::new();
        args.extend(search.day.map(|day| ("day", Argument::Held(day))));
        args.extend(search.part.map(|part| ("part", Argument::Public(part))));
        self.use_tool("find_slots", args, Step::FindSlots(search), None);
    }

    pub(super) fn slots_found(&mut self, search: Search, answer: &ToolAnswer) {
        let mut slots = answer.held("slot");
        slots.retain(|slot| Some(*slot) != search.moving);
        slots.truncate(OFFERS);
        self.offer(search, "The first opening", slots);
    }

    fn offer(&mut self, search: Search, opening: &'static str, slots: Vec<Placeholder>) {
        let mut slots = slots.into_iter();
        match slots.next() {
            Some(slot) => {
                let rest = slots.collect();
                self.ask(Question::Slot(Offer { search, slot, rest, opening, said: None, heard: true }));
            }
            None => {
                self.say(Template::fixed("I have no other time then."));
                self.ask_other_day(search);
            }
        }
    }

    fn ask_other_day(&mut self, search: Search) {
        if search.rounds >= ROUNDS {
            return self.person("no-suitable-time");
        }
        self.ask(Question::Day(Search { day: None, ..search }));
    }

    /// "Actually Friday": another day instead of an answer.
    pub(super) fn another_day(&mut self, question: &Question, heard: &Heard, answer: Answer) -> bool {
        let Question::Slot(offer) = question else { return false };
        let day = words::last(&heard.text, Label::Date);
        let part = words::part_of_day(&heard.text);
        let wanted = day.is_some() || part.is_some();
        if !wanted || (answer == Answer::Yes && !words::corrects(&heard.text)) {
            return false;
        }
        let search = offer.search.clone();
        self.find_slots(Search { day: day.or(search.day), part: part.or(search.part), ..search });
        true
    }

    pub(super) fn next_offer(&mut self, offer: Offer) {
        self.offer(offer.search, "The next one", offer.rest);
    }

    /// The caller said yes: the one write of this offer.
    pub(super) fn take(&mut self, offer: Offer) {
        let Identity::Verified { patient, .. } = self.identity else { return self.person("not-identified") };
        let (patient, slot) = (("patient", Argument::Held(patient)), ("slot", Argument::Held(offer.slot)));
        match offer.search.moving {
            Some(from) => {
                let args = vec![patient, ("from", Argument::Held(from)), slot];
                self.use_tool("reschedule", args, Step::Take(offer), Some(Outcome::Rescheduled));
            }
            None => self.use_tool("book", vec![patient, slot], Step::Take(offer), Some(Outcome::Booked)),
        }
    }

    pub(super) fn taken(&mut self, offer: Offer, result: Result<ToolAnswer, ToolFailure>) {
        let moved = offer.search.moving.is_some();
        match result {
            Ok(answer) if !answer.items.is_empty() => {
                let slot = answer.held("slot").first().copied().unwrap_or(offer.slot);
                let words = if moved { "Your appointment is moved to {}." } else { "You are booked for {}." };
                self.say(Template::filled(words, &[Part::Held(slot)]));
                self.more_help();
            }
            Err(ToolFailure::Conflict) => {
                self.decided("receptionist", "slot-taken");
                self.say(Template::fixed("I am sorry, somebody else has just taken that time."));
                if offer.rest.is_empty() { self.find_slots(offer.search) } else { self.next_offer(offer) }
            }
            Ok(_) | Err(_) => self.unconfirmed(),
        }
    }

    /// A write of which nobody can say whether it was done. It is not tried again: a person looks.
    pub(super) fn unconfirmed(&mut self) {
        self.decided("receptionist", "write-unconfirmed");
        self.say(Template::fixed("I am sorry, I could not confirm that with the clinic's system."));
        self.person("write-unconfirmed");
    }
}

#[cfg(test)]
mod tests {
    use crate::converse::script::{Call, known, play};
    use crate::converse::{Outcome, Standing};

    #[test]
    fn an_appointment_is_booked_and_said_to_be_only_after_the_result() {
        let mut call = Call::answered(Standing { record: true, clinic: true });
        call.play(
            "caller i would like to book an appointment
             box What is the patient's date of birth?
             listens dob
             caller [DATE_1]
             tool list_names dob=[DATE_1]
             gives name=[NAME_1] | name=[NAME_2]
             box What is the patient's first and last name?
             listens name [NAME_1] [NAME_2]
             caller [NAME_1]
             identity claimed
             tool find_patient dob=[DATE_1] name=[NAME_1]
             gives patient=[PATIENT_1] name=[NAME_1]
             identity verified
             box Which day would suit you?
             listens date
             caller [DATE_2]
             tool find_slots day=[DATE_2]
             gives slot=[SLOT_1] | slot=[SLOT_2]
             box The first opening is [SLOT_1].
             box Shall I book it?
             listens yes-no
             caller yes please
             box One moment, please.
             tool book patient=[PATIENT_1] slot=[SLOT_1]
             gives slot=[SLOT_1] confirmation=[ID_1]
             box You are booked for [SLOT_1].
             box Is there anything else I can help you with?
             caller no thank you
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends booked",
        );
        assert_eq!(call.conversation.outcome(), Outcome::Booked);
    }

    #[test]
    fn a_no_brings_the_next_time_and_the_third_no_another_day() {
        known("i need an appointment on [DATE_2]").play(
            "tool find_slots day=[DATE_2]
             gives slot=[SLOT_1] | slot=[SLOT_2] | slot=[SLOT_3] | slot=[SLOT_4]
             box The first opening is [SLOT_1].
             box Shall I book it?
             caller no
             box The next one is [SLOT_2].
             box Shall I book it?
             caller do you have anything else
             box The next one is [SLOT_3].
             box Shall I book it?
             caller no that is too early
             box I have no other time then.
             box Which other day would suit you?
             caller as soon as possible
             tool find_slots
             gives slot=[SLOT_5]
             box The first opening is [SLOT_5].
             box Shall I book it?
             caller that works for me
             box One moment, please.
             tool book patient=[PATIENT_1] slot=[SLOT_5]",
        );
    }

    #[test]
    fn another_day_instead_of_an_answer_is_looked_up() {
        known("i need an appointment").play(
            "box Which day would suit you?
             caller [DATE_2] in the morning
             tool find_slots day=[DATE_2] part=morning
             gives slot=[SLOT_1]
             box The first opening is [SLOT_1].
             box Shall I book it?
             caller no wait actually [DATE_3]
             tool find_slots day=[DATE_3] part=morning
             gives slot=[SLOT_2]
             box The first opening is [SLOT_2].
             box Shall I book it?
             caller yes but [DATE_4] would be better
             tool find_slots day=[DATE_4] part=morning
             gives
             box I have no other time then.
             box Which other day would suit you?",
        );
    }

    #[test]
    fn a_search_without_end_goes_to_a_person() {
        let again = |day: u8| {
            format!(
                "caller [DATE_{day}]
                 tool find_slots day=[DATE_{day}]
                 gives
                 box I have no other time then.
                "
            )
        };
        let other = "box Which other day would suit you?\n";
        let table = format!(
            "box Which day would suit you?\n{}{other}{}{other}{}{other}{}",
            again(2),
            again(3),
            again(4),
            again(5)
        );
        known("i need an appointment").play(&format!(
            "{table}
             box One moment, please. I will ask a person to take your call.
             handoff no-suitable-time: [NAME_9], verified, wants to book an appointment. No time that I offered was right."
        ));
    }

    const OFFERED: &str = "box Which day would suit you?
         caller [DATE_2]
         tool find_slots day=[DATE_2]
         gives slot=[SLOT_1] | slot=[SLOT_2]
         box The first opening is [SLOT_1].
         box Shall I book it?
         ";

    #[test]
    fn a_yes_to_a_time_that_was_cut_off_brings_the_time_again() {
        known("i need an appointment").play(&format!(
            "{OFFERED}
             cuts The first opening
             caller yes
             box The first opening is [SLOT_1].
             box Shall I book it?
             caller yes
             box One moment, please.
             tool book patient=[PATIENT_1] slot=[SLOT_1]"
        ));
    }

    #[test]
    fn a_yes_over_the_question_after_the_time_counts() {
        known("i need an appointment").play(&format!(
            "{OFFERED}
             cuts Shall I book
             caller yes
             box One moment, please.
             tool book patient=[PATIENT_1] slot=[SLOT_1]"
        ));
    }

    #[test]
    fn words_and_keys_during_a_write_do_not_repeat_it() {
        known("i need an appointment").play(&format!(
            "{OFFERED}
             caller yes
             box One moment, please.
             tool book patient=[PATIENT_1] slot=[SLOT_1]
             cuts One moment
             caller yes yes book it
             press 1
             gives slot=[SLOT_1] confirmation=[ID_1]
             box You are booked for [SLOT_1].
             box Is there anything else I can help you with?
             gives slot=[SLOT_1] confirmation=[ID_1]
             hangs up"
        ));
    }

    #[test]
    fn a_time_that_somebody_else_took_brings_the_next() {
        known("i need an appointment").play(&format!(
            "{OFFERED}
             press 1
             box One moment, please.
             tool book patient=[PATIENT_1] slot=[SLOT_1]
             fails conflict
             box I am sorry, somebody else has just taken that time.
             box The next one is [SLOT_2].
             box Shall I book it?
             press 1
             box One moment, please.
             tool book patient=[PATIENT_1] slot=[SLOT_2]
             fails conflict
             box I am sorry, somebody else has just taken that time.
             tool find_slots day=[DATE_2]"
        ));
    }

    #[test]
    fn a_booking_that_nobody_confirms_is_not_claimed_and_not_repeated() {
        for outcome in ["fails unavailable", "fails failed", "gives"] {
            let mut call = known("i need an appointment");
            call.play(&format!(
                "{OFFERED}
                 caller yes
                 box One moment, please.
                 tool book patient=[PATIENT_1] slot=[SLOT_1]
                 {outcome}
                 box I am sorry, I could not confirm that with the clinic's system.
                 box One moment, please. I will ask a person to take your call.
                 handoff write-unconfirmed: [NAME_9], verified, wants to book an appointment. Please check whether it went through."
            ));
            assert_eq!(call.conversation.outcome(), Outcome::Abandoned);
        }
    }

    #[test]
    fn hours_asked_in_the_middle_are_told_and_the_question_is_put_again() {
        known("i need an appointment").play(&format!(
            "{OFFERED}
             caller what are your hours
             box We are open Monday to Friday, eight to five.
             box The first opening is [SLOT_1].
             box Shall I book it?"
        ));
    }

    #[test]
    fn without_the_record_nothing_is_disclosed_and_nothing_written() {
        known("i need an appointment").play(&format!(
            "{OFFERED}
             down record
             caller yes
             box One moment, please. I will ask a person to take your call.
             handoff record-unavailable: [NAME_9], verified, wants to book an appointment. The box can not keep its record at the moment."
        ));
        known("cancel my appointment").play(
            "tool find_appointments patient=[PATIENT_1]
             down record
             gives slot=[SLOT_1]
             box One moment, please. I will ask a person to take your call.
             handoff record-unavailable: [NAME_9], verified, wants to cancel an appointment. The box can not keep its record at the moment.
             desk none
             box Nobody is free at the moment. Please call again later.
             box Thank you for calling Riverside Family Clinic. Goodbye.
             ends abandoned",
        );
    }

    #[test]
    fn a_clinic_system_that_comes_back_serves_the_next_wish() {
        play(
            "down clinic
             caller what are your hours
             box We are open Monday to Friday, eight to five.
             box Is there anything else I can help you with?
             up clinic
             caller i need an appointment
             box What is the patient's date of birth?",
        );
    }
}
