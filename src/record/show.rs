//! A call as a person reads it: events in, a timeline of at most 80 columns out, or one JSON object a line.
//!
//! Bodies hold what callers and models said: foreign text, so nothing of it reaches a terminal as a control sequence.
//! Pure: no clock, no disk. The output holds PHI and goes where the administrator asked for it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::record::reading::{Calls, Shown, State};
use crate::record::verify::Report;

/// Columns of a terminal.
const WIDTH: usize = 80;
/// Columns before a body: time, turn, kind.
const MARGIN: usize = 29;
/// Characters of one value that are shown.
const SHORT: usize = 240;

/// Writes a timeline. Long values are shortened.
///
/// # Errors
/// Those of `out`.
pub fn timeline(entries: &[Shown], out: &mut dyn Write) -> io::Result<()> {
    let Some(start) = entries.first().map(|entry| entry.t) else { return Ok(()) };
    writeln!(out, "from {}, {} events{}", moment(start), entries.len(), simulated(entries))?;
    for entry in entries {
        let turn = if entry.turn.0 > 0 { entry.turn.to_string() } else { String::new() };
        let prefix = format!("{:>8} {turn:>3} {:<15} ", offset(entry.t.saturating_sub(start)), entry.kind.as_str());
        let text = match (&entry.body, entry.state) {
            (Some(body), _) => body_text(body.get()),
            (None, State::Erased) => "(erased: its key was destroyed)".to_owned(),
            (None, State::Open | State::Damaged) => "(damaged: run anteroom record verify)".to_owned(),
        };
        for (line, words) in wrap(&text, WIDTH.saturating_sub(MARGIN)).into_iter().enumerate() {
            let margin = if line == 0 { prefix.as_str() } else { "" };
            writeln!(out, "{}", format!("{margin:<MARGIN$}{words}").trim_end())?;
        }
    }
    Ok(())
}

/// Writes one JSON object a line, bodies as they were appended.
///
/// # Errors
/// Those of `out`.
pub fn lines<T: Serialize>(items: &[T], out: &mut dyn Write) -> io::Result<()> {
    for item in items {
        serde_json::to_writer(&mut *out, item)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Writes the list of calls.
///
/// # Errors
/// Those of `out`.
pub fn list(calls: &Calls, out: &mut dyn Write) -> io::Result<()> {
    if calls.calls.is_empty() {
        return writeln!(out, "no calls yet");
    }
    for call in &calls.calls {
        let kind = if call.synthetic { "simulated" } else { "" };
        let erased = if call.readable { "" } else { "erased" };
        let line = format!("{}  {}  {:>4} events  {kind}{erased}", moment(call.t), plain(&call.call), call.events);
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Writes what verification found.
///
/// # Errors
/// Those of `out`.
pub fn report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "record {}", plain(&report.log))?;
    writeln!(out, "  {} events, {} bodies open, {} erased", report.events, report.opened, report.erased)?;
    writeln!(out, "  root {}", plain(&report.root))?;
    if report.is_whole() {
        writeln!(out, "whole: no event was edited, removed, moved or cut off")?;
        return writeln!(out, "(Who holds the key could write it all anew: compare the root with one outside.)");
    }
    writeln!(out, "NOT WHOLE: {} flaws", report.flawed)?;
    report.flaws.iter().try_for_each(|flaw| writeln!(out, "  {flaw}"))
}

fn simulated(entries: &[Shown]) -> &'static str {
    if entries.iter().any(|entry| entry.synthetic) { ", simulated caller" } else { "" }
}

/// A wall-clock time in UTC to the second.
#[must_use]
pub fn moment(t: i64) -> String {
    let second = jiff::Timestamp::from_second(t.div_euclid(1_000_000)).unwrap_or_default();
    second.to_string().replace('T', " ").replace('Z', " UTC")
}

/// Minutes, seconds and hundredths since the first event; what is longer than a call, in hours and days.
fn offset(us: i64) -> String {
    let hundredths = us.max(0) / 10_000;
    let (minutes, hours) = (hundredths / 6_000, hundredths / 360_000);
    match hours {
        0 => format!("{minutes}:{:02}.{:02}", hundredths / 100 % 60, hundredths % 100),
        1..100 => format!("{hours}h{:02}m", minutes % 60),
        _ => format!("{}d{:02}h", hours / 24, hours % 24),
    }
}

/// The body's fields as `name: value`, nested ones as JSON.
fn body_text(body: &str) -> String {
    let text = match serde_json::from_str(body) {
        Ok(Value::Object(fields)) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}: {}", shorten(value_text(value))));
            fields.collect::<Vec<_>>().join("  ")
        }
        Ok(other) => shorten(value_text(&other)),
        Err(_) => shorten(body.to_owned()),
    };
    plain(&text)
}

