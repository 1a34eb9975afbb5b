//! A call, written down: what the caller says when, how the desk answers, and what must come of it.
//!
//! In:  TOML. Out: a [`Scenario`] that cannot be wrong, or every problem with its key.
//!
//! ```toml
//! [caller]
//! voice = "flite:rms"          # a voice; not the box's own
//! noise = -45                  # line noise, dBFS; none if left out
//! seed = 7                     # of the noise
//! echo_db = -20                # the box hears its own voice come back at this level, -60 to 0; not if left out
//! echo_ms = 120                # and this late; 1000 at most
//! number = "5125550143"        # what the line reports; withheld if left out
//!
//! [[say]]                      # the first that fits and is not used up is said
//! when = "dob"                 # what the box waits for, or a part of what it says ("~..." where a word could be both)
//! text = "march fourth nineteen sixty two"     # or wav = "file", dtmf = "0", silent = true
//! after_ms = 400               # after the box fell silent; with interrupt, after the sentence began
//! times = 1
//! # interrupt = true           # while the box speaks
//! # hang_up = true             # with text or wav: after_ms into the caller's own speech
//!
//! [desk]
//! answer = "accept"            # or "decline", "none"
//!
//! [expect]
//! outcome = "booked"
//! tools = ["book"]             # must have succeeded
//! no_tools = ["cancel"]        # must not have been asked
//! not_said = ["lisinopril"]    # the box must not say it
//! identifiers = ["mary"]       # must not be in what would leave
//! ```

use std::ops::RangeInclusive;
use std::path::PathBuf;

use toml::{Table, Value};

use crate::caller::fields::Fields;
use crate::converse::Outcome;
use crate::expect::Expecting;
use crate::secret::Secret;
use crate::speak::{FliteVoice, VoiceChoice};
use crate::wire::line::DeskAnswer;
use crate::wire::tool;

/// How long a caller waits before answering, ms: people take 200 to 500.
const ANSWER_AFTER_MS: u32 = 400;
/// The longest pause that a scenario may ask for, ms.
const LONGEST_WAIT_MS: i64 = 120_000;
/// How late an echo is, ms, where the scenario does not say, and at most.
const ECHO_MS: u32 = 120;
const LONGEST_ECHO_MS: i64 = 1_000;

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The caller.
    pub caller: Profile,
    /// What the caller does, in the order in which it is looked through.
    pub say: Vec<Say>,
    /// How the desk answers.
    pub desk: DeskAnswer,
    /// What must come of the call.
    pub expect: Expect,
}

/// Who calls.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The caller's voice.
    pub voice: VoiceChoice,
    /// Line noise, dBFS, -90 to -10; none by default.
    pub noise: Option<f32>,
    /// Seed of the noise.
    pub seed: u64,
    /// What the box hears of its own voice; nothing by default.
    pub echo: Option<Echo>,
    /// The number that the line reports; empty where it is withheld.
    pub number: Secret,
}

/// How the box's own voice comes back to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Echo {
    /// How loud it is beside what the box said, dB, -60 to 0.
    pub db: f32,
    /// How late, ms, at most 1000.
    pub ms: u32,
}

/// One thing that the caller does.
#[derive(Clone, Debug)]
pub struct Say {
    /// When.
    pub when: When,
    /// What.
    pub act: Act,
    /// How long after its occasion, ms.
    pub after_ms: u32,
    /// While the box still speaks.
    pub interrupt: bool,
    /// How often, 1 or more.
    pub times: u32,
}

/// The occasion to do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// The box waits for this.
    Expecting(Expecting),
    /// The box has said a sentence with this in it, in lower case. Empty fits any sentence.
    Spoken(String),
}

/// What a caller can do.
#[derive(Clone, Debug)]
pub enum Act {
    /// Speak.
    Speak {
        /// The words, or a recording of them.
        speech: Speech,
        /// Hang up this long into it, ms.
        hang_up_after_ms: Option<u32>,
    },
    /// Press keys.
    Press(Vec<char>),
    /// Do nothing: the box must cope.
    StaySilent,
    /// Hang up.
    HangUp,
}

