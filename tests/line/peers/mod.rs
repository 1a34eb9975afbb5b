//! The other ends of a telephone line, as real programs: a registrar, a telephone, a caller and a desk from a script.
//!
//! In:  ports of this machine, users, sounds, scenario files beside this one.
//! Out: running programs on 127.0.0.1, each in a temporary folder of its own, with its log to look at.
//! Run by the tests of the line. A program is killed and reaped when its guard is dropped, by its own process id; one
//! whose test was killed ends by itself, after a quarter of an hour at most.
//! Never reaches a network: every address is 127.0.0.1, or one of a namespace that the test made. Never waits without a limit.

#![allow(
    clippy::disallowed_methods,
    reason = "the peers are other programs: they live in real time and on real sockets of this machine"
)]
#![allow(dead_code, reason = "each test of the line uses the peers that it needs")]

pub(crate) mod baresip;
pub(crate) mod kamailio;
pub(crate) mod sipp;
pub(crate) mod sounds;

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take to come up on two busy cores.
pub(crate) const START: Duration = Duration::from_secs(15);
/// Between two looks at something that is awaited.
const LOOK: Duration = Duration::from_millis(20);
/// The ports that are handed out: below Linux's ephemeral range (32768..).
const PORTS: std::ops::Range<u16> = 13_000..31_000;

/// Whether all programs are installed; says on the test's output which one is not, so that a skipped test is seen.
pub(crate) fn installed(programs: &[&str]) -> bool {
    let missing: Vec<_> = programs.iter().filter(|name| find(name).is_none()).collect();
    if !missing.is_empty() {
        println!("SKIPPED: {missing:?} not installed; apt-get install kamailio baresip sip-tester sox openssl procps");
    }
    missing.is_empty()
}

/// Where a program is.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(usual).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Looks until there is something, at most `limit`.
pub(crate) fn until<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return Some(found);
        }
        if Instant::now() >= end {
            return None;
        }
        thread::sleep(LOOK);
    }
}

/// `count` ports in a row (the first one even) that nobody has bound on 127.0.0.1, for UDP and TCP.
///
/// A port is handed out once per test process. Another process may still take it in between: then the program that
/// was to have it says so in its log.
pub(crate) fn free_ports(count: u16) -> u16 {
    static NEXT: Mutex<Option<u16>> = Mutex::new(None);
    let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
    let span = u32::from(PORTS.end - PORTS.start);
    // Test binaries that run side by side begin at different places.
    let begin = || PORTS.start + u16::try_from(std::process::id().wrapping_mul(617) % span).unwrap() / 2 * 2;
    let mut first = next.unwrap_or_else(begin);
    for _ in 0..span {
        if first + count > PORTS.end {
            first = PORTS.start;
        }
        let after = first + count + count % 2;
        if (first..first + count).all(is_free) {
            *next = Some(after);
            return first;
        }
        first = after;
    }
    panic!("no {count} free ports in {PORTS:?}");
}

/// Whether a port can be bound for UDP and for TCP.
fn is_free(port: u16) -> bool {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Whether some program has a UDP port of 127.0.0.1. Looks at the kernel's list: to try to bind it would be in that
/// program's way.
pub(crate) fn is_bound(port: u16) -> bool {
    is_bound_at(Ipv4Addr::LOCALHOST, port)
}

/// The same of another address, in the network that the thread is in.
pub(crate) fn is_bound_at(address: Ipv4Addr, port: u16) -> bool {
    // The address as the kernel prints it: four bytes turned round, and the port, in hexadecimal.
    let [a, b, c, d] = address.octets();
    let entry = format!("{d:02X}{c:02X}{b:02X}{a:02X}:{port:04X}");
    fs::read_to_string("/proc/thread-self/net/udp").is_ok_and(|list| list.lines().any(|line| line.contains(&entry)))
}

/// 127.0.0.1 and a port.
pub(crate) fn here(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Asks OPTIONS (RFC 3261 section 11) over UDP and returns the status of the answer, if one came within `limit`.
pub(crate) fn sip_ping(to: SocketAddr, limit: Duration) -> Option<u16> {
    let socket = UdpSocket::bind(here(0)).ok()?;
    let local = socket.local_addr().ok()?;
    let request = format!(
        "OPTIONS sip:{to} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{0};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:ping@{local}>;tag={0}\r\nTo: <sip:{to}>\r\nCall-ID: {0}@{local}\r\nCSeq: 1 OPTIONS\r\n\
         Contact: <sip:ping@{local}>\r\nContent-Length: 0\r\n\r\n",
        local.port()
    );
    socket.set_read_timeout(Some(Duration::from_millis(200))).ok()?;
    until(limit, || {
        socket.send_to(request.as_bytes(), to).ok()?;
        let mut answer = [0; 2_048];
        let (length, _) = socket.recv_from(&mut answer).ok()?;
        let text = String::from_utf8_lossy(&answer[..length]).into_owned();
        text.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    })
}

/// A self-signed certificate for 127.0.0.1 and its key in PKCS#8, as PEM files in `folder`.
pub(crate) fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-out"])
        .arg(&cert)
        .arg("-keyout")
        .arg(&key)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success(), "openssl made no certificate: {made}");
    (cert, key)
}

/// A running program with its log.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    log: PathBuf,
    /// Asked to end before it is killed: for programs that have children of their own to reap.
    gently: bool,
}

impl Program {
    /// Starts a program in `folder`; what it says on both outputs is appended to `folder/name.log`.
    pub(crate) fn start(name: &str, folder: &Path, args: &[String], gently: bool) -> Self {
        let log = folder.join(format!("{name}.log"));
        let said = File::options().create(true).append(true).open(&log).unwrap();
        let program = find(name).unwrap_or_else(|| panic!("{name} is not installed"));
        let mut command = Command::new(program);
        if gently {
            // So that its children can be killed with it.
            command.process_group(0);
        }
        let child = command
            .args(args)
            .current_dir(folder)
            .env("HOME", folder)
            .env("TERM", "dumb")
            .stdin(Stdio::null())
            .stdout(said.try_clone().unwrap())
            .stderr(said)
            .spawn()
            .unwrap();
        Self { child, log, gently }
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the program said so far.
    pub(crate) fn log(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Sends a signal by name: `STOP`, `CONT`, `KILL`, `TERM`, `USR1`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).stderr(Stdio::null()).status();
        assert!(sent.is_ok(), "kill is not installed");
    }

    /// The exit status once it has ended, waiting at most `limit`; a program that was killed has none and gives -1.
    pub(crate) fn ended(&mut self, limit: Duration) -> Option<i32> {
        until(limit, || self.child.try_wait().unwrap().map(|status| status.code().unwrap_or(-1)))
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Ends it and reaps it.
    pub(crate) fn stop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
            return;
        }
        if self.gently {
            self.signal("CONT");
            self.signal("TERM");
            let ended = until(Duration::from_secs(5), || self.child.try_wait().ok().flatten());
            if ended.is_some() {
                return;
            }
            // Its children are in its group and in no other.
            let group = format!("-{}", self.pid());
            drop(Command::new("kill").args(["-s", "KILL", "--", &group]).stderr(Stdio::null()).status());
        }
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}
