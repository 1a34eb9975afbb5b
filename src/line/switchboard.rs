//! The switchboard: gives each call to the brain, and serves it when the brain is silent.
//!
//! One task a call. While the brain answers, a frame in means a frame out. When it has been silent for
//! `brain-silence-ms`, or its connection is gone, the call is [`Served`] here. `call.begin` and `call.end` are written
//! here too, since this is the process that outlives the others.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

use crate::clock::{Clock, FRAME};
use crate::ids::{CallId, Turn};
use crate::line::brain::BrainLink;
use crate::line::messages::MessageBox;
use crate::line::prompts::Prompts;
use crate::line::served::{Around, Served, Step};
use crate::line::transfer::{Transfer, Transfers};
use crate::line::watchdog::Beat;
use crate::line::{AudioPort, LineCommand, LineEvent, Rung};
use crate::pcm::{Frame, LINE_RATE};
use crate::secret::Secret;
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::event::Kind;
use crate::wire::line::{DeskAnswer, EndedBy, FromBrain, Ring, ToBrain, Urgency};
use crate::wire::recorder::Recorder;
use crate::wire::recording::{Chunk, Head, What};
use crate::wire::{Parcel, Record};

/// A timer that fires this much late says that this process was stalled, and nothing about the brain.
const OWN_STALL: Duration = Duration::from_millis(100);
/// Inputs that may wait for one call's task.
const WAITING: usize = 256;

/// What every call's task needs.
pub(super) struct Desk {
    pub(super) brain: BrainLink,
    pub(super) commands: mpsc::Sender<LineCommand>,
    pub(super) prompts: Prompts,
    pub(super) messages: MessageBox,
    pub(super) transfers: Transfers,
    pub(super) recorder: Recorder,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) brain_silence: Duration,
    /// How long staff may take until they have the caller or nobody does.
    pub(super) staff_take: StaffTake,
    pub(super) max_calls: usize,
    /// Asked once no new calls are taken.
    pub(super) drain: Stop,
    /// Calls that are up.
    pub(super) up: Arc<AtomicUsize>,
}

/// How long staff may take: the line's own time, and a little more.
#[derive(Clone, Copy, Debug)]
pub(super) struct StaffTake {
    pub(super) routine: Duration,
    pub(super) urgent: Duration,
}

impl StaffTake {
    /// In frames.
    fn frames(self, urgency: Urgency) -> usize {
        frames_in(match urgency {
            Urgency::Routine => self.routine,
            Urgency::Urgent => self.urgent,
        })
    }
}

impl Desk {
    fn around(&self) -> Around {
        Around { brain_is_back: self.brain.is_up(), takes_messages: self.messages.takes() }
    }
}

enum Input {
    Key(char),
    Desk(DeskAnswer),
    OnCall(usize, Secret, Rung),
    OnHold,
    Unheard,
    Ended(EndedBy),
    Brain(FromBrain),
}

/// Runs the switchboard until `stop`.
pub(super) async fn run(
    desk: Arc<Desk>,
    mut events: mpsc::Receiver<LineEvent>,
    mut said: mpsc::Receiver<(CallId, FromBrain)>,
    beat: Beat,
    stop: Stop,
) -> Result<(), TaskError> {
    let mut tasks = Tasks::below(&stop);
    let mut calls: HashMap<CallId, mpsc::Sender<Input>> = HashMap::new();
    let mut second = tokio::time::interval(Duration::from_secs(1));
    loop {
        let (call, input) = tokio::select! {
            () = stop.asked() => return Ok(()),
            () = tasks.reap() => continue,
            _ = second.tick() => {
                beat.beat();
                continue;
            }
            Some(event) = events.recv() => match event {
                LineEvent::Incoming { call, ring, audio } => {
                    calls.retain(|_, inputs| !inputs.is_closed());
                    let why = if desk.drain.is_asked() { Some("draining") } else { None };
                    if let Some(why) = why.or((calls.len() >= desk.max_calls).then_some("full")) {
                        tracing::warn!(%call, calls = calls.len(), why, "a call was turned away");
                        let _ = desk.commands.send(LineCommand::Hangup(call)).await;
                        continue;
                    }
                    let (sender, inputs) = mpsc::channel(WAITING);
                    calls.insert(call, sender);
                    let (desk, up) = (Arc::clone(&desk), Up::one(&desk.up));
                    tasks.start("call", move |_| async move {
                        let _up = up;
                        OneCall::new(&desk, call, ring, audio).serve(inputs).await;
                        Ok(())
                    });
                    continue;
                }
                LineEvent::Dtmf { call, key } => (call, Input::Key(key)),
                LineEvent::Desk { call, answer } => (call, Input::Desk(answer)),
                LineEvent::OnCall { call, who, name, what } => (call, Input::OnCall(who, name, what)),
                LineEvent::OnHold { call } => (call, Input::OnHold),
                LineEvent::Unheard { call } => (call, Input::Unheard),
                LineEvent::Ended { call, by } => (call, Input::Ended(by)),
            },
            Some((call, what)) = said.recv() => (call, Input::Brain(what)),
        };
        // A call that is over has no inbox any more; what still comes for it is late. Its place is free at once.
        let inputs = if matches!(input, Input::Ended(_)) { calls.remove(&call) } else { calls.get(&call).cloned() };
        if let Some(inputs) = inputs {
            let _ = inputs.send(input).await;
        }
    }
}

