//! One call's conversation: takes events, keeps the state, returns actions.
//!
//! Here is what holds in every state: the disclosure, the policy's verdicts, silence, misunderstandings, keys and
//! hanging up. What the caller wants is dealt with in [`super::flows`].

use std::collections::BTreeSet;

use crate::expect::Expecting;
use crate::guard::{Done, Facts, Verdict};
use crate::ids::CallId;
use crate::placeholder::{self, Placeholder};
use crate::wire::line::DeskAnswer;
use crate::wire::tool::IdentityLevel;

use super::action::{Action, Argument, Outcome, SayId, ToolId};
use super::cloud::Cloud;
use super::consent::Consent;
use super::event::{Event, Heard, Standing, ToolAnswer, ToolFailure};
use super::history::{History, ToolUse};
use super::state::{Goal, Identity, Pending, Question, State, Step, Volunteered};
use super::steps::is_write;
use super::template::{ClinicFacts, Part, Template};

/// Unanswered or misunderstood questions in a row before a person takes over.
const PATIENCE: u8 = 3;
/// The same over the whole call: somebody who is misheard that often is better served by a person.
const CALL_PATIENCE: u8 = 9;
/// Turns after which a person takes over: the longest flow, message after failed booking, needs about 25.
const MOST_TURNS: u32 = 60;

/// One call's conversation.
#[derive(Debug)]
pub struct Conversation {
    pub(super) clinic: ClinicFacts,
    pub(super) state: State,
    pub(super) standing: Standing,
    pub(super) number: Option<Placeholder>,
    pub(super) identity: Identity,
    pub(super) volunteered: Volunteered,
    /// Failed look-ups of a patient.
    pub(super) lookups: u8,
    /// What the call is about, for the brief.
    pub(super) goal: Option<Goal>,
    /// The desk was asked and did not take the call.
    pub(super) desk_refused: bool,
    /// A message was offered after that.
    pub(super) message_tried: bool,
    /// Telephone numbers that the caller called wrong.
    pub(super) phone_tries: u8,
    pub(super) cloud: Cloud,
    pub(super) consent: Consent,
    pub(super) history: History,
    pub(super) outcome: Option<Outcome>,
    pub(super) pending: Vec<Pending>,
    pub(super) misses: u8,
    pub(super) silences: u8,
    /// How often the line has said that nothing comes from the caller's telephone, since something was last understood.
    pub(super) unheard: u8,
    pub(super) next_say: u32,
    pub(super) next_tool: u32,
    pub(super) facts: Facts,
    pub(super) out: Vec<Action>,
    all_misses: u8,
    spoke: bool,
    turns: u32,
}

impl Conversation {
    /// A conversation that waits for [`Event::Answered`].
    #[must_use]
    pub fn new(call: CallId, clinic: ClinicFacts) -> Self {
        let public = vec![clinic.name.clone(), clinic.address.clone(), clinic.hours.clone()];
        Self {
            clinic,
            state: State::Ringing,
            standing: Standing { record: false, clinic: false },
            number: None,
            identity: Identity::Unknown,
            volunteered: Volunteered::default(),
            lookups: 0,
            goal: None,
            desk_refused: false,
            message_tried: false,
            phone_tries: 0,
            cloud: Cloud::default(),
            consent: Consent::default(),
            history: History::new(call),
            outcome: None,
            pending: Vec::new(),
            misses: 0,
            all_misses: 0,
            silences: 0,
            unheard: 0,
            spoke: false,
            turns: 0,
            next_say: 1,
            next_tool: 1,
            facts: Facts { public, ..Facts::default() },
            out: Vec::new(),
        }
    }

    /// Takes what happened and returns what the driver must do, in order.
    pub fn on(&mut self, event: Event) -> Vec<Action> {
        match event {
            Event::Answered { standing, number } => self.answered(standing, number),
            Event::Standing(standing) => self.standing = standing,
            Event::Heard(heard) => self.heard(&heard),
            Event::NotUnderstood => self.not_understood(),
            Event::Silence => self.silence(),
            Event::Unheard => self.unheard(),
            Event::Pressed(key) => self.pressed(key),
            Event::Played { id, whole } => self.played(id, whole),
            Event::ToolDone { id, result } => self.tool_done(id, result),
            Event::Thought { id, thought } => self.thought(id, thought),
            Event::Desk(answer) => self.desk(answer),
            Event::HungUp => self.state = State::Over,
        }
        self.call_off_idle();
        std::mem::take(&mut self.out)
    }

