//! Real peers: PostgreSQL 15 with TLS, and an S3 server whose files DuckDB reads back. `make warehouse-peers` has them.

pub(super) mod servers;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use super::bucket::Bucket;
use super::fake::{BOX, FakeRecord, TABLES, rows_of};
use super::fault::Fault;
use super::postgres::Postgres;
use super::run::{Arrived, Run, Stopped, Target, run};
use crate::clock::{Clock, SystemClock};
use crate::wire::rows::{Cell, Holds, Table};
use servers::{Moto, Server};

const EVENTS: u64 = 10_000;
const KILLS: usize = 20;

fn say(text: &str) {
    writeln!(std::io::stderr(), "{text}").unwrap();
}

async fn whole(record: &FakeRecord, target: &mut impl Target) -> Result<Arrived, Stopped> {
    run(Run { destination: "warehouse", box_id: &mut None, may_go_on: &|| true }, record, target).await
}

/// Twenty runs that are cut off after a random time, each with a new connection, as after a kill; then one to the end.
async fn with_kills<T: Target>(most_ms: u64, target: impl Fn() -> T) -> usize {
    let mut random = fastrand::Rng::with_seed(7);
    let mut record = FakeRecord::new(EVENTS, 1);
    let mut killed = 0;
    for _ in 0..KILLS {
        record.most = random.u64(20..400);
        let after = Duration::from_micros(random.u64(500..most_ms * 1_000));
        let cut = tokio::time::timeout(after, whole(&record, &mut target())).await;
        killed += usize::from(cut.is_err());
    }
    record.most = 500;
    let arrived = whole(&record, &mut target()).await.unwrap();
    assert_eq!(arrived.cursor.map(|cursor| cursor.next), Some(EVENTS));
    killed
}

#[tokio::test]
#[ignore = "needs PostgreSQL and moto: make test-record"]
async fn postgresql_has_exactly_the_rows_after_twenty_kills() {
    let Some(server) = Server::start() else { return };
    let config = server.config();
    let killed = with_kills(120, || Postgres::new(&config, false, TABLES)).await;
    let expected: Vec<String> = (0..i64::try_from(EVENTS).unwrap()).map(|seq| as_psql(&rows_of(seq))).collect();
    let query = "SELECT box_id, seq, word, is_odd, (extract(epoch FROM at) * 1000000)::bigint, encode(leaf, 'hex') \
                 FROM anteroom.fct_things ORDER BY seq";
    let found = server.psql(query);
    assert!(found.lines().eq(expected.iter().map(String::as_str)), "other rows");
    assert_eq!(server.psql("SELECT count(*) FROM pg_tables WHERE tablename = 'raw_things'").trim(), "0");
    let comment = server.psql("SELECT obj_description('anteroom.fct_things'::regclass)");
    assert_eq!(comment.trim(), TABLES[0].means);
    let state = server.psql("SELECT box_id, stream, log, next_seq, size FROM anteroom.anteroom_sync_state");
    assert_eq!(state.trim(), format!("{BOX}|rows|log-1|{EVENTS}|{EVENTS}"));
    say(&format!("PostgreSQL: {KILLS} runs, {killed} of them cut off, {EVENTS} rows, exactly"));

    server.psql("DROP SCHEMA anteroom CASCADE");
    let record = FakeRecord::new(EVENTS, 1_000);
    let begun = SystemClock.now();
    whole(&record, &mut Postgres::new(&config, false, TABLES)).await.unwrap();
    let seconds = SystemClock.now().duration_since(begun).as_secs_f64();
    say(&format!("PostgreSQL: {EVENTS} rows in {seconds:.2} s, batches of 1000, TLS, loopback"));
}

/// As `psql -At` writes a row.
fn as_psql(row: &[Cell]) -> String {
    let cells = row.iter().map(|cell| match cell {
        Cell::Null => String::new(),
        Cell::Text(text) | Cell::Bytes(text) => text.clone(),
        Cell::Int(value) | Cell::Time(value) => value.to_string(),
        Cell::Bool(value) => if *value { "t" } else { "f" }.to_owned(),
    });
    cells.collect::<Vec<_>>().join("|")
}

