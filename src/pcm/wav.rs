//! Recordings on disk: WAV files in, the line's 8 kHz mono samples out, and back.
//!
//! In:  PCM of 8, 16, 24 or 32 bits or 32-bit float, mono or stereo (mixed down), 8 to 48 kHz, up to [`MAX_MINUTES`].
//! Out: 8 kHz mono 16-bit samples. What is longer is refused before it is read, never cut silently.
//! Bytes come from people and other programs: every malformed file is an error that says what to do, never a panic.

use std::fs::File;
use std::io::{BufReader, BufWriter, Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use crate::pcm::LINE_RATE;
use crate::pcm::resample::resample;

/// The longest recording that is taken, in minutes. Three times the longest call that a clinic's line is held for, and
/// at most 58 MB of samples in memory.
pub const MAX_MINUTES: u32 = 60;

/// The sample rates that are taken, Hz: the line's own up to that of studio recordings.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;

/// Why a recording could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WavError {
    /// The file cannot be opened or read.
    #[error("cannot read {path}: check the name and that you may read it")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {path}: check the folder and the space left on the disk")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The recording was refused.
    #[error("{path} cannot be used as a recording")]
    Refused {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        fault: Fault,
    },
}

/// What is wrong with the bytes of a recording.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not a WAV file, or a damaged one.
    #[error("it is not a WAV file, or a damaged one ({detail}): record or export it again as 16-bit PCM WAV")]
    NotWav {
        /// What the parser missed.
        detail: &'static str,
    },
    /// It is a WAV file in a compressed format.
    #[error("its sound is compressed: convert it to 16-bit PCM WAV (sox in.wav -e signed-integer -b 16 out.wav)")]
    Compressed,
    /// More than two channels, or a rate out of range.
    #[error("{channels} channels at {rate} Hz: only mono and stereo at 8000 to 48000 Hz are taken")]
    Shape {
        /// Channels.
        channels: u16,
        /// Samples a second.
        rate: u32,
    },
    /// There is no sound in it.
    #[error("it holds no sound at all: record it again")]
    Empty,
    /// It ends before the length that its header states.
    #[error("it ends before the length its header states: the recording was cut short, export it again")]
    CutShort,
    /// It is too long.
    #[error("it is {minutes} minutes long and the longest recording taken is {MAX_MINUTES} minutes: cut it first")]
    TooLong {
        /// Its length, rounded up.
        minutes: u32,
    },
}

/// Reads a recording as 8 kHz mono samples.
///
/// # Errors
/// [`WavError`]: the file is missing, is no PCM WAV, is empty, damaged, or longer than [`MAX_MINUTES`].
pub fn read(path: &Path) -> Result<Vec<i16>, WavError> {
    let unreadable = |source| WavError::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    // A folder opens like a file and fails only when it is read.
    if file.metadata().map_err(unreadable)?.is_dir() {
        return Err(unreadable(ErrorKind::IsADirectory.into()));
    }
    parse(BufReader::new(file), Ending::Stated).map_err(|fault| WavError::Refused { path: path.to_owned(), fault })
}

/// Writes 8 kHz mono 16-bit samples. The file is readable by its owner only: it may hold a caller's voice.
///
/// # Errors
/// [`WavError::Unwritable`].
pub fn write(path: &Path, samples: &[i16]) -> Result<(), WavError> {
    use std::os::unix::fs::OpenOptionsExt;
    let unwritable = |source| WavError::Unwritable { path: path.to_owned(), source };
    let bytes = to_bytes(samples).map_err(unwritable)?;
    let mut options = File::options();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path).map_err(unwritable)?;
    let mut file = BufWriter::new(file);
    std::io::Write::write_all(&mut file, &bytes).map_err(unwritable)?;
    std::io::Write::flush(&mut file).map_err(unwritable)
}

/// The bytes of a WAV file of 8 kHz mono 16-bit samples.
///
/// # Errors
/// Only where the samples do not fit into the 4 GiB that a WAV file can hold.
pub fn to_bytes(samples: &[i16]) -> std::io::Result<Vec<u8>> {
    let spec = WavSpec { channels: 1, sample_rate: LINE_RATE, bits_per_sample: 16, sample_format: SampleFormat::Int };
    let mut bytes = Cursor::new(Vec::new());
    let written = (|| {
        let mut writer = WavWriter::new(&mut bytes, spec)?;
        for &sample in samples {
            writer.write_sample(sample)?;
        }
        writer.finalize()
    })();
    match written {
        Ok(()) => Ok(bytes.into_inner()),
        Err(hound::Error::IoError(error)) => Err(error),
        Err(_) => Err(ErrorKind::FileTooLarge.into()),
    }
}

