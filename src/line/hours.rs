//! When the box answers: the clinic's week, and what staff have dialled to change it. Pure.
//!
//! In:  `[line.hours]`, the wall time, and codes that staff dial or press. Out: a [`Treatment`] of a call that rings
//! now. "Open" is what the clock on the clinic's wall says: an hour that the spring skips is no time at all, one that
//! the autumn repeats is open both times. A code counts from a listed desk and from nowhere else; a caller's keys never
//! come here. Runs in the task of the line; keeps nothing (whoever drives it keeps the [`Override`] over a restart).

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Zoned};

use crate::config::hours::{Answer, Hours, Span};

/// How far ahead an opening is looked for: a year, and the holidays around its end.
const HORIZON_DAYS: i64 = 400;

/// When the box answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Every call.
    Always,
    /// While the clinic is closed.
    AfterHours,
    /// While it is closed, and after so many rings while it is open.
    Overflow {
        /// Rings, 6 s each.
        rings: u8,
    },
    /// In a pause between two times of being open on one day. Nights are whoever's they were.
    Lunch,
}

impl Mode {
    /// The mode of a word of the configuration.
    #[must_use]
    pub fn of(answer: Answer, overflow_rings: u8) -> Self {
        match answer {
            Answer::Always => Self::Always,
            Answer::Closed => Self::AfterHours,
            Answer::Overflow => Self::Overflow { rings: overflow_rings },
            Answer::Lunch => Self::Lunch,
        }
    }
}

/// What becomes of a call that rings now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// The box answers.
    Answer,
    /// Staff have so many rings, then the box answers.
    RingFirst {
        /// Rings, 6 s each.
        rings: u8,
    },
    /// The box does not answer.
    LeaveToStaff,
}

/// What staff have dialled: it goes before the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// When the box answers.
    pub mode: Mode,
    /// Until when; `None`: until staff change it back.
    pub until: Option<Zoned>,
}

impl Override {
    /// Whether it still holds.
    #[must_use]
    pub fn holds(&self, now: &Zoned) -> bool {
        self.until.as_ref().is_none_or(|until| now < until)
    }
}

/// What becomes of a call that rings `now`.
#[must_use]
pub fn what_now(mode: Mode, schedule: &Schedule, by_staff: Option<&Override>, now: &Zoned) -> Treatment {
    let mode = by_staff.filter(|by_staff| by_staff.holds(now)).map_or(mode, |by_staff| by_staff.mode);
    let answers = match mode {
        Mode::Always => true,
        Mode::AfterHours => !schedule.is_open(now),
        Mode::Overflow { rings } if schedule.is_open(now) => return Treatment::RingFirst { rings },
        Mode::Overflow { .. } => true,
        Mode::Lunch => schedule.is_pause(now),
    };
    if answers { Treatment::Answer } else { Treatment::LeaveToStaff }
}

/// The clinic's week and its holidays, in its own time zone.
#[derive(Clone, Debug)]
pub struct Schedule {
    open: [Vec<Span>; 7],
    holidays: BTreeSet<Date>,
    zone: TimeZone,
}

impl Schedule {
    /// The schedule of the configuration; `zone` is the clinic's.
    #[must_use]
    pub fn new(hours: &Hours, zone: TimeZone) -> Self {
        Self { open: hours.open.clone(), holidays: hours.holidays.iter().copied().collect(), zone }
    }

    /// Whether the clinic is open. `now` may be in any zone.
    #[must_use]
    pub fn is_open(&self, now: &Zoned) -> bool {
        let wall = self.on_the_wall(now);
        let (date, time) = (wall.date(), wall.time());
        let today = |span: &Span| span.from <= time && (time < span.to || past_midnight(span));
        let since_yesterday = |span: &Span| past_midnight(span) && time < span.to;
        self.spans(date).iter().any(today)
            || date.yesterday().is_ok_and(|yesterday| self.spans(yesterday).iter().any(since_yesterday))
    }

    /// Whether the clinic pauses: it was open today and will be again.
    #[must_use]
    pub fn is_pause(&self, now: &Zoned) -> bool {
        let wall = self.on_the_wall(now);
        let spans = self.spans(wall.date());
        let was_open = spans.iter().any(|span| !past_midnight(span) && span.to <= wall.time());
        let will_be = spans.iter().any(|span| span.from > wall.time());
        was_open && will_be && !self.is_open(now)
    }

