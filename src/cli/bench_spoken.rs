//! `anteroom bench spoken`: what redaction lets through of what a recogniser could really hear.
//!
//! In:  cases with the spans that must be covered, voices of this machine. Out: tables in Markdown by recogniser, label and
//! voice: spans rendered, spans of which anything can be recognised in the transcript, and of those how many leaked.
//! ```text
//! text -> words -> voice -> telephone -+-> known words pressed on the sound -> when each was said -+
//!                                      +-> recogniser -> words and times -> redact ----------------+-> judge -> tally
//! ```
//! When a word was said is measured on the sound itself ([`Aligner`](crate::listen::asr::pocketsphinx::Aligner)): the
//! voices' programs do not tell, and one way serves them all. Where the words cannot be found in the sound, their times are
//! shared out by their letters, with more slack; how often is printed. A recogniser that cannot say a name is no catch: such
//! a span is rendered, not recognisable.
//!
//! Recognition is free, by the language model: a case has the words of the question, not what the box expected, so that no
//! grammar is used. Redaction gets the question as `anteroom redact` does. Runs on one thread. Nothing is written but what
//! `--misses` and `--save` name; those files hold the cases' words. The same cases and seed give the same figures.

mod cases;
mod heard;
mod judge;
mod numbers;
mod reading;
mod studio;
mod tally;
mod voices;

use std::collections::HashMap;
use std::io::{self, Write, stderr};
use std::path::{Path, PathBuf};

use serde_json::json;

use self::cases::Case;
use self::heard::{Heard, HeardError, Lines, Model};
use self::judge::{Fate, Span, Timed, judge};
use self::reading::Said;
use self::studio::Studio;
use self::tally::Tally;
use super::Failure;
use crate::clock::{Clock, SystemClock};
use crate::config::levels::Level;
use crate::expect::Expecting;
use crate::listen::asr::pocketsphinx::{PocketSphinx, Word};
use crate::pcm::LINE_RATE;
use crate::redact::{self, Context, Outcome, Vault};

/// Callers of several accents, both sexes, different pitches and speeds; the box's own voice is one of them, since
/// recognisers understand it best.
const VOICES: &str = "flite:slt,flite:rms,flite:awb,flite:kal,espeak-ng:en-us,espeak-ng@70/160:en-us+f3,\
                      espeak-ng@40/150:en-gb,espeak-ng@55/165:en-gb-scotland,espeak-ng@45/155:en-029";
/// How far apart a word may be said and heard, in frames of 10 ms: a recogniser moves a border by a sound or two.
const SLACK: i32 = 20;
/// The same where the times are only shared out by letters.
const SHARED_SLACK: i32 = 80;
/// A line of progress after so many utterances.
const PROGRESS: usize = 50;

/// Options of `bench spoken`.
#[derive(clap::Args)]
pub struct Spoken {
    /// The cases: JSON lines with "id", "text", "style", "prev" and "spans".
    cases: PathBuf,
    /// How many cases, taken in even steps over the labels.
    #[arg(long, default_value_t = 300)]
    limit: usize,
    /// Which of the cases by their style.
    #[arg(long, value_delimiter = ',', default_value = "asr,asr_raw")]
    styles: Vec<String>,
    /// Who speaks; espeak-ng@PITCH/SPEED:VOICE changes how.
    #[arg(long, value_delimiter = ',', default_value = VOICES)]
    voices: Vec<String>,
    /// How many of the voices speak each case; they take turns.
    #[arg(long, default_value_t = 2)]
    each: usize,
    /// Who listens.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "clinic,general")]
    recognisers: Vec<Model>,
    /// Line noise, dBFS (speech is brought to -26).
    #[arg(long, default_value_t = -55.0, allow_negative_numbers = true)]
    noise: f32,
    /// Chooses the noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes each leaked span as a JSON line here: what was said, heard and left. Holds the cases' words.
    #[arg(long)]
    misses: Option<PathBuf>,
    /// Keeps what was heard in this file, for --from. Holds the cases' words.
    #[arg(long)]
    save: Option<PathBuf>,
    /// Nobody speaks: what was heard is read from a file that --save wrote, and only redacted and judged again.
    #[arg(long, conflicts_with_all = ["save", "limit", "voices", "each", "recognisers", "noise", "seed"])]
    from: Option<PathBuf>,
}

