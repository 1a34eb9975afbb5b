//! Answers to what the box had asked for: taken up here, so that no word of them leaves.
//!
//! In:  the view of an utterance after a question. Out: an [`Answer`] with the value in the clinic's form, or nothing
//! where the caller evidently did not answer ("why do you need that?").

use crate::expect::Expecting;
use crate::placeholder::Label;
use crate::redact::asked::Asked;
use crate::redact::calendar::{self, Direction, Partial};
use crate::redact::date::{self, Found};
use crate::redact::name;
use crate::redact::number::is_filler;
use crate::redact::phone;
use crate::redact::policy::Class;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// The rule of an appointment's day, which outranks every other claim on the same words.
pub(super) const APPOINTMENT: &str = "appointment day";

/// An answer taken up locally.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// What it is.
    pub label: Label,
    /// As it may be said back to the caller.
    pub spoken: String,
    /// As the clinic's systems take it.
    pub machine: String,
    /// Whether nothing is missing.
    pub complete: bool,
}

/// Takes up the answer to an identity question; `None` where there is none.
pub(super) fn answer(view: &View<'_>, expecting: Expecting) -> Option<Answer> {
    if is_no_answer(view) {
        return None;
    }
    match expecting {
        Expecting::Dob => Some(birth(view)),
        Expecting::Name { .. } => named(view),
        Expecting::Phone => Some(number(view, Label::Phone)),
        Expecting::MemberId => Some(number(view, Label::Id)),
        // The box keeps no card: the placeholder stands for the fact that one was said.
        Expecting::Card => Some(Answer {
            label: Label::Id,
            spoken: "your card number".to_owned(),
            machine: String::new(),
            complete: true,
        }),
        Expecting::Anything | Expecting::YesNo | Expecting::Date => None,
    }
}

/// Whether the caller evidently said something else than an answer.
pub(super) fn is_no_answer(view: &View<'_>) -> bool {
    let spoken = view.tokens.iter().filter(|t| !is_filler(&t.norm));
    let words: Vec<&str> = spoken.take(40).map(|t| t.norm.as_str()).collect();
    if view.runs.iter().any(|r| r.digits >= 2 || r.letters >= 3) || says_name(view) {
        return false;
    }
    let begins = |phrase: &&str| phrase.split(' ').enumerate().all(|(i, w)| words.get(i) == Some(&w));
    if NONE.iter().any(begins) {
        return true;
    }
    // Any digit at all after a question for a number, a date or an address is an attempt at an answer.
    let wants_digits = matches!(view.asked, Asked::Dob | Asked::Phone | Asked::Address | Asked::Id | Asked::Card);
    if wants_digits && view.runs.iter().any(|r| r.digits > 0) {
        return false;
    }
    let helper = words.iter().any(|w| HELPERS.has(w)) && (words.len() == 1 || words.iter().any(|w| WISHES.has(w)));
    helper || OPENINGS.iter().any(begins) || view.tokens.iter().all(|t| t.class.function && !t.class.given)
}

fn says_name(view: &View<'_>) -> bool {
    let cue = |at| view.says(at, &["name", "is"]) || view.says(at, &["name's"]);
    (0..view.tokens.len()).any(|at| cue(at) && view.tokens.get(at.saturating_add(2)).is_some())
}

static HELPERS: Words = Words::new(
    "person human representative operator agent somebody someone receptionist nurse staff manager supervisor",
);
static WISHES: Words = Words::new("speak talk want get need transfer connect put like real live please a give");
/// What says that there is nothing to answer, whatever lone digit follows ("there's no number, it says take one daily").
const NONE: &[&str] = &[
    "there's no",
    "there is no",
    "there isn't",
    "i don't have",
    "i haven't",
    "nothing's",
    "nothing has",
    "yeah nothing's",
    "no nothing's",
    "it's unlisted",
];
const OPENINGS: &[&str] = &[
    "what",
    "why",
    "how",
    "who",
    "where",
    "when",
    "which",
    "huh",
    "pardon",
    "excuse me",
    "can you",
    "could you",
    "can i",
    "could i",
    "do you",
    "do i",
    "are you",
    "is this",
    "is that",
    "i want",
    "i need",
    "i'd like",
    "i would like",
    "i don't",
    "i dont",
    "i do not",
    "i didn't",
    "i can't",
    "i'm not",
    "i am not going",
    "hold on",
    "one moment",
    "just a",
    "wait",
    "never mind",
    "nevermind",
    "repeat",
    "say that",
    "say it",
    "come again",
    "that's none",
    "none of",
    "i'm calling",
    "i am calling",
    "i was",
    "i have",
    "i've",
    "i just",
    "let me",
    "give me",
    "you already",
    "you have",
    "sorry what",
    "sorry i",
    "sorry can",
    "sorry could",
    "no i",
    "yes i need",
    "yes i want",
    "i'll",
    "i will",
    "i forgot",
    "i think you",
    "cancel",
    "there's",
    "there is",
    "did you",
];

