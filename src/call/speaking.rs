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
use crate::wire::line::Urgency;

/// What happens when everything said so far was played.
#[derive(Debug)]
pub enum After {
    /// Wait for the caller.
    Listen(Expecting),
    /// Ring staff; the samples are the brief.
    Consult(Vec<i16>, Urgency),
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
    /// Samples that were played again after a false alarm.
    pub repeated: usize,
    /// Frames from its first to its end.
    pub lasted: usize,
    /// Whether it was heard whole.
    pub whole: bool,
}

#[derive(Debug)]
struct Sentence {
    text: SpokenText,
    template: String,
    mandatory: bool,
    /// Its voice failed: nobody hears it.
    unvoiced: bool,
}

/// The sentences of one call.
#[derive(Debug, Default)]
pub struct Speaking {
    mouth: Mouth,
    /// Ids in order; their samples once they are there.
    waiting: VecDeque<(SayId, Option<Vec<i16>>)>,
    sentences: HashMap<SayId, Sentence>,
    after: VecDeque<After>,
    /// The newest sentence.
    newest: u32,
    /// The newest one when the box was held: what came later is no part of what the caller talked over.
    held_at: u32,
}

impl Speaking {
    /// Puts a sentence in line; its samples are awaited.
    pub fn say(&mut self, id: SayId, text: SpokenText, template: String, mandatory: bool) {
        self.newest = self.newest.max(id.0);
        self.waiting.push_back((id, None));
        self.sentences.insert(id, Sentence { text, template, mandatory, unvoiced: false });
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

    /// A sentence has no samples and never will: it is passed over, and told of as not heard.
    pub fn unvoiced(&mut self, id: SayId) {
        if let Some(sentence) = self.sentences.get_mut(&id) {
            sentence.unvoiced = true;
        }
        self.synthesised(id, Vec::new());
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

    /// Somebody may be talking over the box: it falls silent, but for a mandatory sentence.
    pub fn hold(&mut self) {
        if !self.mouth.is_held() {
            self.held_at = self.newest;
        }
        self.mouth.hold();
    }

    /// Nobody was, or they meant nothing by it: the box goes on.
    pub fn go_on(&mut self) {
        self.mouth.go_on();
    }

    /// Whether the box waits for what comes of an interruption.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.mouth.is_held()
    }

    /// The caller did talk over the box: what they talked over is cut, and what waited behind it is not said.
    pub fn cut(&mut self) {
        // The mouth reports what was cut by `finished`.
        let _ = self.mouth.cut(self.held_at);
        let (sentences, held_at) = (&self.sentences, self.held_at);
        self.waiting.retain(|(id, _)| id.0 > held_at || sentences.get(id).is_some_and(|s| s.mandatory));
    }

    /// The caller has answered already: nobody waits any more for what was to be listened for.
    pub fn forget_listening(&mut self) {
        self.after.retain(|after| !matches!(after, After::Listen(_)));
    }

    /// The call is over: what was being said when it ended.
    pub fn end(&mut self) -> Vec<Said> {
        self.mouth.end();
        self.finished()
    }

    /// Sentences that ended since the last call.
    pub fn finished(&mut self) -> Vec<Said> {
        let played = self.mouth.finished();
        played
            .into_iter()
            .filter_map(|p| {
                let id = SayId(p.id);
                let Sentence { text, template, unvoiced, .. } = self.sentences.remove(&id)?;
                let (played, total, whole) = (p.samples_played, p.samples_total, p.whole && !unvoiced);
                Some(Said { id, text, template, played, total, repeated: p.samples_repeated, lasted: p.lasted, whole })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(speaking: &mut Speaking, id: u32) {
        speaking.say(SayId(id), SpokenText::new("Tuesday at nine."), "[SLOT_1].".to_owned(), false);
    }

    #[test]
    fn a_sentence_whose_voice_failed_was_not_heard() {
        let mut speaking = Speaking::default();
        say(&mut speaking, 1);
        say(&mut speaking, 2);
        speaking.unvoiced(SayId(1));
        speaking.synthesised(SayId(2), Vec::new());
        let heard: Vec<_> = speaking.finished().into_iter().map(|said| (said.id, said.whole)).collect();
        assert_eq!(heard, [(SayId(1), false), (SayId(2), true)]);
    }

    #[test]
    fn what_is_due_waits_until_the_last_sentence_was_played() {
        let mut speaking = Speaking::default();
        say(&mut speaking, 1);
        speaking.then(After::Listen(Expecting::Anything));
        assert!(speaking.due().is_none());
        speaking.synthesised(SayId(1), vec![1; 160]);
        assert!(speaking.due().is_none());
        assert!(speaking.next_frame().is_some());
        assert!(matches!(speaking.due(), Some(After::Listen(Expecting::Anything))));
    }
}
