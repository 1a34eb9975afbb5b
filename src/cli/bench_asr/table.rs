//! The table of `bench asr`: one row a part, question and voice.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;

use super::wer::{self, Errors};
use crate::expect::Expecting;
use crate::pcm::LINE_RATE;

/// Where an utterance is counted.
pub(super) struct Row<'a> {
    /// Recordings, digits, sentences, answers.
    pub(super) part: &'static str,
    /// Who spoke.
    pub(super) voice: &'a str,
    /// What was asked.
    pub(super) group: &'a str,
}

/// All rows, in the order of their names.
#[derive(Default)]
pub(super) struct Table(BTreeMap<(&'static str, String, String), Tally>);

#[derive(Default)]
struct Tally {
    utterances: u32,
    exact: u32,
    words: u32,
    errors: Errors,
    samples: usize,
    cpu: Duration,
}

/// A row as it is printed.
#[derive(Serialize)]
struct Printed<'a> {
    engine: &'a str,
    part: &'a str,
    asked: &'a str,
    voice: &'a str,
    utterances: u32,
    exact: u32,
    words: u32,
    substituted: u32,
    deleted: u32,
    inserted: u32,
    wrong_percent: f64,
    sound_s: f64,
    cpu_ms_per_s: f64,
}

impl Table {
    /// Counts an utterance. Where a telephone number was asked for, digits are compared as they would be written down,
    /// else words.
    pub(super) fn add(&mut self, row: &Row<'_>, said: &str, heard: &str, samples: usize, cpu: Duration) -> Errors {
        let (said, heard) = (wer::words(said), wer::words(heard));
        let (errors, words) = if row.group == Expecting::Phone.as_str() {
            let said = wer::digits(&said);
            (wer::errors(&said, &wer::digits(&heard)), said.len())
        } else {
            (wer::errors(&said, &heard), said.len())
        };
        let tally = self.0.entry((row.part, row.group.to_owned(), row.voice.to_owned())).or_default();
        tally.utterances += 1;
        tally.exact += u32::from(errors.total() == 0);
        tally.words += u32::try_from(words).unwrap_or(u32::MAX);
        tally.errors += errors;
        tally.samples += samples;
        tally.cpu += cpu;
        errors
    }

    /// Writes the table: for people, or one JSON object a row.
    pub(super) fn write(&self, out: &mut impl Write, engine: &str, json: bool) -> io::Result<()> {
        if !json && !self.0.is_empty() {
            let head = ["exact", "words", "sub", "del", "ins", "wrong", "cpu ms/s"];
            let [exact, words, sub, del, ins, wrong, cpu] = head;
            let what = format!("{engine}: part, asked, voice");
            writeln!(out, "{what:44} {exact:>7} {words:>6} {sub:>5} {del:>5} {ins:>5} {wrong:>7} {cpu:>9}")?;
        }
        for ((part, asked, voice), tally) in &self.0 {
            let row = tally.printed(engine, part, asked, voice);
            if json {
                writeln!(out, "{}", serde_json::to_string(&row).map_err(io::Error::other)?)?;
                continue;
            }
            let what = format!("{part:10} {asked:12} {voice}");
            let exact = format!("{}/{}", row.exact, row.utterances);
            let (words, wrong, cpu) = (row.words, row.wrong_percent, row.cpu_ms_per_s);
            let Errors { substituted, deleted, inserted } = tally.errors;
            writeln!(
                out,
                "{what:44} {exact:>7} {words:>6} {substituted:>5} {deleted:>5} {inserted:>5} {wrong:>6.1}% {cpu:>9.1}"
            )?;
        }
        Ok(())
    }
}

impl Tally {
    fn printed<'a>(&self, engine: &'a str, part: &'a str, asked: &'a str, voice: &'a str) -> Printed<'a> {
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        let sound_s = count(self.samples) / f64::from(LINE_RATE);
        let Errors { substituted, deleted, inserted } = self.errors;
        Printed {
            engine,
            part,
            asked,
            voice,
            utterances: self.utterances,
            exact: self.exact,
            words: self.words,
            substituted,
            deleted,
            inserted,
            wrong_percent: tenths(100.0 * f64::from(self.errors.total()) / f64::from(self.words.max(1))),
            sound_s: tenths(sound_s),
            cpu_ms_per_s: tenths(self.cpu.as_secs_f64() * 1_000.0 / sound_s.max(0.001)),
        }
    }
}

/// Rounded to one place.
fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(group: &'static str) -> Row<'static> {
        Row { part: "digits", voice: "ann", group }
    }

    #[test]
    fn numbers_are_compared_as_they_are_written_down_and_other_answers_as_words() {
        let mut table = Table::default();
        let mut add = |group, said, heard| table.add(&row(group), said, heard, 8_000, Duration::ZERO).total();
        assert_eq!(add("phone", "5 5 0", "my number is double five oh"), 0);
        assert_eq!(add("dob", "may fifth", "may fifteenth"), 1);
    }

    #[test]
    fn a_row_says_how_much_of_it_was_wrong() {
        let mut table = Table::default();
        table.add(&row("dob"), "may fifth", "may fifth", 16_000, Duration::from_millis(50));
        table.add(&row("dob"), "june first", "june", 16_000, Duration::from_millis(50));
        let mut out = Vec::new();
        table.write(&mut out, "test", false).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("1/2") && text.contains("25.0%") && text.contains("25.0\n"), "{text}");
    }
}
