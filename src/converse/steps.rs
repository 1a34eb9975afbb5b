//! What the flows are made of: ask, say, use a tool, decide, hang up.
//!
//! Every sentence of the box passes [`guard::evaluate()`] here, and every tool is asked from here: no flow can go round
//! either.

use crate::guard::{self, Said};
use crate::placeholder::Placeholder;
use crate::wire::line::Urgency;
use crate::wire::tool::{self, Access, IdentityLevel};

use super::action::{Action, Argument, Outcome, SayId, ToolId};
use super::cloud::ModelText;
use super::conversation::Conversation;
use super::state::{Identity, Pending, Question, State, Step};
use super::template::Template;

impl Conversation {
    /// Puts a question for the first time.
    pub(super) fn ask(&mut self, question: Question) {
        self.misses = 0;
        self.silences = 0;
        self.put(question, false);
    }

    /// Says the question and waits for the answer.
    pub(super) fn put(&mut self, mut question: Question, again: bool) {
        let sentences = if again { question.again() } else { question.first() };
        let first = SayId(self.next_say);
        for sentence in sentences {
            self.say(sentence);
        }
        match &mut question {
            Question::Slot(offer) => (offer.said, offer.heard) = (Some(first), true),
            Question::Which(held) => (held.said, held.heard) = (Some(first), true),
            Question::Confirm { said, heard, .. } => (*said, *heard) = (Some(first), true),
            Question::Purpose
            | Question::MayRecord
            | Question::MoreHelp
            | Question::WhichChange
            | Question::Dob { .. }
            | Question::DobRight { .. }
            | Question::Name { .. }
            | Question::Day(_)
            | Question::Medicine
            | Question::MessageName
            | Question::MessagePhone { .. }
            | Question::PhoneRight { .. }
            | Question::MessageText { .. }
            | Question::Open(_) => {}
        }
        self.out.push(Action::Listen { expecting: question.expecting(), names: question.names() });
        self.history.question(question.as_str());
        self.state = State::Asked(question);
    }

    /// Says a sentence that the caller may talk over.
    pub(super) fn say(&mut self, template: Template) {
        self.speak(template, false);
    }

    /// Says a sentence that the caller can not talk over.
    pub(super) fn say_firmly(&mut self, template: Template) {
        self.speak(template, true);
    }

    fn speak(&mut self, template: Template, mandatory: bool) {
        let said = Said { template: template.as_str(), mandatory };
        let template = match guard::evaluate(&said, &self.facts) {
            Ok(()) => template,
            Err(objection) => {
                self.decided("guard", objection.as_str());
                Template::fixed("I am sorry, I can not help with that. Press zero for a person.")
            }
        };
        let id = SayId(self.next_say);
        self.next_say = self.next_say.saturating_add(1);
        self.history.said(&template);
        self.out.push(Action::Say { id, template: template.as_str().to_owned(), mandatory });
    }

    /// Says a sentence of a cloud model that has passed the gate already; returns its number.
    pub(super) fn say_for_model(&mut self, text: &ModelText) -> SayId {
        let id = SayId(self.next_say);
        self.next_say = self.next_say.saturating_add(1);
        self.history.said_by_model(text);
        self.out.push(Action::Say { id, template: text.as_str().to_owned(), mandatory: false });
        id
    }

    /// Asks a tool and waits for its answer, or turns to a person where the box may not.
    pub(super) fn use_tool(
        &mut self,
        name: &'static str,
        args: Vec<(&'static str, Argument)>,
        step: Step,
        outcome: Option<Outcome>,
    ) {
        if !self.standing.record {
            return self.person("record-unavailable");
        }
        // A message may still be taken when the clinic's systems are away: the failure is dealt with when it comes.
        if !self.standing.clinic && step != Step::Message {
            return self.person("clinic-unavailable");
        }
        if is_write(name) {
            self.say(Template::fixed("One moment, please."));
        }
        let id = ToolId(self.next_tool);
        self.next_tool = self.next_tool.saturating_add(1);
        self.silences = 0;
        self.out.push(Action::Tool { id, name, args: args.clone() });
        self.pending.push(Pending { id, name, args, step, outcome });
        self.state = State::Working(id);
    }

    /// Notes a decision for the record and the dossier.
    pub(super) fn decided(&mut self, by: &'static str, what: &'static str) {
        self.history.decided(by, what);
        self.out.push(Action::Decided { by, what });
    }

    /// Holds the caller's identity to be at `identity`'s level from now on.
    pub(super) fn hold(&mut self, identity: Identity) {
        if matches!(self.identity, Identity::Verified { .. }) {
            return;
        }
        self.identity = identity;
        let level = match identity {
            Identity::Unknown => IdentityLevel::Unknown,
            Identity::Claimed { .. } => IdentityLevel::Claimed,
            Identity::Verified { .. } => IdentityLevel::Verified,
        };
        if level > self.facts.level {
            self.facts.level = level;
            self.out.push(Action::Identity(level));
        }
    }

    /// Notes how the call ends, unless something weightier was noted before.
    pub(super) fn settle(&mut self, outcome: Outcome) {
        let weightier = !matches!(self.outcome, None | Some(Outcome::Answered));
        if !weightier {
            self.outcome = Some(outcome);
        }
    }

    /// Asks staff to take the call. Whatever tool is at work finishes unheard. Urgent is a caller in whose words the guard
    /// saw an emergency, for the rest of the call: what they ask for later does not make them less so.
    pub(super) fn ring_desk(&mut self, reason: &'static str, brief: Template) {
        self.history.brief(reason, &brief);
        let urgency = if self.outcome() == Outcome::Emergency { Urgency::Urgent } else { Urgency::Routine };
        self.out.push(Action::HandOff { reason, brief: brief.as_str().to_owned(), urgency });
        self.silences = 0;
        self.state = State::AtDesk;
    }

    /// Whether putting the question again would disclose something that the record could not note.
    pub(super) fn hides(&self, question: &Question) -> bool {
        question.discloses() && !self.standing.record
    }

    /// Hangs up.
    pub(super) fn close(&mut self) {
        let outcome = self.outcome();
        self.out.push(Action::HangUp { outcome });
        self.state = State::Over;
    }

    pub(super) fn learn(&mut self, placeholders: impl IntoIterator<Item = Placeholder>) {
        self.facts.known.extend(placeholders);
    }
}

/// Whether the tool changes anything.
pub(super) fn is_write(name: &str) -> bool {
    tool::find(name).is_some_and(|tool| tool.access == Access::Write)
}
