//! E-mail addresses, written and spoken: 45 CFR 164.514(b)(2)(i)(F).
//!
//! In:  the view. Out: finds. Written ones by the at sign; spoken ones by "at ... dot com".

use crate::placeholder::Label;
use crate::redact::asked::Asked;
use crate::redact::url;
use crate::redact::view::{Find, View};

/// Finds e-mail addresses.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    written(view, finds);
    spoken(view, finds);
}

fn written(view: &View<'_>, finds: &mut Vec<Find>) {
    let mut from = 1;
    for at in 1..view.tokens.len() {
        if at >= from && view.tokens.get(at).is_some_and(|t| t.tied == Some('@')) {
            let first = url::tied_back(view, at.saturating_sub(1));
            let last = url::tied_on(view, at);
            finds.push(Find::new(first, last, Label::Email, "at sign"));
            from = last.saturating_add(1);
        }
    }
}

/// "mary dot lopez at gmail dot com": from the domain back over the name.
fn spoken(view: &View<'_>, finds: &mut Vec<Find>) {
    /// A name of more parts than this is not dictated in one breath.
    const LONGEST: usize = 24;
    let mut from = 0;
    for at in 1..view.tokens.len() {
        if view.word(at) != "at" || at < from {
            continue;
        }
        let Some(last) = url::domain(view, at.saturating_add(1)) else { continue };
        let mut first = at;
        while first > from && at.saturating_sub(first) < LONGEST && is_part(view, first) {
            first = first.saturating_sub(1);
        }
        finds.push(Find::new(first, last, Label::Email, "at ... dot"));
        from = last.saturating_add(1);
    }
    if view.asked == Asked::Email {
        for at in from..view.tokens.len() {
            if view.tokens.get(at).is_some_and(|t| !t.class.function) {
                finds.push(Find::new(at, at, Label::Email, "e-mail asked").cued());
            }
        }
    }
}

/// Whether the word before `at` belongs to the address: a piece of spelling or a sign always, another word only where
/// nothing says that the sentence still speaks.
fn is_part(view: &View<'_>, at: usize) -> bool {
    let Some(previous) = at.checked_sub(1).and_then(|i| view.tokens.get(i)) else { return false };
    let word = previous.norm.as_str();
    let ends = view.breaks_before(at) && view.word(at) != "at";
    let sign = matches!(
        word,
        "dot"
            | "underscore"
            | "dash"
            | "hyphen"
            | "period"
            | "no"
            | "spaces"
            | "all"
            | "lowercase"
            | "lower"
            | "case"
            | "one"
    );
    let speech = matches!(
        word,
        "is" | "it's"
            | "its"
            | "to"
            | "email"
            | "address"
            | "me"
            | "that's"
            | "yes"
            | "sure"
            | "at"
            | "uh"
            | "um"
            | "the"
            | "use"
            | "yeah"
            | "and"
    );
    let linked = matches!(view.word(at), "dot" | "underscore" | "dash" | "hyphen");
    !ends && (sign || linked || (!speech && (!previous.class.function || word.len() == 1)))
}
