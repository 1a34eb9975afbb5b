//! The box's mouth: sentences in, one frame at a time out, and a count of what was really played.
//!
//! In:  whole sentences of samples, in the order they are to be said.
//! Out: a frame each time one is asked for, `None` for silence. The driver of the call asks once for each frame of the
//! caller, and sends what it gets in the same step: what [`Mouth::next_frame`] has given out counts as played.
//! Never blocks, never synthesises.
//!
//! The barge-in rule: a caller who speaks cuts what is being said within one frame. A mandatory sentence (the
//! disclosure, the emergency script) is not cut, and every sentence behind it that is not mandatory is dropped.

use std::collections::VecDeque;

use crate::pcm::{FRAME_SAMPLES, Frame};

/// What became of a sentence. Each one that was enqueued is told of exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Played {
    /// The sentence's number.
    pub id: u32,
    /// Samples of it that were played, 0 to `samples_total`.
    pub samples_played: usize,
    /// Samples that it has.
    pub samples_total: usize,
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
    played: usize,
    mandatory: bool,
}

impl Sentence {
    fn account(&self) -> Played {
        let (samples_played, samples_total) = (self.played, self.samples.len());
        Played { id: self.id, samples_played, samples_total, whole: samples_played == samples_total }
    }
}

/// The queue between sentences and frames.
#[derive(Debug, Default)]
pub struct Mouth {
    queue: VecDeque<Sentence>,
    finished: Vec<Played>,
}

impl Mouth {
    /// Adds a sentence behind what is being said. One without samples is finished at once, in its turn.
    pub fn enqueue(&mut self, id: u32, samples: Vec<i16>, mandatory: bool) {
        self.queue.push_back(Sentence { id, samples, played: 0, mandatory });
        self.retire();
    }

    /// The next 20 ms, or `None` for silence. A sentence's last frame is filled up with silence; the next sentence
    /// begins with its own frame.
    pub fn next_frame(&mut self) -> Option<Frame> {
        let sentence = self.queue.front_mut()?;
        let left = sentence.samples.get(sentence.played..).unwrap_or_default();
        let frame = Frame::cut(left.get(..FRAME_SAMPLES).unwrap_or(left)).next();
        sentence.played = sentence.played.saturating_add(FRAME_SAMPLES).min(sentence.samples.len());
        self.retire();
        frame
    }

    /// The caller speaks: drops everything that is not mandatory. `None` where nothing was dropped.
    pub fn cut(&mut self) -> Option<Cut> {
        let (kept, dropped): (VecDeque<_>, VecDeque<_>) = self.queue.drain(..).partition(|s| s.mandatory);
        self.queue = kept;
        self.finished.extend(dropped.iter().map(Sentence::account));
        let mut dropped = dropped.into_iter();
        let first = dropped.next()?;
        Some(Cut {
            id: first.id,
            samples_played: first.played,
            samples_total: first.samples.len(),
            dropped: dropped.map(|s| s.id).collect(),
        })
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
        while let Some(ended) = self.queue.pop_front_if(|s| s.played >= s.samples.len()) {
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
        assert_eq!(mouth.finished(), [Played { id: 1, samples_played: 200, samples_total: 200, whole: true }]);
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
        let cut = mouth.cut().unwrap();
        assert_eq!(cut, Cut { id: 1, samples_played: 160, samples_total: 1600, dropped: vec![2] });
        assert!(mouth.next_frame().is_none());
        let finished = mouth.finished();
        assert_eq!(
            finished.iter().map(|p| (p.id, p.samples_played, p.whole)).collect::<Vec<_>>(),
            [(1, 160, false), (2, 0, false)]
        );
        assert_eq!(mouth.cut(), None);
    }

    #[test]
    fn a_mandatory_sentence_is_said_to_its_end_and_what_follows_is_dropped() {
        let mut mouth = Mouth::default();
        mouth.enqueue(1, sentence(2), true);
        mouth.enqueue(2, sentence(2), false);
        mouth.enqueue(3, sentence(1), true);
        mouth.next_frame();
        assert!(mouth.is_mandatory());
        assert_eq!(mouth.cut().map(|cut| (cut.id, cut.samples_played)), Some((2, 0)));
        assert_eq!((0..9).filter(|_| mouth.next_frame().is_some()).count(), 2);
        let whole: Vec<_> = mouth.finished().into_iter().filter(|p| p.whole).map(|p| p.id).collect();
        assert_eq!(whole, [1, 3]);
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

    #[derive(Clone, Debug)]
    enum Step {
        Enqueue(usize, bool),
        Frame,
        Cut,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            2 => (0_usize..700, any::<bool>()).prop_map(|(n, m)| Step::Enqueue(n, m)),
            4 => Just(Step::Frame),
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
                    Step::Cut => drop(mouth.cut()),
                }
            }
            while let Some(frame) = mouth.next_frame() {
                heard += frame.samples().iter().filter(|s| **s == 9).count();
            }
            let mut finished = mouth.finished();
            prop_assert_eq!(heard, finished.iter().map(|p| p.samples_played).sum::<usize>());
            finished.sort_by_key(|p| p.id);
            prop_assert_eq!(finished.len(), sentences.len());
            for (played, mandatory) in finished.iter().zip(sentences) {
                prop_assert!(played.whole || !mandatory);
                prop_assert_eq!(played.whole, played.samples_played == played.samples_total);
            }
        }
    }
}
