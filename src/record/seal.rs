//! Bodies of events: sealed with a data key, opened again while that key lives.
//!
//! XChaCha20-Poly1305 with a random 24-byte nonce in front. The place of the event (log, seq, kind) is authenticated
//! with it, so a body moved to another row does not open. Destroying a data key erases what it sealed, and no hashed
//! byte changes by it. Runs wherever it is called; keeps nothing.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of the nonce in front of a sealed body.
const NONCE: usize = 24;

/// A 256-bit key that seals bodies. Wiped on drop.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey")
    }
}

/// A body could not be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The machine gave no random bytes.
    #[error("the machine gave no random bytes")]
    NoRandom,
    /// The cipher refused the body.
    #[error("the body could not be sealed")]
    NotSealed,
    /// The body was changed, belongs to another row, or the key is another.
    #[error("the body does not open with its key at this place")]
    NotOpened,
}

/// Where a body belongs.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The log's id.
    pub log: &'a str,
    /// The event's number in it.
    pub seq: u64,
    /// The event's kind.
    pub kind: &'a str,
}

impl Place<'_> {
    fn bytes(self) -> Vec<u8> {
        format!("{}|{}|{}", self.log, self.seq, self.kind).into_bytes()
    }
}

/// Fills an array with random bytes.
///
/// # Errors
/// [`SealError::NoRandom`].
pub fn random<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SealError::NoRandom)?;
    Ok(bytes)
}

impl DataKey {
    /// Draws a new key.
    ///
    /// # Errors
    /// [`SealError::NoRandom`].
    pub fn draw() -> Result<Self, SealError> {
        random().map(Self::from_bytes)
    }

    /// The key of these bytes.
    #[must_use]
    pub fn from_bytes(mut bytes: [u8; 32]) -> Self {
        let key = Self(Zeroizing::new(bytes));
        bytes.zeroize();
        key
    }

    /// The key's bytes, to be stored where only the record's own key opens.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Seals `body` for `place`.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(&self, place: Place<'_>, body: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_for(&place.bytes(), body)
    }

    /// Seals `body`; it opens only with the same `aad` again.
    pub(super) fn seal_for(&self, aad: &[u8], body: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce: [u8; NONCE] = random()?;
        let sealed = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: body, aad })
            .map_err(|_| SealError::NotSealed)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(bytes)
    }

    /// Opens what [`DataKey::seal`] made for `place`.
    ///
    /// # Errors
    /// [`SealError::NotOpened`].
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        self.open_for(&place.bytes(), sealed)
    }

    /// Opens what [`DataKey::seal_for`] made with the same `aad`.
    pub(super) fn open_for(&self, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (nonce, msg) = sealed.split_first_chunk::<NONCE>().ok_or(SealError::NotOpened)?;
        self.cipher()
            .decrypt(&XNonce::from(*nonce), Payload { msg, aad })
            .map(Zeroizing::new)
            .map_err(|_| SealError::NotOpened)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_opens_at_its_own_place_only() {
        let key = DataKey::draw().unwrap();
        let place = Place { log: "l", seq: 4, kind: "heard" };
        let sealed = key.seal(place, b"words").unwrap();
        assert_eq!(&**key.open(place, &sealed).unwrap(), b"words");
        assert_eq!(key.open(Place { seq: 5, ..place }, &sealed), Err(SealError::NotOpened));
        assert_eq!(key.open(Place { kind: "spoken", ..place }, &sealed), Err(SealError::NotOpened));
        assert_eq!(key.open(place, b"short"), Err(SealError::NotOpened));
        assert!(!sealed.windows(5).any(|w| w == b"words"));
    }
}
