//! The real engine with the micro model: whatever is recognised here went through whisper.cpp.
//!
//! The micro model knows 52 sentences in five voices and says one of them for anything else, as models/README.md says.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use super::*;
use crate::listen::models;

/// Sentences spoken at test time, of those the model was trained on.
const SENTENCES: [&str; 12] = [
    "i would like to book an appointment",
    "my name is mary lopez",
    "mary lopez",
    "march fourth nineteen sixty two",
    "tuesday morning please",
    "yes please",
    "no thank you goodbye",
    "i want to cancel my appointment",
    "i need a refill of my prescription",
    "what are your hours",
    "five five five zero one four two",
    "i want to talk to a person",
];

#[test]
fn fixture_sentences_are_recognised_in_two_voices() {
    let mut whisper = micro(None);
    let mut exact = 0;
    for voice in ["slt", "rms"] {
        for sentence in SENTENCES {
            let Some(turn) = spoken(voice, sentence) else { return };
            let heard = hear(&mut whisper, &turn);
            exact += usize::from(heard.expose() == sentence);
            if heard.expose() == sentence {
                assert!(heard.confidence() > 0.5, "{sentence}: {}", heard.confidence());
                assert_eq!(heard.engine(), "whisper");
            }
        }
    }
    // 24 when this was written; a little room for other versions of the voices.
    assert!(exact >= 22, "{exact} of 24 exact");
}

#[test]
fn turns_of_hardly_any_samples_are_served() {
    let mut whisper = micro(None);
    for count in [0, 1, 150, 1600] {
        let turn = tone(count);
        hear(&mut whisper, &turn);
        // The engine too, which the gate before it would spare.
        let plan = Plan::trimmed(turn::seconds(&turn), whisper.window);
        let tokens = whisper.pass(&turn, &plan, &AtomicBool::new(false)).unwrap();
        assert!(words::merge(&tokens).iter().all(|w| (0.0..=1.0).contains(&w.confidence)));
    }
}

#[test]
fn a_turn_longer_than_the_window_is_heard_in_parts() {
    let mut whisper = micro(None);
    let (Some(first), Some(second)) = (spoken("slt", "what are your hours"), spoken("slt", "mary lopez")) else {
        return;
    };
    let mut turn = first;
    // Not quite silent until just before the second sentence, so that the cut comes there.
    turn.resize(36_000, 1);
    turn.extend(second);
    turn.resize(50_000, 0);
    let heard = hear(&mut whisper, &turn);
    assert_eq!(heard.expose(), "what are your hours mary lopez");
}

#[test]
fn a_recognition_can_be_called_off_and_the_recogniser_used_again() {
    let mut whisper = micro(None);
    let turn = tone(32_000);
    let before = hear(&mut whisper, &turn);
    let set = AtomicBool::new(true);
    assert!(matches!(whisper.recognise(&turn, &Task::default(), &set), Err(RecogniseError::CalledOff)));
    // From another thread, while it runs; whether it comes in time or not, the recogniser stays usable.
    for wait_ms in [0, 1, 3, 10] {
        let flag = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(wait_ms));
                flag.store(true, Ordering::Relaxed);
            });
            match whisper.recognise(&turn, &Task::default(), &flag) {
                Ok(_) | Err(RecogniseError::CalledOff) => {}
                Err(other) => panic!("{other}"),
            }
        });
    }
    assert_eq!(hear(&mut whisper, &turn), before);
}

#[test]
fn the_engine_itself_stops_when_the_flag_is_set_during_its_work() {
    // The check before the pass is not what stops it here: the flag is set by the time the encoder is done.
    let mut whisper = micro(None);
    let flag = AtomicBool::new(true);
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    quiet(&mut params);
    params.set_audio_ctx(250);
    abort::watch(&mut params, &flag);
    assert!(whisper.state.full(params, &[0.1; 16_000]).is_err());
    assert!(whisper.state.as_iter().next().is_none());
}

#[test]
fn many_recognitions_with_a_flag_never_set_all_end_alike() {
    // The crate's safe callback aborted one run in three without its flag ever being set.
    let mut whisper = micro(None);
    let turn = tone(4000);
    let first = hear(&mut whisper, &turn);
    for _ in 0..20 {
        assert_eq!(hear(&mut whisper, &turn), first);
    }
}

