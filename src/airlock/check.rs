//! The second check: what redaction let through is read again by an allow-list.
//!
//! In:  [`Offered`], bytes that claim to be a redacted request; [`Known`], what airlockd itself vouches for.
//! Out: [`CloudText`], the request as it may leave; or the [`Reason`] for refusing it. Never repaired: a turn whose
//! request is refused is answered locally. Text of a caller, the box or a tool may hold placeholders, the words of
//! [`crate::vocabulary`], spaces and the signs `, . ? ! ; : - '`, and nothing else. The code is airlockd's own: it
//! shares the list and the spelling of a placeholder with the rest of the box, and nothing with redaction.
//!
//! It is a wall against what redaction misses. It is none against a hostile anteroomd, which could always say something
//! in a code of listed words; the bounds on numbers and lengths only make that slow.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use crate::config::airlock::{INTENTS, STEPS};
use crate::ids::Turn;
use crate::vocabulary;

mod words;

#[cfg(test)]
mod tests;

use words::check_words;

/// Bytes that claim to be a redacted request. Untrusted.
pub struct Offered(Vec<u8>);

impl Offered {
    /// Takes what came through the socket.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// What airlockd vouches for by itself.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Names of the tools that models are offered.
    pub tools: &'a [&'a str],
    /// The clinic's own published phrases: its name, address, hours, and fixed sentences of the box. What the box says
    /// may hold them verbatim, upper or lower case.
    pub public: &'a [String],
    /// Whether a model wrote this text earlier in the call: what came in may go out again, if it is the same.
    pub echoed: &'a dyn Fn(&str) -> bool,
}

/// One message of the call so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "lowercase", deny_unknown_fields)]
pub enum Said {
    /// What the caller said.
    Caller {
        /// Redacted.
        text: String,
    },
    /// What the box said.
    Box {
        /// With placeholders where values were spoken.
        text: String,
    },
    /// A tool was used.
    Tool {
        /// Counts the tools of the call from 1.
        number: u32,
        /// Which tool.
        name: String,
        /// What it was given.
        #[serde(default)]
        args: Map<String, Value>,
        /// Whether it did what it was asked for.
        ok: bool,
        /// What it answered.
        #[serde(default)]
        result: Value,
    },
}

/// A request in every part of which nothing unlisted was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The turn it was built for.
    pub turn: Turn,
    /// Whether the caller is simulated.
    pub synthetic: bool,
    /// One of [`INTENTS`].
    pub intent: &'static str,
    /// One of [`STEPS`].
    pub step: &'static str,
    /// The call so far. The last is the caller's or a tool's.
    pub messages: Vec<Said>,
}

/// A request that passed the check. Only [`check`] makes one.
///
/// ```compile_fail
/// let text = anteroom::airlock::check::CloudText::from(vec![1_u8]);
/// ```
/// ```
/// use anteroom::airlock::check::{Known, Offered, check};
/// let offered = br#"{"turn":1,"synthetic":false,"request":{"v":2,"intent":"unknown","step":"open","messages":[
///     {"who":"caller","text":"this is [NAME_1]"}]}}"#;
/// let known = Known { tools: &[], public: &[], echoed: &|_| false };
/// let text = check(Offered::new(offered.to_vec()), &known);
/// assert!(text.is_ok());
/// ```
#[derive(Debug)]
pub struct CloudText {
    request: Request,
    bytes: Vec<u8>,
}

impl CloudText {
    /// The request.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The request as JSON, written anew from what was understood: nothing that was not read can hide in it. It passes
    /// [`check`] again and comes out the same.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The turn it was built for.
    #[must_use]
    pub fn turn(&self) -> Turn {
        self.request.turn
    }

    /// The hash of the vocabulary that it was checked by ([`vocabulary::sha256`]).
    #[must_use]
    pub fn vocabulary(&self) -> &'static str {
        vocabulary::sha256()
    }
}

/// Why a request may not leave. A closed set that never quotes the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It is not a request of the known shape.
    #[error("malformed")]
    Malformed,
    /// There is no prompt for this intent and step.
    #[error("unknown-prompt")]
    UnknownPrompt,
    /// A tool that models are not offered.
    #[error("unknown-tool")]
    UnknownTool,
    /// A field of a tool's arguments or result that is not known.
    #[error("unknown-field")]
    UnknownField,
    /// The request or a text in it is too long, or there are too many messages.
    #[error("too-long")]
    TooLong,
    /// A word that is not listed.
    #[error("off-list")]
    OffList,
    /// A digit, or words that sound like digits in a row.
    #[error("digit")]
    Digit,
    /// A single letter, or something that was spelled.
    #[error("letter")]
    Letter,
    /// A sign or a letter of another script.
    #[error("character")]
    Character,
    /// A bracket that is no placeholder.
    #[error("stray-bracket")]
    StrayBracket,
}

