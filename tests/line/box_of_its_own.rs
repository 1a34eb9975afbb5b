//! A line without a box behind it: the real SIP line, and in place of switchboard and brain a script that answers, says a
//! tone, and keeps what it hears.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anteroom::clock::SystemClock;
use anteroom::config::hours::Hours;
use anteroom::config::telephone::{Server, Srtp, Transport};
use anteroom::ids::CallId;
use anteroom::line::admission::Readiness;
use anteroom::line::consult::Rules;
use anteroom::line::ports::Ports;
use anteroom::line::rota::Entry;
use anteroom::line::sip::backoff::Policy;
use anteroom::line::sip::register::Standing;
use anteroom::line::sip::timers::Wanted;
use anteroom::line::sip::{Door, OnCall, SipLine, When};
use anteroom::line::watchdog::Heart;
use anteroom::line::{AudioPort, Line, LineCommand, LineEvent, Rung};
use anteroom::pcm::Frame;
use anteroom::secret::Secret;
use anteroom::tasks::{Stop, Tasks};
use anteroom::wire::line::{DeskAnswer, EndedBy, Urgency};
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

use crate::peers::sounds::{self, tone};
use crate::peers::{free_ports, here};

/// What the box says: a tone that no peer says.
pub(crate) const SAYS_HZ: f64 = 600.0;

/// How the line is set up.
pub(crate) struct Setup<'a> {
    /// Where it is.
    pub(crate) at: Ipv4Addr,
    pub(crate) user: &'a str,
    pub(crate) domain: &'a str,
    /// The registrar or proxy, on this machine.
    pub(crate) server: u16,
    /// Several of them, anywhere; then `server` has no say.
    pub(crate) servers: &'a [SocketAddr],
    /// As with a provider's exchange.
    pub(crate) keep_alive: Option<Duration>,
    /// The password, where it registers.
    pub(crate) password: Option<&'a str>,
    pub(crate) desks: &'a [&'a str],
    pub(crate) on_call: Vec<OnCall>,
    pub(crate) rules: Rules,
    pub(crate) srtp: Srtp,
    pub(crate) transport: Transport,
    pub(crate) authorities: Option<Vec<u8>>,
    pub(crate) max_calls: usize,
    pub(crate) expires: u32,
    pub(crate) wanted: Wanted,
    pub(crate) hours: Hours,
    /// Whether the script answers.
    pub(crate) answers: bool,
    /// Whether the script hands the call to the desk at once.
    pub(crate) consults: bool,
    /// How much that matters.
    pub(crate) urgency: Urgency,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self {
            at: Ipv4Addr::LOCALHOST,
            user: "box",
            domain: "127.0.0.1",
            server: 9,
            servers: &[],
            keep_alive: None,
            password: None,
            desks: &[],
            on_call: Vec::new(),
            rules: Rules { ring: Duration::from_secs(4), think: Duration::from_secs(3), ..Rules::default() },
            srtp: Srtp::Off,
            transport: Transport::Udp,
            authorities: None,
            max_calls: 4,
            expires: 60,
            wanted: Wanted::default(),
            hours: Hours::default(),
            answers: true,
            consults: false,
            urgency: Urgency::Routine,
        }
    }
}

/// Somebody on call, who is waited for so long and accepts with this key, and what they hear.
pub(crate) fn on_call(target: &str, patience: Duration, accept: char) -> OnCall {
    let (name, target) = (Secret::new("Dr Test"), target.to_owned());
    OnCall { name, target, entry: Entry { patience, accept }, question: tone(ASKS_HZ, 8_000, 3_000) }
}

/// What somebody on call hears in place of a question.
pub(crate) const ASKS_HZ: f64 = 1_200.0;
/// What a desk hears in place of a brief.
pub(crate) const BRIEF_HZ: f64 = 900.0;