#[test]
fn what_the_model_invents_on_silence_and_noise_is_not_heard() {
    let mut whisper = micro(None);
    let mut random = fastrand::Rng::with_seed(7);
    let silence = vec![0_i16; 8000];
    let hiss: Vec<i16> = (0..16_000).map(|_| random.i16(-500..=500)).collect();
    let hum: Vec<i16> =
        (0..160_u16).cycle().take(16_000).map(|n| sample(900.0 * (f32::from(n) * 0.0471).sin())).collect();
    for turn in [silence, hiss, hum] {
        let plan = Plan::trimmed(turn::seconds(&turn), whisper.window);
        let invented = whisper.pass(&turn, &plan, &AtomicBool::new(false)).unwrap();
        assert!(!words::merge(&invented).is_empty(), "it says something for anything, or this test shows nothing");
        assert!(hear(&mut whisper, &turn).is_empty());
    }
}

#[test]
fn a_prompt_of_any_length_is_taken() {
    let Some(turn) = spoken("slt", "yes please") else { return };
    for prompt in ["", "doctor patel lisinopril", &"metformin ".repeat(200)] {
        let mut whisper = micro(Some(prompt));
        assert!(whisper.prompt.len() <= PROMPT_TOKENS);
        hear(&mut whisper, &turn);
    }
    assert!(matches!(
        weights().recogniser(&Settings { prompt: Some("nul\0".to_owned()), ..Settings::default() }),
        Err(WeightsError::Prompt)
    ));
}

#[test]
fn two_recognisers_share_weights_and_hear_at_the_same_time() {
    fn shared<T: Send + Sync>(value: T) -> T {
        value
    }
    let weights = shared(weights());
    let turn = tone(16_000);
    let expected = hear(&mut weights.recogniser(&one_thread()).unwrap(), &turn);
    thread::scope(|scope| {
        let runs = [0, 1].map(|_| {
            let mut whisper = weights.recogniser(&one_thread()).unwrap();
            let turn = &turn;
            scope.spawn(move || hear(&mut whisper, turn))
        });
        for run in runs {
            assert_eq!(run.join().unwrap(), expected);
        }
    });
}

#[test]
fn nothing_of_what_is_heard_is_printed() {
    // In a process of its own, so that both of its outputs can be read: the engine writes to them behind Rust's back. In
    // development builds it has every token's text in its debug messages.
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "listen::asr::whisper::tests::hears_one_sentence", "--nocapture"]);
    let done = child.env("RUST_LOG", "trace").output().unwrap();
    assert!(done.status.success());
    let printed = [done.stdout, done.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).to_lowercase();
    assert!(printed.contains("1 passed"), "{printed}");
    for word in ["what are", "hours", "whisper_", "ggml_"] {
        assert!(!printed.contains(word), "{printed}");
    }
}

#[test]
#[ignore = "the child of nothing_of_what_is_heard_is_printed"]
fn hears_one_sentence() {
    let Some(turn) = spoken("slt", "what are your hours") else { return };
    assert!(hear(&mut micro(None), &turn).expose() == "what are your hours");
}

#[test]
fn a_damaged_model_is_refused_before_the_engine_sees_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("micro-whisper.bin");
    let mut bytes = std::fs::read(model_dir().join("micro-whisper.bin")).unwrap();
    bytes[700_000] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(models::open(dir.path(), "micro-whisper"), Err(models::ModelError::Damaged { .. })));
    bytes[700_000] ^= 1;
    bytes.truncate(bytes.len() - 1);
    std::fs::write(&path, &bytes).unwrap();
    assert!(matches!(models::open(dir.path(), "micro-whisper"), Err(models::ModelError::Damaged { .. })));
}

#[test]
fn bytes_that_are_no_model_are_an_error_of_the_engine() {
    let error = Weights::from_bytes("nothing", b"no model", None).unwrap_err();
    assert!(matches!(error, WeightsError::NotLoadable { .. }));
}

