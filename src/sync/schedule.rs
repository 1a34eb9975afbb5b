//! When a destination is next brought up to date.
//!
//! In:  five fields as in cron, the clinic's time zone, the box's share of the jitter, the window, what failed.
//! Out: a moment. Pure: the time now is handed in.
//!
//! Where clocks are put forward, what falls into the hour that there is not runs at its end; where they are put back,
//! what the hour that comes twice holds runs in its first one. A schedule by the hour or finer pauses for that hour.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp, ToSpan};
use sha2::{Digest, Sha256};

/// The first pause after a failure, and the longest: it doubles in between.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);
/// How far ahead a day is looked for: February 29 comes within eight years, also round 2100.
const MOST_DAYS: u32 = 8 * 366;

/// A schedule that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write five fields: minute 0-59, hour 0-23, day of month 1-31, month 1-12, day of week 0-7; each *, a number, a range such as 1-5, steps such as */15, or several of these with commas"
)]
pub struct ScheduleError;

/// Five fields as in cron, one bit for each value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether both days of the month and of the week are narrowed: then either is enough (POSIX crontab).
    either: bool,
}

impl Cron {
    /// Reads five fields.
    ///
    /// # Errors
    /// [`ScheduleError`].
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else { return Err(ScheduleError) };
        let weekdays = field(weekday, 0, 7).ok_or(ScheduleError)?;
        let cron = Self {
            minutes: field(minute, 0, 59).ok_or(ScheduleError)?,
            hours: field(hour, 0, 23).ok_or(ScheduleError)?,
            days: field(day, 1, 31).ok_or(ScheduleError)?,
            months: field(month, 1, 12).ok_or(ScheduleError)?,
            // 7 is Sunday, as 0 is.
            weekdays: weekdays | ((weekdays >> 7) & 1),
            either: !day.starts_with('*') && !weekday.starts_with('*'),
        };
        // February 30 and the like never come.
        let some_day = Date::constant(2024, 1, 1);
        cron.first_day(some_day).map(|_| cron).ok_or(ScheduleError)
    }

    /// The first moment after `after`.
    fn after(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // What the gap swallowed lies before the civil time of the moment it is moved to; a gap is at most a day.
        let mut day = zone.to_datetime(after).date().yesterday().ok()?;
        loop {
            day = self.first_day(day)?;
            let moments = self.times().filter_map(|time| moment(DateTime::from_parts(day, time), zone));
            if let Some(moment) = moments.into_iter().find(|moment| *moment > after) {
                return Some(moment);
            }
            day = day.tomorrow().ok()?;
        }
    }

    fn times(&self) -> impl Iterator<Item = Time> + '_ {
        let hours = (0_i8..24).filter(|hour| has(self.hours, *hour));
        hours.flat_map(|hour| {
            let minutes = (0_i8..60).filter(|minute| has(self.minutes, *minute));
            minutes.filter_map(move |minute| Time::new(hour, minute, 0, 0).ok())
        })
    }

    /// The first day from `day` on that fits.
    fn first_day(&self, mut day: Date) -> Option<Date> {
        for _ in 0..MOST_DAYS {
            if self.is_on(day) {
                return Some(day);
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    fn is_on(&self, day: Date) -> bool {
        let of_month = has(self.days, day.day());
        let of_week = has(self.weekdays, Weekday::to_sunday_zero_offset(day.weekday()));
        let fits = if self.either { of_month || of_week } else { of_month && of_week };
        has(self.months, day.month()) && fits
    }
}

fn has(bits: u64, value: i8) -> bool {
    u32::try_from(value).is_ok_and(|value| (bits >> value) & 1 == 1)
}

/// One field as bits; `None` where it is none.
fn field(text: &str, least: u32, most: u32) -> Option<u64> {
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|value| digits && (least..=most).contains(value))
    };
    let mut bits = 0;
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let step = match step {
            Some(step) => step.parse::<usize>().ok().filter(|step| (1..=59).contains(step))?,
            None => 1,
        };
        let (from, to) = match (range, range.split_once('-')) {
            ("*", _) => (least, most),
            (_, Some((from, to))) => (number(from)?, number(to)?),
            (one, None) => (number(one)?, number(one)?),
        };
        if from > to {
            return None;
        }
        for value in (from..=to).step_by(step) {
            bits |= 1 << value;
        }
    }
    Some(bits)
}

