//! The sounds to measure with: recordings of a list, telephone numbers strung from single digits, spoken sentences.
//!
//! In:  files that lie outside this project (people's voices) or texts and a voice. Out: [`Utterance`]s, 8 kHz.
//! The same files, texts and seed give the same samples.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use super::wer;
use crate::caller::channel::Channel;
use crate::expect::Expecting;
use crate::pcm::level::bring_to;
use crate::pcm::wav::{self, WavError};
use crate::pcm::{Frame, LINE_RATE, to_sample};
use crate::speak::{SpeakError, SpokenText, Voice};

/// The level of speech on a telephone line, dBFS: -26 dBov is what ITU-T P.56 tests are made at.
pub(in crate::cli) const SPEECH_DBFS: f32 = -26.0;
/// Quiet before and after what is said, ms: about what the turn machine keeps.
pub(in crate::cli) const PAD_MS: u32 = 250;
/// A telephone number has ten digits, said in groups of three, three and four.
const DIGITS: u8 = 10;
/// Pauses between digits and between groups, ms.
const PAUSE_MS: std::ops::Range<u32> = 80..250;
const GROUP_PAUSE_MS: std::ops::Range<u32> = 350..600;
/// The single digits were cut out without a fade; without one here each edge would be a click that no line carries.
const FADE_SAMPLES: u16 = 40;

/// Something said.
pub(super) struct Utterance {
    /// Who says it: a speaker, a voice or a folder of recordings.
    pub(super) voice: String,
    /// What the box had asked for.
    pub(super) asked: Expecting,
    /// The table's row: what was asked, or "aside" where the caller says something else.
    pub(super) group: String,
    /// The words.
    pub(super) said: String,
    /// The sound, before the line.
    pub(super) samples: Vec<i16>,
}

