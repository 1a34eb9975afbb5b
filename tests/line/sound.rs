//! The line on a sound card, with a sound server as the card: paced in real time, exact to the bit, without a device.
//!
//! ```text
//!   paplay -> line_rx -> clinic -> AlsaLine -> a switchboard that echoes -> clinic -> line_tx -> parec
//! ```
//! In:  pulseaudio, pactl, paplay, parec and ALSA's plugin for it; where one is missing the tests say so and pass.
//! Out: what came back, sample by sample: each carries its own number.
//! The line runs in a process of its own ([`the_box`]), since ALSA finds its configuration by the environment. Every
//! process is ended by its id when the test is over, however it ends.

#![expect(clippy::disallowed_methods, reason = "these tests are about real time")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::time::{Duration, Instant};

use anteroom::line::alsa::{AlsaLine, AlwaysOn, SoundCounters};
use anteroom::line::{AudioPort, Line, LineCommand, LineEvent};
use anteroom::tasks::{Stop, Tasks};

/// The rate of the line, Hz.
const RATE: usize = 8_000;
/// The smallest sample of the ramp: every frame of it is far from silence, so that none is edited for drift.
const FLOOR: i16 = 1_000;
/// Samples after which the ramp begins anew: 3.9 s.
const ROUND: i16 = 31_000;
/// How long the programs may take to start on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// What the box says begins with this; the test runner says other things.
const SAYS: &str = "box: ";

/// One test at a time: each counts samples that a busy machine would lose.
static ALONE: Mutex<()> = Mutex::new(());

/// Whether the programs are there; what is missing where not.
fn available() -> Result<(), String> {
    for program in ["pulseaudio", "pactl", "paplay", "parec"] {
        let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            return Err(format!("{program} is not installed"));
        }
    }
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let plugin = |folder: PathBuf| folder.join("alsa-lib/libasound_module_pcm_pulse.so").exists();
    if !folders.chain([PathBuf::from("/usr/lib")]).any(plugin) {
        return Err("ALSA's plugin for pulseaudio is not installed".to_owned());
    }
    Ok(())
}

/// The sound server and the directory it lives in.
struct Server {
    dir: tempfile::TempDir,
    running: Option<Child>,
    _alone: MutexGuard<'static, ()>,
}

