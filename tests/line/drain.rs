//! lined, the program itself, told to end: nobody on the line notices, and nobody new gets in.
//!
//! Registered at Kamailio, called by SIPp. In place of anteroomd a script answers each call and each frame with silence.

#![allow(clippy::disallowed_methods, reason = "the peers live in real time and on real sockets of this machine")]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anteroom::cli::home::Home;
use anteroom::cli::processes::program;
use anteroom::config::RecogniserKind;
use anteroom::config::hours::{Answer, Hours, Span};
use anteroom::tasks::{Stop, TaskError, Tasks};
use anteroom::wire::frame;
use anteroom::wire::line::{FromBrain, ToBrain};
use jiff::civil::Time;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::net::UnixStream;
use tokio::sync::watch;
use tokio::task::block_in_place;

use crate::box_of_its_own::{Line1, Setup};
use crate::peers::kamailio::{self, Kamailio};
use crate::peers::sipp::{self, End, Outcome, Sipp};
use crate::peers::{free_ports, here, sip_ping, until};
use crate::trouble::{SOON, rings, well};

/// What a program takes to start on a busy machine.
const START: Duration = Duration::from_secs(20);

/// A line of the table.
fn passed(what: &str, result: &str) {
    println!("| drain | {what} | {result} |");
}

/// A running lined, its registrar, and the script that is its brain.
struct Box1 {
    lined: Child,
    port: u16,
    exchange: Kamailio,
    /// Calls that the brain was told of, and that have ended.
    calls: watch::Receiver<(usize, usize)>,
    brain: Tasks,
    _home: Home,
    _folder: tempfile::TempDir,
}

impl Box1 {
    async fn start() -> Self {
        let (port, rtp) = (free_ports(2), free_ports(20));
        let users = [("box", "secret")];
        let exchange = Kamailio::start(&kamailio::Options { users: &users, ..kamailio::Options::default() });
        let folder = tempfile::tempdir().unwrap();
        let password = folder.path().join("password");
        std::fs::write(&password, "secret\n").unwrap();
        let line = format!(
            "[line]\nkind = \"sip\"\n[line.sip]\nprofile = \"pbx-extension\"\ntransport = \"udp\"\n\
             server = \"127.0.0.1:{}\"\nuser = \"box\"\npassword-file = '{}'\ndomain = \"127.0.0.1\"\n\
             listen = \"127.0.0.1:{port}\"\npublic-ports = \"{rtp}-{}\"\nsrtp = \"off\"\ndesks = [\"desk\"]\n",
            exchange.port(),
            password.display(),
            rtp + 18,
        );
        let home = Home::make_with(&folder.path().join("home"), RecogniserKind::PocketSphinx, &line).unwrap();
        let log = std::fs::File::options().create(true).append(true).open(home.log()).unwrap();
        let mut command = Command::new(program("lined"));
        command.arg("--config").arg(home.file()).stdin(Stdio::null()).stderr(log);
        let lined = command.spawn().unwrap();
        let socket = home.config.paths.run.join("line/from-anteroomd.sock");
        let (seen, calls) = watch::channel((0, 0));
        let mut brain = Tasks::new(Stop::new());
        brain.start("brain", move |stop| async move {
            tokio::select! {
                () = stop.asked() => Ok(()),
                () = serve(&socket, seen) => Ok::<(), TaskError>(()),
            }
        });
        let told = block_in_place(|| {
            until(START, || sip_ping(here(port), Duration::from_secs(1)).filter(|code| *code == 200))
        });
        assert_eq!(told, Some(200), "{}", std::fs::read_to_string(home.log()).unwrap_or_default());
        assert!(block_in_place(|| exchange.wait_registered("box", true, START)), "{}", exchange.log());
        Self { lined, port, exchange, calls, brain, _home: home, _folder: folder }
    }

    /// A caller of the box itself, not through the exchange.
    fn rings(&self, options: sipp::Options<'static>) -> impl Future<Output = Outcome> + use<> {
        let end = End::Caller(self.port);
        let run = tokio::task::spawn_blocking(move || Sipp::run(&sipp::Options { end, ..options }));
        async { run.await.unwrap() }
    }

    async fn has_a_call(&mut self) {
        let begun = self.calls.wait_for(|(begun, _)| *begun > 0);
        tokio::time::timeout(START, begun).await.unwrap().unwrap();
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.lined.id()).unwrap()), signal).unwrap();
    }

    fn ping(&self) -> Option<u16> {
        block_in_place(|| sip_ping(here(self.port), Duration::from_secs(2)))
    }

    /// Its exit status, waiting at most so long.
    fn ended(&mut self, limit: Duration) -> Option<i32> {
        block_in_place(|| until(limit, || self.lined.try_wait().unwrap().map(|status| status.code().unwrap_or(-1))))
    }
}

