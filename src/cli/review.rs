//! `anteroom review sample | mark | sign | rate`: a standing measurement of what redaction misses.
//!
//! In:  a random sample of the last days' calls, and what a person who looked at each turn says of it. Out: the leak rate of
//! this clinic with its exact 95 % bound. The draw, every mark and every sign-off are `review` events of the record, so they
//! need a running box; what is shown is PHI, and that it was shown is an event too.

pub mod beside;
pub mod bound;
pub mod rate;

use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use super::Failure;
use super::exit::Exit;
use super::record::{READ_DEADLINE, RecordAt, RecordCliError};
use crate::clock::{Clock, SystemClock};
use crate::ids::{CallId, Turn};
use crate::record::reading::{self, Page, Shown};
use crate::record::review::{CallsSince, Drawable, MOST_CALLS, Review, Verdict};
use crate::record::show;
use crate::wire::client::AskError;
use crate::wire::frame::Refusal;

/// `anteroom review`.
#[derive(clap::Args)]
pub struct ReviewCommand {
    /// The configuration, for where the record is.
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
    /// Draws calls at random and shows, turn by turn, what was heard beside what left.
    Sample(Sample),
    /// Says what was found in a turn.
    Mark {
        /// Which call.
        call: CallId,
        /// Which turn.
        turn: u32,
        /// What was found.
        #[arg(value_parser = verdict)]
        verdict: Verdict,
        /// Who looked.
        #[arg(long)]
        by: String,
    },
    /// Signs off what was marked so far.
    Sign {
        /// Who signs.
        #[arg(long)]
        by: String,
        /// What is to be said about it, without the name of a caller.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// The leak rate with its bound.
    Rate {
        /// Of simulated callers instead of real ones.
        #[arg(long)]
        simulated: bool,
    },
}

/// Options of `sample`.
#[derive(clap::Args, Debug)]
pub struct Sample {
    /// How many calls.
    #[arg(long, default_value_t = 20)]
    pub calls: usize,
    /// From how many days back.
    #[arg(long, default_value_t = 7)]
    pub days: u32,
    /// To repeat a draw; otherwise it is random.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Simulated callers instead of real ones.
    #[arg(long)]
    pub simulated: bool,
}

fn verdict(word: &str) -> Result<Verdict, String> {
    let words = Verdict::ALL.map(Verdict::as_str).join(", ");
    Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == word).ok_or(format!("it is one of {words}"))
}

/// Runs `anteroom review`.
///
/// # Errors
/// [`Failure`] where the record cannot be read, or does not run and something is to be written down.
pub async fn command(command: ReviewCommand) -> Result<Exit, Failure> {
    let config = crate::config::Config::load(&command.config).map_err(Failure::because)?;
    let at = RecordAt::new(config.paths.run, config.paths.data);
    let mut out = io::stdout();
    let done = match command.what {
        What::Sample(asked) => sample(&at, &asked, &SystemClock, command.json, &mut out).await,
        What::Mark { call, turn, verdict, by } => {
            mark(&at, Review::Mark { call, turn: Turn(turn), verdict, by }, &mut out).await
        }
        What::Sign { by, note } => sign(&at, by, note, &mut out).await,
        What::Rate { simulated } => measured(&at, simulated, command.json, &mut out).await,
    };
    done.map(|()| Exit::Well).map_err(Failure::because)
}

/// One turn of the sample, as JSON.
#[derive(Serialize)]
struct Line<'a> {
    call: CallId,
    turn: Turn,
    #[serde(flatten)]
    beside: &'a beside::Beside,
}

