//! The second check: what redaction let through is read again, by code that shares nothing with redaction.
//!
//! In:  [`Offered`], bytes that claim to be redacted.
//! Out: [`CloudText`], the same bytes vouched for; or the [`Reason`] for refusing them. Never repaired: a request that
//! is refused is answered locally. It refuses shapes (digits, spelled runs, runs of number words, addresses of the
//! net); the closed vocabulary that refuses every unknown word comes with the airlock's own issue.

use serde::Deserialize;
use serde_json::Value;

use crate::ids::Turn;
use crate::placeholder::{self, WITHHELD};
use crate::wire::tool;

/// Bytes that claim to be a redacted request. Untrusted.
pub struct Offered(Vec<u8>);

impl Offered {
    /// Takes what came through the socket.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

/// A request that passed the check, byte for byte as it was offered. Only [`check`] makes one.
///
/// ```compile_fail
/// let text = anteroom::airlock::check::CloudText::from(vec![1_u8]);
/// ```
/// ```
/// use anteroom::airlock::check::{check, Offered};
/// let text = check(Offered::new(
///     br#"{"turn":1,"request":{"v":1,"system":"receptionist-v1","tools":[],"messages":[]}}"#.to_vec(),
/// ));
/// assert!(text.is_ok());
/// ```
#[derive(Debug)]
pub struct CloudText {
    bytes: Vec<u8>,
    turn: Turn,
}

impl CloudText {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The turn it was built for.
    #[must_use]
    pub fn turn(&self) -> Turn {
        self.turn
    }
}

/// Why a request may not leave. A closed set that never quotes the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It is not a request of the known shape.
    #[error("malformed")]
    Malformed,
    /// The prompt is not one of the approved.
    #[error("unknown-prompt")]
    UnknownPrompt,
    /// A tool is not in the catalogue.
    #[error("unknown-tool")]
    UnknownTool,
    /// A digit stands outside a placeholder.
    #[error("digit")]
    Digit,
    /// A character that belongs to an e-mail or web address.
    #[error("net-address")]
    NetAddress,
    /// Three single letters in a row: something was spelled.
    #[error("spelled")]
    Spelled,
    /// Three number words in a row: something was counted out.
    #[error("number-words")]
    NumberWords,
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
            Self::Digit => "digit",
            Self::NetAddress => "net-address",
            Self::Spelled => "spelled",
            Self::NumberWords => "number-words",
            Self::StrayBracket => "stray-bracket",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    turn: Turn,
    request: Request,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    v: u32,
    system: String,
    tools: Vec<String>,
    messages: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(tag = "who", rename_all = "lowercase", deny_unknown_fields)]
enum Message {
    Caller { text: String },
    Box { text: String },
    Tool { tool: Value },
}

/// The version of the request's shape.
const VERSION: u32 = 1;
/// Prompts that may be asked for by id.
const PROMPTS: &[&str] = &["receptionist-v1"];
/// Single letters and number words in a row that are refused. Two happen in harmless speech ("a i", "one or two").
const RUN: usize = 3;

/// Vouches for a request, or refuses it.
///
/// # Errors
/// The first [`Reason`] found.
pub fn check(offered: Offered) -> Result<CloudText, Reason> {
    let offer: Offer = serde_json::from_slice(&offered.0).map_err(|_| Reason::Malformed)?;
    let request = &offer.request;
    if request.v != VERSION {
        return Err(Reason::Malformed);
    }
    if !PROMPTS.contains(&request.system.as_str()) {
        return Err(Reason::UnknownPrompt);
    }
    if request.tools.iter().any(|name| tool::find(name).is_none()) {
        return Err(Reason::UnknownTool);
    }
    for message in &request.messages {
        match message {
            Message::Caller { text } | Message::Box { text } => check_text(text)?,
            Message::Tool { tool } => check_value(tool)?,
        }
    }
    let turn = offer.turn;
    Ok(CloudText { bytes: offered.0, turn })
}

/// Checks every text in a tool's arguments and result. A bare number is a value that nobody declared.
fn check_value(value: &Value) -> Result<(), Reason> {
    match value {
        Value::Null | Value::Bool(_) => Ok(()),
        Value::Number(_) => Err(Reason::Digit),
        Value::String(text) => check_text(text),
        Value::Array(items) => items.iter().try_for_each(check_value),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            check_text(name)?;
            check_value(value)
        }),
    }
}