impl Drop for Box1 {
    fn drop(&mut self) {
        self.brain.stop().ask();
        // Ended already where the test went well.
        let _ = self.lined.kill();
        let _ = self.lined.wait();
    }
}

/// Answers every call, and every frame with silence.
async fn serve(socket: &std::path::Path, seen: watch::Sender<(usize, usize)>) {
    let mut stream = loop {
        match UnixStream::connect(socket).await {
            Ok(stream) => break stream,
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    while let Ok(Some(message)) = frame::read(&mut stream).await {
        let Some(call) = message.header.call else { continue };
        let says = match ToBrain::parse(&message).unwrap() {
            ToBrain::Ring(_) => FromBrain::Answer,
            ToBrain::Frame { .. } => {
                seen.send_if_modified(|(begun, _)| std::mem::replace(begun, 1) == 0);
                FromBrain::Frame(None)
            }
            ToBrain::Ended(_) => {
                seen.send_modify(|(_, ended)| *ended += 1);
                continue;
            }
            ToBrain::Dtmf(_) | ToBrain::Desk(_) | ToBrain::Unheard => continue,
        };
        if frame::write(&mut stream, &says.to_message(call)).await.is_err() {
            break;
        }
    }
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_end_it_serves_the_call_that_is_up_refuses_the_next_leaves_the_registrar_and_ends_with_the_caller() {
    if !(Sipp::available() && Kamailio::available()) {
        return;
    }
    let mut boxed = Box1::start().await;
    let caller = boxed.rings(sipp::Options { talk_ms: 7_000, ..sipp::Options::default() });
    boxed.has_a_call().await;
    boxed.signal(Signal::SIGTERM);
    assert!(block_in_place(|| boxed.exchange.wait_registered("box", false, SOON)), "{}", boxed.exchange.log());
    assert_eq!(boxed.ping(), Some(503));
    let refused = boxed.rings(sipp::Options::default()).await;
    assert!(refused.failed() == 1 && refused.errors.contains("503"), "{}", refused.errors);
    let ended_calls = boxed.calls.borrow().1;
    assert_eq!((ended_calls, boxed.ended(Duration::ZERO)), (0, None), "the call goes on");
    well("caller_basic", &caller.await);
    let hung_up = Instant::now();
    assert_eq!(boxed.ended(SOON), Some(0));
    passed(
        "SIGTERM with a call up",
        &format!(
            "unregistered, OPTIONS and INVITE 503, the call goes on; exit 0 {:.1} s after the caller hung up",
            hung_up.elapsed().as_secs_f64()
        ),
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_it_at_once_and_the_caller_is_hung_up() {
    if !(Sipp::available() && Kamailio::available()) {
        return;
    }
    let mut boxed = Box1::start().await;
    let caller = boxed.rings(sipp::Options { scenario: "caller_waits_bye", ..sipp::Options::default() });
    boxed.has_a_call().await;
    boxed.signal(Signal::SIGTERM);
    assert_eq!(boxed.ended(Duration::from_secs(2)), None, "the call goes on");
    boxed.signal(Signal::SIGTERM);
    assert_eq!(boxed.ended(SOON), Some(0));
    well("caller_waits_bye", &caller.await);
    passed("a second SIGTERM", "ends at once, BYE to the caller");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_call_it_ends_at_once() {
    if !Kamailio::available() {
        return;
    }
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut boxed = Box1::start().await;
        boxed.signal(signal);
        assert_eq!(boxed.ended(SOON), Some(0), "{signal}");
        assert!(block_in_place(|| boxed.exchange.wait_registered("box", false, SOON)), "{}", boxed.exchange.log());
    }
    passed("SIGTERM, SIGINT without a call", "unregistered, exit 0 at once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_staff_still_have_for_themselves_is_refused_at_once() {
    if !Sipp::available() {
        return;
    }
    // Open all the time: staff have four rings, which are 24 s.
    let all_day = || vec![Span { from: Time::midnight(), to: Time::midnight() }];
    let open = std::array::from_fn(|_| all_day());
    let hours = Hours { answer: Answer::Overflow, overflow_rings: 4, open, ..Hours::default() };
    let line = Line1::start(&Setup { hours, ..Setup::default() });
    let caller = rings(&line, sipp::Options::default());
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let asked = Instant::now();
    line.drain.ask();
    let outcome = caller.await;
    assert!(outcome.failed() == 1 && outcome.errors.contains("503"), "{}", outcome.errors);
    assert!(asked.elapsed() < Duration::from_secs(15) && line.calls().is_empty(), "it never rang for the box");
    passed("a call that rings for staff first", "503, so that it goes to them by the exchange");
    line.stop().await;
}
