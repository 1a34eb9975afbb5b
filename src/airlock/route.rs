//! Which model is asked, and which is asked when it does not answer.
//!
//! In:  a checked request. Out: sentences and uses of tools, as they come, from the first model that has something to say;
//! or the one word that says why there is no answer, which the box then gives itself.
//!
//! ```text
//!   intent, step -> tier -> its models in order      a door that is off, a price that is unknown: the next model
//!        reserve -> write down -> send -> first useful piece in time?  no: the next model
//!                                              | yes
//!                                              v
//!                       sentences, uses, the end         breaks now: no other model, nothing is said twice
//! ```
//! At a ceiling the next cheaper tier is asked, and then nobody. Nothing leaves that is not on the disk.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::agreements::{Asked, Off, Open, Register};
use super::ask;
use super::catalogue::Catalogue;
use super::check::CloudText;
use super::ledger::{self, Begun, Exchange};
use super::memory::Memory;
use super::prices::{Prices, estimate_tokens};
use super::provider::{self, Ask, Decoder, Dialect, Format, Piece, Stop, StreamError};
use super::sentences::Sentences;
use super::spend::{Purpose, Spend};
use crate::clock::Clock;
use crate::config::tier::Tier;
use crate::config::{self, airlock::ModelName};
use crate::http::{Answer, Http, HttpError};
use crate::ids::CallId;
use crate::vocabulary;
use crate::wire::recorder::Recorder;

/// The most of an error's body that is read.
const ERROR_BODY: usize = 64 << 10;

/// What is handed in through the airlock's door.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(tag = "piece", rename_all = "lowercase")]
pub enum Handed {
    /// A sentence.
    Said {
        /// Its words.
        text: String,
    },
    /// A use of a tool, whole.
    Use {
        /// Our counter of it.
        number: u32,
        /// Its name, as the model wrote it.
        name: String,
        /// Its arguments, unread.
        args: serde_json::Value,
    },
    /// The answer is whole.
    Whole,
    /// There is no answer, or no more of it.
    Failed {
        /// Why, a closed word.
        why: &'static str,
    },
}

/// A door to one provider.
pub struct ProviderDoor {
    /// As configured.
    pub endpoint: config::airlock::Endpoint,
    /// Its wire format.
    pub format: Format,
    /// The way there.
    pub http: Http,
    /// The key; none for a server that asks for none.
    pub key: Option<zeroize::Zeroizing<String>>,
}

/// Everything that decides where a request goes.
pub struct Router {
    /// `[airlock]`.
    pub config: config::Airlock,
    /// The clinic's time zone: a day's money is spent by its calendar.
    pub time_zone: jiff::tz::TimeZone,
    /// The static parts.
    pub catalogue: Catalogue,
    /// The doors.
    pub doors: Vec<ProviderDoor>,
    /// What models cost.
    pub prices: Prices,
    /// What was spent.
    pub spend: Arc<Mutex<Spend>>,
    /// Whether what was spent before the start is in it.
    pub counted: watch::Receiver<bool>,
    /// What is kept of each call.
    pub memory: Memory,
    /// The record.
    pub recorder: Recorder,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// How an attempt ended.
enum Attempt {
    /// The answer is whole and handed in. What may still come on the connection is to be read, so that it can be used again.
    Whole(Answer),
    /// Nothing of it was handed in: another model may be asked.
    Nothing(&'static str),
    /// Some of it was handed in.
    Broke,
}

/// What an attempt is made with.
struct Candidate<'a> {
    door: &'a ProviderDoor,
    model: &'a str,
    tier: Tier,
}

impl Router {
    /// Whether anything may be sent to the endpoint today.
    ///
    /// # Errors
    /// What the privacy officer has to do first.
    pub fn standing(&self, endpoint: &config::airlock::Endpoint) -> Result<Open, Off> {
        let asked = Asked {
            endpoint: &endpoint.name,
            region: &self.config.residency,
            lan: endpoint.lan,
            zero_retention: self.config.zero_retention,
            today: self.today(),
            catalogue: self.catalogue.sha256(),
            vocabulary: vocabulary::sha256(),
        };
        self.register().standing(&asked)
    }

