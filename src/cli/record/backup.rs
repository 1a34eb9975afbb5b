//! `anteroom record recovery-key | backup | restore | drill | seal-key | unseal`: copies of the record, and what opens them.
//!
//! Private keys are read from files or standard input, never from the command line. A restored record is written where a
//! box expects its own; the box then begins a new log that names the restored one.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crypto_box::SecretKey;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::RecordCliError;
use super::export::value_in;
use crate::cli::exit::Exit;
use crate::clock::{Clock, SystemClock};
use crate::hex::{hex, unhex};
use crate::record::backup::drill::drill;
use crate::record::backup::recovery::RecoveryKey;
use crate::record::backup::restore::{Plan, restore};
use crate::record::backup::witness::Witness;
use crate::record::key::KeySource;

/// Commands about copies.
#[derive(clap::Subcommand)]
pub enum Backup {
    /// Draws the clinic's recovery key: print it, put it into an envelope, and write its public half into [backup].
    RecoveryKey {
        /// Reads a printed key instead (`-`: standard input), and shows its public half: is the envelope the right one?
        #[arg(long)]
        check: Option<PathBuf>,
    },
    /// Builds a record from copies, in a folder that holds none yet.
    Restore {
        /// Which copies, and what opens them.
        #[command(flatten)]
        copies: Copies,
        /// The data directory of the box that goes on; its `record-key` credential, where there is one, is used.
        #[arg(long)]
        into: PathBuf,
        /// Takes keys that are older than 35 days; what was erased since may then be there again.
        #[arg(long)]
        old_keys: bool,
        /// Restores what there is, where segments are missing or damaged.
        #[arg(long)]
        partial: bool,
    },
    /// Restores into a scratch folder, verifies to the last body, and throws it away: would the copies be a record again?
    Drill {
        /// Which copies, and what opens them.
        #[command(flatten)]
        copies: Copies,
        /// Where the scratch folder is made.
        #[arg(long, default_value = "/var/tmp")]
        scratch: PathBuf,
    },
    /// Draws a key to which bodies in a warehouse are sealed; its private half is written to a file for who may read them.
    SealKey {
        /// The file to make.
        file: PathBuf,
    },
    /// Opens bodies that a warehouse holds sealed: hexadecimal digits on standard input, one a line; bodies come out so.
    Unseal {
        /// The file that `seal-key` made.
        #[arg(long)]
        key_file: PathBuf,
    },
}

/// Which copies.
#[derive(clap::Args)]
pub struct Copies {
    /// The folder with `segments` and `keys`.
    #[arg(long)]
    from: PathBuf,
    /// A file with the printed recovery key (`-`: standard input).
    #[arg(long)]
    key_from: PathBuf,
    /// Which log, where the folder holds several.
    #[arg(long)]
    log: Option<Uuid>,
    /// A file with a checkpoint that somebody outside the box holds.
    #[arg(long)]
    witness: Option<PathBuf>,
}

/// Runs one of them.
///
/// # Errors
/// [`RecordCliError`].
pub fn run(what: Backup, out: &mut dyn Write) -> Result<Exit, RecordCliError> {
    match what {
        Backup::RecoveryKey { check } => recovery_key(check.as_deref(), out)?,
        Backup::Restore { copies, into, old_keys, partial } => {
            let (key, witness) = (copies.key()?, copies.witness()?);
            let plan = Plan {
                folder: &copies.from,
                log: copies.log,
                key: &key,
                into: KeySource::of_process(&into),
                witness,
                now: SystemClock.wall().as_microsecond(),
                old_keys,
                partial,
            };
            let restored = restore(&plan).map_err(backup)?;
            let (events, open, erased) = (restored.events, restored.bodies_open, restored.erased);
            writeln!(out, "record {}: {events} events, {open} bodies open, {erased} erased", restored.log)?;
            if let Some(root) = &restored.root {
                writeln!(out, "  root {root}")?;
            }
            restored.bad.iter().try_for_each(|bad| writeln!(out, "  {bad}"))?;
            writeln!(out, "Give {} to recordd's user; the box begins a new log when it starts.", into.display())?;
        }
        Backup::Drill { copies, scratch } => {
            let (key, witness) = (copies.key()?, copies.witness()?);
            let report = drill(&copies.from, copies.log, &key, witness, &scratch, &SystemClock).map_err(backup)?;
            writeln!(out, "{report}")?;
        }
        Backup::SealKey { file } => seal_key(&file, out)?,
        Backup::Unseal { key_file } => unseal(&key_file, out)?,
    }
    Ok(Exit::Well)
}

fn recovery_key(check: Option<&Path>, out: &mut dyn Write) -> Result<(), RecordCliError> {
    let key = match check {
        Some(file) => RecoveryKey::parse(&value_in(file)?).map_err(backup)?,
        None => {
            let key = RecoveryKey::draw().map_err(backup)?;
            writeln!(out, "{}", key.printed().as_str())?;
            writeln!(
                out,
                "Print this line, seal it into an envelope, and keep it nowhere else: it opens every backup."
            )?;
            writeln!(out, "Check the paper: anteroom record recovery-key --check -")?;
            key
        }
    };
    writeln!(out, "recovery-key = \"{}\"", key.public_hex())?;
    Ok(())
}

fn seal_key(file: &Path, out: &mut dyn Write) -> Result<(), RecordCliError> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut seed = Zeroizing::new([0_u8; 32]);
    getrandom::fill(seed.as_mut_slice()).map_err(|error| RecordCliError::file(file, io::Error::other(error)))?;
    let key = SecretKey::from(*seed);
    let digits = Zeroizing::new(hex(seed.as_slice()));
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let written = made.and_then(|mut made| writeln!(made, "{}", digits.as_str()));
    written.map_err(|source| RecordCliError::file(file, source))?;
    writeln!(out, "seal-to = \"{}\"", hex(&key.public_key().to_bytes()))?;
    Ok(())
}

fn unseal(file: &Path, out: &mut dyn Write) -> Result<(), RecordCliError> {
    let digits = Zeroizing::new(value_in(file)?);
    let seed = unhex(&digits).map(Zeroizing::new).and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
    let not_a_key = || RecordCliError::file(file, io::Error::other("it does not hold a key that seal-key made"));
    let key = SecretKey::from(seed.ok_or_else(not_a_key)?);
    for line in io::stdin().lines() {
        // PostgreSQL writes bytea with `\\x` in front.
        let line = line?;
        let opened = unhex(line.trim().trim_start_matches("\\x")).and_then(|sealed| key.unseal(&sealed).ok());
        match opened {
            Some(body) => out.write_all(&[&body, b"\n".as_slice()].concat())?,
            None => return Err(RecordCliError::NotSealed),
        }
    }
    Ok(())
}

fn backup(error: impl std::error::Error + Send + Sync + 'static) -> RecordCliError {
    RecordCliError::Backup(Box::new(error))
}

impl Copies {
    fn key(&self) -> Result<RecoveryKey, RecordCliError> {
        RecoveryKey::parse(&value_in(&self.key_from)?).map_err(backup)
    }

    fn witness(&self) -> Result<Option<Witness>, RecordCliError> {
        let Some(file) = &self.witness else { return Ok(None) };
        let note = std::fs::read_to_string(file).map_err(|source| RecordCliError::file(file, source))?;
        Witness::parse(&note).map(Some).map_err(backup)
    }
}
