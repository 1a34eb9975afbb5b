//! A look at every packet of sound between SIPp and the box, with the kernel's own time.
//!
//! In:  UDP datagrams on 127.0.0.1 as a raw socket sees them, each once, with the moment at which the kernel took it from
//!      its sender (SO_TIMESTAMPNS). Out: those between two ports of this benchmark; all others are dropped unread.
//! A thread of its own, for as long as it is held. Needs CAP_NET_RAW. It sees this benchmark's own synthetic speech and nothing
//! that a person said.

use std::io::IoSliceMut;
use std::ops::RangeInclusive;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, bind, recvmsg,
    setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;

use super::datagram;
use super::streams::{self, Streams};

/// Bytes that may wait in the socket: over a second of a hundred calls both ways, each packet at the kernel's own price.
const BUFFER: usize = 32 * 1024 * 1024;
/// How often the socket is emptied: the times are the kernel's, so that it may be seldom.
const EVERY: Duration = Duration::from_millis(10);
/// Longer than any packet of sound.
const LONGEST: usize = 2_048;

/// The tap cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum TapError {
    /// Not allowed.
    #[error("packets on loopback cannot be seen: run this as root, or with CAP_NET_RAW (setcap cap_net_raw+ep)")]
    NotAllowed(#[source] Errno),
    /// Another failure.
    #[error("packets on loopback cannot be seen")]
    Failed(#[source] Errno),
    /// No thread can be had, or it ended.
    #[error("the thread that looks at packets could not run")]
    Thread,
}

impl TapError {
    fn of(error: Errno) -> Self {
        if [Errno::EPERM, Errno::EACCES].contains(&error) { Self::NotAllowed(error) } else { Self::Failed(error) }
    }
}

/// What was caught: datagrams one after the other, with their moments.
#[derive(Default)]
struct Caught {
    bytes: Vec<u8>,
    each: Vec<(Duration, usize)>,
    dropped: u32,
}

/// What a tap has seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The streams of sound.
    pub(super) streams: Streams,
    /// Packets that the tap itself missed: where this is not 0, counts of lost packets mean nothing.
    pub(super) missed: u32,
}

/// A running tap.
pub(super) struct Tap {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Caught>,
}

impl Tap {
    /// Looks at what goes from one of `ports` to another of them.
    ///
    /// # Errors
    /// [`TapError`].
    pub(super) fn open(ports: RangeInclusive<u16>) -> Result<Self, TapError> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let raw = socket(AddressFamily::Inet, SockType::Raw, flags, SockProtocol::Udp).map_err(TapError::of)?;
        bind(raw.as_raw_fd(), &SockaddrIn::new(127, 0, 0, 1, 0)).map_err(TapError::of)?;
        setsockopt(&raw, sockopt::ReceiveTimestampns, &true).map_err(TapError::of)?;
        setsockopt(&raw, sockopt::RxqOvfl, &1).map_err(TapError::of)?;
        // With CAP_NET_RAW alone the system's limit stays; then the count of missed packets tells.
        if setsockopt(&raw, sockopt::RcvBufForce, &BUFFER).is_err() {
            setsockopt(&raw, sockopt::RcvBuf, &BUFFER).map_err(TapError::of)?;
        }
        let over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&over);
        let thread = std::thread::Builder::new().name("tap".into());
        let thread = thread.spawn(move || look(&raw, &ports, &ends)).map_err(|_| TapError::Thread)?;
        Ok(Self { over, thread })
    }

    /// Ends the look.
    ///
    /// # Errors
    /// [`TapError::Thread`].
    pub(super) fn close(self) -> Result<Seen, TapError> {
        self.over.store(true, Ordering::Relaxed);
        let caught = self.thread.join().map_err(|_| TapError::Thread)?;
        let mut seen = Seen { missed: caught.dropped, ..Seen::default() };
        let mut rest = caught.bytes.as_slice();
        for (at, length) in caught.each {
            let Some((datagram, after)) = rest.split_at_checked(length) else { break };
            streams::add(&mut seen.streams, at, datagram);
            rest = after;
        }
        Ok(seen)
    }
}

/// Empties the socket again and again until it is over.
fn look(raw: &OwnedFd, ports: &RangeInclusive<u16>, over: &AtomicBool) -> Caught {
    let mut caught = Caught::default();
    let mut buffer = [0_u8; LONGEST];
    let mut control = nix::cmsg_space!(TimeSpec, u32);
    loop {
        let last = over.load(Ordering::Relaxed);
        loop {
            let mut parts = [IoSliceMut::new(&mut buffer)];
            let got = recvmsg::<SockaddrIn>(raw.as_raw_fd(), &mut parts, Some(&mut control), MsgFlags::empty());
            let Ok(got) = got else { break };
            let (length, mut at) = (got.bytes, None);
            for message in got.cmsgs().into_iter().flatten() {
                if let ControlMessageOwned::ScmTimestampns(time) = message {
                    at = Some(Duration::from(time));
                } else if let ControlMessageOwned::RxqOvfl(dropped) = message {
                    caught.dropped = dropped;
                }
            }
            let bytes = buffer.get(..length).unwrap_or_default();
            let ours = datagram::read(bytes).is_some_and(|d| ports.contains(&d.from) && ports.contains(&d.to));
            if let (true, Some(at)) = (ours, at) {
                caught.bytes.extend_from_slice(bytes);
                caught.each.push((at, length));
            }
        }
        if last {
            return caught;
        }
        std::thread::sleep(EVERY);
    }
}
