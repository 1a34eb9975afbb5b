//! The key backup: what `keys.db` holds, in one object.
//!
//! In:  every data key that lives, the box's secrets, and what officers have said about calls. Out: bytes that are sealed to the recovery key and written over the last
//! ones. Never in a segment: segments are kept, and would bring back whatever was erased.

use rusqlite::Connection;
use zeroize::{Zeroize, Zeroizing};

use crate::record::backup::segment::Left;
use crate::record::database::StoreError;
use crate::record::facts::{known, secret};
use crate::record::seal::DataKey;

/// Bytes that the keys may unpack to: about 115 for each, three million of them.
pub const LIMIT: usize = 350 << 20;
/// What the log itself is checked with; it goes back into `record.db`.
pub(super) const LOGS_OWN: [&str; 2] = ["origin", "vkey"];
/// Bytes of an id or a scope: "call:" and an id are 41.
const MOST_NAME: usize = 255;

/// The data keys that live.
pub struct Keys {
    /// The box's own secret, which opens messages that were sealed to the record.
    pub box_secret: Zeroizing<[u8; 32]>,
    /// Secrets that go on in the restored box, by name: its own name, and those that destinations know calls by.
    pub secrets: Vec<(String, Zeroizing<Vec<u8>>)>,
    /// What officers have said about calls: call and mark.
    pub marks: Vec<(String, String)>,
    /// The keys, in the order of their ids.
    pub keys: Vec<Kept>,
}

/// One data key.
pub struct Kept {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub scope: String,
    /// The key.
    pub key: DataKey,
    /// When it was made, microseconds since 1970-01-01T00:00Z: from then on its retention counts.
    pub made: i64,
}

/// The bytes are no key backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key backup")]
pub struct NotKeys;

