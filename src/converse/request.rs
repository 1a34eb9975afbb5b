//! What a cloud model is asked: the call so far, in placeholders and words of the closed vocabulary.
//!
//! In:  the conversation. Out: a [`CloudRequest`], whose every part is of a type that may cross the airlock. The prompt, the
//! tools and what the clinic has approved to be known are airlockd's own; they are not in it.

use crate::config::airlock::INTENTS;
use crate::vocabulary;
use crate::wire::{Airlock, Loaded, MayGoTo, Parcel, offered};

use super::conversation::Conversation;
use super::history::Line;
use super::template::Template;
use crate::placeholder::WITHHELD;

/// The version of the request's shape.
const VERSION: u32 = 2;
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
    intent: &'static str,
    step: &'static str,
    messages: Vec<Line>,
    /// The clinic's own public words, which airlockd knows too.
    public: Vec<String>,
}

impl Conversation {
    /// What a cloud model is asked about the last that happened: the caller's words, or a tool's answer.
    #[must_use]
    pub fn would_ask(&self) -> CloudRequest {
        let lines = &self.history.lines;
        // The box's own words since then are not what it is asked about.
        let last = lines.iter().rposition(|line| match line {
            Line::Caller { .. } => true,
            Line::Tool(tool) => tool.number.is_some(),
            Line::Said { .. } | Line::Model { .. } => false,
        });
        let end = last.map_or(lines.len(), |last| last.saturating_add(1));
        let start = end.saturating_sub(MOST_MESSAGES);
        let messages = lines.iter().take(end).skip(start).filter(|line| is_shown(line)).cloned().collect();
        let intent = match self.history.intent {
            Some(known) if INTENTS.contains(&known) => known,
            Some("hours" | "address" | "what-are-you") => "question",
            Some(_) | None => "unknown",
        };
        CloudRequest { intent, step: self.step(), messages, public: self.facts.public.clone() }
    }

    /// What of the caller's last words would leave.
    #[must_use]
    pub fn last_words_leaving(&self) -> String {
        let leaves = self.history.lines.iter().rev().find_map(|line| match line {
            Line::Caller { leaves, .. } => Some(MayGoTo::<Airlock>::load(leaves)),
            Line::Said { .. } | Line::Model { .. } | Line::Tool(_) => None,
        });
        leaves.and_then(|Loaded(text)| text.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Whether a thinker would be asked about the caller's last words at all: not where the policy decided, nor where
    /// the box had asked for an identifier and captured it.
    #[must_use]
    pub fn needs_thinker(&self) -> bool {
        !self.history.settled
    }
}

/// Uses of tools by the local receptionist are numbered from here: a model's own stay below.
const LOCAL: u32 = 1_000;

/// What the box asks the clinic for its own dialogue is not shown.
fn is_shown(line: &Line) -> bool {
    match line {
        Line::Caller { .. } | Line::Said { .. } | Line::Model { .. } => true,
        Line::Tool(tool) => offered::find(tool.name).is_some(),
    }
}

impl CloudRequest {
    /// Every text in it that is not of the box's own program, for a last look.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let Loaded(request) = MayGoTo::<Airlock>::load(self);
        let mut texts = Vec::new();
        let messages = request.get("messages").and_then(serde_json::Value::as_array);
        for message in messages.into_iter().flatten() {
            for part in ["text", "args", "result"].into_iter().filter_map(|part| message.get(part)) {
                collect(part, &mut texts);
            }
        }
        // What the clinic tells everybody is no secret of this call.
        for own in self.public.iter().filter(|own| !own.is_empty()) {
            for text in &mut texts {
                *text = text.replace(own.as_str(), " ");
            }
        }
        texts
    }

    /// How many messages it holds.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.messages.len()
    }

    fn message(&self, number: u32, line: &Line) -> Parcel<Airlock> {
        let parcel = Parcel::<Airlock>::new();
        match line {
            Line::Caller { leaves, .. } => parcel.with("who", &"caller").with("text", leaves),
            Line::Said { text, .. } => parcel.with("who", &"box").with("text", &self.leaving(text)),
            Line::Model { text, .. } => parcel.with("who", &"box").with("text", text),
            Line::Tool(tool) => {
                let number = tool.number.unwrap_or(LOCAL.saturating_add(number));
                let args = tool.args.iter();
                let args = args.fold(Parcel::new(), |args, (name, argument)| args.with(name, argument));
                let parcel = parcel.with("who", &"tool").with("number", &number).with("name", &tool.name);
                let parcel = parcel.with("args", &args);
                match &tool.result {
                    Ok(answer) => parcel.with("ok", &true).with("result", answer),
                    Err(failure) => parcel.with("ok", &false).with("result", &failure.as_str()),
                }
            }
        }
    }

    /// A sentence of the box without the words of it that are not in the vocabulary, "press zero" among them. The clinic's
    /// own public words stay: airlockd knows them.
    fn leaving(&self, said: &Template) -> Spoken {
        let mut parts = vec![(false, said.as_str().to_owned())];
        for own in self.public.iter().filter(|own| !own.is_empty()) {
            parts = parts.into_iter().flat_map(|(public, text)| split(public, &text, own)).collect();
        }
        let kept = |(public, text): (bool, String)| match (public, vocabulary::withhold(&text)) {
            (true, _) | (false, vocabulary::Outcome::Whole) => text,
            (false, vocabulary::Outcome::Partly(kept, _)) => kept,
            (false, vocabulary::Outcome::Nothing) => WITHHELD.to_owned(),
        };
        // A part without a word is what stood around a public one.
        let parts = parts.into_iter().filter(|(_, text)| text.contains(char::is_alphabetic)).map(kept);
        let words: Vec<String> = parts.collect();
        Spoken(words.join(" "))
    }
}

/// The texts in a value, whatever its shape.
fn collect(value: &serde_json::Value, texts: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => texts.push(text.clone()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

/// A text cut at a phrase, which is marked.
fn split(public: bool, text: &str, own: &str) -> Vec<(bool, String)> {
    if public {
        return vec![(true, text.to_owned())];
    }
    let mut parts = Vec::new();
    for (index, part) in text.split(own).enumerate() {
        if index > 0 {
            parts.push((true, own.to_owned()));
        }
        parts.push((false, part.to_owned()));
    }
    parts
}

/// What is left of a [`Template`], which may go anywhere.
struct Spoken(String);

impl MayGoTo<Airlock> for Spoken {
    fn load(&self) -> Loaded {
        Loaded(serde_json::Value::String(self.0.clone()))
    }
}

impl MayGoTo<Airlock> for CloudRequest {
    fn load(&self) -> Loaded {
        let numbered = (1_u32..).zip(&self.messages);
        let messages: Vec<Parcel<Airlock>> = numbered.map(|(number, line)| self.message(number, line)).collect();
        Parcel::<Airlock>::new()
            .with("v", &VERSION)
            .with("intent", &self.intent)
            .with("step", &self.step)
            .with("messages", &messages)
            .load()
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
        assert_eq!((&asked["intent"], &asked["step"]), (&"question".into(), &"open".into()));
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
