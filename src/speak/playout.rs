//! The box's mouth: sentences in, one frame at a time out, and a count of what was really played.
//!
//! In:  whole sentences of samples, in the order they are to be said.
//! Out: a frame each time one is asked for, `None` for silence. The driver of the call asks once for each frame of the
//! caller, and sends what it gets in the same step: what [`Mouth::next_frame`] has given out counts as played.
//! Never blocks, never synthesises.
//!
//! The barge-in rule: a caller who may be speaking holds the box within one frame ([`Mouth::hold`]). Then either it was
//! nothing, and the box goes on ([`Mouth::go_on`]): where it stopped after a moment, else from the last pause before that;
//! or the caller meant it, and what was being said is dropped ([`Mouth::cut`]). A mandatory sentence (the disclosure, the
//! emergency script) is neither held nor cut.

use std::collections::VecDeque;

use crate::pcm::{FRAME_SAMPLES, Frame, level};

/// A sentence that was held for longer than this is taken up at a pause: 400 ms. After less nobody has lost the thread.
const MOMENT: u32 = 20;
/// How far back such a pause is looked for: 2 s, and a sentence that has hardly begun begins again.
const LOOK_BACK: usize = 16_000;
/// Samples of a pause between words, 60 ms, and how quiet they are, dBFS.
const PAUSE: usize = 480;
const QUIET: f32 = -45.0;

/// What became of a sentence. Each one that was enqueued is told of exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// The sentence's number.
    pub id: u32,
    /// Samples of it that were played, 0 to `samples_total`: how far it came.
    pub samples_played: usize,
    /// Samples that it has.
    pub samples_total: usize,
    /// Samples that were played twice or more often, as the box went on from before where it was held.
    pub samples_repeated: usize,
    /// Frames from its first to its end, those in which it was held among them.
    pub lasted: usize,
    /// Whether the caller heard all of it.
    pub whole: bool,
}

/// The caller has interrupted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The first sentence that the caller did not hear whole.
    pub id: u32,
    /// Samples of it that were played; 0 where it had not begun.
    pub samples_played: usize,
    /// Samples that it has.
    pub samples_total: usize,
    /// Later sentences that were dropped before they began.
    pub dropped: Vec<u32>,
}

#[derive(Debug)]
struct Sentence {
    id: u32,
    samples: Vec<i16>,
    /// Where it is.
    at: usize,
    /// How far it has come.
    furthest: usize,
    repeated: usize,
    lasted: usize,
    mandatory: bool,
}

impl Sentence {
    fn account(&self) -> Played {
        let (samples_played, samples_total) = (self.furthest, self.samples.len());
        let whole = samples_played == samples_total;
        let (samples_repeated, lasted) = (self.repeated, self.lasted);
        Played { id: self.id, samples_played, samples_total, samples_repeated, lasted, whole }
    }

    /// Goes back to the last pause, so that what follows can be understood.
    fn back(&mut self) {
        let from = self.at.saturating_sub(LOOK_BACK);
        let recent = self.samples.get(from..self.at).unwrap_or_default();
        let pause = recent.rchunks(PAUSE).position(|part| part.len() == PAUSE && level::rms_dbfs(part) < QUIET);
        let to = match pause {
            Some(chunks) => self.at.saturating_sub(chunks.saturating_mul(PAUSE)),
            None if from == 0 => 0,
            None => self.at,
        };
        self.repeated = self.repeated.saturating_add(self.at.saturating_sub(to));
        self.at = to;
    }
}

/// The queue between sentences and frames.
#[derive(Debug, Default)]
pub struct Mouth {
    queue: VecDeque<Sentence>,
    finished: Vec<Played>,
    /// While the box is held: for how many frames.
    held: Option<u32>,
}

impl Mouth {
    /// Adds a sentence behind what is being said. One without samples is finished at once, in its turn.
    pub fn enqueue(&mut self, id: u32, samples: Vec<i16>, mandatory: bool) {
        self.queue.push_back(Sentence { id, samples, at: 0, furthest: 0, repeated: 0, lasted: 0, mandatory });
        self.retire();
    }

    /// The next 20 ms, or `None` for silence. A sentence's last frame is filled up with silence; the next sentence
    /// begins with its own frame.
    pub fn next_frame(&mut self) -> Option<Frame> {
        let sentence = self.queue.front_mut();
        if let Some(frames) = &mut self.held
            && !sentence.as_ref().is_some_and(|s| s.mandatory)
        {
            *frames = frames.saturating_add(1);
            if let Some(sentence) = sentence.filter(|s| s.furthest > 0) {
                sentence.lasted = sentence.lasted.saturating_add(1);
            }
            return None;
        }
        let sentence = sentence?;
        let left = sentence.samples.get(sentence.at..).unwrap_or_default();
        let frame = Frame::cut(left.get(..FRAME_SAMPLES).unwrap_or(left)).next();
        sentence.at = sentence.at.saturating_add(FRAME_SAMPLES).min(sentence.samples.len());
        sentence.furthest = sentence.furthest.max(sentence.at);
        sentence.lasted = sentence.lasted.saturating_add(1);
        self.retire();
        frame
    }

