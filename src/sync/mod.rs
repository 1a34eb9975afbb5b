//! The way to the warehouse, the bucket and the backup: rows and segments of recordd in, destinations brought up to date.
//!
//! In:  batches of rows that recordd made ([`crate::wire::rows`]), each announced in the record before it leaves.
//! Out: rows in PostgreSQL ([`postgres`]), or Parquet files in a bucket ([`bucket`]), exactly once: each destination itself
//!      holds how far it has come ([`run`]).
//! Runs as `syncd`, which never asks for PHI: recordd makes the rows, and seals what is not de-identified. It keeps nothing
//! on the box's disk, and reaches the network through [`crate::http`] alone.

pub mod backup;
pub mod bucket;
mod cells;
pub mod daemon;
#[cfg(test)]
mod fake;
pub mod fault;
mod parquet;
#[cfg(test)]
mod peers;
pub mod postgres;
pub mod run;
pub mod schedule;
pub mod shelf;
#[cfg(all(test, feature = "store"))]
mod whole;
mod worker;
