//! The leak test that a sceptic accepts: thousands of callers full of identifiers, and every byte that left.
//!
//! Three places are searched for each call: what redaction alone would have let out, every byte that crossed airlockd's
//! socket, and every byte that reached the model peer. `ANTEROOM_CALLS` is how many typed calls there are (2,000), and
//! `ANTEROOM_SPOKEN` how many more are spoken (100). The same search finds a leak that is planted.

use std::collections::BTreeMap;

use serde_json::Value;

use super::canaries::{CERTAIN, Caller, Canary, Searched};
use super::{Open, share, strings};
use crate::boxed::scenario;

/// Calls of one box: after these its appointments are taken.
const CALLS_A_BOX: u64 = 100;

/// What was found, by class.
#[derive(Default)]
struct Tally {
    calls: u64,
    /// By class: calls in which redaction alone would have let something out, in which it crossed the socket, and in which
    /// it reached the peer.
    found: [BTreeMap<&'static str, u64>; 3],
    /// Calls with anything found, for each place.
    any: [u64; 3],
    requests: u64,
    refused: u64,
    examples: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        for (place, found) in other.found.into_iter().enumerate() {
            for (class, count) in found {
                *self.found[place].entry(class).or_default() += count;
            }
            self.any[place] += other.any[place];
        }
        self.requests += other.requests;
        self.refused += other.refused;
        self.examples.extend(other.examples);
    }

    fn search(&mut self, canaries: &[Canary], places: [&str; 3]) {
        self.calls += 1;
        for (place, text) in places.into_iter().enumerate() {
            let searched = Searched::of(text);
            let mut classes: Vec<&'static str> =
                canaries.iter().filter(|canary| searched.holds(canary)).map(|canary| canary.class).collect();
            if place > 0 {
                let found = canaries.iter().filter(|canary| searched.holds(canary));
                self.examples.extend(found.map(|canary| format!("place {place}: {} {:?}", canary.class, canary.said)));
            }
            classes.sort_unstable();
            classes.dedup();
            self.any[place] += u64::from(!classes.is_empty());
            for class in classes {
                *self.found[place].entry(class).or_default() += 1;
            }
        }
    }

    fn print(&self, what: &str) {
        println!(
            "{what}: {} calls, {} requests to the model, {} refused by the second check",
            self.calls, self.requests, self.refused
        );
        println!("calls in 10,000 with an identifier (95 % upper bound):");
        println!("{:<12} {:>24} {:>24} {:>24}", "class", "redaction alone", "crossed airlockd", "reached the peer");
        let classes: std::collections::BTreeSet<_> = self.found.iter().flat_map(BTreeMap::keys).copied().collect();
        let cell = |count: u64| {
            let (rate, bound) = (share(count, self.calls), upper_bound(count, self.calls));
            format!("{count} = {:.1} (<= {:.1})", rate * 10_000.0, bound * 10_000.0)
        };
        for class in classes {
            let counts = [0, 1, 2].map(|place| cell(self.found[place].get(class).copied().unwrap_or_default()));
            println!("{class:<12} {:>24} {:>24} {:>24}", counts[0], counts[1], counts[2]);
        }
        let counts = self.any.map(cell);
        println!("{:<12} {:>24} {:>24} {:>24}", "any", counts[0], counts[1], counts[2]);
    }
}

/// The exact upper 95 % bound on a rate (Clopper and Pearson, one-sided), by bisection.
#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn upper_bound(found: u64, of: u64) -> f64 {
    let at_most = |rate: f64| {
        let (mut term, mut sum) = ((1.0 - rate).powf(of as f64), 0.0);
        for k in 0..=found {
            sum += term;
            term *= (of - k) as f64 / (k + 1) as f64 * rate / (1.0 - rate);
        }
        sum
    };
    let (mut low, mut high) = (0.0, 1.0 - 1e-12);
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if at_most(middle) > 0.05 { low = middle } else { high = middle }
    }
    high
}