/// What the script knows of one call.
#[derive(Clone, Default)]
pub(crate) struct Seen {
    pub(crate) number: Secret,
    pub(crate) heard: Vec<i16>,
    pub(crate) keys: String,
    pub(crate) desk: Vec<DeskAnswer>,
    /// What became of ringing those on call.
    pub(crate) rung: Vec<(usize, Rung)>,
    /// How often the caller heard nobody while the exchange was at work.
    pub(crate) on_hold: u32,
    /// How often the box was told that nothing comes from the caller.
    pub(crate) unheard: u32,
    pub(crate) ended: Option<EndedBy>,
    pub(crate) played: u64,
}

type Calls = Arc<Mutex<BTreeMap<CallId, Seen>>>;

/// A running line.
pub(crate) struct Line1 {
    pub(crate) port: u16,
    pub(crate) standing: Arc<Standing>,
    /// Whether the brain is there, as the line is told.
    pub(crate) brain: Arc<AtomicBool>,
    /// Asked, it takes no new calls.
    pub(crate) drain: Stop,
    calls: Calls,
    order: mpsc::Sender<LineCommand>,
    stop: Stop,
    tasks: Option<Tasks>,
}

impl Line1 {
    pub(crate) fn start(setup: &Setup<'_>) -> Self {
        let (port, rtp) = (free_ports(2), free_ports(40));
        let home = IpAddr::V4(setup.at);
        let drain = Stop::new();
        let alone = [here(setup.server)];
        let servers = if setup.servers.is_empty() { &alone[..] } else { setup.servers };
        let (standing, brain) = (Arc::<Standing>::default(), Arc::new(AtomicBool::new(true)));
        let is_up = Arc::clone(&brain);
        let line = SipLine {
            door: Door {
                listen: SocketAddr::new(home, port),
                transport: setup.transport,
                user: setup.user.to_owned(),
                auth_user: None,
                password: setup.password.map(str::to_owned),
                servers: servers.iter().map(|at| Server { host: at.ip().to_string(), port: Some(at.port()) }).collect(),
                records: false,
                found: servers.to_vec(),
                server: servers[0],
                domain: setup.domain.to_owned(),
                authorities: setup.authorities.clone(),
                peers: vec![home],
                keep_alive: setup.keep_alive,
            },
            registration: setup.password.map(|_| Policy { expires: setup.expires, ..Policy::default() }),
            ports: Ports::new(home, &(rtp..=rtp + 39)),
            srtp: setup.srtp,
            desks: setup.desks.iter().map(|desk| (*desk).to_owned()).collect(),
            on_call: setup.on_call.clone(),
            rules: setup.rules,
            wanted: setup.wanted,
            trust_asserted: true,
            max_calls: setup.max_calls,
            ready: Arc::new(move || Readiness {
                brain: is_up.load(Ordering::Relaxed),
                media: true,
                record: true,
                disk: true,
            }),
            standing: Arc::clone(&standing),
            when: When::new(&setup.hours, &["201".to_owned()], TimeZone::UTC, Arc::new(SystemClock)),
            testers_only: false,
            drain: drain.clone(),
            lately: None,
            heart: Heart::default(),
            clock: Arc::new(SystemClock),
        };
        let stop = Stop::new();
        let mut tasks = Tasks::new(stop.clone());
        let (events, happened) = mpsc::channel(64);
        let (order, orders) = mpsc::channel(64);
        let calls = Calls::default();
        let script = Script {
            calls: Arc::clone(&calls),
            order: order.clone(),
            answers: setup.answers,
            consults: setup.consults,
            urgency: setup.urgency,
        };
        tasks.start("script", move |stop| script.run(happened, stop));
        tasks.start("line", move |stop| line.run(events, orders, stop));
        Self { port, standing, brain, drain, calls, order, stop, tasks: Some(tasks) }
    }

    /// What is known of every call, in the order in which they rang.
    pub(crate) fn calls(&self) -> Vec<Seen> {
        self.calls.lock().unwrap().values().cloned().collect()
    }

