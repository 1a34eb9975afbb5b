//! Does our engine hear what ONNX Runtime hears? Window by window, against `models/silero/parity.txt`, which
//! `models/silero/parity.py` wrote. The signal below is that script's, operation by operation.
#![expect(clippy::print_stderr, reason = "a skipped case says why")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{MODEL_FILE, SileroModel, SpeechProbability, Vad, VadError, WINDOW_SAMPLES};
use crate::hex::hex;

const SEGMENT: usize = 6_000;
const SAMPLES: usize = 45 * 8_000;
const VOWELS: [[[f64; 3]; 3]; 2] = [
    [[0.04, 1.622, -0.932], [0.06, 1.255, -0.917], [0.1, -0.631, -0.875]],
    [[0.02, 1.909, -0.954], [0.1, -0.418, -0.855], [0.12, -1.292, -0.822]],
];
const SEGMENTS: [(&str, f64); 12] = [
    ("vowels", 9000.0),
    ("rest", 0.0),
    ("vowels", 2500.0),
    ("noise", 300.0),
    ("vowels", 20000.0),
    ("tone", 8000.0),
    ("noise", 4000.0),
    ("vowels", 600.0),
    ("clip", 60000.0),
    ("rest", 0.0),
    ("vowels", 5000.0),
    ("tone", 500.0),
];

#[test]
fn every_window_is_heard_as_onnx_runtime_hears_it() {
    let Some(model) = fetched_model() else { return };
    let (mut windows, mut furthest) = (0, 0.0_f32);
    for (name, hash, expected) in fixture() {
        let Some(sound) = sound(&name) else {
            eprintln!("skipped {name}: no human voices (ANTEROOM_SHARED names no folder with audio/{name})");
            continue;
        };
        let bytes: Vec<u8> = sound.iter().flat_map(|s| s.to_le_bytes()).collect();
        assert_eq!(hex(&Sha256::digest(&bytes)), hash, "{name} is not the sound that the fixture was made from");
        let mut vad = Vad::new(Arc::clone(&model)).unwrap();
        let (exact, _) = sound.as_chunks::<WINDOW_SAMPLES>();
        assert_eq!(exact.len(), expected.len());
        for (at, (window, &theirs)) in exact.iter().zip(&expected).enumerate() {
            let ours = vad.probability(window).unwrap();
            assert!((ours - theirs).abs() <= 1e-4, "{name}, window {at}: ours {ours}, ONNX Runtime's {theirs}");
            assert_eq!(ours >= 0.5, theirs >= 0.5, "{name}, window {at} flips");
            furthest = furthest.max((ours - theirs).abs());
            windows += 1;
        }
    }
    assert!(windows >= 1_400, "the synthetic signal alone has more windows");
    eprintln!("{windows} windows agree; the furthest apart by {furthest:e}");
}

#[test]
fn a_missing_model_is_refused_with_what_to_do() {
    let refused = SileroModel::load(Path::new("/nonexistent/silero_vad.onnx")).unwrap_err();
    assert!(matches!(refused, VadError::Unreadable { .. }));
    assert!(refused.to_string().contains("models/silero/fetch.sh"));
}

#[test]
fn a_model_with_one_flipped_bit_is_refused_before_it_is_parsed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(MODEL_FILE);
    // Not even a model: had parsing come first, the error would be another.
    std::fs::write(&path, b"not a model").unwrap();
    assert!(matches!(SileroModel::load(&path), Err(VadError::WrongHash { .. })));

    let Some(fetched) = fetched_path() else { return };
    let mut bytes = std::fs::read(fetched).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let refused = SileroModel::load(&path).unwrap_err();
    assert!(matches!(refused, VadError::WrongHash { .. }));
    assert!(refused.to_string().contains("fetch it again"));
}

#[test]
fn two_calls_do_not_hear_each_other() {
    let Some(model) = fetched_model() else { return };
    let sound = synthetic();
    let (windows, _) = sound.as_chunks::<WINDOW_SAMPLES>();
    let mut alone = Vad::new(Arc::clone(&model)).unwrap();
    let mut beside = Vad::new(Arc::clone(&model)).unwrap();
    let mut other = Vad::new(model).unwrap();
    for (window, another) in windows.iter().zip(windows.iter().skip(7)).take(100) {
        let expected = alone.probability(window).unwrap();
        other.probability(another).unwrap();
        assert_eq!(beside.probability(window).unwrap(), expected);
    }
}