impl Reason {
    /// The reason's name in events and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownPrompt => "unknown-prompt",
            Self::UnknownTool => "unknown-tool",
            Self::UnknownField => "unknown-field",
            Self::TooLong => "too-long",
            Self::OffList => "off-list",
            Self::Digit => "digit",
            Self::Letter => "letter",
            Self::Character => "character",
            Self::StrayBracket => "stray-bracket",
        }
    }
}

/// Why a recorded request does not pass again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Recheck {
    /// It was checked by another vocabulary than this program's; use the program that wrote it.
    #[error("the request was checked by another vocabulary; verify it with the version that wrote it")]
    OtherVocabulary,
    /// It should not have left.
    #[error("the recorded request does not pass the second check")]
    Refused(#[source] Reason),
    /// It passes, but says more than was understood, so these are not the bytes that were checked.
    #[error("the recorded request is not in the form in which airlockd writes it")]
    OtherForm,
}

/// The version of the request's shape.
const VERSION: u32 = 2;
/// Bytes of a request. A call of ten minutes has about 10 KiB.
const MOST_BYTES: usize = 64 * 1024;
/// Messages of a request.
const MOST_MESSAGES: usize = 60;
/// Bytes of one text. The longest turn of the recogniser, 30 s, has about 600.
const MOST_TEXT: usize = 2_000;
/// The last turn that a call may have.
const MOST_TURN: u32 = 999;
/// The highest counter of a use of a tool. Those of the local receptionist are numbered from 1,000.
const MOST_TOOL: u32 = 1_999;
/// How deep a tool's arguments and result may be nested.
const MOST_DEPTH: usize = 6;
/// Fields of tools that are no listed words. Every other field is one word of the vocabulary.
const FIELDS: [&str; 2] = ["dob", "items"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    turn: Turn,
    synthetic: bool,
    request: Body,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    v: u32,
    intent: String,
    step: String,
    messages: Vec<Said>,
}

#[derive(Serialize)]
struct Checked<'a> {
    turn: Turn,
    synthetic: bool,
    request: CheckedBody<'a>,
}

#[derive(Serialize)]
struct CheckedBody<'a> {
    v: u32,
    intent: &'static str,
    step: &'static str,
    messages: &'a [Said],
}

/// Vouches for a request, or refuses it.
///
/// # Errors
/// The first [`Reason`] found.
pub fn check(offered: Offered, known: &Known<'_>) -> Result<CloudText, Reason> {
    let request = read(&offered.0)?;
    for message in &request.messages {
        check_message(message, known)?;
    }
    let body = CheckedBody { v: VERSION, intent: request.intent, step: request.step, messages: &request.messages };
    let checked = Checked { turn: request.turn, synthetic: request.synthetic, request: body };
    let bytes = serde_json::to_vec(&checked).map_err(|_| Reason::Malformed)?;
    Ok(CloudText { request, bytes })
}

/// Checks a request of the record again, offline. `vocabulary`: the hash in its event; `known`: what airlockd vouched
/// for when it was written, which the verifier gathers from the events before it.
///
/// # Errors
/// [`Recheck`]: the record holds something that should not have left, or that this program can not judge.
pub fn recheck(recorded: &[u8], vocabulary: &str, known: &Known<'_>) -> Result<CloudText, Recheck> {
    if vocabulary != vocabulary::sha256() {
        return Err(Recheck::OtherVocabulary);
    }
    let text = check(Offered::new(recorded.to_vec()), known).map_err(Recheck::Refused)?;
    if text.as_bytes() == recorded { Ok(text) } else { Err(Recheck::OtherForm) }
}

fn read(bytes: &[u8]) -> Result<Request, Reason> {
    if bytes.len() > MOST_BYTES {
        return Err(Reason::TooLong);
    }
    let offer: Offer = serde_json::from_slice(bytes).map_err(|_| Reason::Malformed)?;
    let body = offer.request;
    if body.v != VERSION || offer.turn.0 > MOST_TURN {
        return Err(Reason::Malformed);
    }
    let intent = INTENTS.into_iter().find(|intent| *intent == body.intent).ok_or(Reason::UnknownPrompt)?;
    let step = STEPS.into_iter().find(|step| *step == body.step).ok_or(Reason::UnknownPrompt)?;
    if body.messages.len() > MOST_MESSAGES {
        return Err(Reason::TooLong);
    }
    if !matches!(body.messages.last(), Some(Said::Caller { .. } | Said::Tool { .. })) {
        return Err(Reason::Malformed);
    }
    Ok(Request { turn: offer.turn, synthetic: offer.synthetic, intent, step, messages: body.messages })
}

