//! The airlock with a model behind it: whole calls by text against the model peer, every byte of them counted.
//!
//! `make test-airlock` runs these: they need Node, and some thousand calls take their time.

mod canaries;
mod leak;
mod ledger;
mod outcomes;
mod scenarios;
mod spy;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use anteroom::cli::home::Home;
use anteroom::cli::model_peer::{ModelPeer, open_doors};
use anteroom::config::RecogniserKind;

use crate::boxed::Boxed;

static PEERS: AtomicU32 = AtomicU32::new(0);

/// A box whose doors are open to the peer, and the peer.
struct Open {
    boxed: Boxed,
    peer: ModelPeer,
    spy: Option<spy::Spy>,
    /// Requests of the journal that were looked at.
    seen: usize,
}

/// One request as it reached the peer.
#[derive(serde::Deserialize)]
struct Arrived {
    body_base64: String,
}

impl Open {
    /// A box that asks the peer's `models` ("format/model") in order; `more` is added to its `[airlock]`.
    async fn start(models: &[&str], more: &str) -> Self {
        let number = PEERS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("anteroom-airlock-{}-{number}", std::process::id()));
        let journal = folder.with_extension("peer");
        std::fs::create_dir_all(&journal).unwrap();
        let peer = ModelPeer::start(&journal).await.unwrap_or_else(|error| panic!("{error}"));
        let section = format!("{}{more}", peer.section(models));
        let home = Home::make_with(&folder, RecogniserKind::PocketSphinx, &section).unwrap();
        open_doors(&folder, &home.config).unwrap();
        Self { boxed: Boxed::of(home).await, peer, spy: None, seen: 0 }
    }

    /// The same, with every byte that crosses airlockd's socket kept.
    async fn start_spied(models: &[&str], more: &str) -> Self {
        let mut open = Self::start(models, more).await;
        open.spy = Some(spy::Spy::at(&open.boxed.run().join("airlock/from-anteroomd.sock")));
        open
    }

    /// The texts of what anteroomd said to airlockd since this was last asked.
    fn crossed(&self) -> String {
        self.spy.as_ref().map(spy::Spy::take).unwrap_or_default()
    }

    /// The bodies that reached the peer since this was last asked.
    fn arrived_since(&mut self) -> Vec<Vec<u8>> {
        let new = self.arrived().split_off(self.seen);
        self.seen += new.len();
        new
    }

    /// The bodies that reached the peer, in order, byte for byte.
    fn arrived(&self) -> Vec<Vec<u8>> {
        let journal = std::fs::read_to_string(&self.peer.journal).unwrap_or_default();
        let body = |line: &str| base64(&serde_json::from_str::<Arrived>(line).unwrap().body_base64);
        journal.lines().map(body).collect()
    }

    async fn stop(self) {
        let folder: PathBuf = self.peer.journal.parent().unwrap().to_owned();
        self.boxed.stop().await;
        drop(self.peer);
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// Decodes base64 (RFC 4648, section 4), as the journal has it.
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for c in text.bytes().filter(|c| *c != b'=') {
        let six = ALPHABET.iter().position(|known| *known == c).expect("base64");
        bits = (bits << 6) | u32::try_from(six).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    bytes
}

/// Every text in a value: keys and values.
fn strings(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::String(text) => match serde_json::from_str(text) {
            // Arguments of tools are JSON inside a text.
            Ok(inner @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) => strings(&inner),
            Ok(_) | Err(_) => vec![text.clone()],
        },
        serde_json::Value::Array(items) => items.iter().flat_map(strings).collect(),
        serde_json::Value::Object(fields) => {
            fields.iter().flat_map(|(key, value)| std::iter::once(key.clone()).chain(strings(value))).collect()
        }
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Vec::new(),
    }
}

/// A part of a whole.
#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn share(part: u64, of: u64) -> f64 {
    part as f64 / of.max(1) as f64
}
