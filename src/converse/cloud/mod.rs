//! The cloud thinker: a model behind the airlock decides what the local receptionist would have decided.
//!
//! In:  what was heard, or what a tool has answered, and the pieces of the model's answer. Out: the same actions as ever.
//! The model sees placeholders and words of the closed vocabulary only ([`super::request`]).
//!
//! The model proposes, the box disposes:
//! - The policy has spoken before it ([`crate::guard::before`]) and every sentence passes [`crate::guard::evaluate()`].
//! - Who is calling, a refill and a message are asked about by the box's own dialogue, which no word of leaves.
//! - A write is done after a clear yes to a question that named its very appointment; where the model has not asked, the
//!   box does. One yes makes one write, and what was done is not done again.
//! - An answer that fails, late, broken, refused or improper, is the local receptionist's to give: nothing that was said is
//!   said again, and the result of a tool is taken up where it is.

mod proposal;
mod thought;

use crate::expect::Expecting;
use crate::guard::{self, Said};
use crate::placeholder::{self, Label, Placeholder};
use crate::wire::tool::IdentityLevel;

use super::action::{Action, Argument, Outcome, SayId};
use super::conversation::Conversation;
use super::event::{Heard, ToolAnswer, ToolFailure, ToolValue};
use super::history::ToolUse;
use super::state::{Goal, Held, Identity, Offer, Open, Question, Search, State, Step, Write};
use super::words::{self, Answer, Intent};
pub use thought::{ModelText, ModelUse, Thought, ThoughtId, thought};

use proposal::Proposal;

/// Uses of tools for one turn of the caller: the longest way, to identify, look and offer, takes three.
const MOST_USES: u8 = 5;
/// Sentences of one answer. Callers lose track after three.
const MOST_SENTENCES: u8 = 6;

/// What the thinker keeps from turn to turn.
#[derive(Debug, Default)]
pub(super) struct Cloud {
    /// Whether a model is asked at all.
    on: bool,
    asked: u32,
    thinking: Option<Thinking>,
    /// The number of the use of `identify` that the box is at work on.
    identifying: Option<u32>,
    /// The appointments that the last question named, each with the sentence that did.
    named: Vec<(SayId, Placeholder)>,
    /// What the last question proposed to do with it, where it proposed one thing.
    proposing: Option<&'static str>,
    /// The one appointment that the caller has just said yes to, and the write that the question proposed.
    agreed: Option<(Placeholder, &'static str)>,
    /// The appointment that the caller wants moved, said yes to in a question of its own.
    moving: Option<Placeholder>,
    /// Uses since the caller's last words.
    uses: u8,
    /// The last look-ups, for the local receptionist to go on from.
    slots: Vec<Placeholder>,
    search: Search,
    appointments: Vec<Placeholder>,
}

/// A model that is being asked.
#[derive(Debug)]
struct Thinking {
    id: ThoughtId,
    about: About,
    sentences: u8,
    /// Whether the last of them is a question.
    asks: bool,
    proposed: Option<ModelUse>,
}

/// What a model is asked about, and what the local receptionist answers in its place.
#[derive(Clone, Debug)]
enum About {
    /// The caller answered a question.
    Heard(Box<(Question, Heard)>),
    /// A tool has answered.
    Told(Box<(Step, Result<ToolAnswer, ToolFailure>)>),
}

impl Conversation {
    /// The same call with a cloud model as its thinker.
    #[must_use]
    pub fn with_cloud_thinker(mut self, on: bool) -> Self {
        self.cloud.on = on;
        self
    }

