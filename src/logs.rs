//! What may be printed, and what a crash may leave behind.
//!
//! Every main calls [`install`] first. Only `anteroom*` targets pass: libraries log what they like (a SIP stack its raw
//! messages), and what they like may name a patient. A panic prints its place only and aborts. Core dumps are off.

use std::io::Write;

use nix::sys::resource::{Resource, setrlimit};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The environment variable that sets the level: `error`, `warn`, `info` (default), `debug` or `trace`.
pub const LEVEL_VARIABLE: &str = "ANTEROOM_LOG";

/// Sets up logging, the panic hook and the core-dump limit for the process `name`.
pub fn install(name: &'static str) {
    forbid_core_dumps();
    std::panic::set_hook(Box::new(move |panic| {
        // The payload may quote what it choked on; its place in the source cannot.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(std::io::stderr(), "anteroom: {name} panicked at {place}; stopping");
        std::process::abort();
    }));
    let level = std::env::var(LEVEL_VARIABLE)
        .ok()
        .and_then(|text| text.parse::<LevelFilter>().ok())
        .unwrap_or(LevelFilter::INFO);
    let targets = Targets::new().with_target("anteroom", level);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    // A second subscriber in one process (a test) is not an error worth dying of.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
}

/// No memory image on disk: it would hold the vault.
fn forbid_core_dumps() {
    if setrlimit(Resource::RLIMIT_CORE, 0, 0).is_err() {
        tracing::warn!("core dumps could not be switched off");
    }
    let _ = nix::sys::prctl::set_dumpable(false);
}
