//! `anteroom bench asr`: how well the box's recogniser hears, and what that costs.
//!
//! In:  recordings of people that lie outside this project, our own sentences and answers (`models/clinic-lm`) spoken by the
//! voices of this machine; all of it goes through the telephone channel of the simulated caller. Out: a table by voice and
//! question: utterances heard without any error, words wrong, processor time. What is not there is said and passed over.
//! Runs on one thread; keeps and writes nothing. The same material and seed give the same figures.

pub(super) mod sounds;
mod table;
mod wer;

use std::io::{Write, stderr};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use nix::sys::resource::{UsageWho, getrusage};

use self::sounds::{Line, Numbers, SoundError, Utterance};
use self::table::{Row, Table};
use super::{Failure, RecogniserArgument, home};
use crate::call::engines::open_recognisers;
use crate::expect::Expecting;
use crate::listen::asr::pocketsphinx::{PocketSphinx, SphinxPaths};
use crate::listen::asr::{Recognizer, Task};
use crate::secret::Secret;
use crate::speak::{self, VoiceChoice};

/// The voices that callers of our own sentences have: every one but the box's own.
const VOICES: &str = "flite:rms,flite:awb,flite:kal,espeak-ng:en-us";

/// Options of `bench asr`.
#[derive(clap::Args)]
pub struct Asr {
    /// Which recogniser.
    #[arg(long, value_enum, default_value = "pocketsphinx")]
    engine: RecogniserArgument,
    /// Which of whisper's models.
    #[arg(long, default_value = "micro-whisper")]
    whisper_model: String,
    /// Another language model for PocketSphinx, with its dictionary: to see how much of the errors is vocabulary.
    #[arg(long, requires = "dictionary")]
    lm: Option<PathBuf>,
    /// The dictionary that goes with it.
    #[arg(long, requires = "lm")]
    dictionary: Option<PathBuf>,
    /// Recordings: a table of file, tab, the words that are said in it; files relative to the table.
    #[arg(long)]
    list: Vec<PathBuf>,
    /// A folder of single spoken digits, DIGIT_SPEAKER_TAKE.wav: telephone numbers are strung from them.
    #[arg(long)]
    digits: Option<PathBuf>,
    /// The takes of the digits that are used (all, if none is named).
    #[arg(long, value_delimiter = ',')]
    takes: Vec<String>,
    /// How many numbers a speaker.
    #[arg(long, default_value_t = 10)]
    numbers: u32,
    /// Our own sentences, free speech, spoken by the voices.
    #[arg(long)]
    sentences: bool,
    /// Our own answers to each of the box's questions, spoken by the voices.
    #[arg(long)]
    answers: bool,
    /// Who speaks them.
    #[arg(long, value_delimiter = ',', default_value = VOICES)]
    voices: Vec<String>,
    /// Line noise, dBFS (speech is brought to -26).
    #[arg(long, default_value_t = -55.0, allow_negative_numbers = true)]
    noise: f32,
    /// No telephone: the sound as it is, at 8 kHz.
    #[arg(long)]
    clean: bool,
    /// Chooses digits, pauses and noise.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints each utterance too: what was said and what was heard.
    #[arg(long)]
    show: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Measures what was asked for; our sentences and answers if nothing was.
///
/// # Errors
/// [`Failure`]: no recogniser, or the output failed. Missing material is no failure.
pub fn run(asr: &Asr, out: &mut impl Write) -> Result<(), Failure> {
    let mut bench = Bench { asr, engine: engine(asr)?, table: Table::default() };
    for list in &asr.list {
        bench.part(out, "recordings", sounds::recordings(list))?;
    }
    if let Some(folder) = &asr.digits {
        let wanted = Numbers { folder, takes: &asr.takes, count: asr.numbers, seed: asr.seed };
        bench.part(out, "digits", sounds::numbers(&wanted))?;
    }
    let nothing_asked = asr.list.is_empty() && asr.digits.is_none() && !asr.sentences && !asr.answers;
    let ours = home::models().join("clinic-lm");
    for name in &asr.voices {
        let mut voice = match voice(name) {
            Ok(voice) => voice,
            Err(reason) => {
                bench.passed_over(name, reason.as_ref())?;
                continue;
            }
        };
        if asr.sentences || nothing_asked {
            bench.part(out, "sentences", sounds::sentences(&ours.join("heldout.txt"), voice.as_mut()))?;
        }
        if asr.answers || nothing_asked {
            bench.part(out, "answers", sounds::answers(&ours.join("slots.tsv"), voice.as_mut()))?;
        }
    }
    bench.table.write(out, bench.engine.name(), asr.json)?;
    Ok(())
}

struct Bench<'a> {
    asr: &'a Asr,
    engine: Box<dyn Recognizer>,
    table: Table,
}

