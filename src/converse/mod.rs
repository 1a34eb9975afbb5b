//! The call as a plain state machine: [`Event`]s in, [`Action`]s out.
//!
//! No await, no socket, no clock of its own, no sound. It sees placeholders only, never a caller's words or values. The
//! driver in [`crate::call`] performs what it returns, in order.
//!
//! ```text
//!             Answered
//!   Ringing ------------> Asked(question) <-----------------------+
//!                          |   |   ^                              |
//!        answer needs a    |   |   | misunderstood, silent:       |
//!        tool              |   |   | the same in other words      |
//!                          v   |                                  |
//!                      Working(tool) --- ToolDone ----------------+
//!                      Thinking(model) - Thought -----------------+
//!                          |   |                                  |
//!     "a person", 0, third |   | emergency                        | Decline, None:
//!     miss, a tool failed  v   v                                  | take a message
//!                          AtDesk --------------------------------+
//!                            | Accept
//!                            v
//!                         Bridged            goodbye, or HungUp from anywhere: Over
//! ```
//!
//! A write is asked for as the question that the caller said yes to is left: it can not be asked for twice. What was done
//! is claimed only after the tool's report; the gate in front of every sentence ([`crate::guard::evaluate()`]) sees to it.

mod action;
mod cloud;
mod consent;
mod conversation;
mod dossier;
mod event;
mod flows;
mod history;
#[cfg(test)]
mod properties;
mod request;
#[cfg(test)]
pub(crate) mod script;
mod state;
mod steps;
mod template;
#[cfg(test)]
mod usefulness;
pub mod words;

pub use action::{Action, Argument, Outcome, SayId, ToolId};
pub use cloud::{ModelText, ModelUse, Thought, ThoughtId, thought};
pub use conversation::Conversation;
pub use dossier::Dossier;
pub use event::{Event, Heard, Standing, ToolAnswer, ToolFailure, ToolValue};
pub use request::CloudRequest;
pub use template::{ClinicFacts, Part, Template};
