//! `[line.hours]` and `[[line.rota]]`: when the box answers, and who is rung for an urgent call.
//!
//! In:  the sections. Out: an [`Hours`] and the rota's [`Clinician`]s, plain data that `lined` acts on. Times are the
//! clinic's own (`clinic.time-zone`).

use std::time::Duration;

use jiff::civil::{Date, Time};

use super::reader::Section;

/// The days of a week as the file names them, Monday first.
pub const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `[line.hours]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// When the clinic is open, Monday first, each day in order.
    pub open: [Vec<Span>; 7],
    /// Days on which it does not open.
    pub holidays: Vec<Date>,
    /// When the box answers.
    pub answer: Answer,
    /// How many rings staff have before the box answers, with "overflow".
    pub overflow_rings: u8,
    /// What staff dial to change that.
    pub stars: Vec<Star>,
    /// Whether such a change lasts until staff change it back, and not only until the next opening.
    pub stars_stay: bool,
}

/// A time of being open. Where `to` is not after `from`, it is a time of the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From.
    pub from: Time,
    /// Until just before.
    pub to: Time,
}

/// When the box answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Every call.
    Always,
    /// While the clinic is closed.
    Closed,
    /// While it is closed, and while it is open after some rings.
    Overflow,
    /// Between two times of being open on one day.
    Lunch,
}

/// A code that staff dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Star {
    /// "*71".
    pub code: String,
    /// When the box answers from then on; `None`: as the file says.
    pub answer: Option<Answer>,
}

/// An entry of `[[line.rota]]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clinician {
    /// As staff and the record name them.
    pub name: String,
    /// The telephone: an extension, a number, a SIP address.
    pub target: String,
    /// How long to wait before the next one is rung too.
    pub patience: Duration,
    /// The key that accepts.
    pub accept: char,
}

impl Default for Hours {
    /// What holds where the file says nothing: every call is answered.
    fn default() -> Self {
        let open = [const { Vec::new() }; 7];
        let (answer, overflow_rings) = (Answer::Always, 4);
        Self { open, holidays: Vec::new(), answer, overflow_rings, stars: Vec::new(), stars_stay: false }
    }
}

impl Hours {
    /// Reads the section.
    pub(super) fn read(section: &mut Section) -> Self {
        let answers = [
            ("always", Answer::Always),
            ("closed", Answer::Closed),
            ("overflow", Answer::Overflow),
            ("lunch", Answer::Lunch),
        ];
        let open = section.section("open", |s| DAYS.map(|day| spans(s, day)));
        let days = section.words("holidays");
        let hours = Self {
            holidays: days.iter().filter_map(|day| date(section, "holidays", day)).collect(),
            answer: section.choice("answer", &answers),
            overflow_rings: u8::try_from(section.count("overflow-rings", 4, 1..=12)).unwrap_or(4),
            stars: stars(section, &answers),
            stars_stay: section.choice("star-lasts", &[("next-opening", false), ("until-back", true)]),
            open,
        };
        let has_lunch = hours.open.iter().any(|day| day.len() > 1);
        if hours.answer != Answer::Always && hours.open.iter().all(Vec::is_empty) {
            section.problem("open", "is missing: say when the clinic is open, or answer = \"always\"".to_owned());
        } else if hours.answer == Answer::Lunch && !has_lunch {
            let what = "should have a day with a pause for \"lunch\", such as mon = \"08:00-12:00, 13:00-17:00\"";
            section.problem("open", what.to_owned());
        }
        hours
    }
}

impl Clinician {
    /// Reads every `[[line.rota]]` of the section `[line]`.
    pub(super) fn read_all(line: &mut Section) -> Vec<Self> {
        let rota = line.tables("rota", Self::read);
        let twice = |at: usize, one: &Self| rota.iter().skip(at + 1).any(|other| other.target == one.target);
        if rota.iter().enumerate().any(|(at, one)| !one.target.is_empty() && twice(at, one)) {
            line.problem("rota", "should name each target once: nobody is rung twice in one round".to_owned());
        }
        rota
    }

    fn read(section: &mut Section) -> Self {
        let minutes = u64::try_from(section.count("minutes", 2, 1..=30)).unwrap_or(2);
        let patience = Duration::from_secs(60 * minutes);
        let key = section.text("accept-key", "1");
        let mut keys = key.chars().filter(char::is_ascii_digit);
        let accept = keys.next().filter(|_| key.len() == 1).unwrap_or_else(|| {
            section.problem("accept-key", "should be one digit in quotes, such as \"1\"".to_owned());
            '1'
        });
        Self { name: section.required_text("name"), target: target(section), patience, accept }
    }
}

/// A day of the calendar.
pub(super) fn date(section: &mut Section, key: &str, text: &str) -> Option<Date> {
    let day = text.parse().ok();
    if day.is_none() {
        section.problem(key, "should be a day such as \"2026-12-25\"".to_owned());
    }
    day
}

/// Whom to ring.
fn target(section: &mut Section) -> String {
    let target = section.required_text("target");
    if !target.is_empty() && !is_target(&target) {
        let what = "should be an extension, a number or an address, such as \"201\" or \"sip:ana@pbx.example.com\"";
        section.problem("target", what.to_owned());
    }
    target
}

