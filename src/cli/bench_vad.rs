//! `anteroom bench vad FILE.wav`: what hearing costs.
//!
//! In:  a WAV file (8 kHz, mono, 16-bit) and the fetched model. Out: processor time per second of sound, of this
//! process alone. `models/silero/bench_pipecat.py` measures the same of another program on the same file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use serde::Serialize;

use crate::clock::LineTime;
use crate::listen::ears::{Ears, Limits};
use crate::listen::vad::{SileroModel, SpeechProbability, Vad, VadError, WINDOW_SAMPLES};
use crate::pcm::{Frame, LINE_RATE};

/// The file is gone through until this much sound has been heard, so that the clock's grain does not show.
const LEAST_SECONDS: f64 = 60.0;

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Sound heard, seconds.
    pub sound_s: f64,
    /// Processor time of the network alone, ms per second of sound.
    pub network_ms_per_s: f64,
    /// Processor time of a call's whole hearing (network, turn machine, ring), ms per second of sound.
    pub ears_ms_per_s: f64,
    /// Time to load, fold and optimise the model, ms of processor time.
    pub load_ms: f64,
    /// Peak memory of this process, MB.
    pub peak_mb: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sound_s, network_ms_per_s, ears_ms_per_s, load_ms, peak_mb } = self;
        write!(
            f,
            "anteroom: {ears_ms_per_s:.2} ms of processor time per second of sound ({network_ms_per_s:.2} of it the \
             network), over {sound_s:.0} s; {load_ms:.0} ms to load; peak {peak_mb:.0} MB"
        )
    }
}

/// The measurement cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum BenchVadError {
    /// The sound file cannot be read.
    #[error("{path} cannot be read as WAV")]
    Wav {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: hound::Error,
    },
    /// The file is of another kind.
    #[error("{path} must be 8 kHz, mono, 16-bit, and at least one second long; convert it first, for example with sox")]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// The model cannot be loaded or fails.
    #[error("the detector does not run")]
    Vad(#[from] VadError),
    /// The kernel does not say how much time was spent.
    #[error("processor time cannot be read")]
    Time(#[from] nix::errno::Errno),
}

/// Measures the detector and a call's ears on one file.
///
/// # Errors
/// [`BenchVadError`] for an unsuitable file, a missing model, or a kernel that does not count.
pub fn run(wav: &Path, model: &Path) -> Result<Report, BenchVadError> {
    let samples = read(wav)?;
    let before = spent()?;
    let model = SileroModel::load(model)?;
    let load = spent()?.saturating_sub(before);

    let before = spent()?;
    let mut vad = Vad::new(std::sync::Arc::clone(&model))?;
    let (mut heard, mut sum) = (0_u32, 0.0);
    while f64::from(heard) < LEAST_SECONDS * f64::from(LINE_RATE) {
        for window in samples.as_chunks::<WINDOW_SAMPLES>().0 {
            sum += vad.probability(window)?;
            heard += WINDOW;
        }
    }
    let network = per_second(spent()?.saturating_sub(before), heard);
    // Keeps the loop from being optimised away.
    std::hint::black_box(sum);

    let before = spent()?;
    let mut ears = Ears::new(Vad::new(model)?, Limits::default());
    let (mut frames, mut at) = (0_u32, LineTime::default());
    while f64::from(frames) < LEAST_SECONDS * 50.0 {
        for frame in Frame::cut(&samples) {
            std::hint::black_box(ears.hear(&frame, at));
            at = at.next();
            frames += 1;
        }
    }
    let ears = per_second(spent()?.saturating_sub(before), frames * 160);
    Ok(Report {
        sound_s: f64::from(heard) / f64::from(LINE_RATE),
        network_ms_per_s: network,
        ears_ms_per_s: ears,
        load_ms: load.as_secs_f64() * 1_000.0,
        peak_mb: peak_mb()?,
    })
}

const WINDOW: u32 = 256;

fn read(path: &Path) -> Result<Vec<i16>, BenchVadError> {
    let wrong = |source| BenchVadError::Wav { path: path.to_owned(), source };
    let mut reader = hound::WavReader::open(path).map_err(wrong)?;
    let spec = reader.spec();
    let fits = (spec.sample_rate, spec.channels, spec.bits_per_sample) == (LINE_RATE, 1, 16)
        && spec.sample_format == hound::SampleFormat::Int
        && reader.duration() >= LINE_RATE;
    if !fits {
        return Err(BenchVadError::Format { path: path.to_owned() });
    }
    reader.samples::<i16>().collect::<Result<_, _>>().map_err(wrong)
}

fn per_second(spent: Duration, samples: u32) -> f64 {
    spent.as_secs_f64() * 1_000.0 * f64::from(LINE_RATE) / f64::from(samples)
}

/// Processor time of this process so far, in user and kernel mode.
fn spent() -> Result<Duration, nix::errno::Errno> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let whole = |time: nix::sys::time::TimeVal| {
        let (seconds, micros) = (u64::try_from(time.tv_sec()), u64::try_from(time.tv_usec()));
        Duration::from_secs(seconds.unwrap_or(0)) + Duration::from_micros(micros.unwrap_or(0))
    };
    Ok(whole(usage.user_time()) + whole(usage.system_time()))
}

fn peak_mb() -> Result<f64, nix::errno::Errno> {
    let kib = u32::try_from(getrusage(UsageWho::RUSAGE_SELF)?.max_rss()).unwrap_or(u32::MAX);
    Ok(f64::from(kib) / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_telephone_sound_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wide.wav");
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 44_100,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        hound::WavWriter::create(&path, spec).unwrap().finalize().unwrap();
        let refused = run(&path, Path::new("unused")).unwrap_err();
        assert!(matches!(refused, BenchVadError::Format { .. }));
        std::fs::write(&path, b"RIFF").unwrap();
        assert!(matches!(run(&path, Path::new("unused")), Err(BenchVadError::Wav { .. })));
    }

    #[test]
    fn hearing_costs_a_small_part_of_one_core() {
        use crate::listen::vad::parity::fetched_path;

        let Some(model) = fetched_path() else { return };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tone.wav");
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: LINE_RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        (0..16_000_i32).for_each(|n| writer.write_sample(i16::try_from(n % 400).unwrap()).unwrap());
        writer.finalize().unwrap();

        let report = run(&path, &model).unwrap();

        assert!(report.sound_s >= LEAST_SECONDS);
        assert!(report.network_ms_per_s > 0.0 && report.ears_ms_per_s > 0.0 && report.peak_mb > 1.0, "{report}");
    }
}
