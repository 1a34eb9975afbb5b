//! The caller's employer: named because 45 CFR 164.514(b)(2) protects employers of the individual too.
//!
//! In:  the view. Out: finds after "i work for", "my company is" and the like.

use crate::placeholder::Label;
use crate::redact::view::{Find, View};

const CUES: &[&[&str]] = &[
    &["work", "for"],
    &["works", "for"],
    &["worked", "for"],
    &["working", "for"],
    &["work", "at"],
    &["works", "at"],
    &["worked", "at"],
    &["working", "at"],
    &["employed", "by"],
    &["employed", "at"],
    &["employer", "is"],
    &["company", "is"],
    &["job", "is", "at"],
    &["job", "at"],
    &["retired", "from"],
    &["hired", "by"],
    &["job", "with"],
    &["employer's"],
    &["i'm", "with"],
    &["employee", "of"],
    &["employee", "at"],
    &["laid", "off", "from"],
];

/// Finds employers.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    for at in 0..view.tokens.len() {
        let Some(cue) = CUES.iter().find(|cue| view.says(at, cue)) else { continue };
        let mut first = at.saturating_add(cue.len());
        while matches!(view.word(first), "the" | "called" | "a" | "an") {
            // "i work for a bank" names nobody.
            if matches!(view.word(first), "a" | "an") {
                first = usize::MAX;
                break;
            }
            first = first.saturating_add(1);
        }
        if let Some(last) = last_of(view, first) {
            finds.push(Find::new(first, last, Label::OrgEmployer, "employer cue").cued());
        }
    }
}

fn last_of(view: &View<'_>, first: usize) -> Option<usize> {
    /// "the Springfield Unified School District" has the most words that we expect.
    const LONGEST: usize = 5;
    if stops(view, first) || view.breaks_before(first) {
        return None;
    }
    let mut last = first;
    while last.saturating_sub(first) < LONGEST.saturating_sub(1) {
        let next = last.saturating_add(1);
        let joined = view.word(next) == "and"
            && view.tokens.get(next.saturating_add(1)).is_some_and(|t| t.capital && t.norm != "i");
        if view.pauses_before(next) || (stops(view, next) && !joined) {
            break;
        }
        last = if joined { next.saturating_add(1) } else { next };
    }
    Some(last)
}

fn stops(view: &View<'_>, at: usize) -> bool {
    let Some(token) = view.tokens.get(at) else { return true };
    let part = matches!(
        token.norm.as_str(),
        "of" | "city"
            | "county"
            | "hospital"
            | "clinic"
            | "pharmacy"
            | "state"
            | "insurance"
            | "road"
            | "test"
            | "lab"
            | "labs"
            | "pain"
    );
    (token.class.function && !part)
        || matches!(
            token.norm.as_str(),
            "me" | "myself" | "night" | "nights" | "which" | "they" | "him" | "them"
        )
        // "i work at home", not "home depot".
        || (token.norm == "home" && is_end(view, at.saturating_add(1)))
}

fn is_end(view: &View<'_>, at: usize) -> bool {
    view.pauses_before(at) || view.tokens.get(at).is_none_or(|t| t.class.function)
}
