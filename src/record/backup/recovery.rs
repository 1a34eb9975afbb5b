//! The recovery key: what is printed for the sealed envelope, and what the configuration gets.
//!
//! An X25519 pair. The private half is shown once, as thirteen groups of four and a group of its own that checks them,
//! and is never stored on the box; without it no backup opens, with it all do. Made and read by the command line alone.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::record::seal::{SealError, random};
use crate::record::tree::sha256;

/// Crockford's base 32: no I, L, O, U, so that no two signs look alike on paper.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Signs of 32 bytes: 52 of five bits, the last four bits empty.
const KEY_SIGNS: usize = 52;
/// Signs of the check: twenty bits, which one typo in a million passes.
const CHECK_SIGNS: usize = 4;

/// The private half of the recovery key. Wiped on drop, never shown by `Debug`.
#[derive(Clone)]
pub struct RecoveryKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey")
    }
}

/// What was typed is not a recovery key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryError {
    /// A sign that no key has.
    #[error("sign {place} of the recovery key is none that a key has: type the letters and digits as printed")]
    Sign {
        /// Which one, from 1, without spaces.
        place: usize,
    },
    /// Too few or too many.
    #[error("a recovery key has 56 letters and digits in 14 groups, this one has {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// The last group does not belong to the others.
    #[error("the recovery key has a typing mistake: its last group, which checks the others, does not fit them")]
    Check,
}

impl RecoveryKey {
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

    /// The public half.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.secret().public_key().to_bytes()
    }

    /// The public half as the configuration's `[backup] recovery-key` takes it: 64 hexadecimal digits.
    #[must_use]
    pub fn public_hex(&self) -> String {
        self.public().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The private half for paper: fourteen groups of four signs, the last one the check.
    #[must_use]
    pub fn printed(&self) -> Zeroizing<String> {
        let signs = Zeroizing::new([encode(self.0.as_slice(), KEY_SIGNS), check(&self.0)].concat());
        let mut text = Zeroizing::new(String::with_capacity(70));
        for (place, sign) in signs.iter().enumerate() {
            if place > 0 && place.is_multiple_of(4) {
                text.push(' ');
            }
            text.push(char::from(*sign));
        }
        text
    }

    /// Reads what was printed: capitals or not, spaces and hyphens anywhere, O for 0, I and L for 1.
    ///
    /// # Errors
    /// [`RecoveryError`]: says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, RecoveryError> {
        let mut values = Zeroizing::new(Vec::with_capacity(KEY_SIGNS + CHECK_SIGNS));
        for sign in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let place = values.len().saturating_add(1);
            values.push(value(sign).ok_or(RecoveryError::Sign { place })?);
        }
        let found = values.len();
        if found != KEY_SIGNS + CHECK_SIGNS {
            return Err(RecoveryError::Length { found });
        }
        let (key, typed) = values.split_at_checked(KEY_SIGNS).ok_or(RecoveryError::Length { found })?;
        let mut bytes = Zeroizing::new([0; 32]);
        let left = decode(key, &mut bytes);
        let right: Vec<u8> = check(&bytes).into_iter().filter_map(|sign| value(char::from(sign))).collect();
        if left != 0 || right != typed { Err(RecoveryError::Check) } else { Ok(Self(bytes)) }
    }

    pub(super) fn secret(&self) -> crypto_box::SecretKey {
        crypto_box::SecretKey::from(*self.0)
    }
}

/// The value of a sign, five bits.
fn value(sign: char) -> Option<u8> {
    let sign = match sign.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = SIGNS.iter().position(|known| char::from(*known) == sign)?;
    u8::try_from(place).ok()
}

/// The first `signs` groups of five bits of `bytes`, zeros behind the end.
fn encode(bytes: &[u8], signs: usize) -> Vec<u8> {
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1);
    let sign = |at: usize| (0..5).fold(0_usize, |value, n| value << 1 | usize::from(bit(at * 5 + n)));
    (0..signs).filter_map(|at| SIGNS.get(sign(at)).copied()).collect()
}

/// Puts five bits of each value into `bytes`; what does not fit is given back.
fn decode(values: &[u8], bytes: &mut [u8; 32]) -> u8 {
    let mut left = 0;
    for (at, value) in values.iter().flat_map(|value| (0..5).map(move |n| value >> (4 - n) & 1)).enumerate() {
        match bytes.get_mut(at / 8) {
            Some(byte) => *byte |= value << (7 - at % 8),
            None => left |= value,
        }
    }
    left
}

fn check(key: &[u8; 32]) -> Vec<u8> {
    let mut text = Zeroizing::new(b"anteroom recovery key\n".to_vec());
    text.extend_from_slice(key);
    encode(&sha256(&text).0, CHECK_SIGNS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_single_typo_and_every_two_neighbours_that_changed_places_are_found() {
        let key = RecoveryKey::from_bytes(std::array::from_fn(|n| u8::try_from(n).unwrap().wrapping_mul(37)));
        let printed: Vec<char> = key.printed().chars().filter(|c| *c != ' ').collect();
        let parse = |signs: &[char]| RecoveryKey::parse(&signs.iter().collect::<String>());
        assert!(parse(&printed).is_ok());
        for at in 0..printed.len() {
            for sign in SIGNS.iter().map(|sign| char::from(*sign)).filter(|sign| *sign != printed[at]) {
                let mut typed = printed.clone();
                typed[at] = sign;
                assert_eq!(parse(&typed).err(), Some(RecoveryError::Check), "{at} {sign}");
            }
            let mut swapped = printed.clone();
            swapped.swap(at, (at + 1) % printed.len());
            assert!(swapped == printed || parse(&swapped).is_err(), "{at}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let printed = RecoveryKey::from_bytes([9; 32]).printed();
        assert_eq!(RecoveryKey::parse(&printed[5..]).err(), Some(RecoveryError::Length { found: 52 }));
        assert_eq!(RecoveryKey::parse("0123 U").err(), Some(RecoveryError::Sign { place: 5 }));
        assert_eq!(RecoveryKey::parse("").err(), Some(RecoveryError::Length { found: 0 }));
    }

    #[test]
    fn the_public_half_is_what_the_configuration_takes() {
        let key = RecoveryKey::draw().unwrap();
        assert_eq!(key.public_hex().len(), 64);
        assert_eq!(format!("{key:?}"), "RecoveryKey");
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_however_it_is_typed(bytes in any::<[u8; 32]>()) {
            let key = RecoveryKey::from_bytes(bytes);
            let printed = key.printed();
            prop_assert_eq!(printed.split(' ').count(), 14);
            let typed = printed.to_lowercase().replace('0', "o").replace('1', "l").replace(' ', "-");
            let tight = printed.replace(' ', "").replace('1', "i");
            for text in [printed.as_str(), &typed, &tight] {
                prop_assert_eq!(RecoveryKey::parse(text).unwrap().public(), key.public());
            }
        }

        #[test]
        fn any_text_is_a_key_or_an_error(text in ".{0,80}") {
            let _ = RecoveryKey::parse(&text);
        }
    }
}
