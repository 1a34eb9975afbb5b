//! The whole ledger, checked once more: offline, after the fact, by whoever has the record and the configuration.
//!
//! In:  the wire's events in the record's order. Out: a [`Report`] that counts, and names what does not pass by call, turn
//! and exchange. It quotes nothing: what should not have left should not stand on a screen either.
//!
//! Two things are asked of each request that left or was withheld:
//! - the checked request passes [`check::recheck`] again. What a model had said before is known from `said` in the replies
//!   to requests that stand before this one;
//! - the body for the provider holds nothing else. The checked request is rendered again, and every name, text and number
//!   of the body must stand under the same name in that rendering, or must have come from the same provider earlier in the
//!   call (ids of tools, signatures, encrypted reasoning: they go back as they came). How often a text stands there is not
//!   compared.
//!
//! Judged by the vocabulary of this program and the catalogue of this configuration: what was written under others is
//! counted as not judged, and needs the program and configuration of then.

use std::collections::{BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ask;
use super::catalogue::Catalogue;
use super::check::{self, CloudText, Known};
use super::memory::Memory;
use super::provider::{self, Ask, Dialect, Format};
use crate::ids::{CallId, Turn};
use crate::wire::event::Kind;
use crate::wire::offered;

/// Calls whose replies are kept: more than can be under way at once.
const CALLS: usize = 256;
/// Requests of which a second look is taken when their call is over: a reply may be written down after the next request.
const WAITING: usize = 256;
/// Names under which a format writes how long an answer may be.
const LIMITS: [&str; 4] = ["max_tokens", "max_completion_tokens", "max_output_tokens", "maxOutputTokens"];
/// The longest answer that can be configured.
const MOST_TOKENS: u64 = 4_096;

/// An event of the wire.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its number.
    pub seq: u64,
    /// What happened.
    pub kind: Kind,
    /// In which call.
    pub call: Option<CallId>,
    /// In which turn.
    pub turn: Turn,
    /// Its body; none where it does not open.
    pub body: Option<&'a str>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Requests that were looked at.
    pub requests: u64,
    /// Of them those that passed: request and, where there is one, body.
    pub passed: u64,
    /// Not judged: checked by another vocabulary.
    pub other_vocabulary: u64,
    /// The request passed; its body was rendered from another catalogue and is not judged.
    pub other_catalogue: u64,
    /// Not judged: the call was erased.
    pub erased: u64,
    /// What does not pass, in order.
    pub failures: Vec<Failure>,
}

/// A request that does not pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Its event's number.
    pub seq: u64,
    /// In which call.
    pub call: Option<CallId>,
    /// In which turn.
    pub turn: Turn,
    /// The exchange's id; none for a request that was withheld.
    pub exchange: Option<String>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What can be wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Wrong {
    /// The event is not of the shape that airlockd writes.
    #[error("its event is not of the shape that airlockd writes")]
    Malformed,
    /// The second check refuses it. The reason's closed word is [`check::Reason::as_str`].
    #[error("the second check refuses it: {0}")]
    Refused(&'static str),
    /// It says more than was understood.
    #[error("it is not in the form in which airlockd writes it")]
    OtherForm,
    /// The provider's body cannot be read.
    #[error("the provider's body is no JSON")]
    NoBody,
    /// The provider's body holds what the checked request does not.
    #[error("the provider's body holds {0} names, texts or numbers that the checked request does not give")]
    Foreign(usize),
}

/// How a request fared.
enum Fared {
    Passed,
    OtherVocabulary,
    OtherCatalogue,
}

/// A `wire.request` or `wire.withheld`.
#[derive(Deserialize)]
struct Kept {
    #[serde(default)]
    exchange: Option<String>,
    request: String,
    /// Old boxes did not name it where no model was configured; such a request is not judged.
    #[serde(default)]
    vocabulary: String,
    /// What stands only where a model is configured.
    #[serde(skip)]
    rendered: Option<Rendered>,
}

impl Kept {
    fn read(body: &str) -> Option<Self> {
        let kept: Self = serde_json::from_str(body).ok()?;
        let value: Value = serde_json::from_str(body).ok()?;
        // A body that left must be judged: one that is not whole is a failure, not a request without one.
        let rendered = value.get("body").is_some().then(|| serde_json::from_value(value));
        Some(Self { rendered: rendered.transpose().ok()?, ..kept })
    }
}

#[derive(Deserialize)]
struct Rendered {
    endpoint: String,
    format: String,
    model: String,
    catalogue: String,
    body: String,
}

/// A `wire.reply`.
#[derive(Deserialize)]
struct Came {
    exchange: String,
    #[serde(default)]
    said: Vec<String>,
    #[serde(default)]
    body: Value,
}

/// What is known of one call.
#[derive(Default)]
struct OneCall {
    /// Each request's number and endpoint, by its exchange.
    asked: HashMap<String, (u64, String)>,
    replies: Vec<Reply>,
}

struct Reply {
    /// The number of its request.
    asked: u64,
    endpoint: String,
    said: Vec<String>,
    raw: String,
}

/// Checks a ledger, event by event.
pub struct Ledger<'a> {
    catalogue: &'a Catalogue,
    tools: Vec<&'static str>,
    calls: HashMap<CallId, OneCall>,
    order: VecDeque<CallId>,
    /// What did not pass at first sight.
    waiting: Vec<(Failure, Kept)>,
    report: Report,
}

