//! Events that wait in memory for the record.
//!
//! In:  events from any thread of the process, already written down.
//! Out: batches in the order they came. Plain data behind the recorder's lock; no await, no socket, no clock.
//! Full (in events or bytes), it drops the oldest event that is not on its way and counts it: what happened last
//! matters most to whoever asks what went wrong, and the count says that something is missing.

use std::collections::VecDeque;

use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::RecordError;

/// Events that may wait: some 20 calls' worth.
pub(super) const MAX_WAITING: usize = 4_096;
/// Bytes that may wait: 4,096 events of 8 KiB.
pub(super) const MAX_BYTES: usize = 32 * 1024 * 1024;
/// The largest event, as JSON. A frame holds 1 MiB; sealing and the frame's own header need some of it.
pub(super) const MAX_EVENT: usize = 768 * 1024;
/// Events that travel together: enough that sealing, not the disk, is what costs.
const BATCH: usize = 256;

type Done = oneshot::Sender<Result<(), RecordError>>;

/// An event that waits.
pub(super) struct Item {
    /// The event as JSON.
    pub(super) json: Zeroizing<Vec<u8>>,
    /// Who waits for it to be durable.
    pub(super) done: Option<Done>,
}

impl Item {
    pub(super) fn settle(self, result: Result<(), RecordError>) {
        if let Some(done) = self.done {
            // Whoever waited may have given up.
            let _ = done.send(result);
        }
    }
}

/// The waiting events and those on their way.
#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<Item>,
    bytes: usize,
    /// Events dropped since the last `record.gap` said so.
    pub(super) lost: u64,
    on_the_way: VecDeque<Item>,
}

impl Queue {
    /// Puts an event at the end; makes room for it if need be.
    pub(super) fn push(&mut self, item: Item) {
        while self.waiting.len() >= MAX_WAITING || self.bytes.saturating_add(item.json.len()) > MAX_BYTES {
            let Some(oldest) = self.waiting.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.json.len());
            self.lost = self.lost.saturating_add(1);
            oldest.settle(Err(RecordError::Dropped));
        }
        self.bytes = self.bytes.saturating_add(item.json.len());
        self.waiting.push_back(item);
    }

    /// Puts an event before all that wait.
    pub(super) fn push_first(&mut self, item: Item) {
        self.bytes = self.bytes.saturating_add(item.json.len());
        self.waiting.push_front(item);
    }

    /// Sends the next events, at most `most`, on their way, and writes them down as a JSON array's inside. How many
    /// they are.
    pub(super) fn depart(&mut self, most: usize, out: &mut Vec<u8>) -> usize {
        while self.on_the_way.len() < most.min(BATCH) {
            let Some(next) = self.waiting.front() else { break };
            let first = self.on_the_way.is_empty();
            if !first && out.len().saturating_add(next.json.len()) > MAX_EVENT {
                break;
            }
            let Some(item) = self.waiting.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(item.json.len());
            if !first {
                out.push(b',');
            }
            out.extend_from_slice(&item.json);
            self.on_the_way.push_back(item);
        }
        self.on_the_way.len()
    }

    /// The first `count` of those on their way have arrived.
    pub(super) fn arrived(&mut self, count: usize) {
        for item in self.on_the_way.drain(..count.min(self.on_the_way.len())) {
            item.settle(Ok(()));
        }
    }

    /// The record will never take the first of those on their way.
    pub(super) fn refused(&mut self) {
        if let Some(item) = self.on_the_way.pop_front() {
            self.lost = self.lost.saturating_add(1);
            item.settle(Err(RecordError::Refused));
        }
    }

    /// Those on their way wait again, before all others.
    pub(super) fn turn_back(&mut self) {
        while let Some(item) = self.on_the_way.pop_back() {
            self.push_first(item);
        }
    }

    /// Tells everyone who waits for an event to be durable that the record is away. The events go on waiting.
    pub(super) fn tell_away(&mut self) {
        for item in self.on_the_way.iter_mut().chain(&mut self.waiting) {
            if let Some(done) = item.done.take() {
                let _ = done.send(Err(RecordError::Away));
            }
        }
    }

    /// Whether any is on its way.
    pub(super) fn is_departed(&self) -> bool {
        !self.on_the_way.is_empty()
    }

    /// How many wait or are on their way.
    pub(super) fn len(&self) -> usize {
        self.waiting.len().saturating_add(self.on_the_way.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> Item {
        Item { json: Zeroizing::new(text.as_bytes().to_vec()), done: None }
    }

    fn departing(queue: &mut Queue, most: usize) -> String {
        let mut out = Vec::new();
        queue.depart(most, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_full_queue_drops_the_oldest_and_counts_it() {
        let mut queue = Queue::default();
        for n in 0..MAX_WAITING + 3 {
            queue.push(item(&n.to_string()));
        }
        assert_eq!((queue.len(), queue.lost), (MAX_WAITING, 3));
        assert_eq!(departing(&mut queue, 2), "3,4");
    }

    #[test]
    fn many_large_events_are_bounded_by_their_bytes() {
        let mut queue = Queue::default();
        let large = "x".repeat(MAX_EVENT);
        for _ in 0..100 {
            queue.push(item(&large));
        }
        assert_eq!(queue.len(), MAX_BYTES / MAX_EVENT);
        assert_eq!(queue.len() as u64 + queue.lost, 100);
    }

    #[test]
    fn a_batch_that_turned_back_departs_again_in_order() {
        let mut queue = Queue::default();
        ["a", "b", "c", "d"].into_iter().for_each(|n| queue.push(item(n)));
        assert_eq!(departing(&mut queue, 3), "a,b,c");
        queue.arrived(1);
        queue.turn_back();
        queue.push_first(item("gap"));
        assert_eq!(departing(&mut queue, 9), "gap,b,c,d");
    }

    #[test]
    fn an_event_on_its_way_is_not_dropped_for_room() {
        let mut queue = Queue::default();
        queue.push(item("first"));
        departing(&mut queue, 1);
        for n in 0..MAX_WAITING + 1 {
            queue.push(item(&n.to_string()));
        }
        queue.turn_back();
        assert_eq!(departing(&mut queue, 2), "first,1");
    }
}
