//! The clinic's leak rate: marks of turns in, a rate with its exact bound out.
//!
//! In:  the record's reviews. Out: a [`Rate`], for people and as a metric. Only turns of calls that were drawn count: whoever
//! marks a call that they came across by other ways looks at an unusual one. Of several marks of one turn the last counts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde::Serialize;

use super::bound::{float, upper};
use crate::ids::{CallId, Turn};
use crate::record::reading::Shown;
use crate::record::review::{Review, Verdict};
use crate::record::show::{moment, plain};

/// What was found so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rate {
    /// Calls that were drawn.
    pub drawn: u64,
    /// Turns of them that were looked at.
    pub turns: Share,
    /// Calls of them in which a turn was looked at; a case is one with a leak.
    pub calls: Share,
    /// Turns in which something was covered that identifies nobody.
    pub over_redacted: u64,
    /// Marks of calls that were not drawn. They do not count.
    pub not_drawn: u64,
    /// Marks since the last sign-off.
    pub unsigned: u64,
    /// Who signed last, and when: microseconds since 1970-01-01T00:00Z.
    pub signed: Option<(String, i64)>,
}

/// Cases among what was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Share {
    /// How many were looked at.
    pub reviewed: u64,
    /// In how many of them something leaked.
    pub leaks: u64,
    /// The rate; none where nothing was looked at.
    pub rate: Option<f64>,
    /// The upper end of its exact two-sided 95 % interval; likewise.
    pub upper: Option<f64>,
}

impl Share {
    fn of(reviewed: u64, leaks: u64) -> Self {
        let some = (reviewed > 0).then_some(());
        Self {
            reviewed,
            leaks,
            rate: some.map(|()| float(leaks) / float(reviewed)),
            upper: some.map(|()| upper(leaks, reviewed)),
        }
    }
}

/// The rate by these reviews, of simulated callers or of real ones.
#[must_use]
pub fn rate(reviews: &[Shown], synthetic: bool) -> Rate {
    let mut drawn = BTreeSet::new();
    let mut marks: BTreeMap<(CallId, Turn), Verdict> = BTreeMap::new();
    let mut rate = Rate::default();
    for entry in reviews {
        let review = entry.body.as_ref().and_then(|body| serde_json::from_str::<Review>(body.get()).ok());
        match review {
            Some(Review::Sample { calls, .. }) if entry.synthetic == synthetic => drawn.extend(calls),
            Some(Review::Mark { call, turn, verdict, .. }) if entry.synthetic == synthetic => {
                marks.insert((call, turn), verdict);
                rate.unsigned = rate.unsigned.saturating_add(1);
            }
            Some(Review::Sign { by, .. }) => {
                rate.unsigned = 0;
                rate.signed = Some((by, entry.t));
            }
            Some(
                Review::Sample { .. }
                | Review::Mark { .. }
                | Review::Approve { .. }
                | Review::Marked { .. }
                | Review::Digest { .. }
                | Review::Release { .. }
                | Review::Withdraw { .. },
            )
            | None => {}
        }
    }
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    rate.drawn = count(drawn.len());
    let all = marks.len();
    marks.retain(|(call, _), _| drawn.contains(call));
    rate.not_drawn = count(all.saturating_sub(marks.len()));
    let of = |verdict: Verdict| marks.iter().filter(move |(_, mark)| **mark == verdict);
    let calls: BTreeSet<CallId> = marks.keys().map(|(call, _)| *call).collect();
    let leaking: BTreeSet<CallId> = of(Verdict::Leak).map(|((call, _), _)| *call).collect();
    rate.over_redacted = count(of(Verdict::OverRedacted).count());
    rate.turns = Share::of(count(marks.len()), count(of(Verdict::Leak).count()));
    rate.calls = Share::of(count(calls.len()), count(leaking.len()));
    rate
}

/// Writes the rate for people.
///
/// # Errors
/// Those of `out`.
pub fn write(rate: &Rate, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} calls drawn, {} of them reviewed, {} turns",
        rate.drawn, rate.calls.reviewed, rate.turns.reviewed
    )?;
    for (what, share) in [("turns", rate.turns), ("calls", rate.calls)] {
        match (share.rate, share.upper) {
            (Some(rate), Some(upper)) => writeln!(
                out,
                "leak rate of {what}: {} of {}, {:.2} %, at most {:.2} % (exact two-sided 95 % bound)",
                share.leaks,
                share.reviewed,
                rate * 100.0,
                upper * 100.0
            )?,
            _ => writeln!(out, "leak rate of {what}: none reviewed")?,
        }
    }
    writeln!(out, "over-redacted turns: {}", rate.over_redacted)?;
    if rate.not_drawn > 0 {
        writeln!(out, "marks of calls that were not drawn, which do not count: {}", rate.not_drawn)?;
    }
    match &rate.signed {
        Some((by, t)) => writeln!(out, "signed off by {} at {}; marks since: {}", plain(by), moment(*t), rate.unsigned),
        None => writeln!(out, "not signed off; marks: {}", rate.unsigned),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;
    use crate::record::reading::State;
    use crate::wire::event::Kind;

    fn shown(synthetic: bool, review: &Review) -> Shown {
        Shown {
            seq: 0,
            t: 1_700_000_000_000_000,
            mono_us: 0,
            kind: Kind::Review,
            turn: Turn(0),
            actor: "cli".to_owned(),
            synthetic,
            body: RawValue::from_string(serde_json::to_string(review).unwrap()).ok(),
            state: State::Open,
        }
    }

    fn sample(calls: &[CallId]) -> Review {
        Review::Sample { seed: 1, days: 7, of: 9, synthetic: false, calls: calls.to_vec() }
    }

    fn mark(call: CallId, turn: u32, verdict: Verdict) -> Review {
        Review::Mark { call, turn: Turn(turn), verdict, by: "A".to_owned() }
    }

    fn text(rate: &Rate) -> String {
        let mut out = Vec::new();
        write(rate, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn without_a_review_there_is_no_rate_and_not_zero() {
        let rate = rate(&[], false);
        assert_eq!((rate.turns.rate, rate.turns.upper), (None, None));
        assert!(text(&rate).contains("none reviewed"));
    }

    #[test]
    fn the_last_mark_of_a_drawn_turn_counts_and_no_other() {
        let (one, two, other) = (CallId::draw(), CallId::draw(), CallId::draw());
        let real = [
            sample(&[one, two]),
            mark(one, 1, Verdict::Leak),
            mark(one, 2, Verdict::Fine),
            mark(one, 1, Verdict::OverRedacted),
            Review::Sign { by: "A. Officer".to_owned(), note: String::new() },
            mark(two, 1, Verdict::Leak),
            mark(other, 1, Verdict::Leak),
        ];
        let mut reviews: Vec<_> = real.iter().map(|review| shown(false, review)).collect();
        reviews.push(shown(true, &mark(two, 2, Verdict::Leak)));
        let rate = rate(&reviews, false);
        assert_eq!((rate.drawn, rate.turns.reviewed, rate.turns.leaks), (2, 3, 1));
        assert_eq!((rate.calls.reviewed, rate.calls.leaks), (2, 1));
        assert_eq!((rate.over_redacted, rate.not_drawn, rate.unsigned), (1, 1, 2));
        let text = text(&rate);
        assert!(
            text.contains("leak rate of turns: 1 of 3, 33.33 %, at most 90.57 % (exact two-sided 95 % bound)"),
            "{text}"
        );
        assert!(text.contains("signed off by A. Officer at 2023-11-14 22:13:20 UTC; marks since: 2"), "{text}");
    }
}
