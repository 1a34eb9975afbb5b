//! Any other number or code, 45 CFR 164.514(b)(2)(i)(R): what is left over and long enough to identify.
//!
//! In:  the view and what the families have found. Out: finds without a label: the stretch is withheld.

use crate::redact::lexicon;
use crate::redact::quantity;
use crate::redact::spelling::Run;
use crate::redact::view::{Find, View};

/// From so many digits on, a chain that nothing explains is withheld.
const DIGITS: usize = 4;
/// From so many letters on, spelling that nothing explains is withheld.
const LETTERS: usize = 3;

/// Finds chains that nothing else claimed.
pub(super) fn find(view: &View<'_>, covered: &[bool], finds: &mut Vec<Find>) {
    for (at, _) in view.tokens.iter().enumerate().filter(|(_, t)| is_foreign(&t.norm)) {
        let rule = "digits of another script";
        finds.push(Find::withheld(at, at, rule));
    }
    for run in &view.runs {
        let all = covered.get(run.first..=run.last).is_some_and(|tokens| tokens.iter().all(|c| *c));
        let long = run.digits >= DIGITS || run.letters >= LETTERS || run.digits.saturating_add(run.letters) >= DIGITS;
        if !all && long && !is_explained(view, run) {
            let rule = "number or spelling left over";
            finds.push(Find::withheld(run.first, run.last, rule));
        }
    }
}

/// Digits of a script that the grammar does not read: nothing can be said of them.
fn is_foreign(word: &str) -> bool {
    word.chars().any(|c| c.is_numeric() && !c.is_ascii_digit())
}

fn is_explained(view: &View<'_>, run: &Run) -> bool {
    if run.digits == 0 && lexicon::class(&run.code).innocent {
        return true;
    }
    let groups = view.groups_in(run);
    let year = match groups {
        [one] => (1880..=2060).contains(&one.value) && run.digits == 4 && run.letters == 0,
        [century, rest] => matches!(century.value, 19 | 20) && (10..100).contains(&rest.value) && run.letters == 0,
        _ => false,
    };
    // One big round number is a count ("five thousand").
    let round = matches!(groups, [one] if !one.literal && one.value % 100 == 0 && run.letters == 0);
    let mixed =
        run.first == run.last && run.digits.saturating_add(run.letters) <= 5 && run.letters > 0 && run.digits <= 3;
    year || round || mixed || quantity::is_amount(view, run)
}