fn birth(view: &View<'_>) -> Answer {
    let dates = date::all(view);
    let whole = |f: &&Found| f.said.resolve(view.today, Direction::Past).is_some();
    // A correction comes last: "march third, no, march fourth".
    let best = dates.iter().rev().find(whole);
    if let Some(found) = best {
        let machine = found.said.resolve(view.today, Direction::Past).map(|d| d.to_string()).unwrap_or_default();
        return Answer { label: Label::Date, spoken: said(view, found.first, found.last), machine, complete: true };
    }
    let dictated = dictated(view).and_then(|p| p.resolve(view.today, Direction::Past));
    let last = view.tokens.len().saturating_sub(1);
    let spoken = said(view, 0, last);
    match dictated {
        Some(day) => Answer { label: Label::Date, spoken, machine: day.to_string(), complete: true },
        None => Answer { label: Label::Date, spoken, machine: view.joined(0, last), complete: false },
    }
}

/// All numbers of the utterance, with the words that sound like one ("to", "for") read as numbers.
fn dictated(view: &View<'_>) -> Option<Partial> {
    /// No date has more parts.
    const MOST: usize = 10;
    let mut parts: Vec<&str> = Vec::new();
    let mut at = 0;
    while at < view.tokens.len() && parts.len() <= MOST {
        if let Some(group) = view.group_at(at) {
            parts.push(&group.digits);
            at = group.last;
        } else if let Some(digit) = homophone(view.word(at)) {
            parts.push(digit);
        }
        at = at.saturating_add(1);
    }
    Partial::of_dictated(&parts)
}

fn homophone(word: &str) -> Option<&'static str> {
    match word {
        "to" | "too" => Some("2"),
        "for" => Some("4"),
        "ate" => Some("8"),
        "won" => Some("1"),
        "o" => Some("0"),
        _ => None,
    }
}

fn number(view: &View<'_>, label: Label) -> Answer {
    let mut machine = String::new();
    let mut at = 0;
    while at < view.tokens.len() {
        if let Some(run) = view.run_at(at) {
            let code = if label == Label::Phone { run.code.replace('o', "0") } else { run.code.clone() };
            machine.extend(code.chars().filter(|c| c.is_ascii_digit() || (label == Label::Id && c.is_alphanumeric())));
            at = run.last;
        }
        at = at.saturating_add(1);
    }
    let complete = if label == Label::Phone { phone::is_whole(&machine) } else { machine.len() >= 4 };
    let spoken = said(view, 0, view.tokens.len().saturating_sub(1));
    let machine = if machine.is_empty() { view.joined(0, view.tokens.len().saturating_sub(1)) } else { machine };
    Answer { label, spoken, machine, complete }
}

/// Whatever was said is the name, less the sentence around it.
fn named(view: &View<'_>) -> Option<Answer> {
    const CUES: &[&[&str]] = &[
        &["name", "is"],
        &["name's"],
        &["this", "is"],
        &["it's"],
        &["its"],
        &["it", "is"],
        &["i'm"],
        &["i", "am"],
        &["that's"],
    ];
    let cue = (0..view.tokens.len())
        .find_map(|at| CUES.iter().find(|c| view.says(at, c)).map(|c| at.saturating_add(c.len())));
    let from = cue.filter(|at| *at < view.tokens.len()).unwrap_or(0);
    let after = parts(view, from);
    let all = if after.is_empty() { parts(view, 0) } else { after };
    let machine = all.join(" ");
    (!machine.is_empty()).then(|| Answer { label: Label::Name, spoken: machine.clone(), machine, complete: true })
}

