//! One run of one destination: what it lacks, batch by batch, from the record to there.
//!
//! In:  a [`Source`] (recordd) and a [`Target`] (a database, a bucket). Out: what arrived, or why no more did.
//!
//! ```text
//!   where is it? ── ask for rows ── Batch ── write, and move on, in one step ──┐
//!        ▲             │                                                       │
//!        │             └─ Done ── read back ── say so to the record            │
//!        └──── another writer moved it ◄───────────────────────────────────────┤
//!                      ▲                                                       │
//!                      └───────────────────────────────────────────────────────┘
//! ```
//! The only state is the destination's own, so that the run may be dropped at any await and begun anew: whatever was
//! half done there is either undone by the destination (a transaction) or done again for the same rows (an object).

use super::cells;
use super::fault::Fault;
use crate::wire::rows::{Answer, Ask, Batch, Closed, Cursor, Synced, digest};

/// How often a run looks anew since another writer moved the destination on: with one box for each name that happens
/// after a kill, once, where the dying server still commits.
const MOST_MOVES: u32 = 5;

/// Where rows come from: recordd.
pub trait Source: Sync {
    /// Asks for rows.
    fn rows(&self, ask: &Ask) -> impl Future<Output = Result<Answer, Fault>> + Send;
    /// Reports what has arrived.
    fn synced(&self, synced: &Synced) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Where rows go.
pub trait Target: Send {
    /// What the box of that name has there.
    fn cursor(&mut self, box_id: &str) -> impl Future<Output = Result<Option<Cursor>, Fault>> + Send;
    /// Where files for the batch that begins at `first` lie there already and were not yet entered: the end of its range.
    fn begun(&mut self, box_id: &str, first: u64) -> impl Future<Output = Result<Option<u64>, Fault>> + Send;
    /// Writes a batch and moves the cursor from `had` to behind it, both or neither.
    fn write(&mut self, batch: &Batch, had: Option<&Cursor>) -> impl Future<Output = Result<Cursor, Fault>> + Send;
}

/// What a run is about.
pub struct Run<'a> {
    /// The destination's name.
    pub destination: &'a str,
    /// The box's name there, once it is known: the first batch says it.
    pub box_id: &'a mut Option<String>,
    /// Whether it may go on, asked before each batch: the window of hours.
    pub may_go_on: &'a (dyn Fn() -> bool + Sync),
}

/// What came of a run that nothing stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Rows that were handed to the destination.
    pub rows: u64,
    /// Batches.
    pub batches: u64,
    /// What the destination has now; none where the record had nothing for it.
    pub cursor: Option<Cursor>,
    /// How many events the log had by the last answer.
    pub size: u64,
    /// Whether the window closed before the end.
    pub paused: bool,
}

/// Why a run stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// It failed; the next run makes up for it.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What the destination has is not of this log. Nothing is sent until a person has looked.
    #[error("the destination's rows are of another log than the record's: compare both before anything is sent")]
    Diverged,
    /// recordd says that the destination may not be used.
    #[error("{}", closed(*.0))]
    Closed(Closed),
}

impl Stopped {
    /// The word in logs, answers and alerts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fault(fault) => fault.as_str(),
            Self::Diverged => "diverged",
            Self::Closed(Closed::Unknown) => "closed-unknown",
            Self::Closed(Closed::NotApproved) => "closed-not-approved",
            Self::Closed(Closed::OneApproval) => "closed-one-approval",
            Self::Closed(Closed::Expired) => "closed-expired",
        }
    }

    /// Whether nothing is tried again before a person has acted.
    #[must_use]
    pub fn is_for_a_person(self) -> bool {
        match self {
            Self::Fault(fault) => matches!(fault, Fault::NotForHere),
            Self::Diverged | Self::Closed(_) => true,
        }
    }
}

fn closed(why: Closed) -> &'static str {
    match why {
        Closed::Unknown => "recordd does not know this destination: restart it with the configuration of syncd",
        Closed::NotApproved => "nobody has approved this destination as it is described now: approve it",
        Closed::OneApproval => "this destination takes PHI and has one approval: the other role must approve it too",
        Closed::Expired => "the agreement for this destination has expired: renew it, and approve it with the new date",
    }
}

