//! `anteroom airlock status | pending | approve | sign-off | recheck`: what the privacy officer asks and decides.
//!
//! In:  the configuration, the register of agreements, and the record, through recordd or, where it does not run, its files.
//! Out: text or one JSON object a line. Sends nothing anywhere; what it changes is one file, after the record has noted it.

pub mod opening;

use std::io::{self, Write};
use std::path::PathBuf;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::Failure;
use super::exit::Exit;
use super::record::{RecordAt, RecordCliError};
use super::review;
use crate::airlock::agreements::{Asked, Off, Open, Register};
use crate::airlock::catalogue::Catalogue;
use crate::airlock::daemon::{ceilings, prices};
use crate::airlock::prices::{MicroDollars, Prices};
use crate::airlock::recheck::{Entry, Ledger, Report};
use crate::airlock::spent;
use crate::clock::{Clock, SystemClock};
use crate::config::airlock::{Endpoint, ModelName};
use crate::config::tier::Tier;
use crate::config::{AirlockMode, Config, Problem};
use crate::record::reading::{self, State, Wire, WirePage};
use crate::record::review::{Review, Wired};
use crate::record::{exchange, show};
use crate::vocabulary;
use crate::wire::event::Kind;

/// Reading the whole ledger takes as long as verifying the record.
const LEDGER_DEADLINE: std::time::Duration = std::time::Duration::from_secs(600);

/// What becomes of a model without a price.
const NO_PRICE: &str = "price NOT known: add it to the prices; in the hardest tier it is not asked";

/// `anteroom airlock`.
#[derive(clap::Args)]
pub struct AirlockCommand {
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
    /// Which doors are open, why the others are not, and what to do about it.
    Status,
    /// The latest requests that were withheld, as they would have left.
    Pending {
        /// How many.
        #[arg(long, default_value_t = 3)]
        count: u32,
    },
    /// Opens a door, for exactly the prompts, tools, passages and words of today.
    Approve {
        /// The endpoint's name in the configuration.
        endpoint: String,
        /// Who has looked at what would leave.
        #[arg(long)]
        officer: String,
    },
    /// Says how an agreement is signed off.
    SignOff,
    /// Checks everything that ever left, or was withheld, once more.
    Recheck,
}

/// The command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum OfficerError {
    /// There is no such endpoint.
    #[error("there is no endpoint {0:?} in the configuration's [airlock.endpoints]")]
    NoSuchEndpoint(String),
    /// The register has mistakes.
    #[error("{path} has mistakes, so every door stays shut: {}", problems.iter().map(|p| format!("\n  {p}")).collect::<String>())]
    Register {
        /// The file.
        path: PathBuf,
        /// Every mistake.
        problems: Vec<Problem>,
    },
}

