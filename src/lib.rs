#![doc = include_str!("ARCHITECTURE.md")]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test may stop at the first surprise"
    )
)]

pub mod clock;
pub mod config;
pub mod expect;
pub mod hex;
#[cfg(feature = "http")]
pub mod http;
pub mod ids;
pub mod logs;
pub mod pcm;
pub mod placeholder;
pub mod sandbox;
pub mod secret;
pub mod tasks;
pub mod vocabulary;
pub mod wire;

pub mod line;
pub mod listen;
pub mod speak;

pub mod redact;

pub mod converse;
pub mod guard;

pub mod record;

pub mod airlock;
pub mod clinic;
#[cfg(feature = "warehouse")]
pub mod sync;

// The whole box needs every feature; without them the pure core still checks in seconds.
#[cfg(all(feature = "asr", feature = "tts", feature = "store", feature = "mcp"))]
pub mod call;
pub mod caller;

#[cfg(feature = "http")]
pub mod mains;

#[cfg(all(
    feature = "asr",
    feature = "tts",
    feature = "store",
    feature = "mcp",
    feature = "cloud",
    feature = "warehouse"
))]
pub mod cli;
