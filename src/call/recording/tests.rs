//! What is kept of a call, frame by frame.

use super::*;

const LOUD: i16 = 5;

fn loud() -> Frame {
    Frame::from_samples(&[LOUD; 160]).unwrap()
}

/// Feeds `frames` loud frames and gives the chunks that came of it.
fn feed(recording: &mut Recording, frames: u64) -> Vec<Vec<i16>> {
    (0..frames).filter_map(|_| recording.frame(&loud(), Some(&loud()))).collect()
}

/// Everything that is left, one truth a frame: whether it is loud on both sides. None is half loud.
fn left(recording: &mut Recording) -> Vec<bool> {
    let chunks = std::iter::from_fn(|| recording.rest());
    let frames: Vec<Vec<i16>> =
        chunks.flat_map(|chunk| chunk.chunks(320).map(<[_]>::to_vec).collect::<Vec<_>>()).collect();
    let is_loud = |frame: Vec<i16>| {
        let loud = frame.iter().filter(|sample| **sample == LOUD).count();
        assert!(loud == 0 || loud == 320, "half a frame");
        loud == 320
    };
    frames.into_iter().map(is_loud).collect()
}

fn consented() -> Recording {
    let mut recording = Recording::new(false);
    recording.consent(true);
    recording
}

/// A turn of 1 s that ended 500 ms before the frame that comes next.
fn turn(recording: &mut Recording) {
    recording.turn_ended(8_000 + 8 * 200, 500);
}

#[test]
fn nothing_is_kept_before_the_disclosure_was_heard_whole() {
    let mut recording = Recording::new(true);
    feed(&mut recording, 1);
    recording.said(SayId(1), false, 0);
    feed(&mut recording, 1);
    assert_eq!(recording.rest(), None);
    recording.said(SayId(1), true, 0);
    feed(&mut recording, 1);
    assert_eq!(recording.rest(), Some(vec![LOUD; 320]));
}

#[test]
fn nothing_is_kept_of_a_real_caller() {
    let mut recording = Recording::new(false);
    recording.said(SayId(1), true, 0);
    assert!(feed(&mut recording, 3_000).is_empty());
    assert_eq!(recording.rest(), None);
}

#[test]
fn of_a_real_caller_only_what_follows_their_consent_is_kept() {
    let mut recording = Recording::new(false);
    feed(&mut recording, 500);
    recording.consent(true);
    feed(&mut recording, 30);
    let chunk = recording.rest().unwrap();
    assert_eq!(chunk.len(), 30 * 320);
    let head = recording.seal_up(chunk, 0, 0).head;
    assert!(head.consent && !head.synthetic);
    assert_eq!(recording.rest(), None);
}

#[test]
fn a_consent_that_is_withdrawn_ends_the_recording_before_the_words_that_withdrew_it() {
    let mut recording = consented();
    feed(&mut recording, 300);
    recording.speech_began();
    feed(&mut recording, 75);
    turn(&mut recording);
    feed(&mut recording, 1);
    recording.words(false);
    recording.consent(false);
    feed(&mut recording, 400);
    let left = left(&mut recording);
    // 375 frames were there; the turn's sound began 1.5 s before, and 300 ms before that nothing is kept.
    assert!((280..=375 - 75 - 15).contains(&left.len()), "{}", left.len());
    assert!(left.iter().all(|loud| *loud));
}

#[test]
fn a_chunk_waits_for_the_turn_that_it_overlaps() {
    let mut recording = consented();
    feed(&mut recording, 900);
    recording.speech_began();
    assert!(feed(&mut recording, 700).is_empty());
    // It was 14 s long.
    recording.turn_ended(8 * (14_000 + 200), 500);
    assert!(feed(&mut recording, 300).is_empty());
    recording.words(false);
    assert_eq!(feed(&mut recording, 1).first().map(Vec::len), Some(1_000 * 320));
}

#[test]
fn the_turn_of_a_card_is_silent_and_its_neighbours_are_not() {
    let mut recording = consented();
    feed(&mut recording, 200);
    recording.speech_began();
    feed(&mut recording, 75);
    turn(&mut recording);
    feed(&mut recording, 10);
    recording.words(true);
    feed(&mut recording, 100);
    let left = left(&mut recording);
    // Speech from 201 to 251, 300 ms on either side.
    assert!(left[..183].iter().all(|loud| *loud));
    assert!(left[186..266].iter().all(|loud| !*loud));
    assert!(left[267..].iter().all(|loud| *loud));
    assert_eq!(left.len(), 385);
}

