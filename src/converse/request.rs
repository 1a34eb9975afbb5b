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
