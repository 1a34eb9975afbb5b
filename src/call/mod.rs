//! The brain: owns each call, from ring to hang-up. This is `anteroomd`.
//!
//! ```text
//!   lined ──frames──> Driver ──> Ears ──> Recognizer (worker) ──> redact ──> guard ──> Conversation
//!                       │                                                                  │
//!                       └── Mouth <── Voice (worker) <── guard::evaluate <── restore <─────┘
//!                                          clinicd <── tools      airlockd <── what would leave
//! ```
//!
//! In:  what lined sends of each call ([`crate::wire::line::ToBrain`]).
//! Out: one frame of the box's voice for each frame of the caller; events for the record.
//! One OS thread owns one call ([`driver`]), typed ones included ([`typing`]); recognition and synthesis run on worker threads ([`workers`]); requests at
//! the other doors run on the daemon's tokio runtime and come back as messages ([`doors`]). It reaches no network.

pub mod daemon;
pub mod doors;
pub mod driver;
pub mod engines;
pub mod listening;
pub mod recording;
pub mod speaking;
pub mod tools;
mod typing;
pub mod watchers;
pub mod workers;

#[cfg(test)]
mod passes;
