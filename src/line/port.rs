//! A call's sound: a bounded ring of frames from the caller, and a way to play frames to them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, mpsc};

use crate::pcm::Frame;

/// Frames kept for a consumer that is late: one second. Then the oldest is dropped and counted: the caller's latest
/// words matter more than those a stalled brain has missed anyway.
const KEPT: usize = 50;

#[derive(Debug, Default)]
struct Ring {
    frames: Mutex<VecDeque<Frame>>,
    /// Of the desk, once it is connected.
    desk: Mutex<VecDeque<Frame>>,
    arrived: Notify,
    dropped: AtomicU64,
}

/// The switchboard's end of a call's sound.
#[derive(Debug)]
pub struct AudioPort {
    heard: Arc<Ring>,
    play: mpsc::Sender<Frame>,
    played: Arc<AtomicU64>,
}

/// The adapter's end.
#[derive(Debug)]
pub struct AudioJack {
    heard: Arc<Ring>,
    /// Frames to play to the caller, in order.
    pub to_play: mpsc::Receiver<Frame>,
    played: Arc<AtomicU64>,
}

/// A pair of ends.
#[must_use]
pub fn pair() -> (AudioPort, AudioJack) {
    let heard = Arc::new(Ring::default());
    let played = Arc::new(AtomicU64::new(0));
    let (play, to_play) = mpsc::channel(KEPT);
    let port = AudioPort { heard: Arc::clone(&heard), play, played: Arc::clone(&played) };
    (port, AudioJack { heard, to_play, played })
}

impl AudioPort {
    /// The caller's next frame.
    pub async fn hear(&self) -> Frame {
        loop {
            let arrived = self.heard.arrived.notified();
            if let Some(frame) = self.heard.frames.lock().ok().and_then(|mut frames| frames.pop_front()) {
                return frame;
            }
            arrived.await;
        }
    }

    /// The desk's next frame, where it has come.
    #[must_use]
    pub fn hear_desk(&self) -> Option<Frame> {
        self.heard.desk.lock().ok().and_then(|mut frames| frames.pop_front())
    }

    /// Plays a frame to the caller. A line that takes no frames for a second loses them: the caller hears a gap, and
    /// the count of what was played says so.
    pub fn play(&self, frame: Frame) {
        if self.play.try_send(frame).is_err() {
            tracing::debug!("a frame could not be played in time");
        }
    }

    /// Frames that were really played to the caller.
    #[must_use]
    pub fn played(&self) -> u64 {
        self.played.load(Ordering::Relaxed)
    }

    /// Frames of the caller that came faster than they were heard.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.heard.dropped.load(Ordering::Relaxed)
    }
}

impl AudioJack {
    /// Hands in a frame of the caller.
    pub fn heard(&self, frame: Frame) {
        if let Ok(mut frames) = self.heard.frames.lock() {
            if frames.len() >= KEPT {
                frames.pop_front();
                self.heard.dropped.fetch_add(1, Ordering::Relaxed);
            }
            frames.push_back(frame);
        }
        self.heard.arrived.notify_one();
    }

    /// Hands in a frame of the desk. What is late is dropped, the oldest first.
    pub fn desk_said(&self, frame: Frame) {
        if let Ok(mut frames) = self.heard.desk.lock() {
            if frames.len() >= KEPT {
                frames.pop_front();
            }
            frames.push_back(frame);
        }
    }

    /// Counts a frame as played.
    pub fn count_played(&self) {
        self.played.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(number: i16) -> Frame {
        Frame::from_samples(&[number; 160]).unwrap()
    }

    #[tokio::test]
    async fn a_late_consumer_loses_the_oldest_frames_and_knows_how_many() {
        let (port, jack) = pair();
        for number in 0..60 {
            jack.heard(numbered(number));
        }
        assert_eq!(port.dropped(), 10);
        assert_eq!(port.hear().await, numbered(10));
    }

    #[tokio::test]
    async fn what_is_played_is_counted_when_the_line_has_taken_it() {
        let (port, mut jack) = pair();
        port.play(numbered(1));
        assert_eq!(port.played(), 0);
        assert_eq!(jack.to_play.recv().await, Some(numbered(1)));
        jack.count_played();
        assert_eq!(port.played(), 1);
    }
}
