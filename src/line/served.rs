//! What lined does for a caller when the brain is silent: pure, frame by frame.
//!
//! ```text
//!   Apology ──> Ringing ──accept──> Bridged
//!                  │ decline, no answer
//!                  ├── the brain is back ──> handed back to it
//!                  ├── a message can be kept ──> LeaveMessage ──> Tone ──> Message ──> Goodbye ──> hung up
//!                  └── none of these ──> Ringing once more ──> Regret ──> hung up
//! ```
//!
//! Staff come first, the brain second, a message last: a caller who was dropped once is best served by a person. No
//! message is asked for that could not be kept: the caller hears that instead, and can ring again.

use crate::line::prompts::{Prompt, Prompts};
use crate::pcm::Frame;
use crate::wire::line::DeskAnswer;

/// The longest message, in frames: 60 s.
const LONGEST_MESSAGE: usize = 3_000;
/// A message ends after this much quiet, in frames: 4 s.
const QUIET_ENDS: usize = 200;
/// Samples below this are quiet: about -36 dBFS, above line noise and below speech.
const QUIET: u16 = 500;

/// How often the desk is rung where there is nothing else to offer.
const MOST_RINGS: u8 = 2;

/// What stands around a call that lined serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Around {
    /// A brain is attached again.
    pub brain_is_back: bool,
    /// A message that is left now would be kept.
    pub takes_messages: bool,
}

/// What the switchboard must do for the caller, besides playing the frame.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Ring the desk.
    RingDesk,
    /// Connect caller and desk.
    Bridge,
    /// Give the call back to the brain.
    HandBack,
    /// Seal and keep the caller's message: 8 kHz samples.
    KeepMessage(Vec<i16>),
    /// Hang up.
    Hangup,
}

#[derive(Debug)]
enum State {
    Apology { at: usize },
    Ringing { frames: usize, rings: u8 },
    LeaveMessage { at: usize },
    Tone { at: usize },
    Message { said: Vec<i16>, quiet: usize },
    Goodbye { at: usize },
    Regret { at: usize },
    Bridged,
    Done,
}

/// A call that lined serves by itself.
#[derive(Debug)]
pub struct Served<'a> {
    prompts: &'a Prompts,
    state: State,
    desk_frames: usize,
}

impl<'a> Served<'a> {
    /// A call whose brain has just fallen silent. The desk may ring for `desk_frames` frames of 20 ms.
    #[must_use]
    pub fn new(prompts: &'a Prompts, desk_frames: usize) -> Self {
        Self { prompts, state: State::Apology { at: 0 }, desk_frames }
    }

    /// Takes 20 ms of the caller; returns 20 ms to play and what else to do.
    pub fn frame(&mut self, heard: &Frame, around: Around) -> (Frame, Option<Step>) {
        let prompts = self.prompts;
        match &mut self.state {
            State::Apology { at } => match play(&prompts.apology, at) {
                Some(frame) => (frame, None),
                None => {
                    self.state = State::Ringing { frames: 0, rings: 1 };
                    (Frame::SILENCE, Some(Step::RingDesk))
                }
            },
            State::Ringing { frames, rings } => {
                *frames += 1;
                if *frames > self.desk_frames {
                    let rings = *rings;
                    let step = self.without_desk(rings, around);
                    return (Frame::SILENCE, step);
                }
                let at = (*frames - 1).checked_rem(prompts.hold.len()).unwrap_or(0);
                (prompts.hold.get(at).cloned().unwrap_or(Frame::SILENCE), None)
            }
            State::LeaveMessage { at } => {
                let frame = play(&prompts.leave_message, at);
                if frame.is_none() {
                    self.state = State::Tone { at: 0 };
                }
                (frame.unwrap_or(Frame::SILENCE), None)
            }
            State::Tone { at } => {
                let frame = play(&prompts.tone, at);
                if frame.is_none() {
                    self.state = State::Message { said: Vec::new(), quiet: 0 };
                }
                (frame.unwrap_or(Frame::SILENCE), None)
            }
            State::Message { said, quiet } => {
                said.extend_from_slice(heard.samples());
                let loud = heard.samples().iter().any(|s| s.unsigned_abs() > QUIET);
                *quiet = if loud { 0 } else { *quiet + 1 };
                if *quiet < QUIET_ENDS && said.len() < LONGEST_MESSAGE * heard.samples().len() {
                    return (Frame::SILENCE, None);
                }
                let said = std::mem::take(said);
                self.state = State::Goodbye { at: 0 };
                (Frame::SILENCE, Some(Step::KeepMessage(said)))
            }
            State::Goodbye { at } => {
                let frame = play(&prompts.goodbye, at);
                self.last_words(frame)
            }
            State::Regret { at } => {
                let frame = play(&prompts.regret, at);
                self.last_words(frame)
            }
            State::Bridged | State::Done => (Frame::SILENCE, None),
        }
    }