    /// Somebody may be speaking: falls silent before the next frame, but for a mandatory sentence.
    pub fn hold(&mut self) {
        self.held = self.held.or(Some(0));
    }

    /// It was nothing: goes on.
    pub fn go_on(&mut self) {
        if self.held.take().is_some_and(|frames| frames > MOMENT)
            && let Some(sentence) = self.queue.front_mut().filter(|s| !s.mandatory)
        {
            sentence.back();
        }
    }

    /// Whether it is held.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// The caller spoke: drops every sentence up to number `newest` that is not mandatory, and is held no more. `None` where
    /// nothing was dropped.
    pub fn cut(&mut self, newest: u32) -> Option<Cut> {
        self.held = None;
        let (kept, dropped): (VecDeque<_>, VecDeque<_>) =
            self.queue.drain(..).partition(|s| s.mandatory || s.id > newest);
        self.queue = kept;
        self.finished.extend(dropped.iter().map(Sentence::account));
        let mut dropped = dropped.into_iter();
        let first = dropped.next()?;
        Some(Cut {
            id: first.id,
            samples_played: first.furthest,
            samples_total: first.samples.len(),
            dropped: dropped.map(|s| s.id).collect(),
        })
    }

    /// The call is over: what is being said ends here, mandatory or not. What was not begun was not said.
    pub fn end(&mut self) {
        self.finished.extend(self.queue.drain(..).filter(|s| s.furthest > 0).map(|s| s.account()));
    }

    /// Sentences that have ended, whole or cut, since this was last asked.
    pub fn finished(&mut self) -> Vec<Played> {
        std::mem::take(&mut self.finished)
    }

    /// The sentence being said, or about to be.
    #[must_use]
    pub fn speaking(&self) -> Option<u32> {
        self.queue.front().map(|s| s.id)
    }

    /// Whether what is being said cannot be cut.
    #[must_use]
    pub fn is_mandatory(&self) -> bool {
        self.queue.front().is_some_and(|s| s.mandatory)
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.queue.is_empty()
    }

