//! Cost guards: no request leaves unless its worst case still fits below every ceiling.
//!
//! In:  for each request what it can cost at most; after it what it did cost.
//! Out: a [`Reservation`], or the [`Ceiling`] that is in the way. Kept in memory and used under one mutex of
//! `airlockd`, so that two requests at once can never both take the last cent. After a restart it is rebuilt from the
//! airlock's own events ([`Spend::replay`]). It holds no word of a call, only call ids and money.
//!
//! ```text
//!  reserve ──> Reservation ──settle──> what it cost counts    (no cost known: the worst case counts)
//!                   │    └───release─> nothing counts         (it never left)
//!                   └── dropped ─────> the worst case stays reserved: forgetting never frees money
//! ```
//!
//! When a ceiling is hit the caller is served all the same: by a cheaper tier, or by the box's own rules, or by staff.

mod ceilings;
#[cfg(test)]
mod interleavings;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::prices::MicroDollars;
use crate::config::tier::{PerTier, Tier};

pub use ceilings::{Ceiling, Ceilings};

/// What a request would be spent on.
#[derive(Clone, Copy, Debug)]
pub struct Purpose<'a> {
    /// The call's id.
    pub call: &'a str,
    /// The turn of the call.
    pub turn: u32,
    /// How hard the question is.
    pub tier: Tier,
    /// Today, where the clinic is.
    pub day: Date,
}

/// Money that is set aside for one request on its way. Given back to [`Spend::settle`] or [`Spend::release`].
///
/// It cannot be copied, so no request is settled twice. If it is dropped its money stays set aside until the day is
/// over: too little is spent then, never too much.
///
/// ```compile_fail
/// fn twice(spend: &mut anteroom::airlock::spend::Spend, held: anteroom::airlock::spend::Reservation) {
///     spend.release(held);
///     spend.release(held);
/// }
/// ```
/// ```
/// fn once(spend: &mut anteroom::airlock::spend::Spend, held: anteroom::airlock::spend::Reservation) {
///     spend.release(held);
/// }
/// ```
#[derive(Debug)]
#[must_use = "the money stays set aside until this is settled or released"]
pub struct Reservation {
    call: String,
    /// Which time the call was held: after it was forgotten and came back, an older reservation is not in its sums.
    held: u64,
    turn: u32,
    tier: Tier,
    day: Date,
    worst: Option<MicroDollars>,
}

impl Reservation {
    /// What is set aside; `None` where the price is not known.
    #[must_use]
    pub fn worst(&self) -> Option<MicroDollars> {
        self.worst
    }

    /// The day on whose money it is.
    #[must_use]
    pub fn day(&self) -> Date {
        self.day
    }
}

/// What was counted for a request in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What counts from now on.
    pub counted: MicroDollars,
    /// What it cost is not known: the worst case was counted, or nothing where not even that is known.
    pub unknown: bool,
    /// It cost more than its worst case. Worth a look: a price or a bound is wrong.
    pub overrun: bool,
}

/// A request and its outcome, as the airlock's own events tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The day it was sent, where the clinic is.
    pub day: Date,
    /// The call's id.
    pub call: String,
    /// The turn of the call.
    pub turn: u32,
    /// How hard the question was.
    pub tier: Tier,
    /// What was set aside; `None` where the price was not known.
    pub worst: Option<MicroDollars>,
    /// What it cost; `None` where that is not known. A request that never left cost zero.
    pub cost: Option<MicroDollars>,
    /// Whether an outcome was recorded at all. Without one the worst case counts.
    pub settled: bool,
}

/// One day's money, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Counted for good.
    pub spent: MicroDollars,
    /// Set aside for requests on their way, or forgotten ones.
    pub reserved: MicroDollars,
    /// [`Totals::spent`] for each tier.
    pub tiers: PerTier<MicroDollars>,
    /// Requests whose cost is not known.
    pub unknown: u64,
    /// Requests that cost more than their worst case.
    pub overruns: u64,
}

/// Calls whose sums are held. More than a clinic has in two days; what is forgotten beyond is a call's own ceiling,
/// never the day's.
pub const CALLS_HELD: usize = 4096;
/// Turns of one call whose sums are held. A call of an hour has some three hundred.
pub const TURNS_HELD: usize = 1024;

/// Everything that counts.
#[derive(Debug)]
pub struct Spend {
    ceilings: Ceilings,
    today: Option<Today>,
    calls: HashMap<String, Call>,
    /// Counts up with each reservation: tells which call was used last, and one holding of a call from the next.
    clock: u64,
}

