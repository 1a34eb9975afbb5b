//! The way to the warehouse, the bucket and the backup: rows and segments of recordd in, destinations brought up to date.
//!
//! Runs as `syncd`, which never asks for PHI: recordd makes the rows, and seals what is not de-identified.

pub mod daemon;
