//! What the caller tells besides: their name, a day, a part of the day, a medicine.

use crate::guard::phrase::{any, find, words};
use crate::placeholder::{self, Label, Placeholder};
use crate::redact::Redacted;

/// Whether any day will do.
#[must_use]
pub fn any_day(text: &Redacted) -> bool {
    any(ANY_DAY, &words(text.as_str()))
}

/// The part of the day that the words ask for, in the clinic's closed words.
#[must_use]
pub fn part_of_day(text: &Redacted) -> Option<&'static str> {
    let words = words(text.as_str());
    match (
        any(&["morning*", "before noon|lunch", "early +in"], &words),
        any(&["afternoon*", "after noon|lunch|work"], &words),
    ) {
        (true, false) => Some("morning"),
        (false, true) => Some("afternoon"),
        (true, true) | (false, false) => None,
    }
}

/// The name that the caller gives as their own: `this is [NAME_1]`, `my name is [NAME_1]`; not `see doctor [NAME_1]`.
#[must_use]
pub fn own_name(text: &Redacted) -> Option<Placeholder> {
    let introduced = |before: &str| {
        let before = words(before);
        any(INTRODUCES, &before) || before.is_empty()
    };
    labelled(text, Label::Name)
        .find(|(start, _)| introduced(text.as_str().get(..*start).unwrap_or_default()))
        .map(|(_, p)| p)
}

/// The date of birth that the caller gives unasked: `born on [DATE_1]`.
#[must_use]
pub fn own_birthday(text: &Redacted) -> Option<Placeholder> {
    let introduced = |before: &str| {
        any(
            &["born $", "born on|in $", "birth|birthday|birthdate|dob $", "birth|birthday|birthdate|dob is $"],
            &words(before),
        )
    };
    labelled(text, Label::Date)
        .find(|(start, _)| introduced(text.as_str().get(..*start).unwrap_or_default()))
        .map(|(_, p)| p)
}

/// The last placeholder of `label` in the text: after a correction the later value counts.
#[must_use]
pub fn last(text: &Redacted, label: Label) -> Option<Placeholder> {
    labelled(text, label).last().map(|(_, p)| p)
}

/// The day that something is to be moved to: `to [DATE_1]`, not `on [DATE_1]`.
#[must_use]
pub fn target_day(text: &Redacted) -> Option<Placeholder> {
    let aimed = |before: &str| any(&["to|until|till $", "to|until|till on|the|this|next $"], &words(before));
    labelled(text, Label::Date)
        .filter(|(start, _)| aimed(text.as_str().get(..*start).unwrap_or_default()))
        .map(|(_, p)| p)
        .last()
}

/// Whether the words are about somebody else than the one who is known already: "for my husband".
#[must_use]
pub fn for_another(text: &Redacted) -> bool {
    any(ANOTHER, &words(text.as_str()))
}

/// Whether the words name a medicine to be refilled, and do not only ask for "a refill".
#[must_use]
pub fn names_medicine(text: &Redacted) -> bool {
    let words = words(text.as_str());
    let Some((_, end)) = find("refill*|renew*|prescription*|reorder of|for|on", &words) else { return false };
    words.get(end..).unwrap_or_default().iter().any(|word| !EMPTY.contains(&word.as_str()) && !word.starts_with('['))
}

fn labelled(text: &Redacted, label: Label) -> impl Iterator<Item = (usize, Placeholder)> + '_ {
    placeholder::find_all(text.as_str()).filter(move |(_, p)| p.label == label).map(|(range, p)| (range.start, p))
}

const ANY_DAY: &[&str] = &[
    "any|whatever|whichever day|time|date|one|works|appointment",
    "anytime|whenever|anything|earliest|soonest|asap",
    "as soon possible",
    "as early possible",
    "first|next|earliest|soonest|one opening|available|one|appointment|possible|slot|time|you",
    "soon",
    "dont|doesnt|not care|matter|mind",
    "no preference",
    "i am|im flexible|open|free",
    "right away",
];

const INTRODUCES: &[&str] = &[
    "this +is $",
    "this is|its the patient $",
    "name +is|s $",
    "names $",
    "i +am $",
    "im $",
    "its|it|is $",
    "here +is $",
    "patient +is $",
    "me $",
];

