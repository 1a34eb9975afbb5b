//! `anteroom models train-tagger`: from generated cases to the tagger's model. `make tagger` calls it.
//!
//! In:  cases as JSON lines, `{"text","prev","spans":[{"start","end","label"[,"optional"]}]}`, offsets in code points.
//! Out: the model file that the program is then built with, and the mean loss of each pass. A developer's command: no
//! box trains anything, and what callers say is never learned from.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::Failure;
use crate::redact::tagger::train::{Lesson, Plan, measure, train};

/// Options of `anteroom models train-tagger`.
#[derive(clap::Args)]
pub struct TrainTagger {
    /// Generated cases, JSON lines.
    #[arg(long)]
    cases: PathBuf,
    /// The model file to write.
    #[arg(long)]
    out: PathBuf,
    /// Cases to measure the model on, made of other templates than `--cases`.
    #[arg(long)]
    holdout: Option<PathBuf>,
    /// Passes over the cases.
    #[arg(long, default_value_t = Plan::default().passes)]
    passes: u32,
    /// The first step's size.
    #[arg(long, default_value_t = Plan::default().step)]
    step: f32,
    /// The share of word and list features that are hidden from training, 0 to 1.
    #[arg(long, default_value_t = Plan::default().hidden)]
    hidden: f32,
    /// The share of all other features that are hidden, each by itself, 0 to 1.
    #[arg(long, default_value_t = Plan::default().dropout)]
    dropout: f32,
    /// The seed of the order of cases and of what is hidden.
    #[arg(long, default_value_t = Plan::default().seed)]
    seed: u64,
}

/// A line is not a case.
#[derive(Debug, thiserror::Error)]
#[error(
    "line {line}: not a case with \"text\" and \"spans\" inside it; make the cases again with models/tagger/generate.py"
)]
pub struct BadCase {
    /// From 1.
    line: usize,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    #[serde(default)]
    prev: String,
    spans: Vec<CaseSpan>,
}

#[derive(Deserialize)]
struct CaseSpan {
    start: usize,
    end: usize,
    label: String,
    #[serde(default)]
    optional: bool,
}

/// Trains and writes the model.
///
/// # Errors
/// [`Failure`] where the cases cannot be read or the model cannot be written.
pub fn command(options: &TrainTagger, out: &mut impl Write) -> Result<(), Failure> {
    let lessons = read(&options.cases)?;
    writeln!(out, "{} cases", lessons.len())?;
    let plan = Plan {
        passes: options.passes,
        step: options.step,
        hidden: options.hidden,
        dropout: options.dropout,
        seed: options.seed,
    };
    let mut told = Ok(());
    let model = train(&lessons, plan, |pass, loss| {
        let line = writeln!(out, "pass {}: mean loss of a token {loss:.4}", pass.saturating_add(1));
        if told.is_ok() {
            told = line;
        }
    });
    told?;
    std::fs::write(&options.out, &model).map_err(|e| Failure::file(&options.out, e))?;
    writeln!(out, "{}: {} bytes", options.out.display(), model.len())?;
    if let Some(holdout) = &options.holdout {
        for m in measure(&model, &read(holdout)?).unwrap_or_default() {
            let (recall, over, touched) = (100.0 * m.recall, 100.0 * m.over, 100.0 * m.touched);
            writeln!(
                out,
                "from {:.3}: {recall:.2} % of identifying words, {over:.2} % of others, {touched:.2} % of clean cases",
                m.bound
            )?;
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<Lesson>, Failure> {
    let file = File::open(path).map_err(|e| Failure::file(path, e))?;
    lessons(BufReader::new(file)).map_err(|e| match e {
        Bad::Read(e) => Failure::file(path, e),
        Bad::Case(e) => Failure::because(e),
    })
}

enum Bad {
    Read(io::Error),
    Case(BadCase),
}

fn lessons(input: impl BufRead) -> Result<Vec<Lesson>, Bad> {
    let mut out = Vec::new();
    for (number, line) in input.lines().enumerate() {
        let bad = || Bad::Case(BadCase { line: number.saturating_add(1) });
        let line = line.map_err(Bad::Read)?;
        let case: Case = serde_json::from_str(&line).map_err(|_| bad())?;
        out.push(lesson(case).ok_or_else(bad)?);
    }
    Ok(out)
}

/// From code points to byte ranges; `None` where a span lies outside the text.
fn lesson(case: Case) -> Option<Lesson> {
    let mut starts: Vec<usize> = case.text.char_indices().map(|(at, _)| at).collect();
    starts.push(case.text.len());
    let range = |s: &CaseSpan| Some(*starts.get(s.start)?..*starts.get(s.end)?).filter(|r| r.start < r.end);
    let spans = case.spans.iter().map(|s| {
        let label = if s.optional { String::new() } else { s.label.clone() };
        range(s).map(|range| (range, label))
    });
    let spans = spans.collect::<Option<Vec<_>>>()?;
    Some(Lesson { asked: case.prev, text: case.text, spans })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_points_become_bytes_and_a_span_outside_is_refused() {
        let line = r#"{"text":"¿josé?","spans":[{"start":1,"end":5,"label":"NAME"}]}"#;
        let lessons = lessons(line.as_bytes()).ok().unwrap();
        assert_eq!(lessons[0].spans, [(2..7, "NAME".to_owned())]);
        let outside = r#"{"text":"jo","spans":[{"start":1,"end":5,"label":"NAME"}]}"#;
        assert!(matches!(super::lessons(outside.as_bytes()), Err(Bad::Case(BadCase { line: 1 }))));
    }
}
