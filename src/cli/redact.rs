//! `anteroom redact`: JSON lines in, redacted JSON lines out.
//!
//! In:  `{"id","text"[,"prev"]}` a line; `prev` is what the other party had said. Out, a line each:
//! `{"id","spans":[{"start","end","label"}],"redacted"}`, offsets in Unicode code points of `text`, end exclusive; a
//! stretch that is withheld has the label `WITHHELD`. Every line is a call of its own: nothing is remembered between
//! lines. A malformed line ends the run with an error that names the line: what follows it would be scored wrongly.

use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::Failure;
use super::exit::Exit;
use crate::clock::{Clock, SystemClock};
use crate::config::levels::Level;
use crate::expect::Expecting;
use crate::listen::RawTranscript;
use crate::redact::parts::{Part, Without};
use crate::redact::{self, Context, Outcome, Vault};

/// Options of `anteroom redact`.
#[derive(clap::Args)]
pub struct Redact {
    /// Says of each span which rule covered it.
    #[arg(long)]
    explain: bool,
    /// Leaves parts of redaction out, to see what they add: "tagger,lists". Never on a call.
    #[arg(long, value_delimiter = ',')]
    without: Vec<Part>,
    /// How much is covered: safe-harbor, limited-data-set or narrow. What each covers is in docs/policy.md.
    #[arg(long, default_value = "safe-harbor", value_parser = level)]
    level: Level,
}

fn level(name: &str) -> Result<Level, String> {
    Level::named(name).ok_or_else(|| format!("the levels are {}", Level::ALL.map(Level::as_str).join(", ")))
}

/// `anteroom redact`, from standard input to standard output.
///
/// # Errors
/// [`Failure`] at the first line that cannot be read, understood or answered.
pub fn command(redact: &Redact) -> Result<Exit, Failure> {
    let without = Without::parts(redact.without.iter().copied());
    run(io::stdin().lock(), io::stdout().lock(), redact.explain, without, redact.level).map_err(Failure::because)?;
    Ok(Exit::Well)
}

/// Why the run ended early.
#[derive(Debug, thiserror::Error)]
pub enum RedactError {
    /// The line is not an object with `id` and `text`. The message holds no part of the line.
    #[error("line {line}, column {column}: not a JSON object with \"id\" and \"text\"; correct it and run again")]
    BadLine {
        /// From 1.
        line: usize,
        /// From 1; 0 where it is not known.
        column: usize,
    },
    /// The input could not be read.
    #[error("line {line} could not be read; is the input UTF-8 text?")]
    Read {
        /// From 1.
        line: usize,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// The output could not be written.
    #[error("the result of line {line} could not be written")]
    Write {
        /// From 1.
        line: usize,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

#[derive(Deserialize)]
pub(super) struct Case {
    id: String,
    text: String,
    #[serde(default)]
    prev: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a str,
    spans: Vec<Stretch>,
    redacted: &'a str,
}

#[derive(Serialize)]
struct Stretch {
    start: usize,
    end: usize,
    label: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    /// For the tagger: what spoke for it, the weightiest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    because: Vec<&'static str>,
}

/// Redacts every line of `input`; `explain` adds to each span the rule that covered it, `level` says how much is covered.
///
/// # Errors
/// [`RedactError`] at the first line that cannot be read, understood or answered.
pub fn run(
    input: impl BufRead,
    mut output: impl Write,
    explain: bool,
    without: Without,
    level: Level,
) -> Result<(), RedactError> {
    let today = SystemClock.wall().to_zoned(jiff::tz::TimeZone::system()).date();
    for (number, line) in input.lines().enumerate() {
        let number = number.saturating_add(1);
        let line = line.map_err(|cause| RedactError::Read { line: number, cause })?;
        if line.trim().is_empty() {
            continue;
        }
        let case = parse(&line, number)?;
        let outcome = case.redact(today, without, level);
        let spans = stretches(&case, &outcome, explain.then(|| case.context(today, level)));
        let answer = Answer { id: &case.id, spans, redacted: outcome.text.as_str() };
        let failed = |cause| RedactError::Write { line: number, cause };
        serde_json::to_writer(&mut output, &answer).map_err(|e| failed(e.into()))?;
        output.write_all(b"\n").map_err(failed)?;
    }
    output.flush().map_err(|cause| RedactError::Write { line: 0, cause })
}

/// Reads one line; `line` counts from 1.
pub(super) fn parse(text: &str, line: usize) -> Result<Case, RedactError> {
    // The parser's own message may quote the text, which may name somebody.
    serde_json::from_str(text).map_err(|e| RedactError::BadLine { line, column: e.column() })
}

impl Case {
    /// Redacts the line as the first utterance of a call.
    pub(super) fn redact(&self, today: jiff::civil::Date, without: Without, level: Level) -> Outcome {
        let context = self.context(today, level);
        redact::redact_without(without, &RawTranscript::typed(&self.text), &context, &mut Vault::new())
    }

    fn context(&self, today: jiff::civil::Date, level: Level) -> Context<'_> {
        Context { expecting: Expecting::Anything, asked: &self.prev, lately: None, today, level }
    }
}

/// From byte ranges to code points, in one pass.
fn stretches(case: &Case, outcome: &Outcome, explain: Option<Context<'_>>) -> Vec<Stretch> {
    let text = &case.text;
    let (mut byte, mut point) = (0, 0);
    let mut points = |to: usize| {
        point += text.get(byte..to).map_or(0, |part| part.chars().count());
        byte = to;
        point
    };
    let label = |span: &redact::Span| span.label.map_or("WITHHELD", |l| l.as_str());
    let because = |span: &redact::Span| match &explain {
        Some(context) => {
            let reasons = redact::reasons(&RawTranscript::typed(text), context, span);
            reasons.into_iter().map(|(name, _)| name).collect()
        }
        None => Vec::new(),
    };
    let spans = outcome.spans.iter().map(|span| Stretch {
        start: points(span.range.start),
        end: points(span.range.end),
        label: label(span),
        rule: explain.as_ref().map(|_| span.rule),
        because: because(span),
    });
    spans.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_code_points() {
        let mut out = Vec::new();
        run(
            "{\"id\":\"1\",\"text\":\"¿qué? my name is José Núñez\"}\n".as_bytes(),
            &mut out,
            false,
            Without::NOTHING,
            Level::SafeHarbor,
        )
        .unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let last = answer["spans"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((last["start"].as_u64(), last["end"].as_u64()), (Some(17), Some(27)));
        assert_eq!(last["label"], "NAME");
    }

    #[test]
    fn a_malformed_line_is_named_and_not_quoted() {
        let input = "{\"id\":\"1\",\"text\":\"hello\"}\n{\"id\":\"2\",\"text\":17 lopez}\n";
        let error = run(input.as_bytes(), Vec::new(), false, Without::NOTHING, Level::SafeHarbor).unwrap_err();
        assert!(matches!(error, RedactError::BadLine { line: 2, .. }));
        assert!(!error.to_string().contains("lopez"));
    }
}
