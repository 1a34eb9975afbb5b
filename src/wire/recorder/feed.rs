//! The task that carries events from the queue to recordd, and knows whether recordd is there.
//!
//! One batch is on its way at a time, so order needs no care. A batch leaves the queue for good only when recordd has
//! committed it. Runs on the process's async runtime; see the parent module for the states.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::Deserialize;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::queue::Item;
use super::{LOW, Shared};
use crate::ids::Turn;
use crate::tasks::{Stop, TaskError};
use crate::wire::client::{AskError, Client};
use crate::wire::doors::Record;
use crate::wire::event::Kind;
use crate::wire::frame::Refusal;
use crate::wire::parcel::{MayGoTo, Parcel};

/// How often the record is pinged, and how long an answer may take: together below 600 ms. A busy box must not
/// look like a dead one.
const PING_EVERY: Duration = Duration::from_millis(100);
const PING_DEADLINE: Duration = Duration::from_millis(450);
/// How long a batch may take before the record counts as away.
const BATCH_DEADLINE: Duration = Duration::from_secs(5);
/// How long the feed tries to hand in what is left when the process stops; below [`crate::tasks::GRACE`].
const LAST_CHANCE: Duration = Duration::from_secs(2);
/// An absence at start that is worth a `record.gap`: processes start together, within seconds.
const STARTING: Duration = Duration::from_secs(5);

/// What recordd answers to an append.
#[derive(Deserialize)]
struct Answer {
    next: u64,
}

pub(super) struct Feed {
    shared: Arc<Shared>,
    events: Client<Record>,
    pings: Arc<Client<Record>>,
    /// Names this connection's events to recordd, so that a batch sent twice is appended once.
    sender: Uuid,
    /// The number of the first event on its way, or of the next one.
    next: u64,
    /// After a refused batch: so many events go one by one, to find the one that is not understood.
    singly: usize,
    /// Since when the record is away, if it is.
    away: Option<Instant>,
    been_up: bool,
}

impl Feed {
    pub(super) fn new(shared: Arc<Shared>, run: &Path) -> Self {
        let (events, pings) = (Client::new(run, shared.role), Arc::new(Client::new(run, shared.role)));
        let away = Some(shared.started);
        Self { shared, events, pings, sender: Uuid::new_v4(), next: 0, singly: 0, away, been_up: false }
    }

    pub(super) async fn run(mut self, stop: Stop) -> Result<(), TaskError> {
        loop {
            tokio::select! {
                () = stop.asked() => break,
                () = self.session() => {}
            }
        }
        if self.shared.queue().len() > 0 {
            let last = async {
                if self.resume().await {
                    self.feed(true).await;
                }
            };
            // Whether it was enough is seen by what is left.
            let _ = tokio::time::timeout(LAST_CHANCE, last).await;
        }
        self.shared.up.store(false, Ordering::Release);
        let left = self.shared.queue().len();
        self.shared.queue().tell_away();
        if left > 0 {
            tracing::error!(left, "events were not recorded: the record is away and this process stops");
        }
        Ok(())
    }

    /// From being away to being away again.
    async fn session(&mut self) {
        while !self.resume().await {
            tokio::time::sleep(PING_EVERY).await;
        }
        self.been_up = true;
        self.away = None;
        self.shared.set_up(true);
        let (pings, shared) = (Arc::clone(&self.pings), Arc::clone(&self.shared));
        tokio::select! {
            () = until_unanswered(&pings, &shared) => {}
            () = self.feed(false) => {}
        }
        self.away = Some(self.shared.clock.now());
        self.shared.set_up(false);
        self.shared.queue().tell_away();
        tracing::warn!("the record is away; events wait in memory");
    }

    /// Clears up what was on its way with an empty append, which also shows that the record can commit. False where it
    /// is not there or cannot.
    async fn resume(&mut self) -> bool {
        let closing = self.next > 0 || self.shared.queue().is_departed();
        let Ok(answer) = self.ask(closing, &[]).await else { return false };
        let mut queue = self.shared.queue();
        if closing {
            let taken = usize::try_from(answer.next.saturating_sub(self.next)).unwrap_or(usize::MAX);
            queue.arrived(taken);
        }
        queue.turn_back();
        let waited = queue.len();
        drop(queue);
        (self.sender, self.next, self.singly) = (Uuid::new_v4(), 0, 0);
        if let Some(since) = self.away {
            let away = self.shared.clock.now().saturating_duration_since(since);
            if self.been_up || away > STARTING || self.shared.queue().lost > 0 {
                self.say_gap(waited, away);
            }
        }
        self.shared.announce();
        true
    }

    /// Carries batches until one fails; where `last`, until nothing waits.
    async fn feed(&mut self, last: bool) {
        loop {
            if self.shared.queue().lost > 0 {
                let waited = self.shared.queue().len();
                self.say_gap(waited, Duration::ZERO);
            }
            let mut batch = Zeroizing::new(Vec::new());
            let most = if self.singly > 0 { 1 } else { usize::MAX };
            let count = self.shared.queue().depart(most, &mut batch);
            if count == 0 {
                if last {
                    return;
                }
                self.shared.wake.notified().await;
                continue;
            }
            match self.ask(false, &batch).await {
                Ok(_) => {
                    self.next = self.next.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
                    self.singly = self.singly.saturating_sub(1);
                    self.shared.queue().arrived(count);
                }
                Err(AskError::Refused {
                    refusal: Refusal::Malformed | Refusal::Forbidden | Refusal::UnknownKind,
                    ..
                }) => {
                    self.refused(count);
                }
                Err(_) => return,
            }
            self.shared.announce();
        }
    }

    /// recordd does not understand something in the batch: the events go singly, and the one that is refused alone is
    /// given up. One bad event must not hold up the record.
    fn refused(&mut self, count: usize) {
        if count > 1 {
            self.singly = count;
            self.shared.queue().turn_back();
            return;
        }
        tracing::error!("the record refused an event; it is lost");
        self.singly = self.singly.saturating_sub(1);
        self.shared.queue().refused();
    }

    /// Puts the event that admits a gap before all that wait.
    fn say_gap(&self, waited: usize, away: Duration) {
        let mut queue = self.shared.queue();
        let lost = std::mem::take(&mut queue.lost);
        let away_ms = u64::try_from(away.as_millis()).unwrap_or(u64::MAX);
        let body = Parcel::new().with("waited", &waited).with("lost", &lost).with("away_ms", &away_ms);
        let event = self.shared.event(Kind::RecordGap, None, Turn(0), false, body);
        queue.push_first(Item { json: Zeroizing::new(event.load().0.to_string().into_bytes()), done: None });
    }

    async fn ask(&self, closing: bool, events: &[u8]) -> Result<Answer, AskError> {
        // A first empty append needs no name: nothing was sent under it.
        let head = if closing || !events.is_empty() {
            format!("\"sender\":\"{}\",\"first\":{},\"close\":{closing},", self.sender, self.next)
        } else {
            String::new()
        };
        let body = [b"{", head.as_bytes(), b"\"events\":[", events, b"]}"].concat();
        let answer = self.events.ask_sealed("append-durable", None, body, BATCH_DEADLINE).await?;
        serde_json::from_slice(&answer).map_err(|_| AskError::Refused { door: "record", refusal: Refusal::Failed })
    }
}

/// Pings until an answer is missing.
async fn until_unanswered(pings: &Client<Record>, shared: &Shared) {
    while let Ok(answer) = pings.ask("ping", None, Parcel::new(), PING_DEADLINE).await {
        shared.low.store(answer == LOW, Ordering::Release);
        tokio::time::sleep(PING_EVERY).await;
    }
}