    /// The desk answered.
    pub fn desk(&mut self, answer: DeskAnswer, around: Around) -> Option<Step> {
        let rings = match self.state {
            State::Ringing { rings, .. } => rings,
            // Staff whom the brain had asked before it fell silent.
            State::Apology { .. } if answer == DeskAnswer::Accept => 0,
            State::Apology { .. }
            | State::LeaveMessage { .. }
            | State::Tone { .. }
            | State::Message { .. }
            | State::Goodbye { .. }
            | State::Regret { .. }
            | State::Bridged
            | State::Done => return None,
        };
        match answer {
            DeskAnswer::Accept => {
                self.state = State::Bridged;
                Some(Step::Bridge)
            }
            DeskAnswer::Decline | DeskAnswer::None => self.without_desk(rings, around),
        }
    }

    /// The caller hung up: what they had said so far of a message is still a message.
    pub fn hung_up(&mut self) -> Option<Step> {
        match std::mem::replace(&mut self.state, State::Done) {
            State::Message { said, .. } if !said.is_empty() => Some(Step::KeepMessage(said)),
            State::Apology { .. }
            | State::Ringing { .. }
            | State::LeaveMessage { .. }
            | State::Tone { .. }
            | State::Message { .. }
            | State::Goodbye { .. }
            | State::Regret { .. }
            | State::Bridged
            | State::Done => None,
        }
    }

    /// The message could not be kept after all: the caller is not thanked for it.
    pub fn not_kept(&mut self) {
        if matches!(self.state, State::Goodbye { .. }) {
            self.state = State::Regret { at: 0 };
        }
    }

    /// The desk did not take the call, for which it was rung `rings` times.
    fn without_desk(&mut self, rings: u8, around: Around) -> Option<Step> {
        let (state, step) = if around.brain_is_back {
            (State::Done, Some(Step::HandBack))
        } else if around.takes_messages {
            (State::LeaveMessage { at: 0 }, None)
        } else if rings < MOST_RINGS {
            (State::Ringing { frames: 0, rings: rings.saturating_add(1) }, Some(Step::RingDesk))
        } else {
            (State::Regret { at: 0 }, None)
        };
        self.state = state;
        step
    }

    /// The frame of a last prompt; the line is freed at its end.
    fn last_words(&mut self, frame: Option<Frame>) -> (Frame, Option<Step>) {
        if let Some(frame) = frame {
            return (frame, None);
        }
        self.state = State::Done;
        (Frame::SILENCE, Some(Step::Hangup))
    }
}

