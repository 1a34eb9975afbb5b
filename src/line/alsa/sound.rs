//! The sound of the line: frames from the card to a call, frames of a call to the card, and what to do without a card.
//!
//! In:  the card's rings, the time, and the call's [`AudioJack`] while one is up.
//! Out: a frame to the call for every 20 ms, silence where the card gives none; frames to the card.
//! The line's task calls [`Sound::tick`] every few milliseconds. Health is frames in the last half second, never
//! errors: some plugins report thousands while all is well. It never blocks; a thread of its own opens the card.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot::{self, error::TryRecvError};

use super::card::{HEALTHY, Running, SoundCounters, count};
use super::streams::{self, Open, SoundError};
use crate::clock::FRAME;
use crate::line::port::AudioJack;
use crate::pcm::Frame;

/// A card that has given frames and gives none for this long is closed and opened again.
const REOPEN_AFTER: Duration = Duration::from_millis(1_500);
/// The same for one that has just been opened. Starts of 1.8 s were seen.
const STARTS_WITHIN: Duration = Duration::from_secs(3);
/// The first pause before a card that has gone is tried again; each further failure doubles it.
const FIRST_RETRY: Duration = Duration::from_millis(250);
/// The longest pause: a card that is plugged in again is used within this.
const LAST_RETRY: Duration = Duration::from_secs(4);
/// The pause for a card that another program has: it is not gone, and trying harder does not help.
const BUSY_RETRY: Duration = Duration::from_secs(2);
/// Complaints are logged at most this often.
const LOG_EVERY: Duration = Duration::from_secs(10);

enum Card {
    /// Closed, and tried again then.
    Closed(Instant),
    /// A thread opens it, since then.
    Opening(oneshot::Receiver<Result<Open, SoundError>>, Instant),
    /// It is there.
    Open(Box<Running>),
}

/// The line's sound, with or without a card.
pub(super) struct Sound {
    device: String,
    counters: Arc<SoundCounters>,
    card: Card,
    retry: Duration,
    /// When the card last gave frames both ways.
    good_at: Option<Instant>,
    /// When a call without a card gets its next frame of silence.
    fill_at: Option<Instant>,
    log_at: Option<Instant>,
    /// Keys that the caller pressed and nobody was told of yet.
    keys: VecDeque<char>,
}

impl Sound {
    /// For the ALSA device of that name (without `alsa:`); it is opened by the first tick.
    pub(super) fn new(device: &str, counters: Arc<SoundCounters>, now: Instant) -> Self {
        let device = device.to_owned();
        let card = Card::Closed(now);
        Self {
            device,
            counters,
            card,
            retry: FIRST_RETRY,
            good_at: None,
            fill_at: None,
            log_at: None,
            keys: VecDeque::new(),
        }
    }

    /// Whether the card has given frames both ways in the last half second.
    pub(super) fn is_healthy(&self, now: Instant) -> bool {
        matches!(&self.card, Card::Open(running) if running.is_healthy(now))
    }

    /// When the card last gave frames both ways.
    pub(super) fn good_at(&self) -> Option<Instant> {
        self.good_at
    }

    /// The next key that the caller has pressed.
    pub(super) fn key(&mut self) -> Option<char> {
        self.keys.pop_front()
    }

    /// A call begins or ends: what was on its way belongs to none.
    pub(super) fn turn_over(&mut self) {
        self.fill_at = None;
        self.keys.clear();
        if let Card::Open(running) = &mut self.card {
            running.turn_over();
        }
    }

