//! `anteroom mcp clinic`: the demonstration clinic as an MCP server on standard input and output.
//!
//! Run by clinicd as its child. It prints nothing of its own: standard output belongs to the protocol.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::Failure;
use super::exit::Exit;
use crate::clinic::demo::{self, DemoError, Options};
use crate::clock::SystemClock;

/// The arguments of `anteroom mcp clinic`.
#[derive(Args, Clone, Debug)]
pub struct ClinicArgs {
    /// The folder of the clinic's database; without one the clinic lives in memory and is new at every start.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// What the patients and appointments are generated from.
    #[arg(long, value_name = "NUMBER", default_value_t = demo::SEED)]
    pub seed: u64,
    /// The day on which the clinic believes to be, for repeatable demonstrations (YYYY-MM-DD); the clock's without it.
    #[arg(long, value_name = "DAY")]
    pub today: Option<jiff::civil::Date>,
}

/// Serves the demonstration clinic until the client closes standard input.
///
/// # Errors
/// [`DemoError`] where the database cannot be opened or the client speaks no MCP.
pub async fn clinic(args: ClinicArgs) -> Result<(), DemoError> {
    let options = Options { data: args.data, seed: args.seed, today: args.today };
    demo::serve_stdio(&options, Arc::new(SystemClock)).await
}

/// `anteroom mcp`: which server.
#[derive(Args)]
pub struct Mcp {
    #[command(subcommand)]
    server: Server,
}

#[derive(clap::Subcommand)]
enum Server {
    /// The demonstration clinic.
    Clinic(ClinicArgs),
}

/// Serves until the client closes standard input.
///
/// # Errors
/// [`Failure`]: the server could not start.
pub async fn command(mcp: Mcp) -> Result<Exit, Failure> {
    let Server::Clinic(arguments) = mcp.server;
    clinic(arguments).await.map_err(Failure::because)?;
    Ok(Exit::Well)
}
