//! The simulated caller: a scenario or a recording in, a telephone call to the box out.
//!
//! In:  a [`scenario::Scenario`], and the facts that the box tells a watcher of synthetic calls ([`crate::wire::watch`]).
//! Out: 20 ms frames on the line's socket, keys, the desk's answers, and a [`CallReport`].
//! Runs in the process of `anteroom demo`, `anteroom call` and the tests; the box itself never uses it.
//!
//! ```text
//!   scenario -> script (what to do when) -> person (20 ms at a time) -> channel (telephone) -> ring (sockets, pace)
//!                                      \-> typist (the same by text, without line and sound)
//! ```

pub mod channel;
mod fields;
pub mod person;
pub mod report;
pub mod response;
pub mod ring;
pub mod scenario;
pub mod script;
mod socket;
pub mod typist;
mod words;

pub use report::CallReport;
pub use ring::{CallerError, Options, place_call};
pub use scenario::{Scenario, ScenarioError};
pub use typist::{Typist, place_typed_call};
