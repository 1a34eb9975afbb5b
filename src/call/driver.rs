//! Owns one call: takes what happens on the line and at the doors, asks the conversation what to do, and does it.
//!
//! One OS thread a call. It never blocks on anything but its inbox: recognition, synthesis and the doors answer by
//! messages. For each frame of the caller it sends one frame back: at once in real time; in virtual time when nothing
//! is in flight, so that a call takes the same course however slow the machine is.
//!
//! Read [`Driver::run`], then `turn` (from sound to words to what is done about them), `asking` (the clinic's systems) and
//! `answer` (what the box says), `thinking` (the cloud model).

mod answer;
mod asking;
mod thinking;
mod turn;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use crate::call::doors::Doors;
use crate::call::listening::{Listening, TurnEnd};
use crate::call::recording::Recording;
use crate::call::speaking::{After, Speaking};
use crate::call::watchers::Watchers;
use crate::call::workers::Pool;
use crate::clock::{Clock, LineTime};
use crate::config::levels::Level;
use crate::converse::{Action, Conversation, Event, SayId, Standing, Thought, ThoughtId, ToolId};
use crate::expect::Expecting;
use crate::ids::{CallId, Turn};
use crate::listen::RawTranscript;
use crate::listen::asr::{RecogniseError, Recognizer};
use crate::listen::ears::Ears;
use crate::listen::echo::Echo;
use crate::pcm::Frame;
use crate::placeholder::{Label, Placeholder};
use crate::redact::{Lately, Source, Vault};
use crate::secret::Secret;
use crate::speak::{SpeakError, Voice};
use crate::wire::client::AskError;
use crate::wire::event::Kind;
use crate::wire::line::{EndedBy, FromBrain, Pace, Ring, ToBrain, Urgency};
use crate::wire::tool::{IdentityLevel, Tool};
use crate::wire::{Parcel, Record, Watch};

/// How often a call that waits for something tells the line that it is alive. The line's patience is one second.
const HEARTBEAT: Duration = Duration::from_millis(200);
/// How long a call that is over waits for the results of what it had asked for: longer than a tool's usual deadline.
const LAST_RESULTS: Duration = Duration::from_secs(5);
/// Everything that can happen to a call.
pub enum Happened {
    /// On the line.
    Line(ToBrain),
    /// Somebody without a telephone typed a turn.
    Typed(RawTranscript),
    /// A recogniser is done with a generation.
    Recognised(u32, Result<RawTranscript, RecogniseError>, Duration),
    /// A voice is done with a sentence.
    Spoken(SayId, Result<Vec<i16>, SpeakError>),
    /// A voice is done with the brief for the desk.
    Brief(Result<Vec<i16>, SpeakError>, Urgency),
    /// A tool answered.
    Tool(ToolId, &'static Tool, Result<Vec<u8>, AskError>),
    /// The airlock has kept what a turn would have been asked with.
    Offered(Turn, usize, Thought),
    /// A cloud model answers, piece by piece.
    Thought(ThoughtId, Thought),
}

/// What a call shares with the others.
#[derive(Clone)]
pub struct Shared {
    /// Recognisers.
    pub recognisers: Pool<dyn Recognizer>,
    /// Voices.
    pub voices: Pool<dyn Voice>,
    /// The other processes.
    pub doors: Doors,
    /// Those who watch synthetic calls.
    pub watchers: Watchers,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// How long nobody may speak before the box asks again.
    pub silence: Duration,
    /// The longest call.
    pub max_call: Duration,
    /// In which "tomorrow" is meant.
    pub time_zone: jiff::tz::TimeZone,
    /// How much of the words is covered.
    pub level: Level,
    /// Whether a cloud model is the thinker; without it every request is built, checked and kept.
    pub cloud: bool,
    /// How long a model may take to its first sentence, and from one to the next.
    pub answer_deadline: Duration,
}

/// One call.
pub struct Driver {
    call: CallId,
    shared: Shared,
    inbox: Receiver<Happened>,
    /// For the workers and doors to answer to.
    post: SyncSender<Happened>,
    line: tokio::sync::mpsc::Sender<(CallId, FromBrain)>,
    pace: Pace,
    synthetic: bool,

