//! The line over SIP: an extension of the clinic's telephone system, a trunk of it, or a gateway to an analogue line.
//!
//! ```text
//!   INVITE -> endpoint -> admission -> call ---- Incoming, Dtmf, Desk, Ended -> switchboard
//!                                       |  <---- Answer, Consult, Bridge, Hangup
//!                                       +- agree: sdp, timers, identity (pure); sound: the leg on the media thread
//!                                       +- watch: whether the caller's peer is still there
//!                                       +- desk: a hand-off, by calls to staff
//! ```
//! `endpoint` is the only file that names the SIP crate. What is heard and played lives in [`crate::line::media`].

mod agree;
pub mod backoff;
mod call;
mod desk;
pub mod doctor;
mod endpoint;
pub mod identity;
pub mod lately;
mod names;
pub mod register;
pub mod sdp;
mod servers;
mod site;
mod sound;
mod staff;
pub mod timers;
mod watch;
mod when;

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;

pub use endpoint::{Door, SipError};
pub use site::{Around, OnCall, SiteError};
pub use when::When;

use crate::clock::Clock;
use crate::config::telephone::Srtp;
use crate::ids::CallId;
use crate::line::admission::{Admission, Asked, Readiness, Verdict};
use crate::line::consult::Rules;
use crate::line::media::Media;
use crate::line::ports::Ports;
use crate::line::sip::backoff::Policy;
use crate::line::sip::endpoint::{Endpoint, Invitation};
use crate::line::sip::lately::Lately;
use crate::line::sip::register::Standing;
use crate::line::sip::timers::Wanted;
use crate::line::sip::when::What;
use crate::line::watchdog::Heart;
use crate::line::{Line, LineCommand, LineEvent};
use crate::tasks::{Stop, TaskError, Tasks};

/// Commands that may wait for one call; more means that its task hangs, and it is ended.
const WAITING: usize = 16;
/// How old the media thread's last tick may be: more, and it cannot serve a call.
const MEDIA_LATE: Duration = Duration::from_secs(1);

/// What lined knows of the box's readiness, asked before each call is answered and at each OPTIONS.
pub type Ready = Arc<dyn Fn() -> Readiness + Send + Sync>;

/// A line over SIP.
pub struct SipLine {
    /// Where it listens, and who it is.
    pub door: Door,
    /// Whether and how it registers; none where the site knows the box's address by itself.
    pub registration: Option<Policy>,
    /// Ports for sound.
    pub ports: Ports,
    /// Whether sound is encrypted.
    pub srtp: Srtp,
    /// The desks that a call is handed to, in order: extensions or whole addresses.
    pub desks: Vec<String>,
    /// Who is rung for an urgent call before the desks, in order.
    pub on_call: Vec<OnCall>,
    /// How a hand-off goes.
    pub rules: Rules,
    /// Session timers.
    pub wanted: Wanted,
    /// Whether the exchange's word on who calls counts even where the caller withheld it.
    pub trust_asserted: bool,
    /// Calls at once.
    pub max_calls: usize,
    /// What else must be there for a call to be served.
    pub ready: Ready,
    /// Whether the exchange knows the box.
    pub standing: Arc<Standing>,
    /// When the box answers.
    pub when: When,
    /// Whether every caller is a tester: what is kept of their calls may be shown.
    pub testers_only: bool,
    /// Asked once the box takes no new calls: it leaves the registrar, and goes on with the calls that are up.
    pub drain: Stop,
    /// Where what the sound of each call was like is counted; none where nobody will ask.
    pub lately: Option<Lately>,
    /// Who is told that the line is alive.
    pub heart: Heart,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
}

/// What every call's task needs.
struct Site {
    endpoint: Arc<Endpoint>,
    media: Media,
    ports: Ports,
    srtp: Srtp,
    desks: Vec<String>,
    on_call: Vec<OnCall>,
    rules: Rules,
    wanted: Wanted,
    trust_asserted: bool,
    testers_only: bool,
    drain: Stop,
    lately: Option<Lately>,
    events: mpsc::Sender<LineEvent>,
    later: mpsc::Sender<Later>,
    clock: Arc<dyn Clock>,
    start: Instant,
}

