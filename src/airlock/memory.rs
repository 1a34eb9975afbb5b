//! What airlockd keeps of each call, in memory only: what it handed in, and what the provider wants back.
//!
//! No PHI: sentences that a model wrote, counters of its uses of tools, the provider's own ids and signatures.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::provider::Opaque;
use crate::ids::CallId;

/// Calls that are remembered; the one that began first is forgotten for one more.
const CALLS: usize = 256;
/// Sentences and uses that are remembered of one call.
const MOST: usize = 512;

/// What is kept of all calls.
#[derive(Debug, Default)]
pub struct Memory(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    calls: HashMap<CallId, OneCall>,
    order: VecDeque<CallId>,
}

#[derive(Debug, Default)]
struct OneCall {
    sentences: HashSet<String>,
    uses: u32,
    /// By the number of the use, with the endpoint that wants it back: encrypted reasoning of one account means nothing to
    /// another.
    opaque: HashMap<u32, (String, Opaque)>,
}

impl Memory {
    /// Notes a sentence that goes in: it may go out again.
    pub fn said(&self, call: CallId, sentence: &str) {
        let mut kept = self.kept();
        let call = kept.of(call);
        if call.sentences.len() < MOST {
            call.sentences.insert(sentence.to_owned());
        }
    }

    /// Whether this very sentence went in before, in this call.
    #[must_use]
    pub fn has_said(&self, call: CallId, sentence: &str) -> bool {
        self.kept().calls.get(&call).is_some_and(|call| call.sentences.contains(sentence))
    }

    /// Numbers a use of a tool, and keeps what its provider wants back with the result.
    pub fn used(&self, call: CallId, endpoint: &str, opaque: Option<Opaque>) -> u32 {
        let mut kept = self.kept();
        let call = kept.of(call);
        call.uses = call.uses.saturating_add(1);
        let number = call.uses;
        if let Some(opaque) = opaque.filter(|_| call.opaque.len() < MOST) {
            call.opaque.insert(number, (endpoint.to_owned(), opaque));
        }
        number
    }

    /// What the endpoint wants back with a use, if the use was its own.
    #[must_use]
    pub fn opaque(&self, call: CallId, number: u32, endpoint: &str) -> Option<Opaque> {
        let kept = self.kept();
        let (of, opaque) = kept.calls.get(&call)?.opaque.get(&number)?;
        (of == endpoint).then(|| opaque.clone())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn of(&mut self, call: CallId) -> &mut OneCall {
        if !self.calls.contains_key(&call) {
            if self.order.len() >= CALLS
                && let Some(oldest) = self.order.pop_front()
            {
                self.calls.remove(&oldest);
            }
            self.order.push_back(call);
        }
        self.calls.entry(call).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_known_in_its_own_call_only() {
        let (memory, one, other) = (Memory::default(), CallId::draw(), CallId::draw());
        memory.said(one, "Which day would suit you?");
        assert!(memory.has_said(one, "Which day would suit you?"));
        assert!(!memory.has_said(other, "Which day would suit you?"));
        assert!(!memory.has_said(one, "Which day would suit you, Mary?"));
    }

    #[test]
    fn uses_are_counted_by_call_and_the_oldest_call_is_forgotten() {
        let (memory, first) = (Memory::default(), CallId::draw());
        assert_eq!((memory.used(first, "a", None), memory.used(first, "a", None)), (1, 2));
        for _ in 0..CALLS {
            memory.used(CallId::draw(), "a", None);
        }
        assert_eq!(memory.used(first, "a", None), 1);
    }
}
