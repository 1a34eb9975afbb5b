//! The header of an event: one line of JSON, stored verbatim and hashed verbatim.
//!
//! In:  what a client sent ([`Received`](crate::wire::event::Received)) and what only the record knows (number, actor,
//!      key, hash of the sealed body).
//! Out: bytes that are never written a second time: whoever verifies hashes what is stored.
//! No PHI and no hash of PHI is in it (a ten-digit number is found from its hash in seconds): ids, times and lengths.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::{CallId, Turn};
use crate::wire::event::Kind;

/// The version every header carries.
pub const VERSION: u8 = 1;

/// An event's header. The order of the fields is the order in the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// [`VERSION`].
    pub v: u8,
    /// Which log: drawn when the record was made.
    pub log: String,
    /// The event's number, from 0, without gaps; also its leaf's place in the tree.
    pub seq: u64,
    /// The event's own id.
    pub id: Uuid,
    /// Wall-clock time of the sender, microseconds since 1970-01-01T00:00Z. Informative: order is `seq`.
    pub t: i64,
    /// The machine's how-manieth start, counted by the record.
    pub boot: u64,
    /// Monotonic time of the sender, microseconds.
    pub mono_us: u64,
    /// Whether the wall clock was set by the network: `synced` or `unknown`.
    pub sync: String,
    /// What happened.
    pub kind: Kind,
    /// In which call.
    pub call: Option<CallId>,
    /// In which turn.
    pub turn: Turn,
    /// Which process said so: given by the socket, not by the sender.
    pub actor: String,
    /// Whether the caller is simulated.
    pub synthetic: bool,
    /// The id of the data key that sealed the body.
    pub key: String,
    /// SHA-256 of the sealed body, hex.
    pub ct_sha256: String,
    /// Length of the sealed body, bytes.
    pub ct_len: u64,
    /// Versions of what took part; at least `anteroom`.
    pub ver: BTreeMap<String, String>,
}

/// The stored bytes are not a header of this version.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the header is not a line of version {VERSION}")]
pub struct NotAHeader;

impl Header {
    /// The line: no newline at its end.
    ///
    /// # Errors
    /// [`NotAHeader`] never in practice: every field can be written as JSON.
    pub fn to_line(&self) -> Result<Vec<u8>, NotAHeader> {
        serde_json::to_vec(self).map_err(|_| NotAHeader)
    }

    /// Reads a stored line.
    ///
    /// # Errors
    /// [`NotAHeader`].
    pub fn parse(line: &[u8]) -> Result<Header, NotAHeader> {
        let header: Header = serde_json::from_slice(line).map_err(|_| NotAHeader)?;
        if header.v == VERSION { Ok(header) } else { Err(NotAHeader) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_fields_stand_in_the_agreed_order() {
        let header = Header {
            v: VERSION,
            log: "l".into(),
            seq: 7,
            id: Uuid::nil(),
            t: 1,
            boot: 2,
            mono_us: 3,
            sync: "unknown".into(),
            kind: Kind::CallBegin,
            call: None,
            turn: Turn(0),
            actor: "lined".into(),
            synthetic: true,
            key: "k".into(),
            ct_sha256: "00".into(),
            ct_len: 9,
            ver: BTreeMap::from([("anteroom".into(), "0.1.0".into())]),
        };
        let line = header.to_line().unwrap();
        assert_eq!(
            String::from_utf8(line.clone()).unwrap(),
            "{\"v\":1,\"log\":\"l\",\"seq\":7,\"id\":\"00000000-0000-0000-0000-000000000000\",\"t\":1,\"boot\":2,\
             \"mono_us\":3,\"sync\":\"unknown\",\"kind\":\"call.begin\",\"call\":null,\"turn\":0,\"actor\":\"lined\",\
             \"synthetic\":true,\"key\":\"k\",\"ct_sha256\":\"00\",\"ct_len\":9,\"ver\":{\"anteroom\":\"0.1.0\"}}"
        );
        assert_eq!(Header::parse(&line).unwrap(), header);
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_header_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
            let _ = Header::parse(&bytes);
        }
    }
}
