//! The walls, tried with real sockets from inside.
//!
//! Walls cannot be taken down again, so each case runs in a process of its own: this test binary once more, with
//! [`PROBE`] set, which makes [`inside`] do the case's work before and after sealing and print what happened. It does so
//! in a fork, because the test harness has a second thread and [`seal`] refuses that.
#![expect(clippy::print_stderr, reason = "a skipped case says why")]
#![expect(clippy::print_stdout, reason = "a probe reports on its standard output")]
#![expect(clippy::disallowed_methods, reason = "the test tries to reach a network")]
#![expect(unsafe_code, reason = "fork, and calls that have no safe wrapper to be refused through")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use nix::sys::signal::Signal;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// Names the case that a child process runs.
const PROBE: &str = "ANTEROOM_SANDBOX_PROBE";
/// The case that makes a system call by the number that the x32 interface gives it.
const SECOND_NUMBER: &str = "second number";
/// Nobody: an unprivileged user on every system.
const NOBODY: u32 = 65_534;

#[test]
fn a_sealed_process_reaches_unix_sockets_and_nothing_else() {
    let outside = Outside::new();
    let told = outside.probe("sealed", None);
    for way in ["tcp", "udp", "tcp6", "vsock", "netlink", "packet", "io_uring", "recvmsg", "unshare"] {
        assert_eq!(told.after(way), "EPERM", "{way}: {told:?}");
    }
    // A test of walls proves nothing where there was no way in the first place.
    for way in ["tcp", "udp", "netlink", "recvmsg", "unix path", "unix abstract"] {
        assert_eq!(told.before(way), "ok", "{way}: {told:?}");
    }
    assert_ne!(told.before("io_uring"), "EPERM", "{told:?}");
    assert_eq!(told.after("unix path"), "ok");
    assert_eq!(told.after("tokio unix"), "ok");
    assert_eq!(told.after("child"), "ok");
    assert_eq!(told.after("child tcp"), "EPERM");
    if told.walls.starts_with("network: NotAvailable") || told.walls.starts_with("network: started") {
        eprintln!("skipped: abstract unix sockets ({})", told.walls);
    } else {
        assert_eq!(told.walls, "network: own, empty; system calls: unix sockets only");
        assert_eq!(told.after("unix abstract"), "ECONNREFUSED");
    }
    assert!(!outside.somebody_came_after_sealing(), "a connection arrived");
}

#[test]
fn an_unprivileged_process_is_sealed_as_well() {
    if !nix::unistd::getuid().is_root() {
        eprintln!("skipped: the other test has shown it (this one changes from root to nobody)");
        return;
    }
    let outside = Outside::new();
    let told = outside.probe("sealed", Some(NOBODY));
    for way in ["tcp", "udp", "tcp6", "vsock", "netlink", "packet", "io_uring", "recvmsg", "unshare"] {
        assert_eq!(told.after(way), "EPERM", "{way}: {told:?}");
    }
    assert_eq!(told.after("unix path"), "ok");
    assert_eq!(told.after("dumpable"), "false");
    if told.walls.starts_with("network: own") {
        assert_eq!(told.after("unix abstract"), "ECONNREFUSED");
        assert_eq!(told.after("uid"), NOBODY.to_string(), "its own number means the same inside");
    } else {
        eprintln!("skipped: the namespace of an unprivileged process ({})", told.walls);
    }
}

#[test]
fn an_unprivileged_process_with_peers_of_several_users_is_sealed_and_still_knows_them() {
    if !nix::unistd::getuid().is_root() {
        eprintln!("skipped: only root can be a peer of another user");
        return;
    }
    let outside = Outside::new();
    let told = outside.probe("several users", Some(NOBODY));
    for way in ["tcp", "udp", "tcp6", "vsock", "netlink", "packet", "io_uring", "recvmsg", "unshare"] {
        assert_eq!(told.after(way), "EPERM", "{way}: {told:?}");
    }
    assert_eq!(told.after("unix path"), "ok");
    assert_eq!(told.after("peer"), "0", "the listener is root's");
    if !told.walls.starts_with("network: started") {
        assert!(told.walls.starts_with("network: no namespace"), "{}", told.walls);
    }
    // Why there is no user namespace: in one, root looks like anybody.
    let alone = outside.probe("sealed", Some(NOBODY));
    if alone.walls.starts_with("network: own") {
        assert_eq!(alone.after("peer"), NOBODY.to_string());
    }
}