#[derive(Debug)]
struct Today {
    day: Date,
    tiers: PerTier<Sum>,
    unknown: u64,
    overruns: u64,
}

#[derive(Debug)]
struct Call {
    held: u64,
    used: u64,
    last: Date,
    sum: Sum,
    turns: BTreeMap<u32, Sum>,
}

/// Money of one turn, call, tier or day.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    settled: MicroDollars,
    reserved: MicroDollars,
}

impl Sum {
    fn plus(self, other: Self) -> Self {
        Self { settled: self.settled.plus(other.settled), reserved: self.reserved.plus(other.reserved) }
    }

    /// Whether the worst case fits. One that is not known fits as long as anything is left: it costs something.
    fn has_room(self, worst: Option<MicroDollars>, ceiling: MicroDollars) -> bool {
        let taken = u128::from(self.settled.0) + u128::from(self.reserved.0);
        let least = worst.map_or(1, |worst| u128::from(worst.0));
        taken + least <= u128::from(ceiling.0)
    }

    fn reserve(&mut self, worst: MicroDollars) {
        self.reserved = self.reserved.plus(worst);
    }

    /// Puts what counts in the place of what was set aside.
    fn settle(&mut self, worst: MicroDollars, counted: MicroDollars) {
        self.reserved = self.reserved.minus(worst);
        self.settled = self.settled.plus(counted);
    }
}

impl Today {
    fn new(day: Date) -> Self {
        Self { day, tiers: PerTier::default(), unknown: 0, overruns: 0 }
    }

    fn all(&self) -> Sum {
        Tier::ALL.into_iter().fold(Sum::default(), |sum, tier| sum.plus(*self.tiers.get(tier)))
    }
}

impl Spend {
    /// Nothing is spent yet.
    #[must_use]
    pub fn new(ceilings: Ceilings) -> Self {
        Self { ceilings, today: None, calls: HashMap::new(), clock: 0 }
    }

    /// Rebuilds what was spent from the airlock's events, in their order. A request without an outcome counts at its
    /// worst case: it may have left before the restart. A row of a day after `today`, from when the clock was wrong,
    /// counts today.
    #[must_use]
    pub fn replay(ceilings: Ceilings, today: Date, rows: impl IntoIterator<Item = Row>) -> Self {
        let mut spend = Self::new(ceilings);
        for row in rows {
            let Row { call, turn, tier, worst, .. } = row;
            let day = spend.begin(row.day.min(today));
            let cost = row.cost.filter(|_| row.settled);
            // Whatever was sent counts, whether or not it would fit today: the money is gone.
            let held = spend.count(&Purpose { call: &call, turn, tier, day }, worst);
            let _ = spend.settle(held, cost);
        }
        spend.begin(today);
        spend
    }

    /// Sets the worst case of a request aside. A request whose price is not known (`None`) sets nothing aside and is
    /// counted as unknown when it is settled; in the hardest tier it is refused.
    ///
    /// A day before the last one used counts as that one: a clock set back does not hand out money twice.
    ///
    /// # Errors
    /// The first [`Ceiling`] that it would break; nothing is set aside then.
    pub fn reserve(&mut self, purpose: &Purpose<'_>, worst: Option<MicroDollars>) -> Result<Reservation, Ceiling> {
        if worst.is_none() && purpose.tier == Tier::Hardest {
            return Err(Ceiling::UnknownPrice);
        }
        let day = self.begin(purpose.day);
        let purpose = Purpose { day, ..*purpose };
        let call = self.calls.get(purpose.call);
        let turn = call.and_then(|call| call.turns.get(&purpose.turn));
        if call.is_some_and(|call| turn.is_none() && call.turns.len() >= TURNS_HELD) {
            return Err(Ceiling::Turns);
        }
        let tiers = self.today.as_ref().map(|today| (today.all(), *today.tiers.get(purpose.tier)));
        let (all, tier) = tiers.unwrap_or_default();
        let guards = [
            (turn.copied().unwrap_or_default(), self.ceilings.turn, Ceiling::Turn),
            (call.map(|call| call.sum).unwrap_or_default(), self.ceilings.call, Ceiling::Call),
            (all, self.ceilings.day, Ceiling::Day),
            (tier, *self.ceilings.tier.get(purpose.tier), Ceiling::Tier),
        ];
        match guards.into_iter().find(|(sum, ceiling, _)| !sum.has_room(worst, *ceiling)) {
            Some((_, _, ceiling)) => Err(ceiling),
            None => Ok(self.count(&purpose, worst)),
        }
    }