    /// Moves sound both ways. `jack` is the call's that is up.
    pub(super) fn tick(&mut self, now: Instant, mut jack: Option<&mut AudioJack>) {
        let mut card = std::mem::replace(&mut self.card, Card::Closed(now));
        card = match card {
            Card::Closed(at) if now < at => Card::Closed(at),
            Card::Closed(_) => match streams::open(&self.device) {
                Ok(answer) => Card::Opening(answer, now),
                Err(error) => self.failed(&error, now),
            },
            Card::Opening(mut answer, since) => match answer.try_recv() {
                Ok(Ok(open)) => {
                    tracing::info!(heard = open.heard_rate, play = open.play_rate, "the sound card is open");
                    count(&self.counters.opened, 1);
                    Card::Open(Box::new(Running::new(open, now)))
                }
                Ok(Err(error)) => self.failed(&error, now),
                Err(TryRecvError::Empty) => {
                    // A second try beside it would wait for the same lock: there is nothing to do but to say so.
                    if now.saturating_duration_since(since) >= LOG_EVERY && self.may_log(now) {
                        tracing::warn!(
                            "the sound card has been opening for long: plug it in anew or restart its server"
                        );
                    }
                    Card::Opening(answer, since)
                }
                Err(TryRecvError::Closed) => self.failed(&SoundError::Gone(self.device.clone()), now),
            },
            Card::Open(running) => self.run(running, now, jack.as_deref_mut()),
        };
        self.card = card;
        if let Some(jack) = jack {
            self.stand_in(now, jack);
        }
    }

    /// Moves sound through a card that runs.
    fn run(&mut self, mut running: Box<Running>, now: Instant, jack: Option<&mut AudioJack>) -> Card {
        let complained = running.look(&self.counters, jack.is_some(), now);
        if running.is_healthy(now) {
            self.good_at = Some(now);
            self.retry = FIRST_RETRY;
        }
        if complained && self.may_log(now) {
            let total = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            let (xruns, errors) = (total(&self.counters.xruns), total(&self.counters.errors));
            tracing::warn!(xruns, errors, "the sound card complains; the line goes by its frames");
        }
        running.hear(&self.counters, jack.as_deref(), &mut self.keys);
        if let Some(jack) = jack {
            running.play(&self.counters, jack);
        }
        let patience = if running.has_started() { REOPEN_AFTER } else { STARTS_WITHIN };
        let gone = running.open.callbacks.gone.load(Ordering::Acquire);
        if gone || now.saturating_duration_since(running.quiet_since()) >= patience {
            let busy = running.open.callbacks.busy.load(Ordering::Acquire);
            count(&self.counters.lost, 1);
            let device = self.device.clone();
            // Dropping `running` here lets its thread close the card.
            self.failed(&if busy { SoundError::Busy(device) } else { SoundError::Gone(device) }, now)
        } else {
            Card::Open(running)
        }
    }

    /// Gives a call silence in time while the card gives none: whoever listens for the end of an utterance must not
    /// wait for frames that do not come.
    fn stand_in(&mut self, now: Instant, jack: &mut AudioJack) {
        let recent = |at: Option<Instant>| at.is_some_and(|at| now.saturating_duration_since(at) < HEALTHY);
        let (hears, plays) = match &self.card {
            Card::Open(running) => (recent(running.heard_at), recent(running.asked_at)),
            Card::Closed(_) | Card::Opening(..) => (false, false),
        };
        if !plays {
            while jack.to_play.try_recv().is_ok() {
                count(&self.counters.unplayed, 1);
            }
        }
        if hears {
            self.fill_at = None;
            return;
        }
        let mut at = self.fill_at.unwrap_or(now);
        while at <= now {
            jack.heard(Frame::SILENCE);
            count(&self.counters.filled, 1);
            at += FRAME;
        }
        self.fill_at = Some(at);
    }

    fn may_log(&mut self, now: Instant) -> bool {
        let due = self.log_at.is_none_or(|at| now >= at);
        if due {
            self.log_at = Some(now + LOG_EVERY);
        }
        due
    }