type Later = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

impl Site {
    /// Time since the line began.
    fn now(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.start)
    }

    /// Something that a call need not wait for: an answer to a peer, a hang-up.
    fn later(&self, what: impl Future<Output = ()> + Send + 'static) {
        if self.later.try_send(Box::pin(what)).is_err() {
            tracing::warn!("too many messages to peers wait; one was dropped");
        }
    }
}

impl Line for SipLine {
    async fn run(
        self,
        events: mpsc::Sender<LineEvent>,
        mut commands: mpsc::Receiver<LineCommand>,
        stop: Stop,
    ) -> Result<(), TaskError> {
        // The stack outlives the calls and the registration: both have something to say when they end.
        let stack = Stop::new();
        let (mut tasks, mut below) = (Tasks::below(&stop), Tasks::below(&stack));
        let mut registered = Tasks::below(&stop);
        let (endpoint, requests) = Endpoint::open(self.door.clone(), &stack).await.map_err(TaskError::because)?;
        let (endpoint, media) =
            (Arc::new(endpoint), Media::start(self.heart.part("media")).map_err(TaskError::from_io)?);
        let pulse = Pulse::of(media.clone(), Arc::clone(&self.clock));
        let ready = {
            let (ready, pulse) = (Arc::clone(&self.ready), Arc::clone(&pulse));
            move || pulse.seen(ready())
        };
        let (rings, mut ringing) = mpsc::channel(WAITING);
        let is_ready = {
            let (ready, drain) = (ready.clone(), self.drain.clone());
            move || !drain.is_asked() && ready().missing().is_none()
        };
        let served = Arc::clone(&endpoint);
        below.start("sip", move |stop| endpoint::serve(served, requests, rings, is_ready, stop));
        if let Some(policy) = self.registration {
            let (endpoint, standing) = (Arc::clone(&endpoint), Arc::clone(&self.standing));
            let clock = Arc::clone(&self.clock);
            registered.start("registration", move |stop| register::keep(endpoint, policy, standing, clock, stop));
        }
        let (later, mut due) = mpsc::channel::<Later>(256);
        let site = Arc::new(Site {
            endpoint,
            media,
            ports: self.ports,
            srtp: self.srtp,
            desks: self.desks,
            on_call: self.on_call,
            rules: self.rules,
            wanted: self.wanted,
            trust_asserted: self.trust_asserted,
            testers_only: self.testers_only,
            drain: self.drain.clone(),
            lately: self.lately,
            events,
            later,
            start: self.clock.now(),
            clock: Arc::clone(&self.clock),
        });
        let (beat, mut second) = (self.heart.part("sip"), tokio::time::interval(Duration::from_secs(1)));
        let mut gate = Gate {
            own: self.door.listen.ip(),
            ready,
            when: self.when,
            admission: Admission::new(self.max_calls),
            calls: Calls::default(),
            draining: false,
        };
        loop {
            tokio::select! {
                () = stop.asked() => break,
                _ = second.tick() => beat.beat(),
                () = site.drain.asked(), if !gate.draining => {
                    gate.draining = true;
                    // The exchange is told at once, so that it does not try us first for each call.
                    registered.stop().ask();
                }
                () = tasks.reap() => {}
                () = registered.reap() => {}
                () = below.reap() => {}
                Some(what) = due.recv() => below.start("sip-later", |_| async move { what.await; Ok(()) }),
                Some(command) = commands.recv() => gate.calls.deliver(command),
                Some(invitation) = ringing.recv() => gate.rings(&site, invitation, &mut tasks),
            }
        }
        drop(site);
        let (ended, left) = tokio::join!(tasks.wait(), registered.wait());
        let ended = ended.and(left);
        stack.ask();
        let stopped = below.wait().await;
        ended.and(stopped).map_err(TaskError::because)
    }
}

