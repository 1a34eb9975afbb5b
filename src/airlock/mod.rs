//! The airlock: what anteroomd offers in, and, once a cloud model is configured, a model's answer out.
//!
//! In:  `offer` requests from anteroomd, as untrusted bytes ([`check::Offered`]).
//! Out: an answer for each: `withheld` (it passed the check, is recorded, and stays in the box) or `refused`.
//! Runs as `airlockd`, which never holds PHI: it can name none of the types that do, and a rules test proves it.

pub mod check;
pub mod daemon;
