//! `anteroom sync status | now | preview | approve | withdraw`: what goes to a warehouse, by whose leave, and how far it is.
//!
//! In:  what the administrator or the privacy officer asks. Out: text of at most 80 columns, or one JSON object a line.
//! Asks syncd how destinations stand and recordd what may go to them; approvals are events of the record.

use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::Value;

use super::Failure;
use super::exit::Exit;
use super::record::{RecordAt, RecordCliError};
use crate::record::review::{ReleaseRole, Review};
use crate::record::show::{lines, moment, plain};
use crate::wire::client::Client;
use crate::wire::doors::{Role, Syncing};
use crate::wire::syncing::{Now, Outcome, Standing};

/// How long a run may take that somebody waits for: a year's backlog over a slow line.
const RUN_DEADLINE: std::time::Duration = std::time::Duration::from_secs(3_600);
const DEADLINE: std::time::Duration = std::time::Duration::from_secs(10);

/// `anteroom sync`.
#[derive(clap::Args)]
pub struct SyncCommand {
    /// The configuration.
    #[arg(long, default_value = "/etc/anteroom/anteroom.toml", global = true)]
    config: PathBuf,
    /// One JSON object a line.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// How each destination stands.
    Status,
    /// Brings a destination up to date now.
    Now {
        /// Its name in the configuration.
        destination: String,
    },
    /// Shows exactly what would leave: the first rows of each table.
    Preview {
        /// Its name in the configuration.
        destination: String,
    },
    /// Lets rows go to a destination as it is described now. One for PHI needs both roles, by two people.
    Approve {
        /// Its name in the configuration.
        destination: String,
        /// As what you decide.
        #[arg(long, value_parser = role)]
        role: ReleaseRole,
        /// Who you are.
        #[arg(long)]
        by: String,
    },
    /// Lets no more rows go there.
    Withdraw {
        /// Its name in the configuration.
        destination: String,
        /// Who you are.
        #[arg(long)]
        by: String,
    },
}

fn role(word: &str) -> Result<ReleaseRole, String> {
    match word {
        "privacy-officer" => Ok(ReleaseRole::PrivacyOfficer),
        "administrator" => Ok(ReleaseRole::Administrator),
        _ => Err("write privacy-officer or administrator".to_owned()),
    }
}

/// The command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum SyncCliError {
    /// syncd did not answer.
    #[error("syncd gave no answer: does it run, and is the destination in its configuration?")]
    Ask(#[source] crate::wire::client::AskError),
    /// It answered something else.
    #[error("syncd answered in another version: restart it")]
    Version,
    /// The run stopped.
    #[error("stopped ({word}): {advice}")]
    Stopped {
        /// The closed word.
        word: String,
        /// What to do.
        advice: String,
    },
}

/// Runs `anteroom sync`.
///
/// # Errors
/// [`Failure`].
pub async fn command(command: SyncCommand) -> Result<Exit, Failure> {
    let config = crate::config::Config::load(&command.config).map_err(Failure::because)?;
    let run = config.paths.run.clone();
    let at = RecordAt::new(config.paths.run, config.paths.data);
    let (mut out, json) = (io::stdout(), command.json);
    match command.what {
        What::Status => status(&Client::new(&run, Role::Cli), json, &mut out).await.map_err(Failure::because)?,
        What::Now { destination } => {
            now(&Client::new(&run, Role::Cli), destination, json, &mut out).await.map_err(Failure::because)?;
        }
        What::Preview { destination } => {
            let shown: Value = at.deed("preview", &named(&destination)).await.map_err(Failure::because)?;
            preview(&shown, json, &mut out)?;
        }
        What::Approve { destination, role, by } => {
            approve(&at, destination, role, by, json, &mut out).await.map_err(Failure::because)?;
        }
        What::Withdraw { destination, by } => {
            let review = Review::Withdraw { destination, by };
            at.deed::<Value>("review", &review).await.map_err(Failure::because)?;
        }
    }
    Ok(Exit::Well)
}

fn named(destination: &str) -> Value {
    serde_json::json!({ "destination": destination })
}

async fn status(syncd: &Client<Syncing>, json: bool, out: &mut dyn Write) -> Result<(), SyncCliError> {
    let answer = syncd.ask_sealed("status", None, b"{}".to_vec(), DEADLINE).await.map_err(SyncCliError::Ask)?;
    let standings: Vec<Standing> = serde_json::from_slice(&answer).map_err(|_| SyncCliError::Version)?;
    let written = if json {
        lines(&standings, out)
    } else {
        standings.iter().try_for_each(|standing| {
            let last = standing.last_success.map_or_else(|| "never".to_owned(), moment);
            let next = standing.next_run.map_or_else(|| "waits for a person".to_owned(), moment);
            let behind = standing.events_behind.map_or_else(String::new, |events| format!("{events} events behind"));
            writeln!(out, "{}  last {last}, next {next}  {behind}", plain(&standing.destination))?;
            standing.word.iter().try_for_each(|word| writeln!(out, "  {}", plain(word)))
        })
    };
    written.map_err(|_| SyncCliError::Version)
}

async fn now(
    syncd: &Client<Syncing>,
    destination: String,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), SyncCliError> {
    let body = serde_json::to_vec(&Now { destination }).map_err(|_| SyncCliError::Version)?;
    let answer = syncd.ask_sealed("now", None, body, RUN_DEADLINE).await.map_err(SyncCliError::Ask)?;
    let outcome: Outcome = serde_json::from_slice(&answer).map_err(|_| SyncCliError::Version)?;
    match outcome {
        Outcome::UpToDate { rows, batches, next } if !json => {
            writeln!(out, "up to date: {rows} rows in {batches} batches, up to event {next}")
        }
        Outcome::UpToDate { .. } => lines(&[&outcome], out),
        Outcome::Stopped { word, advice } => return Err(SyncCliError::Stopped { word, advice }),
    }
    .map_err(|_| SyncCliError::Version)
}

fn preview(shown: &Value, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        return writeln!(out, "{shown}");
    }
    let tables = shown.get("tables").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for table in tables {
        let rows = table.get("rows").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        writeln!(out, "{}", plain(table.get("table").and_then(Value::as_str).unwrap_or_default()))?;
        rows.iter().try_for_each(|row| writeln!(out, "  {}", plain(&row.to_string())))?;
    }
    Ok(())
}

/// Approves a destination as recordd describes it at this moment, and shows what was approved.
async fn approve(
    at: &RecordAt,
    destination: String,
    role: ReleaseRole,
    by: String,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), RecordCliError> {
    let standing: Value = at.deed("release-standing", &named(&destination)).await?;
    let text = |key: &str| standing.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let review = Review::Release { destination, digest: text("digest"), role, by };
    at.deed::<Value>("review", &review).await?;
    if json {
        writeln!(out, "{standing}")?;
    } else {
        writeln!(out, "approved, as it is described now:\n{}", text("described"))?;
    }
    Ok(())
}
