//! Events of made-up calls, in the shape of one that the demonstration recorded.
//!
//! That call (55 s, six turns, booked) had 66 events: of each turn what was heard, redacted, decided, withheld from the
//! cloud, asked of the clinic's systems and said, with values entering the vault. Mean bytes of a body there: heard 158,
//! redacted 50, verdict 50 (the last one, with the dossier, 2,153), wire.withheld 561 in the first turn and 240 more in
//! each, spoken 201, tool.call 86, tool.result 112, vault.add 144. Twelve such turns are a call of three minutes.

use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::ids::{CallId, Turn};
use crate::record::store::Entry;
use crate::wire::event::Kind;

/// Turns of a call of three minutes.
const TURNS: u32 = 12;
/// Words that bodies are filled up with.
const FILLER: &str = "on tuesday morning after nine if there is anything ";

/// An event of a call, and how long after the one before it.
#[derive(Clone)]
pub(super) struct Timed {
    /// Milliseconds after the event before it.
    pub(super) gap_ms: u32,
    /// The event.
    pub(super) entry: Entry,
}

/// The events of a call that begins at `t`.
pub(super) fn call(t: i64) -> Vec<Timed> {
    let mut call = Script { call: CallId::draw(), t, mono_us: 1_000_000, events: Vec::new() };
    call.add(0, Kind::CallBegin, "lined", 0, &json!({ "number": "5125550143" }));
    call.vault(2, 0);
    call.spoken(10_700, 0);
    call.spoken(1_400, 0);
    for turn in 1..=TURNS {
        call.turn(turn);
    }
    let ended = json!({ "by": "caller", "played_frames": 4_000, "dropped_frames": 0, "served_by_line": false });
    call.add(3_000, Kind::CallEnd, "lined", 0, &ended);
    let dossier = json!({ "v": 1, "reason": "asked-for-person", "intent": "book", "goal": "wants to book",
        "identity": { "level": "verified" }, "transcript": [{ "turn": 1, "who": "caller", "text": filler(1_700) }],
        "tools": [], "decisions": [], "brief": "[NAME_1]." });
    let body = json!({ "by": "conversation", "outcome": "booked", "level": "verified", "dossier": dossier });
    call.add(1, Kind::Verdict, "anteroomd", TURNS, &body);
    call.events
}

/// The same without the times.
pub(super) fn entries(t: i64) -> Vec<Entry> {
    call(t).into_iter().map(|timed| timed.entry).collect()
}

/// An event of about 1 KB of words.
pub(super) fn one(call: CallId, t: i64) -> Entry {
    let body = json!({ "text": filler(970), "rules": ["answer to an identity question"] });
    entry(call, t, 1_000_000, Kind::Redacted, "anteroomd", 1, &body)
}

struct Script {
    call: CallId,
    t: i64,
    mono_us: u64,
    events: Vec<Timed>,
}

impl Script {
    /// Ten events or so, within some milliseconds; the box speaks a second or two later.
    fn turn(&mut self, turn: u32) {
        let said =
            json!({ "text": filler(34), "confidence": [0.899_999_976, 0.9, 0.9, 0.9], "engine": "pocketsphinx" });
        self.add(3_000, Kind::Heard, "anteroomd", turn, &json!({ "said": said, "expecting": "anything" }));
        self.vault(1, turn);
        self.add(
            0,
            Kind::Redacted,
            "anteroomd",
            turn,
            &json!({ "text": "[DATE_1]", "rules": ["answer to a question"] }),
        );
        self.add(0, Kind::Verdict, "anteroomd", turn, &json!({ "by": "guard", "what": "proceed" }));
        if turn % 2 == 1 {
            self.add(4, Kind::Verdict, "anteroomd", turn, &json!({ "by": "receptionist", "what": "book" }));
        }
        let length = 330_usize.saturating_add(usize::try_from(turn).unwrap_or(0).saturating_mul(240));
        let withheld =
            json!({ "bytes": length, "request": filler(length), "vocabulary": "5".repeat(64), "why": "no-route" });
        self.add(1, Kind::WireWithheld, "airlockd", turn, &withheld);
        if !turn.is_multiple_of(3) {
            let asked =
                json!({ "tool": "find_slots", "number": turn, "args": { "dob": "[DATE_1]" }, "level": "unknown" });
            self.add(2, Kind::ToolCall, "anteroomd", turn, &asked);
            self.vault(5, turn);
            self.vault(0, turn);
            let found =
                json!({ "tool": "find_slots", "number": turn, "result": "ok", "items": [{ "slot": "[SLOT_1]" }] });
            self.add(0, Kind::ToolResult, "anteroomd", turn, &found);
        }
        self.spoken(2_000, turn);
        if turn.is_multiple_of(2) {
            self.spoken(1_500, turn);
        }
    }

    fn vault(&mut self, gap_ms: u32, turn: u32) {
        let body = json!({ "placeholder": "[SLOT_1]", "spoken": filler(40), "machine": "slot-2026-11-03-0930",
            "source": "ehr", "level": "verified" });
        self.add(gap_ms, Kind::VaultAdd, "anteroomd", turn, &body);
    }

    fn spoken(&mut self, gap_ms: u32, turn: u32) {
        let (text, template) = (filler(50), "[SLOT_1]. Would that suit you?");
        let body = json!({ "text": text, "template": template, "samples_played": 15_840, "samples": 15_840,
            "whole": true, "line_frames_played": 880 });
        self.add(gap_ms, Kind::Spoken, "anteroomd", turn, &body);
    }

    fn add(&mut self, gap_ms: u32, kind: Kind, actor: &'static str, turn: u32, body: &Value) {
        self.t = self.t.saturating_add(i64::from(gap_ms).saturating_mul(1_000));
        self.mono_us = self.mono_us.saturating_add(u64::from(gap_ms).saturating_mul(1_000));
        let entry = entry(self.call, self.t, self.mono_us, kind, actor, turn, body);
        self.events.push(Timed { gap_ms, entry });
    }
}

fn entry(call: CallId, t: i64, mono_us: u64, kind: Kind, actor: &'static str, turn: u32, body: &Value) -> Entry {
    let body = Zeroizing::new(body.to_string().into_bytes());
    Entry { t, mono_us, kind, call: Some(call), turn: Turn(turn), synthetic: true, actor, body }
}

fn filler(length: usize) -> String {
    FILLER.chars().cycle().take(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_of_three_minutes_has_the_events_and_bytes_of_a_real_one() {
        let call = call(0);
        assert_eq!(call.len(), 122);
        let bytes: usize = call.iter().map(|timed| timed.entry.body.len()).sum();
        // The real one: 66 events with 14.7 kB, without its sound. Requests grow with the conversation.
        assert!((25_000..50_000).contains(&bytes), "{bytes}");
        let of = |kind| call.iter().filter(move |timed| timed.entry.kind == kind).map(|timed| timed.entry.body.len());
        assert!(of(Kind::Heard).all(|bytes| (120..200).contains(&bytes)), "{:?}", of(Kind::Heard).collect::<Vec<_>>());
        assert!(of(Kind::VaultAdd).all(|bytes| (110..180).contains(&bytes)));
        assert!(of(Kind::Spoken).all(|bytes| (140..260).contains(&bytes)));
        let one = one(CallId::draw(), 0);
        assert!((1_000..1_050).contains(&one.body.len()), "{}", one.body.len());
    }
}
