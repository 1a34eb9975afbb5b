//! The clinic's own systems: the door to them, and a clinic to demonstrate it with.
//!
//! ```text
//!   anteroomd --- tool, bindings ---> clinicd (daemon) --- MCP over stdio ---> a server of the clinic's
//!     client                            restores, enforces, projects              or demo: our own
//! ```
//!
//! In:  a tool of [`crate::wire::tool::CATALOGUE`], its arguments in placeholders, and the bindings that they name.
//! Out: the declared fields of its result, or a [`Refusal`](crate::wire::frame::Refusal).
//! This is the one place outside anteroomd and recordd that holds PHI, under contract with the clinic. It never logs an
//! argument, a result, or what a server said.

pub mod client;
pub mod fault;
#[cfg(feature = "mcp")]
pub(crate) mod schema;

#[cfg(feature = "mcp")]
pub mod daemon;
#[cfg(all(feature = "mcp", feature = "store"))]
pub mod demo;
