//! Scripted calls for tests: a table of what happens and what the box must do, line by line.
//!
//! ```text
//!   caller ~0.2 words     the caller speaks (confidence 0.2); a value at its placeholder's label is captured
//!   silence | noise       nothing is said, or nothing that is understood
//!   press 0               a key
//!   cuts words            the caller cut off the sentence that begins so
//!   hears words           the sentence that begins so was heard to its end
//!   gives a=b c=d | a=e   the tool that was asked last answers with two items
//!   fails conflict        it fails
//!   desk accept           the desk answers
//!   down record | up ...  a process goes or comes back
//!   hangs up
//!   said words            the cloud model says a sentence
//!   uses name a=b         it uses a tool
//!   whole                 its answer is whole
//!   breaks late           there is no answer, or no more of it
//!   box words             the box says this next (`box!` if it can not be talked over)
//!   listens dob [NAME_1]  it waits for this, with these names
//!   tool name a=b         it asks this tool
//!   identity verified     it holds the caller's identity to be so
//!   handoff reason: brief      (handoff! where it is urgent)
//!   consent caller granted  it may record, or may not
//!   thinks                it asks the cloud model
//!   calls-off             it waits for the model no longer
//!   bridge
//!   ends booked           it hangs up
//! ```
//! Every sentence, tool, hand-off and end must be in the table; listening, decisions and identity may be left out.

use std::collections::{BTreeMap, VecDeque};

use crate::guard::before;
use crate::guard::recording::objects_to_recording;
use crate::ids::{CallId, Turn};
use crate::listen::RawTranscript;
use crate::placeholder::{self, Label};
use crate::redact::{Captured, Redacted};
use crate::wire::line::{DeskAnswer, Urgency};

use super::*;
use crate::expect::Expecting;

/// A call that is being played from a table.
pub(crate) struct Call {
    pub(crate) conversation: Conversation,
    standing: Standing,
    turn: Turn,
    due: VecDeque<Action>,
    said: Vec<(SayId, String)>,
    tool: Option<ToolId>,
    thought: Option<ThoughtId>,
    uses: u32,
}

/// A clinic as configured.
pub(crate) fn clinic() -> ClinicFacts {
    ClinicFacts {
        name: "Riverside Family Clinic".to_owned(),
        address: "1450 River Road, Suite 210".to_owned(),
        hours: "Monday to Friday, eight to five".to_owned(),
    }
}

/// Plays `table` after the greeting and gives the call back.
pub(crate) fn play(table: &str) -> Call {
    let mut call = Call::answered(Standing { record: true, clinic: true });
    call.play(table);
    call
}

/// A caller who is known, with the first request `words`.
pub(crate) fn known(words: &str) -> Call {
    play(&format!(
        "caller {words}
         box What is the patient's date of birth?
         caller [DATE_9]
         tool list_names dob=[DATE_9]
         gives name=[NAME_8] | name=[NAME_9]
         box What is the patient's first and last name?
         listens name [NAME_8] [NAME_9]
         caller [NAME_9]
         tool find_patient dob=[DATE_9] name=[NAME_9]
         gives patient=[PATIENT_1] name=[NAME_9]
         identity verified"
    ))
}

/// What stands behind the words: the label that an answer to `expecting` has.
pub(crate) fn captured(expecting: Expecting, text: &str) -> Option<Captured> {
    let label = match expecting {
        Expecting::Dob | Expecting::Date => Label::Date,
        Expecting::Name { .. } => Label::Name,
        Expecting::Phone => Label::Phone,
        Expecting::Anything | Expecting::YesNo | Expecting::MemberId | Expecting::Card => return None,
    };
    let (_, placeholder) = placeholder::find_all(text).filter(|(_, p)| p.label == label).last()?;
    Some(Captured { expecting, placeholder, complete: !text.ends_with("...") })
}

impl Call {
    /// A call that was answered, past its greeting.
    pub(crate) fn answered(standing: Standing) -> Self {
        Self::begun(Conversation::new(CallId::draw(), clinic()), standing)
    }

