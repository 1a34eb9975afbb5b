//! The whole way: a log of ten thousand events, recordd as it runs, and the real destinations, cut off again and again.
//!
//! In:  PostgreSQL 15 and an S3 server ([`super::peers::servers`]). Out: a table of what arrived beside what recordd makes
//! of the same events in one go. Run by `make test-record`. The copies' way to a bucket and back is here too.

mod compared;
mod scene;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::bucket::Bucket;
use super::peers::servers::{Moto, Server};
use super::postgres::Postgres;
use super::run::{self, Arrived, Run, Stopped};
use super::shelf::bucket::BucketShelf;
use super::shelf::{FolderShelf, Shelf};
use super::worker::RecordDoor;
use crate::clock::{Clock, SystemClock};
use crate::config::Destination;
use crate::config::warehouse::{Agreement, Class, Sink};
use crate::record::backup::recovery::RecoveryKey;
use crate::record::backup::restore::{Plan, restore};
use crate::record::database::Location;
use crate::record::key::KeySource;
use crate::record::kit;
use crate::record::verify::verify;
use crate::wire::doors::Role;
use crate::wire::rows::{TABLES, table};
use compared::{Compared, Row, opened, rows_of, select, tables, value};
use scene::{Scene, clock};

const EVENTS: usize = 10_000;
const INTERRUPTIONS: usize = 20;
/// Longer than any run takes.
const PATIENCE: Duration = Duration::from_secs(120);

#[expect(clippy::print_stderr, reason = "the table is for a person to read")]
fn say(text: &str) {
    eprintln!("{text}");
}

fn seal_key() -> crypto_box::SecretKey {
    crypto_box::SecretKey::from([9; 32])
}

fn phi(destination: &Destination) -> bool {
    matches!(destination.class, Class::Phi(_))
}

/// Both sinks for both classes, each twice: one is measured, the other is interrupted.
fn destinations(server: &Server, moto: &Moto) -> Vec<Destination> {
    let sealed = Agreement {
        baa: "BAA 7".to_owned(),
        until: jiff::civil::date(2099, 12, 31),
        seal_to: Some(*seal_key().public_key().as_bytes()),
    };
    let mut all = Vec::new();
    for run in ["measured", "cut"] {
        for (word, class) in [("bare", Class::DeIdentified), ("phi", Class::Phi(sealed.clone()))] {
            let schema = format!("{word}_{run}");
            let database = crate::config::warehouse::Postgres { schema, ..server.config() };
            let bucket = moto.config(&format!("{word}-{run}"));
            for (kind, sink) in [("postgres", Sink::Postgres(database)), ("bucket", Sink::Bucket(bucket))] {
                all.push(Destination {
                    name: format!("{kind}-{word}-{run}"),
                    sink,
                    class: class.clone(),
                    region: "us".to_owned(),
                    schedule: "15 2 * * *".to_owned(),
                    jitter: Duration::ZERO,
                    window: None,
                });
            }
        }
    }
    all
}

/// A run of syncd that was just started, with connections of its own.
async fn sync(door: RecordDoor, destination: Destination) -> Result<Arrived, Stopped> {
    let run = Run { destination: &destination.name, box_id: &mut None, may_go_on: &|| true };
    let phi = phi(&destination);
    match &destination.sink {
        Sink::Postgres(config) => run::run(run, &door, &mut Postgres::new(config, phi, TABLES)).await,
        Sink::Bucket(config) => run::run(run, &door, &mut Bucket::open(config, phi, TABLES, clock())?).await,
    }
}

/// Cuts runs of one destination off until that has happened often enough: by dropping the run, by stopping recordd under
/// it, or by restarting the database under it. `whole` is how long one takes without that.
async fn interrupted(scene: &mut Scene, destination: &Destination, server: &Arc<Server>, whole: Duration) -> usize {
    let mut random = fastrand::Rng::with_seed(31);
    let most = u64::try_from(whole.as_micros()).unwrap() / 8;
    let (mut cut, mut dropped, mut record_stopped, mut restarted) = (0, 0, 0, 0);
    for _ in 0..INTERRUPTIONS * 20 {
        if cut == INTERRUPTIONS {
            break;
        }
        let door = RecordDoor(Arc::new(scene.client(Role::Syncd)));
        let mut running = Box::pin(sync(door, destination.clone()));
        let after = Duration::from_micros(random.u64(500..most));
        if let Ok(ended) = tokio::time::timeout(after, &mut running).await {
            ended.unwrap();
            continue;
        }
        let failed = match (cut % 5, &destination.sink) {
            (2, _) => {
                let (ended, ()) = tokio::join!(tokio::time::timeout(PATIENCE, running), scene.stop());
                scene.start().await;
                record_stopped += 1;
                ended.unwrap().is_err()
            }
            (4, Sink::Postgres(_)) => {
                let server = Arc::clone(server);
                let restart = tokio::task::spawn_blocking(move || server.restart());
                let (ended, done) = tokio::join!(tokio::time::timeout(PATIENCE, running), restart);
                done.unwrap();
                restarted += 1;
                ended.unwrap().is_err()
            }
            _ => {
                drop(running);
                dropped += 1;
                true
            }
        };
        cut += usize::from(failed);
    }
    say(&format!("  {}: {dropped} dropped, {record_stopped} recordd, {restarted} database", destination.name));
    cut
}