/// Material is not there or not usable.
#[derive(Debug, thiserror::Error)]
pub(super) enum SoundError {
    /// A file or folder.
    #[error("{path} cannot be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A recording.
    #[error(transparent)]
    Wav(#[from] WavError),
    /// A list's line has another form.
    #[error("{path}, line {line}: write the file or the question, a tab, and the words that are said")]
    Line {
        /// The list.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The folder has no digit of this kind.
    #[error("{path} has no recordings named DIGIT_SPEAKER_TAKE.wav with the takes that were asked for")]
    NoDigits {
        /// The folder.
        path: PathBuf,
    },
    /// A voice.
    #[error(transparent)]
    Voice(#[from] SpeakError),
}

/// What the sound goes through.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) enum Line {
    /// Nothing: the sound as recorded, at 8 kHz.
    Clean,
    /// The telephone's band, noise of this level (dBFS) and G.711 mu-law.
    Telephone(f32),
}

impl Line {
    /// Carries sound, quiet before and after it. The same seed gives the same noise.
    pub(in crate::cli) fn carry(self, samples: &[i16], seed: u64) -> Vec<i16> {
        let pad = silence(PAD_MS);
        let sound = [pad.as_slice(), samples, pad.as_slice()].concat();
        match self {
            Self::Clean => sound,
            Self::Telephone(noise) => {
                let mut channel = Channel::new(Some(noise), seed);
                Frame::cut(&sound).flat_map(|frame| *channel.carry(&frame).samples()).collect()
            }
        }
    }
}

/// The recordings of a list: lines of `file<TAB>words`, files relative to the list's folder.
pub(super) fn recordings(list: &Path) -> Result<Vec<Utterance>, SoundError> {
    let folder = list.parent().unwrap_or(Path::new("."));
    let utterance = |(file, said): (String, String)| {
        let mut samples = wav::read(&folder.join(&file))?;
        bring_to(&mut samples, SPEECH_DBFS);
        // Files in a folder are one kind of voice; a file beside the list stands for itself.
        let voice = file.split('/').next().unwrap_or(&file).trim_end_matches(".wav").to_owned();
        Ok(Utterance { voice, asked: Expecting::Anything, group: "anything".to_owned(), said, samples })
    };
    rows(list)?.into_iter().map(utterance).collect()
}

/// The rows of a table of two columns; empty lines and those that begin with `#` are passed over.
fn rows(path: &Path) -> Result<Vec<(String, String)>, SoundError> {
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(read(path)?.lines()) {
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        let row = text.split_once('\t').ok_or_else(|| SoundError::Line { path: path.to_owned(), line })?;
        rows.push((row.0.to_owned(), row.1.to_owned()));
    }
    Ok(rows)
}

fn read(path: &Path) -> Result<String, SoundError> {
    fs::read_to_string(path).map_err(|source| SoundError::Unreadable { path: path.to_owned(), source })
}

/// Which telephone numbers to string.
pub(super) struct Numbers<'a> {
    /// The folder of `DIGIT_SPEAKER_TAKE.wav`.
    pub(super) folder: &'a Path,
    /// The takes to use; all where empty.
    pub(super) takes: &'a [String],
    /// How many numbers a speaker.
    pub(super) count: u32,
    /// Chooses digits, takes and pauses.
    pub(super) seed: u64,
}

/// Telephone numbers of ten digits, strung from each speaker's single digits with the pauses of somebody reading out.
pub(super) fn numbers(wanted: &Numbers<'_>) -> Result<Vec<Utterance>, SoundError> {
    let folder = wanted.folder;
    let unreadable = |source| SoundError::Unreadable { path: folder.to_owned(), source };
    let mut speakers: BTreeMap<String, BTreeMap<u8, Vec<PathBuf>>> = BTreeMap::new();
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    for path in paths {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let mut parts = stem.split('_');
        let (Some(Ok(digit)), Some(speaker), Some(take), None) =
            (parts.next().map(str::parse::<u8>), parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if digit < DIGITS && (wanted.takes.is_empty() || wanted.takes.iter().any(|t| t == take)) {
            speakers.entry(speaker.to_owned()).or_default().entry(digit).or_default().push(path);
        }
    }
    let mut utterances = Vec::new();
    for (place, (speaker, takes)) in
        (0_u64..).zip(speakers.iter().filter(|(_, takes)| takes.len() == usize::from(DIGITS)))
    {
        let mut dice = Rng::with_seed(wanted.seed.wrapping_mul(1_000).wrapping_add(place));
        for _ in 0..wanted.count {
            utterances.push(number(speaker, takes, &mut dice)?);
        }
    }
    if utterances.is_empty() { Err(SoundError::NoDigits { path: folder.to_owned() }) } else { Ok(utterances) }
}

fn number(speaker: &str, takes: &BTreeMap<u8, Vec<PathBuf>>, dice: &mut Rng) -> Result<Utterance, SoundError> {
    let (mut samples, mut said) = (Vec::new(), Vec::new());
    for place in 0..DIGITS {
        if place > 0 {
            let pause = if matches!(place, 3 | 6) { GROUP_PAUSE_MS } else { PAUSE_MS };
            samples.extend(silence(dice.u32(pause)));
        }
        let digit = dice.u8(0..DIGITS);
        let Some(path) = takes.get(&digit).and_then(|paths| dice.choice(paths)) else { continue };
        let mut sound = wav::read(path)?;
        bring_to(&mut sound, SPEECH_DBFS);
        fade(&mut sound);
        samples.extend(sound);
        said.push(digit.to_string());
    }
    let (voice, group) = (speaker.to_owned(), Expecting::Phone.to_string());
    Ok(Utterance { voice, asked: Expecting::Phone, group, said: said.join(" "), samples })
}

/// Lets sound begin and end at nothing.
fn fade(samples: &mut [i16]) {
    let steps = f32::from(FADE_SAMPLES);
    let soften = |(step, sample): (u16, &mut i16)| *sample = to_sample(f32::from(*sample) * f32::from(step) / steps);
    (0..FADE_SAMPLES).zip(samples.iter_mut()).for_each(soften);
    (0..FADE_SAMPLES).zip(samples.iter_mut().rev()).for_each(soften);
}

/// Sentences of a text file, one a line, `#` for comments, spoken by a voice.
pub(super) fn sentences(file: &Path, voice: &mut dyn Voice) -> Result<Vec<Utterance>, SoundError> {
    let text = read(file)?;
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|line| spoken(voice, Expecting::Anything, "anything", line)).collect()
}

/// Answers of a table (`phone<TAB>five five five ...`), spoken by a voice. "aside:phone" is something else, said when a
/// number was asked for: a grammar must not press it into its own words.
pub(super) fn answers(file: &Path, voice: &mut dyn Voice) -> Result<Vec<Utterance>, SoundError> {
    let mut utterances = Vec::new();
    for (line, (asked, said)) in (1..).zip(rows(file)?) {
        let (group, asked) = asked.split_once(':').unwrap_or((&asked, &asked));
        let expecting = asked.parse().map_err(|_| SoundError::Line { path: file.to_owned(), line })?;
        utterances.push(spoken(voice, expecting, group, &said)?);
    }
    Ok(utterances)
}

fn spoken(voice: &mut dyn Voice, asked: Expecting, group: &str, said: &str) -> Result<Utterance, SoundError> {
    let mut samples = voice.say(&SpokenText::new(said))?;
    bring_to(&mut samples, SPEECH_DBFS);
    Ok(Utterance { voice: voice.name().to_owned(), asked, group: group.to_owned(), said: said.to_owned(), samples })
}

/// The people that a name question may be answered with: what the answers themselves name, as the clinic's candidates.
pub(super) fn people(utterances: &[Utterance]) -> Vec<String> {
    let named = utterances.iter().filter(|u| u.group == Expecting::Name { spelled: false }.as_str());
    // A first and a last name stand at the end of what is said; a last name alone is somebody's already.
    let pair = |u: &Utterance| match wer::words(&u.said).as_slice() {
        [.., first, last] if first != "is" => Some(format!("{first} {last}")),
        _ => None,
    };
    named.filter_map(pair).collect()
}

fn silence(ms: u32) -> Vec<i16> {
    vec![0; usize::try_from(ms * LINE_RATE / 1_000).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_strings_the_same_numbers_again_and_another_seed_others() {
        let folder = tempfile::tempdir().unwrap();
        for digit in 0..10_i16 {
            for take in 0..2_i16 {
                let sound: Vec<i16> = (0..800).map(|n| (n % (40 + 10 * take)) * (200 + 30 * digit)).collect();
                wav::write(&folder.path().join(format!("{digit}_ann_{take}.wav")), &sound).unwrap();
            }
        }
        let strung = |seed, takes: &[String]| {
            numbers(&Numbers { folder: folder.path(), takes, count: 3, seed })
                .map(|strung| strung.into_iter().map(|u| (u.voice, u.said, u.samples)).collect::<Vec<_>>())
        };
        let first = strung(1, &[]).unwrap();
        assert_eq!(first.len(), 3);
        assert!(first.iter().all(|(voice, said, _)| voice == "ann" && said.split(' ').count() == 10));
        assert_eq!(first, strung(1, &[]).unwrap());
        assert_ne!(first, strung(2, &[]).unwrap());
        assert_ne!(first, strung(1, &["0".to_owned()]).unwrap());
        assert!(matches!(strung(1, &["7".to_owned()]), Err(SoundError::NoDigits { .. })));
    }

    #[test]
    fn a_list_names_its_recordings_from_its_own_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("read")).unwrap();
        wav::write(&folder.path().join("read/a.wav"), &[900; 800]).unwrap();
        let list = folder.path().join("list.tsv");
        fs::write(&list, "# voices\n\nread/a.wav\tyes please\n").unwrap();
        let found = recordings(&list).unwrap();
        assert_eq!((found[0].voice.as_str(), found[0].said.as_str(), found.len()), ("read", "yes please", 1));
        fs::write(&list, "read/a.wav yes please\n").unwrap();
        assert!(matches!(recordings(&list), Err(SoundError::Line { line: 1, .. })));
    }

    #[test]
    fn the_line_pads_and_a_clean_one_changes_nothing() {
        let sound = Line::Clean.carry(&[5; 160], 1);
        assert_eq!(sound.len(), 4_160);
        assert_eq!(sound[2_000..2_160], [5; 160]);
        assert_ne!(Line::Telephone(-50.0).carry(&[5; 160], 1), sound);
    }
}
