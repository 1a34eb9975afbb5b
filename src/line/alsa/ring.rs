//! A ring of samples between a sound card's callback and the rest: one writer, one reader, no lock, no allocation.
//!
//! In:  samples of one thread ([`Writer`]).
//! Out: the same samples, in order, to another ([`Reader`]).
//! Each cell is an atomic of its own, so nothing here is unsafe. It never waits: what does not fit is refused and
//! counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicI16, AtomicU64, Ordering};

struct Shared {
    cells: Box<[AtomicI16]>,
    /// Samples written since the beginning; only the writer stores it.
    written: AtomicU64,
    /// Samples read since the beginning; only the reader stores it.
    read: AtomicU64,
    /// Samples that did not fit.
    refused: AtomicU64,
}

/// Shows no sample: they are a caller's voice.
impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Ring({} of {} samples)", self.level(), self.cells.len())
    }
}

impl Shared {
    fn cell(&self, count: u64) -> Option<&AtomicI16> {
        let size = u64::try_from(self.cells.len()).unwrap_or(u64::MAX);
        self.cells.get(usize::try_from(count.checked_rem(size)?).ok()?)
    }

    fn level(&self) -> usize {
        let read = self.read.load(Ordering::Acquire);
        usize::try_from(self.written.load(Ordering::Acquire).saturating_sub(read)).unwrap_or(usize::MAX)
    }
}

/// The end that puts samples in.
#[derive(Debug)]
pub(super) struct Writer(Arc<Shared>);

/// The end that takes them out.
#[derive(Debug)]
pub(super) struct Reader(Arc<Shared>);

/// A ring that holds up to `size` samples.
pub(super) fn ring(size: usize) -> (Writer, Reader) {
    let cells = (0..size).map(|_| AtomicI16::new(0)).collect();
    let shared =
        Arc::new(Shared { cells, written: AtomicU64::new(0), read: AtomicU64::new(0), refused: AtomicU64::new(0) });
    (Writer(Arc::clone(&shared)), Reader(shared))
}

impl Writer {
    /// Puts samples in, in order; what does not fit is refused and counted.
    pub(super) fn push(&mut self, samples: impl IntoIterator<Item = i16>) {
        let shared = &*self.0;
        let mut written = shared.written.load(Ordering::Relaxed);
        let size = u64::try_from(shared.cells.len()).unwrap_or(u64::MAX);
        let end = shared.read.load(Ordering::Acquire).saturating_add(size);
        for sample in samples {
            match shared.cell(written) {
                Some(cell) if written < end => cell.store(sample, Ordering::Relaxed),
                _ => {
                    shared.refused.fetch_add(1, Ordering::Relaxed);
                    continue;
                }
            }
            written = written.saturating_add(1);
        }
        // Release: a reader that sees this count sees the samples before it.
        shared.written.store(written, Ordering::Release);
    }

    /// Samples that wait to be read.
    pub(super) fn level(&self) -> usize {
        self.0.level()
    }

    /// Samples written since the beginning.
    pub(super) fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    /// Samples read since the beginning.
    pub(super) fn read(&self) -> u64 {
        self.0.read.load(Ordering::Acquire)
    }
}

impl Reader {
    /// The oldest sample.
    pub(super) fn pop(&mut self) -> Option<i16> {
        let shared = &*self.0;
        let read = shared.read.load(Ordering::Relaxed);
        // Acquire pairs with the writer's release.
        if read >= shared.written.load(Ordering::Acquire) {
            return None;
        }
        let sample = shared.cell(read)?.load(Ordering::Relaxed);
        // Release: the writer may use the cell again only after it was read.
        shared.read.store(read.saturating_add(1), Ordering::Release);
        Some(sample)
    }

    /// Takes all that waits, appended to `out`.
    pub(super) fn drain(&mut self, out: &mut Vec<i16>) {
        // The count is taken once, so that a fast writer cannot keep the reader here.
        let waiting = self.0.level();
        out.extend(std::iter::from_fn(|| self.pop()).take(waiting));
    }

    /// Samples that did not fit since the beginning.
    pub(super) fn refused(&self) -> u64 {
        self.0.refused.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_and_counted_and_the_rest_keeps_its_order() {
        let (mut writer, mut reader) = ring(4);
        writer.push([1, 2, 3, 4, 5, 6]);
        let mut out = Vec::new();
        reader.drain(&mut out);
        assert_eq!(out, [1, 2, 3, 4]);
        assert_eq!((reader.refused(), writer.level(), writer.read()), (2, 0, 4));
    }

    #[test]
    fn a_ring_without_cells_refuses_all() {
        let (mut writer, mut reader) = ring(0);
        writer.push([1, 2]);
        assert_eq!((reader.pop(), reader.refused()), (None, 2));
    }

    #[test]
    fn two_threads_pass_every_sample_on_in_order() {
        let (mut writer, mut reader) = ring(64);
        let sender = std::thread::spawn(move || {
            for number in 0..i16::MAX {
                while writer.level() == 64 {
                    std::thread::yield_now();
                }
                writer.push([number]);
            }
        });
        let mut next = 0;
        while next < i16::MAX {
            match reader.pop() {
                Some(sample) => {
                    assert_eq!(sample, next);
                    next += 1;
                }
                None => std::thread::yield_now(),
            }
        }
        sender.join().unwrap();
        assert_eq!(reader.refused(), 0);
    }

    proptest! {
        #[test]
        fn it_behaves_as_a_bounded_queue(
            size in 1_usize..40,
            steps in proptest::collection::vec((proptest::collection::vec(any::<i16>(), 0..50), 0_usize..50), 0..20),
        ) {
            let (mut writer, mut reader) = ring(size);
            let mut model = std::collections::VecDeque::new();
            for (pushed, popped) in steps {
                for &sample in pushed.iter().take(size - model.len()) {
                    model.push_back(sample);
                }
                writer.push(pushed);
                prop_assert_eq!(writer.level(), model.len());
                for _ in 0..popped {
                    prop_assert_eq!(reader.pop(), model.pop_front());
                }
            }
        }
    }
}