/// What lies at a destination.
fn found(destination: &Destination, server: &Server, moto: &Moto) -> (Vec<Row>, Vec<Value>) {
    let json = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
    match &destination.sink {
        Sink::Postgres(config) => {
            let rows = tables(phi(destination)).flat_map(|table| {
                let lines = server.psql(&select(&config.schema, table));
                lines.lines().map(|line| (table, json(line).as_array().unwrap().clone())).collect::<Vec<_>>()
            });
            (rows.collect(), Vec::new())
        }
        Sink::Bucket(config) => {
            let lines = moto.python(&["rows"], &config.bucket);
            let (manifests, rows): (Vec<Value>, Vec<Value>) = lines.lines().map(json).partition(Value::is_object);
            let row = |line: &Value| (table(line[0].as_str().unwrap()).unwrap(), line[1].as_array().unwrap().clone());
            (rows.iter().map(row).collect(), manifests)
        }
    }
}

/// Writes the record's own rows as an auditor's folder and runs the check that goes with it.
fn checked_by_python(rows: &[Row], scene: &Scene) -> String {
    let of = |name: &'static str| rows.iter().filter(move |row| row.0.name == name);
    let newest = of("raw_checkpoints").max_by_key(|row| value(row, "size").as_u64()).unwrap();
    let text = |row: &Row, name: &str| value(row, name).as_str().unwrap().to_owned();
    let (size, note, log) = (value(newest, "size").as_u64().unwrap(), text(newest, "note"), text(newest, "log"));
    let mut events: Vec<_> = of("raw_events").map(|row| (value(row, "seq").as_u64().unwrap(), row)).collect();
    events.sort_by_key(|(seq, _)| *seq);
    events.retain(|(seq, _)| *seq < size);
    let origin = note.lines().next().unwrap().to_owned();
    let headers: String = events.iter().map(|(_, row)| text(row, "header") + "\n").collect();
    let files = [(kit::ENTRIES_FILE, headers), (kit::CHECKPOINT_FILE, note), (kit::VKEY_FILE, scene.vkey() + "\n")];
    let folder = tempfile::tempdir().unwrap();
    let sums = files.iter().map(|(name, text)| ((*name).to_owned(), kit::FileSum::of(text.as_bytes())));
    let (v, kind, entries) = (kit::VERSION, kit::Kind::All, u64::try_from(events.len()).unwrap());
    let manifest = kit::Manifest { v, kind, log, origin, size, entries, files: sums.collect() };
    let manifest = (kit::MANIFEST_FILE, serde_json::to_string(&manifest).unwrap());
    let script = (kit::VERIFY_FILE, kit::VERIFY_PY.to_owned());
    for (name, text) in files.into_iter().chain([manifest, script]) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let script = folder.path().join(kit::VERIFY_FILE);
    let output = Command::new("python3").arg("-B").arg(script).arg(folder.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    format!("{size} events: {}", said.trim().replace('\n', "; "))
}

/// One run for each destination, not interrupted: how long each took.
async fn measured_runs(scene: &Scene, measured: &[Destination]) -> Vec<Duration> {
    let mut took = Vec::new();
    for destination in measured {
        let begun = SystemClock.now();
        let arrived = sync(RecordDoor(Arc::new(scene.client(Role::Syncd))), destination.clone()).await.unwrap();
        let whole = SystemClock.now().duration_since(begun);
        took.push(whole);
        let (rows, batches, events) = (arrived.rows, arrived.batches, arrived.cursor.unwrap().next);
        let (seconds, rate) = (whole.as_secs_f64(), f64::from(u32::try_from(events).unwrap()) / whole.as_secs_f64());
        let name = &destination.name;
        say(&format!("{name}: {events} events, {rows} rows, {batches} batches, {seconds:.2} s, {rate:.0} events/s"));
    }
    took
}

#[tokio::test]
#[ignore = "needs PostgreSQL and moto: make test-record"]
async fn what_arrives_after_twenty_interruptions_is_exactly_what_the_record_gives_in_one_go() {
    let (Some(server), Some(moto)) = (Server::start(), Moto::start()) else { return };
    crate::http::install_crypto();
    let server = Arc::new(server);
    let mut scene = Scene::new(EVENTS, destinations(&server, &moto));
    scene.start().await;
    scene.approve().await;
    scene.sign().await;
    let (measured, cut): (Vec<_>, Vec<_>) =
        scene.destinations.clone().into_iter().partition(|destination| destination.name.ends_with("measured"));
    let took = measured_runs(&scene, &measured).await;
    let mut lines = Vec::new();
    let mut exact = true;
    for (destination, whole) in cut.iter().zip(took) {
        let interruptions = interrupted(&mut scene, destination, &server, whole).await;
        let arrived = sync(RecordDoor(Arc::new(scene.client(Role::Syncd))), destination.clone()).await.unwrap();
        let next = arrived.cursor.unwrap().next;
        let expected = opened(rows_of(&scene.in_one_go(destination, next)), &seal_key());
        let (found, manifests) = found(destination, &server, &moto);
        let (found, sealed) = (opened(found, &seal_key()), phi(destination));
        let compared = Compared::of(&expected, &found);
        let announced = scene.announced(&destination.name);
        for manifest in &manifests {
            let number = |name: &str| manifest[name].as_u64().unwrap();
            let digest = manifest["digest"].as_str().unwrap().to_owned();
            assert!(announced.contains(&(number("first"), number("next"), digest)), "{manifest}");
        }
        assert!(scene.is_announced(destination, next), "{}: not as it was announced", destination.name);
        if sealed {
            say(&format!("  {}: verify.py on {}", destination.name, checked_by_python(&found, &scene)));
        }
        let right = compared.is_exact() && interruptions == INTERRUPTIONS;
        exact &= right;
        let class = if sealed { "phi" } else { "deidentified" };
        let (kind, word) = (destination.name.split('-').next().unwrap(), if right { "exact" } else { "NOT EXACT" });
        lines.push(format!("{kind:<11} | {class:<12} | {interruptions:>13} | {next:>6} | {compared} | {word}"));
    }
    say(
        "destination | class        | interruptions | events | rows   | duplicates | missing | other | repeated dim | result",
    );
    lines.iter().for_each(|line| say(line));
    views_answer(&server);
    scene.stop().await;
    assert!(exact);
    let there = "SELECT count(*) FROM pg_tables WHERE schemaname LIKE 'bare%' AND tablename LIKE 'raw%'";
    assert_eq!(server.psql(there).trim(), "0");
}

/// The views that go with the tables load on them and answer.
fn views_answer(server: &Server) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/views.sql");
    for schema in ["bare_cut", "phi_cut"] {
        // Twice: as after an update.
        server.psql_file(schema, &file);
        server.psql_file(schema, &file);
        let views = server.psql(&format!("SELECT viewname FROM pg_views WHERE schemaname = '{schema}' ORDER BY 1"));
        let said = views.lines().map(|view| {
            let rows = server.psql(&format!("SELECT * FROM \"{schema}\".\"{view}\""));
            format!("{view} {}", rows.lines().count())
        });
        say(&format!("views in {schema}, rows of each: {}", said.collect::<Vec<_>>().join(", ")));
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL and moto: make test-record"]
async fn a_record_that_was_carried_to_a_bucket_comes_back_from_it() {
    let Some(moto) = Moto::start() else { return };
    crate::http::install_crypto();
    let key = RecoveryKey::from_bytes([4; 32]);
    let mut scene = Scene::new(EVENTS, Vec::new());
    scene.recovery_key = Some(key.public());
    scene.start().await;
    scene.sign().await;
    let (config, client) = (moto.config("copies"), scene.client(Role::Syncd));
    let shelf = || BucketShelf::open(&config, clock()).unwrap();
    let (mut random, mut cut) = (fastrand::Rng::with_seed(3), 0);
    for _ in 0..INTERRUPTIONS {
        let after = Duration::from_millis(random.u64(1..60));
        let (now, shelf) = (SystemClock.wall().as_microsecond(), shelf());
        let carrying = super::backup::carry(&client, &shelf, now);
        cut += usize::from(tokio::time::timeout(after, carrying).await.is_err());
    }
    let now = SystemClock.wall().as_microsecond();
    let carried = super::backup::carry(&client, &shelf(), now).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let here = FolderShelf::new(folder.path().to_owned());
    let names = shelf().list("").await.unwrap();
    for name in &names {
        here.put(name, shelf().get(name).await.unwrap().unwrap()).await.unwrap();
    }
    scene.stop().await;
    let before = verify(&mut scene.location.reader().unwrap()).unwrap();
    let place = tempfile::tempdir().unwrap();
    let into = KeySource { data_dir: place.path().join("new"), credentials: None };
    let (folder, key) = (folder.path(), &key);
    let (log, witness, old_keys, partial) = (None, None, false, false);
    let plan = Plan { folder, log, key, into: into.clone(), witness, now, old_keys, partial };
    let restored = restore(&plan).unwrap();
    let after = verify(&mut Location::find(&into, false).unwrap().0.reader().unwrap()).unwrap();
    assert_eq!((&restored.root, restored.bad.len(), restored.lost), (&Some(before.root.clone()), 0, 0));
    assert_eq!((carried.next, after), (before.events, before));
    let (events, erased, objects) = (restored.events, restored.erased, names.len());
    say(&format!(
        "backup: {cut} of {INTERRUPTIONS} runs cut off, {objects} objects, {events} events, {erased} erased: whole"
    ));
    assert!(cut > 0);
}
