//! The run against a record and a target of its own that is cut off at any await.

use std::collections::BTreeMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::sync::fake::{BOX, FakeRecord, LOG};
use crate::wire::rows::Cell;

/// A destination in memory, with an await before and after each thing that happens to it.
#[derive(Default)]
struct Memory {
    rows: BTreeMap<i64, Vec<Cell>>,
    cursor: Option<Cursor>,
    /// Files that were written and not entered, as in a bucket.
    loose: Option<(u64, u64)>,
    /// Whether files are written before they are entered.
    bucket: bool,
    fails: Vec<Fault>,
}

impl Target for Memory {
    async fn cursor(&mut self, box_id: &str) -> Result<Option<Cursor>, Fault> {
        tokio::task::yield_now().await;
        assert_eq!(box_id, BOX);
        Ok(self.cursor.clone())
    }

    async fn begun(&mut self, _: &str, first: u64) -> Result<Option<u64>, Fault> {
        tokio::task::yield_now().await;
        Ok(self.loose.filter(|(begin, _)| *begin == first).map(|(_, end)| end))
    }

    async fn write(&mut self, batch: &Batch, had: Option<&Cursor>) -> Result<Cursor, Fault> {
        tokio::task::yield_now().await;
        if let Some(fault) = self.fails.pop() {
            return Err(fault);
        }
        if self.cursor.as_ref() != had {
            return Err(Fault::Moved);
        }
        if self.bucket {
            assert!(
                self.loose.is_none_or(|loose| loose == (batch.first, batch.next)),
                "another file for the same rows"
            );
            self.loose = Some((batch.first, batch.next));
        }
        tokio::task::yield_now().await;
        for row in batch.tables.iter().flat_map(|rows| &rows.rows) {
            let Cell::Int(seq) = row[1] else { panic!("no number") };
            assert!(self.rows.insert(seq, row.clone()).is_none(), "row {seq} came twice");
        }
        let checkpoint = batch.checkpoint.clone();
        let (log, size, root) = (batch.log.clone(), checkpoint.size, checkpoint.root);
        let cursor = Cursor { log, next: batch.next, size, root };
        self.cursor = Some(cursor.clone());
        self.loose = None;
        tokio::task::yield_now().await;
        Ok(cursor)
    }
}

fn this<'a>(box_id: &'a mut Option<String>) -> Run<'a> {
    Run { destination: "warehouse", box_id, may_go_on: &|| true }
}

/// Polls a run at most `polls` times, then drops it.
fn cut_off(record: &FakeRecord, target: &mut Memory, polls: usize) -> Option<Result<Arrived, Stopped>> {
    let mut box_id = None;
    let mut running = pin!(run(this(&mut box_id), record, target));
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(ended) = running.as_mut().poll(&mut cx) {
            return Some(ended);
        }
    }
    None
}

fn complete(target: &Memory, events: i64) {
    let expected: Vec<i64> = (0..events).collect();
    assert_eq!(target.rows.keys().copied().collect::<Vec<_>>(), expected);
    assert_eq!(target.cursor.as_ref().map(|cursor| cursor.next), u64::try_from(events).ok());
}

#[tokio::test]
async fn everything_arrives_once_and_the_record_is_told() {
    let record = FakeRecord::new(95, 10);
    let (mut target, mut box_id) = (Memory::default(), None);
    let arrived = run(this(&mut box_id), &record, &mut target).await.unwrap();
    assert_eq!((arrived.rows, arrived.batches, arrived.size, arrived.paused), (95, 10, 95, false));
    complete(&target, 95);
    let synced = record.synced.lock().unwrap();
    assert_eq!((synced.len(), synced[0].rows, synced[0].cursor.next), (1, 95, 95));
    assert_eq!(box_id.as_deref(), Some(BOX));
}

