//! The clocks of Denver, with their gap of 2026-03-08 and their overlap of 2026-11-01.

use proptest::prelude::*;

use super::*;

fn denver() -> TimeZone {
    TimeZone::get("America/Denver").unwrap()
}

fn plan(cron: &str) -> Plan {
    Plan { cron: Cron::parse(cron).unwrap(), zone: denver(), offset: Duration::ZERO, window: None }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The next runs as the clinic's clocks show them.
fn next(cron: &str, from: &str, many: usize) -> Vec<String> {
    let (plan, mut now) = (plan(cron), at(from));
    let mut found = Vec::new();
    for _ in 0..many {
        now = next_run(&plan, now, 0).unwrap();
        found.push(now.to_zoned(denver()).strftime("%m-%d %H:%M %Z").to_string());
    }
    found
}

#[test]
fn the_fields_mean_what_they_mean_in_cron() {
    let from = "2026-06-01T12:00:00-06:00";
    assert_eq!(next("15 2 * * *", from, 2), ["06-02 02:15 MDT", "06-03 02:15 MDT"]);
    assert_eq!(next("*/20 12 * * *", from, 3), ["06-01 12:20 MDT", "06-01 12:40 MDT", "06-02 12:00 MDT"]);
    assert_eq!(next("0 6 * * 1-5", "2026-06-05T07:00:00-06:00", 1), ["06-08 06:00 MDT"]);
    assert_eq!(next("0 6 1,15 * *", from, 2), ["06-15 06:00 MDT", "07-01 06:00 MDT"]);
    // Either day is enough where both are narrowed; 7 is Sunday.
    assert_eq!(next("0 6 10 * 7", from, 3), ["06-07 06:00 MDT", "06-10 06:00 MDT", "06-14 06:00 MDT"]);
    assert_eq!(next("0 0 29 2 *", from, 1), ["02-29 00:00 MST"]);
    assert_eq!(next("30 1-5/2 * 6 *", from, 2), ["06-02 01:30 MDT", "06-02 03:30 MDT"]);
}

#[test]
fn what_is_no_schedule_is_refused() {
    for text in [
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "5-1 * * * *",
        "*/0 * * * *",
        "1, * * * *",
        "+1 * * * *",
        "mon * * * *",
        "0 0 30 2 *",
        "@daily",
    ] {
        assert_eq!(Cron::parse(text), Err(ScheduleError), "{text}");
    }
}

#[test]
fn what_falls_into_the_gap_runs_once_at_its_end() {
    let from = "2026-03-07T12:00:00-07:00";
    assert_eq!(next("15 2 * * *", from, 2), ["03-08 03:00 MDT", "03-09 02:15 MDT"]);
    assert_eq!(
        next("*/30 * * * *", "2026-03-08T01:00:00-07:00", 4),
        ["03-08 01:30 MST", "03-08 03:00 MDT", "03-08 03:30 MDT", "03-08 04:00 MDT"]
    );
}

#[test]
fn what_comes_twice_runs_in_the_first_hour_of_the_two() {
    let from = "2026-10-31T12:00:00-06:00";
    assert_eq!(next("30 1 * * *", from, 2), ["11-01 01:30 MDT", "11-02 01:30 MST"]);
    assert_eq!(next("0 * * * *", "2026-11-01T00:30:00-06:00", 2), ["11-01 01:00 MDT", "11-01 02:00 MST"]);
}

#[test]
fn boxes_do_not_come_at_once_and_each_comes_at_the_same_time() {
    let jitter = Duration::from_secs(1_800);
    let shares: Vec<_> = (0..200).map(|n| share(jitter, &format!("clinic-{n}"), "warehouse")).collect();
    assert_eq!(shares[3], share(jitter, "clinic-3", "warehouse"));
    assert_ne!(shares[3], share(jitter, "clinic-3", "lake"));
    assert!(shares.iter().all(|share| *share < jitter));
    for third in [0..600, 600..1_200, 1_200..1_800] {
        assert!(shares.iter().filter(|share| third.contains(&share.as_secs())).count() > 40);
    }
    let late = Plan { offset: Duration::from_secs(600), ..plan("15 2 * * *") };
    assert_eq!(next_run(&late, at("2026-06-01T02:20:00-06:00"), 0), Some(at("2026-06-01T02:25:00-06:00")));
    assert_eq!(next_run(&late, at("2026-06-01T02:25:00-06:00"), 0), Some(at("2026-06-02T02:25:00-06:00")));
}

#[test]
fn a_failure_is_tried_again_within_the_hour_and_the_schedule_is_not_missed() {
    let plan = plan("15 2 * * *");
    let now = at("2026-06-01T12:00:00-06:00");
    let minutes = |failures| (next_run(&plan, now, failures).unwrap().as_second() - now.as_second()) / 60;
    assert_eq!([1, 2, 3, 6, 7, 40].map(minutes), [1, 2, 4, 32, 60, 60]);
    let just_before = at("2026-06-01T02:14:30-06:00");
    assert_eq!(next_run(&plan, just_before, 9), Some(at("2026-06-01T02:15:00-06:00")));
}

#[test]
fn nothing_begins_outside_the_window() {
    let night = Plan { window: Some((22, 6)), ..plan("0 12 * * *") };
    let noon = at("2026-06-01T11:00:00-06:00");
    assert_eq!(next_run(&night, noon, 0), Some(at("2026-06-01T22:00:00-06:00")));
    assert_eq!(next_run(&night, noon, 3), Some(at("2026-06-01T22:00:00-06:00")));
    assert!(!is_open(&night, noon) && is_open(&night, at("2026-06-01T05:59:00-06:00")));
    let spread = Plan { offset: Duration::from_secs(900), ..night };
    assert_eq!(next_run(&spread, noon, 3), Some(at("2026-06-01T22:15:00-06:00")));
    let at_night = at("2026-06-01T23:00:00-06:00");
    assert_eq!(next_run(&spread, at_night, 1), Some(at("2026-06-01T23:01:00-06:00")));
}

proptest! {
    #[test]
    fn any_text_is_a_schedule_or_refused(text in "[0-9*,/ -]{0,30}") {
        if let Ok(cron) = Cron::parse(&text) {
            prop_assert!(cron.after(at("2026-06-01T00:00:00Z"), &denver()).is_some());
        }
    }

    #[test]
    fn the_next_run_is_later_and_in_the_window(
        second in 1_760_000_000_i64..1_830_000_000,
        minute in 0..60,
        hour in 0..24,
        offset in 0..3_600_u64,
        window in prop::option::of((0..24_u8, 0..24_u8)),
        failures in 0..12_u32,
    ) {
        let window = window.filter(|(from, to)| from != to);
        let cron = Cron::parse(&format!("{minute} {hour} * * *")).unwrap();
        let plan = Plan { cron, zone: denver(), offset: Duration::from_secs(offset), window };
        let now = Timestamp::from_second(second).unwrap();
        let next = next_run(&plan, now, failures).unwrap();
        prop_assert!(next > now);
        prop_assert!(is_open(&plan, next));
        prop_assert!(next.as_second() - second <= 3 * 86_400);
    }
}
