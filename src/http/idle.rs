//! Connections that wait for another request: at most two, 30 s each.
//!
//! In:  a [`Link`] whose answer was read to its end.
//! Out: the same, still alive and unused since; or it is closed here.
//! Nothing runs for it: the time is looked at when a request comes, and by [`super::Http::tend`].

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::link::Link;

/// How many connections wait for another request: a caller asks one thing at a time, and few call at once.
pub(super) const MAX_IDLE: usize = 2;
/// How long a connection waits for another request. Servers commonly close theirs after 60 s or more; who closes first
/// hardly ever writes into a connection that the other side has just closed.
pub(super) const IDLE_TIME: Duration = Duration::from_secs(30);

/// Links that have answered and wait for another request, the longest waiting first. Instants are those of the
/// runtime's timer.
#[derive(Default)]
pub(super) struct Idle(pub(super) Mutex<VecDeque<(Link, Instant)>>);

impl Idle {
    /// The link that was used last, if one is still alive.
    pub(super) fn take(&self, now: Instant) -> Option<Link> {
        self.sweep(now);
        self.0.lock().ok()?.pop_back().map(|(link, _)| link)
    }

    /// Keeps a link, unless it cannot be used again. The longest waiting makes room.
    pub(super) fn put(&self, mut link: Link, now: Instant) {
        if !link.is_free() {
            return;
        }
        if let Ok(mut links) = self.0.lock() {
            links.push_back((link, now));
            if links.len() > MAX_IDLE {
                links.pop_front();
            }
        }
    }

    /// Closes what has waited too long, and what the other side has closed.
    pub(super) fn sweep(&self, now: Instant) {
        if let Ok(mut links) = self.0.lock() {
            links.retain_mut(|(link, since)| now.saturating_duration_since(*since) < IDLE_TIME && link.is_free());
        }
    }
}