    now: LineTime,
    turn: Turn,
    conversation: Conversation,
    vault: Vault,
    identity: IdentityLevel,
    standing: Standing,
    ears: Ears,
    /// Takes the box's own voice out of what the ears get.
    echo: Echo,
    /// Frames that the line had played when it sent the last one.
    line_played: u64,
    listening: Listening,
    speaking: Speaking,
    recording: Recording,
    expecting: Expecting,
    /// What stands for a card, or may: no sentence with it in is kept.
    cards: Vec<Placeholder>,
    /// Whether the last turn may have held a card, with which the next may go on.
    card_before: bool,
    /// What the box said last, with placeholders in the place of values.
    asked: String,
    /// The identity question of a few turns ago.
    lately: Option<Lately>,
    names: Vec<Secret>,
    /// Since when the box has been waiting for the caller.
    waiting_since: Option<LineTime>,
    /// Work that was handed out and has not come back.
    in_flight: u32,
    /// In virtual time: the answer to the caller's frame, held until nothing is in flight.
    held: Option<Option<Box<Frame>>>,
    /// The cloud model that is being asked.
    thinking: Option<thinking::Thinking>,
    /// The last turn's times, until its answer is first heard.
    timing: Option<Timing>,
    voice_failures: u32,
    over: bool,
}

struct Timing {
    turn: Turn,
    expecting: Expecting,
    end: TurnEnd,
    recognition: Duration,
    redaction: Duration,
    ended_at: Instant,
}

/// What a new call begins with.
pub struct Beginning {
    /// Its id.
    pub call: CallId,
    /// Who rings.
    pub ring: Ring,
    /// Its ears.
    pub ears: Ears,
    /// Its conversation.
    pub conversation: Conversation,
    /// Where its frames go.
    pub line: tokio::sync::mpsc::Sender<(CallId, FromBrain)>,
    /// What happens to it, and the way to post it.
    pub inbox: (SyncSender<Happened>, Receiver<Happened>),
}

impl Driver {
    /// A call that rings.
    #[must_use]
    pub fn new(shared: Shared, beginning: Beginning) -> Self {
        let Beginning { call, ring, ears, conversation, line, inbox: (post, inbox) } = beginning;
        let mut vault = Vault::new();
        if !ring.number.is_empty() {
            let number = ring.number.clone();
            vault.keep(Label::Phone, number.clone(), number, Source::CallerId, IdentityLevel::Unknown);
        }
        let standing = shared.doors.standing();
        Self {
            call,
            shared,
            inbox,
            post,
            line,
            pace: ring.pace,
            synthetic: ring.synthetic,
            now: LineTime::default(),
            turn: Turn::default(),
            conversation,
            vault,
            identity: IdentityLevel::Unknown,
            standing,
            ears,
            echo: Echo::new(),
            line_played: 0,
            listening: Listening::default(),
            speaking: Speaking::default(),
            recording: Recording::new(ring.synthetic),
            expecting: Expecting::Anything,
            cards: Vec::new(),
            card_before: false,
            asked: String::new(),
            lately: None,
            names: Vec::new(),
            waiting_since: None,
            in_flight: 0,
            held: None,
            thinking: None,
            timing: None,
            voice_failures: 0,
            over: false,
        }
    }

