//! Dates: every element finer than a year, 45 CFR 164.514(b)(2)(i)(C).
//!
//! In:  the view. Out: finds, with the day in ISO form where it can be told. Weekdays, "tomorrow" and clock times are
//! dates on a strict reading: they are covered too and resolved here, against the clinic's own day.

use crate::placeholder::Label;
use crate::redact::asked::Asked;
use crate::redact::calendar::{self, Direction, Partial};
use crate::redact::number::is_filler;
use crate::redact::policy::Class;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;
use crate::redact::year::{is_counted, short_year_at, year_after, year_at};

/// A date as far as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// First token.
    pub first: usize,
    /// Last token.
    pub last: usize,
    /// What it says.
    pub said: Partial,
    /// The rule.
    pub rule: &'static str,
}

/// Finds dates, weekdays, relative days and clock times.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    for found in all(view) {
        let direction = if is_birth(view, found.first) { Direction::Past } else { Direction::Near };
        let machine = found.said.resolve(view.today, direction).map(|d| d.to_string());
        let class = class(view, &found);
        finds.push(Find { machine, ..Find::new(found.first, found.last, Label::Date, found.rule).class(class) });
    }
}

/// The class by which a level covers or keeps it.
fn class(view: &View<'_>, found: &Found) -> Class {
    match found.rule {
        WEEKDAY | RELATIVE => Class::Weekday,
        // "my daughter april": a month alone may be a name, and then no level may keep it.
        MONTH if view.tokens.get(found.first).is_some_and(|t| t.class.given || t.class.given_rank > 0) => Class::Name,
        _ => Class::Date,
    }
}

/// The rule of a month without a day or year.
const MONTH: &str = "month alone";
/// The rule of a weekday without a date.
const WEEKDAY: &str = "weekday";
/// The rule of a day told from today.
const RELATIVE: &str = "relative day";

/// Every date, in order.
pub(super) fn all(view: &View<'_>) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    let mut at = 0;
    while at < view.tokens.len() {
        let found = month_first(view, at)
            .or_else(|| day_first(view, at))
            .or_else(|| signed(view, at))
            .or_else(|| bare(view, at))
            .or_else(|| ordinal_day(view, at))
            .or_else(|| lone_month(view, at))
            .or_else(|| weekday(view, at))
            .or_else(|| relative(view, at));
        at = match found {
            Some(found) => {
                let next = found.last.saturating_add(1);
                out.push(with_year_before(view, found));
                next
            }
            None => at.saturating_add(1),
        };
    }
    out
}

/// "nineteen fifty eight uh on the eighth of august": the year may come first.
fn with_year_before(view: &View<'_>, found: Found) -> Found {
    if found.said.year.is_some() || found.said.month.is_none() || found.said.day.is_none() {
        return found;
    }
    let small = |at: usize| is_filler(view.word(at)) || matches!(view.word(at), "on" | "the");
    let mut from = found.first;
    while found.first.saturating_sub(from) < 3 && !view.breaks_before(from) && from.checked_sub(1).is_some_and(small) {
        from = from.saturating_sub(1);
    }
    let last = from.checked_sub(1).filter(|_| !view.breaks_before(from)).and_then(|at| view.group_around(at));
    let Some(last) = last else { return found };
    let before = last.first.checked_sub(1).and_then(|at| view.group_around(at)).map(|g| g.first);
    let ends_here = |start: &usize| year_at(view, *start).is_some_and(|(_, end)| end.saturating_add(1) == from);
    let Some(first) = before.into_iter().chain([last.first]).find(ends_here) else { return found };
    let year = year_at(view, first).map(|(year, _)| year);
    Found { first, said: Partial { year, ..found.said }, ..found }
}

/// Skips fillers and small words inside a date.
pub(super) fn skip(view: &View<'_>, mut at: usize, words: &[&str]) -> usize {
    const MOST: usize = 3;
    for _ in 0..MOST {
        if !is_filler(view.word(at)) && !words.contains(&view.word(at)) {
            break;
        }
        at = at.saturating_add(1);
    }
    at
}

/// "march the fourth nineteen sixty two", "March 4, 1962", "march nineteen sixty two".
fn month_first(view: &View<'_>, at: usize) -> Option<Found> {
    let month = calendar::month(view.word(at))?;
    let number = skip(view, at.saturating_add(1), &["the", "of"]);
    if view.breaks_before(number) {
        return None;
    }
    let group = view.group_at(number)?;
    if (1..=31).contains(&group.value) && !is_counted(view, group.last) {
        let (year, last) = year_after(view, group.last);
        // "march nineteen sixty two": the nineteen begins the year, it is not the day.
        if let (None, Some((whole, end))) = (year, year_at(view, number)) {
            return Some(Found {
                first: at,
                last: end,
                said: Partial { month: Some(month), year: Some(whole), ..Partial::default() },
                rule: "month and year",
            });
        }
        let said = Partial { day: i8::try_from(group.value).ok(), month: Some(month), year };
        return Some(Found { first: at, last, said, rule: "month and day" });
    }
    let short = || short_year_at(view, number).filter(|(year, _)| *year > 31);
    let (year, last) = year_at(view, number).or_else(short)?;
    let said = Partial { month: Some(month), year: Some(year), ..Partial::default() };
    Some(Found { first: at, last, said, rule: "month and year" })
}

