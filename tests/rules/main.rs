//! Rules that no compiler checks: which module may use which, who may name or read PHI, which docs must hold.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and says where"
)]

mod documents;
mod layers;
mod lexer;
mod parsers;
mod secrecy;
mod source;
mod units;
