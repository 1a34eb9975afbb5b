//! `anteroom record shred | hold | lift | flag | marks | disclose | disclosures | amend | digest | exposure | checkpoint |
//! seen`: what a privacy officer does with the record, and answers for.
//!
//! Each deed is an event and so needs a running box; what only looks back reads the files where no daemon runs. Names of
//! patients come from files or standard input, never from the command line.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::export::value_in;
use super::{READ_DEADLINE, RecordAt, RecordCliError, VERIFY_DEADLINE};
use crate::clock::{Clock, SystemClock};
use crate::ids::CallId;
use crate::record::checkpoint::Checkpoint;
use crate::record::erase::Mark;
use crate::record::officer::{self, Accounted, Amendment, Digest, Disclosure, Exposure};
use crate::record::request::{Amend, Between, CheckpointSince, Disclose, Disclosed, Erase, MarkCall, Seen};
use crate::record::review::Review;
use crate::record::show::{moment, plain};
use crate::wire::client::AskError;
use crate::wire::frame::Refusal;

const DAY_US: i64 = 86_400_000_000;

/// The officer's commands.
#[derive(clap::Subcommand)]
pub enum Deed {
    /// Erases calls for good: their keys are destroyed, the proof of everything else stays.
    Shred {
        /// Which calls.
        calls: Vec<CallId>,
        /// Calls in which the value in this file occurs (`-`: standard input): a patient's name, number or id.
        #[arg(long)]
        patient_from: Option<PathBuf>,
        /// Why, without PHI.
        #[arg(long)]
        why: String,
        /// Who decides.
        #[arg(long)]
        by: String,
    },
    /// Keeps a call from being erased by anyone, retention included.
    Hold(Marking),
    /// Ends a hold; two people do it.
    Lift {
        /// Which call, and who says so.
        #[command(flatten)]
        marking: Marking,
        /// The second person.
        #[arg(long)]
        and: String,
    },
    /// Puts another mark on a call, or with --off takes it off.
    Flag {
        /// `part2`: its rows stay in the box (42 CFR Part 2). `confidential`: the patient is to be reached in another way.
        #[arg(value_parser = flag)]
        mark: Mark,
        /// Which call, and who says so.
        #[command(flatten)]
        marking: Marking,
        /// Takes it off.
        #[arg(long)]
        off: bool,
    },
    /// Lists the marks.
    Marks,
    /// Writes down a disclosure that must be accounted for, 45 CFR 164.528.
    Disclose {
        /// Of which call.
        #[arg(long)]
        call: Option<CallId>,
        /// A file with the patient's id (`-`: standard input), so that it can be accounted for when the call is erased.
        #[arg(long)]
        patient_from: Option<PathBuf>,
        /// Who received it, with the address where it is known.
        #[arg(long)]
        to: String,
        /// What was disclosed, briefly and without PHI.
        #[arg(long)]
        what: String,
        /// For what purpose, or on whose request.
        #[arg(long)]
        purpose: String,
        /// Who writes this down.
        #[arg(long)]
        by: String,
    },
    /// Accounts for the disclosures of the last six years.
    Disclosures {
        /// Of this call.
        #[arg(long)]
        call: Option<CallId>,
        /// Of the patient whose id is in this file (`-`: standard input).
        #[arg(long)]
        patient_from: Option<PathBuf>,
    },
    /// Puts beside a call what its patient wants to be read with it, 45 CFR 164.526.
    Amend {
        /// Which call.
        call: CallId,
        /// The file with the text; without it, standard input.
        #[arg(long, default_value = "-")]
        text_from: PathBuf,
        /// Who writes it down.
        #[arg(long)]
        by: String,
        /// The clinic did not accept it; it is a statement of disagreement.
        #[arg(long)]
        disputed: bool,
    },
    /// The activity of some days, 45 CFR 164.308(a)(1)(ii)(D); with --sign-by it is signed off.
    Digest {
        /// How many days back.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Who has looked it through.
        #[arg(long)]
        sign_by: Option<String>,
        /// What is to be said about it, without PHI.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// What whoever has the box, or a copy of its disk, would have: for a breach's assessment, 45 CFR 164.402(2).
    Exposure,
    /// The newest signed checkpoint, for a witness outside the box; with --since, and the proof that it continues that one.
    Checkpoint {
        /// The size of the checkpoint that the witness has.
        #[arg(long)]
        since: Option<u64>,
    },
    /// Says that somebody outside the box holds a checkpoint: from now on a record that falls behind it is set aside.
    Seen {
        /// The file with its signed note, as `checkpoint` printed it (`-`: standard input).
        note: PathBuf,
        /// Who holds it.
        #[arg(long)]
        by: String,
    },
}

/// A call, and who says so.
#[derive(clap::Args)]
pub struct Marking {
    /// Which call.
    call: CallId,
    /// Who decides.
    #[arg(long)]
    by: String,
    /// What is to be said about it, without PHI.
    #[arg(long, default_value = "")]
    note: String,
}

fn flag(word: &str) -> Result<Mark, String> {
    let known = [Mark::Part2, Mark::Confidential];
    known.into_iter().find(|mark| mark.as_str() == word).ok_or_else(|| "write part2 or confidential".to_owned())
}

/// Runs one of the officer's commands.
///
/// # Errors
/// [`RecordCliError`].
pub async fn run(at: &RecordAt, deed: Deed, json: bool, out: &mut dyn Write) -> Result<(), RecordCliError> {
    match deed {
        Deed::Shred { calls, patient_from, why, by } => shred(at, calls, patient_from, why, by, out).await,
        Deed::Hold(marking) => mark(at, marking, Mark::Hold, true, None).await,
        Deed::Lift { marking, and } => mark(at, marking, Mark::Hold, false, Some(and)).await,
        Deed::Flag { mark: which, marking, off } => mark(at, marking, which, !off, None).await,
        Deed::Marks => {
            let marks: serde_json::Value = at.deed("marks", &()).await?;
            Ok(writeln!(out, "{marks}")?)
        }
        Deed::Disclose { call, patient_from, to, what, purpose, by } => {
            let patient = patient_from.map(|file| value_in(&file)).transpose()?;
            let disclosure = Disclosure { to, what, purpose, by, patient };
            at.deed::<serde_json::Value>("disclose", &Disclose { call, disclosure }).await.map(drop)
        }
        Deed::Disclosures { call, patient_from } => {
            let patient = patient_from.map(|file| value_in(&file)).transpose()?;
            disclosures(at, &Disclosed { call, patient }, json, out).await
        }
        Deed::Amend { call, text_from, by, disputed } => {
            let text = value_in(&text_from)?;
            let amendment = Amendment { text, by, accepted: !disputed };
            at.deed::<serde_json::Value>("amend", &Amend { call, amendment }).await.map(drop)
        }
        Deed::Digest { days, sign_by, note } => digest(at, days, sign_by, note, json, out).await,
        Deed::Exposure => exposure(at, json, out).await,
        Deed::Checkpoint { since } => {
            let found: serde_json::Value = at.deed("checkpoint", &CheckpointSince { old: since }).await?;
            if json {
                return Ok(writeln!(out, "{found}")?);
            }
            let text = |key: &str| found.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            writeln!(out, "{}key {}", text("checkpoint"), text("vkey"))?;
            Ok(())
        }
        Deed::Seen { note, by } => {
            let note = value_in(&note)?;
            // The signatures, and the key that `checkpoint` prints below them, are not asked: the record itself knows its root.
            let text = note.split_once("\n\n").map_or(note.as_str(), |(text, _)| text);
            let Checkpoint { size, root, .. } =
                Checkpoint::parse(&format!("{text}\n")).map_err(RecordCliError::NotACheckpoint)?;
            let held: bool = at.deed("seen", &Seen { size, root: root.to_string(), by }).await?;
            if held { Ok(()) } else { Err(RecordCliError::NotOurs) }
        }
    }
}

async fn shred(
    at: &RecordAt,
    mut calls: Vec<CallId>,
    patient_from: Option<PathBuf>,
    why: String,
    by: String,
    out: &mut dyn Write,
) -> Result<(), RecordCliError> {
    if let Some(file) = patient_from {
        calls.extend(at.calls_of(value_in(&file)?).await?);
    }
    if calls.is_empty() {
        return Err(RecordCliError::NoSuchCall);
    }
    let count = calls.len();
    let done: serde_json::Value = at.deed("erase", &Erase { calls, why, by }).await?;
    let destroyed = done.get("destroyed").and_then(serde_json::Value::as_u64).unwrap_or(0);
    writeln!(out, "{count} calls: {destroyed} keys destroyed")?;
    writeln!(out, "What is left of them on worn flash, and in copies of keys, goes later: see docs/record.md.")?;
    Ok(())
}

async fn mark(
    at: &RecordAt,
    marking: Marking,
    mark: Mark,
    on: bool,
    second: Option<String>,
) -> Result<(), RecordCliError> {
    let Marking { call, by, note } = marking;
    at.deed::<serde_json::Value>("mark", &MarkCall { call, mark, on, by, second, note }).await.map(drop)
}

async fn disclosures(at: &RecordAt, asked: &Disclosed, json: bool, out: &mut dyn Write) -> Result<(), RecordCliError> {
    let now = SystemClock.wall().as_microsecond();
    let files = || Ok(officer::disclosures(&at.reader()?, asked.call, asked.patient.as_deref(), now)?);
    let found: Vec<Accounted> = at.ask("disclosures", asked, READ_DEADLINE, files).await?;
    if json {
        return Ok(crate::record::show::lines(&found, out)?);
    }
    writeln!(out, "{} disclosures in the last six years", found.len())?;
    for Accounted { t, call, disclosure, .. } in found {
        let call = call.map(|call| call.to_string()).unwrap_or_default();
        writeln!(out, "{}  to {}  {call}", moment(t), plain(&disclosure.to))?;
        writeln!(
            out,
            "    {}; {}; written down by {}",
            plain(&disclosure.what),
            plain(&disclosure.purpose),
            plain(&disclosure.by)
        )?;
    }
    Ok(())
}

async fn digest(
    at: &RecordAt,
    days: u32,
    sign_by: Option<String>,
    note: String,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), RecordCliError> {
    let until = SystemClock.wall().as_microsecond();
    let asked = Between { since: until.saturating_sub(i64::from(days).saturating_mul(DAY_US)), until };
    let files = || {
        let location = at.location()?;
        Ok(officer::digest(&location.reader()?, &location, asked.since, asked.until)?)
    };
    let digest: Digest = at.ask("digest", &asked, VERIFY_DEADLINE, files).await?;
    if json {
        crate::record::show::lines(&[&digest], out)?;
    } else {
        writeln!(out, "from {} to {}", moment(digest.since), moment(digest.until))?;
        writeln!(out, "{} calls, {} of simulated callers", digest.calls, digest.simulated)?;
        let tables = [
            ("events", &digest.kinds),
            ("looks at PHI", &digest.reveals),
            ("alerts", &digest.alerts),
            ("keys destroyed", &digest.destroyed),
            ("batches that arrived", &digest.batches),
        ];
        for (name, table) in tables.into_iter().filter(|(_, table)| !table.is_empty()) {
            writeln!(out, "{name}")?;
            table.iter().try_for_each(|(word, count)| writeln!(out, "  {count:>8}  {}", plain(word)))?;
        }
        match &digest.witnessed {
            Some(seen) => writeln!(out, "witnessed: {} events, {} by {}", seen.size, moment(seen.t), plain(&seen.by))?,
            None => writeln!(out, "witnessed: nothing; who holds the key could write the record anew")?,
        }
        match &digest.copied {
            Some(copied) => writeln!(out, "copied: {} events, {}", copied.next, moment(copied.t))?,
            None => writeln!(out, "copied: nothing; a box that breaks takes its record with it")?,
        }
    }
    if let Some(by) = sign_by {
        let review = Review::Digest { since: digest.since, until: digest.until, digest: digest.sum(), by, note };
        at.deed::<serde_json::Value>("review", &review).await?;
    }
    Ok(())
}

async fn exposure(at: &RecordAt, json: bool, out: &mut dyn Write) -> Result<(), RecordCliError> {
    let files = || {
        let (location, beside) = at.found()?;
        Ok(officer::exposure(&location.reader()?, &location, beside)?)
    };
    let found: Exposure = at.ask("exposure", &(), READ_DEADLINE, files).await?;
    if json {
        return Ok(crate::record::show::lines(&[&found], out)?);
    }
    writeln!(out, "record {}, {} events", plain(&found.log), found.events)?;
    if found.key_beside_data {
        writeln!(out, "THE KEY LIES BESIDE THE RECORD: whoever has the disk can read what follows.")?;
    } else {
        writeln!(out, "The key is not on the disk: without it nothing that follows can be read.")?;
    }
    writeln!(out, "  {} calls of patients can be read, {} are erased", found.readable_calls, found.erased_calls)?;
    writeln!(out, "  {} calls have sound", found.with_sound)?;
    if let Some((oldest, newest)) = found.between {
        writeln!(out, "  keys made between {} and {}", moment(oldest), moment(newest))?;
    }
    writeln!(out, "  {} requests left for a model, made of placeholders and listed words", found.left_for_models)?;
    for (name, size) in &found.destinations {
        writeln!(out, "  destination {}: has what {size} events became", plain(name))?;
    }
    for log in &found.set_aside {
        writeln!(out, "  a log that was set aside lies there too: {}", plain(log))?;
    }
    Ok(())
}

impl RecordAt {
    /// Has recordd do something: without it nothing is written down, and so nothing is done.
    pub(crate) async fn deed<T: DeserializeOwned>(
        &self,
        kind: &'static str,
        body: &impl Serialize,
    ) -> Result<T, RecordCliError> {
        let body = serde_json::to_vec(body).map_err(|_| RecordCliError::Version)?;
        match self.client().ask_sealed(kind, None, body, READ_DEADLINE).await {
            Ok(answer) => serde_json::from_slice(&answer).map_err(|_| RecordCliError::Version),
            Err(AskError::Gone { .. }) => Err(RecordCliError::NotRunning),
            Err(AskError::Refused { refusal: Refusal::Malformed, .. }) => Err(RecordCliError::NotInOrder),
            Err(AskError::Refused { refusal: Refusal::Forbidden, .. }) => Err(RecordCliError::Held),
            Err(error) => Err(RecordCliError::Ask(error)),
        }
    }
}
