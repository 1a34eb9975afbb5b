//! The commands of `anteroom`.

pub mod models;
