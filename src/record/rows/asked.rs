//! Whom a call asked besides a model: the clinic's systems, and people.

use super::bare::{Bare, OTHER};
use super::collected::{Collected, MOST_OF_A_CALL};
use super::story::{Story, Told, View};
use super::turns::in_turn;
use super::words::{DESK, LEVELS, REASONS, RESULTS};
use crate::wire::doors::Role;
use crate::wire::event::Kind;
use crate::wire::tool::{self, Access, IdentityLevel, Tool};

/// What stands for a result that is not there.
const UNANSWERED: &str = "unanswered";

fn tool_of(told: &Told) -> Option<&'static Tool> {
    told.text(&["tool"]).and_then(tool::find)
}

fn access(tool: &Tool) -> Bare {
    Bare::fixed(match tool.access {
        Access::Read => "read",
        Access::Write => "write",
    })
}

/// The result of a question, as far as it is known.
pub(super) fn result<'a>(story: &'a Story, asked: &Told, upto: u64) -> Option<&'a Told> {
    let number = asked.number(&["number"])?;
    story.of(Kind::ToolResult, upto).find(|told| told.seq > asked.seq && told.number(&["number"]) == Some(number))
}

/// `fct_tool_calls` and `dim_tool`.
pub(super) fn tool_calls(out: &mut Collected<'_>, story: &Story, view: View) {
    let tool_name = |told: &Told| Bare::fixed(tool_of(told).map_or(OTHER, |tool| tool.name));
    for asked in story.anchors(Kind::ToolCall, view).take(MOST_OF_A_CALL) {
        let result = result(story, asked, view.upto);
        let mut values = in_turn(out, story, asked, view);
        values.extend([
            ("tool", tool_name(asked)),
            ("number", Bare::number(asked.number(&["number"]))),
            ("access", tool_of(asked).map_or_else(Bare::none, access)),
            ("level", Bare::word(LEVELS, asked.text(&["level"]))),
            ("result", outcome(result)),
            ("items", items(result)),
            ("took_ms", Bare::millis(result.and_then(|result| asked.until(result)))),
        ]);
        out.fact("fct_tool_calls", &story.log, asked.seq, values);
        if let Some(tool) = tool_of(asked) {
            dimension(out, tool);
        }
    }
    for result in story.anchors(Kind::ToolResult, view).take(MOST_OF_A_CALL) {
        let number = result.number(&["number"]);
        let asked =
            story.of(Kind::ToolCall, result.seq).find(|told| number.is_some() && told.number(&["number"]) == number);
        if asked.is_some() && !view.late {
            continue;
        }
        let mut values = in_turn(out, story, result, view);
        values.extend([
            ("tool", tool_name(result)),
            ("number", Bare::number(number)),
            ("access", tool_of(result).map_or_else(Bare::none, access)),
            ("level", Bare::word(LEVELS, asked.and_then(|asked| asked.text(&["level"])))),
            ("result", outcome(Some(result))),
            ("items", items(Some(result))),
            ("took_ms", Bare::millis(asked.and_then(|asked| asked.until(result)))),
        ]);
        out.fact("fct_tool_calls", &story.log, result.seq, values);
    }
}

fn outcome(result: Option<&Told>) -> Bare {
    match result {
        Some(result) => Bare::word(RESULTS, Some(result.text(&["result"]).unwrap_or(OTHER))),
        None => Bare::fixed(UNANSWERED),
    }
}

fn items(result: Option<&Told>) -> Bare {
    match result {
        Some(result) if result.at(&["items"]).is_some() => Bare::count(result.list(&["items"]).len()),
        Some(_) | None => Bare::none(),
    }
}

fn dimension(out: &mut Collected<'_>, tool: &'static Tool) {
    let level = match tool.level {
        IdentityLevel::Unknown => "unknown",
        IdentityLevel::Claimed => "claimed",
        IdentityLevel::Verified => "verified",
        IdentityLevel::Vouched => "vouched",
    };
    let values = vec![
        ("tool", Bare::fixed(tool.name)),
        ("version", Bare::number(Some(tool.version.into()))),
        ("access", access(tool)),
        ("level", Bare::fixed(level)),
    ];
    out.fact("dim_tool", tool.name, tool.version.into(), values);
}

/// `fct_escalations`.
pub(super) fn escalations(out: &mut Collected<'_>, story: &Story, view: View) {
    for offer in story.anchors(Kind::HandoffOffer, view).take(MOST_OF_A_CALL) {
        let next = story.of(Kind::HandoffOffer, view.upto).map(|told| told.seq).find(|seq| *seq > offer.seq);
        let belongs = |told: &&Told| told.seq > offer.seq && next.is_none_or(|next| told.seq < next);
        escalation(out, story, view, Some(offer), story.of(Kind::HandoffResult, view.upto).find(belongs));
    }
    let mut answered = 0_u64;
    for result in story.of(Kind::HandoffResult, view.upto) {
        let offer = story.of(Kind::HandoffOffer, result.seq).next_back();
        let known = offer.is_some_and(|offer| offer.seq > answered);
        answered = result.seq;
        if view.anchors(result) && (view.late || !known) {
            escalation(out, story, view, offer.filter(|_| known), Some(result));
        }
    }
}

fn escalation(out: &mut Collected<'_>, story: &Story, view: View, offer: Option<&Told>, result: Option<&Told>) {
    let Some(first) = offer.filter(|offer| view.anchors(offer)).or(result) else { return };
    let took = offer.zip(result).and_then(|(offer, result)| offer.until(result));
    let desk = match result {
        Some(result) => Bare::word(DESK, Some(result.text(&["result"]).unwrap_or(OTHER))),
        None => Bare::fixed(UNANSWERED),
    };
    let mut values = in_turn(out, story, first, view);
    values.extend([
        ("reason", Bare::word(REASONS, offer.and_then(|offer| offer.text(&["reason"])))),
        ("result", desk),
        ("by_line", Bare::flag(first.actor == Role::Lined.as_str())),
        ("took_ms", Bare::millis(took)),
    ]);
    out.fact("fct_escalations", &story.log, first.seq, values);
}