/// "the fourth of march sixty two", "4 March 1962", "the fourth of the third".
fn day_first(view: &View<'_>, at: usize) -> Option<Found> {
    let group = view.group_at(at).filter(|g| (1..=31).contains(&g.value))?;
    let next = skip(view, group.last.saturating_add(1), &["of", "the", "in", "day"]);
    if view.breaks_before(next) {
        return None;
    }
    let day = i8::try_from(group.value).ok();
    if let Some(month) = calendar::month(view.word(next)) {
        let (year, last) = year_after(view, next);
        return Some(Found { first: at, last, said: Partial { day, month: Some(month), year }, rule: "day and month" });
    }
    let other = view.group_at(next).filter(|g| g.ordinal && (1..=12).contains(&g.value))?;
    let of = (group.last..next).any(|i| view.word(i) == "of");
    if !group.ordinal || !of {
        return None;
    }
    let (year, last) = year_after(view, other.last);
    Some(Found {
        first: at,
        last,
        said: Partial { day, month: i8::try_from(other.value).ok(), year },
        rule: "day of month",
    })
}

/// "3/4/1962", "1962-03-04", "10.20.86", "3 slash 4 slash 62".
fn signed(view: &View<'_>, at: usize) -> Option<Found> {
    let a = view.group_at(at)?;
    let (b, sign) = tied_group(view, a.last)?;
    let third = tied_group(view, b.last).filter(|(_, s)| *s == sign);
    let (last, numbers) = match third {
        Some((c, _)) => (c.last, vec![a.value, b.value, c.value]),
        None => (b.last, vec![a.value, b.value]),
    };
    // A ratio, a fraction or a decimal looks the same: two numbers are a date only with a slash and after a cue.
    let told = is_cued(view, at)
        || matches!(view.before(at, 1), "on" | "since" | "until" | "till" | "by" | "before" | "after");
    if numbers.len() == 2 && (sign != '/' || !told) {
        return None;
    }
    // Four parts are a network address, not a date.
    if tied_group(view, last).is_some() || at.checked_sub(1).is_some_and(|p| tied_group(view, p).is_some()) {
        return None;
    }
    let said = Partial::of_numbers(&numbers)?;
    Some(Found { first: at, last, said, rule: "numbers with signs" })
}

fn tied_group<'v>(view: &'v View<'_>, last: usize) -> Option<(&'v crate::redact::number::Group, char)> {
    let next = last.saturating_add(1);
    if let Some(sign @ ('/' | '-' | '.')) = view.tokens.get(next)?.tied {
        return view.group_at(next).map(|g| (g, sign));
    }
    let sign = match view.word(next) {
        "slash" | "stroke" => '/',
        "dash" => '-',
        "dot" => '.',
        _ => return None,
    };
    view.group_at(next.saturating_add(1)).map(|g| (g, sign))
}

/// "born zero three seventeen twelve", "10, 20, 86": numbers that only the cue makes a date.
fn bare(view: &View<'_>, at: usize) -> Option<Found> {
    let run = view.run_at(at).filter(|r| r.letters == 0)?;
    if !is_cued(view, at) || run.digits < 3 {
        return None;
    }
    /// No date has more parts; a longer chain is some other number.
    const MOST_PARTS: usize = 10;
    let groups = view.groups_in(run);
    if groups.len() > MOST_PARTS {
        return None;
    }
    let digits: Vec<&str> = groups.iter().map(|g| g.digits.as_str()).collect();
    let said = Partial::of_dictated(&digits)?;
    Some(Found { first: at, last: run.last, said, rule: "numbers after a birth cue" })
}

