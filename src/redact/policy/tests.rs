//! Each class at each level, by a real utterance; then what the levels promise as a whole.

use super::*;
use crate::config::levels::DESTINATIONS;
use crate::expect::Expecting;
use crate::listen::RawTranscript;
use crate::redact::parts::{Part, Without};
use crate::redact::tests::context;
use crate::redact::{Outcome, Vault, redact, redact_without, restore};
use crate::wire::tool::IdentityLevel;

fn at(level: Level, expecting: Expecting, text: &str, vault: &mut Vault) -> Outcome {
    redact(&RawTranscript::typed(text), &Context { level, ..context(expecting) }, vault)
}

/// The text that leaves by the families alone: what the tagger adds changes with each training.
fn left(level: Level, text: &str) -> String {
    let (heard, context) = (RawTranscript::typed(text), Context { level, ..context(Expecting::Anything) });
    let outcome = redact_without(Without::parts([Part::Tagger]), &heard, &context, &mut Vault::new());
    outcome.text.as_str().to_owned()
}

/// `text` holds `words` of the class: each level must leave them or not, as its row says, and leave `expected` at the narrow one.
fn honours(class: Class, text: &str, words: &str, narrow: &str) {
    let row = TABLE.iter().find(|row| row.class == class).unwrap();
    for level in Level::ALL {
        let left = left(level, text);
        assert_eq!(left.contains(words), row.at(level) == Treatment::Keep, "{level}: {left}");
    }
    assert_eq!(left(Level::Narrow, text), narrow);
}

#[test]
fn every_class_has_one_row_that_gives_its_reasons() {
    assert_eq!(Class::State as usize + 1, TABLE.len());
    for (place, row) in TABLE.iter().enumerate() {
        assert_eq!(row.class as usize, place, "{}", row.name);
        assert!(row.law.contains("164.5"), "{}", row.name);
        for sentence in [row.reason, row.cost] {
            assert!(sentence.ends_with('.') && !sentence.contains('|'), "{}", row.name);
        }
    }
    for label in Label::ALL {
        assert!(TABLE.iter().any(|row| row.class == Class::of(*label)));
    }
}

#[test]
fn narrow_covers_all_that_safe_harbor_covers() {
    for row in TABLE {
        assert!(
            row.at(Level::SafeHarbor) == Treatment::Keep || row.at(Level::Narrow) == Treatment::Cover,
            "{}",
            row.name
        );
    }
}

#[test]
fn a_name_is_covered_at_every_level() {
    honours(Class::Name, "my name is mary lopez", "lopez", "my name is [NAME_1]");
}

#[test]
fn an_employer_is_covered_at_every_level() {
    honours(
        Class::Employer,
        "i work for general mills and i need a note",
        "mills",
        "i work for [ORG_EMPLOYER_1] and i need a note",
    );
}

#[test]
fn a_date_stays_in_a_limited_data_set() {
    honours(Class::Date, "it began on march fourth", "march fourth", "it began on [DATE_1]");
}

#[test]
fn a_weekday_stays_in_a_limited_data_set() {
    honours(Class::Weekday, "can i come on tuesday", "tuesday", "can i come on [DATE_1]");
}

#[test]
fn a_clock_time_stays_in_a_limited_data_set() {
    honours(Class::ClockTime, "i was there at ten thirty am", "ten thirty am", "i was there at [DATE_1]");
}

#[test]
fn a_street_is_covered_at_every_level() {
    honours(Class::Street, "i live at two hundred pine ridge street", "pine", "i live at [ADDRESS_1]");
}

#[test]
fn a_town_stays_in_a_limited_data_set() {
    honours(Class::Town, "i live in trenton", "trenton", "i live in [ADDRESS_1]");
}

#[test]
fn a_county_is_covered_at_every_level() {
    honours(Class::County, "we live in jackson county", "jackson", "we live in [ADDRESS_1] county");
}

