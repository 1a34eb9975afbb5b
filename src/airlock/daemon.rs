//! `airlockd`: one connection a request. It checks, writes down, and answers in pieces.
//!
//! In:  `offer` (to be kept in any case) and `think` (to be sent, where a door is open) from anteroomd; `ping`.
//! Out: pieces ([`Handed`]), the last of which says that it is the last. When the other side hangs up before, the
//! provider's connection is closed at once.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};

use super::agreements::Register;
use super::catalogue::Catalogue;
use super::check::{CloudText, Known, Offered, Reason, check};
use super::ledger;
use super::memory::Memory;
use super::prices::{MicroDollars, Prices};
use super::provider::Format;
use super::route::{CONNECT, Handed, ProviderDoor, Router};
use super::spend::{Ceilings, Spend};
use super::spent::{self, SpentError};
use crate::clock::Clock;
use crate::config::{self, AirlockMode, Problem};
use crate::http::{Answer, CaError, Endpoint, EndpointError, Http};
use crate::ids::{CallId, Turn};
use crate::tasks::{Ended, Stop, TaskError, Tasks};
use crate::wire::client::Client;
use crate::wire::doors::{Airlock, Role, endpoint};
use crate::wire::event::Kind;
use crate::wire::frame::{self, Message, Refusal};
use crate::wire::recorder::Recorder;
use crate::wire::server::{self, BindError};
use crate::wire::users::Uids;
use crate::wire::{Parcel, offered};

/// Pieces that may wait for anteroomd.
const WAITING: usize = 16;
/// Requests at once: more calls than a box has lines.
const MOST: usize = 128;
/// How long the rest of an answer may take to come, so that its connection can be used again.
const REST: Duration = Duration::from_millis(250);

/// Between two questions to a record that is not there.
const RETRY: Duration = Duration::from_millis(100);
/// Between two questions whose answer cannot be used: somebody has to do something first.
const RETRY_IN_VAIN: Duration = Duration::from_secs(60);

/// What airlockd needs to know.
pub struct AirlockdConfig {
    /// Where the sockets are.
    pub run: PathBuf,
    /// Which user each process is.
    pub users: Uids,
    /// `[airlock]`.
    pub airlock: config::Airlock,
    /// `[clinic]`: its public facts are the one approved passage.
    pub clinic: config::Clinic,
}

