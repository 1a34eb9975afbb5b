//! The record: every event of every call, sealed and tamper-evident.
//!
//! In:  events from the other processes over `record/from-*.sock`.
//! Out: rows in an encrypted database, a hash tree over them, and answers to whoever may read them.
//! Runs in `recordd`: one writer thread that commits whatever is queued, readers on their own connections.
//! Reaches nothing outside the box. Prints no body, ever.
//!
//! ```text
//!   client --append--> [daemon] --queue--> [writer] --one transaction--> event rows, tree, how far each sender is
//!                                                    header: JSON line, hashed verbatim   leaf = SHA-256(0 | header)
//!                                                    body:   sealed with the call's key   header holds its SHA-256
//! ```
//!
//! What it proves: [`verify`] finds an edited, removed, reordered or cut row. What it cannot prove alone: whoever holds
//! the database key can write another record from the start; only a root kept outside the box shows that.
#![cfg(feature = "store")]

pub mod backup;
pub mod checkpoint;
pub mod daemon;
pub mod database;
pub mod erase;
pub mod exchange;
pub mod export;
mod facts;
pub mod fork;
pub mod header;
pub mod key;
pub mod keys;
#[cfg(test)]
mod kills;
pub mod kit;
pub mod measure;
pub mod nodes;
pub mod note;
pub mod officer;
pub mod reading;
pub mod request;
pub mod retention;
pub mod review;
pub mod rows;
pub mod seal;
pub mod senders;
pub mod show;
pub mod space;
pub mod spending;
pub mod store;
#[cfg(test)]
mod survival;
pub mod tree;
pub mod upkeep;
pub mod verify;
pub mod writer;
