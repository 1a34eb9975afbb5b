//! Web addresses, written and spoken: 45 CFR 164.514(b)(2)(i)(N).
//!
//! In:  the view. Out: finds. Knows domains for the e-mail family too.

use crate::placeholder::Label;
use crate::redact::view::{Find, View};
use crate::redact::words::Words;

static ENDINGS: Words = Words::new("com net org edu gov io co us info biz me uk ca mx in de dev app health tv blog");

/// Finds web addresses.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    let mut from = 0;
    for at in 0..view.tokens.len() {
        if at < from {
            continue;
        }
        let prefix = matches!(view.word(at), "www" | "http" | "https");
        let last = if prefix { Some(spoken_on(view, at)) } else { domain(view, at).map(|last| path(view, last)) };
        let Some(last) = last else { continue };
        let first = tied_back(view, at);
        finds.push(Find::new(first, last, Label::Url, "web address"));
        from = last.saturating_add(1);
    }
}

/// Where a domain that begins at `at` ends: "gmail dot com", "example.org", "st lukes dot co dot uk".
pub(super) fn domain(view: &View<'_>, at: usize) -> Option<usize> {
    /// Names of more words than this ("at the end of the street dot com") are not dictated.
    const LONGEST: usize = 6;
    let mut here = at;
    let mut last = None;
    for _ in 0..LONGEST {
        let next = here.saturating_add(1);
        let dotted = view.tokens.get(next)?.tied == Some('.');
        let after = if dotted { next } else { here.saturating_add(2) };
        if (dotted || view.word(next) == "dot") && ENDINGS.has(view.word(after)) {
            last = Some(after);
            here = after;
        } else if last.is_some() || view.breaks_before(next) {
            break;
        } else {
            // Before the first dot only words that could be a domain's name: "verizon", "my chart", not "you can".
            let class = view.tokens.get(here)?.class;
            // "patients dot larchfield dot com": right before a dot a longer everyday word is a name too.
            let dotted = dotted || view.word(next) == "dot";
            let host = dotted && view.word(here).len() > 3;
            if class.function && here == at && !host {
                return None;
            }
            here = if dotted { after } else { next };
            if view.tokens.get(here)?.class.function && !dotted {
                return None;
            }
        }
        if view.tokens.get(here.saturating_add(1)).is_none() {
            break;
        }
    }
    last
}

fn path(view: &View<'_>, mut last: usize) -> usize {
    loop {
        let next = last.saturating_add(1);
        if matches!(view.word(next), "slash" | "dash" | "dot" | "underscore")
            && !view.breaks_before(next.saturating_add(1))
        {
            last = next.saturating_add(1);
        } else if view.tokens.get(next).is_some_and(|t| t.tied.is_some()) {
            last = next;
        } else {
            return last;
        }
    }
}

fn spoken_on(view: &View<'_>, at: usize) -> usize {
    let mut last = at;
    while let Some(next) = view.tokens.get(last.saturating_add(1)) {
        let between =
            view.text.get(view.tokens.get(last).map_or(0, |t| t.range.end)..next.range.start).unwrap_or_default();
        let sign = matches!(next.norm.as_str(), "dot" | "slash" | "dash" | "colon" | "underscore");
        let after = matches!(view.word(last), "dot" | "slash" | "dash" | "underscore" | "www");
        if between.contains(char::is_whitespace) && !sign && !after {
            break;
        }
        last = last.saturating_add(1);
    }
    last
}

/// The first token of the stretch without white space that ends at `at`.
pub(super) fn tied_back(view: &View<'_>, at: usize) -> usize {
    let mut first = at;
    while first > 0 && view.tokens.get(first).is_some_and(|t| t.tied.is_some_and(|c| c != ',')) {
        first = first.saturating_sub(1);
    }
    first
}

/// The last token of the stretch without white space that begins at `at`.
pub(super) fn tied_on(view: &View<'_>, at: usize) -> usize {
    let mut last = at;
    while view.tokens.get(last.saturating_add(1)).is_some_and(|t| t.tied.is_some_and(|c| c != ',')) {
        last = last.saturating_add(1);
    }
    last
}
