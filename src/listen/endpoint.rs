//! Where does a turn begin, and when is it over?
//!
//! In:  the probability of speech for each 32 ms window, and the passing of line time.
//! Out: [`Turning`] points of the caller's turn, each as it is noticed.
//! A plain state machine: no clock, no sound, no thread of its own. Moments are [`Duration`]s since the line was
//! answered, counted by the line's own frames.
//!
//! ```text
//!            >= 0.5                  3 of 4 windows >= 0.5
//!   +------+ ------> +-------+ --------------------------------> +--------+
//!   | Idle |         | Maybe |  (while the box speaks:           | Speech | --+ 15 s: Ended
//!   +------+ <------ +-------+   8 windows >= 0.8)   Began       +--------+ <-+
//!      ^     too few                                              |      ^
//!      |                                                   < 0.35 |      | 2 windows >= 0.5
//!      |   patience over: Ended, or FalseAlarm                    v      | (Resumed)
//!      +------------------------------------------------------- +----------+
//!                                                               | Trailing | --> Speculate
//!                                                               +----------+
//! ```
//!
//! While the box speaks, two windows of speech in a row are enough for [`Turning::Hush`]: the box falls silent at once and
//! listens. What was nothing is over after half a second: [`Turning::GoOn`].

use std::time::Duration;

use crate::expect::Expecting;
use crate::listen::vad::WINDOW_MS;

mod patience;

pub use patience::{budget, patience};

/// Speech begins at this probability. Both thresholds are those the network's makers publish.
const SPEECH: f32 = 0.5;
/// Speech has stopped below this one: lower, so that a wavering probability does not chop a word.
const SILENCE: f32 = 0.35;
/// While the box speaks its own echo may come back over the line, and what cancels it may leave some: the caller must be
/// plainer than that...
const BARGE_IN: f32 = 0.8;
/// ...for a quarter of a second: 8 windows are 256 ms.
const BARGE_IN_WINDOWS: u32 = 8;
/// Windows looked back on, and how many of them must be speech for a beginning: 96 of 128 ms, less than a short "no".
const LOOK_BACK: u16 = 4;
const NEEDED: u32 = 3;
/// Windows of speech in a row that hush the box: 64 ms. Measured over an echo of -6 to -30 dB that was cancelled (two minutes
/// of prompts each): none by the echo; 7 interruptions, 77 to 208 ms after their first sound.
const HUSH: u8 = 0b11;
/// A hush of 16 windows (0.5 s) without plain speech is over.
const LONGEST_HUSH: u16 = 16;
/// After a hush for nothing, only plain speech silences the box for so long: beside a television it must not stammer.
const BETWEEN_HUSHES: Duration = Duration::from_secs(3);
/// Under the box's voice, doubt starts anew after 32 windows (1 s): a turn must not begin with a long echo.
const LONGEST_DOUBT: u16 = 32;

const WINDOW: Duration = Duration::from_millis(WINDOW_MS as u64);
/// The first window of low probability starts this long after the last sound. Measured on 150 telephone numbers made of
/// human digits, by line noise: the end estimated with it is 18 to 63 ms early (median), 9 in 10 within 155 ms.
const HANG_OVER: Duration = Duration::from_millis(160);
/// Wait from the estimated last sound to the first, second and any later speculation of a turn. Callers who pause often
/// make each one likelier to be dropped, so the later ones cost more patience and less work.
const SPECULATE_AFTER: [Duration; 3] =
    [Duration::from_millis(280), Duration::from_millis(400), Duration::from_millis(650)];
/// No turn is recognised more often than this; a name spelled with pauses is the worst case.
const MOST_SPECULATIONS: usize = 8;

/// What a turn must be, and may be at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// A turn is over after this, even while the caller speaks on: the box must answer or hand over at some time.
    pub longest_turn: Duration,
    /// Less speech than this is a click or a cough, and never reaches a recogniser (which would invent words for it).
    pub least_speech: Duration,
    /// A turn whose windows of speech have a lower mean probability is noise.
    pub least_probability: f32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { longest_turn: Duration::from_secs(15), least_speech: Duration::from_millis(200), least_probability: 0.6 }
    }
}

