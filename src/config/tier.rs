//! How hard a question is, and so which models may be asked: three steps, dearer upwards.
//!
//! The names are the clinic's: they stand in the configuration, in events and in metrics.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// Choosing a tool and simple wishes: most of what callers say.
    Simple,
    /// Wishes that need some thought: several at once, or one that depends on what was said before.
    Reasoning,
    /// What the other two could not answer. The dearest models, so a model without a known price is not asked here.
    Hardest,
}

impl Tier {
    /// Every tier, the cheapest first.
    pub const ALL: [Self; 3] = [Self::Simple, Self::Reasoning, Self::Hardest];

    /// Its name in the configuration, in events and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Reasoning => "reasoning",
            Self::Hardest => "hardest",
        }
    }

    /// The tier of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.as_str() == name)
    }

    /// The next cheaper tier; `None` below the cheapest, where only the box's own rules are left.
    #[must_use]
    pub fn cheaper(self) -> Option<Self> {
        match self {
            Self::Simple => None,
            Self::Reasoning => Some(Self::Simple),
            Self::Hardest => Some(Self::Reasoning),
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One of something for each tier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerTier<T> {
    /// For [`Tier::Simple`].
    pub simple: T,
    /// For [`Tier::Reasoning`].
    pub reasoning: T,
    /// For [`Tier::Hardest`].
    pub hardest: T,
}

impl<T> PerTier<T> {
    /// That tier's.
    pub fn get(&self, tier: Tier) -> &T {
        match tier {
            Tier::Simple => &self.simple,
            Tier::Reasoning => &self.reasoning,
            Tier::Hardest => &self.hardest,
        }
    }

    /// That tier's, to be changed.
    pub fn get_mut(&mut self, tier: Tier) -> &mut T {
        match tier {
            Tier::Simple => &mut self.simple,
            Tier::Reasoning => &mut self.reasoning,
            Tier::Hardest => &mut self.hardest,
        }
    }

    /// The same for each tier, changed by `change`.
    pub fn map<U>(&self, mut change: impl FnMut(&T) -> U) -> PerTier<U> {
        PerTier { simple: change(&self.simple), reasoning: change(&self.reasoning), hardest: change(&self.hardest) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tier_reads_back_as_itself_and_nothing_else_is_one() {
        assert!(Tier::ALL.into_iter().all(|tier| Tier::named(tier.as_str()) == Some(tier)));
        assert_eq!(Tier::named("Simple"), None);
        assert_eq!(Tier::Hardest.to_string(), "hardest");
    }

    #[test]
    fn from_the_hardest_it_goes_down_step_by_step_and_ends() {
        let steps: Vec<_> = std::iter::successors(Some(Tier::Hardest), |tier| tier.cheaper()).collect();
        assert_eq!(steps, [Tier::Hardest, Tier::Reasoning, Tier::Simple]);
    }

    #[test]
    fn each_tier_has_its_own_place() {
        let mut counts = PerTier::<u32>::default();
        for (tier, count) in Tier::ALL.into_iter().zip(1..) {
            *counts.get_mut(tier) = count;
        }
        assert_eq!(counts, PerTier { simple: 1, reasoning: 2, hardest: 3 });
        assert_eq!(Tier::ALL.map(|tier| *counts.map(|c| c * 10).get(tier)), [10, 20, 30]);
    }
}
