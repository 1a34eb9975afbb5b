//! Sound over UDP, without a socket: what datagrams say, and which ones to send.
//!
//! ```text
//!   datagram -> srtp -> packet -> latch -> receiver -+- jitter, conceal -> a frame each 20 ms
//!                                                    +- events, tones    -> a key
//!   a frame each 20 ms -> sender -> srtp -> datagram            rtcp: how it goes, both ways, every 5 s
//! ```
//! Everything here is arithmetic on bytes and on a time that is handed in, so that a test plays an hour in a second. Sockets
//! and threads are `crate::line::media`'s.

pub mod conceal;
pub mod events;
pub mod jitter;
pub mod latch;
pub mod noise;
pub mod packet;
pub mod receiver;
pub mod rtcp;
pub mod sender;
#[cfg(feature = "telephone")]
pub mod srtp;
pub mod tones;

/// Samples a second of both laws and of RFC 4733's clock here.
pub const CLOCK: u32 = 8_000;
/// The payload type of mu-law (RFC 3551 section 6).
pub const PCMU: u8 = 0;
/// The payload type of A-law.
pub const PCMA: u8 = 8;
/// The payload type of comfort noise (RFC 3389).
pub const CN: u8 = 13;

/// How sound is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Law {
    /// Mu-law, payload type 0.
    Mu,
    /// A-law, payload type 8.
    A,
}
