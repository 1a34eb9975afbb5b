//! Rules that no compiler checks: which module may use which, who may name or read PHI, which docs must hold.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod documents;
mod layers;
mod secrecy;
mod source;
mod units;
