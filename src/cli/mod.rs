//! Not written yet.
pub mod record;