#[test]
fn the_micro_model_makes_no_production_box() {
    let standing = models::standing(&model_dir());
    assert!(matches!(standing, models::Standing::Demonstration { .. }), "{standing:?}");
    assert_eq!(weights().entry().unwrap().purpose, models::Purpose::TestOnly);
}

fn model_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/micro-whisper")
}

pub(super) fn weights() -> Weights {
    Weights::load(&models::open(&model_dir(), "micro-whisper").unwrap()).unwrap()
}

pub(super) fn one_thread() -> Settings {
    Settings { threads: NonZeroUsize::MIN, prompt: None }
}

pub(super) fn micro(prompt: Option<&str>) -> Whisper {
    weights().recogniser(&Settings { prompt: prompt.map(str::to_owned), ..one_thread() }).unwrap()
}

pub(super) fn hear(whisper: &mut Whisper, turn: &[i16]) -> RawTranscript {
    whisper.recognise(turn, &Task::default(), &AtomicBool::new(false)).unwrap()
}

fn tone(count: u16) -> Vec<i16> {
    (0..count).map(|n| sample(8000.0 * (f32::from(n) * 0.35).sin() * (f32::from(n) * 0.002).sin())).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "the tones of these tests are not that loud")]
pub(super) fn sample(value: f32) -> i16 {
    value.round() as i16
}

/// A turn as the endpointer cuts it: 300 ms before the words and 200 ms after. `voice` is one of flite's, or espeak-ng's
/// after `espeak:`. Without the program there is none, and the reason is printed.
pub(super) fn spoken(voice: &str, text: &str) -> Option<Vec<i16>> {
    let file = tempfile::Builder::new().suffix(".wav").tempfile().unwrap();
    let mut command = match voice.strip_prefix("espeak:") {
        Some(variant) => {
            let mut command = Command::new("espeak-ng");
            command.args(["-s", "150", "-v", variant, "-w"]).arg(file.path()).arg(text);
            command
        }
        None => {
            let mut command = Command::new("flite");
            command.args(["-voice", voice, "-t", text, "-o"]).arg(file.path());
            command
        }
    };
    if !command.output().is_ok_and(|done| done.status.success()) {
        tell(&format!("skipped: {voice} cannot speak here, so that there is nothing to recognise"));
        return None;
    }
    let mut wav = hound::WavReader::open(file.path()).unwrap();
    let rate = wav.spec().sample_rate;
    let samples: Vec<f32> = wav.samples::<i16>().map(|s| f32::from(s.unwrap())).collect();
    let said = to_8_khz(&samples, rate);
    // The programs add silence of their own, which the endpointer would cut off.
    let loud = |s: &i16| s.unsigned_abs() > 300;
    let (Some(first), Some(last)) = (said.iter().position(loud), said.iter().rposition(loud)) else { return None };
    Some([&[0; 2400], &said[first..=last], &[0; 1600]].concat())
}

/// By a windowed sinc, evaluated at each new sample's moment.
#[expect(clippy::cast_possible_truncation, reason = "samples have less than 24 bits")]
fn to_8_khz(samples: &[f32], rate: u32) -> Vec<i16> {
    let step = f64::from(rate) / 8000.0;
    let reach = 16.0 * step;
    let mut out = Vec::new();
    loop {
        let moment = f64::from(u32::try_from(out.len()).unwrap()) * step;
        let first = (moment - reach).max(0.0).ceil();
        let Some(window) = samples.get(index(first)..index(moment + reach).min(samples.len())) else { return out };
        if moment >= f64::from(u32::try_from(samples.len()).unwrap()) {
            return out;
        }
        let value: f64 = window
            .iter()
            .enumerate()
            .map(|(at, &sample)| {
                let away = (first + f64::from(u32::try_from(at).unwrap()) - moment) * std::f64::consts::PI;
                let sinc = if away == 0.0 { 1.0 } else { (away / step).sin() / (away / step) };
                f64::from(sample) * sinc / step * (0.5 + 0.5 * (away / reach).cos())
            })
            .sum();
        out.push(sample(value as f32));
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places in a short sound")]
fn index(place: f64) -> usize {
    place as usize
}

#[expect(clippy::print_stdout, reason = "a skipped test says so")]
pub(super) fn tell(text: &str) {
    println!("{text}");
}