/// A call that counts for as long as it lives, however its task ends.
struct Up(Arc<AtomicUsize>);

impl Up {
    fn one(up: &Arc<AtomicUsize>) -> Self {
        up.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(up))
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

enum Mode<'a> {
    /// The brain serves. It was last heard of at `since`; the ring or `unanswered` frames wait for it.
    Brain {
        ringing: bool,
        unanswered: u32,
        since: Instant,
    },
    Alone(Served<'a>),
    /// Staff have the call, which is recorded where the caller has consented.
    Bridged(Option<Transfer>),
}

struct OneCall<'a> {
    desk: &'a Desk,
    call: CallId,
    ring: Ring,
    audio: AudioPort,
    mode: Mode<'a>,
    /// Frames for which staff have been ringing on the brain's behalf.
    consulting: Option<usize>,
    /// Frames for which the exchange has been connecting the caller with the desk.
    on_hold: Option<usize>,
    /// How much the call mattered when staff were last asked.
    urgency: Urgency,
    /// Staff have had the caller.
    was_taken: bool,
    alone_before: bool,
}

impl<'a> OneCall<'a> {
    fn new(desk: &'a Desk, call: CallId, ring: Ring, audio: AudioPort) -> Self {
        let mode = Mode::Brain { ringing: true, unanswered: 0, since: desk.clock.now() };
        let (consulting, on_hold, urgency) = (None, None, Urgency::Routine);
        Self { desk, call, ring, audio, mode, consulting, on_hold, urgency, was_taken: false, alone_before: false }
    }

    async fn serve(mut self, mut inputs: mpsc::Receiver<Input>) {
        tracing::info!(call = %self.call, "call begins");
        let begin = Parcel::new().with("number", &self.ring.number);
        self.note(Kind::CallBegin, begin);
        if !self.desk.brain.tell(self.call, &ToBrain::Ring(self.ring.clone())) {
            self.command(LineCommand::Answer(self.call)).await;
            self.go_alone().await;
        }
        let by = loop {
            let silent_at = match self.mode {
                Mode::Brain { ringing: true, since, .. } | Mode::Brain { unanswered: 1.., since, .. } => {
                    Some(since + self.desk.brain_silence)
                }
                Mode::Brain { .. } | Mode::Alone(_) | Mode::Bridged(_) => None,
            };
            tokio::select! {
                input = inputs.recv() => match input {
                    None => break EndedBy::Line,
                    Some(Input::Ended(by)) => break by,
                    Some(Input::Key(key)) => self.pressed(key),
                    Some(Input::Desk(answer)) => self.desk_answered(answer).await,
                    Some(Input::OnCall(who, name, what)) => self.note_on_call(who, &name, what),
                    Some(Input::OnHold) => self.on_hold = Some(0),
                    Some(Input::Unheard) => self.tell_brain(&ToBrain::Unheard),
                    Some(Input::Brain(what)) => self.brain_said(what).await,
                },
                frame = self.audio.hear() => self.heard(frame).await,
                () = until(silent_at) => self.brain_is_silent(silent_at).await,
            }
        };
        if let Mode::Alone(served) = &mut self.mode {
            let step = served.hung_up();
            self.take(step).await;
        }
        self.keep_rest();
        if self.urgency == Urgency::Urgent && !self.was_taken {
            self.note(Kind::Alert, Parcel::new().with("what", &"urgent-call-not-taken"));
        }
        self.tell_brain(&ToBrain::Ended(by));
        let by = by.as_str();
        let end = Parcel::new()
            .with("by", &by)
            .with("played_frames", &self.audio.played())
            .with("dropped_frames", &self.audio.dropped())
            .with("served_by_line", &self.alone_before);
        self.note(Kind::CallEnd, end);
        tracing::info!(call = %self.call, by, "call ends");
    }