/// A turning point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Turning {
    /// Under the box's voice: somebody may be speaking. [`Turning::Began`] or [`Turning::GoOn`] follows.
    Hush,
    /// Nobody was.
    GoOn,
    /// The caller speaks.
    Began,
    /// The caller pauses; recognition may begin on what there is.
    Speculate(Turn),
    /// The caller went on after [`Turning::Speculate`]: its result is void.
    Resumed,
    /// The turn is over.
    Ended(Turn),
    /// What began was no speech.
    FalseAlarm,
}

/// A turn as it was heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// The first window of speech.
    pub onset: Duration,
    /// The estimated last sound.
    pub end: Duration,
    /// Time with speech in it.
    pub speech: Duration,
    /// Mean probability over the windows from the onset on, pauses left out; 0 to 1.
    pub mean_probability: f32,
}

/// The turn machine of one call.
#[derive(Debug)]
pub struct Endpoint {
    limits: Limits,
    expecting: Expecting,
    box_speaks: bool,
    /// From when on the box may be hushed again.
    may_hush_from: Duration,
    /// A hush was forgotten with its doubt, and is still to be ended.
    owes_go_on: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Idle,
    Maybe { tally: Tally, recent: u8, plain: u32, hushed: Option<u16> },
    Speech { tally: Tally },
    Trailing { tally: Tally, pause: Pause },
}

/// What is known of the turn so far.
#[derive(Clone, Copy, Debug)]
struct Tally {
    onset: Duration,
    windows: u16,
    voiced: u16,
    probabilities: f32,
    speculations: usize,
}

/// The silence after speech.
#[derive(Clone, Copy, Debug)]
struct Pause {
    /// The estimated last sound.
    end: Duration,
    /// The last window was speech again, and so may the next be.
    rising: Option<f32>,
    /// Recognition was begun in this pause.
    speculating: bool,
    /// Whether the text so far is complete.
    complete: Option<bool>,
}

