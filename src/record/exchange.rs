//! The wire ledger as a person reads it: every request that left, or would have, with its whole body, and what came back.
//!
//! In:  events; those that are none of the wire's are passed over. Out: a line on each, and the bytes below it.
//! Bodies are never wrapped or shortened, so that they can be compared byte for byte. What a terminal would obey stands as
//! an escape of JSON (`\u001b`): in a JSON string it means the same, and `--json` gives the event as it was appended.
//! Pure: no clock, no disk.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;

use super::reading::{Shown, State};
use super::show::{is_obeyed, moment, plain};
use crate::wire::event::Kind;

/// Writes the wire's events among these.
///
/// # Errors
/// Those of `out`.
pub fn ledger(entries: &[Shown], out: &mut dyn Write) -> io::Result<()> {
    let wire: Vec<&Shown> = entries.iter().filter(|entry| is_wire(entry.kind)).collect();
    if wire.is_empty() {
        return writeln!(out, "nothing was asked of a model, and nothing would have been");
    }
    for entry in wire {
        let body: Option<Value> = entry.body.as_ref().and_then(|body| serde_json::from_str(body.get()).ok());
        let mut line = format!("{}  turn {}  {}", moment(entry.t), entry.turn, entry.kind);
        match (&body, entry.state) {
            (Some(body), _) => line.push_str(&facts(entry.kind, body)),
            (None, State::Erased) => line.push_str("  (erased: its key was destroyed)"),
            (None, State::Open | State::Damaged) => line.push_str("  (damaged: run anteroom record verify)"),
        }
        writeln!(out, "{}", plain(&line))?;
        // Where no model is configured there is no provider's body, only the checked request.
        let bytes = body.as_ref().and_then(|body| text(body, "body").or_else(|| text(body, "request")));
        if let Some(bytes) = bytes {
            writeln!(out, "{}", escaped(&bytes).trim_end_matches('\n'))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Whether it is an event of the wire.
#[must_use]
pub fn is_wire(kind: Kind) -> bool {
    kind.as_str().starts_with("wire.")
}

/// What the line says after time, turn and kind.
fn facts(kind: Kind, body: &Value) -> String {
    let mut line = String::new();
    let mut say = |words: &str| {
        line.push_str("  ");
        line.push_str(words);
    };
    let word = |key: &str| body.get(key).and_then(Value::as_str);
    let count = |key: &str| body.get(key).and_then(Value::as_u64);
    if kind == Kind::WireReply {
        say(word("outcome").unwrap_or("?"));
        say(&count("status").map_or("no status".to_owned(), |status| format!("status {status}")));
        word("model").into_iter().for_each(&mut say);
        say(&usage(body.get("usage").unwrap_or(&Value::Null)));
        say(&count("cost").map_or("cost not known".to_owned(), dollars));
        say(&format!("{} bytes", count("bytes").unwrap_or(0)));
        let seconds = |us: u64| format!("{}.{:03} s", us / 1_000_000, us / 1_000 % 1_000);
        count("total_us").map(seconds).into_iter().for_each(|time| say(&time));
        return line;
    }
    if let (Some(endpoint), Some(model)) = (word("endpoint"), word("model")) {
        say(&format!("{endpoint}/{model}"));
    }
    word("tier").into_iter().for_each(&mut say);
    count("attempt").into_iter().for_each(|attempt| say(&format!("attempt {attempt}")));
    count("bytes").into_iter().for_each(|bytes| say(&format!("{bytes} bytes")));
    count("worst").into_iter().for_each(|worst| say(&format!("at most {}", dollars(worst))));
    // Why it was kept in the box, or why it was refused.
    [word("why"), word("reason")].into_iter().flatten().for_each(&mut say);
    line
}

fn usage(usage: &Value) -> String {
    let names = [("input", "in"), ("output", "out"), ("cache_read", "cached"), ("cache_write", "to cache")];
    let told = names.iter().filter_map(|(key, name)| Some((usage.get(key)?.as_u64()?, name)));
    let mut words = String::new();
    for (count, name) in told {
        // Writing to a String cannot fail.
        let _ = write!(words, "{}{count} {name}", if words.is_empty() { "tokens " } else { ", " });
    }
    if words.is_empty() { "tokens not known".to_owned() } else { words }
}

/// Millionths of a dollar.
fn dollars(micro: u64) -> String {
    format!("${}.{:06}", micro / 1_000_000, micro % 1_000_000)
}

/// A text of the event; bytes that were none stand in it as a list of numbers.
fn text(body: &Value, key: &str) -> Option<String> {
    match body.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Array(bytes) => {
            let bytes: Vec<u8> = bytes.iter().filter_map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
            Some(bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
                text.push_str(chunk.valid());
                chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
                text
            }))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

/// The text with everything that a terminal would obey, but line breaks, written as JSON would escape it.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_obeyed(c) {
            // All of these lie below U+FFFF: four digits are enough.
            let _ = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;
    use crate::ids::Turn;

    fn shown(kind: Kind, body: &Value) -> Shown {
        Shown {
            seq: 0,
            t: 1_700_000_000_000_000,
            mono_us: 0,
            kind,
            turn: Turn(2),
            actor: "airlockd".to_owned(),
            synthetic: true,
            body: RawValue::from_string(body.to_string()).ok(),
            state: State::Open,
        }
    }

    fn written(entries: &[Shown]) -> String {
        let mut out = Vec::new();
        ledger(entries, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_request_and_its_reply_are_read_with_their_whole_bodies() {
        let long = format!(r#"{{"model":"small-1","messages":["{}"]}}"#, "a word ".repeat(400));
        let request = serde_json::json!({
            "endpoint": "lan", "model": "small-1", "tier": "simple", "attempt": 1, "bytes": long.len(), "worst": 1_234,
            "request": "{}", "body": long,
        });
        let reply = serde_json::json!({
            "outcome": "answered", "status": 200, "usage": { "input": 812, "output": 40, "cache_read": null }, "cost": 61,
            "bytes": 17, "total_us": 1_250_000, "body": "data: a\n\ndata: b\n\n", "model": "small-1-0601",
        });
        let entries =
            [shown(Kind::Heard, &Value::Null), shown(Kind::WireRequest, &request), shown(Kind::WireReply, &reply)];
        assert_eq!(
            written(&entries),
            format!(
                "2023-11-14 22:13:20 UTC  turn 2  wire.request  lan/small-1  simple  attempt 1  {} bytes  at most $0.001234\n\
                 {long}\n\n\
                 2023-11-14 22:13:20 UTC  turn 2  wire.reply  answered  status 200  small-1-0601  tokens 812 in, 40 out  \
                 $0.000061  17 bytes  1.250 s\ndata: a\n\ndata: b\n\n",
                long.len()
            )
        );
    }

    #[test]
    fn what_was_withheld_says_why_and_what_did_not_open_says_that() {
        let withheld = shown(Kind::WireWithheld, &serde_json::json!({ "request": "{\"turn\":1}", "why": "rehearsal" }));
        assert!(written(&[withheld]).ends_with("wire.withheld  rehearsal\n{\"turn\":1}\n\n"));
        let erased = Shown { body: None, state: State::Erased, ..shown(Kind::WireRequest, &Value::Null) };
        assert!(written(&[erased]).contains("erased"));
        assert!(written(&[]).starts_with("nothing was asked"));
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_and_lose_nothing() {
        let reply = serde_json::json!({ "outcome": "broken", "body": [100, 255, 10] });
        assert!(written(&[shown(Kind::WireReply, &reply)]).ends_with("\nd\\xff\n\n"));
    }

    proptest! {
        #[test]
        fn nothing_of_a_body_reaches_the_terminal_as_a_command(body in any::<String>(), model in any::<String>()) {
            let event = serde_json::json!({ "body": body, "endpoint": "a", "model": model, "outcome": model });
            for kind in [Kind::WireRequest, Kind::WireReply] {
                let text = written(&[shown(kind, &event)]);
                prop_assert!(!text.chars().any(|c| c != '\n' && is_obeyed(c)));
            }
        }

        #[test]
        fn a_body_of_json_is_read_back_from_what_is_shown(said in any::<String>()) {
            let body = serde_json::json!({ "said": said }).to_string();
            let text = written(&[shown(Kind::WireRequest, &serde_json::json!({ "body": body }))]);
            let read: Value = serde_json::from_str(text.lines().nth(1).unwrap()).unwrap();
            prop_assert_eq!(read["said"].as_str(), Some(said.as_str()));
        }
    }
}