#[test]
fn a_postal_code_stays_in_a_limited_data_set() {
    honours(Class::PostalCode, "the zip is oh eight six one oh", "oh eight six one oh", "the zip is [ADDRESS_1]");
}

#[test]
fn the_state_of_an_address_stays_in_a_limited_data_set() {
    let narrow = "send it to [ADDRESS_1]";
    honours(Class::StateOfAddress, "send it to 200 Pine Ridge Street, Trenton, Ohio", "Ohio", narrow);
}

#[test]
fn a_telephone_number_is_covered_at_every_level() {
    let text = "my number is five one two five five five oh one four three";
    honours(Class::Phone, text, "five", "my number is [PHONE_1]");
}

#[test]
fn an_email_address_is_covered_at_every_level() {
    honours(Class::Email, "it's mary dot lopez at gmail dot com thanks", "gmail", "it's [EMAIL_1] thanks");
}

#[test]
fn an_identifying_number_is_covered_at_every_level() {
    honours(Class::Id, "my member id is x q four seven one two", "seven", "my member id is [ID_1]");
}

#[test]
fn an_age_of_ninety_or_more_stays_in_a_limited_data_set() {
    honours(Class::OldAge, "my father is ninety one years old", "ninety one", "my father is [AGE90_1] years old");
}

#[test]
fn a_web_address_is_covered_at_every_level() {
    honours(Class::Url, "see www.lopezfamily.net/photos for more", "lopez", "see [URL_1] for more");
}

#[test]
fn a_network_address_is_covered_at_every_level() {
    honours(Class::Ip, "The IP address is 203.0.113.7.", "203", "The IP address is [IP_1].");
}

#[test]
fn an_answer_is_taken_up_whole_at_every_level() {
    for level in Level::ALL {
        let outcome = at(level, Expecting::Dob, "it's march fourth nineteen sixty two", &mut Vault::new());
        assert_eq!(outcome.text.as_str(), "[DATE_1]", "{level}");
        assert!(outcome.captured.is_some_and(|captured| captured.complete));
        let outcome = at(level, Expecting::Date, "how about december first", &mut Vault::new());
        let left = outcome.text.as_str();
        assert!(left.contains("[DATE_1]") && !left.contains("december"), "{level}: {left}");
        assert!(outcome.captured.is_some());
    }
}

#[test]
fn what_nothing_explains_is_withheld_at_every_level() {
    honours(Class::Unexplained, "and then seven two nine one came up", "seven", "and [WITHHELD]");
}

#[test]
fn a_duration_stays_but_at_the_narrow_level() {
    honours(Class::Duration, "it has hurt for three weeks", "three weeks", "it has hurt for [DURATION_1]");
}

#[test]
fn a_quantity_stays_but_at_the_narrow_level() {
    let narrow = "i take [QUANTITY_1] of ibuprofen";
    honours(Class::Quantity, "i take twenty milligrams of ibuprofen", "twenty milligrams", narrow);
}

#[test]
fn an_age_below_ninety_stays_but_at_the_narrow_level() {
    honours(Class::Age, "i am sixty two years old", "sixty two", "i am [QUANTITY_1] years old");
}

#[test]
fn a_year_alone_stays_but_at_the_narrow_level() {
    honours(
        Class::Year,
        "the surgery was in nineteen ninety eight",
        "nineteen ninety eight",
        "the surgery was in [DATE_1]",
    );
}

#[test]
fn a_state_alone_stays_but_at_the_narrow_level() {
    honours(Class::State, "we are on vacation in texas", "texas", "we are on vacation in [ADDRESS_1]");
}

