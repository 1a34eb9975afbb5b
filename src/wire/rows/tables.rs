//! The tables, column by column: a star of facts and a few dimensions, and for destinations of PHI the record itself.
//!
//! A fact is known by `box_id` and `row_id`. No table of facts says when a row was made or arrived: with a daily
//! schedule that would be a date, 45 CFR 164.514(b)(2)(i)(C). What can be added to a name or date in one of these
//! columns is decided by type in `record::rows`, not here.

use super::{Column, For, Holds, Table};

const fn must(name: &'static str, holds: Holds, means: &'static str) -> Column {
    Column { name, holds, nullable: false, means }
}

const fn may(name: &'static str, holds: Holds, means: &'static str) -> Column {
    Column { name, holds, nullable: true, means }
}

const BOX: Column = must("box_id", Holds::Text, "The box's name, of the clinic's choosing.");
const ROW: Column = must(
    "row_id",
    Holds::Text,
    "The row's pseudonym: 32 hexadecimal digits, another at every destination, derived from no one's data.",
);
const VERSION: Column = must("schema_version", Holds::Int, "The version of the tables that the row was made by.");
const CALL: Column = must("call_key", Holds::Text, "The call's pseudonym at this destination.");
const TURN: Column = must("turn", Holds::Int, "The caller's how-manieth utterance; 0 before the first.");
const SYNTHETIC: Column = must("synthetic", Holds::Bool, "Whether the caller was simulated.");
const LATE: Column = must(
    "late",
    Holds::Bool,
    "Whether it came after the call's own rows were made; it is then counted in no row of the call.",
);
const SHAPED: &str = "Letters, digits and . _ : / @ - only.";

/// The tables there are.
pub const TABLES: &[Table] = &[
    CONVERSATIONS,
    TURNS,
    MODEL_CALLS,
    TOOL_CALLS,
    ESCALATIONS,
    REDACTIONS,
    DISCLOSURES,
    ACCOUNTED,
    CONSOLE_ACCESS,
    DIM_BOX,
    DIM_MODEL,
    DIM_TOOL,
    DIM_CALL,
    RAW_EVENTS,
    RAW_CHECKPOINTS,
];

const CONVERSATIONS: Table = Table {
    name: "fct_conversations",
    to: For::All,
    keys: 2,
    means: "A call that has ended.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        CALL,
        SYNTHETIC,
        may(
            "started_year",
            Holds::Int,
            "The year in which it began, UTC. A call around New Year's Eve may fall either way.",
        ),
        must("typed", Holds::Bool, "Whether it was typed instead of spoken."),
        may(
            "disposition",
            Holds::Text,
            "What came of it, as the conversation itself ended; empty where the box did not lead it to its end.",
        ),
        may("ended_by", Holds::Text, "Who ended it: caller, anteroom, desk, line."),
        must("handled_by", Holds::Text, "Who served it in the end: staff, line (the box's own fallback), box, nobody."),
        may("handoff_reason", Holds::Text, "Why a person was asked to take it, the last time."),
        may("intent", Holds::Text, "What the caller asked for, the last thing understood."),
        must(
            "level",
            Holds::Text,
            "How sure the box was of who called, at the most: unknown, claimed, verified, vouched.",
        ),
        must("turns", Holds::Int, "What the caller said: utterances."),
        must("sentences", Holds::Int, "What the box said: sentences."),
        must("sentences_cut", Holds::Int, "Of these, those that were not heard to their end."),
        may("duration_ms", Holds::Int, "From ring to end, milliseconds."),
        may(
            "first_sentence_ms",
            Holds::Int,
            "From ring to the end of the box's first sentence, milliseconds. The record does not hold when it began.",
        ),
        must("model_calls", Holds::Int, "Requests that left for a model."),
        must("model_requests_kept", Holds::Int, "Requests that were refused by the airlock or kept in the box."),
        must("tokens_in", Holds::Int, "Tokens read by models, as far as they said so."),
        must("tokens_out", Holds::Int, "Tokens written by models, as far as they said so."),
        must("cost_microdollars", Holds::Int, "What models cost, as far as known, millionths of a US dollar."),
        must("cost_unknown", Holds::Int, "Requests whose cost is not known."),
        must("tool_calls", Holds::Int, "Questions to the clinic's systems."),
        must("tool_failures", Holds::Int, "Of these, those that did not succeed."),
        must("redactions", Holds::Int, "Values that were replaced by placeholders."),
        must("withheld", Holds::Int, "Clauses that were kept back whole."),
        must("disclosures", Holds::Int, "Values from the clinic's systems that were told to the caller."),
        must("handoffs", Holds::Int, "How often a person was asked to take the call."),
        must("alerts", Holds::Int, "How often somebody had to look."),
        must("recorded", Holds::Bool, "Whether sound was kept."),
        may("served_by_line", Holds::Bool, "Whether the line had to serve the caller by itself for a while."),
        may("dropped_frames", Holds::Int, "Pieces of sound of 20 ms that were lost."),
        must("cut_short", Holds::Bool, "Whether one of its other tables has more rows than are sent for one call."),
    ],
};