#[test]
fn the_empty_network_holds_without_the_filter() {
    let outside = Outside::new();
    let told = outside.probe("network only", None);
    if !told.walls.starts_with("Own") {
        eprintln!("skipped: {}", told.walls);
        return;
    }
    assert_eq!(told.before("tcp"), "ok");
    assert_eq!(told.after("tcp"), "ENETUNREACH");
    assert_eq!(told.after("udp"), "ENETUNREACH");
    assert_eq!(told.after("unix abstract"), "ECONNREFUSED");
    assert_eq!(told.after("unix path"), "ok");
}

#[test]
fn a_door_process_has_ip_and_unix_sockets_only() {
    let outside = Outside::new();
    let told = outside.probe("door", None);
    for way in ["tcp", "udp", "unix path", "recvmsg", "child tcp"] {
        assert_eq!(told.after(way), "ok", "{way}: {told:?}");
    }
    for way in ["vsock", "netlink", "packet", "io_uring", "unshare"] {
        assert_eq!(told.after(way), "EPERM", "{way}: {told:?}");
    }
    assert_eq!(told.walls, "network: host; system calls: IP and unix sockets only");
}

#[cfg(target_arch = "x86_64")]
#[test]
fn a_system_call_by_its_second_number_ends_the_process() {
    Outside::new().probe(SECOND_NUMBER, None);
}

#[test]
fn a_process_with_threads_is_not_sealed() {
    let waiting = std::sync::Barrier::new(2);
    std::thread::scope(|scope| {
        scope.spawn(|| waiting.wait());
        assert!(matches!(seal(Sandbox::Sealed, Peers::OneUser), Err(SandboxError::Threads { count }) if count > 1));
        waiting.wait();
    });
}

/// Not a test of its own: the child process of the tests above.
#[test]
fn inside() {
    let Ok(case) = std::env::var(PROBE) else { return };
    // SAFETY: the only other thread is the harness's, which waits for this one and holds no lock meanwhile.
    match unsafe { fork() }.unwrap() {
        ForkResult::Parent { child } => {
            let ended = waitpid(child, None).unwrap();
            let killed = matches!(ended, WaitStatus::Signaled(_, Signal::SIGSYS, _));
            assert_eq!(killed, case == SECOND_NUMBER, "{ended:?}");
            assert!(killed || ended == WaitStatus::Exited(child, 0), "{ended:?}");
        }
        ForkResult::Child => {
            let done = std::panic::catch_unwind(|| probe_from_inside(&case));
            std::process::exit(i32::from(done.is_err()));
        }
    }
}

fn probe_from_inside(case: &str) {
    let outside = Outside::from_environment();
    if case == "child" {
        report("child", "ok");
        report("child tcp", &tcp(&outside));
        return;
    }
    outside.report_ways("before");
    // As the log's set-up leaves every process of the box.
    prctl::set_dumpable(false).unwrap();
    let walls = match case {
        "sealed" | SECOND_NUMBER => seal(Sandbox::Sealed, Peers::OneUser).unwrap().to_string(),
        "several users" => seal(Sandbox::Sealed, Peers::SeveralUsers).unwrap().to_string(),
        "door" => seal(Sandbox::Door, Peers::OneUser).unwrap().to_string(),
        "network only" => format!("{:?}", leave_network(Peers::OneUser).unwrap()),
        other => panic!("no case {other}"),
    };
    report("walls", &walls);
    if case == SECOND_NUMBER {
        // SAFETY: "get process id" takes no arguments, by whatever number.
        unsafe { libc::syscall(0x4000_0000 + libc::SYS_getpid) };
    }
    outside.report_ways("after");
    report("after dumpable", &prctl::get_dumpable().unwrap().to_string());
    report("after uid", &nix::unistd::getuid().to_string());
    report("after tokio unix", &tokio_unix());
    let child = outside.command("child").output().unwrap();
    for (_, line) in String::from_utf8(child.stdout).unwrap().lines().filter_map(|l| l.split_once("probe ")) {
        println!("probe after {line}");
    }
}