impl Endpoint {
    /// A machine at the start of a call.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let may_hush_from = Duration::ZERO;
        let expecting = Expecting::default();
        Self { limits, expecting, box_speaks: false, may_hush_from, owes_go_on: false, state: State::Idle }
    }

    /// Says what the box has asked for.
    pub fn expect(&mut self, expecting: Expecting) {
        self.expecting = expecting;
    }

    /// Says whether the box is speaking. Doubtful sound under its voice is taken for echo and forgotten when it stops.
    pub fn box_is_speaking(&mut self, speaks: bool) {
        if self.box_speaks
            && !speaks
            && let State::Maybe { hushed, .. } = &self.state
        {
            self.owes_go_on |= hushed.is_some();
            self.state = State::Idle;
        }
        self.box_speaks = speaks;
    }

    /// Takes the recogniser's word on the text of the speculation now open.
    pub fn text_is(&mut self, complete: bool) {
        if let State::Trailing { pause, .. } = &mut self.state
            && pause.speculating
        {
            pause.complete = Some(complete);
        }
    }

    /// Where the turn began that is open or may be beginning.
    #[must_use]
    pub fn onset(&self) -> Option<Duration> {
        match &self.state {
            State::Idle => None,
            State::Maybe { tally, .. } | State::Speech { tally } | State::Trailing { tally, .. } => Some(tally.onset),
        }
    }

    /// Takes the probability, 0 to 1, of the window that starts at `start`.
    pub fn window(&mut self, start: Duration, probability: f32) -> Option<Turning> {
        match &mut self.state {
            State::Idle => {
                if probability >= SPEECH {
                    self.state = maybe(start, probability);
                }
                None
            }
            State::Maybe { tally, recent, plain, hushed } => {
                tally.add(probability);
                *recent = (*recent << 1) | u8::from(probability >= SPEECH);
                *plain += u32::from(probability >= BARGE_IN);
                let enough = (*recent & 0b1111).count_ones() >= NEEDED;
                if enough && (!self.box_speaks || *plain >= BARGE_IN_WINDOWS) {
                    self.state = State::Speech { tally: *tally };
                    return Some(Turning::Began);
                }
                let unlikely = !enough && tally.windows >= LOOK_BACK;
                let over = unlikely || tally.windows >= LONGEST_DOUBT;
                let hush_over = hushed.is_some_and(|windows| over || windows >= LONGEST_HUSH);
                *hushed = if hush_over { None } else { hushed.map(|windows| windows.saturating_add(1)) };
                let hush = !over && self.box_speaks && *recent & HUSH == HUSH && start >= self.may_hush_from;
                if hush_over {
                    self.may_hush_from = start + BETWEEN_HUSHES;
                }
                if over {
                    self.state = if probability >= SPEECH { maybe(start, probability) } else { State::Idle };
                } else if hush && !hush_over && hushed.is_none() {
                    *hushed = Some(0);
                    return Some(Turning::Hush);
                }
                hush_over.then_some(Turning::GoOn)
            }
            State::Speech { tally } => {
                if probability < SILENCE {
                    let end = start.saturating_sub(HANG_OVER).max(tally.onset);
                    let pause = Pause { end, rising: None, speculating: false, complete: None };
                    self.state = State::Trailing { tally: *tally, pause };
                } else {
                    tally.add(probability);
                }
                None
            }
            State::Trailing { tally, pause } => {
                if probability < SPEECH {
                    pause.rising = None;
                    return None;
                }
                let first = pause.rising.replace(probability)?;
                tally.add(first);
                tally.add(probability);
                let dropped = pause.speculating;
                self.state = State::Speech { tally: *tally };
                dropped.then_some(Turning::Resumed)
            }
        }
    }

    /// Takes note that line time has come to `now`, after all windows that end by then.
    pub fn tick(&mut self, now: Duration) -> Option<Turning> {
        if std::mem::take(&mut self.owes_go_on) {
            return Some(Turning::GoOn);
        }
        match &mut self.state {
            State::Idle | State::Maybe { .. } => None,
            State::Speech { tally } => {
                let tally = *tally;
                (now.saturating_sub(tally.onset) >= self.limits.longest_turn).then(|| self.end(tally, now))
            }
            State::Trailing { tally, pause } => {
                let (waited, end) = (now.saturating_sub(pause.end), pause.end);
                let too_long = now.saturating_sub(tally.onset) >= self.limits.longest_turn;
                // A window of speech just now: wait for the next before anything is decided.
                let undecided = pause.rising.is_some() && !too_long;
                if !undecided && (too_long || waited >= patience(self.expecting, pause.complete)) {
                    let tally = *tally;
                    return Some(self.end(tally, end));
                }
                let due = SPECULATE_AFTER.get(tally.speculations).or(SPECULATE_AFTER.last());
                let due = due.is_some_and(|&due| waited >= due) && tally.speculations < MOST_SPECULATIONS;
                if undecided || pause.speculating || !due || !tally.is_speech(&self.limits) {
                    return None;
                }
                pause.speculating = true;
                tally.speculations += 1;
                Some(Turning::Speculate(tally.turn(end)))
            }
        }
    }

    fn end(&mut self, tally: Tally, end: Duration) -> Turning {
        self.state = State::Idle;
        if tally.is_speech(&self.limits) { Turning::Ended(tally.turn(end)) } else { Turning::FalseAlarm }
    }
}

fn maybe(start: Duration, probability: f32) -> State {
    let mut tally = Tally { onset: start, windows: 0, voiced: 0, probabilities: 0.0, speculations: 0 };
    tally.add(probability);
    State::Maybe { tally, recent: 1, plain: u32::from(probability >= BARGE_IN), hushed: None }
}