/// airlockd could not start, or ended. Calls go on without it.
#[derive(Debug, thiserror::Error)]
pub enum AirlockdError {
    /// Its socket could not be made.
    #[error("airlockd cannot start")]
    Bind(#[from] BindError),
    /// A task failed.
    #[error("airlockd stopped")]
    Task(#[from] Ended),
    /// An endpoint's address is none.
    #[error("airlock.endpoints.{name}.url")]
    Endpoint {
        /// The endpoint.
        name: String,
        /// Why, and what to write.
        #[source]
        source: EndpointError,
    },
    /// An endpoint's certificate authority is not usable.
    #[error("airlock.endpoints.{name}.ca-file")]
    Authority {
        /// The endpoint.
        name: String,
        /// Why.
        #[source]
        source: CaError,
    },
    /// A file that the configuration names cannot be read.
    #[error("{key}: cannot read {path}")]
    File {
        /// The key.
        key: String,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A data file has mistakes.
    #[error("{path} has mistakes: {}", problems.iter().map(|problem| format!("\n  {problem}")).collect::<String>())]
    Data {
        /// The file.
        path: PathBuf,
        /// Every mistake.
        problems: Vec<Problem>,
    },
}

/// Runs airlockd until `stop`.
///
/// # Errors
/// [`AirlockdError`].
pub async fn run(config: AirlockdConfig, clock: Arc<dyn Clock>, stop: Stop) -> Result<(), AirlockdError> {
    crate::http::install_crypto();
    let AirlockdConfig { run, users, airlock, clinic } = config;
    let doors = doors(&airlock)?;
    let prices = prices(&airlock)?;
    look_at_the_register(&airlock);
    let mut tasks = Tasks::new(stop);
    let recorder = Recorder::start(&run, Role::Airlockd, &mut tasks, Arc::clone(&clock));
    let spend = Arc::new(Mutex::new(Spend::new(ceilings(&airlock.ceilings))));
    let (counting, counted) = watch::channel(false);
    let before = Before { run: run.clone(), spend: Arc::clone(&spend), time_zone: clinic.time_zone.clone() };
    let until_then = Arc::clone(&clock);
    tasks.start("spent", move |stop| async move {
        tokio::select! {
            () = stop.asked() => {}
            () = before.count(&*until_then) => {
                counting.send_replace(true);
                stop.asked().await;
            }
        }
        Ok(())
    });
    let (catalogue, memory, time_zone) = (Catalogue::new(&clinic), Memory::default(), clinic.time_zone);
    let config = airlock;
    let router =
        Arc::new(Router { config, time_zone, catalogue, doors, prices, spend, counted, memory, recorder, clock });
    let Some(endpoint) = endpoint::<Airlock>(Role::Anteroomd) else { return Ok(()) };
    let listener = server::bind(&run, endpoint)?;
    let allowed = users.of(Role::Anteroomd);
    let tended = Arc::clone(&router);
    tasks.start("idle-links", move |stop| async move {
        let mut links = Tasks::below(&stop);
        for number in 0..tended.doors.len() {
            let tended = Arc::clone(&tended);
            links.start("idle-link", move |_| async move {
                if let Some(door) = tended.doors.get(number) {
                    door.http.tend().await;
                }
                Ok(())
            });
        }
        stop.asked().await;
        Ok(())
    });
    tasks.start("offers", move |stop| serve(listener, allowed, router, stop));
    tasks.wait().await?;
    Ok(())
}

/// What was spent before the start.
struct Before {
    run: PathBuf,
    spend: Arc<Mutex<Spend>>,
    time_zone: jiff::tz::TimeZone,
}

impl Before {
    /// Asks the record until it answers, and puts what it says into the purse. Nothing is reserved before that.
    async fn count(self, clock: &dyn Clock) {
        let record = Client::new(&self.run, Role::Airlockd);
        let ceilings = *ledger::lock(&self.spend).ceilings();
        let mut told = false;
        loop {
            let today = clock.wall().to_zoned(self.time_zone.clone()).date();
            let error = match spent::ask(&record, &ceilings, today, &self.time_zone).await {
                Ok(spend) => {
                    let spent = spend.totals(today).spent;
                    tracing::info!(%spent, "what was spent today is known");
                    *ledger::lock(&self.spend) = spend;
                    return;
                }
                Err(error) => error,
            };
            // A record that is not there yet is how every start of a box begins.
            if !std::mem::replace(&mut told, true) {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "no model is asked until the record says what was spent");
            }
            let pause = if matches!(error, SpentError::Ask(_)) { RETRY } else { RETRY_IN_VAIN };
            tokio::time::sleep(pause).await;
        }
    }
}

/// The ceilings of a configuration.
#[must_use]
pub fn ceilings(config: &config::airlock::Ceilings) -> Ceilings {
    let config::airlock::Ceilings { turn, call, day, tier } = config;
    let [turn, call, day] = [*turn, *call, *day].map(MicroDollars);
    Ceilings { turn, call, day, tier: tier.map(|dollars| MicroDollars(*dollars)) }
}

fn doors(config: &config::Airlock) -> Result<Vec<ProviderDoor>, AirlockdError> {
    let mut doors = Vec::new();
    for endpoint in &config.endpoints {
        let name = || endpoint.name.clone();
        let read = |key: &str, path: &PathBuf| {
            let key = format!("airlock.endpoints.{}.{key}", endpoint.name);
            std::fs::read_to_string(path).map_err(|source| AirlockdError::File { key, path: path.clone(), source })
        };
        let format = Format::named(endpoint.format).unwrap_or(Format::OpenAiChat);
        let address = Endpoint::parse(&endpoint.url, endpoint.lan)
            .map_err(|source| AirlockdError::Endpoint { name: name(), source })?;
        let authority = endpoint.ca_file.as_ref().map(|path| read("ca-file", path)).transpose()?;
        let http = Http::new(address, authority.as_deref().map(str::as_bytes), CONNECT)
            .map_err(|source| AirlockdError::Authority { name: name(), source })?;
        let key = endpoint.key_file.as_ref().map(|path| read("key-file", path)).transpose()?;
        let key = key.map(|key| zeroize::Zeroizing::new(key.trim().to_owned()));
        doors.push(ProviderDoor { endpoint: endpoint.clone(), format, http, key });
    }
    Ok(doors)
}

/// What models cost: the clinic's own prices where it has some, else those that come with the box.
///
/// # Errors
/// [`AirlockdError::File`], [`AirlockdError::Data`].
pub fn prices(config: &config::Airlock) -> Result<Prices, AirlockdError> {
    let Some(path) = &config.prices else { return Ok(Prices::shipped()) };
    let text = std::fs::read_to_string(path).map_err(|source| AirlockdError::File {
        key: "airlock.prices".to_owned(),
        path: path.clone(),
        source,
    })?;
    Prices::parse(&text).map_err(|problems| AirlockdError::Data { path: path.clone(), problems })
}

/// Says at the start what stands in the way of an open door, so that nobody waits for a model in vain.
fn look_at_the_register(config: &config::Airlock) {
    let Ok(text) = std::fs::read_to_string(&config.registry) else {
        if config.mode == AirlockMode::Open {
            tracing::warn!(path = %config.registry.display(), "there is no register of agreements: every door stays closed");
        }
        return;
    };
    let names: Vec<&str> = config.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
    let problems = Register::parse(&text).map_or_else(|problems| problems, |register| register.strangers(&names));
    for problem in problems {
        tracing::error!(%problem, "the register of agreements");
    }
}

async fn serve(listener: UnixListener, allowed: u32, router: Arc<Router>, stop: Stop) -> Result<(), TaskError> {
    let mut requests = Tasks::below(&stop);
    loop {
        let room = requests.len() < MOST;
        let stream = tokio::select! {
            () = stop.asked() => return Ok(()),
            () = requests.reap() => continue,
            stream = server::accept(&listener, allowed), if room => stream.map_err(TaskError::from_io)?,
        };
        let router = Arc::clone(&router);
        requests.start("request", move |stop| async move {
            tokio::select! {
                () = stop.asked() => {}
                () = one(stream, &router) => {}
            }
            Ok(())
        });
    }
}

/// Answers the requests of one connection, one after the other.
async fn one(stream: UnixStream, router: &Router) {
    let (mut reader, mut writer) = stream.into_split();
    loop {
        let message = match frame::read(&mut reader).await {
            Ok(Some(message)) => message,
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "a peer sent no frame; its connection is closed");
                return;
            }
        };
        let (id, call) = (message.header.id, message.header.call);
        let reply = match (message.header.kind.as_str(), call) {
            ("ping", _) => Message::reply(id, Ok(Vec::new())),
            ("offer", call) => {
                let last = keep(router, call, message.body);
                piece(id, &last)
            }
            ("think", Some(call)) => {
                let Some((last, rest)) = think(router, call, id, message.body, &mut reader, &mut writer).await else {
                    return;
                };
                let told = frame::write(&mut writer, &piece(id, &last)).await;
                if let Some(answer) = rest {
                    // Whoever asked has gone on; the connection to the provider is worth a moment.
                    let _ = tokio::time::timeout(REST, read_out(answer)).await;
                }
                match told {
                    Ok(()) => continue,
                    Err(_) => return,
                }
            }
            ("think", None) => Message::reply(id, Err(Refusal::Malformed)),
            _ => Message::reply(id, Err(Refusal::UnknownKind)),
        };
        if frame::write(&mut writer, &reply).await.is_err() {
            return;
        }
    }
}