    /// Runs the call to its end.
    pub fn run(mut self) {
        self.send(FromBrain::Answer);
        self.show("answered", Parcel::new());
        let number = self.vault.entries().first().map(|entry| entry.placeholder);
        self.note_vault(0);
        self.feed(Event::Answered { standing: self.standing, number });
        self.do_what_is_due();
        while !self.over {
            match self.inbox.recv_timeout(HEARTBEAT) {
                Ok(happened) => self.take(happened),
                Err(RecvTimeoutError::Timeout) => self.send(FromBrain::Alive),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.release_held();
        }
        self.settle();
        self.end();
    }

    fn take(&mut self, happened: Happened) {
        match happened {
            Happened::Line(ToBrain::Frame { pcm, played }) => self.frame(&pcm, played),
            Happened::Line(ToBrain::Dtmf(key)) => {
                self.recording.key();
                if self.speaking.is_held() {
                    self.cut_in();
                }
                self.feed(Event::Pressed(key));
            }
            Happened::Line(ToBrain::Desk(answer)) => self.feed(Event::Desk(answer)),
            Happened::Line(ToBrain::Unheard) => self.feed(Event::Unheard),
            Happened::Line(ToBrain::Ended(by)) => {
                if by == EndedBy::Caller {
                    self.feed(Event::HungUp);
                }
                for said in self.speaking.end() {
                    self.note_played(said);
                }
                self.over = true;
            }
            // One call rings once.
            Happened::Line(ToBrain::Ring(_)) => {}
            Happened::Typed(words) => {
                self.take_turn(&words);
            }
            Happened::Recognised(generation, result, took) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.recognised(generation, result, took);
            }
            Happened::Spoken(id, result) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.synthesised(id, result);
            }
            Happened::Brief(result, urgency) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                // A desk that hears no brief still gets the caller.
                self.speaking.then(After::Consult(result.unwrap_or_default(), urgency));
            }
            Happened::Tool(id, tool, result) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.tool_answered(id, tool, result);
            }
            Happened::Offered(turn, bytes, thought) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.offered(turn, bytes, &thought);
            }
            Happened::Thought(id, thought) => self.thought(id, thought),
        }
        self.do_what_is_due();
    }

    /// 20 ms of the caller: the clock of the call.
    fn frame(&mut self, heard: &Frame, played: u64) {
        self.now = self.now.next();
        tracing::trace!(call = %self.call, at = %self.now, in_flight = self.in_flight, "frame");
        let standing = self.shared.doors.standing();
        if standing != self.standing {
            self.standing = standing;
            self.feed(Event::Standing(standing));
        }
        self.ears.box_is_speaking(self.speaking.is_speaking());
        self.line_played = played;
        let clean = self.echo.clean(heard);
        for event in self.ears.hear(&clean, self.now) {
            self.ear(event);
        }
        self.mind_the_time();
        let spoken = self.speaking.next_frame();
        self.echo.played(spoken.as_ref());
        if spoken.is_some() {
            self.first_audio();
        }
        if let Some(chunk) = self.recording.frame(heard, spoken.as_ref()) {
            self.keep(chunk);
        }
        for said in self.speaking.finished() {
            self.played(said);
        }
        let answer = spoken.map(Box::new);
        match self.pace {
            Pace::Real => self.send(FromBrain::Frame(answer)),
            Pace::Virtual => self.held = Some(answer),
            // A call without sound has no frames.
            Pace::Typed => {}
        }
    }

    /// In virtual time, lets the call go on when nothing is in flight.
    fn release_held(&mut self) {
        if self.in_flight == 0
            && let Some(answer) = self.held.take()
        {
            self.send(FromBrain::Frame(answer));
        }
    }

    fn mind_the_time(&mut self) {
        if self.waiting_since.is_some_and(|since| self.now.since(since) >= self.shared.silence) {
            self.waiting_since = Some(self.now);
            self.feed(Event::Silence);
        }
        // A caller who waits for staff is not cut off: the line gives them back, or has staff take them.
        if self.now.since(LineTime::default()) >= self.shared.max_call && !self.conversation.waits_for_staff() {
            tracing::warn!(call = %self.call, "the call has reached its longest time");
            self.over = true;
            self.send(FromBrain::Hangup);
        }
    }

    fn feed(&mut self, event: Event) {
        let actions = self.conversation.on(event);
        self.perform(actions);
    }

    fn perform(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Say { id, template, mandatory } => self.say(id, template, mandatory),
                Action::Listen { expecting, names } => {
                    self.expecting = expecting;
                    self.recording.asks_for_card(expecting == Expecting::Card);
                    self.names = names.iter().filter_map(|name| self.value(*name)).collect();
                    self.ears.expect(expecting);
                    self.speaking.then(After::Listen(expecting));
                }
                Action::Tool { id, name, args } => self.ask_tool(id, name, &args),
                Action::Think(id) => self.think(id),
                Action::CallOff(id) => self.call_off(id),
                Action::Identity(level) => {
                    self.identity = level;
                    self.note(Kind::Verdict, Parcel::new().with("by", &"identity").with("level", &level));
                }
                Action::Decided { by, what } => {
                    self.note(Kind::Verdict, Parcel::new().with("by", &by).with("what", &what));
                    self.show("decided", Parcel::new().with("by", &by).with("what", &what));
                }
                Action::HandOff { reason, brief, urgency } => self.hand_off(reason, &brief, urgency),
                Action::Consent { by, result } => self.consented(by, result),
                Action::Bridge => {
                    self.note(Kind::HandoffResult, Parcel::new().with("result", &"accept"));
                    self.send(FromBrain::Bridge { record: self.conversation.records_transfer() });
                }
                Action::HangUp { outcome } => self.speaking.then(After::HangUp(outcome)),
            }
        }
    }

    fn event(&self, kind: Kind, body: Parcel<Record>) -> crate::wire::event::Event {
        self.shared.doors.recorder.event(kind, Some(self.call), self.turn, self.synthetic, body)
    }

    fn note(&self, kind: Kind, body: Parcel<Record>) {
        self.shared.doors.recorder.note(self.event(kind, body));
    }

    /// The caller's consent to being recorded has changed: written down without a word of theirs.
    fn consented(&mut self, by: &'static str, result: &'static str) {
        let plan = self.conversation.recording();
        let (mode, states) = (plan.mode_name(), plan.states());
        let body = Parcel::new().with("by", &by).with("mode", &mode).with("result", &result);
        self.note(Kind::Consent, body.with("states", &states));
        self.recording.consent(matches!(result, "granted" | "notice-heard"));
    }

    fn keep(&mut self, samples: Vec<i16>) {
        let (t, mono_us) = self.shared.doors.recorder.now_us();
        let chunk = self.recording.seal_up(samples, t, mono_us);
        self.shared.doors.keep_audio(self.call, chunk.to_bytes());
    }

    /// Tells the watchers, if the caller is synthetic.
    fn show(&self, fact: &'static str, parcel: Parcel<Watch>) {
        if self.synthetic && !self.shared.watchers.is_empty() {
            self.shared.watchers.tell(self.call, parcel.with("fact", &fact));
        }
    }

    fn send(&self, what: FromBrain) {
        // Whoever reads this is the link to lined; when it is gone, so is the call, and `Ended` is on its way.
        let _ = self.line.blocking_send((self.call, what));
    }

    /// What was handed out before the call ended may still come back. A tool that was asked to write has perhaps
    /// written: its result belongs into the record, whoever has hung up.
    fn settle(&mut self) {
        self.listening.drop_current();
        let until = self.shared.clock.now() + LAST_RESULTS;
        while self.in_flight > 0 {
            let left = until.saturating_duration_since(self.shared.clock.now());
            match self.inbox.recv_timeout(left) {
                Ok(Happened::Line(_) | Happened::Typed(_)) => {}
                Ok(happened) => self.take(happened),
                Err(_) => break,
            }
        }
    }

    fn end(&mut self) {
        let outcome = self.conversation.outcome();
        let (outcome, level) = (outcome.as_str(), self.identity);
        let dossier = self.conversation.dossier();
        let body = Parcel::new().with("by", &"conversation").with("outcome", &outcome).with("level", &level);
        self.note(Kind::Verdict, body.with("dossier", &dossier));
        while let Some(chunk) = self.recording.rest() {
            self.keep(chunk);
        }
        self.shared.doors.forget(self.call);
        self.show("ended", Parcel::new().with("outcome", &outcome));
        tracing::info!(call = %self.call, turns = %self.turn, outcome, "the call is over");
    }
}