/// Draws calls and shows them.
///
/// # Errors
/// [`RecordCliError`].
pub async fn sample(
    at: &RecordAt,
    asked: &Sample,
    clock: &dyn Clock,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), RecordCliError> {
    let microseconds = i64::from(asked.days).saturating_mul(86_400_000_000);
    let since = clock.wall().as_microsecond().saturating_sub(microseconds);
    let wanted = CallsSince { since, synthetic: asked.simulated };
    let files = || Ok(reading::drawable(&at.reader()?, wanted)?);
    let Drawable { calls: all } = at.ask("calls-since", &wanted, READ_DEADLINE, files).await?;
    if all.is_empty() {
        let whose = if asked.simulated { "simulated" } else { "real" };
        writeln!(out, "there is no call of a {whose} caller in the last {} days", asked.days)?;
        return Ok(());
    }
    let seed = asked.seed.unwrap_or_else(|| fastrand::u64(..));
    let calls = draw(&all, asked.calls.clamp(1, MOST_CALLS), seed);
    let of = u64::try_from(all.len()).unwrap_or(u64::MAX);
    // Written down before anything is shown: nobody draws until they like what they see.
    let drawn = Review::Sample { seed, days: asked.days, of, synthetic: asked.simulated, calls: calls.clone() };
    note(at, &drawn).await?;
    if !json {
        writeln!(out, "{} of {of} calls of the last {} days, seed {seed}\n", calls.len(), asked.days)?;
    }
    for call in calls {
        let turns = beside::turns(&at.entries(Some(call)).await?);
        if json {
            let lines: Vec<_> = turns.iter().map(|(turn, beside)| Line { call, turn: *turn, beside }).collect();
            show::lines(&lines, out)?;
        } else {
            beside::write(call, &turns, out)?;
        }
    }
    Ok(())
}

/// So many of the calls at random, in their order.
fn draw(all: &[CallId], count: usize, seed: u64) -> Vec<CallId> {
    let mut calls = all.to_vec();
    fastrand::Rng::with_seed(seed).shuffle(&mut calls);
    calls.truncate(count);
    calls.sort_unstable();
    calls
}

async fn mark(at: &RecordAt, mark: Review, out: &mut dyn Write) -> Result<(), RecordCliError> {
    note(at, &mark).await?;
    Ok(writeln!(out, "noted")?)
}

async fn sign(at: &RecordAt, by: String, note_of: String, out: &mut dyn Write) -> Result<(), RecordCliError> {
    let signs = format!("signed off by {}", show::plain(&by));
    note(at, &Review::Sign { by, note: note_of }).await?;
    writeln!(out, "{signs}")?;
    measured(at, false, false, out).await
}

async fn measured(at: &RecordAt, simulated: bool, json: bool, out: &mut dyn Write) -> Result<(), RecordCliError> {
    let rate = rate::rate(&reviews(at).await?, simulated);
    if json {
        show::lines(&[&rate], out)?
    } else {
        rate::write(&rate, out)?
    }
    Ok(())
}

/// Every review of the record.
async fn reviews(at: &RecordAt) -> Result<Vec<Shown>, RecordCliError> {
    let (mut entries, mut after): (Vec<Shown>, Option<u64>) = (Vec::new(), None);
    loop {
        let files = || Ok(reading::reviews(&at.reader()?, after)?);
        let page: Page = at.ask("reviews", &after, READ_DEADLINE, files).await?;
        entries.extend(page.entries);
        after = entries.last().map(|entry| entry.seq);
        if !page.more {
            return Ok(entries);
        }
    }
}

