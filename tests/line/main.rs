//! The telephone line against real peers: Kamailio, baresip and SIPp on loopback, a sound server, and a relay that spoils
//! what passes it.
//!
//! `cargo test --test line` runs what is quick; `make test-line` all of it, and prints a table. A test whose peers are not
//! installed says so and is passed over.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![expect(clippy::indexing_slicing, clippy::print_stdout, reason = "tests print tables, and know their lengths")]

mod box_of_its_own;
mod by_hand;
mod cases;
mod drain;
mod edges;
mod nat;
mod peers;
#[path = "peers/proof.rs"]
mod proof;
mod relay;
mod rota;
mod secure;
#[cfg(feature = "sound-card")]
mod sound;
mod transfers;
mod trouble;
