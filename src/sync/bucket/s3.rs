//! The S3 that is needed: write an object where there is none, ask about one, read one, list names.
//!
//! In:  keys and bytes. Out: what lies there, or a [`Fault`]. Requests are signed here (SigV4 in the query, valid for
//! minutes) and sent by [`crate::http`]; the secret never leaves. What may pass is tried again a few times.

use std::sync::Arc;
use std::time::Duration;

use rusty_s3::actions::{ListObjectsV2, S3Action};
use rusty_s3::{Bucket as Signer, Credentials, UrlStyle};
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::config::warehouse as config;
use crate::hex::hex;
use crate::http::{Endpoint, Http, Verb, Whole};
use crate::sync::fault::Fault;

/// How long a signature holds: clocks may differ a little, a request takes at most [`DEADLINE`].
const SIGNED_FOR: Duration = Duration::from_secs(300);
/// How long one request may take.
const DEADLINE: Duration = Duration::from_secs(60);
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How often a request is tried, and the pause before the second time; it doubles.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);
/// The most bytes of a listing: 1,000 names of at most 1,024 bytes, with what S3 says about each.
const MOST_OF_A_LIST: usize = 4 << 20;
/// The header in which an object's SHA-256 stands, so that it can be compared without being read.
const SHA256: &str = "x-amz-meta-sha256";
/// The header in which stands what an object was made from. The same rows may be other bytes: a body that is sealed anew.
const SOURCE: &str = "x-amz-meta-source";

/// A bucket that can be asked.
pub struct S3 {
    http: Http,
    signer: Signer,
    credentials: Credentials,
    clock: Arc<dyn Clock>,
}

/// What lies under a key now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Put {
    /// What was to be written: now, or since before from the same source.
    There {
        /// How many bytes it has.
        size: u64,
        /// Its SHA-256, hexadecimal.
        sha256: String,
    },
    /// Something else, which still is.
    Other,
}

impl S3 {
    /// A client of the bucket. Reads its key file; connects at the first request.
    ///
    /// # Errors
    /// [`Fault::File`], [`Fault::Address`] or [`Fault::Authority`].
    pub fn open(config: &config::Bucket, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let url = config.url.trim_end_matches('/');
        let (scheme, host) = url.split_once("://").ok_or(Fault::Address)?;
        let (style, asked) = if config.path_style {
            (UrlStyle::Path, url.to_owned())
        } else {
            (UrlStyle::VirtualHost, format!("{scheme}://{}.{host}", config.bucket))
        };
        let endpoint = Endpoint::parse(&asked, config.lan)?;
        let ca = match &config.ca_file {
            Some(path) => Some(std::fs::read(path).map_err(|_| Fault::File)?),
            None => None,
        };
        let http = Http::new(endpoint, ca.as_deref(), CONNECT)?;
        let base = url.parse().map_err(|_| Fault::Address)?;
        let signer = Signer::new(base, style, config.bucket.clone(), config.signing_region.clone());
        let signer = signer.map_err(|_| Fault::Address)?;
        let keys = std::fs::read_to_string(&config.key_file).map_err(|_| Fault::File)?;
        let lines: Vec<&str> = keys.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let [id, secret] = lines.as_slice() else { return Err(Fault::File) };
        Ok(Self { http, signer, credentials: Credentials::new(*id, *secret), clock })
    }

