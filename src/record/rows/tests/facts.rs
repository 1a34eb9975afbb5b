use super::*;
use crate::record::rows::story::WAIT;
use crate::wire::rows::{For, Holds, TABLES};

#[test]
fn a_call_becomes_one_conversation_and_its_parts() {
    let call = CallId::draw();
    let log = Log::of(a_call(call, 0));
    let tables = log.bare();
    let conversation = &rows(&tables, "fct_conversations")[0];
    for (column, cell) in [
        ("box_id", text("a box")),
        ("started_year", Cell::Int(2026)),
        ("disposition", text("handed-over")),
        ("ended_by", text("desk")),
        ("handled_by", text("staff")),
        ("handoff_reason", text("asked-for-person")),
        ("intent", text("book")),
        ("level", text("verified")),
        ("turns", Cell::Int(1)),
        ("sentences", Cell::Int(2)),
        ("sentences_cut", Cell::Int(1)),
        ("duration_ms", Cell::Int(9_000)),
        ("first_sentence_ms", Cell::Int(1_000)),
        ("model_calls", Cell::Int(1)),
        ("model_requests_kept", Cell::Int(2)),
        ("tokens_in", Cell::Int(100)),
        ("cost_microdollars", Cell::Int(40)),
        ("cost_unknown", Cell::Int(0)),
        ("tool_calls", Cell::Int(1)),
        ("tool_failures", Cell::Int(0)),
        ("redactions", Cell::Int(1)),
        ("withheld", Cell::Int(1)),
        ("disclosures", Cell::Int(1)),
        ("handoffs", Cell::Int(1)),
        ("alerts", Cell::Int(1)),
        ("dropped_frames", Cell::Int(3)),
        ("synthetic", Cell::Bool(false)),
    ] {
        assert_eq!(conversation[column], cell, "{column}");
    }
    let key = &conversation["call_key"];
    let turn = &rows(&tables, "fct_turns")[0];
    assert_eq!((&turn["call_key"], &turn["words"], &turn["confidence_percent"]), (key, &Cell::Int(2), &Cell::Int(75)));
    assert_eq!((&turn["guard"], &turn["decision"]), (&text("proceed"), &text("book")));
    assert_eq!(turn["answer_ms"], Cell::Int(2_000));
    let stages: Vec<_> = rows(&tables, "fct_model_calls").into_iter().map(|row| row["stage"].clone()).collect();
    assert_eq!(stages.len(), 3);
    let sent = rows(&tables, "fct_model_calls").into_iter().find(|row| row["stage"] == text("sent")).unwrap();
    assert_eq!((&sent["outcome"], &sent["tokens_out"]), (&text("answered"), &Cell::Int(20)));
    assert_eq!((&sent["same_model"], &sent["first_ms"]), (&Cell::Bool(true), &Cell::Int(400)));
    let tool = &rows(&tables, "fct_tool_calls")[0];
    assert_eq!((&tool["result"], &tool["items"], &tool["took_ms"]), (&text("ok"), &Cell::Int(1), &Cell::Int(200)));
    let escalation = &rows(&tables, "fct_escalations")[0];
    assert_eq!((&escalation["result"], &escalation["took_ms"]), (&text("accept"), &Cell::Int(2_000)));
    let found: Vec<_> =
        rows(&tables, "fct_redactions").into_iter().map(|row| (row["label"].clone(), row["rule"].clone())).collect();
    assert!(found.contains(&(text("NAME"), text("before a name cue"))), "{found:?}");
    assert!(found.contains(&(text("WITHHELD"), text("unknown word"))), "{found:?}");
    let told = &rows(&tables, "fct_disclosures")[0];
    assert_eq!((&told["label"], &told["count"], &told["level"]), (&text("SLOT"), &Cell::Int(1), &text("verified")));
}

