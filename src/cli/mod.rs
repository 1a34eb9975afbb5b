//! The command line: `anteroom demo`, `call`, `record`, ... and the mains of the daemons.
//!
//! Exit codes are those of [`exit::Exit`]. `--json` output is one object a line. What a command prints goes to standard
//! output and may be piped; the log goes to standard error.

pub mod airlock;
pub mod bench;
pub mod bench_airlock;
pub mod bench_asr;
pub mod bench_line;
pub mod bench_record;
pub mod bench_redact;
pub mod bench_spoken;
pub mod bench_turn;
pub mod bench_vad;
pub mod call;
pub mod chat;
pub mod check_config;
pub mod demo;
pub mod doctor;
pub mod home;
pub mod mcp;
pub mod model_peer;
pub mod models;
pub mod own_box;
pub mod processes;
pub mod record;
pub mod redact;
pub mod review;
pub mod screen;
pub mod sync;
pub mod train_tagger;
pub mod transcribe;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::logs;
pub use crate::mains::exit;
use crate::mains::fail;
use exit::Exit;

/// The box a clinic plugs into its phone line.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A simulated caller rings the whole box and is served, offline.
    Demo(demo::Demo),
    /// A recorded caller rings the box.
    Call(call::Call),
    /// The same brain by text: you type what a caller would say.
    Chat(chat::Chat),
    /// Prints what is said in WAV files.
    Transcribe(transcribe::Transcribe),
    /// Redacts JSONL from standard input.
    Redact(redact::Redact),
    /// Looks at a record.
    Record(record::RecordCommand),
    /// What may leave, what would, and what did: the privacy officer's commands.
    Airlock(airlock::AirlockCommand),
    /// What goes to a warehouse, by whose leave, and how far it is.
    Sync(sync::SyncCommand),
    /// A weekly sample of calls, heard beside left, and the leak rate.
    Review(review::ReviewCommand),
    /// Models: what is there, what is missing, fetch, verify, train.
    Models(models::Models),
    /// Lists every mistake of a configuration.
    CheckConfig(check_config::CheckConfig),
    /// Looks at the telephone line and says what to do next.
    Doctor(doctor::Doctor),
    /// Measures one part of the box.
    Bench(bench::Bench),
    /// Our servers of the Model Context Protocol, on standard input and output.
    Mcp(mcp::Mcp),
}

/// Which recogniser, as a word on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum RecogniserArgument {
    /// Debian's packages and our clinic language model.
    Pocketsphinx,
    /// Whisper.
    Whisper,
}

/// A command could not do what it was asked. Printed with its causes.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A file.
    #[error("cannot read or write {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The box that a command needs did not start.
    #[error("the box did not start; its log:\n{log}")]
    BoxNotStarted {
        /// What the daemons logged.
        log: String,
        /// Why.
        #[source]
        source: Box<processes::ProcessError>,
    },
    /// The terminal or pipe that is written to.
    #[error("the output failed")]
    Output(#[from] std::io::Error),
    /// Something below.
    #[error(transparent)]
    Because(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// A failure for the reason `error`.
    pub fn because(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Because(Box::new(error))
    }

    /// A file that could not be read or written.
    #[must_use]
    pub fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

/// The main of `anteroom`.
#[must_use]
pub fn main() -> ExitCode {
    logs::install("anteroom");
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail("anteroom", &error, Exit::Failed),
    };
    let done = runtime.block_on(async {
        match arguments.command {
            Command::Demo(demo) => demo::run(demo).await,
            Command::Call(call) => call::run(call).await,
            Command::Chat(chat) => chat::run(chat).await,
            Command::Transcribe(transcribe) => transcribe::run(&transcribe),
            Command::Redact(command) => redact::command(&command),
            Command::Record(command) => record::command(command).await,
            Command::Airlock(command) => airlock::command(command).await,
            Command::Sync(command) => sync::command(command).await,
            Command::Review(command) => review::command(command).await,
            Command::Models(models) => models::command(&models),
            Command::CheckConfig(check) => check_config::run(&check),
            Command::Doctor(doctor) => doctor::command(doctor).await,
            Command::Bench(bench) => bench::run(&bench).await,
            Command::Mcp(mcp) => mcp::command(mcp).await,
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    match done {
        Ok(exit) => exit.into(),
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => Exit::Well.into(),
        Err(failure) => fail("anteroom", &failure, Exit::Failed),
    }
}
