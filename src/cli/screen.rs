//! A call on the terminal, as it happens, in two columns: what is heard in the room, and what would have left it.
//!
//! In:  [`Fact`]s about a synthetic call. Out: text of at most 80 columns, or one JSON object a fact.

use std::io::{self, Write};

use serde_json::json;

use crate::secret::Secret;
use crate::wire::watch::Fact;

/// Width of each column; two of them and a gap make 80.
const COLUMN: usize = 38;

/// Writes facts to a terminal.
pub struct Screen<W: Write> {
    out: W,
    as_json: bool,
}

impl<W: Write> Screen<W> {
    /// A screen; with `as_json`, one JSON object a fact.
    pub fn new(out: W, as_json: bool) -> Self {
        Self { out, as_json }
    }

    /// The heads of the columns.
    ///
    /// # Errors
    /// Where the output fails.
    pub fn begin(&mut self) -> io::Result<()> {
        if self.as_json {
            return Ok(());
        }
        self.row("HEARD IN THE ROOM", "WOULD HAVE LEFT THE BUILDING")?;
        self.row(&"-".repeat(COLUMN), &"-".repeat(COLUMN))
    }

    /// Shows one fact.
    ///
    /// # Errors
    /// Where the output fails.
    pub fn show(&mut self, fact: &Fact) -> io::Result<()> {
        if self.as_json {
            return writeln!(self.out, "{}", as_json(fact));
        }
        match fact {
            Fact::Answered => self.note("the box answers"),
            Fact::Spoken { text, template } => self.row(&format!("box: {}", plain(text)), &format!("box: {template}")),
            Fact::Heard { turn, text, engine, confidence } => {
                let heard = format!("CALLER: {}", plain(text));
                self.row(&heard, "")?;
                self.note(&format!("turn {turn} heard by {engine}, confidence {confidence:.2}"))
            }
            Fact::WouldLeave { text, answer, bytes, .. } => {
                self.row("", &format!("CALLER: {text}"))?;
                self.row("", &format!("({bytes} bytes built; airlock: {answer})"))
            }
            Fact::Tool { name, result } => self.note(&format!("tool {name}: {result}")),
            Fact::Decided { by, what } => self.note(&format!("{by}: {what}")),
            Fact::Desk { brief, .. } => self.row(&format!("to the desk: {}", plain(brief)), ""),
            Fact::Timing { end_of_turn_ms, recognition_ms, redaction_us, first_audio_ms, .. } => {
                self.note(&format!("end of turn {end_of_turn_ms} ms, recognition {recognition_ms} ms (inside it)"))?;
                self.note(&format!("redaction {redaction_us} us, first audio after {first_audio_ms} ms"))
            }
            Fact::Listening { .. } => self.out.flush(),
            Fact::Ended { outcome } => self.note(&format!("the call is over: {outcome}")),
        }
    }

    /// A line of its own.
    ///
    /// # Errors
    /// Where the output fails.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        if self.as_json { writeln!(self.out, "{}", json!({ "note": text })) } else { writeln!(self.out, "{text}") }
    }

    /// What it writes to, for output of another shape.
    pub fn out(&mut self) -> &mut W {
        &mut self.out
    }

    fn note(&mut self, text: &str) -> io::Result<()> {
        for line in wrap(text, 2 * COLUMN) {
            writeln!(self.out, "  . {line}")?;
        }
        Ok(())
    }

    fn row(&mut self, left: &str, right: &str) -> io::Result<()> {
        let (left, right) = (wrap(left, COLUMN), wrap(right, COLUMN));
        for line in 0..left.len().max(right.len()) {
            let cell = |column: &[String]| column.get(line).cloned().unwrap_or_default();
            let row = format!("{:COLUMN$}  | {}", cell(&left), cell(&right));
            writeln!(self.out, "{}", row.trim_end())?;
        }
        Ok(())
    }
}

/// The words of a synthetic call, for the screen of whoever placed it.
fn plain(text: &Secret) -> &str {
    text.expose()
}

fn as_json(fact: &Fact) -> serde_json::Value {
    match fact {
        Fact::Answered => json!({ "fact": "answered" }),
        Fact::Spoken { text, template } => json!({ "fact": "spoken", "text": plain(text), "template": template }),
        Fact::Listening { expecting } => json!({ "fact": "listening", "expecting": expecting }),
        Fact::Heard { turn, text, engine, confidence } => {
            json!({ "fact": "heard", "turn": turn, "text": plain(text), "engine": engine, "confidence": confidence })
        }
        Fact::WouldLeave { turn, text, answer, bytes } => {
            json!({ "fact": "would-leave", "turn": turn, "text": text, "answer": answer, "bytes": bytes })
        }
        Fact::Tool { name, result } => json!({ "fact": "tool", "name": name, "result": result }),
        Fact::Decided { by, what } => json!({ "fact": "decided", "by": by, "what": what }),
        Fact::Desk { reason, brief } => json!({ "fact": "desk", "reason": reason, "brief": plain(brief) }),
        Fact::Timing { turn, expecting, end_of_turn_ms, recognition_ms, redaction_us, first_audio_ms } => json!({
            "fact": "timing", "turn": turn, "expecting": expecting, "end_of_turn_ms": end_of_turn_ms,
            "recognition_ms": recognition_ms, "redaction_us": redaction_us, "first_audio_ms": first_audio_ms,
        }),
        Fact::Ended { outcome } => json!({ "fact": "ended", "outcome": outcome }),
    }
}

/// Breaks a text into lines of at most `width` characters, at spaces where there are any.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let mut letters: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + letters.len() > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        while letters.len() > width {
            let rest = letters.split_off(width);
            lines.push(letters.into_iter().collect());
            letters = rest;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        used += letters.len();
        line.extend(letters);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_fits_eighty_columns() {
        let mut screen = Screen::new(Vec::new(), false);
        let long = "march fourth nineteen sixty two ".repeat(6) + &"x".repeat(100);
        let template = "You said [DATE_1]. ".repeat(9);
        screen.show(&Fact::Spoken { text: Secret::new(long), template }).unwrap();
        let text = String::from_utf8(screen.out).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }

    #[test]
    fn json_is_one_object_a_line() {
        let mut screen = Screen::new(Vec::new(), true);
        screen.show(&Fact::Answered).unwrap();
        screen.show(&Fact::Ended { outcome: "booked".to_owned() }).unwrap();
        let text = String::from_utf8(screen.out).unwrap();
        assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
        assert_eq!(text.lines().count(), 2);
    }
}