#[test]
fn every_row_has_a_cell_of_the_right_kind_for_each_column_and_no_table_stays_empty() {
    let call = CallId::draw();
    let disclosed = entry(None, 11_000, Kind::Disclosure, "cli", 0, &json!({ "to": "t" }));
    let log = Log::of([a_call(call, 0), vec![a_look(call, 10_000), disclosed]].concat());
    log.checkpoint(3);
    let mut seen = HashSet::new();
    for phi in [None, Some(Bodies::Open), Some(Bodies::Sealed([9; 32]))] {
        for Rows { table: name, rows } in log.tables(phi, 0, log.size()) {
            let table = table(&name).unwrap();
            assert!(phi.is_some() || table.to == For::All, "{name}");
            assert!(!rows.is_empty());
            for row in &rows {
                assert_eq!(row.len(), table.columns.len(), "{name}");
                for (column, cell) in table.columns.iter().zip(row) {
                    let fits = match cell {
                        Cell::Null => column.nullable,
                        Cell::Text(_) => column.holds == Holds::Text,
                        Cell::Int(_) => column.holds == Holds::Int,
                        Cell::Bool(_) => column.holds == Holds::Bool,
                        Cell::Time(_) => column.holds == Holds::Time,
                        Cell::Bytes(_) => column.holds == Holds::Bytes,
                    };
                    assert!(fits, "{name}.{}: {cell:?}", column.name);
                }
            }
            seen.insert(name);
        }
    }
    let missing: Vec<_> = TABLES.iter().map(|table| table.name).filter(|name| !seen.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_first_columns_are_the_key_and_no_table_of_facts_holds_a_moment() {
    for table in TABLES {
        assert_eq!(table.columns[0].name, "box_id", "{}", table.name);
        assert!(table.columns[..table.keys].iter().all(|column| !column.nullable), "{}", table.name);
        assert_eq!(table.columns[table.keys].name, "schema_version", "{}", table.name);
        let names: HashSet<_> = table.columns.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        if table.to == For::All {
            assert_eq!(table.columns[1].name, "row_id");
            assert!(table.columns.iter().all(|column| !matches!(column.holds, Holds::Time | Holds::Bytes)));
        }
    }
}

#[test]
fn a_call_that_has_not_ended_waits_and_one_that_misses_its_last_word_does_not_wait_for_ever() {
    let mut call = a_call(CallId::draw(), 0);
    let last_word = call.pop().unwrap();
    let end = call.pop().unwrap();
    let log = Log::of(call);
    assert!(rows(&log.bare(), "fct_conversations").is_empty());
    log.append(vec![end]);
    assert!(rows(&log.bare(), "fct_conversations").is_empty());
    let others = (0..WAIT).map(|_| entry(None, 9_010, Kind::Update, "recordd", 0, &json!({})));
    log.append(others.collect());
    let made = rows(&log.bare(), "fct_conversations");
    assert_eq!((made.len(), &made[0]["disposition"]), (1, &Cell::Null));
    log.append(vec![last_word]);
    assert_eq!(rows(&log.bare(), "fct_conversations"), made);
}

#[test]
fn what_comes_late_has_rows_of_its_own_and_changes_no_other() {
    let call = CallId::draw();
    let log = Log::of(a_call(call, 0));
    let before = log.bare();
    let late = |kind, body: Value| entry(Some(call), 20_000, kind, "anteroomd", 1, &body);
    log.append(vec![
        late(Kind::ToolResult, json!({ "tool": "find_patient", "number": 1, "result": "conflict" })),
        late(Kind::HandoffResult, json!({ "result": "none" })),
        late(Kind::Heard, json!({ "said": { "confidence": [1.0], "engine": "typed" }, "expecting": "dob" })),
        late(Kind::CallEnd, json!({ "by": "line" })),
    ]);
    let after = log.bare();
    assert_eq!(rows(&before, "fct_conversations"), rows(&after, "fct_conversations"));
    for name in ["fct_tool_calls", "fct_escalations", "fct_turns"] {
        let (before, after) = (rows(&before, name), rows(&after, name));
        assert!(before.iter().all(|row| after.contains(row)), "{name}");
        let new: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
        assert_eq!(new.len(), 1, "{name}");
        assert_eq!(new[0]["late"], Cell::Bool(true));
    }
}

#[test]
fn of_an_erased_call_nothing_is_derived_and_its_raw_rows_say_so() {
    let (erased, other) = (CallId::draw(), CallId::draw());
    let log = Log::of([a_call(erased, 0), a_call(other, 20_000)].concat());
    log.execute("DELETE FROM keys.data_key WHERE scope LIKE '%:' || ?1", [erased.to_string()]);
    let tables = log.tables(Some(Bodies::Open), 0, log.size());
    assert_eq!(rows(&tables, "fct_conversations").len(), 1);
    assert_eq!(rows(&tables, "dim_call")[0]["call"], text(&other.to_string()));
    for row in rows(&tables, "raw_events") {
        let gone = row["call"] == text(&erased.to_string());
        assert_eq!(row["erased"], Cell::Bool(gone));
        assert_eq!(row["body_state"], text(if gone { "erased" } else { "open" }));
        assert_eq!(row["body"] == Cell::Null, gone);
    }
}

#[test]
fn of_a_call_with_a_damaged_body_nothing_is_derived_and_nothing_fails() {
    let log = Log::of(a_call(CallId::draw(), 0));
    log.execute("UPDATE event SET body_ct = zeroblob(64) WHERE seq = 3", []);
    let tables = log.tables(Some(Bodies::Open), 0, log.size());
    assert!(rows(&tables, "fct_turns").is_empty() && rows(&tables, "fct_conversations").is_empty());
    let raw = &rows(&tables, "raw_events")[3];
    assert_eq!((&raw["body_state"], &raw["erased"]), (&text("damaged"), &Cell::Bool(false)));
}

#[test]
fn a_call_that_is_held_back_has_no_rows_but_its_headers() {
    let (held, other) = (CallId::draw(), CallId::draw());
    let log = Log::of([a_call(held, 0), vec![a_look(held, 10_000)], a_call(other, 20_000)].concat());
    let tables = log.tables_without(Some(Bodies::Open), 0, log.size(), &HashSet::from([held]));
    assert_eq!(rows(&tables, "fct_conversations").len(), 1);
    assert!(rows(&tables, "fct_console_access").is_empty());
    let raw = rows(&tables, "raw_events");
    assert_eq!(raw.len(), usize::try_from(log.size()).unwrap());
    let of_it = |row: &&BTreeMap<_, _>| row["call"] == text(&held.to_string());
    assert!(raw.iter().filter(of_it).all(|row| row["body"] == Cell::Null && row["body_state"] == text("held")));
}

#[test]
fn a_disclosure_that_was_written_down_is_counted_and_says_nothing_of_its_words() {
    let (call, held) = (CallId::draw(), CallId::draw());
    let said =
        |patient: Value| json!({ "to": "Dr. Zebra", "what": "w", "purpose": "p", "by": "b", "patient": patient });
    let log = Log::of(vec![
        entry(Some(call), 0, Kind::Disclosure, "cli", 0, &said(json!("P-1962"))),
        entry(None, 10, Kind::Disclosure, "cli", 0, &said(Value::Null)),
        entry(Some(held), 20, Kind::Disclosure, "cli", 0, &said(Value::Null)),
    ]);
    let tables = log.tables_without(None, 0, log.size(), &HashSet::from([held]));
    let mut told = rows(&tables, "fct_accounted_disclosures");
    told.sort_by_key(|row| row["call_key"] == Cell::Null);
    let seen: Vec<_> =
        told.iter().map(|row| (row["call_key"] == Cell::Null, &row["year"], &row["names_patient"])).collect();
    assert_eq!(seen, [(false, &Cell::Int(2026), &Cell::Bool(true)), (true, &Cell::Int(2026), &Cell::Bool(false))]);
    assert!(!format!("{told:?}").contains("Zebra"));
}

#[test]
fn sound_never_goes_to_a_warehouse() {
    let call = CallId::draw();
    let log = Log::of(vec![entry(Some(call), 0, Kind::Recording, "anteroomd", 0, &json!({ "what": "refused" }))]);
    let row = &rows(&log.tables(Some(Bodies::Open), 0, 1), "raw_events")[0];
    assert_eq!((&row["body"], &row["body_state"]), (&Cell::Null, &text("left-out")));
}

#[test]
fn ringing_those_on_call_is_part_of_a_hand_off_and_makes_no_row_of_its_own() {
    let call = CallId::draw();
    let log = Log::of(a_call(call, 0));
    let before = log.bare();
    let late = |kind, body: Value| entry(Some(call), 20_000, kind, "lined", 0, &body);
    log.append(vec![
        late(Kind::HandoffOffer, json!({ "who": 0, "name": "Dr Test", "reason": "on-call" })),
        late(Kind::HandoffResult, json!({ "who": 0, "name": "Dr Test", "result": "busy", "after_ms": 900 })),
    ]);
    let after = log.bare();
    for name in ["fct_escalations", "fct_conversations"] {
        assert_eq!(rows(&before, name), rows(&after, name), "{name}");
    }
}
