//! The box's side of a call: sentences in the order they were meant, each synthesised, played, and counted.
//!
//! ```text
//!   say() ──> waiting for its voice ──synthesised()──> Mouth ──next_frame()──> the line
//! ```
//!
//! A sentence whose voice comes late holds up those behind it, never overtakes. What is to be done when the box falls
//! silent (listen, ask the desk, hang up) waits here too.

use std::collections::{HashMap, VecDeque};

use crate::converse::{Outcome, SayId};
use crate::expect::Expecting;
use crate::pcm::Frame;
use crate::speak::SpokenText;
use crate::speak::playout::Mouth;

/// What happens when everything said so far was played.
#[derive(Debug)]
pub enum After {
    /// Wait for the caller.
    Listen(Expecting),
    /// Ring the desk; the samples are the brief.
    Consult(Vec<i16>),
    /// Hang up.
    HangUp(Outcome),
}

/// A sentence that was played, or cut off.
#[derive(Debug)]
pub struct Said {
    /// Which.
    pub id: SayId,
    /// As it was spoken.
    pub text: SpokenText,
    /// With placeholders.
    pub template: String,
    /// Samples that were played, of `total`.
    pub played: usize,
    /// Samples it has.
    pub total: usize,
    /// Whether it was heard whole.
    pub whole: bool,
}

#[derive(Debug)]
struct Sentence {
    text: SpokenText,
    template: String,
    mandatory: bool,
}

/// The sentences of one call.
#[derive(Debug, Default)]
pub struct Speaking {
    mouth: Mouth,
    /// Ids in order; their samples once they are there.
    waiting: VecDeque<(SayId, Option<Vec<i16>>)>,
    sentences: HashMap<SayId, Sentence>,
    after: VecDeque<After>,
}

impl Speaking {
    /// Puts a sentence in line; its samples are awaited.
    pub fn say(&mut self, id: SayId, text: SpokenText, template: String, mandatory: bool) {
        self.waiting.push_back((id, None));
        self.sentences.insert(id, Sentence { text, template, mandatory });
    }

    /// A sentence's samples are there.
    pub fn synthesised(&mut self, id: SayId, samples: Vec<i16>) {
        if let Some(slot) = self.waiting.iter_mut().find(|(waiting, _)| *waiting == id) {
            slot.1 = Some(samples);
        }
        while let Some((id, Some(_))) = self.waiting.front() {
            let id = *id;
            let Some((_, Some(samples))) = self.waiting.pop_front() else { return };
            let mandatory = self.sentences.get(&id).is_some_and(|s| s.mandatory);
            self.mouth.enqueue(id.0, samples, mandatory);
        }
    }

    /// Leaves `after` to be done when the box falls silent.
    pub fn then(&mut self, after: After) {
        self.after.push_back(after);
    }

    /// The next 20 ms; `None` is silence.
    pub fn next_frame(&mut self) -> Option<Frame> {
        self.mouth.next_frame()
    }

    /// Whether a sentence is being played or waited for.
    #[must_use]
    pub fn is_speaking(&self) -> bool {
        !self.waiting.is_empty() || !self.mouth.is_idle()
    }

    /// What is due, if the box is silent.
    pub fn due(&mut self) -> Option<After> {
        if self.is_speaking() { None } else { self.after.pop_front() }
    }

    /// The caller talks over the box: what may be cut is cut, and what waited behind it is not said.
    pub fn cut(&mut self) {
        // The mouth reports what was cut by `finished`.
        let _ = self.mouth.cut();
        let sentences = &self.sentences;
        self.waiting.retain(|(id, _)| sentences.get(id).is_some_and(|s| s.mandatory));
    }

    /// Sentences that ended since the last call.
    pub fn finished(&mut self) -> Vec<Said> {
        let played = self.mouth.finished();
        played
            .into_iter()
            .filter_map(|p| {
                let id = SayId(p.id);
                let Sentence { text, template, .. } = self.sentences.remove(&id)?;
                let (played, total, whole) = (p.samples_played, p.samples_total, p.whole);
                Some(Said { id, text, template, played, total, whole })
            })
            .collect()
    }
}
