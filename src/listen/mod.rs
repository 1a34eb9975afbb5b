//! Caller sound in, [`RawTranscript`]s out.
//!
//! In:  20 ms frames (160 samples, 8 kHz mono `i16`) of one call, in order.
//! Out: one transcript per turn, with the recogniser's confidence word by word.
//! Never writes audio or text to disk or log.

pub mod asr;
pub mod back_channel;
pub mod ears;
pub mod echo;
pub mod endpoint;
pub mod models;
#[cfg(feature = "asr")]
pub mod silero_fold;
pub mod transcript;
pub mod vad;

pub use transcript::{HeardWord, RawTranscript};
