//! The flite voices, linked in. The only file that names flite's functions.
//!
//! In:  one sentence. Out: 8 kHz samples; slt, rms and awb speak at 16 kHz and are brought down, kal speaks at 8.
//! Runs on whichever thread asks; one sentence at a time in the whole process, since flite says nowhere that its
//! synthesis may run twice at once (its registration says that it may not). A sentence takes about 35 ms.
#![expect(unsafe_code, reason = "flite is a C library: four functions and one struct of it are used here")]

use std::ffi::{CString, c_char, c_int, c_short};
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::pcm::{halfband, to_sample};
use crate::speak::choice::FliteVoice;
use crate::speak::say_as::say_as;
use crate::speak::{SpeakError, SpokenText, Voice};

/// slt speaks 5 dB louder (-15 dBFS) than the other three and than speech should be on a telephone line.
const SLT_GAIN: f32 = 0.56;

/// flite's `cst_voice`, never looked into.
#[repr(C)]
struct CstVoice {
    _opaque: [u8; 0],
}

/// flite's `cst_wave`, as `cst_wave.h` of flite 2.x lays it out.
#[repr(C)]
struct CstWave {
    kind: *const c_char,
    sample_rate: c_int,
    num_samples: c_int,
    num_channels: c_int,
    samples: *mut c_short,
}

unsafe extern "C" {
    fn flite_init() -> c_int;
    fn register_cmu_us_slt(folder: *const c_char) -> *mut CstVoice;
    fn register_cmu_us_rms(folder: *const c_char) -> *mut CstVoice;
    fn register_cmu_us_awb(folder: *const c_char) -> *mut CstVoice;
    fn register_cmu_us_kal(folder: *const c_char) -> *mut CstVoice;
    fn flite_text_to_wave(text: *const c_char, voice: *mut CstVoice) -> *mut CstWave;
    fn delete_wave(wave: *mut CstWave);
}

/// The voices, once registered. They live as long as the process: flite frees them at no other time.
struct Engine {
    voices: [(FliteVoice, Option<NonNull<CstVoice>>); 4],
}

// SAFETY: the pointers lead to flite's own static tables, which belong to no thread; they are used only while the one
// mutex around the engine is held.
unsafe impl Send for Engine {}

fn engine() -> MutexGuard<'static, Engine> {
    static ENGINE: OnceLock<Mutex<Engine>> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| {
        // SAFETY: `OnceLock` runs this once, before any other call into flite, as flite asks; the voices are compiled
        // in, so the folder for their data may be null.
        let engine = unsafe {
            flite_init();
            let folder = std::ptr::null();
            Engine {
                voices: [
                    (FliteVoice::Slt, NonNull::new(register_cmu_us_slt(folder))),
                    (FliteVoice::Rms, NonNull::new(register_cmu_us_rms(folder))),
                    (FliteVoice::Awb, NonNull::new(register_cmu_us_awb(folder))),
                    (FliteVoice::Kal, NonNull::new(register_cmu_us_kal(folder))),
                ],
            }
        };
        Mutex::new(engine)
    });
    // No code of ours can panic between two calls into flite, so a poisoned lock hides no half-made state.
    engine.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// What flite makes of `text`, at its own rate.
    fn synthesise(&mut self, voice: FliteVoice, text: &CString) -> Option<(Vec<i16>, u32)> {
        let (_, voice) = self.voices.iter().find(|(name, _)| *name == voice)?;
        let voice = (*voice)?;
        // SAFETY: `text` ends in a NUL and outlives the call; `voice` came from a register function and is never freed;
        // `&mut self` is the one engine, so nothing else is inside flite.
        let wave = NonNull::new(unsafe { flite_text_to_wave(text.as_ptr(), voice.as_ptr()) })?;
        // SAFETY: flite gives a wave of its own making that nobody else holds, valid until it is deleted below.
        let sound = copy(unsafe { wave.as_ref() });
        // SAFETY: the wave came from flite, is deleted once, and what was borrowed from it has been copied.
        unsafe { delete_wave(wave.as_ptr()) };
        sound
    }
}

