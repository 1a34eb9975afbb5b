//! What was spent before airlockd started, from its own events in the record.
//!
//! In:  pages of the record's answer ([`crate::wire::spending`]). Out: the [`Row`]s from which [`Spend`] is rebuilt.
//! Until they are there the money is unknown, and nothing is sent: a restart must not hand the day's money out twice.
//! A request without an answer counts at its worst case, since it may have left.

use std::collections::HashMap;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::prices::MicroDollars;
use super::spend::{Ceilings, Row, Spend};
use crate::config::tier::Tier;
use crate::wire::client::{AskError, Client};
use crate::wire::spending::{self, Page};
use crate::wire::{Parcel, Record};

/// How long recordd may take for a page.
const DEADLINE: Duration = Duration::from_secs(10);
/// Rows that are taken. A clinic's two days have some ten thousand; where there are more, something asks in a circle, and
/// nothing is sent until somebody has looked.
const MOST: usize = 200_000;

/// What was spent is not known. Nothing is sent until it is.
#[derive(Debug, thiserror::Error)]
pub enum SpentError {
    /// The record did not answer.
    #[error("the record did not say what was spent")]
    Ask(#[from] AskError),
    /// It answered something else.
    #[error("the record answered in another version: restart it")]
    Version,
    /// There are too many rows.
    #[error("the record holds more than {MOST} requests and replies of two days: find out what asks so often")]
    TooMany,
    /// The clinic's clock shows no day that could be asked about.
    #[error("the clock shows no day: set it")]
    NoDay,
}

/// Rows that are being put together.
#[derive(Debug, Default)]
pub struct Spent {
    rows: Vec<Row>,
    /// The row of each request that has no answer yet.
    open: HashMap<Uuid, usize>,
}

impl Spent {
    /// Takes a page. Pages come in order.
    pub fn take(&mut self, page: &Page, ceilings: &Ceilings, time_zone: &TimeZone) {
        for row in &page.rows {
            match *row {
                spending::Row::Asked { exchange, day, call, turn, tier, worst } => {
                    self.open.insert(exchange, self.rows.len());
                    let (call, worst) = (call.to_string(), worst.map(MicroDollars));
                    self.rows.push(Row { day, call, turn: turn.0, tier, worst, cost: None, settled: false });
                }
                spending::Row::Answered { exchange, cost } => {
                    let row = self.open.remove(&exchange).and_then(|at| self.rows.get_mut(at));
                    if let Some(row) = row {
                        (row.cost, row.settled) = (cost.map(MicroDollars), true);
                    }
                }
                // It had to fit below the turn's ceiling. Which tier it was is not known any more: it counts in each.
                spending::Row::Lost { t, call, turn } => {
                    let moment = jiff::Timestamp::from_microsecond(t).unwrap_or_default();
                    let day = moment.to_zoned(time_zone.clone()).date();
                    let call = call.map_or_else(String::new, |call| call.to_string());
                    self.rows.extend(Tier::ALL.map(|tier| Row {
                        day,
                        call: call.clone(),
                        turn: turn.0,
                        tier,
                        worst: Some(ceilings.turn),
                        cost: None,
                        settled: false,
                    }));
                }
            }
        }
    }

    /// The rows, in order.
    #[must_use]
    pub fn rows(self) -> Vec<Row> {
        self.rows
    }
}

/// The moment from which on the rows count: yesterday's first, for calls that went past midnight.
fn since(today: Date, time_zone: &TimeZone) -> Result<i64, SpentError> {
    let yesterday = today.yesterday().and_then(|day| day.to_zoned(time_zone.clone()));
    yesterday.map(|start| start.timestamp().as_microsecond()).map_err(|_| SpentError::NoDay)
}

/// Asks the record what was spent, and rebuilds it.
///
/// # Errors
/// [`SpentError`].
pub async fn ask(
    record: &Client<Record>,
    ceilings: &Ceilings,
    today: Date,
    time_zone: &TimeZone,
) -> Result<Spend, SpentError> {
    let since = since(today, time_zone)?;
    let mut spent = Spent::default();
    let mut after: Option<u64> = None;
    loop {
        let asked = Parcel::new().with("since", &since).with("after", &after);
        let answer = record.ask("spend", None, asked, DEADLINE).await?;
        let page: Page = serde_json::from_slice(&answer).map_err(|_| SpentError::Version)?;
        spent.take(&page, ceilings, time_zone);
        if spent.rows.len() > MOST {
            return Err(SpentError::TooMany);
        }
        // A page that goes back would be asked for again for ever.
        match page.after {
            Some(next) if Some(next) > after => after = Some(next),
            Some(_) => return Err(SpentError::Version),
            None => return Ok(Spend::replay(*ceilings, today, spent.rows())),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::config::tier::PerTier;
    use crate::ids::{CallId, Turn};

    const DAY: Date = date(2026, 11, 24);
    const CEILINGS: Ceilings = Ceilings {
        turn: MicroDollars(100_000),
        call: MicroDollars(300_000),
        day: MicroDollars(1_000_000),
        tier: PerTier {
            simple: MicroDollars(600_000),
            reasoning: MicroDollars(500_000),
            hardest: MicroDollars(200_000),
        },
    };

    fn asked(exchange: Uuid, call: CallId, worst: u64) -> spending::Row {
        spending::Row::Asked { exchange, day: DAY, call, turn: Turn(1), tier: Tier::Simple, worst: Some(worst) }
    }

    fn joined(pages: &[Vec<spending::Row>]) -> Vec<Row> {
        let mut spent = Spent::default();
        for rows in pages {
            spent.take(&Page { rows: rows.clone(), after: None }, &CEILINGS, &TimeZone::UTC);
        }
        spent.rows()
    }

    #[test]
    fn an_answer_finds_its_request_across_pages_and_one_without_counts_at_its_worst() {
        let (one, two, call) = (Uuid::new_v4(), Uuid::new_v4(), CallId::draw());
        let pages = [
            vec![asked(one, call, 90), asked(two, call, 80)],
            vec![
                spending::Row::Answered { exchange: Uuid::new_v4(), cost: Some(7) },
                spending::Row::Answered { exchange: two, cost: Some(30) },
            ],
        ];
        let totals = Spend::replay(CEILINGS, DAY, joined(&pages)).totals(DAY);
        assert_eq!((totals.spent, totals.unknown), (MicroDollars(90 + 30), 1));
    }

    #[test]
    fn a_request_that_can_no_longer_be_read_counts_as_the_most_it_could_cost_in_every_tier() {
        let t = date(2026, 11, 24).at(9, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp().as_microsecond();
        let lost = spending::Row::Lost { t, call: Some(CallId::draw()), turn: Turn(1) };
        let totals = Spend::replay(CEILINGS, DAY, joined(&[vec![lost]])).totals(DAY);
        assert_eq!(totals.tiers, PerTier { simple: CEILINGS.turn, reasoning: CEILINGS.turn, hardest: CEILINGS.turn });
    }

    #[test]
    fn yesterday_s_calls_are_asked_for_by_the_clinic_s_own_midnight() {
        let chicago = TimeZone::get("America/Chicago").unwrap();
        let start = jiff::Timestamp::from_microsecond(since(DAY, &chicago).unwrap()).unwrap();
        assert_eq!(start.to_string(), "2026-11-23T06:00:00Z");
    }
}

#[cfg(all(test, feature = "store"))]
mod restart;