/// Where the caller's words come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speech {
    /// The caller's voice says this.
    Text(Secret),
    /// A recording.
    Recording(PathBuf),
}

/// What must come of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expect {
    /// How it must end.
    pub outcome: Option<Outcome>,
    /// Tools that must have succeeded.
    pub tools: Vec<String>,
    /// Tools that must not have been asked.
    pub no_tools: Vec<String>,
    /// What the box must not say, in any spelling of case.
    pub not_said: Vec<String>,
    /// What must not be in anything that would leave, in any spelling of case.
    pub identifiers: Vec<String>,
}

/// A scenario is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// It is not TOML.
    #[error("the scenario is not TOML: {detail}")]
    NotToml {
        /// What the parser says, with the line.
        detail: String,
    },
    /// It says something that a scenario cannot say.
    #[error("the scenario has {} problem(s):\n  {}", problems.len(), problems.join("\n  "))]
    Problems {
        /// Each with its key.
        problems: Vec<String>,
    },
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// [`ScenarioError`] with every problem that was found.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let table: Table =
            text.parse().map_err(|error: toml::de::Error| ScenarioError::NotToml { detail: error.to_string() })?;
        let mut problems = Vec::new();
        let mut top = Fields::new("", table, &mut problems);
        let caller = top.table("caller");
        let says = top.tables("say");
        let desk = top.table("desk");
        let expect = top.table("expect");
        top.done();
        let caller = profile(Fields::new("caller", caller, &mut problems));
        let say: Vec<Say> = says
            .into_iter()
            .enumerate()
            .filter_map(|(number, table)| say(Fields::new(&format!("say[{number}]"), table, &mut problems)))
            .collect();
        let desk = answer(Fields::new("desk", desk, &mut problems));
        let expect = expectation(Fields::new("expect", expect, &mut problems));
        if problems.is_empty() {
            Ok(Self { caller, say, desk, expect })
        } else {
            Err(ScenarioError::Problems { problems })
        }
    }

    /// A caller without a script, for a recorded one: only the desk answers.
    #[must_use]
    pub fn unscripted() -> Self {
        let caller = Profile {
            voice: VoiceChoice::Flite(FliteVoice::Rms),
            noise: None,
            seed: 0,
            echo: None,
            number: Secret::default(),
        };
        Self { caller, say: Vec::new(), desk: DeskAnswer::Accept, expect: Expect::default() }
    }
}

fn profile(mut fields: Fields<'_>) -> Profile {
    let voice = fields.word("voice").and_then(|word| fields.parsed("voice", &word));
    let noise = level(&mut fields, "noise", -90.0..=-10.0);
    let db = level(&mut fields, "echo_db", -60.0..=0.0);
    let ms = fields.number("echo_ms", LONGEST_ECHO_MS).and_then(|ms| u32::try_from(ms).ok());
    if db.is_none() && ms.is_some() {
        fields.problem("echo_ms", "needs echo_db: how loud the echo is");
    }
    let echo = db.map(|db| Echo { db, ms: ms.unwrap_or(ECHO_MS) });
    let seed = fields.number("seed", i64::MAX).unwrap_or_default();
    let number = fields.word("number").unwrap_or_default();
    if !number.chars().all(|c| c.is_ascii_digit() || c == '+') {
        fields.problem("number", "must be digits, with a + before them at most");
    }
    fields.done();
    Profile {
        voice: voice.unwrap_or(VoiceChoice::Flite(FliteVoice::Rms)),
        noise,
        seed: seed.unsigned_abs(),
        echo,
        number: Secret::new(number),
    }
}