/// Listeners that a sealed process must not reach, and one that it must.
struct Outside {
    tcp: String,
    udp: String,
    abstract_name: String,
    path: PathBuf,
    listeners: Option<(TcpListener, UdpSocket, UnixListener, UnixListener, tempfile::TempDir)>,
}

impl Outside {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        open_to_all(folder.path());
        let path = folder.path().join("open");
        let abstract_name = format!("anteroom-sandbox-{}", folder.path().display());
        let name = SocketAddr::from_abstract_name(&abstract_name).unwrap();
        let (tcp, udp) = (TcpListener::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
        let (by_path, by_name) = (UnixListener::bind(&path).unwrap(), UnixListener::bind_addr(&name).unwrap());
        open_to_all(&path);
        Self {
            tcp: tcp.local_addr().unwrap().to_string(),
            udp: udp.local_addr().unwrap().to_string(),
            abstract_name,
            path,
            listeners: Some((tcp, udp, by_path, by_name, folder)),
        }
    }

    fn from_environment() -> Self {
        let read = |name: &str| std::env::var(format!("{PROBE}_{name}")).unwrap();
        Self {
            tcp: read("TCP"),
            udp: read("UDP"),
            abstract_name: read("ABSTRACT"),
            path: read("PATH").into(),
            listeners: None,
        }
    }

    /// This test binary once more, as the case's process. One test thread, so that [`inside`] runs on the only one.
    fn command(&self, case: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "sandbox::tests::inside", "--nocapture", "--test-threads=1"]);
        command.env(PROBE, case).env(format!("{PROBE}_TCP"), &self.tcp).env(format!("{PROBE}_UDP"), &self.udp);
        command.env(format!("{PROBE}_ABSTRACT"), &self.abstract_name).env(format!("{PROBE}_PATH"), &self.path);
        command
    }

    fn probe(&self, case: &str, uid: Option<u32>) -> Told {
        let mut command = self.command(case);
        if let Some(uid) = uid {
            command.uid(uid).gid(uid);
        }
        let output = command.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
        // The harness prints the test's name before the first line without ending its own.
        let lines = text.lines().filter_map(|line| line.split_once("probe ")).filter_map(|(_, l)| l.split_once('='));
        let mut told: BTreeMap<String, String> = lines.map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        Told { walls: told.remove("walls").unwrap(), told }
    }

    fn report_ways(&self, when: &str) {
        let v6 = || errno_of(TcpStream::connect("[::1]:9").map(drop));
        let raw = |family| name_of(socket(family, SockType::Raw, SockFlag::empty(), None).map(drop));
        let stream = |family| name_of(socket(family, SockType::Stream, SockFlag::empty(), None).map(drop));
        let abstract_address = SocketAddr::from_abstract_name(&self.abstract_name).unwrap();
        let ways = [
            ("tcp", tcp(self)),
            (
                "udp",
                errno_of(UdpSocket::bind("0.0.0.0:0").and_then(|s| s.send_to(when.as_bytes(), &self.udp)).map(drop)),
            ),
            ("tcp6", v6()),
            ("vsock", stream(AddressFamily::Vsock)),
            ("netlink", raw(AddressFamily::Netlink)),
            ("packet", raw(AddressFamily::Packet)),
            ("io_uring", io_uring()),
            ("recvmsg", receive_message()),
            ("unix path", errno_of(UnixStream::connect(&self.path).map(drop))),
            ("unix abstract", errno_of(UnixStream::connect_addr(&abstract_address).map(drop))),
        ];
        for (way, result) in ways {
            report(&format!("{when} {way}"), &result);
        }
        if when == "after" {
            report("after peer", &self.peer());
            report("after unshare", &name_of(unshare(CloneFlags::CLONE_NEWNET)));
        }
    }

    /// The uid of whoever listens at the unix socket, as this process sees it.
    fn peer(&self) -> String {
        use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
        let stream = UnixStream::connect(&self.path).unwrap();
        getsockopt(&stream, PeerCredentials).unwrap().uid().to_string()
    }

    /// Whether more arrived than the one connection and the one datagram of before.
    fn somebody_came_after_sealing(&self) -> bool {
        let Some((tcp, udp, ..)) = &self.listeners else { return false };
        tcp.set_nonblocking(true).unwrap();
        udp.set_nonblocking(true).unwrap();
        let connections = std::iter::from_fn(|| tcp.accept().ok()).count();
        let mut datagram = [0; 16];
        let datagrams = std::iter::from_fn(|| udp.recv(&mut datagram).ok()).count();
        assert_eq!((connections.min(1), datagrams.min(1)), (1, 1), "the way was open before");
        connections > 1 || datagrams > 1
    }
}