impl Bench<'_> {
    /// Recognises one part's utterances and adds them to the table.
    fn part(
        &mut self,
        out: &mut impl Write,
        part: &'static str,
        utterances: Result<Vec<Utterance>, SoundError>,
    ) -> Result<(), Failure> {
        let utterances = match utterances {
            Ok(utterances) => utterances,
            Err(reason) => return self.passed_over(part, &reason),
        };
        let line = if self.asr.clean { Line::Clean } else { Line::Telephone(self.asr.noise) };
        let people: Vec<Secret> = sounds::people(&utterances).into_iter().map(Secret::new).collect();
        for (place, utterance) in (0_u64..).zip(&utterances) {
            let samples = line.carry(&utterance.samples, self.asr.seed.wrapping_add(place));
            let by_name = utterance.asked == Expecting::Name { spelled: false };
            let names = if by_name { people.clone() } else { Vec::new() };
            let task = Task { expecting: utterance.asked, names };
            let before = spent()?;
            let heard = self.engine.recognise(&samples, &task, &AtomicBool::new(false)).map_err(Failure::because)?;
            let cpu = spent()?.saturating_sub(before);
            // The words are the project's own or those of a recording that whoever runs this has.
            let heard = heard.expose();
            let row = Row { part, voice: &utterance.voice, group: &utterance.group };
            let errors = self.table.add(&row, &utterance.said, heard, samples.len(), cpu);
            if self.asr.show && !self.asr.json {
                writeln!(out, "{part} {}: {} | {heard} | {}", utterance.voice, utterance.said, errors.total())?;
            }
        }
        Ok(())
    }

    /// Says why something is not measured, and goes on.
    fn passed_over(&self, what: &str, reason: &dyn std::error::Error) -> Result<(), Failure> {
        let mut text = format!("{what} passed over: {reason}");
        let mut cause = reason.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        writeln!(stderr(), "{text}")?;
        Ok(())
    }
}

fn engine(asr: &Asr) -> Result<Box<dyn Recognizer>, Failure> {
    let models = home::models();
    if let (Some(lm), Some(dictionary)) = (&asr.lm, &asr.dictionary) {
        let paths = SphinxPaths { lm: lm.clone(), dictionary: dictionary.clone(), ..SphinxPaths::debian(&models) };
        return Ok(Box::new(PocketSphinx::open(&paths).map_err(Failure::because)?));
    }
    let mut engines = open_recognisers(asr.engine.into(), &models, &asr.whisper_model, 1).map_err(Failure::because)?;
    engines.pop().ok_or_else(|| Failure::because(NoEngine))
}

/// No recogniser was opened, though one was asked for.
#[derive(Debug, thiserror::Error)]
#[error("no recogniser could be opened")]
struct NoEngine;

fn voice(name: &str) -> Result<Box<dyn speak::Voice>, Box<dyn std::error::Error>> {
    Ok(speak::open(&name.parse::<VoiceChoice>()?)?)
}

/// Processor time of this process so far: recognition is all that it does.
fn spent() -> Result<std::time::Duration, Failure> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).map_err(Failure::because)?;
    let whole = |time: nix::sys::time::TimeVal| {
        let micros = time.tv_sec().saturating_mul(1_000_000).saturating_add(time.tv_usec());
        std::time::Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    };
    Ok(whole(usage.user_time()) + whole(usage.system_time()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::RawTranscript;
    use crate::listen::asr::RecogniseError;

    /// Hears the same words in everything.
    struct Deaf(&'static str);

    impl Recognizer for Deaf {
        fn name(&self) -> &'static str {
            "deaf"
        }

        fn recognise(&mut self, _: &[i16], _: &Task, _: &AtomicBool) -> Result<RawTranscript, RecogniseError> {
            Ok(RawTranscript::typed(self.0))
        }
    }

    fn utterance(said: &str) -> Utterance {
        Utterance {
            voice: "ann".to_owned(),
            asked: Expecting::YesNo,
            group: "yes-no".to_owned(),
            said: said.to_owned(),
            samples: vec![100; 8_000],
        }
    }

    #[derive(clap::Parser)]
    struct Options {
        #[command(flatten)]
        asr: Asr,
    }

    #[test]
    fn what_was_heard_is_counted_and_what_is_missing_is_passed_over() {
        let options = <Options as clap::Parser>::parse_from(["bench", "--json"]);
        let mut bench = Bench { asr: &options.asr, engine: Box::new(Deaf("yes please")), table: Table::default() };
        let mut out = Vec::new();
        bench.part(&mut out, "answers", Ok(vec![utterance("yes please"), utterance("no")])).unwrap();
        bench.part(&mut out, "digits", Err(SoundError::NoDigits { path: PathBuf::from("nowhere") })).unwrap();
        bench.table.write(&mut out, "deaf", true).unwrap();
        let line: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!((line["utterances"].as_u64(), line["exact"].as_u64()), (Some(2), Some(1)));
        assert_eq!((line["substituted"].as_u64(), line["inserted"].as_u64()), (Some(1), Some(1)));
        assert_eq!(line["wrong_percent"].as_f64(), Some(66.7));
        // 8,000 samples, and quiet on both sides.
        assert_eq!(line["sound_s"].as_f64(), Some(3.0));
    }

    #[test]
    fn a_voice_that_is_no_voice_is_an_error_with_its_reason() {
        assert!(voice("flite:nobody").is_err());
        assert!(sounds::recordings(std::path::Path::new("nowhere.tsv")).is_err());
    }
}
