//! The numbers in `docs/whisper.md`, each from one ignored test that prints its table:
//! `cargo test --lib listen::asr::whisper::measured -- --ignored --nocapture --test-threads=1`
//!
//! Times are this thread's CPU time with one thread, so that a busy machine does not change them much.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use super::tests::{hear, micro, one_thread, sample, spoken, tell};
use super::*;
use crate::clock::{Clock, SystemClock};

/// The voices of the training, and one that was not there.
const VOICES: [&str; 6] = ["slt", "rms", "awb", "kal", "espeak:en-us", "espeak:en-gb+f3"];

#[test]
#[ignore = "a measurement of minutes, printed for docs/whisper.md"]
fn word_error_rate_and_latency_of_the_micro_model() {
    let sentences = include_str!("../../../../models/micro-whisper/sentences.txt");
    let mut whisper = micro(None);
    let mut random = fastrand::Rng::with_seed(11);
    let clock = CpuClock(SystemClock.now());
    let mut times = Vec::new();
    for voice in VOICES {
        for (line, noise_db) in
            [("clean 8 kHz", None), ("mu-law, 20 dB noise", Some(20.0)), ("mu-law, 12 dB", Some(12.0))]
        {
            let (mut turns, mut exact, mut errors, mut words) = (0, 0, 0, 0);
            for sentence in sentences.lines() {
                let Some(mut turn) = spoken(voice, sentence) else { return };
                if let Some(db) = noise_db {
                    telephone(&mut turn, db, &mut random);
                }
                let began = clock.now();
                let heard = hear(&mut whisper, &turn);
                times.push(clock.now().duration_since(began));
                let wrong = edits(
                    &sentence.split(' ').collect::<Vec<_>>(),
                    &heard.expose().split_whitespace().collect::<Vec<_>>(),
                );
                turns += 1;
                exact += usize::from(wrong == 0);
                errors += wrong;
                words += sentence.split(' ').count();
            }
            let rate = 100.0 * f64::from(u32::try_from(errors).unwrap()) / f64::from(u32::try_from(words).unwrap());
            tell(&format!("| {voice} | {line} | {exact} of {turns} | {rate:.1} % |"));
        }
    }
    times.sort_unstable();
    let at = |percent: usize| times[times.len() * percent / 100].as_millis();
    tell(&format!("CPU of a turn: p50 {} ms, p95 {} ms, of {} turns", at(50), at(95), times.len()));
}

#[test]
#[ignore = "needs models of random weights, named in WHISPER_SHAPES, separated by colons"]
fn cost_by_shape_and_context() {
    let Ok(files) = std::env::var("WHISPER_SHAPES") else { return };
    for file in files.split(':') {
        let weights = bench::unverified(Path::new(file)).unwrap();
        let clock = CpuClock(SystemClock.now());
        for cost in bench::measure(&weights, &one_thread(), &[256, 384, 512, 1500], 3, &clock).unwrap() {
            let name = Path::new(file).file_name().unwrap().display();
            let (first, each) = (cost.first_token.as_millis(), cost.per_token.as_secs_f64() * 1000.0);
            tell(&format!("| {name} | {} | {first} ms | {each:.1} ms |", cost.audio_ctx));
        }
    }
}

/// The CPU time that this thread has used, behind a moment to count it from.
struct CpuClock(Instant);

impl Clock for CpuClock {
    fn now(&self) -> Instant {
        let usage = getrusage(UsageWho::RUSAGE_THREAD).unwrap();
        let micros = |time: TimeVal| u64::try_from(time.tv_sec() * 1_000_000 + time.tv_usec()).unwrap();
        self.0 + Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time()))
    }

    fn wall(&self) -> jiff::Timestamp {
        SystemClock.wall()
    }
}

/// White noise so many dB below the speech, then mu-law (its continuous form) there and back.
fn telephone(turn: &mut [i16], db: f32, random: &mut fastrand::Rng) {
    let loud: Vec<f32> = turn.iter().filter(|s| s.unsigned_abs() > 300).map(|&s| f32::from(s).powi(2)).collect();
    let count = f32::from(u16::try_from(loud.len()).unwrap());
    // Even noise from -a to a has a level of a / sqrt 3.
    let reach = (3.0 * loud.iter().sum::<f32>() / count).sqrt() * 10.0_f32.powf(-db / 20.0);
    for sound in turn {
        let noisy = (f32::from(*sound) + reach * (2.0 * random.f32() - 1.0)).clamp(-32_767.0, 32_767.0) / 32_768.0;
        let coded = ((1.0 + 255.0 * noisy.abs()).ln() / 256.0_f32.ln() * 127.0).round() / 127.0;
        *sound = sample(noisy.signum() * (256.0_f32.powf(coded) - 1.0) / 255.0 * 32_767.0);
    }
}

/// Words to change, add or take away.
fn edits(said: &[&str], heard: &[&str]) -> usize {
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, word) in said.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, other) in heard.iter().enumerate() {
            let change = before + usize::from(word != other);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
        }
    }
    row[heard.len()]
}
