//! Walls that the kernel holds: what a process of the box may reach, whatever its code does.
//!
//! In:  which kind of process this is. Called once by each main, after logging and before any thread.
//! Out: [`Sealed`], which names the walls that stand, for the log. Irreversible, also for child processes.
//!
//! Two walls keep a sealed process off every network, and one is enough:
//! 1. its own network namespace, without any interface that is up: the one that systemd started it in, or made here (as
//!    root directly, else inside a user namespace, in which only this user exists: therefore not where the processes are
//!    several users, who must tell each other apart by their uids);
//! 2. a system call filter: `socket` and `socketpair` make unix sockets only; io_uring, which makes sockets past such a
//!    filter, is refused; so is `recvmsg`, by which another process could hand over a connected socket (the box reads
//!    with `read` and `recv`, which drop such gifts); so is whatever enters another namespace or another process.
//!
//! What it does not do yet: restrict the file system, or which programs may be executed (the voices espeak-ng and piper
//! are child processes; they inherit both walls). A unix socket of some other service is a file, and reachable.

use std::fmt;
use std::path::Path;

use nix::errno::Errno;
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;

mod filter;
pub mod folder;
pub mod peers;

/// The kind of process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sandbox {
    /// Hears or keeps what callers say (`anteroomd`, `recordd`): no network of any kind.
    Sealed,
    /// Has a door to a network (`lined`, `clinicd`, `airlockd`): IPv4, IPv6 and unix sockets, nothing else.
    Door,
}

/// Who knocks at the process's sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peers {
    /// Processes of its own user: a demonstration.
    OneUser,
    /// Users that have to be told apart.
    SeveralUsers,
}

/// The walls that stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The kind of process.
    pub kind: Sandbox,
    /// Where its network ends.
    pub network: Network,
}

/// What a process sees of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// An empty namespace of its own.
    Own,
    /// It was started in a namespace that holds no interface but loopback (systemd's `PrivateNetwork`, a container).
    AlreadyEmpty,
    /// The kernel refuses a namespace: the system call filter is the only wall.
    NotAvailable(Errno),
    /// Only a user namespace would give it one, in which its peers could not be told apart: the system call filter is the
    /// only wall. With the shipped units systemd has given it one already.
    WouldHidePeers,
    /// The host's network: this process has a door.
    Host,
}

impl fmt::Display for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.network {
            Network::Own => f.write_str("network: own, empty"),
            Network::AlreadyEmpty => f.write_str("network: started without one"),
            Network::NotAvailable(errno) => write!(f, "network: NotAvailable ({errno})"),
            Network::WouldHidePeers => f.write_str("network: no namespace (it would hide who knocks)"),
            Network::Host => f.write_str("network: host"),
        }?;
        f.write_str(match self.kind {
            Sandbox::Sealed => "; system calls: unix sockets only",
            Sandbox::Door => "; system calls: IP and unix sockets only",
        })
    }
}

/// A wall that must stand does not. The process must not go on.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// Threads that run already would stay outside the walls.
    #[error("the process has {count} threads; it must be sealed before it starts any")]
    Threads {
        /// How many.
        count: usize,
    },
    /// The process's own state cannot be read or written.
    #[error("{path} is not accessible; mount /proc, or start the service with its shipped unit file")]
    Proc {
        /// The file.
        path: &'static str,
        /// What the kernel says.
        #[source]
        source: std::io::Error,
    },
    /// The system call filter cannot be built.
    #[error("the system call filter cannot be built for this processor; use an x86-64 or 64-bit ARM machine")]
    Build(#[source] seccompiler::BackendError),
    /// The kernel refuses the system call filter.
    #[error("the kernel refuses the system call filter; it needs CONFIG_SECCOMP_FILTER")]
    Refused(#[source] seccompiler::Error),
    /// Peers of this user would look like anybody.
    #[error(
        "user {uid} of [users] has no number in this process's user namespace, so that its processes cannot be told from \
         others: start the daemon outside of it (PrivateUsers=no), or map the users of the box into it"
    )]
    HiddenUser {
        /// The user.
        uid: u32,
    },
    /// The kernel refuses a request about the process itself.
    #[error("the kernel refuses to {step}")]
    Process {
        /// What was asked.
        step: &'static str,
        /// What it says.
        #[source]
        source: Errno,
    },
}

