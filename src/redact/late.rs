//! Answers that come after their turn: a correction, a repeated part, the rest of a number.
//!
//! In:  an identity question of a few turns ago, [`Lately`], and an utterance after it. Out: finds. Two turns later the
//! question is forgotten: by then a number is a new matter.

use crate::expect::Expecting;
use crate::redact::asked::Asked;
use crate::redact::policy::Class;
use crate::redact::quantity;
use crate::redact::spelling::Run;
use crate::redact::view::{Find, View};

/// An identity question that was asked some turns ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lately {
    expecting: Expecting,
    turns: u8,
}

impl Lately {
    /// So many turns after its own the question still counts.
    const TURNS: u8 = 2;

    /// What counts after a turn in which `expecting` had been asked for.
    #[must_use]
    pub fn after(expecting: Expecting, before: Option<Self>) -> Option<Self> {
        if expecting.is_identity() {
            return Some(Self { expecting, turns: 0 });
        }
        let before = before?;
        let turns = before.turns.saturating_add(1);
        (turns < Self::TURNS).then_some(Self { turns, ..before })
    }

    pub(super) fn asked(self) -> Asked {
        Asked::of(self.expecting, "")
    }
}

/// A longer utterance speaks of something else: there only longer chains count.
const SHORT: usize = 12;

/// Finds late answers.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    let Some(label) = view.lately.label() else { return };
    let short = view.tokens.len() <= SHORT;
    let telling = |run: &&Run| {
        let characters = run.digits.saturating_add(run.letters);
        (characters >= 2 || short) && !quantity::is_amount(view, run)
    };
    for run in view.runs.iter().filter(telling) {
        finds.push(Find::new(run.first, run.last, label, "late answer").class(Class::Answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_forgotten_two_turns_later() {
        let asked = Lately::after(Expecting::Dob, None);
        let later = Lately::after(Expecting::Anything, asked);
        assert!(later.is_some());
        assert_eq!(Lately::after(Expecting::YesNo, later), None);
        assert_eq!(Lately::after(Expecting::Anything, None), None);
    }
}
