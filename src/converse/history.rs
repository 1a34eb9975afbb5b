//! What was said, asked and decided in a call so far, in placeholders: the source of the dossier and of what a model
//! would be asked.

use std::collections::VecDeque;

use crate::expect::Expecting;
use crate::ids::{CallId, Turn};
use crate::placeholder::{Placeholder, WITHHELD};
use crate::redact::Redacted;
use crate::wire::{Door, Loaded, MayGoTo, Parcel};

use super::action::Argument;
use super::cloud::ModelText;
use super::event::{Heard, ToolAnswer, ToolFailure};
use super::template::Template;

/// Lines kept. A call ends after 60 turns, which make some 300; the bound is for a driver gone wrong.
const MOST_LINES: usize = 400;

/// One line of the call.
#[derive(Clone, Debug)]
pub(super) enum Line {
    /// The caller spoke.
    Caller {
        turn: Turn,
        text: Redacted,
        /// What of it may leave.
        leaves: Leaves,
    },
    /// The box spoke.
    Said { turn: Turn, text: Template },
    /// A cloud model spoke, in its own words.
    Model { turn: Turn, text: ModelText },
    /// A tool answered.
    Tool(ToolUse),
}

/// What of an utterance a model may see.
#[derive(Clone, Debug)]
pub(super) enum Leaves {
    /// The redacted words, those that are no words of the closed vocabulary kept back.
    Words(Redacted),
    /// The box had asked for an identifier: only what stands for it.
    Held(Placeholder),
    /// The box had asked for an identifier and got none: nothing.
    Nothing,
}

impl<D: Door> MayGoTo<D> for Leaves {
    fn load(&self) -> Loaded {
        match self {
            Self::Words(text) => match text.leaving() {
                Some(text) => MayGoTo::<D>::load(&text),
                None => MayGoTo::<D>::load(&WITHHELD),
            },
            Self::Held(placeholder) => MayGoTo::<D>::load(placeholder),
            Self::Nothing => MayGoTo::<D>::load(&WITHHELD),
        }
    }
}

/// One use of a tool.
#[derive(Clone, Debug)]
pub(super) struct ToolUse {
    /// The number of the model's use, where a model asked for it.
    pub(super) number: Option<u32>,
    pub(super) name: &'static str,
    pub(super) args: Vec<(&'static str, Argument)>,
    pub(super) result: Result<ToolAnswer, ToolFailure>,
}

impl<D: Door> MayGoTo<D> for ToolUse {
    fn load(&self) -> Loaded {
        let args = self.args.iter().fold(Parcel::<D>::new(), |args, (name, argument)| args.with(name, argument));
        let parcel = Parcel::<D>::new().with("name", &self.name).with("args", &args);
        match &self.result {
            Ok(answer) => parcel.with("ok", &true).with("result", answer).load(),
            Err(failure) => parcel.with("ok", &false).with("result", &failure.as_str()).load(),
        }
    }
}

/// One decision.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    pub(super) turn: Turn,
    pub(super) by: &'static str,
    pub(super) what: &'static str,
    /// The recogniser's confidence in the words that were decided on, 0 to 1.
    pub(super) score: f32,
}

/// A call so far.
#[derive(Clone, Debug)]
pub(super) struct History {
    pub(super) call: CallId,
    pub(super) lines: VecDeque<Line>,
    pub(super) decisions: Vec<Decision>,
    pub(super) reason: Option<&'static str>,
    pub(super) intent: Option<&'static str>,
    pub(super) question: Option<&'static str>,
    pub(super) brief: Option<Template>,
    /// Whether the last turn needs no thinker: the policy or the capture of an identifier settled it.
    pub(super) settled: bool,
    turn: Turn,
    score: f32,
}

impl History {
    pub(super) fn new(call: CallId) -> Self {
        Self {
            call,
            lines: VecDeque::new(),
            decisions: Vec::new(),
            reason: None,
            intent: None,
            question: None,
            brief: None,
            settled: true,
            turn: Turn::default(),
            score: 1.0,
        }
    }

    pub(super) fn caller(&mut self, heard: &Heard, expecting: Expecting) {
        self.turn = heard.turn;
        self.score = heard.confidence;
        let leaves = match (expecting.is_identity(), heard.captured) {
            (false, _) => Leaves::Words(heard.text.clone()),
            (true, Some(captured)) => Leaves::Held(captured.placeholder),
            (true, None) => Leaves::Nothing,
        };
        self.settled = expecting.is_identity() || heard.verdict != crate::guard::Verdict::Proceed;
        self.push(Line::Caller { turn: heard.turn, text: heard.text.clone(), leaves });
    }

    pub(super) fn said(&mut self, template: &Template) {
        self.push(Line::Said { turn: self.turn, text: template.clone() });
    }

    pub(super) fn said_by_model(&mut self, text: &ModelText) {
        self.push(Line::Model { turn: self.turn, text: text.clone() });
    }

    /// The caller's last words.
    pub(super) fn last_heard(&self) -> Option<&Redacted> {
        self.lines.iter().rev().find_map(|line| match line {
            Line::Caller { text, .. } => Some(text),
            Line::Said { .. } | Line::Model { .. } | Line::Tool(_) => None,
        })
    }

    pub(super) fn tool(&mut self, tool: ToolUse) {
        self.push(Line::Tool(tool));
    }

    pub(super) fn decided(&mut self, by: &'static str, what: &'static str) {
        if self.decisions.len() < MOST_LINES {
            self.decisions.push(Decision { turn: self.turn, by, what, score: self.score });
        }
    }

    pub(super) fn intent(&mut self, intent: &'static str) {
        self.intent = Some(intent);
    }

    pub(super) fn question(&mut self, question: &'static str) {
        self.question = Some(question);
    }

    pub(super) fn brief(&mut self, reason: &'static str, brief: &Template) {
        self.reason = Some(reason);
        self.brief = Some(brief.clone());
    }

    fn push(&mut self, line: Line) {
        if self.lines.len() >= MOST_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }
}
