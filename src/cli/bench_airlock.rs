//! `anteroom bench airlock`: what the airlock adds to a model's answer.
//!
//! In:  the model peer, asked by turns through airlockd and directly, by the same HTTP client and with the same request.
//! Out: for both the times to the first sentence and to the end, and what lies between them. airlockd checks, writes the
//! request to the disk, and only then sends.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use super::Failure;
use super::exit::Exit;
use super::model_peer::{ModelPeer, open_doors};
use super::own_box::OwnBox;
use crate::airlock::catalogue::Catalogue;
use crate::airlock::provider::{self, Ask, Decoder, Dialect, Format, Message, Piece};
use crate::clock::{Clock, SystemClock};
use crate::converse::{Thought, thought};
use crate::http::{Endpoint, Http};
use crate::ids::CallId;
use crate::wire::doors::Role;
use crate::wire::stream::Stream;
use crate::wire::{Airlock, Door};

/// Options of `bench airlock`.
#[derive(clap::Args)]
pub struct BenchAirlock {
    /// How often each way is taken.
    #[arg(long, default_value_t = 200)]
    rounds: usize,
}

/// What the caller of the benchmark says: an answer of two sentences.
const WORDS: &str = "what are your hours";
const PATIENCE: Duration = Duration::from_secs(10);

/// Times of one way.
#[derive(Default)]
struct Way {
    first: Vec<Duration>,
    whole: Vec<Duration>,
}

/// Runs the benchmark.
///
/// # Errors
/// [`Failure`]: the peer is not there, or the box does not start.
pub async fn run(bench: &BenchAirlock, out: &mut dyn Write) -> Result<Exit, Failure> {
    let scratch = std::env::temp_dir().join(format!("anteroom-bench-peer-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).map_err(|error| Failure::file(&scratch, error))?;
    let peer = ModelPeer::start(&scratch).await.map_err(Failure::because)?;
    // A benchmark is one call whose turns would reach the ceilings of a real one.
    let section = peer.section(&["openai-chat/receptionist-1"])
        + "[airlock.ceilings]\nturn-microdollars = 1000000000\ncall-microdollars = 1000000000\n";
    let own = OwnBox::start_with("bench-airlock", &section, open_doors).await?;
    let catalogue = Catalogue::new(&own.home.config.clinic);
    let direct = Http::new(
        Endpoint::parse(&format!("http://127.0.0.1:{}", peer.port), true).map_err(Failure::because)?,
        None,
        PATIENCE,
    )
    .map_err(Failure::because)?;
    let (mut through, mut beside) = (Way::default(), Way::default());
    let mut failed = 0_usize;
    // By turns, so that whatever else the machine does falls on both; the first of each only warms up.
    for round in 0..bench.rounds.saturating_add(1) {
        match (through_airlockd(own.run()).await, directly(&direct, &catalogue).await) {
            (Some(one), Some(other)) if round > 0 => {
                through.note(one);
                beside.note(other);
            }
            (Some(_), Some(_)) => {}
            (None, _) | (_, None) => failed = failed.saturating_add(1),
        }
    }
    own.stop().await;
    drop(peer);
    let _ = std::fs::remove_dir_all(&scratch);
    report(through, beside, failed, out)
}

impl Way {
    fn note(&mut self, (first, whole): (Duration, Duration)) {
        self.first.push(first);
        self.whole.push(whole);
    }
}

fn report(mut through: Way, mut beside: Way, failed: usize, out: &mut dyn Write) -> Result<Exit, Failure> {
    writeln!(out, "{} rounds each way, by turns, {failed} failed", through.first.len())?;
    let mut line = |what: &str, through: &mut Vec<Duration>, beside: &mut Vec<Duration>| {
        through.sort_unstable();
        beside.sort_unstable();
        let figures = [50, 99].map(|percent| {
            let (one, other) = (at(through, percent), at(beside, percent));
            let (ms, direct) = (one.as_secs_f64() * 1e3, other.as_secs_f64() * 1e3);
            format!("p{percent} {ms:.1} ms against {direct:.1} ms ({:.2} times)", ms / direct.max(1e-6))
        });
        writeln!(out, "{what}: {}", figures.join("; "))
    };
    line("first sentence, through airlockd against a direct client", &mut through.first, &mut beside.first)?;
    line("whole answer, through airlockd against a direct client", &mut through.whole, &mut beside.whole)?;
    Ok(if failed == 0 { Exit::Well } else { Exit::Failed })
}

/// The value that so many percent do not exceed.
fn at(sorted: &[Duration], percent: usize) -> Duration {
    let index = sorted.len().saturating_mul(percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

fn now() -> Instant {
    SystemClock.now()
}

/// Asks as anteroomd does.
async fn through_airlockd(run: &Path) -> Option<(Duration, Duration)> {
    let message = serde_json::json!({ "who": "caller", "text": WORDS });
    let request = serde_json::json!({ "v": 2, "intent": "question", "step": "open", "messages": [message] });
    let body = serde_json::json!({ "turn": 1, "synthetic": true, "request": request }).to_string().into_bytes();
    let began = now();
    let mut stream = Stream::<Airlock>::open(run, Role::Anteroomd, "think", Some(CallId::draw()), body).await.ok()?;
    let mut first = None;
    loop {
        let piece = tokio::time::timeout(PATIENCE, stream.next()).await.ok()?.ok()?;
        match thought(&piece)? {
            Thought::Said(_) => {
                first.get_or_insert(now().saturating_duration_since(began));
            }
            Thought::Use(_) => {}
            Thought::Whole => return Some((first?, now().saturating_duration_since(began))),
            Thought::Failed(why) => {
                tracing::error!(door = Airlock::NAME, why, "no answer");
                return None;
            }
        }
    }
}

/// Asks the peer itself, with the same static parts.
async fn directly(http: &Http, catalogue: &Catalogue) -> Option<(Duration, Duration)> {
    let messages = [Message::Caller(WORDS.to_owned())];
    let ask = Ask {
        model: "receptionist-1",
        system: catalogue.system(),
        tools: catalogue.tools(),
        messages: &messages,
        max_tokens: 300,
        api_version: "v1",
        dialect: Dialect { lan: true, ..Dialect::default() },
    };
    let began = now();
    let rendered = provider::render(Format::OpenAiChat, &ask);
    let headers: Vec<(&str, &str)> = rendered.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut answer = http.post(&rendered.path, &headers, None, rendered.body).await.ok()?;
    let mut decoder = Decoder::new(Format::OpenAiChat);
    let (mut text, mut first, mut whole) = (String::new(), None, None);
    while let Some(bytes) = answer.chunk().await.ok()? {
        for piece in decoder.push(&bytes).ok()? {
            match piece {
                Piece::Text(more) => {
                    text.push_str(&more);
                    // The same measure: a sentence is whole when the next begins.
                    if text.trim_end().contains(". ") {
                        first.get_or_insert(now().saturating_duration_since(began));
                    }
                }
                Piece::Use { .. } => {}
                Piece::Done { .. } => whole = Some(now().saturating_duration_since(began)),
            }
        }
    }
    let whole = whole?;
    Some((first.unwrap_or(whole), whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let ms: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!((at(&ms, 50), at(&ms, 99)), (Duration::from_millis(100), Duration::from_millis(198)));
        assert_eq!(at(&[], 99), Duration::ZERO);
    }
}