    /// The first moment after `now` at which the clinic changes from closed to open, in the clinic's zone. `None` where
    /// there is none for a year: it is always open, or never.
    #[must_use]
    pub fn next_opening(&self, now: &Zoned) -> Option<Zoned> {
        let is_opening = |at: &Zoned| at > now && self.is_open(at) && !self.is_open(&before(at));
        // A change of clocks can open the clinic too: at the end of a skipped hour, at the start of a repeated one.
        let changes = self.zone.following(now.timestamp()).map(|change| change.timestamp().to_zoned(self.zone.clone()));
        let horizon = now.saturating_add(SignedDuration::from_hours(24 * HORIZON_DAYS));
        let by_change = changes.take_while(|change| *change <= horizon).find(is_opening);
        // From yesterday on: a skipped hour may move an opening over midnight.
        let first = self.on_the_wall(now).date().yesterday().ok()?;
        let days = first.series(jiff::Span::new().days(1)).take(usize::try_from(HORIZON_DAYS).unwrap_or(400));
        let by_schedule = days.filter_map(|day| {
            let starts = self.spans(day).iter().flat_map(|span| self.moments(day.to_datetime(span.from)));
            starts.filter(is_opening).min()
        });
        by_schedule.take(1).chain(by_change).min()
    }

    /// The moments at which the wall's clock shows this time: two where an hour is repeated.
    fn moments(&self, wall: DateTime) -> impl Iterator<Item = Zoned> + use<> {
        let ambiguous = self.zone.to_ambiguous_zoned(wall);
        [ambiguous.clone().earlier(), ambiguous.later()].into_iter().filter_map(Result::ok)
    }

    /// The times of being open that begin on this day. A holiday does not end what began on its eve.
    fn spans(&self, date: Date) -> &[Span] {
        let day = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        if self.holidays.contains(&date) { &[] } else { self.open.get(day).map_or(&[], Vec::as_slice) }
    }

    fn on_the_wall(&self, now: &Zoned) -> DateTime {
        self.zone.to_datetime(now.timestamp())
    }
}

/// Whether it ends on the day after the one on which it begins.
fn past_midnight(span: &Span) -> bool {
    span.to <= span.from
}

/// The second before: schedules and changes of clocks are whole minutes.
fn before(at: &Zoned) -> Zoned {
    at.saturating_sub(SignedDuration::from_secs(1))
}

/// What a code asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The box answers so from now on.
    Set(Mode),
    /// The box answers as the configuration says.
    Back,
}

/// The codes, and who may dial them.
#[derive(Clone, Debug)]
pub struct StarCodes {
    codes: Vec<(String, Command)>,
    /// User, and host where the configuration names one.
    desks: Vec<(String, Option<String>)>,
    stay: bool,
}

impl StarCodes {
    /// The codes of the configuration; `desks` are extensions or SIP addresses.
    #[must_use]
    pub fn new(hours: &Hours, desks: &[String]) -> Self {
        let command = |answer| Command::Set(Mode::of(answer, hours.overflow_rings));
        let codes = hours.stars.iter().map(|star| (star.code.clone(), star.answer.map_or(Command::Back, command)));
        Self { codes: codes.collect(), desks: desks.iter().map(|desk| parts(desk)).collect(), stay: hours.stars_stay }
    }

    /// What it means that `from` rings the box as `dialled`. `from` is the sender's extension or address as the
    /// exchange reports it: ask only for calls of a trusted source.
    #[must_use]
    pub fn dialled(&self, from: &str, dialled: &str) -> Option<Command> {
        let (number, _) = parts(dialled);
        self.is_desk(from).then(|| self.codes.iter().find(|(code, _)| *code == number))?.map(|(_, command)| *command)
    }

