//! Ages of ninety and more: 45 CFR 164.514(b)(2)(i)(C). Younger ages may stay.
//!
//! In:  the view's numbers. Out: finds.

use crate::placeholder::Label;
use crate::redact::asked::Asked;
use crate::redact::quantity;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// Finds ages over eighty-nine.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    for group in view.groups.iter().filter(|g| (90..=125).contains(&g.value)) {
        let next = group.last.saturating_add(1);
        let years = matches!(view.word(next), "years" | "year" | "yrs" | "yo" | "y")
            && matches!(view.word(next.saturating_add(1)), "old" | "o" | "of" | "young" | "");
        let tied = view.word(next) == "year" && view.word(next.saturating_add(1)) == "old";
        let person = matches!(
            view.before(group.first, 1),
            "is" | "i'm"
                | "im"
                | "am"
                | "she's"
                | "he's"
                | "shes"
                | "hes"
                | "turned"
                | "turning"
                | "turns"
                | "aged"
                | "age"
                | "was"
                | "almost"
                | "nearly"
                | "who's"
                | "be"
        );
        // "it is 98 degrees", "her pressure is 120": measures, not ages.
        let measured = quantity::is_unit(view.word(next)) || view.cue_before(group.first, 4, &MEASURES).is_some();
        if years || tied || view.asked == Asked::Age || (person && !measured) {
            finds.push(Find::new(group.first, group.last, Label::Age90, "age of ninety or more"));
        }
    }
}

static MEASURES: Words = Words::new(
    "temperature pressure sugar weight pulse rate oxygen fever it level glucose cost copay balance bill total \
     reading price that",
);