    /// The brain's time is over. Where this process woke up late itself, what the brain has said meanwhile still waits in
    /// the queues: then it gets its time once more.
    async fn brain_is_silent(&mut self, due: Option<Instant>) {
        let now = self.desk.clock.now();
        let late = due.map_or(Duration::ZERO, |due| now.saturating_duration_since(due));
        if let Mode::Brain { since, .. } = &mut self.mode
            && late > OWN_STALL
        {
            tracing::warn!(call = %self.call, late_ms = late.as_millis(), "this process was stalled");
            *since = now;
            return;
        }
        tracing::warn!(call = %self.call, "the brain is silent");
        if self.audio.played() == 0 {
            self.command(LineCommand::Answer(self.call)).await;
        }
        self.go_alone().await;
    }

    fn note(&self, kind: Kind, body: Parcel<Record>) {
        let recorder = &self.desk.recorder;
        recorder.note(recorder.event(kind, Some(self.call), Turn::default(), self.ring.synthetic, body));
    }

    /// Somebody on call was rung, or what came of it. Their name is in the sealed body alone.
    fn note_on_call(&self, who: usize, name: &Secret, what: Rung) {
        let body = Parcel::new().with("who", &who).with("name", name);
        match what {
            Rung::Begins => self.note(Kind::HandoffOffer, body.with("reason", &"on-call")),
            Rung::Settled { result, after } => {
                let ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
                let result = result.as_str();
                tracing::info!(call = %self.call, who, result, after_ms = ms, "somebody on call was asked");
                self.note(Kind::HandoffResult, body.with("result", &result).with("after_ms", &ms));
            }
        }
    }

    fn tell_brain(&self, what: &ToBrain) {
        // A brain that is not there needs no news; the watchdog deals with its absence.
        let _ = self.desk.brain.tell(self.call, what);
    }

