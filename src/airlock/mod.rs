//! The airlock: what anteroomd offers in, a model's answer out. The only way to a cloud model.
//!
//! In:  requests from anteroomd, as untrusted bytes ([`check::Offered`]).
//! Out: a model's sentences and uses of tools ([`route::Handed`]), or the word that says why there are none.
//! Runs as `airlockd`, which never holds PHI: it can name none of the types that do, and a rules test proves it.
//!
//! ```text
//!   Offered --check--> CloudText --ask, catalogue, provider--> bytes --ledger--> the record, then http --> a provider
//!             (closed vocabulary)   (static parts of its own)           (on the disk first)
//!   Handed  <--sentences-- pieces <--provider <--sse-- bytes <------------------------------- http <-- a provider
//! ```
//! [`route`] decides who is asked, [`agreements`] whether a door is open today, [`spend`] whether there is money for it.

pub mod agreements;
#[cfg(feature = "cloud")]
mod ask;
#[cfg(feature = "cloud")]
pub mod catalogue;
pub mod check;
#[cfg(feature = "cloud")]
pub mod daemon;
mod entries;
#[cfg(feature = "cloud")]
mod ledger;
#[cfg(feature = "cloud")]
mod memory;
pub mod prices;
pub mod provider;
#[cfg(feature = "cloud")]
pub mod recheck;
#[cfg(feature = "cloud")]
pub mod route;
#[cfg(feature = "cloud")]
mod sentences;
pub mod spend;
#[cfg(feature = "cloud")]
pub mod spent;
pub mod sse;
