//! When a caller would like to come: `2026-12-01`, `2026-12-01 morning`, `2026-12-01 09:30`, `any`, `any afternoon`.

use jiff::civil::{Date, Time};

/// Which hours of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All.
    Any,
    /// Before noon.
    Morning,
    /// From noon to five.
    Afternoon,
    /// From five on.
    Evening,
    /// From a time of day on.
    From(Time),
}

impl Part {
    /// The part of that name.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "any" => Some(Self::Any),
            "morning" => Some(Self::Morning),
            "afternoon" => Some(Self::Afternoon),
            "evening" => Some(Self::Evening),
            _ => Time::strptime("%H:%M", text).ok().map(Self::From),
        }
    }

    /// Its first and last minute of the day, the last excluded.
    pub(super) fn minutes(self) -> (i64, i64) {
        const NOON: i64 = 12 * 60;
        const FIVE: i64 = 17 * 60;
        const MIDNIGHT: i64 = 24 * 60;
        match self {
            Self::Any => (0, MIDNIGHT),
            Self::Morning => (0, NOON),
            Self::Afternoon => (NOON, FIVE),
            Self::Evening => (FIVE, MIDNIGHT),
            Self::From(time) => (i64::from(time.hour()) * 60 + i64::from(time.minute()), MIDNIGHT),
        }
    }
}

/// A wish for an appointment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// On that day or later; `None` is as soon as possible.
    pub(super) day: Option<Date>,
    /// In which hours.
    pub(super) part: Part,
}

impl Wanted {
    /// Reads the `day` and `part` of `find_slots`; a `part` goes before one in the day. `None` if either is malformed.
    pub(super) fn read(day: Option<&str>, part: Option<&str>) -> Option<Self> {
        let (day, of_day) = day.unwrap_or("any").split_once(' ').unwrap_or((day.unwrap_or("any"), "any"));
        let day = if day == "any" { None } else { Some(Date::strptime("%Y-%m-%d", day).ok()?) };
        let part = Part::read(part.unwrap_or(of_day))?;
        Some(Self { day, part })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_a_wish_is_read() {
        let first = jiff::civil::date(2026, 12, 1);
        let nine_thirty = jiff::civil::time(9, 30, 0, 0);
        for (day, part, expected) in [
            (None, None, (None, Part::Any)),
            (Some("any"), None, (None, Part::Any)),
            (Some("any afternoon"), None, (None, Part::Afternoon)),
            (Some("2026-12-01"), None, (Some(first), Part::Any)),
            (Some("2026-12-01"), Some("morning"), (Some(first), Part::Morning)),
            (Some("2026-12-01 morning"), None, (Some(first), Part::Morning)),
            (Some("2026-12-01 09:30"), None, (Some(first), Part::From(nine_thirty))),
        ] {
            assert_eq!(Wanted::read(day, part), Some(Wanted { day: expected.0, part: expected.1 }), "{day:?} {part:?}");
        }
    }

    #[test]
    fn nonsense_is_not_a_wish() {
        for day in ["tomorrow", "2026-13-01", "2026-12-01 soon", "", " ", "any any any"] {
            assert_eq!(Wanted::read(Some(day), None), None, "{day}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(day in ".{0,40}", part in ".{0,20}") {
            let _ = Wanted::read(Some(&day), Some(&part));
        }
    }
}