/// Nobody speaks or nobody listens.
#[derive(Debug, thiserror::Error)]
#[error("--voices, --each and --recognisers must name at least one")]
struct NoOne;

/// Speaks, recognises, redacts and counts.
///
/// # Errors
/// [`Failure`]: the cases, a voice or a model are not there, or the output failed. Never quotes a case.
pub fn run(spoken: &Spoken, out: &mut impl Write) -> Result<(), Failure> {
    let mut bench = Bench {
        today: SystemClock.wall().to_zoned(jiff::tz::TimeZone::system()).date(),
        tally: Tally::default(),
        sums: Sums::default(),
        misses: spoken.misses.as_deref().map(Lines::create).transpose()?,
    };
    match &spoken.from {
        Some(file) => again(spoken, file, &mut bench)?,
        None => anew(spoken, &mut bench)?,
    }
    bench.sums.write(out)?;
    bench.tally.write(out)?;
    Ok(())
}

/// Speaks a sample of the cases.
fn anew(spoken: &Spoken, bench: &mut Bench) -> Result<(), Failure> {
    let cases = cases::sample(&spoken.cases, &spoken.styles, spoken.limit).map_err(Failure::because)?;
    if spoken.voices.is_empty() || spoken.each == 0 || spoken.recognisers.is_empty() {
        return Err(Failure::because(NoOne));
    }
    let mut save = spoken.save.as_deref().map(Lines::create).transpose()?;
    let mut studio = Studio::open(spoken)?;
    let total = cases.len().saturating_mul(spoken.each);
    let turns = cases.iter().flat_map(|case| std::iter::repeat_n(case, spoken.each));
    for (turn, case) in turns.enumerate() {
        match studio.hear(case, turn)? {
            Some(heard) => {
                if let Some(save) = &mut save {
                    save.write(&heard)?;
                }
                bench.count(case, &heard)?;
            }
            None => bench.sums.unspoken += 1,
        }
        if turn.saturating_add(1).is_multiple_of(PROGRESS) {
            writeln!(stderr(), "{} of {total}", turn.saturating_add(1))?;
        }
    }
    Ok(())
}

/// Judges again what was heard before.
fn again(spoken: &Spoken, file: &Path, bench: &mut Bench) -> Result<(), Failure> {
    let cases = cases::sample(&spoken.cases, &spoken.styles, usize::MAX).map_err(Failure::because)?;
    let cases: HashMap<&str, &Case> = cases.iter().map(|case| (case.id.as_str(), case)).collect();
    for heard in heard::read(file)? {
        let fits = |case: &&&Case| reading::words(&case.text).len() == heard.times.len();
        let other = || Failure::because(HeardError::OtherCases { path: file.to_owned() });
        let case = cases.get(heard.id.as_str()).filter(fits).ok_or_else(other)?;
        bench.count(case, &heard)?;
    }
    Ok(())
}

/// What has been judged so far.
struct Bench {
    today: jiff::civil::Date,
    tally: Tally,
    sums: Sums,
    misses: Option<Lines>,
}

impl Bench {
    /// Redacts and judges one utterance as each recogniser heard it.
    fn count(&mut self, case: &Case, heard: &Heard) -> Result<(), Failure> {
        self.sums.add(heard);
        let said = reading::words(&case.text);
        let spans = spans(case, &said);
        let timed_said: Vec<Timed> = said.iter().zip(&heard.times).map(|(s, at)| Timed::new(&s.word, *at)).collect();
        let slack = if heard.measured { SLACK } else { SHARED_SLACK };
        for transcript in &heard.transcripts {
            let words = transcript.words();
            let (expecting, level, today) = (Expecting::Anything, Level::default(), self.today);
            let context = Context { expecting, asked: &case.prev, lately: None, today, level };
            let transcribed = PocketSphinx::transcript(words.clone(), &transcript.others);
            let outcome = redact::redact(&transcribed, &context, &mut Vault::new());
            let timed: Vec<Timed> = words.iter().map(|word| Timed::new(&word.text, word.frames)).collect();
            let verdict = judge(&timed_said, &spans, &timed, &covered(&words, &outcome), slack);
            self.tally.add(transcript.model.title(), &heard.voice, &verdict);
            for fate in verdict.fates.iter().filter(|fate| !fate.leaked.is_empty()) {
                if let Some(misses) = &mut self.misses {
                    let who = (transcript.model, heard.voice.as_str());
                    misses.write(&miss(case, who, &words, &outcome, fate))?;
                }
            }
        }
        Ok(())
    }
}