const TURNS: Table = Table {
    name: "fct_turns",
    to: For::All,
    keys: 2,
    means: "An utterance of a caller.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        CALL,
        TURN,
        SYNTHETIC,
        must("expecting", Holds::Text, "What kind of answer the box expected."),
        must("engine", Holds::Text, "What recognised it."),
        must("words", Holds::Int, "How many words."),
        may("confidence_percent", Holds::Int, "How sure the recogniser was of them, the mean."),
        may("guard", Holds::Text, "What the guard made of it."),
        may("decision", Holds::Text, "What was last decided in the turn."),
        must("redactions", Holds::Int, "Values that were replaced."),
        must("withheld", Holds::Int, "Clauses that were kept back whole."),
        must("model_calls", Holds::Int, "Requests that left for a model in the turn."),
        must("tool_calls", Holds::Int, "Questions to the clinic's systems in the turn."),
        must("sentences", Holds::Int, "Sentences that the box said in the turn."),
        must("sentences_cut", Holds::Int, "Of these, those that were not heard to their end."),
        may("answer_ms", Holds::Int, "From the words to the end of the first sentence of the answer, milliseconds."),
        LATE,
    ],
};

const MODEL_CALLS: Table = Table {
    name: "fct_model_calls",
    to: For::All,
    keys: 2,
    means: "A request to a model, or an answer that came late.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        CALL,
        TURN,
        SYNTHETIC,
        must(
            "stage",
            Holds::Text,
            "sent; reply (an answer that came late); withheld (kept in the box); refused (by the airlock's check).",
        ),
        may("outcome", Holds::Text, "How it ended; unanswered where nothing has come."),
        may("why", Holds::Text, "Why it was withheld or refused."),
        may("endpoint", Holds::Text, SHAPED),
        may("model", Holds::Text, "The model that was asked. Letters, digits and . _ : / @ - only."),
        may("format", Holds::Text, "The wire format."),
        may("region", Holds::Text, SHAPED),
        may("tier", Holds::Text, "simple, reasoning, hardest."),
        may("attempt", Holds::Int, "Which attempt of the turn, from 1."),
        may("same_model", Holds::Bool, "Whether the answer names the model that was asked, or a version of it."),
        may("http_status", Holds::Int, "The status of the answer."),
        may("bytes_out", Holds::Int, "Bytes of the request's body."),
        may("bytes_in", Holds::Int, "Bytes of the answer."),
        may("tokens_in", Holds::Int, "Tokens read."),
        may("tokens_out", Holds::Int, "Tokens written."),
        may("tokens_cache_read", Holds::Int, "Tokens read from the provider's cache."),
        may("tokens_cache_write", Holds::Int, "Tokens written to it."),
        may("cost_microdollars", Holds::Int, "What it cost, millionths of a US dollar; empty where not known."),
        may("worst_microdollars", Holds::Int, "What it could have cost at worst."),
        may("first_ms", Holds::Int, "From the request to the first of use, milliseconds."),
        may("total_ms", Holds::Int, "From the request to the end, milliseconds."),
        LATE,
    ],
};

const TOOL_CALLS: Table = Table {
    name: "fct_tool_calls",
    to: For::All,
    keys: 2,
    means: "A question to the clinic's systems, or a result that came late.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        CALL,
        TURN,
        SYNTHETIC,
        must("tool", Holds::Text, "The tool's name."),
        may("number", Holds::Int, "The call's how-manieth question: joins a late result to its question."),
        may("access", Holds::Text, "read or write."),
        may("level", Holds::Text, "How sure the box was of who called."),
        must("result", Holds::Text, "ok, or how it failed; unanswered where nothing has come."),
        may("items", Holds::Int, "How many items the answer has."),
        may("took_ms", Holds::Int, "From the question to the result, milliseconds."),
        LATE,
    ],
};

const ESCALATIONS: Table = Table {
    name: "fct_escalations",
    to: For::All,
    keys: 2,
    means: "A person was asked to take a call, or an answer that came late.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        CALL,
        TURN,
        SYNTHETIC,
        may("reason", Holds::Text, "Why."),
        must("result", Holds::Text, "accept, decline, none; unanswered where the record holds no result."),
        must("by_line", Holds::Bool, "Whether the line asked by itself."),
        may("took_ms", Holds::Int, "From the question to the result, milliseconds."),
        LATE,
    ],
};

const REDACTIONS: Table = Table {
    name: "fct_redactions",
    to: For::All,
    keys: 2,
    means: "What was found in an utterance, by label and rule. Never a value.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        CALL,
        TURN,
        SYNTHETIC,
        must("label", Holds::Text, "The placeholder's label; WITHHELD for a clause that was kept back whole."),
        must("rule", Holds::Text, "The rule that found it."),
        must("count", Holds::Int, "How often."),
        LATE,
    ],
};

