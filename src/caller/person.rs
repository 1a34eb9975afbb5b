//! The caller and the desk as one plain state machine: what is heard on the line and the box's facts in, what goes down
//! the line out, 20 ms at a time. No socket, no clock: [`ring`](crate::caller::ring) performs what it returns.

use std::collections::VecDeque;

use crate::caller::channel::{Channel, EchoPath};
use crate::caller::response::VOICE_DBFS;
use crate::caller::scenario::{Act, Profile, Say, Scenario};
use crate::caller::script::{Script, later};
use crate::clock::LineTime;
use crate::pcm::{Frame, level};
use crate::wire::line::{DeskAnswer, FromCaller, ToCaller};
use crate::wire::watch::Fact;

/// How long the desk telephone rings before staff take or decline the call, ms.
const DESK_RINGS_MS: u32 = 2_000;
/// How long it rings when nobody is there, ms: past any patience that a line has with a desk.
const DESK_NEVER_MS: u32 = 20_000;
/// How long a caller who has a person on the line stays, ms.
const WITH_STAFF_MS: u32 = 1_000;
/// The pause between two keys, ms.
const BETWEEN_KEYS_MS: u32 = 200;
/// Without facts, the box is taken to wait after this much silence, frames (1.2 s: longer than a pause in a sentence).
const QUIET_FRAMES: u32 = 60;
/// No call of a scenario is longer than this beyond the caller's own words; then the caller hangs up, ms.
const LONGEST_CALL_MS: u32 = 600_000;

/// A caller, and whoever sits at the desk.
#[derive(Debug)]
pub struct Person {
    says: Vec<Say>,
    /// What the voice made of each `[[say]]`; empty where it is no speech.
    speeches: Vec<Vec<i16>>,
    script: Script,
    channel: Channel,
    /// What the line gives the box back of its own voice.
    echo: Option<EchoPath>,
    now: LineTime,
    /// What is being said.
    mouth: VecDeque<Frame>,
    /// The caller's own 20 ms that went down the line last, without the line's noise.
    voice: Frame,
    keys: VecDeque<(LineTime, char)>,
    desk: DeskAnswer,
    desk_at: Option<LineTime>,
    hang_up_at: Option<LineTime>,
    hung_up: bool,
    /// Whether facts come. Without them the caller goes by what it hears.
    told: bool,
    heard_speech: bool,
    quiet_frames: u32,
}

impl Person {
    /// A caller whose words have been spoken beforehand: one entry a `[[say]]`, in order.
    #[must_use]
    pub fn new(scenario: &Scenario, speeches: Vec<Vec<i16>>) -> Self {
        let Profile { noise, seed, echo, .. } = &scenario.caller;
        let own_words: usize = speeches.iter().map(|s| s.len() / 8).sum();
        let longest = LONGEST_CALL_MS.saturating_add(u32::try_from(own_words).unwrap_or(u32::MAX));
        Self {
            says: scenario.say.clone(),
            speeches,
            script: Script::new(&scenario.say),
            channel: Channel::new(*noise, *seed),
            echo: echo.map(|echo| EchoPath::new(echo.db, echo.ms)),
            now: LineTime::default(),
            mouth: VecDeque::new(),
            voice: Frame::SILENCE,
            keys: VecDeque::new(),
            desk: scenario.desk,
            desk_at: None,
            hang_up_at: Some(later(LineTime::default(), longest)),
            hung_up: false,
            told: true,
            heard_speech: false,
            quiet_frames: 0,
        }
    }

    /// Frames since the call was answered.
    #[must_use]
    pub fn now(&self) -> LineTime {
        self.now
    }

    /// Whether the caller has hung up.
    #[must_use]
    pub fn has_hung_up(&self) -> bool {
        self.hung_up
    }

    /// The caller's own voice in the last 20 ms, without the line's noise.
    #[must_use]
    pub fn voice(&self) -> &Frame {
        &self.voice
    }

