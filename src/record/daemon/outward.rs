//! What recordd tells syncd, and the administrator, about rows for a warehouse.
//!
//! In:  requests of syncd and of the command line. Out: batches, each of which is an event on the disk before it leaves.
//! Decides for itself whether a destination is open: syncd cannot ask for more than that.

use std::collections::HashSet;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Recordd, json};
use crate::config::Destination;
use crate::ids::CallId;
use crate::record::database::{Location, StoreError};
use crate::record::erase::{Mark, marked};
use crate::record::facts;
use crate::record::fork::{self, Witnessed};
use crate::record::nodes;
use crate::record::review::Review;
use crate::record::rows::{self, open, secret};
use crate::record::store::Submission;
use crate::wire::event::Kind;
use crate::wire::frame::Refusal;
use crate::wire::rows::{Answer, Ask, Closed, Cursor, Synced};

/// Where rows may go, by the configuration.
#[derive(Clone, Debug)]
pub struct Outward {
    /// The destinations.
    pub destinations: Vec<Destination>,
    /// The box's name there; without one "anteroom/" and the log's id.
    pub origin: Option<String>,
    /// In which an agreement's last day is meant.
    pub time_zone: jiff::tz::TimeZone,
}

impl Default for Outward {
    fn default() -> Self {
        Self { destinations: Vec::new(), origin: None, time_zone: jiff::tz::TimeZone::UTC }
    }
}

impl Outward {
    /// Makes what each destination needs in the record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn prepare(&self, location: &Location) -> Result<(), StoreError> {
        if self.destinations.is_empty() {
            return Ok(());
        }
        let connection = location.writer()?;
        self.destinations.iter().try_for_each(|destination| secret::draw(&connection, &destination.name))
    }

    fn find(&self, name: &str) -> Option<&Destination> {
        self.destinations.iter().find(|destination| destination.name == name)
    }

    fn box_id(&self, connection: &Connection) -> Result<String, StoreError> {
        if let Some(origin) = &self.origin {
            return Ok(origin.clone());
        }
        let name = facts::secret(connection, "box-name")?.and_then(|name| String::from_utf8(name).ok());
        name.ok_or(StoreError::Malformed { table: "secret" })
    }
}

/// What the command line asks of a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// Its name in the configuration.
    pub destination: String,
}

/// Calls of which nothing is derived (42 CFR Part 2).
fn held(connection: &Connection) -> Result<HashSet<CallId>, StoreError> {
    Ok(marked(connection, Mark::Part2)?.into_iter().collect())
}

impl Recordd {
    fn today(&self) -> jiff::civil::Date {
        self.clock.wall().to_zoned(self.outward.time_zone.clone()).date()
    }

    /// The next rows for a destination.
    pub(super) async fn rows(&self, ask: Ask) -> Result<Vec<u8>, Refusal> {
        let (outward, today) = (self.outward.clone(), self.today());
        let name = ask.destination.clone();
        let bytes = self.read(move |connection| {
            let Some(destination) = outward.find(&ask.destination) else {
                return json(&Answer::Closed { why: Closed::Unknown });
            };
            if let Some(why) = open::standing(&connection, destination, today)? {
                return json(&Answer::Closed { why });
            }
            json(&rows::answer(&connection, destination, &outward.box_id(&connection)?, &held(&connection)?, &ask)?)
        });
        let bytes = bytes.await?;
        match serde_json::from_slice(&bytes).map_err(|_| Refusal::Failed)? {
            Answer::Batch(batch) => {
                let rows: usize = batch.tables.iter().map(|table| table.rows.len()).sum();
                let (first, next) = (batch.first, batch.next);
                self.tell(
                    Kind::SyncBatch,
                    &json!({ "state": "made", "destination": name, "first": first, "next": next,
                             "digest": batch.digest, "rows": rows }),
                )
                .await?;
            }
            Answer::Diverged => {
                tracing::error!(destination = name, "a warehouse has another record than this box");
                self.tell(Kind::Alert, &json!({ "what": "warehouse-diverged", "destination": name })).await?;
            }
            Answer::Done { .. } | Answer::Closed { .. } => {}
        }
        Ok(bytes)
    }