impl Tally {
    fn add(&mut self, probability: f32) {
        self.windows = self.windows.saturating_add(1);
        self.voiced = self.voiced.saturating_add(u16::from(probability >= SPEECH));
        self.probabilities += probability;
    }

    fn turn(&self, end: Duration) -> Turn {
        let mean_probability = self.probabilities / f32::from(self.windows.max(1));
        Turn { onset: self.onset, end, speech: WINDOW * u32::from(self.voiced), mean_probability }
    }

    /// The gate before every recogniser.
    fn is_speech(&self, limits: &Limits) -> bool {
        let turn = self.turn(self.onset);
        turn.speech >= limits.least_speech && turn.mean_probability >= limits.least_probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spoken_word_begins_pauses_and_ends_after_the_patience() {
        let mut line = Line::new(Expecting::YesNo);
        line.hears(&[(0.1, 10), (0.9, 20), (0.1, 30)]);

        let [(_, Turning::Began), (guess, Turning::Speculate(early)), (over, Turning::Ended(turn))] = line.told[..]
        else {
            panic!("{:?}", line.told)
        };
        assert_eq!(turn.onset, WINDOW * 10);
        assert_eq!(turn.end, WINDOW * 30 - HANG_OVER);
        assert_eq!(turn.speech, WINDOW * 20);
        assert_eq!(early, turn, "the speculation was on the same sound");
        assert!(guess - turn.end < Duration::from_millis(320));
        let waited = over - turn.end;
        assert!(waited >= patience(Expecting::YesNo, None) && waited < patience(Expecting::YesNo, None) + WINDOW);
    }

    #[test]
    fn a_caller_who_goes_on_is_not_cut_and_the_guess_is_dropped() {
        let mut line = Line::new(Expecting::Phone);
        line.hears(&[(0.9, 20), (0.1, 20), (0.9, 20), (0.1, 90)]);
        let kinds = line.kinds();
        assert_eq!(kinds, ["began", "speculate", "resumed", "speculate", "ended"]);
    }

    #[test]
    fn a_complete_text_ends_the_turn_early_and_an_incomplete_one_late() {
        let wait = |complete: Option<bool>| {
            let mut line = Line::new(Expecting::Anything);
            line.hears(&[(0.9, 20), (0.1, 13)]);
            if let Some(complete) = complete {
                line.endpoint.text_is(complete);
            }
            line.hears(&[(0.1, 90)]);
            let Some((over, Turning::Ended(turn))) = line.told.last() else { panic!("{:?}", line.told) };
            *over - turn.end
        };
        assert!(wait(Some(true)) < wait(None));
        assert!(wait(None) < wait(Some(false)));
    }

    #[test]
    fn one_loud_window_is_no_speech() {
        let mut line = Line::new(Expecting::Anything);
        line.hears(&[(0.1, 5), (0.9, 2), (0.1, 60), (0.9, 1), (0.2, 1), (0.9, 1), (0.2, 60)]);
        assert!(line.told.is_empty(), "{:?}", line.told);
    }

    #[test]
    fn too_little_speech_and_doubtful_speech_are_false_alarms() {
        let mut short = Line::new(Expecting::Anything);
        short.hears(&[(0.9, 4), (0.1, 90)]);
        assert_eq!(short.kinds(), ["began", "false alarm"]);

        let mut doubtful = Line::new(Expecting::Anything);
        doubtful.hears(&[(0.55, 40), (0.1, 90)]);
        assert_eq!(doubtful.kinds(), ["began", "false alarm"]);
    }

    #[test]
    fn nobody_speaks_for_more_than_fifteen_seconds() {
        let mut line = Line::new(Expecting::Anything);
        line.hears(&[(0.9, 480)]);
        let (over, Turning::Ended(turn)) = line.told[1] else { panic!("{:?}", line.told) };
        assert_eq!((turn.onset, turn.end), (Duration::ZERO, over));
        assert_eq!(over.as_secs(), 15);
        assert_eq!(line.kinds(), ["began", "ended", "began"]);
    }

    #[test]
    fn under_the_boxs_own_voice_only_plain_and_lasting_speech_counts() {
        let mut line = Line::new(Expecting::Anything);
        line.endpoint.box_is_speaking(true);
        line.hears(&[(0.7, 40), (0.1, 120), (0.9, 7), (0.1, 60)]);
        assert_eq!(line.kinds(), ["hush", "go on", "hush", "go on"]);
        line.hears(&[(0.9, 8)]);
        assert_eq!(line.kinds()[4..], ["began"]);
    }

    #[test]
    fn the_box_falls_silent_at_the_second_window_and_stays_so_when_the_caller_goes_on() {
        let mut line = Line::new(Expecting::Anything);
        line.endpoint.box_is_speaking(true);
        line.hears(&[(0.1, 10), (0.9, 30), (0.1, 60)]);
        assert_eq!(line.kinds(), ["hush", "began", "speculate", "ended"]);
        assert_eq!(line.told[0].0, WINDOW * 12, "64 ms");
    }

    #[test]
    fn a_click_is_over_in_a_moment_and_a_television_does_not_make_the_box_stammer() {
        let mut line = Line::new(Expecting::Anything);
        line.endpoint.box_is_speaking(true);
        line.hears(&[(0.1, 10), (0.6, 2), (0.1, 20)]);
        let [(hushed, Turning::Hush), (over, Turning::GoOn)] = line.told[..] else { panic!("{:?}", line.told) };
        assert!(over - hushed <= WINDOW * 2, "{:?}", over - hushed);
        line.hears(&[(0.1, 200), (0.6, 300)]);
        let hushes = line.kinds().iter().filter(|kind| **kind == "hush").count() - 1;
        assert!((1..=3).contains(&hushes), "{hushes} in 9.6 s");
        assert!(!line.kinds().contains(&"began"));
    }

    #[test]
    fn an_echo_that_lasts_to_the_end_of_the_prompt_is_not_taken_for_the_caller() {
        let mut line = Line::new(Expecting::Anything);
        line.endpoint.box_is_speaking(true);
        line.hears(&[(0.7, 40)]);
        line.endpoint.box_is_speaking(false);
        line.hears(&[(0.7, 2), (0.1, 60)]);
        assert_eq!(line.kinds(), ["hush", "go on"]);
    }

    #[test]
    fn the_work_on_a_hesitant_speaker_is_bounded() {
        let mut line = Line::new(Expecting::Name { spelled: true });
        for _ in 0..16 {
            line.hears(&[(0.9, 8), (0.1, 20)]);
        }
        let guesses = line.kinds().iter().filter(|k| **k == "speculate").count();
        assert!((1..=MOST_SPECULATIONS).contains(&guesses), "{guesses}");
    }

    /// A line on which windows are heard one after the other.
    struct Line {
        endpoint: Endpoint,
        now: Duration,
        told: Vec<(Duration, Turning)>,
    }

    impl Line {
        fn new(expecting: Expecting) -> Self {
            let mut endpoint = Endpoint::new(Limits::default());
            endpoint.expect(expecting);
            Self { endpoint, now: Duration::ZERO, told: Vec::new() }
        }

        fn hears(&mut self, stretches: &[(f32, usize)]) {
            for &(probability, count) in stretches {
                for _ in 0..count {
                    let start = self.now;
                    self.now += WINDOW;
                    self.told.extend(self.endpoint.window(start, probability).map(|t| (self.now, t)));
                    self.told.extend(self.endpoint.tick(self.now).map(|t| (self.now, t)));
                }
            }
        }

        fn kinds(&self) -> Vec<&'static str> {
            let name = |turning: &Turning| match turning {
                Turning::Hush => "hush",
                Turning::GoOn => "go on",
                Turning::Began => "began",
                Turning::Speculate(_) => "speculate",
                Turning::Resumed => "resumed",
                Turning::Ended(_) => "ended",
                Turning::FalseAlarm => "false alarm",
            };
            self.told.iter().map(|(_, turning)| name(turning)).collect()
        }
    }
}
