//! Why a door is shut, and what the privacy officer does next.

use std::fmt;

use jiff::civil::Date;

/// Why nothing may be sent to an endpoint, and what the privacy officer does next. Calls are answered without it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Off {
    /// Nobody has signed anything.
    #[error(
        "there is no business associate agreement: have one signed by the provider (45 CFR 164.504(e)) and enter it as \
         [[agreement]]"
    )]
    NoAgreement,
    /// The officer has not read it.
    #[error(
        "the agreement with {party} is not signed off: read it, then add signed-off-by and signed-off-on to its entry"
    )]
    NotSignedOff {
        /// The provider.
        party: String,
    },
    /// It begins later.
    #[error("the agreement with {party} is in force from {from} on: wait until then, or correct its date")]
    NotYetInForce {
        /// The provider.
        party: String,
        /// Its first day.
        from: Date,
    },
    /// It is over.
    #[error(
        "the agreement with {party} ended on {on}: have it renewed and enter the new one as a further [[agreement]]"
    )]
    Expired {
        /// The provider.
        party: String,
        /// The first day without it.
        on: Date,
    },
    /// It covers another region than the one that is asked.
    #[error(
        "the agreement covers the region \"{agreed}\", the configuration asks \"{pinned}\": pin the endpoint to \
         \"{agreed}\", or have the agreement widened"
    )]
    RegionOutsidePin {
        /// What the agreement says.
        agreed: String,
        /// What the configuration says.
        pinned: String,
    },
    /// The provider keeps what it is sent.
    #[error(
        "{party} may keep what it is sent, and the configuration demands that it does not: agree on zero retention, or \
         take another endpoint"
    )]
    RetainsData {
        /// The provider.
        party: String,
    },
    /// Nobody has looked yet.
    #[error("it is still a rehearsal: look at what would leave, then approve it")]
    NotApproved,
    /// What was approved is not what would be sent now.
    #[error("{what} changed since {officer} approved on {on}: look at what would leave now, then approve it again")]
    ApprovalOutdated {
        /// Who approved.
        officer: String,
        /// When.
        on: Date,
        /// What is different now.
        what: Changed,
    },
}

/// What is no longer as it was approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The catalogue.
    Catalogue,
    /// The vocabulary.
    Vocabulary,
    /// The catalogue and the vocabulary.
    Both,
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Catalogue => "the prompt, the tools or the passages",
            Self::Vocabulary => "the vocabulary",
            Self::Both => "the vocabulary and the prompt, the tools or the passages",
        })
    }
}

impl Off {
    /// Its name in events and metrics. Says nothing of who signed what.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NoAgreement => "no-agreement",
            Self::NotSignedOff { .. } => "not-signed-off",
            Self::NotYetInForce { .. } => "not-yet-in-force",
            Self::Expired { .. } => "expired",
            Self::RegionOutsidePin { .. } => "region-outside-pin",
            Self::RetainsData { .. } => "retains-data",
            Self::NotApproved => "not-approved",
            Self::ApprovalOutdated { .. } => "approval-outdated",
        }
    }
}
