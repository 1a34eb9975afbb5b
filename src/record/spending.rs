//! What was spent on models, read from the wire's own events for an airlockd that has just started.
//!
//! In:  a reader's connection and a moment. Out: [`Page`]s, whose fields are all that leaves a body by this way.

use rusqlite::Connection;
use serde::Deserialize;
use uuid::Uuid;

use crate::config::tier::Tier;
use crate::record::database::{Count, StoreError};
use crate::record::reading::open;
use crate::wire::event::Kind;
use crate::wire::spending::{Page, Row, Since};

/// Rows of one page: each has some 200 bytes, and a frame holds 1 MiB.
const PAGE: usize = 2_000;
/// So many events in a row that are older end the search for the first: a clock that was wrong for a while, which stamps
/// events with the past, hides none behind it. A busy hour has some thousands.
const OLDER: u32 = 5_000;

/// A `wire.request`, as far as it is read here.
#[derive(Deserialize)]
struct Asked {
    exchange: Uuid,
    day: jiff::civil::Date,
    tier: Tier,
    worst: Option<u64>,
}

/// A `wire.reply`, likewise.
#[derive(Deserialize)]
struct Answered {
    exchange: Uuid,
    cost: Option<u64>,
}

/// Requests and replies from a moment on, in the record's order.
///
/// # Errors
/// [`StoreError`].
pub fn rows(connection: &Connection, asked: Since) -> Result<Page, StoreError> {
    let from = match asked.after {
        Some(after) => Some(after.saturating_add(1)),
        None => first_since(connection, asked.since)?,
    };
    let Some(from) = from else { return Ok(Page::default()) };
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE e.seq >= ?1 AND json_extract(CAST(e.header AS TEXT), '$.kind') IN ('wire.request', 'wire.reply')
         ORDER BY e.seq",
    )?;
    let mut found = statement.query([Count(from)])?;
    let mut page = Page::default();
    let mut last = None;
    while let Some(row) = found.next()? {
        if page.rows.len() >= PAGE {
            page.after = last;
            break;
        }
        last = Some(row.get::<_, Count>(0)?.0);
        let (header, body) = open(row)?;
        let header = header.ok_or(StoreError::Malformed { table: "event" })?;
        if header.kind == Kind::WireReply {
            // A reply that does not open leaves its request at the worst case.
            let answered = body.ok().and_then(|body| serde_json::from_slice::<Answered>(&body).ok());
            page.rows.extend(answered.map(|Answered { exchange, cost }| Row::Answered { exchange, cost }));
            continue;
        }
        let asked = body.ok().and_then(|body| serde_json::from_slice::<Asked>(&body).ok());
        page.rows.push(match (asked, header.call) {
            (Some(Asked { exchange, day, tier, worst }), Some(call)) => {
                Row::Asked { exchange, day, call, turn: header.turn, tier, worst }
            }
            (_, call) => Row::Lost { t: header.t, call, turn: header.turn },
        });
    }
    Ok(page)
}