impl<'a> Ledger<'a> {
    /// A check by this catalogue and this program's vocabulary.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue) -> Self {
        let tools = offered::OFFERED.iter().map(|tool| tool.name).collect();
        let (calls, order, waiting) = (HashMap::new(), VecDeque::new(), Vec::new());
        Self { catalogue, tools, calls, order, waiting, report: Report::default() }
    }

    /// Takes the next event.
    pub fn take(&mut self, entry: &Entry<'_>) {
        if entry.kind == Kind::WireReply {
            self.reply(entry);
        } else if matches!(entry.kind, Kind::WireRequest | Kind::WireWithheld) {
            self.request(entry);
        }
        // What was refused was not kept; the others are not the wire's.
    }

    /// What was found in all of it.
    #[must_use]
    pub fn finish(mut self) -> Report {
        for call in std::mem::take(&mut self.order) {
            self.over(call);
        }
        // Outside calls there is nothing that could still come.
        let rest = std::mem::take(&mut self.waiting);
        self.report.failures.extend(rest.into_iter().map(|(failure, _)| failure));
        self.report.failures.sort_by_key(|failure| failure.seq);
        self.report
    }

    fn reply(&mut self, entry: &Entry<'_>) {
        let Some(came) = entry.body.and_then(|body| serde_json::from_str::<Came>(body).ok()) else { return };
        let Some(call) = entry.call.and_then(|call| self.calls.get_mut(&call)) else { return };
        let Some((asked, endpoint)) = call.asked.get(&came.exchange).cloned() else { return };
        let raw = came.body.as_str().unwrap_or_default().to_owned();
        call.replies.push(Reply { asked, endpoint, said: came.said, raw });
    }

    fn request(&mut self, entry: &Entry<'_>) {
        self.report.requests = self.report.requests.saturating_add(1);
        let Entry { seq, call, turn, .. } = *entry;
        let Some(body) = entry.body else {
            self.report.erased = self.report.erased.saturating_add(1);
            return;
        };
        let kept = Kept::read(body);
        let exchange = kept.as_ref().and_then(|kept| kept.exchange.clone());
        let failure = |wrong| Failure { seq, call, turn, exchange: exchange.clone(), wrong };
        let Some(kept) = kept else {
            self.report.failures.push(failure(Wrong::Malformed));
            return;
        };
        if let Some(call) = call {
            let endpoint = kept.rendered.as_ref().map(|rendered| rendered.endpoint.clone()).unwrap_or_default();
            let exchange = exchange.clone();
            self.of(call).asked.extend(exchange.map(|exchange| (exchange, (seq, endpoint))));
        }
        match self.judge(&kept, seq, call) {
            Ok(fared) => self.count(&fared),
            Err(wrong) if call.is_some() && self.waiting.len() < WAITING => self.waiting.push((failure(wrong), kept)),
            Err(wrong) => self.report.failures.push(failure(wrong)),
        }
    }

    /// The call, begun if it is new. The one that began first is over for one more.
    fn of(&mut self, call: CallId) -> &mut OneCall {
        if !self.calls.contains_key(&call) {
            if self.order.len() >= CALLS
                && let Some(oldest) = self.order.pop_front()
            {
                self.over(oldest);
            }
            self.order.push_back(call);
        }
        self.calls.entry(call).or_default()
    }

    /// Takes the second look at what did not pass in a call, and forgets the call.
    fn over(&mut self, call: CallId) {
        let (of_call, others) =
            std::mem::take(&mut self.waiting).into_iter().partition(|(failure, _)| failure.call == Some(call));
        self.waiting = others;
        for (failure, kept) in of_call {
            match self.judge(&kept, failure.seq, Some(call)) {
                Ok(fared) => self.count(&fared),
                Err(wrong) => self.report.failures.push(Failure { wrong, ..failure }),
            }
        }
        self.calls.remove(&call);
    }

    fn count(&mut self, fared: &Fared) {
        let counter = match fared {
            Fared::Passed => &mut self.report.passed,
            Fared::OtherVocabulary => &mut self.report.other_vocabulary,
            Fared::OtherCatalogue => &mut self.report.other_catalogue,
        };
        *counter = counter.saturating_add(1);
    }

    fn judge(&self, kept: &Kept, seq: u64, call: Option<CallId>) -> Result<Fared, Wrong> {
        let replies = call.and_then(|call| self.calls.get(&call)).map(|call| call.replies.as_slice());
        let earlier: Vec<&Reply> = replies.unwrap_or_default().iter().filter(|reply| reply.asked < seq).collect();
        let echoed = |sentence: &str| earlier.iter().any(|reply| reply.said.iter().any(|said| said == sentence));
        let known = Known { tools: &self.tools, public: self.catalogue.public(), echoed: &echoed };
        let text = match check::recheck(kept.request.as_bytes(), &kept.vocabulary, &known) {
            Ok(text) => text,
            Err(check::Recheck::OtherVocabulary) => return Ok(Fared::OtherVocabulary),
            Err(check::Recheck::OtherForm) => return Err(Wrong::OtherForm),
            Err(check::Recheck::Refused(reason)) => return Err(Wrong::Refused(reason.as_str())),
        };
        let Some(rendered) = &kept.rendered else { return Ok(Fared::Passed) };
        if rendered.catalogue != self.catalogue.sha256() {
            return Ok(Fared::OtherCatalogue);
        }
        let body: Value = serde_json::from_str(&rendered.body).map_err(|_| Wrong::NoBody)?;
        let own = earlier.iter().filter(|reply| reply.endpoint == rendered.endpoint);
        match self.foreign(&text, rendered, &body, call, own.map(|reply| reply.raw.as_str())) {
            0 => Ok(Fared::Passed),
            count => Err(Wrong::Foreign(count)),
        }
    }

    /// How many pieces of the body neither the checked request nor the provider gave.
    fn foreign<'r>(
        &self,
        text: &CloudText,
        rendered: &Rendered,
        body: &Value,
        call: Option<CallId>,
        raw: impl Iterator<Item = &'r str>,
    ) -> usize {
        let mut foreign = BTreeSet::new();
        pieces(body, "", &mut foreign);
        let Some(format) = Format::named(&rendered.format) else { return foreign.len() };
        // Which call it is matters only for what the provider wants back, which is looked for below.
        let call = call.unwrap_or_else(CallId::draw);
        let messages = ask::messages(text, call, &rendered.endpoint, &Memory::default());
        for dialect in dialects() {
            if foreign.is_empty() {
                return 0;
            }
            let ask = Ask {
                model: &rendered.model,
                system: self.catalogue.system(),
                tools: self.catalogue.tools(),
                messages: &messages,
                max_tokens: limit(body),
                api_version: "",
                dialect,
            };
            let again: Value = serde_json::from_slice(&provider::render(format, &ask).body).unwrap_or_default();
            let mut known = BTreeSet::new();
            pieces(&again, "", &mut known);
            foreign.retain(|piece| !known.contains(piece));
        }
        if !foreign.is_empty() {
            let given = Given::from(raw);
            foreign.retain(|piece| !given.holds(piece));
        }
        foreign.len()
    }
}