/// A level in dB, which may be written without a point.
fn level(fields: &mut Fields<'_>, key: &str, range: RangeInclusive<f64>) -> Option<f32> {
    let level = match fields.take(key)? {
        #[expect(clippy::cast_precision_loss, reason = "checked to be a small number")]
        Value::Integer(level) => level as f64,
        Value::Float(level) => level,
        Value::String(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Array(_) | Value::Table(_) => f64::NAN,
    };
    #[expect(clippy::cast_possible_truncation, reason = "a level needs no double precision")]
    let fits = range.contains(&level).then_some(level as f32);
    if fits.is_none() {
        fields.problem(key, &format!("must be a level of {} to {} dB", range.start(), range.end()));
    }
    fits
}

fn say(mut fields: Fields<'_>) -> Option<Say> {
    let when = fields.word("when").map(|word| occasion(&word));
    if when.is_none() {
        fields.problem("when", "is missing: what the box waits for, or a part of what it says");
    }
    let text = fields.word("text").map(|text| Speech::Text(Secret::new(text)));
    let wav = fields.word("wav").map(|path| Speech::Recording(path.into()));
    let dtmf = fields.word("dtmf");
    let silent = fields.flag("silent");
    let hang_up = fields.flag("hang_up");
    let interrupt = fields.flag("interrupt");
    let after_ms = fields.number("after_ms", LONGEST_WAIT_MS).and_then(|ms| u32::try_from(ms).ok());
    let times = fields.number("times", 1_000).map_or(1, |times| u32::try_from(times).unwrap_or(1));
    if times == 0 {
        fields.problem("times", "must be 1 or more");
    }
    if interrupt && matches!(when, Some(When::Expecting(_))) {
        fields.problem("interrupt", "needs a when that is a part of what the box says: \"~...\" forces that");
    }
    let ways = [text.is_some(), wav.is_some(), dtmf.is_some(), silent].into_iter().filter(|w| *w).count();
    if ways > 1 || (ways == 0 && !hang_up) {
        fields.problem("text", "exactly one of text, wav, dtmf, silent must be there, or hang_up alone");
    }
    let keys: Vec<char> = dtmf.iter().flat_map(|keys| keys.chars()).collect();
    if !keys.iter().all(|k| k.is_ascii_digit() || matches!(k, '*' | '#')) || dtmf.as_deref() == Some("") {
        fields.problem("dtmf", "must be keys: 0 to 9, * and #");
    }
    if hang_up && (dtmf.is_some() || silent) {
        fields.problem("hang_up", "goes with text, with wav, or alone");
    }
    fields.done();
    let wait = after_ms.unwrap_or(ANSWER_AFTER_MS);
    let (act, after_ms) = match (text.or(wav), dtmf) {
        (Some(speech), _) if hang_up => (Act::Speak { speech, hang_up_after_ms: Some(wait) }, ANSWER_AFTER_MS),
        (Some(speech), _) => (Act::Speak { speech, hang_up_after_ms: None }, wait),
        (None, Some(_)) => (Act::Press(keys), wait),
        (None, None) if silent => (Act::StaySilent, wait),
        (None, None) => (Act::HangUp, wait),
    };
    Some(Say { when: when?, act, after_ms, interrupt, times })
}

/// Reads a `when`: the name of an expectation, or a pattern.
fn occasion(word: &str) -> When {
    match (word.strip_prefix('~'), word.parse()) {
        (Some(pattern), _) => When::Spoken(pattern.to_lowercase()),
        (None, Ok(expecting)) => When::Expecting(expecting),
        (None, Err(_)) => When::Spoken(word.to_lowercase()),
    }
}

fn answer(mut fields: Fields<'_>) -> DeskAnswer {
    let word = fields.word("answer");
    let answer = match word.as_deref() {
        None | Some("accept") => DeskAnswer::Accept,
        Some("decline") => DeskAnswer::Decline,
        Some("none") => DeskAnswer::None,
        Some(_) => {
            fields.problem("answer", "must be accept, decline or none");
            DeskAnswer::None
        }
    };
    fields.done();
    answer
}

fn expectation(mut fields: Fields<'_>) -> Expect {
    let outcome = fields.word("outcome").and_then(|word| {
        let outcome = serde_json::from_value(serde_json::Value::String(word)).ok();
        if outcome.is_none() {
            fields.problem("outcome", "is not how a call can end: booked, cancelled, answered, handed-over, ...");
        }
        outcome
    });
    let mut tools = |key| {
        let names = fields.words(key);
        if names.iter().any(|name| tool::find(name).is_none()) {
            fields.problem(key, "names a tool that does not exist");
        }
        names
    };
    let (tools, no_tools) = (tools("tools"), tools("no_tools"));
    let expect = Expect {
        outcome,
        tools,
        no_tools,
        not_said: fields.words("not_said"),
        identifiers: fields.words("identifiers"),
    };
    fields.done();
    expect
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_this_modules_own_page_parses() {
        let page: String = include_str!("scenario.rs")
            .lines()
            .skip_while(|line| !line.starts_with("//! ```toml"))
            .skip(1)
            .take_while(|line| !line.starts_with("//! ```"))
            .map(|line| format!("{}\n", line.trim_start_matches("//!").trim_start()))
            .collect();
        let scenario = Scenario::parse(&page).unwrap();
        assert_eq!(scenario.caller.noise, Some(-45.0));
        assert_eq!(scenario.expect.outcome, Some(Outcome::Booked));
        assert_eq!(scenario.say[0].when, When::Expecting(Expecting::Dob));
    }

    #[test]
    fn every_shipped_scenario_parses_and_states_an_outcome() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let scenario = Scenario::parse(&std::fs::read_to_string(&path).unwrap());
            let scenario = scenario.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(scenario.expect.outcome.is_some(), "{}", path.display());
            count += 1;
        }
        assert!(count >= 12, "{count} scenarios");
    }

    #[test]
    fn every_problem_is_told_with_its_key() {
        let text = r#"
            colour = "red"
            [caller]
            voice = "flite:bob"
            noise = 3
            number = "five"
            [[say]]
            when = "yes-no"
            interrupt = true
            text = "yes"
            dtmf = "1"
            [[say]]
            text = 5
            [desk]
            answer = "maybe"
            [expect]
            outcome = "happy"
            tools = ["teleport"]
            identifiers = "mary"
        "#;
        let Err(ScenarioError::Problems { problems }) = Scenario::parse(text) else { panic!("parsed") };
        let keys: Vec<&str> = problems.iter().filter_map(|p| p.split(':').next()).collect();
        for key in [
            "colour",
            "caller.voice",
            "caller.noise",
            "caller.number",
            "say[0].interrupt",
            "say[0].text",
            "say[1].text",
            "say[1].when",
            "desk.answer",
            "expect.outcome",
            "expect.tools",
            "expect.identifiers",
        ] {
            assert!(keys.contains(&key), "{key} is not among {keys:?}");
        }
    }

    #[test]
    fn a_tilde_makes_a_pattern_of_a_word_that_is_also_an_expectation() {
        assert_eq!(occasion("date"), When::Expecting(Expecting::Date));
        assert_eq!(occasion("~Date"), When::Spoken("date".to_owned()));
        assert_eq!(occasion("What day"), When::Spoken("what day".to_owned()));
    }

    #[test]
    fn hanging_up_with_words_happens_in_the_middle_of_them() {
        let text = "[[say]]\nwhen = \"dob\"\ntext = \"march\"\nhang_up = true\nafter_ms = 900";
        let scenario = Scenario::parse(text).unwrap();
        assert!(matches!(scenario.say[0].act, Act::Speak { hang_up_after_ms: Some(900), .. }));
        assert_eq!(scenario.say[0].after_ms, ANSWER_AFTER_MS);
    }

    proptest! {
        #[test]
        fn any_text_is_a_scenario_or_an_error(text in "(\\[\\[?(caller|say|desk|expect)\\]\\]?\n|(when|text|noise|seed|times|answer|tools|after_ms) = (1|-5|\"a\"|true|\\[\"x\"\\]|1.5|99999999999)\n){0,12}") {
            let _ = Scenario::parse(&text);
        }
    }
}