/// Who gets in.
struct Gate<R> {
    /// Our own address, for a packet whose source the stack does not know.
    own: IpAddr,
    ready: R,
    when: When,
    admission: Admission,
    calls: Calls,
    draining: bool,
}

impl<R: Fn() -> Readiness> Gate<R> {
    /// A call rings.
    fn rings(&mut self, site: &Arc<Site>, invitation: Invitation, tasks: &mut Tasks) {
        let source = invitation.source;
        let asked = Asked {
            source: source.unwrap_or(self.own),
            trusted: source.is_some_and(|ip| site.endpoint.admits(ip)),
            ours: true,
            calls: self.calls.up(),
            ready: (self.ready)(),
            draining: self.draining,
        };
        let refuse = |tasks: &mut Tasks, invitation: Invitation, code, seconds| {
            tasks.start("sip-refusal", move |_| async move {
                invitation.refuse(code, seconds).await;
                Ok(())
            });
        };
        match self.admission.decide(&asked, site.now()) {
            Verdict::Admit => {
                let from = invitation.values("From").into_iter().next().unwrap_or_default();
                match self.when.look(&from, &invitation.asked_for()) {
                    What::Answer(after) => self.calls.begin(site, invitation, after, tasks),
                    // 480: nobody here now; the exchange goes on to the desk.
                    What::LeaveToStaff => refuse(tasks, invitation, 480, None),
                    What::Understood => {
                        let site = Arc::clone(site);
                        tasks.start("sip-staff", |_| call::confirm(site, invitation));
                    }
                }
            }
            Verdict::Refuse { code, retry_after, why } => {
                tracing::warn!(why = why.as_str(), code, "a call was turned away before it was answered");
                refuse(tasks, invitation, code, retry_after.and_then(|time| u32::try_from(time.as_secs()).ok()));
            }
            Verdict::Silence(why) => tracing::debug!(why = why.as_str(), "a call was ignored"),
        }
    }
}

/// The calls there are.
#[derive(Default)]
struct Calls {
    commands: HashMap<CallId, mpsc::Sender<LineCommand>>,
    up: Arc<AtomicUsize>,
}

impl Calls {
    fn up(&self) -> usize {
        self.up.load(Ordering::Relaxed)
    }

    fn begin(&mut self, site: &Arc<Site>, invitation: Invitation, after: Duration, tasks: &mut Tasks) {
        let call = CallId::draw();
        let (sender, commands) = mpsc::channel(WAITING);
        self.commands.retain(|_, commands| !commands.is_closed());
        self.commands.insert(call, sender);
        let place = Counted::one(&self.up);
        let site = Arc::clone(site);
        let rings = call::Rings { invitation, call, after, commands, place };
        tasks.start("sip-call", move |stop| call::serve(site, rings, stop));
    }

    fn deliver(&mut self, command: LineCommand) {
        let call = command.call();
        // A call whose task does not take its commands hangs; dropping the sender ends it.
        if self.commands.get(&call).is_some_and(|commands| commands.try_send(command).is_err()) {
            self.commands.remove(&call);
        }
    }
}

/// A call that counts for as long as it lives, however its task ends.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn one(up: &Arc<AtomicUsize>) -> Self {
        up.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(up))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether the media thread still ticks.
struct Pulse {
    media: Media,
    clock: Arc<dyn Clock>,
    last: std::sync::Mutex<(u64, Instant)>,
}

impl Pulse {
    fn of(media: Media, clock: Arc<dyn Clock>) -> Arc<Self> {
        let last = std::sync::Mutex::new((media.ticks(), clock.now()));
        Arc::new(Self { media, clock, last })
    }

    /// The readiness with what is seen of the thread.
    fn seen(&self, ready: Readiness) -> Readiness {
        let (ticks, now) = (self.media.ticks(), self.clock.now());
        let media = self.last.lock().is_ok_and(|mut last| {
            if last.0 != ticks {
                *last = (ticks, now);
            }
            // Nobody may have looked for long: a thread that has ticked since is alive.
            now.saturating_duration_since(last.1) < MEDIA_LATE
        });
        Readiness { media: ready.media && media, ..ready }
    }
}