/// Copies the samples out of flite's memory; `None` where the wave is not one of mono samples.
fn copy(wave: &CstWave) -> Option<(Vec<i16>, u32)> {
    let count = usize::try_from(wave.num_samples).ok()?;
    let rate = u32::try_from(wave.sample_rate).ok()?;
    if count == 0 {
        return Some((Vec::new(), rate));
    }
    if wave.num_channels != 1 || wave.samples.is_null() {
        return None;
    }
    // SAFETY: flite allocates `num_samples` times `num_channels` shorts at `samples`, and the channels are one.
    let samples = unsafe { std::slice::from_raw_parts(wave.samples, count) };
    Some((samples.to_vec(), rate))
}

/// An open flite voice. Cheap: the voices themselves are shared by the process.
#[derive(Debug)]
pub struct Flite {
    voice: FliteVoice,
    name: String,
}

impl Flite {
    /// Opens a voice.
    ///
    /// # Errors
    /// [`SpeakError::Failed`] where flite could not set it up.
    pub fn open(voice: FliteVoice) -> Result<Self, SpeakError> {
        let name = format!("flite:{}", voice.as_str());
        let there = engine().voices.iter().any(|(known, pointer)| *known == voice && pointer.is_some());
        if there { Ok(Self { voice, name }) } else { Err(SpeakError::Failed { voice: name, source: None }) }
    }
}

impl Voice for Flite {
    fn name(&self) -> &str {
        &self.name
    }

    fn say(&mut self, text: &SpokenText) -> Result<Vec<i16>, SpeakError> {
        let failed = || SpeakError::Failed { voice: self.name.clone(), source: None };
        let Some(text) = say_as(text) else { return Ok(Vec::new()) };
        // `say_as` leaves no control characters, hence no NUL in the middle.
        let text = CString::new(text.expose()).map_err(|_| failed())?;
        let sound = engine().synthesise(self.voice, &text);
        wipe(text);
        let mut samples = match sound.ok_or_else(failed)? {
            (samples, 8_000) => samples,
            (samples, 16_000) => halfband::down(&samples),
            _ => return Err(failed()),
        };
        if self.voice == FliteVoice::Slt {
            samples.iter_mut().for_each(|sample| *sample = to_sample(f32::from(*sample) * SLT_GAIN));
        }
        Ok(samples)
    }
}

/// The sentence may name a patient: its bytes do not stay behind in freed memory. (Flite's own copies do.)
fn wipe(text: CString) {
    use zeroize::Zeroize;
    text.into_bytes().zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pcm::level::{clipped_share, rms_dbfs};

    #[test]
    fn every_voice_speaks_audibly_and_without_clipping() {
        for voice in [FliteVoice::Slt, FliteVoice::Rms, FliteVoice::Awb, FliteVoice::Kal] {
            let mut voice = Flite::open(voice).unwrap();
            let sound = voice.say(&SpokenText::new("I would like to book an appointment.")).unwrap();
            assert!((12_000..28_000).contains(&sound.len()), "{} {}", voice.name(), sound.len());
            assert!(rms_dbfs(&sound) > -30.0 && clipped_share(&sound) < 0.001, "{}", voice.name());
        }
    }

    #[test]
    fn odd_sentences_are_spoken_or_silent_but_never_fatal() {
        let mut voice = Flite::open(FliteVoice::Kal).unwrap();
        assert!(voice.say(&SpokenText::new("")).unwrap().is_empty());
        for text in [
            "(((",
            "a",
            "'",
            "$ % ^",
            "1e99999",
            "99999999999999999999999999",
            "12/31/1999 25:61",
            "o'o'o'",
            "-.-.-",
            "<speak>",
            "\\",
            "MDCLXVI",
            "#1 & only",
            "é",
            "x\u{0}y",
        ] {
            voice.say(&SpokenText::new(text)).unwrap();
        }
    }

    #[test]
    fn two_threads_may_speak_at_once_and_each_gets_its_own_sentence() {
        let say = |text: &'static str| Flite::open(FliteVoice::Kal).unwrap().say(&SpokenText::new(text)).unwrap();
        let alone = [say("Good morning."), say("How can I help you today?")];
        let together = std::thread::scope(|scope| {
            let first = scope.spawn(|| (0..20).map(|_| say("Good morning.")).collect::<Vec<_>>());
            let second = scope.spawn(|| (0..20).map(|_| say("How can I help you today?")).collect::<Vec<_>>());
            [first.join().unwrap(), second.join().unwrap()]
        });
        for (alone, together) in alone.iter().zip(&together) {
            assert!(together.iter().all(|sound| sound == alone));
        }
    }
}
