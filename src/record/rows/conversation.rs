//! The one row that a call becomes, from everything up to its closing event.

use super::asked::result;
use super::bare::Bare;
use super::collected::{Collected, MOST_OF_A_CALL};
use super::models::reply;
use super::story::{Story, Told};
use super::turns::{found, is_cut, level, told};
use super::words::{DISPOSITIONS, ENDED_BY, INTENTS, REASONS};
use crate::wire::event::Kind;
use crate::wire::rows::Cell;

/// `fct_conversations`, and for destinations of PHI `dim_call`.
pub(super) fn conversation(out: &mut Collected<'_>, story: &Story, upto: u64, phi: bool) {
    let Some(end) = story.of(Kind::CallEnd, upto).next() else { return };
    let begin = story.of(Kind::CallBegin, upto).next();
    let count = |kind| Bare::count(story.of(kind, upto).count());
    let first_sentence = story.of(Kind::Spoken, upto).next();
    let spent = |told: Option<&Told>| begin.zip(told).and_then(|(begin, told)| begin.until(told));
    let last_word = story.last_word(upto);
    let reason = story.of(Kind::HandoffOffer, upto).next_back().and_then(|offer| offer.text(&["reason"]));
    let dossier = |name: &str| last_word.and_then(|told| told.text(&["dossier", name]));
    let mut values = vec![
        ("call_key", Bare::pseudonym(&out.call_key(story.call))),
        ("synthetic", Bare::flag(story.upto(upto).any(|told| told.synthetic))),
        ("started_year", begin.map_or_else(Bare::none, |begin| Bare::year(begin.t))),
        ("typed", Bare::flag(end.flag(&["typed"]) == Some(true))),
        ("disposition", Bare::word(DISPOSITIONS, last_word.and_then(|told| told.text(&["outcome"])))),
        ("ended_by", Bare::word(ENDED_BY, end.text(&["by"]))),
        ("handled_by", handled_by(story, end, upto)),
        ("handoff_reason", Bare::word(REASONS, reason)),
        ("intent", Bare::word(INTENTS, dossier("intent"))),
        ("level", level(story, upto)),
        ("turns", count(Kind::Heard)),
        ("sentences", count(Kind::Spoken)),
        ("sentences_cut", Bare::count(story.of(Kind::Spoken, upto).filter(|told| is_cut(told)).count())),
        ("duration_ms", Bare::millis(spent(Some(end)))),
        ("first_sentence_ms", Bare::millis(spent(first_sentence))),
        ("handoffs", count(Kind::HandoffOffer)),
        ("alerts", count(Kind::Alert)),
        ("recorded", Bare::flag(story.of(Kind::Recording, upto).next().is_some())),
        ("served_by_line", Bare::maybe(end.flag(&["served_by_line"]))),
        ("dropped_frames", Bare::number(end.number(&["dropped_frames"]))),
        ("cut_short", Bare::flag(is_cut_short(story, upto))),
    ];
    values.extend(money(story, upto));
    values.extend(counts(story, upto));
    out.fact("fct_conversations", &story.call.to_string(), 0, values);
    if phi {
        call(out, story, begin);
    }
}

fn handled_by(story: &Story, end: &Told, upto: u64) -> Bare {
    let accepted = story.of(Kind::HandoffResult, upto).any(|told| told.text(&["result"]) == Some("accept"));
    let spoken = story.of(Kind::Spoken, upto).next().is_some();
    Bare::fixed(match (accepted, end.flag(&["served_by_line"]), spoken) {
        (true, _, _) => "staff",
        (false, Some(true), _) => "line",
        (false, _, true) => "box",
        (false, _, false) => "nobody",
    })
}

fn money(story: &Story, upto: u64) -> Vec<super::collected::Value> {
    let requests = || story.of(Kind::WireRequest, upto);
    let replies = || requests().filter_map(|request| reply(story, request, upto));
    let sum = |path: &'static [&'static str]| Bare::sum(replies().filter_map(|reply| reply.number(path)));
    let known = replies().filter(|reply| reply.number(&["cost"]).is_some()).count();
    let kept = story.of(Kind::WireWithheld, upto).chain(story.of(Kind::WireRefused, upto)).count();
    vec![
        ("model_calls", Bare::count(requests().count())),
        ("model_requests_kept", Bare::count(kept)),
        ("tokens_in", sum(&["usage", "input"])),
        ("tokens_out", sum(&["usage", "output"])),
        ("cost_microdollars", sum(&["cost"])),
        ("cost_unknown", Bare::count(requests().count().saturating_sub(known))),
    ]
}

fn counts(story: &Story, upto: u64) -> Vec<super::collected::Value> {
    let questions = || story.of(Kind::ToolCall, upto);
    let fine = |asked: &&Told| result(story, asked, upto).and_then(|told| told.text(&["result"])) == Some("ok");
    let marks: Vec<_> = story.of(Kind::Redacted, upto).flat_map(found).collect();
    let replaced = marks.iter().filter(|(label, _)| label.is_some()).count();
    let disclosed: usize = story.of(Kind::Spoken, upto).flat_map(|spoken| told(story, spoken).into_values()).sum();
    vec![
        ("tool_calls", Bare::count(questions().count())),
        ("tool_failures", Bare::count(questions().count().saturating_sub(questions().filter(fine).count()))),
        ("redactions", Bare::count(replaced)),
        ("withheld", Bare::count(marks.len().saturating_sub(replaced))),
        ("disclosures", Bare::count(disclosed)),
    ]
}

fn is_cut_short(story: &Story, upto: u64) -> bool {
    let kinds = [
        Kind::Heard,
        Kind::Redacted,
        Kind::Spoken,
        Kind::WireRequest,
        Kind::WireReply,
        Kind::WireWithheld,
        Kind::WireRefused,
        Kind::ToolCall,
        Kind::ToolResult,
        Kind::HandoffOffer,
    ];
    kinds.into_iter().any(|kind| story.of(kind, upto).count() > MOST_OF_A_CALL)
}

/// `dim_call`: which call a pseudonym stands for. For destinations that have the calls themselves.
fn call(out: &mut Collected<'_>, story: &Story, begin: Option<&Told>) {
    let key = out.call_key(story.call);
    let row = out.namer.of("dim_call", &story.call.to_string(), 0);
    let cells = vec![
        Cell::Text(out.box_id.to_owned()),
        Cell::Text(row.as_str().to_owned()),
        Cell::Int(crate::wire::rows::SCHEMA_VERSION.into()),
        Cell::Text(key.as_str().to_owned()),
        Cell::Text(story.call.to_string()),
        begin.map_or(Cell::Null, |begin| Cell::Time(begin.t)),
    ];
    out.raw("dim_call", row.as_str().to_owned(), cells);
}
