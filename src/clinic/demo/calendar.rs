//! The clinic's appointments: every half hour from nine to half past four, Monday to Friday, for each clinician.

use jiff::civil::{Date, Weekday};

use super::people::{HOW_MANY, PERSONAS, PROVIDERS, Provider};

/// One appointment, free or taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// Its id in the database.
    pub(super) id: String,
    /// Whose.
    pub(super) provider: &'static str,
    /// On which day.
    pub(super) day: Date,
    /// At which minute of the day.
    pub(super) minute: i64,
    /// The number of the patient who has it; `None` where it is free.
    pub(super) taken_by: Option<usize>,
}

/// The first and last slot of a day begin at 9:00 and 16:30; a slot is half an hour.
const FIRST: i64 = 9 * 60;
const LAST: i64 = 16 * 60 + 30;
const LENGTH: usize = 30;

/// How many slots in a hundred are taken from the start.
const TAKEN: u32 = 60;

/// The slots of the weekdays from `first` to `last`, both included.
pub(super) fn slots(seed: u64, first: Date, last: Date) -> impl Iterator<Item = Slot> {
    let days = first.series(jiff::ToSpan::days(1)).take_while(move |day| *day <= last);
    days.filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)).flat_map(move |day| {
        (FIRST..=LAST)
            .step_by(LENGTH)
            .flat_map(move |minute| PROVIDERS.iter().map(move |provider| slot(seed, day, minute, provider)))
    })
}

fn slot(seed: u64, day: Date, minute: i64, provider: &Provider) -> Slot {
    let id = format!("{}-{day}-{:02}{:02}", provider.id, minute / 60, minute % 60);
    // Each slot draws from its own id, so that a day looks the same whichever day the calendar began on.
    let mut random = fastrand::Rng::with_seed(
        id.bytes().fold(seed, |mixed, byte| (mixed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
    );
    let taken = random.u32(0..100) < TAKEN;
    let taken_by = taken.then(|| random.usize(PERSONAS..HOW_MANY));
    Slot { id, provider: provider.id, day, minute, taken_by }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn four_weeks_hold_twenty_days_of_sixteen_slots_for_each_clinician() {
        let all: Vec<_> = slots(1, date(2026, 11, 23), date(2026, 12, 20)).collect();
        assert_eq!(all.len(), 20 * 16 * 3);
        assert!(all.iter().all(|s| (540..=990).contains(&s.minute)));
        let taken = all.iter().filter(|s| s.taken_by.is_some()).count();
        assert!((52..68).contains(&(taken * 100 / all.len())), "{taken} of {}", all.len());
    }

    #[test]
    fn a_day_looks_the_same_whichever_day_the_calendar_began_on() {
        let day = date(2026, 12, 1);
        let late: Vec<_> = slots(1, day, day).collect();
        let early: Vec<_> = slots(1, date(2026, 11, 2), day).filter(|s| s.day == day).collect();
        assert_eq!(late, early);
    }

    #[test]
    fn no_persona_holds_a_slot_by_chance() {
        let mut all = slots(3, date(2026, 11, 23), date(2026, 12, 20));
        assert!(all.all(|s| s.taken_by.is_none_or(|p| p >= PERSONAS)));
    }
}
