//! One call's hearing: sound in, turns out.
//!
//! In:  20 ms frames (160 samples, 8 kHz mono `i16`) of one call, in order, each with its moment on the line.
//! Out: [`EarEvent`]s: the caller begins, pauses, goes on, is done, with the sound of the turn.
//! Runs wherever the call's driver runs: about 60 us of work a window of 32 ms, no waiting, no thread of its own.
//! It recognises no words, keeps no sound longer than the turn needs, and writes none to disk or log.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::clock::LineTime;
use crate::expect::Expecting;
use crate::listen::endpoint::{Endpoint, Turn, Turning};
use crate::listen::vad::{Loudness, Refresh, SpeechProbability, WINDOW_SAMPLES};
use crate::pcm::{FRAME_SAMPLES, Frame};

mod ring;

pub use crate::listen::endpoint::Limits;

use ring::Ring;

/// Sound before the first window of speech that belongs to the turn: the detector sees an onset up to 113 ms late
/// (measured), and soft consonants earlier still.
const PRE_ROLL: Duration = Duration::from_millis(300);
/// Sound after the estimated last that belongs to the turn. It has always been heard when recognition may begin.
const TAIL: Duration = Duration::from_millis(200);
/// A window may have begun this long before the frame that completes it.
const WINDOW_LAG: Duration = Duration::from_millis(64);
/// The line may lose frames. They count as silence, up to this many: after 3 s of silence any turn is over.
const LONGEST_GAP_FRAMES: u64 = 150;
const SAMPLES_PER_MS: u64 = 8;

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub enum EarEvent {
    /// The caller begins to speak while the box is silent.
    SpeechBegan,
    /// Somebody may be speaking over the box: it had better fall silent. [`EarEvent::BargeIn`] or [`EarEvent::GoOn`] follows.
    Hush,
    /// Nobody was speaking over the box.
    GoOn,
    /// The caller begins to speak over the box: plainly (probability 0.8) and for 250 ms.
    BargeIn,
    /// The caller pauses: recognition may begin on the turn so far.
    Speculate {
        /// Names this speculation; later ones have higher numbers.
        generation: u32,
        /// The turn so far.
        samples: TurnSound,
    },
    /// The caller went on: the result of that speculation is void.
    Resumed {
        /// The speculation.
        generation: u32,
    },
    /// The turn is over.
    TurnEnded {
        /// That of the last [`EarEvent::Speculate`] if this is the same sound, so that its result holds; else new.
        generation: u32,
        /// The turn, from 300 ms before its first sound to 200 ms after its last.
        samples: TurnSound,
        /// Time with speech in it, ms.
        speech_ms: u32,
        /// How sure the detector was over the speech, 0 to 1.
        mean_probability: f32,
        /// Line time from the estimated last sound to now, ms.
        silence_ms: u32,
    },
    /// What had begun was no speech: too short or too doubtful. Nothing of it reaches a recogniser.
    FalseAlarm,
    /// The detector has failed: for the rest of the call, speech is judged by loudness. Told once.
    Degraded,
}

/// The sound of a turn, 8 kHz mono 16-bit. A caller's voice identifies: wiped on drop, `Debug` shows a length.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnSound(Zeroizing<Vec<i16>>);

impl std::ops::Deref for TurnSound {
    type Target = [i16];

    fn deref(&self) -> &[i16] {
        &self.0
    }
}

impl fmt::Debug for TurnSound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TurnSound({} samples)", self.0.len())
    }
}

/// The hearing of one call.
pub struct Ears {
    detector: Box<dyn SpeechProbability>,
    degraded: bool,
    refresh: Refresh,
    endpoint: Endpoint,
    ring: Ring,
    window: Zeroizing<[i16; WINDOW_SAMPLES]>,
    filled: usize,
    /// Frames heard or made up since the line was answered.
    frames: u64,
    /// The end of the last turn: the next does not reach back beyond it.
    last_end: Duration,
    box_speaks: bool,
    generation: u32,
    speculating: bool,
}

impl Ears {
    /// Ears at the start of a call.
    #[must_use]
    pub fn new(detector: impl SpeechProbability + 'static, limits: Limits) -> Self {
        let longest = limits.longest_turn + PRE_ROLL + WINDOW_LAG;
        Self {
            detector: Box::new(detector),
            degraded: false,
            refresh: Refresh::default(),
            endpoint: Endpoint::new(limits),
            ring: Ring::new(usize::try_from(sample_number(longest)).unwrap_or(0)),
            window: Zeroizing::new([0; WINDOW_SAMPLES]),
            filled: 0,
            frames: 0,
            last_end: Duration::ZERO,
            box_speaks: false,
            generation: 0,
            speculating: false,
        }
    }

    /// Says what the box has just asked for: how patient to be.
    pub fn expect(&mut self, expecting: Expecting) {
        self.endpoint.expect(expecting);
    }

    /// Says whether the box's own voice is on the line.
    pub fn box_is_speaking(&mut self, speaks: bool) {
        self.box_speaks = speaks;
        self.endpoint.box_is_speaking(speaks);
    }

