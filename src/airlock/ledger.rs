//! The wire ledger: every outgoing body is an event on the disk before it leaves, and what came back is one too.
//!
//! In:  an [`Exchange`] about to begin. Out: a `wire.request` that holds the body byte for byte, and exactly one `wire.reply`
//! for it, however the exchange ends: an answer, a failure, or a caller who went on talking ([`Begun`] writes it when it is
//! dropped). The money set aside is settled in the same moment, so that ledger and purse cannot part.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::check::CloudText;
use super::prices::{MicroDollars, Price, Tokens};
use super::provider::Usage;
use super::spend::{Reservation, Spend};
use crate::config::tier::Tier;
use crate::ids::CallId;
use crate::vocabulary;
use crate::wire::event::Kind;
use crate::wire::parcel::{Loaded, MayGoTo};
use crate::wire::recorder::{RecordError, Recorder};
use crate::wire::{Parcel, Record};

/// What is kept of an answer's bytes. A spoken answer has some kilobytes as a stream.
const MOST_KEPT: usize = 128 << 10;

/// Everything about one request to one model.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The call.
    pub call: CallId,
    /// The name of the endpoint.
    pub endpoint: String,
    /// Its wire format.
    pub format: &'static str,
    /// The model's id, as asked for.
    pub model: String,
    /// Where it runs.
    pub region: String,
    /// The tier.
    pub tier: Tier,
    /// Which attempt of this turn it is, from 1.
    pub attempt: u32,
    /// The path of the request.
    pub path: String,
    /// Its headers, without the key.
    pub headers: Vec<(&'static str, String)>,
    /// The body, as it goes out.
    pub body: Vec<u8>,
    /// The hash of the static parts in it.
    pub catalogue: String,
}

impl Exchange {
    /// What the record is told of it.
    fn parcel(&self, text: &CloudText) -> Parcel<Record> {
        let vocabulary = vocabulary::sha256();
        Parcel::new()
            .with("endpoint", &Text(&self.endpoint))
            .with("format", &self.format)
            .with("model", &Text(&self.model))
            .with("region", &Text(&self.region))
            .with("tier", &self.tier.as_str())
            .with("attempt", &self.attempt)
            .with("path", &Text(&self.path))
            .with("vocabulary", &Text(vocabulary))
            .with("catalogue", &Text(&self.catalogue))
            .with("request", &Bytes(text.as_bytes()))
            .with("body", &Bytes(&self.body))
            .with("bytes", &self.body.len())
    }
}

/// Writes down that a request passed the check and stays in the box.
pub(super) fn withheld(
    recorder: &Recorder,
    call: Option<CallId>,
    text: &CloudText,
    exchange: Option<&Exchange>,
    why: &'static str,
) {
    let request = text.request();
    let body = match exchange {
        Some(exchange) => exchange.parcel(text),
        None => Parcel::new()
            .with("vocabulary", &Text(vocabulary::sha256()))
            .with("request", &Bytes(text.as_bytes()))
            .with("bytes", &text.as_bytes().len()),
    };
    let body = body.with("why", &why);
    recorder.note(recorder.event(Kind::WireWithheld, call, request.turn, request.synthetic, body));
}

/// A request on its way, and the money set aside for it.
pub(super) struct Begun {
    recorder: Recorder,
    spend: Arc<Mutex<Spend>>,
    reservation: Option<Reservation>,
    price: Option<Price>,
    id: Uuid,
    call: CallId,
    turn: crate::ids::Turn,
    synthetic: bool,
    began: Instant,
    first: Option<Duration>,
    /// What has come back so far.
    came: Came,
}

/// What has come back.
#[derive(Debug, Default)]
struct Came {
    status: Option<u16>,
    remote: Option<IpAddr>,
    model: Option<String>,
    usage: Usage,
    raw: Vec<u8>,
    bytes: u64,
    said: Vec<String>,
    unknown: u64,
}

impl Begun {
    /// Writes the request down and waits until it is on the disk. Only then may it leave.
    ///
    /// # Errors
    /// [`RecordError`]: the record is away. The money is free again and nothing may be sent.
    pub(super) async fn note(
        recorder: &Recorder,
        spend: &Arc<Mutex<Spend>>,
        text: &CloudText,
        exchange: &Exchange,
        reservation: Reservation,
        price: Option<Price>,
    ) -> Result<Self, RecordError> {
        let id = Uuid::now_v7();
        let request = text.request();
        let worst = reservation.worst().map(|worst| worst.0);
        let day = reservation.day().to_string();
        let body = exchange.parcel(text).with("exchange", &id).with("worst", &worst).with("day", &Text(&day));
        let event = recorder.event(Kind::WireRequest, Some(exchange.call), request.turn, request.synthetic, body);
        if let Err(error) = recorder.note_durable(event).await {
            lock(spend).release(reservation);
            return Err(error);
        }
        Ok(Self {
            recorder: recorder.clone(),
            spend: Arc::clone(spend),
            reservation: Some(reservation),
            price,
            id,
            call: exchange.call,
            turn: request.turn,
            synthetic: request.synthetic,
            began: Instant::now(),
            first: None,
            came: Came::default(),
        })
    }