/// Where a recording ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Where its header says: a file.
    Stated,
    /// Where its bytes end, whatever the header says: a pipe, whose writer did not know the length beforehand.
    Open,
}

/// Reads a recording from bytes as 8 kHz mono samples.
///
/// # Errors
/// [`Fault`].
pub fn parse<R: Read>(bytes: R, ending: Ending) -> Result<Vec<i16>, Fault> {
    let mut reader = WavReader::new(bytes).map_err(refuse)?;
    let WavSpec { channels, sample_rate: rate, bits_per_sample, sample_format } = reader.spec();
    if !(1..=2).contains(&channels) || !RATES.contains(&rate) {
        return Err(Fault::Shape { channels, rate });
    }
    let longest = MAX_MINUTES.saturating_mul(60).saturating_mul(rate);
    if ending == Ending::Stated && reader.duration() > longest {
        return Err(Fault::TooLong { minutes: reader.duration().div_ceil(rate.saturating_mul(60)) });
    }
    let limit = usize::try_from(longest).unwrap_or(usize::MAX).saturating_mul(usize::from(channels));
    let sound = match sample_format {
        SampleFormat::Float => gather(reader.samples::<f32>().map(|s| s.map(|s| s * 32_768.0)), limit, ending)?,
        SampleFormat::Int => {
            let scale = 2_f32.powi(16_i32.saturating_sub(i32::from(bits_per_sample)));
            #[expect(clippy::cast_precision_loss, reason = "24 bits are exact and the rest is below 16 bits' noise")]
            gather(reader.samples::<i32>().map(|s| s.map(|s| s as f32 * scale)), limit, ending)?
        }
    };
    if sound.len() > limit {
        return Err(Fault::TooLong { minutes: MAX_MINUTES.saturating_add(1) });
    }
    let mono = if channels == 2 { sound.chunks(2).map(|pair| pair.iter().sum::<f32>() / 2.0).collect() } else { sound };
    if mono.is_empty() {
        return Err(Fault::Empty);
    }
    Ok(resample(&mono, rate, LINE_RATE))
}

/// Collects at most one sample more than `limit`. Values that are no numbers (a float file may hold them) are silence.
fn gather(samples: impl Iterator<Item = hound::Result<f32>>, limit: usize, ending: Ending) -> Result<Vec<f32>, Fault> {
    let mut sound = Vec::new();
    for sample in samples.take(limit.saturating_add(1)) {
        match sample {
            Ok(value) => sound.push(if value.is_finite() { value.clamp(-32_768.0, 32_767.0) } else { 0.0 }),
            Err(hound::Error::IoError(_)) if ending == Ending::Open => break,
            Err(error) => return Err(refuse(error)),
        }
    }
    Ok(sound)
}

