//! From words to days: months, weekdays, "tomorrow", two-digit years.
//!
//! In:  words and numbers. Out: [`Partial`] dates and, against the clinic's own day, whole ones. Reads no clock.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// A date as far as it was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Partial {
    /// 1 to 31.
    pub day: Option<i8>,
    /// 1 to 12.
    pub month: Option<i8>,
    /// In full, or 0 to 99 where the century was left out.
    pub year: Option<i16>,
}

/// Where a date without a year or century lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// A birth: never after today.
    Past,
    /// An appointment: the next such day.
    Near,
}

impl Partial {
    /// A whole date.
    pub(super) fn of_date(date: Date) -> Self {
        Self { day: Some(date.day()), month: Some(date.month()), year: Some(date.year()) }
    }

    /// Two or three numbers in the order in which they were written: month first, unless that cannot be.
    pub(super) fn of_numbers(numbers: &[u64]) -> Option<Self> {
        let small = |n: u64, most: u64| i8::try_from(n).ok().filter(|_| (1..=most).contains(&n));
        let (a, b, year) = match *numbers {
            [year, month, day] if year > 31 => (month, day, Some(year)),
            [a, b, year] => (a, b, Some(year)),
            [a, b] => (a, b, None),
            _ => return None,
        };
        let year = match year {
            Some(y) if y < 100 || (1880..=2100).contains(&y) => Some(i16::try_from(y).ok()?),
            Some(_) => return None,
            None => None,
        };
        let (month, day) = match (small(a, 12), small(b, 31)) {
            (Some(month), Some(day)) => (month, day),
            _ => (small(b, 12)?, small(a, 31)?),
        };
        Some(Self { day: Some(day), month: Some(month), year })
    }

    /// Numbers as dictated: "3", "4", "62", or "0", "3", "0", "4", "19", "62", or "03041962".
    pub(super) fn of_dictated(groups: &[&str]) -> Option<Self> {
        let digits = groups.concat();
        let number = |text: &str| text.parse::<u64>().ok();
        let cut = |a: usize, b: usize| {
            Some([number(digits.get(..a)?)?, number(digits.get(a..b)?)?, number(digits.get(b..)?)?])
        };
        let values: Option<Vec<u64>> = groups.iter().map(|g| number(g)).collect();
        // "4 19 62" has three parts and so has "3 4 62"; "4 5 19 62" has a year in two parts.
        let parted = match values?.as_slice() {
            [a, b, c] if groups.iter().all(|g| g.len() <= 2 && *g != "0") || *c > 1800 => Some([*a, *b, *c]),
            [a, b, c @ (19 | 20), d] if *a > 0 && *b > 0 && *d > 9 => {
                Some([*a, *b, c.saturating_mul(100).saturating_add(*d)])
            }
            _ => None,
        };
        let even = match digits.len() {
            8 => cut(2, 4),
            6 => cut(2, 4).filter(|n| Self::of_numbers(n).is_some()).or_else(|| cut(1, 2)),
            7 => cut(1, 3).filter(|n| Self::of_numbers(n).is_some()).or_else(|| cut(2, 3)),
            5 => cut(1, 3).filter(|n| Self::of_numbers(n).is_some()).or_else(|| cut(2, 3)),
            4 => cut(1, 2),
            _ => None,
        };
        let whole = parted.and_then(|n| Self::of_numbers(&n)).or_else(|| even.and_then(|n| Self::of_numbers(&n)));
        if whole.is_some() {
            return whole;
        }
        // "oh three oh four": a day and a month, the year is still to come.
        let half = digits.len() == 4;
        half.then(|| Self::of_numbers(&[number(digits.get(..2)?)?, number(digits.get(2..)?)?])).flatten()
    }

    /// The day, if enough was said.
    pub(super) fn resolve(self, today: Date, direction: Direction) -> Option<Date> {
        let day = self.day?;
        if direction == Direction::Past {
            return self.born(today);
        }
        let year = match self.year {
            Some(short @ 0..=99) => short.checked_add(2000)?,
            Some(year) => year,
            None => today.year(),
        };
        let Some(month) = self.month else { return next_day_of_month(today, day) };
        let date = Date::new(year, month, day).ok()?;
        if self.year.is_none() && date < today {
            return Date::new(year.checked_add(1)?, month, day).ok();
        }
        Some(date)
    }

    fn born(self, today: Date) -> Option<Date> {
        let year = match self.year? {
            short @ 0..=99 => {
                let recent = short.checked_add(2000)?;
                let date = Date::new(recent, self.month?, self.day?).ok();
                // Nobody is born tomorrow: the same two digits a century ago are meant.
                if recent < today.year() || date.is_some_and(|d| d <= today) {
                    recent
                } else {
                    recent.checked_sub(100)?
                }
            }
            year => year,
        };
        Date::new(year, self.month?, self.day?).ok()
    }
}

/// Finds the next month, this one included, that has such a day to come.
fn next_day_of_month(today: Date, day: i8) -> Option<Date> {
    (0..=3).find_map(|ahead| {
        let month = today.first_of_month().checked_add(i64::from(ahead).months()).ok()?;
        let date = Date::new(month.year(), month.month(), day).ok()?;
        (date >= today).then_some(date)
    })
}

