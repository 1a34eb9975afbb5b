//! Many requests at once, in any order, from several threads: no ceiling is ever broken.

use std::sync::{Barrier, Mutex};
use std::thread;

use proptest::prelude::*;

use super::tests::{CEILINGS, MONDAY, TUESDAY, purpose};
use super::*;

/// What a thread does with a request that it may send.
#[derive(Clone, Copy, Debug)]
enum End {
    Cost(u64),
    Unknown,
    Release,
    Drop,
    /// Settled at the thread's end, so that others come in between.
    Late(u64),
}

#[derive(Clone, Copy, Debug)]
struct Step {
    call: u8,
    turn: u32,
    tier: Tier,
    later: bool,
    worst: Option<u64>,
    end: End,
}

fn step() -> impl Strategy<Value = Step> {
    let end = prop_oneof![
        4 => (0_u64..130).prop_map(End::Cost),
        1 => Just(End::Unknown),
        2 => Just(End::Release),
        1 => Just(End::Drop),
        3 => (0_u64..130).prop_map(End::Late),
    ];
    let worst = prop_oneof![9 => (0_u64..110).prop_map(Some), 1 => Just(None)];
    let tier = proptest::sample::select(Tier::ALL.to_vec());
    (0_u8..4, 1_u32..4, tier, proptest::bool::weighted(0.02), worst, end)
        .prop_map(|(call, turn, tier, later, worst, end)| Step { call, turn, tier, later, worst, end })
}

/// Beside the [`Spend`], under the same mutex: how much more than foreseen was billed, by everything it counts for.
#[derive(Default)]
struct Excess {
    turns: HashMap<(String, u32), u64>,
    calls: HashMap<String, u64>,
    tiers: HashMap<(Date, Tier), u64>,
    days: HashMap<Date, u64>,
}

impl Excess {
    fn add(&mut self, call: &str, turn: u32, tier: Tier, day: Date, excess: u64) {
        *self.turns.entry((call.to_owned(), turn)).or_default() += excess;
        *self.calls.entry(call.to_owned()).or_default() += excess;
        *self.tiers.entry((day, tier)).or_default() += excess;
        *self.days.entry(day).or_default() += excess;
    }
}

/// Every sum is below its ceiling, but for what nobody could foresee.
fn check(spend: &Spend, excess: &Excess) {
    let below = |sum: Sum, ceiling: MicroDollars, more: Option<&u64>| {
        assert!(sum.settled.0 + sum.reserved.0 <= ceiling.0 + more.copied().unwrap_or(0), "{sum:?} {more:?}");
    };
    for (id, call) in &spend.calls {
        below(call.sum, CEILINGS.call, excess.calls.get(id));
        for (turn, sum) in &call.turns {
            below(*sum, CEILINGS.turn, excess.turns.get(&(id.clone(), *turn)));
        }
        let turns = call.turns.values().fold(Sum::default(), |all, sum| all.plus(*sum));
        assert_eq!((turns.settled, turns.reserved), (call.sum.settled, call.sum.reserved));
    }
    let Some(today) = &spend.today else { return };
    below(today.all(), CEILINGS.day, excess.days.get(&today.day));
    for tier in Tier::ALL {
        below(*today.tiers.get(tier), *CEILINGS.tier.get(tier), excess.tiers.get(&(today.day, tier)));
    }
}

fn run(steps: &[Step], shared: &Mutex<(Spend, Excess)>) {
    let settle = |held: Reservation, cost: Option<u64>| {
        let (spend, excess) = &mut *shared.lock().unwrap();
        let (call, turn, tier, day) = (held.call.clone(), held.turn, held.tier, held.day());
        let worst = held.worst();
        let settled = spend.settle(held, cost.map(MicroDollars));
        let foreseen = worst.unwrap_or_default();
        let counted = cost.map_or(foreseen, MicroDollars);
        assert_eq!(settled.counted, counted, "in full, whatever was foreseen");
        assert_eq!(settled.overrun, worst.is_some() && counted > foreseen);
        excess.add(&call, turn, tier, day, counted.minus(foreseen).0);
        check(spend, excess);
    };
    let mut late = Vec::new();
    for step in steps {
        let call = step.call.to_string();
        let day = if step.later { TUESDAY } else { MONDAY };
        let purpose = purpose(&call, step.turn, step.tier, day);
        let held = {
            let (spend, excess) = &mut *shared.lock().unwrap();
            let held = spend.reserve(&purpose, step.worst.map(MicroDollars));
            check(spend, excess);
            held
        };
        // Others come in here, and between this request and the late ones.
        thread::yield_now();
        match (held, step.end) {
            (Err(_), _) => {}
            (Ok(held), End::Cost(cost)) => settle(held, Some(cost)),
            (Ok(held), End::Unknown) => settle(held, None),
            (Ok(held), End::Late(cost)) => late.push((held, cost)),
            (Ok(held), End::Drop) => drop(held),
            (Ok(held), End::Release) => {
                let (spend, excess) = &mut *shared.lock().unwrap();
                spend.release(held);
                check(spend, excess);
            }
        }
    }
    for (held, cost) in late {
        settle(held, Some(cost));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_interleaving_breaks_a_ceiling(
            threads in proptest::collection::vec(proptest::collection::vec(step(), 1..40), 2..5),
        ) {
        let shared = Mutex::new((Spend::new(CEILINGS), Excess::default()));
        let start = Barrier::new(threads.len());
        thread::scope(|scope| {
            for steps in &threads {
                let (shared, start) = (&shared, &start);
                scope.spawn(move || {
                    start.wait();
                    run(steps, shared);
                });
            }
        });
        let (spend, excess) = &*shared.lock().unwrap();
        check(spend, excess);
    }

    #[test]
    fn a_restart_counts_at_least_what_was_counted_before(steps in proptest::collection::vec(step(), 1..40)) {
        let mut spend = Spend::new(CEILINGS);
        let mut rows = Vec::new();
        for step in steps.into_iter().filter(|step| !step.later) {
            let call = step.call.to_string();
            let purpose = purpose(&call, step.turn, step.tier, MONDAY);
            let Ok(held) = spend.reserve(&purpose, step.worst.map(MicroDollars)) else { continue };
            let (cost, settled) = match step.end {
                End::Cost(cost) | End::Late(cost) => (Some(MicroDollars(cost)), true),
                End::Unknown => (None, true),
                End::Release => (Some(MicroDollars::ZERO), true),
                End::Drop => (None, false),
            };
            let (turn, tier, worst) = (step.turn, step.tier, held.worst());
            rows.push(Row { day: MONDAY, call: call.clone(), turn, tier, worst, cost, settled });
            if settled {
                spend.settle(held, cost);
            }
        }
        let (before, after) = (spend.totals(MONDAY), Spend::replay(CEILINGS, MONDAY, rows).totals(MONDAY));
        prop_assert_eq!(after.spent, before.spent.plus(before.reserved));
        prop_assert_eq!(after.reserved, MicroDollars::ZERO);
    }
}
