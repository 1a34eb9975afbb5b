//! A clinic to demonstrate with: an MCP server of ours over a database of invented patients.
//!
//! In:  MCP requests on standard input, from clinicd.
//! Out: MCP answers on standard output. Standard error stays silent.
//! The database stands in for the clinic's own system; everything in it is generated from a seed and a first day, so two
//! runs of a demonstration are alike. It is a process of its own, and one bad argument never ends it.

mod calendar;
mod effects;
mod input;
mod names;
mod people;
mod server;
mod spoken;
mod store;
mod tools;
mod wanted;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::DateTime;
use rmcp::ServiceExt;

use crate::clock::Clock;

pub use server::Server;
#[cfg(test)]
pub(crate) use server::declare;
pub use store::StoreError;

/// The seed of a clinic that nobody asked to be another: 1 picks the patients that the documentation shows.
pub const SEED: u64 = 1;

/// Which clinic to be.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of its database; in memory, and new at every start, without one.
    pub data: Option<PathBuf>,
    /// What its patients and appointments are generated from.
    pub seed: u64,
    /// The day on which it believes to be, from midnight on; the clock's without one.
    pub today: Option<jiff::civil::Date>,
}

impl Default for Options {
    fn default() -> Self {
        Self { data: None, seed: SEED, today: None }
    }
}

/// Tells the clinic's day and time.
#[derive(Clone)]
pub(crate) struct Calendar {
    clock: Arc<dyn Clock>,
    today: Option<jiff::civil::Date>,
}

impl Calendar {
    fn now(&self) -> DateTime {
        match self.today {
            Some(day) => day.at(0, 0, 0, 0),
            None => self.clock.wall().to_zoned(jiff::tz::TimeZone::system()).datetime(),
        }
    }
}

/// The demonstration clinic could not be served.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its database could not be opened or filled.
    #[error("the demonstration clinic's database could not be opened")]
    Store(#[from] StoreError),
    /// The client spoke no MCP. (What it said instead is not kept: it may hold anything.)
    #[error("whoever started this server did not speak MCP on standard input")]
    Handshake,
    /// The server ended in a way it should not.
    #[error("the demonstration clinic's server broke")]
    Broken,
}

impl Server {
    /// Opens the clinic, generating it at its first run.
    ///
    /// # Errors
    /// [`StoreError`] where the database cannot be opened or filled.
    pub fn open(options: &Options, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let calendar = Calendar { clock, today: options.today };
        let store = store::Store::open(options.data.as_deref(), options.seed, calendar.now().date())?;
        Ok(Self::new(store, calendar))
    }
}

/// Serves the clinic on standard input and output until the client closes them.
///
/// # Errors
/// [`DemoError`] where the database or the handshake fails.
pub async fn serve_stdio(options: &Options, clock: Arc<dyn Clock>) -> Result<(), DemoError> {
    let server = Server::open(options, clock)?;
    let running = server.serve(rmcp::transport::stdio_pipes()).await.map_err(|_| DemoError::Handshake)?;
    running.waiting().await.map(|_| ()).map_err(|_| DemoError::Broken)
}