/// Puts up the walls for this process and all its threads and children to come.
///
/// A refused network namespace is reported in [`Sealed::network`] and not an error, since the filter holds alone.
///
/// # Errors
/// [`SandboxError`]: the process must stop, and the line then falls back to staff.
pub fn seal(kind: Sandbox, peers: Peers) -> Result<Sealed, SandboxError> {
    refuse_threads()?;
    let network = match kind {
        Sandbox::Sealed => leave_network(peers)?,
        Sandbox::Door => Network::Host,
    };
    filter::install(kind)?;
    Ok(Sealed { kind, network })
}

/// Both walls bind threads, not processes: one that runs already would keep the network.
fn refuse_threads() -> Result<(), SandboxError> {
    const TASKS: &str = "/proc/self/task";
    let tasks = std::fs::read_dir(TASKS).map_err(|source| SandboxError::Proc { path: TASKS, source })?;
    match tasks.count() {
        1 => Ok(()),
        count => Err(SandboxError::Threads { count }),
    }
}

fn leave_network(peers: Peers) -> Result<Network, SandboxError> {
    let refusal = match unshare(CloneFlags::CLONE_NEWNET) {
        Ok(()) => return Ok(Network::Own),
        Err(refusal) => refusal,
    };
    // Before a user namespace, which is not free: in it, the uids of other services can no longer be told apart.
    if only_loopback()? {
        return Ok(Network::AlreadyEmpty);
    }
    if peers == Peers::SeveralUsers {
        return Ok(Network::WouldHidePeers);
    }
    let (uid, gid) = (nix::unistd::getuid(), nix::unistd::getgid());
    if unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).is_err() {
        return Ok(Network::NotAvailable(refusal));
    }
    keep_own_ids(uid.as_raw(), gid.as_raw())?;
    Ok(Network::Own)
}

/// Whether this namespace has no interface but `lo`.
fn only_loopback() -> Result<bool, SandboxError> {
    const DEVICES: &str = "/proc/self/net/dev";
    let text = std::fs::read_to_string(DEVICES).map_err(|source| SandboxError::Proc { path: DEVICES, source })?;
    // Two lines of headings, then "name: counters".
    let mut names = text.lines().skip(2).filter_map(|line| line.split(':').next()).map(str::trim);
    Ok(names.all(|name| name == "lo"))
}

/// Gives this user its own number inside the new user namespace: without it, everyone is "nobody", and a peer's uid on a
/// socket says nothing.
fn keep_own_ids(uid: u32, gid: u32) -> Result<(), SandboxError> {
    // A process that may not be dumped does not own its /proc files. The core size limit stays zero meanwhile.
    let dumpable =
        prctl::get_dumpable().map_err(|source| SandboxError::Process { step: "read the dump flag", source })?;
    let set =
        |on| prctl::set_dumpable(on).map_err(|source| SandboxError::Process { step: "set the dump flag", source });
    set(true)?;
    let written = write_proc("/proc/self/setgroups", "deny")
        .and_then(|()| write_proc("/proc/self/uid_map", &format!("{uid} {uid} 1")))
        .and_then(|()| write_proc("/proc/self/gid_map", &format!("{gid} {gid} 1")));
    set(dumpable)?;
    written
}

fn write_proc(path: &'static str, text: &str) -> Result<(), SandboxError> {
    std::fs::write(Path::new(path), text).map_err(|source| SandboxError::Proc { path, source })
}

#[cfg(test)]
mod tests;