    /// Looks until there is something, at most `limit`; other tasks go on meanwhile.
    pub(crate) async fn until<T>(&self, limit: Duration, mut look: impl FnMut(&[Seen]) -> Option<T>) -> Option<T> {
        let end = tokio::time::Instant::now() + limit;
        loop {
            if let Some(found) = look(&self.calls()) {
                return Some(found);
            }
            if tokio::time::Instant::now() >= end {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Tells the line something about the call that rang last.
    pub(crate) async fn order(&self, order: impl FnOnce(CallId) -> LineCommand) {
        let call = *self.calls.lock().unwrap().keys().last().unwrap();
        self.order.send(order(call)).await.unwrap();
    }

    pub(crate) async fn stop(mut self) {
        self.stop.ask();
        if let Some(tasks) = self.tasks.take() {
            tasks.wait().await.unwrap();
        }
    }
}

/// What stands in for switchboard and brain.
struct Script {
    calls: Calls,
    order: mpsc::Sender<LineCommand>,
    answers: bool,
    consults: bool,
    urgency: Urgency,
}

impl Script {
    async fn run(self, mut happened: mpsc::Receiver<LineEvent>, stop: Stop) -> Result<(), anteroom::tasks::TaskError> {
        let mut tasks = Tasks::below(&stop);
        loop {
            let event = tokio::select! {
                () = stop.asked() => return Ok(()),
                () = tasks.reap() => continue,
                event = happened.recv() => event,
            };
            let Some(event) = event else { return Ok(()) };
            match event {
                LineEvent::Incoming { call, ring, audio } => {
                    let seen = Seen { number: ring.number.clone(), ..Seen::default() };
                    assert!(self.calls.lock().unwrap().insert(call, seen).is_none(), "rang twice");
                    if self.answers {
                        self.order.send(LineCommand::Answer(call)).await.unwrap();
                    }
                    if self.consults {
                        let brief = tone(BRIEF_HZ, 8_000, 400);
                        self.order.send(LineCommand::Consult(call, brief, self.urgency)).await.unwrap();
                    }
                    let calls = Arc::clone(&self.calls);
                    tasks.start("listen", move |stop| async move {
                        tokio::select! {
                            () = stop.asked() => {}
                            () = listen(call, &audio, &calls) => {}
                        }
                        Ok(())
                    });
                }
                LineEvent::Dtmf { call, key } => self.with(call, |seen| seen.keys.push(key)),
                LineEvent::Desk { call, answer } => {
                    self.with(call, |seen| seen.desk.push(answer));
                    if answer == DeskAnswer::Accept {
                        self.order.send(LineCommand::Bridge(call)).await.unwrap();
                    }
                }
                LineEvent::OnCall { call, who, name, what } => {
                    assert!(name == Secret::new("Dr Test"), "whom the record is told of");
                    self.with(call, |seen| seen.rung.push((who, what)));
                }
                LineEvent::OnHold { call } => self.with(call, |seen| seen.on_hold += 1),
                LineEvent::Unheard { call } => self.with(call, |seen| seen.unheard += 1),
                LineEvent::Ended { call, by } => self.with(call, |seen| {
                    assert_eq!(seen.ended.replace(by), None, "ended twice");
                }),
            }
        }
    }

    fn with(&self, call: CallId, change: impl FnOnce(&mut Seen)) {
        change(self.calls.lock().unwrap().get_mut(&call).expect("a call that has rung"));
    }
}

/// Hears frame by frame, and says 20 ms of the tone for each.
async fn listen(call: CallId, audio: &AudioPort, calls: &Calls) {
    let says = tone(SAYS_HZ, 8_000, 1_000);
    let frames: Vec<Frame> = Frame::cut(&says).collect();
    let mut next = frames.iter().cycle();
    loop {
        let frame = audio.hear().await;
        audio.play(next.next().unwrap().clone());
        let mut calls = calls.lock().unwrap();
        let Some(seen) = calls.get_mut(&call).filter(|seen| seen.ended.is_none()) else { return };
        seen.heard.extend(frame.samples());
        seen.played = audio.played();
    }
}

/// Whether what was heard, less its edges, is the tone of the peer.
pub(crate) fn is_clear(heard: &[i16], hz: f64) -> bool {
    let middle = heard.get(heard.len() / 4..heard.len() * 3 / 4).unwrap_or_default();
    middle.len() > 4_000 && sounds::is_tone(middle, hz)
}