    /// Whether the caller is in the middle of saying something.
    #[must_use]
    pub fn has_more_to_say(&self) -> bool {
        self.mouth.iter().any(|frame| level::rms_dbfs(frame.samples()) > VOICE_DBFS)
    }

    /// Says whether facts come from the box.
    pub fn set_told(&mut self, told: bool) {
        self.told = told;
    }

    /// Takes a fact.
    pub fn on_fact(&mut self, fact: &Fact) {
        self.script.on(fact, self.now, !self.mouth.is_empty());
    }

    /// Takes what came down the line.
    pub fn on_line(&mut self, event: &ToCaller) {
        match event {
            ToCaller::Frame(frame) => {
                if let Some(echo) = &mut self.echo {
                    echo.heard(frame);
                }
                self.listen(frame);
            }
            ToCaller::DeskRings(_) => {
                let wait = if self.desk == DeskAnswer::None { DESK_NEVER_MS } else { DESK_RINGS_MS };
                self.desk_at = Some(later(self.now, wait));
            }
            ToCaller::Bridged => {
                self.mouth.clear();
                self.hang_up_by(later(self.now, WITH_STAFF_MS));
            }
            ToCaller::Ended(_) => self.hung_up = true,
            ToCaller::Answered => {}
        }
    }

    /// What goes down the line in the next 20 ms. Ends in a frame, or in the caller hanging up; nothing after that.
    pub fn step(&mut self) -> Vec<FromCaller> {
        let mut messages = Vec::new();
        if self.hung_up {
            return messages;
        }
        if let Some(number) = self.script.due(self.now) {
            self.act(number);
        }
        while let Some((_, key)) = self.keys.pop_front_if(|(at, _)| *at <= self.now) {
            messages.push(FromCaller::Dtmf(key));
        }
        if self.desk_at.take_if(|at| *at <= self.now).is_some() {
            messages.push(FromCaller::Desk(self.desk));
        }
        if self.hang_up_at.is_some_and(|at| at <= self.now) {
            self.hung_up = true;
            messages.push(FromCaller::Hangup);
            return messages;
        }
        self.voice = self.mouth.pop_front().unwrap_or(Frame::SILENCE);
        let sent = self.echo.as_mut().map(|echo| echo.beside(&self.voice));
        messages.push(FromCaller::Frame(Box::new(self.channel.carry(sent.as_ref().unwrap_or(&self.voice)))));
        self.now = self.now.next();
        messages
    }

    fn act(&mut self, number: usize) {
        let Some(say) = self.says.get(number) else { return };
        match &say.act {
            Act::Speak { hang_up_after_ms, .. } => {
                let speech = self.speeches.get(number).map(Vec::as_slice).unwrap_or_default();
                self.mouth = Frame::cut(speech).collect();
                if let Some(ms) = *hang_up_after_ms {
                    self.hang_up_by(later(self.now, ms));
                }
            }
            Act::Press(keys) => {
                let at = (0_u32..).map(|n| later(self.now, n.saturating_mul(BETWEEN_KEYS_MS)));
                self.keys.extend(at.zip(keys.iter().copied()));
            }
            Act::StaySilent => {}
            Act::HangUp => self.hang_up_by(self.now),
        }
    }

    fn hang_up_by(&mut self, at: LineTime) {
        self.hang_up_at = Some(self.hang_up_at.map_or(at, |planned| planned.min(at)));
    }