    /// Asks the model about what the caller said. False where it is the local receptionist's business.
    pub(super) fn think_about(&mut self, question: &Question, heard: &Heard) -> bool {
        let open =
            matches!(question, Question::Purpose | Question::MoreHelp | Question::WhichChange | Question::Open(_));
        if !self.cloud.on || !open || !self.standing.record {
            return false;
        }
        self.notice(heard);
        match words::intent(&heard.text) {
            // What the box is is said in its own words, as the law has them.
            Some(Intent::WhatAreYou) => return false,
            // The box knows who this caller is, not whom else they may speak for.
            _ if self.identity() >= IdentityLevel::Verified && words::for_another(&heard.text) => return false,
            Some(_) | None => {}
        }
        if heard.text.leaving().is_none() {
            self.decided("receptionist", "too-much-withheld");
            return false;
        }
        self.cloud.uses = 0;
        self.ask_model(About::Heard(Box::new((question.clone(), heard.clone()))));
        true
    }

    /// The caller went on while the model was thinking: it is asked anew, with the new words.
    pub(super) fn think_again(&mut self, heard: &Heard) {
        let Some(thinking) = self.cloud.thinking.take() else { return };
        self.out.push(Action::CallOff(thinking.id));
        self.state = State::Asked(match thinking.about {
            About::Heard(about) => about.0,
            About::Told(_) => Question::MoreHelp,
        });
        let State::Asked(question) = self.state.clone() else { return };
        if !self.think_about(&question, heard) {
            self.answer(question, heard);
        }
    }

    /// What the policy and the local receptionist must know of the caller's words, whoever answers them.
    fn notice(&mut self, heard: &Heard) {
        self.volunteer(heard);
        let goal = match words::intent(&heard.text) {
            Some(Intent::Book) => Some(Goal::Book),
            Some(Intent::Cancel) => Some(Goal::Cancel),
            Some(Intent::Move) => Some(Goal::Move),
            Some(Intent::Refill) => Some(Goal::Refill),
            Some(_) | None => None,
        };
        // In the middle of a wish "the appointment" only describes it.
        if let Some(goal) = goal.filter(|goal| *goal != Goal::Book || self.goal.is_none()) {
            self.goal = Some(goal);
            self.history.intent(goal.as_str());
        }
        self.cloud.agreed = match (words::answer(&heard.text), self.cloud.named.as_slice()) {
            (Answer::Yes, [(_, slot)]) if !words::corrects(&heard.text) => {
                self.cloud.proposing.map(|write| (*slot, write))
            }
            _ => None,
        };
        if let Some((slot, "reschedule")) = self.cloud.agreed
            && self.cloud.appointments.contains(&slot)
        {
            self.cloud.moving = Some(slot);
        }
        self.cloud.named.clear();
        self.cloud.proposing = None;
    }

    fn ask_model(&mut self, about: About) {
        self.cloud.asked = self.cloud.asked.saturating_add(1);
        let id = ThoughtId(self.cloud.asked);
        self.cloud.thinking = Some(Thinking { id, about, sentences: 0, asks: false, proposed: None });
        self.silences = 0;
        self.out.push(Action::Think(id));
        self.state = State::Thinking(id);
    }

    /// A piece of the model's answer.
    pub(super) fn thought(&mut self, id: ThoughtId, thought: Thought) {
        if self.state != State::Thinking(id) {
            return;
        }
        match thought {
            Thought::Said(text) => self.model_says(&text),
            // One use an answer; what more there is would be done unseen.
            Thought::Use(used) => {
                if let Some(thinking) = self.cloud.thinking.as_mut() {
                    thinking.proposed.get_or_insert(used);
                }
            }
            Thought::Whole => self.thought_through(),
            Thought::Failed(why) => self.think_locally(why),
        }
    }

