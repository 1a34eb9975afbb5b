//! One function for each parser of foreign bytes: anything in, no panic, and what was accepted keeps its promises.
//!
//! Written once and used twice: the fuzz targets feed them what libFuzzer makes up, and `tests/rules` replays
//! `fuzz/corpus` through them in `make test`. Each says whether the bytes were accepted, so that a corpus whose every
//! file is refused at the door can be told from one that reaches the inside.

use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use anteroom::airlock::agreements::{Approval, Asked, Register, with_approval};
use anteroom::airlock::check::{Known, Offered, check, recheck};
use anteroom::airlock::prices::{Prices, Tokens};
use anteroom::airlock::provider::{Decoder, Format, MAX_TEXT, MAX_USES, Piece, Stop, StreamError, status_error};
use anteroom::airlock::sse::{self, Event};
use anteroom::caller::scenario::{Scenario, ScenarioError};
use anteroom::clinic::client::parse_result;
use anteroom::clinic::daemon::{checked_answer, checked_request};
use anteroom::config::Config;
use anteroom::config::levels::Level;
use anteroom::config::telephone::Srtp;
use anteroom::converse::{Thought, thought as read_thought};
use anteroom::expect::Expecting;
use anteroom::guard::before;
use anteroom::http::Endpoint;
use anteroom::ids::CallId;
use anteroom::line::rtp::Law;
use anteroom::line::rtp::receiver::{Agreed, Heard, Receiver};
use anteroom::line::sip::identity;
use anteroom::line::sip::sdp::{Direction, Local};
use anteroom::listen::RawTranscript;
use anteroom::pcm::wav::{self, Ending};
use anteroom::placeholder;
use anteroom::record::checkpoint::Checkpoint;
use anteroom::record::header::Header;
use anteroom::record::key::MasterKey;
use anteroom::record::note::{self, Signer, Verifier};
use anteroom::record::request::{self, AudioOf, Show};
use anteroom::redact::{self, Context, Vault};
use anteroom::speak::VoiceChoice;
use anteroom::wire::doors::Role;
use anteroom::wire::frame::{self, Message};
use anteroom::wire::line::{FromBrain, FromCaller, ToBrain, ToCaller};
use anteroom::wire::recording::Chunk;
use anteroom::wire::tool::CATALOGUE;
use anteroom::wire::typed::{FROM_TYPIST, FromTypist};
use anteroom::wire::watch;

/// A target: takes any bytes, tells whether they were accepted.
pub type Target = fn(&[u8]) -> bool;

/// Every target with its name, which is also its corpus' folder and its program's.
pub const TARGETS: &[(&str, Target)] = &[
    ("frame", frame),
    ("line", line),
    ("typed", typed),
    ("watch", watch),
    ("recording", recording),
    ("record", record),
    ("header", header),
    ("key", key),
    ("note", note),
    ("tool_request", tool_request),
    ("tool_reply", tool_reply),
    ("config", config),
    ("scenario", scenario),
    ("wav", wav),
    ("redact", redact),
    ("airlock", airlock),
    ("provider", provider),
    ("sse", sse),
    ("thought", thought),
    ("agreements", agreements),
    ("prices", prices),
    ("endpoint", endpoint),
    ("names", names),
    ("rtp", rtp),
    ("rtcp", rtcp),
    ("sdp", sdp),
    ("caller_id", caller_id),
];

/// Frames of any peer: one without its length, and a stream of them.
#[must_use]
pub fn frame(bytes: &[u8]) -> bool {
    let mut stream = bytes;
    while let Ok(Some(message)) = at_once(frame::read(&mut stream)) {
        assert!(message.body.len() <= frame::MAX_FRAME);
    }
    let Ok(message) = Message::parse(bytes) else { return false };
    if let Ok(written) = message.to_bytes() {
        let body = written.get(4..).unwrap_or_default();
        assert!(Message::parse(body).is_ok_and(|read| read == message), "what is written reads back");
    }
    true
}