    /// Without facts the caller answers, as people do, when the other side has spoken and then fallen silent.
    fn listen(&mut self, frame: &Frame) {
        if level::rms_dbfs(frame.samples()) > VOICE_DBFS {
            self.heard_speech = true;
            self.quiet_frames = 0;
        } else {
            self.quiet_frames = self.quiet_frames.saturating_add(1);
        }
        let waits = self.heard_speech && self.quiet_frames >= QUIET_FRAMES;
        if waits && !self.told && self.mouth.is_empty() {
            self.heard_speech = false;
            self.script.on_quiet(self.now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expect::Expecting;

    fn person(text: &str, speech: &[i16]) -> Person {
        let scenario = Scenario::parse(text).unwrap();
        let speeches = scenario.say.iter().map(|_| speech.to_vec()).collect();
        Person::new(&scenario, speeches)
    }

    fn loud(messages: &[FromCaller]) -> bool {
        messages.iter().any(|m| matches!(m, FromCaller::Frame(f) if level::rms_dbfs(f.samples()) > -25.0))
    }

    fn tone(frames: usize) -> Vec<i16> {
        (0..frames * 160).map(|n| if n % 8 < 4 { 5_000 } else { -5_000 }).collect()
    }

    /// Runs until the caller hangs up or `frames` have gone; gives what was sent at which frame, silence left out.
    fn run(person: &mut Person, frames: u64) -> Vec<(u64, &'static str)> {
        let mut sent = Vec::new();
        for _ in 0..frames {
            let now = person.now().frames();
            let messages = person.step();
            if loud(&messages) {
                sent.push((now, "speech"));
            }
            for message in &messages {
                match message {
                    FromCaller::Dtmf(_) => sent.push((now, "key")),
                    FromCaller::Desk(_) => sent.push((now, "desk")),
                    FromCaller::Hangup => sent.push((now, "hangup")),
                    FromCaller::Ring(_) | FromCaller::Frame(_) | FromCaller::DeskFrame(_) => {}
                }
            }
        }
        sent
    }

    #[test]
    fn the_caller_speaks_after_the_box_has_fallen_silent() {
        let mut person = person("[[say]]\nwhen = \"yes-no\"\ntext = \"yes\"", &tone(3));
        person.on_fact(&Fact::Listening { expecting: Expecting::YesNo });
        assert_eq!(run(&mut person, 60), [(20, "speech"), (21, "speech"), (22, "speech")]);
    }

    #[test]
    fn hanging_up_in_the_middle_of_a_word_ends_the_frames() {
        let text = "[[say]]\nwhen = \"yes-no\"\ntext = \"yes\"\nhang_up = true\nafter_ms = 40";
        let mut person = person(text, &tone(50));
        person.on_fact(&Fact::Listening { expecting: Expecting::YesNo });
        assert_eq!(run(&mut person, 60), [(20, "speech"), (21, "speech"), (22, "hangup")]);
        assert!(person.has_hung_up() && person.step().is_empty());
    }

    #[test]
    fn keys_are_pressed_one_after_the_other() {
        let mut person = person("[[say]]\nwhen = \"yes-no\"\ndtmf = \"0#\"\nafter_ms = 0", &[]);
        person.on_fact(&Fact::Listening { expecting: Expecting::YesNo });
        assert_eq!(run(&mut person, 30), [(0, "key"), (10, "key")]);
    }

    #[test]
    fn the_desk_answers_after_two_seconds_and_the_caller_leaves_a_second_after_it_is_connected() {
        let mut person = person("[desk]\nanswer = \"accept\"", &[]);
        person.on_line(&ToCaller::DeskRings(Vec::new()));
        assert_eq!(run(&mut person, 120), [(100, "desk")]);
        person.on_line(&ToCaller::Bridged);
        assert_eq!(run(&mut person, 120), [(170, "hangup")]);
    }

    #[test]
    fn a_caller_without_facts_answers_when_the_box_has_spoken_and_is_silent() {
        let mut person = person("[[say]]\nwhen = \"dob\"\ntext = \"march\"", &tone(2));
        person.set_told(false);
        let speech = Frame::cut(&tone(1)).next().unwrap();
        let mut sent = 0;
        for n in 0..150 {
            let heard = if n < 10 { speech.clone() } else { Frame::SILENCE };
            person.on_line(&ToCaller::Frame(Box::new(heard)));
            sent += usize::from(loud(&person.step()));
        }
        assert_eq!(sent, 2);
    }

    #[test]
    fn a_call_that_never_ends_is_ended_by_the_caller() {
        let mut person = person("", &[]);
        assert_eq!(run(&mut person, 40_000), [(30_000, "hangup")]);
    }
}
