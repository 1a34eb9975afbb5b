//! Whole calls with a model as the thinker: a small one of the test's own, in this process, on 127.0.0.1.
//!
//! It knows one call, and how to fail. What real wire formats and many failures do is tried against a peer of its own by
//! `make test-airlock`; what is here needs nothing that is not here.

#![expect(clippy::disallowed_methods, reason = "the model lives as long as the test that asks it")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anteroom::caller::typist::Typist;
use anteroom::cli::home::Home;
use anteroom::cli::model_peer::open_doors;
use anteroom::clock::{Clock, SystemClock};
use anteroom::config::RecogniserKind;
use anteroom::secret::Secret;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::boxed::{Boxed, folder, scenario};

/// How a model behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    /// As it should.
    Well,
    /// It says a sentence and a half and hangs up.
    BreaksOff,
    /// It uses a tool and hangs up in the middle of it.
    BreaksOffInATool,
    /// It takes the request and says nothing.
    Silent,
    /// It is asked too much.
    Busy,
}

/// A model that speaks OpenAI's chat format.
struct Model {
    port: u16,
    bodies: Arc<Mutex<Vec<String>>>,
    /// When each connection that it left waiting was closed by the other side.
    closed: Arc<Mutex<Vec<Instant>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Model {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let bodies = Arc::new(Mutex::new(Vec::new()));
        let closed = Arc::new(Mutex::new(Vec::new()));
        let notes = (Arc::clone(&bodies), Arc::clone(&closed));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, closed) = notes.clone();
                tokio::spawn(async move { serve(stream, manner, &kept, &closed).await });
            }
        });
        Self { port, bodies, closed, task }
    }

    fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, manner: Manner, kept: &Mutex<Vec<String>>, closed: &Mutex<Vec<Instant>>) {
    while let Some(body) = request(&mut stream).await {
        kept.lock().unwrap().push(body.clone());
        let answer = answer(&serde_json::from_str(&body).unwrap());
        let busy = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n";
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        let events = events(&answer);
        match manner {
            Manner::Silent => {
                let _ = stream.read(&mut [0]).await;
                closed.lock().unwrap().push(SystemClock.now());
                return;
            }
            Manner::Busy => stream.write_all(busy.as_bytes()).await.unwrap_or_default(),
            Manner::Well => {
                let sent = format!("{head}{:x}\r\n{events}\r\n0\r\n\r\n", events.len());
                stream.write_all(sent.as_bytes()).await.unwrap_or_default();
            }
            Manner::BreaksOff | Manner::BreaksOffInATool => {
                let half = if manner == Manner::BreaksOff {
                    delta(&json!({ "content": "Let me look into that. I " }))
                } else {
                    let function = json!({ "name": "book", "arguments": "{\"patient\":\"[PAT" });
                    delta(
                        &json!({ "tool_calls": [{ "index": 0, "id": "a", "type": "function", "function": function }] }),
                    )
                };
                let sent = format!("{head}{:x}\r\n{half}\r\n", half.len());
                let _ = stream.write_all(sent.as_bytes()).await;
                return;
            }
        }
    }
}

/// The body of the next request.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0_usize) {
                return Some(body.to_owned());
            }
        }
        let mut more = [0; 4096];
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&more[..read]),
        }
    }
}

fn delta(delta: &Value) -> String {
    let chunk = json!({ "id": "1", "object": "chat.completion.chunk", "model": "small-1", "choices": [{ "index": 0, "delta": delta }] });
    format!("data: {chunk}\n\n")
}

/// What it says, and the tool that it uses: enough to book an appointment.
fn answer(request: &Value) -> (&'static str, Option<(&'static str, Value)>) {
    let messages = request["messages"].as_array().unwrap();
    let last = messages.last().unwrap();
    let text = last["content"].as_str().unwrap_or_default();
    let expect = |answer: &str| Some(("expect", json!({ "answer": answer })));
    let slot = |slot: &str| json!({ "patient": "[PATIENT_1]", "slot": slot });
    if last["role"] == "tool" {
        return match text {
            _ if text.contains("PATIENT_1") => ("Which day would suit you?", expect("day")),
            _ if text.contains("ID_1") => ("You are booked for [SLOT_1]. Is there anything else?", expect("anything")),
            _ => ("I have [SLOT_1]. Shall I book it?", expect("yes-no")),
        };
    }
    match text {
        _ if text.contains("appointment") => ("", Some(("identify", json!({})))),
        _ if text.contains("DATE") => ("", Some(("find_slots", json!({ "day": "[DATE_2]" })))),
        _ if text.contains("yes") => ("", Some(("book", slot("[SLOT_1]")))),
        _ => ("Goodbye.", Some(("end_call", json!({})))),
    }
}

