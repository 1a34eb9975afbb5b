//! What airlockd asks the record when it starts: what was spent before. Numbers, ids and days, and no word of a call.
//!
//! In:  a moment. Out: pages of rows in the record's order, the requests that left since and what they cost.
//! The bodies of the events stay in recordd: only what is named here crosses, and each field is of a type that could hold
//! no sentence.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::config::tier::Tier;
use crate::ids::{CallId, Turn};

/// Which rows are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Since {
    /// Only events from this moment on, microseconds since 1970-01-01T00:00Z.
    pub since: i64,
    /// Only rows after this event: the next page.
    #[serde(default)]
    pub after: Option<u64>,
}

/// Some of the rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// The number of the last event that was looked at, where more follow it.
    pub after: Option<u64>,
}

/// One event of the wire, as far as money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "lowercase", deny_unknown_fields)]
pub enum Row {
    /// A request was about to leave.
    Asked {
        /// Which one.
        exchange: Uuid,
        /// On whose money: the day where the clinic is.
        day: Date,
        /// In which call.
        call: CallId,
        /// In which turn.
        turn: Turn,
        /// How hard the question was.
        tier: Tier,
        /// What was set aside, micro-dollars; none where the price was not known.
        worst: Option<u64>,
    },
    /// What came of it.
    Answered {
        /// Of which request.
        exchange: Uuid,
        /// What it cost, micro-dollars; none where that is not known.
        cost: Option<u64>,
    },
    /// A request was about to leave, and its body can no longer be read: its call was erased, or it is damaged.
    Lost {
        /// When, microseconds since 1970-01-01T00:00Z.
        t: i64,
        /// In which call.
        call: Option<CallId>,
        /// In which turn.
        turn: Turn,
    },
}
