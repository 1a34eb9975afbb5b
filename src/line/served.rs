//! What lined does for a caller when the brain is silent: pure, frame by frame.
//!
//! ```text
//!   Apology ──> Ringing ──accept──> Bridged
//!                  │ decline, no answer
//!                  ├── the brain is back ──> handed back to it
//!                  └──> LeaveMessage ──> Tone ──> Message ──> Goodbye ──> hung up
//! ```
//!
//! Staff come first, the brain second, a message last: a caller who was dropped once is best served by a person.

use crate::line::prompts::{Prompt, Prompts};
use crate::pcm::Frame;
use crate::wire::line::DeskAnswer;

/// The longest message, in frames: 60 s.
const LONGEST_MESSAGE: usize = 3_000;
/// A message ends after this much quiet, in frames: 4 s.
const QUIET_ENDS: usize = 200;
/// Samples below this are quiet: about -36 dBFS, above line noise and below speech.
const QUIET: u16 = 500;

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
    Ringing { frames: usize },
    LeaveMessage { at: usize },
    Tone { at: usize },
    Message { said: Vec<i16>, quiet: usize },
    Goodbye { at: usize },
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
    pub fn frame(&mut self, heard: &Frame, brain_is_back: bool) -> (Frame, Option<Step>) {
        let prompts = self.prompts;
        match &mut self.state {
            State::Apology { at } => match play(&prompts.apology, at) {
                Some(frame) => (frame, None),
                None => {
                    self.state = State::Ringing { frames: 0 };
                    (Frame::SILENCE, Some(Step::RingDesk))
                }
            },
            State::Ringing { frames } => {
                *frames += 1;
                if *frames > self.desk_frames {
                    let step = self.without_desk(brain_is_back);
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
            State::Goodbye { at } => match play(&prompts.goodbye, at) {
                Some(frame) => (frame, None),
                None => {
                    self.state = State::Done;
                    (Frame::SILENCE, Some(Step::Hangup))
                }
            },
            State::Bridged | State::Done => (Frame::SILENCE, None),
        }
    }

    /// The desk answered.
    pub fn desk(&mut self, answer: DeskAnswer, brain_is_back: bool) -> Option<Step> {
        if !matches!(self.state, State::Ringing { .. }) {
            return None;
        }
        match answer {
            DeskAnswer::Accept => {
                self.state = State::Bridged;
                Some(Step::Bridge)
            }
            DeskAnswer::Decline | DeskAnswer::None => self.without_desk(brain_is_back),
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
            | State::Bridged
            | State::Done => None,
        }
    }

    fn without_desk(&mut self, brain_is_back: bool) -> Option<Step> {
        if brain_is_back {
            self.state = State::Done;
            return Some(Step::HandBack);
        }
        self.state = State::LeaveMessage { at: 0 };
        None
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
        Prompts { apology: prompt(3), leave_message: prompt(2), tone: prompt(1), goodbye: prompt(2), hold: prompt(5) }
    }

    /// Feeds `frame` until a step comes, at most `most` times.
    fn until_step(served: &mut Served<'_>, frame: &Frame, back: bool, most: usize) -> Option<Step> {
        (0..most).find_map(|_| served.frame(frame, back).1)
    }

    #[test]
    fn the_desk_rings_after_the_apology_and_its_acceptance_bridges() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 100);
        assert_eq!(until_step(&mut served, &Frame::SILENCE, false, 10), Some(Step::RingDesk));
        assert_eq!(served.desk(DeskAnswer::Accept, true), Some(Step::Bridge));
    }

    #[test]
    fn without_staff_a_brain_that_is_back_gets_the_call() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 100);
        until_step(&mut served, &Frame::SILENCE, false, 10);
        assert_eq!(served.desk(DeskAnswer::Decline, true), Some(Step::HandBack));
    }

    #[test]
    fn without_staff_and_brain_the_message_is_kept_and_the_line_is_freed() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 4);
        until_step(&mut served, &Frame::SILENCE, false, 10);
        let Some(Step::KeepMessage(said)) = until_step(&mut served, &Frame::SILENCE, false, 1_000) else {
            panic!("no message")
        };
        assert_eq!(said.len(), QUIET_ENDS * 160);
        assert_eq!(until_step(&mut served, &Frame::SILENCE, false, 10), Some(Step::Hangup));
    }

    #[test]
    fn a_caller_who_hangs_up_in_the_middle_of_a_message_has_left_it() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 0);
        let loud = Frame::from_samples(&[9_000; 160]).unwrap();
        assert_eq!(until_step(&mut served, &loud, false, 40), Some(Step::RingDesk));
        assert_eq!(until_step(&mut served, &loud, false, 40), None);
        assert!(matches!(served.hung_up(), Some(Step::KeepMessage(said)) if !said.is_empty()));
    }

    #[test]
    fn a_message_of_an_endless_talker_is_cut_at_one_minute() {
        let prompts = prompts();
        let mut served = Served::new(&prompts, 0);
        let loud = Frame::from_samples(&[9_000; 160]).unwrap();
        until_step(&mut served, &loud, false, 40);
        let Some(Step::KeepMessage(said)) = until_step(&mut served, &loud, false, 4_000) else { panic!("no message") };
        assert_eq!(said.len(), LONGEST_MESSAGE * 160);
    }
}
