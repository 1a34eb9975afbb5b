//! Redaction on cases that nobody tunes against (`fresh.jsonl`), and on those that were so once
//! (`unseen.jsonl`): recall must not fall, over-redaction not rise.
//!
//! In:  the cases. Out: a table by style and label, printed with `--nocapture`, and a failure where a floor is broken. It
//! counts as the scorer of the development cases does: a span counts only if each of its letters and digits is covered.

#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::needless_range_loop,
    reason = "positions come from the text that they are looked up in; the table is what a person reads; the cases are our own"
)]

use std::collections::BTreeMap;

use anteroom::config::levels::Level;
use anteroom::expect::Expecting;
use anteroom::listen::RawTranscript;
use anteroom::redact::{self, Context, Vault};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    prev: String,
    text: String,
    style: String,
    spans: Vec<Gold>,
}

#[derive(Deserialize)]
struct Gold {
    start: usize,
    end: usize,
    label: String,
    #[serde(default)]
    optional: bool,
}

/// So many of how many.
#[derive(Clone, Copy, Default)]
struct Share {
    of: u32,
    yes: u32,
}

impl Share {
    fn add(&mut self, yes: bool) {
        self.of += 1;
        self.yes += u32::from(yes);
    }

    fn percent(self) -> f64 {
        100.0 * f64::from(self.yes) / f64::from(self.of.max(1))
    }
}

#[derive(Default)]
struct Tally {
    spans: Share,
    labels: BTreeMap<String, Share>,
    words: Share,
    clean: Share,
}

#[test]
fn cases_that_were_read_keep_their_floors() {
    // Until 2026-11-25 nobody read them.
    keep_floors(include_str!("unseen.jsonl"), &[("asr", 98.5, 3.5), ("asr_raw", 97.3, 4.5), ("written", 98.5, 3.5)]);
}

#[test]
fn fresh_cases_keep_their_floors() {
    keep_floors(include_str!("fresh.jsonl"), &[("asr", 99.0, 4.0), ("asr_raw", 98.3, 4.2), ("written", 98.5, 3.8)]);
}

#[test]
fn dictated_numbers_keep_their_floors() {
    keep_floors(include_str!("numbers.jsonl"), &[("asr", 97.8, 8.5), ("asr_raw", 97.8, 8.5)]);
}

#[test]
fn people_and_places_keep_their_floors() {
    let floors = [("asr", 94.0, 3.5), ("asr_raw", 94.0, 4.0), ("written", 96.5, 3.5)];
    keep_floors(include_str!("people.jsonl"), &floors);
}

/// `floors`: style, least recall in percent, most other words covered in percent.
fn keep_floors(cases: &str, floors: &[(&str, f64, f64)]) {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).expect("a case");
        tally(&case, tallies.entry(case.style.clone()).or_default());
    }
    for (style, tally) in &tallies {
        println!(
            "{style}: recall {:.2} of {}, other words covered {:.2}, clean touched {:.2}",
            tally.spans.percent(),
            tally.spans.of,
            tally.words.percent(),
            tally.clean.percent()
        );
        for (label, share) in &tally.labels {
            println!("  {label} {:.2} of {}", share.percent(), share.of);
        }
    }
    // Below what was last measured (docs/redaction.md), by less than one span in a hundred.
    for (style, recall, over) in floors {
        let tally = &tallies[*style];
        assert!(tally.spans.percent() >= *recall, "{style}: recall {:.2}", tally.spans.percent());
        assert!(tally.words.percent() <= *over, "{style}: other words {:.2}", tally.words.percent());
    }
}

fn tally(case: &Case, tally: &mut Tally) {
    let today = jiff::civil::date(2026, 11, 23);
    let (expecting, level) = (Expecting::Anything, Level::SafeHarbor);
    let context = Context { expecting, asked: &case.prev, lately: None, today, level };
    let outcome = redact::redact(&RawTranscript::typed(&case.text), &context, &mut Vault::new());
    let letters: Vec<(usize, char)> = case.text.char_indices().collect();
    let covered: Vec<bool> =
        letters.iter().map(|(at, _)| outcome.spans.iter().any(|span| span.range.contains(at))).collect();
    let in_gold = |i: usize| case.spans.iter().any(|g| (g.start..g.end).contains(&i));
    for gold in case.spans.iter().filter(|g| !g.optional) {
        let whole = (gold.start..gold.end).all(|i| !letters[i].1.is_alphanumeric() || covered[i]);
        tally.spans.add(whole);
        tally.labels.entry(gold.label.clone()).or_default().add(whole);
    }
    for word in words(&letters) {
        if !word.clone().any(in_gold) {
            tally.words.add(word.clone().any(|i| covered[i]));
        }
    }
    if case.spans.is_empty() {
        tally.clean.add(letters.iter().zip(&covered).any(|((_, c), covered)| *covered && c.is_alphanumeric()));
    }
}

/// Runs of letters, digits and apostrophes inside them, as positions of characters.
fn words(letters: &[(usize, char)]) -> Vec<std::ops::Range<usize>> {
    let mut out: Vec<std::ops::Range<usize>> = Vec::new();
    let inner = |i: usize| {
        matches!(letters[i].1, '\'' | '\u{2019}') && letters.get(i + 1).is_some_and(|(_, c)| c.is_alphanumeric())
    };
    for i in 0..letters.len() {
        let continues = out.last().is_some_and(|w| w.end == i);
        if letters[i].1.is_alphanumeric() || (continues && inner(i)) {
            match out.last_mut() {
                Some(word) if continues => word.end = i + 1,
                _ => out.push(i..i + 1),
            }
        }
    }
    out
}
