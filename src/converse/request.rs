//! What a cloud model would be asked in this turn: the exact content, in placeholders.
//!
//! In:  the call so far. Out: a [`CloudRequest`], whose every part is of a type that may cross the airlock.

use crate::wire::tool::CATALOGUE;
use crate::wire::{Airlock, Door, Loaded, MayGoTo, Parcel, Record, Watch};

use super::conversation::Conversation;
use super::history::Line;

/// The instructions that [`SYSTEM`] names.
pub const PROMPT: &str = include_str!("prompt.md");
/// The id of the instructions. Changes whenever [`PROMPT`] does.
pub const SYSTEM: &str = "receptionist-v1";
/// The version of the request's shape.
const VERSION: u32 = 1;
/// Messages that a model is shown, the latest: about ten minutes of talk, and well below 1 MiB.
const MOST_MESSAGES: usize = 40;

/// The request that a cloud model would get.
///
/// What a caller said word for word can not enter it; this does not compile:
/// ```compile_fail
/// use anteroom::{listen::RawTranscript, wire::{Airlock, Parcel}};
/// fn add(heard: &RawTranscript) { let message = Parcel::<Airlock>::new().with("text", heard); }
/// ```
/// The request itself may leave:
/// ```
/// use anteroom::{converse::CloudRequest, wire::{Airlock, Parcel}};
/// fn add(request: &CloudRequest) { let message = Parcel::<Airlock>::new().with("text", request); }
/// ```
#[derive(Clone, Debug)]
pub struct CloudRequest {
    messages: Vec<Line>,
}

impl Conversation {
    /// What a cloud model would be asked about the caller's last words: the call up to and including them.
    #[must_use]
    pub fn would_ask(&self) -> CloudRequest {
        let lines = &self.history.lines;
        let last = lines.iter().rposition(|line| matches!(line, Line::Caller { .. }));
        let end = last.map_or(lines.len(), |last| last.saturating_add(1));
        let start = end.saturating_sub(MOST_MESSAGES);
        CloudRequest { messages: lines.iter().take(end).skip(start).cloned().collect() }
    }

    /// Whether a thinker would be asked about the caller's last words at all: not where the policy decided, nor where
    /// the box had asked for an identifier and captured it.
    #[must_use]
    pub fn needs_thinker(&self) -> bool {
        !self.history.settled
    }
}

impl CloudRequest {
    /// How many messages it holds.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.messages.len()
    }

    fn pack<D: Door>(&self) -> Loaded {
        let message = |line: &Line| {
            let parcel = Parcel::<D>::new();
            match line {
                Line::Caller { leaves, .. } => parcel.with("who", &"caller").with("text", leaves),
                Line::Said { text, .. } => parcel.with("who", &"box").with("text", text),
                Line::Tool(tool) => parcel.with("who", &"tool").with("tool", tool),
            }
        };
        let messages: Vec<Parcel<D>> = self.messages.iter().map(message).collect();
        let tools: Vec<&'static str> =
            CATALOGUE.iter().filter(|tool| !HIDDEN.contains(&tool.name)).map(|t| t.name).collect();
        Parcel::<D>::new()
            .with("v", &VERSION)
            .with("system", &SYSTEM)
            .with("tools", &tools)
            .with("messages", &messages)
            .load()
    }
}

/// Tools of the box itself: a model has no use for the recogniser's list of names.
const HIDDEN: &[&str] = &["list_names"];

impl MayGoTo<Airlock> for CloudRequest {
    fn load(&self) -> Loaded {
        self.pack::<Airlock>()
    }
}

impl MayGoTo<Record> for CloudRequest {
    fn load(&self) -> Loaded {
        self.pack::<Record>()
    }
}

impl MayGoTo<Watch> for CloudRequest {
    fn load(&self) -> Loaded {
        self.pack::<Watch>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::converse::script::{Call, play};

    fn asked(call: &Call) -> serde_json::Value {
        MayGoTo::<Airlock>::load(&call.conversation.would_ask()).0
    }

    #[test]
    fn a_model_is_asked_with_the_call_up_to_the_callers_last_words() {
        let call = play(
            "caller what are your hours
             box We are open Monday to Friday, eight to five.
             box Is there anything else I can help you with?",
        );
        let asked = asked(&call);
        assert_eq!(asked["system"], SYSTEM);
        assert!(asked["tools"].as_array().unwrap().contains(&"book".into()));
        let last = asked["messages"].as_array().unwrap().last().unwrap();
        assert_eq!(last, &serde_json::json!({ "who": "caller", "text": "what are your hours" }));
        assert!(call.conversation.needs_thinker());
    }

    #[test]
    fn an_answer_with_an_identifier_goes_out_as_its_placeholder_only() {
        let call = play(
            "caller i need an appointment
             box What is the patient's date of birth?
             caller it is [DATE_1] and my neighbour is odd
             tool list_names dob=[DATE_1]",
        );
        let last = asked(&call)["messages"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(last["text"], "[DATE_1]");
        assert!(!call.conversation.needs_thinker());
        let call = play(
            "caller i need an appointment
             box What is the patient's date of birth?
             caller why would you want to know that
             box I am sorry, I did not understand.
             box Please say the date of birth with month, day, and year, such as May first, nineteen eighty.",
        );
        assert_eq!(asked(&call)["messages"].as_array().unwrap().last().unwrap()["text"], "[WITHHELD]");
    }

    #[test]
    fn what_the_policy_decides_needs_no_thinker() {
        let call = play(
            "caller operator
             box One moment, please. I will ask a person to take your call.
             handoff asked-for-person: A caller, not identified, has not said what for. The caller asked for a person.",
        );
        assert!(!call.conversation.needs_thinker());
    }

    #[test]
    fn a_long_call_shows_its_latest_part_only() {
        let round = "caller what are your hours
             box We are open Monday to Friday, eight to five.
             box Is there anything else I can help you with?\n";
        let call = play(&round.repeat(20));
        assert_eq!(call.conversation.would_ask().messages(), MOST_MESSAGES);
    }
}