    /// Takes the recogniser's word on a speculation's text: whether it answers what was asked. Shortens or lengthens the
    /// patience; ignored when that speculation is void by now.
    pub fn text_is(&mut self, generation: u32, complete: bool) {
        if self.speculating && generation == self.generation {
            self.endpoint.text_is(complete);
        }
    }

    /// Whether the detector has failed in this call.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        self.degraded
    }

    /// Hears the frame that began at `at`. Frames that the line lost in between count as silence.
    pub fn hear(&mut self, frame: &Frame, at: LineTime) -> Vec<EarEvent> {
        let mut events = Vec::new();
        let lost = at.frames().saturating_sub(self.frames);
        for _ in 0..lost.min(LONGEST_GAP_FRAMES) {
            self.take(&Frame::SILENCE, &mut events);
        }
        if lost > LONGEST_GAP_FRAMES {
            self.frames = at.frames();
            self.filled = 0;
            self.ring.restart_at(self.heard_samples());
        }
        self.take(frame, &mut events);
        events
    }

    fn take(&mut self, frame: &Frame, events: &mut Vec<EarEvent>) {
        self.ring.push(frame.samples());
        for (n, &sample) in (1..).zip(frame.samples()) {
            if let Some(place) = self.window.get_mut(self.filled) {
                *place = sample;
            }
            self.filled += 1;
            if self.filled == WINDOW_SAMPLES {
                self.filled = 0;
                let end = moment(self.heard_samples() + n);
                let probability = self.judge(events);
                let turning = self.endpoint.window(end.saturating_sub(WINDOW), probability);
                self.tell(turning, events);
                if self.refresh.is_due(probability, self.endpoint.onset().is_none()) {
                    self.detector.start_afresh();
                }
            }
        }
        self.frames += 1;
        let turning = self.endpoint.tick(self.now());
        self.tell(turning, events);
        let needed = self.endpoint.onset().unwrap_or(self.now().saturating_sub(WINDOW_LAG));
        self.ring.forget_before(sample_number(needed.saturating_sub(PRE_ROLL)));
    }

    /// The probability of speech in the window now full.
    fn judge(&mut self, events: &mut Vec<EarEvent>) -> f32 {
        let error = match self.detector.probability(&self.window) {
            Ok(probability) => return probability,
            Err(error) => error,
        };
        // A box that does not hear serves nobody: loudness is a poor judge, but one that never fails.
        tracing::error!(%error, "voice activity detection failed; judging by loudness");
        events.push(EarEvent::Degraded);
        self.degraded = true;
        let mut loudness = Loudness::default();
        let probability = loudness.judge(&self.window);
        self.detector = Box::new(loudness);
        probability
    }

    fn tell(&mut self, turning: Option<Turning>, events: &mut Vec<EarEvent>) {
        let Some(turning) = turning else { return };
        events.push(match turning {
            Turning::Hush => EarEvent::Hush,
            Turning::GoOn => EarEvent::GoOn,
            Turning::Began if self.box_speaks => EarEvent::BargeIn,
            Turning::Began => EarEvent::SpeechBegan,
            Turning::Speculate(turn) => {
                self.generation = self.generation.wrapping_add(1);
                self.speculating = true;
                EarEvent::Speculate { generation: self.generation, samples: self.sound(&turn) }
            }
            Turning::Resumed => {
                self.speculating = false;
                EarEvent::Resumed { generation: self.generation }
            }
            Turning::Ended(turn) => {
                if !std::mem::take(&mut self.speculating) {
                    self.generation = self.generation.wrapping_add(1);
                }
                let samples = self.sound(&turn);
                self.last_end = turn.end;
                EarEvent::TurnEnded {
                    generation: self.generation,
                    samples,
                    speech_ms: whole_ms(turn.speech),
                    mean_probability: turn.mean_probability,
                    silence_ms: whole_ms(self.now().saturating_sub(turn.end)),
                }
            }
            Turning::FalseAlarm => EarEvent::FalseAlarm,
        });
    }

    fn sound(&self, turn: &Turn) -> TurnSound {
        let start = turn.onset.saturating_sub(PRE_ROLL).max(self.last_end);
        TurnSound(Zeroizing::new(self.ring.between(sample_number(start), sample_number(turn.end + TAIL))))
    }

    fn heard_samples(&self) -> u64 {
        self.frames.saturating_mul(u64::try_from(FRAME_SAMPLES).unwrap_or(0))
    }

    fn now(&self) -> Duration {
        moment(self.heard_samples())
    }
}

impl fmt::Debug for Ears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ears({:?}, degraded: {})", self.endpoint, self.degraded)
    }
}

const WINDOW: Duration = Duration::from_millis(crate::listen::vad::WINDOW_MS as u64);

/// The moment before sample number `number`. Frames and windows are whole milliseconds.
fn moment(number: u64) -> Duration {
    Duration::from_millis(number / SAMPLES_PER_MS)
}

fn sample_number(moment: Duration) -> u64 {
    u64::try_from(moment.as_millis()).unwrap_or(u64::MAX).saturating_mul(SAMPLES_PER_MS)
}

fn whole_ms(length: Duration) -> u32 {
    u32::try_from(length.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
