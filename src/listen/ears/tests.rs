//! The ears with a scripted detector, and, where the model has been fetched, with the real one.
#![expect(clippy::print_stderr, reason = "a skipped case says why")]

use proptest::prelude::*;

use super::*;
use crate::listen::vad::VadError;

#[test]
fn a_turn_comes_with_its_sound_from_before_the_onset_to_after_the_end() {
    let mut call = Call::scripted(&[(0.1, 40), (0.9, 30), (0.1, 60)]);
    call.hear_frames(200);

    let [
        EarEvent::SpeechBegan,
        EarEvent::Speculate { generation: 1, samples: early },
        EarEvent::TurnEnded { generation: 1, samples, speech_ms, mean_probability, silence_ms },
    ] = &call.told[..]
    else {
        panic!("{:?}", call.told)
    };
    // Windows 40 to 70 are speech; the estimated end is 160 ms before window 70 starts. Samples are numbered.
    let (first, last) = (40 * 256 - 300 * 8, 70 * 256 - 160 * 8 + 200 * 8 - 1);
    assert_eq!(samples.first().copied(), Some(numbered(first)));
    assert_eq!(samples.last().copied(), Some(numbered(last)));
    assert_eq!(early, samples, "what was recognised early is what was said");
    assert_eq!(*speech_ms, 30 * 32);
    assert!((mean_probability - 0.9).abs() < 1e-3);
    assert!((800..860).contains(silence_ms), "{silence_ms}");
}

#[test]
fn the_recognisers_verdict_counts_only_for_the_speculation_that_is_open() {
    let silence = |verdicts: &[(u32, bool)]| {
        let mut call = Call::scripted(&[(0.9, 30), (0.1, 90)]);
        while !call.told.iter().any(|e| matches!(e, EarEvent::Speculate { .. })) {
            call.hear_frames(1);
        }
        for &(generation, complete) in verdicts {
            call.ears.text_is(generation, complete);
        }
        call.hear_frames(200);
        let Some(EarEvent::TurnEnded { silence_ms, .. }) = call.told.last() else { panic!("{:?}", call.told) };
        *silence_ms
    };
    assert!(silence(&[(1, true)]) < silence(&[]));
    assert!(silence(&[(1, false)]) > silence(&[]));
    assert_eq!(silence(&[(7, true), (0, false)]), silence(&[]));
}

#[test]
fn a_failing_detector_is_told_once_and_the_caller_is_still_heard() {
    let mut ears = Ears::new(Failing, Limits::default());
    let mut told = Vec::new();
    for n in 0..150 {
        let loud = (25..75).contains(&n);
        let frame = Frame::from_samples(&[if loud { 6_000 } else { 10 }; FRAME_SAMPLES]).unwrap();
        told.extend(ears.hear(&frame, LineTime::from_frames(n)));
    }
    assert!(ears.is_degraded());
    assert!(matches!(
        told[..],
        [EarEvent::Degraded, EarEvent::SpeechBegan, EarEvent::Speculate { .. }, EarEvent::TurnEnded { .. }]
    ));
}

#[test]
fn frames_that_the_line_lost_count_as_silence() {
    let mut call = Call::scripted(&[(0.9, 30), (0.1, 1_000)]);
    call.hear_frames(60);
    call.at = LineTime::from_frames(10_000);
    call.hear_frames(1);
    assert!(matches!(call.told.last(), Some(EarEvent::TurnEnded { .. })), "{:?}", call.told);
    assert_eq!(call.ears.frames, 10_001);
}

#[test]
fn speech_over_the_box_is_a_barge_in() {
    let mut call = Call::scripted(&[(0.1, 10), (0.9, 30), (0.1, 90)]);
    call.ears.box_is_speaking(true);
    call.hear_frames(40);
    assert_eq!(call.told, [EarEvent::Hush, EarEvent::BargeIn]);
}

#[test]
fn a_cough_over_the_box_hushes_it_for_a_moment() {
    let mut call = Call::scripted(&[(0.1, 10), (0.9, 4), (0.1, 90)]);
    call.ears.box_is_speaking(true);
    call.hear_frames(150);
    assert_eq!(call.told, [EarEvent::Hush, EarEvent::GoOn]);
}

