//! A real switchboard: Kamailio 5.6 as registrar with digest passwords, and with the desk as the way out.
//!
//! In:  a port, users with passwords, fixed routes, the box's user name and the desk's address.
//! Out: a running registrar on 127.0.0.1, or where it is told (UDP and TCP, TLS where asked for), who is registered, and why the desk rang.
//! Rings the desk when the box is not registered, answers 408, 480, 486, 488 or 5xx, or gives no sign of life in time.
//! Registrations are in memory only: a restarted one has forgotten them, as a real one after a power cut.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::{Program, START, find, free_ports, installed, sip_ping, until};

/// The file that the words are put into.
const TEMPLATE: &str = include_str!("kamailio.cfg");
/// Seconds after which a forgotten registrar ends by itself, so that a killed test leaves none for ever.
const LIFE_S: u32 = 900;

/// How the switchboard is set up.
#[derive(Clone, Debug)]
pub(crate) struct Options<'a> {
    /// Where it is.
    pub(crate) address: Ipv4Addr,
    /// UDP and TCP port.
    pub(crate) port: u16,
    /// Who may register, with passwords.
    pub(crate) users: &'a [(&'a str, &'a str)],
    /// Names that lead to an address without registration: `("desk", "sip:desk@127.0.0.1:5080")`.
    pub(crate) routes: &'a [(&'a str, &'a str)],
    /// The box's user name: the only one whose calls fall back to the desk.
    pub(crate) answering: &'a str,
    /// Where a call goes that the box does not take: a name of `routes` or of `users`.
    pub(crate) desk: &'a str,
    /// Milliseconds without any answer after which the desk rings.
    pub(crate) answer_ms: u32,
    /// Milliseconds of ringing after which the desk rings.
    pub(crate) ring_ms: u32,
    /// Whether calls from `users` want a password too (407).
    pub(crate) challenge_calls: bool,
    /// Shortest registration that is taken, in seconds: a shorter one is answered 423 (RFC 3261 section 10.3).
    pub(crate) min_expires_s: Option<u32>,
    /// Seconds until a nonce is stale (RFC 2617 section 3.3).
    pub(crate) nonce_s: u32,
    /// A TLS port with certificate and key as PEM files.
    pub(crate) tls: Option<(u16, PathBuf, PathBuf)>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            address: Ipv4Addr::LOCALHOST,
            port: free_ports(2),
            users: &[],
            routes: &[],
            answering: "box",
            desk: "desk",
            answer_ms: 1_500,
            ring_ms: 20_000,
            challenge_calls: true,
            min_expires_s: None,
            nonce_s: 300,
            tls: None,
        }
    }
}

/// A running switchboard.
#[derive(Debug)]
pub(crate) struct Kamailio {
    program: Option<Program>,
    folder: TempDir,
    address: Ipv4Addr,
    port: u16,
    log: PathBuf,
}

impl Kamailio {
    /// Whether it can be started; says why not.
    pub(crate) fn available() -> bool {
        installed(&["kamailio", "kamcmd", "timeout", "kill"])
    }

    /// Starts one and waits until it answers.
    pub(crate) fn start(options: &Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display().to_string();
        fs::write(folder.path().join("kamailio.cfg"), fill(options, &here)).unwrap();
        if let Some((_, cert, key)) = &options.tls {
            let profile = "method = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no";
            let pair = format!("private_key = {}\ncertificate = {}", key.display(), cert.display());
            let text = format!("[server:default]\n{profile}\n{pair}\n\n[client:default]\n{profile}\n");
            fs::write(folder.path().join("tls.cfg"), text).unwrap();
        }
        let log = folder.path().join("timeout.log");
        let mut started = Self { program: None, folder, address: options.address, port: options.port, log };
        started.restart();
        started
    }

    /// The port that it was given.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `sip:user@127.0.0.1:port`.
    pub(crate) fn uri(&self, user: &str) -> String {
        format!("sip:{user}@{}:{}", self.address, self.port)
    }

    /// Ends it: the registrar is down. Its log stays readable.
    pub(crate) fn stop(&mut self) {
        self.program = None;
    }