/// "on the fourth", "the 23rd".
fn ordinal_day(view: &View<'_>, at: usize) -> Option<Found> {
    let group = view.group_at(at).filter(|g| g.ordinal && (1..=31).contains(&g.value))?;
    let article =
        matches!(view.before(at, 1), "the" | "on" | "till" | "until" | "to" | "by" | "from" | "for" | "and" | "or");
    let asked = matches!(view.asked, Asked::Dob | Asked::Day);
    let next = group.last.saturating_add(1);
    let ends = view.pauses_before(next) || ENDS_A_DAY.has(view.word(next));
    // "a second", "the first time": ordinals that count something are followed by it.
    let small = group.value <= 2
        && !group.literal
        && !(article && matches!(view.before(at, 2), "on" | "until" | "till" | "from" | "by"));
    let counts = COUNTED_BY_ORDINALS.has(view.word(next));
    let monthly = view.word(next) == "of"
        && matches!(view.word(next.saturating_add(1)), "each" | "every" | "the" | "this" | "next")
        && view.word(next.saturating_add(2)) == "month";
    let range = |at: usize| view.group_at(at).is_some_and(|g| g.ordinal && g.value <= 31);
    let link = |word: &str| matches!(word, "to" | "till" | "until" | "through" | "or" | "and");
    let ranged = (link(view.word(next)) && (range(next.saturating_add(1)) || range(next.saturating_add(2))))
        || (link(view.before(at, 1))
            && at.checked_sub(2).and_then(|i| view.group_around(i)).is_some_and(|g| g.ordinal));
    let plain = (article || asked) && ends && (!small || asked);
    if !(plain || monthly || ranged || group.literal) || (counts && !monthly) {
        return None;
    }
    let said = Partial { day: i8::try_from(group.value).ok(), ..Partial::default() };
    let last = if monthly { next.saturating_add(2) } else { group.last };
    Some(Found { first: at, last, said, rule: "day alone" })
}

static COUNTED_BY_ORDINALS: Words = Words::new(
    "floor time times grade opinion dose visit appointment street avenue ave st place road name person one thing \
     trimester child baby week day month year call shot choice available degree half party line hand step round \
     test week's metatarsal finger toe lane court drive anniversary cousin",
);

static ENDS_A_DAY: Words = Words::new(
    "at of in and or for to till until from with please if around because would is works then instead so but i it \
     do does that this between after before by can could will we was thanks thank maybe not through arriving \
     leaving um uh okay ok under as my you are on sometime early late also hopefully",
);

/// "in september", "since November", "any day of june".
fn lone_month(view: &View<'_>, at: usize) -> Option<Found> {
    let month = calendar::month(view.word(at))?;
    let word = view.word(at);
    let verb = matches!(word, "may" | "march" | "mar" | "sat" | "sun" | "jan" | "dec");
    let cue = matches!(
        view.before(at, 1),
        "in" | "of"
            | "since"
            | "until"
            | "till"
            | "by"
            | "last"
            | "next"
            | "this"
            | "every"
            | "mid"
            | "late"
            | "early"
            | "from"
            | "around"
            | "before"
            | "after"
            | "during"
            | "for"
            | "back"
    );
    let capital = view.tokens.get(at).is_some_and(|t| t.capital && !t.first);
    let asked = matches!(view.asked, Asked::Dob | Asked::Day);
    let certain = cue || asked || (capital && verb && word != "may");
    // A given name as well ("april called", "this is june"): then the name family decides, which covers it too.
    let said = Partial { month: Some(month), ..Partial::default() };
    (!verb || certain).then_some(Found { first: at, last: at, said, rule: MONTH })
}

fn weekday(view: &View<'_>, at: usize) -> Option<Found> {
    let day = calendar::weekday(view.word(at))?;
    if matches!(view.word(at), "sun" | "sat" | "wed" | "mon")
        && !view.tokens.get(at).is_some_and(|t| t.capital || view.group_at(at.saturating_add(1)).is_some())
    {
        return None;
    }
    let next = matches!(view.before(at, 1), "next").then_some(7).unwrap_or(0);
    let date = calendar::coming(view.today, day, next);
    let mut last = at;
    // A date may follow its weekday: they are one.
    let follow = skip(view, at.saturating_add(1), &["the", "on"]);
    if let Some(more) =
        month_first(view, follow).or_else(|| day_first(view, follow)).or_else(|| ordinal_after_weekday(view, follow))
    {
        return Some(Found { first: at, ..more });
    }
    if calendar::part_of_day(view.word(at.saturating_add(1))).is_some() {
        last = at;
    }
    Some(Found { first: at, last, said: Partial::of_date(date), rule: WEEKDAY })
}

fn ordinal_after_weekday(view: &View<'_>, at: usize) -> Option<Found> {
    let group = view.group_at(at).filter(|g| g.ordinal && (1..=31).contains(&g.value))?;
    let said = Partial { day: i8::try_from(group.value).ok(), ..Partial::default() };
    Some(Found { first: at, last: group.last, said, rule: "weekday and day" })
}

fn relative(view: &View<'_>, at: usize) -> Option<Found> {
    let (last, date) = calendar::relative(|i| view.word(at.saturating_add(i)), view.today)?;
    let said = Partial::of_date(date);
    Some(Found { first: at, last: at.saturating_add(last), said, rule: RELATIVE })
}

fn is_birth(view: &View<'_>, at: usize) -> bool {
    static CUES: Words = Words::new("born birth birthday birthdate dob birth's");
    view.asked == Asked::Dob || view.cue_before(at, 6, &CUES).is_some()
}

fn is_cued(view: &View<'_>, at: usize) -> bool {
    static CUES: Words = Words::new("born birth birthday birthdate dob");
    matches!(view.asked, Asked::Dob | Asked::Day) || view.cue_before(at, 4, &CUES).is_some()
}
