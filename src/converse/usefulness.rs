//! What redaction costs the conversation: requests understood with it and without it.
//!
//! In:  requests as callers word them, with names, days, numbers and places in them (`requests.txt`: what is wanted, then
//! the words; our own). Out: the share in which the conversation sees what is wanted, from the caller's own words and
//! from what redaction leaves of them. They may differ by one in a hundred. (Whole calls with redaction: tests/calls.)

use jiff::civil::date;

use crate::config::levels::Level;
use crate::converse::words::intent;
use crate::expect::Expecting;
use crate::listen::RawTranscript;
use crate::redact::{self, Context, Redacted, Vault};

fn redacted(text: &str) -> Redacted {
    let (expecting, asked) = (Expecting::Anything, "How can I help you?");
    let context = Context { expecting, asked, lately: None, today: date(2026, 11, 23), level: Level::default() };
    redact::redact(&RawTranscript::typed(text), &context, &mut Vault::new()).text
}

#[test]
fn as_many_requests_are_understood_with_redaction_as_without() {
    let lines = include_str!("requests.txt").lines().filter(|line| !line.starts_with('#'));
    let cases: Vec<(&str, &str)> =
        lines.map(|line| line.split_once(' ').expect("what is wanted, then the words")).collect();
    let understood = |wanted: &str, text: &Redacted| intent(text).is_some_and(|i| i.as_str() == wanted);
    let off = cases.iter().filter(|(wanted, said)| understood(wanted, &Redacted::in_a_test(said))).count();
    let on: Vec<bool> = cases.iter().map(|(wanted, said)| understood(wanted, &redacted(said))).collect();
    let lost: Vec<&str> = cases.iter().zip(&on).filter(|(_, on)| !**on).map(|((_, said), _)| *said).collect();
    let on = on.iter().filter(|on| **on).count();
    assert!(cases.len() >= 100 && off * 10 >= cases.len() * 9, "the requests are no measure");
    assert!(
        on * 100 + cases.len() >= off * 100,
        "{off} without, {on} with redaction, of {}; lost with it: {lost:#?}",
        cases.len()
    );
}