    /// Rows have arrived.
    pub(super) async fn synced(&self, synced: Synced) -> Result<Vec<u8>, Refusal> {
        if self.outward.find(&synced.destination).is_none() {
            return Err(Refusal::NotFound);
        }
        let told = synced.clone();
        let (folder, t) = (self.location.folder.clone(), self.clock.wall().as_microsecond());
        let noted = self.writer.act(move |mut store| {
            let connection = store.connection().0;
            // What a destination says it has is held against the log before it counts: syncd is not believed.
            let Synced { cursor: Cursor { log, size, root, .. }, .. } = &synced;
            let is_ours = facts::known_text(connection, "log")?.as_ref() == Some(log)
                && *size <= super::store_size(connection)?
                && nodes::root_at(connection, *size)?.to_string() == *root;
            if is_ours {
                secret::witness(connection, &synced, t)?;
                let Synced { destination: by, cursor: Cursor { log, size, root, .. }, .. } = synced;
                fork::remember(&folder, &Witnessed { log, size, root, t, by })?;
            }
            Ok((store, is_ours))
        });
        if !noted.await.map_err(|_| Refusal::Unavailable)? {
            self.tell(Kind::Alert, &json!({ "what": "warehouse-diverged", "destination": told.destination })).await?;
            return Err(Refusal::Conflict);
        }
        let Synced { destination, cursor, rows } = &told;
        self.tell(
            Kind::SyncBatch,
            &json!({ "state": "arrived", "destination": destination, "log": cursor.log, "next": cursor.next,
                     "size": cursor.size, "root": cursor.root, "rows": rows }),
        )
        .await?;
        Ok(b"{}".to_vec())
    }

    /// The first rows that would go, for people who are to approve it.
    pub(super) async fn preview(&self, asked: Named) -> Result<Vec<u8>, Refusal> {
        let destination = self.outward.find(&asked.destination).cloned().ok_or(Refusal::NotFound)?;
        let (outward, name) = (self.outward.clone(), asked.destination);
        self.tell(Kind::ConsoleAccess, &json!({ "by": "cli", "what": "preview", "destination": name })).await?;
        self.read(move |connection| {
            json(&rows::preview(&connection, &destination, &outward.box_id(&connection)?, &held(&connection)?)?)
        })
        .await
    }

    /// How a destination stands, and what is approved.
    pub(super) async fn release_standing(&self, asked: Named) -> Result<Vec<u8>, Refusal> {
        let destination = self.outward.find(&asked.destination).cloned().ok_or(Refusal::NotFound)?;
        let today = self.today();
        self.read(move |connection| json(&open::stands(&connection, &destination, today)?)).await
    }

    /// An approval is of a destination as this recordd knows it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none of that name; [`Refusal::Conflict`] where it is described otherwise now.
    pub(super) fn is_of_today(&self, review: &Review) -> Result<(), Refusal> {
        match review {
            Review::Release { destination, digest, .. } => {
                let known = self.outward.find(destination).ok_or(Refusal::NotFound)?;
                if open::digest_of(known) == *digest { Ok(()) } else { Err(Refusal::Conflict) }
            }
            Review::Sample { .. }
            | Review::Mark { .. }
            | Review::Sign { .. }
            | Review::Approve { .. }
            | Review::Marked { .. }
            | Review::Digest { .. }
            | Review::Withdraw { .. } => Ok(()),
        }
    }