#[test]
fn a_turn_that_is_redacted_before_its_margin_has_passed_is_silenced_to_the_end() {
    let mut recording = consented();
    feed(&mut recording, 100);
    recording.turn_ended(8_000, 0);
    recording.words(true);
    feed(&mut recording, 50);
    let left = left(&mut recording);
    assert!(left[60..115].iter().all(|loud| !*loud));
    assert!(left[117..].iter().all(|loud| *loud));
}

#[test]
fn while_the_box_asks_for_a_card_nothing_is_heard() {
    let mut recording = consented();
    feed(&mut recording, 10);
    recording.asks_for_card(true);
    feed(&mut recording, 50);
    recording.asks_for_card(false);
    feed(&mut recording, 50);
    let left = left(&mut recording);
    assert!(left[..10].iter().all(|loud| *loud) && left[75..].iter().all(|loud| *loud));
    assert!(left[10..75].iter().all(|loud| !*loud));
}

#[test]
fn a_card_that_is_read_back_is_silent() {
    let mut recording = consented();
    feed(&mut recording, 100);
    recording.reads_back(SayId(9));
    feed(&mut recording, 80);
    recording.said(SayId(8), true, 25);
    recording.said(SayId(9), true, 50);
    feed(&mut recording, 50);
    let left = left(&mut recording);
    assert!(left[..110].iter().all(|loud| *loud) && left[196..].iter().all(|loud| *loud));
    assert!(left[115..195].iter().all(|loud| !*loud));
}

#[test]
fn the_tone_of_a_key_is_silent() {
    let mut recording = consented();
    feed(&mut recording, 100);
    recording.key();
    feed(&mut recording, 100);
    let left = left(&mut recording);
    assert!(left[..75].iter().all(|loud| *loud) && left[125..].iter().all(|loud| *loud));
    assert!(left[75..125].iter().all(|loud| !*loud));
}

#[test]
fn what_is_not_known_after_a_minute_or_at_the_end_is_silent() {
    let mut recording = consented();
    feed(&mut recording, 200);
    recording.speech_began();
    let chunks = feed(&mut recording, 4_100);
    assert_eq!(chunks.len(), 3, "it is not held back for ever");
    let loud: Vec<bool> = chunks.iter().flatten().map(|sample| *sample == LOUD).collect();
    assert!(loud[..100 * 320].iter().all(|loud| *loud));
    assert!(loud[100 * 320..].iter().all(|loud| !*loud));
    assert!(left(&mut recording).iter().all(|loud| !*loud));
}

#[test]
fn a_turn_that_another_overtook_is_silent() {
    let mut recording = consented();
    feed(&mut recording, 200);
    turn(&mut recording);
    feed(&mut recording, 200);
    turn(&mut recording);
    recording.words(false);
    let left = left(&mut recording);
    assert!(left[115..190].iter().all(|loud| !*loud));
    assert!(left[200..].iter().all(|loud| *loud));
}

#[test]
fn a_long_call_comes_in_chunks_that_fit_a_frame() {
    let mut recording = consented();
    let chunks = feed(&mut recording, 2_500);
    assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [320_000, 320_000]);
    assert_eq!(left(&mut recording).len(), 500);
}

#[test]
fn a_label_says_when_the_sound_was_heard() {
    let mut recording = consented();
    let chunk = feed(&mut recording, 1_100).remove(0);
    let head = recording.seal_up(chunk, 10_000_000, 20_000_000).head;
    assert_eq!((head.t, head.mono_us, head.chunk), (8_000_000, 18_000_000, 0));
}

#[test]
fn a_simulated_caller_is_recorded_whatever_they_say_and_the_label_tells_whether_they_agreed() {
    let mut recording = Recording::new(true);
    recording.said(SayId(1), true, 0);
    feed(&mut recording, 10);
    recording.consent(true);
    feed(&mut recording, 10);
    recording.consent(false);
    feed(&mut recording, 10);
    let chunk = recording.rest().unwrap();
    assert_eq!(chunk.len(), 30 * 320);
    assert!(!recording.seal_up(chunk, 0, 0).head.consent);
}