    /// Counts what a request cost. More than its worst case counts in full; not known (`None`) counts the worst case.
    ///
    /// The cost of a request of an earlier day no longer weighs on today; it still weighs on its call.
    pub fn settle(&mut self, reservation: Reservation, cost: Option<MicroDollars>) -> Settled {
        let counted = cost.or(reservation.worst).unwrap_or(MicroDollars::ZERO);
        let overrun = reservation.worst.is_some_and(|worst| counted > worst);
        let settled = Settled { counted, unknown: cost.is_none(), overrun };
        self.replace(&reservation, counted);
        if let Some(today) = self.today.as_mut().filter(|today| today.day == reservation.day) {
            today.unknown += u64::from(settled.unknown);
            today.overruns += u64::from(settled.overrun);
        }
        settled
    }

    /// Gives back what was set aside for a request of which not a byte left the box.
    pub fn release(&mut self, reservation: Reservation) {
        self.replace(&reservation, MicroDollars::ZERO);
    }

    /// That day's money; all zero for a day on which nothing was asked yet.
    #[must_use]
    pub fn totals(&self, day: Date) -> Totals {
        let Some(today) = self.today.as_ref().filter(|today| today.day >= day) else { return Totals::default() };
        let all = today.all();
        Totals {
            spent: all.settled,
            reserved: all.reserved,
            tiers: today.tiers.map(|sum| sum.settled),
            unknown: today.unknown,
            overruns: today.overruns,
        }
    }

    /// The ceilings.
    #[must_use]
    pub fn ceilings(&self) -> &Ceilings {
        &self.ceilings
    }

    /// Begins the day if it is new, and says which day counts.
    fn begin(&mut self, day: Date) -> Date {
        match self.today.as_ref().map(|today| today.day) {
            Some(current) if day <= current => current,
            before => {
                self.today = Some(Today::new(day));
                // A call that goes on past midnight keeps its sums.
                self.calls.retain(|_, call| Some(call.last) >= before);
                day
            }
        }
    }

    /// Sets the worst case aside in every sum, without asking whether it fits.
    fn count(&mut self, purpose: &Purpose<'_>, worst: Option<MicroDollars>) -> Reservation {
        let Purpose { turn, tier, day, .. } = *purpose;
        let set_aside = worst.unwrap_or(MicroDollars::ZERO);
        if let Some(today) = &mut self.today {
            today.tiers.get_mut(tier).reserve(set_aside);
        }
        if self.calls.len() >= CALLS_HELD && !self.calls.contains_key(purpose.call) {
            self.forget_one();
        }
        self.clock += 1;
        let now = self.clock;
        let new = Call { held: now, used: now, last: day, sum: Sum::default(), turns: BTreeMap::new() };
        let call = self.calls.entry(purpose.call.to_owned()).or_insert(new);
        (call.used, call.last) = (now, day);
        call.sum.reserve(set_aside);
        call.turns.entry(turn).or_default().reserve(set_aside);
        Reservation { call: purpose.call.to_owned(), held: call.held, turn, tier, day, worst }
    }

    /// Forgets the call that was used longest ago; of two kinds of call sooner one that has nothing on its way.
    fn forget_one(&mut self) {
        let oldest = self.calls.iter().min_by_key(|(_, call)| (call.sum.reserved > MicroDollars::ZERO, call.used));
        if let Some(id) = oldest.map(|(id, _)| id.clone()) {
            self.calls.remove(&id);
        }
    }

    /// Puts what counts in the place of what was set aside, in every sum that it still is in.
    fn replace(&mut self, reservation: &Reservation, counted: MicroDollars) {
        let worst = reservation.worst.unwrap_or(MicroDollars::ZERO);
        if let Some(today) = self.today.as_mut().filter(|today| today.day == reservation.day) {
            today.tiers.get_mut(reservation.tier).settle(worst, counted);
        }
        let call = self.calls.get_mut(&reservation.call).filter(|call| call.held == reservation.held);
        if let Some(call) = call {
            call.sum.settle(worst, counted);
            call.turns.entry(reservation.turn).or_default().settle(worst, counted);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    pub(super) const MONDAY: Date = date(2026, 11, 23);
    pub(super) const TUESDAY: Date = date(2026, 11, 24);
    const WEDNESDAY: Date = date(2026, 11, 25);

    pub(super) const CEILINGS: Ceilings = Ceilings {
        turn: MicroDollars(100),
        call: MicroDollars(300),
        day: MicroDollars(1_000),
        tier: PerTier { simple: MicroDollars(600), reasoning: MicroDollars(500), hardest: MicroDollars(200) },
    };

    pub(super) fn purpose(call: &str, turn: u32, tier: Tier, day: Date) -> Purpose<'_> {
        Purpose { call, turn, tier, day }
    }

    /// A request of the simple tier on Monday.
    fn simple(call: &str, turn: u32) -> Purpose<'_> {
        purpose(call, turn, Tier::Simple, MONDAY)
    }

