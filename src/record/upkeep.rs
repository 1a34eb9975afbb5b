//! What recordd does by itself: watches its disk and its clock, erases what is due, turns the epoch of the data keys.
//!
//! In:  time. Out: work for the writer, and events: `alert`, `clock.step`, `key.destroyed`, `key.made`.
//! Four small tasks, each with its own rhythm; a failure of one round is logged and tried again in the next.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::config::record::Retention;
use crate::ids::{CallId, Turn};
use crate::record::backup::answer::copied_so_far;
use crate::record::database::{Location, StoreError};
use crate::record::facts::{known_text, set};
use crate::record::fork;
use crate::record::keys::{Scope, turn_epoch};
use crate::record::retention;
use crate::record::space::{Ballast, Stage, room};
use crate::record::store::{Entry, Submission};
use crate::record::writer::Writer;
use crate::tasks::{Stop, TaskError, Tasks};
use crate::wire::event::Kind;
use crate::wire::recorder::uptime_us;

/// How often the disk is looked at.
const SPACE_EVERY: Duration = Duration::from_secs(10);
/// Bytes of a write-ahead log that somebody must look at.
const LONG_WAL: u64 = 256 << 20;
/// How old what a witness holds may be, microseconds: a day.
const WITNESS_AGE_US: i64 = 86_400_000_000;
/// How old the copies on the shelf may be, microseconds: a day.
const COPY_AGE_US: i64 = 86_400_000_000;
/// How often the wall clock is held against the monotonic one.
const CLOCK_EVERY: Duration = Duration::from_secs(5);
/// What counts as a step of the wall clock: more than the network's time service corrects by slewing.
const STEP: Duration = Duration::from_secs(2);
/// How long after its start, and then how often, recordd erases what is due.
const RETENTION_FIRST: Duration = Duration::from_secs(600);
const RETENTION_EVERY: Duration = Duration::from_secs(86_400);
/// How old an epoch may be: what a destroyed key leaves on a flash disk is useless after so long.
const EPOCH_DAYS: i64 = 30;
/// Scopes that one erasure takes: the writer is busy for a moment only.
const AT_ONCE: usize = 200;

/// The stage of the disk, as handlers see it.
#[derive(Debug, Default)]
pub struct Room(AtomicU8);

impl Room {
    /// The stage when last looked at.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self.0.load(Ordering::Acquire) {
            0 => Stage::Ample,
            1 => Stage::Tight,
            _ => Stage::Low,
        }
    }

    fn set(&self, stage: Stage) {
        let number = match stage {
            Stage::Ample => 0,
            Stage::Tight => 1,
            Stage::Low => 2,
        };
        self.0.store(number, Ordering::Release);
    }
}

/// What the tasks share.
#[derive(Clone)]
pub struct Upkeep {
    /// The writer.
    pub writer: Writer,
    /// The record.
    pub location: Location,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// How long what is kept.
    pub retention: Retention,
    /// The disk's stage.
    pub room: Arc<Room>,
    /// Whether copies of the record are to be made.
    pub has_copies: bool,
}

impl Upkeep {
    /// Starts the tasks.
    pub fn start(self, tasks: &mut Tasks) {
        let [space, steps, erasing] = [self.clone(), self.clone(), self];
        tasks.start("space", move |stop| space.watch_space(stop));
        tasks.start("clock", move |stop| steps.watch_clock(stop));
        tasks.start("retention", move |stop| erasing.retain(stop));
    }

    /// An event of this moment that no client sent.
    #[must_use]
    pub fn entry(&self, kind: Kind, call: Option<CallId>, body: Vec<u8>) -> Entry {
        entry(&*self.clock, kind, call, "recordd", body)
    }

    fn note(&self, kind: Kind, body: String) {
        let entries = vec![self.entry(kind, None, body.into_bytes())];
        if self.writer.submit(Submission { sender: None, entries }).is_err() {
            tracing::error!(kind = kind.as_str(), "an event of the record itself could not be appended");
        }
    }