/// The prompt's next frame; `None` at its end.
fn play(prompt: &Prompt, at: &mut usize) -> Option<Frame> {
    let frame = prompt.get(*at).cloned();
    *at += 1;
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompts() -> Prompts {
        let prompt = |frames: usize| vec![Frame::SILENCE; frames];
        Prompts {
            apology: prompt(3),
            leave_message: prompt(2),
            tone: prompt(1),
            goodbye: prompt(2),
            regret: prompt(3),
            hold: prompt(5),
            ..Prompts::default()
        }
    }

    const NOBODY: Around = Around { brain_is_back: false, takes_messages: true };
    const BRAIN: Around = Around { brain_is_back: true, takes_messages: true };
    const NOTHING: Around = Around { brain_is_back: false, takes_messages: false };

    /// Feeds `frame` until a step comes, at most `most` times.
    fn until_step(served: &mut Served<'_>, frame: &Frame, around: Around, most: usize) -> Option<Step> {
        (0..most).find_map(|_| served.frame(frame, around).1)
    }

    #[test]
    fn the_desk_rings_after_the_apology_and_its_acceptance_bridges() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 100);
        assert_eq!(until_step(&mut served, &Frame::SILENCE, NOBODY, 10), Some(Step::RingDesk));
        assert_eq!(served.desk(DeskAnswer::Accept, BRAIN), Some(Step::Bridge));
    }

    #[test]
    fn staff_whom_the_brain_had_asked_have_the_caller_in_the_middle_of_the_apology_and_may_decline_without_harm() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 100);
        assert_eq!(served.frame(&Frame::SILENCE, NOBODY).1, None);
        assert_eq!(served.desk(DeskAnswer::Decline, NOBODY), None, "the desk is rung again after the apology");
        assert_eq!(served.desk(DeskAnswer::Accept, NOBODY), Some(Step::Bridge));
    }

    #[test]
    fn without_staff_a_brain_that_is_back_gets_the_call() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 100);
        until_step(&mut served, &Frame::SILENCE, NOBODY, 10);
        assert_eq!(served.desk(DeskAnswer::Decline, BRAIN), Some(Step::HandBack));
    }

    #[test]
    fn without_staff_and_brain_the_message_is_kept_and_the_line_is_freed() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 4);
        until_step(&mut served, &Frame::SILENCE, NOBODY, 10);
        let Some(Step::KeepMessage(said)) = until_step(&mut served, &Frame::SILENCE, NOBODY, 1_000) else {
            panic!("no message")
        };
        assert_eq!(said.len(), QUIET_ENDS * 160);
        assert_eq!(until_step(&mut served, &Frame::SILENCE, NOBODY, 10), Some(Step::Hangup));
    }

    #[test]
    fn a_caller_who_hangs_up_in_the_middle_of_a_message_has_left_it() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 0);
        let loud = Frame::from_samples(&[9_000; 160]).unwrap();
        assert_eq!(until_step(&mut served, &loud, NOBODY, 40), Some(Step::RingDesk));
        assert_eq!(until_step(&mut served, &loud, NOBODY, 40), None);
        assert!(matches!(served.hung_up(), Some(Step::KeepMessage(said)) if !said.is_empty()));
    }

    #[test]
    fn a_message_of_an_endless_talker_is_cut_at_one_minute() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 0);
        let loud = Frame::from_samples(&[9_000; 160]).unwrap();
        until_step(&mut served, &loud, NOBODY, 40);
        let Some(Step::KeepMessage(said)) = until_step(&mut served, &loud, NOBODY, 4_000) else { panic!("no message") };
        assert_eq!(said.len(), LONGEST_MESSAGE * 160);
    }

    #[test]
    fn where_no_message_can_be_kept_the_desk_rings_once_more_and_the_caller_is_told_the_truth() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 4);
        assert_eq!(until_step(&mut served, &Frame::SILENCE, NOTHING, 10), Some(Step::RingDesk));
        assert_eq!(served.desk(DeskAnswer::Decline, NOTHING), Some(Step::RingDesk));
        // The second ring ends unanswered; three frames of regret follow, and nothing that was said is kept.
        let steps: Vec<_> = (0..20).filter_map(|_| served.frame(&Frame::SILENCE, NOTHING).1).collect();
        assert_eq!(steps, [Step::Hangup]);
        assert_eq!(served.hung_up(), None);
    }

    #[test]
    fn a_key_that_comes_during_the_second_ring_opens_the_way_to_a_message() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 4);
        until_step(&mut served, &Frame::SILENCE, NOTHING, 10);
        assert_eq!(served.desk(DeskAnswer::None, NOTHING), Some(Step::RingDesk));
        let step = until_step(&mut served, &Frame::SILENCE, NOBODY, 1_000);
        assert!(matches!(step, Some(Step::KeepMessage(_))), "{step:?}");
    }

    #[test]
    fn a_message_that_is_lost_after_all_is_not_thanked_for() {
        let prompts = Prompts { goodbye: vec![Frame::SILENCE; 50], ..prompts() };
        let mut served = Served::new(&prompts, 0);
        until_step(&mut served, &Frame::SILENCE, NOBODY, 10);
        assert!(matches!(until_step(&mut served, &Frame::SILENCE, NOBODY, 1_000), Some(Step::KeepMessage(_))));
        served.not_kept();
        assert_eq!(until_step(&mut served, &Frame::SILENCE, NOBODY, 10), Some(Step::Hangup), "not the long goodbye");
    }
}