/// Writes a review down.
///
/// # Errors
/// [`RecordCliError::NotRunning`] where there is nobody to write it down, [`RecordCliError::NoSuchTurn`].
pub(super) async fn note(at: &RecordAt, review: &Review) -> Result<(), RecordCliError> {
    if !review.is_in_order() {
        return Err(RecordCliError::NotKept);
    }
    let body = serde_json::to_vec(review).map_err(|_| RecordCliError::Version)?;
    match at.client().ask_sealed("review", None, body, READ_DEADLINE).await {
        Ok(_) => Ok(()),
        Err(AskError::Gone { .. }) => Err(RecordCliError::NotRunning),
        Err(AskError::Refused { refusal: Refusal::NotFound, .. }) => Err(RecordCliError::NoSuchTurn),
        Err(error) => Err(RecordCliError::Ask(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::record::daemon::{RecordConfig, run};
    use crate::secret::Secret;
    use crate::tasks::{Stop, TaskError, Tasks};
    use crate::wire::doors::Role;
    use crate::wire::event::Kind;
    use crate::wire::parcel::Parcel;
    use crate::wire::recorder::Recorder;
    use crate::wire::users::Uids;

    #[tokio::test]
    async fn a_sample_is_drawn_marked_signed_off_and_measured_through_the_record() {
        let folder = tempfile::tempdir().unwrap();
        let at = RecordAt::new(folder.path().join("run"), folder.path().join("data"));
        let users = Uids::all(nix::unistd::getuid().as_raw());
        let config = RecordConfig::new(at.run_dir.clone(), at.data_dir.clone(), users);
        let mut tasks = Tasks::new(Stop::new());
        tasks.start("record", |stop| async { run(config, stop).await.map_err(TaskError::because) });
        let recorder = Recorder::start(&at.run_dir, Role::Anteroomd, &mut tasks, Arc::new(SystemClock));
        recorder.wait_up().await;
        let (real, simulated) = (CallId::draw(), CallId::draw());
        for (call, synthetic) in [(real, false), (simulated, true)] {
            let said = Parcel::new().with("text", &Secret::new("my name is Mary Lopez"));
            let body = Parcel::new().with("said", &said);
            recorder.note(recorder.event(Kind::Heard, Some(call), Turn(1), synthetic, body));
        }
        recorder.flush(Duration::from_secs(30)).await.unwrap();

        let mut out = Vec::new();
        let asked = Sample { calls: 20, days: 7, seed: Some(3), simulated: false };
        sample(&at, &asked, &SystemClock, false, &mut out).await.unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("1 of 1 calls of the last 7 days, seed 3"), "{text}");
        assert!(text.contains(&format!("call {real} turn 1\n  heard     my name is Mary Lopez")), "{text}");
        assert!(!text.contains(&simulated.to_string()));

        let found = |call, turn, verdict| Review::Mark { call, turn: Turn(turn), verdict, by: "A. Officer".to_owned() };
        let unknown = mark(&at, found(real, 9, Verdict::Fine), &mut Vec::new()).await;
        assert!(matches!(unknown, Err(RecordCliError::NoSuchTurn)), "{unknown:?}");
        mark(&at, found(real, 1, Verdict::Fine), &mut Vec::new()).await.unwrap();
        // A mark of a simulated caller is none of the clinic's.
        mark(&at, found(simulated, 1, Verdict::Leak), &mut Vec::new()).await.unwrap();
        let mut out = Vec::new();
        sign(&at, "A. Officer".to_owned(), String::new(), &mut out).await.unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("leak rate of turns: 0 of 1, 0.00 %, at most 97.50 %"), "{text}");
        assert!(text.contains("signed off by A. Officer") && text.contains("marks since: 0"), "{text}");
        // Looking was noted, outside the call as the draw and inside it as what was shown.
        let shown = at.entries(Some(real)).await.unwrap();
        assert!(shown.iter().any(|entry| entry.kind == Kind::ConsoleReveal));
        tasks.stop().ask();
        tasks.wait().await.unwrap();
        let stopped = note(&at, &found(real, 1, Verdict::Leak)).await;
        assert!(matches!(stopped, Err(RecordCliError::NotRunning)), "{stopped:?}");
        let rate = rate::rate(&reviews(&at).await.unwrap(), false);
        assert_eq!(rate.turns.reviewed, 1, "the rate is read without the daemon too");
    }

    #[test]
    fn a_draw_is_random_without_repeats_and_can_be_repeated() {
        let all: Vec<CallId> = (0..100).map(|_| CallId::draw()).collect();
        let drawn = draw(&all, 20, 7);
        assert_eq!(drawn, draw(&all, 20, 7));
        assert_ne!(drawn, draw(&all, 20, 8));
        let unique: std::collections::BTreeSet<_> = drawn.iter().collect();
        assert_eq!(unique.len(), 20);
        assert_eq!(draw(&all, 500, 7).len(), 100);
    }

    #[test]
    fn a_verdict_is_one_of_three_words() {
        assert_eq!(verdict("over-redacted"), Ok(Verdict::OverRedacted));
        assert!(verdict("ok").unwrap_err().contains("leak, over-redacted, fine"));
    }
}