    /// A call that is answered, before its first sentence is looked at.
    pub(crate) fn ringing(conversation: Conversation) -> Self {
        let standing = Standing { record: true, clinic: true };
        let (turn, due, said) = (Turn::default(), VecDeque::new(), Vec::new());
        let mut call = Self { conversation, standing, turn, due, said, tool: None, thought: None, uses: 0 };
        call.happens(Event::Answered { standing, number: None });
        call
    }

    /// The same with a cloud model as the thinker.
    pub(crate) fn with_model() -> Self {
        let conversation = Conversation::new(CallId::draw(), clinic()).with_cloud_thinker(true);
        Self::begun(conversation, Standing { record: true, clinic: true })
    }

    fn begun(conversation: Conversation, standing: Standing) -> Self {
        let (turn, due, said) = (Turn::default(), VecDeque::new(), Vec::new());
        let mut call = Self { conversation, standing, turn, due, said, tool: None, thought: None, uses: 0 };
        call.happens(Event::Answered { standing, number: None });
        call.play(
            "box! Thank you for calling Riverside Family Clinic. This is an automated assistant that uses A I, not a \
             person. To reach a person at any time, say representative or press zero.
             box How can I help you?
             listens anything",
        );
        call
    }

    pub(crate) fn play(&mut self, table: &str) {
        for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            if let Some(event) = self.event(word, rest.trim()) {
                self.nothing_left_before(line);
                self.happens(event);
            } else {
                self.expects(word, rest.trim(), line);
            }
        }
    }

    fn event(&mut self, word: &str, rest: &str) -> Option<Event> {
        Some(match word {
            "caller" => self.heard(rest),
            "silence" => Event::Silence,
            "unheard" => Event::Unheard,
            "noise" => Event::NotUnderstood,
            "press" => Event::Pressed(rest.chars().next().unwrap()),
            "cuts" | "hears" => {
                let (id, _) = self.said.iter().rfind(|(_, said)| said.starts_with(rest)).expect("what was said");
                Event::Played { id: *id, whole: word == "hears" }
            }
            "gives" => Event::ToolDone { id: self.tool.unwrap(), result: Ok(items(rest)) },
            "fails" => Event::ToolDone { id: self.tool.unwrap(), result: Err(failure(rest)) },
            "desk" => Event::Desk(match rest {
                "accept" => DeskAnswer::Accept,
                "decline" => DeskAnswer::Decline,
                _ => DeskAnswer::None,
            }),
            "down" | "up" => {
                *(if rest == "record" { &mut self.standing.record } else { &mut self.standing.clinic }) = word == "up";
                Event::Standing(self.standing)
            }
            "hangs" => Event::HungUp,
            "said" => self.thinks(Thought::Said(ModelText::in_a_test(rest))),
            "uses" => {
                self.uses += 1;
                let (name, args) = rest.split_once(' ').unwrap_or((rest, ""));
                let arg = |arg: &str| arg.split_once('=').map(|(key, value)| (key.to_owned(), value.into())).unwrap();
                let args = args.split_whitespace().map(arg).collect();
                self.thinks(Thought::Use(ModelUse { number: self.uses, name: name.to_owned(), args }))
            }
            "whole" => self.thinks(Thought::Whole),
            "breaks" => self.thinks(Thought::Failed(if rest == "late" { "late" } else { "broken" })),
            _ => return None,
        })
    }

    fn thinks(&self, thought: Thought) -> Event {
        Event::Thought { id: self.thought.expect("the model was asked"), thought }
    }

    fn heard(&mut self, rest: &str) -> Event {
        let (confidence, text) = match rest.strip_prefix('~').and_then(|rest| rest.split_once(' ')) {
            Some((confidence, text)) => (confidence.parse().unwrap(), text),
            None => (0.9, rest),
        };
        self.turn = self.turn.next();
        Event::Heard(Heard {
            turn: self.turn,
            text: Redacted::in_a_test(text),
            captured: captured(self.conversation.expecting(), text),
            verdict: before(&RawTranscript::typed(text)),
            confidence,
            objects: objects_to_recording(&RawTranscript::typed(text)),
        })
    }

    fn happens(&mut self, event: Event) {
        for action in self.conversation.on(event) {
            match &action {
                Action::Say { id, template, .. } => self.said.push((*id, template.clone())),
                Action::Tool { id, .. } => self.tool = Some(*id),
                Action::Think(id) => self.thought = Some(*id),
                Action::Listen { .. }
                | Action::CallOff(_)
                | Action::Identity(_)
                | Action::Decided { .. }
                | Action::HandOff { .. }
                | Action::Bridge
                | Action::Consent { .. }
                | Action::HangUp { .. } => {}
            }
            self.due.push_back(action);
        }
    }

    fn expects(&mut self, word: &str, rest: &str, line: &str) {
        let kind = word.trim_end_matches('!');
        while let Some(action) = self.due.pop_front() {
            let (is, text) = shown(&action);
            if is.trim_end_matches('!') == kind {
                assert_eq!((is, text.as_str()), (word, rest), "at: {line}");
                return;
            }
            assert!(
                matches!(is, "listens" | "decided" | "identity" | "calls-off"),
                "wanted: {line}\nbut the box: {is} {text}"
            );
        }
        panic!("the box did nothing more, wanted: {line}");
    }

    fn nothing_left_before(&mut self, line: &str) {
        for action in self.due.drain(..) {
            let (is, text) = shown(&action);
            assert!(
                matches!(is, "listens" | "decided" | "identity" | "calls-off"),
                "before: {line}\nthe box also: {is} {text}"
            );
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.nothing_left_before("the end of the table");
        }
    }
}

