//! What a call said and heard, as numbers: turns, what redaction found in them, and what of the clinic's systems was told.

use std::collections::{BTreeMap, BTreeSet};

use super::bare::{Bare, OTHER};
use super::collected::{Collected, MOST_OF_A_CALL, Value};
use super::story::{Story, Told, View};
use super::words::{DECISIONS, ENGINES, EXPECTING, GUARD, LEVELS, RULES};
use crate::placeholder::{self, Label, WITHHELD};
use crate::wire::event::Kind;

/// The first columns of everything that happened in a turn.
pub(super) fn in_turn(out: &Collected<'_>, story: &Story, told: &Told, view: View) -> Vec<Value> {
    vec![
        ("call_key", Bare::pseudonym(&out.call_key(story.call))),
        ("turn", Bare::number(Some(told.turn.into()))),
        ("synthetic", Bare::flag(told.synthetic)),
        ("late", Bare::flag(view.late)),
    ]
}

/// `fct_turns`.
pub(super) fn turns(out: &mut Collected<'_>, story: &Story, view: View) {
    for heard in story.anchors(Kind::Heard, view).take(MOST_OF_A_CALL) {
        let same = |kind| story.of(kind, view.upto).filter(|told| told.turn == heard.turn);
        let (mut redactions, mut withheld) = (0_usize, 0_usize);
        for redacted in same(Kind::Redacted) {
            for (label, _) in found(redacted) {
                if label.is_some() { redactions += 1 } else { withheld += 1 }
            }
        }
        let verdict = |by: &'static str| same(Kind::Verdict).filter(move |told| told.text(&["by"]) == Some(by));
        let decided = |told: &&Told| matches!(told.text(&["by"]), Some("guard" | "receptionist" | "model"));
        let decision = same(Kind::Verdict).filter(decided).skip(1).last();
        let answer = same(Kind::Spoken).find(|told| told.seq > heard.seq);
        let scores: Vec<f64> =
            heard.list(&["said", "confidence"]).iter().filter_map(serde_json::Value::as_f64).collect();
        let mut values = in_turn(out, story, heard, view);
        values.extend([
            ("expecting", Bare::word(EXPECTING, heard.text(&["expecting"]).or(Some(OTHER)))),
            ("engine", Bare::word(ENGINES, heard.text(&["said", "engine"]).or(Some(OTHER)))),
            ("words", Bare::count(scores.len())),
            ("confidence_percent", Bare::number(percent(&scores))),
            ("guard", Bare::word(GUARD, verdict("guard").next().and_then(|told| told.text(&["what"])))),
            ("decision", Bare::word(DECISIONS, decision.and_then(|told| told.text(&["what"])))),
            ("redactions", Bare::count(redactions)),
            ("withheld", Bare::count(withheld)),
            ("model_calls", Bare::count(same(Kind::WireRequest).count())),
            ("tool_calls", Bare::count(same(Kind::ToolCall).count())),
            ("sentences", Bare::count(same(Kind::Spoken).count())),
            ("sentences_cut", Bare::count(same(Kind::Spoken).filter(|told| is_cut(told)).count())),
            ("answer_ms", Bare::millis(answer.and_then(|answer| heard.until(answer)))),
        ]);
        out.fact("fct_turns", &story.log, heard.seq, values);
    }
}

/// Whether a sentence was not heard to its end.
pub(super) fn is_cut(spoken: &Told) -> bool {
    spoken.flag(&["whole"]) == Some(false)
}

/// The mean of scores from 0 to 1, in percent.
fn percent(scores: &[f64]) -> Option<u64> {
    let count = u32::try_from(scores.len()).ok().filter(|count| *count > 0)?;
    let mean = scores.iter().sum::<f64>() / f64::from(count);
    // By comparison: a float has no safe conversion, and there are a hundred answers.
    Some((0_u32..100).filter(|step| f64::from(*step) + 0.5 <= mean * 100.0).count())
        .and_then(|count| u64::try_from(count).ok())
}

/// What redaction replaced in a turn, in order: label (none for a clause that was kept back) and rule.
pub(super) fn found(redacted: &Told) -> Vec<(Option<Label>, Option<&str>)> {
    let text = redacted.text(&["text"]).unwrap_or_default();
    let mut places: BTreeMap<usize, Option<Label>> =
        placeholder::find_all(text).map(|(range, found)| (range.start, Some(found.label))).collect();
    places.extend(text.match_indices(WITHHELD).map(|(at, _)| (at, None)));
    let rules = redacted.list(&["rules"]);
    // Each cover left one mark and one rule. Where they are not as many, which belongs to which is not known.
    let known = rules.len() == places.len();
    let rule = |at: usize| rules.get(at).filter(|_| known).and_then(serde_json::Value::as_str);
    places.into_values().enumerate().map(|(at, label)| (label, rule(at))).collect()
}

/// `fct_redactions`.
pub(super) fn redactions(out: &mut Collected<'_>, story: &Story, view: View) {
    for redacted in story.anchors(Kind::Redacted, view).take(MOST_OF_A_CALL) {
        let mut counts: BTreeMap<(&'static str, &'static str), usize> = BTreeMap::new();
        for (label, rule) in found(redacted) {
            let rule = RULES.iter().find(|known| Some(**known) == rule).copied().unwrap_or(OTHER);
            *counts.entry((label.map_or("WITHHELD", Label::as_str), rule)).or_default() += 1;
        }
        for ((label, rule), count) in counts {
            let mut values = in_turn(out, story, redacted, view);
            values.extend([("label", Bare::fixed(label)), ("rule", Bare::fixed(rule)), ("count", Bare::count(count))]);
            out.fact("fct_redactions", &format!("{}|{label}|{rule}", story.log), redacted.seq, values);
        }
    }
}

/// The values of the clinic's systems that a sentence told, by label.
pub(super) fn told(story: &Story, spoken: &Told) -> BTreeMap<Label, usize> {
    let is_ehr = |told: &&Told| told.text(&["source"]) == Some("ehr");
    let ehr: BTreeSet<&str> =
        story.of(Kind::VaultAdd, spoken.seq).filter(is_ehr).filter_map(|told| told.text(&["placeholder"])).collect();
    let mut counts = BTreeMap::new();
    for (_, found) in placeholder::find_all(spoken.text(&["template"]).unwrap_or_default()) {
        if ehr.contains(found.to_string().as_str()) {
            *counts.entry(found.label).or_insert(0) += 1;
        }
    }
    counts
}

/// How sure the box was of who called, up to an event.
pub(super) fn level(story: &Story, upto: u64) -> Bare {
    let held =
        |told: &Told| Some(told.text(&["level"])?).and_then(|level| LEVELS.iter().position(|known| *known == level));
    let most = story.of(Kind::Verdict, upto).filter_map(held).max();
    Bare::fixed(most.and_then(|at| LEVELS.get(at)).copied().unwrap_or("unknown"))
}

/// `fct_disclosures`.
pub(super) fn disclosures(out: &mut Collected<'_>, story: &Story, view: View) {
    for spoken in story.anchors(Kind::Spoken, view).take(MOST_OF_A_CALL) {
        for (label, count) in told(story, spoken) {
            let mut values = in_turn(out, story, spoken, view);
            values.extend([
                ("label", Bare::fixed(label.as_str())),
                ("count", Bare::count(count)),
                ("level", level(story, spoken.seq)),
                ("whole", Bare::flag(!is_cut(spoken))),
            ]);
            out.fact("fct_disclosures", &format!("{}|{}", story.log, label.as_str()), spoken.seq, values);
        }
    }
}