    /// When to try again after that error.
    fn failed(&mut self, error: &SoundError, now: Instant) -> Card {
        if self.may_log(now) {
            tracing::warn!(%error, "the line has no sound card");
        }
        if matches!(error, SoundError::Busy(_)) {
            return Card::Closed(now + BUSY_RETRY);
        }
        let pause = self.retry;
        self.retry = pause.saturating_mul(2).min(LAST_RETRY);
        Card::Closed(now + pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{Clock, SystemClock};
    use crate::line::alsa::streams::tests::Bench;
    use crate::line::port;
    use crate::pcm::FRAME_SAMPLES;

    fn value(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }

    fn with_card(rate: u32) -> (Sound, Bench, Instant) {
        let now = SystemClock.now();
        let (open, bench) = Bench::open(rate);
        let mut sound = Sound::new("none", Arc::default(), now);
        sound.card = Card::Open(Box::new(Running::new(open, now)));
        (sound, bench, now)
    }

    fn numbered(number: i16) -> Frame {
        Frame::from_samples(&[number; FRAME_SAMPLES]).unwrap()
    }

    #[tokio::test]
    async fn callbacks_of_any_size_become_frames_of_160_in_order() {
        let (mut sound, mut bench, now) = with_card(8_000);
        let (port, mut jack) = port::pair();
        let ramp: Vec<i16> = (0..1_600).collect();
        for part in ramp.chunks(106) {
            bench.hears(part);
            sound.tick(now, Some(&mut jack));
        }
        let mut heard = Vec::new();
        for _ in 0..10 {
            heard.extend_from_slice(port.hear().await.samples());
        }
        assert_eq!(heard, ramp);
        assert_eq!(value(&sound.counters.heard), 10);
    }

    #[test]
    fn a_key_is_heard_in_the_sound_of_a_call() {
        let (mut sound, mut bench, now) = with_card(16_000);
        let (_port, mut jack) = port::pair();
        // 770 and 1336 Hz for 100 ms: the key 5 (ITU-T Q.23).
        let tone = |n: u16| (f32::from(n) * std::f32::consts::TAU / 16_000.0, 6_000.0);
        let key: Vec<i16> = (0..1_600)
            .map(tone)
            .map(|(turn, loud)| crate::pcm::to_sample(loud * ((770.0 * turn).sin() + (1_336.0 * turn).sin())))
            .collect();
        for part in key.chunks(640).chain([[0; 640].as_slice(); 4]) {
            bench.hears(part);
            sound.tick(now, Some(&mut jack));
        }
        assert_eq!((sound.key(), sound.key()), (Some('5'), None));
    }

    #[test]
    fn what_is_heard_before_a_call_is_not_the_calls() {
        let (mut sound, mut bench, now) = with_card(8_000);
        bench.hears(&[7; 1_000]);
        sound.tick(now, None);
        let (port, mut jack) = port::pair();
        sound.tick(now, Some(&mut jack));
        assert_eq!((value(&sound.counters.heard), port.dropped()), (0, 0));
    }

    #[test]
    fn a_frame_counts_as_played_when_the_card_has_taken_all_of_it() {
        for rate in [8_000_u32, 16_000, 48_000] {
            let (mut sound, mut bench, now) = with_card(rate);
            let (port, mut jack) = port::pair();
            let callback = usize::try_from(320 * rate / 8_000).unwrap();
            assert!(bench.plays(callback).iter().all(|&sample| sample == 0));
            port.play(numbered(1_000));
            sound.tick(now, Some(&mut jack));
            assert_eq!(port.played(), 0);
            // Two callbacks of silence come first, then the frame.
            let first = bench.plays(2 * callback);
            assert!(first.iter().all(|&sample| sample == 0), "{rate}");
            sound.tick(now, Some(&mut jack));
            assert_eq!(port.played(), 0);
            let third = bench.plays(callback);
            assert!(third.iter().any(|&sample| (950..1_100).contains(&sample)), "{rate}");
            sound.tick(now, Some(&mut jack));
            assert_eq!((port.played(), value(&sound.counters.primed)), (1, 1));
        }
    }

    #[test]
    fn what_waits_beyond_the_next_callbacks_stays_with_the_call() {
        let (mut sound, mut bench, now) = with_card(8_000);
        let (port, mut jack) = port::pair();
        bench.plays(320);
        for _ in 0..30 {
            port.play(numbered(1_000));
        }
        sound.tick(now, Some(&mut jack));
        // 640 samples of silence and a frame reach the 800 that are enough; far too much waits, so some are cut.
        assert!(bench.waits() == 800);
        assert!(value(&sound.counters.cut) > 0);
    }

    #[test]
    fn samples_that_are_missing_in_a_call_are_counted() {
        let (mut sound, mut bench, now) = with_card(8_000);
        let (port, mut jack) = port::pair();
        bench.plays(320);
        port.play(numbered(1_000));
        sound.tick(now, Some(&mut jack));
        bench.plays(320);
        bench.plays(640);
        sound.tick(now, Some(&mut jack));
        // 640 of silence and 160 of the frame were there; 960 were asked for.
        assert_eq!(value(&sound.counters.dry), 160);
    }

    #[test]
    fn a_card_is_healthy_while_frames_come_both_ways_whatever_it_complains_of() {
        let (mut sound, mut bench, now) = with_card(8_000);
        sound.tick(now, None);
        assert!(!sound.is_healthy(now));
        bench.hears(&[0; 320]);
        sound.tick(now, None);
        assert!(!sound.is_healthy(now));
        bench.plays(320);
        bench.complains(5_000);
        sound.tick(now, None);
        assert!(sound.is_healthy(now + HEALTHY - Duration::from_millis(1)));
        assert!(!sound.is_healthy(now + HEALTHY));
        assert_eq!((sound.good_at(), value(&sound.counters.errors)), (Some(now), 5_000));
    }

    #[test]
    fn a_call_gets_silence_in_time_while_the_card_gives_nothing() {
        let (mut sound, mut bench, now) = with_card(8_000);
        let (port, mut jack) = port::pair();
        bench.hears(&[9; 320]);
        bench.plays(320);
        sound.tick(now, Some(&mut jack));
        assert_eq!(value(&sound.counters.filled), 0);
        let stalled = now + HEALTHY;
        for ten_ms in 0..100 {
            port.play(numbered(1));
            sound.tick(stalled + Duration::from_millis(10 * ten_ms), Some(&mut jack));
        }
        assert_eq!(value(&sound.counters.filled), 50);
        // The first went to the card before it was known to be still.
        assert_eq!(value(&sound.counters.unplayed), 99);
    }

    #[test]
    fn a_card_that_gives_nothing_or_says_it_is_gone_is_closed_and_tried_again_later() {
        let (mut sound, bench, now) = with_card(8_000);
        sound.tick(now + STARTS_WITHIN - Duration::from_millis(1), None);
        assert!(matches!(sound.card, Card::Open(_)));
        sound.tick(now + STARTS_WITHIN, None);
        assert!(matches!(sound.card, Card::Closed(at) if at == now + STARTS_WITHIN + FIRST_RETRY));
        assert!(bench.is_closed());
        let (mut sound, mut bench, now) = with_card(8_000);
        bench.hears(&[0; 320]);
        bench.plays(320);
        sound.tick(now, None);
        sound.tick(now + REOPEN_AFTER - Duration::from_millis(1), None);
        assert!(matches!(sound.card, Card::Open(_)));
        sound.tick(now + REOPEN_AFTER, None);
        assert!(bench.is_closed());
        let (mut sound, bench, now) = with_card(8_000);
        bench.is_gone();
        sound.tick(now, None);
        assert!(matches!(sound.card, Card::Closed(_)));
        assert_eq!(value(&sound.counters.lost), 1);
    }

    #[test]
    fn pauses_double_for_a_card_that_is_gone_and_stay_for_one_that_is_in_use() {
        let now = SystemClock.now();
        let mut sound = Sound::new("none", Arc::default(), now);
        let mut pause = |error: &SoundError| match sound.failed(error, now) {
            Card::Closed(at) => at - now,
            Card::Opening(..) | Card::Open(_) => panic!("not closed"),
        };
        let gone = SoundError::Gone("none".to_owned());
        let pauses: Vec<u128> = (0..6).map(|_| pause(&gone).as_millis()).collect();
        assert_eq!(pauses, [250, 500, 1_000, 2_000, 4_000, 4_000]);
        assert_eq!(pause(&SoundError::Busy("none".to_owned())), BUSY_RETRY);
    }

    #[test]
    fn complaints_are_logged_at_most_every_ten_seconds() {
        let now = SystemClock.now();
        let mut sound = Sound::new("none", Arc::default(), now);
        assert!(sound.may_log(now));
        assert!(!sound.may_log(now + LOG_EVERY - Duration::from_millis(1)));
        assert!(sound.may_log(now + LOG_EVERY));
    }
}
