//! What officers have recordd do: export, hold, erase, account, amend, look back, witness.
//!
//! Every answer that may hold PHI comes after its `console.reveal`; every deed after its event. Requests are foreign bytes
//! ([`crate::record::request`]).

use serde::Serialize;

use super::{Recordd, json};
use crate::ids::CallId;
use crate::record::database::StoreError;
use crate::record::erase::{Mark, marked};
use crate::record::export::{self, PageOf, Selection};
use crate::record::facts::known_text;
use crate::record::fork::{self, Witnessed};
use crate::record::keys::Scope;
use crate::record::nodes;
use crate::record::officer;
use crate::record::request::{Amend, Between, CheckpointSince, Disclose, Disclosed, Erase, MarkCall, Seen, Sought};
use crate::record::review::{Review, is_one_name};
use crate::record::store::{Entry, Submission};
use crate::record::tree::Hash;
use crate::record::upkeep::Upkeep;
use crate::wire::event::Kind;
use crate::wire::frame::Refusal;

/// A checkpoint, and the proof that it continues an older one.
#[derive(Serialize)]
struct Checkpointed {
    #[serde(flatten)]
    head: export::Head,
    /// Hashes, hex; none where no older size was given.
    consistency: Option<Vec<String>>,
}

/// What bears which mark.
#[derive(Serialize)]
struct Marked {
    mark: &'static str,
    calls: Vec<CallId>,
}

/// How much was done.
#[derive(Serialize)]
struct Done {
    destroyed: u64,
}

impl Recordd {
    pub(super) async fn export_head(&self, selection: Selection) -> Result<Vec<u8>, Refusal> {
        let open = selection.bodies || selection.sound;
        let call = if let [call] = *selection.calls { Some(call) } else { None };
        let what = if open { "export" } else { "export-headers" };
        self.reveal(call, &format!("{{\"by\":\"cli\",\"what\":\"{what}\",\"calls\":{}}}", selection.calls.len()))
            .await?;
        self.sign().await?;
        self.read(move |connection| json(&export::head(&connection, &selection)?)).await
    }

    pub(super) async fn export_page(&self, asked: PageOf) -> Result<Vec<u8>, Refusal> {
        self.read(move |connection| json(&export::page(&connection, &asked)?)).await
    }

    pub(super) async fn calls_of(&self, sought: Sought) -> Result<Vec<u8>, Refusal> {
        self.reveal(None, "{\"by\":\"cli\",\"what\":\"calls-of\"}").await?;
        self.read(move |connection| json(&export::calls_of(&connection, &sought.value)?)).await
    }

    pub(super) async fn checkpoint(&self, asked: CheckpointSince) -> Result<Vec<u8>, Refusal> {
        self.sign().await?;
        self.read(move |connection| {
            let head = export::head(&connection, &Selection::default())?;
            let old = asked.old.filter(|old| *old <= head.size);
            let proof = old.map(|old| nodes::consistency(&connection, old, head.size)).transpose()?;
            let consistency = proof.map(|hashes| hashes.iter().map(Hash::to_string).collect());
            json(&Checkpointed { head, consistency })
        })
        .await
    }

    /// Somebody outside the box holds a checkpoint. One that is none of this log's is refused: it must be looked into.
    pub(super) async fn seen(&self, seen: Seen) -> Result<Vec<u8>, Refusal> {
        let (folder, t) = (self.location.folder.clone(), self.clock.wall().as_microsecond());
        let Seen { size, root, by } = seen;
        self.read(move |connection| {
            let log = known_text(&connection, "log")?.unwrap_or_default();
            let held =
                super::store_size(&connection)? >= size && nodes::root_at(&connection, size)?.to_string() == root;
            if held {
                fork::remember(&folder, &Witnessed { log, size, root, t, by })?;
            }
            json(&held)
        })
        .await
    }

    pub(super) async fn erase(&self, asked: Erase) -> Result<Vec<u8>, Refusal> {
        if !asked.is_in_order() {
            return Err(Refusal::Malformed);
        }
        let held = self.read(|connection| json(&marked(&connection, Mark::Hold)?)).await?;
        let held: Vec<CallId> = crate::record::request::parse(&held)?;
        // Said, rather than passed over: whoever asked believes that it was done.
        if asked.calls.iter().any(|call| held.contains(call)) {
            return Err(Refusal::Forbidden);
        }
        let mut destroyed = 0_u64;
        for call in &asked.calls {
            let scopes = Scope::of_call(*call).to_vec();
            destroyed = destroyed.saturating_add(self.done(self.upkeep().erase(scopes, &asked.why, &asked.by).await)?);
        }
        serde_json::to_vec(&Done { destroyed }).map_err(|_| Refusal::Failed)
    }