/// Messages of the line door, all four ways. The first byte chooses the kind.
#[must_use]
pub fn line(bytes: &[u8]) -> bool {
    const KINDS: [&str; 14] = [
        "ring",
        "frame",
        "dtmf",
        "desk",
        "ended",
        "answer",
        "alive",
        "consult",
        "bridge",
        "hangup",
        "answered",
        "desk-rings",
        "bridged",
        "unheard",
    ];
    let Some((kind, body)) = chosen(bytes, &KINDS) else { return false };
    let message = Message::tell(kind, None, body.to_vec());
    let call = CallId::draw();
    let mut accepted = false;
    if let Ok(said) = ToBrain::parse(&message) {
        assert!(ToBrain::parse(&said.to_message(call)).is_ok());
        accepted = true;
    }
    if let Ok(said) = FromBrain::parse(&message) {
        assert!(FromBrain::parse(&said.to_message(call)).is_ok());
        accepted = true;
    }
    if let Ok(said) = FromCaller::parse(&message) {
        assert!(FromCaller::parse(&said.to_message()).is_ok());
        accepted = true;
    }
    if let Ok(said) = ToCaller::parse(&message) {
        assert!(ToCaller::parse(&said.to_message(call)).is_ok());
        accepted = true;
    }
    accepted
}

/// What somebody types to the brain. The first byte chooses the kind.
#[must_use]
pub fn typed(bytes: &[u8]) -> bool {
    let Some((kind, body)) = chosen(bytes, FROM_TYPIST) else { return false };
    let Ok(said) = FromTypist::parse(&Message::tell(kind, None, body.to_vec())) else { return false };
    assert!(FromTypist::parse(&said.to_message()).is_ok(), "what is written reads back");
    true
}

/// Facts that a watcher is told.
#[must_use]
pub fn watch(bytes: &[u8]) -> bool {
    watch::parse(&Message::tell("fact", None, bytes.to_vec())).is_ok()
}

/// Pieces of recorded sound.
#[must_use]
pub fn recording(bytes: &[u8]) -> bool {
    let Ok(chunk) = Chunk::parse(bytes) else { return false };
    assert!(!chunk.samples.is_empty());
    assert!(Chunk::parse(&chunk.to_bytes()).is_ok_and(|read| read == chunk), "what is written reads back");
    true
}

/// Requests to the record. The first byte chooses who asks.
#[must_use]
pub fn record(bytes: &[u8]) -> bool {
    const CLIENTS: [Role; 6] = [Role::Anteroomd, Role::Airlockd, Role::Lined, Role::Clinicd, Role::Cli, Role::Caller];
    let Some((client, body)) = chosen(bytes, &CLIENTS) else { return false };
    let call = Some(CallId::draw());
    let appended = request::append(client, body);
    if let Ok(submission) = &appended {
        assert!(submission.entries.iter().all(|entry| entry.actor == client.as_str()), "the socket names the actor");
    }
    let refused_without_a_call = request::audio(client, None, body.to_vec()).is_err();
    assert!(refused_without_a_call, "sound belongs to a call");
    appended.is_ok()
        | request::parse::<Show>(body).is_ok()
        | request::parse::<AudioOf>(body).is_ok()
        | request::audio(client, call, body.to_vec()).is_ok()
        | request::message(client, call, body.to_vec()).is_ok()
}

/// Headers as they are stored.
#[must_use]
pub fn header(bytes: &[u8]) -> bool {
    let Ok(header) = Header::parse(bytes) else { return false };
    let line = header.to_line().unwrap_or_default();
    assert!(Header::parse(&line).is_ok_and(|read| read == header), "what is written reads back");
    true
}

/// The record's key file.
#[must_use]
pub fn key(bytes: &[u8]) -> bool {
    MasterKey::parse(bytes).is_some()
}