/// A leaked span, for whoever mends the rules.
fn miss(case: &Case, who: (Model, &str), heard: &[Word], outcome: &Outcome, fate: &Fate) -> serde_json::Value {
    let words = |places: &[usize]| -> Vec<&str> {
        places.iter().filter_map(|at| heard.get(*at)).map(|word| word.text.as_str()).collect()
    };
    let all: Vec<&str> = heard.iter().map(|word| word.text.as_str()).collect();
    json!({
        "id": case.id, "recogniser": who.0, "voice": who.1, "label": fate.label, "prev": case.prev, "said": case.text,
        "heard": all.join(" "), "redacted": outcome.text.as_str(), "recognised": words(&fate.heard),
        "leaked": words(&fate.leaked), "crumbs": fate.crumbs,
    })
}

/// The case's spans in the words that were said.
fn spans(case: &Case, said: &[Said]) -> Vec<Span> {
    let span = |gold: &cases::Gold| {
        let range = gold.range();
        let inside = |said: &Said| said.place.start < range.end && range.start < said.place.end;
        let first = said.iter().position(inside)?;
        let last = said.iter().rposition(inside)?;
        Some(Span { label: gold.label, optional: gold.optional, words: first..last.saturating_add(1) })
    };
    case.spans.iter().filter_map(span).collect()
}

/// Which of the heard words redaction covered whole. The transcript is the words with a space between them.
fn covered(heard: &[Word], outcome: &Outcome) -> Vec<bool> {
    let mut start = 0_usize;
    let word = |word: &Word| {
        let range = start..start.saturating_add(word.text.len());
        start = range.end.saturating_add(1);
        outcome.spans.iter().any(|span| span.range.start <= range.start && range.end <= span.range.end)
    };
    heard.iter().map(word).collect()
}

/// What was spoken in all.
#[derive(Debug, Default)]
struct Sums {
    utterances: usize,
    samples: usize,
    shared_out: usize,
    unspoken: usize,
}