    /// Sends a request that costs so much, all of it foreseen.
    fn buy(spend: &mut Spend, purpose: &Purpose<'_>, cost: u64) -> Result<(), Ceiling> {
        let held = spend.reserve(purpose, Some(MicroDollars(cost)))?;
        spend.settle(held, Some(MicroDollars(cost)));
        Ok(())
    }

    #[test]
    fn each_ceiling_holds_and_says_which_it_is() {
        let mut spend = Spend::new(CEILINGS);
        assert_eq!(buy(&mut spend, &simple("a", 1), 100), Ok(()), "exactly the ceiling fits");
        assert_eq!(buy(&mut spend, &simple("a", 1), 1), Err(Ceiling::Turn));
        assert_eq!(buy(&mut spend, &simple("a", 2), 101), Err(Ceiling::Turn));
        assert_eq!(buy(&mut spend, &simple("a", 2), 100), Ok(()));
        assert_eq!(buy(&mut spend, &simple("a", 3), 100), Ok(()));
        assert_eq!(buy(&mut spend, &simple("a", 4), 1), Err(Ceiling::Call));
        for turn in 1..=3 {
            assert_eq!(buy(&mut spend, &simple("b", turn), 100), Ok(()));
        }
        assert_eq!(buy(&mut spend, &simple("c", 1), 1), Err(Ceiling::Tier));
        for turn in 1..=3 {
            assert_eq!(buy(&mut spend, &purpose("c", turn, Tier::Reasoning, MONDAY), 100), Ok(()));
        }
        assert_eq!(buy(&mut spend, &purpose("d", 1, Tier::Hardest, MONDAY), 100), Ok(()));
        assert_eq!(buy(&mut spend, &purpose("e", 1, Tier::Reasoning, MONDAY), 1), Err(Ceiling::Day));
        let tiers = PerTier { simple: MicroDollars(600), reasoning: MicroDollars(300), hardest: MicroDollars(100) };
        let spent = Totals { spent: MicroDollars(1_000), tiers, ..Totals::default() };
        assert_eq!(spend.totals(MONDAY), spent);
    }

    #[test]
    fn money_on_its_way_counts_and_what_was_not_needed_comes_back() {
        let mut spend = Spend::new(CEILINGS);
        let held = spend.reserve(&simple("a", 1), Some(MicroDollars(90))).unwrap();
        assert_eq!(buy(&mut spend, &simple("a", 1), 11), Err(Ceiling::Turn));
        assert_eq!(spend.totals(MONDAY).reserved, MicroDollars(90));
        let settled = spend.settle(held, Some(MicroDollars(40)));
        assert_eq!(settled, Settled { counted: MicroDollars(40), unknown: false, overrun: false });
        assert_eq!((spend.totals(MONDAY).spent, spend.totals(MONDAY).reserved), (MicroDollars(40), MicroDollars::ZERO));
        assert_eq!(buy(&mut spend, &simple("a", 1), 60), Ok(()));
    }

    #[test]
    fn a_request_that_never_left_costs_nothing() {
        let mut spend = Spend::new(CEILINGS);
        let held = spend.reserve(&simple("a", 1), Some(MicroDollars(100))).unwrap();
        spend.release(held);
        assert_eq!(spend.totals(MONDAY), Totals::default());
        assert_eq!(buy(&mut spend, &simple("a", 1), 100), Ok(()));
    }

    #[test]
    fn a_reservation_that_is_dropped_frees_nothing() {
        let mut spend = Spend::new(CEILINGS);
        drop(spend.reserve(&simple("a", 1), Some(MicroDollars(100))).unwrap());
        assert_eq!(buy(&mut spend, &simple("a", 1), 1), Err(Ceiling::Turn));
        assert_eq!(spend.totals(MONDAY).reserved, MicroDollars(100));
    }

