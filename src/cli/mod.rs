//! Not written yet.

#[cfg(all(feature = "mcp", feature = "store"))]
pub mod mcp;