/// How things stand today.
struct Status<'a> {
    doors: Vec<(&'a Endpoint, Result<Open, Off>)>,
    models: Vec<(Tier, &'a ModelName, Option<String>)>,
    /// None where the record does not answer.
    spent: Option<MicroDollars>,
    /// Entries of the register that are for no endpoint of the configuration.
    strangers: Vec<Problem>,
}

/// What all of the commands look at.
struct Office {
    config: Config,
    catalogue: Catalogue,
    today: Date,
    json: bool,
}

/// Runs `anteroom airlock`.
///
/// # Errors
/// [`Failure`]. A door that was not opened, and a ledger that does not pass, are exit code 1.
pub async fn command(command: AirlockCommand) -> Result<Exit, Failure> {
    let config = Config::load(&command.config).map_err(Failure::because)?;
    let today = SystemClock.wall().to_zoned(config.clinic.time_zone.clone()).date();
    let catalogue = Catalogue::new(&config.clinic);
    let office = Office { config, catalogue, today, json: command.json };
    let mut out = io::stdout();
    match command.what {
        What::Status => office.status(&mut out).await,
        What::Pending { count } => office.pending(count, &mut out).await,
        What::Approve { endpoint, officer } => office.approve(&endpoint, &officer, &mut out).await,
        What::SignOff => office.sign_off(&mut out),
        What::Recheck => office.recheck(&mut out).await,
    }
}

impl Office {
    fn record(&self) -> RecordAt {
        RecordAt::new(self.config.paths.run.clone(), self.config.paths.data.clone())
    }

    fn time_zone(&self) -> &TimeZone {
        &self.config.clinic.time_zone
    }

    /// What an endpoint is asked to do.
    fn asked<'a>(&'a self, endpoint: &'a Endpoint) -> Asked<'a> {
        Asked {
            endpoint: &endpoint.name,
            region: &self.config.airlock.residency,
            lan: endpoint.lan,
            zero_retention: self.config.airlock.zero_retention,
            today: self.today,
            catalogue: self.catalogue.sha256(),
            vocabulary: vocabulary::sha256(),
        }
    }

    /// The register's text; empty where there is no file yet.
    fn register(&self) -> Result<String, Failure> {
        let path = &self.config.airlock.registry;
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(Failure::file(path, error)),
        }
    }

    async fn status(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let airlock = &self.config.airlock;
        let register = Register::parse(&self.register()?).map_err(|problems| {
            Failure::because(OfficerError::Register { path: airlock.registry.clone(), problems })
        })?;
        let prices = prices(airlock).map_err(Failure::because)?;
        let record = self.record();
        let spent = spent::ask(&record.client(), &ceilings(&airlock.ceilings), self.today, self.time_zone()).await;
        let names: Vec<&str> = airlock.endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect();
        let status = Status {
            doors: airlock.endpoints.iter().map(|e| (e, register.standing(&self.asked(e)))).collect(),
            models: self.models(&prices),
            spent: spent.ok().map(|spend| spend.totals(self.today).spent),
            strangers: register.strangers(&names),
        };
        if self.json {
            self.status_lines(&status, out)?
        } else {
            self.status_text(&status, out)?
        }
        Ok(Exit::Well)
    }

    /// Each tier's models in the order in which they are asked, and where their price was read.
    fn models(&self, prices: &Prices) -> Vec<(Tier, &ModelName, Option<String>)> {
        let airlock = &self.config.airlock;
        let mut models = Vec::new();
        for tier in Tier::ALL {
            let canary = airlock.canary.iter().filter(|canary| canary.tier == tier).map(|canary| &canary.model);
            for name in canary.chain(airlock.tiers.get(tier)) {
                let Some(at) = airlock.endpoint(&name.endpoint) else { continue };
                let price = prices.price(&at.provider, &name.model, &at.region, self.today);
                models.push((tier, name, price.map(|price| format!("{}, read {}", price.source(), price.date()))));
            }
        }
        models
    }

    fn status_lines(&self, status: &Status<'_>, out: &mut dyn Write) -> io::Result<()> {
        for (endpoint, standing) in &status.doors {
            let (open, off) = (standing.as_ref().ok(), standing.as_ref().err());
            let line = json!({
                "endpoint": endpoint.name, "lan": endpoint.lan, "open": open.is_some(),
                "off": off.map(Off::as_str), "to_do": off.map(ToString::to_string),
                "since": open.map(|open| open.since), "officer": open.map(|open| &open.officer),
                "days_left": open.and_then(|open| open.days_left),
            });
            writeln!(out, "{line}")?;
        }
        for (tier, name, price) in &status.models {
            let line = json!({ "tier": tier, "endpoint": name.endpoint, "model": name.model, "price": price });
            writeln!(out, "{line}")?;
        }
        let line = json!({
            "mode": mode(self.config.airlock.mode).0, "catalogue": self.catalogue.sha256(),
            "vocabulary": vocabulary::ID, "vocabulary_sha256": vocabulary::sha256(),
            "today": self.today, "spent_microdollars": status.spent,
        });
        writeln!(out, "{line}")
    }

    fn status_text(&self, status: &Status<'_>, out: &mut dyn Write) -> io::Result<()> {
        let airlock = &self.config.airlock;
        writeln!(out, "mode        {}: {}", mode(airlock.mode).0, mode(airlock.mode).1)?;
        writeln!(out, "catalogue   {}", self.catalogue.sha256())?;
        writeln!(out, "vocabulary  {} ({} words) {}", vocabulary::ID, vocabulary::len(), vocabulary::sha256())?;
        writeln!(out, "register    {}", airlock.registry.display())?;
        match status.spent {
            Some(spent) => writeln!(out, "spent today {spent} of {}", ceilings(&airlock.ceilings).day)?,
            None => writeln!(out, "spent today not known: the record does not answer, so no model is asked")?,
        }
        writeln!(out)?;
        if status.doors.is_empty() {
            writeln!(out, "no door: [airlock.endpoints] of the configuration is empty")?;
        }
        for (endpoint, standing) in &status.doors {
            let place = if endpoint.lan { "in the clinic" } else { "cloud" };
            let Endpoint { name, format, region, url, .. } = endpoint;
            writeln!(out, "{name}: {place}, {region}, {format}, {url}")?;
            match standing {
                Ok(open) => {
                    writeln!(out, "  open since {} by {}{}", open.since, show::plain(&open.officer), ends(open))?
                }
                Err(off) => writeln!(out, "  OFF ({}): {}", off.as_str(), show::plain(&off.to_string()))?,
            }
        }
        for (tier, name, price) in &status.models {
            let price = price.as_ref().map_or(NO_PRICE.to_owned(), |price| format!("price by {price}"));
            writeln!(out, "{tier:<10} {}/{}: {price}", name.endpoint, name.model)?;
        }
        status.strangers.iter().try_for_each(|stranger| writeln!(out, "register: {stranger}"))
    }

    async fn pending(&self, count: u32, out: &mut dyn Write) -> Result<Exit, Failure> {
        let record = self.record();
        let mut latest: Vec<Wire> = Vec::new();
        let start = Wired { after: None, withheld: Some(count) };
        let take = |entry: Wire| {
            if entry.event.kind == Kind::WireWithheld {
                latest.push(entry);
            }
        };
        each(&record, start, take).await.map_err(Failure::because)?;
        if self.json {
            show::lines(&latest, out)?;
        } else if latest.is_empty() {
            writeln!(out, "no request was withheld yet: let a caller ring, simulated or real, and look again")?;
        } else {
            for Wire { call, event } in latest {
                writeln!(out, "call {}", call.map_or("none".to_owned(), |call| call.to_string()))?;
                exchange::ledger(&[event], out)?;
            }
        }
        Ok(Exit::Well)
    }

    async fn approve(&self, endpoint: &str, officer: &str, out: &mut dyn Write) -> Result<Exit, Failure> {
        let airlock = &self.config.airlock;
        let no_such = || Failure::because(OfficerError::NoSuchEndpoint(endpoint.to_owned()));
        let endpoint = airlock.endpoint(endpoint).ok_or_else(no_such)?;
        let asked = self.asked(endpoint);
        let text = opening::opened(&self.register()?, officer, &asked).map_err(Failure::because)?;
        let approval = Review::Approve {
            endpoint: endpoint.name.clone(),
            by: officer.to_owned(),
            catalogue: asked.catalogue.to_owned(),
            vocabulary: asked.vocabulary.to_owned(),
        };
        review::note(&self.record(), &approval).await.map_err(Failure::because)?;
        opening::replace(&airlock.registry, &text).map_err(|error| Failure::file(&airlock.registry, error))?;
        writeln!(out, "{} is open from {} on, by {}, for", endpoint.name, self.today, show::plain(officer))?;
        writeln!(out, "  catalogue   {}", asked.catalogue)?;
        writeln!(out, "  vocabulary  {} {}", vocabulary::ID, asked.vocabulary)?;
        writeln!(
            out,
            "It shuts by itself when one of them changes. To shut it now, take its [[approval]] out of {}.",
            airlock.registry.display()
        )?;
        if airlock.mode == AirlockMode::Rehearsal {
            writeln!(out, "Nothing leaves yet: the configuration says mode = \"rehearsal\".")?;
        }
        Ok(Exit::Well)
    }

    fn sign_off(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        writeln!(
            out,
            "An agreement is signed off by hand, since it has to be read: open {}, and add to its [[agreement]]\n\n  \
             signed-off-by = \"Your name\"\n  signed-off-on = {}\n\nThen run `anteroom airlock status`.",
            self.config.airlock.registry.display(),
            self.today
        )?;
        Ok(Exit::Well)
    }

    async fn recheck(&self, out: &mut dyn Write) -> Result<Exit, Failure> {
        let report = recheck(&self.record(), &self.catalogue).await.map_err(Failure::because)?;
        if self.json {
            show::lines(&[&report], out)?;
        } else {
            found(&report, out)?;
        }
        Ok(if report.failures.is_empty() { Exit::Well } else { Exit::Failed })
    }
}

