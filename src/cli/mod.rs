//! The commands: parse, ask the library, print.

pub mod bench_redact;
pub mod redact;