/// Signed notes from outside the box, the checkpoints in them, and the keys that they are verified with.
#[must_use]
pub fn note(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let key = Verifier::parse(text);
    if let Ok(key) = &key {
        assert!(Verifier::parse(&key.to_text()).is_ok_and(|read| read == *key), "what is written reads back");
    }
    // Who signed the corpus, and who signs after them.
    let [log, witness] = [("log.example", [1; 32]), ("witness.example", [2; 32])]
        .map(|(name, seed)| Signer::from_seed(name, &seed).unwrap_or_else(|_| unreachable!("the name is one")));
    let known = [log.verifier(), witness.verifier()];
    let signed = note::verify(text, &known);
    if let Ok((said, names)) = &signed {
        assert!(text.starts_with(said) && !names.is_empty());
        // Not where the note is full.
        if let Ok(longer) = witness.cosign(text) {
            let both = note::verify(&longer, &known);
            assert!(
                both.is_ok_and(|(again, more)| again == *said && more.len() >= names.len()),
                "a note with one more"
            );
        }
        let opened = Checkpoint::open(text, &known);
        assert_eq!(opened.ok(), Checkpoint::parse(said).ok());
    }
    let checkpoint = Checkpoint::parse(text);
    assert!(checkpoint.as_ref().map_or(true, |read| read.to_text() == text), "one spelling for one checkpoint");
    key.is_ok() | signed.is_ok() | checkpoint.is_ok()
}

/// What the brain asks of clinicd.
#[must_use]
pub fn tool_request(bytes: &[u8]) -> bool {
    checked_request(bytes).is_ok()
}

/// What the clinic's server answers, at clinicd and, after it, at the brain. The first byte chooses the tool.
#[must_use]
pub fn tool_reply(bytes: &[u8]) -> bool {
    let Some((tool, body)) = chosen(bytes, CATALOGUE_PLACES) else { return false };
    let Some(tool) = CATALOGUE.get(tool) else { return false };
    // What clinicd lets through is what the brain takes: nobody in between would notice.
    let at_clinicd = checked_answer(tool, body);
    if let Ok(reply) = &at_clinicd {
        assert!(parse_result(reply, tool).is_ok(), "the brain refuses what clinicd let through");
    }
    at_clinicd.is_ok() | parse_result(body, tool).is_ok()
}

/// Places in the catalogue; a constant, so that they can be chosen from.
const CATALOGUE_PLACES: &[usize] = &[0, 1, 2, 3, 4, 5, 6, 7, 8];

/// The configuration file.
#[must_use]
pub fn config(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match Config::parse(text, std::path::Path::new("/etc/anteroom")) {
        Ok(_) => true,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a word");
            false
        }
    }
}

/// A scenario file.
#[must_use]
pub fn scenario(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    match Scenario::parse(text) {
        Ok(_) => true,
        Err(ScenarioError::Problems { problems }) => {
            assert!(!problems.is_empty(), "refused without a word");
            false
        }
        Err(ScenarioError::NotToml { .. }) => false,
    }
}

/// Recordings, as files and as pipes.
#[must_use]
pub fn wav(bytes: &[u8]) -> bool {
    let file = wav::parse(bytes, Ending::Stated);
    let pipe = wav::parse(bytes, Ending::Open);
    if let Ok(sound) = &file {
        assert!(!sound.is_empty(), "a recording without sound was taken");
        assert!(pipe.as_ref().is_ok_and(|pipe| pipe.len() >= sound.len()), "a whole file is a pipe too");
    }
    file.is_ok() | pipe.is_ok()
}

