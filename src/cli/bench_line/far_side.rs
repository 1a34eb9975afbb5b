//! A line with nobody behind it, as a process of its own: what sound alone costs.
//!
//! ```text
//!   bench line ──spawns──> bench line --far-side PORT,CALLS
//!      stdin, a byte: asks      the real SIP line; a switchboard of a few lines that answers every call, plays a sentence over
//!      stdin, its end: stop     and over, and takes what is heard
//! ```
//! Out, for each byte: one line of numbers ([`Counts`]), among them the processor time of this process so far.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use nix::sys::resource::{UsageWho, getrusage};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;

use super::ports::{BOX, HOME};
use super::{sounds, spent};
use crate::cli::Failure;
use crate::cli::exit::Exit;
use crate::clock::SystemClock;
use crate::config::hours::Hours;
use crate::config::telephone::{Srtp, Transport};
use crate::line::admission::Readiness;
use crate::line::consult::Rules;
use crate::line::ports::Ports;
use crate::line::sip::timers::Wanted;
use crate::line::sip::{Door, SipLine, When};
use crate::line::watchdog::Heart;
use crate::line::{AudioPort, Line, LineCommand, LineEvent};
use crate::pcm::Frame;
use crate::speak::FliteVoice;
use crate::tasks::{Stop, TaskError, Tasks};

/// Events and commands that may wait: a hundred calls may ring and end at once.
const WAITING: usize = 512;
/// Samples from here on are voice and no hum.
const LOUD: u16 = 1_000;
/// How long an answer of the process may take.
const ANSWERS: Duration = Duration::from_secs(10);

/// What the process says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Its processor time so far.
    pub(super) cpu: Duration,
    /// Calls that rang and were answered.
    pub(super) answered: u64,
    /// Frames that came from callers, concealed ones among them.
    pub(super) heard: u64,
    /// Those with voice in them.
    pub(super) loud: u64,
    /// Frames of callers that came faster than they were taken.
    pub(super) dropped: u64,
}

impl Counts {
    fn write(self) -> String {
        let Self { cpu, answered, heard, loud, dropped } = self;
        format!("{} {answered} {heard} {loud} {dropped}", cpu.as_micros())
    }

    fn read(line: &str) -> Option<Self> {
        let numbers: Vec<u64> = line.split(' ').map_while(|word| word.parse().ok()).collect();
        let &[cpu, answered, heard, loud, dropped] = numbers.as_slice() else { return None };
        Some(Self { cpu: Duration::from_micros(cpu), answered, heard, loud, dropped })
    }
}

/// The process cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum FarSideError {
    /// It cannot be started or spoken to.
    #[error("the line's own process cannot be run")]
    Io(#[from] io::Error),
    /// It ended, or says nothing.
    #[error("the line's own process has ended: what it said stands above (is a port of 10000 to 12099 taken?)")]
    Gone,
}

/// The process, seen from the benchmark.
pub(super) struct FarSide {
    child: Child,
    asks: ChildStdin,
    says: Lines<BufReader<ChildStdout>>,
}

impl FarSide {
    /// Starts it; `calls` may be up at once.
    ///
    /// # Errors
    /// [`FarSideError`].
    pub(super) fn start(port: u16, calls: usize) -> Result<Self, FarSideError> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "line", "--far-side", &format!("{port},{calls}")]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let (asks, says) = (child.stdin.take(), child.stdout.take());
        let (Some(asks), Some(says)) = (asks, says) else { return Err(FarSideError::Gone) };
        Ok(Self { child, asks, says: BufReader::new(says).lines() })
    }

    /// Its process.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// What it counts now.
    ///
    /// # Errors
    /// [`FarSideError`].
    pub(super) async fn counts(&mut self) -> Result<Counts, FarSideError> {
        self.asks.write_all(b"?").await?;
        let line = tokio::time::timeout(ANSWERS, self.says.next_line()).await.map_err(|_| FarSideError::Gone)??;
        line.as_deref().and_then(Counts::read).ok_or(FarSideError::Gone)
    }

    /// Stops it.
    pub(super) async fn stop(self) {
        let Self { mut child, asks, .. } = self;
        drop(asks);
        if tokio::time::timeout(ANSWERS, child.wait()).await.is_err() {
            let _ = child.kill().await;
        }
    }
}

/// What the process counts while it runs.
#[derive(Debug, Default)]
struct Counters {
    answered: AtomicU64,
    heard: AtomicU64,
    loud: AtomicU64,
    dropped: AtomicU64,
}

impl Counters {
    fn now(&self) -> Counts {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Counts {
            cpu: spent(getrusage(UsageWho::RUSAGE_SELF)),
            answered: read(&self.answered),
            heard: read(&self.heard),
            loud: read(&self.loud),
            dropped: read(&self.dropped),
        }
    }
}

