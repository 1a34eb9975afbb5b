//! Owns one call: takes what happens on the line and at the doors, asks the conversation what to do, and does it.
//!
//! One OS thread a call. It never blocks on anything but its inbox: recognition, synthesis and the doors answer by
//! messages. For each frame of the caller it sends one frame back: at once in real time; in virtual time when nothing
//! is in flight, so that a call takes the same course however slow the machine is.
//!
//! Read [`Driver::run`], then [`Driver::heard_turn`]: that is a turn from sound to answer.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use crate::call::doors::{Doors, Reply};
use crate::call::listening::{Listening, TurnEnd};
use crate::call::recording::Recording;
use crate::call::speaking::{After, Said, Speaking};
use crate::call::tools::{self, Shown};
use crate::call::watchers::Watchers;
use crate::call::workers::Pool;
use crate::clinic::client::{ClinicError, Key, ToolRequest};
use crate::clock::{Clock, LineTime};
use crate::converse::{Action, Argument, Conversation, Event, Heard, Outcome, SayId, Standing, ToolFailure, ToolId};
use crate::expect::Expecting;
use crate::guard;
use crate::ids::{CallId, Turn};
use crate::listen::RawTranscript;
use crate::listen::asr::{RecogniseError, Recognizer, Task};
use crate::listen::ears::{EarEvent, Ears, TurnSound};
use crate::pcm::Frame;
use crate::placeholder::{self, Label, Placeholder};
use crate::redact::{self, Context, Source, Vault, restore};
use crate::secret::Secret;
use crate::speak::{SpeakError, SpokenText, Voice};
use crate::wire::client::AskError;
use crate::wire::event::Kind;
use crate::wire::line::{EndedBy, FromBrain, Pace, Ring, ToBrain};
use crate::wire::tool::{self, Access, IdentityLevel, Tool};
use crate::wire::{Airlock, Parcel, Record, Watch};