    /// A sentence of the model, if it may be said.
    fn model_says(&mut self, text: &ModelText) {
        let Some(thinking) = self.cloud.thinking.as_mut() else { return };
        thinking.sentences = thinking.sentences.saturating_add(1);
        if thinking.sentences > MOST_SENTENCES {
            return self.think_locally("model-talks-on");
        }
        let parrots = self.history.last_heard().is_some_and(|heard| same_words(heard.as_str(), text.as_str()));
        if parrots {
            thinking.sentences = thinking.sentences.saturating_sub(1);
            return self.think_locally("model-echoes");
        }
        if let Err(objection) = guard::evaluate(&Said { template: text.as_str(), mandatory: false }, &self.facts) {
            thinking.sentences = thinking.sentences.saturating_sub(1);
            self.decided("guard", objection.as_str());
            return self.think_locally("model-objected");
        }
        thinking.asks = text.as_str().trim_end().ends_with('?');
        if thinking.asks {
            self.cloud.proposing = proposed(text.as_str());
        }
        let id = self.say_for_model(text);
        let slots = placeholder::find_all(text.as_str()).map(|(_, p)| p).filter(|p| p.label == Label::Slot);
        self.cloud.named.extend(slots.map(|slot| (id, slot)));
    }

    /// The caller cut a sentence off: what it named was not heard, and what the model still has to say is not waited for.
    pub(super) fn cut_off(&mut self, id: SayId) {
        self.cloud.named.retain(|(said, _)| *said != id);
        if let Some(thinking) = self.cloud.thinking.take_if(|thinking| thinking.sentences > 0) {
            self.out.push(Action::CallOff(thinking.id));
            self.leave_open(Expecting::Anything);
        }
    }

    /// The model's answer is whole.
    fn thought_through(&mut self) {
        let Some(Thinking { sentences, asks, proposed, .. }) = self.cloud.thinking.as_mut() else { return };
        let (said, asks, used) = (*sentences > 0, *asks, proposed.take());
        let Some(used) = used else {
            if !said {
                return self.think_locally("model-said-nothing");
            }
            self.cloud.thinking = None;
            return self.leave_open(Expecting::Anything);
        };
        self.cloud.uses = self.cloud.uses.saturating_add(1);
        if self.cloud.uses > MOST_USES {
            return self.think_locally("model-uses-on");
        }
        let patient = match self.identity {
            Identity::Verified { patient, .. } => Some(patient),
            Identity::Unknown | Identity::Claimed { .. } => None,
        };
        match proposal::read(&used, &self.facts.known, patient) {
            Ok(proposal) => {
                self.cloud.thinking = None;
                self.dispose(used.number, proposal, said, asks);
            }
            Err(misuse) => {
                self.decided("guard", misuse.as_str());
                self.think_locally("model-misused-tool");
            }
        }
    }

    /// Does what the model proposed, in the box's way.
    fn dispose(&mut self, number: u32, proposal: Proposal, said: bool, asks: bool) {
        self.decided("model", name(&proposal));
        match proposal {
            Proposal::Identify => {
                self.cloud.identifying = Some(number);
                self.begin(self.goal.unwrap_or(Goal::Other));
            }
            Proposal::FindSlots { day, part } => {
                let search = Search { day, part, rounds: 1, ..Search::default() };
                let mut args = Vec::new();
                args.extend(day.map(|day| ("day", Argument::Held(day))));
                args.extend(part.map(|part| ("part", Argument::Public(part))));
                self.use_tool("find_slots", args, for_model(number, Step::FindSlots(search)), None);
            }
            Proposal::FindAppointments => {
                let Identity::Verified { patient, .. } = self.identity else { return self.person("not-identified") };
                let local = Step::FindAppointments { moving: self.goal == Some(Goal::Move) };
                let args = vec![("patient", Argument::Held(patient))];
                self.use_tool("find_appointments", args, for_model(number, local), None);
            }
            Proposal::Write(write) => self.propose_write(number, write),
            Proposal::Refill => {
                self.box_takes_over(number, "refill");
                self.begin(Goal::Refill);
            }
            Proposal::TakeMessage => {
                self.box_takes_over(number, "take_message");
                self.begin_message();
            }
            Proposal::Expect(expecting) if said => {
                let answer = match expecting {
                    Expecting::YesNo => "yes-no",
                    Expecting::Date => "day",
                    Expecting::Anything
                    | Expecting::Dob
                    | Expecting::Name { .. }
                    | Expecting::Phone
                    | Expecting::MemberId
                    | Expecting::Card => "anything",
                };
                let args = vec![("answer", Argument::Public(answer))];
                self.history.tool(done(number, "expect", args));
                // A statement leaves nobody with a yes or no to give.
                self.leave_open(if asks { expecting } else { Expecting::Anything });
            }
            // Nothing was asked that an answer could be awaited to.
            Proposal::Expect(_) => self.more_help(),
            Proposal::HandOff(reason) => self.person(reason),
            Proposal::EndCall => self.model_ends(said),
        }
    }