    /// The register as it stands on the disk now: an officer closes a door by changing a file, and no restart is needed.
    /// One that cannot be read opens no door.
    fn register(&self) -> Register {
        let Ok(text) = std::fs::read_to_string(&self.config.registry) else { return Register::default() };
        Register::parse(&text).unwrap_or_else(|problems| {
            tracing::error!(
                problems = problems.len(),
                "the register of agreements has mistakes; every door stays closed"
            );
            Register::default()
        })
    }

    /// Waits a moment for what was spent before the start: money that is not known is not spent.
    async fn money_is_known(&self) -> bool {
        let mut counted = self.counted.clone();
        let known = counted.wait_for(|counted| *counted);
        tokio::time::timeout(COUNTING, known).await.is_ok_and(|known| known.is_ok())
    }

    fn today(&self) -> jiff::civil::Date {
        self.clock.wall().to_zoned(self.time_zone.clone()).date()
    }

    /// What would be sent to the first model of the request's tier, for a rehearsal.
    #[must_use]
    pub fn rehearse(&self, call: CallId, text: &CloudText) -> Option<Exchange> {
        let tier = self.config.tier(text.request().intent, text.request().step);
        let model = self.models(tier, call).into_iter().next()?;
        let candidate = self.candidate(model, tier)?;
        Some(self.exchange(&candidate, call, text, 1))
    }

    /// Answers a request. What is handed in goes to `out`; when nobody takes it any more, the future may be dropped at
    /// any point, and the provider's connection is closed with it.
    ///
    /// Returns the last piece, which is not handed in yet, and the provider's answer where its rest can be read.
    pub async fn answer(&self, call: CallId, text: &CloudText, out: &mpsc::Sender<Handed>) -> (Handed, Option<Answer>) {
        let failed = |why| (Handed::Failed { why }, None);
        if !self.money_is_known().await {
            tracing::warn!(%call, "no model is asked: the record has not said yet what was spent");
            return failed("record-unavailable");
        }
        let until = Instant::now() + self.config.answer;
        let mut why = "no-route";
        let mut attempt = 0;
        let mut tier = Some(self.config.tier(text.request().intent, text.request().step));
        while let Some(asked) = tier {
            let mut spent = false;
            for model in self.models(asked, call) {
                let Some(candidate) = self.candidate(model, asked) else { continue };
                if let Err(off) = self.standing(&candidate.door.endpoint) {
                    tracing::warn!(endpoint = %candidate.door.endpoint.name, why = off.as_str(), "a door is closed");
                    why = "off";
                    continue;
                }
                if Instant::now() >= until {
                    return failed("late");
                }
                attempt += 1;
                let exchange = self.exchange(&candidate, call, text, attempt);
                match self.attempt(&candidate, text, &exchange, until, out).await {
                    Ok(Attempt::Whole(answer)) => return (Handed::Whole, Some(answer)),
                    Ok(Attempt::Broke) => return failed("broken"),
                    Ok(Attempt::Nothing(nothing)) => why = nothing,
                    Err(Kept::Record) => return failed("record-unavailable"),
                    Err(Kept::Ceiling { cheaper }) => {
                        why = "over-budget";
                        spent = true;
                        if !cheaper {
                            return failed(why);
                        }
                    }
                }
            }
            // A tier without money or without an open door gives way to the next cheaper one; one whose models failed
            // has used up the caller's patience.
            tier = if spent || attempt == 0 { asked.cheaper() } else { None };
        }
        failed(why)
    }

    /// The models of a tier for this call, the canary first where it is this call's turn.
    fn models(&self, tier: Tier, call: CallId) -> Vec<&ModelName> {
        let canary =
            self.config.canary.as_ref().filter(|canary| canary.tier == tier && in_sample(call, canary.percent));
        let tried = canary.map(|canary| &canary.model);
        tried.into_iter().chain(self.config.tiers.get(tier).iter().filter(|model| Some(*model) != tried)).collect()
    }

