//! Tells systemd that lined is alive, for as long as every part of it is.
//!
//! In:  beats of the parts that must not hang: the switchboard, the SIP line, the media thread.
//! Out: `READY=1` and `WATCHDOG=1` on the socket that systemd names (sd_notify(3)); nothing where it names none.
//! A part that hangs stops the beats, systemd kills lined and starts it again, and meanwhile the exchange rings the desk. A
//! timer that pings by itself would hide just that.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::tasks::{Stop, TaskError};

/// How often the parts are looked at. Each beats every second at least; systemd's limit is 10 s (`WatchdogSec=`).
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// One part's beats.
#[derive(Clone, Debug, Default)]
pub struct Beat(Arc<AtomicU64>);

impl Beat {
    /// The part is alive.
    pub fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The parts that must beat.
#[derive(Clone, Debug, Default)]
pub struct Heart(Arc<Mutex<Vec<Part>>>);

#[derive(Debug)]
struct Part {
    name: &'static str,
    beat: Beat,
    seen: u64,
}

impl Heart {
    /// A part that must beat from now on.
    #[must_use]
    pub fn part(&self, name: &'static str) -> Beat {
        let beat = Beat::default();
        if let Ok(mut parts) = self.0.lock() {
            parts.push(Part { name, beat: beat.clone(), seen: 0 });
        }
        beat
    }

    /// The parts that have not beaten since this was last asked.
    fn silent(&self) -> Vec<&'static str> {
        let Ok(mut parts) = self.0.lock() else { return vec!["heart"] };
        let silent = parts.iter_mut().filter_map(|part| {
            let now = part.beat.0.load(Ordering::Relaxed);
            let before = std::mem::replace(&mut part.seen, now);
            (now == before).then_some(part.name)
        });
        silent.collect()
    }
}

/// Where systemd wants to be told; none where it does not start us.
#[derive(Debug)]
pub struct Notify(Option<(UnixDatagram, SocketAddr)>);

impl Notify {
    /// The socket that the environment names.
    ///
    /// # Errors
    /// Where it names one that cannot be.
    pub fn of_environment() -> io::Result<Self> {
        std::env::var_os("NOTIFY_SOCKET").map_or(Ok(Self(None)), |name| Self::to(&name))
    }

    fn to(name: &OsStr) -> io::Result<Self> {
        let address = match name.as_bytes().strip_prefix(b"@") {
            Some(hidden) => SocketAddr::from_abstract_name(hidden)?,
            None => SocketAddr::from_pathname(name)?,
        };
        let socket = UnixDatagram::unbound()?;
        // A full queue of systemd's must not make lined wait.
        socket.set_nonblocking(true)?;
        Ok(Self(Some((socket, address))))
    }

    fn say(&self, what: &str) {
        if let Some((socket, address)) = &self.0
            && let Err(error) = socket.send_to_addr(what.as_bytes(), address)
        {
            tracing::warn!(%error, "systemd could not be told");
        }
    }
}

/// Says that lined is ready, then that it is alive, until `stop`.
///
/// # Errors
/// None; the signature is that of a task.
pub async fn run(heart: Heart, notify: Notify, stop: Stop) -> Result<(), TaskError> {
    notify.say("READY=1");
    loop {
        tokio::select! {
            () = stop.asked() => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        let silent = heart.silent();
        if silent.is_empty() {
            notify.say("WATCHDOG=1");
        } else {
            tracing::error!(parts = silent.join(", "), "a part of lined hangs; systemd starts it again");
        }
    }
    notify.say("STOPPING=1");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_stops_beating_is_named() {
        let heart = Heart::default();
        let (one, two) = (heart.part("one"), heart.part("two"));
        one.beat();
        two.beat();
        assert_eq!(heart.silent(), Vec::<&str>::new());
        one.beat();
        assert_eq!(heart.silent(), ["two"]);
        assert_eq!(heart.silent(), ["one", "two"]);
    }

    #[test]
    fn what_is_said_arrives_at_a_named_and_at_a_hidden_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let hidden = format!("@anteroom-test-{}", std::process::id());
        let named = UnixDatagram::bind(&path).unwrap();
        let address = SocketAddr::from_abstract_name(hidden.trim_start_matches('@')).unwrap();
        let abstracted = UnixDatagram::bind_addr(&address).unwrap();
        for (name, socket) in [(path.as_os_str(), named), (OsStr::new(&hidden), abstracted)] {
            Notify::to(name).unwrap().say("WATCHDOG=1");
            let mut bytes = [0; 20];
            let length = socket.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..length], b"WATCHDOG=1");
        }
    }

    #[test]
    fn without_systemd_nothing_is_said() {
        Notify(None).say("READY=1");
    }
}