/// The month of that name, 1 to 12.
pub(super) fn month(word: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.strip_suffix("'s").unwrap_or(word);
    let whole = NAMES.iter().position(|name| *name == word);
    let short = || {
        let abbreviated = if word == "sept" { "sep" } else { word };
        (abbreviated.len() == 3).then(|| NAMES.iter().position(|name| name.starts_with(abbreviated))).flatten()
    };
    whole.or_else(short).and_then(|at| i8::try_from(at).ok()).map(|at| at.saturating_add(1))
}

/// The weekday of that name.
pub(super) fn weekday(word: &str) -> Option<Weekday> {
    let word = word.strip_suffix("'s").unwrap_or(word);
    match word {
        "monday" | "mondays" | "mon" => Some(Weekday::Monday),
        "tuesday" | "tuesdays" | "tue" | "tues" => Some(Weekday::Tuesday),
        "wednesday" | "wednesdays" | "wed" => Some(Weekday::Wednesday),
        "thursday" | "thursdays" | "thu" | "thur" | "thurs" => Some(Weekday::Thursday),
        "friday" | "fridays" | "fri" => Some(Weekday::Friday),
        "saturday" | "saturdays" | "sat" => Some(Weekday::Saturday),
        "sunday" | "sundays" | "sun" => Some(Weekday::Sunday),
        _ => None,
    }
}

/// The next such weekday after today, and `later` days more.
pub(super) fn coming(today: Date, day: Weekday, later: i64) -> Date {
    let ahead = today.weekday().until(day);
    let ahead = if ahead == 0 { 7 } else { ahead };
    // "next tuesday" said on a monday means the week after; said on a friday, the coming one.
    let crosses = i64::from(today.weekday().to_monday_zero_offset()).saturating_add(i64::from(ahead)) >= 7;
    let later = if crosses { 0 } else { later };
    today.saturating_add(i64::from(ahead).saturating_add(later).days())
}

/// Part of the day: "morning", "afternoon", "evening".
pub(super) fn part_of_day(word: &str) -> Option<&'static str> {
    match word {
        "morning" | "mornings" | "am" => Some("morning"),
        "afternoon" | "afternoons" | "pm" | "noon" | "lunchtime" => Some("afternoon"),
        "evening" | "evenings" | "tonight" => Some("evening"),
        _ => None,
    }
}

/// "today", "tomorrow", "the day after tomorrow", "next week": how many words after the first it takes, and the day.
pub(super) fn relative<'w>(word: impl Fn(usize) -> &'w str, today: Date) -> Option<(usize, Date)> {
    let days = |n: i64| today.saturating_add(n.days());
    match (word(0), word(1), word(2)) {
        ("day", "after", "tomorrow") => Some((2, days(2))),
        ("today" | "tonight", ..) => Some((0, today)),
        ("tomorrow", ..) => Some((0, days(1))),
        ("yesterday", ..) => Some((0, days(-1))),
        ("next", "week", _) => Some((1, coming(today, Weekday::Monday, 0))),
        ("this", "week", _) => Some((1, today)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const TODAY: Date = date(2026, 11, 23); // a Monday

    fn born(numbers: &[&str]) -> Option<Date> {
        Partial::of_dictated(numbers)?.resolve(TODAY, Direction::Past)
    }

    #[test]
    fn a_birth_of_two_digits_is_never_in_the_future() {
        assert_eq!(born(&["3", "4", "62"]), Some(date(1962, 3, 4)));
        assert_eq!(born(&["3", "4", "26"]), Some(date(2026, 3, 4)));
        assert_eq!(born(&["12", "4", "26"]), Some(date(1926, 12, 4)));
    }

    #[test]
    fn dictated_births_are_read_in_every_grouping() {
        for groups in [
            &["0", "3", "0", "4", "62"][..],
            &["3", "4", "19", "62"],
            &["03041962"],
            &["0304", "1962"],
            &["0", "3", "0", "4", "19", "62"],
            &["3", "4", "1962"],
        ] {
            assert_eq!(born(groups), Some(date(1962, 3, 4)), "{groups:?}");
        }
        assert_eq!(born(&["3009", "1983"]), Some(date(1983, 9, 30)), "the day may come first");
    }

    #[test]
    fn weekdays_are_always_to_come() {
        assert_eq!(coming(TODAY, Weekday::Tuesday, 0), date(2026, 11, 24));
        assert_eq!(coming(TODAY, Weekday::Monday, 0), date(2026, 11, 30));
        assert_eq!(coming(TODAY, Weekday::Tuesday, 7), date(2026, 12, 1), "next tuesday, said on a monday");
    }

    #[test]
    fn a_day_without_a_month_is_the_next_such_day() {
        let day = |day| Partial { day: Some(day), ..Partial::default() }.resolve(TODAY, Direction::Near);
        assert_eq!(day(25), Some(date(2026, 11, 25)));
        assert_eq!(day(5), Some(date(2026, 12, 5)));
        assert_eq!(day(31), Some(date(2026, 12, 31)));
    }

    #[test]
    fn a_day_that_does_not_exist_is_no_date() {
        assert_eq!(born(&["02301962"]), None);
    }
}
