use super::*;
use crate::record::rows::story::WAIT;

/// A name, a telephone number, a date and free text.
const CANARY: &str = "Mary Lopez 5125550143 1962-03-04 zanzibar";
const NUMBER: u64 = 5_125_550_143;
const SIGNS: [&str; 6] = ["Mary", "Lopez", "5125550143", "1962-03", "zanzibar", "mary lopez"];

/// The paths of all texts and numbers in a value.
fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| paths(value, &format!("{at}/{name}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| paths(value, &format!("{at}/{n}"), found))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => found.push(at.to_owned()),
    }
}

fn planted(value: &Value) -> Value {
    if value.is_number() { NUMBER.into() } else { CANARY.into() }
}

/// A call for each field of each of its bodies, with a canary in that field; one with canaries everywhere; and one with
/// fields that no part of the program writes.
fn planted_calls() -> Vec<Entry> {
    let script = script("an exchange");
    let mut entries = Vec::new();
    let mut call = |change: &dyn Fn(usize, &mut Value)| {
        let call = CallId::draw();
        for (n, (ms, kind, actor, turn, body)) in script.iter().enumerate() {
            let mut body = body.clone();
            change(n, &mut body);
            entries.push(entry(Some(call), *ms, *kind, actor, *turn, &body));
        }
    };
    for (n, (_, _, _, _, body)) in script.iter().enumerate() {
        let mut found = Vec::new();
        paths(body, "", &mut found);
        for path in found {
            call(&|at, body| {
                if at == n {
                    let field = body.pointer_mut(&path).unwrap();
                    *field = planted(field);
                }
            });
        }
    }
    call(&|_, body| {
        let mut found = Vec::new();
        paths(body, "", &mut found);
        for path in found {
            let field = body.pointer_mut(&path).unwrap();
            *field = planted(field);
        }
    });
    call(&|_, body| {
        let fields = body.as_object_mut().unwrap();
        fields.insert("note".to_owned(), CANARY.into());
        fields.insert(CANARY.to_owned(), json!([CANARY, NUMBER]));
    });
    entries
}

#[test]
fn no_canary_in_any_field_of_any_body_reaches_a_row_without_phi() {
    let mut entries = planted_calls();
    for kind in
        [Kind::ConsoleAccess, Kind::ConsoleReveal, Kind::Review, Kind::Alert, Kind::SyncBatch, Kind::ConfigChange]
    {
        entries.push(entry(
            None,
            0,
            kind,
            "recordd",
            0,
            &json!({ "by": CANARY, "what": CANARY, "destination": CANARY }),
        ));
    }
    // The last calls, whose last word says something else, are waited for so long.
    entries.extend((0..WAIT).map(|_| entry(None, 0, Kind::Update, "recordd", 0, &json!({ "what": CANARY }))));
    let calls: HashSet<String> = entries.iter().filter_map(|entry| entry.call).map(|call| call.to_string()).collect();
    let log = Log::of(entries);
    assert!(log.size() > 1_000, "{}", log.size());
    let tables = log.bare();
    assert_eq!(rows(&tables, "fct_conversations").len(), calls.len());
    let json = serde_json::to_string(&tables).unwrap();
    for sign in SIGNS {
        assert!(!json.contains(sign), "{sign}");
    }
    assert!(!json.contains(&log.id()));
    assert!(calls.iter().all(|call| !json.contains(call.as_str())));
    // Not the moment either, in whatever unit.
    for moment in ["17829072", "2026-07", "2026-7"] {
        assert!(!json.contains(moment), "{moment}");
    }
}

#[test]
fn the_canaries_would_be_seen_where_bodies_go() {
    let log = Log::of(planted_calls());
    let json = serde_json::to_string(&log.tables(Some(Bodies::Open), 0, 200)).unwrap();
    assert!(SIGNS[..5].iter().all(|sign| json.contains(sign)));
    let sealed = serde_json::to_string(&log.tables(Some(Bodies::Sealed([9; 32])), 0, 200)).unwrap();
    assert!(SIGNS.iter().all(|sign| !sealed.contains(sign)));
}
