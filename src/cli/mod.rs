//! Not written yet.

pub mod redact;
