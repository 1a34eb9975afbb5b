//! Clock times: dates on a strict reading of 45 CFR 164.514(b)(2)(i)(C), covered so that a visit cannot be told by them.
//!
//! In:  the view's numbers. Out: finds.

use crate::placeholder::Label;
use crate::redact::policy::Class;
use crate::redact::view::{Find, View};

/// "ten thirty am", "2:30", "at nine forty five", "half past five", "nine o'clock".
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    for group in view.groups.iter().filter(|g| !g.ordinal && g.value <= 24) {
        let mut last = group.last;
        let next = last.saturating_add(1);
        let colon = view.sign_after(last) == Some(':') && view.group_at(next).is_some_and(|g| g.digits.len() == 2);
        let minutes = view
            .group_at(next)
            .filter(|g| g.digits.len() == 2 && g.value < 60 && !g.ordinal && !view.breaks_before(next));
        if let Some(minutes) = minutes {
            last = minutes.last;
        }
        let after = last.saturating_add(1);
        let half = matches!(view.word(after), "am" | "pm" | "a.m" | "p.m" | "o'clock" | "oclock")
            || (matches!(view.word(after), "a" | "p") && view.word(after.saturating_add(1)) == "m");
        let more = view.group_at(after).is_some();
        let at = matches!(
            view.before(group.first, 1),
            "at" | "around" | "about" | "by" | "past" | "to" | "from" | "until" | "till" | "before" | "after"
        ) && minutes.is_some()
            && !more;
        if colon || half || at {
            let extra = if half { if matches!(view.word(after), "a" | "p") { 2 } else { 1 } } else { 0 };
            finds.push(
                Find::new(group.first, last.saturating_add(extra), Label::Date, "clock time").class(Class::ClockTime),
            );
        }
    }
}