fn parts(view: &View<'_>, from: usize) -> Vec<String> {
    /// A full name with its spelling fits.
    const MOST: usize = 8;
    let mut parts: Vec<String> = Vec::new();
    let mut at = from;
    while at < view.tokens.len() && parts.len() < MOST {
        let run = view.run_at(at).filter(|r| r.letters > 1 && r.digits == 0);
        let last = run.map_or(at, |r| r.last);
        let token = view.tokens.get(at);
        // A spoken name ends where the sentence goes on: "mary lopez and i need to ...".
        if !parts.is_empty()
            && matches!(view.word(at), "and" | "but" | "i" | "my" | "born" | "date" | "calling" | "because" | "spelled")
            && run.is_none()
        {
            break;
        }
        if token.is_some_and(|t| run.is_some() || t.class.given || (!t.class.function && t.class.word)) {
            let part = name::plain(view, at, last);
            // "mary m a r y lopez": the spelling repeats what was said.
            if !part.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        at = last.saturating_add(1);
    }
    parts
}

fn said(view: &View<'_>, first: usize, last: usize) -> String {
    let start = view.tokens.get(first).map(|t| t.range.start);
    let end = view.tokens.get(last).map(|t| t.range.end);
    start.zip(end).and_then(|(start, end)| view.text.get(start..end)).unwrap_or_default().to_owned()
}

/// The day asked for, as a find: `2026-12-01`, `2026-12-01 morning`, `any afternoon`, `any`.
pub(super) fn appointment(view: &View<'_>) -> Option<Find> {
    static NOT: Words = Words::new("not except but");
    let refused = |f: &&Found| {
        let article = matches!(view.before(f.first, 1), "the" | "on" | "next" | "this");
        !NOT.has(view.before(f.first, if article { 2 } else { 1 }))
    };
    let resolved = |f: &Found| f.said.resolve(view.today, Direction::Near);
    let day = date::all(view).iter().filter(refused).find_map(|f| Some((f.first, f.last, resolved(f)?)));
    if let Some((first, last, date)) = day {
        let (part, last) = part_near(view, first, last);
        let machine = part.map_or_else(|| date.to_string(), |part| format!("{date} {part}"));
        let first = if matches!(view.before(first, 1), "next" | "this") { first.saturating_sub(1) } else { first };
        return Some(slot(first, last, machine));
    }
    let part = (0..view.tokens.len()).find_map(|at| Some((at, calendar::part_of_day(view.word(at))?)));
    if let Some((at, part)) = part.filter(|(at, _)| view.before(*at, 1) != "good") {
        let first = if matches!(view.before(at, 1), "any" | "the") { at.saturating_sub(1) } else { at };
        return Some(slot(first, at, format!("any {part}")));
    }
    let any = (0..view.tokens.len()).find_map(|at| ANY.iter().find(|p| view.says(at, p)).map(|p| (at, p.len())));
    let (first, words) = any?;
    let last = first.saturating_add(words).saturating_sub(1);
    Some(slot(first, last, "any".to_owned()))
}

/// Taken up whatever the level keeps: the conversation needs the value.
fn slot(first: usize, last: usize, machine: String) -> Find {
    Find { machine: Some(machine), ..Find::new(first, last, Label::Date, APPOINTMENT).class(Class::Answer) }
}

const ANY: &[&[&str]] = &[
    &["as", "soon", "as", "possible"],
    &["soon", "as", "possible"],
    &["any", "day"],
    &["any", "time"],
    &["anytime"],
    &["any", "date"],
    &["whenever"],
    &["earliest"],
    &["first", "available"],
    &["next", "available"],
    &["soonest"],
    &["any"],
    &["doesn't", "matter"],
    &["does", "not", "matter"],
    &["don't", "care"],
    &["don't", "mind"],
    &["asap"],
    &["soon"],
    &["whatever"],
];

/// The part of the day beside a date, and where the stretch then ends.
fn part_near(view: &View<'_>, first: usize, last: usize) -> (Option<&'static str>, usize) {
    /// "in the", "early in the", "at ten thirty in the".
    const REACH: usize = 7;
    for ahead in 1..=REACH {
        let at = last.saturating_add(ahead);
        if let Some(part) = calendar::part_of_day(view.word(at)) {
            return (Some(part), at);
        }
        if !matches!(view.word(at), "in" | "the" | "at" | "early" | "late" | "around")
            && view.group_around(at).is_none()
        {
            break;
        }
    }
    let hour = (1..=2)
        .find_map(|ahead| view.group_at(last.saturating_add(ahead)))
        .filter(|g| !g.ordinal && matches!(view.before(g.first, 1), "at" | "around"));
    if let Some(hour) = hour {
        let part = match hour.value {
            7..=11 => Some("morning"),
            12 | 1..=6 => Some("afternoon"),
            _ => None,
        };
        return (part, hour.last);
    }
    // "the morning of the fourth", "morning on tuesday".
    let before = (1..=4).find_map(|back| {
        calendar::part_of_day(view.before(first, back)).filter(|_| view.before(first, back.saturating_add(1)) != "good")
    });
    (before, last)
}
