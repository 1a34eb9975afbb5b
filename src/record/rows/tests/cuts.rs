use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Rows as a set, each with its table.
fn set(tables: &[Rows]) -> BTreeSet<String> {
    let json = |row: &Vec<Cell>| serde_json::to_string(row).unwrap();
    tables.iter().flat_map(|rows| rows.rows.iter().map(move |row| format!("{}{}", rows.table, json(row)))).collect()
}

/// Several calls at once, one that was erased, one that never ends, one whose last word is missing, and what came late.
fn tangled() -> Log {
    let calls: Vec<CallId> = (0..7).map(|_| CallId::draw()).collect();
    let mut entries: Vec<Entry> = Vec::new();
    for (at, call) in (0_u64..).zip(&calls) {
        entries.extend(a_call(*call, at * 2_500));
    }
    entries.retain(|entry| !(entry.call == Some(calls[5]) && entry.kind == Kind::CallEnd));
    entries.retain(|entry| !(entry.call == Some(calls[4]) && entry.mono_us > 19_000_000));
    entries.sort_by_key(|entry| entry.mono_us);
    let late = json!({ "tool": "find_patient", "number": 1, "result": "conflict" });
    entries.push(entry(Some(calls[0]), 60_000, Kind::ToolResult, "anteroomd", 1, &late));
    entries.extend((0..270).map(|_| entry(None, 61_000, Kind::Update, "recordd", 0, &json!({}))));
    entries.push(a_look(calls[1], 62_000));
    entries.push(entry(
        Some(calls[2]),
        63_000,
        Kind::WireReply,
        "airlockd",
        1,
        &json!({ "exchange": "another", "cost": 3 }),
    ));
    let log = Log::of(entries);
    log.execute("DELETE FROM keys.data_key WHERE scope = ?1", [format!("call:{}", calls[3])]);
    for size in [5, 50, 200] {
        log.checkpoint(size);
    }
    log
}

#[test]
fn a_log_cut_into_batches_anywhere_gives_the_same_rows() {
    let log = tangled();
    let size = log.size();
    for phi in [None, Some(Bodies::Open)] {
        let whole = set(&log.tables(phi, 0, size));
        assert!(rows(&log.tables(phi, 0, size), "fct_conversations").len() >= 4);
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
            cases: 24,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        let cuts = proptest::collection::btree_set(1..size, 0..12);
        runner
            .run(&cuts, |cuts| {
                let ends: Vec<u64> = cuts.into_iter().chain([size]).collect();
                let (mut first, mut parts) = (0, BTreeSet::new());
                for next in ends {
                    parts.extend(set(&log.tables(phi, first, next)));
                    first = next;
                }
                prop_assert_eq!(&parts, &whole);
                Ok(())
            })
            .unwrap();
    }
}

#[test]
fn what_is_appended_later_changes_no_row_that_was_made() {
    let log = tangled();
    let size = log.size();
    let before = set(&log.tables(None, 0, size));
    log.append(a_call(CallId::draw(), 90_000));
    assert_eq!(set(&log.tables(None, 0, size)), before);
    assert!(set(&log.tables(None, 0, log.size())).is_superset(&before));
}

#[test]
fn the_order_of_rows_says_nothing_of_the_order_of_calls() {
    let log = tangled();
    for rows in log.bare() {
        let ids: Vec<String> = rows.rows.iter().map(|row| serde_json::to_string(&row[1]).unwrap()).collect();
        assert!(ids.is_sorted(), "{}", rows.table);
    }
}
