//! Booking, cancelling and moving an appointment.
//!
//! One yes makes one write: the state that holds the offer is left as the write is asked for, so neither an
//! interruption nor a second yes can repeat it. What was done is said only when the tool has reported it.

use crate::expect::Expecting;
use crate::placeholder::{Label, Placeholder};

use super::super::action::{Argument, Outcome};
use super::super::conversation::Conversation;
use super::super::event::{Heard, ToolAnswer, ToolFailure};
use super::super::state::{Held, Identity, Offer, Question, Search, Step};
use super::super::template::{Part, Template};
use super::super::words::{self, Answer};

/// Times offered for one day before another day is asked for: callers lose track after three.
const OFFERS: usize = 3;
/// Look-ups of free times in one search before a person takes over.
const ROUNDS: u8 = 4;

impl Conversation {
    /// Looks for a time: asks for the day unless it was told before.
    pub(super) fn begin_search(&mut self, moving: Option<Placeholder>) {
        let (day, part) = (self.volunteered.day.take(), self.volunteered.part.take());
        let search = Search { moving, day: None, part, rounds: 0 };
        // For a move, a day told at the start may be that of the old appointment.
        match day.filter(|_| moving.is_none()) {
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
        self.say(Template::fixed("One moment, please."));
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
            Ok(_) | Err(ToolFailure::Unavailable | ToolFailure::Forbidden | ToolFailure::Failed) => self.unconfirmed(),
        }
    }

    /// A write of which nobody can say whether it was done. It is not tried again: a person looks.
    pub(super) fn unconfirmed(&mut self) {
        self.decided("receptionist", "write-unconfirmed");
        self.say(Template::fixed("I am sorry, I could not confirm that with the clinic's system."));
        self.person("write-unconfirmed");
    }

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
                let rest = slots.take(OFFERS.saturating_sub(1)).collect();
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
        self.say(Template::fixed("One moment, please."));
        let args = vec![("patient", Argument::Held(patient)), ("slot", Argument::Held(held.slot))];
        self.use_tool("cancel", args, Step::Cancel(held.slot), Some(Outcome::Cancelled));
    }

    pub(super) fn cancelled(&mut self, slot: Placeholder, result: Result<ToolAnswer, ToolFailure>) {
        match result {
            Ok(answer) if !answer.items.is_empty() => {
                self.say(Template::filled("Your appointment {} is cancelled.", &[Part::Held(slot)]));
                self.more_help();
            }
            Ok(_)
            | Err(ToolFailure::Conflict | ToolFailure::Unavailable | ToolFailure::Forbidden | ToolFailure::Failed) => {
                self.unconfirmed();
            }
        }
    }
}
