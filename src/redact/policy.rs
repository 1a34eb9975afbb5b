//! What each level covers, class by class, and why: the one table that decides it (docs/policy.md prints it).
//!
//! In:  the class of a find and the [`Level`] of where the words go. Out: whether it is covered. Which destination may have
//! which level is [`crate::config::levels`]' business.
//!
//! **Durations and quantities pass in clear at safe harbor.** 45 CFR 164.514(b)(2)(i) does not list them: "for three weeks"
//! and "twenty milligrams" are true of thousands of callers and lead to none. And they are what a model reasons with: it
//! cannot tell a refill from an overdose, or today's cough from last year's, when it sees `[DURATION_1]`. Covering them by
//! default would buy nothing and cost the answer. A clinic that wants the minimum necessary still may: the narrow level
//! covers them, typed, so that the model knows at least that a duration was said and can have it put back into its answer.
//!
//! **When a class is in doubt the stricter one counts.** A level keeps a word in clear only where a family is sure of a class
//! that it keeps and no family is sure of one that it covers; the tagger alone keeps nothing; and after an identity question
//! a limited data set keeps no more than safe harbor does.

use crate::config::levels::Level;
use crate::placeholder::Label;
use crate::redact::Context;
use crate::redact::name;
use crate::redact::view::{Find, Strength};

/// What kind of thing was found; finer than [`Label`], since the law treats a town and a street differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A person's name.
    Name,
    /// The name of an employer.
    Employer,
    /// A date of which more than the year was said.
    Date,
    /// A weekday, or a day told from today.
    Weekday,
    /// A time of day.
    ClockTime,
    /// House number, street, unit, box, or a part of an address that nothing tells more of.
    Street,
    /// A town or city.
    Town,
    /// A county.
    County,
    /// A postal code.
    PostalCode,
    /// A state beside the rest of an address.
    StateOfAddress,
    /// A telephone or fax number.
    Phone,
    /// An e-mail address.
    Email,
    /// An identifying number or code.
    Id,
    /// An age of ninety or more.
    OldAge,
    /// A web address.
    Url,
    /// A network address.
    Ip,
    /// The answer to a question for an identifier, taken as a whole.
    Answer,
    /// A number or words that nothing explains.
    Unexplained,
    /// A length of time.
    Duration,
    /// A dose, reading, price or count.
    Quantity,
    /// An age below ninety.
    Age,
    /// A year alone.
    Year,
    /// A state alone.
    State,
}

/// What a level does with a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// A placeholder stands for it.
    Cover,
    /// It stays as it was said.
    Keep,
}

/// A class, and what the levels do with it.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The class.
    pub class: Class,
    /// In the clinic's words.
    pub name: &'static str,
    /// What of 45 CFR speaks of it, or that nothing does.
    pub law: &'static str,
    /// Why it is treated so.
    pub reason: &'static str,
    /// What a model can no longer do where it is covered.
    pub cost: &'static str,
    /// In the order of [`Level::ALL`].
    pub treatment: [Treatment; 3],
}

impl Row {
    /// What `level` does with the class.
    #[must_use]
    pub fn at(&self, level: Level) -> Treatment {
        let [safe_harbor, limited_data_set, narrow] = self.treatment;
        match level {
            Level::SafeHarbor => safe_harbor,
            Level::LimitedDataSet => limited_data_set,
            Level::Narrow => narrow,
        }
    }
}

const ALWAYS: [Treatment; 3] = [Treatment::Cover; 3];
const NOT_LIMITED: [Treatment; 3] = [Treatment::Cover, Treatment::Keep, Treatment::Cover];
const NARROW: [Treatment; 3] = [Treatment::Keep, Treatment::Keep, Treatment::Cover];

