//! Network addresses, written and spoken: 45 CFR 164.514(b)(2)(i)(O).
//!
//! In:  the view's numbers. Out: finds: four numbers with dots between them, or three after "IP".

use crate::placeholder::Label;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

static CUES: Words = Words::new("ip");

/// Finds network addresses.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    let mut from = 0;
    for group in &view.groups {
        if group.first < from {
            continue;
        }
        let (mut last, mut dots) = (group.last, 0_usize);
        let mut here = group.last.saturating_add(1);
        // Digit by digit, an octet is up to three numbers: the dots count, not the numbers.
        loop {
            let dotted = view.tokens.get(here).is_some_and(|t| t.tied == Some('.'));
            if view.word(here) == "dot" || view.word(here) == "point" {
                here = here.saturating_add(1);
                dots = dots.saturating_add(1);
            } else if dotted {
                dots = dots.saturating_add(1);
            }
            let Some(next) = view.group_at(here).filter(|_| !view.breaks_before(here)) else { break };
            last = next.last;
            here = last.saturating_add(1);
        }
        if dots >= 3 || (dots >= 1 && view.cue_before(group.first, 4, &CUES).is_some()) {
            finds.push(Find::new(group.first, last, Label::Ip, "numbers with dots"));
        }
        from = here;
    }
}
