//! Not written yet.

pub mod bench_redact;
pub mod redact;
