//! What staff see before they take a call: everything that was said, done and decided, in placeholders.
//!
//! Kept in the record; `recordd` puts the values back for a person who may see them.

use crate::ids::{CallId, Turn};
use crate::wire::tool::IdentityLevel;
use crate::wire::{Loaded, MayGoTo, Parcel, Record};

use super::conversation::Conversation;
use super::history::{Decision, Line, ToolUse};
use super::template::Template;

/// The version of the dossier's shape.
const VERSION: u32 = 1;

/// A call for the eyes of staff, in placeholder form.
///
/// It may name what a caller said in answer to a question for an identifier, so it never leaves:
/// ```compile_fail
/// use anteroom::{converse::Dossier, wire::{Airlock, Parcel}};
/// fn keep(dossier: &Dossier) { let parcel = Parcel::<Airlock>::new().with("dossier", dossier); }
/// ```
/// ```
/// use anteroom::{converse::Dossier, wire::{Record, Parcel}};
/// fn keep(dossier: &Dossier) { let parcel = Parcel::<Record>::new().with("dossier", dossier); }
/// ```
#[derive(Clone, Debug)]
pub struct Dossier {
    call: CallId,
    reason: Option<&'static str>,
    intent: Option<&'static str>,
    goal: Option<&'static str>,
    level: IdentityLevel,
    question: Option<&'static str>,
    lines: Vec<Line>,
    decisions: Vec<Decision>,
    brief: Option<Template>,
}

impl Conversation {
    /// The call so far, for staff.
    #[must_use]
    pub fn dossier(&self) -> Dossier {
        let history = &self.history;
        Dossier {
            call: history.call,
            reason: history.reason,
            intent: history.intent,
            goal: self.goal.map(super::state::Goal::wish),
            level: self.identity(),
            question: history.question,
            lines: history.lines.iter().cloned().collect(),
            decisions: history.decisions.clone(),
            brief: history.brief.clone(),
        }
    }
}

impl MayGoTo<Record> for Dossier {
    fn load(&self) -> Loaded {
        let identity = Parcel::<Record>::new().with("level", &self.level);
        let said = |turn: &Turn, who: &'static str| Parcel::<Record>::new().with("turn", turn).with("who", &who);
        let transcript: Vec<_> = self
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::Caller { turn, text, .. } => Some(said(turn, "caller").with("text", text)),
                Line::Said { turn, text } => Some(said(turn, "box").with("text", text)),
                Line::Model { turn, text } => Some(said(turn, "model").with("text", text)),
                Line::Tool(_) => None,
            })
            .collect();
        let tools: Vec<ToolUse> = self
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::Tool(tool) => Some(tool.clone()),
                Line::Caller { .. } | Line::Said { .. } | Line::Model { .. } => None,
            })
            .collect();
        Parcel::<Record>::new()
            .with("v", &VERSION)
            .with("call", &self.call)
            .with("reason", &self.reason)
            .with("intent", &self.intent)
            .with("goal", &self.goal)
            .with("identity", &identity)
            .with("question", &self.question)
            .with("transcript", &transcript)
            .with("tools", &tools)
            .with("decisions", &self.decisions)
            .with("brief", &self.brief)
            .load()
    }
}

impl MayGoTo<Record> for Decision {
    fn load(&self) -> Loaded {
        let parcel = Parcel::<Record>::new().with("turn", &self.turn).with("by", &self.by);
        parcel.with("what", &self.what).with("score", &self.score).load()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::converse::script::known;

    #[test]
    fn staff_see_who_what_and_every_step_in_placeholders() {
        let mut call = known("cancel my appointment");
        call.play(
            "tool find_appointments patient=[PATIENT_1]
             gives slot=[SLOT_1]
             box You have [SLOT_1].
             box Shall I cancel it?
             caller representative
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: [NAME_9], verified, wants to cancel an appointment. The caller asked for a person.",
        );
        let dossier = MayGoTo::<Record>::load(&call.conversation.dossier()).0;
        assert_eq!(dossier["v"], 1);
        assert_eq!(dossier["reason"], "asked-for-person");
        assert_eq!(dossier["intent"], "cancel");
        assert_eq!(dossier["goal"], "wants to cancel an appointment");
        assert_eq!(dossier["identity"]["level"], "verified");
        assert_eq!(dossier["question"], "this-appointment");
        assert_eq!(
            dossier["brief"],
            "[NAME_9], verified, wants to cancel an appointment. The caller asked for a person."
        );
        let said = dossier["transcript"].as_array().unwrap();
        assert_eq!(said[2]["who"], "caller");
        assert_eq!(said[2]["text"], "cancel my appointment");
        assert_eq!(said[2]["turn"], 1);
        let tools = dossier["tools"].as_array().unwrap();
        let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["list_names", "find_patient", "find_appointments"]);
        assert_eq!(tools[1]["args"]["dob"], "[DATE_9]");
        assert_eq!(tools[1]["result"][0]["patient"], "[PATIENT_1]");
        let decisions = dossier["decisions"].as_array().unwrap();
        assert!(decisions.iter().any(|d| d["by"] == "guard" && d["what"] == "asked-for-person"), "{decisions:?}");
    }
}
