//! Retention: what has been kept for as long as it was to be, and whose keys are therefore destroyed.
//!
//! In:  the data keys with the time each was made, the configured days, and the day by the box's clock.
//! Out: scopes to erase ([`crate::record::erase`]). Pure but for reading; run once a day by [`upkeep`](crate::record::upkeep).
//!
//! A clock that jumped must not erase a clinic's record: while the network has not set it, the retention's own day goes on by
//! two days at most each time that it is run.

use rusqlite::Connection;

use crate::config::record::Retention;
use crate::ids::CallId;
use crate::record::database::StoreError;
use crate::record::erase::{Mark, marked};
use crate::record::facts::{known_text, set};
use crate::record::keys::Scope;

/// The fact that holds the retention's day.
const DAY: &str = "retention-day";
/// How far that day may go on by a clock that nobody vouches for.
const STEP: i64 = 2;
const DAY_US: i64 = 86_400_000_000;
/// 2025-01-01, before the first box: a key that seems older was made by a clock that was not set.
const FIRST_DAY: i64 = 20_089;

/// The day that retention goes by, counted from 1970-01-01: today's, unless the clock is ahead of what can be believed.
///
/// # Errors
/// [`StoreError`].
pub fn today(connection: &Connection, wall_us: i64, synced: bool) -> Result<i64, StoreError> {
    let wall = wall_us.div_euclid(DAY_US);
    let last = known_text(connection, DAY)?.and_then(|text| text.parse::<i64>().ok());
    let day = match last {
        Some(last) if !synced => wall.clamp(last, last.saturating_add(STEP)),
        Some(_) | None => wall,
    };
    set(connection, DAY, day.to_string().as_bytes())?;
    Ok(day)
}

/// What is due on a day. Keys of calls under a hold are not, nor those of a time that cannot be.
///
/// # Errors
/// [`StoreError`].
pub fn due(connection: &Connection, retention: &Retention, today: i64) -> Result<Vec<Scope>, StoreError> {
    let held = marked(connection, Mark::Hold)?;
    let mut statement = connection.prepare("SELECT scope, made FROM keys.data_key ORDER BY made")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let mut due = Vec::new();
    for row in rows {
        let (scope, made) = row?;
        let Ok(scope) = scope.parse::<Scope>() else { continue };
        let (day, days) = match scope {
            Scope::Words(_) => (made.div_euclid(DAY_US), retention.words_days),
            Scope::Sound(_) => (made.div_euclid(DAY_US), retention.sound_days),
            Scope::Wire(_) => (made.div_euclid(DAY_US), retention.wire_days),
            Scope::Day(day) => (day, retention.box_days),
        };
        let is_held = scope.call().is_some_and(|call: CallId| held.contains(&call));
        if !is_held && day >= FIRST_DAY && day.saturating_add(i64::from(days)) < today {
            due.push(scope);
        }
    }
    Ok(due)
}
