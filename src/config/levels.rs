//! How much of a call's words each destination is shown: levels by destination and purpose, as data.
//!
//! In:  `[redaction]` of the configuration. Out: a [`Redaction`], one [`Level`] a destination. What a level covers is
//! `redact`'s business (its table of classes); which level a destination may have is decided here and nowhere else.

use std::fmt;

use super::reader::Section;

/// How much is covered, from the law's own lists: 45 CFR 164.514(b)(2), 164.514(e)(2), and 164.502(b) with 164.514(d).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Everything that 164.514(b)(2) lists, weekdays and clock times included.
    #[default]
    SafeHarbor,
    /// What 164.514(e)(2) lists: dates, towns, states and postal codes stay. Still PHI; only under a data use agreement.
    LimitedDataSet,
    /// Minimum necessary, 164.502(b): safe harbor, and what identifies only together with something else.
    Narrow,
}

impl Level {
    /// Every level, in the order of every table of them.
    pub const ALL: [Self; 3] = [Self::SafeHarbor, Self::LimitedDataSet, Self::Narrow];

    /// Its name in the configuration and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SafeHarbor => "safe-harbor",
            Self::LimitedDataSet => "limited-data-set",
            Self::Narrow => "narrow",
        }
    }

    /// The level of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One destination of redacted words.
#[derive(Debug)]
pub struct Destination {
    /// Its key in `[redaction]`.
    pub key: &'static str,
    /// Who receives the words, and what for.
    pub purpose: &'static str,
    /// Its level where the configuration says nothing.
    pub default: Level,
    /// The levels that it may not have, each with the reason.
    pub refused: &'static [(Level, &'static str)],
}

const NO_AGREEMENT: &str = "a limited data set is still PHI and may go only to who has signed a data use agreement for \
                            research, public health or health care operations, 45 CFR 164.514(e)(3) and (4); a cloud model \
                            that answers callers is none of these";

/// The cloud model that takes part in the conversation.
pub const MODEL: Destination = Destination {
    key: "model",
    purpose: "the cloud model, for the conversation",
    default: Level::SafeHarbor,
    refused: &[(Level::LimitedDataSet, NO_AGREEMENT)],
};

/// A second model that judges what the first one said.
pub const EVALUATION: Destination = Destination {
    key: "evaluation",
    purpose: "a second model, for evaluating answers",
    default: Level::SafeHarbor,
    refused: &[(Level::LimitedDataSet, NO_AGREEMENT)],
};

/// The clinic's own analytics.
pub const WAREHOUSE: Destination = Destination {
    key: "warehouse",
    purpose: "the clinic's own warehouse, for analytics",
    default: Level::SafeHarbor,
    refused: &[],
};

/// Every destination.
pub const DESTINATIONS: [&Destination; 3] = [&MODEL, &EVALUATION, &WAREHOUSE];

impl Destination {
    /// Why it may not have the level; `None` where it may.
    #[must_use]
    pub fn refusal(&self, level: Level) -> Option<&'static str> {
        self.refused.iter().find(|(refused, _)| *refused == level).map(|(_, why)| *why)
    }

    /// The levels that it may have.
    pub fn allowed(&self) -> impl Iterator<Item = Level> + '_ {
        Level::ALL.into_iter().filter(|level| self.refusal(*level).is_none())
    }
}

/// `[redaction]`: the level of every destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redaction {
    /// For [`MODEL`].
    pub model: Level,
    /// For [`EVALUATION`]. Nothing is sent there yet.
    pub evaluation: Level,
    /// For [`WAREHOUSE`]. Nothing is sent there yet.
    pub warehouse: Level,
}

impl Redaction {
    pub(super) fn read(section: &mut Section) -> Self {
        Self {
            model: section.level(&MODEL),
            evaluation: section.level(&EVALUATION),
            warehouse: section.level(&WAREHOUSE),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    /// The levels of a file whose `[redaction]` is `section`, or what is wrong with them.
    fn read(section: &str) -> Result<Redaction, Vec<String>> {
        let clinic = "name = \"n\"\naddress = \"a\"\nhours = \"h\"\ntime-zone = \"America/Chicago\"\n";
        let text = format!("[clinic]\n{clinic}[redaction]\n{section}\n");
        Config::parse(&text, Path::new("."))
            .map(|config| config.redaction)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_destination_is_at_safe_harbor_unless_the_clinic_says_otherwise() {
        assert_eq!(read(""), Ok(Redaction::default()));
        assert!(DESTINATIONS.iter().all(|d| d.default == Level::SafeHarbor && d.refusal(d.default).is_none()));
    }

    #[test]
    fn a_clinic_may_narrow_what_the_model_sees_and_keep_a_limited_data_set_for_itself() {
        let levels = read("model = \"narrow\"\nwarehouse = \"limited-data-set\"").unwrap();
        assert_eq!((levels.model, levels.warehouse), (Level::Narrow, Level::LimitedDataSet));
    }

    #[test]
    fn a_limited_data_set_is_refused_for_models_with_the_reason() {
        for key in ["model", "evaluation"] {
            let problems = read(&format!("{key} = \"limited-data-set\"")).unwrap_err();
            let [problem] = problems.as_slice() else { panic!("{problems:?}") };
            assert!(problem.starts_with(&format!("redaction.{key}: ")), "{problem}");
            assert!(problem.contains("164.514(e)") && problem.contains("data use agreement"), "{problem}");
            assert!(problem.ends_with("write \"safe-harbor\" or \"narrow\""), "{problem}");
        }
    }

    #[test]
    fn what_is_no_level_is_refused_with_those_that_are() {
        for wrong in ["\"off\"", "7", "\"\""] {
            let right = "redaction.model: should be \"safe-harbor\" or \"narrow\"";
            assert_eq!(read(&format!("model = {wrong}")), Err(vec![right.to_owned()]));
        }
    }

    #[test]
    fn every_level_reads_back_as_itself() {
        assert!(Level::ALL.into_iter().all(|level| Level::named(level.as_str()) == Some(level)));
        assert_eq!(Level::named("none"), None);
    }
}