    fn candidate<'a>(&'a self, name: &'a ModelName, tier: Tier) -> Option<Candidate<'a>> {
        let door = self.doors.iter().find(|door| door.endpoint.name == name.endpoint)?;
        Some(Candidate { door, model: &name.model, tier })
    }

    fn exchange(&self, candidate: &Candidate<'_>, call: CallId, text: &CloudText, attempt: u32) -> Exchange {
        let endpoint = &candidate.door.endpoint;
        let messages = ask::messages(text, call, &endpoint.name, &self.memory);
        let ask = Ask {
            model: candidate.model,
            system: self.catalogue.system(),
            tools: self.catalogue.tools(),
            messages: &messages,
            max_tokens: self.config.max_output_tokens,
            api_version: &endpoint.api_version,
            dialect: Dialect { lan: endpoint.lan, reasoning: endpoint.reasoning, memory_cache: endpoint.memory_cache },
        };
        let rendered = provider::render(candidate.door.format, &ask);
        Exchange {
            call,
            endpoint: endpoint.name.clone(),
            format: candidate.door.format.as_str(),
            model: candidate.model.to_owned(),
            region: endpoint.region.clone(),
            tier: candidate.tier,
            attempt,
            path: rendered.path,
            headers: rendered.headers,
            body: rendered.body,
            catalogue: self.catalogue.sha256().to_owned(),
        }
    }

    /// Asks one model.
    async fn attempt(
        &self,
        candidate: &Candidate<'_>,
        text: &CloudText,
        exchange: &Exchange,
        until: Instant,
        out: &mpsc::Sender<Handed>,
    ) -> Result<Attempt, Kept> {
        let endpoint = &candidate.door.endpoint;
        let day = self.today();
        let price = self.prices.price(&endpoint.provider, candidate.model, &endpoint.region, day).cloned();
        let output = u64::from(self.config.max_output_tokens);
        let worst = price.as_ref().map(|price| price.worst(estimate_tokens(exchange.body.len()), output));
        let (call, turn) = (exchange.call.to_string(), text.request().turn.0);
        let purpose = Purpose { call: &call, turn, tier: candidate.tier, day };
        let reserved = ledger::lock(&self.spend).reserve(&purpose, worst);
        let reservation = reserved.map_err(|ceiling| {
            tracing::warn!(call = %exchange.call, ceiling = ceiling.as_str(), "a model is not asked: a ceiling is reached");
            Kept::Ceiling { cheaper: ceiling.spares_cheaper_tiers() }
        })?;
        let begun = Begun::note(&self.recorder, &self.spend, text, exchange, reservation, price).await;
        let mut begun = begun.map_err(|_| Kept::Record)?;
        let read = self.exchange_bytes(candidate, exchange, &mut begun, until, out).await;
        let said = begun.has_said();
        Ok(match read {
            Ok((outcome, answer)) => {
                begun.end(outcome);
                Attempt::Whole(answer)
            }
            Err(outcome) => {
                tracing::warn!(call = %exchange.call, endpoint = %endpoint.name, outcome, "a model gave no whole answer");
                begun.end(outcome);
                if said { Attempt::Broke } else { Attempt::Nothing(outcome) }
            }
        })
    }