/// How often a call that waits for something tells the line that it is alive. The line's patience is one second.
const HEARTBEAT: Duration = Duration::from_millis(200);
/// How long a call that is over waits for the results of what it had asked for: longer than any tool's deadline.
const LAST_RESULTS: Duration = Duration::from_secs(5);
/// Sentences whose synthesis may fail before the call is left to the line, which apologises and rings the desk.
const VOICE_FAILURES: u32 = 2;

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
    Brief(Result<Vec<i16>, SpeakError>),
    /// A tool answered.
    Tool(ToolId, &'static Tool, Result<Vec<u8>, AskError>),
    /// The airlock answered for a turn.
    Offered(Turn, String, usize, Result<Vec<u8>, AskError>),
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
    listening: Listening,
    speaking: Speaking,
    recording: Recording,
    expecting: Expecting,
    names: Vec<Secret>,
    /// Since when the box has been waiting for the caller.
    waiting_since: Option<LineTime>,
    /// Work that was handed out and has not come back.
    in_flight: u32,
    /// In virtual time: the answer to the caller's frame, held until nothing is in flight.
    held: Option<Option<Box<Frame>>>,
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
            listening: Listening::default(),
            speaking: Speaking::default(),
            recording: Recording::new(ring.synthetic),
            expecting: Expecting::Anything,
            names: Vec::new(),
            waiting_since: None,
            in_flight: 0,
            held: None,
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
            Happened::Line(ToBrain::Dtmf(key)) => self.feed(Event::Pressed(key)),
            Happened::Line(ToBrain::Desk(answer)) => self.feed(Event::Desk(answer)),
            Happened::Line(ToBrain::Ended(by)) => {
                if by == EndedBy::Caller {
                    self.feed(Event::HungUp);
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
            Happened::Brief(result) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                // A desk that hears no brief still gets the caller.
                self.speaking.then(After::Consult(result.unwrap_or_default()));
            }
            Happened::Tool(id, tool, result) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.tool_answered(id, tool, result);
            }
            Happened::Offered(turn, text, bytes, result) => {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.offered(turn, text, bytes, &result);
            }
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
        for event in self.ears.hear(heard, self.now) {
            self.ear(event);
        }
        self.mind_the_time();
        let spoken = self.speaking.next_frame();
        if spoken.is_some() {
            self.first_audio();
        }
        if let Some(chunk) = self.recording.frame(heard, spoken.as_ref()) {
            self.keep(chunk);
        }
        for said in self.speaking.finished() {
            self.played(said, played);
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
        if self.now.since(LineTime::default()) >= self.shared.max_call {
            tracing::warn!(call = %self.call, "the call has reached its longest time");
            self.over = true;
            self.send(FromBrain::Hangup);
        }
    }

    fn ear(&mut self, event: EarEvent) {
        match event {
            EarEvent::SpeechBegan => self.waiting_since = None,
            EarEvent::BargeIn => {
                self.waiting_since = None;
                self.speaking.cut();
            }
            EarEvent::Speculate { generation, samples } => self.recognise(generation, samples),
            EarEvent::Resumed { .. } => self.listening.drop_current(),
            EarEvent::TurnEnded { generation, samples, speech_ms, silence_ms, .. } => {
                let ms = |ms: u32| Duration::from_millis(ms.into());
                self.listening.turn_ended(generation, TurnEnd { silence: ms(silence_ms), speech: ms(speech_ms) });
                if !self.listening.has(generation) {
                    self.recognise(generation, samples);
                }
                self.turn_if_recognised();
            }
            EarEvent::FalseAlarm => self.wait_for_the_caller(),
            EarEvent::Degraded => {
                tracing::error!(call = %self.call, "voice activity detection failed; loudness stands in for it");
                self.note(Kind::Alert, Parcel::new().with("what", &"vad-degraded"));
            }
        }
    }

    fn recognise(&mut self, generation: u32, samples: TurnSound) {
        let call_off = self.listening.begin(generation);
        let task = Task { expecting: self.expecting, names: self.names.clone() };
        let (post, clock) = (self.post.clone(), Arc::clone(&self.shared.clock));
        let began = clock.now();
        self.in_flight += 1;
        let started = self.shared.recognisers.recognise(samples, task, call_off, move |result| {
            let took = clock.now().saturating_duration_since(began);
            // The call may be over: then nobody reads its inbox.
            let _ = post.send(Happened::Recognised(generation, result, took));
        });
        if started.is_err() {
            self.in_flight -= 1;
            tracing::warn!(call = %self.call, "all recognisers are busy; a turn was not understood");
            self.recognised(generation, Ok(RawTranscript::nothing()), Duration::ZERO);
        }
    }

    fn recognised(&mut self, generation: u32, result: Result<RawTranscript, RecogniseError>, took: Duration) {
        let heard = match result {
            Ok(heard) => Some(heard),
            Err(RecogniseError::CalledOff) => return,
            Err(error) => {
                tracing::error!(call = %self.call, %error, "recognition failed");
                None
            }
        };
        let complete = heard.as_ref().is_some_and(|heard| self.sounds_complete(heard));
        if self.listening.done(generation, heard, took) {
            self.ears.text_is(generation, complete);
            self.turn_if_recognised();
        }
    }

    /// Whether the words answer what was asked, so that the box need not wait much longer for more.
    fn sounds_complete(&self, heard: &RawTranscript) -> bool {
        let asked = self.context();
        // On a copy: a speculation must leave nothing in the vault.
        let outcome = redact::redact(heard, &asked, &mut self.vault.clone());
        match self.expecting {
            Expecting::Anything | Expecting::YesNo => !crate::converse::words::trails_off(&outcome.text),
            Expecting::Date
            | Expecting::Dob
            | Expecting::Name { .. }
            | Expecting::Phone
            | Expecting::MemberId
            | Expecting::Card => outcome.captured.is_some_and(|captured| captured.complete),
        }
    }

    fn context(&self) -> Context<'static> {
        let today = self.shared.clock.wall().to_zoned(self.shared.time_zone.clone()).date();
        Context { expecting: self.expecting, asked: "", today }
    }

    fn turn_if_recognised(&mut self) {
        let Some(recognised) = self.listening.take() else { return };
        let ended_at = self.shared.clock.now();
        // The answer to this turn may ask for something else.
        let expecting = self.expecting;
        let heard = recognised.heard.unwrap_or_else(RawTranscript::nothing);
        if let Some(redaction) = self.take_turn(&heard) {
            let (turn, end, recognition) = (self.turn, recognised.end, recognised.took);
            self.timing = Some(Timing { turn, expecting, end, recognition, redaction, ended_at });
        }
    }

    /// A turn whose words are there. Returns how long redaction took; `None` where there was nothing to redact.
    fn take_turn(&mut self, heard: &RawTranscript) -> Option<Duration> {
        if heard.is_empty() {
            self.feed(Event::NotUnderstood);
            return None;
        }
        self.turn = self.turn.next();
        Some(self.heard_turn(heard))
    }

    /// A turn, from its words to what is done about it. Returns how long redaction took.
    fn heard_turn(&mut self, heard: &RawTranscript) -> Duration {
        self.waiting_since = None;
        tracing::debug!(call = %self.call, turn = %self.turn, words = heard.words().len(), "a turn was heard");
        self.note(Kind::Heard, Parcel::new().with("said", heard).with("expecting", &self.expecting));
        let engine = heard.engine();
        self.show(
            "heard",
            Parcel::new()
                .with("turn", &self.turn)
                .with("text", heard)
                .with("engine", &engine)
                .with("confidence", &heard.confidence()),
        );

        let began = self.shared.clock.now();
        let known = self.vault.entries().len();
        let outcome = redact::redact(heard, &self.context(), &mut self.vault);
        let took = self.shared.clock.now().saturating_duration_since(began);
        self.note_vault(known);
        let rules: Vec<&'static str> = outcome.spans.iter().map(|span| span.rule).collect();
        self.note(Kind::Redacted, Parcel::new().with("text", &outcome.text).with("rules", &rules));

        let verdict = guard::before(heard);
        self.note(Kind::Verdict, Parcel::new().with("by", &"guard").with("what", &verdict.as_str()));
        let redacted = outcome.text.clone();
        let actions = self.conversation.on(Event::Heard(Heard {
            turn: self.turn,
            text: outcome.text,
            captured: outcome.captured,
            verdict,
            confidence: heard.confidence(),
        }));
        self.offer(redacted.as_str().to_owned());
        self.perform(actions);
        took
    }

    /// Builds the exact request that a cloud model would get for this turn, and lets the airlock check it.
    fn offer(&mut self, shown: String) {
        let request = self.conversation.would_ask();
        let bytes = Parcel::<Airlock>::new().with("turn", &self.turn).with("request", &request).seal();
        let (turn, length, post) = (self.turn, bytes.len(), self.post.clone());
        self.in_flight += 1;
        self.shared.doors.offer(
            self.call,
            bytes,
            Reply::to("airlock", move |result| {
                let _ = post.send(Happened::Offered(turn, shown, length, result));
            }),
        );
    }

    fn offered(&mut self, turn: Turn, text: String, bytes: usize, result: &Result<Vec<u8>, AskError>) {
        let answer = match result {
            Ok(body) if body.windows(8).any(|w| w == b"withheld") => "withheld",
            Ok(_) => "refused",
            Err(_) => "unavailable",
        };
        // `text` is redacted text, which may go anywhere; it is shown to the watcher beside what the room heard.
        let text = Shown(text);
        self.show(
            "would-leave",
            Parcel::new().with("turn", &turn).with("text", &text).with("answer", &answer).with("bytes", &bytes),
        );
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
                    self.names = names.iter().filter_map(|name| self.value(*name)).collect();
                    self.ears.expect(expecting);
                    self.speaking.then(After::Listen(expecting));
                }
                Action::Tool { id, name, args } => self.ask_tool(id, name, &args),
                Action::Identity(level) => {
                    self.identity = level;
                    self.note(Kind::Verdict, Parcel::new().with("by", &"identity").with("level", &level));
                }
                Action::Decided { by, what } => {
                    self.note(Kind::Verdict, Parcel::new().with("by", &by).with("what", &what));
                    self.show("decided", Parcel::new().with("by", &by).with("what", &what));
                }
                Action::HandOff { reason, brief } => self.hand_off(reason, &brief),
                Action::Bridge => {
                    self.note(Kind::HandoffResult, Parcel::new().with("result", &"accept"));
                    self.send(FromBrain::Bridge);
                }
                Action::HangUp { outcome } => self.speaking.then(After::HangUp(outcome)),
            }
        }
    }

    fn value(&self, placeholder: Placeholder) -> Option<Secret> {
        self.vault.find(placeholder).map(|entry| entry.spoken.clone())
    }

    /// Says a sentence, if this caller may hear its values.
    fn say(&mut self, id: SayId, template: String, mandatory: bool) {
        // The conversation has put it before [`guard::evaluate`]; what is left to ask is who may hear the values.
        let text = match restore::restore(&template, &self.vault, self.identity) {
            // A template without placeholders holds the program's and the clinic's own words only.
            Ok(text) if placeholder::find_all(&template).next().is_none() => text.to_spoken().public(),
            Ok(text) => text.to_spoken(),
            Err(error) => {
                tracing::error!(call = %self.call, %error, "a sentence could not be said");
                self.note(Kind::Verdict, Parcel::new().with("by", &"restore").with("what", &"sentence-not-said"));
                SpokenText::new("One moment please.")
            }
        };
        let shown = Shown(template.clone());
        self.show("spoken", Parcel::new().with("text", &text).with("template", &shown));
        self.speaking.say(id, text.clone(), template, mandatory);
        if self.pace == Pace::Typed {
            // It has been shown, and is read at once.
            return self.speaking.synthesised(id, Vec::new());
        }
        let post = self.post.clone();
        self.in_flight += 1;
        let started = self.shared.voices.say(text, move |result| {
            let _ = post.send(Happened::Spoken(id, result));
        });
        if started.is_err() {
            self.in_flight -= 1;
            self.synthesised(id, Err(SpeakError::Failed { voice: "all voices are busy".to_owned(), source: None }));
        }
    }

    fn synthesised(&mut self, id: SayId, result: Result<Vec<i16>, SpeakError>) {
        match result {
            Ok(samples) => {
                self.voice_failures = 0;
                self.speaking.synthesised(id, samples);
            }
            Err(error) => {
                tracing::error!(call = %self.call, %error, "a sentence has no voice");
                self.voice_failures += 1;
                self.speaking.unvoiced(id);
                // A box that cannot speak leaves the caller to the line: it stops answering frames, and after a second
                // lined apologises with its own recorded words and rings the desk.
                if self.voice_failures >= VOICE_FAILURES {
                    self.over = true;
                }
            }
        }
    }

    fn played(&mut self, said: Said, line_played: u64) {
        let Said { id, text, template, played, total, whole } = said;
        let template = Shown(template);
        let body = Parcel::new()
            .with("text", &text)
            .with("template", &template)
            .with("samples_played", &played)
            .with("samples", &total)
            .with("whole", &whole)
            .with("line_frames_played", &line_played);
        self.note(Kind::Spoken, body);
        self.recording.said(id, whole);
        self.feed(Event::Played { id, whole });
    }

    /// The first sample of an answer: now the turn's times are known.
    fn first_audio(&mut self) {
        let Some(timing) = self.timing.take() else { return };
        let first_audio = self.shared.clock.now().saturating_duration_since(timing.ended_at);
        let ms = |time: Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
        let us = u32::try_from(timing.redaction.as_micros()).unwrap_or(u32::MAX);
        let parcel = Parcel::new()
            .with("turn", &timing.turn)
            .with("expecting", &timing.expecting)
            .with("end_of_turn_ms", &ms(timing.end.silence))
            .with("recognition_ms", &ms(timing.recognition))
            .with("redaction_us", &us)
            .with("first_audio_ms", &ms(first_audio));
        self.show("timing", parcel);
    }

    fn do_what_is_due(&mut self) {
        if self.pace == Pace::Typed {
            for said in self.speaking.finished() {
                self.played(said, 0);
            }
        }
        while let Some(after) = self.speaking.due() {
            match after {
                After::Listen(expecting) => {
                    self.wait_for_the_caller();
                    self.show("listening", Parcel::new().with("expecting", &expecting));
                }
                After::Consult(brief) => self.send(FromBrain::Consult(brief)),
                After::HangUp(outcome) => self.hang_up(outcome),
            }
        }
    }

    fn wait_for_the_caller(&mut self) {
        self.waiting_since = Some(self.now);
    }

    fn hang_up(&mut self, outcome: Outcome) {
        tracing::info!(call = %self.call, outcome = outcome.as_str(), "the box hangs up");
        self.send(FromBrain::Hangup);
    }

    fn hand_off(&mut self, reason: &'static str, brief: &str) {
        let dossier = self.conversation.dossier();
        self.note(Kind::HandoffOffer, Parcel::new().with("reason", &reason).with("dossier", &dossier));
        // Staff may hear every value of the call.
        let text = restore::restore(brief, &self.vault, IdentityLevel::Vouched)
            .map_or_else(|_| SpokenText::new("A caller needs a person."), |text| text.to_spoken());
        self.show("desk", Parcel::new().with("reason", &reason).with("brief", &text));
        if self.pace == Pace::Typed {
            return self.speaking.then(After::Consult(Vec::new()));
        }
        let post = self.post.clone();
        self.in_flight += 1;
        let started = self.shared.voices.say(text, move |result| {
            let _ = post.send(Happened::Brief(result));
        });
        if started.is_err() {
            self.in_flight -= 1;
            self.speaking.then(After::Consult(Vec::new()));
        }
    }

    fn ask_tool(&mut self, id: ToolId, name: &'static str, args: &[(&'static str, Argument)]) {
        let Some(tool) = tool::find(name) else {
            self.feed(Event::ToolDone { id, result: Err(ToolFailure::Failed) });
            return;
        };
        let key = Key { call: self.call, number: id.0 };
        let request = match ToolRequest::new(tool, args, &self.vault, self.identity, key) {
            Ok(request) => request.parcel(),
            Err(error) => {
                tracing::error!(call = %self.call, tool = name, %error, "a tool was asked wrongly");
                self.feed(Event::ToolDone { id, result: Err(error.failure()) });
                return;
            }
        };
        let asked = args.iter().fold(Parcel::<Record>::new(), |asked, (field, argument)| asked.with(field, argument));
        let body = Parcel::new().with("tool", &tool.name).with("number", &id.0).with("args", &asked);
        let event = self.event(Kind::ToolCall, body.with("level", &self.identity));
        let first = match tool.access {
            Access::Write => Some(event),
            Access::Read => {
                self.shared.doors.recorder.note(event);
                None
            }
        };
        let post = self.post.clone();
        self.in_flight += 1;
        let reply = Reply::to("clinic", move |result| {
            let _ = post.send(Happened::Tool(id, tool, result));
        });
        self.shared.doors.tool(self.call, request, first, reply);
    }

    fn tool_answered(&mut self, id: ToolId, tool: &'static Tool, result: Result<Vec<u8>, AskError>) {
        let known = self.vault.entries().len();
        let result = result
            .map_err(ClinicError::from)
            .and_then(|body| tools::answer(&body, tool, &self.context(), &mut self.vault))
            .map_err(|error| error.failure());
        self.note_vault(known);
        let what = match &result {
            Ok(_) => "ok",
            Err(failure) => failure.as_str(),
        };
        let parcel = Parcel::new().with("tool", &tool.name).with("number", &id.0).with("result", &what);
        let parcel = match &result {
            Ok(answer) => parcel.with("items", answer),
            Err(_) => parcel,
        };
        self.note(Kind::ToolResult, parcel);
        self.show("tool", Parcel::new().with("name", &tool.name).with("result", &what));
        self.feed(Event::ToolDone { id, result });
    }

    /// Writes down the vault's entries from number `known` on.
    fn note_vault(&self, known: usize) {
        for entry in self.vault.entries().iter().skip(known) {
            let source = entry.source.as_str();
            let body = Parcel::new()
                .with("placeholder", &entry.placeholder)
                .with("spoken", &entry.spoken)
                .with("machine", &entry.machine)
                .with("source", &source)
                .with("level", &entry.level);
            self.note(Kind::VaultAdd, body);
        }
    }

    fn event(&self, kind: Kind, body: Parcel<Record>) -> crate::wire::event::Event {
        self.shared.doors.recorder.event(kind, Some(self.call), self.turn, self.synthetic, body)
    }

    fn note(&self, kind: Kind, body: Parcel<Record>) {
        self.shared.doors.recorder.note(self.event(kind, body));
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
        if let Some(chunk) = self.recording.rest() {
            self.keep(chunk);
        }
        self.shared.doors.forget(self.call);
        self.show("ended", Parcel::new().with("outcome", &outcome));
        tracing::info!(call = %self.call, turns = %self.turn, outcome, "the call is over");
    }
}