fn check_message(message: &Said, known: &Known<'_>) -> Result<(), Reason> {
    match message {
        Said::Caller { text } => check_text(text),
        Said::Box { text } => check_said(text, known),
        Said::Tool { number, name, args, ok: _, result } => {
            if !known.tools.contains(&name.as_str()) {
                return Err(Reason::UnknownTool);
            }
            if !(1..=MOST_TOOL).contains(number) {
                return Err(Reason::Malformed);
            }
            check_fields(args, 1)?;
            check_value(result, 1)
        }
    }
}

/// Checks every text of a tool's arguments or result. A bare number is a value that nobody declared.
fn check_value(value: &Value, depth: usize) -> Result<(), Reason> {
    if depth > MOST_DEPTH {
        return Err(Reason::Malformed);
    }
    let deeper = depth.saturating_add(1);
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(_) => Err(Reason::Digit),
        Value::String(text) => check_text(text),
        Value::Array(items) => items.iter().try_for_each(|item| check_value(item, deeper)),
        Value::Object(fields) => check_fields(fields, deeper),
    }
}

fn check_fields(fields: &Map<String, Value>, depth: usize) -> Result<(), Reason> {
    fields.iter().try_for_each(|(name, value)| {
        if !FIELDS.contains(&name.as_str()) && !vocabulary::contains(name) {
            return Err(Reason::UnknownField);
        }
        check_value(value, depth)
    })
}

/// Checks what the box said: sentences that a model wrote and the clinic's own phrases are taken out first.
fn check_said(text: &str, known: &Known<'_>) -> Result<(), Reason> {
    if text.len() > MOST_TEXT {
        return Err(Reason::TooLong);
    }
    if (known.echoed)(text) {
        return Ok(());
    }
    let mut own: Vec<&str> = Vec::new();
    let mut start = 0;
    for (from, to) in sentences(text) {
        if text.get(from..to).is_some_and(|sentence| (known.echoed)(sentence.trim())) {
            own.extend(text.get(start..from));
            start = to;
        }
    }
    own.extend(text.get(start..));
    // The longest first: "Main Street Clinic" must not be broken by "Main Street".
    let mut phrases: Vec<&str> = known.public.iter().map(|phrase| phrase.trim()).collect();
    phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
    let mut parts: Vec<(&str, bool)> = own.into_iter().map(|part| (part, false)).collect();
    for phrase in phrases {
        parts = parts.into_iter().flat_map(|(part, after)| cut(part, after, phrase)).collect();
    }
    parts.into_iter().try_for_each(|(part, after_a_phrase)| check_words(part, after_a_phrase))
}

/// Where the sentences of a text begin and end.
fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut ended = false;
    for (at, c) in text.char_indices() {
        if ended && c.is_whitespace() {
            found.push((start, at));
            start = at;
        }
        ended = matches!(c, '.' | '?' | '!');
    }
    found.push((start, text.len()));
    found
}

/// What a text holds beside a phrase, each part with whether the phrase stands before it. `after`: what is so already
/// where the text begins. The phrase counts only as whole words.
fn cut<'t>(text: &'t str, after: bool, phrase: &str) -> Vec<(&'t str, bool)> {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let fits = |start: usize, end: usize| {
        let (before, behind) = (text.get(..start), text.get(end..));
        let glued_before = is_word(phrase.chars().next()) && is_word(before.and_then(|b| b.chars().next_back()));
        let glued_behind = is_word(phrase.chars().next_back()) && is_word(behind.and_then(|b| b.chars().next()));
        text.get(start..end).is_some_and(|found| found.eq_ignore_ascii_case(phrase)) && !glued_before && !glued_behind
    };
    let mut parts = Vec::new();
    let (mut from, mut after) = (0, after);
    if phrase.chars().any(char::is_alphanumeric) {
        for (at, _) in text.char_indices() {
            let end = at.saturating_add(phrase.len());
            if at >= from && fits(at, end) {
                parts.extend(text.get(from..at).map(|part| (part, after)));
                (from, after) = (end, true);
            }
        }
    }
    parts.extend(text.get(from..).map(|part| (part, after)));
    parts
}

/// Checks one text.
fn check_text(text: &str) -> Result<(), Reason> {
    if text.len() > MOST_TEXT { Err(Reason::TooLong) } else { check_words(text, false) }
}