    /// Only a caller who wants nothing more is let go.
    fn model_ends(&mut self, said: bool) {
        let heard = self.history.last_heard();
        let done = heard.is_some_and(|text| {
            let ends = [Intent::Goodbye, Intent::NeverMind, Intent::WrongNumber];
            words::answer(text) == Answer::No || words::intent(text).is_some_and(|intent| ends.contains(&intent))
        });
        if !done {
            return self.more_help();
        }
        if heard.is_some_and(|text| words::intent(text) == Some(Intent::WrongNumber)) {
            self.settle(Outcome::WrongNumber);
        }
        if said { self.close() } else { self.goodbye() }
    }

    fn propose_write(&mut self, number: u32, write: Write) {
        if !matches!(self.identity, Identity::Verified { .. }) {
            return self.person("not-identified");
        }
        let slot = write.slot();
        if self.facts.done.iter().any(|done| done.tool == write.tool() && done.about.contains(&slot)) {
            self.decided("guard", "model-repeats-write");
            return self.more_help();
        }
        let agreed = self.cloud.agreed.take() == Some((slot, write.tool()));
        if let Write::Move { from, .. } = write
            && self.cloud.appointments != [from]
            && self.cloud.moving != Some(from)
        {
            // Of several appointments the caller has not said which: the box asks, and goes on by itself.
            let rest = self.cloud.appointments.iter().copied().filter(|other| *other != from).collect();
            self.goal = Some(Goal::Move);
            return self.ask(Question::Which(Held { moving: true, slot: from, rest, said: None, heard: true }));
        }
        if agreed {
            return self.write(number, write);
        }
        self.ask(Question::Confirm { number, write, said: None, heard: true });
    }

    /// The one write that a yes makes.
    pub(super) fn write(&mut self, number: u32, write: Write) {
        let Identity::Verified { patient, .. } = self.identity else { return self.person("not-identified") };
        let held = |name, placeholder| (name, Argument::Held(placeholder));
        let patient = held("patient", patient);
        let take = |slot, moving| {
            let rest = self.cloud.slots.iter().copied().filter(|other| *other != slot).collect();
            let search = Search { moving, ..self.cloud.search.clone() };
            Step::Take(Offer { search, slot, rest, opening: "The next one", said: None, heard: true })
        };
        let (args, local, outcome) = match write {
            Write::Book { slot } => (vec![patient, held("slot", slot)], take(slot, None), Outcome::Booked),
            Write::Cancel { slot } => (vec![patient, held("slot", slot)], Step::Cancel(slot), Outcome::Cancelled),
            Write::Move { from, slot } => {
                let args = vec![patient, held("from", from), held("slot", slot)];
                (args, take(slot, Some(from)), Outcome::Rescheduled)
            }
        };
        self.use_tool(write.tool(), args, for_model(number, local), Some(outcome));
    }

    /// The caller said no to what the box had asked for the model.
    pub(super) fn write_declined(&mut self, number: u32, write: Write) {
        let args = vec![("slot", Argument::Held(write.slot()))];
        let result = Err(ToolFailure::Declined);
        self.history.tool(ToolUse { number: Some(number), name: write.tool(), args, result: result.clone() });
        self.ask_model(About::Told(Box::new((Step::Left, result))));
    }