#[test]
fn a_long_silence_leaves_nothing_but_the_pre_roll_in_memory() {
    let mut call = Call::scripted(&[(0.9, 30), (0.1, 1_000)]);
    call.hear_frames(1_000);
    let kept = call.ears.ring.between(0, u64::MAX).len();
    assert!(kept <= 400 * 8, "{kept} samples");
}

#[test]
fn the_detector_starts_afresh_every_two_seconds_but_never_while_somebody_speaks() {
    let afresh = std::sync::Arc::default();
    let mut ears = Ears::new(Counting { windows: 0, afresh: std::sync::Arc::clone(&afresh) }, Limits::default());
    for n in 0..480 {
        ears.hear(&Frame::SILENCE, LineTime::from_frames(n));
    }
    // From window 200 to the end of the turn, some 30 windows, the caller may still go on.
    let [63, after_speech, later] = afresh.lock().unwrap()[..] else { panic!("{afresh:?}") };
    assert!((220..=240).contains(&after_speech) && later == after_speech + 63, "{after_speech}, {later}");
}

proptest! {
    #[test]
    fn every_guess_is_settled_and_every_beginning_has_one_end(
        script in proptest::collection::vec((0.0_f32..1.0, 1_usize..60), 0..40),
        moves in proptest::collection::vec((1_usize..90, 0_usize..9, any::<bool>(), 0_u32..6, any::<bool>()), 0..30),
    ) {
        let mut call = Call::scripted(&script);
        for (frames, expecting, speaks, generation, complete) in moves {
            call.ears.expect(Expecting::ALL[expecting]);
            call.ears.box_is_speaking(speaks);
            call.ears.text_is(generation, complete);
            call.hear_frames(frames);
        }
        check_grammar(&call.told)?;
    }
}

/// ((hush go-on)* (hush)? began (speculate resumed)* (speculate)? (ended | false alarm))*, and generations rise.
fn check_grammar(told: &[EarEvent]) -> Result<(), TestCaseError> {
    let (mut begun, mut open, mut newest) = (false, None::<(u32, &TurnSound)>, 0);
    let mut hushed = false;
    for event in told {
        match event {
            EarEvent::Hush => {
                prop_assert!(!begun && !hushed);
                hushed = true;
            }
            EarEvent::GoOn => {
                prop_assert!(!begun && hushed);
                hushed = false;
            }
            EarEvent::SpeechBegan | EarEvent::BargeIn => {
                prop_assert!(!begun);
                (begun, hushed) = (true, false);
            }
            EarEvent::Speculate { generation, samples } => {
                prop_assert!(begun && open.is_none() && *generation > newest);
                prop_assert!(!samples.is_empty());
                newest = *generation;
                open = Some((*generation, samples));
            }
            EarEvent::Resumed { generation } => {
                prop_assert_eq!(open.take().map(|(g, _)| g), Some(*generation));
            }
            EarEvent::TurnEnded { generation, samples, speech_ms, mean_probability, .. } => {
                prop_assert!(begun);
                begun = false;
                match open.take() {
                    Some((guess, sound)) => prop_assert!(guess == *generation && sound == samples),
                    None => prop_assert!(*generation > newest),
                }
                newest = *generation;
                prop_assert!(*speech_ms >= 190 && *mean_probability >= 0.6);
                prop_assert!(samples.len() <= 8 * (15_000 + 300 + 200 + 64));
            }
            EarEvent::FalseAlarm => {
                prop_assert!(begun && open.is_none());
                begun = false;
            }
            EarEvent::Degraded => prop_assert!(false, "the script never fails"),
        }
    }
    Ok(())
}

#[cfg(feature = "asr")]
mod with_the_real_detector {
    use super::*;
    use crate::listen::vad::Vad;
    use crate::listen::vad::parity::{fetched_model, human_voice};

    /// Makes sample number `n`.
    type Sound = Box<dyn FnMut(usize) -> i16>;