fn refuse(error: hound::Error) -> Fault {
    match error {
        hound::Error::Unsupported | hound::Error::InvalidSampleFormat | hound::Error::TooWide => Fault::Compressed,
        // Compressed formats state bits a sample that no PCM has: 0 or 4.
        hound::Error::FormatError(detail) if detail.starts_with("bits per sample") => Fault::Compressed,
        hound::Error::FormatError(detail) => Fault::NotWav { detail },
        hound::Error::IoError(_) => Fault::CutShort,
        hound::Error::UnfinishedSample => Fault::NotWav { detail: "an unfinished sample" },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::pcm::level::rms_dbfs;

    fn wav(spec: WavSpec, samples: impl Iterator<Item = f32>) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        for sample in samples {
            if spec.sample_format == SampleFormat::Float {
                writer.write_sample(sample).unwrap();
            } else {
                let full_scale = 2_f32.powi(i32::from(spec.bits_per_sample) - 1);
                #[expect(clippy::cast_possible_truncation, reason = "test tones are far from full scale")]
                writer.write_sample((sample * full_scale) as i32).unwrap();
            }
        }
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    fn tone(rate: u32) -> impl Iterator<Item = f32> {
        (0..rate / 2).map(move |n| 0.3 * (2.0 * std::f32::consts::PI * 500.0 * n as f32 / rate as f32).sin())
    }

    #[test]
    fn every_pcm_width_and_rate_reads_as_the_same_sound() {
        let widths =
            [(8, SampleFormat::Int), (16, SampleFormat::Int), (24, SampleFormat::Int), (32, SampleFormat::Int)];
        for (bits_per_sample, sample_format) in widths.into_iter().chain([(32, SampleFormat::Float)]) {
            for sample_rate in [8_000, 16_000, 22_050, 44_100, 48_000] {
                let spec = WavSpec { channels: 1, sample_rate, bits_per_sample, sample_format };
                let read = parse(Cursor::new(wav(spec, tone(sample_rate))), Ending::Stated).unwrap();
                assert_eq!(read.len(), 4000, "{spec:?}");
                assert!((rms_dbfs(&read[200..3800]) - -13.47).abs() < 0.2, "{spec:?} {}", rms_dbfs(&read));
            }
        }
    }

    #[test]
    fn stereo_is_mixed_down() {
        let spec = WavSpec { channels: 2, sample_rate: 8000, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let read = parse(Cursor::new(wav(spec, [0.5, -0.5, 0.5, 0.25].into_iter())), Ending::Stated).unwrap();
        assert_eq!(read, [0, 12_288]);
    }

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let samples: Vec<i16> = (0..1000).map(|n| n * 31).collect();
        write(&path, &samples).unwrap();
        assert_eq!(read(&path).unwrap(), samples);
    }

    #[test]
    fn each_kind_of_unusable_file_is_told_apart() {
        let spec = WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let good = wav(spec, tone(8000));
        let fault = |bytes: &[u8]| parse(Cursor::new(bytes.to_vec()), Ending::Stated).unwrap_err();
        assert!(matches!(fault(b"ID3 this is an mp3 file, really"), Fault::NotWav { .. }));
        assert_eq!(fault(b""), Fault::CutShort);
        assert_eq!(fault(&good[..good.len() - 100]), Fault::CutShort);
        assert_eq!(fault(&wav(spec, std::iter::empty())), Fault::Empty);
        // Format tag 7, mu-law, and tag 0x31, GSM, which states 0 bits a sample.
        for (tag, bits) in [(7, 8), (0x31, 0)] {
            let mut compressed = good.clone();
            (compressed[20], compressed[34]) = (tag, bits);
            // Block and byte rate go with the width.
            compressed[28..32].copy_from_slice(&8000_u32.to_le_bytes());
            compressed[32] = 1;
            assert_eq!(fault(&compressed), Fault::Compressed, "{tag}");
        }
        assert!(matches!(fault(&wav(WavSpec { channels: 6, ..spec }, [0.0; 6].into_iter())), Fault::Shape { .. }));
        assert!(matches!(fault(&wav(WavSpec { sample_rate: 96_000, ..spec }, tone(800))), Fault::Shape { .. }));
    }

    #[test]
    fn a_two_hour_file_is_refused_by_its_header() {
        let spec = WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut bytes = wav(spec, tone(8000));
        bytes[40..44].copy_from_slice(&(2 * 3600 * 8000 * 2_u32).to_le_bytes());
        assert_eq!(parse(Cursor::new(bytes), Ending::Stated), Err(Fault::TooLong { minutes: 120 }));
    }

    #[test]
    fn a_pipe_ends_where_its_bytes_end() {
        let spec = WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 16, sample_format: SampleFormat::Int };
        let mut bytes = wav(spec, tone(8000));
        bytes[40..44].copy_from_slice(&0x7fff_f000_u32.to_le_bytes());
        assert_eq!(parse(Cursor::new(bytes), Ending::Open).unwrap().len(), 4000);
    }

    #[test]
    fn a_missing_file_and_a_folder_are_unreadable() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(folder.path()), Err(WavError::Unreadable { .. })));
        assert!(matches!(read(&folder.path().join("none.wav")), Err(WavError::Unreadable { .. })));
    }

    proptest! {
        #[test]
        fn any_damage_to_a_header_is_an_error_or_a_sound(
            place in 0_usize..60, value in any::<u8>(), place2 in 0_usize..60, value2 in any::<u8>(), float in any::<bool>(),
        ) {
            let (bits_per_sample, sample_format) = if float { (32, SampleFormat::Float) } else { (16, SampleFormat::Int) };
            let spec = WavSpec { channels: 2, sample_rate: 11_025, bits_per_sample, sample_format };
            let mut bytes = wav(spec, tone(400));
            bytes[place] = value;
            bytes[place2] = value2;
            let _ = parse(Cursor::new(bytes.clone()), Ending::Stated);
            let _ = parse(Cursor::new(bytes), Ending::Open);
        }

        #[test]
        fn any_bytes_are_an_error_or_a_sound(tail in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut bytes = b"RIFF\x00\x00\x00\x00WAVEfmt ".to_vec();
            bytes.extend(tail);
            let _ = parse(Cursor::new(bytes), Ending::Stated);
        }
    }
}