    pub(super) async fn mark(&self, asked: MarkCall) -> Result<Vec<u8>, Refusal> {
        let MarkCall { call, mark, on, by, second, note } = asked;
        // Two people lift a hold: 45 CFR 164.312(c)(1) asks that what must be kept is protected from one's hand.
        let alone = mark == Mark::Hold && !on && second.as_deref().is_none_or(|second| is_one_name(second, &by));
        let review = Review::Marked { call, mark, on, by, second, note };
        if alone || !review.is_in_order() {
            return Err(Refusal::Malformed);
        }
        let body = serde_json::to_vec(&review).map_err(|_| Refusal::Failed)?;
        let entry = Entry { actor: "cli", ..self.entry(Kind::Review, Some(call), "cli", body) };
        self.done(self.writer.act(move |store| Ok((store.mark(call, mark, on, entry)?, ()))).await)?;
        Ok(b"{}".to_vec())
    }

    /// The command line reads the files of a log that was set aside itself; that somebody looks is written down here.
    pub(super) async fn set_aside_opened(&self, log: &str) -> Result<Vec<u8>, Refusal> {
        let known = fork::archived(&self.location).map_err(|_| Refusal::Failed)?;
        if !known.iter().any(|known| known == log) {
            return Err(Refusal::NotFound);
        }
        let body = serde_json::json!({ "by": "cli", "what": "set-aside", "log": log }).to_string();
        self.reveal(None, &body).await.map(|()| b"{}".to_vec())
    }

    pub(super) async fn marks(&self) -> Result<Vec<u8>, Refusal> {
        self.read(|connection| {
            let marks = Mark::ALL.map(|mark| Ok(Marked { mark: mark.as_str(), calls: marked(&connection, mark)? }));
            json(&marks.into_iter().collect::<Result<Vec<_>, StoreError>>()?)
        })
        .await
    }

    pub(super) async fn disclose(&self, asked: Disclose) -> Result<Vec<u8>, Refusal> {
        if !asked.disclosure.is_in_order() {
            return Err(Refusal::Malformed);
        }
        let body = serde_json::to_vec(&asked.disclosure).map_err(|_| Refusal::Failed)?;
        self.durable(one(self.entry(Kind::Disclosure, asked.call, "cli", body))).await
    }

    pub(super) async fn disclosures(&self, asked: Disclosed) -> Result<Vec<u8>, Refusal> {
        let now = self.clock.wall().as_microsecond();
        self.read(move |connection| {
            json(&officer::disclosures(&connection, asked.call, asked.patient.as_deref(), now)?)
        })
        .await
    }

    pub(super) async fn amend(&self, asked: Amend) -> Result<Vec<u8>, Refusal> {
        if !asked.amendment.is_in_order() {
            return Err(Refusal::Malformed);
        }
        let body = serde_json::to_vec(&asked.amendment).map_err(|_| Refusal::Failed)?;
        self.durable(one(self.entry(Kind::Amendment, Some(asked.call), "cli", body))).await
    }

    pub(super) async fn digest(&self, asked: Between) -> Result<Vec<u8>, Refusal> {
        let location = self.location.clone();
        self.read(move |connection| json(&officer::digest(&connection, &location, asked.since, asked.until)?)).await
    }

    pub(super) async fn exposure(&self) -> Result<Vec<u8>, Refusal> {
        let (location, beside) = (self.location.clone(), self.key_beside_data);
        self.read(move |connection| json(&officer::exposure(&connection, &location, beside)?)).await
    }

    pub(super) fn upkeep(&self) -> Upkeep {
        self.upkeep.clone()
    }

    async fn sign(&self) -> Result<(), Refusal> {
        let t = self.clock.wall().as_microsecond();
        self.done(self.writer.act(move |store| Ok((store.sign(t)?, ()))).await)
    }

    fn done<T>(&self, done: Result<T, StoreError>) -> Result<T, Refusal> {
        done.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "what was asked of the record was not done");
            Refusal::Unavailable
        })
    }
}

fn one(entry: Entry) -> Submission {
    Submission { sender: None, entries: vec![entry] }
}