    /// Writes an object where there is none. `source` names what it is made from, in ASCII without spaces: an object with the
    /// same source that is there already is as good, even where its bytes differ.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn put_new(&self, key: &str, bytes: &[u8], source: &str) -> Result<Put, Fault> {
        let sha256 = hex(&Sha256::digest(bytes));
        let headers = [("if-none-match", "*"), (SHA256, sha256.as_str()), (SOURCE, source)];
        let mut put = self.signer.put_object(Some(&self.credentials), key);
        for (name, value) in headers {
            put.headers_mut().insert(name, value);
        }
        let answer = self.ask(Verb::Put, &put, &headers, bytes, 1 << 16).await?;
        match answer.status {
            200..=299 => Ok(Put::There { size: u64::try_from(bytes.len()).unwrap_or(u64::MAX), sha256 }),
            412 => self.compare(key, source).await,
            _ => Err(refused(&answer)),
        }
    }

    /// Writes an object, in place of what lies under its key.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn put(&self, key: &str, bytes: &[u8]) -> Result<(), Fault> {
        let put = self.signer.put_object(Some(&self.credentials), key);
        let answer = self.ask(Verb::Put, &put, &[], bytes, 1 << 16).await?;
        if (200..=299).contains(&answer.status) { Ok(()) } else { Err(refused(&answer)) }
    }

    /// What an object holds; `None` where there is none. `most` bounds its bytes, up to [`crate::http::MAX_BODY`].
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn get(&self, key: &str, most: usize) -> Result<Option<Vec<u8>>, Fault> {
        let get = self.signer.get_object(Some(&self.credentials), key);
        let answer = self.ask(Verb::Get, &get, &[], &[], most).await?;
        match answer.status {
            200..=299 => Ok(Some(answer.body)),
            404 => Ok(None),
            _ => Err(refused(&answer)),
        }
    }

    /// The next names that begin with `prefix` and come after `after`, in order, at most 1,000; and whether there are more.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn list(&self, prefix: &str, after: Option<&str>) -> Result<(Vec<String>, bool), Fault> {
        let mut list = self.signer.list_objects_v2(Some(&self.credentials));
        list.with_prefix(prefix);
        if let Some(after) = after {
            list.with_start_after(after);
        }
        let answer = self.ask(Verb::Get, &list, &[], &[], MOST_OF_A_LIST).await?;
        if answer.status != 200 {
            return Err(refused(&answer));
        }
        let text = std::str::from_utf8(&answer.body).map_err(|_| Fault::Protocol)?;
        let listed = ListObjectsV2::parse_response(text).map_err(|_| Fault::Protocol)?;
        let more = listed.next_continuation_token.is_some();
        let names: Vec<String> = listed.contents.into_iter().map(|object| object.key).collect();
        // A server that gives names out of order, or the same again, would have the caller go round for ever.
        let mut last = after;
        for name in &names {
            if !name.starts_with(prefix) || last.is_some_and(|last| name.as_str() <= last) {
                return Err(Fault::Protocol);
            }
            last = Some(name);
        }
        if more && names.is_empty() { Err(Fault::Protocol) } else { Ok((names, more)) }
    }

    async fn compare(&self, key: &str, source: &str) -> Result<Put, Fault> {
        let head = self.signer.head_object(Some(&self.credentials), key);
        let answer = self.ask(Verb::Head, &head, &[], &[], 0).await?;
        if !(200..=299).contains(&answer.status) {
            return Err(refused(&answer));
        }
        let same = answer.header(SOURCE) == Some(source);
        Ok(match (answer.length(), answer.header(SHA256)) {
            (Some(size), Some(sha256)) if same => Put::There { size, sha256: sha256.to_owned() },
            _ => Put::Other,
        })
    }

    /// Asks, again where it may pass: every request here comes to the same however often it is made.
    async fn ask<'a>(
        &self,
        verb: Verb,
        action: &impl S3Action<'a>,
        headers: &[(&str, &str)],
        body: &[u8],
        most: usize,
    ) -> Result<Whole, Fault> {
        let mut pause = PAUSE;
        for left in (0..TRIES).rev() {
            let url = action.sign_with_time(SIGNED_FOR, &self.clock.wall());
            let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
            let asked = self.http.whole(verb, &path, headers, body.to_vec(), most);
            let answer = tokio::time::timeout(DEADLINE, asked).await;
            let answer = answer.map_or(Err(Fault::Late), |answer| answer.map_err(Fault::from));
            let passes = match &answer {
                Ok(answer) => fault(answer.status).passes() && answer.status >= 400,
                Err(fault) => fault.passes(),
            };
            if !passes || left == 0 {
                return answer;
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2);
        }
        Err(Fault::Busy)
    }
}

/// Why a request was refused. S3 says 403 to a wrong key too, and names it in the body.
fn refused(answer: &Whole) -> Fault {
    let says = |code: &str| answer.body.windows(code.len()).any(|window| window == code.as_bytes());
    let wrong_key = ["InvalidAccessKeyId", "SignatureDoesNotMatch"].into_iter().any(says);
    if answer.status == 403 && wrong_key { Fault::Credentials } else { fault(answer.status) }
}

/// What a status comes to.
fn fault(status: u16) -> Fault {
    match status {
        401 => Fault::Credentials,
        403 => Fault::Permission,
        404 => Fault::Missing,
        // 409: two writers of one key at the same moment; the later one is told to try again.
        408 | 409 | 429 | 500 | 502..=599 => Fault::Busy,
        _ => Fault::Protocol,
    }
}