    /// Starts it on the same port, with nobody registered.
    pub(crate) fn restart(&mut self) {
        self.stop();
        let folder = self.folder.path().display().to_string();
        let program = find("kamailio").expect("kamailio is not installed").display().to_string();
        let life = LIFE_S.to_string();
        // -DD: stay in front; -E: log to the output; -m, -M: megabytes shared and per process.
        let args = ["-k", "5", &life, &program, "-DD", "-E", "-m", "32", "-M", "4", "-w", &folder, "-Y", &folder];
        let file = format!("{folder}/kamailio.cfg");
        let args = args.into_iter().chain(["-f", &file, "-P", "pid"]).map(str::to_owned);
        self.program = Some(Program::start("timeout", self.folder.path(), &args.collect::<Vec<_>>(), true));
        let ready = sip_ping(SocketAddr::from((self.address, self.port)), START);
        assert_eq!(ready, Some(200), "kamailio does not answer:\n{}", self.log());
    }

    /// What it said, all runs together.
    pub(crate) fn log(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// What the route wrote of itself: lines such as `desk why=503`, `registered user=box expires=60 ...`, `nowhere
    /// to=x`.
    pub(crate) fn events(&self) -> Vec<String> {
        let log = self.log();
        log.lines().filter_map(|line| line.split_once("SWITCH ")).map(|(_, event)| event.trim().to_owned()).collect()
    }

    /// Waits until an event begins so.
    pub(crate) fn wait_event(&self, begins: &str, limit: Duration) -> Option<String> {
        until(limit, || self.events().into_iter().find(|event| event.starts_with(begins)))
    }

    /// Why the desk rang instead of the box, once for each call: `unregistered`, `408`, `503`.
    pub(crate) fn desk_reasons(&self) -> Vec<String> {
        self.events().iter().filter_map(|event| event.strip_prefix("desk why=")).map(str::to_owned).collect()
    }

    /// Whether a user is registered now.
    pub(crate) fn registered(&self, user: &str) -> bool {
        self.asked(&["ul.lookup", "location", user]).is_some_and(|said| said.contains("Contacts"))
    }

    /// Waits until a user is registered (or no longer).
    pub(crate) fn wait_registered(&self, user: &str, wanted: bool, limit: Duration) -> bool {
        until(limit, || (self.registered(user) == wanted).then_some(())).is_some()
    }

    /// What a command of its control socket answers; nothing where it is down or refuses.
    pub(crate) fn asked(&self, command: &[&str]) -> Option<String> {
        let socket = format!("unix:{}/ctl", self.folder.path().display());
        let answer = Command::new("timeout").args(["5", "kamcmd", "-s", &socket]).args(command).output().ok()?;
        let said = String::from_utf8_lossy(&answer.stdout).into_owned();
        // kamcmd 5.6 ends with 0 after "error: 500 - AOR not found in location table" as well.
        (answer.status.success() && !said.starts_with("error")).then_some(said)
    }
}

/// The template with its words put in.
fn fill(options: &Options, folder: &str) -> String {
    let table = |name: &str, rows: &[(&str, &str)]| {
        rows.iter().map(|(key, value)| format!("\t$sht({name}=>{key}) = \"{value}\";\n")).collect::<String>()
    };
    let (core, module) = match &options.tls {
        Some((port, _, _)) => (
            format!("enable_tls=yes\nlisten=tls:{}:{port}", options.address),
            format!("loadmodule \"tls.so\"\nmodparam(\"tls\", \"config\", \"{folder}/tls.cfg\")"),
        ),
        None => Default::default(),
    };
    let least = options.min_expires_s.map(|seconds| {
        format!("modparam(\"registrar\", \"min_expires\", {seconds})\nmodparam(\"registrar\", \"min_expires_mode\", 1)")
    });
    let words = [
        ("address", options.address.to_string()),
        ("port", options.port.to_string()),
        ("folder", folder.to_owned()),
        ("tls_core", core),
        ("tls_module", module),
        ("min_expires", least.unwrap_or_default()),
        ("nonce_s", options.nonce_s.to_string()),
        ("users", table("users", options.users)),
        ("routes", table("routes", options.routes)),
        ("challenge", if options.challenge_calls { "1 == 1" } else { "1 == 2" }.to_owned()),
        ("box", options.answering.to_owned()),
        ("desk", format!("sip:{}@{}:{}", options.desk, options.address, options.port)),
        ("ring_ms", options.ring_ms.to_string()),
        ("answer_ms", options.answer_ms.to_string()),
    ];
    let filled =
        words.iter().fold(TEMPLATE.to_owned(), |text, (word, value)| text.replace(&format!("{{{{{word}}}}}"), value));
    assert!(!filled.contains("{{"), "a word of kamailio.cfg was not put in");
    filled
}
