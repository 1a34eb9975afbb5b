//! The tables of `bench spoken`: by recogniser and label, and by recogniser and voice, in Markdown.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::judge::{Fate, Verdict};
use crate::placeholder::Label;

/// Spans and their words, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    rendered: usize,
    recognisable: usize,
    leaked: usize,
    crumbs: usize,
    said: usize,
    heard: usize,
    words_leaked: usize,
}

impl Counts {
    fn add(&mut self, fate: &Fate) {
        self.rendered += 1;
        self.recognisable += usize::from(!fate.heard.is_empty());
        self.leaked += usize::from(!fate.leaked.is_empty());
        self.crumbs += usize::from(fate.crumbs);
        self.said += fate.said;
        self.heard += fate.heard.len();
        self.words_leaked += fate.leaked.len();
    }
}

/// What one voice came to.
#[derive(Clone, Copy, Debug, Default)]
struct Voice {
    utterances: usize,
    spans: Counts,
    others: usize,
    over: usize,
}

/// What one recogniser heard.
#[derive(Debug, Default)]
struct Hearing {
    labels: BTreeMap<Label, Counts>,
    voices: BTreeMap<String, Voice>,
}

/// Everything that was measured.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<&'static str, Hearing>);

impl Tally {
    /// Counts one utterance as one recogniser heard it.
    pub(super) fn add(&mut self, recogniser: &'static str, voice: &str, verdict: &Verdict) {
        let hearing = self.0.entry(recogniser).or_default();
        let by_voice = hearing.voices.entry(voice.to_owned()).or_default();
        by_voice.utterances += 1;
        by_voice.others += verdict.others;
        by_voice.over += verdict.over;
        for fate in &verdict.fates {
            by_voice.spans.add(fate);
            hearing.labels.entry(fate.label).or_default().add(fate);
        }
    }

    /// Writes the tables.
    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        for (recogniser, hearing) in &self.0 {
            let mut all = Counts::default();
            writeln!(out, "\n### {recogniser}\n")?;
            writeln!(
                out,
                "| label | spans rendered | recognisable | leaked | leaked of recognisable | only crumbs | words said | heard | leaked |"
            )?;
            writeln!(out, "|---|---|---|---|---|---|---|---|---|")?;
            for (label, counts) in &hearing.labels {
                row(out, label.as_str(), counts)?;
                all = sum(&all, counts);
            }
            row(out, "all", &all)?;
            writeln!(
                out,
                "\n| voice | utterances | spans rendered | recognisable | leaked | leaked of recognisable | other words | of these covered |"
            )?;
            writeln!(out, "|---|---|---|---|---|---|---|---|")?;
            let mut total = Voice::default();
            for (name, voice) in &hearing.voices {
                voice_row(out, name, voice)?;
                total.utterances += voice.utterances;
                total.others += voice.others;
                total.over += voice.over;
            }
            voice_row(out, "all", &Voice { spans: all, ..total })?;
        }
        Ok(())
    }
}

fn row(out: &mut impl Write, label: &str, counts: &Counts) -> io::Result<()> {
    let Counts { rendered, recognisable, leaked, crumbs, said, heard, words_leaked } = counts;
    let share = share(*leaked, *recognisable);
    writeln!(
        out,
        "| {label} | {rendered} | {recognisable} | {leaked} | {share} | {crumbs} | {said} | {heard} | {words_leaked} |"
    )
}

fn voice_row(out: &mut impl Write, name: &str, voice: &Voice) -> io::Result<()> {
    let Voice { utterances, spans, others, over } = voice;
    let leaks = share(spans.leaked, spans.recognisable);
    let covered = share(*over, *others);
    writeln!(
        out,
        "| {name} | {utterances} | {} | {} | {} | {leaks} | {others} | {covered} |",
        spans.rendered, spans.recognisable, spans.leaked
    )
}

fn sum(a: &Counts, b: &Counts) -> Counts {
    Counts {
        rendered: a.rendered + b.rendered,
        recognisable: a.recognisable + b.recognisable,
        leaked: a.leaked + b.leaked,
        crumbs: a.crumbs + b.crumbs,
        said: a.said + b.said,
        heard: a.heard + b.heard,
        words_leaked: a.words_leaked + b.words_leaked,
    }
}

/// A share in percent, one place; nothing of nothing is "-".
fn share(part: usize, whole: usize) -> String {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    if whole == 0 { "-".to_owned() } else { format!("{:.1} %", 100.0 * count(part) / count(whole)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate(label: Label, heard: &[usize], leaked: &[usize]) -> Fate {
        Fate { label, said: 3, heard: heard.to_vec(), leaked: leaked.to_vec(), crumbs: false }
    }

    fn table(tally: &Tally) -> String {
        let mut out = Vec::new();
        tally.write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_name_that_no_recogniser_could_say_is_rendered_and_nothing_else() {
        let mut tally = Tally::default();
        let fates = vec![fate(Label::Name, &[], &[]), fate(Label::Name, &[1, 2], &[2]), fate(Label::Name, &[4], &[])];
        tally.add("clinic", "ann", &Verdict { fates, others: 10, over: 1 });
        let text = table(&tally);
        assert!(text.contains("| NAME | 3 | 2 | 1 | 50.0 % | 0 | 9 | 3 | 1 |"), "{text}");
        assert!(text.contains("| ann | 1 | 3 | 2 | 1 | 50.0 % | 10 | 10.0 % |"), "{text}");
    }

    #[test]
    fn recognisers_labels_and_voices_are_apart_and_summed() {
        let mut tally = Tally::default();
        let mut add = |recogniser, voice, label| {
            tally.add(recogniser, voice, &Verdict { fates: vec![fate(label, &[0], &[])], others: 4, over: 0 });
        };
        add("clinic", "ann", Label::Name);
        add("clinic", "bob", Label::Date);
        add("general", "bob", Label::Date);
        let text = table(&tally);
        assert!(text.contains("| all | 2 | 2 | 0 | 0.0 % | 0 | 6 | 2 | 0 |"), "{text}");
        assert!(text.contains("| all | 1 | 1 | 1 | 0 | 0.0 % | 4 | 0.0 % |"), "{text}");
        assert_eq!(text.matches("### ").count(), 2);
    }

    #[test]
    fn nothing_of_nothing_is_no_share() {
        let mut tally = Tally::default();
        tally.add("clinic", "ann", &Verdict { fates: vec![fate(Label::Ip, &[], &[])], others: 0, over: 0 });
        assert!(table(&tally).contains("| IP | 1 | 0 | 0 | - | 0 | 3 | 0 | 0 |"));
    }
}