    /// A reader of the keys of a call from a desk; `None` where `from` is no desk.
    #[must_use]
    pub fn listen(&self, from: &str) -> Option<StarKeys<'_>> {
        self.is_desk(from).then(|| StarKeys { codes: &self.codes, pressed: String::new() })
    }

    /// What holds from now on. It ends with the next opening, unless it stays by configuration or there is none.
    #[must_use]
    pub fn apply(&self, command: Command, schedule: &Schedule, now: &Zoned) -> Option<Override> {
        match command {
            Command::Back => None,
            Command::Set(mode) if self.stay => Some(Override { mode, until: None }),
            Command::Set(mode) => Some(Override { mode, until: schedule.next_opening(now) }),
        }
    }

    fn is_desk(&self, from: &str) -> bool {
        let (user, host) = parts(from);
        let is_same = |desk: &(String, Option<String>)| desk.0 == user && (desk.1.is_none() || desk.1 == host);
        !user.is_empty() && self.desks.iter().any(is_same)
    }
}

/// Reads codes key by key.
#[derive(Debug)]
pub struct StarKeys<'a> {
    codes: &'a [(String, Command)],
    pressed: String,
}

impl StarKeys<'_> {
    /// Takes a key; returns what a code asks for at its last key. A star begins anew.
    pub fn key(&mut self, key: char) -> Option<Command> {
        if key == '*' {
            self.pressed.clear();
        }
        self.pressed.push(key);
        // What begins no code is forgotten, so that no more than a code is ever kept.
        if !self.codes.iter().any(|(code, _)| code.starts_with(&self.pressed)) {
            self.pressed.clear();
        }
        let (_, command) = self.codes.iter().find(|(code, _)| *code == self.pressed)?;
        self.pressed.clear();
        Some(*command)
    }
}