/// What a probe reported: for each way, before and after sealing, "ok" or the error's name.
#[derive(Debug)]
struct Told {
    walls: String,
    told: BTreeMap<String, String>,
}

impl Told {
    fn before(&self, way: &str) -> &str {
        self.told.get(&format!("before {way}")).map_or("not tried", String::as_str)
    }

    fn after(&self, way: &str) -> &str {
        self.told.get(&format!("after {way}")).map_or("not tried", String::as_str)
    }
}

fn report(key: &str, value: &str) {
    println!("probe {key}={value}");
}

fn tcp(outside: &Outside) -> String {
    errno_of(TcpStream::connect(&outside.tcp).map(drop))
}

fn io_uring() -> String {
    // SAFETY: with a null pointer for its parameters the call can only fail: "bad address" where it is allowed.
    let returned = unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, std::ptr::null::<u8>()) };
    name_of(Errno::result(returned).map(drop))
}

fn receive_message() -> String {
    let (mut here, there) = UnixStream::pair().unwrap();
    here.write_all(b"x").unwrap();
    let mut byte = 0_u8;
    let mut piece = libc::iovec { iov_base: (&raw mut byte).cast(), iov_len: 1 };
    // SAFETY: all fields of a message header may be zero: no name, no control data.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    (message.msg_iov, message.msg_iovlen) = (&raw mut piece, 1);
    // SAFETY: the header points to one piece, which points to one byte; all three outlive the call.
    let returned = unsafe { libc::recvmsg(there.as_raw_fd(), &raw mut message, 0) };
    name_of(Errno::result(returned).map(drop))
}

/// A conversation over a unix socket the way the box's processes have it.
fn tokio_unix() -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("door");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let served = runtime.block_on(async {
        let listener = tokio::net::UnixListener::bind(&path)?;
        let (client, server) = tokio::join!(tokio::net::UnixStream::connect(&path), listener.accept());
        let (mut client, (mut server, _)) = (client?, server?);
        client.write_all(b"ring").await?;
        let mut heard = [0; 4];
        server.read_exact(&mut heard).await?;
        assert_eq!((&heard, server.peer_cred()?.uid()), (b"ring", nix::unistd::getuid().as_raw()));
        Ok(())
    });
    errno_of(served)
}

fn errno_of(result: std::io::Result<()>) -> String {
    name_of(result.map_err(|e| Errno::from_raw(e.raw_os_error().unwrap_or(0))))
}

fn name_of(result: nix::Result<()>) -> String {
    result.map_or_else(|errno| format!("{errno:?}"), |()| "ok".to_owned())
}

fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
}