/// Everything in which servers of one format may differ.
fn dialects() -> impl Iterator<Item = Dialect> {
    (0..8_u8).map(|bits| Dialect { lan: bits & 1 > 0, reasoning: bits & 2 > 0, memory_cache: bits & 4 > 0 })
}

/// How long the answer might be, as the body says it; 0 where it says nothing that could be configured.
fn limit(body: &Value) -> u32 {
    let mut all = BTreeSet::new();
    pieces(body, "", &mut all);
    let limit = all.iter().find_map(|piece| match piece {
        Piece::Number(name, number) if LIMITS.contains(&name.as_str()) => number.parse::<u64>().ok(),
        Piece::Name(_) | Piece::Text(..) | Piece::Number(..) => None,
    });
    limit.filter(|limit| *limit <= MOST_TOKENS).and_then(|limit| u32::try_from(limit).ok()).unwrap_or(0)
}

/// A piece of JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    /// The name of a field.
    Name(String),
    /// A text, and the name of the field in which it stands.
    Text(String, String),
    /// A number, likewise.
    Number(String, String),
}

fn pieces(value: &Value, name: &str, found: &mut BTreeSet<Piece>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            found.insert(Piece::Number(name.to_owned(), number.to_string()));
        }
        Value::String(text) => {
            found.insert(Piece::Text(name.to_owned(), text.clone()));
        }
        Value::Array(items) => items.iter().for_each(|item| pieces(item, name, found)),
        Value::Object(fields) => {
            for (field, value) in fields {
                found.insert(Piece::Name(field.clone()));
                pieces(value, field, found);
            }
        }
    }
}