    /// Writes down that the box runs with another configuration than before.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_configuration(&self, digest: String) -> Result<(), StoreError> {
        let event =
            self.entry(Kind::ConfigChange, None, serde_json::json!({ "sha256": digest }).to_string().into_bytes());
        let noted = self.writer.act(move |mut store| {
            let connection = store.connection().0;
            if known_text(connection, "configuration")?.as_ref() == Some(&digest) {
                return Ok((store, ()));
            }
            // The event first: a change that is noted twice is better than one that is not.
            let (mut store, _) = store.append(&[Submission { sender: None, entries: vec![event] }])?;
            set(store.connection().0, "configuration", digest.as_bytes())?;
            Ok((store, ()))
        });
        noted.await
    }

    async fn watch_space(self, stop: Stop) -> Result<(), TaskError> {
        let folder = self.location.folder.clone();
        let (ballast, mut stage, mut was_long) = (Ballast::of(&folder), Stage::Ample, false);
        loop {
            let next = measured(&folder, &ballast, stage);
            if next != stage {
                tracing::error!(stage = next.as_str(), "the room for the record changed");
                self.note(Kind::Alert, format!("{{\"what\":\"{}\"}}", next.as_str()));
            }
            stage = next;
            self.room.set(stage);
            // A reader that never ends keeps the write-ahead log from being written back.
            let long = std::fs::metadata(folder.join("record.db-wal")).map_or(0, |wal| wal.len()) > LONG_WAL;
            if long && !was_long {
                self.note(Kind::Alert, "{\"what\":\"write-ahead-log-long\"}".to_owned());
            }
            was_long = long;
            if !wait(&stop, SPACE_EVERY).await {
                return Ok(());
            }
        }
    }

    /// Order is by number; but whoever reads times must know where they jump.
    async fn watch_clock(self, stop: Stop) -> Result<(), TaskError> {
        let (mut wall, mut mono) = (self.clock.wall(), self.clock.now());
        while wait(&stop, CLOCK_EVERY).await {
            let (now, at) = (self.clock.wall(), self.clock.now());
            let passed = i64::try_from(at.saturating_duration_since(mono).as_micros()).unwrap_or(i64::MAX);
            let step = now.as_microsecond().saturating_sub(wall.as_microsecond()).saturating_sub(passed);
            if step.unsigned_abs() > u64::try_from(STEP.as_micros()).unwrap_or(u64::MAX) {
                self.note(Kind::ClockStep, format!("{{\"by_us\":{step}}}"));
            }
            (wall, mono) = (now, at);
        }
        Ok(())
    }

    async fn retain(self, stop: Stop) -> Result<(), TaskError> {
        let mut next = RETENTION_FIRST;
        while wait(&stop, next).await {
            next = RETENTION_EVERY;
            self.look_at_the_witness();
            if let Err(error) = self.look_at_the_copies() {
                tracing::error!(error = &error as &dyn std::error::Error, "whether the record is copied is not known");
            }
            if let Err(error) = self.erase_what_is_due().await {
                tracing::error!(error = &error as &dyn std::error::Error, "what is due was not erased; tomorrow again");
            }
        }
        Ok(())
    }

    /// A record that nobody outside holds a checkpoint of can be rewritten by who holds its key.
    fn look_at_the_witness(&self) {
        let now = self.clock.wall().as_microsecond();
        match fork::witnessed(&self.location.folder) {
            Ok(Some(seen)) if now.saturating_sub(seen.t) > WITNESS_AGE_US => {
                self.note(Kind::Alert, "{\"what\":\"witness-old\"}".to_owned());
            }
            // None ever: the officer's digest says so each week.
            Ok(_) | Err(_) => {}
        }
    }

    /// A box that breaks takes with it what was not copied. Returns whether somebody was told so.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn look_at_the_copies(&self) -> Result<bool, StoreError> {
        let now = self.clock.wall().as_microsecond();
        let copied = if self.has_copies { copied_so_far(&self.location.reader()?)? } else { return Ok(false) };
        let old = copied.is_none_or(|copied| now.saturating_sub(copied.t) > COPY_AGE_US);
        if old {
            self.note(Kind::Alert, "{\"what\":\"copies-old\"}".to_owned());
        }
        Ok(old)
    }

    /// Erases what is due today, and turns the epoch where it is old. Returns how many keys were destroyed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase_what_is_due(&self) -> Result<u64, StoreError> {
        let (retention, wall) = (self.retention, self.clock.wall().as_microsecond());
        let synced = Path::new("/run/systemd/timesync/synchronized").exists();
        let due = self.writer.act(move |mut store| {
            let connection = store.connection().0;
            let today = retention::today(connection, wall, synced)?;
            let due = retention::due(connection, &retention, today)?;
            Ok((store, due))
        });
        let mut destroyed = 0_u64;
        for scopes in due.await?.chunks(AT_ONCE) {
            destroyed = destroyed.saturating_add(self.erase(scopes.to_vec(), "retention", "recordd").await?);
        }
        self.turn_old_epoch(wall).await?;
        Ok(destroyed)
    }

    /// Erases scopes; an event for each says why, and who asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn erase(&self, scopes: Vec<Scope>, why: &str, by: &str) -> Result<u64, StoreError> {
        let entries = scopes.iter().map(|scope| {
            let body = serde_json::json!({ "scope": scope.to_string(), "why": why, "by": by }).to_string();
            self.entry(Kind::KeyDestroyed, scope.call(), body.into_bytes())
        });
        let entries = entries.collect();
        self.writer.act(move |store| store.erase(&scopes, entries)).await
    }

    async fn turn_old_epoch(&self, wall: i64) -> Result<(), StoreError> {
        let day = wall.div_euclid(86_400_000_000);
        let turned = self.writer.act(move |mut store| {
            let (connection, location) = store.connection();
            let last = known_text(connection, "epoch-day")?;
            let last = last.and_then(|text| text.parse::<i64>().ok());
            let old = last.is_none_or(|last| day.saturating_sub(last) >= EPOCH_DAYS || day < last);
            let mut epoch = None;
            if old {
                if last.is_some() {
                    epoch = Some(turn_epoch(connection, location)?);
                }
                set(connection, "epoch-day", day.to_string().as_bytes())?;
            }
            store.forget_keys();
            Ok((store, epoch))
        });
        if let Some(epoch) = turned.await? {
            self.note(Kind::KeyMade, format!("{{\"what\":\"epoch\",\"epoch\":{epoch}}}"));
        }
        Ok(())
    }
}

