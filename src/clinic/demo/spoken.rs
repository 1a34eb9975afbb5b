//! Days, times and numbers as they are said.

use jiff::civil::{Date, DateTime, Weekday};

/// "Tuesday, December first at nine thirty in the morning with Doctor Okafor".
pub(super) fn slot(start: DateTime, provider: &str) -> String {
    format!("{} at {} with Doctor {provider}", day(start.date()), time(start))
}

/// Each digit as a word: "four two seven".
pub(super) fn digits(text: &str) -> String {
    let words: Vec<_> = text.chars().filter_map(|c| c.to_digit(10)).filter_map(|d| word(DIGITS, d)).collect();
    words.join(" ")
}

fn day(date: Date) -> String {
    let weekday = match date.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    };
    let month = word(MONTHS, before(date.month())).unwrap_or_default();
    let ordinal = word(ORDINALS, before(date.day())).unwrap_or_default();
    format!("{weekday}, {month} {ordinal}")
}

fn time(at: DateTime) -> String {
    let (hour, minute) = (at.hour(), at.minute());
    let of_day = match hour {
        0..12 => "in the morning",
        12..17 => "in the afternoon",
        _ => "in the evening",
    };
    let hour_word = word(HOURS, before(if hour % 12 == 0 { 12 } else { hour % 12 })).unwrap_or_default();
    match minute {
        0 if hour == 12 => "noon".to_owned(),
        0 => format!("{hour_word} {of_day}"),
        // The clinic's slots begin at the hour and the half hour.
        _ => format!("{hour_word} thirty {of_day}"),
    }
}

/// The index of the first, second, ... of something.
fn before(ordinal: i8) -> u32 {
    u32::try_from(ordinal.saturating_sub(1)).unwrap_or(0)
}

fn word(words: &'static [&'static str], index: u32) -> Option<&'static str> {
    words.get(usize::try_from(index).ok()?).copied()
}

const DIGITS: &[&str] = &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

const HOURS: &[&str] =
    &["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const ORDINALS: &[&str] = &[
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty first",
    "twenty second",
    "twenty third",
    "twenty fourth",
    "twenty fifth",
    "twenty sixth",
    "twenty seventh",
    "twenty eighth",
    "twenty ninth",
    "thirtieth",
    "thirty first",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_said_with_weekday_ordinal_and_half_hour() {
        let at = jiff::civil::date(2026, 12, 1).at(9, 30, 0, 0);
        assert_eq!(slot(at, "Okafor"), "Tuesday, December first at nine thirty in the morning with Doctor Okafor");
    }

    #[test]
    fn the_hours_round_noon_are_said_as_people_say_them() {
        let day = jiff::civil::date(2026, 12, 31);
        assert_eq!(slot(day.at(12, 0, 0, 0), "Chen"), "Thursday, December thirty first at noon with Doctor Chen");
        assert!(slot(day.at(12, 30, 0, 0), "Chen").contains("twelve thirty in the afternoon"));
        assert!(slot(day.at(16, 0, 0, 0), "Chen").contains("four in the afternoon"));
    }

    #[test]
    fn a_number_is_said_digit_by_digit() {
        assert_eq!(digits("402719"), "four zero two seven one nine");
    }
}