/// When a time of the clinic's clocks comes: the first time of two, the gap's end for one that never comes.
fn moment(civil: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(civil);
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier().ok(),
        AmbiguousOffset::Gap { .. } => {
            let before = ambiguous.earlier().ok()?;
            zone.following(before).next().map(|change| change.timestamp())
        }
    }
}

/// When one destination is brought up to date.
#[derive(Clone, Debug)]
pub struct Plan {
    /// When.
    pub cron: Cron,
    /// Whose clocks.
    pub zone: TimeZone,
    /// How much later than that: this box's share of the jitter.
    pub offset: Duration,
    /// Between which hours of the clinic's day; from the first to the second, across midnight where it is smaller.
    pub window: Option<(u8, u8)>,
}

/// A box's share of the jitter: the same at each start, another for each box and destination.
#[must_use]
pub fn share(jitter: Duration, box_id: &str, destination: &str) -> Duration {
    let digest = Sha256::digest(format!("{box_id}\0{destination}"));
    let drawn = digest.iter().take(4).fold(0_u64, |drawn, byte| (drawn << 8) | u64::from(*byte));
    let seconds = (u128::from(jitter.as_secs()) * u128::from(drawn)) >> 32;
    Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
}

/// When the next run is due. `now` is when the last one ended, `failures` how many have failed in a row: after one, the
/// next comes within the hour and the window, or with the schedule if that is sooner. `None` beyond the calendar's end.
#[must_use]
pub fn next_run(plan: &Plan, now: Timestamp, failures: u32) -> Option<Timestamp> {
    let offset = Span::try_from(plan.offset).ok()?;
    let due = plan.cron.after(now.checked_sub(offset).ok()?, &plan.zone)?.checked_add(offset).ok()?;
    let due = within(plan, due)?;
    let Some(doublings) = failures.checked_sub(1) else { return Some(due) };
    let pause = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_PAUSE);
    let again = within(plan, now.checked_add(Span::try_from(pause).ok()?).ok()?)?;
    Some(due.min(again))
}

/// Whether `now` is in the window.
#[must_use]
pub fn is_open(plan: &Plan, now: Timestamp) -> bool {
    let Some((from, to)) = plan.window else { return true };
    let hour = plan.zone.to_datetime(now).hour();
    let hour = u8::try_from(hour).unwrap_or(0);
    if from < to { (from..to).contains(&hour) } else { hour >= from || hour < to }
}

/// `at`, or where the window is closed then, its next opening and the box's share of its length: boxes that wait for
/// the window do not all come when it opens.
fn within(plan: &Plan, at: Timestamp) -> Option<Timestamp> {
    let Some((from, to)) = plan.window.filter(|_| !is_open(plan, at)) else { return Some(at) };
    let opens = Time::new(i8::try_from(from).ok()?, 0, 0, 0).ok()?;
    let mut day = plan.zone.to_datetime(at).date();
    let opening = loop {
        match moment(DateTime::from_parts(day, opens), &plan.zone).filter(|opening| *opening >= at) {
            Some(opening) => break opening,
            None => day = day.tomorrow().ok()?,
        }
    };
    let hours = u64::from((24 + to - from) % 24);
    // The last quarter stays free for the run itself.
    let spread = plan.offset.as_secs() % (hours * 2_700).max(1);
    opening.checked_add(i64::try_from(spread).ok()?.seconds()).ok()
}

#[cfg(test)]
mod tests;