    fn pressed(&mut self, key: char) {
        match &mut self.mode {
            Mode::Brain { .. } | Mode::Alone(_) => self.tell_brain(&ToBrain::Dtmf(key)),
            Mode::Bridged(Some(transfer)) => {
                transfer.key();
                if key == '*' {
                    self.keep_rest();
                    self.mode = Mode::Bridged(None);
                    let body =
                        Parcel::new().with("by", &"caller").with("mode", &"transfer").with("result", &"withdrawn");
                    // Which states' law was looked at stands in the brain's event before.
                    self.note(Kind::Consent, body.with("states", &Vec::<&'static str>::new()));
                }
            }
            Mode::Bridged(None) => {}
        }
    }

    /// What is left of a transfer's sound.
    fn keep_rest(&mut self) {
        let Mode::Bridged(Some(transfer)) = &mut self.mode else { return };
        while let Some(chunk) = transfer.rest(self.desk.recorder.now_us()) {
            self.desk.transfers.keep(self.call, chunk);
        }
    }

    async fn command(&self, command: LineCommand) {
        // The adapter ends only with the daemon.
        let _ = self.desk.commands.send(command).await;
    }

    async fn heard(&mut self, frame: Frame) {
        let played = self.audio.played();
        let music = self.on_hold.and_then(|at| self.hold_frame(at));
        if let Some(frames) = &mut self.on_hold {
            *frames += 1;
        }
        if let Some(frames) = &mut self.consulting {
            *frames += 1;
            if *frames >= self.desk.staff_take.frames(self.urgency) {
                self.consulting = None;
                self.tell_brain(&ToBrain::Desk(DeskAnswer::None));
            }
        }
        match &mut self.mode {
            Mode::Brain { ringing, unanswered, since } => {
                if *unanswered == 0 && !*ringing {
                    *since = self.desk.clock.now();
                }
                *unanswered += 1;
                let told = self.desk.brain.tell(self.call, &ToBrain::Frame { pcm: Box::new(frame), played });
                if !told && !self.desk.brain.is_up() {
                    self.go_alone().await;
                }
            }
            Mode::Alone(served) => {
                let (frame, step) = served.frame(&frame, self.desk.around());
                self.audio.play(frame);
                self.take(step).await;
            }
            Mode::Bridged(transfer) => {
                let desk = self.audio.hear_desk().or(music).unwrap_or(Frame::SILENCE);
                let now = self.desk.recorder.now_us();
                if let Some(chunk) = transfer.as_mut().and_then(|transfer| transfer.frame(&frame, &desk, now)) {
                    self.desk.transfers.keep(self.call, chunk);
                }
                self.audio.play(desk);
            }
        }
    }

    async fn brain_said(&mut self, what: FromBrain) {
        // What a brain says of a call that was taken from it is too late.
        let Mode::Brain { ringing, unanswered, since } = &mut self.mode else { return };
        *since = self.desk.clock.now();
        match what {
            FromBrain::Alive => {}
            FromBrain::Answer => {
                *ringing = false;
                self.command(LineCommand::Answer(self.call)).await;
            }
            FromBrain::Frame(frame) => {
                *unanswered = unanswered.saturating_sub(1);
                let hold = || self.consulting.and_then(|at| self.hold_frame(at));
                self.audio.play(frame.map(|f| *f).or_else(hold).unwrap_or(Frame::SILENCE));
            }
            FromBrain::Consult(brief, urgency) => {
                self.consulting = Some(0);
                self.urgency = urgency;
                self.command(LineCommand::Consult(self.call, brief, urgency)).await;
            }
            FromBrain::Bridge { record } => {
                // Frames that the brain has not answered yet are answered here: a line in virtual time waits for them.
                for _ in 0..*unanswered {
                    self.audio.play(Frame::SILENCE);
                }
                self.mode = Mode::Bridged(record.then(|| Transfer::consented(self.ring.synthetic)));
                self.command(LineCommand::Bridge(self.call)).await;
            }
            FromBrain::Hangup => self.command(LineCommand::Hangup(self.call)).await,
        }
    }

    async fn desk_answered(&mut self, answer: DeskAnswer) {
        self.was_taken |= answer == DeskAnswer::Accept;
        self.on_hold = None;
        if let Mode::Alone(served) = &mut self.mode {
            let step = served.desk(answer, self.desk.around());
            let result = match answer {
                DeskAnswer::Accept => "accept",
                DeskAnswer::Decline => "decline",
                DeskAnswer::None => "none",
            };
            self.note(Kind::HandoffResult, Parcel::new().with("result", &result));
            self.take(step).await;
        } else if self.consulting.take().is_some() {
            self.tell_brain(&ToBrain::Desk(answer));
        } else if matches!(self.mode, Mode::Bridged(_)) && answer != DeskAnswer::Accept {
            // Staff had the call, and their telephone is gone: the caller goes back to the brain, or is served here.
            self.keep_rest();
            self.note(Kind::HandoffResult, Parcel::new().with("result", &"lost"));
            self.take(Some(Step::HandBack)).await;
        }
    }

    /// The brain is silent: apologise at once, in place of every frame that it has not answered.
    async fn go_alone(&mut self) {
        let unanswered = match self.mode {
            Mode::Brain { unanswered, .. } => unanswered,
            Mode::Alone(_) | Mode::Bridged(_) => return,
        };
        self.alone_before = true;
        self.consulting = None;
        self.note(Kind::Alert, Parcel::new().with("what", &"brain-silent"));
        let mut served = Served::new(&self.desk.prompts, self.desk.staff_take.frames(self.urgency));
        for _ in 0..unanswered {
            let (frame, _) = served.frame(&Frame::SILENCE, Around { brain_is_back: false, ..self.desk.around() });
            self.audio.play(frame);
        }
        self.mode = Mode::Alone(served);
    }

    async fn take(&mut self, step: Option<Step>) {
        match step {
            None => {}
            Some(Step::RingDesk) => {
                self.note(Kind::HandoffOffer, Parcel::new().with("reason", &"brain-silent"));
                // Where the brain had said that it is urgent before it fell silent, it still is.
                let brief = self.desk.prompts.without_brief();
                self.command(LineCommand::Consult(self.call, brief, self.urgency)).await;
            }
            Some(Step::Bridge) => {
                // Nobody has asked this caller.
                self.mode = Mode::Bridged(None);
                self.command(LineCommand::Bridge(self.call)).await;
            }
            Some(Step::HandBack) => {
                self.mode = Mode::Brain { ringing: true, unanswered: 0, since: self.desk.clock.now() };
                self.ring.resumed = true;
                if !self.desk.brain.tell(self.call, &ToBrain::Ring(self.ring.clone())) {
                    self.go_alone().await;
                }
            }
            Some(Step::KeepMessage(samples)) => {
                let (t, mono_us) = self.desk.recorder.now_us();
                let (synthetic, rate) = (self.ring.synthetic, LINE_RATE);
                // Whoever speaks after "leave a message after the tone" agrees to its being kept.
                let head =
                    Head { t, mono_us, what: What::Message, synthetic, consent: true, rate, channels: 1, chunk: 0 };
                if !self.desk.messages.keep(self.call, &Chunk { head, samples }) {
                    self.note(Kind::Alert, Parcel::new().with("what", &"message-lost"));
                    if let Mode::Alone(served) = &mut self.mode {
                        served.not_kept();
                    }
                }
            }
            Some(Step::Hangup) => self.command(LineCommand::Hangup(self.call)).await,
        }
    }

    fn hold_frame(&self, at: usize) -> Option<Frame> {
        let hold = &self.desk.prompts.hold;
        hold.get(at.checked_rem(hold.len())?).cloned()
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

fn frames_in(time: Duration) -> usize {
    usize::try_from(time.as_millis() / FRAME.as_millis()).unwrap_or(usize::MAX)
}
