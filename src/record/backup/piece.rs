//! Sealing: a payload in, pieces that fit a frame out; and back.
//!
//! zstd, then cut, then each piece sealed to the recovery key with its own head inside the seal. Runs in recordd (seal)
//! and in the command line (open). Opening is bounded: a small object cannot grow into the machine's memory.

use std::io::Read;

use uuid::Uuid;
use zeroize::Zeroizing;

use crate::record::backup::recovery::RecoveryKey;
use crate::record::tree::sha256;
use crate::wire::backup::{HEAD, Head, PIECE, What, pieces};

/// zstd's own default: headers shrink to a quarter, and a higher level gains a few percent for many times the work.
const LEVEL: i32 = 3;
/// The longest look-back that is unpacked, as a power of two: level 3 makes 2 MiB at most.
const WINDOW_LOG: u32 = 23;

/// What a payload is, before it is cut.
#[derive(Clone, Copy, Debug)]
pub struct Label {
    /// See [`Head::what`].
    pub what: What,
    /// See [`Head::log`].
    pub log: Uuid,
    /// See [`Head::first`].
    pub first: u64,
    /// See [`Head::next`].
    pub next: u64,
    /// See [`Head::made`].
    pub made: i64,
}

/// A payload could not be sealed, or an object not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PieceError {
    /// Nothing can be sealed.
    #[error("the backup could not be sealed")]
    NotSealed,
    /// There is no such piece.
    #[error("the backup has no piece of that number")]
    NoSuchPiece,
    /// The object is cut, changed, or no object at all.
    #[error("the object is damaged")]
    Damaged,
    /// The object was sealed for another recovery key.
    #[error("the object was sealed for another recovery key: take the one that the box was set up with at that time")]
    OtherKey,
}

/// The `part`-th piece of `payload`, sealed for whoever holds the private half of `recovery`.
///
/// # Errors
/// [`PieceError::NotSealed`], [`PieceError::NoSuchPiece`].
pub fn seal(label: Label, payload: &[u8], part: u16, recovery: &[u8; 32]) -> Result<Vec<u8>, PieceError> {
    let packed = Zeroizing::new(zstd::bulk::compress(payload, LEVEL).map_err(|_| PieceError::NotSealed)?);
    let parts = u16::try_from(packed.chunks(PIECE).len()).map_err(|_| PieceError::NotSealed)?;
    let piece = packed.chunks(PIECE).nth(usize::from(part)).ok_or(PieceError::NoSuchPiece)?;
    let Label { what, log, first, next, made } = label;
    let head = Head { what, log, first, next, made, part, parts, to: to(recovery), tag: beginning(&packed) };
    let mut inside = Zeroizing::new(head.to_bytes(0).to_vec());
    inside.extend_from_slice(piece);
    let sealed = crypto_box::PublicKey::from_bytes(*recovery)
        .seal(&mut crypto_box::aead::OsRng, &inside)
        .map_err(|_| PieceError::NotSealed)?;
    let mut bytes = head.to_bytes(u32::try_from(sealed.len()).map_err(|_| PieceError::NotSealed)?).to_vec();
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

/// Opens a whole object of at most `limit` bytes of payload. Where its pieces were made one after the other, the label
/// has the smallest numbers and the earliest time.
///
/// # Errors
/// [`PieceError::Damaged`], [`PieceError::OtherKey`].
pub fn open(object: &[u8], key: &RecoveryKey, limit: usize) -> Result<(Label, Zeroizing<Vec<u8>>), PieceError> {
    let pieces = pieces(object).map_err(|_| PieceError::Damaged)?;
    let (mut label, mut packed, mut tag) = (None::<Label>, Zeroizing::new(Vec::new()), [0; 16]);
    for (head, sealed) in pieces {
        if head.to != to(&key.public()) {
            return Err(PieceError::OtherKey);
        }
        let inside = Zeroizing::new(key.secret().unseal(sealed).map_err(|_| PieceError::Damaged)?);
        let (inner, piece) = inside.split_first_chunk::<HEAD>().ok_or(PieceError::Damaged)?;
        if *inner != head.to_bytes(0) {
            return Err(PieceError::Damaged);
        }
        packed.extend_from_slice(piece);
        tag = head.tag;
        let Head { what, log, first, next, made, .. } = head;
        let so_far = label.unwrap_or(Label { what, log, first, next, made });
        label = Some(Label {
            first: so_far.first.min(first),
            next: so_far.next.min(next),
            made: so_far.made.min(made),
            ..so_far
        });
    }
    let label = label.filter(|_| tag == beginning(&packed)).ok_or(PieceError::Damaged)?;
    Ok((label, unpack(&packed, limit)?))
}

fn unpack(packed: &[u8], limit: usize) -> Result<Zeroizing<Vec<u8>>, PieceError> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(packed).map_err(|_| PieceError::Damaged)?;
    decoder.window_log_max(WINDOW_LOG).map_err(|_| PieceError::Damaged)?;
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut payload = Zeroizing::new(Vec::new());
    decoder.take(most).read_to_end(&mut payload).map_err(|_| PieceError::Damaged)?;
    if payload.len() > limit { Err(PieceError::Damaged) } else { Ok(payload) }
}