    #[test]
    fn a_cost_that_is_not_known_counts_at_its_worst_case() {
        let mut spend = Spend::new(CEILINGS);
        let held = spend.reserve(&simple("a", 1), Some(MicroDollars(70))).unwrap();
        assert_eq!(spend.settle(held, None), Settled { counted: MicroDollars(70), unknown: true, overrun: false });
        assert_eq!(spend.totals(MONDAY).unknown, 1);
        assert_eq!(buy(&mut spend, &simple("a", 1), 31), Err(Ceiling::Turn));
    }

    #[test]
    fn a_provider_that_bills_more_than_the_worst_case_is_counted_in_full_and_flagged() {
        let mut spend = Spend::new(CEILINGS);
        let held = spend.reserve(&simple("a", 1), Some(MicroDollars(70))).unwrap();
        let settled = spend.settle(held, Some(MicroDollars(400)));
        assert_eq!(settled, Settled { counted: MicroDollars(400), unknown: false, overrun: true });
        assert_eq!(spend.totals(MONDAY).overruns, 1);
        assert_eq!(buy(&mut spend, &simple("a", 2), 0), Err(Ceiling::Call), "above the ceiling not even nothing fits");
        assert_eq!(buy(&mut spend, &simple("b", 1), 100), Ok(()));
        assert_eq!(buy(&mut spend, &simple("b", 2), 100), Ok(()));
        assert_eq!(buy(&mut spend, &simple("b", 3), 1), Err(Ceiling::Tier));
    }

    #[test]
    fn an_unknown_price_closes_the_hardest_tier_and_is_counted_in_the_others() {
        let mut spend = Spend::new(CEILINGS);
        let refused = spend.reserve(&purpose("a", 1, Tier::Hardest, MONDAY), None).unwrap_err();
        assert_eq!(refused, Ceiling::UnknownPrice);
        assert!(refused.spares_cheaper_tiers());
        let held = spend.reserve(&purpose("a", 1, Tier::Reasoning, MONDAY), None).unwrap();
        assert_eq!(spend.settle(held, None), Settled { counted: MicroDollars::ZERO, unknown: true, overrun: false });
        assert_eq!(spend.totals(MONDAY).unknown, 1);
        let held = spend.reserve(&simple("a", 1), None).unwrap();
        assert_eq!(spend.settle(held, Some(MicroDollars(100))).counted, MicroDollars(100));
        let full = spend.reserve(&simple("a", 1), None).unwrap_err();
        assert_eq!(full, Ceiling::Turn, "an unknown price costs something, and nothing is left");
    }

    #[test]
    fn a_new_day_has_its_money_and_a_call_past_midnight_keeps_its_own() {
        let mut spend = Spend::new(CEILINGS);
        for turn in 1..=3 {
            buy(&mut spend, &simple("late", turn), 100).unwrap();
        }
        let tuesday = |call| purpose(call, 4, Tier::Simple, TUESDAY);
        assert_eq!(buy(&mut spend, &tuesday("late"), 1), Err(Ceiling::Call));
        assert_eq!(spend.totals(TUESDAY), Totals::default());
        assert_eq!(buy(&mut spend, &tuesday("new"), 100), Ok(()));
        assert_eq!(spend.calls.len(), 2);
        assert_eq!(buy(&mut spend, &purpose("later", 1, Tier::Simple, WEDNESDAY), 100), Ok(()));
        assert!(!spend.calls.contains_key("late"), "what was not used for a whole day is forgotten");
    }

    #[test]
    fn a_request_that_is_settled_after_midnight_is_on_the_day_on_which_it_left() {
        let mut spend = Spend::new(CEILINGS);
        let held = spend.reserve(&simple("a", 1), Some(MicroDollars(100))).unwrap();
        buy(&mut spend, &purpose("b", 1, Tier::Simple, TUESDAY), 10).unwrap();
        spend.settle(held, Some(MicroDollars(100)));
        assert_eq!(spend.totals(TUESDAY).spent, MicroDollars(10));
        assert_eq!(buy(&mut spend, &purpose("a", 1, Tier::Simple, TUESDAY), 1), Err(Ceiling::Turn));
    }

    #[test]
    fn a_clock_set_back_hands_out_no_money_twice() {
        let mut spend = Spend::new(CEILINGS);
        let day = |call, day| purpose(call, 1, Tier::Hardest, day);
        buy(&mut spend, &day("a", TUESDAY), 100).unwrap();
        buy(&mut spend, &day("b", MONDAY), 100).unwrap();
        assert_eq!(buy(&mut spend, &day("c", MONDAY), 1), Err(Ceiling::Tier));
        assert_eq!(buy(&mut spend, &day("c", TUESDAY), 1), Err(Ceiling::Tier));
        assert_eq!(spend.totals(MONDAY).spent, MicroDollars(200));
    }