/// The user and the host of an extension or a SIP address, without port and parameters.
fn parts(address: &str) -> (String, Option<String>) {
    let address = address.strip_prefix("sips:").or_else(|| address.strip_prefix("sip:")).unwrap_or(address);
    let address = address.split([';', '?']).next().unwrap_or_default();
    let Some((user, host)) = address.split_once('@') else { return (address.to_owned(), None) };
    let without_port = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => host.split(':').next(),
    };
    (user.to_owned(), without_port.map(str::to_ascii_lowercase))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Time, date, time};
    use proptest::prelude::*;

    use super::*;
    use crate::config::hours::Star;

    fn span(from: (i8, i8), to: (i8, i8)) -> Span {
        Span { from: time(from.0, from.1, 0, 0), to: time(to.0, to.1, 0, 0) }
    }

    fn schedule(open: [Vec<Span>; 7], zone: &str) -> Schedule {
        let hours = Hours { open, holidays: vec![date(2026, 12, 25)], ..Hours::default() };
        Schedule::new(&hours, TimeZone::get(zone).unwrap())
    }

    /// Weekdays with a lunch, Saturday a night, Sunday nothing.
    fn clinic() -> Schedule {
        let day = || vec![span((8, 0), (12, 0)), span((13, 0), (17, 0))];
        schedule([day(), day(), day(), day(), day(), vec![span((22, 0), (6, 0))], vec![]], "America/Chicago")
    }

    fn at(text: &str) -> Zoned {
        format!("{text}[America/Chicago]").parse().unwrap()
    }

    #[test]
    fn the_week_is_open_from_its_first_minute_to_just_before_its_last() {
        // 2026-11-27 is a Friday.
        let cases = [
            ("2026-11-27T07:59:59", false),
            ("2026-11-27T08:00", true),
            ("2026-11-27T11:59:59.9", true),
            ("2026-11-27T12:00", false),
            ("2026-11-27T13:00", true),
            ("2026-11-27T17:00", false),
            ("2026-11-28T22:00", true),
            ("2026-11-29T05:59", true),
            ("2026-11-29T06:00", false),
            ("2026-11-29T22:30", false),
        ];
        for (now, open) in cases {
            assert_eq!(clinic().is_open(&at(now)), open, "{now}");
        }
        let elsewhere = at("2026-11-27T08:00").with_time_zone(TimeZone::get("Asia/Tokyo").unwrap());
        assert!(clinic().is_open(&elsewhere), "the moment counts, in whatever zone it is told");
    }

    #[test]
    fn a_holiday_does_not_open_and_does_not_end_the_night_before() {
        assert!(!clinic().is_open(&at("2026-12-25T09:00")));
        assert_eq!(clinic().next_opening(&at("2026-12-24T18:00")), Some(at("2026-12-26T22:00")));
        let nights = || vec![span((20, 0), (4, 0))];
        let nights = schedule([0; 7].map(|_| nights()), "America/Chicago");
        assert!(nights.is_open(&at("2026-12-25T03:00")) && !nights.is_open(&at("2026-12-25T21:00")));
    }

    #[test]
    fn the_next_opening_is_after_a_time_of_being_closed() {
        assert_eq!(clinic().next_opening(&at("2026-11-27T09:00")), Some(at("2026-11-27T13:00")));
        assert_eq!(clinic().next_opening(&at("2026-11-27T17:00")), Some(at("2026-11-28T22:00")));
        assert_eq!(clinic().next_opening(&at("2026-11-28T22:00")), Some(at("2026-11-30T08:00")));
        let seamless = [0; 7].map(|_| vec![span((0, 0), (12, 0)), span((12, 0), (0, 0))]);
        let seamless = schedule(seamless, "America/Chicago");
        // Christmas is the one day on which even this clinic is closed.
        assert_eq!(seamless.next_opening(&at("2026-11-27T09:00")), Some(at("2026-12-26T00:00")));
        assert_eq!(seamless.next_opening(&at("2026-12-26T00:00")), None);
        assert_eq!(schedule([const { Vec::new() }; 7], "UTC").next_opening(&at("2026-11-27T09:00")), None);
    }

    #[test]
    fn an_hour_that_is_skipped_opens_at_its_end_and_one_that_is_repeated_is_open_twice() {
        // Chicago: 2026-03-08 has no 02:00 to 03:00, 2026-11-01 has 01:00 to 02:00 twice. Both are Sundays.
        let mut week = [const { Vec::new() }; 7];
        week[6] = vec![span((2, 30), (3, 15))];
        let spring = schedule(week.clone(), "America/Chicago");
        let opens = spring.next_opening(&at("2026-03-08T00:00")).unwrap();
        assert_eq!(opens, at("2026-03-08T03:00"));
        assert!(spring.is_open(&at("2026-03-08T03:14")) && !spring.is_open(&at("2026-03-08T03:15")));
        week[6] = vec![span((1, 15), (1, 45))];
        let autumn = schedule(week, "America/Chicago");
        let first = autumn.next_opening(&at("2026-11-01T00:00")).unwrap();
        let second = autumn.next_opening(&first).unwrap();
        assert_eq!(first, at("2026-11-01T01:15-05:00"));
        assert_eq!(second, at("2026-11-01T01:15-06:00"));
    }

    #[test]
    fn each_mode_treats_a_call_by_the_hour() {
        use Treatment::{Answer, LeaveToStaff, RingFirst};
        let hours = ["2026-11-27T09:00", "2026-11-27T12:30", "2026-11-27T20:00"].map(at);
        let treat = |mode| hours.each_ref().map(|now| what_now(mode, &clinic(), None, now));
        assert_eq!(treat(Mode::Always), [Answer, Answer, Answer]);
        assert_eq!(treat(Mode::AfterHours), [LeaveToStaff, Answer, Answer]);
        assert_eq!(treat(Mode::Overflow { rings: 4 }), [RingFirst { rings: 4 }, Answer, Answer]);
        assert_eq!(treat(Mode::Lunch), [LeaveToStaff, Answer, LeaveToStaff]);
    }

    fn codes(stars_stay: bool) -> StarCodes {
        let star = |code: &str, answer| Star { code: code.to_owned(), answer };
        let stars = vec![star("*71", Some(Answer::Always)), star("*73", Some(Answer::Overflow)), star("*70", None)];
        let hours = Hours { stars, stars_stay, ..Hours::default() };
        StarCodes::new(&hours, &["201".to_owned(), "sip:back@PBX.lan:5061".to_owned()])
    }

    #[test]
    fn what_staff_dial_holds_until_the_next_opening_or_until_they_dial_it_back() {
        let (codes, schedule, now) = (codes(false), clinic(), at("2026-11-27T09:00"));
        let command = codes.dialled("sip:201@pbx.lan", "*71").unwrap();
        let by_staff = codes.apply(command, &schedule, &now).unwrap();
        assert_eq!(by_staff.until, Some(at("2026-11-27T13:00")));
        let treat = |by_staff: Option<&Override>, now: &str| what_now(Mode::AfterHours, &schedule, by_staff, &at(now));
        assert_eq!(treat(Some(&by_staff), "2026-11-27T11:00"), Treatment::Answer);
        assert_eq!(treat(Some(&by_staff), "2026-11-27T13:00"), Treatment::LeaveToStaff);
        let back = codes.dialled("201", "sip:*70@box").unwrap();
        assert_eq!(codes.apply(back, &schedule, &now), None);
        let stays = self::codes(true).apply(command, &schedule, &now).unwrap();
        assert!(stays.holds(&at("2031-01-01T00:00")));
    }

    #[test]
    fn only_a_listed_desk_may_dial_a_code() {
        let codes = codes(false);
        let always = Some(Command::Set(Mode::Always));
        for desk in ["201", "sip:201@anything", "sip:back@pbx.lan", "sips:back@pbx.LAN:5071;transport=tls"] {
            assert_eq!(codes.dialled(desk, "*71"), always, "{desk}");
        }
        for other in ["", "202", "2011", "sip:back@elsewhere", "back", "sip:@pbx.lan", "+13125550100"] {
            assert_eq!(codes.dialled(other, "*71"), None, "{other}");
            assert!(codes.listen(other).is_none(), "{other}");
        }
        assert_eq!(codes.dialled("201", "71"), None);
        assert_eq!(codes.dialled("201", "*711"), None);
    }

    #[test]
    fn keys_are_read_one_by_one_and_a_star_begins_anew() {
        let codes = codes(false);
        let mut keys = codes.listen("201").unwrap();
        let mut press = |text: &str| text.chars().filter_map(|key| keys.key(key)).collect::<Vec<_>>();
        assert_eq!(press("*71"), [Command::Set(Mode::Always)]);
        assert_eq!(press("1"), []);
        assert_eq!(press("*7*73"), [Command::Set(Mode::Overflow { rings: 4 })]);
        assert_eq!(press("*72 71 #70"), []);
        assert_eq!(press("**70*71"), [Command::Back, Command::Set(Mode::Always)]);
    }

    fn minute() -> impl Strategy<Value = Time> {
        (0..24_i8, 0..12_i8).prop_map(|(hour, five)| time(hour, 5 * five, 0, 0))
    }

    const ZONES: [&str; 4] = ["America/Chicago", "Australia/Lord_Howe", "America/Phoenix", "Asia/Beirut"];
    /// Just before changes of clocks: Chicago's, and those of the other zones that have them in these weeks.
    const STARTS: [Date; 5] =
        [date(2026, 3, 6), date(2026, 3, 27), date(2026, 4, 3), date(2026, 10, 2), date(2026, 10, 30)];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn between_now_and_the_next_opening_nothing_opens(
            spans in prop::array::uniform7(prop::collection::vec((minute(), minute()), 0..2)),
            zone in prop::sample::select(ZONES.to_vec()),
            start in prop::sample::select(STARTS.to_vec()),
            minutes in 0..4_320_i64,
        ) {
            let spans = spans.map(|day| day.into_iter().map(|(from, to)| Span { from, to }).collect());
            let schedule = schedule(spans, zone);
            let start = start.to_zoned(schedule.zone.clone()).unwrap();
            let now = start.saturating_add(SignedDuration::from_mins(minutes));
            let next = schedule.next_opening(&now);
            if let Some(next) = &next {
                prop_assert!(*next > now && schedule.is_open(next) && !schedule.is_open(&before(next)));
            }
            // Minute by minute for two days: times and changes of clocks are whole minutes.
            let mut was_open = schedule.is_open(&now);
            for later in 1..=2_880 {
                let moment = now.saturating_add(SignedDuration::from_mins(later));
                if next.as_ref() == Some(&moment) {
                    break;
                }
                let is_open = schedule.is_open(&moment);
                prop_assert!(was_open || !is_open, "opens at {moment}, and not at {next:?}");
                was_open = is_open;
            }
        }

        #[test]
        fn any_keys_and_any_address_are_read_without_harm(from in ".{0,40}", keys in ".{0,40}") {
            let codes = codes(false);
            let _ = codes.dialled(&from, &keys);
            let mut reader = codes.listen("201").unwrap();
            for key in keys.chars() {
                let command = reader.key(key);
                prop_assert!(reader.pressed.len() <= 3);
                prop_assert!(command.is_none() || keys.contains("*7"));
            }
        }
    }
}
