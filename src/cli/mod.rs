//! Not written yet.

#[cfg(feature = "asr")]
pub mod bench_vad;
