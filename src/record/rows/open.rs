//! Whether a destination may be used today: what it is, in words that people approve, and who has approved it.
//!
//! In:  reviews of the record, the configuration, a day. Out: why it is closed, or that it is open. An approval holds for a
//! description: where the address, the class, the agreement or the key changes, people look again.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::config::Destination;
use crate::config::warehouse::{Class, Sink};
use crate::record::database::StoreError;
use crate::record::reading::open;
use crate::record::review::{ReleaseRole, Review, is_one_name};
use crate::record::tree::sha256;
use crate::wire::rows::Closed;

/// How a destination stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Why it is closed; none where it is open.
    pub closed: Option<Closed>,
    /// What is approved, line by line.
    pub described: String,
    /// SHA-256 of that, hex: belongs into the approval.
    pub digest: String,
    /// Who has approved this description.
    pub approvals: Vec<(ReleaseRole, String)>,
}

/// What a destination is, as people read and approve it. Each value is quoted, so that none can pass for a line.
#[must_use]
pub fn described(destination: &Destination) -> String {
    let mut lines = vec![format!("name: {:?}", destination.name)];
    match &destination.sink {
        Sink::Postgres(to) => lines.push(format!(
            "postgres: {:?}, database {:?}, schema {:?}, role {:?}",
            to.url, to.database, to.schema, to.user
        )),
        Sink::Bucket(to) => {
            lines.push(format!("bucket: {:?}, bucket {:?}, keys below {:?}", to.url, to.bucket, to.prefix));
        }
    }
    lines.push(format!("region: {:?}", destination.region));
    match &destination.class {
        Class::DeIdentified => lines.push("class: deidentified".to_owned()),
        Class::Phi(agreement) => {
            lines.push("class: phi".to_owned());
            lines.push(format!("agreement: {:?}, the last day {}", agreement.baa, agreement.until));
            lines.push(match agreement.seal_to {
                Some(key) => {
                    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
                    format!("bodies: sealed to {key}")
                }
                None => "bodies: open".to_owned(),
            });
        }
    }
    lines.join("\n")
}

/// SHA-256 of [`described`], hex.
#[must_use]
pub fn digest_of(destination: &Destination) -> String {
    sha256(described(destination).as_bytes()).to_string()
}

/// Why a destination may not be used on this day; none where it may.
///
/// # Errors
/// [`StoreError`].
pub fn standing(
    connection: &Connection,
    destination: &Destination,
    today: jiff::civil::Date,
) -> Result<Option<Closed>, StoreError> {
    stands(connection, destination, today).map(|standing| standing.closed)
}

/// How a destination stands on this day.
///
/// # Errors
/// [`StoreError`].
pub fn stands(
    connection: &Connection,
    destination: &Destination,
    today: jiff::civil::Date,
) -> Result<Standing, StoreError> {
    let digest = digest_of(destination);
    let approvals = approvals(connection, &destination.name, &digest)?;
    let closed = closed(&destination.class, &approvals, today);
    Ok(Standing { closed, described: described(destination), digest, approvals })
}

fn closed(class: &Class, approvals: &[(ReleaseRole, String)], today: jiff::civil::Date) -> Option<Closed> {
    let by = |role: ReleaseRole| approvals.iter().filter(move |(as_what, _)| *as_what == role).map(|(_, by)| by);
    let officers = || by(ReleaseRole::PrivacyOfficer);
    let Class::Phi(agreement) = class else {
        // Somebody runs the box and somebody answers for privacy; for rows without PHI the second suffices.
        return officers().next().is_none().then_some(Closed::NotApproved);
    };
    let two = officers().any(|officer| by(ReleaseRole::Administrator).any(|other| !is_one_name(officer, other)));
    if approvals.is_empty() {
        Some(Closed::NotApproved)
    } else if !two {
        Some(Closed::OneApproval)
    } else {
        (today > agreement.until).then_some(Closed::Expired)
    }
}

/// The approvals of this description since it was last withdrawn.
fn approvals(connection: &Connection, name: &str, digest: &str) -> Result<Vec<(ReleaseRole, String)>, StoreError> {
    let mut statement = connection.prepare(
        "SELECT e.seq, e.header, e.body_ct, k.key FROM event e LEFT JOIN data_key k ON k.id = e.key_id
         WHERE json_extract(CAST(e.header AS TEXT), '$.kind') = 'review' ORDER BY e.seq",
    )?;
    let mut rows = statement.query([])?;
    let mut approvals = Vec::new();
    while let Some(row) = rows.next()? {
        let (_, body) = open(row)?;
        match body.ok().and_then(|body| serde_json::from_slice::<Review>(&body).ok()) {
            Some(Review::Release { destination, digest: of, role, by }) if destination == name && of == digest => {
                approvals.push((role, by));
            }
            Some(Review::Withdraw { destination, .. }) if destination == name => approvals.clear(),
            Some(
                Review::Release { .. }
                | Review::Withdraw { .. }
                | Review::Sample { .. }
                | Review::Mark { .. }
                | Review::Sign { .. }
                | Review::Approve { .. }
                | Review::Marked { .. }
                | Review::Digest { .. },
            )
            | None => {}
        }
    }
    Ok(approvals)
}