/// What a provider sent in a call: the names of its fields, and what stood in each of them, run together in the order in
/// which it came, since a signature or a thought comes in many pieces.
#[derive(Default)]
struct Given(HashMap<String, String>);

impl Given {
    fn from<'r>(replies: impl Iterator<Item = &'r str>) -> Self {
        let mut given = Self::default();
        for raw in replies {
            for line in raw.lines() {
                let data = line.strip_prefix("data:").map(str::trim);
                let event: Option<Value> = data.and_then(|data| serde_json::from_str(data).ok());
                event.iter().for_each(|event| given.read(event, ""));
            }
        }
        given
    }

    fn read(&mut self, value: &Value, name: &str) {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => self.0.entry(name.to_owned()).or_default().push_str(text),
            Value::Array(items) => items.iter().for_each(|item| self.read(item, name)),
            Value::Object(fields) => {
                for (field, value) in fields {
                    self.0.entry(field.clone()).or_default();
                    self.read(value, field);
                }
            }
        }
    }

    fn holds(&self, piece: &Piece) -> bool {
        match piece {
            Piece::Name(name) => self.0.contains_key(name),
            Piece::Text(_, text) => self.0.values().any(|run| run.contains(text.as_str())),
            Piece::Number(..) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::airlock::provider::Opaque;
    use crate::config;
    use crate::vocabulary;

    fn catalogue() -> Catalogue {
        let [name, address, hours] = ["Riverside Family Clinic", "twelve Mill Road", "nine to five"].map(str::to_owned);
        Catalogue::new(&config::Clinic { name, address, hours, time_zone: jiff::tz::TimeZone::UTC, state: None })
    }

    /// What a box wrote down of a request that airlockd checked.
    fn kept(
        catalogue: &Catalogue,
        format: Format,
        messages: &Value,
        exchange: &str,
        memory: &Memory,
        call: CallId,
    ) -> Value {
        let offered = json!({ "turn": 1, "synthetic": true,
            "request": { "v": 2, "intent": "unknown", "step": "open", "messages": messages } });
        let tools: Vec<&str> = offered::OFFERED.iter().map(|tool| tool.name).collect();
        let known = Known { tools: &tools, public: catalogue.public(), echoed: &|_| true };
        let text = check::check(check::Offered::new(offered.to_string().into_bytes()), &known).unwrap();
        let messages = ask::messages(&text, call, "e", memory);
        let ask = Ask {
            model: "m-1",
            system: catalogue.system(),
            tools: catalogue.tools(),
            messages: &messages,
            max_tokens: 300,
            api_version: "v1",
            dialect: Dialect { lan: true, ..Dialect::default() },
        };
        let body = String::from_utf8(provider::render(format, &ask).body).unwrap();
        json!({ "exchange": exchange, "endpoint": "e", "format": format.as_str(), "model": "m-1",
            "vocabulary": vocabulary::sha256(), "catalogue": catalogue.sha256(),
            "request": std::str::from_utf8(text.as_bytes()).unwrap(), "body": body })
    }

    fn hello() -> Value {
        json!([{ "who": "caller", "text": "hello this is [NAME_1]" }])
    }

    fn report(catalogue: &Catalogue, events: &[(Kind, Option<CallId>, Value)]) -> Report {
        let mut ledger = Ledger::new(catalogue);
        for (seq, (kind, call, body)) in (0..).zip(events) {
            let body = body.to_string();
            ledger.take(&Entry { seq, kind: *kind, call: *call, turn: Turn(1), body: Some(&body) });
        }
        ledger.finish()
    }

    /// What is wrong with one request.
    fn wrong(event: Value) -> Option<Wrong> {
        let report = report(&catalogue(), &[(Kind::WireWithheld, Some(CallId::draw()), event)]);
        assert_eq!(report.requests, 1);
        report.failures.first().map(|failure| failure.wrong)
    }

    fn hello_kept() -> Value {
        kept(&catalogue(), Format::OpenAiChat, &hello(), "x", &Memory::default(), CallId::draw())
    }

    #[test]
    fn what_the_airlock_writes_passes_in_every_format() {
        let catalogue = catalogue();
        for format in Format::ALL {
            let event = kept(&catalogue, format, &hello(), "x", &Memory::default(), CallId::draw());
            let report = report(&catalogue, &[(Kind::WireRequest, Some(CallId::draw()), event)]);
            assert_eq!((report.requests, report.passed, report.failures.len()), (1, 1, 0), "{format:?} {report:?}");
        }
    }

    #[test]
    fn a_name_in_the_body_or_in_the_request_is_found() {
        let edited = |from: &str, to: &str, key: &str| {
            let mut event = hello_kept();
            event[key] = json!(event[key].as_str().unwrap().replace(from, to));
            event
        };
        assert_eq!(wrong(hello_kept()), None);
        assert_eq!(wrong(edited("[NAME_1]", "Zbigniew", "body")), Some(Wrong::Foreign(2)));
        assert_eq!(wrong(edited("\"max_tokens\":300", "\"max_tokens\":5551234567", "body")), Some(Wrong::Foreign(1)));
        assert_eq!(wrong(edited("\"stream\"", "\"Zbigniew\"", "body")), Some(Wrong::Foreign(1)));
        assert_eq!(wrong(edited("{", "", "body")), Some(Wrong::NoBody));
        assert_eq!(wrong(edited("[NAME_1]", "Zbigniew", "request")), Some(Wrong::Refused("off-list")));
        assert_eq!(wrong(edited("{\"turn\"", "{ \"turn\"", "request")), Some(Wrong::OtherForm));
        assert_eq!(wrong(json!({ "request": 1 })), Some(Wrong::Malformed));
        let mut cut = hello_kept();
        cut.as_object_mut().unwrap().remove("format");
        assert_eq!(wrong(cut), Some(Wrong::Malformed));
    }

    #[test]
    fn a_request_for_which_no_model_was_configured_is_judged_without_a_body() {
        let whole = hello_kept();
        let event = json!({ "request": whole["request"], "vocabulary": whole["vocabulary"], "why": "rehearsal" });
        assert_eq!(wrong(event), None);
    }

    #[test]
    fn what_was_written_under_other_words_or_another_catalogue_is_not_judged() {
        let mut event = hello_kept();
        event["vocabulary"] = json!("00");
        let judged = |event| report(&catalogue(), &[(Kind::WireRequest, None, event)]);
        assert_eq!(judged(event).other_vocabulary, 1);
        let mut event = hello_kept();
        event["catalogue"] = json!("00");
        assert_eq!(judged(event).other_catalogue, 1);
    }

    #[test]
    fn a_sentence_that_a_model_said_may_go_out_again_in_its_call_and_after_its_request_only() {
        let (catalogue, call) = (catalogue(), CallId::draw());
        let messages = json!([{ "who": "box", "text": "Splendid, Xerxes." }, { "who": "caller", "text": "yes" }]);
        let made = |messages: &Value, exchange| {
            kept(&catalogue, Format::Anthropic, messages, exchange, &Memory::default(), call)
        };
        let first = (Kind::WireRequest, Some(call), made(&hello(), "one"));
        let reply =
            (Kind::WireReply, Some(call), json!({ "exchange": "one", "said": ["Splendid, Xerxes."], "body": "" }));
        let second = (Kind::WireRequest, Some(call), made(&messages, "two"));
        let failures = |events: &[_]| report(&catalogue, events).failures.len();
        assert_eq!(failures(&[first.clone(), reply.clone(), second.clone()]), 0);
        // The caller went on talking: the reply was written down after the next request.
        assert_eq!(failures(&[first.clone(), second.clone(), reply.clone()]), 0);
        assert_eq!(failures(&[first.clone(), second.clone()]), 1);
        assert_eq!(failures(&[second.clone(), first, reply.clone()]), 1, "it was said later");
        let elsewhere = (second.0, Some(CallId::draw()), second.2);
        assert_eq!(failures(&[(Kind::WireRequest, Some(call), made(&hello(), "one")), reply, elsewhere]), 1);
    }

    #[test]
    fn what_a_provider_wants_back_must_have_come_from_it() {
        let (catalogue, call, memory) = (catalogue(), CallId::draw(), Memory::default());
        let before = json!([{ "type": "thinking", "thinking": "they want a slot", "signature": "c2lnbmVk" }]);
        let opaque = Opaque { format: Format::Anthropic, value: json!({ "id": "toolu_01", "before": before }) };
        let number = memory.used(call, "e", Some(opaque));
        let messages = json!([{ "who": "caller", "text": "hello" },
            { "who": "tool", "number": number, "name": "find_slots", "args": {}, "ok": true, "result": [] }]);
        let first = kept(&catalogue, Format::Anthropic, &hello(), "one", &Memory::default(), call);
        let second = kept(&catalogue, Format::Anthropic, &messages, "two", &memory, call);
        let raw = "event: a\ndata: {\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\n\
                   data: {\"delta\":{\"thinking\":\"they want \"}}\n\ndata: {\"delta\":{\"thinking\":\"a slot\"}}\n\n\
                   data: {\"delta\":{\"signature\":\"c2lnbmVk\"}}\n\ndata: {\"content_block\":{\"id\":\"toolu_01\"}}\n\n";
        let with = |raw: &str| {
            let reply = json!({ "exchange": "one", "said": [], "body": raw });
            let events = [
                (Kind::WireRequest, Some(call), first.clone()),
                (Kind::WireReply, Some(call), reply),
                (Kind::WireRequest, Some(call), second.clone()),
            ];
            report(&catalogue, &events).failures.first().map(|failure| failure.wrong)
        };
        assert_eq!(with(raw), None);
        assert_eq!(with(&raw.replace("toolu_01", "toolu_02")), Some(Wrong::Foreign(2)), "as id and as tool_use_id");
    }
}