/// A caller's words. The first byte chooses what was asked for; what follows a NUL was said by the box.
#[must_use]
pub fn redact(bytes: &[u8]) -> bool {
    let Some((expecting, text)) = chosen(bytes, &Expecting::ALL) else { return false };
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let (text, asked) = text.split_once('\0').unwrap_or((text, ""));
    let heard = RawTranscript::typed(text);
    let _ = before(&heard);
    let today = jiff::civil::date(2026, 11, 23);
    let at = |level| redacted(text, &heard, &Context { expecting, asked, lately: None, today, level });
    // At every level, whatever the first finds.
    Level::ALL.map(at).contains(&true)
}

/// Whether anything was covered.
fn redacted(text: &str, heard: &RawTranscript, context: &Context<'_>) -> bool {
    let mut vault = Vault::new();
    let outcome = redact::redact(heard, context, &mut vault);
    let mut end = 0;
    for span in &outcome.spans {
        assert!(end <= span.range.start && span.range.start < span.range.end, "spans in order, without overlaps");
        assert!(text.get(span.range.clone()).is_some(), "a span cuts a character in two");
        end = span.range.end;
    }
    for (_, found) in placeholder::find_all(outcome.text.as_str()) {
        assert!(vault.find(found).is_some(), "a placeholder that stands for nothing");
    }
    !outcome.spans.is_empty()
}

/// Requests for the cloud, as bytes, and as one text of the caller, the box and a tool in whole requests.
#[must_use]
pub fn airlock(bytes: &[u8]) -> bool {
    let public = ["Main Street Clinic, 12 Main Street".to_owned()];
    let known = Known { tools: &["book"], public: &public, echoed: &|said| said == "We open at 8." };
    let passes = |offer: Vec<u8>| {
        let Ok(passed) = check(Offered::new(offer), &known) else { return false };
        let again = recheck(passed.as_bytes(), passed.vocabulary(), &known);
        assert!(again.is_ok_and(|again| again.request() == passed.request()), "what passed passes again, unchanged");
        true
    };
    let whole = passes(bytes.to_vec());
    let Ok(text) = std::str::from_utf8(bytes) else { return whole };
    let caller = serde_json::json!({ "who": "caller", "text": text });
    let boxed = serde_json::json!({ "who": "box", "text": text });
    let tool = serde_json::json!({ "who": "tool", "number": 1, "name": "book", "ok": true, "result": [text] });
    let yes = serde_json::json!({ "who": "caller", "text": "yes" });
    let [caller, boxed, tool] = [vec![&caller], vec![&boxed, &yes], vec![&tool]].map(|messages| {
        let request = serde_json::json!({ "v": 2, "intent": "book", "step": "open", "messages": messages });
        let offer = serde_json::json!({ "turn": 1, "synthetic": true, "request": request }).to_string();
        passes(offer.into_bytes())
    });
    assert_eq!(caller, tool, "a text is read the same wherever it stands");
    assert!(!caller || boxed, "what a caller may say the box may say too");
    if !caller {
        return whole | boxed;
    }
    let mut end = 0;
    let mut outside = String::new();
    for (range, _) in placeholder::find_all(text) {
        outside.push_str(text.get(end..range.start).unwrap_or_default());
        end = range.end;
    }
    outside.push_str(text.get(end..).unwrap_or_default());
    let telling = |c: char| c.is_numeric() || c == '@';
    assert!(!outside.contains(telling), "an identifier's shape passed the second check");
    true
}

/// What a cloud model's provider answers: a stream, and the body of an answer that is none. The first byte chooses the
/// format.
#[must_use]
pub fn provider(bytes: &[u8]) -> bool {
    let Some((format, stream)) = chosen(bytes, &Format::ALL) else { return false };
    for status in [400, 401, 403, 404, 429, 500, 529] {
        assert!(!status_error(format, status, stream).as_str().is_empty());
    }
    let whole = answer(format, stream, stream.len().max(1));
    for size in [1, 7, 64] {
        assert_eq!(answer(format, stream, size), whole, "how a stream is cut changes nothing");
    }
    whole.is_some()
}

