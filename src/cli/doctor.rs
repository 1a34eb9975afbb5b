//! `anteroom doctor line`: looks at the telephone line and says what to do next; or prints settings for a product.
//!
//! In:  the configuration. Out: a line for each check, or one JSON object a line; with `--sheet`, a page of text. Asks the
//! telephone system by itself and does not need lined, nor is in its way: see [`crate::line::sip::doctor`]. Rings nobody.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::Failure;
use super::exit::Exit;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConfigError};
use crate::line::sip::doctor::{Finding, Product, Word, examine, sheet};
use crate::line::sip::lately::Lately;
use crate::record::show::{lines, plain};

/// `anteroom doctor`.
#[derive(clap::Args)]
pub struct Doctor {
    /// The configuration.
    #[arg(long, default_value = "/etc/anteroom/anteroom.toml", global = true)]
    config: PathBuf,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// The telephone line: the way to the telephone system, the password, sound, and who answers while the box does not.
    Line {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
        /// Print what to set in this product, and check nothing: 3cx, freepbx, grandstream-ucm, ht813; or lined's
        /// packet filter: nftables.
        #[arg(long, value_parser = product, conflicts_with = "json")]
        sheet: Option<Product>,
    },
}

fn product(word: &str) -> Result<Product, String> {
    let names = || Product::ALL.map(Product::name).join(", ");
    Product::named(word).ok_or_else(|| format!("write one of {}", names()))
}

/// The line cannot be looked at.
#[derive(Debug, thiserror::Error)]
enum DoctorError {
    /// A sheet has the site's values.
    #[error("a sheet needs [line.sip]: describe the telephone system first, or begin with docs/telephone.md")]
    NoSip,
}

/// Runs `anteroom doctor`. Exit code 1 says that a check has failed, 78 that the configuration has mistakes.
///
/// # Errors
/// [`Failure`].
pub async fn command(doctor: Doctor) -> Result<Exit, Failure> {
    let mut out = io::stdout();
    let config = match Config::load(&doctor.config) {
        Ok(config) => config,
        Err(ConfigError::Mistakes { problems, .. }) => {
            problems.iter().try_for_each(|problem| writeln!(out, "{problem}"))?;
            return Ok(Exit::BadConfiguration);
        }
        Err(error @ ConfigError::Unreadable { .. }) => return Err(Failure::because(error)),
    };
    match doctor.what {
        What::Line { sheet: Some(product), .. } => {
            let sip = config.line.sip.as_ref().ok_or_else(|| Failure::because(DoctorError::NoSip))?;
            write!(out, "{}", sheet(product, sip))?;
            Ok(Exit::Well)
        }
        What::Line { json, sheet: None } => {
            let clock: Arc<dyn Clock> = Arc::new(SystemClock);
            let lately = Lately::beside(&config.paths.prompts);
            let findings = examine(&config.line, config.clinic.time_zone, &lately, &clock).await;
            if json {
                lines(&findings, &mut out)?;
            } else {
                print(&findings, &mut out)?;
            }
            let failed = findings.iter().any(|finding| finding.word == Word::Failed);
            Ok(if failed { Exit::Failed } else { Exit::Well })
        }
    }
}

/// A line for what was seen, and one for what to do.
fn print(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    for finding in findings {
        // What a server said may be among it.
        let (word, check, what) = (finding.word.as_str(), finding.check, plain(&finding.what));
        writeln!(out, "{word:<8} {check:<14} {what}")?;
        if !finding.next.is_empty() {
            writeln!(out, "         next: {}", plain(&finding.next))?;
        }
    }
    Ok(())
}
