//! The cloud model in a call: what it is asked, and the pieces of its answer.

use crate::call::doors::Pieces;
use crate::converse::{Event, Thought, ThoughtId};
use crate::ids::Turn;
use crate::redact;
use crate::tasks::Stop;
use crate::wire::event::Kind;
use crate::wire::{Airlock, Parcel};

use super::{Driver, Happened};
use crate::call::tools::Shown;

/// A model that is being asked.
pub(super) struct Thinking {
    id: ThoughtId,
    turn: Turn,
    bytes: usize,
    /// Whether anything of its answer has come.
    answered: bool,
    call_off: Stop,
}

impl Driver {
    /// Asks the cloud model, unless what it would be asked holds a value of this call.
    pub(super) fn think(&mut self, id: ThoughtId) {
        let Some(bytes) = self.request() else {
            return self.feed(Event::Thought { id, thought: Thought::Failed("refused") });
        };
        let call_off = Stop::new();
        self.thinking =
            Some(Thinking { id, turn: self.turn, bytes: bytes.len(), answered: false, call_off: call_off.clone() });
        self.in_flight += 1;
        let post = self.post.clone();
        let pieces = Pieces::to(move |thought| {
            // The call may be over: then nobody reads its inbox.
            let _ = post.send(Happened::Thought(id, thought));
        });
        self.shared.doors.think(self.call, bytes, self.shared.answer_deadline, call_off, pieces);
    }

    /// Nobody waits for that answer any more: hanging up at the airlock's door closes the provider's connection too.
    pub(super) fn call_off(&mut self, id: ThoughtId) {
        if let Some(thinking) = self.thinking.take_if(|thinking| thinking.id == id) {
            thinking.call_off.ask();
            if !thinking.answered {
                self.show_left(thinking.turn, thinking.bytes, "called-off");
            }
        }
    }

    pub(super) fn thought(&mut self, id: ThoughtId, thought: Thought) {
        let last = matches!(thought, Thought::Whole | Thought::Failed(_));
        if last {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
        if let Some(thinking) = self.thinking.as_mut().filter(|thinking| thinking.id == id) {
            // What left is shown once: when the first of the answer shows that it did, or with the reason why it did not.
            if !std::mem::replace(&mut thinking.answered, true) {
                let (turn, bytes) = (thinking.turn, thinking.bytes);
                let answer = match thought {
                    Thought::Failed(why) => why,
                    Thought::Said(_) | Thought::Use(_) | Thought::Whole => "sent",
                };
                self.show_left(turn, bytes, answer);
            }
            if last {
                self.thinking = None;
            }
        }
        self.feed(Event::Thought { id, thought });
    }

    /// The exact request for this moment of the call; nothing where it would hold a value of the call's vault.
    pub(super) fn request(&self) -> Option<Vec<u8>> {
        let request = self.conversation.would_ask();
        if redact::spill::holds_value(request.texts().iter().map(String::as_str), &self.vault) {
            tracing::error!(call = %self.call, turn = %self.turn, "a request held a value of the vault; it is not offered");
            self.note(Kind::Verdict, Parcel::new().with("by", &"vault").with("what", &"value-in-request"));
            return None;
        }
        let parcel = Parcel::<Airlock>::new().with("turn", &self.turn).with("synthetic", &self.synthetic);
        Some(parcel.with("request", &request).seal())
    }

    /// Shows the watcher what left, beside what the room heard.
    fn show_left(&self, turn: Turn, bytes: usize, answer: &'static str) {
        let text = Shown(self.conversation.last_words_leaving());
        self.show(
            "would-leave",
            Parcel::new().with("turn", &turn).with("text", &text).with("answer", &answer).with("bytes", &bytes),
        );
    }
}
