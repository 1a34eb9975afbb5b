//! The most that may be spent, and which of these limits is in the way of a request.

use crate::airlock::prices::MicroDollars;
use crate::config::tier::PerTier;

/// The most that may be spent. A request that reaches a ceiling exactly still fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceilings {
    /// In one turn of a call.
    pub turn: MicroDollars,
    /// In one call.
    pub call: MicroDollars,
    /// In one day, all calls together.
    pub day: MicroDollars,
    /// In one day, for each tier.
    pub tier: PerTier<MicroDollars>,
}

/// Which ceiling is in the way of a request. A closed set, for events and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Ceiling {
    /// [`Ceilings::turn`].
    #[error("this turn has no money left for models; it is answered without one")]
    Turn,
    /// [`Ceilings::call`].
    #[error("this call has no money left for models; it goes on without them")]
    Call,
    /// [`Ceilings::day`].
    #[error("today's money for models is spent; calls go on without them until midnight")]
    Day,
    /// [`Ceilings::tier`].
    #[error("today's money for this tier is spent; a cheaper one is asked until midnight")]
    Tier,
    /// The model's price is not known, and this is the tier where that would cost most.
    #[error(
        "the price of this model is not known, and the hardest tier asks no model without one; add it to the prices"
    )]
    UnknownPrice,
    /// [`super::TURNS_HELD`] turns of this call are counted already.
    #[error("this call has had more turns with models than are counted; it goes on without them")]
    Turns,
}

impl Ceiling {
    /// The ceiling's name in events and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Turn => "turn",
            Self::Call => "call",
            Self::Day => "day",
            Self::Tier => "tier",
            Self::UnknownPrice => "unknown-price",
            Self::Turns => "turns",
        }
    }

    /// Whether a cheaper tier may still be asked in the same turn. The others hold for every tier, or for every tier
    /// until something is settled.
    #[must_use]
    pub fn spares_cheaper_tiers(self) -> bool {
        match self {
            Self::Tier | Self::UnknownPrice => true,
            Self::Turn | Self::Call | Self::Day | Self::Turns => false,
        }
    }
}