    #[test]
    fn calls_and_turns_are_held_up_to_a_bound() {
        let wide = MicroDollars(u64::MAX);
        let open = PerTier { simple: wide, reasoning: wide, hardest: wide };
        let mut spend = Spend::new(Ceilings { turn: wide, call: wide, day: wide, tier: open });
        let on_its_way = spend.reserve(&simple("first", 1), Some(MicroDollars(5))).unwrap();
        for call in 0..CALLS_HELD + 10 {
            buy(&mut spend, &simple(&call.to_string(), 1), 1).unwrap();
        }
        assert_eq!(spend.calls.len(), CALLS_HELD);
        assert!(spend.calls.contains_key("first"), "money on its way is forgotten last");
        spend.settle(on_its_way, Some(MicroDollars(5)));
        let day = u64::try_from(CALLS_HELD).unwrap() + 10 + 5;
        assert_eq!(spend.totals(MONDAY).spent, MicroDollars(day), "the day forgets nothing");
        for turn in 0..TURNS_HELD {
            buy(&mut spend, &simple("long", u32::try_from(turn).unwrap()), 0).unwrap();
        }
        assert_eq!(buy(&mut spend, &simple("long", u32::MAX), 0), Err(Ceiling::Turns));
        assert_eq!(buy(&mut spend, &simple("long", 0), 0), Ok(()));
    }

    #[test]
    fn a_reservation_of_a_forgotten_call_takes_nothing_from_the_call_that_came_back() {
        let mut spend = Spend::new(CEILINGS);
        let old = spend.reserve(&simple("a", 1), Some(MicroDollars(50))).unwrap();
        spend.calls.clear();
        let new = spend.reserve(&simple("a", 1), Some(MicroDollars(60))).unwrap();
        spend.release(old);
        assert_eq!(spend.calls["a"].sum.reserved, MicroDollars(60));
        assert_eq!(spend.totals(MONDAY).reserved, MicroDollars(60));
        spend.release(new);
    }

    #[test]
    fn after_a_restart_what_was_sent_still_counts() {
        let row = |day, call: &str, worst, cost, settled| Row {
            day,
            call: call.to_owned(),
            turn: 1,
            tier: Tier::Simple,
            worst: Some(MicroDollars(worst)),
            cost,
            settled,
        };
        let rows = [
            row(MONDAY, "yesterday", 100, Some(MicroDollars(90)), true),
            row(TUESDAY, "a", 100, Some(MicroDollars(30)), true),
            row(TUESDAY, "b", 80, None, false),
            row(TUESDAY, "c", 70, None, true),
            row(TUESDAY, "never-left", 70, Some(MicroDollars::ZERO), true),
            row(date(2099, 1, 1), "clock-was-wrong", 5, Some(MicroDollars(6)), true),
            Row { worst: None, ..row(TUESDAY, "no-price", 0, None, false) },
        ];
        let mut spend = Spend::replay(CEILINGS, TUESDAY, rows.clone());
        let totals = spend.totals(TUESDAY);
        assert_eq!((totals.spent, totals.reserved), (MicroDollars(30 + 80 + 70 + 6), MicroDollars::ZERO));
        assert_eq!((totals.unknown, totals.overruns), (3, 1));
        let again = |call| purpose(call, 1, Tier::Simple, TUESDAY);
        assert_eq!(buy(&mut spend, &again("b"), 21), Err(Ceiling::Turn));
        assert_eq!(buy(&mut spend, &again("yesterday"), 11), Err(Ceiling::Turn));
        let next_day = Spend::replay(CEILINGS, WEDNESDAY, rows).totals(WEDNESDAY);
        assert_eq!(next_day.spent, MicroDollars(6), "only what was written down as later than today");
    }

    #[test]
    fn every_ceiling_has_a_name_of_its_own() {
        let all = [Ceiling::Turn, Ceiling::Call, Ceiling::Day, Ceiling::Tier, Ceiling::UnknownPrice, Ceiling::Turns];
        let names: std::collections::BTreeSet<_> = all.iter().map(|ceiling| ceiling.as_str()).collect();
        assert_eq!(names.len(), all.len());
    }
}
