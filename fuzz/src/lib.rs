//! What the fuzz targets run. See docs/fuzz.md.

pub mod parsers;