#[tokio::test]
#[ignore = "needs PostgreSQL and moto: make test-record"]
async fn postgresql_that_is_not_who_it_should_be_gets_nothing() {
    let Some(server) = Server::start() else { return };
    let record = FakeRecord::new(10, 10);
    let good = server.config();
    let word = async |config: &crate::config::warehouse::Postgres| {
        let stopped = whole(&record, &mut Postgres::new(config, false, TABLES)).await.unwrap_err();
        stopped.as_str()
    };
    let mut other = good.clone();
    other.ca_file = Some(server.other_authority());
    assert_eq!(word(&other).await, "certificate");
    // The server's certificate is for the address, not for this name of the same machine.
    other = good.clone();
    other.url = other.url.replace("127.0.0.1", "localhost");
    assert_eq!(word(&other).await, "certificate");
    other = good.clone();
    other.ca_file = None;
    assert_eq!(word(&other).await, "certificate");
    other = good.clone();
    other.password_file = Some(server.file("wrong", "not the password\n"));
    assert_eq!(word(&other).await, "credentials");
    other.password_file = None;
    assert_eq!(word(&other).await, "credentials");
    other = good.clone();
    other.password_file = Some("/nonexistent".into());
    assert_eq!(word(&other).await, "file");
    other = good.clone();
    other.database = "nowhere".to_owned();
    assert_eq!(word(&other).await, "missing");
    other = good.clone();
    other.url = "https://127.0.0.1:1".to_owned();
    assert_eq!(word(&other).await, "unreachable");
    assert_eq!(server.psql("SELECT count(*) FROM pg_namespace WHERE nspname = 'anteroom'").trim(), "0");

    server.psql("CREATE ROLE poor LOGIN PASSWORD 'a password''s word'");
    other = good.clone();
    other.user = "poor".to_owned();
    assert_eq!(word(&other).await, "permission");
    // Where all is made already, rights to write are enough.
    whole(&record, &mut Postgres::new(&good, false, TABLES)).await.unwrap();
    server.psql("GRANT USAGE ON SCHEMA anteroom TO poor");
    server.psql("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA anteroom TO poor");
    let record = FakeRecord::new(20, 10);
    whole(&record, &mut Postgres::new(&other, false, TABLES)).await.unwrap();
    assert_eq!(server.psql("SELECT count(*) FROM anteroom.fct_things").trim(), "20");
}

#[tokio::test]
#[ignore = "needs PostgreSQL and moto: make test-record"]
async fn postgresql_takes_the_columns_of_a_newer_version_and_refuses_another_shape() {
    const OLD: &[Table] = &[Table { columns: TABLES[0].columns.split_at(3).0, ..TABLES[0] }];
    let Some(server) = Server::start() else { return };
    let config = server.config();
    let mut old = Postgres::new(&config, false, OLD);
    assert_eq!(old.cursor(BOX).await, Ok(None));
    let record = FakeRecord::new(10, 10);
    whole(&record, &mut Postgres::new(&config, false, TABLES)).await.unwrap();
    assert_eq!(server.psql("SELECT count(leaf) FROM anteroom.fct_things").trim(), "8");
    // Two writers: the one that comes second learns it, and writes nothing.
    let (mut one, mut other) = (Postgres::new(&config, false, TABLES), Postgres::new(&config, false, TABLES));
    let record = FakeRecord::new(30, 10);
    let had = one.cursor(BOX).await.unwrap();
    one.write(&record.batch(10, 20), had.as_ref()).await.unwrap();
    assert_eq!(other.write(&record.batch(10, 25), had.as_ref()).await.err(), Some(Fault::Moved));
    let moved = other.cursor(BOX).await.unwrap();
    assert_eq!(moved.map(|cursor| cursor.next), Some(20));
    server.psql("ALTER TABLE anteroom.fct_things ALTER COLUMN word TYPE varchar(3) USING 'x'");
    assert_eq!(Postgres::new(&config, false, TABLES).cursor(BOX).await, Err(Fault::Schema));
}