/// Every class, once.
pub const TABLE: [Row; 23] = [
    Row {
        class: Class::Name,
        name: "name of a person",
        law: "164.514(b)(2)(i)(A), 164.514(e)(2)(i)",
        reason: "A name is the first thing that both lists take out, of the caller, relatives and household alike.",
        cost: "The model cannot address anybody by name; the placeholder is put back when the answer is spoken.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::Employer,
        name: "employer",
        law: "164.514(b)(2)(i)(A), 164.514(e)(2)(i)",
        reason: "Both lists name the identifiers of employers beside those of the individual.",
        cost: "The model cannot tell which employer's form or insurance is meant.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::Date,
        name: "date, finer than a year",
        law: "164.514(b)(2)(i)(C); not in 164.514(e)(2)",
        reason: "Safe harbor lets only the year stay; the list of a limited data set has no dates.",
        cost: "The model cannot reckon with the day; the box resolves it and keeps the value.",
        treatment: NOT_LIMITED,
    },
    Row {
        class: Class::Weekday,
        name: "weekday or relative day",
        law: "164.514(b)(2)(i)(C), read strictly; not in 164.514(e)(2)",
        reason: "\"Next Tuesday\" is a date once the day of the call is known.",
        cost: "The model cannot compare days; the box resolves them against the clinic's calendar.",
        treatment: NOT_LIMITED,
    },
    Row {
        class: Class::ClockTime,
        name: "clock time",
        law: "164.514(b)(2)(i)(C), read strictly; not in 164.514(e)(2)",
        reason: "With the day of a visit its time tells which visit it was.",
        cost: "The model cannot tell morning from afternoon; the box resolves it.",
        treatment: NOT_LIMITED,
    },
    Row {
        class: Class::Street,
        name: "street, unit, box",
        law: "164.514(b)(2)(i)(B), 164.514(e)(2)(ii)",
        reason: "Of a postal address a limited data set lets only town or city, State and zip code stay.",
        cost: "None for the conversation; an address is taken down by the box.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::Town,
        name: "town or city",
        law: "164.514(b)(2)(i)(B); excepted by 164.514(e)(2)(ii)",
        reason: "Safe harbor takes out every area smaller than a State; a limited data set may keep town or city.",
        cost: "The model cannot say which office is nearest.",
        treatment: NOT_LIMITED,
    },
    Row {
        class: Class::County,
        name: "county",
        law: "164.514(b)(2)(i)(B); not excepted by 164.514(e)(2)(ii)",
        reason: "Smaller than a State, and the exception reads \"town or city, State, and zip code\": a county is not among them.",
        cost: "Analytics by county must go by town or postal code.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::PostalCode,
        name: "postal code",
        law: "164.514(b)(2)(i)(B); excepted by 164.514(e)(2)(ii)",
        reason: "Safe harbor takes out even its first three digits where few live there; a limited data set may keep it whole.",
        cost: "The model cannot say which office is nearest.",
        treatment: NOT_LIMITED,
    },
    Row {
        class: Class::StateOfAddress,
        name: "state beside an address",
        law: "not an identifier under 164.514(b)(2)(i)(B); excepted by 164.514(e)(2)(ii)",
        reason: "It could stay, but beside a town \"al\" and \"in\" cannot be told from pieces of names, so it goes with the address.",
        cost: "None that matters: the state of the clinic is known.",
        treatment: NOT_LIMITED,
    },
    Row {
        class: Class::Phone,
        name: "telephone or fax number",
        law: "164.514(b)(2)(i)(D), (E), 164.514(e)(2)(iii), (iv)",
        reason: "Both lists take it out.",
        cost: "None: the box calls and reads back by the placeholder.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::Email,
        name: "e-mail address",
        law: "164.514(b)(2)(i)(F), 164.514(e)(2)(v)",
        reason: "Both lists take it out.",
        cost: "None: the box writes by the placeholder.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::Id,
        name: "identifying number or code",
        law: "164.514(b)(2)(i)(G) to (M), (R), 164.514(e)(2)(vi) to (xii)",
        reason: "Social security, record, plan, account, licence, vehicle and device numbers are in both lists, and which of these a \
                 spoken number is cannot be told surely enough to let any other code stay.",
        cost: "The model cannot see by the number's form what kind it is.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::OldAge,
        name: "age of ninety or more",
        law: "164.514(b)(2)(i)(C); not in 164.514(e)(2)",
        reason: "So few are that old that the age tells who; the label says ninety or more, which the rule allows.",
        cost: "The model knows the group and not the age.",
        treatment: NOT_LIMITED,
    },
    Row {
        class: Class::Url,
        name: "web address",
        law: "164.514(b)(2)(i)(N), 164.514(e)(2)(xiii)",
        reason: "Both lists take it out.",
        cost: "The model cannot say what the page is.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::Ip,
        name: "network address",
        law: "164.514(b)(2)(i)(O), 164.514(e)(2)(xiv)",
        reason: "Both lists take it out.",
        cost: "None.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::Answer,
        name: "answer to what the box asked for",
        law: "164.514(b)(2)(i)(A) to (R), 164.514(e)(2)(i) to (xiv)",
        reason: "The question says that an identifier follows, and no single word of a misheard answer says which part of it.",
        cost: "None: the box fills it in itself.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::Unexplained,
        name: "withheld: nothing explains it",
        law: "164.514(b)(2)(i)(R), 164.514(b)(2)(ii)",
        reason: "What nobody understood may be any identifier of any list.",
        cost: "A clause is missing; the box asks again where that matters.",
        treatment: ALWAYS,
    },
    Row {
        class: Class::Duration,
        name: "duration",
        law: "not an identifier; 164.502(b), 164.514(d)",
        reason: "It leads to nobody and the model reasons with it; only the minimum necessary takes it out.",
        cost: "The model cannot tell urgent from old, nor check a course of treatment.",
        treatment: NARROW,
    },
    Row {
        class: Class::Quantity,
        name: "dose, reading, price or count with a unit",
        law: "not an identifier; 164.502(b), 164.514(d)",
        reason: "It leads to nobody and the model reasons with it; only the minimum necessary takes it out.",
        cost: "The model cannot tell a usual dose or reading from a dangerous one.",
        treatment: NARROW,
    },
    Row {
        class: Class::Age,
        name: "age below ninety",
        law: "not an identifier under 164.514(b)(2)(i)(C); 164.502(b), 164.514(d)",
        reason: "Only ages over 89 are listed; together with a town or a rare disease a younger one may still tell who.",
        cost: "The model cannot tell a child from an adult.",
        treatment: NARROW,
    },
    Row {
        class: Class::Year,
        name: "year alone",
        law: "excepted by 164.514(b)(2)(i)(C); 164.502(b), 164.514(d)",
        reason: "\"All elements of dates (except year)\": it may stay, and narrows a search only with something else.",
        cost: "The model cannot tell how long ago something was.",
        treatment: NARROW,
    },
    Row {
        class: Class::State,
        name: "state alone",
        law: "not an identifier under 164.514(b)(2)(i)(B); 164.502(b), 164.514(d)",
        reason: "Only areas smaller than a State are listed.",
        cost: "The model cannot speak of a state's own rules or of travel.",
        treatment: NARROW,
    },
];