    #[test]
    fn noise_tones_clipping_and_silence_are_no_turns_and_no_panic() {
        let Some(model) = fetched_model() else { return };
        let (seed, second) = (1_u32, 8_000_usize);
        let noise = |loudness: i32| {
            let mut seed = seed;
            move |_: usize| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let unit = i32::try_from(seed >> 16).unwrap() - 32_768;
                i16::try_from((unit * loudness) >> 15).unwrap()
            }
        };
        let (quiet, loud) = (noise(200), noise(12_000));
        let tone = |n: usize| if n % 18 < 9 { 9_000 } else { -9_000 };
        // Four chords a second, three square waves each.
        let chords = |n: usize| {
            let base = 16 + 3 * (n / 2_000 % 4);
            [1, 2, 3].iter().map(|k| if n % (base * k) < base * k / 2 { 2_500 } else { -2_500 }).sum()
        };
        let clipped = |n: usize| if n % 40 < 20 { i16::MAX } else { i16::MIN };
        let sounds: [(&str, Sound); 6] = [
            ("silence", Box::new(|_| 0)),
            ("line noise", Box::new(quiet)),
            ("loud noise", Box::new(loud)),
            ("tone", Box::new(tone)),
            ("chords", Box::new(chords)),
            ("clipping", Box::new(clipped)),
        ];
        for (name, mut sound) in sounds {
            let samples: Vec<i16> = (0..second * 6).map(&mut sound).collect();
            let told = hear_all(&model, &samples, Expecting::Anything);
            assert!(!told.iter().any(|(_, e)| matches!(e, EarEvent::TurnEnded { .. })), "{name}: {told:?}");
        }
    }

    #[test]
    fn a_spoken_telephone_number_is_not_cut_between_its_groups() {
        let Some(model) = fetched_model() else { return };
        let mut seed = 7_u32;
        let mut draw = move |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        let mut errors = Vec::new();
        for speaker in ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"] {
            for _ in 0..3 {
                let (mut samples, mut last_sound) = (vec![0; 8_000], 0);
                for place in 0..10 {
                    let name = format!("digits/{}_{speaker}_{}.wav", draw(10), draw(5));
                    let Some(digit) = human_voice(&name) else {
                        eprintln!("skipped: no human voices (ANTEROOM_SHARED names no folder with audio/{name})");
                        return;
                    };
                    let peak = digit.iter().map(|s| s.unsigned_abs()).max().unwrap();
                    last_sound = samples.len() + digit.iter().rposition(|s| s.unsigned_abs() > peak / 12).unwrap();
                    samples.extend(digit);
                    // 80 to 300 ms between digits, up to 1.3 s after the third and the sixth.
                    let pause = 640 + draw(1_760) + if place == 2 || place == 5 { draw(8_000) } else { 0 };
                    samples.extend(vec![0; usize::try_from(pause).unwrap()]);
                }
                samples.extend(vec![0; 8_000 * 4]);
                for sample in &mut samples {
                    *sample = sample.saturating_add(i16::try_from(draw(121)).unwrap() - 60);
                }
                let told = hear_all(&model, &samples, Expecting::Phone);
                let ends: Vec<_> = told.iter().filter(|(_, e)| matches!(e, EarEvent::TurnEnded { .. })).collect();
                let [(now, EarEvent::TurnEnded { silence_ms, .. })] = ends[..] else { panic!("{speaker}: {ends:?}") };
                let estimated = i64::try_from(*now * 20).unwrap() - i64::from(*silence_ms);
                errors.push(estimated - i64::try_from(last_sound / 8).unwrap());
            }
        }
        errors.sort_unstable();
        let middle = errors[errors.len() / 2];
        eprintln!(
            "the last sound is estimated {middle} ms off (median), {} to {}",
            errors[0],
            errors[errors.len() - 1]
        );
        assert!(middle.abs() <= 80 && errors.iter().all(|e| e.abs() <= 250), "{errors:?}");
    }

    #[test]
    fn a_human_voice_is_one_turn_for_each_sentence() {
        let Some(model) = fetched_model() else { return };
        let names = ["cards/001.wav", "cards/002.wav", "cards/003.wav"];
        let mut samples = vec![0; 8_000];
        for name in names {
            let Some(voice) = human_voice(name) else {
                eprintln!("skipped: no human voices (ANTEROOM_SHARED names no folder with audio/{name})");
                return;
            };
            samples.extend(voice);
            samples.extend([0; 16_000]);
        }
        let told = hear_all(&model, &samples, Expecting::Anything);
        let told: Vec<_> = told.into_iter().map(|(_, event)| event).collect();
        assert_eq!(told.iter().filter(|e| matches!(e, EarEvent::TurnEnded { .. })).count(), 3, "{told:?}");
        check_grammar(&told).unwrap();
    }

    #[test]
    fn a_caller_is_heard_after_a_minute_of_music() {
        let Some(model) = fetched_model() else { return };
        let note = |n: usize, k: usize| if n % (14 * k + n / 2_000 % 7) < 7 * k { 2_500 } else { -2_500 };
        let music: Vec<i16> = (0..8_000 * 60).map(|n| note(n, 1) + note(n, 2) + note(n, 3)).collect();
        for name in ["cards/001.wav", "cards/002.wav", "cards/003.wav", "digits/7_george_0.wav"] {
            let Some(voice) = human_voice(name) else {
                eprintln!("skipped: no human voices (ANTEROOM_SHARED names no folder with audio/{name})");
                return;
            };
            let sound = [music.as_slice(), &[0; 8_000 * 3], &voice, &[0; 8_000 * 2]].concat();
            let told = hear_all(&model, &sound, Expecting::Anything);
            let heard = told.iter().filter(|(at, e)| *at > 63 * 50 && matches!(e, EarEvent::TurnEnded { .. })).count();
            assert_eq!(heard, 1, "{name}: {told:?}");
        }
    }

    /// What is told of all this sound, each with the number of frames heard by then.
    fn hear_all(
        model: &std::sync::Arc<crate::listen::vad::SileroModel>,
        samples: &[i16],
        expecting: Expecting,
    ) -> Vec<(u64, EarEvent)> {
        let mut ears = Ears::new(Vad::new(std::sync::Arc::clone(model)).unwrap(), Limits::default());
        ears.expect(expecting);
        let hear = |(frame, n)| ears.hear(&frame, LineTime::from_frames(n)).into_iter().map(move |e| (n + 1, e));
        Frame::cut(samples).zip(0..).flat_map(hear).collect()
    }
}