    fn retire(&mut self) {
        while let Some(ended) = self.queue.pop_front_if(|s| s.at >= s.samples.len()) {
            self.finished.push(ended.account());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sentence(frames: usize) -> Vec<i16> {
        vec![9; frames * FRAME_SAMPLES]
    }

    #[test]
    fn sentences_are_said_in_order_and_counted() {
        let mut mouth = Mouth::default();
        mouth.enqueue(1, vec![5; 200], false);
        mouth.enqueue(2, sentence(1), false);
        assert_eq!(mouth.next_frame().unwrap().samples(), &[5; 160]);
        assert_eq!(mouth.finished(), []);
        let second = mouth.next_frame().unwrap();
        assert_eq!((second.samples()[39], second.samples()[40]), (5, 0));
        let whole =
            Played { id: 1, samples_played: 200, samples_total: 200, samples_repeated: 0, lasted: 2, whole: true };
        assert_eq!(mouth.finished(), [whole]);
        assert_eq!(mouth.speaking(), Some(2));
        mouth.next_frame().unwrap();
        assert!(mouth.is_idle() && mouth.next_frame().is_none());
        assert_eq!(mouth.finished().len(), 1);
    }

    #[test]
    fn an_interruption_silences_the_box_before_the_next_frame() {
        let mut mouth = Mouth::default();
        mouth.enqueue(1, sentence(10), false);
        mouth.enqueue(2, sentence(10), false);
        mouth.next_frame();
        let cut = mouth.cut(2).unwrap();
        assert_eq!(cut, Cut { id: 1, samples_played: 160, samples_total: 1600, dropped: vec![2] });
        assert!(mouth.next_frame().is_none());
        let finished = mouth.finished();
        assert_eq!(
            finished.iter().map(|p| (p.id, p.samples_played, p.whole)).collect::<Vec<_>>(),
            [(1, 160, false), (2, 0, false)]
        );
        assert_eq!(mouth.cut(2), None);
    }

    #[test]
    fn a_mandatory_sentence_is_said_to_its_end_and_what_follows_is_dropped() {
        let mut mouth = Mouth::default();
        mouth.enqueue(1, sentence(2), true);
        mouth.enqueue(2, sentence(2), false);
        mouth.enqueue(3, sentence(1), true);
        mouth.next_frame();
        assert!(mouth.is_mandatory());
        assert_eq!(mouth.cut(3).map(|cut| (cut.id, cut.samples_played)), Some((2, 0)));
        assert_eq!((0..9).filter(|_| mouth.next_frame().is_some()).count(), 2);
        let whole: Vec<_> = mouth.finished().into_iter().filter(|p| p.whole).map(|p| p.id).collect();
        assert_eq!(whole, [1, 3]);
    }

    #[test]
    fn the_end_of_a_call_ends_what_is_being_said_and_says_how_far_it_came() {
        let mut mouth = Mouth::default();
        mouth.enqueue(1, sentence(3), true);
        mouth.enqueue(2, sentence(3), false);
        mouth.next_frame();
        mouth.end();
        let ended: Vec<_> = mouth.finished().iter().map(|p| (p.id, p.samples_played, p.whole)).collect();
        assert_eq!(ended, [(1, FRAME_SAMPLES, false)]);
        assert!(mouth.is_idle() && mouth.next_frame().is_none());
    }

    #[test]
    fn an_empty_sentence_is_finished_in_its_turn() {
        let mut mouth = Mouth::default();
        mouth.enqueue(1, sentence(1), false);
        mouth.enqueue(2, Vec::new(), true);
        assert_eq!(mouth.finished(), []);
        mouth.next_frame();
        assert_eq!(mouth.finished().iter().map(|p| p.id).collect::<Vec<_>>(), [1, 2]);
        assert!(mouth.is_idle());
    }

    /// Two words of 500 ms with 100 ms between them, again and again.
    fn words(frames: usize) -> Vec<i16> {
        let loud = |n: usize| n % 30 < 25;
        (0..frames).flat_map(|n| [if loud(n) { 3_000 } else { 0 }; FRAME_SAMPLES]).collect()
    }

    #[test]
    fn after_a_moment_the_box_goes_on_where_it_stopped() {
        let mut mouth = Mouth::default();
        mouth.enqueue(1, words(60), false);
        assert_eq!((0..10).filter(|_| mouth.next_frame().is_some()).count(), 10);
        mouth.hold();
        assert!((0..5).all(|_| mouth.next_frame().is_none()) && !mouth.is_idle());
        mouth.go_on();
        assert_eq!((0..99).filter(|_| mouth.next_frame().is_some()).count(), 50);
        let [said] = mouth.finished()[..] else { panic!() };
        assert_eq!((said.whole, said.samples_repeated, said.lasted), (true, 0, 65));
    }

    #[test]
    fn after_longer_the_box_goes_on_from_the_last_pause_or_from_the_beginning() {
        for (stopped, again) in [(40, 30), (20, 0), (58, 55)] {
            let mut mouth = Mouth::default();
            mouth.enqueue(1, words(60), false);
            for _ in 0..stopped {
                mouth.next_frame();
            }
            mouth.hold();
            for _ in 0..30 {
                mouth.next_frame();
            }
            mouth.go_on();
            let left = (0..99).filter(|_| mouth.next_frame().is_some()).count();
            let [said] = mouth.finished()[..] else { panic!() };
            assert_eq!((said.whole, said.samples_played), (true, 60 * FRAME_SAMPLES));
            assert_eq!(said.samples_repeated, (left + stopped - 60) * FRAME_SAMPLES);
            assert!((60 - left).abs_diff(again) <= 3, "stopped after {stopped} frames, went on from {}", 60 - left);
        }
    }

    #[test]
    fn a_hold_spares_a_mandatory_sentence_and_a_cut_what_was_said_later() {
        let mut mouth = Mouth::default();
        mouth.enqueue(1, sentence(2), true);
        mouth.enqueue(2, sentence(2), false);
        mouth.hold();
        assert_eq!((0..9).filter(|_| mouth.next_frame().is_some()).count(), 2);
        mouth.enqueue(3, sentence(2), false);
        assert_eq!(mouth.cut(2).map(|cut| cut.id), Some(2));
        assert_eq!((0..9).filter(|_| mouth.next_frame().is_some()).count(), 2);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Enqueue(usize, bool),
        Frame,
        Hold,
        GoOn,
        Cut,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            2 => (0_usize..700, any::<bool>()).prop_map(|(n, m)| Step::Enqueue(n, m)),
            4 => Just(Step::Frame),
            1 => Just(Step::Hold),
            1 => Just(Step::GoOn),
            1 => Just(Step::Cut),
        ]
    }

    proptest! {
        #[test]
        fn every_sentence_is_accounted_for_once_and_mandatory_ones_are_whole(steps in proptest::collection::vec(step(), 0..80)) {
            let mut mouth = Mouth::default();
            let mut sentences = Vec::new();
            let mut heard = 0;
            for step in steps {
                match step {
                    Step::Enqueue(samples, mandatory) => {
                        let id = u32::try_from(sentences.len()).unwrap();
                        sentences.push(mandatory);
                        mouth.enqueue(id, vec![9; samples], mandatory);
                    }
                    Step::Frame => heard += mouth.next_frame().map_or(0, |f| f.samples().iter().filter(|s| **s == 9).count()),
                    Step::Hold => mouth.hold(),
                    Step::GoOn => mouth.go_on(),
                    Step::Cut => drop(mouth.cut(u32::MAX)),
                }
            }
            mouth.go_on();
            while let Some(frame) = mouth.next_frame() {
                heard += frame.samples().iter().filter(|s| **s == 9).count();
            }
            let mut finished = mouth.finished();
            prop_assert_eq!(heard, finished.iter().map(|p| p.samples_played + p.samples_repeated).sum::<usize>());
            finished.sort_by_key(|p| p.id);
            prop_assert_eq!(finished.len(), sentences.len());
            for (played, mandatory) in finished.iter().zip(sentences) {
                prop_assert!(played.whole || !mandatory);
                prop_assert_eq!(played.whole, played.samples_played == played.samples_total);
            }
        }
    }
}
