//! Whole calls through the whole box: real processes, real sound, in virtual time.
//!
//! Each test sets up a box of its own (six processes, a record, a demonstration clinic), lets a simulated caller ring it,
//! and looks at what the caller got, what would have left, and whether the record verifies.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]
#![expect(
    clippy::print_stdout,
    reason = "the table of killed processes and why a test is skipped are for a person to read"
)]

mod airlock;
mod alone;
mod audio;
mod bad_input;
mod boxed;
#[allow(dead_code, reason = "the tests of the line use the rest of it")]
#[path = "../line/by_hand.rs"]
mod by_hand;
mod canary;
mod echo;
mod hardship;
mod kills;
mod officer;
#[path = "../line/peers/mod.rs"]
mod peers;
mod real_line;
mod record;
#[path = "../line/relay.rs"]
mod relay;
mod scenarios;
mod telephone;
mod telephone_on_call;
mod thinker;
mod typed;
mod users;