fn events((text, used): &(&str, Option<(&str, Value)>)) -> String {
    let mut events = String::new();
    if !text.is_empty() {
        events.push_str(&delta(&json!({ "content": text })));
    }
    if let Some((name, args)) = used {
        let function = json!({ "name": name, "arguments": args.to_string() });
        let call = json!({ "index": 0, "id": "call_1", "type": "function", "function": function });
        events.push_str(&delta(&json!({ "tool_calls": [call] })));
    }
    let reason = if used.is_some() { "tool_calls" } else { "stop" };
    let usage = json!({ "prompt_tokens": 900, "completion_tokens": 20 });
    let last =
        json!({ "id": "1", "model": "small-1", "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] });
    let used = json!({ "id": "1", "model": "small-1", "choices": [], "usage": usage });
    events.push_str(&format!("data: {last}\n\ndata: {used}\n\ndata: [DONE]\n\n"));
    events
}

/// A box that asks the models at these ports, one after the other.
async fn boxed(mode: &str, ports: &[u16]) -> Boxed {
    let mut section = format!(
        "[airlock]\nmode = \"{mode}\"\nregistry = \"agreements.toml\"\nprices = \"prices.toml\"\nfirst-token-ms = 700\n"
    );
    for (number, port) in ports.iter().enumerate() {
        section.push_str(&format!(
            "[airlock.endpoints.m{number}]\nformat = \"openai-chat\"\nurl = \"http://127.0.0.1:{port}\"\nlan = true\nregion = \"us\"\n"
        ));
    }
    let models: Vec<String> = (0..ports.len()).map(|number| format!("\"m{number}/small-1\"")).collect();
    section.push_str(&format!("[airlock.tiers]\nsimple = [{}]\n", models.join(", ")));
    let folder = folder();
    let home = Home::make_with(&folder, RecogniserKind::PocketSphinx, &section).unwrap();
    open_doors(&folder, &home.config).unwrap();
    Boxed::of(home).await
}

/// Plays the booking; returns the ledger's outcomes.
async fn booked(boxed: &Boxed) -> Vec<String> {
    let scenario = scenario("booking");
    let report = boxed.typed(&scenario).await.unwrap_or_else(|error| panic!("{error}\n{}", boxed.log()));
    let shortfalls = report.shortfalls(&scenario.expect);
    if !shortfalls.is_empty() {
        panic!("{shortfalls:#?}\n{}", boxed.story().await);
    }
    let events = boxed.events_of_the_last().await;
    let books = events.iter().filter(|event| event["kind"] == "tool.call" && event["body"]["tool"] == "book").count();
    if books != 1 {
        panic!("{books} writes for one yes\n{}", boxed.story().await);
    }
    let replies = events.iter().filter(|event| event["kind"] == "wire.reply");
    replies.map(|event| event["body"]["outcome"].as_str().unwrap_or("?").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_books_an_appointment_and_sees_placeholders_only() {
    let model = Model::start(Manner::Well).await;
    let boxed = boxed("open", &[model.port]).await;
    let outcomes = booked(&boxed).await;
    let events = boxed.events_of_the_last().await;
    let (whole, report) = boxed.verified().await;
    boxed.stop().await;
    assert!(whole, "{report}");
    assert_eq!(outcomes, ["tools"; 7]);
    let bodies = model.bodies();
    let sent: Vec<&str> = events
        .iter()
        .filter(|event| event["kind"] == "wire.request")
        .map(|event| event["body"]["body"].as_str().unwrap())
        .collect();
    assert_eq!(bodies, sent, "what the ledger holds is what arrived");
    for identifier in scenario("booking").expect.identifiers {
        assert!(!bodies.concat().to_lowercase().contains(&identifier.to_lowercase()), "{identifier} left");
    }
    let cost =
        events.iter().filter(|event| event["kind"] == "wire.reply").filter(|event| event["body"]["cost"].is_null());
    assert_eq!(cost.count(), 7, "nobody knows the price of this model: it is not zero");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_that_rehearses_asks_nobody() {
    let model = Model::start(Manner::Well).await;
    let boxed = boxed("rehearsal", &[model.port]).await;
    assert!(booked(&boxed).await.is_empty());
    let kept = boxed.events_of_the_last().await.into_iter().filter(|event| event["kind"] == "wire.withheld").count();
    boxed.stop().await;
    assert!(kept >= 5, "{kept} requests were kept");
    assert!(model.bodies().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_fails_leaves_the_call_to_the_next_and_then_to_the_box() {
    for manner in [Manner::BreaksOff, Manner::BreaksOffInATool, Manner::Silent, Manner::Busy] {
        let (model, other) = (Model::start(manner).await, Model::start(Manner::Well).await);
        let behind = boxed("open", &[model.port, other.port]).await;
        let outcomes = booked(&behind).await;
        behind.stop().await;
        assert!(outcomes.iter().any(|outcome| outcome != "tools" && outcome != "answered"), "{manner:?}: {outcomes:?}");

        let alone = boxed("open", &[model.port]).await;
        booked(&alone).await;
        alone.stop().await;
    }
    // A port at which nobody listens.
    let gone = Model::start(Manner::Well).await.port;
    let nobody = boxed("open", &[gone]).await;
    let outcomes = booked(&nobody).await;
    nobody.stop().await;
    assert!(outcomes.iter().all(|outcome| outcome == "connect"), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_on_talking_closes_the_models_connection_at_once() {
    let model = Model::start(Manner::Silent).await;
    let boxed = boxed("open", &[model.port]).await;
    let mut caller = Typist::ring(boxed.run(), Secret::new(""), Arc::new(SystemClock)).await.unwrap();
    caller.say(Secret::new("what are your hours")).await.unwrap();
    until(|| model.bodies().len() == 1).await;
    let went_on = SystemClock.now();
    caller.say(Secret::new("i mean on a holiday")).await.unwrap();
    until(|| !model.closed.lock().unwrap().is_empty()).await;
    let closed = model.closed.lock().unwrap()[0].saturating_duration_since(went_on);
    // The second of the two was asked with both sentences.
    until(|| model.bodies().len() == 2).await;
    caller.hang_up().await.unwrap();
    until(|| model.closed.lock().unwrap().len() == 2).await;
    boxed.stop().await;
    println!("the provider's connection was closed {} ms after the caller went on", closed.as_millis());
    assert!(model.bodies()[1].contains("what are your hours"), "{}", model.bodies()[1]);
}

/// Waits until something is so; for ever is too long.
async fn until(is: impl Fn() -> bool) {
    let so = async {
        while !is() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), so).await.expect("it never was so");
}