/// Whether a text is an extension, a number or a SIP address (RFC 3261 section 19.1, without headers and parameters:
/// what could smuggle a header into a request is not let in).
pub(super) fn is_target(text: &str) -> bool {
    let is_user = |c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '#' | '+' | '.' | '_' | '-');
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let address = text.strip_prefix("sips:").or_else(|| text.strip_prefix("sip:"));
    let (user, host) = match address {
        None => (text, None),
        Some(address) => address.split_once('@').map_or(("", None), |(user, host)| (user, Some(host))),
    };
    let host_fits = host.is_none_or(|host| !host.is_empty() && host.chars().all(is_host));
    (1..=64).contains(&user.len()) && user.chars().all(is_user) && host_fits && text.len() <= 255
}

/// The times of being open on one day: "08:00-12:00, 13:00-17:00"; without the key, none.
fn spans(section: &mut Section, day: &str) -> Vec<Span> {
    let Some(text) = section.optional_text(day) else { return Vec::new() };
    let spans: Option<Vec<Span>> = text.split(',').map(Span::parse).collect();
    // In order, none over another; only the last may reach into the next day.
    let in_order = |spans: &[Span]| {
        spans.iter().zip(spans.iter().skip(1)).all(|(one, next)| one.from < one.to && one.to <= next.from)
    };
    let spans = spans.filter(|spans| in_order(spans));
    if spans.is_none() {
        let what = "should be times in order, such as \"08:00-12:00, 13:00-17:00\", or \"00:00-24:00\"";
        section.problem(day, what.to_owned());
    }
    spans.unwrap_or_default()
}

impl Span {
    /// "22:00-06:00" ends on the next day; "24:00" is the midnight at a day's end.
    fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.trim().split_once('-')?;
        let to_midnight = to.trim() == "24:00";
        let (from, to) = (time(from)?, if to_midnight { Time::midnight() } else { time(to)? });
        // From a time to the same is a whole day or nothing; only one way to write a whole day is understood.
        (from != to || to_midnight).then_some(Self { from, to })
    }
}

/// "08:00".
fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = two(hour) && two(minute);
    fits.then(|| Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()).flatten()
}