/// A process that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Server {
    /// A server, or `None` with a printed reason.
    fn start(test: &str) -> Option<Self> {
        if let Err(reason) = available() {
            println!("{test}: not run: {reason}");
            return None;
        }
        let alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut server = Self { dir: tempfile::tempdir().unwrap(), running: None, _alone: alone };
        let (dir, socket) = (server.dir.path(), server.socket());
        let sink =
            |name: &str| format!("load-module module-null-sink sink_name={name} rate={RATE} channels=1 format=s16le\n");
        let native = format!("load-module module-native-protocol-unix auth-anonymous=1 socket={}\n", socket.display());
        std::fs::write(dir.join("run.pa"), native + &sink("line_rx") + &sink("line_tx")).unwrap();
        let pcm = |name: &str, device: &str| {
            let server = format!("server \"unix:{}\" device \"{device}\"", socket.display());
            format!("pcm.{name} {{ type pulse {server} hint {{ show on description \"{name}\" }} }}\n")
        };
        let both = "capture.pcm clinic_in playback.pcm clinic_out hint { show on description \"line\" }";
        let conf = format!(
            "</usr/share/alsa/alsa.conf>\n{}{}pcm.clinic {{ type asym {both} }}\n",
            pcm("clinic_in", "line_rx.monitor"),
            pcm("clinic_out", "line_tx"),
        );
        std::fs::write(dir.join("asound.conf"), conf).unwrap();
        server.start_again();
        Some(server)
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("native")
    }

    /// A command that lives in the server's directory and knows nothing of the machine's own sound or bus.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let dir = self.dir.path();
        let mut command = Command::new(program);
        command.env("HOME", dir).env("XDG_RUNTIME_DIR", dir).env("PULSE_RUNTIME_PATH", dir);
        command.env("PULSE_SERVER", format!("unix:{}", self.socket().display()));
        command.env("ALSA_CONFIG_PATH", dir.join("asound.conf")).env_remove("DBUS_SESSION_BUS_ADDRESS");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn start_again(&mut self) {
        let mut command = self.command("pulseaudio");
        command.args(["-n", "-F"]).arg(self.dir.path().join("run.pa"));
        command.args(["--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]);
        command.args(["--realtime=no", "--high-priority=no"]);
        self.running = Some(command.spawn().unwrap());
        let late = Instant::now() + PATIENCE;
        // The socket is there before the sinks are: a sink that can be asked for is.
        while !self.knows("line_tx") {
            assert!(Instant::now() < late, "the sound server does not start");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn knows(&self, sink: &str) -> bool {
        let mut command = self.command("pactl");
        let listed = command.args(["list", "short", "sinks"]).stdout(Stdio::piped()).output();
        listed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(sink))
    }

    /// Ends the server as a crash would, and takes its socket away.
    fn stop(&mut self) {
        drop(self.running.take().map(Ends));
        let _ = std::fs::remove_file(self.socket());
    }

    /// Starts to record a sink; each sample comes with the first moment at which one of the ramp was there.
    fn record(&self, sink: &str) -> Recording {
        let mut command = self.command("parec");
        command.arg(format!("--device={sink}.monitor")).args(["--raw", "--format=s16le", "--channels=1"]);
        command.args([format!("--rate={RATE}").as_str(), "--latency-msec=20"]).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut sound = process.stdout.take().unwrap();
        let heard = Arc::new(Mutex::new((Vec::new(), None)));
        let into = Arc::clone(&heard);
        std::thread::spawn(move || {
            let mut block = [0; 320];
            let mut odd = Vec::new();
            while let Ok(count @ 1..) = sound.read(&mut block) {
                odd.extend_from_slice(&block[..count]);
                let whole = odd.len() / 2 * 2;
                let pairs = odd[..whole].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                let samples: Vec<i16> = pairs.collect();
                odd.drain(..whole);
                let mut heard = into.lock().unwrap();
                if heard.1.is_none() && samples.iter().any(|&sample| sample >= FLOOR) {
                    heard.1 = Some(Instant::now());
                }
                heard.0.extend(samples);
            }
        });
        Recording { _process: Ends(process), heard }
    }

    /// Plays a file to the line and waits for its end.
    fn call_with(&self, wav: &Path) {
        let mut command = self.command("paplay");
        command.arg("--device=line_rx").arg(wav);
        assert!(command.status().unwrap().success(), "paplay failed");
    }

    /// A ramp of that many seconds as a file.
    fn ramp(&self, seconds: usize) -> PathBuf {
        let path = self.dir.path().join("ramp.wav");
        let samples: Vec<i16> = (0..seconds * RATE).map(|n| FLOOR + i16::try_from(n % 31_000).unwrap()).collect();
        anteroom::pcm::wav::write(&path, &samples).unwrap();
        path
    }
}

struct Recording {
    _process: Ends,
    heard: Arc<Mutex<(Vec<i16>, Option<Instant>)>>,
}

impl Recording {
    /// Waits until it has recorded at least one sample: it runs.
    fn is_running(&self) {
        let late = Instant::now() + PATIENCE;
        while self.heard.lock().unwrap().0.is_empty() {
            assert!(Instant::now() < late, "nothing is recorded");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn first_at(&self) -> Option<Instant> {
        self.heard.lock().unwrap().1
    }

    fn samples(&self) -> Vec<i16> {
        self.heard.lock().unwrap().0.clone()
    }
}

/// How a ramp came through.
#[derive(Debug, Default, PartialEq, Eq)]
struct Came {
    /// Samples of the ramp.
    samples: usize,
    /// Places where the next sample was not the next.
    breaks: usize,
    /// Samples that are missing at those places.
    lost: usize,
    /// Samples of silence inside.
    silent: usize,
    /// Places where the ramp went back.
    back: usize,
}

/// Looks at what was recorded of a ramp.
fn look(samples: &[i16]) -> Came {
    let mut came = Came::default();
    let (mut last, mut silent): (Option<i16>, usize) = (None, 0);
    for &sample in samples {
        if sample < FLOOR {
            silent += 1;
            continue;
        }
        if let Some(last) = last {
            let step = (i32::from(sample) - i32::from(last)).rem_euclid(i32::from(ROUND));
            if step != 1 || silent > 0 {
                came.breaks += 1;
                came.silent += silent;
            }
            if step == 0 || step > i32::from(ROUND) / 2 {
                came.back += 1;
            } else {
                came.lost += usize::try_from(step - 1).unwrap();
            }
        }
        came.samples += 1;
        (last, silent) = (Some(sample), 0);
    }
    came
}

/// The process with the line, and what it says.
struct BoxProcess {
    process: Ends,
    says: mpsc::Receiver<String>,
}

impl BoxProcess {
    fn start(server: &Server) -> Self {
        let name = format!("{}::the_box", module_path!().split_once("::").unwrap().1);
        let mut command = server.command(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", &name, "--nocapture", "--test-threads=1"]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (say, says) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // The runner writes the test's name without an end of line before the first.
                if let Some((_, said)) = line.split_once(SAYS) {
                    let _ = say.send(said.to_owned());
                }
            }
        });
        Self { process: Ends(process), says }
    }

    /// Waits until it says that.
    fn says(&self, what: &str, within: Duration) -> Duration {
        let began = Instant::now();
        loop {
            let left = within.saturating_sub(began.elapsed());
            let said = self.says.recv_timeout(left).unwrap_or_else(|_| panic!("the box does not say {what:?} in time"));
            if said == what {
                return began.elapsed();
            }
            assert!(!said.starts_with("failed"), "{said}");
        }
    }

    /// Asks it to stop and gives its last words: its counters.
    fn last_words(mut self) -> String {
        drop(self.process.0.stdin.take());
        let mut last = String::new();
        while let Ok(said) = self.says.recv_timeout(PATIENCE) {
            last = said;
        }
        last
    }
}

/// Says something to the test.
fn say(what: &str) {
    println!("{SAYS}{what}");
    std::io::stdout().flush().unwrap();
}

/// Plays back what a call says, until the call's port is closed from outside.
async fn echo(audio: AudioPort) {
    loop {
        let frame = audio.hear().await;
        audio.play(frame);
    }
}

/// Answers each call and echoes it.
async fn switchboard(
    mut events: tokio::sync::mpsc::Receiver<LineEvent>,
    commands: tokio::sync::mpsc::Sender<LineCommand>,
    stop: Stop,
) {
    let mut echoes = Tasks::below(&stop);
    loop {
        let event = tokio::select! {
            () = stop.asked() => return,
            event = events.recv() => event,
        };
        match event {
            Some(LineEvent::Incoming { call, audio, .. }) => {
                commands.send(LineCommand::Answer(call)).await.unwrap();
                echoes.start("echo", move |stop| async move {
                    tokio::select! {
                        () = stop.asked() => {}
                        () = echo(audio) => {}
                    }
                    Ok(())
                });
                say("up");
            }
            Some(LineEvent::Ended { by, .. }) => {
                echoes.stop().ask();
                echoes = Tasks::below(&stop);
                say(&format!("ended {}", by.as_str()));
            }
            Some(LineEvent::Dtmf { .. } | LineEvent::Desk { .. }) => {}
            // Not on a sound card.
            Some(LineEvent::OnCall { .. } | LineEvent::OnHold { .. } | LineEvent::Unheard { .. }) => {}
            None => return,
        }
    }
}

fn counted(counters: &SoundCounters) -> String {
    format!("{counters:?}").replace("SoundCounters ", "")
}

/// The process with the line. It does nothing unless another test starts it, and ends when its input does.
#[test]
#[ignore = "started by the other tests, in a process and an environment of its own"]
fn the_box() {
    if std::env::var_os("ALSA_CONFIG_PATH").is_none() {
        println!("not run: no sound card is configured");
        return;
    }
    let stop = Stop::new();
    let asked = stop.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        asked.ask();
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let line = AlsaLine::new("alsa:clinic", AlwaysOn::new(Duration::from_millis(100)), true).unwrap();
    let counters = line.counters();
    let (tell, events) = tokio::sync::mpsc::channel(16);
    let (command, commands) = tokio::sync::mpsc::channel(16);
    let ended = runtime.block_on(async {
        tokio::join!(line.run(tell, commands, stop.clone()), switchboard(events, command, stop.clone())).0
    });
    if let Err(error) = ended {
        say(&format!("failed: {error:?}"));
    }
    say(&counted(&counters));
}

/// Sends a ramp through the line and looks at what comes back.
fn send_ramp(server: &Server, seconds: usize) -> (Came, Option<Duration>) {
    let wav = server.ramp(seconds);
    let (rx, tx) = (server.record("line_rx"), server.record("line_tx"));
    rx.is_running();
    tx.is_running();
    server.call_with(&wav);
    // What is still on its way.
    std::thread::sleep(Duration::from_secs(1));
    let delay = rx.first_at().zip(tx.first_at()).map(|(rx, tx)| tx.saturating_duration_since(rx));
    (look(&tx.samples()), delay)
}

#[test]
#[ignore = "a minute of real time: make test-line"]
fn a_ramp_through_the_sound_card_and_back_comes_in_order() {
    let Some(server) = Server::start("sound card") else { return };
    let the_box = BoxProcess::start(&server);
    the_box.says("up", PATIENCE);
    let (came, delay) = send_ramp(&server, 10);
    let counters = the_box.last_words();
    println!("10 s of ramp: {came:?}, there and back in {delay:?}, {counters}");
    assert_eq!(came.back, 0, "sound came out of order");
    // A machine that does much else at the same time loses sound in the server, the card or the line: that is counted
    // above. What never may happen is that the line makes sound up, or that most of it is gone.
    assert!(came.samples + came.lost > 9 * RATE, "the ends are missing: {came:?}");
    assert!(came.samples > 6 * RATE, "too much was lost: {came:?}");
}

#[test]
#[ignore = "a minute of real time: make test-line"]
fn a_sound_server_that_dies_ends_the_call_and_the_line_comes_back_with_it() {
    let Some(mut server) = Server::start("sound server") else { return };
    let the_box = BoxProcess::start(&server);
    the_box.says("up", PATIENCE);
    server.stop();
    let ended = the_box.says("ended line", Duration::from_secs(12));
    server.start_again();
    let back = the_box.says("up", PATIENCE);
    let (came, _) = send_ramp(&server, 2);
    let counters = the_box.last_words();
    println!("ended {ended:?} after the server, back {back:?} after its return, then {came:?}, {counters}");
    assert!(ended >= Duration::from_secs(4), "a call lives through a gap of a few seconds: {ended:?}");
    assert_eq!(came.back, 0);
    assert!(came.samples > RATE, "{came:?}");
}

#[test]
#[ignore = "a minute of real time: make test-line"]
fn a_sound_server_that_is_back_at_once_costs_a_gap_and_not_the_call() {
    let Some(mut server) = Server::start("short gap") else { return };
    let the_box = BoxProcess::start(&server);
    the_box.says("up", PATIENCE);
    server.stop();
    server.start_again();
    // The call would be over by now.
    let said = the_box.says.recv_timeout(Duration::from_secs(7));
    assert!(said.is_err(), "{said:?}");
    let (came, _) = send_ramp(&server, 2);
    let counters = the_box.last_words();
    println!("after a short gap: {came:?}, {counters}");
    assert_eq!(came.back, 0);
    assert!(came.samples > RATE, "{came:?}");
}

#[test]
#[ignore = "a minute of real time: make test-line"]
fn breaks_are_counted_as_what_they_are() {
    let ramp: Vec<i16> = (0..400).map(|n| FLOOR + n).collect();
    assert_eq!(look(&ramp), Came { samples: 400, ..Came::default() });
    let lost = [&[0; 50], &ramp[..100], &ramp[130..], &[0; 50]].concat();
    assert_eq!(look(&lost), Came { samples: 370, breaks: 1, lost: 30, ..Came::default() });
    let silent = [&ramp[..100], &[0; 20], &ramp[100..]].concat();
    assert_eq!(look(&silent), Came { samples: 400, breaks: 1, silent: 20, ..Came::default() });
    let twice = [&ramp[..100], &ramp[50..]].concat();
    assert_eq!(look(&twice), Came { samples: 450, breaks: 1, back: 1, ..Came::default() });
    assert_eq!(look(&[FLOOR + ROUND - 1, FLOOR]), Came { samples: 2, ..Came::default() });
}
