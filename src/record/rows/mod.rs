//! What the record becomes in a warehouse: rows, made here and nowhere else.
//!
//! In:  events of the record, and what a destination has already. Out: [`Answer`](crate::wire::rows::Answer)s for syncd,
//! which only carries them. Runs in recordd, on a reader's connection; changes nothing but two facts of its own.
//! Never made: a row of free text for a destination without an agreement. There is no way from a text to a cell of a
//! fact but those of `bare`.
//!
//! ```text
//!   events first..next ─> [batch] ─ calls that close here ─> [story] ─> conversation, turns, models, asked ─┐
//!                            ├───── what people did ───────────────────> people ────────────────────────────┤
//!                            │                                              every value through [bare] ─> [collected] ─> rows
//!                            └───── only under an agreement ───────────> raw ────────────────────────────────┘
//! ```

mod answer;
mod asked;
mod bare;
mod batch;
mod collected;
mod conversation;
mod models;
pub mod open;
mod people;
mod raw;
pub(in crate::record) mod secret;
mod story;
#[cfg(test)]
pub(crate) mod tests;
mod turns;
mod words;

pub use answer::{Preview, answer, preview};