/// Every piece of an answer that came whole, read in parts of that many bytes; `None` for an answer that did not.
fn answer(format: Format, stream: &[u8], size: usize) -> Option<Vec<Piece>> {
    let mut decoder = Decoder::new(format);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut error = None;
    for part in stream.chunks(size) {
        match decoder.push(part) {
            Ok(more) => pieces.extend(more),
            Err(first) => {
                assert_eq!(decoder.push(part), Err(first), "an error is repeated");
                error = Some(first);
                break;
            }
        }
        promised(&pieces);
    }
    let over = matches!(pieces.last(), Some(Piece::Done { .. }));
    assert!(!over || decoder.has_begun());
    // Nothing is used and nothing is over unless the answer is whole at that moment.
    assert_eq!(decoder.finish().err(), error.or((!over).then_some(StreamError::Truncated)));
    (over && error.is_none()).then_some(pieces)
}

/// What holds of the pieces of any answer, as far as it has come.
fn promised(pieces: &[Piece]) {
    let (mut text, mut uses) = (0, 0);
    for (at, piece) in pieces.iter().enumerate() {
        let next = pieces.get(at + 1);
        match piece {
            Piece::Text(more) => {
                assert!(!more.is_empty() && uses == 0);
                text += more.len();
            }
            Piece::Use { name, arguments, opaque } => {
                uses += 1;
                assert!(!name.is_empty() && arguments.is_object() && opaque.is_some());
                assert!(matches!(next, Some(Piece::Use { .. } | Piece::Done { .. })), "a use without the answer's end");
            }
            Piece::Done { stop, .. } => {
                assert_eq!(next, None, "a piece after the end");
                assert_eq!(*stop == Stop::Tools, uses > 0, "uses come with the end that says so");
            }
        }
    }
    assert!(text <= MAX_TEXT && uses <= MAX_USES);
}

/// Streams of events.
#[must_use]
pub fn sse(bytes: &[u8]) -> bool {
    let whole = events(bytes, bytes.len().max(1));
    for size in [1, 5] {
        assert_eq!(events(bytes, size), whole, "how a stream is cut changes nothing");
    }
    let Some((read, _)) = whole else { return false };
    for event in &read {
        let mut written = format!("event: {}\n", event.name);
        for line in event.data.split('\n') {
            written.push_str(&format!("data: {line}\n"));
        }
        written.push('\n');
        assert_eq!(events(written.as_bytes(), written.len()), Some((vec![event.clone()], true)), "an event reads back");
    }
    !read.is_empty()
}

/// The events of a stream, read in parts of that many bytes, and whether it ended between two; `None` where it breaks.
fn events(bytes: &[u8], size: usize) -> Option<(Vec<Event>, bool)> {
    let mut parser = sse::Parser::new();
    let mut events = Vec::new();
    for part in bytes.chunks(size) {
        events.extend(parser.push(part).ok()?);
    }
    Some((events, parser.finish().is_ok()))
}

/// Pieces of a model's answer, as airlockd hands them to the brain.
#[must_use]
pub fn thought(bytes: &[u8]) -> bool {
    let Some(read) = read_thought(bytes) else { return false };
    let written = match &read {
        Thought::Said(text) => serde_json::json!({ "piece": "said", "text": text.as_str() }),
        Thought::Use(used) => {
            serde_json::json!({ "piece": "use", "number": used.number, "name": used.name, "args": used.args })
        }
        Thought::Whole => serde_json::json!({ "piece": "whole" }),
        // The word is one of a closed set, whatever came.
        Thought::Failed(why) => serde_json::json!({ "piece": "failed", "why": why }),
    };
    let again = read_thought(written.to_string().as_bytes());
    match (read, again) {
        // Reading a number with a point back may change its last digit.
        (Thought::Use(one), Some(Thought::Use(two))) => {
            assert_eq!((one.number, &one.name, one.args.len()), (two.number, &two.name, two.args.len()));
        }
        (one, two) => assert_eq!(Some(one), two, "what is written reads back"),
    }
    true
}