    /// A tool that the model asked for has answered; `local` is what the local receptionist would do with it.
    pub(super) fn tell_model(&mut self, local: Step, result: Result<ToolAnswer, ToolFailure>) {
        match (&local, &result) {
            (Step::FindSlots(search), Ok(answer)) => {
                self.cloud.slots = answer.held("slot");
                self.cloud.search = search.clone();
            }
            (Step::FindAppointments { .. }, Ok(answer)) => self.cloud.appointments = answer.held("slot"),
            // A write of which nobody can say whether it was done is for a person to look at, not for a model to explain.
            (Step::Take(_) | Step::Cancel(_), Ok(answer)) if answer.items.is_empty() => {
                return self.go_on(local, result);
            }
            (_, Ok(_) | Err(ToolFailure::Conflict)) => {}
            (_, Err(_)) => return self.go_on(local, result),
        }
        if self.standing.record {
            self.ask_model(About::Told(Box::new((local, result))));
        } else {
            self.go_on(local, result);
        }
    }

    /// The caller was identified. True if that was for the model, which goes on.
    pub(super) fn identified_for_model(&mut self, goal: Goal) -> bool {
        let (Some(number), Identity::Verified { patient, name }) = (self.cloud.identifying.take(), self.identity)
        else {
            return false;
        };
        let item = [("patient", patient), ("name", name)].map(|(key, held)| (key.to_owned(), ToolValue::Held(held)));
        let result = Ok(ToolAnswer { items: vec![item.into()] });
        let (name, args) = ("identify", Vec::new());
        self.history.tool(ToolUse { number: Some(number), name, args, result: result.clone() });
        self.tell_model(Step::Pursue(goal), result);
        true
    }

    /// The caller wants something else than what the model had the box find out.
    pub(super) fn forget_identifying(&mut self) {
        self.cloud.identifying = None;
    }

    /// The model's question, or what it said last, is open.
    fn leave_open(&mut self, expecting: Expecting) {
        self.history.intent.get_or_insert("question");
        let named = self.cloud.named.iter().map(|(_, slot)| *slot).collect();
        let kept = std::mem::take(&mut self.cloud.named);
        self.ask(Question::Open(Open { expecting, named }));
        self.cloud.named = kept;
        self.settle(Outcome::Answered);
    }

    /// There is no answer of the model, or no more of it: the local receptionist gives one.
    pub(super) fn think_locally(&mut self, why: &'static str) {
        let Some(thinking) = self.cloud.thinking.take() else { return };
        self.decided("receptionist", why);
        self.out.push(Action::CallOff(thinking.id));
        match thinking.about {
            // What was said stands; it is not said again in other words.
            _ if thinking.sentences > 0 && thinking.asks => self.leave_open(Expecting::Anything),
            // A question that was answered is not answered again; a wish is still to be served.
            About::Heard(about) if thinking.sentences > 0 && !is_open(&about.1) => self.more_help(),
            About::Heard(about) => {
                let (question, heard) = *about;
                let question = self.as_local(question);
                self.state = State::Asked(question.clone());
                self.answer(question, &heard);
            }
            About::Told(about) => {
                let (step, result) = *about;
                // What was done has been told; what was found is still to be offered.
                let told = thinking.sentences > 0 && matches!(step, Step::Take(_) | Step::Cancel(_));
                if told || step == Step::Left { self.more_help() } else { self.go_on(step, result) }
            }
        }
    }