/// The main of the process: `serves` is the SIP port and how many calls may be up.
///
/// # Errors
/// [`Failure`]: no voice, or the line cannot listen.
pub(super) async fn run(serves: &[u16]) -> Result<Exit, Failure> {
    let &[port, calls] = serves else { return Ok(Exit::Failed) };
    let says = sounds::say(FliteVoice::Slt, sounds::LOOP).map_err(Failure::because)?;
    let says: Arc<Vec<Frame>> = Arc::new(Frame::cut(&says).collect());
    let (counters, stop) = (Arc::<Counters>::default(), Stop::new());
    let mut tasks = Tasks::new(stop.clone());
    let (events, happened) = mpsc::channel(WAITING);
    let (order, orders) = mpsc::channel(WAITING);
    let line = line(port, usize::from(calls));
    tasks.start("line", move |stop| line.run(events, orders, stop));
    let counting = Arc::clone(&counters);
    tasks.start("switchboard", move |stop| answer_all(happened, order, says, counting, stop));
    let asked = stop.clone();
    let answers = std::thread::Builder::new().name("asked".into());
    answers.spawn(move || answer_bytes(&counters, &asked))?;
    tasks.wait().await.map_err(Failure::because)?;
    Ok(Exit::Well)
}

/// Answers each byte of standard input until its end, which stops the process.
fn answer_bytes(counters: &Counters, stop: &Stop) {
    let mut byte = [0];
    let (mut input, mut out) = (io::stdin(), io::stdout());
    while input.read(&mut byte).is_ok_and(|count| count == 1) {
        if writeln!(out, "{}", counters.now().write()).and_then(|()| out.flush()).is_err() {
            break;
        }
    }
    stop.ask();
}

/// As `lined` has it with the profile "ata-direct": no registration, no encryption.
fn line(port: u16, max_calls: usize) -> SipLine {
    let clock = Arc::new(SystemClock);
    SipLine {
        door: Door {
            listen: SocketAddr::new(HOME, port),
            transport: Transport::Udp,
            user: "anteroom".to_owned(),
            auth_user: None,
            password: None,
            servers: Vec::new(),
            records: false,
            found: vec![SocketAddr::new(HOME, 9)],
            server: SocketAddr::new(HOME, 9),
            domain: HOME.to_string(),
            authorities: None,
            peers: vec![HOME],
            keep_alive: None,
        },
        registration: None,
        ports: Ports::new(HOME, &BOX),
        srtp: Srtp::Off,
        desks: Vec::new(),
        on_call: Vec::new(),
        rules: Rules::default(),
        wanted: Wanted::default(),
        trust_asserted: false,
        max_calls,
        ready: Arc::new(|| Readiness { brain: true, media: true, record: true, disk: true }),
        standing: Arc::default(),
        when: When::new(&Hours::default(), &[], TimeZone::UTC, clock.clone()),
        testers_only: true,
        drain: Stop::new(),
        lately: None,
        heart: Heart::default(),
        clock,
    }
}

/// Answers every call and speaks with each.
async fn answer_all(
    mut happened: mpsc::Receiver<LineEvent>,
    order: mpsc::Sender<LineCommand>,
    says: Arc<Vec<Frame>>,
    counters: Arc<Counters>,
    stop: Stop,
) -> Result<(), TaskError> {
    let mut tasks = Tasks::below(&stop);
    let mut calls = HashMap::new();
    loop {
        let event = tokio::select! {
            () = stop.asked() => return Ok(()),
            () = tasks.reap() => continue,
            event = happened.recv() => event,
        };
        match event {
            None => return Ok(()),
            Some(LineEvent::Incoming { call, ring: _, audio }) => {
                counters.answered.fetch_add(1, Ordering::Relaxed);
                let _ = order.send(LineCommand::Answer(call)).await;
                let over = Stop::new();
                calls.insert(call, over.clone());
                let (says, counters) = (Arc::clone(&says), Arc::clone(&counters));
                tasks.start("call", move |stop| async move {
                    tokio::select! {
                        () = stop.asked() => {}
                        () = over.asked() => {}
                        () = speak(&audio, &says, &counters) => {}
                    }
                    counters.dropped.fetch_add(audio.dropped(), Ordering::Relaxed);
                    Ok(())
                });
            }
            Some(LineEvent::Ended { call, by: _ }) => {
                if let Some(over) = calls.remove(&call) {
                    over.ask();
                }
            }
            Some(
                LineEvent::Dtmf { .. }
                | LineEvent::Desk { .. }
                | LineEvent::OnCall { .. }
                | LineEvent::OnHold { .. }
                | LineEvent::Unheard { .. },
            ) => {}
        }
    }
}

/// Takes frame by frame, and says 20 ms for each.
async fn speak(audio: &AudioPort, says: &[Frame], counters: &Counters) {
    for frame in says.iter().cycle() {
        let heard = audio.hear().await;
        audio.play(frame.clone());
        counters.heard.fetch_add(1, Ordering::Relaxed);
        let loud = heard.samples().iter().any(|sample| sample.unsigned_abs() > LOUD);
        counters.loud.fetch_add(u64::from(loud), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_process_says_reads_back_and_anything_else_does_not() {
        let counts = Counts { cpu: Duration::from_micros(12_345), answered: 2, heard: 900, loud: 400, dropped: 1 };
        assert_eq!(Counts::read(&counts.write()), Some(counts));
        for line in ["", "1 2 3 4", "1 2 3 4 5 6", "1 2 x 4 5"] {
            assert_eq!(Counts::read(line), None, "{line:?}");
        }
    }
}