fn to(public: &[u8; 32]) -> [u8; 8] {
    beginning(public)
}

fn beginning<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut beginning = [0; N];
    beginning.iter_mut().zip(sha256(bytes).0).for_each(|(to, from)| *to = from);
    beginning
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LABEL: Label = Label { what: What::Segment, log: Uuid::from_bytes([7; 16]), first: 5, next: 6, made: 9 };
    const LIMIT: usize = 4 << 20;

    fn noise(length: usize) -> Vec<u8> {
        let mut random = fastrand::Rng::with_seed(3);
        (0..length).map(|_| random.u8(..)).collect()
    }

    #[test]
    fn a_payload_of_several_pieces_comes_back_and_each_piece_fits_a_frame() {
        let (key, payload) = (RecoveryKey::from_bytes([4; 32]), noise(1_300_000));
        let pieces: Vec<_> = (0..3).map(|part| seal(LABEL, &payload, part, &key.public()).unwrap()).collect();
        assert!(pieces.iter().all(|piece| piece.len() < crate::wire::frame::MAX_FRAME - 4_096));
        assert_eq!(seal(LABEL, &payload, 3, &key.public()), Err(PieceError::NoSuchPiece));
        let (label, opened) = open(&pieces.concat(), &key, LIMIT).unwrap();
        assert_eq!((label.first, label.next, label.made), (5, 6, 9));
        assert!(*opened == payload);
        assert_eq!(open(&pieces[..2].concat(), &key, LIMIT).err(), Some(PieceError::Damaged));
    }

    #[test]
    fn a_wrong_key_is_told_from_a_damaged_object_and_a_changed_envelope_is_found() {
        let key = RecoveryKey::from_bytes([4; 32]);
        let object = seal(LABEL, b"headers", 0, &key.public()).unwrap();
        assert_eq!(open(&object, &RecoveryKey::from_bytes([5; 32]), LIMIT).err(), Some(PieceError::OtherKey));
        for at in 0..object.len() {
            let mut changed = object.clone();
            changed[at] ^= 1;
            assert!(open(&changed, &key, LIMIT).is_err(), "byte {at}");
        }
        assert!(!object.windows(7).any(|window| window == b"headers"));
    }

    #[test]
    fn what_unpacks_to_more_than_the_limit_is_refused() {
        let key = RecoveryKey::from_bytes([4; 32]);
        let object = seal(LABEL, &vec![0; 8 << 20], 0, &key.public()).unwrap();
        assert!(object.len() < 4_096);
        assert_eq!(open(&object, &key, LIMIT).err(), Some(PieceError::Damaged));
        assert!(open(&object, &key, 8 << 20).is_ok());
    }

    proptest! {
        #[test]
        fn any_bytes_under_a_true_seal_unpack_or_are_damaged(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = unpack(&bytes, 1_024);
            let mut after_magic = vec![0x28, 0xb5, 0x2f, 0xfd];
            after_magic.extend(&bytes);
            let _ = unpack(&after_magic, 1_024);
        }
    }
}
