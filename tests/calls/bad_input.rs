//! Sound that is no caller: each file ends in a clear message or in a served caller, and the record verifies.

use std::f32::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::Command;

use anteroom::cli::processes::program;
use anteroom::pcm::wav;

use crate::boxed::Boxed;

fn file(name: &str, samples: &[i16]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("anteroom-bad-{}-{name}.wav", std::process::id()));
    wav::write(&path, samples).unwrap();
    path
}

fn seconds(seconds: usize, sample: impl Fn(usize) -> f32) -> Vec<i16> {
    #[expect(clippy::cast_possible_truncation, reason = "a sample in range")]
    (0..seconds * 8_000).map(|n| (sample(n) * 32_767.0) as i16).collect()
}

async fn served(name: &str, samples: &[i16]) {
    let path = file(name, samples);
    let boxed = Boxed::start().await;
    let report = boxed.play(&path).await;
    let (whole, verified) = boxed.verified().await;
    let log = boxed.log();
    boxed.stop().await;
    std::fs::remove_file(&path).unwrap();
    let report = report.unwrap_or_else(|error| panic!("{name}: {error}\n{log}"));
    assert!(report.answered && report.outcome.is_some(), "{name}: {report:#?}\n{log}");
    assert!(whole, "{name}: {verified}");
    assert!(!log.contains("panicked"), "{name}: {log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn noise_only_is_served() {
    let mut random = fastrand::Rng::with_seed(7);
    let noise: Vec<i16> = (0..8_000 * 6).map(|_| random.i16(-3_000..3_000)).collect();
    served("noise", &noise).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn music_is_served() {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let chord = seconds(6, |n| {
        let t = n as f32 / 8_000.0;
        [261.6, 329.6, 392.0].iter().map(|f| (TAU * f * t).sin() * 0.25).sum::<f32>()
    });
    served("music", &chord).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clipping_is_served() {
    let square = seconds(6, |n| if n % 37 < 18 { 1.0 } else { -1.0 });
    served("clipping", &square).await;
}

/// Runs `anteroom call FILE` and returns its exit code and what it said.
fn call(path: &Path) -> (Option<i32>, String) {
    let output = Command::new(program("anteroom")).arg("call").arg(path).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn files_that_are_no_sound_are_refused_with_their_name_before_any_process_starts() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("text.wav"), "this is no sound").unwrap();
    std::fs::write(path("empty.wav"), "").unwrap();
    wav::write(&path("no-samples.wav"), &[]).unwrap();
    for name in ["missing.wav", "text.wav", "empty.wav", "no-samples.wav"] {
        let (code, said) = call(&path(name));
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(said.contains(name), "{name}: {said}");
        assert!(!said.contains("panicked"), "{name}: {said}");
    }
}

#[test]
fn a_recording_of_two_hours_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two-hours.wav");
    wav::write(&path, &vec![0; 2 * 3_600 * 8_000]).unwrap();
    let (code, said) = call(&path);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("two-hours.wav") && said.contains("minutes"), "{said}");
}

#[test]
fn a_configuration_with_five_mistakes_is_refused_with_all_five_and_code_78() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anteroom.toml");
    std::fs::write(&path, "[clinic]\nname = 1\n[line]\nkind = \"smoke\"\nmax-calls = 0\n[brain]\nvoise = \"x\"\n")
        .unwrap();
    let output = Command::new(program("lined")).arg("--config").arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{said}");
    for key in ["clinic.name", "line.kind", "line.max-calls", "brain.voise", "clinic.address"] {
        assert!(said.contains(key), "{key} is not named: {said}");
    }
}