    /// The local receptionist's own question in the place of the model's, as far as one fits.
    pub(super) fn as_local(&self, question: Question) -> Question {
        let Question::Open(open) = question else { return question };
        let rest = |all: &[Placeholder], slot| all.iter().copied().filter(|other| *other != slot).collect();
        match (open.named.as_slice(), self.goal) {
            (&[slot], Some(Goal::Book)) if self.cloud.slots.contains(&slot) => {
                let (search, rest) = (self.cloud.search.clone(), rest(&self.cloud.slots, slot));
                Question::Slot(Offer { search, slot, rest, opening: "The next one", said: None, heard: true })
            }
            (&[slot], Some(goal @ (Goal::Cancel | Goal::Move))) if self.cloud.appointments.contains(&slot) => {
                let (moving, rest) = (goal == Goal::Move, rest(&self.cloud.appointments, slot));
                Question::Which(Held { moving, slot, rest, said: None, heard: true })
            }
            (_, Some(Goal::Book))
                if open.expecting == Expecting::Date && self.identity() >= IdentityLevel::Verified =>
            {
                Question::Day(Search::default())
            }
            // A yes or no to something that only the model knows is no yes or no to anything else.
            _ if open.expecting != Expecting::Anything => Question::Purpose,
            _ => Question::MoreHelp,
        }
    }

    /// What the model left to the box counts as done for it: the box goes on by its own dialogue.
    fn box_takes_over(&mut self, number: u32, name: &'static str) {
        self.history.tool(done(number, name, Vec::new()));
    }

    /// Calls off a model whose answer nobody waits for any more.
    pub(super) fn call_off_idle(&mut self) {
        let idle = |thinking: &Thinking| self.state != State::Thinking(thinking.id);
        if self.cloud.thinking.as_ref().is_some_and(idle)
            && let Some(thinking) = self.cloud.thinking.take()
        {
            self.out.push(Action::CallOff(thinking.id));
        }
    }

    /// What kind of step the model is asked for.
    pub(super) fn step(&self) -> &'static str {
        match self.cloud.thinking.as_ref().map(|thinking| &thinking.about) {
            Some(About::Told(_)) => "tool",
            Some(About::Heard(about)) if about.0.expecting() == Expecting::YesNo => "confirm",
            Some(About::Heard(_)) | None => "open",
        }
    }
}

/// The write that a question proposes; nothing where it proposes none, more than one, or not to do it.
fn proposed(question: &str) -> Option<&'static str> {
    let words = guard::phrase::words(question);
    let says = |pattern: &str| guard::phrase::find(pattern, &words).is_some();
    let verbs =
        [("book|schedule|reserve|take", "book"), ("cancel", "cancel"), ("move|reschedule|change", "reschedule")];
    let mut writes = verbs.into_iter().filter(|(verb, _)| says(verb)).map(|(_, write)| write);
    let write = writes.next().filter(|_| !says("not|dont|no|keep|leave|without|instead"))?;
    writes.next().is_none().then_some(write)
}

/// Whether something is still to be done after a word or two in answer: the caller has a wish, or takes leave.
fn is_open(heard: &Heard) -> bool {
    let to_do = [
        Intent::Book,
        Intent::Cancel,
        Intent::Move,
        Intent::Refill,
        Intent::Message,
        Intent::NeverMind,
        Intent::Goodbye,
    ];
    let intent = words::intent(&heard.text);
    intent.is_some_and(|intent| to_do.contains(&intent)) || words::answer(&heard.text) == Answer::No
}

/// Whether two texts are the same but for signs and case.
fn same_words(one: &str, other: &str) -> bool {
    guard::phrase::words(one) == guard::phrase::words(other)
}

fn for_model(number: u32, local: Step) -> Step {
    Step::ForModel { number, local: Box::new(local) }
}

fn done(number: u32, name: &'static str, args: Vec<(&'static str, Argument)>) -> ToolUse {
    ToolUse { number: Some(number), name, args, result: Ok(ToolAnswer::default()) }
}

/// A proposal's name in decisions.
fn name(proposal: &Proposal) -> &'static str {
    match proposal {
        Proposal::Identify => "identify",
        Proposal::FindSlots { .. } => "find-slots",
        Proposal::FindAppointments => "find-appointments",
        Proposal::Write(write) => write.tool(),
        Proposal::Refill => "refill",
        Proposal::TakeMessage => "take-message",
        Proposal::Expect(_) => "expect",
        Proposal::HandOff(_) => "hand-off",
        Proposal::EndCall => "end-call",
    }
}

#[cfg(test)]
mod tests;
