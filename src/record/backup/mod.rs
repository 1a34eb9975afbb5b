//! Copies of the record, and a record made from them on a blank box.
//!
//! In:  rows and data keys of the record; later a folder of sealed objects and the clinic's printed recovery key.
//! Out: sealed objects for syncd to carry; later a record that verifies like the one that was lost.
//! recordd seals, syncd carries and opens nothing, the command line restores. Nothing here reaches a network.
//!
//! ```text
//!   record --[segment]--> events, sealed twice --+                        +--> [restore] --> record.db, verified
//!          --[keys]-----> data keys, sealed -----+--> [piece] --> shelf --+
//!                                                                         +--> [drill]: the same, thrown away again
//! ```
//!
//! Segments are kept for ever and hold no data key; the keys lie in one object that is written over each time. So a
//! destroyed key is gone from the backup with the next copy, and an old segment cannot bring a call back. Whoever has
//! the recovery key's public half can seal something, so that a seal proves nothing: what proves a backup is the tree
//! over its headers, compared with checkpoints and best with one that a witness outside keeps.

pub mod answer;
pub mod bad;
mod build;
pub mod drill;
pub mod keys;
pub mod piece;
pub mod recovery;
pub mod restore;
pub mod segment;
mod shelf;
pub mod witness;
