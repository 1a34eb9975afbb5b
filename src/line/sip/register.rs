//! Keeps the box registered: what [`super::backoff`] and [`super::servers`] decide, done.
//!
//! In:  answers of the registrars, what their names resolve to, and time. Out: REGISTER requests, what keeps the way through
//! a NAT open between them, and whether the box can be rung ([`Standing`]).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::{Duration, Instant};

use super::backoff::{Event, Next, Policy, Registration};
use super::endpoint::{Endpoint, Question, SipError};
use super::names::Names;
use super::servers::Servers;
use crate::clock::Clock;
use crate::tasks::{Stop, TaskError};

/// How long one REGISTER with its challenge may take. Shorter than the stack's 32 s: a registrar that is silent for so long
/// is tried again.
const DEADLINE: Duration = Duration::from_secs(5);
/// How long a server may take to say that it is there: three repetitions (RFC 3261 section 17.1.2.1).
const PATIENCE: Duration = Duration::from_secs(4);

/// Whether the site's exchange knows where the box is.
#[derive(Debug, Default)]
pub struct Standing {
    registered: AtomicBool,
    code: AtomicU16,
}

impl Standing {
    /// Whether the box is registered.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.registered.load(Ordering::Relaxed)
    }

    /// The registrar's last code; 0 where it never answered.
    #[must_use]
    pub fn code(&self) -> u16 {
        self.code.load(Ordering::Relaxed)
    }

    fn set(&self, registered: bool, code: u16) {
        let before = self.registered.swap(registered, Ordering::Relaxed);
        self.code.store(code, Ordering::Relaxed);
        if before != registered {
            if registered {
                tracing::info!("registered with the telephone system");
            } else {
                tracing::warn!(code, "not registered with the telephone system: calls do not reach the box");
            }
        }
    }
}

/// Registers until `stop`, and leaves then: calls go to the desk at once.
pub(super) async fn keep(
    endpoint: Arc<Endpoint>,
    policy: Policy,
    standing: Arc<Standing>,
    clock: Arc<dyn Clock>,
    stop: Stop,
) -> Result<(), TaskError> {
    let mut seed = [0_u8; 8];
    // Without random bytes all boxes of a fleet try in step: worse, and no reason to stay away.
    let _ = getrandom::fill(&mut seed);
    let door = endpoint.door();
    let mut keeper = Keeper {
        names: Names::new(door.transport, door.listen.ip(), door.records),
        servers: Servers::new(Vec::new()),
        registration: Registration::new(policy, u64::from_be_bytes(seed)),
        answers: false,
        start: clock.now(),
        endpoint: Arc::clone(&endpoint),
        standing,
        clock,
    };
    tokio::select! {
        () = stop.asked() => {}
        () = keeper.run() => {}
    }
    // A registrar that does not answer now forgets the box by itself within a minute.
    let _ = tokio::time::timeout(Duration::from_secs(1), endpoint.register(0)).await;
    Ok(())
}

struct Keeper {
    endpoint: Arc<Endpoint>,
    names: Names,
    servers: Servers,
    registration: Registration,
    /// Whether the server that the box is with has ever answered an OPTIONS: some never do.
    answers: bool,
    standing: Arc<Standing>,
    clock: Arc<dyn Clock>,
    start: Instant,
}

impl Keeper {
    fn now(&self) -> Duration {
        self.clock.now().saturating_duration_since(self.start)
    }

    /// Never ends.
    async fn run(&mut self) {
        let mut expires = self.registration.begin(Duration::ZERO).expires;
        loop {
            self.resolve().await;
            let now = self.now();
            let server = self.servers.target(now).unwrap_or_else(|| self.endpoint.server());
            if server != self.endpoint.server() {
                tracing::warn!("the box goes to another server of the telephone system");
                self.endpoint.turn_to(server);
                self.answers = false;
            }
            let next = self.register(server, expires).await;
            expires = next.expires;
            self.rest(server, next).await;
        }
    }

    /// Looks where the servers are now, and lets them ring the box.
    async fn resolve(&mut self) {
        let found = self.names.all(&self.endpoint.door().servers).await;
        self.servers.update(found);
        self.endpoint.admit(self.servers.addresses(), self.now());
    }

    async fn register(&mut self, server: SocketAddr, expires: u32) -> Next {
        let answer = tokio::time::timeout(DEADLINE, self.endpoint.register(expires)).await;
        let (event, code) = match answer.unwrap_or(Err(SipError::Silent)) {
            Ok(answer) if answer.code == 200 => (Event::Registered { expires: answer.expires }, 200),
            Ok(answer) => (Event::Rejected { code: answer.code, min_expires: answer.least }, answer.code),
            Err(_) => (Event::Unreachable, 0),
        };
        let now = self.now();
        if code == 200 {
            self.servers.worked(server, now);
        }
        // What one server says of the account, the others say too; one that is silent or in trouble has others beside it.
        let next = if matches!(code, 0 | 408 | 500..600) && self.servers.failed(server) {
            Next { at: now, expires }
        } else {
            self.registration.step(event, now)
        };
        self.standing.set(self.registration.is_registered(now), code);
        next
    }

    /// Waits for the next REGISTER; meanwhile the way to the server is kept open, and a server that is gone is left.
    async fn rest(&mut self, server: SocketAddr, mut next: Next) {
        let each = self.endpoint.door().keep_alive;
        loop {
            let left = next.at.saturating_sub(self.now());
            let nap = each.map_or(left, |each| each.min(left));
            tokio::time::sleep(nap).await;
            if nap == left {
                return;
            }
            if self.registration.is_registered(self.now()) && !self.is_there().await {
                tracing::warn!("the telephone system's server is gone, or the way to it is another");
                let _ = self.servers.failed(server);
                next = self.registration.step(Event::Stale, self.now());
                self.standing.set(false, 0);
            }
        }
    }

    /// Uses the way to the server, and asks whether it is there. One that has never answered that counts as there.
    async fn is_there(&mut self) -> bool {
        let used = tokio::time::timeout(PATIENCE, self.endpoint.keep_alive()).await;
        if !used.unwrap_or(false) {
            return false;
        }
        match tokio::time::timeout(PATIENCE, self.endpoint.question(Question::AreYouThere)).await {
            Ok(Ok(_)) => {
                self.answers = true;
                true
            }
            Ok(Err(_)) | Err(_) => !self.answers,
        }
    }
}