impl Class {
    /// The class of a find of which only the label is known: the strictest one under it.
    pub(super) fn of(label: Label) -> Self {
        match label {
            Label::Name | Label::Patient => Self::Name,
            Label::Date | Label::Slot => Self::Date,
            Label::Phone => Self::Phone,
            Label::Address => Self::Street,
            Label::Email => Self::Email,
            Label::Id => Self::Id,
            Label::Age90 => Self::OldAge,
            Label::Url => Self::Url,
            Label::Ip => Self::Ip,
            Label::OrgEmployer => Self::Employer,
            Label::Duration => Self::Duration,
            Label::Quantity => Self::Quantity,
        }
    }
}

/// Whether the level covers the class. A class without a row is covered.
pub(super) fn covers(level: Level, class: Class) -> bool {
    TABLE.iter().find(|row| row.class == class).is_none_or(|row| row.at(level) == Treatment::Cover)
}

/// The level that counts for this utterance.
pub(super) fn level_of(context: &Context<'_>) -> Level {
    let identity = context.expecting.is_identity() || context.lately.is_some();
    if identity && context.level == Level::LimitedDataSet { Level::SafeHarbor } else { context.level }
}

/// What a level keeps, and what outweighs it: a sure find of a class that the level covers.
pub(super) struct Kept<'f> {
    /// Finds of classes that the level keeps.
    pub kept: Vec<&'f Find>,
    /// Finds of which no word is kept.
    pub sure: Vec<&'f Find>,
}

/// What the level keeps of these finds: places apart from the rest, for other finds outweigh them.
pub(super) fn kept(level: Level, finds: &[Find]) -> [Kept<'_>; 2] {
    // "Trenton Ohio" looks like a name that begins with an unknown word; the place family knows better. A date does not:
    // "Nathaniel Das the third".
    let guess = |find: &Find| matches!(find.rule, name::UNKNOWN | name::CAPITAL);
    let place = |find: &Find| matches!(find.class, Class::Town | Class::PostalCode | Class::StateOfAddress);
    let strong = |find: &Find| find.strength == Strength::Strong && find.class != Class::Unexplained;
    let (covered, kept): (Vec<&Find>, Vec<&Find>) = finds.iter().partition(|find| covers(level, find.class));
    let (places, others) = kept.into_iter().partition(|find| place(find));
    let sure: Vec<&Find> = covered.into_iter().filter(|find| strong(find)).collect();
    let over_places = sure.iter().copied().filter(|find| !guess(find)).collect();
    [Kept { kept: places, sure: over_places }, Kept { kept: others, sure }]
}

#[cfg(test)]
mod tests;
