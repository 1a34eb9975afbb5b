//! Keeps the box registered: what [`super::backoff`] decides, done.
//!
//! In:  answers of the registrar, and time. Out: REGISTER requests, and whether the box can be rung ([`Standing`]).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::time::Duration;

use super::backoff::{Event, Policy, Registration};
use super::endpoint::{Endpoint, SipError};
use crate::clock::Clock;
use crate::tasks::{Stop, TaskError};

/// How long one REGISTER with its challenge may take. Shorter than the stack's 32 s: a registrar that is silent for so long
/// is tried again.
const DEADLINE: Duration = Duration::from_secs(5);

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
    let (start, mut seed) = (clock.now(), [0_u8; 8]);
    let since = || clock.now().saturating_duration_since(start);
    // Without random bytes all boxes of a fleet try in step: worse, and no reason to stay away.
    let _ = getrandom::fill(&mut seed);
    let mut registration = Registration::new(policy, u64::from_be_bytes(seed));
    let mut expires = registration.begin(Duration::ZERO).expires;
    loop {
        let asked = tokio::time::timeout(DEADLINE, endpoint.register(expires));
        let answer = tokio::select! {
            () = stop.asked() => break,
            answer = asked => answer.unwrap_or(Err(SipError::Silent)),
        };
        let (event, code) = match answer {
            Ok(answer) if answer.code == 200 => (Event::Registered { expires: answer.expires }, 200),
            Ok(answer) => (Event::Rejected { code: answer.code, min_expires: answer.least }, answer.code),
            Err(_) => (Event::Unreachable, 0),
        };
        let next = registration.step(event, since());
        expires = next.expires;
        standing.set(registration.is_registered(since()), code);
        tokio::select! {
            () = stop.asked() => break,
            () = tokio::time::sleep(next.at.saturating_sub(since())) => {}
        }
    }
    // A registrar that does not answer now forgets the box by itself within a minute.
    let _ = tokio::time::timeout(Duration::from_secs(1), endpoint.register(0)).await;
    Ok(())
}