/// Asks a model. `None` where the other side hung up: whatever was under way is dropped, and its connection closed.
async fn think(
    router: &Router,
    call: CallId,
    id: u64,
    body: Vec<u8>,
    reader: &mut tokio::net::unix::OwnedReadHalf,
    writer: &mut OwnedWriteHalf,
) -> Option<(Handed, Option<Answer>)> {
    let text = match vouch(router, Some(call), body) {
        Ok(text) => text,
        Err(last) => return Some((last, None)),
    };
    if router.config.mode == AirlockMode::Rehearsal {
        return Some((withhold(router, Some(call), &text, "rehearsal"), None));
    }
    let (out, mut pieces) = mpsc::channel(WAITING);
    let answer = async {
        let answered = router.answer(call, &text, &out).await;
        drop(out);
        answered
    };
    let pass_on = async {
        while let Some(handed) = pieces.recv().await {
            if frame::write(writer, &piece(id, &handed)).await.is_err() {
                return false;
            }
        }
        true
    };
    let both = async { tokio::join!(answer, pass_on) };
    tokio::select! {
        ((last, rest), passed) = both => {
            // What would have left by a door that is shut is kept as in a rehearsal: the officer has to see it to open one.
            if let Handed::Failed { why: why @ ("off" | "no-route") } = last {
                withhold(router, Some(call), &text, why);
            }
            passed.then_some((last, rest))
        }
        // Nothing is said on this connection while a model is asked; whatever comes now, its end first of all, calls it off.
        _ = frame::read(reader) => None,
    }
}

async fn read_out(mut answer: Answer) {
    while let Ok(Some(_)) = answer.chunk().await {}
}

/// Checks a request and keeps it.
fn keep(router: &Router, call: Option<CallId>, body: Vec<u8>) -> Handed {
    match vouch(router, call, body) {
        Ok(text) => withhold(router, call, &text, "rehearsal"),
        Err(last) => last,
    }
}

fn withhold(router: &Router, call: Option<CallId>, text: &CloudText, why: &'static str) -> Handed {
    let exchange = call.and_then(|call| router.rehearse(call, text));
    ledger::withheld(&router.recorder, call, text, exchange.as_ref(), why);
    Handed::Failed { why: "withheld" }
}

/// The second check. What is refused is not kept: it may be the very identifier that redaction missed.
fn vouch(router: &Router, call: Option<CallId>, body: Vec<u8>) -> Result<CloudText, Handed> {
    let bytes = body.len();
    let echoed = |sentence: &str| call.is_some_and(|call| router.memory.has_said(call, sentence));
    let tools: Vec<&str> = offered::OFFERED.iter().map(|tool| tool.name).collect();
    let known = Known { tools: &tools, public: router.catalogue.public(), echoed: &echoed };
    check(Offered::new(body), &known).map_err(|reason: Reason| {
        let body = Parcel::new().with("reason", &reason.as_str()).with("bytes", &bytes);
        // Synthetic or not is the caller's property; what cannot be read says nothing of it.
        router.recorder.note(router.recorder.event(Kind::WireRefused, call, Turn::default(), false, body));
        Handed::Failed { why: "refused" }
    })
}

fn piece(id: u64, handed: &Handed) -> Message {
    Message::reply(id, serde_json::to_vec(handed).map_err(|_| Refusal::Failed))
}
