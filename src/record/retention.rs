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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::database::Location;
    use crate::record::key::KeySource;
    use crate::record::keys;

    const TODAY: i64 = 20_600;
    const RETENTION: Retention = Retention { sound_days: 10, words_days: 30, wire_days: 60, box_days: 90 };

    #[test]
    fn what_is_older_than_its_own_days_is_due_and_nothing_else() {
        let (_folder, location, connection) = opened();
        let old = CallId::draw();
        for scope in Scope::of_call(old) {
            made(&connection, &location, scope, TODAY - 31);
        }
        let young = CallId::draw();
        made(&connection, &location, Scope::Words(young), TODAY - 30);
        made(&connection, &location, Scope::Day(TODAY - 91), TODAY);
        made(&connection, &location, Scope::Day(TODAY - 90), TODAY - 90);
        let mut found = due(&connection, &RETENTION, TODAY).unwrap();
        found.sort_by_key(ToString::to_string);
        assert_eq!(found, [Scope::Words(old), Scope::Day(TODAY - 91), Scope::Sound(old)]);
    }

    #[test]
    fn a_call_under_a_hold_and_a_key_of_a_clock_that_was_not_set_are_not_due() {
        let (_folder, location, connection) = opened();
        let (held, unset) = (CallId::draw(), CallId::draw());
        made(&connection, &location, Scope::Words(held), TODAY - 400);
        made(&connection, &location, Scope::Words(unset), 3);
        connection.execute("INSERT INTO keys.mark VALUES (?1, 'hold')", [held.to_string()]).unwrap();
        assert_eq!(due(&connection, &RETENTION, TODAY).unwrap(), []);
        connection.execute("UPDATE keys.mark SET what = 'part2'", []).unwrap();
        assert_eq!(due(&connection, &RETENTION, TODAY).unwrap(), [Scope::Words(held)]);
    }

    #[test]
    fn a_clock_that_jumps_takes_the_day_on_by_two_at_most_and_never_back() {
        let (_folder, _location, connection) = opened();
        let go = |day: i64, synced| today(&connection, day * DAY_US + 5, synced).unwrap();
        assert_eq!(go(TODAY, false), TODAY);
        assert_eq!(go(TODAY + 1, false), TODAY + 1);
        assert_eq!(go(TODAY + 5_000, false), TODAY + 3);
        assert_eq!(go(TODAY + 5_000, false), TODAY + 5);
        assert_eq!(go(3, false), TODAY + 5);
        assert_eq!(today(&connection, i64::MIN, false).unwrap(), TODAY + 5);
        // The network says what day it is.
        assert_eq!(go(TODAY + 40, true), TODAY + 40);
        assert_eq!(go(TODAY + 39, true), TODAY + 39);
    }

    fn opened() -> (tempfile::TempDir, Location, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let source = KeySource { data_dir: folder.path().to_owned(), credentials: None };
        let location = Location::find(&source, true).unwrap().0;
        let connection = location.writer().unwrap();
        (folder, location, connection)
    }

    fn made(connection: &Connection, location: &Location, scope: Scope, day: i64) {
        keys::make(connection, location, &scope.to_string(), day * DAY_US).unwrap();
    }
}