/// The register of agreements, and an approval added to it. What follows a NUL is the officer's name.
#[must_use]
pub fn agreements(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (text, officer) = text.split_once('\0').unwrap_or((text, "A. Officer"));
    let register = match Register::parse(text) {
        Ok(register) => register,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a word");
            return false;
        }
    };
    let today = jiff::civil::date(2026, 11, 27);
    let (prompt, vocabulary) = ("0a".repeat(32), "0b".repeat(32));
    for lan in [false, true] {
        let (catalogue, vocabulary) = (prompt.as_str(), vocabulary.as_str());
        let asked = Asked { endpoint: "main", region: "us", lan, zero_retention: true, today, catalogue, vocabulary };
        let before = register.standing(&asked);
        let approval = Approval {
            endpoint: asked.endpoint.to_owned(),
            officer: officer.to_owned(),
            on: today,
            prompt: prompt.clone(),
            vocabulary: vocabulary.to_owned(),
        };
        // Not added where the name is none, or the file has a list that cannot be added to.
        let Ok(added) = with_approval(text, &approval) else { continue };
        assert!(added.starts_with(text), "what stood there stays");
        let Ok(register) = Register::parse(&added) else { unreachable!("what is written reads back") };
        let after = register.standing(&asked);
        assert!(!lan || after.as_ref().is_ok_and(|open| open.officer == officer), "the approval counts");
        assert!(before.is_err() || after.is_ok(), "a further approval shuts no door");
    }
    true
}

/// Price lists.
#[must_use]
pub fn prices(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let prices = match Prices::parse(text) {
        Ok(prices) => prices,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a word");
            return false;
        }
    };
    // The model that the rows of the corpus name.
    let Some(price) = prices.price("p", "m", "us", jiff::civil::date(2026, 11, 27)) else { return !prices.is_empty() };
    for tokens in [0, 1, 999_999, 200_001, u64::MAX / 4] {
        for (input, cache_read, cache_write) in
            [(tokens, 0, 0), (0, tokens, 0), (0, 0, tokens), (tokens, tokens, tokens)]
        {
            let spent = Tokens {
                input: Some(input),
                output: Some(tokens),
                cache_read: Some(cache_read),
                cache_write: Some(cache_write),
            };
            let whole = input + cache_read + cache_write;
            let cost = price.cost(&spent);
            assert!(
                cost.is_some_and(|cost| cost <= price.worst(whole, tokens)),
                "nothing costs more than was reserved"
            );
        }
    }
    true
}

/// URLs of endpoints, of the cloud and of the clinic's own network.
#[must_use]
pub fn endpoint(bytes: &[u8]) -> bool {
    let Ok(url) = std::str::from_utf8(bytes) else { return false };
    let [cloud, lan] = [false, true].map(|lan| {
        let endpoint = Endpoint::parse(url, lan).ok()?;
        let scheme = if endpoint.is_secure() { "https" } else { "http" };
        let host = endpoint.host();
        let host = if host.contains(':') { format!("[{host}]") } else { host };
        let again = Endpoint::parse(&format!("{scheme}://{host}:{}", endpoint.port()), lan);
        let same = |again: &Endpoint| again.host() == endpoint.host() && again.port() == endpoint.port();
        assert!(again.is_ok_and(|again| same(&again)), "its parts name the same place");
        Some(endpoint)
    });
    if let Some(cloud) = &cloud {
        let host = cloud.host();
        assert!(cloud.is_secure() && host.contains('.'), "a cloud endpoint has TLS and a whole name");
        assert!(host.parse::<std::net::IpAddr>().is_err(), "a cloud endpoint that is an address");
        assert!(lan.is_some(), "the clinic's own network takes every name that the cloud has");
    }
    lan.is_some()
}