const DISCLOSURES: Table = Table {
    name: "fct_disclosures",
    to: For::All,
    keys: 2,
    means: "What of the clinic's systems a sentence told the caller, by label. Never a value.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        CALL,
        TURN,
        SYNTHETIC,
        must("label", Holds::Text, "The placeholder's label."),
        must("count", Holds::Int, "How many values."),
        must("level", Holds::Text, "How sure the box was of who called."),
        must("whole", Holds::Bool, "Whether the sentence was heard to its end."),
        LATE,
    ],
};

const ACCOUNTED: Table = Table {
    name: "fct_accounted_disclosures",
    to: For::All,
    keys: 2,
    means: "A disclosure that an officer wrote down (45 CFR 164.528). To whom and of what is in the record alone.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        may("call_key", Holds::Text, "Of which call; empty where of none."),
        may("year", Holds::Int, "The year, UTC."),
        must("names_patient", Holds::Bool, "Whether it can be accounted for by patient."),
    ],
};

const CONSOLE_ACCESS: Table = Table {
    name: "fct_console_access",
    to: For::All,
    keys: 2,
    means: "A person looked into the record.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        may("call_key", Holds::Text, "Into which call; empty where into none."),
        may("year", Holds::Int, "The year, UTC."),
        must("revealed", Holds::Bool, "Whether PHI was shown."),
        must("what", Holds::Text, "At what."),
        must("by_role", Holds::Text, "By which way. Names are in the record alone."),
    ],
};

const DIM_BOX: Table = Table {
    name: "dim_box",
    to: For::All,
    keys: 2,
    means: "A box and the software that its log began with.",
    columns: &[BOX, ROW, VERSION, may("software", Holds::Text, SHAPED)],
};

const DIM_MODEL: Table = Table {
    name: "dim_model",
    to: For::All,
    keys: 2,
    means: "A model that was asked.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        must("model", Holds::Text, SHAPED),
        may("endpoint", Holds::Text, SHAPED),
        may("format", Holds::Text, "The wire format."),
        may("region", Holds::Text, SHAPED),
    ],
};

const DIM_TOOL: Table = Table {
    name: "dim_tool",
    to: For::All,
    keys: 2,
    means: "A tool that was asked.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        must("tool", Holds::Text, "Its name."),
        must("version", Holds::Int, "The version of its fields."),
        must("access", Holds::Text, "read or write."),
        must("level", Holds::Text, "The least level at which it may be used."),
    ],
};

const DIM_CALL: Table = Table {
    name: "dim_call",
    to: For::Phi,
    keys: 2,
    means: "Which call a pseudonym stands for: joins the facts to `raw_events`.",
    columns: &[
        BOX,
        ROW,
        VERSION,
        CALL,
        must("call", Holds::Text, "The call's id in `raw_events`."),
        may("started_at", Holds::Time, "When it began, by the box's clock."),
    ],
};

const RAW_EVENTS: Table = Table {
    name: "raw_events",
    to: For::Phi,
    keys: 3,
    means: "An event of the record.",
    columns: &[
        BOX,
        must("log", Holds::Text, "The log's id."),
        must("seq", Holds::Int, "The event's number in it, from 0 without gaps."),
        VERSION,
        must("header", Holds::Text, "The header to the byte, one line of JSON."),
        must("leaf", Holds::Bytes, "SHA-256 of a zero byte and the header: the event's leaf in the tree (RFC 6962)."),
        may("kind", Holds::Text, "What happened; repeats the header."),
        may("call", Holds::Text, "In which call; repeats the header."),
        may("body", Holds::Text, "The body to the byte, where the clinic chose to have bodies open."),
        may(
            "body_sealed",
            Holds::Bytes,
            "The body, sealed to the clinic's key: an anonymous crypto_box, X25519 and XSalsa20-Poly1305.",
        ),
        may(
            "body_sha256",
            Holds::Text,
            "SHA-256 of the body as the record itself sealed it; repeats the header's ct_sha256.",
        ),
        must(
            "body_state",
            Holds::Text,
            "open, sealed, erased, damaged, left-out (sound, or too large), held (42 CFR Part 2).",
        ),
        must("erased", Holds::Bool, "Whether the body's key was destroyed: whatever else is kept of it must go too."),
    ],
};

const RAW_CHECKPOINTS: Table = Table {
    name: "raw_checkpoints",
    to: For::Phi,
    keys: 3,
    means: "A signed checkpoint of the record.",
    columns: &[
        BOX,
        must("log", Holds::Text, "The log's id."),
        must("size", Holds::Int, "How many events it covers."),
        VERSION,
        must("root", Holds::Bytes, "The root of the tree over them (RFC 6962)."),
        must("note", Holds::Text, "The signed note (C2SP)."),
    ],
};
