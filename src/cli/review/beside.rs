//! Heard beside left: for each turn of a call what was recognised, and what of it went to a model, or would have.
//!
//! In:  a call's events. Out: turns. A request holds the whole call so far; only what was not in the one before it is shown,
//! so that each word that left is looked at once. Pure; what it holds is PHI and goes where the administrator asked for it.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::ids::{CallId, Turn};
use crate::record::reading::Shown;
use crate::record::show::plain;
use crate::wire::event::Kind;

/// One turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Beside {
    /// What was recognised.
    pub heard: Vec<String>,
    /// What left of it, or would have.
    pub left: Vec<Left>,
}

/// One thing that left, or would have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Whether it did.
    pub sent: bool,
    /// Whose words they are: `caller`, `box`, `tool`.
    pub who: String,
    /// The words; for a tool its name, arguments and result.
    pub words: String,
}

/// The turns of a call.
#[must_use]
pub fn turns(entries: &[Shown]) -> BTreeMap<Turn, Beside> {
    let mut turns: BTreeMap<Turn, Beside> = BTreeMap::new();
    let (mut sent_before, mut withheld_before): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for entry in entries {
        let Some(body) = entry.body.as_ref().and_then(|body| serde_json::from_str::<Value>(body.get()).ok()) else {
            continue;
        };
        if entry.kind == Kind::Heard {
            let text = body.pointer("/said/text").and_then(Value::as_str).unwrap_or_default();
            turns.entry(entry.turn).or_default().heard.push(text.to_owned());
        }
        let sent = entry.kind == Kind::WireRequest;
        if !sent && entry.kind != Kind::WireWithheld {
            continue;
        }
        let messages = messages(&body);
        let as_before = |before: &[Value]| messages.iter().zip(before).take_while(|(now, then)| now == then).count();
        // What was withheld may leave later, and is new then; what has left is not new where it is withheld.
        let same = if sent { 0 } else { as_before(&withheld_before) }.max(as_before(&sent_before));
        let new = messages.iter().skip(same).map(|message| left(sent, message));
        turns.entry(entry.turn).or_default().left.extend(new);
        *(if sent { &mut sent_before } else { &mut withheld_before }) = messages;
    }
    turns
}

/// Writes a call's turns.
///
/// # Errors
/// Those of `out`.
pub fn write(call: CallId, turns: &BTreeMap<Turn, Beside>, out: &mut dyn Write) -> io::Result<()> {
    if turns.is_empty() {
        writeln!(out, "call {call}: nothing was heard, and nothing left")?;
        return writeln!(out);
    }
    for (turn, beside) in turns {
        writeln!(out, "call {call} turn {turn}")?;
        for heard in &beside.heard {
            writeln!(out, "  heard     {}", plain(heard))?;
        }
        for Left { sent, who, words } in &beside.left {
            let went = if *sent { "left" } else { "withheld" };
            writeln!(out, "  {went:<8}  {}: {}", plain(who), plain(words))?;
        }
        if beside.left.is_empty() {
            writeln!(out, "  nothing of this turn left, or would have")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// The messages of the checked request in an event of the wire.
fn messages(body: &Value) -> Vec<Value> {
    let request = body.get("request").and_then(Value::as_str);
    let request: Option<Value> = request.and_then(|request| serde_json::from_str(request).ok());
    let messages = request.as_ref().and_then(|request| request.pointer("/request/messages"));
    messages.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn left(sent: bool, message: &Value) -> Left {
    let text = |key: &str| message.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let who = text("who");
    let words = match message.get("text").and_then(Value::as_str) {
        Some(words) => words.to_owned(),
        None => {
            let of = |key: &str| message.get(key).unwrap_or(&Value::Null).to_string();
            format!("{} {} -> {}", text("name"), of("args"), of("result"))
        }
    };
    Left { sent, who, words }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use serde_json::value::RawValue;

    use super::*;
    use crate::record::reading::State;

    fn shown(kind: Kind, turn: u32, body: &Value) -> Shown {
        Shown {
            seq: 0,
            t: 0,
            mono_us: 0,
            kind,
            turn: Turn(turn),
            actor: "airlockd".to_owned(),
            synthetic: true,
            body: RawValue::from_string(body.to_string()).ok(),
            state: State::Open,
        }
    }

    fn heard(turn: u32, text: &str) -> Shown {
        shown(Kind::Heard, turn, &json!({ "said": { "text": text, "confidence": [1.0] }, "expecting": "anything" }))
    }

    fn wire(kind: Kind, turn: u32, messages: &Value) -> Shown {
        let request = json!({ "turn": turn, "synthetic": true, "request": { "v": 2, "messages": messages } });
        shown(kind, turn, &json!({ "request": request.to_string(), "why": "rehearsal" }))
    }

    #[test]
    fn each_turn_shows_what_was_heard_and_what_is_new_in_its_request() {
        let caller = |text: &str| json!({ "who": "caller", "text": text });
        let tool =
            json!({ "who": "tool", "number": 1, "name": "find_slots", "args": {}, "ok": true, "result": ["[SLOT_1]"] });
        let first = json!([caller("this is [NAME_1]")]);
        let second = json!([caller("this is [NAME_1]"), tool, caller("yes")]);
        let entries = [
            heard(1, "this is Mary Lopez"),
            wire(Kind::WireWithheld, 1, &first),
            heard(2, "yes"),
            wire(Kind::WireWithheld, 2, &second),
            wire(Kind::WireRequest, 2, &second),
            wire(Kind::WireWithheld, 3, &second),
        ];
        let turns = turns(&entries);
        assert_eq!(turns[&Turn(1)].heard, ["this is Mary Lopez"]);
        let left: Vec<_> = turns[&Turn(2)].left.iter().map(|left| (left.sent, left.words.as_str())).collect();
        let used = "find_slots {} -> [\"[SLOT_1]\"]";
        // What was withheld in the first turn left with the second.
        assert_eq!(left, [(false, used), (false, "yes"), (true, "this is [NAME_1]"), (true, used), (true, "yes")]);
        assert!(!turns.contains_key(&Turn(3)) || turns[&Turn(3)].left.is_empty(), "it has left before");
        let (call, mut out) = (CallId::draw(), Vec::new());
        write(call, &turns, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let expected =
            format!("call {call} turn 1\n  heard     this is Mary Lopez\n  withheld  caller: this is [NAME_1]\n\n");
        assert!(text.starts_with(&expected), "{text}");
    }

    #[test]
    fn a_turn_of_which_nothing_left_is_shown_too() {
        let mut out = Vec::new();
        write(CallId::draw(), &turns(&[heard(1, "a\u{1b}[2J")]), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("nothing of this turn left") && !text.contains('\u{1b}'), "{text}");
    }
}