/// The number of the first event from a moment on. Looked for from the newest back, by the time that each sender gave.
pub(super) fn first_since(connection: &Connection, since: i64) -> Result<Option<u64>, StoreError> {
    let mut statement =
        connection.prepare("SELECT seq, json_extract(CAST(header AS TEXT), '$.t') FROM event ORDER BY seq DESC")?;
    let mut rows = statement.query([])?;
    let (mut first, mut older) = (None, 0_u32);
    while let Some(row) = rows.next()?
        && older < OLDER
    {
        if row.get::<_, i64>(1)? >= since {
            (first, older) = (Some(row.get::<_, Count>(0)?.0), 0);
        } else {
            older = older.saturating_add(1);
        }
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rusqlite::params;
    use zeroize::Zeroizing;

    use super::*;
    use crate::ids::{CallId, Turn};
    use crate::record::database::Location;
    use crate::record::key::KeySource;
    use crate::record::store::{Entry, Store, Submission};

    #[test]
    fn only_what_is_money_comes_out_and_in_order() {
        let (folder, call) = (tempfile::tempdir().unwrap(), CallId::draw());
        let (one, two) = (Uuid::new_v4(), Uuid::new_v4());
        let request = |exchange: Uuid, worst| {
            serde_json::json!({ "exchange": exchange, "day": "2026-11-23", "tier": "simple", "worst": worst,
                                "body": "what was said", "request": "what was said" })
        };
        let location = record(
            folder.path(),
            vec![
                entry(10, Kind::WireRequest, call, &request(Uuid::new_v4(), Some(1))),
                entry(20, Kind::WireRequest, call, &request(one, Some(700))),
                entry(21, Kind::Heard, call, &serde_json::json!({ "said": "what was said" })),
                entry(22, Kind::WireReply, call, &serde_json::json!({ "exchange": one, "cost": 40, "said": ["a"] })),
                entry(23, Kind::WireWithheld, call, &request(Uuid::new_v4(), Some(1))),
                entry(24, Kind::WireRequest, call, &request(two, None)),
                entry(25, Kind::WireReply, call, &serde_json::json!({ "exchange": two, "cost": null })),
                entry(26, Kind::WireRequest, call, &serde_json::json!({ "written by": "another version" })),
            ],
        );
        let page = rows(&location.reader().unwrap(), Since { since: 20, after: None }).unwrap();
        let asked = |exchange, worst| {
            let (day, turn, tier) = (date(2026, 11, 23), Turn(3), Tier::Simple);
            Row::Asked { exchange, day, call, turn, tier, worst }
        };
        assert_eq!(
            page.rows,
            [
                asked(one, Some(700)),
                Row::Answered { exchange: one, cost: Some(40) },
                asked(two, None),
                Row::Answered { exchange: two, cost: None },
                Row::Lost { t: 26, call: Some(call), turn: Turn(3) },
            ]
        );
        assert_eq!(page.after, None);
        assert!(!serde_json::to_string(&page).unwrap().contains("what was said"));
    }

    #[test]
    fn a_call_that_was_erased_leaves_that_it_asked() {
        let (folder, call) = (tempfile::tempdir().unwrap(), CallId::draw());
        let location = record(folder.path(), vec![entry(10, Kind::WireRequest, call, &serde_json::json!({}))]);
        location.writer().unwrap().execute("DELETE FROM keys.data_key", params![]).unwrap();
        let page = rows(&location.reader().unwrap(), Since { since: 0, after: None }).unwrap();
        assert_eq!(page.rows, [Row::Lost { t: 10, call: Some(call), turn: Turn(3) }]);
    }

    #[test]
    fn a_long_day_comes_in_pages() {
        let (folder, call) = (tempfile::tempdir().unwrap(), CallId::draw());
        let reply = |_| entry(10, Kind::WireReply, call, &serde_json::json!({ "exchange": Uuid::new_v4(), "cost": 1 }));
        let location = record(folder.path(), (0..PAGE + 1).map(reply).collect());
        let reader = location.reader().unwrap();
        let first = rows(&reader, Since { since: 0, after: None }).unwrap();
        assert_eq!((first.rows.len(), first.after), (PAGE, Some(u64::try_from(PAGE).unwrap() - 1)));
        let second = rows(&reader, Since { since: 0, after: first.after }).unwrap();
        assert_eq!((second.rows.len(), second.after), (1, None));
        assert!(serde_json::to_vec(&first).unwrap().len() < 512 << 10);
    }

    #[test]
    fn a_clock_that_was_wrong_for_a_while_hides_nothing() {
        let (folder, call) = (tempfile::tempdir().unwrap(), CallId::draw());
        let at = |t| entry(t, Kind::CallBegin, call, &serde_json::json!({}));
        let location = record(folder.path(), [100, 200, 3, 4, 210].map(at).to_vec());
        let reader = location.reader().unwrap();
        assert_eq!(first_since(&reader, 150).unwrap(), Some(1));
        assert_eq!(first_since(&reader, 300).unwrap(), None);
        assert_eq!(rows(&reader, Since { since: 300, after: None }).unwrap(), Page::default());
    }

    fn record(folder: &std::path::Path, entries: Vec<Entry>) -> Location {
        let source = KeySource { data_dir: folder.to_owned(), credentials: None };
        let location = Location::find(&source, true).unwrap().0;
        let store = Store::open(&location).unwrap();
        store.append(&[Submission { sender: None, entries }]).unwrap();
        location
    }

    fn entry(t: i64, kind: Kind, call: CallId, body: &serde_json::Value) -> Entry {
        let body = Zeroizing::new(body.to_string().into_bytes());
        Entry { t, mono_us: 0, kind, call: Some(call), turn: Turn(3), synthetic: true, actor: "airlockd", body }
    }
}
