//! The daemon behind its socket, with a record that answers what the test says.

use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::*;
use crate::clock::SystemClock;
use crate::config::warehouse::{Class, Postgres, Sink};
use crate::sync::fake::FakeRecord;
use crate::wire::doors::Record;
use crate::wire::rows::{Answer, Closed};

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// recordd: one answer to every question for rows, and what was appended.
struct Record0 {
    answer: Mutex<Answer>,
    appended: Mutex<String>,
    changed: tokio::sync::Notify,
}

impl Handler for Record0 {
    async fn handle(&self, request: Request) -> Result<Vec<u8>, Refusal> {
        match request.kind.as_str() {
            "rows" => serde_json::to_vec(&*self.answer.lock().unwrap()).map_err(|_| Refusal::Failed),
            "append-durable" => {
                let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
                let many = body["events"].as_array().unwrap().len() as u64;
                self.appended.lock().unwrap().push_str(&body["events"].to_string());
                self.changed.notify_one();
                // A first empty append has no number: it only asks whether the record can commit.
                Ok(format!("{{\"next\":{}}}", body["first"].as_u64().unwrap_or(0) + many).into_bytes())
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn config(run: &Path) -> SyncConfig {
    let sink = Postgres {
        // Nobody listens there.
        url: "http://127.0.0.1:1".to_owned(),
        lan: true,
        database: "d".to_owned(),
        schema: "anteroom".to_owned(),
        user: "u".to_owned(),
        password_file: None,
        ca_file: None,
    };
    let destination = Destination {
        name: "warehouse".to_owned(),
        sink: Sink::Postgres(sink),
        class: Class::DeIdentified,
        region: "us".to_owned(),
        schedule: "0 0 1 1 *".to_owned(),
        jitter: Duration::ZERO,
        window: None,
    };
    let users = Uids::all(nix::unistd::geteuid().as_raw());
    let backup = Backup { folder: None, bucket: None, every: Duration::from_secs(900), recovery_key: None };
    let time_zone = jiff::tz::TimeZone::UTC;
    SyncConfig { run: run.to_owned(), users, destinations: vec![destination], backup, time_zone }
}

async fn ask<T: DeserializeOwned>(door: &Client<Syncing>, kind: &'static str, body: &str) -> T {
    let answer = door.ask_sealed(kind, None, body.as_bytes().to_vec(), PATIENCE).await.unwrap();
    serde_json::from_slice(&answer).unwrap()
}

#[tokio::test]
async fn the_administrator_hears_how_each_destination_stands_and_the_record_what_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let record = Arc::new(Record0 {
        answer: Mutex::new(Answer::Batch(Box::new(FakeRecord::new(10, 10).batch(0, 10)))),
        appended: Mutex::default(),
        changed: tokio::sync::Notify::new(),
    });
    let (stop, config) = (Stop::new(), config(folder.path()));
    let mut tasks = Tasks::below(&stop);
    server::serve(&mut tasks, folder.path(), Record::NAME, &config.users, &record).unwrap();
    let daemon = run(config, Arc::new(SystemClock), stop.clone());
    let administrator = async {
        let path = folder.path().join("sync/from-cli.sock");
        while !path.exists() {
            tokio::task::yield_now().await;
        }
        let door = Client::<Syncing>::new(folder.path(), Role::Cli);
        let now = r#"{"destination":"warehouse"}"#;
        let outcome: Outcome = ask(&door, "now", now).await;
        assert!(matches!(&outcome, Outcome::Stopped { word, .. } if word == "unreachable"), "{outcome:?}");
        let standing: Vec<Standing> = ask(&door, "status", "").await;
        assert_eq!((standing.len(), standing[0].failures, standing[0].word.as_deref()), (1, 1, Some("unreachable")));
        assert!(standing[0].next_run.is_some() && standing[0].last_success.is_none());
        *record.answer.lock().unwrap() = Answer::Closed { why: Closed::NotApproved };
        let outcome: Outcome = ask(&door, "now", now).await;
        assert!(matches!(&outcome, Outcome::Stopped { word, .. } if word == "closed-not-approved"), "{outcome:?}");
        // It waits for a person now.
        let standing: Vec<Standing> = ask(&door, "status", "").await;
        assert_eq!(standing[0].next_run, None);
        while !record.appended.lock().unwrap().contains("sync-stopped") {
            record.changed.notified().await;
        }
        assert!(record.appended.lock().unwrap().contains("\"destination\":\"warehouse\""));
        // The record has nothing: that is a success.
        *record.answer.lock().unwrap() = Answer::Done { checkpoint: None, log: "l".to_owned() };
        let outcome: Outcome = ask(&door, "now", now).await;
        assert_eq!(outcome, Outcome::UpToDate { rows: 0, batches: 0, next: 0 });
        let standing: Vec<Standing> = ask(&door, "status", "").await;
        assert!(standing[0].last_success.is_some() && standing[0].word.is_none() && standing[0].next_run.is_some());
        let unknown = door.ask_sealed("now", None, br#"{"destination":"x"}"#.to_vec(), PATIENCE).await;
        assert!(unknown.is_err());
        stop.ask();
    };
    let (ended, ()) = tokio::time::timeout(PATIENCE, async { tokio::join!(daemon, administrator) }).await.unwrap();
    ended.unwrap();
}

#[tokio::test]
async fn a_schedule_that_is_none_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(folder.path());
    config.destinations[0].schedule = "@daily".to_owned();
    let error = run(config, Arc::new(SystemClock), Stop::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "warehouse.warehouse.schedule");
}
