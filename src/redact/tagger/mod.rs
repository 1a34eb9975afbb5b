//! The tagger: how likely each word is to identify somebody, judged by all that surrounds it.
//!
//! In:  the view of an utterance. Out: a [`Score`] a token. A linear model over hashed features, trained by us on
//! generated calls (`models/tagger/`); it costs microseconds, and `--explain` can say which features spoke. It decides
//! nothing alone: `judge` joins it with the families.

mod features;
mod model;
pub mod train;

use std::sync::LazyLock;

use crate::placeholder::Label;
use crate::redact::view::View;

pub use model::{Model, ModelError};

use features::Sight;
use model::CLASSES;

/// What the tagger takes a word for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing that identifies.
    Plain,
    /// Part of a name.
    Name,
    /// Part of a date.
    Date,
    /// Part of a telephone or fax number.
    Phone,
    /// Part of an address or place.
    Address,
    /// Part of an e-mail address.
    Email,
    /// Part of an identifying number or code.
    Id,
    /// An age of ninety or more.
    Age90,
    /// Part of a web or network address.
    Web,
    /// Part of an employer's name.
    Employer,
}

impl Kind {
    /// Every kind, in the order of the model's columns.
    pub(super) const ALL: [Self; 10] = [
        Self::Plain,
        Self::Name,
        Self::Date,
        Self::Phone,
        Self::Address,
        Self::Email,
        Self::Id,
        Self::Age90,
        Self::Web,
        Self::Employer,
    ];

    /// The label under which it is covered; `None` for plain words.
    pub(super) fn label(self) -> Option<Label> {
        match self {
            Self::Plain => None,
            Self::Name => Some(Label::Name),
            Self::Date => Some(Label::Date),
            Self::Phone => Some(Label::Phone),
            Self::Address => Some(Label::Address),
            Self::Email => Some(Label::Email),
            Self::Id => Some(Label::Id),
            Self::Age90 => Some(Label::Age90),
            Self::Web => Some(Label::Url),
            Self::Employer => Some(Label::OrgEmployer),
        }
    }

    /// The kind of a label of the training cases.
    fn of_case(label: &str) -> Option<Self> {
        Some(match label {
            "NAME" => Self::Name,
            "DATE" => Self::Date,
            "PHONE" => Self::Phone,
            "ADDRESS" => Self::Address,
            "EMAIL" => Self::Email,
            "ID" => Self::Id,
            "AGE90" => Self::Age90,
            "URL" | "IP" => Self::Web,
            "ORG_EMPLOYER" => Self::Employer,
            _ => return None,
        })
    }

    fn column(self) -> usize {
        Self::ALL.iter().position(|k| *k == self).unwrap_or_default()
    }
}

/// What the tagger says of one token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Score {
    /// How likely it identifies, 0 to 1: one less the likelihood of a plain word.
    pub identifies: f32,
    /// The likeliest kind among those that identify.
    pub kind: Kind,
}

/// Scores every token of the view.
pub(super) fn scores(view: &View<'_>) -> Vec<Score> {
    let Some(model) = MODEL.as_ref() else {
        // Without a model nothing can be called plain.
        return vec![Score { identifies: 1.0, kind: Kind::Name }; view.tokens.len()];
    };
    let sight = Sight::new(view);
    let mut features = Vec::with_capacity(128);
    let score = |at| {
        sight.features(at, &mut features);
        score_of(model.classes(features.iter().map(|f| f.row)))
    };
    (0..view.tokens.len()).map(score).collect()
}

/// Why the tagger takes the stretch for what it does: what spoke for it most, with its weight. For a person to read.
pub(super) fn reasons(view: &View<'_>, first: usize, last: usize, label: Option<Label>) -> Vec<(&'static str, f32)> {
    /// More would not be read.
    const MOST: usize = 4;
    let Some(model) = MODEL.as_ref() else { return Vec::new() };
    let sight = Sight::new(view);
    let (mut features, mut sums) = (Vec::new(), Vec::<(&'static str, f32)>::new());
    for at in first..=last {
        sight.features(at, &mut features);
        let kind = score_of(model.classes(features.iter().map(|f| f.row))).kind;
        let kind = Kind::ALL.into_iter().find(|k| label.is_some() && k.label() == label).unwrap_or(kind);
        for feature in &features {
            let name = features::name_of(feature.template);
            let weight = model.weight(feature.row, kind.column());
            match sums.iter_mut().find(|(n, _)| *n == name) {
                Some((_, sum)) => *sum += weight,
                None => sums.push((name, weight)),
            }
        }
    }
    sums.sort_by(|a, b| b.1.total_cmp(&a.1));
    sums.truncate(MOST);
    sums.retain(|(_, weight)| *weight > 0.0);
    sums
}

/// The model that this program was built with; `None` only if the committed file is damaged, which a test excludes.
static MODEL: LazyLock<Option<Model>> =
    LazyLock::new(|| Model::read(include_bytes!("../../../models/tagger/tagger.bin")).ok());

fn score_of(likely: [f32; CLASSES]) -> Score {
    let plain = likely.first().copied().unwrap_or_default();
    let others = Kind::ALL.iter().zip(likely).skip(1);
    let best = others.fold((Kind::Name, 0.0), |best, (kind, p)| if p > best.1 { (*kind, p) } else { best });
    Score { identifies: 1.0 - plain, kind: best.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::RawTranscript;
    use crate::redact::tests::view_of;

    #[test]
    fn the_committed_model_is_whole() {
        assert!(MODEL.is_some());
    }

    #[test]
    fn a_name_made_of_an_everyday_word_is_told_by_its_place() {
        let score = |text: &str, word: &str| {
            let heard = RawTranscript::typed(text);
            let view = view_of(&heard, "");
            let at = view.tokens.iter().position(|t| t.norm == word).unwrap();
            scores(&view)[at].identifies
        };
        assert!(score("hi this is grace calling about my son", "grace") > 0.5);
        assert!(score("is there a grace period for the copay", "grace") < 0.5);
    }
}