/// An event of this moment.
#[must_use]
pub fn entry(clock: &dyn Clock, kind: Kind, call: Option<CallId>, actor: &'static str, body: Vec<u8>) -> Entry {
    Entry {
        t: clock.wall().as_microsecond(),
        mono_us: uptime_us(),
        kind,
        call,
        turn: Turn(0),
        synthetic: false,
        actor,
        body: Zeroizing::new(body),
    }
}

/// The stage now; takes or lets go the ballast.
fn measured(folder: &Path, ballast: &Ballast, before: Stage) -> Stage {
    // A file system that does not say how full it is, is not full: the writer finds out by itself.
    let Some((free, total)) = room(folder) else { return Stage::Ample };
    let stage = before.next(free, total);
    match stage {
        Stage::Low => ballast.let_go(),
        Stage::Ample => ballast.take(free, total),
        Stage::Tight => {}
    }
    stage
}

/// Waits; false where the daemon stops.
async fn wait(stop: &Stop, time: Duration) -> bool {
    tokio::select! {
        () = stop.asked() => false,
        () = tokio::time::sleep(time) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::record::backup::answer::copied;
    use crate::record::key::KeySource;
    use crate::wire::backup::Copied;

    #[tokio::test]
    async fn somebody_is_told_where_copies_are_wanted_and_none_came_for_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let source = KeySource { data_dir: folder.path().to_owned(), credentials: None };
        let location = Location::find(&source, true).unwrap().0;
        let lock = location.lock().unwrap();
        let (writer, _ended) = Writer::start(location.clone(), lock, Arc::new(SystemClock)).unwrap();
        let retention = crate::config::Record::default().retention;
        let room = Arc::default();
        let mut upkeep = Upkeep { writer, location, clock: Arc::new(SystemClock), retention, room, has_copies: false };
        assert!(!upkeep.look_at_the_copies().unwrap(), "no copies are wanted");
        upkeep.has_copies = true;
        assert!(upkeep.look_at_the_copies().unwrap(), "none was ever made");
        let now = SystemClock.wall().as_microsecond();
        for (t, is_old) in [(now, false), (now - COPY_AGE_US - 1, true)] {
            let noted = upkeep.writer.act(move |mut store| {
                let noted = copied(store.connection().0, Copied { next: 0, t });
                Ok((store, noted))
            });
            noted.await.unwrap().unwrap();
            assert_eq!(upkeep.look_at_the_copies().unwrap(), is_old);
        }
    }
}
