//! The short answer to a direct question for an identifier: everything but the frame of the sentence is the answer.
//!
//! In:  the view after such a question. Out: finds. The recogniser turns dictated letters and digits into words ("for
//! March", "W 9 4 said f"), so here even the plainest word is covered unless it belongs to the frame ("it's", "my").

use crate::placeholder::Label;
use crate::redact::asked::Asked;
use crate::redact::expecting;
use crate::redact::view::{Find, View};

/// A longer utterance says more than the answer.
const LONGEST: usize = 14;

/// Covers the answer.
pub(super) fn find(view: &View<'_>, finds: &mut Vec<Find>) {
    let label = match view.asked {
        Asked::Name => Label::Name,
        Asked::Dob => Label::Date,
        Asked::Phone => Label::Phone,
        Asked::Address => Label::Address,
        Asked::Id | Asked::Card => Label::Id,
        Asked::Email => Label::Email,
        Asked::Nothing | Asked::Day | Asked::Age => return,
    };
    if view.tokens.len() > LONGEST || expecting::is_no_answer(view) {
        return;
    }
    let inside = |at: usize| view.tokens.get(at).is_some_and(|t| !FRAME.contains(&t.norm.as_str()));
    let mut at = 0;
    while at < view.tokens.len() {
        if !inside(at) {
            at = at.saturating_add(1);
            continue;
        }
        let mut last = at;
        while inside(last.saturating_add(1)) {
            last = last.saturating_add(1);
        }
        finds.push(Find::new(at, last, label, "answer"));
        at = last.saturating_add(1);
    }
}

const FRAME: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "sure",
    "ok",
    "okay",
    "um",
    "uh",
    "it's",
    "its",
    "is",
    "my",
    "name",
    "names",
    "name's",
    "the",
    "that's",
    "thats",
    "this",
    "i'm",
    "im",
    "please",
    "thanks",
    "thank",
    "sir",
    "madam",
    "hi",
    "hello",
    "hey",
    "and",
    "well",
    "so",
    "right",
    "correct",
    "of",
    "course",
    "date",
    "birth",
    "birthday",
    "was",
    "born",
    "on",
    "phone",
    "number",
    "cell",
    "home",
    "address",
    "zip",
    "code",
    "email",
    "member",
    "account",
    "social",
    "security",
    "ssn",
    "last",
    "first",
    "digits",
    "spelled",
    "spell",
    "like",
    "sounds",
    "live",
    "we",
    "at",
    "in",
    "city",
    "id",
    "group",
    "license",
    "prescription",
    "confirmation",
    "credit",
    "card",
    "policy",
    "are",
    "here",
    "no",
    "not",
    "would",
    "be",
    "chart",
    "record",
    "claim",
    "referral",
    "insurance",
    "from",
    "dr",
    "doctor",
    "patient",
    "patient's",
    "their",
    "his",
    "her",
    "he's",
    "she's",
    "street",
    "postcode",
    "moved",
    "best",
    "contact",
    "callback",
];