#[tokio::test]
#[ignore = "needs PostgreSQL and moto: make test-record"]
async fn a_bucket_has_exactly_the_rows_after_twenty_kills() {
    let Some(moto) = Moto::start() else { return };
    let config = moto.config("rows");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let open = || Bucket::open(&config, false, TABLES, Arc::clone(&clock)).unwrap();
    let killed = with_kills(400, open).await;
    let answer: serde_json::Value = serde_json::from_str(&moto.python(&["read"], "rows")).unwrap();
    assert_eq!(answer["next"], EVENTS);
    let rows = answer["rows"].as_array().unwrap();
    let expected: Vec<_> = (0..i64::try_from(EVENTS).unwrap()).map(|seq| as_duckdb(&rows_of(seq))).collect();
    assert_eq!(rows.len(), expected.len());
    assert!(
        rows.iter().zip(&expected).all(|(row, expected)| row.as_array().unwrap()[..6] == expected[..]),
        "other rows"
    );
    assert_eq!(rows[1][6], "TIMESTAMP WITH TIME ZONE");
    say(&format!(
        "bucket: {KILLS} runs, {killed} of them cut off, {EVENTS} rows, {} manifests, exactly",
        answer["manifests"]
    ));

    let (config, record) = (moto.config("measured"), FakeRecord::new(EVENTS, 1_000));
    let begun = SystemClock.now();
    whole(&record, &mut Bucket::open(&config, false, TABLES, Arc::clone(&clock)).unwrap()).await.unwrap();
    let seconds = SystemClock.now().duration_since(begun).as_secs_f64();
    say(&format!("bucket: {EVENTS} rows in {seconds:.2} s, batches of 1000, loopback"));
}

fn as_duckdb(row: &[Cell]) -> Vec<serde_json::Value> {
    assert_eq!(TABLES[0].columns[5].holds, Holds::Bytes);
    let value = |cell: &Cell| match cell {
        Cell::Null => serde_json::Value::Null,
        Cell::Text(text) | Cell::Bytes(text) => text.clone().into(),
        Cell::Int(value) | Cell::Time(value) => (*value).into(),
        Cell::Bool(value) => (*value).into(),
    };
    row.iter().map(value).collect()
}

#[tokio::test]
#[ignore = "needs PostgreSQL and moto: make test-record"]
async fn a_bucket_never_writes_over_what_is_there() {
    let Some(moto) = Moto::start() else { return };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let config = moto.config("kept");
    let mut bucket = Bucket::open(&config, false, TABLES, Arc::clone(&clock)).unwrap();
    let record = FakeRecord::new(30, 10);
    let batch = record.batch(0, 10);
    let cursor = bucket.write(&batch, None).await.unwrap();
    // The same again is as good as written, also where a body was sealed anew; other rows under the same name are not.
    let mut sealed_anew = batch.clone();
    sealed_anew.tables[0].rows[2][5] = Cell::Bytes("00".to_owned());
    for again in [&batch, &sealed_anew] {
        assert_eq!(bucket.write(again, None).await.unwrap(), cursor);
    }
    let mut other = batch;
    other.tables[0].rows[3] = rows_of(77);
    other.digest = "0".repeat(64);
    assert_eq!(bucket.write(&other, None).await.err(), Some(Fault::Taken));
    assert_eq!(bucket.cursor(BOX).await.unwrap(), Some(cursor));
    assert_eq!(bucket.cursor("another box").await, Ok(None));
    let missing = moto.config_of_nothing();
    let mut nowhere = Bucket::open(&missing, false, TABLES, clock).unwrap();
    assert_eq!(nowhere.cursor(BOX).await, Err(Fault::Missing));
}
