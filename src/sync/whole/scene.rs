//! A recordd on a thread of its own, with a log of calls, and destinations that two people approved.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tempfile::TempDir;

use super::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Destination;
use crate::config::warehouse::Class;
use crate::ids::CallId;
use crate::record::daemon::{self, Named, Outward, RecordConfig};
use crate::record::database::Location;
use crate::record::key::KeySource;
use crate::record::reading;
use crate::record::request::CheckpointSince;
use crate::record::review::{ReleaseRole, Review};
use crate::record::rows::tests::a_call;
use crate::record::rows::{self, open};
use crate::record::store::{Entry, Store, Submission};
use crate::tasks::Stop;
use crate::wire::client::Client;
use crate::wire::doors::{Record, Role};
use crate::wire::event::Kind;
use crate::wire::rows::{Answer, Ask, Batch, Cursor};
use crate::wire::users::Uids;

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// Events that one transaction appends.
const AT_ONCE: usize = 250;
/// The box's name in the warehouse.
const BOX: &str = "clinic.example/desk-1";

pub(super) struct Scene {
    run: TempDir,
    data: TempDir,
    pub(super) location: Location,
    pub(super) destinations: Vec<Destination>,
    pub(super) recovery_key: Option<[u8; 32]>,
    record: Option<(Stop, std::thread::JoinHandle<()>)>,
}