/// The model if `models/silero/fetch.sh` has put it where tests look; else the reason for skipping is printed.
pub(crate) fn fetched_model() -> Option<Arc<SileroModel>> {
    fetched_path().map(|path| SileroModel::load(&path).unwrap())
}

pub(crate) fn fetched_path() -> Option<PathBuf> {
    let folder = std::env::var_os("ANTEROOM_MODELS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/models"), PathBuf::from);
    let path = folder.join(MODEL_FILE);
    if !path.exists() {
        eprintln!("skipped: no {} (models/silero/fetch.sh fetches it)", path.display());
        return None;
    }
    Some(path)
}

fn fixture() -> Vec<(String, String, Vec<f32>)> {
    let text = include_str!("../../../models/silero/parity.txt");
    let mut sounds: Vec<(String, String, Vec<f32>)> = Vec::new();
    for line in text.lines() {
        match *line.split(' ').collect::<Vec<_>>() {
            [name, hash, _] => sounds.push((name.to_owned(), hash.to_owned(), Vec::new())),
            [number] => sounds.last_mut().unwrap().2.push(number.parse().unwrap()),
            ref other => panic!("a line of {} words", other.len()),
        }
    }
    sounds
}

fn sound(name: &str) -> Option<Vec<i16>> {
    if name == "synthetic" { Some(synthetic()) } else { human_voice(name) }
}

/// A recording of the shared folder at 8 kHz: as it is, or, from 16 kHz, the mean of each two samples.
pub(crate) fn human_voice(name: &str) -> Option<Vec<i16>> {
    let shared = std::env::var_os("ANTEROOM_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let mut wav = hound::WavReader::open(shared.join("audio").join(name)).ok()?;
    let rate = wav.spec().sample_rate;
    let samples: Vec<i16> = wav.samples::<i16>().map(Result::unwrap).collect();
    if rate == 8_000 {
        return Some(samples);
    }
    let (pairs, _) = samples.as_chunks::<2>();
    let mean = |&[a, b]: &[i16; 2]| i16::try_from((i32::from(a) + i32::from(b)) >> 1).unwrap();
    Some(pairs.iter().map(mean).collect())
}

/// Vowels, noise, tones, clipping and silence in turns.
#[expect(clippy::cast_possible_truncation, reason = "cut off like the script does, after clamping")]
fn synthetic() -> Vec<i16> {
    let (mut seed, mut pulse, mut phase) = (12_345_u32, 0_i32, 0_i32);
    let mut memory = [[0.0_f64; 2]; 3];
    let mut samples = Vec::with_capacity(SAMPLES);
    for n in 0..SAMPLES {
        let (kind, loudness) = SEGMENTS[(n / SEGMENT) % SEGMENTS.len()];
        let within = n % SEGMENT;
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = f64::from(seed) / 2_147_483_648.0 - 1.0;
        let syllable = within % 1_500;
        pulse -= 1;
        let mut source = 0.02 * noise;
        if pulse <= 0 {
            pulse = 56 + i32::try_from(within / 300).unwrap();
            source += 1.0;
        }
        let mut value = source;
        for (resonator, [gain, b, c]) in memory.iter_mut().zip(VOWELS[(n / 1_500) % 2]) {
            let out = gain * value + b * resonator[0] + c * resonator[1];
            *resonator = [out, resonator[0]];
            value = out * 4.0;
        }
        let envelope = f64::from(u32::try_from(syllable.min(1_500 - syllable)).unwrap()) / 750.0;
        phase = (phase + 13) % 64;
        let triangle = f64::from((phase - 32).abs()) / 16.0 - 1.0;
        let sound = match kind {
            "vowels" | "clip" => value * envelope * loudness,
            "noise" => noise * loudness,
            "tone" => triangle * loudness,
            _ => 0.0,
        };
        samples.push(sound.clamp(-32_768.0, 32_767.0) as i16);
    }
    samples
}