#[test]
fn a_limited_data_set_keeps_the_day_and_the_town_of_one_sentence_and_covers_the_rest() {
    let text = "my name is mary lopez i live at two hundred fifty eight pine ridge street trenton ohio oh eight six one \
                oh and it began on march fourth call me at five one two five five five oh one four three";
    let outcome = at(Level::LimitedDataSet, Expecting::Anything, text, &mut Vault::new());
    let left = outcome.text.as_str();
    for kept in ["trenton", "ohio", "oh eight six one oh", "march fourth"] {
        assert!(left.contains(kept), "{kept}: {left}");
    }
    for covered in ["mary", "lopez", "two hundred", "pine", "ridge", "five"] {
        assert!(!left.contains(covered), "{covered}: {left}");
    }
}

#[test]
fn a_limited_data_set_keeps_no_name_that_is_also_a_month_or_a_town() {
    assert_eq!(left(Level::LimitedDataSet, "my daughter april needs a refill"), "my daughter [DATE_1] needs a refill");
    assert!(!left(Level::LimitedDataSet, "my name is jackson").contains("jackson"));
    assert!(!left(Level::LimitedDataSet, "our patient Nathaniel Das the third called").contains("third"));
    // A town that is also a name, where nothing says that somebody lives there.
    for text in ["there was a call from trenton about me", "I had a call from Trenton then"] {
        assert!(!left(Level::LimitedDataSet, text).to_lowercase().contains("trenton"), "{text}");
    }
    // What stands after a street and is no listed town may be the rest of the street.
    assert!(!left(Level::LimitedDataSet, "eleven park avenue apartment k one path way florida").contains("path"));
}

#[test]
fn a_limited_data_set_keeps_nothing_more_after_an_identity_question() {
    let text = "why do you need that i moved to trenton on march fourth";
    let left = at(Level::LimitedDataSet, Expecting::Dob, text, &mut Vault::new());
    assert!(!left.text.as_str().contains("march") && !left.text.as_str().contains("trenton"), "{}", left.text.as_str());
}

#[test]
fn durations_and_quantities_are_put_back_into_what_is_spoken() {
    let mut vault = Vault::new();
    let text = "i took two tablets a day for three weeks";
    let outcome = at(Level::Narrow, Expecting::Anything, text, &mut vault);
    // Whatever the tagger makes of the rest, it leaves these typed.
    assert!(outcome.text.as_str().contains("[QUANTITY_1]") && outcome.text.as_str().contains("[DURATION_1]"));
    assert_eq!(left(Level::Narrow, text), "i took [QUANTITY_1] for [DURATION_1]");
    let spoken = restore::restore("So [QUANTITY_1], for [DURATION_1].", &vault, IdentityLevel::Unknown).unwrap();
    assert_eq!(spoken.to_spoken().expose(), "So two tablets a day, for three weeks.");
}

#[test]
fn the_documents_tables_are_those_of_the_code() {
    let document = include_str!("../../../docs/policy.md");
    for table in [classes(), destinations()] {
        assert!(document.contains(&table), "docs/policy.md should hold:\n{table}");
    }
}

/// The table of classes as the document has it.
fn classes() -> String {
    let mut out =
        "| class | 45 CFR | safe-harbor | limited-data-set | narrow | why | what covering costs |\n".to_owned();
    out.push_str("|---|---|---|---|---|---|---|\n");
    for row in TABLE {
        let cells = Level::ALL.map(|level| if row.at(level) == Treatment::Cover { "covered" } else { "stays" });
        let Row { name, law, reason, cost, .. } = row;
        out.push_str(&format!("| {name} | {law} | {} | {reason} | {cost} |\n", cells.join(" | ")));
    }
    out
}

/// The table of destinations as the document has it.
fn destinations() -> String {
    let mut out = "| key | destination and purpose | default | may also be |\n|---|---|---|---|\n".to_owned();
    for to in DESTINATIONS {
        let others: Vec<_> = to.allowed().filter(|level| *level != to.default).map(Level::as_str).collect();
        out.push_str(&format!("| {} | {} | {} | {} |\n", to.key, to.purpose, to.default, others.join(", ")));
    }
    out
}