/// Checks the whole ledger of a record.
///
/// # Errors
/// [`RecordCliError`] where it cannot be read; what does not pass is no error.
pub async fn recheck(at: &RecordAt, catalogue: &Catalogue) -> Result<Report, RecordCliError> {
    let mut ledger = Ledger::new(catalogue);
    let take = |entry: Wire| {
        let Wire { call, event } = entry;
        // What is damaged is no JSON: it does not pass. What was erased is not there to be judged.
        let damaged = (event.state == State::Damaged).then_some("");
        let body = event.body.as_ref().map(|body| body.get()).or(damaged);
        ledger.take(&Entry { seq: event.seq, kind: event.kind, call, turn: event.turn, body });
    };
    each(at, Wired::default(), take).await?;
    Ok(ledger.finish())
}

/// Reads the wire's events from a place on, one after the other: a year of them does not fit in memory.
async fn each(at: &RecordAt, start: Wired, mut take: impl FnMut(Wire)) -> Result<(), RecordCliError> {
    let mut asked = start;
    loop {
        let files = || Ok(reading::wire(&at.reader()?, asked)?);
        let page: WirePage = at.ask("wire", &asked, LEDGER_DEADLINE, files).await?;
        let last = page.entries.last().map(|entry| entry.event.seq);
        page.entries.into_iter().for_each(&mut take);
        match last {
            Some(last) if page.more => asked = Wired { after: Some(last), withheld: None },
            Some(_) | None => return Ok(()),
        }
    }
}