/// Plays the callers numbered `seeds`, a box after the other.
async fn play(seeds: std::ops::Range<u64>, spoken: bool) -> Tally {
    let mut tally = Tally::default();
    let seeds: Vec<u64> = seeds.collect();
    for some in seeds.chunks(usize::try_from(CALLS_A_BOX).unwrap()) {
        let mut open = Open::start_spied(&["openai-chat/receptionist-1"], "").await;
        for &seed in some {
            let caller = Caller::new(seed);
            let report =
                if spoken { open.boxed.call(&caller.scenario).await } else { open.boxed.typed(&caller.scenario).await };
            if let Err(error) = report {
                panic!("call {seed}: {error}\n{}", open.boxed.log());
            }
            let events = open.boxed.events_of_the_last().await;
            let redacted = alone(&events);
            let crossed = open.crossed();
            let arrived: Vec<String> = open.arrived_since().iter().map(|body| dynamic(body)).collect();
            tally.requests += u64::try_from(arrived.len()).unwrap();
            tally.refused +=
                u64::try_from(events.iter().filter(|event| event["kind"] == "wire.refused").count()).unwrap();
            // What the clinic tells everybody is no caller's: a mill may stand in its address and be somebody's employer.
            let clinic = &open.boxed.home.config.clinic;
            let [redacted, crossed, arrived] = [redacted, crossed, arrived.join("\n")].map(|text| {
                let own = [&clinic.name, &clinic.address, &clinic.hours];
                own.into_iter().fold(text, |text, own| text.replace(own.as_str(), " "))
            });
            tally.search(&caller.canaries, [&redacted, &crossed, &arrived]);
        }
        open.stop().await;
    }
    tally
}

/// What would leave without the second check and its vocabulary: the redacted words where the box had not asked for an
/// identifier.
fn alone(events: &[Value]) -> String {
    let mut text = String::new();
    let mut identity = false;
    for event in events {
        match event["kind"].as_str() {
            Some("heard") => {
                let expecting = event["body"]["expecting"].as_str().unwrap_or_default();
                identity = !matches!(expecting, "anything" | "yes-no" | "date");
            }
            Some("redacted") if !identity => {
                text.push_str(event["body"]["text"].as_str().unwrap_or_default());
                text.push('\n');
            }
            _ => {}
        }
    }
    text
}

/// The texts of a request that are not airlockd's own: everything but instructions and tools.
fn dynamic(body: &[u8]) -> String {
    let mut value: Value = serde_json::from_slice(body).unwrap();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("tools");
        if let Some(messages) = fields.get_mut("messages").and_then(Value::as_array_mut) {
            messages.retain(|message| message["role"] != "system" && message["role"] != "developer");
        }
    }
    forget_ids(&mut value);
    strings(&value).join("\n")
}

/// Takes out the ids of tool uses: the peer made them up, of letters and digits, and is given them back.
fn forget_ids(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|key, _| !matches!(key.as_str(), "id" | "tool_call_id"));
            fields.values_mut().for_each(forget_ids);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_ids),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn count(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|count| count.parse().ok()).unwrap_or(default)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make test-airlock"]
async fn no_identifier_of_thousands_of_callers_reaches_the_model() {
    let calls = count("ANTEROOM_CALLS", 2_000);
    let (one, other) = tokio::join!(play(0..calls / 2, false), play(calls / 2..calls, false));
    let mut tally = one;
    tally.add(other);
    tally.print("typed calls");
    let spoken = play(1_000_000..1_000_000 + count("ANTEROOM_SPOKEN", 100), true).await;
    spoken.print("spoken calls");
    tally.add(spoken);
    tally.print("all calls");
    for example in tally.examples.iter().take(20) {
        println!("{example}");
    }
    assert!(tally.requests > tally.calls, "hardly anything was asked: nothing is shown");
    for class in CERTAIN {
        assert_eq!(tally.found[2].get(class), None, "{class} reached the peer");
    }
    let bar = 10.0;
    let rate = share(tally.any[2], tally.calls) * 10_000.0;
    assert!(rate <= bar, "{rate:.1} calls in 10,000 leak");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "make test-airlock"]
async fn a_planted_leak_is_found_by_the_same_search() {
    let mut open = Open::start_spied(&["openai-chat/receptionist-1"], "").await;
    open.boxed.typed(&scenario("booking")).await.unwrap();
    let body = open.arrived_since().pop().expect("a request was made");
    open.stop().await;
    let clean = String::from_utf8(body).unwrap();
    for seed in 0..200 {
        for canary in Caller::new(seed).canaries {
            assert!(!Searched::of(&dynamic(clean.as_bytes())).holds(&canary), "{canary:?} in a clean request");
            // In the place of the caller's first words, as a careless change of the program would put it there.
            let planted = clean.replacen("i would like to book an appointment", &canary.said, 1);
            assert_ne!(planted, clean, "nothing was planted");
            // What is wholly made of listed words ("rose park") can only be found whole.
            assert!(Searched::of(&dynamic(planted.as_bytes())).holds(&canary), "{canary:?} was not found");
        }
    }
}

#[test]
fn the_bound_is_the_exact_one() {
    assert!((upper_bound(0, 2_000) - 0.001_497).abs() < 1e-5);
    assert!((upper_bound(1, 100) - 0.046_56).abs() < 1e-4);
}