impl Keys {
    /// Reads all keys.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(connection: &Connection) -> Result<Self, StoreError> {
        let secret = secret(connection, "box-secret")?.map(Zeroizing::new);
        let secret = secret.and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        let box_secret = Zeroizing::new(secret.ok_or(StoreError::Malformed { table: "secret" })?);
        let mut statement = connection.prepare(
            "SELECT name, value FROM keys.secret WHERE name = 'box-name' OR name LIKE 'warehouse-secret:%' ORDER BY name",
        )?;
        let secrets = statement.query_map([], |row| Ok((row.get(0)?, Zeroizing::new(row.get(1)?))))?;
        let mut secrets: Vec<(String, Zeroizing<Vec<u8>>)> = secrets.collect::<Result<_, _>>()?;
        for name in LOGS_OWN {
            secrets.extend(known(connection, name)?.map(|value| (name.to_owned(), Zeroizing::new(value))));
        }
        let mut statement = connection.prepare("SELECT call, what FROM keys.mark ORDER BY call, what")?;
        let marks = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        // One order, so that two readings of the same keys are the same bytes.
        let mut statement = connection.prepare(
            "SELECT d.id, d.scope, d.key, k.made FROM data_key d JOIN keys.data_key k ON k.id = d.id ORDER BY d.id",
        )?;
        let keys = statement.query_map([], |row| {
            Ok(Kept { id: row.get(0)?, scope: row.get(1)?, key: DataKey::from_bytes(row.get(2)?), made: row.get(3)? })
        })?;
        Ok(Self { box_secret, secrets, marks, keys: keys.collect::<Result<_, _>>()? })
    }

    /// The backup's bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let each = |kept: &Kept| kept.id.len().saturating_add(kept.scope.len()).saturating_add(48);
        // Made at its full size at once: what grows leaves copies of keys behind.
        let secrets = self.secrets.iter().map(|(name, value)| name.len().saturating_add(value.len()).saturating_add(8));
        let marks = self.marks.iter().map(|(call, what)| call.len().saturating_add(what.len()).saturating_add(8));
        let size = self.keys.iter().map(each).chain(secrets).chain(marks).sum::<usize>();
        let mut bytes = Zeroizing::new(Vec::with_capacity(size.saturating_add(64)));
        let number = |bytes: &mut Vec<u8>, n: usize| {
            bytes.extend_from_slice(&u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes());
        };
        let put = |bytes: &mut Vec<u8>, part: &[u8]| {
            number(bytes, part.len());
            bytes.extend_from_slice(part);
        };
        bytes.extend_from_slice(self.box_secret.as_slice());
        number(&mut bytes, self.secrets.len());
        for (name, value) in &self.secrets {
            put(&mut bytes, name.as_bytes());
            put(&mut bytes, value);
        }
        number(&mut bytes, self.marks.len());
        for (call, what) in &self.marks {
            put(&mut bytes, call.as_bytes());
            put(&mut bytes, what.as_bytes());
        }
        for Kept { id, scope, key, made } in &self.keys {
            put(&mut bytes, id.as_bytes());
            put(&mut bytes, scope.as_bytes());
            bytes.extend_from_slice(&made.to_be_bytes());
            bytes.extend_from_slice(key.as_bytes());
        }
        bytes
    }

    /// Reads what [`Keys::to_bytes`] wrote: ids in their order, each once.
    ///
    /// # Errors
    /// [`NotKeys`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NotKeys> {
        let mut left = Left(bytes);
        let box_secret = Zeroizing::new(left.array().map_err(|_| NotKeys)?);
        let number = |left: &mut Left<'_>| left.array().map(u32::from_be_bytes).map_err(|_| NotKeys);
        let (mut secrets, mut marks) = (Vec::new(), Vec::new());
        for _ in 0..number(&mut left)? {
            let name = left.text(MOST_NAME).map_err(|_| NotKeys)?;
            let value = left.bytes(MOST_NAME).map_err(|_| NotKeys)?;
            secrets.push((name, Zeroizing::new(value.to_vec())));
        }
        for _ in 0..number(&mut left)? {
            let mut name = || left.text(MOST_NAME).map_err(|_| NotKeys);
            marks.push((name()?, name()?));
        }
        let mut keys: Vec<Kept> = Vec::new();
        while !left.0.is_empty() {
            let mut name = || left.text(MOST_NAME).map_err(|_| NotKeys);
            let (id, scope) = (name()?, name()?);
            if keys.last().is_some_and(|last| last.id >= id) {
                return Err(NotKeys);
            }
            let made = left.array().map(i64::from_be_bytes).map_err(|_| NotKeys)?;
            let mut key = left.array().map_err(|_| NotKeys)?;
            keys.push(Kept { id, scope, key: DataKey::from_bytes(key), made });
            key.zeroize();
        }
        Ok(Self { box_secret, secrets, marks, keys })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back(ids in proptest::collection::btree_set("[a-z0-9-]{1,40}", 0..20)) {
            let keep = |id: &String| Kept {
                id: id.clone(),
                scope: format!("call:{id}"),
                key: DataKey::draw().unwrap(),
                made: 7,
            };
            let keys = Keys {
                box_secret: Zeroizing::new([3; 32]),
                secrets: vec![("box-name".into(), Zeroizing::new(b"a box".to_vec()))],
                marks: vec![("a call".into(), "hold".into())],
                keys: ids.iter().map(keep).collect(),
            };
            let bytes = keys.to_bytes();
            let read = Keys::parse(&bytes).unwrap();
            prop_assert_eq!(&*read.to_bytes(), &*bytes);
            prop_assert!(bytes.is_empty() || Keys::parse(&bytes[..bytes.len() - 1]).is_err());
        }

        #[test]
        fn any_bytes_are_keys_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Keys::parse(&bytes);
        }
    }

    #[test]
    fn a_key_twice_is_refused() {
        let kept = || Kept { id: "a".into(), scope: "s".into(), key: DataKey::from_bytes([1; 32]), made: 0 };
        let keys = Keys {
            box_secret: Zeroizing::new([3; 32]),
            secrets: Vec::new(),
            marks: Vec::new(),
            keys: vec![kept(), kept()],
        };
        assert_eq!(Keys::parse(&keys.to_bytes()).err(), Some(NotKeys));
    }
}