/// Brings a destination up to date.
///
/// # Errors
/// [`Stopped`].
pub async fn run<S: Source, T: Target>(run: Run<'_>, source: &S, target: &mut T) -> Result<Arrived, Stopped> {
    let Run { destination, box_id, may_go_on } = run;
    let mut arrived = Arrived::default();
    let mut ask = Ask { destination: destination.to_owned(), cursor: None, until: None, end: None };
    if let Some(known) = box_id.as_deref() {
        locate(&mut ask, known, target).await?;
    }
    let mut moves = 0;
    loop {
        if !may_go_on() {
            arrived.paused = true;
            break;
        }
        let batch = match source.rows(&ask).await? {
            Answer::Batch(batch) => batch,
            Answer::Done { checkpoint, .. } => {
                arrived.size = arrived.size.max(checkpoint.map_or(0, |checkpoint| checkpoint.size));
                break;
            }
            Answer::Diverged => return Err(Stopped::Diverged),
            Answer::Closed { why } => return Err(Stopped::Closed(why)),
        };
        fits(&batch, &ask)?;
        arrived.size = arrived.size.max(batch.checkpoint.size);
        ask.until.get_or_insert(batch.checkpoint.size);
        if box_id.is_none() {
            // Only now is it known under which name the destination would have this box's rows.
            locate(&mut ask, &batch.box_id, target).await?;
            *box_id = Some(batch.box_id.clone());
            if ask.cursor.is_some() || ask.end.is_some_and(|end| end != batch.next) {
                continue;
            }
        } else if box_id.as_deref() != Some(batch.box_id.as_str()) {
            // Renamed: the new name is looked up as at the start.
            *box_id = None;
            (ask.cursor, ask.end) = (None, None);
            continue;
        }
        match target.write(&batch, ask.cursor.as_ref()).await {
            Ok(cursor) => {
                arrived.rows = arrived.rows.saturating_add(cells::count(&batch));
                arrived.batches = arrived.batches.saturating_add(1);
                (ask.cursor, ask.end) = (Some(cursor), None);
            }
            Err(Fault::Moved) if moves < MOST_MOVES => {
                moves += 1;
                locate(&mut ask, &batch.box_id, target).await?;
            }
            Err(fault) => return Err(fault.into()),
        }
    }
    report(destination, box_id.as_deref(), source, target, &mut arrived).await?;
    Ok(arrived)
}

/// Tells the record what the destination has, as the destination itself says.
async fn report<S: Source, T: Target>(
    destination: &str,
    box_id: Option<&str>,
    source: &S,
    target: &mut T,
    arrived: &mut Arrived,
) -> Result<(), Fault> {
    let Some(box_id) = box_id else { return Ok(()) };
    arrived.cursor = target.cursor(box_id).await?;
    if let Some(cursor) = arrived.cursor.clone() {
        source.synced(&Synced { destination: destination.to_owned(), cursor, rows: arrived.rows }).await?;
    }
    Ok(())
}

async fn locate<T: Target>(ask: &mut Ask, box_id: &str, target: &mut T) -> Result<(), Fault> {
    ask.cursor = target.cursor(box_id).await?;
    ask.end = target.begun(box_id, ask.cursor.as_ref().map_or(0, |cursor| cursor.next)).await?;
    Ok(())
}

/// Whether the batch is the one that was asked for, and is whole.
fn fits(batch: &Batch, ask: &Ask) -> Result<(), Fault> {
    let first = ask.cursor.as_ref().map_or(0, |cursor| cursor.next);
    let whole = digest(&batch.tables).as_ref() == Some(&batch.digest);
    let in_order = batch.first == first && batch.next > first && batch.next <= batch.checkpoint.size;
    let same_log = ask.cursor.as_ref().is_none_or(|cursor| cursor.log == batch.log);
    if whole && in_order && same_log { Ok(()) } else { Err(Fault::Rows) }
}

#[cfg(test)]
mod tests;