    /// The head of the answer has come.
    pub(super) fn answered(&mut self, status: u16, remote: IpAddr) {
        self.came.status = Some(status);
        self.came.remote = Some(remote);
    }

    /// Bytes of the answer have come.
    pub(super) fn came(&mut self, bytes: &[u8]) {
        let room = MOST_KEPT.saturating_sub(self.came.raw.len());
        self.came.raw.extend(bytes.iter().take(room));
        self.came.bytes = self.came.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    /// Something of use has come for the first time.
    pub(super) fn began(&mut self) {
        self.first.get_or_insert(self.began.elapsed());
    }

    /// A sentence was handed in. It is kept: it may go out again, and whoever checks the ledger has to know why.
    pub(super) fn said(&mut self, sentence: &str) {
        self.came.said.push(sentence.to_owned());
    }

    /// Whether anything was handed in.
    #[must_use]
    pub(super) fn has_said(&self) -> bool {
        !self.came.said.is_empty()
    }

    /// The answer is whole: which model gave it and what was used.
    pub(super) fn done(&mut self, model: Option<String>, usage: Usage, unknown: u64) {
        self.came.model = model;
        self.came.usage = usage;
        self.came.unknown = unknown;
    }

    /// Writes down how it ended.
    pub(super) fn end(mut self, outcome: &'static str) {
        self.close(outcome);
    }

    fn close(&mut self, outcome: &'static str) {
        let Some(reservation) = self.reservation.take() else { return };
        let Usage { input, output, cache_read, cache_write } = self.came.usage;
        let tokens = Tokens { input, output, cache_read, cache_write };
        let cost = self.price.as_ref().and_then(|price| price.cost(&tokens));
        // What was never answered is not known to have cost nothing: the worst case stays counted.
        let settled = lock(&self.spend).settle(reservation, cost);
        let us = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let usage = Parcel::<Record>::new()
            .with("input", &input)
            .with("output", &output)
            .with("cache_read", &cache_read)
            .with("cache_write", &cache_write);
        let cost = cost.map(|MicroDollars(cost)| cost);
        let model = self.came.model.as_deref().map(Text);
        let said: Vec<Text<'_>> = self.came.said.iter().map(|sentence| Text(sentence)).collect();
        let remote = self.came.remote.map(|remote| remote.to_string());
        let body = Parcel::new()
            .with("exchange", &self.id)
            .with("outcome", &outcome)
            .with("status", &self.came.status)
            .with("remote", &remote.as_deref().map(Text))
            .with("model", &model)
            .with("usage", &usage)
            .with("cost", &cost)
            .with("overrun", &settled.overrun)
            .with("first_us", &self.first.map(us))
            .with("total_us", &us(self.began.elapsed()))
            .with("said", &said)
            .with("unknown_events", &self.came.unknown)
            .with("bytes", &self.came.bytes)
            .with("body", &Bytes(&self.came.raw));
        self.recorder.note(self.recorder.event(Kind::WireReply, Some(self.call), self.turn, self.synthetic, body));
    }
}

impl Drop for Begun {
    /// The caller went on talking, or hung up: nobody waits for the rest.
    fn drop(&mut self) {
        self.close("called-off");
    }
}

/// The purse. A task that panicked while it held it has left whole sums behind.
pub(super) fn lock(spend: &Mutex<Spend>) -> MutexGuard<'_, Spend> {
    spend.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A text of the configuration or of the checked request, for the record.
pub(super) struct Text<'a>(pub(super) &'a str);

impl MayGoTo<Record> for Text<'_> {
    fn load(&self) -> Loaded {
        Loaded(serde_json::Value::String(self.0.to_owned()))
    }
}

/// Bytes that left or came, for the record: as text where they are, else as a list of numbers, so that none is lost.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl MayGoTo<Record> for Bytes<'_> {
    fn load(&self) -> Loaded {
        Loaded(match std::str::from_utf8(self.0) {
            Ok(text) => serde_json::Value::String(text.to_owned()),
            Err(_) => serde_json::Value::Array(self.0.iter().map(|byte| (*byte).into()).collect()),
        })
    }
}
