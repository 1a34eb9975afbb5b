//! The sound of a call that staff have taken, kept where the caller has consented: the caller left, the desk right.
//!
//! In:  frames of both from the switchboard, and keys. Out: chunks at the record's door.
//! The brain hears nothing any more, so that nobody redacts what is said here: a clinic turns this on by itself
//! (`[record] record-transfers`), and takes no cards in calls that it records. The tones of keys are silenced, and the
//! caller's star ends the recording at once. What the record does not take in time is lost, and never waits on a disk.

use std::time::Duration;

use tokio::sync::mpsc;

use crate::ids::{CallId, Turn};
use crate::pcm::waiting::Waiting;
use crate::pcm::{Frame, LINE_RATE};
use crate::tasks::{Stop, TaskError};
use crate::wire::event::Kind;
use crate::wire::recorder::Recorder;
use crate::wire::recording::{Chunk, Head, What};
use crate::wire::{Parcel, Record};

/// Chunks that may wait for the record: 640 kB each, 80 s of one call.
const WAITING: usize = 4;
/// How long the record may take to keep one.
const DEADLINE: Duration = Duration::from_secs(3);
/// Frames in a chunk: 20 s.
const CHUNK: u64 = 1_000;
/// Frames around the telling of a key that are silenced, 500 ms; as many always wait.
const KEY: u64 = 25;

/// Keeps transfers' sound.
#[derive(Clone, Debug)]
pub(super) struct Transfers(mpsc::Sender<(CallId, Chunk)>);

/// Brings it to the record; the other end of [`Transfers`].
pub(super) struct Porter {
    recorder: Recorder,
    to_keep: mpsc::Receiver<(CallId, Chunk)>,
}

/// A way to keep transfers' sound, and who brings it to the record.
pub(super) fn open(recorder: Recorder) -> (Transfers, Porter) {
    let (sender, to_keep) = mpsc::channel(WAITING);
    (Transfers(sender), Porter { recorder, to_keep })
}

impl Transfers {
    /// Keeps a chunk, or loses it where too many wait.
    pub(super) fn keep(&self, call: CallId, chunk: Chunk) {
        if self.0.try_send((call, chunk)).is_err() {
            tracing::warn!(%call, waiting = WAITING, "a chunk of a transfer was not kept");
        }
    }
}

impl Porter {
    /// Brings chunks until `stop`.
    pub(super) async fn run(mut self, stop: Stop) -> Result<(), TaskError> {
        let work = async {
            while let Some((call, chunk)) = self.to_keep.recv().await {
                if let Err(error) = self.recorder.audio(call, &chunk, DEADLINE).await {
                    tracing::warn!(%call, %error, "a chunk of a transfer was not kept");
                    let body = Parcel::<Record>::new().with("what", &"transfer-sound-lost");
                    let synthetic = chunk.head.synthetic;
                    self.recorder.note(self.recorder.event(Kind::Alert, Some(call), Turn::default(), synthetic, body));
                }
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = stop.asked() => {}
            () = work => {}
        }
        Ok(())
    }
}

/// One transfer that is being recorded.
#[derive(Debug)]
pub(super) struct Transfer {
    synthetic: bool,
    at: u64,
    waiting: Waiting,
    blank_until: u64,
    sealed: u32,
}

impl Transfer {
    /// A transfer whose sound the caller has consented to being kept.
    pub(super) fn consented(synthetic: bool) -> Self {
        Self { synthetic, at: 0, waiting: Waiting::default(), blank_until: 0, sealed: 0 }
    }

    /// Takes 20 ms of both; returns a chunk when one is full. `now` is the time in microseconds, wall and monotonic.
    pub(super) fn frame(&mut self, caller: &Frame, desk: &Frame, now: (i64, u64)) -> Option<Chunk> {
        let (caller, desk) =
            if self.at < self.blank_until { (&Frame::SILENCE, &Frame::SILENCE) } else { (caller, desk) };
        self.waiting.push(self.at, caller, desk);
        self.at = self.at.saturating_add(1);
        if self.waiting.frames() < CHUNK + KEY { None } else { self.take(now) }
    }

    /// A key was pressed, by whoever: its tone may be a digit of a card.
    pub(super) fn key(&mut self) {
        self.blank_until = self.at.saturating_add(KEY);
        self.waiting.blank(self.at.saturating_sub(KEY), self.blank_until);
    }

    /// What is left, the next chunk.
    pub(super) fn rest(&mut self, now: (i64, u64)) -> Option<Chunk> {
        self.take(now)
    }

    fn take(&mut self, (t, mono_us): (i64, u64)) -> Option<Chunk> {
        let samples = self.waiting.take(CHUNK);
        if samples.is_empty() {
            return None;
        }
        let (chunk, synthetic) = (self.sealed, self.synthetic);
        self.sealed = self.sealed.saturating_add(1);
        let what = What::Transfer;
        Some(Chunk {
            head: Head { t, mono_us, what, synthetic, consent: true, rate: LINE_RATE, channels: 2, chunk },
            samples,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: (i64, u64) = (1, 2);

    fn of(sample: i16) -> Frame {
        Frame::from_samples(&[sample; 160]).unwrap()
    }

    #[test]
    fn both_legs_are_kept_the_caller_left_and_the_desk_right() {
        let mut transfer = Transfer::consented(false);
        let chunks: Vec<_> = (0..1_100).filter_map(|_| transfer.frame(&of(3), &of(4), NOW)).collect();
        assert_eq!(chunks.len(), 1);
        let rest = transfer.rest(NOW).unwrap();
        assert_eq!((chunks[0].samples.len(), rest.samples.len()), (320_000, 100 * 320));
        assert_eq!(transfer.rest(NOW), None);
        assert!(chunks[0].samples.as_chunks::<2>().0.iter().all(|pair| *pair == [3, 4]));
        assert!(rest.head.consent && rest.head.what == What::Transfer && rest.head.chunk == 1);
        assert!(Chunk::parse(&rest.to_bytes()).is_ok());
    }

    #[test]
    fn the_tone_of_a_key_is_silent_on_both_legs() {
        let mut transfer = Transfer::consented(true);
        for at in 0..200 {
            if at == 100 {
                transfer.key();
            }
            assert_eq!(transfer.frame(&of(3), &of(4), NOW), None);
        }
        let samples = transfer.rest(NOW).unwrap().samples;
        let silent: Vec<bool> = samples.chunks(320).map(|frame| frame.iter().all(|sample| *sample == 0)).collect();
        let wanted: Vec<bool> = (0..200).map(|at| (75..125).contains(&at)).collect();
        assert_eq!(silent, wanted);
    }
}
