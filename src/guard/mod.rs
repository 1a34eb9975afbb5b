//! What is decided without any model: before it ([`before()`]) and after it ([`evaluate()`]).
//!
//! In:  the caller's words as heard (an emergency must be seen even in a clause that redaction withheld), or a sentence
//!      about to be spoken.
//! Out: a [`Verdict`], or an [`Objection`]. Pure: no clock, no network, no model.
//!
//! Whether a call may be recorded, and whether a caller objects, is [`recording`]'s.
//!
//! [`before()`] runs on every utterance, [`evaluate()`] on every sentence, both in anteroomd. Neither keeps, logs or returns
//! any of the caller's words.

mod area_codes;
mod before;
mod evaluate;
pub(crate) mod phrase;
mod policy;
pub mod recording;

pub use before::{Forbidden, Verdict, before};
pub use evaluate::{Done, Facts, Objection, Said, evaluate};