fn value_text(value: &Value) -> String {
    if let Value::String(text) = value { text.clone() } else { value.to_string() }
}

fn shorten(text: String) -> String {
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => {
            format!("{}... ({} bytes; --wire or --json shows all)", text.get(..end).unwrap_or_default(), text.len())
        }
        None => text,
    }
}

/// Foreign text without what a terminal would obey: control characters, and those that turn the direction of writing.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if is_obeyed(c) { ' ' } else { c }).collect()
}

/// Whether a terminal would obey it.
pub(super) fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Lines of at most `width` characters, broken at spaces where there are any.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0_usize;
    for word in text.split_whitespace() {
        let mut rest: Vec<char> = word.chars().collect();
        while !rest.is_empty() {
            let gap = usize::from(used > 0);
            let fits_whole = used.saturating_add(gap).saturating_add(rest.len()) <= width;
            if !fits_whole && used > 0 {
                lines.push(String::new());
                used = 0;
                continue;
            }
            let tail = rest.split_off(rest.len().min(width));
            if let Some(line) = lines.last_mut() {
                line.extend((gap > 0).then_some(' '));
                line.extend(&rest);
            }
            used = used.saturating_add(gap).saturating_add(rest.len());
            rest = tail;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;
    use crate::ids::Turn;
    use crate::wire::event::Kind;

    fn shown(t: i64, kind: Kind, turn: u32, body: &str) -> Shown {
        Shown {
            seq: 0,
            t,
            mono_us: 0,
            kind,
            turn: Turn(turn),
            actor: "anteroomd".to_owned(),
            synthetic: true,
            body: RawValue::from_string(body.to_owned()).ok(),
            state: State::Open,
        }
    }

    fn text(entries: &[Shown]) -> String {
        let mut out = Vec::new();
        timeline(entries, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_call_reads_as_a_timeline() {
        let start = 1_700_000_000_000_000;
        let words = "I would like to book an appointment on Tuesday afternoon please";
        let entries = [
            shown(start, Kind::CallBegin, 0, "{}"),
            shown(start + 63_250_000, Kind::Heard, 2, &format!("{{\"text\":\"{words}\",\"confidence\":0.93}}")),
        ];
        assert_eq!(
            text(&entries),
            "from 2023-11-14 22:13:20 UTC, 2 events, simulated caller\n\
             \x200:00.00     call.begin\n\
             \x201:03.25   2 heard           confidence: 0.93 text: I would like to book an\n\
             \x20                            appointment on Tuesday afternoon please\n"
        );
    }

    #[test]
    fn what_a_caller_said_cannot_steer_the_terminal() {
        let entries = [shown(0, Kind::Heard, 1, "{\"text\":\"a\\u001b[2Jb\\u202ec\\rd\"}")];
        let text = text(&entries);
        assert!(text.contains("a [2Jb c d"), "{text}");
        assert!(!text.contains(['\u{1b}', '\r', '\u{202e}']));
    }

    #[test]
    fn a_long_value_is_shortened_and_says_what_shows_all() {
        let body = format!("{{\"bytes\":\"{}\"}}", "x".repeat(1_000));
        assert!(body_text(&body).contains("(1000 bytes; --wire or --json shows all)"));
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_terminal(body in "\\PC{0,400}", t in 0..i64::MAX / 2, shift in 0..50_u32, turn in 0_u32..1_000) {
            let body = serde_json::to_string(&body).unwrap();
            let entries = [shown(0, Kind::CallBegin, 0, "{}"), shown(t % (1_i64 << shift), Kind::HandoffResult, turn, &body)];
            for line in text(&entries).lines() {
                prop_assert!(line.chars().count() <= WIDTH, "{} {line}", line.chars().count());
            }
        }
    }
}
