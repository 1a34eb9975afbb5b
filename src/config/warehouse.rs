//! `[warehouse.NAME]`: where the record's rows go, of which class they are, and when.
//!
//! In:  the sections. Out: [`Destination`]s in which every class has what it needs. Whether a destination may be used today
//! is decided by recordd, from the approvals in the record and the dates here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;

use super::reader::Section;

/// One destination.
#[derive(Clone, Debug, PartialEq)]
pub struct Destination {
    /// Its name in this file, in approvals and in events.
    pub name: String,
    /// What it is.
    pub sink: Sink,
    /// What may go there.
    pub class: Class,
    /// Where it runs: must be `residency` of the section `[airlock]`, as for models.
    pub region: String,
    /// When it is brought up to date: five fields as in cron (minute, hour, day of month, month, day of week), in the clinic's
    /// time zone.
    pub schedule: String,
    /// Each run begins up to so much later, by the box's own name: thousands of boxes do not come at once.
    pub jitter: Duration,
    /// Runs begin and go on only between these hours of the clinic's day ("22-6"); none for any.
    pub window: Option<(u8, u8)>,
}

/// What may go to a destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Class {
    /// Rows that recordd derived, without headers and free text, dates to the year: 45 CFR 164.514(b)(2).
    DeIdentified,
    /// Headers to the byte and bodies, under an agreement.
    Phi(Agreement),
}

/// What a destination of PHI stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The business associate agreement's reference in the clinic's files.
    pub baa: String,
    /// The last day on which it holds.
    pub until: Date,
    /// Bodies are sealed to this X25519 key of the clinic's; none where the clinic has chosen to have them open.
    pub seal_to: Option<[u8; 32]>,
}

/// What a destination is.
#[derive(Clone, Debug, PartialEq)]
pub enum Sink {
    /// A PostgreSQL database.
    Postgres(Postgres),
    /// An S3-compatible bucket that takes Parquet files.
    Bucket(Bucket),
}

/// A PostgreSQL database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postgres {
    /// `https://host:port` or, in the clinic's own network, `http://host:port` without TLS: read as every other endpoint is.
    pub url: String,
    /// Whether it stands in the clinic's own network.
    pub lan: bool,
    /// The database.
    pub database: String,
    /// The schema, which is made where it is missing.
    pub schema: String,
    /// The role.
    pub user: String,
    /// The file with its password.
    pub password_file: Option<PathBuf>,
    /// The certificate authority, PEM, of a server whose certificate no public one signed.
    pub ca_file: Option<PathBuf>,
}

/// An S3-compatible bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// `https://host`, or `http://host:port` in the clinic's own network.
    pub url: String,
    /// Whether it stands in the clinic's own network.
    pub lan: bool,
    /// The bucket's name.
    pub bucket: String,
    /// The region that requests are signed for.
    pub signing_region: String,
    /// What every key begins with; empty, or ends with `/`.
    pub prefix: String,
    /// Whether the bucket's name is in the path (most servers of one's own) or in the host.
    pub path_style: bool,
    /// The file with two lines: access key id and secret.
    pub key_file: PathBuf,
    /// The certificate authority, PEM.
    pub ca_file: Option<PathBuf>,
}

impl Destination {
    pub(super) fn read(name: &str, section: &mut Section, base: &Path) -> Self {
        #[derive(Clone, Copy)]
        enum Kind {
            Postgres,
            Bucket,
        }
        let kinds = [("postgres", Kind::Postgres), ("bucket", Kind::Bucket)];
        let sink = match section.required_choice("kind", &kinds).unwrap_or(Kind::Bucket) {
            Kind::Postgres => Sink::Postgres(Postgres::read(section, base)),
            Kind::Bucket => Sink::Bucket(Bucket::read(section, base)),
        };
        let class = if section.choice("class", &[("deidentified", false), ("phi", true)]) {
            Class::Phi(Agreement::read(section))
        } else {
            Class::DeIdentified
        };
        let minutes = u64::try_from(section.count("jitter-minutes", 30, 0..=720)).unwrap_or(30);
        Self {
            name: name.to_owned(),
            sink,
            class,
            region: section.required_text("region"),
            schedule: section.text("schedule", "15 2 * * *"),
            jitter: Duration::from_secs(60 * minutes),
            window: window(section),
        }
    }
}

impl Agreement {
    fn read(section: &mut Section) -> Self {
        let baa = section.required_text("baa");
        let until = section.required_text("baa-until");
        let until = until.parse().unwrap_or_else(|_| {
            section.problem("baa-until", "should be a day such as \"2027-12-31\"".to_owned());
            Date::MIN
        });
        let open = section.choice("bodies", &[("sealed", false), ("open", true)]);
        let seal_to = key(section, "seal-to");
        if !open && seal_to.is_none() {
            let what =
                "is missing: run `anteroom record seal-key` where the warehouse is read, and write its public key here";
            section.problem("seal-to", what.to_owned());
        }
        Self { baa, until, seal_to: seal_to.filter(|_| !open) }
    }
}

impl Postgres {
    fn read(section: &mut Section, base: &Path) -> Self {
        let schema = section.text("schema", "anteroom");
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !schema.starts_with(|c: char| c.is_ascii_lowercase()) || !schema.chars().all(fits) || schema.len() > 48 {
            section.problem("schema", "should be up to 48 small letters, digits and _, a letter first".to_owned());
        }
        Self {
            url: section.required_text("url"),
            lan: section.flag("lan", false),
            database: section.required_text("database"),
            schema,
            user: section.required_text("user"),
            password_file: section.optional_path("password-file", base),
            ca_file: section.optional_path("ca-file", base),
        }
    }
}

impl Bucket {
    pub(super) fn read(section: &mut Section, base: &Path) -> Self {
        let mut prefix = section.text("prefix", "anteroom/");
        if !prefix.ends_with('/') {
            prefix.push('/');
        }
        if !prefix.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.')) {
            section.problem("prefix", "should be letters, digits and / - _ .".to_owned());
        }
        let key_file = section.required_text("key-file");
        Self {
            url: section.required_text("url"),
            lan: section.flag("lan", false),
            bucket: section.required_text("bucket"),
            signing_region: section.text("signing-region", "us-east-1"),
            prefix,
            path_style: section.flag("path-style", true),
            key_file: base.join(key_file),
            ca_file: section.optional_path("ca-file", base),
        }
    }
}

/// "22-6": from ten in the evening to six in the morning.
fn window(section: &mut Section) -> Option<(u8, u8)> {
    let text = section.optional_text("window")?;
    let hours = text.split_once('-').and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    let sane = hours.filter(|&(from, to): &(u8, u8)| from < 24 && to < 24 && from != to);
    if sane.is_none() {
        section.problem("window", "should be two hours of the day such as \"22-6\"".to_owned());
    }
    sane
}

/// A public key: 64 hexadecimal digits.
pub(super) fn key(section: &mut Section, name: &str) -> Option<[u8; 32]> {
    let text = section.optional_text(name)?;
    let mut bytes = [0_u8; 32];
    let digits = text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit());
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
        *byte = pair.unwrap_or_default();
    }
    if !digits {
        section.problem(name, "should be 64 hexadecimal digits in quotes".to_owned());
    }
    digits.then_some(bytes)
}