    /// Sends, and hands in what comes. The error is the outcome's closed word.
    async fn exchange_bytes(
        &self,
        candidate: &Candidate<'_>,
        exchange: &Exchange,
        begun: &mut Begun,
        until: Instant,
        out: &mpsc::Sender<Handed>,
    ) -> Result<(&'static str, Answer), &'static str> {
        let door = candidate.door;
        let first = (Instant::now() + self.config.first_token).min(until);
        let headers: Vec<(&str, &str)> = exchange.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let key = door.key.as_ref().map(|key| provider::key_header(door.format, key));
        let key = key.as_ref().map(|(name, value)| (*name, value.as_str()));
        let sent = door.http.post(&exchange.path, &headers, key, exchange.body.clone());
        let answer = tokio::time::timeout_at(first, sent).await.map_err(|_| "first-token-late")?;
        let mut answer = answer.map_err(HttpError::as_str)?;
        begun.answered(answer.status, answer.remote());
        if answer.status != 200 {
            let body = tokio::time::timeout_at(first, error_body(&mut answer, begun)).await.unwrap_or_default();
            return Err(provider::status_error(door.format, answer.status, &body).as_str());
        }
        let mut decoder = Decoder::new(door.format);
        let mut sentences = Sentences::default();
        let mut uses = Vec::new();
        loop {
            let deadline = if decoder.has_begun() { until } else { first };
            let late = if decoder.has_begun() { "answer-late" } else { "first-token-late" };
            let chunk = tokio::time::timeout_at(deadline, answer.chunk()).await.map_err(|_| late)?;
            let Some(bytes) = chunk.map_err(HttpError::as_str)? else {
                return Err(decoder.finish().err().unwrap_or(StreamError::Truncated).as_str());
            };
            begun.came(&bytes);
            let pieces = decoder.push(&bytes).map_err(StreamError::as_str)?;
            if decoder.has_begun() {
                begun.began();
            }
            for piece in pieces {
                match piece {
                    Piece::Text(text) => {
                        for sentence in sentences.push(&text) {
                            self.hand_in(exchange.call, sentence, begun, out).await?;
                        }
                    }
                    Piece::Use { name, arguments, opaque } => uses.push((name, arguments, opaque)),
                    Piece::Done { model, stop, usage } => {
                        begun.done(model, usage, decoder.unknown());
                        let outcome = match stop {
                            Stop::Answered => "answered",
                            Stop::Tools => "tools",
                            Stop::Length => return Err("cut-off"),
                            Stop::Refused => return Err("declined"),
                        };
                        if let Some(sentence) = std::mem::take(&mut sentences).finish() {
                            self.hand_in(exchange.call, sentence, begun, out).await?;
                        }
                        for (name, args, opaque) in std::mem::take(&mut uses) {
                            let number = self.memory.used(exchange.call, &exchange.endpoint, opaque);
                            self.hand(Handed::Use { number, name, args }, out).await?;
                        }
                        return Ok((outcome, answer));
                    }
                }
            }
        }
    }

    async fn hand_in(
        &self,
        call: CallId,
        text: String,
        begun: &mut Begun,
        out: &mpsc::Sender<Handed>,
    ) -> Result<(), &'static str> {
        self.memory.said(call, &text);
        begun.said(&text);
        self.hand(Handed::Said { text }, out).await
    }

    async fn hand(&self, handed: Handed, out: &mpsc::Sender<Handed>) -> Result<(), &'static str> {
        out.send(handed).await.map_err(|_| "called-off")
    }
}

/// Why a request was not made at all.
enum Kept {
    /// The record could not note it.
    Record,
    /// There is no money; whether a cheaper tier may be asked.
    Ceiling { cheaper: bool },
}

/// Whether a call is one of `percent` in a hundred: by its id, which is random, so that a call stays in.
fn in_sample(call: CallId, percent: u8) -> bool {
    call.percentile() < percent
}

/// The body of an answer that is none, as far as it is looked into.
async fn error_body(answer: &mut Answer, begun: &mut Begun) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(bytes)) = answer.chunk().await {
        begun.came(&bytes);
        body.extend_from_slice(&bytes);
        if body.len() > ERROR_BODY {
            break;
        }
    }
    body
}

/// How long a caller waits, once after a start, for what was spent before it.
const COUNTING: Duration = Duration::from_millis(500);
/// How long the way to a provider may take until a connection stands.
pub const CONNECT: Duration = Duration::from_secs(2);