const ANOTHER: &[&str] = &[
    "for|about my|our husband|husbands|wife|wifes|son|sons|daughter|daughters|child|kid|kids|baby|mother|mom|father|dad|\
     brother|sister|parents|grandmother|grandfather|grandma|grandpa|partner|friend|neighbor|aunt|uncle",
    "my|our husbands|wifes|sons|daughters|childs|kids|babys|mothers|moms|fathers|dads|brothers|sisters|partners appointment*|\
     prescription*|refill*|visit",
    "somebody|someone elses",
    "for somebody|someone|him|her|them",
];

/// Words that name no medicine.
const EMPTY: &[&str] = &[
    "my",
    "a",
    "an",
    "the",
    "some",
    "of",
    "for",
    "on",
    "please",
    "prescription",
    "prescriptions",
    "medication",
    "medications",
    "medicine",
    "medicines",
    "meds",
    "pills",
    "refill",
    "refills",
    "it",
    "that",
    "them",
    "me",
    "thanks",
    "thank",
    "you",
    "one",
    "and",
    "is",
    "to",
    "i",
    "need",
    "want",
    "would",
    "like",
    "get",
    "can",
    "um",
    "uh",
    "new",
    "this",
    "these",
    "more",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_gives_their_own_name_or_somebody_elses() {
        let own = |text: &str| own_name(&Redacted::in_a_test(text)).map(|p| p.to_string());
        for text in ["this is [NAME_1] i need to cancel", "my name is [NAME_1]", "hi i'm [NAME_1]", "[NAME_1] calling"]
        {
            assert_eq!(own(text).as_deref(), Some("[NAME_1]"), "{text}");
        }
        for text in ["i need to see doctor [NAME_1]", "an appointment with [NAME_1]", "a message for [NAME_1]"] {
            assert_eq!(own(text), None, "{text}");
        }
        assert_eq!(own("an appointment with [NAME_1] this is [NAME_2]").as_deref(), Some("[NAME_2]"));
    }

    #[test]
    fn a_birthday_is_told_from_the_day_of_a_visit() {
        let own = |text: &str| own_birthday(&Redacted::in_a_test(text)).map(|p| p.to_string());
        assert_eq!(own("my date of birth is [DATE_1]").as_deref(), Some("[DATE_1]"));
        assert_eq!(own("i was born on [DATE_2]").as_deref(), Some("[DATE_2]"));
        assert_eq!(own("an appointment on [DATE_1]"), None);
    }

    #[test]
    fn parts_of_the_day_and_any_day_are_heard() {
        assert_eq!(part_of_day(&Redacted::in_a_test("[DATE_1] in the morning")), Some("morning"));
        assert_eq!(part_of_day(&Redacted::in_a_test("an afternoon please")), Some("afternoon"));
        assert_eq!(part_of_day(&Redacted::in_a_test("morning or afternoon")), None);
        for text in
            ["any day", "as soon as possible", "whenever", "the earliest", "the first available", "i don't care"]
        {
            assert!(any_day(&Redacted::in_a_test(text)), "{text}");
        }
    }

    #[test]
    fn a_medicine_is_named_or_only_asked_about() {
        for text in ["a refill of my lisinopril", "refill for metformin please", "a prescription for my blood pressure"]
        {
            assert!(names_medicine(&Redacted::in_a_test(text)), "{text}");
        }
        for text in ["i need a refill", "a refill of my prescription please", "a refill for [NAME_1]"] {
            assert!(!names_medicine(&Redacted::in_a_test(text)), "{text}");
        }
    }

    #[test]
    fn the_day_to_move_to_is_told_from_the_day_of_the_appointment() {
        let target = |text: &str| target_day(&Redacted::in_a_test(text)).map(|p| p.to_string());
        assert_eq!(target("move my appointment on [DATE_1] to [DATE_2]").as_deref(), Some("[DATE_2]"));
        assert_eq!(target("move my appointment on [DATE_1]"), None);
    }

    #[test]
    fn a_wish_for_somebody_else_is_heard() {
        for text in ["an appointment for my husband", "my daughter's appointment", "a refill for my mother"] {
            assert!(for_another(&Redacted::in_a_test(text)), "{text}");
        }
        assert!(!for_another(&Redacted::in_a_test("a refill for my blood pressure")));
    }
}