/// Words with a closed set of spellings: placeholders, expectations, voices, call ids.
#[must_use]
pub fn names(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut found = false;
    for (range, placeholder) in placeholder::find_all(text) {
        assert_eq!(text.get(range), Some(placeholder.to_string().as_str()), "one spelling for one placeholder");
        found = true;
    }
    let expecting = text.parse::<Expecting>();
    assert!(expecting.as_ref().map_or(true, |expecting| expecting.as_str() == text));
    found | expecting.is_ok() | text.parse::<VoiceChoice>().is_ok() | text.parse::<CallId>().is_ok()
}

/// Datagrams at the port of a call's sound, of two sources: each 32 bytes or less, a length in front. A frame comes out
/// every 20 ms whatever comes in.
#[must_use]
pub fn rtp(bytes: &[u8]) -> bool {
    let at = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let agreed = Agreed {
        law: Law::Mu,
        payload_type: 0,
        both_laws: true,
        key_type: Some(101),
        noise: true,
        described: at(4_000),
        secure: false,
    };
    let mut receiver = Receiver::new(agreed);
    let (mut rest, mut now, mut taken) = (bytes, std::time::Duration::ZERO, false);
    while let Some((length, behind)) = rest.split_first() {
        let (datagram, behind) = behind.split_at(usize::from(*length % 33).min(behind.len()));
        rest = behind;
        now += std::time::Duration::from_millis(u64::from(*length));
        let from = at(if *length & 0x80 == 0 { 4_000 } else { 4_001 });
        taken |= !matches!(receiver.receive(from, datagram, now), Heard::Ignored(_));
        let (frame, _) = receiver.next(now);
        assert_eq!(frame.samples().len(), 160);
    }
    taken
}

/// Reports on a call's sound, of anybody.
#[must_use]
pub fn rtcp(bytes: &[u8]) -> bool {
    anteroom::line::rtp::rtcp::parse(bytes).is_ok()
}

/// Descriptions of a peer's sound, as an offer and as an answer, with and without encryption.
#[must_use]
pub fn sdp(bytes: &[u8]) -> bool {
    let home = std::net::IpAddr::from([127, 0, 0, 1]);
    let key = "1 AES_CM_128_HMAC_SHA1_80 inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let mut accepted = false;
    for srtp in [Srtp::Off, Srtp::Prefer, Srtp::Require] {
        let mut local = Local::new(home, 4_000, 7, srtp);
        if let Ok((ours, remote)) = local.answer(bytes, Some(key), false) {
            accepted = true;
            assert!((10..=60).contains(&remote.ptime_ms), "a length of packets that is bearable");
            assert!(ours.starts_with("v=0\r\n") && ours.ends_with("\r\n"));
        }
        let _ = local.offer(Direction::SendRecv, Some(key));
        accepted |= local.accept(bytes).is_ok();
    }
    accepted
}

/// Who calls, as headers say it: one line of From, P-Asserted-Identity, Privacy and Diversion each.
#[must_use]
pub fn caller_id(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut lines = text.lines();
    let (from, asserted, privacy) = (lines.next().unwrap_or_default(), lines.next(), lines.next());
    let asserted: Vec<&str> = asserted.into_iter().collect();
    let diverted = identity::diverted_from(&lines.collect::<Vec<_>>(), &[]);
    let mut found = diverted.is_some();
    for trusts in [false, true] {
        let caller = identity::caller(from, &asserted, privacy, trusts);
        found |= !caller.number.is_empty();
    }
    found
}

/// The choice that the first byte makes, and the rest.
fn chosen<'a, T: Copy>(bytes: &'a [u8], choices: &[T]) -> Option<(T, &'a [u8])> {
    let (first, rest) = bytes.split_first()?;
    let at = usize::from(*first).checked_rem(choices.len())?;
    Some((*choices.get(at)?, rest))
}

/// The result of a future that never waits, since it reads from memory.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("reading from memory never waits"),
    }
}