/// A call whose detector answers from a script, then 0.1; its samples are numbered from 0.
struct Call {
    ears: Ears,
    at: LineTime,
    told: Vec<EarEvent>,
}

impl Call {
    fn scripted(stretches: &[(f32, usize)]) -> Self {
        let script: Vec<f32> = stretches.iter().flat_map(|&(p, count)| std::iter::repeat_n(p, count)).collect();
        let ears = Ears::new(Script(script.into_iter()), Limits::default());
        Self { ears, at: LineTime::default(), told: Vec::new() }
    }

    fn hear_frames(&mut self, count: usize) {
        for _ in 0..count {
            let first = self.at.frames() * 160;
            let samples: Vec<i16> = (first..first + 160).map(numbered).collect();
            self.told.extend(self.ears.hear(&Frame::from_samples(&samples).unwrap(), self.at));
            self.at = self.at.next();
        }
    }
}

fn numbered(sample: u64) -> i16 {
    i16::try_from(sample % 30_011).unwrap()
}

struct Script(std::vec::IntoIter<f32>);

impl SpeechProbability for Script {
    fn probability(&mut self, _: &[i16; WINDOW_SAMPLES]) -> Result<f32, VadError> {
        Ok(self.0.next().unwrap_or(0.1))
    }
}

/// Counts how often it starts afresh; hears speech in windows 100 to 199.
struct Counting {
    windows: usize,
    afresh: std::sync::Arc<std::sync::Mutex<Vec<usize>>>,
}

impl SpeechProbability for Counting {
    fn probability(&mut self, _: &[i16; WINDOW_SAMPLES]) -> Result<f32, VadError> {
        self.windows += 1;
        Ok(if (101..=200).contains(&self.windows) { 0.9 } else { 0.05 })
    }

    fn start_afresh(&mut self) {
        self.afresh.lock().unwrap().push(self.windows);
    }
}

struct Failing;

impl SpeechProbability for Failing {
    fn probability(&mut self, _: &[i16; WINDOW_SAMPLES]) -> Result<f32, VadError> {
        Err(VadError::NotAProbability)
    }
}
