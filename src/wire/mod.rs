//! How the processes speak: length-prefixed frames over unix sockets, one socket per client role.
//!
//! In:  bytes of a peer that may be hostile ([`frame`] parses them; it is fuzzed).
//! Out: [`frame::Message`]s, and the one way to encode something for a door ([`parcel::MayGoTo`]).
//!
//! ```text
//!   u32 length, big endian, <= 1 MiB
//!   header   {"v":1,"id":7,"kind":"append","call":"..."}   one line of JSON, ended by \n
//!   body     bytes; JSON for most kinds, samples for audio
//! ```
//!
//! The socket decides which kinds may be asked ([`doors`]), and the peer's uid must be the one configured for it
//! ([`server`]). Every request has a deadline, and an error reply never quotes the body.

pub mod backup;
pub mod client;
pub mod doors;
pub mod event;
pub mod frame;
pub mod line;
pub mod offered;
pub mod parcel;
pub mod recorder;
pub mod recording;
pub mod rows;
pub mod server;
pub mod spending;
pub mod stream;
pub mod syncing;
pub mod tool;
pub mod typed;
pub mod users;
pub mod watch;

pub use doors::{Airlock, Brain, Clinic, Door, Line, Record, Syncing, Watch};
pub use parcel::{Loaded, MayGoTo, Parcel};
