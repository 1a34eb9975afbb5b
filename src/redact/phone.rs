//! Telephone and fax numbers: 45 CFR 164.514(b)(2)(i)(D) and (E).
//!
//! In:  the view's chains. Out: finds; the machine form is the digits alone.

use crate::placeholder::Label;
use crate::redact::asked::Asked;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

/// How near a cue such as "call me at" must stand, in words.
const REACH: usize = 7;

static CUES: Words = Words::new(
    "phone telephone cell cellphone mobile callback call reach fax home work text contact ph tel landline dial \
     extension ext area voicemail through",
);

/// Finds telephone numbers.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    for run in &view.runs {
        let shape = matches!(run.digits, 7 | 10 | 11) && run.letters == 0 && !super::quantity::is_readings(view, run);
        let cued = run.digits >= 3 && run.letters <= 1 && view.cue_before(run.first, REACH, &CUES).is_some();
        let asked = view.asked == Asked::Phone && run.digits >= 2;
        // "put me through to eighteen".
        let through = run.digits >= 2
            && view.before(run.first, 1) == "to"
            && matches!(view.before(run.first, 2), "through" | "transfer" | "extension");
        let rival = super::id::is_cued(view, run.first);
        if asked
            || through
            || (shape && !rival)
            || (cued && !rival && !super::quantity::is_amount(view, run) && run.digits >= 4)
        {
            let digits: String = run.code.chars().filter(char::is_ascii_digit).collect();
            let rule = if asked {
                "phone asked"
            } else if shape {
                "phone shape"
            } else {
                "phone cue"
            };
            finds.push(Find { machine: Some(digits), ..Find::new(run.first, run.last, Label::Phone, rule) });
        }
    }
}

/// Whether these digits are a whole number: seven, ten, or eleven with the country's 1.
pub(super) fn is_whole(digits: &str) -> bool {
    matches!(digits.len(), 7 | 10) || (digits.len() == 11 && digits.starts_with('1'))
}