/// The codes, as far as the file gives them.
fn stars(section: &mut Section, answers: &[(&str, Answer)]) -> Vec<Star> {
    let named = answers.iter().map(|(name, answer)| (format!("star-{name}"), Some(*answer)));
    let mut stars: Vec<Star> = Vec::new();
    for (key, answer) in named.chain([("star-back".to_owned(), None)]) {
        let Some(code) = section.optional_text(&key) else { continue };
        let digits = code.strip_prefix('*').unwrap_or_default();
        if !(2..=4).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            section.problem(&key, "should be a star and two to four digits, such as \"*71\"".to_owned());
        } else if stars.iter().any(|star| star.code.starts_with(&code) || code.starts_with(&star.code)) {
            section.problem(&key, "should not begin another code, nor be one: a key at a time is read".to_owned());
        } else {
            stars.push(Star { code, answer });
        }
    }
    stars
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date as day, time as clock};
    use proptest::prelude::*;

    use super::*;
    use crate::config::reader::Problem;

    /// Reads `text` as a section `[line]`.
    fn read(text: &str) -> Result<(Hours, Vec<Clinician>), Vec<Problem>> {
        let mut root = Section::parse(text)?;
        let read = root.section("line", |s| (s.section("hours", Hours::read), Clinician::read_all(s)));
        root.finish().map(|()| read)
    }

    fn wrong(text: &str) -> Vec<String> {
        read(text).err().unwrap_or_default().into_iter().map(|problem| problem.key).collect()
    }

    const HOURS: &str = r#"
        [line.hours]
        answer = "closed"
        open = { mon = "08:00-12:00, 13:00-17:00", fri = "22:00-06:00", sun = "00:00-24:00" }
        holidays = ["2026-12-25", "2027-01-01"]
        star-always = "*71"
        star-overflow = "*73"
        star-back = "*70"
    "#;

    #[test]
    fn hours_are_read_as_they_are_written() {
        let (hours, rota) = read(HOURS).unwrap();
        let span = |from, to| Span { from: clock(from, 0, 0, 0), to: clock(to, 0, 0, 0) };
        let [mon, tue, _, _, fri, _, sun] = &hours.open;
        assert_eq!((mon, tue), (&vec![span(8, 12), span(13, 17)], &Vec::new()));
        assert_eq!((fri, sun), (&vec![span(22, 6)], &vec![span(0, 0)]));
        assert_eq!(hours.holidays, [day(2026, 12, 25), day(2027, 1, 1)]);
        assert_eq!((hours.answer, hours.overflow_rings, hours.stars_stay), (Answer::Closed, 4, false));
        let stars: Vec<_> = hours.stars.iter().map(|star| (star.code.as_str(), star.answer)).collect();
        assert_eq!(stars, [("*71", Some(Answer::Always)), ("*73", Some(Answer::Overflow)), ("*70", None)]);
        assert!(rota.is_empty());
    }

    #[test]
    fn without_the_section_every_call_is_answered() {
        assert_eq!(read("").unwrap().0, Hours::default());
    }

    #[test]
    fn times_that_are_no_times_are_refused_by_their_day() {
        let bad = [
            "8-12",
            "08:00",
            "08:00-25:00",
            "08:60-09:00",
            "13:00-17:00, 08:00-12:00",
            "08:00-12:00, 11:00-17:00",
            "08:00-08:00",
            "22:00-06:00, 07:00-08:00",
            "24:00-08:00",
            "08:00-12:00,",
            "+8:00-12:00",
            "00:00-24:00, 08:00-09:00",
        ];
        for text in bad {
            assert_eq!(
                wrong(&format!("[line.hours]\nopen = {{ tue = \"{text}\" }}")),
                ["line.hours.open.tue"],
                "{text}"
            );
        }
        assert_eq!(wrong("[line.hours]\nopen = { someday = \"08:00-12:00\" }"), ["line.hours.open.someday"]);
    }

    #[test]
    fn other_wrong_values_are_named_by_their_keys() {
        let cases = [
            ("holidays = [\"25.12.2026\"]", "holidays"),
            ("answer = \"never\"", "answer"),
            ("answer = \"closed\"", "open"),
            ("answer = \"lunch\"\nopen = { mon = \"08:00-17:00\" }", "open"),
            ("overflow-rings = 0", "overflow-rings"),
            ("star-always = \"71\"", "star-always"),
            ("star-always = \"*7\"", "star-always"),
            ("star-always = \"*71\"\nstar-back = \"*71\"", "star-back"),
            ("star-always = \"*71\"\nstar-back = \"*710\"", "star-back"),
            ("star-lasts = \"a day\"", "star-lasts"),
        ];
        for (line, key) in cases {
            assert_eq!(wrong(&format!("[line.hours]\n{line}")), [format!("line.hours.{key}")], "{line}");
        }
    }

    #[test]
    fn a_rota_is_read_in_its_order_and_each_mistake_has_the_number_of_its_entry() {
        let good = "[[line.rota]]\nname = \"Dr Chen\"\ntarget = \"+13125550100\"\n\
                    [[line.rota]]\nname = \"Dr Abara\"\ntarget = \"sip:abara@pbx.lan\"\n\
                    minutes = 5\naccept-key = \"9\"\n";
        let (_, rota) = read(good).unwrap();
        let rota: Vec<_> = rota.iter().map(|c| (c.name.as_str(), c.patience.as_secs(), c.accept)).collect();
        assert_eq!(rota, [("Dr Chen", 120, '1'), ("Dr Abara", 300, '9')]);
        assert_eq!(wrong(&good.replace("+13125550100", "sip:abara@pbx.lan")), ["line.rota"]);
        assert_eq!(wrong(&good.replace("\"9\"", "\"ok\"")), ["line.rota.2.accept-key"]);
        assert_eq!(wrong(&good.replace("minutes = 5", "minutes = 0")), ["line.rota.2.minutes"]);
        assert_eq!(wrong(&good.replace("+13125550100", "312 555 0100")), ["line.rota.1.target"]);
        assert_eq!(wrong(&good.replace("name = \"Dr Chen\"", "nam = 1")), ["line.rota.1.name", "line.rota.1.nam"]);
        assert_eq!(wrong("[line]\nrota = \"Dr Chen\""), ["line.rota"]);
    }

    #[test]
    fn a_target_can_carry_nothing_else_into_a_request() {
        for good in ["201", "*71", "+13125550100", "sip:front@pbx.lan", "sips:front@[2001:db8::1]:5061"] {
            assert!(is_target(good), "{good}");
        }
        let bad =
            ["", "sip:", "sip:pbx", "sip:a@", "sip:a@b;x=1", "sip:a@b?Subject=x", "a b", "a\r\nb", "<sip:a@b>", "a@b"];
        for bad in bad {
            assert!(!is_target(bad), "{bad}");
        }
    }

    fn minute() -> impl Strategy<Value = Time> {
        (0..24_i8, 0..60_i8).prop_map(|(hour, minute)| clock(hour, minute, 0, 0))
    }

    proptest! {
        #[test]
        fn any_span_is_refused_or_read_as_the_times_it_says(text in "[0-9:, -]{0,24}") {
            if let Some(span) = Span::parse(&text) {
                let (from, to) = text.trim().split_once('-').unwrap();
                prop_assert_eq!(span.from.strftime("%H:%M").to_string(), from.trim());
                prop_assert_eq!(span.to.strftime("%H:%M").to_string(), to.trim().replace("24:00", "00:00"));
            }
        }

        #[test]
        fn every_span_can_be_written_and_read(from in minute(), to in minute()) {
            let written = format!("{}-{}", from.strftime("%H:%M"), to.strftime("%H:%M"));
            prop_assert_eq!(Span::parse(&written), (from != to).then_some(Span { from, to }));
        }
    }
}
