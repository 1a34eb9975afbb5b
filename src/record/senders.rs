//! How far each sender is, so that events that are sent twice are appended once.
//!
//! In:  who sends events, and under which numbers of its own. Out: how many of them were taken before.
//! Kept beside the tree's frontier, in one row: both change with every commit, and so dirty one page together.
//! Pure arithmetic: no disk, no clock.

use uuid::Uuid;

/// Senders that are remembered. Each connection of a process is one, a box has six processes, and one that is silent for
/// so many others is not about to repeat itself.
const KEPT: usize = 64;
/// Bytes of a sender: id, next number, whether it is closed.
const BYTES: usize = 16 + 8 + 1;

/// Who sends a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// Drawn by the sender for each of its connections.
    pub id: Uuid,
    /// The number of the batch's first event among all that this sender sent.
    pub first: u64,
    /// Nothing more is taken from this sender after this batch.
    pub close: bool,
}

/// What is to be done with a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How many events at its start were taken before; all of them where the sender is closed.
    pub known: usize,
    /// The number of the next event that is expected of the sender.
    pub next: u64,
}

/// The stored senders are not whole.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{bytes} bytes are no list of senders")]
pub struct NotSenders {
    /// How many bytes there were.
    pub bytes: usize,
}

/// The senders that were heard last, the latest at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Senders(Vec<Known>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    id: Uuid,
    next: u64,
    closed: bool,
}

impl Senders {
    /// Takes a batch of `sent` events.
    pub fn take(&mut self, sender: Sender, sent: usize) -> Taken {
        let at = self.0.iter().position(|known| known.id == sender.id);
        let before = at.map(|at| self.0.remove(at));
        let Known { next, closed, .. } = before.unwrap_or(Known { id: sender.id, next: sender.first, closed: false });
        let (known, next) = if closed {
            (sent, next)
        } else {
            let twice = usize::try_from(next.saturating_sub(sender.first)).unwrap_or(usize::MAX);
            let end = sender.first.saturating_add(u64::try_from(sent).unwrap_or(u64::MAX));
            (twice.min(sent), next.max(end))
        };
        let excess = self.0.len().saturating_add(1).saturating_sub(KEPT);
        self.0.drain(..excess);
        self.0.push(Known { id: sender.id, next, closed: closed || sender.close });
        Taken { known, next }
    }

    /// The senders as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let known = self.0.iter();
        known
            .flat_map(|k| k.id.into_bytes().into_iter().chain(k.next.to_be_bytes()).chain([u8::from(k.closed)]))
            .collect()
    }

    /// Reads what [`Senders::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`NotSenders`] where the length does not fit.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotSenders> {
        let (rows, rest) = bytes.as_chunks::<BYTES>();
        if !rest.is_empty() {
            return Err(NotSenders { bytes: bytes.len() });
        }
        let known = rows.iter().map(|row| {
            let (id, next, closed) = (row.first_chunk::<16>()?, row.get(16..)?.first_chunk::<8>()?, row.last()?);
            Some(Known { id: Uuid::from_bytes(*id), next: u64::from_be_bytes(*next), closed: *closed != 0 })
        });
        known.collect::<Option<_>>().map(Self).ok_or(NotSenders { bytes: bytes.len() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from(id: u128, first: u64) -> Sender {
        Sender { id: Uuid::from_u128(id), first, close: false }
    }

    #[test]
    fn what_comes_twice_is_known_and_what_goes_on_is_not() {
        let mut senders = Senders::default();
        assert_eq!(senders.take(from(1, 10), 3), Taken { known: 0, next: 13 });
        assert_eq!(senders.take(from(1, 10), 3), Taken { known: 3, next: 13 });
        assert_eq!(senders.take(from(1, 12), 4), Taken { known: 1, next: 16 });
        assert_eq!(senders.take(from(2, 0), 1), Taken { known: 0, next: 1 });
        assert_eq!(senders.take(from(1, 2), 3), Taken { known: 3, next: 16 });
    }

    #[test]
    fn nothing_is_taken_from_a_sender_that_was_closed() {
        let mut senders = Senders::default();
        senders.take(Sender { close: true, ..from(1, 0) }, 2);
        assert_eq!(senders.take(from(1, 2), 5), Taken { known: 5, next: 2 });
    }

    #[test]
    fn the_one_that_was_silent_for_longest_is_forgotten_first_and_what_is_kept_fits_a_page() {
        let mut senders = Senders::default();
        senders.take(from(1, 0), 1);
        senders.take(from(2, 0), 1);
        for id in 3..=64 {
            senders.take(from(id, 0), 1);
        }
        senders.take(from(1, 1), 1);
        senders.take(from(65, 0), 1);
        assert_eq!(senders.take(from(1, 1), 1).known, 1, "heard lately");
        assert_eq!(senders.take(from(2, 0), 1).known, 0, "forgotten");
        assert_eq!(senders.to_bytes().len(), 1_600);
    }

    #[test]
    fn a_list_of_the_wrong_length_is_refused() {
        assert_eq!(Senders::from_bytes(&[0; 26]), Err(NotSenders { bytes: 26 }));
        assert_eq!(Senders::from_bytes(&[]), Ok(Senders::default()));
    }

    proptest! {
        /// Whatever is repeated, in whatever pieces, each number of each sender is taken once and in order.
        #[test]
        fn every_event_is_taken_once(
            batches in proptest::collection::vec((0_u128..4, 0_usize..6, 0_u64..4), 0..60),
        ) {
            let mut senders = Senders::default();
            let mut expected = [0_u64; 4];
            for (id, sent, back) in batches {
                let at = usize::try_from(id).unwrap();
                let first = expected[at].saturating_sub(back);
                // A sender that was never heard begins wherever it says.
                let taken = senders.take(from(id, first), sent);
                let new = u64::try_from(sent - taken.known).unwrap();
                if new > 0 {
                    prop_assert_eq!(first + u64::try_from(taken.known).unwrap(), expected[at]);
                }
                expected[at] += new;
                prop_assert_eq!(taken.next, expected[at]);
                senders = Senders::from_bytes(&senders.to_bytes()).unwrap();
            }
        }
    }
}
