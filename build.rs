//! Says which system libraries the package links: the flite voices (feature `tts`) and PocketSphinx (feature `asr`).
//!
//! The libraries come from the distribution's packages (`flite1-dev`, `libpocketsphinx-dev`, `libsphinxbase-dev`), which
//! `make demo` and `make test` install. The small interfaces to them are written out by hand where they are used, so no
//! header is read here.

use std::env;

/// The engine last: the linker resolves from left to right, and the voices need the language, the lexicon and flite.
const FLITE: &[&str] = &[
    "flite_cmu_us_slt",
    "flite_cmu_us_rms",
    "flite_cmu_us_awb",
    "flite_cmu_us_kal",
    "flite_usenglish",
    "flite_cmulex",
    "flite",
];

/// The decoder, then the library of arithmetic and files below it.
const POCKETSPHINX: &[&str] = &["pocketsphinx", "sphinxbase"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_TTS").is_some() {
        link(FLITE);
    }
    if env::var_os("CARGO_FEATURE_ASR").is_some() {
        link(POCKETSPHINX);
    }
}

fn link(libraries: &[&str]) {
    for library in libraries {
        println!("cargo:rustc-link-lib=dylib={library}");
    }
}