impl Scene {
    /// A log of `events` events of calls that overlap; one of the calls was erased.
    pub(super) fn new(events: usize, destinations: Vec<Destination>) -> Self {
        let (run, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let source = KeySource { data_dir: data.path().to_owned(), credentials: None };
        let location = Location::find(&source, true).unwrap().0;
        let (mut entries, mut at) = (Vec::new(), 0);
        while entries.len() < events + 500 {
            entries.extend(a_call(CallId::draw(), at));
            at += 2_500;
        }
        entries.sort_by_key(|entry: &Entry| entry.mono_us);
        entries.truncate(events);
        let mut store = Store::open(&location).unwrap();
        while !entries.is_empty() {
            let rest = entries.split_off(AT_ONCE.min(entries.len()));
            store = store.append(&[Submission { sender: None, entries }]).unwrap().0;
            entries = rest;
        }
        drop(store);
        let erase = "DELETE FROM keys.data_key WHERE scope = \
                     (SELECT min(scope) FROM keys.data_key WHERE scope LIKE 'call:%')";
        location.writer().unwrap().execute(erase, []).unwrap();
        Self { run, data, location, destinations, recovery_key: None, record: None }
    }

    /// Starts recordd: a runtime of its own, as it has a process of its own.
    pub(super) async fn start(&mut self) {
        let outward =
            Outward { destinations: self.destinations.clone(), origin: Some(BOX.to_owned()), ..Outward::default() };
        let users = Uids::all(nix::unistd::geteuid().as_raw());
        let made = RecordConfig::new(self.run.path().to_owned(), self.data.path().to_owned(), users);
        let config = RecordConfig { outward, recovery_key: self.recovery_key, ..made };
        let stop = Stop::new();
        let asked = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(daemon::run(config, asked)).unwrap();
        });
        self.record = Some((stop, thread));
        let cli = self.client(Role::Cli);
        while cli.ask_sealed("ping", None, Vec::new(), PATIENCE).await.is_err() {
            tokio::task::yield_now().await;
        }
    }

    pub(super) async fn stop(&mut self) {
        let (stop, thread) = self.record.take().unwrap();
        stop.ask();
        tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    }

    pub(super) fn client(&self, role: Role) -> Client<Record> {
        Client::new(self.run.path(), role)
    }

    async fn ask<T: DeserializeOwned>(&self, kind: &'static str, body: &impl Serialize) -> T {
        let body = serde_json::to_vec(body).unwrap();
        let answer = self.client(Role::Cli).ask_sealed(kind, None, body, PATIENCE).await.unwrap();
        serde_json::from_slice(&answer).unwrap()
    }

    /// Each role whose word is needed lets each destination have its rows.
    pub(super) async fn approve(&self) {
        for destination in &self.destinations {
            let name = &destination.name;
            let standing =
                async || -> open::Standing { self.ask("release-standing", &Named { destination: name.clone() }).await };
            let digest = standing().await.digest;
            let both = [(ReleaseRole::PrivacyOfficer, "A. Officer"), (ReleaseRole::Administrator, "B. Keeper")];
            let needed = if matches!(destination.class, Class::Phi(_)) { 2 } else { 1 };
            for (role, by) in both.into_iter().take(needed) {
                assert!(standing().await.closed.is_some());
                let (destination, digest, by) = (name.clone(), digest.clone(), by.to_owned());
                let _: serde_json::Value = self.ask("review", &Review::Release { destination, digest, role, by }).await;
            }
            assert_eq!(standing().await.closed, None);
        }
    }

    /// Signs the tree as it is.
    pub(super) async fn sign(&self) {
        let _: serde_json::Value = self.ask("checkpoint", &CheckpointSince { old: None }).await;
    }

    /// What recordd makes of the events before `next` for a destination, without interruption.
    pub(super) fn in_one_go(&self, destination: &Destination, next: u64) -> Vec<Batch> {
        let mut ask = Ask { destination: destination.name.clone(), cursor: None, until: Some(next), end: None };
        let mut batches: Vec<Batch> = Vec::new();
        while let Some(batch) = self.answer(destination, &ask) {
            ask.cursor = Some(self.cursor(&batch));
            batches.push(batch);
        }
        assert_eq!(batches.last().map(|batch| batch.next), Some(next));
        batches
    }

    fn cursor(&self, batch: &Batch) -> Cursor {
        let (size, root) = (batch.checkpoint.size, batch.checkpoint.root.clone());
        Cursor { log: batch.log.clone(), next: batch.next, size, root }
    }

    fn answer(&self, destination: &Destination, ask: &Ask) -> Option<Batch> {
        let reader = self.location.reader().unwrap();
        match rows::answer(&reader, destination, BOX, &HashSet::new(), ask).unwrap() {
            Answer::Batch(batch) => Some(*batch),
            Answer::Done { .. } => None,
            Answer::Diverged | Answer::Closed { .. } => panic!("no rows"),
        }
    }

    /// What the record says of batches for a destination: first event, next, digest.
    pub(super) fn announced(&self, destination: &str) -> HashSet<(u64, u64, String)> {
        let (reader, mut after, mut found) = (self.location.reader().unwrap(), None, HashSet::new());
        loop {
            let page = reading::show(&reader, None, after).unwrap();
            after = page.entries.last().map(|entry| entry.seq);
            for entry in page.entries.iter().filter(|entry| entry.kind == Kind::SyncBatch) {
                let body: serde_json::Value = serde_json::from_str(entry.body.as_ref().unwrap().get()).unwrap();
                if body["destination"] == json!(destination) && body["state"] == "made" {
                    let number = |name: &str| body[name].as_u64().unwrap();
                    found.insert((number("first"), number("next"), body["digest"].as_str().unwrap().to_owned()));
                }
            }
            if !page.more {
                return found;
            }
        }
    }

    /// Whether what was announced is what the events give today, and leads from the first event to `next`.
    pub(super) fn is_announced(&self, destination: &Destination, next: u64) -> bool {
        let announced = self.announced(&destination.name);
        let any = self.in_one_go(destination, next);
        let mut reached = HashSet::from([0]);
        let mut in_order: Vec<_> = announced.into_iter().collect();
        in_order.sort();
        let same = in_order.iter().all(|(first, end, digest)| {
            let cursor = any.first().map(|batch| Cursor { next: *first, ..self.cursor(batch) });
            let ask = Ask { destination: destination.name.clone(), cursor, until: None, end: Some(*end) };
            if reached.contains(first) {
                reached.insert(*end);
            }
            let made = self.answer(destination, &ask);
            made.is_some_and(|made| (made.next, &made.digest) == (*end, digest))
        });
        say(&format!("  {}: {} batches announced", destination.name, in_order.len()));
        same && reached.contains(&next)
    }

    /// The key that checks the log's signatures.
    pub(super) fn vkey(&self) -> String {
        let whole = crate::record::export::Selection::default();
        crate::record::export::head(&self.location.reader().unwrap(), &whole).unwrap().vkey
    }
}

pub(super) fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}
