//! The last seconds of a caller's voice, forgotten as early as possible.
//!
//! Samples go in at the end and are named by their number since the line was answered. What is no longer needed is
//! overwritten with zeros when it is given up, and the rest when the ring is dropped.

use std::collections::VecDeque;

use zeroize::Zeroize;

/// A bounded stretch of the line's sound.
pub(super) struct Ring {
    samples: VecDeque<i16>,
    /// The number of the first sample kept.
    first: u64,
    capacity: usize,
}

impl Ring {
    /// An empty ring for at most `capacity` samples. It never grows, so that no copy is left behind in memory.
    pub(super) fn new(capacity: usize) -> Self {
        Self { samples: VecDeque::with_capacity(capacity), first: 0, capacity }
    }

    /// Appends sound; the oldest gives way where there is no room.
    pub(super) fn push(&mut self, samples: &[i16]) {
        let kept = samples.get(samples.len().saturating_sub(self.capacity)..).unwrap_or_default();
        self.first += u64::try_from(samples.len() - kept.len()).unwrap_or(0);
        let excess = (self.samples.len() + kept.len()).saturating_sub(self.capacity);
        self.forget(excess);
        self.samples.extend(kept);
    }

    /// Forgets every sample before number `first`.
    pub(super) fn forget_before(&mut self, first: u64) {
        self.forget(usize::try_from(first.saturating_sub(self.first)).unwrap_or(usize::MAX));
    }

    /// Forgets everything; the next sample is number `next`.
    pub(super) fn restart_at(&mut self, next: u64) {
        self.forget(usize::MAX);
        self.first = next;
    }

    /// The samples from number `from` up to, not including, `to`, as far as they are kept.
    pub(super) fn between(&self, from: u64, to: u64) -> Vec<i16> {
        let index = |number: u64| usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let end = index(to).min(self.samples.len());
        let start = index(from).min(end);
        let mut samples = Vec::with_capacity(end - start);
        samples.extend(self.samples.range(start..end));
        samples
    }

    fn forget(&mut self, count: usize) {
        let count = count.min(self.samples.len());
        self.samples.iter_mut().take(count).for_each(Zeroize::zeroize);
        self.samples.drain(..count);
        self.first += u64::try_from(count).unwrap_or(0);
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        let (front, back) = self.samples.as_mut_slices();
        front.zeroize();
        back.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stretch_is_cut_out_by_sample_numbers() {
        let mut ring = Ring::new(10);
        ring.push(&[1, 2, 3, 4, 5, 6]);
        assert_eq!(ring.between(2, 4), [3, 4]);
        ring.push(&[7, 8, 9, 10, 11, 12]);
        assert_eq!(ring.between(0, 4), [3, 4], "the two oldest gave way");
        ring.forget_before(8);
        assert_eq!(ring.between(0, 100), [9, 10, 11, 12]);
        ring.restart_at(1_000);
        ring.push(&[7]);
        assert_eq!(ring.between(1_000, 1_001), [7]);
        assert!(ring.between(9, 3).is_empty());
    }

    proptest! {
        #[test]
        fn a_ring_keeps_the_newest_samples_and_never_grows(
            steps in proptest::collection::vec((0_usize..40, any::<bool>(), 0_u64..300), 0..40),
        ) {
            let (mut ring, mut all) = (Ring::new(32), Vec::<i16>::new());
            let mut kept_from = 0;
            let room = ring.samples.capacity();
            for (count, forget, before) in steps {
                if forget {
                    ring.forget_before(before);
                    kept_from = before.min(all.len() as u64).max(kept_from);
                }
                let new: Vec<i16> = (0..count).map(|n| i16::try_from((all.len() + n) % 1_000).unwrap()).collect();
                ring.push(&new);
                all.extend(&new);
                kept_from = kept_from.max((all.len() as u64).saturating_sub(32));
                prop_assert_eq!(ring.samples.capacity(), room);
                prop_assert_eq!(ring.between(0, u64::MAX), &all[usize::try_from(kept_from).unwrap()..]);
            }
        }
    }
}