/// An action as a line of the table.
fn shown(action: &Action) -> (&'static str, String) {
    match action {
        Action::Say { template, mandatory: false, .. } => ("box", template.clone()),
        Action::Say { template, mandatory: true, .. } => ("box!", template.clone()),
        Action::Listen { expecting, names } => {
            let names: String = names.iter().map(|name| format!(" {name}")).collect();
            ("listens", format!("{expecting}{names}"))
        }
        Action::Tool { name, args, .. } => {
            let show = |argument: &Argument| match argument {
                Argument::Held(placeholder) => placeholder.to_string(),
                Argument::Public(word) => (*word).to_owned(),
                Argument::Free(text) => format!("'{}'", text.as_str()),
            };
            let args: String = args.iter().map(|(name, argument)| format!(" {name}={}", show(argument))).collect();
            ("tool", format!("{name}{args}"))
        }
        Action::Think(_) => ("thinks", String::new()),
        Action::CallOff(_) => ("calls-off", String::new()),
        Action::Identity(level) => ("identity", format!("{level:?}").to_lowercase()),
        Action::Decided { by, what } => ("decided", format!("{by} {what}")),
        Action::HandOff { reason, brief, urgency: Urgency::Routine } => ("handoff", format!("{reason}: {brief}")),
        Action::HandOff { reason, brief, urgency: Urgency::Urgent } => ("handoff!", format!("{reason}: {brief}")),
        Action::Consent { by, result } => ("consent", format!("{by} {result}")),
        Action::Bridge => ("bridge", String::new()),
        Action::HangUp { outcome } => {
            let outcome = serde_json::to_string(outcome).unwrap();
            ("ends", outcome.trim_matches('"').to_owned())
        }
    }
}

fn items(text: &str) -> ToolAnswer {
    let value = |text: &str| match text.parse() {
        Ok(placeholder) => ToolValue::Held(placeholder),
        Err(_) => ToolValue::Public(text.to_owned()),
    };
    let field = |field: &str| {
        let (name, text) = field.split_once('=').unwrap();
        (name.to_owned(), value(text))
    };
    let item = |item: &str| item.split_whitespace().map(field).collect::<BTreeMap<_, _>>();
    ToolAnswer { items: text.split('|').filter(|text| !text.trim().is_empty()).map(item).collect() }
}

fn failure(text: &str) -> ToolFailure {
    let all = [ToolFailure::Unavailable, ToolFailure::Conflict, ToolFailure::Forbidden, ToolFailure::Failed];
    all.into_iter().find(|failure| failure.as_str() == text).unwrap()
}