impl Sums {
    fn add(&mut self, heard: &Heard) {
        self.utterances += 1;
        self.samples += heard.samples;
        self.shared_out += usize::from(!heard.measured);
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let seconds = self.samples / usize::try_from(LINE_RATE).unwrap_or(1);
        writeln!(
            out,
            "{} utterances, {seconds} s of sound; times by letters alone in {} of them; not spoken: {}",
            self.utterances, self.shared_out, self.unspoken
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn case(text: &str, prev: &str, spans: &str) -> Case {
        let line = json!({
            "id": "1", "text": text, "prev": prev, "style": "asr",
            "spans": serde_json::from_str::<serde_json::Value>(spans).unwrap(),
        });
        serde_json::from_value(line).unwrap()
    }

    /// The case, said and heard in words of 300 ms each, one right after the other.
    fn spoken(case: &Case, heard: &str) -> Heard {
        let at = |place: i32| (place * 30, place * 30 + 29);
        let word = |(place, text): (i32, &str)| Word { text: text.to_owned(), frames: at(place), confidence: 1.0 };
        let mut spoken = Heard {
            id: case.id.clone(),
            voice: "ann".to_owned(),
            samples: 8_000,
            measured: true,
            times: (0..).zip(reading::words(&case.text)).map(|(place, _)| at(place)).collect(),
            transcripts: Vec::new(),
        };
        spoken.add(Model::Clinic, (0..).zip(heard.split(' ')).map(word).collect(), Vec::new());
        spoken
    }

    /// The row of the case's label.
    fn row(case: &Case, heard: &str) -> String {
        let today = jiff::civil::date(2026, 11, 24);
        let mut bench = Bench { today, tally: Tally::default(), sums: Sums::default(), misses: None };
        bench.count(case, &spoken(case, heard)).unwrap();
        let mut out = Vec::new();
        bench.tally.write(&mut out).unwrap();
        let label = format!("| {} ", case.spans[0].label.as_str());
        String::from_utf8(out).unwrap().lines().find(|line| line.starts_with(&label)).unwrap().to_owned()
    }

    #[test]
    fn a_number_that_was_heard_and_covered_is_recognisable_and_does_not_leak() {
        let case = case("My number is 512-555-0143.", "", r#"[{"start":13,"end":25,"label":"PHONE"}]"#);
        let row = row(&case, "my number is five one two five five five oh one four three");
        assert_eq!(row, "| PHONE | 1 | 1 | 0 | 0.0 % | 0 | 10 | 10 | 0 |");
    }

    #[test]
    fn what_redaction_leaves_of_a_span_leaks() {
        // Nothing tells that an everyday word is a name here.
        let case = case("the nurse called", "", r#"[{"start":4,"end":9,"label":"NAME"}]"#);
        assert_eq!(row(&case, "the nurse called"), "| NAME | 1 | 1 | 1 | 100.0 % | 0 | 1 | 1 | 1 |");
    }

    #[test]
    fn a_transcript_of_something_else_is_no_catch() {
        let case = case("mary lopez", "what is your name", r#"[{"start":0,"end":10,"label":"NAME"}]"#);
        assert_eq!(row(&case, "merely slow"), "| NAME | 1 | 0 | 0 | - | 0 | 2 | 0 | 0 |");
    }

    #[test]
    fn what_was_saved_is_judged_again_and_only_for_its_own_cases() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let line = r#"{"id":"1","text":"the nurse called","style":"asr","spans":[{"start":4,"end":9,"label":"NAME"}]}"#;
        std::fs::write(path("cases"), line).unwrap();
        std::fs::write(path("others"), line.replace("called", "has called")).unwrap();
        let case: Case = serde_json::from_str(line).unwrap();
        Lines::create(Path::new(&path("heard"))).unwrap().write(&spoken(&case, "the nurse called")).unwrap();
        let judged = |cases: &str| {
            let arguments = ["spoken", &path(cases), "--from", &path("heard"), "--misses", &path("misses")];
            let options = <Options as clap::Parser>::parse_from(arguments);
            let mut out = Vec::new();
            run(&options.spoken, &mut out).map(|()| String::from_utf8(out).unwrap())
        };
        assert!(judged("cases").unwrap().contains("| NAME | 1 | 1 | 1 | 100.0 % |"));
        assert!(std::fs::read_to_string(path("misses")).unwrap().contains("\"leaked\":[\"nurse\"]"));
        assert!(judged("others").unwrap_err().to_string().contains("other cases"));
    }

    #[derive(clap::Parser)]
    struct Options {
        #[command(flatten)]
        spoken: Spoken,
    }

    #[test]
    fn missing_cases_and_voices_are_errors_that_say_what_to_do() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{\"id\":\"1\",\"text\":\"yes\",\"style\":\"asr\",\"spans\":[]}\n").unwrap();
        let path = file.path().to_str().unwrap();
        let error = |arguments: &[&str]| {
            let options = <Options as clap::Parser>::parse_from([&["spoken"], arguments].concat());
            run(&options.spoken, &mut Vec::new()).unwrap_err().to_string()
        };
        assert!(error(&["/nowhere.jsonl"]).contains("/nowhere.jsonl"));
        assert!(error(&[path, "--voices", "flite:nobody"]).contains("slt, rms, awb and kal"));
        assert!(error(&[path, "--styles", "written"]).contains("no case of the style written"));
        assert!(error(&[path, "--each", "0"]).contains("at least one"));
    }
}
