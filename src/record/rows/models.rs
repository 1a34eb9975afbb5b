//! Requests to models: what they cost and how they ended, and those that stayed in the box.

use super::bare::Bare;
use super::collected::{Collected, MOST_OF_A_CALL, Value};
use super::story::{Story, Told, View};
use super::turns::in_turn;
use super::words::{EXCHANGES, FORMATS, KEPT, TIERS};
use crate::wire::event::Kind;

/// The answer to a request, as far as it is known.
pub(super) fn reply<'a>(story: &'a Story, request: &Told, upto: u64) -> Option<&'a Told> {
    let exchange = request.text(&["exchange"])?;
    story.of(Kind::WireReply, upto).find(|told| told.text(&["exchange"]) == Some(exchange))
}

fn request_of<'a>(story: &'a Story, reply: &Told, upto: u64) -> Option<&'a Told> {
    let exchange = reply.text(&["exchange"])?;
    story.of(Kind::WireRequest, upto).find(|told| told.text(&["exchange"]) == Some(exchange))
}

/// `fct_model_calls` and `dim_model`.
pub(super) fn model_calls(out: &mut Collected<'_>, story: &Story, view: View) {
    for request in story.anchors(Kind::WireRequest, view).take(MOST_OF_A_CALL) {
        let reply = reply(story, request, view.upto);
        let mut values = in_turn(out, story, request, view);
        values.push(("stage", Bare::fixed("sent")));
        values.push(("outcome", Bare::word(EXCHANGES, reply.and_then(|reply| reply.text(&["outcome"])))));
        if reply.is_none() {
            values.push(("outcome", Bare::fixed("unanswered")));
        }
        values.extend(asked(request));
        values.extend(reply.map(|reply| answered(reply, Some(request))).unwrap_or_default());
        out.fact("fct_model_calls", &story.log, request.seq, values);
        model(out, request);
    }
    for reply in story.anchors(Kind::WireReply, view).take(MOST_OF_A_CALL) {
        let request = request_of(story, reply, view.upto);
        if request.is_some() && !view.late {
            continue;
        }
        let mut values = in_turn(out, story, reply, view);
        values.push(("stage", Bare::fixed("reply")));
        values.push(("outcome", Bare::word(EXCHANGES, reply.text(&["outcome"]))));
        values.extend(request.map(asked).unwrap_or_default());
        values.extend(answered(reply, request));
        out.fact("fct_model_calls", &story.log, reply.seq, values);
    }
    let kept = [(Kind::WireWithheld, "withheld", "why"), (Kind::WireRefused, "refused", "reason")];
    for (kind, stage, why) in kept {
        for told in story.anchors(kind, view).take(MOST_OF_A_CALL) {
            let mut values = in_turn(out, story, told, view);
            values.push(("stage", Bare::fixed(stage)));
            values.push(("why", Bare::word(KEPT, told.text(&[why]))));
            values.extend(asked(told));
            out.fact("fct_model_calls", &story.log, told.seq, values);
        }
    }
}

fn asked(request: &Told) -> Vec<Value> {
    vec![
        ("endpoint", Bare::name(request.text(&["endpoint"]))),
        ("model", Bare::name(request.text(&["model"]))),
        ("format", Bare::word(FORMATS, request.text(&["format"]))),
        ("region", Bare::name(request.text(&["region"]))),
        ("tier", Bare::word(TIERS, request.text(&["tier"]))),
        ("attempt", Bare::number(request.number(&["attempt"]))),
        ("bytes_out", Bare::number(request.number(&["bytes"]))),
        ("worst_microdollars", Bare::number(request.number(&["worst"]))),
    ]
}

fn answered(reply: &Told, request: Option<&Told>) -> Vec<Value> {
    // What a provider calls its model is its own text: it is compared and does not leave.
    let named = reply.text(&["model"]).zip(request.and_then(|request| request.text(&["model"])));
    vec![
        ("same_model", Bare::maybe(named.map(|(given, asked)| given.starts_with(asked)))),
        ("http_status", Bare::number(reply.number(&["status"]))),
        ("bytes_in", Bare::number(reply.number(&["bytes"]))),
        ("tokens_in", Bare::number(reply.number(&["usage", "input"]))),
        ("tokens_out", Bare::number(reply.number(&["usage", "output"]))),
        ("tokens_cache_read", Bare::number(reply.number(&["usage", "cache_read"]))),
        ("tokens_cache_write", Bare::number(reply.number(&["usage", "cache_write"]))),
        ("cost_microdollars", Bare::number(reply.number(&["cost"]))),
        ("first_ms", Bare::millis(reply.number(&["first_us"]))),
        ("total_ms", Bare::millis(reply.number(&["total_us"]))),
    ]
}

fn model(out: &mut Collected<'_>, request: &Told) {
    let name = |path: &str| request.text(&[path]).unwrap_or_default();
    let id = format!("{}|{}|{}|{}", name("model"), name("endpoint"), name("format"), name("region"));
    let values = vec![
        ("model", Bare::name(Some(name("model")))),
        ("endpoint", Bare::name(request.text(&["endpoint"]))),
        ("format", Bare::word(FORMATS, request.text(&["format"]))),
        ("region", Bare::name(request.text(&["region"]))),
    ];
    out.fact("dim_model", &id, 0, values);
}