/// Checks one text: placeholders are taken out first, then no identifier's shape may be left.
fn check_text(text: &str) -> Result<(), Reason> {
    let mut rest = String::with_capacity(text.len());
    let mut end = 0;
    for (range, _) in placeholder::find_all(text) {
        rest.push_str(text.get(end..range.start).unwrap_or_default());
        rest.push_str(" . ");
        end = range.end;
    }
    rest.push_str(text.get(end..).unwrap_or_default());
    let rest = rest.replace(WITHHELD, " . ").to_lowercase();
    if rest.contains(['[', ']']) {
        return Err(Reason::StrayBracket);
    }
    if rest.chars().any(char::is_numeric) {
        return Err(Reason::Digit);
    }
    if rest.contains('@') || rest.contains("://") || rest.contains("www") {
        return Err(Reason::NetAddress);
    }
    let (mut letters, mut numbers) = (0, 0);
    for word in rest.split(|c: char| !c.is_alphabetic() && c != '\'' && c != '.').filter(|w| !w.is_empty()) {
        // A full stop ends a run only where it stands for a placeholder: "m. a. r. y." is spelled too.
        let word = if word == "." { "." } else { word.trim_matches('.') };
        letters = if word.chars().count() == 1 && word != "." { letters + 1 } else { 0 };
        numbers = if NUMBER_WORDS.contains(&word) { numbers + 1 } else { 0 };
        if letters >= RUN {
            return Err(Reason::Spelled);
        }
        if numbers >= RUN {
            return Err(Reason::NumberWords);
        }
    }
    Ok(())
}

const NUMBER_WORDS: &[&str] = &[
    "zero",
    "oh",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
    "thousand",
    "double",
    "triple",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn offer_message(message: Value) -> Result<CloudText, Reason> {
        let request = serde_json::json!({
            "v": 1, "system": "receptionist-v1", "tools": ["book"], "messages": [message],
        });
        check(Offered::new(serde_json::json!({ "turn": 1, "request": request }).to_string().into_bytes()))
    }

    fn offer(text: &str) -> Result<CloudText, Reason> {
        offer_message(serde_json::json!({ "who": "caller", "text": text }))
    }

    #[test]
    fn placeholders_and_plain_words_pass() {
        assert!(offer("this is [NAME_1] born [DATE_1], [WITHHELD] i need a refill").is_ok());
    }

    #[test]
    fn the_shapes_of_identifiers_are_refused() {
        let refused = [
            ("call me at 5125550143", Reason::Digit),
            ("five one two five five five", Reason::NumberWords),
            ("born march fourth nineteen sixty two", Reason::NumberWords),
            ("l o p e z", Reason::Spelled),
            ("M. A. R. Y.", Reason::Spelled),
            ("mary@example.com", Reason::NetAddress),
            ("see [NAME_0]", Reason::StrayBracket),
            ("arabic ٥٥٥", Reason::Digit),
        ];
        for (text, reason) in refused {
            assert_eq!(offer(text).err(), Some(reason), "{text}");
        }
    }

    #[test]
    fn an_identifier_in_a_tools_result_is_refused() {
        let tool =
            |result| offer_message(serde_json::json!({ "who": "tool", "tool": { "name": "book", "result": result } }));
        assert!(tool(serde_json::json!([{ "slot": "[SLOT_1]" }])).is_ok());
        assert_eq!(tool(serde_json::json!([{ "slot": "at 9:30" }])).err(), Some(Reason::Digit));
        assert_eq!(tool(serde_json::json!([{ "confirmation": 4711 }])).err(), Some(Reason::Digit));
    }

    #[test]
    fn unknown_prompts_tools_speakers_and_fields_are_refused() {
        let check =
            |request: &str| check(Offered::new(format!(r#"{{"turn":1,"request":{request}}}"#).into_bytes())).err();
        assert_eq!(check(r#"{"v":1,"system":"x","tools":[],"messages":[]}"#), Some(Reason::UnknownPrompt));
        let tool = r#"{"v":1,"system":"receptionist-v1","tools":["wire_money"],"messages":[]}"#;
        assert_eq!(check(tool), Some(Reason::UnknownTool));
        let extra = r#"{"v":1,"system":"receptionist-v1","tools":[],"messages":[],"name":"mary"}"#;
        assert_eq!(check(extra), Some(Reason::Malformed));
        assert_eq!(
            offer_message(serde_json::json!({ "who": "nurse", "text": "hello" })).err(),
            Some(Reason::Malformed)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_vouched_for_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = check(Offered::new(bytes));
        }

        #[test]
        fn any_text_with_a_digit_outside_a_placeholder_is_refused(before in "[a-z ]{0,20}", digit in "[0-9]", after in "[a-z ]{0,20}") {
            let text = format!("{before}{digit}{after}");
            prop_assert!(offer(&text).is_err());
        }
    }
}