#[tokio::test]
async fn the_end_is_where_it_was_when_the_run_began() {
    let mut record = FakeRecord::new(20, 10);
    let (mut target, mut box_id) = (Memory::default(), None);
    run(this(&mut box_id), &record, &mut target).await.unwrap();
    assert!(record.asked.lock().unwrap().iter().skip(1).all(|ask| ask.until == Some(20)));
    record.events = 30;
    record.asked.lock().unwrap().clear();
    run(this(&mut box_id), &record, &mut target).await.unwrap();
    let asked = record.asked.lock().unwrap();
    // The name is known now: nothing is asked for that lies there already.
    assert_eq!(asked.iter().map(|ask| ask.cursor.as_ref().map(|c| c.next)).collect::<Vec<_>>(), [Some(20), Some(30)]);
    drop(asked);
    complete(&target, 30);
}

#[test]
fn twenty_interruptions_at_any_await_lose_nothing_and_double_nothing() {
    for bucket in [false, true] {
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let mut record = FakeRecord::new(120, 10);
            let mut target = Memory { bucket, ..Memory::default() };
            let mut ended = 0;
            for _ in 0..20 {
                // What a batch would hold changes between two runs, as where the box's limits changed.
                record.most = random.u64(1..20);
                ended += usize::from(cut_off(&record, &mut target, random.usize(1..24)).is_some());
            }
            assert!(ended < 20, "nothing was ever interrupted");
            cut_off(&record, &mut target, usize::MAX).unwrap().unwrap();
            complete(&target, 120);
        }
    }
}

#[tokio::test]
async fn another_writer_makes_the_run_look_again_but_not_for_ever() {
    let record = FakeRecord::new(10, 10);
    let mut target = Memory { fails: vec![Fault::Moved; 3], ..Memory::default() };
    run(this(&mut None), &record, &mut target).await.unwrap();
    complete(&target, 10);
    let mut target = Memory { fails: vec![Fault::Moved; 9], ..Memory::default() };
    assert_eq!(run(this(&mut None), &record, &mut target).await, Err(Stopped::Fault(Fault::Moved)));
}

#[tokio::test]
async fn what_diverged_or_is_closed_gets_nothing() {
    let cursor = Cursor { log: "log-0".to_owned(), next: 5, size: 9, root: String::new() };
    let mut target = Memory { cursor: Some(cursor), ..Memory::default() };
    let record = FakeRecord::new(10, 10);
    let stopped = run(this(&mut None), &record, &mut target).await.unwrap_err();
    assert!(stopped == Stopped::Diverged && stopped.is_for_a_person());
    *record.instead.lock().unwrap() = Some(Answer::Closed { why: Closed::Expired });
    let stopped = run(this(&mut None), &record, &mut target).await.unwrap_err();
    assert_eq!((stopped, stopped.as_str()), (Stopped::Closed(Closed::Expired), "closed-expired"));
    assert!(target.rows.is_empty() && record.synced.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_batch_that_was_not_asked_for_or_is_not_whole_is_refused() {
    let record = FakeRecord::new(10, 10);
    let whole = record.batch(0, 10);
    let mut changed = whole.clone();
    changed.tables[0].rows[3][2] = Cell::Text("other".to_owned());
    let mut empty = whole.clone();
    empty.next = 0;
    let mut beyond = whole;
    beyond.checkpoint.size = 9;
    for batch in [changed, empty, beyond, record.batch(3, 10)] {
        *record.instead.lock().unwrap() = Some(Answer::Batch(Box::new(batch)));
        let mut target = Memory::default();
        assert_eq!(run(this(&mut None), &record, &mut target).await, Err(Stopped::Fault(Fault::Rows)));
        assert!(target.rows.is_empty());
    }
}

#[tokio::test]
async fn a_closed_window_ends_the_run_between_two_batches() {
    let record = FakeRecord::new(100, 10);
    let left = std::sync::atomic::AtomicI32::new(4);
    let may = || left.fetch_sub(1, std::sync::atomic::Ordering::Relaxed) > 0;
    let mut target = Memory::default();
    let mut box_id = None;
    let paused = Run { destination: "warehouse", box_id: &mut box_id, may_go_on: &may };
    let arrived = run(paused, &record, &mut target).await.unwrap();
    assert!(arrived.paused && arrived.batches == 4);
    assert_eq!(arrived.cursor.map(|cursor| (cursor.log, cursor.next)), Some((LOG.to_owned(), 40)));
}