    async fn tell(&self, kind: Kind, body: &serde_json::Value) -> Result<(), Refusal> {
        let entry = self.entry(kind, None, "recordd", body.to_string().into_bytes());
        self.durable(Submission { sender: None, entries: vec![entry] }).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::warehouse::{Bucket, Class, Sink};
    use crate::record::daemon::{RecordConfig, run};
    use crate::record::reading::Page;
    use crate::record::request::Show;
    use crate::record::review::ReleaseRole;
    use crate::record::rows::Preview;
    use crate::record::rows::open::Standing;
    use crate::tasks::Stop;
    use crate::wire::client::{AskError, Client};
    use crate::wire::doors::{Record, Role};
    use crate::wire::rows::Cursor;
    use crate::wire::users::Uids;

    const LONG: Duration = Duration::from_secs(30);

    fn destination() -> Destination {
        let bucket = Bucket {
            url: "https://bucket.example".to_owned(),
            lan: false,
            bucket: "b".to_owned(),
            signing_region: "r".to_owned(),
            prefix: "anteroom/".to_owned(),
            path_style: true,
            key_file: "k".into(),
            ca_file: None,
        };
        Destination {
            name: "dw".to_owned(),
            sink: Sink::Bucket(bucket),
            class: Class::DeIdentified,
            region: "us".to_owned(),
            schedule: "15 2 * * *".to_owned(),
            jitter: Duration::ZERO,
            window: None,
        }
    }

    async fn asked<T: serde::de::DeserializeOwned>(
        client: &Client<Record>,
        kind: &'static str,
        body: &impl Serialize,
    ) -> Result<T, AskError> {
        let bytes = client.ask_sealed(kind, None, serde_json::to_vec(body).unwrap(), LONG).await?;
        Ok(serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn rows_leave_after_an_approval_and_after_their_event() {
        let folder = tempfile::tempdir().unwrap();
        let (run_dir, data_dir) = (folder.path().join("run"), folder.path().join("data"));
        std::fs::create_dir(&run_dir).unwrap();
        let outward = Outward { destinations: vec![destination()], ..Outward::default() };
        let users = Uids::all(nix::unistd::getuid().as_raw());
        let config = RecordConfig { outward, ..RecordConfig::new(run_dir.clone(), data_dir.clone(), users) };
        let stop = Stop::new();
        let theirs = stop.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run(config, theirs)).unwrap();
        });
        let (syncd, cli) = (Client::<Record>::new(&run_dir, Role::Syncd), Client::<Record>::new(&run_dir, Role::Cli));
        while cli.ask_sealed("ping", None, Vec::new(), LONG).await.is_err() {
            tokio::task::yield_now().await;
        }
        let ask = |name: &str| Ask { destination: name.to_owned(), cursor: None, until: None, end: None };
        let named = Named { destination: "dw".to_owned() };
        let answer: Answer = asked(&syncd, "rows", &ask("elsewhere")).await.unwrap();
        assert_eq!(answer, Answer::Closed { why: Closed::Unknown });
        let answer: Answer = asked(&syncd, "rows", &ask("dw")).await.unwrap();
        assert_eq!(answer, Answer::Closed { why: Closed::NotApproved });
        let shown: Preview = asked(&cli, "preview", &named).await.unwrap();
        assert_eq!(shown.events, 1);
        let standing: Standing = asked(&cli, "release-standing", &named).await.unwrap();
        assert_eq!(standing.closed, Some(Closed::NotApproved));
        let release = |digest: &str| Review::Release {
            destination: "dw".to_owned(),
            digest: digest.to_owned(),
            role: ReleaseRole::PrivacyOfficer,
            by: "A. Officer".to_owned(),
        };
        let outdated = asked::<serde_json::Value>(&cli, "review", &release("00")).await;
        assert!(matches!(outdated, Err(AskError::Refused { refusal: Refusal::Conflict, .. })));
        let _: serde_json::Value = asked(&cli, "review", &release(&standing.digest)).await.unwrap();
        let connection = Location::find(&crate::record::key::KeySource { data_dir, credentials: None }, false);
        let location = connection.unwrap().0;
        let _: serde_json::Value = asked(&cli, "checkpoint", &json!({})).await.unwrap();
        let answer: Answer = asked(&syncd, "rows", &ask("dw")).await.unwrap();
        let Answer::Batch(batch) = answer else { panic!("no batch") };
        assert_eq!((batch.first, batch.next), (0, 2));
        let cursor = Cursor { log: batch.log.clone(), next: 2, size: 2, root: batch.checkpoint.root.clone() };
        let synced = Synced { destination: "dw".to_owned(), cursor: cursor.clone(), rows: 1 };
        let _: serde_json::Value = asked(&syncd, "synced", &synced).await.unwrap();
        let lied = Synced { cursor: Cursor { root: "22".repeat(32), ..cursor.clone() }, ..synced };
        let refused = asked::<serde_json::Value>(&syncd, "synced", &lied).await;
        assert!(matches!(refused, Err(AskError::Refused { refusal: Refusal::Conflict, .. })));
        let other = Ask { cursor: Some(Cursor { root: "11".repeat(32), ..cursor }), ..ask("dw") };
        let answer: Answer = asked(&syncd, "rows", &other).await.unwrap();
        assert_eq!(answer, Answer::Diverged);
        let page: Page = asked(&cli, "show", &Show { call: None, after: None }).await.unwrap();
        let kinds: Vec<_> = page.entries.iter().map(|entry| entry.kind).collect();
        let expected = [
            Kind::ConsoleAccess,
            Kind::Review,
            Kind::SyncBatch,
            Kind::SyncBatch,
            Kind::Alert,
            Kind::Alert,
            Kind::ConsoleReveal,
        ];
        assert_eq!(kinds, expected);
        assert!(page.entries[2].body.as_ref().unwrap().get().contains(&batch.digest));
        let witnessed = facts::known(&location.reader().unwrap(), "witnessed:dw").unwrap().unwrap();
        let witnessed: serde_json::Value = serde_json::from_slice(&witnessed).unwrap();
        assert_eq!((&witnessed["size"], &witnessed["root"]), (&json!(2), &json!(batch.checkpoint.root)));
        stop.ask();
        tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
    }
}