    /// How the call ended, or would end if the caller hung up now.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome.unwrap_or(Outcome::Abandoned)
    }

    /// Whether the caller is on hold until staff take the call or nobody does.
    #[must_use]
    pub fn waits_for_staff(&self) -> bool {
        self.state == State::AtDesk
    }

    /// How sure the box is of who is calling.
    #[must_use]
    pub fn identity(&self) -> IdentityLevel {
        self.facts.level
    }

    /// What the box is waiting for.
    #[must_use]
    pub fn expecting(&self) -> Expecting {
        match &self.state {
            State::Asked(question) => question.expecting(),
            State::Ringing | State::Working(_) | State::Thinking(_) | State::AtDesk | State::Bridged | State::Over => {
                Expecting::Anything
            }
        }
    }

    /// What is true in this call, for [`crate::guard::evaluate()`]. Every sentence in an [`Action::Say`] has passed it already.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    fn answered(&mut self, standing: Standing, number: Option<Placeholder>) {
        if self.state != State::Ringing {
            return;
        }
        self.standing = standing;
        self.number = number;
        self.learn(number);
        self.disclose();
        self.open();
    }

    /// The first sentence of every call, and the answer to "are you a robot".
    ///
    /// Source: Utah SB 149 and SB 226, California AB 2905, Texas HB 149 and SB 1188; one strict wording for all states.
    pub(super) fn disclose(&mut self) {
        let words = "Thank you for calling {}. This is an automated assistant that uses A I, not a person. \
                     To reach a person at any time, say representative or press zero.";
        let template = Template::filled(words, &[Part::ClinicName(&self.clinic)]);
        self.say_firmly(template);
    }

    fn heard(&mut self, heard: &Heard) {
        if matches!(self.state, State::Ringing | State::Bridged | State::Over) {
            return;
        }
        self.spoke = true;
        (self.silences, self.unheard) = (0, 0);
        self.turns = self.turns.saturating_add(1);
        self.learn(placeholder::find_all(heard.text.as_str()).map(|(_, p)| p));
        self.learn(heard.captured.map(|c| c.placeholder));
        self.history.caller(heard, self.expecting());
        if self.consent_heard(heard) || (heard.objects && self.objected(Some(heard))) {
            return;
        }
        match heard.verdict {
            Verdict::Emergency => return self.emergency(),
            Verdict::Person if self.takes_dictation() && is_long(heard) => {}
            Verdict::Person => {
                self.decided("guard", "asked-for-person");
                return self.wants_person();
            }
            Verdict::Forbidden(reason) if !self.takes_dictation() => {
                self.decided("guard", reason);
                return self.person(reason);
            }
            Verdict::Forbidden(_) | Verdict::Proceed => {}
        }
        if self.turns > MOST_TURNS {
            return self.person("too-many-turns");
        }
        match self.state.clone() {
            State::Asked(question) if self.think_about(&question, heard) => {}
            State::Asked(question) => self.answer(self.as_local(question), heard),
            State::Thinking(_) => self.think_again(heard),
            State::Ringing | State::Working(_) | State::AtDesk | State::Bridged | State::Over => {}
        }
    }

    fn takes_dictation(&self) -> bool {
        matches!(&self.state, State::Asked(question) if question.takes_dictation())
    }

    /// The caller asks for a person. Where nobody was free a moment ago, the open question stands.
    fn wants_person(&mut self) {
        let State::Asked(question) = self.state.clone() else { return self.person("asked-for-person") };
        self.all_misses = self.all_misses.saturating_add(1);
        if !self.desk_refused || self.all_misses >= CALL_PATIENCE || self.hides(&question) {
            return self.person("asked-for-person");
        }
        self.say(Template::fixed("I am sorry, nobody is free at the moment."));
        self.put(question, false);
    }

    /// The fixed script, and a person at once: no question stands between the caller and 911.
    fn emergency(&mut self) {
        self.decided("guard", "emergency");
        let first = self.outcome != Some(Outcome::Emergency);
        self.outcome = Some(Outcome::Emergency);
        self.say_firmly(Template::fixed(
            "If this is a medical emergency, hang up and dial nine one one now. I am calling a person at the clinic for you.",
        ));
        if !first && self.desk_refused {
            return self.close();
        }
        // Also where the desk rings already, for something else: now it is urgent.
        if first || self.state != State::AtDesk {
            self.seek_desk("emergency");
        }
    }

    fn not_understood(&mut self) {
        self.spoke = true;
        self.silences = 0;
        self.turns = self.turns.saturating_add(1);
        if self.asks_to_record() {
            return self.may_record(false);
        }
        self.miss();
    }

    /// The caller's answer was of no use: other words, then the ways out, then a person.
    pub(super) fn miss(&mut self) {
        let State::Asked(question) = self.state.clone() else { return };
        self.misses = self.misses.saturating_add(1);
        self.all_misses = self.all_misses.saturating_add(1);
        if self.misses >= PATIENCE || self.all_misses >= CALL_PATIENCE {
            return self.person("not-understood");
        }
        if self.hides(&question) {
            return self.person("record-unavailable");
        }
        self.say(Template::fixed(if self.misses == 1 {
            "I am sorry, I did not understand."
        } else if question.expecting() == Expecting::YesNo {
            "I am sorry, I still did not understand. You can press one for yes, two for no, or zero for a person."
        } else {
            "I am sorry, I still did not understand. You can press zero for a person."
        }));
        self.put(question, true);
    }

    fn silence(&mut self) {
        self.silences = self.silences.saturating_add(1);
        match self.state.clone() {
            State::Ringing | State::Bridged | State::Over => {}
            State::AtDesk => {
                // The line gives staff their time; this ends the call should its answer never come. Those on call may
                // take many minutes.
                let is_urgent = self.outcome == Some(Outcome::Emergency);
                if self.silences > PATIENCE.saturating_mul(3) && !is_urgent {
                    self.desk(DeskAnswer::None);
                }
            }
            State::Working(id) if self.silences >= PATIENCE => self.stop_waiting(id),
            State::Thinking(_) if self.silences >= PATIENCE => self.think_locally("late"),
            State::Working(_) | State::Thinking(_) => self.say(Template::fixed("One more moment, please.")),
            State::Asked(Question::MayRecord) => self.may_record(false),
            State::Asked(Question::MoreHelp) => self.goodbye(),
            State::Asked(question) => self.silent_at(question),
        }
    }

    /// The way from the caller to the box is broken, and the caller may well be speaking: they are told, then a person is
    /// asked, who can ring back. To ask "are you still there" would be to wait for an answer that cannot come.
    fn unheard(&mut self) {
        self.unheard = self.unheard.saturating_add(1);
        match self.state {
            State::Ringing | State::AtDesk | State::Bridged | State::Over => {}
            State::Asked(_) | State::Working(_) | State::Thinking(_) => {
                if self.unheard == 1 {
                    self.say(Template::fixed("I am sorry, I can not hear you."));
                } else {
                    self.person("silence");
                }
            }
        }
    }

    fn silent_at(&mut self, question: Question) {
        if self.silences >= PATIENCE {
            if self.spoke {
                return self.person("silence");
            }
            self.outcome = self.outcome.or(Some(Outcome::Silent));
            self.say(Template::fixed("I can not hear you. Please call again. Goodbye."));
            return self.close();
        }
        if self.hides(&question) {
            return self.person("record-unavailable");
        }
        if self.silences == 1 {
            self.say(Template::fixed("Are you still there?"));
            self.put(question, false);
        } else {
            self.say(Template::fixed("I did not hear you. Please speak up, or press zero for a person."));
            self.put(question, true);
        }
    }

    fn pressed(&mut self, key: char) {
        if matches!(self.state, State::Ringing | State::Bridged | State::Over) {
            return;
        }
        self.spoke = true;
        self.silences = 0;
        if self.consent_pressed(key) {
            return;
        }
        match (key, self.state.clone()) {
            ('*', _) => {
                self.objected(None);
            }
            ('0', _) => {
                self.decided("receptionist", "pressed-zero");
                self.wants_person();
            }
            // A key is no words that a model could be asked about.
            ('1', State::Asked(question)) if question.expecting() == Expecting::YesNo => {
                self.yes(self.as_local(question))
            }
            ('2', State::Asked(question)) if question.expecting() == Expecting::YesNo => {
                self.no(self.as_local(question))
            }
            _ => {}
        }
    }

    /// A time that was cut off was not heard: a yes to it would be a yes to nothing.
    fn played(&mut self, id: SayId, whole: bool) {
        self.consent_played(id, whole);
        if whole {
            return;
        }
        match &mut self.state {
            State::Asked(Question::Slot(offer)) if offer.said == Some(id) => offer.heard = false,
            State::Asked(Question::Which(held)) if held.said == Some(id) => held.heard = false,
            State::Asked(Question::Confirm { said, heard, .. }) if *said == Some(id) => *heard = false,
            State::Asked(_)
            | State::Thinking(_)
            | State::Ringing
            | State::Working(_)
            | State::AtDesk
            | State::Bridged
            | State::Over => self.cut_off(id),
        }
    }

    /// The caller waits no longer. What the tool does is still noted when it reports.
    fn stop_waiting(&mut self, id: ToolId) {
        let Some(pending) = self.pending.iter_mut().find(|pending| pending.id == id) else { return };
        let step = std::mem::replace(&mut pending.step, Step::Left);
        self.go_on(step, Err(ToolFailure::Unavailable));
    }

    fn tool_done(&mut self, id: ToolId, result: Result<ToolAnswer, ToolFailure>) {
        let Some(at) = self.pending.iter().position(|pending| pending.id == id) else { return };
        let mut pending = self.pending.remove(at);
        let number = if let Step::ForModel { number, .. } = &pending.step { Some(*number) } else { None };
        let (name, args) = (pending.name, pending.args.clone());
        self.history.tool(ToolUse { number, name, args, result: result.clone() });
        if let Ok(answer) = &result {
            self.learn(answer.placeholders());
            self.remember(&pending, answer);
        }
        if self.state == State::Working(id) {
            self.silences = 0;
            let step = std::mem::replace(&mut pending.step, Step::Left);
            self.go_on(step, result);
        }
    }

    /// Notes a write that succeeded. An answer without the items that the catalogue promises proves nothing.
    fn remember(&mut self, pending: &Pending, answer: &ToolAnswer) {
        if !is_write(pending.name) || answer.items.is_empty() {
            return;
        }
        let args = pending.args.iter().filter_map(|(_, argument)| match argument {
            Argument::Held(placeholder) => Some(*placeholder),
            Argument::Public(_) | Argument::Free(_) => None,
        });
        let about: BTreeSet<_> = args.chain(answer.placeholders()).collect();
        self.facts.done.push(Done { tool: pending.name, about });
        if self.outcome != Some(Outcome::Emergency) {
            self.outcome = pending.outcome.or(self.outcome);
        }
    }

    fn desk(&mut self, answer: DeskAnswer) {
        if self.state != State::AtDesk {
            return;
        }
        match answer {
            DeskAnswer::Accept => {
                self.decided("receptionist", "desk-accepted");
                if self.outcome != Some(Outcome::Emergency) {
                    self.outcome = Some(Outcome::HandedOver);
                }
                self.out.push(Action::Bridge);
                self.state = State::Bridged;
            }
            DeskAnswer::Decline | DeskAnswer::None => {
                self.decided("receptionist", "desk-refused");
                self.desk_refused = true;
                self.nobody_free();
            }
        }
    }
}

/// Words in a dictated message above which a mention of a person is part of the message: "can i talk to a person" has
/// six, "please ask the nurse to call me back" more.
const BARE_WISH: usize = 6;

fn is_long(heard: &Heard) -> bool {
    heard.text.as_str().split_whitespace().count() > BARE_WISH
}