fn found(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Report { requests, passed, other_vocabulary, other_catalogue, erased, failures } = report;
    if *passed == *requests {
        return writeln!(out, "{requests} requests re-checked, all pass");
    }
    writeln!(out, "{requests} requests re-checked, {passed} pass")?;
    let not_judged = [
        (other_vocabulary, "were checked by another vocabulary: re-check them with the version that wrote them"),
        (other_catalogue, "pass; their bodies have another catalogue: re-check them with the configuration of then"),
        (erased, "were erased"),
    ];
    for (count, what) in not_judged.into_iter().filter(|(count, _)| **count > 0) {
        writeln!(out, "{count} {what}")?;
    }
    if !failures.is_empty() {
        writeln!(out, "{} DO NOT PASS:", failures.len())?;
    }
    for failure in failures {
        let call = failure.call.map_or("no call".to_owned(), |call| format!("call {call}"));
        let exchange =
            failure.exchange.as_deref().map_or("withheld".to_owned(), |id| format!("exchange {}", show::plain(id)));
        writeln!(out, "  event {} {call} turn {} {exchange}: {}", failure.seq, failure.turn, failure.wrong)?;
    }
    Ok(())
}

fn mode(mode: AirlockMode) -> (&'static str, &'static str) {
    match mode {
        AirlockMode::Rehearsal => ("rehearsal", "every request is kept in the box, whatever stands below"),
        AirlockMode::Open => ("open", "requests leave by the doors that are open"),
    }
}

fn ends(open: &Open) -> String {
    match open.days_left {
        Some(days) if open.ends_soon() => format!("; the agreement ENDS IN {days} DAYS: have it renewed"),
        Some(days) => format!("; the agreement ends in {days} days"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::airlock::recheck::{Failure as Found, Wrong};
    use crate::ids::Turn;

    fn text(report: &Report) -> String {
        let mut out = Vec::new();
        found(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_ledger_that_passes_is_one_line_and_what_does_not_is_named_without_its_words() {
        assert_eq!(text(&Report { requests: 3, passed: 3, ..Report::default() }), "3 requests re-checked, all pass\n");
        let failure = Found { seq: 9, call: None, turn: Turn(2), exchange: None, wrong: Wrong::Refused("off-list") };
        let report =
            Report { requests: 3, passed: 1, other_vocabulary: 1, failures: vec![failure], ..Report::default() };
        assert_eq!(
            text(&report),
            "3 requests re-checked, 1 pass\n\
             1 were checked by another vocabulary: re-check them with the version that wrote them\n\
             1 DO NOT PASS:\n  event 9 no call turn 2 withheld: the second check refuses it: off-list\n"
        );
    }
}
